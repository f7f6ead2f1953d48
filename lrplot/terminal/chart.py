"""Curves in the terminal, for those who have no display: braille dots (or ASCII marks) with axes."""

import math
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from lrplot.runs.curve import labels
from lrplot.terminal.screen import Screen
from lrplot.terminal.turning_points import turning_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lrplot.runs.curve import Curve

_COLOURS = (33, 208, 36, 169, 178, 75, 130, 250)
"""Of the 256: blue, orange, bluish green, … after Okabe and Ito, legible on black and on white."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_BLANK = 0x2800
"""The braille cell without a dot; each dot is a bit more."""


def view(curves: Sequence["Curve"], screen: Screen, *, log_y: bool = False, title: str | None = None) -> str:
    """The curves and their turning points, as a terminal is to show them."""
    chart = sketch(curves, screen._replace(height=min(24, max(10, screen.height - 8))), log_y=log_y, title=title)
    return f"{chart}\n\n{turning_points(curves, screen)}"


def sketch(curves: Sequence["Curve"], screen: Screen, *, log_y: bool = False, title: str | None = None) -> str:
    """The rates of all curves on one pair of axes, as large as the screen (and a legend beneath).

    Each column of dots shows the lowest and the highest rate of its steps, so that a step alone among millions is seen;
    a rate is held until the next step. Several curves differ by colour, or by letter where there is no colour; where
    they coincide they take turns.
    """
    series = _series(curves)
    lettered = not screen.unicode or (len(series) > 1 and not screen.colour)
    rows = max(3, screen.height - 5)
    axis = _axis(series, log_y, max(2, rows // 3))
    margin = max(2, *(len(label) for _, label in axis.ticks))
    grid = _Grid(screen.width - margin - 2, rows, *((1, 1) if lettered else (2, 4)))
    steps = range(min(one.steps.start for one in series), max(one.steps.stop for one in series))
    marks = [_mark(i, len(series), lettered) for i in range(len(series))]
    body = _overlaid([_layer(one, axis, steps, grid) for one in series], marks, screen.colour)
    heading = title or (curves[0].label if all(curve.run is curves[0].run for curve in curves) else "")
    lines = [
        *([screen.fit(" " * (margin + 2) + heading, screen.width)] if heading else []),
        f"{'lr':>{margin}}",
        *(edge + cells for edge, cells in zip(_rate_axis(axis, rows, margin, screen), body)),
        *_step_axis(steps, grid.columns, margin, screen),
    ]
    if len(series) > 1:
        for i, (mark, one) in enumerate(zip(marks, series)):
            lines.append(_painted(mark, i, screen.colour) + screen.fit(f" {one.label}", screen.width - 2))
    return "\n".join(lines)


# Curves.


class _Series(NamedTuple):
    """One line of the chart: a parameter group of a curve."""

    label: str
    rates: "NDArray[Any]"
    steps: range


class _Grid(NamedTuple):
    """Cells of text, and how many dots each holds."""

    columns: int
    rows: int
    across: int
    up: int


class _Dots:
    """Upright strokes on a grid, the origin at the bottom left.

    >>> dots = _Dots(_Grid(columns=2, rows=1, across=2, up=4))
    >>> dots.stroke(0, 0, 3)
    >>> dots.stroke(3, 1, 1)
    >>> "".join(chr(_BLANK + cell) for cell in dots.cells[0])
    '⡇⠠'
    """

    _BITS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))

    def __init__(self, grid: _Grid) -> None:
        self.cells = [[0] * grid.columns for _ in range(grid.rows)]
        self.grid = grid

    def stroke(self, x: int, low: int, high: int) -> None:
        column, bits = x // self.grid.across, self._BITS[x % self.grid.across]
        for y in range(low, high + 1):
            self.cells[-1 - y // self.grid.up][column] |= bits[y % self.grid.up]


def _series(curves: Sequence["Curve"]) -> list[_Series]:
    import numpy

    series = []
    for curve, label in zip(curves, labels(curves)):
        for i, rates in enumerate(curve.rates):
            group = f", group {i}" if len(curve.rates) > 1 else ""
            series.append(_Series(label + group, numpy.frombuffer(rates), curve.steps))
    return series


def _layer(series: _Series, axis: "_Axis", steps: range, grid: _Grid) -> list[list[int]]:
    """One curve by itself, as rows of braille cells."""
    dots = _Dots(grid)
    before = None
    for x, rates in enumerate(_in_columns(series, steps, grid.columns * grid.across)):
        heights = [axis.height(rate) * (grid.rows * grid.up - 1) for rate in rates]
        places = [round(height) for height in heights if math.isfinite(height)]
        if places:
            low, high = min(places), max(places)
            if before is not None:  # up or down from there, as the rate is held until it changes
                low, high = min(low, before + 1), max(high, before - 1)
            dots.stroke(x, low, high)
        before = places[-1] if places else None
    return dots.cells


def _in_columns(series: _Series, steps: range, columns: int) -> Iterator[tuple[float, ...]]:
    """For each column the lowest, the highest and the last rate of its steps, or the rate that is held through it."""
    import numpy

    offset = steps.start - series.steps.start
    for x in range(columns):
        first = x * len(steps) // columns + offset
        last = max(first + 1, (x + 1) * len(steps) // columns + offset)
        inside = series.rates[max(0, first) : max(0, last)]
        inside = inside[numpy.isfinite(inside)]
        yield (float(inside.min()), float(inside.max()), float(inside[-1])) if len(inside) else ()


def _overlaid(layers: Sequence[list[list[int]]], marks: Sequence[str], colour: bool) -> Iterator[str]:
    """The rows of all layers on one another, each cell in the colour or letter of a curve in it."""
    for rows in zip(*layers):
        owned = [_owned(cells, column, marks) for column, cells in enumerate(zip(*rows))]
        runs = groupby(owned, lambda cell: cell[0])
        yield "".join(_painted("".join(text for _, text in run), owner, colour) for owner, run in runs).rstrip()


def _owned(cells: Sequence[int], column: int, marks: Sequence[str]) -> tuple[int | None, str]:
    """The curve that a cell is given to, as its number among the colours, and what is seen there."""
    filled = [i for i, cell in enumerate(cells) if cell]
    if not filled:
        return None, " "
    owner = filled[column % len(filled)]
    dots = 0
    for cell in cells:
        dots |= cell
    return owner % len(_COLOURS), chr(_BLANK + dots) if marks[owner] == "━" else marks[owner]


def _mark(index: int, count: int, lettered: bool) -> str:
    return "━" if not lettered else "*" if count == 1 else _LETTERS[index % len(_LETTERS)]


def _painted(text: str, index: int | None, colour: bool) -> str:
    return text if index is None or not colour else f"\x1b[38;5;{_COLOURS[index % len(_COLOURS)]}m{text}\x1b[0m"


# Axes.


class _Axis(NamedTuple):
    """The rate's axis: its ends (of the logarithms, where it is logarithmic) and its ticks."""

    low: float
    high: float
    log: bool
    ticks: list[tuple[float, str]]

    def height(self, rate: float) -> float:
        """How far up a rate is, 0 to 1; NaN where it has no place."""
        if self.log:
            rate = math.log10(rate) if rate > 0 else math.nan
        part = (rate / 2 - self.low / 2) / (self.high / 2 - self.low / 2)  # halves, for their difference may overflow
        return part if math.isnan(part) else min(1.0, max(0.0, part))


