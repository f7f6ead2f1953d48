"""TOML as values with their places: tables, dotted keys, strings, numbers, arrays; dates are words here."""

import re

from lrplot.configs.document import ConfigError, Value

MOST_VALUES = 100_000
MOST_DEPTH = 50

_SPACE = re.compile(r"[ \t]*(?:#[^\n]*)?")
_GAP = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_KEY = re.compile(r"""[ \t]*(?:([A-Za-z0-9_-]+)|"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)')[ \t]*""")
_STRING = re.compile(r'"""(.*?)(?<!\\)"""|' + r"'''(.*?)'''|" + r'"((?:[^"\\\n]|\\.)*)"|' + r"'([^'\n]*)'", re.DOTALL)
_WORD = re.compile(r"[^\s,\]}#=\[{\"']+")


def parse(text: str, source: str) -> Value:
    """The values in a TOML text.

    Raises:
        ConfigError: A syntax error, with its place, or more in it than is read.
    """
    return _Parser(text, source).document()


class _Parser:
    def __init__(self, text: str, source: str) -> None:
        self.text = text
        self.source = source
        self.at = 0
        self.line, self.start = 1, 0
        """Of the line that was looked at last, where it begins."""
        self.count = 0
        self.root = Value({}, source, 1, 1)

    def document(self) -> Value:
        table = self.root
        while self._skip(_GAP) < len(self.text):
            if self.text.startswith("[", self.at):
                table = self._header()
            else:
                self._pair(table)
            self._skip(_SPACE)
            if self.text[self.at : self.at + 2].startswith(("\n", "\r\n")) or self.at >= len(self.text):
                continue
            raise self._error("a line ends here")
        return self.root

    def _header(self) -> Value:
        is_array = self.text.startswith("[[", self.at)
        place = self._value({})
        self.at += 1 + is_array
        *above, last = self._keys()
        if not self.text.startswith("]]" if is_array else "]", self.at):
            raise self._error("the name of a table ends in ]")
        self.at += 1 + is_array
        parent = self._below(self.root, above)
        assert isinstance(parent.content, dict)
        there = parent.content.get(last.content if isinstance(last.content, str) else "")
        name = str(last.content)
        if is_array:
            if there is None or not isinstance(there.content, list):
                there = parent.content[name] = Value([], self.source, place.line, place.column)
            assert isinstance(there.content, list)
            there.content.append(place)
            return place
        if there is None or not isinstance(there.content, dict):
            parent.content[name] = there = place
            there.key = last
        return there

    def _pair(self, table: Value) -> None:
        *above, last = self._keys()
        if not self.text.startswith("=", self.at):
            raise self._error("a key and = are expected")
        self.at += 1
        self._skip(_SPACE)
        parent = self._below(table, above)
        assert isinstance(parent.content, dict)
        value = self._single(0)
        value.key = last
        parent.content[str(last.content)] = value

    def _keys(self) -> list[Value]:
        keys = []
        while match := _KEY.match(self.text, self.at):
            key = self._value(next(part for part in match.groups() if part is not None))
            keys.append(key)
            self.at = match.end()
            if len(keys) > MOST_DEPTH:
                raise self._error(f"is nested more than {MOST_DEPTH} levels deep")
            if not self.text.startswith(".", self.at):
                return keys
            self.at += 1
        raise self._error("a key is expected")

    def _below(self, table: Value, keys: list[Value]) -> Value:
        for key in keys:
            assert isinstance(table.content, dict)
            below = table.content.get(str(key.content))
            if below is not None and isinstance(below.content, list) and below.content:
                below = below.content[-1]
            if below is None or not isinstance(below.content, dict):
                below = table.content[str(key.content)] = Value({}, self.source, key.line, key.column)
                below.key = key
            table = below
        return table

    def _single(self, depth: int) -> Value:
        if depth > MOST_DEPTH:
            raise self._error(f"is nested more than {MOST_DEPTH} levels deep")
        if match := _STRING.match(self.text, self.at):
            value = self._value(next(part for part in match.groups() if part is not None))
            value.quoted = True
            self.at = match.end()
            return value
        if self.text.startswith("[", self.at):
            return self._array(depth)
        if self.text.startswith("{", self.at):
            return self._inline(depth)
        if match := _WORD.match(self.text, self.at):
            value = self._value(match[0])
            self.at = match.end()
            return value
        raise self._error("a value is expected")

    def _array(self, depth: int) -> Value:
        items: list[Value] = []
        value = self._value(items)
        self.at += 1
        while self._skip(_GAP) < len(self.text) and not self.text.startswith("]", self.at):
            items.append(self._single(depth + 1))
            self._skip(_GAP)
            if self.text.startswith(",", self.at):
                self.at += 1
            elif not self.text.startswith("]", self.at):
                raise self._error("an entry of an array ends in , or ]")
        self._close("]")
        return value

    def _inline(self, depth: int) -> Value:
        value = self._value({})
        self.at += 1
        while self._skip(_GAP) < len(self.text) and not self.text.startswith("}", self.at):
            if depth >= MOST_DEPTH:
                raise self._error(f"is nested more than {MOST_DEPTH} levels deep")
            self._pair_within(value, depth)
            self._skip(_GAP)
            if self.text.startswith(",", self.at):
                self.at += 1
            elif not self.text.startswith("}", self.at):
                raise self._error("an entry of a table ends in , or }")
        self._close("}")
        return value

    def _pair_within(self, table: Value, depth: int) -> None:
        *above, last = self._keys()
        if not self.text.startswith("=", self.at):
            raise self._error("a key and = are expected")
        self.at += 1
        self._skip(_GAP)
        parent = self._below(table, above)
        assert isinstance(parent.content, dict)
        value = self._single(depth + 1)
        value.key = last
        parent.content[str(last.content)] = value

    def _close(self, mark: str) -> None:
        if self.at >= len(self.text):
            raise self._error(f"{mark} is missing")
        self.at += 1

    def _skip(self, what: "re.Pattern[str]") -> int:
        match = what.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.at

    def _value(self, content: "str | list[Value] | dict[str, Value]") -> Value:
        """A value that begins here."""
        self.count += 1
        if self.count > MOST_VALUES:
            raise self._error(f"holds more than {MOST_VALUES:,} values")
        line = self.text.count("\n", self.start, self.at)
        if line:
            self.line += line
            self.start = self.text.rfind("\n", 0, self.at) + 1
        return Value(content, self.source, self.line, self.at - self.start + 1)

    def _error(self, problem: str) -> ConfigError:
        line = self.text.count("\n", 0, self.at) + 1
        column = self.at - self.text.rfind("\n", 0, self.at)
        return ConfigError([f"{self.source}:{line}:{column}: not valid TOML: {problem}"])
