"""Rates that swing faster than a picture shows."""

import numpy
import pytest

from lrplot.pictures.bands import band_of, count_cycles
from tests.pictures import curve, drawn, lines_in, near, pixels, place, words

BLUE = "#1f5fa8"


def test_a_thousand_restarts_are_a_band_with_its_envelope_and_a_count():
    restarts = curve("warm-restarts", T_0=10, steps=10_000)
    figure = drawn(restarts)
    (axes,) = figure.axes
    picture = pixels(figure)
    middle, column = place(axes, 5_000, 0.0005, len(picture))
    assert not near(picture, BLUE, 60)[middle - 5 : middle + 5, column - 200 : column + 200].any()  # no solid block
    assert (numpy.abs(picture[middle, column] - 255).max()) > 30  # but a band
    for value in (restarts.lr.max(), restarts.lr.min()):
        row, column = place(axes, 5_000, value, len(picture))
        assert near(picture, BLUE)[row, column]
    assert "1,000 cycles" in words(figure) and not any("restart" in word for word in words(figure))


@pytest.mark.parametrize("log_y", [False, True])
def test_the_envelope_follows_the_peaks(log_y):
    decays = curve("cyclic", base_lr=0.001, max_lr=0.1, step_size_up=5, mode="exp_range", gamma=0.9997, steps=10_000)
    figure = drawn(decays, parameter="lr", log_y=log_y, dpi=50, size="8x5in")
    (upper,) = lines_in(figure.axes[0])
    x, y = upper.get_data()
    peaks = decays.lr[5::10]
    expected = numpy.interp(x, numpy.arange(5, 10_000, 10), peaks)
    assert numpy.abs(y[3:-3] / expected[3:-3] - 1).max() < 0.15


@pytest.mark.parametrize("T_0", [20, 50, 1_000])
def test_cycles_that_can_be_told_apart_are_drawn(T_0):
    figure = drawn(curve("warm-restarts", T_0=T_0, steps=20 * T_0), size="8x5in", dpi=60)
    assert not figure.axes[0].collections and "restart, 19 times" in words(figure)


def test_a_way_of_drawing_that_is_asked_for_is_taken():
    for draw in ("line", "stairs", "points"):
        assert (
            not drawn(curve("warm-restarts", T_0=10, steps=3_000), draw=draw, dpi=50, size="8x5in").axes[0].collections
        )


@pytest.mark.parametrize("steps", [10, 1_000, 1_000_000])
def test_a_cosine_a_staircase_and_a_constant_are_no_bands(steps):
    x = numpy.arange(steps)
    for y in (numpy.cos(x * 10 / steps), numpy.floor(x * 20 / steps), numpy.ones(steps), 0.97 ** (x * 200 / steps)):
        assert band_of(x, y, parts=100) is None


@pytest.mark.parametrize("period, cycles", [(2, 500_000), (10, 100_000), (100_000, 10)])
def test_cycles_are_counted_to_the_last(period, cycles):
    x = numpy.arange(1_000_001) % period
    assert count_cycles(-x / period) == cycles  # as warm restarts: each falls
    assert count_cycles(numpy.minimum(x, period - x) / period) == cycles


def test_what_rounding_leaves_is_no_cycle():
    still = 0.1 + 1e-17 * numpy.random.default_rng(0).standard_normal(100_000)
    assert count_cycles(still * (1 + 1e-16)) == 0
