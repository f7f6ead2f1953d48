"""What stands behind a dot or in brackets: ``args.lr``, ``config["lr"]``, ``optimizer.param_groups[0]``."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from lrplot.configs.code import arrays, operations
from lrplot.configs.code.reader import Reader
from lrplot.configs.code.values import (
    Array,
    Ask,
    Class,
    Either,
    External,
    Function,
    Groups,
    Instance,
    Made,
    Missing,
    Optimizer,
    Parser,
    Scope,
    Symbol,
    missing_in,
)

MAX_GROUPS = 1_000


def _attribute(reader: Reader, node: ast.Attribute, scope: Scope) -> Any:
    return attribute(reader, reader.value(node.value, scope), node)


def attribute(reader: Reader, base: Any, node: ast.Attribute) -> Any:
    """``base.NAME``, as far as that is not a method of what Python has itself."""
    name = node.attr
    if isinstance(base, External):
        return _of_module(reader, base, node)
    if isinstance(base, Instance):
        return _of_instance(reader, base, node)
    if isinstance(base, Class):
        found = base.scope.names.get(name, base.method(name))
        return found if found is not None else reader.asked(node)
    if isinstance(base, Either):
        return Either([attribute(reader, each, node) for each in base.values])
    if isinstance(base, Missing) and name == "sync_gradients":
        return reader.gathers or True
    if isinstance(base, (Optimizer, Missing)) and name == "param_groups":
        return Groups(base)
    if isinstance(base, Made) and name == "optimizer" and base.optimizer is not None:
        return base.optimizer
    if isinstance(base, Made) and base.own is not None and name != "last_epoch":
        return _of_instance(reader, base.own, node)
    if isinstance(base, Parser) and name in base.options:  # of a function that parses, too
        return base.options[name]
    if isinstance(base, dict) and name in base:  # as an EasyDict or a config has it
        return base[name]
    return reader.asked(node)


def _of_module(reader: Reader, base: External, node: ast.Attribute) -> Any:
    root = base.path.partition(".")[0]
    if root in ("math", "np", "numpy", "torch", "jnp", "jax") and node.attr in operations.CONSTANTS:
        return operations.CONSTANTS[node.attr]
    if base.path.rpartition(".")[2] == "FLAGS":
        return reader.flags.get(node.attr, reader.asked(node))
    if base.path.endswith("SchedulerType"):
        return node.attr.lower()
    return External(f"{base.path}.{node.attr}", base.is_imported)


def _of_instance(reader: Reader, base: Instance, node: ast.Attribute) -> Any:
    name = node.attr
    if base.is_options and reader.given:
        for text in (f"args.{name}", name, f"--{name.replace('_', '-')}"):
            if reader.says(text):
                return reader.given[text]
    if name == "__dict__":
        return base.attributes
    if name in base.attributes:
        return reader.lasting(base.attributes[name], base, node)
    if base.of is None:
        return reader.asked(node)
    if name == "trainer" and reader.trainer:
        return Instance(_of_trainer(reader))
    found = base.of.method(name) or base.of.scope.names.get(name)
    if not isinstance(found, Function):
        return found if found is not None else reader.asked(node)
    bound = Function(found.node, found.scope, found.defaults, base)
    decorators = getattr(found.node, "decorator_list", ())
    if any(ast.unparse(each).rpartition(".")[2] in ("property", "cached_property") for each in decorators):
        return reader.call(bound, [], {}, node)
    return bound


def _of_trainer(reader: Reader) -> dict[str, Any]:
    """What Lightning's trainer tells a module."""
    steps = reader.trainer.get("max_steps")
    is_known = isinstance(steps, int) and steps > 0
    return reader.trainer | ({"estimated_stepping_batches": steps} if is_known else {})


def _subscript(reader: Reader, node: ast.Subscript, scope: Scope) -> Any:
    base = reader.value(node.value, scope)
    if isinstance(base, Groups):
        return _of_group(reader, base, node, scope)
    if isinstance(node.slice, ast.Slice):
        return _sliced(reader, base, node, scope)
    key = reader.value(node.slice, scope)
    if isinstance(base, (list, tuple, dict, str, range)) and isinstance(key, (int, str, float)):
        try:
            return base[key]  # type: ignore[index]
        except (LookupError, TypeError):
            return reader.asked(node)
    if isinstance(base, Array) and isinstance(key, (int, Symbol)):
        return arrays.item_of(base, key)
    is_short = isinstance(base, (list, tuple)) and 0 < len(base) <= operations.MAX_LISTED
    if is_short and isinstance(key, Symbol):
        return arrays.chosen_of(base, key)
    if isinstance(base, dict) and 0 < len(base) <= operations.MAX_LISTED and isinstance(key, Symbol):
        return arrays.entry_of(base, key)
    if isinstance(key, Symbol) and reader.loops:
        return Missing((Ask(ast.unparse(node), node.lineno, is_changing=True),))
    if isinstance(base, Instance) and isinstance(key, str):
        return _of_instance(reader, base, ast.Attribute(node.value, key, lineno=node.lineno))
    if asks := missing_in(key):
        return Missing(asks)
    return reader.asked(node)


def _of_group(reader: Reader, base: Groups, node: ast.Subscript, scope: Scope) -> Any:
    key = reader.value(node.slice, scope)
    if not isinstance(key, str):
        index = key % max(len(base.rates), key + 1) if isinstance(key, int) and abs(key) < MAX_GROUPS else None
        return Groups(base.optimizer, is_one=True, index=index)
    if key not in ("params", "lr") and (known := base.beside(key)) is not None:
        return known
    if isinstance(base.optimizer, Optimizer) and (
        key == "initial_lr" or (key == "lr" and base.is_at_rest(reader.loops))
    ):
        return base.rates[min(base.index or 0, len(base.rates) - 1)]
    return Groups(base.optimizer) if key == "params" else Missing()


def _sliced(reader: Reader, base: Any, node: ast.Subscript, scope: Scope) -> Any:
    assert isinstance(node.slice, ast.Slice)
    parts = (node.slice.lower, node.slice.upper, node.slice.step)
    bounds = [reader.value(part, scope) if part is not None else None for part in parts]
    if isinstance(base, (list, tuple, str)) and all(each is None or isinstance(each, int) for each in bounds):
        return base[slice(*bounds)] if bounds[2] != 0 else Missing()
    return Missing(missing_in(base, *bounds) or reader.asked(node).asks)


READERS: Mapping[type[ast.expr], Callable[[Reader, Any, Scope], Any]] = {
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
}
