"""Plans as the schedules of Keras, which have all rates as parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lrplot.analysis.identify.decimals import share
from lrplot.analysis.identify.proposal import Call
from lrplot.analysis.identify.shape import Plan, Ramp, Shape
from lrplot.analysis.identify.stairs import typed


def write(plan: Plan) -> Iterator[Call]:
    """The calls of this family's schedules that may follow a plan."""
    ramp, shape = plan.ramp, plan.shape
    if plan.before or plan.chained or plan.overlaid or plan.late or not shape.start:
        return
    if ramp is None:
        for name, parameters in _timed(shape, plan.epoch) if plan.epoch else _alone(shape):
            yield Call(f"keras.{name}", parameters)
    elif shape.kind == "cosine" and ramp.kind == "line" and ramp.length == ramp.begin:
        yield Call("keras.CosineDecay", _after(ramp, shape))


def _alone(shape: Shape) -> Iterator[tuple[str, dict[str, Any]]]:
    start, fall, more = {"initial_learning_rate": shape.start}, {"decay_steps": shape.length}, shape.more
    alpha, end = {"alpha": share(shape.end, shape.start)}, {"end_learning_rate": shape.end}
    if shape.kind == "cosine":
        yield "CosineDecay", {**start, **fall, **alpha}
    elif shape.kind in ("line", "power"):
        yield "PolynomialDecay", {**start, **fall, **end, "power": more.get("power", 1.0)}
    elif shape.kind == "saw":
        yield "PolynomialDecay", {**start, **fall, **end, "power": more["power"], "cycle": True}
    elif shape.kind == "restarts" and more.get("fall") == "cosine" and not more["limit"]:
        cycles = {"first_decay_steps": shape.length, "t_mul": more["multiple"], "m_mul": more["fade"]}
        yield "CosineDecayRestarts", {**start, **cycles, **alpha}
    elif shape.kind in ("exponential", "reciprocal") and not shape.holds:
        yield from _timed(shape, 0)
    elif shape.kind == "stairs" and more["size"] is not None:
        stairs = {"decay_steps": more["size"][0], "decay_rate": more["gamma"], "staircase": True}
        yield "ExponentialDecay", {**start, **stairs}
    elif shape.kind == "levels":
        boundaries = [step - 1 for step in typed(more["edges"])]
        yield "PiecewiseConstantDecay", {"boundaries": boundaries, "values": list(more["levels"])}


def _timed(shape: Shape, epoch: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """What decays in the time of decay_steps; in stairs where these are an epoch of the log."""
    name, rate = {
        "exponential": ("ExponentialDecay", "gamma"),
        "reciprocal": ("InverseTimeDecay", "rate"),
    }.get(shape.kind, ("", ""))
    if name and not (epoch and shape.length):
        steps = {"decay_steps": epoch or shape.length or 1, "staircase": bool(epoch)}
        yield name, {"initial_learning_rate": shape.start, **steps, "decay_rate": shape.more[rate]}


def _after(ramp: Ramp, shape: Shape) -> dict[str, Any]:
    target = {"warmup_target": shape.start, "warmup_steps": ramp.length, "alpha": share(shape.end, shape.start)}
    return {"initial_learning_rate": ramp.start, "decay_steps": shape.length, **target}
