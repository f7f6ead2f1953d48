"""The schedules that a script holds: schedulers that it makes, rates that it sets by hand, each on its clock."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lrplot.configs.code.by_hand import Hand, hands_of
from lrplot.configs.code.clock import clock_of
from lrplot.configs.code.counts import Clock
from lrplot.configs.code.own_rates import own_rates
from lrplot.configs.code.told import Told, at_epochs, lag, told
from lrplot.configs.code.tree import Writer
from lrplot.configs.code.values import Ask, Event, Made, Missing, Optimizer, Symbol, missing_in
from lrplot.configs.code.walk import Walker
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
        return f"{names} in line {self.line}{unit}{at}"

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
        schedulers = []
        for part, clock in self.parts:
            if isinstance(part, Made) and part in self.told_epochs:
                made, rate = at_epochs(writer, part, clock.is_late, self.told_epochs[part])
                optimizer = rate or optimizer
            elif isinstance(part, Made) and part.own is not None:
                made, rate = own_rates(writer, part)
                self._refuse_together(writer)
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
            schedulers.append(made)
        if optimizer is not None:
            content["optimizer"] = optimizer
        content["scheduler"] = schedulers[0] if len(schedulers) == 1 else writer.at(self.node, schedulers)
        content |= {key: writer.at(self.node, value) for key, value in self._lengths(writer).items()}
        return writer.at(self.node, content)

    def _refuse_together(self, writer: Writer) -> None:
        """Refuses a scheduler of a class of the script beside another on one optimizer."""
        if len(self.parts) > 1:
            lines = listed(str(getattr(part.call, "lineno", 0)) for part, _ in self.parts if isinstance(part, Made))
            writer.refuse(
                self.node,
                f"the schedulers of lines {lines} move one rate, of which a class of the script "
                "tells one: they are not read together",
            )

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


def _called(part: Made | Hand) -> str:
    if isinstance(part, Hand):
        return "the rate set by hand"
    return part.own.of.node.name if part.own is not None and part.own.of is not None else part.cls.shown_name


def _sets_rate(part: Made | Hand) -> bool:
    return part.cls.owns_rate if isinstance(part, Made) else not part.is_factor


def schedules_of(walker: Walker) -> list[Schedule]:
    """All schedules of a script, in its order."""
    found = list(_laid_over([*_made(walker), *_set_by_hand(walker)]))
    names = Counter(each.name for each in found)
    seen: Counter[str] = Counter()
    for each in found:
        if names[each.name] > 1:
            each.name = f"{each.name}:{each.line}"
        seen[each.name] += 1
        if seen[each.name] > 1:  # made in the same line again
            each.name = f"{each.name}.{seen[each.name]}"
    for each in found:
        each.rival = next((other for other in found if _is_rival(each, other)), None)
    return found


def _laid_over(found: Sequence[Schedule]) -> Iterator[Schedule]:
    """The schedules, with a warm-up that is set by hand as a part of the one that it lies over."""
    for each in found:
        under = next((other for other in found if _is_rival(each, other) and not _is_by_hand(other)), None)
        part, clock = each.parts[0]
        end = part.end(clock) if isinstance(part, Hand) and under is not None else None
        if under is None or end is None or not isinstance(part, Hand) or under.told_epochs:
            yield each
            continue
        part.is_over = True
        under.parts.append((part, replace(clock, keys={"end": end - 1})))


def _is_by_hand(schedule: Schedule) -> bool:
    return isinstance(schedule.parts[0][0], Hand)


def _is_rival(one: Schedule, other: Schedule) -> bool:
    """Whether a rate is set by hand that a scheduler moves too."""
    is_by_hand = isinstance(one.parts[0][0], Hand) and one is not other
    return is_by_hand and isinstance(one.optimizer, Optimizer) and one.optimizer is other.optimizer


def _made(walker: Walker) -> Iterator[Schedule]:
    events = walker.events
    made = [event.target for event in events if event.value == "made" and not event.target.is_held]
    stepped = {each: [e for e in events if e.target is each and e.value != "made"] for each in made}
    seen: list[tuple[Made, str]] = []
    together: dict[Optimizer, Schedule] = {}
    for each in made:
        text = _fingerprint(each)
        if any(other.call is each.call and text == known for other, known in seen):
            continue  # made again, where a branch was gone through twice
        seen.append((each, text))
        twins = [other for other in made if other.call is each.call and _fingerprint(other) == text]
        steps = [step for twin in twins for step in stepped[twin]]
        steps = [step for step in steps if step.loops] or steps
        begun = next(event for event in events if event.target is each and event.value == "made")
        where = [test for test in begun.conditions if isinstance(test.test, Symbol)]
        steps = [replace(step, conditions=(*where, *step.conditions)) for step in steps]
        clock = clock_of(each, steps, events, _run_of(walker))
        name = each.name or each.cls.__name__
        depth = each.optimizer.depth if isinstance(each.optimizer, Optimizer) else len(begun.loops)
        schedule = Schedule(name, each.call, each.optimizer, [(each, clock)], steps={each: steps})
        epochs = told(each, steps, clock)
        if each.cls.family == "timm" or any(isinstance(step.value, Symbol) for step in steps):
            clock.is_early = False  # it is told which turn it is
        if len(begun.loops) > depth and not where:
            schedule.renewed = begun.loops[-1].node
        schedule.told_epochs = {each: epochs} if epochs is not None else {}
        home = together.get(each.optimizer) if isinstance(each.optimizer, Optimizer) else None
        if home is not None and steps and not _excludes(home, each, events):
            home.parts.append((each, clock))
            home.told_epochs |= schedule.told_epochs
            home.steps |= schedule.steps
            continue
        if steps and isinstance(each.optimizer, Optimizer):
            together[each.optimizer] = schedule
        yield schedule


def _run_of(walker: Walker) -> Mapping[str, Any]:
    """How long a run of Lightning's is, by the unit."""
    asked = next((name for name in walker.given if name.endswith("estimated_stepping_batches")), "")
    batches = walker.given.get(asked)
    walker.used.add(asked)
    told = walker.trainer.get("max_steps"), walker.trainer.get("max_epochs")
    steps, epochs = [each if isinstance(each, int) and each > 0 else None for each in told]
    unknown = Missing((Ask("trainer.estimated_stepping_batches", 0),))
    return {"step": batches or steps or unknown, "epoch": epochs}


