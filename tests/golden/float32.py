"""Records what optax and Keras do, in float32: ``make golden`` runs this where they are installed."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"  # which is asked for at its import; jax compiles the branches of a schedule

Parameters = dict[str, Any]
Original = tuple[Callable[[Any], Any], Callable[[int], Any]]
HERE = Path(__file__).parent / "float32.json"
CYCLE = {"init_value": 0.01, "peak_value": 0.1, "warmup_steps": 3, "decay_steps": 9, "end_value": 0.001}
TIMED = {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.6}
BAD = [3.0, 2.0, 2.0, 1.99995, 1.5, 1.6, 1.6, 1.6, 1.6, 1.6, 1.6, 1.6, 1.2, 1.3, 1.3, 1.3, 1.3, 1.3]
CASES: dict[str, list[Parameters]] = {
    "optax.constant_schedule": [{"value": 0.1}],
    "optax.polynomial_schedule": [
        {"init_value": 0.1, "end_value": 0.001, "power": power, "transition_steps": 11, "transition_begin": begin}
        for power, begin in ((2, 0), (2.0, 3), (0.7, -3), (-2, 0), (0, 2), (5, 1), (-1.0, 0))
    ]
    + [{"init_value": 0.1, "end_value": 0.0, "power": 1.0, "transition_steps": 0}],
    "optax.linear_schedule": [
        {"init_value": 0.0, "end_value": 0.1, "transition_steps": 7},
        {"init_value": 0.1, "end_value": 0.03, "transition_steps": 7, "transition_begin": 2},
        {"init_value": 0.1, "end_value": 0.03, "transition_steps": -1},
    ],
    "optax.exponential_decay": [
        {"init_value": 0.1, "transition_steps": 7, "decay_rate": 0.6},
        {"init_value": 0.1, "transition_steps": 4, "decay_rate": 0.6, "staircase": True, "transition_begin": 2},
        {"init_value": 0.1, "transition_steps": 4, "decay_rate": 0.6, "end_value": 0.04, "transition_begin": -2},
        {"init_value": 0.1, "transition_steps": 4, "decay_rate": 1.6, "end_value": 0.4},
        {"init_value": 0.1, "transition_steps": 0, "decay_rate": 0.6},
        {"init_value": 0.1, "transition_steps": 4, "decay_rate": 0.0},
        {"init_value": 0.1, "transition_steps": 2, "decay_rate": -0.5},
        {"init_value": 1e-36, "transition_steps": 1, "decay_rate": 0.5},
        {"init_value": 1e30, "transition_steps": 1, "decay_rate": 1e30},
    ],
    "optax.cosine_decay_schedule": [
        {"init_value": 0.1, "decay_steps": 11},
        {"init_value": 0.1, "decay_steps": 11, "alpha": 0.1, "exponent": 2},
        {"init_value": 0.1, "decay_steps": 11, "alpha": 0.1, "exponent": 1.7},
        {"init_value": 0.1, "decay_steps": 0},
    ],
    "optax.piecewise_constant_schedule": [
        {"init_value": 0.1},
        {"init_value": 0.1, "boundaries_and_scales": {}},
        {"init_value": 0.1, "boundaries_and_scales": {9: 0.5, 4: 0.3}},
        {"init_value": 0.1, "boundaries_and_scales": {4: -0.5}},
    ],
    "optax.piecewise_interpolate_schedule": [
        {"interpolate_type": "linear", "init_value": 0.1},
        {"interpolate_type": "linear", "init_value": 0.1, "boundaries_and_scales": {9: 0.5, 4: 3.0}},
        {"interpolate_type": "cosine", "init_value": 0.1, "boundaries_and_scales": {0: 2.0, 4: 0.7, 9: 0.3, 15: 0.0}},
        {"interpolate_type": "cosine", "init_value": 0.1, "boundaries_and_scales": {-3: 0.7, 9: 0.3}},
        {"interpolate_type": "linear", "init_value": 0.1, "boundaries_and_scales": {4: -0.5}},
        {"interpolate_type": "square", "init_value": 0.1, "boundaries_and_scales": {4: 0.5}},
    ],
    "optax.linear_onecycle_schedule": [
        {"transition_steps": 15, "peak_value": 0.1},
        {"transition_steps": 15, "peak_value": 0.1, "pct_start": 0.0, "pct_final": 1.0, "div_factor": 7.0},
        {"transition_steps": 0, "peak_value": 0.1},
    ],
    "optax.cosine_onecycle_schedule": [
        {"transition_steps": 15, "peak_value": 0.1},
        {"transition_steps": 15, "peak_value": 0.1, "pct_start": 0.5, "div_factor": 7.0, "final_div_factor": 30.0},
        {"transition_steps": -1, "peak_value": 0.1},
    ],
    "optax.warmup_constant_schedule": [
        {"init_value": 0.0, "peak_value": 0.1, "warmup_steps": 7},
        {"init_value": 0.0, "peak_value": 0.1, "warmup_steps": 0},
    ],
    "optax.warmup_cosine_decay_schedule": [
        CYCLE,
        {**CYCLE, "exponent": 1.3, "warmup_steps": 0},
        {**CYCLE, "peak_value": 0.0},
        {**CYCLE, "warmup_steps": 9},
    ],
    "optax.warmup_exponential_decay_schedule": [
        {"init_value": 0.0, "peak_value": 0.1, "warmup_steps": 3, "transition_steps": 4, "decay_rate": 0.5, **more}
        for more in ({}, {"staircase": True, "transition_begin": 2}, {"end_value": 0.03}, {"warmup_steps": 0})
    ],
    "optax.sgdr_schedule": [
        {"cosine_kwargs": [CYCLE]},
        {"cosine_kwargs": [CYCLE, {**CYCLE, "peak_value": 0.05, "decay_steps": 5}, CYCLE]},
        {"cosine_kwargs": [CYCLE, {**CYCLE, "decay_steps": 3}]},
    ],
    "optax.join_schedules": [
        {"schedules": [["constant_schedule", {"value": 0.3}]], "boundaries": []},
        {"schedules": [["constant_schedule", {"value": 0.3}], ["cosine_decay_schedule", {"init_value": 0.1, "decay_steps": 9}]],
         "boundaries": [4]},
        {"schedules": [["warmup_cosine_decay_schedule", CYCLE], ["exponential_decay", {"init_value": 0.1, "transition_steps": 2, "decay_rate": 0.7}],
         ["constant_schedule", {"value": 0.01}]], "boundaries": [12, 5]},
        {"schedules": [["constant_schedule", {"value": 0.3}], ["constant_schedule", {"value": 0.1}]], "boundaries": []},
    ],
    "keras.ExponentialDecay": [TIMED, {**TIMED, "staircase": True}, {**TIMED, "decay_rate": -0.5}, {**TIMED, "decay_steps": 0}],
    "keras.InverseTimeDecay": [
        TIMED, {**TIMED, "staircase": True}, {**TIMED, "decay_rate": -1.0}, {**TIMED, "decay_steps": -2}
    ],
    "keras.PolynomialDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 7},
        {"initial_learning_rate": 0.1, "decay_steps": 4, "power": 2.0, "cycle": True, "end_learning_rate": 0.01},
        {"initial_learning_rate": 0.00005, "decay_steps": 9, "power": 0.5},
        {"initial_learning_rate": 0.1, "decay_steps": 0},
    ],
    "keras.PiecewiseConstantDecay": [
        {"boundaries": [3, 9], "values": [0.1, 0.05, 0.01]},
        {"boundaries": [3], "values": [0.1]},
        {"boundaries": [], "values": [0.1]},
    ],
    "keras.CosineDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 11},
        {"initial_learning_rate": 0.1, "decay_steps": 11, "alpha": 0.1, "warmup_steps": 4},
        {"initial_learning_rate": 0.0, "decay_steps": 11, "alpha": 0.1, "warmup_target": 0.1, "warmup_steps": 4},
        {"initial_learning_rate": 0.1, "decay_steps": 0},
    ],
    "keras.CosineDecayRestarts": [
        {"initial_learning_rate": 0.1, "first_decay_steps": 3},
        {"initial_learning_rate": 0.1, "first_decay_steps": 4, "t_mul": 1.0, "m_mul": 0.7, "alpha": 0.1},
        {"initial_learning_rate": 0.1, "first_decay_steps": 4, "t_mul": 1.5, "m_mul": 0.7},
        {"initial_learning_rate": 0.1, "first_decay_steps": 4, "t_mul": 0.5},
        {"initial_learning_rate": 0.1, "first_decay_steps": 0},
    ],
    "keras.ReduceLROnPlateau": [
        {"metrics": BAD, "patience": 2, "factor": 0.5},
        {"metrics": BAD, "patience": 1, "cooldown": 3, "min_lr": 0.004},
        {"metrics": BAD, "patience": 2, "mode": "max", "min_delta": -0.2},
        {"metrics": BAD, "patience": 0, "monitor": "val_accuracy"},
        {"metrics": [float("nan"), *BAD[:9]], "patience": 3, "monitor": "mean_squared_error"},
        {"metrics": BAD, "factor": 1.0},
        {"metrics": BAD, "monitor": "val_reward"},
    ],
}  # fmt: skip
"""Parameters by schedule; what an original refuses is recorded as None."""
STEPS = 24


def optax_rates(name: str, given: Parameters) -> list[float]:
    """What a schedule of optax says, out of jit, count by count."""
    schedule, count = optax_schedule(name, given)
    return [float(schedule(count(step))) for step in range(STEPS)]


def optax_schedule(name: str, given: Parameters) -> Original:
    """The schedule, and what makes a count of a step."""
    import jax.numpy as jnp
    import optax

    members = [optax_schedule(*member)[0] for member in given.get("schedules", ())]
    return getattr(optax, name)(**{**given, "schedules": members} if members else given), jnp.int32


def keras_rates(name: str, given: Parameters) -> list[float]:
    """What a schedule of Keras says, iteration by iteration."""
    schedule, count = keras_schedule(name, given)
    return [float(schedule(count(step))) for step in range(STEPS)]


def keras_schedule(name: str, given: Parameters) -> Original:
    """The schedule, and what makes a count of a step."""
    import keras
    import tensorflow

    return getattr(keras.optimizers.schedules, name)(**given), tensorflow.constant


def plateau_rates(given: Parameters, lr: float = 0.1) -> list[float]:
    """The rates of an optimizer before each epoch and at the end, under Keras's plateau."""
    import keras
    import numpy

    parameters = dict(given)
    metrics, monitor = parameters.pop("metrics"), parameters.get("monitor", "val_loss")
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(lr), "mse", metrics=["accuracy", "mean_squared_error"])
    model.fit(numpy.zeros((1, 1)), numpy.zeros((1, 1)), verbose=0)  # so that it knows its metrics
    callback = keras.callbacks.ReduceLROnPlateau(**parameters)
    callback.set_model(model)
    callback.on_train_begin()
    rates = [float(model.optimizer.learning_rate)]
    for epoch, metric in enumerate(metrics):
        callback.on_epoch_end(epoch, {monitor: metric})
        rates.append(float(model.optimizer.learning_rate))
    return rates


def rates_of(full_name: str, given: Parameters) -> list[float] | None:
    """What the original does: None where it refuses."""
    family, name = full_name.split(".")
    try:
        if "metrics" in given:
            return plateau_rates(given)
        return optax_rates(name, given) if family == "optax" else keras_rates(name, given)
    except (ValueError, IndexError):
        return None


def main() -> None:
    records = [
        {"name": name, "given": given, "rates": rates_of(name, given)}
        for name, cases in CASES.items()
        for given in cases
    ]
    HERE.write_text("[" + ",\n ".join(map(json.dumps, records)) + "]\n")
    print(f"{len(records)} cases, {sum(record['rates'] is None for record in records)} refused")


if __name__ == "__main__":
    main()
