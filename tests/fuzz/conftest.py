"""The report of ``make fuzz``: what was run, how it ended, and what was found."""

from typing import Any

from tests.fuzz.harness import tallies


def pytest_terminal_summary(terminalreporter: Any) -> None:
    rows = [
        (kind, tally.cases, *(tally.statuses[status] for status in (0, 1, 2)), len(tally.findings))
        for kind, tally in tallies.items()
    ]
    if not rows:
        return
    rows.append(("all", *(sum(row[i] for row in rows) for i in range(1, 6))))  # type: ignore[misc, arg-type]
    terminalreporter.write_line("")
    terminalreporter.write_line("| input | cases | exit 0 | exit 1 | exit 2 | findings |")
    terminalreporter.write_line("| --- | ---: | ---: | ---: | ---: | ---: |")
    for kind, *counts in rows:
        terminalreporter.write_line(f"| {kind} | {' | '.join(f'{count:,}' for count in counts)} |")
    for tally in tallies.values():
        for finding in sorted(tally.findings):
            terminalreporter.write_line(f"found: {finding}")
