"""What the horizontal axis counts: the steps of curves as marks of one ruler, so that runs of different batch size lie
on each other over their epochs.
"""

import math
from array import array
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from lrplot.parameters import Refusal
from lrplot.runs.curve import Curve, Rows

FINEST = 2**31
"""Marks to a unit, at the most."""

C = TypeVar("C", bound=Curve)


class Ruler(NamedTuple):
    """An axis.

    Args:
        unit: What it counts, in a word.
        per: How many of its marks make one of these.
    """

    unit: str
    per: int = 1


def ruled(curves: Sequence[C], x: str) -> tuple[list[C], Ruler]:
    """Curves whose steps are marks of a ruler, and the ruler.

    Args:
        x: What it counts: step, epoch, progress or samples.

    Raises:
        Refusal: It cannot be told of one of the curves.
    """
    if x == "step":
        return [*curves], Ruler(x)
    if x == "samples":
        return [_by_marks(curve, _samples(curve)) for curve in curves], Ruler(x)
    progress = x == "progress"
    lengths = [curve.steps.stop - curve.steps.start if progress else _per_epoch(curve) for curve in curves]
    per = math.lcm(*lengths)
    per = per if per <= FINEST else FINEST
    made = [
        _by_marks(curve, round(per / length), curve.steps.start if progress else 0)
        for curve, length in zip(curves, lengths)
    ]
    return made, Ruler(x, per)


def in_marks(x_range: Sequence[float] | None, ruler: Ruler) -> tuple[float, float] | None:
    """A range of the axis in marks of its ruler."""
    return None if x_range is None else (x_range[0] * ruler.per, x_range[1] * ruler.per)


def _per_epoch(curve: Curve) -> int:
    per_epoch = 1 if curve.run.unit == "epoch" else curve.run.per_epoch
    if per_epoch is None:
        raise _unknown("epoch", curve, "steps_per_epoch, or data with its size and batch_size")
    return per_epoch


def _samples(curve: Curve) -> int:
    if curve.run.data is None:
        raise _unknown("samples", curve, "data with its size and batch_size")
    return curve.run.data.samples_per_step


def _unknown(x: str, curve: Curve, needed: str) -> Refusal:
    return Refusal("x", f"x: {x} needs {needed}, which {curve.label} has not", whole=True)


def _by_marks(curve: C, marks: int, start: int = 0) -> C:
    """A curve with so many marks to a step, counted from a step on."""
    steps = curve.steps
    if isinstance(steps, Rows):
        return curve.but(steps=Rows(array("q", ((step - start) * marks for step in steps))))
    return curve.but(steps=range((steps.start - start) * marks, (steps.stop - start) * marks, steps.step * marks))
