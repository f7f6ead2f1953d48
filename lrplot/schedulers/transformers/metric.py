"""Schedules that watch a metric: torch's, and one that raises the rate as well."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from array import array
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from lrplot.parameters import PerGroup, Range
from lrplot.schedulers.base import Action, Track, per_group
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

    def judge(self, metrics: Sequence[float], start: int = 0) -> tuple[int, bool]:
        """Takes up metrics until the rates are to change: the index after the last of them, and whether they are."""
        index = self._rest(metrics, start)
        to_beat, rising, patience = self.to_beat(), self.mode == "max", self.patience
        best, bad, good, due = self.best, self.num_bad_epochs, self.num_good_epochs, False
        mark = to_beat(best)
        while index < len(metrics) and not due:
            metric = self._mean(metrics[index]) if self.smooth else metrics[index]
            index += 1
            if metric > mark if rising else metric < mark:
                best, mark, bad = metric, to_beat(metric), 0
                good += 1
            else:
                good = 0
                bad += 1
            due = good > patience or bad > patience
        self.best, self.num_bad_epochs, self.num_good_epochs = best, bad, good
        self.last_epoch += index - start
        return index, due

    def _rest(self, metrics: Sequence[float], index: int) -> int:
        """Lets metrics pass that are not counted: the index of the first that is."""
        while index < len(metrics) and (self.cooldown_counter > 0 or self.warmup_counter > 0):
            if self.smooth:
                self._mean(metrics[index])
            if self.cooldown_counter > 0:
                self.cooldown_counter -= 1
            else:
                self.warmup_counter -= 1
            self.num_bad_epochs = self.num_good_epochs = 0
            index += 1
        return index

    def take(self, metric: float) -> Verdict:
        rest = "cooldown" if self.cooldown_counter > 0 else "warmup" if self.warmup_counter > 0 else ""
        rates, (_, due) = present_rates(self.optimizer), self.judge([metric])
        bad, good = self.num_bad_epochs, self.num_good_epochs
        actions, decision = [], rest or ("waited" if bad else f"improved, {good} in a row")
        if due:
            actions, decision = self._change(metric), "raised" if good > self.patience else "reduced"
        if any(action.kind == "restart" for action in actions):
            decision = "began anew"
        return Verdict(metric, self.best, bad, self.cooldown_counter, rates, decision, actions)

    def _change(self, metric: float) -> list[Action]:
        """Raises or lowers the rates, as is due: what that changed."""
        return self._raise(metric) if self.num_good_epochs > self.patience else self._lower(metric)

    def advance(self, steps: int, reread: bool = False, metrics: Sequence[float] = ()) -> list[Track]:
        self._check(steps, reread, metrics)
        groups, done = self.optimizer.param_groups, 0
        columns = [array("d", [group["lr"]]) for group in groups]
        while done < steps:
            (done, due), rates = self.judge(metrics, done), present_rates(self.optimizer)
            if due:
                self._change(metrics[done - 1])
            for column, rate, group in zip(columns, rates, groups):
                column.extend([rate] * (done - len(column)))
                column.append(group["lr"])
        self._last_lr = present_rates(self.optimizer)
        return [Track(column, {}, None) for column in columns]

    def _mean(self, metric: float) -> float:
        """The mean of the last metrics, this one among them."""
        window = self._streaming_avg
        values: list[float] = window["values"]
        values.append(metric)
        window["sum"] += metric
        if len(values) > window["window_size"]:
            window["sum"] -= values.pop(0)
        return window["sum"] / len(values)  # type: ignore[no-any-return]

    def _raise(self, metric: float) -> list[Action]:
        def raised(i: int, rate: float) -> float:
            higher = min(rate / self.factor, self.max_lrs[i])
            return higher if higher - rate > self.eps else rate

        actions = self._set(raised, metric)
        self.reset_start = self.reset_start_original
        self.warmup_counter, self.num_good_epochs = self.warmup, 0
        return actions

    def _lower(self, metric: float) -> list[Action]:
        def lowered(i: int, rate: float) -> float:
            lower = max(rate * self.factor, self.min_lrs[i])
            return lower if rate - lower > self.eps else rate

        actions = self._set(lowered, metric)
        if not any(group["lr"] > low for group, low in zip(self.optimizer.param_groups, self.min_lrs)):
            self.reset_start -= 1
            if self.reset_start <= 0:
                self._begin()
                self._set(lambda i, rate: self._init_lrs[i], metric)
                actions = [Action("restart", [0], metric=metric)]
        self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        return actions

    def _set(self, rule: Callable[[int, float], float], metric: float) -> list[Action]:
        """Sets each group's rate by a rule: what that changed."""
        actions = []
        for i, group in enumerate(self.optimizer.param_groups):
            before = float(group["lr"])
            after = rule(i, before)
            if after != before:
                actions.append(Action("drop", [0], after / before if before else None, metric, i))
            set_lr(group, after)
        return actions

    def step(self, metrics: float, epoch: int | None = None) -> None:  # type: ignore[override]
        """Takes up the metric of one more evaluation."""
        self.advance(1, metrics=[float(metrics)])
        if epoch is not None:
            self.last_epoch = epoch
