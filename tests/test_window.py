"""The window: at each size and each view it shows what a picture of that size and range shows."""

import functools
import os
from dataclasses import replace

import numpy
import pytest
from matplotlib.backend_bases import NavigationToolbar2
from matplotlib.backends.backend_agg import FigureCanvasAgg

from lrplot.pictures import figure as figures
from lrplot.pictures import window
from lrplot.pictures.look import Look
from tests.command import lrplot, run_here
from tests.pictures import collisions, curve, words

COSINE = [curve("cosine", T_max=20)]
CYCLE = [curve("onecycle", max_lr=0.1, total_steps=100, momentum=0.9, steps_per_epoch=10)]
STEPS = [curve("step", step_size=size) for size in range(3, 15)]
WINDOWS = {
    "one": lambda: (COSINE, {}),
    "groups": lambda: ([curve("exponential", gamma=0.9, lr=[0.1, 0.01])], {"style": "ggplot"}),
    "twelve": lambda: (STEPS, {"theme": "dark", "log_y": True}),
    "facets": lambda: (STEPS[:3], {"facet": True}),
    "free": lambda: ([curve("exponential", gamma=0.9, lr=lr) for lr in (0.1, 0.001)], {"facet": True, "free_y": True}),
    "both": lambda: ([STEPS[0], *CYCLE], {"facet": True, "parameter": "both"}),
    "long": lambda: ([curve("warm-restarts", T_0=50_000, steps=1_000_000)], {}),
    "momentum": lambda: (CYCLE, {}),
    "metric": lambda: ([curve("plateau", metrics="1 / (epoch + 1)", steps=100)], {"theme": "dark"}),
}


@functools.cache
def of(name):
    """The curves that a window shows, drawn up when they are asked for, and its look."""
    return WINDOWS[name]()


def opened(curves, **look):
    """A window as it opens, on a canvas that no screen shows."""
    look = Look(dpi=100, size="800x470", **look)
    shown = window.Window(curves, look, figsize=look.inches, dpi=100)
    FigureCanvasAgg(shown)
    shown.draw_anew(look)
    return shown


def pixels(figure):
    figure.canvas.draw()
    return numpy.array(figure.canvas.buffer_rgba())


@pytest.mark.parametrize("name", WINDOWS)
def test_a_window_of_another_size_is_the_picture_of_that_size(name):
    curves, look = of(name)
    shown = opened(curves, **look)
    for width, height in ((6, 4), (3, 2)):
        shown.set_size_inches(width, height)
        picture = figures.draw(curves, Look(dpi=100, size=f"{width}x{height}in", **look))
        assert (pixels(shown) == pixels(picture)).all()


@pytest.mark.parametrize("name", ["one", "groups", "twelve", "facets", "long"])
def test_a_window_zoomed_into_is_the_picture_of_that_range(name):
    curves, look = of(name)
    shown = opened(curves, **look)
    for first, end in ((0.38, 0.41), (-0.5, 0.5)):
        x_range = shown.axes[0].set_xlim(first * len(curves[0]), end * len(curves[0]))
        y_range = shown.axes[0].set_ylim(2e-4, 7e-4)
        picture = figures.draw(curves, replace(shown.look, x_range=x_range, y_range=y_range))
        assert (pixels(shown) == pixels(picture)).all()


def test_names_of_events_follow_the_zoom():
    shown = opened(COSINE)
    assert words(shown).count("lowest") == 2 and words(shown).count("peak") == 2
    shown.axes[0].set_xlim(30, 50)
    pixels(shown)
    assert "lowest" not in words(shown) and words(shown).count("peak") == 1
    assert not collisions(shown)


def test_a_zoom_is_kept_when_the_size_changes_and_so_is_that_of_the_momentum():
    shown = opened(CYCLE)
    rate, momentum = shown.axes
    rate.set_xlim(10, 40)
    momentum.set_ylim(0.9012, 0.9013)
    shown.set_size_inches(6, 4)
    pixels(shown)
    assert (rate.get_xlim(), momentum.get_ylim()) == ((10, 40), (0.9012, 0.9013))
    assert not collisions(shown)  # the numbers beside it are long, and have room


