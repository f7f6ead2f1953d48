"""The schedules that a script holds: schedulers that it makes, rates that it sets by hand, each on its clock."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lrplot.configs.code.by_hand import Hand, hands_of
from lrplot.configs.code.clock import alike, clock_of
from lrplot.configs.code.schedule import Schedule
from lrplot.configs.code.told import told
from lrplot.configs.code.values import Ask, Event, Made, Missing, Optimizer, Symbol
from lrplot.configs.code.walk import Walker


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
        deepest = max(hand.events, key=lambda event: len(event.loops))
        clock = replace(clock_of(None, [deepest], walker.events), keys={}, open=None)
        hand.events = [alike(event, walker.events) for event in hand.events]
        yield Schedule("lr", hand.node, hand.optimizer, [(hand, clock)])
