"""The schedule is longer than the run, or shorter."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from lrplot.analysis.notes.rule import Finding, Fix, rule, rule_of_runs
from lrplot.analysis.notes.subject import Stretch, Subject
from lrplot.runs.plain import DEAD
from lrplot.wording import listed

KIND = "ends"
"""The end of the run is not where one thinks."""
LENGTHS = ("num_training_steps", "total_num_steps", "lr_decay_steps", "decay_steps", "transition_steps")
"""Of runs, as the libraries around torch call it."""
RISES = ("step_size_up", "cycle_first_step_size")
"""Half of a cycle, up to its peak."""
DROPS = {
    "milestones": ("gamma", 1),
    "step_size": ("gamma", 1),
    "decay_t": ("decay_rate", 1),
    "boundaries": ("values", None),
    "boundaries_and_scales": ("init_value", 0),
    "decay_steps": ("staircase", False),
    "transition_steps": ("staircase", False),
}
"""Where a rate is lowered at once: the steps, or how many lie between, and the parameter beside that makes it so, with
the value of that which changes nothing.
"""
OF_SCRIPTS = {"step": "decay_epochs", "multistep": "decay_milestones"}
"""The same in timm's training script, by the schedule that it makes."""
DECAY_EPOCHS = 90
"""Where it is told no others."""
NEARLY_ALL = 49 / 50
"""What is left of a rate that is lowered by a fiftieth."""
A_PART = 1 / 20
"""Of the run, at the least, that a warm-up takes which is counted twice: of a shorter one, nobody minds."""
COMPARED = re.compile(r"(<=|<|>=|>) *(\d+)\b(?!\.)")
"""How a function compares its variable, and with what."""
BEYOND = ("<=", ">")
"""Comparisons that turn with the number after the one that they name."""
NEXT_TO_NOTHING = 1 / 200
"""A rate of this part of the highest, or less."""


