"""CSV and TSV: a header, and rows in which cells may be empty."""

import csv
import math
import os
import re
from array import array
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from lrplot.configs.logs.conventions import TENSORBOARD, Convention, convention_of
from lrplot.configs.logs.file import MAX_LINE, LogFile, number_of, without_commas
from lrplot.configs.logs.long import Columns, Entry, columns_of, read_entries
from lrplot.configs.logs.names import is_rate, rate_columns, step_column
from lrplot.configs.logs.series import MISSING, Series
from lrplot.runs.log import Log
from lrplot.runs.quantum import Quantum

LARGE = 4_000_000
"""Bytes of a file for which it is worth while to import numpy."""
_METRIC = re.compile(rb"(?:\d{13} \S+ \d+\r?\n)+")


def is_metric(file: LogFile) -> bool:
    """Whether it is MLflow's file of a learning rate: the time, the value and the step in a line, and its name alone
    says what the value is.
    """
    return is_rate(os.path.basename(file.path)) and bool(_METRIC.match(file.head))


def read_metric(file: LogFile, column: str | None) -> Log:
    """The log in MLflow's file of a metric.

    Raises:
        ConfigError: A line is none of its.
    """
    name = os.path.basename(file.path)
    series = Series(file, [name], "step")
    for number, line in enumerate(file.lines(), 1):
        cells = line.split()
        if len(cells) != 3 and line.endswith("\n"):
            raise file.error("has no time, value and step", number)
        if len(cells) == 3:
            series.add(number_of(cells[2], file, "step", number), [number_of(cells[1], file, name, number)])
            series.sample([cells[1]])
    return series.log(convention_of([name], "step", (), Convention("MLflow", full=True)))


def recognise(file: LogFile) -> bool:
    """Whether it is a table whose first line names a rate that the next has, or one that calls itself a table."""
    header, row = _row(file, 0), _row(file, 1)
    if len(header) < 2 or any(map(_is_number, header)):
        return False
    called_so = file.path.lower().removesuffix(".gz").endswith((".csv", ".tsv"))
    rates = [index for index, name in enumerate(header) if is_rate(name)]
    if rates and not called_so:
        return not row or all(index < len(row) and _is_number(row[index] or "0") for index in rates)
    return bool(rates) or header == TENSORBOARD or (called_so and any(map(_is_number, row)))


def read(file: LogFile, column: str | None) -> Log:
    """The log in a table.

    Raises:
        ConfigError: It has no rate, or several, or a cell is not what it must be.
    """
    rows, delimiter = _rows(file)
    header = next((row for row in rows if row), [])
    header[:1] = [header[0].lstrip("# ")]
    if (long := columns_of(header)) is not None and (column is None or column not in header):
        return read_entries(file, _entries(rows, header, long), column, Convention("CSV"))
    names = rate_columns(header, column or ("Value" if header == TENSORBOARD else None), file)
    counter = step_column(header)
    series = Series(file, names, counter)
    at = [header.index(name) for name in names]
    counted = header.index(counter) if counter is not None else None
    convention = convention_of(names, counter, header, Convention("CSV"))
    if convention.unit and file.head[:1] == b" ":  # as ultralytics has padded its columns, to be read to five digits
        convention = convention._replace(quantum=Quantum("digits", 5))
    if file.size < LARGE or file.data is not None or counted is None or not _at_once(series, delimiter, [counted, *at]):
        series = Series(file, names, counter)
        _one_by_one(series, rows, len(header), counted, at)
    return series.log(convention)


def _entries(rows: "_Numbered", header: list[str], at: Columns) -> Iterator[Entry]:
    name, step, value = map(header.index, at)
    return (Entry(rows.line, row[name], row[step], row[value]) for row in _whole(rows, len(header)))


def _row(file: LogFile, index: int) -> list[str]:
    """One of the first rows, as far as it can be told before the whole is read."""
    lines = file.head.decode("utf-8", "replace").split("\n", 2)[: index + 1]
    if len(lines) <= index or "\0" in lines[index] or lines[0].lstrip()[:1] in ("{", "["):
        return []
    try:
        return [cell.strip() for cell in next(_cells([lines[index].lstrip("# ")], _delimiter(lines[0])), [])]
    except csv.Error:
        return []


def _delimiter(line: str) -> str:
    return next((mark for mark in ",\t;" if mark in line), " ")


def _cells(lines: Any, delimiter: str) -> Any:
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True)


