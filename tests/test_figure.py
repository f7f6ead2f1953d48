"""Pictures, rendered and decoded again: they show what they must, and no words collide."""

import functools
import os
import re
import xml.etree.ElementTree as xml
from pathlib import Path

import numpy
import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

import lrplot
from lrplot.configs.config import Config
from lrplot.configs.document import ConfigError
from lrplot.configs.embedded import read_source
from lrplot.configs.sources import load, load_all
from lrplot.parameters import Refusal
from lrplot.pictures import figure as figures
from lrplot.pictures.colours import readable
from lrplot.pictures.look import Look
from tests import command
from tests.pictures import (
    canvas,
    collisions,
    curve,
    drawn,
    every_point,
    lines_in,
    near,
    pixels,
    place,
    saved,
    texts,
    words,
)

CONFIGS = Path(__file__).parent.parent / "configs"
SHIPPED = sorted([*CONFIGS.glob("tutorial/*"), *CONFIGS.glob("examples/*")])
EVENTS = ("peak", "lowest", "low", "restart", "drop ×", "rise ", "reduced ×", "constant", "warm-up ends")
BLUE, ORANGE = "#1f5fa8", "#d9620b"
SVG = "{http://www.w3.org/2000/svg}"


def blue_runs(row):
    """How often a row of pixels enters the line."""
    return int(numpy.count_nonzero(row[1:] & ~row[:-1]) + row[0])


# The curve.


def test_a_cosine_of_t_max_20_shows_five_half_periods_from_0_001_to_0():
    figure = drawn(curve("cosine", T_max=20), events=False)
    (axes,) = figure.axes
    blue = near(pixels(figure), BLUE)
    row, _ = place(axes, 0, 0.0005, len(blue))
    assert blue_runs(blue[row]) == 5
    rows = numpy.flatnonzero(blue.any(axis=1))
    assert abs(rows[0] - place(axes, 0, 0.001, len(blue))[0]) <= 3
    assert abs(rows[-1] - place(axes, 0, 0, len(blue))[0]) <= 3


def test_the_line_passes_through_the_rate_of_each_step_and_nowhere_else():
    cosine = curve("cosine", T_max=100, lr=0.1)
    figure = drawn(cosine)
    blue = near(pixels(figure), BLUE)
    for step, rate in zip(cosine.steps, cosine.lr):
        row, column = place(figure.axes[0], step, rate, len(blue))
        if 1 < step < 98:  # off the axis and off the line's end
            found = numpy.flatnonzero(blue[:, column])
            assert abs(found.mean() - row) <= 2, step
            assert 3 <= len(found) <= 9, step


def test_the_path_of_an_svg_has_the_rates():
    cosine = curve("cosine", T_max=20)
    tree = xml.fromstring(saved(drawn(cosine, events=False), "svg"))
    (path,) = [path.get("d") for path in tree.iter(f"{SVG}path") if f"stroke: {BLUE}" in path.get("style", "")]
    points = numpy.array(
        [[float(number) for number in point.split()] for point in path.replace("M", "L").split("L")[1:]]
    )
    # matplotlib leaves out points on straight stretches: each one that is there must lie on the curve.
    steps = (points[:, 0] - points[0, 0]) / (points[-1, 0] - points[0, 0]) * 99
    rates = numpy.interp(steps, cosine.step, cosine.lr)
    slope, shift = numpy.polyfit(rates, points[:, 1], 1)
    assert numpy.abs(slope * rates + shift - points[:, 1]).max() < 0.5


def test_few_steps_are_stairs_so_that_a_drop_is_a_drop():
    figure = drawn(curve("step", step_size=5, gamma=0.5, steps=10), events=False)
    blue = near(pixels(figure), BLUE)
    for step, rate in ((2.5, 0.001), (4.8, 0.001), (5.2, 0.0005), (9.8, 0.0005)):
        row, column = place(figure.axes[0], step, rate, len(blue))
        assert blue[row, column], step
    _, left = place(figure.axes[0], 4.9, 0, len(blue))
    middle, right = place(figure.axes[0], 5.1, 0.00075, len(blue))
    assert numpy.flatnonzero(blue[middle]).min() >= left and numpy.flatnonzero(blue[middle]).max() <= right


