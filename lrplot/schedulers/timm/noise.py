"""The numbers of torch's random generator, which timm draws its noise from: the Mersenne Twister, without torch."""

from __future__ import annotations

import functools
import random
import struct
from math import cos, log1p, pi, sin, sqrt

WORDS = 624
MASK = (1 << 32) - 1
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
        if not isinstance(seed, int) or not LOWEST <= seed < HIGHEST:
            raise ValueError(f"the seed of the noise must be a whole number of 64 bits, got {seed!r}")
        word = seed & MASK
        more = [word := (1_812_433_253 * (word ^ (word >> 30)) + i) & MASK for i in range(1, WORDS)]
        self._twister = random.Random()
        self._twister.setstate((3, (seed & MASK, *more, WORDS), None))
        self._kept: float | None = None

    def uniform(self) -> float:
        """``torch.rand(1)``: float32, from 24 bits."""
        return (self._twister.getrandbits(32) & ((1 << 24) - 1)) / (1 << 24)

    def normal(self) -> float:
        """``torch.randn(1)``: float32, by Box and Muller, which make two numbers of two."""
        kept, self._kept = self._kept, None
        if kept is None:
            angle, radius = 2 * pi * self._double(), sqrt(-2 * log1p(-self._double()))
            kept, self._kept = radius * cos(angle), radius * sin(angle)
        (rounded,) = struct.unpack("f", struct.pack("f", kept))
        return float(rounded)

    def _double(self) -> float:
        high, low = self._twister.getrandbits(32), self._twister.getrandbits(32)
        return (high << 32 & (1 << 53) - 1 | low) / (1 << 53)


@functools.lru_cache(2048, typed=True)  # a seed of 1.0 is refused
def noise(seed: int, limit: float, spread: float, normal: bool = True) -> float:
    """The part of a rate that is added to it: normal with a standard deviation, drawn again beyond the limit; or even
    between the limits.

    Raises:
        ArithmeticError: The limit is so small beside the spread that timm would draw for ever.
    """
    generator = Generator(seed)
    if not normal:
        return 2 * (generator.uniform() - 0.5) * limit
    for _ in range(DRAWS):
        drawn = generator.normal() * spread
        if abs(drawn) < limit:
            return drawn
    raise ArithmeticError(f"of {DRAWS:,} draws with noise_std={spread} none is below noise_pct={limit}: timm waits on")
