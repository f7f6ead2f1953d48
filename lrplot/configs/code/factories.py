"""Calls that make a scheduler: its constructor, or a function of its library's that an argument tells which to make."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from lrplot.configs.code import operations
from lrplot.configs.code.call import Call
from lrplot.configs.code.choices import truth_of
from lrplot.configs.code.names import order_of, scheduler_of
from lrplot.configs.code.values import Instance, Made, Missing, Optimizer, missing_in
from lrplot.configs.foreign.megatron import STYLES
from lrplot.schedulers import Scheduler
from lrplot.schedulers.timm.factory import CALLED, OTHERWISE, CreateScheduler

ROOTS = ("transformers", "diffusers", "timm", "megatron")
OFTEN_OWN = ("get_scheduler", "create_scheduler", "scheduler_kwargs")
"""Names that scripts often give to functions of their own."""


def scheduler(cls: type[Scheduler], call: Call) -> Made:
    """A scheduler as its constructor's call has it."""
    order = order_of(cls)
    given: dict[str, tuple[Any, ast.expr]] = {}
    for index, value in enumerate(call.arguments):
        name = order[index] if index < len(order) else f"argument {index + 1}"
        given[name] = value, call.place(index, name)
    given |= {name: (value, call.place(None, name)) for name, value in call.named.items()}
    if not call.complete:
        given["**"] = call.unknown, call.node
    on = given.pop("optimizer", (None, call.node))
    if isinstance(on[0], (int, float)):
        given["optimizer"] = on  # which is refused, where it is
    given.pop("verbose", None)
    made = Made(cls, call.node, given, on[0])
    if cls.family == "timm":
        given.pop("initialize", None)
        made.by_epoch = given.pop("t_in_epochs", (True, call.node))[0] is True
    inner = given.get(cls.holds_others or "schedulers", (None, call.node))[0]
    for each in inner if isinstance(inner, (list, tuple)) else ():
        if isinstance(each, Made):
            each.is_held = True
            made.optimizer = made.optimizer if isinstance(made.optimizer, Optimizer) else each.optimizer
    call.happens(made, "made")
    return made


def _by_name(root: str, call: Call) -> Any:
    """``get_scheduler`` of transformers, and of diffusers: the name is the first argument."""
    name = call.argument(0, "name")
    cls = scheduler_of(f"transformers.{name.lower()}") if isinstance(name, str) else None
    if cls is None:
        return _unread(call, name, 0, "name")
    more = call.argument(4, "scheduler_specific_kwargs") if root != "diffusers" else None
    given = {"optimizer": call.argument(1, "optimizer"), **(more if isinstance(more, dict) else {})}
    of_diffusers = {"cosine_with_restarts": "num_cycles", "polynomial": "power"}.get(cls.name)
    if of_diffusers in call.named:
        given[of_diffusers] = call.named[of_diffusers]
    for index, key in ((2, "num_warmup_steps"), (3, "num_training_steps")):
        value = call.argument(index, key)
        if value is not None and key in order_of(cls):
            given[key] = value
    made = scheduler(cls, call.of(**given))
    for index, key in ((2, "num_warmup_steps"), (3, "num_training_steps")):
        if key in made.arguments:
            made.arguments[key] = made.arguments[key][0], call.place(index, key)
    return made


def _by_style(root: str, call: Call) -> Any:
    """Megatron's ``OptimizerParamScheduler``: lr_decay_style is one of its arguments."""
    given = {key: value for index, key in enumerate(_MEGATRONS) if (value := call.argument(index, key)) is not None}
    style = given.get("lr_decay_style")
    cls = scheduler_of(f"megatron.{style}") if isinstance(style, str) and style in STYLES else None
    if cls is None:
        return _unread(call, style, _MEGATRONS.index("lr_decay_style"), "lr_decay_style")
    on = given.get("optimizer")
    of_groups = on.of_groups if isinstance(on, Optimizer) else {}
    for key in ("max_lr", "min_lr", "start_wd", "end_wd"):
        if key in of_groups:  # which wins over what it is told
            given[key] = [given.get(key) if own is None else own for own in of_groups[key]]
    made = scheduler(cls, call.of(**{key: given[key] for key in given if key in ("optimizer", *order_of(cls))}))
    for key in made.arguments:
        made.arguments[key] = made.arguments[key][0], call.place(_MEGATRONS.index(key), key)
    return made


