"""kohya's sd-scripts, in TOML or flags: diffusers' schedules, with a rate for each part that is trained."""

import math

from lrplot.configs.document import ConfigError, Value
from lrplot.configs.foreign.build import config, factor, scheduler
from lrplot.configs.foreign.fields import Fields, amount, described, number_of, plain
from lrplot.configs.foreign.lengths import Length, over_epochs
from lrplot.configs.foreign.source import Source, Understood, at
from lrplot.configs.foreign.targets import torch_scheduler
from lrplot.configs.foreign.tree import walk

SIGNS = ("network_module", "lr_warmup_steps", "unet_lr", "text_encoder_lr", "network_dim", "lr_scheduler_num_cycles")
RATES = ("unet_lr", "text_encoder_lr", "learning_rate_te", "learning_rate_te1", "learning_rate_te2")
PARTS = {"unet_lr": "network_train_text_encoder_only", "text_encoder_lr": "network_train_unet_only"}
"""The rates of a LoRA's parts, each with what leaves it out."""
KINDS = (
    "linear",
    "cosine",
    "cosine_with_restarts",
    "polynomial",
    "constant",
    "constant_with_warmup",
    "inverse_sqrt",
    "cosine_with_min_lr",
    "warmup_stable_decay",
    "piecewise_constant",
)


def recognise(source: Source) -> bool:
    tree = _flat(source.tree)
    if source.has("data_backend_config"):  # SimpleTuner's, whose schedules are its own
        return False
    of_kohya = sum(walk(tree, name) is not None for name in SIGNS)
    if source.kind == "yaml" and source.has("lr_warmup", "lr_scheduler", "learning_rate"):  # a form's other tabs
        return True
    return of_kohya >= 1 and (walk(tree, "learning_rate") is not None or of_kohya >= 2) and source.kind != "python"


def _flat(tree: Value) -> Value:
    """The keys of all sections, whose names the script passes over, without those that are empty."""
    content = tree.content if isinstance(tree.content, dict) else {}
    flat: dict[str, Value] = {}
    for key, each in content.items():
        flat |= each.content if isinstance(each.content, dict) else {key: each}
    kept = {key: each for key, each in flat.items() if each.content not in ("", "None")}
    return at(tree, _as_script(kept) if _is_of_gui(kept) else kept)


def _is_of_gui(flat: dict[str, Value]) -> bool:
    return "lr_warmup" in flat or {"LoRA_type", "epoch"} <= flat.keys()


def _as_script(flat: dict[str, Value]) -> dict[str, Value]:
    """What kohya_ss, the form in front of the scripts, makes of its own keys: a warm-up in percent, epochs."""
    made = {key: each for key, each in flat.items() if key not in ("epoch", "lr_warmup") and not _is_zero(key, each)}
    percent = number_of(flat["lr_warmup"]) if "lr_warmup" in flat else None
    if percent and "lr_warmup_steps" not in made:
        total = number_of(made["max_train_steps"]) if "max_train_steps" in made else None
        steps = percent / 100 if total is None else round(percent * total / 100)
        made["lr_warmup_steps"] = at(flat["lr_warmup"], steps, f"lr_warmup {plain(percent)} %")
    if "max_train_steps" not in made and "epoch" in flat:
        made.setdefault("max_train_epochs", flat["epoch"])
    return made


def _is_zero(key: str, value: Value) -> bool:
    """Whether a length is not set."""
    return key in ("max_train_steps", "max_train_epochs", "lr_warmup_steps") and number_of(value) == 0


def read(source: Source) -> Understood:
    fields = Fields(source, "sd-scripts", _flat(source.tree))
    is_of_gui = walk(source.tree, "lr_warmup") is not None or walk(source.tree, "LoRA_type") is not None
    rates = _rates(fields)
    length = _length(fields)
    kind, made = _scheduler(fields, length, amount(next(iter(rates.values()))))
    fields.end()
    place = next(iter(rates.values()))
    lr = place if len(rates) == 1 else at(place, list(rates.values()))
    fields.refuse("block_lr")
    offers = [] if length.is_known else ["drawn over epochs: --steps-per-epoch gives its steps"]
    facts = [kind, ", ".join(f"{name} {each.content}" for name, each in rates.items()), length.fact]
    return Understood(
        "a config of kohya_ss" if is_of_gui else "a config of kohya's sd-scripts",
        {"": config(fields, lr, made, length, [*rates])},
        facts,
        fields.assumed,
        offers,
    )


def _rates(fields: Fields) -> dict[str, Value]:
    """One for each part that has its own."""
    named = {name: fields.entry(name) for name in RATES if fields.has(name)}
    if named and fields.has("learning_rate"):  # of all that has no rate of its own
        rest = {"learning_rate"} if "unet_lr" not in named and "text_encoder_lr" not in named else {*PARTS} - {*named}
        rest -= {name for name, alone in PARTS.items() if fields.truth(alone)}
        named = {name: fields.entry("learning_rate") for name in sorted(rest)} | named
    named = {name: each for name, each in named.items() if amount(each)}
    return named or {"learning_rate": fields.entry("learning_rate", 2e-6)}


def _length(fields: Fields) -> Length:
    epochs = fields.number("max_train_epochs")
    if epochs:
        batch = fields.whole("train_batch_size", 1, 1) * fields.whole("gradient_accumulation_steps", 1, 1)
        return over_epochs(
            fields, epochs, "max_train_epochs", lambda size: (math.ceil(size / batch), f"ceil({size} / {batch})")
        )
    if not fields.has("max_train_steps"):
        fields.assume("max_train_steps", 1600)
    steps = fields.whole("max_train_steps", 1600, 1)
    return Length(steps, None, True, fields.value("max_train_steps") or fields.file, "max_train_steps")


