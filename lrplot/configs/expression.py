"""Arithmetic in one variable, read from text: what ``lr_lambda``, ``scale_fn`` and ``metrics`` are written in.

A text is parsed to a syntax tree, every node is checked against a white list, and the tree is compiled once to an
ordinary function. No attribute, no string, no name but the variable's and those below ever gets that far.
"""

import ast
import math
import warnings
from collections.abc import Callable, Iterable
from typing import Any

from lrplot.wording import closest, shown

MAX_LENGTH = 2_000
MAX_DEPTH = 60
MAX_BITS = 4_096
"""Whole numbers of more bits than this are not computed: a float ends at 2 ** 1024."""

_OPERATORS = (
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.UAdd, ast.USub, ast.Not, ast.And, ast.Or,
    ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE,
)  # fmt: skip
_REFUSED = {
    ast.MatMult: "@", ast.LShift: "<<", ast.RShift: ">>",
    ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.Invert: "~",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip


def _bounded(size: float, what: str) -> None:
    if size > MAX_BITS:
        raise OverflowError(f"{what} would have more than {MAX_BITS:,} bits")


def _power(base: Any, exponent: Any) -> Any:
    if isinstance(base, int) and isinstance(exponent, int) and exponent > 0 and abs(base) > 1:
        _bounded(base.bit_length() * exponent, "the power")
    return _real(base**exponent)


def _real(power: Any) -> Any:
    if isinstance(power, complex):
        raise ValueError("the value is a complex number: a negative number to a power that is no whole number")
    return power


def _times(a: Any, b: Any) -> Any:
    if isinstance(a, int) and isinstance(b, int):
        _bounded(a.bit_length() + b.bit_length(), "the product")
    return a * b


def _round(value: Any, *digits: Any) -> Any:
    _bounded(sum(map(abs, digits)), "the rounded number")
    return round(value, *digits)


# Functions of lists are left out: there are no lists here.
_NO_LISTS = {"dist", "fsum", "prod", "sumprod"}
# So are those that answer with a pair, which can be repeated a billion times.
_PAIRS = {"frexp", "modf"}
# And those that count: they grow beyond all bounds, and no schedule needs them.
_COUNTS = {"comb", "factorial", "lcm", "perm"}
NAMES: dict[str, Any] = {
    name: value
    for name, value in vars(math).items()
    if not name.startswith("_") and name not in _NO_LISTS | _PAIRS | _COUNTS
}
NAMES |= {"min": min, "max": max, "abs": abs, "round": _round, "int": int, "float": float}


class Expression:
    """A function of one variable, made from text; it prints as the text.

    >>> Expression("0.5 ** epoch")(3), Expression("lambda epoch: min(1, epoch / 10)")(5)
    (0.125, 0.5)
    >>> Expression("__import__('os')")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: a call of '__import__' is not allowed: there are numbers, epoch, arithmetic, comparisons, if-else, ...

    Args:
        text: The expression, or a lambda of one argument.
        variables: Names that stand for the argument where the text is no lambda.

    Raises:
        ValueError: The text is no such expression.
        ArithmeticError, ValueError, TypeError: When it is called: it has no value there.
    """

    def __init__(self, text: str, variables: tuple[str, ...] = ("epoch", "step", "x")) -> None:
        self.text = text
        self.function = _compiled(text, variables)

    def __call__(self, value: float) -> Any:
        return self.function(value)

    def __repr__(self) -> str:
        return self.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __reduce__(self) -> tuple[Any, ...]:
        return Expression, (self.text,)


def _compiled(text: str, variables: tuple[str, ...]) -> Callable[[float], Any]:
    body, variable = _parsed(text, variables)
    function = ast.Lambda(
        args=ast.arguments(posonlyargs=[], args=[ast.arg(arg=variable)], kwonlyargs=[], kw_defaults=[], defaults=[]),
        body=_Guard(variable).visit(body),
    )
    tree = ast.fix_missing_locations(ast.Expression(body=function))
    scope = {"__builtins__": {}, "_power": _power, "_real": _real, "_times": _times, **NAMES}
    made: Callable[[float], Any] = eval(compile(tree, "<expression>", "eval"), scope)  # noqa: S307  the tree is checked
    return made


def _parsed(text: str, variables: tuple[str, ...]) -> tuple[ast.expr, str]:
    if len(text) > MAX_LENGTH:
        raise ValueError(f"an expression has at most {MAX_LENGTH:,} characters, this one {len(text):,}")
    text = text.strip()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is dubious but no error, such as 1if x else 2
            body = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"{shown(text)} is not an expression: {getattr(error, 'msg', None) or error}") from None
    if isinstance(body, ast.Lambda):
        arguments = body.args
        if len(arguments.args) != 1 or len(list(ast.iter_child_nodes(arguments))) != 1:
            raise ValueError(f"a lambda takes just one argument here, unlike {shown(text)}")
        variables, body = (arguments.args[0].arg,), body.body
        if variables[0].startswith("_"):
            raise ValueError(
                f"the name of the argument must not start with an underscore, unlike {shown(variables[0])}"
            )
    used = _check(body, text, variables)
    if len(used) > 1:
        raise ValueError(f"an expression has one variable, this one {' and '.join(sorted(used))}")
    return body, (used.pop() if used else variables[0])


