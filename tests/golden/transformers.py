"""transformers' own schedules beside torch's: the originals by lrplot's names, and what is recorded of them."""

from collections.abc import Callable
from typing import Any

from tests.golden.cases import LOSSES, RESUMED, RESUMED_TWO, TWO, case, spec
from tests.golden.drive import Case, Library

FUNCTIONS = {
    "linear": "get_linear_schedule_with_warmup",
    "polynomial": "get_polynomial_decay_schedule_with_warmup",
    "inverse_sqrt": "get_inverse_sqrt_schedule",
    "constant": "get_constant_schedule",
    "constant_with_warmup": "get_constant_schedule_with_warmup",
    "cosine": "get_cosine_schedule_with_warmup",
    "cosine_with_restarts": "get_cosine_with_hard_restarts_schedule_with_warmup",
    "cosine_with_min_lr": "get_cosine_with_min_lr_schedule_with_warmup",
    "cosine_warmup_with_min_lr": "get_cosine_with_min_lr_schedule_with_warmup_lr_rate",
    "warmup_stable_decay": "get_wsd_schedule",
    "reduce_lr_on_plateau": "get_reduce_on_plateau_schedule",
    "greedy": "get_greedy_schedule",
}
"""What the Trainer's names stand for."""


def original(torch: Library) -> Library:
    """The library itself, on torch's."""
    from transformers import optimization  # where it is installed

    own: dict[str, Callable[..., Any]] = {
        f"transformers.{name}": getattr(optimization, function) for name, function in FUNCTIONS.items()
    }

    def optimizer(case: Case) -> Any:
        """torch's, of which the first group's rate is the one by default, as lrplot's is."""
        made = torch.optimizer(case)
        made.defaults["lr"] = case["lr"][0]
        return made

    return Library({**torch.schedulers, **own}, optimizer, torch.function)


def of(name: str, *groups: float, steps: int = 14, given: dict[str, Any] | None = None, **parameters: Any) -> Case:
    """A case of the family."""
    return case(f"transformers.{name}", list(groups) or 0.1, steps=steps, given=given, **parameters)


def run(warm_up: int, total: int) -> dict[str, int]:
    return {"num_warmup_steps": warm_up, "num_training_steps": total}


def watched(name: str, *groups: float, metrics: list[float] = LOSSES, **parameters: Any) -> Case:
    return of(name, *groups, given={"metrics": metrics}, **parameters)


def common(name: str, **more: Any) -> list[Case]:
    """What may be of interest in any of those with a warm-up and an end."""
    return [
        of(name, **run(3, 10), **more),
        of(name, *TWO, **run(0, 12), **more),
        of(name, **run(14, 10), **more),
        of(name, **run(4, 4), **more),
        of(name, **run(4, 12), **more, last_epoch=6, given=RESUMED),
        of(name, *TWO, **run(4, 12), **more, last_epoch=1, given=RESUMED_TWO),
        of(name, **run(4, 12), **more, given={"first_run": 5}),
        of(name, **run(3, 9), **more, given={"epochs": [0, 3, None, 7, 2, None, 2.5, None, 40, None]}),
        of(name, num_warmup_steps=3, num_training_steps=None, **more),
    ]


