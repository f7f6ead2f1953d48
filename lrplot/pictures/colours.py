"""Colours of words: a word in the colour of its line is to be read as easily as any other. Imports no matplotlib."""

from functools import cache

READABLE = 4.5
"""Contrast of text with its background, as WCAG asks for."""

_LUMINANCE = (0.2126, 0.7152, 0.0722)


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of luminances, from 1 to 21.

    >>> contrast("#ffffff", "#000000"), round(contrast("#d9620b", "#ffffff"), 2)
    (21.0, 3.68)
    """
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@cache
def readable(colour: str, background: str) -> str:
    """The colour, darker or lighter by as much as it takes to be read on the background.

    >>> readable("#1f5fa8", "#ffffff"), readable("#d9620b", "#ffffff")
    ('#1f5fa8', '#c1570a')
    """
    end = max((0, 255), key=lambda grey: contrast(f"#{grey:02x}{grey:02x}{grey:02x}", background))
    for part in range(101):
        mixed = [round(value + (end - value) * part / 100) for value in _channels(colour)]
        colour_now = "#" + "".join(f"{value:02x}" for value in mixed)
        if contrast(colour_now, background) >= READABLE:
            break
    return colour_now


def _channels(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def _luminance(colour: str) -> float:
    parts = [value / 255 for value in _channels(colour)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip(_LUMINANCE, linear))
