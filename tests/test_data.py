"""How many steps an epoch has, and a run of epochs."""

import json
from typing import Any

import pytest

import lrplot
from lrplot.runs.data import Data
from tests.command import ok, refused
from tests.golden.epochs import FILE, cases, of_lrplot


def test_an_epoch_has_as_many_steps_as_torchs_loader_makes_of_the_data() -> None:
    assert [of_lrplot(*case) for case in cases()] == json.loads(FILE.read_text())


def test_imagenet_has_157_steps_an_epoch_on_8_devices_that_accumulate_4_batches() -> None:
    data = Data(1_281_167, 256, devices=8, accumulate=4)  # ceil(ceil(1281167 / 2048) / 4) = ceil(626 / 4)
    assert (data.batches, data.steps_per_epoch, data.samples_per_step) == (626, 157, 8192)
    assert Data(1_281_167, 256, devices=8, accumulate=4, drop_last=True).batches == 625


def test_a_run_is_as_long_as_its_epochs() -> None:
    data = {"size": 1000, "batch_size": 100}
    curve = lrplot.simulate("step", step_size=10, gamma=0.5, lr=1.0, epochs=2.5, data=data)
    assert (len(curve), curve.lr[9], curve.lr[10], curve.columns()["epoch"][-1]) == (25, 1.0, 0.5, 2.4)


def test_a_scheduler_that_is_stepped_by_the_epoch_counts_epochs_where_nobody_says_how_long_they_are() -> None:
    curve = lrplot.simulate("step", step_size=30, lr=1.0, epochs=90, interval="epoch")
    assert (len(curve), curve.lr[29], curve.lr[30], curve.run.unit) == (90, 1.0, 0.1, "epoch")
    assert curve.epoch is not None and curve.epoch[30] == 30


def test_its_axes_say_epoch(tmp_path: Any) -> None:
    lines = ok("step", "--step-size", "30", "--interval", "epoch", "--epochs", "90", "--term").splitlines()
    assert any(line.endswith(" epoch") for line in lines) and not any(line.endswith(" step") for line in lines)
    assert any(line.split() == ["epoch", "lr", "what"] for line in lines)


WITH = ("cosine", "--T-max", "9", "-o", "x.csv")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("--data-size 50", "--batch-size is missing: data needs it (int: Samples of a batch, on one device.)"),
        ("--batch-size 50", "--data-size is missing: data needs it (int: Samples in the data set.)"),
        ("--data-size 0 --batch-size 5", "--data-size must be at least 1, got 0"),
        (
            "--data-size 7 --batch-size 4 --devices 2 --drop-last",
            "--data-size must fill a batch of 4 on each of 2 devices where drop_last is true, got 7",
        ),
        (
            "--data-size 50 --batch-size 5 --steps-per-epoch 9",
            "--steps-per-epoch is 9, but data makes 10 steps an epoch",
        ),
        ("--epochs 3 --steps-per-epoch 7 -n 22", "--steps is 22, but 3 epochs of 7 steps are 21"),
        ("--epochs 3 --interval epoch -n 4", "--steps is 4, but 3 epochs are 3"),
        ("--epochs 0 --steps-per-epoch 7", "--epochs must be greater than 0, got 0.0"),
        (
            "--epochs 1e18 --steps-per-epoch 7",
            "--epochs is 1e+18, which makes 7e+18 steps: a run has at most 100,000,000",
        ),
        (
            "--epochs 1e308 --steps-per-epoch 1000",
            "--epochs is 1e+308, which makes inf steps: a run has at most 100,000,000",
        ),
        ("--steps-per-epoch 0", "--steps-per-epoch must be at least 1, got 0"),
    ],
)
def test_lengths_that_cannot_be_are_refused_in_a_line(words: str, line: str) -> None:
    assert refused(*WITH, *words.split()) == [line]


def test_steps_and_epochs_that_agree_may_both_be_given() -> None:
    assert ok(*WITH[:-2], "--epochs", "3", "--steps-per-epoch", "7", "-n", "21", "-o", "-", "-q").count("\n") == 22


def test_what_python_gives_as_data_is_checked() -> None:
    wrong: list[tuple[Any, str]] = [
        ({"size": 5}, "data lacks batch_size"),
        ({"size": 5, "batch": 1}, "data has no 'batch'"),
        (5, "data must be a mapping, got 5"),
        ({"size": 5, "batch_size": 0}, "batch_size must be at least 1, got 0"),
    ]
    for data, message in wrong:
        with pytest.raises(ValueError, match=message):
            lrplot.simulate("cosine", T_max=5, data=data)