FALLING = [9.0, 8.0, 7.0, 6.0, 5.0, 5.0, 5.0, 5.0, 4.9, 4.8, 4.7, 4.7, 4.7, 4.7, 4.7, 4.7, 4.7, 4.7, 4.7, 4.7]
SHORT = {"factor": 0.5, "patience": 1}
CASES: dict[str, list[Case]] = {
    "transformers.linear": common("linear"),
    "transformers.polynomial": [
        *common("polynomial"),
        *common("polynomial", lr_end=0.003, power=2.5),
        of("polynomial", 0.01, **run(2, 8), lr_end=0.01),
        of("polynomial", 0.01, **run(2, 8), lr_end=0.5),
    ],
    "transformers.inverse_sqrt": [
        of("inverse_sqrt", num_warmup_steps=4),
        of("inverse_sqrt", *TWO, num_warmup_steps=0),
        of("inverse_sqrt", num_warmup_steps=3, timescale=7),
        of("inverse_sqrt", num_warmup_steps=3, timescale=0),
        of("inverse_sqrt", num_warmup_steps=9, timescale=2),
        of("inverse_sqrt", num_warmup_steps=3, last_epoch=5, given=RESUMED),
    ],
    "transformers.constant": [
        of("constant"),
        of("constant", *TWO),
        of("constant", last_epoch=3, given=RESUMED),
        of("constant", last_epoch=3),
    ],
    "transformers.constant_with_warmup": [
        of("constant_with_warmup", num_warmup_steps=4),
        of("constant_with_warmup", *TWO, num_warmup_steps=0),
        of("constant_with_warmup", num_warmup_steps=4, last_epoch=1, given=RESUMED),
    ],
    "transformers.cosine": [*common("cosine"), *common("cosine", num_cycles=1.25)],
    "transformers.cosine_with_restarts": [
        *common("cosine_with_restarts"),
        *common("cosine_with_restarts", num_cycles=3),
        of("cosine_with_restarts", **run(2, 12), num_cycles=0),
    ],
    "transformers.cosine_with_min_lr": [
        *common("cosine_with_min_lr", min_lr=0.004),
        *common("cosine_with_min_lr", min_lr_rate=0.3, num_cycles=1.0),
        of("cosine_with_min_lr", **run(2, 8)),
        of("cosine_with_min_lr", **run(2, 8), min_lr=0.01, min_lr_rate=0.1),
        of("cosine_with_min_lr", 0.0, **run(2, 8), min_lr=0.01),
        of("cosine_with_min_lr", **run(2, 8), min_lr_rate=-0.5),
    ],
    "transformers.cosine_warmup_with_min_lr": [
        *common("cosine_warmup_with_min_lr", min_lr=0.004),
        *common("cosine_warmup_with_min_lr", min_lr_rate=0.3, warmup_lr_rate=0.2),
        of("cosine_warmup_with_min_lr", **run(3, 8), min_lr_rate=0.1, warmup_lr_rate=0.0),
        of("cosine_warmup_with_min_lr", **run(1, 8), min_lr_rate=0.1, warmup_lr_rate=0.5),
        of("cosine_warmup_with_min_lr", **run(2, 8)),
        of("cosine_warmup_with_min_lr", **run(2, 8), min_lr=0.01, min_lr_rate=0.1),
    ],
    "transformers.warmup_stable_decay": [
        *common("warmup_stable_decay", num_decay_steps=4)[:-1],
        *(
            of("warmup_stable_decay", **run(4, 14), num_decay_steps=5, warmup_type=shape, decay_type=shape, **more)
            for shape in ("linear", "cosine", "1-sqrt")
            for more in ({}, {"min_lr_ratio": 0.1})
        ),
        of("warmup_stable_decay", num_warmup_steps=2, num_decay_steps=5, num_stable_steps=3, num_cycles=1.5),
        of("warmup_stable_decay", **run(2, 20), num_decay_steps=5, num_stable_steps=3),
        of("warmup_stable_decay", **run(0, 9), num_decay_steps=0),
        of("warmup_stable_decay", **run(2, 9), num_decay_steps=4, min_lr_ratio=-0.5),
        of("warmup_stable_decay", num_warmup_steps=2, num_decay_steps=5),
        of("warmup_stable_decay", **run(2, 9), num_decay_steps=4, warmup_type="square"),
        of("warmup_stable_decay", **run(2, 9), num_decay_steps=4, decay_type="exp"),
    ],
    "transformers.reduce_lr_on_plateau": [
        watched("reduce_lr_on_plateau", patience=1),
        watched("reduce_lr_on_plateau", *TWO, patience=0, factor=0.5, min_lr=[0.02, 0.01], cooldown=2),
        watched("reduce_lr_on_plateau", patience=0, mode="max", threshold_mode="abs"),
        watched("reduce_lr_on_plateau", factor=1.0),
    ],
    "transformers.greedy": [
        watched("greedy", metrics=FALLING, **SHORT),
        watched("greedy", *TWO, metrics=FALLING, **SHORT, min_lr=[0.05, 0.02], max_lr=[0.3, 0.04]),
        watched("greedy", metrics=FALLING, **SHORT, cooldown=2, warmup=1),
        watched("greedy", metrics=FALLING, **SHORT, mode="max"),
        watched("greedy", metrics=FALLING, **SHORT, mode="max", threshold_mode="rel", threshold=0.01),
        watched("greedy", metrics=FALLING, **SHORT, threshold_mode="rel", threshold=0.03),
        watched("greedy", metrics=FALLING, **SHORT, smooth=True, window_size=3),
        watched("greedy", metrics=[5.0] * 20, factor=0.5, patience=0, min_lr=0.03, reset_start=2),
        watched("greedy", *TWO, metrics=[5.0] * 20, factor=0.5, patience=0, min_lr=0.03, reset_start=1, smooth=True),
        watched("greedy", metrics=FALLING, **SHORT, eps=0.06),
        watched("greedy", 0.0, metrics=FALLING, **SHORT),
        watched("greedy", metrics=FALLING, factor=0.5, patience=-1),
        watched("greedy", metrics=FALLING, factor=0.0, patience=1),
        watched("greedy", metrics=FALLING, **SHORT, smooth=True, window_size=0),
        watched("greedy", factor=1.0),
        watched("greedy", mode="least"),
        watched("greedy", threshold_mode="any"),
        watched("greedy", *TWO, min_lr=[0.1]),
        watched("greedy", *TWO, max_lr=[0.1] * 3),
    ],
    "transformers.in_torchs": [
        case(
            "SequentialLR",
            TWO,
            steps=16,
            schedulers=[
                spec("transformers.constant_with_warmup", num_warmup_steps=3),
                spec("transformers.cosine", **run(2, 9)),
            ],
            milestones=[5],
        ),
        case(
            "ChainedScheduler",
            steps=12,
            schedulers=[spec("transformers.linear", **run(3, 12)), spec("StepLR", step_size=4, gamma=0.5)],
        ),
        case(
            "SequentialLR",
            schedulers=[spec("LinearLR", total_iters=3), spec("transformers.reduce_lr_on_plateau")],
            milestones=[3],
        ),
        case("SequentialLR", schedulers=[spec("LinearLR", total_iters=3), spec("transformers.greedy")], milestones=[3]),
    ],
}
