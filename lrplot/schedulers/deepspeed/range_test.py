"""The schedule of a test: how high may the rate be?"""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from collections.abc import Sequence
from math import floor
from typing import Annotated, Any

from lrplot.parameters import PerGroup, Range
from lrplot.schedulers.base import Position, Rule, Stateless, floats, per_group, shifted
from lrplot.schedulers.deepspeed.batches import ByBatch
from lrplot.schedulers.dropin import own


class LRRangeTest(ByBatch, name="LRRangeTest"):
    r"""Raises the rate along a line, or in stairs, for as long as it is stepped: to find the rate that diverges.

    .. math:: \eta_t = \eta_{min} \left( 1 + r \cdot \frac{t}{s} \right), \quad
        \text{in stairs } \eta_{min} \left( 1 + r \left\lfloor \frac{t}{s} \right\rfloor \right), \quad
        r, s = \text{step\_rate, step\_size}

    The rate grows by the same amount each time, not by a factor as in other tests of its kind, and without an end:
    after lr_range_test_step_size steps it has doubled, by default, and after ten times as many it is eleven-fold.
    lr_range_test_min_lr takes the place of the optimizer's rate, given or not.

    Args:
        lr_range_test_min_lr: The rate that it begins at.
        lr_range_test_step_size: Steps in which the rate grows by lr_range_test_step_rate of the first.
        lr_range_test_step_rate: What it grows by, as a part of the first rate.
        lr_range_test_staircase: Whether it is held in between.

    Raises:
        ValueError: lr_range_test_step_size is less than 1, or a list has not one value a group.

    Example:
        lrplot deepspeed.LRRangeTest --lr-range-test-min-lr 1e-4 --lr-range-test-step-size 20 -n 100 -o range.png

    Source: Smith 2018, https://arxiv.org/abs/1803.09820, and https://www.deepspeed.ai/tutorials/lrrt/

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = LRRangeTest(Optimizer(), lr_range_test_min_lr=0.5, lr_range_test_step_size=2)
    >>> list(scheduler.advance(4)[0].rates)
    [0.5, 0.75, 1.0, 1.25, 1.5]
    """

    one_a_group = "min_lr"
    owns_rate = True

    def __init__(
        self,
        optimizer: Any,
        lr_range_test_min_lr: PerGroup[float] = 1e-3,
        lr_range_test_step_size: Annotated[int, Range(low=1, exact=int)] = 2000,
        lr_range_test_step_rate: float = 1.0,
        lr_range_test_staircase: bool = False,
        last_batch_iteration: int = -1,
    ) -> None:
        self.min_lr = per_group(self, "lr_range_test_min_lr", lr_range_test_min_lr, optimizer.param_groups)
        self.step_size = lr_range_test_step_size
        self.step_rate = lr_range_test_step_rate
        self.staircase = lr_range_test_staircase
        super().__init__(optimizer, last_batch_iteration)

    def first_rates(self) -> list[float]:
        return [own(low) for low in self.min_lr]

    def places(self, indices: Sequence[float]) -> list[Position]:
        size, rate = float(self.step_size), self.step_rate
        counts = floats(shifted(indices, 1))
        if self.staircase:
            return [1.0 + rate * floor(count / size) for count in counts]
        return [1.0 + rate * (count / size) for count in counts]

    def rule(self, i: int) -> Rule:
        low = self.min_lr[i]
        return Stateless(lambda increases: [low * increase for increase in increases])
