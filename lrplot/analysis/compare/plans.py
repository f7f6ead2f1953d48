"""What changed from one plan to another, in words of the schedule."""

from collections.abc import Iterator
from typing import Any

import numpy

from lrplot.runs.curve import Curve
from lrplot.runs.spec import Spec
from lrplot.wording import shown

SAME = 1e-12
"""A change that is less than this part is rounding."""


def changes(before: Curve, after: Curve) -> list[str]:
    """What is another than before: peak, warm-up, length, end and area, as far as they differ.

    >>> from lrplot.configs.sources import load_all
    >>> name = "transformers.cosine num_training_steps=100 num_warmup_steps"
    >>> changes(*(load_all([f"{name}={steps}"]).curves()[0] for steps in (5, 9)))
    ['warm-up 5 -> 9 steps', 'end 2.73371e-07 -> 2.9793e-07']
    """
    return list(_changes(before, after))


def _changes(before: Curve, after: Curve) -> Iterator[str]:
    old, new = before.run.spec, after.run.spec
    if old.cls is not new.cls:
        yield f"{old.cls.shown_name} -> {new.cls.shown_name}"
    groups = len(before.rates), len(after.rates)
    if groups[0] != groups[1]:
        yield f"{groups[0]} -> {groups[1]} parameter groups"
    for group, (a, b) in enumerate(zip(before.rates, after.rates)):
        whose = f"group {group}: " if min(groups) > 1 else ""
        yield from (whose + change for change in _of_rates(numpy.frombuffer(a), numpy.frombuffer(b)))


def _of_rates(a: Any, b: Any) -> Iterator[str]:
    rises = [int(numpy.argmax(rates)) for rates in (a, b)]
    if _differ(a.max(), b.max()):
        yield f"peak {_pair(a.max(), b.max())}"
    warm = [rise if rates[0] < rates[rise] else 0 for rise, rates in zip(rises, (a, b))]
    if warm[0] != warm[1]:
        yield f"warm-up {warm[0]:,} -> {warm[1]:,} steps"
    if _differ(a[0], b[0]) and (min(warm) or warm[0] != warm[1]) and not (a[0] == b[0] == 0):
        yield f"start {_pair(a[0], b[0])}"
    if len(a) != len(b):
        yield f"length {len(a):,} -> {len(b):,} steps"
    if _differ(a[-1], b[-1]) and abs(a[-1] - b[-1]) > 1e-9 * max(a.max(), b.max()):
        yield f"end {_pair(a[-1], b[-1])}"
    areas = a.sum(), b.sum()
    if areas[0] and _differ(*areas):
        yield f"area {100 * (areas[1] / areas[0] - 1):+.3g} %"


def parameter_changes(before: Curve, after: Curve) -> list[str]:
    """The parameters that differ, where both plans are of one scheduler."""
    if before.run.spec.cls is not after.run.spec.cls:
        return []
    rates = [run.optimizer.get("lr", 0.001) for run in (before.run, after.run)]
    changed = [f"lr {_short(rates[0])} -> {_short(rates[1])}"] if rates[0] != rates[1] else []
    return [*changed, *_of_specs(before.run.spec, after.run.spec)]


def _of_specs(old: Spec, new: Spec, place: str = "") -> Iterator[str]:
    """Those of two schedulers, and of those within, by their places."""
    if old.cls is not new.cls:
        yield f"{place.removesuffix('.')} {_short(old)} -> {_short(new)}"
        return
    for name in dict.fromkeys([*old.parameters, *new.parameters]):
        if name == old.cls.holds_others and len(old.inner) == len(new.inner):
            for index, (a, b) in enumerate(zip(old.inner, new.inner)):
                yield from _of_specs(a, b, f"{place}{name}[{index}].")
        elif repr(was := old.complete.get(name)) != repr(now := new.complete.get(name)):
            yield f"{place}{name} {_short(was)} -> {_short(now)}"


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else shown(text)


def _differ(a: float, b: float) -> bool:
    return abs(a - b) > SAME * max(abs(a), abs(b))


def _pair(a: float, b: float) -> str:
    texts = f"{a:.6g}", f"{b:.6g}"
    return f"{texts[0]} -> {texts[1]}" if texts[0] != texts[1] else f"{float(a)!r} -> {float(b)!r}"
