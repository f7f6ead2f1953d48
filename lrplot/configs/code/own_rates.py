"""The rates of a scheduler whose class the script defines, as a function of lrplot's own: what its get_lr() answers at
any epoch.
"""

from __future__ import annotations

import ast
from typing import Any

from lrplot.configs.code import operations
from lrplot.configs.code.asked import RATE, factor_of
from lrplot.configs.code.tree import COUNT, Writer
from lrplot.configs.code.values import Function, Instance, Made, Missing, Optimizer, Symbol
from lrplot.configs.document import Value


def own_rates(
    writer: Writer, made: Made, epoch: ast.expr | None = None, is_share: bool = False
) -> tuple[Value, Value | None]:
    """The scheduler, and the optimizer's rate that goes with it.

    Args:
        epoch: What it is told, as an expression in epoch; its own count where there is none.
        is_share: Whether its function is to be a share of the optimizer's rate, which another scheduler moves too.
    """
    name = made.own.of.node.name if made.own is not None and made.own.of is not None else ""
    values = _answered(writer, made, epoch)
    if isinstance(values, str):
        writer.refuse(made.call, f"{name} {values}")
        return writer.at(made.call, {}), None
    factors = [factor_of(value.node) if isinstance(value, Symbol) and _has_rate(value) else None for value in values]
    if any(isinstance(value, Symbol) and _has_rate(value) for value in values):
        texts = [ast.unparse(ast.fix_missing_locations(each)) for each in factors if each is not None]
        if len(texts) < len(values):
            writer.refuse(made.call, f"{name} makes of the rate before what is no multiple of it: it is not read")
        return _written(writer, made, "MultiplicativeLR", texts), None
    if is_share:
        values = [operations.binary(ast.Div, value, base) for value, base in zip(values, _bases(made))]
        if any(isinstance(each, Missing) for each in values):
            writer.refuse(made.call, f"{name} moves a rate of 0 beside another scheduler: it is not read")
            return writer.at(made.call, {}), None
    texts = [
        ast.unparse(ast.fix_missing_locations(each.node)) if isinstance(each, Symbol) else repr(each) for each in values
    ]
    if is_share:
        return _written(writer, made, "LambdaLR", texts), None
    ones = [writer.at(made.call, "1.0") for _ in _bases(made)]
    return _written(writer, made, "LambdaLR", texts), writer.at(made.call, {"lr": writer.at(made.call, ones)})


def _bases(made: Made) -> list[Any]:
    return made.optimizer.rates if isinstance(made.optimizer, Optimizer) else [0.001]


def _has_rate(value: Symbol) -> bool:
    return any(isinstance(part, ast.Name) and part.id == RATE for part in ast.walk(value.node))


def _answered(writer: Writer, made: Made, epoch: ast.expr | None) -> list[Any] | str:
    """What it answers for each group; or why that is not known."""
    own = made.own
    assert own is not None and own.of is not None
    if own.of.method("step") is not None:
        return "has a step() of its own, which is not read: paste the schedulers that it is made of"
    closed = own.of.method("_get_closed_form_lr") if epoch is not None else None
    method = closed or own.of.method("get_lr")
    if method is None:
        return "has no get_lr() of its own: it is not read"
    rates = _bases(made)
    count = epoch if epoch is not None else ast.Name(id=COUNT, ctx=ast.Load())
    groups = Optimizer(made.call, {"lr": ([Symbol(ast.Name(id=RATE, ctx=ast.Load()))] * len(rates), made.call)})
    seen = {
        "optimizer": groups, "last_epoch": Symbol(count), "base_lrs": list(rates),
        "_step_count": operations.binary(ast.Add, Symbol(count), 1),
    }  # fmt: skip
    instance = Instance(own.attributes | seen, own.of)
    before = dict(instance.attributes)
    answered = writer.apart(Function(method.node, method.scope, method.defaults, instance), [], made.call)
    if any(instance.attributes.get(key) is not value for key, value in before.items()):
        return "keeps a state of its own in get_lr(): it is not read"
    values = list(answered) if isinstance(answered, (list, tuple)) else [answered]
    for value in values:
        if isinstance(value, bool) or not isinstance(value, (int, float, Symbol)):
            if isinstance(value, Missing) and value.asks:
                writer.ask(made.call, "get_lr", value)
                return [1.0] * len(rates)
            return "has a get_lr() that is not read"
    return values * len(rates) if len(values) == 1 else values


def _written(writer: Writer, made: Made, name: str, texts: list[str]) -> Value:
    functions = [writer.at(made.call, text) for text in texts]
    written = functions[0] if len(set(texts)) == 1 else writer.at(made.call, functions)
    return writer.at(made.call, {"name": writer.at(made.call, name), "lr_lambda": written})
