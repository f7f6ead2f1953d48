"""Arithmetic read from text: in one variable, as ``lr_lambda``, ``scale_fn`` and ``metrics`` are written, or in none,
where a number is expected.

A text is parsed to a syntax tree, every node is checked against a white list, and the tree is compiled once to an
ordinary function. No attribute, no string, no name but the variable's, those that a config gives to numbers and those
below ever gets that far.
"""

import ast
import math
import warnings
from collections.abc import Callable, Iterable, Mapping
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
PACKAGES = ("math", "np", "numpy", "torch")
"""What may stand before each of these names, as it does in code."""
VARIABLES = ("epoch", "step", "x")
"""Names that stand for the argument where the text is no lambda."""

Numbers = Mapping[str, int | float]
"""Numbers by the names that they were given; one that cannot be had is a ValueError."""


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
        numbers: What names stand for in it, beside the argument; it keeps those that it has.

    Raises:
        ValueError: The text is no such expression.
        ArithmeticError, ValueError, TypeError: When it is called: it has no value there.
    """

    def __init__(self, text: str, numbers: Numbers | None = None) -> None:
        self.text = text
        body, variable, self.numbers = _parsed(text, VARIABLES, numbers or {})
        self.function = _compiled(body, variable, self.numbers)

    def __call__(self, value: float) -> Any:
        return self.function(value)

    def __repr__(self) -> str:
        return self.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and (other.text, other.numbers) == (self.text, self.numbers)

    def __hash__(self) -> int:
        return hash(self.text)

    def __reduce__(self) -> tuple[Any, ...]:
        return Expression, (self.text, self.numbers)


def evaluate(text: str, numbers: Numbers) -> Any:
    """The value of an expression without a variable.

    >>> evaluate("300 * 1251 - warmup", {"warmup": 500}), evaluate("0.1 * 1024 / math.sqrt(65536)", {})
    (374800, 0.4)

    Raises:
        ValueError: The text is no such expression, or it has no value.
    """
    body, _, used = _parsed(text, (), numbers)
    try:
        return _compiled(body, "_", used)(0)
    except (ArithmeticError, TypeError) as error:
        raise ValueError(f"{shown(text)} has no value: {error.args[-1] if error.args else error}") from None


def is_arithmetic(text: str) -> bool:
    """Whether a text may be an expression rather than a number as it is, or a word.

    >>> [is_arithmetic(text) for text in ("300*1251", "steps", "-0x10", "1_000", "twenty one", "cos(1)")]
    [True, False, False, False, False, True]
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(text.strip(), mode="eval").body if len(text) <= MAX_LENGTH else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    while isinstance(body, ast.UnaryOp):
        body = body.operand
    return body is not None and not isinstance(body, (ast.Constant, ast.Name, ast.Tuple, ast.List, ast.Dict, ast.Set))


def _compiled(body: ast.expr, variable: str, numbers: Numbers) -> Callable[[float], Any]:
    function = ast.Lambda(
        args=ast.arguments(posonlyargs=[], args=[ast.arg(arg=variable)], kwonlyargs=[], kw_defaults=[], defaults=[]),
        body=_Guard(variable, numbers).visit(body),
    )
    tree = ast.fix_missing_locations(ast.Expression(body=function))
    qualified = {f"_{name}": value for name, value in NAMES.items()}
    scope = {"__builtins__": {}, "_power": _power, "_real": _real, "_times": _times, **NAMES, **qualified}
    made: Callable[[float], Any] = eval(compile(tree, "<expression>", "eval"), scope)  # noqa: S307  the tree is checked
    return made


def _parsed(text: str, variables: tuple[str, ...], numbers: Numbers) -> tuple[ast.expr, str, dict[str, int | float]]:
    """What is to be computed, its variable, and the numbers in it that have names."""
    if len(text) > MAX_LENGTH:
        raise ValueError(f"an expression has at most {MAX_LENGTH:,} characters, this one {len(text):,}")
    text = text.strip()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is dubious but no error, such as 1if x else 2
            body = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"{shown(text)} is not an expression: {getattr(error, 'msg', None) or error}") from None
    if isinstance(body, ast.Lambda) and variables:
        arguments = body.args
        if len(arguments.args) != 1 or len(list(ast.iter_child_nodes(arguments))) != 1:
            raise ValueError(f"a lambda takes just one argument here, unlike {shown(text)}")
        variables, body = (arguments.args[0].arg,), body.body
        if variables[0].startswith("_"):
            raise ValueError(
                f"the name of the argument must not start with an underscore, unlike {shown(variables[0])}"
            )
    names = _Names(text, variables, numbers)
    names.check(body)
    if len(names.used) > 1:
        raise ValueError(f"an expression has one variable, this one {' and '.join(sorted(names.used))}")
    variable = names.used.pop() if names.used else variables[0] if variables else "_"
    return body, variable, {name: numbers[name] for name in sorted(names.numbered)}


