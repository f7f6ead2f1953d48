"""Formats whose frameworks are no test's to run: rates by hand, from the formulas of their own code."""

from math import cos, pi
from pathlib import Path

import pytest

from tests.command import lrplot
from tests.foreign.test_cases import rates

YOLOV5 = "lr0: 0.01\nlrf: 0.1\nmomentum: 0.937\nwarmup_epochs: 3.0\nwarmup_momentum: 0.8\nwarmup_bias_lr: 0.1\n"
MMCV = """
optimizer = dict(type='SGD', lr=0.02, momentum=0.9)
lr_config = dict(policy='step', warmup='linear', warmup_iters=500, warmup_ratio=0.001, step=[8, 11])
runner = dict(type='EpochBasedRunner', max_epochs=12)
"""
TORCHTUNE = """
model: {_component_: torchtune.models.llama3.lora_llama3_8b}
optimizer: {_component_: torch.optim.AdamW, lr: 3e-4}
lr_scheduler: {_component_: torchtune.training.lr_schedulers.get_cosine_schedule_with_warmup, num_warmup_steps: 100}
epochs: 2
batch_size: 2
gradient_accumulation_steps: 4
max_steps_per_epoch: null
"""
FOUNDRY = """
max_duration: 1000ba
optimizer: {name: decoupled_adamw, lr: 6.0e-4}
scheduler: {name: cosine_with_warmup, t_warmup: 100ba, alpha_f: 0.1}
"""
COMPOSER = """
max_duration: 1000ba
optimizer: {lr: 6.0e-4}
schedulers: {linear_decay_with_warmup: {t_warmup: 0.1dur, alpha_f: 0.5}}
"""
TORCHTITAN = """
[optimizer]
name = "AdamW"
lr = 8e-4
[lr_scheduler]
warmup_steps = 100
decay_ratio = 0.5
decay_type = "linear"
min_lr_factor = 0.1
[training]
steps = 1000
"""
KOHYA = """
network_module = "networks.lora"
learning_rate = 1e-4
max_train_steps = 1000
lr_scheduler = "{}"
"""
PADDLE = """
epoch: 10
LearningRate:
  base_lr: 0.01
  schedulers:
  - !CosineDecay
    max_epochs: 10
  - !LinearWarmup
    start_factor: 0.
    steps: 100
"""
LAST = (1 + cos(pi * 899 / 900)) / 2
"""The part of a cosine of 900 steps that is left at its last."""

BY_HAND = [
    # lf = (1 - e / 10) 0.9 + 0.1, and max(round(3 * 20), 100) batches of warm-up
    (
        "hyp.yaml",
        YOLOV5,
        "--set epochs=10 --steps-per-epoch 20",
        {0: 0.1, 50: 0.0541, 100: 0.0055, 101: 0.0055, -1: 0.0019},  # the biases, which its optimizer has first
    ),
    ("mmcv.py", MMCV, "--steps-per-epoch 100", {0: 2e-5, 499: 0.01996004, 500: 0.02, 800: 0.002, -1: 0.0002}),
    # 4,007 // 2 batches, // 4: 500 steps an epoch
    ("tune.yaml", TORCHTUNE, "--data-size 4007", {0: 0, 50: 1.5e-4, 100: 3e-4, 550: 1.5e-4, -1: 3e-4 * LAST}),
    ("mpt.yaml", FOUNDRY, "", {0: 0, 50: 3e-4, 100: 6e-4, 550: 3.3e-4, -1: 6e-4 * (0.1 + 0.9 * LAST)}),
    ("composer.yaml", COMPOSER, "", {0: 0, 50: 3e-4, 100: 6e-4, 550: 4.5e-4, -1: 6e-4 * (1 - 0.5 * 899 / 900)}),
    # the decay's last step is one past the run
    ("titan.toml", TORCHTITAN, "", {0: 8e-6, 99: 8e-4, 500: 8e-4, 750: 4.4e-4, -1: 8e-4 * (0.1 + 0.9 * 0.002)}),
    (
        "lora.toml",
        KOHYA.format("cosine") + "lr_warmup_steps = 100\n",
        "",
        {0: 0, 50: 5e-5, 100: 1e-4, 550: 5e-5, -1: 1e-4 * LAST},
    ),
    (
        "rules.toml",
        KOHYA.format("piecewise_constant") + """lr_scheduler_args = ["step_rules='1:10,0.1:20,0.01'"]\n""",
        "",
        {0: 1e-4, 9: 1e-4, 10: 1e-5, 19: 1e-5, 20: 1e-6, -1: 1e-6},
    ),
    ("det.yml", PADDLE, "--steps-per-epoch 100", {0: 0, 50: 0.005, 100: 0.01, 550: 0.005, -1: 0.01 * LAST}),
]


