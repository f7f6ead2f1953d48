"""Schedules as small files: several in one, divided by ``---``, each with a comment that says where it comes from.

Of long runs the steps are counted in tens or hundreds, so that the tests are quick.
"""

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path

from lrplot.configs.check import check
from lrplot.configs.config import Config
from lrplot.configs.notes import Note
from lrplot.configs.sources import load

HOME = Path(__file__).parent


def bad() -> Iterator[tuple[str, str]]:
    """The code of the note that is to be found, and the text of a config that is wrong in that way."""
    yield from _texts("bad")


def sound() -> Iterator[tuple[str, str]]:
    """The name of a file, and the text of a config in it that nothing is wrong with."""
    yield from _texts("sound")


def generated() -> Iterator[str]:
    """Schedules of every kind that fit their run, for runs of several lengths."""
    for steps in (20, 90, 300, 1000, 4000):
        run = f"steps: {steps}\n"
        warm, rest, third = steps // 10, steps - steps // 10, steps // 3
        gamma = 0.01 ** (1 / steps)
        for scheduler in (
            f"cosine T_max={steps}",
            f"cosine T_max={steps - 1} eta_min=0.0001",
            f"step step_size={third}",
            f"multistep milestones={third},{2 * third}",
            f"exponential gamma={gamma}",
            f"polynomial total_iters={steps} power=0.9",
            f"linear start_factor=1 end_factor=0.1 total_iters={steps}",
            f"linear start_factor=0.01 total_iters={warm}",
            f"constant factor=0.1 total_iters={warm}",
            f"warm-restarts T_0={steps // 2}",
            f"cyclic base_lr=0.001 max_lr=0.01 step_size_up={steps // 4}",
            f"onecycle max_lr=0.01 total_steps={steps}",
            f"swa swa_lr=0.05 anneal_epochs={warm}",
            f"lambda lr_lambda='1 - 0.9 * epoch / {steps}'",
            f"multiplicative lr_lambda={gamma}",
        ):
            own = "" if "cyclic" in scheduler or "onecycle" in scheduler else "optimizer: {lr: 0.1}\n"
            yield f'scheduler: "{scheduler}"\n{own}{run}'
        for name, after, more in (
            ("sequential", f"cosine T_max={rest}", f"milestones: [{warm}]"),
            ("sequential", f"multistep milestones={third},{2 * third}", f"milestones: [{warm}]"),
            ("sequential", f"exponential gamma={gamma}", f"milestones: [{warm}]"),
            ("chained", f"multistep milestones={third},{2 * third}", ""),
        ):
            inner = f"schedulers:\n    - linear start_factor=0.01 total_iters={warm}\n    - {after}\n  {more}"
            yield f"scheduler:\n  name: {name}\n  {inner}\noptimizer: {{lr: 0.1}}\n{run}"
        yield f"scheduler: plateau patience=3\nmetrics: 0.2 + 0.95 ** epoch\noptimizer: {{lr: 0.1}}\nsteps: {min(steps, 300)}\n"


def _texts(folder: str) -> Iterator[tuple[str, str]]:
    for path in sorted((HOME / folder).glob("*.yaml")):
        for text in path.read_text().split("\n---\n"):
            yield path.stem, text.rstrip("\n") + "\n"


def config_of(text: str) -> Config:
    """The config of such a text."""
    return load("a.yaml", text=text)


@functools.cache
def notes_of(text: str) -> Sequence[Note]:
    """What lrplot check says of such a text."""
    return check(config_of(text))
