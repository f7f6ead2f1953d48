"""Statements of a script, gone through once in their order; its functions, wherever they are called."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from lrplot.configs.code import libraries, own
from lrplot.configs.code.answers import answer, apply
from lrplot.configs.code.branches import Returned
from lrplot.configs.code.call import Call
from lrplot.configs.code.loops import Looper
from lrplot.configs.code.values import (
    Ask,
    Class,
    Condition,
    Either,
    External,
    Function,
    Instance,
    Made,
    Missing,
    Optimizer,
    Scope,
)

MAX_CALLS = 24
"""Functions within one another."""
MAX_WITHIN = 2
"""Times that a function may call itself."""


class Walker(Looper):
    """Goes through statements and functions."""

    def __init__(self, given: Mapping[str, Any], elsewhere: Callable[[str], Any] = lambda text: None) -> None:
        super().__init__(given, elsewhere)
        self.entered: set[ast.AST] = set()
        """Functions that were called."""
        self.instances: dict[ast.ClassDef, Instance] = {}
        self.calls = 0
        self.alone: set[ast.AST] = set()
        """Where a rate is set in functions that nothing in the script calls."""

    def block(self, statements: Sequence[ast.stmt], scope: Scope) -> Returned | None:
        """Goes through statements; answers how they end, where they do not just come to their end."""
        for index, statement in enumerate(statements):
            self.spend()
            if isinstance(statement, ast.If):
                ended = self.branch(statement, statements[index + 1 :], scope)
                if ended is not None:
                    return ended if ended.leaves != "done" else None
            elif (ended := self._statement(statement, scope)) is not None:
                return ended
        return None

    def _statement(self, node: ast.stmt, scope: Scope) -> Returned | None:
        match node:
            case ast.Return():
                return Returned(self.value(node.value, scope) if node.value is not None else None)
            case ast.Continue() | ast.Break() | ast.Raise():
                return Returned(leaves=type(node).__name__.lower())
            case ast.For() | ast.AsyncFor() | ast.While():
                return self.loop(node, scope)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    entered = self.value(item.context_expr, scope)
                    if item.optional_vars is not None:
                        self.assign(item.optional_vars, entered, scope)
                return self._gathered(node, scope)
            case ast.Try():
                return self.block([*node.body, *node.orelse], scope) or self.block(node.finalbody, scope)
            case ast.Match():
                return self.match(node, scope)
            case _:
                self._simple(node, scope)
                return None

    def _gathered(self, node: ast.With | ast.AsyncWith, scope: Scope) -> Returned | None:
        """A block, which accelerate may have do something in every so many batches alone."""
        calls = [each.context_expr for each in node.items if isinstance(each.context_expr, ast.Call)]
        names = [call.func.attr for call in calls if isinstance(call.func, ast.Attribute)]
        test = self.gathers
        if "accumulate" not in names or test is None:
            return self.block(node.body, scope)
        self.conditions, before = (*self.conditions, Condition(test)), self.conditions
        try:
            return self.block(node.body, scope)
        finally:
            self.conditions = before

    def _simple(self, node: ast.stmt, scope: Scope) -> None:
        match node:
            case ast.Assign():
                self.set_all(node, scope)
            case ast.AnnAssign() if node.value is not None:
                self.assign(node.target, self.value(node.value, scope), scope)
            case ast.AnnAssign(target=ast.Name(id=name)):
                scope.names.setdefault(f"{name}:", None)  # a field of a dataclass without a default
            case ast.AugAssign():
                self.augment(node, scope)
            case ast.Expr():
                self.value(node.value, scope)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                scope.put(node.name, self._function(node, scope))
            case ast.ClassDef():
                scope.put(node.name, self._class(node, scope))
            case ast.Import() | ast.ImportFrom():
                self._import(node, scope)
            case ast.Global() | ast.Nonlocal():
                scope.shared |= set(node.names)

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        for alias in node.names:
            if isinstance(node, ast.ImportFrom):
                if alias.name != "*":
                    home = "." * node.level + (node.module or "")
                    scope.put(alias.asname or alias.name, External(f"{home}.{alias.name}"))
            elif alias.asname:
                scope.put(alias.asname, External(alias.name))
            else:
                root = alias.name.partition(".")[0]
                scope.put(root, External(root))

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> Function:
        made = Function(node, scope, self.defaults(node.args, scope))
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).rpartition(".")[2] in (
                "option",
                "argument",
            ):
                names = [each.value for each in decorator.args if isinstance(each, ast.Constant)]
                default = next((each.value for each in decorator.keywords if each.arg == "default"), None)
                words = [str(name).lstrip("-").replace("-", "_") for name in names]
                for name in {*words} & {each.arg for each in node.args.args}:
                    if default is not None:
                        made.defaults[name] = self.value(default, scope)
        return self._decorated(made, node, scope)

    def _decorated(self, made: Function, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> Function:
        """What decorators of the script make of a function."""
        for decorator in reversed(node.decorator_list):
            function = self.value(decorator, scope)
            found = self.call(function, [made], {}, decorator) if isinstance(function, Function) else made
            made = found if isinstance(found, Function) else made
        return made

    def _class(self, node: ast.ClassDef, scope: Scope) -> Class:
        inner = Scope(outer=scope)
        bases = [self.value(base, scope) for base in node.bases]
        made = Class(node, inner, bases)
        self.block(node.body, inner)
        return made

    # Functions.

    def answer(self, node: ast.Call, scope: Scope) -> Any:
        return answer(self, node, scope)

    def apply(self, function: Any, call: Call) -> Any:
        return apply(function, call)

    def call(self, function: Any, arguments: Sequence[Any], named: Mapping[str, Any], node: ast.AST) -> Any:
        """What a function of the script answers, or an object of a class of it."""
        if isinstance(function, Class):
            return self._instance(function, arguments, named, node)
        if not isinstance(function.node, ast.Lambda):
            self.entered.add(function.node)
        if self.calls >= MAX_CALLS or self.within.count(function.node) > MAX_WITHIN:
            return Missing()
        scope = self._bound(function, arguments, named, node)
        self.calls += 1
        self.within.append(function.node)
        counters, self.counters = self.counters, {}
        try:
            if isinstance(function.node, ast.Lambda):
                return self.value(function.node.body, scope)
            ended = self.block(function.node.body, scope)
        finally:
            self.calls -= 1
            self.within.pop()
            self.counters = counters
        return ended.value if ended is not None and not ended.leaves else None

    def _bound(self, function: Function, arguments: Sequence[Any], named: Mapping[str, Any], node: ast.AST) -> Scope:
        """A scope with the function's arguments."""
        first, more = function.given
        spec = function.node.args
        names = [each.arg for each in [*spec.posonlyargs, *spec.args]]
        values = [*([function.bound] if function.bound is not None else []), *first, *arguments]
        decorators = [ast.unparse(each) for each in getattr(function.node, "decorator_list", ())]
        if "staticmethod" in decorators and function.bound is not None:
            values = values[1:]
        scope = Scope(outer=function.scope, depth=len(self.loops))
        scope.names |= function.defaults
        scope.names |= dict(zip(names, values))
        if spec.vararg is not None:
            scope.names[spec.vararg.arg] = tuple(values[len(names) :])
        extra = {**more, **named}
        known = {*names, *(each.arg for each in spec.kwonlyargs)}
        scope.names |= {name: value for name, value in extra.items() if name in known}
        if spec.kwarg is not None:
            scope.names[spec.kwarg.arg] = {name: value for name, value in extra.items() if name not in known}
        for name in known:
            if name not in scope.names:
                scope.names[name] = Missing((Ask(name, function.node.lineno),))
        return scope

    @staticmethod
    def _as_scheduler(instance: Instance, node: ast.AST) -> Instance | Made:
        """A scheduler that an object is, which was made where the object was; the object, where it is none."""
        made = instance.made
        if made is None:
            return instance
        if isinstance(node, ast.Call):
            made.call = node
        for each in instance.attributes.values():  # another scheduler, which it hands on
            if isinstance(each, Made) and made.own is not None:
                each.is_held = True
        return made

    def _instance(
        self, made_of: Class, arguments: Sequence[Any], named: Mapping[str, Any], node: ast.AST
    ) -> Instance | Made | Optimizer:
        made = Instance(of=made_of)
        self.instances[made_of.node] = made
        init = made_of.method("__init__")
        if init is not None:
            bound = Function(init.node, init.scope, init.defaults, made)
            scope = self._bound(bound, arguments, named, node)
            options = {name: value for name, value in scope.names.items() if value is not made}
            if isinstance(node, ast.Call) and own.is_optimizer(made_of):
                self.entered.add(init.node)
                return libraries.optimizer(made_of.node.name, Call(self, node, Scope(), [], options))
            made.attributes["hparams"] = Instance(options, is_options=True)
            self.call(bound, arguments, named, node)
            return self._as_scheduler(made, node)
        if (base := own.scheduler_base(made_of)) is not None and isinstance(node, ast.Call):
            own.begin(made, base, Call(self, node, Scope(), list(arguments), dict(named)))
            return self._as_scheduler(made, node)
        fields = list(_fields(made_of))
        values = {name: value for name, value in fields if not name.endswith(":")}
        names = [name.rstrip(":") for name, _ in fields]
        made.attributes |= values | dict(zip(names, arguments)) | dict(named)
        made.is_options = True
        return made

    def configured(self, answer: Any, interval: str = "epoch") -> None:
        """Takes note of what ``configure_optimizers`` gives back, and what steps it, where that is not told there."""
        pending = [answer]
        while pending:
            each = pending.pop()
            if isinstance(each, dict):
                pending += each.values()
            elif isinstance(each, (list, tuple)):
                pending += each
            elif isinstance(each, Made):
                each.clock = {"interval": interval} | each.clock
            elif isinstance(each, Either):
                pending += each.values


def _fields(made_of: Class) -> Iterator[tuple[str, Any]]:
    """The fields of a class that has no constructor of its own, as a dataclass has them."""
    for base in made_of.bases:
        if isinstance(base, Class):
            yield from _fields(base)
    for name, value in made_of.scope.names.items():
        if not isinstance(value, (Function, Class)):
            yield name, value
