"""What the schedulers share that watch a metric."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

import math
from array import array
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from lrplot.parameters import PerGroup, Refusal
from lrplot.schedulers.base import Action, Scheduler, Track, per_group
from lrplot.schedulers.dropin import present_rates


class Verdict(NamedTuple):
    """What one more metric led to."""

    metric: float
    best: float
    bad_epochs: int
    """Counted by then; a reduction sets them back to 0."""
    cooldown: int
    """Epochs that are left of it."""
    rates: list[float]
    """Of this epoch."""
    decision: str
    """What became of the metric or of the rate: improved, waited, cooldown, reduced, raised …"""
    actions: list[Action]
    """What was done, by parameter group."""


class Watcher(Scheduler):
    """Changes the rate when a metric improves, or has stopped improving.

    Args:
        mode: Whether the metric should fall (a loss) or rise (an accuracy).
        threshold: Least change that counts as improvement.
        threshold_mode: Whether threshold is a part of the best value or an absolute change.
        min_lr: The lowest rate.
    """

    knows_jumps = True
    watches_metric = gives_verdicts = True
    has_get_lr = False

    def __init__(
        self,
        optimizer: Any,
        mode: str,
        factor: float,
        patience: int,
        threshold: float,
        threshold_mode: str,
        cooldown: int,
        min_lr: PerGroup[float],
        eps: float,
    ) -> None:
        if not hasattr(optimizer, "param_groups"):
            raise TypeError(f"{type(optimizer).__name__} is not an optimizer: it has no param_groups")
        self.optimizer = optimizer
        self.mode = mode
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.threshold_mode = threshold_mode
        self.cooldown = cooldown
        self.min_lrs = per_group(self, "min_lr", min_lr, optimizer.param_groups)
        self.eps = eps
        self.best = self.worst
        self.num_bad_epochs = 0
        self.cooldown_counter = 0
        self.last_epoch = 0
        self._last_lr = present_rates(optimizer)

    @property
    def due_after(self) -> int:
        """The epochs in a row without improvement after which the rate is lowered."""
        return self.patience + 1

    @property
    def worst(self) -> float:
        """The metric that any other improves on."""
        return math.inf if self.mode == "min" else -math.inf

    def take(self, metric: float) -> Verdict:
        """Takes up the metric of one more epoch, and sets the rates."""
        raise NotImplementedError

    def verdicts(self, metrics: Sequence[float]) -> Iterator[Verdict]:
        """Takes up one metric an epoch, and says of each what it led to."""
        return map(self.take, metrics)

    def actions(self, steps: int, metrics: Sequence[float] = ()) -> list[Action]:
        taken = enumerate(self.verdicts(metrics), start=1)
        return [action.later(step) for step, verdict in taken for action in verdict.actions]

    @property
    def margin(self) -> tuple[float, float]:
        """Factor and summand that make of the best metric what the next one has to be beyond."""
        threshold = self.threshold if self.mode == "max" else -self.threshold
        return (1.0 + threshold, 0.0) if self.threshold_mode == "rel" else (1.0, threshold)

    def get_lr(self) -> list[float]:
        raise NotImplementedError(f"{self.shown_name} has no get_lr(), in {self.family} as here")

    def advance(self, steps: int, reread: bool = False, metrics: Sequence[float] = ()) -> list[Track]:
        self._check(steps, reread, metrics)
        groups = self.optimizer.param_groups
        columns = [array("d", [group["lr"]]) for group in groups]
        for metric in metrics:
            self.take(metric)
            for column, group in zip(columns, groups):
                column.append(group["lr"])
        self._last_lr = present_rates(self.optimizer)
        return [Track(column, {}, None) for column in columns]

    def _check(self, steps: int, reread: bool, metrics: Sequence[float]) -> None:
        """Refuses to go on without one metric a step, or to say what get_lr() answers."""
        if reread:
            self.get_lr()
        if len(metrics) != steps:
            raise Refusal("metrics", f"must be one a step, got {len(metrics)} for {steps} steps", owner=self.shown_name)
