"""Epochs are taken for steps, or steps for epochs."""

from collections.abc import Iterator, Sequence
from math import ceil, log
from typing import TYPE_CHECKING, Any

from lrplot.analysis.notes.rule import Finding, Fix, rule, rule_of_runs
from lrplot.analysis.notes.subject import Stretch, Subject
from lrplot.runs.plain import DEAD

if TYPE_CHECKING:
    from array import array

COUNTS = (
    "T_max",
    "T_0",
    "t_initial",
    "total_iters",
    "anneal_epochs",
    "num_training_steps",
    "total_num_steps",
    "milestones",
    "step_size",
)
"""Parameters that count steps of the scheduler."""
FACTORS = ("gamma", "decay_rate")
PERIODS = ("step_size", "transition_steps", "decay_steps", "decay_t")
"""The parameter with the factor of a decay, and that with the steps in which it is applied once."""
LOW = 0.01
"""The part of its first rate that a decay may come down to."""
PART = 0.1
"""Of the run: what is shorter is no decay that is counted in its steps."""
SHORT = 50
"""Steps of the scheduler: of fewer, nobody can tell what they count."""


@rule("LR021", *COUNTS, in_epochs=True)
def epochs_for_steps(stretch: Stretch) -> Iterator[Finding]:
    """Epochs are given where steps are meant.

    What it finds: A scheduler that is stepped at every step of the optimizer, 50 times or more, while its T_max, T_0,
    total_iters, num_training_steps, milestones or step_size are no more than the run has epochs.

    Why it is bad: The whole schedule happens within the first part of a hundred or so of the run. A cosine then turns
    hundreds of times, a decay is at its end before the first epoch is.

    Example:
        optimizer: {lr: 0.1}
        scheduler: {name: cosine, T_max: 90}
        steps: 45000
        steps_per_epoch: 500

    Use instead: ``interval: epoch``, which is ``scheduler.step()`` once after each epoch; or the parameters times
    len(train_loader).

    When to ignore it: The schedule is meant to be as short as that.
    """
    run, end = stretch.run, stretch.end
    per_epoch = run.steps_per_epoch or 0
    if (
        stretch.interval == "epoch"
        or per_epoch < 2
        or end is None
        or end < SHORT
        or not stretch.to_end
        or stretch.rises
    ):
        return
    epochs = run.steps / per_epoch
    for name in COUNTS:
        value = stretch.value(name)
        if value and _is_of_epochs(stretch, name, value, end, epochs, per_epoch):
            key, times = stretch.key(name), _times(value, per_epoch)
            what = f"{name}={value} counts steps, and is the length of {_most(value) / per_epoch:.2g} epochs"
            what += f" in a run of {epochs:.6g} epochs of {per_epoch:,} steps"
            what += f": with interval epoch it would be epochs, or {name}={times} steps"
            fixes: list[Fix] = [{stretch.interval_key: "epoch"}, {key: times}]
            yield Finding(key, what, stretch.step(min(_most(value), end - 1)), fixes)


