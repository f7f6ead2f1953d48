"""The code that lrplot writes of optax' and Keras' schedules, executed with the libraries themselves."""

import io
import math
import os
import random
from typing import Any

import pytest
import yaml

os.environ["KERAS_BACKEND"] = "tensorflow"
pytest.importorskip("optax", reason="optax and Keras are in an environment of their own")
pytest.importorskip("keras")

from lrplot.configs.code.script import read
from lrplot.configs.document import ConfigError, parse
from lrplot.configs.foreign.source import Source
from lrplot.configs.sources import build
from lrplot.outputs.code import write_loop
from lrplot.outputs.rendering import Rendering
from lrplot.schedulers import Scheduler
from lrplot.schedulers.families import members
from tests.oracle.float32 import drawn

SCHEDULES = [cls for family in ("optax", "keras") for cls in members(family).values() if not cls.watches_metric]
CASES = 6
"""Of each schedule."""
STEPS = 20


def executed(code: str) -> list[float]:
    """The rates that a program asks for."""
    seen: list[float] = []

    def note(value: Any) -> float:
        seen.append(float(value))
        return seen[-1]

    exec(compile(code, "written", "exec"), {"float": note})
    return seen


def written(config: Any) -> str:
    stream = io.BytesIO()
    write_loop(Rendering(config), stream)
    return stream.getvalue().decode()


def sayable(value: Any) -> Any:
    """What is drawn, as a config has it."""
    if isinstance(value, tuple):
        return {"name": value[0].shown_name, **sayable(value[1])}
    if isinstance(value, dict):
        return {key: sayable(each) for key, each in value.items()}
    return [sayable(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("cls", SCHEDULES, ids=lambda cls: cls.shown_name)
def test_the_code_of_a_schedule_asks_for_lrplots_rates(cls: type[Scheduler]) -> None:
    chance = random.Random(f"code of {cls.shown_name}")
    for _ in range(CASES):
        config = {"scheduler": {"name": cls.shown_name, **sayable(drawn(cls, chance))}, "steps": STEPS}
        try:
            made = build(parse(yaml.safe_dump(config), "a.yaml"), folder=None)
            rates = list(made.curves()[0].rates[0])
        except ConfigError:  # which the library refuses as well, as the other oracles show
            continue
        code = written(made)
        quantum = math.ulp(max(map(abs, rates), default=0.0)) * 2**29
        assert executed(code) == pytest.approx(rates, rel=0, abs=quantum, nan_ok=True), code
        again = build(read(Source("x.py", code)).root)
        assert repr(list(again.curves()[0].rates[0])) == repr(rates), code
