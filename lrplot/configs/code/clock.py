"""When a scheduler is stepped, how often, for how long: told by where ``scheduler.step()`` stands in the loops."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lrplot.configs.code import operations
from lrplot.configs.code.values import Condition, Event, Loop, Made, Missing, Optimizer, Symbol
from lrplot.configs.expression import Expression
from lrplot.runs import clock as runs

MAX_TURNS = 5_000
"""That are tried to find when a scheduler is stepped."""
MAX_RUN = 200_000
"""That are tried to find when a loop is left."""
EPOCHS = ("epoch", "ep", "e", "epochs", "cur_epoch", "epoch_idx", "epoch_num")


@dataclass
class Clock:
    """What steps something, and how often.

    Args:
        unit: "step" or "epoch"; nothing where that is not seen.
        keys: What stands beside the scheduler's name: frequency, begin, end, repeat.
        length: The run's, in that unit.
        per_epoch: The optimizer's steps to an epoch.
        loops: Those that it happens in.
    """

    unit: str = ""
    keys: dict[str, int] = field(default_factory=dict)
    length: Any = None
    per_epoch: Any = None
    loops: tuple[Loop, ...] = ()
    is_late: bool = False
    """Whether it happens after the optimizer's step of the same turn."""
    batches: int = 1
    """Those of each of the optimizer's steps."""
    first: int = 0
    """In which of them it happens, from 0."""
    gated: tuple[str, ...] = ()
    """What counts the optimizer's steps."""
    calls: tuple[str, ...] = ()
    """What counts how often it happens."""
    by_batch: bool = False
    """Whether a step is one of a batch, of which the optimizer gathers several."""
    is_early: bool = False
    """Whether a scheduler is stepped before the optimizer is in each turn."""
    open: Missing | ast.expr | None = None
    """What is not known of when it is stepped, or the condition that cannot be read."""


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
    if unit == "step" and (end := _end(made, event, moved or event, events)) is not None:
        made.length = min(made.length, end) if isinstance(made.length, int) else end
    made.keys = _keys(made, event, moved, steps) | ({"repeat": repeat} if repeat > 1 else {})
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
    return number, 0 if at_first and _begins_at_zero(at_first[0]) else number - 1


def _begins_at_zero(condition: Condition) -> bool:
    """Whether it holds in the first batch: ``i % 4 == 0``, not ``(i + 1) % 4 == 0``."""
    node = condition.test.node if isinstance(condition.test, Symbol) else ast.Constant(0)
    turned = [part for part in ast.walk(node) if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Mod)]
    return bool(turned) and isinstance(turned[0].left, ast.Name)


def every(condition: Condition) -> tuple[int, bool] | None:
    """``(i + 1) % 8 == 0``: 8, and whether the last of a loop counts too."""
    node = condition.test.node if isinstance(condition.test, Symbol) else None
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or) and condition.holds:
        found = [each for part in node.values if (each := every(Condition(Symbol(part))))]
        return (found[0][0], True) if found else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        node, holds = node.operand, condition.holds
    elif isinstance(node, ast.Compare) and _number(node.comparators[0]) == 0:
        is_equal = isinstance(node.ops[0], ast.Eq)
        node, holds = node.left, condition.holds is is_equal
    else:
        holds = not condition.holds  # if i % 8: continue
    if holds and isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        number = _number(node.right)
        return (number, False) if number else None
    return None


def _keys(clock: Clock, event: Event, moved: Event | None, steps: Sequence[Event]) -> dict[str, int]:
    """What stands beside the scheduler's name: found by trying in which turns it is stepped."""
    shared = moved.conditions if moved is not None else ()
    others = [condition for each in steps[1:] for condition in each.conditions]
    tests: list[ast.expr] = []
    for condition in event.conditions:
        opposite = Condition(condition.test, not condition.holds)
        is_shared = any(_is_same(condition, each) for each in shared)
        if is_shared or any(_is_same(opposite, each) for each in others) or not isinstance(condition.test, Symbol):
            continue  # it is stepped with the optimizer, or either way
        node = condition.test.node
        tests.append(node if condition.holds else ast.UnaryOp(op=ast.Not(), operand=node))
    if not tests:
        return {}
    whole = tests[0] if len(tests) == 1 else ast.BoolOp(op=ast.And(), values=tests)
    made = counted(whole, clock, "epoch")
    if isinstance(made, Missing):
        clock.open = made if made.asks else whole
        return {}
    found = _turns_in(made, clock.length, clock.is_early)
    clock.is_early = False  # the turns are those before it
    if found is None:
        clock.open = whole
    return found or {}


def _place_in_turn(made: Clock, event: Event, moved: Event | None, events: Sequence[Event]) -> None:
    """Finds whether something happens after the optimizer's step of the same turn, or before it."""
    trains = [each for each in events if each.value == "trains" and each.loops == event.loops]
    beside = moved if moved is not None else next(iter(trains), None)
    if beside is not None:
        made.is_late = _place(events, event.node) > _place(events, beside.node)
        made.is_early = not made.is_late
    if moved is not None:
        made.batches, made.first = _gathered(event, moved)
        made.gated = tuple(_gated(moved, events))


