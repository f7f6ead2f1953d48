"""Expressions of a script to values: what is written out is computed, what is not known stays a question."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from lrplot.configs.code import choices, entries, lists, operations
from lrplot.configs.code.names import (
    BASES,
    BUILTINS,
    CHOOSERS,
    FAMILY_ROOTS,
    MODULES,
    OPTIMIZERS,
    TRAINERS,
    scheduler_of,
)
from lrplot.configs.code.reader import Reader
from lrplot.configs.code.values import External, Function, Missing, Scope


class Evaluator(Reader):
    """Tells what expressions stand for."""

    def value(self, node: ast.expr, scope: Scope) -> Any:
        """What an expression stands for."""
        self.spend()
        if self.given and isinstance(node, _NAMED) and self.says(text := ast.unparse(node)):
            return self.given[text]
        if self.counters and isinstance(node, _NAMES) and (counter := self.counters.get(ast.unparse(node))):
            return counter
        read = _READERS.get(type(node))
        if read is None:
            return Missing()
        found = read(self, node, scope)
        if isinstance(found, (list, tuple, str, dict)):
            self.work += len(found) // 8  # which is gone through again wherever it is used
        return found

    def defaults(self, arguments: ast.arguments, scope: Scope) -> dict[str, Any]:
        """The defaults of a function's arguments, which are what they are where it is defined."""
        named = [*arguments.posonlyargs, *arguments.args]
        pairs = [*zip(named[len(named) - len(arguments.defaults) :], arguments.defaults)]
        pairs += [(name, node) for name, node in zip(arguments.kwonlyargs, arguments.kw_defaults) if node is not None]
        return {name.arg: self.value(node, scope) for name, node in pairs}

    def _constant(self, node: ast.Constant, scope: Scope) -> Any:
        return node.value if isinstance(node.value, operations.SCALARS) else Missing()

    def _name(self, node: ast.Name, scope: Scope) -> Any:
        home = scope.find(node.id)
        if home is not None:
            return self.lasting(home.names[node.id], home, node)
        known = node.id in BUILTINS | MODULES | FAMILY_ROOTS or node.id in {*OPTIMIZERS, *TRAINERS, *CHOOSERS, *BASES}
        if known or scheduler_of(node.id) is not None:
            return External(node.id, is_imported=False)
        return self.asked(node)

    def _binary(self, node: ast.BinOp, scope: Scope) -> Any:
        return operations.binary(type(node.op), self.operand(node.left, scope), self.operand(node.right, scope))

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Any:
        return Function(node, scope, self.defaults(node.args, scope))

    def _named(self, node: ast.NamedExpr, scope: Scope) -> Any:
        value = self.value(node.value, scope)
        self.assign(node.target, value, scope)
        return value

    def _within(self, node: ast.Await | ast.Starred, scope: Scope) -> Any:
        return self.value(node.value, scope)

    def _call(self, node: ast.Call, scope: Scope) -> Any:
        return self.answer(node, scope)

    def answer(self, node: ast.Call, scope: Scope) -> Any:
        """The value of a call."""
        raise NotImplementedError


_NAMES = (ast.Name, ast.Attribute)
_NAMED = (*_NAMES, ast.Subscript, ast.Call)
"""What ``--set`` may say something of."""
_READERS: Mapping[type[ast.expr], Callable[[Any, Any, Scope], Any]] = {
    **choices.READERS, **entries.READERS, **lists.READERS,
    ast.Constant: Evaluator._constant, ast.Name: Evaluator._name, ast.BinOp: Evaluator._binary,
    ast.Lambda: Evaluator._lambda, ast.NamedExpr: Evaluator._named, ast.Await: Evaluator._within,
    ast.Starred: Evaluator._within, ast.Call: Evaluator._call,
}  # fmt: skip
