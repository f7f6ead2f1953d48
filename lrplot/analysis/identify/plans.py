"""Proposals for a whole log: shapes from step 0, and shapes after a ramp or after another shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, islice
from typing import NamedTuple

import numpy

from lrplot.analysis.identify import cycles, decays, endings, epochs, falls, pieces, powers, restarts, stairs, waves
from lrplot.analysis.identify.decimals import length, roundest
from lrplot.analysis.identify.formula import rates_at
from lrplot.analysis.identify.limit import Limit
from lrplot.analysis.identify.observed import Part, blunt, flat_tail
from lrplot.analysis.identify.ramps import ramps
from lrplot.analysis.identify.shape import SHORT, Plan, Ramp, Shape

LEAST = 3
"""Rows that a shape must explain."""
MOST_JOINTS = 60
MOST_INNER = 6
MOST_TOPS = 8
MOST_JUMPS = 3
MOST_AGAIN = 40
MOST_BEGINS = 10
MOST_DONE = 4
"""Steps at which a shape may begin, of those that fit."""
MOST_SHAPES = 20
"""Shapes from one step, the shortest to type."""
STAGE = 0.7
"""The part of the time left that a stage may take."""


class Kind(NamedTuple):
    """A kind of shape: what proposes it, and what tells whether rows can be a part of one, whatever the phase."""

    shapes: Callable[[Part], Iterable[Shape]]
    explains: Callable[[Part], bool] | None = None


KINDS = {
    "constant": Kind(decays.constant, lambda part: decays.level(part) is not None),
    "exponential": Kind(decays.exponential, decays.is_exponential),
    "line": Kind(decays.line, decays.is_line),
    "cosine": Kind(waves.cosine, waves.is_cosine),
    "power": Kind(powers.power, powers.is_power),
    "root": Kind(decays.root, decays.is_root),
    "reciprocal": Kind(decays.reciprocal, decays.is_reciprocal),
    "stairs": Kind(stairs.drops),
    "root ending": Kind(endings.root_ending),
    "restarts": Kind(restarts.restarts),
    "fading": Kind(restarts.fading),
    "even restarts": Kind(restarts.even_restarts),
    **{kind: Kind(falls.along(kind)) for kind in ("1-sqrt", "tanh", "half-life", "cosine squared")},
}
ALONE = {
    "triangles": Kind(cycles.triangles),
    "one cycle": Kind(cycles.one_cycle),
    "saw": Kind(restarts.saw),
    "triangle": Kind(pieces.triangle),
}
"""Those that nothing comes before."""
CHAINABLE = ("exponential", "stairs", "cosine", "power", "line", "tanh", "fading")
STAIRCASES = ("exponential", "reciprocal", "line")
"""Those that some library has as stairs, too."""
LATE = ("constant", "line", "cosine", "root")
"""What DeepSpeed's schedules are made of, and Megatron's root without a warm-up."""


def stages(part: Part, whole: Part, exact: Part, limit: Callable[[], Limit]) -> Iterator[Iterator[Plan]]:
    """All that the rows may be of: what has one part, what is stepped by the epoch, what has a ramp before that, what
    begins anew, what begins late, what is made of any two or three, what may be held.

    Args:
        part: Some of the rows, where there are very many.
        whole: All of them: a jump is at a step, and not between some.
        exact: The same with no room for roundings.
        limit: Of the time that the next of them may take, and those after it.
    """
    jumps = chain(_jumps(whole), map(Plan, stairs.levels(exact)))
    yield _turn(limit(), lambda turn: chain(jumps, _alone(part, turn), _ahead(part), _held(whole)))
    if part.size <= LEAST:
        return
    for epoch in epochs.lengths(whole):
        if (count := epochs.by_epoch(whole, epoch)) is not None and count.size > LEAST:
            yield (plan._replace(epoch=epoch) for plan in _turn(limit(), partial(_alone_or_ramped, count)))
    if epochs.stride(part) > 1:  # then nothing may tell them apart
        yield _turn(limit(), lambda turn: chain(_turn(turn, partial(_ramped, part)), _late(part, turn)))
        yield _turn(limit(), partial(_again, part))
    else:
        yield _turn(limit(), partial(_ramped, part))
        yield _turn(limit(), partial(_again, part))
        yield _turn(limit(), partial(_late, part))
    yield _turn(limit(), lambda _: map(Plan, pieces.pieces(part)))
    yield _turn(limit(), partial(_of_several, part))
    yield _turn(limit(), lambda _: map(Plan, stairs.seldom(whole)))


def _turn(limit: Limit, make: Callable[[Limit], Iterable[Plan]]) -> Iterator[Plan]:
    """The plans of one stage, which are looked for in its part of the time, and taken in all of it."""
    return limit.within(make(limit.part(STAGE)))


def _jumps(part: Part) -> Iterator[Plan]:
    return (Plan(shape) for jumping in (stairs.drops, stairs.levels) for shape in jumping(part))


def _alone(part: Part, limit: Limit) -> Iterator[Plan]:
    alone = [*(kind for name, kind in KINDS.items() if name != "stairs"), *ALONE.values()]
    return (Plan(shape) for kind in limit.within(alone) for shape in kind.shapes(part))


def _ahead(part: Part) -> Iterator[Plan]:
    """A cosine that has begun a step before step 0."""
    shapes = waves.cosine(part.since(-1)) if part.steps[0] == 0 else ()
    return (Plan(shape._replace(kind="cosine ahead")) for shape in shapes if shape.kind == "cosine")


def _alone_or_ramped(part: Part, limit: Limit) -> Iterator[Plan]:
    return chain(_alone(part, limit), _ramped(part, limit))


def _of_several(part: Part, limit: Limit) -> Iterator[Plan]:
    """Any two or three."""
    return (plan for kind in limit.within(KINDS.values()) for plan in _after(part, kind, _heads, limit))


def _held(part: Part) -> Iterator[Plan]:
    """What may be held from each logged step to the next, where these are some steps apart."""
    stride = epochs.stride(part)
    if stride > 1 and (count := epochs.by_epoch(part, stride)) is not None and count.size > LEAST:
        yield from (Plan(shape, epoch=stride) for name in STAIRCASES for shape in KINDS[name].shapes(count))


def _ramped(part: Part, limit: Limit) -> Iterator[Plan]:
    """A ramp, and then a shape; or both at once."""
    yield from (plan for kind in limit.within(KINDS.values()) for plan in _after(part, kind, _ramps, limit))
    yield from (plan for name in limit.within(CHAINABLE) for plan in _chained(part, KINDS[name], limit))


def _again(part: Part, limit: Limit) -> Iterator[Plan]:
    """The same twice, each from its own step 0: where the rate jumps back to what it was at the first step, or to what
    a warm-up begins at.
    """
    for row in _back(part):
        first = [*_alone_or_ramped(part.rows(0, row), limit)]
        begins = roundest(part.steps[row - 1] + 1, part.steps[row], most=MOST_BEGINS)
        for begin in limit.within(begins if first else []):
            rows = part.rows(row).since(begin)._replace(origin=0)
            second = _alone_or_ramped(rows, limit)
            pairs = ((a, b) for b in second for a in first if a.alike(b))
            yield from (b._replace(earlier=a, switch=begin) for a, b in islice(pairs, MOST_AGAIN))


def _back(part: Part) -> list[int]:
    """The rows at which the rate is about as at the first one, and goes on as there: by a jump or where it turns up
    again, a few.
    """
    values = part.values
    change, peak = numpy.diff(values), numpy.abs(values).max()
    jumps = numpy.flatnonzero(numpy.abs(change) > max(4 * float(numpy.median(numpy.abs(change))), 0.1 * peak)) + 1
    turns = numpy.flatnonzero((change[:-1] < 0) & (change[1:] > 0)) + 1
    rows = [int(row) for row in (*jumps, *turns) if abs(values[row] - values[0]) < 0.1 * peak]
    rows = [row for row in rows if LEAST < row < part.size - LEAST and numpy.sign(change[row]) == numpy.sign(change[0])]
    return rows if len(rows) <= MOST_JUMPS else []


def _late(part: Part, limit: Limit) -> Iterator[Plan]:
    """The same with all from step 1 on, whose rate step 0 has; the cosine of a warm-up begins in the step before it is
    seen.
    """
    rows = part.rows(int(part.steps[0] == 0 and part.steps[1] == 1)).since(1)
    rows = rows._replace(steps=numpy.maximum(rows.steps, 0.0))
    for name in LATE:
        kind = KINDS[name]
        ramped = _after(rows, kind, _ramps, limit, ahead=int(name == "cosine"))
        yield from (plan._replace(late=True) for plan in chain(map(Plan, kind.shapes(rows)), ramped))


Heads = Iterator[tuple[Ramp | None, tuple[tuple[Shape, int], ...]]]


def _after(
    part: Part, kind: Kind, heads: Callable[[Limit, Part, int, float], Heads], limit: Limit, ahead: int = 0
) -> Iterator[Plan]:
    """Shapes after something else, from the steps at which they may begin.

    Args:
        ahead: How many steps before that they count from.
    """
    known: list[tuple[float, int, Part, list[Shape]]] = []
    for begin in limit.part(STAGE).within(joints(part, kind)):
        first = int(numpy.searchsorted(part.steps, begin))
        rows, before = part.rows(first).since(begin - ahead), part.rows(0, first)
        if rows.size < 2:
            continue
        if shapes := [*kind.shapes(rows)]:
            shapes = sorted(shapes, key=lambda shape: _typed(shape, begin))[:MOST_SHAPES]
            known.append((_typed(shapes[0], begin) + length(begin), begin, before, shapes))
    done = 0
    for _, begin, before, shapes in sorted(known, key=lambda one: one[0]):
        made = [*_headed(before, begin, shapes, partial(heads, limit))]
        yield from made
        done += bool(made)
        if done > MOST_DONE or limit.is_over():
            break


def _typed(shape: Shape, begin: float = 0) -> int:
    """How much there is to type of a shape's rates, and of its length or of the step where it ends."""
    steps = shape.length or 0
    return length(shape.start) + length(shape.end) + min(length(steps), length(int(begin) + steps))


