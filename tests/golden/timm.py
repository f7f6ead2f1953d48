"""timm's own schedules in timm's own loop: the originals by lrplot's names, and what is recorded of them."""

import importlib.util
import sys
import types
from argparse import Namespace
from collections.abc import Callable
from typing import Any

from tests.golden.cases import LOSSES, TWO, case, spec
from tests.golden.drive import Case, Library

CLASSES = {
    "cosine": "CosineLRScheduler",
    "tanh": "TanhLRScheduler",
    "poly": "PolyLRScheduler",
    "step": "StepLRScheduler",
    "multistep": "MultiStepLRScheduler",
    "wsd": "WSDLRScheduler",
    "plateau": "PlateauLRScheduler",
}
SCRIPT = {
    "sched": "cosine",
    "epochs": 300,
    "decay_epochs": None,
    "decay_milestones": [90, 180, 270],
    "warmup_epochs": 5,
    "cooldown_epochs": 0,
    "patience_epochs": 10,
    "decay_rate": 0.1,
    "min_lr": 0.0,
    "warmup_lr": 1e-5,
    "warmup_prefix": False,
    "lr_noise": None,
    "lr_noise_pct": 0.67,
    "lr_noise_std": 1.0,
    "seed": 42,
    "lr_cycle_mul": 1.0,
    "lr_cycle_decay": 0.5,
    "lr_cycle_limit": 1,
    "lr_k_decay": 1.0,
    "sched_on_updates": False,
}
"""The arguments of timm's train.py that are about the schedule, with its defaults."""
FOR_EVER = 1_000
"""Where noise_std is so many times noise_pct, timm draws until there is no end to be waited for."""


class Loop:
    """What timm's training script does with a scheduler, in torch's words: one call an epoch, with the next index."""

    def __init__(self, scheduler: Any, epochs: int | None = None) -> None:
        self.scheduler, self.epochs, self.t = scheduler, epochs, 0

    def step(self, given: float | None = None) -> None:
        watches = type(self.scheduler).__name__ == "PlateauLRScheduler"
        self.t = self.t + 1 if given is None or watches else given  # type: ignore[assignment]
        is_drawn = self.scheduler._is_apply_noise(self.t) and self.scheduler.noise_type == "normal"
        is_drawn = is_drawn and not (watches and self.t <= self.scheduler.warmup_t)
        if is_drawn and not abs(self.scheduler.noise_std) < FOR_EVER * self.scheduler.noise_pct:
            raise ArithmeticError("it would draw for ever")
        if watches:
            self.scheduler.step(self.t, given)
        elif self.scheduler.t_in_epochs:
            self.scheduler.step(self.t)
        else:
            self.scheduler.step_update(self.t)

    def get_last_lr(self) -> list[float]:
        return [float(group["lr"]) for group in self.scheduler.optimizer.param_groups]

    def get_lr(self) -> list[float]:
        raise NotImplementedError


def original(torch: Library) -> Library:
    """The library itself, on torch's optimizers."""
    package = schedulers()

    def made_by(make: Callable[..., Any], **fixed: Any) -> Callable[..., Loop]:
        def made(**given: Any) -> Loop:
            try:
                return Loop(make(**{**fixed, **_sayable(given)}))
            except AssertionError as error:
                raise ValueError(error) from error

        return made

    def created(optimizer: Any, updates_per_epoch: int = 0, **given: Any) -> Loop:
        """What the script makes of its arguments."""
        try:
            arguments = Namespace(**{**SCRIPT, **_sayable(given)})
            return Loop(*package.create_scheduler(arguments, optimizer, updates_per_epoch))
        except AssertionError as error:
            raise ValueError(error) from error

    own = {f"timm.{name}": made_by(getattr(package, cls)) for name, cls in CLASSES.items()}
    own["timm.rsqrt"] = made_by(package.WSDLRScheduler, stable_fn="rsqrt", decay_fn="linear")
    own["timm.constant"] = made_by(package.StepLRScheduler, decay_t=1, decay_rate=1.0)
    own["timm.create_scheduler"] = created
    return Library({**torch.schedulers, **own}, torch.optimizer, torch.function)


