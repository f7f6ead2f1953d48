"""Rates that a script sets by hand in its loop, ``group["lr"] = …``, as a scheduler that does the same."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lrplot.configs.code import operations
from lrplot.configs.code.conditions import every
from lrplot.configs.code.counts import Clock, counted
from lrplot.configs.code.tree import COUNT, Writer
from lrplot.configs.code.turns import lasting
from lrplot.configs.code.values import Condition, Event, Groups, Loop, Missing, Optimizer, Symbol
from lrplot.configs.code.walk import Walker
from lrplot.configs.document import Value
from lrplot.configs.expression import Expression

MAX_OVER = 100_000
"""Turns in which it may lie over a scheduler."""
BEFORE = "rate_before"
"""Stands in an expression for the rate that nothing has set yet."""


@dataclass(eq=False)
class Hand:
    """The places of a loop that set the rate of an optimizer, in their order."""

    events: list[Event]
    is_over: bool = False
    """Whether it lies over a scheduler of the same optimizer, as long as its one condition holds."""

    @property
    def node(self) -> ast.AST:
        return self.events[0].node

    @property
    def nodes(self) -> list[ast.AST]:
        return [event.node for event in self.events]

    @property
    def optimizer(self) -> Any:
        return self.events[0].target.optimizer

    @property
    def is_factor(self) -> bool:
        """Whether it multiplies what is there."""
        return all(isinstance(event.value, tuple) for event in self.events)

    @property
    def groups(self) -> int:
        """How many there are, as far as the script tells them apart."""
        named = [event.target.index for event in self.events if event.target.index is not None]
        most: int = max([len(self.events[0].target.rates), *(index + 1 for index in named)])
        return most

    def write(self, writer: Writer, clock: Clock) -> tuple[Value, Value | None]:
        """The scheduler, and the optimizer's rate that goes with it."""
        texts = [self._text(writer, clock, index) for index in range(self.groups)]
        is_one = len(set(texts)) == 1
        written = [writer.at(self.node, text) for text in texts]
        name = "MultiplicativeLR" if self.is_factor else "LambdaLR"
        functions = written[0] if is_one else writer.at(self.node, written)
        scheduler = writer.at(self.node, {"name": writer.at(self.node, name), "lr_lambda": functions})
        if self.is_factor:
            scale, first = self.events[0].target.scale, self._first(0)
            if scale == 1 or not isinstance(first, (int, float)):
                return scheduler, None
            return scheduler, writer.at(self.node, {"lr": writer.at(self.node, repr(first * scale))})
        if self.is_over:
            firsts = [writer.at(self.node, repr(self._first(index))) for index in range(self.groups)]
            return scheduler, writer.at(self.node, {"lr": firsts[0] if is_one else writer.at(self.node, firsts)})
        ones = [writer.at(self.node, "1.0") for _ in texts]
        return scheduler, writer.at(self.node, {"lr": ones[0] if is_one else writer.at(self.node, ones)})

    def _text(self, writer: Writer, clock: Clock, index: int) -> str:
        """What a group's function is: the rate at each count, or what it is multiplied by."""
        events = [event for event in self.events if event.target.index in (None, index)]
        first = self._first(index)
        if self.is_over:
            value = operations.binary(ast.Div, events[-1].value, first) if events else 1.0
        else:
            value = _product(events) if self.is_factor else _folded(events, first)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return repr(value)
        made = counted(value.node, clock, COUNT) if isinstance(value, Symbol) else value
        if isinstance(made, ast.AST) and clock.is_late and isinstance(value, Symbol):
            made = counted(value.node, clock, f"({COUNT} - 1)")
        if not isinstance(made, ast.AST):
            what = value if isinstance(value, Missing) and value.asks else made
            node = events[0].node if events else self.node
            if isinstance(what, Missing) and what.asks:
                writer.ask(node, "lr", what)
            else:
                writer.refuse(node, "the rate that is set here goes on from turn to turn in a way that is not read")
            return ""
        text = ast.unparse(made)
        return f"{first!r} if {COUNT} == 0 else {text}" if clock.is_late and not self.is_factor else text

    def end(self, clock: Clock) -> int | None:
        """The turn in which its one condition holds no more: None where it is not so simple."""
        conditions = {condition for event in self.events for condition in event.conditions}
        tests = [each for each in conditions if isinstance(each.test, Symbol)]
        if len(tests) != 1 or not tests[0].holds or self.is_factor or clock.is_late:
            return None
        made = counted(tests[0].test.node, clock, COUNT)
        try:
            holds = Expression(ast.unparse(made)) if isinstance(made, ast.AST) else bool
            first = next((turn for turn in range(MAX_OVER) if not holds(turn)), None)
            return None if not first or any(holds(first * 2**more) for more in range(12)) else first
        except (ValueError, ArithmeticError, TypeError):
            return None

    def _first(self, index: int) -> Any:
        """The rate that a group begins with."""
        rates = self.events[0].target.rates
        rate = rates[min(index, len(rates) - 1)]
        return 0.001 if rate is None and not isinstance(self.optimizer, Optimizer) else rate


