"""The shape of a curve, from its numbers alone: where it turns, jumps, stands still.

Where a scheduler says where it jumps, it is believed; the numbers are asked for what no scheduler knows: minima and
maxima, constant stretches, and the jumps of a function of one's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

_BLOCK = 1 << 15
"""Changes at a time: as many as stay in the processor's cache."""

STILL = 1e-12
"""A change by less than this part of the rate is rounding."""

SUDDEN = 5
"""A jump is so many times as large as the changes beside it."""

WIGGLE = 0.01
"""A turn by less than this part of what the rate does before and after it is none."""


class Told(NamedTuple):
    """What is told of a curve beside its numbers, as indices into them.

    Args:
        jumps: Where the rate is set to another, whatever the change looks like.
        restarts: Those of them that begin a cycle.
        joints: Where one scheduler or phase ends and the next begins, be it with a jump, a bend or neither.
        complete: Whether there is no jump but at these: else the numbers say where.
        epochs: The first value of each epoch, of which a smooth function may make stairs.
        cycles: Whether the rate swings by itself, so that its first rise is no warm-up.
    """

    jumps: Array
    restarts: Array
    joints: Array
    complete: bool
    epochs: range
    cycles: bool


class _Runs(NamedTuple):
    """Stretches in which the rate goes one way, and single jumps; change ``i`` is the one from value ``i`` to ``i +
    1``.
    """

    first: Array
    last: Array
    up: Array
    jump: Array


