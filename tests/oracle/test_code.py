"""The code that lrplot writes, executed against the library itself: the rates that each step of the optimizer uses."""

import io
import json
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

pytest.importorskip("transformers")

import torch

from lrplot.configs.document import ConfigError, parse
from lrplot.configs.sources import build
from lrplot.outputs.code import write_loop
from lrplot.outputs.rendering import Rendering
from lrplot.schedulers.families import members
from tests.code.originals import RECORDED, SCRIPTS, used_by
from tests.golden import deepspeed, megatron, timm
from tests.golden.modules import standing_in
from tests.oracle import cases
from tests.oracle import chance as st
from tests.oracle.chance import Draw, drawn
from tests.oracle.conftest import tallies
from tests.oracle.test_oracle import CASES, bits

FAMILIES = ("torch", "transformers", "timm", "deepspeed", "megatron")
SCHEDULERS = [cls for family in FAMILIES for cls in members(family).values()]
MODULES = {
    "deepspeed.runtime.lr_schedules": deepspeed.module(),
    "megatron.core.optimizer_param_scheduler": megatron.module(),
}
"""Single modules of what is too large to be here: what is written imports them by their names."""
timm.schedulers()


def executed(code: str) -> list[list[float]]:
    """The rates that are used in each step of a program's optimizer."""
    used: list[list[float]] = []

    def step(self: Any, closure: Any = None) -> None:
        used.append([float(group["lr"]) for group in self.param_groups])

    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.setattr(torch.optim.SGD, "step", step)
        patch.setattr(torch.optim.Adam, "step", step)
        needed = {name: module for name, module in MODULES.items() if f"from {name} import" in code}
        with standing_in(needed | {name.partition(".")[0]: ModuleType(name) for name in needed}):
            exec(compile(code, "written", "exec"), {})
    return used


@st.composite
def clocks(draw: Draw) -> dict[str, Any]:
    """When a scheduler is stepped, where it is not always."""
    made: dict[str, Any] = {"frequency": draw(st.integers(1, 4)), "repeat": draw(st.sampled_from([1, 1, 2]))}
    made["begin"] = draw(st.integers(0, 4))
    return made | ({"end": made["begin"] + draw(st.integers(1, 9))} if draw(st.booleans()) else {})


@st.composite
def configs(draw: Draw) -> dict[str, Any]:
    """A config within the ranges, over steps or over epochs."""
    cls = draw(st.sampled_from(SCHEDULERS))
    groups = draw(st.integers(1, 3))
    rates = [draw(cases.rates()) for _ in range(groups)]
    optimizer: dict[str, Any] = {"lr": rates if groups > 1 else rates[0]}
    optimizer |= draw(st.sampled_from([{"momentum": 0.9}, {"betas": [0.9, 0.98]}]))
    config = {"optimizer": optimizer, "scheduler": draw(cases.spec(cls, groups)), "steps": draw(st.integers(1, 40))}
    if draw(st.booleans()):
        config |= {"interval": "epoch", "steps_per_epoch": draw(st.integers(1, 8))}
    if draw(st.booleans()):
        config["scheduler"] |= draw(clocks())
    if not cls.watches_metric and draw(st.integers(0, 3)) == 0:
        second = draw(st.sampled_from([other for other in SCHEDULERS if not other.watches_metric]))
        config["scheduler"] = [config["scheduler"], draw(cases.spec(second, groups)) | draw(clocks())]
        config["steps_per_epoch"] = 4
        return config
    if cls.watches_metric:
        config["metrics"] = draw(
            st.one_of(st.just("1 / (epoch + 1)"), st.lists(st.floats(-3, 3), min_size=40, max_size=40))
        )
    elif draw(st.integers(0, 4)) == 0 and "last_epoch" in [p.name for p in cls.parameters()]:
        config["scheduler"]["last_epoch"] = draw(st.integers(0, 9))
        optimizer["initial_lr"] = [draw(cases.rates()) for _ in range(groups)] if groups > 1 else draw(cases.rates())
    return config


def test_every_rate_of_the_code_is_lrplots() -> None:
    tally = tallies["written as code"]

    for config in drawn(configs(), CASES):
        try:
            made = build(parse(yaml.safe_dump(config), "a.yaml"), folder=None)
            curve = made.curves()[0]
        except ConfigError:  # which torch refuses as well, as the other oracles show
            continue
        stream = io.BytesIO()
        try:
            write_loop(Rendering(made, [curve]), stream)
        except ConfigError:  # two of Megatron's, of which each has rates of the groups' own
            continue
        tally["cases"] += 1
        code = stream.getvalue().decode()
        ours = [list(rates) for rates in zip(*curve.rates)]
        if bits(executed(code)) != bits(ours):
            tally["off"] += 1
            pytest.fail(f"{code}\n{executed(code)[:9]}\n{ours[:9]}", pytrace=False)


@pytest.mark.parametrize("path", sorted(SCRIPTS.glob("*.py")), ids=lambda path: path.stem)
def test_recorded_scripts_are_what_torch_makes_of_them(path: Path) -> None:
    assert used_by(path) == json.loads(RECORDED.read_text())[path.stem]
