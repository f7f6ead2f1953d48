"""What the README says to developers: each thing that may be added is added here, in one place, and found everywhere."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

import pytest

import lrplot
from lrplot.configs.schema import schema
from lrplot.formats import FORMATS, Format
from lrplot.outputs.rendering import Rendering
from tests.command import ok


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


# An output format


def write_tabs(rendering: Rendering, stream: BinaryIO) -> None:
    for curve in rendering.curves:
        stream.write("".join(f"{step}\t{rate}\n" for step, rate in zip(curve.steps, curve.rates[0])).encode())


def read_tabs(path: str) -> str:
    return f"scheduler: exponential gamma=0.5\nsteps: {len(Path(path).read_text().splitlines())}\n"


def test_a_format_is_an_entry_in_the_table_of_formats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        FORMATS, "tabs", Format("table", (".tsv", ".tab"), f"{__name__}:read_tabs", f"{__name__}:write_tabs")
    )
    ok("exponential", "--gamma", "0.5", "-n", "2", "-o", "x.tsv")
    assert Path("x.tsv").read_text() == "0\t0.001\n1\t0.0005\n"
    ok("plot", "x.tsv", "-o", "again.TAB")
    assert Path("again.TAB").read_text() == Path("x.tsv").read_text()
    Path("c.yaml").write_text("scheduler: exponential gamma=0.5\nsteps: 2\noutput: own.tab\n")
    ok("batch", "c.yaml", "-o", "out", "-f", "tabs")
    assert sorted(path.name for path in Path("out").glob("*.t*")) == ["c.tsv", "own.tab"]
    assert "(png, svg, pdf, csv, json, py, yaml, tabs)" in " ".join(ok("plot", "--help").split())
    assert "[tT][sS][vV]|[tT][aA][bB]" in json.dumps(schema()["properties"]["output"])


# What is written into lrplot's own files, here those of a copy

WAVE = r'''"""A wave."""

from __future__ import annotations

from typing import Annotated, Any

from lrplot.parameters import Range
from lrplot.schedulers.base import Rule, Scheduler


class WaveLR(Scheduler, name="wave"):
    r"""Adds depth to the rate at every other epoch, and takes it off again.

    .. math:: \eta_t = \eta_{base} + (t \bmod 2) \cdot depth

    Args:
        depth: What is added.

    Example:
        lrplot wave --depth 0.5 --lr 1 -o wave.png
    """

    def __init__(self, optimizer: Any, depth: Annotated[float, Range(low=0.0)], last_epoch: int = -1) -> None:
        self.depth = depth
        super().__init__(optimizer, last_epoch)

    def rule(self, i: int) -> Rule:
        base, depth = self.base_lrs[i], self.depth
        return lambda lr, epoch: base + epoch % 2 * depth
'''
PARAMETERS = [
    ("pictures/look.py", "    facet: bool = False\n", "    frame: bool = False\n", "frame: Whether there is a frame."),
    ("runs/run.py", "        label: str | None = None,\n", "        seed: int = 7,\n", "seed: Where chance begins."),
    ("runs/run.py", "        self.label = label\n", "        self.seed = seed\n", ""),
    (
        "schedulers/optimizer.py",
        "        lr: PerGroup[Rate] = 0.001,\n",
        "        decay: Annotated[float, Range(low=0.0)] = 0.0,\n",
        "decay: The weights' decay.",
    ),
]


COMMANDS = {
    "table": "wave --depth 0.5 --lr 1 -n 3 -o -",
    "spec": "plot 'wave depth=0.5' --lr 1 -n 3 -o -",
    "refused": "wave --depth -1 -o -",
    "list": "list",
    "explain": "explain WaveLR",
    "schema": "schema",
    "help": "plot --help",
    "errors": "plot wrong.yaml -o -",
}
WRONG = "scheduler: cosine T_max=3\nplot: {frame: x}\nseed: x\noptimizer: {decay: x}\n"
PROGRAM = """
import io, json, sys
from lrplot.cli.main import main

said = {}
for name, words in json.load(sys.stdin).items():
    sys.argv[1:] = words
    sys.stdout = sys.stderr = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    try:
        main()
    except SystemExit:
        sys.stdout.seek(0)
        said[name] = sys.stdout.read()
json.dump(said, sys.__stdout__)
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a copy of lrplot says that has one scheduler more, and a parameter more of the plot, the run, the optimizer."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(Path(lrplot.__file__).parent, folder / "lrplot", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "lrplot/schedulers/torch/wave.py").write_text(WAVE)
    for name, after, line, meaning in PARAMETERS:
        path = folder / "lrplot" / name
        text = path.read_text()
        assert text.count(after) == 1 and text.count("\n    Args:\n") == 1
        text = text.replace(after, after + line)
        if meaning:
            text = text.replace("\n    Args:\n", f"\n    Args:\n        {meaning}\n")
        path.write_text(text)
    (folder / "wrong.yaml").write_text(WRONG)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps({name: shlex.split(line) for name, line in COMMANDS.items()}),
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "COLUMNS": "100", "PYTHONPATH": str(folder), "PYTHONUTF8": "1"},
        check=True,
    )
    texts: dict[str, str] = json.loads(done.stdout)
    return texts


@pytest.mark.process
def test_a_scheduler_is_a_class_in_a_file(said: dict[str, str]) -> None:
    assert said["table"] == said["spec"] == "step,lr\n0,1.0\n1,1.5\n2,1.0\n"
    assert said["refused"] == "lrplot: --depth must be at least 0, got -1.0\n"
    line = "wave WaveLR Adds depth to the rate at every other epoch, and takes it off again."
    assert line in " ".join(said["list"].split())
    assert "ηₜ = η_base + (t mod 2) · depth" in said["explain"]
    assert "WaveLR" in json.loads(said["schema"])["$defs"]


@pytest.mark.process
def test_an_option_of_the_plot_of_the_run_or_of_the_optimizer_is_a_parameter(said: dict[str, str]) -> None:
    assert "--frame / --no-frame            Whether there is a frame.  [default: false]" in said["help"]
    assert "--seed INT                      Where chance begins.  [default: 7]" in said["help"]
    assert "--decay FLOAT       The weights' decay.  [at least 0; default: 0.0]" in said["help"]
    assert said["errors"].splitlines() == [
        "lrplot: wrong.yaml:2:15: plot.frame must be true or false, got 'x'",
        "lrplot: wrong.yaml:3:7: seed must be a whole number, got 'x'",
        "lrplot: wrong.yaml:4:20: optimizer.decay must be a number, got 'x'",
    ]
    properties = json.loads(said["schema"])["properties"]
    assert "frame" in properties["plot"]["properties"]
    assert "decay" in properties["optimizer"]["properties"]
    assert properties["seed"]["default"] == 7
