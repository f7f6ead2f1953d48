"""DeepSpeed's own schedules: the originals by lrplot's names, and what is recorded of them."""

import logging
from types import ModuleType
from typing import Any

from tests.golden.cases import TWO, case
from tests.golden.drive import Case, Library
from tests.golden.modules import load

NAMES = ("WarmupLR", "WarmupDecayLR", "WarmupCosineLR", "OneCycle", "LRRangeTest")


def original(torch: Library) -> Library:
    """The library itself."""
    own = module()
    return Library({f"deepspeed.{name}": _answering(getattr(own, name)) for name in NAMES}, torch.optimizer, eval)


def module() -> ModuleType:
    """Its module of schedules alone, which needs no more of it than a logger."""
    logger = logging.getLogger("deepspeed")
    logger.setLevel(logging.CRITICAL)
    stubs = {"deepspeed": {}, "deepspeed.utils": {"logger": logger}}
    return load("deepspeed", "deepspeed/runtime/lr_schedules.py", stubs)


def _answering(cls: Any) -> Any:
    """The original with an answer from get_last_lr() before its first step, which it refuses; nothing else is changed."""

    class Answering(cls):  # type: ignore[misc]
        def get_last_lr(self) -> Any:
            return getattr(self, "_last_lr", None) or [group["lr"] for group in self.optimizer.param_groups]

    return Answering


def of(name: str, *groups: float, steps: int = 14, given: dict[str, Any] | None = None, **parameters: Any) -> Case:
    """A case of the family."""
    return case(f"deepspeed.{name}", list(groups) or 0.1, steps=steps, given=given, **parameters)


JUMPING = {"epochs": [0, 3, None, 7, 2, None, 40, None]}


def warm(name: str, **more: Any) -> list[Case]:
    """What may be of interest in any of those with a warm-up."""
    return [
        of(name, **more, warmup_num_steps=5),
        of(name, *TWO, **more, warmup_num_steps=5, warmup_type="linear"),
        of(name, **more, warmup_num_steps=1),
        of(name, **more, warmup_num_steps=20),
        of(name, **more, warmup_num_steps=5, warmup_type="square"),
        of(name, **more, warmup_num_steps=5, last_batch_iteration=2),
        of(name, **more, warmup_num_steps=5, last_batch_iteration=8),
        of(name, **more, warmup_num_steps=5, last_batch_iteration=-4),
        of(name, **more, warmup_num_steps=5, given=JUMPING),
        of(name, **more, warmup_num_steps=0),
        of(name, **more, warmup_num_steps=5.0),
        of(name, **more, warmup_num_steps=5, warmup_type=[]),
    ]


CYCLE = {"cycle_min_lr": 0.01, "cycle_max_lr": 0.1, "cycle_first_step_size": 4}
ADAM = {"kind": "Adam"}
CASES: dict[str, list[Case]] = {
    "deepspeed.WarmupLR": [
        *warm("WarmupLR"),
        of("WarmupLR", *TWO, warmup_min_lr=[0.001, 0.002], warmup_max_lr=0.3, warmup_num_steps=6),
        of("WarmupLR", *TWO, warmup_max_lr=[0.3], warmup_num_steps=6),
    ],
    "deepspeed.WarmupDecayLR": [
        *warm("WarmupDecayLR", total_num_steps=12),
        of("WarmupDecayLR", total_num_steps=12, warmup_min_lr=0.002, warmup_max_lr=0.05, warmup_num_steps=3),
        of("WarmupDecayLR", total_num_steps=5, warmup_num_steps=5),
    ],
    "deepspeed.WarmupCosineLR": [
        *warm("WarmupCosineLR", total_num_steps=12),
        of("WarmupCosineLR", total_num_steps=12, warmup_num_steps=3, warmup_min_ratio=0.1, cos_min_ratio=0.2),
        of("WarmupCosineLR", total_num_steps=12, warmup_num_steps=3, cos_min_ratio=-0.5),
        of("WarmupCosineLR", total_num_steps=4, warmup_num_steps=6),
    ],
    "deepspeed.OneCycle": [
        of("OneCycle", **CYCLE),
        of("OneCycle", **CYCLE, given=ADAM),
        of(
            "OneCycle", *TWO, **CYCLE, cycle_second_step_size=2, given=ADAM, cycle_min_mom=[0.7, 0.8], decay_step_size=2
        ),
        of("OneCycle", **CYCLE, decay_step_size=2, decay_lr_rate=0.5, decay_mom_rate=0.1, given=ADAM),
        of("OneCycle", **CYCLE, decay_step_size=2, decay_lr_rate=-1.0),
        of("OneCycle", **CYCLE, cycle_second_step_size=0, given=ADAM),
        of("OneCycle", **CYCLE, cycle_momentum=False, given=ADAM),
        of("OneCycle", **CYCLE, cycle_first_stair_count=2, given=ADAM),
        of("OneCycle", **CYCLE, cycle_second_step_size=6, cycle_first_stair_count=0, cycle_second_stair_count=3),
        of("OneCycle", **CYCLE, cycle_second_step_size=6, cycle_first_stair_count=3, cycle_second_stair_count=0),
        of("OneCycle", **CYCLE, last_batch_iteration=2, given=ADAM),
        of("OneCycle", **CYCLE, last_batch_iteration=9, decay_step_size=3, decay_lr_rate=0.3),
        of("OneCycle", **CYCLE, given={**ADAM, **JUMPING}, decay_step_size=1, decay_mom_rate=0.01),
        of("OneCycle", **{**CYCLE, "cycle_first_step_size": 0}),
        of("OneCycle", **CYCLE, cycle_second_step_size=-1),
        of("OneCycle", *TWO, **{**CYCLE, "cycle_max_lr": [0.1] * 3}),
        of("OneCycle", *TWO, **CYCLE, cycle_max_mom=[0.9], given=ADAM),
    ],
    "deepspeed.LRRangeTest": [
        of("LRRangeTest", lr_range_test_step_size=3),
        of(
            "LRRangeTest",
            *TWO,
            lr_range_test_min_lr=[0.1, 0.2],
            lr_range_test_step_size=3,
            lr_range_test_staircase=True,
        ),
        of("LRRangeTest", lr_range_test_step_rate=5.0, lr_range_test_step_size=7),
        of("LRRangeTest", lr_range_test_step_size=3, last_batch_iteration=5),
        of("LRRangeTest", lr_range_test_step_size=3, given=JUMPING),
        of("LRRangeTest", lr_range_test_step_size=0),
        of("LRRangeTest", lr_range_test_step_size=2.5),
        of("LRRangeTest", *TWO, lr_range_test_min_lr=[0.1]),
    ],
}
