"""When a scheduler is stepped, how often, for how long: told by where ``scheduler.step()`` stands in the loops."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lrplot.configs.code import operations
from lrplot.configs.code.conditions import begins_at_zero, every, is_same
from lrplot.configs.code.counts import Clock
from lrplot.configs.code.ticks import end_of, keys_of, place_of
from lrplot.configs.code.values import Event, Loop, Made, Optimizer

EPOCHS = ("epoch", "ep", "e", "epochs", "cur_epoch", "epoch_idx", "epoch_num")
_NO_RUN: Mapping[str, Any] = {}


def clock_of(
    target: Made | None, steps: Sequence[Event], events: Sequence[Event], run: Mapping[str, Any] = _NO_RUN
) -> Clock:
    """The clock of what happens at ``steps``.

    Args:
        target: The scheduler, where it is one.
        events: All that happens, in the script's order.
        run: How long a run of Lightning's is, by the unit.
    """
    if target is not None and target.clock:
        return _lightnings(target, run)
    if not steps:
        return Clock()
    event = steps[0]
    moved = _optimizer_step(target, event, events)
    repeat = 1
    if moved is not None and len(event.loops) > 1 and event.loops[:-1] == moved.loops:
        turns = event.loops[-1].turns
        if isinstance(turns, int) and turns > 0:
            repeat, event = turns, replace(event, loops=moved.loops)
    loops = moved.loops if moved is not None else event.loops
    unit = _unit(event, moved)
    made = Clock(unit, loops=event.loops)
    if moved is not None and target is not None and event.loops == moved.loops and not _is_gathered(event, moved):
        moved = replace(moved, conditions=())  # it is stepped by the batch, whatever the optimizer does
        made.by_batch = True
    made.place = place_of(events, steps[0].node)
    made.calls = tuple(_gated(event, events))
    _place_in_turn(made, event, moved, events)
    made.is_early = target is not None and made.is_early
    if unit == "epoch":
        made.length = event.loops[-1].turns
        if len(loops) == len(event.loops) + 1:
            made.per_epoch = _updates(loops[-1].turns, moved)
    elif loops:
        inner = _updates(loops[-1].turns, moved)
        optimizer = target.optimizer if target is not None else None
        is_one = isinstance(optimizer, Optimizer) and optimizer.depth < len(loops) - 1  # in all turns of the outer loop
        outer = loops[-2] if len(loops) > 1 and (is_epoch(loops[-2]) or is_one) else None
        made.length = operations.binary(ast.Mult, inner, outer.turns) if outer is not None else inner
        made.per_epoch = inner if outer is not None else None
    if unit == "step" and (end := end_of(made, event, moved or event, events)) is not None:
        made.length = min(made.length, end) if isinstance(made.length, int) else end
    made.keys = keys_of(made, event, moved, steps) | ({"repeat": repeat} if repeat > 1 else {})
    return made


def is_epoch(loop: Loop) -> bool:
    """Whether a loop is one over epochs, by the name of what it counts."""
    name = loop.name or (ast.unparse(loop.node.test) if isinstance(loop.node, ast.While) else "")
    words = [word.strip("(), ").lower() for word in name.replace("(", " ").split()]
    return any(word in EPOCHS or "epoch" in word for word in words[:2])


def _lightnings(target: Made, run: Mapping[str, Any]) -> Clock:
    """The clock that Lightning's dictionary says."""
    unit, frequency = target.clock.get("interval", "epoch"), target.clock.get("frequency", 1)
    keys = {"frequency": frequency} if isinstance(frequency, int) and frequency > 1 else {}
    return Clock(unit if unit in ("step", "epoch") else "", keys, run.get(unit))


def _optimizer_step(target: Made | None, event: Event, events: Sequence[Event]) -> Event | None:
    """The optimizer's step that goes with a scheduler's: its own optimizer's, or any in the same loop."""
    steps = [each for each in events if isinstance(each.target, Optimizer)]
    own = [each for each in steps if target is not None and each.target is target.optimizer]
    near = [each for each in own or steps if each.loops[:1] == event.loops[:1]]
    return next(iter(near), None)


def alike(event: Event, events: Sequence[Event]) -> Event:
    """What happens in a turn of the optimizer's, without the conditions that its step has too."""
    moved = _optimizer_step(None, event, events)
    if moved is None or moved.loops != event.loops:
        return event
    shared = moved.conditions
    own = [each for each in event.conditions if not any(is_same(each, other) for other in shared)]
    return replace(event, conditions=tuple(own))


def _unit(event: Event, moved: Event | None) -> str:
    inner = event.loops[-1] if event.loops else None
    if moved is not None and len(moved.loops) > len(event.loops) > 0:
        return "epoch"
    if inner is None:
        return "step" if moved is not None else ""
    is_only = moved is None or moved.loops == event.loops
    return "epoch" if is_only and is_epoch(inner) else "step"


def _updates(batches: Any, moved: Event | None) -> Any:
    """The optimizer's steps to a loop over batches, of which it may take several to one."""
    for condition in moved.conditions if moved is not None else ():
        if (found := every(condition)) is not None:
            number, ends = found
            rest = operations.binary(ast.Add, batches, number - 1) if ends else batches
            return operations.binary(ast.FloorDiv, rest, number)
    return batches


def _gathered(event: Event, moved: Event) -> tuple[int, int]:
    """How many batches an optimizer's step gathers, and in which of them something happens last before it."""
    number = next((found[0] for condition in moved.conditions if (found := every(condition))), 1)
    if number == 1 or event.loops != moved.loops:
        return 1, 0
    at_first = [each for each in event.conditions if each not in moved.conditions and every(each) == (number, False)]
    return number, 0 if at_first and begins_at_zero(at_first[0]) else number - 1


def _is_gathered(event: Event, moved: Event) -> bool:
    """Whether a scheduler is stepped in those batches alone in which the optimizer is."""
    tests = [condition for condition in moved.conditions if every(condition)]
    return all(any(is_same(test, each) or every(each) for each in event.conditions) for test in tests)


def _place_in_turn(made: Clock, event: Event, moved: Event | None, events: Sequence[Event]) -> None:
    """Finds whether something happens after the optimizer's step of the same turn, or before it."""
    trains = [each for each in events if each.value == "trains" and each.loops == event.loops]
    beside = moved if moved is not None else next(iter(trains), None)
    if beside is not None:
        made.is_late = place_of(events, event.node) > place_of(events, beside.node)
        made.is_early = not made.is_late
    if moved is not None:
        made.batches, made.first = _gathered(event, moved)
        made.gated = tuple(_gated(moved, events))


def _gated(moved: Event, events: Sequence[Event]) -> Iterator[str]:
    """What is counted up where something happens, and then alone."""
    for each in events:
        if isinstance(each.value, tuple) and each.value[:1] == ("counts",) and each.loops == moved.loops:
            pairs = [(each.conditions, moved.conditions), (moved.conditions, each.conditions)]
            if all(any(is_same(test, other) for other in others) for tests, others in pairs for test in tests):
                yield each.value[1]
