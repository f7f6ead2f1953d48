"""The search: plans from the numbers, schedulers from the plans, and what the verifier says of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product
from types import MappingProxyType
from typing import NamedTuple

import numpy

from lrplot.analysis.identify.fit import Column
from lrplot.analysis.identify.formula import expression, peak_of
from lrplot.analysis.identify.groups import for_groups
from lrplot.analysis.identify.observed import ROUNDING, SINGLE, TINY, observed
from lrplot.analysis.identify.plans import stages
from lrplot.analysis.identify.proposal import Proposal, made
from lrplot.analysis.identify.shape import Plan, Shape
from lrplot.analysis.identify.ties import doubts, ranges
from lrplot.analysis.identify.verify import Logged, met
from lrplot.analysis.identify.writers import deepspeed, keras, megatron, optax, timm, torch, transformers
from lrplot.runs.clock import Clock
from lrplot.runs.curve import numbers_at
from lrplot.runs.log import Log
from lrplot.runs.spec import Spec

WRITERS = [family.write for family in (torch, transformers, timm, deepspeed, megatron, optax, keras)]
MAX_STEP = 20_000_000
COARSE = 2e-6
"""The part of the peak from which on a quantum hides what is lost in single precision."""
MOST_ROWS = 2_500
"""Rows that proposals are made from; all are verified."""
IN_STEPS = ("keras.", "deepspeed.LRRangeTest")
"""Whose stairs are their own, in steps."""
SECONDS = 4.0
"""Of the processor's time, after which no new proposals are made."""
LIKELIER = 0.8
"""The part of it for schedules of the likelier precision."""
ASIDE = 1.0
"""What all other ways to count a log's steps may take together, and so what verifies, and what finds ties."""
STAGE = 0.6
"""The part of the time left that a stage may take."""
REPEATS = (2, 4, 8)
"""How often a scheduler is stepped at each step where its copies are."""
MOST = 24
"""Candidates that are told."""
ENOUGH = 9.0
"""What is so simple need not be made of more parts."""
FURTHER = 6.0
"""What costs so much more than the simplest is not told."""

Compile = Callable[[str], Callable[[float], float]]


class Candidate(NamedTuple):
    """A proposal that reproduces a log, and how many steps later it reads its plan than the log says."""

    proposal: Proposal
    shift: int = 0
    ranges: Mapping[str, tuple[int, int | None]] = MappingProxyType({})
    """The whole numbers that may be others, each by itself: the least and the largest of each."""
    doubts: tuple[str, ...] = ()
    """What is to be said of what the log leaves open besides."""

    @property
    def says_ties(self) -> bool:
        """Whether something is said that would reproduce the log as well."""
        return bool(self.proposal.notes or self.ranges or self.doubts)

    @property
    def cost(self) -> float:
        """How simple it is: the least is the simplest."""
        return self.proposal.cost + 2 * abs(self.shift)


def answer(log: Log, compiled: Compile) -> list[Candidate]:
    """What reproduces a log, the simplest first, however it counted its steps.

    Args:
        compiled: Makes a function of the text of an expression in epoch.

    Raises:
        ValueError: Nothing in it can be told from.
    """
    asked = logged(log)
    late = asked.steps[0] > 0
    found = identify(asked, compiled)
    if found and not late:
        return found
    shifts = dict.fromkeys([*(reading.shift for reading in log.readings), *([-1] if late else []), 1])
    for shift in shifts:
        steps = asked.steps + shift
        if steps[0] >= 0:
            other = identify(asked._replace(steps=steps), compiled, ASIDE / len(shifts))
            found += [candidate._replace(shift=shift) for candidate in other]
    found = found or _repeated(asked, compiled)
    least = min((candidate.cost for candidate in found), default=0.0)
    return sorted((c for c in found if c.cost <= least + FURTHER), key=lambda candidate: candidate.cost)


def _repeated(log: Logged, compiled: Compile) -> list[Candidate]:
    """What reproduces a log if it is stepped several times a step, as accelerate does, once a process."""
    for times in REPEATS:
        faster = identify(log._replace(steps=log.steps * times), compiled, ASIDE / len(REPEATS))
        plain = (candidate.proposal for candidate in faster if not candidate.proposal.options)
        made = [one._replace(spec=Spec(one.spec.cls, one.spec.parameters, Clock(repeat=times))) for one in plain]
        if found := [_with_ties(Candidate(one), log, lambda: True) for one in made if met(one, log) is not None]:
            return found
    return []


def logged(log: Log) -> Logged:
    """The rows of a log that have a rate, with the bounds of each.

    Raises:
        ValueError: There are none, or they go too far.
    """
    steps = numbers_at(log.rows, numpy.arange(len(log.rows)))
    bounds = [log.quantum.bounds(rates) for rates in log.rates]
    known = numpy.all([numpy.isfinite(low) & numpy.isfinite(high) for low, high in bounds], axis=0)
    if not known.any():
        raise ValueError("has no rate that is a number")
    if steps[known][-1] >= MAX_STEP:
        raise ValueError(f"goes on to step {steps[known][-1]:,}: at most {MAX_STEP:,} are simulated")
    return Logged(steps[known], [low[known] for low, _ in bounds], [high[known] for _, high in bounds])


def identify(log: Logged, compiled: Compile, seconds: float = SECONDS) -> list[Candidate]:
    """What reproduces a log, the simplest first; what takes much more to say than that is left out.

    Args:
        seconds: Of the processor's time, that proposals may take.
    """
    began = time.process_time()
    is_coarse = numpy.median(log.high[0] - log.low[0]) > COARSE * numpy.abs(log.high[0]).max()
    likelier, other = (ROUNDING, SINGLE) if is_coarse else (SINGLE, ROUNDING)
    first = _searched(log, compiled, began + LIKELIER * seconds, likelier)
    found = first or _searched(log, compiled, began + seconds, other)
    last = time.process_time() + ASIDE
    return [_with_ties(candidate, log, lambda: time.process_time() > last) for candidate in found]


