"""Plans as the schedules of Megatron, which have the peak as a parameter, and count the warm-up in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lrplot.analysis.identify.proposal import Call
from lrplot.analysis.identify.shape import Plan

LONG = 10**6
"""A length that is to be given, and plays no part."""
STYLES = {"line": "linear", "cosine": "cosine", "1-sqrt": "minus_sqrt", "half-life": "exponential"}
NAMES = {"line": "linear", "cosine": "cosine"}
ENDLESS = {"root": "inverse-square-root", "constant": "constant"}


def write(plan: Plan) -> Iterator[Call]:
    """The calls of this family's schedules that may follow a plan."""
    ramp, shape = plan.ramp, plan.shape
    if plan.before or plan.chained or plan.overlaid or (ramp is not None and ramp.kind != "line" and ramp.length):
        return
    floor = shape.end if shape.kind in STYLES or shape.holds else 0.0
    if plan.late:  # a root whose warm-up has no steps
        if ramp is None and shape.kind == "root" and shape.length == 1:
            yield Call("megatron.inverse-square-root", {"max_lr": shape.start, "min_lr": floor, "lr_decay_steps": LONG})
        return
    for name, parameters in _calls(plan, floor):
        yield Call(f"megatron.{name}", parameters, odd=plan.hardly_held if name == "WSD" else 0.0)


def _calls(plan: Plan, floor: float) -> Iterator[tuple[str, dict[str, Any]]]:
    ramp, shape = plan.ramp, plan.shape
    begin, length = ramp.begin if ramp else 0, shape.length or LONG
    rates = {"max_lr": shape.start, "min_lr": floor}
    warm = {"init_lr": ramp.start, "lr_warmup_steps": ramp.length} if ramp and ramp.length else {}
    if ramp is None or ramp.length == begin:
        if shape.kind in ENDLESS:
            yield ENDLESS[shape.kind], {**rates, "lr_decay_steps": LONG, **warm}
        elif shape.kind in NAMES:
            yield NAMES[shape.kind], {**rates, "lr_decay_steps": begin + length, **warm}
    if shape.kind in STYLES and begin:
        style = {"wsd_decay_steps": length, "lr_wsd_decay_style": STYLES[shape.kind]}
        yield "WSD", {**rates, "lr_decay_steps": begin + length, **style, **warm}
