"""A Run: one scheduler with its parameters on one optimizer, for so many steps, and what is to be read of it."""

from __future__ import annotations

import functools
import math
import re
from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from lrplot.parameters import Constraint, Length, Parameter, Range, parameters_of
from lrplot.runs.data import Data
from lrplot.runs.spec import Spec
from lrplot.schedulers.base import Action, Scheduler
from lrplot.schedulers.optimizer import RATES, Optimizer

if TYPE_CHECKING:
    from typing_extensions import Self

MAX_STEPS = 100_000_000
"""A column of so many steps takes 800 MB."""


class Steps(Range):
    """As many steps as fit into memory."""

    def __str__(self) -> str:
        return f"at least {self.low:.0f} and at most {self.high:,.0f}"

    def remark(self, value: Any) -> str:
        return f": a column of so many would take {8e-9 * value:,.3g} GB of memory" if value > self.high else ""


class Readings(Length):
    """At least one reading."""

    def __str__(self) -> str:
        return "name at least one reading: used, after-step or get_lr"

    def remark(self, value: Any) -> str:
        return ""


class Code(Constraint):
    """The code of a note."""

    pattern = "LR[0-9]{3}"

    def admits(self, value: Any) -> bool:
        return re.fullmatch(self.pattern, value) is not None

    def __str__(self) -> str:
        return "the code of a note, such as LR004"

    def schema(self) -> dict[str, Any]:
        return {"pattern": f"^{self.pattern}$"}


Record = Literal["used", "after-step", "get_lr"]
Metrics = Callable[[float], float] | array  # type: ignore[type-arg]
"""One metric a step, or a function of the epoch."""


