"""Schedules that begin with a warm-up, along a logarithm unless it is to be a line."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from math import cos, inf, log, pi
from typing import Annotated, Any, Literal

from lrplot.parameters import PerGroup, Range, Unenforced
from lrplot.schedulers.base import Action, Position, Rule, Stateless, floats, per_group, phase_end, shifted
from lrplot.schedulers.deepspeed.batches import ByBatch
from lrplot.schedulers.dropin import own, present_rates

Count = Annotated[int, Range(low=1, exact=int)]
Shape = Annotated[Literal["log", "linear"], Unenforced()]
TYPES = {"log", "linear"}


class WarmUp(ByBatch):
    """Rises from 0 to 1 in the warm-up; what comes then is the schedule's own.

    Args:
        warmup_num_steps: Steps in which the rate rises, at least 2.
        warmup_type: Shape of the warm-up: log is steep first and flat later.
        total_num_steps: Steps of the whole run, those of the warm-up among them.
    """

    rise = "warmup_num_steps"

    def _warm_up(self, steps: int, shape: str) -> None:
        """Keeps the parameters of the warm-up; a shape that is unknown is log."""
        self.warmup_num_steps = max(2, steps)
        self.warmup_type = shape if shape in TYPES else "log"
        self.inverse_log_warm_up = 1.0 / log(self.warmup_num_steps)

    @property
    def phases(self) -> Sequence[int]:
        """The steps at which one part of the schedule ends and the next begins."""
        return (self.warmup_num_steps + (self.warmup_type == "linear"),)

    def places(self, indices: Sequence[float]) -> list[Position]:
        warm_up, inverse_log = self.warmup_num_steps, self.inverse_log_warm_up
        begun = indices[bisect_left(indices, 0) :]
        warm = begun[: bisect_left(begun, warm_up)]
        if self.warmup_type == "linear":
            risen = [index / warm_up for index in floats(warm, warm_up)]
        else:
            risen = [inverse_log * log(count) for count in floats(shifted(warm, 1))]
        if len(warm) == len(indices):  # as often, and then there is nothing to put together
            return self.risen(risen)
        after = begun[len(warm) :]
        return [0.0] * (len(indices) - len(begun)) + self.risen(risen) + (self.main(after) if after else [])

    def risen(self, parts: list[float]) -> list[float]:
        """What the rates go by in the warm-up, where so much of it is done."""
        return parts

    def main(self, indices: Sequence[float]) -> list[float]:
        """What they go by at the indices after it."""
        return [1.0] * len(indices)

    def get_lr(self) -> list[float]:
        """The rates at the present index; before the first, those that the schedule begins with."""
        return self.first_rates() if self.last_epoch <= 0 else super().get_lr()

    def actions_at(self, epochs: range) -> Iterable[Action]:
        for step in self.phases:
            yield from phase_end(step, epochs)


class WarmupLR(WarmUp, name="WarmupLR"):
    r"""Rises from warmup_min_lr to warmup_max_lr, along a logarithm by default, and holds that.

    .. math:: \eta_t = \eta_{min} + (\eta_{max} - \eta_{min})\,g(i), \quad i = t - 1, \quad
        g = \frac{\ln(i + 1)}{\ln w} \text{ or } \frac{i}{w} \text{ for } i < w, \quad 1 \text{ after}, \quad
        w = \text{warmup\_num\_steps}

    Two steps are made at warmup_min_lr: the first before the schedule is stepped, the second at its index 0. The
    logarithm, which is the default, is at half of the height after the root of warmup_num_steps: after 32 steps of
    1,000. warmup_max_lr is the optimizer's rate where it is not given, and takes its place where it is; WarmupDecayLR
    has 0.001 there.

    As warmup_type, transformers.warmup_stable_decay has linear, cosine and 1-sqrt, and is linear by default.

    Args:
        warmup_min_lr: The rate that the warm-up begins at.
        warmup_max_lr: The rate that it comes to; by default the optimizer's.

    Raises:
        ValueError: warmup_num_steps is less than 1, or a list has not one value a group.

    Example:
        lrplot deepspeed.WarmupLR --warmup-num-steps 50 --lr 0.001 -n 100 -o warmup.png

    Source: https://deepspeed.readthedocs.io/en/latest/schedulers.html

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = WarmupLR(Optimizer(lr=1.0), warmup_num_steps=4, warmup_type="linear")
    >>> list(scheduler.advance(6)[0].rates)
    [0.0, 0.0, 0.25, 0.5, 0.75, 1.0, 1.0]
    """

    knows_jumps = True
    one_a_group = "min_lrs"

    def __init__(
        self,
        optimizer: Any,
        warmup_min_lr: PerGroup[float] = 0.0,
        warmup_max_lr: PerGroup[float] | None = None,
        warmup_num_steps: Count = 1000,
        warmup_type: Shape = "log",
        last_batch_iteration: int = -1,
    ) -> None:
        groups = optimizer.param_groups
        peak = present_rates(optimizer) if warmup_max_lr is None else warmup_max_lr
        self.min_lrs = per_group(self, "warmup_min_lr", warmup_min_lr, groups)
        self.max_lrs = per_group(self, "warmup_max_lr", peak, groups)
        self.delta_lrs = [high - low for high, low in zip(self.max_lrs, self.min_lrs)]
        self._warm_up(warmup_num_steps, warmup_type)
        super().__init__(optimizer, last_batch_iteration)

    def first_rates(self) -> list[float]:
        return [own(low) for low in self.min_lrs]

    def rule(self, i: int) -> Rule:
        low, span = self.min_lrs[i], self.delta_lrs[i]
        return Stateless(lambda parts: [low + span * part for part in parts])


class WarmupDecayLR(WarmupLR, name="WarmupDecayLR"):
    r"""Rises from warmup_min_lr to warmup_max_lr, along a logarithm by default, and falls back along a line.

    .. math:: \eta_t = \eta_{min} + (\eta_{max} - \eta_{min})\,g(i), \quad i = t - 1, \quad
        g = \frac{\ln(i + 1)}{\ln w} \text{ or } \frac{i}{w} \text{ for } i < w, \quad
        \max\left( 0, \frac{T - i}{T - w} \right) \text{ after}, \quad
        w, T = \text{warmup\_num\_steps, total\_num\_steps}

    It falls to warmup_min_lr, not to 0, and the last step of the run is two short of the end. Two steps are made at
    warmup_min_lr before the rate rises. warmup_max_lr is 0.001 where it is not given, whatever the optimizer's rate is;
    in WarmupLR it is the optimizer's. With fewer total_num_steps than warmup_num_steps the warm-up goes on to its end,
    and the rate drops to warmup_min_lr there.

    Args:
        warmup_min_lr: The rate that the schedule begins and ends at.
        warmup_max_lr: The peak.

    Raises:
        ValueError: warmup_num_steps is less than 1, or a list has not one value a group.

    Example:
        lrplot deepspeed.WarmupDecayLR --total-num-steps 100 --warmup-num-steps 20 --warmup-max-lr 3e-4 -o decay.png

    Source: https://deepspeed.readthedocs.io/en/latest/schedulers.html

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = WarmupDecayLR(Optimizer(), 6, warmup_max_lr=1.0, warmup_num_steps=2, warmup_type="linear")
    >>> list(scheduler.advance(7)[0].rates)
    [0.0, 0.0, 0.5, 1.0, 0.75, 0.5, 0.25, 0.0]
    """

    length = "total_num_steps"

    def __init__(
        self,
        optimizer: Any,
        total_num_steps: int,
        warmup_min_lr: PerGroup[float] = 0.0,
        warmup_max_lr: PerGroup[float] = 0.001,
        warmup_num_steps: Count = 1000,
        warmup_type: Shape = "log",
        last_batch_iteration: int = -1,
    ) -> None:
        self.total_num_steps = total_num_steps
        super().__init__(optimizer, warmup_min_lr, warmup_max_lr, warmup_num_steps, warmup_type, last_batch_iteration)
        self.knows_jumps = self.warmup_num_steps < total_num_steps  # else the rate breaks off

    @property
    def steps_left(self) -> int | None:
        return self.total_num_steps - self.last_epoch

    def main(self, indices: Sequence[float]) -> list[float]:
        total, over = self.total_num_steps, float(max(1.0, self.total_num_steps - self.warmup_num_steps))
        falling = indices[: bisect_left(indices, total) if over < inf else 0]  # inf / inf is no rate
        return [(total - index) / over for index in floats(falling, total)] + [0.0] * (len(indices) - len(falling))


class WarmupCosineLR(WarmUp, name="WarmupCosineLR"):
    r"""Rises to the optimizer's rate, along a logarithm by default, and falls along a cosine to a part of it.

    .. math:: \eta_t = \eta_{opt} \left( a + (1 - a)\,g(i) \right), \quad i = t - 1, \quad
        g = \frac{\ln(i + 1)}{\ln w} \text{ or } \frac{i}{w} \text{ for } i < w, \quad
        \tfrac12 \left( 1 + \cos \left( \pi \min\left( 1, \frac{i - w + 1}{T - w} \right) \right) \right) \text{ after}

    with a = warmup_min_ratio in the warm-up and cos_min_ratio after, w, T = warmup_num_steps, total_num_steps. The
    ratios are parts of the optimizer's rate, where WarmupLR and WarmupDecayLR have rates, and cos_min_ratio is 0.0001,
    not 0.

    The first step is made at rate 0 whatever warmup_min_ratio is, the second at that. A linear warm-up never comes to
    the peak: the cosine has begun before. Past total_num_steps the rate stays at its floor.

    Args:
        warmup_min_ratio: What the warm-up begins at.
        cos_min_ratio: What the cosine falls to.

    Raises:
        ValueError: warmup_num_steps is less than 1.

    Example:
        lrplot deepspeed.WarmupCosineLR --total-num-steps 100 --warmup-num-steps 20 --lr 3e-4 -o cosine.png

    Source: https://deepspeed.readthedocs.io/en/latest/schedulers.html

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = WarmupCosineLR(Optimizer(lr=1.0), 7, warmup_num_steps=2, warmup_type="linear", cos_min_ratio=0.0)
    >>> [round(rate, 3) for rate in scheduler.advance(8)[0].rates]
    [0.0, 0.0, 0.5, 0.905, 0.655, 0.345, 0.095, 0.0, 0.0]
    """

    length = "total_num_steps"
    one_a_group = "org_lrs"

    def __init__(
        self,
        optimizer: Any,
        total_num_steps: int,
        warmup_min_ratio: float = 0.0,
        warmup_num_steps: Count = 1000,
        cos_min_ratio: float = 0.0001,
        warmup_type: Shape = "log",
        last_batch_iteration: int = -1,
    ) -> None:
        self.total_num_steps = total_num_steps
        self.warmup_min_ratio = warmup_min_ratio
        self.cos_min_ratio = cos_min_ratio
        self._warm_up(warmup_num_steps, warmup_type)
        self.knows_jumps = self.warmup_num_steps < total_num_steps  # else the rate breaks off
        self.org_lrs = present_rates(optimizer)
        super().__init__(optimizer, last_batch_iteration)

    @property
    def steps_left(self) -> int | None:
        return self.total_num_steps - self.last_epoch

    def first_rates(self) -> list[float]:
        return [0.0] * len(self.org_lrs)

    def risen(self, parts: list[float]) -> list[float]:
        low = self.warmup_min_ratio
        span = 1.0 - low
        return [low + part * span for part in parts]

    def main(self, indices: Sequence[float]) -> list[float]:
        low, warm_up = self.cos_min_ratio, self.warmup_num_steps
        span, over = 1.0 - low, max(1, self.total_num_steps - warm_up)
        counts = shifted(indices, 1 - warm_up)
        falling = counts[: bisect_left(counts, over)]
        parts = [low + span * ((1.0 + cos(pi * (count / over))) / 2.0) for count in floats(falling, over)]
        parts += [low + span * ((1 + cos(pi)) / 2)] * (len(counts) - len(falling))
        return parts if low >= 0 and span >= 0 else [part if part > 0.0 else 0.0 for part in parts]

    def rule(self, i: int) -> Rule:
        peak = self.org_lrs[i]
        return Stateless(lambda parts: [peak * part for part in parts])
