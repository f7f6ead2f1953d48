"""Axes in text: round numbers beside the rows, steps beneath the columns."""

import math
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from lrplot.analysis.ruler import Ruler

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lrplot.terminal.screen import Screen

LARGEST = 1e300
"""What is further from 0 is drawn here, so that there is room for the ticks."""
LEAST = 1e-320
"""The least of a logarithmic axis."""
NAMED = 30
"""Columns from which on the steps are named as such."""


class Axis(NamedTuple):
    """The axis of a column: its ends (of the logarithms, where it is logarithmic) and its ticks."""

    low: float
    high: float
    log: bool
    ticks: list[tuple[float, str]]

    def heights(self, values: "NDArray[Any]") -> "NDArray[Any]":
        """How far up finite values are, 0 to 1 on the axis; NaN where one has no place."""
        import numpy

        with numpy.errstate(all="ignore"):
            values = values.clip(-LARGEST, LARGEST)
            if self.log:
                values = numpy.log10(numpy.where(values > 0, values.clip(LEAST), numpy.nan))
            return (values - self.low) / (self.high - self.low)

    @property
    def margin(self) -> int:
        """Columns that the numbers take."""
        return max(len(label) for _, label in self.ticks)

    def edges(self, rows: int, margin: int, screen: "Screen") -> list[str]:
        """What stands to the left of each row; without a margin, no numbers do."""
        import numpy

        bar, tick = "│┤" if screen.unicode else "||"
        edges = [f"{'':{margin}} {bar}" if margin else bar] * rows
        heights = (rows - 1) * self.heights(numpy.array([value for value, _ in self.ticks]))
        # Where two would stand at one row, the one that is nearer to it does.
        for height, (_, label) in sorted(zip(heights, self.ticks), key=lambda tick: -abs(tick[0] - round(tick[0]))):
            edges[rows - 1 - round(height)] = f"{label:>{margin}} {tick}" if margin else tick
        return edges


def axis_of(columns: Sequence["NDArray[Any]"], log: bool, limits: Sequence[float] | None, count: int) -> Axis:
    """An axis with so many ticks or one more: over all finite values, or from one limit to the other.

    Args:
        log: Whether it is in powers of ten, which it is where some values are above 0.
    """
    if limits is not None:
        low, high = limits
        return _cut((_log_axis if log else _linear_axis)(low, high, count), low, high)
    ends = ends_of(columns, log)
    least = LEAST if log and len(ends) else -LARGEST
    low, high = (min(LARGEST, max(least, float(end))) for end in (min(ends, default=0.0), max(ends, default=1.0)))
    if log and len(ends):
        return _log_axis(low, high, count)
    return _linear_axis(low, high, count)


