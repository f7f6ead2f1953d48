"""transformers' TrainingArguments in YAML, JSON or flags: the Trainer's schedule, warm-up and length."""

import math

from lrplot.configs.document import Value
from lrplot.configs.foreign.fields import Fields, plain
from lrplot.configs.foreign.lengths import Length, over_epochs
from lrplot.configs.foreign.source import Source, Understood, at

KINDS = (
    "linear",
    "cosine",
    "cosine_with_restarts",
    "polynomial",
    "constant",
    "constant_with_warmup",
    "inverse_sqrt",
    "cosine_with_min_lr",
    "cosine_warmup_with_min_lr",
    "warmup_stable_decay",
)
OWN = ("num_train_epochs", "lr_scheduler_type", "per_device_train_batch_size", "gradient_accumulation_steps")


def recognise(source: Source) -> bool:
    return source.has("lr_scheduler_type") or (source.has("learning_rate") and any(map(source.has, OWN)))


def read(source: Source) -> Understood:
    fields = Fields(source, "transformers")
    lr = fields.entry("learning_rate", 5e-5)
    length = _length(fields)
    scheduler = _scheduler(fields, length)
    fields.end()
    tree = at(fields.file, {"optimizer": at(fields.file, {"lr": lr}), "scheduler": scheduler, **length.keys()})
    kind = fields.text("lr_scheduler_type", "linear")
    facts = [kind, f"lr {lr.content}", length.fact]
    return Understood("training arguments of transformers", {"": tree}, facts, fields.assumed, offers(length))


def offers(length: Length) -> list[str]:
    """What would give steps, where they are not known."""
    what = f"drawn over epochs, {length.per_epoch} points an epoch: --data-size or --steps-per-epoch gives its steps"
    return [] if length.is_known else [what]


def _length(fields: Fields) -> Length:
    """The Trainer's: ``max_steps``, or its epochs times the optimizer's steps in one, the last of them maybe short."""
    steps = fields.whole("max_steps", -1)
    if steps > 0:
        return Length(steps, None, True, fields.value("max_steps") or fields.file, "max_steps")
    epochs = fields.number("num_train_epochs")
    if epochs is None:
        epochs = 3
        fields.assume("num_train_epochs", 3)
    batch = fields.whole("per_device_train_batch_size", 8, 1)
    accumulate = fields.whole("gradient_accumulation_steps", 1, 1)

    def per_epoch(size: int) -> tuple[int, str]:
        batches = math.ceil(size / batch)
        return max(math.ceil(batches / accumulate), 1), f"ceil(ceil({size} / {batch}) / {accumulate})"

    return over_epochs(fields, epochs, "num_train_epochs", per_epoch)


def _warm_up(fields: Fields, length: Length) -> Value:
    steps = fields.number("warmup_steps", 0)
    if steps >= 1:
        return fields.made(int(steps), "warmup_steps", "warmup_steps")
    key = "warmup_steps" if steps > 0 else "warmup_ratio"
    ratio = fields.number(key, 0)
    note = f"ceil({key} {plain(ratio)} * {length.steps})" if ratio else "no warm-up"
    return fields.made(math.ceil(length.steps * ratio), note, key)


def _scheduler(fields: Fields, length: Length) -> Value:
    kind = fields.text("lr_scheduler_type", "linear").lower().removeprefix("schedulertype.")
    at_kind = fields.value("lr_scheduler_type") or fields.file
    if kind not in KINDS:
        fields.note(at_kind, "lr_scheduler_type", f"must be one of {', '.join(KINDS)}, got {kind!r}")
        kind = "linear"
    made = {"name": at(at_kind, f"transformers.{kind}", "lr_scheduler_type")}
    if kind != "constant":
        made["num_warmup_steps"] = _warm_up(fields, length)
    if kind not in ("constant", "constant_with_warmup", "inverse_sqrt"):
        made["num_training_steps"] = at(length.place, length.steps, length.note)
    extra = fields.value("lr_scheduler_kwargs")
    if extra is not None and isinstance(extra.content, dict):
        made |= extra.content
    return at(at_kind, made)
