"""The start of the run is not what one thinks: the warm-up, the first step, the hand-over to the decay."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from lrplot.analysis.notes.rule import Finding, Fix, rule, rule_of_runs
from lrplot.analysis.notes.subject import Stretch, Subject
from lrplot.parameters import Refusal
from lrplot.runs.run import Run
from lrplot.runs.simulate import simulate_run
from lrplot.runs.spec import Spec

FARTHEST = 1_000_000
"""Steps of a first run that are gone through to see where it ended."""
WARM_UPS = ("warmup_num_steps", "lr_warmup_steps")
"""Lengths of warm-ups in counts of a schedule that has one of its own."""
MOST_OF_THE_RUN = 2 / 3
"""A warm-up of a greater part of the run is no warm-up."""


@rule("LR011", "total_iters")
def warm_up_without_end(stretch: Stretch) -> Iterator[Finding]:
    """The warm-up takes the whole run, or most of it.

    What it finds: A LinearLR that rises, or a ConstantLR with a factor below 1, for as long as the run or longer; and
    one before another scheduler that has less than a third of the run left for that. A LinearLR alone that rises just
    as long as the run is taken for a range test, and passes.

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
    total, whole = stretch.value("total_iters"), stretch.parent or stretch
    if not stretch.rises or not stretch.end or not whole.end or not whole.to_end:
        return
    if stretch.parent is not None and stretch.is_in_turns:  # in the midst of a run, a factor is held as a floor
        too_long = not stretch.nth and min(total, stretch.end) > MOST_OF_THE_RUN * whole.end
    else:
        alone = stretch.parent is None and stretch.has("start_factor")
        too_long = total > whole.end or (total == whole.end and not alone)
    if too_long:
        part = "all" if total >= whole.end else f"{100 * total / whole.end:.3g} %"
        what = f"the warm-up takes {part} of the run of {stretch.subject.length}: total_iters={total}"
        yield Finding(stretch.key("total_iters"), what, None, [_shorter(stretch, max(1, whole.end // 10))])


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


@rule_of_runs("LR012", "factor", "warmup_lr_init", "function", consequence=True)
def first_step_at_zero(subject: Subject) -> Iterator[Finding]:
    """The first step is made at rate 0.

    What it finds: A rate that is exactly 0 at the first step of the scheduler, and is not at the second. One that
    swings by itself may begin there, and parameters that are frozen for longer are so by intention.

    Why it is bad: The first batch (with interval epoch, the first epoch) is computed and moves nothing; with a warm-up
    of k steps, the rates are those of k - 1.

    Example:
        optimizer: {lr: 0.001}
        scheduler: {name: lambda, lr_lambda: "min(1, epoch / 500)"}
        steps: 10000

    Use instead: The count from 1 on: ``(epoch + 1) / 500``.

    When to ignore it: The run is to be that of a library whose schedules begin at 0, to the step.
    """
    for rates in subject.rates:
        if rates[0] != 0 or any(stretch.cls.cycles for stretch in subject.stretches):
            continue
        first = next((step for step, rate in enumerate(rates) if rate), None)
        if first is not None and first <= subject.run.batches:
            when, then = (
                ("at the first step", "at the second") if first == 1 else (f"until step {first}", "from there on")
            )
            what = f"the rate is 0 {when}, which moves nothing, and {rates[first]:.6g} {then}"
            yield Finding(subject.key_of("warmup_lr_init"), what, 0, _counted_from_one(subject) or _from_above(subject))
            return


def _from_above(subject: Subject) -> Sequence[Fix]:
    """A warm-up that begins at a hundredth of the base rate, where it may say what it begins at."""
    key = subject.key_of("warmup_lr_init")
    return [{key: float(f"{0.01 * subject.lrs[0]:.3g}")}] if key.endswith("warmup_lr_init") else []


def _counted_from_one(subject: Subject) -> Sequence[Fix]:
    """The function of the first scheduler with its variable one higher."""
    key = subject.function_key
    stretch = next((stretch for stretch in subject.stretches if f"{stretch.path}.lr_lambda" == key), None)
    texts = stretch.value("lr_lambda") if stretch is not None else None
    changed = [_shifted(str(text)) for text in (texts if isinstance(texts, (list, tuple)) else [texts])]
    return [{key: changed if isinstance(texts, (list, tuple)) else changed[0]}] if all(changed) else []


def _shifted(text: str) -> str:
    r"""An expression with one more than its variable: empty where there is none to be found.

    >>> _shifted("min(1, epoch / 500)"), _shifted("lambda e: e / 10"), _shifted("None")
    ('min(1, (epoch + 1) / 500)', 'lambda e: (e + 1) / 10', '')
    """
    found = re.match(r"\s*lambda\s+(\w+)\s*:", text)
    head, body = (text[: found.end()], text[found.end() :]) if found else ("", text)
    name = found[1] if found else next((name for name in ("epoch", "step", "x") if re.search(rf"\b{name}\b", body)), "")
    changed = re.sub(rf"\b{name}\b", f"({name} + 1)", body) if name else body
    return "" if changed == body else head + changed


@rule_of_runs("LR013", "schedulers", "function", consequence=True)
def peak_below_lr(subject: Subject) -> Iterator[Finding]:
    """The decay begins within the warm-up, so that the peak lies below lr.

    What it finds: A chain of a warm-up and a decay, or a function that rises and falls, whose highest rate is less than
    nine tenths of lr. A function that never comes to half of it is taken to mean something else.

    Why it is bad: The two are multiplied: while the one still rises, the other falls already. The run never has the
    rate that was asked for and tuned, and a longer warm-up lowers it further.

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
    warm_up = next((s for s in subject.stretches if s.rises and s.has("start_factor") and not s.is_in_turns), None)
    if warm_up is None and not (subject.has_function and len(subject.stretches) == 1):
        return
    for group, (rates, lr) in enumerate(zip(subject.rates, subject.lrs)):
        peak = max(rates)
        if rates[0] < peak < 0.9 * lr and peak > rates[-1] and (warm_up is not None or peak > 0.5 * lr):
            step = rates.index(peak)
            whose = f" of group {group}" if len(subject.rates) > 1 else ""
            what = f"the peak{whose} is {peak:.6g}, at step {step}, {100 - 100 * peak / lr:.3g} % below lr={lr}"
            why = ": the decay begins within the warm-up"
            yield Finding(warm_up.path if warm_up else subject.function_key, what + why, step, _in_turns(warm_up))
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


@rule("LR014", "milestones", consequence=True)
def jump_at_a_handover(stretch: Stretch) -> Iterator[Finding]:
    """The rate jumps where one scheduler hands over to the next.

    What it finds: A warm-up that is cut off by its milestone before it is at its end, or whose end_factor is below 1;
    and a rate that goes back up to lr where a decay follows a decay of another kind.

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
    inner = [other for other in stretch.subject.stretches if other.parent is stretch]
    for before, after in pairwise(inner):
        step = after.step(0)
        if not before.end or not after.end or not (rates := stretch.subject.rates) or not 0 < step < len(rates[0]):
            continue
        low, high = rates[0][step - 1], rates[0][step]
        jump = f"the rate jumps from {low:.6g} to {high:.6g} at {after.when(0)}"
        milestone = stretch.key("milestones", before.nth)
        is_ramp = before.rises and before.has("start_factor")
        if is_ramp and before.value("total_iters") > before.end and high > 1.05 * low:
            total = before.value("total_iters")
            what = f"{jump}: the warm-up is cut off there, at {before.end} of total_iters={total}"
            yield Finding(milestone, what, step, _whole_warm_up(before, after))
        elif is_ramp and before.value("end_factor") < 1 and high > 1.2 * low:
            factor, key = before.value("end_factor"), before.key("end_factor")
            what = f"{jump}: the warm-up ends at end_factor={factor:g}, and {after.cls.shown_name} begins from lr"
            yield Finding(key, what, step, [{key: 1.0}])
        elif high > 1.5 * low and high >= 0.9 * max(stretch.subject.lrs) and _goes_on_down(before, after):
            what = f"{jump}: {after.cls.shown_name} begins from the base rate, "
            what += f"and what {before.cls.shown_name} did is undone"
            yield Finding(milestone, what, step)


def _whole_warm_up(before: Stretch, after: Stretch) -> Sequence[Fix]:
    """A milestone at the end of the warm-up, with the rest for what follows; or a warm-up up to the milestone."""
    total, whole = before.value("total_iters"), before.parent
    assert whole is not None, "it is in a composite"
    fix: dict[str, Any] = {whole.key("milestones", before.nth): total}
    name = after.cls.length
    if name and after.value(name) == after.end and after.end and after.end > total - (before.end or 0):
        fix[after.key(name)] = after.end - total + (before.end or 0)
    return [fix, {before.key("total_iters"): before.end}]


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
    if whole is not None and whole.end is not None and whole.end >= 100 and stretch.run.batches == 1:
        what = (
            f"the warm-up is 1 of the run's {whole.end:,} steps: total_iters counts steps, and is no share of the run"
        )
        yield Finding(stretch.key("total_iters"), what, 0, [_shorter(stretch, max(2, whole.end // 20))])


@rule("LR016", "start_factor")
def starts_at_a_third(stretch: Stretch) -> Iterator[Finding]:
    """A LinearLR that is to fall begins at a third of lr.

    What it finds: A LinearLR with an end_factor below a third and no start_factor.

    Why it is bad: start_factor is 1/3 by default, made for warm-ups. A decay without it begins at a third of lr, so the
    run never has the rate that was asked for.

    Example:
        optimizer: {lr: 0.001}
        scheduler: {name: linear, end_factor: 0, total_iters: 100}
        steps: 100

    Use instead: ``start_factor: 1.0``.

    When to ignore it: A third is meant: then write it, and the note is gone.
    """
    if "start_factor" not in stretch.spec.parameters and stretch.value("end_factor") < stretch.value("start_factor"):
        lr = max(stretch.subject.lrs)
        what = f"the decay begins at {lr / 3:.6g}, a third of lr={lr}: start_factor is 1/3 where it is not given"
        key = stretch.key("start_factor")
        yield Finding(key, what, stretch.step(0), [{key: 1.0}])


@rule("LR017", "last_epoch")
def resumed_at_the_start(stretch: Stretch) -> Iterator[Finding]:
    """The resumed run goes on from the base rate.

    What it finds: A last_epoch beside an lr that is initial_lr again, where a run in one piece would have another rate
    by then.

    Why it is bad: Most schedulers compute each rate from the one before. Resumed with the base rate in the optimizer,
    they go on from there, and the whole rest of the schedule is too high.

    Example:
        optimizer: {lr: 0.1, initial_lr: 0.1}
        scheduler: {name: exponential, gamma: 0.95, last_epoch: 49}
        steps: 50

    Use instead: The state of optimizer and scheduler from the checkpoint; or, as lr, the rate that the run is to go on
    at, and the base rate as initial_lr alone.

    When to ignore it: The second run is meant to begin anew from there.
    """
    if not 0 < stretch.own <= FARTHEST or stretch.cls.owns_rate or stretch.spec.inner:
        return
    lrs = list(stretch.subject.lrs)
    given = stretch.run.optimizer.get("lr")
    if (given if isinstance(given, list) else [given] * len(lrs)) != lrs:
        return
    spec = Spec(stretch.cls, {name: value for name, value in stretch.spec.parameters.items() if name != "last_epoch"})
    try:
        (whole,) = simulate_run(Run(spec, {"lr": lrs if len(lrs) > 1 else lrs[0]}, stretch.own + 1))
    except Refusal:
        return
    for was, now in zip(whole.rates, stretch.subject.rates):
        if abs(now[0] - was[-1]) > 1e-6 * abs(was[-1]):
            what = f"the run goes on at {now[0]:.6g} from lr={lrs[0]}, and in one piece it would at {was[-1]:.6g}"
            rights = ([rates[at] for rates in whole.rates] for at in (-2, -1))  # before the step to there, or after it
            fixes = [{"optimizer.lr": right if len(right) > 1 else right[0]} for right in rights]
            yield Finding("optimizer.lr", what, stretch.step(stretch.own), fixes)
            return


@rule_of_runs("LR018", "lr_lambda", "num_warmup_steps", *WARM_UPS)
def still_rising(subject: Subject) -> Iterator[Finding]:
    """The warm-up of a function outlasts the run.

    What it finds: A LambdaLR, or a schedule with num_warmup_steps, whose rate goes up in a straight line from the first
    step to the last, and ends below nine tenths of lr; and a warmup_num_steps of DeepSpeed's or lr_warmup_steps of
    Megatron's that are no fewer than the run's.

    Why it is bad: The run never has the rate that was asked for. It comes of a short run with the settings of a long
    one, or of a warm-up in steps where the scheduler is stepped by the epoch.

    Example:
        optimizer: {lr: 0.001}
        scheduler: {name: lambda, lr_lambda: "min(1, (epoch + 1) / 2000)"}
        steps: 1000

    Use instead: A warm-up of a few hundredths of the run.

    When to ignore it: The run is a range test.
    """
    batches, (stretch, *more) = subject.run.batches, subject.stretches
    yield from _as_long(stretch)
    if more or subject.run.open_ended or not stretch.cls.from_base_lrs:
        return
    for group, (rates, lr) in enumerate(zip(subject.rates, subject.lrs)):
        own = rates[::batches]
        first, middle, last = own[0], own[(len(own) - 1) // 2], own[-1]
        rise = last - first
        if len(own) < 20 or not 0 <= first < 0.1 * last or not last < 0.9 * lr:
            continue
        if abs(middle - first - rise * ((len(own) - 1) // 2) / (len(own) - 1)) < 1e-3 * rise:
            whose = f" of group {group}" if len(subject.rates) > 1 else ""
            what = f"the rate{whose} still rises at the last step, where it is {last:.6g}, and lr={lr}"
            at = round((lr - first) / rise * (len(own) - 1))
            what += f": so on, it would come to lr at {stretch.when(at)}"
            yield Finding(subject.key_of("num_warmup_steps"), what, len(rates) - 1)
            return


def _as_long(stretch: Stretch) -> Iterator[Finding]:
    """A warm-up that is as long as the run by its own count."""
    for name in WARM_UPS:
        warm_up, end = stretch.value(name), stretch.end
        if warm_up and end and not stretch.own and warm_up >= end * stretch.counts and stretch.subject.rates:
            what = f"the warm-up of {name}={warm_up:g} takes all of the run of {stretch.subject.length}"
            shorter = max(1, end // 10) * stretch.counts
            last = stretch.subject.rates[0][-1]
            yield Finding(stretch.key(name), f"{what}, which ends at {last:.6g}", None, [{stretch.key(name): shorter}])


@rule("LR019", "milestones")
def drop_before_the_start(stretch: Stretch) -> Iterator[Finding]:
    """A drop lies before the first step.

    What it finds: A milestone of MultiStepLR that is 0.

    Why it is bad: The rate is multiplied by gamma before the first step, so that the run never has lr. It comes of
    milestones that were computed, by a division that came to 0.

    Example:
        optimizer: {lr: 0.1}
        scheduler: {name: multistep, milestones: [0, 30, 60]}
        steps: 90

    Use instead: Milestones from 1 on.

    When to ignore it: Never: write the lower rate as lr.
    """
    milestones = list(stretch.value("milestones"))
    if not stretch.has("gamma") or 0 not in milestones or stretch.value("gamma") == 1:
        return
    what = f"the milestone 0 is before the first step: the rate begins at gamma={stretch.value('gamma'):g} times lr"
    fixes = [{stretch.key("milestones"): later}] if (later := [each for each in milestones if each]) else []
    yield Finding(stretch.key("milestones", milestones.index(0)), what, stretch.step(0), fixes)
