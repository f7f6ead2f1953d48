"""The end of the run is not where one thinks."""

import sys
from collections.abc import Iterator
from itertools import pairwise
from math import cos, pi
from typing import TYPE_CHECKING

from lrplot.analysis.notes.rule import Finding, rule, rule_of_runs
from lrplot.analysis.notes.subject import Stretch, Subject

if TYPE_CHECKING:
    from array import array

LEAST_TO_TURN = 10
"""Steps of a scheduler: fewer are no curve."""


@rule("LR004", "T_max", "num_cycles", "function")
def climbs_again(stretch: Stretch) -> Iterator[Finding]:
    """The cosine climbs again.

    What it finds: A CosineAnnealingLR that is stepped past T_max, so far that its rate is back at a hundredth of its
    height or more; and a cosine of transformers that is stepped past num_training_steps, likewise, or whose num_cycles
    bring it back up within them. One that an SWALR takes over from may be as high as it likes. Of a function of one's
    own, or of a log, one that falls for more than half of the run and climbs from there as it fell.

    Why it is bad: T_max is half a period. Past it the rate goes up again along the other half, to where it began at 2
    T_max, and the run may end at its highest rate instead of its lowest.

    Example:
        optimizer: {lr: 0.1}
        scheduler: {name: cosine, T_max: 50}
        steps: 100

    Use instead: The steps that the scheduler makes as T_max, without those of a warm-up before it. For restarts there
    is CosineAnnealingWarmRestarts, and for a floor that is held a SequentialLR with a ConstantLR after the cosine.

    When to ignore it: The rate is meant to swing.
    """
    if stretch.has("num_cycles"):
        yield from _climbs_past_its_end(stretch)
        yield from _climbs_within_its_steps(stretch)
        return
    if not stretch.has("T_max"):
        yield from _climbs_as_it_fell(stretch)
        return
    T_max = stretch.value("T_max")
    if stretch.end is None or T_max <= 0 or stretch.end - 1 <= T_max:
        return
    last = stretch.end - 1
    top = min(last, 2 * T_max)
    height = (1 + cos(pi * top / T_max)) / 2
    if height < 0.01 or stretch.own > T_max:
        return
    turns, rates = last // T_max, stretch.subject.rates
    if not rates:
        return
    end = min(stretch.step(top), len(rates[0]) - 1)
    column = max(rates, key=lambda column: column[end])
    if not column[end] > column[stretch.step(T_max)]:
        return  # in a chain, others bring it down meanwhile
    if any(other.has("swa_lr") and other.begin >= stretch.begin for other in stretch.subject.stretches):
        return  # which takes over at a rate that is high by intention
    more = f" ({turns} turns in all)" if turns > 1 else ""
    what = f"the cosine turns at {stretch.when(T_max)} and climbs to {column[end]:.6g} by {stretch.when(top)}{more}"
    what += f": T_max={stretch.end} would end at eta_min"
    if stretch.parent is None and 0 < 3 * (left := stretch.end - T_max) <= stretch.end:
        what += f", and if {left} were taken off it for a warm-up, there is none"
    yield Finding(stretch.key("T_max"), what, stretch.step(T_max), [{stretch.key("T_max"): stretch.end}])


def _climbs_past_its_end(stretch: Stretch) -> Iterator[Finding]:
    """A cosine that falls to the end of its training, and is stepped on from there."""
    total, rates = stretch.value("num_training_steps"), stretch.subject.rates
    if not total or stretch.end is None or stretch.end - 1 <= total or stretch.own > total or not rates:
        return
    last = min(stretch.step(stretch.end - 1), len(rates[0]) - 1)
    column, lr = max(zip(rates, stretch.subject.lrs), key=lambda each: each[0][last])
    turn = total - (column[stretch.step(total - 1)] < column[stretch.step(total)])  # of one, a step sooner
    low = stretch.step(turn)
    if column[last] - column[low] > 0.01 * lr and column[low] < column[low - 1]:
        what = f"the cosine turns at {stretch.when(turn)} and climbs to {column[last]:.6g} by the end of the run"
        key = stretch.key("num_training_steps")
        yield Finding(
            key, f"{what}: num_training_steps={stretch.end} would end at its floor", low, [{key: stretch.end}]
        )


def _climbs_within_its_steps(stretch: Stretch) -> Iterator[Finding]:
    """A cosine of so many waves that it ends at more than half of its height."""
    cycles, key = stretch.value("num_cycles"), stretch.key("num_cycles")
    if stretch.end is None or not cycles > 0.5 or not stretch.subject.rates or stretch.parent is not None:
        return
    falling = stretch.subject.rates[0][stretch.step(stretch.warm_up[1]) : stretch.step(stretch.end)]
    low, last, lr = min(falling, default=0.0), falling[-1] if falling else 0.0, stretch.subject.lrs[0]
    if last - low > 0.5 * (lr - low) > 0 and falling[-2:-1] < falling[-1:]:
        step = stretch.step(stretch.warm_up[1]) + falling.index(low)
        what = f"the cosine turns at step {step} and climbs to {last:.6g} by the end of the run: num_cycles={cycles:g}"
        yield Finding(key, f"{what} counts whole waves, of which 0.5 is one fall", step, [{key: 0.5}])


