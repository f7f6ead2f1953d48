"""Proposals along a power of the time that is left: to any rate with a power that people type, to 0 with any power.

With a known power the rates are on a line, whose misfit says where it ends; with an unknown one their logarithms are on
a line over the logarithm of what is left.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product

import numpy

from lrplot.analysis.identify.decays import eased, logarithms, moving, pairs
from lrplot.analysis.identify.decimals import raised, shortest
from lrplot.analysis.identify.fit import misfits
from lrplot.analysis.identify.observed import BLUNT, Part
from lrplot.analysis.identify.region import Region, solve
from lrplot.analysis.identify.shape import Shape
from lrplot.analysis.identify.whole import feasible

POWERS = (2.0, 0.5, 0.9, 3.0, 1.5, 4.0, 5.0, 0.8, 0.75, 1.2, 0.7, 2.5)
LIKELY = 3
"""Powers that are looked at more closely."""


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
        ends = numpy.linspace(last, float(part.steps[rows.size]) + (last * wide**0.5 if wide > BLUNT else 0.0), 41)[1:]
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
    logs = logarithms(rows)

    def region(length: float) -> Region | None:
        return solve(numpy.ones(rows.size), numpy.log1p(-rows.steps / length), logs.low, logs.high)

    estimate = _end_of_logs(rows)
    bound = 10**9 if tail is None else int(part.steps[-1])
    for length in feasible(lambda n: region(n) is not None, estimate, low=int(rows.steps[-1]) + 1, high=bound):
        if (allowed := region(length)) is not None:
            starts = shortest(*raised(allowed.first))
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
