"""Curves in the terminal, for those who have no display: lines on axes, a legend, the table of turning points."""

import math
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from lrplot.analysis.columns import columns_to_show, is_log, out_of_range
from lrplot.analysis.titles import in_one_line, run_names
from lrplot.terminal.axes import Axis, axis_of, ends_of, step_axis
from lrplot.terminal.lines import COLOURS, Grid, Line, layer, lines_of, mark_of, overlaid, painted
from lrplot.terminal.screen import Screen, width_of
from lrplot.terminal.turning_points import turning_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lrplot.runs.curve import Curve

CHART = 0.35
"""The part of a screen's lines that a curve has at the least."""
FEWEST = 3
"""Rows of a panel, and lines of a table, below which there is nothing to see."""
NARROWEST = 8, 18
"""Columns below which a panel goes without the numbers beside it, and below which none stands beside others."""
WEIGHTS = 2.8, 1.2
"""How high the first panel is, and those beneath it: as in a picture."""
FURTHEST = 2**53
"""The last step that is drawn."""


class Options(NamedTuple):
    """What is asked of a view: those options of a plot that a terminal can have; pictures/look.py explains them."""

    title: str | None = None
    log_y: bool = False
    x_range: Sequence[float] | None = None
    y_range: Sequence[float] | None = None
    draw: str | None = None
    events: bool = True
    parameter: str | None = None
    facet: bool = False


PLAIN = Options()


