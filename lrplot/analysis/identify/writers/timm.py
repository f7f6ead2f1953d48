"""Plans as timm's schedules: the warm-up before the schedule, or over its beginning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lrplot.analysis.identify.decimals import roundest
from lrplot.analysis.identify.proposal import Proposal, made
from lrplot.analysis.identify.shape import Plan, Shape
from lrplot.analysis.identify.stairs import typed

DECAYS = {"line": "linear", "cosine": "cosine", "1-sqrt": "1-sqrt"}


def write(plan: Plan) -> Iterator[Proposal]:
    """The runs of this family's schedules that may follow a plan."""
    ramp, shape = plan.ramp, plan.shape
    if plan.before or plan.chained:
        return
    warm: dict[str, Any] = {}
    if ramp is not None and ramp.kind == "line" and ramp.length == ramp.begin:
        warm = {"warmup_t": ramp.length, "warmup_lr_init": ramp.start, "warmup_prefix": not plan.overlaid}
    calls = _calls(shape) if ramp is None or warm else ()
    for name, parameters in [*calls, *_stable(plan)]:
        own = {key: value for key, value in warm.items() if key != "warmup_prefix" or name not in ("wsd", "constant")}
        spec = made(f"timm.{name}", {**own, **parameters})
        if spec is not None:
            yield Proposal(spec, shape.start)


def _calls(shape: Shape) -> Iterator[tuple[str, dict[str, Any]]]:
    length, floor, more = shape.length, {"lr_min": shape.end}, shape.more
    if shape.kind == "constant":
        yield "constant", {}
    elif shape.kind == "cosine":
        yield "cosine", {"t_initial": length, **floor}
    elif shape.kind in ("line", "power"):
        yield "poly", {"t_initial": length, "power": more.get("power", 1.0), **floor}
    elif shape.kind == "restarts" and "cycles" not in more:
        cycles = {"cycle_limit": 100} | ({"cycle_mul": float(more["multiple"])} if more["multiple"] > 1 else {})
        yield "cosine", {"t_initial": length, **floor, **cycles}
    elif shape.kind == "stairs":
        if more["size"] is not None:
            yield "step", {"decay_t": float(roundest(*more["size"], most=1)[0]), "decay_rate": more["gamma"]}
        milestones = [step + 1 for step in typed([edge[:2] for edge in more["edges"]])]
        yield "multistep", {"decay_t": milestones, "decay_rate": more["gamma"]}


def _stable(plan: Plan) -> Iterator[tuple[str, dict[str, Any]]]:
    """A warm-up, a hold and a decay: WSD."""
    ramp, shape = plan.ramp, plan.shape
    if ramp is None or shape.kind not in DECAYS or ramp.length >= ramp.begin or plan.overlaid:
        return
    if ramp.length and ramp.kind != "line":
        return
    warm = {"warmup_t": ramp.length, "warmup_lr_init": ramp.start} if ramp.length else {}
    lengths = {"t_initial": ramp.begin - ramp.length + (shape.length or 0), "decay_t": shape.length}
    yield "wsd", {**lengths, "lr_min": shape.end, "decay_fn": DECAYS[shape.kind], **warm}
