"""A plan as a formula in epoch: what reproduces a shape that no scheduler has."""

from __future__ import annotations

import numpy

from lrplot.analysis.identify.curves import CURVES
from lrplot.analysis.identify.fit import Column
from lrplot.analysis.identify.restarts import Cycles
from lrplot.analysis.identify.shape import Plan, Ramp, Shape
from lrplot.analysis.identify.stairs import typed


def rates_at(shape: Shape, steps: Column) -> Column:
    """The rates of a shape at steps of its own."""
    start, end, more = shape.start, shape.end, shape.more
    x = steps / (shape.length or 1)
    if shape.kind == "exponential":
        return numpy.asarray(start * more["gamma"] ** x)
    if shape.kind == "stairs":
        edges = sum((count * (steps >= last) for _, last, count in more["edges"]), numpy.zeros_like(steps))
        passed = edges if more["size"] is None else steps // more["size"][0]
        return numpy.asarray(start * more["gamma"] ** passed)
    if shape.kind == "restarts" and "fall" in more:
        return Cycles.of(shape).rates(start, end, steps)
    if shape.kind not in (*CURVES, "power"):
        return numpy.full_like(steps, start)
    x = x if shape.kind == "cosine" and not shape.holds else numpy.clip(x, 0.0, 1.0)
    left = (1 - x) ** more["power"] if shape.kind == "power" else CURVES[shape.kind].left(x)
    return numpy.asarray(end + (start - end) * left)


def expression(plan: Plan) -> str | None:
    """The factor on the highest rate as an expression in epoch: None where there is none.

    >>> expression(Plan(Shape("line", 0.1, 0.0, 90), Ramp("line", 10, 0.0, 10)))
    'epoch / 10 if epoch < 10 else 1 - (epoch - 10) / 90'
    """
    if plan.before or plan.chained or plan.overlaid or plan.late or plan.epoch or peak_of(plan) <= 0:
        return None
    if plan.shape.start == 0:
        return _rise(plan.shape) if plan.ramp is None else None
    begin = plan.ramp.begin if plan.ramp else 0
    time = f"(epoch - {begin})" if begin else "epoch"
    body = _body(plan.shape, time)
    if body is None or plan.ramp is None or not begin:
        return body
    if not plan.ramp.length:
        return f"1 if epoch < {begin} else {body}"
    ramp = _ramp(plan.ramp, plan.shape.start)
    hold = f"1 if epoch < {begin} else " if begin > plan.ramp.length else ""
    return f"{ramp} if epoch < {min(plan.ramp.length, begin)} else {hold}{body}"


def peak_of(plan: Plan) -> float:
    """The rate that the factor is on."""
    return _unit(plan.shape) or plan.shape.end


def _unit(shape: Shape) -> float:
    """What a shape's rates are parts of: its first, or 1 where a part of that is not the rate again to the last bit."""
    parted = shape.start and [rate / shape.start * shape.start for rate in shape.more.get("levels", [])]
    return shape.start if parted == shape.more.get("levels", parted) else 1.0


def _rise(shape: Shape) -> str | None:
    """A way up from 0."""
    done = f"min(epoch, {shape.length}) / {shape.length}"
    return {"line": done, "cosine": f"(1 - cos(pi * {done})) / 2"}.get(shape.kind)


def _ramp(ramp: Ramp, peak: float) -> str:
    done = f"epoch / {ramp.length}"
    part = ramp.start / peak if peak else 0.0
    if ramp.kind == "constant":
        return f"{part!r}"
    if ramp.kind == "line" and ramp.start in (peak / ramp.length, peak / (ramp.length + 1)) and ramp.start:
        return f"(epoch + 1) / {ramp.length + (ramp.start < peak / ramp.length)}"
    way = {
        "line": done,
        "cosine": f"(1 - cos(pi * {done})) / 2",
        "1-sqrt": f"1 - sqrt(1 - {done})",
        "log": f"log(epoch + 1) / log({ramp.length})",
    }[ramp.kind]
    return f"{part!r} + (1 - {part!r}) * ({way})" if part else way


def _body(shape: Shape, time: str) -> str | None:
    length, more = shape.length, shape.more
    floor = shape.end / shape.start if shape.start else 0.0
    done = f"min({time}, {length}) / {length}" if shape.holds else f"{time} / {length}"
    if shape.kind == "exponential":
        return f"{more['gamma']!r} ** {time if length is None else f'({time} / {length})'}"
    if shape.kind == "constant":
        return "1.0"
    if shape.kind == "root":
        return f"({length} / ({time} + {length})) ** 0.5"
    if shape.kind == "reciprocal":
        slope = f"{more['rate']!r} * {time}" + (f" / {length}" if length else "")
        return f"1 / (1 + {slope})"
    if shape.kind == "stairs":
        drops = " + ".join(f"(epoch >= {step})" for step in typed(more["edges"]))
        return f"{more['gamma']!r} ** ({drops})" if time == "epoch" and len(more["edges"]) <= 12 else None
    if shape.kind == "levels" and shape.start > 0:
        edges = typed(more["edges"])
        *parts, last = [rate / _unit(shape) for rate in more["levels"]]
        ways = [f"{part!r} if epoch < {edge}" for part, edge in zip(parts, edges)]
        return " else ".join([*ways, f"{last!r}"]) if time == "epoch" else None
    if shape.kind == "power":
        way = f"(1 - {done}) ** {more['power']!r}"
    elif shape.kind in CURVES:
        way = CURVES[shape.kind].text.format(x=done)
    else:
        return None
    return f"{floor!r} + (1 - {floor!r}) * ({way})" if floor else way
