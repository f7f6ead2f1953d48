"""What a log allows: at each of its steps, the interval in which the true rate lies."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy
from numpy.typing import NDArray

from lrplot.analysis.identify.decimals import roundest

ROUNDING = 1e-9
"""A schedule that is computed step by step strays so far from its formula, as a part of the rate."""
SINGLE = 3e-7
"""The same where it is computed in single precision."""
TINY = 1e-16
"""The same where the rate should be 0, as a part of the peak: in double precision."""

BLUNT = 1e-5
"""The part of the peak from which on what is rounded hides the last rates before the end."""


class Part(NamedTuple):
    """Some rows of a log: their steps, counted from where the part begins, and the bounds of the rate at each.

    Args:
        origin: The step of the run from which they are counted.
    """

    steps: NDArray[numpy.float64]
    low: NDArray[numpy.float64]
    high: NDArray[numpy.float64]
    origin: int = 0

    @property
    def values(self) -> NDArray[numpy.float64]:
        """The rate that was logged."""
        return (self.low + self.high) / 2

    @property
    def size(self) -> int:
        return len(self.steps)

    def rows(self, first: int, last: int | None = None) -> Part:
        """The rows from one to before another."""
        return Part(self.steps[first:last], self.low[first:last], self.high[first:last], self.origin)

    def since(self, start: float) -> Part:
        """The same rows, with their steps counted from another."""
        return self._replace(steps=self.steps - start, origin=self.origin + int(start))

    def where(self, chosen: NDArray[Any]) -> Part:
        """Some of the rows, by index or as they are marked."""
        return Part(self.steps[chosen], self.low[chosen], self.high[chosen], self.origin)

    def ends(self, first: float, last: float, most: int = 6) -> list[int]:
        """Lengths with which something ends from one of its steps to another, at a round step of its own or of the
        run.
        """
        own = roundest(first, last, most=most)
        return list(
            dict.fromkeys(
                [*own, *(end - self.origin for end in roundest(first + self.origin, last + self.origin, most=most))]
            )
        )

    def thinned(self, most: int) -> Part:
        """At most so many of the rows, irregularly, so that nothing periodic hides between them."""
        if self.size <= most:
            return self
        chosen = numpy.random.default_rng(0).choice(self.size, most - 2, replace=False)
        return self.where(numpy.unique(numpy.concatenate([[0, self.size - 1], chosen])))

    @property
    def positive(self) -> Part:
        """The rows in which the rate is known to be above 0."""
        return self if self.low.min(initial=1.0) > 0 else self.where(self.low > 0)

    def over(self, divisor: NDArray[numpy.float64]) -> Part:
        """What is left of the rates where they are divided by other rates, which are positive."""
        return self._replace(low=self.low / divisor, high=self.high / divisor)


def observed(
    steps: NDArray[Any],
    low: NDArray[numpy.float64],
    high: NDArray[numpy.float64],
    rounding: float = ROUNDING,
    floor: float = TINY,
) -> Part:
    """The rows of a log, with room for the roundings of a schedule as it is computed.

    Args:
        floor: The same for a rate that should be 0, as a part of the peak.
    """
    slack = rounding * numpy.abs(high) + floor * float(numpy.abs(high).max())
    return Part(steps.astype(float), low - slack, high + slack)


def blunt(part: Part) -> bool:
    """Whether what is rounded may hide a rate that still changes."""
    return float((part.high - part.low).max()) > BLUNT * float(numpy.abs(part.high).max())


def flat_tail(part: Part) -> int:
    """The row from which on the rate is held to the end: the last row where it is not."""
    values = part.values
    moving = numpy.flatnonzero(values != values[-1:])
    return int(moving[-1]) + 1 if len(moving) else 0


def longest_first(part: Part, explains: Callable[[Part], bool], least: int = 4) -> int:
    """How many of the first rows are explained together, if so many are at all."""
    good, bad, reach = 0, part.size + 1, least
    while good + reach < bad and explains(part.rows(0, good + reach)):
        good, reach = good + reach, 2 * reach
    bad = min(bad, good + reach)
    while bad - good > 1:
        between = (good + bad) // 2
        good, bad = (between, bad) if explains(part.rows(0, between)) else (good, between)
    return good


def runs(part: Part) -> Iterator[tuple[int, int]]:
    """The stretches of rows with one value, first and behind the last."""
    edges = numpy.flatnonzero(numpy.diff(part.values) != 0) + 1
    bounds = [0, *edges.tolist(), part.size]
    yield from itertools.pairwise(bounds)
