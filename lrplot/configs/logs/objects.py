"""JSON: an object a line, a list of objects, or a Trainer's state, which holds such a list."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from lrplot.configs.logs.file import LogFile, number_of
from lrplot.configs.logs.names import is_rate, rate_columns, step_column
from lrplot.configs.logs.series import LATER, MISSING, Convention, Series
from lrplot.runs.log import Log
from lrplot.runs.quantum import Quantum

MAX_WHOLE = 256_000_000
"""Bytes of a text that cannot be read line by line."""

Row = tuple[int, dict[str, Any]]
"""A line's number, and the object in it; numbers are text, as they were written."""

_STATE = re.compile(rb'"log_history"\s*:\s*\[')
_OPENING = re.compile(rb"\s*(\[\s*)?\{")


def is_state(file: LogFile) -> bool:
    """Whether it is a Trainer's ``trainer_state.json``."""
    return bool(_OPENING.match(file.head)) and bool(_STATE.search(file.head))


def read_state(file: LogFile, column: str | None) -> Log:
    """The log in a Trainer's state.

    Raises:
        ConfigError: It has no rate, or is no JSON.
    """
    state = _whole(file)
    entries = state.get("log_history") if isinstance(state, dict) else None
    rows = [(0, row) for row in entries if isinstance(row, dict)] if isinstance(entries, list) else []
    return _read(file, lambda: iter(rows), column, Convention("transformers' Trainer", -1, full=True, readings=LATER))


def is_lines(file: LogFile) -> bool:
    """Whether it has an object a line, or is a list of such, one of them with a learning rate."""
    if not _OPENING.match(file.head):
        return False
    lines = file.head.decode("utf-8", "replace").lstrip(" \t\r\n[").splitlines()[:1000]
    rows = [row for line in lines if isinstance(row := _parsed(line.strip().rstrip(",]")), dict)]
    if not rows or any("scheduler" in row or "curves" in row for row in rows):
        return False
    rates = any(is_rate(name) and isinstance(value, str) for row in rows for name, value in row.items())
    return (rates and max(len(rows), len(rows[0]) - 1) > 1) or (len(rows) > 1 and all(map(step_column, rows)))


def read_lines(file: LogFile, column: str | None) -> Log:
    """The log in lines of JSON.

    Raises:
        ConfigError: It has no rate, or several, or a line is no object.
    """
    if file.head.lstrip().startswith(b"["):
        entries = _whole(file)
        rows = [(0, row) for row in entries if isinstance(row, dict)]
        return _read(file, lambda: iter(rows), column)
    return _read(file, lambda: _lines(file), column)


def _read(
    file: LogFile, rows: Callable[[], Iterator[Row]], column: str | None, convention: Convention | None = None
) -> Log:
    keys = list(dict.fromkeys(name for _, row in rows() for name in row))
    names = rate_columns(keys, column, file)
    counter = step_column(key for key in keys if any(key in row and _is_whole(row[key]) for _, row in rows()))
    series = Series(file, names, counter)
    for line, row in rows():
        texts = [row.get(name) for name in names]
        if all(text is None or (isinstance(text, str) and text.lower() in MISSING) for text in texts):
            continue
        step: Any = len(series.steps)
        if counter is not None:
            if counter not in row:
                continue  # a summary, as a Trainer writes one at the end
            step = _number(row[counter], file, counter, line)
        series.add(step, [_number(text, file, name, line) for name, text in zip(names, texts)])
        series.sample(str(text) for text in texts)
    return series.log(convention or _convention(file, keys, names, counter))


def _convention(file: LogFile, keys: Sequence[str], names: Sequence[str], counter: str | None) -> Convention:
    """Who writes such lines, as far as their keys tell."""
    if names == ["train_lr"] and counter == "epoch":
        return Convention("DeiT's log", quantum=Quantum("mean"), unit="epoch")
    if counter == "iteration":
        return Convention("detectron2", full=True)
    if counter == "step" and {"iter", "epoch"} & {*keys} and {"data_time", "memory", "time"} & {*keys}:
        return Convention("OpenMMLab", -1, quantum=Quantum("digits", 12))  # its schedulers round in places of their own
    return Convention("JSON lines", full=True)


def _lines(file: LogFile) -> Iterator[Row]:
    """The objects of a file; the last line may be a part of one, of a run that still goes on."""
    broken = 0
    for number, line in enumerate(file.lines(), 1):
        if broken:
            break
        if not line.strip():
            continue
        row = _parsed(line)
        if isinstance(row, dict):
            yield number, row
        elif line.endswith("\n") or row is not None:
            broken = number
            break
    if broken:
        raise file.error("is no object in JSON, as the lines before it are", broken)


def _parsed(text: str) -> Any:
    """A text's value, all numbers as they were written; None where it is not JSON."""
    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None


def _whole(file: LogFile) -> Any:
    if file.size > MAX_WHOLE:
        raise file.error(f"is too large: {file.size:,} bytes, at most {MAX_WHOLE:,} bytes are read of one JSON text")
    text = "".join(file.lines_of_any_length())
    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except json.JSONDecodeError as error:
        what = f"is not valid JSON in column {error.colno}: {error.msg.lower()}"
        raise file.error(what, error.lineno) from None
    except RecursionError:
        raise file.error("is nested too deep for a log") from None


def _is_whole(value: Any) -> bool:
    try:
        return isinstance(value, str) and float(value).is_integer()
    except ValueError:
        return False


def _number(value: Any, file: LogFile, name: str, line: int) -> float:
    return number_of(value if isinstance(value, str) else json.dumps(value), file, name, line)
