"""What a proposal is before any scheduler is written for it: a ramp, a hold, and a decay, in numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

ODD = 4.0
"""What is added to what there is to type, of what is hardly ever meant."""
SHORT = 0.05
"""The part of a run that is too short for a phase."""


class Shape(NamedTuple):
    """A curve from its own step 0 on.

    Args:
        kind: Which formula it follows: see the modules that propose it.
        start: The rate at its step 0.
        end: The rate that it goes to.
        length: Steps until it is there; None where it has no end.
        holds: Whether the log shows that it stays there; None where the log ends before.
        more: What else its kind has.
    """

    kind: str
    start: float
    end: float = 0.0
    length: int | None = None
    holds: bool | None = None
    more: Mapping[str, Any] = MappingProxyType({})


class Ramp(NamedTuple):
    """What comes before a shape: a way from one rate to the shape's first, then a hold until the shape begins.

    Args:
        kind: "line", "constant", "cosine", "1-sqrt" or "log".
        length: Steps until the rate is there.
        start: The rate at step 0.
        begin: The step at which the shape begins.
    """

    kind: str
    length: int
    start: float
    begin: int


class Plan(NamedTuple):
    """A ramp, or several things one after the other, and a shape."""

    shape: Shape
    ramp: Ramp | None = None
    before: Sequence[tuple[Shape, int]] = ()
    """Other shapes that come first, each with the step at which it ends."""
    chained: bool = False
    """Whether the ramp is multiplied with the shape, instead of coming before it."""
    overlaid: bool = False
    """Whether the shape begins at step 0 all the same, and the ramp hides its beginning."""
    late: bool = False
    """Whether all of it begins at step 1, and step 0 is as the first: DeepSpeed's count."""
    epoch: int = 0
    """Steps of an epoch, where the shape, or all of it, counts those; 0 where nothing does."""
    earlier: Plan | None = None
    """What was before, from step 0 on, where the plan begins anew at another step."""
    switch: int = 0
    """That step."""

    @property
    def hardly_held(self) -> float:
        """How odd it is that the rate is held before the shape, where that is too short to be meant."""
        held = self.ramp.begin - self.ramp.length if self.ramp else 0
        return ODD if self.ramp and held < SHORT * (self.ramp.begin + (self.shape.length or 0)) else 0.0

    def alike(self, other: Plan) -> bool:
        """Whether two plans are of the same kinds, in the same order."""
        return self._kinds == other._kinds

    @property
    def _kinds(self) -> tuple[object, ...]:
        ramp = self.ramp and (self.ramp.kind, self.ramp.length > 0)
        return self.shape.kind, ramp, self.chained, self.overlaid, *(shape.kind for shape, _ in self.before)
