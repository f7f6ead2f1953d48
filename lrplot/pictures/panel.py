"""One panel of a picture: lines, drawn as stairs where the rate is held, on axes that a person reads at a glance."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import matplotlib
import numpy
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from lrplot.analysis import titles
from lrplot.analysis.columns import is_in_points, is_log, out_of_range
from lrplot.analysis.ruler import Ruler
from lrplot.pictures.bands import Band, band_of
from lrplot.pictures.look import POINT, Look
from lrplot.pictures.reduction import cells, extremes
from lrplot.pictures.ticks import (
    EpochFormatter,
    EpochLocator,
    PowerFormatter,
    PowerLocator,
    RateFormatter,
    RateLocator,
    StepFormatter,
    step_locator,
)
from lrplot.runs.curve import Curve, Rows, numbers_at

Array = NDArray[Any]

FEW = 40
"""Steps that are drawn as stairs whatever the curve."""

SAMPLE = 1_000_000
"""Steps that say how a longer curve is to be drawn."""

SMALLEST, LARGEST = 1e-200, 1e200

DASHES = (None, (0, (4, 1.6)), (0, (1.2, 1.4)), (0, (6, 1.6, 1.2, 1.6)))
"""How lines are drawn that have the same colour, one after another, in widths of the line."""

LOGGED = 2.6
"""How wide a logged point is, in widths of the line."""

TITLES = {"lr": "learning rate", "momentum": "momentum", "weight_decay": "weight decay", "metric": "metric"}


@dataclass(frozen=True, eq=False)
class Line:
    """One line of a panel: that part of a column which is to be seen, and of it the points to draw.

    Args:
        picked: Indices into steps and values.
        draw: How, where that does not depend on its values.
    """

    curve: Curve
    group: int
    label: str
    colour: str
    dash: tuple[float, tuple[float, ...]] | None
    steps: range | Rows
    values: Array
    picked: Array
    draw: str | None = None

    @cached_property
    def x(self) -> Array:
        return numbers_at(self.steps, self.picked)

    @cached_property
    def y(self) -> Array:
        """The values to draw, within what ticks can be computed for."""
        drawn = self.values[self.picked]
        size = numpy.abs(drawn)
        drawn[size < SMALLEST] = 0
        huge = (size > LARGEST) & (size < numpy.inf)
        drawn[huge] = numpy.copysign(LARGEST, drawn[huge])
        return drawn

    @property
    def stroke(self) -> dict[str, Any]:
        """What tells it from other lines, as matplotlib takes it."""
        return {"color": self.colour} | ({"linestyle": self.dash} if self.dash else {})

    @property
    def sign(self) -> dict[str, Any]:
        """The same for its sign in a legend."""
        if self.draw != "points":
            return self.stroke
        size = LOGGED * matplotlib.rcParams["lines.linewidth"]
        return {"color": self.colour, "linestyle": "", "marker": "o", "markersize": size, "markeredgewidth": 0}

    def painted(self, place: int, colours: Sequence[str]) -> "Line":
        """The same line as the one at this place among those of a panel."""
        dash = DASHES[place // len(colours) % len(DASHES)]
        return replace(self, colour=colours[place % len(colours)], dash=dash)


def cycle() -> list[str]:
    """The colours of lines, one after another, each once."""
    return list(dict.fromkeys(matplotlib.rcParams["axes.prop_cycle"].by_key().get("color", ["C0"])))


class Drawn(NamedTuple):
    """A line and what shows it: of a band, its upper edge."""

    line: Line
    artist: Line2D
    band: Band | None


def lines_of(curves: Sequence[Curve], column: str, look: Look) -> list[Line]:
    """The lines of one column; a curve has the same colour in each panel.

    Raises:
        Refusal: None of the curves has a step in the range to be shown.
    """
    names, colours = titles.line_names(curves, look.title), cycle()
    lines = []
    before, there = 0, False
    for curve, labels in zip(curves, names):
        groups = curve.lines(column)
        there = there or bool(groups)
        seen = _seen(curve.steps, look.x_range)
        for group, (label, values) in enumerate(zip(labels, groups)):
            shown = numpy.frombuffer(values)[seen]
            if len(shown):
                draw = "points" if look.draw is None and is_in_points(curve, curves) else look.draw
                picked = _picked(shown, look, draw)
                line = Line(curve, group, label, "", None, curve.steps[seen], shown, picked, draw)
                lines.append(line.painted(before + group, colours))
        before += len(curve.rates)
    if there and not lines and look.x_range is not None:
        raise out_of_range(curves, look.x_range)
    return lines


def _seen(steps: range | Rows, x_range: Sequence[float] | None) -> slice:
    """The steps in the range to be seen, and one more on either side, which the line comes from or goes to."""
    if x_range is None:
        return slice(0, len(steps))
    if x_range[0] >= steps.stop or x_range[1] < steps.start:
        return slice(0, 0)
    return slice(max(0, bisect_right(steps, x_range[0]) - 2), bisect_right(steps, x_range[1]) + 1)


def _picked(values: Array, look: Look, draw: str | None) -> Array:
    """What the pixels can tell apart; of points, twice as finely, for each has a place of its own."""
    across, up = (max(100, int(side * look.dpi)) for side in look.inches)
    if draw != "points":
        return extremes(values, across)
    if look.log_y:
        values = numpy.log(values)
    return cells(values, 2 * across, 2 * up)


# Lines.


def draw_lines(axes: Axes, lines: Sequence[Line], look: Look) -> list[Drawn]:
    """Draws lines, the first on top; those of one run all in the same way."""
    drawn = []
    for index, line in enumerate(lines):
        x, y = line.x, line.y
        how = line.draw or drawn_as([other for other in lines if other.curve.run is line.curve.run])
        style: dict[str, Any] = {"label": line.label, "zorder": 2.5 - index * 1e-3, **line.stroke}
        if line.draw != look.draw:  # a plan's line goes through the points of its log
            style |= {"zorder": style["zorder"] - 0.5, "markersize": LOGGED * matplotlib.rcParams["lines.linewidth"]}
        band = band_of(x, y, _swings_told(axes)) if line.draw is None else None
        if band is not None:
            made = _draw_band(axes, band, style)
        elif how == "stairs":
            # The rate of a step holds until the next step begins; the last one for a step as well.
            x, y = numpy.append(x, x[-1] + 1), numpy.append(y, y[-1])
            made = axes.plot(x, y, drawstyle="steps-post", solid_joinstyle="miter", solid_capstyle="butt", **style)
        elif how == "points" or len(x) == 1:
            made = axes.plot(x, y, "o", markeredgewidth=0, **style | {"linestyle": ""})
        else:
            made = axes.plot(*_with_jumps(x, y), **style)
        drawn.append(Drawn(line, made[0], band))
    return drawn


def _swings_told(axes: Axes) -> int:
    """How many cycles side by side are told apart in a panel: narrower ones run together."""
    figure: Any = axes.figure
    wide = 2.5 * matplotlib.rcParams["lines.linewidth"] * POINT * figure.dpi
    return max(2, int(axes.get_window_extent().width / wide))


def _draw_band(axes: Axes, band: Band, style: dict[str, Any]) -> list[Line2D]:
    """Fills what the rate swings through, between its envelopes."""
    fill = {"color": style["color"], "zorder": style["zorder"], "alpha": 0.22, "linewidth": 0}
    axes.fill_between(band.x, band.low, band.high, **fill)
    axes.plot(band.x, band.low, **style | {"label": f"_low {style['label']}"})
    return axes.plot(band.x, band.high, **style)


def drawn_as(lines: Sequence[Line]) -> str:
    """How the lines of one run are drawn where nobody says."""
    return "stairs" if any(_has_treads(line.values) for line in lines) else "line"


def _has_treads(values: Array) -> bool:
    """Whether a curve is drawn as stairs: it has few steps, or few changes, or changes that stand alone."""
    if len(values) <= FEW:
        return True
    sample = values[:SAMPLE]
    changes = sample[1:] != sample[:-1]
    alone = changes[1:-1] & ~changes[:-2] & ~changes[2:]
    count = numpy.count_nonzero(changes)
    return bool(count <= 0.12 * len(changes) or 2 * numpy.count_nonzero(alone) >= count)


def _with_jumps(x: Array, y: Array) -> tuple[Array, Array]:
    """A line that holds before each jump, so that a drop is upright where steps are wide enough to be seen."""
    if not 8 < len(x) <= 4000:
        return x, y
    change = numpy.abs(numpy.diff(y))
    beside = numpy.maximum(numpy.append(change[1:], 0), numpy.insert(change[:-1], 0, 0))
    finite = y[numpy.isfinite(y)]
    span = finite.max(initial=-numpy.inf) - finite.min(initial=numpy.inf)
    jumps = numpy.flatnonzero((change > 5 * beside) & (change > 0.1 * span)) + 1
    return numpy.insert(x, jumps, x[jumps]), numpy.insert(y, jumps, y[jumps - 1])


def is_pair(lines: Sequence[Line]) -> bool:
    """Whether lines are readings of one run, which are to be compared."""
    return len(lines) > 1 and all(
        line.curve.run is lines[0].curve.run and line.group == lines[0].group for line in lines
    )


def shade(axes: Axes, lines: Sequence[Line], look: Look) -> None:
    """Fills what lies between the readings of one run."""
    picked = numpy.unique(numpy.concatenate([line.picked for line in lines]))
    stack = [line.values[picked] for line in lines]
    steps = numbers_at(lines[0].steps, picked)
    low, high = numpy.min(stack, axis=0), numpy.max(stack, axis=0)
    step: Any = None
    if (lines[0].draw or drawn_as(lines)) == "stairs":
        step = "post"
        steps, low, high = numpy.append(steps, steps[-1] + 1), numpy.append(low, low[-1]), numpy.append(high, high[-1])
    axes.fill_between(steps, low, high, step=step, color=lines[1].colour, alpha=0.18, linewidth=0)


# Axes.


def set_axes(axes: Axes, lines: Sequence[Line], look: Look, column: str, above: float = 0.12) -> None:
    """Ranges, ticks and the names of both axes."""
    set_steps(axes, lines, look)
    set_rates(axes, lines, look, column, above)


def set_steps(axes: Axes, lines: Sequence[Line], look: Look) -> None:
    """The axis of the steps. The run ends with its last step, one after the last number."""
    across, _ = _room(axes)
    first, last = look.x_range or (min(line.steps.start for line in lines), max(line.steps.stop for line in lines))
    axes.set_xlim(first, last)
    if last >= 1e4 and last - first < 0.02 * last:
        across *= 0.6  # the numbers of the steps are long
    axes.xaxis.set_major_locator(step_locator(min(8, max(1, int(across)))))
    axes.xaxis.set_major_formatter(StepFormatter())


def set_rates(axes: Axes, lines: Sequence[Line], look: Look, column: str, above: float = 0.12) -> None:
    """The axis of the rates, or of what else the column holds.

    Args:
        above: What is kept free above the highest rate, as a part of it.
    """
    _, up = _room(axes)
    most = max(1, int(up))
    axes.set_ylabel(TITLES.get(column, column))
    drawn = numpy.concatenate([line.y for line in lines])
    finite = drawn[numpy.isfinite(drawn)]
    limits, log = look.scale(column)
    if is_log(log, column, finite):
        low, high = min(filter(None, map(_lowest, lines))), float(finite.max())
        axes.set_yscale("log", nonpositive="clip")
        axes.set_ylim(*(limits or (low / 1.6, high * 1.6)))
        axes.yaxis.set_major_locator(PowerLocator(*axes.get_ylim(), most=min(8, most), closest=0.55 / up))
        axes.yaxis.set_major_formatter(PowerFormatter())
        axes.yaxis.set_minor_locator(matplotlib.ticker.NullLocator())
        return
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    if axes.get_yscale() != "linear":  # somebody else's axes, drawn on before
        axes.set_yscale("linear")
    axes.set_ylim(*(limits or _limits(low, high, column, above)))
    axes.yaxis.set_major_locator(RateLocator(min(6, most), 0.55 / up))
    axes.yaxis.set_major_formatter(RateFormatter())


def _room(axes: Axes) -> tuple[float, float]:
    """How many ticks there is room for, across and up, with space between them."""
    figure: Any = axes.figure
    em = float(axes.xaxis.get_label().get_fontsize()) * POINT
    width, height = axes.get_position().size * figure.get_size_inches()
    return width / em / 4.5, height / em / 2


def _lowest(line: Line) -> float:
    """The lowest rate to make room for, 0 where there is none: not the 1e-20 that rounding leaves of a cosine's 0."""
    drawn = line.y
    positive = numpy.unique(drawn[(drawn > 0) & numpy.isfinite(drawn)])
    if not len(positive):
        return 0.0
    rest = numpy.flatnonzero((positive[1:] > 1e6 * positive[:-1]) & (positive[:-1] < 1e-14 * positive[-1]))
    return float(positive[rest[-1] + 1 if len(rest) else 0])


