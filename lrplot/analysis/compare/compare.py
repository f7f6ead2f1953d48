"""A plan and a log, two logs, or two plans: how the one is related to the other, with the evidence."""

from array import array
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy

from lrplot.analysis.compare.relation import ADVICE, Difference, Names, Relation, called, relation_of
from lrplot.analysis.compare.search import Search
from lrplot.analysis.compare.sides import Side
from lrplot.analysis.compare.ways import AS_PLANNED, Way
from lrplot.runs.curve import Curve
from lrplot.runs.log import Log
from lrplot.runs.quantum import FULL, Quantum

AROUND = 3
"""Steps that are shown before the first difference, and after it."""


class Comparison(NamedTuple):
    """What is found.

    Args:
        relation: The simplest relation that holds.
        also: Ties: all that was logged fits these as well.
        first: Where the two differ first: None where they never do.
        quantum: How finely the values were written that are compared.
        rows: Some steps around the first difference, each with the rates of both and what the relation makes of the
            first one's.
        said: What is to be known beside the relation.
        logged: The steps that were compared.
    """

    relation: Relation
    also: Sequence[Relation]
    first: Difference | None
    quantum: Quantum
    rows: Sequence[tuple[int, float, float, float]]
    said: Sequence[str]
    logged: int

    @property
    def is_equal(self) -> bool:
        return self.relation.name == "equal"

    def facts(self) -> dict[str, Any]:
        """What a program reads of it."""
        own = self.relation.facts()
        first = self.first
        return {
            **{name: own[name] for name in ("relation", "factor", "every", "shift", "at_step")},
            "first_difference": None if first is None else first._asdict(),
            "also": [relation.facts() for relation in (*self.relation.parts, *self.also)],
            "quantum": str(self.quantum),
            "sentence": own["sentence"],
            "cause": own["cause"],
            "fix": own["fix"],
        }


def compare(first: Curve, second: Curve) -> Comparison:
    """How the second of two curves is related to the first; of a plan and a log, how the log is to the plan."""
    swapped = isinstance(first.run, Log) and not isinstance(second.run, Log)
    plan, log = (second, first) if swapped else (first, second)
    epoch = _epoch(plan)
    best: Comparison | None = None
    for counted in _counted(log, plan, epoch):
        found = _Pair(Side(plan), Side(counted), epoch, swapped).compare()
        if best is None or _rank(found) < _rank(best):
            best = found
        if found.is_equal:
            break
    assert best is not None, "a log is counted in one way at least"
    return best


def with_difference(first: Curve, second: Curve) -> list[Curve]:
    """Two curves to be drawn, with how much more the log has than the plan, or the second than the first."""
    swapped = isinstance(first.run, Log) and not isinstance(second.run, Log)
    plan, log = (second, first) if swapped else (first, second)
    planned = Side(plan)
    planned.follow(int(log.steps[-1]))
    at = planned.places(log.step)
    apart = [
        array("d", (numpy.frombuffer(logged) - _at(planned.values[min(group, planned.groups - 1)], at)).tobytes())
        for group, logged in enumerate(log.rates)
    ]
    plan, log = plan.but(beside={}, metrics=None), log.but(beside={"difference": apart}, metrics=None)
    return [log, plan] if swapped else [plan, log]


def _rank(found: Comparison) -> int:
    return 2 * (found.relation.name == "different") + (found.relation.name != "equal")


def _epoch(plan: Curve) -> int | None:
    return plan.run.steps_per_epoch


def _counted(log: Curve, plan: Curve, epoch: int | None) -> list[Curve]:
    """A log whose rows are epochs with the steps of these: read at their end, at their beginning, or after it."""
    run = log.run
    if not isinstance(run, Log) or run.unit != "epoch" or not epoch or isinstance(plan.run, Log):
        return [log]
    return [run.counted(shift, epoch).kept for shift in (epoch - 1, 0, epoch)]


