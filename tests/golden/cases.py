"""What the golden values are recorded for: every scheduler, and every branch of every rule."""

from typing import Any

from tests.golden.drive import Case


def case(
    name: str,
    lr: float | list[float] = 0.1,
    *,
    adam: bool = False,
    steps: int = 12,
    given: dict[str, Any] | None = None,
    **parameters: Any,
) -> Case:
    """A case with its defaults filled in; ``given`` holds initial_lr, first_run, epochs or metrics."""
    return {
        "scheduler": {"name": name, **parameters},
        "lr": lr if isinstance(lr, list) else [lr],
        "kind": "Adam" if adam else "SGD",
        "steps": steps,
        **(given or {}),
    }


def spec(name: str, **parameters: Any) -> dict[str, Any]:
    """A scheduler inside another."""
    return {"name": name, **parameters}


TWO = [0.1, 0.03]
RESUMED: dict[str, Any] = {"initial_lr": [0.3]}
RESUMED_TWO: dict[str, Any] = {"initial_lr": [0.3, 0.07]}
JUMPS: dict[str, Any] = {"epochs": [0, 3, None, 7, 2, None, 2.5, None, 40, None]}

DECAY = "lambda epoch: 0.95 ** epoch"
HALVES = "lambda epoch: epoch // 3 / 2"
WARM_UP = spec("LinearLR", start_factor=0.1, total_iters=4)
STEP = spec("StepLR", step_size=3, gamma=0.3)
COSINE = spec("CosineAnnealingLR", T_max=5, eta_min=0.003)
CYCLE = spec("CyclicLR", base_lr=0.01, max_lr=0.3, step_size_up=3)
ONE_CYCLE = spec("OneCycleLR", max_lr=0.2, total_steps=30)
RESTARTS = spec("CosineAnnealingWarmRestarts", T_0=3, T_mult=2)
SWA = spec("SWALR", swa_lr=0.05, anneal_epochs=4)
POWER = spec("LambdaLR", lr_lambda=DECAY)
SEQUENCE = spec("SequentialLR", schedulers=[WARM_UP, COSINE], milestones=[4])
CHAIN = spec("ChainedScheduler", schedulers=[WARM_UP, STEP])


def sequence(*schedulers: dict[str, Any], milestones: list[float], lr: float | list[float] = 0.1, **more: Any) -> Case:
    return case("SequentialLR", lr, schedulers=list(schedulers), milestones=milestones, **more)


def chain(*schedulers: dict[str, Any], lr: float | list[float] = 0.1, **more: Any) -> Case:
    return case("ChainedScheduler", lr, schedulers=list(schedulers), **more)


LOSSES = [3.0, 2.0, 2.0, 2.0, 1.9999, 1.5, 1.6, 1.6, 1.6, 1.6, 1.6, 1.6, 1.6, 1.2, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3]


def plateau(lr: float | list[float] = 0.1, metrics: list[float] = LOSSES, **parameters: Any) -> Case:
    return case("ReduceLROnPlateau", lr, given={"metrics": metrics}, **parameters)