@rule("LR001", *(f"{name} {beside}" for name, (beside, _) in DROPS.items()), "sched", "lr_lambda")
def beyond_the_run(stretch: Stretch) -> Iterator[Finding]:
    """A drop lies beyond the end of the run.

    What it finds: A milestone of MultiStepLR, or a step_size of StepLR, that the run does not reach, and the same in
    the other libraries: boundaries, decay_t, decay_epochs and decay_milestones of timm's script, and the decay_steps or
    transition_steps of a staircase; and a function that falls where its variable passes a number beyond the run. A last
    milestone just at the end of the run passes, where others lie before it.

    Why it is bad: The drop never happens. Where there is no other, the rate is the same from the first step to the
    last, and nothing in the training log says that there should have been a decay.

    Example:
        optimizer: {lr: 0.02}
        scheduler: {name: multistep, milestones: [60000, 80000]}
        steps: 2000

    Use instead: Milestones that fit the run, at the same parts of it as in the recipe that they come from. Look at the
    unit too: the scheduler counts its own steps, which are the optimizer's with interval step, and epochs with interval
    epoch.

    When to ignore it: The run is the first part of a longer one that it resumes into.
    """
    name, drops = _drops(stretch)
    if not drops or stretch.end is None or not stretch.to_end:
        return
    end = stretch.end
    if not isinstance(drops, list):
        if drops >= end:
            given = drops if stretch.value(name) is None else stretch.value(name)
            what = f"{name}={given:g} is not reached in the run of {stretch.subject.length}: the rate never drops"
            fixes = [{stretch.key(name): max(1, end // 3)}] if given == drops else []  # both count steps
            yield Finding(stretch.key(name), what, fixes=fixes)
        return
    beyond = [milestone for milestone in drops if milestone >= end]
    if not beyond or (len(beyond) < len(drops) and max(beyond) == end):
        return
    several = len(beyond) > 1
    if name == "lr_lambda":
        never = "those drops never happen" if several else "that drop never happens"
        if all(rates[-1] == max(rates) for rates in stretch.subject.rates):
            never = "the rate never drops"
        what = f"the function falls at {listed(beyond)}, beyond the run of {stretch.subject.length}: {never}"
        yield Finding(stretch.key(name), what)
        return
    nouns = ("boundary", "boundaries") if name.startswith("boundaries") else ("milestone", "milestones")
    what = f"{nouns[several]} {listed(int(milestone) for milestone in beyond)} {'lie' if several else 'lies'} beyond"
    what += f" the run of {stretch.subject.length}"
    never = "the rate never drops" if len(beyond) == len(drops) else f"{'those drops' if several else 'that drop'}"
    what += f": {never}" if len(beyond) == len(drops) else f": {never} never happen{'' if several else 's'}"
    is_list = isinstance(stretch.value(name), list) and len(stretch.value(name)) == len(drops)
    mended: list[Fix] = [{stretch.key(name): scaled}] if is_list and (scaled := _scaled(drops, end)) else []
    yield Finding(stretch.key(name, drops.index(beyond[0]) if is_list else None), what, fixes=mended)


def _drops(stretch: Stretch) -> tuple[str, list[int] | float]:
    """The parameter that says when a scheduler lowers the rate at once, and the counts at which it does, or the number
    of steps from one to the next: 0 where it does not.
    """
    if name := OF_SCRIPTS.get(stretch.value("sched") or "", ""):
        drops = stretch.value(name) or DECAY_EPOCHS
        times = stretch.value("updates_per_epoch") if stretch.value("sched_on_updates") else 1
        return name, [drop * times for drop in drops] if isinstance(drops, (list, tuple)) else drops * times
    if stretch.has("lr_lambda"):
        return "lr_lambda", _falls(stretch.value("lr_lambda"), stretch.end or 0)
    for name, (beside, none) in DROPS.items():
        if stretch.value(name) and stretch.value(beside) not in (None, none):
            value = stretch.value(name)
            return name, value if isinstance(value, (int, float)) else sorted(value)
    return "", 0


def _falls(function: Any, end: int) -> list[int]:
    """The numbers in a function's text at which it falls: none where they all lie within the run."""
    numbers = {int(number) + (how in BEYOND) for how, number in COMPARED.findall(str(function))}
    if not numbers or max(numbers) <= end:
        return []
    try:
        return sorted(n for n in numbers - {0, end} if function(n) < 0.9 * function(n - 1))
    except (ArithmeticError, ValueError, TypeError):
        return []


@rule(
    "LR002",
    "T_max",
    "T_0",
    "total_iters",
    "total_steps",
    "anneal_epochs",
    *RISES,
    *LENGTHS,
    "t_initial",
)
def longer_than_the_run(stretch: Stretch) -> Iterator[Finding]:
    """The schedule is far longer than the run.

    What it finds: A T_max, T_0, total_iters, total_steps, anneal_epochs, step_size_up, cycle_first_step_size,
    num_training_steps, total_num_steps, lr_decay_steps, decay_steps, transition_steps or t_initial of which the run
    covers less than four fifths; and an exponential decay, which has no end, that lowers the rate by less than a
    fiftieth in a run of less than a tenth of its decay_steps.

    Why it is bad: The run ends while the rate is still high. What the last, low rates do for the result is lost, and
    the log looks as if there were no schedule at all.

    Example:
        optimizer: {lr: 0.08}
        scheduler: {name: cosine, T_max: 300000}
        steps: 30000

    Use instead: The number of steps that the scheduler really makes: the run's, without those of the warm-up before it,
    and counted in epochs where it is stepped once an epoch.

    When to ignore it: The run is a test, or the first part of a longer one that it resumes into.
    """
    end = stretch.end
    if end is None or not stretch.to_end:
        return
    if stretch.own_length is not None and end >= 0.8 * stretch.own_length[1]:
        return
    if stretch.rises or stretch.is_flat or stretch.only_warms_up:
        return
    if stretch.own_length is None:
        yield from _hardly_begun(stretch)
        return
    (name, length), per_epoch = stretch.own_length, stretch.value("steps_per_epoch")
    if per_epoch and name not in stretch.spec.parameters and per_epoch != (stretch.run.steps_per_epoch or per_epoch):
        return  # two counts of an epoch, which LR032 tells
    if stretch.nth and stretch.parent and length == stretch.parent.end:
        return  # LR009
    if end <= 0 or stretch.value("num_stable_steps") is not None:  # which hold in place of a length
        return
    given = f"{name}={stretch.value(name)}" if stretch.value(name) is not None else f"a schedule of {length}"
    what = f"the run of {stretch.subject.length} ends after {100 * end / length:.3g} % of {given}"
    lasting, would = (max(1, end // 2), "make it a cycle") if name in RISES else (end, "end with it")
    fix = stretch.lasting(lasting)
    if rates := stretch.subject.rates:
        what += f", at a rate of {rates[0][-1]:.6g}: {name}={fix.get(stretch.key(name), lasting)} would {would}"
    yield Finding(stretch.key(name), what, fixes=[fix] if stretch.lead < lasting else [])


def _hardly_begun(stretch: Stretch) -> Iterator[Finding]:
    """That of a decay without an end."""
    for name in ("decay_steps", "transition_steps"):
        steps, end, rates = stretch.value(name), stretch.end or 0, stretch.subject.rates
        if steps and stretch.value("staircase") is False and end < steps / 10 and rates:
            last = rates[0][-1]
            if NEARLY_ALL * max(rates[0]) < last < max(rates[0]):
                what = f"the run of {stretch.subject.length} ends after {100 * end / steps:.3g} % of {name}={steps},"
                what += f" at a rate of {last:.6g}"
                yield Finding(stretch.key(name), what, fixes=[{stretch.key(name): max(1, end // 10)}])


@rule_of_runs("LR003", "total_iters", "gamma", "milestones", "function", *LENGTHS, consequence=True)
def over_early(subject: Subject) -> Iterator[Finding]:
    """The schedule is over long before the run is.

    What it finds: A rate that is 0 in the last steps, more than one of them, or a two-hundredth of the highest in more
    than a tenth of them; a schedule of another library that is over before half of the run is, or from whose length the
    warm-up was taken off that it counts in; and a line or a drop that is done within the first twentieth of the run.

    Why it is bad: Steps at rate 0 train nothing and cost as much as all others. A decay that is over at once leaves the
    run with a rate that was meant for its end.

    Example:
        optimizer: {lr: 0.1}
        scheduler: {name: polynomial, total_iters: 80, power: 0.9}
        steps: 100

    Use instead: A total_iters, or milestones, as long as the run; or a run that ends with its schedule.

    When to ignore it: The parameters are to be frozen for the rest of the run.
    """
    for stretch in subject.stretches:
        end = stretch.end
        if end is None or end < 100 or not stretch.to_end or not stretch.is_in_turns:
            continue
        if stretch.has("milestones") and stretch.has("gamma") and stretch.value("gamma") < 1:
            milestones = stretch.value("milestones")
            if milestones and max(milestones) < end / 20:
                what = f"the last drop comes at {stretch.when(max(milestones))}, of the run of {subject.length}"
                fixes = [{stretch.key("milestones"): scaled}] if (scaled := _scaled(milestones, end)) else []
                yield Finding(stretch.key("milestones"), what, stretch.step(max(milestones)), fixes)
        elif (total := _over(stretch, end)) is not None and (name := stretch.cls.length):
            what = f"the decay is over at {stretch.when(total)}, of the run of {subject.length}: "
            what += f"{name}={stretch.value(name)}{_included(stretch, total)}"
            yield Finding(stretch.key(name), what, stretch.step(total), [stretch.lasting(end)])
    yield from _zeros(subject)


def _over(stretch: Stretch, end: int) -> int | None:
    """The count at which a decay is over that is so too early: None elsewhere."""
    if stretch.own_length is None or stretch.rises or stretch.value("num_stable_steps") is not None:
        return None
    (name, total), rates = stretch.own_length, stretch.subject.rates
    if stretch.has("start_factor") or stretch.is_line:
        return total if total < end / 20 else None
    if name not in LENGTHS or not rates or total >= end or stretch.own > total:
        return None
    column = max(rates, key=max)
    last, held = column[-1], end - total
    if not last or column[stretch.step(total)] != last:
        return None
    is_low = last <= NEXT_TO_NOTHING * max(column)
    counts_twice = _included(stretch, total) != ""
    return total if held > (0.1 if is_low else 0.5) * end or counts_twice else None


def _included(stretch: Stretch, total: int) -> str:
    """What there is to say where a length is too short by the warm-up that it includes."""
    warm_up, end = stretch.warm_up[1], stretch.end or 0
    counts_in = total + warm_up == end and warm_up >= A_PART * end and not stretch.cls.lead
    return ", which includes the warm-up" if counts_in else ""


def _zeros(subject: Subject) -> Iterator[Finding]:
    """The last steps at rate 0."""
    run = subject.run
    for rates in subject.rates:
        first = len(rates)
        while first > 0 and rates[first - 1] == 0:
            first -= 1
        if first <= 0 or run.open_ended or len(rates) - first < 2 * subject.batches:
            continue
        if rates[first - 1] < DEAD * DEAD * max(rates):
            continue  # it did not come to its end, but fell to nothing: LR024
        where = f"the rate is 0 from step {first} on, for {len(rates) - first:,} of the {len(rates):,} steps"
        timed = [(s, *s.own_length, s.end) for s in subject.stretches if s.own_length and s.end and s.to_end]
        if any(stretch.cls.carries_rate and total >= end for stretch, _, total, end in timed):
            continue  # a cosine in float32 comes to 0 some steps before its end
        for stretch, name, total, end in timed:
            if total < end - 1:
                fix = stretch.lasting(end)
                lasting = f"{name}={fix.get(stretch.key(name), end)}"
                lasting += f"{included}," if (included := _included(stretch, total)) else ""
                yield Finding(stretch.key(name), f"{where}: {lasting} would last as long as the run", first, [fix])
                return
        nothing = next((stretch.key("gamma") for stretch in subject.stretches if stretch.value("gamma") == 0), "")
        if nothing:
            yield Finding(nothing, f"{where}: gamma=0 leaves nothing of it, gamma=1 all", first, [{nothing: 1.0}])
        else:
            yield Finding(subject.function_key, where, first, [{"steps": first}])
        return


@rule("LR007", "total_steps")
def past_the_end(stretch: Stretch) -> Iterator[Finding]:
    """OneCycleLR is stepped past its end.

    What it finds: A total_steps that is less than the steps of the run.

    Why it is bad: torch allows one step more than the cycle has, in which the rate has turned back up; the step after
    that ends the training with a ValueError, hours after it began.

    Example:
        scheduler: {name: onecycle, max_lr: 0.1, total_steps: 59920}
        steps: 60200

    Use instead: total_steps as many as the scheduler is stepped: epochs × len(train_loader), counted anew where the
    batch size, the data or the number of devices change.

    When to ignore it: Never.
    """
    if stretch.end is None or stretch.own_length is None:
        return
    (name, length), end, per_epoch = stretch.own_length, stretch.end, stretch.run.steps_per_epoch
    if end <= length or (
        not stretch.value("total_steps") and per_epoch not in (None, stretch.value("steps_per_epoch"))
    ):
        return  # two counts of an epoch, which LR032 tells
    what = f"the cycle has {length:,} steps, the run {end:,}: training ends with an error at {stretch.when(length + 1)}"
    what += f": total_steps={end} is needed"
    yield Finding(stretch.key(name), what, stretch.step(length), [stretch.lasting(end)])


@rule("LR009", "T_max", "total_iters", "decay_steps", "transition_steps")
def longer_than_what_is_left(stretch: Stretch) -> Iterator[Finding]:
    """The decay counts the warm-up's steps as its own.

    What it finds: A T_max, total_iters, decay_steps or transition_steps behind a warm-up that is as long as the whole
    run, so that the rate ends a hundredth of its height or more above its floor.

    Why it is bad: Each scheduler of a SequentialLR counts from its milestone on, those of join_schedules from their
    boundaries, and Keras's decay_steps from the end of the warm-up. The decay is cut off by as many steps as the
    warm-up has, those at the lowest rates.

    Example:
        optimizer: {lr: 0.1}
        scheduler:
          name: sequential
          schedulers:
            - {name: linear, start_factor: 0.01, total_iters: 10}
            - {name: cosine, T_max: 100}
          milestones: [10]
        steps: 100

    Use instead: The steps of the run without those of the warm-up.

    When to ignore it: The recipe is known to end above its floor.
    """
    whole, end, lead = stretch.parent or stretch, stretch.end, stretch.lead
    if not (stretch.nth or lead) or not end or not stretch.to_end or stretch.own_length is None:
        return
    name, length = stretch.own_length
    if length - lead != whole.end or stretch.rises or stretch.is_flat or not stretch.subject.rates:
        return
    lr = max(map(max, stretch.subject.rates)) if stretch.cls.carries_rate else max(stretch.subject.lrs)
    last, floor = max(column[-1] for column in stretch.subject.rates), _floor(stretch, lr)
    if end < length and last - floor > 0.01 * (lr - floor) > 0:
        key, left = stretch.key(name), end - lead
        what = f"{name}={length - lead} is the whole run, of which {length - end} are over before: the rate ends at"
        yield Finding(key, f"{what} {last:.6g}, and {name}={left} would end at {floor:g}", None, [{key: left}])


def _floor(stretch: Stretch, lr: float) -> float:
    """The rate that a decay comes down to."""
    if stretch.has("end_value") or stretch.has("end_learning_rate"):
        return float(stretch.value("end_value" if stretch.has("end_value") else "end_learning_rate") or 0.0)
    return float(
        (stretch.value("end_factor") or stretch.value("alpha") or 0.0) * lr + (stretch.value("eta_min") or 0.0)
    )


def _scaled(milestones: Sequence[int], end: int) -> list[int]:
    """Milestones at the same parts of a run, the last at nine tenths of it: none where they would fall together."""
    made = [round(milestone * 0.9 * end / max(milestones)) for milestone in milestones]
    return made if len(set(made)) == len(set(milestones)) and min(made) > 0 else []