@pytest.mark.parametrize(("name", "text", "words", "expected"), BY_HAND, ids=[name for name, *_ in BY_HAND])
def test_rates_by_hand(name: str, text: str, words: str, expected: dict[int, float], tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    found = rates(str(tmp_path / name), *words.split())
    assert {step: found[step] for step in expected} == pytest.approx(expected, rel=1e-12, abs=1e-20)


AXOLOTL = "base_model: a\nmicro_batch_size: 2\nnum_epochs: 3\nlearning_rate: 2e-5\nlr_scheduler: cosine\n"


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        (
            "a.yml",
            f"{AXOLOTL.replace('cosine', 'rex')}jagged_restart_steps: 100\nmax_steps: 500\n",
            "a.yml:6:23: jagged_restart_steps is not drawn over rex: --set jagged_restart_steps=null leaves it out",
        ),
        ("k.toml", KOHYA.format("piecewise_constant"), "the steps of piecewise_constant"),
        ("f.yaml", "optimization: {lr: [0.1, 0.2]}\nlr_scheduler: {_name: cosine}\n", "must be one number"),
        ("n.yaml", "optim: {lr: 0.1, sched: {name: exp_decay}}\n", "n.yaml:1:32: optim.sched.name must be one of Warm"),
        ("d.yaml", "SOLVER: {BASE_LR: 0.1, RESCALE_INTERVAL: true}\n", "--set SOLVER.RESCALE_INTERVAL=null"),
    ],
    ids=["axolotl", "kohya", "fairseq", "nemo", "detectron2"],
)
def test_what_is_not_drawn_is_refused(name: str, text: str, line: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    done = lrplot("plot", str(tmp_path / name), "-o", "-")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1) and line in done.stderr


def test_null_leaves_out_what_is_not_drawn(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(f"{AXOLOTL}relora_steps: 100\n")
    assert len(rates(str(tmp_path / "a.yml"), "--steps", "100", "--set", "relora_steps=null")) == 100


def test_name_that_nothing_uses_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(AXOLOTL)
    done = lrplot("plot", str(tmp_path / "a.yml"), "--set", "learnin_rate=1", "-o", "-")
    what = f"lrplot: --set learnin_rate: nothing that is read of {tmp_path / 'a.yml'} is called so: did you mean 'learning_rate'?\n"
    assert (done.returncode, done.stderr) == (2, what)


def test_frequency_of_lightning_is_heeded(tmp_path: Path) -> None:
    text = """
optimizer: {_target_: torch.optim.SGD, lr: 0.1}
config:
  scheduler: {_target_: torch.optim.lr_scheduler.ExponentialLR, gamma: 0.5}
  interval: epoch
  frequency: 2
trainer: {max_epochs: 5}
"""
    (tmp_path / "h.yaml").write_text(text)
    assert rates(str(tmp_path / "h.yaml")) == [0.1, 0.1, 0.05, 0.05, 0.025]


def test_name_beside_an_own_config_is_refused() -> None:
    done = lrplot("plot", "cosine T_max=5", "--set", "a=1", "-o", "-")
    assert done.returncode == 2 and done.stderr.startswith("lrplot: --set a: sets what other frameworks'")


def test_check_offers_no_fix_in_keys_that_the_file_has_not(tmp_path: Path) -> None:
    file = tmp_path / "args.yaml"
    file.write_text("learning_rate: 2e-5\nlr_scheduler_type: cosine\nmax_steps: 100\nwarmup_steps: 500\n")
    found = lrplot("check", str(file))
    assert found.returncode == 1 and "fix:" not in found.stdout
    done = lrplot("check", str(file), "--fix")
    assert done.returncode == 2 and done.stderr.startswith(f"lrplot: {file}: --fix mends lrplot's own configs")


def test_curve_over_epochs_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(AXOLOTL)
    own = tmp_path / "own.yaml"
    lrplot("plot", str(tmp_path / "a.yml"), "-q", "-o", str(own))
    assert own.read_text().endswith("plot:\n  x: epoch\n")


def test_milestones_past_the_run_are_told(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("SOLVER:\n  BASE_LR: 1e-5\n  STEPS: (210000, 250000)\n  MAX_ITER: 2000\n")
    done = lrplot("plot", str(tmp_path / "s.yaml"), "-o", "-")
    what = "LR001 the function falls at 210000 and 250000, beyond the run of 2,000 steps: the rate never drops"
    assert f"s.yaml:3:10: {what}" in done.stderr


def test_deepspeeds_json_may_leave_quotes_and_commas_out(tmp_path: Path) -> None:
    """hjson, as DeepSpeed reads it."""
    text = """{
  # the schedule
  scheduler: {
    type: WarmupLR  # linear
    params: {
      warmup_max_lr: 0.001
      warmup_num_steps: 4
      warmup_type: linear
    }
  }
  train_batch_size: 8
}
"""
    (tmp_path / "ds.json").write_text(text)
    assert rates(str(tmp_path / "ds.json"), "-n", "6") == pytest.approx([0, 0, 2.5e-4, 5e-4, 7.5e-4, 1e-3])
