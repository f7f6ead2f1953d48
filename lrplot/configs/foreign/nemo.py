"""NeMo's optim.sched: a warm-up from above 0, then the annealing by name, up to the trainer's max_steps."""

import math
from collections.abc import Mapping

from lrplot.configs.document import ConfigError, Value
from lrplot.configs.foreign import transformers
from lrplot.configs.foreign.build import config, factor, scheduler
from lrplot.configs.foreign.fields import Fields, plain
from lrplot.configs.foreign.lengths import NOMINAL, Length, given
from lrplot.configs.foreign.source import Source, Understood, at, walk
from lrplot.configs.foreign.targets import target, torch_scheduler

BY_STEP = ("NoamAnnealing", "NoamHoldAnnealing")
"""Those whose shape is of steps, whatever the length of the run."""
TORCH = ("StepLR", "ExponentialLR", "ReduceLROnPlateau", "CyclicLR")
WARM = "(epoch + 1) / {0} if epoch <= {1} else "
FALLS = {
    "WarmupPolicy": "1.0",
    "WarmupHoldPolicy": "1.0",
    "CosineAnnealing": "{floor} + (1 - {floor}) * 0.5 * (1 + cos(pi * {k} / {left}))",
    "SquareAnnealing": "max((({left} - {k}) / {left}) ** 2, {floor})",
    "SquareRootAnnealing": "max((({steps} - epoch) / {steps}) ** 0.5, {floor})",
    "WarmupAnnealing": "{floor} + (1 - {floor}) * (1 - {k} / {left})",
    "SquareRootConstantPolicy": "{flat} if epoch <= {constant} else 1.0",
    "T5InverseSquareRootAnnealing": "1 / max(epoch, {constant}, 1) ** 0.5 / {rate}",
    "InverseSquareRootAnnealing": "1 / ((epoch + 1) / {next}) ** 0.5",
    "PolynomialDecayAnnealing": "(1 - {floor}) * (1 - {k} / {left}) ** {power} + {floor}",
    "PolynomialHoldDecayAnnealing": "{held}(1 - {floor}) * {ended} ** {power} + {floor}",
    "NoamHoldAnnealing": "{held}max({top} / max(1, (epoch - {hold}) ** {decay}), {floor})",
    "WarmupHoldAnnealLinear": "{held}1 - (1 - {floor}) * {late} / {after}",
    "WarmupHoldAnnealOneMinusSquareRoot": "{held}max({floor}, 1 - ({late} / {after}) ** 0.5)",
}
"""The factor past the warm-up, by what a schedule is called."""
KNOWN = (*FALLS, "NoamAnnealing", *TORCH)


SCHEDS = {
    "model.optim.sched": ("model.optim.lr",),
    "optim.sched": ("optim.lr",),
    "model.lr_scheduler": ("model.optimizer.lr", "model.optim.lr"),
    "optim.lr_scheduler": ("optim.config.lr", "optim.lr"),
    "lr_scheduler": ("optimizer.lr", "optim.lr"),
}
"""Where a schedule stands, each with where its optimizer's rate does."""
NEMO_2 = "nemo.lightning.pytorch.optim."
CLASSES = ("nemo.core.optim.lr_scheduler.", NEMO_2)
NEWER: Mapping[str, Mapping[str, float]] = {
    "CosineAnnealing": {"warmup_steps": 750, "constant_steps": 80_000, "min_lr": 6e-5},
    "WarmupPolicy": {"warmup_steps": 750},
    "WarmupHoldPolicy": {"warmup_steps": 750},
    "NoamAnnealing": {"warmup_steps": 750},
    "WarmupAnnealing": {"warmup_steps": 750},
}
"""The defaults of NeMo 2's classes, of which a file may say nothing."""


def recognise(source: Source) -> bool:
    return _sched(source) is not None


def _sched(source: Source) -> str | None:
    """Where a schedule of NeMo's stands: under its own keys, or where a class of its own is named."""
    for path in SCHEDS:
        value = walk(source.tree, path)
        if value is not None and (path.endswith("sched") or target(value).startswith(CLASSES)):
            return path
    return None


def _name(own: Fields) -> str:
    """The name of a schedule, or of its class."""
    name: str = own.text("name", "") or target(own.root).rpartition(".")[2].removesuffix("Scheduler")
    if name != "WarmupHoldAnneal":
        return name
    is_linear = own.text("decay_schedule", "linear") == "linear"
    return "WarmupHoldAnnealLinear" if is_linear else "WarmupHoldAnnealOneMinusSquareRoot"


