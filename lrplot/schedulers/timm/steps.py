"""Schedules that lower the rate by a factor, at intervals or at milestones, or never."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from math import ceil
from typing import Annotated, Any

from lrplot.parameters import NonZero, Unenforced
from lrplot.schedulers.base import Action
from lrplot.schedulers.timm.schedule import Interval, Schedule


class StepLRScheduler(Schedule, name="step"):
    r"""Multiplies the rate by decay_rate every decay_t epochs.

    .. math:: \eta_t = \eta_{base} \cdot \text{decay\_rate}^{\lfloor t / \text{decay\_t} \rfloor}

    The rate is held by default, for decay_rate is 1. The drops are counted from the end of the warm-up: here
    warmup_prefix is true by default, but the training script has it false, and with that they are counted from the
    start of the run. There is no lr_min.

    timm's t_in_epochs is a run's interval here: epoch or step.

    Args:
        decay_t: Epochs from one drop to the next; a fraction will do.
        decay_rate: Factor of each drop.

    Example:
        lrplot timm.step --decay-t 30 --decay-rate 0.1 --warmup-t 5 --warmup-lr-init 1e-5 --lr 0.1 -n 100 -o step.png

    Source: https://huggingface.co/docs/timm/reference/schedulers

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = StepLRScheduler(Optimizer(lr=1.0), decay_t=2, decay_rate=0.5, warmup_t=2)
    >>> list(scheduler.advance(6)[0].rates)
    [0.0, 0.5, 1.0, 1.0, 0.5, 0.5, 0.25]
    """

    original = "timm.scheduler.StepLRScheduler"

    decay_t: float
    decay_rate: float

    def __init__(
        self,
        optimizer: Any,
        decay_t: Annotated[float, NonZero(), Unenforced()],
        decay_rate: float = 1.0,
        warmup_t: int = 0,
        warmup_lr_init: float = 0.0,
        warmup_prefix: bool = True,
        noise_range_t: Interval | None = None,
        noise_pct: float = 0.67,
        noise_std: float = 1.0,
        noise_seed: int = 42,
    ) -> None:
        super().__init__(optimizer, locals())

    def curve(self, base_lr: float, ts: Sequence[float]) -> Sequence[float]:
        rate, every = self.decay_rate, self.decay_t
        if isinstance(every, float) and every.is_integer() and isinstance(rate, float):
            every = int(every)  # which takes a quarter less time, and makes the same power of a float
        return _after(base_lr, rate, [t // every for t in ts])

    def actions_at(self, epochs: range) -> Iterable[Action]:
        yield from super().actions_at(epochs)
        if self.decay_t > 1 and self.decay_rate != 1:  # else it is exponential decay, which has no drops
            begin = max(epochs.start, self.warmup_t + 1) - self.shift
            numbers = range(max(1, ceil(begin / self.decay_t)), ceil((epochs.stop - self.shift) / self.decay_t))
            yield Action("drop", [ceil(n * self.decay_t) + self.shift for n in numbers], self.decay_rate)


class MultiStepLRScheduler(Schedule, name="multistep"):
    r"""Multiplies the rate by decay_rate at each milestone, an epoch before it.

    .. math:: \eta_t = \eta_{base} \cdot \text{decay\_rate}^{n_t}, \quad
        n_t \text{ the number of milestones up to } t + 1

    A milestone of 30 acts at index 29, as timm's own page says; torch's MultiStepLR acts at 30. The milestones are
    counted from the end of the warm-up: here warmup_prefix is true by default, but the training script has it false,
    and with that they are counted from the start of the run. The rate is held by default, for decay_rate is 1.

    timm's t_in_epochs is a run's interval here: epoch or step.

    Args:
        decay_t: The milestones, in rising order; one that is listed twice drops twice.
        decay_rate: Factor of each drop.

    Example:
        lrplot timm.multistep --decay-t 30,60,90 --decay-rate 0.1 --lr 0.1 -n 100 -o multistep.png

    Source: https://huggingface.co/docs/timm/reference/schedulers

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = MultiStepLRScheduler(Optimizer(lr=1.0), decay_t=[3, 5], decay_rate=0.5)
    >>> list(scheduler.advance(5)[0].rates)
    [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]
    """

    original = "timm.scheduler.MultiStepLRScheduler"

    decay_t: Sequence[int]
    decay_rate: float

    def __init__(
        self,
        optimizer: Any,
        decay_t: Sequence[int],
        decay_rate: float = 1.0,
        warmup_t: int = 0,
        warmup_lr_init: float = 0.0,
        warmup_prefix: bool = True,
        noise_range_t: Interval | None = None,
        noise_pct: float = 0.67,
        noise_std: float = 1.0,
        noise_seed: int = 42,
    ) -> None:
        super().__init__(optimizer, locals())

    def curve(self, base_lr: float, ts: Sequence[float]) -> Sequence[float]:
        milestones = self.decay_t
        return _after(base_lr, self.decay_rate, [bisect_right(milestones, t + 1) for t in ts])

    def actions_at(self, epochs: range) -> Iterable[Action]:
        yield from super().actions_at(epochs)
        at = Counter(milestone - 1 + self.shift for milestone in self.decay_t)
        for times in sorted(set(at.values())):
            acting = [t for t in sorted(at) if at[t] == times and t in epochs and t > self.warmup_t]
            yield Action("drop", acting, self.decay_rate**times)


class Constant(Schedule, name="constant"):
    r"""Holds the rate after the warm-up.

    .. math:: \eta_t = \eta_{base}

    The training script makes it of the step schedule, with a decay_rate of 1. transformers' constant has no warm-up;
    torch's multiplies the first steps by a factor.

    timm's t_in_epochs is a run's interval here: epoch or step.

    Example:
        lrplot timm.constant --warmup-t 5 --warmup-lr-init 1e-5 --lr 0.1 -n 100 -o constant.png

    Source: https://huggingface.co/docs/timm/reference/schedulers

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(Constant(Optimizer(lr=1.0), warmup_t=2).advance(3)[0].rates)
    [0.0, 0.5, 1.0, 1.0]
    """

    original = ""

    def __init__(
        self,
        optimizer: Any,
        warmup_t: int = 0,
        warmup_lr_init: float = 0.0,
        noise_range_t: Interval | None = None,
        noise_pct: float = 0.67,
        noise_std: float = 1.0,
        noise_seed: int = 42,
    ) -> None:
        super().__init__(optimizer, locals())

    def curve(self, base_lr: float, ts: Sequence[float]) -> Sequence[float]:
        return [base_lr] * len(ts)


def _after(base_lr: float, rate: float, drops: Sequence[float]) -> Sequence[float]:
    """The rates after so many drops each."""
    rates = {times: base_lr * rate**times for times in set(drops)}
    return [rates[times] for times in drops]
