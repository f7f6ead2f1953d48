"""A Run: one scheduler with its parameters on one optimizer, for so many steps, and what is to be shown of it."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lrplot.look import Look
from lrplot.optimizer import Optimizer
from lrplot.schedulers import ReduceLROnPlateau, Scheduler

RECORDS = ("used", "after-step", "get_lr")
INTERVALS = ("step", "epoch")


@dataclass(frozen=True)
class Spec:
    """A scheduler's class and the parameters to make it with; ``schedulers`` holds more of the same."""

    cls: type[Scheduler]
    parameters: Mapping[str, Any]

    def build(self, optimizer: Optimizer) -> Scheduler:
        """The scheduler on an optimizer, those inside it first and in their order, as a training script makes them."""
        parameters = dict(self.parameters)
        if "schedulers" in parameters:
            parameters["schedulers"] = [spec.build(optimizer) for spec in parameters["schedulers"]]
        return self.cls(optimizer=optimizer, **parameters)

    def __str__(self) -> str:
        """The constructor's call, without the optimizer and what is left at its default.

        >>> from lrplot.schedulers import find
        >>> str(Spec(find("cosine"), {"T_max": 20, "eta_min": 0.0}))
        'CosineAnnealingLR(T_max=20)'
        """
        defaults = {parameter.name: parameter.default for parameter in self.cls.parameters()}
        given = [f"{key}={_text(value)}" for key, value in self.parameters.items() if value != defaults.get(key)]
        return f"{self.cls.__name__}({', '.join(given)})"


@dataclass(frozen=True)
class Run:
    """Everything that decides a curve, and how it is to look."""

    spec: Spec
    optimizer: Mapping[str, Any] = field(default_factory=dict)
    steps: int = 100
    record: Sequence[str] = ("used",)
    metrics: "array[float] | None" = None
    steps_per_epoch: int | None = None
    interval: str = "step"
    look: Look = field(default_factory=Look)
    name: str = ""

    @property
    def title(self) -> str:
        """The title asked for, or the scheduler and its parameters."""
        return self.look.title if self.look.title is not None else str(self.spec)

    @property
    def label(self) -> str:
        """What a curve is called among others: the label asked for, the config's name, or the scheduler and its parameters."""
        return self.look.label or self.name or str(self.spec)

    def scheduler(self) -> Scheduler:
        """The scheduler on an optimizer of its own, both new."""
        optimizer = Optimizer(**self.optimizer)
        optimizer.step()  # so that no scheduler warns of being first
        return self.spec.build(optimizer)

    @property
    def needs_metrics(self) -> bool:
        return issubclass(self.spec.cls, ReduceLROnPlateau)


def _text(value: Any) -> str:
    if isinstance(value, Spec):
        return str(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_text, value))}]"
    return repr(value)
