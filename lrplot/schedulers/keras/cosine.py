"""Schedules that fall along a cosine: after a warm-up, or with restarts."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

import math
from typing import Annotated, Any

from lrplot.parameters import Range
from lrplot.schedulers.float32 import PI, cosine, divide, f32, logarithm, power
from lrplot.schedulers.keras.schedule import KerasSchedule

Above0 = Range(low=0.0, open_low=True)


class CosineDecay(KerasSchedule, name="CosineDecay"):
    r"""Falls along half a cosine to a part of the rate and stays there, after a warm-up along a line if there is one.

    .. math:: \eta_t = \eta_0 + (\eta_w - \eta_0) \frac{t}{w} \text{ for } t < w, \quad
        \eta_w \left( (1 - \alpha) \tfrac12 \left( 1 + \cos \frac{\pi \min(t - w, T)}{T} \right) + \alpha \right)
        \text{ after}, \quad
        \eta_0, \eta_w, w, T = \text{initial\_learning\_rate, warmup\_target, warmup\_steps, decay\_steps}

    decay_steps counts from the end of the warm-up: the schedule has warmup_steps + decay_steps. In optax's
    warmup_cosine_decay_schedule decay_steps is the whole. Without a warmup_target there is no warm-up, whatever
    warmup_steps says: the fall begins at initial_learning_rate and at step 0. With one, the first step is made at
    initial_learning_rate, and moves nothing where that is 0.0. alpha is a fraction of where the fall begins.

    Args:
        decay_steps: Iterations of the fall.
        alpha: The last rate as a fraction of where the fall begins.
        warmup_target: The rate at the end of the warm-up; without it there is none.
        warmup_steps: Iterations in which the rate rises.

    Raises:
        ValueError: decay_steps is not above 0.

    Example:
        lrplot keras.CosineDecay --initial-learning-rate 0.0 --decay-steps 90 --warmup-target 0.1 \
            --warmup-steps 10 -o cosine.png

    Source: Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983, and
    https://keras.io/api/optimizers/learning_rate_schedules/cosine_decay/

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(CosineDecay(Optimizer(), 0.0, decay_steps=2, warmup_target=1.0, warmup_steps=2).advance(5)[0].rates)
    [0.0, 0.5, 1.0, 0.4999999701976776, 0.0, 0.0]
    """

    length = "decay_steps"
    lead = rise = "warmup_steps"

    def __init__(
        self,
        optimizer: Any,
        initial_learning_rate: int | float,
        decay_steps: Annotated[int | float, Above0],
        alpha: float = 0.0,
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        self.initial_learning_rate = f32(initial_learning_rate)
        self.decay_steps = f32(decay_steps)
        self.alpha = f32(alpha)
        self.height = f32(1 - alpha)
        self.warmup_steps = f32(0 if warmup_target is None else warmup_steps)
        self.top = f32(initial_learning_rate if warmup_target is None else warmup_target)
        self.end = math.ceil(self.warmup_steps + decay_steps)
        super().__init__(optimizer)

    def rate(self, step: float) -> float:
        first, warm_up = self.initial_learning_rate, self.warmup_steps
        done = min(f32(step), f32(self.decay_steps + warm_up))
        if done < warm_up:
            return f32(f32(f32(self.top - first) * divide(done, warm_up)) + first)
        wave = 0.5 * f32(1 + cosine(f32(PI * divide(f32(done - warm_up), self.decay_steps))))
        return f32(self.top * f32(f32(self.height * wave) + self.alpha))


class CosineDecayRestarts(KerasSchedule, name="CosineDecayRestarts"):
    r"""Falls along half a cosine again and again: each cycle t_mul times as long, from m_mul times as high.

    .. math:: \eta_t = \eta_0 \left( (1 - \alpha) m^i \tfrac12 \left( 1 + \cos \frac{\pi t_i}{T k^i} \right) + \alpha
        \right), \quad \eta_0, T, k, m = \text{initial\_learning\_rate, first\_decay\_steps, t\_mul, m\_mul}

    t_i are the iterations since the i-th restart. t_mul is 2.0 unless it is given: each cycle is twice as long as the
    one before, where torch's CosineAnnealingWarmRestarts has cycles of one length. alpha is a fraction of
    initial_learning_rate, for every cycle. A logarithm tells which cycle it is: with a t_mul that is no whole number, a
    restart may come a step late, at another step on each backend; on torch's, one that is due may be at rate 0.

    Args:
        first_decay_steps: Iterations of the first cycle.
        t_mul: Length of each cycle beside the one before.
        m_mul: Height of each cycle beside the one before.
        alpha: The lowest rate as a fraction of initial_learning_rate.

    Raises:
        ValueError: first_decay_steps is not above 0.

    Example:
        lrplot keras.CosineDecayRestarts --initial-learning-rate 0.1 --first-decay-steps 15 --m-mul 0.8 -n 105 \
            -o restarts.png

    Source: Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983, and
    https://keras.io/api/optimizers/learning_rate_schedules/cosine_decay_restarts/

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(CosineDecayRestarts(Optimizer(), 1.0, first_decay_steps=1, m_mul=0.5).advance(4)[0].rates)
    [1.0, 0.5, 0.2499999850988388, 0.25, 0.2133883535861969]
    """

    cycles = True

    def __init__(
        self,
        optimizer: Any,
        initial_learning_rate: int | float,
        first_decay_steps: Annotated[int | float, Above0],
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
    ) -> None:
        self.initial_learning_rate = f32(initial_learning_rate)
        self.first_decay_steps = f32(first_decay_steps)
        self.t_mul = f32(t_mul)
        self.m_mul = f32(m_mul)
        self.alpha = f32(alpha)
        super().__init__(optimizer)

    def rate(self, step: float) -> float:
        cycle, done = self._cycle(divide(f32(step), self.first_decay_steps))
        wave = f32(0.5 * power(self.m_mul, cycle) * f32(1 + cosine(f32(PI * done))))
        return f32(self.initial_learning_rate * f32(f32(f32(1 - self.alpha) * wave) + self.alpha))

    def _cycle(self, passed: float) -> tuple[float, float]:
        """Which cycle it is, and how much of it is done, when the first has passed so often."""
        times = self.t_mul
        if times == 1:
            cycle = float(math.floor(passed))
            return cycle, f32(passed - cycle)
        grown = f32(1 - f32(passed * f32(1 - times)))
        cycle = divide(logarithm(grown), logarithm(times))
        cycle = float(math.floor(cycle)) if math.isfinite(cycle) else cycle
        length = power(times, cycle)
        before = divide(f32(1 - length), f32(1 - times))
        return cycle, divide(f32(passed - before), length)
