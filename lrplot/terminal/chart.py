"""Curves in the terminal, for those who have no display: lines on axes, a legend, the table of turning points."""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from lrplot.analysis.columns import columns_to_show, is_log, out_of_range, unit_of
from lrplot.analysis.ruler import Ruler, in_marks, ruled
from lrplot.analysis.titles import facet_names, in_one_line, names
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
    x: str | None = None


PLAIN = Options()


def view(curves: Sequence["Curve"], screen: Screen, options: Options = PLAIN) -> str:
    """The curves and their turning points, as a terminal is to show them, with the title and the prompt in sight.

    The table is counted first; the chart has what is left, and never less than it takes to see a curve. Beneath a grid
    of panels there is no table, as there are no events in its picture.

    Raises:
        Refusal: A column is asked for that no curve changes, or a range without a step.
    """
    chart = _chart(curves, screen, options)
    steps = chart.steps if options.x in (None, "step") else None
    room = screen.height - 1 - chart.around
    least = max(round(CHART * screen.height), FEWEST * chart.down)
    table: list[str] = []
    if options.events and isinstance(chart, _Stack) and room - least - 2 >= FEWEST:
        marks = chart.marks if len(curves) > 1 else ()
        text = turning_points(curves, screen, chart.columns[0], steps, room - least - 2, marks)
        table = ["", *text.splitlines()] if text else []
    rows = max(least, min(room - len(table), screen.width // 2))
    return "\n".join([*chart.drawn(rows), *table])


def sketch(curves: Sequence["Curve"], screen: Screen, options: Options = PLAIN) -> str:
    """The curves on axes as large as the screen, and a legend beneath.

    Each column of dots shows the lowest and the highest rate of its steps, so that a step alone among millions is seen;
    a rate is held until the next step. Several curves differ by colour, or by letter where there is no colour, or not
    enough of them; where they coincide they take turns.
    """
    chart = _chart(curves, screen, options)
    return "\n".join(chart.drawn(max(FEWEST, screen.height - chart.around + len(chart.legend))))


def _chart(curves: Sequence["Curve"], screen: Screen, options: Options) -> "_Stack | _Grid":
    ruler = Ruler(unit_of(curves))
    if options.x is not None:
        curves, ruler = ruled(curves, options.x)
        options = options._replace(x_range=in_marks(options.x_range, ruler))
    facets = sum({id(curve.run): len(curve.rates) for curve in curves}.values())
    return (_Grid if options.facet and facets > 1 else _Stack)(curves, screen, options, ruler)


class _Chart:
    """Panels and what stands around their rows.

    Args:
        panels: The lines of each panel, by the columns of the curves that they show.
    """

    columns: Sequence[str]
    panels: Sequence[Sequence[Sequence[Line]]]

    def __init__(self, curves: Sequence["Curve"], screen: Screen, options: Options, ruler: Ruler) -> None:
        self.screen = screen
        self.ruler = ruler
        self.options = options
        self.steps = _steps(curves, options.x_range)
        self.heading = in_one_line(curves, options.title)
        if options.x_range is not None and not any(len(self._seen(line)) for panel in self.panels[0] for line in panel):
            raise out_of_range(curves, options.x_range)
        lines = max(self.panels[0], key=len)
        self.lettered = not screen.unicode or len(lines) > (len(COLOURS) if screen.colour else 1)
        numbers = range(1 + max(line.number for panels in self.panels for panel in panels for line in panel))
        self.marks = [mark_of(number, len(lines), self.lettered) for number in numbers]
        self.legend = self._legend(lines) if len(lines) > 1 else []

    def drawn(self, rows: int) -> list[str]:
        """The chart's lines, with so many rows."""
        heights = self._heights(rows)
        axes = [self._axis(*column) for column in zip(self.panels, self.columns, heights)]
        margin = max(2, *(axis.margin for axis in axes))
        if self.screen.width - margin - 2 < NARROWEST[0]:
            margin = 0
        lines: list[str] = []
        for column, panels, axis, height in zip(self.columns, self.panels, axes, heights):
            name = f"{column:>{margin}}" + ("" if lines else f"  {self.heading}".rstrip())
            lines += [self.screen.fit(name, self.screen.width), *self._block(panels, axis, height, margin)]
        return [*lines, *self._foot(margin), *self.legend]

    def _heights(self, rows: int) -> list[int]:
        """How many of the rows a panel of each column has."""
        raise NotImplementedError

    def _block(self, panels: Sequence[Sequence[Line]], axis: Axis, rows: int, margin: int) -> list[str]:
        """The panels of a column."""
        raise NotImplementedError

    def _foot(self, margin: int) -> list[str]:
        """What stands beneath all panels."""
        return []

    def _rows(self, lines: Sequence[Line], axis: Axis, columns: int, rows: int, margin: int) -> list[str]:
        """The lines of a panel on one another, behind what stands to the left of them."""
        grid = Grid(columns, rows, *((1, 1) if self.lettered else (2, 4)))
        layers = [layer(line, axis, self.steps, grid, self.options.draw or line.draw or "stairs") for line in lines]
        numbers = [line.number for line in lines]
        marks = [self.marks[number] for number in numbers]
        cells = overlaid(layers, marks, numbers, self.screen.colour) if lines else [" " * columns] * rows
        return [edge + row for edge, row in zip(axis.edges(rows, margin, self.screen), cells)]

    def _axis(self, panels: Sequence[Sequence[Line]], column: str, rows: int) -> Axis:
        seen = [self._seen(line) for lines in panels for line in lines]
        asked, limits = (self.options.log_y, self.options.y_range) if column == "lr" else (None, None)
        return axis_of(seen, is_log(asked, column, ends_of(seen)), limits, max(2, rows // 3))

    def _seen(self, line: Line) -> "NDArray[Any]":
        """A line's values within the steps that are shown."""
        first, last = (bisect_left(line.steps, end) for end in (self.steps.start, self.steps.stop))
        return line.values[first:last]

    def _legend(self, lines: Sequence[Line]) -> list[str]:
        """A mark and a name for each line: one beneath the other, or on as few lines as possible on a low screen."""
        screen = self.screen
        names = [screen.fit(f"{self.marks[line.number]} {line.label}", screen.width) for line in lines]
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


class _Stack(_Chart):
    """The rate, and beneath it what else is changed, or the metric, on the same steps."""

    def __init__(self, curves: Sequence["Curve"], screen: Screen, options: Options, ruler: Ruler) -> None:
        self.columns = columns_to_show(curves, options.parameter)
        self.panels = [[lines_of(curves, column, options.title)] for column in self.columns]
        self.down = len(self.columns)
        super().__init__(curves, screen, options, ruler)

    @property
    def around(self) -> int:
        """Lines of the chart beside its rows."""
        return len(self.columns) + 2 + len(self.legend)

    def _heights(self, rows: int) -> list[int]:
        first, rest = WEIGHTS
        more = len(self.columns) - 1
        beneath = max(FEWEST, round(rows * rest / (first + rest * more)))
        return [max(FEWEST, rows - beneath * more), *[beneath] * more]

    def _block(self, panels: Sequence[Sequence[Line]], axis: Axis, rows: int, margin: int) -> list[str]:
        (lines,) = panels
        return [row.rstrip() for row in self._rows(lines, axis, self._width(margin), rows, margin)]

    def _foot(self, margin: int) -> list[str]:
        return step_axis(self.steps, self._width(margin), margin, self.screen, self.ruler)

    def _width(self, margin: int) -> int:
        return self.screen.width - (margin + 2 if margin else 1)


class _Grid(_Chart):
    """A panel for each parameter group of each run, with all that is read of it, on shared axes."""

    def __init__(self, curves: Sequence["Curve"], screen: Screen, options: Options, ruler: Ruler) -> None:
        columns = columns_to_show(curves, options.parameter)
        self.columns = columns if options.parameter == "both" else columns[:1]
        self.names = facet_names(curves, options.title)
        self.panels = [list(_facets(curves, column, options.title)) for column in self.columns]
        self.across = _across(len(self.names), len(self.columns), screen)
        self.down = len(self.columns) * -(-len(self.names) // self.across)
        super().__init__(curves, screen, options, ruler)

    @property
    def around(self) -> int:
        """Lines of the chart beside its rows."""
        return len(self.columns) + 3 * self.down + len(self.legend)

    def _heights(self, rows: int) -> list[int]:
        return [rows // self.down] * len(self.columns)

    def _block(self, panels: Sequence[Sequence[Line]], axis: Axis, rows: int, margin: int) -> list[str]:
        """The numbers stand beside the first of each row."""
        lines: list[str] = []
        columns = (self.screen.width - (margin + 2 if margin else 1) - 3 * (self.across - 1)) // self.across
        for start in range(0, len(panels), self.across):
            row = range(start, min(start + self.across, len(panels)))
            blocks = [self._panel(i, panels[i], axis, columns, rows, margin if i == start else 0) for i in row]
            lines += ["  ".join(parts).rstrip() for parts in zip(*blocks)]
        return lines

    def _panel(self, index: int, lines: Sequence[Line], axis: Axis, columns: int, rows: int, margin: int) -> list[str]:
        """A panel with its name and the steps, all lines of it equally wide."""
        indent = " " * (margin + 2 if margin else 1)
        name = self.screen.fit(self.names[index], columns)
        axis_lines = step_axis(self.steps, columns, margin, self.screen, self.ruler)
        foot = [line.ljust(len(indent) + columns) for line in axis_lines]
        return [
            indent + name + " " * (columns - width_of(name)),
            *self._rows(lines, axis, columns, rows, margin),
            *foot,
        ]


def _facets(curves: Sequence["Curve"], column: str, title: str | None) -> Iterator[list[Line]]:
    """The lines of each panel of a grid, numbered and named as what is read there."""
    for _, read in groupby(curves, lambda curve: id(curve.run)):
        readings = list(read)
        called, groups = names(readings, title), len(readings[0].rates)
        lines = lines_of(readings, column, title)
        for group in range(groups):
            own = enumerate(zip(called, lines[group::groups]))
            yield [line._replace(number=number, label=name) for number, (name, line) in own]


def _across(panels: int, columns: int, screen: Screen) -> int:
    """In how many columns panels are largest."""

    def size(across: int) -> float:
        down = columns * -(-panels // across)
        rows = (screen.height - 1 - columns - 3 * down) / down
        return min(screen.width / across, 3.2 * rows)

    return max(range(1, max(1, min(panels, screen.width // NARROWEST[1])) + 1), key=size)


def _steps(curves: Sequence["Curve"], x_range: Sequence[float] | None) -> range:
    """The steps that are shown: those of all curves, or those asked for."""
    if x_range is None:
        return range(min(curve.steps.start for curve in curves), max(curve.steps.stop for curve in curves))
    first, last = (math.floor(min(max(end, -FURTHEST), FURTHEST)) for end in x_range)
    return range(first, last + 1)
