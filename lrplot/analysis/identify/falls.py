"""Proposals that fall from one rate to another along a curve of one known form: only its length is to be found."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy

from lrplot.analysis.identify.curves import CURVES
from lrplot.analysis.identify.decays import is_line, moving, pairs
from lrplot.analysis.identify.decimals import roundest
from lrplot.analysis.identify.fit import Column, misfits
from lrplot.analysis.identify.observed import Part, blunt
from lrplot.analysis.identify.region import Region, solve
from lrplot.analysis.identify.shape import Shape
from lrplot.analysis.identify.whole import NEAR, feasible

FEW = 120
FAR = 8.0
"""How many times longer than the log a fall may be."""
STEEP = 10
"""How much a curve falls at most, as a part of its height, in a part of its length."""


def along(kind: str) -> Callable[[Part], Iterator[Shape]]:
    """The proposals along a curve, from the length with which the rows are nearest to it."""

    def shapes(part: Part) -> Iterator[Shape]:
        rows, tail = moving(part)
        if rows.size < 4 or is_line(rows):
            return
        yield from _shapes(kind, part, rows, tail)
        if tail is not None and blunt(part):  # what is held may be what is rounded
            yield from _shapes(kind, part, part, None)

    return shapes


def _shapes(kind: str, part: Part, rows: Part, tail: tuple[float, float] | None) -> Iterator[Shape]:
    rows = rows.rows(1) if kind == "tanh" and rows.steps[0] == 0 else rows  # timm never computes it there
    found = _of_any_length(part, rows, tail is not None) if kind == "1-sqrt" else _of_length(kind, part, rows, tail)
    for length in found:
        region = _region(kind, rows, length)
        for start, end in pairs(region) if region is not None else ():
            yield Shape(kind, start, end, length, True if tail is not None else None)


def _of_length(kind: str, part: Part, rows: Part, tail: tuple[float, float] | None) -> Iterator[int]:
    """The lengths of a curve whose form shows how long it is."""
    lengths = _lengths(part, rows, tail is not None)
    few = rows.thinned(FEW)
    worst = misfits(few.values, _left(kind, few.steps, lengths[:, None]))
    estimate = float(lengths[int(worst.argmin())])
    wide = float((few.high - few.low).max() / numpy.abs(few.values).max())
    if worst.min() > 3 * wide + STEEP * NEAR / estimate:  # too far for a length as near as that
        return iter(())
    return feasible(lambda n: _region(kind, rows, n) is not None, estimate, low=int(lengths[0]))


def _of_any_length(part: Part, rows: Part, is_held: bool) -> Iterator[int]:
    """The lengths of a root, which looks the same whatever it is: to where it is held, to 0, or to the log's end."""
    last = int(rows.steps[-1])
    if is_held:
        yield from roundest(last, part.steps[numpy.searchsorted(part.steps, last) + 1], most=12)
        return
    if (region := _region("1-sqrt", rows, max(last, 1))) is None:
        return
    ends = [last * (start / (start - end)) ** 2 for start, end in region.corners if start > end]
    yield from roundest(min(ends) - 1e-6, max(ends) + 1e-6) if ends else ()
    soon = last + float(numpy.median(numpy.diff(rows.steps)))
    yield from dict.fromkeys([last + 1, last, *rows.ends(last + 1, soon, most=3), *rows.ends(last, 2 * last, most=1)])


def _lengths(part: Part, rows: Part, is_held: bool) -> Column:
    """Lengths that are worth a look: up to where the rate is held, or from the end of the log on."""
    last = max(rows.steps[-1], 1.0)
    if is_held:
        return numpy.arange(last, part.steps[numpy.searchsorted(part.steps, last) + 1] + 1)
    every = numpy.arange(rows.steps[-2] + 1, last + 400)
    return numpy.concatenate([every, numpy.geomspace(every[-1], max(FAR * last, every[-1] + 1), 300)])


def _left(kind: str, steps: Column, length: Column) -> Column:
    return CURVES[kind].left(numpy.minimum(steps / length, 1.0))


def _region(kind: str, rows: Part, length: int) -> Region | None:
    left = _left(kind, rows.steps, numpy.asarray(float(length)))
    return solve(left, 1 - left, rows.low, rows.high)
