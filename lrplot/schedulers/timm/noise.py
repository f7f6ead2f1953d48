"""The numbers of torch's random generator, which timm draws its noise from: the Mersenne Twister, without torch."""

from __future__ import annotations

import functools
import random
import struct
from collections.abc import Sequence
from math import cos, log1p, pi, sin, sqrt

WORDS, AHEAD = 624, 397
"""Of the state, and how far ahead lies the other one that a new word is made of."""
FACTOR = 1_812_433_253
MASK, LOW, DOUBLE = (1 << 32) - 1, (1 << 24) - 1, 1 << 53
"""The bits of a word, and those of it in a float32; what a double is a part of."""
BLOCK, ROUNDS = 512, 4
"""Seeds that are drawn for at once, and pairs of numbers for each: for one in 250 of them none is within the limits."""
LOWEST, HIGHEST = -(1 << 63), 1 << 64
"""Seeds that torch takes, the latter excluded."""
DRAWS = 100_000
"""As many are drawn before it is said that none will do."""


class Generator:
    """``torch.Generator().manual_seed(seed)``: only its low 32 bits tell, of a negative one those of two's complement.

    >>> generator = Generator(42)
    >>> generator.normal(), generator.normal()
    (0.33669036626815796, 0.12880940735340118)
    """

    def __init__(self, seed: int) -> None:
        word = seed & MASK
        more = [word := (FACTOR * (word ^ (word >> 30)) + i) & MASK for i in range(1, WORDS)]
        self._twister = random.Random()
        self._twister.setstate((3, (seed & MASK, *more, WORDS), None))
        self._kept: list[float] = []

    def normal(self) -> float:
        """``torch.randn(1)``: float32, the two numbers of a pair one after the other."""
        if not self._kept:
            self._kept += _rounded(_normals(self._double(), self._double()))[::-1]
        return self._kept.pop()

    def _double(self) -> int:
        high, low = self._twister.getrandbits(32), self._twister.getrandbits(32)
        return high << 32 & DOUBLE - 1 | low


def noise(seed: float, count: int, limit: float, spread: float, normal: bool = True) -> list[float]:
    """The parts of their rates that are added to those of some seeds in a row: normal with a standard deviation, drawn
    again beyond the limit; or even between the limits.

    Raises:
        ValueError: A seed is none that torch takes.
        ArithmeticError: The limit is so small beside the spread that timm would draw for ever.
    """
    first, last = _whole(seed), _whole(seed + count - 1)
    parts: list[float | None] = []
    for block in range(first // BLOCK, last // BLOCK + 1):
        begin = block * BLOCK
        parts += _block(block, limit, spread, normal)[max(0, first - begin) : last + 1 - begin]
    return [_alone(first + i, limit, spread) if part is None else part for i, part in enumerate(parts)]


def _whole(seed: float) -> int:
    """A seed that torch takes."""
    if not isinstance(seed, int) or not LOWEST <= seed < HIGHEST:
        raise ValueError(f"the seed of the noise must be a whole number of 64 bits, got {seed!r}")
    return seed


@functools.lru_cache(64)
def _block(block: int, limit: float, spread: float, normal: bool) -> Sequence[float | None]:
    """The noise of so many seeds in a row: None of one that is not found in the first draws."""
    lanes = Lanes([seed & MASK for seed in range(block * BLOCK, (block + 1) * BLOCK)])
    if not normal:
        return [2 * ((bits & LOW) / (LOW + 1) - 0.5) * limit for bits in lanes.apart(lanes.bits(0))]
    parts: list[float | None] = [None] * BLOCK
    left: Sequence[int] = range(BLOCK)
    for i in range(ROUNDS):
        angles, radii = lanes.doubles(2 * i), lanes.doubles(2 * i + 1)
        pairs = [_normals(angles[place], radii[place]) for place in left]
        for drawn in zip(*pairs):
            for place, number in zip(left, _rounded(drawn)):
                if parts[place] is None and abs(part := number * spread) < limit:
                    parts[place] = part
        left = [place for place in left if parts[place] is None]
    return parts


@functools.lru_cache(4096)
def _alone(seed: int, limit: float, spread: float) -> float:
    """The normal noise of one seed, by itself."""
    generator = Generator(seed)
    for _ in range(DRAWS):
        drawn = generator.normal() * spread
        if abs(drawn) < limit:
            return drawn
    raise ArithmeticError(f"of {DRAWS:,} draws with noise_std={spread} none is below noise_pct={limit}: timm waits on")


class Lanes:
    """The generators of many seeds at once, each in 64 bits of one whole number.

    >>> lanes = Lanes([42, 43])
    >>> lanes.apart(lanes.bits(0)), lanes.apart(lanes.bits(1))
    ((1608637542, 494155588), (3421126067, 2134003008))
    """

    def __init__(self, seeds: Sequence[int]) -> None:
        self._each = f"<{len(seeds)}Q"
        self._ones = int.from_bytes(struct.pack(self._each, *[1] * len(seeds)), "little")
        self._words = [int.from_bytes(struct.pack(self._each, *seeds), "little")]

    def apart(self, lanes: int) -> tuple[int, ...]:
        """The numbers in the lanes."""
        return struct.unpack(self._each, lanes.to_bytes(struct.calcsize(self._each), "little"))

    def doubles(self, i: int) -> tuple[int, ...]:
        """The i-th 53 bits of each."""
        return self.apart((self.bits(2 * i) << 32 | self.bits(2 * i + 1)) & self._ones * (DOUBLE - 1))

    def bits(self, i: int) -> int:
        """The i-th 32 bits of each, of the first 227, for which no more of the state is made than they take."""
        ones, words = self._ones, self._words
        mask, top, count = ones * MASK, ones * 3, ones * len(words)
        while len(words) <= i + AHEAD:
            word = words[-1]
            words.append((FACTOR * (word ^ (word >> 30 & top)) + count) & mask)
            count += ones
        upper, lower = words[i] & ones << 31, words[i + 1] & ones * (MASK >> 1)
        word = words[i + AHEAD] ^ ((upper | lower) >> 1 & mask) ^ (lower & ones) * 0x9908B0DF
        word ^= word >> 11 & mask
        word ^= word << 7 & ones * 0x9D2C5680
        word ^= word << 15 & ones * 0xEFC60000
        return word ^ (word >> 18 & mask)


def _normals(first: int, second: int) -> tuple[float, float]:
    """Two numbers by Box and Muller, which make them of two even ones, here of 53 bits each."""
    angle, radius = 2 * pi * (first / DOUBLE), sqrt(-2 * log1p(-(second / DOUBLE)))
    return radius * cos(angle), radius * sin(angle)


def _rounded(numbers: Sequence[float]) -> tuple[float, ...]:
    """Numbers in float32."""
    each = f"{len(numbers)}f"
    return struct.unpack(each, struct.pack(each, *numbers))
