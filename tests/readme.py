"""The parts of the README that the program writes: cog calls these."""

import importlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import cog

import lrplot
from lrplot.analysis.notes.rule import GROUPS, rules
from lrplot.cli.commands import cli
from lrplot.configs.foreign import FORMATS
from lrplot.configs.logs.formats import LOG_FORMATS
from lrplot.schedulers.families import members, others, promise

ENVIRONMENT = {**os.environ, "COLUMNS": "80", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}


def shell(*words: str, status: int = 0, **environment: str) -> None:
    """A command and what it prints."""
    command = [sys.executable, "-m", "lrplot", *words]
    done = subprocess.run(command, capture_output=True, text=True, env={**ENVIRONMENT, **environment})
    assert done.returncode == status, done.stderr
    printed = done.stdout
    typed = " ".join(f'"{word}"' if " " in word else word for word in words)
    cog.outl(f"```text\n$ lrplot {typed}\n" + "\n".join(map(str.rstrip, printed.rstrip().splitlines())) + "\n```")


def rates() -> None:
    """The rates of the first examples, at some of their steps."""
    warm_up = ["linear start_factor=0.1 total_iters=5", "cosine T_max=85"]
    curves = {
        "the cosine": (lrplot.simulate("cosine", T_max=90, lr=0.1, steps=90), (0, 45, 89)),
        "the warm-up": (
            lrplot.simulate("sequential", schedulers=warm_up, milestones=[5], lr=0.1, steps=90),
            (0, 1, 5),
        ),
        "the staircase": (lrplot.simulate("step", step_size=30, gamma=0.5), (29, 30, 90)),
        "the one cycle": (lrplot.simulate("onecycle", max_lr=0.1, total_steps=40000), (0, 12000, 39999)),
        "the plateau": (
            lrplot.simulate("plateau", patience=2, lr=0.1, metrics="max(0.3, 0.9 ** epoch)", steps=20),
            (15, 16, 19),
        ),
    }
    cog.outl("| | the rate that the optimizer uses |\n| --- | --- |")
    for name, (curve, steps) in curves.items():
        cog.outl(f"| {name} | " + ", ".join(f"{float(curve.lr[step])!r} at step {step:,}" for step in steps) + " |")


def sheet(folder: str, names: Sequence[str], across: int, width: int) -> None:
    """Pictures of the gallery, each of which leads to its config."""
    image = '<a href="configs/{0}/{1}.yaml"><img alt="{2}" src="configs/gallery/{0}/{1}.png" width="{3}"></a>'
    cells = [image.format(folder, name, name.replace("_", " "), width) for name in names]
    cog.outl("\n".join("".join(cells[i : i + across]) + "<br>" for i in range(0, len(cells), across)))


def tutorial() -> None:
    """The tutorial's nine curves."""
    sheet("tutorial", sorted(path.stem for path in Path("configs/tutorial").iterdir()), 2, 400)


def examples() -> None:
    """Twelve pictures that show what there is."""
    names = "warmup_cosine decays families staircase_over_batches one_cycle truth_and_reading"
    sheet(
        "examples", f"{names} layerwise plateau trainer timm_cosine deepspeed_warmup_decay megatron_wsd".split(), 2, 400
    )


def notes() -> None:
    """The notes by their kinds, a kind a row."""
    cog.outl("| | |\n| --- | --- |")
    for group in GROUPS:
        kind = (importlib.import_module(f"lrplot.analysis.notes.{group}").__doc__ or "").partition("\n")[0]
        titles = (f"`{code}` {rule.title}" for code, rule in sorted(rules().items()) if rule.group == group)
        cog.outl(f"| {kind} | {', '.join(titles)} |")


def sources() -> None:
    """What is read besides lrplot's own."""
    configs = ", ".join(f"`{name}`" for name in FORMATS)
    cog.outl(f"Known by their content: {configs}; and logs: {', '.join(LOG_FORMATS)}, the folder of a run.")


def families() -> None:
    """The families in a paragraph."""
    told = [f"`{family}.NAME` ({len(members(family))}): {promise(family)}" for family in others()]
    cog.outl(f"{' '.join(told)} `lrplot list FAMILY` lists them.")


def commands() -> None:
    """All commands."""
    names = ", ".join(f"`{name}`" for name in cli.commands)
    cog.outl(f"The schedulers are {', '.join(f'`{name}`' for name in members())}; the other commands {names}.")
