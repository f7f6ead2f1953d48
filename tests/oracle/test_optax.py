"""Every schedule of optax against optax itself, out of jit and count by count: as close as the family's promise says."""

import math
from collections.abc import Mapping
from typing import Any

import pytest

pytest.importorskip("optax", reason="optax is compared in an environment of its own")

import jax
import jax.numpy as jnp
import optax

import lrplot
from lrplot.schedulers import Scheduler
from lrplot.schedulers.families import members
from tests.oracle.float32 import Schedule, compare


def original(cls: type[Scheduler], given: Mapping[str, Any]) -> Schedule:
    parameters = {
        key: [_made(*member) for member in value] if key == cls.holds_others else value for key, value in given.items()
    }
    schedule = _made(cls, parameters)
    return lambda step: schedule(jnp.int32(step))


def _made(cls: type[Scheduler], parameters: Mapping[str, Any]) -> Any:
    return getattr(optax, cls.name)(**parameters)


@pytest.mark.parametrize("cls", members("optax").values(), ids=lambda cls: cls.name)
def test_rates_are_optaxs_eager_ones(cls: type[Scheduler]) -> None:
    compare(cls, original)


@pytest.mark.parametrize("steps", [20, 21, 41, 64])
def test_the_notes_say_where_jit_goes_another_way(steps: int) -> None:
    roots = {"init_value": 0.1, "end_value": 0.0, "power": 0.5, "transition_steps": steps}
    stairs = {"init_value": 1.0, "transition_steps": steps, "decay_rate": 0.5, "staircase": True}
    at_the_end = float(jax.jit(optax.polynomial_schedule(**roots))(jnp.int32(steps)))
    at_the_stair = float(jax.jit(optax.exponential_decay(**stairs))(jnp.int32(steps)))
    run = {"steps": steps + 2}
    codes = {note.code for note in lrplot.check(lrplot.simulate("optax.polynomial_schedule", **roots, **run))}
    codes |= {note.code for note in lrplot.check(lrplot.simulate("optax.exponential_decay", **stairs, **run))}
    assert ("LR070" in codes, "LR071" in codes) == (math.isnan(at_the_end), at_the_stair == 1.0)
