"""How much faster two workers render a folder than one, and what it costs to find that nothing changed."""

import os
import statistics
import sys
import tempfile
from pathlib import Path

from tests.bench.bench_start import interleaved

CONFIGS = 200
RUNS = 3
KINDS = [
    "scheduler: {{name: step, step_size: {0}, gamma: 0.5}}\n",
    "scheduler: {{name: cosine, T_max: {0}}}\nplot: {{theme: dark}}\n",
    "scheduler: {{name: onecycle, max_lr: 0.1, total_steps: {0}00}}\n",
    "scheduler: {{name: warm-restarts, T_0: {0}, T_mult: 2}}\noptimizer: {{lr: [0.1, 0.01]}}\nsteps: 1000\n",
    "curves: [exponential gamma=0.9{0}, 'polynomial total_iters={0} power=2']\n",
]


def main() -> str:
    """A markdown table: the median of the runs, taken in turns, and the ratio to one worker."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(CONFIGS):
            path = Path(folder, "configs", f"{number // 50}", f"{number:03}.yaml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(KINDS[number % len(KINDS)].format(number + 10))
        command = [
            sys.executable,
            "-m",
            "lrplot",
            "batch",
            os.path.join(folder, "configs"),
            "-o",
            os.path.join(folder, "out"),
            "-f",
            "png",
        ]
        times = interleaved(
            {
                "one worker": [*command, "--force", "--jobs", "1"],
                "two workers": [*command, "--force", "--jobs", "2"],
                "two workers, nothing changed": [*command, "--jobs", "2"],
            },
            RUNS,
        )
    medians = {name: statistics.median(each) for name, each in times.items()}
    base = medians["one worker"]
    rows = [f"| {name} | {median:.2f} s | {base / median:.2f} |" for name, median in medians.items()]
    return "\n".join([f"| {CONFIGS} configs to PNG | median | times as fast |", "| --- | ---: | ---: |", *rows])


if __name__ == "__main__":
    print(main())