def _limits(low: float, high: float, column: str, above: float) -> tuple[float, float]:
    """Where the axis begins and ends: at 0 for rates, with room above for the line and its labels."""
    still = high - low <= 1e-9 * max(abs(low), abs(high))
    if column == "lr" and low >= 0 and (low < 0.5 * high or still):
        return -0.025 * (high or 1.0), (1 + above) * (high or 1.0)
    span = abs(high) or 1.0 if still else high - low
    return low - 0.12 * span, high + 0.14 * span


def count_units(axes: Axes, ruler: Ruler) -> None:
    """Counts what a ruler does, and says what that is."""
    axes.set_xlabel(ruler.unit)
    if ruler.per > 1:
        most = min(8, max(1, int(_room(axes)[0])))
        axes.xaxis.set_major_locator(EpochLocator(ruler.per, most))
        axes.xaxis.set_major_formatter(EpochFormatter(ruler.per))


def count_epochs(axes: Axes, per_epoch: int, away: float | None) -> None:
    """Counts epochs, where the grid is, and the steps on a second axis beneath, so far away in inches, if anywhere."""
    most = min(8, max(1, int(_room(axes)[0])))
    locator, formatter = axes.xaxis.get_major_locator(), axes.xaxis.get_major_formatter()
    axes.xaxis.set_major_locator(EpochLocator(per_epoch, most))
    axes.xaxis.set_major_formatter(EpochFormatter(per_epoch))
    axes.set_xlabel("epoch")
    if away is None:
        return
    figure: Any = axes.figure
    steps = axes.secondary_xaxis(-away / (axes.get_position().height * figure.get_size_inches()[1]))
    steps.xaxis.set_major_locator(locator)
    steps.xaxis.set_major_formatter(formatter)
    steps.set_xlabel("step")
