"""The report of ``make oracle``: what was compared with torch, and what was off."""

from collections import defaultdict
from typing import Any

import pytest

Tally = dict[str, int]
tallies: dict[str, Tally] = defaultdict(lambda: {"cases": 0, "refused": 0, "off": 0})


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In one of several processes: hands what it counted to the one that reports."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["tallies"] = dict(tallies)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    for name, counts in getattr(node, "workeroutput", {}).get("tallies", {}).items():
        for key, count in counts.items():
            tallies[name][key] += count


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not tallies:
        return
    rows = [(name, *tally.values()) for name, tally in tallies.items()]
    rows.append(("all", *(sum(row[i] for row in rows) for i in (1, 2, 3))))  # type: ignore[misc]
    terminalreporter.write_line("")
    terminalreporter.write_line("| scheduler | cases | refused by both | bits off |")
    terminalreporter.write_line("| --- | ---: | ---: | ---: |")
    for name, cases, refused, off in rows:
        terminalreporter.write_line(f"| {name} | {cases:,} | {refused:,} | {off} |")
