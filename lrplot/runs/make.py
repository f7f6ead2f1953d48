"""The one road to a valid run, for a config, flags, a one-line spec and Python alike."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lrplot.parameters import Refusal
from lrplot.runs.lengths import disagreements, lengths
from lrplot.runs.run import MAX_STEPS, Run
from lrplot.runs.spec import Spec
from lrplot.schedulers.base import Scheduler
from lrplot.schedulers.groups import one_by_one
from lrplot.schedulers.optimizer import RATES, Optimizer
from lrplot.wording import listed

MAX_LINES = 1_000
"""Curves times readings times parameter groups."""
MAX_STEP = 2**53
"""Up to here a float counts one by one."""

OPTIMIZER = "optimizer"
"""A refusal's ``at`` where the optimizer is at fault; it is the spec where a scheduler is, None where the run itself
is.
"""


class Refusals(ValueError):
    """All that is wrong with what was asked for."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = refusals
        super().__init__("; ".join(map(str, refusals)))


def make_run(
    spec: Spec,
    optimizer: Mapping[str, Any] | None,
    options: Mapping[str, Any] | None,
    label: str | None = None,
    name: str = "",
    place: str = "",
) -> Run | None:
    """The run that is asked for: with its number of steps, and known to be one that can be begun.

    Args:
        spec: Its scheduler.
        optimizer: The optimizer's parameters, each by itself as it must be; None where one of them is not.
        options: The run's own, likewise.
        label: What its curve is called.
        name: What its config is called.
        place: Where the scheduler was written.

    Returns:
        The run; None where the optimizer or the options are not known.

    Raises:
        Refusals: All for which the parts do not go together.
    """
    refusals: list[Refusal] = []
    scheduler = None
    if optimizer is not None:
        refusals += foreign_rates(spec, optimizer)
        scheduler, refused = _built(spec, {} if refusals else optimizer)
        refusals += refused
    if options is not None:
        refusals += conflicts(spec, options)
    if refusals:
        raise Refusals(refusals)
    if scheduler is None or options is None or optimizer is None:
        return None
    record = tuple(dict.fromkeys(options.get("record", ("used",))))
    known = {**options, **lengths(spec, options), "record": record}
    steps = known.pop("steps", None)
    names = [group.name or f"group {index}" for index, group in enumerate(optimizer.get("groups") or ())]
    is_named = any(group.name for group in optimizer.get("groups") or ())
    optimizer, joins = one_by_one(optimizer)
    known |= {"joins": joins if any(joins) else (), "group_names": names if is_named else ()}
    run = Run(spec, optimizer, 1, **known, label=label, name=name, place=place)
    return _of_length(run, scheduler, steps)


def _names(spec: Spec) -> dict[str, bool]:
    """The schedulers that a loop steps, each with whether it watches a metric."""
    return {each.cls.shown_name: each.watches_metric for each in spec.stepped}


def conflicts(spec: Spec, options: Mapping[str, Any], complete: bool = True) -> Iterator[Refusal]:
    """Why options of a run do not go with its scheduler, or with one another.

    Args:
        complete: Whether all of the scheduler's parameters are known: one may be the steps of an epoch.
    """
    names = list(_names(spec))
    metrics = options.get("metrics")
    if spec.watches_metric and metrics is None:
        what = "one number an epoch, an expression in epoch, or a CSV file and its column"
        watching = [name for name, watches in _names(spec).items() if watches]
        yield Refusal("metrics", f"is missing: {listed(watching)} need{'s' * (len(watching) == 1)} it ({what})")
    if metrics is not None and not spec.watches_metric and not any(inner.cls.watches_metric for inner in spec.inner):
        those = f"{listed(names)} do{'es' * (len(names) == 1)}"
        yield Refusal("metrics", f"is for a scheduler that watches one, as plateau does: {those} not")
    if complete:
        yield from disagreements(spec, options)


def foreign_rates(spec: Spec, optimizer: Mapping[str, Any]) -> Iterator[Refusal]:
    """Why rates of the optimizer do not go with a scheduler that has its own, or one for all parameters."""
    if spec.is_several:
        yield from _rivals(spec)
    for cls in dict.fromkeys(each.cls for each in spec.stepped):
        name = cls.shown_name
        for key, given in optimizer.items():
            several = isinstance(given, (list, tuple)) and len(given) > 1
            if cls.carries_rate and key in (*RATES, "groups"):
                refusal = Refusal(key, f"is not for {name}, which has its rates as parameters")
            elif cls.one_rate and several and key in (*RATES, "groups"):
                refusal = Refusal(key, f"must be one: {name} has one rate for all parameters, got {len(given)}")
            elif key == "lr_scale" and not cls.scales_groups:
                refusal = Refusal(key, f"is read by timm's schedules alone, and has no effect on {name}")
            else:
                continue
            refusal.at = OPTIMIZER
            yield refusal


