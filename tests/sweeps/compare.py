"""How often what a run did is named right: ``python -m tests.sweeps.compare --seed 100 --sets 20`` prints a table.

Each relation, and each pair of them, in each format of a log, with plans that are drawn.
"""

import argparse
import itertools
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.logs.relations import PAIRS, RELATIONS
from tests.logs.test_compare import check
from tests.logs.writers import FORMATS
from tests.sweeps.record import Record, Row, table


def told(rows: Sequence[Row]) -> str:
    """What was found, as a table by relation: cases, those named right, and the false "equal"."""
    lines = []
    for relation in (*RELATIONS, *PAIRS, "all"):
        some = [row for row in rows if relation in (row["case"]["relation"], "all")]
        false = sum(row["said"] == "equal" and not row["right"] for row in some)
        lines.append([relation, len(some), sum(row["right"] for row in some), false])
    return table(["relation", "cases", "named right", "false equal"], iter(lines))


def main() -> None:
    """Runs the cases that are asked for, and prints the table."""
    asked = argparse.ArgumentParser(description=__doc__, prog="python -m tests.sweeps.compare")
    asked.add_argument("--seed", type=int, default=100, help="the first plan")
    asked.add_argument("--sets", type=int, default=20, help="how many there are")
    asked.add_argument("--relations", nargs="+", default=[*RELATIONS, *PAIRS])
    asked.add_argument("--record", type=Path, help="a file of what was found, to go on from")
    given = asked.parse_args()
    record = Record(given.record)
    every = itertools.product(range(given.seed, given.seed + given.sets), given.relations, FORMATS)
    with tempfile.TemporaryDirectory() as folder:
        for case in record.left({"format": f, "relation": r, "seed": s} for s, r, f in every):
            found, right = check(Path(folder), **case)
            record.add(case, {"said": found.relation.name, "right": bool(right)})
            if not right:
                print(f"{case}: {found.relation} {found.also}", flush=True)
    print(told(record.rows))


if __name__ == "__main__":
    main()
