"""Schedules that hold the rate, or move it along a line or a power, or by a factor."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

import math
from typing import Any

from lrplot.schedulers.float32 import divide, f32, power, raised
from lrplot.schedulers.optax.schedule import OptaxSchedule


class Constant(OptaxSchedule, name="constant_schedule"):
    r"""Holds one rate.

    .. math:: \eta_t = \text{value}

    It is a number of Python's, which the optimizer rounds to float32.

    Args:
        value: The rate.

    Example:
        lrplot optax.constant_schedule --value 0.1 -n 20 -o constant.png

    Source: https://optax.readthedocs.io/en/latest/api/optimizer_schedules.html#optax.schedules.constant_schedule

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(Constant(Optimizer(), value=0.1).advance(2)[0].rates)
    [0.1, 0.1, 0.1]
    """

    def __init__(self, optimizer: Any, value: float) -> None:
        self.value = value
        super().__init__(optimizer)

    def rate(self, step: float) -> float:
        return self.value


class Polynomial(OptaxSchedule, name="polynomial_schedule"):
    r"""Moves the rate to another along a power of what is left of the transition, and holds it there.

    .. math:: \eta_t = (\eta_0 - \eta_T) \left( 1 - \frac{\min(\max(t - b, 0), T)}{T} \right)^p + \eta_T, \quad
        \eta_0, \eta_T, p, T, b =
        \text{init\_value, end\_value, power, transition\_steps, transition\_begin}

    With transition_steps 0 or less it holds init_value for ever, without a word. Within jax.jit, where a training step
    is, the last step may come out below 0, and NaN with a power that is no whole number: from step 21 on for 0.1 to 0.0
    by power 0.5 in 21 steps. What is drawn here is the value outside of jit, which is end_value.

    A power that is written as a whole number, 2, is a product for jax, and 2.0 is not: the last bit may differ.

    Args:
        end_value: The rate at the end of the transition, and from then on.
        power: Exponent: 1 is a line, above that the fall is steep first and flat later.
        transition_steps: Steps of the transition.

    Example:
        lrplot optax.polynomial_schedule --init-value 0.1 --end-value 0 --power 2 --transition-steps 100 -o poly.png

    Source: https://optax.readthedocs.io/en/latest/api/optimizer_schedules.html#optax.schedules.polynomial_schedule

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(Polynomial(Optimizer(), 1.0, 0.0, power=2, transition_steps=4).advance(5)[0].rates)
    [1.0, 0.5625, 0.25, 0.0625, 0.0, 0.0]
    """

    length = "transition_steps"
    lead = "transition_begin"

    def __init__(
        self,
        optimizer: Any,
        init_value: float,
        end_value: float,
        power: int | float,
        transition_steps: int,
        transition_begin: int = 0,
    ) -> None:
        self.init_value = init_value
        self.end_value = f32(end_value)
        self.power = power
        self.transition_steps = transition_steps
        self.total = f32(transition_steps)
        self.begin = max(0, transition_begin)
        self.height = f32(init_value - end_value)
        self.end = self.begin + transition_steps if transition_steps > 0 else None
        super().__init__(optimizer)

    def rate(self, step: float) -> float:
        if self.transition_steps <= 0:
            return self.init_value
        done = f32(min(max(step - self.begin, 0), self.transition_steps))
        left = f32(1 - divide(done, self.total))
        return f32(f32(self.height * raised(left, self.power)) + self.end_value)


class Linear(Polynomial, name="linear_schedule"):
    r"""Moves the rate to another along a line, and holds it there.

    .. math:: \eta_t = (\eta_0 - \eta_T) \left( 1 - \frac{\min(\max(t - b, 0), T)}{T} \right) + \eta_T, \quad
        \eta_0, \eta_T, T, b = \text{init\_value, end\_value, transition\_steps, transition\_begin}

    With transition_steps 0 or less it holds init_value for ever, without a word. Within jax.jit, where a training step
    is, one that ends at 0 may end slightly below: -1.86e-09 for ever, for 0.1 to 0.0 in 21 steps.

    Example:
        lrplot optax.linear_schedule --init-value 0.1 --end-value 0 --transition-steps 100 -o linear.png

    Source: https://optax.readthedocs.io/en/latest/api/optimizer_schedules.html#optax.schedules.linear_schedule

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(Linear(Optimizer(), 1.0, 0.0, transition_steps=4, transition_begin=1).advance(6)[0].rates)
    [1.0, 1.0, 0.75, 0.5, 0.25, 0.0, 0.0]
    """

    def __init__(
        self,
        optimizer: Any,
        init_value: float,
        end_value: float,
        transition_steps: int,
        transition_begin: int = 0,
    ) -> None:
        super().__init__(optimizer, init_value, end_value, 1, transition_steps, transition_begin)


class Exponential(OptaxSchedule, name="exponential_decay"):
    r"""Multiplies the rate by decay_rate every transition_steps: smoothly, or with staircase at once.

    .. math:: \eta_t = \eta_0 \cdot r^{(t - b) / T}, \quad
        \eta_0, r, T, b = \text{init\_value, decay\_rate, transition\_steps, transition\_begin}

    The exponent is rounded down with staircase. transition_steps is the time of one factor here, not the length of the
    decay, which goes on for ever, or to end_value: a rate, below init_value for a decay_rate below 1 and above it
    otherwise. With transition_steps 0 or less, or with decay_rate 0, it holds init_value for ever, without a word.

    Within jax.jit, where a training step is, a stair may come one step late: at step 42 for transition_steps 41. What
    is drawn here is the value outside of jit.

    Args:
        transition_steps: Steps in which the rate is multiplied by decay_rate once.
        decay_rate: The factor.
        staircase: Whether the factor comes at once, at the end of each transition_steps.
        end_value: The rate at which it stops.

    Example:
        lrplot optax.exponential_decay --init-value 0.1 --transition-steps 20 --decay-rate 0.5 --staircase -o stairs.png

    Source: https://optax.readthedocs.io/en/latest/api/optimizer_schedules.html#optax.schedules.exponential_decay

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(Exponential(Optimizer(), 1.0, 2, 0.25, end_value=0.1).advance(4)[0].rates)
    [1.0, 0.5, 0.25, 0.125, 0.10000000149011612]
    """

    def __init__(
        self,
        optimizer: Any,
        init_value: float,
        transition_steps: int,
        decay_rate: float,
        transition_begin: int = 0,
        staircase: bool = False,
        end_value: float | None = None,
    ) -> None:
        self.init_value = init_value
        self.transition_steps = transition_steps
        self.decay_rate = decay_rate
        self.begin = max(0, transition_begin)
        self.staircase = staircase
        self.end_value = end_value
        super().__init__(optimizer)

    def rate(self, step: float) -> float:
        done, total = step - self.begin, self.transition_steps
        if total <= 0 or self.decay_rate == 0:
            return self.init_value
        rate = f32(self.init_value)
        if done > 0:
            passed = divide(f32(done), f32(total))
            times = math.floor(passed) if self.staircase else passed
            rate = f32(rate * power(f32(self.decay_rate), times))
        if self.end_value is None:
            return rate
        return (max if self.decay_rate < 1 else min)(rate, f32(self.end_value))
