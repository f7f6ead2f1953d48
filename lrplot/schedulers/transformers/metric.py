"""Schedules that watch a metric: torch's, and one that raises the rate as well."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

import math
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Annotated, Any, Literal

from lrplot.parameters import PerGroup, Range
from lrplot.schedulers.base import Action, Track, column, per_group
from lrplot.schedulers.dropin import own, present_rates, set_lr
from lrplot.schedulers.torch.plateau import ReduceLROnPlateau
from lrplot.schedulers.watcher import Verdict, Watcher


class Plateau(ReduceLROnPlateau, name="reduce_lr_on_plateau", family="transformers"):
    r"""Lowers the rate when a metric has stopped improving: torch's own ReduceLROnPlateau.

    .. math:: \eta_t = \max(\eta_{t-1} \cdot \text{factor}, \text{min\_lr})
        \text{ after more than patience evaluations without improvement}

    The Trainer steps it at each evaluation with metric_for_best_model, the loss by default, and so needs an
    eval_strategy; mode stays min for a metric that rises, unless lr_scheduler_kwargs say otherwise.

    Raises:
        ValueError: factor is 1 or more, a mode is unknown, or min_lr has not one value a group.

    Example:
        lrplot transformers.reduce_lr_on_plateau --factor 0.5 --patience 5 --metrics "max(0.3, 0.9 ** epoch)" \
            --lr 5e-5 -n 60 -o plateau.png

    Source: https://huggingface.co/docs/transformers/v5.24.0/main_classes/optimizer_schedules

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = Plateau(Optimizer(lr=1.0), factor=0.5, patience=0)
    >>> list(scheduler.advance(3, metrics=[2.0, 2.0, 1.0])[0].rates)
    [1.0, 1.0, 0.5, 0.5]
    """

    original = "transformers.get_reduce_on_plateau_schedule"


class Greedy(Watcher, name="greedy", family="transformers"):
    r"""Raises the rate while a metric improves, and lowers it when the metric has stopped improving (GreedyLR).

    .. math:: \eta_t = \min(\eta_{t-1} / \text{factor}, \text{max\_lr})
        \text{ after more than patience improvements in a row}, \quad
        \max(\eta_{t-1} \cdot \text{factor}, \text{min\_lr}) \text{ after as many evaluations without one}

    A metric improves when it is below best - threshold, or best * (1 - threshold) with threshold_mode rel; above, with
    + for -, for mode max. In cooldown and warmup the metrics are not looked at: none of them becomes the best. After
    reset_start reductions that find all rates at min_lr, it begins anew with the first rates and without a best metric.

    The Trainer steps it at each evaluation. min_lr is 0.001 by default, above the rates that most fine-tuning uses: a
    rate below it is never lowered, only raised.

    Args:
        factor: Factor of each reduction, below 1; an increase divides by it.
        patience: Evaluations of a kind in a row that are let pass.
        cooldown: Evaluations after a reduction that are not counted.
        warmup: Evaluations after an increase that are not counted.
        max_lr: The highest rate.
        eps: A change by no more than this is left undone.
        smooth: Whether the mean of the last metrics is judged in place of each.
        window_size: Metrics in that mean.
        reset_start: Reductions at min_lr after which it begins anew.

    Raises:
        ValueError: factor is 1 or more, a mode is unknown, or min_lr or max_lr has not one value a group.

    Example:
        lrplot transformers.greedy --factor 0.8 --patience 3 --min-lr 1e-4 --lr 0.01 \
            --metrics "max(0.3, 0.9 ** epoch)" -n 60 -o greedy.png

    Source: https://arxiv.org/abs/2512.14527, and
    https://huggingface.co/docs/transformers/v5.24.0/main_classes/optimizer_schedules

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = Greedy(Optimizer(lr=0.5), factor=0.5, patience=1)
    >>> list(scheduler.advance(6, metrics=[3.0, 2.0, 1.0, 1.0, 1.0, 1.0])[0].rates)
    [0.5, 0.5, 1.0, 1.0, 1.0, 0.5, 0.5]
    """

    original = "transformers.get_greedy_schedule"

    def __init__(
        self,
        optimizer: Any,
        mode: Literal["min", "max"] = "min",
        factor: Annotated[float, Range(high=1.0, open_high=True)] = 0.95,
        patience: int = 10,
        threshold: float = 1e-6,
        threshold_mode: Literal["rel", "abs"] = "abs",
        cooldown: int = 0,
        warmup: int = 0,
        min_lr: PerGroup[float] = 1e-3,
        max_lr: PerGroup[float] = 1.0,
        eps: float = 1e-8,
        smooth: bool = False,
        window_size: int = 50,
        reset_start: int = 500,
    ) -> None:
        super().__init__(optimizer, mode, factor, patience, threshold, threshold_mode, cooldown, min_lr, eps)
        self.warmup = warmup
        self.max_lrs = per_group(self, "max_lr", max_lr, optimizer.param_groups)
        self.smooth = smooth
        self.window_size = window_size
        self.reset_start_original = reset_start
        self._init_lrs = [own(group["lr"]) for group in optimizer.param_groups]
        self._begin()

    def _begin(self) -> None:
        """Forgets what it has seen."""
        self.best = self.worst
        self.num_bad_epochs = self.num_good_epochs = 0
        self.cooldown_counter = self.warmup_counter = 0
        self.reset_start = self.reset_start_original
        self._streaming_avg: dict[str, Any] = {"window_size": self.window_size, "values": [], "sum": 0.0}

    def advance(self, steps: int, reread: bool = False, metrics: Sequence[float] = ()) -> list[Track]:
        self._check(steps, reread, metrics)
        columns, _ = self.follow(metrics)
        self._last_lr = present_rates(self.optimizer)
        return [Track(column(rates), {}, None) for rates in columns]

    def take(self, metric: float) -> Verdict:
        resting = "cooldown" if self.cooldown_counter > 0 else "warmup" if self.warmup_counter > 0 else ""
        bad, ((*columns,), change) = self.num_bad_epochs, self.follow([metric])
        bad = bad + 1 if change in ("reduced", "began anew") else self.num_bad_epochs
        waited = "waited" if bad else f"improved, {self.num_good_epochs} in a row"
        actions = [
            Action("drop", [0], after / before if before else None, metric, i)
            for i, (before, after) in enumerate(columns)
            if after != before
        ]
        if change == "began anew":
            actions = [Action("restart", [0], metric=metric)]
        rates = [before for before, _ in columns]
        return Verdict(metric, self.best, bad, self.cooldown_counter, rates, change or resting or waited, actions)

    def follow(self, metrics: Sequence[float]) -> tuple[list[list[float]], str]:
        """Takes up metrics: the rates of each group before and after each of them, and what the last change was."""
        rates, left, change = present_rates(self.optimizer), self.reset_start, ""
        factor, eps, lows, tops, groups = self.factor, self.eps, self.min_lrs, self.max_lrs, range(len(rates))
        columns: list[list[float]] = [[] for _ in groups]
        for done, raised in self.judge(metrics):
            if raised:
                left, change = self.reset_start_original, "raised"
                for i in groups:
                    higher = (rate := rates[i]) / factor
                    if tops[i] < higher:
                        higher = tops[i]
                    if higher - rate > eps:
                        columns[i] += [rate] * (done - len(columns[i]))
                        rates[i] = higher
                continue
            lowest, change = True, "reduced"
            for i in groups:
                lower = (rate := rates[i]) * factor
                if lows[i] > lower:
                    lower = lows[i]
                if rate - lower > eps:
                    columns[i] += [rate] * (done - len(columns[i]))
                    rates[i] = rate = lower
                if rate > lows[i]:
                    lowest = False
            if lowest:
                left -= 1
                if left <= 0:
                    self._begin()
                    left, change = self.reset_start, "began anew"
                    columns = [values + [rate] * (done - len(values)) for values, rate in zip(columns, rates)]
                    rates = [*self._init_lrs]
        self.reset_start = left
        for group, values, rate in zip(self.optimizer.param_groups, columns, rates):
            values += [rate] * (len(metrics) + 1 - len(values))
            set_lr(group, rate)
        return columns, change

    def judge(self, metrics: Sequence[float]) -> Iterator[tuple[int, bool]]:
        """Takes up metrics: after how many of them the rates are to change, and whether they are to be raised."""
        taken = iter(self._means(metrics) if self.smooth else metrics)
        bad, good = self.num_bad_epochs, self.num_good_epochs
        done = -bad - good  # without those that are counted
        rising, patience, (scale, shift) = self.mode == "max", self.patience, self.margin
        if rested := self._rest(taken):
            bad, good, done = 0, 0, rested
        mark = self.best * scale + shift
        for metric in taken:
            if metric > mark if rising else metric < mark:
                self.best, mark = metric, metric * scale + shift
                if bad:
                    done, bad = done + bad, 0
                good += 1
                if not good > patience:
                    continue
            else:
                if good:
                    done, good = done + good, 0
                bad += 1
                if not bad > patience:
                    continue
            raised = good > patience
            yield done + good + bad, raised
            mark = self.best * scale + shift  # of no metric, where it began anew
            if raised:
                done, good, self.warmup_counter = done + good, 0, self.warmup
            else:
                done, bad, self.cooldown_counter = done + bad, 0, self.cooldown
            if (self.cooldown_counter > 0 or self.warmup_counter > 0) and (rested := self._rest(taken)):
                done, bad, good = done + bad + rested, 0, 0
        self.num_bad_epochs, self.num_good_epochs = bad, good
        self.last_epoch += len(metrics)

    def _rest(self, taken: Iterator[Any]) -> int:
        """Lets metrics pass that are not counted, and says how many."""
        cooldown, warmup = map(_rests, (self.cooldown_counter, self.warmup_counter))
        rested = len(list(islice(taken, min(cooldown + warmup, sys.maxsize))))
        self.cooldown_counter -= min(rested, cooldown)
        self.warmup_counter -= max(0, rested - cooldown)
        return rested

    def _means(self, metrics: Sequence[float]) -> Iterator[float]:
        """The mean of each metric and those before it within the window."""
        window: dict[str, Any] = {}
        for metric in metrics:
            if window is not self._streaming_avg:  # at first, and where it has begun anew
                window = self._streaming_avg
                values, size, total = window["values"], window["window_size"], window["sum"]
            values.append(metric)
            total += metric
            if len(values) > size:
                total -= values.pop(0)
            window["sum"] = total
            yield total / len(values)

    def step(self, metrics: float, epoch: int | None = None) -> None:  # type: ignore[override]
        """Takes up the metric of one more evaluation."""
        self.advance(1, metrics=[float(metrics)])
        if epoch is not None:
            self.last_epoch = epoch


def _rests(counter: float) -> int:
    """How often 1 can be taken away until a counter is not above 0, which need not be whole."""
    if not counter > 0:
        return 0
    return math.ceil(counter) if counter < sys.maxsize else sys.maxsize
