"""timm's args.yaml, and the flags of its train.py: the arguments of create_scheduler under the script's own names."""

from lrplot.configs.document import ConfigError, Value
from lrplot.configs.foreign.build import config, scheduler
from lrplot.configs.foreign.fields import Fields, plain
from lrplot.configs.foreign.lengths import given
from lrplot.configs.foreign.source import Source, Understood, at

DEFAULTS = {
    "sched": "cosine",
    "epochs": 300,
    "warmup_epochs": 5,
    "warmup_lr": 1e-5,
    "min_lr": 0.0,
    "decay_epochs": 90,
    "decay_rate": 0.1,
    "cooldown_epochs": 0,
}
"""Of train.py; those that make a difference are told."""
PASSED = (
    "sched",
    "epochs",
    "decay_epochs",
    "decay_milestones",
    "warmup_epochs",
    "cooldown_epochs",
    "decay_rate",
    "min_lr",
    "warmup_lr",
    "warmup_prefix",
    "lr_noise",
    "lr_noise_pct",
    "lr_noise_std",
    "seed",
    "lr_cycle_mul",
    "lr_cycle_decay",
    "lr_cycle_limit",
    "lr_k_decay",
    "lr_decay_fn",
    "lr_stable_timescale",
    "sched_on_updates",
)
KINDS = ("cosine", "tanh", "step", "multistep", "poly", "wsd", "rsqrt", "constant", "plateau")
OF_PLATEAU = {
    "decay_rate": ("decay_rate", 0.1),
    "patience_t": ("patience_epochs", 10),
    "lr_min": ("min_lr", 0),
    "warmup_t": ("warmup_epochs", 5),
    "warmup_lr_init": ("warmup_lr", 1e-5),
}
"""What timm's own takes, each with the key and the default of train.py."""
ADAPTIVE = ("ada", "lamb")


def recognise(source: Source) -> bool:
    names = ("warmup_lr", "warmup_epochs", "cooldown_epochs", "decay_epochs", "opt")
    return source.has("sched") and sum(map(source.has, names)) >= 2


def read(source: Source) -> Understood:
    fields = Fields(source, "timm")
    lr = _rate(fields)
    kind = fields.choice("sched", KINDS, "cosine")
    epochs = fields.whole("epochs", 300, 1)
    fields.end()
    place = fields.value("sched") or fields.file
    if kind == "plateau":
        return _plateau(fields, lr, place)
    passed = {name: fields.made(value.content, name, name) for name in PASSED if (value := _passed(fields, name))}
    keys = _clock(fields, passed)
    fields.end()
    tree = config(fields, lr, scheduler(place, "timm.create_scheduler", "sched", **passed), keys)
    cooldown = fields.whole("cooldown_epochs", 0)
    facts = [kind, f"lr {lr.content}", f"{epochs} epochs" + (f" and {cooldown} to cool down" if cooldown else "")]
    offers = [] if "steps_per_epoch" in keys else ["counts epochs: --steps-per-epoch gives steps"]
    offers += fields.told_of("layer_decay", "earlier layers have a part of the rate", 1)
    return Understood("arguments of timm's train.py", {"": tree}, facts, fields.assumed, offers)


def _plateau(fields: Fields, lr: Value, place: Value) -> Understood:
    """What watches a metric, at each epoch."""
    if not fields.source.given.has_metrics:
        ways = "add --metrics 'summary.csv:eval_top1', or --metrics '1 - 1 / (epoch + 1)'"
        raise ConfigError([f"{fields.source.name}: its plateau needs a metric at each epoch: {ways}"])
    mode = "min" if "loss" in fields.text("eval_metric", "top1") else "max"
    own = {name: fields.entry(key, default) for name, (key, default) in OF_PLATEAU.items()}
    fields.end()
    made = scheduler(place, "timm.plateau", "sched", **own, mode=at(place, mode, "eval_metric"))
    facts = ["plateau", f"lr {lr.content}", f"the {mode}imum of a metric"]
    return Understood("arguments of timm's train.py", {"": config(fields, lr, made)}, facts, fields.assumed)


def _passed(fields: Fields, name: str) -> Value | None:
    value = fields.value(name)
    if value is None or (name == "seed" and not fields.has("lr_noise")):
        return None
    if name in ("warmup_prefix", "sched_on_updates"):
        return at(value, fields.truth(name))
    return value


def _rate(fields: Fields) -> Value:
    """lr, or that of the base by the size of the global batch."""
    if fields.has("lr"):
        return fields.entry("lr")
    base, size = fields.number("lr_base", 0.1), fields.number("lr_base_size", 256)
    batch, devices = fields.number("batch_size", 128), fields.number("world_size", 1)
    accumulate = fields.number("grad_accum_steps", 1)
    whole = batch * devices * accumulate
    optimizer = fields.text("opt", "sgd").lower()
    is_root = fields.text("lr_base_scale", "") == "sqrt" or (
        not fields.text("lr_base_scale", "") and any(word in optimizer for word in ADAPTIVE)
    )
    ratio = whole / size
    if not fields.has("world_size"):
        fields.assume("one device (--set world_size=8)", "")
    note = f"lr_base {plain(base)} * {'sqrt' if is_root else ''}({plain(whole)} / {plain(size)})"
    return fields.made(base * (ratio**0.5 if is_root else ratio), note, "lr_base", "batch_size")


def _clock(fields: Fields, passed: dict[str, Value]) -> dict[str, Value]:
    """What steps the schedule; how long the run is, create_scheduler knows by itself."""
    flag = given(fields, "steps_per_epoch")
    if flag is None and (size := given(fields, "data.size")) is not None:
        batch = fields.whole("batch_size", 128, 1)
        flag = -(-int(size[0]) // batch), size[1]
    by_update = fields.truth("sched_on_updates")
    if by_update and flag is None:
        raise ConfigError([f"{fields.source.name}: sched_on_updates needs --steps-per-epoch: updates of an epoch"])
    place = fields.value("sched_on_updates") or fields.file
    by_epoch = at(place, "epoch", "sched_on_updates is false")
    if flag is None:
        return {"interval": by_epoch}
    per_epoch = at(flag[1], int(flag[0]))
    if by_update:
        passed["updates_per_epoch"] = per_epoch
        return {"steps_per_epoch": per_epoch}
    return {"steps_per_epoch": per_epoch, "interval": by_epoch}
