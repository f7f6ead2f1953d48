"""Curves in the terminal: every line fits, and the dots are where the rates are."""

import fcntl
import io
import math
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrplot.parameters import Refusal
from lrplot.runs.curve import Curve
from lrplot.runs.run import Run, Spec
from lrplot.runs.simulate import simulate_run
from lrplot.schedulers.families import find
from lrplot.terminal.chart import Options, sketch, view
from lrplot.terminal.screen import Screen, has_display, width_of
from lrplot.terminal.turning_points import turning_points
from tests.command import lrplot, ok

CODES = re.compile(r"\x1b\[[0-9;]*m")
BITS = {0x40: (0, 0), 0x04: (0, 1), 0x02: (0, 2), 0x01: (0, 3), 0x80: (1, 0), 0x20: (1, 1), 0x10: (1, 2), 0x08: (1, 3)}


def spec(name, **parameters):
    return Spec(find(name), parameters)


def curves_of(spec, lr=0.001, **run):
    return simulate_run(Run(spec, {"lr": lr}, **run))


def curve_of(values, label=None, start=0):
    run = Run(spec("lambda", lr_lambda=float), steps=len(values), label=label)
    return Curve(run, "used", range(start, start + len(values)), [array("d", values)], {}, None)


def plain(curves, width=80, height=20, **options):
    return sketch(curves, Screen(width, height), Options(**options))


def columns_of(text):
    """For each column of dots, from the left, the heights of its dots above the lowest row; and how many heights there
    are.
    """
    rows = [line.split("┤" if "┤" in line else "│", 1)[1] for line in text.splitlines() if "┤" in line or "│" in line]
    dots = {}
    for up, row in enumerate(reversed(rows)):
        for across, cell in enumerate(row):
            for bit, (x, y) in BITS.items():
                if cell != " " and (ord(cell) - 0x2800) & bit:
                    dots.setdefault(2 * across + x, set()).add(4 * up + y)
    return dots, 4 * len(rows)


def y_axis(text):
    """The lowest and the highest rate of the axis, from the labels of its ticks at both ends."""
    labels = [float(line.split("┤")[0]) for line in text.splitlines() if "┤" in line]
    return labels[-1], labels[0]


COSINE = curves_of(spec("cosine", T_max=20))
STEP = curves_of(spec("step", step_size=30, gamma=0.5))
GROUPS = simulate_run(Run(spec("exponential", gamma=0.9), {"lr": [0.1, 0.01, 0.001]}, steps_per_epoch=10))
WORDY = [curve_of([0.1, 0.2, 0.1], label="ein sehr langer Name für eine Kurve, 学習率 " * 6)]