def _end(clock: Clock, event: Event, moved: Event, events: Sequence[Event]) -> int | None:
    """The turns after which ``if step >= total: break`` leaves the loop: None where nothing does."""
    for each in events:
        if isinstance(each.value, tuple) and each.value[:1] == ("leaves",) and each.loops == event.loops:
            names = {part.id for part in ast.walk(each.value[1].node) if isinstance(part, ast.Name)}
            made = counted(each.value[1].node, clock, "epoch")
            if isinstance(made, ast.expr) and all(name.startswith(("total", "gated")) for name in names):
                is_after = _place(events, each.node) > _place(events, moved.node)
                turn = _first_in(made)
                return turn + is_after if turn is not None else None
    return None


def _first_in(test: ast.expr) -> int | None:
    """The first turn in which a test holds."""
    try:
        holds = Expression(ast.unparse(ast.fix_missing_locations(test)))
        return next((turn for turn in range(MAX_RUN) if holds(turn)), None)
    except (ValueError, ArithmeticError, TypeError):
        return None


def _gated(moved: Event, events: Sequence[Event]) -> Iterator[str]:
    """What is counted up where something happens, and then alone."""
    for each in events:
        if isinstance(each.value, tuple) and each.value[:1] == ("counts",) and each.loops == moved.loops:
            pairs = [(each.conditions, moved.conditions), (moved.conditions, each.conditions)]
            if all(any(_is_same(test, other) for other in others) for tests, others in pairs for test in tests):
                yield each.value[1]


def _is_gathered(event: Event, moved: Event) -> bool:
    """Whether a scheduler is stepped in those batches alone in which the optimizer is."""
    tests = [condition for condition in moved.conditions if every(condition)]
    return all(any(_is_same(test, each) or every(each) for each in event.conditions) for test in tests)


def _place(events: Sequence[Event], node: ast.AST) -> int:
    """Where in the script's order something happens."""
    return next(index for index, event in enumerate(events) if event.node is node)


def _is_same(one: Condition, other: Condition) -> bool:
    """Whether two conditions are the same, be it that each was written out by itself."""
    if one == other:
        return True
    if one.holds != other.holds or not isinstance(one.test, Symbol) or not isinstance(other.test, Symbol):
        return False
    return ast.dump(one.test.node) == ast.dump(other.test.node)


def _turns_in(test: ast.expr, length: Any, is_early: bool) -> dict[str, int] | None:
    """Frequency, begin and end of the turns in which a test holds: None where those three cannot say it."""
    number = min(length, MAX_TURNS) if isinstance(length, int) and length > 0 else MAX_TURNS
    try:
        holds = Expression(ast.unparse(ast.fix_missing_locations(test)))
        turns = [turn - is_early for turn in range(number) if holds(turn)]
    except (ValueError, ArithmeticError, TypeError):
        return None
    if not turns:
        return {"begin": number}
    if turns[0] < 0:
        return None
    number -= is_early
    frequency = turns[1] - turns[0] if len(turns) > 1 else 1
    begin = turns[0] - frequency + 1
    end = turns[-1] + 1 if turns[-1] + frequency < number else None
    keys = {"frequency": frequency, "begin": begin, "end": end}
    if begin < 0 or list(runs.Clock("step", frequency, 1, begin, end).ticks(1, number)) != turns:
        return None
    return {key: value for key, value in keys.items() if value is not None and (key, value) not in _PLAIN}


_PLAIN = (("frequency", 1), ("begin", 0))


def _number(node: ast.expr) -> int | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def counted(node: ast.expr, clock: Clock, count: str) -> ast.expr | Missing:
    """An expression of loops' counters as one of a single counter, that of the clock.

    Args:
        count: What that is called.
    """
    substitution = _Counts(clock, count)
    made: ast.expr = substitution.visit(_copied(node))
    return made if not substitution.why else Missing(substitution.why[0].asks)


def _copied(node: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(ast.fix_missing_locations(node)), mode="eval").body


_COUNTER = re.compile(r"(loop|total)\d+|gated\d+x\d+")


class _Counts(ast.NodeTransformer):
    """Puts one counter in the place of loops' own."""

    def __init__(self, clock: Clock, count: str) -> None:
        self.why: list[Missing] = []
        self.known: dict[str, str | Missing] = {}
        if clock.loops:
            *outer, inner = clock.loops
            step = count
            if clock.batches > 1:
                count = f"({step} * {clock.batches} + {clock.first})"
            self.known = {f"total{inner.number}": count, f"loop{inner.number}": count}
            self.known |= dict.fromkeys(clock.gated, step)
            if outer and clock.unit == "step":
                turns = inner.turns
                why = turns if isinstance(turns, Missing) else Missing()
                known = isinstance(turns, int)
                if clock.batches > 1 and (updates := turns // clock.batches if known else 0):  # the rest makes none
                    place = f"{step} % {updates} * {clock.batches} + {clock.first}"
                    count = self.known[f"total{inner.number}"] = f"({step} // {updates} * {turns} + {place})"
                elif clock.batches > 1:
                    self.known[f"total{inner.number}"] = why
                self.known[f"loop{inner.number}"] = f"({count} % {turns})" if known else why
                for name in (f"total{outer[-1].number}", f"loop{outer[-1].number}"):
                    self.known[name] = f"({count} // {turns})" if known else why

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if not _COUNTER.fullmatch(node.id):
            return node
        text = self.known.get(node.id, Missing())
        if isinstance(text, Missing):
            self.why.append(text)
            return node
        return ast.parse(text, mode="eval").body
