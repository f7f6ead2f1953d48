"""How many schedules are named right: ``python -m tests.identify [SETS [NAMES…]]`` prints a table by scheduler."""

import sys
import time
from collections import Counter

import numpy

from lrplot.analysis.identify.search import identify
from lrplot.analysis.identify.verify import rates_of
from lrplot.configs.expression import Expression
from tests.identify.draw import DRAWERS, FORMATS, drawn, logged


def outcome(name: str, seed: int, format: str, every: int) -> tuple[str, float, str]:
    """What identify makes of a log: "true" where the schedule is among the candidates, "tie" where others fit as well,
    "nothing" where none does.
    """
    run = drawn(name, seed)
    rates = run.rates()
    log = logged(rates, every, format)
    began = time.process_time()
    found = identify(log, Expression)
    seconds = time.process_time() - began
    first = str(found[0].proposal.spec)[:150] if found else ""
    rates = rates[: log.steps[-1] + 1]  # what comes after it no log tells
    for candidate in found:
        (made,) = rates_of(candidate.proposal.run(len(rates))) or [numpy.zeros_like(rates)]
        if numpy.abs(made - rates).max() <= 1e-6 * rates.max() + numpy.abs(log.high[0] - log.low[0]).max():
            return "true", seconds, first
    return ("tie" if len(found) > 1 or found[0].says_ties else "alone") if found else "nothing", seconds, first


def main(sets: int, names: list[str], verbose: bool) -> None:
    """Prints the share of logs that are reproduced, and that are named right, by scheduler and spacing."""
    counts: Counter[tuple[str, int, str]] = Counter()
    worst = 0.0
    print("| scheduler | every step | true | 10th | true | 50th | true |\n| --- | --- | --- | --- | --- | --- | --- |")
    for name in names or DRAWERS:
        for seed in range(sets):
            for format in FORMATS:
                for every in (1, 10, 50):
                    what, seconds, first = outcome(name, seed, format, every)
                    worst = max(worst, seconds)
                    for key in (name, "all"):
                        counts[key, every, what] += 1
                    if verbose and (what != "true" or seconds > 3):
                        run = drawn(name, seed)
                        print(
                            f"  {what} {every} {format} {seconds:.1f}s: {run.text} lr={run.lr} n={run.steps} -> {first}"
                        )
        print(_row(name, counts), flush=True)
    print(_row("all", counts), f"\nslowest: {worst:.1f} s")


def _row(name: str, counts: Counter[tuple[str, int, str]]) -> str:
    cells = []
    for every in (1, 10, 50):
        total = sum(counts[name, every, what] for what in ("true", "tie", "alone", "nothing"))
        cells += [f"{100 * (total - counts[name, every, 'nothing']) / total:.0f} %"]
        cells += [f"{100 * counts[name, every, 'true'] / total:.0f} %"]
    return f"| {name} | {' | '.join(cells)} |"


if __name__ == "__main__":
    words = sys.argv[1:]
    main(int(words[0]) if words else 20, [w for w in words[1:] if w != "-v"], "-v" in words)
