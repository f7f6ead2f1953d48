"""The options of a plot: sizes, ranges and words, checked where they are given."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrplot.parameters import Refusal, parameters_of
from lrplot.pictures.look import Look, Uncertain


@pytest.mark.parametrize(
    "size, dpi, inches",
    [
        ("1200x700", 150, (8, 700 / 150)),
        ("1200x700", 100, (12, 7)),
        ("1200 × 700 px", 200, (6, 3.5)),
        ("16x9cm", 150, (16 / 2.54, 9 / 2.54)),
        ("160x90mm", 150, (160 / 25.4, 90 / 25.4)),
        ("8x4.5in", 96, (8, 4.5)),
        ("8X4.5IN", 96, (8, 4.5)),
    ],
)
def test_a_size_is_in_pixels_or_in_its_unit(size, dpi, inches):
    assert Look(size=size, dpi=dpi).inches == pytest.approx(inches)


@pytest.mark.parametrize(
    "size",
    [
        "",
        "1200",
        "1200x",
        "x700",
        "12x7",
        "-1200x700",
        "1200x700pt",
        "1e3x700",
        "30000x700",
        "0x0",
        "1_200x700",
        "１２００x700",
        "nanxnan",
    ],
)
def test_a_size_that_is_none_or_beyond_reason_is_refused(size):
    with pytest.raises(ValueError, match=r"size must be width x height as in 1200x700, 16x9cm or 8x4\.5in"):
        Look(size=size)


@given(st.integers(100, 6_000), st.integers(100, 6_000), st.integers(20, 1200))
def test_pixels_are_inches_times_dpi(width, height, dpi):
    inches = Look(size=f"{width}x{height}", dpi=dpi).inches
    assert inches.width * dpi == pytest.approx(width) and inches.height * dpi == pytest.approx(height)


@pytest.mark.parametrize("name", ["x_range", "y_range"])
@pytest.mark.parametrize("ends", [[], [1], [1, 2, 3], [2, 1], [1, 1], [float("nan"), 1]])
def test_a_range_has_two_ends_in_order(name, ends):
    with pytest.raises(ValueError, match=f"{name} must be two numbers, the lower one first"):
        Look(**{name: ends})


def test_a_range_ends_where_ticks_can_be_computed():
    assert Look(x_range=[-1e200, 1e200]).x_range == (-1e200, 1e200)
    with pytest.raises(ValueError, match=r"y_range must be two numbers from -1e\+200 to 1e\+200, got \[0, 1e\+300\]"):
        Look(y_range=[0, 1e300])


@pytest.mark.parametrize("low", [0, -1, 1e-300])
def test_a_logarithmic_axis_starts_above_0(low):
    assert Look(y_range=[low, 1]).y_range == (low, 1)
    with pytest.raises(ValueError, match=r"y_range must start above 0 on a logarithmic axis \(log_y\), got"):
        Look(y_range=[low, 1], log_y=True)


@pytest.mark.parametrize(
    "option, message",
    [
        ({"theme": "blue"}, "theme must be 'light' or 'dark', got 'blue'"),
        ({"draw": "dots"}, "draw must be 'stairs' or 'line' or 'points', got 'dots'"),
        ({"parameter": "loss"}, "parameter must be 'lr' or 'momentum' or 'weight_decay' or 'both', got 'loss'"),
        ({"dpi": 10}, "dpi must be at least 20 and at most 1200, got 10"),
        ({"dpi": 5000}, "dpi must be at least 20 and at most 1200, got 5000"),
    ],
)
def test_what_is_not_among_the_choices_is_refused(option, message):
    with pytest.raises(ValueError, match=message):
        Look(**option)


@pytest.mark.parametrize(
    "option, parameter, problem",
    [
        ({"x_range": [2, 1]}, "x_range", "must be two numbers, the lower one first, got [2, 1]"),
        ({"y_range": [0, 1e300]}, "y_range", "must be two numbers from -1e+200 to 1e+200, got [0, 1e+300]"),
        ({"y_range": [0, 1], "log_y": True}, "y_range", "must start above 0 on a logarithmic axis (log_y), got [0, 1]"),
        (
            {"size": "9000x9000"},
            "size",
            "must be at most 36,000,000 pixels in all and 65,535 a side, got 9000x9000 at 150 dpi",
        ),
    ],
)
def test_a_refusal_is_data(option, parameter, problem):
    with pytest.raises(Refusal) as caught:
        Look(**option)
    assert (caught.value.parameter, caught.value.problem) == (parameter, problem)
    assert str(caught.value) == f"{parameter} {problem}"


def test_what_only_drawing_shows_is_uncertain():
    uncertain = {"style": "", "font": "x", "x": "samples", "x_range": [0, 1], "facet": True, "parameter": "both"}
    assert sorted(uncertain) == sorted(get_args(Uncertain))
    assert Look(title="T", y_range=[0, 1], size="800x500", draw="points").is_certain
    assert not any(Look(**{option: value}).is_certain for option, value in uncertain.items())


def test_every_option_is_explained():
    assert all(parameter.help.endswith(".") for parameter in parameters_of(Look))
