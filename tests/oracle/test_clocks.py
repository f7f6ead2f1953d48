"""Schedulers on clocks of their own, several on one optimizer, and groups that join, against the loop in torch."""

import json
import math
import warnings
from typing import Any

import pytest
import torch

from lrplot.configs.document import ConfigError, parse
from lrplot.configs.sources import build
from lrplot.schedulers.families import find
from tests.golden.drive import build as built
from tests.golden.drive import momentum
from tests.golden.record import TORCH
from tests.oracle import chance as st
from tests.oracle.cases import LEAVES, rates, spec
from tests.oracle.chance import Draw, drawn
from tests.oracle.conftest import tallies
from tests.oracle.test_oracle import CASES, bits

SEVERAL = [*LEAVES, "ReduceLROnPlateau", "SequentialLR", "ChainedScheduler"]
CLOCK = {"interval": "step", "frequency": 1, "repeat": 1, "begin": 0, "end": None}


@st.composite
def clocks(draw: Draw) -> dict[str, Any]:
    """What stands beside a scheduler's name: often nothing."""
    made: dict[str, Any] = {}
    if draw(st.booleans()):
        made["interval"] = draw(st.sampled_from(["step", "epoch"]))
    if draw(st.integers(0, 2)) == 0:
        made["frequency"] = draw(st.integers(1, 6))
    if draw(st.integers(0, 2)) == 0:
        made["repeat"] = draw(st.integers(1, 4))
    if draw(st.integers(0, 2)) == 0:
        made["begin"] = draw(st.integers(0, 12))
    if draw(st.integers(0, 2)) == 0:
        made["end"] = made.get("begin", 0) + draw(st.integers(1, 12))
    return made


@st.composite
def arrangements(draw: Draw) -> dict[str, Any]:
    """A config: one to four schedulers on one to three groups, of which some may join on the way."""
    steps, count = draw(st.integers(2, 40)), draw(st.integers(1, 3))
    at_once = draw(st.integers(0, 2)) > 0
    joins = sorted(0 if at_once else draw(st.integers(0, steps - 1)) for _ in range(count - 1))
    joins = [0, *joins]
    groups = [{"lr": draw(rates()), **({"from": join} if join else {})} for join in joins]
    kind = draw(st.sampled_from([{"momentum": 0.5}, {"betas": [0.9, 0.999]}]))
    known = SEVERAL if not any(joins) else SEVERAL[:-2]  # lrplot's composites refuse every group that joins
    names = [draw(st.sampled_from(known)) for _ in range(draw(st.integers(1, 4)))]
    schedulers = [draw(spec(find(name), joins.count(0), 2)) | draw(clocks()) for name in names]
    config: dict[str, Any] = {
        "optimizer": {"groups": groups, **kind},
        "scheduler": schedulers[0] if len(schedulers) == 1 and draw(st.booleans()) else schedulers,
        "steps": steps,
        "steps_per_epoch": draw(st.integers(1, 7)),
    }
    if "ReduceLROnPlateau" in names:
        numbers = st.one_of(st.floats(-3, 3), st.sampled_from([1.0, 0.5, 0.49999]))
        config["metrics"] = draw(st.lists(numbers, min_size=steps, max_size=steps))
    return config


def in_torch(config: dict[str, Any]) -> list[list[tuple[float, float]]]:
    """The rate and the momentum that each group has at each step, as the loop has them; NaN for one that is not there.

    Raises:
        Exception: Whatever torch refuses with.
    """
    groups, schedulers = config["optimizer"]["groups"], config["scheduler"]
    schedulers = schedulers if isinstance(schedulers, list) else [schedulers]
    case = {"lr": [each["lr"] for each in groups if not each.get("from")], "kind": "SGD"}
    optimizer = TORCH.optimizer(case | ({"kind": "Adam"} if "betas" in config["optimizer"] else {}))
    hands = []
    for each in schedulers:
        clock = {key: each.get(key, usual) for key, usual in CLOCK.items()}
        plain = {key: value for key, value in each.items() if key not in CLOCK}
        interval = config["steps_per_epoch"] if clock["interval"] == "epoch" else 1
        hands.append((built(TORCH, optimizer, plain), plain["name"] == "ReduceLROnPlateau", interval, clock))
    per_metric = next((interval for _, watches, interval, _ in hands if watches), 1)
    seen = []
    for step in range(config["steps"]):
        for each in groups:
            if each.get("from") and each["from"] == step:
                parameter = torch.nn.Parameter(torch.zeros(1))
                optimizer.add_param_group({"params": [parameter], "lr": each["lr"], "initial_lr": each["lr"]})
        present = [(float(group["lr"]), momentum(group)) for group in optimizer.param_groups]
        seen.append([*present, *[(math.nan, math.nan)] * (len(groups) - len(present))])
        optimizer.step()
        for scheduler, watches, interval, clock in hands:
            done, rest = divmod(step + 1, interval)
            if rest or done % clock["frequency"] or done <= clock["begin"]:
                continue
            if clock["end"] is not None and done > clock["end"]:
                continue
            for _ in range(clock["repeat"]):
                scheduler.step(*[config["metrics"][step // per_metric]] if watches else [])
    return seen


def in_lrplot(config: dict[str, Any]) -> list[list[tuple[float, float]]]:
    """The same by lrplot, of the config as it is written."""
    (curve,) = build(parse(json.dumps(config), "c.json")).curves()
    beside = curve.beside.get("momentum") or [None] * len(curve.rates)
    columns = [zip(rate, other or [math.nan] * len(rate)) for rate, other in zip(curve.rates, beside)]
    return [list(row) for row in zip(*columns)]


@pytest.mark.parametrize("share", range(4))
def test_schedulers_on_clocks_do_what_the_loop_does(share: int) -> None:
    for config in drawn(arrangements(), CASES // 4):
        compare(config)


def compare(config: dict[str, Any]) -> None:
    """Demands that both do the same; counts what they did."""
    tally = tallies["clocks"]
    tally["cases"] += 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs: Any = None
        try:
            theirs = in_torch(config)
        except Exception as error:
            refused = error
        try:
            ours = in_lrplot(config)
        except ConfigError as error:
            ours = str(error)  # type: ignore[assignment]
    if theirs is None:
        tally["refused"] += 1
        problem = "" if isinstance(ours, str) else f"torch refuses: {refused!r}"
    else:
        problem = ours if isinstance(ours, str) else difference(theirs, ours)
    if problem:
        tally["off"] += 1
        pytest.fail(f"{problem}\n\n{json.dumps(config)}", pytrace=False)


def difference(theirs: Any, ours: Any) -> str:
    """The first step at which a rate is another; a momentum is compared where a scheduler sets it."""
    for step, (a, b) in enumerate(zip(theirs, ours, strict=True)):
        for group, ((rate, other), (mine, my_other)) in enumerate(zip(a, b, strict=True)):
            if bits(rate) != bits(mine):
                return f"the rate of group {group} at step {step}: torch {rate!r}, lrplot {mine!r}"
            if not math.isnan(my_other) and bits(other) != bits(my_other):
                return f"the momentum of group {group} at step {step}: torch {other!r}, lrplot {my_other!r}"
    return ""
