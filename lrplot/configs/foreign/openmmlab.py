"""OpenMMLab's configs: mmengine's param_scheduler, a list in which each acts from its begin to its end."""

import math
import re
from collections.abc import Callable
from typing import NamedTuple

from lrplot.configs.document import ConfigError, Value
from lrplot.configs.foreign.alongside import alongside
from lrplot.configs.foreign.build import config, factor, scheduler
from lrplot.configs.foreign.fields import Fields, amount
from lrplot.configs.foreign.lengths import MOST_NOMINAL, NOMINAL, UNKNOWN, given, over_epochs_alone
from lrplot.configs.foreign.mmengine import KINDS, lowest
from lrplot.configs.foreign.source import NoSchedule, Source, Understood, at, walk

NEVER = 10**9
"""The end of what goes on for ever."""
RATES = ("optim_wrapper.optimizer.lr", "optimizer.lr", "optim_wrapper.lr")


class Piece(NamedTuple):
    """A scheduler of the list.

    Args:
        unit: Steps to one of its own.
        begin: The step from which it acts.
        end: The step before which it does.
        text: Its factor in ``k``, its own count from begin on.
        value: The same as a function.
        floor: The rate that it falls to, as a part of the base rate: it acts on what is above.
    """

    name: str
    unit: int
    begin: int
    end: int
    text: str
    value: Callable[[float], float]
    floor: float = 0.0
    is_absolute: bool = False
    """Whether it sets the rate, whatever it was."""


def recognise(source: Source) -> bool:
    if source.has("lr_config"):
        return False
    value = walk(source.tree, "param_scheduler")
    if value is None:
        return source.has("_base_") or source.has("optim_wrapper", "train_cfg")
    inner = value.content if isinstance(value.content, list) else [value]
    return any(isinstance(each.content, dict) and "type" in each.content for each in inner) or source.has("train_cfg")


def read(source: Source) -> Understood:
    fields = Fields(source, "mmengine")
    value = fields.value("param_scheduler")
    if value is None or not value.content:
        more = f": a file that it is built on may hold one: add {source.way}" if source.way else ""
        raise NoSchedule([f"{source.name}: a config of OpenMMLab without param_scheduler{more}"])
    items = value.content if isinstance(value.content, list) else [value]
    parts = [fields.below(each) for each in items if isinstance(each.content, dict)]
    parts = [part for part in parts if _sets_rate(part)]
    if not parts:
        raise NoSchedule([f"{source.name}: a config of OpenMMLab whose param_scheduler sets no rate"])
    lr = _rate(fields)
    per_epoch, total, keys = _clock(fields, parts)
    rate = amount(lr)
    plateau = next((part for part in parts if _name(part).startswith("ReduceOnPlateau")), None)
    if plateau is not None and len(parts) == 1:
        made = _plateau(plateau)
        keys.pop("steps", None)
    else:
        pieces = [piece for part in parts if (piece := _piece(part, rate, per_epoch, total)) is not None]
        fields.end()
        made = _made(source, value, parts, pieces, (rate, per_epoch, total))
    fields.end()
    names = " then ".join(_name(part) for part in parts)
    facts = [names, f"lr {lr.content}", _told(keys)]
    is_over = "nominal" in keys or (per_epoch == 1 and "epochs" in _told(keys))
    offers = ["drawn over epochs: --steps-per-epoch gives steps"] if is_over else []
    offers += fields.told_of("optim_wrapper.paramwise_cfg", "some weights may have a part of the rate")
    offers += fields.told_of("auto_scale_lr.enable", "lr is scaled by the global batch")
    return Understood("an OpenMMLab config", {"": config(fields, lr, made, keys)}, facts, fields.assumed, offers)


def _sets_rate(part: Fields) -> bool:
    """Whether it is the rate that a scheduler sets, and not the momentum or the weight decay."""
    name = _name(part)
    return "Momentum" not in name and (not name.endswith("ParamScheduler") or part.text("param_name", "lr") == "lr")


def _made(
    source: Source, value: Value, parts: list[Fields], pieces: list[Piece], extent: tuple[float, int, int]
) -> Value:
    """The factor of all schedulers; where one falls to a floor while another acts, torch's own side by side."""
    try:
        return factor(value, _combined(source, pieces), note=", ".join(piece.name for piece in pieces))
    except ConfigError:
        made = alongside([(_base(part), part) for part in parts], *extent)
        if made is None:
            raise
        return made


def _told(keys: dict[str, Value]) -> str:
    steps = keys.get("steps")
    return "" if steps is None else f"{steps.note or steps.content}"


