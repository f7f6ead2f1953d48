"""The Python API: simulate, plot, load_config."""

import io
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
import pytest
from matplotlib.figure import Figure

import lrplot
from tests import command

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
        ("cosine", {"T_max": 5, "steps_per_epoch": 0}, ValueError, "steps_per_epoch must be at least 1, got 0"),
        ("cosine", {"T_max": 5, "steps": "5"}, ValueError, "steps must be a whole number, got '5'"),
        ("cosine", {"T_max": 5, "steps": 2.5}, ValueError, "steps must be a whole number, got 2.5"),
        ("cosine", {"T_max": "20"}, ValueError, "CosineAnnealingLR: T_max must be a whole number, got '20'"),
        ("cosine", {"T_max": True}, ValueError, "CosineAnnealingLR: T_max must be a whole number, got True"),
        ("cosine", {"T_max": [5]}, ValueError, "CosineAnnealingLR: T_max must be a whole number, got a list of 1"),
        ("cosine", {"T_max": 5, "eta_min": "x"}, ValueError, "CosineAnnealingLR: eta_min must be a number, got 'x'"),
        ("cosine", {"T_max": 5, "eta_min": float("inf")}, ValueError, "eta_min must be a finite number, got inf"),
        ("cosine", {"T_max": 5, "lr": [0.1, "x"]}, ValueError, "lr[1] must be a number, got 'x'"),
        ("cosine", {"T_max": 5, "lr": []}, ValueError, "lr must hold at least one entry, got none"),
        (
            "cosine",
            {"T_max": 5, "interval": "epoch", "steps_per_epoch": 2.5},
            ValueError,
            "steps_per_epoch must be a whole number, got 2.5",
        ),
        ("cosine", {"T_max": 5, "epochs": 9}, ValueError, "epochs needs steps_per_epoch, or data: how many steps"),
        ("cosine", {"T_max": 5, "record": ["used", "get_lr"]}, ValueError, "record must be one reading, got ['used'"),
        ("cosine", {"T_max": 5, "lr": [0.1] * 11, "steps": 10**8}, ValueError, "steps is too much: it would make"),
        ("plateau", {"metrics": []}, ValueError, "metrics must hold at least one number"),
        ("plateau", {"metrics": ["x"]}, ValueError, "metrics must be numbers, or an expression in epoch, got ['x']"),
        ("plateau", {}, ValueError, "metrics is missing: ReduceLROnPlateau needs it"),
        ("cyclic", {"base_lr": 0.1, "max_lr": 1, "cycle_momentum": 1}, ValueError, "must be true or false, got 1"),
        ("lambda", {"lr_lambda": object}, ValueError, "LambdaLR, step 0: "),
        ("sequential", {"schedulers": ["cosin"], "milestones": []}, ValueError, "names an unknown scheduler 'cosin'"),
        ("chained", {"schedulers": [3]}, ValueError, "ChainedScheduler: schedulers[0] must be a scheduler, got 3"),
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


def test_plot_draws_on_axes_that_are_given_and_in_a_figure_of_pyplots() -> None:
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
    assert both.figure is pyplot.gcf()
    written = [text.get_text() for text in both.figure.texts]
    assert {"Learning-rate schedules", "CosineAnnealingLR(T_max=20)", "StepLR(step_size=30)"} <= set(written)
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
    assert sorted(lrplot.__all__) == ["Config", "Curve", "__version__", "check", "load_config", "plot", "simulate"]
    assert dir(lrplot) == sorted(lrplot.__all__)


def test_axes_drawn_on_twice_have_the_scale_of_the_last() -> None:
    curve = lrplot.simulate("cosine", T_max=20, steps=100)
    axes = Figure().subplots()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scales = [lrplot.plot(curve, ax=axes, log_y=log_y).get_yscale() for log_y in (True, False, True)]
    assert scales == ["log", "linear", "log"]


