"""What a run may have done instead of its plan, and the plans that it may have had."""

import random
from collections.abc import Callable, Sequence

Rates = Callable[[int], float]

PLANS = (
    "cosine T_max={n} eta_min={low}",
    "cosine T_max={n}",
    "linear start_factor=1.0 end_factor={part} total_iters={n}",
    "polynomial total_iters={n} power={power}",
    "exponential gamma={gamma}",
    "transformers.cosine num_warmup_steps={warm} num_training_steps={n}",
    "transformers.linear num_warmup_steps={warm} num_training_steps={n}",
    "step step_size={size} gamma={part}",
    "multistep milestones={half},{late} gamma={part}",
    "warm-restarts T_0={half}",
)


def plan(chance: random.Random, n: int) -> tuple[str, float]:
    """A spec and a base rate, drawn."""
    lr = float(f"{10 ** chance.uniform(-4, -0.5):.3g}")
    values = {
        "n": n,
        "low": f"{lr / 100:.3g}",
        "part": f"{chance.uniform(0.05, 0.6):.2g}",
        "power": chance.choice(["1", "2", "0.9"]),
        "gamma": f"{1 - chance.uniform(1, 5) / n:.5g}",
        "warm": chance.randint(3, n // 5),
        "size": chance.randint(n // 8, n // 3),
        "half": chance.randint(n // 4, n // 2),
        "late": chance.randint(n // 2 + 2, n - 2),
    }
    return chance.choice(PLANS).format(**values), lr


def stepped(
    relation: str, rates: Rates, n: int, chance: random.Random
) -> tuple[list[tuple[int, float]], dict[str, object]]:
    """What is logged of a plan's rates in a run that relates to it so, and the numbers that are to be named."""
    at = chance.randint(n // 3, n // 2)
    factor = chance.choice([0.5, 2.0, 0.25, 4.0, 0.1])
    epoch = chance.choice([n // 10, n // 8, n // 5])
    ways: dict[str, tuple[Callable[[int], float], range, dict[str, object]]] = {
        "equal": (rates, range(n), {"relation": "equal"}),
        "early": (lambda t: rates(t + 1), range(n - 1), {"relation": "early", "shift": 1}),
        "late": (lambda t: rates(max(t - 1, 0)), range(n), {"relation": "late", "shift": -1}),
        "2": (lambda t: rates(2 * t), range(n), {"relation": "stepped", "factor": 2}),
        "4": (lambda t: rates(4 * t), range(n // 4), {"relation": "stepped", "factor": 4}),
        "8": (lambda t: rates(8 * t), range(n // 8), {"relation": "stepped", "factor": 8}),
        "1/2": (lambda t: rates(t // 2), range(n), {"relation": "every", "every": 2}),
        "1/4": (lambda t: rates(t // 4), range(n), {"relation": "every", "every": 4}),
        "epoch": (lambda t: rates(t // epoch), range(n), {"relation": "epoch", "every": epoch}),
        "resumed": (lambda t: rates(t if t < at else t - at), range(n), {"relation": "resumed", "at_step": at}),
        "cut": (rates, range(n * 7 // 10), {"relation": "cut"}),
        "scaled": (lambda t: factor * rates(t), range(n), {"relation": "scaled", "factor": factor}),
        "different": (lambda t: rates(t) * (1 if t < at else 0.3 + t / n), range(n), {"relation": "different"}),
    }
    used, steps, expected = ways[relation]
    return [(t, used(t)) for t in steps], expected


RELATIONS: Sequence[str] = (
    *("equal", "early", "late", "2", "4", "8", "1/2", "1/4", "epoch", "resumed", "cut", "scaled", "different"),
)
