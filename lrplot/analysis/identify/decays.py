"""Proposals whose curve becomes a line where it is looked at through the right glass: the rate itself, its logarithm,
one over it, one over its square, its root.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import product

import numpy

from lrplot.analysis.identify.decimals import roundest, shortest
from lrplot.analysis.identify.fit import misfits
from lrplot.analysis.identify.observed import Part, flat_tail
from lrplot.analysis.identify.region import Region, solve
from lrplot.analysis.identify.shape import Shape
from lrplot.analysis.identify.whole import feasible

POWERS = (2.0, 0.5, 0.9, 3.0, 1.5, 4.0, 5.0, 0.8, 0.75, 1.2, 0.7, 2.5)
LIKELY = 3
"""Powers that are looked at more closely."""
RATES = (0.9, 0.5, 0.1, 0.95, 0.96, 0.98, 0.99, 0.94, 0.97, 0.8, 0.7, 0.2, 0.01, 0.85, 0.6, 0.3)
FLOORS = (0.0, 1e-7, 1e-6, 1e-5, 1e-8)


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


def _log(part: Part) -> Part:
    return Part(part.steps, numpy.log(part.low), numpy.log(part.high))


def _inverse(part: Part) -> Part:
    return Part(part.steps, 1 / part.high, 1 / part.low)


def _inverse_square(part: Part) -> Part:
    return Part(part.steps, 1 / part.high**2, 1 / part.low**2)


is_exponential, is_reciprocal, is_root = map(_through, (_log, _inverse, _inverse_square))


def is_line(part: Part) -> bool:
    """Whether the rows are on a line."""
    return part.size < 2 or _linear(part.since(part.steps[0])) is not None


def exponential(part: Part) -> Iterator[Shape]:
    """A factor a step, or one for so many steps."""
    part = part.positive
    if part.size < 2:
        return
    region = solve(numpy.ones(part.size), part.steps, *_log(part)[1:])
    if region is None:
        return
    for start in shortest(*map(math.exp, region.first)):
        bounds = [math.exp(bound) for bound in region.along(math.log(start))]
        for gamma in shortest(*bounds):
            yield Shape("exponential", start, more={"gamma": gamma})
        for rate in RATES:
            if (rate < 1) == (bounds[0] < 1) and bounds[0] != 1 != bounds[1]:
                counts = sorted(math.log(rate) / math.log(bound) for bound in bounds)
                yield from (
                    Shape("exponential", start, length=steps, more={"gamma": rate})
                    for steps in roundest(counts[0], counts[1], most=2)
                    if steps > 1
                )


def root(part: Part) -> Iterator[Shape]:
    """One over the root of the time, which is counted from one timescale before."""
    part = part.positive
    if part.size < 2:
        return
    region = solve(numpy.ones(part.size), part.steps, *_inverse_square(part)[1:])
    if region is None or region.first[0] <= 0:
        return
    for start in shortest(*(1 / math.sqrt(bound) for bound in region.first[::-1])):
        slopes = region.along(1 / start**2)
        if slopes[0] > 0:
            scales = [1 / start**2 / slope for slope in slopes]
            yield from (Shape("root", start, length=scale) for scale in roundest(scales[1], scales[0]))


def reciprocal(part: Part) -> Iterator[Shape]:
    """One over the time: 1 / (1 + rate * t)."""
    part = part.positive
    if part.size < 2:
        return
    region = solve(numpy.ones(part.size), part.steps, *_inverse(part)[1:])
    if region is None or region.first[0] <= 0:
        return
    for start in shortest(*(1 / bound for bound in region.first[::-1])):
        rates = [slope * start for slope in region.along(1 / start)]
        yield from (Shape("reciprocal", start, more={"rate": rate}) for rate in shortest(*rates) if rate > 0)
        for per in RATES if rates[0] > 0 else ():
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
    for length in _lengths(rows, region, tail, part.steps[-1]):
        if (both := eased(part, length)) is not None:
            for start, end in pairs(both):
                yield Shape("line", start, end, length, None if tail is None else True)


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
    soon = last + float(numpy.median(numpy.diff(rows.steps)))  # the run may go on until just before the next row
    yield from dict.fromkeys([*roundest(last + 1, soon), int(last) + 1, int(last), *roundest(last, 2 * last, most=1)])


def _short(part: Part) -> Iterator[Shape]:
    """A line of which the log has one point before the rate that is held."""
    for length in roundest(max(part.steps[0], 0) + 1, part.steps[1]):
        if (region := eased(part, length)) is not None:
            yield from (Shape("line", start, end, length, True) for start, end in pairs(region))


def power(part: Part) -> Iterator[Shape]:
    """To another rate along a power of the time that is left."""
    rows, tail = moving(part)
    if rows.size < 3 or rows.values[0] <= rows.values[-1]:
        return
    yield from _to_zero(part, rows, tail)
    for exponent, estimate in _ends_of(rows, tail, part):

        def allows(length: int, exponent: float = exponent) -> bool:
            return eased(part, length, exponent) is not None

        for length in feasible(allows, estimate, low=int(rows.steps[-1])):
            region = eased(part, length, exponent)
            for start, end in pairs(region) if region is not None else ():
                yield Shape("power", start, end, length, None if tail is None else True, {"power": exponent})


def is_power(part: Part) -> bool:
    """Whether the rows may be on a power of the time that is left."""
    rows, tail = moving(part.since(part.steps[0]))
    if rows.size < 4:
        return True
    if rows.values[0] <= rows.values[-1]:
        return False
    return bool(_ends_of(rows, tail, part)) or _is_any_power(rows)


def _is_any_power(rows: Part) -> bool:
    rows = rows if rows.low[-1] > 0 else rows.rows(0, -1)
    if rows.low.min() <= 0:
        return False
    few = rows.thinned(100)
    logs = numpy.log(few.values)
    worst = misfits(logs, numpy.log1p(-few.steps / _end_of_logs(rows))[None, :])[0]
    wide = numpy.log(few.high / few.low).max() / numpy.abs(logs).max()
    return bool(worst < 3 * wide + 1e-4)


def _ends_of(rows: Part, tail: tuple[float, float] | None, part: Part) -> list[tuple[float, float]]:
    """The powers with which the rates may be on a line, and about where they end."""
    few = rows.thinned(60)
    last, wide = float(rows.steps[-1]), float(numpy.abs(few.high - few.low).max() / numpy.abs(few.values).max())
    ends = last + numpy.geomspace(1e-3, 20, 40) * max(last, 1.0)
    if tail is not None:
        ends = numpy.linspace(last, float(part.steps[rows.size]), 21)[1:]
    powers, grid = (column.ravel() for column in numpy.meshgrid(POWERS, ends, indexing="ij"))
    worst = misfits(few.values, (1 - few.steps / grid[:, None]).clip(0) ** powers[:, None])
    worst = worst.reshape(len(POWERS), len(ends))
    likely = numpy.argsort(worst.min(axis=1))[:LIKELY]
    width = 0.2 * (ends[-1] - last) if tail is None else ends[1] - ends[0]
    near = [_nearer(few, POWERS[k], float(ends[int(worst[k].argmin())]), width) for k in likely]
    return [(POWERS[k], end) for k, (misfit, end) in zip(likely, near) if misfit < 3 * wide + 1e-3 / few.size]


def _nearer(few: Part, exponent: float, end: float, width: float) -> tuple[float, float]:
    """Where a power ends, more exactly, and how well that fits."""
    last, misfit = float(few.steps[-1]), math.inf
    for _ in range(3):
        width = min(width, 0.25 * max(end - last, 1.0))
        ends = numpy.linspace(max(end - width, last), end + width, 41)
        worst = misfits(few.values, (1 - few.steps / ends[:, None]).clip(0) ** exponent)
        misfit, end = float(worst.min()), float(ends[int(worst.argmin())])
        width /= 15
    return misfit, end


def _to_zero(part: Part, rows: Part, tail: tuple[float, float] | None) -> Iterator[Shape]:
    """The same to 0, with a power of any kind."""
    if tail is not None and not tail[0] <= 0 <= tail[1]:
        return
    rows = rows if rows.low[-1] > 0 else rows.rows(0, -1)
    if rows.size < 3 or rows.low.min() <= 0:
        return
    logs = _log(rows)

    def region(length: float) -> Region | None:
        return solve(numpy.ones(rows.size), numpy.log1p(-rows.steps / length), logs.low, logs.high)

    estimate = _end_of_logs(rows)
    bound = 10**9 if tail is None else int(part.steps[-1])
    for length in feasible(lambda n: region(n) is not None, estimate, low=int(rows.steps[-1]) + 1, high=bound):
        if (allowed := region(length)) is not None:
            starts = shortest(*map(math.exp, allowed.first))
            yield from (
                Shape("power", start, 0.0, length, None if tail is None else True, {"power": exponent})
                for start, exponent in product(starts, shortest(*allowed.second))
                if allowed.along(math.log(start))[0] <= exponent <= allowed.along(math.log(start))[1]
            )


def _end_of_logs(rows: Part) -> float:
    """The same for a power that is not known: where the logarithms are on a line."""
    few, last = rows.thinned(100), float(rows.steps[-1])
    ends, width = last + numpy.geomspace(1e-2, 20 * max(last, 1.0), 150), math.inf
    for _ in range(4):
        logs = numpy.log1p(-few.steps / ends[:, None])
        # rates near 0 have the largest errors in their logarithm
        worst = misfits(numpy.log(few.values), logs)
        end = float(ends[int(worst.argmin())])
        width = min(width, 0.15 * (end - last))
        ends = numpy.linspace(end - width, end + width, 41)
        width /= 18
    return end


def one_minus_root(part: Part) -> Iterator[Shape]:
    """To another rate along one minus the root of the time: steep first, flat later."""
    rows, tail = moving(part)
    if rows.size < 3:
        return
    clocked = rows._replace(steps=numpy.sqrt(rows.steps))
    region = _linear(clocked)
    if region is None or is_line(rows):
        return
    last = int(part.steps[-1])
    soon = last + float(numpy.median(numpy.diff(part.steps)))
    lengths = {last, last + 1, *roundest(last + 1, soon), *roundest(last, 2 * last, most=1)}
    if tail is not None:
        lengths = set(roundest(rows.steps[-1], part.steps[rows.size], most=12))
    else:
        scale = clocked.steps[-1]
        ends = [(-a * scale / b) ** 2 for a, b in region.corners if b < 0]
        lengths |= set(roundest(min(ends) - 1e-6, max(ends) + 1e-6)) if ends else set()
    for length in sorted(lengths):
        left = 1 - numpy.sqrt(numpy.minimum(part.steps / max(length, 1), 1.0))
        if (allowed := solve(left, 1 - left, part.low, part.high)) is not None:
            for start, end in pairs(allowed):
                yield Shape("1-sqrt", start, end, length, None if tail is None else True)
