"""transformers' TrainingArguments in YAML, JSON or flags: the Trainer's schedule, warm-up and length."""

import math
import re
from collections.abc import Mapping

from lrplot.configs.document import KEPT, ConfigError, Value, parse
from lrplot.configs.foreign.build import config, scheduler
from lrplot.configs.foreign.fields import Fields, plain
from lrplot.configs.foreign.lengths import Length, given, over_epochs
from lrplot.configs.foreign.source import Source, Understood, at
from lrplot.wording import listed

KINDS = (
    "linear",
    "cosine",
    "cosine_with_restarts",
    "polynomial",
    "constant",
    "constant_with_warmup",
    "inverse_sqrt",
    "reduce_lr_on_plateau",
    "cosine_with_min_lr",
    "cosine_warmup_with_min_lr",
    "warmup_stable_decay",
)
WITHOUT_WARM_UP = ("constant", "reduce_lr_on_plateau")
WITHOUT_LENGTH = (*WITHOUT_WARM_UP, "constant_with_warmup", "inverse_sqrt")
OWN = ("num_train_epochs", "lr_scheduler_type", "per_device_train_batch_size", "gradient_accumulation_steps")

LAUNCHERS = (("nproc_per_node", "nnodes"), ("num_gpus", "num_nodes"), ("num_processes", ""))
"""What torchrun, deepspeed and accelerate are told: the processes of a machine and the machines, or all of them."""


def recognise(source: Source) -> bool:
    if source.kind == "python":
        return False
    if source.has("train_batch_size") and not any(map(source.has, (OWN[1], OWN[2]))):
        return False  # a script of another kin, such as BERT's own
    if source.has("lr_scheduler_type") and not source.has("network_module"):
        return True
    if source.has("max_steps") and source.has("warmup_steps") and source.has("learning_rate"):
        return True
    return source.has("per_device_train_batch_size") or (source.has("learning_rate") and any(map(source.has, OWN)))


def read(source: Source) -> Understood:
    return arguments(Fields(source, "transformers"), "training arguments of transformers", 5e-5)


def arguments(fields: Fields, what: str, rate: float) -> Understood:
    """What the Trainer makes of its arguments.

    Args:
        rate: The optimizer's, where they do not say it.
    """
    names = fields.root.content if isinstance(fields.root.content, dict) else {}
    several = [key for key in names if key.endswith("_learning_rate")]
    if several and not fields.has("learning_rate"):  # as RLHF has it
        fields.needs[f"the one to draw of {listed(several)}"] = f"--set learning_rate={_typed(fields, several[0])}"
    lr = fields.entry("learning_rate", rate)
    length = trainer_length(fields)
    kind = kind_of(fields, "lr_scheduler_type", "linear")
    made = schedule(fields, kind, length, warm_up(fields, length))
    fields.end()
    return understood(what, fields, lr, made, length, kind)


def understood(
    what: str, fields: Fields, lr: Value, made: Value, length: Length, kind: str, *offers: str
) -> Understood:
    """What is said of a run by the Trainer."""
    tree = config(fields, lr, made, {} if kind == "reduce_lr_on_plateau" else length)
    facts = [kind, f"lr {lr.content}", length.fact or over(fields, length)]
    is_over = [] if length.is_known else ["drawn over epochs: --data-size or --steps-per-epoch gives its steps"]
    by_json = fields.told_of("deepspeed", "a scheduler in it would take the place of this one")
    return Understood(what, {"": tree}, facts, fields.assumed, [*is_over, *offers, *by_json])


def _typed(fields: Fields, key: str) -> str:
    return plain(fields.number(key, 1e-5))


def over(fields: Fields, length: Length) -> str:
    """The length in epochs, where the steps are not known."""
    epochs = length.steps / (length.per_epoch or 1)
    return f"{plain(epochs)} epoch{'' if epochs == 1 else 's'}"


