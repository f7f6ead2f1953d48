"""Curves as tables: CSV and JSON, every float as Python's ``repr``, so that it reads back to the same bits."""

import math
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO

from lrplot.outputs.rendering import Rendering
from lrplot.runs.curve import labels

ROWS = 10_000
"""Rows written at a time."""


def write_csv(rendering: Rendering, stream: BinaryIO) -> None:
    """A header, then a row a step. Several curves stand below one another, told apart by a first column ``curve``."""
    curves = rendering.curves
    tables = [curve.columns() for curve in curves]
    header = list(dict.fromkeys(name for table in tables for name in table))
    several = len(curves) > 1
    stream.write((",".join((["curve"] if several else []) + header) + "\n").encode())
    for label, curve, table in zip(labels(curves), curves, tables):
        blank = [""] * len(curve)
        cells = zip(*(map(repr, table[name]) if name in table else blank for name in header))
        start = _quoted(label) + "," if several else ""
        while rows := list(islice(cells, ROWS)):
            stream.write("".join([f"{start}{','.join(row)}\n" for row in rows]).encode())


def write_json(rendering: Rendering, stream: BinaryIO) -> None:
    """An object a curve with its label and its columns as lists; a list of such objects where there are several.

    JSON has no NaN and no infinity: they become ``null``.
    """
    curves = rendering.curves
    made = [
        {"label": label, "record": curve.record, **{name: _finite(column) for name, column in curve.columns().items()}}
        for label, curve in zip(labels(curves), curves)
    ]
    for part in _encoded(made[0] if len(made) == 1 else made):
        stream.write(part.encode())
    stream.write(b"\n")


def _encoded(value: Any) -> Iterator[str]:
    import json  # only this format needs it

    return json.JSONEncoder(ensure_ascii=False, allow_nan=False).iterencode(value)


def _finite(column: Sequence[float]) -> list[float | None]:
    return [value if math.isfinite(value) else None for value in column]


def _quoted(text: str) -> str:
    """A text as a CSV cell."""
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text
