"""The files that a config is built on, as it names them under ``_base_``, ``_BASE_`` or ``BASE``: of these none is
opened but those that were named after ``--values``, or stand in a folder that was.
"""

import os
import re
import shlex
from collections.abc import Sequence
from typing import NamedTuple

from lrplot.configs.document import ConfigError, Value, read_text
from lrplot.configs.foreign.kinds import kind_of, python_on, tree_of
from lrplot.configs.foreign.tree import merged

KEYS = ("_base_", "_BASE_", "BASE")
MOST_FILES = 100
MOST_LETTERS = 300
"""Of a file's name."""

_SCHEDULES = re.compile(r"sched|optim|solver")
_SCOPED = re.compile(r"[\w.]+::")


class Built(NamedTuple):
    """A file with what it is built on.

    Args:
        tree: Its values over those of the files below it.
        opened: Those that were read.
        pending: Those that were not.
    """

    tree: Value
    opened: Sequence[str]
    pending: Sequence[str]


def build(path: str, kind: str, text: str, granted: Sequence[str]) -> Built:
    """A file's values over those of its bases, as their frameworks merge them: mapping by mapping.

    Args:
        granted: The files and folders that may be opened.

    Raises:
        ConfigError: One of them cannot be read, or names itself in the end.
    """
    builder = _Builder(granted)
    tree = builder.tree(path, kind, text, ())
    return Built(tree, builder.opened, builder.pending)


def way(pending: Sequence[str]) -> str:
    """The words that have them read: those of a schedule by their names, or all.

    >>> way(["../models/a.py", "../schedules/b c.py"])
    "--values '../schedules/b c.py'"
    """
    meant = [path for path in pending if _SCHEDULES.search(path)] or pending
    return " ".join(f"--values {shlex.quote(path)}" for path in meant[:5])


class _Builder:
    def __init__(self, granted: Sequence[str]) -> None:
        self.granted = granted
        self.opened: list[str] = []
        self.pending: list[str] = []

    def tree(self, path: str, kind: str, text: str, above: tuple[str, ...]) -> Value:
        source = "<stdin>" if path == "-" else path
        tree = tree_of(kind, text, source)
        base = Value({}, source)
        for name in _names(tree):
            found = self._granted(path, name)
            if found is None:
                self.pending.append(_beside(path, name))
                continue
            if found in above or len(self.opened) >= MOST_FILES:
                raise ConfigError([f"{source}: is built on {found}, which is built on it, or on too many files"])
            self.opened.append(found)
            inner = read_text(found)
            base = merged(self.tree(found, kind_of(found, inner), inner, (*above, found)), base)
        if not base.content:
            return tree
        return python_on(text, source, base) if kind == "python" else merged(tree, base)

    def _granted(self, path: str, name: str) -> str | None:
        """The file that a name in another one means, if it may be opened."""
        if scoped := _SCOPED.match(name):
            ending = f"/{name[scoped.end() :]}"
            return next((each for each in self.granted if os.path.abspath(each).endswith(ending)), None)
        meant = _beside(path, name)
        whole = os.path.abspath(meant)
        for each in self.granted:
            if whole == os.path.abspath(each):
                return each
            if whole.startswith(os.path.join(os.path.abspath(each), "")) and os.path.isdir(each):
                return meant
        return None


def _names(tree: Value) -> list[str]:
    """What a file says that it is built on."""
    content = tree.content if isinstance(tree.content, dict) else {}
    named = next((content[key] for key in KEYS if key in content), None)
    if named is None:
        return []
    names = [each.content for each in named.content] if isinstance(named.content, list) else [named.content]
    return [name for name in names if isinstance(name, str) and 0 < len(name) <= MOST_LETTERS and "\0" not in name]


def _beside(path: str, name: str) -> str:
    """The path of a file that another one names, from where that one stands."""
    return name if _SCOPED.match(name) else os.path.normpath(os.path.join(os.path.dirname(path), name))
