"""What code calls schedulers and optimizers, and in which order their arguments come: asked of the schedulers."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping

from lrplot.schedulers import Scheduler
from lrplot.schedulers.families import every_member, families, look_up

ROOTS = {"tf": "keras", "tensorflow": "keras", "optim": "torch", "lr_scheduler": "torch"}
"""How a dotted name may begin that is of a family, beside the family's own name."""

OPTIMIZERS: Mapping[str, float | None] = {
    "SGD": 1e-3, "Adam": 1e-3, "AdamW": 1e-3, "NAdam": 2e-3, "RAdam": 1e-3, "Adamax": 2e-3, "SparseAdam": 1e-3,
    "RMSprop": 1e-2, "Rprop": 1e-2, "Adagrad": 1e-2, "Adadelta": 1.0, "ASGD": 1e-2, "LBFGS": 1.0, "Adafactor": 1e-2,
    "Muon": 1e-3, "Lion": 1e-4, "LAMB": 1e-3, "Lamb": 1e-3, "LARS": None, "FusedAdam": 1e-3, "AdamW8bit": 1e-3,
    "Adam8bit": 1e-3, "DeepSpeedCPUAdam": 1e-3, "PagedAdamW8bit": 1e-3,
}  # fmt: skip
"""Optimizers by their classes' names, and the rate that each has by default."""

RATES_OF_KERAS = dict.fromkeys(OPTIMIZERS, 1e-3) | {"SGD": 1e-2}
"""The same of Keras' own."""

CHOOSERS = {"get_scheduler", "OptimizerParamScheduler", "create_scheduler", "create_scheduler_v2"}
"""Calls of which an argument says what scheduler they make."""

TRAINERS: Mapping[str, float] = {
    **dict.fromkeys(("TrainingArguments", "Seq2SeqTrainingArguments"), 5e-5),
    **dict.fromkeys(("SFTConfig", "GKDConfig"), 2e-5),
    **dict.fromkeys(("DPOConfig", "GRPOConfig", "KTOConfig", "ORPOConfig", "CPOConfig", "RLOOConfig"), 1e-6),
    "RewardConfig": 1e-4,
}
"""The arguments of transformers' Trainer and of trl's, and the rate that each has by default."""


@functools.cache
def _originals() -> dict[str, list[type[Scheduler]]]:
    """The schedulers by the last part of what their library calls them."""
    found: dict[str, list[type[Scheduler]]] = {}
    for cls in every_member():
        own = cls.name if not cls.original and cls.name[:1].isupper() else ""  # a class that -o x.py cannot write
        last = cls.original.rpartition(".")[2]
        for name in dict.fromkeys([last, own, cls.__name__ if cls.family == "torch" else ""]):
            if name:
                found.setdefault(name, []).append(cls)
    return found


@functools.cache
def scheduler_of(path: str) -> type[Scheduler] | None:
    """The scheduler that a dotted name calls, as its library has it, or as lrplot prints it.

    >>> scheduler_of("torch.optim.lr_scheduler.StepLR").name, scheduler_of("get_cosine_schedule_with_warmup").name
    ('step', 'cosine')
    """
    root, _, name = path.partition(".")[0], *path.rpartition(".")[1:]
    family = ROOTS.get(root, root)
    known = _originals().get(name, [])
    if family in families():
        known = [cls for cls in known if cls.family == family]
    if known:
        return known[0]
    return look_up(path) or look_up(path.replace("_", "-")) if root in families() else None


def order_of(cls: type[Scheduler]) -> list[str]:
    """The names of a constructor's arguments in order, as its library's code gives them."""
    names = [name for name in inspect.signature(cls.__init__).parameters if name != "self"]
    return names if cls.on_optimizer else [name for name in names if name != "optimizer"]


BASES = ("LRScheduler", "_LRScheduler")
"""What torch's schedulers build on."""

FAMILY_ROOTS = {*families(), *ROOTS, "diffusers", "megatron", "absl", "jnp", "jax"}


def known_names() -> list[str]:
    """What code calls schedulers, by the last part of the name."""
    return list(_originals())


BUILTINS = {
    *("len", "range", "list", "tuple", "dict", "set", "sorted", "sum", "enumerate", "zip", "map", "filter", "reversed"),
    *("str", "int", "float", "bool", "min", "max", "abs", "round", "pow", "any", "all", "iter", "next", "type"),
    *("isinstance", "hasattr", "getattr", "setattr", "vars", "super", "property", "print", "open", "input"),
    *("object", "partial", "Exception", "ValueError"),
}
"""Functions that a script has without an import, and partial."""
MODULES = {"math", "np", "numpy", "nn", "functools", "argparse", "bisect", "os", "sys", "click", "dataclasses"}
"""Modules that are known by their names where a script, or a pasted line, does not import them."""
