"""The arithmetic of a script: on numbers it is computed, within bounds, and on what depends on a loop it is written
out.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from lrplot.configs.code.values import Array, Filtered, Groups, Missing, Symbol, missing_in

MAX_BITS = 4_096
MAX_ITEMS = 10_000
"""Of a list or a text that an operation makes."""
MAX_LISTED = 64
"""Of a list in which a loop's counter tells the place."""
MAX_SIZE = 3_000
"""Nodes of an expression of a loop's counter."""

BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow,
}  # fmt: skip
UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.UAdd: operator.pos, ast.USub: operator.neg, ast.Not: operator.not_,
}  # fmt: skip
COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not,
    ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b,
}  # fmt: skip
FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: value for name, value in vars(math).items()
    if callable(value) and name not in ("comb", "factorial", "lcm", "perm", "frexp", "modf", "dist", "sumprod", "prod")
    and not name.startswith("_")
} | {"min": min, "max": max, "abs": abs, "int": int, "float": float, "round": round, "bool": bool}  # fmt: skip
"""Of numbers; those of several values take a list too."""
CONSTANTS = {name: value for name, value in vars(math).items() if isinstance(value, float)}
SYMBOLIC = {*FUNCTIONS} - {"bool", "fsum", "gcd", "nextafter", "ulp"}
SCALARS = (int, float, str, bool, type(None))


def binary(kind: type[ast.operator], left: Any, right: Any) -> Any:
    """``left`` and ``right`` joined by an operator."""
    if asks := missing_in(left, right):
        return Missing(asks)
    if isinstance(left, Missing) or isinstance(right, Missing) or kind not in BINARY:
        return Missing()
    if isinstance(left, Array) or isinstance(right, Array):
        return _each([left, right], lambda items: binary(kind, *items))
    if isinstance(left, Symbol) or isinstance(right, Symbol):
        return symbolic(ast.BinOp, left, right, op=kind())
    return computed(BINARY[kind], left, right) if _affordable(kind, left, right) else Missing()


def _each(values: Sequence[Any], function: Callable[[list[Any]], Any]) -> Any:
    """A function of what stands at each place of arrays that are as long as each other."""
    lengths = {value.length for value in values if isinstance(value, Array)}
    item = function([value.item if isinstance(value, Array) else value for value in values])
    is_known = len(lengths) == 1 and isinstance(item, (int, float, Symbol))
    return Array(lengths.pop(), item) if is_known else Missing(missing_in(item))


def evaluated(node: ast.expr, names: dict[str, Any]) -> Any:
    """An expression, with values in the place of its names."""
    if isinstance(node, ast.Name):
        return names.get(node.id, math.pi if node.id == "pi" else Symbol(node))
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.BinOp):
        return binary(type(node.op), evaluated(node.left, names), evaluated(node.right, names))
    if isinstance(node, ast.UnaryOp):
        return unary(type(node.op), evaluated(node.operand, names))
    if isinstance(node, ast.Compare):
        sides = [evaluated(each, names) for each in (node.left, node.comparators[0])]
        return compared(type(node.ops[0]), *sides) if len(node.ops) == 1 else Missing()
    if isinstance(node, ast.IfExp):
        parts = [evaluated(each, names) for each in (node.test, node.body, node.orelse)]
        return decided(*parts)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return call(node.func.id, [evaluated(each, names) for each in node.args])
    return Missing()


def unary(kind: type[ast.unaryop], value: Any) -> Any:
    if isinstance(value, Symbol):
        node: ast.expr = ast.UnaryOp(op=kind(), operand=value.node)
        return bounded(node)
    if isinstance(value, Missing):
        return Missing(value.asks)
    if isinstance(value, Array):
        return _each([value], lambda items: unary(kind, *items))
    return computed(UNARY[kind], value) if kind in UNARY else Missing()


def compared(kind: type[ast.cmpop], left: Any, right: Any) -> Any:
    right = list(right) if isinstance(right, dict) else right
    if isinstance(left, Symbol) and isinstance(right, (list, tuple)) and kind in (ast.In, ast.NotIn):
        return _within(left, right, kind is ast.In)
    if isinstance(right, Groups) and isinstance(left, str):  # as scripts ask for a group's lr_scale
        return (left in ("params", "lr", "initial_lr") or right.beside(left) is not None) is (kind is ast.In)
    if isinstance(left, Symbol) and right is None:
        return kind in (ast.IsNot, ast.NotEq)
    if asks := missing_in(left, right):
        return Missing(asks)
    if kind in _TURNED and isinstance(left, (list, tuple)) != isinstance(right, (list, tuple)):
        return _compared_each(kind, left, right)
    if isinstance(left, Symbol) or isinstance(right, Symbol):
        if _node(left) is None or _node(right) is None or kind in (ast.In, ast.NotIn):
            return Missing()
        return bounded(ast.Compare(left=_node(left), ops=[kind()], comparators=[_node(right)]))  # type: ignore[list-item,arg-type]
    if isinstance(left, Missing) or isinstance(right, Missing):
        return Missing()
    return computed(COMPARED[kind], left, right)


_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE}


def _compared_each(kind: type[ast.cmpop], left: Any, right: Any) -> Any:
    """``epoch > np.array(milestones)``: of which entries it holds."""
    items, value = (left, right) if isinstance(left, (list, tuple)) else (right, left)
    kind = kind if items is left else _TURNED[kind]
    known = len(items) <= MAX_LISTED and isinstance(value, (int, float, Symbol))
    return Filtered(tuple(compared(kind, each, value) for each in items)) if known else Missing()


