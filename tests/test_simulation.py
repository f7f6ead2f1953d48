"""A run becomes a curve: what is read when, how long, for which groups, and what stops it."""

import math
from array import array
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lrplot
from lrplot.runs.run import MAX_STEPS, Run, Spec
from lrplot.runs.simulate import CHUNK, simulate_run
from lrplot.schedulers.families import find


def rates(name: str, **options: Any) -> list[float]:
    return lrplot.simulate(name, **options).lr.tolist()


def test_used_is_before_the_step_and_after_step_behind_it() -> None:
    assert rates("exponential", gamma=0.5, lr=1.0, steps=4) == [1.0, 0.5, 0.25, 0.125]
    assert rates("exponential", gamma=0.5, lr=1.0, steps=4, record="after-step") == [0.5, 0.25, 0.125, 0.0625]
    assert rates("exponential", gamma=0.5, lr=1.0, steps=4, record="get_lr") == [0.25, 0.125, 0.0625, 0.03125]


def test_a_curve_without_a_number_of_steps_has_its_natural_length() -> None:
    assert len(lrplot.simulate("cosine", T_max=20)) == 100
    assert len(lrplot.simulate("onecycle", max_lr=0.1, total_steps=70)) == 70
    assert len(lrplot.simulate("onecycle", max_lr=0.1, epochs=3, steps_per_epoch=7)) == 21
    assert len(lrplot.simulate("plateau", metrics=[1.0] * 13)) == 13
    assert len(lrplot.simulate("step", step_size=3, steps_per_epoch=10, interval="epoch")) == 1000


def test_columns_are_numpy_arrays_of_their_shapes() -> None:
    one = lrplot.simulate("cosine", T_max=20, steps=50)
    assert (one.step.shape, one.step.dtype, one.lr.shape, one.lr.dtype) == ((50,), numpy.int64, (50,), numpy.float64)
    assert (one.momentum, one.metric, one.epoch) == (None, None, None)
    two = lrplot.simulate("cyclic", base_lr=[0.1, 0.2], max_lr=1.0, lr=[1, 1], steps=50, steps_per_epoch=10)
    assert two.lr.shape == (50, 2)
    assert two.momentum is not None and two.momentum.shape == (50, 2)
    assert two.epoch is not None and two.epoch[25] == 2.5
    plateau = lrplot.simulate("plateau", metrics="1 / (epoch + 1)", steps=4)
    assert plateau.metric is not None and plateau.metric.tolist() == [1.0, 0.5, 1 / 3, 0.25]


def test_momentum_is_cycled_against_the_rate() -> None:
    curve = lrplot.simulate("cyclic", base_lr=0.0, max_lr=1.0, step_size_up=2, steps=5)
    assert curve.momentum is not None
    assert [round(float(value), 12) for value in curve.momentum] == [0.9, 0.85, 0.8, 0.85, 0.9]
    assert lrplot.simulate("cyclic", base_lr=0.0, max_lr=1.0, cycle_momentum=False, steps=5).momentum is None


def test_an_epoch_wise_schedule_is_constant_within_an_epoch() -> None:
    options: dict[str, Any] = {"gamma": 0.5, "lr": 1.0, "steps_per_epoch": 3, "interval": "epoch", "steps": 8}
    assert rates("exponential", **options) == [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25]
    # After the third step of an epoch both optimizer and scheduler have been stepped.
    assert rates("exponential", **options, record="after-step") == [1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25]


def test_a_resumed_run_counts_on_from_where_the_first_ended() -> None:
    curve = lrplot.simulate("exponential", gamma=0.5, lr=0.25, initial_lr=1.0, last_epoch=1, steps=3)
    assert curve.step.tolist() == [2, 3, 4]
    assert curve.lr.tolist() == [0.25, 0.125, 0.0625]


def test_a_resumed_epoch_wise_run_counts_its_batches() -> None:
    curve = lrplot.simulate(
        "step", step_size=5, lr=1.0, initial_lr=1.0, last_epoch=3, steps=4, steps_per_epoch=10, interval="epoch"
    )
    assert curve.step.tolist() == [40, 41, 42, 43]


