"""lrplot against transformers itself, as against torch: equal floats, or a refusal by both."""

import pytest

pytest.importorskip("transformers")

from lrplot.schedulers import Scheduler
from lrplot.schedulers.families import members
from tests.golden.record import TORCH
from tests.golden.transformers import original
from tests.oracle import cases
from tests.oracle.chance import drawn
from tests.oracle.test_oracle import BEYOND, WITHIN, compare

SCHEDULERS = list(members("transformers").values())
TRANSFORMERS = original(TORCH)


@pytest.mark.parametrize("cls", SCHEDULERS, ids=lambda cls: cls.shown_name)
def test_within_the_ranges_every_float_is_transformers(cls: type[Scheduler]) -> None:
    for case in drawn(cases.inside(cls), WITHIN):
        compare(case, cls.shown_name, TRANSFORMERS)


@pytest.mark.parametrize("cls", SCHEDULERS, ids=lambda cls: cls.shown_name)
def test_outside_of_the_ranges_both_refuse_or_both_accept(cls: type[Scheduler]) -> None:
    for case in drawn(cases.outside(cls), BEYOND):
        compare(case, f"{cls.shown_name}, out of range", TRANSFORMERS)


@pytest.mark.parametrize("name", ["SequentialLR", "ChainedScheduler"])
def test_in_torchs_composites_they_are_any_lambda(name: str) -> None:
    leaves = [cls.shown_name for cls in SCHEDULERS if not cls.watches_metric]

    for case in drawn(cases.composite(name, leaves), WITHIN):
        compare(case, f"{name} of transformers", TRANSFORMERS)
