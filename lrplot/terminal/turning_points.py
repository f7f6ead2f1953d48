"""The table of turning points: a curve in a few lines of text."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrplot.analysis.turns import happenings
from lrplot.runs.curve import labels
from lrplot.terminal.screen import Screen

if TYPE_CHECKING:
    from lrplot.runs.curve import Curve

MOST_ROWS = 20
"""Rows of a table; of more, those in the middle are counted."""


def turning_points(curves: Sequence["Curve"], screen: Screen) -> str:
    """The steps at which the rates turn: step, epoch where it is known, the rate of each group, and what happens.

    A rate is written as Python's ``repr``, all its digits, where that takes at most 12 characters, else with six
    significant digits (the CSV has them all). Of a long table the middle is counted.

    >>> from lrplot.runs.run import Run, Spec
    >>> from lrplot.schedulers.families import find
    >>> from lrplot.runs.simulate import simulate_run
    >>> spec = Spec(find("step"), {"step_size": 30, "gamma": 0.5})
    >>> print(turning_points(simulate_run(Run(spec, {"lr": 0.1}, steps=50)), Screen()))
    step    lr  what
       0   0.1  start
      30  0.05  drop ×0.5
      49  0.05  end
    """
    tables = []
    for curve, label in zip(curves, labels(curves)):
        head = [screen.fit(label, screen.width)] if len(curves) > 1 else []
        tables.append("\n".join([*head, *_table(curve, screen)]))
    return "\n\n".join(tables)


def _table(curve: "Curve", screen: Screen) -> list[str]:
    happens = happenings(curve)
    steps = sorted(happens)
    more = len(steps) - MOST_ROWS + 1
    shown = [*steps[: MOST_ROWS // 2], *steps[MOST_ROWS // 2 + more :]] if more > 1 else steps
    columns = _columns(curve, shown)
    widths = [max(map(len, column)) for column in columns]
    # The last groups are left out where a screen is too narrow.
    while len(columns) > 2 and sum(widths) + 2 * len(widths) + 12 > screen.width:
        columns, widths = columns[:-1], widths[:-1]
    lines = []
    for cells, text in zip(zip(*columns), ["what", *(happens[step] for step in shown)]):
        numbers = "  ".join(f"{cell:>{size}}" for cell, size in zip(cells, widths))
        lines.append(f"{numbers}  {screen.fit(text, max(4, screen.width - len(numbers) - 2))}")
    if more > 1:
        lines.insert(1 + MOST_ROWS // 2, screen.fit(f"{'…':>{widths[0]}}  {more} more", screen.width))
    return lines


def _columns(curve: "Curve", steps: Sequence[int]) -> list[list[str]]:
    """The columns of numbers, each with its heading."""
    columns = [["step", *map(str, steps)]]
    if (per_epoch := curve.run.steps_per_epoch) is not None:
        columns.append(["epoch", *(f"{step / per_epoch:.6g}" for step in steps)])
    for i, rates in enumerate(curve.rates):
        name = "lr" if len(curve.rates) == 1 else f"lr_{i}"
        columns.append([name, *(_rate(rates[step - curve.steps.start]) for step in steps)])
    return columns


def _rate(rate: float) -> str:
    """
    >>> _rate(0.1), _rate(0.010000000000000002), _rate(1.2345678901234567e-05)
    ('0.1', '0.01', '1.23457e-05')
    """
    exact = repr(rate)
    return exact if len(exact) <= 12 else f"{rate:.6g}"
