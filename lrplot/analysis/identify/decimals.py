"""Numbers as a person would have typed them: the shortest in an interval, and how long one is."""

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice

DIGITS = 12
"""Nobody types more."""
FURTHER = 2
"""A number that is so many digits longer than another is not meant where that will do."""
MANY = 50_000
"""Numbers that are kept with what was found of them: most are asked for again."""
PARTS = (3, 6, 7, 9, 12, 255)
"""Fractions of 1 that are no short decimal, and are typed all the same."""


def shortest(low: float, high: float, *, most: int = 2) -> list[float]:
    """The numbers with the fewest digits from ``low`` to ``high``, the one nearest to the middle first.

    >>> shortest(0.0296, 0.0302), shortest(-1e-9, 1e-9), shortest(0.33331, 0.33335, most=1)
    ([0.03, 0.0299], [0.0], [0.3333333333333333])
    """
    if not low <= high:
        return []
    return [0.0] if low <= 0 <= high else [*_shortest(low, high, most)]


@lru_cache(MANY)
def _shortest(low: float, high: float, most: int) -> tuple[float, ...]:
    found = list(islice(_by_digits(low, high), most))
    return tuple(number for number in found if length(number) <= length(found[0]) + FURTHER)


def _by_digits(low: float, high: float) -> Iterator[float]:
    largest, middle = max(abs(low), abs(high)), (low + high) / 2
    top = math.floor(math.log10(largest))
    found: set[float] = set()
    for digits in range(1, DIGITS + 1):
        exponent = top - digits + 1
        first, last = (_scaled(bound, -exponent) for bound in (low, high))
        counts = range(math.ceil(first - 1e-9), math.floor(last + 1e-9) + 1)
        near = round(_scaled(middle, -exponent))
        nearest = sorted(range(max(counts.start, near - 2), min(counts.stop, near + 3)), key=lambda k: abs(k - near))
        for value in (float(f"{count}e{exponent}") for count in nearest):
            if low <= value <= high and value not in found:
                found.add(value)
                yield value
        if digits == 3:
            yield from (1 / part for part in PARTS if low <= 1 / part <= high)


def _scaled(value: float, exponent: int) -> float:
    return value * 10.0**exponent if abs(exponent) < 300 else value * 10.0 ** (exponent // 2) * 10.0 ** (exponent // 2)


def roundest(low: float, high: float, *, most: int = 3) -> list[int]:
    """The whole numbers with the fewest digits before their zeros, from ``low`` to ``high``.

    >>> roundest(88.7, 104.2), roundest(89.9, 90.2), roundest(0.2, 0.4)
    ([100, 90, 96], [90], [])
    """
    first, last = math.ceil(low), math.floor(high)
    found: dict[int, None] = {}
    for unit in (10**power for power in range(len(str(max(abs(first), abs(last), 1))), -1, -1)):
        near = round((low + high) / 2 / unit)
        counts = range(max(-(-first // unit), near - most), min(last // unit, near + most) + 1)
        found |= dict.fromkeys(k * unit for k in sorted(counts, key=lambda k: abs(k - near)))
        if len(found) >= most:
            break
    return list(found)[:most]


def length(value: object) -> int:
    """How much there is to type of a number: its digits without the zeros at either end, at most those of a float.

    >>> length(0.0003), length(10_000), length(0.25), length(1 / 3), length(0)
    (1, 1, 2, 3, 0)
    """
    if isinstance(value, Mapping):
        return length([*value, *value.values()])
    if isinstance(value, (list, tuple)):
        return sum(map(length, value))
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return 1
    return _digits(value)


@lru_cache(MANY)
def _digits(value: float) -> int:
    if any(value == 1 / part for part in PARTS):
        return 3
    return len(repr(value).partition("e")[0].replace(".", "").replace("-", "").strip("0"))


def raised(logarithms: Iterable[float]) -> list[float]:
    """What numbers are the logarithms of, or about the largest that there is."""
    return [math.exp(min(logarithm, 700.0)) for logarithm in logarithms]


def trimmed(value: float) -> float:
    """A value without what arithmetic adds to its last digits.

    >>> trimmed(0.1 + 0.2)
    0.3
    """
    return float(f"{value:.12g}")


def share(rate: float, of: float) -> float:
    """What part of another rate a rate is, as a person would have typed it; of 0 none."""
    return trimmed(rate / of) if of else 0.0
