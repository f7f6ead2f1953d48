"""The search: plans from the numbers, schedulers from the plans, and what the verifier says of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from types import MappingProxyType
from typing import NamedTuple

import numpy

from lrplot.analysis.identify.fit import Column
from lrplot.analysis.identify.formula import expression, peak_of
from lrplot.analysis.identify.groups import for_groups
from lrplot.analysis.identify.limit import Limit
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
SECONDS = 8.0
"""Of the processor's time, for all of an answer."""
AS_COUNTED = 0.75
"""The part of it for the steps as the log counts them; what is left is for all other ways to count."""
LIKELIER = 0.7
"""The part of a search's time for schedules of the likelier precision; and the same for those of the other."""
MAKING = 0.9
"""The part of these after which no new proposals are made: what is left is to verify those that there are."""
REPEATS = (2, 4, 8)
"""How often a scheduler is stepped at each step where its copies are."""
PLAIN = 6.0
"""What is so simple need not be looked for where each row is of the step after."""
FIRST, ALL = 2, 1_000
"""Stages in which it is, and those of any search."""
MOST = 24
"""Candidates that are told."""
ENOUGH = 9.0
"""What is so simple need not be made of more parts."""
FEW_ROWS = 20
"""Rows that something simple may fit by chance: of so few, what is made of more parts is looked at as well."""
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
    def is_ahead(self) -> bool:
        """Whether its schedule begins a step early, as a log does that has the rate of the step after."""
        spec = self.proposal.spec
        return spec.cls.name == "cosine_warmup_with_min_lr" and not spec.parameters.get("num_warmup_steps")

    @property
    def says_ties(self) -> bool:
        """Whether something is said that would reproduce the log as well."""
        return bool(self.proposal.notes or self.ranges or self.doubts)

    @property
    def cost(self) -> float:
        """How simple it is: the least is the simplest."""
        return self.proposal.cost + 2 * abs(self.shift)


class Answer(NamedTuple):
    """What reproduces a log, the simplest first.

    Args:
        is_cut: Whether the search ended at its limit: there may be others.
    """

    candidates: list[Candidate]
    is_cut: bool


def answer(log: Log, compiled: Compile) -> Answer:
    """What reproduces a log, the simplest first, however it counted its steps.

    Args:
        compiled: Makes a function of the text of an expression in epoch.

    Raises:
        ValueError: Nothing in it can be told from.
    """
    limit = Limit(SECONDS)
    asked = logged(log)
    late = asked.steps[0] > 0  # or counted from 1, which nothing but what fits can tell
    others = [*([-1] if late else []), *(reading.shift for reading in log.readings), 1]
    found = _counted(asked, [0, *others] if late else [0], compiled, limit.part(AS_COUNTED))
    if not late and all(candidate.is_ahead for candidate in found):  # or it has the rates of the steps after
        found += _counted(asked, others, compiled, limit.part(AS_COUNTED))
    found = found or _repeated(asked, compiled, limit)
    least = min((candidate.cost for candidate in found), default=0.0)
    if least > PLAIN and not late:  # what is logged after scheduler.step() may be of a simpler one
        found += (c for c in _counted(asked, [1], compiled, limit.part(AS_COUNTED), FIRST) if c.cost <= least)
        least = min(candidate.cost for candidate in found)
    simplest = sorted((c for c in found if c.cost <= least + FURTHER), key=lambda candidate: candidate.cost)
    return Answer(simplest, limit.was_met)


def _counted(log: Logged, shifts: Iterable[int], compiled: Compile, limit: Limit, most: int = ALL) -> list[Candidate]:
    """What reproduces a log whose steps are to be raised by one of some numbers."""
    ways = {shift: log._replace(steps=log.steps + shift) for shift in shifts if log.steps[0] + shift >= 0}
    found = zip(ways, _identified([*ways.values()], compiled, limit, most))
    return [candidate._replace(shift=shift) for shift, candidates in found for candidate in candidates]


def _shares(count: int) -> Iterator[float]:
    """The parts of the time left with which so many get as much each, one after the other."""
    yield from (1 / left for left in range(count, 0, -1))


def _repeated(log: Logged, compiled: Compile, limit: Limit) -> list[Candidate]:
    """What reproduces a log if it is stepped several times a step, as accelerate does, once a process."""
    for share, times in zip(_shares(len(REPEATS)), REPEATS):
        faster = identify(log._replace(steps=log.steps * times), compiled, limit.part(share))
        plain = (candidate.proposal for candidate in faster if not candidate.proposal.options)
        made = [one._replace(spec=Spec(one.spec.cls, one.spec.parameters, Clock(repeat=times))) for one in plain]
        if found := [_with_ties(Candidate(one), log, limit) for one in made if met(one, log) is not None]:
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


