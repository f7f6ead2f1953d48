"""How well many shapes fit at once: one least squares each, a few unknowns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy
from numpy.typing import NDArray

Column = NDArray[numpy.float64]


def misfits(values: Column, *bases: Column) -> Column:
    """How far ``values`` are, at worst and as a part of the largest, from the nearest combination of a constant and
    some columns; a row of each basis is a shape of its own.
    """
    centred = [basis - basis.mean(axis=1, keepdims=True) for basis in bases]
    scaled = _scaled(values)
    return _worst(scaled - scaled.mean(), centred)


def misfits_alone(values: Column, *bases: Column) -> Column:
    """The same without a constant."""
    return _worst(_scaled(values), bases)


def _scaled(values: Column) -> Column:
    return values / max(float(numpy.abs(values).max()), 1e-300)


def _worst(left: Column, bases: Sequence[Column]) -> Column:
    normal = numpy.array([[numpy.einsum("hn,hn->h", one, other) for one in bases] for other in bases])
    target = numpy.array([basis @ left for basis in bases])
    ridge = 1e-9 * numpy.eye(len(bases))
    found = numpy.linalg.solve(normal.transpose(2, 0, 1) + ridge, target.T[..., None])[..., 0]
    misses = numpy.tile(left, (len(bases[0]), 1))
    for basis, factor in zip(bases, found.T):
        misses -= basis * factor[:, None]
    worst: Column = numpy.abs(misses, out=misses).max(axis=1)
    return worst


def best(choices: Column, worst: Column, most: int = 3, apart: float = 0.03) -> list[float]:
    """The choices that fit best, none next to a better one."""
    chosen: list[float] = []
    for index in numpy.argsort(worst)[:40]:
        choice = float(choices[index])
        if all(abs(choice / other - 1) > apart for other in chosen):
            chosen.append(choice)
        if len(chosen) == most:
            break
    return chosen