def test_python_values_are_taken_as_a_files_are() -> None:
    curve = lrplot.simulate("cosine", T_max=20.0, lr=numpy.float64(0.1), steps=numpy.int64(5), eta_min=None)
    assert curve.lr.tolist() == lrplot.simulate("cosine", T_max=20, lr=0.1, steps=5).lr.tolist()
    assert lrplot.simulate("lambda", lr_lambda=0.5, lr=numpy.array([1.0, 2.0]), steps=1).lr.tolist() == [[0.5, 1.0]]
    by_array = lrplot.simulate("plateau", metrics=numpy.array([1.0, 1.0]), patience=0, lr=1)
    assert by_array.lr.tolist() == lrplot.simulate("plateau", metrics=[1, 1], patience=0, lr=1).lr.tolist()


@pytest.fixture
def agg() -> Iterator[None]:
    import matplotlib

    matplotlib.use("agg")
    yield
    from matplotlib import pyplot

    pyplot.close("all")


def test_plot_without_axes_draws_what_the_command_line_does(agg: None, tmp_path: Path) -> None:
    from lrplot.pictures import figure as figures
    from lrplot.pictures.look import Look

    curve = lrplot.simulate("cyclic", base_lr=0.0, max_lr=1.0, step_size_up=5, steps=40)
    options: dict[str, Any] = {"theme": "dark", "size": "800x600", "dpi": 100, "title": "Mine", "parameter": "both"}
    axes = lrplot.plot(curve, **options)
    figure = axes.figure
    assert figure.get_size_inches().tolist() == [8.0, 6.0] and len(figure.axes) == 2
    expected, seen = io.BytesIO(), io.BytesIO()
    figures.draw([curve], Look(**options)).savefig(expected, format="png", dpi=100)
    figure.savefig(seen, format="png", dpi=100)
    assert seen.getvalue() == expected.getvalue()
    pair = lrplot.simulate("cosine", T_max=20), lrplot.simulate("step", step_size=30)
    assert len(lrplot.plot(*pair, facet=True).figure.axes) == 2
    named = [lrplot.plot(curve, label=label, title="Mine").figure for label in (None, "a name")]
    assert named[0] is not named[1]
    with pytest.raises(ValueError, match="label is the name of one curve, got 2 curves"):
        lrplot.plot(*pair, label="x")
    both = lrplot.plot(*pair, label=["ends low", "in steps"]).figure
    assert {"ends low", "in steps"} <= {text.get_text() for text in both.texts}
    with pytest.raises(ValueError, match="label must be given once for each curve, in order: got 3 for 2"):
        lrplot.plot(*pair, label=["x", "y", "z"])


def test_given_axes_refuse_what_only_a_figure_can_have(agg: None) -> None:
    curve = lrplot.simulate("cyclic", base_lr=0.0, max_lr=1.0, step_size_up=5, steps=40)
    ax = Figure().add_subplot()
    for option, value in {
        "theme": "dark",
        "size": "800x600",
        "dpi": 100,
        "facet": True,
        "style": "ggplot",
        "font": "serif",
        "transparent": True,
        "events": True,
    }.items():
        with pytest.raises(ValueError, match=f"{option} is for a whole figure: leave out ax, or this"):
            lrplot.plot(curve, ax=ax, **{option: value})
    assert curve.momentum is not None
    lrplot.plot(curve, ax=ax, parameter="momentum")
    assert ax.get_ylabel() == "momentum" and ax.lines[0].get_ydata()[0] == 0.9
    with pytest.raises(
        ValueError, match="parameter must be lr, momentum or weight_decay: these axes are one panel, got 'both'"
    ):
        lrplot.plot(curve, ax=ax, parameter="both")
    with pytest.raises(ValueError, match="theme must be 'light' or 'dark', got 'pink'"):
        lrplot.plot(curve, theme="pink")
    with pytest.raises(ValueError, match="dpi must be a number, got 'high'"):
        lrplot.plot(curve, dpi="high")


