"""What a call answers: of the script's own functions, of Python's, of the libraries that are known."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any

from lrplot.configs.code import asked, libraries, operations, own, python
from lrplot.configs.code.call import Call, call_of
from lrplot.configs.code.choices import joined
from lrplot.configs.code.entries import attribute
from lrplot.configs.code.names import BUILTINS
from lrplot.configs.code.reader import Reader
from lrplot.configs.code.values import (
    Class,
    Condition,
    Either,
    Event,
    External,
    Function,
    Groups,
    Instance,
    Made,
    Missing,
    Optimizer,
    Parser,
    Partial,
    Scope,
    Symbol,
    missing_in,
)

NUMERIC = {"math", "np", "numpy", "torch", "jnp", "jax", "tf", "tensorflow", *BUILTINS}
"""Where functions of numbers come from."""
_SAME = {"power": "pow", "minimum": "min", "maximum": "max", "arccos": "acos", "absolute": "abs"}
"""Names of numpy's and torch's for functions of math."""
OF_OTHERS = ("composer", "fastai", "paddle", "mxnet", "chainer", "flax")
"""Libraries with schedulers that are not known here."""
_TRAINS = re.compile(
    "^(train|fit|run_epoch|train_epoch|train_one_epoch|one_epoch|do_train|training_epoch|optimize_parameters)"
)
"""Begins the names of functions that step an optimizer."""
_SETS = re.compile("adjust|learning_rate|lr_|_lr|warm_?up|sched", re.IGNORECASE)
"""Stands in the names of functions that set an optimizer's rate."""


def answer(reader: Reader, node: ast.Call, scope: Scope) -> Any:
    """The value of a call."""
    if not isinstance(node.func, ast.Attribute):
        function = reader.value(node.func, scope)
        return apply(function, call_of(reader, node, scope))
    base = reader.value(node.func.value, scope)
    call = call_of(reader, node, scope)
    method = _METHODS.get(type(base))
    return apply(attribute(reader, base, node.func), call) if method is None else method(base, node.func.attr, call)


def apply(function: Any, call: Call) -> Any:
    """The value of a call of what ``function`` is."""
    if isinstance(function, (Function, Class)):
        return call.reader.call(function, call.arguments, call.named, call.node)
    if isinstance(function, Partial):
        return apply(function.function, call.of(*function.arguments, *call.arguments, **(function.named | call.named)))
    if isinstance(function, Either):
        found = [apply(each, call) for each in function.values[:2]]
        return joined(Missing(), found[0], found[-1])
    if isinstance(function, External):
        return _of_external(function, call)
    if isinstance(function, Made) and not function.cls.on_optimizer:
        if call.reader.loops:
            call.happens(function, None)  # which asks a function of steps for a rate
        if isinstance(call.argument(0, "step"), Symbol) and not call.reader.loops:
            call.happens(function, "asked")
            return Symbol(ast.Name(id=asked.RATE, ctx=ast.Load()))
    if isinstance(function, Instance) and function.of is not None:
        method = function.of.method("__call__")
        if method is not None:
            return apply(Function(method.node, method.scope, method.defaults, function), call)
    return _of_unknown(call)


def _of_external(function: External, call: Call) -> Any:
    path = function.path
    if path == "super":
        return own.super_of(call)
    if path in python.FUNCTIONS:
        return python.FUNCTIONS[path](call)
    root, name = path.partition(".")[0], path.rpartition(".")[2]
    if root in NUMERIC and (name := _SAME.get(name, name)) in operations.FUNCTIONS:
        return Missing(missing_in(*call.arguments)) if call.named else operations.call(name, call.operands)
    made = libraries.made_by(path, function.is_imported, call)
    is_set = _SETS.search(name) and any(isinstance(each, Optimizer) for each in call.arguments)
    if made is None and (is_set or (root in OF_OTHERS and ("Sched" in name or name.endswith("LR")))):
        call.happens(function, "unseen")
    return _of_unknown(call) if made is None else made


def _of_unknown(call: Call) -> Any:
    """The value of a call of something unknown: an optimizer, where it is given a rate beside parameters."""
    if call.reader.loops and _TRAINS.search(ast.unparse(call.node.func).rpartition(".")[2]):
        call.happens(None, "trains")
    _scaled(call)
    if "lr" in call.named and call.arguments:
        return libraries.optimizer("", call)
    if parser := next((each for each in call.arguments if isinstance(each, Parser)), None):
        return parser  # to which it adds options, as deepspeed.add_config_arguments does
    return call.unknown


def _scaled(call: Call) -> None:
    """``loss_scaler(loss, optimizer, update_grad=…)``, of timm and those after it, steps the optimizer."""
    stepped = [each for each in (*call.arguments, *call.named.values()) if isinstance(each, Optimizer)]
    name = ast.unparse(call.node.func).rpartition(".")[2]
    if call.reader.loops and stepped and ("scaler" in name or name == "optimizer_step"):
        test = call.named.get("update_grad", call.named.get("need_update", True))
        more = () if test is True else (Condition(test),)
        where = (*call.reader.conditions, *more)
        call.reader.events.append(Event(stepped[0], call.node, call.reader.loops, where))


def _of_either(base: Either, name: str, call: Call) -> Any:
    for each in base.values:
        if (method := _METHODS.get(type(each))) is not None:
            method(each, name, call)
    return call.unknown


_METHODS: Mapping[type, Callable[[Any, str, Call], Any]] = {
    Optimizer: libraries.of_optimizer, Made: libraries.of_scheduler, Parser: libraries.of_parser,
    Instance: libraries.of_instance, Missing: libraries.of_unknown, Either: _of_either,
    str: python.of_text, list: python.of_list, dict: python.of_dictionary,
    Groups: libraries.of_groups, own.Super: own.of_super,
}  # fmt: skip
"""What has methods that are known."""
