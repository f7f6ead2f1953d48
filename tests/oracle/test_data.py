"""The steps of an epoch against torch's own DataLoader and DistributedSampler."""

from tests.golden.epochs import cases, of_lrplot, of_torch
from tests.oracle.conftest import tallies


def test_an_epoch_has_the_steps_that_the_loader_gives() -> None:
    off = [case for case in cases(seed=2026) if of_lrplot(*case) != of_torch(*case)]
    tallies["data"]["cases"] += 1_000
    tallies["data"]["off"] += len(off)
    assert not off, off[:5]
