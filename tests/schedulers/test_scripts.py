"""What a training script may do beside stepping: a group is added, a rate is changed by hand, a state is loaded."""

import json
from pathlib import Path
from typing import Any

import pytest

from lrplot.parameters import Refusal
from lrplot.schedulers import CosineAnnealingLR, LambdaLR, OneCycleLR, ReduceLROnPlateau
from lrplot.schedulers.optimizer import Optimizer
from tests.golden.script import Refused, Script, perform
from tests.schedulers.library import LRPLOT, label

PLAYED = json.loads((Path(__file__).parents[1] / "golden" / "scripts.json").read_text())


@pytest.mark.parametrize("played", PLAYED, ids=lambda played: f"{label(played)}-{played['operations']}"[:120])
def test_a_script_does_what_it_does_on_torch(played: dict[str, Any]) -> None:
    seen = perform(LRPLOT, played["case"], played["operations"])
    assert repr(json.loads(json.dumps(seen))) == repr(played["seen"])


@pytest.mark.parametrize("played", PLAYED, ids=lambda played: f"{label(played)}-{played['operations']}"[:120])
def test_where_a_script_is_refused_it_is_in_words(played: dict[str, Any]) -> None:
    script = Script(LRPLOT, played["case"])
    answers = [script.do(operation) for operation in played["operations"][: len(played["seen"])]]
    assert all(answer.is_in_words for answer in answers if isinstance(answer, Refused))


def grown(scheduler: Any, **group: float) -> Any:
    """The scheduler after a parameter group was added to its optimizer."""
    scheduler.optimizer.step()
    scheduler.step(*([1.0] if scheduler.watches_metric else []))
    scheduler.optimizer.add_param_group(group)
    return scheduler


def test_base_rates_are_those_of_the_groups_that_were_there() -> None:
    scheduler = grown(LambdaLR(Optimizer(lr=1.0), lambda epoch: 0.5**epoch), lr=0.3)
    problem = "LambdaLR: was made for 1 parameter groups, but the optimizer has 2: make it anew after add_param_group()"
    for go_on in (scheduler.step, lambda: scheduler.advance(3)):
        with pytest.raises(Refusal) as raised:
            go_on()
        assert str(raised.value) == problem
    assert [group["lr"] for group in scheduler.optimizer.param_groups] == [0.5, 0.3]


def test_cosine_takes_new_groups_down_but_not_up_again() -> None:
    scheduler = grown(CosineAnnealingLR(Optimizer(lr=1.0), T_max=3), lr=0.3)
    scheduler.step()
    scheduler.step()
    assert scheduler.get_last_lr() == [0.0, 0.0]
    with pytest.raises(Refusal, match="was made for 1 parameter groups, but the optimizer has 2"):
        scheduler.step()


def test_one_cycle_needs_entries_that_only_its_constructor_makes() -> None:
    scheduler = grown(OneCycleLR(Optimizer(lr=1.0), 1.0, total_steps=10))
    with pytest.raises(KeyError, match="parameter group 1 has no max_momentum: a group that is added on the way"):
        scheduler.step()


def test_plateaus_lowest_rate_for_all_is_that_of_new_groups_too() -> None:
    scheduler = grown(ReduceLROnPlateau(Optimizer(lr=1.0), patience=0, factor=0.5, min_lr=0.2), lr=0.3)
    scheduler.step(2.0)
    assert (scheduler.get_last_lr(), scheduler.min_lrs) == ([0.5, 0.2], [0.2, 0.2])


def test_plateaus_lowest_rates_are_to_be_set_for_new_groups() -> None:
    scheduler = grown(ReduceLROnPlateau(Optimizer(lr=1.0), patience=0, factor=0.5, min_lr=[0.2]), lr=0.3)
    scheduler.step(0.5)
    with pytest.raises(Refusal) as raised:
        scheduler.step(2.0)
    assert str(raised.value) == "ReduceLROnPlateau: min_lrs has 1 values, but the optimizer has 2 parameter groups"
    scheduler.min_lrs = [0.2, 0.1]
    scheduler.step(2.0)
    assert scheduler.get_last_lr() == [0.5, 0.15]
