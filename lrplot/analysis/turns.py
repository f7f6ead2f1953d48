"""The steps at which a curve turns: one list, which the table, the picture, the page and ``explain`` tell from.

What happens is told by who knows: the scheduler, of its drops, restarts, phases and hand-overs. The numbers are asked
for the rest (shape.py), and for whether what is told can be seen: a milestone that changes nothing is no event. An
epoch-wise schedule is looked at once an epoch, so that its stairs are not taken for drops.
"""

import math
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from lrplot.schedulers.base import Action
from lrplot.wording import listed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lrplot.analysis.shape import Told
    from lrplot.runs.curve import Curve

MOST = 10_000
"""Events of a curve that are told; of more, those of the lowest rank."""

_TIERS = {
    "nan": 0,
    "warm-up end": 0,
    "peak": 1,
    "restart": 2,
    "drop": 2,
    "rise": 2,
    "trough": 3,
    "milestone": 4,
    "hold": 4,
    "fall": 4,
    "climb": 4,
    "undone": 4,
    "start": 5,
    "end": 5,
    "foot": 6,
}
_KINDS = list(_TIERS)


class Event(NamedTuple):
    """A step at which the rate of a parameter group turns.

    Kinds: ``start`` and ``end`` of the run; ``peak`` and ``trough`` of a smooth curve; a sudden ``drop`` or ``rise``,
    and ``restart`` of a cycle, or for a rise that undoes the fall before it, with ``foot`` for the last step before it;
    ``warm-up end``; ``hold`` where the rate becomes constant, and ``fall`` or ``climb`` for the last step of a constant
    stretch; ``milestone`` where a phase ends or a SequentialLR hands over and only the slope changes; ``undone`` where
    a reduction was left undone because of eps; ``nan`` for the first rate that is no finite number.
    """

    step: int
    kind: str
    value: float
    text: str
    rank: int
    """0 for the event to label first, then 1, 2, …"""
    group: int = 0
    action: Action | None = None
    """What the scheduler tells of it."""


class Actions(NamedTuple):
    """What a curve's scheduler does in the run, and whether its rates jump nowhere else."""

    told: Sequence[Action]
    complete: bool


def actions_of(curve: "Curve") -> Actions:
    """What the scheduler tells; nothing where the curve is what get_lr() answers, which the optimizer never uses."""
    if curve.record == "get_lr":
        return Actions((), complete=False)
    metrics = () if curve.metrics is None else curve.metrics_taken
    return Actions(*curve.run.actions(metrics))


def all_events(curve: "Curve") -> list[Event]:
    """The events of all parameter groups, in step order."""
    actions = actions_of(curve)
    events = [event for group in range(len(curve.rates)) for event in find_events(curve, group, actions)]
    return sorted(events, key=lambda event: (event.step, event.kind == "end"))


def happenings(curve: "Curve") -> dict[int, str]:
    """What happens at which step, in words."""
    steps = groupby(all_events(curve), attrgetter("step"))
    return {step: in_words(list(events), len(curve.rates), curve.run.group_names) for step, events in steps}


def in_words(events: Sequence[Event], groups: int, names: Sequence[str] = ()) -> str:
    """The events of one step, with the parameter groups named where something does not happen in all of them."""
    texts: dict[str, dict[int, None]] = {}
    for event in events:
        texts.setdefault(event.text, {})[event.group] = None
    return ", ".join(named(text, [*those], groups, names) for text, those in texts.items())


def named(text: str, those: Sequence[int], groups: int, names: Sequence[str] = ()) -> str:
    """What happens in those of some parameter groups, which are named where it is not all of them.

    >>> named("peak", [0, 1], 2), named("peak", [1], 2), named("peak", [0, 2, 3, 4], 9)
    ('peak', 'peak (group 1)', 'peak (groups 0, 2-4)')
    >>> named("peak", [0, 2], 3, ["weights", "norms", "biases"])
    'peak (weights and biases)'
    """
    if len(those) == groups:
        return text
    if names:
        return f"{text} ({listed([names[group] for group in those])})"
    runs = [[group for _, group in run] for _, run in groupby(enumerate(those), lambda pair: pair[1] - pair[0])]
    numbers = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
    return f"{text} (group{'s' if len(those) > 1 else ''} {numbers})"


