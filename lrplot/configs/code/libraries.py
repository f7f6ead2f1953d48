"""What calls of the libraries that scripts use make: schedulers, optimizers, parsers of options, namespaces."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from lrplot.configs.code import asked, chains, factories, operations
from lrplot.configs.code.call import Call
from lrplot.configs.code.entries import attribute
from lrplot.configs.code.names import FAMILY_ROOTS, OPTIMIZERS, RATES_OF_KERAS, TRAINERS, scheduler_of
from lrplot.configs.code.values import Class, External, Groups, Instance, Made, Missing, Optimizer, Parser

NAMESPACES = {
    *("SimpleNamespace", "Namespace", "EasyDict", "edict", "Munch", "munchify", "DotMap", "ConfigDict", "Box"),
    *("AttrDict", "DotDict", "dotdict", "create", "CfgNode", "CN", "ConfigNode"),
}
PARSERS = {"ArgumentParser", "HfArgumentParser", "TrlParser"}
PARSED = {"parse_args", "parse_known_args", "parse_args_into_dataclasses", "parse_args_and_config"}
LIGHTNING = ("lightning", "pytorch_lightning")
OF_FASTAI = ("fit_one_cycle", "fit_flat_cos", "fit_sgdr")
"""Methods that train on a schedule of their own."""
_FILLED = {"cli", "parse", "structured"}
"""Functions that make an object of a class from the command line: tyro's, simple_parsing's, OmegaConf's."""


def made_by(path: str, is_imported: bool, call: Call) -> Any:
    """What a call of something imported makes: None where it is not known."""
    root, name = path.partition(".")[0], path.rpartition(".")[2]
    if name in _NAMED:
        return _NAMED[name](call)
    if name in factories.MADE_BY and (not is_imported or root in factories.ROOTS or name not in factories.OFTEN_OWN):
        return factories.MADE_BY[name](root, call)
    if name == "LearningRateScheduler" and (root in asked.ROOTS or not is_imported):
        return asked.by_epoch(call)
    if root == "optax" and name in chains.FUNCTIONS:
        return chains.FUNCTIONS[name](call)
    if root == "optax" and (step := chains.optimizer(call)) is not None:
        return step
    if name in _OF_TIMM and (root == "timm" or not is_imported):
        return _OF_TIMM[name](call)
    if (cls := scheduler_of(path)) is not None and is_imported and root not in FAMILY_ROOTS:
        call.happens(External(path), "unseen")  # a namesake from a file of its own
        return None
    if cls is not None:
        return factories.scheduler(cls, call)
    if name in OPTIMIZERS:
        return optimizer(name, call, RATES_OF_KERAS if root in asked.ROOTS else OPTIMIZERS)
    if name in NAMESPACES:
        return _namespace(call)
    if root == "omegaconf" and name in _OF_OMEGACONF:
        return _OF_OMEGACONF[name](call)
    if name in PARSERS:
        return _parser(name, call)
    if name == "Trainer" and root in LIGHTNING:
        call.reader.trainer = dict(call.named)
        return None
    if name in TRAINERS:
        call.happens(call, name)
        return Instance(dict(call.named), is_options=True)
    if call.arguments and isinstance(call.arguments[0], Class) and name in _FILLED:
        return call.of().apply(call.arguments[0])
    return None


def optimizer(name: str, call: Call, defaults: Mapping[str, float | None] = OPTIMIZERS) -> Optimizer:
    """An optimizer: its rate, its momentum or its betas, and the rates of its groups."""
    first = call.argument(0, "params")
    index = 0 if defaults is RATES_OF_KERAS else 1
    rate = call.argument(index, "lr", call.named.get("learning_rate", defaults.get(name)))
    rates, starts = [rate], [None]
    if isinstance(first, (list, tuple)) and first and all(isinstance(group, dict) for group in first):
        rates = [group.get("lr", rate) for group in first]
        starts = [group.get("initial_lr") for group in first]
    named = isinstance(first, (list, tuple)) and any(isinstance(group, dict) and "lr" in group for group in first)
    is_one = len(rates) == 1 or (not named and all(operations.same(each, rates[0]) for each in rates))
    entries = {"lr": (rates[0] if is_one else rates, call.place(index, "lr"))}
    if None not in starts:
        entries["initial_lr"] = starts, call.place(0, "params")
    if "momentum" in call.named or (name == "SGD" and len(call.arguments) > 2):
        entries["momentum"] = call.argument(2, "momentum"), call.place(2, "momentum")
    elif "betas" in call.named or "adam" in name.lower():
        entries["betas"] = call.named.get("betas", (0.9, 0.999)), call.place(None, "betas")
    made = Optimizer(call.node, entries, depth=len(call.reader.loops))
    if isinstance(first, (list, tuple)) and all(isinstance(group, dict) for group in first):
        made.of_groups = {key: [group.get(key) for group in first] for group in first for key in group}
    return made


