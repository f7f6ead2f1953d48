"""Proposals that swing by themselves: triangles, and one cycle over the whole run."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy

from lrplot.analysis.identify.decays import pairs
from lrplot.analysis.identify.decimals import raised, roundest, shortest
from lrplot.analysis.identify.fit import Column, misfits
from lrplot.analysis.identify.observed import Part
from lrplot.analysis.identify.region import solve
from lrplot.analysis.identify.shape import Shape

FEW = 120
NICE = (
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    12,
    15,
    16,
    18,
    20,
    24,
    25,
    28,
    30,
    32,
    35,
    36,
    40,
    45,
    48,
    50,
    60,
    64,
    70,
    75,
    80,
    90,
)
"""Lengths of the two sides of a triangle that are typed, times 1, 10, 100 …"""
TRIES = 4


def triangles(part: Part) -> Iterator[Shape]:
    """From a rate up to another along a line and down again, over and over: as high, half as high, or less by a factor
    each time.
    """
    if part.size < 4 or part.values[1:].max() <= part.values[0]:
        return
    few = part.thinned(FEW)
    sides = _sides(part)
    heights, cycles = _triangle(few.steps, sides)
    for mode, scale in (("triangular", numpy.ones_like(heights)), ("triangular2", 0.5 ** (cycles - 1))):
        worst = misfits(few.values, heights * scale)
        for index in numpy.argsort(worst)[:TRIES]:
            up, down = map(int, sides[index])
            height, cycle = (column[0] for column in _triangle(part.steps, sides[index : index + 1]))
            height = height * (0.5 ** (cycle - 1) if mode == "triangular2" else 1)
            region = solve(1 - height, height, part.low, part.high)
            for low, high in pairs(region) if region is not None else ():
                yield Shape(
                    "triangles", low, high, up, more={"down": down, "mode": mode, "turns": part.steps[-1] / (up + down)}
                )
    yield from _shrinking(part, sides)


def _sides(part: Part) -> Column:
    """Steps up and steps down that are worth a look."""
    span = int(part.steps[-1])
    equal = numpy.arange(1, min(2 * span, 2500) + 1)
    nice = [n * 10**power for power in range(6) for n in NICE if n * 10**power <= 2 * span]
    nice = sorted(set(nice))[-70:] if len(nice) > 70 else sorted(set(nice))
    turns = numpy.flatnonzero(numpy.diff(numpy.sign(numpy.diff(part.values)))) + 1
    seen = []
    if len(turns) > 1:
        first, second = part.steps[turns[0]], part.steps[turns[1]]
        seen = [(first + i, second - first + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    every = [*((n, n) for n in equal), *((a, b) for a in nice for b in nice if a != b), *seen]
    return numpy.array([pair for pair in every if min(pair) > 0], dtype=float)


def _triangle(steps: Column, sides: Column) -> tuple[Column, Column]:
    """The height on a triangle, 0 to 1, and the number of the cycle, for each pair of sides."""
    total = sides.sum(axis=1)[:, None]
    ratio = sides[:, :1] / total
    turns = steps / total
    cycle = numpy.floor(1 + turns)
    x = 1 + turns - cycle
    return numpy.where(x <= ratio, x / ratio, (x - 1) / (ratio - 1)), cycle


def _shrinking(part: Part, sides: Column) -> Iterator[Shape]:
    """Triangles that shrink by a factor a step, above a rate that step 0 tells."""
    if part.steps[0] != 0:
        return
    for base in shortest(float(part.low[0]), float(part.high[0]), most=1):
        rows = part.rows(1)
        few = rows.thinned(FEW)
        above = few.values - base
        heights, _ = _triangle(few.steps, sides)
        weights = numpy.where(heights > 0.05, heights, 0.0)
        usable = (above > 0) & (weights > 0)
        logs = numpy.log(numpy.where(usable, above, 1.0)) - numpy.log(numpy.where(usable, heights, 1.0))
        design = numpy.stack([numpy.ones_like(few.steps), few.steps / few.steps[-1]], axis=-1)
        normal = numpy.einsum("hn,ni,nj->hij", usable.astype(float), design, design) + 1e-9 * numpy.eye(2)
        target = numpy.einsum("hn,ni->hi", usable * logs, design)
        found = numpy.linalg.solve(normal, target[..., None])[..., 0]
        worst = numpy.abs(numpy.exp(numpy.clip(found @ design.T, -700, 300)) * heights - above).max(axis=1)
        for index in numpy.argsort(worst)[:TRIES]:
            height, _ = _triangle(rows.steps, sides[index : index + 1])
            yield from _with_factor(rows, base, height[0], sides[index])


def _with_factor(rows: Part, base: float, height: Column, sides: Column) -> Iterator[Shape]:
    known = (height > 1e-6) & (rows.low > base)
    if known.sum() < 2:
        return
    low, high = (numpy.log((column[known] - base) / height[known]) for column in (rows.low, rows.high))
    region = solve(numpy.ones(int(known.sum())), rows.steps[known], low, high)
    if region is None:
        return
    for peak in shortest(*(base + bound for bound in raised(region.first))):
        if peak > base:
            for gamma in shortest(*raised(region.along(math.log(peak - base)))):
                turns = rows.steps[-1] / sides.sum()
                more = {"down": int(sides[1]), "mode": "exp_range", "gamma": gamma, "turns": turns}
                yield Shape("triangles", base, peak, int(sides[0]), more=more)


def one_cycle(part: Part) -> Iterator[Shape]:
    """Up to a peak and down to almost nothing, in a cycle over the whole run."""
    top = int(part.values.argmax())
    if part.size < 5 or top == 0:
        return
    few = part.thinned(FEW)
    last, spacing = int(part.steps[-1]), int(numpy.median(numpy.diff(part.steps)))
    totals = dict.fromkeys(
        [*range(last + 1, last + min(spacing, 60) + 2), *roundest(last + 1, 3 * last, most=12), last]
    )
    parts = numpy.arange(1, 100) / 100
    grid = numpy.array([(total, p) for total in totals for p in parts if 1 < p * total < total])
    for cosine in (True, False):
        for three in (False, True):
            choices = grid[2 * grid[:, 1] * grid[:, 0] - 2 < grid[:, 0] - 1] if three else grid
            up, down = _weights(few.steps, choices, cosine, three)
            worst = misfits(few.values, up, down)
            for index in numpy.argsort(worst)[:TRIES]:
                yield from _one_cycle(part, choices[index], cosine, three)


def _weights(steps: Column, choices: Column, cosine: bool, three: bool) -> tuple[Column, Column]:
    """How much of the first and of the last rate is in each rate; the rest is the peak's."""
    total, share = choices[:, :1], choices[:, 1:]
    rise, end = share * total - 1, total - 1
    mirrored = 2 * share * total - 2

    def way(start: Column, stop: Column) -> Column:
        along = ((steps - start) / (stop - start)).clip(0, 1)
        return (1 - numpy.cos(numpy.pi * along)) / 2 if cosine else along

    if not three:
        return 1 - way(numpy.zeros_like(rise), rise), numpy.where(steps > rise, way(rise, end), 0.0)
    last = numpy.where(steps > mirrored, way(mirrored, end), 0.0)
    first = numpy.where(steps <= rise, 1 - way(numpy.zeros_like(rise), rise), way(rise, mirrored))
    return first - last, last


