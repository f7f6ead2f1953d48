"""What timm's schedules share: they are functions of an index, with a warm-up before and noise on top."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from math import inf
from typing import Annotated, Any, ClassVar

from lrplot.parameters import OrPair, Unenforced
from lrplot.schedulers.base import Action, Rule, Scheduler, Track, column, floats, phase_end, same_groups, shifted
from lrplot.schedulers.dropin import present_rates, set_lr
from lrplot.schedulers.timm.noise import noise

Interval = Annotated[OrPair[float], Unenforced()]
"""From one index on, or from one to before another."""


class WarmUpAndNoise:
    """What is done to the rates of all of timm's schedulers.

    Args:
        warmup_t: Epochs of the warm-up: the rate rises along a line.
        warmup_lr_init: The rate that the warm-up begins at.
        noise_range_t: The epoch from which on the rate is made noisy; or that and the first one no more so.
        noise_pct: Limit of the noise as a part of the rate.
        noise_std: Standard deviation of the noise as a part of the rate.
        noise_seed: Seed of the noise, to which the epoch is added.
    """

    scales_groups = True
    rise: ClassVar[str] = "warmup_t"

    optimizer: Any
    base_lrs: list[float]

    warmup_t: int = 0
    warmup_lr_init: float = 0.0
    noise_range_t: OrPair[float] | None = None
    noise_pct: float = 0.67
    noise_std: float = 1.0
    noise_seed: int | None = 42
    noise_type: str = "normal"

    def keep(self, given: dict[str, Any]) -> None:
        """Keeps what a constructor was given, by its names."""
        vars(self).update({name: value for name, value in given.items() if name not in NOT_KEPT})

    def starts(self) -> list[float]:
        """The first rates, which are those of no index: of the warm-up where there is one, the base rates else."""
        first, steps = self.warmup_lr_init, self.warmup_t
        self.warmup_steps = [(self.peak(base_lr) - first) / steps if steps else 1 for base_lr in self.base_lrs]
        return [self.scaled(i, [first if steps else base_lr])[0] for i, base_lr in enumerate(self.base_lrs)]

    def peak(self, base_lr: float) -> float:
        """What the warm-up rises to."""
        return base_lr

    def warm(self, i: int, ts: Sequence[float]) -> Sequence[float]:
        """The rates of a group in the warm-up."""
        first, slope = self.warmup_lr_init, self.warmup_steps[i]
        return [first + t * slope for t in floats(ts, slope)]

    def noisy(self, ts: Sequence[float]) -> range:
        """Which of some indices in a row have noise."""
        where = self.noise_range_t
        if where is None:
            return range(0)
        first, after = where if isinstance(where, (list, tuple)) else (where, inf)
        begin = bisect_left(ts, True, key=lambda t: t >= first)
        return range(begin, max(begin, bisect_left(ts, True, key=lambda t: not t < after)))

    def made_noisy(self, rates: Sequence[float], ts: Sequence[float]) -> Sequence[float]:
        """The rates at some indices in a row, with the noise of those that have any."""
        if not (noisy := self.noisy(ts)):
            return rates
        begin, end = noisy.start, noisy.stop
        seed = (42 if self.noise_seed is None else self.noise_seed) + ts[begin]
        parts = noise(seed, len(noisy), self.noise_pct, self.noise_std, self.noise_type == "normal")
        return [*rates[:begin], *(rate + rate * part for rate, part in zip(rates[begin:end], parts)), *rates[end:]]

    def scaled(self, i: int, rates: Sequence[float]) -> Sequence[float]:
        """Rates as the group has them: multiplied by its ``lr_scale``, where it has one."""
        group = self.optimizer.param_groups[i]
        return [rate * group["lr_scale"] for rate in rates] if "lr_scale" in group else rates


class Schedule(WarmUpAndNoise, Scheduler, family="timm"):
    """Sets the rates of the epoch (or the update) to come, by its index.

    Args:
        t_initial: Epochs (or updates) of the schedule, or of its first cycle.
        lr_min: The lowest rate.
        warmup_prefix: Whether the schedule begins after the warm-up, and the run is longer by that; without, the
            warm-up lies over its beginning, which is never seen.
    """

    home = "timm.scheduler"
    from_base_lrs = True
    has_get_lr = False
    composable = False

    warmup_prefix: bool = False

    def __init__(self, optimizer: Any, given: dict[str, Any]) -> None:
        """Takes what the constructor of a schedule was given, all by name."""
        self.keep(given)
        super().__init__(optimizer)

    def curve(self, base_lr: float, ts: Sequence[float]) -> Sequence[float]:
        """The rates at some indices in rising order, without warm-up and noise."""
        raise NotImplementedError

    @property
    def knows_jumps(self) -> bool:  # type: ignore[override]
        """Unless the warm-up breaks off where the curve has fallen by then."""
        return self.warmup_prefix or not self.warmup_t

    @property
    def shift(self) -> int:
        """The index at which the schedule begins."""
        return self.warmup_t if self.warmup_prefix else 0

    def rates(self, i: int, ts: Sequence[float]) -> Sequence[float]:
        """The rates of a group at some indices in rising order."""
        warm = bisect_left(ts, self.warmup_t)
        after = shifted(ts[warm:], -self.shift) if self.shift else ts[warm:]
        rates = self.curve(self.base_lrs[i], after) if after else ()
        if warm:
            rates = [*self.warm(i, ts[:warm]), *rates]
        return self.scaled(i, self.made_noisy(rates, ts))

    def rule(self, i: int) -> Rule:
        return lambda lr, t: self.rates(i, [t])[0]

    def _initial_step(self) -> None:
        """Sets the first rates: those of index 0 are never computed."""
        self._step_count, self.last_epoch = 1, 0
        self._set_rates(self.starts())

    def step(self, epoch: float | None = None, metric: float | None = None) -> None:
        """Sets the rates of an epoch (or an update): of the next one, where none is given."""
        self._step_count += 1
        self.enter(self.last_epoch + 1 if epoch is None else epoch)

    def get_lr(self) -> list[float]:
        raise NotImplementedError(f"{self.shown_name} has no get_lr(), in timm as here")

    def advance(self, steps: int, reread: bool = False, metrics: Sequence[float] = ()) -> list[Track]:
        if reread:
            self.get_lr()  # which says that there is none
        groups = self.optimizer.param_groups
        same_groups(self, self.base_lrs, groups)
        ts = self.walk(steps) if steps else []
        tracks = []
        for i, group in enumerate(groups):
            rates = column([group["lr"]]) + column(self.rates(i, ts))
            set_lr(group, rates[-1])
            tracks.append(Track(rates, {}, None))
        self._last_lr = present_rates(self.optimizer)
        return tracks

    def actions_at(self, epochs: range) -> Iterable[Action]:
        if self.warmup_t:
            yield from phase_end(self.warmup_t, epochs)


NOT_KEPT = ("self", "optimizer", "__class__")
