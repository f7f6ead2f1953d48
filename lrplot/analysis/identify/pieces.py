"""Proposals that go from value to value, along lines or along halves of cosines: a piece is as long as the rows are on
it, and where it ends the next begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy

from lrplot.analysis.identify.curves import CURVES
from lrplot.analysis.identify.decays import near, reciprocal
from lrplot.analysis.identify.decimals import roundest, shortest
from lrplot.analysis.identify.fit import Column, misfits
from lrplot.analysis.identify.observed import Part, flat_tail, observed
from lrplot.analysis.identify.region import Region, solve
from lrplot.analysis.identify.shape import Shape

MOST = 4
"""Pieces of one curve."""
TRIES = 3
FEW = 160
LENGTHS = 1000
"""Lengths of a piece that are tried within a log."""
WAYS = {"linear": "line", "cosine": "cosine"}


class Path(NamedTuple):
    """The pieces so far: the steps at which they end, and the value at the first and at each end."""

    knots: tuple[int, ...]
    values: tuple[float, ...]


class Reach(NamedTuple):
    """The lengths that the next piece may have, those with the most rows; and the bounds of its end with each."""

    rows: int
    lengths: Column
    low: Column
    high: Column


def pieces(part: Part) -> Iterator[Shape]:
    """Two pieces or more."""
    if part.size < 6 or part.steps[0] != 0:
        return
    tail = flat_tail(part)
    is_held = 2 < tail < part.size - 1
    rows = part.rows(0, tail + 1) if is_held else part
    for way in WAYS:
        for start in shortest(float(part.low[0]), float(part.high[0]), most=1):
            for path in _paths(rows, way, Path((), (start,)), is_held):
                if len(path.knots) > 1:
                    more = {"way": way, "knots": path.knots, "values": path.values}
                    yield Shape("pieces", start, path.values[-1], path.knots[-1], more=more)


def _paths(rows: Part, way: str, path: Path, is_held: bool) -> Iterator[Path]:
    """The ways on from where the pieces so far have led, to the last row."""
    begin = path.knots[-1] if path.knots else 0
    left = rows.rows(int(numpy.searchsorted(rows.steps, begin, side="right"))).since(begin)
    if not left.size:
        yield path
        return
    reach = (
        _reach(left, WAYS[way], path.values[-1], _ends(left) if not is_held else []) if len(path.knots) < MOST else None
    )
    if reach is None:
        return
    rest = left.rows(reach.rows)
    ends = [near(low, high, path.values[-1]) for low, high in zip(reach.low, reach.high)]
    both = [(int(length), end) for length, some in zip(reach.lengths, ends) for end in some[:2]]
    if rest.size:  # the next piece goes far from where this one ends, and not from another step
        far = [_reach(rest.since(length), WAYS[way], end, []) for length, end in both]
        both = [each for _, each in sorted(zip(far, both), key=lambda item: -item[0].rows if item[0] else 0)][:TRIES]
    for length, end in both:
        yield from _paths(rows, way, Path((*path.knots, begin + length), (*path.values, end)), is_held)


def _ends(rows: Part) -> list[int]:
    """The lengths with which a piece may end after the log, soon or at a round step."""
    last = int(rows.steps[-1])
    every = int(numpy.median(numpy.diff(rows.steps, prepend=0)))
    soon = range(last + 1, last + min(every, 60) + 1)
    return sorted({*soon, *rows.ends(last + 1, 2 * last + rows.origin, most=12)})


def _reach(rows: Part, kind: str, start: float, beyond: Sequence[int]) -> Reach | None:
    """How far the next piece goes: None where no length will do, within the rows or of those beyond."""
    last = int(rows.steps[-1])
    lengths = numpy.arange(1, last + 1, max(1, last // LENGTHS), dtype=float)
    lengths = lengths[numpy.searchsorted(rows.steps, lengths, side="right") > 0]
    lengths = numpy.append(lengths, beyond)
    done = 1 - CURVES[kind].left(numpy.minimum(rows.steps / lengths[:, None], 1.0))
    outside = (rows.steps > lengths[:, None]) | (done <= 0)
    with numpy.errstate(divide="ignore", invalid="ignore"):
        low = numpy.where(outside, -numpy.inf, (rows.low - start) / done + start).max(axis=1, initial=-numpy.inf)
        high = numpy.where(outside, numpy.inf, (rows.high - start) / done + start).min(axis=1, initial=numpy.inf)
    good = (low <= high) & numpy.isfinite(low)
    if not good.any():
        return None
    covered = numpy.searchsorted(rows.steps, lengths, side="right")
    farthest = good & (covered == covered[good].max())
    return Reach(int(covered[good].max()), lengths[farthest], low[farthest], high[farthest])


def triangle(part: Part) -> Iterator[Shape]:
    """Up along a line and down along another, once, and then held, or lower by the reciprocal of the time."""
    top = int(part.values.argmax())
    if part.size < 6 or part.steps[0] != 0 or not 0 < top < part.size - 1:
        return
    for up in roundest(max(part.steps[top - 1], 1), part.steps[top + 1], most=24):
        for down in _downs(part, up, top):
            height = numpy.where(part.steps <= up, part.steps / up, 1 - (part.steps - up) / down)
            cycle = part.steps <= up + down
            region = solve(1 - height[cycle], height[cycle], part.low[cycle], part.high[cycle])
            yield from _after(part, region, up, down) if region is not None else ()


def _downs(part: Part, up: int, top: int) -> list[int]:
    """The lengths that the way down may have: most often that of the way up."""
    last, part = int(part.steps[-1] - up), part.thinned(FEW)
    lengths = numpy.unique(numpy.append(numpy.arange(1, min(last, 2000) + 1), [up, 2 * up]))
    height = numpy.clip(1 - (part.steps - up) / lengths[:, None], 0, 1)
    rise = numpy.where(part.steps <= up, part.steps / up, height)
    weights = numpy.where(part.steps <= up + lengths[:, None], 1.0, 0.0)
    worst = misfits(part.values, rise, 1 - weights)
    nearest = [int(lengths[k]) for k in numpy.argsort(worst)[:TRIES]]
    return list(dict.fromkeys([up, 2 * up, *nearest]))


def _after(part: Part, region: Region, up: int, down: int) -> Iterator[Shape]:
    """The pairs of rates of a triangle with which what comes after it can be told."""
    rest = part.rows(int(numpy.searchsorted(part.steps, up + down, side="right"))).since(up + down)
    for low in shortest(*region.first):
        for high in near(*region.along(low), low):
            if not rest.size or (rest.low.max() <= low <= rest.high.min()):
                yield Shape("triangle", low, high, up, more={"down": down, "decay": (0.0, 0)})
                continue
            begin = observed(numpy.zeros(1), numpy.array([low]), numpy.array([low]))  # with room for a rounding
            rows = zip(begin[:3], rest[:3])
            joined = [numpy.append(one, other) for one, other in rows]
            for decay in reciprocal(Part(joined[0], joined[1], joined[2])):
                more = {"down": down, "decay": (decay.more["rate"], decay.length or 1)}
                yield Shape("triangle", low, high, up, more=more)
