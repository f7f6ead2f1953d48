"""fairseq: the flags of fairseq-train, and the YAML of fairseq-hydra-train."""

import math
from typing import NamedTuple

from lrplot.configs.document import ConfigError, Value
from lrplot.configs.foreign.build import config, factor
from lrplot.configs.foreign.fields import Fields, amount, plain
from lrplot.configs.foreign.lengths import given
from lrplot.configs.foreign.source import Source, Understood, at, walk

UPDATES = ("max_update", "optimization.max_update")
KINDS = ("fixed", "inverse_sqrt", "polynomial_decay", "tri_stage", "cosine", "pass_through")


def recognise(source: Source) -> bool:
    if source.kind == "flags":
        return "fairseq" in source.text and (source.has("lr") or source.has("lr_scheduler"))
    if source.has("lr_scheduler", "optimizer.groups", "optimization"):
        return True
    return walk(source.tree, "lr_scheduler._name") is not None or (
        source.has("optimization.lr") and isinstance(walk(source.tree, "lr_scheduler"), Value)
    )


class Group(NamedTuple):
    """Parameters with a rate and a scheduler of their own.

    Args:
        own: Where the scheduler's keys stand.
    """

    name: str
    lr: Value
    kind: str
    own: Fields


def read(source: Source) -> Understood:
    fields = Fields(source, "fairseq")
    if (by_epoch := _by_epoch(fields)) is not None:
        return by_epoch
    groups = _groups(fields)
    update = next((each for each in UPDATES if fields.has(each)), None)
    steps = fields.whole(update, None, 1) if update is not None else None
    texts = []
    for group in groups:
        group.own.refuse("force_anneal", above="" if group.own is fields else "lr_scheduler.")
        group.own.rate = fields.divisor(group.lr, "lr")
        texts.append(_factor(group.own, group.kind, group.own.rate, steps))
    fields.end()
    place = fields.value("lr_scheduler") or fields.file
    length = {} if steps is None or update is None else {"steps": fields.made(steps, update, update)}
    kinds = list(dict.fromkeys(group.kind for group in groups))
    facts = [" and ".join(kinds), *(f"{group.name or 'lr'} {plain(amount(group.lr))}" for group in groups)]
    lr, *more = [group.lr for group in groups]
    rates = at(lr, [lr, *more]) if more else lr
    made = factor(place, *texts, note=", ".join(kinds))
    tree = config(fields, rates, made, length, [group.name for group in groups])
    return Understood("a run of fairseq", {"": tree}, [*facts, f"{steps:,} updates" if steps else ""], fields.assumed)


def _by_epoch(fields: Fields) -> Understood | None:
    """A fixed rate that has others in later epochs, or falls by lr_shrink from force_anneal on."""
    path, (kind, own) = _path(fields), _scheduler(fields)
    rates, anneal = fields.numbers(path) or [0.25], own.whole("force_anneal", None, 1)
    if kind != "fixed" or (len(rates) < 2 and anneal is None):
        return None
    first = fields.made(float(rates[0]), path.rpartition(".")[2], path)
    base, warm = fields.divisor(first, path), own.whole("warmup_updates", 0, 0)
    keys, at_epoch = _clock(fields, "warm-up" if warm else "length")
    text = (
        "".join(f"{rate / base} if {at_epoch} < {i} else " for i, rate in enumerate(rates[:-1], 1))
        + f"{rates[-1] / base}"
    )
    if anneal is not None:
        fall = f"{rates[-1] / base} * {own.number('lr_shrink', 0.1)} ** ({at_epoch} + 2 - {anneal})"
        text = f"({text}) if {at_epoch} + 1 < {anneal} else {fall}"
    text = f"({text}) * min((epoch + 1) / {warm}, 1)" if warm else text
    fields.end()
    place = fields.value("lr_scheduler") or fields.file
    tree = config(fields, first, factor(place, text, note="fixed"), keys)
    told = [f"lr {', '.join(map(plain, rates))} by the epoch", *([f"force_anneal {anneal}"] if anneal else [])]
    offers = [] if "steps_per_epoch" in keys else ["counts epochs: --steps-per-epoch gives updates"]
    return Understood("a run of fairseq", {"": tree}, ["fixed", *told], fields.assumed, offers)


