"""Files of mmcv 1, PaddleDetection, diffusers and kohya's sd-scripts, drawn by lrplot and run by what makes their rate.

paddle itself is too large to be had for it: of its ``optimizer.lr``, what PaddleDetection ends in is written here from
its documentation. kohya's scripts are no package: what they hand to transformers is written here, as their
``get_scheduler_fix`` does.
"""

import json
import logging
import math
import random
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("torch")

import torch

from tests.golden.modules import load
from tests.oracle.test_foreign import FILES, Rates, compare, drawn, number, optimizer, stepped, yaml_of

Made = tuple[str, str, dict[str, Any], Rates]


# mmcv 1


def _policy(chance: random.Random, lr: float) -> dict[str, Any]:
    """A policy with its own arguments."""
    floor = chance.choice([{"min_lr": chance.choice([0.0, lr / 50])}, {"min_lr_ratio": chance.choice([0.0, 0.01])}])
    return chance.choice(
        [
            {"policy": "step", "step": sorted(chance.sample(range(1, 12), 2)), "gamma": chance.choice([0.1, 0.5])},
            {"policy": "step", "step": chance.randrange(1, 5), "min_lr": chance.choice([lr / 20, 0.0])},
            {"policy": "poly", "power": chance.choice([0.9, 1.0]), "min_lr": chance.choice([0.0, lr / 100])},
            {"policy": "exp", "gamma": 0.97},
            {"policy": "inv", "gamma": 0.1, "power": chance.choice([0.5, 0.75])},
            {"policy": "fixed"},
            {"policy": "CosineAnnealing", **floor},
            {"policy": "FlatCosineAnnealing", "start_percent": chance.choice([0.25, 0.75]), **floor},
            {"policy": "CosineRestart", "periods": [5, 7, 90], "restart_weights": [1, 0.5, 0.3], **floor},
        ]
    )


def _cyclic(chance: random.Random) -> dict[str, Any]:
    own = {"policy": "cyclic", "target_ratio": chance.choice([(10, 1e-4), (5.0, 0.1)])}
    own |= {"cyclic_times": chance.choice([1, 2, 3]), "step_ratio_up": chance.choice([0.0, 0.3, 0.4])}
    return own | chance.choice([{}, {"anneal_strategy": "linear"}, {"gamma": 0.8}])


def mmcv(chance: random.Random) -> Made:
    lr, epochs, per_epoch = number(chance, 1e-5, 0.1), chance.randrange(2, 13), chance.randrange(1, 9)
    total = epochs * per_epoch
    if chance.random() < 0.2:
        own = _cyclic(chance)
    else:
        own = _policy(chance, lr)
        own["by_epoch"] = chance.random() < 0.5
    if chance.random() < 0.6:
        kind, first = chance.choice(["linear", "constant", "exp"]), chance.choice([0.1, 1 / 3])
        own |= {"warmup": kind, "warmup_ratio": first, "warmup_iters": chance.randrange(1, 6)}
        own["warmup_by_epoch"] = chance.random() < 0.3
    policy = own["policy"][0].upper() + own["policy"][1:]
    given = {key: value for key, value in own.items() if key != "policy"}
    hook = getattr(mmcv_module, f"{policy}LrUpdaterHook")(**given)
    held = optimizer(lr)
    run = SimpleNamespace(optimizer=held, max_epochs=epochs, max_iters=total, data_loader=range(per_epoch))
    hook.before_run(run)
    rates = []
    for run.iter in range(total):
        run.epoch = run.iter // per_epoch
        if run.iter % per_epoch == 0:
            hook.before_train_epoch(run)
        hook.before_train_iter(run)
        rates.append(held.param_groups[0]["lr"])
    words = ", ".join(f"{key}={value!r}" for key, value in own.items())
    text = f"optimizer = dict(type='SGD', lr={lr})\nlr_config = dict({words})\nrunner = dict(max_epochs={epochs})\n"
    return "schedule.py", text, {"steps_per_epoch": per_epoch}, [rates]


# PaddleDetection


class PiecewiseDecay:
    """paddle's, as it is documented: the rate of the first boundary that lies ahead, or the last."""

    def __init__(self, boundaries: Sequence[int], values: Sequence[float]) -> None:
        self.boundaries, self.values = boundaries, values

    def at(self, step: int) -> float:
        passed = next((i for i, each in enumerate(self.boundaries) if step < each), len(self.values) - 1)
        return self.values[passed]


class CosineAnnealingDecay:
    """paddle's, as it is documented."""

    def __init__(self, learning_rate: float, T_max: int, eta_min: float) -> None:
        self.rate, self.period, self.floor = learning_rate, T_max, eta_min

    def at(self, step: int) -> float:
        return self.floor + 0.5 * (self.rate - self.floor) * (1 + math.cos(math.pi * step / self.period))


