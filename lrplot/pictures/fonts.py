"""Fonts: those asked for, and behind them those of the machine that have the letters which they lack."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

from lrplot.pictures.backend import font_manager, matplotlib

# isort: split

from matplotlib.ft2font import FT2Font

from lrplot.pictures.look import undrawable
from lrplot.wording import nearest

Face = tuple[str, int]
"""A font's file, and which of those in it."""

GENERIC = ("sans-serif", "serif", "monospace", "cursive", "fantasy")
HOUSE = "DejaVu Sans"
"""The font of the house's style, which comes with matplotlib."""

LAST_RESORT = "Last Resort"
"""Fonts of this name draw a box for any letter."""

OWN_LETTERS = {*map(chr, range(0x20, 0x7F)), *"×−…⁻⁰¹²³⁴⁵⁶⁷⁸⁹"}
"""What a picture writes beside the words of others."""


def known_font(name: str) -> str:
    """The font itself.

    Raises:
        Refusal: This machine has none of that name.
    """
    if name not in GENERIC and name not in _names() and not (_take_up_new_fonts() and name in _names()):
        raise undrawable("font", f"unknown font {name!r}: {nearest(name, sorted(_names()))}")
    return name


def with_letters(families: Sequence[str], text: str) -> list[str]:
    """The families, and behind them others of this machine that have what letters of a text they lack."""
    if text.isascii() and list(families) == matplotlib.rcParamsDefault["font.family"]:
        return list(families)
    missing = ({*text} | OWN_LETTERS).difference(*map(_letters_of, _faces(families)))
    missing = {letter for letter in missing if letter.isprintable()}
    found, missing = _others(missing)
    if missing and _take_up_new_fonts():
        more, missing = _others(missing)
        found += more
    return [*families, *found]


def _others(missing: set[str]) -> tuple[list[str], set[str]]:
    """Families of this machine that have such letters, the one with most of them first, and the letters of none."""
    having = {name: missing & _letters_of(face) for name, face in _candidates()} if missing else {}
    families: list[str] = []
    while missing and (best := max(having, key=lambda name: len(having[name] & missing))) and having[best] & missing:
        families.append(best)
        missing = missing - having[best]
    return families, missing


def _candidates() -> Iterator[tuple[str, Face]]:
    """A font of each family, the house's first: upright and of the usual weight, where there is one."""
    entries: dict[str, Any] = {}
    for entry in font_manager.fontManager.ttflist:
        best = entries.get(entry.name)
        if not entry.name.startswith(LAST_RESORT) and (best is None or _oddity(entry) < _oddity(best)):
            entries[entry.name] = entry
    for name in sorted(entries, key=lambda name: (name != HOUSE, name)):
        yield name, (entries[name].fname, getattr(entries[name], "index", 0))


def _oddity(entry: Any) -> tuple[bool, float, str]:
    weight = entry.weight if isinstance(entry.weight, int) else font_manager.weight_dict.get(entry.weight, 400)
    return entry.style != "normal", abs(weight - 400), entry.fname


def _faces(families: Iterable[str]) -> Iterator[Face]:
    for family in families:
        with suppress(ValueError):  # which is told where it is drawn
            path: Any = font_manager.findfont(font_manager.FontProperties(family=[family]), fallback_to_default=False)
            yield str(path), getattr(path, "face_index", 0)


@cache
def _letters_of(face: Face) -> frozenset[str]:
    """The letters that a font has; none where it cannot be drawn at any size, as one of coloured pictures cannot."""
    try:
        path, index = face
        font = FT2Font(path, face_index=index) if index else FT2Font(path)  # matplotlib 3.10 knows the first alone
        return frozenset(map(chr, font.get_charmap())) if font.scalable else frozenset()
    except (OSError, RuntimeError, ValueError):  # it was deleted, or is damaged
        return frozenset()


def _names() -> set[str]:
    return {font.name for font in font_manager.fontManager.ttflist}


@cache
def _take_up_new_fonts() -> bool:
    """Adds to matplotlib's list the fonts that came after it was made, and keeps it; answers whether there are any."""
    manager = font_manager.fontManager
    new = sorted({*font_manager.findSystemFonts()} - {str(font.fname) for font in manager.ttflist})
    for file in new:
        with suppress(OSError, RuntimeError, ValueError, UnicodeError):  # damaged
            manager.addfont(file)
    if new:
        name = f"fontlist-v{font_manager.FontManager.__version__}.json"
        with suppress(OSError, TimeoutError):  # then it is looked for again the next time
            font_manager.json_dump(manager, os.path.join(matplotlib.get_cachedir(), name))
    return bool(new)
