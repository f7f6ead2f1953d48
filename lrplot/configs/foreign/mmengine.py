"""mmengine's schedulers by their names: the arguments that each has, and the factor that it makes of them."""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from lrplot.configs.foreign.fields import Fields

Arguments = Mapping[str, Any]


class Form(NamedTuple):
    """A factor.

    Args:
        text: As an expression in ``k``, a scheduler's own count.
        value: The same as a function.
        floor: The rate that it falls to, which it acts above.
    """

    text: str
    value: Callable[[float], float]
    floor: float = 0.0


class Kind(NamedTuple):
    """What is known of a scheduler.

    Args:
        arguments: Those that a file gives it, or it has by itself, as torch calls them: of the base rate, its own
            length, and how many of its counts stand for one of the file's.
        form: Its factor, of these and its length.
        is_torchs: Whether torch has one that does the same.
    """

    arguments: Callable[[Fields, float, int, int], Arguments]
    form: Callable[[Arguments, int], Form]
    is_torchs: bool = True


def _of_line(part: Fields, rate: float, length: int, scale: int) -> Arguments:
    start, end = part.number("start_factor", 1.0 / 3), part.number("end_factor", 1.0)
    return {"start_factor": start, "end_factor": end, "total_iters": max(length - 1, 1)}


def _line(own: Arguments, length: int) -> Form:
    start, end, total = own["start_factor"], own["end_factor"], own["total_iters"]
    text = f"({start} + ({end} - {start}) * min(k, {total}) / {total})"
    return Form(text, lambda k: start + (end - start) * min(k, total) / total)


def _of_constant(part: Fields, rate: float, length: int, scale: int) -> Arguments:
    return {"factor": part.number("factor", 1.0 / 3), "total_iters": max(length - 1, 1)}


def _constant(own: Arguments, length: int) -> Form:
    low = own["factor"]
    return Form(f"({low} if k < {length - 1} else 1)", lambda k: low if k < length - 1 else 1.0)


def _of_steps(part: Fields, rate: float, length: int, scale: int) -> Arguments:
    return {"step_size": part.whole("step_size", 1, 1) * scale, "gamma": part.number("gamma", 0.1)}


def _steps(own: Arguments, length: int) -> Form:
    size, gamma, last = own["step_size"], own["gamma"], length - 1
    return Form(f"{gamma} ** (min(k, {last}) // {size})", lambda k: gamma ** (min(k, last) // size))


def _of_milestones(part: Fields, rate: float, length: int, scale: int) -> Arguments:
    steps = [int(each * scale) for each in part.numbers("milestones") or ()]
    return {"milestones": steps, "gamma": part.number("gamma", 0.1)}


def _milestones(own: Arguments, length: int) -> Form:
    gamma, steps = own["gamma"], [each for each in own["milestones"] if each < length]
    passed = " + ".join(f"(k >= {each})" for each in steps)
    return Form(f"{gamma} ** ({passed})" if passed else "1", lambda k: gamma ** sum(k >= each for each in steps))


def _of_exponential(part: Fields, rate: float, length: int, scale: int) -> Arguments:
    return {"gamma": part.number("gamma", 0.1)}


def _exponential(own: Arguments, length: int) -> Form:
    gamma, last = own["gamma"], length - 1
    return Form(f"{gamma} ** min(k, {last})", lambda k: gamma ** min(k, last))


def lowest(part: Fields, rate: float) -> float:
    """The rate that a scheduler falls to: a part of the base rate, where it says so."""
    return float(part.number("eta_min_ratio") * rate if part.has("eta_min_ratio") else part.number("eta_min", 0.0))


def _of_cosine(part: Fields, rate: float, length: int, scale: int) -> Arguments:
    period = part.whole("T_max", 1, 1) * scale if part.has("T_max") else max(length, 1)
    return {"T_max": period, "eta_min": lowest(part, rate)}


def _cosine(own: Arguments, length: int) -> Form:
    period, last = own["T_max"], length - 1
    text = f"((1 + cos(pi * min(k, {last}) / {period})) / 2)"
    return Form(text, lambda k: (1 + math.cos(math.pi * min(k, last) / period)) / 2, own["eta_min"])


def _of_poly(part: Fields, rate: float, length: int, scale: int) -> Arguments:
    return {"power": part.number("power", 1.0), "total_iters": max(length - 1, 1), "eta_min": lowest(part, rate)}


def _poly(own: Arguments, length: int) -> Form:
    power, total = own["power"], own["total_iters"]
    text = f"(1 - min(k, {total}) / {total}) ** {power}"
    return Form(text, lambda k: float((1 - min(k, total) / total) ** power), own["eta_min"])


def _of_parabola(part: Fields, rate: float, length: int, scale: int) -> Arguments:
    return {}


def _parabola(own: Arguments, length: int) -> Form:
    """mmdet's warm-up: the base rate by the square of the part of it that is done."""
    total = max(length, 1)
    return Form(f"((min(k, {total - 1}) + 1) / {total}) ** 2", lambda k: ((min(k, total - 1) + 1) / total) ** 2)


KINDS: Mapping[str, Kind] = {
    "Linear": Kind(_of_line, _line),
    "Constant": Kind(_of_constant, _constant),
    "Step": Kind(_of_steps, _steps),
    "MultiStep": Kind(_of_milestones, _milestones),
    "Exponential": Kind(_of_exponential, _exponential),
    "CosineAnnealing": Kind(_of_cosine, _cosine),
    "Poly": Kind(_of_poly, _poly, is_torchs=False),
    "QuadraticWarmup": Kind(_of_parabola, _parabola, is_torchs=False),
}
"""By their names without an ending."""
