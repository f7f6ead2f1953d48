"""What Keras's schedules do that one does not think of."""

from collections.abc import Iterator

from lrplot.analysis.notes.rule import Finding, rule
from lrplot.analysis.notes.subject import Stretch

KIND = "ignored"
"""What was given has another effect than it seems to have."""


@rule("LR073", "initial_learning_rate", "values")
def whole_number_for_a_rate(stretch: Stretch) -> Iterator[Finding]:
    """A rate is written as a whole number.

    What it finds: An initial_learning_rate, or one of the values of PiecewiseConstantDecay, that is a whole number: 1
    instead of 1.0.

    Why it is bad: Keras computes in the type of the first rate. On jax the schedule is one of int32 then: every rate
    below 1 is 0, a cosine has 3 for pi; other backends raise, or compute something else. What is drawn is the schedule
    of the same number as a float.

    Example:
        scheduler: {name: keras.ExponentialDecay, initial_learning_rate: 1, decay_steps: 30, decay_rate: 0.5}
        steps: 100

    Use instead: ``1.0``.

    When to ignore it: The code has a float there.
    """
    for name in ("initial_learning_rate", "values"):
        value = stretch.value(name)
        numbers = value if isinstance(value, (list, tuple)) else [value]
        whole = next((index for index, number in enumerate(numbers) if type(number) is int), None)
        if whole is None or (name == "values" and not any(numbers)):
            continue
        key = stretch.key(name) if numbers is not value else stretch.key(name, whole)
        what = f"{numbers[whole]} is a whole number, in which Keras computes the rates: on jax those below 1 are 0"
        yield Finding(key, f"{what}, write {float(numbers[whole])}", None, [{key: float(numbers[whole])}])
        return


@rule("LR074", "warmup_target")
def warm_up_without_target(stretch: Stretch) -> Iterator[Finding]:
    """A warm-up without a target does nothing.

    What it finds: A CosineDecay of Keras with warmup_steps and without a warmup_target.

    Why it is bad: Without a target there is no warm-up, whatever warmup_steps says: the first step is made at
    initial_learning_rate, the highest of all.

    Example:
        scheduler: {name: keras.CosineDecay, initial_learning_rate: 0.1, decay_steps: 90, warmup_steps: 10}
        steps: 100

    Use instead: The peak as warmup_target, and where the warm-up begins as initial_learning_rate.

    When to ignore it: Never: leave warmup_steps out.
    """
    steps, first = stretch.value("warmup_steps"), stretch.value("initial_learning_rate")
    if stretch.value("warmup_target") is None and steps and steps > 0:
        what = f"warmup_steps={steps} has no effect without a warmup_target: the first step is made at {first:g}"
        fix = {stretch.key("warmup_target"): first, stretch.key("initial_learning_rate"): 0.0}
        yield Finding(stretch.key("warmup_steps"), what, 0, [fix])


@rule("LR075", "end_learning_rate")
def end_above_the_start(stretch: Stretch) -> Iterator[Finding]:
    """The decay goes up to where it ends by default.

    What it finds: A PolynomialDecay of Keras whose end_learning_rate lies above its initial_learning_rate.

    Why it is bad: end_learning_rate is 0.0001 where it is not given. From a rate below that, as fine-tuning has it, the
    schedule rises to it.

    Example:
        scheduler: {name: keras.PolynomialDecay, initial_learning_rate: 0.00002, decay_steps: 100}
        steps: 100

    Use instead: ``end_learning_rate: 0.0``.

    When to ignore it: The rate is meant to rise.
    """
    first, last = stretch.value("initial_learning_rate"), stretch.value("end_learning_rate")
    if 0 < first < last:
        default = "" if "end_learning_rate" in stretch.spec.parameters else ", as it does where nothing is given"
        what = f"the rate rises from {first:g} to end_learning_rate={last:g}{default}"
        key = stretch.key("end_learning_rate")
        yield Finding(key, what, None, [{key: 0.0}])


@rule("LR076", "t_mul", family="keras")
def cycles_that_double(stretch: Stretch) -> Iterator[Finding]:
    """Each cycle is twice as long as the one before, unless told otherwise.

    What it finds: A CosineDecayRestarts of Keras without t_mul, in a run that ends with a cycle if all have one length,
    and within one as they are.

    Why it is bad: t_mul is 2.0 where it is not given. A run of four times first_decay_steps was meant to have four
    cycles; it has two, and ends in the midst of the third, at a high rate.

    Example:
        scheduler: {name: keras.CosineDecayRestarts, initial_learning_rate: 0.1, first_decay_steps: 25}
        steps: 100

    Use instead: ``t_mul: 1.0``.

    When to ignore it: The cycles are meant to double: then write it, and the note is gone.
    """
    first, end = stretch.value("first_decay_steps"), stretch.end
    if "t_mul" in stretch.spec.parameters or end is None or not stretch.to_end:
        return
    cycles = end / first
    if cycles >= 2 and cycles.is_integer() and (int(cycles) + 1) & int(cycles):
        key = stretch.key("t_mul")
        what = f"t_mul is 2.0 where it is not given: the cycles have {first:g}, {2 * first:g}, {4 * first:g} … steps,"
        what += f" and the run of {stretch.subject.length} is no {cycles:g} of {first:g}"
        yield Finding(key, what, stretch.step(int(first)), [{key: 1.0}])
