"""Random cases for the comparison with torch, drawn from each constructor's own signature and ranges."""

import inspect
import math
from typing import Any

from lrplot.parameters import Choices, NonZero, Parameter, Range
from lrplot.schedulers import Scheduler
from lrplot.schedulers.families import HOME, find, members
from tests.golden.drive import Case
from tests.oracle import chance as st
from tests.oracle.chance import Draw

LEAVES = [cls.__name__ for cls in members().values() if cls.name not in ("plateau", "sequential", "chained")]
FUNCTIONS = [
    "lambda epoch: 0.95 ** epoch",
    "lambda epoch: epoch // 3",
    "lambda epoch: 1 / (epoch + 1)",
    "lambda epoch: 1 + cos(epoch)",
    "lambda x: 1 / (5 ** (x * 0.0001))",
    "lambda epoch: 0.5 if epoch < 4 else 2",
]
WEIRD_NUMBERS = [0, 1, -1, 2.5, -0.5, 0.0, -0.0, 1e308, 5e-324, math.nan, math.inf, -math.inf, 10**25]
WEIRD_LISTS: list[Any] = [[], [0.1], [0.1] * 5]
WEIRD = [*WEIRD_NUMBERS, True, False, None, "x", "", *WEIRD_LISTS, [3, "x"]]


def rates() -> st.Strategy:
    """Learning rates, from none to large."""
    return st.one_of(st.sampled_from([0.1, 0.001, 1.0, 0.0, 3e-4]), st.floats(1e-12, 1e3))


@st.composite
def value(draw: Draw, parameter: Parameter, groups: int) -> Any:
    """One value of a parameter, within what its annotation allows."""
    if parameter.optional and draw(st.integers(0, 2)) == 0:
        return None
    single = _single(parameter)
    if parameter.is_list:
        return draw(st.lists(single, max_size=5))
    if parameter.per_group and draw(st.booleans()):
        return [draw(single) for _ in range(groups)]
    if parameter.or_pair and draw(st.booleans()):
        return [draw(single), draw(single)]
    return draw(single)


def _single(parameter: Parameter) -> st.Strategy:
    constraint = parameter.constraint
    if isinstance(constraint, Choices):
        return st.sampled_from(constraint.words)
    if parameter.kind == "bool":
        return st.booleans()
    if parameter.kind == "function":
        return st.sampled_from(FUNCTIONS)
    limits = constraint if isinstance(constraint, Range) else Range()
    if parameter.kind == "int":
        numbers: st.Strategy = st.integers(int(max(limits.low + limits.open_low, -4)), int(min(limits.high, 25)))
    else:
        low, high = max(limits.low, -2.0), min(limits.high, 3.0)
        numbers = st.one_of(
            st.floats(low, high, exclude_min=limits.open_low, exclude_max=limits.open_high),
            st.sampled_from([number for number in (0.0, 0.1, 0.5, 0.9, 1.0, 2.0) if limits.admits(number)]),
        )
    return numbers.filter(lambda number: number != 0) if isinstance(constraint, NonZero) else numbers


@st.composite
def spec(draw: Draw, cls: type[Scheduler], groups: int, depth: int = 3) -> dict[str, Any]:
    """A scheduler with parameters of its own; composites hold others, down to ``depth``."""
    made: dict[str, Any] = {"name": cls.shown_name}
    for parameter in cls.parameters():
        if parameter.name == cls.resumes:
            continue
        if parameter.kind == "schedulers":
            names = LEAVES if depth == 1 else [*LEAVES, "SequentialLR", "ChainedScheduler"]
            chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3))
            made["schedulers"] = [draw(spec(find(name), groups, depth - 1)) for name in chosen]
        elif parameter.required or draw(st.booleans()):
            made[parameter.name] = draw(value(parameter, groups))
    if "milestones" in made and "schedulers" in made:
        made["milestones"] = draw(
            st.lists(st.integers(-1, 15), min_size=len(made["schedulers"]) - 1, max_size=len(made["schedulers"]) - 1)
        )
        if draw(st.integers(0, 3)):
            made["milestones"].sort()
    if cls.either and draw(st.integers(0, 9)) != 0:
        chosen = draw(st.sampled_from(cls.either.names))
        other = next(name for name in cls.either.names if name != chosen)
        made.pop(other, None)
        parameter = next(parameter for parameter in cls.parameters() if parameter.name == chosen)
        made[chosen] = draw(_single(parameter))
    if cls.family == "megatron" and draw(st.integers(0, 9)) != 0:
        _go_together(draw, made, groups)
    if cls.name == "onecycle" and not (made.get("epochs") and made.get("steps_per_epoch")):
        made["total_steps"] = draw(st.integers(1, 60))
    return made


