"""Schedulers that are made of others, and do not go together."""

from collections.abc import Iterator, Sequence

from lrplot.analysis.notes.rule import Finding, rule
from lrplot.analysis.notes.subject import Stretch
from lrplot.runs.loop import Several
from lrplot.runs.simulate import simulate_run
from lrplot.runs.spec import Spec
from lrplot.wording import listed


@rule("LR041", "schedulers", "swa_lr", "from_base_lrs", "owns_rate")
def undone_in_a_chain(stretch: Stretch) -> Iterator[Finding]:
    """Schedulers that act at once undo one another.

    What it finds: A ChainedScheduler with a member that sets its rate from the base rate alone: LambdaLR, warm
    restarts, CyclicLR, OneCycleLR, SWALR; and such a one among several schedulers of one optimizer, that is stepped
    while another is.

    Why it is bad: A chain multiplies only where each member changes the rate that it finds. These compute it anew at
    each step, so what the others did is gone: a drop of StepLR lasts for one step, or is never seen.

    Example:
        optimizer: {lr: 0.1}
        scheduler:
          name: chained
          schedulers:
            - {name: warm-restarts, T_0: 10}
            - {name: step, step_size: 10, gamma: 0.5}
        steps: 40

    Use instead: One function that is the product of both: a LambdaLR.

    When to ignore it: The others are there for their momentum alone.
    """
    if stretch.parent is None and stretch.run.spec.is_several and _undoes(stretch.spec):
        yield from _undone_beside(stretch)
    if stretch.spec.handovers or len(stretch.spec.inner) < 2 or stretch.own or stretch.cls.carries_rate:
        return
    undoing = [index for index, spec in enumerate(stretch.spec.inner) if _undoes(spec)]
    if not undoing:
        return
    last = undoing[-1]
    one = stretch.spec.inner[last]
    others = [spec.cls.shown_name for index, spec in enumerate(stretch.spec.inner) if index != last]
    what = f"{one.cls.shown_name} sets its rate from the base rate, whatever {' and '.join(others)} did"
    step, shown = _undone(stretch, last) if stretch.parent is None else (None, "")
    yield Finding(f"{stretch.path}.schedulers[{last}]", what + shown, step, _product(stretch))


def _undone_beside(stretch: Stretch) -> Iterator[Finding]:
    """The same of one among several schedulers of one optimizer."""
    own = stretch.run.ticks_of(stretch.spec)
    others = [
        spec
        for spec in stretch.run.spec.stepped
        if spec is not stretch.spec and (ticks := stretch.run.ticks_of(spec)) and _meet(own, ticks)
    ]
    if not (others and own and stretch.subject.rates):
        return
    last, alone, rest = stretch.subject.rates[0], _rates(stretch, stretch.spec), _rates(stretch, Several(others))
    meanwhile = rest[own.start : own.stop]
    if min(meanwhile) == max(meanwhile):
        return  # nothing is to be undone
    what = f"{stretch.cls.shown_name} sets its rate from the base rate, whatever"
    what += f" {listed(spec.cls.shown_name for spec in others)} did: the last step is made at {last[-1]:.6g},"
    more = f"and would be at {alone[-1]:.6g}" if alone[-1] != last[-1] else "as"
    yield Finding(stretch.path, f"{what} {more} with it alone")


def _rates(stretch: Stretch, spec: Spec) -> Sequence[float]:
    """The rates of the run with another scheduler in place of its own."""
    (curve,) = simulate_run(stretch.run.but(spec=spec, record=("used",)))
    return curve.rates[0]


def _meet(own: range, other: range) -> bool:
    """Whether two schedulers are stepped in the same part of a run."""
    return own.start < other.stop and other.start < own.stop


def _undoes(spec: Spec) -> bool:
    """Whether a scheduler sets its rate whatever others did to it."""
    return spec.cls.from_base_lrs or spec.cls.owns_rate or "swa_lr" in spec.complete


def _undone(stretch: Stretch, last: int) -> tuple[int | None, str]:
    """The step at which the others change something, and what is left of that at the next."""
    together = stretch.subject.rates
    if not together:
        return None, ""
    alone, column = _rates(stretch, stretch.spec.inner[last]), together[0]
    for step in range(1, len(column) - 1):
        if column[step] != alone[step]:
            return step, f": {column[step]:.6g} at step {step}, {column[step + 1]:.6g} at step {step + 1}"
    return None, ": the rates are those of it alone"


