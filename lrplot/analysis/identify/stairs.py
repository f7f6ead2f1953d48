"""Proposals that hold the rate between jumps: a factor at intervals or at milestones, and levels of any kind."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy
from numpy.typing import NDArray

from lrplot.analysis.identify.decimals import raised, roundest, shortest
from lrplot.analysis.identify.fit import Column
from lrplot.analysis.identify.observed import Part, runs
from lrplot.analysis.identify.region import solve
from lrplot.analysis.identify.shape import Shape

MOST_LEVELS = 60
MOST_SIZES = 12
MOST_DROPS = 2_500
CLEAR = 0.2
"""The part of a jump that may be rounding."""


def drops(part: Part) -> Iterator[Shape]:
    """The same factor at each of some steps, once or several times."""
    part = part.positive
    if part.size < 2:
        return
    logs = numpy.log(part.values)
    changes = numpy.flatnonzero(numpy.diff(part.values) != 0)
    if not 0 < len(changes) <= MOST_DROPS:
        return
    jumps = logs[changes + 1] - logs[changes]
    if (jumps > 0).any() and (jumps < 0).any():
        return
    wide = part.high / part.low - 1
    blurred = wide[changes] + wide[changes + 1]
    clear = blurred < CLEAR * numpy.abs(jumps)
    told = False
    if clear.any():
        least = float(jumps[clear][numpy.abs(jumps[clear]).argmin()])
        for parts in (1, 2, 3):
            counts = numpy.rint(jumps / (least / parts))
            passed = numpy.zeros(part.size)
            passed[changes + 1] = counts
            made = list(_with_drops(part, passed.cumsum(), _edges(part, changes, counts.astype(int))))
            told = told or bool(made)
            yield from made
    if not told:
        yield from _at_intervals(part, changes)


def _with_drops(part: Part, passed: Column, edges: list[tuple[int, int, int]]) -> Iterator[Shape]:
    """The factors that are possible where so many drops have passed at each row."""
    region = solve(numpy.ones(part.size), passed, numpy.log(part.low), numpy.log(part.high))
    if region is None:
        return
    low, high = _period(part, passed)
    sizes = shortest(low * (1 + 1e-9), high, most=1) if low < high else []
    more = {"edges": edges, "size": _size(part, passed), "period": sizes[0] if sizes else None}
    for start in shortest(*raised(region.first)):
        for gamma in shortest(*raised(region.along(math.log(start)))):
            yield Shape("stairs", start, more={"gamma": gamma, **more})


def _at_intervals(part: Part, changes: NDArray[Any]) -> Iterator[Shape]:
    """Drops at intervals, the first of them where the first is seen: later ones may be too small to be."""
    row = int(changes[0])
    for size in roundest(part.steps[row] + 1, part.steps[row + 1], most=MOST_SIZES):
        last = int(part.steps[-1])
        edges = [(step, step, 1) for step in range(size, last + 1, size)]
        yield from _with_drops(part, part.steps // size, edges)


def _edges(part: Part, changes: NDArray[Any], counts: NDArray[Any]) -> list[tuple[int, int, int]]:
    """The first and the last step at which each jump may be, and how often the factor is in it."""
    return [
        (int(part.steps[row]) + 1, int(part.steps[row + 1]), int(count)) for row, count in zip(changes, counts) if count
    ]


def _size(part: Part, passed: NDArray[Any]) -> tuple[int, int] | None:
    """The least and the largest whole step size with which so many drops have passed at each step: None where none
    does.
    """
    shortest_not, longest = _period(part, passed)
    low, high = math.floor(shortest_not + 1e-9) + 1, math.floor(longest + 1e-9)
    return (low, high) if low <= high else None


def _period(part: Part, passed: NDArray[Any]) -> tuple[float, float]:
    """The bounds of the step size, whole or not: it is above the first, and at most the second."""
    longest = float((part.steps[passed > 0] / passed[passed > 0]).min())
    return float((part.steps / (passed + 1)).max()), longest


def levels(part: Part) -> Iterator[Shape]:
    """A few rates, each held for a while."""
    held = [last - first for first, last in runs(part)]
    if len(held) <= 2 or min(held[:-1]) > 1:  # else they are points on a curve
        yield from seldom(part)


def seldom(part: Part) -> Iterator[Shape]:
    """The same where some rates may have been logged once."""
    stretches = list(runs(part))
    if not 2 <= len(stretches) <= min(MOST_LEVELS, part.size // 2 + 1):
        return
    bounds = [(float(part.low[first:last].max()), float(part.high[first:last].min())) for first, last in stretches]
    if any(low > high for low, high in bounds):
        return
    rates = [(shortest(*bound) or [sum(bound) / 2])[0] for bound in bounds]
    edges = [(int(part.steps[first - 1]) + 1, int(part.steps[first])) for first, _ in stretches[1:]]
    yield Shape("levels", rates[0], rates[-1], more={"levels": rates, "edges": edges})


def typed(edges: Iterable[Sequence[int]]) -> list[int]:
    """A step for each edge, as round as can be; where the factor is in it several times, as often."""
    return [step for first, last, *times in edges for step in roundest(first, last, most=1) * (times or [1])[0]]
