"""Schedulers that a script tells the epoch, as in ``step(epoch + i / len(loader))``: torch's closed form there."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lrplot.configs.code.counts import Clock, counted
from lrplot.configs.code.own_rates import own_rates
from lrplot.configs.code.tree import COUNT, Writer
from lrplot.configs.code.values import Event, Made, Missing, Optimizer, Symbol
from lrplot.configs.document import Value
from lrplot.configs.expression import Expression
from lrplot.wording import listed, shown

FORMS: Mapping[str, str] = {
    "CosineAnnealingLR": "{eta_min} + ({lr} - {eta_min}) * (1 + cos(pi * {x} / {T_max})) / 2",
    "CosineAnnealingWarmRestarts": "{eta_min} + ({lr} - {eta_min}) * (1 + cos(pi * {T_cur} / {T_i})) / 2",
    "StepLR": "{lr} * {gamma} ** ({x} // {step_size})",
    "MultiStepLR": "{lr} * {gamma} ** ({passed})",
    "ExponentialLR": "{lr} * {gamma} ** {x}",
    "ConstantLR": "{lr} * ({factor} + ({x} >= {total_iters}) * (1 - {factor}))",
    "LinearLR": "{lr} * ({start_factor} + ({end_factor} - {start_factor}) * min({total_iters}, {x}) / {total_iters})",
    "PolynomialLR": "{lr} * (1 - min({total_iters}, {x}) / {total_iters}) ** {power}",
}
"""The rate at any epoch x, as torch reckons it where it is told one."""
_CYCLE = "int(log({x} / {T_0} * ({T_mult} - 1) + 1, {T_mult}))"
_LONGER = {
    "T_cur": "({x} if {x} < {T_0} else {x} - {T_0} * ({T_mult} ** {n} - 1) / ({T_mult} - 1))",
    "T_i": "({T_0} if {x} < {T_0} else {T_0} * {T_mult} ** {n})",
}

_POSITIVE = ("T_0", "T_mult", "T_max", "step_size", "total_iters")


@dataclass(frozen=True)
class Told:
    """The epoch that a scheduler is told.

    Args:
        event: The call that tells it.
        epoch: What it is at each interval of the clock, as an expression in epoch.
    """

    event: Event
    epoch: ast.expr | Missing

    @property
    def text(self) -> str:
        """As the script has it."""
        return ast.unparse(self.place)

    @property
    def place(self) -> ast.expr:
        node = self.event.node
        assert isinstance(node, ast.Call)
        return [*node.args, *(word.value for word in node.keywords), node][0]


def told(made: Made, steps: Sequence[Event], clock: Clock) -> Told | None:
    """The epoch that a scheduler of torch's is told: None where none is, or the one that is its turn anyway."""
    if not steps or made.cls.family != "torch" or made.cls.watches_metric or not clock.loops:
        return None
    event = steps[0]
    if isinstance(event.value, Missing):
        found = Told(event, event.value)
        return found if any(isinstance(part, ast.Div) for part in ast.walk(found.place)) else None
    if not isinstance(event.value, Symbol):
        return None
    if any(isinstance(part, ast.Name) and part.id == COUNT for part in ast.walk(event.value.node)):
        return Told(event, Missing())  # the epoch of a function that nothing calls, within a loop of its own
    epoch = counted(event.value.node, clock, f"({COUNT} - 1)" if clock.is_late else COUNT)
    if isinstance(epoch, ast.AST) and _is_own(epoch):
        return None
    return Told(event, epoch)


def lag(made: Made, steps: Sequence[Event], clock: Clock) -> int | Missing | None:
    """How many turns one of timm's, which is told its index at each, is late: None where that is not always the same.

    Its scripts tell the next, ``step(epoch + 1)``, after an epoch; with ``step(epoch)`` it is late by one.
    """
    value = next((each.value for each in steps if each.loops), None)
    if made.cls.family == "timm" and isinstance(value, Missing) and value.asks:
        return value
    if made.cls.family != "timm" or not isinstance(value, Symbol):
        return 0
    inner = next(each.loops[-1] for each in steps if each.loops)
    if ast.unparse(value.node) in {f"{name} + 1" for name in (f"total{inner.number}", *clock.calls)}:
        return 0  # it counts these calls
    index = counted(value.node, clock, COUNT)
    if isinstance(index, Missing):
        return index
    try:
        expression = Expression(ast.unparse(index))
        ahead = {expression(turn) - turn for turn in range(50)}
    except (ValueError, ArithmeticError, TypeError):
        return None
    late = (1 if clock.is_late else 0) - (first := ahead.pop())
    return int(late) if not ahead and first == int(first) and late >= 0 else None


