"""llm-foundry and Composer: schedulers whose lengths are times (``100ba``, ``2ep``, ``0.03dur``)."""

import re

from lrplot.configs.document import ConfigError, Value
from lrplot.configs.foreign.build import config, factor
from lrplot.configs.foreign.fields import Fields, plain
from lrplot.configs.foreign.lengths import NOMINAL, UNKNOWN, given, over_epochs_alone
from lrplot.configs.foreign.source import Source, Understood, at, walk
from lrplot.configs.foreign.tree import merged, with_value

KINDS = (
    "constant",
    "cosine_with_warmup",
    "linear_decay_with_warmup",
    "constant_with_warmup",
    "inv_sqrt_with_warmup",
)
_TIME = re.compile(r"([0-9]+\.?[0-9]*(?:[eE][-+]?[0-9]+)?)\s*(ba|ep|dur|tok|sp|iter|sec|s)")


def recognise(source: Source) -> bool:
    tree = _own(source.tree)
    if walk(tree, "optimizer.learning_rate") is not None:  # OLMo's, whose keys mean other things
        return False
    if walk(tree, "scheduler.t_warmup") is not None:
        return True
    named = walk(tree, "scheduler.name") is not None or walk(tree, "schedulers") is not None
    return named and walk(tree, "max_duration") is not None


def _own(tree: Value) -> Value:
    """The config in a run's file as the cluster takes it, where it stands under ``parameters``."""
    inner = walk(tree, "parameters")
    return tree if inner is None or not isinstance(inner.content, dict) else merged(tree, inner)


def read(source: Source) -> Understood:
    fields = Fields(source, "llm-foundry", _with_one(_own(source.tree)))
    lr = fields.entry("optimizer.lr")
    if not fields.has("optimizer.lr"):
        fields.needs["optimizer.lr"] = "--set optimizer.lr=…"
    total, keys, note = _total(fields)
    fields.refuse("scale_schedule_ratio", "scheduler.scale_warmup", "schedulers")
    kind = fields.text("scheduler.name", "cosine_with_warmup")
    if not fields.has("scheduler.name"):
        fields.assume("scheduler.name", kind)
    text = _factor(fields, kind, total)
    fields.end()
    place = fields.value("scheduler.name") or fields.file
    facts = [kind, f"lr {lr.content}", note]
    tree = config(fields, lr, factor(place, text, note="scheduler"), keys)
    return Understood("a config of llm-foundry", {"": tree}, facts, fields.assumed)


def _with_one(tree: Value) -> Value:
    """The file with what stands alone under Composer's ``schedulers`` as its scheduler."""
    several = walk(tree, "schedulers")
    content = several.content if several is not None and isinstance(several.content, dict) else {}
    (name, inner), *more = [*content.items()] or [("", tree)]
    if more or not content or not isinstance(inner.content, dict):
        return tree
    alone = with_value(tree, "scheduler", at(inner, {"name": at(inner, name), **inner.content}))
    return with_value(alone, "schedulers", at(inner, {}))


def _time(fields: Fields, path: str, default: str) -> tuple[float, str, Value]:
    """A time: its number and its unit; a plain number counts epochs."""
    value = fields.value(path)
    text = default if value is None else str(value.content).replace("_", "")
    place = value or fields.file
    if match := _TIME.fullmatch(text):
        return float(match[1]), match[2], place
    number = fields.number(path, 1)
    return float(number), "ep" if path == "max_duration" else "ba", place


def _total(fields: Fields) -> tuple[int, dict[str, Value], str]:
    """The run's batches."""
    number, unit, place = _time(fields, "max_duration", "1ep")
    if not fields.has("max_duration"):
        flag = given(fields, "steps")
        if flag is None:
            fields.needs["max_duration"] = "--set max_duration=…"
            return 1, {}, ""
        return int(flag[0]), {"steps": flag[1]}, f"{int(flag[0]):,} batches"
    if unit == "ba":
        return int(number), {"steps": at(place, int(number), "max_duration")}, f"{int(number):,} batches"
    if unit == "ep":
        per_epoch = given(fields, "steps_per_epoch")
        if per_epoch is None:
            per_epoch = _of_data(fields)
        if per_epoch is not None:
            total = int(number * per_epoch[0])
            keys = {"steps": at(place, total, f"max_duration {plain(number)}ep * {plain(per_epoch[0])}")}
            each = at(per_epoch[1], int(per_epoch[0]))
            return total, {**keys, "steps_per_epoch": each}, f"{plain(number)} epochs"
        if not _counts_batches(fields):
            total = int(number * NOMINAL)
            keys = {
                "steps": at(place, total, f"max_duration {plain(number)}ep"),
                "steps_per_epoch": at(place, NOMINAL, UNKNOWN),
                **over_epochs_alone(place),
            }
            return total, keys, f"{plain(number)} epochs, drawn over epochs: --steps-per-epoch gives its batches"
        what = "its max_duration counts epochs and its scheduler batches"
        raise ConfigError([f"{fields.source.name}: {what}: add --steps-per-epoch 500"])
    batch, length = fields.number("global_train_batch_size"), fields.number("max_seq_len")
    if unit == "sp" and batch:
        total = int(number / batch)
        return total, {"steps": at(place, total, f"max_duration / {plain(batch)} samples")}, f"{total:,} batches"
    if unit == "tok" and batch and length:
        total = int(number / (batch * length))
        keys = {"steps": at(place, total, f"max_duration / ({plain(batch)} * {plain(length)} tokens a batch)")}
        return total, keys, f"{total:,} batches"
    fields.needs["the batches of the run"] = "--set max_duration=4800ba"
    return 1, {}, ""