def view(curves: Sequence["Curve"], screen: Screen, options: Options = PLAIN) -> str:
    """The curves and their turning points, as a terminal is to show them, with the title and the prompt in sight.

    The table is counted first; the chart has what is left, and never less than it takes to see a curve. Beneath a grid
    of panels there is no table, as there are no events in its picture.

    Raises:
        Refusal: A momentum is asked for that no curve changes, or a range without a step.
    """
    chart = _Chart(curves, screen, options)
    room = screen.height - 1 - chart.around
    least = max(round(CHART * screen.height), FEWEST * chart.down)
    table: list[str] = []
    if options.events and not chart.is_grid and room - least - 2 >= FEWEST:
        marks = chart.marks if len(curves) > 1 else ()
        text = turning_points(curves, screen, chart.columns[0], chart.steps, room - least - 2, marks)
        table = ["", *text.splitlines()] if text else []
    rows = max(least, min(room - len(table), screen.width // 2))
    return "\n".join([*chart.drawn(rows), *table])


def sketch(curves: Sequence["Curve"], screen: Screen, options: Options = PLAIN) -> str:
    """The curves on axes as large as the screen, and a legend beneath.

    Each column of dots shows the lowest and the highest rate of its steps, so that a step alone among millions is seen;
    a rate is held until the next step. Several curves differ by colour, or by letter where there is no colour, or not
    enough of them; where they coincide they take turns.
    """
    chart = _Chart(curves, screen, options)
    return "\n".join(chart.drawn(max(FEWEST, screen.height - chart.around + len(chart.legend))))


class _Chart:
    """Panels beneath one another, or in a grid, and what stands around their rows."""

    def __init__(self, curves: Sequence["Curve"], screen: Screen, options: Options) -> None:
        self.screen = screen
        self.options = options
        self.columns = columns_to_show(curves, options.parameter)
        self.steps = _steps(curves, options.x_range)
        self.is_grid = options.facet and len(curves) > 1
        self.names: list[str] = []
        if self.is_grid:
            runs = [list(read) for _, read in groupby(curves, lambda curve: id(curve.run))]
            self.names = list(
                {id(curve.run): name for curve, name in zip(curves, run_names(curves, options.title))}.values()
            )
            self.panels = [lines_of(read, self.columns[0], options.title) for read in runs]
        else:
            self.panels = [lines_of(curves, column, options.title) for column in self.columns]
        if options.x_range is not None and not any(len(self._seen(line)) for line in self.panels[0]):
            raise out_of_range(curves, options.x_range)
        self.heading = in_one_line(curves, options.title)
        lines = max(self.panels, key=len)
        self.lettered = not screen.unicode or len(lines) > (len(COLOURS) if screen.colour else 1)
        self.marks = [mark_of(line.number, len(lines), self.lettered) for line in lines]
        self.legend = self._legend(lines) if len(lines) > 1 else []
        self.across = self._across() if self.is_grid else 1
        self.down = -(-len(self.panels) // self.across)

    @property
    def around(self) -> int:
        """Lines of the chart beside its rows."""
        return 1 + len(self.legend) + (3 * self.down if self.is_grid else 1 + self.down)

    def drawn(self, rows: int) -> list[str]:
        """The chart's lines, with so many rows."""
        axes = self._axes(rows)
        margin = max(2, *(axis.margin for axis in axes))
        if self.screen.width - margin - 2 < NARROWEST[0]:
            margin = 0
        first = f"{self.columns[0]:>{margin}}  {self.heading}".rstrip()
        body = self._grid(axes[0], rows // self.down, margin) if self.is_grid else self._stack(axes, rows, margin)
        return [self.screen.fit(first, self.screen.width), *body, *self.legend]

    def _stack(self, axes: Sequence[Axis], rows: int, margin: int) -> list[str]:
        """Panels beneath one another, on the same steps."""
        lines: list[str] = []
        columns = self.screen.width - (margin + 2 if margin else 1)
        for column, panel, axis, height in zip(self.columns, self.panels, axes, self._shares(rows)):
            if lines:
                lines.append(self.screen.fit(f"{column:>{margin}}", self.screen.width))
            body = self._rows(panel, axis, columns, height)
            lines += [(edge + cells).rstrip() for edge, cells in zip(axis.edges(height, margin, self.screen), body)]
        return [*lines, *step_axis(self.steps, columns, margin, self.screen)]

    def _grid(self, axis: Axis, rows: int, margin: int) -> list[str]:
        """Panels side by side, on the same axes: the numbers stand beside the first of each row."""
        lines: list[str] = []
        screen, beside = self.screen, margin + 2 if margin else 1
        columns = (screen.width - beside - 3 * (self.across - 1)) // self.across
        for start in range(0, len(self.panels), self.across):
            blocks = []
            for index in range(start, min(start + self.across, len(self.panels))):
                edge = margin if index == start else 0
                indent = " " * (edge + 2 if edge else 1)
                name = screen.fit(self.names[index], columns)
                padded = indent + name + " " * (columns - width_of(name))
                body = map(
                    str.__add__, axis.edges(rows, edge, screen), self._rows(self.panels[index], axis, columns, rows)
                )
                ends = [end.ljust(len(indent) + columns) for end in step_axis(self.steps, columns, edge, screen)]
                blocks.append([padded, *body, *ends])
            lines += ["  ".join(parts).rstrip() for parts in zip(*blocks)]
        return lines

    def _rows(self, lines: Sequence[Line], axis: Axis, columns: int, rows: int) -> list[str]:
        """The lines of a panel on one another."""
        grid = Grid(columns, rows, *((1, 1) if self.lettered else (2, 4)))
        layers = [layer(line, axis, self.steps, grid, self.options.draw or "stairs") for line in lines]
        numbers = [line.number for line in lines]
        marks = [self.marks[number] for number in numbers]
        return overlaid(layers, marks, numbers, self.screen.colour) if lines else [" " * columns] * rows

    def _axes(self, rows: int) -> list[Axis]:
        """The axis of each panel; those of a grid share one."""
        if self.is_grid:
            return [self._axis([line for lines in self.panels for line in lines], self.columns[0], rows // self.down)]
        return [self._axis(*panel) for panel in zip(self.panels, self.columns, self._shares(rows))]

    def _axis(self, lines: Sequence[Line], column: str, rows: int) -> Axis:
        seen = [self._seen(line) for line in lines]
        asked, limits = (self.options.log_y, self.options.y_range) if column == "lr" else (None, None)
        return axis_of(seen, is_log(asked, column, ends_of(seen)), limits, max(2, rows // 3))

    def _seen(self, line: Line) -> "NDArray[Any]":
        """A line's values within the steps that are shown."""
        first, last = (max(0, end - line.steps.start) for end in (self.steps.start, self.steps.stop))
        return line.values[first:last]

    def _shares(self, rows: int) -> list[int]:
        """How many of the rows each panel has."""
        first, rest = WEIGHTS
        more = len(self.panels) - 1
        beneath = max(FEWEST, round(rows * rest / (first + rest * more)))
        return [max(FEWEST, rows - beneath * more), *[beneath] * more]

    def _across(self) -> int:
        """In how many columns the panels are largest."""

        def size(across: int) -> float:
            down = -(-len(self.panels) // across)
            rows = (self.screen.height - 2 - 3 * down) / down
            return min(self.screen.width / across, 3.2 * rows)

        return max(range(1, max(1, min(len(self.panels), self.screen.width // NARROWEST[1])) + 1), key=size)

    def _legend(self, lines: Sequence[Line]) -> list[str]:
        """A mark and a name for each line: one beneath the other, or on as few lines as possible on a low screen."""
        screen = self.screen
        names = [screen.fit(f"{mark} {line.label}", screen.width) for mark, line in zip(self.marks, lines)]
        texts = [painted(name[:1], line.number, screen.colour) + name[1:] for name, line in zip(names, lines)]
        legend: list[str] = []
        room = 0
        for name, text in zip(names, texts):
            room -= width_of(name) + 3
            if room < 0 or len(lines) <= screen.height // 8:
                legend.append(text)
                room = screen.width - width_of(name)
            else:
                legend[-1] += "   " + text
        return legend


def _steps(curves: Sequence["Curve"], x_range: Sequence[float] | None) -> range:
    """The steps that are shown: those of all curves, or those asked for."""
    if x_range is None:
        return range(min(curve.steps.start for curve in curves), max(curve.steps.stop for curve in curves))
    first, last = (math.floor(min(max(end, -FURTHEST), FURTHEST)) for end in x_range)
    return range(first, last + 1)
