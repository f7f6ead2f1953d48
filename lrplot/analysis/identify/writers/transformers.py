"""Plans as the schedules of transformers, which the Trainer has by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lrplot.analysis.identify.decimals import share
from lrplot.analysis.identify.proposal import Call
from lrplot.analysis.identify.shape import ODD, Plan, Ramp, Shape

NO_FLOOR = 3.0
"""How much less likely a schedule with a floor is where that is 0."""
SHAPES = {"line": "linear", "cosine": "cosine", "1-sqrt": "1-sqrt"}


def write(plan: Plan) -> Iterator[Call]:
    """The calls of this family's schedules that may follow a plan."""
    if plan.before or plan.chained or plan.overlaid or plan.late:
        return
    for name, parameters in _calls(plan.ramp, plan.shape):
        no_floor = 0.0 in (parameters.get("min_lr"), parameters.get("min_lr_rate"))
        odd = NO_FLOOR * no_floor + ODD * (plan.shape.kind == "cosine ahead")
        yield Call(f"transformers.{name}", parameters, plan.shape.start, odd)


def _calls(ramp: Ramp | None, shape: Shape) -> Iterator[tuple[str, dict[str, Any]]]:
    begin = ramp.begin if ramp else 0
    warm = {"num_warmup_steps": begin}
    if shape.kind == "constant":
        yield ("constant_with_warmup", warm) if begin else ("constant", {})
        return
    yield from _stable(ramp, shape)
    if ramp is not None and (ramp.kind != "line" or ramp.length not in (begin, begin + 1)):
        return
    if shape.kind == "root" and not shape.holds:
        yield "inverse_sqrt", {**warm, "timescale": shape.length}
        yield "inverse_sqrt", warm
    if shape.length is None:
        return
    if shape.kind == "cosine ahead" and shape.start:
        run = {"num_warmup_steps": 0, "num_training_steps": shape.length}
        yield from (("cosine_warmup_with_min_lr", {**run, **floor}) for floor in _floors(shape))
        return
    run = {**warm, "num_training_steps": begin + shape.length}
    if shape.kind == "line":
        yield "linear", run
        yield "polynomial", {**run, "lr_end": shape.end}
    elif shape.kind == "power":
        yield "polynomial", {**run, "lr_end": shape.end, "power": shape.more["power"]}
    elif shape.kind == "cosine":
        yield from _cosines(ramp, shape, run)
    elif shape.kind == "swing":
        name, floor = ("cosine_with_min_lr", {"min_lr": shape.end}) if shape.end else ("cosine", {})
        yield name, {**run, **floor, "num_cycles": shape.more["halves"] / 2}
    elif shape.kind == "restarts" and "cycles" in shape.more:
        total = begin + shape.more["total"]
        yield "cosine_with_restarts", {**warm, "num_training_steps": total, "num_cycles": shape.more["cycles"]}


def _cosines(ramp: Ramp | None, shape: Shape, run: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    if shape.end == 0:
        yield "cosine", run
        yield "cosine_with_restarts", run
    else:
        yield from (("cosine_with_min_lr", {**run, **floor}) for floor in _floors(shape))
    ahead = {key: value + 1 for key, value in run.items()}
    if ramp is not None:
        yield from (("cosine_warmup_with_min_lr", {**ahead, **floor}) for floor in _floors(shape))
        start = share(ramp.start, shape.start)
        yield "cosine_warmup_with_min_lr", {**ahead, **_floors(shape)[0], "warmup_lr_rate": start}


def _floors(shape: Shape) -> list[dict[str, Any]]:
    """The two ways to give the lowest rate."""
    return [{"min_lr_rate": share(shape.end, shape.start)}, {"min_lr": shape.end}]


def _stable(ramp: Ramp | None, shape: Shape) -> Iterator[tuple[str, dict[str, Any]]]:
    """A warm-up, a hold and a decay: WSD."""
    if shape.kind not in SHAPES or shape.length is None or not shape.start:
        return
    warm, begin = (ramp.length, ramp.begin) if ramp else (0, 0)
    if warm > begin or (ramp is not None and ramp.length and ramp.kind not in SHAPES):
        return
    lengths = {"num_warmup_steps": warm, "num_decay_steps": shape.length}
    ways = {"decay_type": SHAPES[shape.kind], "warmup_type": SHAPES[ramp.kind] if ramp and ramp.length else "linear"}
    floor = {"min_lr_ratio": share(shape.end, shape.start)}
    yield "warmup_stable_decay", {**lengths, "num_training_steps": begin + shape.length, **ways, **floor}
