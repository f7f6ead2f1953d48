"""Rates that a script sets by hand in its loop, ``group["lr"] = …``, as a scheduler that does the same."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lrplot.configs.code import operations
from lrplot.configs.code.counts import Clock, counted
from lrplot.configs.code.folding import folded, product
from lrplot.configs.code.tree import COUNT, Writer
from lrplot.configs.code.values import Event, Groups, Missing, Optimizer, Symbol
from lrplot.configs.code.walk import Walker
from lrplot.configs.document import Value
from lrplot.configs.expression import Expression

MAX_OVER = 100_000
"""Turns in which it may lie over a scheduler."""


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
            value = product(events) if self.is_factor else folded(events, first)
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
