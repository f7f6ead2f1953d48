"""Text to the values that a constructor's parameters take: the one way in for YAML, flags and one-line specs."""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from lrplot.configs.document import Value
from lrplot.configs.numbers import LONGEST_WHOLE, NUMBER, THOUSANDS, Untold, computed, plain_number, typed_number
from lrplot.configs.problems import MAX_MESSAGES, Problems, described, joined
from lrplot.parameters import Keywords, Parameter
from lrplot.wording import closest, nearest, shown

_NOT_FINITE = r"([-+]?)\.?(inf|nan|infinity)"
_BOOLS = {"true": True, "false": False}
MAX_GROUPS = 256
MAX_TEXT = 1_000
"""Characters of a title, a label, a name."""
MAX_FORMULAS = 100_000
"""Characters of all expressions and one-line specs of a config: they take the longest to read."""

Convert = Callable[[Value, str], Any]


class Values:
    """Converts values as they were written, and notes what is wrong with them.

    A method that converts returns a value of the right kind after noting a problem: the reading goes on with it.
    """

    def __init__(self) -> None:
        self.problems = Problems()
        self.files: list[str] = []
        """Files that were read for it."""
        self.names: Mapping[str, int | float] | None = None
        """What names stand for where a number is expected: None where none may stand there, nor an expression."""
        self._formulas = 0

    def mapping(self, value: Value, path: str, known: Iterable[str]) -> dict[str, Value]:
        """The entries of a mapping; unknown keys are noted with the nearest known one."""
        known = tuple(known)
        if not isinstance(value.content, dict):
            self.problems.note(
                value, path or "the config", f"must be a mapping of {', '.join(known)}, got {described(value)}"
            )
            return {}
        where = f" in {path}" if path else ""
        unknown = [key for key in value.content if key not in known]
        for key in unknown[:MAX_MESSAGES]:
            entry = value.content[key]
            self.problems.note(entry.key or entry, "", f"unknown key {shown(key)}{where}: {nearest(key, known)}")
        self.problems.count_untold(len(unknown[MAX_MESSAGES:]))
        return {key: value.content[key] for key in known if key in value.content}

    def items(self, value: Value, path: str, convert: Convert) -> list[Any]:
        """The entries of a list, each converted; a single value counts as a list of one."""
        if isinstance(value.content, list):
            return [convert(item, f"{path}[{index}]") for index, item in enumerate(value.content)]
        return [convert(value, path)]

    def parameters(
        self, value: Value, entries: Mapping[str, Value], parameters: Sequence[Parameter], path: str, owner: str
    ) -> dict[str, Any]:
        """Those of ``entries`` that are parameters, converted to what they must be; what is missing is noted."""
        made = {}
        for parameter in parameters:
            entry, below = entries.get(parameter.name), joined(path, parameter.name)
            if entry is None:
                if parameter.required:
                    self._missing(value, parameter, below, owner)
                continue
            if entry.is_null and not parameter.required:
                continue
            before = self.problems.count
            converted = self.parameter(entry, below, parameter)
            for refusal in parameter.refusals(converted) if self.problems.count == before else ():
                self.problems.refused(Value({parameter.name: entry}, value.source), path, refusal)
            if self.problems.count == before:
                made[parameter.name] = converted
        return made

    def parameter(self, value: Value, path: str, parameter: Parameter) -> Any:
        """The value of one parameter, or the list of them where it takes one."""
        convert: Convert = lambda item, below: self.single(item, below, parameter)  # noqa: E731
        if isinstance(value.content, list):
            if not parameter.takes_list:
                self.problems.note(value, path, f"must be {parameter.noun}, got {described(value)}")
                return None
            if len(value.content) > MAX_GROUPS and (parameter.per_group or parameter.kind in ("schedulers", "mapping")):
                self.problems.note(value, path, f"must have at most {MAX_GROUPS:,} entries, got {len(value.content):,}")
                return None
            return self.items(value, path, convert)
        return [convert(value, path)] if parameter.is_list else convert(value, path)

    def single(self, value: Value, path: str, parameter: Parameter) -> Any:
        if parameter.kind == "steps":
            return self.steps_and_numbers(value, path, parameter)
        if parameter.kind == "keywords":
            return self.keywords(value, path, parameter)
        if not isinstance(value.content, str):
            self.problems.note(value, path, f"must be {parameter.noun}, got {described(value)}")
            return None
        if value.is_null and parameter.kind != "text":
            self.problems.note(value, path, f"has no value: it must be {parameter.noun}")
            return None
        readers: dict[str, Convert] = {
            "float": self.number,
            "number": self.number_as_written,
            "int": self.whole,
            "bool": self.boolean,
            "function": self.function,
        }
        return readers.get(parameter.kind, self.text)(value, path)

    def text(self, value: Value, path: str) -> str:
        """Any text, as it stands there: a name, a title."""
        if not isinstance(value.content, str):
            self.problems.note(value, path, f"must be text, got {described(value)}")
        elif len(value.content) > MAX_TEXT:
            self.problems.note(value, path, f"is too long: {len(value.content):,} characters, at most {MAX_TEXT:,}")
        else:
            return value.content
        return ""

    def number(self, value: Value, path: str, finite: bool = True) -> float:
        """A decimal number, read as Python reads it: correctly rounded to the nearest float."""
        text = value.content
        if isinstance(text, str) and not value.quoted and (number := plain_number(text)) is not None:
            return number
        before = self.problems.count
        if (number := self._computed(value, path, "a number")) is not None or self.problems.count > before:
            return self._as_float(value, path, number or 0)
        if isinstance(text, str) and not value.quoted:
            if NUMBER.fullmatch(text):
                self.problems.note(
                    value, path, f"must be a number that a float can hold (up to 1.8e308), got {shown(text)}"
                )
                return 0.0
            if match := re.fullmatch(_NOT_FINITE, text, re.IGNORECASE | re.ASCII):
                if not finite:
                    return float(match[1] + match[2])
                self.problems.note(value, path, f"must be a finite number, got {shown(text)}")
                return 0.0
        self.problems.note(value, path, f"must be a number, got {described(value)}{self._hint(value)}")
        return 0.0

    def _as_float(self, value: Value, path: str, number: int | float) -> float:
        try:
            return float(number)
        except OverflowError:
            self.problems.note(value, path, f"must be a number that a float can hold, got {described(value)}")
            return 0.0

    def _computed(self, value: Value, path: str, noun: str) -> int | float | None:
        """What an expression comes to: None where there is none, or where what is wrong with it was noted."""
        text = value.content
        if self.names is None or not isinstance(text, str) or not re.search("[A-Za-z(*/%<>=!+-]", text):
            return None
        from lrplot.configs.expression import is_arithmetic  # only those who write one need the parser

        if not (text.strip() in self.names or is_arithmetic(text)) or not self.affords(value, path):
            return None
        try:
            return computed(value, self.names)
        except Untold:
            self.problems.count_quietly()
        except ValueError as error:
            got = f", got {shown(text)}" if shown(text) not in str(error) else ""
            self.problems.note(value, path, f"must be {noun}{got}: {error}")
        return None

    def _hint(self, value: Value) -> str:
        """What would be right, where the text nearly was a number, or a name that stands for one."""
        text = value.content
        close = closest(text, self.names or ()) if isinstance(text, str) and text.isidentifier() else None
        return f": did you mean {close!r}?" if close else _hint(value)

    def number_as_written(self, value: Value, path: str) -> float:
        """The same, where a whole number that is written as one stays one."""
        number = self.number(value, path)
        return int(number) if number.is_integer() and re.fullmatch(r"[-+]?[0-9]+", str(value.content)) else number

    def steps_and_numbers(self, value: Value, path: str, parameter: Parameter) -> dict[int, float]:
        """Numbers by the step at which each holds."""
        if not isinstance(value.content, dict):
            self.problems.note(value, path, f"must be {parameter.noun}, got {described(value)}")
            return {}
        numbers: dict[int, float] = {}
        for key, entry in value.content.items():
            step = self.whole(entry.key or Value(key, value.source, value.line, value.column), path)
            if step in numbers:
                self.problems.note(entry, path, f"has step {step} a second time")
            numbers[step] = self.number(entry, f"{path}[{key}]")
        return numbers

    def keywords(self, value: Value, path: str, parameter: Parameter) -> dict[str, Any]:
        """The parameters of something else, by name."""
        assert isinstance(parameter.constraint, Keywords)
        known = parameter.constraint.parameters
        if not isinstance(value.content, dict):
            what = f"must be a mapping of {', '.join(p.name for p in known)}, got {described(value)}"
            self.problems.note(value, path, what)
            return {}
        entries = self.mapping(value, path, [p.name for p in known])
        return self.parameters(value, entries, known, path, path)

    def whole(self, value: Value, path: str) -> int:
        """A whole number: ``20``, ``1e6``, ``10k``."""
        text = value.content
        is_share = False
        if isinstance(text, str) and not value.quoted and NUMBER.fullmatch(text):
            if len(text.lstrip("+-")) > LONGEST_WHOLE or abs(float(text)) >= 10**LONGEST_WHOLE:
                self.problems.note(
                    value, path, f"must be a whole number of at most {LONGEST_WHOLE} digits, got {shown(text)}"
                )
                return 1
            if re.fullmatch(r"[-+]?[0-9]+", text):
                return int(text)
            if float(text).is_integer():
                return int(float(text))
            is_share = 0 < float(text) < 1 and not path.endswith("T_mult")  # which is a factor
        if isinstance(text, str) and not value.quoted and re.fullmatch(THOUSANDS, text):
            number = typed_number(text)
            if isinstance(number, int):
                return number
        before = self.problems.count
        if (result := self._computed(value, path, "a whole number")) is not None or self.problems.count > before:
            return self._as_whole(value, path, 1 if result is None else result)
        hint = ": a share of the run is written as a count of steps" if is_share else self._hint(value)
        self.problems.note(value, path, f"must be a whole number, got {described(value)}{hint}")
        return 1

    def _as_whole(self, value: Value, path: str, number: int | float) -> int:
        """A number that was computed, which may come out whole of a division."""
        if abs(number) >= 10**LONGEST_WHOLE:
            problem = f"must be a whole number of at most {LONGEST_WHOLE} digits, got {described(value)}"
        elif number != int(number):
            divide = ": // divides and rounds down" if "/" in str(value.content) else ""
            problem = f"must be a whole number, got {described(value)}, which is {number}{divide}"
        else:
            return int(number)
        self.problems.note(value, path, problem)
        return 1

    def boolean(self, value: Value, path: str) -> bool:
        if isinstance(value.content, str) and not value.quoted and value.content.lower() in _BOOLS:
            return _BOOLS[value.content.lower()]
        self.problems.note(value, path, f"must be true or false, got {described(value)}")
        return False

    def function(self, value: Value, path: str) -> Any:
        """An expression in one variable, or a ``def`` that stands for one."""
        from lrplot.configs.expression import Expression  # only those who write one need the parser

        assert isinstance(value.content, str)
        if not self.affords(value, path):
            return None
        try:
            return Expression(_formula(value.content), self.names)
        except ValueError as error:
            if not str(error):  # of a name: that is told where it is given
                self.problems.count_quietly()
                return None
            self.problems.note(value, path, f"must be an expression in epoch: {error}")
            return None

    def affords(self, value: Value, path: str) -> bool:
        """Whether there is room for one more expression or one-line spec; noted, once, where there is not."""
        before, self._formulas = self._formulas, self._formulas + len(value.content)
        if self._formulas <= MAX_FORMULAS:
            return True
        if before <= MAX_FORMULAS:
            self.problems.note(
                value,
                path,
                "is too much: the expressions and one-line specs of a config "
                f"have at most {MAX_FORMULAS:,} characters together",
            )
        else:
            self.problems.count += 1
        return False

    def _missing(self, value: Value, parameter: Parameter, path: str, owner: str) -> None:
        what = f"is missing: {owner} needs it ({parameter.type_name}: {parameter.help})"
        subject = "SPEC" if parameter.kind == "schedulers" else flag_of(path)
        self.problems.add(f"{subject} {what}" if value.is_flag else f"{value.place}: {path} {what}", value)


