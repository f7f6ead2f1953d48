"""The steps at which a curve turns: what a picture labels and the short table lists.

Everything is read off the numbers; the scheduler is asked only for what numbers cannot tell (that a drop is a plateau's
reduction, that a SequentialLR hands over). An epoch-wise schedule is looked at once an epoch, so that its stairs are
not taken for drops.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lrplot.runs.curve import Curve

MOST = 10_000
"""Events of a curve that are told; of more, those of the lowest rank."""

_BLOCK = 1 << 15
"""Changes at a time: as many as stay in the processor's cache."""

STILL = 1e-12
"""A change by less than this part of the rate is rounding."""

SUDDEN = 5
"""A jump is so many times as large as the changes beside it."""

_TIERS = {
    "nan": 0,
    "warm-up end": 0,
    "peak": 1,
    "restart": 2,
    "drop": 2,
    "rise": 2,
    "trough": 3,
    "milestone": 4,
    "hold": 4,
    "fall": 4,
    "climb": 4,
    "start": 5,
    "end": 5,
    "foot": 6,
}
_KINDS = list(_TIERS)


class Event(NamedTuple):
    """A step at which the rate turns.

    Kinds: ``start`` and ``end`` of the run; ``peak`` and ``trough`` of a smooth curve; a sudden ``drop`` or ``rise``,
    and ``restart`` for a rise that undoes the fall before it, with ``foot`` for the last step before it; ``warm-up
    end``; ``hold`` where the rate becomes constant, and ``fall`` or ``climb`` for the last step of a constant stretch;
    ``milestone`` where a SequentialLR hands over and only the slope changes; ``nan`` for the first rate that is no
    finite number.
    """

    step: int
    kind: str
    value: float
    text: str
    rank: int
    """0 for the event to label first, then 1, 2, …"""


def find_events(curve: "Curve", group: int = 0) -> list[Event]:
    """The events of one parameter group, in step order; one step may hold two (a drop at the end).

    >>> from lrplot.runs.run import Run, Spec
    >>> from lrplot.schedulers.families import find
    >>> from lrplot.runs.simulate import simulate_run
    >>> (curve,) = simulate_run(Run(Spec(find("step"), {"step_size": 30, "gamma": 0.5}), {"lr": 0.1}, steps=80))
    >>> for event in find_events(curve):
    ...     print(event.step, event.value, event.text)
    0 0.1 start
    30 0.05 drop ×0.5
    60 0.025 drop ×0.5
    79 0.025 end
    """
    import numpy

    places, values = _samples(curve, group)
    finite = numpy.isfinite(values)
    real = values if finite.all() else values[finite]
    with numpy.errstate(all="ignore"):
        found = _turns(real, curve) if len(real) > 1 else []
        if len(real) < len(values):
            inside = numpy.flatnonzero(finite)
            found = [(kind, inside[at]) for kind, at in found]
        found += _milestones(curve, values, found)
        found += [
            ("nan", numpy.flatnonzero(~finite)[:1]),
            ("start", numpy.array([0])),
            ("end", numpy.array([len(values) - 1])),
        ]
        indices = numpy.concatenate([at for _, at in found])
        kinds = numpy.repeat([_KINDS.index(kind) for kind, _ in found], [len(at) for _, at in found])
        before = values[numpy.maximum(indices - 1, 0)]
        ranked = _by_importance(kinds, before, values[indices])
    lowest = float(real.min(initial=math.inf))
    events = []
    for rank, i in enumerate(ranked):
        kind, value = _KINDS[kinds[i]], float(values[indices[i]])
        place = len(curve) - 1 if kind == "end" else int(places[indices[i]])
        events.append(Event(curve.steps[place], kind, value, _text(kind, float(before[i]), value, lowest, curve), rank))
    return sorted(events, key=lambda event: (event.step, event.kind == "end", event.rank))


def _by_importance(kinds: "NDArray[Any]", before: "NDArray[Any]", values: "NDArray[Any]") -> "NDArray[Any]":
    """The order in which to label: by kind, the highest peaks, the largest jumps and the lowest troughs first, the
    earlier of equals.
    """
    import numpy

    tiers = numpy.array([_TIERS[kind] for kind in _KINDS])[kinds]
    weights = numpy.select([tiers == 1, tiers == 2, tiers == 3], [values, abs(values - before), -values], 0.0)
    # Single precision: peaks that differ by rounding alone are equals. lexsort keeps the order of equals.
    order = numpy.lexsort((numpy.arange(len(kinds)), -weights.astype(numpy.float32), tiers))
    if len(order) <= MOST:
        return order
    ends = tiers[order] == _TIERS["end"]
    return numpy.concatenate((order[~ends][: MOST - 2], order[ends]))


