"""Schedules that fall in cycles: along a cosine, a hyperbolic tangent or a power."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from math import cos, floor, log, pi, tanh
from typing import Annotated, Any

from lrplot.parameters import Range, Refusal
from lrplot.schedulers.base import Action, floats, phase_end, shifted
from lrplot.schedulers.timm.schedule import Interval, Schedule

Positive = Annotated[int, Range(low=0, open_low=True, nan=False)]
Rate = Annotated[float, Range(low=0, nan=False)]


class Cycles(Schedule):
    """Falls again and again, each time from a lower rate and for longer, and then stays at the lowest.

    Args:
        cycle_mul: Factor of a cycle's length on that of the one before.
        cycle_decay: Factor of a cycle's first rate on that of the one before.
        cycle_limit: Cycles of the schedule.
        k_decay: Exponent of the time within a cycle: above 1 the rate is held for longer first, and falls steeper then.
    """

    length = "t_initial"
    lead = "warmup_t"

    t_initial: int
    lr_min: float
    cycle_mul: float
    cycle_decay: float
    cycle_limit: int

    def fall(self, top: float, ts: Sequence[float], length: float) -> Sequence[float]:
        """The rates of one cycle at some times in it, from its first rate and in its length."""
        raise NotImplementedError

    def top(self, base_lr: float, i: int) -> float:
        """The first rate of a cycle."""
        return base_lr * self.cycle_decay**i

    def curve(self, base_lr: float, ts: Sequence[float]) -> Sequence[float]:
        rates: list[float] = []
        while ts:
            i = self.cycle(ts[0])
            until = bisect_right(ts, i, key=self.cycle)
            rates += self._rates_of(base_lr, i, ts[:until])
            ts = ts[until:]
        return rates

    def _rates_of(self, base_lr: float, i: int, ts: Sequence[float]) -> Sequence[float]:
        """The rates at some indices of a cycle."""
        top = self.top(base_lr, i)
        if not i < self.cycle_limit:
            return [self.lr_min] * len(ts)
        begin, length = self._extent(i)
        return self.fall(top, shifted(ts, -begin) if begin else ts, length)

    def cycle(self, t: float) -> int:
        """Which of the cycles an index is in; where they grow, the logarithm's rounding may make one begin late."""
        if self.cycle_mul == 1:
            return t // self.t_initial  # type: ignore[return-value]
        return floor(log(1 - t / self.t_initial * (1 - self.cycle_mul), self.cycle_mul))

    def _extent(self, i: int) -> tuple[float, float]:
        """Where a cycle begins, and how long it is."""
        if self.cycle_mul == 1:
            return self.t_initial * i, self.t_initial
        times = self.cycle_mul**i
        return (1 - times) / (1 - self.cycle_mul) * self.t_initial, times * self.t_initial

    @property
    def cycle_length(self) -> int | None:
        """The indices of all cycles and of a warm-up before them: None where they are without end."""
        cycles = max(1, self.cycle_limit)
        if self.cycle_mul == 1:
            return self.t_initial * cycles + self.shift
        try:
            times = floor(-self.t_initial * (self.cycle_mul**cycles - 1) / (1 - self.cycle_mul))
        except OverflowError:
            return None
        return times + self.shift

    @property
    def steps_left(self) -> int | None:
        return None if self.cycle_length is None else self.cycle_length - self.last_epoch

    def actions_at(self, epochs: range) -> Iterable[Action]:
        yield from super().actions_at(epochs)
        yield Action("restart", [t for t in self._restarts(epochs) if t in epochs])
        if self.cycle_length is not None:
            yield from phase_end(self.cycle_length, epochs)

    def _restarts(self, epochs: range) -> Iterator[int]:
        """The indices at which a cycle begins anew, as far as the floats have it."""
        before = 0
        for i in range(1, self.cycle_limit):
            try:
                t = -floor(-self._extent(i)[0])
                begin = t + (self.cycle(t) < i) + self.shift
            except (ArithmeticError, ValueError):  # beyond what can be counted, or where there is no rate any more
                return
            if begin >= epochs.stop or begin == before:
                return
            yield (before := begin)


