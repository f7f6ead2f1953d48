"""Schedulers that a training loop steps, each on a clock of its own, on one optimizer, to which groups may be added."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, chain, repeat
from operator import itemgetter, sub
from typing import Any, NamedTuple

from lrplot.parameters import Refusal
from lrplot.runs.spec import Spec
from lrplot.schedulers.base import Action, Rule, Scheduler, Track, column, held, same_groups
from lrplot.schedulers.dropin import get_beside, set_beside, set_lr
from lrplot.schedulers.watcher import Watcher

Columns = list[Sequence["array[float] | None"]]
"""What each column of each group has after each of some beats: None where it stays as it is."""


class Hand(NamedTuple):
    """A scheduler and the beats of the loop after which it is stepped.

    Args:
        repeat: How often it is stepped each time.
    """

    scheduler: Scheduler
    ticks: range
    repeat: int

    def within(self, begin: int, end: int) -> range:
        """Those of its ticks that are from one beat on and before another."""
        first, last = (-(-(beat - self.ticks.start) // self.ticks.step) for beat in (begin, end))
        return self.ticks[max(0, first) : max(0, first, last)]

    def metrics(self, ticks: range, metrics: Sequence[float], begin: int) -> Sequence[float]:
        """The metric of each of its steps, of those from a beat on."""
        if not self.scheduler.watches_metric:
            return ()
        return [metrics[tick - begin] for tick in ticks for _ in range(self.repeat)]


class Loop(Scheduler):
    """Steps schedulers as a training loop does: after each beat those whose clocks tick then, in their order.

    Args:
        optimizer: Theirs.
        schedulers: Made on it, one after the other.
        ticks: The beats after which each is stepped.
        repeats: How often each time.
        joining: Parameter groups that are added on the way, each with the beat before which it is.
    """

    has_get_lr = False
    holds_others = "schedulers"

    def __init__(
        self,
        optimizer: Any,
        schedulers: Sequence[Scheduler],
        ticks: Sequence[range] = (),
        repeats: Sequence[int] = (),
        joining: Sequence[tuple[int, Mapping[str, Any]]] = (),
    ) -> None:
        self.optimizer = optimizer
        self.hands = [Hand(*hand) for hand in zip(schedulers, ticks, repeats)]
        self.schedulers = schedulers
        self.joining = joining
        self.groups = len(optimizer.param_groups) + len(joining)
        self.last_epoch = 0
        self.names = [*self.rules_beside(0)]
        """What is changed beside the rate: asked now, for a group that joins may be one too many for a scheduler."""

    # What the house asks of a scheduler.

    @property
    def knows_jumps(self) -> bool:  # type: ignore[override]
        """Where it is one that does; what several do, others undo."""
        return len(self.hands) == 1 and self.schedulers[0].knows_jumps and not self.joining

    @property
    def steps_left(self) -> int | None:
        """Until the first that has a length of its own has none left."""
        left = [_beats(hand, hand.scheduler.steps_left) for hand in self.hands]
        return min((beats for beats in left if beats is not None), default=None)

    def rules_beside(self, i: int) -> Mapping[str, Rule]:
        return {name: rule for scheduler in self.schedulers for name, rule in scheduler.rules_beside(i).items()}

    def get_lr(self) -> list[float]:
        raise NotImplementedError("it is read of a scheduler that is alone, and stepped once at a time throughout")

    def actions(self, steps: int, metrics: Sequence[float] = ()) -> list[Action]:
        told = []
        for hand in self.hands:
            ticks = hand.within(self.last_epoch, self.last_epoch + steps)
            taken = hand.metrics(ticks, metrics, self.last_epoch)
            if len(self.hands) == 1 or not hand.scheduler.watches_metric:  # whose reductions depend on others' rates
                actions = hand.scheduler.actions(len(ticks) * hand.repeat, taken)
                told += [_at_beats(action, ticks, hand.repeat, self.last_epoch) for action in actions]
        self.last_epoch += steps
        return told

    def verdicts(self, metrics: Sequence[float]) -> Iterator[tuple[int, Any]]:
        """Takes up one metric a beat: what each led to, with the beat, of those that say so."""
        for beat, metric in enumerate(metrics):
            for hand in self.hands:
                if beat not in hand.ticks:
                    continue
                taken = [metric] * hand.repeat if hand.scheduler.watches_metric else ()
                if isinstance(hand.scheduler, Watcher):
                    yield from ((beat, verdict) for verdict in hand.scheduler.verdicts(taken))
                else:
                    hand.scheduler.advance(hand.repeat, metrics=taken)

    # Its steps.

    def advance(self, steps: int, reread: bool = False, metrics: Sequence[float] = ()) -> list[Track]:
        begin, end = self.last_epoch, self.last_epoch + steps
        tracks = [self._present(i) for i in range(self.groups)]
        cuts = self._cuts(begin, end)
        for first, last in zip([begin, *cuts], [*cuts, end]):
            try:
                parts = self._stretch(first, last, metrics[first - begin : last - begin])
            except IndexError:  # of what has an entry a group
                fewer = "a scheduler was made for fewer parameter groups than the optimizer has by now"
                raise Refusal(None, f"{fewer}: make it anew after add_param_group()") from None
            for i, track in enumerate(tracks):
                for values, part in zip(_columns(track), parts[i] if i < len(parts) else repeat(None)):
                    values += part if part is not None else array("d", [values[-1]]) * (last - first)
            self._join(last, tracks)
        self.last_epoch = end
        return tracks

    def _cuts(self, begin: int, end: int) -> list[int]:
        """Where a stretch ends in which hands may be taken together: groups join, or one of several takes a metric."""
        cuts = {beat for beat, _ in self.joining}
        ticking = [(hand, ticks) for hand in self.hands if (ticks := hand.within(begin, end))]
        for hand, ticks in ticking if len(ticking) > 1 else ():
            if hand.scheduler.watches_metric:
                cuts |= {*ticks, *(tick + 1 for tick in ticks)}
        return sorted(cut for cut in cuts if begin < cut < end)

    def _present(self, i: int) -> Track:
        """A track with what a group has: nothing where it has not joined."""
        groups = self.optimizer.param_groups
        group = groups[i] if i < len(groups) else None
        beside = {name: column([math.nan if group is None else get_beside(group, name)]) for name in self.names}
        return Track(column([math.nan if group is None else group["lr"]]), beside, None)

    def _join(self, beat: int, tracks: Sequence[Track]) -> None:
        """Adds the groups that join before a beat."""
        for _, group in [joining for joining in self.joining if joining[0] == beat]:
            self.optimizer.add_param_group(dict(group))
            i = len(self.optimizer.param_groups) - 1
            for values, present in zip(_columns(tracks[i]), _columns(self._present(i))):
                values[-1] = present[0]

    def _stretch(self, begin: int, end: int, metrics: Sequence[float]) -> Columns:
        """From one beat to another, between which hands may be taken together."""
        ticking = [(hand, ticks) for hand in self.hands if (ticks := hand.within(begin, end))]
        if not ticking:
            return []
        if len(ticking) > 1 and not any(hand.scheduler.watches_metric for hand, _ in ticking):
            return self._together(begin, end, ticking)
        made = []
        for hand, ticks in ticking:  # one alone, or several after the same beat
            taken = hand.metrics(ticks, metrics, begin)
            made = hand.scheduler.advance(len(ticks) * hand.repeat, metrics=taken)
        if len(ticking) > 1:
            return [[column([values[-1]]) for values in _columns(self._present(i))] for i in range(len(made))]
        beats = [tick for tick in ticks for _ in range(hand.repeat)]
        return [
            [_spread(track.rates, beats, begin, end)]
            + [_spread(track.beside[name], beats, begin, end) if name in track.beside else None for name in self.names]
            for track in made
        ]

    def _together(self, begin: int, end: int, ticking: Sequence[tuple[Hand, range]]) -> Columns:
        """The same, by the rules of several hands that take turns."""
        groups = self.optimizer.param_groups
        events: list[tuple[int, int, Any]] = []
        for k, (hand, ticks) in enumerate(ticking):
            same_groups(hand.scheduler, hand.scheduler._before(), groups)
            beats = (tick for tick in ticks for _ in range(hand.repeat))
            events += zip(beats, repeat(k), hand.scheduler.walk(len(ticks) * hand.repeat))
        events.sort(key=itemgetter(0))  # those of one beat stay in the order of the hands
        at = [event[0] for event in events]
        made: Columns = []
        for i, group in enumerate(groups):
            rules = [hand.scheduler.rule(i) for hand, _ in ticking]
            rates = column(list(accumulate(events, _in_turn(rules), initial=group["lr"])))
            columns: list[array[float] | None] = [_spread(rates, at, begin, end)]
            for name in self.names:
                others = [hand.scheduler.rules_beside(i).get(name, held) for hand, _ in ticking]
                values = column(list(accumulate(events, _in_turn(others), initial=get_beside(group, name))))
                set_beside(group, name, values[-1])
                columns.append(_spread(values, at, begin, end))
            set_lr(group, rates[-1])
            made.append(columns)
        return made


class Several(Spec):
    """Schedulers on one optimizer, each with its own clock.

    Args:
        inner: In the order in which they are made, and stepped where they fall together.
    """

    is_several = True

    def __init__(self, inner: Sequence[Spec]) -> None:
        super().__init__(Loop, {"schedulers": inner})

    def build(self, optimizer: Any) -> Scheduler:
        return Loop(optimizer, [spec.build(optimizer) for spec in self.inner])

    def __str__(self) -> str:
        return f"[{', '.join(map(str, self.inner))}]"


def _columns(track: Track) -> list[array[float]]:
    return [track.rates, *track.beside.values()]


def _in_turn(rules: Sequence[Rule]) -> Rule:
    return lambda value, event: rules[event[1]](value, event[2])


def _spread(values: array[float], ticks: Sequence[int], begin: int, end: int) -> array[float]:
    """The value after each beat, of those before and after each of some ticks.

    >>> list(_spread(array("d", [1.0, 0.5, 0.25, 0.125]), [1, 4, 4], 0, 6))
    [1.0, 0.5, 0.5, 0.5, 0.125, 0.125]
    """
    if len(ticks) == end - begin and ticks[0] == begin and ticks[-1] == end - 1 and len(ticks) == len(set(ticks)):
        return values[1:]
    held_for = map(sub, [*ticks, end], [begin, *ticks])
    return array("d", chain.from_iterable(map(repeat, values, held_for)))


def _at_beats(action: Action, ticks: range, times: int, begin: int) -> Action:
    """An action of a scheduler, told by the beats of the loop, after which its steps are made."""
    steps: Sequence[int] = action.steps
    if times == 1 and isinstance(steps, range) and len(steps) and steps[0] >= 1 and steps[-1] <= len(ticks):
        first, last = ticks[steps[0] - 1], ticks[steps[-1] - 1]
        return action._replace(steps=range(first - begin + 1, last - begin + 2, steps.step * ticks.step))
    made = [ticks[(step - 1) // times] - begin + 1 for step in steps if 0 < step <= len(ticks) * times]
    return action._replace(steps=made)


def _beats(hand: Hand, steps: int | None) -> int | None:
    """The beats in which a hand makes so many steps: None where it has no so many, or makes them all the time."""
    if steps is None:
        return None
    tick = hand.ticks.start + max(0, -(-steps // hand.repeat) - 1) * hand.ticks.step
    return tick + 1 if tick < hand.ticks.stop else None
