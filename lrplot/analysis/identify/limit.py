"""The processor's time that a search may take: one limit for all of it, of which each part gets a part."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


class Limit:
    """Time from now on.

    Args:
        seconds: Of the processor's time.
        whole: What this is a part of.

    >>> [*Limit(60.0).within("abc")], [*Limit(60.0).part(0.0).within("abc")]
    (['a', 'b', 'c'], [])
    """

    def __init__(self, seconds: float, whole: Limit | None = None) -> None:
        self._until = time.process_time() + seconds
        self._whole = whole or self
        self.was_met = False
        """Whether something was left undone, in this or in a part of it."""

    def is_over(self) -> bool:
        """Whether no time is left; what asks leaves off where it is so."""
        if time.process_time() < self._until:
            return False
        self._whole.was_met = True
        return True

    def part(self, share: float) -> Limit:
        """A part of the time that is left."""
        return Limit(share * (self._until - time.process_time()), self._whole)

    def within(self, items: Iterable[Item]) -> Iterator[Item]:
        """Items for as long as there is time."""
        for item in items:
            if self.is_over():
                return
            yield item
