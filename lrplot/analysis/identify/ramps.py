"""Proposals for what comes before a schedule: a way up (or down) to its first rate, and a hold there."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

import numpy

from lrplot.analysis.identify.curves import CURVES
from lrplot.analysis.identify.decimals import roundest, shortest
from lrplot.analysis.identify.fit import Column
from lrplot.analysis.identify.observed import Part, blunt
from lrplot.analysis.identify.shape import SHORT, Ramp

MOST = 8
"""Lengths that are tried where the log does not say when the ramp ends."""


def _log(x: Column, length: Column) -> Column:
    return numpy.log(x * length + 1) / numpy.log(numpy.maximum(length, 2))


FAR = 20
"""How much longer a ramp may be meant to be than it lasts."""

WAYS: Mapping[str, Callable[[Column, Column], Column]] = {
    **{kind: lambda x, length, left=CURVES[kind].left: 1 - left(x) for kind in ("line", "cosine")},  # type: ignore[misc]
    "1-sqrt": lambda x, length: 1 - numpy.sqrt(1 - x),
    "log": _log,
}
"""How much of a ramp is done when a part x of its steps is; 1-sqrt is flat first, as the decay of its name is last."""


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
    if held < before.size and blunt(before):  # the last steps of the way are hidden by what is rounded
        last = min(last + 2 + int(SHORT * last), begin)
    yield from _constant(rows, last, begin)
    lengths = _lengths(rows, last, begin, peak)
    told = rows.size + (held < before.size)
    for kind in WAYS if told > 2 else ("line", "log") if told > 1 else ("line",):
        most = {"line": math.inf, "log": begin + 1}.get(kind, begin)
        some = [length for length in lengths if length <= most]
        for length, low, high in _allowed(rows, some, peak, kind) if some else ():
            yield from (Ramp(kind, length, start, begin) for start in _starts(low, high, length, peak))


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
    whole = [n for n in (begin, begin + 1) if n >= first]
    return list(dict.fromkeys(n for n in [*whole, *near, *roundest(first, max(last, first), most=MOST)] if n > 0))


def _constant(rows: Part, last: int, begin: int) -> Iterator[Ramp]:
    """A rate that is held until it jumps."""
    if rows.size:
        rates = shortest(float(rows.low.max()), float(rows.high.min()))
        ends = roundest(rows.steps[-1] + 1, min(last, begin), most=2)
        yield from (Ramp("constant", end, rate, begin) for rate in rates for end in ends)


def _allowed(rows: Part, lengths: list[int], peak: float, kind: str) -> Iterator[tuple[int, float, float]]:
    """The lengths with which the rows may be on a ramp, and the bounds of where it begins with each."""
    if not rows.size:
        yield from ((length, 0.0, 0.0) for length in lengths)
        return
    long = numpy.array([length for length in lengths if length > rows.steps[-1]], dtype=float)[:, None]
    done = WAYS[kind](rows.steps / long, long) if len(long) else long
    with numpy.errstate(divide="ignore", invalid="ignore"):
        low, high = ((bound - peak * done) / (1 - done) for bound in (rows.low, rows.high))
    good = (done < 1).all(axis=1)
    for k in numpy.flatnonzero(good & (low.max(axis=1, initial=-math.inf) <= high.min(axis=1, initial=math.inf))):
        yield int(long[k, 0]), float(low[k].max()), float(high[k].min())


def _starts(low: float, high: float, length: int, peak: float) -> list[float]:
    """The rates within bounds at which a ramp may begin: short ones, short parts of the peak, one step of the ramp."""
    if low <= 0 <= high and peak > 0:  # then it is 0, or so little that nobody knows
        parts = [1e-8 * peak, 1e-6 * peak] if high > 1e-8 * peak else []
        return [0.0, *(part for part in parts if part <= high)]
    steps = [peak / length, peak / (length + 1)]
    parts = shortest(low / peak, high / peak) if peak else []
    found = [*shortest(low, high), *(part * peak for part in parts), *steps]
    return list(dict.fromkeys(start for start in found if low <= start <= high and start >= 0))
