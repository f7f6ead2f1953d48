"""An expression of several loops' counters as one of a single counter, that of a clock."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import Any

from lrplot.configs.code.values import Loop, Missing


@dataclass
class Clock:
    """What steps something, and how often.

    Args:
        unit: "step" or "epoch"; nothing where that is not seen.
        keys: What stands beside the scheduler's name: frequency, begin, end, repeat.
        length: The run's, in that unit.
        per_epoch: The optimizer's steps to an epoch.
        loops: Those that it happens in.
    """

    unit: str = ""
    keys: dict[str, int] = field(default_factory=dict)
    length: Any = None
    per_epoch: Any = None
    loops: tuple[Loop, ...] = ()
    is_late: bool = False
    """Whether it happens after the optimizer's step of the same turn."""
    batches: int = 1
    """Those of each of the optimizer's steps."""
    first: int = 0
    """In which of them it happens, from 0."""
    gated: tuple[str, ...] = ()
    """What counts the optimizer's steps."""
    calls: tuple[str, ...] = ()
    """What counts how often it happens."""
    by_batch: bool = False
    """Whether a step is one of a batch, of which the optimizer gathers several."""
    is_early: bool = False
    """Whether a scheduler is stepped before the optimizer is in each turn."""
    place: int = 0
    """Where in the script's order it happens."""
    open: Missing | ast.expr | None = None
    """What is not known of when it is stepped, or the condition that cannot be read."""


def counted(node: ast.expr, clock: Clock, count: str) -> ast.expr | Missing:
    """An expression of loops' counters as one of a single counter, that of the clock.

    Args:
        count: What that is called.
    """
    substitution = _Counts(clock, count)
    made: ast.expr = substitution.visit(_copied(node))
    return made if not substitution.why else Missing(substitution.why[0].asks)


def _copied(node: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(ast.fix_missing_locations(node)), mode="eval").body


_COUNTER = re.compile(r"(loop|total)\d+|gated\d+x\d+")


class _Counts(ast.NodeTransformer):
    """Puts one counter in the place of loops' own."""

    def __init__(self, clock: Clock, count: str) -> None:
        self.why: list[Missing] = []
        self.known: dict[str, str | Missing] = {}
        if clock.loops:
            *outer, inner = clock.loops
            step = count
            if clock.batches > 1:
                count = f"({step} * {clock.batches} + {clock.first})"
            self.known = {f"total{inner.number}": count, f"loop{inner.number}": count}
            self.known |= dict.fromkeys(clock.gated, step)
            if outer and clock.unit == "step":
                turns = inner.turns
                why = turns if isinstance(turns, Missing) else Missing()
                known = isinstance(turns, int)
                if clock.batches > 1 and (updates := turns // clock.batches if known else 0):  # the rest makes none
                    place = f"{step} % {updates} * {clock.batches} + {clock.first}"
                    count = self.known[f"total{inner.number}"] = f"({step} // {updates} * {turns} + {place})"
                elif clock.batches > 1:
                    self.known[f"total{inner.number}"] = why
                self.known[f"loop{inner.number}"] = f"({count} % {turns})" if known else why
                for name in (f"total{outer[-1].number}", f"loop{outer[-1].number}"):
                    self.known[name] = f"({count} // {turns})" if known else why

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if not _COUNTER.fullmatch(node.id):
            return node
        text = self.known.get(node.id, Missing())
        if isinstance(text, Missing):
            self.why.append(text)
            return node
        return ast.parse(text, mode="eval").body
