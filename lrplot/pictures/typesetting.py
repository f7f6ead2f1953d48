"""Texts measured, and fitted into the room that a picture has for them."""

from bisect import bisect
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from lrplot.pictures.look import POINT

MAX_CUT = 2_000
"""Characters of a text that are looked at."""

SIZES = (1.0, 0.85, 0.7)
"""Parts of its own size in which a text is set where it is long."""

FEW = 2
"""Lines that a text takes before its type is made smaller."""

SETTINGS = (
    *("font.sans-serif", "font.serif", "font.monospace", "font.cursive", "font.fantasy"),
    *("text.hinting", "text.hinting_factor", "text.kerning_factor"),
)
"""What the width of a text depends on, beside its font."""

MAX_WIDTHS = 5_000

_widths: dict[tuple[object, ...], float] = {}
"""Widths of texts: most of those in a picture are in the next one too, and measuring them takes half of its drawing."""


@dataclass(frozen=True)
class Block:
    """Lines of text in one font."""

    lines: list[str]
    font: FontProperties

    @cached_property
    def line(self) -> float:
        """The height of one line."""
        return line_height(self.font)

    @cached_property
    def height(self) -> float:
        return self.line * len(self.lines)


def line_height(font: FontProperties) -> float:
    return 1.3 * float(font.get_size_in_points()) * POINT


class Typesetter:
    """Measures texts as a figure draws them, in inches."""

    def __init__(self, figure: Figure) -> None:
        self.figure = figure
        rc: Any = matplotlib.rcParams
        self.settings = tuple(str(rc[name]) for name in SETTINGS)
        self.advances: dict[tuple[object, ...], float] = {}

    def measure(self, text: str, font: FontProperties) -> float:
        """How wide a text is."""
        key = text, hash(font), self.figure.dpi, self.settings
        if key not in _widths:
            if len(_widths) == MAX_WIDTHS:
                _widths.clear()
            renderer = self.figure.canvas.get_renderer()  # type: ignore[attr-defined]
            _widths[key] = float(renderer.get_text_width_height_descent(text, font, False)[0]) / self.figure.dpi
        return _widths[key]

    def cut(self, text: str, font: FontProperties, room: float) -> str:
        """As much of a text as there is room for."""
        fits = self._fits(text, font, room, "…")
        return text if fits == len(text) else text[:fits].rstrip(" ,") + "…"

    def fitted(self, text: str, font: FontProperties, room: float, height: float) -> Block:
        """A text in two lines at most, or in smaller type, or in as many lines of it as the height has room for."""
        if self._fits(text, font, room) == len(text):
            return Block([text] if text else [], font)
        for size in SIZES:
            smaller = font.copy()
            smaller.set_size(size * font.get_size_in_points())
            broken = self._broken(text, smaller, room, FEW)
            if len("".join(broken)) == len(text):
                return Block(self.wrapped(text, smaller, room), smaller)
        return Block(self.wrapped(text, smaller, room, max(FEW, int(height / line_height(smaller)))), smaller)

    def wrapped(self, text: str, font: FontProperties, room: float, most: int = FEW) -> list[str]:
        """The text in as few lines as it takes, all about as long; cut where it takes more than ``most``."""
        lines = self._broken(text, font, room, most)
        if len("".join(lines)) < len(text):
            last = text[len("".join(lines[:-1])) :]
            return [*(line.rstrip() for line in lines[:-1]), self.cut(last, font, room)]
        wide, narrow = room, room / 2
        while len(lines) > 1 and wide - narrow > 0.02 * room:
            middle = (narrow + wide) / 2
            tried = self._broken(text, font, middle, len(lines))
            if len("".join(tried)) == len(text) and _split_words(tried) <= _split_words(lines):
                wide, lines = middle, tried
            else:
                narrow = middle
        return [line.rstrip() for line in lines]

    def _broken(self, text: str, font: FontProperties, room: float, most: int) -> list[str]:
        """The text line by line, with the spaces at their ends, as far as it goes into so many lines."""
        lines: list[str] = []
        while text and len(lines) < most:
            fits = self._fits(text, font, room)
            if fits < len(text):
                space = text.rfind(" ", 0, fits + 1) + 1
                fits = space if space > fits // 2 else max(1, fits)
            lines.append(text[:fits])
            text = text[fits:]
        return lines

    def _fits(self, text: str, font: FontProperties, room: float, end: str = "") -> int:
        """How many of its first characters there is room for, with ``end`` after them where it is not all."""
        if len(text) * line_height(font) < 4 * room and self.measure(text, font) <= room:  # as most do
            return len(text)
        widths = list(accumulate(self._advance(letter, font) for letter in text[:MAX_CUT]))
        if len(text) <= MAX_CUT and self._is_within(text, font, room, widths[-1]):
            return len(text)
        fits = bisect(widths, room - (self._advance(end, font) if end else 0.0))
        while fits and not self._is_within(text[:fits].rstrip(" ,") + end, font, room, widths[fits - 1]):
            fits -= 1
        return fits

    def _is_within(self, text: str, font: FontProperties, room: float, about: float) -> bool:
        """Whether there is room for a text; it is measured where what its letters take leaves that open."""
        return about < 0.97 * room or (about < 1.1 * room and self.measure(text, font) <= room)

    def _advance(self, letter: str, font: FontProperties) -> float:
        """What a letter takes in a line, about."""
        size, weight = font.get_size_in_points(), font.get_weight()
        if (letter, weight) not in self.advances:
            around = self.advances.get(("nnnn", weight, size)) or self.measure("nnnn", font)
            self.advances["nnnn", weight, size] = around
            self.advances[letter, weight] = (self.measure(f"nn{letter}nn", font) - around) / size
        return self.advances[letter, weight] * size


def _split_words(lines: list[str]) -> int:
    return sum(not line.endswith(" ") for line in lines[:-1])
