"""When a scheduler is stepped: its clock, which it has beside its parameters."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from lrplot.parameters import Parameter, Range, Refusal, checked, parameters_of

Interval = Literal["step", "epoch"]


class Clock:
    """When a scheduler that a training loop steps is stepped.

    >>> list(Clock(frequency=10).ticks(1, 40)), list(Clock(begin=5, end=8).ticks(1, 40))
    ([9, 19, 29, 39], [5, 6, 7])
    >>> list(Clock(interval="epoch", frequency=2).ticks(5, 40))
    [9, 19, 29, 39]

    Args:
        interval: What it is stepped after: a step of the optimizer, or the last one of an epoch; by default what the
            run says.
        frequency: Stepped at every so many intervals.
        repeat: How often it is stepped each time.
        begin: The interval from which on it is stepped.
        end: The interval before which it is stepped for the last time.

    Raises:
        Refusal: It would end before it begins.
    """

    @checked
    def __init__(
        self,
        interval: Interval | None = None,
        frequency: Annotated[int, Range(low=1)] = 1,
        repeat: Annotated[int, Range(low=1)] = 1,
        begin: Annotated[int, Range(low=0)] = 0,
        end: Annotated[int, Range(low=1)] | None = None,
    ) -> None:
        self.interval = interval
        self.frequency = frequency
        self.repeat = repeat
        self.begin = begin
        self.end = end
        if end is not None and end <= begin:
            raise Refusal("end", f"must be greater than begin, which is {begin:,}, got {end:,}")

    @property
    def is_regular(self) -> bool:
        """Whether it does the same all the time, and once at a time."""
        return self.repeat == 1 and self.begin == 0 and self.end is None

    def ticks(self, interval: int, steps: int) -> range:
        """Those of so many steps after which it is stepped, where an interval has so many steps."""
        period = interval * self.frequency
        first = period * -(-(self.begin + 1) // self.frequency) - 1
        stop = steps if self.end is None else min(steps, period * (self.end // self.frequency))
        return range(first, max(first, stop), period)

    @property
    def given(self) -> dict[str, str | int]:
        """What is not left at its default, by name."""
        return {p.name: getattr(self, p.name) for p in clock_parameters() if getattr(self, p.name) != p.default}

    def but(self, **changed: Any) -> Clock:
        """The same clock but for what is given."""
        return Clock(**{**vars(self), **changed})


PLAIN = Clock()


@functools.cache
def clock_parameters() -> Sequence[Parameter]:
    """The keys of a clock."""
    return parameters_of(Clock)
