"""What public training scripts print, line by line: the steps and the rates that are meant are read."""

from pathlib import Path

import pytest

from lrplot.configs.sources import load
from lrplot.runs.log import Log
from tests.command import lrplot

RATES = [0.0001, 0.0002, 0.0004, 0.0003, 0.00015, 0.00005]

# a line of each, of step s (e where it is counted from 1) and rate r
SHAPES = {
    "gpt.log": "iter {s}: loss 3.1234, time 150.20ms, lr {r:.6e}",
    "vit.log": "Epoch: [0/100]  [  {s}/1251]  eta: 0:20:11  lr: {r:.6f} (0.0001)  wd: 0.04  time: 1.2",
    "fairseq.log": "| INFO | train_inner | epoch 001:  1 / 50 loss=9.1, num_updates={s}, lr={r:.5g}",
    "ds.log": "[INFO] [logging.py:96:log_dist] step={s}, skipped=0, lr=[{r!r}], mom=[(0.9, 0.95)]",
    "keras.log": "Epoch {e}/6\n391/391 - 5s - loss: 1.2 - learning_rate: {r:.4e}",
    "paddle.log": "[Train][Epoch 1/2][Iter: {s}/80]lr(PiecewiseDecay): {r:.8f}, top1: 0.1, ips: 200",
    "yolox.log": "| INFO | yolox.core.trainer:255 - epoch: 1/3, iter: {e}/80, lr: {r:.3e}, ETA: 1 day, 2:03:04",
    "mm.log": "2022-01-05 - mmdet - INFO - Epoch [1][{e}/400]\tlr: {r:.3e}, eta: 1:02:03, time: 0.5",
    "olmo.log": "INFO [rank=0] [step={s}/739328]\n    optim/learning_rate_group0={r!r}",
    "loguru.log": "10:11:12.345 | INFO | __main__:train:101 - step {s} loss=2.31 lr={r:.2e}",
    "numbers.csv": "{s},{r!r}",
    "numbers.txt": "{r:.8f}",
    "batches.log": "TRAIN Batch 0/{s} loss 100.1 lr {r:.8f} rank 0",
    "history.txt": "{{'loss': 2.3, 'learning_rate': {r!r}, 'epoch': 0.1, 'step': {e}}}",
}


@pytest.mark.parametrize("name", SHAPES)
def test_what_a_loop_prints_is_read(name: str, tmp_path: Path) -> None:
    text = "".join(SHAPES[name].format(s=k, e=k + 1, r=rate) + "\n" for k, rate in enumerate(RATES))
    (tmp_path / name).write_text(text)
    (log,) = load(str(tmp_path / name)).runs
    assert isinstance(log, Log)
    assert ([*log.rows], [*log.rates[0]]) == ([*range(len(RATES))], RATES)


def test_a_history_in_one_line_is_read(tmp_path: Path) -> None:
    history = [{"loss": 2.3, "learning_rate": rate, "step": 10 * (k + 1)} for k, rate in enumerate(RATES)]
    (tmp_path / "history.txt").write_text(str(history))
    (log,) = load(str(tmp_path / "history.txt")).runs
    assert isinstance(log, Log) and ([*log.rows], [*log.rates[0]]) == ([9, 19, 29, 39, 49, 59], RATES)


def test_what_is_printed_before_the_first_bar_counts_as_that_does(tmp_path: Path) -> None:
    lines = [
        f"{{'loss': 2.3, 'learning_rate': {r!r}}}\n {k}0%|▏ | {k}0/60 [00:10<10:00]" for k, r in enumerate(RATES, 1)
    ]
    (tmp_path / "run.log").write_text("\n".join(lines))
    (log,) = load(str(tmp_path / "run.log")).runs
    assert isinstance(log, Log) and ([*log.rows], [*log.rates[0]]) == ([9, 19, 29, 39, 49, 59], RATES)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0,0.1\n1,0.2\n2,0.3\n3,x\n", "n.csv:4: has no number alone, nor a step and a rate, as the lines before it"),
        ("0,0.1\n1,0.2\n2,0.3\n3\n", "n.csv:4: has not as many numbers as the lines before it"),
    ],
)
def test_numbers_alone_must_be_so_to_the_end(text: str, message: str, tmp_path: Path) -> None:
    head = "".join(f"{step},0.5\n" for step in range(100))
    text = head + "".join(f"{100 + k}{line[1:]}\n" for k, line in enumerate(text.split()))
    (tmp_path / "n.csv").write_text(text)
    done = lrplot("plot", str(tmp_path / "n.csv"), "-o", str(tmp_path / "x.csv"))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert message.partition(": ")[2] in done.stderr
