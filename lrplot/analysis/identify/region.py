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
    anchors = numpy.array([[first[i], second[i]], [first[j], second[j]]])
    if abs(numpy.linalg.det(anchors)) < 1e-12 * max(1e-300, float(numpy.abs(anchors).max()) ** 2):
        return None
    bounds = numpy.array([[low[i], low[j]], [high[i], low[j]], [high[i], high[j]], [low[i], high[j]]])
    corners = numpy.linalg.solve(anchors, bounds.T).T
    rows = numpy.stack([first, second])
    for _ in range(MAX_CUTS):
        values = corners @ rows
        over = (values - high).max(axis=0), (low - values).max(axis=0)
        worst = max(
            (int(side.argmax()), sign) for sign, side in enumerate(over) if side.max() == max(map(numpy.max, over))
        )
        row, sign = worst
        slack = 1e-15 * max(abs(float(high[row])), abs(float(low[row])))
        if over[sign][row] <= slack:
            break
        normal = rows[:, row] if sign == 0 else -rows[:, row]
        corners = _cut(corners, normal, float(high[row]) if sign == 0 else -float(low[row]))
        if not len(corners):
            return None
    return Region(corners)


def _cut(corners: Column, normal: Column, bound: float) -> Column:
    """The part of a polygon on which corner · normal <= bound."""
    excess = corners @ normal - bound
    kept = []
    for k in range(len(corners)):
        before, now = excess[k - 1], excess[k]
        if (before <= 0) != (now <= 0):
            kept.append(corners[k - 1] + (corners[k] - corners[k - 1]) * (before / (before - now)))
        if now <= 0:
            kept.append(corners[k])
    return numpy.array(kept).reshape(-1, 2)
