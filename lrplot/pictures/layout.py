"""The space around the panels of a picture, in inches, from what is written there: titles, a legend, ticks, names."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D

from lrplot.pictures.look import POINT

if TYPE_CHECKING:
    from lrplot.pictures.panel import Line

PART = 0.45
"""Of the height, what is above the panels takes no more."""

MOST_DIRECT = 10
"""Lines that are named at their ends; of more, a legend tells."""
MAX_CUT = 2_000
"""Characters of a text that are looked at."""


class Entry(NamedTuple):
    """A line's place in the legend: the row, and how far from the left. Of too many, the last counts the rest."""

    text: str
    colour: str | None
    row: int
    left: float


class Layout:
    """Where everything goes that is not in a panel.

    From the top: the title, the parameters, the legend, the name of the y axis with that of the epochs, the panels;
    beneath them the steps. What would leave too little of a small picture to the panels is left out: the parameters
    first.

    Args:
        figure: The figure to write on.
        title: Its title, and the parameters beneath.
        lines: Those to be named, at their ends where that fits, else in a legend; none where there is no need.
        epochs: Whether there is an axis of epochs above the panels.
        direct: Whether lines may be named at their ends.
    """

    def __init__(
        self, figure: Figure, title: tuple[str, str], lines: "Sequence[Line]", epochs: bool = False, direct: bool = True
    ) -> None:
        self.figure = figure
        self.lines = lines
        self.width, self.height = figure.get_size_inches().tolist()
        points = FontProperties(size="medium").get_size_in_points()
        self.em = points * POINT
        self.title_font = FontProperties(
            size=matplotlib.rcParams["axes.titlesize"], weight=matplotlib.rcParams["axes.titleweight"]
        )
        self.small_font = FontProperties(size=0.9 * points)
        self.label_font = FontProperties(size=0.95 * points)
        self.title_line, self.small_line, self.label_line = (
            1.3 * font.get_size_in_points() * POINT for font in (self.title_font, self.small_font, self.label_font)
        )
        self.pad, self.bottom = 0.9 * self.em, 3.6 * self.em
        room = self.width - 2 * self.pad
        self.title = self._wrapped(title[0], self.title_font, room)
        self.subtitle = self._wrapped(title[1], self.small_font, room)
        self.above = (3.4 if epochs else 1.5) * self.em
        widest = max((self.measure(line.label, self.label_font) for line in lines), default=0.0)
        self.legend: list[Entry] = []
        fits = len(lines) * self.label_line < self.height - self.bottom - self.top
        self.direct = direct and bool(lines) and len(lines) <= MOST_DIRECT and widest < 0.24 * self.width and fits
        if lines and not self.direct:
            self.legend = self._legend()
        self.left = 5 * self.em
        self.right = widest + 2.0 * self.em if self.direct else 1.8 * self.em
        self._make_room()

    @property
    def top(self) -> float:
        """What is above the panels."""
        rows = self.legend[-1].row + 1 if self.legend else 0
        written = self.title_line * len(self.title) + self.small_line * (len(self.subtitle) + 1.15 * rows)
        written += 0.4 * self.em if self.legend else 0.0
        return self.pad + written + 0.6 * self.em + self.above

    def _make_room(self) -> None:
        """Leaves out what takes too much: the parameters, the last of the legend, the title."""
        most = PART * self.height
        if self.top > most:
            self.subtitle = []
        if self.top > most and self.legend:
            self.legend = []
            self.legend = self._legend(max(1, int((most - self.top) / (1.15 * self.small_line))))
        if self.top > most:
            self.title = []

    # Panels.

    def across(self, count: int, between: tuple[float, float]) -> int:
        """In how many columns so many panels are largest."""

        def size(columns: int) -> float:
            width, height = self._panel(columns, -(-count // columns), between)
            return min(width, 1.6 * height)

        return max(range(1, count + 1), key=size)

    def _panel(self, columns: int, rows: int, between: tuple[float, float]) -> tuple[float, float]:
        width = self.width - self.left - self.right - between[0] * (columns - 1)
        height = self.height - self.top - self.bottom - between[1] * (rows - 1)
        return max(0.1 * self.width, width) / columns, max(0.1 * self.height, height) / rows

    def boxes(
        self, weights: Sequence[float], across: int, between: tuple[float, float]
    ) -> list[tuple[float, float, float, float]]:
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
        widest = max([self.measure(rate, font) for rate in rates], default=0.0)
        # Half of the first step's number stands to the left of its tick.
        self.left = min(max(self.pad + widest + 0.55 * self.em, 2.2 * self.em), 0.5 * self.width)

    # Words.

    def write_titles(self) -> None:
        rc = matplotlib.rcParams
        colour = rc["text.color"] if rc["axes.titlecolor"] == "auto" else rc["axes.titlecolor"]
        y = self.height - self.pad
        for text in self.title:
            self._write(self.pad, y, text, self.title_font, colour, "top")
            y -= self.title_line
        for text in self.subtitle:
            self._write(self.pad, y, text, self.small_font, rc["axes.labelcolor"], "top")
            y -= self.small_line

    def write_axis_name(self, axes: Axes, above: float = 0.0) -> None:
        """Names a panel's y axis above it, at the left edge: nobody need tilt the head, and a low panel has room."""
        across = matplotlib.transforms.blended_transform_factory(self.figure.transFigure, axes.transAxes)
        panel = axes.get_position().height * self.height
        axes.yaxis.set_label_coords(self.pad / self.width, 1 + (0.5 * self.em + above) / panel, transform=across)
        axes.yaxis.label.set(rotation=0, ha="left", va="bottom")

    def write_legend(self) -> None:
        rc = matplotlib.rcParams
        top = self.height - self.pad - self.title_line * len(self.title) - self.small_line * len(self.subtitle)
        for text, colour, row, left in self.legend:
            y = top - 0.4 * self.em - 1.15 * self.small_line * (row + 0.5)
            if colour is not None:
                ends = left / self.width, (left + 1.4 * self.em) / self.width
                stroke = Line2D(ends, [y / self.height] * 2, color=colour, linewidth=rc["lines.linewidth"])
                self.figure.add_artist(stroke)
                left += 1.8 * self.em
            self._write(left, y, text, self.small_font, rc["axes.labelcolor"], "center")

    def _write(self, x: float, y: float, text: str, font: FontProperties, colour: str, va: str) -> None:
        self.figure.text(x / self.width, y / self.height, text, fontproperties=font, color=colour, va=va, ha="left")

    def _legend(self, rows: float = math.inf) -> list[Entry]:
        """The lines one after another, as words in a paragraph of so many rows."""
        handle, gap = 1.8 * self.em, 1.6 * self.em
        rest = gap + self.measure("and 1,000 more", self.small_font)
        entries: list[Entry] = []
        row, x = 0, 0.0
        for i, line in enumerate(self.lines):
            more = len(self.lines) - i
            text, wide = line.label, handle + self.measure(line.label, self.small_font)
            for _ in range(2):  # in this row, or in the next
                room = self.width - 2 * self.pad - (rest if row == rows - 1 and more > 1 else 0)
                if x == 0 or x + wide <= room:
                    break
                if row == rows - 1:
                    return [*entries, Entry(f"and {more:,} more", None, row, self.pad + x)]
                row, x = row + 1, 0.0
            if wide > room:
                text = self.cut(text, self.small_font, room - handle)
                wide = handle + self.measure(text, self.small_font)
            entries.append(Entry(text, line.colour, row, self.pad + x))
            x += wide + gap
        return entries

    def measure(self, text: str, font: FontProperties) -> float:
        """How wide a text is."""
        renderer = self.figure.canvas.get_renderer()  # type: ignore[attr-defined]
        return float(renderer.get_text_width_height_descent(text, font, False)[0]) / self.figure.dpi

    def cut(self, text: str, font: FontProperties, room: float) -> str:
        """As much of a text as there is room for."""
        text = text[:MAX_CUT]  # no picture has room for more, and measuring it takes long
        if self.measure(text, font) <= room:
            return text
        fits, too_long = 0, len(text)
        while too_long - fits > 1:
            middle = (fits + too_long) // 2
            if self.measure(text[:middle].rstrip(" ,") + "…", font) <= room:
                fits = middle
            else:
                too_long = middle
        return text[:fits].rstrip(" ,") + "…"

    def _wrapped(self, text: str, font: FontProperties, room: float) -> list[str]:
        """The text in one line, or two, cut where it is longer still."""
        if not text:
            return []
        first = self.cut(text, font, room)
        if first == text:
            return [text]
        broken = text[: len(first)].rfind(" ")
        at = broken if broken > len(first) // 2 else len(first) - 1
        return [text[:at].rstrip(), self.cut(text[at:].lstrip(), font, room)]
