"""Other frameworks' files, drawn by lrplot and run by the frameworks: equal rates at every step, 200 random files each."""

import importlib
import json
import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

pytest.importorskip("torch")

import torch

from lrplot.configs.document import Value
from lrplot.configs.sources import load

FILES = 200
CLOSE = 1e-12
"""Of the peak, where lrplot draws an expression: the original's operations stand in another order."""

Rates = Sequence[Sequence[float]]


def drawn(name: str, text: str, flags: Mapping[str, Any]) -> Rates:
    """What lrplot draws of a file, by group."""
    overrides = {key: Value(str(value), f"--{key}") for key, value in flags.items()}
    (curve,) = load(name, overrides, text=text).curves()
    return [list(rates) for rates in curve.rates]


def compare(made: Rates, original: Rates, exactly: bool, what: str) -> None:
    assert [len(each) for each in made] == [len(each) for each in original], what
    for ours, theirs in zip(made, original):
        quantum = 0.0 if exactly else CLOSE * max(map(abs, theirs))
        worst = max(range(len(ours)), key=lambda step: abs(ours[step] - theirs[step]))
        assert abs(ours[worst] - theirs[worst]) <= quantum, (worst, ours[worst], theirs[worst], what)


def optimizer(*rates: float) -> Any:
    return torch.optim.SGD([{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": rate} for rate in rates], lr=0.1)


def stepped(scheduler: Any, held: Any, steps: int) -> Rates:
    """The rates that the optimizer uses in the loop that everybody writes."""
    rates: list[list[float]] = [[] for _ in held.param_groups]
    for _ in range(steps):
        for group, column in zip(held.param_groups, rates):
            column.append(float(group["lr"]))
        held.step()
        scheduler.step()
    return rates


def number(chance: random.Random, low: float, high: float) -> float:
    return float(f"{math.exp(chance.uniform(math.log(low), math.log(high))):.3g}")


def yaml_of(entries: Mapping[str, Any]) -> str:
    return json.dumps(entries)  # which is YAML


# transformers


def trainer(chance: random.Random) -> tuple[str, str, dict[str, Any], Rates]:
    pytest.importorskip("accelerate")
    from transformers import Trainer, TrainingArguments

    kinds = [
        "linear",
        "cosine",
        "constant",
        "constant_with_warmup",
        "cosine_with_restarts",
        "polynomial",
        "inverse_sqrt",
    ]
    kind = chance.choice([*kinds, "cosine_with_min_lr", "cosine_warmup_with_min_lr"])
    given: dict[str, Any] = {"learning_rate": number(chance, 1e-6, 1e-2), "lr_scheduler_type": kind}
    given["per_device_train_batch_size"] = chance.choice([1, 2, 8, 16])
    given["gradient_accumulation_steps"] = chance.choice([1, 2, 3, 8])
    given["num_train_epochs"] = chance.choice([1, 2, 3, 0.5, 2.5])
    given["warmup_steps"] = chance.choice([0, 0.03, 0.1, 0.25, 5, 12])
    flags: dict[str, Any] = {"data.size": chance.randrange(50, 600)}
    if chance.random() < 0.3:
        given["max_steps"] = chance.randrange(20, 200)
        flags = {}
    if kind.endswith("min_lr"):
        given["lr_scheduler_kwargs"] = {"min_lr_rate": chance.choice([0.1, 0.01])}
    if kind == "cosine_with_restarts":
        given["lr_scheduler_kwargs"] = {"num_cycles": chance.randrange(1, 5)}
    args = TrainingArguments(output_dir="out", use_cpu=True, report_to=[], **given)
    data = [{"x": 0}] * flags.get("data.size", 100)
    held = optimizer(given["learning_rate"])
    held.defaults["lr"] = given["learning_rate"]
    whole = Trainer(torch.nn.Linear(1, 1), args, train_dataset=data, optimizers=(held, None))
    loader = torch.utils.data.DataLoader(data, batch_size=given["per_device_train_batch_size"])
    steps = whole.set_initial_training_values(args, loader)[-1]
    return "args.yaml", yaml_of(given), flags, stepped(whole.create_scheduler(steps, held), held, steps)


# timm


def timm_script(chance: random.Random) -> tuple[str, str, dict[str, Any], Rates]:
    from argparse import Namespace

    from tests.golden.timm import schedulers

    given: dict[str, Any] = {"opt": "sgd", "sched": chance.choice(["cosine", "tanh", "step", "multistep", "poly"])}
    given |= {
        "lr": number(chance, 1e-4, 1.0),
        "epochs": chance.randrange(5, 60),
        "warmup_epochs": chance.choice([0, 3, 5]),
    }
    given |= {"warmup_lr": number(chance, 1e-6, 1e-3), "min_lr": chance.choice([0.0, 1e-5])}
    given |= {"cooldown_epochs": chance.choice([0, 10]), "decay_epochs": chance.choice([2, 2.4, 30])}
    given |= {"decay_rate": chance.choice([0.1, 0.97]), "decay_milestones": [3, 9, 20]}
    given |= {"warmup_prefix": chance.random() < 0.3, "lr_cycle_limit": chance.choice([1, 1, 2])}
    given |= {"lr_cycle_decay": 0.5, "lr_cycle_mul": 1.0, "lr_k_decay": 1.0, "sched_on_updates": False}
    more = {"lr_noise": None, "lr_noise_pct": 0.67, "lr_noise_std": 1.0, "seed": 42, "patience_epochs": 10}
    held = optimizer(given["lr"])
    library = schedulers()
    factory = importlib.import_module("timm.scheduler.scheduler_factory")
    scheduler, total = factory.create_scheduler_v2(
        held, **factory.scheduler_kwargs(Namespace(**given, **more, eval_metric="top1"))
    )
    assert library
    rates = []
    for epoch in range(total):
        rates.append(held.param_groups[0]["lr"])
        scheduler.step(epoch + 1)
    return "args.yaml", yaml_of(given), {}, [rates]


# detectron2: its own files are on no index, its schedules are fvcore's


def detectron2(chance: random.Random) -> tuple[str, str, dict[str, Any], Rates]:
    fvcore = pytest.importorskip("fvcore.common.param_scheduler")
    total, lr = chance.randrange(50, 400), number(chance, 1e-4, 0.1)
    warm, first = chance.choice([chance.randrange(1, 40), total + 50]), chance.choice([0.001, 0.1])
    given: dict[str, Any] = {"BASE_LR": lr, "MAX_ITER": total, "WARMUP_ITERS": warm, "WARMUP_FACTOR": first}
    if chance.random() < 0.5:
        drops = sorted(chance.sample(range(1, total), 3))
        given |= {"STEPS": f"({', '.join(map(str, drops))})", "GAMMA": chance.choice([0.1, 0.5])}
        inner = fvcore.MultiStepParamScheduler(
            [given["GAMMA"] ** k for k in range(len(drops) + 1)], milestones=drops, num_updates=total
        )
    else:
        given |= {"LR_SCHEDULER_NAME": "WarmupCosineLR", "BASE_LR_END": chance.choice([0.0, lr / 10])}
        inner = fvcore.CosineParamScheduler(1, given["BASE_LR_END"] / lr)
    share = min(warm / total, 1.0)
    parts = [fvcore.LinearParamScheduler(first * inner(0.0), inner(share)), inner]
    whole = fvcore.CompositeParamScheduler(parts, interval_scaling=["rescaled", "fixed"], lengths=[share, 1 - share])
    text = yaml_of({"SOLVER": given})
    return "config.yaml", text, {}, [[lr * whole(step / total) for step in range(total)]]


# mmengine


def mmengine(chance: random.Random) -> tuple[str, str, dict[str, Any], Rates]:
    module = pytest.importorskip("mmengine.optim.scheduler.lr_scheduler")
    epochs, per_epoch, lr = chance.randrange(4, 12), chance.randrange(3, 12), number(chance, 1e-4, 0.1)
    warm = chance.randrange(2, 3 * per_epoch)
    listed: list[dict[str, Any]] = []
    if chance.random() < 0.8:
        listed.append({"type": "LinearLR", "start_factor": 0.001, "by_epoch": False, "begin": 0, "end": warm})
    listed.append(_second(chance, epochs))
    held = optimizer(lr)
    made = []
    for each in listed:
        parts = dict(each)
        cls = getattr(module, parts.pop("type"))
        by_epoch = parts.get("by_epoch", True)
        parts.setdefault("end", epochs)
        if parts.pop("convert_to_iter_based", False):
            made.append((False, cls.build_iter_from_epoch(held, epoch_length=per_epoch, **parts)))
        else:
            made.append((by_epoch, cls(held, **parts)))
    rates = []
    for step in range(epochs * per_epoch):
        rates.append(held.param_groups[0]["lr"])
        held.step()
        for by_epoch, scheduler in made:
            if not by_epoch or (step + 1) % per_epoch == 0:
                scheduler.step()
    given = {"train_cfg": {"max_epochs": epochs}, "optim_wrapper": {"optimizer": {"lr": lr}}, "param_scheduler": listed}
    return (
        "config.py",
        "".join(f"{key} = {value!r}\n" for key, value in given.items()),
        {"steps_per_epoch": per_epoch},
        [rates],
    )


def _second(chance: random.Random, epochs: int) -> dict[str, Any]:
    kind = chance.choice(["MultiStepLR", "StepLR", "ExponentialLR", "CosineAnnealingLR", "PolyLR", "ConstantLR"])
    made: dict[str, Any] = {"type": kind, "by_epoch": True}
    if kind == "MultiStepLR":
        made |= {"milestones": sorted(chance.sample(range(1, epochs), 2)), "gamma": 0.1, "begin": 0, "end": epochs}
    elif kind == "StepLR":
        made |= {"step_size": chance.randrange(1, 4), "gamma": 0.5}
    elif kind == "ExponentialLR":
        made |= {"gamma": 0.8}
    else:
        begin = chance.randrange(3, epochs)
        made |= {"begin": begin, "convert_to_iter_based": kind != "ConstantLR" and chance.random() < 0.6}
        if kind == "CosineAnnealingLR":
            begin = made["begin"] = chance.choice([0, 1, begin])  # while the warm-up still acts, too
            made |= {"T_max": epochs - begin, "end": epochs, "eta_min": chance.choice([0.0, 1e-5])}
        if kind == "PolyLR":
            made |= {"power": 0.9, "eta_min": chance.choice([0.0, 1e-5]), "end": epochs}
            made["begin"] = min(begin, epochs - 2)
        if kind == "ConstantLR":
            made |= {"begin": 0, "end": 3, "factor": 0.25}
    return made


# DeepSpeed and Megatron: their files alone


def deepspeed(chance: random.Random) -> tuple[str, str, dict[str, Any], Rates]:
    from tests.golden import deepspeed as golden
    from tests.golden.record import TORCH

    library = golden.original(TORCH)
    kind, total = chance.choice(["WarmupLR", "WarmupDecayLR", "WarmupCosineLR", "LRRangeTest", "OneCycle"]), 120
    lr, warm = number(chance, 1e-5, 1e-2), chance.randrange(2, 40)
    own: dict[str, Any] = {
        "WarmupLR": {"warmup_max_lr": lr, "warmup_num_steps": warm},
        "WarmupDecayLR": {"warmup_max_lr": lr, "warmup_num_steps": warm, "total_num_steps": total},
        "WarmupCosineLR": {"warmup_num_steps": warm, "total_num_steps": total, "cos_min_ratio": 0.05},
        "LRRangeTest": {"lr_range_test_min_lr": lr, "lr_range_test_step_size": warm, "lr_range_test_step_rate": 2.0},
        "OneCycle": {
            "cycle_min_lr": lr / 10,
            "cycle_max_lr": lr,
            "cycle_first_step_size": warm,
            "cycle_momentum": False,
        },
    }[kind]
    if kind.startswith("Warmup"):
        own["warmup_type"] = chance.choice(["log", "linear"])
    held = optimizer(lr)
    scheduler = library.schedulers[f"deepspeed.{kind}"](held, **own)
    text = json.dumps({"optimizer": {"type": "SGD", "params": {"lr": lr}}, "scheduler": {"type": kind, "params": own}})
    return "ds.json", text.replace("}}}", "},}}"), {"steps": total}, stepped(scheduler, held, total)


def megatron(chance: random.Random) -> tuple[str, str, dict[str, Any], Rates]:
    from tests.golden import megatron as golden
    from tests.golden.record import TORCH

    library = golden.original(TORCH)
    style = chance.choice(["linear", "cosine", "constant", "inverse-square-root"])
    lr, total = number(chance, 1e-5, 1e-2), chance.randrange(40, 200)
    decay, warm = chance.randrange(30, total + 1), chance.randrange(1, 25)
    held = optimizer(lr)
    own = {"max_lr": lr, "min_lr": lr / 10, "lr_decay_steps": decay, "lr_warmup_steps": warm}
    scheduler = library.schedulers[f"megatron.{style}"](held, **own)
    flags = f"--lr {lr} --min-lr {lr / 10} --train-iters {total} --lr-decay-iters {decay} --lr-decay-style {style}"
    text = f"#!/bin/bash\nARGS=(\n  {flags} \\\n  --lr-warmup-iters {warm}\n)\npython pretrain_gpt.py ${{ARGS[@]}}\n"
    return "run.sh", text, {}, stepped(scheduler, held, total)


# torch itself, as Hydra and Lightning CLI name it


def torch_by_name(chance: random.Random) -> tuple[str, str, dict[str, Any], Rates]:
    epochs, lr = chance.randrange(5, 60), number(chance, 1e-5, 1.0)
    choices: list[tuple[str, dict[str, Any]]] = [
        ("StepLR", {"step_size": chance.randrange(1, 20), "gamma": 0.5}),
        ("CosineAnnealingLR", {"T_max": epochs, "eta_min": 1e-6}),
        ("ExponentialLR", {"gamma": 0.95}),
        ("MultiStepLR", {"milestones": [3, 9], "gamma": 0.1}),
        ("CosineAnnealingWarmRestarts", {"T_0": 7, "T_mult": 2}),
        ("LinearLR", {"start_factor": 0.1, "total_iters": 5}),
    ]
    kind, own = chance.choice(choices)
    held = optimizer(lr)
    scheduler = getattr(torch.optim.lr_scheduler, kind)(held, **own)
    if chance.random() < 0.5:
        made: dict[str, Any] = {"_target_": f"torch.optim.lr_scheduler.{kind}", "_partial_": True, **own}
        net = {"optimizer": {"_target_": "torch.optim.SGD", "_partial_": True, "lr": "${lr}"}, "scheduler": made}
        given: dict[str, Any] = {"lr": lr, "model": net, "trainer": {"max_epochs": epochs}}
    else:
        given = {
            "trainer": {"max_epochs": epochs},
            "optimizer": {"class_path": "torch.optim.SGD", "init_args": {"lr": lr}},
        }
        given["lr_scheduler"] = {"class_path": f"torch.optim.lr_scheduler.{kind}", "init_args": own}
    return "config.yaml", yaml_of(given), {}, stepped(scheduler, held, epochs)


FRAMEWORKS: Sequence[tuple[Callable[[random.Random], tuple[str, str, dict[str, Any], Rates]], bool]] = [
    (trainer, True),
    (timm_script, True),
    (detectron2, False),
    (mmengine, False),
    (deepspeed, True),
    (megatron, True),
    (torch_by_name, True),
]


@pytest.mark.parametrize(("framework", "exactly"), FRAMEWORKS, ids=lambda value: getattr(value, "__name__", ""))
def test_files_give_the_rates_that_the_framework_gives(framework: Any, exactly: bool) -> None:
    chance = random.Random(14)
    for _ in range(FILES):
        name, text, flags, original = framework(chance)
        compare(drawn(name, text, flags), original, exactly, f"{name} {flags}\n{text}")
