"""What schedulers tell of themselves, against the rates that they set."""

import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrplot.schedulers import (
    SWALR,
    ChainedScheduler,
    ConstantLR,
    CosineAnnealingWarmRestarts,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiStepLR,
    OneCycleLR,
    ReduceLROnPlateau,
    Scheduler,
    SequentialLR,
    StepLR,
)
from lrplot.schedulers.base import Action
from lrplot.schedulers.optimizer import Optimizer
from tests.each import each
from tests.golden.drive import Case, start
from tests.schedulers.library import LRPLOT, label, records

RUNS = [r["case"] for r in records() if "refused" not in r and "epochs" not in r["case"]]
STAIRCASES = [case for case in RUNS if case["scheduler"]["name"] in ("StepLR", "MultiStepLR", "ReduceLROnPlateau")]
STAIRCASES = [case for case in STAIRCASES if case["scheduler"].get("step_size") != 1]


def name(case: Case) -> str:
    return label({"case": case})


def made(case: Case) -> Any:
    """The scheduler of a case, to be stepped without a warning."""
    optimizer, scheduler = start(LRPLOT, case)
    optimizer.step()
    return scheduler


def told(scheduler: Scheduler, steps: int = 20, metrics: Sequence[float] = ()) -> list[tuple[int, str]]:
    """Step and kind of what happens."""
    actions = scheduler.actions(steps, metrics)
    return sorted((step, action.kind) for action in actions for step in action.steps)


def counters(state: dict[str, Any]) -> dict[str, Any]:
    """A scheduler's state without its rates."""
    kept = {key: value for key, value in state.items() if key not in ("_last_lr", "lr_lambdas", "_scale_fn_custom")}
    return {**kept, "_schedulers": [counters(inner) for inner in state.get("_schedulers", ())]}


def by_step(actions: Sequence[Action]) -> list[tuple[Any, ...]]:
    return sorted((step, *map(repr, action._replace(steps=()))) for action in actions for step in action.steps)


def asked(case: Case) -> tuple[int, list[float]]:
    metrics = case.get("metrics", [])
    return len(metrics) or case["steps"], metrics


@each(RUNS, name)
def test_telling_moves_a_scheduler_on_as_walking_does(case: Case) -> None:
    walked, asked_of = made(case), made(case)
    steps, metrics = asked(case)
    walked.advance(steps, metrics=metrics)
    asked_of.actions(steps, metrics)
    assert counters(asked_of.state_dict()) == counters(walked.state_dict())


@each(RUNS, name)
def test_what_is_told_in_two_halves_is_what_is_told_at_once(case: Case) -> None:
    at_once, in_halves = made(case), made(case)
    steps, metrics = asked(case)
    half = steps // 2
    first, second = in_halves.actions(half, metrics[:half]), in_halves.actions(steps - half, metrics[half:])
    halves = by_step([*first, *(action.later(half) for action in second)])
    assert [one for one in halves if "undone" not in str(one)] == [
        one for one in by_step(at_once.actions(steps, metrics)) if "undone" not in str(one)
    ]


@each(STAIRCASES, name)
def test_each_change_of_a_staircase_is_told_with_its_factor(case: Case) -> None:
    moved, asked_of = made(case), made(case)
    steps, metrics = asked(case)
    changes = {
        (step, i): track.rates[step] / track.rates[step - 1]
        for i, track in enumerate(moved.advance(steps, metrics=metrics))
        for step in range(1, steps + 1)
        if track.rates[step] != track.rates[step - 1]
    }
    groups = range(len(moved.optimizer.param_groups))
    drops = {
        (step, i): action.factor
        for action in asked_of.actions(steps, metrics)
        if action.kind == "drop"
        for step in action.steps
        for i in (groups if action.group is None else [action.group])
    }
    assert drops == pytest.approx(changes)


def test_step_drops_at_multiples_and_a_drop_at_each_step_is_exponential_decay() -> None:
    assert StepLR(Optimizer(), 8, 0.5).actions(20) == [Action("drop", range(8, 21, 8), 0.5)]
    assert told(StepLR(Optimizer(), -8)) == [(8, "drop"), (16, "drop")]
    assert told(StepLR(Optimizer(), 1)) == []


def test_a_resumed_run_counts_its_own_steps() -> None:
    assert told(StepLR(Optimizer(initial_lr=1.0), 8, last_epoch=9)) == [(6, "drop"), (14, "drop")]
    assert told(SWALR(Optimizer(initial_lr=1.0), 0.1, anneal_epochs=4, last_epoch=9)) == [(4, "phase")]
    resumed = CosineAnnealingWarmRestarts(Optimizer(initial_lr=1.0), T_0=5, last_epoch=2)
    assert told(resumed, 12) == [(2, "restart"), (7, "restart"), (12, "restart")]


def test_milestones_beyond_the_run_are_not_told_and_one_listed_twice_drops_twice() -> None:
    actions = MultiStepLR(Optimizer(), [5, 5, 9, 12, 40], 0.5).actions(20)
    assert actions == [Action("drop", [9, 12], 0.5), Action("drop", [5], 0.25)]


def test_restarts_lengthen_with_T_mult() -> None:
    restarts = CosineAnnealingWarmRestarts(Optimizer(), T_0=500, T_mult=2)
    assert told(restarts, 4000) == [(500, "restart"), (1500, "restart"), (3500, "restart")]


