"""Files of frameworks that are too large to install, drawn by lrplot and run by those modules of theirs that make the rate."""

import ast
import json
import logging
import math
import random
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("torch")

import numpy
import torch

from tests.golden.modules import load, source
from tests.oracle.test_foreign import FILES, Rates, compare, drawn, number, optimizer, stepped, yaml_of

Made = tuple[str, str, dict[str, Any], Rates]


# ultralytics: the few lines of its trainer that set the rate, taken out of it


def _trainer() -> dict[str, Any]:
    """Two methods of its trainer, and the warm-up within its loop."""
    tree = ast.parse(source("ultralytics", "ultralytics/engine/trainer.py"))
    cls = next(each for each in tree.body if isinstance(each, ast.ClassDef) and each.name == "BaseTrainer")
    methods = {each.name: each for each in cls.body if isinstance(each, ast.FunctionDef)}
    parts = [methods["_setup_scheduler"], methods["_get_warmup_iterations"]]
    utils = ast.parse(source("ultralytics", "ultralytics/utils/torch_utils.py"))
    parts += [each for each in utils.body if isinstance(each, ast.FunctionDef) and each.name == "one_cycle"]
    loop = ast.walk(methods["_do_train"])
    warm_up = next(each for each in loop if isinstance(each, ast.If) and ast.unparse(each.test) == "nw and ni <= nw")
    warm = ast.parse("def warm(self, ni, nw, epoch, acc0): pass").body[0]
    assert isinstance(warm, ast.FunctionDef)
    warm.body = [warm_up]
    scope = {"math": math, "np": numpy, "optim": torch.optim}
    module = ast.fix_missing_locations(ast.Module(body=[*parts, warm], type_ignores=[]))
    exec(compile(module, "ultralytics", "exec"), scope)
    return scope