def paddle(chance: random.Random) -> Made:
    lr, epochs, per_epoch = number(chance, 1e-5, 0.1), chance.randrange(4, 20), chance.randrange(1, 9)
    decay: dict[str, Any] = {"name": "PiecewiseDecay", "milestones": sorted(chance.sample(range(1, 20), 2))}
    decay["gamma"] = chance.choice([0.1, 0.5, [0.3, 0.03]])
    if chance.random() < 0.5:
        decay = {"name": "CosineDecay", "max_epochs": chance.choice([epochs, epochs + 3])}
        decay |= chance.choice([{}, {"min_lr_ratio": 0.1}, {"last_plateau_epochs": 2}])
    warm: dict[str, Any] = {"name": "LinearWarmup", "start_factor": chance.choice([0.0, 0.001, 1 / 3])}
    if chance.random() < 0.3:
        warm = {"name": "ExpWarmup", "power": chance.choice([2, 3])}
    warm |= chance.choice([{"steps": chance.randrange(0, 9)}, {"epochs": 1}])
    if chance.random() < 0.2:
        decay["use_warmup"] = False
    parts = [{**part} for part in (decay, warm)]
    schedulers = [getattr(paddle_module, part.pop("name"))(**part) for part in parts]
    made = paddle_module.LearningRate(base_lr=lr, schedulers=schedulers)(per_epoch)
    text = yaml_of({"epoch": epochs, "LearningRate": {"base_lr": lr, "schedulers": [decay, warm]}})
    rates = [made.at(step) for step in range(epochs * per_epoch)]
    return "optimizer.yml", text, {"steps_per_epoch": per_epoch}, [rates]


# diffusers' scripts, in a command


def _held(lr: float) -> Any:
    """An optimizer as scripts make it, whose default is the rate of all."""
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)


def diffusers(chance: random.Random) -> Made:
    kinds = ["linear", "cosine", "cosine_with_restarts", "polynomial", "constant", "constant_with_warmup"]
    kind, lr, warm = chance.choice(kinds), number(chance, 1e-6, 1e-2), chance.choice([0, 5, 20])
    size, batch, accumulate = chance.randrange(20, 300), chance.choice([1, 2, 4]), chance.choice([1, 2, 4])
    epochs, cycles, power = chance.randrange(1, 5), chance.choice([1, 3]), chance.choice([1.0, 2.0])
    steps = epochs * math.ceil(math.ceil(size / batch) / accumulate)
    flags = {"data.size": size}
    words = ["accelerate launch train_text_to_image.py", f"--learning_rate {lr}", f"--lr_scheduler {kind}"]
    words += ["--pretrained_model_name_or_path a/b", "--dataset_name c", f"--train_batch_size={batch}"]
    words += [f"--gradient_accumulation_steps={accumulate}", f"--lr_warmup_steps={warm}", f"--lr_num_cycles={cycles}"]
    words += [f"--lr_power={power}", f"--num_train_epochs={epochs}"]
    if chance.random() < 0.4:
        steps, flags = chance.randrange(25, 200), {}
        words.append(f"--max_train_steps={steps}")
    held = _held(lr)
    given = {"num_warmup_steps": warm, "num_training_steps": steps, "num_cycles": cycles, "power": power}
    scheduler = diffusers_module.get_scheduler(kind, held, **given)
    return "train.sh", " \\\n  ".join(words) + "\n", flags, stepped(scheduler, held, steps)


# kohya's sd-scripts


def _kohya_scheduler(own: dict[str, Any], held: Any) -> Any:
    """What ``get_scheduler_fix`` makes of a file."""
    from transformers.optimization import TYPE_TO_SCHEDULER_FUNCTION, SchedulerType

    total, kind = own["max_train_steps"], own["lr_scheduler"]
    if "lr_scheduler_type" in own:
        arguments = dict(each.split("=") for each in own["lr_scheduler_args"])
        made = {key: float(value) if "." in value else int(value) for key, value in arguments.items()}
        return getattr(torch.optim.lr_scheduler, own["lr_scheduler_type"])(held, **made)

    def count(key: str) -> int:
        value = own.get(key, 0)
        return int(value * total) if isinstance(value, float) else value

    warm, decay = count("lr_warmup_steps"), count("lr_decay_steps")
    cycles, ratio = own.get("lr_scheduler_num_cycles", 1), own.get("lr_scheduler_min_lr_ratio")
    given = {
        "constant": {},
        "constant_with_warmup": {"num_warmup_steps": warm},
        "inverse_sqrt": {"num_warmup_steps": warm, "timescale": own.get("lr_scheduler_timescale")},
        "linear": {"num_warmup_steps": warm, "num_training_steps": total},
        "cosine": {"num_warmup_steps": warm, "num_training_steps": total},
        "cosine_with_restarts": {"num_warmup_steps": warm, "num_training_steps": total, "num_cycles": cycles},
        "polynomial": {
            "num_warmup_steps": warm, "num_training_steps": total, "power": own.get("lr_scheduler_power", 1),
        },
        "cosine_with_min_lr": {
            "num_warmup_steps": warm, "num_training_steps": total, "num_cycles": cycles / 2, "min_lr_rate": ratio,
        },
        "warmup_stable_decay": {
            "num_warmup_steps": warm, "num_decay_steps": decay, "num_stable_steps": total - warm - decay,
            "num_cycles": cycles / 2, "min_lr_ratio": ratio or 0.0,
        },
    }[kind]  # fmt: skip
    return TYPE_TO_SCHEDULER_FUNCTION[SchedulerType(kind)](held, **given)