def _formula(text: str) -> str:
    """An expression as it is, or that of a ``def``.

    Raises:
        ValueError: The def is none.
    """
    if not text.lstrip().startswith("def "):
        return text
    from lrplot.configs.code.paste import formula_of  # only those who write one need the parser

    return formula_of(text)


def from_flag(parameter: Parameter, texts: Sequence[str], at: Value) -> Value:
    """What was typed after a flag, or after ``name=`` in a one-line spec; a list may be separated by commas or
    repeated.
    """
    if parameter.takes_list and parameter.kind in ("float", "int", "number", "choice"):
        lists = [_bare(text.strip()) for text in texts if text != "[]"]
        texts = [part.strip() for text in lists for part in _parts(text)]
    if parameter.kind == "steps":
        return _steps_and_numbers(texts[0], at)
    if parameter.kind == "keywords":
        parts = [part for text in texts for part in re.findall(r"\{[^{}]*\}", text) or text.split(";")]
        return Value([_keywords(part, at) for part in parts], at.source, at.line, at.column)
    # An empty word is not YAML's null: it is a shell's variable that is not set, say.
    values = [Value(text, at.source, at.line, at.column, quoted=not text) for text in texts]
    return values[0] if len(values) == 1 else Value(values, at.source, at.line, at.column)


