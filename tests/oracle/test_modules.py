"""lrplot against DeepSpeed and Megatron themselves, as against torch: equal floats, or a refusal by both."""

from collections.abc import Callable
from math import isfinite
from typing import Any

import pytest

from lrplot.schedulers import Scheduler
from lrplot.schedulers.families import members
from tests.golden import deepspeed, megatron
from tests.golden.drive import Library
from tests.golden.record import TORCH
from tests.oracle import cases
from tests.oracle.chance import drawn
from tests.oracle.test_oracle import BEYOND, WITHIN, compare

COUNTS = ("lr_decay_steps", "lr_warmup_steps", "wd_incr_steps", "wsd_decay_steps")
Given = dict[str, Any]


def has_an_index_of_a_run(given: Given) -> bool:
    return given.get("last_batch_iteration") not in (-3, -2)


def has_finite_counts(given: Given) -> bool:
    """As every config has them."""
    return all(isfinite(given[name]) for name in COUNTS if isinstance(given.get(name), (int, float)))


FAMILIES: dict[str, tuple[Library, Callable[[Given], bool]]] = {
    "deepspeed": (deepspeed.original(TORCH), has_an_index_of_a_run),
    "megatron": (megatron.original(TORCH), has_finite_counts),
}
"""Each with the original, and what is asked of parameters that are out of range."""
each = pytest.mark.parametrize(
    "cls", [cls for family in FAMILIES for cls in members(family).values()], ids=lambda cls: cls.shown_name
)


@each
def test_within_the_ranges_every_float_is_the_originals(cls: type[Scheduler]) -> None:
    original, _ = FAMILIES[cls.family]

    for case in drawn(cases.inside(cls), WITHIN):
        compare(case, cls.shown_name, original)


@each
def test_outside_of_the_ranges_both_refuse_or_both_accept(cls: type[Scheduler]) -> None:
    original, admits = FAMILIES[cls.family]

    for case in drawn(cases.outside(cls), BEYOND):
        if admits(case["scheduler"]):
            compare(case, f"{cls.shown_name}, out of range", original)
