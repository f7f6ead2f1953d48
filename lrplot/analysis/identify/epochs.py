"""Logs of every step whose schedule is stepped by the epoch: stairs, whose lengths say how many steps an epoch has."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy

from lrplot.analysis.identify.decimals import roundest
from lrplot.analysis.identify.observed import Part

LEAST = 3
"""Changes that tell how far apart they are."""
MOST = 6


def lengths(part: Part, first: int = 0) -> Iterator[int]:
    """The steps that an epoch may have, if the rate of the rows from one on changes only where one begins.

    Each change is between two rows, and the epoch begins there; where all changes have one epoch between them, the n-th
    says its length to an n-th of that.
    """
    changes = numpy.flatnonzero(numpy.diff(part.values[first:]) != 0) + first
    if len(changes) < LEAST or numpy.median(numpy.diff(changes)) < 2:
        return
    before, after = part.steps[changes], part.steps[changes + 1]
    if (after - before == 1).all():
        common = math.gcd(*after.astype(int).tolist())
        yield from [common] if common > 1 else ()
        return
    number = max(1, round(after[0] / max(float(numpy.median(numpy.diff(after))), 1.0)))
    low, high = 1.0, math.inf
    for count, (least, most) in enumerate(zip(before, after), number):
        if (narrowed := (max(low, least / count), min(high, most / count)))[0] >= narrowed[1]:
            break
        low, high = narrowed
    for length in roundest(math.floor(low) + 1, high, most=MOST):
        if length > 1 and (before // length < after // length).all():
            yield length


def stride(part: Part) -> int:
    """The steps that lie between any two rows, or a whole number of times as many."""
    return math.gcd(*part.steps.astype(int).tolist())


def by_epoch(part: Part, length: int) -> Part | None:
    """The rate in each epoch of so many steps: None where it changes within one."""
    numbers = part.steps // length
    first = numpy.flatnonzero(numpy.diff(numbers, prepend=-1.0) > 0)
    low, high = numpy.maximum.reduceat(part.low, first), numpy.minimum.reduceat(part.high, first)
    return Part(numbers[first], low, high) if (low <= high).all() else None
