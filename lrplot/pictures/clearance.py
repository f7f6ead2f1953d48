"""Where a name in a panel is beside its own line, and furthest from all others."""

from collections.abc import Sequence
from typing import Any

import numpy
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Array = NDArray[Any]

COLUMN = 4
"""Pixels: the heights of lines are told in columns so wide."""


class Clearance:
    """How high each line is in each column of a panel, and how far a name is from them.

    Args:
        frame: The panel in pixels.
        paths: Points along each line, in pixels.
        gap: Between a name and its line.
    """

    def __init__(self, frame: Any, paths: Sequence[tuple[Array, Array]], gap: float) -> None:
        self.frame = frame
        self.gap = gap
        self.columns = max(1, int(frame.width // COLUMN))
        self.low = numpy.full((len(paths), self.columns), numpy.inf)
        self.high = numpy.full((len(paths), self.columns), -numpy.inf)
        for (x, y), low, high in zip(paths, self.low, self.high):
            column = ((x - frame.x0) // COLUMN).astype(int)
            inside = (column >= 0) & (column < self.columns)
            numpy.minimum.at(low, column[inside], y[inside])
            numpy.maximum.at(high, column[inside], y[inside])

    def best(self, line: int, width: float, height: float) -> Array | None:
        """The place where the name of a line is furthest from all others: left, bottom, right and top; None where
        another line is as close everywhere.
        """
        across = int(-(-(width + 2 * self.gap) // COLUMN))
        if across + 1 > self.columns:
            return None
        low = sliding_window_view(self.low, across, axis=1).min(axis=2)
        high = sliding_window_view(self.high, across, axis=1).max(axis=2)
        goes = numpy.isfinite(low[line])  # there is something to stand beside
        best, place = 1.5 * self.gap, None
        for bottom in (high[line] + self.gap, low[line] - self.gap - height):
            above, below = low - (bottom + height), bottom - high
            room = numpy.delete(numpy.maximum(above, below), line, axis=0).min(axis=0, initial=2 * height)
            room -= 0.5 * (high[line] - low[line])  # beside a steep line it is near one end of it alone
            room[~goes | (bottom < self.frame.y0 + self.gap) | (bottom + height > self.frame.y1)] = -numpy.inf
            at = len(room) - 1 - int(numpy.argmax(room[::-1]))  # the last of equals is nearest to the line's end
            if room[at] > best:
                left = self.frame.x0 + at * COLUMN + self.gap
                best, place = room[at], numpy.array([left, bottom[at], left + width, bottom[at] + height])
        return place

    def take(self, box: Array) -> None:
        """Keeps other names away from a box."""
        low, high = (numpy.full((1, self.columns), value) for value in (numpy.inf, -numpy.inf))
        columns = slice(*((box[[0, 2]] - self.frame.x0) // COLUMN + (-1, 3)).astype(int).clip(0))
        low[0, columns], high[0, columns] = box[1] - self.gap, box[3] + self.gap
        self.low, self.high = numpy.vstack([self.low, low]), numpy.vstack([self.high, high])
