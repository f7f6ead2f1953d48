"""Tests of loops' counters, ``if (i + 1) % 8 == 0``: how often they hold, and which are the same."""

from __future__ import annotations

import ast

from lrplot.configs.code.values import Condition, Symbol


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


def begins_at_zero(condition: Condition) -> bool:
    """Whether it holds in the first batch: ``i % 4 == 0``, not ``(i + 1) % 4 == 0``."""
    node = condition.test.node if isinstance(condition.test, Symbol) else ast.Constant(0)
    turned = [part for part in ast.walk(node) if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Mod)]
    return bool(turned) and isinstance(turned[0].left, ast.Name)


def is_same(one: Condition, other: Condition) -> bool:
    """Whether two conditions are the same, be it that each was written out by itself."""
    if one == other:
        return True
    if one.holds != other.holds or not isinstance(one.test, Symbol) or not isinstance(other.test, Symbol):
        return False
    return ast.dump(one.test.node) == ast.dump(other.test.node)


def _number(node: ast.expr) -> int | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
