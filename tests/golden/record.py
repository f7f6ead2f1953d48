"""Records the golden values from torch: ``make golden`` runs this where torch is installed.

One file a scheduler, under ``values/``: its cases, each with what torch did.
"""

import json
import sys
from pathlib import Path
from typing import Any

import torch
from torch.optim import lr_scheduler
from torch.optim.swa_utils import SWALR

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.golden.cases import CASES  # noqa: E402
from tests.golden.drive import Case, Library, trace  # noqa: E402


def optimizer(case: Case) -> torch.optim.Optimizer:
    """torch's own SGD or Adam, one weight a parameter group."""
    groups = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": lr} for lr in case["lr"]]
    made = torch.optim.Adam(groups) if case["kind"] == "Adam" else torch.optim.SGD(groups, momentum=0.5)
    for group, initial_lr in zip(made.param_groups, case.get("initial_lr", ())):
        group["initial_lr"] = initial_lr
    return made


TORCH = Library(
    schedulers={name: getattr(lr_scheduler, name) for name in lr_scheduler.__all__} | {"SWALR": SWALR},
    optimizer=optimizer,
    function=lambda text: eval(text, vars(__import__("math"))),  # the cases' own text
)


def compact(seen: dict[str, Any]) -> dict[str, Any]:
    """Leaves out momenta that never move, and get_lr where there is none."""
    kept = dict(seen)
    if all(momenta == seen["momenta"][0] for momenta in seen["momenta"]):
        del kept["momenta"]
    if all(rates == "NotImplementedError" for rates in seen["get_lr"]):
        del kept["get_lr"]
    return kept


def main() -> None:
    assert torch.__version__.startswith("2.13.0"), f"the golden values are torch 2.13.0's, this is {torch.__version__}"
    folder = HERE / "values"
    folder.mkdir(exist_ok=True)
    for name, cases in CASES.items():
        records = [{"case": case, **compact(trace(TORCH, case))} for case in cases]
        lines = ",\n ".join(
            "{" + ",\n  ".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in record.items()) + "}"
            for record in records
        )
        (folder / f"{name}.json").write_text(f"[{lines}]\n")
        print(f"{name}: {len(cases)} cases, {sum('refused' in record for record in records)} refused")


if __name__ == "__main__":
    main()