def kohya(chance: random.Random) -> Made:
    kinds = ["constant", "constant_with_warmup", "inverse_sqrt", "linear", "cosine", "cosine_with_restarts"]
    kind, total = chance.choice([*kinds, "polynomial", "cosine_with_min_lr", "warmup_stable_decay"]), 120
    own: dict[str, Any] = {"learning_rate": number(chance, 1e-6, 1e-2), "max_train_steps": total, "lr_scheduler": kind}
    own["network_module"] = "networks.lora"
    if kind != "constant":
        own["lr_warmup_steps"] = chance.choice([0, 7, 30, 0.1, 0.033])
    if kind == "inverse_sqrt":
        own["lr_warmup_steps"] = chance.choice([7, 30])
        own |= chance.choice([{}, {"lr_scheduler_timescale": 50}])
    if "cosine_with" in kind or kind == "warmup_stable_decay":
        own["lr_scheduler_num_cycles"] = chance.choice([1, 2, 3])
    if kind in ("cosine_with_min_lr", "warmup_stable_decay"):
        own["lr_scheduler_min_lr_ratio"] = chance.choice([0.1, 0.25])
    if kind == "warmup_stable_decay":
        own["lr_decay_steps"] = chance.choice([30, 0.2])
    if kind == "polynomial":
        own["lr_scheduler_power"] = chance.choice([1.0, 2.0])
    if kind == "constant" and chance.random() < 0.6:
        own |= chance.choice(
            [
                {"lr_scheduler_type": "CosineAnnealingLR", "lr_scheduler_args": ["T_max=50", "eta_min=0.00000001"]},
                {"lr_scheduler_type": "StepLR", "lr_scheduler_args": ["step_size=20", "gamma=0.5"]},
            ]
        )
    held = _held(own["learning_rate"])
    scheduler = _kohya_scheduler(own, held)
    text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in own.items())
    return "lora.toml", text, {}, stepped(scheduler, held, total)


class _Registry:
    """mmcv's, which holds what is of no use here."""

    def register_module(self) -> Any:
        return lambda cls: cls


mmcv_module = load("mmcv", "mmcv/runner/hooks/lr_updater.py", {
    "mmcv": {"runner": None, "is_list_of": lambda items, kind: all(isinstance(each, kind) for each in items)},
    "mmcv.runner": {}, "mmcv.runner.hooks": {}, "mmcv.runner.hooks.hook": {"HOOKS": _Registry(), "Hook": object},
})  # fmt: skip
_LR = SimpleNamespace(PiecewiseDecay=PiecewiseDecay, CosineAnnealingDecay=CosineAnnealingDecay)
paddle_module = load("paddledet", "ppdet/optimizer/optimizer.py", {
    "paddle": {"nn": None}, "paddle.nn": {}, "paddle.optimizer": {"lr": _LR}, "paddle.regularizer": {},
    "ppdet": {}, "ppdet.core": {}, "ppdet.core.workspace": dict.fromkeys(("register", "serializable"), lambda cls: cls),
    "ppdet.optimizer": {}, "ppdet.optimizer.adamw": dict.fromkeys(("AdamWDL", "build_adamwdl")),
    "ppdet.utils": {}, "ppdet.utils.logger": {"setup_logger": logging.getLogger},
})  # fmt: skip
diffusers_module = load("diffusers", "diffusers/optimization.py", {
    "diffusers": {}, "diffusers.utils": {"logging": SimpleNamespace(get_logger=logging.getLogger)},
})  # fmt: skip
ORIGINALS = [(mmcv, False), (paddle, False), (diffusers, True), (kohya, True)]


@pytest.mark.parametrize(("framework", "exactly"), ORIGINALS)
def test_files_give_the_rates_that_the_framework_gives(framework: Any, exactly: bool) -> None:
    chance = random.Random(14)
    for _ in range(FILES):
        name, text, flags, original = framework(chance)
        compare(drawn(name, text, flags), original, exactly, f"{name} {flags}\n{text}")
