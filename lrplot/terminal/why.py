"""What each metric led to that a scheduler watches, as a table."""

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lrplot.analysis.turns import named
from lrplot.schedulers.watcher import Verdict, Watcher
from lrplot.terminal.screen import Screen, width_of

if TYPE_CHECKING:
    from lrplot.runs.curve import Curve

LIMITS = {"reduced": "as low as may be", "raised": "as high as may be"}
"""Decisions to change the rate, each with what is said where it is at its limit."""


def why(curves: Sequence["Curve"], screen: Screen) -> str:
    """What each metric led to, a table for each run."""
    runs = {id(curve.run): curve for curve in curves}.values()
    heads = [[screen.fit(curve.label, screen.width)] if len(runs) > 1 else [] for curve in runs]
    return "\n\n".join("\n".join([*head, *_table(curve, screen)]) for head, curve in zip(heads, runs))


def why_as_json(curves: Sequence["Curve"]) -> str:
    """The same as a list of objects, each with its run's label; JSON has no NaN and no infinity: they are null."""
    import json

    runs = {id(curve.run): curve for curve in curves}.values()
    rows = [
        {
            "label": curve.label,
            "epoch": epoch,
            **{name: _finite(getattr(verdict, name)) for name in ("metric", "best", "bad_epochs", "cooldown")},
            "lr": [_finite(rate) for rate in verdict.rates],
            "decided": _decided(verdict, len(curve.rates)),
        }
        for curve in runs
        for epoch, verdict in _verdicts(curve)
    ]
    return json.dumps(rows, ensure_ascii=False)


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _table(curve: "Curve", screen: Screen) -> Iterator[str]:
    """A line for each epoch: the metric, the best by then and the bad epochs counted, the rates, what was decided.

    >>> from array import array
    >>> from lrplot.runs.run import Run, Spec
    >>> from lrplot.runs.simulate import simulate_run
    >>> from lrplot.schedulers.families import find
    >>> spec = Spec(find("plateau"), {"patience": 1})
    >>> run = Run(spec, {"lr": 0.1}, steps=4, metrics=array("d", [3, 2, 2, 2]))
    >>> print(why(simulate_run(run), Screen()))
    epoch  metric  best  bad epochs  cooldown   lr  decided
        0       3     3           0         0  0.1  improved
        1       2     2           0         0  0.1  improved
        2       2     2           1         0  0.1  waited
        3       2     2           2         0  0.1  reduced ×0.1
    """
    groups = len(curve.rates)
    rates = ["lr"] if groups == 1 else [f"lr_{i}" for i in range(groups)]
    rows = [("epoch", "metric", "best", "bad epochs", "cooldown", *rates, "decided")]
    rows += [(str(epoch), *_numbers(verdict), _decided(verdict, groups)) for epoch, verdict in _verdicts(curve)]
    return (screen.fit(line, width_of(line)) for line in _aligned(rows))  # in full: what was decided stands last


def _verdicts(curve: "Curve") -> Iterator[tuple[int, Verdict]]:
    """What each metric led to, with its epoch."""
    scheduler, run = curve.run.scheduler(), curve.run
    if isinstance(scheduler, Watcher):
        yield from enumerate(scheduler.verdicts(curve.metrics_taken))
        return
    from lrplot.runs.loop import Loop

    assert isinstance(scheduler, Loop), "a scheduler with a clock is in one"
    for beat, verdict in scheduler.verdicts(curve.metrics_taken):
        yield ((beat + 1) * run.batches - 1) // run.per_metric, verdict


def _numbers(verdict: Verdict) -> Iterator[str]:
    for number in (verdict.metric, verdict.best, verdict.bad_epochs, verdict.cooldown, *verdict.rates):
        yield f"{number:.6g}"


def _decided(verdict: Verdict, groups: int) -> str:
    """The decision, and of a change of the rate what it was in each of the parameter groups."""
    what = verdict.decision
    if what not in LIMITS:
        return what
    texts = dict.fromkeys(range(groups), LIMITS[what])
    for action in verdict.actions:
        assert action.group is not None
        texts[action.group] = "left undone (eps)" if action.factor is None else f"{what} ×{action.factor:.3g}"
    together = {text: [group for group in texts if texts[group] == text] for text in texts.values()}
    return ", ".join(named(text, those, groups) for text, those in together.items())


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows under one another, numbers to the right, the last column to the left."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    for *numbers, text in rows:
        yield "  ".join([*(f"{cell:>{width}}" for cell, width in zip(numbers, widths)), text])
