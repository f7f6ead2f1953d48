"""Schedules drawn at random as people type them, and logs of them as frameworks write them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy

from lrplot.analysis.identify.verify import Logged
from lrplot.configs.expression import Expression
from lrplot.configs.sources import spec
from lrplot.runs.quantum import FULL, Quantum
from lrplot.runs.run import Run
from lrplot.runs.simulate import simulate_run
from lrplot.schedulers.base import HOME
from lrplot.schedulers.families import every_member, full_name
from tests.identify.families import MAKERS

RATES = (0.1, 0.01, 0.001, 3e-4, 1e-4, 5e-5, 2e-5, 0.05, 0.5, 1.0, 6e-4, 2.5e-4, 0.02, 1e-3, 5e-4)
LENGTHS = (100, 200, 300, 90, 150, 400, 500, 120, 250, 350, 1000)
FACTORS = (0.1, 0.2, 0.5, 0.3, 0.01)


class Drawn(NamedTuple):
    """A run: its scheduler as a one-line spec, its rate, its steps."""

    text: str
    lr: float | None
    steps: int
    metrics: str | None = None

    def rates(self) -> numpy.ndarray:
        optimizer = {} if self.lr is None else {"lr": self.lr}
        metrics = Expression(self.metrics) if self.metrics else None
        (curve,) = simulate_run(Run(spec(self.text), optimizer, self.steps, metrics=metrics))
        return numpy.array(curve.rates[0])


def _one(r: random.Random, *choices: object) -> object:
    return r.choice(choices)


def _cosine(r: random.Random, lr: float, n: int) -> str:
    return (
        f"cosine T_max={r.choice([n, n, n // 2, 50, 20, 2 * n])} eta_min={r.choice([0, 0, lr / 100, 1e-6, lr / 10]):g}"
    )


def _step(r: random.Random, lr: float, n: int) -> str:
    return f"step step_size={r.choice([30, 10, 20, n // 3, n // 5, 25])} gamma={r.choice([0.1, 0.5, 0.2, 0.9, 0.97])}"


def _multistep(r: random.Random, lr: float, n: int) -> str:
    milestones = sorted(r.sample(range(n // 10, n - 1, max(n // 20, 5)), r.choice([2, 3, 3])))
    return f"multistep milestones={','.join(map(str, milestones))} gamma={r.choice([0.1, 0.2, 0.5, 0.3])}"


def _exponential(r: random.Random, lr: float, n: int) -> str:
    return f"exponential gamma={r.choice([0.95, 0.9, 0.99, 0.97, 0.999, 0.98, 0.995, 0.96])}"


def _constant(r: random.Random, lr: float, n: int) -> str:
    return f"constant factor={r.choice([*FACTORS, 1 / 3])!r} total_iters={r.choice([5, 10, 20, 50, n // 4])}"


def _linear(r: random.Random, lr: float, n: int) -> str:
    if r.random() < 0.3:
        return (
            f"linear start_factor=1.0 end_factor={r.choice([0.1, 0.01, 0.0, 0.5])} total_iters={r.choice([n, n // 2])}"
        )
    return f"linear start_factor={r.choice([0.1, 0.01, 0.001, 1 / 3, 0.5])!r} total_iters={r.choice([5, 10, 20, 50, n // 5, n])}"


def _polynomial(r: random.Random, lr: float, n: int) -> str:
    return f"polynomial total_iters={r.choice([n, n, n // 2, n - 10])} power={r.choice([1.0, 2.0, 0.9, 3.0, 0.5])}"


def _swa(r: random.Random, lr: float, n: int) -> str:
    way = r.choice(["cos", "linear"])
    return f"swa swa_lr={r.choice([lr / 2, lr / 10, lr / 5]):.4g} anneal_epochs={r.choice([10, 5, 20, n // 2])} anneal_strategy={way}"


def _restarts(r: random.Random, lr: float, n: int) -> str:
    return f"warm-restarts T_0={r.choice([10, 20, 50, n // 5, n // 2])} T_mult={r.choice([1, 2, 2, 3])} eta_min={r.choice([0, 0, lr / 100, 1e-6]):g}"


def _cyclic(r: random.Random, lr: float, n: int) -> str:
    mode = r.choice(["triangular", "triangular2", "exp_range gamma=0.99", "exp_range gamma=0.999"])
    down = r.choice(["", "", f" step_size_down={r.choice([10, 20, 50])}"])
    return f"cyclic base_lr={lr / r.choice([10, 100, 5]):.4g} max_lr={lr} step_size_up={r.choice([10, 20, 50, 25])}{down} mode={mode}"


def _onecycle(r: random.Random, lr: float, n: int) -> str:
    more = r.choice(
        ["", "", " pct_start=0.1", " pct_start=0.25 div_factor=10.0", " final_div_factor=100.0", " three_phase=true"]
    )
    return f"onecycle max_lr={lr} total_steps={n}{more}{r.choice(['', '', ' anneal_strategy=linear'])}"


def _lambda(r: random.Random, lr: float, n: int) -> str:
    text = r.choice(
        [
            f"{r.choice([0.95, 0.9, 0.99])} ** epoch",
            f"1 / (1 + {r.choice([0.01, 0.1, 0.05])} * epoch)",
            f"0.5 * (1 + cos(pi * epoch / {n}))",
            f"1 - epoch / {n}",
            f"(1 - epoch / {n}) ** {r.choice([0.9, 2])}",
            f"min(1, (epoch + 1) / {r.choice([10, 20, 50])})",
            f"{r.choice([0.1, 0.5])} ** (epoch // {r.choice([30, 20])})",
            f"epoch / 20 if epoch < 20 else ({n} - epoch) / ({n} - 20)",
        ]
    )
    return f"lambda 'lr_lambda={text}'"


def _multiplicative(r: random.Random, lr: float, n: int) -> str:
    return f"multiplicative 'lr_lambda={r.choice([0.95, 0.99, 0.9, 0.98])}'"


def _warm(r: random.Random, n: int) -> tuple[int, str]:
    warm = r.choice([5, 10, 20, n // 10, n // 20, 50])
    return warm, r.choice(
        [
            f"linear start_factor={r.choice([0.1, 0.01, 0.001, 1 / 3])!r} total_iters={warm}",
            f"linear start_factor={r.choice([0.1, 0.01])} total_iters={warm}",
            f"constant factor={r.choice([0.1, 0.5])} total_iters={warm}",
        ]
    )


def _sequential(r: random.Random, lr: float, n: int) -> str:
    warm, first = _warm(r, n)
    if r.random() < 0.3:
        end = n - n // 4
        last = r.choice([f"cosine T_max={n - end}", f"linear start_factor=1.0 end_factor=0.1 total_iters={n - end}"])
        return f"sequential '{first}' 'constant factor=1.0' '{last}' milestones={warm},{end}"
    second = r.choice(
        [
            f"cosine T_max={n - warm} eta_min={r.choice([0, lr / 100]):g}",
            f"exponential gamma={r.choice([0.95, 0.99, 0.9])}",
            f"step step_size={r.choice([30, 20, 50])} gamma={r.choice([0.1, 0.5])}",
            f"multistep milestones={n // 2},{n * 3 // 4} gamma=0.1",
            f"polynomial total_iters={n - warm} power={r.choice([1.0, 2.0, 0.9])}",
            f"warm-restarts T_0={r.choice([20, 50])} T_mult={r.choice([1, 2])}",
        ]
    )
    return f"sequential '{first}' '{second}' milestones={warm}"


def _chained(r: random.Random, lr: float, n: int) -> str:
    _, first = _warm(r, n)
    second = r.choice(
        [
            f"exponential gamma={r.choice([0.95, 0.99, 0.9])}",
            f"step step_size={r.choice([30, 20, 50])} gamma={r.choice([0.1, 0.5])}",
            f"multistep milestones={n // 2},{n * 3 // 4} gamma=0.1",
            f"cosine T_max={n}",
        ]
    )
    return f"chained '{first}' '{second}'"


def _watching(name: str) -> Callable[[random.Random, float, int], str]:
    """One that watches a metric, which falls to a floor and stays there."""

    def draw(r: random.Random, lr: float, n: int) -> str:
        patience = f"patience_t={r.choice([10, 20])}" if name == "timm.plateau" else f"patience={r.choice([10, 5, 20])}"
        factor = "decay_rate" if name == "timm.plateau" else "factor"
        more = {"timm.plateau": " mode=min", "keras.ReduceLROnPlateau": " min_lr=1e-6"}.get(name, "")
        return f"{name} {patience} {factor}={r.choice([0.5, 0.1, 0.2])}{more}"

    return draw


def _drawers() -> Iterator[tuple[str, Callable[[random.Random, float, int], str]]]:
    for cls in every_member():
        if cls.watches_metric:
            yield cls.shown_name, _watching(full_name(cls))
        elif cls.family == HOME:
            yield cls.shown_name, TORCH[cls.name]
        else:
            yield cls.shown_name, MAKERS[cls.family](cls.name)


TORCH: dict[str, Callable[[random.Random, float, int], str]] = {
    "lambda": _lambda,
    "multiplicative": _multiplicative,
    "step": _step,
    "multistep": _multistep,
    "exponential": _exponential,
    "constant": _constant,
    "linear": _linear,
    "polynomial": _polynomial,
    "swa": _swa,
    "cosine": _cosine,
    "warm-restarts": _restarts,
    "cyclic": _cyclic,
    "onecycle": _onecycle,
    "sequential": _sequential,
    "chained": _chained,
}
DRAWERS = dict(_drawers())
"""Every scheduler that is registered, by the name that it is shown by."""


def drawn(name: str, seed: int) -> Drawn:
    """A run of a scheduler, the same for the same seed."""
    r = random.Random(f"{name} {seed}")
    lr, n = r.choice(RATES), r.choice(LENGTHS)
    text = DRAWERS[name](r, lr, n)
    cls = spec(text).cls
    metrics = f"max({r.choice([0.5, 0.2])}, 1 - epoch / {n // 2})" if cls.watches_metric else None
    return Drawn(text, None if cls.owns_rate else lr, n, metrics)


FORMATS = ("float32", "%.6g", "%.4e", "6 decimals", "full")


def logged(rates: numpy.ndarray, every: int, format: str) -> Logged:
    """A log of every so many of the steps of a run, in a format."""
    steps = numpy.arange(0, len(rates), every)
    low, high = bounds(rates[steps], format)
    return Logged(steps, [low], [high])


def bounds(rates: numpy.ndarray, format: str) -> tuple[numpy.ndarray, numpy.ndarray]:
    """What the true rates may be, of those that a format shows."""
    quantum, shown = QUANTA[format]
    return quantum.bounds(shown(rates))


QUANTA: dict[str, tuple[Quantum, Callable[[numpy.ndarray], numpy.ndarray]]] = {
    "full": (FULL, lambda rates: rates),
    "float32": (Quantum("float32"), lambda rates: rates.astype(numpy.float32)),
    "6 decimals": (Quantum("decimals", 6), lambda rates: numpy.round(rates, 6)),
    "%.6g": (Quantum("digits", 6), lambda rates: numpy.array([float(f"{rate:.6g}") for rate in rates])),
    "%.4e": (Quantum("digits", 5), lambda rates: numpy.array([float(f"{rate:.4e}") for rate in rates])),
}
