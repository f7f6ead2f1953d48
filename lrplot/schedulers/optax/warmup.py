"""Schedules that begin with a warm-up along a line."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from typing import Any

from lrplot.parameters import Refusal
from lrplot.schedulers.optax.cosine import CosineDecay
from lrplot.schedulers.optax.decay import Exponential, Linear
from lrplot.schedulers.optax.schedule import Joined


class WarmupConstant(Linear, name="warmup_constant_schedule"):
    r"""Rises along a line to the peak, and holds it.

    .. math:: \eta_t = \eta_0 + (\eta_{peak} - \eta_0) \frac{\min(t, w)}{w}, \quad
        \eta_0, \eta_{peak}, w = \text{init\_value, peak\_value, warmup\_steps}

    With warmup_steps 0 it holds init_value for ever, and not the peak: a rate of 0, where it was to rise from 0.

    Args:
        peak_value: The rate after the warm-up.
        warmup_steps: Steps in which the rate rises.

    Example:
        lrplot optax.warmup_constant_schedule --init-value 0 --peak-value 0.1 --warmup-steps 10 -o warm.png

    Source: https://optax.readthedocs.io/en/latest/api/optimizer_schedules.html#optax.schedules.warmup_constant_schedule

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(WarmupConstant(Optimizer(), 0.0, 1.0, warmup_steps=2).advance(3)[0].rates)
    [0.0, 0.5, 1.0, 1.0]
    """

    length = lead = ""  # it goes on at its peak
    rise = "warmup_steps"

    def __init__(self, optimizer: Any, init_value: float, peak_value: float, warmup_steps: int) -> None:
        super().__init__(optimizer, init_value, peak_value, warmup_steps)
        self.end = None


class WarmupCosineDecay(Joined, name="warmup_cosine_decay_schedule"):
    r"""Rises along a line to the peak, and falls along half a cosine to end_value, where it stays.

    .. math:: \eta_t = \eta_0 + (\eta_{peak} - \eta_0) \frac{t}{w} \text{ for } t < w, \quad
        \eta_{end} + (\eta_{peak} - \eta_{end}) \left( \tfrac12 \left( 1 + \cos
        \frac{\pi (t - w)}{T - w} \right) \right)^p \text{ after}, \quad
        w, T, p = \text{warmup\_steps, decay\_steps, exponent}

    decay_steps is the whole length here, that of the warm-up included: the fall has decay_steps - warmup_steps. In
    warmup_exponential_decay_schedule the transition begins after the warm-up, and so does decay_steps of Keras's
    CosineDecay. end_value is a rate, where cosine_decay_schedule has a fraction, alpha.

    From an init_value of 0 the first step is made at rate 0. With warmup_steps 0 the first is made at the peak.

    Args:
        peak_value: The rate at the end of the warm-up.
        warmup_steps: Steps in which the rate rises.
        decay_steps: Steps of the whole schedule, those of the warm-up among them.
        end_value: The last rate.
        exponent: Power of the cosine: above 1 it falls earlier.

    Raises:
        ValueError: decay_steps is not above warmup_steps.

    Example:
        lrplot optax.warmup_cosine_decay_schedule --init-value 0 --peak-value 0.1 --warmup-steps 10 \
            --decay-steps 100 -o warm.png

    Source: Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983, and
    https://optax.readthedocs.io/en/latest/api/optimizer_schedules.html#optax.schedules.warmup_cosine_decay_schedule

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(WarmupCosineDecay(Optimizer(), 0.0, 1.0, warmup_steps=2, decay_steps=4).advance(5)[0].rates)
    [0.0, 0.5, 1.0, 0.4999999701976776, 0.0, 0.0]
    """

    length = "decay_steps"
    rise = "warmup_steps"

    def __init__(
        self,
        optimizer: Any,
        init_value: float,
        peak_value: float,
        warmup_steps: int,
        decay_steps: int,
        end_value: float = 0.0,
        exponent: int | float = 1.0,
    ) -> None:
        if decay_steps <= warmup_steps:
            problem = (
                f"must be more than warmup_steps, {warmup_steps}, for the warm-up is part of it: got {decay_steps}"
            )
            raise Refusal("decay_steps", problem)
        warm_up = Linear(optimizer, init_value, peak_value, warmup_steps)
        alpha = end_value / peak_value if peak_value else 0.0
        decay = CosineDecay(optimizer, peak_value, decay_steps - warmup_steps, alpha, exponent)
        self._join([warm_up, decay], [warmup_steps])
        super().__init__(optimizer)


class WarmupExponentialDecay(Joined, name="warmup_exponential_decay_schedule"):
    r"""Rises along a line to the peak, and is multiplied by decay_rate every transition_steps from there on.

    .. math:: \eta_t = \eta_0 + (\eta_{peak} - \eta_0) \frac{t}{w} \text{ for } t < w, \quad
        \eta_{peak} \cdot r^{(t - w - b) / T} \text{ after}, \quad
        w, r, T, b = \text{warmup\_steps, decay\_rate, transition\_steps, transition\_begin}

    transition_begin and transition_steps count from the end of the warm-up, where decay_steps of
    warmup_cosine_decay_schedule counts from step 0. The exponent is rounded down with staircase; within jax.jit, where
    a training step is, a stair may come one step late. From an init_value of 0 the first step is made at rate 0.

    Args:
        peak_value: The rate at the end of the warm-up.
        warmup_steps: Steps in which the rate rises.
        transition_steps: Steps in which the rate is multiplied by decay_rate once.
        decay_rate: The factor.
        staircase: Whether the factor comes at once, at the end of each transition_steps.
        end_value: The rate at which it stops.

    Example:
        lrplot optax.warmup_exponential_decay_schedule --init-value 0 --peak-value 0.1 --warmup-steps 10 \
            --transition-steps 20 --decay-rate 0.5 -o warm.png

    Source: https://optax.readthedocs.io/en/latest/api/optimizer_schedules.html
    #optax.schedules.warmup_exponential_decay_schedule

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(WarmupExponentialDecay(Optimizer(), 0.0, 1.0, 2, 1, 0.5).advance(4)[0].rates)
    [0.0, 0.5, 1.0, 0.5, 0.25]
    """

    rise = "warmup_steps"

    def __init__(
        self,
        optimizer: Any,
        init_value: float,
        peak_value: float,
        warmup_steps: int,
        transition_steps: int,
        decay_rate: float,
        transition_begin: int = 0,
        staircase: bool = False,
        end_value: float | None = None,
    ) -> None:
        warm_up = Linear(optimizer, init_value, peak_value, warmup_steps)
        rest = transition_steps, decay_rate, transition_begin, staircase, end_value
        self._join([warm_up, Exponential(optimizer, peak_value, *rest)], [warmup_steps])
        super().__init__(optimizer)
