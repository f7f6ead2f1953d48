"""What a training script may do beside stepping: a group is added, a rate is changed by hand, a state is loaded."""

import json
from pathlib import Path
from typing import Any

import pytest

import lrplot
from lrplot.parameters import Refusal
from lrplot.schedulers import (
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    CyclicLR,
    LambdaLR,
    OneCycleLR,
    ReduceLROnPlateau,
)
from lrplot.schedulers.dropin import set_beside
from lrplot.schedulers.optimizer import Optimizer
from tests.each import each
from tests.golden.drive import momentum
from tests.golden.script import Refused, Script, perform
from tests.schedulers.library import LRPLOT, label

PLAYED = json.loads((Path(__file__).parents[1] / "golden" / "scripts.json").read_text())


def name(played: dict[str, Any]) -> str:
    return f"{label(played)}-{played['operations']}"


@each(PLAYED, name)
def test_a_script_does_what_it_does_on_torch(played: dict[str, Any]) -> None:
    seen = perform(LRPLOT, played["case"], played["operations"])
    assert repr(json.loads(json.dumps(seen))) == repr(played["seen"])


@each(PLAYED, name)
def test_where_a_script_is_refused_it_is_in_words(played: dict[str, Any]) -> None:
    script = Script(LRPLOT, played["case"])
    answers = [script.do(operation) for operation in played["operations"][: len(played["seen"])]]
    assert all(answer.is_in_words for answer in answers if isinstance(answer, Refused))


@pytest.mark.parametrize(
    ("parameters", "scales"),
    [
        ({}, [1.0, 1.0]),
        ({"mode": "triangular2"}, [0.5, 0.25]),
        ({"mode": "exp_range", "gamma": 0.9}, [0.81, 0.7290000000000001]),
        ({"mode": "exp_range", "scale_fn": lambda x: 1 / x}, [1 / 2, 1 / 3]),
    ],
)
def test_the_scale_of_a_cycle_can_be_asked_for(parameters: dict[str, Any], scales: list[float]) -> None:
    scheduler = CyclicLR(Optimizer(), 0.1, 1.0, **parameters)
    assert [scheduler.scale_fn(2), scheduler.scale_fn(3)] == scales


def test_a_plateau_says_whether_it_is_cooling_down() -> None:
    scheduler = ReduceLROnPlateau(Optimizer(lr=1.0), patience=0, cooldown=2)
    seen = []
    for metric in (1.0, 2.0, 2.0, 2.0):
        scheduler.step(metric)
        seen.append(scheduler.in_cooldown)
    assert seen == [False, True, True, False]
    assert (scheduler.mode_worse, scheduler.default_min_lr) == (float("inf"), 0.0)


@pytest.mark.parametrize(
    "make", [lambda it: CyclicLR(it, 0.1, 1.0), lambda it: OneCycleLR(it, 1.0, total_steps=9)], ids=["cyclic", "one"]
)
def test_get_lr_sets_the_momentum_as_torchs_does(make: Any) -> None:
    for optimizer in (Optimizer(momentum=0.5), Optimizer(betas=[0.5, 0.99])):
        scheduler = make(optimizer)
        before = momentum(optimizer.param_groups[0])
        set_beside(optimizer.param_groups[0], "momentum", 0.3)
        scheduler.get_lr()
        assert momentum(optimizer.param_groups[0]) == before != 0.5


def test_a_record_of_get_lr_moves_no_momentum() -> None:
    """The reading beside it is the same."""
    runs = [
        lrplot.simulate("cyclic", base_lr=0.1, max_lr=1.0, step_size_up=2, steps=9, record=record)
        for record in ("used", "get_lr")
    ]
    momenta = [list(run.beside["momentum"][0]) for run in runs]
    assert momenta[0][1:] == momenta[1][:-1] and len(set(momenta[0])) > 1


def test_a_sequential_of_torchs_own_enters_a_scheduler_at_its_milestone() -> None:
    scheduler = CosineAnnealingLR(Optimizer(lr=1.0), T_max=4)
    scheduler.step()
    scheduler._update_lr(0)
    assert (scheduler.last_epoch, scheduler.get_last_lr()) == (0, [1.0])


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


def test_a_first_cycle_of_another_length_leaves_the_running_ones_alone() -> None:
    """As torch 2.13 has it, where every cycle is as long as the first."""
    scheduler = CosineAnnealingWarmRestarts(Optimizer(lr=0.1), T_0=1)
    scheduler.T_0 = 2
    scheduler.step(2)
    assert (scheduler.T_i, scheduler.T_cur) == (1, 0)
