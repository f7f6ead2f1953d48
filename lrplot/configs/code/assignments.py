"""Assignments of a script: what names, attributes and entries are given, and which of them go on from turn to turn of a
loop.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lrplot.configs.code import operations
from lrplot.configs.code.choices import joined
from lrplot.configs.code.evaluate import Evaluator
from lrplot.configs.code.turns import changed_by, changing, in_place
from lrplot.configs.code.values import (
    Ask,
    Carried,
    Event,
    Groups,
    Instance,
    Loop,
    Made,
    Missing,
    Optimizer,
    Scope,
    Symbol,
    missing_in,
)


class Assigner(Evaluator):
    """Gives values to what a script assigns to."""

    def __init__(self, given: Mapping[str, Any], elsewhere: Callable[[str], Any] = lambda text: None) -> None:
        super().__init__(given, elsewhere)
        self.fresh: set[tuple[int, str]] = set()
        """The names, and the attributes of objects, that got their value in this turn of the innermost loop."""
        self.held: dict[tuple[int, str], float] = {}
        """Names that keep what they were given in some turn, each with the last such turn."""
        self.assigned: tuple[frozenset[str], ...] = ()
        """The names that the open loops give values to."""
        self.is_pure = False
        """Whether a function of a loop's counter is gone through, whose names last for one call."""
        self._changes: dict[ast.ClassDef, frozenset[str]] = {}

    def set_all(self, node: ast.Assign, scope: Scope) -> None:
        """``a = b = value``; ``a = a * 2`` as ``a *= 2``, where a is what an earlier turn left it."""
        if (again := in_place(node)) is not None and self.goes_on(node.targets[0], scope):
            self.augment(again, scope)
            return
        value = self.value(node.value, scope)
        for target in node.targets:
            self.assign(target, value, scope)

    def assign(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Gives a target a value: a name, an attribute, an entry, or several of them."""
        if isinstance(value, Missing) and value.is_call and isinstance(target, (ast.Name, ast.Attribute)):
            value = Missing((Ask(ast.unparse(target), target.lineno),))
        match target:
            case ast.Name(id=name):
                if hasattr(value, "name") and value.name == "" and not isinstance(value, Loop):
                    value.name = name
                scope.put(name, value)
                key = (id(scope.find(name)), name)
                self.fresh.add(key)
                if not self.depends:
                    self.held.pop(key, None)
            case ast.Attribute():
                base = self.value(target.value, scope)
                if isinstance(base, Made) and target.attr == "last_epoch":
                    base.last_epoch = value
                if isinstance(base, Instance):
                    base.attributes[target.attr] = self._maybe(value, base.attributes.get(target.attr, value))
                    self.fresh.add((id(base), f".{target.attr}"))
                    if hasattr(value, "name") and value.name == "":
                        value.name = target.attr
            case ast.Subscript():
                self._set_entry(target, value, scope)
            case ast.Tuple() | ast.List():
                self._unpack(target.elts, value, scope)
            case ast.Starred():
                self.assign(target.value, value, scope)

    def _maybe(self, value: Any, before: Any) -> Any:
        """A value that something is given, which it had another of: only if what is not known is so."""
        for condition in self.conditions:
            if isinstance(condition.test, (Missing, Symbol)):
                value = joined(condition.test, *((value, before) if condition.holds else (before, value)))
        return value

    def _set_entry(self, target: ast.Subscript, value: Any, scope: Scope) -> None:
        base = self.value(target.value, scope)
        key = self.value(target.slice, scope)
        is_there = isinstance(base, list) and isinstance(key, int) and -len(base) <= key < len(base)
        if is_there or (isinstance(base, dict) and isinstance(key, (str, int, float))):
            base[key] = self._maybe(value, base[key] if is_there or key in base else value)
        elif isinstance(base, Groups) and key == "lr":
            self._set_rate(base, target, value)
        elif isinstance(base, Groups) and isinstance(key, str) and base.is_at_rest(self.loops):
            base.put(key, value)

    def _set_rate(self, groups: Groups, node: ast.expr, value: Any) -> None:
        """Notes that groups are given a rate; one that is multiplied on the way, as that happens."""
        if isinstance(value, Carried):
            is_whole = operations.same(value.start, groups.rates[0])
            for change in value.changes:
                if is_whole and change.loops == self.loops:
                    self.events.append(Event(groups, change.node, self.loops, change.conditions, change.value))
                else:
                    self.events.append(Event(groups, node, self.loops, self.conditions, changing(node)))
            return
        self.events.append(Event(groups, node, self.loops, self.conditions, value))
        on, is_number = groups.optimizer, isinstance(value, (int, float)) and not isinstance(value, bool)
        if not isinstance(on, Optimizer) or not is_number or not groups.is_at_rest(self.loops) or self.is_pure:
            return
        if any(isinstance(condition.test, (Missing, Symbol)) for condition in self.conditions):
            return
        makers = [event.target for event in self.events if event.value == "made" and event.target.optimizer is on]
        for made in makers:
            made.reset = node
        if not makers:
            rates = [value if groups.index in (None, index) else rate for index, rate in enumerate(_spread(on))]
            on.entries["lr"] = rates if len(set(map(repr, rates))) > 1 else value, on.entries["lr"][1]

    def _unpack(self, targets: Sequence[ast.expr], value: Any, scope: Scope) -> None:
        stars = [index for index, target in enumerate(targets) if isinstance(target, ast.Starred)]
        if stars and isinstance(value, (list, tuple)) and len(value) >= len(targets) - 1:
            begin, end = stars[0], stars[0] + len(value) - len(targets) + 1
            value = [*value[:begin], list(value[begin:end]), *value[end:]]
        values: Sequence[Any] = value if isinstance(value, (list, tuple)) and len(value) == len(targets) else []
        for index, target in enumerate(targets):
            asks = missing_in(value)
            single = values[index] if values else Missing(asks) if asks else self.asked(target)
            self.assign(target, single, scope)

    def augment(self, node: ast.AugAssign, scope: Scope) -> None:
        text = ast.unparse(node.target)
        load = ast.copy_location(ast.parse(text, mode="eval").body, node)
        if text in self.counters:
            for part in ast.walk(self.counters[text].node):
                if isinstance(part, ast.Name) and part.id.startswith("gated"):
                    self.events.append(Event(None, node, self.loops, self.conditions, ("counts", part.id)))
            self.counters = {**self.counters, text: operations.binary(ast.Add, self.counters[text], 1)}
            return
        if isinstance(node.target, ast.Subscript):
            base = self.value(node.target.value, scope)
            if isinstance(base, Groups):
                factor = self.value(node.value, scope)
                self.events.append(Event(base, node, self.loops, self.conditions, ("*=", type(node.op), factor)))
                return
        if self.goes_on(node.target, scope):
            value = self._carried(node, self.raw(node.target, scope), self.value(node.value, scope))
        else:
            value = operations.binary(type(node.op), self.value(load, scope), self.value(node.value, scope))
        self.assign(node.target, value, scope)

    # What goes on from turn to turn.

    def goes_on(self, target: ast.expr, scope: Scope) -> bool:
        """Whether a number is what an earlier turn of a loop left it."""
        if not self.loops or self.is_pure or not isinstance(target, (ast.Name, ast.Attribute)):
            return False
        if isinstance(target, ast.Attribute):
            base = self.value(target.value, scope)
            return isinstance(base, Instance) and (id(base), f".{target.attr}") not in self.fresh
        home = scope.find(target.id)
        is_outside = home is not None and home.depth < len(self.loops)
        return is_outside and (id(home), target.id) not in self.fresh

    def raw(self, target: ast.expr, scope: Scope) -> Any:
        """What something was before its loop."""
        if isinstance(target, ast.Name):
            home = scope.find(target.id)
            return home.names[target.id] if home is not None else None
        assert isinstance(target, ast.Attribute)
        base = self.value(target.value, scope)
        return base.attributes.get(target.attr) if isinstance(base, Instance) else None

    def _carried(self, node: ast.AugAssign, before: Any, operand: Any) -> Any:
        """A number after a change that comes each turn, or in some."""
        if isinstance(before, (list, tuple, str)):
            return operations.binary(type(node.op), before, operand)
        is_number = isinstance(before, (int, float)) and not isinstance(before, bool)
        if is_number and isinstance(node.op, ast.Add) and operand == 1 and not self.depends:
            return operations.binary(ast.Add, self.loops[-1].total, before + 1)
        if is_number and isinstance(node.op, (ast.Mult, ast.Div)):
            change = Event(None, node, self.loops, self.conditions, ("*=", type(node.op), operand))
            return Carried(before, (change,))
        if isinstance(before, Carried) and isinstance(node.op, (ast.Mult, ast.Div)):
            change = Event(None, node, self.loops, self.conditions, ("*=", type(node.op), operand))
            return Carried(before.start, (*before.changes, change))
        return changing(node.target)

    @property
    def depends(self) -> bool:
        """Whether what happens does so only if something about a loop's counter holds."""
        return any(isinstance(condition.test, Symbol) for condition in self.conditions)

    def lasting(self, value: Any, home: Scope | Instance, node: ast.Name | ast.Attribute) -> Any:
        if not self.loops or self.is_pure or not isinstance(value, (int, float, Symbol)) or isinstance(value, bool):
            return value
        name = node.id if isinstance(node, ast.Name) else f".{node.attr}"
        if (id(home), name) in self.fresh:
            return value
        if isinstance(home, Instance):
            is_changed = home.of is not None and name[1:] in self._changed_by(home.of.node)
        else:
            is_changed = home.depth < len(self.loops) and any(name in each for each in self.assigned[home.depth :])
        return changing(node) if is_changed else value

    def _changed_by(self, node: ast.ClassDef) -> frozenset[str]:
        if node not in self._changes:
            self._changes[node] = changed_by(node)
        return self._changes[node]


def _spread(optimizer: Optimizer) -> list[Any]:
    """The rates of all groups, one each."""
    rates = optimizer.rates
    return list(rates) if len(rates) == optimizer.groups else rates[:1] * optimizer.groups
