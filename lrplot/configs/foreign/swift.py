"""ms-swift's commands: the Trainer's flags, with defaults of its own."""

import math

from lrplot.configs.foreign import transformers
from lrplot.configs.foreign.fields import Fields
from lrplot.configs.foreign.source import Source, Understood, at, walk

WORDS = ("swift", "swift.exe")
TOGETHER = 16
"""Samples of an optimizer's step, where nothing is said of accumulation."""


def recognise(source: Source) -> bool:
    program = walk(source.tree, "0") if source.kind == "flags" else None
    words = str(program.content).split() if program is not None else []
    named = {word.rpartition("/")[2] for word in words}
    return not named.isdisjoint(WORDS) and not source.has("train_iters")


def read(source: Source) -> Understood:
    fields = Fields(source, "ms-swift")
    is_full = any(fields.text(key) == "full" for key in ("tuner_type", "train_type", "sft_type"))
    usual = {"lr_scheduler_type": "cosine", "learning_rate": 1e-5 if is_full else 1e-4}
    missing = {key: value for key, value in usual.items() if not fields.has(key)}
    for key, value in missing.items():
        fields.assume(key, value)
    batch = fields.whole("per_device_train_batch_size", 1, 1)
    more = {"per_device_train_batch_size": 1} if not fields.has("per_device_train_batch_size") else {}
    if not fields.has("gradient_accumulation_steps") and "data.size" in source.given.lengths:
        more["gradient_accumulation_steps"] = max(math.ceil(TOGETHER / batch / transformers.devices(fields)), 1)
    root = fields.root.content if isinstance(fields.root.content, dict) else {}
    made = {key: at(fields.file, value, "the default of ms-swift") for key, value in {**missing, **more}.items()}
    fields.root = at(fields.root, {**root, **made})
    return transformers.arguments(fields, "arguments of ms-swift", 1e-4)