class Run:
    """Everything that decides a curve.

    Args:
        steps: Steps to run; by default 100, for onecycle its total steps, for plateau the number of metrics.
        record: What is read at each step: the rate that the optimizer uses, the rate it has after the step, or what
            get_lr() answers.
        metrics: For plateau: numbers, an expression in epoch such as "1 / (epoch + 1)", or a CSV file and its column,
            as in losses.csv:val_loss.
        epochs: Epochs to run, in place of steps: where nothing says how many steps one has, and the scheduler is
            stepped by the epoch, the curve counts epochs.
        steps_per_epoch: Steps of an epoch: gives the picture a second axis and the table a column.
        data: What an epoch is made of, in place of steps_per_epoch.
        interval: Whether the scheduler is stepped after each step or after each epoch.
        nominal: Whether steps_per_epoch stands for a number that is not known: the curve is told of in epochs alone.
        ignore: Notes that are not to be told, by their codes; see lrplot list notes.
    """

    def __init__(
        self,
        spec: Spec,
        optimizer: Mapping[str, Any] | None = None,
        steps: Annotated[int, Steps(low=1, high=MAX_STEPS)] = 100,
        record: Annotated[Sequence[Record], Readings(1)] = ("used",),
        metrics: Metrics | None = None,
        epochs: Annotated[float, Range(low=0, open_low=True)] | None = None,
        steps_per_epoch: Annotated[int, Range(low=1)] | None = None,
        data: Data | None = None,
        interval: Literal["step", "epoch"] = "step",
        nominal: bool = False,
        ignore: Sequence[Annotated[str, Code()]] = (),
        label: str | None = None,
        name: str = "",
        place: str = "",
        open_ended: bool = False,
        joins: Sequence[int] = (),
        group_names: Sequence[str] = (),
    ) -> None:
        # By hand, as Spec and Curve are: importing dataclasses would take as long as a table takes to write.
        self.spec = spec
        self.optimizer = optimizer or {}
        self.steps = steps
        self.record = record
        self.metrics = metrics
        self.epochs = epochs
        self.steps_per_epoch = steps_per_epoch
        self.data = data
        self.interval = interval
        self.nominal = nominal and steps_per_epoch is not None
        self.ignore = ignore
        self.label = label
        self.name = name
        self.place = place
        """Where its scheduler was written, for messages: empty for flags."""
        self.open_ended = open_ended
        """Whether nothing says how long it is, so that its number of steps is lrplot's choice."""
        self.joins = joins
        """The step before which each parameter group joins: empty where all are there from the start."""
        self.group_names = group_names
        """What each parameter group is called: empty where none has a name."""

    def but(self, **changed: Any) -> Self:
        """The same run but for what is given."""
        made = object.__new__(type(self))
        vars(made).update(vars(self), **changed)
        return made

    @property
    def shown_label(self) -> str:
        """What the curve is called among others: the label asked for, the config's name, or its scheduler's call."""
        return self.label or self.name or str(self.spec)

    @property
    def facts(self) -> dict[str, Any]:
        """What makes it beside its scheduler's parameters: its rates that were given, those of a resumed run both, and
        how many of its steps go to one of the scheduler.
        """
        told = self.rates_given if "initial_lr" in self.optimizer or not self.spec.cls.owns_rate else {}
        if self.interval != "step":
            told["interval"] = self.interval
        if not self.nominal and self.steps_per_epoch not in (None, self.spec.parameters.get("steps_per_epoch")):
            told["steps_per_epoch"] = self.steps_per_epoch
        return told

    @property
    def made_of(self) -> str:
        """Its scheduler's call and its facts, as they can be typed back: ``StepLR(step_size=30), lr=0.1``."""
        return ", ".join([str(self.spec), *(f"{key}={fact}" for key, fact in self.facts.items())])

    @property
    def rates_given(self) -> dict[str, Any]:
        """The optimizer's rates that were given; a resumed run has two, its first and the one that it goes on with."""
        given = {key: self.optimizer[key] for key in RATES if self.optimizer.get(key) is not None}
        default = next(p.default for p in parameters_of(Optimizer) if p.name == "lr")
        return {**given, "lr": given.get("lr", default)} if "initial_lr" in given else given

    @property
    def groups(self) -> int:
        """The number of parameter groups."""
        rates = self.optimizer.get("lr")
        return len(rates) if isinstance(rates, (list, tuple)) else 1

    @property
    def counts_epochs(self) -> bool:
        """Whether its steps are epochs: all is stepped by them, and nothing says how many steps one has."""
        return self.steps_per_epoch is None and all(self.interval_of(spec) == "epoch" for spec in self.spec.stepped)

    def interval_of(self, spec: Spec) -> str:
        """What a scheduler that the loop steps is stepped after."""
        return spec.clock.interval or self.interval

    def length_of(self, spec: Spec) -> int:
        """The steps of that interval."""
        return (self.steps_per_epoch or 1) if self.interval_of(spec) == "epoch" else 1

    @property
    def unit(self) -> str:
        """What its steps are."""
        return "epoch" if self.counts_epochs else "step"

    @property
    def per_epoch(self) -> int | None:
        """Its steps to an epoch: None where they are not known."""
        return 1 if self.counts_epochs else self.steps_per_epoch

    def told(self, steps: int) -> str:
        """A number of its steps in words: in epochs, where their number is not known.

        >>> Run(Spec(Scheduler, {}), steps_per_epoch=1000, nominal=True).told(2500)
        '2.5 epochs'
        """
        if not self.nominal or self.steps_per_epoch is None:
            return f"{steps:,} steps"
        epochs = steps / self.steps_per_epoch
        return f"{epochs:g} epoch{'' if epochs == 1 else 's'}"

    def ticks_of(self, spec: Spec) -> range:
        """The steps after which it is stepped."""
        return spec.clock.ticks(self.length_of(spec), self.steps)

    @property
    def batches(self) -> int:
        """Steps of the optimizer to a beat, after which a scheduler may be stepped, or before which a group joins: one
        by the epoch is stepped after each epoch's last batch.
        """
        periods = (self.length_of(spec) * spec.clock.frequency for spec in self.spec.stepped)
        return math.gcd(*periods, *self.joins)

    @property
    def beats(self) -> int:
        """How many beats it has, the last of which may be cut short."""
        return -(-self.steps // self.batches)

    @property
    def per_metric(self) -> int:
        """Steps to a metric: those of an interval of the scheduler that takes it."""
        return next((self.length_of(spec) for spec in self.spec.stepped if spec.cls.watches_metric), self.batches)

    @property
    def is_plain(self) -> bool:
        """Whether there is one scheduler, stepped once a beat."""
        return not self.spec.is_several and self.spec.clock.is_regular and not self.joins

    def scheduler(self) -> Scheduler:
        """The scheduler on an optimizer of its own, both new; or what steps it, where that is not once a beat."""
        present = dict(self.optimizer)
        for name in ("lr", "initial_lr") if any(self.joins) else ():
            if isinstance(values := present.get(name), (list, tuple)):
                present[name] = [value for value, join in zip(values, self.joins) if not join]
        optimizer = Optimizer(**present)
        optimizer.step()  # so that no scheduler warns of being first
        return self.spec.build(optimizer) if self.is_plain else self._loop(optimizer)

    def _loop(self, optimizer: Optimizer) -> Scheduler:
        """What steps its schedulers by the beat."""
        from lrplot.runs.loop import Loop

        beat, specs = self.batches, self.spec.stepped
        ticks = [*map(self.ticks_of, specs)]
        by_beat = [range(t.start // beat, t.start // beat + len(t) * t.step // beat, t.step // beat) for t in ticks]
        rates, starts = self.optimizer["lr"] if any(self.joins) else (), self.optimizer.get("initial_lr")
        joining = [
            (join // beat, {"lr": rates[i], "initial_lr": rates[i] if starts is None else starts[i]})
            for i, join in enumerate(self.joins)
            if join
        ]
        schedulers = [spec.build(optimizer) for spec in specs]
        return Loop(optimizer, schedulers, by_beat, [spec.clock.repeat for spec in specs], joining)

    @property
    def kept(self) -> Any:
        """Its curve, where that is known without a run."""
        return None

    def actions(self, metrics: Sequence[float] = ()) -> tuple[list[Action], bool]:
        """What its scheduler tells of the run, one metric an epoch given, and whether the rates jump nowhere else."""
        scheduler = self.scheduler()
        return scheduler.actions(self.beats, metrics), scheduler.knows_jumps


HIDDEN = ("spec", "optimizer", "label", "name", "place", "open_ended", "joins", "group_names")
KEYS_ALONE = ("nominal",)
"""What only a config says."""


@functools.cache
def run_parameters() -> tuple[Parameter, ...]:
    """Those parameters of a run that a person sets by a key of their own, and all but ``KEYS_ALONE`` by a flag."""
    return tuple(p for p in parameters_of(Run) if p.name not in HIDDEN)
