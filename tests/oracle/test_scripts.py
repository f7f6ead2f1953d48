"""What a training script can write, in every order: torch's schedulers and lrplot's are equal after each operation."""

import math
import pickle
from typing import Any

import pytest
import torch

from lrplot.schedulers import Scheduler
from tests.golden.drive import Case, Library
from tests.golden.record import TORCH, optimizer
from tests.golden.script import Operation, Refused, Script
from tests.oracle import scripts
from tests.oracle.chance import drawn
from tests.oracle.conftest import tallies
from tests.oracle.test_oracle import CASES, SCHEDULERS, bits
from tests.schedulers.library import LRPLOT

SCRIPTS = math.ceil(5 * CASES / len(SCHEDULERS))
"""5,000 in all where CASES is 1,000."""


class Fading:
    """A function with a state of its own, which a scheduler's state holds."""

    def __init__(self, gamma: float) -> None:
        self.gamma = gamma

    def __call__(self, x: float) -> float:
        return float(self.gamma**x)


def function(text: str) -> Any:
    return eval(text, {**vars(math), "Fading": Fading})  # the cases' own text


def made_by_torch(case: Case) -> torch.optim.Optimizer:
    """torch's own SGD or Adam; with rates that are tensors, where the case says so."""
    made = optimizer(case)
    for group in made.param_groups if case["tensors"] else ():
        group["lr"] = torch.tensor(group["lr"])
    return made


THEIRS = Library(schedulers=TORCH.schedulers, optimizer=made_by_torch, function=function)
OURS = Library(schedulers=LRPLOT.schedulers, optimizer=made_by_torch, function=function)


def exchange(theirs: Script, ours: Script) -> list[Any]:
    """Each takes up the state of the other, as it comes out of a file."""
    states = [pickle.loads(pickle.dumps(script.scheduler.state_dict())) for script in (ours, theirs)]
    outcomes = []
    for script, state in zip((theirs, ours), states):
        try:
            outcomes.append(script.scheduler.load_state_dict(state))
        except Exception as error:
            outcomes.append(Refused(error))
    return outcomes


def difference(case: Case, operations: list[Operation]) -> tuple[str, bool]:
    """What lrplot's did that torch's did not (nothing, as an empty text), and whether both refused."""
    made = []
    for library in (THEIRS, OURS):
        try:
            made.append(Script(library, case))
        except Exception as error:
            made.append(Refused(error))
    theirs, ours = made
    if isinstance(theirs, Refused) or isinstance(ours, Refused):
        return "" if type(theirs) is type(ours) else f"made: torch {theirs}, lrplot {ours}", True
    for number, operation in enumerate(operations):
        told = f"operation {number}, {operation}: "
        answers = exchange(theirs, ours) if operation == ("exchange",) else [theirs.do(operation), ours.do(operation)]
        if any(isinstance(answer, Refused) for answer in answers):
            if not all(isinstance(answer, Refused) for answer in answers):
                return f"{told}torch {answers[0]}, lrplot {answers[1]}", False
            if not answers[1].is_in_words:
                return f"{told}lrplot: {answers[1]}", False
            if not (operation[0].startswith("get_lr") and isinstance(answers[0].error, NotImplementedError)):
                return "", True  # where a script ends
        elif bits(answers[0]) != bits(answers[1]):
            return f"{told}torch {answers[0]}, lrplot {answers[1]}", False
        told += what_differs(theirs.look(), ours.look())
        if not told.endswith(": "):
            return told, False
    return "", False


def what_differs(theirs: Any, ours: Any) -> str:
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in sorted({*theirs, *ours}, key=str):
            if key not in ours or key not in theirs:
                return f"{key} is not in {'ours' if key in theirs else 'theirs'}"
            if problem := what_differs(theirs[key], ours[key]):
                return f"{key}: {problem}"
        return ""
    if isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        return next(filter(None, map(what_differs, theirs, ours)), "")
    return "" if bits(theirs) == bits(ours) else f"torch {theirs}, lrplot {ours}"


@pytest.mark.parametrize("cls", SCHEDULERS, ids=lambda cls: cls.__name__)
def test_what_a_script_writes_in_any_order_does_the_same(cls: type[Scheduler]) -> None:
    for case, operations in drawn(scripts.scripts(cls), SCRIPTS):
        tally = tallies[f"{cls.__name__}, scripts"]
        problem, refused = difference(case, operations)
        tally["cases"] += 1
        tally["refused"] += refused and not problem
        if problem:
            tally["off"] += 1
            lines = "\n".join(map(str, operations))
            pytest.fail(f"{problem}\n\n{case}\n{lines}", pytrace=False)
