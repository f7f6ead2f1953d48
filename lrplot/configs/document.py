"""YAML (or JSON) text to values that know where they were written: file, line and column, or the flag they came by.

Scalars stay text here: what a text means (a number, a word, an expression) is for whoever knows what belongs in that
place to say, so that YAML's own guesses (``1e-5`` a string, ``010`` eight, ``on`` true) never happen.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from lrplot.files import read_bytes
from lrplot.wording import shown

MAX_CONFIG_BYTES = 4_000_000
MAX_KEPT_BYTES = 10_000_000
"""Of the schedule that a picture keeps."""
MAX_VALUES = 100_000
"""Values of a document with its aliases written out."""


class Bounds:
    """How many values a document may hold, and how deep."""

    def __init__(self, values: int, depth: int) -> None:
        self.values = values
        self.depth = depth
        self.too_deep = f"is nested more than {depth} levels deep"


PERSONS = Bounds(MAX_VALUES, 50)
KEPT = Bounds(1_000_000, 200)
"""Of what a picture keeps: its metrics came from files, and what was one line stands on several levels."""

_UNPRINTABLE = r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
_SURROGATES = r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"


class ConfigError(ValueError):
    """A config that cannot be used.

    Args:
        messages: One line for each thing wrong with it.
        files: What was read for it besides.
    """

    def __init__(self, messages: Iterable[str], files: Sequence[str] = ()) -> None:
        self.messages = list(messages)
        self.files = files
        super().__init__("\n".join(self.messages))

    def __reduce__(self) -> tuple[Any, ...]:
        return ConfigError, (self.messages, self.files)


class Value:
    """One value as it was written: text, a list of values, or a mapping from text to values."""

    __slots__ = ("column", "content", "faulty", "key", "line", "note", "quoted", "size", "source")

    def __init__(
        self,
        content: "str | list[Value] | dict[str, Value]",
        source: str,
        line: int = 0,
        column: int = 0,
        quoted: bool = False,
    ) -> None:
        self.content = content
        self.source = source
        self.line = line
        self.column = column
        self.quoted = quoted
        self.size = 1
        self.note = ""
        """How it was come by, where it was not written so: a key of another format, a default, arithmetic."""
        self.key: Value | None = None
        self.faulty = False
        """Whether it stands for what could not be read, so that nothing more need be said of it."""

    @property
    def place(self) -> str:
        """Where it was written: file, line and column, or what stands for them where there is no file."""
        return f"{self.source}:{self.line}:{self.column}" if self.line else self.source

    @property
    def is_flag(self) -> bool:
        return not self.line and self.source.startswith("-")

    @property
    def is_null(self) -> bool:
        return (
            isinstance(self.content, str)
            and not self.quoted
            and not self.faulty
            and self.content in ("", "~", "null", "Null", "NULL")
        )


def read_file(path: str, limit: int = MAX_CONFIG_BYTES) -> bytes:
    """The bytes of a file of a reasonable size; ``-`` is standard input.

    Raises:
        ConfigError: It is not there, not a file, not readable, or too large.
    """
    source = "<stdin>" if path == "-" else path
    try:
        return read_bytes(path, limit)
    except OSError as error:
        raise ConfigError([f"{source}: cannot be read: {error.strerror or error}"]) from None
    except ValueError as error:
        advice = " (long metrics go into a CSV file)" if limit == MAX_CONFIG_BYTES else ""
        raise ConfigError([f"{source}: {error}{advice}"]) from None


def read_text(path: str) -> str:
    """The text of a config's file; ``-`` is standard input.

    Raises:
        ConfigError: It cannot be read, or is no text.
    """
    return decode(read_file(path), "<stdin>" if path == "-" else path)


def decode(data: bytes, source: str) -> str:
    """Bytes as UTF-8, with or without a byte order mark.

    Raises:
        ConfigError: They are something else; the message names the line.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            [f"{source}:{line}: is not UTF-8: byte 0x{data[error.start]:02x} cannot stand there"]
        ) from None
    if "\0" in text:
        raise ConfigError([f"{source}:{_place(text, text.index(chr(0)))}: holds a NUL byte: this is not a text file"])
    return text


def _place(text: str, index: int) -> str:
    return f"{text.count(chr(10), 0, index) + 1}:{index - text.rfind(chr(10), 0, index)}"


Fault = tuple[Value, str]
"""What stands where it must not, and why it must not."""


