"""Curves as lrplot's own config, with a comment on where each value came from that was another's, or a flag's."""

import json
import os
import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from lrplot.configs.config import Config, Origin
from lrplot.configs.document import MAX_CONFIG_BYTES, MAX_VALUES, Value
from lrplot.configs.key_paths import walked
from lrplot.outputs.rendering import Rendering
from lrplot.version import __version__
from lrplot.wording import printable

_WORD = re.compile(r"[A-Za-z][\w.-]*")
SPARE = 10_000
"""Values of a config besides its metrics."""
_TAKEN = ("true", "false", "yes", "no", "on", "off", "null", "y", "n")
"""Words that YAML takes for something else, whatever their case."""

Path = tuple[str | int, ...]


def write_yaml(rendering: Rendering, stream: BinaryIO) -> None:
    """A config that reads back to the same curves.

    Raises:
        ValueError: It is longer than a config that is read may be.
    """
    config = rendering.config
    lines = [f"# written by lrplot {__version__}", *(f"# {printable(line)}" for line in config.told)]
    lines += _mapping(config.mapping(), (), _Comments(config), "")
    text = "\n".join(lines) + "\n"
    metrics = sum(len(run.metrics) for run in config.runs if isinstance(run.metrics, array))
    if len(text) > MAX_CONFIG_BYTES or metrics > MAX_VALUES - SPARE:
        what = f"{metrics:,} metrics are more than can be read back from a config"
        raise ValueError(f"{what}: name the file that they are in, metrics: losses.csv:val_loss")
    stream.write(text.encode())


class _Comments:
    """Where the values of a config came from."""

    def __init__(self, config: Config) -> None:
        self.origins = [config.origins.get(run, {}) for run in config.runs]
        self.is_foreign = config.text is None and bool(config.told)

    def on(self, path: Path) -> str:
        """What is said of what stands at a path; nothing where that is nothing but itself."""
        if path[:1] == ("curves",) and len(path) > 2 and isinstance(path[1], int):
            return self._within(self.origins[path[1]], path[2:])
        return self._within(self.origins[0], path) if len(self.origins) == 1 else ""

    def _within(self, origin: Origin, path: Path) -> str:
        if not path or str(path[0]) not in origin:
            return ""
        value, rest = walked(origin[str(path[0])][0], path[1:])
        return "" if rest else _told(value) or self._place(value)

    def _place(self, value: Value) -> str:
        """Where a value stands in a file that is not lrplot's own, as in a script."""
        is_there = self.is_foreign and value.line is not None and not value.is_flag
        return f"{os.path.basename(value.source)}:{value.line}" if is_there else ""


def _told(value: Value) -> str:
    """How a value was come by: a flag, a key and its line, a default, arithmetic."""
    if value.is_flag and value.source != "--":
        return f"{value.source}: {value.note}" if value.note else value.source
    if not value.note:
        return _told(value.content[0]) if isinstance(value.content, list) and value.content else ""
    place = f"{os.path.basename(value.source)}:{value.line}: " if value.line else ""
    return f"{place}{value.note}"


def _mapping(entries: Mapping[str, Any], path: Path, comments: _Comments, indent: str) -> Iterator[str]:
    for key, value in entries.items():
        below = (*path, key)
        name = f"{indent}{_scalar(key)}:"
        if isinstance(value, Mapping) and value:
            yield name
            yield from _mapping(value, below, comments, indent + "  ")
        elif _is_list_of_mappings(value):
            yield name
            for index, each in enumerate(value):
                first, *more = _mapping(each, (*below, index), comments, indent + "  ")
                yield f"{indent}- {first[len(indent) + 2 :]}"
                yield from more
        else:
            told = comments.on(below)
            yield f"{name} {_flow(value)}" + (f"  # {printable(told)}" if told else "")


def _is_list_of_mappings(value: Any) -> bool:
    return isinstance(value, Sequence) and bool(value) and all(isinstance(each, Mapping) and each for each in value)


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    """A number, a truth or a text on one line.

    >>> [_scalar(value) for value in (1e-05, True, "cosine", "0.5 ** epoch", "on", None)]
    ['1e-05', 'true', 'cosine', '"0.5 ** epoch"', '"on"', 'null']
    """
    if not isinstance(value, str):
        return json.dumps(value) if value is None or isinstance(value, bool) else repr(value)
    if _WORD.fullmatch(value) and value.lower() not in _TAKEN:
        return value
    if value.isprintable():
        return json.dumps(value, ensure_ascii=False)
    import yaml

    text: str = yaml.safe_dump(value, default_style='"', width=10**9, allow_unicode=True)
    return text.rstrip("\n")
