"""How a picture looks: the options of a plot, each a flag of the command line and a key under ``plot:``."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, NamedTuple, get_args

from lrplot.parameters import Constraint, Length, Range, Refusal, parameters_of

POINT = 1 / 72
"""In inches."""
_UNITS = {"px": None, "in": 1.0, "cm": 2.54, "mm": 25.4}
_SIZE = r"\s*([0-9]+(?:\.[0-9]+)?)\s*[xX×]\s*([0-9]+(?:\.[0-9]+)?)\s*([pP][xX]|[iI][nN]|[cC][mM]|[mM][mM]|)\s*"
_USUAL = "1200x700"
_LARGEST = 20_000
_MAX_PIXELS = 36_000_000  # A2 at 300 dpi
_MAX_SIDE = 65_535  # what matplotlib can draw
_FURTHEST = 1e200
_FACET = (2.4, 1.5)
"""Inches that a facet takes at the least, where nobody says how large the picture is."""


MOST_FONTS = 50


Uncertain = Literal["style", "font", "x", "x_range", "facet", "parameter"]
"""The options of which only drawing shows whether they can be had."""


def undrawable(option: Uncertain, problem: str, owner: str = "") -> Refusal:
    """The refusal of an option that, as drawing shows, cannot be had; ``problem`` is a sentence by itself."""
    return Refusal(option, problem, owner=owner, whole=True)


class Inches(NamedTuple):
    """Width and height of a picture."""

    width: float
    height: float


class Scale(NamedTuple):
    """What is asked of a panel's vertical axis; None leaves it to the values."""

    limits: Sequence[float] | None
    log: bool | None


class Size(Constraint):
    """Width and height in pixels, centimetres, millimetres or inches."""

    def admits(self, value: Any) -> bool:
        return isinstance(value, str) and _measured(value) is not None

    def __str__(self) -> str:
        return "width x height as in 1200x700, 16x9cm or 8x4.5in"

    def remark(self, value: Any) -> str:
        if isinstance(value, str) and re.fullmatch(_SIZE, value, re.ASCII):
            return f": a side has 1 to {_LARGEST // 100} inches (2.54cm, 100px)"
        return ""

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{_SIZE}$"}


