"""Code in, code out, code in: the same rates at each step."""

import io
from typing import Any

import yaml
from hypothesis import settings

from lrplot.configs.code.script import read
from lrplot.configs.document import ConfigError, parse
from lrplot.configs.foreign.source import Source
from lrplot.configs.sources import build
from lrplot.outputs.code import write_loop
from lrplot.outputs.rendering import Rendering
from lrplot.schedulers.families import members
from tests.each import each
from tests.oracle import cases
from tests.oracle import chance as st
from tests.oracle.chance import Draw, drawn

FAMILIES = ("torch", "transformers", "timm", "deepspeed", "megatron")
SCHEDULERS = [cls for family in FAMILIES for cls in members(family).values() if not cls.watches_metric]


@st.composite
def configs(draw: Draw) -> dict[str, Any]:
    """A config within the ranges, over steps or over epochs, maybe of two schedulers with clocks."""
    groups = draw(st.integers(1, 3))
    rates = [draw(cases.rates()) for _ in range(groups)]
    optimizer: dict[str, Any] = {"lr": rates if groups > 1 else rates[0]}
    optimizer |= draw(st.sampled_from([{"momentum": 0.9}, {"betas": [0.9, 0.98]}]))
    made = [draw(cases.spec(draw(st.sampled_from(SCHEDULERS)), groups)) for _ in range(draw(st.integers(1, 2)))]
    for one in made:
        if len(made) > 1 or draw(st.booleans()):
            one |= {"frequency": draw(st.integers(1, 3)), "begin": draw(st.integers(0, 4))}
            one |= draw(st.sampled_from([{}, {"end": one["begin"] + 7}, {"repeat": 2}]))
    config = {
        "optimizer": optimizer,
        "scheduler": made if len(made) > 1 else made[0],
        "steps": draw(st.integers(1, 40)),
    }
    return config | draw(st.sampled_from([{}, {"interval": "epoch", "steps_per_epoch": 4}, {"interval": "epoch"}]))


def code_of(config: Any) -> str:
    stream = io.BytesIO()
    write_loop(Rendering(config), stream)
    return stream.getvalue().decode()


def rates_of(config: Any) -> list[Any]:
    return [[list(rates) for rates in curve.rates] for curve in config.curves()]


@each(drawn(configs(), 2 * settings().max_examples))
def test_what_is_written_as_code_is_read_as_the_same_schedule(config: dict[str, Any]) -> None:
    try:
        first = build(parse(yaml.safe_dump(config), "a.yaml"), folder=None)
        rates = rates_of(first)
    except ConfigError:
        return
    if any(not run.ticks_of(spec) for run in first.runs for spec in run.spec.stepped):
        return  # a run that never comes to a scheduler's turn tells nothing of it
    try:
        code = code_of(first)
    except ConfigError:  # two of Megatron's, of which each has rates of the groups' own
        return
    second = build(read(Source("x.py", code)).root)
    assert repr(rates_of(second)) == repr(rates), code
    assert repr(rates_of(build(read(Source("x.py", code_of(second))).root))) == repr(rates)
