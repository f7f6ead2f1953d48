"""fairseq: the flags of fairseq-train, and the YAML of fairseq-hydra-train."""

import math

from lrplot.configs.document import Value
from lrplot.configs.foreign.build import config, factor
from lrplot.configs.foreign.fields import Fields, plain
from lrplot.configs.foreign.source import Source, Understood, walk

KINDS = ("fixed", "inverse_sqrt", "polynomial_decay", "tri_stage", "cosine", "pass_through")


def recognise(source: Source) -> bool:
    if source.kind == "flags":
        return "fairseq" in source.text and (source.has("lr") or source.has("lr_scheduler"))
    return walk(source.tree, "lr_scheduler._name") is not None or (
        source.has("optimization.lr") and isinstance(walk(source.tree, "lr_scheduler"), Value)
    )


def read(source: Source) -> Understood:
    fields = Fields(source, "fairseq")
    kind, own = _scheduler(fields)
    path = "lr" if fields.has("lr") else "optimization.lr"
    rates = fields.numbers(path) or [0.25]
    if not fields.has(path):
        fields.assume("lr", 0.25)
    if len(rates) > 1:
        fields.note(fields.value(path) or fields.file, path, "must be one number: rates by the epoch are not drawn")
    own.refuse("force_anneal")
    own.rate = rate = float(rates[0])
    lr = fields.made(rate, path, path)
    update = next((each for each in ("max_update", "optimization.max_update") if fields.has(each)), None)
    steps = fields.whole(update, None, 1) if update is not None else None
    text = _factor(own, kind, rate, steps)
    fields.end()
    place = fields.value("lr_scheduler") or fields.file
    length = {} if steps is None or update is None else {"steps": fields.made(steps, update, update)}
    facts = [kind, f"lr {plain(rate)}", f"{steps:,} updates" if steps else ""]
    offers = [] if steps else ["no max_update: --steps says how many updates"]
    tree = config(fields, lr, factor(place, text, note=kind), length)
    return Understood("a run of fairseq", {"": tree}, facts, fields.assumed, offers)


def _scheduler(fields: Fields) -> tuple[str, Fields]:
    """The scheduler's name, and where its own keys stand."""
    value = fields.value("lr_scheduler")
    if value is not None and isinstance(value.content, dict):
        own = fields.below(value)
        kind = own.text("_name", "fixed")
    else:
        own, kind = fields, fields.text("lr_scheduler", "fixed")
    if kind not in KINDS[:-1]:
        fields.note(
            value or fields.file, "lr_scheduler", f"must be one of {', '.join(KINDS[:-1])}, got {str(kind)[:40]!r}"
        )
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
    start = _start(own, warm) / rate
    floor, shrink, times = low / rate, own.number("lr_shrink", 0.1), own.number("t_mult", 1.0)
    rise = f"{start} + epoch * (1 - {start}) / {warm} if epoch < {warm} else " if warm else ""
    if times != 1:
        own.note(own.value("t_mult") or own.root, "t_mult", "must be 1 to be drawn")
    i, t = f"((epoch - {warm}) // {plain(period)})", f"((epoch - {warm}) % {plain(period)})"
    scale = f"{shrink} ** {i}"
    wave = f"(1 + cos(pi * {t} / {plain(period)}))"
    return f"{rise}{scale} * ({floor} + 0.5 * (1 - {floor}) * {wave})"
