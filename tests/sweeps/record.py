"""What a sweep has seen: a line of JSON for each case, so that one that was stopped goes on where it was."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Row = dict[str, Any]


class Record:
    """The cases of a sweep that are done.

    Args:
        path: Where they are kept; None where they are not.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        kept = path.read_text().splitlines() if path and path.exists() else []
        self.rows: list[Row] = [json.loads(line) for line in kept]
        self._done = {_key(row["case"]) for row in self.rows}

    def left(self, cases: Iterator[Row]) -> Iterator[Row]:
        """Those of some cases that are not done."""
        return (case for case in cases if _key(case) not in self._done)

    def add(self, case: Row, found: Mapping[str, Any]) -> None:
        """Keeps what was found in a case."""
        row = {"case": case, **found}
        self.rows.append(row)
        if self._path:
            with self._path.open("a") as out:
                out.write(json.dumps(row) + "\n")


def _key(case: Row) -> tuple[Any, ...]:
    return tuple(sorted(case.items()))


def table(head: list[str], rows: Iterator[list[object]]) -> str:
    """A Markdown table."""
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in (head, ["---"] * len(head), *rows))