@dataclass(frozen=True)
class Look:
    """The options of a plot.

    >>> Look(size="16x9cm").inches.width == 16 / 2.54, Look(size="1200x700", dpi=100).inches
    (True, Inches(width=12.0, height=7.0))

    Args:
        title: Title of the picture; by default the scheduler and the parameters that are not defaults.
        label: What the curve is called among others, or each of several in order; by default the config's name, or the
            scheduler and its parameters.
        theme: Dark curves on white, or light ones on near black.
        style: A matplotlib style on top of the theme: its name, or a file, beside the config where it is there.
        size: Width x height in pixels, or with a unit: 1200x700, 16x9cm, 8x4.5in; by default 1200x700, and larger for
            many facets.
        dpi: Pixels an inch of PNG; text keeps its size in points.
        transparent: Whether the background is left out.
        font: Font family, such as "DejaVu Serif"; of several, the next has the letters that those before it lack.
        log_y: Whether the rate's axis is logarithmic.
        x: What the horizontal axis counts: steps, epochs, the part of the run, or samples; by default steps, and epochs
            above them where all curves have the same.
        x_range: First and last step to show, or what else the axis counts.
        y_range: Lowest and highest rate to show.
        draw: Rates as stairs (held between steps), as a line, or as points; by default stairs where the steps can be
            told apart.
        events: Whether drops, restarts, peaks and the like are marked.
        notes: Whether what is probably wrong is written beneath the steps.
        parameter: What to draw: the rate, the momentum, the weight decay, or the rate and what goes with it, both; by
            default these too where the scheduler changes them.
        facet: Whether each curve, and each parameter group, gets a panel of its own.
        free_y: Whether each panel of facets has its own range of rates.

    Raises:
        Refusal: A size or a range that is none.
        ValueError: A word that is not among the choices.
    """

    title: str | None = None
    label: Annotated[Sequence[str], Length(1)] | None = None
    theme: Literal["light", "dark"] = "light"
    style: str | None = None
    size: Annotated[str, Size()] | None = None
    dpi: Annotated[float, Range(low=20, high=1200)] = 150.0
    transparent: bool = False
    font: Annotated[Sequence[str], Length(1, MOST_FONTS, words=f"name 1 to {MOST_FONTS} fonts")] | None = None
    log_y: bool = False
    x: Literal["step", "epoch", "progress", "samples"] | None = None
    x_range: Annotated[Sequence[float], Length(2, 2, words="be two numbers, the lower one first")] | None = None
    y_range: Annotated[Sequence[float], Length(2, 2, words="be two numbers, the lower one first")] | None = None
    draw: Literal["stairs", "line", "points"] | None = None
    events: bool = True
    notes: bool = False
    parameter: Literal["lr", "momentum", "weight_decay", "both"] | None = None
    facet: bool = False
    free_y: bool = False

    def __post_init__(self) -> None:
        for option in parameters_of(Look):
            value = getattr(self, option.name)
            if value != option.default and (refusal := option.refusal(value)):
                raise refusal
        for name in ("label", "font"):
            if isinstance(single := getattr(self, name), str):
                object.__setattr__(self, name, [single])
        if self.free_y and not self.facet:
            raise Refusal("free_y", "is about the panels of facets: ask for facet too")
        rates = self.y_range
        for name in ("x_range", "y_range"):
            if (ends := getattr(self, name)) is not None:
                object.__setattr__(self, name, _interval(name, ends))
        if self.log_y and rates is not None and rates[0] < 1 / _FURTHEST:
            raise Refusal("y_range", f"must start above 0 on a logarithmic axis (log_y), got {rates}")
        inches = self.inches
        width, height = inches.width * self.dpi, inches.height * self.dpi
        if width * height > _MAX_PIXELS or max(width, height) > _MAX_SIDE:
            limits = f"at most {_MAX_PIXELS:,} pixels in all and {_MAX_SIDE:,} a side"
            raise Refusal("size", f"must be {limits}, got {width:.0f}x{height:.0f} at {self.dpi:g} dpi")

    def scale(self, column: str) -> Scale:
        """What is asked of the vertical axis of a column's panel."""
        return Scale(self.y_range, self.log_y) if column == "lr" else Scale(None, None)

    def sized(self, facets: int, columns: int) -> Look:
        """The same on a canvas for so many facets of so many columns: larger than usual, where nobody says how large.

        >>> Look(facet=True).sized(12, 1).inches, Look(facet=True, size="800x500").sized(12, 1).size
        (Inches(width=8.0, height=7.2), '800x500')
        """
        if self.size is not None or facets == 1:
            return self
        across = max(min(facets, 3), math.ceil(math.sqrt(0.75 * facets)))
        down = math.ceil(facets / across)
        wanted = across * _FACET[0] + 0.8, down * _FACET[1] * (1 + 0.5 * (columns - 1)) + 1.2
        width, height = (max(sides) for sides in zip(self.inches, wanted))
        if (width, height) == self.inches:
            return self
        shrink = min(
            1.0, math.sqrt(_MAX_PIXELS / (width * height)) / self.dpi, _MAX_SIDE / max(width, height) / self.dpi
        )
        width, height = (math.floor(100 * shrink * side) / 100 for side in (width, height))
        return replace(self, size=f"{width}x{height}in")

    @property
    def is_certain(self) -> bool:
        """Whether any curve can be drawn so: nothing is asked for that only drawing shows whether it can be had."""
        return all(getattr(self, option) == getattr(Look, option) for option in get_args(Uncertain))

    @property
    def inches(self) -> Inches:
        """The size of the picture."""
        measured = _measured(self.size or _USUAL)
        assert measured is not None, "checked by the constructor"
        width, height, unit = measured
        scale = _UNITS[unit] or self.dpi
        return Inches(width / scale, height / scale)


def _measured(size: str) -> tuple[float, float, str] | None:
    match = re.fullmatch(_SIZE, size, re.ASCII)
    if match is None:
        return None
    width, height, unit = float(match[1]), float(match[2]), match[3].lower() or "px"
    inches = [side / (_UNITS[unit] or 100) for side in (width, height)]
    return (width, height, unit) if min(inches) >= 1 and max(inches) <= _LARGEST / 100 else None


def _interval(name: str, ends: Sequence[float]) -> tuple[float, float]:
    if not ends[0] < ends[1]:
        raise Refusal(name, f"must be two numbers, the lower one first, got {list(ends)}")
    if max(map(abs, ends)) > _FURTHEST:
        raise Refusal(name, f"must be two numbers from {-_FURTHEST:g} to {_FURTHEST:g}, got {list(ends)}")
    return float(ends[0]), float(ends[1])
