"""Tables as people look at them: Markdown's, and those that a terminal draws with lines."""

from collections.abc import Iterator
from typing import NamedTuple

from lrplot.configs.logs.conventions import Convention, convention_of
from lrplot.configs.logs.file import LogFile, number_of, without_commas
from lrplot.configs.logs.names import is_rate, rate_columns, step_column
from lrplot.configs.logs.series import MISSING, Series
from lrplot.runs.log import Log

ENDINGS = (".md", ".txt", ".log", ".out")
_UPRIGHT = str.maketrans("│┃║", "|||")
_RULE = set(" |:+-=─━═┼╇╈╋╪╬├┤┡┩┝┥┢┪╞╡╟╢╠╣")


class _Header(NamedTuple):
    """The line with the names of a table's columns."""

    line: int
    names: list[str]


def recognise(file: LogFile) -> bool:
    """Whether its beginning has a table with a column of steps and one of rates."""
    if not file.path.lower().removesuffix(".gz").endswith(ENDINGS):
        return False
    return _header(enumerate(file.head.decode("utf-8", "replace").splitlines(), 1)) is not None


def _header(lines: Iterator[tuple[int, str]]) -> _Header | None:
    """The header of the first such table: below it is a rule."""
    above = _Header(0, [])
    for number, line in lines:
        if above.names and len(line.strip()) > 2 and set(line.strip()) <= _RULE:
            return above
        cells = _cells(line)
        above = _Header(number, cells if any(map(is_rate, cells)) and step_column(cells) else [])
    return None


def _cells(line: str) -> list[str]:
    """The cells in a line: none where it is no line of a table."""
    line = line.strip().translate(_UPRIGHT)
    return [cell.strip(" *`_") for cell in line.strip("|").split("|")] if "|" in line else []


def read(file: LogFile, column: str | None) -> Log:
    """The log in such a table.

    Raises:
        ConfigError: A cell is no number, or the column that is asked for is not there.
    """
    lines = file.printed_lines()
    header = _header(lines)
    assert header is not None, "it has been recognised"
    names = rate_columns(header.names, column, file)
    counter = step_column(header.names) or ""
    at, counted = [header.names.index(name) for name in names], header.names.index(counter)
    series = Series(file, names, counter)
    for number, line in lines:
        cells = _cells(line)
        if len(cells) != len(header.names):
            if set(line.strip()) <= _RULE:
                continue
            break  # what comes after the table
        rates = [cells[index] for index in at]
        if not all(rate.lower() in MISSING for rate in rates):
            step = number_of(without_commas(cells[counted]), file, counter, number)
            series.add(step, [number_of(rate, file, ", ".join(names), number) for rate in rates])
            series.sample(rates)
    return series.log(convention_of(names, counter, header.names, Convention("table")))
