"""Schedules that fall along a cosine after the warm-up: to 0 or to a floor, once or with restarts."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from collections.abc import Iterable, Iterator, Sequence
from math import ceil, cos, pi
from typing import Any

from lrplot.parameters import Either
from lrplot.schedulers.base import Action
from lrplot.schedulers.transformers.warmup import WarmUpAndDecay


class _Cycled(WarmUpAndDecay):
    """Falls in cycles."""

    def __init__(
        self,
        optimizer: Any,
        num_warmup_steps: int,
        num_training_steps: int,
        num_cycles: float = 0.5,
        last_epoch: int = -1,
    ) -> None:
        self.num_warmup_steps = num_warmup_steps
        self.num_training_steps = num_training_steps
        self.num_cycles = num_cycles
        super().__init__(optimizer, last_epoch)


class _Wave(_Cycled):
    """Falls along a cosine to a part of the base rate.

    Args:
        num_cycles: Waves of the cosine: 0.5 is one fall; 1 falls and climbs again, to end where it began.
        min_lr: The rate at the end, made a part of the rate that the optimizer has by default.
        min_lr_rate: The rate at the end as a part of the base rate.
    """

    min_lr_rate: float = 0.0

    def decay(self, steps: Sequence[float]) -> Sequence[float]:
        times, low = pi * float(self.num_cycles) * 2.0, self.min_lr_rate
        half = 0.5 * (1 - low)
        waves = [(1.0 + cos(times * done)) * half + low for done in self.progress(steps)]
        return [wave if wave > 0.0 else 0.0 for wave in waves]


class Cosine(_Wave, name="cosine"):
    r"""Rises along a line in the warm-up and falls along a cosine to 0 at the end of the run.

    .. math:: \eta_t = \eta_{base} \cdot \frac{t}{w} \text{ for } t < w, \quad
        \eta_{base} \cdot \tfrac12 \left( 1 + \cos \left( 2 \pi c \frac{t - w}{T - w} \right) \right)
        \text{ after}, \quad w, T, c = \text{num\_warmup\_steps, num\_training\_steps, num\_cycles}

    The first step of a warm-up is made at rate 0, and a warm-up longer than the run never reaches the peak. The 0 at
    the end belongs to step num_training_steps, which no step of the run uses; past it the rate climbs again.

    As num_cycles, whole waves are counted here, so that 0.5 is one fall; cosine_with_restarts counts falls. torch's
    cosine knows no warm-up, and computes each rate from the one before.

    Example:
        lrplot transformers.cosine --num-warmup-steps 10 --num-training-steps 100 --lr 5e-5 -o cosine.png

    Source: Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983, and
    https://huggingface.co/docs/transformers/v5.24.0/main_classes/optimizer_schedules

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = Cosine(Optimizer(lr=1.0), num_warmup_steps=1, num_training_steps=5)
    >>> [round(rate, 3) for rate in scheduler.advance(6)[0].rates]
    [0.0, 1.0, 0.854, 0.5, 0.146, 0.0, 0.146]
    """

    original = "transformers.get_cosine_schedule_with_warmup"


class CosineWithRestarts(_Cycled, name="cosine_with_restarts"):
    r"""Rises along a line in the warm-up, then falls along half a cosine to 0 and jumps back, num_cycles times.

    .. math:: \eta_t = \eta_{base} \cdot \frac{t}{w} \text{ for } t < w, \quad
        \eta_{base} \cdot \tfrac12 \left( 1 + \cos \left( \pi \left( c \frac{t - w}{T - w} \bmod 1 \right) \right)
        \right) \text{ after}, \quad w, T, c = \text{num\_warmup\_steps, num\_training\_steps, num\_cycles}

    The cycles are of one length, and num_cycles counts falls: the 1 by default is one fall, without a restart. For
    cosine it counts whole waves. The first step of a warm-up is made at rate 0; from num_training_steps on it is 0.

    Args:
        num_cycles: Falls from the base rate to 0.

    Example:
        lrplot transformers.cosine_with_restarts --num-warmup-steps 10 --num-training-steps 100 --num-cycles 3 \
            --lr 5e-5 -o restarts.png

    Source: Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983, and
    https://huggingface.co/docs/transformers/v5.24.0/main_classes/optimizer_schedules

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = CosineWithRestarts(Optimizer(lr=1.0), 1, 5, num_cycles=2)
    >>> [round(rate, 3) for rate in scheduler.advance(5)[0].rates]
    [0.0, 1.0, 0.5, 1.0, 0.5, 0.0]
    """

    original = "transformers.get_cosine_with_hard_restarts_schedule_with_warmup"

    def __init__(
        self, optimizer: Any, num_warmup_steps: int, num_training_steps: int, num_cycles: int = 1, last_epoch: int = -1
    ) -> None:
        super().__init__(optimizer, num_warmup_steps, num_training_steps, num_cycles, last_epoch)

    def decay(self, steps: Sequence[float]) -> Sequence[float]:
        cycles = float(self.num_cycles)
        waves = [0.0 if done >= 1.0 else 0.5 * (1.0 + cos(pi * (cycles * done % 1.0))) for done in self.progress(steps)]
        return [wave if wave > 0.0 else 0.0 for wave in waves]

    def actions_at(self, epochs: range) -> Iterable[Action]:
        yield from super().actions_at(epochs)
        yield Action("restart", [step for step in self._restarts() if step in epochs])

    def _restarts(self) -> Iterator[int]:
        """The steps at which a cycle begins anew, as far as the floats have it."""
        warm_up, cycles = self.num_warmup_steps, self.num_cycles
        for done in range(1, ceil(cycles)):
            step = warm_up + ceil(done * (self.num_training_steps - warm_up) / cycles)
            if warm_up < step < self.num_training_steps:
                yield step + (float(cycles) * self.progress([step])[0] < done)


class CosineWithMinLR(_Wave, name="cosine_with_min_lr"):
    r"""Rises along a line in the warm-up and falls along a cosine to a floor at the end of the run.

    .. math:: \eta_t = \eta_{base} \cdot \frac{t}{w} \text{ for } t < w, \quad
        \eta_{base} \left( r + (1 - r) \tfrac12 \left( 1 + \cos \left( 2 \pi c \frac{t - w}{T - w} \right) \right)
        \right) \text{ after}, \quad
        w, T, c, r = \text{num\_warmup\_steps, num\_training\_steps, num\_cycles, min\_lr\_rate}

    The floor is given as a rate, min_lr, or as a part of the base rate, min_lr_rate: one of the two. A min_lr is made a
    part with the rate that the optimizer has by default, here the first group's: each other group ends at that part of
    its own rate. It holds for the decay alone: the first step of a warm-up is made at rate 0. The floor belongs to step
    num_training_steps, which no step of the run uses; past it the rate climbs again.

    Raises:
        ValueError: Neither min_lr nor min_lr_rate is given, or both are.

    Example:
        lrplot transformers.cosine_with_min_lr --num-warmup-steps 10 --num-training-steps 100 --min-lr 5e-6 \
            --lr 5e-5 -o floor.png

    Source: https://huggingface.co/docs/transformers/v5.24.0/main_classes/optimizer_schedules

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = CosineWithMinLR(Optimizer(lr=1.0), 1, 5, min_lr=0.2)
    >>> [round(rate, 3) for rate in scheduler.advance(5)[0].rates]
    [0.0, 1.0, 0.883, 0.6, 0.317, 0.2]
    """

    original = "transformers.get_cosine_with_min_lr_schedule_with_warmup"

    either = Either("min_lr", "min_lr_rate")

    def __init__(
        self,
        optimizer: Any,
        num_warmup_steps: int,
        num_training_steps: int,
        num_cycles: float = 0.5,
        last_epoch: int = -1,
        min_lr: float | None = None,
        min_lr_rate: float | None = None,
    ) -> None:
        self.either.check(min_lr=min_lr, min_lr_rate=min_lr_rate)
        self.min_lr_rate = min_lr / optimizer.defaults["lr"] if min_lr_rate is None else min_lr_rate
        super().__init__(optimizer, num_warmup_steps, num_training_steps, num_cycles, last_epoch)


class CosineWarmupWithMinLR(CosineWithMinLR, name="cosine_warmup_with_min_lr"):
    r"""Rises from above 0 and falls along a cosine to a floor, which the last step of the run is made at.

    .. math:: \eta_t = \eta_{base} \cdot \frac{t + 1}{w} \text{ for } t < w, \quad
        \eta_{base} \left( r + (1 - r) \tfrac12 \left( 1 + \cos \left( 2 \pi c \frac{t - w + 1}{T - w} \right) \right)
        \right) \text{ after}, \quad
        w, T, c, r = \text{num\_warmup\_steps, num\_training\_steps, num\_cycles, min\_lr\_rate}

    It is one step ahead of cosine_with_min_lr: the first step is made at 1 / num_warmup_steps of the base rate, the
    peak comes with the last step of the warm-up, the floor with the last of the run; from num_training_steps on the
    rate climbs again. With warmup_lr_rate the warm-up starts from that part of the base rate: from 0 with 0.

    The floor is given as min_lr or as min_lr_rate, one of the two; a min_lr is made a part with the rate that the
    optimizer has by default, here the first group's.

    Args:
        warmup_lr_rate: The first rate of the warm-up as a part of the base rate; by default 1 / num_warmup_steps.

    Raises:
        ValueError: Neither min_lr nor min_lr_rate is given, or both are.

    Example:
        lrplot transformers.cosine_warmup_with_min_lr --num-warmup-steps 10 --num-training-steps 100 \
            --min-lr-rate 0.1 --lr 5e-5 -o floor.png

    Source: https://huggingface.co/docs/transformers/v5.24.0/main_classes/optimizer_schedules

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = CosineWarmupWithMinLR(Optimizer(lr=1.0), 2, 6, min_lr_rate=0.2)
    >>> [round(rate, 3) for rate in scheduler.advance(6)[0].rates]
    [0.5, 1.0, 0.883, 0.6, 0.317, 0.2, 0.317]
    """

    original = "transformers.get_cosine_with_min_lr_schedule_with_warmup_lr_rate"

    def __init__(
        self,
        optimizer: Any,
        num_warmup_steps: int,
        num_training_steps: int,
        num_cycles: float = 0.5,
        last_epoch: int = -1,
        min_lr: float | None = None,
        min_lr_rate: float | None = None,
        warmup_lr_rate: float | None = None,
    ) -> None:
        self.warmup_lr_rate = warmup_lr_rate
        self._total = float(num_training_steps)
        super().__init__(optimizer, num_warmup_steps, num_training_steps, num_cycles, last_epoch, min_lr, min_lr_rate)

    def warm_up(self, steps: Sequence[float]) -> Sequence[float]:
        start, warm_up = self.warmup_lr_rate, float(self.num_warmup_steps)
        if start is None:
            return [(step + 1.0) / max(1.0, warm_up) for step in steps]
        return [start + (1.0 - start) * step / max(1, warm_up - 1) for step in steps]

    def progress(self, steps: Sequence[float]) -> Sequence[float]:
        warm_up = float(self.num_warmup_steps)
        length = max(1.0, self._total - warm_up)
        return [(step - warm_up + 1.0) / length for step in steps]