def test_metrics_reduce_the_rate_after_the_epoch_that_brought_them() -> None:
    options: dict[str, Any] = {"metrics": [3.0, 2.0, 2.0, 2.0, 2.0, 2.0], "factor": 0.5, "patience": 1, "lr": 1.0}
    assert rates("plateau", **options) == [1.0, 1.0, 1.0, 1.0, 0.5, 0.5]
    assert rates("plateau", **options, record="after-step") == [1.0, 1.0, 1.0, 0.5, 0.5, 0.25]


def test_metrics_that_are_a_function_are_asked_once_an_epoch() -> None:
    asked = []

    def loss(epoch: float) -> float:
        asked.append(epoch)
        return 1.0

    curve = lrplot.simulate("plateau", metrics=loss, steps=7, steps_per_epoch=2, interval="epoch")
    assert asked == [0, 1, 2, 3]
    assert curve.metric is not None and curve.metric.tolist() == [1.0] * 7


def test_the_same_run_may_be_simulated_again() -> None:
    run = Run(
        Spec(find("plateau"), {"patience": 0}),
        {"lr": 1.0},
        steps=3,
        record=("used", "after-step"),
        metrics=array("d", [1.0] * 5),
    )
    first, second = simulate_run(run), simulate_run(run)
    assert (
        [list(curve.rates[0]) for curve in first]
        == [list(curve.rates[0]) for curve in second]
        == [[1.0, 1.0, 0.1], [1.0, 0.1, 0.1 * 0.1]]
    )
    assert [len(curve.metrics or ()) for curve in first] == [3, 3]


@pytest.mark.parametrize("step", [0, 1, 5, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
def test_an_error_names_the_step_that_has_no_rate(step: int) -> None:
    with pytest.raises(ValueError, match=f"^LambdaLR, step {step}: (float )?division by zero$"):
        lrplot.simulate("lambda", lr_lambda=f"1 / ({step} - epoch)", steps=step + 1)


def test_in_a_resumed_epoch_wise_run_too() -> None:
    options = {
        "lr_lambda": "1 / (7 - epoch)",
        "initial_lr": 1.0,
        "last_epoch": 3,
        "steps_per_epoch": 10,
        "interval": "epoch",
        "steps": 40,
    }
    with pytest.raises(ValueError, match=r"^LambdaLR, step 70: (float )?division by zero$"):
        lrplot.simulate("lambda", **options)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        (
            "lambda",
            {"lr_lambda": "(-1) ** (epoch / 2)"},
            "LambdaLR, step 1: the value is a complex number: a negative number to a power that is no",
        ),
        ("lambda", {"lr_lambda": "2.0 ** (epoch * 600)"}, "LambdaLR, step 2: Numerical result out of range"),
        ("constant", {"factor": 0.0, "total_iters": 3}, "ConstantLR, step 3: float division by zero"),
        (
            "onecycle",
            {"max_lr": 1.0, "total_steps": 10, "steps": 12},
            "OneCycleLR, step 11: tried to step 11 times, but total_steps is 10",
        ),
        ("plateau", {"metrics": "1 / (3 - epoch)"}, "ReduceLROnPlateau, step 3: division by zero"),
        (
            "plateau",
            {"metrics": [1.0] * 5, "steps": 6},
            "steps must be at most the number of metrics, 5, one an epoch: got 6",
        ),
        (
            "plateau",
            {},
            "metrics is missing: ReduceLROnPlateau needs it (one number an epoch, an expression in epoch, or",
        ),
        (
            "plateau",
            {"metrics": [1.0], "record": "get_lr"},
            "ReduceLROnPlateau: record get_lr: ReduceLROnPlateau has no get_lr(), in torch as here",
        ),
        (
            "cosine",
            {"T_max": 5, "metrics": [1.0]},
            "metrics is for a scheduler that watches one, as plateau does: CosineAnnealingLR does not",
        ),
        (
            "cosine",
            {"T_max": 5, "epochs": 9},
            "epochs needs steps_per_epoch, or data: how many steps an epoch has",
        ),
    ],
)
def test_a_schedule_that_cannot_be_followed_says_where_and_why(
    name: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError) as caught:
        lrplot.simulate(name, **options)
    assert str(caught.value).startswith(message)


