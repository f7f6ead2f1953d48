"""Arrays of a rate for each step, as numpy's functions make them: what stands at any place, as an expression of it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from lrplot.configs.code import operations
from lrplot.configs.code.arrays import chosen_of, item_of, place
from lrplot.configs.code.call import Call
from lrplot.configs.code.values import Array, Missing, missing_in

HOMES = ("np", "numpy", "jnp", "jax.numpy", "torch")
MAX_LENGTH = 10**9


def _linspace(call: Call) -> Any:
    start, stop, number = call.argument(0, "start"), call.argument(1, "stop"), call.argument(2, "num", 50)
    if asks := missing_in(start, stop, number):
        return Missing(asks)
    if not isinstance(number, int) or not 0 < number <= MAX_LENGTH or call.named.get("endpoint") is False:
        return [] if number == 0 else Missing()
    if number == 1:
        return [start]
    step = operations.binary(ast.Div, operations.binary(ast.Sub, stop, start), number - 1)
    inside = operations.binary(ast.Add, operations.binary(ast.Mult, place(), step), start)
    last = operations.compared(ast.Eq, place(), number - 1)
    return Array(number, operations.choose(last, stop, inside))


def _arange(call: Call) -> Any:
    bounds = call.arguments
    if asks := missing_in(*bounds):
        return Missing(asks)
    if not 0 < len(bounds) < 3 or not all(isinstance(each, int) for each in bounds):
        return Missing()
    first, end = (0, bounds[0]) if len(bounds) == 1 else bounds
    if not 0 < end - first <= MAX_LENGTH:
        return [] if end <= first else Missing()
    return Array(end - first, operations.binary(ast.Add, place(), first) if first else place())


def _filled(value: Any) -> Callable[[Call], Any]:
    """``ones(n)``, ``zeros(n)``; ``full(n, value)`` where no value is given here."""

    def made(call: Call) -> Any:
        number = call.argument(0, "shape")
        number = number[0] if isinstance(number, tuple) and len(number) == 1 else number
        item = call.argument(1, "fill_value") if value is None else value
        known = isinstance(number, int) and 0 < number <= MAX_LENGTH
        return Array(number, item) if known else Missing(missing_in(number, item))

    return made


def _joined(call: Call) -> Any:
    """``concatenate((warm_up, decay))``."""
    parts = call.argument(0)
    if not isinstance(parts, (list, tuple)):
        return Missing(missing_in(parts))
    made: Any = None
    for part in parts:
        if isinstance(part, (list, tuple)) and not part:
            continue
        whole = _as_array(part)
        if not isinstance(whole, Array):
            return Missing(missing_in(part))
        made = whole if made is None else _after(made, whole)
    return [] if made is None else made


def _as_array(part: Any) -> Any:
    is_short = isinstance(part, (list, tuple)) and 0 < len(part) <= operations.MAX_LISTED
    return Array(len(part), chosen_of(part, place())) if is_short else part


def _after(first: Array, second: Array) -> Array:
    shifted = item_of(second, operations.binary(ast.Sub, place(), first.length))
    is_first = operations.compared(ast.Lt, place(), first.length)
    return Array(first.length + second.length, operations.choose(is_first, first.item, shifted))


def _made_of(call: Call) -> Any:
    """``np.array(values)``."""
    value = call.argument(0)
    return value if isinstance(value, (Array, list, tuple)) else Missing(missing_in(value))


FUNCTIONS: Mapping[str, Callable[[Call], Any]] = {
    f"{home}.{name}": function
    for home in HOMES
    for name, function in {
        "linspace": _linspace,
        "arange": _arange,
        "ones": _filled(1.0),
        "zeros": _filled(0.0),
        "full": _filled(None),
        "concatenate": _joined,
        "cat": _joined,
        "array": _made_of,
        "asarray": _made_of,
        "tensor": _made_of,
    }.items()
}
