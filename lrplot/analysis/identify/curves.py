"""The formulas: what is left of the way from a shape's first rate to its last, when a part of its time is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy

from lrplot.analysis.identify.fit import Column


class Curve(NamedTuple):
    """A way from 1 to 0.

    Args:
        left: What is left where x of the time is done, x from 0 to 1.
        text: The same as an expression in {x}.
    """

    left: Callable[[Column], Column]
    text: str


def _tanh(x: Column) -> Column:
    return numpy.where(x < 1, (1 - numpy.tanh(-7 * (1 - x) + 3 * x)) / 2, 0.0)


CURVES: Mapping[str, Curve] = {
    "line": Curve(lambda x: 1 - x, "1 - {x}"),
    "cosine": Curve(lambda x: (1 + numpy.cos(numpy.pi * x)) / 2, "(1 + cos(pi * {x})) / 2"),
    "1-sqrt": Curve(lambda x: 1 - numpy.sqrt(x), "1 - ({x}) ** 0.5"),
    "half-life": Curve(lambda x: 2 * 0.5**x - 1, "2 * 0.5 ** ({x}) - 1"),
    "cosine squared": Curve(lambda x: ((1 + numpy.cos(numpy.pi * x)) / 2) ** 2, "((1 + cos(pi * {x})) / 2) ** 2"),
    "tanh": Curve(_tanh, "(1 - tanh(10 * ({x}) - 7)) / 2"),
}
"""The tangent is timm's, from -7 to 3, the half-life Megatron's; the cosine's square is optax' with exponent 2."""
