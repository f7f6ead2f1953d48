"""Values in a tree: made where another stands, found at the end of a path, put there."""

from collections.abc import Iterator
from typing import Any

from lrplot.configs.document import Value


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


def with_value(tree: Value, path: str, value: Value) -> Value:
    """A tree with another value at a key path; a copy, as an alias may share it."""
    if not isinstance(tree.content, dict):
        return tree
    head, _, rest = path.partition(".")
    below = tree.content.get(head)
    if rest and (below is None or not isinstance(below.content, dict)):
        below = Value({}, value.source)
    changed = Value(
        {**tree.content, head: with_value(below, rest, value) if rest and below is not None else value},
        tree.source,
        tree.line,
        tree.column,
    )
    changed.key = tree.key
    return changed
