"""lrplot against torch itself, in one process: equal floats for rate and momentum, or a refusal by both."""

import os
import struct
from array import array
from typing import Any

import pytest
import yaml

from lrplot.runs.run import Run, Spec
from lrplot.runs.simulate import simulate_run
from lrplot.schedulers import Scheduler
from lrplot.schedulers.families import find, members
from tests.golden.drive import FUNCTIONS, Case, Library, trace
from tests.golden.record import TORCH
from tests.oracle import cases
from tests.oracle.chance import drawn
from tests.oracle.conftest import tallies
from tests.schedulers.library import LRPLOT

CASES = int(os.environ.get("LRPLOT_ORACLE_CASES", "1000"))
"""Of each scheduler of torch's, in its ranges; half as many are out of them."""
WITHIN, BEYOND = max(1, CASES * 35 // 100), max(1, CASES * 15 // 100)
"""Cases of a schedule of another family, in its ranges and out of them: 500 together where CASES is 1,000."""
SCHEDULERS = list(members().values())


def bits(numbers: Any) -> Any:
    """Numbers as their bits, so that -0.0 is not 0.0; one nan is as good as another."""
    if isinstance(numbers, (list, tuple)):
        return [bits(number) for number in numbers]
    return "nan" if numbers != numbers else struct.pack(">d", numbers) if isinstance(numbers, float) else numbers


def as_config(case: Case) -> str:
    """A case as the YAML config that reproduces it."""
    optimizer = {"lr": case["lr"], **({"betas": [0.9, 0.999]} if case["kind"] == "Adam" else {"momentum": 0.5})}
    optimizer |= {"initial_lr": case["initial_lr"]} if "initial_lr" in case else {}
    more = {key: case[key] for key in ("metrics", "epochs", "first_run") if key in case}
    config = {
        "optimizer": optimizer,
        "scheduler": case["scheduler"],
        "steps": case["steps"],
        "record": ["used", "after-step", "get_lr"],
        **more,
    }
    return str(yaml.safe_dump(config, sort_keys=False, default_flow_style=None))


def compare(case: Case, name: str, library: Library = TORCH) -> None:
    """Demands that both libraries do the same; counts what they did."""
    tally = tallies[name]
    tally["cases"] += 1
    theirs, ours = trace(library, case), trace(LRPLOT, case)
    problem = difference(theirs, ours) or (
        "" if "refused" in theirs or {"epochs", "first_run", "lr_scale"} & case.keys() else simulated(case, theirs)
    )
    tally["refused"] += "refused" in theirs and not problem
    if problem:
        tally["off"] += 1
        pytest.fail(f"{problem}\n\n{as_config(case)}", pytrace=False)


def difference(theirs: dict[str, Any], ours: dict[str, Any]) -> str:
    """What lrplot's steps did that torch's did not: nothing, as an empty text."""
    if ("refused" in theirs) != ("refused" in ours):
        return f"torch: {theirs.get('refused', 'accepted')}, lrplot: {ours.get('refused', 'accepted')}"
    if "refused" in ours and ours["at"] > theirs["at"]:
        return f"torch refuses step {theirs['at']}, lrplot only step {ours['at']}"
    for column in ("rates", "momenta", "weight_decays"):
        for step, (a, b) in enumerate(zip(theirs[column], ours[column])):
            if bits(a) != bits(b):
                return f"{column} before step {step}: torch {a}, lrplot {b}"
    for step, (a, b) in enumerate(zip(theirs["get_lr"], ours["get_lr"])):
        # Where get_lr() has no answer, the exception is whatever the formula runs into.
        if isinstance(a, str) != isinstance(b, str) or (not isinstance(a, str) and bits(a) != bits(b)):
            return f"get_lr() before step {step}: torch {a}, lrplot {b}"
    return ""


def simulated(case: Case, theirs: dict[str, Any]) -> str:
    """The same case on the way that the command line takes, for all three records."""
    optimizer = {
        "lr": case["lr"],
        "initial_lr": case.get("initial_lr"),
        **({"betas": [0.9, 0.999]} if case["kind"] == "Adam" else {"momentum": 0.5}),
    }
    metrics = array("d", case["metrics"]) if "metrics" in case else None
    columns = {"used": theirs["rates"][:-1], "after-step": theirs["rates"][1:]}
    if not any(isinstance(rates, str) for rates in theirs["get_lr"]):
        columns["get_lr"] = theirs["get_lr"][1:]
    for record, expected in columns.items():
        (curve,) = simulate_run(Run(as_spec(case["scheduler"]), optimizer, case["steps"], (record,), metrics))
        for i, rates in enumerate(curve.rates):
            if bits(list(rates)) != bits([float(step[i]) for step in expected]):
                return f"simulated with record {record}, group {i}: {list(rates)}"
        shift = 0 if record == "used" else 1
        for name, column in (("momentum", "momenta"), ("weight_decay", "weight_decays")):
            for i, values in enumerate(curve.lines(name)):
                if bits(list(values)) != bits([step[i] for step in theirs[column]][shift : shift + case["steps"]]):
                    return f"simulated with record {record}, group {i}: {name} {list(values)}"
    return ""


def as_spec(scheduler: dict[str, Any]) -> Spec:
    """A case's scheduler as config.py would have it."""
    parameters = {key: value for key, value in scheduler.items() if key != "name"}
    for key in FUNCTIONS:
        if key in parameters:
            texts = parameters[key]
            parameters[key] = (
                [LRPLOT.function(text) for text in texts]
                if isinstance(texts, list)
                else texts and LRPLOT.function(texts)
            )
    if "schedulers" in parameters:
        parameters["schedulers"] = [as_spec(inner) for inner in parameters["schedulers"]]
    return Spec(find(scheduler["name"]), parameters)


@pytest.mark.parametrize("cls", SCHEDULERS, ids=lambda cls: cls.__name__)
def test_within_the_ranges_every_float_is_torchs(cls: type[Scheduler]) -> None:
    for case in drawn(cases.inside(cls), CASES):
        compare(case, cls.__name__)


@pytest.mark.parametrize("cls", SCHEDULERS, ids=lambda cls: cls.__name__)
def test_outside_of_the_ranges_both_refuse_or_both_accept(cls: type[Scheduler]) -> None:
    for case in drawn(cases.outside(cls), CASES // 2):
        compare(case, f"{cls.__name__}, out of range")
