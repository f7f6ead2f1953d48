"""What public training scripts print, line by line: the steps and the rates that are meant are read."""

import json
from pathlib import Path

import pytest

from lrplot.configs.sources import load
from lrplot.runs.log import Log
from tests.command import lrplot
from tests.logs.writers import events

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
    "icefall.log": "INFO [train.py:901] (0/4) Epoch 1, batch {s}, loss[loss=7.1], lr: {r:.5f}, grad_scale: 1.0",
    "mxnet.log": "INFO:root:Epoch[0] Batch [{s}]\tSpeed: 300.12 samples/sec\tlr={r:.8f}",
    "espnet.log": "(trainer:678) INFO: 1epoch:train:{e}-{e}batch: loss=99.1, optim0_lr0={r:.3e}, train_time=1.4",
    "marian.log": "[10:11:12] Ep. 1 : Up. {s} : Sen. 100,000 : Cost 6.12 * 1,000 : gNorm 1.2 : L.r. {r:.4e}",
    "nnunet.log": "10:11:12.34: Epoch {s} \n10:11:12.34: Current learning rate: {r:.5f} \n10:11:12.34: loss 0.1",
    "sb3.log": "|    total_timesteps      | {s}        |\n|    learning_rate        | {r:.5f}      |",
    "other.log": "Epoka [{s}/30] | Train loss 1.3670 acc 48.51% | LR {r:.5f}",
    "llmc.log": "s:{s} trl:10.9598 lr:{r:.6f} norm:15.24",
    "bar.log": "Global Steps:  15%|##    | {s}/42150 [03:32<19:45, 30.16it/s, lr={r}]",
    "brackets.log": "Progress: 10% ({s}/600) Loss: 2.3 LR: {r}",
    "several.log": "10:11:12 INFO step {s} lrs=[{r!r}, 0.1]",
    "ep.log": "ep {e} loss 2.3 lr {r}",
    "reduced.log": "Epoch {e}/50\n23/23 - 14s - loss: 0.2 - lr: {r:.4e}\n"
    "Epoch 0000{e}: ReduceLROnPlateau reducing learning rate to 0.0012000000569969416.",
    "adjusted.log": "Adjusting learning rate of group 0 to {r:.4e}.\nEpoch {e}\nTrain: 100%|##| 118/118 [00:32<00:00]",
    "commas.log": "Step: {s:,} / 10,000  lr: {r:.2e}",
    "clu.log": "I0512 10:11:12.123456 140234 logging_writer.py:48] [{s}] learning_rate={r}, loss=2.5",
    "words.log": "{e}文 lr={r}",
    "history.txt": "{{'loss': 2.3, 'learning_rate': {r!r}, 'epoch': 0.1, 'step': {e}}}",
}


@pytest.mark.parametrize("name", SHAPES)
def test_what_a_loop_prints_is_read(name: str, tmp_path: Path) -> None:
    text = "".join(SHAPES[name].format(s=k, e=k + 1, r=rate) + "\n" for k, rate in enumerate(RATES))
    (tmp_path / name).write_text(text)
    (log,) = load(str(tmp_path / name)).runs
    assert isinstance(log, Log)
    assert ([*log.rows], [*log.rates[0]]) == ([*range(len(RATES))], RATES)


HEADS = {
    "hydra": "optimizer:\n  lr: 0.001\nscheduler:\n  _target_: torch.optim.lr_scheduler.StepLR\n  step_size: 3\n",
    "config": "[INFO] - config\ndata: cifar\nscheduler: cosine\nlr: 0.1\nepochs: 90\n",
    "optimizer": "SGD (\nParameter Group 0\n    lr: 0.1\n    momentum: 0\n)\n",
    "namespace": "Namespace(batch_size=10, epochs=30, lr=0.0005)\n",
}


@pytest.mark.parametrize("name", HEADS)
def test_what_is_printed_of_a_config_is_no_rate_of_the_run(name: str, tmp_path: Path) -> None:
    lines = "".join(f"[10:11:12][train] - step {k} loss 2.3 lr {rate}\n" for k, rate in enumerate(RATES))
    (tmp_path / "train.log").write_text(HEADS[name] + lines)
    assert rows_of(tmp_path / "train.log") == [*enumerate(RATES)]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("train.log", "epoch 1 loss 2.3\nepoch 2 loss 2.2\n", "has no line with a learning rate"),
        ("results.txt", " 0/299  2.8G  0.05 0.02 0.01 0.08 26 640 0.4 0.3 0.2 0.1\n", "list of epochs, which has no"),
        ("train.log", "Namespace(lr=0.0005)\nBatch=16 | LR=5e-05\n", "tells rates here and there, and no step of any"),
        (
            "code.log",
            "def f(lr=0.1):\n    g(lr=0.2)\n  h(1, lr=0.3)\n",
            "tells rates here and there, and no step of any",
        ),
    ],
)
def test_what_is_no_log_is_said_to_be_none(name: str, text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    done = lrplot("plot", str(tmp_path / name), "-o", "-")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1) and message in done.stderr


def test_a_plan_that_is_called_a_text_is_a_plan(tmp_path: Path) -> None:
    plan = "scheduler: cosine T_max=3\noptimizer: {lr: 0.1}\nsteps: 3\n"
    for name in ("plan.txt", "plan"):
        (tmp_path / name).write_text(plan)
        assert not isinstance(load(str(tmp_path / name)).runs[0], Log)


RULED = {
    "run.md": "# Run\n\n| step | loss | lr |\n|-----:|:-----|----|\n{rows}\nThat was **all**.\n",
    "run.txt": "step | loss | lr\n---|---|---\n{rows}",
    "run.log": "┏━━━━┳━━━━┳━━━━┓\n┃ step ┃ loss ┃ lr ┃\n┡━━━━╇━━━━╇━━━━┩\n{rows}└────┴────┴────┘\n",
}