class CosineLRScheduler(Cycles, name="cosine"):
    r"""Falls along half a cosine to lr_min, after a warm-up, once or in cycles.

    .. math:: \eta_t = \text{lr\_min} + \tfrac12 (\eta_{base} - \text{lr\_min})
        \left( 1 + \cos \frac{\pi t^k}{T^k} \right), \quad T, k = \text{t\_initial, k\_decay}

    Each call sets the rate of the next epoch; index 0 is never computed, but is lr, or warmup_lr_init with a warm-up.

    The warm-up lies over the beginning of the fall: it rises towards lr, and what follows is the cosine as it stands
    by then, so that lr itself is never reached. With warmup_prefix the cosine begins after it, and the run is longer by
    that. t_initial counts the warm-up in, unlike torch's T_max behind one. k_decay is no number of cycles.

    lr_min belongs to index t_initial, which no epoch of the run uses; after the last cycle the rate stays there for
    ever. Cycles that grow begin an index late where the logarithm that counts them is rounded down.

    timm's t_in_epochs is a run's interval here: epoch or step.

    Example:
        lrplot timm.cosine --t-initial 100 --warmup-t 5 --warmup-lr-init 1e-5 --lr 0.1 -o cosine.png

    Source: Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983, Zhang & Li 2020,
    https://arxiv.org/abs/2004.05909, and https://huggingface.co/docs/timm/reference/schedulers

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = CosineLRScheduler(Optimizer(lr=1.0), t_initial=10, warmup_t=3)
    >>> [round(rate, 3) for rate in scheduler.advance(10)[0].rates]
    [0.0, 0.333, 0.667, 0.794, 0.655, 0.5, 0.345, 0.206, 0.095, 0.024, 0.0]
    """

    original = "timm.scheduler.CosineLRScheduler"

    k_decay: float

    def __init__(
        self,
        optimizer: Any,
        t_initial: Positive,
        lr_min: Rate = 0.0,
        cycle_mul: float = 1.0,
        cycle_decay: float = 1.0,
        cycle_limit: int = 1,
        warmup_t: int = 0,
        warmup_lr_init: float = 0.0,
        warmup_prefix: bool = False,
        noise_range_t: Interval | None = None,
        noise_pct: float = 0.67,
        noise_std: float = 1.0,
        noise_seed: int = 42,
        k_decay: float = 1.0,
    ) -> None:
        super().__init__(optimizer, locals())

    def fall(self, top: float, ts: Sequence[float], length: float) -> Sequence[float]:
        low, half, whole = self.lr_min, 0.5 * (top - self.lr_min), length**self.k_decay
        return [low + half * (1.0 + cos(pi * t / whole)) for t in _powers(ts, self.k_decay, whole)]


class TanhLRScheduler(Cycles, name="tanh"):
    r"""Falls along a hyperbolic tangent to nearly lr_min: slowly first, steeply late, and slowly again.

    .. math:: \eta_t = \text{lr\_min} + \tfrac12 (\eta_{base} - \text{lr\_min})
        \left( 1 - \tanh \left( \text{lb} \left( 1 - \frac{t}{T} \right) + \text{ub} \frac{t}{T} \right) \right),
        \quad T = \text{t\_initial}

    Each call sets the rate of the next epoch; index 0 is never computed, but is lr, or warmup_lr_init with a warm-up:
    by the formula it would be a little less.

    The warm-up rises to what the curve is where it ends, which is a little less than lr; with warmup_prefix it rises to
    lr. The curve ends a little above lr_min, to which it jumps at index t_initial, to stay there.

    timm's t_in_epochs is a run's interval here: epoch or step.

    Args:
        lb: What the tangent is taken of at the beginning.
        ub: What it is taken of at the end.

    Example:
        lrplot timm.tanh --t-initial 100 --warmup-t 5 --warmup-lr-init 1e-5 --lr 0.1 -o tanh.png

    Source: Hsueh et al. 2018, https://arxiv.org/abs/1806.01593, and
    https://huggingface.co/docs/timm/reference/schedulers

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = TanhLRScheduler(Optimizer(lr=1.0), t_initial=5)
    >>> [round(rate, 4) for rate in scheduler.advance(5)[0].rates]
    [1.0, 1.0, 0.9975, 0.8808, 0.1192, 0.0]
    """

    original = "timm.scheduler.TanhLRScheduler"

    lb: float
    ub: float

    def __init__(
        self,
        optimizer: Any,
        t_initial: Positive,
        lb: float = -7.0,
        ub: float = 3.0,
        lr_min: Rate = 0.0,
        cycle_mul: float = 1.0,
        cycle_decay: float = 1.0,
        cycle_limit: Annotated[int, Range(low=0, nan=False)] = 1,
        warmup_t: Annotated[int, Range(low=0, nan=False)] = 0,
        warmup_lr_init: Rate = 0.0,
        warmup_prefix: bool = False,
        noise_range_t: Interval | None = None,
        noise_pct: float = 0.67,
        noise_std: float = 1.0,
        noise_seed: int = 42,
    ) -> None:
        if not lb < ub:
            raise Refusal("lb", f"must be less than ub, {ub}, got {lb}")
        super().__init__(optimizer, locals())

    def peak(self, base_lr: float) -> float:
        return base_lr if self.warmup_prefix else self.curve(base_lr, [self.warmup_t])[0]

    def top(self, base_lr: float, i: int) -> float:
        return super().top(base_lr, i) if i < self.cycle_limit else self.lr_min

    def fall(self, top: float, ts: Sequence[float], length: float) -> Sequence[float]:
        low, half, lb, ub = self.lr_min, 0.5 * (top - self.lr_min), self.lb, self.ub
        return [low + half * (1.0 - tanh(lb * (1.0 - (part := t / length)) + ub * part)) for t in floats(ts, length)]


