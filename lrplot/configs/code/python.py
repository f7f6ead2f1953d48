"""What Python's own functions and methods answer, as far as scripts use them for lengths, lists and names."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Mapping
from typing import Any

from lrplot.configs.code import array_calls, operations
from lrplot.configs.code.call import Call
from lrplot.configs.code.choices import truth_of
from lrplot.configs.code.entries import attribute
from lrplot.configs.code.names import scheduler_of
from lrplot.configs.code.values import (
    Array,
    Class,
    Enumerated,
    External,
    Filtered,
    Function,
    Groups,
    Instance,
    Made,
    Missing,
    Partial,
    Ranged,
    missing_in,
)

MAX_TEXT = 1_000
_TYPES = {"int": int, "float": float, "str": str, "list": list, "tuple": tuple, "dict": dict, "bool": bool}


def _length(call: Call) -> Any:
    value = call.argument(0)
    if isinstance(value, Filtered):
        return operations.count_of(value)
    if isinstance(value, Array):
        return value.length
    if isinstance(value, (list, tuple, dict, str, range)):
        return len(value)
    return call.reader.length(value, call.node.args[0]) if call.node.args else Missing()


def _range(call: Call) -> Any:
    bounds = call.arguments
    if 0 < len(bounds) < 4 and all(isinstance(each, int) for each in bounds) and (len(bounds) < 3 or bounds[2]):
        return range(*bounds)
    return Ranged(tuple(bounds))


def _sum(call: Call) -> Any:
    values = call.argument(0)
    if isinstance(values, Filtered):
        return operations.count_of(values)
    if not isinstance(values, (list, tuple, range)) or len(values) > operations.MAX_ITEMS:
        return Missing(missing_in(values))
    if any(isinstance(value, (list, tuple, str)) for value in values):
        return Missing()
    total: Any = call.argument(1, "start", 0)
    for value in values:
        total = operations.binary(ast.Add, total, value)
    return total


def _list(call: Call) -> Any:
    value = call.argument(0, default=())
    value = list(value) if isinstance(value, dict) else value
    if isinstance(value, Ranged):
        return value
    is_short = isinstance(value, (list, tuple, range, str)) and len(value) <= operations.MAX_ITEMS
    return list(value) if is_short else Missing(missing_in(value))


def _tuple(call: Call) -> Any:
    made = _list(call)
    return tuple(made) if isinstance(made, list) else made


def _sorted(call: Call) -> Any:
    made = _list(call)
    is_plain = isinstance(made, list) and not call.named and all(isinstance(each, operations.SCALARS) for each in made)
    return operations.computed(sorted, made) if is_plain else Missing(missing_in(made))


def _mapped(call: Call) -> Any:
    over = call.argument(1)
    if not isinstance(over, (list, tuple, range)) or len(over) > MAX_TEXT:
        return Missing(missing_in(over))
    return [call.of(each).apply(call.argument(0)) for each in over]


def _enumerated(call: Call) -> Any:
    return Enumerated(call.argument(0), call.argument(1, "start", 0))


def _zipped(call: Call) -> Any:
    parts = [each.each if isinstance(each, Groups) else each for each in call.arguments]
    if not parts or not all(isinstance(each, (list, tuple, range)) and len(each) <= MAX_TEXT for each in parts):
        return call.unknown
    return [*zip(*parts)]


def _dictionary(call: Call) -> Any:
    first = call.argument(0, default={})
    return {**first, **call.named} if isinstance(first, dict) else Missing(missing_in(first))


def _text(call: Call) -> Any:
    value = call.argument(0)
    return str(value) if isinstance(value, operations.SCALARS) else Missing(missing_in(value))


def _any(call: Call) -> Any:
    """``any(…)`` of what is known."""
    values = call.argument(0)
    truths = [truth_of(each) for each in values] if isinstance(values, (list, tuple)) else [None]
    return True if True in truths else Missing(missing_in(values)) if None in truths else False


def _is_instance(call: Call) -> Any:
    value, kind = call.argument(0), call.argument(1)
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if not all(isinstance(each, External) for each in kinds):
        return Missing()
    if isinstance(value, Made):
        return any(scheduler_of(each.path) is value.cls for each in kinds)
    known = [_TYPES[each.path] for each in kinds if each.path in _TYPES]
    if isinstance(value, (*operations.SCALARS, list, tuple, dict)) and len(known) == len(kinds):
        return isinstance(value, tuple(known))
    return Missing()


def _attribute(call: Call) -> Any:
    """``getattr(base, name, default)``."""
    base, name = call.argument(0), call.argument(1)
    if not isinstance(name, str) or not name.isidentifier() or len(call.node.args) < 2:
        return Missing(missing_in(name))
    if isinstance(base, Instance) and name not in base.attributes and len(call.arguments) > 2:
        return call.arguments[2]
    node = ast.copy_location(ast.Attribute(value=call.node.args[0], attr=name, ctx=ast.Load()), call.node)
    return attribute(call.reader, base, node)


def _of_arrays(name: str, function: Callable[[Call], Any]) -> dict[str, Callable[[Call], Any]]:
    """A function of numpy's and of those that follow it, by its names."""
    return {f"{home}.{name}": function for home in ("np", "numpy", "jnp", "jax.numpy", "torch")}


def _set_attribute(call: Call) -> Any:
    base, name = call.argument(0), call.argument(1)
    if isinstance(base, Instance) and isinstance(name, str):
        base.attributes[name] = call.argument(2)


def _has_attribute(call: Call) -> Any:
    base, name = call.argument(0), call.argument(1)
    return name in base.attributes if isinstance(base, Instance) and isinstance(name, str) else Missing()