def _climbs_as_it_fell(stretch: Stretch) -> Iterator[Finding]:
    """A function whose last rates are those before its lowest in the opposite order."""
    subject = stretch.subject
    if stretch.end is None or subject.run.open_ended or len(subject.stretches) > 1 or subject.beats < LEAST_TO_TURN:
        return
    for rates in subject.rates:
        own = rates[:: subject.batches]
        if not own[-1] > own[-2] >= own[-3] or own[0] != own[0]:  # which is no number
            continue
        low, peak = min(own), max(own)
        turn = own.index(low)
        climbed, before = len(own) - 1 - turn, own[turn - 1 :: -1]
        if not 1 < climbed < turn or own[-1] - low < 0.01 * (peak - low) or own[-1] >= 0.99 * peak:
            continue
        falls = all(later <= earlier for earlier, later in pairwise(own[own.index(peak) : turn + 1]))
        if falls and all(abs(up - down) <= 1e-3 * peak for up, down in zip(own[turn + 1 :], before)):
            what = f"the rate turns at {stretch.when(stretch.own + turn)} and climbs to {own[-1]:.6g} by the end of the"
            yield Finding(subject.function_key, f"{what} run, as it fell before", turn * subject.batches)
            return


@rule_of_runs("LR005", "T_0", "milestones", "function", consequence=True)
def restarts_at_the_end(subject: Subject) -> Iterator[Finding]:
    """The rate restarts in the last steps.

    What it finds: A sudden rise within the last fiftieth of the run. A CyclicLR may rise wherever it likes.

    Why it is bad: The last steps are made at a high rate, after the low one that the whole cycle was for, and it is
    their weights that are kept.

    Example:
        optimizer: {lr: 0.05}
        scheduler: {name: warm-restarts, T_0: 33}
        steps: 100

    Use instead: A run that ends with its last cycle, or cycles of which the run is a multiple.

    When to ignore it: Only the weights at the end of each cycle are kept, or the run is to be resumed.
    """
    batches, epochs = subject.batches, subject.beats
    if subject.run.open_ended or epochs < 20 or any(stretch.cls.cycles for stretch in subject.stretches):
        return
    first = epochs - max(1, epochs // 50)
    for rates in subject.rates:
        tail, least = rates[(first - 2) * batches :: batches], 0.1 * max(subject.lrs)
        if max(tail) - min(tail) <= least:
            continue
        for index, (before, low, high) in enumerate(zip(tail, tail[1:], tail[2:])):
            if low <= before and high > 1.5 * low and high - low > least:
                step = (first + index) * batches
                what = f"the rate jumps from {low:.6g} to {high:.6g} at step {step}"
                left = f"{subject.run.steps - step:,} of {subject.run.steps:,} steps before the end of the run"
                yield Finding(subject.key_of("T_0"), f"{what}, {left}", step, [{"steps": step}])
                return


@rule_of_runs("LR006", "eta_min=", "swa_lr", "function", consequence=True)
def below_zero(subject: Subject) -> Iterator[Finding]:
    """The rate falls below 0.

    What it finds: A step at a negative rate.

    Why it is bad: The optimizer goes uphill: the weights are moved to where the loss is higher, without an error.

    Example:
        optimizer: {lr: 0.01}
        scheduler: {name: lambda, lr_lambda: 1 - epoch / 90}
        steps: 100

    Use instead: A run that ends where the rate is 0, or an expression with a floor, such as ``max(0, 1 - epoch / 90)``.

    When to ignore it: Never, for a schedule that trains something.
    """
    floor = _negative(subject)
    if subject.run.open_ended or not (floor or subject.has_function):
        return
    for rates in subject.rates:
        if _has_signs(rates) and min(rates) < 0:
            step = next(index for index, rate in enumerate(rates) if rate < 0)
            what = f"the rate is below 0 from step {step} on, and is {min(rates):.6g} at its lowest"
            yield Finding(floor or subject.function_key, what, step, [{floor: 0.0} if floor else {"steps": step}])
            return


def _has_signs(rates: "array[float]") -> bool:
    """Whether there is a sign before any rate: many times as soon told from their bytes as by comparing them."""
    return not rates.tobytes()[7 if sys.byteorder == "little" else 0 :: 8].isascii()


def _negative(subject: Subject) -> str:
    """The key path of a rate to come down to that is below 0: empty where there is none."""
    for stretch in subject.stretches:
        for name in ("eta_min", "swa_lr"):
            floor = stretch.value(name)
            if isinstance(floor, float) and floor < 0:
                return stretch.key(name)
    return ""


@rule_of_runs("LR008", consequence=True)
def ends_in_an_error(subject: Subject) -> Iterator[Finding]:
    """The schedule ends the training with an error.

    What it finds: A schedule that cannot be followed to the end of the run: a division by zero, an overflow, a function
    without a value.

    Why it is bad: scheduler.step() raises in the midst of the training, perhaps hours after it began.

    Example:
        optimizer: {lr: 0.1}
        scheduler: {name: constant, factor: 0, total_iters: 5}
        steps: 100

    Use instead: For ConstantLR a factor above 0, as it is undone by 1 / factor; for a function of one's own, one that
    has a value at every step.

    When to ignore it: Never.
    """
    if subject.curve is None and subject.failure is not None:
        key = subject.function_key if subject.has_function else subject.key_of("factor")
        yield Finding(key, f"the schedule cannot be followed to its end: {subject.failure}")
