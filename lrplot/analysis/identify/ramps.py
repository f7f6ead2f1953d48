"""Proposals for what comes before a schedule: a way up (or down) to its first rate, and a hold there."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy

from lrplot.analysis.identify.decimals import roundest, shortest
from lrplot.analysis.identify.fit import Column
from lrplot.analysis.identify.observed import Part
from lrplot.analysis.identify.shape import Ramp

MOST = 8
"""Lengths that are tried where the log does not say when the ramp ends."""


def _line(x: Column, length: int) -> Column:
    return x


def _cosine(x: Column, length: int) -> Column:
    return (1 - numpy.cos(numpy.pi * x)) / 2


def _root(x: Column, length: int) -> Column:
    return 1 - numpy.sqrt(1 - x)


def _log(x: Column, length: int) -> Column:
    return numpy.log(x * length + 1) / math.log(length) if length > 1 else x


FAR = 20
"""How much longer a ramp may be meant to be than it lasts."""

WAYS = {"line": _line, "cosine": _cosine, "1-sqrt": _root, "log": _log}
"""How much of a ramp is done when a part of its steps is."""


def ramps(before: Part, begin: int, peak: float) -> Iterator[Ramp]:
    """The ramps to ``peak`` that the rows before a schedule allow, which begins at a step.

    Args:
        before: The rows with the steps before ``begin``.
    """
    at_peak = (before.low <= peak) & (peak <= before.high)
    moving = numpy.flatnonzero(~at_peak)
    held = int(moving[-1]) + 1 if len(moving) else 0
    if held == 0:
        yield Ramp("constant", 0, peak, begin)
        if before.size:
            return
    rows = before.rows(0, held)
    last = int(before.steps[held]) if held < before.size else begin
    lengths = _lengths(rows, last, begin, peak)
    yield from _constant(rows, last, begin)
    for length in lengths:
        for kind, way in WAYS.items():
            if (kind == "line" or rows.size > 2) and (length <= begin or kind == "line"):
                yield from (Ramp(kind, length, start, begin) for start in _starts(rows, length, peak, way))


def _lengths(rows: Part, last: int, begin: int, peak: float) -> list[int]:
    """The steps in which a ramp may be over: near where a line crosses the peak, if there are two points on it."""
    first = int(rows.steps[-1]) + 1 if rows.size else 1
    near: list[int] = []
    rise = rows.values[-1] - rows.values[0] if rows.size > 1 else 0.0
    if abs(rise) > 1e-6 * abs(peak):
        crossing = rows.steps[0] + (peak - rows.values[0]) * (rows.steps[-1] - rows.steps[0]) / rise
        wide = 2 + 0.02 * abs(crossing)
        near = [n for n in roundest(crossing - wide, crossing + wide, most=MOST) if n >= first]
        near = [round(crossing), *near] if crossing >= first else near
        near = near if crossing < FAR * begin else []
    whole = [begin] if begin >= first else []
    return list(dict.fromkeys(n for n in [*whole, *near, *roundest(first, max(last, first), most=MOST)] if n > 0))


def _constant(rows: Part, last: int, begin: int) -> Iterator[Ramp]:
    """A rate that is held until it jumps."""
    if rows.size:
        rates = shortest(float(rows.low.max()), float(rows.high.min()))
        ends = roundest(rows.steps[-1] + 1, min(last, begin), most=2)
        yield from (Ramp("constant", end, rate, begin) for rate in rates for end in ends)


def _starts(rows: Part, length: int, peak: float, way: object) -> list[float]:
    """The rates at which a ramp may begin: short ones, short parts of the peak, and one step of the ramp."""
    assert callable(way)
    if not rows.size:
        return [0.0]
    done = way(rows.steps / length, length) if length > rows.steps[-1] else None
    if done is None:
        return []
    left = 1 - done
    if (left <= 0).any():
        return []
    low = float(((rows.low - peak * done) / left).max())
    high = float(((rows.high - peak * done) / left).min())
    if low > high:
        return []
    near = [peak / length, peak / (length + 1)]
    if low <= 0 <= high and peak > 0:  # then it is 0, or so little that nobody knows
        parts = [1e-8 * peak, 1e-6 * peak] if high > 1e-8 * peak else []
        return [0.0, *(part for part in parts if part <= high)]
    found = [*shortest(low, high), *(part * peak for part in shortest(low / peak, high / peak)), *near]
    return list(dict.fromkeys(start for start in found if low <= start <= high and start >= 0))