def _sayable(given: dict[str, Any]) -> dict[str, Any]:
    """What is given, where a config can say it: a decay that is no name is a function, and a plateau has metrics."""
    for name in ("decay_fn", "lr_decay_fn"):
        if name in given and not (given[name] is None or (given[name] and isinstance(given[name], str))):
            raise ValueError("a decay of one's own is none here")
    if given.get("sched") == "plateau":
        raise ValueError("a plateau is timm.plateau")
    return given


def schedulers() -> Any:
    """timm.scheduler, behind an empty timm: the whole of it asks for torchvision."""
    if "timm" not in sys.modules:
        found = importlib.util.find_spec("timm")
        assert found is not None and found.submodule_search_locations is not None
        sys.modules["timm"] = types.ModuleType("timm")
        sys.modules["timm"].__path__ = list(found.submodule_search_locations)
    return importlib.import_module("timm.scheduler")


def of(name: str, *groups: float, steps: int = 14, given: dict[str, Any] | None = None, **parameters: Any) -> Case:
    """A case of the family."""
    return case(f"timm.{name}", list(groups) or 0.1, steps=steps, given=given, **parameters)


def script(sched: str, *groups: float, steps: int = 14, **arguments: Any) -> Case:
    return of("create_scheduler", *groups, steps=steps, sched=sched, **arguments)


def watched(*groups: float, **parameters: Any) -> Case:
    return of("plateau", *groups, given={"metrics": LOSSES}, **{"mode": "min", "patience_t": 1, **parameters})


WARM = {"warmup_t": 4, "warmup_lr_init": 0.001}
NOISE: dict[str, Any] = {"noise_range_t": [3, 9]}
BASE: dict[str, Any] = {"initial_lr": [0.3, 0.07]}
SCALE: dict[str, Any] = {"lr_scale": [0.5, 1.0]}
ANYWHERE: dict[str, Any] = {"epochs": [1, 3, None, 7, 2, None, 2.5, None, 40, None, 0, -1]}


def common(name: str, **more: Any) -> list[Case]:
    """What may be of interest in any of them."""
    return [
        of(name, **more),
        of(name, *TWO, **WARM, **more),
        of(name, *TWO, **WARM, **NOISE, **more, given=BASE),
        of(name, *TWO, **WARM, **more, noise_range_t=2, noise_pct=0.1, noise_std=0.2, noise_seed=-3, given=SCALE),
        of(name, **WARM, **more, given=ANYWHERE),
        of(name, **more, noise_range_t=1, given={"epochs": [2.5]}),
    ]


def cycles(name: str) -> list[Case]:
    turning = {"cycle_limit": 3, "cycle_decay": 0.5, "lr_min": 0.002}
    return [
        *common(name, t_initial=9),
        of(name, *TWO, t_initial=4, **turning),
        of(name, *TWO, steps=30, t_initial=4, **turning, cycle_mul=1.5, **WARM),
        of(name, t_initial=8, **turning, cycle_mul=0.5),
        of(name, steps=20, t_initial=4, **turning, **WARM, warmup_prefix=True),
        of(name, t_initial=3, warmup_t=7),
        of(name, t_initial=0),
        of(name, t_initial=3, lr_min=-0.1),
        of(name, steps=250, t_initial=1, cycle_mul=3, cycle_limit=6),
    ]