def _rows(file: LogFile) -> "tuple[_Numbered, str]":
    """The rows of a table, each cell without the space around it, and what stands between cells."""
    line = file.head.partition(b"\n")[0].decode("utf-8", "replace")
    delimiter = _delimiter(line)
    return _Numbered(_cells(file.lines(), delimiter), file, delimiter == ";"), delimiter


class _Numbered:
    """The rows that a csv.reader reads, with the line that each ends in.

    Args:
        commas: Whether their numbers may have a comma for the point, as in the countries in which a semicolon stands
            between cells.
    """

    def __init__(self, reader: Any, file: LogFile, commas: bool) -> None:
        self.reader = reader
        self.file = file
        self.commas = commas

    @property
    def line(self) -> int:
        return int(self.reader.line_num)

    def __iter__(self) -> Iterator[list[str]]:
        try:
            for row in self.reader:
                yield [cell.strip() for cell in row]
        except csv.Error as error:
            raise self.file.error(f"is not CSV: {error}", self.line) from None


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _one_by_one(series: Series, rows: _Numbered, width: int, counted: int | None, at: Sequence[int]) -> None:
    """Reads rows with empty cells, and says where something is wrong with one."""
    file, what = series.file, ", ".join(series.names)
    for row in _whole(rows, width):
        cells = [row[index] for index in at]
        if rows.commas:
            cells = [cell.replace(",", ".") for cell in cells]
        if all(cell.lower() in MISSING for cell in cells):
            continue
        step: Any = len(series.steps) if counted is None else row[counted]
        if counted is not None:
            if step.lower() in MISSING:
                raise file.error(f"{series.counter} is empty beside a rate", rows.line)
            step = number_of(without_commas(step), file, series.counter or "", rows.line)
        series.add(step, [number_of(cell, file, what, rows.line) for cell in cells])
        series.sample(cells)


def _whole(rows: _Numbered, width: int) -> Iterator[list[str]]:
    """The rows that have as many cells as the header; the last, of a run that still goes on, may be a part of one."""
    ragged: tuple[int, int] | None = None
    count = 0
    for row in rows:
        if ragged is not None:
            break
        if not any(row):
            continue
        if len(row) != width:
            ragged = len(row), rows.line
            continue
        count += 1
        yield row
    else:
        if ragged is None or not count or ragged[0] < width:
            return
    raise rows.file.error(f"the row has {ragged[0]} entries, the header {width}", ragged[1])


def _at_once(series: Series, delimiter: str, columns: Sequence[int]) -> bool:
    """Reads a large table in which every cell is a number, or in which that of a rate may be empty; returns whether it
    is one.
    """
    file = series.file
    if not _is_of_lines(file):
        return False
    read = _loaded(file, delimiter, columns, {})
    if read is None:
        read = _loaded(file, delimiter, columns, dict.fromkeys(columns[1:], _or_missing))
    if read is None:
        return False
    for text in _sampled(file):
        cells = [cell.strip() for cell in next(_cells([text], delimiter), [])]
        if max(columns) < len(cells):
            series.sample(cells[index] for index in columns[1:])
    series.steps = read[0]
    series.rates = [array("d", column.tobytes()) for column in read[1:]]
    return True


def _loaded(file: LogFile, delimiter: str, columns: Sequence[int], converters: Any) -> Any:
    """The numbers in some columns: None where one is missing in a row that has another, or is no number."""
    import numpy

    how: dict[str, Any] = {"delimiter": delimiter, "usecols": columns, "comments": None, "quotechar": '"'}
    how |= {"skiprows": 1, "ndmin": 2, "unpack": True, "encoding": "utf-8-sig", "converters": converters or None}
    try:
        read = numpy.loadtxt(file.path, **how)
    except (ValueError, OSError):
        return None
    if converters:
        read = read[:, ~numpy.isnan(read[1:]).all(axis=0)]
    return read if read.shape[1] and numpy.isfinite(read).all() else None


def _or_missing(cell: str) -> float:
    """A rate, or what stands for none."""
    return float(cell) if cell else math.nan


def _is_of_lines(file: LogFile) -> bool:
    """Whether a file has no hole in it, and no line that would take all memory."""
    with file.open() as stream:
        return all(b"\0" not in block and b"\n" in block for block in iter(lambda: stream.read(MAX_LINE), b""))


def _sampled(file: LogFile, parts: int = 40) -> Iterator[str]:
    """Lines from all parts of a file."""
    with file.open() as stream:
        for part in range(parts):
            stream.seek(file.size * part // parts)
            stream.readline()
            for line in islice(stream, 100):
                yield line.decode("utf-8", "replace")
