"""The report of ``make oracle``: what was compared with the originals, and what was off."""

from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import Any

import pytest

Tally = dict[str, int]
tallies: dict[str, Tally] = defaultdict(lambda: {"cases": 0, "refused": 0, "off": 0})


@dataclass
class Share:
    """Of rates in float32: how many are the original's to the bit, and how far off the others are."""

    cases: int = 0
    refused: int = 0
    values: int = 0
    exact: int = 0
    farthest: float = 0.0
    """In ulps of the curve's peak."""

    def add(self, other: "Share") -> None:
        for name, value in asdict(other).items():
            mine = getattr(self, name)
            setattr(self, name, max(mine, value) if name == "farthest" else mine + value)


shares: dict[str, Share] = defaultdict(Share)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In one of several processes: hands what it counted to the one that reports."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["tallies"] = dict(tallies)
        session.config.workeroutput["shares"] = {name: asdict(share) for name, share in shares.items()}


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    for name, counts in getattr(node, "workeroutput", {}).get("tallies", {}).items():
        for key, count in counts.items():
            tallies[name][key] += count
    for name, share in getattr(node, "workeroutput", {}).get("shares", {}).items():
        shares[name].add(Share(**share))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if tallies:
        _report_tallies(terminalreporter)
    if shares:
        _report_shares(terminalreporter)


def _report_shares(terminalreporter: Any) -> None:
    terminalreporter.write_line("")
    terminalreporter.write_line("| schedule | cases | refused by both | rates | exact | farthest, ulps of the peak |")
    terminalreporter.write_line("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, share in sorted(shares.items()):
        exact = f"{100 * share.exact / max(1, share.values):.2f} %"
        counts = f"{share.cases:,} | {share.refused:,} | {share.values:,}"
        terminalreporter.write_line(f"| {name} | {counts} | {exact} | {share.farthest:.2g} |")


def _report_tallies(terminalreporter: Any) -> None:
    rows = [(name, *tally.values()) for name, tally in tallies.items()]
    rows.append(("all", *(sum(row[i] for row in rows) for i in (1, 2, 3))))  # type: ignore[misc]
    terminalreporter.write_line("")
    terminalreporter.write_line("| scheduler | cases | refused by both | bits off |")
    terminalreporter.write_line("| --- | ---: | ---: | ---: |")
    for name, cases, refused, off in rows:
        terminalreporter.write_line(f"| {name} | {cases:,} | {refused:,} | {off} |")
