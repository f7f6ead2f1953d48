"""Loops of a script: one turn stands for all of them, or each is gone through, where they go over a short list."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from lrplot.configs.code import operations
from lrplot.configs.code.branches import Brancher, Returned
from lrplot.configs.code.choices import truth_of
from lrplot.configs.code.turns import assigned_in, builds_list, counted_in
from lrplot.configs.code.values import Enumerated, Groups, Loop, Missing, Ranged, Scope, Symbol, missing_in

MAX_UNROLLED = 64
"""Turns of a loop over a list that is written out."""
WRAPPERS = {"tqdm", "enumerate", "track", "trange", "iter", "log_every", "islice", "prefetch", "progress_bar"}
"""Functions that go over what they are given."""


class Looper(Brancher):
    """Goes through loops."""

    loop_number = 0
    """Of the last one that was opened."""

    def loop(self, node: ast.For | ast.AsyncFor | ast.While, scope: Scope) -> Returned | None:
        over = self.value(node.iter, scope) if not isinstance(node, ast.While) else None
        if (items := _listed(over, node)) is not None:
            return self._unrolled(node, items, scope)
        loop = self._opened(node, over, scope)
        self.loops, outer = (*self.loops, loop), self.loops
        counters, self.counters = self.counters, {**self.counters, **self._counters(node, loop, scope)}
        assigned, self.assigned = self.assigned, (*self.assigned, assigned_in(node))
        fresh, self.fresh = (
            self.fresh,
            {key for key in self.fresh if key[1] not in self.assigned[-1] and not key[1].startswith(".")},
        )
        try:
            if not isinstance(node, ast.While):
                self.assign(node.target, self._turn(loop, over), scope)
            ended = self.block(node.body, scope)
        finally:
            self.loops, self.counters, self.assigned = outer, counters, assigned
            self.fresh |= fresh
        return _inside(ended) or self.block(node.orelse, scope)

    def _opened(self, node: ast.For | ast.AsyncFor | ast.While, over: Any, scope: Scope) -> Loop:
        self.loop_number += 1
        name = ast.unparse(node.target) if not isinstance(node, ast.While) else ""
        return Loop(self.loop_number, node, name, self._turns(node, over, scope))

    def _turns(self, node: ast.For | ast.AsyncFor | ast.While, over: Any, scope: Scope) -> Any:
        """How many turns a loop takes."""
        if isinstance(node, ast.While):
            return self._while_turns(node, scope)
        if isinstance(over, range):
            return len(over)
        if isinstance(over, Ranged):
            return _span(over)
        if isinstance(over, Enumerated):
            inner = node.iter.args[0] if isinstance(node.iter, ast.Call) and node.iter.args else node.iter
            return self._items(over.over, inner)
        return self._items(over, node.iter)

    def _items(self, over: Any, node: ast.expr) -> Any:
        """How many items there are: ``len(train_loader)``, where that has to be asked for."""
        if isinstance(over, (range, list, tuple)):
            return len(over)
        if isinstance(over, Ranged):
            return _span(over)
        while isinstance(node, ast.Call) and node.args and ast.unparse(node.func).rpartition(".")[2] in WRAPPERS:
            node = node.args[0]
        return self.length(over, node)

    def _while_turns(self, node: ast.While, scope: Scope) -> Any:
        """Those of ``while step < n``, or of ``while True`` that is left at ``if step > n: break``."""
        tests = [(node.test, False)]
        tests += [
            (s.test, True) for s in node.body if isinstance(s, ast.If) and any(isinstance(b, ast.Break) for b in s.body)
        ]
        for test, leaves in tests:
            if not isinstance(test, ast.Compare) or len(test.ops) != 1:
                continue
            start, stop, op = self.value(test.left, scope), self.value(test.comparators[0], scope), test.ops[0]
            if isinstance(start, (Missing, Symbol)):
                continue
            more = {ast.Lt: 0, ast.LtE: 1, ast.NotEq: 0} if not leaves else {ast.Gt: 1, ast.GtE: 0, ast.Eq: 0}
            if type(op) in more and ast.unparse(test.left) in counted_in(node):
                return operations.binary(ast.Add, operations.binary(ast.Sub, stop, start), more[type(op)])
        return Missing()

    def _counters(self, node: ast.AST, loop: Loop, scope: Scope) -> dict[str, Any]:
        """The names that count up in a loop, each with its value there."""
        found: dict[str, Any] = {}
        for text, how in counted_in(node).items():
            target = ast.parse(text, mode="eval").body
            start = self.raw(target, scope) if not self.counters.get(text) else None
            is_always = all(truth_of(self.value(test, scope)) for test in how.tests)
            if how.is_direct and isinstance(start, int) and not is_always:
                gated = Symbol(ast.Name(id=f"gated{loop.number}x{len(found)}", ctx=ast.Load()))
                found[text] = operations.binary(ast.Add, gated, start) if start else gated
            elif how.is_direct and isinstance(start, int):
                is_whole = self.goes_on(target, scope) or not self.loops
                turns = loop.total if is_whole else loop.index  # which is set anew where the loop begins
                found[text] = operations.binary(ast.Add, turns, start) if start else turns
        return found

    def _turn(self, loop: Loop, over: Any) -> Any:
        """The value of a loop's variable in any turn."""
        if isinstance(over, Enumerated):
            return (operations.binary(ast.Add, loop.index, over.start) if over.start else loop.index, Missing())
        if isinstance(over, range):
            index = loop.index if over.step == 1 else operations.binary(ast.Mult, loop.index, over.step)
            return operations.binary(ast.Add, index, over.start) if over.start else index
        if isinstance(over, Ranged):
            first = over.bounds[0] if len(over.bounds) > 1 else 0
            if isinstance(first, Missing):
                return first
            return operations.binary(ast.Add, loop.index, first) if first else loop.index
        return Missing()

    def _unrolled(self, node: Any, over: Sequence[Any], scope: Scope) -> Returned | None:
        for item in list(over):
            self.assign(node.target, item, scope)
            ended = self.block(node.body, scope)
            if ended is not None and ended.leaves in ("", "raise"):
                return ended
            if ended is not None and ended.leaves == "break":
                return None
        return None


def _listed(over: Any, node: ast.AST) -> Sequence[Any] | None:
    """What a loop goes over, where that is a short list that is known: each turn is gone through then."""
    if isinstance(over, Enumerated) and isinstance(over.start, int):
        inner = _listed(over.over, node)
        return None if inner is None else [*enumerate(inner, over.start)]
    if isinstance(over, (Groups, dict)):
        return list(over.each if isinstance(over, Groups) else over)
    is_short = isinstance(over, (list, tuple, range)) and len(over) <= MAX_UNROLLED
    return over if is_short and (not isinstance(over, range) or builds_list(node)) else None


def _inside(ended: Returned | None) -> Returned | None:
    """How a loop ends that ends so inside."""
    return None if ended is not None and ended.leaves else ended


def _span(over: Ranged) -> Any:
    """How many numbers there are in a range."""
    if len(over.bounds) > 2:
        return Missing(missing_in(*over.bounds))
    return operations.binary(ast.Sub, over.bounds[-1], over.bounds[0] if len(over.bounds) > 1 else 0)
