"""Schedules of the other libraries, drawn at random as people type them: one line a scheduler, in its own words."""

from __future__ import annotations

import random
from collections.abc import Callable

Draw = Callable[[random.Random, float, int], str]


def _warm(r: random.Random, n: int) -> int:
    return int(r.choice([5, 10, 20, n // 10, n // 20, 50]))


def _floor(r: random.Random, lr: float) -> str:
    return f"{r.choice([0, 0, lr / 100, 1e-6, lr / 10]):g}"


def _part(r: random.Random) -> float:
    return float(r.choice([0.0, 0.0, 0.1, 0.01, 0.2]))


def _transformers(name: str) -> Draw:
    def draw(r: random.Random, lr: float, n: int) -> str:
        warm = r.choice([0, 10, 20, n // 10, n // 20, 50])
        run = f"transformers.{name} num_warmup_steps={warm} num_training_steps={n}"
        floor = r.choice([f"min_lr={lr / 10:g}", "min_lr_rate=0.1", "min_lr_rate=0.01"])
        ways = f"decay_type={r.choice(['cosine', 'linear', '1-sqrt'])} warmup_type={r.choice(['linear', 'cosine'])}"
        return {
            "constant": "transformers.constant",
            "constant_with_warmup": f"transformers.{name} num_warmup_steps={warm}",
            "inverse_sqrt": f"transformers.{name} num_warmup_steps={max(warm, 1)}",
            "linear": run,
            "cosine": run + r.choice(["", "", "", " num_cycles=1.0", " num_cycles=1.5"]),
            "cosine_with_restarts": f"{run} num_cycles={r.choice([1, 2, 3, 4])}",
            "polynomial": f"{run} power={r.choice([1.0, 2.0, 0.5])} lr_end={r.choice([1e-7, 0.0, lr / 100]):g}",
            "cosine_with_min_lr": f"{run} {floor}",
            "cosine_warmup_with_min_lr": f"{run} {floor}",
            "warmup_stable_decay": f"{run} num_decay_steps={r.choice([n // 10, n // 5])} {ways} min_lr_ratio={_part(r)}",
        }[name]

    return draw


def _timm(name: str) -> Draw:
    def draw(r: random.Random, lr: float, n: int) -> str:
        warm = r.choice([0, 3, 5, 10, n // 20])
        prefix = r.choice(["", " warmup_prefix=true"])
        ahead = f" warmup_t={warm} warmup_lr_init={r.choice([0, 1e-6, 1e-5, lr / 100]):g}" if warm else ""
        length = n - (warm if prefix and warm else 0)
        cycles = f" cycle_limit={r.choice([2, 3, 5])} cycle_decay={r.choice([1.0, 0.5, 0.1])}"
        cycles += r.choice(["", " cycle_mul=2.0"])
        swing = r.choice([f"t_initial={length}", f"t_initial={length}", f"t_initial={n // 4}{cycles}"])
        decay = f"decay_t={r.choice([n // 10, n // 5])}"
        milestones = ",".join(map(str, sorted(r.sample(range(n // 10, n - 1, max(n // 20, 5)), 3))))
        own = {
            "create_scheduler": f"epochs={n} sched={r.choice(['cosine', 'step', 'poly', 'tanh'])}"
            f" warmup_epochs={warm} min_lr={_floor(r, lr)} decay_epochs={r.choice([30, 20])} decay_rate=0.5",
            "cosine": f"{swing} lr_min={_floor(r, lr)}{ahead}{prefix}",
            "tanh": f"{swing} lr_min={_floor(r, lr)}{ahead}{prefix}",
            "poly": f"{swing} power={r.choice([0.5, 1.0, 2.0, 0.9])} lr_min={_floor(r, lr)}{ahead}{prefix}",
            "step": f"decay_t={r.choice([30, 10, 2.4, n // 5])} decay_rate={r.choice([0.1, 0.5, 0.97])}{ahead}{prefix}",
            "multistep": f"decay_t={milestones} decay_rate={r.choice([0.1, 0.5, 0.3])}{ahead}{prefix}",
            "constant": ahead,
            "wsd": f"t_initial={n - warm} {decay} lr_min={_floor(r, lr)}{ahead}"
            f" decay_fn={r.choice(['1-sqrt', 'linear', 'cosine'])}{r.choice(['', '', ' stable_fn=rsqrt'])}",
            "rsqrt": f"t_initial={n - warm} {decay} lr_min={_floor(r, lr)}{ahead or ' stable_timescale=10'}",
        }
        return f"timm.{name} {own[name]}"

    return draw


def _deepspeed(name: str) -> Draw:
    def draw(r: random.Random, lr: float, n: int) -> str:
        warm = f"warmup_num_steps={_warm(r, n)} warmup_type={r.choice(['log', 'linear'])}"
        low = f"warmup_min_lr={r.choice([0, 0, 1e-6, lr / 100]):g}"
        first, rate = r.choice([10, 20, 50, n // 4]), r.choice([0.0, 0.001, 0.01])
        decay = f" decay_step_size={r.choice([5, 10])} decay_lr_rate={rate}" if rate else ""
        stairs = r.choice(["", " lr_range_test_staircase=true"])
        own = {
            "WarmupLR": f"{low} warmup_max_lr={lr:g} {warm}",
            "WarmupDecayLR": f"total_num_steps={n} {low} warmup_max_lr={lr:g} {warm}",
            "WarmupCosineLR": f"total_num_steps={n} {warm} cos_min_ratio={r.choice([0.0001, 0.1, 0.0])}"
            f" warmup_min_ratio={r.choice([0.0, 0.0, 0.01])}",
            "OneCycle": f"cycle_min_lr={lr / r.choice([10, 25]):g} cycle_max_lr={lr:g} cycle_first_step_size={first}"
            f"{r.choice(['', f' cycle_second_step_size={first * 2}'])}{decay}",
            "LRRangeTest": f"lr_range_test_min_lr={lr / 100:g} lr_range_test_step_size={first}"
            f" lr_range_test_step_rate={r.choice([1.0, 5.0, 0.5])}{stairs}",
        }
        return f"deepspeed.{name} {own[name]}"

    return draw


def _megatron(name: str) -> Draw:
    def draw(r: random.Random, lr: float, n: int) -> str:
        warm = r.choice([0, 10, 20, n // 10, n // 20, 50])
        rates = f"max_lr={lr:g} min_lr={_floor(r, lr)}" + (f" lr_warmup_steps={warm}" if warm else "")
        start = r.choice(["", "", f" init_lr={lr / 100:g}"]) if warm else ""
        style = r.choice(["exponential", "linear", "cosine", "minus_sqrt"])
        last = f" wsd_decay_steps={r.choice([n // 10, n // 5])} lr_wsd_decay_style={style}" if name == "WSD" else ""
        return f"megatron.{name} {rates} lr_decay_steps={n}{start}{last}"

    return draw


def _optax(name: str) -> Draw:
    def draw(r: random.Random, lr: float, n: int) -> str:
        warm, low, part = _warm(r, n), _floor(r, lr), _part(r)
        ahead = f"init_value={r.choice([0, 0, lr / 100]):g} peak_value={lr:g} warmup_steps={warm}"
        edges = sorted(r.sample(range(n // 10, n - 1, max(n // 20, 5)), 2))
        jumps = f"boundaries_and_scales={edges[0]}:{r.choice([0.1, 0.5])},{edges[1]}:{r.choice([0.1, 0.2])}"
        decay = f"transition_steps={r.choice([10, 20, n // 5])} decay_rate={r.choice([0.5, 0.9, 0.96, 0.1])}"
        cycle, fall = n // 3, r.choice([1.0, 0.5])
        ups = f"init_value=0 peak_value={lr:g} warmup_steps={cycle // 10} decay_steps={cycle}"
        again = f"init_value=0 peak_value={lr * fall:g} warmup_steps={cycle // 10} decay_steps={n - cycle}"
        then = r.choice(
            [
                f"optax.cosine_decay_schedule init_value={lr:g} decay_steps={n - warm} alpha={part}",
                f"optax.exponential_decay init_value={lr:g} {decay}",
                f"optax.linear_schedule init_value={lr:g} end_value={low} transition_steps={n - warm}",
            ]
        )
        up = f"optax.linear_schedule init_value={r.choice([0, lr / 10]):g} end_value={lr:g} transition_steps={warm}"
        whole = r.choice(["", "", " pct_start=0.1", " pct_start=0.4 div_factor=10.0"])
        own = {
            "constant_schedule": f"value={lr:g}",
            "polynomial_schedule": f"init_value={lr:g} end_value={low} power={r.choice([2.0, 0.9, 0.5, 3.0])}"
            f" transition_steps={r.choice([n, n // 2])}{r.choice(['', '', f' transition_begin={warm}'])}",
            "linear_schedule": f"init_value={lr:g} end_value={low} transition_steps={r.choice([n, n // 2])}"
            f"{r.choice(['', '', f' transition_begin={warm}'])}",
            "exponential_decay": f"init_value={lr:g} {decay}{r.choice(['', ' staircase=true'])}"
            f"{r.choice(['', '', f' transition_begin={warm}', f' end_value={lr / 10:g}'])}",
            "cosine_decay_schedule": f"init_value={lr:g} decay_steps={r.choice([n, n, n // 2])} alpha={part}"
            f"{r.choice(['', '', ' exponent=2.0'])}",
            "piecewise_constant_schedule": f"init_value={lr:g} {jumps}",
            "piecewise_interpolate_schedule": f"interpolate_type={r.choice(['linear', 'cosine'])} init_value={lr:g} {jumps}",
            "linear_onecycle_schedule": f"transition_steps={n} peak_value={lr:g}{whole}",
            "cosine_onecycle_schedule": f"transition_steps={n} peak_value={lr:g}{whole}",
            "warmup_constant_schedule": ahead,
            "warmup_cosine_decay_schedule": f"{ahead} decay_steps={n} end_value={low}",
            "warmup_exponential_decay_schedule": f"{ahead} {decay}",
            "sgdr_schedule": f"cosine_kwargs='{ups}; {again}'",
            "join_schedules": f"'{up}' '{then}' boundaries={warm}",
        }
        return f"optax.{name} {own[name]}"

    return draw


def _keras(name: str) -> Draw:
    def draw(r: random.Random, lr: float, n: int) -> str:
        edges = sorted(r.sample(range(n // 10, n - 1, max(n // 20, 5)), 2))
        decay = f"decay_steps={r.choice([10, 20, n // 5])} decay_rate={r.choice([0.5, 0.9, 0.96, 0.1])}"
        stairs, warm = r.choice(["", " staircase=true"]), _warm(r, n)
        ahead = f"initial_learning_rate={r.choice([0.0, lr / 10]):g} warmup_target={lr:g} warmup_steps={warm}"
        start = f"initial_learning_rate={lr:g}"
        own = {
            "ExponentialDecay": f"{start} {decay}{stairs}",
            "InverseTimeDecay": f"{start} {decay}{stairs}",
            "PolynomialDecay": f"{start} decay_steps={r.choice([n, n // 2])} end_learning_rate={_floor(r, lr)}"
            f" power={r.choice([1.0, 2.0, 0.5])}{r.choice(['', '', ' cycle=true'])}",
            "PiecewiseConstantDecay": f"boundaries={edges[0]},{edges[1]} values={lr:g},{lr / 2:g},{lr / 10:g}",
            "CosineDecay": f"{r.choice([start, ahead])} decay_steps={r.choice([n, n - warm])} alpha={_part(r)}",
            "CosineDecayRestarts": f"{start} first_decay_steps={r.choice([10, 20, n // 5])} alpha={_part(r)}"
            f" t_mul={r.choice([2.0, 1.0, 1.5])} m_mul={r.choice([1.0, 1.0, 0.8, 0.5])}",
        }
        return f"keras.{name} {own[name]}"

    return draw


MAKERS: dict[str, Callable[[str], Draw]] = {
    "transformers": _transformers,
    "timm": _timm,
    "deepspeed": _deepspeed,
    "megatron": _megatron,
    "optax": _optax,
    "keras": _keras,
}
