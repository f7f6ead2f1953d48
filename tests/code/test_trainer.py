"""The Trainer's arguments in a script are read as the same arguments in a file are."""

from pathlib import Path

import pytest

from tests.command import Done, lrplot

ARGUMENTS = {
    "TrainingArguments": "learning_rate=2e-5, num_train_epochs=3, warmup_ratio=0.1, lr_scheduler_type='cosine'",
    "Seq2SeqTrainingArguments": "learning_rate=1e-3, max_steps=40, warmup_steps=7, fp16=True",
    "transformers.TrainingArguments": "max_steps=30, lr_scheduler_type='cosine_with_min_lr', "
    "lr_scheduler_kwargs={'min_lr': 1e-6}",
    "trl.SFTConfig": "learning_rate=0.1, max_steps=20, lr_scheduler_type=SchedulerType.CONSTANT_WITH_WARMUP, "
    "warmup_steps=4",
}


def plot(folder: Path, *words: str) -> Done:
    return lrplot("plot", *words, "-o", "-", cwd=folder)


@pytest.mark.parametrize("call", ARGUMENTS)
@pytest.mark.parametrize("words", [(), ("--data-size", "100"), ("--steps-per-epoch", "9")])
def test_a_call_is_what_the_file_says(tmp_path: Path, call: str, words: tuple[str, ...]) -> None:
    script = f"import trl\nfrom transformers import SchedulerType\nargs = {call}('out', per_device_train_batch_size=16, {ARGUMENTS[call]})\n"
    (tmp_path / "train.py").write_text(script)
    pairs = [pair.partition("=") for pair in ARGUMENTS[call].split(", ")]
    lines = [f"{key}: {value.replace('SchedulerType.', '').replace(':', ': ')}\n" for key, _, value in pairs]
    (tmp_path / "train.yaml").write_text("".join(["per_device_train_batch_size: 16\n", *lines]))
    ours, theirs = (plot(tmp_path, f"train.{ending}", *words) for ending in ("py", "yaml"))
    assert (ours.returncode, ours.stdout) == (0, theirs.stdout), ours.stderr
    assert len(ours.stdout.splitlines()) > 20


def test_what_is_not_said_is_told_or_asked_for(tmp_path: Path) -> None:
    (tmp_path / "dpo.py").write_text("from trl import DPOConfig\nargs = DPOConfig(num_train_epochs=cfg.epochs)\n")
    done = plot(tmp_path, "dpo.py")
    asked = "lrplot: dpo.py:2: num_train_epochs needs cfg.epochs: add --set cfg.epochs=VALUE\n"
    assert (done.returncode, done.stderr) == (2, asked)
    done = plot(tmp_path, "dpo.py", "--set", "cfg.epochs=2")
    assert "DPOConfig in line 2: linear, lr 1e-06, 2 epochs; assumed learning_rate 1e-06" in done.stderr
    (tmp_path / "dpo.py").write_text("from trl import DPOConfig\nargs = DPOConfig(**given())\n")
    done = plot(tmp_path, "dpo.py")
    assert done.stderr.startswith("lrplot: dpo.py:2: DPOConfig is given by ** what is not to be seen")
    (tmp_path / "dpo.py").write_text("from trl import DPOConfig\nargs = DPOConfig(max_steps=5)\n")
    done = plot(tmp_path, "dpo.py", "--set", "learning_rate=0.5")
    assert done.stdout.splitlines()[1] == "0,0.5"


def test_a_scheduler_that_the_script_makes_itself_is_the_one(tmp_path: Path) -> None:
    made = "opt = torch.optim.SGD(p, lr=0.3)\ns = torch.optim.lr_scheduler.StepLR(opt, 2)\n"
    (tmp_path / "a.py").write_text(f"import torch\nargs = TrainingArguments(learning_rate=0.1)\n{made}")
    assert plot(tmp_path, "a.py").stdout.splitlines()[1] == "0,0.3"


@pytest.mark.parametrize(
    ("parser", "parse", "cls", "first"),
    [
        ("HfArgumentParser", "parse_args_into_dataclasses()", "KTOConfig", 1e-6),
        ("HfArgumentParser", "parse_args_into_dataclasses()[:2]", "RewardConfig", 1e-4),
        ("TrlParser", "parse_args_and_config()", "SFTConfig", 2e-5),
    ],
)
def test_arguments_that_are_parsed_are_those_of_their_class(
    tmp_path: Path, parser: str, parse: str, cls: str, first: float
) -> None:
    script = f"parser = {parser}((ScriptArguments, {cls}))\nscript_args, training_args = parser.{parse}\n"
    (tmp_path / "train.py").write_text(f"from trl import {cls}, {parser}, ScriptArguments\n{script}")
    done = plot(tmp_path, "train.py", "--steps-per-epoch", "4")
    assert (done.returncode, done.stdout.splitlines()[1].split(",")[-1]) == (0, repr(first)), done.stderr
    assert f"{cls} in line 3" in done.stderr
