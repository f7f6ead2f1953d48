"""A Run drives its scheduler through its steps and yields a Curve: the numbers, before any picture."""

import warnings
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from lrplot.runs.run import Run
from lrplot.schedulers import ReduceLROnPlateau, Scheduler
from lrplot.schedulers.base import Track, get_momentum

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

CHUNK = 1024
"""Steps at a time: as many as stay in the processor's cache on their way into the columns."""

ERRORS = (ArithmeticError, ValueError, TypeError, NotImplementedError)
"""What a rule raises where its formula has no value, or where torch refuses to go on."""


class Curve:
    """The rate (and momentum, and metric) at each step of a run.

    Columns are numpy arrays, made when they are asked for: ``step`` (int64), ``epoch`` (where steps_per_epoch is known, else
    None), ``lr`` of shape ``[steps]``, or ``[steps, groups]`` for more than one parameter group, ``momentum`` of the same shape
    (None where the scheduler leaves it alone), ``metric`` (None without metrics). ``columns()`` gives the same without numpy.
    """

    def __init__(
        self,
        run: Run,
        record: str,
        steps: range,
        rates: "list[array[float]]",
        momenta: "list[array[float]]",
        metrics: "array[float] | None",
    ) -> None:
        self.run = run
        self.record = record
        self.steps = steps
        self.rates = rates
        self.momenta = momenta
        self.metrics = metrics

    def __len__(self) -> int:
        return len(self.steps)

    def __repr__(self) -> str:
        return f"<Curve of {self.label}, {len(self)} steps, {len(self.rates)} groups>"

    @property
    def label(self) -> str:
        """What the curve is called: its config's label, its file's name, or the scheduler with its parameters."""
        return self.run.shown_label

    @property
    def step(self) -> "NDArray[numpy.int64]":
        import numpy

        return numpy.arange(self.steps.start, self.steps.stop, dtype=numpy.int64)

    @property
    def epoch(self) -> "NDArray[numpy.float64] | None":
        if self.run.steps_per_epoch is None:
            return None
        epochs: NDArray[numpy.float64] = self.step / self.run.steps_per_epoch
        return epochs

    @property
    def lr(self) -> "NDArray[numpy.float64]":
        return _matrix(self.rates)

    @property
    def momentum(self) -> "NDArray[numpy.float64] | None":
        return _matrix(self.momenta) if self.momenta else None

    @property
    def metric(self) -> "NDArray[numpy.float64] | None":
        return None if self.metrics is None else _matrix([self.metrics])

    def columns(self) -> dict[str, Sequence[float]]:
        """The columns of the table by name, as plain sequences."""
        columns: dict[str, Sequence[float]] = {"step": self.steps}
        if (per_epoch := self.run.steps_per_epoch) is not None:
            columns["epoch"] = [step / per_epoch for step in self.steps]
        for name, groups in (("lr", self.rates), ("momentum", self.momenta)):
            for i, values in enumerate(groups):
                columns[name if len(groups) == 1 else f"{name}_{i}"] = values
        if self.metrics is not None:
            columns["metric"] = self.metrics
        return columns


def labels(curves: Sequence[Curve]) -> list[str]:
    """What to call each curve among these: its run's label, what was read of it where that tells them apart, or both."""
    names = [curve.run.shown_label for curve in curves]
    if len(curves) > 1 and all(curve.run is curves[0].run for curve in curves):
        return [curve.record for curve in curves]
    return [f"{name} ({curve.record})" if len(curve.run.record) > 1 else name for name, curve in zip(names, curves)]


def simulate_run(run: Run) -> list[Curve]:
    """The curves of a run: one for each ``record`` that it asks for.

    Raises:
        ValueError: The schedule cannot be followed to its end: a division by zero, an overflow, a step past OneCycleLR's total.
    """
    return [_simulate(run, record) for record in run.record]


