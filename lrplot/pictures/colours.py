"""Colours of words: a word in the colour of its line is to be read as easily as any other."""

from functools import cache

import matplotlib
import numpy
from matplotlib.colors import to_hex, to_rgb

READABLE = 4.5
"""Contrast of text with its background, as WCAG asks for."""

_LUMINANCE = (0.2126, 0.7152, 0.0722)


def cycle() -> list[str]:
    """The colours of lines, one after another, each once."""
    return list(dict.fromkeys(matplotlib.rcParams["axes.prop_cycle"].by_key().get("color", ["C0"])))


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of luminances, from 1 to 21.

    >>> contrast("white", "black"), round(contrast("#d9620b", "white"), 2)
    (21.0, 3.68)
    """
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@cache
def readable(colour: str, background: str) -> str:
    """The colour, darker or lighter by as much as it takes to be read on the background.

    >>> readable("#1f5fa8", "white"), readable("#d9620b", "white")
    ('#1f5fa8', '#c1570a')
    """
    rgb = numpy.array(to_rgb(colour))
    end = numpy.array(max(((0.0,) * 3, (1.0,) * 3), key=lambda pole: contrast(to_hex(pole), background)))
    for part in numpy.linspace(0, 1, 101):
        mixed = to_hex(rgb + part * (end - rgb))
        if contrast(mixed, background) >= READABLE:
            break
    return mixed


def _luminance(colour: str) -> float:
    rgb = numpy.array(to_rgb(colour))
    linear = numpy.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ _LUMINANCE)
