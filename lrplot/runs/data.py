"""What an epoch is made of: a data set, its batches, the devices that share them."""

from __future__ import annotations

from typing import Annotated

from lrplot.parameters import Range, Refusal, checked

Count = Annotated[int, Range(low=1)]


class Data:
    """The data of a run, which say how many steps an epoch has.

    >>> Data(1281167, 256, devices=8, accumulate=4).steps_per_epoch
    157

    Args:
        size: Samples in the data set.
        batch_size: Samples of a batch, on one device.
        devices: Devices that share the data set, each with batches of its own.
        accumulate: Batches to one step of the optimizer.
        drop_last: Whether what does not fill a batch on every device is left out.

    Raises:
        Refusal: An epoch has no batch.
    """

    @checked
    def __init__(
        self, size: Count, batch_size: Count, devices: Count = 1, accumulate: Count = 1, drop_last: bool = False
    ) -> None:
        self.size = size
        self.batch_size = batch_size
        self.devices = devices
        self.accumulate = accumulate
        self.drop_last = drop_last
        if not self.batches:
            whole = f"{batch_size:,} on each of {devices:,} devices" if devices > 1 else f"{batch_size:,}"
            raise Refusal("size", f"must fill a batch of {whole} where drop_last is true, got {size:,}")

    @property
    def batches(self) -> int:
        """The length of the DataLoader on each device."""
        together = self.batch_size * self.devices
        return self.size // together if self.drop_last else -(-self.size // together)

    @property
    def steps_per_epoch(self) -> int:
        """Steps of the optimizer: what is left of the batches at the end of an epoch makes one, too."""
        return -(-self.batches // self.accumulate)

    @property
    def samples_per_step(self) -> int:
        """Samples of a step that is full."""
        return self.batch_size * self.devices * self.accumulate
