"""Functions of a script that a library asks for each rate: Keras' callbacks, the learning_rate of optax' optimizers."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from lrplot.configs.code.call import Call
from lrplot.configs.code.turns import changing
from lrplot.configs.code.values import Event, Function, Groups, Loop, Missing, Optimizer, Symbol

ROOTS = ("keras", "tf", "tensorflow", "tf_keras")
RATE = "rate"
"""What the rate of the epoch before is called, which Keras hands over."""


def by_epoch(call: Call) -> Any:
    """``LearningRateScheduler(schedule)``: asked before each epoch, with the rate so far where it takes two."""
    function = call.argument(0, "schedule")
    if not isinstance(function, Function):
        return None
    scale = 1.0
    loop, given = _loop(call, "epoch"), len(function.node.args.args) - (function.bound is not None)
    rate = Symbol(ast.Name(id=RATE, ctx=ast.Load()))
    value = call.of(loop.index, *([rate] if given > 1 else [])).apply(function)
    if isinstance(value, Symbol) and any(_is_rate(part) for part in ast.walk(value.node)):
        factor = factor_of(value.node)
        first = call.of(0, 1.0).apply(function)  # Keras asks before the first epoch too
        value = changing(call.node)
        if factor is not None and isinstance(first, (int, float)):
            value, scale = ("*=", ast.Mult, Symbol(factor)), first
    elif isinstance(value, (int, float, Symbol)):
        pass
    elif not isinstance(value, Missing):
        value = Missing()
    _asked(call, loop, value, scale)
    return Missing()


def by_step(call: Call) -> Any:
    """``optax.adam(learning_rate=schedule)``, where the schedule is a function of the script."""
    function = call.argument(0, "learning_rate", call.named.get("step_size_fn"))
    if isinstance(function, Function):
        loop = _loop(call, "step")
        value = call.of(loop.index).apply(function)
        _asked(call, loop, value if isinstance(value, (int, float, Symbol, Missing)) else Missing())


def trained(call: Call) -> None:
    """``model.fit(…, epochs=50)``: how long the run is."""
    epochs = call.argument(99, "epochs")
    for index, event in enumerate(call.reader.events):
        if (
            isinstance(event.target, Groups)
            and event.loops
            and event.loops[0].node is event.node
            and epochs is not None
        ):
            loop = replace(event.loops[0], turns=epochs)
            call.reader.events[index] = replace(event, loops=(loop,))


def compiled(call: Call) -> None:
    """``model.compile(optimizer=…)``: whose rate it is."""
    optimizer = call.argument(0, "optimizer")
    for event in call.reader.events:
        if isinstance(event.target, Groups) and event.loops and event.loops[0].node is event.node:
            event.target.optimizer = optimizer
    call.reader.compiled = optimizer if isinstance(optimizer, Optimizer) else None


def _loop(call: Call, name: str) -> Loop:
    """The one that the library has in itself."""
    return Loop(10_000 + len(call.reader.events), call.node, name, Missing())  # type: ignore[arg-type]


def _asked(call: Call, loop: Loop, value: Any, scale: float = 1.0) -> None:
    groups = Groups(call.reader.compiled, is_one=True, scale=scale)
    call.reader.events.append(Event(groups, call.node, (loop,), (), value))


def _is_rate(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == RATE


def factor_of(node: ast.expr) -> ast.expr | None:
    """What a rate is multiplied by: ``rate if epoch < 10 else rate * 0.9``; None where it is something else."""
    if _is_rate(node):
        return ast.Constant(value=1.0)
    if isinstance(node, ast.IfExp):
        parts = factor_of(node.body), factor_of(node.orelse)
        return None if None in parts else ast.IfExp(test=node.test, body=parts[0], orelse=parts[1])  # type: ignore[arg-type]
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, (ast.Mult, ast.Div)):
        return None
    left = factor_of(node.left)
    if left is not None:
        return None if any(map(_is_rate, ast.walk(node.right))) else _joined(left, node.op, node.right)
    right = factor_of(node.right) if isinstance(node.op, ast.Mult) else None
    return None if right is None or any(map(_is_rate, ast.walk(node.left))) else _joined(right, node.op, node.left)


def _joined(factor: ast.expr, op: ast.operator, other: ast.expr) -> ast.expr:
    is_one = isinstance(factor, ast.Constant) and factor.value == 1.0 and isinstance(op, ast.Mult)
    return other if is_one else ast.BinOp(left=factor, op=op, right=other)
