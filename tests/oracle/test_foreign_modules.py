"""Files of frameworks that are too large to install, drawn by lrplot and run by those modules of theirs that make the rate."""

import ast
import dataclasses
import json
import logging
import math
import random
from enum import Enum
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
    kinds += ["T5InverseSquareRootAnnealing"]
    kind = chance.choice([*kinds, "WarmupHoldAnnealLinear", "WarmupHoldAnnealOneMinusSquareRoot", "NoamHoldAnnealing"])
    steps, lr, warm = chance.randrange(30, 200), number(chance, 1e-4, 1.0), chance.choice([0, 5, 17])
    own: dict[str, Any] = {"warmup_steps": warm}
    if kind not in ("NoamAnnealing", "InverseSquareRootAnnealing"):
        own["min_lr"] = chance.choice([0.0, lr / 100])
    if kind == "NoamAnnealing":
        own |= {"d_model": chance.choice([64, 512]), "warmup_steps": max(warm, 1)}
    if kind.startswith("Polynomial"):
        own["power"] = chance.choice([1.0, 2.0])
    if kind == "T5InverseSquareRootAnnealing":
        own = {"constant_steps": chance.choice([5, 17]), "min_lr": 0.0}
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


def _builder() -> dict[str, Any]:
    """The method of its builder that makes a warm-up of a file."""
    tree = ast.parse(source("axolotl", "axolotl/core/builders/base.py"))
    named = ("_configure_warmup_and_logging", "_configure_scheduler")
    methods = [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef) and each.name in named]
    scope: dict[str, Any] = {}
    exec(compile(ast.Module(body=[*methods], type_ignores=[]), "axolotl", "exec"), scope)
    return scope


def axolotl(chance: random.Random) -> Made:
    own = {"learning_rate": number(chance, 1e-6, 1e-3), "micro_batch_size": chance.choice([1, 2, 4])}
    own |= {"gradient_accumulation_steps": chance.choice([1, 2, 8]), "num_epochs": chance.choice([1, 2, 3])}
    kinds = ["cosine", "cosine", "linear", "rex", "one_cycle", "constant_with_warmup", "inverse_sqrt", "polynomial"]
    own |= {"base_model": "a", "lr_scheduler": chance.choice(kinds)}
    size = chance.randrange(40, 700)
    steps = math.ceil(size * own["num_epochs"] / (own["micro_batch_size"] * own["gradient_accumulation_steps"]))
    if chance.random() < 0.3:
        own["max_steps"] = steps = chance.randrange(20, 200)
    ways = [{}, {"warmup_ratio": 0.1}, {"warmup_ratio": 0.033}, {"warmup_steps": chance.randrange(0, 15)}]
    own |= chance.choice([*ways, {"warmup_steps": 0.05}])
    if own["lr_scheduler"] in ("cosine", "rex") and chance.random() < 0.6:
        own["cosine_min_lr_ratio"] = chance.choice([0.1, 0.25])
    if own["lr_scheduler"] == "cosine":
        own |= chance.choice([{}, {"lr_quadratic_warmup": True}, {"cosine_constant_lr_ratio": 0.8}])
    if own["lr_scheduler"] in ("cosine", "linear", "constant_with_warmup") and chance.random() < 0.3:
        own |= {"jagged_restart_steps": chance.randrange(12, 60), **chance.choice([{}, {"relora": True}])}
        own |= chance.choice([{}, {"jagged_restart_warmup_steps": 4, "jagged_restart_anneal_steps": 3}])
    keys = ("warmup_steps", "warmup_ratio", "logging_steps", "lr_scheduler_kwargs", "lr_scheduler")
    args: dict[str, Any] = {"alternate_lr_scheduler_type": None, "learning_rate": own["learning_rate"]}
    cfg = SimpleNamespace(cfg=SimpleNamespace(**{key: own.get(key) for key in keys}))
    for name in axolotl_builder:
        if name.startswith("_configure"):
            arguments = (steps, args) if "warmup" in name else (args,)
            axolotl_builder[name](cfg, *arguments)
    warm = args["warmup_steps"]
    args |= {"get_warmup_steps": lambda total: int(warm) if warm >= 1 else math.ceil(total * warm)}
    restarts = [f"jagged_restart_{each}steps" for each in ("", "warmup_", "anneal_")]
    for key in ("lr_quadratic_warmup", "cosine_min_lr_ratio", "cosine_constant_lr_ratio", *restarts):
        args[key] = own.get(key)
    trainer = axolotl_module.SchedulerMixin.__new__(axolotl_module.SchedulerMixin)
    trainer.args, trainer.lr_scheduler = SimpleNamespace(**args), None
    held = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=own["learning_rate"])
    scheduler = trainer.create_scheduler(steps, held)
    return "axolotl.yaml", yaml_of(own), {"data.size": size}, stepped(scheduler, held, steps)


