"""What goes through a script: what it is given, what it has come by so far, and what it asks for."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lrplot.configs.code import operations
from lrplot.configs.code.values import Ask, Condition, Event, External, Instance, Loop, Missing, Scope, Symbol

MAX_WORK = 50_000
"""Expressions and statements that are looked at, those of a function each time that it is called."""
MAX_NAME = 80
"""Characters of what is asked for."""
PROCESSES = ("num_processes", "world_size")
"""Attributes that say how many processes train."""
_NAMED = (ast.Name, ast.Attribute, ast.Subscript)


class TooMuchError(Exception):
    """A script takes more work to read than is done for one."""


class Reader(ABC):
    """Reads expressions and statements of a script.

    Args:
        given: What ``--set`` says, by the text of the expression.
        elsewhere: What the file after ``--values`` says of an expression: None where it does not.
    """

    def __init__(self, given: Mapping[str, Any], elsewhere: Callable[[str], Any] = lambda text: None) -> None:
        self.given = given
        self.elsewhere = elsewhere
        self.used: set[str] = set()
        """Those of ``given`` that were asked for."""
        self.work = 0
        self.loops: tuple[Loop, ...] = ()
        self.conditions: tuple[Condition, ...] = ()
        self.counters: dict[str, Any] = {}
        """What counts up in the loops that are open, by its text."""
        self.events: list[Event] = []
        self.compiled: Any = None
        """The optimizer that Keras' model is compiled with."""
        self.within: list[ast.AST] = []
        """The functions that are gone through, one within the other."""
        self.trainer: dict[str, Any] = {}
        """What Lightning's trainer is given."""
        self.accumulation = 1
        """The batches that accelerate gathers for each step."""
        self.assumed: dict[str, str] = {}
        """What is taken for granted, by the text that it stands for."""
        self.flags: dict[str, Any] = {}
        """absl's, by their names."""

    def spend(self) -> None:
        """Counts one more thing that is looked at.

        Raises:
            TooMuchError: They are too many.
        """
        self.work += 1
        if self.work > MAX_WORK:
            raise TooMuchError

    def says(self, text: str) -> bool:
        """Whether ``--set`` says what something is; it was of use, then."""
        if text not in self.given:
            return False
        self.used.add(text)
        return True

    @property
    def gathers(self) -> Symbol | None:
        """Whether the batch is one of those in which accelerate has the optimizer stepped: None where all are."""
        if self.accumulation < 2 or not self.loops:
            return None
        place = operations.binary(ast.Add, self.loops[-1].index, 1)
        full = operations.compared(ast.Eq, operations.binary(ast.Mod, place, self.accumulation), 0)
        return Symbol(ast.BoolOp(op=ast.Or(), values=[full.node, ast.Constant(value=False)]))  # or the last of all

    def taken(self, text: str) -> int:
        """1, which a number of processes is taken for."""
        self.assumed.setdefault(text, f"{text} is 1, of one process: --set {text if '(' not in text else repr(text)}=…")
        return 1

    def operand(self, node: ast.expr, scope: Scope) -> Any:
        """What an expression stands for in arithmetic or a test: what another file defines is asked for there."""
        value = self.value(node, scope)
        return self.asked(node) if isinstance(value, External) and isinstance(node, _NAMED) else value

    def asked(self, node: ast.expr, is_call: bool = False) -> Any:
        """What is not known, to be asked for as it stands there; or what the file after ``--values`` says it is."""
        text = ast.unparse(node)
        if isinstance(node, ast.Attribute) and node.attr in PROCESSES and self.elsewhere(text) is None:
            return self.taken(text)
        if not is_call and (found := self.elsewhere(text)) is not None:
            return found
        return Missing((Ask(text, node.lineno),) if len(text) <= MAX_NAME else (), is_call)

    def length(self, value: Any, node: ast.expr) -> Any:
        """How long something is that is not known: ``len(train_loader)``, by the name that it had first."""
        texts = [ast.unparse(node)]
        if isinstance(value, Missing) and len(value.asks) == 1:
            texts.insert(0, value.asks[0].text)
        for text in texts:
            if self.says(f"len({text})"):
                return self.given[f"len({text})"]
        is_short = len(texts[0]) <= MAX_NAME
        return Missing((Ask(f"len({texts[0]})", node.lineno),) if is_short else ())

    def asked_for(self, text: str, node: ast.AST) -> Missing:
        return Missing((Ask(text, getattr(node, "lineno", 0)),))

    @abstractmethod
    def value(self, node: ast.expr, scope: Scope) -> Any:
        """What an expression stands for."""

    @abstractmethod
    def assign(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Gives a target a value: a name, an attribute, an entry, or several of them."""

    @abstractmethod
    def lasting(self, value: Any, home: Scope | Instance, node: ast.Name | ast.Attribute) -> Any:
        """What a name or an attribute is in any turn of the loops that are open."""

    @abstractmethod
    def apply(self, function: Any, call: Any) -> Any:
        """What ``function`` answers to a call."""

    @abstractmethod
    def call(self, function: Any, arguments: Sequence[Any], named: Mapping[str, Any], node: ast.AST) -> Any:
        """What a function of the script answers, or an object of a class of it."""
