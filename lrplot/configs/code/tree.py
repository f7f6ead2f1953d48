"""What a script makes as lrplot's own tree of values, each at the place where the script has it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from lrplot.configs.code import operations
from lrplot.configs.code.values import Either, Function, Instance, Made, Missing, Optimizer, Symbol, missing_in
from lrplot.configs.code.walk import Walker
from lrplot.configs.document import Value
from lrplot.parameters import Parameter
from lrplot.wording import listed

VARIABLES = {"epoch", "step", "x"}
"""What an expression may be written in that stands where a function is expected: as lrplot prints it."""
MAX_SHOWN = 60
"""Characters of an expression that is shown, or set."""
MAX_MESSAGES = 20
"""Things that are asked for at once."""
COUNT = "epoch"
"""What the counter of a function is called in lrplot's own expressions."""


class Writer:
    """Writes values, and gathers what would have to be known for them.

    Args:
        walker: What went through the script, and goes through its functions.
        source: What places name.
        at: Where all of it stands, if it stands in a value.
        is_script: Whether it is read with what ``--set`` says.
    """

    def __init__(self, walker: Walker, source: str, at: Value | None = None, is_script: bool = False) -> None:
        self.is_script = is_script
        self.walker = walker
        self.source = source
        self.place = at
        self.problems: dict[str, tuple[int, int]] = {}
        """One message for each thing that is not known, with its place; but for names that have to be given."""
        self.needs: dict[str, dict[str, tuple[int, int]]] = {}
        """Names that have to be given, each with what needs it, and where."""

    def at(self, node: ast.AST, content: Any) -> Value:
        if self.place is not None:
            return Value(content, self.place.source, self.place.line, self.place.column)
        return Value(content, self.source, getattr(node, "lineno", 0), getattr(node, "col_offset", 0) + 1)

    def scheduler(self, made: Made) -> Value:
        """A scheduler's mapping: name and parameters."""
        parameters = {parameter.name: parameter for parameter in made.cls.parameters()}
        content = {"name": self.at(made.call.func, made.cls.shown_name)}
        for name, (value, place) in made.arguments.items():
            if name == "**":
                self.refuse(made.call, "it is given arguments by * or ** that are not to be seen: write them there")
                continue
            value = _scaled(name, value, made.scale)
            if (written := self.argument(name, value, place, parameters.get(name))) is not None:
                content[name] = written
        return self.at(made.call, content)

    def argument(self, name: str, value: Any, place: ast.expr, parameter: Parameter | None) -> Value | None:
        if value is None:
            return None
        if parameter is not None and parameter.kind == "function":
            return self._functions(name, value, place)
        if parameter is not None and parameter.kind == "schedulers" and isinstance(value, (list, tuple)):
            return self.at(place, list(self._schedulers(name, value, place)))
        return self.plain(name, value, place)

    def _schedulers(self, name: str, values: Sequence[Any], place: ast.expr) -> Iterator[Value]:
        for value, each in zip(values, self._places(place, len(values))):
            value = value.values[0] if isinstance(value, Either) else value
            if isinstance(value, Made):
                yield self.scheduler(value)
            elif isinstance(value, str):
                yield self.at(each, value)
            elif isinstance(value, Function):
                self.refuse(each, f"{name} holds a function of the script, which is not read among schedulers")
            else:
                self.ask(each, name, value)

    @staticmethod
    def _places(place: ast.expr, number: int) -> Sequence[ast.expr]:
        """Where the entries of a list stand, if that is to be seen."""
        is_seen = isinstance(place, (ast.List, ast.Tuple)) and len(place.elts) == number
        return place.elts if isinstance(place, (ast.List, ast.Tuple)) and is_seen else [place] * number

    def plain(self, name: str, value: Any, place: ast.expr) -> Value | None:
        """A number, a word, or a list of them."""
        if isinstance(value, range):
            value = list(value[:10_000])
        if isinstance(value, (list, tuple)):
            made = [self.plain(name, *each) for each in zip(value, self._places(place, len(value)))]
            return self.at(place, [each for each in made if each is not None])
        if isinstance(value, dict):
            entries = {str(key): self.plain(name, each, place) for key, each in value.items()}
            return self.at(place, {key: each for key, each in entries.items() if each is not None})
        if isinstance(value, str):
            return self.at(place, value)
        if value is None or isinstance(value, (bool, int, float)):
            return self.at(place, _text_of(value))
        self.ask(place, name, value)
        return None

    def _functions(self, name: str, value: Any, place: ast.expr) -> Value | None:
        """An expression, or a list of them."""
        if isinstance(value, (list, tuple)):
            made = [self._function(name, *each) for each in zip(value, self._places(place, len(value)))]
            return self.at(place, [each for each in made if each is not None])
        return self._function(name, value, place)

    def _function(self, name: str, value: Any, place: ast.expr) -> Value | None:
        if isinstance(value, str):
            return self.at(place, value)
        if isinstance(value, Missing) and value.asks and all(ask.text in VARIABLES for ask in value.asks):
            return self.at(place, ast.unparse(place))
        if isinstance(value, Instance) and value.of is not None and (method := value.of.method("__call__")):
            value = Function(method.node, method.scope, method.defaults, value)
        if isinstance(value, Function):
            value = self.called(value, ast.Name(id=COUNT, ctx=ast.Load()), place)
        if isinstance(value, Symbol):
            return self.at(place, ast.unparse(ast.fix_missing_locations(value.node)))
        return self.plain(name, value, place)

    def called(self, function: Function, count: ast.expr, place: ast.AST) -> Any:
        """What a function of the script answers for a counter."""
        return self.apart(function, [Symbol(count)], place)

    def apart(self, function: Function, arguments: Sequence[Any], place: ast.AST) -> Any:
        """What a function answers by itself, outside of all loops."""
        walker = self.walker
        walker.loops, walker.conditions, walker.is_pure = (), (), True
        try:
            return walker.call(function, arguments, {}, place)
        finally:
            walker.is_pure = False

    def optimizer(self, made: Any) -> Value | None:
        """An optimizer's mapping: its rate, and its momentum or its betas."""
        if not isinstance(made, Optimizer):
            return None
        content = {}
        for name, (value, place) in made.entries.items():
            if value is not None and (written := self.plain(name, value, place)) is not None:
                content[name] = written
                if place is made.call and name not in made.of_groups:
                    written.note = f"the default of {ast.unparse(made.call.func)}"
        return self.at(made.call, content) if content else None

    def ask(self, place: ast.AST, name: str, value: Any) -> None:
        """Notes what would have to be known for an argument, and how it is given."""
        line, column = getattr(place, "lineno", 0), getattr(place, "col_offset", 0) + 1
        where = f"{self.source}:{line}" if self.place is None else self.source
        asks = missing_in(value)
        for ask in [ask for ask in asks if ask.is_changing]:
            why = f"{ask.text} in line {ask.line} goes on from turn to turn in a way that no formula is known for"
            self.problems.setdefault(f"{where}: {name} cannot be read: {why}", (line, column))
        for text in dict.fromkeys(ask.text for ask in asks if not ask.is_changing):
            self.needs.setdefault(text, {}).setdefault(name, (line, column))
        if not asks:
            shown = ast.unparse(place) if isinstance(place, ast.expr) else name
            is_named = isinstance(place, (ast.Name, ast.Attribute, ast.Subscript, ast.Call))
            advice = self.advice(shown) if is_named and len(shown) <= MAX_SHOWN else "write the value there"
            shown = shown if len(shown) <= MAX_SHOWN else shown[: MAX_SHOWN - 1] + "…"
            told = f"{where}: {name} cannot be read, which is {shown}: {advice}"
            self.problems.setdefault(told, (line, column))

    @property
    def messages(self) -> list[str]:
        """All that is not known, in the script's order: one line a name, for all that need it."""
        found = dict(self.problems)
        for text, names in self.needs.items():
            first = min(names.values())
            where = f"{self.source}:{first[0]}" if self.place is None else self.source
            need = "needs" if len(names) == 1 else "need"
            in_order = sorted(names, key=lambda name: names[name])
            found[f"{where}: {listed(in_order)} {need} {text}: {self.advice(text)}"] = first
        messages = sorted(found, key=lambda message: found[message])
        left = len(messages) - MAX_MESSAGES
        return messages if left <= 1 else [*messages[:MAX_MESSAGES], f"{self.source}: and {left:,} more like these"]

    def refuse(self, place: ast.AST, why: str) -> None:
        """Notes why something cannot be drawn."""
        line, column = getattr(place, "lineno", 0), getattr(place, "col_offset", 0) + 1
        self.problems.setdefault(f"{self.source}:{line}: {why}", (line, column))

    def advice(self, text: str) -> str:
        """How what is not known is given."""
        return f"add --set {_typed(text)}" if self.is_script else "write the value there"


def _scaled(name: str, value: Any, scale: Any) -> Any:
    """An argument of a schedule of optax', whose rate is multiplied: what is a rate itself is, too."""
    if isinstance(value, (list, tuple)):
        return [_scaled(name, each, scale) for each in value]
    if isinstance(value, dict):
        return {key: _scaled(str(key), each, scale) for key, each in value.items()}
    is_rate = name == "value" or name.endswith("_value")
    return operations.binary(ast.Mult, value, scale) if is_rate and value is not None and scale != 1 else value


def _typed(name: str) -> str:
    """A name as it is typed after ``--set``, with a value as an example."""
    word = f"{name}={500 if 'len(' in name or 'step' in name else 'VALUE'}"
    return (
        word
        if all(char.isalnum() or char in "._=-" for char in word)
        else f'"{word}"'
        if '"' not in word
        else f"'{word}'"
    )


def _text_of(value: Any) -> str:
    """A value as lrplot's configs have it."""
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else repr(value)
