"""A curve: the numbers that a run yields, before any picture."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lrplot.runs.run import Run

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray
    from typing_extensions import Self


class Rows(Sequence[int]):
    """Steps that are no range: those that a log happens to have, going up.

    >>> rows = Rows(array("q", [0, 10, 25]))
    >>> rows.start, rows.stop, len(rows), rows[1]
    (0, 26, 3, 10)
    """

    def __init__(self, numbers: array[int]) -> None:
        self.numbers = numbers

    @property
    def start(self) -> int:
        return self.numbers[0]

    @property
    def stop(self) -> int:
        """One more than the last."""
        return self.numbers[-1] + 1

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: Any) -> Any:
        found = self.numbers[index]
        return Rows(found) if isinstance(index, slice) else found


def numbers_at(steps: range | Rows, places: NDArray[Any]) -> NDArray[Any]:
    """The steps at some places among a curve's."""
    import numpy

    if not isinstance(steps, Rows):
        return places * steps.step + steps.start
    numbers: NDArray[Any] = numpy.frombuffer(steps.numbers, dtype=numpy.int64)[places]
    return numbers


class Curve:
    """The rate (and momentum, weight decay, metric) at each step of a run.

    Columns are numpy arrays, made when they are asked for: ``step`` (int64), ``epoch`` (where steps_per_epoch is known
    or the steps are epochs, else None), ``lr`` of shape ``[steps]``, or ``[steps, groups]`` for more than one parameter
    group, ``momentum`` and ``weight_decay`` of the same shape (None where the scheduler leaves it alone), ``metric``
    (None without metrics). ``columns()`` gives the same without numpy.
    """

    def __init__(
        self,
        run: Run,
        record: str,
        steps: range | Rows,
        rates: list[array[float]],
        beside: dict[str, list[array[float]]],
        metrics: array[float] | None,
    ) -> None:
        self.run = run
        self.record = record
        self.steps = steps
        self.rates = rates
        self.beside = beside
        """What else the scheduler changes, by name: a column a group, as of the rates."""
        self.metrics = metrics

    def but(self, **changed: Any) -> Self:
        """The same curve but for what is given."""
        return type(self)(**{**vars(self), **changed})

    def __len__(self) -> int:
        return len(self.steps)

    def __repr__(self) -> str:
        groups = f", {len(self.rates)} groups" if len(self.rates) > 1 else ""
        ends = f"lr from {self.rates[0][0]:.3g} to {self.rates[0][-1]:.3g}"
        name = f"{self.run.label or self.run.name}: ".removeprefix(": ")
        return f"<Curve of {name}{self.run.made_of}: {len(self):,} steps{groups}, {ends}>"

    @property
    def label(self) -> str:
        """What the curve is called: its config's label, its file's name, or the scheduler with its parameters."""
        return self.run.shown_label

    @property
    def step(self) -> NDArray[numpy.int64]:
        import numpy

        return numbers_at(self.steps, numpy.arange(len(self.steps), dtype=numpy.int64))

    @property
    def epoch(self) -> NDArray[numpy.float64] | None:
        if self.run.per_epoch is None:
            return None
        epochs: NDArray[numpy.float64] = self.step / self.run.per_epoch
        return epochs

    @property
    def lr(self) -> NDArray[numpy.float64]:
        return _matrix(self.rates)

    @property
    def momentum(self) -> NDArray[numpy.float64] | None:
        return _matrix(self.beside["momentum"]) if "momentum" in self.beside else None

    @property
    def weight_decay(self) -> NDArray[numpy.float64] | None:
        return _matrix(self.beside["weight_decay"]) if "weight_decay" in self.beside else None

    @property
    def metric(self) -> NDArray[numpy.float64] | None:
        return None if self.metrics is None else _matrix([self.metrics])

    def lines(self, column: str) -> Sequence[array[float]]:
        """The values of a column, one for each line of it: none where it is not there."""
        metrics = [] if self.metrics is None else [self.metrics]
        return {"lr": self.rates, **self.beside, "metric": metrics}.get(column, [])

    @property
    def metrics_taken(self) -> Sequence[float]:
        """The metric at the end of each beat of the run, which a scheduler takes that is stepped then."""
        metrics, beat = self.metrics or array("d"), self.run.batches
        return (
            metrics
            if beat == 1
            else [metrics[min(end, len(metrics)) - 1] for end in range(beat, len(metrics) + beat, beat)]
        )

    def columns(self) -> dict[str, Sequence[float]]:
        """The columns of the table by name, as plain sequences."""
        columns: dict[str, Sequence[float]] = {"step": self.steps}
        if (per_epoch := self.run.per_epoch) is not None:
            columns["epoch"] = [step / per_epoch for step in self.steps]
        for name, groups in {"lr": self.rates, **self.beside}.items():
            for i, values in enumerate(groups):
                columns[name if len(groups) == 1 else f"{name}_{i}"] = values
        if self.metrics is not None:
            columns["metric"] = self.metrics
        return columns


def labels(curves: Sequence[Curve]) -> list[str]:
    """What a table calls each curve among these."""
    return told_apart(curves, [curve.label for curve in curves])


def told_apart(curves: Sequence[Curve], names: Sequence[str]) -> list[str]:
    """The names of curves' runs, what was read of a run where that tells its curves apart, or both."""
    if len(curves) > 1 and all(curve.run is curves[0].run for curve in curves):
        return [curve.record for curve in curves]
    return [f"{name} ({curve.record})" if len(curve.run.record) > 1 else name for name, curve in zip(names, curves)]


def _matrix(groups: Sequence[array[float]]) -> NDArray[numpy.float64]:
    import numpy

    columns = [numpy.frombuffer(values, dtype=numpy.float64) if values else numpy.empty(0) for values in groups]
    return columns[0] if len(columns) == 1 else numpy.stack(columns, axis=1)
