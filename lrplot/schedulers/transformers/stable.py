"""The schedule of three parts: warm-up, a constant rate, decay."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from bisect import bisect_left
from collections.abc import Sequence
from math import cos, pi, sqrt
from typing import Any, Literal

from lrplot.parameters import Either
from lrplot.schedulers.base import floats, shifted
from lrplot.schedulers.transformers.warmup import WarmUpAndDecay

Shape = Literal["linear", "cosine", "1-sqrt"]


class WarmupStableDecay(WarmUpAndDecay, name="warmup_stable_decay"):
    r"""Rises in the warm-up, holds the rate for most of the run, and falls in its last part (WSD).

    .. math:: \eta_t = \eta_{base} \left( r + (1 - r)\,u(t / w) \right) \text{ for } t < w, \quad
        \eta_{base} \text{ for } s \text{ steps}, \quad
        \eta_{base} \left( r + (1 - r)\,v((t - w - s) / d) \right) \text{ for } d \text{ steps, then } r\,\eta_{base}

    with w, s, d = num_warmup_steps, num_stable_steps, num_decay_steps and r = min_lr_ratio. linear: u = x, v = 1 - x;
    cosine: u = (1 - cos πx) / 2, v = (1 + cos 2π num_cycles x) / 2; 1-sqrt: u = 1 - √(1 - x), v = 1 - √x.

    The warm-up rises from min_lr_ratio, not from 0; without one, the first step is made at rate 0. The length of the
    constant part is given, or is what num_training_steps leave of the run: one of the two. If they leave less than
    nothing, the warm-up breaks off into the midst of the decay.

    Args:
        num_decay_steps: Steps of the decay: the Trainer does not find them out by itself.
        num_stable_steps: Steps of the constant rate; with num_training_steps, which then say nothing, these hold.
        warmup_type: Shape of the warm-up.
        decay_type: Shape of the decay.
        min_lr_ratio: The first and the last rate as a part of the base rate.
        num_cycles: Waves of a cosine decay: 0.5 is one fall.

    Raises:
        ValueError: Neither num_training_steps nor num_stable_steps is given, or a shape is unknown.

    Example:
        lrplot transformers.warmup_stable_decay --num-warmup-steps 10 --num-decay-steps 20 --num-training-steps 100 \
            --lr 3e-4 -o wsd.png

    Source: Hu et al. 2024, https://arxiv.org/abs/2404.06395, and
    https://huggingface.co/docs/transformers/v5.24.0/main_classes/optimizer_schedules

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = WarmupStableDecay(Optimizer(lr=1.0), 2, 2, num_training_steps=6, decay_type="linear")
    >>> list(scheduler.advance(6)[0].rates)
    [0.0, 0.5, 1.0, 1.0, 1.0, 0.5, 0.0]
    """

    original = "transformers.get_wsd_schedule"

    either = Either("num_training_steps", "num_stable_steps", both=True)

    def __init__(
        self,
        optimizer: Any,
        num_warmup_steps: int,
        num_decay_steps: int,
        num_training_steps: int | None = None,
        num_stable_steps: int | None = None,
        warmup_type: Shape = "linear",
        decay_type: Shape = "cosine",
        min_lr_ratio: float = 0.0,
        num_cycles: float = 0.5,
        last_epoch: int = -1,
    ) -> None:
        self.either.check(num_training_steps=num_training_steps, num_stable_steps=num_stable_steps)
        self.num_warmup_steps = num_warmup_steps
        self.num_decay_steps = num_decay_steps
        if num_stable_steps is None:
            num_stable_steps = num_training_steps - num_warmup_steps - num_decay_steps  # type: ignore[operator]
        self.num_stable_steps = num_stable_steps
        self.warmup_type = warmup_type
        self.decay_type = decay_type
        self.min_lr_ratio = min_lr_ratio
        self.num_cycles = num_cycles
        super().__init__(optimizer, last_epoch)

    @property
    def knows_jumps(self) -> bool:  # type: ignore[override]
        return self.num_stable_steps >= 0

    @property
    def steps_left(self) -> int | None:
        return self.num_warmup_steps + self.num_stable_steps + self.num_decay_steps - self.last_epoch

    @property
    def phases(self) -> Sequence[int]:
        return (self.num_warmup_steps, self.num_warmup_steps + self.num_stable_steps)

    def warm_up(self, steps: Sequence[float]) -> Sequence[float]:
        done = super().warm_up(steps)
        if self.warmup_type == "cosine":
            done = [0.5 * (1.0 - cos(pi * part)) for part in done]
        elif self.warmup_type == "1-sqrt":
            done = [1.0 - sqrt(1.0 - part) for part in done]
        return self._above_floor(done)

    def decay(self, steps: Sequence[float]) -> Sequence[float]:
        stable = self.num_warmup_steps + self.num_stable_steps
        held = bisect_left(steps, stable)
        if held == len(steps):
            return [1.0] * held
        end = bisect_left(steps, stable + self.num_decay_steps, held)  # held, too, where one of them is no number
        falling = self._above_floor(self._fall(steps[held:end], stable))
        return [*[1.0] * held, *falling, *[self.min_lr_ratio] * (len(steps) - end)]

    def _fall(self, steps: Sequence[float], begin: float) -> Sequence[float]:
        """What is left in the decay at some steps, from 1 to 0."""
        length = float(max(1, self.num_decay_steps))
        done = [step / length for step in floats(shifted(steps, -begin))]
        if self.decay_type == "linear":
            return [1.0 - part for part in done]
        if self.decay_type == "cosine":
            times = pi * float(self.num_cycles) * 2.0
            return [0.5 * (1.0 + cos(times * part)) for part in done]
        return [1.0 - sqrt(part) for part in done]

    def _above_floor(self, parts: Sequence[float]) -> Sequence[float]:
        low, height = self.min_lr_ratio, 1.0 - self.min_lr_ratio
        return [rate if (rate := part * height + low) > 0.0 else 0.0 for part in parts]
