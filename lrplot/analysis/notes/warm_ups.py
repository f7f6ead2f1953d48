"""The warm-up: how long it is beside the run, and the hand-over to the decay."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from lrplot.analysis.notes.rule import Finding, Fix, rule, rule_of_runs
from lrplot.analysis.notes.subject import MOST_OF_THE_RUN, Stretch, Subject

KIND = "starts"
"""The start of the run is not what one thinks."""
SUDDEN = 5
"""What drops at once drops by so many times as much as it does afterwards."""
LEAST_TO_DROP = 20
"""Steps of a scheduler: of fewer, each may be a drop."""
FORESEEN = 10
"""Lengths of the run: what goes up so slowly that it takes more has another height than lr."""


@rule("LR011", "total_iters", "rise")
def warm_up_without_end(stretch: Stretch) -> Iterator[Finding]:
    """The warm-up takes the whole run, or most of it.

    What it finds: A LinearLR that rises, or a ConstantLR with a factor below 1, for as long as the run or longer; one
    before another scheduler, or a schedule's own warm-up, that leaves less than a third of the run for what follows. A
    LinearLR alone that rises just as long as the run is taken for a range test, and passes.

    Why it is bad: The rate gets to where it should be as the run ends, or not at all. It comes of a short run with the
    settings of a long one, or of the lengths of warm-up and decay in each other's place.

    Example:
        optimizer: {lr: 0.0003}
        scheduler:
          name: sequential
          schedulers:
            - {name: linear, start_factor: 0.001, total_iters: 2000}
            - {name: cosine, T_max: 98000}
          milestones: [2000]
        steps: 1000

    Use instead: A warm-up of a few hundredths of the run, and the rest for the decay.

    When to ignore it: The run is a range test, or a test of the warm-up alone.
    """
    if stretch.only_warms_up:
        yield _own_warm_up(stretch)
        return
    total, whole = stretch.value("total_iters"), stretch.parent or stretch
    if not stretch.rises or not stretch.end or not whole.end or not whole.to_end:
        return
    if stretch.parent is not None and stretch.is_in_turns:  # in the midst of a run, a factor is held as a floor
        too_long = not stretch.nth and min(total, stretch.end) > MOST_OF_THE_RUN * whole.end
    else:
        alone = stretch.parent is None and stretch.has("start_factor")
        too_long = total > whole.end or (total == whole.end and not alone)
    if too_long:
        what = _takes(stretch, "total_iters", total, whole.end)
        yield Finding(stretch.key("total_iters"), what, None, [_shorter(stretch, max(1, whole.end // 10))])


def _own_warm_up(stretch: Stretch) -> Finding:
    """That of a schedule that has a warm-up of its own."""
    (name, length), end = stretch.warm_up, stretch.end or 0
    what = _takes(stretch, name, length, end)
    if stretch.subject.rates and length >= end:
        what += f", and the run ends at a rate of {stretch.subject.rates[0][-1]:.6g}"
    shorter = max(1, end // 10)
    fix = {stretch.key(name): shorter * stretch.counts}
    if stretch.own_length and stretch.own_length[1] > end:
        fix |= {stretch.key(stretch.cls.length): end - shorter} if stretch.lead else stretch.lasting(end)
    return Finding(stretch.key(name), what, None, [fix])


def _takes(stretch: Stretch, name: str, length: int, end: int) -> str:
    part = "all" if length >= end else f"{100 * length / end:.3g} %"
    return f"the warm-up takes {part} of the run of {stretch.subject.length}: {name}={stretch.value(name):g}"


def _shorter(warm_up: Stretch, steps: int) -> Fix:
    """A warm-up of so many steps, and what follows from it: the hand-over, and the rest of the run for the next."""
    fix: dict[str, Any] = {warm_up.key("total_iters"): steps}
    whole = warm_up.parent
    if whole is not None and warm_up.is_in_turns and whole.spec.handovers and whole.end:
        fix[whole.key("milestones", 0)] = steps
        after, handovers = whole.spec.inner[1], whole.spec.handovers
        until = handovers[1] if len(handovers) > 1 else whole.end
        if after.cls.length and isinstance(after.parameters.get(after.cls.length), int):
            fix[f"{whole.path}.schedulers[1].{after.cls.length}"] = max(1, min(until, whole.end) - steps)
    return fix


@rule_of_runs("LR013", "schedulers", "start_factor", "function", consequence=True)
def peak_below_lr(subject: Subject) -> Iterator[Finding]:
    """The decay begins within the warm-up, so that the peak lies below lr.

    What it finds: A warm-up and a decay that act at once, in a chain or as two schedulers of one optimizer, or a
    function that rises and falls, whose highest rate is less than nine tenths of lr. A function that never comes to
    half of it is taken to mean something else. And a function, or a log, that rises to its peak and drops from there by
    a fourteenth of it or more at once, to go on falling slowly.

    Why it is bad: While the one still rises, the other falls already. Where the two are multiplied, the run never has
    the rate that was asked for and tuned, and a longer warm-up lowers it further; where one takes over from the other,
    it has that for a step.

    Example:
        optimizer: {lr: 0.1}
        scheduler:
          name: chained
          schedulers:
            - {name: linear, start_factor: 0.1, total_iters: 20}
            - {name: exponential, gamma: 0.95}
        steps: 100

    Use instead: A SequentialLR, whose decay begins at its milestone.

    When to ignore it: The recipe is known to count the decay from the first step on, and lr is tuned with that.
    """
    several = subject.run.spec.is_several
    ramps = (stretch for stretch in subject.stretches if stretch.has("start_factor") and stretch.rises)
    warm_up = next((ramp for ramp in ramps if not ramp.is_in_turns or (several and ramp.parent is None)), None)
    if warm_up is None and not (subject.has_function and len(subject.stretches) == 1):
        return
    if warm_up is None:
        yield from _drops_from_its_peak(subject)
    for group, (rates, height, lr) in enumerate(zip(subject.rates, subject.heights, subject.lrs)):
        if height >= 0.9 * lr:
            continue
        peak = max(rates)
        if rates[0] < peak < 0.9 * lr and peak > rates[-1] and (warm_up is not None or peak > 0.5 * lr):
            step = rates.index(peak)
            whose = subject.whose(group)
            what = f"the peak{whose} is {peak:.6g}, at step {step}, {100 - 100 * peak / lr:.3g} % below lr={lr}"
            why = ": the decay begins within the warm-up"
            yield Finding(warm_up.path if warm_up else subject.function_key, what + why, step, _in_turns(warm_up))
            return


def _drops_from_its_peak(subject: Subject) -> Iterator[Finding]:
    """A function that falls at once where its warm-up ends, and slowly from there on."""
    for rates, height in zip(subject.rates, subject.heights):
        if not rates[0] < 0.9 * height or subject.beats < LEAST_TO_DROP:
            continue
        own = rates[:: subject.batches]
        top = own.index(peak := max(own))
        if not 1 < top < len(own) - 3 or not own[top - 2] < own[top - 1] < peak:
            continue
        drop, next_drop = peak - own[top + 1], own[top + 1] - own[top + 2]
        if drop > peak / 14 and 0 < SUDDEN * next_drop < drop:
            at = (top + 1) * subject.batches
            what = f"the rate drops from {peak:.6g} to {own[top + 1]:.6g} at step {at}, where the warm-up ends"
            yield Finding(subject.function_key, f"{what}: the decay begins within it", at)
            return


def _in_turns(warm_up: Stretch | None) -> Sequence[Fix]:
    """The chain of a warm-up and one decay as one after the other."""
    whole = warm_up.parent if warm_up is not None else None
    if warm_up is None or whole is None or warm_up.nth or len(whole.spec.inner) != 2 or whole.parent is not None:
        return []
    total = warm_up.value("total_iters")
    fix: dict[str, Any] = {whole.key("name"): "SequentialLR", whole.key("milestones"): [total]}
    decay = warm_up.siblings[1]
    if decay.cls.length and decay.end and decay.end > total:
        fix[decay.key(decay.cls.length)] = decay.end - total
    return [fix]


@rule("LR014", "milestones schedulers", "boundaries schedules", "num_decay_steps", consequence=True)
def jump_at_a_handover(stretch: Stretch) -> Iterator[Finding]:
    """The rate jumps where one scheduler hands over to the next.

    What it finds: A warm-up that is cut off by its milestone before it is at its end, or whose end_factor is below 1;
    a rate that goes back up to lr where a decay follows a decay of another kind; and a warm-up and a decay of one
    schedule that are longer than it together.

    Why it is bad: Each scheduler of a SequentialLR begins from the base rate, whatever the rate is by then. After a
    warm-up of half its length the rate doubles at once, which is what the warm-up was to prevent; after a decay, all
    that was lowered is undone.

    Example:
        optimizer: {lr: 0.1}
        scheduler:
          name: sequential
          schedulers:
            - {name: linear, start_factor: 0.01, total_iters: 20}
            - {name: cosine, T_max: 90}
          milestones: [10]
        steps: 100

    Use instead: A milestone at the end of the warm-up; one decay for the rest, or a ChainedScheduler.

    When to ignore it: The jump is wanted, as with warm restarts of different kinds.
    """
    if stretch.has("num_decay_steps"):
        yield from _longer_than_the_whole(stretch)
    inner = [other for other in stretch.subject.stretches if other.parent is stretch]
    for before, after in pairwise(inner):
        step = after.step(0)
        if not before.end or not after.end or not (rates := stretch.subject.rates) or not 0 < step < len(rates[0]):
            continue
        low, high = rates[0][step - 1], rates[0][step]
        if high <= 1.05 * low:
            continue
        if (cause := _cause_of_a_jump(before, after, low, high)) is not None:
            key, why, fixes = cause
            jump = f"the rate jumps from {low:.6g} to {high:.6g} at {after.when(0)}"
            yield Finding(key, f"{jump}: {why}", step, fixes)


def _cause_of_a_jump(before: Stretch, after: Stretch, low: float, high: float) -> tuple[str, str, Sequence[Fix]] | None:
    """The key at fault, why the rate jumps at a hand-over, and what would mend it: None where it may jump."""
    assert before.parent is not None, "they are in a composite"
    milestone = before.parent.key("milestones" if before.parent.has("milestones") else "boundaries", before.nth)
    if before.rises and (before.has("start_factor") or before.is_line):
        height = "end_factor" if before.has("end_factor") else "end_value"
        if before.own_length and before.end and before.own_length[1] > before.end:
            name, total = before.own_length
            why = f"the warm-up is cut off there, at {before.end} of {name}={before.value(name)}"
            return milestone, why, _whole_warm_up(before, after, total)
        if before.value(height) < (right := _height_of(after, height)) and high > 1.2 * low:
            why = f"the warm-up ends at {height}={before.value(height):g}, and {after.cls.shown_name} begins from "
            why += "lr" if height == "end_factor" else f"{right:g}"
            return before.key(height), why, [{before.key(height): right}]
    if high > 1.5 * low and high >= 0.9 * max(before.subject.lrs) and _goes_on_down(before, after):
        why = f"{after.cls.shown_name} begins from the base rate, and what {before.cls.shown_name} did is undone"
        return milestone, why, []
    return None


def _longer_than_the_whole(stretch: Stretch) -> Iterator[Finding]:
    """The drop where a warm-up ends in the midst of the decay."""
    names = ("num_warmup_steps", "num_decay_steps", "num_training_steps")
    warm, decay, whole = lengths = [stretch.value(name) for name in names]
    if None in lengths or stretch.value("num_stable_steps") is not None or warm + decay <= whole:
        return
    rates, at = stretch.subject.rates, stretch.step(warm)
    if rates and 0 < at < len(rates[0]) and rates[0][at] < rates[0][at - 1]:
        jump = f"the rate jumps from {rates[0][at - 1]:.6g} to {rates[0][at]:.6g} at {stretch.when(warm)}"
        given = [f"{name}={length}" for name, length in zip(names, lengths)]
        what = f"{jump}: {given[0]} and {given[1]} are more than {given[2]} together"
        fixes = [{stretch.key(names[1]): whole - warm}] if warm < whole else []
        yield Finding(stretch.key(names[1]), what, at, fixes)


def _height_of(after: Stretch, height: str) -> float:
    """What the warm-up before a schedule is to come to: all of lr, or the rate that the schedule begins at."""
    first = next((after.value(name) for name in ("init_value", "value") if after.has(name)), 0.0)
    return 1.0 if height == "end_factor" else float(first)


def _whole_warm_up(before: Stretch, after: Stretch, total: int) -> Sequence[Fix]:
    """A milestone at the end of the warm-up, with the rest for what follows; or a warm-up up to the milestone."""
    whole = before.parent
    assert whole is not None, "it is in a composite"
    handovers = "milestones" if whole.has("milestones") else "boundaries"
    fix: dict[str, Any] = {whole.key(handovers, before.nth): total}
    name = after.cls.length
    if name and after.value(name) == after.end and after.end and after.end > total - (before.end or 0):
        fix[after.key(name)] = after.end - total + (before.end or 0)
    return [fix, {before.key(before.cls.length): before.end}]


def _goes_on_down(before: Stretch, after: Stretch) -> bool:
    """Whether a decay follows a decay of another kind: two of one kind, or what swings, are restarts."""
    kinds = {before.cls, after.cls}
    ramps = before.rises or after.rises or before.is_flat or after.is_flat
    return len(kinds) > 1 and not ramps and not any(cls.from_base_lrs or cls.owns_rate for cls in kinds)


@rule("LR015", "total_iters")
def one_step_of_warm_up(stretch: Stretch) -> Iterator[Finding]:
    """The warm-up is a single step.

    What it finds: A LinearLR that rises, with total_iters 1, before another scheduler, in a run of 100 steps of the
    scheduler or more.

    Why it is bad: total_iters counts steps. Where a warm-up is given as a share of the run elsewhere, 1 is the whole
    run or one hundredth of it; here the rate is at its full height after the first step.

    Example:
        optimizer: {lr: 0.1}
        scheduler:
          name: sequential
          schedulers:
            - {name: linear, start_factor: 0.01, total_iters: 1}
            - {name: cosine, T_max: 9999}
          milestones: [1]
        steps: 10000

    Use instead: The number of steps, here some hundreds.

    When to ignore it: One step of warm-up is meant, as with a schedule that is stepped once an epoch.
    """
    if stretch.value("total_iters") != 1 or not stretch.rises or not stretch.has("start_factor") or stretch.nth:
        return
    whole = stretch.parent
    if whole is not None and whole.end is not None and whole.end >= 100 and stretch.subject.batches == 1:
        what = (
            f"the warm-up is 1 of the run's {whole.end:,} steps: total_iters counts steps, and is no share of the run"
        )
        yield Finding(stretch.key("total_iters"), what, 0, [_shorter(stretch, max(2, whole.end // 20))])


@rule_of_runs("LR018", "lr_lambda")
def still_rising(subject: Subject) -> Iterator[Finding]:
    """The warm-up of a function outlasts the run.

    What it finds: A LambdaLR whose rate goes up in a straight line from the first step to the last, and ends below nine
    tenths of lr.

    Why it is bad: The run never has the rate that was asked for. It comes of a short run with the settings of a long
    one, or of a warm-up in steps where the scheduler is stepped by the epoch.

    Example:
        optimizer: {lr: 0.001}
        scheduler: {name: lambda, lr_lambda: "min(1, (epoch + 1) / 2000)"}
        steps: 1000

    Use instead: A warm-up of a few hundredths of the run.

    When to ignore it: The run is a range test.
    """
    batches, (stretch, *more) = subject.batches, subject.stretches
    if more or subject.run.open_ended or not stretch.cls.from_base_lrs:
        return
    for group, (rates, lr) in enumerate(zip(subject.rates, subject.lrs)):
        own = rates[::batches]
        first, middle, last = own[0], own[(len(own) - 1) // 2], own[-1]
        rise = last - first
        if len(own) < 20 or not 0 <= first < 0.1 * last or not last < 0.9 * lr:
            continue
        if abs(middle - first - rise * ((len(own) - 1) // 2) / (len(own) - 1)) < 1e-3 * rise:
            whose = subject.whose(group)
            what = f"the rate{whose} still rises at the last step, where it is {last:.6g}, and lr={lr}"
            at = round((lr - first) / rise * (len(own) - 1))
            if at < FORESEEN * len(own):
                what += f": so on, it would come to lr at {stretch.when(at)}"
            yield Finding(subject.function_key, what, len(rates) - 1)
            return
