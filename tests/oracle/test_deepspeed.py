"""lrplot against DeepSpeed itself, as against torch: equal floats, or a refusal by both."""

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lrplot.schedulers import Scheduler
from lrplot.schedulers.families import members
from tests.golden.deepspeed import original
from tests.golden.record import TORCH
from tests.oracle import cases
from tests.oracle.test_oracle import CASES, COMMON, compare

SCHEDULERS = list(members("deepspeed").values())
DEEPSPEED = original(TORCH)


@pytest.mark.parametrize("cls", SCHEDULERS, ids=lambda cls: cls.shown_name)
def test_within_the_ranges_every_float_is_deepspeeds(cls: type[Scheduler]) -> None:
    @settings(max_examples=max(1, CASES // 5), **COMMON)
    @given(st.data())
    def run(data: Any) -> None:
        compare(data.draw(cases.inside(cls)), cls.shown_name, DEEPSPEED)

    run()


@pytest.mark.parametrize("cls", SCHEDULERS, ids=lambda cls: cls.shown_name)
def test_outside_of_the_ranges_both_refuse_or_both_accept(cls: type[Scheduler]) -> None:
    @settings(max_examples=max(1, CASES // 10), **COMMON)
    @given(st.data())
    def run(data: Any) -> None:
        case = data.draw(cases.outside(cls))
        assume(case["scheduler"].get("last_batch_iteration") not in (-3, -2))  # an index that no run has
        compare(case, f"{cls.shown_name}, out of range", DEEPSPEED)

    run()