@pytest.mark.parametrize("width", [30, 40, 80, 200])
@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("unicode", [False, True])
@pytest.mark.parametrize("curves", [COSINE, COSINE + STEP, GROUPS, WORDY], ids=["one", "two", "groups", "wordy"])
def test_every_line_fits_the_screen(curves, width, colour, unicode):
    text = view(curves, Screen(width, 24, colour, unicode))
    for line in CODES.sub("", text).splitlines():
        assert width_of(line) <= width
    assert ("\x1b" in text) == colour
    assert text.isascii() or unicode


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_dots_of_a_cosine_are_where_its_rates_are(width):
    text = plain(COSINE, width)
    dots, heights = columns_of(text)
    low, high = y_axis(text)
    assert (low, high) == (0.0, 0.001)
    columns = 2 * (width - len("0.0010") - 2)
    assert sorted(dots) == list(range(columns))
    rates = COSINE[0].rates[0]
    for x in range(columns):
        first = x * 100 // columns
        steps = range(first, max(first + 1, (x + 1) * 100 // columns))
        wanted = {round(rates[step] / 0.001 * (heights - 1)) for step in steps}
        assert {min(wanted), max(wanted)} <= dots[x]
        # Nothing else but the way from the column before.
        before = rates[max(0, first - 1)] / 0.001 * (heights - 1)
        assert min(dots[x]) >= min(*wanted, round(before)) and max(dots[x]) <= max(*wanted, round(before))


@pytest.mark.parametrize("spike", [0, 1, 333_333, 999_999])
def test_a_step_alone_among_a_million_is_seen(spike):
    values = array("d", [0.25]) * 1_000_000
    values[spike] = 1.0
    text = plain([curve_of(values)])
    dots, heights = columns_of(text)
    tall = [x for x in dots if max(dots[x]) == heights - 1]
    assert tall == [max(x for x in range(len(dots)) if x * 1_000_000 // len(dots) <= spike)]
    assert min(min(column) for column in dots.values()) == round(0.25 * (heights - 1))


def test_a_drop_is_a_vertical_line_from_one_level_to_the_other():
    dots, heights = columns_of(plain(STEP))
    (column, *_) = sorted(x for x in dots if len(dots[x]) > 1)
    top, bottom = heights - 1, round(0.5 * (heights - 1))
    assert dots[column - 1] == {top} and dots[column] == set(range(bottom, top)) and dots[column + 1] == {bottom}
    assert column == math.ceil(30 / 100 * len(dots))


def test_few_steps_are_stairs():
    dots, heights = columns_of(plain([curve_of([1.0, 0.0])]))
    assert [x for x in dots if dots[x] == {heights - 1}] == list(range(len(dots) // 2))
    assert [x for x in dots if dots[x] == {0}] == list(range(len(dots) // 2 + 1, len(dots)))


def test_what_is_no_number_leaves_a_gap():
    values = [1.0] * 50 + [math.nan, math.inf] * 25
    dots, _ = columns_of(plain([curve_of(values)]))
    assert sorted(dots) == list(range(80 - 5))  # half of the columns, of two dots each
    assert "step" in plain([curve_of([math.nan])])


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([1e-12], ["0", "5.0e-13", "1.0e-12"]),
        ([1e3, 1e3], ["0", "500", "1000"]),
        ([0.0], ["0.0", "0.5", "1.0"]),
        ([0.1, 0.0001], ["0", "0.05", "0.10"]),
        ([2e-5, 0.0], ["0", "1e-5", "2e-5"]),
        ([1e6, 5e5], ["0", "5.0e5", "1.0e6"]),
        ([-1.0, 1.0], ["-1", "0", "1"]),
        ([0.9, 1.0], ["0.90", "0.95", "1.00"]),
    ],
)
def test_ticks_are_round_and_written_alike(values, ticks):
    text = plain([curve_of(values)], height=12)
    shown = [line.split("┤")[0].strip() for line in text.splitlines() if "┤" in line]
    assert [float(tick) for tick in shown] == [float(tick) for tick in reversed(ticks)]
    assert "0" not in ticks or shown == ticks[::-1]


def test_a_logarithmic_axis_has_a_tick_for_each_power():
    text = plain(curves_of(spec("exponential", gamma=0.1), lr=1.0, steps=5), log_y=True, height=25)
    assert [line.split("┤")[0].strip() for line in text.splitlines() if "┤" in line] == [
        "1e0",
        "1e-1",
        "1e-2",
        "1e-3",
        "1e-4",
    ]
    dots, heights = columns_of(text)
    assert [min(dots[round((i + 0.5) * len(dots) / 5)]) for i in range(5)] == [
        round((4 - i) / 4 * (heights - 1)) for i in range(5)
    ]


def test_a_rate_of_zero_has_no_place_on_a_logarithmic_axis():
    dots, _ = columns_of(plain([curve_of([1.0] * 10 + [0.0] * 10)], log_y=True))
    assert max(dots) < 40 * 2


def test_steps_are_marked_where_they_are():
    lines = plain([curve_of([1.0] * 100, start=1000)], width=60).splitlines()
    rule = next(i for i, line in enumerate(lines) if "└" in line)
    for match in re.finditer(r"\d+", lines[rule + 1]):
        x = (int(match[0]) - 1000) * (60 - 5) // 100
        notch = lines[rule].index("└") + 1 + x
        assert lines[rule][notch] == "┬" and match.start() <= notch < match.end()
    assert len(re.findall(r"\d+", lines[rule + 1])) >= 4


def test_two_curves_differ_by_colour_or_else_by_letter():
    coloured = sketch(COSINE + STEP, Screen(80, 20, colour=True))
    legend = coloured.splitlines()[-2:]
    assert legend[0].endswith("CosineAnnealingLR(T_max=20)") and legend[1].endswith("StepLR(step_size=30, gamma=0.5)")
    codes = [CODES.match(line)[0] for line in legend]
    assert codes[0] != codes[1] and all(coloured.count(code) > 5 for code in codes)
    for unicode in (False, True):
        lettered = sketch(COSINE + STEP, Screen(80, 20, unicode=unicode))
        assert lettered.splitlines()[-2:] == ["a CosineAnnealingLR(T_max=20)", "b StepLR(step_size=30, gamma=0.5)"]
        body = "".join(line[8:] for line in lettered.splitlines()[1:-4])
        assert body.count("a") > 40 and body.count("b") > 40


def test_curves_that_coincide_take_turns():
    text = sketch([curve_of([1.0] * 10, "x"), curve_of([1.0] * 10, "y")], Screen(40, 10, unicode=False))
    assert "abababab" in text


def test_two_readings_of_one_run_are_told_apart():
    text = plain(curves_of(spec("step", step_size=30), record=["used", "get_lr"]))
    assert text.splitlines()[0].split(maxsplit=1) == ["lr", "StepLR(step_size=30), lr=0.001"] and text.splitlines()[
        -2:
    ] == ["a used", "b get_lr"]


@pytest.mark.parametrize(("width", "cut"), [(30, "学習率の計画"), (9, "学習率の…"), (4, "学…"), (2, "…"), (1, "…")])
def test_a_text_is_cut_where_the_screen_ends(width, cut):
    assert Screen().fit("学習率の計画", width) == cut
    assert Screen(unicode=False).fit("a" * 300_000, width) == "a" * (width - 3) + "..."[:width]


def test_a_label_cannot_move_the_cursor():
    labelled = [curve_of([1.0], label="\x1b[2Jgone\r\n"), curve_of([1.0])]
    text = view(labelled, Screen(80, 24, False, True), Options(title="\x1b[2Jmoved\r\n"))
    assert "\x1b" not in text and "\r" not in text and "a [2Jgone" in text and "lr  [2Jmoved" in text


def test_turning_points_of_onecycle():
    (curve,) = simulate_run(
        Run(spec("onecycle", max_lr=0.1, total_steps=100), {"lr": 0.1, "momentum": 0.9}, steps=100, steps_per_epoch=10)
    )
    assert turning_points([curve], Screen()).splitlines() == [
        "step  epoch     lr  what",
        "   0      0  0.004  start",
        "  29    2.9    0.1  peak",
        "  99    9.9  4e-07  end",
    ]


def test_of_many_turning_points_the_middle_is_counted():
    curves = curves_of(spec("step", step_size=2, gamma=0.99))
    lines = turning_points(curves, Screen(40)).splitlines()
    assert len(lines) == 21
    assert lines[11].split() == ["…", "32", "more"]
    assert lines[10].split()[0] == "18" and lines[12].split()[0] == "84" and lines[20].split()[0] == "99"
    assert len(turning_points(curves, Screen(40, unicode=False)).splitlines()[11].split()) == 3


def test_each_group_has_a_column_as_far_as_there_is_room():
    lines = turning_points(GROUPS, Screen()).splitlines()
    assert lines[0].split() == ["step", "epoch", "lr_0", "lr_1", "lr_2", "what"]
    assert lines[1].split() == ["0", "0", "0.1", "0.01", "0.001", "start"]
    assert turning_points(GROUPS, Screen(40)).splitlines()[0].split() == ["step", "epoch", "lr_0", "what"]


class Stream(io.TextIOWrapper):
    def __init__(self, encoding="utf-8", tty=True):
        super().__init__(io.BytesIO(), encoding)
        self.tty = tty

    def isatty(self):
        return self.tty


@pytest.mark.parametrize(
    ("environ", "tty", "colour"),
    [
        ({"TERM": "xterm-256color"}, True, True),
        ({"TERM": "xterm-256color"}, False, False),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, True, False),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
    ],
)
def test_colours_are_for_terminals_that_want_them(environ, tty, colour):
    assert Screen.of(Stream(tty=tty), environ).colour is colour


@pytest.mark.skipif(os.name == "nt", reason="Windows has no LC_ALL")
@pytest.mark.parametrize(
    ("environ", "encoding", "unicode"),
    [
        ({}, "utf-8", True),
        ({}, "ascii", False),
        ({}, "iso8859-1", False),
        ({"LANG": "en_US.UTF-8"}, "utf-8", True),
        ({"LC_ALL": "C"}, "utf-8", False),
        ({"LANG": "de_DE.ISO-8859-1"}, "utf-8", False),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "utf-8", False),  # as Python itself sets it under LANG=C
        ({"LC_CTYPE": "C.UTF-8"}, "utf-8", True),
        ({"LANG": "C", "LC_CTYPE": "de_DE.utf8"}, "utf-8", True),
    ],
)
def test_braille_is_for_streams_and_locales_that_have_it(environ, encoding, unicode):
    assert Screen.of(Stream(encoding), environ).unicode is unicode


def test_the_width_is_that_of_COLUMNS(monkeypatch):
    monkeypatch.setenv("COLUMNS", "123")
    assert Screen.of(Stream(), {}).width == 123


def test_a_screen_beyond_belief_is_taken_for_a_large_one(monkeypatch):
    monkeypatch.setenv("COLUMNS", "99999999")
    monkeypatch.setenv("LINES", "99999999")
    assert Screen.of(Stream(), {})[:2] == (1_000, 500)


def test_a_display_is_a_window_system_in_reach():
    assert (
        has_display({"WAYLAND_DISPLAY": "wayland-0"}, "linux")
        and has_display({}, "win32")
        and has_display({}, "darwin")
    )
    assert not has_display({"DISPLAY": ""}, "linux")


values = (
    st.floats(allow_nan=True, allow_infinity=True)
    | st.floats(0, 1)
    | st.sampled_from([5e-324, 1.7e308, -1.7e308, 0.1, 0.1 + 2e-17])
)


@given(st.lists(values, min_size=1, max_size=30), st.integers(30, 120), st.booleans(), st.booleans())
def test_any_curve_can_be_drawn(values, width, unicode, log_y):
    text = sketch([curve_of(values)], Screen(width, 12, unicode=unicode), Options(log_y=log_y))
    lines = text.splitlines()
    assert len(lines) == 12 and all(len(line) <= width for line in lines)


# What is asked of a view.

SCREENS = [(80, 24), (40, 15), (120, 40), (200, 60)]
ONECYCLE = simulate_run(Run(spec("onecycle", max_lr=0.1, total_steps=100), {"lr": 0.1, "momentum": 0.9}, steps=100))
PLATEAU = simulate_run(
    Run(spec("plateau", patience=2), {"lr": 0.1}, steps=30, metrics=lambda epoch: max(0.3, 0.9**epoch))
)
MANY = [curve for T_max in range(10, 130, 10) for curve in curves_of(spec("cosine", T_max=T_max))]
FOUR = [*COSINE, *STEP, *curves_of(spec("exponential", gamma=0.9)), *curves_of(spec("linear"))]


EIGHTY = Screen()


def seen(curves, screen=EIGHTY, **options):
    return CODES.sub("", view(curves, screen, Options(**options))).splitlines()


def numbers_beneath(lines):
    rule = max(i for i, line in enumerate(lines) if "└" in line)
    return [int(number) for number in re.findall(r"\d+", lines[rule + 1])]


@pytest.mark.parametrize("size", SCREENS)
@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize(
    ("curves", "title"),
    [
        (COSINE, "CosineAnnealingLR(T_max=20)"),
        (ONECYCLE, "OneCycleLR("),
        (PLATEAU, "ReduceLROnPlateau("),
        (GROUPS, "ExponentialLR("),
        (FOUR, "Learning-rate schedules"),
    ],
    ids=["one", "momentum", "metric", "groups", "four"],
)
def test_the_title_stays_in_sight_and_the_prompt_too(size, colour, curves, title):
    lines = seen(curves, Screen(*size, colour))
    assert title in lines[0]
    assert len(lines) <= size[1] - 1
    rows = sum("│" in line or "┤" in line for line in lines)
    assert rows >= round(0.35 * size[1])


def test_the_table_is_counted_first_and_the_chart_has_the_rest():
    for height in (24, 40):
        lines = seen(COSINE, Screen(80, height))
        assert len(lines) == height - 1
        assert [line.split()[-1] for line in lines[-6:]] == ["start", "lowest", "peak", "lowest", "peak", "end"]


def test_several_curves_share_one_table_which_says_whose_event_it_is():
    lines = seen(COSINE + STEP, Screen(80, 40))
    assert sum("what" in line for line in lines) == 1
    table = [line.split() for line in lines[lines.index("") + 1 :]]
    assert table[0] == ["step", "lr", "what"]
    assert table[1:5] == [
        ["ab", "0", "0.001", "start"],
        ["a", "20", "0.0", "lowest"],
        ["b", "30", "0.0005", "drop", "×0.5"],
        ["a", "40", "0.001", "peak"],
    ]
    coloured = view(COSINE + STEP, Screen(80, 40, colour=True)).splitlines()
    (legend,) = (CODES.match(line)[0] for line in coloured if line.endswith("StepLR(step_size=30, gamma=0.5)"))
    assert [CODES.match(line)[0] for line in coloured if "drop" in line] == [legend] * 3


def test_of_several_curves_starts_and_ends_are_the_first_to_go():
    lines = seen(FOUR)
    assert not any(line.endswith(("start", "end")) for line in lines)
    more = next(line.split() for line in lines if line.endswith("more"))
    assert int(more[1]) + sum(line[:1] in "abcd" and "  " in line for line in lines if line.strip()) > 10


@pytest.mark.parametrize("colour", [False, True])
def test_letters_tell_apart_what_colours_cannot(colour):
    lines = seen(MANY, Screen(80, 40, colour))
    names = [line for line in lines if "T_max=" in line]
    assert [part.split() for line in names for part in line.split("   ")] == [
        [letter, f"T_max={T_max}"] for letter, T_max in zip("abcdefghijkl", range(10, 130, 10))
    ]
    body = "".join(line.split("│")[-1] for line in lines if "│" in line)
    assert set("abcdefghijkl") <= set(body)


def test_an_x_range_is_what_is_seen():
    lines = seen(COSINE, x_range=(30, 50))
    assert numbers_beneath(lines) == [30, 35, 40, 45]
    assert [line.split() for line in lines[-1:]] == [["40", "0.001", "peak"]]
    with pytest.raises(Refusal, match="no step from 500 to 600: the run has steps 0 to 99"):
        view(COSINE, Screen(), Options(x_range=(500, 600)))
    assert numbers_beneath(seen(COSINE, x_range=(0, 1e200)))[0] == 0


def test_a_y_range_is_what_is_seen():
    text = "\n".join(seen(COSINE, y_range=(2e-4, 8e-4)))
    assert y_axis(text) == (2e-4, 8e-4)
    dots, heights = columns_of(text)
    assert 0 not in dots and max(max(column) for column in dots.values()) == heights - 1  # it begins above
    x = min(dots)
    assert COSINE[0].rates[0][x * 100 // (2 * (80 - len("8e-4") - 2))] <= 8e-4 + 1e-5


def test_a_y_range_of_a_logarithmic_axis_ends_where_it_was_asked_to():
    lines = seen(curves_of(spec("exponential", gamma=0.5), lr=1.0), log_y=True, y_range=(2e-7, 5e-3), events=False)
    dots, heights = columns_of("\n".join(lines))
    assert next(line.split("┤")[0].strip() for line in lines if "┤" in line) == "1e-3"
    first = min(dots)
    assert first * 100 // (2 * (80 - len("1e-3") - 2)) == 8  # 0.5 ** 8 is the first below 5e-3
    assert max(dots[first]) == heights - 1


def test_momentum_and_metric_have_panels_of_their_own():
    lines = seen(ONECYCLE)
    assert [line for line in lines if line.strip() in ("momentum", "metric")] == ["momentum"]
    assert sum("└" in line for line in lines) == 1
    assert "metric" in seen(PLATEAU) and "metric" not in seen(PLATEAU, parameter="lr")
    assert "momentum" not in seen(ONECYCLE, parameter="lr")


def test_the_momentum_alone_is_drawn_and_told():
    lines = seen(ONECYCLE, parameter="momentum")
    assert lines[0].startswith("momentum  OneCycleLR(")
    assert lines[lines.index("") + 1].split() == ["step", "momentum", "what"]
    assert [line.split() for line in lines[-3:]] == [
        ["0", "0.95", "start"],
        ["29", "0.85", "peak"],
        ["99", "0.95", "end"],
    ]
    with pytest.raises(Refusal, match="CosineAnnealingLR leaves alone"):
        view(COSINE, Screen(), Options(parameter="momentum"))


def test_points_stand_alone_and_a_line_goes_straight():
    few = [curve_of([1.0, 0.0])]
    dots, heights = columns_of("\n".join(seen(few, draw="points", events=False)))
    assert dots == {0: {heights - 1}, 75: {0}}
    dots, heights = columns_of("\n".join(seen(few, draw="line", events=False)))
    assert max(dots) == 75 and max(dots[0]) == heights - 1 and min(dots[75]) == 0
    middle = sorted(dots[37] | dots[38])
    assert abs(middle[len(middle) // 2] - (heights - 1) / 2) <= 1


@pytest.mark.parametrize("size", SCREENS)
def test_a_grid_of_panels_is_whole(size):
    lines = seen(FOUR, Screen(*size), facet=True)
    assert len(lines) <= size[1] - 1 and all(width_of(line) <= size[0] for line in lines)
    assert sum(line.count("└") for line in lines) == 4
    names = ("CosineAnneali", "StepLR(", "ExponentialLR", "LinearLR()")
    assert all(sum(name in line for line in lines) == 1 for name in names)
    tall = seen(MANY, Screen(40, 15), facet=True)
    assert sum(line.count("└") for line in tall) == 12


def test_panels_of_a_grid_share_their_axes():
    lines = seen([curve_of([1.0] * 10, "high"), curve_of([0.4] * 10, "low")], facet=True, title="")
    row = next(line for line in lines if line.startswith("0.4"))
    left, right = row[4:].split("┤", 2)[1:]
    assert not left.strip() and right.strip("⠉⠒⠤⣀") == ""


def test_each_parameter_group_has_a_panel_of_a_grid():
    lines = seen(GROUPS, facet=True)
    assert sum(line.count("└") for line in lines) == 3
    assert re.split(" {2,}", lines[1]) == ["", "group 0, lr=0.1", "group 1, lr=0.01", "group 2, lr=0.001"]
    assert not any(line[:2] in ("a ", "b ") for line in lines)


def test_a_grid_shows_the_momentum_too_where_both_are_asked_for():
    both = [*ONECYCLE, *COSINE]
    lines = seen(both, Screen(80, 30), facet=True, parameter="both")
    assert len(lines) <= 29 and lines[0].startswith("  lr") and "momentum" in lines
    assert sum(line.count("└") for line in lines) == 4
    assert "momentum" not in seen(both, Screen(80, 30), facet=True)


def test_the_momentum_of_the_second_curve_alone_has_its_own_mark():
    lines = seen([*COSINE, *ONECYCLE], parameter="momentum")
    dots, heights = columns_of("\n".join(lines))
    assert sorted(dots) == list(range(2 * (80 - len("0.96") - 2))) and heights > 4 * 8
    assert [line.split()[-1] for line in lines[-3:]] == ["start", "peak", "end"]


@pytest.mark.parametrize("width", [2, 3, 5, 8, 13, 20, 29])
@pytest.mark.parametrize("unicode", [False, True])
@pytest.mark.parametrize("facet", [False, True])
@pytest.mark.parametrize("curves", [COSINE, FOUR, GROUPS, ONECYCLE], ids=["one", "four", "groups", "momentum"])
def test_no_line_is_wider_than_the_narrowest_screen(width, unicode, facet, curves):
    for line in seen(curves, Screen(width, 15, unicode=unicode), facet=facet):
        assert width_of(line) <= width


def test_the_width_is_that_of_a_narrow_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "12")
    assert Screen.of(Stream(), {}).width == 12


@pytest.mark.parametrize("rate", [5e-324, 1e-320, 1e-310, 3e-301])
def test_ticks_are_true_below_what_is_usual(rate):
    lines = seen([curve_of([rate, rate / 2, rate])], events=False)
    dots, heights = columns_of("\n".join(lines))
    ticks = [float(line.split("┤")[0]) for line in lines if "┤" in line]
    assert ticks == sorted(ticks, reverse=True) and ticks[-1] == 0 and rate <= ticks[0] <= 2 * rate
    assert abs(max(dots[0]) - (heights - 1) * (rate / ticks[0])) <= 1


def test_two_ticks_never_stand_at_one_row():
    lines = seen(PLATEAU, Screen(40, 15))
    metric = lines[lines.index("metric") :]
    ticks = [float(line.split("┤")[0]) for line in metric if "┤" in line]
    rows = [i for i, line in enumerate(metric) if "┤" in line]
    spans = {(high - low) / (down - up) for high, low, up, down in zip(ticks, ticks[1:], rows, rows[1:])}
    assert len(spans) == 1


def test_the_command_draws_what_its_flags_ask_for():
    lines = ok("onecycle", "--max-lr", "0.1", "--total-steps", "100", "--term", "--parameter", "momentum").splitlines()
    assert lines[0].startswith("momentum")
    lines = ok("cosine", "--T-max", "20", "--term", "--x-range", "30,50", "--no-events").splitlines()
    assert numbers_beneath(lines)[0] == 30 and "what" not in lines[-1]
    done = lrplot("cosine", "--T-max", "20", "--term", "--x-range", "500,600")
    assert (done.returncode, done.stderr) == (
        2,
        "lrplot: x_range: there is no step from 500 to 600: the run has steps 0 to 99\n",
    )


# In a pseudo-terminal.


def run_in_terminal(columns, arguments, environ):
    """What a command writes into a terminal of so many columns."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    deciding = ("COLUMNS", "LINES", "NO_COLOR", "LC_ALL", "LC_CTYPE", "DISPLAY", "WAYLAND_DISPLAY")
    kept = {key: value for key, value in os.environ.items() if key not in deciding}
    environ = {**kept, "TERM": "xterm-256color", "LANG": "C.UTF-8", **environ}
    with subprocess.Popen(
        [sys.executable, "-m", "lrplot", *arguments], stdin=follower, stdout=follower, stderr=follower, env=environ
    ) as process:
        os.close(follower)
        written = b""
        while True:
            try:
                chunk = os.read(leader, 65536)
            except OSError:  # Linux tells the end of a terminal so
                break
            if not chunk:
                break
            written += chunk
    os.close(leader)
    assert process.returncode == 0, written
    return written.decode().replace("\r\n", "\n")


@pytest.mark.process
@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("environ", [{}, {"NO_COLOR": "1"}], ids=["colour", "NO_COLOR"])
def test_the_command_draws_at_the_width_of_its_terminal(columns, environ):
    written = run_in_terminal(columns, ["cosine", "--T-max", "20", "--term"], environ)
    assert ("\x1b[38;5;" in written) == (not environ)
    lines = CODES.sub("", written).rstrip("\n").split("\n")
    assert max(map(len, lines)) == columns  # the axis reaches to the edge
    assert [line.split()[-1] for line in lines[-6:]] == ["start", "lowest", "peak", "lowest", "peak", "end"]
    assert sum(0x2800 < ord(char) < 0x2900 for char in "".join(lines)) > columns


@pytest.mark.process
def test_the_command_without_a_display_draws_in_the_terminal_and_in_ASCII_where_the_locale_is_C():
    written = run_in_terminal(60, ["cosine", "--T-max", "20"], {"LC_ALL": "C", "NO_COLOR": "1"})
    assert written.isascii() and written.count("*") > 50
    assert max(map(len, written.split("\n"))) == 60


def test_a_pipe_gets_no_colour_codes():
    environ = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "50"}
    for arguments in (["cosine", "--T-max", "20", "--term"], ["explain", "cosine"]):
        written = ok(*arguments, env=environ)
        assert "\x1b" not in written and written.count("\n") > 20
