"""Key paths, such as ``scheduler.schedulers[1].T_max``, and what they lead to in a config as it was written."""

import re
from collections.abc import Sequence

from lrplot.configs.document import Value

Parts = Sequence[str | int]
"""A key path taken apart."""


def parts_of(key: str) -> Parts:
    """
    >>> parts_of("scheduler.schedulers[1].T_max")
    ['scheduler', 'schedulers', 1, 'T_max']
    """
    return [int(part[1:-1]) if part[0] == "[" else part for part in re.findall(r"[^.\[\]]+|\[\d+\]", key)]


def walked(value: Value, parts: Parts) -> tuple[Value, Parts]:
    """How far a key path leads from a value: to the value there, or to the last on the way and the rest of the path."""
    for index, part in enumerate(parts):
        content = value.content
        if isinstance(content, dict) and part in content:
            value = content[str(part)]
        elif isinstance(content, list) and isinstance(part, int) and part < len(content):
            value = content[part]
        else:
            return value, parts[index:]
    return value, ()
