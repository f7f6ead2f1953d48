"""What the schedules of this family share: they count batches, from -1 on, and know nothing of torch's schedulers."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from lrplot.schedulers.base import Position, Scheduler, shifted
from lrplot.schedulers.dropin import present_rates


class ByBatch(Scheduler, family="deepspeed"):
    """Sets the first rates when it is made; the i-th call of ``step()`` then takes up the index i - 1.

    Args:
        last_batch_iteration: Index of the batch to resume after; -1 starts anew.
    """

    home = "deepspeed.runtime.lr_schedules"
    resumes = "last_batch_iteration"
    composable = False

    def __init__(self, optimizer: Any, last_batch_iteration: int = -1) -> None:
        self.optimizer = optimizer
        self.last_epoch = last_batch_iteration + 1
        self._step_count = 0
        if last_batch_iteration == -1:
            self._set_rates(self.first_rates())
        self._last_lr = present_rates(optimizer)

    @property
    def last_batch_iteration(self) -> int:
        """The present index."""
        return self.last_epoch - 1

    @abstractmethod
    def first_rates(self) -> list[float]:
        """Those that a new schedule begins with."""

    @abstractmethod
    def places(self, indices: Sequence[float]) -> Sequence[Position]:
        """The positions at some consecutive indices."""

    def walk(self, steps: int) -> Sequence[Position]:
        return self.places(shifted(super().walk(steps), -1))

    def position(self) -> Position:
        return self.places([self.last_batch_iteration])[0]

    def step(self, last_batch_iteration: int | None = None) -> None:  # type: ignore[override]
        """Moves on by one batch, or to the index of one."""
        if last_batch_iteration is not None:
            self.last_epoch = last_batch_iteration  # of which the next is that one
        (position,) = self.walk(1)
        self._set_rates(self._rates(position))

    def get_lr(self) -> list[float]:
        """The rates at the present index."""
        return [self.rule(i)(rate, self.position()) for i, rate in enumerate(self._before())]

    def state_dict(self) -> dict[str, Any]:
        """The state, which is the index alone."""
        return {"last_batch_iteration": self.last_batch_iteration}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes up what ``state_dict`` gave, here or in DeepSpeed."""
        self.last_epoch = state_dict["last_batch_iteration"] + 1
