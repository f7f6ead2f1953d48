"""mmengine's schedulers as torch's, stepped side by side: each acts on the rate that the others left."""

from collections.abc import Callable, Mapping, Sequence

from lrplot.configs.document import Value
from lrplot.configs.foreign.build import scheduler
from lrplot.configs.foreign.fields import Fields
from lrplot.configs.foreign.source import at

FROM_THE_START = ("Linear", "Constant")
"""What torch's own multiply the rate by as soon as they are made."""


def alongside(parts: Sequence[tuple[str, Fields]], rate: float, per_epoch: int, total: int) -> Value | None:
    """A list of torch's schedulers, those by the iteration first, as mmengine steps them where both fall together: None
    where there is none that does the same.

    Args:
        parts: The schedulers, each with its name without an ending.
    """
    made: list[tuple[bool, Value]] = []
    for base, part in parts:
        if base not in _MAKERS or (base in FROM_THE_START and part.number("begin", 0)):
            return None
        by_epoch, is_converted = part.truth("by_epoch", True), part.truth("convert_to_iter_based")
        by_step = not by_epoch or is_converted
        scale = per_epoch if is_converted and by_epoch else 1
        begin = int(part.number("begin", 0) * scale)
        whole = total // per_epoch if by_epoch and not is_converted else total
        given_end = part.number("end", -1)
        end = int(given_end * scale) if given_end >= 0 else whole
        place = part.value("type") or part.root
        clock = {
            "interval": at(place, "step" if by_step else "epoch"),
            "begin": at(place, begin, "begin") if begin else None,
            "end": at(place, max(end - 1, begin + 1), "the interval before the last, end") if end < whole else None,
        }
        own = {key: at(place, each, key) for key, each in _MAKERS[base](part, rate, end - begin, scale).items()}
        made.append((by_step, scheduler(place, f"{base}LR", "type", **own, **clock)))
    return at(parts[0][1].root, [each for _, each in sorted(made, key=lambda pair: not pair[0])])


Made = Mapping[str, "float | list[Value]"]


def _linear(part: Fields, rate: float, length: int, scale: int) -> Made:
    start, end = part.number("start_factor", 1.0 / 3), part.number("end_factor", 1.0)
    return {"start_factor": start, "end_factor": end, "total_iters": max(length - 1, 1)}


def _constant(part: Fields, rate: float, length: int, scale: int) -> Made:
    return {"factor": part.number("factor", 1.0 / 3), "total_iters": max(length - 1, 1)}


def _step(part: Fields, rate: float, length: int, scale: int) -> Made:
    return {"step_size": part.whole("step_size", 1, 1) * scale, "gamma": part.number("gamma", 0.1)}


def _multistep(part: Fields, rate: float, length: int, scale: int) -> Made:
    steps = [at(part.root, int(each * scale)) for each in part.numbers("milestones") or ()]
    return {"milestones": steps, "gamma": part.number("gamma", 0.1)}


def _exponential(part: Fields, rate: float, length: int, scale: int) -> Made:
    return {"gamma": part.number("gamma", 0.1)}


def _cosine(part: Fields, rate: float, length: int, scale: int) -> Made:
    floor = part.number("eta_min_ratio") * rate if part.has("eta_min_ratio") else part.number("eta_min", 0.0)
    return {"T_max": part.whole("T_max", 1, 1) * scale if part.has("T_max") else max(length, 1), "eta_min": floor}


_MAKERS: Mapping[str, Callable[[Fields, float, int, int], Made]] = {
    "Linear": _linear,
    "Constant": _constant,
    "Step": _step,
    "MultiStep": _multistep,
    "Exponential": _exponential,
    "CosineAnnealing": _cosine,
}
