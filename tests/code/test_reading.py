"""What is asked of the person with a script, and what a script can do to lrplot: nothing."""

import contextlib
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrplot.configs.code.script import read
from lrplot.configs.document import ConfigError
from lrplot.configs.foreign.source import Source
from tests.code.originals import SCRIPTS
from tests.command import Done, lrplot, ok

HEAD = "import torch\nfrom torch.optim.lr_scheduler import *\nopt = torch.optim.SGD(p, lr=0.1)\n"


def plot(tmp_path: Path, text: str, *words: str, name: str = "train.py", pick: str = "") -> Done:
    file = tmp_path / name
    file.write_text(text)
    return lrplot("plot", f"{name}{pick}", *words, "-o", "-", cwd=tmp_path)


def rates(done: Done) -> list[float]:
    assert done.returncode == 0, done.stderr
    column = done.stdout.partition("\n")[0].split(",").index("lr")
    return [float(row.split(",")[column]) for row in done.stdout.splitlines()[1:]]


def test_what_is_not_in_the_script_is_asked_for_by_name_all_at_once(tmp_path: Path) -> None:
    text = HEAD + "n = len(train_loader)\ns = CosineAnnealingLR(opt, T_max=n * cfg.epochs, eta_min=cfg.floor)\n"
    done = plot(tmp_path, text)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        'lrplot: train.py:5: T_max needs len(train_loader): add --set "len(train_loader)=500"',
        "lrplot: train.py:5: T_max needs cfg.epochs: add --set cfg.epochs=VALUE",
        "lrplot: train.py:5: eta_min needs cfg.floor: add --set cfg.floor=VALUE",
    ]
    words = ["--set", "len(train_loader)=5", "--set", "cfg.epochs=4", "--set", "cfg.floor=0.01"]
    assert rates(plot(tmp_path, text, *words))[20] == 0.01


def test_a_name_is_asked_for_once_for_all_that_need_it(tmp_path: Path) -> None:
    text = HEAD + (
        "n = len(train_loader)\nwarm = LinearLR(opt, 0.1, total_iters=n)\ncos = CosineAnnealingLR(opt, T_max=9 * n)\n"
        "s = SequentialLR(opt, [warm, cos], milestones=[n])\n"
    )
    asked = 'total_iters, T_max and milestones need len(train_loader): add --set "len(train_loader)=500"'
    assert plot(tmp_path, text).stderr == f"lrplot: train.py:5: {asked}\n"


def test_a_lambda_in_a_class_is_no_method_of_it(tmp_path: Path) -> None:
    text = HEAD + "class Run:\n    key = lambda self: 1\n    def __init__(self):\n        self.s = StepLR(opt, 2)\n"
    assert rates(plot(tmp_path, text, "-n", "3")) == [0.1, 0.1, 0.010000000000000002]


def test_an_epoch_that_no_closed_form_is_known_for_is_refused(tmp_path: Path) -> None:
    loop = "for epoch in range(3):\n    for i, x in enumerate(train_loader):\n        opt.step()\n"
    text = HEAD + f"s = OneCycleLR(opt, 0.1, 30)\n{loop}        s.step(epoch + i / len(train_loader))\n"
    done = plot(tmp_path, text, "--set", "len(train_loader)=4")
    assert done.returncode == 2
    assert done.stderr.startswith("lrplot: train.py:8: OneCycleLR is told its epoch, 'epoch + i / len(train_loader)', ")
    assert done.stderr.endswith(" alone: write step() there\n") and len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("config", "told"),
    [("'ds.json'", "'ds.json': draw that file"), ("{'a': 1}", "a dictionary: write it to a JSON file and draw that")],
)
def test_a_schedule_in_deepspeeds_config_is_looked_for_there(tmp_path: Path, config: str, told: str) -> None:
    done = plot(tmp_path, f"import deepspeed\ne, _, _, _ = deepspeed.initialize(model=m, config={config})\n")
    where = "lrplot: train.py:2: deepspeed.initialize takes its schedule from"
    assert (done.returncode, done.stderr) == (2, f"{where} {told}\n")


def test_an_epoch_that_nothing_says_is_refused(tmp_path: Path) -> None:
    loop = "def train(epoch):\n    for i, x in enumerate(train_loader):\n        opt.step()\n        s.step(epoch + i / 9)\n"
    done = plot(tmp_path, HEAD + f"s = CosineAnnealingWarmRestarts(opt, 3)\n{loop}")
    told = "CosineAnnealingWarmRestarts is told its epoch, 'epoch + i / 9', which nothing here says"
    assert done.stderr == f"lrplot: train.py:8: {told}: write the loop over epochs around it\n"


