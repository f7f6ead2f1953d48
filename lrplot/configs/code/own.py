"""Classes of a script that build on one of torch's schedulers, and what ``super()`` is in any class."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lrplot.configs.code import factories
from lrplot.configs.code.call import Call
from lrplot.configs.code.names import BASES, OPTIMIZERS, scheduler_of
from lrplot.configs.code.values import Class, External, Function, Instance, Made, Missing, Optimizer

RULES = ("get_lr", "step", "_get_closed_form_lr")
"""Methods that make a scheduler another than the one that it builds on."""


@dataclass(frozen=True)
class Super:
    """``super()``: an object, as the classes have it that its own builds on."""

    instance: Instance
    bases: tuple[Any, ...]


def super_of(call: Call) -> Any:
    """``super()``, or ``super(Own, self)``."""
    if len(call.arguments) == 2:
        owner, instance = call.arguments
    else:
        node = call.reader.within[-1] if call.reader.within else None
        first = [each.arg for each in node.args.args[:1]] if isinstance(node, ast.FunctionDef) else []
        home = call.scope.find(first[0]) if first else None
        instance = home.names[first[0]] if home is not None else None
        owner = _owner(instance.of, node) if isinstance(instance, Instance) else None
    known = isinstance(owner, Class) and isinstance(instance, Instance)
    return Super(instance, tuple(owner.bases)) if known else call.unknown


def _owner(made_of: Class | None, node: ast.AST | None) -> Class | None:
    """The class that has a method of its own, of those that another builds on."""
    if made_of is None or any(isinstance(m, Function) and m.node is node for m in made_of.scope.names.values()):
        return made_of
    found = (_owner(base, node) for base in made_of.bases if isinstance(base, Class))
    return next((each for each in found if each is not None), None)


def of_super(base: Super, name: str, call: Call) -> Any:
    """A call of a method of what a class builds on."""
    for each in base.bases:
        if isinstance(each, Class) and (method := each.method(name)) is not None:
            return call.apply(Function(method.node, method.scope, method.defaults, base.instance))
        if isinstance(each, Class) and name == "__init__" and (home := scheduler_base(each)) is not None:
            return begin(base.instance, home, call)
        if isinstance(each, External) and name == "__init__" and is_scheduler(each):
            return begin(base.instance, each, call)
    return Missing()


def scheduler_base(made_of: Class) -> External | None:
    """The scheduler of torch's that a class builds on."""
    return next((each for each in _lineage(made_of) if isinstance(each, External) and is_scheduler(each)), None)


def is_optimizer(made_of: Class) -> bool:
    """Whether a class builds on an optimizer of torch's."""
    last = [each.path.rpartition(".")[2] for each in _lineage(made_of) if isinstance(each, External)]
    return any(name == "Optimizer" or name in OPTIMIZERS for name in last)


def _lineage(made_of: Class) -> Iterator[Any]:
    for base in made_of.bases:
        yield base
        if isinstance(base, Class):
            yield from _lineage(base)


def is_scheduler(base: External) -> bool:
    return base.path.rpartition(".")[2] in BASES or scheduler_of(base.path) is not None


def begin(instance: Instance, base: External, call: Call) -> None:
    """What the constructor of torch's scheduler makes of an object."""
    known = scheduler_of(base.path)
    if known is not None:
        made = factories.scheduler(known, call)
    else:
        cls = scheduler_of("torch.optim.lr_scheduler.LambdaLR")
        assert cls is not None
        made = Made(cls, call.node, {}, call.argument(0, "optimizer"))
        made.last_epoch = 0 if (last := call.argument(1, "last_epoch", -1)) in (-1, None) else last
        call.happens(made, "made")
    assert instance.of is not None
    if known is None or any(instance.of.method(name) for name in RULES):
        made.own = instance
    rates = list(made.optimizer.rates) if isinstance(made.optimizer, Optimizer) else [None]
    instance.attributes |= {"optimizer": made.optimizer, "last_epoch": 0, "base_lrs": rates}
    instance.made = made
