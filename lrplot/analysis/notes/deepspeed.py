"""What DeepSpeed's schedules do that one does not think of."""

from collections.abc import Iterator

from lrplot.analysis.notes.rule import Finding, Fix, rule, rule_of_runs
from lrplot.analysis.notes.subject import Stretch, Subject

KIND = "ignored"
"""What was given has no effect, or another than it seems to have."""
MOMENTA = ("cycle_min_mom", "cycle_max_mom", "decay_mom_rate")
DECAYS = ("decay_lr_rate", "decay_mom_rate")


@rule("LR066", "warmup_max_lr")
def peak_by_default(stretch: Stretch) -> Iterator[Finding]:
    """The peak is DeepSpeed's own, and the optimizer's lr has no effect.

    What it finds: A WarmupDecayLR without warmup_max_lr, beside an lr of the optimizer that is not 0.001; and an lr
    beside a warmup_max_lr that is another.

    Why it is bad: The schedule goes from warmup_min_lr to warmup_max_lr, and knows no other rate. In WarmupLR the
    latter is the optimizer's by default, in WarmupDecayLR it is 0.001, which is a lot for a large model.

    Example:
        optimizer: {lr: 0.00002}
        scheduler: {name: deepspeed.WarmupDecayLR, total_num_steps: 1000, warmup_num_steps: 100}

    Use instead: The rate that is meant as warmup_max_lr.

    When to ignore it: The optimizer's constructor asks for an lr, and everybody knows that it is not the one in use.
    """
    given, peak = stretch.run.optimizer.get("lr"), stretch.value("warmup_max_lr")
    if given is None or peak is None or stretch.own:
        return
    peaks = peak if isinstance(peak, list) else [peak] * stretch.run.groups
    if any(abs(peak - lr) > 1e-9 * abs(peak) for peak, lr in zip(peaks, stretch.subject.lrs)):
        key = stretch.key("warmup_max_lr")
        default = "" if "warmup_max_lr" in stretch.spec.parameters else " by default"
        what = (
            f"lr={given} has no effect: the warm-up of {stretch.cls.shown_name} goes to warmup_max_lr={peak}{default}"
        )
        yield Finding(key, what, None, [{key: given}])


@rule("LR067", *MOMENTA, *DECAYS)
def no_cycle_of_it(stretch: Stretch) -> Iterator[Finding]:
    """What OneCycle is to cycle or to decay, it leaves alone.

    What it finds: A OneCycle of DeepSpeed with a decay_lr_rate or a decay_mom_rate and without a decay_step_size; and
    one with a momentum of its own on an optimizer without betas.

    Why it is bad: decay_step_size is 0 by default, which is no decay: the rate stays at cycle_min_lr for the rest of
    the run. The momentum is cycled as the first beta of Adam: SGD keeps its own, with a warning in the log alone.

    Example:
        optimizer: {betas: [0.9, 0.999]}
        scheduler:
          name: deepspeed.OneCycle
          cycle_min_lr: 0.0001
          cycle_max_lr: 0.001
          cycle_first_step_size: 300
          decay_lr_rate: 0.1
        steps: 1000

    Use instead: A decay_step_size; for the momentum, an optimizer with betas, or no momentum in the schedule.

    When to ignore it: The settings are those of another run.
    """
    given = stretch.spec.parameters
    decay = next((name for name in DECAYS if given.get(name)), None)
    momentum = next((name for name in MOMENTA if name in given), None)
    if decay and not stretch.value("decay_step_size"):
        what = f"{decay}={given[decay]:g} has no effect: decay_step_size is 0, which is no decay"
        fix: Fix = {stretch.key("decay_step_size"): int(stretch.value("cycle_first_step_size"))}
        yield Finding(stretch.key(decay), what, None, [fix])
    elif momentum and stretch.value("cycle_momentum") and stretch.run.optimizer.get("betas") is None:
        what = f"{momentum}={given[momentum]} has no effect: an optimizer without betas has no momentum cycled"
        adam: Fix = {"optimizer.betas": [0.9, 0.99]}
        yield Finding(stretch.key(momentum), what, 0, [adam] if stretch.run.optimizer.get("momentum") is None else [])


@rule_of_runs("LR068", "decay_mom_rate")
def momentum_of_one(subject: Subject) -> Iterator[Finding]:
    """The momentum is raised to 1 and beyond.

    What it finds: A decay_mom_rate of DeepSpeed's OneCycle that brings the momentum to 1 within the run.

    Why it is bad: The decay multiplies the momentum by 1 + decay_mom_rate for each decay_step_size, so that it goes
    up, not down. From 1 on no gradient is ever forgotten, and Adam divides by 0.

    Example:
        optimizer: {betas: [0.9, 0.999]}
        scheduler:
          name: deepspeed.OneCycle
          cycle_min_lr: 0.0001
          cycle_max_lr: 0.001
          cycle_first_step_size: 300
          decay_step_size: 100
          decay_mom_rate: 0.1
        steps: 1000

    Use instead: ``decay_mom_rate: 0``, or one so small that the momentum stays below 1.

    When to ignore it: Never.
    """
    momenta = subject.curve.lines("momentum") if subject.curve is not None else []
    for values in momenta:
        if max(values) >= 1:
            step = next(index for index, value in enumerate(values) if value >= 1)
            key = subject.key_of("decay_mom_rate")
            what = f"the momentum is {values[step]:.6g} at step {step}, and {max(values):.6g} at its highest"
            yield Finding(key, what, step, [{key: 0.0}])
            return