def turns(values: Array, told: Told) -> list[tuple[str, Array]]:
    """The events between start and end, by kind, each as indices into the values."""
    import numpy

    signs, jumps, shortest = _jumps(values, told)
    first, last, up, jump = _runs(signs, jumps, shortest)
    if not first.size:
        return []
    up_l, up_r, jump_l, jump_r = up[:-1], up[1:], jump[:-1], jump[1:]
    after, before = last[:-1] + 1, first[1:]  # the values between two runs: the first and the last
    held = before - after >= shortest
    turn = ~jump_l & ~held & (up_l != up_r)
    restart = _restarts(values, _Runs(first, last, up, jump), told)
    found = [
        ("peak", after[turn & up_l]),
        ("trough", after[turn & ~up_l & ~jump_r]),
        ("foot", after[turn & ~up_l & jump_r]),
        ("drop", last[jump & ~up & ~restart] + 1),
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
    if top is not None and not told.cycles and top not in told.jumps:
        found = [(kind, index[index != top] if kind in ("peak", "hold", "rise") else index) for kind, index in found]
        found.append(("warm-up end", numpy.array([top])))
    return [*found, ("milestone", _bends(values, told.joints, found))]


def _restarts(values: Array, runs: _Runs, told: Told) -> Array:
    """Which of the runs are restarts: those told, and jumps back to where the rate has been, after a smooth fall, or
    after a drop where it is a good part of the way.
    """
    import numpy

    first, last, up, jump = runs
    back = jump & up & numpy.concatenate(([False], ~up[:-1])) & ~numpy.isin(last + 1, told.jumps)
    if back.any():
        highest, reached = numpy.maximum.accumulate(values)[first], values[last + 1]
        back &= (reached <= 1.5 * highest) & ((reached > highest / 2) | ~numpy.concatenate(([True], jump[:-1])))
    restarts: Array = back | (jump & numpy.isin(last + 1, told.restarts))
    return restarts


def _bends(values: Array, joints: Array, found: Sequence[tuple[str, Array]]) -> Array:
    """Those of the joints at which nothing else is found and the slope changes."""
    import numpy

    inner = joints[joints < len(values) - 1]
    known = numpy.concatenate([indices for _, indices in found])
    inner = inner[~numpy.isin(inner, numpy.concatenate((known - 1, known, known + 1)))]
    left, right = values[inner] - values[inner - 1], values[inner + 1] - values[inner]
    bends: Array = inner[abs(right - left) > 0.1 * numpy.maximum(abs(left), abs(right))]
    return bends


def _jumps(values: Array, told: Told) -> tuple[Array, Array, int]:
    """The sign of each change, which of them are jumps, and of how many a stretch is that is called constant."""
    signs, jumps = _changes(values)
    shortest = max(2, len(values) // 100)
    if told.complete:
        jumps[:] = False
        jumps[_leaps(values, signs, told.joints) - 1] = True
    else:
        if _smooth_stairs(values, signs, jumps, told.epochs):
            shortest = max(shortest, told.epochs.step)
        _smooth_wiggles(values, signs, jumps)
        _add_spikes(values, signs, jumps)
    jumps[told.jumps - 1] = True
    return signs, jumps, shortest


def _leaps(values: Array, signs: Array, joints: Array) -> Array:
    """Those of the joints at which the rate goes on neither as it came nor as it will go."""
    at = joints - 1
    leaps: Array = signs[at] != 0
    for beside in (at - 1, at + 1):
        inside = (beside >= 0) & (beside < len(signs))
        there = beside * inside  # any, where there is none
        small = abs(values[at + 1] - values[at]) < SUDDEN * abs(values[there + 1] - values[there])
        leaps &= ~(inside & (signs[there] == signs[at]) & small)
    return joints[leaps]


def _smooth_stairs(values: Array, signs: Array, jumps: Array, epochs: range) -> bool:
    """Takes for no jumps those at the ends of epochs that are none among rates an epoch apart; says whether any."""
    import numpy

    if len(epochs) < 3:
        return False
    at = numpy.array(epochs[1:]) - 1
    still = numpy.concatenate(([0], signs, [0]))
    stairs = jumps[at] & (still[at] == 0) & (still[at + 2] == 0)
    stairs &= ~_changes(values[epochs.start :: epochs.step])[1]
    jumps[at[stairs]] = False
    return bool(stairs.any())


def _smooth_wiggles(values: Array, signs: Array, jumps: Array) -> None:
    """Takes a small turn within a long way for a part of that way."""
    import numpy

    first, last, up, _ = _split(signs, signs == 2)
    if len(first) < 3:
        return
    sizes = abs(values[last + 1] - values[first])
    small = (sizes[1:-1] < WIGGLE * numpy.minimum(sizes[:-2], sizes[2:])) & ~jumps[first[1:-1]]
    for i in numpy.flatnonzero(small & (up[:-2] != up[1:-1]) & (up[1:-1] != up[2:])) + 1:
        signs[first[i] : last[i] + 1] *= -1


def _add_spikes(values: Array, signs: Array, jumps: Array) -> None:
    """Adds the jumps that show only beside what is around them."""
    import numpy

    # Both sides of a spike of one step on a constant rate, as get_lr() reads it at each drop of StepLR.
    padded = numpy.concatenate(([0], signs, [0]))
    spikes = (signs[:-1] * signs[1:] < 0) & (padded[:-3] == 0) & (padded[3:] == 0)
    jumps[:-1] |= spikes
    jumps[1:] |= spikes
    # A change that alone undoes what several before it did: a restart, even after a fall that ends steeply.
    first, last, up, _ = _split(signs, jumps & False)
    if not first.size:
        return
    same = up[1:] == up[:-1]
    begins, ends = first[numpy.concatenate(([True], ~same))], last[numpy.concatenate((~same, [True]))]
    sums = abs(values[ends + 1] - values[begins])
    jumps[begins[1:][(begins == ends)[1:] & (begins < ends)[:-1] & (sums[1:] >= 0.75 * sums[:-1])]] = True


def _runs(signs: Array, jumps: Array, shortest: int) -> _Runs:
    """The stretches in which the rate goes one way, on beyond a pause that is too short to be called constant."""
    import numpy

    first, last, up, jump = _split(signs, jumps)
    joined = ~jump[1:] & ~jump[:-1] & (up[1:] == up[:-1]) & (first[1:] - last[:-1] - 1 < shortest)
    if not first.size:
        return _Runs(first, last, up, jump)
    begins, ends = numpy.concatenate(([True], ~joined)), numpy.concatenate((~joined, [True]))
    return _Runs(first[begins], last[ends], up[begins], jump[begins])


def _split(signs: Array, jumps: Array) -> _Runs:
    """The runs of equal sign, each jump by itself, without those in which nothing moves."""
    import numpy

    bounds = numpy.flatnonzero((signs[1:] != signs[:-1]) | jumps[1:] | jumps[:-1]) + 1
    first, last = numpy.concatenate(([0], bounds)), numpy.concatenate((bounds, [len(signs)])) - 1
    moving = signs[first] != 0
    first, last = first[moving], last[moving]
    return _Runs(first, last, signs[first] > 0, jumps[first])


def _changes(values: Array) -> tuple[Array, Array]:
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


def _warm_up(runs: _Runs, held: Array, shortest: int, length: int) -> int | None:
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
