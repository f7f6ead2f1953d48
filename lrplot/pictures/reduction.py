"""Long curves, cut down to what a picture can show: the edges of a line in each pixel column, a point in each pixel."""

import sys
from typing import Any

import numpy
from numpy.typing import NDArray

Array = NDArray[Any]

_BLOCK = 1 << 16
"""Values at a time: as many as stay in the processor's cache."""


def extremes(values: Array, columns: int) -> Array:
    """The indices of the first, lowest, highest and last value in each of ``columns`` equal parts, in order.

    A line through these covers the pixels that a line through all would: within a column only the extremes show. Short
    curves come back whole. A value that is not a number stays, as a gap.

    >>> values = numpy.zeros(1_000_000)
    >>> values[123_456] = 1.0
    >>> 123_456 in extremes(values, 1000), len(extremes(values, 1000)) <= 4000
    (True, True)
    """
    size = len(values) // columns
    if size < 5:
        return numpy.arange(len(values))
    whole = size * columns
    table = values[:whole].reshape(columns, size)
    starts = numpy.arange(0, whole, size)
    # argmin and argmax stop at a NaN, so that a column with one keeps it.
    picked = [starts, starts + table.argmin(axis=1), starts + table.argmax(axis=1), starts + size - 1]
    if not numpy.isfinite(values[picked[1]]).all():
        finite = numpy.isfinite(table)
        picked += [
            starts + numpy.where(finite, table, numpy.inf).argmin(axis=1),
            starts + numpy.where(finite, table, -numpy.inf).argmax(axis=1),
        ]
    rest = extremes(values[whole:], columns) + whole if whole < len(values) else numpy.empty(0, dtype=int)
    return numpy.unique(numpy.concatenate([*picked, rest]))


def cells(values: Array, columns: int, rows: int) -> Array:
    """The index of one value in each cell of a grid that holds any, in order: what a picture of points can show.

    >>> values = numpy.arange(1_000_000) % 7.0
    >>> len(cells(values, 100, 50))
    700
    """
    finite = values[numpy.isfinite(values)]
    if len(values) <= columns or not len(finite):
        return numpy.arange(len(values))
    low, high = float(finite.min()), float(finite.max())
    scale = min((rows - 1) / (high - low), sys.float_info.max) if high > low else 0.0
    latest = numpy.full(columns * rows, -1)
    for start in range(0, len(values), _BLOCK):
        part = values[start : start + _BLOCK]
        inside = numpy.flatnonzero(numpy.isfinite(part))
        at = start + inside
        latest[at * columns // len(values) * rows + ((part[inside] - low) * scale).astype(int)] = at
    return numpy.sort(latest[latest >= 0])