CASES: dict[str, list[Case]] = {
    "LambdaLR": [
        case("LambdaLR", lr_lambda=DECAY),
        case("LambdaLR", TWO, adam=True, lr_lambda=[DECAY, HALVES]),
        case("LambdaLR", TWO, lr_lambda=DECAY, last_epoch=4, given=RESUMED_TWO),
        case("LambdaLR", lr_lambda=DECAY, given=JUMPS),
        case("LambdaLR", lr_lambda=DECAY, given={"first_run": 5}),
        case("LambdaLR", TWO, lr_lambda=[DECAY]),
        case("LambdaLR", lr_lambda=0.5),
        case("LambdaLR", lr_lambda=DECAY, last_epoch=4),
        case("LambdaLR", lr_lambda="lambda epoch: 1 / (5 - epoch)"),
    ],
    "MultiplicativeLR": [
        case("MultiplicativeLR", lr_lambda="lambda epoch: 0.95"),
        case("MultiplicativeLR", TWO, lr_lambda=["lambda epoch: 1 / epoch", DECAY]),
        case("MultiplicativeLR", lr_lambda=DECAY, last_epoch=3, given=RESUMED),
        case("MultiplicativeLR", lr_lambda=DECAY, given=JUMPS),
        case("MultiplicativeLR", lr_lambda=0.5),
        case("MultiplicativeLR", TWO, lr_lambda=[DECAY, 0.5]),
        case("MultiplicativeLR", TWO, lr_lambda=[DECAY] * 3),
    ],
    "StepLR": [
        case("StepLR", step_size=3, gamma=0.3),
        case("StepLR", TWO, adam=True, step_size=1),
        case("StepLR", step_size=2.5, gamma=0.7),
        case("StepLR", step_size=-4, gamma=0.7),
        case("StepLR", step_size=3, gamma=-1.1),
        case("StepLR", step_size=3, last_epoch=2, given=RESUMED),
        case("StepLR", step_size=3, last_epoch=7, given=RESUMED),
        case("StepLR", step_size=3, last_epoch=-2, given=RESUMED),
        case("StepLR", step_size=3, gamma=0.3, given={"first_run": 7}),
        case("StepLR", step_size=3, gamma=0.3, given=JUMPS),
        case("StepLR", step_size=0),
        case("StepLR", step_size="3"),
        case("StepLR", step_size=3, last_epoch=2),
    ],
    "MultiStepLR": [
        case("MultiStepLR", milestones=[2, 5, 6], gamma=0.3),
        case("MultiStepLR", TWO, milestones=[0, 5, 5, 9], gamma=0.3),
        case("MultiStepLR", milestones=[9, 2], gamma=0.7),
        case("MultiStepLR", milestones=[]),
        case("MultiStepLR", milestones=[3.0, 4.5, -1]),
        case("MultiStepLR", milestones=[3, 5], last_epoch=2, given=RESUMED),
        case("MultiStepLR", milestones=[3, 5], last_epoch=8, given=RESUMED),
        case("MultiStepLR", milestones=[2, 5, 5, 9], gamma=0.3, given=JUMPS),
        case("MultiStepLR", milestones=3),
    ],
    "ExponentialLR": [
        case("ExponentialLR", gamma=0.9),
        case("ExponentialLR", TWO, adam=True, gamma=1.5),
        case("ExponentialLR", gamma=-0.5),
        case("ExponentialLR", gamma=0),
        case("ExponentialLR", gamma=0.9, last_epoch=4, given=RESUMED),
        case("ExponentialLR", gamma=0.9, last_epoch=-1, given=RESUMED),
        case("ExponentialLR", gamma=0.9, given=JUMPS),
        case("ExponentialLR", gamma="0.9"),
    ],
    "ConstantLR": [
        case("ConstantLR"),
        case("ConstantLR", TWO, factor=0.7, total_iters=3),
        case("ConstantLR", factor=1.0, total_iters=3),
        case("ConstantLR", factor=0.5, total_iters=0),
        case("ConstantLR", factor=0.5, total_iters=-3),
        case("ConstantLR", factor=0.5, total_iters=2.5),
        case("ConstantLR", factor=0.7, total_iters=5, last_epoch=2, given=RESUMED),
        case("ConstantLR", factor=0.7, total_iters=5, last_epoch=4, given=RESUMED),
        case("ConstantLR", factor=0.7, total_iters=5, last_epoch=8, given=RESUMED),
        case("ConstantLR", factor=0.7, total_iters=3, given=JUMPS),
        case("ConstantLR", factor=0.0),
        case("ConstantLR", factor=1.1),
        case("ConstantLR", factor=-0.1),
    ],
    "LinearLR": [
        case("LinearLR"),
        case("LinearLR", TWO, start_factor=0.1, end_factor=0.7, total_iters=7),
        case("LinearLR", start_factor=1.0, end_factor=0.0, total_iters=4),
        case("LinearLR", start_factor=0.5, end_factor=0.5, total_iters=1),
        case("LinearLR", start_factor=0.1, total_iters=0),
        case("LinearLR", start_factor=0.1, total_iters=-2),
        case("LinearLR", start_factor=0.1, total_iters=2.5),
        case("LinearLR", start_factor=0.1, total_iters=6, last_epoch=2, given=RESUMED),
        case("LinearLR", start_factor=0.1, total_iters=6, last_epoch=9, given=RESUMED),
        case("LinearLR", start_factor=0.1, total_iters=6, given={"first_run": 3}),
        case("LinearLR", start_factor=0.1, total_iters=6, given=JUMPS),
        case("LinearLR", start_factor=0.0),
        case("LinearLR", start_factor=1.5),
        case("LinearLR", end_factor=-0.5),
        case("LinearLR", end_factor=1.5),
    ],
    "PolynomialLR": [
        case("PolynomialLR"),
        case("PolynomialLR", TWO, total_iters=7, power=2.3),
        case("PolynomialLR", total_iters=9, power=0.5),
        case("PolynomialLR", total_iters=7, power=0),
        case("PolynomialLR", total_iters=7, power=2.0, last_epoch=3, given=RESUMED),
        case("PolynomialLR", total_iters=7, last_epoch=20, given=RESUMED),
        case("PolynomialLR", total_iters=7, power=2.0, given={"epochs": [2, None, 5, None, 9, None]}),
        case("PolynomialLR", total_iters=-3),
        case("PolynomialLR", total_iters=0, last_epoch=-2, given=RESUMED),
        case("PolynomialLR", total_iters=3, power=-1),
    ],
    "SWALR": [
        case("SWALR", swa_lr=0.05, anneal_epochs=6),
        case("SWALR", swa_lr=0.05, anneal_epochs=6, anneal_strategy="linear"),
        case("SWALR", TWO, adam=True, swa_lr=[0.05, 0.5], anneal_epochs=1),
        case("SWALR", swa_lr=0.05, anneal_epochs=0),
        case("SWALR", swa_lr=0.05, anneal_epochs=0, anneal_strategy="linear"),
        case("SWALR", swa_lr=0.05, anneal_epochs=4, last_epoch=2, given=RESUMED),
        case("SWALR", swa_lr=0.05, anneal_epochs=4, given={"first_run": 2}),
        case("SWALR", swa_lr=0.05, anneal_epochs=5, given=JUMPS),
        case("SWALR", TWO, swa_lr=[0.05]),
        case("SWALR", swa_lr=0.05, anneal_epochs=-1),
        case("SWALR", swa_lr=0.05, anneal_epochs=4.0),
        case("SWALR", swa_lr=0.05, anneal_strategy="step"),
    ],
    "CosineAnnealingLR": [
        case("CosineAnnealingLR", T_max=5),
        case("CosineAnnealingLR", TWO, adam=True, T_max=4, eta_min=0.003, steps=25),
        case("CosineAnnealingLR", T_max=1, eta_min=0.2),
        case("CosineAnnealingLR", T_max=2.5, steps=15),
        case("CosineAnnealingLR", T_max=-4),
        case("CosineAnnealingLR", T_max=7, eta_min=0.003, last_epoch=0, given=RESUMED),
        case("CosineAnnealingLR", T_max=7, eta_min=0.003, last_epoch=4, given=RESUMED),
        case("CosineAnnealingLR", TWO, T_max=5, last_epoch=7, given=RESUMED_TWO),
        case("CosineAnnealingLR", T_max=5, last_epoch=-2, given=RESUMED),
        case("CosineAnnealingLR", T_max=5, given={"first_run": 3}),
        case("CosineAnnealingLR", T_max=5, eta_min=0.003, given=JUMPS),
        case("CosineAnnealingLR", T_max=0),
    ],
    "CosineAnnealingWarmRestarts": [
        case("CosineAnnealingWarmRestarts", T_0=4),
        case("CosineAnnealingWarmRestarts", TWO, adam=True, T_0=2, T_mult=2, eta_min=0.003, steps=32),
        case("CosineAnnealingWarmRestarts", T_0=1, T_mult=3, steps=15),
        case("CosineAnnealingWarmRestarts", T_0=5, T_mult=2, last_epoch=0, given=RESUMED),
        case("CosineAnnealingWarmRestarts", T_0=5, T_mult=2, last_epoch=3, given=RESUMED),
        case("CosineAnnealingWarmRestarts", T_0=5, T_mult=2, last_epoch=4, given=RESUMED),
        case("CosineAnnealingWarmRestarts", T_0=5, T_mult=2, last_epoch=19, given=RESUMED, steps=30),
        case("CosineAnnealingWarmRestarts", T_0=5, last_epoch=-2, given=RESUMED),
        case("CosineAnnealingWarmRestarts", T_0=3, T_mult=2, given={"first_run": 4}),
        case(
            "CosineAnnealingWarmRestarts",
            T_0=3,
            given={"epochs": [0.25, 0.5, 1.75, None, 3.5, None, 11.9, None, None, None, 1]},
        ),
        case(
            "CosineAnnealingWarmRestarts",
            T_0=3,
            T_mult=2,
            given={"epochs": [0.25, 1.75, None, None, 3.5, None, 9, 20.9, None, None, 1, None]},
        ),
        case("CosineAnnealingWarmRestarts", T_0=3, given={"epochs": [2, -1]}),
        case("CosineAnnealingWarmRestarts", T_0=0),
        case("CosineAnnealingWarmRestarts", T_0=2.0),
        case("CosineAnnealingWarmRestarts", T_0=2, T_mult=0),
        case("CosineAnnealingWarmRestarts", T_0=2, T_mult=1.5),
        case("CosineAnnealingWarmRestarts", T_0=2, eta_min="0"),
    ],
    "CyclicLR": [
        case("CyclicLR", base_lr=0.05, max_lr=0.3, step_size_up=4),
        case(
            "CyclicLR",
            TWO,
            adam=True,
            base_lr=[0.05, 0.01],
            max_lr=[0.3, 0.2],
            step_size_up=2,
            step_size_down=5,
            steps=20,
        ),
        case("CyclicLR", base_lr=0.05, max_lr=0.3, step_size_up=2, mode="triangular2", steps=20),
        case(
            "CyclicLR",
            TWO,
            base_lr=0.05,
            max_lr=0.3,
            step_size_up=2,
            step_size_down=3,
            mode="exp_range",
            gamma=0.93,
            steps=20,
        ),
        case("CyclicLR", base_lr=0.05, max_lr=0.3, step_size_up=2, scale_fn="lambda x: 1 / (x + 1)"),
        case(
            "CyclicLR", base_lr=0.05, max_lr=0.3, step_size_up=2, scale_fn="lambda x: 0.9 ** x", scale_mode="iterations"
        ),
        case("CyclicLR", base_lr=0.05, max_lr=0.3, step_size_up=2, scale_fn="lambda x: 0.9 ** x", mode="none of them"),
        case("CyclicLR", base_lr=0.05, max_lr=0.3, step_size_up=2, scale_mode="iterations"),
        case("CyclicLR", base_lr=0.05, max_lr=0.3, step_size_up=2, cycle_momentum=False),
        case(
            "CyclicLR",
            TWO,
            base_lr=0.05,
            max_lr=0.3,
            step_size_up=3,
            base_momentum=[0.7, 0.8],
            max_momentum=[0.9, 0.95],
        ),
        case("CyclicLR", base_lr=0.3, max_lr=0.05, step_size_up=2.5),
        case("CyclicLR", base_lr=0.05, max_lr=0.3, step_size_up=3, step_size_down=0, given={"initial_lr": [0.3]}),
        case("CyclicLR", base_lr=0.05, max_lr=0.3, step_size_up=4, last_epoch=5, given=RESUMED),
        case("CyclicLR", adam=True, base_lr=0.05, max_lr=0.3, step_size_up=4, given={"first_run": 5}),
        case("CyclicLR", base_lr=0.05, max_lr=0.3, step_size_up=4, given=JUMPS),
        case("CyclicLR", base_lr=0.05, max_lr=0.3, step_size_up=4, last_epoch=5),
        case("CyclicLR", base_lr=0.05, max_lr=0.3, mode="square"),
        case("CyclicLR", base_lr=0.05, max_lr=0.3, step_size_up=0),
        case(
            "CyclicLR", base_lr=0.05, max_lr=0.3, step_size_up=0, step_size_down=4, last_epoch=0, steps=3, given=RESUMED
        ),
        case(
            "CyclicLR", base_lr=0.05, max_lr=0.3, step_size_up=0, step_size_down=4, last_epoch=0, steps=2, given=RESUMED
        ),
        case("CyclicLR", TWO, base_lr=[0.05], max_lr=0.3),
        case("CyclicLR", TWO, base_lr=0.05, max_lr=[0.3] * 3),
        case("CyclicLR", TWO, base_lr=0.05, max_lr=0.3, base_momentum=[0.7]),
    ],
    "OneCycleLR": [
        case("OneCycleLR", max_lr=0.1, total_steps=12),
        case("OneCycleLR", TWO, adam=True, max_lr=[0.1, 0.7], epochs=3, steps_per_epoch=5, steps=15),
        case("OneCycleLR", max_lr=0.1, total_steps=12, anneal_strategy="linear"),
        case("OneCycleLR", max_lr=0.1, total_steps=20, three_phase=True, steps=20),
        case(
            "OneCycleLR",
            max_lr=0.1,
            total_steps=20,
            three_phase=True,
            anneal_strategy="linear",
            pct_start=0.25,
            steps=20,
        ),
        case("OneCycleLR", max_lr=0.1, total_steps=10, three_phase=True, pct_start=0.7, steps=10),
        case("OneCycleLR", max_lr=0.1, total_steps=10, pct_start=0.0, steps=10),
        case("OneCycleLR", max_lr=0.1, total_steps=10, pct_start=1.0, steps=9),
        case("OneCycleLR", max_lr=0.1, total_steps=12, div_factor=3, final_div_factor=7),
        case("OneCycleLR", max_lr=0.1, total_steps=12, cycle_momentum=False),
        case("OneCycleLR", TWO, max_lr=0.1, total_steps=12, base_momentum=[0.6, 0.7], max_momentum=[0.8, 0.99]),
        case("OneCycleLR", max_lr=0.1, total_steps=12, given={"first_run": 4}, steps=8),
        case("OneCycleLR", max_lr=0.1, total_steps=12, given={"epochs": [3, None, 9, None, 2, 2.5]}),
        case("OneCycleLR", max_lr=0.1, total_steps=12, steps=14),
        case("OneCycleLR", max_lr=0.1, total_steps=12, last_epoch=3, given=RESUMED),
        case("OneCycleLR", max_lr=0.1, total_steps=10, pct_start=0.1),
        case("OneCycleLR", max_lr=0.1),
        case("OneCycleLR", max_lr=0.1, epochs=3),
        case("OneCycleLR", max_lr=0.1, steps_per_epoch=3),
        case("OneCycleLR", max_lr=0.1, total_steps=0),
        case("OneCycleLR", max_lr=0.1, total_steps=12.0),
        case("OneCycleLR", max_lr=0.1, epochs=0, steps_per_epoch=3),
        case("OneCycleLR", max_lr=0.1, epochs=3, steps_per_epoch=-3),
        case("OneCycleLR", max_lr=0.1, total_steps=12, pct_start=1.1),
        case("OneCycleLR", max_lr=0.1, total_steps=12, pct_start=1),
        case("OneCycleLR", max_lr=0.1, total_steps=12, div_factor=0),
        case("OneCycleLR", max_lr=0.1, total_steps=12, final_div_factor=0),
        case("OneCycleLR", max_lr=0.1, total_steps=12, anneal_strategy="step"),
        case("OneCycleLR", TWO, max_lr=[0.1], total_steps=12),
    ],
    "ReduceLROnPlateau": [
        plateau(patience=1),
        plateau(TWO, patience=2, factor=0.3, adam=True),
        plateau(patience=0, cooldown=3),
        plateau(patience=0, factor=-0.0, eps=-1.0),
        plateau(mode="max", patience=1, metrics=[0.1, 0.5, 0.5, 0.50004, 0.5, 0.6, 0.7, 0.1, 0.1, 0.1]),
        plateau(
            mode="max", patience=1, threshold_mode="abs", threshold=0.1, metrics=[0.1, 0.15, 0.25, 0.3, 0.34, 0.45]
        ),
        plateau(patience=1, threshold_mode="abs", threshold=0.5),
        plateau(patience=1, threshold=-0.1),
        plateau(TWO, patience=0, factor=0.1, min_lr=[0.01, 0.02]),
        plateau(patience=0, factor=0.1, min_lr=0.01),
        plateau(patience=0, factor=0.1, eps=0.05),
        plateau(patience=0, factor=0.0),
        plateau(patience=0, factor=-0.5, min_lr=-1.0),
        plateau(patience=1, metrics=[1.0, float("nan"), float("nan"), float("inf"), 0.5, 0.5, 0.5]),
        plateau(patience=1, metrics=[float("-inf"), float("-inf"), 1.0, 1.0]),
        plateau(factor=1.0),
        plateau(mode="least"),
        plateau(threshold_mode="relative"),
        plateau(TWO, min_lr=[0.01]),
        plateau(metrics=[1.0, "much"]),
    ],
    "SequentialLR": [
        sequence(WARM_UP, COSINE, milestones=[4]),
        sequence(WARM_UP, STEP, POWER, milestones=[3, 8], lr=TWO, adam=True),
        sequence(WARM_UP, POWER, milestones=[0]),
        sequence(WARM_UP, COSINE, STEP, milestones=[0, 0]),
        sequence(WARM_UP, STEP, milestones=[-2]),
        sequence(WARM_UP, STEP, COSINE, milestones=[5, 5]),
        sequence(WARM_UP, STEP, COSINE, milestones=[7, 4]),
        sequence(WARM_UP, STEP, COSINE, RESTARTS, milestones=[3, 9, 5], steps=20),
        sequence(WARM_UP, STEP, milestones=[4.5]),
        sequence(WARM_UP, COSINE, milestones=[3], last_epoch=2),
        sequence(WARM_UP, COSINE, milestones=[3], last_epoch=5),
        sequence(WARM_UP, milestones=[]),
        sequence(WARM_UP, CYCLE, milestones=[4]),
        sequence(WARM_UP, ONE_CYCLE, milestones=[4], lr=TWO, adam=True),
        sequence(ONE_CYCLE, CYCLE, POWER, milestones=[3, 7]),
        sequence(CYCLE, STEP, milestones=[5], adam=True),
        sequence(WARM_UP, RESTARTS, milestones=[4]),
        sequence(WARM_UP, SWA, milestones=[4]),
        sequence(SWA, spec("PolynomialLR", total_iters=6), milestones=[4]),
        sequence(spec("ConstantLR"), spec("ExponentialLR", gamma=0.9), milestones=[4]),
        sequence(spec("MultiStepLR", milestones=[1, 2]), spec("MultiplicativeLR", lr_lambda=DECAY), milestones=[4]),
        sequence(SEQUENCE, STEP, milestones=[9], steps=20),
        sequence(CHAIN, COSINE, milestones=[5], steps=20),
        sequence(WARM_UP, SEQUENCE, milestones=[-1], steps=20),
        sequence(SEQUENCE, CHAIN, milestones=[9]),
        sequence(STEP, SEQUENCE, milestones=[3]),
        sequence(STEP, spec("OneCycleLR", max_lr=0.1, total_steps=4), milestones=[3]),
        sequence(milestones=[]),
        sequence(WARM_UP, STEP, milestones=[]),
        sequence(WARM_UP, spec("ReduceLROnPlateau"), milestones=[3]),
        sequence(WARM_UP, STEP, milestones=["3"]),
    ],
    "ChainedScheduler": [
        chain(WARM_UP, STEP),
        chain(WARM_UP, spec("ExponentialLR", gamma=0.9), STEP, lr=TWO, adam=True),
        chain(STEP, POWER),
        chain(CYCLE, STEP),
        chain(STEP, CYCLE, adam=True),
        chain(ONE_CYCLE, CYCLE, lr=TWO),
        chain(RESTARTS, spec("ConstantLR", factor=0.5)),
        chain(COSINE, SWA),
        chain(spec("MultiplicativeLR", lr_lambda="lambda epoch: 1e200"), spec("SWALR", swa_lr=-0.0, anneal_epochs=0)),
        chain(CHAIN, COSINE),
        chain(SEQUENCE, STEP),
        chain(spec("SequentialLR", schedulers=[CHAIN, COSINE], milestones=[5]), STEP, steps=20),
        chain(STEP),
        chain(),
        chain(WARM_UP, spec("ReduceLROnPlateau")),
    ],
}