def _of_data(fields: Fields) -> tuple[int, Value] | None:
    size, batch = given(fields, "data.size"), fields.number("global_train_batch_size")
    return (-(-int(size[0]) // int(batch)), size[1]) if size is not None and batch else None


def _counts_batches(fields: Fields) -> bool:
    return any(
        str(fields.text(f"scheduler.{key}", "")).endswith(("ba", "tok")) for key in ("t_warmup", "t_max", "t_scale")
    )


def _batches(fields: Fields, path: str, default: str, total: int) -> int:
    """A time of the scheduler's in batches."""
    number, unit, place = _time(fields, path, default)
    if unit == "dur":
        return int(number * total)
    if unit == "ba":
        return int(number)
    if unit == "ep":
        per_epoch = given(fields, "steps_per_epoch") or _of_data(fields)
        epochs, of, _ = _time(fields, "max_duration", "1ep")
        each = per_epoch[0] if per_epoch is not None else total / epochs if of == "ep" else 0
        if not each:
            fields.needs[path] = "--steps-per-epoch 500"
        return int(number * each)
    if unit == "tok":
        batch, length = fields.number("global_train_batch_size", 0), fields.number("max_seq_len", 0)
        if batch * length:
            return int(number / (batch * length))
    fields.note(place, path, f"must be a time in ba, ep, dur or tok, got {str(place.content)[:40]!r}")
    return 1


def _factor(fields: Fields, kind: str, total: int) -> str:
    warm = _batches(fields, "scheduler.t_warmup", "0ba", total)
    end = _batches(fields, "scheduler.t_max", "1dur", total)
    floor, first = fields.number("scheduler.alpha_f", 0.0), fields.number("scheduler.alpha_i", 1.0)
    if kind.startswith("constant"):
        first = fields.number("scheduler.alpha", 1.0)
    rise = f"{first} * epoch / {warm} if epoch < {warm} else " if warm else ""
    done = f"min((epoch - {warm}) / {max(end - warm, 1)}, 1)"
    if kind == "constant" or kind == "constant_with_warmup":
        return f"{rise}{first}"
    if kind == "cosine_with_warmup":
        return f"{rise}{floor} + (1 - {floor}) * (1 + cos(pi * {done})) / 2"
    if kind == "linear_decay_with_warmup":
        return f"{rise}{first} + ({floor} - {first}) * {done}"
    if kind == "inv_sqrt_with_warmup":
        return _inv_sqrt(fields, warm, total)
    fields.note(
        fields.value("scheduler.name") or fields.file,
        "scheduler.name",
        f"must be one of {', '.join(KINDS)}, got {str(kind)[:40]!r}",
    )
    return "1.0"


def _inv_sqrt(fields: Fields, warm: int, total: int) -> str:
    """llm-foundry's own: 1 / sqrt past the warm-up, then a line down to alpha_f_cooldown."""
    scale = _batches(fields, "scheduler.t_scale", "1ba", total)
    cool = _batches(fields, "scheduler.t_cooldown", "0ba", total)
    low, last = fields.number("scheduler.alpha_f_decay", 0.0), fields.number("scheduler.alpha_f_cooldown", 0.0)
    shift, begin = scale - warm, total - cool
    fall = f"({low} + (1 - {low}) / sqrt((epoch + {shift}) / {max(scale, 1)}))"
    at_end = low + (1 - low) / max((begin + shift) / max(scale, 1), 1e-12) ** 0.5
    rise = f"epoch / {warm} if epoch < {warm} else " if warm else ""
    if not cool:
        return f"{rise}{fall}"
    return f"{rise}{fall} if epoch < {begin} else {at_end} + ({last} - {at_end}) * (epoch - {begin}) / {cool}"
