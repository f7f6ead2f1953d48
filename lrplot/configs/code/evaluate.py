"""Expressions of a script to values: what is written out is computed, what is not known stays a question."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

from lrplot.configs.code import arrays, operations
from lrplot.configs.code.names import BASES, CHOOSERS, FAMILY_ROOTS, OPTIMIZERS, TRAINERS, scheduler_of
from lrplot.configs.code.values import (
    Array,
    Ask,
    Class,
    Condition,
    Either,
    Event,
    External,
    Filtered,
    Function,
    Groups,
    Instance,
    Loop,
    Made,
    Missing,
    Optimizer,
    Parser,
    Scope,
    Symbol,
    missing_in,
)

MAX_WORK = 50_000
"""Expressions and statements that are looked at, those of a function each time that it is called."""
MAX_TURNS = 1_000
"""Of a comprehension."""
MAX_NAME = 80
"""Characters of what is asked for."""
BUILTINS = {
    *(
        "len",
        "range",
        "list",
        "tuple",
        "dict",
        "setattr",
        "sorted",
        "sum",
        "enumerate",
        "zip",
        "isinstance",
        "hasattr",
        "getattr",
    ),
    *("str", "int", "float", "bool", "min", "max", "abs", "round", "map", "filter", "reversed", "print", "vars", "any"),
    *(
        "partial",
        "super",
        "iter",
        "next",
        "set",
        "all",
        "type",
        "open",
        "input",
        "object",
        "Exception",
        "ValueError",
        "property",
    ),
}
PROCESSES = ("num_processes", "world_size")
"""Attributes that say how many processes train."""
MODULES = {"math", "np", "numpy", "nn", "functools", "argparse", "bisect", "os", "sys", "click", "dataclasses"}


class TooMuchError(Exception):
    """A script takes more work to read than is done for one."""


class Evaluator:
    """Tells what expressions stand for.

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
        self.work += 1
        if self.work > MAX_WORK:
            raise TooMuchError

    def value(self, node: ast.expr, scope: Scope) -> Any:
        """What an expression stands for."""
        self.spend()
        if self.given and isinstance(node, (ast.Name, ast.Attribute, ast.Subscript, ast.Call)):
            text = node.id if isinstance(node, ast.Name) else ast.unparse(node)
            if text in self.given:
                self.used.add(text)
                return self.given[text]
        if self.counters and isinstance(node, (ast.Name, ast.Attribute)):
            text = node.id if isinstance(node, ast.Name) else ast.unparse(node)
            if text in self.counters:
                return self.counters[text]
        read = _READERS.get(type(node))
        if read is None:
            return Missing()
        found = read(self, node, scope)
        if isinstance(found, (list, tuple, str, dict)):
            self.work += len(found) // 8  # which is gone through again wherever it is used
        return found

    def truth(self, value: Any) -> bool | None:
        """Whether something counts as true: None where that is not known."""
        if isinstance(value, (Missing, Symbol)):
            return None
        if isinstance(value, Either):
            truths = {self.truth(each) for each in value.values}
            return truths.pop() if len(truths) == 1 else None
        if isinstance(value, (*operations.SCALARS, list, tuple, dict, set, range)):
            return bool(value)
        return None if isinstance(value, External) else True

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

    def lasting(self, value: Any, home: Scope | Instance, node: ast.Name | ast.Attribute) -> Any:
        """What a name or an attribute is in any turn of the loops that are open."""
        return value

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Any:
        return self.attribute(self.value(node.value, scope), node)

    def attribute(self, base: Any, node: ast.Attribute) -> Any:
        """``base.NAME``, as far as that is not a method of what Python has itself."""
        name = node.attr
        if isinstance(base, External):
            return self._of_module(base, node)
        if isinstance(base, Instance):
            return self._of_instance(base, node)
        if isinstance(base, Class):
            found = base.scope.names.get(name, base.method(name))
            return found if found is not None else self.asked(node)
        if isinstance(base, Either):
            return Either([self.attribute(each, node) for each in base.values])
        if isinstance(base, Missing) and name == "sync_gradients":
            return self.gathers or True
        if isinstance(base, (Optimizer, Missing)) and name == "param_groups":
            return Groups(base)
        if isinstance(base, Made) and name == "optimizer" and base.optimizer is not None:
            return base.optimizer
        if isinstance(base, Made) and base.own is not None and name != "last_epoch":
            return self._of_instance(base.own, node)
        if isinstance(base, Parser) and name in base.options:  # of a function that parses, too
            return base.options[name]
        if isinstance(base, dict) and name in base:  # as an EasyDict or a config has it
            return base[name]
        return self.asked(node)

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
            if f"len({text})" in self.given:
                self.used.add(f"len({text})")
                return self.given[f"len({text})"]
        is_short = len(texts[0]) <= MAX_NAME
        return Missing((Ask(f"len({texts[0]})", node.lineno),) if is_short else ())

    def asked_for(self, text: str, node: ast.AST) -> Missing:
        return Missing((Ask(text, getattr(node, "lineno", 0)),))

    def _of_module(self, base: External, node: ast.Attribute) -> Any:
        root = base.path.partition(".")[0]
        if root in ("math", "np", "numpy", "torch", "jnp", "jax") and node.attr in operations.CONSTANTS:
            return operations.CONSTANTS[node.attr]
        if base.path.rpartition(".")[2] == "FLAGS":
            return self.flags.get(node.attr, self.asked(node))
        if base.path.endswith("SchedulerType"):
            return node.attr.lower()
        return External(f"{base.path}.{node.attr}", base.is_imported)

    def _of_instance(self, base: Instance, node: ast.Attribute) -> Any:
        name = node.attr
        if base.is_options and self.given:
            for text in (f"args.{name}", name, f"--{name.replace('_', '-')}"):
                if text in self.given:
                    self.used.add(text)
                    return self.given[text]
        if name == "__dict__":
            return base.attributes
        if name in base.attributes:
            return self.lasting(base.attributes[name], base, node)
        if base.of is None:
            return self.asked(node)
        if name == "trainer" and self.trainer:
            return Instance(self._of_trainer())
        found = base.of.method(name) or base.of.scope.names.get(name)
        if not isinstance(found, Function):
            return found if found is not None else self.asked(node)
        bound = Function(found.node, found.scope, found.defaults, base)
        decorators = getattr(found.node, "decorator_list", ())
        if any(ast.unparse(each).rpartition(".")[2] in ("property", "cached_property") for each in decorators):
            return self.call(bound, [], {}, node)
        return bound

    def _of_trainer(self) -> dict[str, Any]:
        """What Lightning's trainer tells a module."""
        steps = self.trainer.get("max_steps")
        is_known = isinstance(steps, int) and steps > 0
        return self.trainer | ({"estimated_stepping_batches": steps} if is_known else {})

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Any:
        base = self.value(node.value, scope)
        if isinstance(base, Groups):
            return self._of_group(base, node, scope)
        if isinstance(node.slice, ast.Slice):
            return self._sliced(base, node, scope)
        key = self.value(node.slice, scope)
        if isinstance(base, (list, tuple, dict, str, range)) and isinstance(key, (int, str, float)):
            try:
                return base[key]  # type: ignore[index]
            except (LookupError, TypeError):
                return self.asked(node)
        if isinstance(base, Array) and isinstance(key, (int, Symbol)):
            return arrays.item_of(base, key)
        is_short = isinstance(base, (list, tuple)) and 0 < len(base) <= operations.MAX_LISTED
        if is_short and isinstance(key, Symbol):
            return arrays.chosen_of(base, key)
        if isinstance(key, Symbol) and self.loops:
            return Missing((Ask(ast.unparse(node), node.lineno, is_changing=True),))
        if isinstance(base, Instance) and isinstance(key, str):
            return self._of_instance(base, ast.Attribute(node.value, key, lineno=node.lineno))
        if asks := missing_in(key):
            return Missing(asks)
        return self.asked(node)

    def _of_group(self, base: Groups, node: ast.Subscript, scope: Scope) -> Any:
        key = self.value(node.slice, scope)
        if not isinstance(key, str):
            index = key % max(len(base.rates), key + 1) if isinstance(key, int) and abs(key) < MAX_TURNS else None
            return Groups(base.optimizer, is_one=True, index=index)
        if isinstance(base.optimizer, Optimizer) and (key == "initial_lr" or (key == "lr" and not self.loops)):
            return base.rates[min(base.index or 0, len(base.rates) - 1)]
        return Groups(base.optimizer) if key == "params" else Missing()

    def _sliced(self, base: Any, node: ast.Subscript, scope: Scope) -> Any:
        assert isinstance(node.slice, ast.Slice)
        parts = (node.slice.lower, node.slice.upper, node.slice.step)
        bounds = [self.value(part, scope) if part is not None else None for part in parts]
        if isinstance(base, (list, tuple, str)) and all(each is None or isinstance(each, int) for each in bounds):
            return base[slice(*bounds)] if bounds[2] != 0 else Missing()
        return Missing(missing_in(base, *bounds) or self.asked(node).asks)

    def _binary(self, node: ast.BinOp, scope: Scope) -> Any:
        return operations.binary(type(node.op), self.value(node.left, scope), self.value(node.right, scope))

    def _unary(self, node: ast.UnaryOp, scope: Scope) -> Any:
        value = self.value(node.operand, scope)
        if isinstance(node.op, ast.Not) and not isinstance(value, Symbol):
            truth = self.truth(value)
            return Missing(missing_in(value)) if truth is None else not truth
        return operations.unary(type(node.op), value)

    def _both(self, node: ast.BoolOp, scope: Scope) -> Any:
        """``and`` and ``or``: the value that decides, as Python has it."""
        ends = isinstance(node.op, ast.Or)
        open_values: list[Any] = []
        for part in node.values:
            value = self.value(part, scope)
            truth = self.truth(value)
            if truth is ends:
                if not open_values:
                    return value
                open_values.append(value)
                break
            if truth is None:
                open_values.append(value)
            last = value
        if not open_values:
            return last
        if not all(isinstance(value, (Symbol, bool)) for value in open_values):
            return Missing(missing_in(*open_values))
        nodes = [operations.test_of(each) if isinstance(each, Symbol) else ast.Constant(each) for each in open_values]
        return Symbol(nodes[0]) if len(nodes) == 1 else operations.bounded(ast.BoolOp(op=node.op, values=nodes))

    def _compared(self, node: ast.Compare, scope: Scope) -> Any:
        values = [self.value(part, scope) for part in (node.left, *node.comparators)]
        found = [operations.compared(type(op), a, b) for op, a, b in zip(node.ops, values, values[1:])]
        if any(each is False for each in found):
            return False
        left = [each for each in found if each is not True]
        if len(left) < 2:
            return left[0] if left else True
        if not all(isinstance(each, Symbol) for each in left):
            return Missing(missing_in(*left))
        return operations.bounded(ast.BoolOp(op=ast.And(), values=[each.node for each in left]))

    def _if_else(self, node: ast.IfExp, scope: Scope) -> Any:
        test = self.value(node.test, scope)
        truth = self.truth(test)
        if truth is not None:
            return self.value(node.body if truth else node.orelse, scope)
        return self.joined(test, self.value(node.body, scope), self.value(node.orelse, scope))

    def joined(self, test: Any, then: Any, other: Any) -> Any:
        """One of two values, as a test decides that is not known."""
        kinds = (Made, Optimizer, Function, Either)
        if isinstance(then, kinds) or isinstance(other, kinds):
            flat = [
                each for value in (then, other) for each in (value.values if isinstance(value, Either) else [value])
            ]
            found = list(dict.fromkeys(each for each in flat if isinstance(each, kinds)))
            return found[0] if len(found) == 1 else Either(found)
        if then is other or (
            not isinstance(test, Symbol) and type(then) is type(other) and operations.same(then, other)
        ):
            return then
        return operations.choose(test, then, other)

    def _sequence(self, node: ast.List | ast.Tuple | ast.Set, scope: Scope) -> Any:
        items: list[Any] = []
        for part in node.elts:
            if isinstance(part, ast.Starred):
                inner = self.value(part.value, scope)
                if not isinstance(inner, (list, tuple, range)):
                    return Missing(missing_in(inner))
                items += islice(inner, MAX_TURNS)
            else:
                items.append(self.value(part, scope))
        return tuple(items) if isinstance(node, ast.Tuple) else items

    def _dictionary(self, node: ast.Dict, scope: Scope) -> Any:
        made: dict[Any, Any] = {}
        for key, part in zip(node.keys, node.values):
            value = self.value(part, scope)
            if key is None:
                made |= value if isinstance(value, dict) else {}
            elif isinstance(name := self.value(key, scope), (str, int, float, bool)):
                made[name] = value
        self.scheduled(made)
        return made

    def scheduled(self, entries: Mapping[Any, Any]) -> None:
        """Takes note of the clock that Lightning's dictionary gives a scheduler."""
        made = entries.get("scheduler")
        if isinstance(made, Made):
            made.clock |= {key: entries[key] for key in ("interval", "frequency") if key in entries}

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp, scope: Scope) -> Any:
        if len(node.generators) != 1:
            return Missing()
        (loop,) = node.generators
        over = self.value(loop.iter, scope)
        over = list(over) if isinstance(over, dict) else over.each if isinstance(over, Groups) else over
        is_long = isinstance(over, range) and len(over) > operations.MAX_LISTED and not loop.ifs
        if (is_long or isinstance(over, Array)) and (found := self._at_any(over, node, loop, scope)) is not None:
            return found
        if not isinstance(over, (list, tuple, range, str)) or len(over) > MAX_TURNS:
            return Missing(missing_in(over))
        made = []
        for item in over:
            inner = Scope(outer=scope)
            self.assign(loop.target, item, inner)
            tests = [self.value(test, inner) for test in loop.ifs]
            truths = [self.truth(test) for test in tests]
            if None in truths:
                return self._counted(over, node, loop, scope)
            if all(truths):
                made.append(self.value(node.elt, inner))
        return made

    def _dictionaries(self, node: ast.DictComp, scope: Scope) -> Any:
        """``{key: value for … in …}``, as a list of pairs is made."""
        pairs = ast.ListComp(ast.Tuple([node.key, node.value], ast.Load()), node.generators)
        made = self.value(ast.copy_location(pairs, node), scope)
        return self._of_pairs(made) if isinstance(made, list) else Missing(missing_in(made))

    @staticmethod
    def _of_pairs(pairs: list[Any]) -> Any:
        known = all(isinstance(key, (str, int, float, bool)) for key, _ in pairs)
        return dict(pairs) if known else Missing(missing_in(pairs))

    def _at_any(self, over: Any, node: Any, loop: ast.comprehension, scope: Scope) -> Array | None:
        """``[rate(i) for i in range(n)]``, as what stands at any place: None where that is no number."""
        item: Any = over.item if isinstance(over, Array) else arrays.place()
        if isinstance(over, range):
            item = operations.binary(ast.Mult, item, over.step) if over.step != 1 else item
            item = operations.binary(ast.Add, item, over.start) if over.start else item
        inner = Scope(outer=scope)
        self.assign(loop.target, item, inner)
        value = self.value(node.elt, inner)
        length = over.length if isinstance(over, Array) else len(over)
        return Array(length, value) if isinstance(value, (int, float, Symbol)) and not loop.ifs else None

    def _counted(self, over: Sequence[Any], node: Any, loop: ast.comprehension, scope: Scope) -> Any:
        """``[m for m in milestones if m <= epoch]``: how many there are is known at least."""
        tests = []
        for item in over:
            inner = Scope(outer=scope)
            self.assign(loop.target, item, inner)
            tests.append(self.value(loop.ifs[0], inner))
        return Filtered(tuple(tests)) if len(loop.ifs) == 1 else Missing(missing_in(*tests))

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Any:
        return Function(node, scope, self.defaults(node.args, scope))

    def _text(self, node: ast.JoinedStr, scope: Scope) -> Any:
        parts: list[str] = []
        for part in node.values:
            value = self.value(part.value if isinstance(part, ast.FormattedValue) else part, scope)
            if not isinstance(value, operations.SCALARS) or getattr(part, "format_spec", None) is not None:
                return Missing()
            parts.append(str(value))
        return "".join(parts) if sum(map(len, parts)) <= operations.MAX_ITEMS else Missing()

    def _named(self, node: ast.NamedExpr, scope: Scope) -> Any:
        value = self.value(node.value, scope)
        self.assign(node.target, value, scope)
        return value

    def _awaited(self, node: ast.Await | ast.Starred, scope: Scope) -> Any:
        return self.value(node.value, scope)

    def _call(self, node: ast.Call, scope: Scope) -> Any:
        return self.answer(node, scope)

    def answer(self, node: ast.Call, scope: Scope) -> Any:
        raise NotImplementedError

    def apply(self, function: Any, call: Any) -> Any:
        raise NotImplementedError

    def defaults(self, arguments: ast.arguments, scope: Scope) -> dict[str, Any]:
        """The defaults of a function's arguments, which are what they are where it is defined."""
        named = [*arguments.posonlyargs, *arguments.args]
        pairs = [*zip(named[len(named) - len(arguments.defaults) :], arguments.defaults)]
        pairs += [(name, node) for name, node in zip(arguments.kwonlyargs, arguments.kw_defaults) if node is not None]
        return {name.arg: self.value(node, scope) for name, node in pairs}

    def assign(self, target: ast.expr, value: Any, scope: Scope) -> None:
        raise NotImplementedError

    def call(self, function: Any, arguments: Sequence[Any], named: Mapping[str, Any], node: ast.AST) -> Any:
        raise NotImplementedError


_READERS: dict[type[ast.expr], Callable[[Any, Any, Scope], Any]] = {
    ast.Constant: Evaluator._constant, ast.Name: Evaluator._name, ast.Attribute: Evaluator._attribute,
    ast.Subscript: Evaluator._subscript, ast.BinOp: Evaluator._binary, ast.UnaryOp: Evaluator._unary,
    ast.BoolOp: Evaluator._both, ast.Compare: Evaluator._compared, ast.IfExp: Evaluator._if_else,
    ast.List: Evaluator._sequence, ast.Tuple: Evaluator._sequence, ast.Set: Evaluator._sequence,
    ast.Dict: Evaluator._dictionary, ast.ListComp: Evaluator._comprehension,
    ast.DictComp: Evaluator._dictionaries, ast.GeneratorExp: Evaluator._comprehension,
    ast.SetComp: Evaluator._comprehension, ast.Lambda: Evaluator._lambda,
    ast.JoinedStr: Evaluator._text, ast.NamedExpr: Evaluator._named, ast.Await: Evaluator._awaited,
    ast.Starred: Evaluator._awaited, ast.Call: Evaluator._call,
}  # fmt: skip
