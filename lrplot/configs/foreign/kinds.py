"""How a text is written (YAML, JSON, TOML, Python, flags of a shell script), and the tree of values in it."""

import contextlib
import re
from typing import Any

from lrplot.configs.document import KEPT, Builder, ConfigError, Value, parse

ENDINGS = {
    ".yaml": "yaml",
    ".yml": "yaml",
    ".json": "yaml",
    ".toml": "toml",
    ".py": "python",
    ".ipynb": "python",
    ".sh": "flags",
    ".bash": "flags",
    ".slurm": "flags",
    ".sbatch": "flags",
}
"""What the ending of a file's name says of how it is written."""

_TOML = re.compile(
    r"\s*(?:#[^\n]*\n\s*)*(?:\[\[?[\w. \"'-]+\]\]?\s*(?:#[^\n]*)?\n|[\w.\"'-]+[ \t]*=[ \t]*[\[{\"'\w.+-])"
)
_PYTHON = re.compile(r"^(?:import|from|def|class|@|for|if|with) ?[^\n]*|^\w+ *= *\w+\(", re.MULTILINE)
_FLAG = re.compile(r"(?:^|\s)--?[A-Za-z][\w-]*", re.MULTILINE)
_COMMENT = re.compile(r'("(?:[^"\\\n]|\\.)*")|//[^\n]*|/\*.*?\*/', re.DOTALL)


def kind_of(path: str, text: str) -> str:
    """How a text is written: by its file's ending, or by what stands in it.

    >>> kind_of("-", "lr: 0.1"), kind_of("-", "[training]\\nsteps = 5"), kind_of("-", "python train.py --lr 1")
    ('yaml', 'toml', 'flags')
    """
    named = next((kind for ending, kind in ENDINGS.items() if path.lower().endswith(ending)), None)
    if named is not None:
        return named
    if _PYTHON.search(text) and _is_python(text):
        return "python"
    if _TOML.match(text):
        return "toml"
    try:
        if isinstance(_yaml(text, path).content, dict):
            return "yaml"
    except ConfigError:
        pass
    return "flags" if _FLAG.search(text) else "text"


def _is_python(text: str) -> bool:
    """Whether a text is Python as a whole, and not one that has some of it in it."""
    from lrplot.configs.foreign.literals import syntax

    try:
        syntax(text, "")
    except ConfigError:
        return False
    return True


def tree_of(kind: str, text: str, source: str) -> Value:
    """The values in a text; an empty mapping where it holds none.

    Raises:
        ConfigError: A syntax error.
    """
    if kind == "yaml":
        tree = _yaml(text, source)
        return tree if isinstance(tree.content, dict) else Value({}, source)
    if kind == "toml":
        from lrplot.configs.foreign import toml

        return toml.parse(text, source)
    if kind == "flags":
        from lrplot.configs.foreign import flags

        return flags.parse(text, source)[-1]
    if kind == "python" and not source.lower().endswith(".ipynb"):
        return python_on(text, source, Value({}, source))
    return Value({}, source)


def python_on(text: str, source: str, base: Value) -> Value:
    """The values in a Python file that is built on others' values.

    Raises:
        ConfigError: A syntax error.
    """
    from lrplot.configs.foreign import literals

    return literals.parse(text, source, base)


def _yaml(text: str, source: str) -> Value:
    """YAML, or JSON with comments and commas too many, as frameworks read it: tags are passed over, << is merged."""
    if text.lstrip().startswith(("{", "//", "/*")):
        text = _COMMENT.sub(lambda found: found[1] or re.sub(r"[^\n]", " ", found[0]), text)
        source_as = source if source.lower().endswith(".json") else f"{source}.json"
        text = text.replace("\t", " ") if source_as != source else text
        try:
            return parse(text, source, [], KEPT, Loose)
        except ConfigError:
            if text.lstrip().startswith("{") and (separated := _SEPARATED.sub(r"\1,\2", _NOTES.sub("", text.rstrip()))):
                with contextlib.suppress(ConfigError):  # as hjson has it, where a line's end is a comma
                    return parse(separated, source, [], KEPT, Loose)
            raise
    return parse(text, source, [], KEPT, Loose)


_NOTES = re.compile(r"(?m)(?:^|(?<=\s))#[^\n]*")
_SEPARATED = re.compile(r"([^\s{\[,:])([ \t\r]*\n)")
"""The end of a line that is no beginning and has no comma."""


class Loose(Builder):
    """Builds values as the frameworks' own readers do: of two same keys the last holds, and ``<<`` is merged.

    The tag of a mapping, as in ``!LinearWarmup``, becomes its entry ``!``.
    """

    def _begun(self, event: Any, kind: str) -> Value:
        value = super()._begun(event, kind)
        if event.tag is not None and isinstance(value.content, dict) and event.tag[0] == "!":
            value.content["!"] = Value(event.tag[1:], value.source, value.line, value.column)
        return value

    def _put(self, parent: Value, value: Value) -> None:
        content, key = parent.content, parent.key
        if not isinstance(content, dict) or key is None or not isinstance(key.content, str):
            super()._put(parent, value)
            return
        merged = value.content if isinstance(value.content, list) else [value]
        if key.content == "<<" and all(isinstance(item.content, dict) for item in merged):
            parent.key = None
            self._count(parent, value)
            for item in merged:
                assert isinstance(item.content, dict)
                for name, entry in item.content.items():
                    content.setdefault(name, entry)
            return
        content.pop(key.content, None)
        super()._put(parent, value)
