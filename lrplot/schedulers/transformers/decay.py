"""Schedules that hold the rate after the warm-up, or lower it along a line, a power or a root."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from bisect import bisect_right
from collections.abc import Sequence
from math import sqrt
from typing import Any

from lrplot.parameters import Refusal
from lrplot.schedulers.base import floats, shifted
from lrplot.schedulers.transformers.warmup import Factor, WarmUp, WarmUpAndDecay


class Linear(WarmUpAndDecay, name="linear"):
    r"""Rises along a line in the warm-up and falls along another to 0 at the end of the run: the Trainer's default.

    .. math:: \eta_t = \eta_{base} \cdot \frac{t}{w} \text{ for } t < w, \quad
        \eta_{base} \cdot \max\left( 0, \frac{T - t}{T - w} \right) \text{ after}, \quad
        w, T = \text{num\_warmup\_steps, num\_training\_steps}

    The first step of a warm-up is made at rate 0. The 0 at the end belongs to step num_training_steps, which no step of
    the run uses; past it the rate stays 0.

    Example:
        lrplot transformers.linear --num-warmup-steps 10 --num-training-steps 100 --lr 5e-5 -o linear.png

    Source: https://huggingface.co/docs/transformers/v5.24.0/main_classes/optimizer_schedules

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(Linear(Optimizer(lr=1.0), num_warmup_steps=2, num_training_steps=6).advance(6)[0].rates)
    [0.0, 0.5, 1.0, 0.75, 0.5, 0.25, 0.0]
    """

    original = "transformers.get_linear_schedule_with_warmup"

    def __init__(self, optimizer: Any, num_warmup_steps: int, num_training_steps: int, last_epoch: int = -1) -> None:
        self.num_warmup_steps = num_warmup_steps
        self.num_training_steps = num_training_steps
        super().__init__(optimizer, last_epoch)

    def decay(self, steps: Sequence[float]) -> Sequence[float]:
        total = self.num_training_steps
        length = float(max(1, total - self.num_warmup_steps))
        return [left if (left := (total - step) / length) > 0.0 else 0.0 for step in floats(steps, total)]

    @property
    def phases(self) -> Sequence[int]:
        return (self.num_warmup_steps, self.num_training_steps)


class Polynomial(WarmUpAndDecay, name="polynomial"):
    r"""Rises along a line in the warm-up and falls to lr_end along a power of the time that is left.

    .. math:: \eta_t = \eta_{base} \cdot \frac{t}{w} \text{ for } t < w, \quad
        \frac{\eta_{base}}{\eta_{opt}} \left( (\eta_{opt} - \text{lr\_end})
        \left( 1 - \frac{t - w}{T - w} \right)^{\text{power}} + \text{lr\_end} \right) \text{ after}, \quad
        w, T = \text{num\_warmup\_steps, num\_training\_steps}

    lr_end is made a factor with the rate that the optimizer has by default, here the first group's: each other group
    ends at that part of its own rate. The first step of a warm-up is made at rate 0; past num_training_steps the rate
    stays at lr_end. A warm-up as long as the run ends in a division by zero.

    Args:
        lr_end: The rate at the end of the run.
        power: Exponent: 1 is a line, above that the fall is steep first and flat later.

    Raises:
        ValueError: lr_end is not below the optimizer's lr.

    Example:
        lrplot transformers.polynomial --num-warmup-steps 10 --num-training-steps 100 --power 2 --lr 5e-5 -o poly.png

    Source: https://huggingface.co/docs/transformers/v5.24.0/main_classes/optimizer_schedules

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(Polynomial(Optimizer(lr=1.0), 1, 5, lr_end=0.0, power=2.0).advance(5)[0].rates)
    [0.0, 1.0, 0.5625, 0.25, 0.0625, 0.0]
    """

    original = "transformers.get_polynomial_decay_schedule_with_warmup"

    def __init__(
        self,
        optimizer: Any,
        num_warmup_steps: int,
        num_training_steps: int,
        lr_end: float = 1e-7,
        power: float = 1.0,
        last_epoch: int = -1,
    ) -> None:
        self.num_warmup_steps = num_warmup_steps
        self.num_training_steps = num_training_steps
        self.lr_end = lr_end
        self.power = power
        self._lr = optimizer.defaults["lr"]
        if not self._lr > lr_end:
            raise Refusal("lr_end", f"must be less than the optimizer's lr, {self._lr}, got {lr_end}")
        super().__init__(optimizer, last_epoch)

    def decay(self, steps: Sequence[float]) -> Sequence[float]:
        lr, low, power, warm_up = self._lr, self.lr_end, self.power, self.num_warmup_steps
        within = bisect_right(steps, self.num_training_steps)
        length, height = self.num_training_steps - warm_up, lr - low
        done = floats(shifted(steps[:within], -warm_up), length)
        falling = [(height * (1.0 - step / length) ** power + low) / lr for step in done]
        return [*falling, *[low / lr] * (len(steps) - within)]

    @property
    def phases(self) -> Sequence[int]:
        return (self.num_warmup_steps, self.num_training_steps)


class InverseSqrt(WarmUp, name="inverse_sqrt"):
    r"""Rises along a line in the warm-up and falls with one over the root of the step: no end of the run is needed.

    .. math:: \eta_t = \eta_{base} \cdot \frac{t}{w} \text{ for } t < w, \quad
        \eta_{base} \sqrt{\frac{s}{t + s - w}} \text{ after}, \quad
        w, s = \text{num\_warmup\_steps, timescale}

    The first step of a warm-up is made at rate 0. It is the Noam schedule of the transformer, with its peak at the base
    rate.

    Args:
        timescale: Steps, counted from the peak and one timescale before it, in which the rate falls to 1 / root 2 of
            the peak; by default num_warmup_steps, or 10,000 without a warm-up.

    Example:
        lrplot transformers.inverse_sqrt --num-warmup-steps 10 --lr 5e-4 -n 100 -o inverse_sqrt.png

    Source: Zhai et al. 2022, https://arxiv.org/abs/2106.04560, and
    https://huggingface.co/docs/transformers/v5.24.0/main_classes/optimizer_schedules

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(InverseSqrt(Optimizer(lr=1.0), num_warmup_steps=1).advance(4)[0].rates)
    [0.0, 1.0, 0.7071067811865475, 0.5773502691896258, 0.5]
    """

    original = "transformers.get_inverse_sqrt_schedule"

    knows_jumps = True

    def __init__(
        self, optimizer: Any, num_warmup_steps: int, timescale: int | None = None, last_epoch: int = -1
    ) -> None:
        self.num_warmup_steps = num_warmup_steps
        self.timescale = (num_warmup_steps or 10_000) if timescale is None else timescale
        super().__init__(optimizer, last_epoch)

    def decay(self, steps: Sequence[float]) -> Sequence[float]:
        scale, before = self.timescale, self.timescale - self.num_warmup_steps
        return [1.0 / sqrt(step / scale) for step in floats(shifted(steps, before), scale)]


class Constant(Factor, name="constant"):
    r"""Holds the rate.

    .. math:: \eta_t = \eta_{base}

    The Trainer has no warm-up with it, whatever its warmup_steps say: that is constant_with_warmup. torch's own
    constant is another: ConstantLR multiplies the first steps by a factor.

    Example:
        lrplot transformers.constant --lr 5e-5 -n 100 -o constant.png

    Source: https://huggingface.co/docs/transformers/v5.24.0/main_classes/optimizer_schedules

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(Constant(Optimizer(lr=0.5)).advance(2)[0].rates)
    [0.5, 0.5, 0.5]
    """

    original = "transformers.get_constant_schedule"

    knows_jumps = True

    def factors(self, steps: Sequence[float]) -> Sequence[float]:
        return [1.0] * len(steps)


class ConstantWithWarmup(WarmUp, name="constant_with_warmup"):
    r"""Rises along a line in the warm-up and holds the rate.

    .. math:: \eta_t = \eta_{base} \min\left( 1, \frac{t}{w} \right), \quad w = \text{num\_warmup\_steps}

    The first step of a warm-up is made at rate 0.

    Example:
        lrplot transformers.constant_with_warmup --num-warmup-steps 10 --lr 5e-5 -n 100 -o warm.png

    Source: https://huggingface.co/docs/transformers/v5.24.0/main_classes/optimizer_schedules

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(ConstantWithWarmup(Optimizer(lr=1.0), num_warmup_steps=2).advance(4)[0].rates)
    [0.0, 0.5, 1.0, 1.0, 1.0]
    """

    original = "transformers.get_constant_schedule_with_warmup"

    knows_jumps = True

    def __init__(self, optimizer: Any, num_warmup_steps: int, last_epoch: int = -1) -> None:
        self.num_warmup_steps = num_warmup_steps
        super().__init__(optimizer, last_epoch)

    def decay(self, steps: Sequence[float]) -> Sequence[float]:
        return [1.0] * len(steps)