def _clock(fields: Fields, what: str) -> tuple[dict[str, Value], str]:
    """The length of a run whose rate changes by the epoch, and its epoch, from 0 on, in ``epoch``.

    Args:
        what: What of it counts updates, if it says no number of epochs.
    """
    per_epoch = given(fields, "steps_per_epoch")
    epochs = next((each for each in ("max_epoch", "optimization.max_epoch") if fields.has(each)), None)
    update = next((each for each in UPDATES if fields.has(each)), None)
    if per_epoch is None and (what == "warm-up" or epochs is None):
        problem = f"its rate changes by the epoch, and its {what} counts updates"
        raise ConfigError([f"{fields.source.name}: {problem}: add --steps-per-epoch 500 (the updates of an epoch)"])
    count = 1 if per_epoch is None else int(per_epoch[0])
    keys = {} if per_epoch is None else {"steps_per_epoch": per_epoch[1]}
    if epochs is not None:
        keys["steps"] = fields.made(fields.whole(epochs, 1, 1) * count, epochs, epochs)
    elif update is not None:
        keys["steps"] = fields.made(fields.whole(update, 1, 1), update, update)
    if per_epoch is None:
        return {**keys, "interval": at(fields.file, "epoch", "the rate changes by the epoch")}, "epoch"
    return keys, f"(epoch // {count})"


def _path(fields: Fields) -> str:
    return "lr" if fields.has("lr") else "optimization.lr"


def _rate(fields: Fields, path: str) -> Value:
    """The only one of the rates at a key path."""
    rates = fields.numbers(path) or [0.25]
    if not fields.has(path):
        fields.assume("lr", 0.25)
    if len(rates) > 1:
        fields.note(fields.value(path) or fields.file, path, "must be one number: only fixed takes rates by the epoch")
    return fields.made(float(rates[0]), path.rpartition(".")[2], path)


def _groups(fields: Fields) -> list[Group]:
    """All parameters, or the groups of a composite optimizer, to which pass_through leaves the rate."""
    path = _path(fields)
    kind, own = _scheduler(fields)
    if kind != "pass_through":
        return [Group("", _rate(fields, path), kind, own)]
    value = fields.value("optimizer.groups")
    groups = []
    for name, each in value.content.items() if value is not None and isinstance(value.content, dict) else ():
        inner = fields.below(each)
        known = next((key for key in ("lr_float", "optimizer.lr", "lr") if inner.has(key)), None)
        lr = _rate(inner, known) if known is not None else _rate(fields, path)
        groups.append(Group(name, lr, *_scheduler(inner)))
    if not groups or "pass_through" in {group.kind for group in groups}:
        at_groups = value or fields.file
        fields.note(at_groups, "optimizer.groups", "must have an lr_scheduler each, for lr_scheduler is pass_through")
        fields.end()
    return groups


def _scheduler(fields: Fields) -> tuple[str, Fields]:
    """The scheduler's name, and where its own keys stand."""
    value = fields.value("lr_scheduler")
    if value is not None and isinstance(value.content, dict):
        own = fields.below(value)
        kind = own.text("_name", "fixed")
    else:
        own, kind = fields, fields.text("lr_scheduler", "fixed")
    if kind not in KINDS:
        fields.note(value or fields.file, "lr_scheduler", f"must be one of {', '.join(KINDS)}, got {str(kind)[:40]!r}")
    return str(kind), own


def _factor(own: Fields, kind: str, rate: float, steps: int | None) -> str:
    if kind == "inverse_sqrt":
        return _inverse_sqrt(own, rate)
    if kind == "polynomial_decay":
        return _polynomial(own, rate, steps)
    if kind == "tri_stage":
        return _tri_stage(own, steps)
    if kind == "cosine":
        return _cosine(own, rate, steps)
    warm = own.whole("warmup_updates", 0, 0)
    return f"(epoch + 1) / {warm} if epoch + 1 < {warm} else 1.0" if warm else "1.0"


