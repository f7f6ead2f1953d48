"""A run that may be the one that was logged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from lrplot.analysis.identify.decimals import length
from lrplot.runs.run import Run
from lrplot.runs.spec import Spec
from lrplot.schedulers.base import HOME, Scheduler
from lrplot.schedulers.families import full_name, look_up


class Call(NamedTuple):
    """A scheduler as a writer has it: its full name and its parameters.

    Args:
        lr: The optimizer's rate; None where the scheduler sets its own.
        odd: How much less likely it is than what is as long.
    """

    name: str
    parameters: Mapping[str, Any]
    lr: float | None = None
    odd: float = 0.0

    def proposal(self, options: Mapping[str, Any], notes: tuple[str, ...] = ()) -> Proposal | None:
        """The run of it: None where there is no such scheduler.

        Args:
            notes: What else would do, in words.
        """
        spec = made(self.name, self.parameters)
        return None if spec is None else Proposal(spec, self.lr, options, notes, self.odd)


class Proposal(NamedTuple):
    """A scheduler on an optimizer.

    Args:
        lr: The optimizer's rate; None where the scheduler sets its own.
        options: Of the run, beside its steps.
        notes: What else would do, in words.
    """

    spec: Spec
    lr: float | list[float] | None = None
    options: Mapping[str, Any] = MappingProxyType({})
    notes: tuple[str, ...] = ()
    odd: float = 0.0
    """How much less likely it is than what is as long."""

    def run(self, steps: int) -> Run:
        """The run of so many steps."""
        return Run(self.spec, {} if self.lr is None else {"lr": self.lr}, steps, **self.options)

    @property
    def numbers(self) -> int:
        """How many numbers there are to set."""
        rates = self.lr if isinstance(self.lr, list) else [self.lr] * (self.lr is not None)
        return len(rates) + _numbers(self.spec)

    @property
    def cost(self) -> float:
        """How much there is to type, and to know: the least is the simplest."""
        family = self.spec.cls.family
        formula = 6 * (self.spec.cls.name in ("lambda", "multiplicative"))
        return (
            _typed(self.spec)
            + length(self.lr or 0)
            + 0.5 * (family != HOME)
            + formula
            + 4 * len(self.options)
            + self.odd
        )


def _typed(spec: Spec) -> float:
    _, defaults = _known(full_name(spec.cls))
    given = {key: value for key, value in spec.parameters.items() if key != "schedulers"}
    own = sum(_length(value) for key, value in given.items() if value != defaults.get(key))
    return 1 + own + sum(1 + _typed(inner) for inner in spec.inner)


def _numbers(value: Any) -> int:
    if isinstance(value, Spec):
        return _numbers(value.parameters)
    if isinstance(value, Mapping):
        return sum(isinstance(key, int) + _numbers(inner) for key, inner in value.items())
    if isinstance(value, (list, tuple)):
        return sum(map(_numbers, value))
    return int(isinstance(value, (int, float)) and not isinstance(value, bool))


def _length(value: Any) -> float:
    if callable(value):
        return len(str(value)) / 4
    return length(value)


def made(name: str, parameters: Mapping[str, Any]) -> Spec | None:
    """The scheduler of that name with parameters, but for those that are as by default: None where there is none."""
    cls, defaults = _known(name)
    if cls is None or not parameters.keys() <= defaults.keys():
        return None
    return Spec(cls, {key: value for key, value in parameters.items() if not _same(value, defaults[key])})


@cache
def _known(name: str) -> tuple[type[Scheduler] | None, Mapping[str, Any]]:
    """The scheduler of a name, and its parameters' defaults: None where there is none."""
    cls = look_up(name)
    return cls, {parameter.name: parameter.default for parameter in cls.parameters()} if cls else {}


def _same(value: Any, default: Any) -> bool:
    return type(value) is not bool and isinstance(value, (int, float)) and value == default and math.isfinite(value)