def _samples(curve: "Curve", group: int) -> "tuple[Sequence[int], NDArray[Any]]":
    """The indices at which the scheduler may have changed the rate, and the rates there."""
    import numpy

    rates, batches = numpy.frombuffer(curve.rates[group]), curve.run.batches
    if batches == 1:
        return range(len(rates)), rates
    first = (batches - _shift(curve)) % batches
    places = numpy.arange(first, len(rates), batches)
    if first > 0:
        places = numpy.concatenate(([0], places))
    return places, rates[places]  # type: ignore[return-value]


def _shift(curve: "Curve") -> int:
    """How far the rates are ahead of the steps at which they are used."""
    return 0 if curve.record == "used" else 1


class _Runs(NamedTuple):
    """Stretches in which the rate goes one way, and single jumps; change ``i`` is the one from value ``i`` to ``i +
    1``.
    """

    first: "NDArray[Any]"
    last: "NDArray[Any]"
    up: "NDArray[Any]"
    jump: "NDArray[Any]"


def _turns(values: "NDArray[Any]", curve: "Curve") -> "list[tuple[str, NDArray[Any]]]":
    """The events between start and end, by kind, each as indices into the values."""
    import numpy

    shortest = max(2, len(values) // 100)  # of a stretch that is called constant
    first, last, up, jump = _runs(values, shortest)
    if not first.size:
        return []
    up_l, up_r, jump_l, jump_r = up[:-1], up[1:], jump[:-1], jump[1:]
    after, before = last[:-1] + 1, first[1:]  # the values between two runs: the first and the last
    held = before - after >= shortest
    turn = ~jump_l & ~held & (up_l != up_r)
    # A restart goes back to where the rate has been: after a smooth fall, or after a drop where it is a good part of
    # the way.
    restart = jump & up & numpy.concatenate(([False], ~up_l))
    if restart.any():
        highest, reached = numpy.maximum.accumulate(values)[first], values[last + 1]
        restart &= (reached <= 1.5 * highest) & ((reached > highest / 2) | ~numpy.concatenate(([True], jump_l)))
    found = [
        ("peak", after[turn & up_l]),
        ("trough", after[turn & ~up_l & ~jump_r]),
        ("foot", after[turn & ~up_l & jump_r]),
        ("drop", last[jump & ~up] + 1),
        ("rise", last[jump & up & ~restart] + 1),
        ("restart", last[restart] + 1),
        ("hold", after[held & ~jump_l]),
        ("fall", before[held & ~jump_r & ~up_r]),
        ("climb", before[held & ~jump_r & up_r]),
    ]
    if first[0] >= shortest and not jump[0]:
        found.append(("climb" if up[0] else "fall", first[:1]))
    if len(values) - 2 - last[-1] >= shortest and not jump[-1]:
        found.append(("hold", last[-1:] + 1))
    top = _warm_up(_Runs(first, last, up, jump), held, shortest, len(values))
    if top is not None and not curve.run.spec.cls.cycles:
        found = [(kind, index[index != top] if kind in ("peak", "hold", "rise") else index) for kind, index in found]
        found.append(("warm-up end", numpy.array([top])))
    return found


def _runs(values: "NDArray[Any]", shortest: int) -> _Runs:
    import numpy

    signs, jumps = _changes(values)
    # Both sides of a spike of one step on a constant rate, as get_lr() reads it at each drop of StepLR.
    padded = numpy.concatenate(([0], signs, [0]))
    spikes = (signs[:-1] * signs[1:] < 0) & (padded[:-3] == 0) & (padded[3:] == 0)
    jumps[:-1] |= spikes
    jumps[1:] |= spikes
    # A change that alone undoes what several before it did: a restart, even after a fall that ends steeply.
    smooth = _split(signs, jumps & False)
    first, last, up, _ = smooth
    if not first.size:
        return smooth
    same = up[1:] == up[:-1]
    begins, ends = first[numpy.concatenate(([True], ~same))], last[numpy.concatenate((~same, [True]))]
    sums = abs(values[ends + 1] - values[begins])
    jumps[begins[1:][(begins == ends)[1:] & (begins < ends)[:-1] & (sums[1:] >= 0.75 * sums[:-1])]] = True
    first, last, up, jump = _split(signs, jumps)
    joined = ~jump[1:] & ~jump[:-1] & (up[1:] == up[:-1]) & (first[1:] - last[:-1] - 1 < shortest)
    begins, ends = numpy.concatenate(([True], ~joined)), numpy.concatenate((~joined, [True]))
    return _Runs(first[begins], last[ends], up[begins], jump[begins])


def _split(signs: "NDArray[Any]", jumps: "NDArray[Any]") -> _Runs:
    """The runs of equal sign, each jump by itself, without those in which nothing moves."""
    import numpy

    bounds = numpy.flatnonzero((signs[1:] != signs[:-1]) | jumps[1:] | jumps[:-1]) + 1
    first, last = numpy.concatenate(([0], bounds)), numpy.concatenate((bounds, [len(signs)])) - 1
    moving = signs[first] != 0
    first, last = first[moving], last[moving]
    return _Runs(first, last, signs[first] > 0, jumps[first])


def _changes(values: "NDArray[Any]") -> "tuple[NDArray[Any], NDArray[Any]]":
    """The sign of each change, and whether it stands out from both beside it.

    It must stand out by itself and, beside a change that goes the same way, also as a part of the rate: a geometric
    decay has no drops.
    """
    import numpy

    signs, jumps = numpy.zeros(len(values) - 1, numpy.int8), numpy.zeros(len(values) - 1, bool)
    for start in range(0, len(signs), _BLOCK):
        low = max(0, start - 1)
        piece = values[low : start + _BLOCK + 2]
        changes, height = numpy.diff(piece), abs(piece)
        sizes = numpy.maximum(height[:-1], height[1:])
        absolute = abs(changes)
        moves = absolute > STILL * sizes
        sign, relative, rest = numpy.sign(changes) * moves, absolute / sizes, ~moves
        for here, there in ((slice(1, None), slice(None, -1)), (slice(None, -1), slice(1, None))):
            rest[here] |= absolute[here] < SUDDEN * absolute[there]
            rest[here] |= (sign[here] == sign[there]) & (relative[here] < SUDDEN * relative[there])
        stop = min(start + _BLOCK, len(signs))
        signs[start:stop] = sign[start - low : stop - low]
        jumps[start:stop] = ~rest[start - low : stop - low]
    if len(signs) == 1:  # which has nothing to stand out from
        return signs, jumps & False
    # At an end, one change beside it is no measure of what is usual: only of whether the rate stood still.
    jumps[0] &= signs[1] == 0
    jumps[-1] &= signs[-2] == 0
    return signs, jumps


def _warm_up(runs: _Runs, held: "NDArray[Any]", shortest: int, length: int) -> int | None:
    """Where a rise from the start ends, unless it is one of many alike, or the better half of the run."""
    import numpy

    first, last, up, jump = runs
    if not up[0] or (first[0] >= shortest and not jump[0]):
        return None
    ends = numpy.flatnonzero(~up[1:] | held)
    end = int(ends[0]) if ends.size else len(first) - 1
    top = int(last[end]) + 1
    if top > length // 2 or (end + 1 < len(first) and up[end + 1]):
        return None
    later = numpy.flatnonzero(up[:-1] & ~up[1:] & ~jump[:-1])  # rises that were finished
    lengths = (last - first + 1)[later[later > end]]
    return None if (lengths <= 2 * top).any() else top


def _milestones(curve: "Curve", values: "NDArray[Any]", found: Sequence[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Where a SequentialLR hands over and the slope alone changes."""
    import numpy

    spec = curve.run.spec
    if not spec.handovers:
        return []
    known = {int(index) + by for _, indices in found for index in indices[:MOST] for by in (-1, 0, 1)}
    epoch = curve.steps.start // curve.run.batches
    indices = []
    for milestone in spec.handovers:
        # After a step, the first of several batches already stands alone.
        index = int(milestone) - epoch - (_shift(curve) if curve.run.batches == 1 else 0)
        if 0 < index < len(values) - 1 and index not in known:
            left, right = values[index] - values[index - 1], values[index + 1] - values[index]
            if abs(right - left) > 0.1 * max(abs(left), abs(right)):
                indices.append(index)
    return [("milestone", numpy.array(indices, dtype=numpy.intp))]


def _text(kind: str, before: float, value: float, lowest: float, curve: "Curve") -> str:
    if kind in ("drop", "rise"):
        word = "reduced" if curve.run.spec.cls.watches_metric and kind == "drop" else kind
        return f"{word} ×{value / before:.3g}" if before > 0 and value > 0 else f"{word} to {value:.3g}"
    if kind in ("trough", "foot"):
        return "lowest" if value - lowest <= 1e-9 * abs(lowest) else "low"
    if kind == "nan":
        return "not a number" if math.isnan(value) else "infinite"
    words = {
        "warm-up end": "warm-up ends",
        "hold": "constant",
        "fall": "decay starts",
        "climb": "rise starts",
        "milestone": "next scheduler",
    }
    return words.get(kind, kind)
