"""lrplot's side of the golden cases, and the golden records."""

import json
from pathlib import Path
from typing import Any

from lrplot.configs.expression import Expression
from lrplot.schedulers.families import every_member, find
from lrplot.schedulers.optimizer import Optimizer
from tests.golden.drive import Case, Library

VALUES = Path(__file__).parents[1] / "golden" / "values"


def optimizer(case: Case) -> Optimizer:
    """The dummy for a case: of SGD's kind with a momentum, or of Adam's with betas."""
    kind: dict[str, Any] = {"betas": [0.9, 0.999]} if case["kind"] == "Adam" else {"momentum": 0.5}
    made = Optimizer(lr=case["lr"], initial_lr=case.get("initial_lr"), **kind)
    for group, lr_scale in zip(made.param_groups, case.get("lr_scale", ())):
        group["lr_scale"] = lr_scale
    return made


class Plateau(find("timm.plateau")):  # type: ignore[misc]
    """timm's in torch's words: ``step`` is given a metric, not an index before it."""

    def step(self, metric: float) -> None:
        super().step(None, metric)


SCHEDULERS = {cls.shown_name: cls for cls in every_member()}
LRPLOT = Library({**SCHEDULERS, "timm.plateau": Plateau}, optimizer=optimizer, function=Expression)


def records() -> list[dict[str, Any]]:
    """Every golden case with what torch did."""
    return [record for path in sorted(VALUES.glob("*.json")) for record in json.loads(path.read_text())]


def label(record: dict[str, Any]) -> str:
    """A case in one line, as a test's name."""
    case = record["case"]
    more = {key: value for key, value in case.items() if key not in ("scheduler", "kind", "steps", "lr")}
    return f"{_call(case['scheduler'])}-{len(case['lr'])}{case['kind']}" + (f"-{more}" if more else "")


def _call(spec: dict[str, Any]) -> str:
    return f"{spec['name']}({', '.join(f'{key}={_text(value)}' for key, value in spec.items() if key != 'name')})"


def _text(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    return _call(value) if isinstance(value, dict) else str(value)