def _count(fields: Fields, key: str, total: int) -> Value | None:
    """Steps, or below 1 a share of the run."""
    number = fields.number(key, 0)
    if not number:
        return None
    if 0 < number < 1:
        return fields.made(int(number * total), f"int({key} {plain(number)} * {total})", key)
    return fields.made(int(number), key, key)


def _scheduler(fields: Fields, length: Length, rate: float) -> tuple[str, Value]:
    own = fields.text("lr_scheduler_type")
    if own:
        place = fields.value("lr_scheduler_type") or fields.file
        return own, torch_scheduler(fields, place, own, _arguments(fields), "lr_scheduler_args")
    named = fields.text("lr_scheduler", "")
    if named.startswith("adafactor"):
        raise ConfigError(
            [f"{fields.source.name}: lr_scheduler {named[:40]}: Adafactor sets its rate by itself, by the weights"]
        )
    kind = fields.choice("lr_scheduler", KINDS, "constant")
    place = fields.value("lr_scheduler") or fields.file
    if kind == "piecewise_constant":
        return kind, _piecewise(fields, place)
    total, warm = length.steps, _count(fields, "lr_warmup_steps", length.steps)
    if fields.number("lr_warmup_steps", 0) >= 1 and kind != "constant":
        length.fixes(fields, "lr_warmup_steps")
    none = at(fields.file, 0, "the default of sd-scripts")
    given: dict[str, Value | None] = {}
    if kind != "constant":
        given["num_warmup_steps"] = warm or none
    if kind not in ("constant", "constant_with_warmup", "inverse_sqrt"):
        given["num_training_steps"] = at(length.place, total, length.note)
    given |= _more(fields, kind, rate, total, int(str((warm or none).content)))
    return kind, scheduler(place, f"transformers.{kind}", "lr_scheduler", **given)


def _piecewise(fields: Fields, place: Value) -> Value:
    """diffusers' step rules, as in "1:10,0.1:20,0.01": a factor before each of some steps, then the last."""
    given = _arguments(fields).get("step_rules")
    if given is None:
        fields.needs["the steps of piecewise_constant"] = '--set lr_scheduler_args="step_rules=1:10,0.1:20,0.01"'
        return factor(place, "1.0")
    *rules, last = str(given.content).strip("\"'").split(",")
    pairs = [rule.split(":") for rule in rules]
    numbers = [[number_of(at(given, part.strip())) for part in pair] for pair in (*pairs, [last])]
    if any(None in each for each in numbers) or any(len(pair) != 2 for pair in pairs):
        fields.note(given, "step_rules", f'must be as "1:10,0.1:20,0.01" is, got {described(given)}')
        return factor(place, "1.0")
    text = str(numbers[-1][0])
    for value, step in sorted(numbers[:-1], key=lambda pair: -float(pair[1] or 0)):
        text = f"{value} if epoch < {step} else ({text})"
    return factor(given, text, note="step_rules")


def _more(fields: Fields, kind: str, rate: float, total: int, warm: int) -> dict[str, Value | None]:
    """What only some of the schedules take."""
    given: dict[str, Value | None] = {}
    if kind == "cosine_with_restarts":
        given["num_cycles"] = fields.made(
            fields.whole("lr_scheduler_num_cycles", 1, 1), "lr_scheduler_num_cycles", "lr_scheduler_num_cycles"
        )
    if kind == "polynomial":
        given["power"] = fields.made(
            fields.number("lr_scheduler_power", 1.0), "lr_scheduler_power", "lr_scheduler_power"
        )
    if kind == "inverse_sqrt" and fields.has("lr_scheduler_timescale"):
        given["timescale"] = fields.entry("lr_scheduler_timescale")
    if kind in ("cosine_with_min_lr", "warmup_stable_decay"):
        name = "min_lr_rate" if kind == "cosine_with_min_lr" else "min_lr_ratio"
        ratio = fields.number("lr_scheduler_min_lr_ratio", 0.0) or 0.0
        given[name] = fields.made(ratio, "lr_scheduler_min_lr_ratio", "lr_scheduler_min_lr_ratio")
        given["num_cycles"] = fields.made(
            fields.number("lr_scheduler_num_cycles", 1) / 2, "lr_scheduler_num_cycles / 2", "lr_scheduler_num_cycles"
        )
    if kind == "warmup_stable_decay":
        decay = _count(fields, "lr_decay_steps", total) or at(fields.file, 0)
        given["num_decay_steps"] = decay
        given["num_training_steps"] = None
        stable = total - warm - int(str(decay.content))
        given["num_stable_steps"] = at(decay, stable, f"{total} - {warm} - {decay.content}")
    return given


def _arguments(fields: Fields) -> dict[str, Value]:
    """``["T_max=100", "eta_min=1e-6"]`` as a mapping."""
    value = fields.value("lr_scheduler_args")
    items = (
        value.content if value is not None and isinstance(value.content, list) else [value] if value is not None else []
    )
    made = {}
    for each in items:
        name, mark, text = str(each.content).partition("=")
        if mark:
            made[name.strip()] = at(each, text.strip(), f"lr_scheduler_args {name.strip()}")
    return made
