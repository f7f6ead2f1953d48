"""lrplot against Megatron itself, as against torch: equal floats, or a refusal by both."""

from math import isfinite
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lrplot.schedulers import Scheduler
from lrplot.schedulers.families import members
from tests.golden.megatron import original
from tests.golden.record import TORCH
from tests.oracle import cases
from tests.oracle.test_oracle import CASES, COMMON, compare

SCHEDULERS = list(members("megatron").values())
MEGATRON = original(TORCH)
COUNTS = ("lr_decay_steps", "lr_warmup_steps", "wd_incr_steps", "wsd_decay_steps")


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float))


@pytest.mark.parametrize("cls", SCHEDULERS, ids=lambda cls: cls.shown_name)
def test_within_the_ranges_every_float_is_megatrons(cls: type[Scheduler]) -> None:
    @settings(max_examples=max(1, CASES // 5), **COMMON)
    @given(st.data())
    def run(data: Any) -> None:
        compare(data.draw(cases.inside(cls)), cls.shown_name, MEGATRON)

    run()


@pytest.mark.parametrize("cls", SCHEDULERS, ids=lambda cls: cls.shown_name)
def test_outside_of_the_ranges_both_refuse_or_both_accept(cls: type[Scheduler]) -> None:
    @settings(max_examples=max(1, CASES // 10), **COMMON)
    @given(st.data())
    def run(data: Any) -> None:
        case = data.draw(cases.outside(cls))
        assume(all(map(isfinite, filter(is_number, map(case["scheduler"].get, COUNTS)))))  # no config has another
        compare(case, f"{cls.shown_name}, out of range", MEGATRON)

    run()
