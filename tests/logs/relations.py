"""What a run may have done instead of its plan, and the plans that it may have had."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

Rates = Callable[[int], float]
Facts = Mapping[str, object]

PLANS = (
    "cosine T_max={n} eta_min={low}",
    "cosine T_max={n}",
    "linear start_factor=1.0 end_factor={part} total_iters={n}",
    "polynomial total_iters={n} power={power}",
    "exponential gamma={gamma}",
    "transformers.cosine num_warmup_steps={warm} num_training_steps={n}",
    "transformers.linear num_warmup_steps={warm} num_training_steps={n}",
    "transformers.warmup_stable_decay num_warmup_steps={warm} num_decay_steps={size} num_training_steps={n}",
    "timm.cosine t_initial={n} lr_min={low} warmup_t={warm} warmup_lr_init=0",
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


class Told(NamedTuple):
    """One thing that a run did: the plan's step whose rate it used at each step, how much of it, how many steps there
    are; and what is to be named.
    """

    step: Callable[[int], int] = int
    factor: Callable[[int], float] = lambda _: 1.0
    steps: float = 1.0
    facts: Facts = {"relation": "equal"}


def deeds(n: int, chance: random.Random) -> Mapping[str, Told]:
    """All that a run may do, with numbers drawn."""
    at = chance.randint(n // 3, n // 2)
    factor = chance.choice([0.5, 2.0, 0.25, 4.0, 0.1])
    epoch = chance.choice([n // 10, n // 8, n // 5])
    return {
        "equal": Told(),
        "early": Told(lambda t: t + 1, facts={"relation": "early", "shift": 1}),
        "late": Told(lambda t: max(t - 1, 0), facts={"relation": "late", "shift": -1}),
        "2": Told(lambda t: 2 * t, facts={"relation": "stepped", "factor": 2}),
        "4": Told(lambda t: 4 * t, steps=1 / 4, facts={"relation": "stepped", "factor": 4}),
        "8": Told(lambda t: 8 * t, steps=1 / 8, facts={"relation": "stepped", "factor": 8}),
        "1/2": Told(lambda t: t // 2, facts={"relation": "every", "every": 2}),
        "1/4": Told(lambda t: t // 4, facts={"relation": "every", "every": 4}),
        "epoch": Told(lambda t: t // epoch, facts={"relation": "epoch", "every": epoch}),
        "resumed": Told(lambda t: t if t < at else t - at, facts={"relation": "resumed", "at_step": at}),
        "cut": Told(steps=0.7, facts={"relation": "cut"}),
        "scaled": Told(factor=lambda _: factor, facts={"relation": "scaled", "factor": factor}),
        "different": Told(factor=lambda t: 1 if t < at else 0.3 + t / n, facts={"relation": "different"}),
    }


def stepped(relation: str, rates: Rates, n: int, chance: random.Random) -> tuple[list[tuple[int, float]], list[Facts]]:
    """What is logged of a plan's rates in a run that relates to it so, and what is to be named.

    Args:
        relation: One, or two of which the first is done first: ``early+2`` is one call of ``scheduler.step()``
            early.
    """
    known = deeds(n, chance)
    done = [known[name] for name in relation.split("+")]
    steps = round(n * min(each.steps for each in done)) - (relation == "early")

    def rate(t: int) -> float:
        step, factor = t, 1.0
        for each in done:
            step, factor = each.step(step), factor * each.factor(t)
        return factor * rates(step)

    return [(t, rate(t)) for t in range(steps)], [_relative(each.facts, done) for each in done]


def _relative(facts: Facts, done: Sequence[Told]) -> Facts:
    """What is named of a shift is how many of the plan's steps it is."""
    times = next((each.facts["factor"] for each in done if each.facts["relation"] == "stepped"), 1)
    return {**facts, "shift": times} if facts["relation"] == "early" else facts


RELATIONS: Sequence[str] = (
    *("equal", "early", "late", "2", "4", "8", "1/2", "1/4", "epoch", "resumed", "cut", "scaled", "different"),
)
PAIRS: Sequence[str] = (
    *("early+2", "early+4", "early+cut", "early+scaled", "resumed+early", "2+scaled", "4+scaled", "1/2+scaled"),
    *("1/2+cut", "1/4+cut", "epoch+scaled", "epoch+cut", "resumed+scaled", "scaled+cut", "late+cut", "late+scaled"),
    "resumed+2",
)
