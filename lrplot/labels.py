"""Where words go on a picture: titles, labels at line ends, names of events. None leaves the canvas, none overlaps another."""

import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

if TYPE_CHECKING:
    from matplotlib.gridspec import GridSpec

    from lrplot.events import Event
    from lrplot.figure import Line

POINT = 1 / 72
MOST = 5
"""Event names on one picture."""

NAMED = ("warm-up end", "peak", "trough", "drop", "rise", "restart", "milestone", "hold", "nan")


class Margins:
    """The space around the panels, in inches, from what is written there."""

    def __init__(self, figure: Figure, title: str, subtitle: str, labels: Sequence[str], epochs: bool = False, panel_titles: bool = False) -> None:
        self.figure = figure
        self.width, self.height = (float(side) for side in figure.get_size_inches())
        rc = matplotlib.rcParams
        base = FontProperties(size="medium").get_size_in_points() * POINT
        self.title_font = FontProperties(size=rc["axes.titlesize"], weight=rc["axes.titleweight"])
        self.small_font = FontProperties(size=FontProperties(size="medium").get_size_in_points() * 0.9)
        self.label_font = FontProperties(size=FontProperties(size="medium").get_size_in_points() * 0.95)
        self.left, self.bottom, self.pad = 5.4 * base, 3.6 * base, 0.9 * base
        room = self.width - 2 * self.pad
        self.title = self._wrapped(title, self.title_font, room, 2)
        self.subtitle = self._wrapped(subtitle, self.small_font, room, 2)
        self.line = self._size("Ag", self.title_font)[1] * 1.25
        self.small_line = self._size("Ag", self.small_font)[1] * 1.35
        self.top = self.pad + self.line * len(self.title) + self.small_line * len(self.subtitle) + 0.9 * base
        self.top += 2.9 * base if epochs else 1.2 * base if panel_titles else 0
        self.widest = max((self._size(label, self.label_font)[0] for label in labels), default=0.0)
        self.direct = bool(labels) and self.widest < 0.24 * self.width and len(labels) <= 10
        self.legend_lines = 0 if self.direct or not labels else self._legend_rows(labels)
        self.top += self.legend_lines * self.small_line * 1.25
        self.right = self.widest + 2.0 * base if self.direct else 1.8 * base
        # A picture too small for all this still gets a panel.
        self.left, self.right = min(self.left, 0.3 * self.width), min(self.right, 0.4 * self.width)
        self.top, self.bottom = min(self.top, 0.5 * self.height), min(self.bottom, 0.25 * self.height)

    @property
    def fractions(self) -> dict[str, float]:
        """The margins as matplotlib takes them."""
        return {
            "left": self.left / self.width,
            "right": 1 - self.right / self.width,
            "bottom": self.bottom / self.height,
            "top": 1 - self.top / self.height,
        }

    @property
    def side_label(self) -> tuple[float, float]:
        """Where the one label of many panels' rates stands."""
        return self.pad / self.width, 0.5 * (self.fractions["bottom"] + self.fractions["top"])

    def fit_ticks(self, grid: "GridSpec", panels: "Sequence[Axes]") -> None:
        """Widens the left margin to what the rates beside the ticks take."""
        widest = 0.0
        font = FontProperties(size=matplotlib.rcParams["ytick.labelsize"])
        for axes in panels:
            low, high = axes.get_ylim()
            ticks = [tick for tick in axes.yaxis.get_majorticklocs() if low <= tick <= high]
            texts = axes.yaxis.get_major_formatter().format_ticks(ticks)
            widest = max([widest, *(self._size(text, font)[0] for text in texts)])
        self.left = min(widest + 3.1 * self.pad, 0.4 * self.width)
        grid.left = self.left / self.width
        for axes in self.figure.axes:
            spec = axes.get_subplotspec()
            if spec is not None:
                axes.set_position(spec.get_position(self.figure))

    def place_label(self, axes: Axes) -> None:
        """Has the labels of all panels stand in one line, at the left edge."""
        across = matplotlib.transforms.blended_transform_factory(self.figure.transFigure, axes.transAxes)
        axes.yaxis.set_label_coords(self.pad * 1.4 / self.width, 0.5, transform=across)

    def write_titles(self) -> None:
        x, y = self.pad / self.width, self.height - self.pad
        muted = matplotlib.rcParams["axes.labelcolor"]
        for lines, font, line, colour in (
            (self.title, self.title_font, self.line, matplotlib.rcParams["axes.titlecolor"]),
            (self.subtitle, self.small_font, self.small_line, muted),
        ):
            for text in lines:
                colour = matplotlib.rcParams["text.color"] if colour == "auto" else colour
                self.figure.text(x, y / self.height, text, fontproperties=font, color=colour, va="top", ha="left", parse_math=False)
                y -= line

    def write_labels(self, axes: Axes, lines: "Sequence[Line]", placed: "Labels") -> None:
        """A name for each line, where there are several: at its end, or in a legend above."""
        if len(lines) < 2:
            return
        if self.direct:
            placed.label_ends(self.label_font)
            return
        axes.legend(
            loc="lower left",
            bbox_to_anchor=(-self.left / (self.width - self.left - self.right) * 0.85, 1.0),
            ncols=self.legend_columns,
            frameon=False,
            prop=self.small_font,
            borderaxespad=0.2,
            handlelength=1.4,
            columnspacing=1.4,
        )

    def _legend_rows(self, labels: Sequence[str]) -> int:
        """As few rows as the width allows; a legend is filled column by column."""
        handle = 3.4 * self.small_font.get_size_in_points() * POINT
        widths = [self._size(label, self.small_font)[0] + handle for label in labels]
        rows = 1
        while rows < len(labels) and sum(max(widths[i : i + rows]) for i in range(0, len(widths), rows)) > self.width - 3 * self.pad:
            rows += 1
        self.legend_columns = -(-len(labels) // rows)
        return rows

    def _size(self, text: str, font: FontProperties) -> tuple[float, float]:
        renderer = self.figure.canvas.get_renderer()  # type: ignore[attr-defined]
        width, height, _ = renderer.get_text_width_height_descent(text, font, False)
        return width / self.figure.dpi, height / self.figure.dpi

    def _wrapped(self, text: str, font: FontProperties, room: float, most: int) -> list[str]:
        """At most so many lines that fit into the room, cut where there are more."""
        if not text.strip():
            return []
        text = " ".join(text.split())
        wide = self._size(text, font)[0]
        if wide <= room:
            return [text]
        characters = max(8, int(len(text) * room / wide * 0.95))
        lines = textwrap.wrap(text, characters, break_long_words=True)
        if len(lines) > most:
            lines = [*lines[: most - 1], lines[most - 1][: characters - 1].rstrip(" ,") + "…"]
        return lines


class Labels:
    """The words inside a panel, and beside it."""

    def __init__(self, axes: Axes, lines: "Sequence[Line]") -> None:
        self.axes = axes
        self.lines = lines
        self.renderer = axes.figure.canvas.get_renderer()  # type: ignore[attr-defined]
        self.frame = axes.get_window_extent(self.renderer)
        self.taken: list[tuple[float, float, float, float]] = []

    def label_ends(self, font: FontProperties) -> None:
        """The name of each line at its right end, moved apart where lines end close to each other."""
        em = font.get_size_in_points() * POINT * self.axes.figure.dpi
        height = 1.35 * em
        ends = [self._end(line) for line in self.lines]
        order = sorted(range(len(ends)), key=lambda i: (ends[i][1], -i))
        wanted = [min(max(ends[i][1], self.frame.y0 + height / 2), self.frame.y1 - height / 2) for i in order]
        spread = _apart(wanted, height, self.frame.y0 + height / 2, self.frame.y1 + height)
        x = self.frame.x1 + 1.1 * em
        inverse = self.axes.figure.transFigure.inverted()
        for i, y in zip(order, spread):
            line = self.lines[i]
            left, across = inverse.transform((x, y))
            self.axes.figure.text(left, across, line.label, fontproperties=font, color=line.colour, va="center", ha="left", parse_math=False)
            if abs(y - ends[i][1]) > 0.3 * height or ends[i][0] < self.frame.x1 - em:
                start, end = inverse.transform((ends[i][0] + 0.2 * em, ends[i][1])), inverse.transform((x - 0.25 * em, y))
                self.axes.figure.add_artist(
                    matplotlib.lines.Line2D([start[0], end[0]], [start[1], end[1]], color=line.colour, linewidth=0.7, alpha=0.6)
                )

    def mark(self, events: "Sequence[Event]", colour: str) -> None:
        """Marks events, and names the most important of them where there is room."""
        rc = matplotlib.rcParams
        named = [event for event in sorted(events, key=lambda event: event.rank) if event.kind in NAMED and self._inside(event)]
        counts = Counter(event.text for event in named)
        # Of what happens again and again one is enough.
        shown = [event for i, event in enumerate(named) if counts[event.text] <= 12 or event.text not in {e.text for e in named[:i]}][: 4 * MOST]
        if not shown:
            return
        self.axes.plot(
            [event.step for event in shown],
            [event.value for event in shown],
            "o",
            markersize=5.5,
            color=colour,
            markerfacecolor=rc["axes.facecolor"],
            markeredgewidth=1.4,
            zorder=3,
            clip_on=False,
            label="_events",
        )
        self.path = self._pixels()
        font = FontProperties(size=FontProperties(size="medium").get_size_in_points() * 0.86)
        done: dict[str, int] = {}
        written = 0
        for event in shown:
            if written == MOST:
                break
            often = counts[event.text]
            if done.get(event.text, 0) >= (1 if often > 4 else 4):
                continue
            text = f"{event.text}, {often} times" if often > 4 else event.text
            if self._name(event, text, font):
                done[event.text] = done.get(event.text, 0) + 1
                written += 1

    def _inside(self, event: "Event") -> bool:
        low, high = sorted(self.axes.get_xlim())
        bottom, top = sorted(self.axes.get_ylim())
        return low <= event.step <= high and bottom <= event.value <= top

    def _name(self, event: "Event", text: str, font: FontProperties) -> bool:
        """Writes a name near its point where nothing is in the way; says whether there was such a place."""
        dpi = self.axes.figure.dpi
        width, height, _ = self.renderer.get_text_width_height_descent(text, font, False)
        x, y = self.axes.transData.transform((event.step, event.value))
        gap = 0.45 * font.get_size_in_points() * POINT * dpi
        for away in (1.0, 2.2, 4.0, 6.5):
            for dx, dy in ((1, 1), (1, -1), (-1, 1), (-1, -1), (0, 1), (0, -1), (1, 0), (-1, 0)):
                left = x + dx * gap * (1.5 if dy == 0 else 0.8) * min(away, 2.2) - width * (0.5 - 0.5 * dx)
                low = y + dy * gap * 1.5 * away - height * (0.5 - 0.5 * dy)
                box = (left, low, left + width, low + height)
                if self._free(box, gap):
                    self.taken.append(box)
                    at = self.axes.figure.transFigure.inverted().transform((left, low))
                    self.axes.figure.text(
                        *at, text, fontproperties=font, color=matplotlib.rcParams["axes.labelcolor"], ha="left", va="bottom", parse_math=False
                    )
                    return True
        return False

    def _free(self, box: tuple[float, float, float, float], gap: float) -> bool:
        left, low, right, high = box
        frame = self.frame
        if left < frame.x0 + gap or right > frame.x1 or low < frame.y0 + 0.4 * gap or high > frame.y1 + gap:
            return False
        for other in self.taken:
            if left < other[2] + gap and right > other[0] - gap and low < other[3] + 0.5 * gap and high > other[1] - 0.5 * gap:
                return False
        for path in self.path:
            x, y = path
            near = (x > left - 0.6 * gap) & (x < right + 0.6 * gap) & (y > low - 0.4 * gap) & (y < high + 0.4 * gap)
            if near.any():
                return False
        return True

    def _pixels(self) -> list[Any]:
        """Points along each line, close enough together that a word cannot slip between them."""
        paths = []
        for artist in self.axes.lines:
            if str(artist.get_label()) == "_events":
                continue
            x, y = (numpy.asarray(data, dtype=float) for data in artist.get_data(orig=False))
            if artist.get_drawstyle() == "steps-post" and len(x) > 1:
                x, y = numpy.repeat(x, 2)[1:], numpy.repeat(y, 2)[:-1]
            low, high = sorted(self.axes.get_ylim())
            points = self.axes.transData.transform(numpy.column_stack([x, numpy.clip(numpy.nan_to_num(y, nan=low), low, high)]))
            count = numpy.clip(numpy.abs(numpy.diff(points, axis=0)).max(axis=1, initial=0) // 4, 0, 2000).astype(int) + 1
            if len(points) > 1 and count.sum() < 100_000:
                at = numpy.repeat(numpy.arange(len(count)), count)
                part = (numpy.arange(len(at)) - numpy.repeat(numpy.cumsum(count) - count, count)) / count[at]
                points = numpy.vstack([points[at] + part[:, None] * (points[at + 1] - points[at]), points[-1:]])
            paths.append((points[:, 0], points[:, 1]))
        return paths

    def _end(self, line: "Line") -> tuple[float, float]:
        """The pixel at which a line ends."""
        finite = numpy.flatnonzero(numpy.isfinite(line.values[-1000:]))
        at = len(line.values[-1000:]) - 1 if not len(finite) else int(finite[-1])
        index = at + max(0, len(line.values) - 1000)
        low, high = sorted(self.axes.get_xlim())
        step = min(max(line.curve.steps[index], low), high)
        index = min(max(int(step) - line.curve.steps.start, 0), len(line.values) - 1)
        value = float(numpy.nan_to_num(line.values[index]))
        bottom, top = sorted(self.axes.get_ylim())
        x, y = self.axes.transData.transform((step, min(max(value, bottom), top)))
        return float(x), float(y)


def _apart(wanted: Sequence[float], height: float, low: float, high: float) -> list[float]:
    """Places at least ``height`` apart, each as near as may be to the one wanted; ``wanted`` is in rising order.

    >>> _apart([0.0, 0.0, 10.0], 2.0, 0.0, 20.0)
    [0.0, 2.0, 10.0]
    """
    groups: list[list[float]] = []  # centre, count
    for place in wanted:
        groups.append([place, 1])
        while len(groups) > 1 and groups[-1][0] - groups[-2][0] < height * (groups[-1][1] + groups[-2][1]) / 2:
            centre, count = groups.pop()
            groups[-1] = [(groups[-1][0] * groups[-1][1] + centre * count) / (groups[-1][1] + count), groups[-1][1] + count]
    places: list[float] = []
    for centre, count in groups:
        start = centre - height * (count - 1) / 2
        places += [start + height * i for i in range(int(count))]
    for i, place in enumerate(places):
        places[i] = max(place, low if i == 0 else places[i - 1] + height)
    return [min(place, high - height * (len(places) - 1 - i)) for i, place in enumerate(places)]
