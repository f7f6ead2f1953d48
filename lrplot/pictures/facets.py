"""Facets: a panel for each parameter group of each run, with all that is read of it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from lrplot.analysis import titles
from lrplot.analysis.columns import columns_to_show
from lrplot.analysis.ruler import Ruler
from lrplot.pictures.labels import Labels
from lrplot.pictures.layout import Box, Layout
from lrplot.pictures.look import Look, undrawable
from lrplot.pictures.notes import notes_beneath
from lrplot.pictures.panel import (
    TITLES,
    Drawn,
    Line,
    count_units,
    cycle,
    draw_lines,
    is_pair,
    lines_of,
    set_rates,
    set_steps,
    shade,
)
from lrplot.pictures.typesetting import line_height
from lrplot.runs.curve import Curve

MOST = 100
"""Facets on one picture."""

SETTINGS = ((1, 1.0), (1, 0.85), (2, 0.85), (2, 0.7))
"""How titles are set that are too long: in so many lines, and in so large a part of their size."""


class Panel(NamedTuple):
    """One column of a facet, drawn."""

    facet: int
    column: str
    axes: Axes
    drawn: list[Drawn]

    @property
    def lines(self) -> list[Line]:
        return [each.line for each in self.drawn]


def sized(curves: Sequence[Curve], look: Look) -> Look:
    """The look with a canvas for as many facets as these curves make.

    Raises:
        Refusal: More than can be seen.
    """
    return look.sized(count_facets(curves, look), len(columns_of(curves, look)))


def count_facets(curves: Sequence[Curve], look: Look) -> int:
    """How many facets these curves make: one where none are asked for.

    Raises:
        Refusal: More than can be seen.
    """
    count = sum({id(curve.run): len(curve.rates) for curve in curves}.values()) if look.facet else 1
    if count > MOST:
        raise undrawable("facet", f"facet would make {count} panels: a picture holds at most {MOST}")
    return count


def columns_of(curves: Sequence[Curve], look: Look) -> list[str]:
    """What is drawn in each facet: the rate alone, where nobody asks for more."""
    columns = columns_to_show(curves, look.parameter)
    return columns if look.parameter == "both" else columns[:1]


def draw_facets(figure: Figure, curves: Sequence[Curve], look: Look, ruler: Ruler) -> None:
    """Draws facets on shared axes, or each on a vertical axis of its own."""
    facets = list(_facets(curves, look))
    names, shared = _told_apart(titles.facet_names(curves, look.title), usual=curves[0].run.spec.cls.shown_name)
    title, parameters = titles.heading(curves, look.title)
    readings = max((lines for facet in facets for lines in facet.values()), key=len)
    heading = title, parameters or (shared if title else "")
    named, notes = readings if len(readings) > 1 else [], notes_beneath(curves, look)
    layout = Layout(figure, heading, named, direct=False, notes=notes)
    grid = _Grid(layout, len(facets), len(columns_of(curves, look)))
    panels = _draw(figure, facets, grid, look)
    _set_axes(panels, look)
    shown = panels if look.free_y else [panel for panel in panels if panel.facet == 0]
    layout.fit_ticks([panel.axes for panel in shown])
    if look.free_y:
        grid.beside = layout.left - layout.pad + 1.4 * layout.em
    grid.fit_titles(names)
    _arrange(panels, grid, look, ruler)
    for panel in panels if look.events else []:
        if len(panel.drawn) == 1 and panel.column == "lr":
            Labels(panel.axes, panel.drawn).count_cycles(panel.drawn[0])
    layout.write_titles()
    layout.write_legend()
    layout.write_notes()


def _facets(curves: Sequence[Curve], look: Look) -> Iterator[dict[str, list[Line]]]:
    """What each facet shows, by column: the rate, and what else is drawn."""
    columns = columns_of(curves, look)
    for _, read in groupby(curves, lambda curve: id(curve.run)):
        readings = list(read)
        lines = {column: lines_of(readings, column, look) for column in columns}
        called = dict(zip(map(id, readings), titles.names(readings, look.title)))
        for group in range(len(readings[0].rates)):
            own = {column: [line for line in lines[column] if line.group == group] for column in columns}
            yield {column: _painted(some, called) for column, some in own.items() if some}


def _painted(lines: Sequence[Line], called: dict[int, str]) -> list[Line]:
    """The lines of a panel, named and coloured as what is read there."""
    colours = cycle()
    return [replace(line.painted(i, colours), label=called[id(line.curve)]) for i, line in enumerate(lines)]


def _told_apart(names: Sequence[str], usual: str) -> tuple[list[str], str]:
    """The names without the parameters that all of them have, and these; ``usual`` is what has no others.

    >>> _told_apart(["max_lr=0.1, betas=[0.9, 0.95]", "max_lr=0.1, betas=[0.9, 0.99]", "max_lr=0.1"], "OneCycleLR")
    (['betas=[0.9, 0.95]', 'betas=[0.9, 0.99]', 'OneCycleLR'], 'max_lr=0.1')
    """
    parts = [re.split(r", (?=\w+=)", name) if "(" not in name else [name] for name in names]
    shared = [part for part in parts[0] if all(part in others for others in parts)]
    told = [", ".join(part for part in some if part not in shared) for some in parts]
    return ([name or usual for name in told], ", ".join(shared)) if any(told) else (list(names), "")


class _Grid:
    """The places of facets, row by row, each with a title above.

    Args:
        count: Of the facets.
        columns: Beneath one another in each.
    """

    def __init__(self, layout: Layout, count: int, columns: int) -> None:
        self.layout = layout
        self.count = count
        self.beside = 2.6 * layout.em
        self.font = layout.label_font
        self.titles: list[list[str]] = [[""]]
        layout.above += self.title_height
        self.across = layout.across(count, self._between, 1.6 / columns)

    @property
    def title_height(self) -> float:
        return 0.4 * self.layout.em + line_height(self.font) * max(map(len, self.titles))

    @property
    def _between(self) -> tuple[float, float]:
        return self.beside, 0.6 * self.layout.em + self.title_height

    def boxes(self) -> list[Box]:
        rows = -(-self.count // self.across)
        return self.layout.boxes([1.0] * rows, self.across, self._between)[: self.count]

    def parts(self, box: Box, columns: int) -> list[Box]:
        """The places of a facet's columns, one beneath the other."""
        if columns == 1:
            return [box]
        left, low, width, height = box
        gap = 2.0 * self.layout.em / self.layout.height
        more = columns - 1
        beneath = 0.3 * (height - gap * more) / (0.7 + 0.3 * more)
        if beneath * self.layout.height < self.layout.em:
            what = f"facet has no room for {columns} columns in {self.count} panels"
            raise undrawable("facet", f"{what}: leave out size, or make it larger")
        rest = (beneath + gap) * more
        lower = [(left, low + (beneath + gap) * (more - 1 - i), width, beneath) for i in range(more)]
        return [(left, low + rest, width, height - rest), *lower]

    def fit_titles(self, names: Sequence[str]) -> None:
        """Sets the titles as large as all of them fit above their facets."""
        before, room = self.title_height, self.boxes()[0][2] * self.layout.width
        for most, size in SETTINGS:
            self.font = FontProperties(size=size * self.layout.label_font.get_size_in_points())
            self.titles = [self.layout.type.wrapped(name, self.font, room, most) for name in names]
            if all("".join(lines).replace(" ", "") == name.replace(" ", "") for lines, name in zip(self.titles, names)):
                break
        self.layout.above += self.title_height - before

    def is_left(self, facet: int) -> bool:
        return facet % self.across == 0

    def is_lowest(self, facet: int) -> bool:
        return facet + self.across >= self.count


