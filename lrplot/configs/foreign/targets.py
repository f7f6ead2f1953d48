"""Schedulers and optimizers that a file names by their class's path: ``_target_``, ``class_path``, ``_component_``."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lrplot.configs.document import Value
from lrplot.configs.foreign.build import factor, scheduler
from lrplot.configs.foreign.fields import Fields
from lrplot.configs.foreign.source import at, walk

TORCH = (
    "LambdaLR",
    "MultiplicativeLR",
    "StepLR",
    "MultiStepLR",
    "ConstantLR",
    "LinearLR",
    "ExponentialLR",
    "PolynomialLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "OneCycleLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "ChainedScheduler",
)
TRANSFORMERS = {
    "get_constant_schedule": "constant",
    "get_constant_schedule_with_warmup": "constant_with_warmup",
    "get_linear_schedule_with_warmup": "linear",
    "get_cosine_schedule_with_warmup": "cosine",
    "get_cosine_with_hard_restarts_schedule_with_warmup": "cosine_with_restarts",
    "get_polynomial_decay_schedule_with_warmup": "polynomial",
    "get_inverse_sqrt_schedule": "inverse_sqrt",
    "get_wsd_schedule": "warmup_stable_decay",
    "get_cosine_with_min_lr_schedule_with_warmup": "cosine_with_min_lr",
    "get_cosine_with_min_lr_schedule_with_warmup_lr_rate": "cosine_warmup_with_min_lr",
    "get_reduce_on_plateau_schedule": "reduce_lr_on_plateau",
}
WARM_COSINE = "LinearWarmupCosineAnnealingLR"
"""lightning-bolts' own."""
TIMM = {
    "CosineLRScheduler": "cosine",
    "StepLRScheduler": "step",
    "MultiStepLRScheduler": "multistep",
    "TanhLRScheduler": "tanh",
    "PolyLRScheduler": "poly",
}
OF_TIMM = ("t_in_epochs", "initialize", "noise_type")
"""What timm's take, and makes no difference to the rate."""
KEYS = ("_target_", "class_path", "_component_")
BESIDE = ("optimizer", "verbose", "monitor", "interval", "frequency", "name", "strict", "reduce_on_plateau")
"""What stands among a scheduler's parameters and is none."""
INTERVALS = ("interval", "lr_interval", "scheduler_interval", "lr_scheduler_interval")
"""Keys beside a scheduler that say what it is stepped by."""
MOST_NODES = 20_000


class Found(NamedTuple):
    """A scheduler in a file, the way to it, and the mappings that it stands in, the inmost first."""

    path: tuple[str, ...]
    value: Value
    above: tuple[Value, ...]


def target(value: Value) -> str:
    """The class's path that a mapping names; nothing where it names none."""
    if isinstance(value.content, dict):
        for key in KEYS:
            named = value.content.get(key)
            if named is not None and isinstance(named.content, str):
                return named.content
    return ""


def is_scheduler(name: str) -> bool:
    """Whether a path names a scheduler: one that is known, or one by its looks."""
    last = name.rpartition(".")[2]
    if last in TORCH or last in TRANSFORMERS or last == WARM_COSINE:
        return True
    return "lr_scheduler" in name or (last.endswith(("LR", "Scheduler")) and "noise" not in name.lower())


def schedulers(root: Value) -> list[Found]:
    """The schedulers that a file names, without those within others."""
    return list(_search(root))


def _search(root: Value) -> Iterator[Found]:
    stack: list[Found] = [Found((), root, ())]
    count = 0
    while stack and count < MOST_NODES:
        path, value, above = stack.pop()
        count += 1
        if is_scheduler(target(value)):
            yield Found(path, value, above)
        elif len(path) < 20:
            content = value.content
            parts = list(content.items()) if isinstance(content, dict) else []
            if isinstance(content, list):
                parts = [(str(i), each) for i, each in enumerate(content[:100])]
            inner = [
                Found((*path, key), each, (value, *above)) for key, each in parts if not isinstance(each.content, str)
            ]
            stack += reversed(inner)


def optimizer_of(found: Found) -> Value | None:
    """The mapping of the optimizer that stands next to a scheduler: one with a rate, and a class of its own."""
    for above in found.above:
        entries = above.content if isinstance(above.content, dict) else {}
        named = [each for key, each in entries.items() if key.startswith(("optim", "opt")) or "optimizer" in key]
        for each in [*named, *entries.values()]:
            inner = parameters_of(each)
            if target(each) and not is_scheduler(target(each)) and "lr" in inner:
                return each
    return None


