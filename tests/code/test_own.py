"""Schedulers whose class a script defines, those that cannot be read, and what runs a script: each named in one line."""

from pathlib import Path

import pytest

from tests.code.test_reading import HEAD, plot, rates
from tests.command import ok

OWN = HEAD + "from torch.optim.lr_scheduler import LRScheduler\nclass Mine(LRScheduler):\n"
LOOP = "s = Mine(opt)\nfor epoch in range(6):\n    opt.step()\n    s.step()\n"
LIGHTNING = """import lightning as L
import torch
class M(L.LightningModule):
    def __init__(self, options):
        super().__init__()
        self.save_hyperparameters(options)
    def configure_optimizers(self):
        o = torch.optim.SGD(self.parameters(), lr=self.hparams.lr)
        s = torch.optim.lr_scheduler.CosineAnnealingLR(o, self.trainer.max_epochs)
        return [o], [s]
M({"lr": 0.5})
L.Trainer(max_epochs=4).fit(M({"lr": 0.5}))
"""


def test_a_rule_that_goes_on_from_the_rate_before_is_a_factor(tmp_path: Path) -> None:
    rule = (
        "    def get_lr(self):\n        return [g['lr'] * (0.5 if self.last_epoch % 2 == 0 and self.last_epoch else 1) "
    )
    text = OWN + rule + "for g in self.optimizer.param_groups]\n" + LOOP
    assert rates(plot(tmp_path, text)) == [0.1, 0.1, 0.05, 0.05, 0.025, 0.025]


def test_the_length_of_a_run_of_lightnings_is_its_trainers(tmp_path: Path) -> None:
    found = rates(plot(tmp_path, LIGHTNING))
    assert (len(found), found[0], found[2]) == (4, 0.5, pytest.approx(0.25))


def test_a_process_is_taken_for_the_only_one_and_said(tmp_path: Path) -> None:
    text = (
        HEAD
        + "s = LinearLR(opt, 0.5, total_iters=2 * accelerator.num_processes)\nfor epoch in range(4):\n    s.step()\n"
    )
    done = plot(tmp_path, text)
    assert rates(done)[:3] == [0.05, 0.07500000000000001, 0.1]
    assert "accelerator.num_processes is 1, of one process" in done.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            OWN + "    def step(self, epoch=None):\n        self.n = self.n + 1\n" + LOOP,
            "train.py:8: Mine has a step() of its own, which is not read: paste the schedulers that it is made of",
        ),
        (
            OWN
            + "    def get_lr(self):\n        self.k = 1\n        self.base_lrs = [1.0]\n        return self.base_lrs\n"
            + LOOP,
            "train.py:10: Mine keeps a state of its own in get_lr(): it is not read",
        ),
        (
            HEAD
            + "for epoch in range(5):\n    s = StepLR(opt, 2)\n    for x in data:\n        opt.step()\n        s.step()\n",
            "train.py:5: it is made anew in each turn of the loop in line 4: it cannot be read",
        ),
        (
            HEAD
            + "s = StepLR(opt, 2)\nfor epoch in range(9):\n    opt.step()\n    if epoch % 2 == 0:\n        s.step()\n",
            "train.py:4: it is stepped in some turns alone, which no frequency, begin and end can say",
        ),
    ],
    ids=["own step", "own state", "made anew", "odd turns"],
)
def test_what_would_be_drawn_wrong_is_refused_where_it_is(tmp_path: Path, text: str, message: str) -> None:
    done = plot(tmp_path, text)
    assert (done.returncode, done.stderr) == (2, f"lrplot: {message}\n")


@pytest.mark.parametrize(
    "text",
    ["partial(StepLR, step_size=3)(opt)", "functools.partial(torch.optim.lr_scheduler.StepLR, step_size=3)"],
)
def test_a_partial_is_what_it_is_called_with(text: str) -> None:
    assert ok("plot", text, "-n", "5", "-o", "-") == ok("step", "--step-size", "3", "-n", "5", "-o", "-")


