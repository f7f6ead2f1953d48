"""What stands at a place of a list or an array, where a loop's counter tells the place."""

from __future__ import annotations

import ast
from typing import Any

from lrplot.configs.code import operations
from lrplot.configs.code.values import Array, Missing, Symbol

AT = "at"
"""What the place in an array is called in its expression."""


def place() -> Symbol:
    return Symbol(ast.Name(id=AT, ctx=ast.Load()))


def item_of(array: Array, at: Any) -> Any:
    """What stands at a place of an array: a number, or what depends on a loop's counter."""
    if isinstance(at, int) and not isinstance(at, bool):
        if not -array.length <= at < array.length:
            return Missing()
        at = at % array.length
    if not isinstance(array.item, Symbol):
        return array.item
    return operations.evaluated(array.item.node, {AT: at})


def chosen_of(items: list[Any] | tuple[Any, ...], at: Symbol) -> Any:
    """What stands at a place of a short list, where a loop's counter tells the place."""
    made: Any = items[-1]
    for index in range(len(items) - 2, -1, -1):
        made = operations.choose(operations.compared(ast.Eq, at, index), items[index], made)
    return made


def entry_of(entries: dict[Any, Any], key: Symbol) -> Any:
    """What a short dictionary has for a key that a loop's counter tells, where it has it."""
    made: Any = None
    for each, value in entries.items():
        made = value if made is None else operations.choose(operations.compared(ast.Eq, key, each), value, made)
    return made
