"""Plans as torch's schedulers: one, or one after the other in a SequentialLR, or all at once in a ChainedScheduler."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from lrplot.analysis.identify.decimals import length, roundest, shortest
from lrplot.analysis.identify.proposal import Call, Proposal, made
from lrplot.analysis.identify.shape import Plan, Ramp, Shape
from lrplot.analysis.identify.stairs import typed
from lrplot.runs.spec import Spec

LONG = 10**6
"""Steps after which nothing is asked."""
ODD = 6.0
"""Triangles of which there is one, or a part of one."""
PARTS = (1.0, 0.5, 0.1, 0.2, 0.8, 0.9, 0.25, 0.05, 0.01, 0.3, 0.4, 0.6, 0.7, 0.75)


def write(plan: Plan) -> Iterator[Call]:
    """The calls of torch's schedulers that may follow a plan."""
    if plan.overlaid or plan.late:
        return
    if plan.ramp is None and not plan.before:
        odd = ODD * (plan.shape.more.get("turns", 2) <= 1.0)
        for spec, lr in _alone(plan.shape):
            yield Call(spec.cls.name, spec.parameters, lr, odd + (spec.cls.name == "swa"))  # which comes after others
        return
    for specs, milestones in _parts(plan):
        both = {"schedulers": specs} if plan.chained else {"schedulers": specs, "milestones": milestones}
        yield Call("chained" if plan.chained else "sequential", both, plan.shape.start)


def resumed(first: Proposal, second: Proposal, switch: int) -> Call | None:
    """One run after another of the same base rate, which begins anew: None where torch does not join such."""
    if not first.spec.cls.composable or first.lr != second.lr or first.spec.cls.owns_rate or isinstance(first.lr, list):
        return None
    return Call("sequential", {"schedulers": [first.spec, second.spec], "milestones": [switch]}, first.lr)


def _parts(plan: Plan) -> Iterator[tuple[list[Spec], list[int]]]:
    """The schedulers one after the other, and the steps at which they take over."""
    ends = [end for _, end in plan.before]
    heads = [[(spec, lr) for spec, lr in _from_top(shape)] for shape, _ in plan.before]
    tails = [*_from_top(plan.shape)]
    ramp = plan.ramp
    if ramp is None:
        for chosen in product(*heads, tails):
            yield [spec for spec, _ in chosen], ends
        return
    for first in _ramps(ramp, 1.0 if plan.chained else plan.shape.start):
        holds = _holds(ramp) if not plan.chained else [[]]
        for chosen, hold in product(product(*heads, tails), holds):
            specs = [first, *hold, *(spec for spec, _ in chosen)] if ramp.length else [*hold, *(s for s, _ in chosen)]
            steps = [*([ramp.length] if hold and ramp.length else []), ramp.begin, *ends]
            yield specs, steps


def _holds(ramp: Ramp) -> list[list[Spec]]:
    """A scheduler that holds the rate until the next one begins; LinearLR does it by itself, too."""
    hold = made("constant", {"factor": 1.0})
    assert hold is not None, "torch has it"
    if ramp.length == 0:
        return [[hold]]
    return [[], [hold]] if 0 < ramp.length < ramp.begin else [[]]


def _ramps(ramp: Ramp, peak: float) -> Iterator[Spec]:
    part = ramp.start / peak if peak else 0.0
    if not ramp.length:
        yield from _known(("constant", {"factor": 1.0}))
    elif part > 0:
        for factor in _short(part):
            if ramp.kind == "line" and factor <= 1:
                yield from _known(("linear", {"start_factor": factor, "total_iters": ramp.length}))
            elif ramp.kind == "constant" and factor <= 1:
                yield from _known(("constant", {"factor": factor, "total_iters": ramp.length}))


def _known(*calls: tuple[str, dict[str, Any]]) -> Iterator[Spec]:
    yield from (spec for spec in (made(*call) for call in calls) if spec is not None)


def _from_top(shape: Shape) -> Iterator[tuple[Spec, float]]:
    """The schedulers that follow a shape from a base rate that is the shape's first."""
    if shape.kind == "line" and shape.start > 0:
        ends = {"end_factor": _short(shape.end / shape.start)[0], "start_factor": 1.0, "total_iters": shape.length}
        for spec in _known(("linear", ends)) if shape.end <= shape.start else ():
            yield spec, shape.start
    yield from ((spec, lr) for spec, lr in _alone(shape) if lr == shape.start and spec.cls.name != "linear")