def test_a_line_that_is_not_come_to_says_what_would_lead_there(tmp_path: Path) -> None:
    text = HEAD + "kind = 'step'\nif kind == 'step':\n    s = StepLR(opt, 2)\nelse:\n    s = ExponentialLR(opt, 0.9)\n"
    done = plot(tmp_path, text, pick=":8")
    assert done.stderr == "lrplot: train.py: line 8 is come to with another kind alone: add --set kind=…\n"


def test_no_more_than_twenty_things_are_asked_for_at_once(tmp_path: Path) -> None:
    text = HEAD + "s = MultiStepLR(opt, [" + ", ".join(f"cfg.m{n}" for n in range(40)) + "])\n"
    assert plot(tmp_path, text).stderr.endswith("train.py: and 20 more like these\n")


def test_a_scheduler_that_nothing_makes_here_is_asked_for_what_it_takes(tmp_path: Path) -> None:
    text = OWN + "    def __init__(self, o, n):\n        self.n = n\n        super().__init__(o)\n"
    done = plot(
        tmp_path,
        text + "    def get_lr(self):\n        return [b / self.n for b in self.base_lrs]\n    def step(self): pass\n",
    )
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1


def test_a_function_of_optax_that_answers_no_rate_is_refused(tmp_path: Path) -> None:
    done = plot(tmp_path, "import optax\ndef none(step):\n    return ()\ntx = optax.adam(learning_rate=none)\n")
    assert done.returncode == 2 and done.stderr.startswith("lrplot: train.py:4: ")


def test_a_chain_of_optax_multiplies_the_rate_and_says_so(tmp_path: Path) -> None:
    text = "import optax\ns = optax.linear_schedule(1.0, 0.0, 10)\n"
    chain = "tx = optax.chain(optax.clip(1.0), optax.scale_by_adam(), optax.scale_by_schedule(s), optax.scale(-0.5))\n"
    done = plot(tmp_path, text + chain, "-n", "3")
    assert rates(done) == pytest.approx([0.5, 0.45, 0.4], rel=1e-7)
    assert "optax.linear_schedule in line 2 times 0.5" in done.stderr
    same = plot(tmp_path, text + "tx = optax.chain(optax.adam(learning_rate=s), optax.scale(0.5))\n", "-n", "3")
    assert rates(same) == rates(done)
    function = "tx = optax.chain(optax.scale_by_schedule(lambda step: -0.5 * s(step)))\n"
    assert rates(plot(tmp_path, text + function, "-n", "3")) == rates(done)


def test_what_a_chain_multiplies_by_is_asked_for(tmp_path: Path) -> None:
    text = "import optax\nfrom config import cfg\ns = optax.linear_schedule(1.0, 0.0, 10)\n"
    done = plot(tmp_path, text + "tx = optax.chain(optax.scale_by_schedule(s), optax.scale(-cfg.lr))\n")
    assert done.stderr.startswith("lrplot: train.py:3: init_value and end_value need cfg.lr: add --set cfg.lr=VALUE\n")


def test_a_name_of_another_file_is_asked_for_and_not_what_is_made_of_it(tmp_path: Path) -> None:
    text = HEAD + "from config import cfg\ns = StepLR(opt, int(cfg.epochs) * 2)\nfor e in range(4):\n    s.step()\n"
    done = plot(tmp_path, text)
    assert done.stderr == "lrplot: train.py:5: step_size needs cfg.epochs: add --set cfg.epochs=VALUE\n"
    assert rates(plot(tmp_path, text, "--set", "cfg.epochs=1"))[2] == 0.010000000000000002


def test_schedulers_made_in_one_line_are_all_drawn_each_by_its_name(tmp_path: Path) -> None:
    text = "import torch\nopts = [torch.optim.SGD(p, lr=rate) for rate in (0.4, 0.3, 0.2, 0.1)]\n"
    text += "all = [torch.optim.lr_scheduler.StepLR(opt, 2) for opt in opts]\n"
    text += "for e in range(3):\n    for s in all:\n        s.step()\n"
    rows = plot(tmp_path, text).stdout.splitlines()
    assert [row for row in rows if ",0," in row] == [f"s:3{n},0,0.0,{rate}" for n, rate in NAMED]