def parse(
    text: str,
    source: str,
    faults: list[Fault] | None = None,
    bounds: Bounds = PERSONS,
    builder_of: "type[Builder] | None" = None,
) -> Value:
    """The one document in a YAML text.

    Tags, aliases of nothing, keys that stand twice and other faults that leave the rest readable are added to
    ``faults``, or raised where there is no such list.

    Args:
        builder_of: What makes values of the parser's events, where that is not done as for lrplot's own configs.

    Raises:
        ConfigError: A syntax error, more than one document, none, or one too deep or too large.
    """
    import yaml  # only where there is a file to read

    if source.lower().endswith(".json"):
        # JSON may be indented with tabs and has its own way with characters beyond U+FFFF; YAML has neither.
        text = re.sub(
            _SURROGATES, lambda m: m[1] + bytes.fromhex(m[2] + m[3]).decode("utf-16-be"), text.replace("\t", " ")
        )
    if found := re.search(_UNPRINTABLE, text):
        what = f"holds the control character U+{ord(found[0]):04X}: write it as an escape"
        raise ConfigError([f"{source}:{_place(text, found.start())}: {what}"])
    loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    builder = (builder_of or Builder)(source, bounds)
    try:
        roots = list(islice(builder.documents(yaml.parse(text, Loader=loader)), 2))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{source}:{mark.line + 1}:{mark.column + 1}" if mark else source
        problem = error.problem or error.context
        if problem == "exceeded maximum nesting depth":  # libyaml's own, of 1,000 levels
            raise ConfigError([f"{place}: {bounds.too_deep}"]) from None
        if (
            mark
            and text.splitlines()[mark.line : mark.line + 1]
            and text.splitlines()[mark.line][mark.column :].startswith("\t")
        ):
            problem = "a tab cannot indent, write spaces"
        raise ConfigError([f"{place}: not valid YAML: {problem}"]) from None
    except yaml.YAMLError as error:
        raise ConfigError([f"{source}: not valid YAML: {str(error).splitlines()[0]}"]) from None
    if len(roots) > 1:
        raise ConfigError([f"{roots[1].place}: a second document begins here: a config is one"])
    if faults is not None:
        faults += builder.faults
    elif builder.faults:
        raise ConfigError(f"{value.place}: {problem}" for value, problem in builder.faults)
    if not roots or roots[0].is_null:
        raise ConfigError([f"{source}: is empty: a config has at least a scheduler, as in scheduler: cosine T_max=20"])
    return roots[0]


class Builder:
    """Builds documents from the parser's events with a stack of its own, so that no input can exhaust Python's."""

    def __init__(self, source: str, bounds: Bounds) -> None:
        self.source = source
        self.bounds = bounds
        self.faults: list[Fault] = []
        self._open: list[Value] = []
        self._anchors: dict[str, Value] = {}

    def documents(self, events: Iterator[Any]) -> Iterator[Value]:
        for event in events:
            kind = type(event).__name__
            if kind == "DocumentStartEvent":
                self._anchors.clear()
            if kind in ("SequenceEndEvent", "MappingEndEvent"):
                value = self._open.pop()
            elif kind == "AliasEvent":
                value = self._aliased(event)
            elif kind in ("ScalarEvent", "SequenceStartEvent", "MappingStartEvent"):
                value = self._begun(event, kind)
                if kind != "ScalarEvent":
                    self._open.append(value)
                    if len(self._open) > self.bounds.depth:
                        raise ConfigError([f"{value.place}: {self.bounds.too_deep}"])
                    continue
            else:
                continue
            if self._open:
                self._put(self._open[-1], value)
            else:
                yield value

    def _begun(self, event: Any, kind: str) -> Value:
        content: Any = {"ScalarEvent": None, "SequenceStartEvent": [], "MappingStartEvent": {}}[kind]
        quoted = False
        if content is None:
            content, quoted = event.value, event.implicit[1]
        value = Value(content, self.source, event.start_mark.line + 1, event.start_mark.column + 1, quoted)
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!", 1)
            self.faults.append((value, f"has the tag {shown(tag)}: tags are not allowed, write the plain value"))
        if event.anchor:
            self._anchors[event.anchor] = value
        return value

    def _aliased(self, event: Any) -> Value:
        target = self._anchors.get(event.anchor)
        if target is not None and all(value is not target for value in self._open):
            alias = Value(target.content, target.source, target.line, target.column, target.quoted)
            alias.size, alias.faulty = target.size, target.faulty
            return alias
        alias = Value("", self.source, event.start_mark.line + 1, event.start_mark.column + 1)
        alias.faulty = True
        if target is None:
            self.faults.append((alias, f"there is no anchor {shown('&' + event.anchor)} before this"))
        else:
            self.faults.append((alias, f"the alias {shown('*' + event.anchor)} stands inside what it stands for"))
        return alias

    def _put(self, parent: Value, value: Value) -> None:
        """Adds a finished value to the list or mapping that it stands in; in a mapping, keys and values take turns."""
        self._count(parent, value)
        if isinstance(parent.content, list):
            parent.content.append(value)
            return
        assert isinstance(parent.content, dict)
        if parent.key is None:
            parent.key = value
            return
        key, parent.key = parent.key, None
        if not isinstance(key.content, str):
            self.faults.append((key, "a key must be a word, not a list or a mapping"))
        elif key.content == "<<" and not key.quoted:
            self.faults.append((key, "the merge key << is not read: write the keys out"))
        elif key.content in parent.content:
            first = parent.content[key.content].key
            assert first is not None
            self.faults.append((key, f"the key {shown(key.content)} is here a second time, first in line {first.line}"))
        else:
            value.key = key
            parent.content[key.content] = value

    def _count(self, parent: Value, value: Value) -> None:
        """Bounds what aliases stand for, all in all."""
        parent.size += value.size
        if parent.size > self.bounds.values:
            what = (
                f"holds more than {self.bounds.values:,} values, aliases written out (long metrics go into a CSV file)"
            )
            raise ConfigError([f"{value.place}: {what}"])