def _alone(shape: Shape) -> Iterator[tuple[Spec, float | None]]:
    """The schedulers that follow a shape from step 0, with the rate of their optimizer."""
    start, end, more = shape.start, shape.end, shape.more
    if shape.kind == "constant":
        yield from ((spec, start) for spec in _known(("constant", {"factor": 1.0})))
    elif shape.kind == "exponential" and shape.length is None and not shape.holds:
        yield from ((spec, start) for spec in _known(("exponential", {"gamma": more["gamma"]})))
    elif shape.kind == "stairs":
        yield from ((spec, start) for spec in _stairs(shape))
    elif shape.kind == "levels" and len(more["levels"]) == 2 and 0 < start < end:
        steps = {"factor": start / end, "total_iters": typed(more["edges"])[0]}
        yield from ((spec, end) for spec in _known(("constant", steps)))
    elif shape.kind == "line":
        yield from _lines(shape)
    elif shape.kind == "power" and end == 0:
        yield from ((s, start) for s in _known(("polynomial", {"total_iters": shape.length, "power": more["power"]})))
    elif shape.kind == "cosine":
        calls = [("cosine", {"T_max": shape.length, "eta_min": end})] if not shape.holds else []
        if shape.holds is not False:
            calls.append(("swa", {"swa_lr": end, "anneal_epochs": shape.length}))
        yield from ((spec, start) for spec in _known(*calls))
    elif shape.kind == "restarts" and more.get("fall") == "cosine" and more["fade"] == 1 and not more["limit"]:
        call = ("warm-restarts", {"T_0": shape.length, "T_mult": int(more["multiple"]), "eta_min": end})
        yield from ((spec, start) for spec in _known(call))
    else:
        yield from ((spec, None) for spec in _cycles(shape))


def _stairs(shape: Shape) -> Iterator[Spec]:
    gamma, edges, size = shape.more["gamma"], shape.more["edges"], shape.more["size"]
    if size is not None and gamma < 1e3:
        yield from _known(*(("step", {"step_size": steps, "gamma": gamma}) for steps in roundest(*size, most=1)))
    if len(edges) <= 24:
        yield from _known(("multistep", {"milestones": typed(edges), "gamma": gamma}))


def _lines(shape: Shape) -> Iterator[tuple[Spec, float]]:
    """A line as LinearLR has it, by factors on a rate; to 0 as a polynomial; held at its end as weight averaging is."""
    start, end, steps = shape.start, shape.end, shape.length
    if end == 0:
        yield from ((spec, start) for spec in _known(("polynomial", {"total_iters": steps})))
    rates: dict[float, float] = {}
    for part in PARTS:
        lr = float(f"{(max(start, end) / part):.12g}")
        factors = [float(f"{rate / lr:.12g}") for rate in (start, end)]
        rates[lr] = length(lr) + sum(map(length, factors)) + (part != 1)
    for lr in sorted(rates, key=rates.__getitem__)[:3]:
        for a, b in _factors(start, end, lr):
            if 0 < a <= 1 and b <= 1:
                call = ("linear", {"start_factor": a, "end_factor": b, "total_iters": steps})
                yield from ((spec, lr) for spec in _known(call))
    if start > 0:
        yield from (
            (s, start) for s in _known(("swa", {"swa_lr": end, "anneal_epochs": steps, "anneal_strategy": "linear"}))
        )


def _factors(start: float, end: float, lr: float) -> Iterator[tuple[float, float]]:
    """Two rates as parts of a third."""
    yield from product(_short(start / lr), _short(end / lr))


def _short(part: float) -> list[float]:
    """A part as it was typed: without what a division adds to its last digits, if it is no fraction."""
    typed = shortest(part * (1 - 1e-12), part * (1 + 1e-12), most=1) if part > 0 else [0.0]
    return typed if typed and length(typed[0]) <= 6 else [part]


def _cycles(shape: Shape) -> Iterator[Spec]:
    more = shape.more
    if shape.kind == "triangles":
        parameters = {"base_lr": shape.start, "max_lr": shape.end, "step_size_up": shape.length, "mode": more["mode"]}
        parameters |= {"step_size_down": more["down"]} if more["down"] != shape.length else {}
        yield from _known(("cyclic", parameters | {"gamma": more.get("gamma", 1.0)}))
    elif shape.kind == "one cycle":
        way = {} if more["cosine"] else {"anneal_strategy": "linear"}
        three = {"three_phase": True} if more["three"] else {}
        factors = {"pct_start": more["share"], "div_factor": more["div"], "final_div_factor": more["final"]}
        yield from _known(("onecycle", {"max_lr": shape.end, "total_steps": shape.length, **factors, **way, **three}))
