"""The schedule that falls along a cosine."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from typing import Annotated, Any

from lrplot.parameters import Range
from lrplot.schedulers.float32 import PI, cosine, divide, f32, raised
from lrplot.schedulers.optax.schedule import OptaxSchedule


class CosineDecay(OptaxSchedule, name="cosine_decay_schedule"):
    r"""Falls along half a cosine to a part of the first rate, and holds it there.

    .. math:: \eta_t = \eta_0 \left( (1 - \alpha) \left( \tfrac12 \left( 1 + \cos
        \frac{\pi \min(t, T)}{T} \right) \right)^p + \alpha \right), \quad
        \eta_0, T, p = \text{init\_value, decay\_steps, exponent}

    alpha is a fraction of init_value, where warmup_cosine_decay_schedule has a rate, end_value. The end belongs to step
    decay_steps, which a run of so many steps does not make. torch's and transformers' cosines climb again past it; this
    one stays.

    Args:
        decay_steps: Steps of the fall.
        alpha: The last rate as a fraction of init_value.
        exponent: Power of the cosine: above 1 it falls earlier.

    Raises:
        ValueError: decay_steps is not above 0.

    Example:
        lrplot optax.cosine_decay_schedule --init-value 0.1 --decay-steps 100 -o cosine.png

    Source: Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983, and
    https://optax.readthedocs.io/en/latest/api/optimizer_schedules.html#optax.schedules.cosine_decay_schedule

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(CosineDecay(Optimizer(), 1.0, decay_steps=2, alpha=0.5).advance(3)[0].rates)
    [1.0, 0.75, 0.5, 0.5]
    """

    length = "decay_steps"

    def __init__(
        self,
        optimizer: Any,
        init_value: float,
        decay_steps: Annotated[int, Range(low=1)],
        alpha: float = 0.0,
        exponent: int | float = 1.0,
    ) -> None:
        self.init_value = f32(init_value)
        self.decay_steps = self.end = decay_steps
        self.total = f32(decay_steps)
        self.alpha = f32(alpha)
        self.height = f32(1 - alpha)
        self.exponent = exponent
        super().__init__(optimizer)

    def rate(self, step: float) -> float:
        done = f32(min(step, self.decay_steps))
        wave = 0.5 * f32(1 + cosine(divide(f32(PI * done), self.total)))
        return f32(self.init_value * f32(f32(self.height * raised(wave, self.exponent)) + self.alpha))
