"""Which ways of stepping a plan give all that was logged."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, product
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy

from lrplot.analysis.compare.sides import ROUNDING, Side
from lrplot.analysis.compare.ways import AS_PLANNED, Way, usual

if TYPE_CHECKING:
    from numpy.typing import NDArray

PROBES = 64
"""Rows that a way must fit before it is tried on all."""
FASTEST = 8
"""How much faster than planned a run may have stepped, to be found without a guess at how much."""
TELLING = 24
"""Rows that are asked which of the plan's steps they may be."""
MOST_TELLING = 10
"""Of them, those that are taken in pairs."""
MOST_WAYS = 4_000
"""That are tried because two rows would have it."""
MOST_STEPS = 400
"""Steps that a row may be: it tells nothing where they are more."""
BEGUN = 4_096
"""Rows from which it is told how long a way goes well."""
MOST_BEGUN = 3
"""Ways that may have been left, those that went well for longest."""
CHANCE = 4
"""Rows before that by which a run may have gone on elsewhere: some may be alike in both."""
ALIKE = 2
"""Ways of one name that are said."""
SAID = 6
"""Ways that are said of many that fit."""


class Search:
    """The ways in which a log may be a plan's.

    Args:
        plan: What is known at every step; or another log.
        log: What is to be explained.
        epoch: How many steps an epoch has, where that is known.
    """

    def __init__(self, plan: Side, log: Side, epoch: int | None) -> None:
        self.plan = plan
        self.log = log
        self.epoch = epoch
        count = len(log.rows)
        self.probes = numpy.unique(numpy.linspace(0, count - 1, min(PROBES, count)).astype(int))
        self.groups = range(max(plan.groups, log.groups))
        plan.follow(log.last)

    def ways(self) -> list[Way]:
        """All that fit, the simplest first; none where none does."""
        common = usual(self.epoch, self.plan.run.batches)
        if self.fits(AS_PLANNED):
            return [AS_PLANNED, *filter(self.fits, common)][:SAID]
        found = [way for way in common if self.fits(way)]
        if not found:
            found = [way for way in self._proposed() if self.fits(way)]
        found += self._scaled([AS_PLANNED] if any(way.is_usual for way in found) else [AS_PLANNED, *common[:40]])
        found += self._resumed(common)
        found = found or self._scaled_otherwise(common)
        count: Counter[str] = Counter()
        chosen = []
        for way in sorted(dict.fromkeys(found), key=lambda way: way.cost):
            count[way.relation] += 1
            if count[way.relation] <= ALIKE:
                chosen.append(way)
        return chosen[:SAID]

    # Whether a way fits.

    def fits(self, way: Way) -> bool:
        """Whether a way gives every rate that was logged."""
        if not self._agrees(way, self.probes):  # as far as the plan is followed
            return False
        if not self._known(way, self.probes).all() or not self._agrees(way, self.probes):
            return False
        everywhere = numpy.arange(len(self.log.rows))
        known = self._known(way, everywhere)
        enough = known.all() or (self.plan.log is not None and 2 * numpy.count_nonzero(known) >= len(known))
        return bool(enough) and self._agrees(way, everywhere)

    def _agrees(self, way: Way, places: "NDArray[Any]") -> bool:
        return all(self.agreeing(way, group, places).all() for group in self.groups)

    def _known(self, way: Way, places: "NDArray[Any]") -> "NDArray[Any]":
        """Whether the plan has the steps that a way asks for; of a log, as many as happen to be there."""
        steps = way.steps(self.log.rows[places])
        self.plan.follow(int(steps.max()))
        if not self.plan.is_dense:
            return numpy.ones(len(places), dtype=bool)
        inside = (steps >= self.plan.start) & (steps <= self.plan.last)
        return inside if self.plan.log is None else inside | (steps > self.plan.last) | (steps < self.plan.start)

    def agreeing(self, way: Way, group: int, places: "NDArray[Any]", other: int | None = None) -> "NDArray[Any]":
        """Whether each of some rows has the rate that a way gives it; where that is not known, it may.

        Args:
            other: The plan's group, where it is not the same.
        """
        at = self.plan.places(way.steps(self.log.rows[places]))
        lows, highs = self.plan.bounds[min(group if other is None else other, self.plan.groups - 1)]
        low, high = lows[at], highs[at]
        below, above = (bound[places] for bound in self.log.bounds[min(group, self.log.groups - 1)])
        if way.factor != 1:
            low, high = low * way.factor, high * way.factor
            low, high = low - ROUNDING * numpy.abs(low), high + ROUNDING * numpy.abs(high)
        with numpy.errstate(invalid="ignore"):
            agrees = (below <= high) & (above >= low)
        neither = numpy.isnan(low) & numpy.isnan(below)
        result: NDArray[Any] = agrees | neither | (at < 0)
        return result

    # What might fit.

    def _telling(self, part: slice) -> list[tuple[int, "NDArray[Any]"]]:
        """Rows that were at few of the plan's steps, each with these; those of the fewest first."""
        rows = numpy.arange(len(self.log.rows))[part]
        if not len(rows):
            return []
        edges = self._edges(rows)
        picked = numpy.unique(numpy.concatenate([rows[numpy.linspace(0, len(rows) - 1, TELLING).astype(int)], edges]))
        low, high = self.log.bounds[0]
        last = FASTEST * self.log.last
        known = [(int(self.log.rows[row]), self.plan.matches(low[row], high[row], last)) for row in picked.tolist()]
        return sorted((each for each in known if 0 < len(each[1]) <= MOST_STEPS), key=lambda each: len(each[1]))

    def _edges(self, rows: "NDArray[Any]") -> "NDArray[Any]":
        """The first rows at which the rate changes, and those before them."""
        values = self.log.values[0][rows]
        changes = numpy.flatnonzero(values[1:] != values[:-1])[:6]
        return rows[numpy.unique(numpy.concatenate([changes, changes + 1]))] if len(changes) else rows[:1]

    def _proposed(self) -> Iterator[Way]:
        """Ways that the rows which tell most would have it."""
        self.plan.follow(FASTEST * self.log.last)
        telling = self._telling(slice(None))
        if not telling:
            return
        yield from (Way(shift=shift, epoch=self.epoch) for shift in self._shifts(telling))
        yield from (Way(every=every, epoch=self.epoch) for every in self._epochs(telling))
        yield from (Way(times=every, every=every, epoch=self.epoch) for every in self._treads())
        pairs = list(combinations(sorted(telling[:MOST_TELLING], key=itemgetter(0)), 2))
        pairs.sort(key=lambda pair: len(pair[0][1]) * len(pair[1][1]) / (1 + pair[1][0] - pair[0][0]))
        tried = (pair for pair in pairs[:MOST_TELLING] if len(pair[0][1]) * len(pair[1][1]) <= MOST_STEPS)
        changes = self.log.rows[self._edges(numpy.arange(len(self.log.rows)))].tolist()
        seen: set[Way] = set()
        for (row, steps), (other, others) in tried:
            for step, second in product(steps.tolist(), others.tolist()):
                for way in self._through(row, step, other, second, changes):
                    if way not in seen and len(seen) < MOST_WAYS:
                        seen.add(way)
                        yield way

    def _through(self, row: int, step: int, other: int, second: int, changes: Sequence[int]) -> Iterator[Way]:
        """Ways on which two rows are at two of the plan's steps.

        Args:
            changes: Rows at which the rate changes, or before which it does.
        """
        if (second - step) * (other - row) <= 0:
            return
        times, rest = divmod(second - step, other - row)
        if not rest and times > 1:
            shift = step - times * row
            if abs(shift) <= 2 * times:
                yield Way(times=times, shift=shift, epoch=self.epoch)
        elif not times:
            fewest = max(2, math.ceil((other - row) / (second - step + 1)))
            most = min((other - row) // max(1, second - step - 1), fewest + 100)
            for every in range(fewest, most + 1):
                for before in dict.fromkeys((0, every - 1, 1, *(-change % every for change in changes))):
                    if (row + before) // every == step and (other + before) // every == second:
                        yield Way(every=every, before=before, epoch=self.epoch)

    def _treads(self) -> range:
        """How long the first rate may have been held."""
        changes = numpy.flatnonzero(self.log.values[0][1:] != self.log.values[0][:-1])
        if not len(changes):
            return range(0)
        before, after = self.log.rows[changes[0] : changes[0] + 2].tolist()
        return range(max(2, before + 1), after + 1)[:MOST_WAYS]

    def _shifts(self, telling: Sequence[tuple[int, "NDArray[Any]"]]) -> list[int]:
        """The shifts with which most of the rows that tell most are on the plan."""
        count = Counter(shift for row, steps in telling for shift in (steps - row).tolist())
        return [shift for shift, _ in sorted(count.items(), key=lambda item: (-item[1], abs(item[0])))[:20]]

    def _epochs(self, telling: Sequence[tuple[int, "NDArray[Any]"]]) -> range:
        """The lengths of an epoch with which those rows are on the plan that can be at one of its steps only."""
        least, most = 2, self.log.last
        for row, steps in telling:
            if len(steps) == 1:
                step = int(steps[0])
                least = max(least, row // (step + 1) + 1)
                most = min(most, row // step if step else most)
        return range(least, most + 1)[:MOST_WAYS]

    # Factors.

    def _scaled(self, ways: Sequence[Way]) -> list[Way]:
        """The same ways with a factor, where there is one that fits."""
        found = []
        for way in ways:
            factor = self._factor(way)
            if factor is not None and self.fits(way._replace(factor=factor)):
                found.append(way._replace(factor=factor))
        return found

    def _scaled_otherwise(self, common: Sequence[Way]) -> list[Way]:
        """Ways with a factor that not all rows tell of: their first ones do, or their peak."""
        likely = [self._factor(AS_PLANNED, self._first_rows()), *self._factors_of(_highest, _first_positive)]
        for factor in dict.fromkeys(likely):
            if factor is None or factor == 1:
                continue
            other = Search(self.plan, self.log.over(factor), self.epoch)
            ways = [*filter(other.fits, other._proposed()), *other._resumed(common)]
            if found := [way for way in (way._replace(factor=factor) for way in ways) if self.fits(way)]:
                return found
        return []

    def _first_rows(self) -> "NDArray[Any]":
        """The first rows at whose steps the plan has a rate above 0."""
        few = numpy.arange(min(BEGUN, len(self.log.rows)))
        chosen: NDArray[Any] = few[self.plan.values[0][self.plan.places(self.log.rows[few])] > 0][:2]
        return chosen

    def _factors_of(self, *marks: "Callable[[NDArray[Any]], Any]") -> Iterator[float | None]:
        """The factors by which the log's rates at some marks are the plan's."""
        for mark in marks:
            rates, row = self.plan.values[0], mark(self.log.values[0])
            low, high = (bound[row] / max(rates[mark(rates)], 1e-300) for bound in self.log.bounds[0])
            yield plainest(low, high) if 0 < low <= high < math.inf else None

    def _factor(self, way: Way, places: "NDArray[Any] | None" = None) -> float | None:
        """The plainest number by which a way's rates may be multiplied, as far as some rows tell, or the probes."""
        places = self.probes if places is None else places
        if not len(places) or not self._known(way, places).all():
            return None
        at = self.plan.places(way.steps(self.log.rows[places]))
        least, most = -math.inf, math.inf
        for group in self.groups:
            rates = self.plan.values[min(group, self.plan.groups - 1)][at]
            low, high = (bound[places] for bound in self.log.bounds[min(group, self.log.groups - 1)])
            used = (at >= 0) & (rates > 1e-300) & numpy.isfinite(low)
            if not used.any():
                return None
            least = max(least, float((low[used] / rates[used]).max()))
            most = min(most, float((high[used] / rates[used]).min()))
        middle = least / 2 + most / 2
        if not 0 < middle < math.inf or least > most * (1 + 4 * ROUNDING):
            return None
        slack = ROUNDING * middle
        return plainest(least - slack, most + slack)

    # Runs that went on elsewhere.

    def _resumed(self, common: Sequence[Way]) -> list[Way]:
        """Ways that go as another at first, and from some step on at another place of the plan."""
        first = {way: self._first_unlike(way) for way in (AS_PLANNED, *common)}
        longest = sorted(first, key=lambda way: -first[way])[:MOST_BEGUN]
        left = dict.fromkeys([AS_PLANNED, Way(shift=1, epoch=self.epoch), Way(shift=-1, epoch=self.epoch), *longest])
        rows = [(way, first[way]) for way in left if 2 <= first.get(way, 0) <= len(self.log.rows) - 2]
        return [found for way, row in rows for found in self._onwards(way, row)]

    def _first_unlike(self, way: Way) -> int:
        """The first row that has not the rate which a way gives it; of very many, as far as the first rows tell."""
        if not self._known(way, self.probes).all():
            return 0
        for places in (numpy.arange(min(BEGUN, len(self.log.rows))), numpy.arange(len(self.log.rows))):
            agree = numpy.logical_and.reduce([self.agreeing(way, group, places) for group in self.groups])
            if not agree.all():
                return int(numpy.argmin(agree))
        return len(self.log.rows)

    def _onwards(self, way: Way, first: int) -> Iterator[Way]:
        """Ways that leave another one at a row."""
        before, after = int(self.log.rows[max(first - CHANCE, 0)]), int(self.log.rows[first])
        anew = [way._replace(at=at, jump=-at - min(way.shift, 0)) for at in range(after, max(before, after - 2000), -1)]
        fitting = [other for other in anew if self.fits(other)]
        if fitting:
            yield fitting[0]
            return
        telling = self._telling(slice(first, None))
        for shift in self._shifts(telling):
            jumped = way._replace(at=after, jump=shift - way.shift)
            if jumped.jump and self.fits(jumped):
                begun = jumped._replace(at=-jumped.jump)
                yield begun if jumped.jump < 0 and begun.at and begun.at < after and self.fits(begun) else jumped
                return


def _highest(rates: "NDArray[Any]") -> Any:
    return numpy.argmax(numpy.nan_to_num(rates))


def _first_positive(rates: "NDArray[Any]") -> Any:
    return numpy.argmax(rates > 0)


def plainest(low: float, high: float) -> float | None:
    """The number with the fewest digits between two, or the simplest fraction.

    >>> plainest(0.4999999, 0.5000001), plainest(0.33333333, 0.33333334) == 1 / 3, plainest(0.12345671, 0.12345672)
    (0.5, True, 0.12345671)
    """
    for digits in range(1, 18):
        middle = float(f"{(low + high) / 2:.{digits}g}")
        if low <= middle <= high:
            break
    else:
        middle = (low + high) / 2
    if digits > 4:
        for below in range(2, 1025):
            above = round(middle * below)
            if above and low <= above / below <= high:
                return above / below
    return middle
