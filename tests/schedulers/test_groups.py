"""Parameter groups one by one."""

from typing import Any

import pytest

from lrplot.parameters import Refusal
from lrplot.schedulers.groups import Group, one_by_one
from lrplot.schedulers.optimizer import Optimizer


def test_a_list_of_rates_stands_in_place_of_groups() -> None:
    groups = [Group(0.1), Group(), Group(0.01, 0.5, from_=10)]
    assert one_by_one({"lr": 0.2, "groups": groups}) == (
        {"lr": [0.1, 0.2, 0.01], "initial_lr": [0.1, 0.2, 0.5]},
        [0, 0, 10],
    )
    assert one_by_one({"initial_lr": 0.3, "groups": [Group(0.1)]}) == ({"lr": [0.1], "initial_lr": [0.3]}, [0])
    assert one_by_one({"lr": [0.1, 0.2]}) == ({"lr": [0.1, 0.2]}, ())


def test_an_optimizer_has_those_that_are_there_from_the_start() -> None:
    optimizer = Optimizer(groups=[Group(0.1), Group(0.2, 0.3), Group(0.01, from_=10)], momentum=0.9)
    assert optimizer.param_groups == [
        {"lr": 0.1, "momentum": 0.9, "initial_lr": 0.1},
        {"lr": 0.2, "momentum": 0.9, "initial_lr": 0.3},
    ]
    assert Optimizer(groups=[Group(0.1)]).param_groups == [{"lr": 0.1, "momentum": 0.0}]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"lr": [0.1], "groups": [Group()]}, "groups stands beside a list of rates: give each group its own"),
        ({"initial_lr": [0.1], "groups": [Group()]}, "groups stands beside a list of rates"),
        ({"groups": [Group(from_=1)]}, "groups must stand in the order in which they join, the first from 0 on, got"),
        ({"groups": [Group(), Group(from_=5), Group(from_=2)]}, r"groups must stand in the order .* got \[0, 5, 2\]"),
    ],
)
def test_groups_that_cannot_be_are_refused(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(Refusal, match=problem):
        one_by_one(given)


def test_the_step_from_which_a_group_joins_is_checked() -> None:
    with pytest.raises(Refusal, match="from must be at least 0, got -1"):
        Group(from_=-1)
