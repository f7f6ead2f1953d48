"""Arithmetic as tensor libraries have it: every operation is rounded to float32 by itself; and what the schedules share
that are functions of the step, with a rate of their own.

Logarithms and powers are taken in float64 and rounded: a library's own may differ in the last bit.
"""

import math
from collections.abc import Sequence
from struct import Struct
from typing import Any

from lrplot.schedulers.base import Position, Rule, Scheduler

pack, unpack = Struct("f").pack, Struct("f").unpack  # twice as fast as an array
TINY = 2.0**-126
"""What lies below is 0: XLA has no subnormal numbers on a CPU."""


def f32(value: float) -> float:
    """The nearest float32.

    >>> f32(0.1), f32(1e-40), f32(1e39)
    (0.10000000149011612, 0.0, inf)
    """
    rounded: float
    (rounded,) = unpack(pack(value))
    return 0.0 * rounded if -TINY < rounded < TINY else rounded


PI = f32(math.pi)
COSINE = (-0.499999997251089, 0.04166662332446683, -0.0013886763798425315, 2.4390451067076494e-05)
SINE = (-0.16666654609429005, 0.008332160757245903, -0.00019515282681595005)


def divide(a: float, b: float) -> float:
    """The quotient, where b is 0 too.

    >>> divide(1.0, 3.0), divide(-1.0, 0.0), divide(0.0, 0.0)
    (0.3333333432674408, -inf, nan)
    """
    try:
        return f32(a / b)
    except ZeroDivisionError:
        return a * math.copysign(math.inf, b)


def power(base: float, exponent: float) -> float:
    """The power, where it is no number that a float holds too.

    >>> power(2.0, 0.5), power(0.0, -1.0), power(-1.0, 0.5), power(1e38, 1e38)
    (1.4142135381698608, inf, nan, inf)
    """
    try:
        return f32(math.pow(base, exponent))
    except ValueError:
        return math.nan if base else math.inf
    except OverflowError:
        return math.inf


def whole_power(base: float, exponent: int) -> float:
    """The power as a product, which is what jax makes of an exponent that is a whole number.

    >>> whole_power(f32(0.8), 4), power(f32(0.8), 4.0), whole_power(0.5, -2)
    (0.40960004925727844, 0.40960001945495605, 4.0)
    """
    product, square, left = 1.0, base, abs(exponent)
    while left:
        if left & 1:
            product = f32(product * square)
        left >>= 1
        square = f32(square * square)
    return divide(1.0, product) if exponent < 0 else product


def raised(base: float, exponent: float) -> float:
    """The power as jax has it: of a whole number that is written as one, the product."""
    if exponent == 1:
        return base
    return whole_power(base, exponent) if isinstance(exponent, int) else power(base, f32(exponent))


def cosine(angle: float) -> float:
    """The cosine, of the polynomials that a C library's cosf takes: in float64, of least greatest error within pi / 4.

    The correctly rounded one differs from cosf in more than a hundredth of all places, these in less than a thousandth.

    >>> cosine(0.0), cosine(PI), cosine(math.inf)
    (1.0, -1.0, nan)
    """
    if not math.isfinite(angle):
        return math.nan
    quarters = round(angle * (2 / math.pi))
    rest = angle - quarters * (math.pi / 2)
    square = rest * rest
    if quarters % 2:
        a, b, c = SINE
        value = rest + rest * square * (a + square * (b + square * c))
    else:
        a, b, c, d = COSINE
        value = 1 + square * (a + square * (b + square * (c + square * d)))
    return f32(-value if quarters % 4 in (1, 2) else value)


def logarithm(value: float) -> float:
    """The natural logarithm.

    >>> logarithm(1.0), logarithm(0.0), logarithm(-1.0)
    (0.0, -inf, nan)
    """
    if value > 0:
        return f32(math.log(value))
    return math.nan if value else -math.inf


class Schedule(Scheduler):
    """A function of the step that has its rate as a parameter: the optimizer's own is of no account."""

    owns_rate = carries_rate = one_rate = True
    has_get_lr = composable = False

    end: int | None = None
    """The step from which on nothing changes: None where there is none."""

    def rate(self, step: float) -> float:
        """The rate at a step."""
        raise NotImplementedError

    @property
    def steps_left(self) -> int | None:
        return None if self.end is None else self.end - self.last_epoch

    def walk(self, steps: int) -> Sequence[Position]:
        return list(map(self.rate, super().walk(steps)))

    def position(self) -> Position:
        return self.rate(self.last_epoch)

    def rule(self, i: int) -> Rule:
        return lambda lr, rate: rate

    def get_lr(self) -> list[float]:
        raise NotImplementedError(f"{self.shown_name} has no get_lr(): it is a function of the step")

    def state_dict(self) -> dict[str, Any]:
        """The count: all else is made of the parameters."""
        return {"last_epoch": self.last_epoch, "_step_count": self._step_count, "_last_lr": list(self._last_lr)}
