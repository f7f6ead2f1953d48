"""The flags and the ``key=value`` words of commands as values, by their names with underscores for dashes."""

import re
from collections.abc import Sequence
from itertools import accumulate, takewhile

from lrplot.configs.document import Value
from lrplot.configs.foreign.shell import Given, Word, commands

_FLAG = re.compile(r"--?([A-Za-z][\w.-]*)(?:=(.*))?", re.DOTALL)
_WORD = re.compile(r"[+~]{0,2}([A-Za-z_][\w./-]*)=(.*)", re.DOTALL)
_NUMBER = re.compile(r"[-+]?[0-9.][0-9.eE+-]*")
MOST_NUMBERS = 64
"""After one flag."""


def parse(text: str, source: str, given: Given = lambda name: None) -> list[Value]:
    """The flags of each command of a script that has any, and at last those of all, its variables' among them.

    What stands before a command's flags, as in ``torchrun train.py``, is the value of ``0``; of two same flags the last
    holds.
    """
    lines = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
    each = [list(words) for words in commands(text, given)]
    trees = [_Command(source, lines).tree(words) for words in each]
    found = [tree for tree in trees[:-1] if isinstance(tree.content, dict) and len(tree.content) > 1]
    return [*found, _Command(source, lines).tree([word for words in (each[-1], *each[:-1]) for word in words])]


class _Command:
    def __init__(self, source: str, lines: Sequence[int]) -> None:
        self.source = source
        self.lines = lines

    def tree(self, words: Sequence[Word]) -> Value:
        root = self._value(words[0] if words else Word("", 0), {})
        program: list[str] = []
        at = 0
        while at < len(words):
            word = words[at]
            at += 1
            if match := _FLAG.fullmatch(word.text):
                values = [match[2]] if match[2] is not None else _values(words, at)
                at += len(values) if match[2] is None else 0
                content = [self._value(word, each) for each in values] if len(values) > 1 else (values or ["true"])[0]
                self._put(root, [match[1].replace("-", "_")], self._value(word, content))
            elif match := _WORD.fullmatch(word.text):
                self._put(root, match[1].replace("-", "_").split(".")[:20], self._value(word, match[2]))
            else:
                program.append(word.text[:100])
        self._put(root, ["0"], self._value(words[0] if words else Word("", 0), " ".join(program[:20])))
        return root

    def _value(self, word: Word, content: "str | list[Value] | dict[str, Value]") -> Value:
        from bisect import bisect

        line = bisect(self.lines, word.at)
        value = Value(content, self.source, line, word.at - self.lines[line - 1] + 1)
        value.key = Value("", self.source, value.line, value.column)
        return value

    def _put(self, root: Value, path: list[str], value: Value) -> None:
        """Puts a value where its dotted name leads."""
        *above, last = path
        for name in above:
            assert isinstance(root.content, dict)
            below = root.content.get(name)
            if below is None or not isinstance(below.content, dict):
                below = root.content[name] = Value({}, value.source, value.line, value.column)
            root = below
        assert isinstance(root.content, dict)
        root.content[last] = value


def _values(words: Sequence[Word], at: int) -> list[str]:
    """What follows a flag: one word, or numbers."""
    if at >= len(words) or _FLAG.fullmatch(words[at].text):
        return []
    numbers = takewhile(lambda word: _NUMBER.fullmatch(word.text), words[at : at + MOST_NUMBERS])
    return [word.text for word in numbers] or [words[at].text]
