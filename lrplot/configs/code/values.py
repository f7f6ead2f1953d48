"""What an expression of a script stands for, as far as that can be told without running it.

Numbers, texts, lists, tuples and dictionaries of them are Python's own. What is not known is ``Missing``; what depends
on a loop's counter is ``Symbol``; the rest stands for things that a script makes.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lrplot.schedulers import Scheduler


@dataclass(frozen=True)
class Ask:
    """What would have to be known: a text as the script has it, and the line that it stands on."""

    text: str
    line: int
    is_changing: bool = False
    """Whether it is another one each turn of a loop, and cannot be given."""


@dataclass(frozen=True)
class Missing:
    """A value that the script does not tell.

    Args:
        asks: What it depends on.
        is_call: Whether it is what a call of something unknown answers: the name that it gets says more.
    """

    asks: tuple[Ask, ...] = ()
    is_call: bool = False


@dataclass(frozen=True)
class Symbol:
    """A number that depends on counters of loops: an expression of names such as ``loop3`` and ``total3``."""

    node: ast.expr


@dataclass(eq=False)
class Scope:
    """The names of a module, a function or a class, inside those around it."""

    names: dict[str, Any] = field(default_factory=dict)
    outer: Scope | None = None
    shared: set[str] = field(default_factory=set)
    """Names that are global or nonlocal here."""
    depth: int = 0
    """How many loops were open when it was made."""

    def find(self, name: str) -> Scope | None:
        """The innermost scope that has a name."""
        scope: Scope | None = self
        while scope is not None and (name not in scope.names or name in scope.shared):
            scope = scope.outer
        return scope

    def put(self, name: str, value: Any) -> None:
        home = self.find(name) if name in self.shared else self
        (home or self).names[name] = value


@dataclass(eq=False)
class Function:
    """A function, a method or a lambda of the script, with what its names mean where it was made."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Scope
    defaults: dict[str, Any]
    bound: Instance | None = None
    given: tuple[tuple[Any, ...], dict[str, Any]] = ((), {})
    """Arguments that functools.partial gave it."""


@dataclass(eq=False)
class Class:
    """A class of the script."""

    node: ast.ClassDef
    scope: Scope
    bases: Sequence[Any] = ()

    def method(self, name: str) -> Function | None:
        found = self.scope.names.get(name)
        if isinstance(found, Function):
            return found
        return next((m for base in self.bases if isinstance(base, Class) and (m := base.method(name))), None)


@dataclass(eq=False)
class Instance:
    """An object with attributes: of a class of the script, or a namespace of options."""

    attributes: dict[str, Any] = field(default_factory=dict)
    of: Class | None = None
    is_options: bool = False
    """Whether the attributes are what a command line may set."""
    made: Made | None = None
    """The scheduler that it is."""


@dataclass(frozen=True)
class External:
    """Something imported, or known by nothing but its dotted name."""

    path: str
    is_imported: bool = True


@dataclass(frozen=True, eq=False)
class Partial:
    """``functools.partial`` of something that is imported."""

    function: Any
    arguments: tuple[Any, ...]
    named: dict[str, Any]


@dataclass(eq=False)
class Parser:
    """A parser of options and what was added to it, or of dataclasses that it fills."""

    options: dict[str, Any] = field(default_factory=dict)
    classes: Any = None


@dataclass(frozen=True)
class Ranged:
    """A range that is not known in full."""

    bounds: tuple[Any, ...]


@dataclass(frozen=True)
class Enumerated:
    """``enumerate(…)`` of something."""

    over: Any
    start: Any = 0


@dataclass(frozen=True)
class Array:
    """Numbers of which so many are there that they are not written out.

    Args:
        item: What stands at any place: a number, or an expression of the place.
    """

    length: int
    item: Any


@dataclass(frozen=True)
class Filtered:
    """The entries of a list for which a test holds, as a loop's counter decides."""

    tests: tuple[Any, ...]


@dataclass(eq=False)
class Optimizer:
    """An optimizer, with what was said of its parameter groups."""

    call: ast.Call
    entries: dict[str, tuple[Any, ast.expr]]
    """``lr``, ``momentum`` and ``betas``, each with where it stands."""
    name: str = ""
    """The variable that holds it."""
    depth: int = 0
    """How many loops were open when it was made."""
    of_groups: dict[str, list[Any]] = field(default_factory=dict)
    """What groups have beside, by its name, one a group: None where one has not."""

    @property
    def rates(self) -> list[Any]:
        """Those that the groups begin with: one, where all have the same."""
        rate = self.entries["lr"][0]
        return rate if isinstance(rate, list) else [rate]

    @property
    def groups(self) -> int:
        """How many parameter groups there are, as far as the script tells them apart."""
        return max([len(self.rates), *map(len, self.of_groups.values())])