NAMED = [("", 0.4), (".2", 0.3), (".3", 0.2), (".4", 0.1)]


def test_an_optimizer_of_a_class_of_the_script_has_the_rate_that_it_is_given(tmp_path: Path) -> None:
    text = "import torch\nclass Mine(torch.optim.Optimizer):\n    def __init__(self, params, lr=0.02):\n"
    text += "        super().__init__(params, dict(lr=lr))\nopt = Mine(p)\n"
    text += "s = torch.optim.lr_scheduler.ExponentialLR(opt, 0.5)\nfor e in range(2):\n    opt.step()\n    s.step()\n"
    assert rates(plot(tmp_path, text)) == [0.02, 0.01]


@pytest.mark.parametrize(("begin", "drop"), [("it >= 6000", 6010), ("it < 8000", 10)])
def test_a_turn_late_in_a_long_run_is_found(tmp_path: Path, begin: str, drop: int) -> None:
    text = HEAD + f"s = StepLR(opt, 10)\nfor it in range(9000):\n    opt.step()\n    if {begin}:\n        s.step()\n"
    found = rates(plot(tmp_path, text))
    assert (found[drop - 1], found[drop]) == (0.1, 0.010000000000000002)
    assert (found[8000] == found[-1]) is (begin == "it < 8000")


def test_schedulers_stepped_in_another_order_begin_with_what_the_last_made_says(tmp_path: Path) -> None:
    text = "import torch\nfrom torch.optim.lr_scheduler import *\n"
    text += "o = torch.optim.SGD([{'params': a, 'lr': 0.1}, {'params': b, 'lr': 0.2}], lr=0.1)\n"
    text += "main = LambdaLR(o, [lambda e: 0.9**e, lambda e: 0.8**e])\nwarm = LambdaLR(o, lambda i: (i + 1) / 4)\n"
    text += "for e in range(4):\n    for x in range(2):\n        o.step()\n        if e < 2: warm.step()\n"
    rows = plot(tmp_path, text + "    if e >= 2: main.step()\n").stdout.splitlines()
    assert [row.split(",")[2:] for row in rows[1:4]] == [
        ["0.025", "0.05"],
        ["0.05", "0.1"],
        ["0.07500000000000001", "0.15000000000000002"],
    ]
    assert rows[-1].split(",")[2:] == ["0.09000000000000001", "0.16000000000000003"]
    without = plot(tmp_path, text.replace("LambdaLR(o, lambda i: (i + 1) / 4)", "LambdaLR(o)") + "    main.step()\n")
    assert without.returncode == 2 and "Traceback" not in without.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "s = ExponentialLR(opt, 0.9)\nfor e in range(6):\n    for x in data:\n        opt.step()\n        s.step()\n"
            "    s.step()\n",
            "4: it is stepped in lines 8 and 9, by two clocks at once: that is not read",
        ),
        (
            "s = StepLR(opt, 2)\nopt.param_groups[0]['lr'] = 0.02\nfor e in range(6):\n    opt.step()\n    s.step()\n",
            "4: its optimizer is given another rate in line 5, once it is made: that is not read",
        ),
    ],
    ids=["two clocks", "another rate"],
)
def test_what_moves_the_rate_besides_is_told(tmp_path: Path, text: str, told: str) -> None:
    assert plot(tmp_path, HEAD + text).stderr == f"lrplot: train.py:{told}\n"


def test_a_rate_that_is_set_before_the_scheduler_is_made_is_the_one_it_begins_with(tmp_path: Path) -> None:
    text = HEAD + "for group in opt.param_groups:\n    group['lr'] = 0.04\ns = StepLR(opt, 1, 0.5)\n"
    assert rates(plot(tmp_path, text + "for e in range(3):\n    opt.step()\n    s.step()\n")) == [0.04, 0.02, 0.01]
