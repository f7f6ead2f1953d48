"""Keras's schedules and its plateau against Keras itself, operation by operation on tensorflow: as close as the family's
promise says.
"""

import os
from collections.abc import Mapping
from typing import Any

import pytest

os.environ["KERAS_BACKEND"] = "tensorflow"  # which is asked for at its import; jax compiles the branches of a schedule
pytest.importorskip("keras", reason="Keras is compared in an environment of its own")

import keras
import tensorflow

from lrplot.schedulers import Scheduler
from lrplot.schedulers.families import members
from tests.oracle.float32 import Schedule, compare

SCHEDULES = [cls for cls in members("keras").values() if not cls.watches_metric]


def original(cls: type[Scheduler], given: Mapping[str, Any]) -> Schedule:
    schedule = getattr(keras.optimizers.schedules, cls.name)(**given)

    return lambda step: float(schedule(tensorflow.constant(step)))


@pytest.mark.parametrize("cls", SCHEDULES, ids=lambda cls: cls.name)
def test_rates_are_keras_eager_ones(cls: type[Scheduler]) -> None:
    compare(cls, original)
