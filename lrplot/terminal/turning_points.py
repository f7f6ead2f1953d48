"""The table of turning points: curves in a few lines of text."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from lrplot.analysis.columns import unit_of
from lrplot.analysis.turns import Actions, Event, actions_of, find_events, in_words
from lrplot.terminal.lines import painted
from lrplot.terminal.screen import Screen

if TYPE_CHECKING:
    from lrplot.runs.curve import Curve

MOST_ROWS = 20
"""Rows of a table; of more, those in the middle are counted."""
MOST_MARKS = 8
"""Curves that a row names."""


class _Row(NamedTuple):
    """What happens at a step.

    Args:
        whose: The numbers of the lines that it happens to, where there are several curves.
        cells: Step, epoch where it is known, and rates.
    """

    step: int
    whose: tuple[int, ...]
    cells: tuple[str, ...]
    text: str
    is_end: bool


def turning_points(
    curves: Sequence["Curve"],
    screen: Screen,
    column: str = "lr",
    steps: range | None = None,
    most: int = MOST_ROWS,
    marks: Sequence[str] = (),
) -> str:
    """The steps at which the rates turn: step, epoch where it is known, the rate of each group, and what happens.

    A rate is written as Python's ``repr``, all its digits, where that takes at most 12 characters, else with six
    significant digits (the CSV has them all). Of a long table the middle is counted, and of several curves' the starts
    and ends go first.

    >>> from lrplot.runs.run import Run, Spec
    >>> from lrplot.schedulers.families import find
    >>> from lrplot.runs.simulate import simulate_run
    >>> spec = Spec(find("step"), {"step_size": 30, "gamma": 0.5})
    >>> print(turning_points(simulate_run(Run(spec, {"lr": 0.1}, steps=50)), Screen()))
    step    lr  what
       0   0.1  start
      30  0.05  drop ×0.5
      49  0.05  end

    Args:
        column: What is shown at the steps: lr, momentum or weight_decay.
        steps: Those that are told of.
        most: Rows, at the most.
        marks: What stands for each line of several curves.
    """
    timed = any(curve.run.steps_per_epoch is not None for curve in curves)
    unit = unit_of(curves)
    if marks:
        rows, values = _of_all(curves, column, timed), [column]
    else:
        groups = range(len(curves[0].lines(column)))
        rows = _rows(curves[0], column, groups, actions_of(curves[0]), timed)
        values = [column] if len(groups) == 1 else [f"{column}_{i}" for i in groups]
    rows = [row for row in rows if steps is None or row.step in steps]
    shown, more = _chosen(rows, min(most, MOST_ROWS), bool(marks))
    if all(curve.run.nominal for curve in curves):
        rows_of = [row._replace(cells=row.cells[1:]) for row in shown]
        lines = _written(["epoch", *values], rows_of, screen, marks)
    else:
        lines = _written([unit, *(["epoch"] if timed else []), *values], shown, screen, marks)
    if more:
        indent = " " * (len(lines[0]) - len(lines[0].lstrip()))
        at = 1 + -(-len(shown) // 2)
        lines.insert(at, screen.fit(f"{indent}{'…':>{len(lines[0].split()[0])}}  {more} more", screen.width))
    return "\n".join(lines) if rows else ""


def _of_all(curves: Sequence["Curve"], column: str, timed: bool) -> list[_Row]:
    """The rows of all lines, in the order of the steps; what is the same of several stands there once."""
    together: dict[_Row, tuple[int, ...]] = {}
    before = 0
    for curve in curves:
        actions = actions_of(curve)
        for group in range(len(curve.lines(column))):
            for row in _rows(curve, column, [group], actions, timed):
                together[row] = (*together.get(row, ()), before + group)
        before += len(curve.rates)
    rows = [row._replace(whose=whose) for row, whose in together.items()]
    return sorted(rows, key=lambda row: (row.step, row.whose))


def _rows(curve: "Curve", column: str, groups: Sequence[int], actions: Actions, timed: bool) -> list[_Row]:
    """What happens at which step, in any of the groups."""
    happens: dict[int, list[Event]] = {}
    for group in groups:
        for event in find_events(curve, group, actions):
            happens.setdefault(event.step, []).append(event)
    rows = []
    for step, events in sorted(happens.items()):
        per_epoch = curve.run.steps_per_epoch
        epoch = "" if per_epoch is None else f"{step / per_epoch:.6g}"
        rates = [_rate(curve.lines(column)[group][bisect_left(curve.steps, step)]) for group in groups]
        text = in_words(events, len(groups), curve.run.group_names if len(groups) > 1 else ())
        is_end = all(event.kind in ("start", "end") for event in events)
        rows.append(_Row(step, (), (str(step), *([epoch] if timed else []), *rates), text, is_end))
    return rows


def _chosen(rows: Sequence[_Row], most: int, several: bool) -> tuple[Sequence[_Row], int]:
    """As many rows as there is room for, and how many there are besides, to be counted in the middle."""
    if len(rows) <= most:
        return rows, 0
    kept = [row for row in rows if not (several and row.is_end)]
    if len(kept) >= most:
        tail = (most - 1) // 2
        kept = [*kept[: most - 1 - tail], *kept[len(kept) - tail :]]
    return kept, len(rows) - len(kept)


def _written(names: Sequence[str], rows: Sequence[_Row], screen: Screen, marks: Sequence[str]) -> list[str]:
    """The rows as lines under a heading."""
    columns = [[name, *(row.cells[i] for row in rows)] for i, name in enumerate(names)]
    widths = [max(map(len, column)) for column in columns]
    whose = max((len(row.whose[:MOST_MARKS]) for row in rows), default=0)
    width = screen.width - (whose + 2 if whose else 0)
    # The last groups are left out where a screen is too narrow, and then all but the steps.
    while len(widths) > 2 and sum(widths) + 2 * len(widths) + 12 > width:
        widths.pop()
    while len(widths) > 1 and sum(widths) + 2 * len(widths) + 4 > width:
        widths.pop()
    lines = []
    owners = [(), *(row.whose[:MOST_MARKS] for row in rows)]
    for owner, cells, text in zip(owners, zip(*columns), ["what", *(row.text for row in rows)]):
        numbers = "  ".join(f"{cell:>{size}}" for cell, size in zip(cells, widths))
        line = screen.fit(f"{numbers}  {text}", max(1, width))
        mark = "".join(painted(marks[number], number, screen.colour) for number in owner)
        lines.append(mark + " " * (whose - len(owner) + 2 if whose else 0) + line)
    return lines


def _rate(rate: float) -> str:
    """
    >>> _rate(0.1), _rate(0.010000000000000002), _rate(1.2345678901234567e-05)
    ('0.1', '0.01', '1.23457e-05')
    """
    exact = repr(rate)
    return exact if len(exact) <= 12 else f"{rate:.6g}"
