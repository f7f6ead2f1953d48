"""Schedules that lower the rate by factors, by a power of what is left, or to given values."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any

from lrplot.parameters import Length, Range, Refusal
from lrplot.schedulers.float32 import divide, f32, power
from lrplot.schedulers.keras.schedule import KerasSchedule

Above0 = Range(low=0.0, open_low=True)


class _Timed(KerasSchedule):
    """Decays in the time of decay_steps, smoothly or in stairs."""

    def __init__(
        self,
        optimizer: Any,
        initial_learning_rate: int | float,
        decay_steps: Annotated[int | float, Above0],
        decay_rate: float,
        staircase: bool = False,
    ) -> None:
        self.initial_learning_rate = f32(initial_learning_rate)
        self.decay_steps = f32(decay_steps)
        self.decay_rate = f32(decay_rate)
        self.staircase = staircase
        super().__init__(optimizer)

    def passed(self, step: float) -> float:
        """How often decay_steps have passed."""
        times = divide(f32(step), self.decay_steps)
        return float(math.floor(times)) if self.staircase else times


class ExponentialDecay(_Timed, name="ExponentialDecay"):
    r"""Multiplies the rate by decay_rate every decay_steps: smoothly, or with staircase at once.

    .. math:: \eta_t = \eta_0 \cdot r^{t / T}, \quad
        \eta_0, r, T = \text{initial\_learning\_rate, decay\_rate, decay\_steps}

    The exponent is rounded down with staircase. decay_steps is the time of one factor here, not the length of the
    decay, which goes on for ever.

    Args:
        decay_steps: Iterations in which the rate is multiplied by decay_rate once.
        decay_rate: The factor.
        staircase: Whether the factor comes at once, at the end of each decay_steps.

    Raises:
        ValueError: decay_steps is not above 0.

    Example:
        lrplot keras.ExponentialDecay --initial-learning-rate 0.1 --decay-steps 20 --decay-rate 0.5 -o exponential.png

    Source: https://keras.io/api/optimizers/learning_rate_schedules/exponential_decay/

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(ExponentialDecay(Optimizer(), 1.0, decay_steps=2, decay_rate=0.25).advance(4)[0].rates)
    [1.0, 0.5, 0.25, 0.125, 0.0625]
    """

    def rate(self, step: float) -> float:
        return f32(self.initial_learning_rate * power(self.decay_rate, self.passed(step)))


class InverseTimeDecay(_Timed, name="InverseTimeDecay"):
    r"""Divides the rate by a number that grows with time.

    .. math:: \eta_t = \frac{\eta_0}{1 + r \cdot t / T}, \quad
        \eta_0, r, T = \text{initial\_learning\_rate, decay\_rate, decay\_steps}

    The quotient t / T is rounded down with staircase. decay_steps is a unit of time, not the length of the decay, which
    goes on for ever.

    Args:
        decay_steps: Iterations in which the divisor grows by decay_rate.
        decay_rate: How much the divisor grows.
        staircase: Whether it grows at once, at the end of each decay_steps.

    Raises:
        ValueError: decay_steps is not above 0.

    Example:
        lrplot keras.InverseTimeDecay --initial-learning-rate 0.1 --decay-steps 20 --decay-rate 1 -o inverse.png

    Source: https://keras.io/api/optimizers/learning_rate_schedules/inverse_time_decay/

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(InverseTimeDecay(Optimizer(), 1.0, decay_steps=1, decay_rate=1.0, staircase=True).advance(3)[0].rates)
    [1.0, 0.5, 0.3333333432674408, 0.25]
    """

    def rate(self, step: float) -> float:
        return divide(self.initial_learning_rate, f32(1 + f32(self.decay_rate * self.passed(step))))


class PolynomialDecay(KerasSchedule, name="PolynomialDecay"):
    r"""Moves the rate to end_learning_rate along a power of what is left, and holds it there or begins anew.

    .. math:: \eta_t = (\eta_0 - \eta_T) \left( 1 - \frac{\min(t, T)}{T} \right)^p + \eta_T, \quad
        \eta_0, \eta_T, p, T = \text{initial\_learning\_rate, end\_learning\_rate, power, decay\_steps}

    end_learning_rate is 0.0001 unless it is given, which lies above a small initial rate: from 0.00005 the rate rises.
    With cycle the schedule is stretched to the next multiple of decay_steps at each: the rate jumps up there, each time
    less far, and falls to end_learning_rate again.

    Args:
        decay_steps: Iterations of the decay.
        end_learning_rate: The last rate.
        power: Exponent: 1 is a line, above that the fall is steep first and flat later.
        cycle: Whether the decay is stretched to the next multiple of decay_steps, whenever one is over.

    Raises:
        ValueError: decay_steps is not above 0.

    Example:
        lrplot keras.PolynomialDecay --initial-learning-rate 0.1 --decay-steps 100 --power 2 -o poly.png

    Source: https://keras.io/api/optimizers/learning_rate_schedules/polynomial_decay/

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(PolynomialDecay(Optimizer(), 1.0, decay_steps=2, end_learning_rate=0.0).advance(3)[0].rates)
    [1.0, 0.5, 0.0, 0.0]
    >>> list(PolynomialDecay(Optimizer(), 1.0, 2, 0.0, cycle=True).advance(5)[0].rates)
    [1.0, 0.5, 0.0, 0.25, 0.0, 0.1666666865348816]
    """

    length = "decay_steps"

    def __init__(
        self,
        optimizer: Any,
        initial_learning_rate: int | float,
        decay_steps: Annotated[int | float, Above0],
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
    ) -> None:
        self.end_learning_rate = f32(end_learning_rate)
        self.height = f32(f32(initial_learning_rate) - self.end_learning_rate)
        self.decay_steps = f32(decay_steps)
        self.power = f32(power)
        self.cycle = cycle
        self.end = None if cycle else math.ceil(decay_steps)
        super().__init__(optimizer)

    def rate(self, step: float) -> float:
        done, total = f32(step), self.decay_steps
        if self.cycle:
            total = f32(total * (math.ceil(divide(done, total)) if done else 1))
        left = f32(1 - divide(min(done, total), total))
        return f32(f32(self.height * power(left, self.power)) + self.end_learning_rate)


class PiecewiseConstantDecay(KerasSchedule, name="PiecewiseConstantDecay"):
    r"""Has one value up to each boundary, and another after it: a staircase.

    .. math:: \eta_t = v_0 \text{ for } t \le b_0, \quad v_k \text{ for } b_{k-1} < t \le b_k, \quad
        v_n \text{ for } t > b_{n-1}

    A boundary belongs to the old value: with a boundary at 3, step 3 is still made at the first value. In torch's
    MultiStepLR and in optax's piecewise_constant_schedule the new one begins there. These are rates, where those have
    factors.

    Args:
        boundaries: The last iteration at each value but the last one.
        values: The rates, one more than there are boundaries; a whole number among them, 1, is for Keras of another
            kind: write 1.0.

    Raises:
        ValueError: There is no boundary, or not one value more.

    Example:
        lrplot keras.PiecewiseConstantDecay --boundaries 30,60 --values 0.1,0.05,0.01 -o stairs.png

    Source: https://keras.io/api/optimizers/learning_rate_schedules/piecewise_constant_decay/

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(PiecewiseConstantDecay(Optimizer(), boundaries=[1], values=[1.0, 0.5]).advance(3)[0].rates)
    [1.0, 1.0, 0.5, 0.5]
    """

    def __init__(
        self,
        optimizer: Any,
        boundaries: Annotated[Sequence[float], Length(1, words="hold at least one boundary")],
        values: Sequence[int | float],
    ) -> None:
        if len(values) != len(boundaries) + 1:
            counts = f"got {len(values)} for {len(boundaries)}"
            raise Refusal("values", f"must be one more than the boundaries, {counts}")
        edges = [-math.inf, *map(math.trunc, boundaries), math.inf]
        self.ranges = [(low, high, f32(value)) for (low, high), value in zip(pairwise(edges), values)]
        super().__init__(optimizer)

    def rate(self, step: float) -> float:
        return f32(sum(value for low, high, value in self.ranges if low < step <= high))
