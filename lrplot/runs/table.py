"""A run that was read from a table: its rates are known, its scheduler is not."""

from array import array
from collections.abc import Mapping, Sequence

from lrplot.runs.curve import Curve
from lrplot.runs.run import Record, Run
from lrplot.runs.spec import Spec
from lrplot.schedulers.base import Action, Scheduler


class Table(Scheduler):
    """Whatever it was that set a table's rates."""


class TableSpec(Spec):
    """What stands for the scheduler that is not known: the name that its table gives the curve."""

    def __init__(self, name: str) -> None:
        super().__init__(Table, {})
        self.name = name

    def __str__(self) -> str:
        return self.name


class TableRun(Run):
    """A curve as it stands: it has been run, and cannot be again.

    Args:
        called: What the table calls it, or else the table's own name.
        record: What was read of the run.
        steps: The steps of its rows.
        rates: A column for each parameter group.
        beside: The same for what else is there, by name.
        metrics: The metric at each step, if it is there.
    """

    def __init__(
        self,
        called: str,
        record: Record,
        steps: range,
        rates: Sequence["array[float]"],
        beside: Mapping[str, Sequence["array[float]"]],
        metrics: "array[float] | None",
        steps_per_epoch: int | None,
    ) -> None:
        super().__init__(TableSpec(called), None, len(steps), (record,), None, steps_per_epoch)
        self.rows = steps
        self.rates = rates
        self.beside = beside
        self.column = metrics

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
