"""Long curves, cut to what a picture shows."""

import sys

import numpy
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lrplot.pictures.reduction import cells, extremes

CURVES = arrays(float, st.integers(1, 3000), elements=st.floats(-10, 10) | st.just(float("nan")), fill=st.floats(0, 1))


def test_a_short_curve_stays_whole():
    assert extremes(numpy.arange(400.0), 100).tolist() == list(range(400))


@given(CURVES, st.integers(1, 200))
def test_each_column_keeps_its_ends_its_lowest_and_its_highest(values, columns):
    picked = extremes(values, columns)
    assert (numpy.diff(picked) > 0).all() and picked[0] == 0 and picked[-1] == len(values) - 1
    size = len(values) // columns
    if size < 5:
        return
    assert len(picked) <= 6 * columns + 6 * (len(values) % columns)
    for start in range(0, size * columns, size):
        column, kept = values[start : start + size], values[picked[(picked >= start) & (picked < start + size)]]
        assert {start, start + size - 1} <= set(picked)
        if not numpy.isnan(column).all():
            assert numpy.nanmin(kept) == numpy.nanmin(column) and numpy.nanmax(kept) == numpy.nanmax(column)
        assert numpy.isnan(kept).any() == numpy.isnan(column).any()


@pytest.mark.parametrize("spike", [0, 1, 499_999, 999_998, 999_999])
def test_a_spike_of_a_single_step_is_kept(spike):
    values = numpy.zeros(1_000_000)
    values[spike] = 1
    assert spike in extremes(values, 1200) and spike in cells(values, 1200, 700)


@given(CURVES, st.integers(1, 50), st.integers(2, 50))
@example(numpy.array([2e-313, 0.0]), 1, 2)  # so near to each other that the scale was infinite
def test_of_points_every_cell_keeps_one(values, columns, rows):
    picked = cells(values, columns, rows)
    if len(values) <= columns or numpy.isnan(values).all():
        assert picked.tolist() == list(range(len(values)))
        return
    low, high = float(numpy.nanmin(values)), float(numpy.nanmax(values))
    scale = min((rows - 1) / (high - low), sys.float_info.max) if high > low else 0.0

    def cell(i):
        return i * columns // len(values), int((values[i] - low) * scale)

    finite = [i for i in range(len(values)) if not numpy.isnan(values[i])]
    assert {cell(i) for i in picked} == {cell(i) for i in finite} and len({cell(i) for i in picked}) == len(picked)
