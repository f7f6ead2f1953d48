"""Shell scripts: what a shell makes of their words, and the commands that train; nothing is run."""

from pathlib import Path

import pytest

from lrplot.configs.foreign.shell import commands
from tests.command import lrplot
from tests.foreign.test_cases import rates


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("LR=2e-5\ntrain --lr $LR --name a$LR", ["train", "--lr", "2e-5", "--name", "a2e-5"]),
        (
            "train --lr ${LR:-1e-4} \\\n  --steps $((300 * 4))  # a comment",
            ["train", "--lr", "1e-4", "--steps", "1200"],
        ),
        (
            "ARGS=(\n  --lr 0.1  # its rate\n  --min-lr 0.01\n)\ntrain ${ARGS[@]}",
            ["train", "--lr", "0.1", "--min-lr", "0.01"],
        ),
        ('ARGS="--lr 0.1 "\nARGS+="--steps 5"\ntrain $ARGS', ["train", "--lr", "0.1", "--steps", "5"]),
        ("A=1\nif [ $A == 2 ]; then LR=0.1; else LR=0.2; fi\ntrain --lr $LR", ["train", "--lr", "0.2"]),
        ("if [ -e x ]; then LR=0.1; else LR=0.2; fi\ntrain --lr $LR", ["train", "--lr", "$LR"]),  # no telling
        ("cat << END\n--lr 7\nEND\ntrain --lr '0.1 '", ["train", "--lr", "0.1 "]),
        ("train --lr $(rm -rf /) --n 1", ["train", "--lr", "$(rm -rf /)", "--n", "1"]),
        ('export LR=0.1; train --lr "$LR" | tee log', ["train", "--lr", "0.1"]),
    ],
)
def test_a_command_is_the_words_that_a_shell_would_make(script: str, words: list[str]) -> None:
    assert words in [[word.text for word in command] for command in commands(script, {}.get)]


def test_variables_that_name_each_other_end() -> None:
    script = "A=$B$B$B$B\nB=$A$A$A$A\n" * 40 + "train --lr $A"
    assert sum(len(word.text) for command in commands(script, {}.get) for word in command) < 1_000_000


TWO = """
WARMUP=2
torchrun train.py --learning_rate 1e-4 --max_steps 8 --warmup_steps $WARMUP --output_dir a
torchrun train.py --learning_rate 3e-4 --max_steps 8 --warmup_steps $WARMUP --output_dir b
"""


def test_each_command_that_trains_is_a_curve_and_its_line_picks_it(tmp_path: Path) -> None:
    script = tmp_path / "sweep.sh"
    script.write_text(TWO)
    done = lrplot("plot", str(script), "-o", "-")
    assert done.returncode == 0, done.stderr
    assert {"line 3,2,0.0001", "line 4,2,0.0003"} <= {*done.stdout.splitlines()}  # the warm-up of 2 is over
    assert rates(f"{script}:4")[2] == 3e-4


def test_a_variable_is_given_or_asked_for(tmp_path: Path) -> None:
    script = tmp_path / "run.sh"
    script.write_text(
        "accelerate launch sft.py --learning_rate $LR --max_steps 4 --lr_scheduler_type linear --output_dir o\n"
    )
    assert "add --set LR=" in lrplot("plot", str(script), "-o", "-").stderr
    assert rates(str(script), "--set", "LR=0.1") == [0.1, 0.07500000000000001, 0.05, 0.025]


def test_a_warm_up_in_steps_fixes_the_shape_of_a_run_in_epochs(tmp_path: Path) -> None:
    config = tmp_path / "args.yaml"
    config.write_text("learning_rate: 1.0\nnum_train_epochs: 2\nwarmup_steps: 4\noutput_dir: o\n")
    done = lrplot("plot", str(config), "-o", "-")
    assert (done.returncode, "--steps-per-epoch 500" in done.stderr) == (2, True), done.stderr
    assert rates(str(config), "--steps-per-epoch", "4") == [0.0, 0.25, 0.5, 0.75, 1.0, 0.75, 0.5, 0.25]


@pytest.mark.parametrize(
    ("launcher", "steps"),
    [
        ("torchrun --nproc_per_node 8", 3_910),  # 5 epochs of ceil(ceil(100,000 / 16) / 8)
        ("torchrun --nproc-per-node=4 --nnodes 2", 3_910),
        ("deepspeed --num_gpus 4", 7_815),  # of ceil(ceil(100,000 / 8) / 8)
        ("accelerate launch --num_processes=4", 7_815),
        ("torchrun --nproc_per_node auto", 31_250),  # of ceil(ceil(100,000 / 2) / 8), on one device
        ("python", 31_250),
    ],
)
def test_the_devices_are_those_that_the_launcher_is_told(launcher: str, steps: int, tmp_path: Path) -> None:
    script = tmp_path / "run.sh"
    script.write_text(
        f"{launcher} sft.py --learning_rate 1e-5 --num_train_epochs 5 --per_device_train_batch_size 2 "
        "--gradient_accumulation_steps 8 --lr_scheduler_type cosine\n"
    )
    done = lrplot("plot", str(script), "--data-size", "100000", "-o", str(tmp_path / "x.csv"))
    assert f"{steps:,} steps" in done.stderr and ("assumed one device" in done.stderr) == (steps == 31_250)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "set LR=2e-5\npython train.py --learning_rate %LR% --max_steps 9 --lr_scheduler_type cosine",
            "LR: add --set LR=",
        ),
        (
            "python train.py --learning_rate ... --max_steps 9 --lr_scheduler_type cosine",
            "learning_rate: add --set",
        ),
        ("python train.py --learning_rate 1e-4 --max_steps 9 --lr_scheduler_type $KIND", "KIND: add --set KIND=linear"),
    ],
    ids=["windows", "placeholder", "kind"],
)
def test_what_a_command_leaves_open_is_asked_for_by_its_name(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "a.sh").write_text(text)
    done = lrplot("plot", str(tmp_path / "a.sh"), "-o", "-")
    assert done.returncode == 2 and f"needs {told}" in done.stderr


def test_devices_that_deepspeed_is_told_by_name_are_counted(tmp_path: Path) -> None:
    command = "deepspeed --include a:0,1,2@b:0 train.py --learning_rate 1e-4 --lr_scheduler_type cosine"
    (tmp_path / "a.sh").write_text(f"{command} --num_train_epochs 1 --per_device_train_batch_size 2")
    assert len(rates(str(tmp_path / "a.sh"), "--data-size", "800")) == 100
