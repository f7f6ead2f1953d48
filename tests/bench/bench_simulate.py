"""How many steps a second lrplot simulates, against the same loop on the original scheduler, in this one process."""

import math
import statistics
import time
import tracemalloc
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import torch

import lrplot
from lrplot.configs.sources import spec
from lrplot.schedulers.families import find, members
from lrplot.schedulers.timm import noise
from tests.golden import deepspeed, megatron, timm, transformers
from tests.golden.drive import build
from tests.golden.record import TORCH

STEPS = 1_000_000
TORCH_STEPS = 100_000
"""torch takes as long for each step as for the first; a million of them would only take the patience of the reader."""
RUNS = 3

DECAY = "lambda epoch: 0.99999 ** epoch"
CASES: dict[str, dict[str, Any]] = {
    "LambdaLR": {"lr_lambda": DECAY},
    "StepLR": {"step_size": 20, "gamma": 0.9999},
    "MultiStepLR": {"milestones": [30, 60, 80]},
    "ExponentialLR": {"gamma": 0.99999},
    "CosineAnnealingLR": {"T_max": 20, "eta_min": 1e-5},
    "CosineAnnealingWarmRestarts": {"T_0": 20, "T_mult": 2, "eta_min": 1e-5},
    "CyclicLR": {"base_lr": 0.05, "max_lr": 0.1, "step_size_up": 10, "step_size_down": 20},
    "OneCycleLR": {"max_lr": 0.1, "total_steps": STEPS},
    "ReduceLROnPlateau": {"factor": 0.1},
    "MultiplicativeLR": {"lr_lambda": "lambda epoch: 0.99999"},
    "ConstantLR": {"factor": 0.1, "total_iters": 5},
    "LinearLR": {"start_factor": 0.1, "total_iters": STEPS // 2},
    "PolynomialLR": {"total_iters": STEPS, "power": 2.0},
    "SWALR": {"swa_lr": 0.05, "anneal_epochs": STEPS // 2},
    "SequentialLR": {"schedulers": ["linear start_factor=0.1 total_iters=5", "cosine T_max=95"], "milestones": [5]},
    "ChainedScheduler": {"schedulers": ["constant factor=0.1 total_iters=5", "exponential gamma=0.99999"]},
}
"""The tutorial's nine, then the others."""
TUTORIAL = 9
RUN = {"num_warmup_steps": 5, "num_training_steps": STEPS}
COUNTED = {"max_lr": 0.1, "min_lr": 0.01, "lr_warmup_steps": 5, "lr_decay_steps": STEPS}
WARM = {"warmup_t": 5, "warmup_lr_init": 1e-5}
FAMILIES: dict[str, dict[str, Any]] = {
    "transformers.linear": RUN,
    "transformers.cosine": RUN,
    "transformers.cosine_with_restarts": {**RUN, "num_cycles": 5},
    "transformers.polynomial": RUN,
    "transformers.constant": {},
    "transformers.constant_with_warmup": {"num_warmup_steps": 5},
    "transformers.inverse_sqrt": {"num_warmup_steps": 5},
    "transformers.reduce_lr_on_plateau": {"factor": 0.1},
    "transformers.cosine_with_min_lr": {**RUN, "min_lr_rate": 0.1},
    "transformers.cosine_warmup_with_min_lr": {**RUN, "min_lr_rate": 0.1},
    "transformers.warmup_stable_decay": {**RUN, "num_decay_steps": STEPS // 5},
    "transformers.greedy": {"factor": 0.9},
    "timm.cosine": {"t_initial": STEPS, **WARM},
    "timm.tanh": {"t_initial": STEPS, **WARM},
    "timm.poly": {"t_initial": STEPS, **WARM},
    "timm.step": {"decay_t": 20, "decay_rate": 0.9999, **WARM},
    "timm.multistep": {"decay_t": [30, 60, 80], "decay_rate": 0.1},
    "timm.constant": WARM,
    "timm.wsd": {"t_initial": STEPS - 5, "decay_t": STEPS // 5, **WARM},
    "timm.rsqrt": {"t_initial": STEPS - 5, "decay_t": STEPS // 5, **WARM},
    "timm.plateau": {"decay_rate": 0.1},
    "timm.create_scheduler": {"epochs": STEPS},
    "deepspeed.WarmupLR": {"warmup_num_steps": STEPS},
    "deepspeed.WarmupDecayLR": {"total_num_steps": STEPS, "warmup_num_steps": 5},
    "deepspeed.WarmupCosineLR": {"total_num_steps": STEPS, "warmup_num_steps": 5},
    "deepspeed.OneCycle": {"cycle_min_lr": 0.01, "cycle_max_lr": 0.1, "cycle_first_step_size": STEPS // 2},
    "deepspeed.LRRangeTest": {"lr_range_test_step_size": 20},
    "megatron.linear": COUNTED,
    "megatron.cosine": COUNTED,
    "megatron.inverse-square-root": COUNTED,
    "megatron.constant": COUNTED,
    "megatron.WSD": {**COUNTED, "wsd_decay_steps": STEPS // 5},
}
CYCLE = {"cycle_min_lr": 0.01, "cycle_max_lr": 0.1, "cycle_first_step_size": STEPS // 4}
NOISE = {"noise_range_t": 1, "noise_std": 0.1}
VARIANTS: dict[str, dict[str, Any]] = {
    "transformers.greedy, patience 2": {"factor": 0.9, "patience": 2},
    "transformers.greedy, smooth": {"factor": 0.9, "smooth": True},
    "timm.cosine, noise": {"t_initial": STEPS, **WARM, **NOISE},
    "timm.plateau, noise": {"decay_rate": 0.1, **NOISE},
    "timm.cosine, prefix, k_decay": {"t_initial": STEPS, **WARM, "warmup_prefix": True, "k_decay": 1.5},
    "timm.cosine, cycles": {"t_initial": STEPS // 7, **WARM, "cycle_mul": 2.0, "cycle_decay": 0.5, "cycle_limit": 3},
    "deepspeed.OneCycle, decay": {**CYCLE, "decay_step_size": 1000, "decay_lr_rate": 0.001},
    "deepspeed.OneCycle, stairs": {**CYCLE, "cycle_first_stair_count": 10},
    "megatron.cosine, in samples": {**COUNTED, "lr_decay_steps": 512 * STEPS, "increment": 512},
    "megatron.linear, half a warm-up": {**COUNTED, "lr_warmup_steps": STEPS // 2},
    "megatron.linear, weight decay": {**COUNTED, "end_wd": 0.1, "wd_incr_style": "linear"},
    "megatron.cosine, weight decay": {**COUNTED, "end_wd": 0.1, "wd_incr_style": "cosine"},
}
"""What people make of them beside: the scheduler, and in a word what is given."""
ALL = {**CASES, **FAMILIES, **VARIANTS}
METRICS = [1 / (step % 50 + 1) for step in range(STEPS)]


ORIGINALS = timm.original(transformers.original(TORCH))
ORIGINALS = replace(
    ORIGINALS,
    schedulers={
        **ORIGINALS.schedulers,
        **deepspeed.original(TORCH).schedulers,
        **megatron.original(TORCH).schedulers,
    },
)


def on_original(case: str) -> float:
    """Seconds a step of the loop that reads the group's rate and steps the scheduler."""
    name, _, _ = case.partition(", ")
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=0.1, momentum=0.9)
    scheduler = build(ORIGINALS, optimizer, {"name": name, **_expanded(ALL[case])})
    optimizer.step()
    rates = []
    start = time.process_time()
    if isinstance(scheduler, timm.Loop):
        step = scheduler.scheduler.step
        for t, metric in enumerate(METRICS[:TORCH_STEPS], start=1):
            rates.append(optimizer.param_groups[0]["lr"])
            step(t, metric)
    elif find(name).watches_metric:
        for metric in METRICS[:TORCH_STEPS]:
            rates.append(optimizer.param_groups[0]["lr"])
            scheduler.step(metric)
    else:
        step = scheduler.step
        if name.startswith("megatron"):  # without what the comparison puts around it
            step = partial(type(scheduler).__base__.step, scheduler, ALL[case].get("increment", 1))
        for _ in range(TORCH_STEPS):
            rates.append(optimizer.param_groups[0]["lr"])
            step()
    return (time.process_time() - start) / TORCH_STEPS


def _expanded(parameters: dict[str, Any]) -> dict[str, Any]:
    """One-line specs as the mappings that the driver builds from."""
    if "schedulers" not in parameters:
        return parameters
    inner = [spec(text) for text in parameters["schedulers"]]
    return {**parameters, "schedulers": [{"name": each.cls.__name__, **each.parameters} for each in inner]}


def on_lrplot(name: str, steps: int = STEPS) -> float:
    """Seconds a step."""
    start = time.process_time()
    simulate(name, steps)
    return (time.process_time() - start) / steps


def simulate(case: str, steps: int) -> lrplot.Curve:
    name, _, _ = case.partition(", ")
    noise._block.cache_clear()  # what one run has drawn is no gain of another's
    metrics = {"metrics": METRICS} if find(name).watches_metric else {}
    return lrplot.simulate(name, **ALL[case], **metrics, lr=0.1, momentum=0.9, steps=steps)


def bytes_a_step(name: str) -> float:
    """Peak memory of a simulation a step and column, in a run of its own that is not timed."""
    simulate(name, 1000)  # imports and caches are no part of it
    tracemalloc.start()
    curve = simulate(name, STEPS)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    columns = len(curve.rates) + sum(map(len, curve.beside.values())) + (curve.metrics is not None)
    return peak / STEPS / columns


def medians(measures: dict[str, Callable[[], float]], runs: int = RUNS) -> dict[str, float]:
    """Of several runs in turns, so that a busy moment strikes all."""
    times: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(runs):
        for name, measure in measures.items():
            times[name].append(measure())
    return {name: statistics.median(each) for name, each in times.items()}


def main() -> str:
    """A markdown table: steps a second of the original and of lrplot, the ratio, the memory; then ten million steps of
    a cosine.
    """
    assert set(CASES) == {cls.__name__ for cls in members().values()}
    rows, ratios = (
        [
            "| scheduler | original, steps/s | lrplot, steps/s | ratio | peak bytes a step and column |",
            "| --- | ---: | ---: | ---: | ---: |",
        ],
        [],
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in ALL:
            seconds = medians(
                {"theirs": lambda name=name: on_original(name), "lrplot": lambda name=name: on_lrplot(name)}
            )  # type: ignore[misc]
            ratios.append(seconds["theirs"] / seconds["lrplot"])
            rows.append(
                f"| {name} | {1 / seconds['theirs']:,.0f} | {1 / seconds['lrplot']:,.0f} | {ratios[-1]:.1f} | {bytes_a_step(name):.1f} |"
            )
        mean = math.exp(statistics.fmean(map(math.log, ratios[:TUTORIAL])))
        rows.append(f"| geometric mean of the first nine, the tutorial's | | | {mean:.1f} | |")
        for family in dict.fromkeys(name.partition(".")[0] for name in FAMILIES):
            own = [ratio for name, ratio in zip(ALL, ratios) if name.startswith(f"{family}.")]
            rows.append(f"| geometric mean of {family} | | | {math.exp(statistics.fmean(map(math.log, own))):.1f} | |")
        cosine = "CosineAnnealingLR"
        long = medians(
            {f"{steps:,}": lambda steps=steps: on_lrplot(cosine, steps) for steps in (STEPS, 10 * STEPS)}, runs=3
        )  # type: ignore[misc]
    one, ten = long.values()
    rows.append(
        f"\n10,000,000 steps of {cosine} take {10 * ten / one:.1f} times as long as 1,000,000. The originals are timed over {TORCH_STEPS:,} steps."
    )
    return "\n".join(rows)


if __name__ == "__main__":
    print(main())
