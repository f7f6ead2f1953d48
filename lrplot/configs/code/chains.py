"""Chains of optax': by what a rate is multiplied on its way, as in ``chain(scale_by_schedule(s), scale(-0.1))``."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lrplot.configs.code import asked, operations
from lrplot.configs.code.call import Call
from lrplot.configs.code.values import Function, Made, Symbol


@dataclass(frozen=True)
class Step:
    """A step of a chain: the schedules whose rate it is, and by what it multiplies."""

    schedules: tuple[Made, ...] = ()
    factor: Any = 1


def _scale(call: Call) -> Step:
    return Step(factor=call.argument(0, "step_size"))


def _by_schedule(call: Call) -> Step:
    """``scale_by_schedule(schedule)``; ``lambda step: -0.1 * schedule(step)`` as that with a factor."""
    schedule = call.argument(0, "step_size_fn", call.named.get("learning_rate"))
    if isinstance(schedule, Made):
        return Step((schedule,))
    if isinstance(schedule, Function):
        events = len(call.reader.events)
        rate = call.of(Symbol(ast.Name(id="count", ctx=ast.Load()))).apply(schedule)
        inner = [event.target for event in call.reader.events[events:] if event.value == "asked"]
        del call.reader.events[events:]
        if len(inner) == 1 and isinstance(rate, Symbol):
            factor = asked.factor_of(rate.node)
            if factor is not None:
                return Step((inner[0],), operations.evaluated(factor, {}))
        asked.by_step(call.of(schedule))
    return Step()


def optimizer(call: Call) -> Step | None:
    """``optax.adam(learning_rate=schedule)``: None where that is no schedule."""
    asked.by_step(call)
    rate = call.argument(0, "learning_rate")
    return Step((rate,)) if isinstance(rate, Made) and not rate.cls.on_optimizer else None


def _chain(call: Call) -> Step:
    """The steps one after the other."""
    steps = [each for each in call.arguments if isinstance(each, Step)]
    schedules = [schedule for step in steps for schedule in step.schedules]
    factor: Any = 1
    for step in steps:
        factor = operations.binary(ast.Mult, factor, step.factor)
    for schedule in schedules:
        _multiply(schedule, operations.call("abs", [factor]))
    return Step(tuple(schedules), factor)


def _multiply(schedule: Made, factor: Any) -> None:
    schedule.scale = factor
    for each in schedule.arguments.get("schedules", ((), None))[0]:
        if isinstance(each, Made):
            _multiply(each, factor)


FUNCTIONS: Mapping[str, Callable[[Call], Step]] = {
    "scale": _scale, "scale_by_schedule": _by_schedule, "scale_by_learning_rate": _by_schedule, "chain": _chain,
}  # fmt: skip
"""optax' own, by their names."""