def test_a_panel_with_a_logarithmic_scale_keeps_it_as_the_key_for_it_sets_it():
    shown = opened(COSINE)
    shown.axes[0].set_yscale("log")
    shown.axes[0].set_ylim(1e-6, 1e-2)
    pixels(shown)
    assert shown.axes[0].get_yscale() == "log" and "10⁻⁶" in words(shown)


@pytest.mark.parametrize("facet", [False, True])
def test_where_there_is_no_step_the_window_goes_back_to_all(facet):
    curves = [curve("cosine", T_max=20), curve("step", step_size=30, steps=50)]
    shown = opened(curves, facet=facet)
    before = pixels(shown)
    shown.axes[0].set_xlim(1000, 2000)
    assert (pixels(shown) == before).all()


def test_the_toolbar_goes_back_and_home_and_what_is_dragged_stays_in_hand():
    class Toolbar(NavigationToolbar2):
        def set_message(self, text):
            pass

    shown = opened(STEPS[:3])
    toolbar, axes = Toolbar(shown.canvas), shown.axes[0]
    views = [pixels(shown)]
    toolbar.push_current()
    for ends in ((10, 40), (20, 30)):
        axes.set_xlim(ends)
        toolbar.push_current()
        views.append(pixels(shown))
    toolbar.back()
    assert (pixels(shown) == views[1]).all()
    toolbar.home()
    shown.set_size_inches(5, 3)
    pixels(shown)
    shown.set_size_inches(8, 4.7)
    toolbar.home()
    assert (pixels(shown) == views[0]).all()
    axes.start_pan(400, 200, 1)
    for x in (390, 350, 300):
        axes.drag_pan(1, None, x, 200)
        pixels(shown)
    axes.end_pan()
    low, high = axes.get_xlim()
    assert low == pytest.approx(100 * 100 / axes.bbox.width, rel=0.02) and high - low == pytest.approx(100)


@pytest.mark.parametrize(("size", "opens"), [("1200x700", (8, 700 / 150)), ("16000x700", (16, 700 / 150))])
def test_a_window_opens_at_the_size_asked_for_as_far_as_a_screen_goes(monkeypatch, size, opens):
    from matplotlib import pyplot

    shown = []
    pyplot.switch_backend("agg")
    monkeypatch.setattr(FigureCanvasAgg, "required_interactive_framework", "one that opens no window")
    monkeypatch.setattr(pyplot, "show", lambda: shown.append(pyplot.gcf()))
    window.show(COSINE, Look(size=size))
    window.show(STEPS, Look(facet=True))
    pyplot.close("all")
    assert tuple(shown[0].get_size_inches()) == opens and tuple(shown[1].get_size_inches()) == (8, 7.2)


# Where there is none.

STALE = {"DISPLAY": ":4711", "PATH": os.environ["PATH"], "COLUMNS": "60", "LINES": "20", "LANG": "C.UTF-8"}


@pytest.mark.parametrize("backend", [{}, {"MPLBACKEND": "tkagg"}], ids=str)
@pytest.mark.process
def test_without_a_window_the_terminal_answers_and_a_line_says_so(backend):
    done = lrplot("step", "--step-size", "30", env=STALE | backend)
    (line,) = done.stderr.splitlines()
    assert done.returncode == 0 and line.startswith("lrplot: no window can be opened")
    assert line.endswith(": this is the terminal's view")
    assert done.stdout == run_here(["step", "--step-size", "30", "--term"], env=STALE).stdout


@pytest.mark.process
def test_show_insists_on_a_window():
    done = lrplot("step", "--step-size", "30", "--show", env=STALE)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("lrplot: no window can be opened")
    assert line.endswith(": write a file with -o, or use --term")
