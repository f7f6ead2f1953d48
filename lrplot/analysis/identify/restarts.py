"""Proposals that fall and jump back to the top, over and over: cycles as long as the first or each longer by a factor,
as high as the first or each lower by one.

The step of the first jump says how long the first cycle is, the height of the second top by how much a cycle is lower.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy
from numpy.typing import NDArray

from lrplot.analysis.identify.curves import CURVES
from lrplot.analysis.identify.decays import pairs
from lrplot.analysis.identify.decimals import roundest, shortest
from lrplot.analysis.identify.fit import Column, misfits, misfits_alone
from lrplot.analysis.identify.observed import Part, flat_tail
from lrplot.analysis.identify.region import solve
from lrplot.analysis.identify.shape import Shape

FEW = 160
TRIES = 4
MULTIPLES = (1.0, 2.0, 3.0, 4.0, 1.5)
FADES = (1.0, 0.5, 0.1, 0.8, 0.9, 0.75, 0.7, 0.2)
EDGE = 1e-5
"""The part of a cycle that is too near to its ends."""
MOST_FIRST = 5000
"""First cycles that are tried, of a log in which several may lie between two rows."""

POWERS = (1.0, 0.5, 2.0, 0.9)
FALLS: Mapping[str, Callable[[Column], Column]] = {
    "cosine": CURVES["cosine"].left,
    "tanh": CURVES["tanh"].left,
    **{f"power {power}": lambda x, power=power: (1 - x) ** power for power in POWERS},  # type: ignore[misc]
}
"""What a cycle falls along."""


class Cycles(NamedTuple):
    """Cycles whose two rates are to be found.

    Args:
        multiple: How much longer each is than the one before.
        fade: How much less high.
        limit: How many there are, before the rate is held; 0 where there is no end.
        fixed: Whether the lowest rate is as high in each, though the top is less so; else both are lower.
    """

    fall: str
    first: int
    multiple: float = 1.0
    fade: float = 1.0
    limit: int = 0
    fixed: bool = True

    @classmethod
    def of(cls, shape: Shape) -> Cycles:
        """Those of a shape."""
        return cls(first=shape.length or 1, **shape.more)

    def rates(self, start: float, end: float, steps: Column) -> Column:
        """The rates at some steps."""
        first, last = self.weights(steps, self.first)
        return first * start + last * end

    def weights(self, steps: Column, first: float | NDArray[Any]) -> tuple[Column, Column]:
        """How much of the first top, and how much of the lowest rate, is in the rate at each step.

        Args:
            first: The length of the first cycle, or a column of such.
        """
        cycle, done = phases(steps, first, self.multiple)
        left = FALLS[self.fall](numpy.clip(done, 0.0, 1.0))
        left = numpy.where(cycle < self.limit, left, 0.0) if self.limit else left
        top: Column = self.fade**cycle * left
        return top, 1 - (left if self.fixed else top)


def phases(steps: Column, first: float | NDArray[Any], multiple: float) -> tuple[Column, Column]:
    """The cycle that each step is in, and how much of it is done."""
    if multiple == 1:
        cycle = numpy.floor(steps / first)
        return cycle, steps / first - cycle
    cycle = numpy.floor(numpy.log(steps / first * (multiple - 1) + 1) / numpy.log(multiple) + 1e-12)
    begin = first * (multiple**cycle - 1) / (multiple - 1)
    return cycle, (steps - begin) / (first * multiple**cycle)


def restarts(part: Part) -> Iterator[Shape]:
    """Cycles as high as the first, along a cosine, however few rows there are of each."""
    if part.size < 4 or not len(rises := _rises(part)):
        return
    for multiple in MULTIPLES:
        for length in _first_cycles(part, multiple, float(part.steps[rises[0] + 1])):
            yield from _shapes(part, Cycles("cosine", length, multiple))


def _rises(part: Part) -> numpy.ndarray:
    return numpy.flatnonzero(numpy.diff(part.values) > 0)


def _first_cycles(part: Part, multiple: float, high: float) -> list[int]:
    """The lengths of a first cycle that fit best."""
    few = part.thinned(FEW)
    low = 1.0 if high <= MOST_FIRST else float(part.steps[_rises(part)[0]])
    found: list[tuple[float, int]] = []
    every = numpy.arange(low, min(high, low + MOST_FIRST) + 1)
    for chunk in numpy.array_split(every, max(1, len(every) // 500)):
        bases = numpy.stack([FALLS["cosine"](phases(few.steps, length, multiple)[1]) for length in chunk])
        found += zip(misfits(few.values, bases).tolist(), chunk.astype(int).tolist())
    return [length for _, length in sorted(found)[:TRIES]]


def fading(part: Part) -> Iterator[Shape]:
    """Cycles of any form and height, where the log shows in which steps the first of them ends."""
    rises = _rises(part)
    if part.size < 6 or not 0 < len(rises) < part.size // 2 or rises[0] < 2:
        return
    tail = flat_tail(part)
    rows, row = part.rows(0, tail if tail < part.size - 1 else None), int(rises[0])
    ratio = float(part.values[row + 1] / part.values[0]) if part.values[0] > 0 else 1.0
    fades = dict.fromkeys([*FADES, *shortest(ratio * 0.98, ratio * 1.02, most=1)])
    lengths = roundest(part.steps[row] + 1, part.steps[row + 1], most=60)
    few, columns = rows.thinned(FEW), numpy.array(lengths)[:, None]
    kinds, tops, lows = [], [], []
    for multiple in MULTIPLES:
        cycle, done = phases(few.steps, columns, multiple)
        sunk = {fade: fade**cycle for fade in fades}
        for fall, left in ((fall, way(numpy.clip(done, 0.0, 1.0))) for fall, way in FALLS.items()):
            kinds += [Cycles(fall, length, multiple, fade) for fade in fades for length in lengths]
            tops += [factor * left for factor in sunk.values()]
            lows += [1 - left] * len(sunk)
    top, low = numpy.concatenate(tops), numpy.concatenate(lows)
    # timm's lowest rate stays where it is; Keras' sinks with the tops
    for is_fixed, worst in ((True, misfits_alone(few.values, top, low)), (False, misfits(few.values, top))):
        for index in numpy.argsort(worst)[:TRIES]:
            cycles = kinds[index]._replace(fixed=is_fixed)
            ended = [*_shapes(part, _limited(cycles, part, tail))]
            yield from ended or _shapes(part, cycles)  # what looks held may be flat there, or rounded


def _limited(cycles: Cycles, part: Part, tail: int) -> Cycles:
    """The same cycles with an end, where the log shows that the rate is held."""
    if tail >= part.size - 1:
        return cycles
    cycle, _ = phases(part.steps[tail : tail + 1], cycles.first, cycles.multiple)
    return cycles._replace(limit=int(cycle[0]))


def _shapes(part: Part, cycles: Cycles) -> Iterator[Shape]:
    """The pairs of rates with which the rows are such cycles."""
    _, done = phases(part.steps, cycles.first, cycles.multiple)
    clear = (done > EDGE) & (done < 1 - EDGE)  # where cycles grow, a restart may be a step late by a rounding
    clear |= (done < 1 / cycles.first / 10) & (cycles.multiple == 1) & (cycles.fall != "tanh")
    clear[0] |= cycles.fall != "tanh" or part.steps[0] != 0  # which timm never computes
    rows = part.where(clear)
    region = solve(*cycles.weights(rows.steps, cycles.first), rows.low, rows.high)
    more = {name: value for name, value in cycles._asdict().items() if name != "first"}
    for start, end in pairs(region) if region is not None else ():
        yield Shape("restarts", start, end, cycles.first, more=more)


def saw(part: Part) -> Iterator[Shape]:
    """Falls to one rate along a power, each from less high than the one before: Keras' polynomial with cycle."""
    rises = _rises(part)
    if part.size < 6 or not 0 < len(rises) < part.size // 2 or rises[0] < 2:
        return
    row = int(rises[0])
    for length in roundest(max(part.steps[row], 1), part.steps[row + 1], most=60):
        x = part.steps / (length * numpy.maximum(numpy.ceil(part.steps / length), 1))
        for power in POWERS:
            left = (1 - x) ** power
            region = solve(left, 1 - left, part.low, part.high)
            for start, end in pairs(region) if region is not None else ():
                yield Shape("saw", start, end, length, more={"power": power})


def even_restarts(part: Part) -> Iterator[Shape]:
    """The same in a number of cycles that share the steps of a run among them, to 0."""
    rises = len(_rises(part))
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
