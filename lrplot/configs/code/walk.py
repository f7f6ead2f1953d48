"""Statements of a script, gone through once in their order: branches as what is known decides, loops one turn, and the
functions of the script wherever they are called.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lrplot.configs.code import operations
from lrplot.configs.code.answers import answer, apply
from lrplot.configs.code.call import Call
from lrplot.configs.code.evaluate import Evaluator
from lrplot.configs.code.turns import (
    assigned_in,
    bounds_of,
    builds_list,
    changed_by,
    changing,
    counted_in,
    in_place,
    lasting,
)
from lrplot.configs.code.values import (
    Ask,
    Carried,
    Class,
    Condition,
    Either,
    Enumerated,
    Event,
    External,
    Function,
    Groups,
    Instance,
    Loop,
    Made,
    Missing,
    Ranged,
    Scope,
    Symbol,
    missing_in,
)

MAX_CALLS = 24
"""Functions within one another."""
MAX_WITHIN = 2
"""Times that a function may call itself."""
MAX_UNROLLED = 64
"""Turns of a loop over a list that is written out."""
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


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
    ended: Returned | None = None


class Walker(Evaluator):
    """Goes through statements."""

    def __init__(self, given: Mapping[str, Any], elsewhere: Callable[[str], Any] = lambda text: None) -> None:
        super().__init__(given, elsewhere)
        self.entered: set[ast.AST] = set()
        """Functions that were called."""
        self.skipped: list[tuple[ast.expr, Sequence[ast.stmt]]] = []
        """Tests that are known, each with what it keeps from happening."""
        self.instances: dict[ast.ClassDef, Instance] = {}
        self.calls = 0
        self.within: list[ast.AST] = []
        """The functions that are gone through, one within the other."""
        self.loop_number = 0
        self._changes: dict[ast.ClassDef, frozenset[str]] = {}
        self.held: dict[tuple[int, str], float] = {}
        """Names that keep what they were given in some turn, each with the last such turn."""
        self.alone: set[ast.AST] = set()
        """Where a rate is set in functions that nothing in the script calls."""

    def block(self, statements: Sequence[ast.stmt], scope: Scope) -> Returned | None:
        """Goes through statements; answers how they end, where they do not just come to their end."""
        for index, statement in enumerate(statements):
            self.spend()
            if isinstance(statement, ast.If):
                ended = self._branch(statement, statements[index + 1 :], scope)
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
                return self._loop(node, scope)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    entered = self.value(item.context_expr, scope)
                    if item.optional_vars is not None:
                        self.assign(item.optional_vars, entered, scope)
                return self.block(node.body, scope)
            case ast.Try():
                return self.block([*node.body, *node.orelse], scope) or self.block(node.finalbody, scope)
            case ast.Match():
                return self._match(node, scope)
            case _:
                self._simple(node, scope)
                return None

    def _simple(self, node: ast.stmt, scope: Scope) -> None:
        match node:
            case ast.Assign():
                if (again := in_place(node)) is not None and self._goes_on(node.targets[0], scope):
                    self._augment(again, scope)
                    return
                value = self.value(node.value, scope)
                for target in node.targets:
                    self.assign(target, value, scope)
            case ast.AnnAssign() if node.value is not None:
                self.assign(node.target, self.value(node.value, scope), scope)
            case ast.AnnAssign(target=ast.Name(id=name)):
                scope.names.setdefault(f"{name}:", None)  # a field of a dataclass without a default
            case ast.AugAssign():
                self._augment(node, scope)
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
        return made

    def _class(self, node: ast.ClassDef, scope: Scope) -> Class:
        inner = Scope(outer=scope)
        bases = [self.value(base, scope) for base in node.bases]
        made = Class(node, inner, bases)
        self.block(node.body, inner)
        return made

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
                if not self._depends:
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
                value = self.joined(condition.test, *((value, before) if condition.holds else (before, value)))
        return value

    def _set_entry(self, target: ast.Subscript, value: Any, scope: Scope) -> None:
        base = self.value(target.value, scope)
        key = self.value(target.slice, scope)
        is_there = isinstance(base, list) and isinstance(key, int) and -len(base) <= key < len(base)
        if is_there or (isinstance(base, dict) and isinstance(key, (str, int, float))):
            base[key] = self._maybe(value, base[key] if is_there or key in base else value)
        elif isinstance(base, Groups) and key == "lr":
            self._set_rate(base, target, value)

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

    def _unpack(self, targets: Sequence[ast.expr], value: Any, scope: Scope) -> None:
        values: Sequence[Any] = value if isinstance(value, (list, tuple)) and len(value) == len(targets) else []
        for index, target in enumerate(targets):
            asks = missing_in(value)
            single = values[index] if values else Missing(asks) if asks else self.asked(target)
            self.assign(target, single, scope)

    def _augment(self, node: ast.AugAssign, scope: Scope) -> None:
        text = ast.unparse(node.target)
        load = ast.copy_location(ast.parse(text, mode="eval").body, node)
        if text in self.counters:
            self.counters = {**self.counters, text: operations.binary(ast.Add, self.counters[text], 1)}
            return
        if isinstance(node.target, ast.Subscript):
            base = self.value(node.target.value, scope)
            if isinstance(base, Groups):
                factor = self.value(node.value, scope)
                self.events.append(Event(base, node, self.loops, self.conditions, ("*=", type(node.op), factor)))
                return
        if self._goes_on(node.target, scope):
            value = self._carried(node, self._raw(node.target, scope), self.value(node.value, scope))
        else:
            value = operations.binary(type(node.op), self.value(load, scope), self.value(node.value, scope))
        self.assign(node.target, value, scope)

    # What goes on from turn to turn.

    fresh: set[tuple[int, str]] = set()
    """The names, and the attributes of objects, that got their value in this turn of the innermost loop."""
    assigned: tuple[frozenset[str], ...] = ()
    """The names that the open loops give values to."""

    def _goes_on(self, target: ast.expr, scope: Scope) -> bool:
        """Whether a number is what an earlier turn of a loop left it."""
        if not self.loops or self._is_pure or not isinstance(target, (ast.Name, ast.Attribute)):
            return False
        if isinstance(target, ast.Attribute):
            base = self.value(target.value, scope)
            return isinstance(base, Instance) and (id(base), f".{target.attr}") not in self.fresh
        home = scope.find(target.id)
        is_outside = home is not None and home.depth < len(self.loops)
        return is_outside and (id(home), target.id) not in self.fresh

    def _raw(self, target: ast.expr, scope: Scope) -> Any:
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
        if is_number and isinstance(node.op, ast.Add) and operand == 1 and not self._depends:
            return operations.binary(ast.Add, self.loops[-1].total, before + 1)
        if is_number and isinstance(node.op, (ast.Mult, ast.Div)):
            change = Event(None, node, self.loops, self.conditions, ("*=", type(node.op), operand))
            return Carried(before, (change,))
        if isinstance(before, Carried) and isinstance(node.op, (ast.Mult, ast.Div)):
            change = Event(None, node, self.loops, self.conditions, ("*=", type(node.op), operand))
            return Carried(before.start, (*before.changes, change))
        return changing(node.target)

    @property
    def _depends(self) -> bool:
        """Whether what happens does so only if something about a loop's counter holds."""
        return any(isinstance(condition.test, Symbol) for condition in self.conditions)

    def lasting(self, value: Any, home: Scope | Instance, node: ast.Name | ast.Attribute) -> Any:
        if not self.loops or self._is_pure or not isinstance(value, (int, float, Symbol)) or isinstance(value, bool):
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

    _is_pure = False
    """Whether a function of a loop's counter is gone through, whose names last for one call."""

    def configured(self, answer: Any) -> None:
        """Takes note of what ``configure_optimizers`` gives back: Lightning steps it by the epoch, unless told."""
        pending = [answer]
        while pending:
            each = pending.pop()
            if isinstance(each, dict):
                pending += each.values()
            elif isinstance(each, (list, tuple)):
                pending += each
            elif isinstance(each, Made):
                each.clock = {"interval": "epoch"} | each.clock
            elif isinstance(each, Either):
                pending += each.values

    # Branches.

    def _branch(self, node: ast.If, rest: Sequence[ast.stmt], scope: Scope) -> Returned | None:
        """One way or the other; both, where that is not known. What comes after is gone through here where a way may
        end before it: then the answer is how all of it ends, or ``done``.
        """
        test = self.value(node.test, scope)
        truth = self.truth(test)
        if truth is not None:
            self.skipped.append((node.test, node.orelse if truth else node.body))
            ended = self.block(node.body if truth else node.orelse, scope)
            if ended is not None and ended.leaves == "raise":  # with other arguments, then: it is a script that runs
                return self.block(node.orelse if truth else node.body, scope)
            return ended
        if node.body and isinstance(node.body[-1], ast.Raise):  # which a script that runs does not come to
            return self.block(node.orelse, scope)
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
            made = Way(scope.names, self.fresh)
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

    def _one_of(self, test: Any, name: str, scope: Scope, then: Way, other: Way) -> Any:
        """A name's value after two ways; where one leaves it as an earlier turn had it, what that was is looked for."""
        values, key = (then.names[name], other.names[name]), (id(scope), name)
        if carried := [value for value in values if isinstance(value, Carried)]:
            return max(carried, key=lambda value: len(value.changes))  # their conditions stand in them
        is_number = all(isinstance(value, (int, float, Symbol)) for value in values)
        is_new = key in self.fresh and key not in self.held
        if is_new or not is_number or not self.loops or scope.depth >= len(self.loops) or self._is_pure:
            return self.joined(test, *values)
        if key in then.fresh and key in other.fresh and key not in self.held:
            return self.joined(test, *values)
        self.fresh.add(key)
        before, (first, last) = self.held.get(key, -math.inf), bounds_of(test)
        is_kept = values[1] is scope.names.get(name)
        since = lasting(test, values[0]) if is_kept and first is not None and first >= before else None
        if since is None:
            return changing(ast.Name(name, lineno=0))
        self.held[key] = last
        return self.joined(since, *values)

    def _ended(
        self, test: Any, then: Way, other: Way, scope: Scope
    ) -> Returned:  # fmt: skip
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
        return Returned(self.joined(test, *values))

    def _match(self, node: ast.Match, scope: Scope) -> Returned | None:
        subject = self.value(node.subject, scope)
        for case in node.cases:
            patterns = case.pattern.patterns if isinstance(case.pattern, ast.MatchOr) else [case.pattern]
            values = [self.value(each, scope) for each in values_of(patterns)]
            is_rest = isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
            if is_rest or (isinstance(subject, operations.SCALARS) and subject in values):
                return self.block(case.body, scope)
            if not isinstance(subject, operations.SCALARS):
                self._way(Missing(missing_in(subject)), True, case.body, scope)
            else:
                self.skipped.append((ast.Compare(node.subject, [ast.Eq()], values_of(patterns)), case.body))
        return None

    # Loops.

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, scope: Scope) -> Returned | None:
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
        while isinstance(node, ast.Call) and node.args and ast.unparse(node.func).rpartition(".")[2] in _WRAPPERS:
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
        found = {}
        for text, is_direct in counted_in(node).items():
            target = ast.parse(text, mode="eval").body
            start = self._raw(target, scope) if not self.counters.get(text) else None
            if is_direct and isinstance(start, int):
                is_whole = self._goes_on(target, scope) or not self.loops
                turns = loop.total if is_whole else loop.index  # which is set anew where the loop begins
                found[text] = operations.binary(ast.Add, turns, start) if start else turns
        return found

    def _turn(self, loop: Loop, over: Any) -> Any:
        """The value of a loop's variable in any turn."""
        if isinstance(over, Enumerated):
            return (loop.index, Missing())
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

    # Functions.

    def answer(self, node: ast.Call, scope: Scope) -> Any:
        return answer(self, node, scope)

    def apply(self, function: Any, call: Call) -> Any:
        return apply(function, call)

    def call(self, function: Any, arguments: Sequence[Any], named: Mapping[str, Any], node: ast.AST) -> Any:
        """What a function of the script answers, or an object of a class of it."""
        if isinstance(function, Class):
            return self._instance(function, arguments, named, node)
        if isinstance(function.node, _FUNCTIONS):
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

    def _instance(self, made_of: Class, arguments: Sequence[Any], named: Mapping[str, Any], node: ast.AST) -> Instance:
        made = Instance(of=made_of)
        self.instances[made_of.node] = made
        init = made_of.method("__init__")
        if init is not None:
            bound = Function(init.node, init.scope, init.defaults, made)
            scope = self._bound(bound, arguments, named, node)
            options = {name: value for name, value in scope.names.items() if value is not made}
            made.attributes["hparams"] = Instance(options, is_options=True)
            self.call(bound, arguments, named, node)
            return made
        fields = list(_fields(made_of))
        values = {name: value for name, value in fields if not name.endswith(":")}
        names = [name.rstrip(":") for name, _ in fields]
        made.attributes |= values | dict(zip(names, arguments)) | dict(named)
        made.is_options = True
        return made


