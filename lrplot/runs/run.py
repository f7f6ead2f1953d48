"""A Run: one scheduler with its parameters on one optimizer, for so many steps, and what is to be read of it."""

from __future__ import annotations

import functools
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from lrplot.parameters import Length, Parameter, Range, parameters_of
from lrplot.schedulers import ReduceLROnPlateau, Scheduler
from lrplot.schedulers.optimizer import Optimizer

MAX_STEPS = 100_000_000
"""A column of so many steps takes 800 MB."""


class Steps(Range):
    """As many steps as fit into memory."""

    def __str__(self) -> str:
        return f"at least {self.low:.0f} and at most {self.high:,.0f}"

    def remark(self, value: Any) -> str:
        return f": a column of so many would take {8e-9 * value:,.3g} GB of memory" if value > self.high else ""


Record = Literal["used", "after-step", "get_lr"]
Metrics = Callable[[float], float] | array  # type: ignore[type-arg]
"""One metric a step, or a function of the epoch."""


class Spec:
    """A scheduler's class and the parameters to make it with; ``schedulers`` holds more of the same."""

    def __init__(self, cls: type[Scheduler], parameters: Mapping[str, Any]) -> None:
        self.cls = cls
        self.parameters = parameters

    def build(self, optimizer: Optimizer) -> Scheduler:
        """The scheduler on an optimizer, those inside it first and in their order, as a training script makes them."""
        parameters = {name: _bare(value) for name, value in self.parameters.items()}
        if "schedulers" in parameters:
            parameters["schedulers"] = [spec.build(optimizer) for spec in parameters["schedulers"]]
        return self.cls(optimizer=optimizer, **parameters)

    @property
    def schedulers(self) -> Sequence[Spec]:
        """Those within."""
        inner: Sequence[Spec] = self.parameters.get("schedulers", ())
        return inner

    @property
    def size(self) -> int:
        """How many schedulers there are, itself and those within."""
        return 1 + sum(inner.size for inner in self.schedulers)

    def culprit(self, optimizer: Optimizer) -> Spec:
        """Of a scheduler that cannot be built, the innermost that is to blame."""
        for inner in self.schedulers:
            try:
                inner.build(optimizer)
            except (ArithmeticError, ValueError, TypeError, KeyError):
                return inner.culprit(optimizer)
        return self

    def __str__(self) -> str:
        """The constructor's call, without the optimizer and what is left at its default.

        >>> from lrplot.schedulers import find
        >>> str(Spec(find("cosine"), {"T_max": 20, "eta_min": 0.0}))
        'CosineAnnealingLR(T_max=20)'
        """
        defaults = {parameter.name: parameter.default for parameter in self.cls.parameters()}
        given = [f"{key}={_text(value)}" for key, value in self.parameters.items() if value != defaults.get(key)]
        return f"{self.cls.__name__}({', '.join(given)})"


class Run:
    """Everything that decides a curve.

    Args:
        steps: Steps to run; by default 100, for onecycle its total steps, for plateau the number of metrics.
        record: What is read at each step: the rate that the optimizer uses, the rate it has after the step, or what get_lr() answers.
        metrics: For plateau: numbers, an expression in epoch such as "1 / (epoch + 1)", or a CSV file and its column, as in losses.csv:val_loss.
        steps_per_epoch: Steps of an epoch: gives the picture a second axis and the table a column.
        interval: Whether the scheduler is stepped after each step or after each epoch.
    """

    def __init__(
        self,
        spec: Spec,
        optimizer: Mapping[str, Any] | None = None,
        steps: Annotated[int, Steps(low=1, high=MAX_STEPS)] = 100,
        record: Annotated[Sequence[Record], Length(1)] = ("used",),
        metrics: Metrics | None = None,
        steps_per_epoch: Annotated[int, Range(low=1)] | None = None,
        interval: Literal["step", "epoch"] = "step",
        label: str | None = None,
        name: str = "",
    ) -> None:
        self.spec = spec
        self.optimizer = optimizer or {}
        self.steps = steps
        self.record = record
        self.metrics = metrics
        self.steps_per_epoch = steps_per_epoch
        self.interval = interval
        self.label = label
        self.name = name
        self.place = ""
        """Where its scheduler was written, for messages: empty for flags."""

    @property
    def shown_label(self) -> str:
        """What the curve is called among others: the label asked for, the config's name, or the scheduler and its parameters."""
        return self.label or self.name or str(self.spec)

    @property
    def groups(self) -> int:
        """The number of parameter groups."""
        rates = self.optimizer.get("lr")
        return len(rates) if isinstance(rates, (list, tuple)) else 1

    @property
    def batches(self) -> int:
        """Steps of the optimizer to one step of the scheduler: an epoch-wise one is stepped after the last batch of each epoch."""
        return (self.steps_per_epoch or 1) if self.interval == "epoch" else 1

    @property
    def needs_metrics(self) -> bool:
        return issubclass(self.spec.cls, ReduceLROnPlateau)

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """The parameters that do not go with the others, and why."""
        if self.metrics is not None and not self.needs_metrics:
            yield "metrics", f"is for ReduceLROnPlateau alone: {self.spec.cls.__name__} does not look at it"
        if self.interval == "epoch" and self.steps_per_epoch is None:
            yield "interval", "is epoch, which needs steps_per_epoch: how many steps an epoch has"

    @property
    def epochs(self) -> int:
        """How often the scheduler is stepped."""
        return -(-self.steps // self.batches)

    def natural_steps(self, scheduler: Scheduler) -> int:
        """The length of a run that asks for none: onecycle's total steps, the number of plateau's metrics, or 100 epochs."""
        total = getattr(scheduler, "total_steps", None)
        epochs = (
            len(self.metrics)
            if isinstance(self.metrics, array)
            else 100
            if total is None
            else total - scheduler.last_epoch
        )
        return max(epochs, 1) * self.batches

    def scheduler(self) -> Scheduler:
        """The scheduler on an optimizer of its own, both new."""
        optimizer = Optimizer(**self.optimizer)
        optimizer.step()  # so that no scheduler warns of being first
        return self.spec.build(optimizer)


@functools.cache
def run_parameters() -> tuple[Parameter, ...]:
    """Those parameters of a run that a person sets by a key or a flag of their own."""
    return tuple(p for p in parameters_of(Run) if p.name not in ("spec", "optimizer", "label", "name"))


def _bare(value: Any) -> Any:
    """An expression's own function, without the object around it: a million calls feel the difference."""
    if isinstance(value, (list, tuple)):
        return [_bare(single) for single in value]
    return getattr(value, "function", value)


def _text(value: Any) -> str:
    if isinstance(value, Spec):
        return str(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_text, value))}]"
    return repr(value)
