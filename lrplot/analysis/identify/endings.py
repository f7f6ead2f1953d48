"""Proposals that fall with one over the root of the time, and along a decay in their last part: timm's rsqrt.

The first rows say how the root falls; where they leave it the decay begins, and what is left of the root at the other
rows says how long it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy

from lrplot.analysis.identify.curves import CURVES
from lrplot.analysis.identify.decays import is_root, moving, root
from lrplot.analysis.identify.decimals import roundest, shortest
from lrplot.analysis.identify.observed import Part, longest_first
from lrplot.analysis.identify.shape import Shape

LEAST = 4
WAYS = ("line", "cosine", "1-sqrt")


def root_ending(part: Part) -> Iterator[Shape]:
    """A root and a decay on it, to any rate."""
    rows = longest_first(part, is_root)
    if not LEAST <= rows < part.size - 1 or part.values[0] <= part.values[-1]:
        return
    begins = roundest(part.steps[rows - 2], part.steps[rows], most=40)
    for shape in root(part.rows(0, rows)):
        scale = float(shape.length or 1)
        roots = shape.start / numpy.sqrt(1 + part.steps / scale)
        for begin, end, way in product(begins, _ends(part), WAYS):
            if end > begin and (bounds := _floor(part, roots, begin, end, way)) is not None:
                for low in shortest(*bounds, most=1):
                    more = {"fall": way, "decay": end - begin, "total": end}
                    yield Shape("root ending", shape.start, low, int(scale), more=more)


def _ends(part: Part) -> list[int]:
    """The steps at which the decay may be over."""
    rows, tail = moving(part)
    last = int(rows.steps[-1])
    if tail is not None:
        return roundest(last + 1, part.steps[rows.size], most=40)
    soon = last + float(numpy.median(numpy.diff(rows.steps)))
    return list(dict.fromkeys([last + 1, *rows.ends(last + 1, soon, most=12), *rows.ends(last, 2 * last, most=2)]))


def _floor(part: Part, roots: numpy.ndarray, begin: int, end: int, way: str) -> tuple[float, float] | None:
    """The bounds of the rate that the decay goes to, if it begins and ends at two steps."""
    left = CURVES[way].left(numpy.clip((part.steps - begin) / (end - begin), 0.0, 1.0))
    done = left < 1
    low, high = ((bound - roots * left)[done] / (1 - left[done]) for bound in (part.low, part.high))
    bounds = float(low.max(initial=-numpy.inf)), float(high.min(initial=numpy.inf))
    return (max(bounds[0], 0.0), bounds[1]) if max(bounds[0], 0.0) <= bounds[1] < numpy.inf else None
