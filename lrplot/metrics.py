"""Metrics for ReduceLROnPlateau: numbers, an expression in the epoch, or a column of a CSV file."""

import csv
import os
import re
from array import array
from typing import Any

from lrplot.document import ConfigError, Value, decode
from lrplot.values import Problems
from lrplot.wording import nearest, shown

MAX_BYTES = 64_000_000
_FILE = re.compile(r"(?P<file>.+\.(?:csv|tsv|txt))(?::(?P<column>.*))?", re.IGNORECASE | re.DOTALL)
_LIST = re.compile(r"\[?\s*[-+.0-9eE]+\s*(,\s*[-+.0-9eE]+\s*)+\]?")


def read_metrics(problems: Problems, value: Value, path: str, folder: str) -> Any:
    """The metrics as an array with one number an epoch, or as a function of the epoch.

    A loss that is NaN or infinite is a number here: a run may have had one.
    """
    if isinstance(value.content, dict):
        entries = problems.mapping(value, path, ("file", "column"))
        if "file" not in entries:
            problems.note(value, f"{path}.file", "is missing: the CSV file to read")
            return None
        column = problems.text(entries["column"], f"{path}.column") if "column" in entries else None
        return _column(problems, entries["file"], f"{path}.file", folder, problems.text(entries["file"], f"{path}.file"), column)
    if isinstance(value.content, str):
        text = value.content
        if match := _FILE.fullmatch(text):
            return _column(problems, value, path, folder, match["file"], match["column"])
        if not value.quoted and _LIST.fullmatch(text):
            parts = text.strip().removeprefix("[").removesuffix("]").split(",")
            return array("d", [problems.number(Value(part.strip(), value.source, value.line, value.column), path) for part in parts])
        return problems.function(value, path)
    if not value.content:
        problems.note(value, path, "must hold at least one number")
    return array("d", problems.items(value, path, lambda item, below: problems.number(item, below, finite=False)))


def _column(problems: Problems, value: Value, path: str, folder: str, file: str, column: str | None) -> "array[float] | None":
    try:
        return read_column(os.path.join(folder, file), column)
    except ConfigError as error:
        problems.messages += [f"{value.source}: {message}" if value.is_flag else f"{value.place}: {path}: {message}" for message in error.messages]
        return None


def read_column(file: str, column: str | None) -> "array[float]":
    """The numbers in one column of a CSV file with a header; rows in which it is empty are passed over.

    A file of one column needs no name. Semicolons and tabs may stand for commas.

    Raises:
        ConfigError: There is no such file or column, a row is ragged, an entry is no number, or there is none at all.
    """
    try:
        with open(file, "rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise ConfigError([f"{file} cannot be read: {getattr(error, 'strerror', None) or error}"]) from None
    if len(data) > MAX_BYTES:
        raise ConfigError([f"{file} is too large: at most {MAX_BYTES:,} bytes are read"])
    lines = decode(data, file).splitlines()
    header_line = next((line for line in lines if line.strip()), "")
    delimiter = next((mark for mark in ";\t" if mark in header_line and "," not in header_line), ",")
    rows = csv.reader(lines, delimiter=delimiter)
    try:
        return _numbers(rows, file, column)
    except csv.Error as error:
        raise ConfigError([f"{file}:{rows.line_num}: is not CSV: {error}"]) from None


def _numbers(rows: Any, file: str, column: str | None) -> "array[float]":
    header = next((row for row in rows if any(cell.strip() for cell in row)), None)
    if header is None:
        raise ConfigError([f"{file} is empty: it must have a header and rows"])
    names = [name.strip() for name in header]
    if not column and len(names) > 1:
        raise ConfigError([f"{file} has {len(names)} columns: name one, as in {os.path.basename(file)}:{names[-1]}"])
    if column and column not in names:
        raise ConfigError([f"{file} has no column {shown(column)}: {nearest(column, names)}"])
    index = names.index(column) if column else 0
    problems, numbers = Problems(), array("d")
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        place = f"{file}:{rows.line_num}"
        if len(row) != len(names):
            raise ConfigError([f"{place}: the row has {len(row)} entries, the header {len(names)}"])
        if cell := row[index].strip():
            numbers.append(problems.number(Value(cell, place), f"column {shown(names[index])}", finite=False))
            problems.raise_any()
    if not numbers:
        raise ConfigError([f"{file} has no numbers in column {shown(names[index])}"])
    return numbers
