"""Proposals that follow a cosine: once, back and forth, with restarts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy

from lrplot.analysis.identify.decays import moving, pairs
from lrplot.analysis.identify.fit import Column, best, misfits
from lrplot.analysis.identify.observed import Part, blunt
from lrplot.analysis.identify.region import Region, solve
from lrplot.analysis.identify.shape import Shape
from lrplot.analysis.identify.whole import feasible

EVERY = 300
"""Half periods up to here are tried one by one."""
FEWER, FEW = 48, 160
"""Rows on which many half periods are compared, and those on which one is corrected first."""
HALVES = (2, 3, 4, 5)
FAR = 1_000
"""Quanta from the nearest cosine with which rows are on none, for sure."""


def _halves(span: float) -> Column:
    """Half periods worth a look, for a log of so many steps."""
    singles = numpy.arange(1, min(EVERY, int(8 * span) + 2), dtype=float)
    if 8 * span <= EVERY:
        return numpy.concatenate([singles, numpy.geomspace(max(span / 2, 1.0), 16 * span, 60)])
    far = numpy.geomspace(EVERY, 8 * span, int(numpy.log(8 * span / EVERY) / 0.01) + 2)
    return numpy.concatenate([singles, far])


def _refined(part: Part, half: float) -> float | None:
    """A half period from the top at step 0, corrected until it fits best (Gauss and Newton): None where no cosine of
    about that half period can be in the bounds of all rows.
    """
    steps, values, left = part.steps, part.values, part.values
    for _ in range(12):
        angle = numpy.pi * steps / half
        basis = numpy.stack([numpy.ones_like(angle), numpy.cos(angle), numpy.sin(angle) * angle / half], axis=1)
        found, *_ = numpy.linalg.lstsq(basis, values, rcond=None)
        left, (_, height, slope) = values - basis @ found, found
        change = float(numpy.clip(slope / height if height else 0.0, -half / 4, half / 4))
        half += change
        if abs(change) < 1e-10 * half:
            break
    # The least squares are no more than those of a cosine that lies in the bounds.
    return half if 0 < half < 1e9 and numpy.sum(left**2) <= numpy.sum((part.high - part.low) ** 2) else None


def swing(part: Part, half: float) -> Region | None:
    """The pairs of top and bottom of a cosine from the top at step 0."""
    down = (1 + numpy.cos(numpy.pi * part.steps / half)) / 2
    return solve(down, 1 - down, part.low, part.high)


def cosine(part: Part) -> Iterator[Shape]:
    """Down along a cosine, and up again where the log goes on, or held there."""
    rows, tail = moving(part)
    if rows.size < 3:
        return
    yield from _cosines(rows, None if tail is None else part.steps[rows.size])
    if tail is not None and blunt(part):  # what is held may be what is rounded
        yield from _cosines(part, None)


def _cosines(rows: Part, held: float | None) -> Iterator[Shape]:
    """The same, where the rate is seen to be held from a step on, or is not."""
    few, fewer = rows.thinned(FEW), rows.thinned(FEWER)
    span = max(float(rows.steps[-1]), 1.0)
    halves = _halves(span) if held is None else numpy.linspace(rows.steps[-1] / 2, held, 60)[1:]
    worst = misfits(fewer.values, numpy.cos(numpy.pi * fewer.steps / halves[:, None]))
    done: set[int] = set()
    for guess in best(halves, worst, 3 if held is None else 1):
        half = _refined(few, guess)
        if half is not None and few.size < rows.size:
            half = _refined(rows, half)
        if half is None:
            continue
        for length in feasible(lambda n: swing(rows, n) is not None, half):
            region = swing(rows, length) if length not in done else None
            done.add(length)
            for start, end in pairs(region) if region is not None else ():
                yield Shape("cosine", start, end, length, None if held is None and span < length else held is not None)
        if span > half:
            yield from _swings(rows, half)


def _swings(rows: Part, half: float) -> Iterator[Shape]:
    """The same where a whole number of halves is as long as a whole number of steps."""
    for halves in HALVES:
        for whole in feasible(lambda n, halves=halves: swing(rows, n / halves) is not None, half * halves):  # type: ignore[misc]
            region = swing(rows, whole / halves)
            for start, end in pairs(region) if region is not None else ():
                yield Shape("swing", start, end, whole, more={"halves": halves})


def is_cosine(part: Part) -> bool:
    """Whether the rows are on a cosine of any phase."""
    if part.size < 5:
        return True
    part = part.since(part.steps[0])
    few, fewer = part.thinned(FEW), part.thinned(FEWER)
    wide = float(numpy.abs(part.high - part.low).max())
    halves = _halves(float(part.steps[-1]))
    halves = halves[halves > max(2.0, 1.5 * float(numpy.median(numpy.diff(part.steps))))]
    if not len(halves):
        return False
    angles = numpy.pi * fewer.steps / halves[:, None]
    worst = misfits(fewer.values, numpy.cos(angles), numpy.sin(angles))
    half = float(halves[int(worst.argmin())])
    misfit = _phase_misfit(few, half, 2 * wide)
    if few.size < part.size and 2 * wide < misfit < FAR * wide:  # it may not have come near enough with so few
        misfit = _phase_misfit(part, half, 2 * wide)
    return misfit <= 2 * wide


def _phase_misfit(part: Part, half: float, enough: float) -> float:
    """How far the rows are from the nearest cosine of about a half period, at worst; or less than is enough."""
    misfit = numpy.inf
    for _ in range(10):
        angle = numpy.pi * part.steps / half
        basis = numpy.stack([numpy.ones_like(angle), numpy.cos(angle), numpy.sin(angle)], axis=1)
        found, *_ = numpy.linalg.lstsq(basis, part.values, rcond=None)
        left = part.values - basis @ found
        misfit = min(misfit, float(numpy.abs(left).max()))
        if misfit <= enough:
            break
        slope = (found[1] * numpy.sin(angle) - found[2] * numpy.cos(angle)) * angle / half
        step, *_ = numpy.linalg.lstsq(numpy.column_stack([basis, slope]), left, rcond=None)
        half += float(numpy.clip(step[3], -half / 5, half / 5))
    return misfit
