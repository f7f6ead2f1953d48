"""mmcv 1's lr_config: a policy by the epoch or the iteration, under a warm-up by the iteration."""

from lrplot.configs.document import ConfigError, Value
from lrplot.configs.foreign.build import config, factor
from lrplot.configs.foreign.fields import Fields, amount
from lrplot.configs.foreign.lengths import given
from lrplot.configs.foreign.source import Source, Understood, at, walk

POLICIES = ("step", "Step", "CosineAnnealing", "cosine", "poly", "Poly", "fixed", "Fixed", "exp", "Exp", "inv", "Inv")


def recognise(source: Source) -> bool:
    value = walk(source.tree, "lr_config")
    return value is not None and isinstance(value.content, dict) and "policy" in value.content


def read(source: Source) -> Understood:
    fields = Fields(source, "mmcv")
    own = fields.below(walk(source.tree, "lr_config") or fields.root)
    path = next((each for each in ("optimizer.lr", "lr") if fields.has(each)), None)
    if path is None:
        fields.needs["the optimizer's rate"] = "--set optimizer.lr=…"
    lr = fields.entry(path) if path else at(fields.file, 0.001)
    rate = amount(lr)
    by_epoch = own.truth("by_epoch", True)
    warm = own.text("warmup")
    per_epoch, total, keys = _clock(fields, by_epoch, warm is not None and not own.truth("warmup_by_epoch"))
    text = _regular(own, rate, per_epoch if by_epoch else 1, total)
    if warm is not None:
        text = _warmed(own, warm, text, per_epoch)
    fields.end()
    place = own.value("policy") or fields.file
    steps = keys.get("steps")
    facts = [f"policy {own.text('policy')}", f"lr {lr.content}", *([steps.note] if steps is not None else [])]
    tree = config(fields, lr, factor(place, text, note="lr_config"), keys)
    more = fields.told_of("optimizer.paramwise_cfg", "some weights may have a part of the rate")
    return Understood("an OpenMMLab config of mmcv 1", {"": tree}, facts, fields.assumed, more)


def _clock(fields: Fields, by_epoch: bool, warm_by_iter: bool) -> tuple[int, int, dict[str, Value]]:
    """Steps of an epoch, all of them, and what the config says of the length."""
    epochs = next((p for p in ("runner.max_epochs", "total_epochs", "max_epochs") if fields.has(p)), None)
    iters = next((p for p in ("runner.max_iters", "total_iters", "max_iters") if fields.has(p)), None)
    flag = given(fields, "steps_per_epoch")
    if iters is not None and epochs is None:
        total = fields.whole(iters, 1, 1)
        if by_epoch and flag is None:
            what = "its lr_config counts epochs and its run iterations"
            raise ConfigError(
                [f"{fields.source.name}: {what}: add --steps-per-epoch 500, or --set lr_config.by_epoch=false"]
            )
        return (int(flag[0]) if flag else 1), total, {"steps": fields.made(total, f"{total:,} iterations", iters)}
    if epochs is None:
        fields.needs["the number of epochs"] = "--set runner.max_epochs=…"
        return 1, 1, {}
    number = fields.whole(epochs, 1, 1)
    if flag is None and (warm_by_iter or not by_epoch):
        what = "its warm-up counts iterations and its run epochs"
        raise ConfigError([f"{fields.source.name}: {what}: add --steps-per-epoch 500 (the iterations of an epoch)"])
    if flag is None:
        interval = at(fields.value(epochs) or fields.file, "epoch", "by_epoch")
        return 1, number, {"steps": fields.made(number, f"{number} epochs", epochs), "interval": interval}
    total = number * int(flag[0])
    keys = {"steps": fields.made(total, f"{number} epochs of {int(flag[0])}", epochs), "steps_per_epoch": flag[1]}
    return int(flag[0]), total, keys


def _regular(own: Fields, rate: float, unit: int, total: int) -> str:
    """The factor without the warm-up."""
    policy = own.text("policy", "fixed")
    t = "epoch" if unit == 1 else f"(epoch // {unit})"
    most = total // unit
    floor = own.number("min_lr_ratio", own.number("min_lr", 0.0) / rate if rate else 0.0)
    kind = policy.lower().removesuffix("lrupdaterhook")
    if kind == "fixed":
        return "1.0"
    if kind in ("cosineannealing", "cosine"):
        return f"{floor} + 0.5 * (1 - {floor}) * (cos(pi * {t} / {most}) + 1)"
    if kind == "poly":
        power = own.number("power", 1.0)
        return f"(1 - {t} / {most}) ** {power} * (1 - {floor}) + {floor}"
    gamma = own.number("gamma", 0.1)
    if kind == "exp":
        return f"{gamma} ** {t}"
    if kind == "inv":
        return f"(1 + {gamma} * {t}) ** -{own.number('power', 1.0)}"
    if kind == "step":
        steps = own.numbers("step") or [1]
        value = own.value("step")
        if value is not None and not isinstance(value.content, list):
            return f"{gamma} ** ({t} // {steps[0]})"
        passed = " + ".join(f"({t} >= {each})" for each in steps)
        lowest = own.number("min_lr")
        made = f"{gamma} ** ({passed})"
        return f"max({made}, {lowest / rate})" if lowest is not None and rate else made
    at_policy = own.value("policy") or own.root
    own.note(at_policy, "lr_config.policy", f"must be one of {', '.join(POLICIES[::2])}, got {policy[:40]!r}")
    return "1.0"


def _warmed(own: Fields, warm: str, text: str, per_epoch: int) -> str:
    """The factor under the warm-up."""
    steps = own.whole("warmup_iters", 0, 0) * (per_epoch if own.truth("warmup_by_epoch") else 1)
    ratio = own.number("warmup_ratio", 0.1)
    if not steps:
        return text
    if warm == "constant":
        rise = f"{ratio}"
    elif warm == "linear":
        rise = f"(1 - (1 - epoch / {steps}) * (1 - {ratio}))"
    elif warm == "exp":
        rise = f"{ratio} ** (1 - epoch / {steps})"
    else:
        own.note(
            own.value("warmup") or own.root, "lr_config.warmup", f"must be constant, linear or exp, got {warm[:40]!r}"
        )
        return text
    return f"({text}) * {rise} if epoch < {steps} else {text}"
