"""Schedules of three parts: warm-up, a constant or slowly falling rate, decay."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from math import cos, inf, nextafter, pi, sqrt
from typing import Annotated, Any, Literal

from lrplot.parameters import Range, Refusal
from lrplot.schedulers.base import Action, floats, phase_end, shifted
from lrplot.schedulers.timm.schedule import NOT_KEPT, Interval, Schedule

Stable = Literal["constant", "rsqrt", "power"]
Decay = Literal["linear", "1-sqrt", "cosine", "power", "exp"]
Positive = Annotated[float, Range(low=0, open_low=True)]
Length = Annotated[int, Range(low=0, open_low=True)]


class WSDLRScheduler(Schedule, name="wsd"):
    r"""Rises in the warm-up, holds the rate for most of the run, and falls in its last decay_t epochs (WSD).

    .. math:: \eta_t = \text{lr\_min} + \left( \max(\eta_{base}\,s(t), \text{lr\_min}) - \text{lr\_min} \right)
        d\left( \frac{t - T + \text{decay\_t}}{\text{decay\_t}} \right), \quad T = \text{t\_initial}

    with t counted from the end of the warm-up, and d = 1 before the decay. constant: s = 1; power:
    s = (1 + t / stable_timescale) ** -stable_power; rsqrt: the same with 0.5. linear: d = 1 - x; 1-sqrt: d = 1 - √x;
    cosine: d = (1 + cos πx) / 2; power: d = 1 - x ** decay_power; exp: d = (r ** x - r) / (1 - r) with
    r = decay_ratio.

    t_initial does not count the warm-up in, which always comes before: the run is warmup_t + t_initial long. The
    training script fits all of it into its epochs, unless told warmup_prefix. transformers' warmup_stable_decay counts
    it in, and decays along a cosine by default.

    lr_min belongs to the index after the last of the run: the last epoch of 5 that decay along 1-sqrt is made at a
    tenth of the rate. Longer decays, steps in place of epochs, or an epoch of cooldown come closer.

    timm's t_in_epochs is a run's interval here: epoch or step. A decay_fn that is a function is none here.

    Args:
        t_initial: Epochs of the stable part and the decay together.
        decay_t: Epochs of the decay, the last of t_initial.
        stable_fn: Shape of the stable part.
        stable_timescale: Epochs in which rsqrt falls to 1 / root 2 of the peak; by default warmup_t.
        stable_power: Exponent of the power as the stable part.
        decay_fn: Shape of the decay.
        decay_power: Exponent of the power as the decay.
        decay_ratio: What exp would fall to, if it were not brought down to lr_min.

    Raises:
        ValueError: decay_t is longer than t_initial, or there is neither a stable_timescale nor a warm-up to take for
            one.

    Example:
        lrplot timm.wsd --t-initial 95 --decay-t 20 --warmup-t 5 --warmup-lr-init 1e-5 --lr 0.1 -o wsd.png

    Source: Hu et al. 2024, https://arxiv.org/abs/2404.06395, Hägele et al. 2024, https://arxiv.org/abs/2405.18392, and
    https://huggingface.co/docs/timm/reference/schedulers

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = WSDLRScheduler(Optimizer(lr=1.0), t_initial=5, decay_t=2, warmup_t=2, decay_fn="linear")
    >>> list(scheduler.advance(7)[0].rates)
    [0.0, 0.5, 1.0, 1.0, 1.0, 1.0, 0.5, 0.0]
    """

    original = "timm.scheduler.WSDLRScheduler"
    length = "t_initial"
    lead = "warmup_t"
    warmup_prefix = True

    t_initial: int
    decay_t: int
    lr_min: float
    stable_fn: Stable
    stable_timescale: float | None
    stable_power: float = 0.5
    decay_fn: Decay
    decay_power: float
    decay_ratio: float

    def __init__(
        self,
        optimizer: Any,
        t_initial: Length,
        decay_t: Annotated[int, Range(low=0, open_low=True, nan=False)],
        lr_min: Annotated[float, Range(low=0)] = 0.0,
        stable_fn: Stable = "constant",
        stable_timescale: float | None = None,
        stable_power: Positive = 0.5,
        decay_fn: Decay = "1-sqrt",
        decay_power: Positive = 0.5,
        decay_ratio: Annotated[float, Range(0, 1, open_low=True, open_high=True, nan=False)] = 0.1,
        warmup_t: int = 0,
        warmup_lr_init: float = 0.0,
        noise_range_t: Interval | None = None,
        noise_pct: float = 0.67,
        noise_std: float = 1.0,
        noise_seed: int = 42,
    ) -> None:
        if not decay_t <= t_initial:
            raise Refusal("decay_t", f"must be at most t_initial, {t_initial}, got {decay_t}")
        if stable_fn != "constant" and stable_timescale is None:
            stable_timescale = warmup_t
        if stable_fn != "constant" and stable_timescale <= 0:  # type: ignore[operator]
            raise Refusal("stable_timescale", f"must be greater than 0 for {stable_fn}: without a warm-up, give it")
        super().__init__(optimizer, locals())

    def curve(self, base_lr: float, ts: Sequence[float]) -> Sequence[float]:
        low, rates, begin, length = self.lr_min, self._stable(base_lr, ts), self.t_initial - self.decay_t, self.decay_t
        held = bisect_left(ts, nextafter(begin, inf))  # up to begin: of what is no number, none
        if held == len(ts):
            return rates
        until = bisect_right(ts, begin + length)
        parts = self._decay(floats(shifted(ts[held:until], -begin), length), length)
        parts += self._decay([1.0], 1.0) * (len(ts) - until)
        return [*rates[:held], *[low + (rate - low) * part for rate, part in zip(rates[held:], parts)]]

    def _stable(self, base_lr: float, ts: Sequence[float]) -> list[float]:
        """The rates without the decay."""
        if self.stable_fn == "constant":
            return [max(base_lr, self.lr_min)] * len(ts)
        power, low = 0.5 if self.stable_fn == "rsqrt" else self.stable_power, self.lr_min
        scale: float = self.stable_timescale  # type: ignore[assignment]
        rates = [base_lr * (1.0 + t / scale) ** -power for t in floats(ts, scale)]
        return [low if low > rate else rate for rate in rates] if low else rates

    def _decay(self, done: Iterable[float], length: float) -> list[float]:
        """What is left of the rate when so much of the decay is done."""
        if self.decay_fn == "linear":
            return [1.0 - t / length for t in done]
        if self.decay_fn == "1-sqrt":
            return [1.0 - sqrt(t / length) for t in done]
        if self.decay_fn == "cosine":
            return [0.5 * (1.0 + cos(pi * (t / length))) for t in done]
        if self.decay_fn == "power":
            power = self.decay_power
            return [1.0 - (t / length) ** power for t in done]
        ratio = self.decay_ratio
        over = 1.0 - ratio
        return [(ratio ** (t / length) - ratio) / over for t in done]

    @property
    def steps_left(self) -> int | None:
        return self.warmup_t + self.t_initial - self.last_epoch

    def actions_at(self, epochs: range) -> Iterable[Action]:
        yield from super().actions_at(epochs)
        end = self.warmup_t + self.t_initial
        yield from phase_end(end - self.decay_t, epochs)
        yield from phase_end(end, epochs)


class Rsqrt(WSDLRScheduler, name="rsqrt"):
    r"""Rises in the warm-up, falls with one over the root of the time, and along a line to lr_min at the end.

    .. math:: \eta_t = \text{lr\_min} + \left( \max\left(
        \frac{\eta_{base}}{\sqrt{1 + t / \text{stable\_timescale}}}, \text{lr\_min} \right) - \text{lr\_min} \right)
        d\left( \frac{t - T + \text{decay\_t}}{\text{decay\_t}} \right), \quad T = \text{t\_initial}

    It is timm.wsd with stable_fn rsqrt and a linear decay, as the training script makes it: t is counted from the end
    of the warm-up, t_initial does not count the warm-up in, and lr_min belongs to the index after the last of the run.
    transformers' inverse_sqrt has no decay at the end.

    timm's t_in_epochs is a run's interval here: epoch or step.

    Raises:
        ValueError: decay_t is longer than t_initial, or there is neither a stable_timescale nor a warm-up to take for
            one.

    Example:
        lrplot timm.rsqrt --t-initial 95 --decay-t 20 --warmup-t 5 --warmup-lr-init 1e-5 --lr 0.1 -o rsqrt.png

    Source: Zhai et al. 2022, https://arxiv.org/abs/2106.04560, and
    https://huggingface.co/docs/timm/reference/schedulers

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = Rsqrt(Optimizer(lr=1.0), t_initial=5, decay_t=2, warmup_t=1)
    >>> [round(rate, 3) for rate in scheduler.advance(6)[0].rates]
    [0.0, 1.0, 0.707, 0.577, 0.5, 0.224, 0.0]
    """

    original = ""

    def __init__(
        self,
        optimizer: Any,
        t_initial: Length,
        decay_t: Annotated[int, Range(low=0, open_low=True, nan=False)],
        lr_min: Annotated[float, Range(low=0)] = 0.0,
        stable_timescale: float | None = None,
        decay_fn: Decay = "linear",
        decay_power: Positive = 0.5,
        decay_ratio: Annotated[float, Range(0, 1, open_low=True, open_high=True, nan=False)] = 0.1,
        warmup_t: int = 0,
        warmup_lr_init: float = 0.0,
        noise_range_t: Interval | None = None,
        noise_pct: float = 0.67,
        noise_std: float = 1.0,
        noise_seed: int = 42,
    ) -> None:
        given = {name: value for name, value in locals().items() if name not in NOT_KEPT}
        super().__init__(optimizer, stable_fn="rsqrt", **given)