class _Names:
    """What names an expression may have, and which it has.

    Args:
        variables: Those of which one may stand for the argument.
        numbers: What others stand for.
    """

    def __init__(self, text: str, variables: tuple[str, ...], numbers: Numbers) -> None:
        self.text, self.variables, self.numbers = text, variables, numbers
        self.used: set[str] = set()
        self.numbered: set[str] = set()
        self.allowed = (
            f"there are numbers, {''.join(f'{name}, ' for name in variables[:1])}arithmetic, comparisons, if-else, "
            "and/or/not, min, max, abs, round, int, float and math's constants and functions of real numbers"
            f"{''.join(f', {name}' for name in numbers)}"
        )

    def check(self, root: ast.AST) -> None:
        """Refuses what is not on the white list, and notes the names that occur."""
        level = [root]
        for _ in range(MAX_DEPTH):
            level = [below for node in level for below in self._parts(node)]
            if not level:
                return
        raise ValueError(f"an expression is nested at most {MAX_DEPTH} deep, this one deeper")

    def _parts(self, node: ast.AST) -> Iterable[ast.AST]:
        """The nodes directly below one that is on the white list."""
        match node:
            case ast.Constant(value=bool() | int() | float()):
                if isinstance(node.value, int) and node.value.bit_length() > MAX_BITS:
                    raise ValueError(f"a number in it has more than {MAX_BITS:,} bits")
                return ()
            case ast.Name() | ast.Attribute() if name := self._name(node):
                if self._is_function(name):
                    raise ValueError(f"{name} is a function: it needs arguments in parentheses")
                return ()
            case ast.Name(id=name):
                meant = self._meant(name)
                way = "" if meant or name.startswith("_") else f", and what a config names, as in let: {{{name}: 100}}"
                raise ValueError(f"unknown name {shown(name)}{meant}: {self.allowed}{way}")
            case ast.Call(func=function, keywords=keywords, args=args):
                name = self._name(function)
                if name is None or not self._is_function(name):
                    raise ValueError(f"a call of {shown(self._typed(function))} is not allowed: {self.allowed}")
                if keywords:
                    raise ValueError(f"{name} takes its arguments by position, without names and stars")
                if name in ("min", "max") and len(args) < 2:
                    raise ValueError(f"{name} needs two values or more")
                return args
            case ast.BinOp() | ast.UnaryOp() | ast.BoolOp() | ast.Compare() | ast.IfExp():
                return ast.iter_child_nodes(node)
            case _ if isinstance(node, _OPERATORS):
                return ()
            case ast.operator() | ast.unaryop() | ast.cmpop():
                instead = "a power is written **" if isinstance(node, ast.BitXor) else self.allowed
                raise ValueError(f"the operator {_REFUSED[type(node)]!r} is not allowed: {instead}")
        raise ValueError(f"{shown(self._typed(node))} is not allowed: {self.allowed}")

    def _name(self, node: ast.AST) -> str | None:
        """A name that is known, without the package before it: it is noted."""
        if isinstance(node, ast.Name) and node.id in self.variables:
            self.used.add(node.id)
        elif isinstance(node, ast.Name) and node.id in self.numbers:
            self.numbered.add(node.id)
        elif (name := _plain_name(node)) not in NAMES or _package(node) in (*self.variables, *self.numbers):
            return None
        else:
            return name
        return node.id

    def _typed(self, node: ast.AST) -> str:
        return ast.get_source_segment(self.text, node) or "…"

    def _is_function(self, name: str) -> bool:
        return name not in self.variables and name not in self.numbers and callable(NAMES.get(name))

    def _meant(self, name: str) -> str:
        close = closest(name, [*self.variables, *self.numbers, *NAMES])
        return f", did you mean {close!r}?" if close else ""


def _plain_name(node: ast.AST) -> str | None:
    """``cos`` of ``cos`` and of ``math.cos`` alike."""
    if isinstance(node, ast.Attribute):
        return node.attr if _package(node) in PACKAGES else None
    return node.id if isinstance(node, ast.Name) else None


def _package(node: ast.AST) -> str | None:
    return node.value.id if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) else None


class _Guard(ast.NodeTransformer):
    """Has products and powers computed with a look at them, where they may be large whole numbers or complex ones."""

    def __init__(self, variable: str, numbers: Numbers) -> None:
        self.variable = variable
        self.numbers = numbers

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A name that stands for a number is that number: one that is typed is never negative."""
        if node.id == self.variable or node.id not in self.numbers:
            return node
        value = self.numbers[node.id]
        number = ast.Constant(abs(value))
        return ast.UnaryOp(ast.USub(), number) if str(value).startswith("-") else number

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """What a package has by a name, which may be the argument's, too."""
        value = NAMES[node.attr]
        return ast.Name(id=f"_{node.attr}", ctx=ast.Load()) if callable(value) else ast.Constant(value)

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