def find_events(curve: "Curve", group: int = 0, actions: Actions | None = None, stride: int = 1) -> list[Event]:
    """The events of one parameter group, in step order; one step may hold two (a drop at the end).

    >>> from lrplot.runs.run import Run, Spec
    >>> from lrplot.schedulers.families import find
    >>> from lrplot.runs.simulate import simulate_run
    >>> (curve,) = simulate_run(Run(Spec(find("step"), {"step_size": 30, "gamma": 0.5}), {"lr": 0.1}, steps=80))
    >>> for event in find_events(curve):
    ...     print(event.step, event.value, event.text)
    0 0.1 start
    30 0.05 drop ×0.5
    60 0.025 drop ×0.5
    79 0.025 end

    Args:
        actions: What its scheduler tells, where that is known already.
        stride: Looks at every so manieth of its steps, for what no scheduler tells.
    """
    import numpy

    from lrplot.analysis.shape import turns

    samples = _Samples(curve, group, stride)
    seen = _Seen(samples, actions or actions_of(curve))
    values = samples.values
    finite = numpy.isfinite(values)
    real = values if finite.all() else values[finite]
    with numpy.errstate(all="ignore"):
        found = turns(real, seen.told(finite)) if len(real) > 1 else []
        if len(real) < len(values):
            inside = numpy.flatnonzero(finite)
            found = [(kind, inside[at]) for kind, at in found]
        found += [
            ("undone", samples.indices(seen.places("undone"))),
            ("nan", numpy.flatnonzero(~finite[samples.begin :])[:1] + samples.begin),
            ("start", numpy.array([samples.begin])),
            ("end", numpy.array([len(values) - 1])),
        ]
        indices = numpy.concatenate([at for _, at in found])
        kinds = numpy.repeat([_KINDS.index(kind) for kind, _ in found], [len(at) for _, at in found])
        ranked = _by_importance(kinds, values[numpy.maximum(indices - 1, 0)], values[indices])
    events = [seen.event(_KINDS[kinds[i]], int(indices[i]), rank) for rank, i in enumerate(ranked)]
    return sorted(events, key=lambda event: (event.step, event.kind == "end", event.rank))


def _by_importance(kinds: "NDArray[Any]", before: "NDArray[Any]", values: "NDArray[Any]") -> "NDArray[Any]":
    """The order in which to label: by kind, the highest peaks, the largest jumps and the lowest troughs first, the
    earlier of equals.
    """
    import numpy

    tiers = numpy.array([_TIERS[kind] for kind in _KINDS])[kinds]
    weights = numpy.select([tiers == 1, tiers == 2, tiers == 3], [values, abs(values - before), -values], 0.0)
    # Single precision: peaks that differ by rounding alone are equals. lexsort keeps the order of equals.
    order = numpy.lexsort((numpy.arange(len(kinds)), -weights.astype(numpy.float32), tiers))
    if len(order) <= MOST:
        return order
    ends = tiers[order] == _TIERS["end"]
    return numpy.concatenate((order[~ends][: MOST - 2], order[ends]))


