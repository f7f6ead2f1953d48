"""nanoGPT's config: a cosine after a warm-up, of numbers that a Python file assigns."""

from lrplot.configs.document import Value
from lrplot.configs.foreign.build import config, factor
from lrplot.configs.foreign.fields import Fields
from lrplot.configs.foreign.source import Source, Understood, at

DEFAULTS = {
    "learning_rate": 6e-4,
    "max_iters": 600_000,
    "warmup_iters": 2_000,
    "lr_decay_iters": 600_000,
    "min_lr": 6e-5,
}
SIGNS = ("warmup_iters", "lr_decay_iters", "min_lr", "decay_lr")


def recognise(source: Source) -> bool:
    if source.kind != "python" or any(word in source.text for word in ("\ndef ", "\nfor ", "\nwhile ", "\nclass ")):
        return False
    content = source.tree.content if isinstance(source.tree.content, dict) else {}
    if any(isinstance(each.content, dict) for each in content.values()):  # its configs are numbers and words, no more
        return False
    has_rate = source.has("learning_rate") or source.has("max_iters")
    return has_rate and any(map(source.has, (*SIGNS, "max_iters")))


def read(source: Source) -> Understood:
    fields = Fields(source, "nanoGPT's train.py")
    entries = {name: fields.entry(name, default) for name, default in DEFAULTS.items() if _matters(fields, name)}
    lr, steps = entries["learning_rate"], fields.whole("max_iters", DEFAULTS["max_iters"], 1)
    made, fact = _decay(fields) if fields.truth("decay_lr", True) else (_constant(fields), "constant (decay_lr False)")
    fields.end()
    length = {"steps": at(entries["max_iters"], steps, "max_iters; train.py runs one update more")}
    facts = [fact, f"lr {lr.content}", f"{steps:,} iterations"]
    offers = (
        [] if not fields.truth("decay_lr", True) else ["older copies of train.py warm up from 0: draw that train.py"]
    )
    return Understood("a config of nanoGPT", {"": config(fields, lr, made, length)}, facts, fields.assumed, offers)


def _matters(fields: Fields, name: str) -> bool:
    return name in ("learning_rate", "max_iters") or fields.truth("decay_lr", True)


def _constant(fields: Fields) -> Value:
    return factor(fields.value("decay_lr") or fields.file, "1.0", note="decay_lr")


def _decay(fields: Fields) -> tuple[Value, str]:
    warm = fields.whole("warmup_iters", DEFAULTS["warmup_iters"], 0)
    end = fields.whole("lr_decay_iters", DEFAULTS["lr_decay_iters"], 1)
    floor = fields.number("min_lr", DEFAULTS["min_lr"]) / (
        fields.number("learning_rate", DEFAULTS["learning_rate"]) or 1
    )
    wave = f"{floor} + 0.5 * (1 + cos(pi * ((epoch - {warm}) / {max(end - warm, 1)}))) * (1 - {floor})"
    rise = f"(epoch + 1) / {warm + 1} if epoch < {warm} else " if warm else ""
    text = f"{rise}{floor} if epoch > {end} else {wave}"
    place = fields.value("lr_decay_iters") or fields.file
    return factor(place, text, note="get_lr of train.py, the newer form"), "cosine"