def of_optimizer(base: Optimizer, name: str, call: Call) -> Any:
    group = call.argument(0, "param_group")
    if name == "step":
        call.happens(base, None)
    elif name == "add_param_group" and isinstance(group, dict) and not call.reader.loops:
        base.of_groups = {
            key: [*base.of_groups.get(key, [None] * base.groups), group.get(key)] for key in {**base.of_groups, **group}
        }
        base.entries["lr"] = [*base.rates, group.get("lr", base.rates[0])], base.entries["lr"][1]
    return Missing()


def of_groups(base: Groups, name: str, call: Call) -> Any:
    """``group.get("lr_scale", 1.0)``; ``group.setdefault("initial_lr", group["lr"])`` changes nothing that is known."""
    key = call.argument(0)
    if name != "get" or not isinstance(key, str) or key in ("lr", "initial_lr"):
        return Missing()
    known = base.beside(key)
    return call.argument(1) if known is None else known


def of_scheduler(base: Made, name: str, call: Call) -> Any:
    if base.own is not None and base.own.of is not None and name not in ("step", "get_lr") and base.own.of.method(name):
        assert isinstance(call.node.func, ast.Attribute)
        return call.apply(attribute(call.reader, base, call.node.func))
    if name in ("step", "step_update") and (base.by_epoch is None or base.by_epoch is (name == "step")):
        if base.cls.family == "megatron" and (more := call.argument(0, "increment")) is not None:
            base.arguments["increment"] = more, call.place(0, "increment")  # what a step adds to the count
        told = next((call.named[word] for word in ("metrics", "epoch", "num_updates") if word in call.named), None)
        call.happens(base, call.argument(0, default=told))
    return Missing()


# Options.


def of_parser(base: Parser, name: str, call: Call) -> Any:
    if name == "add_argument":
        _add_option(base, call)
    elif name == "add_arguments" and isinstance(kind := call.argument(0), Class):  # simple_parsing's
        base.options[str(call.argument(1, "dest"))] = call.of().apply(kind)
    elif name == "set_defaults":
        base.options |= call.named
    elif name in ("add_argument_group", "add_mutually_exclusive_group", "add_subparsers", "add_parser"):
        return base
    elif name in PARSED and base.classes is not None:
        known = base.classes if isinstance(base.classes, (list, tuple)) else [base.classes]
        return tuple(call.of().apply(each) for each in known)
    elif name in PARSED:
        options = Instance(dict(base.options), is_options=True)
        return (options, []) if "known" in name else options
    return Missing()


def _parser(name: str, call: Call) -> Parser:
    """A parser of options, with those of its parents, or of the fields of classes."""
    parents = call.named.get("parents", ())
    known = [each for each in parents if isinstance(each, Parser)] if isinstance(parents, (list, tuple)) else []
    options = {key: value for each in known for key, value in each.options.items()}
    return Parser(options, None if "ArgumentParser" in name and name != "HfArgumentParser" else call.argument(0))


def _add_option(parser: Parser, call: Call) -> None:
    """``add_argument("--lr", type=float, default=0.1)``."""
    words = [each for each in call.arguments if isinstance(each, str)]
    long = next((each for each in words if each.startswith("--")), words[0] if words else "")
    name = call.named.get("dest") or long.lstrip("-").replace("-", "_")
    if not isinstance(name, str) or not name:
        return
    default, kind, action = (call.named.get(key) for key in ("default", "type", "action"))
    if "default" not in call.named:
        default = {"store_true": False, "store_false": True}.get(action) if isinstance(action, str) else None
        if call.named.get("required") is True or not long.startswith("-"):
            default = call.reader.asked_for(f"args.{name}", call.node)
    if isinstance(default, str) and isinstance(kind, External) and kind.path in ("int", "float"):
        default = operations.call(kind.path, [default])  # a text alone is converted
    parser.options[name] = default


def _define(call: Call) -> Any:
    """absl's ``DEFINE_float("lr", 0.1, …)``."""
    name = call.argument(0, "name")
    if isinstance(name, str):
        call.reader.flags[name] = call.argument(1, "default")
    return Missing()


def _field(call: Call) -> Any:
    """A dataclass's ``field(default=…)``, and an option's default as typer has it."""
    if "default_factory" in call.named:
        return call.of().apply(call.named["default_factory"])
    return call.argument(0, "default", call.unknown)


def of_instance(base: Instance, name: str, call: Call) -> Any:
    is_own = name in base.attributes or (base.of is not None and base.of.method(name) is not None)
    if not is_own and name in ("get", "pop") and isinstance(call.argument(0), str):
        return base.attributes.get(call.argument(0), call.argument(1))
    if (not is_own and name in PARSED) or (base.is_options and not is_own and name in _SAME):
        return base
    if not is_own and name == "save_hyperparameters" and isinstance(call.argument(0), (dict, Instance)):
        base.attributes["hparams"] = _as_namespace(call.argument(0))
    assert isinstance(call.node.func, ast.Attribute)
    return call.apply(attribute(call.reader, base, call.node.func))