def read(source: Source) -> Understood:
    fields = Fields(source, "NeMo")
    path = _sched(source) or "model.optim.sched"
    own = fields.below(_with_arguments(walk(source.tree, path) or fields.root))
    rate = next((each for each in SCHEDS[path] if fields.has(each)), SCHEDS[path][0])
    lr = fields.entry(rate, None)
    if not fields.has(rate):
        fields.needs["the optimizer's rate"] = f"--set {rate}=…"
        lr = at(fields.file, 0.001)
    own.rate = fields.divisor(lr, rate)
    name = _name(own)
    if target(own.root).startswith(NEMO_2) and name in NEWER:
        own.root = _with_defaults(own, NEWER[name])
    place = own.value("name") or own.value("_target_") or fields.file
    if name not in KNOWN:
        own.note(place, f"{path}.name", f"must be one of {', '.join(KNOWN)}, got {name[:40]!r}")
        fields.end()
    if name == "ExponentialLR" and own.has("lr_decay"):
        return _of_vits(fields, own, lr)
    length = _length(fields, own, name)
    steps = length.steps if length is not None else 0
    if name in TORCH:
        inner = own.root.content if isinstance(own.root.content, dict) else {}
        made = torch_scheduler(own, place, name, {key: each for key, each in inner.items() if key not in OWN})
    else:
        made = factor(place, _factor(own, name, own.rate, steps), note=name)
    fields.end()
    told = "" if length is None else length.fact or transformers.over(fields, length)
    offers = [] if length is None or length.is_known else ["drawn over epochs: --steps-per-epoch gives its steps"]
    facts = [name, f"lr {lr.content}", told]
    return Understood("a config of NeMo", {"": config(fields, lr, made, length)}, facts, fields.assumed, offers)


def _with_arguments(sched: Value) -> Value:
    """A schedule with what stands below ``args``, or its ``params``, as its own keys."""
    inner = walk(sched, "args.params") or walk(sched, "args")
    if inner is None or not isinstance(inner.content, dict) or not isinstance(sched.content, dict):
        return sched
    return at(sched, {**{key: each for key, each in inner.content.items() if key not in OWN[:2]}, **{
        key: each for key, each in sched.content.items() if key not in inner.content or key in OWN[:2]
    }})  # fmt: skip


def _of_vits(fields: Fields, own: Fields, lr: Value) -> Understood:
    """What VITS makes of its keys: an exponential fall that it steps at the end of each epoch."""
    epochs, per_epoch = fields.whole("trainer.max_epochs", -1), given(fields, "steps_per_epoch")
    if epochs < 1:
        fields.needs["trainer.max_epochs"] = "--set trainer.max_epochs=…"
    gamma = own.entry("lr_decay")
    made = scheduler(gamma, "ExponentialLR", "sched.name", gamma=gamma)
    fields.end()
    count = 1 if per_epoch is None else int(per_epoch[0])
    keys = {"steps": fields.made(epochs * count, "trainer.max_epochs", "trainer.max_epochs")}
    keys["interval"] = at(gamma, "epoch", "VITS steps it by the epoch")
    if per_epoch is not None:
        keys["steps_per_epoch"] = per_epoch[1]
    offers = (
        []
        if per_epoch is not None
        else ["stepped by the epoch, so the curve counts epochs: --steps-per-epoch gives steps"]
    )
    facts = ["ExponentialLR", f"lr {lr.content}", f"{epochs} epochs"]
    return Understood("a config of NeMo's VITS", {"": config(fields, lr, made, keys)}, facts, fields.assumed, offers)


def _with_defaults(own: Fields, defaults: Mapping[str, float]) -> Value:
    """What a class is given, over its defaults, of which those that are taken are told."""
    assert isinstance(own.root.content, dict)
    is_share = own.has("warmup_ratio")
    missing = {
        key: number for key, number in defaults.items() if not own.has(key) and not (is_share and "warmup" in key)
    }
    for key, number in missing.items():
        own.assume(key, number)
    made = {key: at(own.root, number, "the default of NeMo") for key, number in missing.items()}
    return at(own.root, {**own.root.content, **made})


OF_WARM_UP = ("warmup_steps", "warmup_ratio", "min_lr", "max_steps")
OWN = ("name", "_target_", *OF_WARM_UP, "iters_per_batch", "args", "reduce_on_plateau", "monitor")


