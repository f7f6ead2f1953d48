"""How finely numbers were written down: what equal means beside them."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST = 6
"""Digits that a short number is taken to have been written to: the 0.1 of a ``%g``."""
MANY = 12
"""Different numbers that are no more of one length by chance."""
CROWD = 50
"""Different numbers that would not all be short by chance."""

_NUMBER = re.compile(r"\s*[-+]?(\d*)\.?(\d*)(?:[eE]([-+]?\d+))?\s*", re.ASCII)


class Quantum(NamedTuple):
    """The unit in which a log's numbers were rounded.

    Args:
        kind: ``full``: to no other number. ``float32``: to the nearest one of single precision. ``digits``: to so many
            significant digits. ``decimals``: to so many after the point. ``mean``: summed up and divided again, which
            leaves an error in the last digits.
        digits: How many, where they are counted.
    """

    kind: Literal["full", "float32", "digits", "decimals", "mean"] = "full"
    digits: int = 0

    def __str__(self) -> str:
        counted = f"to {self.digits} {self.kind}"
        return {"full": "to the last bit", "float32": "in float32", "mean": "but for the rounding of a mean"}.get(
            self.kind, counted
        )

    def bounds(self, values: Any) -> tuple[NDArray[Any], NDArray[Any]]:
        """The lowest and the highest number that is written as each of some values.

        >>> low, high = Quantum("digits", 3).bounds([0.001, 0.25])
        >>> [f"{bound:.6g}" for bound in [*low, *high]]
        ['0.0009995', '0.2495', '0.001005', '0.2505']
        """
        import numpy

        values = numpy.asarray(values, dtype=numpy.float64)
        with numpy.errstate(all="ignore"):
            if self.kind == "float32":
                written = values.astype(numpy.float32)
                ends = (numpy.nextafter(written, numpy.float32(side)) for side in (-math.inf, math.inf))
                low, high = ((end.astype(numpy.float64) + written) / 2 for end in ends)
            else:
                below, above = self._halves(values)
                low, high = values - below, values + above
        known = numpy.isfinite(values)
        return numpy.where(known, low, values), numpy.where(known, high, values)

    def _halves(self, values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """How far below and above each value the numbers lie that are written as it."""
        import numpy

        size = numpy.abs(values)
        slack = 4e-16 * size  # the bounds are decimal numbers, which floats come near to
        if self.kind == "full":
            return 0 * size, 0 * size
        if self.kind == "mean":
            return 1e-11 * size, 1e-11 * size
        if self.kind == "decimals":
            half = 0.5 * 10.0**-self.digits + 4e-16 * numpy.nanmax(
                size, initial=0
            )  # a small rate may be a large less another
            return half, half
        exponent = numpy.floor(numpy.log10(numpy.where(size > 0, size, 1)))
        power = 10.0**exponent
        exponent += (10 * power <= size * (1 + 1e-15)).astype(float) - (power > size * (1 + 1e-15)).astype(float)
        outward = numpy.where(size > 0, 0.5 * 10.0 ** (exponent - self.digits + 1), 0)
        inward = numpy.where(numpy.isclose(size, 10.0**exponent, rtol=1e-15, atol=0), outward / 10, outward)
        down = numpy.where(values > 0, inward, outward)
        return down + slack, numpy.where(values > 0, outward, inward) + slack


FULL = Quantum()


def quantum_of(texts: Iterable[str], full: bool = False) -> Quantum:
    """The quantum of some numbers as they were written.

    Args:
        full: Whether who wrote them is known to write whole numbers, as ``repr`` does: few short ones tell nothing.

    >>> str(quantum_of(["0.001", "0.000999998"])), str(quantum_of(["1.0000e-03", "9.5000e-04"]))
    ('to 6 digits', 'to 5 digits')
    >>> str(quantum_of(["0.001000", "0.000950"])), str(quantum_of(["0.1", "0.09510565162951536"]))
    ('to 6 decimals', 'to the last bit')
    """
    matches = {text: _NUMBER.fullmatch(text) for text in dict.fromkeys(texts)}
    numbers = {text: match for text, match in matches.items() if match and any(match.group(1, 2))}
    if not numbers:
        return FULL
    fractions = {len(match[2]) for match in numbers.values()}
    scientific = [match[3] is not None for match in numbers.values()]
    length = fractions.pop() if len(fractions) == 1 else 0
    if length and all(scientific) and length < 15 and not (full and len(numbers) < CROWD):
        return Quantum("digits", length + 1)
    padded = any(match[2].endswith("0") for match in numbers.values())
    if 1 < length < 15 and not any(scientific) and (padded or len(numbers) >= MANY):
        return Quantum("decimals", length)
    return _of_significant([*numbers], [_significant(match) for match in numbers.values()], full)


def _of_significant(texts: Sequence[str], digits: Sequence[int], full: bool) -> Quantum:
    most = max(digits)
    values = [float(text) for text in texts]
    if most > 9 and all(_single(value) == value for value in values):
        return Quantum("float32")
    if most >= 16:
        return FULL
    if most in (8, 9) and all(_shortest(value) for value in values):
        return Quantum("float32")
    if full and (most > 9 or len(texts) < CROWD):
        return FULL
    return Quantum("digits", most if len(texts) >= CROWD else max(most, FEWEST))


def _significant(match: re.Match[str]) -> int:
    return len((match[1] + match[2]).lstrip("0").rstrip("0"))


def _single(value: float) -> float:
    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return math.inf


def _shortest(value: float) -> bool:
    """Whether a number is the shortest way to write a float32, as numpy's ``str`` does."""
    import numpy

    with numpy.errstate(all="ignore"):
        return float(str(numpy.float32(value))) == value
