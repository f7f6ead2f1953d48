"""Changes to the values in a config's text that leave its comments and its layout as they are."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lrplot.configs.document import KEPT, Value, parse
from lrplot.configs.key_paths import Parts, parts_of, walked

_PLAIN = re.compile(r"[A-Za-z][\w.-]*")
"""Text that YAML takes for itself, but for a few words that are none of ours."""

_LINE = re.compile(r"[A-Za-z][\w.-]*( [\w.=+-]+)*")
"""A one-line spec that YAML takes for itself, wherever it stands."""

_WORD = re.compile(r"[\w.,+-]*")


class _Change(NamedTuple):
    start: int
    end: int
    text: str


class Uneditable(ValueError):
    """A change for which there is no way that leaves the rest as it is."""


def edited(text: str, source: str, changes: Mapping[str, Any]) -> str | None:
    """A config's text with some values changed, or added where there are none, by their key paths.

    >>> print(edited("scheduler: {name: cosine, T_max: 60}  # half\\nsteps: 100", "", {"scheduler.T_max": 100}))
    scheduler: {name: cosine, T_max: 100}  # half
    steps: 100

    Returns:
        The text; None where a change would take more with it than its value.
    """
    page = _Page(text, source)
    root = parse(text, source, [], KEPT)
    try:
        done = [change for key, value in changes.items() for change in page.changes(root, parts_of(key), value)]
    except Uneditable:
        return None
    for change in sorted(done, reverse=True):
        text = text[: change.start] + change.text + text[change.end :]
    return text


class _Page:
    """A config's text, and where in it each value begins and ends."""

    def __init__(self, text: str, source: str) -> None:
        import yaml

        self.text = text
        self.is_json = source.lower().endswith(".json")
        loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
        self.scalars: dict[tuple[int, int], tuple[int, int]] = {}
        self.boxes: dict[tuple[int, int], tuple[int, int]] = {}
        """Mappings and lists: one in block style begins where its first key does."""
        self.block: set[tuple[int, int]] = set()
        opened: list[tuple[tuple[int, int], int]] = []
        end = 0
        event: Any
        for event in yaml.parse(text, Loader=loader):
            kind = type(event).__name__
            place = event.start_mark.line + 1, event.start_mark.column + 1
            if kind in ("MappingStartEvent", "SequenceStartEvent"):
                opened.append((place, event.start_mark.index))
                if not event.flow_style:
                    self.block.add(place)
            elif kind in ("MappingEndEvent", "SequenceEndEvent"):
                place, start = opened.pop()
                end = end if place in self.block else event.end_mark.index  # a block's own end is where the next begins
                self.boxes[place] = start, end
            elif kind == "ScalarEvent":
                end = event.end_mark.index
                if event.anchor is None:  # else it stands elsewhere too
                    self.scalars[place] = event.start_mark.index, end

    def changes(self, root: Value, parts: Parts, new: Any) -> Iterator[_Change]:
        """What sets the value at a key path."""
        value, rest = walked(root, parts)
        if not rest:
            yield from self._set(value, new)
        elif isinstance(value.content, str) and not value.is_null:
            yield from self._set(value, _in_one_line(value.content, rest, new))
        elif isinstance(value.content, dict) and isinstance(rest[0], str):
            for part in reversed(rest[1:]):
                if isinstance(part, int):
                    raise Uneditable
                new = {part: new}
            yield self._added(value, rest[0], new)
        else:
            raise Uneditable

    def _set(self, value: Value, new: Any) -> Iterator[_Change]:
        if isinstance(new, list) and isinstance(value.content, list) and len(new) == len(value.content):
            for item, single in zip(value.content, new):
                yield from self._set(item, single)
            return
        start, end = self._span(value)
        if not isinstance(value.content, str) and "#" in self.text[start:end]:
            raise Uneditable  # a comment would go
        written = self._written_like(self.text[start:end], new)
        if self.text[start] in "|>":  # a block, which ends with its line
            written += "\n"
        if self.text[start:end] != written:
            yield _Change(start, end, written)

    def _added(self, mapping: Value, key: str, new: Any) -> _Change:
        """A new entry, before the second that is there, or behind the only one: the first is what is known best."""
        assert isinstance(mapping.content, dict)
        entries = list(mapping.content.values())
        if not entries or entries[0].key is None:
            raise Uneditable
        entry = f"{self._written(key)}: {self._written(new)}"
        in_block = self._place(mapping) in self.block
        if len(entries) > 1 and entries[1].key is not None:
            at, _ = self._span(entries[1].key)
            return _Change(at, at, entry + ("\n" + " " * (entries[1].key.column - 1) if in_block else ", "))
        _, at = self._span(entries[0])
        if not in_block:
            return _Change(at, at, f", {entry}")
        line_end = self.text.find("\n", at)
        at = len(self.text) if line_end < 0 else line_end
        return _Change(at, at, "\n" + " " * (entries[0].key.column - 1) + entry)

    def _span(self, value: Value) -> tuple[int, int]:
        found = (self.scalars if isinstance(value.content, str) else self.boxes).get(self._place(value))
        if found is None:
            raise Uneditable
        return found

    def _place(self, value: Value) -> tuple[int, int]:
        return value.line, value.column

    def _written_like(self, before: str, new: Any) -> str:
        """A value as it stands in the place of another: a line that was not quoted needs no quotes, or those it had."""
        if isinstance(new, str) and before[:1] == "'":
            return "'" + new.replace("'", "''") + "'"
        if isinstance(new, str) and before[:1] != '"' and _LINE.fullmatch(new):
            return new
        return self._written(new)

    def _written(self, value: Any) -> str:
        """A value as it stands in a line."""
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self._written(key)}: {self._written(item)}" for key, item in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(self._written, value)) + "]"
        if isinstance(value, str) and not (_PLAIN.fullmatch(value) and not self.is_json):
            return json.dumps(value, ensure_ascii=False)
        return value if isinstance(value, str) else json.dumps(value)


