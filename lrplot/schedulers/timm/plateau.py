"""The schedule that watches a metric: torch's, with a warm-up before and noise on top."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from lrplot.parameters import Range, Unenforced
from lrplot.schedulers.base import Track, column
from lrplot.schedulers.dropin import own, present_rates
from lrplot.schedulers.timm.schedule import Interval, WarmUpAndNoise
from lrplot.schedulers.torch.plateau import ReduceLROnPlateau
from lrplot.schedulers.watcher import Verdict, Watcher

Kind = Annotated[Literal["normal", "uniform"], Unenforced()]


class PlateauLRScheduler(WarmUpAndNoise, ReduceLROnPlateau, name="plateau", family="timm"):
    r"""Lowers the rate when a metric has stopped improving, after a warm-up: torch's ReduceLROnPlateau within.

    .. math:: \eta_t = \max(\eta_{t-1} \cdot \text{decay\_rate}, \text{lr\_min})
        \text{ after more than patience\_t epochs without improvement}

    mode is max by default, for an accuracy that rises; torch's and transformers' is min. In the warm-up, and in the
    epoch after it, the metrics are not looked at. The noise is put on the rate of an epoch and taken off again before
    the next one is found.

    timm calls it deprecated: what it has counted is in no checkpoint.

    Args:
        decay_rate: Factor of each reduction, below 1.
        patience_t: Epochs without improvement that are let pass.
        threshold: Least change that counts as improvement, as a part of the best value.
        cooldown_t: Epochs after a reduction in which bad ones are not counted.
        lr_min: The lowest rate.
        noise_type: Whether the noise is normal, or even between the limits.

    Raises:
        ValueError: decay_rate is 1 or more, or the mode is unknown.

    Example:
        lrplot timm.plateau --decay-rate 0.5 --patience-t 5 --mode min --warmup-t 5 --lr 0.1 -n 60 \
            --metrics "max(0.3, 0.9 ** epoch)" -o plateau.png

    Source: https://huggingface.co/docs/timm/reference/schedulers

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = PlateauLRScheduler(Optimizer(lr=1.0), decay_rate=0.5, patience_t=0, warmup_t=2)
    >>> list(scheduler.advance(5, metrics=[1.0, 1.0, 2.0, 2.0, 3.0])[0].rates)
    [0.0, 0.5, 1.0, 1.0, 0.5, 0.5]
    """

    home = "timm.scheduler"

    original = "timm.scheduler.PlateauLRScheduler"
    composable = False

    def __init__(
        self,
        optimizer: Any,
        decay_rate: Annotated[float, Range(high=1.0, open_high=True)] = 0.1,
        patience_t: int = 10,
        threshold: float = 1e-4,
        cooldown_t: int = 0,
        warmup_t: int = 0,
        warmup_lr_init: float = 0.0,
        lr_min: float = 0.0,
        mode: Literal["min", "max"] = "max",
        noise_range_t: Interval | None = None,
        noise_type: Kind = "normal",
        noise_pct: float = 0.67,
        noise_std: float = 1.0,
        noise_seed: int | None = None,
    ) -> None:
        self.keep(locals())
        ReduceLROnPlateau.__init__(
            self, optimizer, mode, decay_rate, patience_t, threshold, cooldown=cooldown_t, min_lr=lr_min
        )
        groups = optimizer.param_groups
        self.base_lrs = [group.setdefault("initial_lr", own(group["lr"])) for group in groups]
        self._quiet: list[float] | None = None
        self._set_rates(self.starts())

    def take(self, metric: float) -> Verdict:
        rates, t = present_rates(self.optimizer), self.last_epoch + 1
        if t <= self.warmup_t:
            self.last_epoch = t
            self._set_rates([self.scaled(i, self.warm(i, [t]))[0] for i in range(len(rates))])
            return Verdict(metric, self.best, self.num_bad_epochs, self.cooldown_counter, rates, "warm-up", [])
        self._put_back()
        verdict = super().take(metric)
        if self.noisy([t]):
            self._quiet = [float(rate) for rate in present_rates(self.optimizer)]
            self._set_rates([self.made_noisy([rate], [t])[0] for rate in self._quiet])
        return verdict._replace(rates=rates)

    def _put_back(self) -> None:
        """Sets the rates to what they were before the last noise."""
        if self._quiet is not None:
            self._set_rates(self._quiet)
            self._quiet = None

    def step(self, epoch: int | None, metric: float) -> None:  # type: ignore[override]
        """Takes up the metric of one more epoch, and sets the rates of that of an index, or of the next one."""
        self.last_epoch = self.last_epoch if epoch is None else epoch - 1
        self.advance(1, metrics=[float(metric)])

    actions = Watcher.actions

    def advance(self, steps: int, reread: bool = False, metrics: Sequence[float] = ()) -> list[Track]:
        self._check(steps, reread, metrics)
        warm = int(max(0, min(steps, self.warmup_t - self.last_epoch)))
        begun = Watcher.advance(self, warm, metrics=metrics[:warm])
        if warm == steps:
            return begun
        self._put_back()
        ts = [self.last_epoch + i for i in range(1, steps - warm + 1)] if self.noise_range_t is not None else ()
        tracks = super().advance(steps - warm, metrics=metrics[warm:])
        columns = [column(self.made_noisy(track.rates[1:], ts)) for track in tracks]
        if self.noisy(ts[-1:]):
            self._quiet = [track.rates[-1] for track in tracks]
            self._set_rates([rates[-1] for rates in columns])
        return [Track(first.rates + rates, {}, None) for first, rates in zip(begun, columns)]