def _one_cycle(part: Part, choice: Column, cosine: bool, three: bool) -> Iterator[Shape]:
    total, share = int(choice[0]), round(float(choice[1]), 2)
    up, down = (column[0] for column in _weights(part.steps, choice[None, :], cosine, three))
    rising = down == 0
    region = solve(up[rising], 1 - up[rising], part.low[rising], part.high[rising])
    if region is None:
        return
    more = {"share": share, "cosine": cosine, "three": three}
    turned = region.corners[:, ::-1]
    for peak in shortest(*region.second):
        for factor in _divisors(peak, type(region)(turned).along(peak)):
            start = peak / factor
            rest = part.low - up * start - (1 - up - down) * peak, part.high - up * start - (1 - up - down) * peak
            seen = down > 1e-9
            low = float((rest[0][seen] / down[seen]).max()) if seen.any() else 0.0
            high = float((rest[1][seen] / down[seen]).min()) if seen.any() else start
            if low <= high and high >= 0:
                for final in _divisors(start, (max(low, 0.0), high), 1e4):
                    if final < 1:
                        continue
                    yield Shape("one cycle", start, peak, total, more={**more, "div": factor, "final": final})


def _divisors(rate: float, bounds: tuple[float, float], usual: float = 25.0) -> list[float]:
    """What a rate may be divided by to be within bounds: what it is by default, if that does it."""
    low, high = bounds
    if rate <= 0:
        return []
    if low <= rate / usual <= high:
        return [usual]
    return shortest(rate / high, rate / low if low > 0 else 1e30, most=1) if high > 0 else []