def test_an_option_that_cannot_be_drawn_leaves_no_figure_open(agg: None) -> None:
    from matplotlib import pyplot

    with pytest.raises(ValueError, match="unknown style 'nope'"):
        lrplot.plot(lrplot.simulate("cosine", T_max=20), style="nope")
    with pytest.raises(ValueError, match="there is no step from 500 to 600"):
        lrplot.plot(lrplot.simulate("cosine", T_max=20), x_range=[500, 600])
    assert pyplot.get_fignums() == []


# A curve saves, tabulates and shows itself.


@pytest.mark.parametrize("name", ["x.png", "x.svg", "x.csv", "x.json"])
def test_a_curve_is_saved_as_the_command_line_saves_it(tmp_path: Path, name: str) -> None:
    lrplot.simulate("cosine", T_max=20, lr=0.1).save(str(tmp_path / name), **({"log_y": True} if "g" in name else {}))
    words = ["cosine", "--T-max", "20", "--lr", "0.1", *(["--log-y"] if "g" in name else []), "-o", f"cli-{name}"]
    command.ok(*words, cwd=tmp_path)
    assert (tmp_path / name).read_bytes() == (tmp_path / f"cli-{name}").read_bytes()


def test_a_file_that_cannot_be_saved_is_said(tmp_path: Path) -> None:
    curve = lrplot.simulate("cosine", T_max=20)
    with pytest.raises(ValueError, match=r"unknown ending \.pngg: did you mean \.png\?"):
        curve.save(str(tmp_path / "x.pngg"))
    with pytest.raises(TypeError, match=r"plot\(\) has no option 'tittle'"):
        curve.save(str(tmp_path / "x.png"), tittle="x")
    assert list(tmp_path.iterdir()) == []


def test_a_config_keeps_its_own_look(agg: None, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("scheduler: cosine T_max=20\nplot: {title: Mine, log_y: true, theme: dark}\n")
    config = lrplot.load_config(str(tmp_path / "a.yaml"))
    axes = lrplot.plot(*config.curves())
    assert axes.get_yscale() == "log" and "Mine" in [text.get_text() for text in axes.figure.texts]
    assert lrplot.plot(*config.curves(), log_y=False).get_yscale() == "linear"
    config.save(str(tmp_path / "x.png"))
    command.ok("plot", "a.yaml", "-o", "y.png", cwd=tmp_path)
    assert (tmp_path / "x.png").read_bytes() == (tmp_path / "y.png").read_bytes()


def test_reprs_help() -> None:
    curve = lrplot.simulate("step", step_size=3, lr=[1.0, 0.5], steps=1000)
    assert repr(curve) == "<Curve of StepLR(step_size=3), lr=[1.0, 0.5]: 1,000 steps, 2 groups, lr from 1 to 0>"
    assert repr(lrplot.load_config(str(EXAMPLES / "sgdr.yaml"))).startswith("<Config 'sgdr': Cosine")


@pytest.mark.process
def test_a_notebook_shows_curves_and_where_pandas_is_frames(tmp_path: Path) -> None:
    import nbformat
    from nbclient import NotebookClient

    cells = [
        "import lrplot\ncurve = lrplot.simulate('cosine', T_max=20)\ncurve",
        "ax = lrplot.plot(curve, lrplot.simulate('step', step_size=30), theme='dark')\nassert 'linewidth' in ax.lines[0].set.__doc__",
        "frame = lrplot.simulate('exponential', gamma=0.5, lr=1.0, steps=3).to_frame()\n"
        "assert list(frame.columns) == ['step', 'lr'] and frame['lr'].tolist() == [1.0, 0.5, 0.25]\n"
        "curve.to_frame().head(2)",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = NotebookClient(notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": tmp_path}})
    client.execute()
    shown = [[set(output.get("data", {})) for output in cell["outputs"]] for cell in notebook["cells"]]
    assert shown[0] == [{"image/png", "text/plain"}]
    assert any("image/png" in kinds for kinds in shown[1])  # pyplot's figure, shown at the cell's end
    assert "text/html" in shown[2][0]
