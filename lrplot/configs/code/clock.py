"""When a scheduler is stepped, how often, for how long: told by where ``scheduler.step()`` stands in the loops."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lrplot.configs.code import operations
from lrplot.configs.code.values import Condition, Event, Loop, Made, Missing, Optimizer, Symbol

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


def clock_of(target: Made | None, steps: Sequence[Event], events: Sequence[Event], batches: Any = None) -> Clock:
    """The clock of what happens at ``steps``.

    Args:
        target: The scheduler, where it is one.
        events: All that happens, in the script's order.
        batches: The steps of a run of Lightning's, where they are given.
    """
    if target is not None and target.clock:
        return _lightnings(target, batches)
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
    if moved is not None:
        made.is_late = list(events).index(steps[0]) > list(events).index(moved)
        made.batches, made.first = _gathered(event, moved)
    if unit == "epoch":
        made.length = event.loops[-1].turns
        if len(loops) == len(event.loops) + 1:
            made.per_epoch = _updates(loops[-1].turns, moved)
    elif loops:
        inner = _updates(loops[-1].turns, moved)
        outer = loops[-2] if len(loops) > 1 and is_epoch(loops[-2]) else None
        made.length = operations.binary(ast.Mult, inner, outer.turns) if outer is not None else inner
        made.per_epoch = inner if outer is not None else None
    made.keys = _keys(event, moved, steps) | ({"repeat": repeat} if repeat > 1 else {})
    return made


def is_epoch(loop: Loop) -> bool:
    """Whether a loop is one over epochs, by the name of what it counts."""
    name = loop.name or (ast.unparse(loop.node.test) if isinstance(loop.node, ast.While) else "")
    words = [word.strip("(), ").lower() for word in name.replace("(", " ").split()]
    return any(word in EPOCHS or "epoch" in word for word in words[:2])


def _lightnings(target: Made, batches: Any) -> Clock:
    """The clock that Lightning's dictionary says.

    Args:
        batches: The steps that its trainer tells, where they are given.
    """
    unit, frequency = target.clock.get("interval", "epoch"), target.clock.get("frequency", 1)
    keys = {"frequency": frequency} if isinstance(frequency, int) and frequency > 1 else {}
    return Clock(unit if unit in ("step", "epoch") else "", keys, batches if unit == "step" else None)


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


def _keys(event: Event, moved: Event | None, steps: Sequence[Event]) -> dict[str, int]:
    """What stands beside the scheduler's name."""
    keys: dict[str, int] = {}
    shared = moved.conditions if moved is not None else ()
    others = [condition for each in steps[1:] for condition in each.conditions]
    for condition in event.conditions:
        if condition in shared or Condition(condition.test, not condition.holds) in others:
            continue  # it is stepped either way
        for part in _parts(condition):
            if (found := every(part)) is not None and found[0] > 1:
                keys["frequency"] = found[0]
            elif (window := _window(part)) is not None:
                keys[window[0]] = window[1]
    return {key: value for key, value in keys.items() if (key, value) != ("begin", 0)}


def _parts(condition: Condition) -> list[Condition]:
    """Those that hold together, where it is ``and``."""
    node = condition.test.node if isinstance(condition.test, Symbol) else None
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And) and condition.holds:
        return [each for part in node.values for each in _parts(Condition(Symbol(part)))]
    return [condition]


def _window(condition: Condition) -> tuple[str, int] | None:
    """``epoch < 5``: the interval before which, or from which on, something happens."""
    node = condition.test.node if isinstance(condition.test, Symbol) else None
    if not isinstance(node, ast.Compare) or len(node.ops) != 1:
        return None
    left, right, op = node.left, node.comparators[0], type(node.ops[0])
    if _number(left) is not None:  # 5 <= step
        left, right, op = right, left, _TURNED.get(op, op)
    number, offset = _number(right), _offset(left)
    if number is None or offset is None:
        return None
    kind = op if condition.holds else _OPPOSITE.get(op)
    ends = {ast.Lt: ("end", 0), ast.LtE: ("end", 1), ast.GtE: ("begin", 0), ast.Gt: ("begin", 1)}
    found = ends.get(kind)  # type: ignore[arg-type]
    return (found[0], max(number + found[1] - offset, 0)) if found is not None else None


_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt}

_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE}


def _offset(node: ast.expr) -> int | None:
    """What is added to a loop's counter."""
    if isinstance(node, ast.Name):
        return 0
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and isinstance(node.left, ast.Name):
        return _number(node.right)
    return None


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
        if (
            not node.id.startswith(("loop", "total"))
            or not node.id.removeprefix("loop").removeprefix("total").isdigit()
        ):
            return node
        text = self.known.get(node.id, Missing())
        if isinstance(text, Missing):
            self.why.append(text)
            return node
        return ast.parse(text, mode="eval").body
