"""The literals that a Python file assigns, as values: read as a syntax tree, with names and arithmetic worked out, and
nothing imported, called or run.
"""

import ast
import math
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from lrplot.configs.document import ConfigError, Value
from lrplot.configs.foreign.tree import merged, number_of

MOST_LETTERS = 400_000
MOST_NODES = 200_000
MOST_DEPTH = 50
MOST_BITS = 256
NAMES = (ast.Name, ast.Attribute, ast.Subscript)

_OPERATIONS: Mapping[type[ast.operator], Any] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.FloorDiv: lambda a, b: a // b,
    ast.Mod: lambda a, b: a % b,
    ast.Pow: lambda a, b: a**b if abs(b) <= 1_000 else math.nan,
}


def syntax(text: str, source: str) -> ast.Module:
    """A Python text as a syntax tree.

    Raises:
        ConfigError: A syntax error, with its place, or more in it than is read.
    """
    if len(text) > MOST_LETTERS:
        raise ConfigError([f"{source}: is too large: a Python file of at most {MOST_LETTERS:,} characters is read"])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        place = f"{source}:{error.lineno}:{error.offset}" if error.lineno else source
        raise ConfigError([f"{place}: not valid Python: {error.msg}"]) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise ConfigError([f"{source}: not valid Python: {error}"]) from None


def parse(text: str, source: str, base: Value) -> Value:
    """The names that a Python file assigns literals to, each with its value.

    Args:
        base: What the files hold that it is built on, as OpenMMLab has it: ``_base_`` in the text, under which its own
            values are merged, or what it imports ``with read_base():``.
    """
    return _Reader(source, base).module(syntax(text, source))


def arithmetic(text: str) -> Any:
    """The number that a sum of numbers makes: None where it is none.

    >>> arithmetic("300 * (1251 // 4)"), arithmetic("open('x')")
    (93600, None)
    """
    if len(text) > 500:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            node = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return folded(node, lambda name: None)


def folded(node: ast.expr, known: Callable[[ast.expr], Any], depth: int = 0) -> Any:
    """The number that an expression makes, of names that are known: None where it is none."""
    if depth > MOST_DEPTH:
        return None
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value if _is_bounded(node.value) else None
    if isinstance(node, NAMES):
        return known(node)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        number = folded(node.operand, known, depth + 1)
        return number if number is None or isinstance(node.op, ast.UAdd) else -number
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        a, b = folded(node.left, known, depth + 1), folded(node.right, known, depth + 1)
        if a is None or b is None:
            return None
        try:
            number = _OPERATIONS[type(node.op)](a, b)
        except (ArithmeticError, ValueError):
            return None
        return number if isinstance(number, (int, float)) and _is_bounded(number) else None
    return _called(node, known, depth)