def _steps_and_numbers(text: str, at: Value) -> Value:
    """What was typed for a mapping of steps to numbers: 30:0.1,60:0.5."""
    pairs = [part.partition(":") for part in text.strip().removeprefix("{").removesuffix("}").split(",")]
    if not all(colon for _, colon, _ in pairs) or len({step.strip() for step, _, _ in pairs}) < len(pairs):
        return Value(text, at.source, at.line, at.column, quoted=not text)
    content: dict[str, Value] = {}
    for step, _, number in pairs:
        content[step.strip()] = entry = Value(number.strip(), at.source, at.line, at.column)
        entry.key = Value(step.strip(), at.source, at.line, at.column)
    return Value(content, at.source, at.line, at.column)


def _keywords(text: str, at: Value) -> Value:
    """What was typed for parameters by name: init_value=0 peak_value=0.1, or {init_value: 0, peak_value: 0.1}."""
    inner = text.strip().removeprefix("{").removesuffix("}").strip()
    pairs = re.findall(_PAIR, inner) if re.fullmatch(f"(?:{_PAIR})+", inner) else []
    if not pairs or len(dict(pairs)) < len(pairs):
        return Value(text, at.source, at.line, at.column, quoted=not text)
    content = {name: Value(number, at.source, at.line, at.column) for name, number in pairs}
    return Value(content, at.source, at.line, at.column)


