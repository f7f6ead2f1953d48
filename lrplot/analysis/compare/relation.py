"""How two curves are related: the facts, and the words for them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lrplot.analysis.compare.ways import Way
from lrplot.wording import shown


class Difference(NamedTuple):
    """A step at which two curves have different rates: those of both.

    Args:
        group: Of which parameter group.
    """

    step: int
    a: float
    b: float
    group: int = 0


class Relation(NamedTuple):
    """How one curve is related to another.

    Args:
        name: One of ``equal``, ``early``, ``late``, ``stepped``, ``every``, ``epoch``, ``resumed``, ``cut``,
            ``scaled`` and ``different``.
        sentence: The same in words.
        factor: What the rates are multiplied by; or how often the scheduler is stepped each time.
        every: In how many steps the scheduler is stepped once.
        shift: How many steps a curve is ahead of the other.
        at_step: From where on something is so.
        cause: What probably led to it.
        fix: What to do.
        parts: What else it is made of than what names it.
    """

    name: str
    sentence: str
    factor: float | None = None
    every: int | None = None
    shift: int | None = None
    at_step: int | None = None
    cause: str = ""
    fix: str = ""
    parts: "Sequence[Relation]" = ()

    def facts(self) -> dict[str, Any]:
        """What a program reads of it."""
        facts = self._asdict()
        parts = [part.facts() for part in facts.pop("parts")]
        return {"relation": facts.pop("name"), **facts, **({"also": parts} if parts else {})}


class Names(NamedTuple):
    """What the sides are called in a sentence."""

    plan: str
    log: str


def relation_of(way: Way, names: Names, writer: str) -> Relation:
    """A way of stepping in words.

    Args:
        writer: Who wrote the log.
    """
    return _named(way, names, writer)._replace(parts=[_named(part, names, writer) for part in way.parts])


def _named(way: Way, names: Names, writer: str) -> Relation:
    """The same by what names it alone."""
    plan, log = names
    name = way.relation
    factor = f"{way.factor:.6g} × " if way.factor != 1 else ""
    begun = f"{log} is {factor}{plan}"
    shift = way.shift // way.unit
    how = f" {_steps(shift)}" if shift and name != "equal" else ""
    apart = how and f",{how}"
    cause, fix = _advice(way, name, writer)
    if name == "equal":
        return Relation(name, f"{log} is {plan}")
    if name == "resumed":
        assert way.at is not None, "it is where it went on"
        where = f"{plan} from 0 again" if way.is_anew else f"{plan} shifted by {abs(way.jump):,} steps from there"
        sentence = f"equal until step {way.at:,}, then {where}"
        if (before := way._replace(at=None, jump=0)) != Way(epoch=way.epoch):
            sentence = f"{_named(before, names, writer).sentence} until step {way.at:,}, then {where}"
        return Relation(name, sentence, shift=way.jump, at_step=way.at, cause=cause, fix=fix)
    own = way.factor if way.factor != 1 else None
    if name == "scaled":
        return Relation(name, begun, factor=own, cause=cause, fix=fix)
    if name in ("early", "late"):
        batches = way.every if way.times == way.every else 1
        unit = "epoch" if batches > 1 else "step"
        how = f" {_steps(way.shift // batches, unit)}"
        return Relation(name, begun + how, own, shift=way.shift, cause=cause, fix=fix)
    if name == "stepped":
        times = way.times // way.every if way.every > 1 else way.times
        each = "an epoch" if way.every > 1 else "a step"
        sentence = f"{begun} stepped {times} times {each}{apart}"
        return Relation(name, sentence, float(times), shift=way.shift or None, cause=cause, fix=fix)
    each = f"once an epoch of {way.every:,} steps" if name == "epoch" else f"every {_nth(way.every)} step"
    if way.every > way.times > 1:
        each = f"every {_nth(way.every // way.times)} epoch"
    if way.times == way.every:
        each, cause = f"{each}, by as many steps", HELD
    return Relation(name, f"{begun} stepped {each}{apart}", own, way.every, way.shift or None, cause=cause, fix=fix)


def _steps(shift: int, unit: str = "step") -> str:
    """
    >>> _steps(1), _steps(-3)
    ('one step early', '3 steps late')
    """
    count = f"one {unit}" if abs(shift) == 1 else f"{abs(shift):,} {unit}s"
    return f"{count} {'early' if shift > 0 else 'late'}"


def _nth(number: int) -> str:
    """
    >>> [_nth(number) for number in (2, 3, 4, 11, 21)]
    ['2nd', '3rd', '4th', '11th', '21st']
    """
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"


ADVICE: Mapping[str, tuple[str, str]] = {
    "early": (
        "the rate is read after scheduler.step(), so that it is the next step's",
        "log before scheduler.step(); the run itself is as planned where only the reading is early",
    ),
    "late": (
        "the log counts its steps from 1, or scheduler.step() is first called after the second step",
        "count from 0 in the log, or call scheduler.step() after each optimizer.step()",
    ),
    "stepped": (
        "scheduler.step() is called more than once a step: accelerate steps a prepared scheduler once a process, and a "
        "loop that accumulates gradients may step it once a micro-batch",
        "give the scheduler as many times the steps, or step it once an optimizer step",
    ),
    "every": (
        "scheduler.step() is called in some of the steps only: at the end of an accumulation whose micro-batches the "
        "log counts, or once an epoch",
        "count optimizer steps in the log and in the plan, or call scheduler.step() at each step",
    ),
    "epoch": (
        "scheduler.step() is called once an epoch, and the plan counts steps",
        "call scheduler.step() at each step (Lightning: interval: step), or plan in epochs",
    ),
    "scaled": (
        "the rate is scaled, by the batch size or by the number of processes, or lr is another",
        "give the plan the lr that the run had, or take the scaling out of the run",
    ),
    "resumed": (
        "the run was resumed without the scheduler's state, or with that of another step",
        "save scheduler.state_dict() in the checkpoint, and load it before going on",
    ),
    "cut": ("the run ended before its schedule did", "plan for the steps that the run has, or let it run on"),
    "different": ("the schedule or its parameters are others", "lrplot identify LOG looks for the schedule of the log"),
}
"""What probably led to each relation, and what to do."""
HELD = "the rate is set once an epoch, from the plan of the steps: scheduler.step() is called so often, or given a step"


def _advice(way: Way, name: str, writer: str) -> tuple[str, str]:
    cause, fix = ADVICE.get(name, ("", ""))
    if name == "early" and "Trainer" in writer and way.shift == 1:
        cause = "a Trainer before 2025-03 logs the next step's rate: the run is as planned, its log is one step early"
        fix = "transformers from 4.51 on logs the rate that the step used"
    if name == "stepped" and way.every > 1:
        cause = "scheduler.step() is called more than once an epoch"
    return cause, fix


def called(name: str) -> str:
    """A curve's name in a sentence."""
    return name if name.isprintable() and len(name) <= 40 and " " not in name else shown(name, 40)
