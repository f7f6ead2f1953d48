"""What was given has no effect, or another than it seems to have."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lrplot.analysis.notes.rule import Finding, Fix, rule, rule_of_runs
from lrplot.analysis.notes.subject import Stretch, Subject

if TYPE_CHECKING:
    from array import array

TRAINS = 1e-4
"""A rate that a Transformer is trained at, or a higher one."""
PEAKS = ("max_lr", "cycle_max_lr")
"""The highest rates of schedules that set it by themselves."""
FLOORS = {
    "eta_min": "lr",
    "min_lr": "lr",
    "lr_min": "lr",
    "base_lr": "max_lr",
    "warmup_min_lr": "warmup_max_lr",
    "cycle_min_lr": "cycle_max_lr",
    "end_value": "peak_value",
}
"""Parameters with a lowest rate, and those with the highest."""
PARTS = ("alpha", "min_lr_rate", "cos_min_ratio", "warmup_min_ratio")
"""Parameters with a lowest rate that is a part of the highest."""
NO_FACTOR = 0.05
"""A function that never comes to this is no factor, where the rate it acts on is one that trains."""


@rule("LR031", *PEAKS, written=True)
def lr_without_effect(stretch: Stretch) -> Iterator[Finding]:
    """The optimizer's lr has no effect.

    What it finds: An lr of the optimizer, beside a OneCycleLR, a CyclicLR, a OneCycle of DeepSpeed's or a schedule of
    Megatron's, that is none of the rates that these go between.

    Why it is bad: They set the rate by themselves: OneCycleLR begins at max_lr / div_factor, CyclicLR at base_lr,
    Megatron's at init_lr. Who tunes lr then changes nothing, and who reads the config reads a rate that no step is made
    at.

    Example:
        optimizer: {lr: 0.01}
        scheduler: {name: onecycle, max_lr: 0.1, total_steps: 1000}

    Use instead: The rate that is meant as max_lr, and as lr that of the first step, or none.

    When to ignore it: The optimizer's constructor asks for an lr, and everybody knows that it is not the one in use.
    """
    given = stretch.run.optimizer.get("lr")
    if given is None or not stretch.cls.owns_rate or stretch.parent is not None or stretch.own or _are_one(stretch):
        return
    groups, name = stretch.run.groups, next(name for name in PEAKS if stretch.has(name))
    peaks, starts = _listed(stretch.value(name), groups), _starts(stretch, groups)
    for group, lr in enumerate(stretch.subject.lrs):
        if not any(abs(lr - rate) <= 1e-9 * abs(rate) for rate in (peaks[group], starts[group])):
            whose = stretch.subject.whose(group)
            what = f"lr={lr}{whose} has no effect: {stretch.cls.shown_name} begins at {starts[group]:.6g}"
            what += f" and goes to {name}={peaks[group]}"
            tidy = [_tidy(rate) for rate in (peaks if stretch.has("init_lr") else starts)]
            yield Finding("optimizer.lr", what, 0, [{"optimizer.lr": tidy if isinstance(given, list) else tidy[0]}])
            return


@rule("LR032", "total_steps")
def two_counts(stretch: Stretch) -> Iterator[Finding]:
    """Two counts of the same steps disagree.

    What it finds: A total_steps of OneCycleLR that is not epochs times steps_per_epoch, where all three are given; and
    a steps_per_epoch of the scheduler that is not the run's.

    Why it is bad: torch takes total_steps and does not look at the others. A loader of one batch more then ends the
    training with an error in one of the last epochs.

    Example:
        scheduler: {name: onecycle, max_lr: 0.1, total_steps: 59920, epochs: 280, steps_per_epoch: 215}

    Use instead: One of the two.

    When to ignore it: Never.
    """
    total, epochs, per_epoch = (stretch.value(name) for name in ("total_steps", "epochs", "steps_per_epoch"))
    if total and epochs and per_epoch and total != epochs * per_epoch:
        right = epochs * per_epoch
        what = f"total_steps={total} wins over {epochs} epochs of {per_epoch} steps, which are {right:,}: the cycle is "
        what += f"{abs(right - total):,} steps too {'short' if total < right else 'long'}"
        yield Finding(stretch.key("total_steps"), what, stretch.step(total), [{stretch.key("total_steps"): right}])
    elif per_epoch and stretch.run.steps_per_epoch not in (None, per_epoch):
        run = stretch.run.steps_per_epoch
        what = f"an epoch has steps_per_epoch={per_epoch} steps for the scheduler, and {run} for the run"
        if not total and stretch.own_length and stretch.end and stretch.end > (last := stretch.own_length[1]):
            what += f": training ends with an error at {stretch.when(last + 1)}"
        yield Finding(stretch.key("steps_per_epoch"), what, None, [{stretch.key("steps_per_epoch"): run}])


@rule("LR033", *(f"{name}=" for name in (*FLOORS, *PARTS)))
def floor_above(stretch: Stretch) -> Iterator[Finding]:
    """The floor lies above the rate.

    What it finds: An eta_min, min_lr or lr_min above lr, a base_lr above max_lr, the same of DeepSpeed's and optax's
    pairs of rates, and a floor that is a part of the rate, such as alpha, above 1.

    Why it is bad: An annealing goes up instead of down, a plateau's reductions are never made, and a cycle stands on
    its head. It comes of floor and peak in each other's place, or of an lr that was lowered without its floor.

    Example:
        optimizer: {lr: 0.00001}
        scheduler: {name: cosine, T_max: 100, eta_min: 0.0001}
        steps: 100

    Use instead: A floor below every group's lr, a hundredth of it, say, or 0.

    When to ignore it: The rate is meant to rise.
    """
    for name, top in FLOORS.items():
        if (low := stretch.value(name)) is None or (top == "lr" and stretch.cls.owns_rate):
            continue
        if (over := stretch.subject.lrs if top == "lr" else stretch.value(top)) is None:
            continue  # it is no floor there
        if _highest(low) <= _lowest(over):
            continue
        groups = stretch.run.groups
        for group, (floor, rate) in enumerate(zip(_listed(low, groups), _listed(over, groups))):
            if floor > rate:
                whose = stretch.subject.whose(group)
                key = stretch.key(name)
                fix: Fix = {key: 0.0} if top == "lr" else {key: over, stretch.key(top): low}
                yield Finding(key, f"{name}={floor} lies above {top}={rate}{whose}", None, [fix])
                return
    for name in PARTS:
        if (part := stretch.value(name)) is not None and part > 1:
            what = f"{name}={part:g} is a part of the rate, which comes to {part:g} times its height"
            yield Finding(stretch.key(name), what, None, [{stretch.key(name): 0.0}])


@rule("LR034", "max_lr")
def groups_alike(stretch: Stretch) -> Iterator[Finding]:
    """All parameter groups get one rate.

    What it finds: Groups with rates of their own, beside a OneCycleLR or a CyclicLR with one max_lr for all.

    Why it is bad: Both set each group's rate from max_lr. The lower rate of a pretrained stem, or a decay of the rate
    from layer to layer, is gone without a word.

    Example:
        optimizer: {lr: [0.0001, 0.001]}
        scheduler: {name: onecycle, max_lr: 0.001, total_steps: 1000}

    Use instead: A list with one max_lr a group.

    When to ignore it: One rate for all is meant: then give the optimizer one, too.
    """
    if _are_one(stretch) and stretch.parent is None and not stretch.own:
        lrs, peak = stretch.subject.lrs, stretch.value("max_lr")
        what = f"the groups have lr={list(lrs)}, and all get the same rate, up to max_lr={peak}"
        rated = [name for name in ("max_lr", "base_lr") if isinstance(stretch.value(name), float)]
        fix = {stretch.key(name): [_tidy(stretch.value(name) * lr / max(lrs)) for lr in lrs] for name in rated}
        yield Finding(stretch.key("max_lr"), what, None, [{**fix, "optimizer.lr": fix[stretch.key("max_lr")]}])


@rule_of_runs("LR035", "lr_lambda", written=True)
def rate_for_factor(subject: Subject) -> Iterator[Finding]:
    """The lambda returns a rate where a factor is meant.

    What it finds: A LambdaLR whose function is equal to lr at its highest, or never comes to a twentieth, with an lr of
    0.1 or less. A function that rises to the end of the run, or falls with the root of the step, may be small.

    Why it is bad: LambdaLR multiplies lr by what the function returns. A function that returns a rate of 0.001 makes,
    of an lr of 0.001, a rate of 0.000001.

    Example:
        optimizer: {lr: 0.001}
        scheduler: {name: lambda, lr_lambda: 0.001 * 0.95 ** epoch}
        steps: 100

    Use instead: ``lr: 1.0``, or the function divided by lr.

    When to ignore it: The factor is meant to be as small as that.
    """
    (stretch, *more), run = subject.stretches, subject.run
    if more or stretch.own or not (stretch.has("lr_lambda") and stretch.cls.from_base_lrs):
        return
    for rates, height, lr in zip(subject.rates, subject.heights, subject.lrs):
        peak = height if height >= NO_FACTOR * lr else max(rates)  # a short warm-up may lie between
        factor = peak / lr if lr else 1.0
        is_rate = lr < 1 and abs(factor - lr) <= 1e-9 * lr
        if is_rate or (0 < factor < NO_FACTOR and lr <= 0.1 and not _may_be_small(rates, peak)):
            what = f"the function's highest value is {factor:.6g}, and lr={lr}: the rate is their product,"
            what += f" {peak:.6g}"
            one: Any = [1.0] * run.groups if isinstance(run.optimizer.get("lr"), list) else 1.0
            yield Finding(stretch.key("lr_lambda"), what, 0, [{"optimizer.lr": one}])
            return


def _may_be_small(rates: "array[float]", peak: float) -> bool:
    """Whether a factor is small for a reason: it still rises as the run ends, or falls with the root of the step from a
    rate that trains, as after Vaswani et al. 2017, with an lr of one over the root of the model's width.
    """
    if rates[-1] == peak > rates[0]:
        return True
    top = rates.index(peak) + 1  # counted from 1
    return (
        peak >= TRAINS
        and 2 * top <= len(rates)
        and rates[0] < peak
        and abs(rates[2 * top - 1] / peak - 0.5**0.5) < 0.02
    )


@rule("LR065", "num_stable_steps")
def length_without_effect(stretch: Stretch) -> Iterator[Finding]:
    """The run's length has no effect beside that of its constant part.

    What it finds: A warmup_stable_decay of transformers with num_stable_steps and num_training_steps, of which the
    parts do not make up the other.

    Why it is bad: num_stable_steps holds, and num_training_steps, which most people set, says nothing. The decay ends
    long before the run or is never reached, without a word.

    Example:
        optimizer: {lr: 0.001}
        scheduler:
          name: transformers.warmup_stable_decay
          num_warmup_steps: 50
          num_stable_steps: 400
          num_decay_steps: 100
          num_training_steps: 1000

    Use instead: One of the two.

    When to ignore it: Never.
    """
    names = ("num_warmup_steps", "num_stable_steps", "num_decay_steps")
    total, stable, parts = stretch.value("num_training_steps"), stretch.value(names[1]), map(stretch.value, names)
    if total is None or stable is None or sum(parts) == total:
        return
    right = total - sum(stretch.value(name) for name in names if name != names[1])
    what = (
        f"num_stable_steps={stable} holds, and num_training_steps={total} has no effect: with warm-up and decay it is"
    )
    fixes = [{stretch.key(names[1]): right}] if right >= 0 else []
    yield Finding(stretch.key("num_training_steps"), f"{what} {total - right + stable} steps", None, fixes)


@rule("LR078", "lr_end", "min_lr", family="transformers")
def floor_of_the_first_group(stretch: Stretch) -> Iterator[Finding]:
    """The floor is a part of each group's own rate.

    What it finds: A min_lr or an lr_end of transformers beside parameter groups with several rates.

    Why it is bad: It is made a factor with the rate that the optimizer has by default, here the first group's. Every
    other group ends at that part of its own rate, above or below the rate that was asked for.

    Example:
        optimizer: {lr: [0.001, 0.0001]}
        scheduler:
          name: transformers.cosine_with_min_lr
          num_warmup_steps: 50
          num_training_steps: 1000
          min_lr: 0.0001

    Use instead: min_lr_rate, which says what it is.

    When to ignore it: The floors are to be in the proportion of the rates.
    """
    name = "min_lr" if stretch.has("min_lr") else "lr_end"
    low, lrs = stretch.spec.parameters.get(name), stretch.subject.lrs
    other = next((group for group, lr in enumerate(lrs) if lr != lrs[0]), None)
    if not low or other is None or stretch.cls.watches_metric:
        return
    what = f"{name}={low:g} is made a factor with lr={lrs[0]:g} of the first group: group {other} ends at "
    yield Finding(stretch.key(name), f"{what}{low / lrs[0] * lrs[other]:.3g}")


def _are_one(stretch: Stretch) -> bool:
    """Whether groups with rates of their own get one rate of a scheduler that sets it by itself."""
    if not stretch.cls.owns_rate or len(set(stretch.subject.lrs)) == 1:
        return False
    return len(set(_listed(stretch.value("max_lr"), 1))) == 1


def _starts(stretch: Stretch, groups: int) -> Sequence[float]:
    """The rates that a scheduler begins at which sets them by itself."""
    if stretch.has("base_lr"):
        return _listed(stretch.value("base_lr"), groups)
    if stretch.has("div_factor"):
        return [peak / stretch.value("div_factor") for peak in _listed(stretch.value("max_lr"), groups)]
    return [rates[0] for rates in stretch.subject.rates] or stretch.subject.lrs  # a warm-up of its own, or none


def _listed(value: Any, groups: int) -> Sequence[float]:
    """One value a group."""
    return value if isinstance(value, (list, tuple)) else [value] * groups


def _highest(value: Any) -> float:
    return float(max(value) if isinstance(value, (list, tuple)) else value)


def _lowest(value: Any) -> float:
    return float(min(value) if isinstance(value, (list, tuple)) else value)


def _tidy(rate: float) -> float:
    """A rate without the rounding of how it was computed."""
    return float(f"{rate:.12g}")
