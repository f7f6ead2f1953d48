"""A scheduler explained in the terminal, from its constructor and docstring: formula, parameters, notes, curve."""

import inspect
import re
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrplot.cli.latex import plain_text
from lrplot.configs.values import default_of
from lrplot.parameters import Choices, Parameter, summary
from lrplot.schedulers import Scheduler
from lrplot.schedulers.families import HOME, families, full_name, members, others, promise

if TYPE_CHECKING:
    from lrplot.analysis.notes.rule import Rule
    from lrplot.runs.curve import Curve
    from lrplot.terminal.screen import Screen

NARROWEST, WIDEST = 30, 100
"""Columns below and beyond which prose is hard to read."""


def explain(cls: type[Scheduler], curve: "Curve", screen: "Screen") -> str:
    """All that is to be known of a scheduler; ``curve`` is the one of its example."""
    from lrplot.terminal.chart import sketch
    from lrplot.terminal.turning_points import turning_points

    width = max(NARROWEST, min(screen.width, WIDEST))
    sections = [
        (_names(cls, width), _wrapped(summary(cls), width)),
        ("Formula", "\n".join(_wrapped(line, width) for line in formula(cls, screen.unicode))),
        ("Promise", "" if cls.family == HOME else _wrapped(promise(cls.family), width)),
        ("Parameters", "\n".join(_described(parameter, width) for parameter in cls.parameters())),
        ("Notes", "\n\n".join(_wrapped(note, width) for note in notes(cls))),
        ("Example", textwrap.indent(example_of(cls), "  ")),
        ("", sketch([curve], screen._replace(width=width, height=14))),
        ("", turning_points([curve], screen._replace(width=width))),
        ("Source", _wrapped(_section(cls, "Source"), width)),
    ]
    shown = [f"{_bold(title, screen)}\n{body}" if title else body for title, body in sections if body]
    text = "\n\n".join(shown)
    return text if screen.unicode else text.translate({ord("…"): "...", ord("×"): "x"})


def explain_note(rule: "Rule", screen: "Screen") -> str:
    """All that is to be known of a note, with what lrplot check says of its example."""
    from lrplot.analysis.notes.rule import HEADINGS

    width = min(screen.width, WIDEST)
    sections = [(f"{rule.code}  {rule.title}", "")]
    for heading in HEADINGS:
        text = rule.section(heading)
        body = _tried(text, width) if heading == "Example" else _wrapped(text.replace("``", ""), width)
        sections.append((heading, body))
    sections.append(
        ("", _wrapped(f"Keep it back with --ignore {rule.code}, or ignore: [{rule.code}] in the config.", width))
    )
    return "\n\n".join("\n".join(filter(None, [title and _bold(title, screen), body])) for title, body in sections)


def _tried(text: str, width: int) -> str:
    """A note's example, and what lrplot check says of it."""
    from lrplot.cli.check import WRITERS
    from lrplot.configs.check import check
    from lrplot.configs.sources import load

    said = "\n".join(_wrapped(line, width) for line in WRITERS["text"](check(load("a.yaml", text=text))))
    return f"{textwrap.indent(text, '  ')}\n\n  $ lrplot check a.yaml\n{said}"


def listing_of_notes(width: int) -> str:
    """Every note with its code, a line each."""
    from lrplot.analysis.notes.rule import rules

    rows = (f"{code}  {rule.title}" for code, rule in sorted(rules().items()))
    return "\n".join(textwrap.fill(row, min(width, WIDEST + 20), subsequent_indent=" " * 7) for row in rows)


def listing(long: bool, width: int, family: str = HOME) -> str:
    """Every scheduler of a family with its short name, its class and one line; in the long form with its parameters
    too. After torch's, the other families.
    """
    width = max(NARROWEST, min(width, WIDEST + 20))
    classes = list(members(family).values())
    if long:
        heads = [[_heading(cls, width), *(_in_brief(p, width) for p in cls.parameters())] for cls in classes]
        return "\n\n".join("\n".join(lines) for lines in heads)
    families = [_family(other, width) for other in others()] if family == HOME else []
    return "\n\n".join(["\n".join(_in_lines(classes, width)), *families])


def _in_lines(classes: Sequence[type[Scheduler]], width: int) -> list[str]:
    """Each scheduler's names and one line, side by side where a screen is wide enough."""
    names = [_called(cls) for cls in classes]
    widths = [max(map(len, column)) for column in zip(*names)]
    indent = sum(widths) + 2 * len(widths)
    if width < indent + 45:
        return [_heading(cls, width) for cls in classes]
    rows = [
        "".join(f"{name:{column}}  " for name, column in zip(called, widths)) + summary(cls)
        for called, cls in zip(names, classes)
    ]
    return [textwrap.fill(row, width, subsequent_indent=" " * indent) for row in rows]


