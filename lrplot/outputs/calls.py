"""What a library calls its schedulers, and what it takes for each, where that is not a constructor of the same name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lrplot.configs.document import ConfigError
from lrplot.runs.spec import Spec


@dataclass(frozen=True)
class Call:
    """A call that makes a scheduler.

    Args:
        home: The module of what is called.
        parameters: What it is given, by its own names.
        more: What it answers besides, as it stands behind the scheduler's name.
        of_groups: What the groups of the optimizer have of their own for it, a list each.
    """

    home: str
    name: str
    parameters: Mapping[str, Any]
    more: str = ""
    of_groups: Mapping[str, Any] = field(default_factory=dict)


def call_of(spec: Spec) -> Call:
    """The call that makes what a spec describes.

    Raises:
        ConfigError: Its library has none.
    """
    defaults = {parameter.name: parameter.default for parameter in spec.cls.parameters()}
    given = {key: value for key, value in spec.parameters.items() if value != defaults[key] or f"{value}" == "-0.0"}
    if spec.cls.family == "megatron":
        return _megatrons(spec, defaults | dict(spec.parameters))
    if (make := _OF_TIMM.get(spec.cls.shown_name)) is not None:
        return make(defaults | dict(spec.parameters), given)
    home, _, name = spec.cls.original.rpartition(".")
    if not home:
        raise ConfigError([f"{spec.cls.shown_name} cannot be written as code: its library has no call for it"])
    return Call(home, name, given)


def _megatrons(spec: Spec, values: dict[str, Any]) -> Call:
    """OptimizerParamScheduler, which is told the style, and has no defaults."""
    values.pop("increment")  # which step() is told
    if values["wd_incr_steps"] is None:
        values["wd_incr_steps"] = values["lr_decay_steps"]
    lists = {key: value for key, value in values.items() if isinstance(value, (list, tuple))}
    values |= {key: value[0] for key, value in lists.items()} | {"lr_decay_style": spec.cls.name}
    return Call("megatron.core.optimizer_param_scheduler", "OptimizerParamScheduler", values, of_groups=lists)


def _created(values: dict[str, Any], given: dict[str, Any]) -> Call:
    from lrplot.schedulers.timm.factory import CALLED, OTHERWISE  # only those who write one need the family

    own = {key: values[key] for key in OTHERWISE}
    words = {CALLED.get(key, key): value for key, value in (own | given).items() if key != "sched_on_updates"}
    words |= {"step_on_epochs": False} if values["sched_on_updates"] else {}
    return Call("timm.scheduler", "create_scheduler_v2", words, more=", _")


def _rsqrt(values: dict[str, Any], given: dict[str, Any]) -> Call:
    return Call("timm.scheduler", "WSDLRScheduler", {"stable_fn": "rsqrt", **given, "decay_fn": values["decay_fn"]})


def _constant(values: dict[str, Any], given: dict[str, Any]) -> Call:
    return Call("timm.scheduler", "StepLRScheduler", {"decay_t": 1, "decay_rate": 1.0, **given})


_OF_TIMM: Mapping[str, Callable[[dict[str, Any], dict[str, Any]], Call]] = {
    "timm.create_scheduler": _created, "timm.rsqrt": _rsqrt, "timm.constant": _constant,
}  # fmt: skip