def _start(own: Fields, warm: int) -> float:
    """The rate that the warm-up begins at."""
    start = own.number("warmup_init_lr", -1)
    return start if start >= 0 else 0.0 if warm else own.rate or 0.0


def _inverse_sqrt(own: Fields, rate: float) -> str:
    warm = own.whole("warmup_updates", 4000, 0)
    if not own.has("warmup_updates"):
        own.assume("warmup_updates", 4000)
    low = _start(own, warm) / rate
    rise = f"{low} + epoch * (1 - {low}) / {warm} if epoch < {warm} else " if warm else ""
    return f"{rise}({max(warm, 1)} / max(epoch, 1)) ** 0.5"


def _polynomial(own: Fields, rate: float, steps: int | None) -> str:
    warm = own.whole("warmup_updates", 0, 0)
    total = own.whole("total_num_update", steps, 1)
    if total is None:
        own.needs["total_num_update"] = "--set total_num_update=…"
        total = 1
    end, power = own.number("end_learning_rate", 0.0) / rate, own.number("power", 1.0)
    rise = f"epoch / {warm} if epoch <= {warm} else " if warm else ""
    left = f"(1 - (epoch - {warm}) / {max(total - warm, 1)})"
    return f"{rise}{end} if epoch >= {total} else (1 - {end}) * {left} ** {power} + {end}"


def _tri_stage(own: Fields, steps: int | None) -> str:
    ratios = own.numbers("phase_ratio")
    if ratios:
        total = own.whole("max_update", steps, 1)
        if total is None:
            own.needs["max_update"] = "--set max_update=…"
            total = 1
        warm, hold, decay = (int(total * ratio) for ratio in (*ratios, 0, 0)[:3])
    else:
        warm, hold, decay = (own.whole(f"{name}_steps", 0, 0) for name in ("warmup", "hold", "decay"))
    first, last = own.number("init_lr_scale", 0.01), own.number("final_lr_scale", 0.01)
    speed = -math.log(last) / decay if decay and last > 0 else 0.0
    rise = f"{first} + (1 - {first}) * epoch / {warm} if epoch < {warm} else " if warm else ""
    fall = f"exp(-{speed} * (epoch - {warm + hold})) if epoch <= {warm + hold + decay} else {last}"
    return f"{rise}1.0 if epoch < {warm + hold} else {fall}"


def _cosine(own: Fields, rate: float, steps: int | None) -> str:
    warm, low = own.whole("warmup_updates", 0, 0), own.number("min_lr", 0.0)
    period = own.number("lr_period_updates", -1)
    if period <= 0:
        if steps is None:
            own.needs["max_update"] = "--set max_update=…"
        period = (steps or warm + 1) - warm
    start = own.number("warmup_init_lr", -1) / rate
    start = start if start >= 0 else low / rate
    floor, shrink, times = low / rate, own.number("lr_shrink", 0.1), own.number("t_mult", 1.0)
    rise = f"{start} + epoch * (1 - {start}) / {warm} if epoch < {warm} else " if warm else ""
    done, length = f"(epoch - {warm})", plain(period)
    i, t = f"({done} // {length})", f"({done} % {length})"
    if times < 1:
        own.note(own.value("t_mult") or own.root, "t_mult", f"must be at least 1, got {plain(times)}")
    if times > 1:  # each period is so many times as long as the one before
        i = f"floor(log(1 - {done} / {length} * (1 - {times}), {times}))"
        t = f"({done} - (1 - {times} ** {i}) / (1 - {times}) * {length})"
        length = f"({times} ** {i} * {length})"
    scale = f"{shrink} ** {i}"
    wave = f"(1 + cos(pi * {t} / {length}))"
    return f"{rise}{scale} * ({floor} + 0.5 * (1 - {floor}) * {wave})"
