"""How soon a command is done, against what importing click alone takes."""

import os
import statistics
import subprocess
import sys
import tempfile
import time

RUNS = 15
LRPLOT = os.path.join(os.path.dirname(sys.executable), "lrplot")
"""As it is installed, and typed."""


def main() -> str:
    """A markdown table of whole processes: the median of the runs, and the ratio to ``import click``."""
    with tempfile.TemporaryDirectory() as folder:
        csv = os.path.join(folder, "x.csv")
        commands = {
            'python -c "import click"': ["-c", "import click"],
            "lrplot cosine --T-max 20 -o x.csv": [LRPLOT, "cosine", "--T-max", "20", "-o", csv],
            "lrplot --help": [LRPLOT, "--help"],
            "lrplot cosine --help": [LRPLOT, "cosine", "--help"],
        }
        times = interleaved({name: [sys.executable, *words] for name, words in commands.items()}, RUNS)
    medians = {name: statistics.median(each) for name, each in times.items()}
    base = next(iter(medians.values()))
    rows = [f"| `{name}` | {1e3 * median:.0f} ms | {median / base:.2f} |" for name, median in medians.items()]
    return "\n".join(["| process | median | ratio |", "| --- | ---: | ---: |", *rows])


def interleaved(commands: dict[str, list[str]], runs: int) -> dict[str, list[float]]:
    """Seconds of each command, run in turns so that a busy moment strikes all; a first turn warms up and is not
    counted.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=environment)
            if turn:
                times[name].append(time.perf_counter() - start)
    return times


if __name__ == "__main__":
    print(main())
