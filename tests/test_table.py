"""Tables that read back to the same bits."""

import csv
import io
import json
import math
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import lrplot
from lrplot.configs.config import Config
from lrplot.configs.sources import load_all
from lrplot.outputs.rendering import Rendering
from lrplot.outputs.table import write_csv, write_json
from lrplot.runs.curve import Curve


def as_csv(*curves: Curve) -> str:
    stream = io.BytesIO()
    write_csv(Rendering(Config([]), curves), stream)
    return stream.getvalue().decode()


def as_json(*curves: Curve) -> Any:
    stream = io.BytesIO()
    write_json(Rendering(Config([]), curves), stream)
    return json.loads(stream.getvalue())


def test_a_row_a_step_and_floats_as_repr() -> None:
    assert as_csv(lrplot.simulate("exponential", gamma=0.1, lr=0.3, steps=3)) == "step,lr\n0,0.3\n1,0.03\n2,0.003\n"


def test_columns_follow_the_run() -> None:
    header = as_csv(
        lrplot.simulate("cyclic", base_lr=0.1, max_lr=1.0, lr=[1, 1], steps=2, steps_per_epoch=10)
    ).splitlines()[0]
    assert header == "step,epoch,lr_0,lr_1,momentum_0,momentum_1"
    assert as_csv(lrplot.simulate("plateau", metrics=[0.5, math.nan])).splitlines() == [
        "step,lr,metric",
        "0,0.001,0.5",
        "1,0.001,nan",
    ]


def test_epochs_are_fractions_of_the_steps() -> None:
    rows = as_csv(lrplot.simulate("step", step_size=2, gamma=0.5, lr=1.0, steps=6, steps_per_epoch=4)).splitlines()
    assert rows[:3] == ["step,epoch,lr", "0,0.0,1.0", "1,0.25,1.0"]


def test_several_curves_stand_below_one_another_with_their_names() -> None:
    config = load_all(["constant factor=0.5 total_iters=1", "onecycle max_lr=1 total_steps=10"], {})
    rows = list(csv.DictReader(as_csv(*config.curves()).splitlines()))
    assert [row["curve"] for row in rows[99:101]] == [
        "ConstantLR(factor=0.5, total_iters=1)",
        "OneCycleLR(max_lr=1.0, total_steps=10)",
    ]
    assert rows[0]["momentum"] == "" and float(rows[100]["momentum"]) == 0.95


@given(st.floats(1e-300, 1e300), st.floats(-2.0, 2.0))
@settings(max_examples=50)
def test_every_float_reads_back_to_its_bits(lr: float, gamma: float) -> None:
    curve = lrplot.simulate("exponential", gamma=gamma, lr=lr, steps=20)
    assert [float(row["lr"]) for row in csv.DictReader(as_csv(curve).splitlines())] == list(curve.rates[0])
    assert as_json(curve)["lr"] == [rate if math.isfinite(rate) else None for rate in curve.rates[0]]


def test_json_is_an_object_a_curve() -> None:
    one = as_json(lrplot.simulate("exponential", gamma=0.5, lr=1.0, steps=3))
    assert one == {"label": "ExponentialLR(gamma=0.5)", "record": "used", "step": [0, 1, 2], "lr": [1.0, 0.5, 0.25]}
    both = as_json(lrplot.simulate("exponential", gamma=0.5, steps=1), lrplot.simulate("step", step_size=1, steps=1))
    assert [curve["label"] for curve in both] == ["ExponentialLR(gamma=0.5)", "StepLR(step_size=1)"]


def test_json_has_no_nan() -> None:
    assert as_json(lrplot.simulate("plateau", metrics=[math.inf, math.nan, 1.0]))["metric"] == [None, None, 1.0]
