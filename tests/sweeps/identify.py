"""How many schedules are named right: ``python -m tests.sweeps.identify --seed 100 --sets 20`` prints a table by scheduler.

Each scheduler with parameters that are drawn, logged in five formats at every 1st, 10th and 50th step.
"""

import argparse
import itertools
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy

from lrplot.analysis.identify.search import Candidate, identify
from lrplot.analysis.identify.ties import numbers
from lrplot.analysis.identify.verify import Logged, rates_of
from lrplot.configs.expression import Expression
from lrplot.configs.sources import spec
from tests.identify.draw import DRAWERS, FORMATS, Drawn, drawn, logged
from tests.sweeps.record import Record, Row, table

EVERY = (1, 10, 50)
OUTCOMES = ("true", "range", "tie", "alone", "nothing", "crash")
"""The schedule is among the candidates; or among what is said to fit as well; or others are, and that there are more
is said; or one other is, alone; or none is.
"""


def outcome(name: str, seed: int, format: str, every: int) -> tuple[str, float, str]:
    """What identify makes of a log: one of the outcomes, the seconds that it took, and the first candidate."""
    run = drawn(name, seed)
    log = logged(run.rates(), every, format)
    began = time.process_time()
    found = identify(log, Expression)
    seconds = time.process_time() - began
    return judged(found, run, log), seconds, str(found[0].proposal.spec)[:200] if found else ""


def judged(found: Sequence[Candidate], run: Drawn, log: Logged) -> str:
    """One of the outcomes."""
    rates = run.rates()[: log.steps[-1] + 1]  # what comes after it no log tells
    near = 1e-6 * rates.max() + float(numpy.abs(log.high[0] - log.low[0]).max())
    if any(_is(candidate, rates, near) for candidate in found):
        return "true"
    if any(_is(_meant(candidate, run), rates, near) for candidate in found if candidate.ranges):
        return "range"
    return ("tie" if len(found) > 1 or found[0].says_ties else "alone") if found else "nothing"


def _is(candidate: Candidate, rates: numpy.ndarray, near: float) -> bool:
    """Whether a candidate has these rates at each step, logged or not."""
    made = rates_of(candidate.proposal.run(len(rates)))
    return made is not None and bool((numpy.abs(made[0] - rates) <= near).all())


def _meant(candidate: Candidate, run: Drawn) -> Candidate:
    """A candidate with the numbers that were drawn, as far as it says that they fit as well."""
    drawn = {name: number for name, number, _ in numbers(spec(run.text))}
    for name, (low, high) in candidate.ranges.items():
        puts = {key: put for key, _, put in numbers(candidate.proposal.spec)}
        if name in puts and name in drawn and low <= drawn[name] and (high is None or drawn[name] <= high):
            candidate = candidate._replace(proposal=candidate.proposal._replace(spec=puts[name](drawn[name])))
    return candidate


def cases(names: Sequence[str], seeds: Sequence[int], every: Sequence[int]) -> Iterator[Row]:
    """Every case, those of a seed in an order of chance: a sweep that is stopped has some of each."""
    for seed in seeds:
        some = [*itertools.product(names, FORMATS, every)]
        random.Random(seed).shuffle(some)
        yield from ({"name": name, "seed": seed, "format": format, "every": k} for name, format, k in some)


def told(rows: Sequence[Row], names: Sequence[str]) -> str:
    """What was found, as a table: cases, those reproduced and those named right in percent, wrong ones without a tie."""
    head = [each for k in EVERY for each in (f"every {k}: cases", "reproduced", "named", "alone")]
    lines = (_line(name, [row for row in rows if name in (row["case"]["name"], "all")]) for name in [*names, "all"])
    return table(["scheduler", *head, "slowest"], lines)


def _line(name: str, rows: Sequence[Row]) -> list[object]:
    cells: list[object] = [name]
    for every in EVERY:
        found = [row["outcome"] for row in rows if row["case"]["every"] == every]
        part = 100 / max(len(found), 1)
        made, named = (sum(one in some for one in found) for some in (OUTCOMES[:4], OUTCOMES[:2]))
        cells += (
            [len(found), f"{made * part:.0f} %", f"{named * part:.0f} %", found.count("alone")] if found else [""] * 4
        )
    return [*cells, f"{max((row['seconds'] for row in rows), default=0):.1f} s"]


def main() -> None:
    """Runs the cases that are asked for, and prints the table."""
    asked = argparse.ArgumentParser(description=__doc__, prog="python -m tests.sweeps.identify")
    asked.add_argument("--seed", type=int, default=100, help="the first set of parameters")
    asked.add_argument("--sets", type=int, default=20, help="how many there are")
    asked.add_argument("--every", type=int, nargs="+", default=[*EVERY], help="which of the steps are logged")
    asked.add_argument("--names", nargs="+", default=[*DRAWERS], help="schedulers, by the names they are shown by")
    asked.add_argument("--record", type=Path, help="a file of what was found, to go on from")
    given = asked.parse_args()
    record = Record(given.record)
    for case in record.left(cases(given.names, range(given.seed, given.seed + given.sets), given.every)):
        try:
            what, seconds, first = outcome(**case)
        except Exception as crash:  # a sweep goes on
            what, seconds, first = "crash", 0.0, repr(crash)
        record.add(case, {"outcome": what, "seconds": round(seconds, 2), "first": first})
        if what in ("alone", "nothing", "crash"):
            print(f"{what}: {case}: {drawn(case['name'], case['seed'])} -> {first}", flush=True)
    print(told(record.rows, given.names))


if __name__ == "__main__":
    main()
