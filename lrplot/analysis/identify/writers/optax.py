"""Plans as the schedules of optax, which have all rates as parameters, and can be joined."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from lrplot.analysis.identify.decimals import share, trimmed
from lrplot.analysis.identify.proposal import Call, Proposal, made
from lrplot.analysis.identify.shape import Plan, Ramp, Shape
from lrplot.analysis.identify.stairs import typed

MOST = 60
"""Boundaries of one schedule."""


def write(plan: Plan) -> Iterator[Call]:
    """The calls of this family's schedules that may follow a plan."""
    ramp, shape = plan.ramp, plan.shape
    if plan.before or plan.chained or plan.overlaid or plan.late or plan.epoch or not shape.start:
        return
    if ramp is None:
        calls = _alone(shape)
    elif not ramp.length:
        calls = ((name, {**given, "transition_begin": ramp.begin}) for name, given in _transitions(shape))
    else:
        calls = _after(ramp, shape)
    yield from (Call(f"optax.{name}", given) for name, given in calls)


def joined(first: Proposal, second: Proposal, switch: int) -> Call | None:
    """One schedule after another: a restart with a warm-up of its own, where each has one."""
    if first.spec.cls.family != "optax":
        return None
    if first.spec.cls.name == "warmup_cosine_decay_schedule" and first.spec.parameters["decay_steps"] == switch:
        cycles = [dict(each.spec.parameters) for each in (first, second)]
        return Call("optax.sgdr_schedule", {"cosine_kwargs": cycles})
    return Call("optax.join_schedules", {"schedules": [first.spec, second.spec], "boundaries": [switch]})


def _alone(shape: Shape) -> Iterator[tuple[str, dict[str, Any]]]:
    start, more = {"init_value": shape.start}, shape.more
    if shape.kind == "constant":
        yield "constant_schedule", {"value": shape.start}
    elif shape.kind in ("cosine", "cosine squared"):
        yield "cosine_decay_schedule", {**start, **_cosine(shape)}
    elif shape.kind == "stairs" and more["size"] is not None:
        stairs = {"transition_steps": more["size"][0], "decay_rate": more["gamma"], "staircase": True}
        yield "exponential_decay", {**start, **stairs}
    elif shape.kind == "stairs" and len(more["edges"]) <= MOST:
        scales = {
            edge: more["gamma"] ** times
            for edge, (_, _, times) in zip(typed(e[:2] for e in more["edges"]), more["edges"])
        }
        yield "piecewise_constant_schedule", {**start, "boundaries_and_scales": scales}
    elif shape.kind == "levels" and min(more["levels"]) > 0:
        factors = [trimmed(after / before) for before, after in pairwise(more["levels"])]
        boundaries = dict(zip(typed(more["edges"]), factors))
        yield "piecewise_constant_schedule", {**start, "boundaries_and_scales": boundaries}
    elif shape.kind == "pieces":
        yield from _pieces(shape)
    yield from _transitions(shape)


def _cosine(shape: Shape) -> dict[str, Any]:
    exponent = {"exponent": 2.0} if shape.kind == "cosine squared" else {}
    return {"decay_steps": shape.length, "alpha": share(shape.end, shape.start), **exponent}


def _transitions(shape: Shape) -> Iterator[tuple[str, dict[str, Any]]]:
    """What has a time at which it begins."""
    both = {"init_value": shape.start, "end_value": shape.end, "transition_steps": shape.length}
    if shape.kind == "line":
        yield "linear_schedule", both
    elif shape.kind == "power":
        yield "polynomial_schedule", {**both, "power": shape.more["power"]}
    elif shape.kind == "exponential":
        yield "exponential_decay", {"init_value": shape.start, **_decay(shape)}


def _decay(shape: Shape) -> dict[str, Any]:
    held = {"end_value": shape.end} if shape.holds else {}
    return {"transition_steps": shape.length or 1, "decay_rate": shape.more["gamma"], **held}


def _pieces(shape: Shape) -> Iterator[tuple[str, dict[str, Any]]]:
    """From value to value: any number of lines or of cosines, or as many as one cycle has."""
    way, knots, values = shape.more["way"], shape.more["knots"], shape.more["values"]
    if min(values[:-1]) <= 0:
        return
    scales = dict(zip(knots, (trimmed(after / before) for before, after in pairwise(values))))
    between = {"interpolate_type": way, "init_value": values[0], "boundaries_and_scales": scales}
    yield "piecewise_interpolate_schedule", between
    total, div = knots[-1], trimmed(values[1] / values[0])
    if values[-1] > 0 and values[1] > values[0] and len(knots) == (3 if way == "linear" else 2):
        cycle = {"transition_steps": total, "peak_value": values[1], "div_factor": div}
        shares = [_share(knot, total) for knot in knots[:-1]]
        parts = {"pct_start": shares[0], **({"pct_final": shares[1]} if way == "linear" else {})}
        yield f"{way}_onecycle_schedule", {**cycle, **parts, "final_div_factor": trimmed(values[0] / values[-1])}


def _share(knot: int, total: int) -> float:
    """The part of a whole, as short as can be, that is rounded down to a step."""
    for digits in range(1, 6):
        share = round((knot + 0.5) / total, digits)
        if int(share * total) == knot:
            return share
    return (knot + 0.5) / total


def _after(ramp: Ramp, shape: Shape) -> Iterator[tuple[str, dict[str, Any]]]:
    if ramp.kind != "line" or ramp.length != ramp.begin:
        return
    warm = {"init_value": ramp.start, "peak_value": shape.start, "warmup_steps": ramp.length}
    if shape.kind == "constant":
        yield "warmup_constant_schedule", warm
    elif shape.kind == "exponential":
        yield "warmup_exponential_decay_schedule", {**warm, **_decay(shape)}
    elif shape.kind in ("cosine", "cosine squared") and shape.length is not None:
        exponent = {"exponent": 2.0} if shape.kind == "cosine squared" else {}
        whole = {"decay_steps": ramp.begin + shape.length, "end_value": shape.end, **exponent}
        yield "warmup_cosine_decay_schedule", {**warm, **whole}
    rise = {"init_value": ramp.start, "end_value": shape.start, "transition_steps": ramp.length}
    first = made("optax.linear_schedule", rise)
    for name, given in _alone(shape):
        parts = [first, made(f"optax.{name}", given)]
        yield "join_schedules", {"schedules": parts, "boundaries": [ramp.begin]}
