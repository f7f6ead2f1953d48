"""Metrics for ReduceLROnPlateau: numbers, an expression in the epoch, or a column of a CSV file."""

import csv
import io
import os
import re
from array import array
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any

from lrplot.configs.document import MAX_VALUES, ConfigError, Value, decode, read_file
from lrplot.configs.numbers import plain_number
from lrplot.configs.values import Values
from lrplot.wording import nearest, shown

MAX_TABLE_BYTES = 8_000_000
MAX_ROWS = 200_000

_FILE = re.compile(r"(?P<file>.+\.(?:csv|tsv|txt))(?::(?P<column>.*))?", re.IGNORECASE | re.DOTALL)
_LIST = re.compile(r"\[?\s*[-+.\w]+\s*(,\s*[-+.\w]+\s*)+\]?", re.ASCII)


def read_metrics(values: Values, value: Value, path: str, folder: str | None) -> Any:
    """The metrics as an array with one number an epoch, or as a function of the epoch.

    A loss that is NaN or infinite is a number here: a run may have had one.

    Args:
        folder: Where a config's files are looked for; None for one that may name none.
    """
    if isinstance(value.content, dict):
        entries = values.mapping(value, path, ("file", "column"))
        if "file" not in entries:
            values.problems.note(value, f"{path}.file", "is missing: the CSV file to read")
            return None
        before = values.problems.count
        file = values.text(entries["file"], f"{path}.file")
        column = values.text(entries["column"], f"{path}.column") if "column" in entries else None
        if values.problems.count > before:
            return None
        return _column(values, entries["file"], f"{path}.file", folder, file, column)
    if isinstance(value.content, str):
        return _from_text(values, value, path, folder)
    if not value.content:
        values.problems.note(value, path, "must hold at least one number")
        return None
    return array("d", values.items(value, path, lambda item, below: values.number(item, below, finite=False)))


def _from_text(values: Values, value: Value, path: str, folder: str | None) -> Any:
    """A file and its column, numbers with commas between them, or an expression."""
    text = value.content
    assert isinstance(text, str)
    if match := _FILE.fullmatch(text):
        return _column(values, value, path, folder, match["file"], match["column"])
    if text.count(",") >= MAX_VALUES:
        values.problems.note(value, path, f"holds more than {MAX_VALUES:,} numbers (long metrics go into a CSV file)")
        return None
    if value.quoted or not _LIST.fullmatch(text):
        return values.function(value, path)
    parts = [part.strip() for part in text.strip().removeprefix("[").removesuffix("]").split(",")]
    numbers = [Value(part, value.source, value.line, value.column) for part in parts]
    return array("d", [values.number(number, path, finite=False) for number in numbers])


def _column(
    values: Values, value: Value, path: str, folder: str | None, file: str, column: str | None
) -> "array[float] | None":
    if folder is None and not value.is_flag:
        values.problems.note(value, path, "names a file: a picture's own schedule stands alone")
        return None
    file = file if value.is_flag else os.path.join(folder or "", file)
    values.files.append(file)
    try:
        return read_column(file, column)
    except ConfigError as error:
        for message in error.messages:
            values.problems.add(f"{value.source}: {message}" if value.is_flag else f"{value.place}: {path}: {message}")
        return None


def read_column(file: str, column: str | None) -> "array[float]":
    """The numbers in one column of a CSV file with a header; blank lines, and rows in which it is empty, are passed
    over.

    A file of one column needs no name. Semicolons and tabs may stand for commas.

    Raises:
        ConfigError: There is no such file or column, a row is ragged, an entry is no number, or there is none at all.
    """
    lines = io.StringIO(decode(read_file(file, MAX_TABLE_BYTES), file), newline=None)
    first = lines.readline()
    delimiter = next((mark for mark in ";\t" if mark in first and "," not in first), ",")
    lines.seek(0)
    rows = csv.reader(lines, delimiter=delimiter)
    try:
        header = next(filter(_is_filled, rows), None)
        if header is None:
            raise ConfigError([f"{file} is empty: it must have a header and rows"])
        first_row = next(filter(_is_filled, rows), None)
        if first_row is None and column in header:
            raise ConfigError([f"{file} has no numbers in column {shown(column)}"])
        if first_row is None or not _is_of_numbers(first_row):  # not one's own, perhaps: then none of it is shown
            raise ConfigError([f"{file} is no table of numbers: it must have a header, and rows with numbers in them"])
        return _numbers(chain([first_row], rows), lambda: rows.line_num, header, file, column)
    except csv.Error as error:
        raise ConfigError([f"{file}:{rows.line_num}: is not CSV: {error}"]) from None


def _is_of_numbers(row: list[str]) -> bool:
    cells = [cell.strip() for cell in row]
    return any(plain_number(cell) is not None or cell.lower() in ("nan", "inf", "-inf") for cell in cells)


def _numbers(
    rows: Iterable[list[str]], line: Callable[[], int], header: list[str], file: str, column: str | None
) -> "array[float]":
    index = _index([name.strip() for name in header], file, column)
    what = f"column {shown(header[index].strip())}"
    values, numbers = Values(), array("d")
    for count, row in enumerate(rows):
        if count == MAX_ROWS:
            raise ConfigError([f"{file} is too large: at most {MAX_ROWS:,} rows are read"])
        if len(row) != len(header):
            if _is_filled(row):
                values.problems.add(f"{file}:{line()}: the row has {len(row)} entries, the header {len(header)}")
        elif cell := row[index].strip():
            number = plain_number(cell)
            if number is None:
                number = values.number(Value(cell, f"{file}:{line()}"), what, finite=False)
            numbers.append(number)
    values.problems.raise_any()
    if not numbers:
        raise ConfigError([f"{file} has no numbers in {what}"])
    return numbers


def _is_filled(row: list[str]) -> bool:
    return any(cell and not cell.isspace() for cell in row)


def _index(names: list[str], file: str, column: str | None) -> int:
    """Where the column is among those of the header."""
    if not column:
        if len(names) > 1:
            example = f"{os.path.basename(file)}:{names[-1]}"
            example = example if example.isprintable() else shown(example)
            raise ConfigError([f"{file} has {len(names)} columns: name one, as in {example}"])
        return 0
    if column not in names:
        raise ConfigError([f"{file} has no column {shown(column)}: {nearest(column, names)}"])
    if names.count(column) > 1:
        raise ConfigError([f"{file} has {names.count(column)} columns {shown(column)}: their names must differ"])
    return names.index(column)
