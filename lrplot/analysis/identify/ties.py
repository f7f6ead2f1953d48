"""What a log leaves open of a schedule that reproduces it: the whole numbers that may be others, each by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy

from lrplot.analysis.identify.limit import Limit
from lrplot.analysis.identify.proposal import Proposal
from lrplot.analysis.identify.verify import Logged, met
from lrplot.analysis.identify.whole import edge
from lrplot.runs.spec import Spec

FAR = 4
"""How many times longer than the log a number of steps is followed: it may be any from there on."""
SHOWN = 6
"""Ranges that are said."""

Put = Callable[[Any], Any]


def ranges(proposal: Proposal, log: Logged, limit: Limit) -> dict[str, tuple[int, int | None]]:
    """The least and the largest of each whole number with which the log is reproduced, where there are several: None
    where there is no largest.

    Args:
        limit: Of the time.
    """
    found: dict[str, tuple[int, int | None]] = {}
    most = FAR * (int(log.steps[-1]) + 2)
    for name, number, put in numbers(proposal.spec):

        def allows(other: int, number: float = number, put: Put = put) -> bool:
            spec = put(type(number)(other))
            return not limit.is_over() and met(proposal._replace(spec=spec), log) is not None

        low, high = (edge(allows, int(number), way, bound) for way, bound in ((-1, 0), (1, max(most, int(number)))))
        if low < high:
            found[name] = low, None if high >= most else high
    return found


def numbers(spec: Spec) -> Iterator[tuple[str, float, Callable[[Any], Spec]]]:
    """The whole numbers in a scheduler's parameters: where each stands, its value, and what puts another there."""

    def put(key: str, value: Any) -> Spec:
        return Spec(spec.cls, {**spec.parameters, key: value}, spec.clock)

    for key, value in spec.parameters.items():
        yield from ((key + place, number, _then(change, key, put)) for place, number, change in _within(value))


def _then(change: Put, key: str, put: Callable[[str, Any], Spec]) -> Callable[[Any], Spec]:
    return lambda number: put(key, change(number))


def _within(value: Any) -> Iterator[tuple[str, float, Put]]:
    """The same within one value, which may hold others."""
    if isinstance(value, Spec):
        yield from ((f".{name}", number, put) for name, number, put in numbers(value))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if isinstance(key, int):
                yield f"[{key}]", key, _renamed(value, key)
            yield from ((f"[{key!r}]{place}", n, _at(value, key, put)) for place, n, put in _within(inner))
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield from ((f"[{index}]{place}", n, _at(value, index, put)) for place, n, put in _within(inner))
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and value == round(value) and abs(value) > 1:
        yield "", value, lambda other: other


def _renamed(value: Mapping[Any, Any], key: Any) -> Put:
    """What puts another number in the place of a mapping's key."""
    return lambda number: {number if name == key else name: inner for name, inner in value.items()}


def _at(value: Any, key: Any, put: Put) -> Put:
    """What puts another number into the entry of a list or of a mapping."""
    if isinstance(value, Mapping):
        return lambda number: {**value, key: put(number)}
    return lambda number: [put(number) if index == key else inner for index, inner in enumerate(value)]


def doubts(proposal: Proposal, log: Logged) -> Iterator[str]:
    """What is to be said where a log hardly shows more than a schedule has to be set to."""
    values = (log.low[0] + log.high[0]) / 2
    texts = filter(callable, proposal.spec.parameters.values())
    changes = numpy.diff(values) != 0
    rates, edges = len(numpy.unique(values)), int((changes & (numpy.diff(log.steps) == 1)).sum())
    if (count := proposal.numbers) > max(1, rates + edges):
        yield f"the log shows {rates} rates, and this has {count} numbers to set: others may give them as well"
    if log.stride > 1 and any(" epoch < " in str(value) or "epoch >= " in str(value) for value in texts):
        yield "each step in it may be any other between the same two rows of the log"
    if log.stride > 1 and (hidden := [*_hidden(proposal, log)]):
        ways = ", ".join(f"{first:,} to {last:,}" for first, last in hidden[:SHOWN])
        yield f"the log shows hardly a rate from step {ways}: another way there may give it as well"
    elif log.stride > 1 and (turn := _turn(proposal, log)) is not None:
        yield f"the log has no row at step {turn:,}, where the rate turns: another turn there may give it as well"


def _hidden(proposal: Proposal, log: Logged) -> Iterator[tuple[int, int]]:
    """The first and the last step of each way up or down of which at most one row is within: of several steps, or of
    one that ends where another way begins. A jump from level to level is told by its range.
    """
    if (rates := met(proposal, log)) is None:
        return
    moves = numpy.sign(numpy.diff(rates[0]))
    edges = [0, *(numpy.flatnonzero(moves[1:] != moves[:-1]) + 1).tolist(), len(moves)]
    ways = [*pairwise(edges)]
    moving = [False, *(bool(moves[first:last].any()) for first, last in ways), False]
    for (first, last), (before, here, after) in zip(ways, zip(moving, moving[1:], moving[2:])):
        within = int(((first < log.steps) & (log.steps < last)).sum())
        if here and within <= 1 and (last - first > 1 or before or after):
            yield first, last


def _turn(proposal: Proposal, log: Logged) -> int | None:
    """The first step at which the rate turns from one way to the other, and which is not logged."""
    if (rates := met(proposal, log)) is None:
        return None
    moves = numpy.sign(numpy.diff(rates[0]))
    turns = numpy.flatnonzero(moves[1:] * moves[:-1] < 0) + 1
    hidden = turns[~numpy.isin(turns, log.steps)]
    return int(hidden[0]) if len(hidden) else None


def said(found: Mapping[str, tuple[int, int | None]]) -> str:
    """Ranges in words.

    >>> said({"milestones[0]": (31, 40), "T_max": (90, None)})
    'the log does not tell milestones[0] from 31 to 40, T_max from 90 on'
    """
    ways = [f"{name} from {low:,} {'on' if high is None else f'to {high:,}'}" for name, (low, high) in found.items()]
    more = f" and {len(ways) - SHOWN} more" if len(ways) > SHOWN else ""
    return f"the log does not tell {', '.join(ways[:SHOWN])}{more}"
