"""What goes on from one turn of a loop to the next: names that count, and those that are changed in other ways."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from lrplot.configs.code import operations
from lrplot.configs.code.values import Ask, Missing, Symbol

INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
"""What has names of its own."""


@dataclass(frozen=True)
class Counted:
    """How something is counted up in a loop.

    Args:
        is_direct: Whether that is in itself and not in a loop within.
        tests: What is asked before.
    """

    is_direct: bool = True
    tests: tuple[ast.expr, ...] = ()


def counted_in(node: ast.AST) -> dict[str, Counted]:
    """What is counted up by 1 in a loop."""
    found: dict[str, Counted] = {}
    reset: set[str] = set()
    pending: list[tuple[ast.AST, Counted]] = [(part, Counted()) for part in ast.iter_child_nodes(node)]
    while pending:
        part, how = pending.pop()
        if isinstance(part, ast.AugAssign) and isinstance(part.op, ast.Add) and isinstance(part.value, ast.Constant):
            if part.value.value == 1 and isinstance(part.target, (ast.Name, ast.Attribute)):
                found[ast.unparse(part.target)] = how
        elif isinstance(part, ast.Assign):
            reset |= {ast.unparse(target) for target in part.targets}
        if isinstance(part, INNER):
            continue
        is_loop = isinstance(part, (ast.For, ast.AsyncFor, ast.While))
        tests = (*how.tests, part.test) if isinstance(part, ast.If) else how.tests
        within = Counted(how.is_direct and not is_loop, tests)
        pending += [(child, within) for child in ast.iter_child_nodes(part)]
    return {text: how for text, how in found.items() if text not in reset}


def assigned_in(node: ast.AST) -> frozenset[str]:
    """The names that a loop gives values to, in itself or in loops within."""
    return frozenset(
        part.id for part in _within(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    )


def builds_list(node: ast.AST) -> bool:
    """Whether a loop makes the entries of a list, and is no training."""
    names = {
        part.func.attr for part in _within(node) if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute)
    }
    return bool(names & {"append", "add_param_group", "extend"}) and not names & {"step", "step_update", "backward"}


def changed_by(node: ast.ClassDef) -> frozenset[str]:
    """The attributes of an object that its methods make of what they were."""
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Attribute):
            found.add(part.target.attr)
        elif isinstance(part, ast.Assign) and any(refers(part.value, target) for target in part.targets):
            found |= {target.attr for target in part.targets if isinstance(target, ast.Attribute)}
    return frozenset(found)


def refers(value: ast.expr, target: ast.expr) -> bool:
    """Whether what a name or an attribute is given is made of what it was."""
    if not isinstance(target, (ast.Name, ast.Attribute)):
        return False
    text = ast.unparse(target)
    return any(isinstance(part, type(target)) and ast.unparse(part) == text for part in ast.walk(value))


def in_place(node: ast.Assign) -> ast.AugAssign | None:
    """``lr = lr * 0.1`` as ``lr *= 0.1``: None where it is more than that."""
    target, value = node.targets[0], node.value
    if len(node.targets) > 1 or not isinstance(target, (ast.Name, ast.Attribute)) or not refers(value, target):
        return None
    if (
        isinstance(value, ast.BinOp)
        and ast.unparse(value.left) == ast.unparse(target)
        and not refers(value.right, target)
    ):
        made = ast.AugAssign(target, value.op, value.right)
    elif (
        isinstance(value, ast.BinOp)
        and isinstance(value.op, ast.Mult)
        and ast.unparse(value.right) == ast.unparse(target)
    ):
        made = ast.AugAssign(target, value.op, value.left)
    else:
        return None
    return ast.copy_location(made, node)


def changing(target: ast.expr) -> Missing:
    """A number that is another one each turn, in a way that no formula is known for."""
    return Missing((Ask(ast.unparse(target), target.lineno, is_changing=True),))


def lasting(test: object, value: object) -> object:
    """When something holds that is set once a test has held, and stays: None where that is not known.

    Args:
        value: What is set.
    """
    if not isinstance(test, Symbol):
        return None
    node = test.node
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
        parts = [lasting(Symbol(part), value) for part in node.values]
        if not all(isinstance(part, Symbol) for part in parts):
            return None
        return operations.bounded(ast.BoolOp(op=ast.Or(), values=[part.node for part in parts]))  # type: ignore[attr-defined]
    if not isinstance(node, ast.Compare) or len(node.ops) != 1 or not isinstance(node.comparators[0], ast.Constant):
        return None
    if isinstance(node.ops[0], (ast.Gt, ast.GtE)):
        return test
    if isinstance(node.ops[0], ast.Eq) and not isinstance(value, Symbol):
        return operations.bounded(ast.Compare(left=node.left, ops=[ast.GtE()], comparators=node.comparators))
    return None


def bounds_of(test: object) -> tuple[float | None, float]:
    """The first and the last number that a test compares with."""
    nodes = ast.walk(test.node) if isinstance(test, Symbol) else ()
    numbers = [part.value for part in nodes if isinstance(part, ast.Constant) and isinstance(part.value, (int, float))]
    return (min(numbers), max(numbers)) if numbers else (None, 0)


def _within(node: ast.AST) -> Iterator[ast.AST]:
    """All parts of a loop but functions and classes."""
    pending = list(ast.iter_child_nodes(node))
    while pending:
        part = pending.pop()
        yield part
        if not isinstance(part, INNER):
            pending += ast.iter_child_nodes(part)
