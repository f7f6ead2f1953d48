"""lrplot against transformers itself, as against torch: equal floats, or a refusal by both."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("transformers")

from lrplot.schedulers import Scheduler
from lrplot.schedulers.families import members
from tests.golden.record import TORCH
from tests.golden.transformers import original
from tests.oracle import cases
from tests.oracle.test_oracle import BEYOND, COMMON, WITHIN, compare

SCHEDULERS = list(members("transformers").values())
TRANSFORMERS = original(TORCH)


@pytest.mark.parametrize("cls", SCHEDULERS, ids=lambda cls: cls.shown_name)
def test_within_the_ranges_every_float_is_transformers(cls: type[Scheduler]) -> None:
    @settings(max_examples=WITHIN, **COMMON)
    @given(st.data())
    def run(data: Any) -> None:
        compare(data.draw(cases.inside(cls)), cls.shown_name, TRANSFORMERS)

    run()


@pytest.mark.parametrize("cls", SCHEDULERS, ids=lambda cls: cls.shown_name)
def test_outside_of_the_ranges_both_refuse_or_both_accept(cls: type[Scheduler]) -> None:
    @settings(max_examples=BEYOND, **COMMON)
    @given(st.data())
    def run(data: Any) -> None:
        compare(data.draw(cases.outside(cls)), f"{cls.shown_name}, out of range", TRANSFORMERS)

    run()


@pytest.mark.parametrize("name", ["SequentialLR", "ChainedScheduler"])
def test_in_torchs_composites_they_are_any_lambda(name: str) -> None:
    leaves = [cls.shown_name for cls in SCHEDULERS if not cls.watches_metric]

    @settings(max_examples=WITHIN, **COMMON)
    @given(st.data())
    def run(data: Any) -> None:
        compare(data.draw(cases.composite(name, leaves)), f"{name} of transformers", TRANSFORMERS)

    run()