def _headed(
    before: Part, begin: int, shapes: Iterable[Shape], heads: Callable[[Part, int, float], Heads]
) -> Iterator[Plan]:
    """Shapes that begin at a step, each after what leads to its first rate."""
    known: dict[float, list[tuple[Ramp | None, tuple[tuple[Shape, int], ...]]]] = {}
    for shape in shapes:
        if shape.start not in known:
            known[shape.start] = [*heads(before, begin, shape.start)]
        for ramp, earlier in known[shape.start]:
            if not (shape.kind in ("stairs", "constant") and ramp is not None and ramp.length == 0):
                yield Plan(shape, ramp, earlier)


def _ramps(_: Limit, before: Part, begin: int, peak: float) -> Heads:
    return ((ramp, ()) for ramp in ramps(before, begin, peak))


def _heads(limit: Limit, before: Part, begin: int, peak: float) -> Heads:
    """What else may come before a shape that begins at a step and a rate: another shape, and a ramp before that."""
    if before.size < LEAST or next(ramps(before, begin, peak), None) is not None:
        return
    for name in limit.within(("exponential", "line", "cosine", "stairs")):
        kind = KINDS[name]
        for shape in kind.shapes(before):
            if shape.start == peak:
                yield None, ((shape, begin),)
        for joint in limit.within(joints(before, kind)[:MOST_INNER]):
            first = int(numpy.searchsorted(before.steps, joint))
            for shape in kind.shapes(before.rows(first).since(joint)):
                if shape.start == peak:
                    yield from ((ramp, ((shape, begin),)) for ramp in ramps(before.rows(0, first), joint, peak))


