"""Schedules that are given by a few points: scales at boundaries, or a single cycle."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal

from lrplot.parameters import Range
from lrplot.schedulers.float32 import PI, cosine, divide, f32
from lrplot.schedulers.optax.schedule import OptaxSchedule

Scales = Mapping[int, Annotated[float, Range(low=0.0)]]


class PiecewiseConstant(OptaxSchedule, name="piecewise_constant_schedule"):
    r"""Multiplies the rate by a scale at each boundary: a staircase.

    .. math:: \eta_t = \eta_0 \prod_{b \le t} s_b, \quad \eta_0 = \text{init\_value},
        \quad b : s_b \text{ in boundaries\_and\_scales}

    The scale of a boundary holds from the boundary's own step on, as torch's milestones do; at a boundary of Keras's
    PiecewiseConstantDecay the old rate still holds. Scales multiply up, where Keras has values.

    Args:
        boundaries_and_scales: The scale at each boundary, a step: what the rate is multiplied by there.

    Raises:
        ValueError: A scale is negative.

    Example:
        lrplot optax.piecewise_constant_schedule --init-value 0.1 --boundaries-and-scales 30:0.1,60:0.5 -o stairs.png

    Source: https://optax.readthedocs.io/en/latest/api/optimizer_schedules.html
    #optax.schedules.piecewise_constant_schedule

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(PiecewiseConstant(Optimizer(), 1.0, {2: 0.5, 3: 0.5}).advance(4)[0].rates)
    [1.0, 1.0, 0.5, 0.25, 0.25]
    """

    def __init__(self, optimizer: Any, init_value: float, boundaries_and_scales: Scales | None = None) -> None:
        self.init_value = init_value
        self.scales = sorted((boundaries_and_scales or {}).items())
        super().__init__(optimizer)

    def rate(self, step: float) -> float:
        rate = f32(self.init_value) if self.scales else self.init_value
        for boundary, scale in self.scales:
            if step >= boundary:
                rate = f32(f32(scale) * rate)
        return rate


class PiecewiseInterpolate(OptaxSchedule, name="piecewise_interpolate_schedule"):
    r"""Moves from one rate to the next between boundaries, along lines or along halves of cosines.

    .. math:: \eta_t = v_k + (v_{k+1} - v_k) \, f\left( \frac{t - b_k}{b_{k+1} - b_k} \right)
        \text{ for } b_k \le t < b_{k+1}, \quad v_k = \eta_0 s_1 \dots s_k, \quad b_0 = 0

    f is the identity for linear, and half a cosine from 0 to 1 for cosine. A scale is reached at its own boundary, and
    what lies before is on the way to it: other than in piecewise_constant_schedule, the rate moves from step 0 on.
    After the last boundary it stays.

    Args:
        interpolate_type: Along what the rate moves.
        boundaries_and_scales: The scale at each boundary, a step: what the rate is multiplied by up to there.

    Raises:
        ValueError: A scale is negative, or interpolate_type is neither.

    Example:
        lrplot optax.piecewise_interpolate_schedule --interpolate-type cosine --init-value 0.01 \
            --boundaries-and-scales 20:10,100:0.01 -o cosine.png

    Source: https://optax.readthedocs.io/en/latest/api/optimizer_schedules.html
    #optax.schedules.piecewise_interpolate_schedule

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(PiecewiseInterpolate(Optimizer(), "linear", 1.0, {2: 2.0, 4: 0.5}).advance(5)[0].rates)
    [1.0, 1.5, 2.0, 1.5, 1.0, 1.0]
    """

    def __init__(
        self,
        optimizer: Any,
        interpolate_type: Literal["linear", "cosine"],
        init_value: float,
        boundaries_and_scales: Scales | None = None,
    ) -> None:
        self.between = _BETWEEN[interpolate_type]
        boundaries = [0]
        self.values = [f32(init_value)]
        for boundary, scale in sorted((boundaries_and_scales or {}).items()):
            boundaries.append(boundary)
            self.values.append(f32(self.values[-1] * f32(scale)))
        self.stretches = list(pairwise(boundaries))
        self.last = boundaries[-1]
        self.end = self.last if self.stretches else None
        super().__init__(optimizer)

    def rate(self, step: float) -> float:
        rate = self.values[-1] if step >= self.last else 0.0
        for k, (first, after) in enumerate(self.stretches):
            if first <= step < after:
                passed = divide(f32(step - first), f32(after - first))
                rate = f32(rate + self.between(self.values[k], self.values[k + 1], passed))
        return rate


def _along_a_line(start: float, end: float, passed: float) -> float:
    return f32(f32(f32(end - start) * passed) + start)


def _along_a_cosine(start: float, end: float, passed: float) -> float:
    wave = f32(cosine(f32(PI * passed)) + 1)
    return f32(end + f32(f32(start - end) / 2 * wave))


_BETWEEN: Mapping[str, Callable[[float, float, float], float]] = {"linear": _along_a_line, "cosine": _along_a_cosine}


class LinearOneCycle(PiecewiseInterpolate, name="linear_onecycle_schedule"):
    r"""Rises along a line to the peak, falls along one to where it began, and along a third to next to nothing.

    .. math:: \frac{\eta_{peak}}{d} \to \eta_{peak} \text{ at } \lfloor p_1 T \rfloor \to
        \frac{\eta_{peak}}{d} \text{ at } \lfloor p_2 T \rfloor \to \frac{\eta_{peak}}{d f} \text{ at } T, \quad
        p_1, p_2, d, f = \text{pct\_start, pct\_final, div\_factor, final\_div\_factor}

    The last rate is peak_value / div_factor / final_div_factor, at step transition_steps, which a run of so many steps
    does not make. torch's OneCycleLR is another curve: it ends in the last step that the run makes, and anneals along
    cosines unless told otherwise.

    Args:
        transition_steps: Steps of the cycle.
        peak_value: The highest rate.
        pct_start: Part of the cycle in which the rate rises.
        pct_final: Part of the cycle after which the rate falls below its first value.
        div_factor: The peak divided by the first rate.
        final_div_factor: The first rate divided by the last.

    Raises:
        ValueError: transition_steps is not above 0, or a factor is negative.

    Example:
        lrplot optax.linear_onecycle_schedule --transition-steps 100 --peak-value 0.1 -o onecycle.png

    Source: Smith & Topin 2018, https://arxiv.org/abs/1708.07120, and
    https://optax.readthedocs.io/en/latest/api/optimizer_schedules.html#optax.schedules.linear_onecycle_schedule

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> cycle = LinearOneCycle(Optimizer(), 4, 1.0, pct_start=0.25, pct_final=0.75, div_factor=4, final_div_factor=2)
    >>> list(cycle.advance(4)[0].rates)
    [0.25, 1.0, 0.625, 0.25, 0.125]
    """

    length = "transition_steps"

    def __init__(
        self,
        optimizer: Any,
        transition_steps: Annotated[int, Range(low=1)],
        peak_value: float,
        pct_start: float = 0.3,
        pct_final: float = 0.85,
        div_factor: Annotated[float, Range(low=0.0, open_low=True)] = 25.0,
        final_div_factor: Annotated[float, Range(low=0.0, open_low=True)] = 1e4,
    ) -> None:
        scales = {int(pct_start * transition_steps): div_factor}
        scales |= {int(pct_final * transition_steps): 1.0 / div_factor}
        scales |= {transition_steps: 1.0 / final_div_factor}
        super().__init__(optimizer, "linear", peak_value / div_factor, scales)


class CosineOneCycle(PiecewiseInterpolate, name="cosine_onecycle_schedule"):
    r"""Rises along half a cosine to the peak, and falls along another to next to nothing.

    .. math:: \frac{\eta_{peak}}{d} \to \eta_{peak} \text{ at } \lfloor p T \rfloor \to
        \frac{\eta_{peak}}{d f} \text{ at } T, \quad
        p, d, f, T = \text{pct\_start, div\_factor, final\_div\_factor, transition\_steps}

    The last rate is peak_value / div_factor / final_div_factor, at step transition_steps, which a run of so many steps
    does not make. torch's OneCycleLR ends in the last step that the run makes, and its phases end elsewhere.

    Args:
        transition_steps: Steps of the cycle.
        peak_value: The highest rate.
        pct_start: Part of the cycle in which the rate rises.
        div_factor: The peak divided by the first rate.
        final_div_factor: The first rate divided by the last.

    Raises:
        ValueError: transition_steps is not above 0, or a factor is negative.

    Example:
        lrplot optax.cosine_onecycle_schedule --transition-steps 100 --peak-value 0.1 -o onecycle.png

    Source: Smith & Topin 2018, https://arxiv.org/abs/1708.07120, and
    https://optax.readthedocs.io/en/latest/api/optimizer_schedules.html#optax.schedules.cosine_onecycle_schedule

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> cycle = CosineOneCycle(Optimizer(), 4, 1.0, pct_start=0.5, div_factor=4, final_div_factor=2)
    >>> list(cycle.advance(4)[0].rates)
    [0.25, 0.625, 1.0, 0.5625, 0.125]
    """

    length = "transition_steps"

    def __init__(
        self,
        optimizer: Any,
        transition_steps: Annotated[int, Range(low=1)],
        peak_value: float,
        pct_start: float = 0.3,
        div_factor: Annotated[float, Range(low=0.0, open_low=True)] = 25.0,
        final_div_factor: Annotated[float, Range(low=0.0, open_low=True)] = 1e4,
    ) -> None:
        scales = {int(pct_start * transition_steps): div_factor}
        scales |= {transition_steps: 1.0 / (div_factor * final_div_factor)}
        super().__init__(optimizer, "cosine", peak_value / div_factor, scales)