def test_a_slip_in_one_of_several_schedulers_gets_its_line(tmp_path: Path) -> None:
    loop = "for epoch in range(9):\n    opt.step()\n    warm.step()\n    s.step()\n"
    done = plot(tmp_path, HEAD + f"warm = LinearLR(opt, 0.1, totl_iters=3)\ns = StepLR(opt, 2)\n{loop}")
    assert done.returncode == 2 and "unknown key 'totl_iters' in scheduler[0]: did you mean" in done.stderr


def test_set_wins_over_a_default_an_assignment_and_an_argument(tmp_path: Path) -> None:
    argparse = (SCRIPTS / "argparse_and_main.py").read_text()
    assert rates(plot(tmp_path, argparse, "--set", "args.lr=0.5", "--set", "args.epochs=3"))[:2] == [0.5, 0.35]
    assert len(rates(plot(tmp_path, argparse, "--set", "epochs=3"))) == 3
    assert (
        rates(plot(tmp_path, HEAD.replace("0.1", "lr") + "lr = 3\ns = StepLR(opt, 9)\n", "--set", "lr=0.2"))[0] == 0.2
    )
    done = plot(tmp_path, argparse, "--set", "args.lrr=0.5")
    assert (done.returncode, done.stderr) == (2, "lrplot: --set args.lrr: nothing in train.py is called so\n")


def test_values_of_another_file_fill_what_is_open(tmp_path: Path) -> None:
    (tmp_path / "conf.yaml").write_text("optim: {lr: 2e-1}\nsteps: 4\n")
    text = HEAD.replace("0.1", "cfg.optim.lr") + "s = StepLR(opt, cfg['steps'])\n"
    assert rates(plot(tmp_path, text, "--values", "conf.yaml"))[3:5] == [0.2, 0.020000000000000004]


def test_a_name_decides_and_the_others_are_named(tmp_path: Path) -> None:
    text = (SCRIPTS / "choice_by_name.py").read_text()
    done = plot(tmp_path, text)
    others = "StepLR, ReduceLROnPlateau and CosineAnnealingLR"
    assert f"; opt.lr_policy decides, others are {others}: --set opt.lr_policy=…\n" in done.stderr
    assert rates(plot(tmp_path, text, "--set", "opt.lr_policy=cosine"))[5] < 1e-19


def test_several_are_all_drawn_and_one_is_picked(tmp_path: Path) -> None:
    text = HEAD + "opt2 = torch.optim.SGD(p, lr=0.2)\na = StepLR(opt, 3)\nb = ExponentialLR(opt2, 0.9)\n"
    done = plot(tmp_path, text)
    assert {row.split(",")[0] for row in done.stdout.splitlines()} == {"curve", "a", "b"}
    assert rates(plot(tmp_path, text, pick=":b"))[0] == rates(plot(tmp_path, text, pick=":6"))[0] == 0.2
    done = plot(tmp_path, text, pick=":c")
    assert (done.returncode, done.stderr) == (
        2,
        "lrplot: train.py: there is no schedule 'c': it has a (line 5) and b (line 6)\n",
    )


