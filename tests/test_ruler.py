"""What the horizontal axis counts."""

from pathlib import Path
from typing import Any

import numpy
import pytest

import lrplot
from lrplot.analysis.ruler import Ruler, ruled
from lrplot.configs.sources import load
from lrplot.pictures import figure
from lrplot.pictures.look import Look
from tests.command import ok, refused

DATA = {"size": 5_000, "batch_size": 100}


def curves() -> list[Any]:
    """A run of 5 epochs, and the same with batches four times as large."""
    small = lrplot.simulate("cosine", T_max=250, epochs=5, data=DATA)
    return [small, lrplot.simulate("cosine", T_max=65, epochs=5, data={**DATA, "batch_size": 400})]


def drawn(x: str) -> list[tuple[float, float]]:
    """Where each line begins and ends, in what the axis counts."""
    made, ruler = ruled(curves(), x)
    return [(curve.steps[0] / ruler.per, curve.steps.stop / ruler.per) for curve in made]


def test_runs_of_different_batch_size_lie_on_each_other_over_epochs() -> None:
    assert drawn("epoch") == [(0, 5), (0, 5)]
    (first, second), ruler = ruled(curves(), "epoch")
    assert ruler == Ruler("epoch", 650)  # 50 and 13 steps an epoch
    at = {step / ruler.per: rate for step, rate in zip(first.steps, first.rates[0])}
    for step, rate in zip(second.steps, second.rates[0]):
        assert abs(numpy.interp(step / ruler.per, [*at], [*at.values()]) - rate) < 2e-6


def test_steps_progress_and_samples() -> None:
    assert drawn("step") == [(0, 250), (0, 65)]
    assert drawn("progress") == [(0, 1), (0, 1)]
    assert drawn("samples") == [(0, 25_000), (0, 26_000)]


def test_a_resumed_run_makes_its_progress_from_its_own_start() -> None:
    options: dict[str, Any] = {"T_max": 100, "last_epoch": 49, "initial_lr": 0.1, "lr": 0.05, "steps": 50}
    ((curve,), ruler) = ruled([lrplot.simulate("cosine", **options)], "progress")
    assert (curve.steps.start, curve.steps.stop / ruler.per) == (0, 1)


@pytest.mark.parametrize("facet", [False, True])
@pytest.mark.parametrize("x", ["step", "epoch", "progress", "samples"])
def test_the_axis_says_what_it_counts(x: str, facet: bool) -> None:
    axes = figure.draw(curves(), Look(x=x, facet=facet, size="600x400")).axes[0]  # type: ignore[arg-type]
    assert axes.get_xlabel() == x
    per = 650 if x == "epoch" else 3250 if x == "progress" else 1
    assert axes.get_xlim()[1] / per == {"step": 250, "epoch": 5, "progress": 1, "samples": 26_000}[x]


def test_a_range_is_one_of_what_the_axis_counts() -> None:
    axes = figure.draw(curves(), Look(x="epoch", x_range=[1, 2.5])).axes[0]
    assert axes.get_xlim() == (650, 1625)
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert (labels[0] == "1.0" and labels[-1] == "2.4") or {"1", "2"} <= {
        label.rstrip("0").rstrip(".") for label in labels
    }


def test_the_terminal_counts_the_same() -> None:
    words = ("step", "--step-size", "30", "-n", "90", "--steps-per-epoch", "10", "--term", "-q")
    screen = ok(*words, "--x", "epoch")
    assert screen.count(" epoch") >= 1 and not any(line.endswith(" step") for line in screen.splitlines())
    (axis,) = [line for line in screen.splitlines() if line.endswith(" epoch")]
    assert axis.split()[:-1] == ["0", "2", "4", "6", "8"]
    assert any(line.split()[:3] == ["30", "3", "0.0001"] for line in screen.splitlines())  # the table stays as it is
    assert any(line.endswith(" progress") for line in ok(*words, "--x", "progress").splitlines())
    assert any(line.endswith(" samples") for line in ok(
        *words[:3], "-n", "90", "--term", "-q", "--x", "samples", "--data-size", "40", "--batch-size", "4"
    ).splitlines())  # fmt: skip


def test_what_is_not_known_is_asked_for() -> None:
    words = ("step", "--step-size", "30", "-o", "x.png", "-o", "x.csv")
    assert refused(*words, "--x", "epoch") == [
        "x: epoch needs steps_per_epoch, or data with its size and batch_size, which StepLR(step_size=30) has not"
    ]
    assert refused(*words, "--x", "samples") == [
        "x: samples needs data with its size and batch_size, which StepLR(step_size=30) has not"
    ]
    assert refused(*words, "--x", "iterations") == [
        "--x must be 'step' or 'epoch' or 'progress' or 'samples', got 'iterations'"
    ]


def test_a_picture_keeps_what_its_axis_counts(tmp_path: Path) -> None:
    text = "scheduler: cosine T_max=steps\nepochs: 3\ndata: {size: 100, batch_size: 10}\nplot: {x: samples, size: 300x200}\n"
    (tmp_path / "a.yaml").write_text(text)
    ok("plot", str(tmp_path / "a.yaml"), "-q", "-o", str(tmp_path / "a.png"))
    again = load(str(tmp_path / "a.png"))
    assert again.look.x == "samples" and again.runs[0].data is not None and again.runs[0].data.samples_per_step == 10