GROUP = {"lr": 0.05}
OWN = {"initial_lr": 0.02, "max_lr": 0.2, "min_lr": 0.01, "swa_lr": 0.03, "max_momentum": 0.9, "base_momentum": 0.8}
ADDED: list[Any] = ["train", "train", "get_lr", ("add_group", GROUP), "get_lr", "train", "train", "train", "train"]
BY_HAND: list[Any] = [
    *("train", "train", "save", ("set_group", 0, "momentum", 0.3), ("set_group", 0, "lr", 0.02), "get_lr"),
    *("train", "train", "load", "train", "get_lr", "copy", "train"),
]
SCRIPTS: dict[str, list[list[Any]]] = {
    "added": ADDED,
    "added with its own": ["train", ("add_group", {**GROUP, **OWN}), "get_lr", "train", "train", "train", "get_lr"],
    "added, by epochs": ["train", ("add_group", GROUP), ("step", 3)],
    "added after a resumption": [("make_again",), "get_lr", ("add_group", GROUP), "get_lr"],
    "by hand": BY_HAND,
}
"""Operations on a scheduler, beside the steps of a run; "train" gets a metric where the scheduler watches one."""


def scripts(name: str) -> list[tuple[Case, list[tuple[Any, ...]]]]:
    """The scripts for a scheduler, each with the case that it begins with."""
    plain = [case for case in CASES[name] if not {"initial_lr", "first_run", "epochs"} & case.keys()]
    begun = [plain[0]]
    if name == "ReduceLROnPlateau":
        begun = [plateau(patience=0, factor=0.5, min_lr=lowest) for lowest in (0.01, [0.01])]
    if name == "CyclicLR":
        begun.append(case(name, base_lr=0.05, max_lr=0.3, step_size_up=2, cycle_momentum=False))
    made = []
    for start in begun:
        for script in SCRIPTS.values():
            metrics = iter(LOSSES[1:])
            operations = []
            for operation in script:
                whole = operation if isinstance(operation, tuple) else (operation,)
                if whole[0] == "make_again":
                    whole = (*whole, start["scheduler"])
                if whole[0] in ("train", "step") and "metrics" in start:
                    whole = (whole[0], next(metrics), *whole[1:])
                operations.append(whole)
            made.append((start, operations))
    return made
