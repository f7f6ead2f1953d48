"""What the README says to developers: each thing that may be added is added here, in one place, and found everywhere."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import pytest

from lrplot.configs.config import Config
from lrplot.configs.schema import schema
from lrplot.formats import FORMATS, Format
from lrplot.runs.curve import Curve
from tests.command import ok


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


# An output format


def write_tabs(config: Config, curves: Sequence[Curve], stream: BinaryIO) -> None:
    for curve in curves:
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
    assert "(png, svg, pdf, csv, json, tabs)" in " ".join(ok("plot", "--help").split())
    assert "[tT][sS][vV]|[tT][aA][bB]" in json.dumps(schema()["properties"]["output"])