def _rate_axis(axis: _Axis, rows: int, margin: int, screen: Screen) -> list[str]:
    """What stands to the left of each row."""
    bar, tick = "│┤" if screen.unicode else "||"
    edges = [f"{'':{margin}} {bar}"] * rows
    for rate, label in axis.ticks:
        edges[rows - 1 - round(axis.height(rate) * (rows - 1))] = f"{label:>{margin}} {tick}"
    return edges


def _step_axis(steps: range, columns: int, margin: int, screen: Screen) -> list[str]:
    """What stands beneath the rows: a rule with notches, the steps at them, and what they are."""
    corner, line, notch = "└─┬" if screen.unicode else "+-+"
    rule, numbers = [line] * columns, [" "] * columns
    for step in _whole_ticks(steps.start, steps.stop - 1, max(2, columns // 10)):
        x = (step - steps.start) * columns // len(steps)
        rule[x] = notch
        text = str(step)
        left = min(max(0, x - len(text) // 2), columns - len(text))
        if all(cell == " " for cell in numbers[max(0, left - 1) : left + len(text) + 1]):
            numbers[left : left + len(text)] = text
    indent = " " * (margin + 2)
    return [
        f"{'':{margin}} {corner}{''.join(rule)}",
        (indent + "".join(numbers)).rstrip(),
        f"{indent}{'step':^{columns}}".rstrip(),
    ]


def _axis(series: Sequence[_Series], log: bool, count: int) -> _Axis:
    """An axis over all finite rates, in powers of ten where that is asked for and some are above 0."""
    ends = [end for one in series for end in _ends(one.rates, log)]
    log = log and bool(ends)
    least = 1e-300 if log else -1e300  # room for the ticks
    low, high = (min(1e300, max(least, end)) for end in (min(ends, default=0.0), max(ends, default=1.0)))
    return _log_axis(low, high, count) if log else _linear_axis(low, high, count)


def _linear_axis(low: float, high: float, count: int) -> _Axis:
    """An axis with 0 on it where that is not far."""
    alike = high / 2 - low / 2 <= 1e-9 * max(abs(low), abs(high))
    if low > 0 and (low <= high / 2 or alike):
        low = 0.0
    elif high < 0 and (high >= low / 2 or alike):
        high = 0.0
    if high - low < 1e-300:
        high = low + 1.0
    tick = _tick(low, high, count)
    first, last = math.floor(low / tick + 1e-9), math.ceil(high / tick - 1e-9)
    rates = [k * tick for k in range(first, last + 1)]
    return _Axis(rates[0], rates[-1], False, list(zip(rates, _tick_texts(rates, tick))))


def _ends(rates: "NDArray[Any]", log: bool) -> tuple[float, ...]:
    """The lowest and the highest rate that has a place on an axis; nothing where none has."""
    import numpy

    shown = numpy.isfinite(rates) & ((rates > 0) | (not log))
    rates = rates if shown.all() else rates[shown]
    return (float(rates.min()), float(rates.max())) if len(rates) else ()


def _log_axis(low: float, high: float, count: int) -> _Axis:
    first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    if first == last:
        first -= 1
    stride = -(-(last - first) // count)
    powers = range(last, first - 1, -stride)
    return _Axis(first, last, True, [(float(f"1e{power}"), f"1e{power}") for power in powers])


def _tick(low: float, high: float, count: int) -> float:
    """A round distance that puts at most ``count`` + 1 ticks between two numbers."""
    least = high / count - low / count
    power = math.floor(math.log10(least))
    steps = (float(f"{factor}e{power}") for factor in ("1", "2", "2.5", "5", "10", "20"))
    return next(step for step in steps if step >= least * (1 - 1e-9))


def _tick_texts(rates: Sequence[float], tick: float) -> list[str]:
    """All with the same number of decimals, or all in powers of ten.

    >>> _tick_texts([0.0, 0.00025, 0.0005], 0.00025), _tick_texts([0.0, 5.0, 10.0], 5.0)
    (['0', '2.5e-4', '5.0e-4'], ['0', '5', '10'])
    >>> _tick_texts([0.0, 0.05, 0.1], 0.05)
    ['0', '0.05', '0.10']
    """
    largest = max(map(abs, rates))
    digits = f"{tick:.1e}"  # as 2.5e-04
    finest = int(digits[4:]) - (digits[2] != "0")
    if 1e-3 <= largest < 1e5:
        return [f"{rate:.{max(0, -finest)}f}" if rate else "0" for rate in rates]
    decimals = max(0, math.floor(math.log10(largest)) - finest)
    return [re.sub(r"e\+?(-?)0*(\d)", r"e\1\2", f"{rate:.{decimals}e}") if rate else "0" for rate in rates]


def _whole_ticks(first: int, last: int, count: int) -> range:
    """Round whole numbers from ``first`` to ``last``."""
    tick = int(max(1.0, _tick(first, last, count))) if last > first else 1
    tick = tick if tick != 2 or _tick(first, last, count) != 2.5 else 5
    return range(-(-first // tick) * tick, last + 1, tick)