def _is_of_epochs(stretch: Stretch, name: str, value: Any, end: int, epochs: float, per_epoch: int) -> bool:
    """Whether a count of steps of the scheduler is one of epochs, to judge by the length of the run."""
    most = _most(value)
    if most <= 0 or (name == "total_iters" and stretch.is_flat):
        return False
    if name == "step_size":
        return bool(
            most <= epochs and 0 < stretch.value("gamma") < 1 and stretch.value("gamma") ** (end // most) < DEAD
        )
    if name == "T_0":
        return most <= epochs and most < per_epoch and end >= 4 * most
    if name == "milestones":
        return stretch.has("gamma") and most <= epochs and end > 2 * most
    return most <= 1.1 * epochs and end > 2 * most


@rule("LR022", *COUNTS, "rise", in_epochs=True)
def steps_for_epochs(stretch: Stretch) -> Iterator[Finding]:
    """Steps are given where epochs are meant.

    What it finds: A scheduler that is stepped once an epoch, while its T_max, total_iters, num_training_steps,
    milestones, step_size or warm-up are more than twice the epochs of the run, and no more than its steps; but for the
    warm-up, a tenth of them or more.

    Why it is bad: The run ends before the schedule has begun: the warm-up stays at its start, the decay never comes.

    Example:
        optimizer: {lr: 0.1}
        scheduler: {name: cosine, T_max: 45000}
        steps: 45000
        steps_per_epoch: 500
        interval: epoch

    Use instead: ``interval: step``, which is ``scheduler.step()`` after every batch; or the parameters divided by
    len(train_loader).

    When to ignore it: The schedule is meant to be as long as that.
    """
    run, end, batches = stretch.run, stretch.end, stretch.subject.batches
    if stretch.interval != "epoch" or batches < 2 or not end or not stretch.to_end:
        return
    for name in (*COUNTS, stretch.cls.rise):
        value = stretch.value(name)
        if not value or (name == "total_iters" and stretch.is_flat) or (name == "milestones" and min(value) < end):
            continue
        most, warms_up = _most(value), stretch.rises or name == stretch.cls.rise
        if max(2 * end, 0 if warms_up else PART * run.steps) <= most <= 1.1 * run.steps:
            key = stretch.key(name) if isinstance(value, int) else stretch.key(name, value.index(min(value)))
            what = f"{name}={value} counts epochs, of which the run has {run.beats:,}, with {run.steps:,} steps"
            fixes: list[Fix] = [{stretch.interval_key: "step"}, {stretch.key(name): _times(value, 1 / batches)}]
            yield Finding(key, f"{what}: with interval step it would be steps", None, fixes)


@rule("LR023", "max_lr", in_epochs=True)
def cycle_by_the_epoch(stretch: Stretch) -> Iterator[Finding]:
    """A cycle of steps is stepped once an epoch.

    What it finds: A OneCycleLR or a CyclicLR whose cycle is more than twice as long as the run has epochs, with
    interval epoch.

    Why it is bad: Both are made to be stepped after every batch. By the epoch the run sees the first few steps of the
    cycle and never comes near max_lr; training is slow, and nothing else shows it.

    Example:
        scheduler: {name: onecycle, max_lr: 0.01, epochs: 10, steps_per_epoch: 200}
        interval: epoch
        steps: 2000

    Use instead: ``interval: step``. In Lightning this is ``{"scheduler": scheduler, "interval": "step"}``.

    When to ignore it: The cycle is meant to go on over many runs.
    """
    if stretch.interval != "epoch" or stretch.subject.batches < 2 or stretch.end is None or not stretch.to_end:
        return
    if stretch.own_length is None or not stretch.cls.cycles:
        return
    name, length = stretch.own_length
    if name == "step_size_up":
        length += stretch.value("step_size_down") or length
    if length > 2 * stretch.end:
        what = (
            f"the cycle of {stretch.cls.shown_name} has {length:,} steps, and is stepped {stretch.end:,} times, once an"
        )
        what += " epoch"
        if stretch.subject.rates:
            peak = max(stretch.subject.rates[0])
            what += f": its rate comes to {peak:.6g}, and max_lr is {stretch.value('max_lr')}"
        yield Finding(stretch.key(name), what, None, [{stretch.interval_key: "step"}])


@rule_of_runs("LR024", "gamma", "decay_rate", "function", consequence=True)
def underflow(subject: Subject) -> Iterator[Finding]:
    """The rate is next to nothing for a good part of the run.

    What it finds: Rates below a millionth of the peak, after it and for more than a tenth of the run, which has 50
    steps of the scheduler or more. A ReduceLROnPlateau follows its metric, and is left alone.

    Why it is bad: Such a step changes no weight that is held in 32 bits. It comes of a gamma for epochs that is applied
    at every step: 0.95 is 0.006 after 100 steps and 5e-23 after 1,000.

    Example:
        optimizer: {lr: 0.1}
        scheduler: {name: exponential, gamma: 0.95}
        steps: 39000
        steps_per_epoch: 390

    Use instead: ``interval: epoch``, or a gamma for steps, which is ``gamma ** (1 / len(train_loader))``.

    When to ignore it: The parameters are to be frozen for the rest of the run.
    """
    run = subject.run
    if run.open_ended or subject.beats < SHORT or run.spec.watches_metric:
        return
    if run.spec.cls.owns_rate and not run.spec.cls.carries_rate:
        return
    for rates, height in zip(subject.rates, subject.heights):
        if (peak := _dead(rates, height)) is None:
            continue
        top = rates.index(peak)
        first = next(step for step in range(top, len(rates)) if 0 < rates[step] < DEAD * peak)
        what = f"the rate is below a millionth of its peak from step {first} of {run.steps:,} on"
        key, more, fixes = _cause(subject)
        yield Finding(key, what + more, first, fixes)
        return


def _dead(rates: "array[float]", height: float) -> float | None:
    """The peak, where more than a tenth of the rates are next to nothing beside it from there on, by some of them."""
    if not min(rates[:: max(1, len(rates) // 20)]) < DEAD * height:  # nor where one is no number
        return None
    peak = max(rates)
    many = rates[rates.index(peak) :: max(1, len(rates) // 1000)]
    return peak if 10 * sum(0 < rate < DEAD * peak for rate in many) > min(1000, len(rates)) else None


def _cause(subject: Subject) -> tuple[str, str, Sequence[Fix]]:
    """The key path of the gamma at work, what there is to say of it, and what would mend it."""
    stretches = subject.stretches
    by_step = bool(stretches) and len(subject.run.spec.stepped) == 1 and stretches[0].interval == "step"
    by_epoch: list[Fix] = [{stretches[0].interval_key: "epoch"}] if by_step and subject.run.steps_per_epoch else []
    for stretch in subject.stretches:
        name = next((name for name in FACTORS if isinstance(stretch.value(name), float)), "")
        factor, end = stretch.value(name) or 0.0, stretch.end or 0
        if not (0 < factor < 1 and stretch.to_end and end):
            continue
        period = next((period for period in PERIODS if stretch.has(period)), "")
        every = stretch.value(period) or 1
        if stretch.has("milestones") or isinstance(every, (list, tuple)):
            return stretch.key(name), "", []
        more = f": {name}={factor:.6g} is applied {end // every:,} times"
        if period:
            key = stretch.key(period)
            return key, more, [*by_epoch, {key: max(1, min(-(-end // 3), ceil(end * log(factor) / log(LOW))))}]
        gentle = float(f"{1 - LOW ** (1 / end):.3g}")
        return stretch.key(name), more, [*by_epoch, {stretch.key(name): round(1 - gentle, 12)}]
    return subject.function_key, "", by_epoch


def _most(value: Any) -> int:
    return int(max(value)) if isinstance(value, (list, tuple)) else int(value)


def _times(value: Any, factor: float) -> Any:
    """A count, or a list of them, times a factor."""
    return (
        [_times(single, factor) for single in value]
        if isinstance(value, (list, tuple))
        else max(1, round(value * factor))
    )
