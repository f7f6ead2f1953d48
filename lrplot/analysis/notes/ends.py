"""The end of the run is not where one thinks."""

from collections.abc import Iterator, Sequence
from math import cos, pi

from lrplot.analysis.notes.rule import Finding, rule, rule_of_runs
from lrplot.analysis.notes.subject import Stretch, Subject
from lrplot.wording import listed

LENGTHS = ("num_training_steps", "total_num_steps", "lr_decay_steps")
"""Of runs, as the libraries around torch call it."""


@rule("LR001", "milestones", "step_size")
def beyond_the_run(stretch: Stretch) -> Iterator[Finding]:
    """A drop lies beyond the end of the run.

    What it finds: A milestone of MultiStepLR, or a step_size of StepLR, that the run does not reach. A last milestone
    just at the end of the run passes, where others lie before it.

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
    if stretch.end is None or not stretch.to_end or stretch.value("gamma") in (None, 1):
        return
    end, run = stretch.end, f"the run of {stretch.subject.length}"
    if stretch.has("step_size"):
        size = stretch.value("step_size")
        if size >= end:
            what = f"step_size={size} is not reached in {run}: the rate never drops"
            yield Finding(stretch.key("step_size"), what, fixes=[{stretch.key("step_size"): max(1, end // 3)}])
        return
    milestones: Sequence[int] = stretch.value("milestones")
    beyond = [milestone for milestone in milestones if milestone >= end]
    if not beyond or (len(beyond) < len(milestones) and max(beyond) == end):
        return
    several = len(beyond) > 1
    what = f"milestone{'s' * several} {listed(beyond)} {'lie' if several else 'lies'} beyond {run}"
    never = "the rate never drops" if len(beyond) == len(milestones) else f"{'those drops' if several else 'that drop'}"
    what += f": {never}" if len(beyond) == len(milestones) else f": {never} never happen{'' if several else 's'}"
    fixes = [{stretch.key("milestones"): scaled}] if (scaled := _scaled(milestones, end)) else []
    yield Finding(stretch.key("milestones", milestones.index(beyond[0])), what, fixes=fixes)


@rule(
    "LR002",
    "T_max",
    "T_0",
    "total_iters",
    "total_steps",
    "anneal_epochs",
    "step_size_up",
    *LENGTHS,
    "t_initial",
)
def longer_than_the_run(stretch: Stretch) -> Iterator[Finding]:
    """The schedule is far longer than the run.

    What it finds: A T_max, T_0, total_iters, total_steps, anneal_epochs, step_size_up, num_training_steps,
    total_num_steps, lr_decay_steps or t_initial of which the run covers less than four fifths.

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
    if stretch.end is None or not stretch.to_end or stretch.own_length is None or stretch.rises or stretch.is_flat:
        return
    (name, length), end = stretch.own_length, stretch.end
    if not 0 < end < 0.8 * length or stretch.value("num_stable_steps") is not None:  # which hold in place of a length
        return
    given = f"{name}={stretch.value(name)}" if stretch.value(name) is not None else f"a schedule of {length}"
    what = f"the run of {stretch.subject.length} ends after {100 * end / length:.3g} % of {given}"
    lasting, would = (max(1, end // 2), "make it a cycle") if name == "step_size_up" else (end, "end with it")
    if rates := stretch.subject.rates:
        what += f", at a rate of {rates[0][-1]:.6g}: {name}={lasting * stretch.counts} would {would}"
    yield Finding(stretch.key(name), what, fixes=[stretch.lasting(lasting)])


@rule_of_runs("LR003", "total_iters", "milestones", "function", *LENGTHS, consequence=True)
def over_early(subject: Subject) -> Iterator[Finding]:
    """The schedule is over long before the run is.

    What it finds: A rate that is 0 in the last steps, more than one of them; and a decay that is done within the first
    twentieth of the run.

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
        elif stretch.has("start_factor") and not stretch.rises and stretch.value("total_iters") < end / 20:
            total = stretch.value("total_iters")
            what = f"the decay is over at {stretch.when(total)}, of the run of {subject.length}: total_iters={total}"
            yield Finding(stretch.key("total_iters"), what, stretch.step(total), [{stretch.key("total_iters"): end}])
    yield from _zeros(subject)


def _zeros(subject: Subject) -> Iterator[Finding]:
    """The last steps at rate 0."""
    run = subject.run
    for rates in subject.rates:
        first = len(rates)
        while first > 0 and rates[first - 1] == 0:
            first -= 1
        if first <= 0 or run.open_ended or len(rates) - first < 2 * run.batches:
            continue
        where = f"the rate is 0 from step {first} on, for {len(rates) - first:,} of the {len(rates):,} steps"
        for stretch in subject.stretches:
            if stretch.own_length and stretch.end and stretch.to_end and stretch.own_length[1] < stretch.end - 1:
                name, _ = stretch.own_length
                what = f"{where}: {name}={stretch.end * stretch.counts} would last as long as the run"
                yield Finding(stretch.key(name), what, first, [stretch.lasting(stretch.end)])
                return
        yield Finding(subject.function_key, f"{where}", first, [{"steps": first}])
        return


@rule("LR004", "T_max", "num_cycles")
def climbs_again(stretch: Stretch) -> Iterator[Finding]:
    """The cosine climbs again.

    What it finds: A CosineAnnealingLR that is stepped past T_max, so far that its rate is back at a hundredth of its
    height or more; and a cosine of transformers that is stepped past num_training_steps, likewise.

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
    more = f" ({turns} turns in all)" if turns > 1 else ""
    what = f"the cosine turns at {stretch.when(T_max)} and climbs to {column[end]:.6g} by {stretch.when(top)}{more}"
    what += f": T_max={stretch.end} would end at eta_min"
    yield Finding(stretch.key("T_max"), what, stretch.step(T_max), [{stretch.key("T_max"): stretch.end}])


def _climbs_past_its_end(stretch: Stretch) -> Iterator[Finding]:
    """A cosine that falls to the end of its training, and is stepped on from there."""
    total, rates = stretch.value("num_training_steps"), stretch.subject.rates
    if not total or stretch.end is None or stretch.end - 1 <= total or stretch.own > total or not rates:
        return
    low, last = stretch.step(total), min(stretch.step(stretch.end - 1), len(rates[0]) - 1)
    column, lr = max(zip(rates, stretch.subject.lrs), key=lambda each: each[0][last])
    if column[last] - column[low] > 0.01 * lr and column[low] < column[low - 1]:
        what = f"the cosine turns at {stretch.when(total)} and climbs to {column[last]:.6g} by the end of the run"
        key = stretch.key("num_training_steps")
        yield Finding(
            key, f"{what}: num_training_steps={stretch.end} would end at its floor", low, [{key: stretch.end}]
        )


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
    batches, epochs = subject.run.batches, subject.run.beats
    if subject.run.open_ended or epochs < 20 or any(stretch.cls.cycles for stretch in subject.stretches):
        return
    first = epochs - max(1, epochs // 50)
    for rates in subject.rates:
        tail = rates[(first - 2) * batches :: batches]
        for index in range(2, len(tail)):
            before, low, high = tail[index - 2 : index + 1]
            if low <= before and high > 1.5 * low and high - low > 0.1 * max(subject.lrs):
                step = (first + index - 2) * batches
                what = f"the rate jumps from {low:.6g} to {high:.6g} at step {step}"
                left = f"{subject.run.steps - step:,} of {subject.run.steps:,} steps before the end of the run"
                yield Finding(subject.key_of("T_0"), f"{what}, {left}", step, [{"steps": step}])
                return


@rule_of_runs("LR006", "eta_min", "swa_lr", "function", consequence=True)
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
    floor = next((key for stretch in subject.stretches if (key := _negative(stretch))), "")
    if subject.run.open_ended or not (floor or subject.has_function):
        return
    for rates in subject.rates:
        if min(rates) < 0:
            step = next(index for index, rate in enumerate(rates) if rate < 0)
            what = f"the rate is below 0 from step {step} on, and is {min(rates):.6g} at its lowest"
            yield Finding(floor or subject.function_key, what, step, [{floor: 0.0} if floor else {"steps": step}])
            return


def _negative(stretch: Stretch) -> str:
    """The key path of a rate to come down to that is below 0."""
    floors = ((name, stretch.value(name)) for name in ("eta_min", "swa_lr"))
    return next((stretch.key(name) for name, floor in floors if isinstance(floor, float) and floor < 0), "")


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
    (name, length), end = stretch.own_length, stretch.end
    if end <= length:
        return
    what = f"the cycle has {length:,} steps, the run {end:,}: training ends with an error at {stretch.when(length + 1)}"
    what += f": total_steps={end} is needed"
    yield Finding(stretch.key(name), what, stretch.step(length), [stretch.lasting(end)])


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


@rule("LR009", "T_max", "total_iters")
def longer_than_what_is_left(stretch: Stretch) -> Iterator[Finding]:
    """The decay counts the warm-up's steps as its own.

    What it finds: A T_max or total_iters behind a warm-up that is as long as the whole run, so that the rate ends a
    hundredth of its height or more above its floor.

    Why it is bad: Each scheduler of a SequentialLR counts from its milestone on. The decay is cut off by as many steps
    as the warm-up has, those at the lowest rates.

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
    whole, end = stretch.parent, stretch.end
    if whole is None or not stretch.nth or not end or not stretch.to_end or stretch.own_length is None:
        return
    name, length = stretch.own_length
    if length != whole.end or stretch.rises or stretch.is_flat or not stretch.subject.rates:
        return
    lr, last = max(stretch.subject.lrs), max(column[-1] for column in stretch.subject.rates)
    floor = (stretch.value("end_factor") or 0.0) * lr + (stretch.value("eta_min") or 0.0)
    if end < length and last - floor > 0.01 * (lr - floor) > 0:
        key = stretch.key(name)
        what = (
            f"{name}={length} is the whole run, of which {length - end} are over before: the rate ends at {last:.6g},"
        )
        yield Finding(key, f"{what} and {name}={end} would end at {floor:g}", None, [{key: end}])


def _scaled(milestones: Sequence[int], end: int) -> list[int]:
    """Milestones at the same parts of a run, the last at nine tenths of it: none where they would fall together."""
    made = [round(milestone * 0.9 * end / max(milestones)) for milestone in milestones]
    return made if len(set(made)) == len(set(milestones)) and min(made) > 0 else []
