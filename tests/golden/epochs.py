"""Random data sets, and the steps of an epoch that torch's DataLoader, its DistributedSampler and a trainer that
accumulates make of them; ``make golden`` writes them to ``epochs.json``.
"""

import random
from collections.abc import Iterator
from pathlib import Path

from lrplot.runs.data import Data

FILE = Path(__file__).parent / "epochs.json"
COUNT = 1_000


def cases(seed: int = 14) -> Iterator[tuple[int, int, int, int, bool]]:
    """Size, batch size, devices, accumulated batches, whether the last is dropped."""
    draw = random.Random(seed)
    for _ in range(COUNT):
        size = int(10 ** draw.uniform(0, 6.2))
        batch = draw.choice([1, 2, 3, 7, 16, 32, 100, 256, 1000])
        yield size, batch, draw.choice([1, 1, 2, 3, 4, 8, 64]), draw.choice([1, 1, 2, 3, 4, 16]), draw.random() < 0.5


def of_torch(size: int, batch: int, devices: int, accumulate: int, drop_last: bool) -> int:
    """The steps of an epoch by torch."""
    from torch.utils.data import DataLoader, DistributedSampler

    samples = range(size)
    sampler = DistributedSampler(samples, devices, 0, drop_last=drop_last) if devices > 1 else None  # type: ignore[var-annotated, arg-type]
    loader = DataLoader(samples, batch, sampler=sampler, drop_last=drop_last)  # type: ignore[var-annotated, arg-type]
    return -(-len(loader) // accumulate)


def of_lrplot(size: int, batch: int, devices: int, accumulate: int, drop_last: bool) -> int:
    """The same by lrplot: 0 where it refuses an epoch without a step."""
    try:
        return Data(size, batch, devices, accumulate, drop_last).steps_per_epoch
    except ValueError:
        return 0
