"""Schedules as code: what is written, and that lrplot knows it for its own. That it runs is for the oracle."""

import ast
from pathlib import Path

import pytest

from tests.command import lrplot, ok

SEQUENTIAL = '''"""SequentialLR: written by lrplot {version}."""

import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR

model = torch.nn.Linear(1, 1)  # yours
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scheduler = SequentialLR(
    optimizer,
    schedulers=[LinearLR(optimizer, start_factor=0.1), CosineAnnealingLR(optimizer, T_max=95)],
    milestones=[5],
)

for step in range(100):
    optimizer.step()
    scheduler.step()
'''


def test_a_sequence_stands_as_one_would_write_it() -> None:
    from lrplot.version import __version__

    inner = ["linear start_factor=0.1 total_iters=5", "cosine T_max=95"]
    done = lrplot("sequential", *inner, "--milestones", "5", "--lr", "0.1", "--as", "code")
    assert done.stdout == SEQUENTIAL.replace("{version}", __version__)


def test_a_scheduler_by_the_epoch_is_stepped_outside_of_the_batches(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    ok("step", "--step-size", "2", "--interval", "epoch", "--steps-per-epoch", "5", "-n", "20", "-o", str(file), "-q")
    assert file.read_text().endswith(
        "for epoch in range(4):\n    for step in range(5):\n        optimizer.step()\n    scheduler.step()\n"
    )
    ok("step", "--step-size", "2", "--interval", "epoch", "--steps-per-epoch", "5", "-n", "18", "-o", str(file), "-q")
    assert "for step in range(18):\n    optimizer.step()\n    if (step + 1) % 5 == 0:" in file.read_text()


def test_expressions_become_lambdas_with_their_imports() -> None:
    code = ok("lambda", "--lr-lambda", "0.5 * (1 + cos(pi * epoch / 100))", "--as", "code", "-q")
    assert "import math\n" in code
    assert "lr_lambda=lambda epoch: 0.5 * (1 + math.cos(math.pi * epoch / 100))" in code
    assert "lr_lambda=lambda x: min(1, x / 9)" in ok(
        "lambda", "--lr-lambda", "lambda x: min(1, x/9)", "--as", "code", "-q"
    )


def test_groups_momentum_and_betas_are_the_optimizers() -> None:
    code = ok("cosine", "--T-max", "9", "--lr", "0.1", "--lr", "0.01", "--betas", "0.9,0.98", "--as", "code", "-q")
    assert "optimizer = torch.optim.Adam(" in code and '"params": groups[1], "lr": 0.01}' in code
    assert "betas=(0.9, 0.98)" in code
    resumed = ok(
        "cosine", "--T-max", "9", "--lr", "0.1", "--initial-lr", "0.2", "--last-epoch", "3", "--as", "code", "-q"
    )
    assert '"lr": 0.1, "initial_lr": 0.2}' in resumed and "last_epoch=3" in resumed


def test_a_plateau_is_given_its_metrics() -> None:
    assert "scheduler.step(1 / (step + 1))" in ok(
        "plateau", "--metrics", "1/(epoch+1)", "-n", "9", "--as", "code", "-q"
    )
    code = ok("plateau", "--metrics", "3,2,2", "--as", "code", "-q")
    assert "metrics = [3.0, 2.0, 2.0]\n" in code and "scheduler.step(metrics[step])" in code


def test_lightning_and_yaml_go_to_standard_output_and_lightning_into_a_file(tmp_path: Path) -> None:
    words = ["cosine", "--T-max", "9", "--interval", "epoch", "--steps-per-epoch", "5", "-n", "45", "-q"]
    told = ok(*words, "--as", "lightning")
    assert "def configure_optimizers(self):\n    optimizer = torch.optim.SGD(self.parameters(), lr=0.001)" in told
    assert '"lr_scheduler": {"scheduler": scheduler, "interval": "epoch", "frequency": 1}' in told
    assert '"monitor": "val_loss"' in ok("plateau", "--metrics", "1", "-n", "9", "--as", "lightning", "-q")
    file = tmp_path / "x.py"
    assert ok(*words, "--as", "lightning", "-o", str(file)) == ""
    assert file.read_text() == told
    again = tmp_path / "x.yaml"
    again.write_text(ok(*words, "--as", "yaml"))
    assert ok("plot", str(again), "-o", "-", "-q") == ok(*words, "-o", "-")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["plot", "cosine T_max=9", "step step_size=3", "--as", "lightning"],
            "--as lightning writes one schedule, this has 2",
        ),
        (
            ["cosine", "--T-max", "9", "--as", "c"],
            "Invalid value for '--as': 'c' is not one of 'code', 'lightning', 'yaml'",
        ),
    ],
)
def test_what_cannot_be_written_is_told(words: list[str], message: str) -> None:
    done = lrplot(*words)
    assert (done.returncode, done.out) == (2, b"")
    assert message in done.stderr.replace("\n", " ")


