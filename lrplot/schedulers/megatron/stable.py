"""The schedule of three parts: warm-up, a constant rate, decay."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from bisect import bisect_right
from collections.abc import Callable, Sequence
from math import cos, pi, sqrt
from typing import Annotated, Any, Literal

from lrplot.parameters import PerGroup, Refusal, Unenforced
from lrplot.schedulers.base import floats, shifted
from lrplot.schedulers.megatron.annealing import Annealing, Count, Counts, Floor, Increment, Shape

STYLES: dict[str, Callable[[float], float]] = {
    "exponential": lambda part: 2.0 * 0.5**part - 1.0,
    "linear": lambda part: 1.0 - part,
    "cosine": lambda part: 0.5 * (cos(pi * part) + 1.0),
    "minus_sqrt": lambda part: 1.0 - sqrt(part),
}
"""How much of the way from max_lr to min_lr is left, where so much of the decay is done."""


class WSD(Annealing, name="WSD"):
    r"""Rises in the warm-up, holds the rate for most of the run, and falls in its last part.

    .. math:: \eta_n = \eta_{init} + (\eta_{max} - \eta_{init}) \frac{n}{w} \text{ for } n \le w, \quad
        \eta_{max} \text{ for } n \le d - s, \quad
        \eta_{min} + (\eta_{max} - \eta_{min})\,v\left( \frac{n - d + s}{s} \right) \text{ for } n \le d, \quad
        \eta_{min} \text{ after}

    with n the count, w, d, s = lr_warmup_steps, lr_decay_steps, wsd_decay_steps. exponential: v = 2 · 0.5^x - 1, which
    is nearly a line, and comes to 0; linear: v = 1 - x; cosine: v = (1 + cos πx) / 2; minus_sqrt: v = 1 - √x.

    lr_decay_steps is the end of the decay, not its length: that is wsd_decay_steps. Where warm-up and decay are longer
    than lr_decay_steps together, the warm-up goes on to its end, and the rate drops into the midst of the decay there.
    transformers.warmup_stable_decay has other shapes by default, a cosine, and cuts the warm-up.

    Args:
        wsd_decay_steps: Count of the decay's length, the last of lr_decay_steps.
        lr_wsd_decay_style: Shape of the decay; Megatron's own constructor has none by default, its command line this.

    Raises:
        ValueError: init_lr or min_lr is above max_lr, lr_warmup_steps is not below lr_decay_steps, or end_wd is below
            start_wd.

    Example:
        lrplot megatron.WSD --max-lr 1.5e-4 --lr-warmup-steps 10 --lr-decay-steps 100 --wsd-decay-steps 20 -o wsd.png

    Source: Hu et al. 2024, https://arxiv.org/abs/2404.06395, and
    https://docs.nvidia.com/megatron-core/developer-guide/latest/

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = WSD(Optimizer(), 1.0, 6, wsd_decay_steps=2, lr_warmup_steps=2, lr_wsd_decay_style="linear")
    >>> list(scheduler.advance(7)[0].rates)
    [0.0, 0.5, 1.0, 1.0, 1.0, 0.5, 0.0, 0.0]
    """

    def __init__(
        self,
        optimizer: Any,
        max_lr: PerGroup[float],
        lr_decay_steps: Count,
        wsd_decay_steps: int,
        lr_wsd_decay_style: Annotated[Literal["exponential", "linear", "cosine", "minus_sqrt"], Unenforced()] = (
            "exponential"
        ),
        init_lr: float = 0.0,
        min_lr: PerGroup[Floor] = 0.0,
        lr_warmup_steps: int | float = 0,
        start_wd: PerGroup[Floor] = 0.01,
        end_wd: PerGroup[float] = 0.01,
        wd_incr_steps: int | None = None,
        wd_incr_style: Shape = "constant",
        increment: Increment = 1,
    ) -> None:
        self.wsd_decay_steps = wsd_decay_steps
        self.lr_wsd_decay_style = lr_wsd_decay_style
        weight_decay = start_wd, end_wd, wd_incr_steps, wd_incr_style
        super().__init__(optimizer, max_lr, lr_decay_steps, init_lr, min_lr, lr_warmup_steps, *weight_decay, increment)

    @property
    def knows_jumps(self) -> bool:  # type: ignore[override]
        """Where the decay begins after the warm-up."""
        return self.lr_warmup_steps + self.wsd_decay_steps <= self.lr_decay_steps

    @property
    def phases(self) -> Sequence[float]:
        return (self.lr_warmup_steps, self.lr_decay_steps - self.wsd_decay_steps, self.lr_decay_steps)

    def fall(self, top: float, low: float, counts: Counts) -> list[float]:
        begin, span, over = self.lr_decay_steps - self.wsd_decay_steps, top - low, float(self.wsd_decay_steps)
        falling = counts[bisect_right(counts, begin) :]
        rates = [low + 1.0 * span] * (len(counts) - len(falling))
        if not falling:
            return rates
        left = STYLES.get(self.lr_wsd_decay_style)
        if left is None:
            raise Refusal(
                "lr_wsd_decay_style", f"must be {' or '.join(map(repr, STYLES))}, got {self.lr_wsd_decay_style!r}"
            )
        return rates + [low + left(done / over) * span for done in floats(shifted(falling, -begin))]
