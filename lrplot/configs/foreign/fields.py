"""The keys of a foreign file, read one by one: what is of the wrong kind is noted, and so is what was not there."""

import math
import re
from collections.abc import Sequence
from typing import Any

from lrplot.configs.document import ConfigError, Value
from lrplot.configs.foreign.source import Source, at, walk
from lrplot.configs.foreign.tree import Number, reach
from lrplot.configs.foreign.tree import number_of as number_of
from lrplot.wording import listed, shown

_EXAMPLES = {
    r"duration": "10000ba",
    r"ratio|fraction": "0.1",
    r"(^|_)lr$|rate$": "0.001",
    r"warm": "500",
    r"steps$|iters$|update": "10000",
    r"epoch": "100",
    r"samples": "1000000",
    r"model": "512",
    r"batch|size|bz$": "256",
}
"""Numbers of the usual size, by a part of what they are called."""
_OPEN = re.compile(r"\$\{?([A-Za-z_][\w.:/@-]{0,80})\}?|%([A-Za-z_]\w{0,80})%")
_BLANK = re.compile(r"\?\?\?|\.\.\.|<[\w .-]{1,80}>")
"""What stands where a reader is to put something."""
_TRUTHS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


class Fields:
    """The keys of a file, or of a mapping in it, by their paths.

    A method that reads returns a value of the right kind after noting a problem: the reading goes on with it.

    Args:
        root: The mapping; the whole file by default.
        owner: Whose defaults are taken, as in "transformers".
    """

    def __init__(self, source: Source, owner: str, root: Value | None = None) -> None:
        self.source = source
        self.owner = owner
        self.root = source.tree if root is None else root
        self.file = Value("", source.name)
        self.fallback = source.other
        """Where what is not there is looked for."""
        self.rate: float | None = None
        """The optimizer's, once it is known."""
        self.problems: list[str] = []
        self.needs: dict[str, str] = {}
        """What must be given beside the file: names, each with the option that gives it."""
        self.assumed: list[str] = []

    def below(self, root: Value) -> "Fields":
        """The keys of a mapping in the same file, with all notes in one place."""
        fields = Fields(self.source, self.owner, root)
        fields.problems, fields.needs, fields.assumed = self.problems, self.needs, self.assumed
        return fields

    def value(self, path: str) -> Value | None:
        """What stands at a key path, here or in the file after --values: None where there is nothing, or null."""
        value = walk(self.root, path)
        self.source.asked.add(path)
        self.source.use(reach(self.root, path))
        return walk(self.fallback, path) if value is None and self.fallback is not None else value

    def has(self, path: str) -> bool:
        return self.value(path) is not None

    def number(self, path: str, default: Any = None) -> Any:
        """The number at a key path, or the default."""
        value = self.value(path)
        if value is None:
            return default
        number = number_of(value)
        if number is None and (name := open_name(value, path)) is not None:
            return self.ask(name, default, path)
        if number is None:
            self.note(value, path, f"must be a number, got {described(value)}")
            return 1 if default is None else default
        return number

    def ask(self, name: str, default: Any = None, path: str = "") -> Any:
        """What was given for a name that the file leaves open; where nothing was, it is asked for in the end.

        Args:
            path: What it stands at, which may say more of it than its own name.
        """
        for tree in (self.source.tree, self.source.other):
            for path in (name, name.rpartition(".")[2], name.partition(".")[2]):
                value = walk(tree, path) if tree is not None and path else None
                if value is not None and (number := number_of(value)) is not None:
                    self.source.use(value)
                    return number
        self.needs.setdefault(name, f"--set {name}={_example(name) or _example(path) or 1}")
        return 1 if default is None else default

    def whole(self, path: str, default: Any = None, low: float = -math.inf) -> Any:
        """The whole number at a key path, or the default."""
        number = self.number(path, default)
        value = self.value(path)
        if value is not None and (number != int(number) or number < low):
            least = f" from {low:.0f} on" if low > -math.inf else ""
            self.note(value, path, f"must be a whole number{least}, got {described(value)}")
            return 1
        return number if number is None else int(number)

    def numbers(self, path: str) -> list[Number] | None:
        """The numbers in a list, in a tuple as Python writes it, or the one number there."""
        value = self.value(path)
        if value is None:
            return None
        items = value.content if isinstance(value.content, list) else None
        if items is None and isinstance(value.content, str):
            texts = value.content.strip().strip("()[]").split(",")
            items = [at(value, text.strip()) for text in texts if text.strip()]
        numbers = [number_of(item) for item in items or ()]
        if items is None or None in numbers:
            self.note(value, path, f"must be numbers, got {described(value)}")
            return []
        return [number for number in numbers if number is not None]

    def truth(self, path: str, default: bool = False) -> bool:
        value = self.value(path)
        if value is None:
            return default
        if isinstance(value.content, str) and value.content.lower() in _TRUTHS:
            return _TRUTHS[value.content.lower()]
        self.note(value, path, f"must be true or false, got {described(value)}")
        return default

    def text(self, path: str, default: Any = None) -> Any:
        value = self.value(path)
        if value is None:
            return default
        if not isinstance(value.content, str):
            self.note(value, path, f"must be text, got {described(value)}")
            return default
        return value.content

    def choice(self, path: str, known: Sequence[str], default: str) -> str:
        """One of some words at a key path, or the default, which is told."""
        value, word = self.value(path), str(self.text(path, default))
        if value is None:
            self.assume(path, default)
        elif word not in known and (name := open_name(value, path)) is not None:
            self.needs.setdefault(name, f"--set {name}={default}")
        elif word not in known:
            self.note(value, path, f"must be one of {', '.join(known)}, got {word[:40]!r}")
        return word if word in known else default

    def entry(self, path: str, default: Number | None = None, say: str | None = None) -> Value:
        """The number at a key path as it goes into lrplot's config; a default that is taken is told.

        Args:
            say: How the default is told, where that is not by its key.
        """
        value = self.value(path)
        number = self.number(path, default)
        if value is None and number is None:
            self.needs.setdefault(path, f"--set {path}=…")
            return at(self.file, 1)
        if value is None:
            self.assume(path if say is None else say, number)
            return at(self.file, number, f"the default of {self.owner}")
        return at(value, number, path)

    def divisor(self, lr: Value, path: str) -> float:
        """The optimizer's rate, of which other rates are told as a part."""
        rate = amount(lr)
        if rate <= 0 and path not in self.needs:
            self.note(lr, path, f"must be above 0, got {plain(rate)}")
        return rate if rate > 0 else 1.0

    def made(self, content: Any, note: str, *paths: str) -> Value:
        """A value that follows from others: it stands where the first of them does that is there."""
        places = [value for path in paths if (value := self.value(path)) is not None]
        return at(places[0] if places else self.file, content, note)

    def assume(self, name: str, value: Any) -> None:
        """Notes a default that is taken."""
        told = f"{name} {value}".strip()
        if told not in self.assumed:
            self.assumed.append(told)

    def note(self, value: Value, path: str, problem: str) -> None:
        """Notes that what stands somewhere "must be …"."""
        self.problems.append(f"{value.place}: {path} {problem}")

    def refuse(self, *paths: str, above: str = "") -> None:
        """Notes keys that change the rate, and are not drawn: each where it says anything.

        Args:
            above: The key path of the mapping that they are looked for in.
        """
        for path in paths:
            value = self.value(path)
            if value is not None and value.content not in ("", "0", "0.0", {}, []) and _truth(value) is not False:
                self.note(value, path, f"changes the rate and is not drawn: --set {above}{path}=null leaves it out")

    def told_of(self, path: str, what: str, *usual: Number) -> list[str]:
        """What is said of a key that changes other rates than those that are drawn, where it says anything."""
        value = self.value(path)
        if value is None or _truth(value) is False or number_of(value) in usual:
            return []
        return [f"{path} is not drawn: {what}"]

    def end(self) -> None:
        """Raises what was noted.

        Raises:
            ConfigError: Anything was.
        """
        if self.problems:
            raise ConfigError(dict.fromkeys(self.problems[:20]))
        if self.needs:
            base = (
                f", which a file that it is built on may hold: add {way}, or" if (way := self.source.way) else ": add"
            )
            what = f"needs {listed(self.needs)}{base} {copyable(' '.join(self.needs.values()))}"
            raise ConfigError([f"{self.source.name}: {what}"])


