"""Branches of a script: the way that what is known decides; both ways joined into one, where it is not known."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lrplot.configs.code import operations
from lrplot.configs.code.assignments import Assigner
from lrplot.configs.code.choices import joined, truth_of
from lrplot.configs.code.turns import INNER, bounds_of, changing, lasting
from lrplot.configs.code.values import Carried, Condition, Event, Missing, Scope, Symbol, missing_in


class Returned:
    """How a block ends: with a value, or leaving the loop."""

    def __init__(self, value: Any = None, leaves: str = "") -> None:
        self.value = value
        self.leaves = leaves


@dataclass(eq=False)
class Way:
    """What a branch leaves behind: names, those of them that got their value there, and how it ends."""

    names: dict[str, Any]
    fresh: set[tuple[int, str]]
    counters: dict[str, Any]
    ended: Returned | None = None


class Brancher(Assigner):
    """Goes one way or the other."""

    def __init__(self, given: Mapping[str, Any], elsewhere: Callable[[str], Any] = lambda text: None) -> None:
        super().__init__(given, elsewhere)
        self.skipped: list[tuple[ast.expr, Sequence[ast.stmt]]] = []
        """Tests that are known, each with what it keeps from happening."""

    def block(self, statements: Sequence[ast.stmt], scope: Scope) -> Returned | None:
        """Goes through statements; answers how they end, where they do not just come to their end."""
        raise NotImplementedError

    def branch(self, node: ast.If, rest: Sequence[ast.stmt], scope: Scope) -> Returned | None:
        """One way or the other; both, where that is not known. What comes after is gone through here where a way may
        end before it: then the answer is how all of it ends, or ``done``.
        """
        test = self.operand(node.test, scope)
        truth = truth_of(test)
        if truth is not None:
            self.skipped.append((node.test, node.orelse if truth else node.body))
            ended = self.block(node.body if truth else node.orelse, scope)
            if ended is not None and ended.leaves == "raise":  # with other arguments, then: it is a script that runs
                return self.block(node.orelse if truth else node.body, scope)
            return ended
        if node.body and isinstance(node.body[-1], ast.Raise):  # which a script that runs does not come to
            return self.block(node.orelse, scope)
        leaves = (ast.Break, ast.Return) if scope.depth < len(self.loops) else ast.Break  # not a function within it
        if self.loops and isinstance(test, Symbol) and isinstance(node.body[-1], leaves):
            self.events.append(Event(None, node, self.loops, self.conditions, ("leaves", test)))
        if not _may_end(node):
            then = self._way(test, True, node.body, scope)
            other = self._way(test, False, node.orelse, scope)
            self._join(test, scope, then, other)
            return None
        then = self._way(test, True, [*node.body, *rest], scope)
        other = self._way(test, False, [*node.orelse, *rest], scope)
        return self._ended(test, then, other, scope)

    def _way(self, test: Any, holds: bool, statements: Sequence[ast.stmt], scope: Scope) -> Way:
        before, conditions, fresh, counters = dict(scope.names), self.conditions, self.fresh, self.counters
        self.conditions, self.fresh = (*conditions, Condition(test, holds)), set(fresh)
        try:
            ended = self.block(statements, scope)
        finally:
            made = Way(scope.names, self.fresh, self.counters)
            scope.names, self.conditions, self.fresh, self.counters = before, conditions, fresh, counters
        made.ended = ended
        return made

    def _join(self, test: Any, scope: Scope, then: Way, other: Way) -> None:
        for name in dict.fromkeys([*then.names, *other.names]):
            if name not in then.names or name not in other.names:
                scope.names[name] = then.names.get(name, other.names.get(name))
            elif then.names[name] is not other.names[name]:
                scope.names[name] = self._one_of(test, name, scope, then, other)
            else:
                scope.names[name] = then.names[name]
        self.fresh |= then.fresh & other.fresh
        ways = (now for way in (then, other) for now in way.counters.items())
        self.counters = self.counters | {text: now for text, now in ways if self.counters.get(text) is not now}

    def _one_of(self, test: Any, name: str, scope: Scope, then: Way, other: Way) -> Any:
        """A name's value after two ways; where one leaves it as an earlier turn had it, what that was is looked for."""
        values, key = (then.names[name], other.names[name]), (id(scope), name)
        if carried := [value for value in values if isinstance(value, Carried)]:
            return max(carried, key=lambda value: len(value.changes))  # their conditions stand in them
        is_number = all(isinstance(value, (int, float, Symbol)) for value in values)
        is_new = key in self.fresh and key not in self.held
        if is_new or not is_number or not self.loops or scope.depth >= len(self.loops) or self.is_pure:
            return joined(test, *values)
        if key in then.fresh and key in other.fresh and key not in self.held:
            return joined(test, *values)
        self.fresh.add(key)
        before, (first, last) = self.held.get(key, -math.inf), bounds_of(test)
        is_kept = values[1] is scope.names.get(name)
        since = lasting(test, values[0]) if is_kept and first is not None and first >= before else None
        if since is None:
            return changing(ast.Name(name, lineno=0))
        self.held[key] = last
        return joined(since, *values)

    def _ended(self, test: Any, then: Way, other: Way, scope: Scope) -> Returned:
        ends = [way for way in (then, other) if not (way.ended is not None and way.ended.leaves)]
        if not ends:
            return then.ended or Returned(leaves="done")
        if len(ends) == 1:  # the other raises, or leaves the loop
            scope.names, self.fresh = ends[0].names, ends[0].fresh
            return ends[0].ended or Returned(leaves="done")
        self._join(test, scope, then, other)
        if then.ended is None and other.ended is None:
            return Returned(leaves="done")
        values = [way.ended.value if way.ended is not None else None for way in (then, other)]
        return Returned(joined(test, *values))

    def match(self, node: ast.Match, scope: Scope) -> Returned | None:
        subject = self.value(node.subject, scope)
        for case in node.cases:
            patterns = case.pattern.patterns if isinstance(case.pattern, ast.MatchOr) else [case.pattern]
            values = [self.value(each, scope) for each in _values_of(patterns)]
            is_rest = isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
            if is_rest or (isinstance(subject, operations.SCALARS) and subject in values):
                return self.block(case.body, scope)
            if not isinstance(subject, operations.SCALARS):
                self._way(Missing(missing_in(subject)), True, case.body, scope)
            else:
                self.skipped.append((ast.Compare(node.subject, [ast.Eq()], _values_of(patterns)), case.body))
        return None


def _values_of(patterns: Sequence[ast.pattern]) -> list[ast.expr]:
    """The values that a case is for."""
    return [each.value for each in patterns if isinstance(each, ast.MatchValue)]


def _may_end(node: ast.If) -> bool:
    """Whether one of the ways leaves the block."""
    pending: list[ast.AST] = [*node.body, *node.orelse]
    while pending:
        part = pending.pop()
        if isinstance(part, (ast.Return, ast.Continue, ast.Break, ast.Raise)):
            return True
        if not isinstance(part, (*INNER, ast.For, ast.While)):
            pending += [child for child in ast.iter_child_nodes(part) if isinstance(child, ast.stmt)]
    return False
