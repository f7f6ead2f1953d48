"""Plans as the schedules of optax and Keras, which are computed in single precision and set the rate by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lrplot.analysis.identify.decimals import trimmed
from lrplot.analysis.identify.proposal import Proposal, made
from lrplot.analysis.identify.shape import Plan, Ramp, Shape
from lrplot.analysis.identify.stairs import typed


def write(plan: Plan) -> Iterator[Proposal]:
    """The runs of these families' schedules that may follow a plan."""
    if plan.before or plan.chained or plan.overlaid or not plan.shape.start:
        return
    calls = _alone(plan.shape) if plan.ramp is None else _after(plan.ramp, plan.shape)
    for name, parameters in calls:
        spec = made(name, parameters)
        if spec is not None:
            yield Proposal(spec)


def _alone(shape: Shape) -> Iterator[tuple[str, dict[str, Any]]]:
    start, end, length, more = shape.start, shape.end, shape.length, shape.more
    ours, theirs = {"init_value": start}, {"initial_learning_rate": start}
    alpha = {"alpha": trimmed(end / start)}
    if shape.kind == "constant":
        yield "optax.constant_schedule", {"value": start}
    elif shape.kind == "cosine":
        yield "optax.cosine_decay_schedule", {**ours, "decay_steps": length, **alpha}
        yield "keras.CosineDecay", {**theirs, "decay_steps": length, **alpha}
    elif shape.kind in ("line", "power"):
        power = {"power": more.get("power", 1.0)}
        if shape.kind == "line":
            yield "optax.linear_schedule", {**ours, "end_value": end, "transition_steps": length}
        yield "optax.polynomial_schedule", {**ours, "end_value": end, "transition_steps": length, **power}
        yield "keras.PolynomialDecay", {**theirs, "decay_steps": length, "end_learning_rate": end, **power}
    elif shape.kind == "exponential":
        rate, steps = {"decay_rate": more["gamma"]}, length or 1
        yield "optax.exponential_decay", {**ours, "transition_steps": steps, **rate}
        yield "keras.ExponentialDecay", {**theirs, "decay_steps": steps, **rate}
    elif shape.kind == "reciprocal":
        yield "keras.InverseTimeDecay", {**theirs, "decay_steps": length or 1, "decay_rate": more["rate"]}
    elif shape.kind == "restarts" and "cycles" not in more:
        first = {"first_decay_steps": length, "t_mul": float(more["multiple"])}
        yield "keras.CosineDecayRestarts", {**theirs, **first, **alpha}
    else:
        yield from _stairs(shape)


def _stairs(shape: Shape) -> Iterator[tuple[str, dict[str, Any]]]:
    more = shape.more
    if shape.kind == "stairs" and more["size"] is not None:
        rate, size = {"decay_rate": more["gamma"], "staircase": True}, more["size"][0]
        yield "optax.exponential_decay", {"init_value": shape.start, "transition_steps": size, **rate}
        yield "keras.ExponentialDecay", {"initial_learning_rate": shape.start, "decay_steps": size, **rate}
    elif shape.kind == "levels":
        boundaries = [step - 1 for step in typed(more["edges"])]
        yield "keras.PiecewiseConstantDecay", {"boundaries": boundaries, "values": list(more["levels"])}


def _after(ramp: Ramp, shape: Shape) -> Iterator[tuple[str, dict[str, Any]]]:
    if ramp.kind != "line" or ramp.length != ramp.begin:
        return
    warm = {"init_value": ramp.start, "peak_value": shape.start, "warmup_steps": ramp.length}
    if shape.kind == "constant":
        yield "optax.warmup_constant_schedule", warm
    elif shape.kind == "exponential":
        decay = {"transition_steps": shape.length or 1, "decay_rate": shape.more["gamma"]}
        yield "optax.warmup_exponential_decay_schedule", {**warm, **decay}
    elif shape.kind == "cosine" and shape.length is not None:
        whole = {"decay_steps": ramp.begin + shape.length, "end_value": shape.end}
        yield "optax.warmup_cosine_decay_schedule", {**warm, **whole}
        target = {"warmup_target": shape.start, "warmup_steps": ramp.length, "alpha": trimmed(shape.end / shape.start)}
        yield "keras.CosineDecay", {"initial_learning_rate": ramp.start, "decay_steps": shape.length, **target}