_PAIR = r"""["']?(\w+)["']?\s*[=:]\s*([^\s,{}]+)(?:[\s,]+|$)"""


def _bare(text: str) -> str:
    """What is in a list, or in a tuple: what stands in parentheses without a comma is arithmetic."""
    if text.startswith("(") and text.endswith(")") and len(_parts(text[1:-1])) > 1 == len(_parts(text)):
        return text[1:-1]
    return text.removeprefix("[").removesuffix("]")


def _parts(text: str) -> list[str]:
    """What stands between the commas of a text, but for those in parentheses.

    >>> _parts("30, min(60, 9), 90")
    ['30', ' min(60, 9)', ' 90']
    """
    if "(" not in text:
        return text.split(",")
    parts, depth = [""], 0
    for char in text:
        depth += (char == "(") - (char == ")")
        if char == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def flag_of(key: str) -> str:
    """The flag of a parameter, by its name or its key path: its case kept, with dashes.

    >>> flag_of("scheduler.T_max"), flag_of("data.size")
    ('--T-max', '--data-size')
    """
    name = key.replace("data.size", "data_size").rpartition(".")[2]
    return "--" + name.replace("_", "-")


def default_of(parameter: Parameter) -> str | None:
    """A parameter's default as it is written in YAML: None where there is none to show."""
    if parameter.default is inspect.Parameter.empty or parameter.default is None:
        return None
    if isinstance(parameter.default, bool):
        return str(parameter.default).lower()
    if isinstance(parameter.default, tuple):
        return ", ".join(map(str, parameter.default))
    return str(parameter.default)


def _hint(value: Value) -> str:
    """What would be right, where the text nearly was a number."""
    text = value.content
    if not isinstance(text, str) or len(text) > LONGEST_WHOLE:
        return ""
    if value.quoted and NUMBER.fullmatch(text):
        return ": write it without the quotes"
    if len(words := text.split()) > 1 and all(map(NUMBER.fullmatch, words)):
        return f": a list has commas, {','.join(words)}"
    if match := re.fullmatch(r"([-+]?)0+([0-9]+)", text):
        return f": YAML takes a leading 0 for octal, write {match[1]}{match[2]}"
    if re.fullmatch(r"0[xXoObB][0-9a-fA-F]+", text):
        with suppress(ValueError):
            return f": write it in decimal, {int(text, 0)}"
    if not text.isascii():
        import unicodedata

        plain = unicodedata.normalize("NFKC", text)
        return f": write it in ASCII, {plain}" if NUMBER.fullmatch(plain) else ""
    if "_" in text and NUMBER.fullmatch(plain := text.replace("_", "")):
        return f": write it without underscores, {plain}"
    if "," in text and NUMBER.fullmatch(plain := text.replace(",", ".")):
        return f": write it with a point, {plain}"
    return ""
