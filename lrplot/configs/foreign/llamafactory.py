"""LLaMA-Factory's YAML: the Trainer's arguments, with the size of the data bounded."""

from lrplot.configs.document import Value
from lrplot.configs.foreign import transformers
from lrplot.configs.foreign.fields import Fields, plain
from lrplot.configs.foreign.lengths import Length, over_epochs
from lrplot.configs.foreign.source import NoSchedule, Source, Understood, at

V1 = ("dist_config", "optim_config", "peft_config", "kernel_config", "sample_backend", "model_class")
"""What only the files of its new trainer have."""


def recognise(source: Source) -> bool:
    if _is_v1(source):
        return True
    return source.has("stage") and source.has("finetuning_type" if source.has("finetuning_type") else "cutoff_len")


def _is_v1(source: Source) -> bool:
    return source.kind == "yaml" and source.has("train_dataset") and any(map(source.has, V1))


def read(source: Source) -> Understood:
    if _is_v1(source):
        return _new(Fields(source, "LLaMA-Factory"))
    fields = Fields(source, "LLaMA-Factory")
    if not fields.truth("do_train", True) or (not fields.has("learning_rate") and not fields.has("num_train_epochs")):
        raise NoSchedule([f"{source.name}: a config of LLaMA-Factory that trains nothing: it has no learning_rate"])
    lr = fields.entry("learning_rate", 5e-5)
    length = transformers.trainer_length(fields)
    kind = transformers.kind_of(fields, "lr_scheduler_type", "linear")
    warm = transformers.warm_up(fields, length)
    more: dict[str, Value | None] = {}
    if kind == "warmup_stable_decay":
        left = length.steps - int(str(warm.content))
        stable = left // 3
        more = {
            "num_stable_steps": at(length.place, stable, f"a third of the {left} steps after the warm-up"),
            "num_decay_steps": at(length.place, left - stable, "the rest"),
        }
    made = transformers.schedule(fields, kind, length, warm, more=more)
    fields.end()
    what = "a config of LLaMA-Factory"
    plus = fields.told_of("loraplus_lr_ratio", "some weights have a rate of their own")
    return transformers.understood(what, fields, lr, made, length, kind, *_at_most(fields, length), *plus)


def _new(fields: Fields) -> Understood:
    """The new trainer's, which has no schedule but those of plugins."""
    lr = fields.entry("learning_rate", 1e-4)
    steps, epochs = fields.whole("max_steps", -1), fields.number("num_train_epochs", 3)
    if steps > 0:
        length = Length(steps, None, True, fields.value("max_steps") or fields.file, "max_steps")
    else:
        batch = fields.whole("global_batch_size", fields.whole("micro_batch_size", 1, 1), 1)
        if not fields.has("num_train_epochs"):
            fields.assume("num_train_epochs", 3)
        length = over_epochs(
            fields, epochs, "num_train_epochs", lambda size: (max(size // batch, 1), f"{size} // {batch}")
        )
    fields.refuse("lr_scheduler_config")
    made = transformers.schedule(fields, "constant", length, at(fields.file, 0), "lr_scheduler_config")
    fields.end()
    return transformers.understood("a config of LLaMA-Factory's v1", fields, lr, made, length, "constant")


def _at_most(fields: Fields, length: Length) -> list[str]:
    """What max_samples says of the number of examples."""
    samples = fields.whole("max_samples", None, 1)
    if samples is None or length.is_known:
        return []
    sets = str(fields.text("dataset", "")).count(",") + 1
    held = fields.number("val_size", 0)
    size = int(samples * sets * (1 - held)) if held < 1 else int(samples * sets - held)
    return [f"max_samples {samples:,}" + (f" less val_size {plain(held)}" if held else "") + f" is at most {size:,}"]
