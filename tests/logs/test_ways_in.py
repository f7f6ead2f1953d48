"""The ways by which a log comes: pipes, compressed files, other writers' tables."""

import gzip
import io
import sys
from pathlib import Path

import pytest

from lrplot.configs.sources import load_all
from lrplot.runs.log import Log

HALVED = "step,lr\n0,0.1\n1,0.05\n2,0.025\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def rates_of(source: str) -> tuple[list[int], list[float]]:
    (run,) = load_all([source]).runs
    assert isinstance(run, Log)
    return [*run.rows], [*run.rates[0]]


def test_a_log_comes_by_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"iter: 10  lr: 0.1\niter: 20  lr: 0.05\n")))
    assert rates_of("-") == ([10, 20], [0.1, 0.05])


def test_a_compressed_log_is_read_as_it_was() -> None:
    Path("run.tsv.gz").write_bytes(gzip.compress(HALVED.replace(",", "\t").replace("lr", "train/lr").encode()))
    assert rates_of("run.tsv.gz") == ([0, 1, 2], [0.1, 0.05, 0.025])


def test_a_table_in_utf16_is_read() -> None:
    Path("run.tsv").write_text(HALVED.replace(",", "\t").replace("lr", "train/lr"), encoding="utf-16")
    assert rates_of("run.tsv") == ([0, 1, 2], [0.1, 0.05, 0.025])


def test_commas_are_points_where_semicolons_stand_between_cells() -> None:
    Path("run.csv").write_text("step;train/lr\n0;0,1\n1;0,05\n")
    assert rates_of("run.csv") == ([0, 1], [0.1, 0.05])


def test_mlflow_says_in_a_file_s_name_what_it_holds() -> None:
    Path("learning_rate").write_text("1700000000000 0.1 0\n1700000000001 0.05 1\n1700000000002 0.025 2\n")
    assert rates_of("learning_rate") == ([0, 1, 2], [0.1, 0.05, 0.025])


def test_a_list_of_rates_in_an_object_is_one_a_group() -> None:
    Path("run.jsonl").write_text('{"step": 0, "lr": [0.1, 0.01]}\n{"step": 1, "lr": [0.05, 0.005]}\n')
    (run,) = load_all(["run.jsonl"]).runs
    assert isinstance(run, Log)
    assert [[*column] for column in run.rates] == [[0.1, 0.05], [0.01, 0.005]]
