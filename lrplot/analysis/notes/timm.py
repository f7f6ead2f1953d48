"""What timm's schedules do that one does not think of."""

from collections.abc import Iterator
from typing import Any

from lrplot.analysis.notes.rule import Finding, Fix, rule
from lrplot.analysis.notes.subject import Stretch

KIND = "ignored"
"""What was given has another effect than it seems to have."""
NEARLY = 0.93
"""A warm-up that ends at so much of lr passes: one of a sixth of a cosine does."""
FAR_ABOVE = 0.1
"""A last rate of more than this part of the highest is far above the floor."""


@rule("LR060", "warmup_t", "warmup_epochs")
def never_at_its_peak(stretch: Stretch) -> Iterator[Finding]:
    """The warm-up lies over the decay, and lr is never reached.

    What it finds: A schedule of timm without warmup_prefix whose warm-up ends at less than 0.93 of lr.

    Why it is bad: The warm-up rises towards lr, but the curve that goes on after it has been falling from the start of
    the run. The rate jumps down to it, and lr, which was tuned, is no step's rate.

    Example:
        optimizer: {lr: 0.5}
        scheduler: {name: timm.cosine, t_initial: 100, warmup_t: 20, warmup_lr_init: 0.00001}

    Use instead: ``warmup_prefix: true``, and a schedule that is shorter by the warm-up.

    When to ignore it: The recipe was tuned as it is.
    """
    (name, prefixed), rates = _warm_up(stretch), stretch.subject.rates
    warm = stretch.value(name) * (stretch.value("updates_per_epoch") if stretch.value("sched_on_updates") else 1)
    at = stretch.step(warm)
    if prefixed or warm <= 0 or not rates or at >= len(rates[0]) or _noise(stretch) or stretch.cls.watches_metric:
        return
    lr, reached = stretch.subject.lrs[0], rates[0][at]
    if 0 < reached < NEARLY * lr:
        what = f"the warm-up of {name}={stretch.value(name)} ends at {reached:.6g}, and lr={lr:g} is never reached: it"
        fix: dict[str, Any] = {stretch.key("warmup_prefix"): True}
        length = stretch.value(stretch.cls.length)
        if length and length > stretch.value(name):
            fix[stretch.key(stretch.cls.length)] = length - stretch.value(name)
        yield Finding(stretch.key(name), f"{what} lies over the beginning of the decay", at, [fix])


def _warm_up(stretch: Stretch) -> tuple[str, bool]:
    """The parameter that has the length of the warm-up, and whether the schedule begins after it."""
    name = "warmup_t" if stretch.has("warmup_t") else "warmup_epochs"
    always = stretch.value("sched") in ("wsd", "rsqrt", "constant") or not stretch.has("warmup_prefix")
    return name, always or stretch.value("warmup_prefix")


def _noise(stretch: Stretch) -> bool:
    """Whether the rates are made noisy."""
    return stretch.value("noise_range_t") is not None or stretch.value("lr_noise") is not None


