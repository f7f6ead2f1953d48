"""Training scripts, run against torch itself: the rates that each step of their optimizer uses.

``python -m tests.code.originals``, where torch and transformers are, records them beside the scripts.
"""

import contextlib
import io
import json
import sys
import types
import warnings
from pathlib import Path
from typing import Any
from unittest import mock

from tests.golden import timm
from tests.golden.modules import standing_in

SCRIPTS = Path(__file__).parent / "scripts"
RECORDED = SCRIPTS / "expected.json"
BATCHES = 5
"""Of the loader that the scripts are given."""
STEPS = 20
"""Of a run of Lightning's."""


def used_by(path: Path) -> list[list[float]]:
    """The rates, a list with one a group, at each step of the optimizer."""
    import torch

    timm.schedulers()  # without the rest of timm, which nothing here needs
    used: list[list[float]] = []
    made: list[Any] = []
    begin = torch.optim.Optimizer.__init__

    def note(self: Any, *args: Any, **kwargs: Any) -> None:
        made.append(self)
        begin(self, *args, **kwargs)

    def step(self: Any, closure: Any = None) -> None:
        used.append([float(group["lr"]) for group in self.param_groups])

    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(mock.patch.object(torch.optim.Optimizer, "__init__", note))
        for name in ("SGD", "Adam", "AdamW", "RMSprop", "Adadelta"):
            stack.enter_context(mock.patch.object(getattr(torch.optim, name), "step", step))
        stack.enter_context(mock.patch.object(sys, "argv", ["train.py"]))
        stack.enter_context(standing_in({"lightning": _lightning()}))
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        scope = {"__name__": "__main__", **_given(lambda *_: made[-1].step())}
        exec(compile(path.read_text(), str(path), "exec"), scope)
        if "Lit" in scope:
            _fit(scope["Lit"]())
    return used


def _given(train: Any) -> dict[str, Any]:
    """What the scripts take for granted: an epoch whose batches are not seen counts as one step."""
    import torch

    models = {name: torch.nn.Linear(1, 1) for name in ("model", "backbone", "head")}
    functions = dict.fromkeys(("train", "train_fn", "train_one_epoch"), train)
    numbers = {"estimate_loss": lambda: 0.0, "forward": lambda: 0.0, "validate": lambda epoch: 1.0}
    return {**models, **functions, **numbers, "train_loader": [(0, 0)] * BATCHES}


def _lightning() -> types.ModuleType:
    import torch

    class LightningModule(torch.nn.Linear):
        """As much of it as a script needs here."""

        def __init__(self) -> None:
            super().__init__(1, 1)

        def save_hyperparameters(self) -> None:
            self.hparams = types.SimpleNamespace(lr=1e-3, warmup_steps=4)
            self.trainer = types.SimpleNamespace(estimated_stepping_batches=STEPS)

    module = types.ModuleType("lightning")
    module.LightningModule = LightningModule  # type: ignore[attr-defined]
    return module


def _fit(module: Any) -> None:
    made = module.configure_optimizers()
    for _ in range(STEPS):
        made["optimizer"].step()
        made["lr_scheduler"]["scheduler"].step()


def main() -> None:
    """Records what all scripts do."""
    found = {path.stem: used_by(path) for path in sorted(SCRIPTS.glob("*.py"))}
    lines = [f"{json.dumps(name)}: {json.dumps(rates)}" for name, rates in found.items()]
    RECORDED.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
