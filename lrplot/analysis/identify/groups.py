"""What was found for the first parameter group, for all of them: each has rates of its own, and all else in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import Any

import numpy

from lrplot.analysis.identify.decays import pairs
from lrplot.analysis.identify.decimals import shortest
from lrplot.analysis.identify.fit import Column
from lrplot.analysis.identify.observed import observed
from lrplot.analysis.identify.proposal import Proposal
from lrplot.analysis.identify.region import solve
from lrplot.analysis.identify.verify import Logged, rates_of
from lrplot.runs.spec import Spec

OWN = {"cyclic": ("base_lr", "max_lr"), "onecycle": ("max_lr",), "swa": ("lr", "swa_lr")}
"""What of a scheduler is a group's own; of any other, the optimizer's rate."""
MOST = 8


def for_groups(proposal: Proposal, log: Logged) -> Iterator[Proposal]:
    """A proposal with a rate for each parameter group of a log: where the rates are linear in it, it is solved for."""
    names = OWN.get(proposal.spec.cls.name, ("lr",))
    rest, parts = _parts(proposal, names, log)
    if not parts:
        return
    choices = []
    for low, high in zip(log.low, log.high):
        part = observed(log.steps, low, high)
        choices.append(_values(parts, part.low - rest, part.high - rest))
    for chosen in islice(product(*choices), MOST):
        yield _with(proposal, {name: [values[k] for values in chosen] for k, name in enumerate(names)})


def _values(parts: list[Column], low: Column, high: Column) -> list[tuple[float, ...]]:
    if len(parts) == 2:
        region = solve(parts[0], parts[1], low, high)
        return [] if region is None else [*pairs(region)]
    moved = numpy.abs(parts[0]) > 1e-12
    bounds = low[moved] / parts[0][moved], high[moved] / parts[0][moved]
    least, most = float(numpy.minimum(*bounds).max(initial=0.0)), float(numpy.maximum(*bounds).min(initial=numpy.inf))
    return [(value,) for value in shortest(least, most)] if most < numpy.inf else []


def _parts(proposal: Proposal, names: tuple[str, ...], log: Logged) -> tuple[Column, list[Column]]:
    """What of the rates is there whatever the group's own values, and what each of these adds, for each unit of it."""
    last = int(log.steps[-1])
    own = {name: proposal.lr if name == "lr" else proposal.spec.parameters[name] for name in names}
    rates = rates_of(proposal.run(last + 1))
    parts: list[Column] = []
    if rates is None or None in own.values():  # as where one rate of the schedule's own is that of all
        return numpy.zeros(0), parts
    rest = base = rates[0][log.steps]
    for name, value in own.items():
        assert isinstance(value, (int, float)), "it is of one group"
        change = value or 1.0
        changed = rates_of(_with(proposal, {name: value + change}).run(last + 1))
        if changed is None:
            return rest, []
        parts.append((changed[0][log.steps] - base) / change)
        rest = rest - parts[-1] * value
    return rest, parts


def _with(proposal: Proposal, values: Mapping[str, Any]) -> Proposal:
    """The same with other values of what a group has for itself."""
    inner = {name: value for name, value in values.items() if name != "lr"}
    spec = Spec(proposal.spec.cls, {**proposal.spec.parameters, **inner}) if inner else proposal.spec
    several = next(iter(values.values()))
    rates = values.get("lr", proposal.lr)
    if rates is None and isinstance(several, list):
        rates = [0.001] * len(several)
    return proposal._replace(spec=spec, lr=rates)
