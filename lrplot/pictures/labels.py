"""The words in a panel and beside it: names at the ends of lines, names of events. None leaves its room, none overlaps another."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D

from lrplot.pictures.look import POINT

if TYPE_CHECKING:
    from lrplot.analysis.turns import Event
    from lrplot.pictures.panel import Line

MOST = 5
"""Event names on one picture."""

NAMED = ("warm-up end", "peak", "trough", "drop", "rise", "restart", "milestone", "hold", "nan")


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
        low, high = self.frame.y0 + height / 2, self.frame.y1 - height / 2
        places = _apart([min(max(ends[i][1], low), high) for i in order], height, low, high)
        x = self.frame.x1 + 1.1 * em
        figure = self.axes.figure
        inverse = figure.transFigure.inverted()
        for i, y in zip(order, places):
            line, end = self.lines[i], ends[i]
            left, middle = inverse.transform((x, y))
            figure.text(
                left, middle, line.label, fontproperties=font, color=line.colour, va="center_baseline", ha="left"
            )
            if abs(y - end[1]) > 0.3 * height or end[0] < self.frame.x1 - em:
                (x0, y0), (x1, y1) = inverse.transform([(end[0] + 0.2 * em, end[1]), (x - 0.25 * em, y)])
                figure.add_artist(Line2D([x0, x1], [y0, y1], color=line.colour, linewidth=0.7, alpha=0.6))

    def mark(self, events: "Sequence[Event]", colour: str) -> None:
        """Marks events, and names the most important of them where there is room."""
        rc = matplotlib.rcParams
        ranked = sorted(map(self._grounded, events), key=lambda event: event.rank)
        named = [event for event in ranked if event.kind in NAMED and self._inside(event)]
        counts = Counter(event.text for event in named)
        shown = list(_without_repeats(named, counts))[: 4 * MOST]
        if not shown:
            return
        self.axes.plot(
            [event.step for event in shown],
            [event.value for event in shown],
            "o",
            markersize=2.5 * rc["lines.linewidth"],
            color=colour,
            markerfacecolor=rc["axes.facecolor"],
            markeredgewidth=0.65 * rc["lines.linewidth"],
            zorder=3,
            clip_on=False,
            label="_events",
        )
        self.path = self._pixels()
        font = FontProperties(size=FontProperties(size="medium").get_size_in_points() * 0.86)
        done: Counter[str] = Counter()
        for event in shown:
            if done.total() == MOST:
                break
            often = counts[event.text]
            if done[event.text] >= (1 if often > 4 else 4):
                continue
            text = f"{event.text}, {often:,} times" if often > 4 else event.text
            done[event.text] += self._name(event, text, font)

    def _grounded(self, event: "Event") -> "Event":
        """An event that has a height: a rate that is no finite number is marked at the edge of the panel."""
        if math.isfinite(event.value):
            return event
        return event._replace(value=max(self.axes.get_ylim()) if event.value > 0 else min(self.axes.get_ylim()))

    def _inside(self, event: "Event") -> bool:
        low, high = sorted(self.axes.get_xlim())
        bottom, top = sorted(self.axes.get_ylim())
        return low <= event.step <= high and bottom <= event.value <= top

    def _name(self, event: "Event", text: str, font: FontProperties) -> bool:
        """Writes a name near its point where nothing is in the way; says whether there was such a place."""
        dpi = self.axes.figure.dpi
        width = self.renderer.get_text_width_height_descent(text, font, False)[0]
        height = self.renderer.get_text_width_height_descent("lp", font, False)[1]  # of any line
        x, y = self.axes.transData.transform((event.step, event.value))
        gap = 0.45 * font.get_size_in_points() * POINT * dpi
        for away in (1.0, 1.8, 2.8):
            for dx, dy in ((1, 1), (1, -1), (-1, 1), (-1, -1), (0, 1), (0, -1), (1, 0), (-1, 0)):
                left = x + dx * gap * (1.5 if dy == 0 else 0.8) * away - width * (0.5 - 0.5 * dx)
                low = y + dy * gap * 1.5 * away - height * (0.5 - 0.5 * dy)
                box = (left, low, left + width, low + height)
                if self._free(box, gap):
                    self.taken.append(box)
                    x, y = self.axes.figure.transFigure.inverted().transform((left, low))
                    self.axes.figure.text(
                        x,
                        y,
                        text,
                        fontproperties=font,
                        color=matplotlib.rcParams["axes.labelcolor"],
                        ha="left",
                        va="bottom",
                    )
                    return True
        return False

    def _free(self, box: tuple[float, float, float, float], gap: float) -> bool:
        left, low, right, high = box
        frame = self.frame
        if left < frame.x0 + gap or right > frame.x1 or low < frame.y0 + 0.4 * gap or high > frame.y1:
            return False
        for other in self.taken:
            if (
                left < other[2] + gap
                and right > other[0] - gap
                and low < other[3] + 0.5 * gap
                and high > other[1] - 0.5 * gap
            ):
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
            points = self.axes.transData.transform(
                numpy.column_stack([x, numpy.clip(numpy.nan_to_num(y, nan=low), low, high)])
            )
            count = (
                numpy.clip(numpy.abs(numpy.diff(points, axis=0)).max(axis=1, initial=0) // 4, 0, 2000).astype(int) + 1
            )
            if len(points) > 1 and count.sum() < 100_000:
                at = numpy.repeat(numpy.arange(len(count)), count)
                part = (numpy.arange(len(at)) - numpy.repeat(numpy.cumsum(count) - count, count)) / count[at]
                points = numpy.vstack([points[at] + part[:, None] * (points[at + 1] - points[at]), points[-1:]])
            paths.append((points[:, 0], points[:, 1]))
        return paths

    def _end(self, line: "Line") -> tuple[float, float]:
        """The pixel at which a line ends."""
        low, high = sorted(self.axes.get_xlim())
        last = min(len(line.values), max(1, int(high) - line.steps.start + 1))
        finite = numpy.flatnonzero(numpy.isfinite(line.values[max(0, last - 1000) : last]))
        index = max(0, last - 1000) + (int(finite[-1]) if len(finite) else 0)
        step = min(max(line.steps[index], low), high)
        value = float(numpy.nan_to_num(line.values[index]))
        bottom, top = sorted(self.axes.get_ylim())
        x, y = self.axes.transData.transform((step, min(max(value, bottom), top)))
        return float(x), float(y)


def _without_repeats(events: "Sequence[Event]", counts: Mapping[str, int]) -> "Iterator[Event]":
    """Of what happens again and again the first is enough."""
    seen: set[str] = set()
    for event in events:
        if counts[event.text] <= 12 or event.text not in seen:
            seen.add(event.text)
            yield event


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
            groups[-1] = [
                (groups[-1][0] * groups[-1][1] + centre * count) / (groups[-1][1] + count),
                groups[-1][1] + count,
            ]
    places: list[float] = []
    for centre, count in groups:
        start = centre - height * (count - 1) / 2
        places += [start + height * i for i in range(int(count))]
    for i, place in enumerate(places):
        places[i] = max(place, low if i == 0 else places[i - 1] + height)
    return [min(place, high - height * (len(places) - 1 - i)) for i, place in enumerate(places)]
