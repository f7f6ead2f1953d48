"""A run that was read, from a table or from a log: its rates are known, its scheduler is not."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from itertools import chain, pairwise, repeat
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from lrplot.runs.curve import Curve, Rows
from lrplot.runs.quantum import FULL, Quantum
from lrplot.runs.run import Record, Run
from lrplot.runs.spec import Spec
from lrplot.schedulers.base import Action, Scheduler

if TYPE_CHECKING:
    from typing_extensions import Self


MOST_HELD = 1_000_000
"""Steps of a log that is looked at step by step."""


class Table(Scheduler):
    """Whatever it was that set the rates."""


class TableSpec(Spec):
    """What stands for the scheduler that is not known: the name that the curve has."""

    def __init__(self, name: str) -> None:
        super().__init__(Table, {})
        self.name = name

    def __str__(self) -> str:
        return self.name


def in_steps(runs: Sequence[Run]) -> list[Run]:
    """Runs that are drawn together: a log of epochs among the steps of these, at the last of each, where the others
    agree on how many an epoch has.
    """
    lengths = {run.steps_per_epoch for run in runs if not isinstance(run, Log)}
    length = lengths.pop() if len(lengths) == 1 else None
    if length is None:
        return [*runs]
    return [
        run.counted(length - 1, length).but(unit="step", steps_per_epoch=length)
        if isinstance(run, Log) and run.unit == "epoch"
        else run
        for run in runs
    ]


def rows_of(steps: array[int]) -> range | Rows:
    """Steps that go up, as a range where they can be.

    >>> rows_of(array("q", [0, 10, 20]))
    range(0, 21, 10)
    """
    if not steps or steps[-1] - steps[0] == len(steps) - 1:
        return range(steps[0], steps[-1] + 1) if steps else range(0)
    regular = range(steps[0], steps[-1] + 1, steps[1] - steps[0])
    is_regular = len(regular) == len(steps) and all(map(int.__eq__, regular, steps))
    return regular if is_regular else Rows(steps)


class Reading(NamedTuple):
    """A way to count a log's steps.

    Args:
        shift: What its rows' steps are to be raised by.
        what: Who logs so, and what.
    """

    shift: int
    what: str


class Log(Run):
    """A curve as it stands: it has been run, and cannot be again.

    Args:
        called: What it is called.
        record: What was read of the run.
        rows: The step of each row, as lrplot counts: that whose update used the rate, from 0 on. A range where no step
            is left out.
        rates: A column for each parameter group.
        names: Those of the columns, as the file has them.
        beside: The same for what else is there, by name.
        metrics: The metric at each step, if it is there.
        quantum: How finely its rates were written.
        unit: What its steps count: an epoch is one row's.
        readings: Other ways to count its steps that its framework has had, beside that of the rows.
        format: What wrote it, in words.
        source: The file.
        remarks: What is to be said of how it was read.
    """

    def __init__(
        self,
        called: str,
        record: Record,
        rows: range | Rows,
        rates: Sequence[array[float]],
        names: Sequence[str] = (),
        beside: Mapping[str, Sequence[array[float]]] = MappingProxyType({}),
        metrics: array[float] | None = None,
        steps_per_epoch: int | None = None,
        quantum: Quantum = FULL,
        unit: str = "step",
        readings: Sequence[Reading] = (),
        format: str = "",
        source: str = "",
        remarks: Sequence[str] = (),
    ) -> None:
        super().__init__(TableSpec(called), None, len(rows), (record,), steps_per_epoch=steps_per_epoch)
        self.rows = rows
        self.rates = rates
        self.names = names
        self.beside = beside
        self.column = metrics
        self.quantum = quantum
        self.counts = unit
        self.readings = readings
        self.format = format
        self.source = source
        self.remarks = remarks

    @property
    def unit(self) -> str:
        return self.counts

    @property
    def groups(self) -> int:
        return len(self.rates)

    def actions(self, metrics: Sequence[float] = ()) -> tuple[list[Action], bool]:
        """None is known."""
        return [], False

    @property
    def kept(self) -> Curve:
        """The curve."""
        beside = {name: [*groups] for name, groups in self.beside.items()}
        return Curve(self, self.record[0], self.rows, [*self.rates], beside, self.column)

    def held(self) -> Self:
        """The same log with the rates of the steps that it leaves out: a rate holds until another one is logged."""
        first, stop = self.rows.start, self.rows.stop
        if stop - first == len(self.rows) or stop - first > MOST_HELD:
            return self
        lengths = [after - before for before, after in pairwise([*self.rows, stop])]
        rates = [
            array("d", chain.from_iterable(repeat(rate, length) for rate, length in zip(column, lengths)))
            for column in self.rates
        ]
        return self.but(rows=range(first, stop), rates=rates, steps=stop - first, beside={}, column=None)

    def counted(self, shift: int = 0, factor: int = 1) -> Self:
        """The same log with its steps counted in another way: multiplied, then raised."""
        rows = self.rows
        if isinstance(rows, Rows):
            return self.but(rows=Rows(array("q", (row * factor + shift for row in rows))))
        last = rows[-1] * factor + shift
        return self.but(rows=range(rows.start * factor + shift, last + 1, rows.step * factor))
