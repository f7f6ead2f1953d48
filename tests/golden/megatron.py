"""Megatron's own scheduler, once for each of its styles: the original by lrplot's names, and what is recorded of it."""

from collections.abc import Mapping
from functools import partial
from types import ModuleType
from typing import Any

from tests.golden.cases import TWO, case
from tests.golden.drive import Case, Library
from tests.golden.modules import load

STYLES = ("linear", "cosine", "inverse-square-root", "constant", "WSD")
DEFAULTS: dict[str, Any] = {
    "init_lr": 0.0,
    "min_lr": 0.0,
    "lr_warmup_steps": 0.0,
    "start_wd": 0.01,
    "end_wd": 0.01,
    "wd_incr_style": "constant",
}
"""What Megatron's command line has where its constructor asks."""
OVERRIDES = ("max_lr", "min_lr", "start_wd", "end_wd")
"""What a parameter group may have of its own there."""


def original(torch: Library) -> Library:
    """The library itself."""
    scheduler = _stepping(module().OptimizerParamScheduler)
    return Library({f"megatron.{style}": partial(scheduler, style) for style in STYLES}, torch.optimizer, eval)


def module() -> ModuleType:
    """The module of its scheduler alone."""
    stubs = {"megatron": {}, "megatron.core": {}, "megatron.core.utils": {"log_single_rank": lambda *_: None}}
    return load("megatron_core", "megatron/core/optimizer_param_scheduler.py", stubs)


def _stepping(cls: Any) -> Any:
    """The original as lrplot makes it: a list for the overrides of groups, and steps that know their increment.

    What it asserts is a ValueError here, for an AssertionError is a test's own.
    """

    class Stepping(cls):  # type: ignore[misc]
        def __init__(self, style: str, optimizer: Any, increment: int = 1, **given: Any) -> None:
            given = {**DEFAULTS, **given}
            if given.get("wd_incr_steps") is None:
                given["wd_incr_steps"] = given["lr_decay_steps"]
            if style == "WSD":
                given.setdefault("lr_wsd_decay_style", "exponential")
            if not isinstance(increment, int) or increment < 1:  # which is lrplot's own
                raise ValueError("increment must be at least 1")
            self.increment = 0
            groups = optimizer.param_groups
            for name in OVERRIDES:
                values = given[name]
                if isinstance(values, (list, tuple)):
                    if len(values) != len(groups):
                        raise ValueError(f"{name}: one value a group")
                    for group, value in zip(groups, values):
                        group[name] = value
            try:
                for i in reversed(range(len(groups))):  # the first group's are its own, the others' are checked alike
                    own = {name: self.own(given, name, i) for name in given}
                    super().__init__(optimizer, lr_decay_style=style, **own)
            except AssertionError as error:
                raise ValueError(str(error)) from error
            self.increment = increment

        def own(self, given: Mapping[str, Any], name: str, i: int) -> Any:
            value = given[name]
            return value[i] if name in OVERRIDES and isinstance(value, (list, tuple)) else value

        def step(self, increment: int | None = None) -> None:
            try:
                super().step(self.increment if increment is None else increment)
            except AssertionError as error:
                raise ValueError(str(error)) from error

        def get_last_lr(self) -> list[float]:
            return [group["lr"] for group in self.optimizer.param_groups]

    return Stepping


def of(name: str, *groups: float, steps: int = 14, given: dict[str, Any] | None = None, **parameters: Any) -> Case:
    """A case of the family."""
    return case(f"megatron.{name}", list(groups) or 0.1, steps=steps, given=given, **parameters)


RUN = {"max_lr": 0.1, "lr_decay_steps": 12}
WARM: dict[str, Any] = {**RUN, "lr_warmup_steps": 3}


def common(name: str, **more: Any) -> list[Case]:
    """What may be of interest in any of the styles."""
    return [
        of(name, **RUN, **more),
        of(name, **WARM, **more),
        of(name, *TWO, **WARM, **more, init_lr=0.02, min_lr=0.01),
        of(name, *TWO, **{**WARM, "max_lr": [0.1, 0.07]}, **more, min_lr=[0.03, 0.02]),
        of(name, **{**RUN, "lr_decay_steps": 96}, **more, lr_warmup_steps=24, increment=8),
        of(name, **{**RUN, "lr_decay_steps": 50}, **more, lr_warmup_steps=10.5, increment=7),
        of(name, **WARM, **more, start_wd=0.01, end_wd=0.1, wd_incr_style="linear"),
        of(
            name, *TWO, **WARM, **more, start_wd=[0.01, 0.0], end_wd=[0.1, 0.0], wd_incr_style="cosine", wd_incr_steps=8
        ),
        of(name, **RUN, **more, given={"epochs": [0, 3, None, 7, 2, None]}),
        of(name, **{**RUN, "min_lr": 0.2}, **more),
        of(name, **{**RUN, "min_lr": -0.2}, **more),
        of(name, **{**RUN, "init_lr": 0.2}, **more),
        of(name, **{**RUN, "lr_decay_steps": 0}, **more),
        of(name, **{**RUN, "lr_warmup_steps": 12}, **more),
        of(name, **RUN, **more, start_wd=0.2),
        of(name, **RUN, **more, start_wd=-0.2),
        of(name, *TWO, **RUN, **more, end_wd=[0.1]),
    ]


CASES: dict[str, list[Case]] = {
    "megatron.linear": [
        *common("linear"),
        of("linear", **RUN, end_wd=0.2),
        of("linear", **RUN, end_wd=0.2, wd_incr_steps=0, wd_incr_style="linear"),
        of("linear", **RUN, end_wd=0.2, wd_incr_steps=-1),
        of("linear", **RUN, end_wd=0.2, wd_incr_style="square"),
    ],
    "megatron.cosine": common("cosine"),
    "megatron.inverse-square-root": [
        *common("inverse-square-root"),
        of("inverse-square-root", **{**WARM, "lr_decay_steps": 40}, min_lr=0.06),
    ],
    "megatron.constant": common("constant"),
    "megatron.WSD": [
        *common("WSD", wsd_decay_steps=4),
        *(
            of("WSD", **WARM, wsd_decay_steps=6, lr_wsd_decay_style=style, min_lr=low)
            for style in ("linear", "cosine", "exponential", "minus_sqrt")
            for low in (0.0, 0.03)
        ),
        of("WSD", **WARM, wsd_decay_steps=11),
        of("WSD", **WARM, wsd_decay_steps=20),
        of("WSD", **WARM, wsd_decay_steps=0),
        of("WSD", **WARM, wsd_decay_steps=4, lr_wsd_decay_style="square"),
    ],
}