def ultralytics(chance: random.Random) -> Made:
    own = ultralytics_parts
    epochs, batches = chance.randrange(1, 12), chance.randrange(1, 12)
    args = {"lr0": number(chance, 1e-4, 0.1), "lrf": chance.choice([0.01, 0.1, 1.0]), "epochs": epochs}
    args |= {"warmup_epochs": chance.choice([0, 0.5, 1.5, 3.0]), "warmup_bias_lr": chance.choice([0.0, 0.1])}
    args |= {"cos_lr": chance.random() < 0.5, "warmup_momentum": 0.8, "momentum": 0.9}
    groups = [
        {"params": [torch.nn.Parameter(torch.zeros(1))], "param_group": name} for name in ("weight", "bn", "bias")
    ]
    held = torch.optim.SGD(groups, lr=args["lr0"], momentum=0.9)
    self = SimpleNamespace(args=SimpleNamespace(**args), epochs=epochs, optimizer=held, accumulate=1)
    own["_setup_scheduler"](self)
    self.scheduler.last_epoch = -1
    warm = own["_get_warmup_iterations"](self, batches)
    rates: list[list[float]] = [[], [], []]
    for step in range(epochs * batches):
        if step % batches == 0:
            self.scheduler.step()
        own["warm"](self, step, warm, step // batches, 1)
        for group, column in zip(held.param_groups, rates):
            column.append(group["lr"])
    text = yaml_of({"task": "detect", "mode": "train", "optimizer": "SGD", **args})
    return "args.yaml", text, {"steps_per_epoch": batches}, rates


def torchtune(chance: random.Random) -> Made:
    size, batch, accumulate = chance.randrange(40, 400), chance.choice([1, 2, 4]), chance.choice([1, 2, 8])
    epochs, cap = chance.randrange(1, 4), chance.choice([None, 7, 20])
    warm, lr = chance.randrange(0, 20), number(chance, 1e-6, 1e-3)
    per_epoch = max(size // batch // accumulate, 1)  # as its recipes reckon them
    per_epoch = min(per_epoch, cap) if cap else per_epoch
    held = optimizer(lr)
    scheduler = torchtune_module.get_cosine_schedule_with_warmup(held, warm, per_epoch * epochs)
    home = "torchtune.training.lr_schedulers.get_cosine_schedule_with_warmup"
    given = {"optimizer": {"_component_": "torch.optim.AdamW", "lr": lr}, "epochs": epochs, "batch_size": batch}
    given |= {"lr_scheduler": {"_component_": home, "num_warmup_steps": warm}, "max_steps_per_epoch": cap}
    given |= {"gradient_accumulation_steps": accumulate}
    return "tune.yaml", yaml_of(given), {"data.size": size}, stepped(scheduler, held, per_epoch * epochs)


def nemo(chance: random.Random) -> Made:
    kinds = ["CosineAnnealing", "NoamAnnealing", "PolynomialDecayAnnealing", "InverseSquareRootAnnealing"]
    kinds += ["WarmupAnnealing", "SquareAnnealing", "SquareRootAnnealing", "PolynomialHoldDecayAnnealing"]
    kind = chance.choice([*kinds, "WarmupHoldAnnealLinear", "WarmupHoldAnnealOneMinusSquareRoot", "NoamHoldAnnealing"])
    steps, lr, warm = chance.randrange(30, 200), number(chance, 1e-4, 1.0), chance.choice([0, 5, 17])
    own: dict[str, Any] = {"warmup_steps": warm}
    if kind not in ("NoamAnnealing", "InverseSquareRootAnnealing"):
        own["min_lr"] = chance.choice([0.0, lr / 100])
    if kind == "NoamAnnealing":
        own |= {"d_model": chance.choice([64, 512]), "warmup_steps": max(warm, 1)}
    if kind.startswith("Polynomial"):
        own["power"] = chance.choice([1.0, 2.0])
    if "Hold" in kind:
        own |= chance.choice([{}, {"hold_steps": 0}, {"hold_steps": 7}])
    if kind == "NoamHoldAnnealing":
        own |= {"decay_rate": chance.choice([0.5, 1.0]), "warmup_steps": max(warm, 1)}
    if kind == "CosineAnnealing":
        own["constant_steps"] = chance.choice([0, 0, 9])
    held = optimizer(lr)
    scheduler = getattr(nemo_module, kind)(held, max_steps=steps, **own)
    text = json.dumps(
        {
            "model": {"optim": {"name": "adamw", "lr": lr, "sched": {"name": kind, **own}}},
            "trainer": {"max_steps": steps},
        }
    )
    return "nemo.yaml", text, {}, stepped(scheduler, held, steps)


ultralytics_parts = _trainer()
torchtune_module = load("torchtune", "torchtune/training/lr_schedulers.py", {
    "torchtune": {}, "torchtune.training": {}, "torchtune.training.memory": {"OptimizerInBackwardWrapper": None},
})  # fmt: skip
nemo_module = load("nemo_toolkit", "nemo/core/optim/lr_scheduler.py", {
    "omegaconf": {"DictConfig": dict, "OmegaConf": None}, "nemo": {}, "nemo.core": {}, "nemo.core.classes": {},
    "nemo.core.classes.common": {"safe_instantiate": None}, "nemo.core.config": {},
    "nemo.core.config.schedulers": dict.fromkeys(
        ("SchedulerParams", "get_scheduler_config", "register_scheduler_params"), lambda *_: None
    ),
    "nemo.utils": {"logging": logging}, "nemo.utils.model_utils": {"maybe_update_config_version": None},
})  # fmt: skip


@pytest.mark.parametrize(("framework", "exactly"), [(ultralytics, False), (torchtune, True), (nemo, False)])
def test_files_give_the_rates_that_the_framework_gives(framework: Any, exactly: bool) -> None:
    chance = random.Random(14)
    for _ in range(FILES):
        name, text, flags, original = framework(chance)
        compare(drawn(name, text, flags), original, exactly, f"{name} {flags}\n{text}")