def _name(part: Fields) -> str:
    return str(part.text("type", "")).rpartition(".")[2]


def _base(part: Fields) -> str:
    return _name(part).removesuffix("LR").removesuffix("ParamScheduler")


def _rate(fields: Fields) -> Value:
    path = next((path for path in RATES if fields.has(path)), None)
    if path is None:
        fields.needs["the optimizer's rate (optim_wrapper.optimizer.lr)"] = "--set optim_wrapper.optimizer.lr=…"
        return at(fields.file, 0.001)
    return fields.entry(path)


def _clock(fields: Fields, parts: list[Fields]) -> tuple[int, int, dict[str, Value]]:
    """Steps of an epoch, 1 where steps are epochs; all steps; and what the config says of the length."""
    epochs = next((p for p in ("train_cfg.max_epochs", "max_epochs", "train_cfg.epochs") if fields.has(p)), None)
    iters = next((p for p in ("train_cfg.max_iters", "max_iters") if fields.has(p)), None)
    by_iter = [part for part in parts if not part.truth("by_epoch", True)]
    by_epoch = [part for part in parts if part.truth("by_epoch", True)]
    flag = given(fields, "steps_per_epoch")
    is_mixed = bool(by_iter and by_epoch) or bool(by_iter and epochs is not None and iters is None)
    if is_mixed and flag is None:
        one = next((_name(part) for part in by_epoch), "the run")
        what = f"its {_name(by_iter[0])} counts iterations and {one if by_epoch else 'the run'} epochs"
        raise ConfigError([f"{fields.source.name}: {what}: add --steps-per-epoch 500 (the iterations of an epoch)"])
    if iters is not None and epochs is None:
        if by_epoch and flag is None:
            what = f"its {_name(by_epoch[0])} counts epochs and its run iterations"
            raise ConfigError([f"{fields.source.name}: {what}: add --steps-per-epoch 500 (the iterations of an epoch)"])
        total = fields.whole(iters, 1, 1)
        return (int(flag[0]) if flag else 1), total, {"steps": fields.made(total, f"{total:,} iterations", iters)}
    if epochs is None:
        ends = [part.number("end", 0) for part in parts]
        number = int(max([*ends, 0])) or 0
        if not number:
            fields.needs["the number of epochs (train_cfg.max_epochs)"] = "--set train_cfg.max_epochs=…"
            number = 1
        if not by_epoch:
            return 1, number, {"steps": at(fields.file, number, "the last end")}
        fields.assume(f"a run of {number} epochs, the last end", "")
        epochs = "train_cfg.max_epochs"
    else:
        number = fields.whole(epochs, 1, 1)
    if flag is None and any(part.truth("convert_to_iter_based") for part in by_epoch):
        place, grain = fields.value(epochs) or fields.file, max(min(NOMINAL, MOST_NOMINAL // number), 1)
        keys = {"steps": at(place, number * grain, f"{number} epochs"), "steps_per_epoch": at(place, grain, UNKNOWN)}
        return grain, number * grain, {**keys, **over_epochs_alone(place)}
    if flag is None:
        interval = at(fields.value(epochs) or fields.file, "epoch", "by_epoch")
        return 1, number, {"steps": fields.made(number, f"{number} epochs", epochs), "interval": interval}
    per_epoch = int(flag[0])
    keys = {"steps": fields.made(number * per_epoch, f"{number} epochs of {per_epoch}", epochs)}
    return per_epoch, number * per_epoch, {**keys, "steps_per_epoch": flag[1]}


def _piece(part: Fields, rate: float, per_epoch: int, total: int) -> Piece | None:
    """A scheduler of the list, in steps."""
    name = _name(part)
    base = _base(part)
    is_converted = part.truth("convert_to_iter_based")
    by_epoch = part.truth("by_epoch", True)
    times = per_epoch if by_epoch else 1
    unit, scale = (1, times) if is_converted else (times, 1)
    begin = int(part.number("begin", 0) * scale)
    end = int(part.number("end", total // times if by_epoch else total) * scale)
    if part.has("end") and part.number("end") < 0:
        end = NEVER
    if base == "CosineRestart":
        return _restarts(part, rate, unit, begin, end, scale)
    if base not in KINDS:
        known = ", ".join(f"{each}LR" for each in (*KINDS, "CosineRestart"))
        part.note(part.value("type") or part.root, "param_scheduler.type", f"must be one of {known}, got {name[:40]!r}")
        return None
    made = KINDS[base].form(KINDS[base].arguments(part, rate, end - begin, scale), end - begin)
    floor = made.floor / rate if rate else 0.0
    return Piece(name, unit, begin * unit, end * unit, made.text, made.value, floor)


def _restarts(part: Fields, rate: float, unit: int, begin: int, end: int, scale: int) -> Piece:
    """Periods, each a cosine from its weight of the base rate to the floor."""
    periods = [int(each * scale) for each in part.numbers("periods") or [1]]
    weights = part.numbers("restart_weights") or [1]
    floor = lowest(part, rate) / rate if rate else 0.0
    starts = [sum(periods[:i]) for i in range(len(periods))]
    rows = list(zip(starts, periods, weights))

    def value(k: float) -> float:
        start, period, weight = next((row for row in reversed(rows) if k >= row[0]), rows[0])
        part_done = min(k - start, period - 1) / period
        return floor + (weight - floor) * (1 + math.cos(math.pi * part_done)) / 2

    text = ""
    for start, period, weight in rows:
        wave = f"{floor} + ({weight} - {floor}) * (1 + cos(pi * min(k - {start}, {period - 1}) / {period})) / 2"
        text += f"{wave} if k < {start + period} else " if start + period < sum(periods) else f"{wave}"
    return Piece("CosineRestartLR", unit, begin * unit, end * unit, f"({text})", value, 0.0, True)


def _combined(source: Source, pieces: list[Piece]) -> str:
    """The factor of all of them, one after the other: what falls to a floor falls from where the others left it."""
    text = "1"
    value: Callable[[float], float] = lambda step: 1.0  # noqa: E731
    done: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: (piece.begin, bool(piece.floor))):
        start = piece.begin
        k = "epoch" if not start else f"(epoch - {start})"
        k = k if piece.unit == 1 else f"({k} // {piece.unit})"
        own = _in_epoch(piece.text, k)
        before = value
        if piece.floor or piece.is_absolute:
            late = [each.name for each in done if each.end > start + (each.name != piece.name)]
            if late:
                what = f"its {piece.name} falls to a floor while its {late[0]} still acts, which is not drawn"
                way = f"--set param_scheduler.{_index(source, piece.name)}.eta_min=0 leaves the floor out"
                raise ConfigError([f"{source.name}: {what}: {way}"])
            top = before(start)
            floor = piece.floor
            own = own if piece.is_absolute else f"{floor} + ({top} - {floor}) * {own}"
            text = f"({text} if epoch < {start} else {own})" if start else f"({own})"
            value = _after(before, piece, top)
        else:
            text = _product(text, f"({own} if epoch >= {start} else 1)" if start else own)
            value = _times(before, piece)
        done.append(piece)
    return text


def _index(source: Source, name: str) -> int:
    """Where in the list a scheduler of a name stands."""
    listed = walk(source.tree, "param_scheduler")
    items = listed.content if listed is not None and isinstance(listed.content, list) else []
    types = [walk(each, "type") for each in items]
    return next((i for i, each in enumerate(types) if each is not None and str(each.content).endswith(name)), 0)


def _in_epoch(text: str, k: str) -> str:
    """A factor in ``k`` as one in the run's own count."""
    return re.sub(r"\bk\b", k, text)


def _product(a: str, b: str) -> str:
    return b if a == "1" else a if b == "1" else f"{a} * {b}"


def _times(before: Callable[[float], float], piece: Piece) -> Callable[[float], float]:
    return lambda step: before(step) * (piece.value((step - piece.begin) // piece.unit) if step >= piece.begin else 1.0)


def _after(before: Callable[[float], float], piece: Piece, top: float) -> Callable[[float], float]:
    def value(step: float) -> float:
        if step < piece.begin:
            return before(step)
        own = piece.value((step - piece.begin) // piece.unit)
        return own if piece.is_absolute else piece.floor + (top - piece.floor) * own

    return value


def _plateau(part: Fields) -> Value:
    """mmengine's ReduceOnPlateauLR as torch's."""
    rules = {"less": "min", "greater": "max"}
    mode = rules.get(part.text("rule", "less"), "min")
    names = {"factor": "factor", "patience": "patience", "threshold": "threshold", "cooldown": "cooldown"}
    given = {own: part.entry(name) for name, own in names.items() if part.has(name)}
    if part.has("min_value"):
        given["min_lr"] = part.entry("min_value")
    place = part.value("type") or part.root
    return scheduler(place, "ReduceLROnPlateau", "type", mode=at(place, mode, "rule"), **given)
