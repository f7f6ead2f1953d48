"""What a log allows: at each of its steps, the interval in which the true rate lies."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy
from numpy.typing import NDArray

ROUNDING = 1e-9
"""A schedule that is computed step by step strays so far from its formula, as a part of the rate."""
SINGLE = 1.5e-7
"""The same where it is computed in single precision."""
TINY = 1e-16
"""The same where the rate should be 0, as a part of the peak."""


class Part(NamedTuple):
    """Some rows of a log: their steps, counted from where the part begins, and the bounds of the rate at each."""

    steps: NDArray[numpy.float64]
    low: NDArray[numpy.float64]
    high: NDArray[numpy.float64]

    @property
    def values(self) -> NDArray[numpy.float64]:
        """The rate that was logged."""
        return (self.low + self.high) / 2

    @property
    def size(self) -> int:
        return len(self.steps)

    def rows(self, first: int, last: int | None = None) -> Part:
        """The rows from one to before another."""
        return Part(self.steps[first:last], self.low[first:last], self.high[first:last])

    def since(self, start: float) -> Part:
        """The same rows, with their steps counted from another."""
        return self._replace(steps=self.steps - start)

    def thinned(self, most: int) -> Part:
        """At most so many of the rows, irregularly, so that nothing periodic hides between them."""
        if self.size <= most:
            return self
        chosen = numpy.random.default_rng(0).choice(self.size, most - 2, replace=False)
        index = numpy.unique(numpy.concatenate([[0, self.size - 1], chosen]))
        return Part(self.steps[index], self.low[index], self.high[index])

    @property
    def positive(self) -> Part:
        """The rows in which the rate is known to be above 0."""
        return self if self.low.min() > 0 else Part(*(column[self.low > 0] for column in self))

    def over(self, divisor: NDArray[numpy.float64]) -> Part:
        """What is left of the rates where they are divided by other rates, which are positive."""
        return Part(self.steps, self.low / divisor, self.high / divisor)


def observed(
    steps: NDArray[Any], low: NDArray[numpy.float64], high: NDArray[numpy.float64], rounding: float = ROUNDING
) -> Part:
    """The rows of a log, with room for the roundings of a schedule as it is computed."""
    peak = float(numpy.abs(high).max())
    slack = rounding * numpy.abs(high) + (TINY if rounding == ROUNDING else rounding) * peak
    return Part(steps.astype(float), low - slack, high + slack)


def flat_tail(part: Part) -> int:
    """The row from which on the rate is held to the end: the last row where it is not."""
    values = part.values
    same = numpy.flatnonzero(values != values[-1])
    return int(same[-1]) + 1 if len(same) else 0


def runs(part: Part) -> Iterator[tuple[int, int]]:
    """The stretches of rows with one value, first and behind the last."""
    edges = numpy.flatnonzero(numpy.diff(part.values) != 0) + 1
    bounds = [0, *edges.tolist(), part.size]
    yield from itertools.pairwise(bounds)