def _called(node: ast.expr, known: Callable[[ast.expr], Any], depth: int) -> Any:
    """What int, float, round, min and max make of numbers."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords and node.args):
        return None
    functions: dict[str, Any] = {"int": int, "float": float, "round": round, "min": min, "max": max}
    numbers = [folded(each, known, depth + 1) for each in node.args[:10]]
    if node.func.id not in functions or None in numbers:
        return None
    try:
        return functions[node.func.id](*numbers)
    except (TypeError, ValueError, ArithmeticError):
        return None


def _is_bounded(number: Any) -> bool:
    return math.isfinite(number) if isinstance(number, float) else number.bit_length() <= MOST_BITS


class _Reader:
    """Makes values of the assignments at the top of a module."""

    def __init__(self, source: str, base: Value) -> None:
        self.source = source
        self.base = base
        self.names: dict[str, Value] = {}
        self.imported: dict[str, Value] = {}
        """Those names that still are what a base has them."""
        self.count = 0

    def module(self, tree: ast.Module) -> Value:
        imports = []
        for node in tree.body:
            if isinstance(node, ast.Assign) and len(node.targets) == 1:
                self._assign(node.targets[0], node.value)
            elif isinstance(node, ast.AnnAssign) and node.value is not None:
                self._assign(node.target, node.value)
            elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                self._update(node.value)
            elif isinstance(node, ast.With) and ast.unparse(node.items[0]) == "read_base()":
                imports += [each for each in node.body if isinstance(each, ast.ImportFrom)]
                self.imported = dict(self.base.content) if isinstance(self.base.content, dict) else {}
                self.names |= self.imported
        if imports:
            return self._root({**self.names, "_base_": self._at(imports[0], [*map(self._path, imports)])})
        return merged(self._root(self.names), self.base)

    def _root(self, names: Mapping[str, Value]) -> Value:
        return Value({**names}, self.source, 1, 1)

    def _path(self, node: ast.ImportFrom) -> Value:
        """The file that a module is in, as ``_base_`` would name it."""
        path = f"{(node.module or '').replace('.', '/')}.py"
        above = f"./{'../' * (node.level - 1)}" if node.level else ""
        package, _, rest = path.partition("/")
        return self._at(node, above + path if node.level else f"{package}::{rest}")

    def _assign(self, target: ast.expr, node: ast.expr) -> None:
        if isinstance(target, ast.Tuple) and isinstance(node, ast.Tuple) and len(target.elts) == len(node.elts):
            for each, part in zip(target.elts, node.elts):
                self._assign(each, part)
        if not isinstance(target, ast.Name):
            return
        value = self.value(node)
        value.key = self._at(target, target.id)
        self.names[target.id] = value
        self.imported.pop(target.id, None)

    def _update(self, call: ast.Call) -> None:
        """``name.update(dict(…))``, or with keywords; what a base has is updated mapping by mapping."""
        if not (isinstance(call.func, ast.Attribute) and call.func.attr in ("update", "merge")):
            return
        base = call.func.value
        there = self.names.get(base.id) if isinstance(base, ast.Name) else None
        if there is None or not isinstance(there.content, dict) or not isinstance(base, ast.Name):
            return
        more = [self.value(each) for each in call.args[:1]]
        more.append(self._at(call, {each.arg: self.value(each.value) for each in call.keywords if each.arg}))
        made = there
        for each in more:
            if isinstance(each.content, dict) and isinstance(made.content, dict):
                is_deep = base.id in self.imported
                made = merged(each, made) if is_deep else self._at(call, {**made.content, **each.content})
        made.key = there.key
        self.names[base.id] = made

    def value(self, node: ast.expr, depth: int = 0) -> Value:
        """What an expression is: a number, text, a list or a mapping; of anything else, its own text."""
        self.count += 1
        if self.count > MOST_NODES or depth > MOST_DEPTH:
            raise ConfigError([f"{self.source}:{node.lineno}:{node.col_offset + 1}: is nested too deep, or too large"])
        if not isinstance(node, NAMES) and (number := folded(node, self._number)) is not None:
            return self._at(node, repr(number))
        if isinstance(node, ast.Constant):
            return self._constant(node)
        if isinstance(node, (ast.List, ast.Tuple)):
            return self._at(node, [self.value(each, depth + 1) for each in node.elts])
        if isinstance(node, ast.Dict):
            return self._at(node, self._entries(node, depth))
        if isinstance(node, ast.Set) and len(node.elts) == 1:  # {{_base_.lr}}
            return self.value(node.elts[0], depth + 1)
        if isinstance(node, ast.Name) and (known := self._known(node.id)) is not None:
            return Value(known.content, known.source, known.line, known.column, known.quoted)
        return self._made(node, depth)

    def _known(self, name: str) -> Value | None:
        return self.base if name == "_base_" else self.names.get(name)

    def _number(self, node: ast.expr) -> Any:
        """The number that a name stands for."""
        value = self.value(node, MOST_DEPTH // 2)
        return None if value.quoted else number_of(value)

    def _constant(self, node: ast.Constant) -> Value:
        if node.value is None or isinstance(node.value, bool):
            return self._at(node, {None: "null", True: "true", False: "false"}[node.value])
        value = self._at(node, node.value if isinstance(node.value, str) else repr(node.value)[:100])
        value.quoted = isinstance(node.value, str)
        return value

    def _entries(self, node: ast.Dict, depth: int) -> dict[str, Value]:
        made: dict[str, Value] = {}
        for key, each in zip(node.keys, node.values):
            value = self.value(each, depth + 1)
            if key is None and isinstance(value.content, dict):
                made |= value.content
            elif isinstance(key, ast.Constant):
                value.key = self._at(key, str(key.value))
                made[str(key.value)] = value
        return made

    def _made(self, node: ast.expr, depth: int) -> Value:
        """``dict(a=1)``, ``mapping["key"]``, ``mapping.key``; of anything else its text, which is no value."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
            entries: dict[str, Value] = {}
            for each in node.args[:1]:
                inner = self.value(each, depth + 1).content
                entries |= inner if isinstance(inner, dict) else {}
            for keyword in node.keywords:
                value = self.value(keyword.value, depth + 1)
                value.key = self._at(keyword.value, keyword.arg or "")
                if keyword.arg is not None:
                    entries[keyword.arg] = value
                elif isinstance(value.content, dict):
                    entries |= value.content
            return self._at(node, entries)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            content, key = self.value(node.value, depth + 1).content, node.slice.value
            if isinstance(content, dict) and str(key) in content:
                return content[str(key)]
            if isinstance(content, list) and isinstance(key, int) and -len(content) <= key < len(content):
                return content[key]
        if isinstance(node, ast.Attribute):
            content = self.value(node.value, depth + 1).content
            if isinstance(content, dict) and node.attr in content:
                return content[node.attr]
            if ast.unparse(node).startswith("_base_."):  # of a file that was not read
                return self._at(node, f"${{{ast.unparse(node)}}}"[:100])
            return self._at(node, node.attr)  # torch.optim.AdamW, say
        return self._at(node, ast.unparse(node)[:100] if depth < 10 else "…")

    def _at(self, node: ast.expr | ast.stmt, content: Any) -> Value:
        return Value(content, self.source, node.lineno, node.col_offset + 1)
