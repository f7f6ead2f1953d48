"""What optax's schedules do that one does not think of."""

import math
from collections.abc import Iterator

from lrplot.analysis.notes.rule import Finding, rule
from lrplot.analysis.notes.subject import Stretch
from lrplot.schedulers.float32 import f32

KIND = "ignored"
"""What was given has another effect than it seems to have."""


@rule("LR070", "power", family="optax")
def nan_within_jit(stretch: Stretch) -> Iterator[Finding]:
    """Within jax.jit the last rate is not a number.

    What it finds: A polynomial_schedule of optax with a power that is no whole number, in a run that goes on to the end
    of the transition, where a compiled step computes NaN there.

    Why it is bad: XLA makes a product with 1 / transition_steps of the division, and does not round between. For one
    transition_steps in four the part that is left comes out below 0 at the end, and has no root. A step at rate NaN
    makes every weight NaN, and what is drawn, the value outside of jit, does not show it.

    Example:
        scheduler: optax.polynomial_schedule init_value=0.1 end_value=0 power=0.5 transition_steps=21
        steps: 40

    Use instead: A whole number as power, or one step of the transition more or less.

    When to ignore it: The schedule is computed outside of jit, as inject_hyperparams never does.
    """
    total, power = stretch.value("transition_steps"), stretch.value("power")
    if not total or total <= 0 or float(power).is_integer():
        return
    end = max(0, stretch.value("transition_begin")) + total
    if stretch.end is not None and stretch.end > end and _reciprocal(total) * total > 1:
        key, other = stretch.key("transition_steps"), _other(total)
        what = f"within jax.jit the rate is NaN from {stretch.when(end)} on: power={power} of a number just below 0"
        what += f"; transition_steps={other} would do"
        yield Finding(key, what, stretch.step(end), [{key: other}])


@rule("LR071", "staircase", family="optax")
def stair_within_jit(stretch: Stretch) -> Iterator[Finding]:
    """Within jax.jit a stair comes one step late.

    What it finds: A staircase of optax with a transition_steps of which a compiled step finds a multiple too low, in
    the run.

    Why it is bad: XLA makes a product with 1 / transition_steps of the division, which comes out just below the whole
    number at the step of the stair, and is rounded down. One step is made at the rate before the drop, and a log
    differs there from what is drawn, the value outside of jit.

    Example:
        scheduler: optax.exponential_decay init_value=1 transition_steps=41 decay_rate=0.5 staircase=true
        steps: 100

    Use instead: Another transition_steps; or piecewise_constant_schedule, whose boundaries hold in jit too.

    When to ignore it: One step is of no account.
    """
    total = stretch.value("transition_steps")
    if not stretch.value("staircase") or not total or total <= 0:
        return
    begin = max(0, stretch.value("transition_begin")) + (stretch.value("warmup_steps") or 0)
    for stair in range(1, max(0, (stretch.end or 0) - begin - 1) // total + 1):
        if math.floor(f32(stair * total * _reciprocal(total))) < stair:
            step = begin + stair * total
            what = f"within jax.jit the stair at {stretch.when(step)} comes one step late: {stair * total} times the"
            what += f" float32 1 / {total} is just below {stair}"
            yield Finding(stretch.key("transition_steps"), what, stretch.step(step))
            return


@rule("LR072", "transition_steps", "warmup_steps", family="optax")
def held_for_ever(stretch: Stretch) -> Iterator[Finding]:
    """A schedule without a length holds its first rate for ever.

    What it finds: A warmup_constant_schedule with warmup_steps 0, and a linear, polynomial or exponential schedule of
    optax with transition_steps 0 or less, whose rate was to change.

    Why it is bad: optax makes a constant of it, with init_value: a warm-up from 0 that is switched off leaves the rate
    at 0, and nothing is trained. It says so in a log line of level info, which nobody sees.

    Example:
        scheduler: optax.warmup_constant_schedule init_value=0 peak_value=0.001 warmup_steps=0
        steps: 100

    Use instead: constant_schedule with the peak.

    When to ignore it: Never.
    """
    if stretch.cls.name.startswith(("warmup_cos", "warmup_exp")):
        return
    name = "warmup_steps" if stretch.has("warmup_steps") else "transition_steps"
    first, length = stretch.value("init_value"), stretch.value(name)
    other = stretch.value("peak_value" if name == "warmup_steps" else "end_value")
    if first is None or length > 0 or (first == other and not stretch.has("decay_rate")):
        return
    what = f"{name}={length} holds init_value={first:g} for ever"
    instead = "constant_schedule is a constant"
    if name == "warmup_steps":
        instead = f"peak_value={other:g} is never reached"
    key = stretch.path
    constant = {"name": "optax.constant_schedule", "value": first if other is None else other}
    yield Finding(stretch.key(name), f"{what}: {instead}", 0, [{key: constant}])


@rule("LR077", "boundaries")
def without_a_boundary(stretch: Stretch) -> Iterator[Finding]:
    """A schedule that is joined never acts.

    What it finds: A join_schedules of optax with fewer boundaries than it takes for all its schedules, or with one more
    than there are schedules for; and a boundary beyond the run.

    Why it is bad: optax pairs schedules and boundaries as far as both go, and forgets the rest without a word: the
    decay that was to come last never does.

    Example:
        scheduler:
          name: optax.join_schedules
          schedules:
            - optax.linear_schedule init_value=0 end_value=0.1 transition_steps=10
            - optax.constant_schedule value=0.1
            - optax.cosine_decay_schedule init_value=0.1 decay_steps=60
          boundaries: [10]
        steps: 100

    Use instead: One boundary fewer than there are schedules, each within the run.

    When to ignore it: The run is the first part of a longer one.
    """
    if not stretch.cls.carries_rate or not stretch.spec.inner:
        return
    boundaries, schedules = stretch.value("boundaries"), stretch.spec.inner
    key = stretch.key("boundaries")
    if len(boundaries) != len(schedules) - 1:
        told = f"{len(boundaries)} boundar{'y' if len(boundaries) == 1 else 'ies'} for {len(schedules)} schedules"
        if len(boundaries) < len(schedules) - 1:
            yield Finding(key, f"{told}: {schedules[len(boundaries) + 1].cls.shown_name} never acts")
        else:
            yield Finding(key, f"{told}: {boundaries[len(schedules) - 1]} is of none")
    elif stretch.end is not None and stretch.to_end and boundaries and max(boundaries) >= stretch.end:
        late = schedules[boundaries.index(max(boundaries)) + 1].cls.shown_name
        what = f"{late} is to begin at {stretch.when(max(boundaries))}, beyond the run of {stretch.subject.length}"
        yield Finding(key, what)


def _reciprocal(total: int) -> float:
    """What XLA multiplies by in place of a division."""
    return f32(1 / total)


def _other(total: int) -> int:
    """The nearest length whose reciprocal is not too high."""
    near = (total + by * sign for by in range(1, total + 2) for sign in (1, -1))
    return next(other for other in near if other > 0 and _reciprocal(other) * other <= 1)
