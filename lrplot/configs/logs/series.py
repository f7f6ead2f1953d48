"""Numbers that were read, a row each, to a Log: its steps go up, whatever the order in which they were written."""

from array import array
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from lrplot.configs.logs.conventions import Convention
from lrplot.configs.logs.file import LogFile
from lrplot.runs.log import Log, rows_of
from lrplot.runs.make import MAX_STEP
from lrplot.runs.quantum import quantum_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_RESUMES = 50
"""Times that a run is begun again in one log: more, and its steps are something else."""
MISSING = frozenset(("", "nan", "na", "n/a", "null", "none"))
"""What stands where there is no number."""
SAMPLED = 4_000
"""Different numbers that tell how finely they were written."""


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
        unit, shift = self._unit(convention), convention.shift
        if unit == "epoch" and steps[0] == 1 and not shift:
            shift = -1  # people count epochs from 1
        quantum = convention.quantum or quantum_of(self.texts, convention.full)
        if unit == "row":
            told = [f"{self.file.source}: says no step of its rates: its rows are counted"]
        return Log(
            label or self.file.label,
            "used",
            rows_of(array("q", (steps + max(shift, -int(steps[0]))).tobytes())),
            rates,
            self.names,
            quantum=quantum,
            unit=unit,
            readings=convention.readings,
            format=convention.format,
            source=self.file.source,
            remarks=[*told, *remarks],
        )

    def _unit(self, convention: Convention) -> str:
        if self.counter is None:
            return "row"
        return convention.unit or ("epoch" if self.counter.lower() == "epoch" else "step")

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
        told = self._told_twice(whole)
        back = numpy.flatnonzero(whole[1:] < whole[:-1]) + 1
        if len(back) > MOST_RESUMES:
            what = f"{self.counter} goes back {len(back):,} times, first to {whole[back[0]]:,} in row {back[0] + 1:,}"
            raise self.file.error(f"{what}: it does not count the steps of one run")
        later = numpy.minimum.accumulate(whole[::-1])[::-1]
        kept = numpy.append(whole[:-1] < later[1:], True)
        rates = [array("d", numpy.frombuffer(column)[kept].tobytes()) for column in self.rates]
        places = [f"{self.counter} goes back to {whole[row]:,} in row {row + 1:,}" for row in back[:3]]
        told += [f"{self.file.source}: {place}: what was logged last counts" for place in places]
        return whole[kept], rates, told

    def _told_twice(self, whole: "NDArray[Any]") -> list[str]:
        """What is to be said of rows of one step that have different rates."""
        import numpy

        differ = [column[1:] != column[:-1] for column in map(numpy.frombuffer, self.rates)]
        twice = numpy.flatnonzero((whole[1:] == whole[:-1]) & numpy.logical_or.reduce(differ))
        if not len(twice):
            return []
        more = f", and {len(twice) - 1:,} more" if len(twice) > 1 else ""
        what = f"{self.counter} {whole[twice[0]]:,} has two rates, in rows {twice[0] + 1:,} and {twice[0] + 2:,}{more}"
        return [f"{self.file.source}: {what}: what was logged last counts"]


class Scattered:
    """Rates that are logged one by one, each with its name and its step."""

    def __init__(self) -> None:
        self.steps: dict[str, array[int]] = {}
        self.rates: dict[str, array[float]] = {}

    def add(self, name: str, step: int, rate: float) -> None:
        """Takes in a rate."""
        if name not in self.steps:
            self.steps[name], self.rates[name] = array("q"), array("d")
        self.steps[name].append(step)
        self.rates[name].append(rate)

    def series(self, file: LogFile, names: Sequence[str], counter: str | None) -> Series:
        """The rows of the steps at which there are all rates of some names."""
        series = Series(file, names, counter)
        steps = self.steps[names[0]]
        if all(self.steps[name] == steps for name in names):
            series.steps, series.rates = steps, [self.rates[name] for name in names]
            return series
        known = [dict(zip(self.steps[name], self.rates[name])) for name in names]
        for step in known[0]:
            if all(step in rates for rates in known):
                series.add(step, [rates[step] for rates in known])
        if not len(series.steps):
            raise file.error(
                f"has no {counter or 'row'} with all of {', '.join(names)}: name one, as in {file.path}:{names[-1]}"
            )
        return series
