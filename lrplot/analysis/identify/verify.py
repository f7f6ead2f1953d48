"""The verifier: a proposal is simulated by lrplot's own schedulers, and every logged value must be what comes out."""

from __future__ import annotations

from typing import NamedTuple

import numpy
from numpy.typing import NDArray

from lrplot.analysis.identify.fit import Column
from lrplot.analysis.identify.proposal import Proposal
from lrplot.parameters import Refusal
from lrplot.runs.run import Run
from lrplot.runs.simulate import simulate_run
from lrplot.runs.spec import ERRORS

SOON = 1_000
"""Steps after which most of what is wrong has shown."""


class Logged(NamedTuple):
    """A log as it is to be met: its steps, and for each parameter group the least and the largest rate at each."""

    steps: NDArray[numpy.int64]
    low: list[Column]
    high: list[Column]

    def group(self, index: int) -> Logged:
        """The log of one parameter group."""
        return Logged(self.steps, [self.low[index]], [self.high[index]])

    @property
    def stride(self) -> int:
        """The most that two rows are apart."""
        return int(numpy.diff(self.steps).max(initial=1))

    def thinned(self, most: int) -> Logged:
        """Every so many of the rows, and the last, so that there are not many more than ``most``."""
        every = max(1, len(self.steps) // most)
        index = numpy.unique(numpy.append(numpy.arange(0, len(self.steps), every), len(self.steps) - 1))
        return Logged(self.steps[index], [low[index] for low in self.low], [high[index] for high in self.high])

    def until(self, step: int) -> Logged:
        """The rows before a step."""
        last = int(numpy.searchsorted(self.steps, step))
        return Logged(self.steps[:last], [low[:last] for low in self.low], [high[:last] for high in self.high])


def met(proposal: Proposal, log: Logged) -> list[Column] | None:
    """The rates of a proposal at each step, if every rate of a log is among them: None if not."""
    last = int(log.steps[-1])
    soon = log.until(SOON)
    if last > 2 * SOON and len(soon.steps) and _matching(proposal.run(SOON), soon) is None:
        return None
    return _matching(proposal.run(last + 1), log)


def _matching(run: Run, log: Logged) -> list[Column] | None:
    rates = rates_of(run)
    if rates is None or len(rates) != len(log.low):
        return None
    for rate, low, high in zip(rates, log.low, log.high):
        at = rate[log.steps]
        if not ((low <= at) & (at <= high)).all():
            return None
    return rates


def rates_of(run: Run) -> list[Column] | None:
    """The rates of each group at each step: None of a run that cannot be made."""
    try:
        (curve,) = simulate_run(run)
    except (Refusal, *ERRORS, KeyError, OverflowError):
        return None
    return [numpy.frombuffer(rates, dtype=numpy.float64) for rates in curve.rates]