def test_a_notebook_is_its_code(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# StepLR("]},
        {
            "cell_type": "code",
            "source": ["%matplotlib inline\n", "!pip install torch\n", "files = !ls\n", "import torch"],
        },
        {"cell_type": "code", "source": "%%bash\necho StepLR(opt"},
        {"cell_type": "code", "source": "%%time\nopt = torch.optim.SGD(p, lr=0.1)\nif True:\n    %timeit 1\nopt?"},
        {
            "cell_type": "code",
            "source": ["s = torch.optim.lr_scheduler.StepLR(opt, 3)\n", "for epoch in range(7): s.step()"],
        },
    ]
    done = plot(tmp_path, json.dumps({"cells": cells}), name="a.ipynb")
    assert rates(done) == [0.1] * 3 + [0.010000000000000002] * 3 + [0.0010000000000000002]
    assert done.stderr.startswith("lrplot: a.ipynb: a notebook: StepLR")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "makes no scheduler that lrplot knows"),
        ("x = 1\n" * 9, "makes no scheduler that lrplot knows"),
        ("def f(:\n", "train.py:1:7: not valid Python: invalid syntax"),
        ("x = " + "(" * 500 + ")" * 500, "not valid Python"),
        ("x = " + "-" * 50_000 + "1", "not valid Python"),
        ("#" * 1_000_001, "at most 400,000 characters is read"),
        (HEAD + "StepLR(opt, 10**10**10)", "step_size cannot be read"),
        (HEAD + "def f(n): return f(n + 1)\nStepLR(opt, f(0))", "step_size cannot be read"),
        (HEAD + "def f(n): return f(n + 1) + f(n + 2)\nStepLR(opt, f(0))", "step_size cannot be read"),
        (HEAD + "def f0(n): return n\n" + "".join(f"def f{i + 1}(n): return f{i}(n) + f{i}(n)\n" for i in range(20))
         + "StepLR(opt, f20(1))", "takes more work to read than is done"),
        (HEAD + "x = [1]\n" + "x = x + x\n" * 60 + "StepLR(opt, len(x))", "step_size"),
        (HEAD + "x = 'a'\n" + "x = x * 10000\n" * 9 + "StepLR(opt, len(x))", "step_size"),
        (HEAD + "f = lambda e: f(e)\nLambdaLR(opt, f)", "lr_lambda"),
        (HEAD + "def f(e):\n    x = e\n" + "    x = x * x\n" * 40 + "    return x\nLambdaLR(opt, f)", "lr_lambda"),
        (HEAD + "StepLR(opt, __import__('os').getpid())", "step_size needs __import__('os').getpid()"),
        (HEAD + "StepLR(opt, int(open('/etc/hostname').read()))", "step_size needs open('/etc/hostname').read()"),
        (HEAD + "StepLR(opt, ().__class__.__bases__[0].__subclasses__()[0])", "step_size needs"),
        (HEAD + "StepLR(opt, '{0.__class__}'.format(1))", "step_size"),
        (HEAD + "StepLR(opt, sum([[[]]] * 9999, []))", "step_size"),
        (HEAD + "StepLR(opt, round(1.5, 10**9))", "step_size"),
        (HEAD + "StepLR(opt, int('9' * 9999))", "step_size"),
        (HEAD + "for i in range(10**18):\n  for j in range(10**18):\n    pass\nStepLR(opt, i)", "step_size"),
    ],
)  # fmt: skip
def test_a_hostile_script_gets_a_line(tmp_path: Path, text: str, message: str) -> None:
    done = plot(tmp_path, text)
    assert (done.returncode, done.out) == (2, b"")
    assert message in done.stderr and "Traceback" not in done.stderr
    assert done.seconds < 10


@pytest.mark.parametrize(
    "data", [b"\0\0", b"StepLR\xff(", b"{", b'{"cells": 3}', b'{"cells": [{"cell_type": "code"}]}', b"[" * 9_999]
)
def test_what_is_no_text_or_no_notebook_gets_a_line(tmp_path: Path, data: bytes) -> None:
    for name in ("a.py", "a.ipynb"):
        (tmp_path / name).write_bytes(data)
        done = lrplot("plot", str(tmp_path / name), "-o", "-")
        assert (done.returncode, done.out) == (2, b"") and len(done.stderr.splitlines()) == 1


TEXTS = [path.read_text() for path in sorted(SCRIPTS.glob("*.py"))]


@st.composite
def mutated(draw: Any) -> str:
    """A script with lines of it, and pieces of them, taken away, doubled or put elsewhere."""
    lines = draw(st.sampled_from(TEXTS)).splitlines()
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(lines) - 1))
        other = draw(st.sampled_from(draw(st.sampled_from(TEXTS)).splitlines() or [""]))
        line = lines[at]
        cut = draw(st.integers(0, len(line)))
        lines[at] = draw(
            st.sampled_from(
                ["", other, line[:cut] + line[cut + 1 :], line.replace("(", "((", 1), line.replace("0", "0x"), line * 2]
            )
        )
    return "\n".join(lines)


@given(mutated())
@settings(max_examples=4 * settings().max_examples)
def test_no_script_ends_in_a_traceback(text: str) -> None:
    with contextlib.suppress(ConfigError):
        read(Source("train.py", text))


def test_the_cases_values_at_first_peak_and_end() -> None:
    nano = [
        float(row.split(",")[1])
        for row in ok("plot", str(SCRIPTS / "nanogpt_train.py"), "-o", "-", "-q").splitlines()[1:]
    ]
    assert (nano[0], max(nano), nano[-1]) == (6e-4 * 1 / 5, 6e-4, 6e-5)


