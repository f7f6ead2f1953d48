"""Logs that frameworks wrote in short runs, beside what was planned for these: lightning 2.6, transformers 5.24,
mmengine 0.10, keras 3.15 (on torch), ultralytics 8.4's save_metrics, torch 2.13's SummaryWriter, tensorboardX 2.6 and
accelerate 1.x.
"""

from pathlib import Path

import pytest

from lrplot.configs.sources import load
from lrplot.runs.log import Log
from tests.command import lrplot, ok

RECORDED = Path(__file__).parent / "recorded"
COSINE = "optimizer: {lr: 0.1}\nscheduler: cosine T_max=40\nsteps: 40\n"
GROUPS = "optimizer: {lr: [0.1, 0.01]}\nscheduler: cosine T_max=40\nsteps: 40\n"
LONG = "optimizer: {lr: 0.001}\nscheduler: cosine T_max=80\nsteps: 80\n"
TRAINER = "optimizer: {lr: 0.001}\nscheduler: transformers.cosine num_warmup_steps=5 num_training_steps=40\nsteps: 40\n"
WARM = """
optimizer: {lr: 0.1}
scheduler: {name: sequential, schedulers: [linear start_factor=0.1 total_iters=9, cosine T_max=30], milestones: [10]}
steps: 40
"""
EPOCHS = """
optimizer: {lr: 0.1}
scheduler: multistep milestones=2,4 gamma=0.1
steps: 40
steps_per_epoch: 8
interval: epoch
"""
HALVES = "optimizer: {lr: 0.1}\nscheduler: step step_size=2 gamma=0.5\nsteps: 5\n"
YOLO = "optimizer: {lr: [0.01, 0.02]}\nscheduler: {name: lambda, lr_lambda: 'max(1 - x / 10, 0) * (1.0 - 0.01) + 0.01'}\nsteps: 10\n"

LOGS = {
    "lightning.csv": (COSINE, "equal at all 40 logged steps (to the last bit)", "Lightning"),
    "lightning.tfevents": (COSINE, "equal at all 40 logged steps (in float32)", "Lightning"),
    "trainer_state.json": (TRAINER, "equal at all 40 logged steps (to the last bit)", "transformers' Trainer"),
    "trainer.tfevents": (TRAINER, "equal at all 40 logged steps (in float32)", "transformers' Trainer"),
    "mmengine.scalars.json": (WARM, "equal at all 40 logged steps (to 12 digits)", "OpenMMLab"),
    "mmengine.log": (WARM, "equal at all 40 logged steps (to 5 digits)", "OpenMMLab"),
    "mmengine_epochs.scalars.json": (EPOCHS, "equal at all 10 logged steps (to 12 digits)", "OpenMMLab"),
    "mmengine_epochs.log": (EPOCHS, "equal at all 10 logged steps (to 5 digits)", "OpenMMLab"),
    "summary_writer.tfevents": (COSINE, "equal at all 40 logged steps (in float32)", "TensorBoard"),
    "summary_writer_new_style.tfevents": (COSINE, "equal at all 40 logged steps (in float32)", "TensorBoard"),
    "tensorboardX.tfevents": (COSINE, "equal at all 40 logged steps (in float32)", "TensorBoard"),
    "tensorboardX_groups.tfevents": (GROUPS, "equal at all 40 logged steps (in float32)", "TensorBoard"),
    "accelerate_1_process.csv": (LONG, "the log stops at step 39, where the plan is at 52 % of its peak", ""),
    "accelerate_2_processes.csv": (
        LONG,
        "the log is the plan stepped 2 times a step, and stops at step 31, where the plan is at 12 % of its peak",
        "",
    ),
    "keras.csv": (HALVES, "equal at all 5 logged steps (in float32)", "CSV"),
    "ultralytics.csv": (YOLO, "equal at all 10 logged steps (to 6 digits)", "ultralytics"),
}


NAMED = {
    "lightning.csv": "{name: CosineAnnealingLR, T_max: 40}",
    "lightning.tfevents": "{name: CosineAnnealingLR, T_max: 40}",
    "trainer_state.json": "{name: transformers.cosine, num_warmup_steps: 5, num_training_steps: 40}",
    "trainer.tfevents": "{name: transformers.cosine, num_warmup_steps: 5, num_training_steps: 40}",
    "mmengine.scalars.json": "{name: LinearLR, start_factor: 0.1, total_iters: 9}",
    "mmengine.log": "{name: LinearLR, start_factor: 0.1, total_iters: 9}",
    "mmengine_epochs.scalars.json": "{name: StepLR, step_size: 16}",
    "mmengine_epochs.log": "{name: StepLR, step_size: 16}",
    "summary_writer.tfevents": "{name: CosineAnnealingLR, T_max: 40}",
    "summary_writer_new_style.tfevents": "{name: CosineAnnealingLR, T_max: 40}",
    "summary_writer_double.tfevents": "{name: timm.cosine, t_initial: 40}",  # a formula's, which torch's loop is not
    "tensorboardX.tfevents": "{name: CosineAnnealingLR, T_max: 40}",
    "tensorboardX_groups.tfevents": "{name: CosineAnnealingLR, T_max: 40}",
    "accelerate_1_process.csv": "{name: CosineAnnealingLR, T_max: 80}",
    "accelerate_2_processes.csv": "{name: CosineAnnealingLR, T_max: 80, repeat: 2}",
    "keras.csv": "{name: StepLR, step_size: 2, gamma: 0.5}",
    "ultralytics.csv": "{name: LinearLR, start_factor: 1.0, end_factor: 0.01, total_iters: 10}",
}


@pytest.mark.parametrize("name", NAMED)
def test_the_schedule_of_what_a_framework_wrote_is_named(name: str) -> None:
    assert NAMED[name] in ok("identify", str(RECORDED / name))


@pytest.mark.parametrize("name", LOGS)
def test_what_a_framework_wrote_is_read_and_compared(name: str, tmp_path: Path) -> None:
    plan, line, format = LOGS[name]
    (tmp_path / "plan.yaml").write_text(plan)
    done = lrplot("compare", str(tmp_path / "plan.yaml"), str(RECORDED / name))
    assert (done.stdout.splitlines()[:1], done.stderr) == ([line], "")
    assert done.returncode == (0 if line.startswith("equal") else 1)
    (log,) = load(str(RECORDED / name)).runs
    assert isinstance(log, Log) and log.format == format


def test_a_float64_keeps_its_bits() -> None:
    (log,) = load(str(RECORDED / "summary_writer_double.tfevents")).runs
    assert isinstance(log, Log) and (str(log.quantum), log.rates[0][1]) == ("to the last bit", 0.0998458666866564)