_WRAPPERS = {"tqdm", "enumerate", "track", "trange", "iter", "log_every", "islice", "prefetch", "progress_bar"}


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


def values_of(patterns: Sequence[ast.pattern]) -> list[ast.expr]:
    """The values that a case is for."""
    return [each.value for each in patterns if isinstance(each, ast.MatchValue)]


def _span(over: Ranged) -> Any:
    """How many numbers there are in a range."""
    if len(over.bounds) > 2:
        return Missing(missing_in(*over.bounds))
    return operations.binary(ast.Sub, over.bounds[-1], over.bounds[0] if len(over.bounds) > 1 else 0)


def _fields(made_of: Class) -> Iterator[tuple[str, Any]]:
    """The fields of a class that has no constructor of its own, as a dataclass has them."""
    for base in made_of.bases:
        if isinstance(base, Class):
            yield from _fields(base)
    for name, value in made_of.scope.names.items():
        if not isinstance(value, (Function, Class)):
            yield name, value


def _may_end(node: ast.If) -> bool:
    """Whether one of the ways leaves the block."""
    pending: list[ast.AST] = [*node.body, *node.orelse]
    while pending:
        part = pending.pop()
        if isinstance(part, (ast.Return, ast.Continue, ast.Break, ast.Raise)):
            return True
        if not isinstance(part, (*_FUNCTIONS, ast.ClassDef, ast.Lambda, ast.For, ast.While)):
            pending += [child for child in ast.iter_child_nodes(part) if isinstance(child, ast.stmt)]
    return False
