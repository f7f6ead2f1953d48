"""A Run drives its scheduler through its steps, once, and yields a Curve for each reading."""

import math
import warnings
from array import array
from collections.abc import Iterator, Sequence
from itertools import islice

from lrplot.parameters import Refusal
from lrplot.runs.curve import Curve
from lrplot.runs.run import Run
from lrplot.runs.spec import ERRORS, undefined
from lrplot.schedulers.base import Scheduler, Track, column
from lrplot.schedulers.dropin import get_beside

CHUNK = 4096
"""Steps at a time: as many as stay in the processor's cache on their way into the columns."""


def simulate_run(run: Run) -> list[Curve]:
    """The curves of a run: one for each ``record`` that it asks for.

    Raises:
        Refusal: The schedule cannot be followed to its end: a division by zero, an overflow, a step past OneCycleLR's
            total.
    """
    levels = _Levels(run, reread="get_lr" in run.record)
    return [_curve(run, record, levels, last=record == run.record[-1]) for record in run.record]


class _Levels:
    """What a run's scheduler sets: a value before the first of its steps, and one after each.

    Args:
        reread: Whether what get_lr() answers there is wanted too.
    """

    def __init__(self, run: Run, reread: bool) -> None:
        scheduler = run.scheduler()
        groups = scheduler.optimizer.param_groups
        later = [column([math.nan]) for _ in range(run.groups - len(groups))]
        try:
            self.rates = [*(column([group["lr"]]) for group in groups), *later]
        except TypeError as error:
            raise undefined(run.spec.cls, 0, error) from error
        names = scheduler.rules_beside(0)
        self.beside = {
            name: [*(column([get_beside(group, name)]) for group in groups), *(each[:] for each in later)]
            for name in names
        }
        self.reread = [column([rate]) for rate in _reread(scheduler)] if reread else []
        self.first = scheduler.last_epoch
        self.metrics = _metrics(run)
        for tracks in _tracks(run, scheduler, _taken(run, self.metrics), reread):
            for i, track in enumerate(tracks):
                self.rates[i] += track.rates[1:]
                for name, values in track.beside.items():
                    self.beside[name][i] += values[1:]
                if track.reread is not None:
                    self.reread[i] += track.reread


def _curve(run: Run, record: str, levels: _Levels, last: bool) -> Curve:
    """One reading of the levels, which the last one may keep for itself."""
    batches, start = run.batches, 0 if record == "used" else 1

    def stretched(values: "array[float]") -> "array[float]":
        if batches > 1:
            return _stretched(values, batches, range(start, start + run.steps))
        if not last:
            return values[start : start + run.steps]
        del values[:start], values[run.steps :]  # in place: a copy would take as much memory again
        return values

    steps = range(levels.first * batches, levels.first * batches + run.steps)
    rates = levels.reread if record == "get_lr" else levels.rates
    metrics = None if levels.metrics is None else _stretched(levels.metrics, run.per_metric, range(run.steps))
    beside = {name: [*map(stretched, groups)] for name, groups in levels.beside.items()}
    curve = Curve(run, record, steps, [*map(stretched, rates)], beside, metrics)
    if start:  # a group has no rate after the step before which it joins
        for i, join in enumerate(run.joins):
            for groups in [curve.rates, *beside.values()] if join else ():
                groups[i][join - 1] = math.nan
    return curve


def _stretched(values: "array[float]", batches: int, steps: range) -> "array[float]":
    """The value at each of some steps, where one holds for so many of them."""
    if batches == 1:
        return values[steps.start : steps.stop]
    return array("d", islice((value for value in values for _ in range(batches)), steps.start, steps.stop))


def _reread(scheduler: Scheduler) -> list[float]:
    """What get_lr() answers, without its warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return scheduler.get_lr()
        except ERRORS as error:
            raise Refusal(None, f"{scheduler.shown_name}: record get_lr: {error}") from error


def _metrics(run: Run) -> "array[float] | None":
    """One metric an epoch, given or computed: None for a scheduler that looks at none."""
    if not callable(run.metrics):
        return run.metrics if run.spec.watches_metric else None
    metrics = array("d")
    for epoch in range(-(-run.steps // run.per_metric)):
        try:
            metrics.append(run.metrics(epoch))
        except ERRORS as error:
            raise undefined(run.spec.cls, epoch * run.per_metric, error) from error
    return metrics


def _taken(run: Run, metrics: "array[float] | None") -> "array[float] | None":
    """The metric at the end of each beat, which is what a scheduler takes that is stepped then."""
    if metrics is None or run.per_metric == run.batches:
        return metrics
    last = -(-run.steps // run.per_metric) - 1
    return array(
        "d", [metrics[min(((beat + 1) * run.batches - 1) // run.per_metric, last)] for beat in range(run.beats)]
    )


def _tracks(run: Run, scheduler: Scheduler, metrics: Sequence[float] | None, reread: bool) -> Iterator[list[Track]]:
    """Moves the scheduler on by the run's epochs, chunk by chunk; an error names the step that has no rate."""
    before = scheduler.last_epoch
    beats = run.steps // run.batches  # after the last beat that is whole
    for done in range(0, beats, CHUNK):
        size = min(CHUNK, beats - done)
        try:
            yield scheduler.advance(size, reread, metrics[done : done + size] if metrics is not None else ())
        except (*ERRORS, KeyError) as error:
            epoch, reason = _failing(run, done, reread, metrics) or (done, error)
            step = (before + epoch + 1) * run.batches
            raise undefined(run.spec.cls, step, reason, _too_short(run, before + epoch + 1, step)) from error


def _too_short(run: Run, epoch: int, step: int) -> str:
    """Of a scheduler that ends in an error past its length: where that is, and which length the run needs."""
    left = run.scheduler().steps_left if run.spec.cls.length == "total_steps" else None
    if left is None or left >= run.beats:
        return ""
    where = f"in epoch {step / run.steps_per_epoch:.4g}; " if run.steps_per_epoch else ""
    return f": {where}a run of {run.steps:,} steps needs total_steps={epoch + run.beats - left - 1}"


def _failing(run: Run, done: int, reread: bool, metrics: Sequence[float] | None) -> tuple[int, Exception] | None:
    """The epoch that cannot be entered, after ``done`` others: the same way again, and on from there one by one."""
    scheduler = run.scheduler()
    taken: Sequence[float] = metrics or ()
    for before in range(0, done, CHUNK):
        scheduler.advance(CHUNK, reread, taken[before : before + CHUNK])
    for epoch in range(done, min(done + CHUNK, run.beats)):
        try:
            scheduler.advance(1, reread, taken[epoch : epoch + 1])
        except (*ERRORS, KeyError) as error:
            return epoch, error
    return None