def test_a_check_that_raises_and_the_environment_are_as_in_a_run(tmp_path: Path) -> None:
    text = HEAD + (
        "import os\nname = None\nn = 4\nif name is None:\n    raise ValueError('no data')\n"
        "if os.environ.get('TESTING') == '1':\n    n = 2\ns = StepLR(opt, n)\n"
    )
    assert rates(plot(tmp_path, text))[3:5] == [0.1, 0.010000000000000002]


def test_a_function_that_nothing_calls_is_a_schedule_of_its_counter(tmp_path: Path) -> None:
    text = (
        "def adjust(optimizer, epoch, args):\n    lr = args.lr * 0.5 ** (epoch // 30)\n"
        "    for group in optimizer.param_groups:\n        group['lr'] = lr\n"
    )
    assert plot(tmp_path, text).stderr == "lrplot: train.py:4: lr needs args.lr: add --set args.lr=VALUE\n"
    assert rates(plot(tmp_path, text, "--set", "args.lr=0.2"))[29:31] == [0.2, 0.1]


KERAS = """from tensorflow import keras
model.compile(optimizer=keras.optimizers.SGD(0.02), loss="mse")
"""
OPTAX = """import jax.numpy as jnp
import optax
def rate(step):
    return 0.1 * jnp.where(step < 4, step / 4, 0.5 * (1 + jnp.cos(jnp.pi * jnp.clip((step - 4) / 8, 0.0, 1.0))))
tx = optax.adam(learning_rate=rate)
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            f"{KERAS}def drop(epoch):\n    return 0.1 * 0.5 ** (epoch // 3)\n"
            "model.fit(x, epochs=7, callbacks=[keras.callbacks.LearningRateScheduler(drop)])\n",
            [0.1] * 3 + [0.05] * 3 + [0.025],
        ),
        (
            f"{KERAS}last = keras.callbacks.LearningRateScheduler(lambda epoch, lr: lr if epoch < 2 else lr * 0.9)\n"
            "model.fit(x, epochs=4, callbacks=[last])\n",
            [0.02, 0.02, 0.018, 0.0162],
        ),
        (
            f"{KERAS}last = keras.callbacks.LearningRateScheduler(lambda epoch, lr: lr * 0.5)\n"
            "model.fit(x, epochs=3, callbacks=[last])\n",
            [0.01, 0.005, 0.0025],
        ),
        (OPTAX, [0.0, 0.025, 0.05, 0.075] + [0.05 * (1 + math.cos(math.pi * step / 8)) for step in range(9)]),
    ],
    ids=["by the epoch", "with the rate so far", "from the first epoch on", "by the step"],
)
def test_functions_that_a_library_asks_are_its_schedule(tmp_path: Path, text: str, expected: list[float]) -> None:
    assert rates(plot(tmp_path, text))[: len(expected)] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "from util import adjust_learning_rate\nimport torch\nopt = torch.optim.SGD(p, lr=0.1)\n"
            "for epoch in range(9):\n    adjust_learning_rate(opt, epoch)\n",
            "train.py:5: the rate is set by adjust_learning_rate, which is imported from util: draw the file that",
        ),
        (
            "from transformers import get_scheduler\nlr_scheduler = get_scheduler(args.kind, opt, 10, 100)\n",
            "train.py:2: name needs args.kind: add --set args.kind=VALUE",
        ),
        (
            "import tools\nlr_scheduler = tools.make_scheduler(opt)\nfor x in loader:\n    lr_scheduler.step()\n",
            "train.py:2: lr_scheduler comes from tools.make_scheduler, which is not defined here: draw the file, or",
        ),
        (
            "learn = vision_learner(dls, resnet34)\nlearn.fit_one_cycle(4, 3e-3)\n",
            "train.py:2: fit_one_cycle has a schedule of fastai's own, which lrplot does not know: the nearest is",
        ),
        (
            "import torch\nlr = 0.1\nopt = torch.optim.SGD(p, lr=lr)\nfor epoch in range(9):\n    opt.step()\n"
            "    lr = max(lr * 0.5, 1e-3)\n    for g in opt.param_groups:\n        g['lr'] = lr\n",
            "train.py:8: lr cannot be read: lr in line 6 goes on from turn to turn in a way that no formula is known",
        ),
    ],
    ids=["set elsewhere", "by a name", "made elsewhere", "fastai", "from turn to turn"],
)
def test_what_cannot_be_drawn_is_asked_for_where_it_is(tmp_path: Path, text: str, message: str) -> None:
    done = plot(tmp_path, text)
    assert done.returncode == 2
    assert done.stderr.startswith(f"lrplot: {message}")
