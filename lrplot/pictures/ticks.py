"""Axes that a person reads at a glance: rates from 1e-12 to 1e3, steps from one to millions."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy
from matplotlib.ticker import Formatter, LogLocator, MaxNLocator

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class RateFormatter(Formatter):
    """Rates, all in one form: plain from 0.0001 to 9999, else with one power of ten for all.

    >>> RateFormatter().format_ticks([0, 0.0005, 0.001]), RateFormatter().format_ticks([0, 5e-6, 1e-5])
    (['0', '0.0005', '0.0010'], ['0', '0.5×10⁻⁵', '1.0×10⁻⁵'])
    """

    def __call__(self, value: float, pos: int | None = None) -> str:
        return self.format_ticks([value])[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        largest = max(map(abs, values), default=0.0)
        gap = min(_gaps(values), default=largest or 1.0)
        power = math.floor(math.log10(largest)) if largest else 0
        plain = -4 <= power <= 3
        scale = 1.0 if plain else 10.0**power
        digits = _digits([gap / scale])
        texts = [f"{value / scale:.{digits}f}" for value in values]
        suffix = "" if plain else f"×10{str(power).translate(_SUPERSCRIPTS)}"
        return ["0" if value == 0 else text.replace("-", "−") + suffix for value, text in zip(values, texts)]


class PowerFormatter(Formatter):
    """Rates on a logarithmic axis: plain where all are between 0.001 and 9999, else as powers of ten.

    >>> PowerFormatter().format_ticks([0.001, 0.01, 0.1]), PowerFormatter().format_ticks([2e-6, 1e-5])
    (['0.001', '0.01', '0.1'], ['2×10⁻⁶', '10⁻⁵'])
    """

    def __call__(self, value: float, pos: int | None = None) -> str:
        return self.format_ticks([value])[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        if all(0.000999 < value < 9999.5 for value in values):
            return [f"{value:.10f}".rstrip("0").rstrip(".") for value in values]
        return [_power(value) for value in values]


class StepFormatter(Formatter):
    """Steps: ``500``, ``20k``, ``1.5M``; in full where that would tell too little.

    >>> StepFormatter().format_ticks([0, 500, 1000]), StepFormatter().format_ticks([0, 10_000, 20_000])
    (['0', '500', '1,000'], ['0', '10k', '20k'])
    >>> StepFormatter().format_ticks([1_500_000, 1_500_002])
    ['1,500,000', '1,500,002']
    """

    def __call__(self, value: float, pos: int | None = None) -> str:
        return self.format_ticks([value])[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        largest = max(map(abs, values), default=0.0)
        unit, suffix = 1.0, ""
        for size, least, letter in ((1e6, 1e6, "M"), (1e3, 1e4, "k")):
            if largest >= least and all(
                math.isclose(round(value / size, 2) * size, value, rel_tol=1e-12) for value in values
            ):
                unit, suffix = size, letter
                break
        digits = _digits([value / unit for value in [*values, *_gaps(values)]])
        return ["0" if value == 0 else f"{value / unit:,.{digits}f}{suffix}".replace("-", "−") for value in values]


class RateLocator(MaxNLocator):
    """Round rates, at most so many gaps between them, and none closer than a part of the axis.

    >>> RateLocator(6, 0.1).tick_values(0, 1).round(2).tolist()
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    >>> RateLocator(6, 0.6).tick_values(0.84, 0.96).round(2).tolist()
    [0.84, 0.92]
    """

    def __init__(self, most: int, closest: float) -> None:
        super().__init__(nbins=most, steps=[1, 2, 2.5, 5, 10], min_n_ticks=2)
        self.closest = closest

    def tick_values(self, vmin: float, vmax: float) -> Any:
        ticks: Any = super().tick_values(vmin, vmax)
        ticks = ticks[(ticks >= min(vmin, vmax)) & (ticks <= max(vmin, vmax))]
        if len(ticks) < 2:
            return ticks
        return ticks[:: max(1, math.ceil(self.closest * abs(vmax - vmin) / (ticks[1] - ticks[0]) - 1e-6))]


class PowerLocator(LogLocator):
    """Decades, or 1, 2 and 5 where there are few of them, and none closer than a part of the axis.

    >>> PowerLocator(0.001, 1, 6, 0.1).tick_values(0.001, 1).tolist()
    [0.001, 0.01, 0.1, 1.0]
    >>> PowerLocator(1, 9, 6, 0.4).tick_values(1, 9).tolist()
    [1.0, 5.0]
    """

    def __init__(self, low: float, high: float, most: int, closest: float) -> None:
        few = math.log10(high) - math.log10(low) < 1.5
        super().__init__(subs=(1.0, 2.0, 5.0) if few else (1.0,), numticks=most)
        self.closest = closest

    def tick_values(self, vmin: float, vmax: float) -> Any:
        ticks: Any = super().tick_values(vmin, vmax)
        low, high = sorted((vmin, vmax))
        kept: list[float] = []
        for tick in ticks[(ticks >= low) & (ticks <= high)].tolist():
            if not kept or math.log(tick) - math.log(kept[-1]) >= self.closest * (math.log(high) - math.log(low)):
                kept.append(tick)
        return numpy.array(kept)


def step_locator(most: int) -> MaxNLocator:
    return MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10], integer=True, min_n_ticks=1)


class EpochLocator(MaxNLocator):
    """Steps at round numbers of epochs, or round parts of one.

    >>> EpochLocator(391, most=8).tick_values(0, 3910).tolist()
    [0.0, 782.0, 1564.0, 2346.0, 3128.0, 3910.0]
    """

    def __init__(self, per_epoch: int, most: int) -> None:
        super().__init__(nbins=most, steps=[1, 2, 2.5, 5, 10], min_n_ticks=1)
        self.per_epoch = per_epoch

    def tick_values(self, vmin: float, vmax: float) -> Any:
        epochs: Any = super().tick_values(vmin / self.per_epoch, vmax / self.per_epoch)
        return epochs * self.per_epoch


class EpochFormatter(StepFormatter):
    """Steps as epochs.

    >>> EpochFormatter(391).format_ticks([0, 782, 3910])
    ['0', '2', '10']
    """

    def __init__(self, per_epoch: int) -> None:
        self.per_epoch = per_epoch

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        return super().format_ticks([value / self.per_epoch for value in values])


def _gaps(values: Sequence[float]) -> list[float]:
    return [abs(b - a) for a, b in pairwise(values) if b != a]


def _digits(values: Sequence[float]) -> int:
    """The decimals that values need, at most twelve: 2 for 0.25."""
    digits = 0
    for value in values:
        while digits < 12 and not math.isclose(round(value, digits), value, rel_tol=1e-6):
            digits += 1
    return digits


def _power(value: float) -> str:
    if value <= 0:
        return "0"
    power = math.floor(math.log10(value) + 1e-9)
    digit = f"{value / 10.0**power:.3g}"
    return ("" if digit == "1" else f"{digit}×") + f"10{str(power).translate(_SUPERSCRIPTS)}"
