"""Values in a tree: made where another stands, found at the end of a path, put there, merged; and the number in one."""

import math
import re
from collections.abc import Iterator
from typing import Any

from lrplot.configs.document import Value

_NUMBER = re.compile(r"[-+]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_MOST_DIGITS = 40

Number = float | int


def at(place: Value, content: Any, note: str = "") -> Value:
    """A value that stands where another does.

    >>> at(Value("", "a.yaml", 3, 1), 0.5, "half of lr").content
    '0.5'

    Args:
        content: Text, a number, a truth, or a list or a mapping of values.
        note: How it was come by.
    """
    if isinstance(content, bool):
        content = str(content).lower()
    elif isinstance(content, (int, float)):
        content = repr(content)
    made = Value(content, place.source, place.line, place.column)
    made.note = note
    return made


def number_of(value: Value) -> Number | None:
    """A number as frameworks read it, in quotes or not: None of anything else.

    >>> [number_of(Value(text, "")) for text in ("2e-5", "1_000", "0.0", "3.", "5e-", "nan")]
    [2e-05, 1000, 0.0, 3.0, None, None]
    """
    text = value.content.strip() if isinstance(value.content, str) else ""
    if len(text) > _MOST_DIGITS or not _NUMBER.fullmatch(text):
        return None
    text = text.replace("_", "")
    number = float(text)
    if not math.isfinite(number):
        return None
    return int(text) if text.lstrip("+-").isdecimal() else number


def walk(value: Value, path: str) -> Value | None:
    """What stands at a key path, a list's entries by their numbers; None where there is nothing, or null."""
    found = reach(value, path)
    return None if found is None or found.is_null or found.content == "None" else found


def reach(value: Value, path: str) -> Value | None:
    """What stands at a key path, null too; None where there is nothing."""
    for part in path.split("."):
        content = value.content
        if isinstance(content, dict) and part in content:
            value = content[part]
        elif isinstance(content, list) and part.isdecimal() and len(part) < 5 and int(part) < len(content):
            value = content[int(part)]
        else:
            return None
    return value


def flags_in(value: Value) -> Iterator[str]:
    """The flags that a tree's values come from."""
    if value.is_flag:
        yield value.source
    content = value.content
    for each in content.values() if isinstance(content, dict) else content if isinstance(content, list) else ():
        yield from flags_in(each)


def keys_in(value: Value) -> set[str]:
    """The keys of all mappings in a tree."""
    content = value.content
    inner = content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()
    return {*(content if isinstance(content, dict) else ()), *(key for each in inner for key in keys_in(each))}


def with_value(tree: Value, path: str, value: Value) -> Value:
    """A tree with another value at a key path, a list's entries by their numbers; a copy, as an alias may share it.

    >>> tree = Value({"a": Value([Value("1", ""), Value({"b": Value("2", "")}, "")], "")}, "")
    >>> reach(with_value(tree, "a.1.b", Value("3", "--set")), "a.1.b").content
    '3'
    """
    head, _, rest = path.partition(".")
    below = reach(tree, head)
    inner = value if not rest else with_value(Value({}, value.source) if below is None else below, rest, value)
    content: list[Value] | dict[str, Value]
    if isinstance(tree.content, list) and below is not None:
        content = [*tree.content[: int(head)], inner, *tree.content[int(head) + 1 :]]
    else:
        content = {**(tree.content if isinstance(tree.content, dict) else {}), head: inner}
    changed = Value(content, tree.source, tree.line, tree.column)
    changed.key = tree.key
    return changed


def merged(tree: Value, base: Value) -> Value:
    """A tree over another one, mapping by mapping; a mapping with ``_delete_`` stands alone, as OpenMMLab has it.

    >>> over = Value({"a": Value({"x": Value("1", "")}, "")}, "")
    >>> sorted(merged(over, Value({"a": Value({"y": Value("2", "")}, "")}, "")).content["a"].content)
    ['x', 'y']
    """
    top, below = tree.content, base.content
    if not isinstance(top, dict) or not isinstance(below, dict):
        return tree
    alone = top.get("_delete_")
    entries = {} if alone is not None and str(alone.content).lower() == "true" else dict(below)
    for key, value in top.items():
        entries[key] = merged(value, entries[key]) if key in entries else value
    made = Value(entries, tree.source, tree.line, tree.column)
    made.key, made.note = tree.key, tree.note
    return made