def _with_ties(candidate: Candidate, log: Logged, is_late: Callable[[], bool]) -> Candidate:
    """A candidate with what the log leaves open of it."""
    one = candidate.proposal
    return candidate._replace(ranges=ranges(one, log, is_late), doubts=(*doubts(one, log),))


def _searched(log: Logged, compiled: Compile, until: float, room: float) -> list[Candidate]:
    """The same, with room for the roundings of schedules that are computed in double or in single precision."""
    found = _Found(log, until)
    kept: list[Plan] = []
    enough = ENOUGH
    few, floor = log.thinned(MOST_ROWS), SINGLE if room == SINGLE else TINY
    part = observed(few.steps, few.low[0], few.high[0], room, floor)
    whole = observed(log.steps, log.low[0], log.high[0], room)
    exact = observed(log.steps, log.low[0], log.high[0], 0.0, 0.0)
    for stage in stages(part, whole, exact, found.is_hurried):
        found.begin_stage()
        made: dict[str, Proposal] = {}
        for plan in stage:
            kept.append(plan)
            for proposal in written(plan):
                made.setdefault(f"{proposal.spec} {proposal.lr} {proposal.options}", proposal)
            if found.is_hurried():
                break
        found.try_all(made.values())
        if found.is_late() or (found.candidates and found.least <= enough):
            break
        enough = numpy.inf
    if not found.candidates:
        found.try_all(_formulas(kept, compiled))
    return sorted(found.candidates, key=lambda candidate: candidate.cost)


def written(plan: Plan) -> Iterator[Proposal]:
    """The runs of all families that may follow a plan."""
    if plan.earlier is not None:
        yield from _twice(plan, plan.earlier)
        return
    by_epoch = {"interval": "epoch", "steps_per_epoch": plan.epoch} if plan.epoch else {}
    for call in (call for write in WRITERS for call in write(plan)):
        proposal = call.proposal({} if call.name.startswith(IN_STEPS) else by_epoch, _notes(plan.shape))
        if proposal is not None:
            yield proposal


def _twice(plan: Plan, earlier: Plan) -> Iterator[Proposal]:
    """The runs of a plan that comes after an earlier one of its kind: by what each library joins schedules with."""
    pairs = product(written(earlier), written(plan._replace(earlier=None)))
    for first, second in ((a, b) for a, b in pairs if a.spec.cls is b.spec.cls):
        for call in (torch.resumed, optax.joined):
            proposal = (made := call(first, second, plan.switch)) and made.proposal({}, first.notes)
            if proposal:
                yield proposal


def _notes(shape: Shape) -> tuple[str, ...]:
    """What else would do that no log tells of."""
    falls = shape.kind == "stairs" and shape.more["gamma"] < 1
    falls = falls or (shape.kind == "levels" and sorted(shape.more["levels"], reverse=True) == shape.more["levels"])
    return ("a schedule that watches a metric would do the same, if that had it reduce there",) if falls else ()


class _Found:
    """What was found so far.

    Args:
        until: When to stop.
    """

    def __init__(self, log: Logged, until: float) -> None:
        self.log = log
        self.until = until
        self.stage_until = until
        self.candidates: list[Candidate] = []
        self._meanings: set[tuple[str, bytes]] = set()

    @property
    def least(self) -> float:
        """The cost of the simplest."""
        return min((candidate.cost for candidate in self.candidates), default=numpy.inf)

    def is_late(self) -> bool:
        """Whether there is no time left for new proposals."""
        return time.process_time() > self.until

    def begin_stage(self) -> None:
        """Leaves time for what comes after."""
        self.stage_until = time.process_time() + STAGE * (self.until - time.process_time())

    def is_hurried(self) -> bool:
        """Whether there is no time left for new proposals of this stage."""
        return time.process_time() > self.stage_until

    def try_all(self, proposals: Iterable[Proposal]) -> None:
        """Verifies proposals, the simplest first; of those that mean the same, the first is kept."""
        for proposal in sorted(proposals, key=lambda proposal: proposal.cost):
            if proposal.cost > self.least + FURTHER or len(self.candidates) >= MOST:
                break
            if time.process_time() > self.until + ASIDE:
                break
            proposal, rates = self._met(proposal)
            if rates is not None:
                meaning = _names(proposal.spec), numpy.round(rates[0] / max(rates[0].max(), 1e-300), 9).tobytes()
                if meaning not in self._meanings:
                    self._meanings.add(meaning)
                    self.candidates.append(Candidate(proposal))

    def _met(self, proposal: Proposal) -> tuple[Proposal, list[Column] | None]:
        """A proposal for all parameter groups, and its rates, if the log is among them."""
        rates = met(proposal, self.log.group(0))
        if rates is None or len(self.log.low) == 1:
            return proposal, rates
        for several in for_groups(proposal, self.log):
            if (rates := met(several, self.log)) is not None:
                return several, rates
        return proposal, None


def _names(spec: Spec) -> str:
    return " ".join([spec.cls.shown_name, *map(_names, spec.inner)])


def _formulas(plans: Iterable[Plan], compiled: Compile) -> Iterator[Proposal]:
    """Plans as functions of the epoch."""
    for text, rate in dict.fromkeys((expression(plan), peak_of(plan)) for plan in plans):
        spec = made("lambda", {"lr_lambda": compiled(text)}) if text is not None else None
        if spec is not None:
            yield Proposal(spec, rate)
