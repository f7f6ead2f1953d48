"""What stands above curves, and what they are called, in a picture and in the terminal."""

import re
from collections.abc import Sequence
from typing import Any

from lrplot.runs.curve import Curve, told_apart
from lrplot.runs.run import Run
from lrplot.runs.spec import Spec
from lrplot.schedulers.optimizer import RATES
from lrplot.wording import listed

_CALL = re.compile(r"([\w.]+)\((.*)\)", re.DOTALL)
"""A scheduler with its parameters; what a table calls a curve may be anything."""

_STEPS = re.compile(r"\b(\w*steps)=(\d+)\b")
"""A parameter that is a number of steps."""

_UNREAD = re.compile(r"(?:, )?\b\w+=(?:…|\[…(?:, …)*\])(?=[,)]|$)")
"""A parameter of which nothing can be read."""

LONG = 100
"""Letters, above which a function is read where it stands, and not in a title."""


def heading(curves: Sequence[Curve], title: str | None) -> tuple[str, str]:
    """The title, the one asked for if any, and the parameters beneath it."""
    title = None if title is None else legible(title)
    if title == "":
        return "", ""
    specs = list(dict.fromkeys(spec_of(curve.run) for curve in curves))
    if len(specs) > 1:
        classes = {curve.run.spec.cls.shown_name for curve in curves}
        name = classes.pop() if len(classes) == 1 else "Learning-rate schedules"
        return name if title is None else title, _subtitle("", curves)
    if curves[0].run.spec.is_several:
        parts = [each.cls.shown_name for each in curves[0].run.spec.stepped]
        return listed(parts) if title is None else title, _subtitle(specs[0][1:-1], curves)
    spec = re.sub(r"\bschedule(r?)s=\[", "[", specs[0])  # which says so itself
    call = _CALL.fullmatch(spec)
    name, parameters = call.groups() if call else (spec, "")
    if title is not None:
        return title, _subtitle(spec, curves)
    return legible(name), _subtitle(parameters, curves)


def in_one_line(curves: Sequence[Curve], title: str | None) -> str:
    """The same where there is one line for it."""
    specs = {spec_of(curve.run) for curve in curves}
    if title is None and len(specs) == 1:
        return _subtitle(specs.pop(), curves)
    return ": ".join(filter(None, heading(curves, title)))


def names(curves: Sequence[Curve], title: str | None) -> list[str]:
    """What each curve is called at its line."""
    return told_apart(curves, run_names(curves, title))


def line_names(curves: Sequence[Curve], title: str | None) -> list[list[str]]:
    """What each line of each curve is called: by its parameter group too, where there are several."""
    several = len(curves) > 1
    return [_by_group(curve, name, several) for curve, name in zip(curves, names(curves, title))]


def facet_names(curves: Sequence[Curve], title: str | None) -> list[str]:
    """What each parameter group of each run is called at a panel of its own."""
    runs = {id(curve.run): (curve, name) for curve, name in zip(curves, run_names(curves, title))}
    return [each for curve, name in runs.values() for each in _by_group(curve, name, len(runs) > 1)]


def run_names(curves: Sequence[Curve], title: str | None) -> list[str]:
    """What the run of each curve is called, without the name of the scheduler where the title has it."""
    runs = [curve.run for curve in curves]
    is_told = title is None and len({run.spec.cls for run in runs}) == 1
    found = []
    for run, name in zip(runs, full_names(runs)):
        spec = spec_of(run)
        parameters = spec.partition("(")[2].removesuffix(")")
        found.append(legible(name.replace(spec, parameters or spec) if is_told else name))
    return found


def full_names(runs: Sequence[Run]) -> list[str]:
    """What each run is called: its label, or its config's name, its scheduler, and in what else it differs."""
    agreed = _agreed(runs)
    found = []
    for run in runs:
        own = [f"{key}={fact}" for key, fact in facts(run).items() if key not in agreed]
        made_of = ", ".join([f"{run.name}: {spec_of(run)}" if run.name else spec_of(run), *own])
        found.append(run.label or made_of)
    return found


