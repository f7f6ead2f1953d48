"""In which turns of its loop a scheduler is stepped, and when the loop is left: found by trying them."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from lrplot.configs.code.conditions import is_same
from lrplot.configs.code.counts import Clock, counted
from lrplot.configs.code.values import Condition, Event, Missing, Symbol
from lrplot.configs.expression import Expression
from lrplot.runs import clock as runs

MAX_TURNS = 200_000
"""That are tried to find when a scheduler is stepped, or a loop left."""
_PLAIN = (("frequency", 1), ("begin", 0))


def keys_of(clock: Clock, event: Event, moved: Event | None, steps: Sequence[Event]) -> dict[str, int]:
    """What stands beside the scheduler's name: found by trying in which turns it is stepped."""
    shared = moved.conditions if moved is not None else ()
    others = [condition for each in steps[1:] for condition in each.conditions]
    tests: list[ast.expr] = []
    for condition in event.conditions:
        opposite = Condition(condition.test, not condition.holds)
        is_shared = any(is_same(condition, each) for each in shared)
        if is_shared or any(is_same(opposite, each) for each in others) or not isinstance(condition.test, Symbol):
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


def _turns_in(test: ast.expr, length: Any, is_early: bool) -> dict[str, int] | None:
    """Frequency, begin and end of the turns in which a test holds: None where those three cannot say it."""
    is_known = isinstance(length, int) and 0 < length <= MAX_TURNS
    number = length if is_known else MAX_TURNS
    numbers = [part.value for part in ast.walk(test) if isinstance(part, ast.Constant)]
    if not is_known and any(isinstance(each, (int, float)) and each >= number for each in numbers):
        return None  # what it compares with may come later
    try:
        holds = Expression(ast.unparse(ast.fix_missing_locations(test)))
        turns = [turn - is_early for turn in range(number) if holds(turn)]
    except (ValueError, ArithmeticError, TypeError):
        return None
    if not turns:
        return {"begin": number} if is_known else None
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


def end_of(clock: Clock, event: Event, moved: Event, events: Sequence[Event]) -> int | None:
    """The turns after which ``if step >= total: break`` leaves the loop: None where nothing does."""
    for each in events:
        if isinstance(each.value, tuple) and each.value[:1] == ("leaves",) and each.loops == event.loops:
            names = {part.id for part in ast.walk(each.value[1].node) if isinstance(part, ast.Name)}
            lasting = ("total", "gated", "loop") if len(clock.loops) == 1 else ("total", "gated")
            made = counted(each.value[1].node, clock, "epoch")
            if isinstance(made, ast.expr) and all(name.startswith(lasting) for name in names):
                is_after = place_of(events, each.node) > place_of(events, moved.node)
                turn = _first_in(made)
                return turn + is_after if turn is not None else None
    return None


def _first_in(test: ast.expr) -> int | None:
    """The first turn in which a test holds."""
    try:
        holds = Expression(ast.unparse(ast.fix_missing_locations(test)))
        return next((turn for turn in range(MAX_TURNS) if holds(turn)), None)
    except (ValueError, ArithmeticError, TypeError):
        return None


def place_of(events: Sequence[Event], node: ast.AST) -> int:
    """Where in the script's order something happens."""
    return next(index for index, event in enumerate(events) if event.node is node)
