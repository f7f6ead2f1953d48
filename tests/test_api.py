"""The Python API: simulate, plot, load_config."""

import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

import lrplot

EXAMPLES = Path(__file__).parent.parent / "configs" / "examples"


@pytest.mark.process
def test_importing_lrplot_loads_neither_numpy_nor_matplotlib_nor_yaml() -> None:
    code = "import lrplot, sys; print(sorted({'numpy', 'matplotlib', 'yaml', 'click'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.process
def test_a_curve_of_plain_columns_needs_no_numpy() -> None:
    code = "import lrplot, sys; print(lrplot.simulate('exponential', gamma=0.5, lr=1.0, steps=3).columns()['lr'].tolist(), 'numpy' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "[1.0, 0.5, 0.25] False\n"
    )


def test_functions_and_expressions_are_the_same() -> None:
    by_function = lrplot.simulate("lambda", lr_lambda=lambda epoch: 0.95**epoch)
    by_text = lrplot.simulate("LambdaLR", lr_lambda="0.95 ** epoch")
    assert by_function.lr.tolist() == by_text.lr.tolist()
    each = lrplot.simulate("lambda", lr_lambda=["0.95 ** epoch", "0.9 ** epoch"], lr=[1.0, 1.0], steps=3)
    assert each.lr.tolist() == [[1.0, 1.0], [0.95, 0.9], [0.95**2, 0.9**2]]


def test_specs_nest_in_python_as_on_the_command_line() -> None:
    curve = lrplot.simulate(
        "sequential",
        schedulers=["linear start_factor=0.5 total_iters=2", "chained 'exponential gamma=0.5'"],
        milestones=[99],
        lr=1.0,
        steps=3,
    )
    assert curve.lr.tolist() == [0.5, 0.75, 1.0]


@pytest.mark.parametrize(
    ("name", "options", "error", "message"),
    [
        ("cosin", {}, KeyError, "unknown scheduler 'cosin': did you mean 'cosine'?"),
        (
            "cosine",
            {"T_maxx": 3},
            TypeError,
            "simulate() has no parameter 'T_maxx' for CosineAnnealingLR: did you mean 'T_max'?",
        ),
        ("cosine", {}, TypeError, "missing a required argument: 'T_max'"),
        ("cosine", {"T_max": 0}, ValueError, "CosineAnnealingLR: T_max must be other than 0, got 0"),
        ("cosine", {"T_max": 5, "steps": 0}, ValueError, "steps must be at least 1 and at most 100,000,000, got 0"),
        (
            "cosine",
            {"T_max": 5, "record": "never"},
            ValueError,
            "record must be 'used' or 'after-step' or 'get_lr', got 'never'",
        ),
        ("cosine", {"T_max": 5, "interval": "day"}, ValueError, "interval must be 'step' or 'epoch', got 'day'"),
        ("cosine", {"T_max": 5, "lr": -1.0}, ValueError, "lr must be at least 0, got -1.0"),
        (
            "linear",
            {"start_factor": 2.0},
            ValueError,
            "LinearLR: start_factor must be greater than 0 and at most 1, got 2.0",
        ),
        ("lambda", {"lr_lambda": "open('x')"}, ValueError, "a call of 'open' is not allowed"),
        (
            "step",
            {"step_size": 3, "last_epoch": 4},
            KeyError,
            "resuming at last_epoch=4 needs initial_lr in parameter group 0",
        ),
    ],
)
def test_what_is_wrong_is_said(name: str, options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        lrplot.simulate(name, **options)
    assert message in str(caught.value.args[0])


def test_plot_draws_on_axes_that_are_given_and_on_pyplots() -> None:
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot
    from matplotlib.figure import Figure

    curve = lrplot.simulate("cosine", T_max=20)
    ax = Figure().add_subplot()
    assert lrplot.plot(curve, ax=ax, title="Mine", log_y=True) is ax
    assert (ax.get_title(), ax.get_yscale(), ax.get_xlabel(), ax.get_ylabel()) == (
        "Mine",
        "log",
        "step",
        "learning rate",
    )
    both = lrplot.plot(curve, lrplot.simulate("step", step_size=30))
    assert both is pyplot.gca()
    legend = both.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["CosineAnnealingLR(T_max=20)", "StepLR(step_size=30)"]
    pyplot.close("all")
    with pytest.raises(TypeError, match=r"plot\(\) has no option 'tittle': did you mean 'title'\?"):
        lrplot.plot(curve, ax=ax, tittle="x")
    with pytest.raises(TypeError, match="at least one curve"):
        lrplot.plot(ax=ax)


def test_a_config_is_loaded_whole() -> None:
    config = lrplot.load_config(str(EXAMPLES / "decays.yaml"))
    curves = config.curves()
    assert len(curves) == len(config.runs) >= 4
    assert all(isinstance(curve, lrplot.Curve) for curve in curves)


def test_there_is_nothing_else() -> None:
    with pytest.raises(AttributeError, match="module 'lrplot' has no attribute 'draw'"):
        lrplot.draw  # noqa: B018
    assert sorted(lrplot.__all__) == ["Curve", "__version__", "load_config", "plot", "simulate"]


def test_axes_drawn_on_twice_have_the_scale_of_the_last() -> None:
    curve = lrplot.simulate("cosine", T_max=20, steps=100)
    axes = Figure().subplots()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scales = [lrplot.plot(curve, ax=axes, log_y=log_y).get_yscale() for log_y in (True, False, True)]
    assert scales == ["log", "linear", "log"]