def _is_own(epoch: ast.expr) -> bool:
    try:
        expression = Expression(ast.unparse(epoch))
        return all(expression(turn) == turn for turn in range(1, 50))
    except (ValueError, ArithmeticError, TypeError):
        return False


def at_epochs(writer: Writer, made: Made, clock: Clock, found: Told) -> tuple[Value, Value | None]:
    """A scheduler of the rates that another has at the epochs it is told, and the optimizer's that goes with it."""
    name = made.cls.__name__
    begins_apart = clock.is_late or bool(clock.keys)  # with a rate that no step has told it
    if made.own is not None and not begins_apart and isinstance(found.epoch, ast.AST):
        return own_rates(writer, made, found.epoch)
    own = writer.scheduler(made)
    if isinstance(found.epoch, Missing) and not found.epoch.asks:
        what = f"{name} is told its epoch, {shown(found.text)}"
        writer.refuse(found.place, f"{what}, which nothing here says: write the loop over epochs around it")
        return own, None
    if isinstance(found.epoch, Missing):
        writer.ask(found.place, "step", found.epoch)
        return own, None
    if name not in FORMS:
        what = f"{name} is told its epoch, {shown(found.text)}"
        writer.refuse(found.place, f"{what}, which is read of {listed(FORMS)} alone: write step() there")
        return own, None
    words = _words(own, made)
    if words is None:
        return own, None  # which is refused, where it is
    rate = made.optimizer.entries["lr"][0] if isinstance(made.optimizer, Optimizer) else None
    is_share = float(words.get("eta_min", 0)) == 0
    rates = [1] if is_share else rate if isinstance(rate, (list, tuple)) else [0.001 if rate is None else rate]
    texts = [_formula(name, {**words, "lr": repr(each), "x": f"({_at_ticks(found.epoch, clock)})"}) for each in rates]
    if begins_apart:
        firsts = [_formula(name, {**words, "lr": repr(each), "x": "0"}) for each in rates]
        firsts = [repr(each) for each in rates] if name == "CosineAnnealingLR" else firsts  # it begins at its own
        texts = [f"{first} if {COUNT} == 0 else {text}" for first, text in zip(firsts, texts)]
    lambdas = [writer.at(made.call, text) for text in texts]
    content = {
        "name": writer.at(made.call, "LambdaLR"),
        "lr_lambda": writer.at(made.call, lambdas) if lambdas[1:] else lambdas[0],
    }
    ones = writer.at(made.call, [writer.at(made.call, "1.0") for _ in rates])
    return writer.at(made.call, content), None if is_share else writer.at(made.call, {"lr": ones})


def _at_ticks(epoch: ast.expr, clock: Clock) -> str:
    """The epoch in terms of how often a scheduler has been stepped, which is not in each turn."""
    keys = {"begin": 0, "frequency": 1} | clock.keys
    turn = ast.parse(f"{keys['begin']} + {COUNT} * {keys['frequency']}", mode="eval").body

    class AtTicks(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            return turn if node.id == COUNT and clock.keys else node

    return ast.unparse(AtTicks().visit(ast.parse(ast.unparse(epoch), mode="eval").body))


def _words(own: Value, made: Made) -> dict[str, str] | None:
    """A scheduler's arguments as they stand in a formula: None where one of them cannot."""
    assert isinstance(own.content, dict)
    words = {each.name: repr(each.default) for each in made.cls.parameters() if isinstance(each.default, (int, float))}
    words |= {key: each.content for key, each in own.content.items() if isinstance(each.content, str) and key != "name"}
    if any(not _is_number(word) or (key in _POSITIVE and float(word) <= 0) for key, word in words.items()):
        return None
    milestones = own.content.get("milestones")
    if milestones is not None and isinstance(milestones.content, list):
        words["passed"] = " + ".join(f"({{x}} >= {each.content})" for each in milestones.content) or "0"
    return words


def _formula(name: str, words: dict[str, str]) -> str:
    if "T_0" in words:
        is_even = words["T_mult"] == "1"
        words |= {"n": _CYCLE.format_map(words)}
        cycle = {"T_cur": "({x} % {T_0})", "T_i": "{T_0}"} if is_even else _LONGER
        words |= {key: text.format_map(words) for key, text in cycle.items()}
    words["passed"] = words.get("passed", "").format_map(words)
    return FORMS[name].format_map(words)


def _is_number(word: str) -> bool:
    try:
        return math.isfinite(float(word))
    except ValueError:
        return False