def hands_of(walker: Walker) -> Iterator[Hand]:
    """Those of a script: the places in one loop together."""
    found: dict[tuple[Any, ...], Hand] = {}
    seen: set[str] = set()
    for event in walker.events:
        is_due = isinstance(event.target, Groups) and (event.loops or _counts(event) or event.node in walker.alone)
        if not is_due or (text := _fingerprint(event)) in seen:
            continue
        seen.add(text)
        kind = isinstance(event.value, tuple)
        where = event.loops or (event.node,)
        optimizer = event.target.optimizer
        key = (id(optimizer) if isinstance(optimizer, Optimizer) else 0, where, kind)
        if key in found:
            found[key].events.append(event)
        else:
            found[key] = Hand([event])
    yield from _nested(list(found.values()))


def _fingerprint(event: Event) -> str:
    """What sets a rate, to tell whether it is the same again, where a branch was gone through twice."""
    parts = [*event.value] if isinstance(event.value, tuple) else [event.value]
    for condition in event.conditions:
        parts += [condition.test, condition.holds]
    texts = [ast.unparse(ast.fix_missing_locations(each.node)) if isinstance(each, Symbol) else each for each in parts]
    return f"{id(event.node)} {event.target.index} {[loop.number for loop in event.loops]} {texts}"


def _nested(hands: Sequence[Hand]) -> Iterator[Hand]:
    """Those of a loop with what is set before in the loop around it: as ``adjust(epoch)`` and ``warm_up(epoch, i)``."""
    pairs = itertools.combinations(hands, 2)  # the one that comes first in a turn, first
    under = {id(outer): inner for outer, inner in pairs if _lies_under(outer, inner)}
    for hand in hands:
        below = [each for each in hands if under.get(id(each)) is hand]
        if id(hand) not in under:
            yield Hand([*(event for each in below for event in each.events), *hand.events]) if below else hand


def _lies_under(outer: Hand, inner: Hand) -> bool:
    """Whether a rate is set at the begin of each turn of the outer loop, and again in some of these turns alone."""
    around, within = outer.events[0], inner.events[0]
    is_around = 0 < len(around.loops) == len(within.loops) - 1 and around.loops == within.loops[:-1]
    if not is_around or outer.optimizer is not inner.optimizer or outer.is_factor or inner.is_factor:
        return False
    own = {f"loop{within.loops[-1].number}", f"total{within.loops[-1].number}"}
    tests = [each.test.node for event in inner.events for each in event.conditions if isinstance(each.test, Symbol)]
    names = {part.id for test in tests for part in ast.walk(test) if isinstance(part, ast.Name)}
    is_always = not any(isinstance(each.test, Symbol) for event in outer.events for each in event.conditions)
    return is_always and bool(tests) and not own & names


def _counts(event: Event) -> bool:
    return isinstance(event.value, Symbol) or (isinstance(event.value, tuple) and isinstance(event.value[-1], Symbol))


def _product(events: Sequence[Event]) -> Any:
    """What a rate is multiplied by in a turn."""
    whole: Any = 1.0
    for event in events:
        _, kind, factor = event.value
        value = factor if kind is ast.Mult else operations.binary(ast.Div, 1, factor) if kind is ast.Div else Missing()
        for condition in event.conditions:
            if isinstance(condition.test, Symbol):
                value = operations.choose(condition.test, *((value, 1.0) if condition.holds else (1.0, value)))
        whole = value if whole == 1.0 and whole is not True else operations.binary(ast.Mult, whole, value)
    return whole


def _folded(events: Sequence[Event], first: Any) -> Any:
    """The rate in a turn, of all that sets it there; what none sets is as it was before."""
    made: Any = Symbol(ast.Name(id=BEFORE, ctx=ast.Load()))
    for event in events:
        tests = [condition for condition in event.conditions if isinstance(condition.test, Symbol)]
        if tests and event is events[0] and not _is_answered(tests, events):
            return _held(event, tests, first) if len(events) == 1 else _lasting(events, first)
        value = event.value
        for condition in tests:
            value = _chosen(condition.test, *((value, made) if condition.holds else (made, value)))
        made = value
    return made if not _names_before(made) else _lasting(events, first)