def _go_together(draw: Draw, made: dict[str, Any], groups: int) -> None:
    """Brings those parameters of Megatron's in order of which one has to be above another."""
    parts = st.floats(0, 1)
    peaks = [draw(st.floats(1e-6, 3.0)) for _ in range(groups)]
    made["max_lr"] = peaks if draw(st.booleans()) else peaks[0]
    made["min_lr"] = draw(parts) * min(peaks)
    made["init_lr"] = draw(parts) * min(peaks)
    made["lr_warmup_steps"] = draw(st.one_of(st.integers(0, made["lr_decay_steps"] - 1), parts))
    for name in ("start_wd", "end_wd", "wd_incr_style"):
        made.pop(name, None)
    style = draw(st.sampled_from(["constant", "linear", "cosine"]))
    if style != "constant":
        ends = [draw(parts) for _ in range(groups)]
        made |= {"wd_incr_style": style, "end_wd": ends, "start_wd": [draw(parts) * end for end in ends]}


@st.composite
def inside(draw: Draw, cls: type[Scheduler]) -> Case:
    """A case within the ranges: 1 to 3 groups, SGD or Adam, resumed or not."""
    groups = draw(st.integers(1, 3))
    steps = draw(st.integers(1, 30))
    case: dict[str, Any] = {
        "scheduler": draw(spec(cls, groups)),
        "lr": [draw(rates()) for _ in range(groups)],
        "kind": draw(st.sampled_from(["SGD", "Adam"])),
        "steps": steps,
    }
    if cls.watches_metric:
        case["metrics"] = draw(
            st.lists(st.one_of(st.floats(-3, 3), st.sampled_from([1.0, 0.5, 0.49999])), min_size=steps, max_size=steps)
        )
        return case
    how = draw(st.sampled_from(["fresh", "fresh", "resumed", "again", "jumping"]))
    if how == "resumed" and cls.resumes in inspect.signature(cls).parameters:
        case["scheduler"][cls.resumes] = draw(st.integers(-1, 20))
        if cls.composable:
            case["initial_lr"] = [draw(rates()) for _ in range(groups)]
    elif how == "again" and cls.resumes in inspect.signature(cls).parameters and not cls.holds_others:
        case["first_run"] = draw(st.integers(0, 12))
    elif how == "jumping" and not cls.holds_others:
        whole = st.integers(0, 30)
        some = st.one_of(whole, st.sampled_from([0.5, 2.25])) if cls.composable else whole
        case["epochs"] = draw(st.lists(st.one_of(st.just(None), some), min_size=1, max_size=12))
    return case


@st.composite
def composite(draw: Draw, name: str, leaves: list[str]) -> Case:
    """A composite of some schedulers, of the others' and of one another."""
    members = [draw(spec(find(draw(st.sampled_from([*leaves, "StepLR"]))), 2)) for _ in range(draw(st.integers(1, 3)))]
    made: dict[str, Any] = {"name": name, "schedulers": members}
    if name == "SequentialLR":
        count = len(members) - 1
        made["milestones"] = sorted(draw(st.lists(st.integers(1, 15), min_size=count, max_size=count)))
    return {"scheduler": made, "lr": [draw(rates()), draw(rates())], "kind": "SGD", "steps": draw(st.integers(1, 30))}


def _said(parameter: Parameter) -> list[Any]:
    """What is out of a parameter's range, and of its kind: the rest no config can say, and another word is refused
    here although no branch may ask for it.
    """
    if isinstance(parameter.constraint, Choices):
        return list(parameter.constraint.words)
    if parameter.is_list:
        return WEIRD_LISTS
    return WEIRD_NUMBERS if parameter.kind in ("float", "int", "number") else ["x", ""]


@st.composite
def outside(draw: Draw, cls: type[Scheduler]) -> Case:
    """A case with a parameter (or a rate) that most likely is none."""
    case = dict(draw(inside(cls)))
    case["scheduler"] = dict(case["scheduler"])
    names = [parameter.name for parameter in cls.parameters() if parameter.kind not in ("schedulers", "function")]
    for name in draw(st.lists(st.sampled_from([*names, "function"]), min_size=1, max_size=2)):
        if name == "function":
            names_of = [parameter.name for parameter in cls.parameters() if parameter.kind == "function"]
            if names_of:
                case["scheduler"][names_of[0]] = draw(
                    st.sampled_from([0.5, [], [FUNCTIONS[0]] * 5, None, "lambda epoch: 1 / (3 - epoch)"])
                )
        elif name == cls.resumes:
            case["scheduler"][name] = draw(st.sampled_from([-3, -2, 0, 5]))
            if draw(st.booleans()):
                case.pop("initial_lr", None)
        else:
            weird = WEIRD if cls.family == HOME else _said(next(own for own in cls.parameters() if own.name == name))
            case["scheduler"][name] = draw(st.sampled_from(weird))
    return case
