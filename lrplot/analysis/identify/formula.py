"""A plan as a formula in epoch: what reproduces a shape that no scheduler has."""

from __future__ import annotations

import math

from lrplot.analysis.identify.shape import Plan, Ramp, Shape
from lrplot.analysis.identify.stairs import typed


def rate_at(shape: Shape, step: float) -> float:
    """The rate of a shape at a step of its own."""
    start, end, length = shape.start, shape.end, shape.length or 1
    done = min(max(step / length, 0.0), 1.0)
    if shape.kind == "exponential":
        return float(start * shape.more["gamma"] ** (step / length))
    if shape.kind == "cosine":
        return end + (start - end) * (1 + math.cos(math.pi * (done if shape.holds else step / length))) / 2
    if shape.kind in ("line", "power"):
        return float(end + (start - end) * (1 - done) ** shape.more.get("power", 1.0))
    if shape.kind == "stairs":
        gamma, size = shape.more["gamma"], shape.more["size"]
        if size is not None:
            return float(start * gamma ** (step // size[0]))
        return float(start * gamma ** sum(count for first, last, count in shape.more["edges"] if last <= step))
    return start


def expression(plan: Plan) -> str | None:
    """The factor on the highest rate as an expression in epoch: None where there is none.

    >>> expression(Plan(Shape("line", 0.1, 0.0, 90), Ramp("line", 10, 0.0, 10)))
    'epoch / 10 if epoch < 10 else 1 - (epoch - 10) / 90'
    """
    if plan.before or plan.chained or plan.overlaid or peak_of(plan) <= 0:
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
    return plan.shape.start or plan.shape.end


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
        drops = " + ".join(f"(epoch >= {step})" for step in typed([edge[:2] for edge in more["edges"]]))
        return f"{more['gamma']!r} ** ({drops})" if time == "epoch" and len(more["edges"]) <= 12 else None
    if shape.kind == "levels" and shape.start > 0:
        edges = typed(more["edges"])
        parts = [f"{rate / shape.start!r} if epoch < {edge}" for rate, edge in zip(more["levels"], edges)]
        return " else ".join([*parts, f"{more['levels'][-1] / shape.start!r}"]) if time == "epoch" else None
    ways = {
        "line": f"1 - {done}",
        "cosine": f"(1 + cos(pi * {done})) / 2",
        "power": f"(1 - {done}) ** {more.get('power')!r}",
        "1-sqrt": f"1 - ({done}) ** 0.5",
    }
    if shape.kind not in ways:
        return None
    return f"{floor!r} + (1 - {floor!r}) * ({ways[shape.kind]})" if floor else ways[shape.kind]
