"""Metrics for ReduceLROnPlateau: numbers, an expression in the epoch, or a column of a CSV file."""

import csv
import os
import re
from array import array
from collections.abc import Iterator
from itertools import chain
from typing import Any, BinaryIO

from lrplot.document import ConfigError, Value, refuse_special
from lrplot.values import Problems
from lrplot.wording import nearest, shown

MAX_LINES = 1_000_000
MAX_LINE = 100_000
"""Bytes of a line."""

_FILE = re.compile(r"(?P<file>.+\.(?:csv|tsv|txt))(?::(?P<column>.*))?", re.IGNORECASE | re.DOTALL)
_LIST = re.compile(r"\[?\s*[-+.\w]+\s*(,\s*[-+.\w]+\s*)+\]?", re.ASCII)


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
            return array("d", [problems.number(Value(part.strip(), value.source, value.line, value.column), path, finite=False) for part in parts])
        return problems.function(value, path)
    if not value.content:
        problems.note(value, path, "must hold at least one number")
        return None
    return array("d", problems.items(value, path, lambda item, below: problems.number(item, below, finite=False)))


def _column(problems: Problems, value: Value, path: str, folder: str, file: str, column: str | None) -> "array[float] | None":
    try:
        return read_column(file if value.is_flag else os.path.join(folder, file), column)
    except ConfigError as error:
        for message in error.messages:
            problems.add(f"{value.source}: {message}" if value.is_flag else f"{value.place}: {path}: {message}")
        return None


def read_column(file: str, column: str | None) -> "array[float]":
    """The numbers in one column of a CSV file with a header; rows in which it is empty are passed over.

    A file of one column needs no name. Semicolons and tabs may stand for commas.

    Raises:
        ConfigError: There is no such file or column, a row is ragged, an entry is no number, or there is none at all.
    """
    try:
        refuse_special(file)
        with open(file, "rb") as stream:
            return _numbers(_Rows(stream, file), file, column)
    except (OSError, ValueError) as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError([f"{file} cannot be read: {getattr(error, 'strerror', None) or error}"]) from None


class _Rows:
    """The rows of a CSV file that are not blank, read line by line: a file may be large."""

    def __init__(self, stream: BinaryIO, file: str) -> None:
        self.stream = stream
        self.file = file
        self.line = 0
        """The line at which the last row ended."""

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"

    def __iter__(self) -> Iterator[list[str]]:
        lines = self._lines()
        first = next((line for line in lines if line.strip()), "")
        delimiter = next((mark for mark in ";\t" if mark in first and "," not in first), ",")
        try:
            for row in csv.reader(chain([first], lines), delimiter=delimiter):
                if any(cell and not cell.isspace() for cell in row):
                    yield row
        except csv.Error as error:
            raise ConfigError([f"{self.place}: is not CSV: {error}"]) from None

    def _lines(self) -> Iterator[str]:
        while line := self.stream.readline(MAX_LINE + 1):
            self.line += 1
            if len(line) > MAX_LINE:
                raise ConfigError([f"{self.place}: the line is too long: at most {MAX_LINE:,} bytes are read"])
            if self.line > MAX_LINES:
                raise ConfigError([f"{self.file} is too large: at most {MAX_LINES:,} lines are read"])
            try:
                text = line.decode("utf-8-sig" if self.line == 1 else "utf-8").rstrip("\r\n")
            except UnicodeDecodeError as error:
                raise ConfigError([f"{self.place}: is not UTF-8: byte 0x{line[error.start]:02x} cannot stand there"]) from None
            if "\0" in text:
                raise ConfigError([f"{self.place}: holds a NUL byte: this is not a text file"])
            yield from text.split("\r")  # an old Mac's


def _numbers(rows: _Rows, file: str, column: str | None) -> "array[float]":
    below = iter(rows)
    header = next(below, None)
    if header is None:
        raise ConfigError([f"{file} is empty: it must have a header and rows"])
    names = [name.strip() for name in header]
    if not column and len(names) > 1:
        example = f"{os.path.basename(file)}:{names[-1]}"
        raise ConfigError([f"{file} has {len(names)} columns: name one, as in {example if example.isprintable() else shown(example)}"])
    if column and column not in names:
        raise ConfigError([f"{file} has no column {shown(column)}: {nearest(column, names)}"])
    index = names.index(column) if column else 0
    what = f"column {shown(names[index])}"
    problems, numbers = Problems(), array("d")
    for row in below:
        if len(row) != len(names):
            problems.add(f"{rows.place}: the row has {len(row)} entries, the header {len(names)}")
        elif cell := row[index].strip():
            numbers.append(problems.number(Value(cell, rows.place), what, finite=False))
    problems.raise_any()
    if not numbers:
        raise ConfigError([f"{file} has no numbers in {what}"])
    return numbers