def _namespace(call: Call) -> Instance:
    attributes = dict(call.named)
    for value in call.arguments:
        if isinstance(value, dict):
            attributes |= {key: each for key, each in value.items() if isinstance(key, str)}
    return Instance({key: _as_namespace(value) for key, value in attributes.items()}, is_options=True)


def _merged(call: Call) -> Any:
    """``OmegaConf.merge(base, other)``: known where all are."""
    if not all(isinstance(each, (Instance, dict)) for each in call.arguments):
        return call.unknown
    made: dict[str, Any] = {}
    for each in call.arguments:
        made = _laid_over(made, each.attributes if isinstance(each, Instance) else each)
    return _as_namespace(made)


def _laid_over(below: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(below)
    for key, value in above.items():
        old, new = [each.attributes if isinstance(each, Instance) else each for each in (made.get(key), value)]
        made[key] = _laid_over(old, new) if isinstance(old, dict) and isinstance(new, dict) else value
    return made


_OF_OMEGACONF: Mapping[str, Callable[[Call], Any]] = {
    "merge": _merged, "unsafe_merge": _merged, "from_cli": lambda call: Instance(is_options=True),
    "to_container": lambda call: call.argument(0), "to_object": lambda call: call.argument(0),
}  # fmt: skip
_SAME = ("clone", "copy", "freeze", "defrost", "eval")
"""Methods of namespaces that leave what is in them as it is."""


def _as_namespace(value: Any) -> Any:
    if isinstance(value, dict) and value and all(isinstance(key, str) for key in value):
        return Instance({key: _as_namespace(each) for key, each in value.items()}, is_options=True)
    return value


def _accelerated(call: Call) -> None:
    """accelerate's ``Accelerator(gradient_accumulation_steps=4)``, or its plugin: in how many batches it steps."""
    number = call.argument(99, "gradient_accumulation_steps", call.argument(0, "num_steps"))
    call.reader.accumulation = number if isinstance(number, int) else call.reader.accumulation


def _processes(call: Call) -> int:
    return call.reader.taken(ast.unparse(call.node))


def _initialized(call: Call) -> Any:
    """``deepspeed.initialize`` gives back engine, optimizer, loader and scheduler."""
    config = call.named.get("config", call.named.get("config_params"))
    if isinstance(config, (str, dict)):
        call.happens(config, "elsewhere")
    return Missing(), call.named.get("optimizer", Missing()), Missing(), call.named.get("lr_scheduler", Missing())


def of_unknown(base: Missing, name: str, call: Call) -> Any:
    if name in ("prepare", "setup", "setup_optimizers") and call.arguments:  # accelerate's and Fabric's give it back
        return tuple(call.arguments) if len(call.arguments) > 1 else call.arguments[0]
    assert isinstance(call.node.func, ast.Attribute)
    if name in ("fit", "compile"):
        (asked.trained if name == "fit" else asked.compiled)(call)
    if name == "step" and isinstance(stepped := call.argument(0), Optimizer):  # a scaler of gradients does
        call.happens(stepped, None)
    is_told = len(call.arguments) < 2  # of the schedulers of diffusers' noise, step takes three
    if name in OF_FASTAI:
        call.happens(base, "unseen")
    if name in ("step", "step_update") and is_told and _is_scheduler(call.node.func.value):
        call.happens(base, "unseen")
    return call.apply(attribute(call.reader, base, call.node.func))


def _is_scheduler(node: ast.expr) -> bool:
    """Whether something is called as schedulers are."""
    word = ast.unparse(node).rpartition(".")[2].lower()
    return "sched" in word or word in ("lr", "lr_policy")


def _of_arguments(call: Call) -> Any:
    """timm's ``create_optimizer(args, model)``."""
    return _with_rate(call, (_optimizer_words(call) or {}).get("lr", Missing()))


def _of_words(call: Call) -> Any:
    """timm's ``create_optimizer_v2(model, lr=…)``."""
    return _with_rate(call, call.argument(2, "lr", call.unknown))


def _optimizer_words(call: Call) -> dict[str, Any] | None:
    """timm's ``optimizer_kwargs(cfg=args)``."""
    options = call.argument(0, "cfg")
    return dict(options.attributes) if isinstance(options, Instance) else None


def _with_rate(call: Call, rate: Any) -> Optimizer:
    return Optimizer(call.node, {"lr": (rate, call.place(2, "lr"))})


_OF_TIMM: Mapping[str, Callable[[Call], Any]] = {
    "create_optimizer": _of_arguments, "create_optimizer_v2": _of_words, "optimizer_kwargs": _optimizer_words,
}  # fmt: skip
_NAMED: Mapping[str, Callable[[Call], Any]] = {
    "field": _field, "Field": _field, "Option": _field, "Argument": _field, "initialize": _initialized,
    "Accelerator": _accelerated, "GradientAccumulationPlugin": _accelerated,
    **dict.fromkeys(("get_world_size", "get_global_size", "process_count", "local_device_count"), _processes),
    "device_count": _processes,
    **{f"DEFINE_{kind}": _define for kind in ("float", "integer", "string", "bool", "boolean", "list", "enum")},
}  # fmt: skip