def _check(root: ast.AST, text: str, variables: tuple[str, ...]) -> set[str]:
    """Refuses what is not on the white list, and returns the variables that occur."""
    level = [root]
    used: set[str] = set()
    for _ in range(MAX_DEPTH):
        used |= {node.id for node in level if isinstance(node, ast.Name) and node.id in variables}
        level = [below for node in level for below in _parts(node, text, variables)]
        if not level:
            return used
    raise ValueError(f"an expression is nested at most {MAX_DEPTH} deep, this one deeper")


def _parts(node: ast.AST, text: str, variables: tuple[str, ...]) -> Iterable[ast.AST]:
    """The nodes directly below one that is on the white list."""
    allowed = (
        f"there are numbers, {variables[0]}, arithmetic, comparisons, if-else, and/or/not, "
        "min, max, abs, round, int, float and math's constants and functions of real numbers"
    )
    match node:
        case ast.Constant(value=bool() | int() | float()):
            if isinstance(node.value, int) and node.value.bit_length() > MAX_BITS:
                raise ValueError(f"a number in it has more than {MAX_BITS:,} bits")
            return ()
        case ast.Name(id=name):
            if name not in variables and name not in NAMES:
                raise ValueError(f"unknown name {shown(name)}{_meant(name, variables)}: {allowed}")
            if _is_function(name, variables):
                raise ValueError(f"{name} is a function: it needs arguments in parentheses")
            return ()
        case ast.Call(func=ast.Name(id=name), keywords=keywords, args=args) if _is_function(name, variables):
            if keywords:
                raise ValueError(f"{name} takes its arguments by position, without names and stars")
            if name in ("min", "max") and len(args) < 2:
                raise ValueError(f"{name} needs two values or more")
            return args
        case ast.Call(func=function):
            raise ValueError(f"a call of {shown(_typed(function, text))} is not allowed: {allowed}")
        case ast.BinOp() | ast.UnaryOp() | ast.BoolOp() | ast.Compare() | ast.IfExp():
            return ast.iter_child_nodes(node)
        case _ if isinstance(node, _OPERATORS):
            return ()
        case ast.operator() | ast.unaryop() | ast.cmpop():
            instead = "a power is written **" if isinstance(node, ast.BitXor) else allowed
            raise ValueError(f"the operator {_REFUSED[type(node)]!r} is not allowed: {instead}")
    raise ValueError(f"{shown(_typed(node, text))} is not allowed: {allowed}")


def _typed(node: ast.AST, text: str) -> str:
    return ast.get_source_segment(text, node) or "…"


class _Guard(ast.NodeTransformer):
    """Has products and powers computed with a look at them, where they may be large whole numbers or complex ones."""

    def __init__(self, variable: str) -> None:
        self.variable = variable

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        may_be_whole = not (self._is_float(node.left) or self._is_float(node.right))
        if isinstance(node.op, ast.Mult) and may_be_whole:
            return _call("_times", node.left, node.right)
        if isinstance(node.op, ast.Pow) and may_be_whole:
            return _call("_power", node.left, node.right)
        if isinstance(node.op, ast.Pow) and not _is_real(node):
            return _call("_real", node)
        return node

    def _is_float(self, node: ast.expr) -> bool:
        """Whether a value cannot be a whole number, as can be told without computing it."""
        if isinstance(node, ast.BinOp):
            return isinstance(node.op, ast.Div) or self._is_float(node.left) or self._is_float(node.right)
        if isinstance(node, ast.UnaryOp):
            return not isinstance(node.op, ast.Not) and self._is_float(node.operand)
        if isinstance(node, ast.Name):  # in lambda e: e ** 2, e is not the constant
            return node.id != self.variable and isinstance(NAMES.get(node.id), float)
        return isinstance(node, ast.Constant) and isinstance(node.value, float)


def _is_real(power: ast.BinOp) -> bool:
    """Whether a power cannot be complex, as its form tells: a number as it is typed is not negative."""
    exponent = power.right.operand if isinstance(power.right, ast.UnaryOp) else power.right
    whole = isinstance(exponent, ast.Constant) and isinstance(exponent.value, int)
    return whole or isinstance(power.left, ast.Constant)


def _call(function: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(func=ast.Name(id=function, ctx=ast.Load()), args=list(arguments), keywords=[])


def _is_function(name: str, variables: tuple[str, ...]) -> bool:
    return name not in variables and callable(NAMES.get(name))


def _meant(name: str, variables: tuple[str, ...]) -> str:
    close = closest(name, [*variables, *NAMES])
    return f", did you mean {close!r}?" if close else ""