def _truth(value: Value) -> bool | None:
    return _TRUTHS.get(value.content.lower()) if isinstance(value.content, str) else None


def copyable(options: str) -> str:
    """Options with a number in place of each …, for a line that does something as it stands.

    >>> copyable("--set SOLVER.BASE_LR=… --set warmup_ratio=…")
    '--set SOLVER.BASE_LR=0.001 --set warmup_ratio=0.1'
    """
    return re.sub(r"(\S+)=…", lambda found: f"{found[1]}={_example(found[1]) or 1}", options)


def _example(name: str) -> str:
    """A number of the usual size for a name; nothing where it says nothing."""
    last = name.rpartition(".")[2].lower()
    return next((number for pattern, number in _EXAMPLES.items() if re.search(pattern, last)), "")


def amount(value: Value) -> float:
    """The number that a value made here is."""
    return float(value.content) if isinstance(value.content, str) else 1.0


def open_name(value: Value, path: str) -> str | None:
    """The name that a value leaves open, as in ``${lr}``; its own key for ``???`` and what a shell works out."""
    text = value.content if isinstance(value.content, str) else ""
    if match := _OPEN.fullmatch(text):
        return match[1] or match[2]
    return path if _BLANK.fullmatch(text) or text.startswith(("$", "`")) else None


def described(value: Value) -> str:
    """A value as a message shows it."""
    if isinstance(value.content, list):
        return f"a list of {len(value.content)}"
    return "a mapping" if isinstance(value.content, dict) else shown(value.content)


def plain(number: Number) -> str:
    """A number as a line tells it.

    >>> plain(4e-05), plain(2.0), plain(0.06)
    ('4e-05', '2', '0.06')
    """
    return f"{number:g}" if isinstance(number, float) else str(number)
