"""Plans as the schedules of DeepSpeed and Megatron, which train large models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lrplot.analysis.identify.decimals import trimmed
from lrplot.analysis.identify.proposal import Proposal, made
from lrplot.analysis.identify.shape import Plan

LONG = 10**6
"""A length that is to be given, and plays no part."""
STYLES = {"line": "linear", "cosine": "cosine", "1-sqrt": "minus_sqrt"}
NAMES = {"line": "linear", "cosine": "cosine", "root": "inverse-square-root", "constant": "constant"}


def write(plan: Plan) -> Iterator[Proposal]:
    """The runs of these families' schedules that may follow a plan."""
    if plan.before or plan.chained or plan.overlaid:
        return
    for name, parameters in _megatron(plan):
        spec = made(f"megatron.{name}", parameters)
        if spec is not None:
            yield Proposal(spec)
    for name, parameters in _deepspeed(plan):
        spec = made(f"deepspeed.{name}", parameters)
        if spec is not None:
            yield Proposal(spec, plan.shape.start)


def _megatron(plan: Plan) -> Iterator[tuple[str, dict[str, Any]]]:
    ramp, shape = plan.ramp, plan.shape
    begin, length = ramp.begin if ramp else 0, shape.length or LONG
    rates = {"max_lr": shape.start, "min_lr": shape.end if shape.kind in STYLES else 0.0}
    if ramp is not None and (ramp.kind != "line" and ramp.length):
        return
    warm = {"init_lr": ramp.start, "lr_warmup_steps": float(ramp.length)} if ramp and ramp.length else {}
    if shape.kind in NAMES and (ramp is None or ramp.length == begin):
        whole = LONG if shape.kind in ("root", "constant") else begin + length
        yield NAMES[shape.kind], {**rates, "lr_decay_steps": whole, **warm}
    if shape.kind in STYLES and begin:
        style = {"wsd_decay_steps": length, "lr_wsd_decay_style": STYLES[shape.kind]}
        yield "WSD", {**rates, "lr_decay_steps": begin + length, **style, **warm}


def _deepspeed(plan: Plan) -> Iterator[tuple[str, dict[str, Any]]]:
    ramp, shape = plan.ramp, plan.shape
    if (
        ramp is None
        or ramp.kind not in ("line", "log")
        or not ramp.length
        or ramp.length not in (ramp.begin, ramp.begin + 1)
    ):
        return
    warm = {"warmup_num_steps": ramp.length, "warmup_type": {"line": "linear"}.get(ramp.kind, "log")}
    rates = {"warmup_min_lr": ramp.start, "warmup_max_lr": shape.start}
    total = {"total_num_steps": ramp.begin + (shape.length or 0)}
    if shape.kind == "constant":
        yield "WarmupLR", {**rates, **warm}
    elif shape.kind == "line":
        yield "WarmupDecayLR", {**total, **rates, **warm}
    elif shape.kind == "cosine" and shape.start:
        parts = {"warmup_min_ratio": ramp.start / shape.start, "cos_min_ratio": trimmed(shape.end / shape.start)}
        yield "WarmupCosineLR", {**total, **warm, **parts}