def _length(fields: Fields, own: Fields, name: str) -> Length | None:
    """The run's length; asked for where the shape takes it, or the file leaves it to the data."""
    for path, held in (("max_steps", own), ("trainer.max_steps", fields)):
        if held.has(path) and held.whole(path) > 0:
            return Length(held.whole(path), None, True, held.value(path) or fields.file, "max_steps")
    flag = given(fields, "steps")
    if flag is not None:
        return Length(int(flag[0]), None, True, flag[1], "max_steps")
    epochs = fields.number("trainer.max_epochs", 0)
    per_epoch = given(fields, "steps_per_epoch")
    if epochs > 0 and per_epoch is not None:
        return Length(int(epochs * per_epoch[0]), int(per_epoch[0]), True, per_epoch[1], "max_epochs")
    if name in TORCH:
        return None
    counted = [key for key in ("warmup_steps", "hold_steps", "constant_steps", "decay_steps") if own.number(key, 0)]
    if epochs > 0 and not counted and name not in BY_STEP:  # all that it says are shares of the run
        place = fields.value("trainer.max_epochs") or fields.file
        return Length(math.ceil(epochs * NOMINAL), NOMINAL, False, place, f"trainer.max_epochs: {plain(epochs)} epochs")
    more = f", or --steps-per-epoch 500 (of its {plain(epochs)} epochs)" if epochs > 0 else ""
    raise ConfigError([f"{fields.source.name}: trainer.max_steps is not set: add --set trainer.max_steps=20000{more}"])


def _factor(own: Fields, name: str, rate: float, steps: int) -> str:
    """The factor on the base rate."""
    warm = _count(own, "warmup", steps)
    floor = own.number("min_lr", 1e-5 if name == "SquareAnnealing" else 0.0) / rate
    if name == "NoamAnnealing":
        return _noam(own, warm, floor)
    hold, constant = _count(own, "hold", steps), _count(own, "constant", steps)
    k, left = f"(epoch - {warm})", max(steps - warm, 1)
    if name == "CosineAnnealing" and constant:
        left = max(steps - warm - constant, 1)
        rise = f"epoch / {warm} if epoch <= {warm} else " if warm else ""
        return (
            f"{rise}{floor} if epoch > {warm + left} else {floor} + (1 - {floor}) * 0.5 * (1 + cos(pi * {k} / {left}))"
        )
    begin = (
        warm + hold if own.has("hold_steps") or own.has("hold_ratio") else 0
    )  # as NeMo has it, without a word of both
    late, rest = f"(epoch - {begin})", max(steps - max(warm, begin), 1)
    decay = own.number("decay_rate", 0.5)
    fall = FALLS[name].format(
        floor=floor, k=k, left=left, steps=steps, late=late, after=max(steps - begin, 1), hold=hold,
        ended=f"(1 - min({late}, {rest}) / {rest})", held=f"1.0 if epoch < {begin} else " if hold else "",
        power=own.number("power", 1.0), decay=decay, top=max(1, warm**decay), next=warm + 1,
        constant=constant, flat=1 / max(constant, 1) ** 0.5 / rate, rate=rate,
    )  # fmt: skip
    return (WARM.format(warm + 1, warm) if warm else "") + fall


def _count(own: Fields, name: str, steps: int) -> int:
    """A number of steps, or a share of the run, rounded down."""
    count: int | None = own.whole(f"{name}_steps", None, 0)
    share = own.number(f"{name}_ratio", 0)
    if not 0 <= share <= 1:
        own.note(own.value(f"{name}_ratio") or own.root, f"{name}_ratio", f"must be from 0 to 1, got {plain(share)}")
        share = 0
    return int(share * steps) if count is None else count


def _noam(own: Fields, warm: int, floor: float) -> str:
    """The peak follows from the model's width: lr is but a factor on it."""
    width = own.number("d_model")
    if width is None:
        own.needs["d_model"] = "--set model.optim.sched.d_model=…"
        width = 1
    norm, t = width**-0.5, "max(1, epoch)"
    if not warm:
        return f"max({norm} * {t} ** -0.5, {floor})"
    rise = f"{norm} * min({t} ** -0.5, {t} * {warm**-1.5})"
    return f"max({rise}, {floor}) if epoch > {warm} else {rise}" if floor else rise