def _in_one_line(spec: str, parts: Parts, new: Any) -> str:
    """A one-line spec with a parameter changed or added.

    >>> _in_one_line("cosine T_max=60  eta_min=0", ["T_max"], 100)
    'cosine T_max=100  eta_min=0'
    >>> _in_one_line("sequential 'linear total_iters=9' 'cosine T_max=60' milestones=9", ["schedulers", 1, "T_max"], 91)
    "sequential 'linear total_iters=9' 'cosine T_max=91' milestones=9"
    >>> _in_one_line("MultiStepLR(optimizer, milestones=[30, 60], gamma=0.5)", ["milestones"], [9, 18])
    'MultiStepLR(optimizer, milestones=[9, 18], gamma=0.5)'
    """
    name, *rest = parts
    if isinstance(new, dict) or (rest and name != "schedulers"):
        raise Uneditable
    if name == "schedulers":
        words = shlex.split(spec)
        inner = [index for index, word in enumerate(words) if index and not re.match(r"\w+=", word)]
        if len(rest) < 2 or not isinstance(rest[0], int) or rest[0] >= len(inner):
            raise Uneditable
        at = inner[rest[0]]
        words[at] = _in_one_line(words[at], rest[1:], new)
        return shlex.join(words)
    if spec.rstrip().endswith(")") and name != "name":  # a call
        changed, count = re.subn(rf"\b{name}\s*=\s*(\[[^]]*\]|[^,()]+)", lambda _: f"{name}={new!r}", spec)
        if not count and len(re.findall(r"[(,](?!\s*\w+\s*=)", re.sub(r"\[[^]]*\]", "", spec))) > 1:
            raise Uneditable  # it may be one of those that are given by their place
        return changed if count else f"{spec.rstrip()[:-1]}, {name}={new!r})"
    typed = ",".join(map(str, new)) if isinstance(new, list) else str(new)
    if name == "name":
        return re.sub(r"^\s*\S+", typed, spec, count=1)
    word = f"{name}={typed if _WORD.fullmatch(typed) else shlex.quote(typed)}"
    changed, count = re.subn(rf"""(?<!\S){name}=("[^"]*"|'[^']*'|\S*)""", lambda _: word, spec)
    return changed if count else f"{spec} {word}"
