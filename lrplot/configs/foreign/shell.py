"""The commands of a shell script as words with their places: its variables are put in, and nothing of it is run."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from lrplot.configs.foreign.literals import arithmetic

MOST_WORDS = 20_000
"""Of all commands, and of what their variables hold."""
MOST_LETTERS = 4_000
"""Of a word whose variables are put in."""

MOST_QUOTES = 3
"""Within one another."""
MOST_BODIES = 50
"""Of text for a command's standard input."""

_TOKEN = re.compile(
    r"""(?P<gap>[ \t\r]+|[\\^`][ \t]*(?:\#[^\n]*|\r)?\n|(?:^|(?<=[\s;|&(]))\#[^\n]*)
    |(?P<end>\n|;+|&&|\|\|?|&)
    |(?P<word>(?:"(?:[^"\\]|\\.)*"|'[^']*'|\$\(\((?:[^()\n]|\([^()\n]*\))*\)\)|\$\([^()\n]*\)|\$\{[^{}\n]*\}|`[^`\n]*`
        |\\[^\r\n]|[^\s"'`;|&()<>\\])+)
    |<<-?[ \t]*['"]?(?P<name>\w+)['"]?
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_PIECE = re.compile(r"'([^']*)'|(\$\{[^{}\n]*\})|\"((?:[^\"\\]|\\.)*)\"|\\([^\n])|([^'\"\\]+|.)", re.DOTALL)
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(\+?)=(.*)", re.DOTALL)
_WHOLE = re.compile(r'("?)\$\{?([A-Za-z_]\w*|[1-9@*])(?:\[[@*]\])?\}?\1')
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*|[0-9])(?::?[-=]([^{}\n]*))?\}|([A-Za-z_]\w*|[0-9]))")
_SUM = re.compile(r"\$\(\(((?:[^()\n]|\([^()\n]*\))*)\)\)")
_FLAGS = re.compile(r"(?:^|\s)--[A-Za-z]")
_BEFORE = {"then", "do", "!", "{", "}", "time", "export", "declare", "local", "readonly"}
"""Words that may stand before a command."""
_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    **dict.fromkeys(("=", "==", "-eq"), lambda a, b: a == b),
    **dict.fromkeys(("!=", "-ne"), lambda a, b: a != b),
}


class Word(NamedTuple):
    """A word, and where in the text it begins.

    Args:
        items: Those of a list, as in ``NAME=(a b)``.
    """

    text: str
    at: int
    items: "list[Word] | None" = None


Given = Callable[[str], str | None]
"""What was given for a variable, beside the script."""


def commands(text: str, given: Given) -> Iterator[list[Word]]:
    r"""The words of one command after another, and at last all that the script's variables hold.

    >>> [[word.text for word in words] for words in commands("A=2\ntrain --lr $A", {}.get)]
    [['train', '--lr', '2'], ['2']]

    A variable that is now this and now that stays as it stands: ``$NAME``.
    """
    return _Shell(given).commands(text)


class _Shell:
    def __init__(self, given: Given) -> None:
        self.given = given
        self.variables: dict[str, list[Word]] = {}
        self.branches: list[bool | None] = []
        """Of the conditions and loops around a command: whether it is run there; None where there is no telling."""
        self.count = 0

    def commands(self, text: str) -> Iterator[list[Word]]:
        for words in _statements(text):
            while words and (words[0].text in _BEFORE or self._is_branch(words)):
                words.pop(0)
            if False in self.branches:
                continue
            while words and (match := _ASSIGNMENT.fullmatch(words[0].text)):
                first = words.pop(0)
                inner = [Word(match[3], first.at + match.start(3))] if first.items is None else first.items
                self._assign(match[1], [word for each in inner for word in self._meant(each)], bool(match[2]))
            if words:
                yield [word for each in words for word in self._meant(each)]
        yield [word for held in self.variables.values() for word in held]

    def _is_branch(self, words: list[Word]) -> bool:
        """Follows a word of a condition or a loop; of one that begins here, the words that belong to it are taken."""
        keyword = words[0].text
        if keyword in ("if", "case", "while", "until", "for"):
            self.branches.append(self._holds(words[1:]) if keyword == "if" else None)
            if keyword == "for" and len(words) > 2 and words[2].text == "in":
                for each in words[3:]:
                    self._assign(words[1].text, self._meant(each), False)
                del words[1:]
        elif keyword in ("else", "elif") and self.branches:
            before = self.branches[-1]
            self.branches[-1] = None if before is None else not before and (keyword == "else" or self._holds(words[1:]))
        elif keyword in ("fi", "esac", "done"):
            del self.branches[-1:]
        else:
            return False
        return True

    def _holds(self, words: list[Word]) -> bool | None:
        """Whether a test of two words, as in ``[ $A == b ]``, is true; None where there is no telling."""
        texts = [word.text for each in words for word in self._meant(each)]
        if len(texts) != 5 or texts[0] not in ("[", "[[") or texts[2] not in _TESTS or "$" in texts[1] + texts[3]:
            return None
        return _TESTS[texts[2]](texts[1], texts[3])

    def _assign(self, name: str, words: list[Word], is_more: bool) -> None:
        """Sets a variable; of one that is set to something else at times only, there is no telling any more."""
        held = self.variables.get(name)
        if held is not None and (is_more or (len(words) > len(held) and words[: len(held)] == held)):
            self.variables[name] = [*(held if is_more else []), *words][:MOST_WORDS]
        elif (
            held is None
            or not self.branches
            or all(self.branches)
            or [word.text for word in held] == [word.text for word in words]
        ):
            self.variables[name] = words
        else:
            self.variables[name] = [Word(f"${name}", words[0].at if words else held[0].at if held else 0)]

    def _meant(self, word: Word, depth: int = 0) -> list[Word]:
        """What becomes of a word: several, where it holds flags or is a variable that holds them."""
        self.count += 1
        if self.count > MOST_WORDS:
            return []
        whole = _WHOLE.fullmatch(word.text)
        if whole and whole[2] in "@*":
            return []
        if whole and whole[2] in self.variables and self.given(whole[2]) is None:
            held = self.variables[whole[2]]
            self.count += len(held)
            if len(held) == 1 and not whole[1]:
                return [Word(text, held[0].at) for text in held[0].text.split()]
            return held
        quote = word.text[:1]
        inner = word.text[1:-1] if quote in "\"'" and word.text.find(quote, 1) == len(word.text) - 1 else ""
        if _FLAGS.search(inner) and depth < MOST_QUOTES:
            parts = [part for words in _statements(inner) for part in words]
            return [made for part in parts for made in self._meant(Word(part.text, word.at + 1 + part.at), depth + 1)]
        return [Word(self._unquoted(word.text), word.at)]

    def _unquoted(self, text: str) -> str:
        """A word without its quotes, with its variables put in, and with what $((…)) comes to."""
        if text.startswith("$((") and _SUM.fullmatch(text):
            return self._filled(text)
        pieces = []
        for single, variable, double, escaped, plain in _PIECE.findall(text[:MOST_LETTERS]):
            pieces.append(single or escaped or self._filled(variable or double.replace('\\"', '"') or plain))
        return "".join(pieces)[:MOST_LETTERS]

    def _filled(self, text: str) -> str:
        text = _VARIABLE.sub(self._value, text)[:MOST_LETTERS]
        return _SUM.sub(self._sum, text)

    def _value(self, found: "re.Match[str]") -> str:
        name = found[1] or found[3]
        held = self._held(name)
        return held if held is not None else found[0] if found[2] is None else found[2].strip("\"'")

    def _held(self, name: str) -> str | None:
        given = self.given(name)
        if given is None and name in self.variables:
            given = " ".join(word.text for word in self.variables[name])[:MOST_LETTERS]
        return given

    def _sum(self, found: "re.Match[str]") -> str:
        text = re.sub(r"\b[A-Za-z_]\w*\b", lambda name: self._held(name[0]) or name[0], found[1])
        number = arithmetic(text.replace("/", "//"))
        return found[0] if number is None else repr(number)


def _statements(text: str) -> Iterator[list[Word]]:
    """The words between the end of one command and that of the next, as they are written."""
    found: list[Word] = []
    items: list[Word] | None = None
    end, skip, bodies = 0, 0, 0
    for match in _TOKEN.finditer(text):
        if match.start() < skip:
            continue
        kind, typed = match.lastgroup, match[0]
        if kind == "word":
            (found if items is None else items).append(Word(typed, match.start()))
            end = match.end()
        elif typed == "(" and found and end == match.start() and found[-1].text.endswith("="):
            items = []
            found[-1] = Word(found[-1].text, found[-1].at, items)
        elif typed == ")" and items is not None:
            items = None
        elif kind == "name" and bodies < MOST_BODIES:
            bodies += 1
            body = re.compile(rf"^[ \t]*{match['name']}[ \t]*$", re.MULTILINE).search(text, match.end())
            skip = body.end() if body else skip
        elif items is None and (kind == "end" or typed in "()"):
            yield found
            found = []
    yield found
