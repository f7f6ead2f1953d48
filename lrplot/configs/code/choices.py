"""What is true, and which of two values it chooses: ``and``, ``or``, ``not``, comparisons, ``a if b else c``."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from lrplot.configs.code import operations
from lrplot.configs.code.reader import Reader
from lrplot.configs.code.values import Either, External, Function, Made, Missing, Optimizer, Scope, Symbol, missing_in


def _unary(reader: Reader, node: ast.UnaryOp, scope: Scope) -> Any:
    value = reader.operand(node.operand, scope)
    if isinstance(node.op, ast.Not) and not isinstance(value, Symbol):
        truth = truth_of(value)
        return Missing(missing_in(value)) if truth is None else not truth
    return operations.unary(type(node.op), value)


def _both(reader: Reader, node: ast.BoolOp, scope: Scope) -> Any:
    """``and`` and ``or``: the value that decides, as Python has it."""
    ends = isinstance(node.op, ast.Or)
    open_values: list[Any] = []
    for part in node.values:
        value = reader.operand(part, scope)
        truth = truth_of(value)
        if truth is ends:
            if not open_values:
                return value
            open_values.append(value)
            break
        if truth is None:
            open_values.append(value)
        last = value
    if not open_values:
        return last
    if not all(isinstance(value, (Symbol, bool)) for value in open_values):
        return Missing(missing_in(*open_values))
    nodes = [operations.test_of(each) if isinstance(each, Symbol) else ast.Constant(each) for each in open_values]
    return Symbol(nodes[0]) if len(nodes) == 1 else operations.bounded(ast.BoolOp(op=node.op, values=nodes))


def _compared(reader: Reader, node: ast.Compare, scope: Scope) -> Any:
    values = [reader.operand(part, scope) for part in (node.left, *node.comparators)]
    found = [operations.compared(type(op), a, b) for op, a, b in zip(node.ops, values, values[1:])]
    if any(each is False for each in found):
        return False
    left = [each for each in found if each is not True]
    if len(left) < 2:
        return left[0] if left else True
    if not all(isinstance(each, Symbol) for each in left):
        return Missing(missing_in(*left))
    return operations.bounded(ast.BoolOp(op=ast.And(), values=[each.node for each in left]))


def _if_else(reader: Reader, node: ast.IfExp, scope: Scope) -> Any:
    test = reader.operand(node.test, scope)
    truth = truth_of(test)
    if truth is not None:
        return reader.value(node.body if truth else node.orelse, scope)
    return joined(test, reader.value(node.body, scope), reader.value(node.orelse, scope))


def truth_of(value: Any) -> bool | None:
    """Whether something counts as true: None where that is not known."""
    if isinstance(value, (Missing, Symbol)):
        return None
    if isinstance(value, Either):
        truths = {truth_of(each) for each in value.values}
        return truths.pop() if len(truths) == 1 else None
    if isinstance(value, (*operations.SCALARS, list, tuple, dict, set, range)):
        return bool(value)
    return None if isinstance(value, External) else True


def joined(test: Any, then: Any, other: Any) -> Any:
    """One of two values, as a test decides that is not known."""
    kinds = (Made, Optimizer, Function, Either)
    if isinstance(then, kinds) or isinstance(other, kinds):
        flat = [each for value in (then, other) for each in (value.values if isinstance(value, Either) else [value])]
        found = list(dict.fromkeys(each for each in flat if isinstance(each, kinds)))
        return found[0] if len(found) == 1 else Either(found)
    if then is other or (not isinstance(test, Symbol) and type(then) is type(other) and operations.same(then, other)):
        return then
    return operations.choose(test, then, other)


READERS: Mapping[type[ast.expr], Callable[[Reader, Any, Scope], Any]] = {
    ast.UnaryOp: _unary,
    ast.BoolOp: _both,
    ast.Compare: _compared,
    ast.IfExp: _if_else,
}
