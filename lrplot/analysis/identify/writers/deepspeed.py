"""Plans as the schedules of DeepSpeed, which count from step 1."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lrplot.analysis.identify.decimals import length, share, shortest
from lrplot.analysis.identify.proposal import Call
from lrplot.analysis.identify.shape import Plan, Ramp, Shape

TYPES = {"line": "linear", "log": "log"}
SIZES = (2000, 10, 20, 50, 100, 200, 500, 1000)
"""Steps of a range test that are typed."""


def write(plan: Plan) -> Iterator[Call]:
    """The calls of this family's schedules that may follow a plan."""
    ramp, shape = plan.ramp, plan.shape
    if plan.late and ramp is not None and ramp.kind in TYPES and ramp.length:
        yield from (Call(f"deepspeed.{name}", given, shape.start) for name, given in _warm(ramp, shape))
    elif ramp is None and not plan.before and not plan.late:
        yield from (Call(f"deepspeed.{name}", given) for name, given in _alone(shape, plan.epoch))


def _warm(ramp: Ramp, shape: Shape) -> Iterator[tuple[str, dict[str, Any]]]:
    warm = {"warmup_num_steps": ramp.length, "warmup_type": TYPES[ramp.kind]}
    rates = {"warmup_min_lr": ramp.start, "warmup_max_lr": shape.start}
    if shape.kind == "constant":
        yield "WarmupLR", {**rates, **warm}
    elif shape.kind == "line":
        yield "WarmupDecayLR", {"total_num_steps": ramp.begin + (shape.length or 0), **rates, **warm}
    elif shape.kind == "cosine" and shape.start:
        parts = {"warmup_min_ratio": ramp.start, "cos_min_ratio": shape.end}
        total = {"total_num_steps": ramp.length + (shape.length or 0)}
        yield "WarmupCosineLR", {**total, **warm, **{key: share(rate, shape.start) for key, rate in parts.items()}}


def _alone(shape: Shape, epoch: int) -> Iterator[tuple[str, dict[str, Any]]]:
    if shape.kind == "line" and shape.end > shape.start > 0 and shape.length:
        growth = (shape.end / shape.start - 1) / shape.length
        stairs = {"lr_range_test_staircase": True} if epoch else {}
        for size in (epoch,) if epoch else dict.fromkeys([round(1 / growth), *SIZES]):
            rate = growth * (1 if epoch else size)
            typed = shortest(rate * (1 - 1e-9), rate * (1 + 1e-9), most=1)
            if size and typed and length(typed[0]) < 4:
                test = {"lr_range_test_step_size": size, "lr_range_test_step_rate": typed[0], **stairs}
                yield "LRRangeTest", {"lr_range_test_min_lr": shape.start, **test}
    elif shape.kind == "triangle" and not epoch:
        down = {} if shape.more["down"] == shape.length else {"cycle_second_step_size": shape.more["down"]}
        rate, size = shape.more["decay"]
        decay = {"decay_lr_rate": rate, "decay_step_size": size} if rate else {}
        both = {"cycle_min_lr": shape.start, "cycle_max_lr": shape.end, "cycle_first_step_size": shape.length}
        yield "OneCycle", {**both, **down, **decay}
