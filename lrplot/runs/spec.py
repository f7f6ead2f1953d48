"""A scheduler as it was asked for: its class and the parameters that were given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from typing import Any

from lrplot.parameters import Refusal
from lrplot.runs.clock import PLAIN, Clock
from lrplot.schedulers import Scheduler

ERRORS = (ArithmeticError, ValueError, TypeError, NotImplementedError)
"""What a rule raises where its formula has no value, or where torch refuses to go on."""


class Spec:
    """A scheduler and its parameters, for as many optimizers as one likes.

    Args:
        cls: The scheduler's class.
        parameters: As its constructor takes them, without the optimizer; specs where it takes schedulers.
        clock: When a training loop steps it.
    """

    is_several = False
    """Whether it stands for schedulers that a loop steps side by side, those within."""

    def __init__(self, cls: type[Scheduler], parameters: Mapping[str, Any], clock: Clock = PLAIN) -> None:
        self.cls = cls
        self.parameters = parameters
        self.clock = clock

    def build(self, optimizer: Any) -> Scheduler:
        """The scheduler, on an optimizer.

        Raises:
            Refusal: It cannot be made; ``at`` is the spec, of those within this one, whose scheduler that is.
        """
        parameters = {key: _bare(value) for key, value in self.parameters.items()}
        if self.inner:
            parameters[self.cls.holds_others] = [inner.build(optimizer) for inner in self.inner]
        scheduler = self.cls.__new__(self.cls)
        try:
            type(scheduler).__init__(scheduler, optimizer=optimizer, **parameters)
        except Refusal as refusal:
            refusal.at = refusal.at or self
            raise
        except (*ERRORS, KeyError) as error:
            why = undefined(self.cls, 0, error) if scheduler._is_initial else Refusal(None, _message(error))
            why.at = self
            raise why from error
        return scheduler

    @cached_property
    def complete(self) -> Mapping[str, Any]:
        """All parameters by name, those that are left at their default too."""
        return {**_defaults(self.cls), **self.parameters}  # type: ignore[arg-type]  # a class is hashable

    @cached_property
    def inner(self) -> Sequence[Spec]:
        """Those within, where the scheduler is made of others."""
        inner: Sequence[Spec] = self.parameters.get(self.cls.holds_others, ())
        return inner

    @cached_property
    def stepped(self) -> Sequence[Spec]:
        """Those that a training loop steps."""
        return self.inner if self.is_several else (self,)

    @property
    def watches_metric(self) -> bool:
        """Whether a step of it takes a metric."""
        return any(spec.cls.watches_metric for spec in self.stepped)

    @property
    def size(self) -> int:
        """How many schedulers there are, itself and those within, each as often as it is stepped at a time."""
        return self.clock.repeat * (1 + sum(inner.size for inner in self.inner))

    @property
    def handovers(self) -> Sequence[int]:
        """The epochs at which one of those within hands over to the next."""
        return self.cls.handovers(self.parameters)

    def as_function(self, lr: float, **more: Any) -> str | None:
        """The factor on a base rate as an expression in epoch, with some parameters besides: None where there is none.

        >>> from lrplot.schedulers.families import find
        >>> Spec(find("step"), {"step_size": 30}).as_function(0.1)
        '0.1 ** (epoch // 30)'
        """
        return self.cls.as_function({**self.complete, **more}, lr) if lr else None

    def __repr__(self) -> str:
        """The constructor's call, without the optimizer and what is left at its default.

        >>> from lrplot.schedulers.families import find
        >>> str(Spec(find("cosine"), {"T_max": 20, "eta_min": 0.0}))
        'CosineAnnealingLR(T_max=20)'
        """
        defaults = _defaults(self.cls)  # type: ignore[arg-type]
        given = [f"{key}={_written(value)}" for key, value in self.parameters.items() if value != defaults.get(key)]
        given += [f"{key}={value!r}" for key, value in self.clock.given.items()]
        return f"{self.cls.shown_name}({', '.join(given)})"


@cache
def _defaults(cls: type[Scheduler]) -> Mapping[str, Any]:
    """The parameters of a scheduler by name, as they are where they are not given."""
    return {parameter.name: parameter.default for parameter in cls.parameters()}


def undefined(cls: type[Scheduler], step: int, error: Exception, more: str = "") -> Refusal:
    """What is said of a schedule that has no rate at a step, and what more there is to say."""
    if isinstance(error, Refusal):
        reason = error.problem if error.whole else f"{error.subject} {error.problem}"
    else:
        reason = str(error.args[-1] if error.args else error)  # an OverflowError may have an errno first
    return Refusal(None, f"{cls.shown_name}, step {step}: {reason}{more}")


def _message(error: Exception) -> str:
    return str(error.args[0]) if error.args else type(error).__name__


def _bare(value: Any) -> Any:
    """An expression's own function, without the object around it: a million calls feel the difference."""
    if isinstance(value, (list, tuple)):
        return [_bare(single) for single in value]
    return getattr(value, "function", value)


def _written(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_written, value))}]"
    return str(value) if isinstance(value, Spec) else repr(value)