class _Pair:
    """A plan and what is compared with it.

    Args:
        swapped: Whether they were given in the other order.
    """

    def __init__(self, plan: Side, log: Side, epoch: int | None, swapped: bool) -> None:
        self.swapped = swapped
        self.plan = plan
        self.log = log
        self.length = plan.run.steps
        self.open_ended = plan.run.open_ended or plan.log is not None
        self.search = Search(plan, log, epoch)
        self.names = self._names()
        self.writer = (log.log.format if log.log is not None else "") or ""
        self.quantum = log.quantum if log.quantum != FULL else plan.quantum

    def _names(self) -> Names:
        if self.plan.log is None and self.log.log is not None:
            return Names("the plan", "the log")
        return Names(called(self.plan.curve.label), called(self.log.curve.label))

    def compare(self) -> Comparison:
        ways = self.search.ways()
        relations = [relation_of(way, self.names, self.writer) for way in ways]
        relations += [other for way in ways[:1] if (other := self._other_name(way)) is not None]
        way = ways[0] if ways else None
        cut = self._cut(way) if way is not None else None
        first = self._first_difference(ways)
        if not relations:
            relations = [self._groups(first) or self._different(first)]
        if cut is not None and relations[0].name == "equal":
            relations[0] = cut
        elif cut is not None:
            relations[0] = relations[0]._replace(parts=[*relations[0].parts, cut])
        if relations[0].name == "equal":
            what = "logged " if self.log.log is not None else ""
            sentence = f"equal at all {len(self.log.rows):,} {what}steps ({self.quantum})"
            relations[0] = relations[0]._replace(sentence=sentence)
        said = self._said(first)
        rows = self._rows(first, way)
        return Comparison(relations[0], relations[1:], first, self.quantum, rows, said, len(self.log.rows))

    def _other_name(self, way: Way) -> Relation | None:
        """The same way by the other name that it has: an epoch may be short, and an accumulation long."""
        if way.every == 1 or way.times > 1 or way.epoch == way.every or way.at is not None:
            return None
        named = way._replace(epoch=way.every if way.relation == "every" else 10**9)
        return relation_of(named, self.names, self.writer)

    def _cut(self, way: Way) -> Relation | None:
        """That a log ends long before its plan does."""
        if self.open_ended:
            return None
        last, end = self.log.last, self.plan.start + self.length - 1
        slack = max(self.log.stride, 1) + abs(way.shift)
        place = int(way.steps(numpy.array([last]))[0])
        if min(end - last, end - place) <= slack:
            return None
        self.plan.follow(place)
        rates = numpy.array(self.plan.values[0][: self.length])
        at = int(self.plan.places(numpy.array([place]))[0])
        peak = float(numpy.nanmax(rates))
        share = f"{100 * float(self.plan.values[0][at]) / peak:.3g} %" if peak > 0 and at >= 0 else ""
        where = f", where the plan is at {share} of its peak" if share else ""
        cause, fix = ADVICE["cut"]
        return Relation("cut", f"{self.names.log} stops at step {last:,}{where}", at_step=last, cause=cause, fix=fix)

    def _first_difference(self, ways: Sequence[Way]) -> Difference | None:
        """Where the two differ first as they stand."""
        if ways and ways[0] == AS_PLANNED:
            return None
        everywhere = numpy.arange(len(self.log.rows))
        found: list[Difference] = []
        for group in self.search.groups:
            at = self.plan.places(self.log.rows)
            agree = self.search.agreeing(AS_PLANNED, group, everywhere) & ((at >= 0) | (self.plan.log is not None))
            if not agree.all():
                row = int(numpy.argmin(agree))
                rates = self.plan.values[min(group, self.plan.groups - 1)]
                planned = float(rates[at[row]]) if at[row] >= 0 else numpy.nan
                logged = float(self.log.values[min(group, self.log.groups - 1)][row])
                pair = (logged, planned) if self.swapped else (planned, logged)
                found.append(Difference(int(self.log.rows[row]), *pair, group))
        return min(found, default=None)

    def _different(self, first: Difference | None) -> Relation:
        cause, fix = ADVICE["different"]
        if first is None:
            what = f"{self.names.plan} and {self.names.log} have too few steps in common to be compared"
            return Relation("different", what, cause="their steps are others", fix="")
        a, b = _told_apart(first.a, first.b)
        whose = f" in group {first.group}" if len(self.search.groups) > 1 else ""
        sentence = f"different from step {first.step:,} on{whose}: {a} against {b}"
        return Relation("different", sentence, at_step=first.step, cause=cause, fix=fix)

    def _groups(self, first: Difference | None) -> Relation | None:
        """That a parameter group follows another one's rate, where the others are as planned."""
        if len(self.search.groups) < 2 or self.plan.groups < 2 or first is None:
            return None
        everywhere = numpy.arange(len(self.log.rows))
        for group in self.search.groups:
            if self.search.agreeing(AS_PLANNED, group, everywhere).all():
                continue
            for other in range(self.plan.groups):
                if other != group and self.search.agreeing(AS_PLANNED, group, everywhere, other).all():
                    sentence = f"group {group} follows group {other}'s rate"
                    cause = "the run's scheduler or its log takes one rate for all parameter groups"
                    return Relation(
                        "different", sentence, at_step=first.step, cause=cause, fix="give each group its lr"
                    )
        return None

    def _is_rounding(self) -> bool:
        """Whether the two are the same but for the last digits."""
        at = self.plan.places(self.log.rows)
        pairs = zip(self.plan.values, self.log.values)
        return bool((at >= 0).all()) and all(numpy.allclose(a[at], b, rtol=1e-10, atol=0) for a, b in pairs)

    def _said(self, first: Difference | None) -> "list[str]":
        said = []
        if self.plan.log is None and not self.open_ended and self.log.last >= self.plan.start + self.length:
            said.append(f"the log goes on to step {self.log.last:,}, past the plan's {self.length:,} steps")
        if first is not None and self._is_rounding():
            said.append("the two agree to 10 digits at every step: they differ in how they were rounded")
        if self.plan.groups != self.log.groups and max(self.plan.groups, self.log.groups) > 1:
            counts = f"{self.plan.groups} and {self.log.groups} parameter groups"
            said.append(f"there are {counts}: those that are missing are taken to be as the last one")
        if self.log.log is not None:
            said += self.log.log.remarks
        return said

    def _rows(self, first: Difference | None, way: Way | None) -> list[tuple[int, float, float, float]]:
        """Some steps around the first difference."""
        if first is None:
            return []
        at = int(numpy.searchsorted(self.log.rows, first.step))
        places = numpy.arange(max(0, at - AROUND), min(len(self.log.rows), at + AROUND + 1))
        steps = self.log.rows[places]
        rates = self.plan.values[min(first.group, self.plan.groups - 1)]
        planned = _at(rates, self.plan.places(steps))
        logged = self.log.values[min(first.group, self.log.groups - 1)][places]
        led = _at(rates, self.plan.places(way.steps(steps))) * way.factor if way is not None else planned
        pair = (logged, planned) if self.swapped else (planned, logged)
        return list(zip(steps.tolist(), pair[0].tolist(), pair[1].tolist(), led.tolist()))


def _at(rates: Any, places: Any) -> Any:
    return numpy.where(places >= 0, rates[places], numpy.nan)


def _told_apart(a: float, b: float) -> tuple[str, str]:
    """Two numbers, to as few digits as tell them apart."""
    for digits in range(6, 17):
        texts = f"{a:.{digits}g}", f"{b:.{digits}g}"
        if texts[0] != texts[1]:
            return texts
    return repr(a), repr(b)
