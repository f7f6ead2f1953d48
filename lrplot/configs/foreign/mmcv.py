"""mmcv 1's lr_config: a policy by the epoch or the iteration, under a warm-up by the iteration."""

from lrplot.configs.document import ConfigError, Value
from lrplot.configs.foreign.build import config, factor
from lrplot.configs.foreign.fields import Fields, amount, described
from lrplot.configs.foreign.lengths import MOST_NOMINAL, NOMINAL, UNKNOWN, given, over_epochs_alone
from lrplot.configs.foreign.source import Source, Understood, at, walk

POLICIES = ("step", "poly", "fixed", "exp", "inv", "cyclic", "CosineAnnealing", "FlatCosineAnnealing", "CosineRestart")
OF_THE_WHOLE = ("poly", "fixed", "cyclic", "cosine", "cosineannealing", "flatcosineannealing")
"""Those of which all that is said are shares of the run."""


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
    kind = own.text("policy", "fixed").lower().removesuffix("lrupdaterhook")
    by_epoch = own.truth("by_epoch", kind != "cyclic")
    warm = own.text("warmup")
    counts = "warm-up" if warm is not None and not own.truth("warmup_by_epoch") else "" if by_epoch else "lr_config"
    per_epoch, total, keys = _clock(fields, by_epoch, counts, kind in OF_THE_WHOLE)
    text = _regular(own, kind, rate, per_epoch if by_epoch else 1, total)
    if warm is not None:
        text = _warmed(own, warm, text, per_epoch)
    fields.end()
    place = own.value("policy") or fields.file
    steps = keys.get("steps")
    facts = [f"policy {own.text('policy')}", f"lr {lr.content}", *([steps.note] if steps is not None else [])]
    tree = config(fields, lr, factor(place, text, note="lr_config"), keys)
    more = ["drawn over epochs: --steps-per-epoch gives steps"] if "nominal" in keys else []
    more += fields.told_of("optimizer.paramwise_cfg", "some weights may have a part of the rate")
    return Understood("an OpenMMLab config of mmcv 1", {"": tree}, facts, fields.assumed, more)


def _clock(fields: Fields, by_epoch: bool, counts: str, of_the_whole: bool) -> tuple[int, int, dict[str, Value]]:
    """Steps of an epoch, all of them, and what the config says of the length.

    Args:
        counts: What of it counts iterations.
        of_the_whole: Whether it does so in shares of the run.
    """
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
    if epochs is None and not by_epoch:
        fields.needs["the number of iterations"] = "--set runner.max_iters=…"
        return 1, 1, {}
    if epochs is None:
        fields.needs["the number of epochs"] = "--set runner.max_epochs=…"
        if counts and flag is None:
            fields.needs["the iterations of one"] = "--steps-per-epoch 500"
        return 1, 1, {}
    number = fields.whole(epochs, 1, 1)
    if flag is None and counts == "lr_config" and of_the_whole:
        place, grain = fields.value(epochs) or fields.file, max(min(NOMINAL, MOST_NOMINAL // number), 1)
        steps = {
            "steps": fields.made(number * grain, f"{number} epochs", epochs),
            "steps_per_epoch": at(place, grain, UNKNOWN),
        }
        return grain, number * grain, {**steps, **over_epochs_alone(place)}
    if flag is None and counts:
        what = f"its {counts} counts iterations and its run epochs"
        raise ConfigError([f"{fields.source.name}: {what}: add --steps-per-epoch 500 (the iterations of an epoch)"])
    if flag is None:
        interval = at(fields.value(epochs) or fields.file, "epoch", "by_epoch")
        return 1, number, {"steps": fields.made(number, f"{number} epochs", epochs), "interval": interval}
    total = number * int(flag[0])
    keys = {"steps": fields.made(total, f"{number} epochs of {int(flag[0])}", epochs), "steps_per_epoch": flag[1]}
    return int(flag[0]), total, keys


def _regular(own: Fields, kind: str, rate: float, unit: int, total: int) -> str:
    """The factor without the warm-up."""
    t = "epoch" if unit == 1 else f"(epoch // {unit})"
    most = total // unit
    floor = own.number("min_lr_ratio", own.number("min_lr", 0.0) / rate if rate else 0.0)
    if kind == "fixed":
        return "1.0"
    if kind in ("cosineannealing", "cosine"):
        return _cosine(floor, f"{t} / {most}")
    if kind == "flatcosineannealing":
        start = round(most * own.number("start_percent", 0.75))
        return f"1.0 if {t} < {start} else {_cosine(floor, f'({t} - {start}) / {max(most - start, 1)}')}"
    if kind == "cosinerestart":
        return _restarts(own, floor, t)
    if kind == "cyclic":
        return _cyclic(own, total)
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
        is_list = value is not None and isinstance(value.content, list)
        passed = " + ".join(f"({t} >= {each})" for each in steps) if is_list else f"{t} // {steps[0]}"
        lowest = own.number("min_lr")
        made = f"{gamma} ** ({passed})"
        return f"max({made}, {lowest / rate})" if lowest is not None and rate else made
    at_policy = own.value("policy") or own.root
    named = described(at_policy)
    own.note(at_policy, "lr_config.policy", f"must be one of {', '.join(POLICIES)}, got {named}")
    return "1.0"


def _cosine(floor: float, done: str, weight: float = 1) -> str:
    return f"{floor} + 0.5 * {weight} * (1 - {floor}) * (cos(pi * {done}) + 1)"


def _restarts(own: Fields, floor: float, t: str) -> str:
    """A cosine to the floor in each of its periods, with the period's weight."""
    periods, weights = own.numbers("periods") or [1], own.numbers("restart_weights") or [1]
    if len(periods) != len(weights):
        own.note(own.value("periods") or own.root, "lr_config.periods", "must be as many as restart_weights")
    text, end = "", 0.0
    for period, weight in zip(periods, weights):
        start, end = end, end + period
        text += _cosine(floor, f"min(({t} - {start:g}) / {period}, 1)", weight) + f" if {t} < {end:g} else "
    return text.rpartition(" if ")[0]


def _cyclic(own: Fields, total: int) -> str:
    """Up to the higher of two ratios and down to the lower, a few times, each time less high where there is a gamma."""
    ratios = own.numbers("target_ratio") or [10, 1e-4]
    top, floor = ratios[0], ratios[1] if len(ratios) > 1 else ratios[0] / 1e5
    each = max(total // own.whole("cyclic_times", 1, 1), 1)
    up = int(own.number("step_ratio_up", 0.4) * each)
    gamma, t = own.number("gamma", 1), f"(epoch % {each})"
    shrunk = "{0}" if gamma == 1 else f"(1 - {gamma} ** (epoch // {each}) + {{0}} * {gamma} ** (epoch // {each}))"
    high, low = (
        (shrunk.format(top), str(floor)) if up else (str(top), shrunk.format(floor))
    )  # what ends the first of its phases
    rising, falling = f"{t} / {up}", f"({t} - {up}) / {max(each - up, 1)}"
    if own.text("anneal_strategy", "cos") == "linear":
        rise, fall = f"1 + ({high} - 1) * {rising}", f"{high} + ({low} - {high}) * {falling}"
    else:
        rise = f"{high} + 0.5 * (1 - {high}) * (cos(pi * {rising}) + 1)"
        fall = f"{low} + 0.5 * ({high} - {low}) * (cos(pi * {falling}) + 1)"
    return f"({rise} if {t} < {up} else {fall})" if up else f"({fall})"


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
