"""Configs that are built on others: each is asked for by its name, and merged as its framework merges it."""

from pathlib import Path

import pytest

from tests.command import lrplot
from tests.foreign.test_cases import rates

SCHEDULE = """
optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.1, momentum=0.9))
param_scheduler = dict(type='MultiStepLR', by_epoch=True, milestones=[1, 3], gamma=0.1)
train_cfg = dict(by_epoch=True, max_epochs=4)
"""
OPENMMLAB = "_base_ = ['models/resnet.py', 'schedules/steps.py']\n"
LAZY = """
from mmengine.config import read_base
with read_base():
    from .models.resnet import *
    from .schedules.steps import *
"""
DETECTRON = "_BASE_: base.yaml\nSOLVER:\n  MAX_ITER: 10\n  STEPS: (4,)\n  WARMUP_ITERS: 0\n"
PADDLE = "_BASE_: ['../runtime.yml', 'schedules/optimizer.yml']\nLearningRate: {base_lr: 0.2}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c/schedules").mkdir(parents=True)
    Path("c/models").mkdir()
    Path("c/models/resnet.py").write_text("model = dict(type='ImageClassifier')\n")
    Path("c/schedules/steps.py").write_text(SCHEDULE)
    Path("c/base.yaml").write_text("SOLVER:\n  BASE_LR: 0.02\n  MAX_ITER: 99\n")
    Path("c/schedules/optimizer.yml").write_text(
        "epoch: 4\nLearningRate:\n  base_lr: 0.1\n  schedulers:\n  - !PiecewiseDecay\n    milestones: [2]\n"
    )
    for name, text in (("a.py", OPENMMLAB), ("lazy.py", LAZY), ("d.yaml", DETECTRON), ("p.yml", PADDLE)):
        Path("c", name).write_text(text)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (
            "c/a.py",
            "a config of OpenMMLab without param_scheduler: a file that it is built on may hold one: "
            "add --values c/schedules/steps.py",
        ),
        (
            "c/lazy.py",
            "a config of OpenMMLab without param_scheduler: a file that it is built on may hold one: "
            "add --values c/schedules/steps.py",
        ),
        (
            "c/d.yaml",
            "needs BASE_LR, which a file that it is built on may hold: add --values c/base.yaml, or "
            "--set SOLVER.BASE_LR=0.001",
        ),
        (
            "c/p.yml",
            "needs epoch, which a file that it is built on may hold: add --values c/schedules/optimizer.yml, or "
            "--set epoch=100",
        ),
    ],
)
def test_base_is_asked_for_with_a_line_to_copy(name: str, line: str) -> None:
    done = lrplot("plot", name, "-o", "-")
    assert (done.returncode, done.stderr) == (2, f"lrplot: {name}: {line}\n")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("c/a.py --values c/schedules/steps.py", [0.1, 0.01, 0.01, 0.001]),
        ("c/a.py --values c", [0.1, 0.01, 0.01, 0.001]),
        ("c/lazy.py --values c/schedules/steps.py", [0.1, 0.01, 0.01, 0.001]),
        ("c/d.yaml --values c/base.yaml", [0.02] * 4 + [0.002] * 6),
        ("c/p.yml --values c/schedules/optimizer.yml", [0.2, 0.2, 0.02, 0.02]),
    ],
)
def test_base_after_values_is_merged(words: str, expected: list[float]) -> None:
    assert rates(*words.split()) == pytest.approx(expected, rel=1e-12)


def test_mapping_with_delete_stands_alone() -> None:
    Path("c/b.py").write_text(
        "_base_ = 'a.py'\nlr = _base_.optim_wrapper.optimizer.lr * 2\nparam_scheduler = dict(gamma=0.5)\n"
        "optim_wrapper = dict(optimizer=dict(_delete_=True, type='AdamW', lr=lr))\n"
    )
    assert rates("c/b.py", "--values", "c") == pytest.approx([0.2, 0.1, 0.1, 0.05])


def test_update_of_what_was_imported_goes_mapping_by_mapping() -> None:
    Path("c/lazy.py").write_text(f"{LAZY}\noptim_wrapper.update(optimizer=dict(lr=0.4))\n")
    assert rates("c/lazy.py", "--values", "c")[0] == 0.4


def test_base_of_a_base_is_asked_for_in_turn() -> None:
    Path("c/b.py").write_text("_base_ = './a.py'\n")
    done = lrplot("plot", "c/b.py", "--values", "c/a.py", "-o", "-")
    assert done.returncode == 2 and done.stderr.endswith("add --values c/schedules/steps.py\n")
    assert len(rates("c/b.py", "--values", "c/a.py", "--values", "c/schedules/steps.py")) == 4


def test_circle_of_bases_is_refused() -> None:
    Path("c/b.py").write_text("_base_ = 'e.py'\n")
    Path("c/e.py").write_text("_base_ = 'b.py'\n")
    done = lrplot("plot", "c/b.py", "--values", "c", "-o", "-")
    assert done.returncode == 2 and "which is built on it" in done.stderr


def test_base_outside_of_a_named_folder_stays_closed() -> None:
    Path("secret.yaml").write_text("SOLVER: {BASE_LR: 7}\n")
    Path("c/d.yaml").write_text(DETECTRON.replace("base.yaml", "../secret.yaml"))
    done = lrplot("plot", "c/d.yaml", "--values", "c", "-o", "-")
    assert done.returncode == 2 and "add --values secret.yaml" in done.stderr


def test_name_in_a_base_that_was_not_read_is_asked_for() -> None:
    Path("c/b.py").write_text(f"_base_ = 'a.py'\n{SCHEDULE.replace('0.1, momentum', '_base_.rate, momentum')}")
    done = lrplot("plot", "c/b.py", "-o", "-")
    assert done.returncode == 2 and "add --values c/a.py, or --set _base_.rate=0.001" in done.stderr
    assert rates("c/b.py", "--set", "_base_.rate=0.5")[0] == 0.5