def spec_of(run: Run) -> str:
    """A run's scheduler with its parameters: those that count steps in epochs, where the steps are not known."""
    text = str(run.spec)
    return _STEPS.sub(lambda found: f"{found[1]}={run.told(int(found[2]))}", text) if run.nominal else text


def facts(run: Run) -> dict[str, str]:
    """What makes a run beside its scheduler's parameters, as a title tells it: its groups tell what is their own."""
    return {key: _shown(fact) for key, fact in run.facts.items() if not isinstance(fact, (list, tuple))}


def _agreed(runs: Sequence[Run]) -> dict[str, str]:
    """The facts that hold for all of some runs; a rate is of no account to a scheduler that sets its own."""
    told = [(facts(run), run.spec.cls.owns_rate) for run in runs]
    agreed = {}
    for key, fact in ((key, fact) for each, _ in told for key, fact in each.items()):
        if all(each.get(key) == fact or (owns_rate and key in RATES) for each, owns_rate in told):
            agreed[key] = fact
    return agreed


def _subtitle(parameters: str, curves: Sequence[Curve]) -> str:
    """The scheduler's parameters, what holds for all curves beside them, a reading that is not the rate used."""
    for curve in curves:
        parameters = _brief(parameters, curve.run.spec)
    parameters = _UNREAD.sub("", parameters).replace("(, ", "(").removesuffix("()").removeprefix(", ")
    parts = [parameters, *(f"{key}={fact}" for key, fact in _agreed([curve.run for curve in curves]).items())]
    if len(curves) == 1 and curves[0].record != "used":
        parts.append(f"record={curves[0].record}")
    return legible(", ".join(filter(None, parts)))


def _by_group(curve: Curve, name: str, several: bool) -> list[str]:
    """A curve's name with each of its parameter groups, which do by themselves where it is the only one."""
    if len(curve.rates) == 1:
        return [name]
    groups = [_group_name(curve.run, group) for group in range(len(curve.rates))]
    return [f"{name}, {group}" for group in groups] if several else groups


def _group_name(run: Run, group: int) -> str:
    """What a parameter group is called, and what is its own: its rate, unless the scheduler sets it, its parameters."""
    own = {p.name: run.spec.parameters.get(p.name) for p in run.spec.cls.parameters() if p.per_group}
    if "initial_lr" in run.optimizer or not run.spec.cls.owns_rate:
        own = run.rates_given | own
    lists = {key: values for key, values in own.items() if isinstance(values, (list, tuple)) and group < len(values)}
    shown = {key: _shown(values[group]) for key, values in lists.items()}
    parts = [f"{key}={value}" for key, value in shown.items() if key in RATES or len(value) <= LONG]
    parts += [f"from={run.joins[group]}"] if run.joins and run.joins[group] else []
    name = run.group_names[group] if run.group_names else f"group {group}"
    return legible(", ".join([name, *parts]))


def _brief(text: str, spec: Spec) -> str:
    """A text without the functions in it that nobody reads in a title."""
    for parameter in spec.cls.parameters():
        if parameter.kind == "function" and (given := spec.parameters.get(parameter.name)) is not None:
            for function in map(str, given if isinstance(given, (list, tuple)) else [given]):
                text = text.replace(function, "…") if len(function) > LONG else text
    for inner in spec.inner:
        text = _brief(text, inner)
    return text


def _shown(value: Any) -> str:
    short = f"{value:g}" if isinstance(value, (int, float)) else ""
    return short if short and float(short) == value else str(value)


def legible(text: str) -> str:
    """A text in one line, without what no font has and no SVG may hold."""
    if not text.isprintable():
        text = "".join([char if char.isprintable() else " " for char in text])
    return " ".join(text.split())
