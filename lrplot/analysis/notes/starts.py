"""The start of the run is not what one thinks."""

import re
from collections.abc import Iterator, Sequence

from lrplot.analysis.notes.rule import Finding, Fix, rule, rule_of_runs
from lrplot.analysis.notes.subject import Stretch, Subject
from lrplot.parameters import Refusal
from lrplot.runs.run import Run
from lrplot.runs.simulate import simulate_run
from lrplot.runs.spec import Spec

MANY, VERY_MANY = 10, 20_000
"""Steps of a run that loses nothing by one of them: with a library's own warm-up, and with one of somebody's own."""
FIRST_RATES = ("warmup_lr_init", "init_value", "initial_learning_rate", "init_lr")
"""Rates that a schedule begins at."""
OF_LIBRARIES = (*FIRST_RATES[1:], "num_warmup_steps")
"""Parameters of schedules that come with a warm-up of their own, from 0."""
FARTHEST = 1_000_000
"""Steps of a first run that are gone through to see where it ended."""


@rule_of_runs("LR012", "factor", "warmup_lr_init", "function", *OF_LIBRARIES, consequence=True)
def first_step_at_zero(subject: Subject) -> Iterator[Finding]:
    """The first step is made at rate 0.

    What it finds: A rate that is exactly 0 at the first step of the scheduler, and is not at the second, in a run of
    20,000 steps or fewer. The warm-ups of transformers, optax, Keras and Megatron all begin at 0, and pass in a run of
    more than 25. One that swings by itself may begin there, and parameters that are frozen for longer are so by
    intention.

    Why it is bad: The first batch (with interval epoch, the first epoch) is computed and moves nothing; with a warm-up
    of k steps, the rates are those of k - 1.

    Example:
        optimizer: {lr: 0.001}
        scheduler: {name: lambda, lr_lambda: "min(1, epoch / 500)"}
        steps: 10000

    Use instead: The count from 1 on: ``(epoch + 1) / 500``.

    When to ignore it: The run is to be that of a library whose schedules begin at 0, to the step.
    """
    is_theirs = subject.key_of(*OF_LIBRARIES) != subject.function_key and subject.unit == subject.run.unit
    most = MANY if is_theirs else VERY_MANY
    for rates in subject.rates:
        if rates[0] != 0 or any(stretch.cls.cycles for stretch in subject.stretches):
            continue
        first = next((step for step, rate in enumerate(rates) if rate), None)
        if first is not None and first <= subject.batches and len(rates) <= most * first:
            when, then = (
                ("at the first step", "at the second") if first == 1 else (f"until step {first}", "from there on")
            )
            what = f"the rate is 0 {when}, which moves nothing, and {rates[first]:.6g} {then}"
            key = subject.key_of("warmup_lr_init", *OF_LIBRARIES)
            yield Finding(key, what, 0, _counted_from_one(subject) or _from_above(subject, key))
            return


def _from_above(subject: Subject, key: str) -> Sequence[Fix]:
    """A warm-up that begins at a hundredth of its height, where it may say what it begins at."""
    height = max(map(max, subject.rates))
    return [{key: float(f"{0.01 * height:.3g}")}] if key.rpartition(".")[2] in FIRST_RATES else []


def _counted_from_one(subject: Subject) -> Sequence[Fix]:
    """The function of the first scheduler with its variable one higher."""
    key = subject.function_key
    stretch = next((stretch for stretch in subject.stretches if f"{stretch.path}.lr_lambda" == key), None)
    texts = stretch.value("lr_lambda") if stretch is not None else None
    fixes = []
    for behind in (r"\b(?=\s*/(?!/))", r"\b"):  # where it is divided, as a warm-up is, or everywhere
        changed = [_shifted(str(text), behind) for text in (texts if isinstance(texts, (list, tuple)) else [texts])]
        fixes += [{key: changed if isinstance(texts, (list, tuple)) else changed[0]}] if all(changed) else []
    return fixes


def _shifted(text: str, behind: str = r"\b") -> str:
    r"""An expression with one more than its variable, where something stands behind that: empty where that is nowhere.

    >>> _shifted("min(1, epoch / 500)"), _shifted("lambda e: e / 10"), _shifted("None")
    ('min(1, (epoch + 1) / 500)', 'lambda e: (e + 1) / 10', '')
    """
    found = re.match(r"\s*lambda\s+(\w+)\s*:", text)
    head, body = (text[: found.end()], text[found.end() :]) if found else ("", text)
    name = found[1] if found else next((name for name in ("epoch", "step", "x") if re.search(rf"\b{name}\b", body)), "")
    changed = re.sub(rf"\b{name}{behind}", f"({name} + 1)", body) if name else body
    return "" if changed == body else head + changed


