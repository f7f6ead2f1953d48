"""A scheduler that watches a metric, and does not see in it what one thinks."""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

from lrplot.analysis.notes.rule import Finding, rule
from lrplot.analysis.notes.subject import Stretch
from lrplot.runs.plain import DEAD
from lrplot.schedulers.torch.plateau import ReduceLROnPlateau

if TYPE_CHECKING:
    from array import array


@rule("LR051", "patience", "patience_t")
def against_the_metric(stretch: Stretch) -> Iterator[Finding]:
    """The mode goes against the metric's direction.

    What it finds: A metric that never improves on its first values, one in twenty of them, and goes the other way.

    Why it is bad: With mode min, the default, a rising accuracy looks like a loss that gets worse. The rate is lowered
    every few epochs while the training goes well.

    Example:
        optimizer: {lr: 0.1}
        scheduler: {name: plateau, patience: 5}
        metrics: 1 - 0.9 ** (epoch + 1)
        steps: 60

    Use instead: ``mode: max`` for what should rise, an accuracy or a score.

    When to ignore it: The metric is a loss, and really gets worse.
    """
    metrics = _watched(stretch)
    first = _never_better(stretch, max(1, len(metrics) // 20))
    if first is None or math.isnan(first):
        return
    mode, last, rising = stretch.value("mode"), metrics[-1], _watcher(stretch).mode == "min"
    other, way, waited_for = ("max", "rises", "falls") if rising else ("min", "falls", "rises")
    if (last > first) == rising and _improves(stretch, (max if rising else min)(metrics), first, other):
        what = f"mode={mode} waits for a metric that {waited_for}, and this one {way}, from {first:.6g} to {last:.6g}"
        yield Finding(stretch.key("mode"), what, 0, [{stretch.key("mode"): other}])


@rule("LR052", "patience", "patience_t")
def never_better(stretch: Stretch) -> Iterator[Finding]:
    """The metric never improves.

    What it finds: Metrics of which none is better than the first, so that the rate was lowered.

    Why it is bad: The first epoch is the best for ever, and the rate falls by the clock: once in patience + 1 epochs,
    Keras's once in patience. A metric that is not a number, after a training that diverged, is never better.

    Example:
        optimizer: {lr: 0.1}
        scheduler: {name: plateau, patience: 5}
        metrics: [nan, nan, nan, nan, nan, nan, nan, nan, nan]

    Use instead: The metric that is meant: a column of the log in which something happens.

    When to ignore it: It is a test of the scheduler.
    """
    if (first := _never_better(stretch)) is None or list(against_the_metric(stretch)):
        return
    if math.isnan(first):
        yield Finding("metrics", "no metric is a number, so that none is better than any other", 0)
        return
    best = (min if _watcher(stretch).mode == "min" else max)(_numbers(_watched(stretch))[1:])
    yield Finding("metrics", f"no metric improves on the first, {first:.6g}: the best after it is {best:.6g}", 0)


@rule("LR053", "eps", consequence=True)
def undone_by_eps(stretch: Stretch) -> Iterator[Finding]:
    """A reduction is left undone because of eps.

    What it finds: A reduction that was due, and would have lowered the rate by no more than eps, while that is still a
    millionth of lr or more, and a min_lr lies below it or the metric was still improving at it.

    Why it is bad: eps is 1e-8 by default, whatever the rate is. With a rate of 1e-8 or so nothing is lowered any more,
    without a word.

    Example:
        optimizer: {lr: 0.00000001}
        scheduler: {name: plateau, patience: 3}
        metrics: max(0.5, 0.9 ** epoch)
        steps: 40

    Use instead: An eps well below the rate, or a min_lr at which the reductions are to end.

    When to ignore it: The rate is meant to stay where it is by then.
    """
    if stretch.end is None or not issubclass(stretch.cls, ReduceLROnPlateau) or not stretch.subject.rates:
        return
    eps, factor = stretch.value("eps"), stretch.value("factor")
    floors = stretch.value("min_lr")
    for group, rates in enumerate(stretch.subject.rates):
        low = rates[-1]
        floor = floors[group] if isinstance(floors, list) else floors
        lower = max(low * factor, floor)
        if low < DEAD * rates[0] or not (lower < low * (1 - 1e-9) and low - lower <= eps):
            continue
        if (floor > 0 or _improves_at(stretch, rates, low)) and (due := _left_undone(stretch, rates)) is not None:
            what = f"a reduction from {low:.6g} to {lower:.6g} is left undone after {stretch.when(due)}"
            yield Finding(
                stretch.key("eps"),
                f"{what}: it is no more than eps={eps:g}",
                stretch.step(due),
                [{stretch.key("eps"): 0.0}],
            )
            return


@rule("LR054", "patience", "patience_t")
def patience_without_end(stretch: Stretch) -> Iterator[Finding]:
    """The patience outlasts the run.

    What it finds: A patience for which the run has too few epochs: even if no metric but the first were the best, the
    rate could not be lowered.

    Why it is bad: The scheduler does nothing. patience is 10 by default, and the rate is lowered after patience + 1 bad
    epochs, by Keras after patience of them, to be used in the one after those.

    Example:
        optimizer: {lr: 0.1}
        scheduler: {name: plateau, patience: 20}
        metrics: 0.9 ** epoch
        steps: 15

    Use instead: A patience of a quarter of the run or less.

    When to ignore it: The run is a test, or is resumed into a longer one.
    """
    name, end = _patience(stretch), stretch.end
    patience = stretch.value(name)
    if end is not None and end > 1 and patience + 1 >= end - 1 <= _watcher(stretch).due_after:
        what = f"{name}={patience} outlasts the run of {stretch.subject.length}: the rate can never be lowered"
        yield Finding(stretch.key(name), what, None, [{stretch.key(name): end // 4}])


@rule("LR055", "patience", in_epochs=True)
def stepped_by_the_batch(stretch: Stretch) -> Iterator[Finding]:
    """A plateau is stepped at every batch.

    What it finds: A scheduler that watches a metric and is stepped after every step of the optimizer, in a run with
    steps_per_epoch, and whose patience is less than an epoch has steps.

    Why it is bad: patience counts calls of step(): with one a batch, 10 is 10 batches. The loss of a single batch is
    noisy, so the best of them is soon not beaten any more, and the rate is at nothing after an epoch or two.

    Example:
        optimizer: {lr: 0.1}
        scheduler: {name: plateau, patience: 10}
        metrics: max(0.5, 0.99 ** epoch)
        steps: 1000
        steps_per_epoch: 100

    Use instead: ``interval: epoch``, which is ``scheduler.step(val_loss)`` once after each epoch.

    When to ignore it: The metric is a mean over many batches, and patience is meant in batches.
    """
    per_epoch, patience = stretch.run.steps_per_epoch, stretch.value("patience")
    clock = stretch.top.spec.clock
    if not stretch.cls.watches_metric or not per_epoch or stretch.interval == "epoch" or clock.frequency > 1:
        return
    if patience < per_epoch <= stretch.run.steps:
        what = f"it is stepped after each of the {per_epoch:,} steps of an epoch, so that patience={patience} is"
        what += f" {patience / per_epoch:.2g} epochs"
        yield Finding(stretch.key("patience"), what, None, [{stretch.interval_key: "epoch"}])


def _patience(stretch: Stretch) -> str:
    """What the parameter is called that has the epochs to be let pass."""
    return "patience" if stretch.has("patience") else "patience_t"


def _watched(stretch: Stretch) -> Sequence[float]:
    """The metrics that are looked at: those after a warm-up."""
    return stretch.metrics[stretch.value("warmup_t") or 0 :]


def _watcher(stretch: Stretch, mode: str = "") -> Any:
    """The scheduler as it begins, which knows what counts as an improvement, in its own mode or in another."""
    watcher: Any = stretch.made
    if mode not in ("", watcher.mode):
        watcher = copy(watcher)
        watcher.mode = mode
    return watcher


def _never_better(stretch: Stretch, early: int = 1) -> float | None:
    """The best of the early metrics, where none after them is better and the rate was lowered for that: None elsewhere,
    and not a number where none of them is one.
    """
    metrics, rates = _watched(stretch), stretch.subject.rates
    first = next((index for index, metric in enumerate(metrics) if metric == metric), 0)
    due = first + early + stretch.value(_patience(stretch)) + 1
    at = stretch.step((stretch.value("warmup_t") or 0) + due)
    if due >= len(metrics) or not rates or at >= len(rates[0]) or all(group[at] == group[0] for group in rates):
        return None
    numbers = _numbers(metrics)
    if not numbers:
        return math.nan
    extreme = min if _watcher(stretch).mode == "min" else max
    best = extreme(numbers[:early])
    return best if not _improves(stretch, extreme(numbers[early:], default=best), best) else None


def _numbers(metrics: Sequence[float]) -> Sequence[float]:
    """Those that are: what is not a number is never better, and no other is worse than it."""
    return [metric for metric in metrics if metric == metric]


def _improves(stretch: Stretch, metric: float, best: float, mode: str = "") -> bool:
    """Whether a metric is better than the best one by what counts as an improvement."""
    watcher = _watcher(stretch, mode)
    scale, shift = watcher.margin
    mark = best * scale + shift
    return bool(metric > mark if watcher.mode == "max" else metric < mark)


def _improves_at(stretch: Stretch, rates: "array[float]", low: float) -> bool:
    """Whether a metric was the best so far while a rate was in use."""
    metrics, first = stretch.metrics, rates.index(low)
    start = bisect_left(range(len(metrics)), first, key=stretch.step)
    extreme = min if _watcher(stretch).mode == "min" else max
    return not start or _improves(stretch, extreme(metrics[start:]), extreme(metrics[:start]))


def _left_undone(stretch: Stretch, rates: Sequence[float]) -> int | None:
    """The last epoch after which a reduction was due and not made: None where there is no such epoch."""
    due: Any = copy(stretch.made).judge(stretch.metrics)  # type: ignore[attr-defined]
    steps = ((epoch, stretch.step(epoch), stretch.step(epoch + 1)) for epoch in due)
    undone = [epoch for epoch, now, after in steps if after < len(rates) and rates[now] == rates[after]]
    return undone[-1] if undone else None