def joints(part: Part, kind: Kind) -> list[int]:
    """The steps at which a shape of that kind may begin, the roundest first."""
    found: dict[int, None] = {}
    for row in dict.fromkeys(_first_rows(part, kind)):
        if kind.explains is not None and part.size - row > LEAST + 2 and not kind.explains(part.rows(row + 1)):
            continue
        if row <= 0 and part.steps[0] <= 0:
            continue
        low = part.steps[row - 1] + 1 if row > 0 else 1
        high = part.steps[min(row, part.size - 1)]
        found |= dict.fromkeys(roundest(low, high, most=MOST_JOINTS))
    if blunt(part):  # where it is on a top that looks flat
        first, last = numpy.flatnonzero(part.values == part.values.max())[[0, -1]]
        first = max(first, last - int(SHORT * part.size))
        found |= dict.fromkeys(roundest(part.steps[first], part.steps[last], most=MOST_TOPS))
    return sorted(found, key=length)[:MOST_JOINTS]


def _first_rows(part: Part, kind: Kind) -> Iterator[int]:
    """The rows that may be the first of a shape of that kind: where the rate falls from its top, and from which on it
    explains all.
    """
    top = numpy.flatnonzero(part.values == part.values.max())
    yield from (int(top[-1]), int(top[0]), int(top[-1]) + 1)
    if len(falling := numpy.flatnonzero(numpy.diff(part.values) < 0)):
        yield from (int(falling[0]), int(falling[0]) + 1)
    tail = flat_tail(part)
    if kind.explains is not None:
        if (row := _longest(part, kind.explains, part.size)) is not None:
            yield from (row, row + 1)
        if LEAST < tail < part.size - 1 and (row := _longest(part, kind.explains, tail)) is not None:
            yield row


