"""A call in a script, with what is given in it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from lrplot.configs.code.reader import Reader
from lrplot.configs.code.values import Event, External, Instance, Missing, Scope


@dataclass
class Call:
    """A call: the values of its arguments, and where they stand.

    Args:
        complete: Whether all that is given is seen: not where there is ``**kwargs`` of something unknown.
    """

    reader: Reader
    node: ast.Call
    scope: Scope
    arguments: list[Any]
    named: dict[str, Any]
    complete: bool = True

    def argument(self, index: int, name: str = "", default: Any = None) -> Any:
        """One that may be given by position or by name."""
        if name in self.named:
            return self.named[name]
        return self.arguments[index] if index < len(self.arguments) else default

    @property
    def operands(self) -> list[Any]:
        """Its arguments, as numbers: what another file defines is asked for."""
        nodes = self.node.args if len(self.node.args) == len(self.arguments) else [self.node] * len(self.arguments)
        pairs = zip(self.arguments, nodes)
        return [self.reader.asked(node) if isinstance(value, External) else value for value, node in pairs]

    def place(self, index: int | None, name: str) -> ast.expr:
        """Where an argument stands; the call itself, where that is not to be seen."""
        for keyword in self.node.keywords:
            if keyword.arg == name:
                return keyword.value
        return self.node.args[index] if index is not None and index < len(self.node.args) else self.node

    def of(self, *arguments: Any, **named: Any) -> Call:
        """One at the same place, with other arguments."""
        return Call(self.reader, self.node, self.scope, list(arguments), named)

    def apply(self, function: Any) -> Any:
        """What ``function`` answers to it."""
        return self.reader.apply(function, self)

    @property
    def unknown(self) -> Missing:
        """Its value, where nothing is known of what is called."""
        found: Missing = self.reader.asked(self.node, is_call=True)
        return found

    def happens(self, target: Any, value: Any) -> None:
        """Notes that it moves something on."""
        self.reader.events.append(Event(target, self.node, self.reader.loops, self.reader.conditions, value))


def call_of(reader: Reader, node: ast.Call, scope: Scope) -> Call:
    """A call with the values of its arguments, ``*`` and ``**`` written out."""
    made = Call(reader, node, scope, [], {})
    for part in node.args:
        value = reader.value(part, scope)
        if not isinstance(part, ast.Starred):
            made.arguments.append(value)
        elif isinstance(value, (list, tuple)):
            made.arguments += value
        else:
            made.complete = False
    for keyword in node.keywords:
        value = reader.value(keyword.value, scope)
        value = value.attributes if isinstance(value, Instance) and keyword.arg is None else value
        if keyword.arg is not None:
            made.named[keyword.arg] = value
        elif isinstance(value, dict):
            made.named |= {key: each for key, each in value.items() if isinstance(key, str)}
        else:
            made.complete = False
    return made
