"""Numbers as they are written, and those that an expression comes to."""

import math
import re
from collections.abc import Mapping

from lrplot.configs.document import Value
from lrplot.wording import shown

NUMBER = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
"""As Python has them, without underscores and without what YAML takes for octal."""
THOUSANDS = r"([0-9]{1,12}(?:\.[0-9]{1,6})?)([kKmM])"
"""As people write numbers of steps: 10k, 1.5M."""
LONGEST_WHOLE = 40
"""Digits of a whole number."""


class Untold(ValueError):
    """A number that cannot be had, which is said where it is written."""


class Unknown(ValueError):
    """A number that cannot be had, which is said where it is asked for."""


def plain_number(text: str) -> float | None:
    """The number that a text is: None for anything else, and for what no float can hold.

    >>> plain_number("1e-5"), plain_number("010"), plain_number("1e400")
    (1e-05, None, None)
    """
    return number if NUMBER.fullmatch(text) and math.isfinite(number := float(text)) else None


def typed_number(text: str) -> int | float | None:
    """The same, with a number that is written as a whole one kept whole.

    >>> typed_number("500"), typed_number("1e3"), typed_number("10k"), typed_number("ten")
    (500, 1000.0, 10000, None)
    """
    if re.fullmatch(r"[-+]?[0-9]+", text) and NUMBER.fullmatch(text):
        return int(text) if len(text) <= LONGEST_WHOLE else None
    if match := re.fullmatch(THOUSANDS, text):
        number = float(match[1]) * (1e6 if match[2] in "mM" else 1e3)
        return int(number) if number.is_integer() else number
    return plain_number(text)


def computed(value: Value, names: Mapping[str, int | float]) -> int | float:
    """The number that a value is, or that its expression comes to.

    Raises:
        ValueError: It is neither.
    """
    from lrplot.configs.expression import evaluate, is_arithmetic  # only those who write one need the parser

    text = value.content
    if not isinstance(text, str):
        raise ValueError("it is neither")
    number = None if value.quoted else typed_number(text)
    if number is None and text.strip() in names:
        number = names[text.strip()]
    if number is None and not is_arithmetic(text):
        raise ValueError(f"got {shown(text)}")
    if number is None:
        number = evaluate(text, names)
    if isinstance(number, bool):
        raise ValueError(f"{shown(text)} is {str(number).lower()}")
    if isinstance(number, float) and not math.isfinite(number):
        raise ValueError(f"{shown(text)} is {number}")
    return number