def _simulate(run: Run, record: str) -> Curve:
    try:
        scheduler = run.scheduler()
    except ArithmeticError as error:
        raise failure(run.spec.cls, 0, error) from error
    groups = scheduler.optimizer.param_groups
    plateau = isinstance(scheduler, ReduceLROnPlateau)
    batches = run.batches
    first = 0 if plateau else scheduler.last_epoch
    cycled = scheduler.momentum_rule(0) is not None
    try:
        rates = [array("d", [group["lr"]]) for group in groups]
    except TypeError as error:  # a complex number
        raise failure(run.spec.cls, 0, error) from error
    momenta = [array("d", [get_momentum(group)]) for group in groups] if cycled else []
    if record == "get_lr":
        try:
            rates = [array("d", [rate]) for rate in _quietly(scheduler.get_lr)]
        except ERRORS as error:
            raise ValueError(f"{run.spec.cls.__name__}: record get_lr: {reason_of(error)}") from error
    metrics = _metrics(run)
    for tracks in _tracks(run, scheduler, metrics, record == "get_lr"):
        for i, track in enumerate(tracks):
            rates[i] += track.rates[1:] if track.reread is None else track.reread
            if track.momenta is not None:
                momenta[i] += track.momenta[1:]
    shift = 0 if record == "used" else 1

    def stretched(levels: "array[float]") -> "array[float]":
        return levels if batches == 1 else array("d", (level for level in levels for _ in range(batches)))

    def column(levels: "array[float]") -> "array[float]":
        levels = stretched(levels)
        del levels[:shift], levels[run.steps :]  # in place: a copy would take as much memory again
        return levels

    steps = range(first * batches, first * batches + run.steps)
    held = None if metrics is None else stretched(metrics)[: run.steps]
    return Curve(run, record, steps, [column(levels) for levels in rates], [column(levels) for levels in momenta], held)


def _metrics(run: Run) -> "array[float] | None":
    """One metric an epoch, given or computed: None for a scheduler that looks at none."""
    if not run.needs_metrics:
        return None
    if run.metrics is None:
        raise ValueError("metrics are needed: one number an epoch, or an expression in epoch")
    if not callable(run.metrics):
        if len(run.metrics) < run.epochs:
            raise ValueError(f"there are only {len(run.metrics)} metrics, one an epoch, for {run.epochs} epochs")
        return run.metrics
    metrics = array("d")
    for epoch in range(run.epochs):
        try:
            metrics.append(run.metrics(epoch))
        except ERRORS as error:
            raise failure(run.spec.cls, epoch * run.batches, error) from error
    return metrics


def _tracks(run: Run, scheduler: Scheduler, metrics: "array[float] | None", reread: bool) -> Iterator[list[Track]]:
    """Moves the scheduler on by the run's epochs, chunk by chunk; an error names the step whose rate there is none for."""
    before = 0 if run.needs_metrics else scheduler.last_epoch
    for done in range(0, run.epochs, CHUNK):
        size = min(CHUNK, run.epochs - done)
        try:
            if isinstance(scheduler, ReduceLROnPlateau):
                assert metrics is not None
                yield scheduler.follow(metrics[done : done + size])
            else:
                yield scheduler.advance(size, reread)
        except ERRORS as error:
            epoch, reason = _failing(run, done, reread) or (done, error)
            raise failure(run.spec.cls, (before + epoch + 1) * run.batches, reason) from error


def _failing(run: Run, done: int, reread: bool) -> tuple[int, Exception] | None:
    """The epoch that cannot be entered, known to come after ``done`` others: the same way again, and on from there one by one."""
    scheduler = run.scheduler()
    for _ in range(0, done, CHUNK):
        scheduler.advance(CHUNK, reread)
    for epoch in range(done, done + CHUNK):
        try:
            scheduler.advance(1, reread)
        except ERRORS as error:
            return epoch, error
    return None


def _quietly(get_lr: Callable[[], list[float]]) -> list[float]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return get_lr()


def failure(cls: type[Scheduler], step: int, error: Exception) -> ValueError:
    """What is said of a schedule that has no rate at a step."""
    return ValueError(f"{cls.__name__}, step {step}: {reason_of(error)}")


def reason_of(error: Exception) -> str:
    """What went wrong in a rule, in words."""
    text = str(error.args[-1] if error.args else error)  # an OverflowError may have an errno first
    if "complex" in text:
        return "the value is a complex number: a negative number to a power that is no whole number"
    if "for ^" in text:
        return f"{text}: a power is written **"
    return text.removeprefix("OneCycleLR: ")


def _matrix(groups: "Sequence[array[float]]") -> "NDArray[numpy.float64]":
    import numpy

    columns = [numpy.frombuffer(values, dtype=numpy.float64) if values else numpy.empty(0) for values in groups]
    return columns[0] if len(columns) == 1 else numpy.stack(columns, axis=1)