def _draw(figure: Figure, facets: Sequence[dict[str, list[Line]]], grid: _Grid, look: Look) -> list[Panel]:
    panels: list[Panel] = []
    shared: dict[str, Axes] = {}
    for index, (facet, box) in enumerate(zip(facets, grid.boxes())):
        for (column, lines), part in zip(facet.items(), grid.parts(box, len(facet))):
            first = panels[0].axes if panels else None
            axes = figure.add_axes(part, sharex=first, sharey=None if look.free_y else shared.get(column))
            axes.set_label(column)
            shared.setdefault(column, axes)
            panels.append(Panel(index, column, axes, draw_lines(axes, lines, look)))
            if is_pair(lines) and column == "lr":
                shade(axes, lines, look)
    return panels


def _set_axes(panels: Sequence[Panel], look: Look) -> None:
    set_steps(panels[0].axes, [line for panel in panels for line in panel.lines], look)
    set_already: set[str] = set()
    for panel in panels:
        if look.free_y:
            set_rates(panel.axes, panel.lines, look, panel.column)
        elif panel.column not in set_already:
            set_already.add(panel.column)
            alike = [line for other in panels if other.column == panel.column for line in other.lines]
            set_rates(panel.axes, alike, look, panel.column)


def _arrange(panels: Sequence[Panel], grid: _Grid, look: Look, ruler: Ruler) -> None:
    """Gives panels their places and titles, and says on each what others beside it or beneath it do not."""
    layout, boxes = grid.layout, grid.boxes()
    for panel, below in zip(panels, [*panels[1:], None]):
        is_last = below is None or below.facet != panel.facet
        own = [other for other in panels if other.facet == panel.facet]
        panel.axes.set_position(grid.parts(boxes[panel.facet], len(own))[own.index(panel)])
        steps = is_last and grid.is_lowest(panel.facet)
        panel.axes.tick_params(labelleft=look.free_y or grid.is_left(panel.facet), labelbottom=steps, bottom=is_last)
        if steps:
            count_units(panel.axes, ruler)
        above = 0.0
        if panel is own[0]:
            title = "\n".join(grid.titles[panel.facet])
            panel.axes.set_title(title, fontproperties=grid.font, loc="left")
            above = grid.title_height + 0.2 * layout.em
        if panel.facet == 0 or (panel is not own[0] and grid.is_left(panel.facet)):
            panel.axes.set_ylabel(TITLES.get(panel.column, panel.column))
            layout.write_axis_name(panel.axes, above)
        else:
            panel.axes.set_ylabel("")
