"""Hydra's ``_target_`` and Lightning CLI's ``class_path``: torch's schedulers and their optimizers by name."""

from lrplot.configs.document import ConfigError, Value
from lrplot.configs.foreign.build import config
from lrplot.configs.foreign.fields import Fields, amount, number_of, plain
from lrplot.configs.foreign.lengths import given
from lrplot.configs.foreign.source import NoSchedule, Source, Understood, at, walk
from lrplot.configs.foreign.targets import (
    INTERVALS,
    KEYS,
    TRANSFORMERS,
    Found,
    beside,
    frequency_of,
    interval_of,
    made_of,
    optimizer_of,
    parameters_of,
    schedulers,
    target,
)

EPOCHS = ("trainer.max_epochs", "max_epochs", "trainer.init_args.max_epochs", "num_epochs", "epochs", "trainer.epochs")
STEPS = ("trainer.max_steps", "max_steps", "trainer.init_args.max_steps")
DEFAULT = "the default of Lightning"
HORIZONS = ("T_max", "max_epochs", "total_iters", "total_steps")


def recognise(source: Source) -> bool:
    if schedulers(source.tree):
        return True
    content = source.tree.content if isinstance(source.tree.content, dict) else {}
    if source.has("seed_everything", "trainer"):
        return True
    named = [key for key in ("optimizer", "lr_scheduler", "model", "trainer") if key in content]
    return any(target(content[key]) or walk(content[key], "class_path") for key in named)


def read(source: Source) -> Understood:
    fields = Fields(source, "torch")
    found = schedulers(source.tree)
    is_of_cli = "class_path" in source.text or source.has("seed_everything")
    what = "a config of Lightning CLI" if is_of_cli else "a config of Hydra"
    if not found:
        raise NoSchedule([f"{source.name}: {what} without a scheduler: {_rest(fields)}"])
    if source.pick:
        found = [each for each in found if f"{'.'.join(each.path)}.".startswith(f"{source.pick}.")] or found
    trees = {}
    facts = []
    for each in found:
        tree, fact = _one(fields, each)
        trees[".".join(each.path)] = tree
        facts.append(fact)
    fields.end()
    if len(trees) == 1:
        trees = {"": next(iter(trees.values()))} if not source.pick else trees
    watches = any(target(each.value).endswith("ReduceLROnPlateau") for each in found)
    if watches and not source.given.has_metrics and not source.pick:
        does = "needs a metric at each epoch: add --metrics 'losses.csv:val_loss', or --metrics '1 / (epoch + 1)'"
        raise ConfigError([f"{source.name}: its ReduceLROnPlateau {does}"])
    return Understood(what, trees, facts[:5], fields.assumed, _offers(fields, found))


def _rest(fields: Fields) -> str:
    """What sets the rate where a file names no scheduler."""
    kept = fields.value("optimizer.init_args.lr")
    if kept is not None and fields.has("optimizer.class_path"):
        return (
            f"{target(fields.value('optimizer') or kept).rpartition('.')[2]} keeps its lr {plain(number_of(kept) or 0)}"
        )
    return "its model's code decides: draw the training code"


def _one(fields: Fields, found: Found) -> tuple[Value, str]:
    path = ".".join(found.path)
    optimizer = optimizer_of(found)
    lr = at(fields.file, 0.001, "the default of torch")
    if optimizer is not None:
        inner = fields.below(at(optimizer, parameters_of(optimizer)))
        lr = inner.entry("lr")
    elif fields.has("learning_rate") or fields.has("lr"):
        lr = fields.entry("learning_rate" if fields.has("learning_rate") else "lr")
    else:
        fields.needs["the optimizer's rate"] = "--set lr=0.001"
    fields.rate = amount(lr)
    for key in KEYS:
        fields.below(found.value).value(key)
    often = frequency_of(found)
    for near in (beside(found, *INTERVALS), often):
        fields.source.use(near)
    made = made_of(fields, found.value, path)
    keys = _length(fields, found)
    if often is not None and often.content != "1" and isinstance(made.content, dict):
        made = at(made, {**made.content, "frequency": at(often, often.content, "frequency")})
    name = target(found.value).rpartition(".")[2]
    return config(fields, lr, made, keys), f"{name}, lr {lr.content}"


def _is_by_step(found: Found) -> bool:
    interval = interval_of(found)
    return interval == "step" or (not interval and _is_made_for_steps(found))


def _is_made_for_steps(found: Found) -> bool:
    """Whether a scheduler is one that nobody means to be stepped by the epoch; Lightning's own command does so."""
    last = target(found.value).rpartition(".")[2]
    is_of_cli = walk(found.value, "class_path") is not None
    return last in TRANSFORMERS or (last in ("OneCycleLR", "CyclicLR") and not is_of_cli)


def _length(fields: Fields, found: Found) -> dict[str, Value]:
    """The run's length, in epochs where the scheduler is stepped by them and the steps of one are not known."""
    by_epoch = at(beside(found, *INTERVALS) or found.value, "epoch", "" if interval_of(found) else DEFAULT)
    watches = target(found.value).endswith("ReduceLROnPlateau")
    epochs = next((path for path in EPOCHS if (fields.number(path) or 0) > 0), None)
    per_epoch = given(fields, "steps_per_epoch")
    if _is_by_step(found):
        if not interval_of(found):
            fields.assume("stepped at each step", "")
        steps = next((path for path in STEPS if (fields.number(path) or 0) > 0), None)
        if steps is not None:
            return {"steps": fields.made(fields.whole(steps), steps, steps)}
        if per_epoch is not None and epochs is not None:
            total = int(fields.number(epochs) * per_epoch[0])
            return {"steps": fields.made(total, epochs, epochs), "steps_per_epoch": per_epoch[1]}
        return {}
    if epochs is None:
        if watches or given(fields, "steps") is not None:
            return {}
        inner = fields.below(at(found.value, parameters_of(found.value)))
        horizon = next((name for name in HORIZONS if inner.has(name)), None)
        if horizon is None:
            return {}
        fields.assume(f"a run as long as {horizon} (--set max_epochs=…)", "")
        return {"steps": inner.made(inner.whole(horizon, 100, 1), horizon, horizon), "interval": by_epoch}
    number = fields.whole(epochs, 100, 1)
    if per_epoch is not None:
        whole = fields.made(number * int(per_epoch[0]), epochs, epochs)
        clock = {"steps_per_epoch": per_epoch[1], "interval": by_epoch}
        return clock if watches else {"steps": whole, **clock}
    return {} if watches else {"steps": fields.made(number, epochs, epochs), "interval": by_epoch}


def _offers(fields: Fields, found: list[Found]) -> list[str]:
    if all(map(_is_by_step, found)) or given(fields, "steps_per_epoch") is not None:
        return []
    return ["stepped by the epoch, so the curve counts epochs: --steps-per-epoch gives steps"]