def identify(log: Logged, compiled: Compile, limit: Limit | None = None) -> list[Candidate]:
    """What reproduces a log, the simplest first; what takes much more to say than that is left out.

    Args:
        limit: Of the time that it may take; by default that of a whole answer.
    """
    (found,) = _identified([log], compiled, limit or Limit(SECONDS))
    return found


def _identified(ways: Sequence[Logged], compiled: Compile, limit: Limit, most: int = ALL) -> list[list[Candidate]]:
    """The same of each of some ways to count a log's steps, side by side: the simpler schedules of all of them first,
    until there is one.

    Args:
        most: Stages of the search.
    """
    searches: list[_Search] = []
    with numpy.errstate(all="ignore"):  # of a shape that is far off, whatever comes is far off
        for room in _rooms(ways[0]) if ways else ():
            turn = limit.part(LIKELIER)
            making = turn.part(MAKING)
            searches = [_Search(log, turn, making, room) for log in ways]
            for _ in range(most):
                went = [search.goes_on(share) for share, search in zip(_shares(len(searches)), searches)]
                if not any(went) or making.is_over() or any(search.has_simple for search in searches):
                    break
            found = [search.try_formulas(compiled) for search in searches]
            if any(found):
                break
    return [[_with_ties(candidate, one.log, limit) for candidate in one.sorted()] for one in searches]


def _rooms(log: Logged) -> tuple[float, float]:
    """What is allowed for the roundings of schedules that are computed in single and in double precision, the likelier
    first.
    """
    is_coarse = numpy.median(log.high[0] - log.low[0]) > COARSE * numpy.abs(log.high[0]).max()
    return (ROUNDING, SINGLE) if is_coarse else (SINGLE, ROUNDING)


def _with_ties(candidate: Candidate, log: Logged, limit: Limit) -> Candidate:
    """A candidate with what the log leaves open of it."""
    one = candidate.proposal
    return candidate._replace(ranges=ranges(one, log, limit), doubts=(*doubts(one, log),))


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


class _Search:
    """The search of one way to count a log's steps, stage by stage.

    Args:
        limit: Of the time, after which nothing more is verified.
        making: The same, after which nothing more is proposed.
        room: For the roundings of a schedule as it is computed.
    """

    def __init__(self, log: Logged, limit: Limit, making: Limit, room: float) -> None:
        self.log = log
        self.limit = limit
        self.candidates: list[Candidate] = []
        self._meanings: set[tuple[str, bytes]] = set()
        self._plans: list[Plan] = []
        few, floor = log.thinned(MOST_ROWS), SINGLE if room == SINGLE else TINY
        part = observed(few.steps, few.low[0], few.high[0], room, floor)
        whole = observed(log.steps, log.low[0], log.high[0], room)
        exact = observed(log.steps, log.low[0], log.high[0], 0.0, 0.0)
        self._share = 1.0
        self._stages = enumerate(stages(part, whole, exact, lambda: making.part(self._share)))
        self._simple = ENOUGH if len(log.steps) > FEW_ROWS else 0.0
        self._enough = self._simple

    @property
    def least(self) -> float:
        """The cost of the simplest."""
        return min((candidate.cost for candidate in self.candidates), default=numpy.inf)

    @property
    def has_simple(self) -> bool:
        """Whether what was found is so simple that what comes later cannot be simpler."""
        return bool(self.candidates) and self.least <= self._enough

    def goes_on(self, share: float) -> bool:
        """Whether there was another stage, which it went through in its share of the time."""
        self._share = share
        at, stage = next(self._stages, (0, None))
        if stage is None:
            return False
        self._enough = numpy.inf if at else self._simple
        made: dict[str, Proposal] = {}
        for plan in stage:
            self._plans.append(plan)
            for proposal in written(plan):
                made.setdefault(f"{proposal.spec} {proposal.lr} {proposal.options}", proposal)
        self.try_all(made.values())
        return True

    def try_formulas(self, compiled: Compile) -> bool:
        """Whether anything was found; where nothing was, plans are tried as functions."""
        if not self.candidates:
            self.try_all(_formulas(self._plans, compiled))
        return bool(self.candidates)

    def sorted(self) -> list[Candidate]:
        """What was found, the simplest first."""
        return sorted(self.candidates, key=lambda candidate: candidate.cost)

    def try_all(self, proposals: Iterable[Proposal]) -> None:
        """Verifies proposals, the simplest first; of those that mean the same, the first is kept."""
        for proposal in sorted(proposals, key=lambda proposal: proposal.cost):
            if proposal.cost > self.least + FURTHER or len(self.candidates) >= MOST:
                break
            if self.limit.is_over():
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