def _rivals(spec: Spec) -> Iterator[Refusal]:
    """Why schedulers cannot act on one optimizer."""
    for each in spec.stepped:
        name = each.cls.shown_name
        problems = ["has its rates as parameters: nothing else can act on them beside it"] * each.cls.carries_rate
        for other in (part for one in spec.stepped for part in _within(one)):
            if common := [key for key in each.cls.takes_from_groups if key in other.cls.leaves_in_groups]:
                what = (
                    f"takes {listed(common)} from the optimizer's groups, where {other.cls.shown_name} leaves its own"
                )
                problems.append(f"{what}: they cannot act on one optimizer")
        for problem in problems:
            refusal = Refusal(None, f"{name} {problem}")
            refusal.at = each
            yield refusal


def _within(spec: Spec) -> Iterator[Spec]:
    """A scheduler, and those that it is made of."""
    yield spec
    for inner in spec.inner:
        yield from _within(inner)


def limits(runs: Sequence[Run], counted: bool) -> Iterator[Refusal]:
    """Why there are more rates to compute than memory or patience for them: those of all curves together.

    Args:
        counted: Whether somebody asked for their number of steps.
    """
    lines = sum(run.groups * len(run.record) for run in runs)
    if lines > MAX_LINES:
        what = f"{lines:,} lines (curves, times readings, times parameter groups)"
        yield Refusal(None, f"this makes {what}: at most {MAX_LINES:,} are drawn")
    rates = sum(run.steps * run.groups * len(run.record) for run in runs)
    work = sum(run.steps * run.groups * len(run.record) * run.spec.size for run in runs)
    if work > MAX_STEPS:
        problem = f"would make {rates:.3g} rates, which take {8e-9 * rates:.3g} GB of memory"
        if rates <= MAX_STEPS:
            problem = f"would make {work:.3g} rates, those of schedulers within schedulers counted"
        problem += f": at most {MAX_STEPS:,} are computed"
        if counted:
            yield Refusal("steps", f"is too much: it {problem}")
        else:
            yield Refusal(None, f"the run is too long: its steps {problem}")


def _built(spec: Spec, optimizer: Mapping[str, Any]) -> tuple[Scheduler | None, list[Refusal]]:
    """The scheduler on its optimizer, and what either refuses; what the optimizer refuses keeps no scheduler."""
    refusals = []
    try:
        made = Optimizer(**optimizer)
    except Refusal as refusal:
        refusal.at = OPTIMIZER
        refusals.append(refusal)
        rates = optimizer.get("lr") or [0.001]
        made = Optimizer(lr=rates, momentum=0.9, initial_lr=rates)
    made.step()  # so that no scheduler warns of being first
    try:
        scheduler = spec.build(made)
    except Refusal as refusal:
        return None, [*refusals, refusal]
    return scheduler, refusals


def _of_length(run: Run, scheduler: Scheduler, steps: int | None) -> Run:
    """The run with its number of steps, once it is known that they can be counted and that its metrics last."""
    for spec, made in zip(run.spec.stepped, getattr(scheduler, "schedulers", [scheduler])):
        if abs(made.last_epoch) * run.batches > MAX_STEP:
            given = spec.parameters.get(made.resumes, made.last_epoch)
            problem = f"must be a step that a float can hold, at most {MAX_STEP:,}, got {given}"
            refusal = Refusal(made.resumes, problem, owner=spec.cls.shown_name)
            refusal.at = spec
            raise Refusals([refusal])
    if steps is None:
        natural = _natural_steps(run, scheduler)
        return run.but(steps=natural or 100 * run.batches, open_ended=natural is None)
    run = run.but(steps=steps)
    metrics = -(-run.steps // run.per_metric)
    if isinstance(run.metrics, array) and metrics > len(run.metrics):
        problem = f"must be at most the number of metrics, {len(run.metrics)}, one an epoch: got {metrics}"
        raise Refusals([Refusal("steps", problem)])
    if run.joins and run.joins[-1] >= steps:
        refusal = Refusal("groups", f"must join within the run, which has {steps:,} steps, got {run.joins[-1]:,}")
        refusal.at = OPTIMIZER
        raise Refusals([refusal])
    return run


def _natural_steps(run: Run, scheduler: Scheduler) -> int | None:
    """The length of a run that asks for none: what its scheduler is made for, or as many as there are metrics."""
    made_for = (spec.cls.run_length(spec.parameters) for spec in run.spec.stepped)
    length = next((steps for steps in made_for if steps is not None), None)
    if length is not None and (run.batches > 1 or not run.is_plain):
        return length
    if isinstance(run.metrics, array):
        return max(len(run.metrics), 1) * run.per_metric
    left = (scheduler if run.is_plain else run.but(steps=MAX_STEPS).scheduler()).steps_left
    return None if left is None else max(left, 1) * run.batches