def torchtitan(chance: random.Random) -> Made:
    lr, steps = number(chance, 1e-5, 1e-2), chance.randrange(10, 200)
    own: dict[str, Any] = {"warmup_steps": chance.choice([0, 5, 20, 250])}
    own |= chance.choice([{}, {"decay_ratio": chance.choice([0.0, 0.1, 0.5, 1.0])}])
    own |= {"decay_type": chance.choice(["linear", "sqrt", "cosine"]), "min_lr_factor": chance.choice([0.0, 0.1])}
    own |= chance.choice([{}, {"total_steps": steps + 30}])
    held = optimizer(lr)
    config = torchtitan_module.LRSchedulersContainer.Config(**own)
    scheduler = config.build(optimizers=[held], training_steps=steps)
    lines = [f"{key} = {json.dumps(value)}" for key, value in own.items()]
    text = "\n".join([f"[training]\nsteps = {steps}\n[optimizer]\nlr = {lr}\n[lr_scheduler]", *lines, ""])
    return "titan.toml", text, {}, stepped(scheduler, held, steps)


def foundry(chance: random.Random) -> Made:
    lr, per_epoch, epochs = number(chance, 1e-5, 1e-2), chance.randrange(5, 40), chance.randrange(1, 5)
    by_epoch = chance.random() < 0.4
    total = per_epoch * epochs
    kind = chance.choice([*COMPOSER, "inv_sqrt_with_warmup"])
    warm = f"{chance.randrange(1, total)}ba" if chance.random() < 0.5 else f"{chance.choice([0.1, 0.03, 0.5])}dur"
    own: dict[str, Any] = {"t_warmup": warm}
    if kind in ("cosine_with_warmup", "linear_decay_with_warmup"):
        own |= {"alpha_f": chance.choice([0.0, 0.1]), **chance.choice([{}, {"t_max": f"{total + 3}ba"}])}
    if kind == "inv_sqrt_with_warmup":
        by_epoch = False
        own = {"t_warmup": f"{chance.randrange(1, 6)}ba", "t_scale": "5ba", "t_cooldown": f"{chance.choice([0, 2])}ba"}
        own |= {"alpha_f_decay": chance.choice([0.0, 0.1])}
    made = COMPOSER.get(kind, foundry_module.InverseSquareRootWithWarmupScheduler)(**own)
    time = time_module.Time.from_timestring
    duration = f"{epochs}ep" if by_epoch else f"{total}ba"
    state = SimpleNamespace(max_duration=time(duration), dataloader_len=time(f"{per_epoch}ba"))
    rates = []
    for step in range(total):
        state.timestamp = time_module.Timestamp(epoch=step // per_epoch, batch=step, batch_in_epoch=step % per_epoch)
        state.get_elapsed_duration = lambda: state.timestamp.get(state.max_duration.unit) / state.max_duration
        rates.append(lr * made(state))
    text = yaml_of({"max_duration": duration, "optimizer": {"lr": lr}, "scheduler": {"name": kind, **own}})
    return "mpt.yaml", text, {"steps_per_epoch": per_epoch} if by_epoch else {}, [rates]


def fairseq(chance: random.Random) -> Made:
    """Its schedulers by the update, and one by the epoch, which its trainer steps as it goes from epoch to epoch."""
    kind, warm = chance.choice([*FAIRSEQ]), chance.choice([0, 5, 20])
    steps, per_epoch, lr = chance.randrange(30, 200), chance.randrange(2, 30), number(chance, 1e-4, 1.0)
    own: dict[str, Any] = {"lr_scheduler": kind, "lr": lr, "max_update": steps, "warmup_updates": warm}
    first = {"warmup_init_lr": chance.choice([-1, lr / 100])}
    if kind == "inverse_sqrt":
        own |= {**first, "warmup_updates": max(warm, 1)}
    if kind == "cosine":
        own |= {
            **first,
            "min_lr": lr / 50,
            "lr_shrink": chance.choice([0.1, 0.75]),
            "t_mult": chance.choice([1, 1.5, 2]),
        }
        own["lr_period_updates"] = chance.choice([-1, 13, 40])
    if kind == "polynomial_decay":
        own |= {"total_num_update": steps - 7, "power": chance.choice([1.0, 2.0]), "end_learning_rate": lr / 50}
    if kind == "tri_stage":
        del own["warmup_updates"]
        own |= chance.choice([{"phase_ratio": [0.1, 0.4, 0.5]}, {"warmup_steps": 5, "hold_steps": 7, "decay_steps": 9}])
        own |= {"init_lr_scale": 0.01, "final_lr_scale": chance.choice([0.01, 0.05])}
    flags = {}
    if kind == "fixed" and chance.random() < 0.7:
        own |= {"lr": [lr, lr / 2, lr / 10], "force_anneal": chance.choice([None, 2, 4]), "lr_shrink": 0.3}
        flags = {"steps_per_epoch": per_epoch}
    held = optimizer(0.1)
    (group,) = held.param_groups
    rate = SimpleNamespace(set_lr=lambda lr: group.update(lr=lr), get_lr=lambda: group["lr"])
    cls, config = FAIRSEQ[kind]
    fields = {each.name: each.default for each in dataclasses.fields(config)}
    lrs = own["lr"] if isinstance(own["lr"], list) else [own["lr"]]
    scheduler = cls(SimpleNamespace(**{**fields, **own, "lr": lrs}), rate)
    rates = []
    for step in range(steps):
        if step % per_epoch == 0:
            scheduler.step_begin_epoch(step // per_epoch + 1)
        scheduler.step_update(step)
        rates.append(group["lr"])
    entries = {key: value for key, value in own.items() if value is not None}
    scheduling = {"_name": kind, **{key: each for key, each in entries.items() if key in fields and key[:3] != "lr"}}
    scheduling |= {key: own[key] for key in ("lr_period_updates", "lr_shrink") if key in entries}
    scheduling = {key: each for key, each in scheduling.items() if key != "max_update"}
    whole = {"optimization": {"lr": lrs, "max_update": steps}, "lr_scheduler": scheduling}
    return "config.yaml", yaml_of(whole), flags, [rates]


def _fairseq(name: str, file: str) -> tuple[Any, Any]:
    """A scheduler of fairseq's, and what it is configured by."""
    base = load("fairseq", "fairseq/optim/lr_scheduler/fairseq_lr_scheduler.py", {
        "fairseq": {}, "fairseq.dataclass": {}, "fairseq.dataclass.utils": {"gen_parser_from_dataclass": None},
        "fairseq.optim": {"FairseqOptimizer": SimpleNamespace},
    })  # fmt: skip
    module = load("fairseq", f"fairseq/optim/lr_scheduler/{file}.py", {
        "omegaconf": {"II": str, "DictConfig": dict}, "fairseq": {}, "fairseq.optim": {},
        "fairseq.dataclass": {"FairseqDataclass": object}, "fairseq.optim.lr_scheduler": {
            "FairseqLRScheduler": base.FairseqLRScheduler, "register_lr_scheduler": lambda *_, **__: lambda cls: cls,
        },
    })  # fmt: skip
    config = next(each for each in vars(module).values() if dataclasses.is_dataclass(each))
    return getattr(module, name), config


FAIRSEQ = {
    "fixed": _fairseq("FixedLRSchedule", "fixed_schedule"),
    "inverse_sqrt": _fairseq("InverseSquareRootSchedule", "inverse_square_root_schedule"),
    "polynomial_decay": _fairseq("PolynomialDecayLRSchedule", "polynomial_decay_schedule"),
    "tri_stage": _fairseq("TriStageLRSchedule", "tri_stage_lr_scheduler"),
    "cosine": _fairseq("CosineLRSchedule", "cosine_lr_scheduler"),
}
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


axolotl_builder = _builder()
axolotl_module = load("axolotl", "axolotl/core/trainers/mixins/scheduler.py", {
    "axolotl": {}, "axolotl.integrations": {}, "axolotl.utils": {},
    "axolotl.integrations.base": {"PluginManager": SimpleNamespace(get_instance=lambda: SimpleNamespace(
        create_lr_scheduler=lambda **_: None
    ))},
    "axolotl.utils.logging": {"get_logger": logging.getLogger},
    "axolotl.utils.schedulers": vars(load("axolotl", "axolotl/utils/schedulers.py", {})),
})  # fmt: skip
torchtitan_module = load("torchtitan", "torchtitan/components/optimizer/lr_scheduler.py", {
    "torchtitan": {}, "torchtitan.components": {}, "torchtitan.components.optimizer": {}, "torchtitan.tools": {},
    "torchtitan.components.optimizer.optimizer": {"OptimizersContainer": list},
    "torchtitan.config": {"Configurable": type("Configurable", (), {"Config": type("Config", (), {})})},
    "torchtitan.tools.logging": {"logger": logging.getLogger("torchtitan")},
})  # fmt: skip


class _StringEnum(str, Enum):
    """Composer's, by the values alone."""


_IN_COMPOSER: dict[str, Any] = {"composer": {}, "composer.utils": {"StringEnum": _StringEnum}}
time_module = load("mosaicml", "composer/core/time.py", {
    **_IN_COMPOSER, "composer.core": {}, "composer.core.serializable": {"Serializable": object},
})  # fmt: skip
_TIMES = {"State": None, "Time": time_module.Time, "TimeUnit": time_module.TimeUnit}
composer_module = load("mosaicml", "composer/optim/scheduler.py", {**_IN_COMPOSER, "composer.core": _TIMES})
foundry_module = load("llm_foundry", "llmfoundry/optim/scheduler.py", {
    **_IN_COMPOSER, "composer.core": _TIMES, "composer.optim": vars(composer_module),
    "composer.optim.scheduler": vars(composer_module), "llmfoundry": {}, "llmfoundry.utils": {},
    "llmfoundry.utils.warnings": {"experimental_class": lambda name: lambda cls: cls},
})  # fmt: skip
COMPOSER = {
    "cosine_with_warmup": composer_module.CosineAnnealingWithWarmupScheduler,
    "linear_decay_with_warmup": composer_module.LinearWithWarmupScheduler,
    "constant_with_warmup": composer_module.ConstantWithWarmupScheduler,
}
ORIGINALS = [(ultralytics, False), (torchtune, True), (nemo, False), (axolotl, False), (torchtitan, False)]


@pytest.mark.parametrize(("framework", "exactly"), [*ORIGINALS, (foundry, False), (fairseq, False)])
def test_files_give_the_rates_that_the_framework_gives(framework: Any, exactly: bool) -> None:
    chance = random.Random(14)
    for _ in range(FILES):
        name, text, flags, original = framework(chance)
        compare(drawn(name, text, flags), original, exactly, f"{name} {flags}\n{text}")