def _chosen(test: Any, then: Any, other: Any) -> Any:
    """One of two values, of which each may be one of two by the same test."""
    return operations.choose(test, _end(test, then, "body"), _end(test, other, "orelse"))


def _end(test: Symbol, value: Any, name: str) -> Any:
    """What a value is where a test is known to hold (its body), or not to."""
    is_same = isinstance(value, Symbol) and isinstance(value.node, ast.IfExp) and value.node.test is test.node
    return Symbol(getattr(value.node, name)) if is_same else value


def _is_answered(tests: Sequence[Condition], events: Sequence[Event]) -> bool:
    """Whether the rate is set too where a test does not hold, or always later on."""
    opposite = Condition(tests[-1].test, not tests[-1].holds)
    return any(
        opposite in event.conditions or not any(isinstance(each.test, Symbol) for each in event.conditions)
        for event in events[1:]
    )


def _held(event: Event, tests: Sequence[Condition], first: Any) -> Any:
    """A rate that is set in some turns, and holds in those after: every so many, or from one on."""
    number = every(tests[0]) if len(tests) == 1 else None
    if number is not None and isinstance(event.value, Symbol):
        return _at_multiples(event.value, number[0], event.loops[-1:])
    return _lasting([event], first)


def _lasting(events: Sequence[Event], first: Any) -> Any:
    """Rates that are set from some turn on each: at one turn, or again in each turn from one on."""
    found: list[tuple[int | None, Any, Any]] = []
    for event in events:
        tests = [condition for condition in event.conditions if isinstance(condition.test, Symbol)]
        made = _at_turns(tests, event.value)
        if not made and len(tests) == 1 and tests[0].holds and not _equals(tests[0].test.node):
            made = [(None, lasting(tests[0].test, event.value), event.value)]
        found += made or [(None, None, None)]
    turns = {turn for turn, _, _ in found}
    if any(since is None for _, since, _ in found) or (None in turns and len(turns) > 1):
        return Missing()
    counters = {part.id for _, since, _ in found for part in ast.walk(since.node) if isinstance(part, ast.Name)}
    if len(counters) > 1 and len(found) > 1:
        return Missing()
    rate = first
    for _, since, value in found if None in turns else sorted(found, key=lambda each: each[0] or 0):
        rate = operations.choose(since, value, rate)
    return rate


def _at_turns(tests: Sequence[Condition], value: Any) -> list[tuple[int | None, Any, Any]]:
    """The turns of ``epoch in (30, 60)``, each with what holds from then on, and the rate; none, where it is more."""
    first = next((each for each in tests if each.holds and _equals(each.test.node)), None)
    made: list[tuple[int | None, Any, Any]] = []
    for turn, test, names in _equals(first.test.node) if first is not None else ():
        holds = [operations.evaluated(each.test.node, names) is each.holds for each in tests if each is not first]
        rate = operations.evaluated(value.node, names) if isinstance(value, Symbol) else value
        if not all(holds) or not isinstance(rate, (int, float)):
            return []
        made.append((turn, lasting(Symbol(test), rate), rate))
    return made


def _equals(node: ast.expr) -> list[tuple[int, ast.Compare, dict[str, Any]]]:
    """The turns of a test that is one of equalities of a counter: each with its equality, and the counter then."""
    made: list[tuple[int, ast.Compare, dict[str, Any]]] = []
    for part in node.values if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or) else [node]:
        if not isinstance(part, ast.Compare) or not isinstance(part.ops[0], ast.Eq):
            return []
        left, right = part.left, part.comparators[0]
        shift: Any = 0
        if (
            isinstance(left, ast.BinOp)
            and isinstance(left.op, ast.Add)
            and isinstance(more := left.right, ast.Constant)
        ):
            left, shift = left.left, more.value
        if not isinstance(left, ast.Name) or not isinstance(right, ast.Constant) or not isinstance(right.value, int):
            return []
        made.append((right.value - shift, part, {left.id: right.value - shift}))
    return made


def _at_multiples(value: Symbol, number: int, loops: Sequence[Loop]) -> Any:
    """What is reckoned at every so many turns of a loop alone."""
    counters = {name for loop in loops for name in (f"loop{loop.number}", f"total{loop.number}")}

    class AtMultiples(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            is_one = node.id in counters
            return ast.parse(f"({node.id} // {number} * {number})", mode="eval").body if is_one else node

    return Symbol(AtMultiples().visit(ast.parse(ast.unparse(ast.fix_missing_locations(value.node)), mode="eval").body))


def _names_before(value: Any) -> bool:
    is_expression = isinstance(value, Symbol)
    return is_expression and any(isinstance(part, ast.Name) and part.id == BEFORE for part in ast.walk(value.node))
