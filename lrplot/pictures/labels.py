"""The words in a panel and beside it: names of lines and of events. None leaves its room, none overlaps another."""

import math
from collections import Counter
from collections.abc import Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from lrplot.pictures.look import POINT

if TYPE_CHECKING:
    from lrplot.analysis.turns import Event
    from lrplot.pictures.panel import Line

Array = NDArray[Any]

MOST_NAMES = 5
"""Of events, on one picture."""

NAMED = (
    *("warm-up end", "peak", "trough", "drop", "rise", "restart", "milestone", "hold", "fall", "climb", "undone"),
    "nan",
)


class Labels:
    """The words inside a panel, and beside it."""

    def __init__(self, axes: Axes, lines: "Sequence[Line]") -> None:
        self.axes = axes
        self.lines = lines
        self.renderer = axes.figure.canvas.get_renderer()  # type: ignore[attr-defined]
        self.frame = axes.get_window_extent(self.renderer)
        self.taken: list[Array] = []

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
        seen = self._seen(events)
        counts = Counter([event.text for event in seen])
        first: dict[str, Event] = {}  # of what happens again and again the first is enough
        marked = [e for e in seen if counts[e.text] <= 12 or first.setdefault(e.text, e) is e][: 4 * MOST_NAMES]
        if not marked:
            return
        self.axes.plot(
            [event.step for event in marked],
            [event.value for event in marked],
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
        written: Counter[str] = Counter()
        for event in marked:
            if written.total() == MOST_NAMES:
                break
            often = counts[event.text]
            if written[event.text] >= (1 if often > 4 else 4):
                continue
            text = f"{event.text}, {often:,} times" if often > 4 else event.text
            written[event.text] += self._name(event, text, font)

    def _seen(self, events: "Sequence[Event]") -> "list[Event]":
        """The events that have a name and a place in the panel, the most important first."""
        low, high = sorted(self.axes.get_xlim())
        bottom, top = sorted(self.axes.get_ylim())
        seen = []
        for event in sorted(events, key=attrgetter("rank")):
            if not math.isfinite(event.value):  # no number has a height: it is marked at the edge
                event = event._replace(value=top if event.value > 0 else bottom)
            if event.kind in NAMED and low <= event.step <= high and bottom <= event.value <= top:
                seen.append(event)
        return seen

    def _name(self, event: "Event", text: str, font: FontProperties) -> bool:
        """Writes a name near its point where nothing is in the way; says whether there was such a place."""
        gap = 0.45 * font.get_size_in_points() * POINT * self.axes.figure.dpi
        boxes = self._boxes(event, text, font, gap)
        free = boxes[self._free(boxes, gap)]
        if not len(free):
            return False
        self.taken.append(free[0])
        x, y = self.axes.figure.transFigure.inverted().transform(free[0][:2])
        colour = matplotlib.rcParams["axes.labelcolor"]
        self.axes.figure.text(x, y, text, fontproperties=font, color=colour, ha="left", va="bottom")
        return True

    def _boxes(self, event: "Event", text: str, font: FontProperties, gap: float) -> Array:
        """Where a name may stand, the best place first: left, bottom, right and top of each."""
        width = self.renderer.get_text_width_height_descent(text, font, False)[0]
        height = self.renderer.get_text_width_height_descent("lp", font, False)[1]  # of any line
        x, y = self.axes.transData.transform((event.step, event.value))
        boxes = []
        for away in (1.0, 1.8, 2.8):
            for dx, dy in ((1, 1), (1, -1), (-1, 1), (-1, -1), (0, 1), (0, -1), (1, 0), (-1, 0)):
                left = x + dx * gap * (1.5 if dy == 0 else 0.8) * away - width * (0.5 - 0.5 * dx)
                low = y + dy * gap * 1.5 * away - height * (0.5 - 0.5 * dy)
                boxes.append((left, low, left + width, low + height))
        return numpy.array(boxes)

    def _free(self, boxes: Array, gap: float) -> Array:
        """Which of the boxes are in the panel, and away from names and lines."""
        left, low, right, high = boxes.T
        frame = self.frame
        free: Array = (
            (left >= frame.x0 + gap) & (right <= frame.x1) & (low >= frame.y0 + 0.4 * gap) & (high <= frame.y1)
        )
        for x0, y0, x1, y1 in self.taken:
            beside = (left >= x1 + gap) | (right <= x0 - gap)
            free &= beside | (low >= y1 + 0.5 * gap) | (high <= y0 - 0.5 * gap)
        for x, y in self.path:
            left, low, right, high = boxes[free].T[:, :, None]
            near = (x > left - 0.6 * gap) & (x < right + 0.6 * gap) & (y > low - 0.4 * gap) & (y < high + 0.4 * gap)
            free[free] = ~near.any(axis=1)
        return free

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
            y = numpy.clip(numpy.nan_to_num(y, nan=low), low, high)
            points = self.axes.transData.transform(numpy.column_stack([x, y]))
            gaps = numpy.abs(numpy.diff(points, axis=0)).max(axis=1, initial=0)
            count = numpy.clip(gaps // 4, 0, 2000).astype(int) + 1
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


def _apart(wanted: Sequence[float], height: float, low: float, high: float) -> list[float]:
    """Places at least ``height`` apart, each as near as may be to the one wanted; ``wanted`` is in rising order.

    >>> _apart([0.0, 0.0, 10.0], 2.0, 0.0, 20.0)
    [0.0, 2.0, 10.0]
    """
    groups: list[list[float]] = []  # centre, count
    for place in wanted:
        groups.append([place, 1])
        while len(groups) > 1 and groups[-1][0] - groups[-2][0] < height * (groups[-1][1] + groups[-2][1]) / 2:
            (centre, count), (other, others) = groups.pop(), groups[-1]
            groups[-1] = [(other * others + centre * count) / (others + count), others + count]
    places: list[float] = []
    for centre, count in groups:
        start = centre - height * (count - 1) / 2
        places += [start + height * i for i in range(int(count))]
    for i, place in enumerate(places):
        places[i] = max(place, low if i == 0 else places[i - 1] + height)
    return [min(place, high - height * (len(places) - 1 - i)) for i, place in enumerate(places)]
