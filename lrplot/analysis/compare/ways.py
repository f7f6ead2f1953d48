"""Ways in which a scheduler can be stepped that is not stepped as planned: which step's rate is used at a step."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy

if TYPE_CHECKING:
    from numpy.typing import NDArray

MANY = 32
"""Steps that gradients are hardly accumulated over: more are an epoch."""


PLAIN = 6
"""Letters of a factor that somebody may have typed."""


class Way(NamedTuple):
    """At step t the plan's rate of step ``times * ((t + before) // every) + shift`` is used, and from step ``at`` on
    that of ``jump`` more.

    Args:
        epoch: How many steps an epoch has, where it is known that there are epochs.
        held: Whether the plan's steps go on while its rate is held.
        factor: What the rate is multiplied by.
    """

    times: int = 1
    every: int = 1
    before: int = 0
    shift: int = 0
    at: int | None = None
    jump: int = 0
    epoch: int | None = None
    factor: float = 1.0

    def steps(self, rows: "NDArray[Any]") -> "NDArray[Any]":
        """The plan's steps whose rates are used at some steps."""
        if self.at is not None:
            rows = rows + numpy.where(rows >= self.at, self.jump, 0)
        steps: NDArray[Any] = numpy.maximum(self.times * ((rows + self.before) // self.every) + self.shift, 0)
        return steps

    @property
    def unit(self) -> int:
        """The steps to which a shift is one of the scheduler's."""
        return self.times if self.times > 1 and self.shift % self.times == 0 else 1

    @property
    def relation(self) -> str:
        """What it is called."""
        if self.at is not None:
            return "resumed"
        if self.every > 1:
            by_epoch = self.epoch == self.every if self.epoch else self.every > MANY
            if self.times == self.every and not self.shift:
                return "epoch"
            if self.times == self.every:
                return "early" if self.shift > 0 else "late"
            if self.times > 1:
                return "stepped" if self.times > self.every else "every"
            return "epoch" if by_epoch else "every"
        if self.times > 1:
            return "stepped"
        if self.shift:
            return "early" if self.shift > 0 else "late"
        return "equal" if self.factor == 1 else "scaled"

    @property
    def is_usual(self) -> bool:
        """Whether it is one thing that is not as planned, and no far shift."""
        return self.cost[0] <= 1 and abs(self.shift) <= 1

    @property
    def is_anew(self) -> bool:
        """Whether the plan begins from 0 where it is gone on with."""
        return self.at is not None and self.at in (-self.jump, -self.jump - self.shift)

    @property
    def parts(self) -> "list[Way]":
        """The simpler ways that it is made of, but for the one that it is named by: none of a simple way."""
        alone = Way(epoch=self.epoch)
        parts = [
            alone._replace(shift=self.shift),
            alone._replace(factor=self.factor),
            alone._replace(times=self.times, every=self.every, before=self.before),
        ]
        return [part for part in parts if part not in (alone, self) and part.relation != self.relation]

    @property
    def cost(self) -> tuple[int, int, int]:
        """How far-fetched it is: in how many ways it is not as planned, and which."""
        order = ("equal", "early", "late", "stepped", "every", "epoch", "scaled", "resumed")
        far = abs(self.shift) > 1 and self.times == self.every == 1
        oddities = (
            self.factor != 1,
            len(f"{self.factor:.12g}") > PLAIN,
            self.at is not None,
            self.at is not None and not self.is_anew,
            self.shift != 0,
            self.before > 0,
            self.times > 1,
            self.every > 1,
        )
        rank = len(order) if far else order.index(self.relation)
        return sum(oddities), rank, abs(self.shift) + self.before + self.times + self.every


AS_PLANNED = Way()


def usual(epoch: int | None, batches: int) -> list[Way]:
    """The ways that are often met, the likeliest first.

    Args:
        epoch: How many steps an epoch has, where that is known.
        batches: Steps to one of the plan's scheduler.
    """
    shifts = [Way(shift=shift, epoch=epoch) for shift in (1, -1)]
    faster = [Way(times=times, epoch=epoch) for times in (*range(2, 17), 24, 32, 48, 64, 128)]
    slower = [Way(every=every, epoch=epoch) for every in (2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32, 64)]
    ways = [*shifts, *faster, *slower]
    ways += [Way(times=way.times, shift=shift, epoch=epoch) for way in faster[:15] for shift in (way.times, -way.times)]
    ways += [way._replace(before=before) for way in slower for before in (way.every - 1, 1) if before < way.every]
    if epoch:
        ways += [Way(every=epoch, epoch=epoch), Way(times=epoch, epoch=epoch)]
    if epoch and batches == 1:
        ways.append(Way(times=epoch, every=epoch, epoch=epoch))
    if batches > 1:
        for times in (1, 2, 3, 4, 8, 16):
            ways += [Way(times * batches, batches, 0, shift * batches, epoch=epoch) for shift in (1, -1, 0)]
        ways.remove(Way(batches, batches, epoch=epoch))
        ways += [Way(batches, batches * every, epoch=epoch) for every in (2, 4, 8)]
    return ways
