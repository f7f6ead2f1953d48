"""Lists, dictionaries and texts that are written out, and those made by a comprehension."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

from lrplot.configs.code import arrays, operations
from lrplot.configs.code.choices import truth_of
from lrplot.configs.code.reader import Reader
from lrplot.configs.code.values import Array, Filtered, Groups, Made, Missing, Scope, Symbol, missing_in

MAX_TURNS = 1_000
"""Of a comprehension."""


def _sequence(reader: Reader, node: ast.List | ast.Tuple | ast.Set, scope: Scope) -> Any:
    items: list[Any] = []
    for part in node.elts:
        if isinstance(part, ast.Starred):
            inner = reader.value(part.value, scope)
            if not isinstance(inner, (list, tuple, range)):
                return Missing(missing_in(inner))
            items += islice(inner, MAX_TURNS)
        else:
            items.append(reader.value(part, scope))
    return tuple(items) if isinstance(node, ast.Tuple) else items


def _dictionary(reader: Reader, node: ast.Dict, scope: Scope) -> Any:
    made: dict[Any, Any] = {}
    for key, part in zip(node.keys, node.values):
        value = reader.value(part, scope)
        if key is None:
            made |= value if isinstance(value, dict) else {}
        elif isinstance(name := reader.value(key, scope), (str, int, float, bool)):
            made[name] = value
    _scheduled(made)
    return made


def _scheduled(entries: Mapping[Any, Any]) -> None:
    """Takes note of the clock that Lightning's dictionary gives a scheduler."""
    made = entries.get("scheduler")
    if isinstance(made, Made):
        made.clock |= {key: entries[key] for key in ("interval", "frequency") if key in entries}


def _comprehension(reader: Reader, node: ast.ListComp | ast.GeneratorExp | ast.SetComp, scope: Scope) -> Any:
    if len(node.generators) != 1:
        return Missing()
    (loop,) = node.generators
    over = reader.value(loop.iter, scope)
    over = list(over) if isinstance(over, dict) else over.each if isinstance(over, Groups) else over
    is_long = isinstance(over, range) and len(over) > operations.MAX_LISTED and not loop.ifs
    if (is_long or isinstance(over, Array)) and (found := _at_any(reader, over, node, loop, scope)) is not None:
        return found
    if not isinstance(over, (list, tuple, range, str)) or len(over) > MAX_TURNS:
        return Missing(missing_in(over))
    made = []
    for item in over:
        inner = Scope(outer=scope)
        reader.assign(loop.target, item, inner)
        tests = [reader.value(test, inner) for test in loop.ifs]
        truths = [truth_of(test) for test in tests]
        if None in truths:
            return _counted(reader, over, node, loop, scope)
        if all(truths):
            made.append(reader.value(node.elt, inner))
    return made


def _dictionaries(reader: Reader, node: ast.DictComp, scope: Scope) -> Any:
    """``{key: value for … in …}``, as a list of pairs is made."""
    pairs = ast.ListComp(ast.Tuple([node.key, node.value], ast.Load()), node.generators)
    made = reader.value(ast.copy_location(pairs, node), scope)
    return _of_pairs(made) if isinstance(made, list) else Missing(missing_in(made))


def _of_pairs(pairs: list[Any]) -> Any:
    known = all(isinstance(key, (str, int, float, bool)) for key, _ in pairs)
    return dict(pairs) if known else Missing(missing_in(pairs))


def _at_any(reader: Reader, over: Any, node: Any, loop: ast.comprehension, scope: Scope) -> Array | None:
    """``[rate(i) for i in range(n)]``, as what stands at any place: None where that is no number."""
    item: Any = over.item if isinstance(over, Array) else arrays.place()
    if isinstance(over, range):
        item = operations.binary(ast.Mult, item, over.step) if over.step != 1 else item
        item = operations.binary(ast.Add, item, over.start) if over.start else item
    inner = Scope(outer=scope)
    reader.assign(loop.target, item, inner)
    value = reader.value(node.elt, inner)
    length = over.length if isinstance(over, Array) else len(over)
    return Array(length, value) if isinstance(value, (int, float, Symbol)) and not loop.ifs else None


def _counted(reader: Reader, over: Sequence[Any], node: Any, loop: ast.comprehension, scope: Scope) -> Any:
    """``[m for m in milestones if m <= epoch]``: how many there are is known at least."""
    tests = []
    for item in over:
        inner = Scope(outer=scope)
        reader.assign(loop.target, item, inner)
        tests.append(reader.value(loop.ifs[0], inner))
    return Filtered(tuple(tests)) if len(loop.ifs) == 1 else Missing(missing_in(*tests))


def _text(reader: Reader, node: ast.JoinedStr, scope: Scope) -> Any:
    parts: list[str] = []
    for part in node.values:
        value = reader.value(part.value if isinstance(part, ast.FormattedValue) else part, scope)
        if not isinstance(value, operations.SCALARS) or getattr(part, "format_spec", None) is not None:
            return Missing()
        parts.append(str(value))
    return "".join(parts) if sum(map(len, parts)) <= operations.MAX_ITEMS else Missing()


READERS: Mapping[type[ast.expr], Callable[[Reader, Any, Scope], Any]] = {
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Set: _sequence,
    ast.Dict: _dictionary,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _dictionaries,
    ast.JoinedStr: _text,
}
