"""JSON: an object a line, a list of objects, or a Trainer's state, which holds such a list."""

import json
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from lrplot.configs.logs.conventions import MMCV, TENSORBOARD, TRAINER, Convention, convention_of
from lrplot.configs.logs.file import NUMBER, LogFile, number_of, without_commas
from lrplot.configs.logs.long import is_named, of_json, read_entries
from lrplot.configs.logs.names import STEPS, is_rate, rate_columns, step_column
from lrplot.configs.logs.series import MISSING, Series
from lrplot.runs.log import Log

MAX_WHOLE = 256_000_000
"""Bytes of a text that cannot be read line by line."""

Row = tuple[int, dict[str, Any]]
"""A line's number, and the object in it; numbers are text, as they were written."""

_OPENING = re.compile(rb"\s*(\[\s*)?[{\[]")
_CURVE = re.compile(rf"\s*\[\s*\[\s*{NUMBER}\s*,\s*\d+\s*,\s*{NUMBER}\s*\]")
_KEY = re.compile(r'"((?:[^"\\\n]|\\.){1,200})"\s*:\s*(\[?)')
MOST_GROUPS = 64
"""Rates in a list of an object that are taken to be those of parameter groups."""


def is_whole(file: LogFile) -> bool:
    """Whether it is one JSON text, of which a list holds the log: a Trainer's state, a list of objects, or an object
    with a list for each column.
    """
    if not _OPENING.match(file.head):
        return False
    text = file.head.decode("utf-8", "replace")
    keys = dict(_KEY.findall(text))
    if "log_history" in keys or file.path.endswith("trainer_state.json"):
        return True
    if not {"scheduler", "curves", "optimizer"} & keys.keys() and is_named(text) and not is_lines(file):
        return True
    if {"scheduler", "curves", "optimizer"} & keys.keys() or keys.get("step") == "[" or is_lines(file):
        return False
    if text.lstrip().startswith("["):
        return _CURVE.match(text) is not None or (any(map(is_rate, keys)) and step_column(keys) is not None)
    lists = [key for key, opened in keys.items() if opened]
    return any(map(is_rate, lists)) and any(key.lower() in STEPS or "loss" in key.lower() for key in lists)


def read_whole(file: LogFile, column: str | None) -> Log:
    """The log in a JSON text.

    Raises:
        ConfigError: It has no rate, or is no JSON.
    """
    root = _whole(file)
    if "log_history" not in root and is_named(file.head.decode("utf-8", "replace")):
        return read_entries(file, of_json(root), column, Convention("JSON", full=True))
    state = root.get("log_history") if isinstance(root, dict) else None
    entries = root if state is None else state
    if isinstance(entries, dict):
        columns = {key: cells for key, cells in entries.items() if isinstance(cells, list)}
        entries = [dict(zip(columns, cells)) for cells in zip(*columns.values())]
    if isinstance(entries, list) and all(isinstance(row, list) for row in entries):
        entries, column = [dict(zip(TENSORBOARD, row)) for row in entries], TENSORBOARD[-1]
    rows = [(0, _flat(row)) for row in entries if isinstance(row, dict)] if isinstance(entries, list) else []
    is_trainers = state is not None or any({"grad_norm", "train_runtime"} & row.keys() for _, row in rows[:100])
    return _read(file, lambda: iter(rows), column, TRAINER if is_trainers else None)


def is_lines(file: LogFile) -> bool:
    """Whether it has an object a line, one of them with a learning rate."""
    if not _OPENING.match(file.head) or file.head.lstrip().startswith(b"["):
        return False
    lines = file.head.decode("utf-8", "replace").splitlines()[:1000]
    rows = [row for line in lines if isinstance(row := _parsed(line), dict)]
    if not rows or any("scheduler" in row or "curves" in row for row in rows):
        return False
    if len(rows) == 1 and step_column(rows[0]) is None:
        return False
    rates = any(is_rate(name) and isinstance(value, str) for row in rows for name, value in row.items())
    return (rates and max(len(rows), len(rows[0]) - 1) > 1) or (len(rows) > 1 and all(map(step_column, rows)))


def read_lines(file: LogFile, column: str | None) -> Log:
    """The log in lines of JSON.

    Raises:
        ConfigError: It has no rate, or several, or a line is no object.
    """
    return _read(file, lambda: _lines(file), column)


def _read(
    file: LogFile, rows: Callable[[], Iterator[Row]], column: str | None, convention: Convention | None = None
) -> Log:
    keys = list(dict.fromkeys(name for _, row in rows() for name in row))
    if "mode" in keys:
        every, rows = rows, lambda: (each for each in every() if each[1].get("mode") == "train")
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
            step = _number(_counted(row[counter]), file, counter, line)
        series.add(step, [_number(text, file, name, line) for name, text in zip(names, texts)])
        series.sample(str(text) for text in texts)
    convention = convention or convention_of(names, counter, keys, Convention("JSON lines", full=True))
    if convention is MMCV and any(after <= before for before, after in pairwise(series.steps)):
        what = "iter begins again with each epoch, whose length is not told: take the run's text log, which has it"
        raise file.error(f"{what}, as in Epoch [1][50/391]")
    return series.log(convention)


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
        value = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    return _flat(value) if isinstance(value, dict) else value


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """An object without objects in it, nor lists of rates: ``{"train": {"lr": [0.1]}}`` has train/lr/0."""
    flat: dict[str, Any] = {}
    for name, value in row.items():
        inner = value
        if isinstance(value, list) and len(value) <= MOST_GROUPS and is_rate(name):
            inner = {str(group): rate for group, rate in enumerate(value)}
        if isinstance(inner, dict) and inner:
            flat.update((f"{name}/{key}", entry) for key, entry in inner.items())
        else:
            flat[name] = value
    return flat


def _counted(value: Any) -> Any:
    """The step in what a counter says: of ``10/200`` the first, and of ``1,000`` a thousand."""
    return without_commas(value.partition("/")[0]) if isinstance(value, str) else value


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
        return isinstance(value, str) and float(_counted(value)).is_integer()
    except ValueError:
        return False


def _number(value: Any, file: LogFile, name: str, line: int) -> float:
    return number_of(value if isinstance(value, str) else json.dumps(value), file, name, line)
