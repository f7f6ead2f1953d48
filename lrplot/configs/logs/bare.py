"""Numbers alone, as numpy.savetxt writes them: a rate a line, or its step before it."""

import re
from itertools import pairwise

from lrplot.configs.logs.conventions import Convention
from lrplot.configs.logs.file import NUMBER, LogFile, number_of
from lrplot.configs.logs.series import Series
from lrplot.runs.log import Log

ENDINGS = (".csv", ".tsv", ".txt", ".dat", ".log")
HIGHEST = 100.0
"""A number that no learning rate is."""
FEWEST = 3
_ROW = re.compile(rf"\s*({NUMBER})(?:(?:\s*[,;]\s*|\s+)({NUMBER}))?\s*")


def recognise(file: LogFile) -> bool:
    """Whether its first lines are a number each, or two of which the first goes up in whole steps, and no more."""
    if not file.path.lower().removesuffix(".gz").endswith(ENDINGS):
        return False
    lines = [line for line in file.head.decode("utf-8", "replace").split("\n")[:100] if line.strip()]
    lines = lines[:-1] if len(lines) > FEWEST and len(file.head) < file.size else lines
    rows = [_ROW.fullmatch(line) for line in lines]
    if len(rows) < FEWEST or not all(rows) or len({row[2] is None for row in rows if row}) > 1:
        return False
    cells = [[float(cell) for cell in row.groups() if cell is not None] for row in rows if row]
    steps = [first for first, *_ in cells] if len(cells[0]) > 1 else []
    is_counted = all(step == int(step) for step in steps) and all(a < b for a, b in pairwise(steps))
    return is_counted and all(0 <= row[-1] < HIGHEST for row in cells)


def read(file: LogFile, column: str | None) -> Log:
    """The log in such lines.

    Raises:
        ConfigError: A column is asked for, or a line is none of these.
    """
    if column is not None:
        raise file.error(f"has no header, and so no {column}")
    series: Series | None = None
    for number, line in enumerate(file.lines(), 1):
        if not line.strip():
            continue
        row = _ROW.fullmatch(line.rstrip("\n"))
        if row is None:
            raise file.error("has no number alone, nor a step and a rate, as the lines before it", number)
        series = series or Series(file, ["rate"], "step" if row[2] else None)
        if bool(row[2]) != bool(series.counter):
            raise file.error("has not as many numbers as the lines before it", number)
        text = row[2] or row[1]
        step = number_of(row[1], file, "step", number) if row[2] else len(series.steps)
        series.add(step, [number_of(text, file, "rate", number)])
        series.sample([text])
    assert series is not None, "it has been recognised"
    said = f"{file.source}: has no header: its numbers are read as {'steps and ' * bool(series.counter)}rates"
    return series.log(Convention("numbers"), remarks=[said])
