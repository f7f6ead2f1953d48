"""torchtitan's TOML: a warm-up, a stretch at the peak, a decay up to one step past the run."""

from lrplot.configs.foreign.build import config, factor
from lrplot.configs.foreign.fields import Fields
from lrplot.configs.foreign.source import Source, Understood, at


def recognise(source: Source) -> bool:
    return (
        source.kind == "toml" and source.has("training") and (source.has("lr_scheduler") or source.has("optimizer.lr"))
    )


def read(source: Source) -> Understood:
    fields = Fields(source, "torchtitan")
    lr = fields.entry("optimizer.lr", 8e-4)
    run = fields.whole("training.steps", None, 1)
    if run is None:
        run = 10_000
        fields.assume("training.steps", run)
    total = fields.whole("lr_scheduler.total_steps", run, 1)
    key = "lr_scheduler.warmup_steps" if not fields.has("training.warmup_steps") else "training.warmup_steps"
    warm = min(fields.whole(key, 200, 0), total)
    if not fields.has(key):
        fields.assume("lr_scheduler.warmup_steps", 200)
    share = fields.number("lr_scheduler.decay_ratio")
    decay = total - warm if share is None else min(round(total * share), total - warm)
    floor = fields.number("lr_scheduler.min_lr_factor", fields.number("lr_scheduler.lr_min", 0.0))
    kind = fields.text("lr_scheduler.decay_type", fields.text("lr_scheduler.lr_decay", "linear"))
    text = _factor(fields, warm, total + 1 - decay, decay, kind, floor)
    fields.end()
    place = fields.value("lr_scheduler.decay_type") or fields.value("lr_scheduler") or fields.file
    steps = {"steps": at(fields.value("training.steps") or fields.file, run, "training.steps")}
    facts = [kind, f"lr {lr.content}", f"{run:,} steps"]
    tree = config(fields, lr, factor(place, text, note="lr_scheduler"), steps)
    return Understood("a config of torchtitan", {"": tree}, facts, fields.assumed)


def _factor(fields: Fields, warm: int, begin: int, decay: int, kind: str, floor: float) -> str:
    """The factor, of a decay that begins one step after the stretch at the peak."""
    done = f"((epoch + 1 - {begin}) / {max(decay, 1)})"
    falls = {"linear": f"1 - {done}", "sqrt": f"1 - sqrt({done})", "cosine": f"0.5 * (1 + cos(pi * {done}))"}
    if kind not in falls:
        place = fields.value("lr_scheduler.decay_type") or fields.file
        fields.note(place, "lr_scheduler.decay_type", f"must be linear, sqrt or cosine, got {str(kind)[:40]!r}")
        kind = "linear"
    rise = f"(epoch + 1) / {warm} if epoch < {warm} else " if warm else ""
    return f"{rise}1.0 if epoch < {begin} else {floor} + (1 - {floor}) * ({falls[kind]})"
