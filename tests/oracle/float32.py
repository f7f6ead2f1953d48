"""Comparison with originals that compute in float32: how many rates are theirs to the bit, and how far off the others
are, in ulps of the curve's peak.
"""

import math
import os
import random
from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lrplot.parameters import Choices, Keywords, Parameter, Range, Refusal
from lrplot.schedulers import Scheduler
from lrplot.schedulers.families import members
from lrplot.schedulers.optimizer import Optimizer
from tests.oracle.conftest import shares

CASES = int(os.environ.get("LRPLOT_FLOAT32_CASES", "500"))
STEPS = 5
"""Of each case, here and there in the schedule."""
FARTHEST = 400

Schedule = Callable[[int], float]
Make = Callable[[type[Scheduler], Mapping[str, Any]], Schedule]
"""The original of a schedule; what it refuses is a ValueError, here or when it is called."""


def compare(cls: type[Scheduler], make: Make, seed: int = 1) -> None:
    """Random cases of a schedule beside its original, refusals included; the figures go to the report."""
    random_ = random.Random(f"{cls.shown_name} {seed}")
    share = shares[cls.shown_name]
    for _ in range(CASES):
        given = drawn(cls, random_)
        steps = sorted(set(random_.sample([0, 1, 2, *_places(given, random_)], STEPS)))
        ours, theirs = _values(_here, cls, given, steps), _values(make, cls, given, steps)
        share.cases += 1
        if ours is None or theirs is None:
            assert ours is theirs is None, f"{cls.shown_name}({given}): refused by one alone: {ours}, {theirs}"
            share.refused += 1
            continue
        peak = _peak(_here(cls, given), max(FARTHEST, steps[-1]))
        for step, own, value in zip(steps, ours, theirs):
            off = _ulps(own, value, peak)
            assert off <= 1, f"{cls.shown_name}({given}), step {step}: {own!r}, not {value!r}: {off} ulps of the peak"
            share.values += 1
            share.exact += own == value or own != own
            share.farthest = max(share.farthest, off)
    assert share.exact >= 0.99 * share.values, f"{cls.shown_name}: {share}"


def _here(cls: type[Scheduler], given: Mapping[str, Any]) -> Schedule:
    parameters = {
        key: [find_here(*member) for member in value] if key == cls.holds_others else value
        for key, value in given.items()
    }
    return cls(Optimizer(), **parameters).rate  # type: ignore[attr-defined, no-any-return]


def find_here(cls: type[Scheduler], given: Mapping[str, Any]) -> Scheduler:
    return cls(Optimizer(), **given)


def _values(make: Make, cls: type[Scheduler], given: Mapping[str, Any], steps: Sequence[int]) -> list[float] | None:
    """The rates at some steps: None where the schedule is refused."""
    try:
        schedule = make(cls, given)
        return [float(schedule(step)) for step in steps]
    except (Refusal, ValueError, IndexError, ZeroDivisionError):
        return None


def _peak(schedule: Schedule, last: int) -> float:
    """The highest rate of a schedule, up to a step."""
    return max((abs(rate) for rate in map(schedule, range(last + 1)) if math.isfinite(rate)), default=0.0)


def _ulps(own: float, value: float, peak: float) -> float:
    if own == value or (own != own and value != value):
        return 0.0
    ulp = 2.0 ** (math.frexp(array("f", (peak,))[0])[1] - 24)
    return abs(own - value) / ulp if math.isfinite(own) and math.isfinite(value) else math.inf


def _places(given: Mapping[str, Any], random_: random.Random) -> list[int]:
    """Steps around those that are among the parameters, and others by chance."""
    marks = [number for value in given.values() for number in _wholes(value) if 0 < number < FARTHEST]
    near = [
        max(0, random_.choice(marks) * random_.choice([1, 1, 2, 3]) + random_.randint(-2, 2)) for _ in range(8) if marks
    ]
    return near + [random_.randint(0, 2 * max(marks, default=20)) for _ in range(12)]


def _wholes(value: Any) -> list[int]:
    if isinstance(value, Mapping):
        return [number for each in [*value, *value.values()] for number in _wholes(each)]
    if isinstance(value, (list, tuple)):
        return [number for each in value for number in _wholes(each)]
    return [value] if isinstance(value, int) and not isinstance(value, bool) else []


def drawn(cls: type[Scheduler], random_: random.Random) -> dict[str, Any]:
    """Parameters within what their annotations allow, and now and then beyond."""
    known = [parameter for parameter in cls.parameters() if parameter.required or random_.random() < 0.6]
    made = {parameter.name: _drawn(parameter, random_) for parameter in known}
    if "boundaries" in made and "values" in made and random_.random() < 0.9:
        (values,) = (parameter for parameter in known if parameter.name == "values")
        made["values"] = [_number(values, random_) for _ in range(len(made["boundaries"]) + 1)]
    if {"warmup_steps", "decay_steps"} <= made.keys() and random_.random() < 0.9:
        made["decay_steps"] += made["warmup_steps"]  # which are counted in them
    return made


def _drawn(parameter: Parameter, random_: random.Random) -> Any:
    if parameter.optional and random_.random() < 0.3:
        return None
    if parameter.kind == "schedulers":
        leaves = [cls for cls in members("optax").values() if not cls.holds_others]
        return [(cls, drawn(cls, random_)) for cls in random_.choices(leaves, k=random_.randint(1, 3))]
    if parameter.kind == "steps":
        return {random_.randint(0, 60): _number(parameter, random_) for _ in range(random_.randint(0, 4))}
    if isinstance(parameter.constraint, Keywords):
        target: Any = parameter.constraint.target
        return [drawn(target, random_) for _ in range(random_.randint(1, 4))]
    if parameter.is_list:
        numbers = [_number(parameter, random_) for _ in range(random_.randint(1, 4))]
        return sorted(random_.sample(range(1, 200), len(numbers))) if parameter.name == "boundaries" else numbers
    return _number(parameter, random_)


def _number(parameter: Parameter, random_: random.Random) -> Any:
    if isinstance(parameter.constraint, Choices):
        return random_.choice(parameter.constraint.words)
    if parameter.kind == "bool":
        return random_.random() < 0.5
    if parameter.kind == "int" or parameter.name in COUNTS:
        least = 0 if random_.random() < 0.05 else 1
        return random_.choice([random_.randint(least, 60), random_.randint(least, 300)])
    limits = parameter.constraint if isinstance(parameter.constraint, Range) else Range(low=0.0)
    low, high = max(limits.low, 0.0), min(limits.high, 1.0)
    chosen = [random_.uniform(low, high), round(random_.uniform(low, high), 2), 10 ** random_.uniform(-5, 0)]
    value = random_.choice([*chosen, *WHOLES.get(parameter.name, ())])
    return value if limits.admits(value) else max(value, 1e-3)


COUNTS = ("decay_steps", "first_decay_steps", "boundaries")
WHOLES: dict[str, Sequence[float]] = {
    "power": (1, 2, 3, 2.0, 0.5),
    "exponent": (1, 2, 3, 2.0, 0.5),
    "t_mul": (1.0, 1.5, 2.0, 3.0),
    "div_factor": (25.0, 10.0),
    "final_div_factor": (1e4, 100.0),
}