@rule("LR016", "start_factor")
def starts_at_a_third(stretch: Stretch) -> Iterator[Finding]:
    """A LinearLR that is to fall begins at a third of lr.

    What it finds: A LinearLR with an end_factor below a third and no start_factor.

    Why it is bad: start_factor is 1/3 by default, made for warm-ups. A decay without it begins at a third of lr, so the
    run never has the rate that was asked for.

    Example:
        optimizer: {lr: 0.001}
        scheduler: {name: linear, end_factor: 0, total_iters: 100}
        steps: 100

    Use instead: ``start_factor: 1.0``.

    When to ignore it: A third is meant: then write it, and the note is gone.
    """
    if "start_factor" not in stretch.spec.parameters and stretch.value("end_factor") < stretch.value("start_factor"):
        lr = max(stretch.subject.lrs)
        what = f"the decay begins at {lr / 3:.6g}, a third of lr={lr}: start_factor is 1/3 where it is not given"
        key = stretch.key("start_factor")
        yield Finding(key, what, stretch.step(0), [{key: 1.0}])


@rule("LR017", "last_epoch=")
def resumed_at_the_start(stretch: Stretch) -> Iterator[Finding]:
    """The resumed run goes on from the base rate.

    What it finds: A last_epoch beside an lr that is initial_lr again, where a run in one piece would have another rate
    by then.

    Why it is bad: Most schedulers compute each rate from the one before. Resumed with the base rate in the optimizer,
    they go on from there, and the whole rest of the schedule is too high.

    Example:
        optimizer: {lr: 0.1, initial_lr: 0.1}
        scheduler: {name: exponential, gamma: 0.95, last_epoch: 49}
        steps: 50

    Use instead: The state of optimizer and scheduler from the checkpoint; or, as lr, the rate of the last step that was
    made, and the base rate as initial_lr alone.

    When to ignore it: The second run is meant to begin anew from there.
    """
    if not 0 < stretch.own <= FARTHEST or stretch.cls.owns_rate:
        return
    lrs = list(stretch.subject.lrs)
    given = stretch.run.optimizer.get("lr")
    if (given if isinstance(given, list) else [given] * len(lrs)) != lrs:
        return
    spec = Spec(stretch.cls, {name: value for name, value in stretch.spec.parameters.items() if name != "last_epoch"})
    try:
        (whole,) = simulate_run(Run(spec, {"lr": lrs if len(lrs) > 1 else lrs[0]}, stretch.own + 1))
    except Refusal:
        return
    for was, now in zip(whole.rates, stretch.subject.rates):
        if abs(now[0] - was[-1]) > 1e-6 * abs(was[-1]):
            what = f"the run goes on at {now[0]:.6g} from lr={lrs[0]}, and in one piece it would at {was[-1]:.6g}"
            rights = (
                [float(f"{rates[at]:.12g}") for rates in whole.rates] for at in (-2, -1)
            )  # before the step to there, or after it
            fixes = [{"optimizer.lr": right if len(right) > 1 else right[0]} for right in rights]
            yield Finding("optimizer.lr", what, stretch.step(stretch.own), fixes)
            return


@rule("LR019", "milestones gamma")
def drop_before_the_start(stretch: Stretch) -> Iterator[Finding]:
    """A drop lies before the first step.

    What it finds: A milestone of MultiStepLR that is 0.

    Why it is bad: The rate is multiplied by gamma before the first step, so that the run never has lr. It comes of
    milestones that were computed, by a division that came to 0.

    Example:
        optimizer: {lr: 0.1}
        scheduler: {name: multistep, milestones: [0, 30, 60]}
        steps: 90

    Use instead: Milestones from 1 on.

    When to ignore it: Never: write the lower rate as lr.
    """
    milestones = list(stretch.value("milestones"))
    if 0 not in milestones or stretch.value("gamma") == 1:
        return
    what = f"the milestone 0 is before the first step: the rate begins at gamma={stretch.value('gamma'):g} times lr"
    fixes = [{stretch.key("milestones"): later}] if (later := [each for each in milestones if each]) else []
    yield Finding(stretch.key("milestones", milestones.index(0)), what, stretch.step(0), fixes)
