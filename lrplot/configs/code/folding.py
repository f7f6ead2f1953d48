"""The rate in a turn of a loop, of all that sets it there, or by which it is multiplied."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from lrplot.configs.code import operations
from lrplot.configs.code.conditions import every
from lrplot.configs.code.turns import lasting
from lrplot.configs.code.values import Condition, Event, Loop, Missing, Symbol

BEFORE = "rate_before"
"""Stands in an expression for the rate that nothing has set yet."""


def product(events: Sequence[Event]) -> Any:
    """What a rate is multiplied by in a turn."""
    whole: Any = 1.0
    for event in events:
        _, kind, factor = event.value
        value = factor if kind is ast.Mult else operations.binary(ast.Div, 1, factor) if kind is ast.Div else Missing()
        for condition in event.conditions:
            if isinstance(condition.test, Symbol):
                value = operations.choose(condition.test, *((value, 1.0) if condition.holds else (1.0, value)))
        whole = value if whole == 1.0 and whole is not True else operations.binary(ast.Mult, whole, value)
    return whole


def folded(events: Sequence[Event], first: Any) -> Any:
    """The rate in a turn, of all that sets it there; what none sets is as it was before."""
    made: Any = Symbol(ast.Name(id=BEFORE, ctx=ast.Load()))
    for event in events:
        tests = [condition for condition in event.conditions if isinstance(condition.test, Symbol)]
        if tests and event is events[0] and not _is_answered(tests, events):
            return _held(event, tests, first) if len(events) == 1 else _lasting(events, first)
        value = event.value
        for condition in tests:
            value = _chosen(condition.test, *((value, made) if condition.holds else (made, value)))
        made = value
    return made if not _names_before(made) else _lasting(events, first)


def _chosen(test: Any, then: Any, other: Any) -> Any:
    """One of two values, of which each may be one of two by the same test."""
    return operations.choose(test, _end(test, then, "body"), _end(test, other, "orelse"))


def _end(test: Symbol, value: Any, name: str) -> Any:
    """What a value is where a test is known to hold (its body), or not to."""
    is_same = isinstance(value, Symbol) and isinstance(value.node, ast.IfExp) and value.node.test is test.node
    return Symbol(getattr(value.node, name)) if is_same else value


def _is_answered(tests: Sequence[Condition], events: Sequence[Event]) -> bool:
    """Whether the rate is set too where a test does not hold, or always later on."""
    opposite = Condition(tests[-1].test, not tests[-1].holds)
    return any(
        opposite in event.conditions or not any(isinstance(each.test, Symbol) for each in event.conditions)
        for event in events[1:]
    )


def _held(event: Event, tests: Sequence[Condition], first: Any) -> Any:
    """A rate that is set in some turns, and holds in those after: every so many, or from one on."""
    number = every(tests[0]) if len(tests) == 1 else None
    if number is not None and isinstance(event.value, Symbol):
        return _at_multiples(event.value, number[0], event.loops[-1:])
    return _lasting([event], first)


def _lasting(events: Sequence[Event], first: Any) -> Any:
    """Rates that are set from some turn on each: at one turn, or again in each turn from one on."""
    found: list[tuple[int | None, Any, Any]] = []
    for event in events:
        tests = [condition for condition in event.conditions if isinstance(condition.test, Symbol)]
        made = _at_turns(tests, event.value)
        if not made and len(tests) == 1 and tests[0].holds and not _equals(tests[0].test.node):
            made = [(None, lasting(tests[0].test, event.value), event.value)]
        found += made or [(None, None, None)]
    turns = {turn for turn, _, _ in found}
    if any(since is None for _, since, _ in found) or (None in turns and len(turns) > 1):
        return Missing()
    counters = {part.id for _, since, _ in found for part in ast.walk(since.node) if isinstance(part, ast.Name)}
    if len(counters) > 1 and len(found) > 1:
        return Missing()
    rate = first
    for _, since, value in found if None in turns else sorted(found, key=lambda each: each[0] or 0):
        rate = operations.choose(since, value, rate)
    return rate


def _at_turns(tests: Sequence[Condition], value: Any) -> list[tuple[int | None, Any, Any]]:
    """The turns of ``epoch in (30, 60)``, each with what holds from then on, and the rate; none, where it is more."""
    first = next((each for each in tests if each.holds and _equals(each.test.node)), None)
    made: list[tuple[int | None, Any, Any]] = []
    for turn, test, names in _equals(first.test.node) if first is not None else ():
        holds = [operations.evaluated(each.test.node, names) is each.holds for each in tests if each is not first]
        rate = operations.evaluated(value.node, names) if isinstance(value, Symbol) else value
        if not all(holds) or not isinstance(rate, (int, float)):
            return []
        made.append((turn, lasting(Symbol(test), rate), rate))
    return made


def _equals(node: ast.expr) -> list[tuple[int, ast.Compare, dict[str, Any]]]:
    """The turns of a test that is one of equalities of a counter: each with its equality, and the counter then."""
    made: list[tuple[int, ast.Compare, dict[str, Any]]] = []
    for part in node.values if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or) else [node]:
        if not isinstance(part, ast.Compare) or not isinstance(part.ops[0], ast.Eq):
            return []
        left, right = part.left, part.comparators[0]
        shift: ast.expr = ast.Constant(value=0)
        if isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add):
            shift, left = left.right, left.left
        numbers = [each.value for each in (right, shift) if isinstance(each, ast.Constant)]
        if not isinstance(left, ast.Name) or len(numbers) < 2 or not all(isinstance(each, int) for each in numbers):
            return []
        turn = operations.binary(ast.Sub, *numbers)
        made.append((turn, part, {left.id: turn}))
    return made


def _at_multiples(value: Symbol, number: int, loops: Sequence[Loop]) -> Any:
    """What is reckoned at every so many turns of a loop alone."""
    counters = {name for loop in loops for name in (f"loop{loop.number}", f"total{loop.number}")}

    class AtMultiples(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            is_one = node.id in counters
            return ast.parse(f"({node.id} // {number} * {number})", mode="eval").body if is_one else node

    return Symbol(AtMultiples().visit(ast.parse(ast.unparse(ast.fix_missing_locations(value.node)), mode="eval").body))


def _names_before(value: Any) -> bool:
    is_expression = isinstance(value, Symbol)
    return is_expression and any(isinstance(part, ast.Name) and part.id == BEFORE for part in ast.walk(value.node))
