"""Rates that swing faster than a picture shows: a band, with its envelope and the number of its cycles."""

from typing import Any, NamedTuple

import numpy
from numpy.typing import NDArray

Array = NDArray[Any]

STILL = 1e-12
"""A change by less than this part of the highest rate is rounding."""

PART = 0.02
"""Of all that a curve spans, what swings by less is drawn as a line."""

CYCLES = 1.7
"""What a rate changes in all, as a multiple of what it spans, where it goes there and back: 2 but for the ends."""

_BLOCK = 1 << 16
"""Values at a time: as many as stay in the processor's cache."""


class Band(NamedTuple):
    """Where a curve is between, along its steps."""

    x: Array
    low: Array
    high: Array


def band_of(x: Array, y: Array, parts: int) -> Band | None:
    """The band that a curve is where most of so many parts of it hold a cycle or more: None where it is a line.

    >>> x = numpy.arange(10_000)
    >>> band = band_of(x, x % 10 / 10, parts=100)
    >>> float(band.low.max()), float(band.high.min())
    (0.0, 0.9)
    >>> band_of(x, x % 1_000 / 1_000, parts=100)
    """
    if len(x) < 4 * parts or not numpy.isfinite(y).all():
        return None
    bounds = numpy.searchsorted(x, numpy.linspace(x[0], x[-1] + 1, parts + 1))
    starts = bounds[:-1]
    low, high = numpy.minimum.reduceat(y, starts), numpy.maximum.reduceat(y, starts)
    changes = numpy.abs(numpy.diff(y, append=y[-1]))
    changes[bounds[1:] - 1] = 0  # from one part to the next
    swings = (high - low > PART * (high.max() - low.min())) & (
        numpy.add.reduceat(changes, starts) > CYCLES * (high - low)
    )
    if 2 * numpy.count_nonzero(swings) <= parts:
        return None
    # A part may miss the end of a cycle: its neighbours have it.
    low = numpy.minimum(low, numpy.minimum(numpy.append(low[1:], low[-1]), numpy.insert(low[:-1], 0, low[0])))
    high = numpy.maximum(high, numpy.maximum(numpy.append(high[1:], high[-1]), numpy.insert(high[:-1], 0, high[0])))
    middles = (x[starts] + x[bounds[1:] - 1]) / 2
    middles[0], middles[-1] = x[0], x[-1]
    return Band(middles, low, high)


def count_cycles(values: Array) -> int:
    """How often a rate falls after it has risen, or begins by falling.

    >>> count_cycles(numpy.arange(1_000_000) % 10.0), count_cycles(-(numpy.arange(30) % 10.0))
    (99999, 3)
    """
    count, rising = 0, True
    for start in range(0, len(values) - 1, _BLOCK):
        piece = values[start : start + _BLOCK + 1]
        change, rounding = numpy.diff(piece), STILL * max(piece.max(), -piece.min())
        goes_up = change > rounding
        moves = goes_up | (change < -rounding)
        if not moves.all():
            goes_up = goes_up[moves]
        if len(goes_up):
            count += int(rising and not goes_up[0]) + int(numpy.count_nonzero(goes_up[:-1] & ~goes_up[1:]))
            rising = bool(goes_up[-1])
    return count