def trainer_length(fields: Fields, epochs_key: str = "num_train_epochs", default: float = 3) -> Length:
    """The Trainer's: ``max_steps``, or its epochs times the optimizer's steps in one, the last of them maybe short."""
    key = "max_steps" if fields.has("max_steps") else "max_train_steps"  # of examples that are without the Trainer
    steps = fields.whole(key, -1)
    if steps > 0:
        return Length(steps, None, True, fields.value(key) or fields.file, key)
    epochs = fields.number(epochs_key)
    if epochs is None:
        epochs = default
        fields.assume(epochs_key, default)

    def per_epoch(size: int) -> tuple[int, str]:
        together = fields.whole("per_device_train_batch_size", 8, 1) * devices(fields)
        accumulate = fields.whole("gradient_accumulation_steps", 1, 1)
        batches = size // together if fields.truth("dataloader_drop_last") else math.ceil(size / together)
        return max(math.ceil(batches / accumulate), 1), f"ceil(ceil({size} / {together}) / {accumulate})"

    if epochs <= 0:
        fields.note(fields.value(epochs_key) or fields.file, epochs_key, f"must be above 0, got {plain(epochs)}")
        epochs = default
    return over_epochs(fields, epochs, epochs_key, per_epoch)


def devices(fields: Fields) -> int:
    """On how many devices it is trained: as was typed, or as the launcher in a command is told."""
    if (typed := given(fields, "data.devices")) is not None:
        return int(typed[0])
    for each, nodes in LAUNCHERS:
        if (count := _launched(fields, each)) is not None:
            return count * (_launched(fields, nodes) or 1)
    included = fields.text("include", "")
    if _INCLUDED.fullmatch(included):
        return sum(machine.count(",") + 1 for machine in included.split("@"))
    fields.assume("one device (--devices N)", "")
    return 1


_INCLUDED = re.compile(r"[\w.-]+:[0-9]+(?:,[0-9]+)*(?:@[\w.-]+:[0-9]+(?:,[0-9]+)*)*")
"""The devices of each machine, as deepspeed is told them: ``localhost:0,1@other:0``."""


def _launched(fields: Fields, key: str) -> int | None:
    """A launcher's number, which may be a word such as auto, or a range."""
    value = fields.value(key)
    text = value.content if value is not None else None
    return int(text) if isinstance(text, str) and re.fullmatch("[1-9][0-9]{0,5}", text) else None


def warm_up(fields: Fields, length: Length) -> Value:
    """The steps of the warm-up: those that are given, or a share of the run, rounded up."""
    own = "warmup_steps" if fields.has("warmup_steps") else "num_warmup_steps"
    steps = fields.number(own, 0)
    if steps >= 1:
        length.fixes(fields, own)
        return fields.made(int(steps), own, own)
    key = own if steps > 0 else "warmup_ratio"
    ratio = fields.number(key, 0)
    if ratio < 0 or ratio > 1:
        fields.note(fields.value(key) or fields.file, key, f"must be from 0 to 1, got {plain(ratio)}")
    note = f"ceil({key} {plain(ratio)} * {length.steps})" if ratio else "no warm-up"
    return fields.made(math.ceil(length.steps * ratio), note, key)


def kind_of(fields: Fields, key: str, default: str) -> str:
    """The Trainer's name of a schedule, as Python or a file writes it."""
    kind = str(fields.text(key, "")).lower().removeprefix("schedulertype.")
    return kind if kind in KINDS else fields.choice(key, KINDS, default)


def schedule(
    fields: Fields,
    kind: str,
    length: Length,
    warm: Value,
    key: str = "lr_scheduler_type",
    more: Mapping[str, Value | None] = {},
) -> Value:
    """A schedule of transformers by the Trainer's name, its own arguments among them."""
    place = fields.value(key) or fields.file
    known = {
        "num_warmup_steps": None if kind in WITHOUT_WARM_UP else warm,
        "num_training_steps": None if kind in WITHOUT_LENGTH else at(length.place, length.steps, length.note),
    }
    given = {name: value for name, value in _kwargs(fields).items() if name != "num_training_steps"}
    return scheduler(place, f"transformers.{kind}", key, **{**known, **more, **given})


def _kwargs(fields: Fields) -> dict[str, Value]:
    """lr_scheduler_kwargs: a mapping, or JSON in a text."""
    value = fields.value("lr_scheduler_kwargs")
    if value is None:
        return {}
    if isinstance(value.content, str):
        try:
            inner = parse(value.content, value.place, [], KEPT)
        except ConfigError as error:
            fields.problems += error.messages[:1]
            return {}
        value = at(value, inner.content)
    if not isinstance(value.content, dict):
        fields.note(value, "lr_scheduler_kwargs", "must be a mapping, or one as JSON")
        return {}
    for name, each in value.content.items():
        each.note = each.note or f"lr_scheduler_kwargs.{name}"
    return {name: each for name, each in value.content.items() if not each.is_null}