def _variables(call: Call) -> Any:
    base = call.argument(0)
    return base.attributes if isinstance(base, Instance) else Missing(missing_in(base))


def _bisected(call: Call) -> Any:
    """``bisect_right(milestones, epoch)``: how many are at or below it."""
    items, value = call.argument(0), call.argument(1)
    if not isinstance(items, (list, tuple)) or len(items) > MAX_TEXT:
        return Missing(missing_in(items, value))
    kind = ast.Gt if ast.unparse(call.node.func).endswith("left") else ast.GtE
    return operations.count_of(Filtered(tuple(operations.compared(kind, value, each) for each in items)))


def _partial(call: Call) -> Any:
    function = call.argument(0)
    if isinstance(function, Function):
        first, more = function.given
        given = ((*first, *call.arguments[1:]), more | call.named)
        return Function(function.node, function.scope, function.defaults, function.bound, given)
    if isinstance(function, (External, Class, Partial)):
        return Partial(function, tuple(call.arguments[1:]), dict(call.named))
    return call.unknown


def _environment(call: Call) -> Any:
    """A variable of the environment: none is set."""
    return call.argument(1, "default")


def _interpolated(call: Call) -> Any:
    """``np.interp(x, xs, ys)``, between known points."""
    x, xs, ys = call.argument(0, "x"), call.argument(1, "xp"), call.argument(2, "fp")
    if asks := missing_in(x, xs, ys):
        return Missing(asks)
    if not all(isinstance(each, (list, tuple)) for each in (xs, ys)) or not 0 < len(xs) == len(ys) <= MAX_TEXT:
        return Missing()
    made = ys[-1]
    for x0, x1, y0, y1 in reversed([*zip(xs, xs[1:], ys, ys[1:])]):
        slope = operations.binary(ast.Div, operations.binary(ast.Sub, y1, y0), operations.binary(ast.Sub, x1, x0))
        rise = operations.binary(ast.Mult, slope, operations.binary(ast.Sub, x, x0))
        inside = operations.binary(ast.Add, rise, y0)
        made = operations.decided(operations.compared(ast.Lt, x, x1), inside, made)
    return operations.decided(operations.compared(ast.Lt, x, xs[0]), ys[0], made)


def _clipped(call: Call) -> Any:
    """``clip(x, low, high)``; one of both may be None."""
    value, low, high = call.argument(0), call.argument(1, "a_min"), call.argument(2, "a_max")
    value = value if low is None else operations.call("max", [value, low])
    return value if high is None else operations.call("min", [value, high])


def _chosen(call: Call) -> Any:
    """``where(test, then, other)``."""
    return operations.decided(call.argument(0), call.argument(1), call.argument(2))


def _absent(call: Call) -> bool:
    """``os.path.exists(checkpoint)``: of a run that begins, nothing is there."""
    return False


def _parsed(call: Call) -> Any:
    """``json.loads("{…}")`` of what is written out."""
    text = call.argument(0)
    try:
        return json.loads(text) if isinstance(text, str) and len(text) <= MAX_TEXT else call.unknown
    except (ValueError, RecursionError):
        return call.unknown


FUNCTIONS: Mapping[str, Callable[[Call], Any]] = {
    "len": _length, "range": _range, "list": _list, "tuple": _tuple, "sum": _sum, "map": _mapped, "sorted": _sorted,
    "isinstance": _is_instance, "getattr": _attribute, "hasattr": _has_attribute, "vars": _variables, "str": _text,
    "dict": _dictionary, "any": _any, "setattr": _set_attribute, "zip": _zipped, "enumerate": _enumerated,
    "functools.partial": _partial, "partial": _partial, "bisect.bisect_right": _bisected, "bisect.bisect": _bisected,
    "bisect.bisect_left": _bisected, "bisect_right": _bisected, "bisect": _bisected,
    "json.loads": _parsed, "os.path.exists": _absent, "os.path.isfile": _absent,
    "os.environ.get": _environment, "os.getenv": _environment,
    **array_calls.FUNCTIONS, **_of_arrays("where", _chosen), **_of_arrays("clip", _clipped),
    **_of_arrays("interp", _interpolated), **_of_arrays("sum", _sum),
}  # fmt: skip
"""Functions by the names that code calls them by."""

_OF_TEXT = {"lower", "upper", "strip", "split", "startswith", "endswith", "removeprefix", "removesuffix", "replace"}


def of_text(base: str, name: str, call: Call) -> Any:
    """A method of a text."""
    known = name in _OF_TEXT and all(isinstance(each, (str, tuple)) for each in call.arguments)
    return operations.computed(getattr(base, name), *call.arguments) if known and len(base) <= MAX_TEXT else Missing()


def of_list(base: list[Any], name: str, call: Call) -> Any:
    value = call.argument(0)
    if name == "append" and len(base) < operations.MAX_ITEMS:
        base.append(value)
    elif name == "extend" and isinstance(value, (list, tuple)) and len(base) + len(value) < operations.MAX_ITEMS:
        base.extend(value)
    return None


def of_dictionary(base: dict[Any, Any], name: str, call: Call) -> Any:
    key = call.argument(0)
    if name in ("get", "pop", "setdefault"):
        return base.get(key, call.argument(1)) if isinstance(key, (str, int, float)) else Missing(missing_in(key))
    if name == "update":
        base.update((key if isinstance(key, dict) else {}) | call.named)
        return None
    if name == "items":
        return list(base.items())
    if name in ("keys", "values", "copy"):
        return dict(base) if name == "copy" else list(base if name == "keys" else base.values())
    return call.apply(base[name]) if name in base else Missing()
