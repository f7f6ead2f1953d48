"""How long a run is, by what is said of it: steps, epochs, steps_per_epoch, data."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from lrplot.parameters import Refusal
from lrplot.runs.run import MAX_STEPS
from lrplot.runs.spec import Spec


def lengths(spec: Spec, options: Mapping[str, Any]) -> dict[str, Any]:
    """The steps of an epoch and of the run, as far as options of the run, or its scheduler, give them.

    >>> from lrplot.schedulers.families import find
    >>> lengths(Spec(find("cosine"), {"T_max": 90}), {"epochs": 2.5, "steps_per_epoch": 5})
    {'steps_per_epoch': 5, 'steps': 13}
    """
    known = {"steps_per_epoch": _per_epoch(spec, options), "steps": options.get("steps")}
    if known["steps"] is None and (steps := _of_epochs(spec, options, known["steps_per_epoch"])) is not None:
        known["steps"] = math.ceil(min(steps, MAX_STEPS))
    return {name: value for name, value in known.items() if value is not None}


def disagreements(spec: Spec, options: Mapping[str, Any]) -> Iterator[Refusal]:
    """Why lengths that are given do not go together."""
    data, epochs, steps = (options.get(name) for name in ("data", "epochs", "steps"))
    per_epoch, given = _per_epoch(spec, options), options.get("steps_per_epoch")
    if data is not None and given not in (None, data.steps_per_epoch):
        yield Refusal("steps_per_epoch", f"is {given:,}, but data makes {data.steps_per_epoch:,} steps an epoch")
        return
    if per_epoch is None and len(_intervals(spec, options)) > 1:
        yield Refusal("steps_per_epoch", "is missing: one scheduler is stepped by the step, another by the epoch")
        return
    length = _of_epochs(spec, options, per_epoch)
    if epochs is not None and length is None:
        yield Refusal("epochs", "needs steps_per_epoch, or data: how many steps an epoch has")
    elif length is not None and length > MAX_STEPS:
        yield Refusal("epochs", f"is {epochs:g}, which makes {length:.3g} steps: a run has at most {MAX_STEPS:,}")
    elif length is not None and steps not in (None, math.ceil(length)):
        of = f" of {per_epoch:,} steps" if per_epoch is not None else ""
        yield Refusal("steps", f"is {steps:,}, but {epochs:,.12g} epochs{of} are {math.ceil(length):,}")


def _per_epoch(spec: Spec, options: Mapping[str, Any]) -> int | None:
    given: int | None = options.get("steps_per_epoch")
    if given is None and options.get("data") is not None:
        given = options["data"].steps_per_epoch
    return given if given is not None else spec.parameters.get("steps_per_epoch") or None


def _of_epochs(spec: Spec, options: Mapping[str, Any], per_epoch: int | None) -> float | None:
    """The steps of the epochs that are given: the epochs themselves, where schedulers count nothing else."""
    epochs: float | None = options.get("epochs")
    if epochs is None or (per_epoch is None and _intervals(spec, options) != {"epoch"}):
        return None
    return epochs * (per_epoch or 1)


def _intervals(spec: Spec, options: Mapping[str, Any]) -> set[str]:
    """What schedulers are stepped after."""
    return {each.clock.interval or options.get("interval", "step") for each in spec.stepped}
