"""What can be said of a log that nothing reproduces: how it begins, and how it ends."""

from __future__ import annotations

from lrplot.analysis.identify import decays, waves
from lrplot.analysis.identify.observed import Part, longest_first, observed
from lrplot.analysis.identify.verify import Logged

LEAST = 4
"""Rows that are more than chance."""
KINDS = {
    "is held": lambda part: decays.level(part) is not None,
    "goes along a line": decays.is_line,
    "falls by a factor a step": decays.is_exponential,
    "follows a cosine": waves.is_cosine,
}


def partly(log: Logged) -> str:
    """What the rate does at the beginning and at the end, as far as one formula goes.

    >>> import numpy
    >>> steps = numpy.arange(12)
    >>> rates = numpy.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.9, 0.1, 0.7, 0.3, 0.1, 0.1, 0.1])
    >>> partly(Logged(steps, [rates], [rates]))
    'the rate goes along a line from 0.1 at step 0 to 0.5 at step 4; what comes then is unknown'
    """
    part = observed(log.steps, log.low[0], log.high[0])
    for what, explains in KINDS.items():
        last = longest_first(part, explains, LEAST)
        if last >= LEAST and (what != "follows a cosine" or last > 2 * LEAST):
            return f"the rate {what} {_way(part, last)}; what comes then is unknown"
    return (
        f"the rate goes from {part.values[0]:.6g} to {part.values[-1]:.6g}, and follows no formula that is known here"
    )


def _way(part: Part, last: int) -> str:
    first, end = part.values[0], part.values[last - 1]
    steps = f"from {first:.6g} at step {part.steps[0]:,.0f} to {end:.6g} at step {part.steps[last - 1]:,.0f}"
    return f"at {first:.6g} to step {part.steps[last - 1]:,.0f}" if first == end else steps