@rule("LR061", "t_initial")
def over_and_low(stretch: Stretch) -> Iterator[Finding]:
    """The cycles are over, and the rate stays at its lowest.

    What it finds: A schedule of timm that is done before the run is, by a tenth of the run or more.

    Why it is bad: After its last cycle, which is the first by default, the rate is lr_min for ever: 0, unless that is
    given. torch's cosine would climb again, and warm restarts would restart.

    Example:
        optimizer: {lr: 0.5}
        scheduler: {name: timm.cosine, t_initial: 100}
        steps: 300

    Use instead: A t_initial as long as the run, or as many cycles in cycle_limit as it has.

    When to ignore it: The rate is meant to be held at lr_min: a cooldown.
    """
    if stretch.end is None or (not _noise(stretch) and _moves_at_its_end(stretch)):
        return
    length, end = stretch.made.steps_left, stretch.end
    if length is None or end - length < max(2, end / 10):
        return
    t_initial, low = stretch.value("t_initial"), stretch.value("lr_min")
    what = f"the schedule is over at {stretch.when(length)}, and lr_min={low:g} is the rate of the other {end - length}"
    cycles = stretch.has("cycle_limit") and stretch.value("cycle_mul") == 1 and end % t_initial == 0
    begin = length % t_initial  # what a warm-up before it takes
    fixes: list[Fix] = [{stretch.key("cycle_limit"): end // t_initial}] if cycles else []
    if stretch.value("cycle_limit") in (None, 1) and end > begin:
        fixes.append({stretch.key("t_initial"): end - begin})
    yield Finding(stretch.key("t_initial"), what, stretch.step(length), fixes)


def _moves_at_its_end(stretch: Stretch) -> bool:
    """Whether the rate is another at the last step of the scheduler than at the one before."""
    batches = stretch.subject.batches
    return any(rates[-1] != rates[-1 - batches] for rates in stretch.subject.rates if len(rates) > batches)


@rule("LR062", "sched", "decay_t")
def telling_defaults(stretch: Stretch) -> Iterator[Finding]:
    """What is left at its default makes it another schedule.

    What it finds: Of timm's training script, cycles without lr_cycle_decay, and poly without decay_rate; a timm.step or
    timm.multistep without decay_rate.

    Why it is bad: The script halves the rate of each cycle on that of the one before, and takes its decay_rate, 0.1,
    for the power of poly, which then holds the rate almost to the end. The decay_rate of the schedulers themselves is
    1: their rate never drops.

    Example:
        optimizer: {lr: 0.5}
        scheduler: {name: timm.create_scheduler, epochs: 100, lr_cycle_limit: 3}

    Use instead: The parameter, written out.

    When to ignore it: The default is what is meant: writing it out says so.
    """
    given, sched = stretch.spec.parameters, stretch.value("sched")
    if sched in ("cosine", "tanh", "poly") and stretch.value("lr_cycle_limit") > 1 and "lr_cycle_decay" not in given:
        what = f"each cycle begins at {stretch.value('lr_cycle_decay'):g} of the rate of the one before by default"
        yield _default(stretch, "lr_cycle_decay", what, 1.0)
    elif sched == "poly" and "decay_rate" not in given:
        what = (
            f"decay_rate is the power of poly, and {stretch.value('decay_rate'):g} by default: the rate is held almost"
        )
        yield _default(stretch, "decay_rate", f"{what} to the end", 0.5)
    elif sched is None and stretch.has("decay_rate") and "decay_rate" not in given and not stretch.cls.watches_metric:
        yield _default(stretch, "decay_rate", "decay_rate is 1 by default: the rate never drops", 0.1)


def _default(stretch: Stretch, name: str, what: str, better: float) -> Finding:
    return Finding(stretch.key(name), what, None, [{stretch.key(name): better}])


@rule("LR063", "decay_t", "decay_epochs")
def ends_far_above(stretch: Stretch) -> Iterator[Finding]:
    """The decay is so short that it ends far above its floor.

    What it finds: A wsd or rsqrt of timm whose last rate is more than a tenth of the highest above its lr_min.

    Why it is bad: lr_min belongs to the index after the last one: of a decay of 5 epochs, the last is made at a tenth
    of the rate, and what the lowest rates do for the result is lost.

    Example:
        optimizer: {lr: 0.5}
        scheduler: {name: timm.wsd, t_initial: 50, decay_t: 4}

    Use instead: A longer decay; updates in place of epochs, with interval step or sched_on_updates; or an epoch more at
    lr_min, a cooldown.

    When to ignore it: The run is resumed into one with a longer decay.
    """
    is_script, rates = stretch.has("sched"), stretch.subject.rates
    decays = stretch.value("sched") in ("wsd", "rsqrt") if is_script else stretch.has("decay_ratio")
    if not decays or not rates or stretch.end != stretch.made.steps_left or _noise(stretch):
        return
    low = stretch.value("min_lr" if is_script else "lr_min")
    last, highest = rates[0][-1], max(rates[0])
    if last - low > FAR_ABOVE * highest:
        name = "decay_epochs" if is_script else "decay_t"
        what = f"{name}={stretch.value(name)} ends at {last:.6g}, and would come to {low:g} with the step after it"
        fix = {stretch.key("cooldown_epochs"): 1} if is_script else {"steps": stretch.run.steps + stretch.run.batches}
        yield Finding(stretch.key(name), what, len(rates[0]) - 1, [fix])


@rule("LR064", "sched_on_updates", in_epochs=True)
def stepped_otherwise(stretch: Stretch) -> Iterator[Finding]:
    """A schedule of epochs is stepped by the update, or the other way round.

    What it finds: timm.create_scheduler with sched_on_updates in a run of interval epoch; and without it in a run of
    several steps to an epoch that is stepped after each.

    Why it is bad: The script calls step() after each epoch and step_update() after each update, and one of them does
    nothing. Stepped the wrong way, the rate stays at its start in timm, and is over with the first epochs here.

    Example:
        optimizer: {lr: 0.5}
        scheduler: {name: timm.create_scheduler, epochs: 90}
        steps: 45000
        steps_per_epoch: 500

    Use instead: ``interval: epoch``, or sched_on_updates with updates_per_epoch.

    When to ignore it: Never.
    """
    run, by_update = stretch.run, stretch.value("sched_on_updates")
    if by_update and stretch.subject.batches > 1:
        what = "sched_on_updates makes it a schedule of updates, and interval epoch steps it once an epoch"
        yield Finding(stretch.key("sched_on_updates"), what, None, [{"interval": "step"}])
    elif not by_update and run.interval == "step" and (run.steps_per_epoch or 1) > 1:
        what = f"it is a schedule of epochs, and is stepped at each of the {run.steps_per_epoch} steps of an epoch"
        yield Finding(stretch.path, what, None, [{"interval": "epoch"}])
