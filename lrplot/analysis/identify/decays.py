"""Proposals whose curve becomes a line where it is looked at through the right glass: the rate itself, its logarithm,
one over it, one over its square, its root.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy

from lrplot.analysis.identify.decimals import length, raised, roundest, shortest
from lrplot.analysis.identify.observed import Part, flat_tail
from lrplot.analysis.identify.region import Region, solve
from lrplot.analysis.identify.shape import Shape

MOST_ENDS = 4
RATES = (0.9, 0.5, 0.1, 0.95, 0.96, 0.98, 0.99, 0.94, 0.97, 0.8, 0.7, 0.2, 0.01, 0.85, 0.6, 0.3)


def level(part: Part) -> tuple[float, float] | None:
    """The bounds of the one rate that all rows allow."""
    low, high = float(part.low.max()), float(part.high.min())
    return (low, high) if low <= high else None


def constant(part: Part) -> Iterator[Shape]:
    """A rate that is held."""
    bounds = level(part)
    yield from (Shape("constant", rate, rate) for rate in shortest(*bounds)) if bounds else ()


def _linear(part: Part) -> Region | None:
    return solve(numpy.ones(part.size), part.steps / max(part.steps[-1], 1.0), part.low, part.high)


def _through(glass: Callable[[Part], Part]) -> Callable[[Part], bool]:
    """Whether the rows are on a line as they are seen through a glass."""

    def explains(part: Part) -> bool:
        part = part.positive
        return part.size < 2 or _linear(glass(part.since(part.steps[0]))) is not None

    return explains


def logarithms(part: Part) -> Part:
    """The rows with the logarithms of their rates."""
    return Part(part.steps, numpy.log(part.low), numpy.log(part.high))


def _inverse(part: Part) -> Part:
    return Part(part.steps, 1 / part.high, 1 / part.low)


def _inverse_square(part: Part) -> Part:
    return Part(part.steps, 1 / part.high**2, 1 / part.low**2)


is_exponential, is_reciprocal, is_root = map(_through, (logarithms, _inverse, _inverse_square))


def is_line(part: Part) -> bool:
    """Whether the rows are on a line."""
    return part.size < 2 or _linear(part.since(part.steps[0])) is not None


def exponential(part: Part) -> Iterator[Shape]:
    """A factor a step, or one for so many steps, to the end or until the rate is held."""
    part = part.positive
    rows, tail = moving(part)
    for some, held in ((part, {}), (rows, _held(tail))):
        if some.size < 2 or (region := _over_time(logarithms(some))) is None:
            continue
        for start in shortest(*raised(region.first)):
            bounds = raised(region.along(math.log(start)))
            yield from (Shape("exponential", start, more={"gamma": gamma}, **held) for gamma in shortest(*bounds))
            for gamma, steps in _factors(*bounds):
                yield Shape("exponential", start, length=steps, more={"gamma": gamma}, **held)
        break


def _held(tail: tuple[float, float] | None) -> dict[str, Any]:
    """What a shape has that is held at a rate between two."""
    return {"end": shortest(*tail)[0], "holds": True} if tail else {}


def _over_time(part: Part) -> Region | None:
    """The first values and the slopes of the lines on which the rows may be."""
    return solve(numpy.ones(part.size), part.steps, part.low, part.high)


def _factors(least: float, most: float) -> Iterator[tuple[float, int]]:
    """The factors that people type, and the steps in which each is reached by a factor within bounds."""
    for factor in RATES if least != 1 != most else ():
        if (factor < 1) == (least < 1):
            counts = sorted(math.log(factor) / math.log(bound) for bound in (least, most))
            yield from ((factor, steps) for steps in roundest(*counts, most=2) if steps > 1)


def root(part: Part) -> Iterator[Shape]:
    """One over the root of the time, which is counted from one timescale before; to the end or until it is held."""
    part = part.positive
    rows, tail = moving(part)
    for some, held in ((part, {}), (rows, _held(tail))):
        region = _over_time(_inverse_square(some)) if some.size > 1 else None
        if region is None or region.first[0] <= 0:
            continue
        for start in shortest(*(1 / math.sqrt(bound) for bound in region.first[::-1])):
            slopes = region.along(1 / start**2)
            scales = [1 / start**2 / slope for slope in slopes] if slopes[0] > 0 else [1.0, 0.0]
            yield from (Shape("root", start, length=scale, **held) for scale in roundest(scales[1], scales[0]))
        break


def reciprocal(part: Part) -> Iterator[Shape]:
    """One over the time: 1 / (1 + rate * t)."""
    part = part.positive
    region = _over_time(_inverse(part)) if part.size > 1 else None
    if region is None or region.first[0] <= 0:
        return
    for start in shortest(*(1 / bound for bound in region.first[::-1])):
        rates = [slope * start for slope in region.along(1 / start)]
        yield from (Shape("reciprocal", start, more={"rate": rate}) for rate in shortest(*rates) if rate > 0)
        for per in (1.0, *RATES) if rates[0] > 0 else ():
            counts = sorted(per / rate for rate in rates)
            yield from (
                Shape("reciprocal", start, length=steps, more={"rate": per})
                for steps in roundest(counts[0], counts[1], most=1)
                if steps > 1
            )


def pairs(region: Region) -> Iterator[tuple[float, float]]:
    """A start and an end that the rows allow, each as short as can be, or as a short part of the other."""
    found: dict[tuple[float, float], None] = {}
    for start in shortest(*region.first):
        found |= {(start, end): None for end in near(*region.along(start), start)}
    turned = Region(region.corners[:, ::-1])
    for end in shortest(*region.second):
        found |= {(start, end): None for start in near(*turned.along(end), end)}
    yield from ((start, end) for start, end in found if start >= 0 and end >= 0)


def near(low: float, high: float, whole: float) -> list[float]:
    """Numbers in an interval: the shortest, and short parts of a whole."""
    parts = shortest(low / whole, high / whole, most=1) if whole > 0 else []
    return list(dict.fromkeys([*shortest(low, high), *(part * whole for part in parts)]))


def eased(part: Part, length: float, power: float = 1.0) -> Region | None:
    """The pairs of start and end of a way along a power of the time that is left."""
    left = numpy.clip(1 - part.steps / length, 0, 1) ** power
    return solve(left, 1 - left, part.low, part.high)


def moving(part: Part) -> tuple[Part, tuple[float, float] | None]:
    """The rows before the rate is held to the end, and the bounds of the rate that is held, if any is."""
    first = flat_tail(part)
    if part.size - first < 2:
        return part, None
    return part.rows(0, first), level(part.rows(first))


def line(part: Part) -> Iterator[Shape]:
    """From one rate to another along a line."""
    rows, tail = moving(part)
    if rows.size < 2:
        if tail is not None and rows.size == 1:
            yield from _short(part)
        return
    region = _linear(rows)
    if region is None or (tail is None and level(part) is not None):
        return
    for steps in _lengths(rows, region, tail, part.steps[-1]):
        if (both := eased(part, steps)) is not None:
            for start, end in pairs(both):
                yield Shape("line", start, end, steps, None if tail is None else True)


def _lengths(rows: Part, region: Region, tail: tuple[float, float] | None, last: float) -> Iterator[int]:
    """The steps in which a line may reach the rate that is held after it, or else 0, or the end of the log."""
    scale = max(rows.steps[-1], 1.0)
    crossings = []
    for a, b in region.corners:
        for target in tail or (0.0,):
            if b * (target - a) > 0:
                crossings.append(scale * (target - a) / b)
    low, high = (min(crossings), max(crossings)) if crossings else (1.0, 0.0)
    if tail is not None:
        low = max(low - 1e-6, rows.steps[-1])
        yield from roundest(low, high + 1e-6, most=6)
        return
    if crossings:
        yield from roundest(max(low - 1e-6, last), high + 1e-6)
    soon = last + float(numpy.median(numpy.diff(rows.steps))) + 1  # the run may go on until just before the next row
    likely = [*rows.ends(last + 1, soon, most=3), int(last) + 1, int(last), *rows.ends(last, 2 * last, most=1)]
    yield from dict.fromkeys([*likely, *_to_short_ends(region, scale, last)])


def _to_short_ends(region: Region, scale: float, last: float) -> list[int]:
    """The lengths after which a line is at a rate that is shortest to type, of those that it may have after the log."""
    starts = shortest(*region.first, most=1)
    if not starts or last < 1:
        return []
    lengths = numpy.arange(last, 2 * last + 2)
    low, high = (starts[0] + lengths * slope / scale for slope in region.along(starts[0]))
    middle = (low + high) / 2
    for digits in (1, 2, 3):
        unit = 10.0 ** (numpy.floor(numpy.log10(numpy.maximum(numpy.abs(middle), 1e-300))) - digits + 1)
        short = lengths[(numpy.abs(numpy.round(middle / unit) * unit - middle) <= (high - low) / 2) & (middle > 0)]
        if len(short):
            return sorted(short.astype(int).tolist(), key=length)[:MOST_ENDS]
    return []


def _short(part: Part) -> Iterator[Shape]:
    """A line of which the log has one point before the rate that is held."""
    for steps in roundest(max(part.steps[0], 0) + 1, part.steps[1]):
        if (region := eased(part, steps)) is not None:
            yield from (Shape("line", start, end, steps, True) for start, end in pairs(region))