@dataclass(eq=False)
class Groups:
    """``optimizer.param_groups``, or one of them.

    Args:
        index: Which, if it is one alone that is meant.
    """

    optimizer: Any
    is_one: bool = False
    index: int | None = None
    scale: float = 1.0
    """By what the rate is multiplied before the first step."""

    @property
    def rates(self) -> list[Any]:
        """Those that the groups begin with: one, where all have the same."""
        return self.optimizer.rates if isinstance(self.optimizer, Optimizer) else [None]

    def is_at_rest(self, loops: Sequence[Loop]) -> bool:
        """Whether no loop is open that trains: none but those in which the optimizer is made."""
        return len(loops) <= (self.optimizer.depth if isinstance(self.optimizer, Optimizer) else 0)

    def beside(self, key: str) -> Any:
        """What a group has beside its rate: None where it has not, or is not one alone."""
        known = self.optimizer.of_groups.get(key, []) if isinstance(self.optimizer, Optimizer) else []
        index = self.index if self.index is not None else 0 if len(known) == 1 else None
        return known[index] if index is not None and index < len(known) else None

    def put(self, key: str, value: Any) -> None:
        """Gives a group something beside its rate; all, where none is told apart."""
        if isinstance(self.optimizer, Optimizer):
            known = self.optimizer.of_groups.setdefault(key, [None] * self.optimizer.groups)
            places = range(len(known)) if self.index is None else [self.index]
            known[:] = [value if index in places else each for index, each in enumerate(known)]

    @property
    def each(self) -> list[Groups]:
        """The groups one by one."""
        number = self.optimizer.groups if isinstance(self.optimizer, Optimizer) else 1
        if number < 2:
            return [Groups(self.optimizer, is_one=True)]
        return [Groups(self.optimizer, is_one=True, index=index) for index in range(number)]


@dataclass(frozen=True)
class Carried:
    """A number that is multiplied on the way.

    Args:
        start: What it is at first.
        changes: By what it is multiplied, and when, each as an event has it.
    """

    start: float
    changes: tuple[Event, ...]


@dataclass(eq=False)
class Made:
    """A scheduler that the script makes.

    Args:
        arguments: Those given, by the constructor's names, each with where it stands.
        optimizer: What it was made on.
    """

    cls: type[Scheduler]
    call: ast.Call
    arguments: dict[str, tuple[Any, ast.expr]]
    optimizer: Any = None
    name: str = ""
    """The variable that holds it."""
    is_held: bool = False
    """Whether another is made of it."""
    clock: dict[str, Any] = field(default_factory=dict)
    """What a dictionary around it says: interval, frequency."""
    by_epoch: bool | None = None
    """Whether it is one of timm's that heeds step() alone, or step_update() alone."""
    is_alone: bool = False
    """Whether it is made in a function that nothing in the script calls."""
    last_epoch: Any = 0
    """What a script sets its last_epoch to, once it is made."""
    reset: ast.AST | None = None
    """Where its optimizer is given another rate, once it is made and before the loop."""
    scale: Any = 1
    """By what its rate is multiplied on the way to the optimizer."""
    own: Instance | None = None
    """What it is in the script, where its rates are told by a class of the script."""


@dataclass(eq=False)
class Either:
    """One of several, as something decides that is not known."""

    values: Sequence[Any]


@dataclass(frozen=True)
class Loop:
    """A loop that is gone through once in place of all its turns."""

    number: int
    node: ast.For | ast.AsyncFor | ast.While
    name: str
    """Of its variable, or what it goes over."""
    turns: Any
    """How many, if that is known."""

    @property
    def index(self) -> Symbol:
        """Its turn, from 0."""
        return Symbol(ast.Name(id=f"loop{self.number}", ctx=ast.Load()))

    @property
    def total(self) -> Symbol:
        """Its turns so far, those within earlier turns of the loops around it too."""
        return Symbol(ast.Name(id=f"total{self.number}", ctx=ast.Load()))


@dataclass(frozen=True)
class Condition:
    """What must hold for something to happen."""

    test: Any
    holds: bool = True


@dataclass(frozen=True)
class Event:
    """A call that moves something on, and where: ``scheduler.step()``, ``optimizer.step()``, a rate that is set."""

    target: Any
    node: ast.AST
    loops: tuple[Loop, ...]
    conditions: tuple[Condition, ...]
    value: Any = None
    """What was given: the metric of a plateau, the rate."""


def missing_in(*values: Any) -> tuple[Ask, ...]:
    """All that would have to be known for some values, each once."""
    found: dict[Ask, None] = {}
    for value in values:
        if isinstance(value, Missing):
            found |= dict.fromkeys(value.asks)
        elif isinstance(value, (list, tuple)):
            found |= dict.fromkeys(missing_in(*value))
        elif isinstance(value, dict):
            found |= dict.fromkeys(missing_in(*value.values()))
    return tuple(found)
