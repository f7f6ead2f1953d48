"""A folder of other people's configs: each is taken as what it is; those without a schedule are passed over."""

import json
import shutil
from pathlib import Path

import pytest

from tests.command import lrplot
from tests.foreign.test_cases import CASES


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "configs").mkdir()
    for name in ("detectron2.yaml", "nanogpt_config.py", "fairseq.sh", "ds_none.json"):
        shutil.copy(CASES / name, tmp_path / "configs" / name)
    (tmp_path / "configs" / "ci.yaml").write_text("name: build\non: [push]\n")
    (tmp_path / "configs" / "model.py").write_text("import torch\n")
    (tmp_path / "configs" / "own.yaml").write_text("scheduler: step step_size=30\n")
    monkeypatch.chdir(tmp_path)


def test_batch_takes_them_as_what_they_are() -> None:
    done = lrplot("batch", "configs", "-o", "out", "-f", "csv", "-j", "1", "-q")
    assert (done.returncode, done.stderr) == (0, "")
    names = ["detectron2.csv", "fairseq.csv", "nanogpt_config.csv", "own.csv"]
    assert sorted(path.name for path in Path("out").glob("*.csv")) == names


def test_batch_counts_those_without_a_schedule() -> None:
    done = lrplot("batch", "configs", "--check", "-j", "1")
    assert done.stdout.startswith("4 valid, 2 passed over, without a schedule")


def test_check_counts_them_too() -> None:
    done = lrplot("check", "configs")
    assert done.stderr == "lrplot: configs: 2 files passed over, without a schedule\n"


def test_batch_takes_the_lengths_that_it_asks_for() -> None:
    Path("run").mkdir()
    Path("run/args.yaml").write_text("learning_rate: 1e-4\nlr_scheduler_type: cosine\nwarmup_steps: 20\n")
    asked = lrplot("batch", "run", "-o", "out", "-f", "csv", "-j", "1", "-q")
    assert asked.returncode == 1 and "--data-size 10000" in asked.stderr
    done = lrplot("batch", "run", "-o", "out", "-f", "csv", "-j", "1", "-q", "--data-size", "10000")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(Path("out/args.csv").read_text().splitlines()) == 1 + 3 * 10_000 // 8


def test_flags_of_batch_win_over_each_config() -> None:
    assert lrplot("batch", "configs", "-o", "out", "-f", "csv", "-j", "1", "-q", "-n", "7", "--lr", "2").returncode == 0
    assert Path("out/own.csv").read_text().splitlines()[1:] == [f"{step},2.0" for step in range(7)]


def test_a_flag_that_does_not_fit_is_told_with_its_file_or_once_where_it_fits_none() -> None:
    done = lrplot("batch", "configs", "--check", "-j", "1", "--data-size", "10000")
    (line,) = [line for line in done.stderr.splitlines() if "--batch-size" in line]
    assert done.returncode == 1 and line.startswith("configs/own.yaml: --batch-size is missing")
    wrong = lrplot("batch", "configs", "--check", "-j", "1", "--lr", "fast")
    assert (wrong.returncode, wrong.stderr) == (2, "lrplot: --lr must be a number, got 'fast'\n")


def test_one_that_is_named_is_no_silence() -> None:
    done = lrplot("batch", "configs/ci.yaml", "--check", "-j", "1")
    assert done.returncode == 1 and "configs/ci.yaml: holds no schedule that lrplot knows" in done.stderr


def test_data_beside_configs_is_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "args.yaml").write_text("learning_rate: 1e-4\nlr_scheduler_type: cosine\nmax_steps: 10\n")
    (folder / "vocab.json").write_text(json.dumps({f"word {i}": i for i in range(110_000)}))
    (folder / "tokenizer.json").write_bytes(b'{"vocab": {' + b'"a": 1, ' * 600_000 + b'"a": 1}}')
    (folder / "empty.yaml").write_text("# nothing\n")
    (folder / "seeds.json").write_text('{"id": 1, "text": "a"}\n{"id": 2, "text": "b"}\n')
    (folder / "classes.yaml").write_text("- person\n- car\n")
    (folder / "model.yaml").write_text("DATA:\n  SIZE: 256\nMODEL:\n  TYPE: swin\n")
    (folder / "results.json").write_text('{"metrics": [{"step": 250, "loss": 1.0}], "train_info": {"seconds": 3}}')
    done = lrplot("batch", str(folder), "-o", str(tmp_path / "plots"), "-f", "csv")
    assert (done.returncode, done.stdout, done.stderr) == (0, "1 rendered, 7 passed over, without a schedule\n", "")


def test_what_holds_no_schedule_gets_a_line_with_the_way_out(tmp_path: Path) -> None:
    for text in ("- person\n- car\n", "DATA:\n  SIZE: 256\nMODEL:\n  TYPE: swin\n", "just words\n"):
        (tmp_path / "a.yaml").write_text(text)
        (line,) = lrplot("plot", str(tmp_path / "a.yaml"), "-o", "-").stderr.splitlines()
        assert "holds no schedule that lrplot knows: --from " in line
