"""The callback that watches a metric."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from lrplot.parameters import Range, Refusal
from lrplot.schedulers.base import Rule
from lrplot.schedulers.dropin import set_lr
from lrplot.schedulers.float32 import f32
from lrplot.schedulers.torch.plateau import ReduceLROnPlateau

RISING = ("accuracy", "acc", "auc", "precision", "recall", "similarity", "score")
FALLING = ("loss", "error", "crossentropy")
"""How the names of Keras's metrics end that should rise, and of those that should fall."""


class Plateau(ReduceLROnPlateau, name="ReduceLROnPlateau", family="keras"):
    r"""Lowers the rate when a metric has stopped improving: the callback, called at the end of each epoch.

    .. math:: \eta_t = \max(\eta_{t-1} \cdot \text{factor}, \text{min\_lr})
        \text{ at the patience-th epoch in a row without improvement}

    A metric improves when it is below best - min_delta, above best + min_delta for mode max. It is no torch plateau:
    that one reduces after patience bad epochs, at the one after them, and its threshold is a part of the best value
    unless told otherwise. In a cooldown of n epochs the n-th is counted again here, and not there.

    The optimizer's rate is a float32: 0.01 reads back as 0.009999999776482582. An optimizer whose rate is a schedule
    cannot have it set: the callback ends the training with a TypeError. It counts epochs, where schedules count
    iterations.

    Args:
        monitor: What is watched: with mode auto, its name tells whether it should rise.
        factor: Factor of each reduction, below 1.
        patience: Epochs without improvement up to the reduction.
        mode: Whether the metric should fall (min, a loss) or rise (max, an accuracy).
        min_delta: Least change that counts as improvement, absolute.
        cooldown: Epochs after a reduction in which bad ones are not counted.
        min_lr: The lowest rate.

    Raises:
        ValueError: factor is 1 or more, or mode is auto and the metric's name does not tell.

    Example:
        lrplot keras.ReduceLROnPlateau --factor 0.5 --patience 5 --metrics "max(0.3, 0.9 ** epoch)" --lr 0.1 -n 60 \
            -o plateau.png

    Source: https://keras.io/api/callbacks/reduce_lr_on_plateau/

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = Plateau(Optimizer(lr=1.0), factor=0.5, patience=2)
    >>> list(scheduler.advance(6, metrics=[3.0, 2.0, 2.0, 2.0, 2.0, 2.0])[0].rates)
    [1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.25]
    """

    one_rate = True
    composable = False

    def __init__(
        self,
        optimizer: Any,
        monitor: str = "val_loss",
        factor: Annotated[float, Range(high=1.0, open_high=True)] = 0.1,
        patience: int = 10,
        mode: Literal["auto", "min", "max"] = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        way = _way(monitor) if mode == "auto" else mode
        super().__init__(optimizer, way, factor, patience, abs(min_delta), "abs", cooldown, min_lr, eps=0.0)
        self.best: Any = None
        for group in optimizer.param_groups:
            set_lr(group, f32(group["lr"]))

    @property
    def due_after(self) -> int:
        return max(1, self.patience)

    @property
    def in_cooldown(self) -> bool:
        return self.cooldown_counter > 1

    def rule(self, i: int) -> Rule:
        return lambda lr, _: self._lower(i, lr)

    def _lower(self, i: int, lr: float) -> float:
        low = self.min_lrs[i]
        return f32(max(lr * self.factor, low)) if lr > f32(low) else lr

    def judge(self, metrics: Sequence[float]) -> dict[int, int]:
        reductions = {}
        for index, metric in enumerate(metrics):
            if self.cooldown_counter > 0:
                self.cooldown_counter -= 1
                self.num_bad_epochs = 0
            if self._improves(metric):
                self.best, self.num_bad_epochs = metric, 0
            elif self.cooldown_counter <= 0:
                self.num_bad_epochs += 1
                if self.num_bad_epochs >= self.due_after:
                    reductions[index] = self.num_bad_epochs
                    self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self.last_epoch += len(metrics)
        return reductions

    def _improves(self, metric: float) -> bool:
        if self.best is None:
            return True
        if self.mode == "max":
            return f32(metric - self.threshold) > f32(self.best)
        return f32(metric + self.threshold) < f32(self.best)


def _way(monitor: str) -> Literal["min", "max"]:
    """Whether a metric should fall or rise, as its name tells.

    Raises:
        Refusal: It does not.
    """
    name = monitor.lower()
    if name.endswith(FALLING):
        return "min"
    if name.endswith(RISING):
        return "max"
    raise Refusal("mode", f"must be min or max where the name of the metric does not tell: monitor={monitor!r}")
