"""Proposals that follow a cosine: once, back and forth, with restarts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy

from lrplot.analysis.identify.decays import moving, pairs
from lrplot.analysis.identify.decimals import roundest, shortest
from lrplot.analysis.identify.fit import Column, best, misfits
from lrplot.analysis.identify.observed import Part
from lrplot.analysis.identify.region import Region, solve
from lrplot.analysis.identify.shape import Shape
from lrplot.analysis.identify.whole import feasible

EVERY = 300
"""Half periods up to here are tried one by one."""
FEW = 160
MULTIPLES = (1, 2, 3, 4)


def _halves(span: float) -> Column:
    """Half periods worth a look, for a log of so many steps."""
    singles = numpy.arange(1, min(EVERY, int(8 * span) + 2), dtype=float)
    if 8 * span <= EVERY:
        return numpy.concatenate([singles, numpy.geomspace(max(span / 2, 1.0), 16 * span, 60)])
    far = numpy.geomspace(EVERY, 8 * span, int(numpy.log(8 * span / EVERY) / 0.01) + 2)
    return numpy.concatenate([singles, far])


def _refined(part: Part, half: float) -> float:
    """A half period from the top at step 0, corrected until it fits best (Gauss and Newton)."""
    steps, values = part.steps, part.values
    for _ in range(12):
        angle = numpy.pi * steps / half
        basis = numpy.stack([numpy.ones_like(angle), numpy.cos(angle)], axis=1)
        found, *_ = numpy.linalg.lstsq(basis, values, rcond=None)
        slope = found[1] * numpy.sin(angle) * angle / half
        both = numpy.column_stack([basis, slope])
        step, *_ = numpy.linalg.lstsq(both, values - basis @ found, rcond=None)
        change = float(numpy.clip(step[2], -half / 4, half / 4))
        half += change
        if abs(change) < 1e-10 * half:
            break
    return half


def swing(part: Part, half: float) -> Region | None:
    """The pairs of top and bottom of a cosine from the top at step 0."""
    down = (1 + numpy.cos(numpy.pi * part.steps / half)) / 2
    return solve(down, 1 - down, part.low, part.high)


def cosine(part: Part) -> Iterator[Shape]:
    """Down along a cosine, and up again where the log goes on, or held there."""
    rows, tail = moving(part)
    if rows.size < 3:
        return
    few = rows.thinned(FEW)
    span = max(float(rows.steps[-1]), 1.0)
    halves = _halves(span) if tail is None else numpy.linspace(rows.steps[-1] / 2, part.steps[rows.size], 60)[1:]
    worst = misfits(few.values, numpy.cos(numpy.pi * few.steps / halves[:, None]))
    done: set[int] = set()
    for guess in best(halves, worst, 3 if tail is None else 1):
        half = _refined(few, guess)
        half = _refined(rows, half) if few.size < rows.size else half
        if not 0 < half < 1e9:
            continue
        for length in feasible(lambda n: swing(rows, n) is not None, half):
            region = swing(rows, length) if length not in done else None
            done.add(length)
            for start, end in pairs(region) if region is not None else ():
                yield Shape("cosine", start, end, length, None if tail is None and span < length else tail is not None)


def is_cosine(part: Part) -> bool:
    """Whether the rows are on a cosine of any phase."""
    if part.size < 5:
        return True
    part = part.since(part.steps[0])
    few = part.thinned(FEW)
    wide = float(numpy.abs(part.high - part.low).max())
    halves = _halves(float(part.steps[-1]))
    halves = halves[halves > max(2.0, 1.5 * float(numpy.median(numpy.diff(part.steps))))]
    if not len(halves):
        return False
    angles = numpy.pi * few.steps / halves[:, None]
    worst = misfits(few.values, numpy.cos(angles), numpy.sin(angles))
    half = float(halves[int(worst.argmin())])
    return min(_phase_misfit(few, half), _phase_misfit(part, half)) <= 2 * wide


def _phase_misfit(part: Part, half: float) -> float:
    """How far the rows are from the nearest cosine of about a half period, at worst."""
    misfit = numpy.inf
    for _ in range(10):
        angle = numpy.pi * part.steps / half
        basis = numpy.stack([numpy.ones_like(angle), numpy.cos(angle), numpy.sin(angle)], axis=1)
        found, *_ = numpy.linalg.lstsq(basis, part.values, rcond=None)
        left = part.values - basis @ found
        misfit = min(misfit, float(numpy.abs(left).max()))
        slope = (found[1] * numpy.sin(angle) - found[2] * numpy.cos(angle)) * angle / half
        step, *_ = numpy.linalg.lstsq(numpy.column_stack([basis, slope]), left, rcond=None)
        half += float(numpy.clip(step[3], -half / 5, half / 5))
    return misfit


def restarts(part: Part) -> Iterator[Shape]:
    """Down along a cosine and back to the top with a jump, over and over."""
    values = part.values
    if part.size < 4:
        return
    rises = numpy.flatnonzero(numpy.diff(values) > 0)
    if not len(rises):
        return
    for multiple in MULTIPLES:
        low, high = 1.0, float(part.steps[rises[0] + 1])
        for length in _first_cycles(part, multiple, low, high):
            down = _phases(part.steps, length, multiple)
            region = solve(down, 1 - down, part.low, part.high)
            for start, end in pairs(region) if region is not None else ():
                yield Shape("restarts", start, end, length, more={"multiple": multiple})


def _first_cycles(part: Part, multiple: int, low: float, high: float) -> list[int]:
    """The lengths of a first cycle that fit best."""
    few = part.thinned(FEW)
    every = numpy.arange(max(1, low), min(high, 5000) + 1)
    if high > 5000:
        before = float(part.steps[numpy.flatnonzero(numpy.diff(part.values) > 0)[0]])
        every = numpy.arange(max(1.0, before), min(high, before + 5000) + 1)
    found: list[tuple[float, int]] = []
    for chunk in numpy.array_split(every, max(1, len(every) // 500)):
        bases = numpy.stack([_phases(few.steps, length, multiple) for length in chunk])
        found += zip(misfits(few.values, bases).tolist(), chunk.astype(int).tolist())
    found.sort()
    return [length for misfit, length in found[:4]]


def _phases(steps: Column, length: float, multiple: int) -> Column:
    """How high on its cycle each step is, from 1 to 0."""
    if multiple == 1:
        return (1 + numpy.cos(numpy.pi * (steps % length) / length)) / 2
    cycle = numpy.floor(numpy.log(steps / length * (multiple - 1) + 1) / numpy.log(multiple) + 1e-12)
    begin = length * (multiple**cycle - 1) / (multiple - 1)
    down: Column = (1 + numpy.cos(numpy.pi * (steps - begin) / (length * multiple**cycle))) / 2
    return down


def even_restarts(part: Part) -> Iterator[Shape]:
    """The same in a number of cycles that share the steps of a run among them, to 0."""
    rises = int((numpy.diff(part.values) > 0).sum())
    if part.size < 4 or not rises:
        return
    last, spacing = int(part.steps[-1]), int(numpy.median(numpy.diff(part.steps)))
    rows = part if part.high[-1] > 0 and part.low[-1] > 0 else part.rows(0, -1)
    for total in dict.fromkeys(
        [*range(last + 1, last + min(spacing, 60) + 2), last, *roundest(last + 1, 2 * last, most=6)]
    ):
        for cycles in range(2, min(rises, 12) + 3):
            done = cycles * rows.steps / total
            down = numpy.where(done < cycles, (1 + numpy.cos(numpy.pi * (done % 1.0))) / 2, 0.0)
            low, high = rows.low[down > 1e-3] / down[down > 1e-3], rows.high[down > 1e-3] / down[down > 1e-3]
            for start in shortest(float(low.max()), float(high.min())) if len(low) else ():
                yield Shape("restarts", start, 0.0, total, more={"cycles": cycles, "total": total})
