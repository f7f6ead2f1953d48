"""A value a row, with its name beside it: what tbparse, MLflow, Aim and Comet export; and curves of Plotly, as ClearML
has them.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from lrplot.configs.logs.conventions import Convention, convention_of
from lrplot.configs.logs.file import LogFile, number_of
from lrplot.configs.logs.names import is_rate, rate_columns, step_column
from lrplot.configs.logs.series import MISSING, Scattered
from lrplot.runs.log import Log
from lrplot.runs.make import MAX_STEP

NAMES = ("tag", "key", "metric.name", "metric_name", "metricName", "metric", "name")
VALUES = ("value", "metricValue")
_NAMED = re.compile(rf'"(?:{"|".join(map(re.escape, NAMES))})"\s*:\s*"([^"\\]{{1,200}})"')
_CURVE = re.compile(r'"x"\s*:\s*\[')


class Columns(NamedTuple):
    """Where a row has its name, its step and its value."""

    name: str
    step: str
    value: str


class Entry(NamedTuple):
    """A value, with its name and its step as they are written."""

    line: int
    name: str
    step: Any
    value: Any


def columns_of(names: Sequence[str]) -> Columns | None:
    """Where rows with such columns have their names, steps and values: None where these are no such rows."""
    name, value = (next((one for one in usual if one in names), None) for usual in (NAMES, VALUES))
    step = step_column(names)
    return Columns(name, step, value) if name and value and step and not any(map(is_rate, names)) else None


def is_named(text: str) -> bool:
    """Whether the beginning of a JSON text has objects with a name and a value each, or a curve, one of them a learning
    rate.
    """
    has_values = any(f'"{name}"' in text for name in VALUES) or _CURVE.search(text) is not None
    return has_values and any(map(is_rate, _NAMED.findall(text)))


def of_json(root: Any) -> Iterator[Entry]:
    """The entries in a JSON text: a list of them, one under a name, or curves."""
    if isinstance(root, dict):
        root = next((value for value in root.values() if isinstance(value, list)), [root])
    for row in root if isinstance(root, list) else ():
        if not isinstance(row, dict):
            continue
        if isinstance(row.get("x"), list) and isinstance(row.get("y"), list):
            yield from (Entry(0, str(row.get("name")), step, rate) for step, rate in zip(row["x"], row["y"]))
        elif (at := columns_of([*row])) is not None:
            yield Entry(0, str(row[at.name]), row[at.step], row[at.value])


def read_entries(file: LogFile, entries: Iterable[Entry], column: str | None, otherwise: Convention) -> Log:
    """The log of the entries that are learning rates.

    Args:
        otherwise: How they count, where their names tell nothing.

    Raises:
        ConfigError: None is, or there are several, or a number is none.
    """
    rates, texts, names = Scattered(), dict[str, dict[str, None]](), dict[str, None]()
    for line, name, step, value in entries:
        names[name] = None
        text = value if isinstance(value, str) else json.dumps(value)
        if text.lower() in MISSING or not (is_rate(name) or (column is not None and name.startswith(column))):
            continue
        number = number_of(step if isinstance(step, str) else json.dumps(step), file, "step", line)
        if not (0 <= number <= MAX_STEP and number.is_integer()):
            raise file.error(f"step must be a whole number from 0 to {MAX_STEP:,}, got {number:g}", line)
        rates.add(name, int(number), number_of(text, file, name, line))
        texts.setdefault(name, {})[text] = None
    chosen = [name for name in rate_columns([*names], column, file) if name in texts]
    if not chosen:
        raise file.error("has no numbers beside the name of a learning rate")
    series = rates.series(file, chosen, "step")
    for name in chosen:
        series.sample(texts[name])
    return series.log(convention_of(chosen, "step", (), otherwise))