_MEGATRONS = (
    *("optimizer", "init_lr", "max_lr", "min_lr", "lr_warmup_steps", "lr_decay_steps", "lr_decay_style"),
    *("start_wd", "end_wd", "wd_incr_steps", "wd_incr_style"),
    *("use_checkpoint_opt_param_scheduler", "override_opt_param_scheduler", "wsd_decay_steps", "lr_wsd_decay_style"),
)
"""The order of its arguments."""


def _unread(call: Call, word: Any, index: int, name: str) -> Missing:
    """Notes that a scheduler is made of which nothing is known, for what tells which one it is not."""
    call.happens((name, word, call.place(index, name)), "unread")
    return Missing(missing_in(word) or call.unknown.asks)


# timm's: the arguments of its train.py, or those of create_scheduler_v2, which are called otherwise.

_WORDS = {word: key for key, word in CALLED.items()}
_OF_KWARGS = {"epochs": 100, "decay_epochs": 30, "decay_milestones": [30, 60], "lr_cycle_decay": 0.1}
"""Of scheduler_kwargs."""


def _of_arguments(root: str, call: Call) -> Any:
    """``create_scheduler(args, optimizer)``; lrplot's titles have what it takes of the arguments by name."""
    if not call.arguments and not {"args", "cfg"} & call.named.keys():
        return scheduler(CreateScheduler, call)
    read = _kwargs(root, call)
    if read is None:
        return Missing(call.unknown.asks)
    return _timms(call, read, call.argument(1, "optimizer"), call.argument(2, "updates_per_epoch"))


def _of_words(root: str, call: Call) -> Any:
    """``create_scheduler_v2(optimizer, sched=…)``."""
    if not call.complete:
        return Missing(call.unknown.asks)
    given = {_WORDS.get(key, key): value for key, value in call.named.items()}
    if "step_on_epochs" in given:
        by_epoch = truth_of(given.pop("step_on_epochs"))
        given["sched_on_updates"] = by_epoch is False
    if call.arguments[1:]:
        given["sched"] = call.arguments[1]
    return _timms(call, OTHERWISE | given, call.argument(0, "optimizer"), given.get("updates_per_epoch"))


def _kwargs(root: str, call: Call) -> dict[str, Any] | None:
    """``scheduler_kwargs(args)``: what it reads of them."""
    options = call.argument(0, "cfg", call.named.get("args"))
    if not isinstance(options, Instance):
        call.happens(("args", options, call.place(0, "cfg")), "unread")
        return None
    known = {*order_of(CreateScheduler), "lr_noise"} - {"optimizer", "updates_per_epoch"}
    return _OF_KWARGS | {key: value for key, value in options.attributes.items() if key in known}


def _timms(call: Call, given: Mapping[str, Any], on: Any, updates: Any) -> Any:
    """The scheduler, and the number of epochs that it takes."""
    if asks := missing_in(given.get("sched")):
        return Missing(asks)
    known = {key: value for key, value in given.items() if key in order_of(CreateScheduler) and value is not None}
    if not known.get("sched_on_updates"):
        known.pop("updates_per_epoch", None)
    elif updates is not None:
        known["updates_per_epoch"] = updates
    if known.get("lr_noise") is None:
        known.pop("seed", None)
    made = scheduler(CreateScheduler, call.of(optimizer=on, **known))
    made.by_epoch = not known.get("sched_on_updates")
    total: Any = given.get("epochs", 300)
    more = [given.get("cooldown_epochs", 0), given.get("warmup_epochs", 0) if given.get("warmup_prefix") is True else 0]
    for each in more if given.get("lr_cycle_limit", 1) == 1 else [Missing()]:
        total = operations.binary(ast.Add, total, each)
    return made, total


MADE_BY: Mapping[str, Callable[[str, Call], Any]] = {
    "get_scheduler": _by_name,
    "OptimizerParamScheduler": _by_style,
    "create_scheduler": _of_arguments,
    "create_scheduler_v2": _of_words,
    "scheduler_kwargs": _kwargs,
}
"""Functions of libraries', by their names."""
