"""Saved states: torch's own are taken up, and what is given is what torch gives."""

import copy
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from lrplot.parameters import Refusal
from lrplot.schedulers import CyclicLR, LambdaLR, SequentialLR, StepLR
from lrplot.schedulers.families import find
from lrplot.schedulers.optimizer import Optimizer
from tests.golden.drive import FUNCTIONS, Case, arguments, momentum, start
from tests.schedulers.library import LRPLOT, records

STATES = yaml.safe_load((Path(__file__).parents[1] / "golden" / "states.yaml").read_text())
BY_NAME = pytest.mark.parametrize("saved", STATES, ids=lambda saved: saved["case"]["scheduler"]["name"])


def goes_on(saved: dict[str, Any], case: Case) -> list[Any]:
    """The rates and momenta after torch's state was taken up by a scheduler that is made as ``case`` says."""
    optimizer, scheduler = start(LRPLOT, case)
    state = copy.deepcopy(saved["state"])
    if "milestones" in state:
        state["milestones"] = Counter(state["milestones"])  # YAML has none
    optimizer.load_state_dict({"param_groups": copy.deepcopy(saved["groups"])})
    scheduler.load_state_dict(state)
    seen = []
    for argument in arguments(saved["case"])[saved["at"] :]:
        optimizer.step()
        scheduler.step(*argument)
        seen.append([[group["lr"], momentum(group)] for group in optimizer.param_groups])
    return seen


@BY_NAME
def test_a_run_saved_by_torch_goes_on_to_the_bit(saved: dict[str, Any]) -> None:
    assert repr(goes_on(saved, saved["case"])) == repr(saved["seen"])


@BY_NAME
def test_a_run_saved_by_torch_goes_on_whatever_the_parameters_were(saved: dict[str, Any]) -> None:
    name = saved["case"]["scheduler"]["name"]
    others = [record["case"] for record in records() if record["case"]["scheduler"]["name"] == name]
    refused = [record["case"] for record in records() if "refused" in record]
    for other in others:
        same = [other[key] == saved["case"][key] for key in ("lr", "kind")]
        same += [other["scheduler"].get(key) == saved["case"]["scheduler"].get(key) for key in FUNCTIONS]
        inner = len(other["scheduler"].get("schedulers", ()))
        if all(same) and not inner and other not in refused and "first_run" not in other:
            assert repr(goes_on(saved, other)) == repr(saved["seen"])


@BY_NAME
def test_a_state_is_torchs_but_for_what_callable_objects_keep(saved: dict[str, Any]) -> None:
    optimizer, scheduler = start(LRPLOT, saved["case"])
    for argument in arguments(saved["case"])[: saved["at"]]:
        optimizer.step()
        scheduler.step(*argument)
    state = scheduler.state_dict()
    if "lr_lambdas" in state:
        state["lr_lambdas"] = [None]
    assert state == saved["state"]


class Kept:
    """A scale with a state of its own."""

    def __init__(self, scale: float) -> None:
        self.scale = scale

    def __call__(self, x: float) -> float:
        return self.scale


def cyclic(**parameters: Any) -> CyclicLR:
    return CyclicLR(Optimizer(lr=0.1), 0.1, 1.0, step_size_up=2, **parameters)


def rates(scheduler: Any, steps: int = 3) -> list[float]:
    return [rate for _ in range(steps) for rate in (scheduler.step(), scheduler.get_last_lr()[0])[1:]]


SAVED: dict[str, Any] = {"mode": "exp_range", "gamma": 0.9, "scale_mode": "cycle"}


def test_without_the_scale_function_a_saved_cycle_goes_by_its_mode() -> None:
    """Values of torch's."""
    saved = cyclic(**SAVED, scale_fn=lambda x: 0.5)
    rates(saved, 1)
    scheduler = cyclic()
    scheduler.load_state_dict(saved.state_dict())
    assert (scheduler.mode, scheduler.scale_mode) == ("exp_range", "iterations")
    assert rates(scheduler) == [0.8290000000000001, 0.42805000000000004, 0.1]


def test_with_a_scale_function_of_its_own_a_cycle_keeps_it() -> None:
    saved = cyclic(**SAVED)
    rates(saved, 1)
    scheduler = cyclic(scale_fn=lambda x: 0.5)
    scheduler.load_state_dict(saved.state_dict())
    assert (scheduler.mode, scheduler.scale_mode) == ("exp_range", "iterations")
    assert rates(scheduler) == [0.55, 0.325, 0.1]


def test_a_callable_object_takes_up_what_the_saved_one_kept() -> None:
    saved = cyclic(**SAVED, scale_fn=Kept(0.25))
    scheduler = cyclic(scale_fn=Kept(0.5))
    scheduler.load_state_dict(saved.state_dict())
    assert rates(scheduler, 2) == [0.21250000000000002, 0.325]


@pytest.mark.parametrize(
    ("taker", "here"), [(lambda: cyclic(), "None"), (lambda: cyclic(scale_fn=abs), "<built-in function abs>")]
)
def test_what_a_callable_object_kept_is_refused_where_there_is_none(taker: Callable[[], CyclicLR], here: str) -> None:
    scheduler = taker()
    before = repr(scheduler.state_dict())
    with pytest.raises(Refusal) as raised:
        scheduler.load_state_dict(cyclic(**SAVED, scale_fn=Kept(0.25)).state_dict())
    assert str(raised.value) == (
        f"CyclicLR: the state holds scale of a function that keeps them, but here the function is {here}"
    )
    assert repr(scheduler.state_dict()) == before


def test_what_more_functions_kept_than_there_are_is_refused() -> None:
    saved = LambdaLR(Optimizer(lr=[0.1, 0.1]), [Kept(0.5), Kept(0.25)])
    with pytest.raises(Refusal, match="but here the function is None"):
        LambdaLR(Optimizer(lr=0.1), Kept(0.5)).load_state_dict(saved.state_dict())


def test_the_state_of_another_number_of_schedulers_is_refused() -> None:
    def of(count: int) -> SequentialLR:
        optimizer = Optimizer(lr=0.1)
        return SequentialLR(optimizer, [StepLR(optimizer, 2) for _ in range(count)], list(range(1, count)))

    for count in (1, 3):
        with pytest.raises(Refusal, match=f"SequentialLR: the state is that of {count} schedulers, but there are 2"):
            of(2).load_state_dict(of(count).state_dict())


def test_whether_a_call_is_under_way_is_no_state() -> None:
    scheduler = find("exponential")(Optimizer(lr=0.1), gamma=0.5)
    state = scheduler.state_dict()
    assert "_is_initial" not in state
    scheduler.load_state_dict({**state, "_is_initial": True, "_get_lr_called_within_step": True})
    assert rates(scheduler, 1) == [0.05]
    assert scheduler.state_dict().keys() == state.keys()
