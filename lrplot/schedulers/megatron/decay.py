"""Schedules that hold the rate after the warm-up, or lower it along a line, a cosine or a root."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from collections.abc import Sequence
from math import cos, pi

from lrplot.schedulers.base import floats, shifted
from lrplot.schedulers.megatron.annealing import Annealing, Counts


class Linear(Annealing, name="linear"):
    r"""Rises along a line in the warm-up and falls along another to min_lr: Megatron's default.

    .. math:: \eta_n = \eta_{init} + (\eta_{max} - \eta_{init}) \frac{n}{w} \text{ for } n \le w, \quad
        \eta_{min} + (\eta_{max} - \eta_{min}) \left( 1 - \frac{n - w}{d - w} \right) \text{ for } n \le d, \quad
        \eta_{min} \text{ after}

    with n the count, w, d = lr_warmup_steps, lr_decay_steps. With a warm-up the first step is made at init_lr, which is
    0 by default.

    Raises:
        ValueError: init_lr or min_lr is above max_lr, lr_warmup_steps is not below lr_decay_steps, or end_wd is below
            start_wd.

    Example:
        lrplot megatron.linear --max-lr 1.5e-4 --min-lr 1e-5 --lr-warmup-steps 10 --lr-decay-steps 100 -o linear.png

    Source: https://docs.nvidia.com/megatron-core/developer-guide/latest/

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(Linear(Optimizer(), max_lr=1.0, lr_decay_steps=6, lr_warmup_steps=2).advance(7)[0].rates)
    [0.0, 0.5, 1.0, 0.75, 0.5, 0.25, 0.0, 0.0]
    """

    knows_jumps = True

    def fall(self, top: float, low: float, counts: Counts) -> list[float]:
        over, span = self.fall_length, top - low
        return [low + (1.0 - done / over) * span for done in floats(shifted(counts, -self.lr_warmup_steps))]


class Cosine(Annealing, name="cosine"):
    r"""Rises along a line in the warm-up and falls along a cosine to min_lr.

    .. math:: \eta_n = \eta_{init} + (\eta_{max} - \eta_{init}) \frac{n}{w} \text{ for } n \le w, \quad
        \eta_{min} + \tfrac12 (\eta_{max} - \eta_{min}) \left( 1 + \cos \left( \pi \frac{n - w}{d - w} \right)
        \right) \text{ for } n \le d, \quad \eta_{min} \text{ after}

    with n the count, w, d = lr_warmup_steps, lr_decay_steps. With a warm-up the first step is made at init_lr, which is
    0 by default. lr_decay_steps counts the warm-up too, as optax' decay_steps do and Keras' do not; past it the rate
    stays at min_lr, where transformers.cosine climbs again.

    Megatron counts samples: its loop adds the global batch size at each step, and its command line multiplies
    iterations by that. Give increment the batch size and the counts in samples to have its bits; in iterations, with
    increment 1, the warm-up may be off in the last one.

    Raises:
        ValueError: init_lr or min_lr is above max_lr, lr_warmup_steps is not below lr_decay_steps, or end_wd is below
            start_wd.

    Example:
        lrplot megatron.cosine --max-lr 1.5e-4 --min-lr 1e-5 --lr-warmup-steps 10 --lr-decay-steps 100 -o cosine.png

    Source: Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983, and
    https://docs.nvidia.com/megatron-core/developer-guide/latest/

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = Cosine(Optimizer(), max_lr=1.0, lr_decay_steps=20, lr_warmup_steps=4, increment=4)
    >>> [round(rate, 3) for rate in scheduler.advance(6)[0].rates]
    [0.0, 1.0, 0.854, 0.5, 0.146, 0.0, 0.0]
    """

    knows_jumps = True

    def fall(self, top: float, low: float, counts: Counts) -> list[float]:
        over, span = self.fall_length, top - low
        done, half = floats(shifted(counts, -self.lr_warmup_steps)), 0.5 * span
        if half + half != span:  # so little that no float is the half of it
            return [low + 0.5 * (cos(pi * (count / over)) + 1.0) * span for count in done]
        return [low + (cos(pi * (count / over)) + 1.0) * half for count in done]


class InverseSquareRoot(Annealing, name="inverse-square-root"):
    r"""Rises along a line in the warm-up and falls with one over the root of the count.

    .. math:: \eta_n = \eta_{init} + (\eta_{max} - \eta_{init}) \frac{n}{w} \text{ for } n \le w, \quad
        \max\left( \eta_{min}, \eta_{max} \sqrt{\frac{\max(w, 1)}{n}} \right) \text{ for } n \le d, \quad
        \eta_{min} \text{ after}

    with n the count, w, d = lr_warmup_steps, lr_decay_steps. The fall goes by the length of the warm-up: without one it
    is at a tenth after 100 steps. It does not come down to min_lr at lr_decay_steps: the rate drops to it there.

    Raises:
        ValueError: init_lr or min_lr is above max_lr, lr_warmup_steps is not below lr_decay_steps, or end_wd is below
            start_wd.

    Example:
        lrplot megatron.inverse-square-root --max-lr 1.5e-4 --lr-warmup-steps 10 --lr-decay-steps 100 -o root.png

    Source: Vaswani et al. 2017, https://arxiv.org/abs/1706.03762, and
    https://docs.nvidia.com/megatron-core/developer-guide/latest/

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(InverseSquareRoot(Optimizer(), max_lr=1.0, lr_decay_steps=4, lr_warmup_steps=1).advance(5)[0].rates)
    [0.0, 1.0, 0.7071067811865475, 0.5773502691896258, 0.5, 0.0]
    """

    knows_jumps = True
    length = ""  # it falls in the same way, whatever lr_decay_steps are

    def fall(self, top: float, low: float, counts: Counts) -> list[float]:
        height = top * max(self.lr_warmup_steps, 1) ** 0.5
        rates = [height / (count or 1) ** 0.5 for count in floats(counts)]
        return rates if rates[-1] > low else [rate if rate > low else low for rate in rates]

    @property
    def phases(self) -> Sequence[float]:
        """The drop comes with the first count past the end."""
        return (self.lr_warmup_steps, self.lr_decay_steps // self.increment * self.increment + self.increment)


class Constant(Annealing, name="constant"):
    r"""Rises along a line in the warm-up and holds the rate.

    .. math:: \eta_n = \eta_{init} + (\eta_{max} - \eta_{init}) \frac{n}{w} \text{ for } n \le w, \quad
        \eta_{max} \text{ after}, \quad w = \text{lr\_warmup\_steps}

    lr_decay_steps is asked for, and does nothing beside being above lr_warmup_steps; nor does min_lr. With a warm-up
    the first step is made at init_lr, which is 0 by default; transformers.constant has no warm-up.

    Raises:
        ValueError: init_lr or min_lr is above max_lr, lr_warmup_steps is not below lr_decay_steps, or end_wd is below
            start_wd.

    Example:
        lrplot megatron.constant --max-lr 1.5e-4 --lr-warmup-steps 10 --lr-decay-steps 100 -o constant.png

    Source: https://docs.nvidia.com/megatron-core/developer-guide/latest/

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(Constant(Optimizer(), max_lr=1.0, lr_decay_steps=4, lr_warmup_steps=2).advance(5)[0].rates)
    [0.0, 0.5, 1.0, 1.0, 1.0, 1.0]
    """

    knows_jumps = True
    length = ""  # lr_decay_steps do nothing

    def fall(self, top: float, low: float, counts: Counts) -> list[float]:
        return [top] * len(counts)

    def after(self, top: float, low: float) -> float:
        return top

    @property
    def phases(self) -> Sequence[float]:
        return (self.lr_warmup_steps,)
