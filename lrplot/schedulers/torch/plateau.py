"""The schedule that watches a metric."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from array import array
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from lrplot.parameters import PerGroup, Range
from lrplot.schedulers.base import Action, Position, Rule, Track, held, per_group
from lrplot.schedulers.dropin import own, present_rates, set_lr, warn_epoch_deprecated
from lrplot.schedulers.watcher import Verdict, Watcher


class ReduceLROnPlateau(Watcher, name="plateau"):
    r"""Lowers the rate when a metric has stopped improving.

    .. math:: \eta_t = \max(\eta_{t-1} \cdot \text{factor}, \text{min\_lr})
        \text{ after more than patience epochs without improvement}

    A metric improves when it is below best * (1 - threshold), or best - threshold with threshold_mode abs; above, with
    + for -, for mode max.

    Args:
        factor: Factor of each reduction, below 1.
        patience: Epochs without improvement that are let pass.
        cooldown: Epochs after a reduction in which bad ones are not counted.
        eps: A reduction by no more than this is left undone.

    Raises:
        ValueError: factor is 1 or more, a mode is unknown, or min_lr has not one value a group.

    Example:
        lrplot plateau --factor 0.5 --patience 5 --metrics "max(0.3, 0.9 ** epoch)" --lr 0.1 -n 60 -o plateau.png

    Source: https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> optimizer = Optimizer(lr=1.0)
    >>> scheduler = ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> list(scheduler.advance(6, metrics=[3.0, 2.0, 2.0, 2.0, 2.0, 2.0])[0].rates)  # one step a metric
    [1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.25]
    """

    def __init__(
        self,
        optimizer: Any,
        mode: Literal["min", "max"] = "min",
        factor: Annotated[float, Range(high=1.0, open_high=True)] = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: Literal["rel", "abs"] = "rel",
        cooldown: int = 0,
        min_lr: PerGroup[float] = 0.0,
        eps: float = 1e-8,
    ) -> None:
        super().__init__(optimizer, mode, factor, patience, threshold, threshold_mode, cooldown, min_lr, eps)
        self.default_min_lr = None if isinstance(min_lr, (list, tuple)) else own(min_lr)
        self.mode_worse = self.worst

    @property
    def in_cooldown(self) -> bool:
        """Whether a reduction is so recent that bad epochs are not counted."""
        return self.cooldown_counter > 0

    def rule(self, i: int) -> Rule:
        """The rate after a reduction, given the one before; between reductions it is held."""
        eps = self.eps

        def reduced(lr: float, _: Position) -> float:
            lr = float(lr)  # torch holds it as a tensor at times, and reduces in double precision all the same
            lower = self._lower(i, lr)
            return lower if lr - lower > eps else lr

        return reduced

    def _lower(self, i: int, lr: float) -> float:
        """What a reduction would make of a rate, if there were no eps."""
        return max(lr * self.factor, self.min_lrs[i])  # type: ignore[no-any-return]

    def _match_min_lrs(self) -> None:
        """Has the lowest rate of all be that of groups which were added, too."""
        groups = self.optimizer.param_groups
        if self.default_min_lr is not None and len(self.min_lrs) != len(groups):
            self.min_lrs = [self.default_min_lr] * len(groups)
        per_group(self, "min_lrs", self.min_lrs, groups)

    def judge(self, metrics: Sequence[float]) -> dict[int, int]:
        """Takes up one metric an epoch; answers with the indices of those after which the rate is to be reduced, each
        with the bad epochs that had been counted.
        """
        (scale, shift), rising = self.margin, self.mode == "max"
        best, good, cooldown = self.best, -1 - self.num_bad_epochs, self.cooldown_counter  # bad epochs: index - good
        mark, patience, due = best * scale + shift, self.patience, 0
        reductions = {}
        for index, metric in enumerate(metrics):
            if metric > mark if rising else metric < mark:
                best, mark, good, due = metric, metric * scale + shift, index, index
            if index >= due:  # before that, a bad epoch is no more than one more
                if cooldown > 0:
                    cooldown, good = cooldown - 1, index
                if index - good > patience:
                    reductions[index] = index - good
                    cooldown, good = self.cooldown, index
                due = good + patience if cooldown == 0 else index + 1
        self.best, self.num_bad_epochs, self.cooldown_counter = best, len(metrics) - 1 - good, cooldown
        self.last_epoch += len(metrics)
        return reductions

    def take(self, metric: float) -> Verdict:
        cooling, rates = self.in_cooldown, present_rates(self.optimizer)
        counted = self.judge([metric])
        actions = self._reduce(metric) if counted else []
        bad = counted.get(0, self.num_bad_epochs)
        decision = "reduced" if counted else "cooldown" if cooling else "waited" if bad else "improved"
        return Verdict(metric, self.best, bad, self.cooldown_counter, rates, decision, actions)

    def actions(self, steps: int, metrics: Sequence[float] = ()) -> list[Action]:
        told = []
        for epoch in self.judge(metrics):
            reduction = self._reduce(metrics[epoch])
            told += [action.later(epoch + 1) for action in reduction]
            if not any(action.kind == "drop" for action in reduction):
                break  # what is left undone once is left undone each time
        return told

    def _reduce(self, metric: float) -> list[Action]:
        """Reduces the rates: what that was in each group, none where the rate is as low as it may be."""
        actions = []
        for i, group in enumerate(self.optimizer.param_groups):
            rate = group["lr"]
            lower = self.rule(i)(rate, None)
            if lower != rate:
                actions.append(Action("drop", [0], lower / rate if rate else None, metric, i))
                set_lr(group, lower)
            elif self._lower(i, rate) < rate:
                actions.append(Action("undone", [0], None, metric, i))
        return actions

    def step(self, metrics: float, epoch: float | None = None) -> None:  # type: ignore[override]
        """Takes up the metric of one more epoch."""
        self.advance(1, metrics=[float(metrics)])
        if epoch is not None:
            warn_epoch_deprecated()
            self.last_epoch = epoch  # type: ignore[assignment]

    def advance(self, steps: int, reread: bool = False, metrics: Sequence[float] = ()) -> list[Track]:
        self._check(steps, reread, metrics)
        reductions = self.judge(metrics)
        if reductions:
            self._match_min_lrs()
        tracks = []
        for i, group in enumerate(self.optimizer.param_groups):
            rule, rate, rates = self.rule(i) if reductions else held, group["lr"], array("d")
            for index in reductions:
                lower = rule(rate, index)
                if lower == rate and lower:  # 0.0 and -0.0 are equal
                    break  # what is held once is held each time
                rates += array("d", [rate]) * (index + 1 - len(rates))
                rate = lower
            rates += array("d", [rate]) * (len(metrics) + 1 - len(rates))
            set_lr(group, rates[-1])
            tracks.append(Track(rates, {}, None))
        self._last_lr = present_rates(self.optimizer)
        return tracks
