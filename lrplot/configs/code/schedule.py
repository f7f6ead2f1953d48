"""A schedule of a script: one curve, of a scheduler or several on one optimizer, as lrplot's own config."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lrplot.configs.code.by_hand import Hand
from lrplot.configs.code.counts import Clock
from lrplot.configs.code.own_rates import own_rates
from lrplot.configs.code.together import Written, in_order
from lrplot.configs.code.told import Told, at_epochs, lag
from lrplot.configs.code.tree import Writer
from lrplot.configs.code.values import Event, Made, Missing, Optimizer, missing_in
from lrplot.configs.document import Value
from lrplot.wording import listed


@dataclass
class Schedule:
    """A curve of a script: one scheduler, or several on one optimizer.

    Args:
        name: What the script calls it.
        node: Where it is made.
    """

    name: str
    node: ast.AST
    optimizer: Any
    parts: list[tuple[Made | Hand, Clock]] = field(default_factory=list)
    told_epochs: dict[Made, Told] = field(default_factory=dict)
    """What those schedulers are told that do not count for themselves."""
    rival: Schedule | None = None
    """One that moves the rate too which this one sets by hand."""
    steps: dict[Made, Sequence[Event]] = field(default_factory=dict)
    """Where they are stepped."""
    renewed: ast.AST | None = None
    """The loop in each turn of which it is made again, on an optimizer that is the same."""

    @property
    def is_alone(self) -> bool:
        """Whether it is made in a function that nothing in the script calls."""
        return all(isinstance(part, Made) and part.is_alone for part, _ in self.parts)

    @property
    def line(self) -> int:
        return getattr(self.node, "lineno", 0)

    @property
    def called(self) -> set[str]:
        """What may stand behind the file's name for it: its own, or a line where it is made."""
        nodes = [each for part, _ in self.parts for each in ([part.call] if isinstance(part, Made) else part.nodes)]
        lines = {getattr(node, "lineno", 0) for node in nodes}
        return {self.name, self.name.partition(":")[0], *map(str, lines)}

    @property
    def clock(self) -> Clock:
        """That of the run: of the first of its schedulers."""
        return self.parts[0][1]

    @property
    def told(self) -> str:
        """What was understood, in a few words."""
        names = " and ".join(_called(part) for part, _ in self.parts)
        word = "batch" if self.clock.by_batch else self.clock.unit
        unit = f" by the {word}" if word else ""
        at = "".join(f" at epoch {each.text}" for each in self.told_epochs.values())
        scale = next((part.scale for part, _ in self.parts if isinstance(part, Made) and part.scale != 1), None)
        times = f" times {scale!r}" if isinstance(scale, (int, float)) else ""
        return f"{names} in line {self.line}{unit}{at}{times}"

    @property
    def assumed(self) -> list[str]:
        """What is taken for granted."""
        if self.rival is not None:
            both = f"line {self.line} and {self.rival.name} in line {self.rival.line}"
            return [f"{both} each as if it moved the rate alone, which both do"]
        frequency = self.clock.keys.get("frequency", 1)
        if (
            frequency > 1
            and self.clock.unit == "step"
            and isinstance(self.parts[0][0], Made)
            and self.parts[0][0].clock
        ):
            return [f"an epoch has a multiple of {frequency} steps, from whose first Lightning counts the frequency"]
        if self.clock.by_batch:
            return [f"steps of line {self.line} are batches, of which the optimizer gathers several"]
        if not isinstance(self.optimizer, Optimizer) and not any(_sets_rate(part) for part, _ in self.parts):
            return [f"lr 0.001 in line {self.line}, whose optimizer is not seen: --lr"]
        return []

    @property
    def offers(self) -> list[str]:
        """What would tell more."""
        clock = self.clock
        if not clock.unit and all(isinstance(part, Made) and not part.cls.on_optimizer for part, _ in self.parts):
            return []  # its optimizer asks it for each rate
        if not clock.unit:
            return [f"no .step() of line {self.line} is seen: it is drawn by its own steps"]
        asks = missing_in(clock.length)
        if isinstance(clock.length, int):
            return []
        if asks:
            return [f'the run is as long as --set "{asks[0].text}=…" makes it']
        return [f"the run's length is not seen: --{clock.unit}s"]

    def write(self, writer: Writer) -> Value:
        """lrplot's own config of it."""
        content: dict[str, Value] = {}
        optimizer = self._optimizer(writer)
        if self.renewed is not None:
            line = getattr(self.renewed, "lineno", 0)
            writer.refuse(self.node, f"it is made anew in each turn of the loop in line {line}: it cannot be read")
        self._refuse_unread(writer)
        written = []
        for part, clock in self.parts:
            if isinstance(part, Made) and part in self.told_epochs:
                made, rate = at_epochs(writer, part, clock, self.told_epochs[part])
                self._refuse_together(writer, rate)
                optimizer = rate or optimizer
            elif isinstance(part, Made) and part.own is not None:
                made, rate = own_rates(writer, part, is_share=len(self.parts) > 1)
                optimizer = rate or optimizer
            elif isinstance(part, Made):
                made = writer.scheduler(part)
                self._begin_late(writer, part, clock)
            else:
                made, rate = part.write(writer, clock)
                optimizer = rate or optimizer
            assert isinstance(made.content, dict)
            unit = {"interval": clock.unit} if len(self.parts) > 1 else {}
            self._ask_when(writer, clock)
            for key, value in {**unit, **clock.keys}.items():
                made.content[key] = writer.at(self.node, str(value))
            written.append(Written(part, clock, made))
        if optimizer is not None:
            content["optimizer"] = optimizer
        schedulers = in_order(writer, self.node, written)
        content["scheduler"] = schedulers[0] if len(schedulers) == 1 else writer.at(self.node, schedulers)
        content |= {key: writer.at(self.node, value) for key, value in self._lengths(writer).items()}
        return writer.at(self.node, content)

    def _refuse_unread(self, writer: Writer) -> None:
        """Refuses what else moves the rate, in ways that no config says."""
        for part in [part for part, _ in self.parts if isinstance(part, Made)]:
            steps = [step for step in self.steps.get(part, ()) if step.loops and not _is_open(step)]
            depths = {len(step.loops) for step in steps if step.loops[0] == steps[0].loops[0]}
            if len(depths) > 1:
                lines = listed(map(str, sorted({getattr(step.node, "lineno", 0) for step in steps})))
                writer.refuse(self.node, f"it is stepped in lines {lines}, by two clocks at once: that is not read")
            if part.reset is not None:
                what = f"its optimizer is given another rate in line {getattr(part.reset, 'lineno', 0)}"
                writer.refuse(self.node, f"{what}, once it is made: that is not read")

    def _refuse_together(self, writer: Writer, rate: Value | None) -> None:
        """Refuses a scheduler that is told its epoch, and is no share of the optimizer's rate, beside another."""
        if len(self.parts) > 1 and rate is not None:
            lines = listed(str(getattr(part.call, "lineno", 0)) for part, _ in self.parts if isinstance(part, Made))
            why = "of which one is told its epoch and has an eta_min: they are not read together"
            writer.refuse(self.node, f"the schedulers of lines {lines} move one rate, {why}")

    def _ask_when(self, writer: Writer, clock: Clock) -> None:
        """Asks for what tells when a scheduler is stepped, or refuses what does."""
        if isinstance(clock.open, Missing):
            writer.ask(self.node, "step", clock.open)
        elif clock.open is not None:
            writer.refuse(self.node, "it is stepped in some turns alone, which no frequency, begin and end can say")

    def _optimizer(self, writer: Writer) -> Value | None:
        """The optimizer's mapping, with the scales that timm's schedulers heed."""
        made = writer.optimizer(self.optimizer)
        scales = self.optimizer.of_groups.get("lr_scale") if isinstance(self.optimizer, Optimizer) else None
        is_timms = isinstance(self.parts[0][0], Made) and self.parts[0][0].cls.family == "timm"
        if scales and is_timms and made is not None and isinstance(made.content, dict):
            numbers = [1.0 if scale is None else scale for scale in scales]
            written = writer.plain("lr_scale", numbers, self.optimizer.call)
            return writer.at(self.optimizer.call, made.content | ({"lr_scale": written} if written else {}))
        return made

    def _begin_late(self, writer: Writer, made: Made, clock: Clock) -> None:
        """Has one of timm's begin as many turns late as it is told its index late."""
        late = lag(made, self.steps.get(made, ()), clock)
        if made.last_epoch != 0:  # as it is once made
            if isinstance(made.last_epoch, Missing):
                writer.ask(made.call, "last_epoch", made.last_epoch)
            elif made.last_epoch != -1:
                writer.refuse(made.call, f"its last_epoch is set to {made.last_epoch} later on: it cannot be read")
            late = 1
        if isinstance(late, Missing):
            writer.ask(self.steps[made][0].node, "step", late)
        elif late is None:
            text = ast.unparse(self.steps[made][0].node)
            writer.refuse(self.steps[made][0].node, f"{text} does not go on by one each time: it cannot be read")
        elif late:
            clock.keys["begin"] = late

    def _lengths(self, writer: Writer) -> dict[str, str]:
        """How long the run is, and what its steps are, as far as that is known."""
        clock, made = self.clock, {}
        mixed = len({each.unit for _, each in self.parts}) > 1
        per_epoch = next((each.per_epoch for _, each in self.parts if each.per_epoch is not None), None)
        if mixed and not isinstance(per_epoch, int):
            writer.ask(self.node, "steps_per_epoch", per_epoch)
        if isinstance(per_epoch, int) and per_epoch > 0:
            made["steps_per_epoch"] = str(per_epoch)
        by_epoch = [each for _, each in self.parts if each.unit == "epoch"]
        if by_epoch and isinstance(by_epoch[0].length, int) and by_epoch[0].length > 0:
            made["epochs"] = str(by_epoch[0].length)
        elif clock.unit == "step" and isinstance(clock.length, int) and clock.length > 0:
            made["steps"] = str(clock.length)
        if by_epoch and not mixed:
            made["interval"] = "epoch"
        if self._is_early(writer):  # each step uses what stands after the scheduler's
            made.pop("steps_per_epoch", None)
            made["record"] = "after-step"
        return made

    def _is_early(self, writer: Writer) -> bool:
        """Whether its schedulers are stepped before the optimizer is."""
        early = {
            clock.is_early and part not in self.told_epochs for part, clock in self.parts if isinstance(part, Made)
        }
        if len(early) > 1:
            writer.refuse(self.node, "it is stepped before the optimizer, another of the same optimizer after it")
        return early == {True}


def _is_open(step: Event) -> bool:
    """Whether something decides about a step that is not known."""
    return any(isinstance(condition.test, Missing) for condition in step.conditions)


def _called(part: Made | Hand) -> str:
    if isinstance(part, Hand):
        return "the rate set by hand"
    return part.own.of.node.name if part.own is not None and part.own.of is not None else part.cls.shown_name


def _sets_rate(part: Made | Hand) -> bool:
    return part.cls.owns_rate if isinstance(part, Made) else not part.is_factor
