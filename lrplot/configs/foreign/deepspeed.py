"""DeepSpeed's JSON: its scheduler, or one of torch's; what is "auto" comes from the Trainer's arguments."""

from lrplot.configs.document import ConfigError, Value
from lrplot.configs.foreign import transformers
from lrplot.configs.foreign.build import config, scheduler
from lrplot.configs.foreign.fields import Fields, copyable, open_name
from lrplot.configs.foreign.lengths import given
from lrplot.configs.foreign.source import NoSchedule, Source, Understood, at, walk
from lrplot.configs.foreign.targets import torch_scheduler

KINDS = ("WarmupLR", "WarmupDecayLR", "WarmupCosineLR", "OneCycle", "LRRangeTest")
SIGNS = (
    "zero_optimization",
    "train_micro_batch_size_per_gpu",
    "zero_allow_untested_optimizer",
    "bf16.enabled",
    "fp16.enabled",
)


def recognise(source: Source) -> bool:
    if source.kind == "toml":
        return False
    of_type = walk(source.tree, "scheduler.type") is not None and walk(source.tree, "scheduler.params") is not None
    of_optimizer = walk(source.tree, "optimizer.type") is not None and walk(source.tree, "optimizer.params") is not None
    return of_type or any(map(source.has, SIGNS)) or (of_optimizer and source.has("train_batch_size"))


def read(source: Source) -> Understood:
    fields = Fields(source, "DeepSpeed")
    kind = fields.text("scheduler.type")
    if kind is None:
        what = "a DeepSpeed config without a scheduler: the training arguments or the code beside it decide"
        raise NoSchedule([f"{source.name}: {what}: draw those"])
    parameters = _parameters(fields, kind)
    lr = _rate(fields, parameters)
    place = fields.value("scheduler.type") or fields.file
    if kind in KINDS:
        made = scheduler(place, f"deepspeed.{kind}", "scheduler.type", **parameters)
    else:
        made = torch_scheduler(fields, place, kind, parameters)
    fields.end()
    total = parameters.get("total_num_steps")
    length = {"steps": total} if total is not None else _length(fields)
    tree = config(fields, lr, made, length)
    facts = [kind, f"lr {lr.content}", *([f"{total.content} steps"] if total is not None else [])]
    return Understood("a config of DeepSpeed", {"": tree}, facts, fields.assumed)


def _length(fields: Fields) -> dict[str, Value]:
    flag = given(fields, "steps")
    return {} if flag is None else {"steps": flag[1]}


OF_A_LENGTH = ("WarmupDecayLR", "WarmupCosineLR")
"""Those that must be told how long the run is."""


def _parameters(fields: Fields, kind: str) -> dict[str, Value]:
    """The scheduler's parameters, with the Trainer's values for those that are "auto"."""
    value = fields.value("scheduler.params")
    entries = value.content if value is not None and isinstance(value.content, dict) else {}
    made, open_ = {}, []
    given = {name: each for name, each in entries.items() if not each.is_null}
    if kind in OF_A_LENGTH:
        given.setdefault("total_num_steps", at(value or fields.file, "auto"))
    for name, each in given.items():
        is_open = each.content == "auto" or open_name(each, name) is not None
        found = _from_outside(fields, name) if is_open else each
        if found is None:
            open_.append(name)
        else:
            made[name] = at(found, found.content, found.note or f"scheduler.params.{name}")
    if "warmup_min_lr" in open_:
        made["warmup_min_lr"] = at(entries["warmup_min_lr"], 0, "the Trainer's value for auto")
    asked = [name for name in open_ if name != "warmup_min_lr"]
    if asked:
        sets = copyable(" ".join(f"--set {name}=…" for name in asked))
        is_auto = any(each.content == "auto" for each in entries.values())
        count = f"{len(open_)} value{'s' * (len(open_) > 1)}"
        what = f"its {kind} takes {count} from the Trainer" + (' ("auto")' if is_auto else "")
        raise ConfigError([f"{fields.source.name}: {what}: add --values YOUR_TRAINING_ARGS.yaml, or {sets}"])
    return made


def _from_outside(fields: Fields, name: str) -> Value | None:
    """What was typed for a parameter, or what the Trainer makes of its own arguments."""
    typed = fields.source.given.names.get(name)
    fields.source.use(typed)
    if typed is not None:
        return typed
    other = fields.source.other
    if other is None or name == "warmup_min_lr":
        return None
    if (direct := walk(other, name)) is not None:
        return direct
    trainer = Fields(fields.source.at(other), "transformers")
    trainer.problems, trainer.needs, trainer.assumed = fields.problems, fields.needs, fields.assumed
    if name in ("warmup_max_lr", "lr"):
        return trainer.entry("learning_rate", 5e-5)
    length = transformers.trainer_length(trainer)
    if not length.is_known:
        fields.needs["the number of examples"] = "--data-size 10000"
    if name == "total_num_steps":
        return at(length.place, length.steps, length.note or "the Trainer's length")
    if name == "warmup_num_steps":
        warm = transformers.warm_up(trainer, length)
        return at(warm, max(1, int(str(warm.content))), warm.note)
    return None


def _rate(fields: Fields, parameters: dict[str, Value]) -> Value:
    """The optimizer's rate; that of the schedule where it alone decides."""
    value = fields.value("optimizer.params.lr")
    if value is not None and value.content == "auto":
        value = _from_outside(fields, "lr")
    if value is not None:
        return at(value, value.content, "optimizer.params.lr")
    for name in ("warmup_max_lr", "cycle_max_lr", "lr_range_test_min_lr"):
        if name in parameters:
            return at(parameters[name], parameters[name].content, f"scheduler.params.{name}")
    flag = fields.source.given.names.get("lr")
    if flag is not None:
        return flag
    fields.needs["the optimizer's rate"] = "--set lr=…"
    return at(fields.file, 0.001)