def step_axis(steps: range, columns: int, margin: int, screen: "Screen", ruler: Ruler) -> list[str]:
    """What stands beneath the rows: a rule with notches, the numbers at them, and what is counted."""
    corner, line, notch = "└─┬" if screen.unicode else "+-+"
    rule, numbers = [line] * columns, [" "] * columns
    name = f" {ruler.unit}" if columns >= NAMED else ""
    room = columns - len(name)
    for step, text in _ticks_along(steps, ruler, max(2, columns // 10)):
        x = (step - steps.start) * columns // len(steps)
        rule[x : x + 1] = notch[: columns - x]
        left = min(max(0, x - len(text) // 2), columns - len(text))
        if 0 <= left <= room - len(text) and set(numbers[max(0, left - 1) : left + len(text) + 1]) <= {" "}:
            numbers[left : left + len(text)] = text
    indent = f"{'':{margin}} " if margin else ""
    return [f"{indent}{corner}{''.join(rule)}", f"{indent} {''.join(numbers)[:room]}{name}".rstrip()]


def _ticks_along(steps: range, ruler: Ruler, count: int) -> Iterator[tuple[int, str]]:
    """Marks of a ruler at round numbers of what it counts, and these."""
    if ruler.per == 1:
        for step in _whole_ticks(steps.start, steps.stop - 1, count):
            yield step, str(step)
        return
    first, last = steps.start / ruler.per, (steps.stop - 1) / ruler.per
    tick = _tick(first, last, count)
    for k in range(math.ceil(first / tick - 1e-9), math.floor(last / tick + 1e-9) + 1):
        yield round(k * tick * ruler.per), f"{k * tick:.10g}"


def _cut(axis: Axis, low: float, high: float) -> Axis:
    """An axis that begins and ends where it was asked to, with its ticks in between, or else one at either end."""
    import numpy

    cut = Axis(*((math.log10(low), math.log10(high)) if axis.log else (low, high)), axis.log, [])
    heights = cut.heights(numpy.array([value for value, _ in axis.ticks]))
    ticks = [tick for height, tick in zip(heights, axis.ticks) if -1e-9 <= height <= 1 + 1e-9]
    return cut._replace(ticks=ticks if len(ticks) > 1 else [(end, f"{end:.3g}") for end in (low, high)])


def _linear_axis(low: float, high: float, count: int) -> Axis:
    """An axis with 0 on it where that is not far.

    >>> _linear_axis(0.0, 2e-310, 2)
    Axis(low=0.0, high=2e-310, log=False, ticks=[(0.0, '0'), (1e-310, '1e-310'), (2e-310, '2e-310')])
    """
    alike = high - low <= 1e-9 * max(abs(low), abs(high))
    if low > 0 and (low <= high / 2 or alike):
        low = 0.0
    elif high < 0 and (high >= low / 2 or alike):
        high = 0.0
    if high == low:
        high = low + 1.0
    tick = _tick(low, high, count)
    first, last = math.floor(low / tick + 1e-9), math.ceil(high / tick - 1e-9)
    values = [k * tick for k in range(first, last + 1)]
    return Axis(values[0], values[-1], False, list(zip(values, _tick_texts(values, tick))))


def ends_of(columns: Sequence["NDArray[Any]"], positive: bool = False) -> "NDArray[Any]":
    """The lowest and the highest of each column's values that are finite, and above 0 where they must be."""
    import numpy

    ends = []
    for values in columns:
        shown = numpy.isfinite(values) & ((values > 0) | (not positive))
        values = values if shown.all() else values[shown]
        ends += [values.min(), values.max()] if len(values) else []
    return numpy.array(ends)


def _log_axis(low: float, high: float, count: int) -> Axis:
    first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    if first == last:
        first -= 1
    stride = -(-(last - first) // count)
    powers = range(last, first - 1, -stride)
    return Axis(first, last, True, [(float(f"1e{power}"), f"1e{power}") for power in powers])


def _tick(low: float, high: float, count: int) -> float:
    """A round distance that puts at most ``count`` + 1 ticks between two numbers."""
    least = max(high / count - low / count, math.ulp(0.0))
    power = math.floor(math.log10(least))
    steps = (float(f"{factor}e{power}") for factor in ("1", "2", "2.5", "5", "10", "20"))
    return next(step for step in steps if step >= least * (1 - 1e-9))


def _tick_texts(values: Sequence[float], tick: float) -> list[str]:
    """All with the same number of decimals, or all in powers of ten.

    >>> _tick_texts([0.0, 0.00025, 0.0005], 0.00025), _tick_texts([0.0, 5.0, 10.0], 5.0)
    (['0', '2.5e-4', '5.0e-4'], ['0', '5', '10'])
    >>> _tick_texts([0.0, 0.05, 0.1], 0.05)
    ['0', '0.05', '0.10']
    """
    largest = max(map(abs, values))
    mantissa, _, exponent = f"{tick:.1e}".partition("e")  # as 2.5e-04
    finest = int(exponent) - (mantissa[-1] != "0")
    if 1e-3 <= largest < 1e5:
        return [f"{value:.{max(0, -finest)}f}" if value else "0" for value in values]
    decimals = max(0, math.floor(math.log10(largest)) - finest)
    return [re.sub(r"e\+?(-?)0*(\d)", r"e\1\2", f"{value:.{decimals}e}") if value else "0" for value in values]


def _whole_ticks(first: int, last: int, count: int) -> range:
    """Round whole numbers from ``first`` to ``last``."""
    tick = int(max(1.0, _tick(first, last, count))) if last > first else 1
    tick = tick if tick != 2 or _tick(first, last, count) != 2.5 else 5
    return range(-(-first // tick) * tick, last + 1, tick)