class _Samples:
    """The places on a curve at which the scheduler may have changed a group's rate, and the rates there.

    Args:
        stride: Only every so manieth of them.
    """

    def __init__(self, curve: "Curve", group: int, stride: int) -> None:
        import numpy

        self.curve, self.group = curve, group
        self.column: NDArray[Any] = numpy.frombuffer(curve.rates[group])
        batches = curve.run.batches
        self.shift = 0 if curve.record == "used" else 1
        """How far the rates are ahead of the steps at which they are used."""
        self.first = (batches - self.shift) % batches
        self.spacing = batches * stride
        values = self.column[self.first :: self.spacing]
        self.values = values if self.first == 0 else numpy.concatenate((self.column[:1], values))

    def place(self, index: int) -> int:
        """Where on the curve a sample is."""
        return max(0, self.first + (index - (self.first > 0)) * self.spacing)

    def places(self, steps: Sequence[int]) -> "NDArray[Any]":
        """Where on the curve it is first seen what a scheduler does at some of its steps."""
        import numpy

        places = numpy.fromiter(steps, numpy.int64, len(steps)) * self.curve.run.batches - self.shift
        return places[(places > 0) & (places < len(self.column))]

    def indices(self, places: "NDArray[Any]") -> "NDArray[Any]":
        """The first sample at each place or after it."""
        indices = -((self.first - places) // self.spacing) + (self.first > 0)
        return indices[indices < len(self.values)]

    @property
    def begin(self) -> int:
        """The first sample of a group that joins on the way."""
        import numpy

        joins = self.curve.run.joins
        join = joins[self.group] if joins else 0
        return int(self.indices(numpy.array([join - self.shift]))[0]) if join else 0

    @property
    def epochs(self) -> range:
        """The first sample of each epoch, where several samples are taken in one."""
        per_epoch = self.curve.run.steps_per_epoch
        steps = self.curve.steps
        if per_epoch is None or self.spacing > 1 or steps.stop - steps.start > len(steps):
            return range(0)
        return range(-(self.curve.steps.start + self.shift) % per_epoch, len(self.values), per_epoch)


_ACTIONS = ("drop", "restart", "phase", "handover", "undone")

_CAUSES = {
    "drop": ("drop", "phase", "handover"),
    "rise": ("drop", "phase", "handover"),
    "restart": ("restart", "handover"),
    "warm-up end": ("phase", "handover"),
    "milestone": ("phase", "handover"),
    "undone": ("undone",),
}
"""What a scheduler may have told of an event of some kind."""


class _Seen:
    """What a scheduler tells of a parameter group, as far as it is seen on the curve: actions by place."""

    def __init__(self, samples: _Samples, actions: Actions) -> None:
        import numpy

        self.samples, self.complete = samples, actions.complete
        real = samples.values[numpy.isfinite(samples.values)]
        self.lowest = float(real.min(initial=math.inf))
        self.height = float(real.max(initial=-math.inf)) - self.lowest
        mine = (action for action in actions.told if action.group in (None, samples.group))
        self.actions = [action for action in mine if action.factor != 1]  # else it changes nothing
        places = [samples.places(action.steps) for action in self.actions]
        at = numpy.concatenate([numpy.array([], numpy.int64), *places])
        order = at.argsort(kind="stable")
        self.at = at[order]
        self.which = numpy.repeat(numpy.arange(len(places)), [len(each) for each in places])[order]
        self.kinds = numpy.array([_ACTIONS.index(action.kind) for action in self.actions], int)[self.which]

    def places(self, *kinds: str) -> "NDArray[Any]":
        """Where the actions of some kinds are seen, in rising order."""
        import numpy

        return self.at[numpy.isin(self.kinds, [_ACTIONS.index(kind) for kind in kinds])]

    def told(self, finite: "NDArray[Any]") -> "Told":
        """The same as indices into those of the samples that are finite."""
        import numpy

        from lrplot.analysis.shape import Told

        number = numpy.cumsum(finite) - 1

        def indices(*kinds: str) -> "NDArray[Any]":
            found: NDArray[Any] = self.samples.indices(self.places(*kinds))
            found = number[found[finite[found]]]
            return found[found > 0]

        return Told(
            jumps=indices("drop", "restart"),
            restarts=indices("restart"),
            joints=indices("phase", "handover"),
            complete=self.complete,
            epochs=self.samples.epochs if finite.all() else range(0),
            cycles=self.samples.curve.run.spec.cls.cycles,
        )

    def event(self, kind: str, index: int, rank: int) -> Event:
        """The event at a sample; what is told is in its own place, to the step."""
        curve, column = self.samples.curve, self.samples.column
        place, before = self.samples.place(index), self.samples.place(max(0, index - 1))
        causes = self._between(before, place, _CAUSES.get(kind, ()))
        if causes:
            place, before = causes[0][0], causes[0][0] - 1
        elif kind == "end":
            place = len(column) - 1
        actions = [action for at, action in causes if at == place]
        text = _text(kind, float(column[before]), float(column[place]), actions, self)
        action = actions[0] if actions else None
        return Event(curve.steps[place], kind, float(column[place]), text, rank, self.samples.group, action)

    def _between(self, after: int, last: int, kinds: Sequence[str]) -> list[tuple[int, Action]]:
        """The actions of some kinds that are seen after a place, up to another, in their order."""
        low, high = self.at.searchsorted((after, last), "right")
        found = ((int(self.at[i]), self.actions[self.which[i]]) for i in range(low, high))
        return [(at, action) for at, action in found if action.kind in kinds]


def _text(kind: str, before: float, value: float, actions: Sequence[Action], seen: _Seen) -> str:
    """What happens, in words; a change by the factor that is told, where it goes that way."""
    if kind in ("drop", "rise"):
        word = "reduced" if seen.samples.curve.run.spec.cls.watches_metric and kind == "drop" else kind
        if before <= 0 or value <= 0:
            return f"{word} to {value:.3g}"
        factor = math.prod(action.factor for action in actions if action.factor is not None)
        return f"{word} ×{factor if (factor < 1 if kind == 'drop' else factor > 1) else value / before:.3g}"
    if kind in ("trough", "foot"):
        return "lowest" if value - seen.lowest <= 1e-9 * abs(seen.lowest) + 1e-12 * seen.height else "low"
    if kind == "nan":
        return "not a number" if math.isnan(value) else "infinite"
    if kind == "milestone":
        return "next scheduler" if actions[0].kind == "handover" else "phase ends"
    words = {
        "start": "joins" if seen.samples.begin else "start",
        "warm-up end": "warm-up ends",
        "hold": "constant",
        "fall": "decay starts",
        "climb": "rise starts",
        "undone": "reduction left undone (eps)",
    }
    return words.get(kind, kind)
