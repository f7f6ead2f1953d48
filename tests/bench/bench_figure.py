"""What a picture costs: a long curve beside a short one, and the whole command beside a bare matplotlib script."""

import io
import os
import statistics
import sys
import tempfile
import time

import lrplot
from lrplot.pictures import figure
from lrplot.pictures.look import Look
from tests.bench.bench_start import LRPLOT, interleaved

RUNS = 15
LENGTHS = (1_000, 10_000_000)
BARE = """
import math
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

figure = Figure(figsize=(8, 14 / 3), dpi=150)  # 1200 x 700 pixels
axes = figure.add_subplot()
axes.plot(range(100), [0.0005 * (1 + math.cos(math.pi * step / 20)) for step in range(100)])
axes.set_title("CosineAnnealingLR(T_max=20)")
axes.set_xlabel("step")
axes.set_ylabel("learning rate")
axes.grid(True)
FigureCanvasAgg(figure).print_png({path!r})
"""


def main() -> str:
    """Two markdown tables: medians of the runs, and ratios."""
    return f"{_lengths()}\n\n{_commands()}"


def _lengths() -> str:
    """Draws and saves ready curves, in turns, in this process."""
    look = Look()
    curves = {steps: lrplot.simulate("cosine", T_max=steps // 5, steps=steps) for steps in LENGTHS}
    times: dict[int, list[float]] = {steps: [] for steps in LENGTHS}
    for turn in range(RUNS + 1):
        for steps, curve in curves.items():
            start = time.perf_counter()
            figure.save(figure.draw([curve], look), io.BytesIO(), "png", look, None)
            if turn:
                times[steps].append(time.perf_counter() - start)
    medians = {f"{steps:,} steps": statistics.median(each) for steps, each in times.items()}
    return _table("drawing and saving a PNG of", medians)


def _commands() -> str:
    with tempfile.TemporaryDirectory() as folder:
        bare, own = os.path.join(folder, "bare.png"), os.path.join(folder, "own.png")
        words = {
            "a bare matplotlib script": ["-c", BARE.format(path=bare)],
            "`lrplot cosine --T-max 20 -o x.png`": [LRPLOT, "cosine", "--T-max", "20", "-o", own],
        }
        times = interleaved({name: [sys.executable, *rest] for name, rest in words.items()}, RUNS)
    return _table("process", {name: statistics.median(each) for name, each in times.items()})


def _table(what: str, medians: dict[str, float]) -> str:
    base = next(iter(medians.values()))
    rows = [f"| {name} | {1e3 * median:.0f} ms | {median / base:.2f} |" for name, median in medians.items()]
    return "\n".join([f"| {what} | median | ratio |", "| --- | ---: | ---: |", *rows])


if __name__ == "__main__":
    print(main())
