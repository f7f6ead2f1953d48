"""Records the golden values from the originals: ``make golden`` runs this where they are installed.

One file a scheduler, under ``values/``: its cases, each with what torch did. And ``states.yaml``, with a state of each,
and ``scripts.json``, with what scripts do to each beside stepping it.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import yaml
from torch.optim import lr_scheduler
from torch.optim.swa_utils import SWALR

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.golden import deepspeed, epochs, megatron, timm, transformers  # noqa: E402
from tests.golden.cases import CASES, scripts  # noqa: E402
from tests.golden.drive import Case, Library, arguments, momentum, start, trace  # noqa: E402
from tests.golden.script import OF_TORCHS_OWN, perform  # noqa: E402


def optimizer(case: Case) -> torch.optim.Optimizer:
    """torch's own SGD or Adam, one weight a parameter group."""
    groups = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": lr} for lr in case["lr"]]
    made = torch.optim.Adam(groups) if case["kind"] == "Adam" else torch.optim.SGD(groups, momentum=0.5)
    for group, initial_lr in zip(made.param_groups, case.get("initial_lr", ())):
        group["initial_lr"] = initial_lr
    for group, lr_scale in zip(made.param_groups, case.get("lr_scale", ())):
        group["lr_scale"] = lr_scale
    return made


TORCH = Library(
    schedulers={name: getattr(lr_scheduler, name) for name in lr_scheduler.__all__} | {"SWALR": SWALR},
    optimizer=optimizer,
    function=lambda text: eval(text, vars(__import__("math"))),  # the cases' own text
)


def compact(seen: dict[str, Any]) -> dict[str, Any]:
    """Leaves out momenta and weight decays that never move, and get_lr where there is none."""
    kept = dict(seen)
    for column in ("momenta", "weight_decays"):
        if all(values == seen[column][0] for values in seen[column]):
            del kept[column]
    if all(isinstance(rates, str) for rates in seen["get_lr"]):
        del kept["get_lr"]
    return kept


class NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def without(keys: Sequence[str], state: Any) -> Any:
    """A state in plain lists and mappings, without some of its keys."""
    if isinstance(state, dict):
        return {key: without(keys, value) for key, value in state.items() if key not in keys}
    return [without(keys, value) for value in state] if isinstance(state, (list, tuple)) else state


def saved(case: Case) -> dict[str, Any]:
    """A case with the states in the middle of the run, and what became of rates and momenta afterwards."""
    made, scheduler = start(TORCH, case)
    calls = arguments(case)
    at = len(calls) // 2
    seen: list[Any] = []
    for k, argument in enumerate(calls):
        made.step()
        scheduler.step(*argument)
        if k == at - 1:
            groups = [
                {key: group[key] for key in group if key != "params"} for group in made.state_dict()["param_groups"]
            ]
            states = without(OF_TORCHS_OWN, {"groups": groups, "state": scheduler.state_dict()})
        if k >= at:
            seen.append([[group["lr"], momentum(group)] for group in made.param_groups])
    return {"case": without((), case), "at": at, **states, "seen": seen}


def main() -> None:
    assert torch.__version__.startswith("2.13.0"), f"the golden values are torch 2.13.0's, this is {torch.__version__}"
    folder = HERE / "values"
    folder.mkdir(exist_ok=True)
    library = timm.original(transformers.original(TORCH))
    of_families = [(family.original(TORCH), family.CASES) for family in (deepspeed, megatron)]
    every = [(library, {**CASES, **transformers.CASES, **timm.CASES}), *of_families]
    for library, name, cases in ((library, *item) for library, of_library in every for item in of_library.items()):
        records = [{"case": case, **compact(trace(library, case))} for case in cases]
        lines = ",\n ".join(
            "{" + ",\n  ".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in record.items()) + "}"
            for record in records
        )
        (folder / f"{name}.json").write_text(f"[{lines}]\n")
        print(f"{name}: {len(cases)} cases, {sum('refused' in record for record in records)} refused")
    states = [saved(next(case for case in cases if "refused" not in trace(TORCH, case))) for cases in CASES.values()]
    text = yaml.dump(states, Dumper=NoAliases, sort_keys=False, width=120, default_flow_style=None)
    (HERE / "states.yaml").write_text(text)
    played = [
        {"case": case, "operations": operations, "seen": perform(TORCH, case, operations)}
        for name in CASES
        for case, operations in scripts(name)
    ]
    epochs.FILE.write_text(json.dumps([epochs.of_torch(*case) for case in epochs.cases()]) + "\n")
    (HERE / "scripts.json").write_text("[" + ",\n ".join(map(json.dumps, played)) + "]\n")


if __name__ == "__main__":
    main()