def test_phases_end_where_the_parameters_say() -> None:
    assert told(ConstantLR(Optimizer(), total_iters=7)) == [(7, "phase")]
    assert told(LinearLR(Optimizer(), total_iters=21)) == []
    assert told(OneCycleLR(Optimizer(), 0.1, total_steps=20, pct_start=0.25, three_phase=True)) == [
        (4, "phase"),
        (8, "phase"),
    ]


def test_a_sequence_tells_its_handovers_and_what_each_member_does_in_its_turn() -> None:
    optimizer = Optimizer()
    parts = [StepLR(optimizer, 4), MultiStepLR(optimizer, [3, 9]), ConstantLR(optimizer, total_iters=2)]
    assert told(SequentialLR(optimizer, parts, milestones=[6, 14])) == [
        (4, "drop"),
        (6, "handover"),
        (9, "drop"),
        (14, "handover"),
        (16, "phase"),
    ]


def test_of_a_chain_those_are_not_told_whose_doing_is_undone() -> None:
    def chain(*members: Scheduler) -> ChainedScheduler:
        return ChainedScheduler(members)

    optimizer = Optimizer()
    step, restarts = StepLR(optimizer, 8), CosineAnnealingWarmRestarts(optimizer, T_0=6)
    assert told(chain(step, restarts)) == [(6, "restart"), (12, "restart"), (18, "restart")]
    optimizer = Optimizer()
    step, restarts = StepLR(optimizer, 8), CosineAnnealingWarmRestarts(optimizer, T_0=6)
    both = chain(restarts, step)
    assert (8, "drop") in told(both) and not both.knows_jumps
    optimizer = Optimizer()
    assert chain(StepLR(optimizer, 8), ExponentialLR(optimizer, 0.9)).knows_jumps
    assert not chain(LambdaLR(optimizer, lambda epoch: 1.0)).knows_jumps
    assert chain(CosineAnnealingWarmRestarts(optimizer, T_0=6)).knows_jumps


LOSSES = [900.0, 500.0, 310.0, 320.0, 250.0, 255.0, 290.0, 270.0, 260.0, 180.0, 210.0, 205.0]


def test_a_plateau_tells_the_metric_that_led_to_each_reduction_and_the_first_that_eps_left_undone() -> None:
    scheduler = ReduceLROnPlateau(Optimizer(lr=1e-3), patience=0)
    actions = scheduler.actions(len(LOSSES), LOSSES)
    assert [(action.steps, action.kind, action.metric, action.group) for action in actions] == [
        ([4], "drop", 320.0, 0),
        ([6], "drop", 255.0, 0),
        ([7], "drop", 290.0, 0),
        ([8], "drop", 270.0, 0),
        ([9], "drop", 260.0, 0),
        ([11], "undone", 210.0, 0),
    ]


def test_a_plateau_at_its_lowest_rate_has_nothing_to_tell() -> None:
    assert told(ReduceLROnPlateau(Optimizer(lr=0.1), patience=0, min_lr=0.1), 5, [1.0] * 5) == []


def test_groups_of_a_plateau_are_reduced_each_to_its_own_lowest_rate() -> None:
    scheduler = ReduceLROnPlateau(Optimizer(lr=[1.0, 1.0]), patience=2, min_lr=[0.5, 0.0])
    actions = scheduler.actions(8, [1.0] * 8)
    assert [(action.group, *action.steps) for action in actions] == [(0, 4), (1, 4), (1, 7)]
    assert [action.factor for action in actions] == pytest.approx([0.5, 0.1, 0.1])


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from([0.5, 0.9, 1.0, 2.0, math.nan]), max_size=40),
    st.integers(0, 3),
    st.integers(0, 3),
    st.sampled_from(["min", "max"]),
)
def test_the_verdicts_of_a_plateau_are_what_stepping_leads_to(
    metrics: list[float], patience: int, cooldown: int, mode: Any
) -> None:
    def plateau() -> ReduceLROnPlateau:
        return ReduceLROnPlateau(Optimizer(lr=[1.0, 0.1]), mode, patience=patience, cooldown=cooldown, eps=1e-4)

    stepped = plateau()
    for verdict in plateau().verdicts(metrics):
        rates, best, cooling = stepped.get_last_lr(), stepped.best, stepped.in_cooldown
        stepped.step(verdict.metric)
        assert (verdict.rates, verdict.best, verdict.cooldown) == (rates, stepped.best, stepped.cooldown_counter)
        reduced = [action.group for action in verdict.actions if action.kind == "drop"]
        assert reduced == [i for i in (0, 1) if stepped.get_last_lr()[i] != rates[i]]
        if verdict.decision == "reduced":
            assert verdict.bad_epochs == patience + 1 and stepped.num_bad_epochs == 0
        else:
            assert verdict.bad_epochs == stepped.num_bad_epochs and not verdict.actions
            expected = "cooldown" if cooling else "improved" if stepped.best != best else "waited"
            assert verdict.decision == expected


def test_a_plateau_is_due_after_one_epoch_more_than_its_patience() -> None:
    assert ReduceLROnPlateau(Optimizer(lr=1.0), patience=3).due_after == 4
