"""What a rule looks at: a run, its numbers when they are needed, and the stretch of it in which each scheduler acts."""

import functools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from lrplot.parameters import Refusal
from lrplot.runs.curve import Curve
from lrplot.runs.log import Log
from lrplot.runs.run import Run
from lrplot.runs.simulate import simulate_run
from lrplot.runs.spec import Spec
from lrplot.schedulers import Scheduler
from lrplot.schedulers.optimizer import Optimizer

if TYPE_CHECKING:
    from array import array

Found = TypeVar("Found")
DEFAULT_LR = 0.001
MOST_OF_THE_RUN = 2 / 3
"""A warm-up of a greater part of the run is no warm-up."""


class kept(Generic[Found]):  # it stands where functools.cached_property would
    """A property that is computed once, without the lock that Python's own takes before 3.12: that costs more than most
    of these.
    """

    def __init__(self, compute: Callable[[Any], Found]) -> None:
        self.compute = compute
        self.name = compute.__name__
        self.__doc__ = compute.__doc__

    def __get__(self, instance: Any, owner: Any = None) -> Found:
        found = vars(instance)[self.name] = self.compute(instance)
        return found


class Stretch:
    """A scheduler of a run, and the part of the run in which it acts, in steps of the scheduler.

    Args:
        path: Its own key path, as in ``scheduler.schedulers[1]``.
        begin: Where in the run it begins to act.
        own: Its own count there.
        end: Its own count after the last step: None where nobody says how long the run is.
        to_end: Whether it acts up to the end of the run.
        parent: That of the composite that it is in.
        nth: Which of the composite's schedulers it is.
    """

    def __init__(
        self,
        subject: "Subject",
        spec: Spec,
        path: str,
        begin: int,
        own: int,
        end: int | None,
        to_end: bool,
        parent: "Stretch | None" = None,
        nth: int = 0,
    ) -> None:
        self.subject, self.run = subject, subject.run
        self.spec, self.cls, self.values = spec, spec.cls, spec.complete
        self.path = path
        self.begin, self.own, self.end, self.to_end = begin, own, end, to_end
        self.parent, self.nth = parent, nth
        self.top: Stretch = self if parent is None else parent.top
        """That of the scheduler which the loop steps: its own, or the one that it is in."""

    def has(self, name: str) -> bool:
        """Whether the scheduler has a parameter."""
        return name in self.values

    def value(self, name: str) -> Any:
        """A parameter, as it was given or by default: None of one that the scheduler has not."""
        return self.values.get(name)

    def key(self, name: str, index: int | None = None) -> str:
        """The key path of a parameter, or of one entry of it."""
        return f"{self.path}.{name}" if index is None else f"{self.path}.{name}[{index}]"

    @kept
    def made(self) -> Scheduler:
        """The scheduler as it begins, on an optimizer of its own: for what it alone knows.

        Raises:
            Refusal: It cannot be made.
        """
        return self.spec.build(Optimizer(**self.run.optimizer))

    @kept
    def metrics(self) -> Sequence[float]:
        """The metrics that it takes, one at each of its steps."""
        taken, beat = self.subject.metrics, self.subject.batches
        if self.subject.is_plain:
            return taken
        beats = (tick // beat for tick in self.run.ticks_of(self.top.spec))
        return [taken[index] for index in beats if index < len(taken)]

    @property
    def interval(self) -> str:
        """What the loop steps it after."""
        return self.run.interval_of(self.top.spec)

    @property
    def interval_key(self) -> str:
        """The key path that says so."""
        alone = self.top.path == "scheduler" and self.top.spec.clock.interval is None
        return "interval" if alone else self.top.key("interval")

    def step(self, own: int) -> int:
        """The optimizer's step at which it counts so many."""
        made = self.begin + own - self.own
        if self.subject.is_plain or made <= 0:
            return made * self.subject.batches
        ticks = self.run.ticks_of(self.top.spec)
        return ticks.start + (made - 1) // self.top.spec.clock.repeat * ticks.step + 1

    def when(self, own: int) -> str:
        """The same in words, in the unit that the scheduler is stepped in."""
        if self.subject.is_plain and not self.top.spec.clock.given and self.subject.unit != self.run.unit:
            return f"{self.subject.unit} {self.begin + own - self.own}"
        return f"{self.run.unit} {self.step(own)}"

    @kept
    def own_length(self) -> tuple[str, int] | None:
        """The parameter that says in how many steps it does what it does, and in how many of them all it has done that:
        None where there is none.
        """
        name = self.spec.cls.length
        if not name:
            return None
        value = self.value(name)
        if value is None:
            value = self.spec.cls.run_length(self.spec.parameters)
        return (name, self.lead - int(-value // self.counts)) if isinstance(value, (int, float)) and value > 0 else None

    @property
    def lead(self) -> int:
        """The steps before those that its length says."""
        if not self.cls.lead or self.value("warmup_prefix") is False:
            return 0
        has_none = self.has("warmup_target") and self.value("warmup_target") is None
        return 0 if has_none else max(0, math.ceil(self.value(self.cls.lead) or 0))

    @property
    def warm_up(self) -> tuple[str, int]:
        """The parameter that says how long its own warm-up is, and how long: "" and 0 where it has none."""
        steps = self.value(self.cls.rise) or 0
        return (self.cls.rise, math.ceil(steps / self.counts)) if steps > 0 else ("", 0)

    @property
    def only_warms_up(self) -> bool:
        """Whether its own warm-up takes most of the run, so that the rest of it hardly comes."""
        return self.end is not None and self.to_end and self.warm_up[1] > MOST_OF_THE_RUN * self.end

    @property
    def counts(self) -> int:
        """What a step adds to its count: more than 1 where that is one of samples."""
        return self.value("increment") or 1

    def lasting(self, steps: int) -> dict[str, int]:
        """What would give it a length of so many steps."""
        per_epoch = self.value("steps_per_epoch")
        if self.value(self.cls.length) is None and per_epoch and not steps % per_epoch:
            return {self.key("epochs"): steps // per_epoch}
        return {self.key(self.cls.length): max(1, steps - self.lead) * self.counts}

    @kept
    def rises(self) -> bool:
        """Whether it is a warm-up: a ramp up, or a factor below 1 that is undone."""
        if self.has("start_factor"):
            return bool(self.value("end_factor") > self.value("start_factor"))
        if self.is_line:
            return bool(self.value("end_value") > self.value("init_value"))
        return bool(self.has("factor") and self.has("total_iters") and self.value("factor") < 1)

    @property
    def is_flat(self) -> bool:
        """Whether it is a ramp or a factor that leaves the rate as it is."""
        if self.has("start_factor"):
            return bool(self.value("end_factor") == self.value("start_factor"))
        if self.is_line:
            return bool(self.value("end_value") == self.value("init_value"))
        return bool(self.has("factor") and self.has("total_iters") and self.value("factor") == 1)

    @property
    def is_line(self) -> bool:
        """Whether it goes from one rate of its own to another in some steps."""
        return self.cls.length == "transition_steps" and self.has("end_value")

    @property
    def is_in_turns(self) -> bool:
        """Whether it acts alone in its time: not one of several that act at once."""
        return self.parent is None or (len(self.parent.spec.handovers) == len(self.parent.spec.inner) - 1)

    @property
    def siblings(self) -> list["Stretch"]:
        """The stretches of all schedulers in the same composite, its own among them."""
        return [other for other in self.subject.stretches if other.parent is self.parent]


class Subject:
    """A run and its numbers.

    Args:
        curve: That of the rates that the optimizer uses, where it is there already.
    """

    def __init__(self, run: Run, curve: Curve | None = None) -> None:
        self.run = run
        self.failure: Refusal | None = None
        """Why it cannot be followed to its end, once its numbers were asked for."""
        if curve is not None:
            vars(self)["curve"] = curve
        self.is_plain, self.batches, self.in_epochs = run.is_plain, run.batches, run.steps_per_epoch is not None
        self.beats = -(-run.steps // self.batches)
        self.stretches = list(_stretches(self))

    @kept
    def unit(self) -> str:
        """What its beats are, where a scheduler is stepped once a beat."""
        return "epoch" if self.batches > 1 and self.batches == self.run.steps_per_epoch else self.run.unit

    @kept
    def curve(self) -> Curve | None:
        """The rates that the optimizer uses, whatever the run records: None where it cannot be followed to its end."""
        if isinstance(self.run, Log):
            return self.run.kept
        try:
            (curve,) = simulate_run(self.run.but(record=("used",)))
        except Refusal as refusal:
            self.failure = refusal
            return None
        return curve

    @kept
    def rates(self) -> "Sequence[array[float]]":
        """The rates that the optimizer uses, one column a parameter group of those that are there from the start."""
        columns = self.curve.rates if self.curve is not None else ()
        return [column for column in columns if column[0] == column[0]] if self.run.joins else columns

    @kept
    def heights(self) -> Sequence[float]:
        """The highest of some fifty rates of each group: as high as it comes, or a little lower."""
        return [max(rates[:: max(1, len(rates) // 50)]) for rates in self.rates]

    @kept
    def metrics(self) -> Sequence[float]:
        """One metric a step of the scheduler."""
        known = self.curve.metrics if self.curve is not None else None
        return () if known is None or self.curve is None else self.curve.metrics_taken

    @property
    def length(self) -> str:
        """The length of the run, in words."""
        return f"{self.run.steps if self.unit == self.run.unit else self.beats:,} {self.unit}s"

    @property
    def has_function(self) -> bool:
        """Whether a function of somebody's own decides the rates."""
        return self.function_key != "scheduler" or isinstance(self.run, Log)

    @kept
    def function_key(self) -> str:
        """The key path of the first function of somebody's own, or else of the scheduler."""
        for stretch in self.stretches:
            for name in functions_of(stretch.cls):  # type: ignore[arg-type]  # a class is hashable
                if stretch.value(name) is not None:
                    return stretch.key(name)
        return "scheduler"

    def whose(self, group: int) -> str:
        """Which group's it is, behind what is told of it: nothing where there is one."""
        if self.run.groups == 1:
            return ""
        return f" of {self.run.group_names[group]}" if self.run.group_names else f" of group {group}"

    def key_of(self, *names: str) -> str:
        """The key path of the first of some parameters that a scheduler of the run has, or else of a function."""
        for stretch in self.stretches:
            for name in names:
                if stretch.has(name):
                    return stretch.key(name)
        return self.function_key

    @kept
    def lrs(self) -> Sequence[float]:
        """The base rates of the groups."""
        if isinstance(self.run, Log):
            return [max(rates) for rates in self.run.rates]
        given = self.run.optimizer.get("initial_lr")
        given = self.run.optimizer.get("lr", DEFAULT_LR) if given is None else given
        lrs = given if isinstance(given, (list, tuple)) else [given]
        return lrs if len(lrs) == self.run.groups else list(lrs) * self.run.groups


@functools.cache
def functions_of(cls: type[Scheduler]) -> Sequence[str]:
    """The parameters of a scheduler that take a function of somebody's own."""
    return [parameter.name for parameter in cls.parameters() if parameter.kind == "function"]


def _stretches(subject: Subject) -> Iterator[Stretch]:
    """The schedulers of the run and, where one begins anew, all within it."""
    run = subject.run
    if not subject.is_plain:
        yield from _clocked(subject)
        return
    first = run.spec.parameters.get(run.spec.cls.resumes, -1) + 1
    end = None if run.open_ended else first + subject.beats
    root = Stretch(subject, run.spec, "scheduler", first, first, end, True)
    yield root
    if not first and run.spec.inner:
        yield from _within(root)


def _clocked(subject: Subject) -> Iterator[Stretch]:
    """The same where each has a clock of its own."""
    run = subject.run
    for index, spec in enumerate(run.spec.stepped):
        first = spec.parameters.get(spec.cls.resumes, -1) + 1
        ticks = run.ticks_of(spec)
        end = None if run.open_ended else first + len(ticks) * spec.clock.repeat
        path = f"scheduler[{index}]" if run.spec.is_several else "scheduler"
        to_end = spec.clock.end is None or ticks.stop >= run.steps
        top = Stretch(subject, spec, path, first, first, end, to_end)
        yield top
        if not first and spec.inner:
            yield from _within(top)


def _within(whole: Stretch) -> Iterator[Stretch]:
    """Those within a composite, one after the other or all at once: none where its milestones are out of order."""
    inner, handovers = whole.spec.inner, [int(milestone) for milestone in whole.spec.handovers]
    if handovers != sorted(handovers):
        return
    in_turns = len(handovers) == len(inner) - 1
    for index, spec in enumerate(inner):
        begin = handovers[index - 1] if in_turns and index else 0
        until = handovers[index] if in_turns and index < len(handovers) else None
        to_end = until is None or (whole.end is not None and until >= whole.end)
        last = whole.end if to_end else until
        stretch = Stretch(
            whole.subject,
            spec,
            f"{whole.path}.{whole.cls.holds_others}[{index}]",
            whole.begin + begin,
            0,
            None if last is None else max(0, last - begin),
            whole.to_end and to_end,
            whole,
            index,
        )
        if spec.parameters.get("last_epoch", -1) < 0:
            yield stretch
            if spec.inner:
                yield from _within(stretch)
