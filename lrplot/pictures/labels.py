"""The words in a panel and beside it: names of lines and of events. None leaves its room, none overlaps another.

Where a name beside its line is in nobody's way is found in clearance.py.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from lrplot.pictures.bands import count_cycles
from lrplot.pictures.clearance import Clearance
from lrplot.pictures.colours import readable
from lrplot.pictures.look import POINT

if TYPE_CHECKING:
    from lrplot.analysis.turns import Event
    from lrplot.pictures.panel import Drawn, Line

Array = NDArray[Any]

MOST_NAMES = 5
"""Of events, on one picture."""

MOST_ALIKE = 4
"""Names of one kind of event; of more, the first counts them."""

MOST_MARKS = 12
"""Of one kind of event; of more, the first is marked."""

UNNAMED = ("start", "end", "foot")
"""Kinds of events that a picture shows without a word."""


class Labels:
    """The words inside a panel, and beside it."""

    def __init__(self, axes: Axes, drawn: "Sequence[Drawn]") -> None:
        self.axes = axes
        self.drawn = drawn
        self.lines = [each.line for each in drawn]
        self.renderer = axes.figure.canvas.get_renderer()  # type: ignore[attr-defined]
        self.frame = axes.get_window_extent(self.renderer)
        self.ends = [self._end(line) for line in self.lines]
        self.taken: list[Array] = []

    # Names of lines.

    def name_lines(self, font: FontProperties) -> None:
        """Names each line at its right end; where lines end together, where they are furthest apart."""
        places = self._within(self._together(font), font)
        self._name_ends([i for i in range(len(self.lines)) if i not in places], font)
        for i, box in places.items():
            ink = _ink(self.lines[i].colour, matplotlib.rcParams["axes.facecolor"])
            self._write(box, self.lines[i].label, font, ink)

    def _together(self, font: FontProperties) -> list[int]:
        """The lines that end so close to another that names there would tell little."""
        near = 0.5 * 1.35 * self._pixels(font)
        order = sorted(range(len(self.lines)), key=lambda i: self.ends[i][1])
        close = [
            any(abs(self.ends[i][1] - self.ends[j][1]) < near for j in order[max(0, at - 1) : at + 2] if j != i)
            for at, i in enumerate(order)
        ]
        return sorted(i for i, is_close in zip(order, close) if is_close)

    def _within(self, lines: Sequence[int], font: FontProperties) -> dict[int, Array]:
        """Places in the panel for the names of some lines, each beside its own and away from all others."""
        if not lines:
            return {}
        em = self._pixels(font)
        clearance = Clearance(self.frame, self._paths(), gap=0.35 * em)
        places = {}
        for i in lines:
            box = clearance.best(i, *self._size(self.lines[i].label, font))
            if box is not None:
                places[i] = box
                clearance.take(box)
        self.taken += places.values()
        return places

    def _name_ends(self, lines: Sequence[int], font: FontProperties) -> None:
        """The name of each line at its right end, moved apart where lines end close to each other."""
        em, frame = self._pixels(font), self.frame
        height = 1.35 * em
        order = sorted(lines, key=lambda i: (self.ends[i][1], -i))
        low, high = frame.y0 + height / 2, frame.y1 - height / 2
        places = _apart([min(max(self.ends[i][1], low), high) for i in order], height, low, high)
        x = frame.x1 + 1.1 * em
        figure = self.axes.figure
        inverse = figure.transFigure.inverted()
        for i, y in zip(order, places):
            line, end = self.lines[i], self.ends[i]
            left, middle = inverse.transform((x, y))
            ink = _ink(line.colour, matplotlib.rcParams["figure.facecolor"])
            figure.text(left, middle, line.label, fontproperties=font, color=ink, va="center_baseline", ha="left")
            if abs(y - end[1]) > 0.3 * height or end[0] < frame.x1 - em:
                (x0, y0), (x1, y1) = inverse.transform([(end[0] + 0.2 * em, end[1]), (x - 0.25 * em, y)])
                figure.add_artist(Line2D([x0, x1], [y0, y1], linewidth=0.7, alpha=0.6, **line.stroke))

    # Names of events.

    def mark(self, events: "Sequence[Event]", colour: str) -> None:
        """Marks events, and names the most important of them where there is room: of a kind all, or the first with
        its count.
        """
        kinds = self._kinds(events)
        marks = [kind if len(kind) <= MOST_MARKS else kind[:1] for kind in kinds]
        marked = [event for kind in marks for event in kind][: 4 * MOST_NAMES]
        if not marked:
            return
        rc = matplotlib.rcParams
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
        paths = self._paths()
        font = _event_font()
        left = MOST_NAMES
        for kind, shown in zip(kinds, marks):
            if len(kind) <= min(MOST_ALIKE, left) and self._name_all(kind, paths, font):
                left -= len(kind)
            elif left and len(kind) > 1:
                left -= any(self.name(event.step, event.value, _counted(kind), font, paths) for event in shown)

    def count_cycles(self, drawn: "Drawn") -> None:
        """Says how often a band goes up and down, which is too close together to be marked."""
        band, count = drawn.band, count_cycles(drawn.line.values)
        if band is not None and count > 1:
            some = slice(len(band.x) // 10, len(band.x) // 2)  # so that there is room for a name on either side
            at = some.start + int(numpy.argmax(band.high[some]))
            self.name(band.x[at], band.high[at], f"{count:,} cycles", _event_font(), self._paths())

    def _name_all(self, kind: "Sequence[Event]", paths: list[Any], font: FontProperties) -> bool:
        """Names all events of a kind, or none; says which."""
        places: list[Array] = []
        before = len(self.taken)
        for event in kind:
            box = self._place(event.step, event.value, event.text, font, paths)
            if box is None:
                del self.taken[before:]
                return False
            self.taken.append(box)
            places.append(box)
        for event, box in zip(kind, places):
            self._write(box, event.text, font, matplotlib.rcParams["axes.labelcolor"])
        return True

    def _kinds(self, events: "Sequence[Event]") -> "list[list[Event]]":
        """The events that are seen, those of one kind together in the order of steps; the most important kind first."""
        kinds: dict[tuple[str, str], list[Event]] = {}
        for event in self._seen(events):
            kinds.setdefault((event.kind, _word(event.text)), []).append(event)
        return [sorted(kind, key=attrgetter("step")) for kind in kinds.values()]

    def _seen(self, events: "Sequence[Event]") -> "list[Event]":
        """The events that have a name and a place in the panel, the most important first."""
        low, high = sorted(self.axes.get_xlim())
        bottom, top = sorted(self.axes.get_ylim())
        seen = []
        for event in sorted(events, key=attrgetter("rank")):
            if not math.isfinite(event.value):  # no number has a height: it is marked at the edge
                event = event._replace(value=top if event.value > 0 else bottom)
            if event.kind not in UNNAMED and low <= event.step <= high and bottom <= event.value <= top:
                seen.append(event)
        return seen

    def name(self, step: float, value: float, text: str, font: FontProperties, paths: list[Any]) -> bool:
        """Writes a name near its point where nothing is in the way; says whether there was such a place."""
        box = self._place(step, value, text, font, paths)
        if box is None:
            return False
        self.taken.append(box)
        self._write(box, text, font, matplotlib.rcParams["axes.labelcolor"])
        return True

    def _place(self, step: float, value: float, text: str, font: FontProperties, paths: list[Any]) -> Array | None:
        gap = 0.45 * self._pixels(font)
        boxes = self._boxes(step, value, text, font, gap)
        free = boxes[self._free(boxes, paths, gap)]
        return free[0] if len(free) else None

    def _write(self, box: Array, text: str, font: FontProperties, colour: str) -> None:
        x, y = self.axes.figure.transFigure.inverted().transform(box[:2])
        self.axes.figure.text(x, y, text, fontproperties=font, color=colour, ha="left", va="bottom")

    def _pixels(self, font: FontProperties) -> float:
        return float(font.get_size_in_points() * POINT * self.axes.figure.dpi)

    def _size(self, text: str, font: FontProperties) -> tuple[float, float]:
        """The width of a text, and the height of any line."""
        width = self.renderer.get_text_width_height_descent(text, font, False)[0]
        return width, self.renderer.get_text_width_height_descent("lp", font, False)[1]

    def _boxes(self, step: float, value: float, text: str, font: FontProperties, gap: float) -> Array:
        """Where a name may stand, the best place first: left, bottom, right and top of each."""
        width, height = self._size(text, font)
        x, y = self.axes.transData.transform((step, value))
        boxes = []
        for away in (1.0, 1.8, 2.8):
            for dx, dy in ((1, 1), (1, -1), (-1, 1), (-1, -1), (0, 1), (0, -1), (1, 0), (-1, 0)):
                left = x + dx * gap * (1.5 if dy == 0 else 0.8) * away - width * (0.5 - 0.5 * dx)
                low = y + dy * gap * 1.5 * away - height * (0.5 - 0.5 * dy)
                boxes.append((left, low, left + width, low + height))
        return numpy.array(boxes)

    def _free(self, boxes: Array, paths: list[Any], gap: float) -> Array:
        """Which of the boxes are in the panel, and away from names and lines."""
        left, low, right, high = boxes.T
        frame = self.frame
        free: Array = (
            (left >= frame.x0 + gap) & (right <= frame.x1) & (low >= frame.y0 + 0.4 * gap) & (high <= frame.y1)
        )
        for x0, y0, x1, y1 in self.taken:
            beside = (left >= x1 + gap) | (right <= x0 - gap)
            free &= beside | (low >= y1 + 0.5 * gap) | (high <= y0 - 0.5 * gap)
        for x, y in paths:
            left, low, right, high = boxes[free].T[:, :, None]
            near = (x > left - 0.6 * gap) & (x < right + 0.6 * gap) & (y > low - 0.4 * gap) & (y < high + 0.4 * gap)
            free[free] = ~near.any(axis=1)
        return free

    def _paths(self) -> list[Any]:
        """Points along each line, close enough together that a word cannot slip between them."""
        paths = []
        for _, artist, _ in self.drawn:
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
        last = min(len(line.values), max(1, bisect_right(line.steps, int(high))))
        finite = numpy.flatnonzero(numpy.isfinite(line.values[max(0, last - 1000) : last]))
        index = max(0, last - 1000) + (int(finite[-1]) if len(finite) else 0)
        step = min(max(line.steps[index], low), high)
        value = float(numpy.nan_to_num(line.values[index]))
        bottom, top = sorted(self.axes.get_ylim())
        x, y = self.axes.transData.transform((step, min(max(value, bottom), top)))
        return float(x), float(y)


def _ink(colour: str, background: str) -> str:
    """What a word is written in that has a line's colour."""
    return readable(to_hex(colour), to_hex(background))


def _event_font() -> FontProperties:
    return FontProperties(size=FontProperties(size="medium").get_size_in_points() * 0.86)


def _word(text: str) -> str:
    """What an event is called without its numbers."""
    return text.partition(" ")[0]


def _counted(kind: "Sequence[Event]") -> str:
    """One name for all events of a kind."""
    texts = {event.text for event in kind}
    return f"{texts.pop() if len(texts) == 1 else _word(kind[0].text)}, {len(kind):,} times"


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