def _family(family: str, width: int) -> str:
    """A family in a line."""
    text = f"{family}.NAME  {promise(family)} See lrplot list {family}."
    return textwrap.fill(text, width, subsequent_indent=" " * (len(family) + 7))


def _called(cls: type[Scheduler]) -> list[str]:
    """The names of a scheduler, the one that is typed first."""
    return list(dict.fromkeys([full_name(cls), cls.shown_name]))


def formula(cls: type[Scheduler], unicode: bool = True) -> list[str]:
    r"""The formula as lines of plain text.

    >>> from lrplot.schedulers import CosineAnnealingLR
    >>> formula(CosineAnnealingLR)
    ['ηₜ = η_min + ½ (η_base − η_min) (1 + cos(πt / T_max))']
    >>> formula(CosineAnnealingLR, unicode=False)
    ['eta_t = eta_min + 1/2 (eta_base - eta_min) (1 + cos(pi t / T_max))']
    """
    found = [text.removeprefix(".. math::") for text in _paragraphs(cls) if text.startswith(".. math::")]
    return [line.strip() for text in found for line in plain_text(" ".join(text.split()), unicode).split("\n")]


def notes(cls: type[Scheduler]) -> list[str]:
    """The paragraphs that say what to know and to beware of."""
    names = {*families(), *(parameter.name for parameter in cls.parameters())}
    notes = []
    for text in _paragraphs(cls)[1:]:
        if re.match(r"(Args|Raises|Example):|Source: |>>>", text):
            break
        if not text.startswith(".. math::"):
            note = " ".join(text.replace("``", "").split())
            is_name = "_" in (first := re.split(r"[\s,']", note)[0]) or len(first) == 1 or first in names
            notes.append(note if is_name else note[0].upper() + note[1:])
    return notes


def example_of(cls: type[Scheduler]) -> str:
    """The command that shows a scheduler at work, from the docstring's Example section.

    >>> from lrplot.schedulers import ExponentialLR
    >>> example_of(ExponentialLR)
    'lrplot exponential --gamma 0.95 --lr 0.1 -o exponential.png'

    Raises:
        ValueError: There are no docstrings.
    """
    if cls.__doc__ is None:
        raise ValueError(
            "there are no explanations: Python was started with -OO (PYTHONOPTIMIZE=2), which leaves them out"
        )
    return textwrap.dedent(_section(cls, "Example"))


def first_example(cls: type[Scheduler]) -> str:
    """The first of its commands, in one line."""
    return re.sub(r"\\\n\s*", "", example_of(cls)).splitlines()[0].strip()


def _paragraphs(cls: type[Scheduler]) -> list[str]:
    # Sphinx takes a formula after a blank line too.
    return (inspect.getdoc(cls) or "").replace(".. math::\n\n", ".. math::\n").split("\n\n")


def _section(cls: type[Scheduler], name: str) -> str:
    return next((text[len(name) + 1 :].strip("\n ") for text in _paragraphs(cls) if text.startswith(f"{name}:")), "")


def _heading(cls: type[Scheduler], width: int) -> str:
    return f"{_names(cls, width)}\n{_wrapped(summary(cls), width)}"


def _names(cls: type[Scheduler], width: int) -> str:
    """The class's name and the short one, on two lines where a screen is too narrow for one."""
    *short, name = _called(cls)
    called = " ".join([name, *(f"({each})" for each in short)])
    return textwrap.fill(called, width, subsequent_indent="  ", break_on_hyphens=False)


def _described(parameter: Parameter, width: int) -> str:
    """A parameter's name, type, default and range, and under it what it means."""
    facts = _facts(parameter)
    if parameter.constraint is not None and not isinstance(parameter.constraint, Choices):
        facts += ", " + re.sub(r"^a (whole number|float), ", "", str(parameter.constraint))  # the type says so already
    heading = textwrap.fill(facts, width, initial_indent="  ", subsequent_indent="      ")
    meaning = parameter.help.replace("``", "")
    return f"{heading}\n{textwrap.fill(meaning, width, initial_indent='      ', subsequent_indent='      ')}"


def _in_brief(parameter: Parameter, width: int) -> str:
    """A parameter's name, type and default, and beside it what it means."""
    text = f"{_facts(parameter)}. {parameter.help.replace('``', '')}"
    return textwrap.fill(text, width, initial_indent="    ", subsequent_indent="        ")


def _facts(parameter: Parameter) -> str:
    if parameter.required:
        given = "required"
    elif (default := default_of(parameter)) is not None:
        given = f"default {default}"
    else:
        given = "optional"
    return f"{parameter.name}: {parameter.type_name.replace('|', ' | ')}, {given}"


def _wrapped(text: str, width: int) -> str:
    # An address stays in one piece, however long: it is to be clicked on.
    text = " ".join(text.split())
    return textwrap.fill(
        text, width, initial_indent="  ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def _bold(text: str, screen: "Screen") -> str:
    return f"\x1b[1m{text}\x1b[0m" if screen.colour else text