def _product(stretch: Stretch) -> Sequence[dict[str, object]]:
    """The chain as one function, where each of its members has a formula without a past."""
    if stretch.parent is not None or stretch.run.groups > 1:
        return []
    (lr,) = stretch.subject.lrs
    factors = [spec.as_function(lr) for spec in stretch.spec.inner]
    if not all(factors):
        return []
    return [{stretch.path: {"name": "LambdaLR", "lr_lambda": " * ".join(map(str, factors))}}]


@rule("LR042", "milestones schedulers", consequence=True)
def never_reached(stretch: Stretch) -> Iterator[Finding]:
    """A scheduler of a SequentialLR never acts.

    What it finds: A milestone at or beyond the end of the run, or one that leaves no steps to a scheduler.

    Why it is bad: What was to happen from there on, a decay mostly, never does.

    Example:
        optimizer: {lr: 0.1}
        scheduler:
          name: sequential
          schedulers:
            - {name: constant, factor: 1.0, total_iters: 1}
            - {name: cosine, T_max: 200}
          milestones: [800]
        steps: 500

    Use instead: Milestones within the run, in the scheduler's own steps: epochs with interval epoch.

    When to ignore it: The run is the first part of a longer one that it resumes into.
    """
    for inner in stretch.subject.stretches:
        ends_at_once = inner.end is not None and inner.end <= 0 and stretch.to_end
        if inner.parent is not stretch or not ends_at_once or not stretch.spec.handovers:
            continue
        index = max(0, inner.nth - 1)
        at = stretch.spec.handovers[index]
        what = f"{inner.cls.shown_name} never acts: the milestone at {stretch.when(at)} leaves it no step"
        if stretch.end is not None and at >= stretch.end:
            what = (
                f"{inner.cls.shown_name} is to begin at {stretch.when(at)}, beyond the run of {stretch.subject.length}"
            )
        yield Finding(stretch.key("milestones", index), what)
        return


@rule("LR043", "milestones schedulers")
def out_of_order(stretch: Stretch) -> Iterator[Finding]:
    """The milestones of a SequentialLR are out of order.

    What it finds: A milestone that is lower than the one before it.

    Why it is bad: torch looks the milestones up as in a sorted list. Out of order it takes over at other steps than
    written, or goes back to a scheduler that was done.

    Example:
        optimizer: {lr: 0.1}
        scheduler:
          name: sequential
          schedulers:
            - {name: linear, start_factor: 0.1, total_iters: 10}
            - {name: constant, factor: 1.0, total_iters: 1}
            - {name: cosine, T_max: 50}
          milestones: [50, 10]
        steps: 100

    Use instead: The milestones in rising order: they count from the start of the run.

    When to ignore it: Never.
    """
    milestones = list(stretch.spec.handovers)
    if milestones != sorted(milestones):
        what = f"milestones={milestones} are out of order: they are counted from the start of the run"
        yield Finding(stretch.key("milestones"), what, None, [{stretch.key("milestones"): sorted(milestones)}])


@rule("LR044", "milestones schedulers", consequence=True)
def base_rate_replaced(stretch: Stretch) -> Iterator[Finding]:
    """A cycle replaces the base rate of the schedulers beside it.

    What it finds: A SequentialLR with a OneCycleLR in it, beside which another scheduler does not begin at lr.

    Why it is bad: OneCycleLR writes its own first rate, max_lr / div_factor, into the optimizer as the base rate when
    it is made, before the first step. A warm-up then ends there, and a decay begins there, not at lr.

    Example:
        optimizer: {lr: 0.1}
        scheduler:
          name: sequential
          schedulers:
            - {name: linear, start_factor: 0.1, total_iters: 5}
            - {name: onecycle, max_lr: 0.1, total_steps: 95}
          milestones: [5]
        steps: 100

    Use instead: OneCycleLR alone, which has a warm-up of its own: pct_start; or a warm-up and a cosine.

    When to ignore it: The base rate is meant to be max_lr / div_factor.
    """
    cycle = next((spec for spec in stretch.spec.inner if spec.cls.owns_rate and "div_factor" in spec.complete), None)
    if cycle is None or not stretch.subject.rates:
        return
    lr, rates = stretch.subject.lrs[0], stretch.subject.rates[0]
    for other in stretch.subject.stretches:
        step, factor = other.step(0), other.value("start_factor") or 1.0
        if other.parent is not stretch or other.cls.owns_rate or step >= len(rates):
            continue
        if rates[step] >= 0.9 * factor * lr:
            continue
        what = f"{cycle.cls.shown_name} sets the base rate, and lr={lr} has no effect: {other.cls.shown_name} begins at"
        yield Finding(other.path, f"{what} {rates[step]:.6g}", step)
        return