def parameters_of(value: Value) -> dict[str, Value]:
    """The arguments of what a mapping names."""
    content = value.content if isinstance(value.content, dict) else {}
    below = content.get("init_args")
    if below is not None and isinstance(below.content, dict):
        return dict(below.content)
    return {key: each for key, each in content.items() if key not in KEYS and not key.startswith("_")}


def made_of(fields: Fields, value: Value, path: str) -> Value:
    """lrplot's own scheduler of one that a mapping names."""
    name = target(value)
    return torch_scheduler(fields, value, name, parameters_of(value), path)


def torch_scheduler(
    fields: Fields, place: Value, name: str, parameters: Mapping[str, Value], path: str = "scheduler"
) -> Value:
    """lrplot's own scheduler of a class or function by its name, torch's or transformers'."""
    last = name.rpartition(".")[2]
    given = {key: _noted(each, f"{path}.{key}") for key, each in parameters.items() if key not in BESIDE}
    given = {key: each for key, each in given.items() if not each.is_null and key != "last_epoch"}
    for key, each in given.items():
        if isinstance(each.content, str) and each.content.startswith(("$", "???")):
            given[key] = at(each, fields.below(at(place, {key: each})).number(key, 1), each.note)
    if last in TRANSFORMERS:
        return scheduler(place, f"transformers.{TRANSFORMERS[last]}", name, **given)
    if last in TIMM and "timm" in name:
        return scheduler(place, f"timm.{TIMM[last]}", name, **{k: v for k, v in given.items() if k not in OF_TIMM})
    if last == WARM_COSINE:
        return _warm_cosine(fields, place, given)
    if last in TORCH:
        if "schedulers" in given and isinstance(given["schedulers"].content, list):
            inner = [made_of(fields, each, f"{path}.schedulers") for each in given["schedulers"].content]
            given["schedulers"] = at(given["schedulers"], inner)
        if last == "LambdaLR" or last == "MultiplicativeLR":
            fields.problems.append(f"{place.place}: {path} is {last}: its function stands in code: draw that, or --set")
        return scheduler(place, last, name, **given)
    what = f"{path or 'it'} names {name[:80]}, which is none of torch's, transformers' or timm's schedulers"
    fields.problems.append(f"{place.place}: {what}")
    return scheduler(place, "ConstantLR")


def _noted(value: Value, note: str) -> Value:
    made = at(value, value.content, value.note or note)
    made.quoted = False
    return made


def _warm_cosine(fields: Fields, place: Value, given: Mapping[str, Value]) -> Value:
    """lightning-bolts': a line from warmup_start_lr, then a cosine to eta_min."""
    own = fields.below(at(place, dict(given)))
    warm, total = own.whole("warmup_epochs", 1, 0), own.whole("max_epochs", 100, 1)
    start, end = own.number("warmup_start_lr", 0.0), own.number("eta_min", 0.0)
    lr = fields.rate or 0.001
    low, floor = start / lr, end / lr
    rise = f"{low} + epoch * (1 - {low}) / {max(warm - 1, 1)} if epoch < {warm} else " if warm else ""
    wave = f"{floor} + 0.5 * (1 - {floor}) * (1 + cos(pi * (epoch - {warm}) / {max(total - warm, 1)}))"
    return factor(place, rise + wave, note=f"warmup_epochs {warm}, max_epochs {total}")


def beside(found: Found, *keys: str) -> Value | None:
    """The first of some keys that stands near a scheduler, or in it."""
    for value in (*found.above[:2], found.value):
        for key in keys:
            if (near := walk(value, key)) is not None:
                return near
    return None


def interval_of(found: Found) -> str:
    """Whether a scheduler is stepped by the step or by the epoch, where something beside it says so."""
    value = beside(found, *INTERVALS)
    return str(value.content) if value is not None and value.content in ("step", "epoch") else ""


def frequency_of(found: Found) -> Value | None:
    """At every how many intervals a scheduler is stepped, where its own mapping or Lightning's around it says so."""
    if (named := beside(found, "lr_frequency", "lr_scheduler_frequency")) is not None:
        return named
    inner = walk(found.value, "frequency")
    is_held = len(found.path) > 1 and found.path[-1] in ("scheduler", "lr_scheduler")
    return walk(found.above[0], "frequency") if inner is None and is_held else inner