@pytest.mark.parametrize("name", RULED)
def test_a_table_that_is_drawn_is_read(name: str, tmp_path: Path) -> None:
    mark = "│" if name == "run.log" else "|"
    rows = "".join(f"{mark} {step:,} {mark} 2.5 {mark} {rate!r} {mark}\n" for step, rate in enumerate(RATES, 998))
    (tmp_path / name).write_text(RULED[name].format(rows=rows))
    assert rows_of(tmp_path / name) == [*enumerate(RATES, 998)]


def test_a_cell_of_such_a_table_that_is_no_number_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "run.md").write_text("| step | lr |\n|---|---|\n| 0 | 0.1 |\n| 1 | - |\n")
    done = lrplot("plot", str(tmp_path / "run.md"), "-o", "-")
    assert done.returncode == 2 and "run.md:4: lr must be a number, got '-'" in done.stderr


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


LONG = {
    "tb.csv": (",step,tag,value", ["{k},{s},loss,2.5\n{k},{s},train/lr,{r!r}"]),
    "mlflow.csv": ("run_id,key,value,step,timestamp", ["abc,lr,{r!r},{s},1700"]),
    "aim.csv": ("run.hash,metric.name,metric.context,step,value", ['a,lr,"{{""subset"": ""train""}}",{s},{r!r}']),
}
ENTRIES = {
    "comet": lambda rows: [{"metricName": "lr", "metricValue": repr(r), "step": s, "timestamp": 1} for s, r in rows],
    "mlflow": lambda rows: {"metrics": [{"key": "lr", "value": r, "step": s, "timestamp": 1} for s, r in rows]},
    "clearml": lambda rows: [{"name": "lr", "x": [s for s, _ in rows], "y": [r for _, r in rows]}],
}
ROWS = [(10 * k, rate) for k, rate in enumerate(RATES)]


@pytest.mark.parametrize("name", LONG)
def test_a_table_may_have_a_value_a_row_beside_its_name(name: str, tmp_path: Path) -> None:
    header, (row,) = LONG[name]
    made = (row.format(k=k, s=step, r=rate) for k, (step, rate) in enumerate(ROWS))
    (tmp_path / name).write_text("\n".join([header, *made, ""]))
    assert rows_of(tmp_path / name) == ROWS


@pytest.mark.parametrize("name", ENTRIES)
def test_json_may_have_a_value_an_object_beside_its_name(name: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps(ENTRIES[name](ROWS)))
    assert rows_of(tmp_path / "x.json") == ROWS


def test_of_several_names_beside_values_one_is_to_be_named(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("step,tag,value\n0,lr-Adam,0.1\n0,lr-SGD,0.2\n1,lr-Adam,0.3\n1,lr-SGD,nan\n")
    assert rows_of(f"{tmp_path}/x.csv:lr-Adam") == [(0, 0.1), (1, 0.3)]
    done = lrplot("plot", f"{tmp_path}/x.csv", "-o", "-")
    assert done.returncode == 2 and "has 2 learning rates: name one, as in" in done.stderr
    (tmp_path / "x.csv").write_text("step,tag,value\n0.5,lr,0.1\n")
    assert "step must be a whole number from 0 to" in lrplot("plot", f"{tmp_path}/x.csv", "-o", "-").stderr


def test_batches_count_from_epoch_to_epoch_where_they_go_on(tmp_path: Path) -> None:
    line = "[TRAIN] epoch: {}, iter: {}/1000, loss: 0.9, lr: 0.001, ips: 10.1"
    (tmp_path / "x.log").write_text("\n".join(line.format(1 + k // 3, 10 * k + 10) for k in range(6)))
    assert [step for step, _ in rows_of(tmp_path / "x.log")] == [9, 19, 29, 39, 49, 59]


def test_what_a_log_does_not_tell_of_its_steps_is_said(tmp_path: Path) -> None:
    line = "TRAIN Batch {}/{} loss 100.1 lr 0.001 rank 0\n"
    (tmp_path / "x.log").write_text("".join(line.format(k // 3, 10 * (k % 3)) for k in range(6)))
    done = lrplot("plot", f"{tmp_path}/x.log", "-o", "-")
    assert "says nowhere how many batches an epoch has" in done.stderr
    assert [step for step, _ in rows_of(tmp_path / "x.log")] == [0, 10, 20, 21, 31, 41]
    first = "{'loss': 2.5, 'learning_rate': 0.1, 'epoch': 0.1}\n"
    bars = "".join(f" {k}%|x | {10 * k}/90 [00:10<10:00, 2.5it/s]{first}" for k in range(2, 5))
    (tmp_path / "x.log").write_text(first + bars)
    assert "its first rate stands before any step" in lrplot("plot", f"{tmp_path}/x.log", "-o", "-").stderr


def test_the_runs_of_keras_callback_are_one_with_rates(tmp_path: Path) -> None:
    for part, tag in (("train", "epoch_learning_rate"), ("validation", "epoch_loss")):
        (tmp_path / "logs" / part).mkdir(parents=True)
        content = events([*enumerate(RATES)], tag, "content")
        (tmp_path / "logs" / part / "events.out.tfevents.1700000000.host.1.0.v2").write_bytes(content)
    (log,) = load(str(tmp_path / "logs")).runs
    assert isinstance(log, Log)
    assert (log.format, log.unit, [*log.rows]) == ("Keras", "epoch", [*range(len(RATES))])


def rows_of(source: object) -> list[tuple[int, float]]:
    (log,) = load(str(source)).runs
    assert isinstance(log, Log)
    return [*zip(log.rows, log.rates[0])]
