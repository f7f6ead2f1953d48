"""Keras's schedules and its plateau against Keras itself, operation by operation on tensorflow: as close as the family's
promise says.
"""

import math
import os
import random
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

os.environ["KERAS_BACKEND"] = "tensorflow"  # which is asked for at its import; jax compiles the branches of a schedule
pytest.importorskip("keras", reason="Keras is compared in an environment of its own")

import keras
import numpy
import tensorflow

from lrplot.parameters import Refusal
from lrplot.schedulers import Scheduler
from lrplot.schedulers.families import members
from lrplot.schedulers.optimizer import Optimizer
from tests.oracle.conftest import shares
from tests.oracle.float32 import CASES, Schedule, compare, drawn

SCHEDULES = [cls for cls in members("keras").values() if not cls.watches_metric]


def original(cls: type[Scheduler], given: Mapping[str, Any]) -> Schedule:
    schedule = getattr(keras.optimizers.schedules, cls.name)(**given)

    return lambda step: float(schedule(tensorflow.constant(step)))


@pytest.mark.parametrize("cls", SCHEDULES, ids=lambda cls: cls.name)
def test_rates_are_keras_eager_ones(cls: type[Scheduler]) -> None:
    compare(cls, original)


def test_the_plateau_is_keras_callback() -> None:
    cls = members("keras")["ReduceLROnPlateau"]
    random_, share = random.Random("a plateau"), shares[cls.shown_name]
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse", metrics=["accuracy", "mean_squared_error"])
    model.fit(numpy.zeros((1, 1)), numpy.zeros((1, 1)), verbose=0)  # so that it knows its metrics
    for _ in range(CASES):
        given, lr = drawn(cls, random_), 10 ** random_.uniform(-6, 0)
        given["monitor"] = random_.choice(["val_loss", "loss", "val_accuracy", "mean_squared_error", "val_reward"])
        given["factor"] = random_.choice([0.1, 0.5, random_.uniform(0, 1), 1.0])
        given |= {name: random_.randint(0, 4) for name in ("patience", "cooldown")}
        metrics = [random_.choice([1.0, 0.5, 0.49999, random_.uniform(0, 2), math.nan]) for _ in range(20)]
        share.cases += 1
        ours, theirs = plateau_here(cls, given, lr, metrics), plateau_there(model, given, lr, metrics)
        assert ours == theirs, f"{given}, lr {lr}, {metrics}"
        share.refused += ours is None
        share.values += len(ours or ())
        share.exact += len(ours or ())


Rates = list[float] | None


def plateau_here(cls: type[Scheduler], given: Mapping[str, Any], lr: float, metrics: Sequence[float]) -> Rates:
    try:
        return list(cls(Optimizer(lr=lr), **given).advance(len(metrics), metrics=metrics)[0].rates)
    except Refusal:
        return None


def plateau_there(model: Any, given: Mapping[str, Any], lr: float, metrics: Sequence[float]) -> Rates:
    """The rates of a model's optimizer before each epoch and at the end: None where the callback is refused."""
    model.optimizer.learning_rate = lr
    rates = [float(model.optimizer.learning_rate)]
    try:
        callback = keras.callbacks.ReduceLROnPlateau(**given)
        callback.set_model(model)
        callback.on_train_begin()
        for epoch, metric in enumerate(metrics):
            callback.on_epoch_end(epoch, {given["monitor"]: metric})
            rates.append(float(model.optimizer.learning_rate))
    except ValueError:
        return None
    return rates
