"""Megatron-LM's flags, in a script or a YAML: iterations, or samples by the global batch."""

from typing import Any

from lrplot.configs.document import ConfigError, Value
from lrplot.configs.foreign.build import config, scheduler
from lrplot.configs.foreign.fields import Fields, plain
from lrplot.configs.foreign.source import Source, Understood, at

STYLES = ("linear", "cosine", "constant", "inverse-square-root", "WSD")


def _dashed(source: Source) -> Value | None:
    """Flags as the keys of a YAML's mapping, as its tests have them: ``--train-iters: 50``; without their dashes."""
    content = source.tree.content if source.kind == "yaml" and isinstance(source.tree.content, dict) else {}
    for each in (source.tree, *content.values()):
        if isinstance(each.content, dict) and {"--train-iters", "--train-samples"} & each.content.keys():
            names = {key.removeprefix("--").replace("-", "_"): value for key, value in each.content.items()}
            return at(each, {**names, **{key: value for key, value in content.items() if value.is_flag}})
    return None


def recognise(source: Source) -> bool:
    if _dashed(source) is not None:
        return True
    if source.kind != "flags" and not source.has("train_iters"):
        return False
    if source.has("train_iters") or source.has("train_samples"):
        return source.has("lr") or source.has("lr_decay_style") or source.has("lr_warmup_iters")
    return source.has("lr_decay_style") or source.has("lr_decay_iters")


def read(source: Source) -> Understood:
    fields = Fields(source, "Megatron", _dashed(source))
    by_samples = fields.has("train_samples") and not fields.has("train_iters")
    unit = fields.whole("global_batch_size", None, 1) if by_samples else 1
    what, word = ("samples", "samples") if by_samples else ("iters", "iterations")
    total = fields.whole(f"train_{what}", None, 1)
    if unit is None:
        fields.needs["global_batch_size"] = "--set global_batch_size=…"
        unit = 1
    if total is None:
        fields.needs[f"train_{what}"] = f"--set train_{what}=…"
        total = 1
    if not fields.has("lr"):
        fields.needs["lr"] = "--set lr=…"
    if by_samples and fields.has("rampup_batch_size"):
        problem = "its batches grow (rampup_batch_size), so that a sample is no fixed part of a step"
        raise ConfigError([f"{source.name}: {problem}: --set rampup_batch_size=null leaves that out"])
    lr = fields.entry("lr", 0.001)
    made, style = _scheduler(fields, what, total, unit)
    fields.end()
    steps = -(-total // unit)
    length = {"steps": fields.made(steps, f"train_{what}" + (f" / {unit}" if unit > 1 else ""), f"train_{what}")}
    facts = [style, f"lr {lr.content}", f"{total:,} {word}"]
    more = fields.told_of("decoupled_lr", "the first and the last layer have a rate of their own")
    return Understood("flags of Megatron", {"": config(fields, lr, made, length)}, facts, fields.assumed, more)


def _scheduler(fields: Fields, what: str, total: int, unit: int) -> tuple[Value, str]:
    is_swift = str(fields.text("0", "")).startswith("megatron ")  # ms-swift's command, of which a cosine is the default
    style = fields.choice("lr_decay_style", STYLES, "cosine" if is_swift else "linear")
    place = fields.value("lr_decay_style") or fields.file
    decay = fields.whole(f"lr_decay_{what}", total, 1)
    parameters: dict[str, Any] = {
        "max_lr": fields.made(fields.number("lr", 0.001), "lr", "lr"),
        "lr_decay_steps": fields.made(decay, f"lr_decay_{what}", f"lr_decay_{what}", f"train_{what}"),
        "lr_warmup_steps": _warm_up(fields, what, decay),
    }
    if fields.has("min_lr"):
        parameters["min_lr"] = fields.entry("min_lr")
    if fields.has("lr_warmup_init"):
        parameters["init_lr"] = fields.entry("lr_warmup_init")
    if unit > 1:
        parameters["increment"] = fields.made(unit, "global_batch_size", "global_batch_size")
    if style == "WSD":
        parameters["wsd_decay_steps"] = fields.made(
            fields.whole(f"lr_wsd_decay_{what}", decay, 1), f"lr_wsd_decay_{what}", f"lr_wsd_decay_{what}"
        )
        if fields.has("lr_wsd_decay_style"):
            parameters["lr_wsd_decay_style"] = fields.made(
                fields.text("lr_wsd_decay_style"), "lr_wsd_decay_style", "lr_wsd_decay_style"
            )
    return scheduler(place, f"megatron.{style}", "lr_decay_style", **parameters), style


def _warm_up(fields: Fields, what: str, decay: int) -> Value | None:
    share = fields.number("lr_warmup_fraction")
    if share is not None:
        return fields.made(share * decay, f"lr_warmup_fraction {plain(share)} * {decay}", "lr_warmup_fraction")
    key = f"lr_warmup_{what}"
    steps = fields.whole(key, 0, 0)
    return at(fields.value(key) or fields.file, steps, key) if steps else None