def _excludes(home: Schedule, made: Made, events: Sequence[Event]) -> bool:
    """Whether two schedulers of one optimizer are made one or the other, or one after the other's run."""
    first = next(e for e in events if e.target is home.parts[0][0] and e.value == "made")
    second = next(e for e in events if e.target is made and e.value == "made")
    tests = {id(condition.test): condition.holds for condition in first.conditions}
    if any(tests.get(id(condition.test), condition.holds) != condition.holds for condition in second.conditions):
        return True
    if isinstance(home.parts[0][0], Made) and home.parts[0][0].name == made.name != "" and not second.loops:
        return True
    return home.clock.loops[:1] != clock_loops(made, events)[:1]


def clock_loops(made: Made, events: Sequence[Event]) -> tuple[Any, ...]:
    """The loops that a scheduler is stepped in."""
    return next((e.loops for e in events if e.target is made and e.value != "made"), ())


def _fingerprint(made: Made) -> str:
    """What a scheduler is made with, to tell whether it is the same again."""
    parts = [f"{name}={_shown(value)}" for name, (value, _) in made.arguments.items()]
    if made.own is not None and made.own.of is not None:
        attributes = [f"{name}={_shown(value)}" for name, value in made.own.attributes.items()]
        parts = [made.own.of.node.name, *attributes]
    on = made.optimizer
    rates = f"{_shown(on.entries['lr'][0])} of line {on.call.lineno}" if isinstance(on, Optimizer) else ""
    return f"{made.cls.__name__} {rates} {' '.join(parts)}"


def _shown(value: Any) -> str:
    if isinstance(value, Made):
        return _fingerprint(value)
    if isinstance(value, (list, tuple)):
        return str([_shown(each) for each in value[:100]])
    if isinstance(value, Symbol):
        return ast.unparse(ast.fix_missing_locations(value.node))
    line = getattr(getattr(value, "node", None), "lineno", None)
    return repr(value)[:200] if line is None else f"line {line}"


def _set_by_hand(walker: Walker) -> Iterator[Schedule]:
    for hand in hands_of(walker):
        clock = replace(clock_of(None, hand.events[:1], walker.events), keys={}, open=None)
        yield Schedule("lr", hand.node, hand.optimizer, [(hand, clock)])