CASES: dict[str, list[Case]] = {
    "timm.cosine": [*cycles("cosine"), of("cosine", t_initial=9, k_decay=1.7), of("cosine", t_initial=9, k_decay=-1)],
    "timm.tanh": [
        *cycles("tanh"),
        of("tanh", t_initial=9, lb=-2.0, ub=5.0),
        of("tanh", t_initial=9, lb=3.0, ub=3.0),
        of("tanh", t_initial=9, warmup_t=-2),
        of("tanh", t_initial=9, warmup_lr_init=-0.1),
        of("tanh", t_initial=9, cycle_limit=-1),
    ],
    "timm.poly": [
        *cycles("poly"),
        of("poly", t_initial=9, k_decay=0.5, power=3.0),
        of("poly", t_initial=9, power=-1.0),
    ],
    "timm.step": [
        *common("step", decay_t=3, decay_rate=0.5),
        of("step", decay_t=2.5, decay_rate=0.3, **WARM, warmup_prefix=False),
        of("step", decay_t=0.5, decay_rate=0.3),
        of("step", decay_t=0),
    ],
    "timm.multistep": [
        *common("multistep", decay_t=[3, 6, 6, 10], decay_rate=0.5),
        of("multistep", decay_t=[3, 6], decay_rate=0.3, **WARM, warmup_prefix=False),
        of("multistep", decay_t=[]),
    ],
    "timm.constant": common("constant"),
    "timm.wsd": [
        *common("wsd", t_initial=9, decay_t=4),
        *(
            of("wsd", *TWO, t_initial=10, decay_t=6, lr_min=0.002, **WARM, stable_fn=stable, decay_fn=decay)
            for stable in ("constant", "rsqrt", "power")
            for decay in ("linear", "1-sqrt", "cosine", "power", "exp")
        ),
        of("wsd", t_initial=10, decay_t=6, stable_fn="power", stable_timescale=2.5, stable_power=3.0, lr_min=0.03),
        of("wsd", t_initial=10, decay_t=6, stable_fn="rsqrt"),
        of("wsd", t_initial=10, decay_t=11),
        of("wsd", t_initial=10, decay_t=0),
        of("wsd", t_initial=10, decay_t=3, decay_ratio=1.0),
        of("wsd", t_initial=10, decay_t=3, decay_fn="sqrt"),
    ],
    "timm.rsqrt": [
        *common("rsqrt", t_initial=9, decay_t=4, stable_timescale=5),
        of("rsqrt", *TWO, t_initial=10, decay_t=6, lr_min=0.002, **WARM),
        of("rsqrt", t_initial=10, decay_t=6),
    ],
    "timm.plateau": [
        watched(),
        watched(*TWO, **WARM, decay_rate=0.5, cooldown_t=2),
        watched(*TWO, **WARM, decay_rate=0.5, noise_range_t=6),
        watched(*TWO, decay_rate=0.5, noise_range_t=[2, 9], noise_type="uniform", noise_seed=7),
        watched(0.1, **WARM, decay_rate=0.5, lr_min=0.03, mode="max"),
        of("plateau", *TWO, given={"metrics": LOSSES, **BASE, **SCALE}, **WARM, patience_t=0),
        watched(noise_range_t=2, noise_pct=0.0),
        watched(decay_rate=1.0),
        watched(mode="least"),
    ],
    "timm.create_scheduler": [
        *(script(sched, *TWO, epochs=9, warmup_epochs=2) for sched in ("cosine", "tanh", "poly", "step", "constant")),
        *(script(sched, *TWO, epochs=12, warmup_epochs=2, steps=20) for sched in ("wsd", "rsqrt")),
        *(script(sched, epochs=9, warmup_epochs=3, warmup_prefix=True) for sched in ("cosine", "tanh", "wsd", "step")),
        script("multistep", epochs=9, decay_milestones=[3, 6], decay_rate=0.5),
        script("step", epochs=9, decay_epochs=2.5, decay_rate=0.5),
        script("cosine", epochs=4, lr_cycle_limit=3, lr_cycle_mul=1.5, min_lr=0.001, lr_noise=[0.4, 0.9], steps=25),
        script("poly", epochs=9, lr_noise=0.5, lr_noise_pct=0.2, lr_noise_std=0.1, seed=3, lr_k_decay=2.0),
        script("cosine", epochs=3, warmup_epochs=1, sched_on_updates=True, updates_per_epoch=5, cooldown_epochs=1),
        script("step", epochs=3, decay_epochs=1, warmup_epochs=1, sched_on_updates=True, updates_per_epoch=5),
        script("multistep", epochs=3, decay_milestones=[1, 2], sched_on_updates=True, updates_per_epoch=5),
        script("rsqrt", epochs=3, lr_stable_timescale=1, sched_on_updates=True, updates_per_epoch=5, warmup_epochs=1),
        script("wsd", epochs=9, decay_epochs=4, lr_decay_fn="cosine", warmup_epochs=0),
        script("wsd", epochs=9, decay_epochs=8, warmup_epochs=3),
        script("rsqrt", epochs=9, warmup_epochs=0),
        script("cosine", sched_on_updates=True),
        script("cosine", epochs=0),
        script("cosine", min_lr=-1.0),
        script("sine"),
    ],
    "timm.in_torchs": [
        case("SequentialLR", schedulers=[spec("LinearLR"), spec("timm.cosine", t_initial=5)], milestones=[3]),
        case("ChainedScheduler", schedulers=[spec("timm.step", decay_t=5)]),
        case("SequentialLR", schedulers=[spec("timm.plateau"), spec("LinearLR")], milestones=[3]),
    ],
}