def test_a_table_has_no_code(tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    table.write_text(ok("cosine", "--T-max", "9", "-o", "-"))
    done = lrplot("plot", str(table), "-o", str(tmp_path / "x.py"))
    assert done.returncode == 2 and "has no scheduler to write as code" in done.stderr
    assert not (tmp_path / "x.py").exists()


def test_several_schedules_follow_one_another_and_batch_knows_its_own(tmp_path: Path) -> None:
    code = ok("plot", "cosine T_max=9", "step step_size=3", "--as", "code", "-q")
    assert [type(part).__name__ for part in ast.parse(code).body].count("For") == 2
    (tmp_path / "a.yaml").write_text("scheduler: cosine T_max=9\n")
    for _ in range(2):  # a file of its own is written again
        assert lrplot("batch", str(tmp_path), "-o", str(tmp_path / "out"), "-f", "py", "--force").returncode == 0
    assert (tmp_path / "out" / "a.py").read_text().startswith('"""CosineAnnealingLR: written by lrplot')


def test_clocks_stand_in_the_loop(tmp_path: Path) -> None:
    config = tmp_path / "a.yaml"
    config.write_text(
        "optimizer: {groups: [{lr: 0.1}, {lr: 0.01, from: 10}]}\n"
        "scheduler:\n"
        "  - {name: linear, end: 5}\n"
        "  - {name: multistep, milestones: [3, 5], interval: epoch, frequency: 2}\n"
        "  - {name: step, step_size: 3, begin: 2, repeat: 2}\n"
        "steps_per_epoch: 5\nsteps: 43\n"
    )
    code = ok("plot", str(config), "--as", "code", "-q")
    assert code.endswith(
        "for step in range(43):\n"
        "    if step == 10:\n"
        '        optimizer.add_param_group({"params": groups[1], "lr": 0.01})\n'
        "    optimizer.step()\n"
        "    if step < 5:\n"
        "        scheduler_1.step()\n"
        "    if (step + 1) % 10 == 0:\n"
        "        scheduler_2.step()\n"
        "    if 2 <= step:\n"
        "        for _ in range(2):\n"
        "            scheduler_3.step()\n"
    )
    done = lrplot("plot", str(config), "--as", "lightning", "-q")
    assert done.returncode == 2 and "Lightning knows interval and frequency" in done.stderr
    config.write_text("scheduler: {name: step, step_size: 3, frequency: 10}\n")
    assert '"interval": "step", "frequency": 10}' in ok("plot", str(config), "--as", "lightning", "-q")


def test_timms_schedulers_are_told_the_next_epoch_and_megatrons_what_a_step_adds() -> None:
    code = ok("timm.cosine", "--t-initial", "9", "-n", "9", "--as", "code", "-q")
    assert "from timm.scheduler import CosineLRScheduler\n" in code and "scheduler.step(step + 1)" in code
    code = ok("timm.cosine", "--t-initial", "9", "-n", "9", "--begin", "3", "--as", "code", "-q")
    assert "if 3 <= step:\n        scheduler_steps += 1\n        scheduler.step(scheduler_steps)" in code
    code = ok("megatron.linear", "--max-lr", "0.1", "--lr-decay-steps", "9", "--as", "code", "-q")
    assert "lr_decay_style='linear'" in code and "scheduler.step(increment=1)" in code


def test_a_config_of_a_script_says_in_which_line_each_value_stands(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(
        "import torch\nopt = torch.optim.SGD(p, lr=0.3)\nT = 20\ns = torch.optim.lr_scheduler.StepLR(opt, T)\n"
    )
    lines = lrplot("plot", "train.py", "--as", "yaml", cwd=tmp_path).stdout.splitlines()
    assert "  lr: 0.3  # train.py:2" in lines and "  step_size: 20  # train.py:4" in lines


def test_lightning_counts_steps_from_each_epoch_and_tells_timm_how_often_it_was_stepped(tmp_path: Path) -> None:
    config = tmp_path / "a.yaml"
    config.write_text("scheduler: {name: step, step_size: 3, frequency: 3}\nsteps_per_epoch: 5\nsteps: 15\n")
    done = lrplot("plot", str(config), "--as", "lightning", "-q")
    assert (done.returncode, "no multiple of 3" in done.stderr) == (2, True)
    code = ok("timm.cosine", "--t-initial", "9", "-n", "9", "--frequency", "2", "--as", "lightning", "-q")
    assert code.endswith("scheduler.step(self.global_step // 2)\n")


def test_a_step_that_uses_what_stands_after_the_schedulers_comes_after_it(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(
        "import torch\nopt = torch.optim.SGD(p, lr=0.1)\ns = torch.optim.lr_scheduler.StepLR(opt, 2)\n"
        "for epoch in range(6):\n    s.step()\n    for x in train_loader:\n        opt.step()\n"
    )
    code = lrplot("plot", "train.py", "--as", "code", "-q", cwd=tmp_path).stdout
    assert code.endswith("    scheduler.step()\n    optimizer.step()  # for each batch\n")
    (tmp_path / "again.py").write_text(code)
    rows = [lrplot("plot", name, "-o", "-", cwd=tmp_path).stdout for name in ("train.py", "again.py")]
    assert rows[0] == rows[1] and rows[0].splitlines()[2] == "1,1.0,0.010000000000000002"


def test_schedulers_that_would_take_anothers_values_are_refused_together(tmp_path: Path) -> None:
    config = tmp_path / "a.yaml"
    config.write_text(
        "scheduler:\n  - {name: onecycle, max_lr: 0.5, total_steps: 9}\n"
        "  - {name: megatron.linear, max_lr: 0.3, lr_decay_steps: 9}\n"
    )
    done = lrplot("plot", str(config), "-o", "-")
    what = "megatron.linear takes max_lr and min_lr from the optimizer's groups, where OneCycleLR leaves its own"
    assert done.returncode == 2 and f"scheduler[1]: {what}: they cannot act on one optimizer" in done.stderr


def test_megatrons_groups_are_its_own_beside_a_onecycle_that_another_holds(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(
        "scheduler:\n- {name: megatron.linear, max_lr: 2.2, lr_decay_steps: 25}\n- name: SequentialLR\n  milestones: [5]\n"
        "  schedulers: [{name: StepLR, step_size: 3}, {name: OneCycleLR, max_lr: 0.5, total_steps: 20}]\n"
    )
    told = lrplot("plot", str(file), "-o", "-").stderr
    assert "where OneCycleLR leaves its own: they cannot act on one optimizer" in told
