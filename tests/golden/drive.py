"""Drives a scheduler through a case and notes what happens: the same lines for torch's schedulers and for lrplot's.

A case is a plain mapping, so that it can be kept as JSON and shown as YAML::

    scheduler   {"name": class name, parameter: value, ...}, nested under "schedulers"; functions as text, "lambda
    epoch: ..." lr          a list with one rate a parameter group
    kind        "SGD" (with a momentum) or "Adam" (with betas)
    steps       calls of step()
    initial_lr  only to resume: what the first run left in the groups
    lr_scale    what timm multiplies a group's rate by
    first_run   only to resume: epochs of a first run on the same optimizer, after which the scheduler is made again
    epochs      arguments of step(epoch), None for step(), in place of ``steps``
    metrics     arguments of step(metric), in place of ``steps``
"""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Case = Mapping[str, Any]
FUNCTIONS = ("lr_lambda", "scale_fn")


@dataclass(frozen=True)
class Library:
    """Whose schedulers are driven: classes by name, a case's optimizer, and how a function is made of its text."""

    schedulers: Mapping[str, Any]
    optimizer: Callable[[Case], Any]
    function: Callable[[str], Callable[[float], float]]


def build(library: Library, optimizer: Any, spec: Mapping[str, Any]) -> Any:
    """The scheduler of a spec, those inside it first."""
    parameters = {key: value for key, value in spec.items() if key != "name"}
    for key in FUNCTIONS:
        if key in parameters:
            parameters[key] = _functions(library, parameters[key])
    if "schedulers" in parameters:
        parameters["schedulers"] = [build(library, optimizer, inner) for inner in parameters["schedulers"]]
    return library.schedulers[spec["name"]](optimizer=optimizer, **parameters)


def start(library: Library, case: Case) -> tuple[Any, Any]:
    """The optimizer and the scheduler of a case, resumed where the case resumes."""
    optimizer = library.optimizer(case)
    spec = case["scheduler"]
    if "first_run" in case:
        first = build(library, optimizer, spec)
        for _ in range(case["first_run"]):
            optimizer.step()
            first.step()
        key = next(key for key in ("last_batch_iteration", "last_epoch") if hasattr(first, key))
        spec = {**spec, key: getattr(first, key)}
    return optimizer, build(library, optimizer, spec)


def arguments(case: Case) -> list[tuple[Any, ...]]:
    """What each call of ``step`` is given."""
    if "metrics" in case:
        return [(metric,) for metric in case["metrics"]]
    if "epochs" in case:
        return [() if epoch is None else (epoch,) for epoch in case["epochs"]]
    return [()] * case["steps"]


def trace(library: Library, case: Case) -> dict[str, Any]:
    """What a training run sees: rates, momenta and weight decays before, between and after the steps, and what get_lr()
    answers there.

    A refusal is noted with its exception and the number of steps before it ("at"), -1 for one at construction.
    """
    seen: dict[str, Any] = {"rates": [], "momenta": [], "weight_decays": [], "get_lr": []}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            optimizer, scheduler = start(library, case)
            _note(seen, optimizer, scheduler)
            for argument in arguments(case):
                optimizer.step()
                scheduler.step(*argument)
                _note(seen, optimizer, scheduler)
        except AssertionError:
            raise
        except Exception as error:  # torch refuses with whatever its formula runs into
            return {**seen, "refused": type(error).__name__, "at": len(seen["rates"]) - 1}
    return seen


def _note(seen: dict[str, Any], optimizer: Any, scheduler: Any) -> None:
    # float() refuses a complex rate, which torch computes but no optimizer can use.
    rates = [float(group["lr"]) for group in optimizer.param_groups]
    assert repr([float(rate) for rate in scheduler.get_last_lr()]) == repr(rates), (
        "get_last_lr() is what the optimizer has"
    )
    seen["rates"].append(rates)
    seen["momenta"].append([momentum(group) for group in optimizer.param_groups])
    seen["weight_decays"].append([weight_decay(group) for group in optimizer.param_groups])
    try:
        seen["get_lr"].append([float(rate) for rate in scheduler.get_lr()])
    except Exception as error:  # outside step(), get_lr() looks one update ahead, and a formula may end there
        seen["get_lr"].append(type(error).__name__)


def momentum(group: Mapping[str, Any]) -> float:
    """A group's momentum, or its first beta."""
    return float(group["betas"][0] if "betas" in group else group["momentum"])


def weight_decay(group: Mapping[str, Any]) -> float:
    """A group's weight decay: lrplot's own optimizer has none before a scheduler sets it."""
    return float(group.get("weight_decay", 0.0))


def _functions(library: Library, text: Any) -> Any:
    if isinstance(text, (list, tuple)):
        return [_functions(library, single) for single in text]
    return library.function(text) if isinstance(text, str) else text
