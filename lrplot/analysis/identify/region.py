"""All values of two unknowns for which a log can be what a shape makes of them."""

from __future__ import annotations

import numpy

from lrplot.analysis.identify.fit import Column

MAX_CUTS = 80


class Region:
    """A convex polygon: the pairs of numbers that every logged value allows."""

    def __init__(self, corners: Column) -> None:
        self.corners = corners

    @property
    def first(self) -> tuple[float, float]:
        """The bounds of the first unknown."""
        column = self.corners[:, 0]
        return float(column.min()), float(column.max())

    @property
    def second(self) -> tuple[float, float]:
        """The bounds of the second."""
        column = self.corners[:, 1]
        return float(column.min()), float(column.max())

    @property
    def middle(self) -> tuple[float, float]:
        """A pair well within."""
        first, second = self.corners.mean(axis=0)
        return float(first), float(second)

    def along(self, value: float) -> tuple[float, float]:
        """The bounds of the second unknown where the first is known.

        >>> Region(numpy.array([[0.0, 0.0], [2.0, 0.0], [2.0, 4.0]])).along(1.0)
        (0.0, 2.0)
        """
        starts, ends = self.corners, numpy.roll(self.corners, -1, axis=0)
        heights = [float(y) for x, y in self.corners if x == value]
        for (x0, y0), (x1, y1) in zip(starts, ends):
            if (x0 - value) * (x1 - value) < 0:
                heights.append(float(y0 + (y1 - y0) * (value - x0) / (x1 - x0)))
        if not heights:  # outside, if by a rounding
            heights = [float(starts[numpy.abs(starts[:, 0] - value).argmin(), 1])]
        return min(heights), max(heights)


def solve(first: Column, second: Column, low: Column, high: Column) -> Region | None:
    """The pairs (a, b) with low <= a first + b second <= high everywhere: None where there are none.

    It starts from what the two rows say that differ most, and cuts off what the row forbids that is hurt most, until
    none is. Where all rows say the same of the unknowns there is no region to tell of.
    """
    angles = numpy.arctan2(second, first)
    i, j = int(angles.argmin()), int(angles.argmax())
    rows = numpy.stack([first, second])
    (a, b), (c, d) = rows[:, i].tolist(), rows[:, j].tolist()
    determinant = a * d - b * c
    if abs(determinant) < 1e-12 * max(1e-300, abs(a), abs(b), abs(c), abs(d)) ** 2:
        return None
    inverse = numpy.array([[d, -b], [-c, a]]) / determinant
    corners = numpy.array([[low[i], low[j]], [high[i], low[j]], [high[i], high[j]], [low[i], high[j]]]) @ inverse.T
    for _ in range(MAX_CUTS):
        values = corners @ rows
        above, below = values.max(axis=0) - high, low - values.min(axis=0)
        row = int(numpy.maximum(above, below).argmax())
        if max(above[row], below[row]) <= 1e-15 * max(abs(high[row]), abs(low[row])):
            break
        is_above = above[row] >= below[row]
        cut = (rows[:, row], high[row]) if is_above else (-rows[:, row], -low[row])
        corners = _cut(corners, *cut)
        if not len(corners):
            return None
    return Region(corners)


def _cut(corners: Column, normal: Column, bound: float) -> Column:
    """The part of a polygon on which corner · normal <= bound."""
    kept = []
    excess, points = (corners @ normal - bound).tolist(), corners.tolist()
    for before, now, (x0, y0), (x1, y1) in zip([excess[-1], *excess], excess, [points[-1], *points], points):
        if (before <= 0) != (now <= 0):
            part = before / (before - now)
            kept.append((x0 + (x1 - x0) * part, y0 + (y1 - y0) * part))
        if now <= 0:
            kept.append((x1, y1))
    return numpy.array(kept).reshape(-1, 2)