def _within(value: Symbol, items: Sequence[Any], wanted: bool) -> Any:
    """``value in items`` as comparisons."""
    if asks := missing_in(*items):
        return Missing(asks)
    tests: list[ast.expr] = []
    for item in items:
        node = _node(item)
        if node is None:
            return Missing()
        tests.append(ast.Compare(left=value.node, ops=[ast.Eq() if wanted else ast.NotEq()], comparators=[node]))
    if not tests:
        return not wanted
    return bounded(tests[0] if len(tests) == 1 else ast.BoolOp(op=ast.Or() if wanted else ast.And(), values=tests))


def call(name: str, arguments: Sequence[Any]) -> Any:
    """A function of numbers."""
    if name in ("min", "max") and len(arguments) == 1 and isinstance(arguments[0], (list, tuple)):
        arguments = list(arguments[0])
    if asks := missing_in(*arguments):
        return Missing(asks)
    if any(isinstance(argument, Array) for argument in arguments):
        return _each(arguments, lambda items: call(name, items))
    if any(isinstance(argument, Symbol) for argument in arguments):
        nodes = [_node(argument) for argument in arguments]
        if name not in SYMBOLIC or None in nodes:
            return Missing()
        return bounded(ast.Call(func=ast.Name(id=name, ctx=ast.Load()), args=nodes, keywords=[]))  # type: ignore[arg-type]
    if not all(isinstance(argument, SCALARS) or _is_flat(argument) for argument in arguments):
        return Missing()
    if name == "round" and len(arguments) == 2 and not (isinstance(arguments[1], int) and abs(arguments[1]) < 400):
        return Missing()
    return computed(FUNCTIONS[name], *arguments)


def choose(test: Any, then: Any, other: Any) -> Any:
    """What holds one way or the other, as a test on a loop's counter decides."""
    if same(then, other):
        return then
    if isinstance(then, (list, tuple)) and isinstance(other, (list, tuple)) and len(then) == len(other) <= MAX_LISTED:
        return [choose(test, *each) for each in zip(then, other)]
    nodes = _node(then), _node(other)
    if not isinstance(test, Symbol) or None in nodes:
        return Missing(missing_in(test, then, other))
    return bounded(ast.IfExp(test=test.node, body=nodes[0], orelse=nodes[1]))  # type: ignore[arg-type]


def symbolic(make: type[ast.BinOp], left: Any, right: Any, **more: Any) -> Any:
    first, second = _node(left), _node(right)
    return Missing() if first is None or second is None else bounded(make(left=first, right=second, **more))


def bounded(node: ast.expr) -> Symbol | Missing:
    """An expression, where it is not too large; each knows its size, so that none is counted twice."""
    size = 1 + sum(getattr(child, "size", 1) for child in ast.iter_child_nodes(node))
    node.size = size  # type: ignore[attr-defined]
    return Symbol(node) if size <= MAX_SIZE else Missing()


def _node(value: Any) -> ast.expr | None:
    """A value as it stands in an expression."""
    if isinstance(value, Symbol):
        return value.node
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        return ast.Constant(value=value) if isinstance(value, bool) else None
    if value == math.pi:
        return ast.Name(id="pi", ctx=ast.Load())
    if value < 0 or math.copysign(1.0, value) < 0:
        return ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=-value))
    return ast.Constant(value=value)


def _is_flat(value: Any) -> bool:
    return isinstance(value, (list, tuple, range)) and all(isinstance(item, SCALARS) for item in value)


def same(a: Any, b: Any) -> bool:
    """Whether two values are the same, as far as they are known."""
    return a is b or (type(a) is type(b) and isinstance(a, (*SCALARS, list, tuple)) and bool(a == b))


def test_of(value: Symbol) -> ast.expr:
    """An expression as a test: a number as whether it is another than 0."""
    if isinstance(value.node, (ast.Compare, ast.BoolOp)) or (
        isinstance(value.node, ast.UnaryOp) and isinstance(value.node.op, ast.Not)
    ):
        return value.node
    return ast.Compare(left=value.node, ops=[ast.NotEq()], comparators=[ast.Constant(value=0)])


def decided(test: Any, then: Any, other: Any) -> Any:
    """One of two values, by a test that may be known."""
    return (then if test else other) if isinstance(test, bool) else choose(test, then, other)


def count_of(filtered: Filtered) -> Any:
    """How many entries of a list are left."""
    total: Any = 0
    for test in filtered.tests:
        total = binary(ast.Add, total, decided(test, 1, 0))
    return total


def computed(function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        value = function(*arguments)
    except (ArithmeticError, ValueError, TypeError, AttributeError, LookupError, MemoryError):
        return Missing()
    if isinstance(value, complex) or (isinstance(value, int) and value.bit_length() > MAX_BITS):
        return Missing()
    return value


def _affordable(kind: type[ast.operator], left: Any, right: Any) -> bool:
    """Whether an operation cannot make something huge."""
    if kind is ast.Pow and isinstance(left, int) and isinstance(right, int):
        return abs(left) <= 1 or right <= 0 or left.bit_length() * right <= MAX_BITS
    if kind in (ast.Mult, ast.Add) and any(isinstance(value, (str, list, tuple)) for value in (left, right)):
        sizes = [len(value) if hasattr(value, "__len__") else value for value in (left, right)]
        if not all(isinstance(size, int) for size in sizes):
            return False
        return (sizes[0] * sizes[1] if kind is ast.Mult else sum(sizes)) <= MAX_ITEMS
    return not (kind is ast.Mod and isinstance(left, (str, bytes)))
