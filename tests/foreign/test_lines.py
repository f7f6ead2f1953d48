"""Lines that ask for what a file leaves open: each way that one offers does something as it is pasted."""

import re
import shlex
from pathlib import Path

import pytest

from tests.command import lrplot
from tests.foreign.test_cases import CASES

ASKING = {
    "batches.yaml": "learning_rate: 1e-4\nlr_scheduler_type: cosine\nwarmup_steps: 20\n",
    "auto.yaml": "task: detect\nlr0: 0.01\nlrf: 0.01\nepochs: 9\noptimizer: auto\n",
    "tune.yaml": "lr_scheduler: {_component_: torchtune.training.get_cosine_schedule_with_warmup, num_warmup_steps: 9}\n"
    "optimizer: {_component_: torch.optim.AdamW, lr: 3e-4}\nepochs: 1\n",
    "hydra.yaml": "scheduler: {_target_: torch.optim.lr_scheduler.CosineAnnealingLR, T_max: '${trainer.max_epochs}'}\n",
    "mpt.yaml": "max_duration: 3ep\noptimizer: {lr: 0.1}\nscheduler: {name: cosine_with_warmup, t_warmup: 100ba}\n",
    "eval.yaml": "scheduler: {name: cosine_with_warmup, t_warmup: 0.1dur}\n",
    "solver.yaml": "_BASE_: ../Base.yaml\nSOLVER: {BASE_LR: 0.1}\n",
    "lora.toml": "network_module = 'a'\nlearning_rate = 1e-4\nlr_scheduler = 'linear'\nmax_train_epochs = 2\nlr_warmup_steps = 9\n",
    "schedule.py": "optimizer = dict(lr=0.1)\nlr_config = dict(policy='step', step=[8], warmup='linear', warmup_iters=500)\n",
    "epochs.sh": "fairseq-train data --lr 0.1,0.01 --warmup-updates 4 --max-epoch 5\n",
    "variables.sh": "python run.py --learning_rate $LR --warmup_steps $W --max_steps 900 --lr_scheduler_type $KIND\n",
    "pretrain.sh": "pretrain_gpt.py --lr-decay-style cosine --lr-warmup-iters 9 --min-lr 1e-5\n",
    "train.py": "import torch\n\n\ndef main(loader, model, epochs=3):\n    o = torch.optim.SGD(model.parameters(), lr=0.1)\n"
    "    s = torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=epochs * len(loader))\n"
    "    for epoch in range(epochs):\n        for x in loader:\n            o.step()\n            s.step()\n",
    "neox.yml": "optimizer: {type: Adam, params: {betas: [0.9, 0.95]}}\nlr_decay_style: cosine\n",
    "restarts.yml": "base_model: a\nmicro_batch_size: 1\nnum_epochs: 2\nlearning_rate: 1e-4\njagged_restart_steps: 50\n",
}
CASES_ASKING = ("ds_auto.json", "yolov5_hyp.yaml", "lightning_cli_plateau.yaml", "mmengine.py", "nemo_noam.yaml")
FILES = {**{name: (CASES / name).read_text() for name in CASES_ASKING}, **ASKING}
OTHER_FILES = ("YOUR_TRAINING_ARGS.yaml", "opt.yaml", "losses.csv", "Base.yaml")


def ways(line: str) -> list[str]:
    """The ways that a line offers, each as it would be pasted, but for those that name files that are not there."""
    _, _, offered = line.partition(": add ")
    found = [way.strip() for way in re.split(r",? or (?=--)", re.sub(r"\([^()]*\)(?=$|,| or)", more, offered))]
    return [way for way in found if way.startswith("--") and not any(other in way for other in OTHER_FILES)]


def more(found: "re.Match[str]") -> str:
    """Other ways in parentheses, or a remark, which is none."""
    return f" {found[0][1:-1]}" if found[0].startswith("(or --") else ""


@pytest.mark.parametrize("name", FILES)
def test_each_way_that_a_line_offers_draws_as_it_is_pasted(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(FILES[name])
    asked = lrplot("plot", str(tmp_path / name), "-o", "-")
    (line,) = asked.stderr.splitlines()
    offered = ways(line)
    assert asked.returncode == 2 and offered, line
    for way in offered:
        done = lrplot("plot", str(tmp_path / name), "-q", "-o", "-", *shlex.split(way))
        assert (done.returncode, done.stderr) == (0, ""), (way, line)


def test_file_that_has_nothing_of_the_format_that_it_is_read_as_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"learning_rate": 1e-4, "lr_scheduler_type": "cosine", "max_steps": 9}')
    done = lrplot("plot", str(tmp_path / "a.json"), "--from", "detectron2", "-o", "-")
    told = f"lrplot: {tmp_path / 'a.json'}: holds none of the keys that --from detectron2 reads\n"
    assert (done.returncode, done.stderr) == (2, told)


def test_line_tells_of_the_one_that_is_picked(tmp_path: Path) -> None:
    (tmp_path / "gan.yaml").write_text(GAN)
    done = lrplot("plot", f"{tmp_path / 'gan.yaml'}:dis", "-q", "-o", "-")
    assert done.returncode == 0 and "0.0004" in done.stdout
    told = lrplot("plot", f"{tmp_path / 'gan.yaml'}:dis", "-o", "-").stderr
    assert "Hydra: ExponentialLR, lr 0.0004; stepped" in told
    (line,) = lrplot("plot", f"{tmp_path / 'gan.yaml'}:enc", "-o", "-").stderr.splitlines()
    assert line.endswith("there is no schedule 'enc': it has gen.sched and dis.sched")


GAN = """
gen: {optimizer: {_target_: torch.optim.Adam, lr: 1e-4}, sched: {_target_: torch.optim.lr_scheduler.StepLR, step_size: 3}}
dis: {optimizer: {_target_: torch.optim.Adam, lr: 4e-4}, sched: {_target_: torch.optim.lr_scheduler.ExponentialLR, gamma: 0.9}}
trainer: {max_epochs: 9}
"""