class PolyLRScheduler(Cycles, name="poly"):
    r"""Falls to lr_min along a power of the time that is left.

    .. math:: \eta_t = \text{lr\_min} + (\eta_{base} - \text{lr\_min})
        \left( 1 - \frac{t^k}{T^k} \right)^{\text{power}}, \quad T, k = \text{t\_initial, k\_decay}

    Each call sets the rate of the next epoch; index 0 is never computed, but is lr, or warmup_lr_init with a warm-up.

    The warm-up lies over the beginning of the fall, so that lr itself is never reached; with warmup_prefix the fall
    begins after it. power is a root by default; torch's and transformers' polynomials are lines by default. The
    training script gives its decay_rate as the power, 0.1 by default.

    lr_min belongs to index t_initial, which no epoch of the run uses.

    timm's t_in_epochs is a run's interval here: epoch or step.

    Args:
        power: Exponent: 1 is a line, 0.5 falls slowly first and steeply at the end.

    Example:
        lrplot timm.poly --t-initial 100 --power 1 --warmup-t 5 --warmup-lr-init 1e-5 --lr 0.1 -o poly.png

    Source: https://huggingface.co/docs/timm/reference/schedulers

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = PolyLRScheduler(Optimizer(lr=1.0), t_initial=4)
    >>> [round(rate, 3) for rate in scheduler.advance(5)[0].rates]
    [1.0, 0.866, 0.707, 0.5, 0.0, 0.0]
    """

    original = "timm.scheduler.PolyLRScheduler"

    power: float
    k_decay: float

    def __init__(
        self,
        optimizer: Any,
        t_initial: Positive,
        power: float = 0.5,
        lr_min: Rate = 0.0,
        cycle_mul: float = 1.0,
        cycle_decay: float = 1.0,
        cycle_limit: int = 1,
        warmup_t: int = 0,
        warmup_lr_init: float = 0.0,
        warmup_prefix: bool = False,
        noise_range_t: Interval | None = None,
        noise_pct: float = 0.67,
        noise_std: float = 1.0,
        noise_seed: int = 42,
        k_decay: float = 1.0,
    ) -> None:
        super().__init__(optimizer, locals())

    def fall(self, top: float, ts: Sequence[float], length: float) -> Sequence[float]:
        low, height, power, whole = self.lr_min, top - self.lr_min, self.power, length**self.k_decay
        return [low + height * (1.0 - t / whole) ** power for t in _powers(ts, self.k_decay, whole)]


def _powers(ts: Sequence[float], k: float, whole: float) -> Iterable[float]:
    """Times to a power, to be divided by one that is the whole."""
    return floats(ts, whole) if k == 1 else [t**k for t in (floats(ts) if isinstance(k, float) else ts)]