def test_onecycle_overshoots_after_its_last_step() -> None:
    # torch allows as many calls of step() as total_steps says: after the last one the rate has turned back up.
    read = rates("onecycle", max_lr=1.0, total_steps=10, record="after-step")
    assert len(read) == 10 and read[9] > read[8]


@given(st.integers(1, 3000), st.integers(1, 50), st.sampled_from(["step", "epoch"]))
@settings(max_examples=60)
def test_a_shorter_run_is_the_beginning_of_a_longer_one(steps: int, per_epoch: int, interval: str) -> None:
    options: dict[str, Any] = {"T_max": 37, "eta_min": 1e-5, "steps_per_epoch": per_epoch, "interval": interval}
    assert rates("cosine", **options, steps=steps) == rates("cosine", **options, steps=steps + 500)[:steps]


@given(st.lists(st.floats(1e-6, 10.0), min_size=1, max_size=4))
@settings(max_examples=30)
def test_each_group_is_what_it_would_be_alone(lrs: list[float]) -> None:
    together = lrplot.simulate("cosine", T_max=13, eta_min=1e-4, lr=lrs, steps=40)
    for i, lr in enumerate(lrs):
        assert list(together.rates[i]) == rates("cosine", T_max=13, eta_min=1e-4, lr=lr, steps=40)


def test_torchs_traps_are_there() -> None:
    """What the docstrings warn of, with the numbers."""
    past = rates("polynomial", total_iters=4, lr=1.0, steps=7)
    assert past[4:] == [0.0, 0.0, 0.0]
    climbing = rates("cosine", T_max=10, lr=1.0, steps=21)
    assert math.isclose(climbing[20], 1.0, rel_tol=1e-12) and climbing[10] < 1e-15
    never_first = rates(
        "sequential",
        schedulers=["constant factor=0.1 total_iters=99", "exponential gamma=0.5"],
        milestones=[0],
        lr=1.0,
        steps=3,
    )
    assert never_first == [1.0, 0.5, 0.25]


def test_too_many_steps_are_refused_with_what_they_would_take() -> None:
    with pytest.raises(
        ValueError,
        match=r"^steps must be at least 1 and at most 100,000,000, got 1000000001: a column of so many would take 8 GB of memory$",
    ):
        lrplot.simulate("cosine", T_max=5, steps=1_000_000_001)
    assert MAX_STEPS == 100_000_000


def test_memory_follows_the_result_not_the_epoch() -> None:
    options: dict[str, Any] = {"T_max": 3, "lr": 1.0, "steps": 5, "interval": "epoch"}
    assert rates("cosine", **options, steps_per_epoch=10**15) == [1.0] * 5
    held = lrplot.simulate("plateau", metrics=[3.0], lr=1.0, steps=5, interval="epoch", steps_per_epoch=10**15)
    assert held.metric is not None and held.metric.tolist() == [3.0] * 5


def test_onecycle_for_epochs_by_the_epoch_is_a_run_of_these_epochs() -> None:
    options: dict[str, Any] = {"max_lr": 0.1, "epochs": 10, "steps_per_epoch": 200}
    assert len(lrplot.simulate("onecycle", **options)) == 2000
    assert len(lrplot.simulate("onecycle", **options, interval="epoch")) == 2000
    assert len(lrplot.simulate("onecycle", max_lr=0.1, total_steps=10, steps_per_epoch=200, interval="epoch")) == 2000


def test_onecycle_stepped_too_often_says_where_it_stops_and_what_the_run_needs() -> None:
    message = (
        "OneCycleLR, step 59921: tried to step 59921 times, but total_steps is 59920: "
        "in epoch 278.7; a run of 60,200 steps needs total_steps=60200"
    )
    with pytest.raises(ValueError) as caught:
        lrplot.simulate("onecycle", max_lr=0.1, total_steps=59920, steps_per_epoch=215, steps=60200)
    assert str(caught.value) == message
    assert len(lrplot.simulate("onecycle", max_lr=0.1, total_steps=60200, steps_per_epoch=215, steps=60200)) == 60200
