"""PaddleDetection's LearningRate: a decay by the epoch, under a warm-up by the iteration or the epoch."""

from lrplot.configs.document import ConfigError
from lrplot.configs.foreign.build import config, factor
from lrplot.configs.foreign.fields import Fields, plain
from lrplot.configs.foreign.lengths import given
from lrplot.configs.foreign.source import Source, Understood, at, walk


def recognise(source: Source) -> bool:
    value = walk(source.tree, "LearningRate")
    return (
        value is not None
        and isinstance(value.content, dict)
        and not {"base_lr", "schedulers"}.isdisjoint(value.content)
    )


def read(source: Source) -> Understood:
    fields = Fields(source, "PaddleDetection")
    lr = fields.entry("LearningRate.base_lr", 0.01)
    listed = fields.value("LearningRate.schedulers")
    items = listed.content if listed is not None and isinstance(listed.content, list) else []
    more = [each for each in items if not isinstance(each.content, dict)]
    parts = [fields.below(each) for each in items if isinstance(each.content, dict)]
    decay = next((part for part in parts if "Warmup" not in _name(part)), None)
    warm = next((part for part in parts if "Warmup" in _name(part)), None)
    if more or len(parts) > (decay is not None) + (warm is not None):
        fields.note(listed or fields.file, "LearningRate.schedulers", "must be one decay, and one warm-up of it")
    if decay is not None and not decay.truth("use_warmup", True):
        warm = None
    epochs = fields.whole("epoch", None, 1)
    if epochs is None:
        epochs = decay.whole("max_epochs", None, 1) if decay is not None else None
    if epochs is None:
        fields.needs["epoch"] = "--set epoch=…"
        epochs = 1
    flag = given(fields, "steps_per_epoch")
    if flag is None and warm is not None and not warm.has("epochs") and _steps(warm, 1) > 1:
        what = "its warm-up counts iterations and its decay epochs"
        raise ConfigError([f"{source.name}: {what}: add --steps-per-epoch 500 (the iterations of an epoch)"])
    per_epoch = int(flag[0]) if flag is not None else 1
    count = _steps(warm, per_epoch) if warm is not None else 0
    text = _decay(decay, epochs, per_epoch, count) if decay is not None else "1.0"
    text = _warmed(warm, text, count) if warm is not None and (flag is not None or warm.has("epochs")) else text
    fields.end()
    place = fields.value("epoch") or fields.file
    keys = {"steps": at(place, epochs * per_epoch, f"epoch {epochs}" + (f" * {per_epoch}" if flag else ""))}
    if flag is not None:
        keys["steps_per_epoch"] = flag[1]
    else:
        keys["interval"] = at(place, "epoch", "its decay counts epochs")
    names = [_name(part) for part in parts]
    facts = [" under ".join(names) or "constant", f"lr {lr.content}", f"{epochs} epochs"]
    tree = config(fields, lr, factor(listed or place, text, note="LearningRate.schedulers"), keys)
    offers = [] if flag is not None else ["drawn over epochs: --steps-per-epoch gives steps"]
    return Understood("a config of PaddleDetection", {"": tree}, facts, fields.assumed, offers)


def _name(part: Fields) -> str:
    return str(part.text("!", part.text("name", "")))


def _steps(warm: Fields, per_epoch: int) -> int:
    """The iterations of the warm-up, of which there is one at least."""
    if warm.has("epochs"):
        return max(int(warm.number("epochs") * per_epoch), 1)
    return max(int(warm.whole("steps", 500 if _name(warm) == "LinearWarmup" else 1000, 0)), 1)


def _decay(part: Fields, epochs: int, per_epoch: int, warm: int) -> str:
    """The factor past a warm-up of so many iterations."""
    part.refuse("values")
    name, t = _name(part), "epoch" if per_epoch == 1 else f"(epoch // {per_epoch})"
    if name == "PiecewiseDecay":
        steps = [int(each) for each in part.numbers("milestones") or (8, 11)]
        gammas = part.numbers("gamma") or [0.1]
        if len(gammas) == 1:  # a scalar: each milestone has a tenth of the factor before, on the BASE rate
            gammas = [gammas[0] / 10**i for i in range(len(steps))]
        text = "1.0"
        for step, gamma in zip(steps, gammas):
            text = f"{gamma} if {t} >= {step} else ({text})"
        return text
    if name == "CosineDecay":
        most = part.whole("max_epochs", 1000, 1)
        if not part.has("max_epochs"):
            part.assume("max_epochs", most)
        end = (most - part.whole("last_plateau_epochs", 0, 0)) * per_epoch
        low = part.number("min_lr_ratio", 0.0)
        wave = f"{low} + (1 - {low}) * 0.5 * (cos((epoch - {warm}) * pi / {max(end - warm, 1)}) + 1)"
        return f"({wave} if epoch < {end} else {low})"
    part.note(part.root, "LearningRate.schedulers", f"must be PiecewiseDecay or CosineDecay, got {name[:40]!r}")
    return "1.0"


def _warmed(part: Fields, text: str, steps: int) -> str:
    """The factor under a warm-up of so many iterations."""
    name = _name(part)
    if name == "ExpWarmup":
        return f"(epoch / {steps}) ** {plain(part.number('power', 2))} if epoch < {steps} else {text}"
    if name not in ("LinearWarmup", "BurninWarmup"):
        part.note(
            part.root, "LearningRate.schedulers", f"must be LinearWarmup, BurninWarmup or ExpWarmup, got {name[:40]!r}"
        )
    start = part.number("start_factor", 1.0 / 3)
    if name == "BurninWarmup":
        return f"(epoch / {steps}) ** 4 if epoch < {steps} else {text}"
    return f"epoch / {steps} + {start} * (1 - epoch / {steps}) if epoch < {steps} else {text}"
