"""Every schedule of optax against optax itself, out of jit and count by count: as close as the family's promise says."""

from collections.abc import Mapping
from typing import Any

import pytest

pytest.importorskip("optax", reason="optax is compared in an environment of its own")

import jax.numpy as jnp
import optax

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
