"""What is compared: rates at steps, each with the bounds within which it was written."""

from collections.abc import Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

import numpy

from lrplot.parameters import Refusal
from lrplot.runs.curve import Curve
from lrplot.runs.log import Log
from lrplot.runs.quantum import FULL
from lrplot.runs.simulate import simulate_run

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROUNDING = 1e-11
"""How far the product of a rate and a factor may be off, as a part of it, where both were rounded at each step."""
FARTHEST = 4_000_000
"""Steps that a plan is followed past its end, to be found in a run that stepped faster."""


class Side:
    """A curve that is compared.

    Args:
        curve: Its rates, those that the optimizer uses.
    """

    def __init__(self, curve: Curve) -> None:
        self.curve = curve
        self.run = curve.run
        self.log = curve.run if isinstance(curve.run, Log) else None
        self.quantum = self.log.quantum if self.log is not None else FULL
        self.rows: NDArray[Any] = curve.step
        self.ends = self.log is not None
        """Whether it cannot be followed past its last step."""
        self._take(curve)

    def _take(self, curve: Curve) -> None:
        self.start = int(curve.steps.start)
        self.is_dense = curve.steps.stop - curve.steps.start == len(curve.steps)
        self.values: Sequence[NDArray[Any]] = [numpy.frombuffer(column) for column in curve.rates]
        self.bounds = [self.quantum.bounds(values) for values in self.values]

    def over(self, factor: float) -> "Side":
        """The same rows with their rates divided by a factor, and room for what that rounds."""
        other = copy(self)
        other.values = [values / factor for values in self.values]
        room = ROUNDING / factor
        other.bounds = [(low / factor - room * abs(low), high / factor + room * abs(high)) for low, high in self.bounds]
        return other

    @property
    def groups(self) -> int:
        return len(self.values)

    @property
    def last(self) -> int:
        """The last step."""
        return int(self.rows[-1])

    @property
    def stride(self) -> int:
        """How far its rows are apart, for the most part."""
        return int(numpy.median(numpy.diff(self.rows))) if len(self.rows) > 1 else 1

    def follow(self, step: int) -> None:
        """Knows its rates up to a step, where that can be."""
        if self.ends or step < self.start + len(self.rows) or step > self.last + FARTHEST:
            return
        for last in (min(2 * step, step + 10_000), step):
            steps = max(last, step) + 1 - self.start
            try:
                (curve,) = simulate_run(self.run.but(steps=steps, record=("used",)))
            except (Refusal, ValueError, IndexError):
                continue
            self.rows = curve.step
            self._take(curve)
            return
        self.ends = True

    def places(self, steps: "NDArray[Any]") -> "NDArray[Any]":
        """Where some steps stand among its rows: -1 where they do not."""
        if self.is_dense:
            places = steps - self.start
            return numpy.where((places >= 0) & (places < len(self.rows)), places, -1)
        places = numpy.searchsorted(self.rows, steps).clip(0, len(self.rows) - 1)
        return numpy.where(self.rows[places] == steps, places, -1)

    def matches(self, low: float, high: float, last: int) -> "NDArray[Any]":
        """The steps, up to a last one, at which it may have had a rate between two."""
        count = int(numpy.searchsorted(self.rows, last + 1))
        below, above = (bound[:count] for bound in self.bounds[0])
        return self.rows[numpy.flatnonzero((below <= high) & (above >= low))]
