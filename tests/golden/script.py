"""Training scripts, in torch's library or in lrplot's: what they do to a scheduler, one operation after another."""

import copy
import pickle
import warnings
from typing import Any

from tests.golden.drive import Case, Library, build, momentum, start

Operation = tuple[Any, ...]
"""A method of ``Script``, and what it is given."""


class Script:
    """A training script in one of the libraries: each operation is a method."""

    def __init__(self, library: Library, case: Case) -> None:
        self.library = library
        self.case = case
        self.optimizer, self.scheduler = start(library, case)
        self.saved = self._states()

    def _states(self) -> tuple[Any, Any]:
        return copy.deepcopy((self.optimizer.state_dict(), self.scheduler.state_dict()))

    def train(self, *metric: float) -> None:
        self.optimizer.step()
        self.scheduler.step(*metric)

    def step(self, *arguments: float) -> None:
        self.scheduler.step(*arguments)

    def part(self, k: int) -> Any:
        """One of the schedulers inside, which the script has made as well; the scheduler where there are none."""
        inner = getattr(self.scheduler, "_schedulers", [self.scheduler])
        return inner[k % len(inner)]

    def get_lr(self) -> list[float]:
        return [float(rate) for rate in self.scheduler.get_lr()]

    def get_lr_of_part(self, k: int) -> list[float]:
        return [float(rate) for rate in self.part(k).get_lr()]

    def step_part(self, k: int) -> None:
        self.part(k).step()

    def add_group(self, group: dict[str, float]) -> None:
        weights = copy.deepcopy(self.optimizer.param_groups[0].get("params"))  # a dummy has none
        self.optimizer.add_param_group({"params": weights, **group})

    def set_group(self, i: int, key: str, value: float) -> None:
        group = self.optimizer.param_groups[i % len(self.optimizer.param_groups)]
        if key == "momentum" and "betas" in group:
            group["betas"] = (value, group["betas"][1])
        else:
            group[key] = value

    def set_base_lr(self, k: int, i: int, value: float) -> None:
        if hasattr(self.part(k), "base_lrs"):
            self.part(k).base_lrs[i % len(self.part(k).base_lrs)] = value

    def set(self, k: int, name: str, value: Any) -> None:
        if hasattr(self.part(k), name):
            setattr(self.part(k), name, value)

    def save(self) -> None:
        self.saved = self._states()

    def load(self) -> None:
        """Goes back to what was saved, as after a loss that diverged; the optimizer keeps what it has."""
        self.scheduler.load_state_dict(copy.deepcopy(self.saved[1]))

    def resume(self, spec: dict[str, Any], now: bool) -> None:
        """Goes on in another process, from what was saved or from here, with parameters that may have changed."""
        states = self._states() if now else self.saved
        groups = [1.0] * len(states[0]["param_groups"])
        self.optimizer, self.scheduler = start(self.library, {**self.case, "scheduler": spec, "lr": groups})
        self.optimizer.load_state_dict(copy.deepcopy(states[0]))
        self.scheduler.load_state_dict(pickle.loads(pickle.dumps(states[1])))

    def make_again(self, spec: dict[str, Any]) -> None:
        """Goes on with a new scheduler on the same optimizer."""
        self.scheduler = build(self.library, self.optimizer, {**spec, "last_epoch": self.scheduler.last_epoch})

    def copy(self) -> None:
        """Goes on with a copy, as an average of weights or a sweep does."""
        self.optimizer, self.scheduler = copy.deepcopy((self.optimizer, self.scheduler))

    def do(self, operation: Operation) -> Any:
        """What an operation answers, or how it is refused."""
        name, arguments = operation[0], operation[1:]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                answer = getattr(self, name)(*arguments)
                self.look()
                return answer
            except Exception as error:  # torch refuses with whatever its formula runs into
                return Refused(error)

    def look(self) -> dict[str, Any]:
        """All that there is to see of optimizer and scheduler."""
        groups = [{key: plain(value) for key, value in group.items()} for group in self.optimizer.param_groups]
        for group in groups:
            group["lr"] = float(group["lr"])  # refuses a complex rate, which torch computes but no optimizer can use
        return {
            "groups": [{key: value for key, value in group.items() if key != "params"} for group in groups],
            "get_last_lr()": [float(rate) for rate in self.scheduler.get_last_lr()],
            "state": plain(self.scheduler.state_dict()),
        }


class Refused:
    """How an operation was refused; one refusal is as good as another."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    @property
    def is_in_words(self) -> bool:
        return " " in str(self.error) and not isinstance(self.error, (IndexError, AttributeError))

    def __repr__(self) -> str:
        return f"{type(self.error).__name__}: {self.error}"


def perform(library: Library, case: Case, operations: list[Operation]) -> list[Any]:
    """For each operation what it answered, and the rates and momenta after it, up to the first that is refused."""
    script = Script(library, case)
    seen: list[Any] = []
    for operation in operations:
        answer = script.do(operation)
        groups = script.optimizer.param_groups
        if not isinstance(answer, Refused):
            seen.append([answer, [float(group["lr"]) for group in groups], [momentum(group) for group in groups]])
        else:
            seen.append("refused")
            if not isinstance(answer.error, NotImplementedError):  # of a scheduler that has no get_lr()
                break
    return seen


OF_TORCHS_OWN = ("_is_initial", "_get_lr_called_within_step")
"""What torch's state holds that is none: whether a call is under way, which it never is where a state is saved."""


def plain(state: Any) -> Any:
    """A state in lists, mappings and floats, without what is none."""
    if isinstance(state, dict):
        return {key: plain(value) for key, value in state.items() if key not in OF_TORCHS_OWN}
    return [plain(value) for value in state] if isinstance(state, (list, tuple)) else _float(state)


def _float(value: Any) -> Any:
    is_number = hasattr(value, "__float__") and not isinstance(value, (bool, str))
    return float(value) if is_number else value
