"""The flags of diffusers' example scripts: transformers' schedules by names of their own, a warm-up of 500 steps."""

import math
from typing import Any

from lrplot.configs.foreign.build import config, scheduler
from lrplot.configs.foreign.fields import Fields, plain
from lrplot.configs.foreign.lengths import Length, over_epochs
from lrplot.configs.foreign.source import Source, Understood, at
from lrplot.configs.foreign.transformers import over

MODELS = ("pretrained_model_name_or_path", "pretrained_teacher_model", "unet_config")
"""What the scripts are built on, of which each names one."""
SIGNS = (
    "checkpointing_steps",
    "validation_prompt",
    "validation_steps",
    "validation_epochs",
    "instance_data_dir",
    "dataset_name",
    "num_train_epochs",
    "controlnet_model_name_or_path",
    "report_to",
    "lr_num_cycles",
    "scale_lr",
)
OF_KOHYA = (
    "network_module",
    "network_dim",
    "output_name",
    "dataset_config",
    "max_train_epochs",
    "save_model_as",
    "save_every_n_epochs",
    "unet_lr",
    "lr_scheduler_num_cycles",
    "sample_prompts",
    "cache_latents",
)
KINDS = ("linear", "cosine", "cosine_with_restarts", "polynomial", "constant", "constant_with_warmup")
WITHOUT_WARM_UP = ("constant",)


def recognise(source: Source) -> bool:
    if source.kind != "flags" or any(map(source.has, OF_KOHYA)) or source.has("per_device_train_batch_size"):
        return False
    return any(map(source.has, MODELS)) and source.has("train_batch_size") and any(map(source.has, SIGNS))


def read(source: Source) -> Understood:
    fields = Fields(source, "diffusers' scripts")
    if not fields.has("learning_rate"):
        fields.needs["learning_rate"] = "--set learning_rate=…"
    lr = fields.entry("learning_rate", 1e-4)
    if fields.truth("scale_lr"):
        batch = fields.whole("train_batch_size", 1, 1) * fields.whole("gradient_accumulation_steps", 1, 1)
        lr = fields.made(float(lr.content if isinstance(lr.content, str) else 1) * batch, "scale_lr", "learning_rate")
        fields.assume("one device", "")
    length = _length(fields)
    kind = fields.choice("lr_scheduler", KINDS, "constant")
    place = fields.value("lr_scheduler") or fields.file
    given = _parameters(fields, kind, length)
    fields.end()
    made = scheduler(place, f"transformers.{kind}", "lr_scheduler", **given)
    facts = [kind, f"lr {lr.content}", length.fact or over(fields, length)]
    offers = [] if length.is_known else ["drawn over epochs: --data-size or --steps-per-epoch gives its steps"]
    tree = config(fields, lr, made, length)
    return Understood("arguments of a script of diffusers", {"": tree}, facts, fields.assumed, offers)


def _length(fields: Fields) -> Length:
    steps = fields.whole("max_train_steps", -1)
    if steps > 0:
        return Length(steps, None, True, fields.value("max_train_steps") or fields.file, "max_train_steps")
    if not fields.has("num_train_epochs"):
        fields.needs["max_train_steps or num_train_epochs"] = "--set max_train_steps=…"
    batch, accumulate = fields.whole("train_batch_size", 1, 1), fields.whole("gradient_accumulation_steps", 1, 1)

    def per_epoch(size: int) -> tuple[int, str]:
        return math.ceil(math.ceil(size / batch) / accumulate), f"ceil(ceil({size} / {batch}) / {accumulate})"

    return over_epochs(fields, fields.number("num_train_epochs", 1), "num_train_epochs", per_epoch)


def _parameters(fields: Fields, kind: str, length: Length) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if kind not in WITHOUT_WARM_UP:
        warm = fields.whole("lr_warmup_steps", 500, 0)
        if warm:
            length.fixes(fields, "lr_warmup_steps")
        if not fields.has("lr_warmup_steps"):
            fields.assume("lr_warmup_steps", warm)
        given["num_warmup_steps"] = fields.made(warm, f"lr_warmup_steps {plain(warm)}", "lr_warmup_steps")
    if kind not in (*WITHOUT_WARM_UP, "constant_with_warmup"):
        given["num_training_steps"] = at(length.place, length.steps, length.note)
    if kind == "cosine_with_restarts" and fields.has("lr_num_cycles"):
        given["num_cycles"] = fields.entry("lr_num_cycles")
    if kind == "polynomial" and fields.has("lr_power"):
        given["power"] = fields.entry("lr_power")
    return given
