"""Numbers that were read, a row each, to a Log: its steps go up, whatever the order in which they were written."""

from array import array
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from lrplot.configs.logs.file import LogFile
from lrplot.runs.log import Log, Reading, rows_of
from lrplot.runs.make import MAX_STEP
from lrplot.runs.quantum import Quantum, quantum_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_RESUMES = 50
"""Times that a run is begun again in one log: more, and its steps are something else."""
MISSING = frozenset(("", "nan", "na", "n/a", "null", "none"))
"""What stands where there is no number."""
SAMPLED = 4_000
"""Different numbers that tell how finely they were written."""

LATER = (Reading(1, "a Trainer before 2025-03 logs the next step's rate"),)
"""What a Trainer's log may be as well."""


class Convention(NamedTuple):
    """How a framework counts, and how finely it writes.

    Args:
        format: What it is, in words.
        shift: What its steps are to be raised by, so that they count as lrplot's.
        full: Whether it writes numbers to the last bit.
        quantum: How it rounds them, where its numbers do not tell.
        unit: What its steps count, where that is known.
        readings: Other ways in which it has counted.
    """

    format: str
    shift: int = 0
    full: bool = False
    quantum: Quantum | None = None
    unit: str | None = None
    readings: Sequence[Reading] = ()


class Series:
    """Rows as they are read.

    Args:
        names: The columns of the rate, one a parameter group.
        counter: The column of the steps, in words.
    """

    def __init__(self, file: LogFile, names: Sequence[str], counter: str | None) -> None:
        self.file = file
        self.names = names
        self.counter = counter
        self.steps: Any = array("d")
        self.rates: list[array[float]] = [array("d") for _ in names]
        self.texts: dict[str, None] = {}

    def add(self, step: float, rates: Iterable[float]) -> None:
        """Takes in a row."""
        self.steps.append(step)
        for column, rate in zip(self.rates, rates):
            column.append(rate)

    def sample(self, texts: Iterable[str]) -> None:
        """Takes note of how some rates were written."""
        if len(self.texts) < SAMPLED or len(self.steps) % 101 == 0:
            self.texts.update(dict.fromkeys(texts))

    def log(self, convention: Convention, label: str = "", remarks: Sequence[str] = ()) -> Log:
        """The log of the rows.

        Raises:
            ConfigError: There are none, or a step is none.
        """
        if not len(self.steps):
            raise self.file.error(f"has no numbers in {', '.join(self.names)}")
        steps, rates, told = self._in_order()
        unit = convention.unit or ("epoch" if (self.counter or "").lower() == "epoch" else "step")
        quantum = convention.quantum or quantum_of(self.texts, convention.full)
        log = Log(
            label or self.file.label,
            "used",
            rows_of(array("q", (steps + max(convention.shift, -int(steps[0]))).tobytes())),
            rates,
            self.names,
            quantum=quantum,
            unit=unit,
            readings=convention.readings,
            format=convention.format,
            source=self.file.source,
            remarks=[*told, *remarks],
        )
        return log

    def _in_order(self) -> "tuple[NDArray[Any], list[array[float]], list[str]]":
        """The steps, going up, and their rates: of a step that was made twice, as it was made last."""
        import numpy

        steps = numpy.asarray(self.steps, dtype=numpy.float64)
        wrong = numpy.flatnonzero(~((steps >= 0) & (steps <= MAX_STEP) & (steps == numpy.floor(steps))))
        if len(wrong):
            what = f"{self.counter} must be a whole number from 0 on, got {steps[wrong[0]]:g} in row {wrong[0] + 1:,}"
            raise self.file.error(what)
        whole = steps.astype(numpy.int64)
        if (whole[1:] > whole[:-1]).all():
            return whole, self.rates, []
        back = numpy.flatnonzero(whole[1:] < whole[:-1]) + 1
        if len(back) > MOST_RESUMES:
            what = f"{self.counter} goes back {len(back):,} times, first to {whole[back[0]]:,} in row {back[0] + 1:,}"
            raise self.file.error(f"{what}: it does not count the steps of one run")
        later = numpy.minimum.accumulate(whole[::-1])[::-1]
        kept = numpy.append(whole[:-1] < later[1:], True)
        rates = [array("d", numpy.frombuffer(column)[kept].tobytes()) for column in self.rates]
        places = [f"{self.counter} goes back to {whole[row]:,} in row {row + 1:,}" for row in back[:3]]
        told = [f"{self.file.source}: {place}: what was logged last counts" for place in places]
        return whole[kept], rates, told