def test_a_drop_in_a_smooth_curve_is_upright():
    figure = drawn(curve("warm-restarts", T_0=50, steps=100), events=False)
    blue = near(pixels(figure), BLUE)
    row, column = place(figure.axes[0], 50, 0.0009, len(blue))
    assert blue[row, column]


@pytest.mark.parametrize(
    "draw, shown", [("stairs", (True, False)), ("line", (False, True)), ("points", (False, False))]
)
def test_draw_says_how_the_steps_are_joined(draw, shown):
    figure = drawn(curve("lambda", lr_lambda="1 - epoch / 4", steps=4), draw=draw)
    blue = near(pixels(figure), BLUE, 60)
    held, sloping = (place(figure.axes[0], step, rate, len(blue)) for step, rate in ((1.8, 0.00075), (1.5, 0.000625)))
    assert (blue[held], blue[sloping]) == shown
    assert blue[place(figure.axes[0], 2, 0.0005, len(blue))]


def test_an_epoch_wise_scheduler_is_constant_within_each_epoch():
    figure = drawn(curve("exponential", gamma=0.5, steps=300, steps_per_epoch=100, interval="epoch"), events=False)
    blue = near(pixels(figure), BLUE)
    for step in (10, 60, 95, 110, 160, 195, 210, 290):
        assert blue[place(figure.axes[0], step, 0.001 * 0.5 ** (step // 100), len(blue))], step


def test_steps_per_epoch_gives_a_second_axis_in_epochs():
    figure = drawn(curve("cosine", T_max=5000, steps=5000, steps_per_epoch=500))
    axes = figure.axes[0]
    (beneath,) = axes.child_axes
    figure.canvas.draw()
    assert (axes.get_xlabel(), beneath.get_xlabel(), beneath.get_xlim()) == ("epoch", "step", (0, 5000))
    assert [label.get_text() for label in axes.xaxis.get_ticklabels()] == ["0", "2", "4", "6", "8", "10"]
    assert {"epoch", "step"} < set(words(figure))
    picture = pixels(figure)
    for step, is_line in ((2_000, True), (2_500, False), (3_000, True)):  # at epochs 4 and 6
        row, column = place(axes, step, 0.0011, len(picture))
        assert near(picture, "#e9ecf1", 3)[row - 5 : row + 5, column - 1 : column + 2].any() == is_line


@pytest.mark.parametrize("momentum", [False, True])
def test_the_name_of_the_rates_stands_above_the_rates_and_on_no_number(momentum):
    options = {"steps": 3910, "steps_per_epoch": 391}
    one = (
        curve("onecycle", max_lr=0.1, total_steps=3910, **options) if momentum else curve("cosine", T_max=9, **options)
    )
    figure = drawn(one)
    above = max(axes.get_window_extent().y1 for axes in figure.axes)
    names = [text for text, (_, bottom, _, _) in texts(figure) if bottom > above]
    assert "learning rate" in names and not any(name[0].isdigit() for name in names)
    below = figure.axes[-1].get_window_extent().y0
    rows = {text: box[3] for text, box in texts(figure) if text in ("epoch", "step")}
    assert rows["step"] < rows["epoch"] < below


def test_a_low_picture_counts_epochs_alone():
    figure = drawn(curve("cosine", T_max=5000, steps=5000, steps_per_epoch=500), size="4x2.4in")
    assert "epoch" in words(figure) and "step" not in words(figure)


def test_a_run_of_a_fifth_of_an_epoch_has_ticks_in_parts_of_it():
    figure = drawn(curve("cosine", T_max=100, steps=100, steps_per_epoch=500))
    figure.canvas.draw()
    axis = figure.axes[0].xaxis
    assert [label.get_text() for label in axis.get_ticklabels()][-1] == "0.200"


def test_the_range_that_is_asked_for_is_shown_and_fills_the_panel():
    figure = drawn(curve("exponential", gamma=0.9), x_range=[80, 100], events=False)
    (axes,) = figure.axes
    assert axes.get_xlim() == (80, 100)
    assert 0.001 * 0.9**79 < axes.get_ylim()[1] < 1.2 * 0.001 * 0.9**79
    assert drawn(curve("cosine", T_max=20), y_range=[0.0002, 0.0005]).axes[0].get_ylim() == (0.0002, 0.0005)


def test_a_range_without_a_step_is_refused():
    with pytest.raises(ValueError, match="there is no step from 200 to 300: the run has steps 0 to 99"):
        drawn(curve("cosine", T_max=20), x_range=[200, 300])


@pytest.mark.parametrize(
    "look, problem",
    [
        ({"x_range": [200, 300]}, "there is no step from 200 to 300: the run has steps 0 to 99"),
        ({"parameter": "both"}, "parameter both asks for the momentum, which CosineAnnealingLR leaves alone"),
        ({"style": "gplot"}, "unknown style 'gplot': did you mean 'ggplot'?"),
        ({"font": "DejaVu Serf"}, "unknown font 'DejaVu Serf': did you mean 'DejaVu Serif'?"),
    ],
)
def test_what_cannot_be_drawn_is_told_with_its_option_and_where_it_stands(look, problem):
    ((option, _),) = look.items()
    with pytest.raises(Refusal) as caught:
        drawn(curve("cosine", T_max=20), **look)
    assert (caught.value.parameter, caught.value.problem, caught.value.whole) == (option, problem, True)
    config = Config([], places={option: "a.yaml:3:9"})
    with pytest.raises(ConfigError) as told, config.drawing():
        raise caught.value
    assert told.value.messages == [f"a.yaml:3:9: plot.{option}: {problem}"]
    with pytest.raises(Refusal), Config([]).drawing():
        raise caught.value


# What else is shown.


def test_the_title_has_the_name_and_the_parameters_that_are_not_defaults():
    shown = words(drawn(curve("cosine", T_max=20, eta_min=0.0, lr=0.5)))
    assert "CosineAnnealingLR" in shown and "T_max=20, lr=0.5" in shown
    assert {"step", "learning rate"} < set(shown)


def test_a_title_of_ones_own_stands_above_the_constructor():
    shown = words(drawn(curve("step", step_size=30, gamma=0.1), title="A staircase"))
    assert "A staircase" in shown and "StepLR(step_size=30)" in shown


def test_a_composite_is_told_as_it_is_called():
    config = load_all(["sequential 'linear start_factor=0.01' 'cosine T_max=85' milestones=[5]"])
    shown = words(figures.draw(config.curves(), config.look))
    assert (
        "SequentialLR" in shown
        and "[LinearLR(start_factor=0.01), CosineAnnealingLR(T_max=85)], milestones=[5]" in shown
    )


def test_curves_are_named_at_their_ends_in_their_colours():
    figure = drawn(curve("cosine", T_max=100, label="slow"), curve("exponential", gamma=0.99, label="steady"))
    named = {text.get_text(): text for text in figure.texts if text.get_text() in ("slow", "steady")}
    assert named["slow"].get_color() == BLUE and named["steady"].get_color() == readable(ORANGE, "#ffffff")
    assert named["steady"].get_position()[1] > named["slow"].get_position()[1]  # 0.00037 against 0


def test_long_names_stand_in_a_legend_with_a_stroke_each():
    names = ["a name that is much too long for the margin", "another one which is no shorter than that", "_private"]
    figure = drawn(*(curve("exponential", label=name, gamma=0.9 + 0.02 * i) for i, name in enumerate(names)))
    assert set(names) < set(words(figure))
    assert len([artist for artist in figure.artists + figure.lines if hasattr(artist, "get_xdata")]) == 3


def test_from_the_ninth_curve_on_dashes_tell_equal_colours_apart():
    figure = drawn(*(curve("step", step_size=size) for size in range(3, 21)), dpi=60, size="8x5in")
    strokes = [(line.get_color(), line._unscaled_dash_pattern) for line in lines_in(figure.axes[0])]
    assert len(set(strokes)) == 18 and len({colour for colour, _ in strokes}) == 8
    assert strokes[0][1] == (0, None) and strokes[8][0] == strokes[0][0] == strokes[16][0]
    handles = [(line.get_color(), line._unscaled_dash_pattern) for line in figure.artists + figure.lines]
    assert handles == strokes


def test_a_dashed_line_has_gaps():
    curves = [curve("lambda", lr_lambda=f"{1 - i / 10}") for i in range(9)]
    figure = drawn(*curves)
    blue = near(pixels(figure), BLUE)
    across = {}
    for level, name in ((1.0, "solid"), (0.2, "dashed")):
        row, left = place(figure.axes[0], 10, level * 0.001, len(blue))
        across[name] = blue[row, left : left + 500].mean()
    assert across["solid"] == 1 and 0.5 < across["dashed"] < 0.9


def test_of_forty_curves_the_legend_names_those_it_has_room_for():
    figure = drawn(*(curve("exponential", gamma=0.9 + 0.001 * i, lr=0.01) for i in range(40)), size="600x350")
    named = [text for text in words(figure) if text.startswith("gamma=")]
    assert f"and {40 - len(named)} more" in words(figure) and len(named) >= 3
    assert figure.axes[0].get_position().height > 0.35


def test_names_are_cut_short_before_any_of_twelve_is_left_out():
    figure = drawn(
        *(curve("transformers.cosine", num_warmup_steps=i, num_training_steps=100, steps=100) for i in range(1, 12)),
        curve("step", step_size=30),
        size="1200x700",
    )
    named = [text for text in words(figure) if text.startswith(("transformers.cosine(", "StepLR("))]
    assert len(named) == 12 and not any(text.endswith(" more") for text in words(figure))
    assert figure.axes[0].get_position().height > 0.4


def test_the_scheduler_is_not_named_again_where_the_title_has_it():
    rates = [curve("exponential", gamma=0.9), curve("exponential", gamma=0.99)]
    assert {"ExponentialLR", "gamma=0.9", "gamma=0.99"} < set(words(drawn(*rates)))
    assert {"ExponentialLR", "gamma=0.9", "gamma=0.99"} < set(words(drawn(*rates, facet=True)))
    assert {"Decay", "ExponentialLR(gamma=0.9)"} < set(words(drawn(*rates, title="Decay")))
    assert {"Learning-rate schedules", "ExponentialLR(gamma=0.9)"} < set(words(drawn(rates[0], curve("constant"))))


def test_each_parameter_group_is_a_labelled_line():
    figure = drawn(curve("cosine", T_max=100, lr=[0.1, 0.01]))
    assert len(lines_in(figure.axes[0])) == 2 and {"group 0, lr=0.1", "group 1, lr=0.01"} < set(words(figure))


def test_the_readings_of_one_run_are_shaded_between(tmp_path):
    both = load(str(CONFIGS / "examples/truth_and_reading.yaml"))
    figure = figures.draw(both.curves(), both.look)
    (axes,) = figure.axes
    picture = pixels(figure)
    row, column = place(axes, 0.5, 0.0009, len(picture))  # 0.001 is used, get_lr() says 0.00081
    assert 5 < numpy.abs(picture[row, column] - 255).max() < 120
    above = picture[place(axes, 0.5, 0.00104, len(picture))]
    assert numpy.abs(above - 255).max() < 5
    assert {"used", "get_lr"} < set(words(figure))


def test_the_momentum_has_a_panel_where_the_scheduler_cycles_it():
    one_cycle = curve("onecycle", max_lr=0.1, total_steps=100)
    assert [axes.get_ylabel() for axes in drawn(one_cycle).axes] == ["learning rate", "momentum"]
    assert [axes.get_ylabel() for axes in drawn(one_cycle, parameter="lr").axes] == ["learning rate"]
    (axes,) = drawn(one_cycle, parameter="momentum").axes
    assert axes.get_ylabel() == "momentum" and min(axes.lines[0].get_ydata()) == pytest.approx(0.85)
    with pytest.raises(ValueError, match="parameter both asks for the momentum, which StepLR leaves alone"):
        drawn(curve("step", step_size=3), parameter="both")


def test_a_curve_has_one_colour_in_all_panels():
    figure = drawn(curve("step", step_size=30, lr=0.1), curve("onecycle", max_lr=0.1, total_steps=100))
    rate, momentum = (lines_in(axes)[-1].get_color() for axes in figure.axes)
    assert rate == momentum == ORANGE


def test_the_metric_of_a_plateau_is_drawn_beneath_with_its_reductions():
    figure = drawn(curve("plateau", metrics=[1.0] * 30, patience=9))
    rates, metric = figure.axes
    assert metric.get_ylabel() == "metric" and rates.get_xlim() == metric.get_xlim()
    dashed = [line.get_xdata()[0] for line in metric.lines if line.get_linestyle() != "-"]
    changes = [step for step in range(1, 30) if rates.lines[0].get_ydata()[step] < rates.lines[0].get_ydata()[step - 1]]
    assert dashed == changes and len(changes) == 2


def test_facets_share_their_axes_and_carry_their_names():
    figure = drawn(*(curve("exponential", gamma=0.9 + 0.02 * i, label=f"no. {i}") for i in range(4)), facet=True)
    assert len(figure.axes) == 4 and len({axes.get_ylim() for axes in figure.axes}) == 1
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["no. 0", "no. 1", "no. 2", "no. 3"]


def test_more_facets_than_can_be_seen_are_refused():
    with pytest.raises(ValueError, match="facet would make 101 panels: a picture holds at most 100"):
        drawn(*(curve("constant", steps=1) for _ in range(101)), facet=True)


# Events.


def test_events_are_marked_where_they_are_and_named():
    figure = drawn(curve("multistep", milestones=[30, 60], gamma=0.5, lr=1.0))
    (marks,) = [line for line in figure.axes[0].lines if line.get_label() == "_events"]
    assert sorted(zip(marks.get_xdata(), marks.get_ydata())) == [(30, 0.5), (60, 0.25)]
    assert words(figure).count("drop ×0.5") == 2
    picture = pixels(figure)
    row, column = place(figure.axes[0], 30, 0.5, len(picture))
    assert near(picture, "white")[row, column] and near(picture, BLUE)[row, column - 40 : column].any()


def test_no_events_means_none():
    figure = drawn(curve("multistep", milestones=[30, 60]), events=False)
    assert len(figure.axes[0].lines) == 1 and not any("drop" in text for text in words(figure))


@pytest.mark.parametrize("T_0, steps", [(5, 100), (3, 3000), (20, 1_000_000)])
def test_at_most_a_handful_of_events_is_named(T_0, steps):
    figure = drawn(curve("warm-restarts", T_0=T_0, steps=steps))
    assert len([text for text in words(figure) if "restart" in text]) <= 5
    assert sum(len(line.get_xdata()) for line in figure.axes[0].lines if line.get_label() == "_events") <= 20


def test_what_happens_often_is_named_once_with_its_count():
    assert "restart, 9 times" in words(drawn(curve("warm-restarts", T_0=10, steps=100)))


def test_nothing_is_marked_on_a_rate_that_swings_faster_than_a_picture_shows():
    assert words(drawn(curve("cosine", T_max=20, steps=100_000))).count("peak") == 0


# Words do not collide.


@functools.cache
def shipped(path):
    config = load(str(path))
    return config.curves(), config.look


@pytest.mark.parametrize("size, theme", [("1200x700", "light"), ("600x350", "dark"), ("300x200", "light")])
def test_no_words_of_the_shipped_configs_collide_and_no_name_of_an_event_lies_on_a_line(size, theme):
    for path in SHIPPED:
        curves, look = shipped(path)
        figure = figures.draw(curves, Look(**{**vars(look), "size": size, "theme": theme}))
        picture = canvas(figure) if size == "1200x700" else None
        boxes = texts(figure)
        assert collisions(figure, boxes) == [], path.name
        names = [(text, box) for text, box in boxes if text.split(",")[0].startswith(EVENTS)]
        inks = {line.get_color() for axes in figure.axes for line in lines_in(axes)}
        for text, (left, bottom, right, top) in names if picture is not None else ():
            box = picture[len(picture) - int(top) : len(picture) - int(bottom), int(left) : int(right)]
            assert not any(near(box, ink, 10).any() for ink in inks), (path.name, text)


def test_words_are_in_the_same_places_in_both_themes():
    config = load(str(CONFIGS / "examples/layerwise.yaml"))
    light, dark = (texts(figures.draw(config.curves(), Look(theme=theme, log_y=True))) for theme in ("light", "dark"))
    assert light == dark


SPECS = [
    "cosine T_max=20",
    "step step_size=7 gamma=0.3",
    "exponential gamma=0.97",
    "onecycle max_lr=0.1 total_steps=3000",
    "cyclic base_lr=0.001 max_lr=0.02 step_size_up=13 mode=triangular2",
    "warm-restarts T_0=10 T_mult=2",
    "sequential 'linear start_factor=0.01 total_iters=9' 'cosine T_max=50' milestones=[9]",
    "lambda lr_lambda='1e-9 * 1.2 ** (epoch % 60)'",
    "lambda lr_lambda='1000 if epoch < 5 else 0'",
    "constant factor=1.0",
]
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60) | st.sampled_from(
    ["W" * 60, "a, b", "$x^2$", "_a", "i", "<b>&amp;"]
)
LOOKS = st.fixed_dictionaries(
    {
        "size": st.sampled_from(["1200x700", "600x350", "640x480", "400x900", "300x200", "2000x500", "9x6cm"]),
        "theme": st.sampled_from(["light", "dark"]),
        "log_y": st.booleans(),
        "facet": st.booleans(),
        "title": st.none() | NAMES,
        "draw": st.sampled_from([None, "stairs", "line", "points"]),
    }
)


@settings(max_examples=3 * settings().max_examples // 4, suppress_health_check=list(HealthCheck))
@given(
    specs=st.lists(st.tuples(st.sampled_from(SPECS), st.none() | NAMES), min_size=1, max_size=9),
    steps=st.integers(1, 3000),
    epoch=st.none() | st.integers(1, 400),
    look=LOOKS,
)
@example(specs=[(SPECS[3], None)], steps=3000, epoch=300, look={"size": "300x200"})
@example(specs=[(SPECS[0], "W" * 60)] * 9, steps=1, epoch=None, look={"size": "600x350", "title": "W" * 200})
@example(
    specs=[(SPECS[1], "medium"), (SPECS[4], "word " * 9), (SPECS[1], "word " * 9)],
    steps=100,
    epoch=None,
    look={"size": "300x200", "log_y": True},
)
@example(specs=[(SPECS[3], None)], steps=200, epoch=None, look={"size": "300x200", "log_y": True, "title": "T"})
@pytest.mark.filterwarnings("ignore")
def test_no_words_collide(specs, steps, epoch, look):
    config = load_all([spec for spec, _ in specs])
    config.runs = [
        run.but(label=name, steps=steps, steps_per_epoch=epoch) for run, (_, name) in zip(config.runs, specs)
    ]
    figure = figures.draw(config.curves(), Look(**look))
    assert collisions(figure) == []
    assert figure.axes[0].get_position().height > (0.02 if look.get("facet") else 0.05)


@pytest.mark.parametrize("size", ["100x100", "100x2000", "2000x100", "4000x3000"])
def test_the_smallest_and_the_oddest_sizes_are_drawn(size):
    width, height = map(int, size.split("x"))
    assert pixels(drawn(curve("onecycle", max_lr=0.1, total_steps=50), size=size), size=size).shape == (
        height,
        width,
        3,
    )


# Large, small and strange.


def spiked(steps=1_000_000):
    """Three spikes of a single step on a rate that stands still."""
    values = numpy.full(steps, 0.2)
    values[[123_456, 500_000, 777_777]] = 1.0, 0.0, 0.9
    return values


def noisy(steps):
    return numpy.random.default_rng(0).random(steps) * numpy.linspace(1, 0, steps)


def of_values(values):
    made = curve("constant", steps=1)
    made.rates[0] = type(made.rates[0])("d", values.tobytes())
    return made.but(steps=range(len(values)))


MANY = {
    "spikes": (lambda: of_values(spiked()), None),
    "noise": (lambda: of_values(noisy(50_000)), "line"),
    "swings": (
        lambda: curve("cyclic", base_lr=0.0, max_lr=1.0, step_size_up=9_000, steps=1_000_000, mode="triangular2"),
        None,
    ),
    "stairs": (lambda: curve("step", step_size=70_000, gamma=0.6, steps=1_000_000), None),
    "points": (lambda: of_values(noisy(1_000_000)), "points"),
}


@pytest.mark.parametrize("name", MANY)
def test_very_many_steps_give_the_picture_that_every_point_gives(name):
    make, draw = MANY[name]
    look = {"size": "600x350", "events": False, "draw": draw, "parameter": "lr" if name == "swings" else None}
    many = make()
    reduced = pixels(drawn(many, **look), **look)
    with every_point():
        whole = pixels(drawn(many, **look), **look)
    for a, b in ((reduced, whole), (whole, reduced)):
        ink, faint = near(a, BLUE, 30), near(b, BLUE, 215)
        grown = numpy.zeros_like(faint)
        for down in (-1, 0, 1):
            for right in (-1, 0, 1):
                grown |= numpy.roll(faint, (down, right), (0, 1))
        assert ink.sum() > 500 and not (ink & ~grown).any()
    assert numpy.abs(reduced - whole).mean() < 1.0  # of 255


def test_each_spike_of_a_single_step_is_seen():
    figure = drawn(of_values(spiked()), events=False)
    blue = near(pixels(figure), BLUE, 120)
    for step, rate in ((123_456, 0.98), (500_000, 0.02), (777_777, 0.88)):
        row, column = place(figure.axes[0], step, rate, len(blue))
        assert blue[row, column - 2 : column + 3].any(), step


def test_one_step_is_a_tread():
    figure = drawn(curve("cosine", T_max=20, steps=1))
    blue = near(pixels(figure), BLUE)
    (axes,) = figure.axes
    assert axes.get_xlim() == (0, 1) and all(blue[place(axes, at, 0.001, len(blue))] for at in (0.1, 0.5, 0.9))


@pytest.mark.parametrize("rate", [1e-12, 1e-3, 1e3])
def test_a_constant_rate_is_a_level_line_above_0(rate):
    figure = drawn(curve("constant", factor=1.0, lr=rate))
    blue = near(pixels(figure), BLUE)
    low, high = figure.axes[0].get_ylim()
    assert low < 0 and rate < high < 1.5 * rate
    assert all(blue[place(figure.axes[0], step, rate, len(blue))] for step in (1, 50, 99))


def test_a_rate_of_0_reaches_the_bottom_of_a_logarithmic_axis():
    figure = drawn(curve("lambda", lr_lambda="1 if epoch < 50 else 0"), log_y=True, events=False)
    blue = near(pixels(figure), BLUE)
    (axes,) = figure.axes
    assert axes.get_yscale() == "log" and axes.get_ylim()[0] > 1e-4
    assert blue[place(axes, 20, 0.001, len(blue))]
    _, column = place(axes, 50, 0.001, len(blue))
    bottom = round(len(blue) - axes.get_window_extent().y0)
    assert blue[bottom - 6 : bottom - 2, column - 1 : column + 2].any()


def test_the_rest_that_rounding_leaves_of_0_does_not_stretch_a_logarithmic_axis():
    assert drawn(curve("cosine", T_max=100, steps=101), log_y=True).axes[0].get_ylim()[0] > 1e-8


def test_a_rate_of_0_throughout_is_drawn_on_a_plain_axis():
    (axes,) = drawn(curve("constant", lr=0.0), log_y=True).axes
    assert axes.get_yscale() == "linear" and axes.get_ylim()[0] < 0


@pytest.mark.parametrize("log_y", [False, True])
@pytest.mark.parametrize("rate", [0.0, 5e-324, 1e-200, 1e-12, 1e3, 1e200, 1.7e308])
def test_any_float_is_drawn_in_silence(rate, log_y, recwarn):
    figure = drawn(curve("cosine", T_max=20, lr=rate), log_y=log_y, size="600x350")
    assert len(saved(figure)) > 5_000 and not recwarn.list
    assert collisions(figure) == []


def test_fifteen_powers_of_ten_are_all_on_a_logarithmic_axis():
    figure = drawn(curve("lambda", lr_lambda="10 ** (-15 * epoch / 99)", lr=1e3), log_y=True)
    low, high = figure.axes[0].get_ylim()
    powers = [
        word[2:].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
        for word in words(figure)
        if re.fullmatch("10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", word)
    ]
    assert (
        low < 1e-12 and high > 1e3 and int(powers[0]) <= -10 and int(powers[-1]) >= 0 and len(powers) >= 4
    )  # which of them, the version says


def test_a_rate_that_is_no_number_is_a_gap():
    values = numpy.linspace(1, 0, 200)
    values[100:120] = numpy.nan
    figure = drawn(of_values(values), draw="line")
    blue = near(pixels(figure), BLUE)
    assert blue[place(figure.axes[0], 50, values[50], len(blue))]
    _, column = place(figure.axes[0], 110, 0.45, len(blue))
    assert not blue[:, column].any()


# Files.


@pytest.mark.process
def test_the_same_command_gives_the_same_bytes_and_each_picture_knows_its_schedule(tmp_path):
    names = ["cos.png", "cos.svg", "cos.pdf"]
    for seed in ("1", "2"):
        (tmp_path / seed).mkdir()
        outputs = [word for name in [*names, "cos.csv"] for word in ("-o", name)]
        environ = {**os.environ, "PYTHONHASHSEED": seed}
        assert (
            command.ok("cosine", "--T-max", "20", "--size", "300x200", *outputs, cwd=tmp_path / seed, env=environ) == ""
        )
    for name in names:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()
    assert [(tmp_path / "1" / name).read_bytes()[:5] for name in names] == [b"\x89PNG\r", b"<?xml", b"%PDF-"]
    for name in names:
        done = command.run_here(["plot", name, "-o", "-"], cwd=tmp_path / "1")
        assert done.returncode == 0 and done.stdout == (tmp_path / "1" / "cos.csv").read_text()


TITLES = [
    'It\'s "quoted"',
    "a <b> & c -- d]]>",
    "tab\tand (brackets) \\ back\\slash",
    "学习率 скорость ρυθμός",
    "🚀 up",
    "x" * 1000,
    "50 % of $5 ^_{2}",
    "#: {a: [b]}",
]


@pytest.mark.parametrize("format", ["png", "svg", "pdf"])
def test_a_schedule_reads_back_from_a_picture_whatever_its_title(tmp_path, format):
    for title in TITLES:
        config = load_all(["cosine T_max=20"])
        config.look = Look(title=title)
        config.runs = [config.runs[0].but(label=title[::-1])]
        path = tmp_path / f"x.{format}"
        path.write_bytes(saved(Figure(), format, config.source()))
        assert yaml.safe_load(read_source(str(path))) == config.mapping() and config.mapping()["plot"]["title"] == title
        assert load(str(path)).look.title == title


@pytest.mark.filterwarnings("ignore:the font has no")
@pytest.mark.parametrize("title", [*TITLES, "bell \a and null-like \x0b", "lone \udc80 surrogate"])
def test_an_svg_is_well_formed_and_its_text_is_text(title):
    figure = drawn(curve("cosine", T_max=20), title=title)
    tree = xml.fromstring(saved(figure, "svg", title=title))
    found = ["".join(text.itertext()) for text in tree.iter(f"{SVG}text")]
    assert {"step", "learning rate", "T_max=20".join(["CosineAnnealingLR(", ")"]), "peak"} < set(found)
    shown = " ".join("".join(char if char.isprintable() else " " for char in title).split())
    assert any(text and shown.startswith(text.rstrip("…")) for text in found)


def test_a_picture_is_as_large_as_asked():
    one = curve("cosine", T_max=20)
    assert pixels(drawn(one, size="800x500"), size="800x500").shape == (500, 800, 3)
    look = {"size": "16x9cm", "dpi": 100.0}
    assert pixels(drawn(one, **look), **look).shape[:2] == (354, 629)  # 9 / 2.54 * 100, 16 / 2.54 * 100
    tree = xml.fromstring(saved(drawn(one, size="8x4in"), "svg"))
    assert (tree.get("width"), tree.get("height")) == ("576pt", "288pt")


def test_dpi_gives_a_picture_of_centimetres_more_pixels_and_the_same_layout():
    one = curve("cosine", T_max=20)
    coarse, fine = (drawn(one, size="16x9cm", dpi=dpi) for dpi in (100.0, 200.0))
    assert (
        numpy.abs(coarse.axes[0].get_position().extents - fine.axes[0].get_position().extents).max() < 0.02
    )  # but for the hinting of type


def test_a_transparent_picture_has_no_background_but_a_curve():
    figure = drawn(curve("cosine", T_max=20), transparent=True)
    picture = pixels(figure, transparent=True)
    assert picture[0, 0, 3] == 0 and picture[len(picture) // 2, len(picture[0]) // 2 + 3, 3] in range(256)
    row, column = place(figure.axes[0], 70, lrplot.simulate("cosine", T_max=20).lr[70], len(picture))
    assert picture[row, column, 3] == 255 and near(picture, BLUE)[row, column]


def test_themes_differ_in_background_and_ink():
    for theme, background in (("light", "#ffffff"), ("dark", "#14171c")):
        picture = pixels(drawn(curve("cosine", T_max=20), theme=theme))
        assert near(picture, background, 0)[0, 0] and near(picture, background, 0).mean() > 0.8
    assert near(picture, "#6aaef0").any()


def test_plot_draws_on_axes_of_ones_own_in_their_style():
    from matplotlib.colors import to_hex

    axes = Figure().add_subplot()
    assert lrplot.plot(curve("cosine", T_max=20), curve("step", step_size=30), ax=axes) is axes
    assert [to_hex(line.get_color()) for line in lines_in(axes)] == ["#1f77b4", "#ff7f0e"]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "CosineAnnealingLR(T_max=20)",
        "StepLR(step_size=30)",
    ]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("step", "learning rate")
