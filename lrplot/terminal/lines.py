"""Lines in text: braille dots, or letters where there is neither colour nor braille to tell them apart."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

from lrplot.analysis.columns import is_in_points
from lrplot.analysis.titles import line_names
from lrplot.runs.curve import Rows, numbers_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lrplot.runs.curve import Curve
    from lrplot.terminal.axes import Axis

COLOURS = (33, 208, 36, 169, 178, 75, 130, 250)
"""Of the 256: blue, orange, bluish green, … after Okabe and Ito, legible on black and on white."""

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_BLANK = 0x2800
"""The braille cell without a dot; each dot is a bit more."""


class Line(NamedTuple):
    """One line of a chart: a parameter group of a curve.

    Args:
        number: Its place among those on the chart, which has the same colour and mark in each panel.
        draw: How, where nobody says and that does not depend on its values.
    """

    number: int
    label: str
    values: "NDArray[Any]"
    steps: "range | Rows"
    draw: str | None = None


class Grid(NamedTuple):
    """Cells of text, and how many dots each holds."""

    columns: int
    rows: int
    across: int
    up: int


class Dots:
    """Upright strokes on a grid, the origin at the bottom left; what leaves the grid is not seen.

    >>> dots = Dots(Grid(columns=2, rows=1, across=2, up=4))
    >>> dots.stroke(0, -9, 9)
    >>> dots.stroke(3, 1, 1)
    >>> "".join(chr(_BLANK + cell) for cell in dots.cells[0])
    '⡇⠠'
    """

    _BITS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))

    def __init__(self, grid: Grid) -> None:
        self.cells = [[0] * grid.columns for _ in range(grid.rows)]
        self.grid = grid
        self.top = grid.rows * grid.up - 1

    def stroke(self, x: int, low: int, high: int) -> None:
        column, bits = x // self.grid.across, self._BITS[x % self.grid.across]
        for y in range(max(low, 0), min(high, self.top) + 1):
            self.cells[-1 - y // self.grid.up][column] |= bits[y % self.grid.up]


def lines_of(curves: Sequence["Curve"], column: str, title: str | None) -> list[Line]:
    """The lines of a column of curves."""
    import numpy

    lines, before = [], 0
    for curve, names in zip(curves, line_names(curves, title)):
        draw = "points" if is_in_points(curve, curves) else None
        for group, (name, values) in enumerate(zip(names, curve.lines(column))):
            lines.append(Line(before + group, name, numpy.frombuffer(values), curve.steps, draw))
        before += len(curve.rates)
    return lines


def layer(line: Line, axis: "Axis", steps: range, grid: Grid, draw: str) -> list[list[int]]:
    """One line by itself, as rows of braille cells."""
    import numpy

    dots = Dots(grid)
    columns = list(_DRAWN[draw](line, steps, grid.columns * grid.across))
    heights = axis.heights(numpy.concatenate(columns)).clip(-1, 2) * dots.top
    rounded = iter(numpy.rint(heights).tolist())
    before = None
    for x, values in enumerate(columns):
        places = [int(place) for place in islice(rounded, len(values)) if isfinite(place)]
        if draw == "points":
            for place in set(places):
                dots.stroke(x, place, place)
        elif places:
            low, high = min(places), max(places)
            if before is not None:  # up or down from there, as the rate is held until it changes
                low, high = min(low, before + 1), max(high, before - 1)
            dots.stroke(x, low, high)
        before = places[-1] if places else None
    return dots.cells


def overlaid(
    layers: Sequence[list[list[int]]], marks: Sequence[str], numbers: Sequence[int], colour: bool
) -> list[str]:
    """The rows of all layers on one another, each cell in the colour or letter of a line in it.

    Args:
        marks: Of the layers.
        numbers: Of their lines.
    """
    rows = []
    for cells in zip(*layers):
        owned = [_owned(column, at, marks) for at, column in enumerate(zip(*cells))]
        runs = groupby(owned, lambda cell: cell[0])
        texts = (("".join(text for _, text in run), owner) for owner, run in runs)
        rows.append("".join(text if owner is None else painted(text, numbers[owner], colour) for text, owner in texts))
    return rows


def mark_of(number: int, count: int, lettered: bool) -> str:
    """What stands for a line among so many: a dash in its colour, or a letter of its own."""
    return "━" if not lettered else "*" if count == 1 else _LETTERS[number % len(_LETTERS)]


def painted(text: str, number: int, colour: bool) -> str:
    """A text in a line's colour."""
    return f"\x1b[38;5;{COLOURS[number % len(COLOURS)]}m{text}\x1b[0m" if colour else text


def _held(line: Line, steps: range, columns: int) -> Iterator["NDArray[Any]"]:
    """For each column the lowest, the highest and the last value of its steps, or the one that is held through it."""
    import numpy

    for first, last in _edges(steps, columns):
        begin, end = bisect_right(line.steps, first) - 1, bisect_left(line.steps, last)  # the rate holds until the next
        inside = line.values[max(0, begin) : end if first < line.steps.stop else 0]
        inside = inside[numpy.isfinite(inside)]
        yield numpy.array([inside.min(), inside.max(), inside[-1]]) if len(inside) else inside


def _joined(line: Line, steps: range, columns: int) -> Iterator["NDArray[Any]"]:
    """The same, on the way from each step to the next where these are further apart than the columns."""
    import numpy

    if len(steps) >= columns:
        yield from _held(line, steps, columns)
        return
    first = bisect_left(line.steps, steps.start)  # no more than what is seen need be looked at
    values = line.values[first : bisect_left(line.steps, steps.stop) + 1]
    places = steps.start + numpy.arange(columns) * len(steps) / columns
    known = numbers_at(line.steps, first + numpy.arange(len(values)))
    between = numpy.interp(places, known, values, numpy.nan, numpy.nan) if len(values) else places * numpy.nan
    for value in between:
        yield numpy.array([value])


def _single(line: Line, steps: range, columns: int) -> Iterator["NDArray[Any]"]:
    """For each column the values of the steps that begin in it."""
    import numpy

    before = steps.start - 1
    for first, last in _edges(steps, columns):
        inside = line.values[bisect_left(line.steps, first) : bisect_left(line.steps, last)]
        yield numpy.unique(inside[numpy.isfinite(inside)]) if first > before else inside[:0]
        before = first


_DRAWN = {"stairs": _held, "line": _joined, "points": _single}


def _edges(steps: range, columns: int) -> Iterator[tuple[int, int]]:
    """The first step of each column, and the one after its last."""
    for x in range(columns):
        first = steps.start + x * len(steps) // columns
        yield first, max(first + 1, steps.start + (x + 1) * len(steps) // columns)


def _owned(cells: Sequence[int], column: int, marks: Sequence[str]) -> tuple[int | None, str]:
    """The layer that a cell is given to, and what is seen there."""
    filled = [i for i, cell in enumerate(cells) if cell]
    if not filled:
        return None, " "
    owner = filled[column % len(filled)]
    dots = 0
    for cell in cells:
        dots |= cell
    return owner, chr(_BLANK + dots) if marks[owner] == "━" else marks[owner]
