"""Plans as timm's schedules: the warm-up before the schedule, or over its beginning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lrplot.analysis.identify.decimals import roundest
from lrplot.analysis.identify.proposal import Call
from lrplot.analysis.identify.shape import Plan, Shape
from lrplot.analysis.identify.stairs import typed

DECAYS = {"line": "linear", "cosine": "cosine", "1-sqrt": "1-sqrt"}
ENDLESS = 100
"""Cycles of which the log shows no end."""


def write(plan: Plan) -> Iterator[Call]:
    """The calls of this family's schedules that may follow a plan."""
    ramp, shape = plan.ramp, plan.shape
    if plan.before or plan.chained or plan.late:
        return
    warm: dict[str, Any] = {}
    if ramp is not None and ramp.kind == "line" and ramp.length == ramp.begin:
        warm = {"warmup_t": ramp.length, "warmup_lr_init": ramp.start, "warmup_prefix": not plan.overlaid}
    for name, parameters in [*(_calls(shape) if ramp is None or warm else ()), *_stable(plan)]:
        own = {key: value for key, value in warm.items() if key != "warmup_prefix" or name not in STABLE}
        odd = plan.hardly_held if name == "wsd" else 0.0
        yield Call(f"timm.{name}", {**own, **parameters}, shape.start, odd)


STABLE = ("wsd", "rsqrt", "constant")
"""Those whose warm-up is always before."""


def _calls(shape: Shape) -> Iterator[tuple[str, dict[str, Any]]]:
    fall, floor, more = {"t_initial": shape.length}, {"lr_min": shape.end}, shape.more
    if shape.kind == "constant":
        yield "constant", {}
    elif shape.kind in ("cosine", "tanh"):
        yield shape.kind, {**fall, **floor}
    elif shape.kind in ("line", "power"):
        yield "poly", {**fall, "power": more.get("power", 1.0), **floor}
    elif shape.kind == "restarts" and more.get("fixed"):
        cycles = {"cycle_limit": more["limit"] or ENDLESS, "cycle_mul": more["multiple"], "cycle_decay": more["fade"]}
        name, _, power = more["fall"].partition(" ")
        exponent = {"power": float(power)} if power else {}
        yield "poly" if power else name, {**fall, **exponent, **floor, **cycles}
    elif shape.kind == "stairs":
        whole = float(roundest(*more["size"], most=1)[0]) if more["size"] is not None else more["period"]
        if whole is not None:
            yield "step", {"decay_t": whole, "decay_rate": more["gamma"]}
        milestones = [step + 1 for step in typed(more["edges"])]
        yield "multistep", {"decay_t": milestones, "decay_rate": more["gamma"]}


def _stable(plan: Plan) -> Iterator[tuple[str, dict[str, Any]]]:
    """A warm-up, a hold or a root, and a decay: WSD and its like."""
    ramp, shape = plan.ramp, plan.shape
    if ramp is not None and (plan.overlaid or (ramp.length and ramp.kind != "line")):
        return
    length, begin = (ramp.length, ramp.begin) if ramp else (0, 0)
    warm = {"warmup_t": length, "warmup_lr_init": ramp.start} if ramp and length else {}
    if shape.kind in DECAYS and shape.length and begin > length:
        lengths = {"t_initial": begin - length + shape.length, "decay_t": shape.length}
        yield "wsd", {**lengths, "lr_min": shape.end, "decay_fn": DECAYS[shape.kind], **warm}
    elif shape.kind == "root ending":
        yield from _rooted(shape, warm)


def _rooted(shape: Shape, warm: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    more = shape.more
    scale = {} if warm.get("warmup_t") == shape.length else {"stable_timescale": float(shape.length or 0)}
    lengths = {"t_initial": more["total"], "decay_t": more["decay"], "lr_min": shape.end, **scale, **warm}
    if more["fall"] == "line":
        yield "rsqrt", lengths
    yield "wsd", {**lengths, "stable_fn": "rsqrt", "decay_fn": DECAYS[more["fall"]]}
