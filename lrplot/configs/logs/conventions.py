"""Who wrote a log, by the names that stand in it, and how that one counts and rounds."""

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from lrplot.runs.log import Reading
from lrplot.runs.quantum import Quantum

TENSORBOARD = ["Wall time", "Step", "Value"]
"""What TensorBoard's download of one curve has, whose name stands in that of the file."""
LATER = (Reading(1, "a Trainer before 2025-03 logs the next step's rate"),)
"""What a Trainer's log may be as well."""

NEXT = (Reading(1, "Keras' TensorBoard callback reads the rate when an epoch is over, which may be the next one's"),)
"""What one of Keras may be as well, of a schedule that is stepped by the batch, or of a plateau."""


class Convention(NamedTuple):
    """How a framework counts, and how finely it writes.

    Args:
        format: What it is, in words.
        shift: What its steps are to be raised by, so that they count as lrplot's.
        full: Whether it writes numbers to the last bit.
        quantum: How it rounds them, where its numbers do not tell.
        unit: What its steps count, where that is known.
        readings: Other ways in which it has counted.
    """

    format: str
    shift: int = 0
    full: bool = False
    quantum: Quantum | None = None
    unit: str | None = None
    readings: Sequence[Reading] = ()


TRAINER = Convention("transformers' Trainer", -1, full=True, readings=LATER)
OPENMMLAB = Convention("OpenMMLab", -1)
MMCV = OPENMMLAB._replace(quantum=Quantum("decimals", 5))
"""The first one, which rounds all that it writes in JSON."""


def convention_of(
    names: Sequence[str], counter: str | None, keys: Collection[str], otherwise: Convention
) -> Convention:
    """The convention of whoever logs such rates.

    Args:
        names: The columns of the rate.
        counter: That of the steps.
        keys: All of them.
        otherwise: What holds where these tell nothing.
    """
    first = names[0]
    if re.fullmatch(r"x/lr\d+", first):
        return Convention("YOLOv5", quantum=Quantum("digits", 5), unit="epoch")
    if re.fullmatch(r"lr/pg\d+", first):
        return Convention("ultralytics", -1, quantum=Quantum("digits", 6), unit="epoch")
    steps = ("train/global_step", "current_steps", "global_step/max_steps")
    if counter == "time/total_timesteps" or (first == "train/learning_rate" and "time/fps" in keys):
        return Convention("Stable-Baselines3", full=True)
    if counter == "num_updates":
        return Convention("fairseq", quantum=Quantum("digits", 6))
    if counter in steps or first.endswith("train/learning_rate"):
        return TRAINER
    if first.startswith("lr-") and counter == "step":
        return Convention("Lightning", full=True)
    if first in ("epoch_learning_rate", "epoch_lr"):
        return Convention("Keras", unit="epoch", readings=NEXT)
    if names == ["train_lr"] and counter == "epoch":
        return Convention("DeiT's log", quantum=Quantum("mean"), unit="epoch")
    if counter == "epoch" and not {"train_loss", "eval_loss"}.isdisjoint(keys):
        return Convention("timm", full=True)
    if counter == "iteration" and "data_time" in keys:
        return Convention("detectron2", full=True)
    if counter == "iter" and "mode" in keys:
        return MMCV
    if counter == "step" and not {"iter", "epoch"}.isdisjoint(keys) and not {"data_time", "memory"}.isdisjoint(keys):
        return OPENMMLAB._replace(quantum=Quantum("digits", 12))  # its schedulers round in places of their own
    return otherwise