def _longest(part: Part, explains: Callable[[Part], bool], last: int) -> int | None:
    """The first of the rows up to ``last`` that are explained together: None where the last few are not."""
    good = last - LEAST
    if good < 0 or not explains(part.rows(good, last)):
        return None
    bad, reach = -1, LEAST
    top = int(part.values[:last].argmax())  # where most of what falls begins
    if 0 < top < good and explains(part.rows(top, last)):
        good, reach = top, 1
    while good > 0:
        ahead = max(good - reach, 0)
        if not explains(part.rows(ahead, last)):
            bad = ahead
            break
        good, reach = ahead, 2 * reach
    while good - bad > 1:
        between = (good + bad) // 2
        good, bad = (between, bad) if explains(part.rows(between, last)) else (good, between)
    return good


def _chained(part: Part, kind: Kind, limit: Limit) -> Iterator[Plan]:
    """A ramp that is multiplied with a shape, or lies over it."""
    rows = [row for row in dict.fromkeys(_first_rows(part, kind)) if 0 < row < part.size - LEAST]
    for row in limit.within(rows):
        found = sorted(kind.shapes(part.rows(row)), key=_typed)[:MOST_SHAPES]
        for shape in found:
            before = part.rows(0, row)
            rates = rates_at(shape, before.steps)
            if (rates <= 0).any():
                continue
            ends = roundest(part.steps[row - 1] + 1, part.steps[row], most=MOST_JOINTS)
            for end in ends:
                to_curve = "tanh" in (shape.kind, shape.more.get("fall"))  # where timm's warm-up goes, of this alone
                peak = float(rates_at(shape, numpy.array([float(end)]))[0]) if to_curve else shape.start
                for ramp in ramps(before, end, peak):
                    if ramp.length == end:
                        yield Plan(shape, ramp, overlaid=True)
            for ramp in ramps(before.over(rates), ends[0], 1.0):
                if ramp.length and ramp.start < 1:
                    yield Plan(shape, ramp, chained=True)
