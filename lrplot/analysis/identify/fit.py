"""How well many shapes fit at once: one least squares each, a few unknowns."""

from __future__ import annotations

import numpy
from numpy.typing import NDArray

Column = NDArray[numpy.float64]


def misfits(values: Column, *bases: Column) -> Column:
    """How far ``values`` are, at worst and as a part of the largest, from the nearest combination of a constant and
    some columns; a row of each basis is a shape of its own.
    """
    design = numpy.stack([numpy.ones_like(bases[0]), *bases], axis=-1)
    scaled = values / max(float(numpy.abs(values).max()), 1e-300)
    normal = numpy.einsum("hni,hnj->hij", design, design) + 1e-9 * numpy.eye(design.shape[-1])
    target = numpy.einsum("hni,n->hi", design, scaled)
    found = numpy.linalg.solve(normal, target[..., None])[..., 0]
    worst: Column = numpy.abs(numpy.einsum("hni,hi->hn", design, found) - scaled).max(axis=1)
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
