"""The space around the panels of a picture, in inches, from what is written there: titles, a legend, ticks, names."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D

from lrplot.pictures.look import POINT
from lrplot.pictures.panel import Line
from lrplot.pictures.typesetting import Block, Typesetter, line_height

PART = 0.45
"""Of the height, what is above the panels takes no more."""

BENEATH = 0.3
"""Of the height, what is beneath the panels takes no more."""

NOTED = 0.25
"""Of the height, notes take no more."""

MOST_DIRECT = 10
"""Lines that are named at their ends; of more, a legend tells."""
COLUMNS = 3
"""Of a legend that has not room enough: rather are names cut short than left out."""

TITLE, SUBTITLE = 0.25, 0.12
"""Parts of the height that a long title takes, and long parameters."""

Box = tuple[float, float, float, float]
"""Left, bottom, width and height, as parts of the figure."""


class Entry(NamedTuple):
    """A line's place in the legend: the row, and how far from the left. Of too many, the last counts the rest."""

    text: str
    line: Line | None
    row: int
    left: float


class Layout:
    """Where everything goes that is not in a panel.

    From the top: the title, the parameters, the legend, the name of the y axis, the panels; beneath them the epochs,
    the steps and what is probably wrong. What would leave too little of a small picture to the panels is left out: the
    parameters first.

    Args:
        figure: The figure to write on.
        title: Its title, and the parameters beneath.
        lines: Those to be named, at their ends where that fits, else in a legend; none where there is no need.
        epochs: Whether there is an axis of epochs above that of the steps.
        direct: Whether lines may be named at their ends.
        notes: What is probably wrong, a line each.
    """

    def __init__(
        self,
        figure: Figure,
        title: tuple[str, str],
        lines: "Sequence[Line]",
        epochs: bool = False,
        direct: bool = True,
        notes: Sequence[str] = (),
    ) -> None:
        self.figure = figure
        self.type = Typesetter(figure)
        self.lines = lines
        self.width, self.height = figure.get_size_inches().tolist()
        points = FontProperties(size="medium").get_size_in_points()
        self.em = points * POINT
        self.title_font = FontProperties(
            size=matplotlib.rcParams["axes.titlesize"], weight=matplotlib.rcParams["axes.titleweight"]
        )
        self.small_font = FontProperties(size=0.9 * points)
        self.label_font = FontProperties(size=0.95 * points)
        self.small_line = line_height(self.small_font)
        self.row = 3.4 * self.em
        """The height of an axis beneath the panels, with its name."""
        self.counts_both = epochs and 2 * self.row < BENEATH * self.height
        """Whether steps are counted beneath epochs: a low picture has no room for both."""
        self.pad, self.bottom = 0.9 * self.em, 0.2 * self.em + self.row * (2 if self.counts_both else 1)
        self.room = self.width - 2 * self.pad
        self.title = self.type.fitted(title[0], self.title_font, self.room, TITLE * self.height)
        self.subtitle = self.type.fitted(title[1], self.small_font, self.room, SUBTITLE * self.height)
        self.notes = [line for note in notes for line in self.type.wrapped(note, self.small_font, self.room)]
        self.notes = self.notes[: int(NOTED * self.height / self.small_line)]
        self.bottom += self.small_line * len(self.notes) + (0.6 * self.em if self.notes else 0.0)
        self.above = 1.5 * self.em
        widest = max((self.type.measure(line.label, self.label_font) for line in lines), default=0.0)
        self.legend: list[Entry] = []
        fits = len(lines) * line_height(self.label_font) < self.height - self.bottom - self.top
        self.direct = direct and bool(lines) and len(lines) <= MOST_DIRECT and widest < 0.24 * self.width and fits
        if lines and not self.direct:
            self.legend = self._legend()
        self.left = 5 * self.em
        self.right = widest + 2.0 * self.em if self.direct else 1.8 * self.em
        self._make_room()

    @property
    def handle(self) -> float:
        """How long the strokes in the legend are: a dash is to be seen more than once."""
        return (2.4 if any(line.dash for line in self.lines) else 1.4) * self.em

    @property
    def top(self) -> float:
        """What is above the panels."""
        rows = self.legend[-1].row + 1 if self.legend else 0
        written = self.title.height + self.subtitle.height + 1.15 * self.small_line * rows
        written += 0.4 * self.em if self.legend else 0.0
        return self.pad + written + 0.6 * self.em + self.above

    def _make_room(self) -> None:
        """Leaves out what takes too much: the parameters, the last of the legend, what is long in a title, it all."""
        most = PART * self.height
        if self.top > most:
            self.subtitle = Block([], self.small_font)
        if self.top > most and self.legend:
            self.legend = []
            rows = max(1, int((most - self.top) / (1.15 * self.small_line)))
            ways = [self._legend(rows, columns) for columns in range(1, COLUMNS + 1)]
            self.legend = max(ways, key=lambda entries: sum(entry.line is not None for entry in entries))
        if self.top > most and self.title.lines:
            font = self.title.font
            self.title = Block([self.type.cut(" ".join(self.title.lines), font, self.room)], font)
        if self.top > most:
            self.title = Block([], self.title_font)

    # Panels.

    def across(self, count: int, between: tuple[float, float], shape: float = 1.6) -> int:
        """In how many columns so many panels are largest, as wide as ``shape`` times their height at the most."""

        def size(columns: int) -> float:
            width, height = self._panel(columns, -(-count // columns), between)
            return min(width, shape * height)

        return max(range(1, count + 1), key=size)

    def _panel(self, columns: int, rows: int, between: tuple[float, float]) -> tuple[float, float]:
        width = self.width - self.left - self.right - between[0] * (columns - 1)
        height = self.height - self.top - self.bottom - between[1] * (rows - 1)
        return max(0.1 * self.width, width) / columns, max(0.1 * self.height, height) / rows

    def boxes(self, weights: Sequence[float], across: int, between: tuple[float, float]) -> list[Box]:
        """The panels' places as matplotlib takes them, row by row, so much apart and as high as their weights say."""
        beside, beneath = between
        width, mean = self._panel(across, len(weights), between)
        boxes = []
        y = self.height - self.top
        for weight in weights:
            height = mean * len(weights) * weight / sum(weights)
            y -= height
            for column in range(across):
                x = self.left + column * (width + beside)
                boxes.append((x / self.width, y / self.height, width / self.width, height / self.height))
            y -= beneath
        return boxes

    def fit_ticks(self, panels: Sequence[Axes]) -> None:
        """Makes the left margin what the rates beside the ticks take."""
        font = FontProperties(size=matplotlib.rcParams["ytick.labelsize"])
        rates: list[str] = []
        for axes in panels:
            low, high = sorted(axes.get_ylim())
            ticks = [tick for tick in axes.yaxis.get_majorticklocs() if low <= tick <= high]
            rates += axes.yaxis.get_major_formatter().format_ticks(ticks)
        widest = max([self.type.measure(rate, font) for rate in rates], default=0.0)
        # Half of the first step's number stands to the left of its tick.
        self.left = min(max(self.pad + widest + 0.55 * self.em, 2.2 * self.em), 0.5 * self.width)

    # Words.

    def write_titles(self) -> None:
        rc = matplotlib.rcParams
        colour = rc["text.color"] if rc["axes.titlecolor"] == "auto" else rc["axes.titlecolor"]
        y = self.height - self.pad
        for block, ink in ((self.title, colour), (self.subtitle, rc["axes.labelcolor"])):
            for text in block.lines:
                self._write(self.pad, y, text, block.font, ink, "top")
                y -= block.line

    def write_notes(self) -> None:
        y = self.pad
        for text in reversed(self.notes):
            self._write(self.pad, y, text, self.small_font, matplotlib.rcParams["axes.labelcolor"], "bottom")
            y += self.small_line

    def write_axis_name(self, axes: Axes, above: float = 0.0) -> None:
        """Names a panel's y axis above it, at the left edge: nobody need tilt the head, and a low panel has room."""
        across = matplotlib.transforms.blended_transform_factory(self.figure.transFigure, axes.transAxes)
        panel = axes.get_position().height * self.height
        axes.yaxis.set_label_coords(self.pad / self.width, 1 + (0.5 * self.em + above) / panel, transform=across)
        axes.yaxis.label.set(rotation=0, ha="left", va="bottom")

    def write_legend(self) -> None:
        rc = matplotlib.rcParams
        top = self.height - self.pad - self.title.height - self.subtitle.height
        for text, line, row, left in self.legend:
            y = top - 0.4 * self.em - 1.15 * self.small_line * (row + 0.5)
            if line is not None:
                ends = left / self.width, (left + self.handle) / self.width
                if line.draw == "points":
                    ends = (sum(ends) / 2,) * 2
                stroke = Line2D(ends, [y / self.height] * 2, linewidth=rc["lines.linewidth"], **line.sign)
                self.figure.add_artist(stroke)
                left += self.handle + 0.4 * self.em
            self._write(left, y, text, self.small_font, rc["axes.labelcolor"], "center")

    def _write(self, x: float, y: float, text: str, font: FontProperties, colour: str, va: str) -> None:
        self.figure.text(x / self.width, y / self.height, text, fontproperties=font, color=colour, va=va, ha="left")

    def _legend(self, rows: float = math.inf, columns: int = 1) -> list[Entry]:
        """The lines one after another, as words in a paragraph of so many rows, each so short that as many as there are
        to be columns stand in a row.
        """
        handle, gap = self.handle + 0.4 * self.em, 1.6 * self.em
        share = (self.room + gap) / columns - gap
        rest = gap + self.type.measure("and 1,000 more", self.small_font)
        entries: list[Entry] = []
        row, x = 0, 0.0
        for i, line in enumerate(self.lines):
            more = len(self.lines) - i
            text, wide = line.label, handle + self.type.measure(line.label, self.small_font)
            if wide > share:
                text = self.type.cut(text, self.small_font, share - handle)
                wide = handle + self.type.measure(text, self.small_font)
            for _ in range(2):  # in this row, or in the next
                room = self.width - 2 * self.pad - (rest if row == rows - 1 and more > 1 else 0)
                if x == 0 or x + wide <= room:
                    break
                if row == rows - 1:
                    return [*entries, Entry(f"and {more:,} more", None, row, self.pad + x)]
                row, x = row + 1, 0.0
            if wide > room:
                text = self.type.cut(text, self.small_font, room - handle)
                wide = handle + self.type.measure(text, self.small_font)
            entries.append(Entry(text, line, row, self.pad + x))
            x += wide + gap
        return entries
