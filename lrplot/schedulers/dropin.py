"""What only a training loop of torch's needs of a scheduler: saved states, warnings, rates that are tensors.

A schedule that is drawn passes all of this by; a scheduler that stands in for torch's own is told apart by nothing
else. An attribute that a state holds has the name that torch gives it: either library takes up the other's states.
"""

import types
import warnings
from itertools import zip_longest
from typing import Any, ClassVar

from lrplot.parameters import Refusal

BESIDE = ("momentum", "weight_decay")
"""What of a group a scheduler may change beside the rate; an optimizer with betas has the first of them as momentum."""
NO_STATE = ("optimizer", "_scale", "_is_initial", "_get_lr_called_within_step")
"""What a state does not hold: what follows from the rest, and, though torch's has them, whether a call is under way."""


class DropIn:
    """The part of a scheduler that a training loop sees beside ``step()`` and ``get_lr()``."""

    optimizer: Any
    _step_count: int
    _last_lr: list[float]

    functions_in: ClassVar[str | None] = None
    """The attribute that holds its function, or a list of them."""

    def get_last_lr(self) -> list[float]:
        """The rates that the last step set."""
        return self._last_lr

    def _warn_before_optimizer(self) -> None:
        if self._step_count != 1 or not hasattr(self.optimizer, "stepped"):
            return
        step = vars(self.optimizer).get("step")
        if step is not self.optimizer.known_step and not hasattr(step, "__wrapped__"):
            warnings.warn(
                "Seems like `optimizer.step()` has been overridden after learning rate scheduler initialization: "
                "make sure to call `optimizer.step()` before `lr_scheduler.step()`.",
                stacklevel=3,
            )
        elif not self.optimizer.stepped:
            warnings.warn(
                "Detected call of `lr_scheduler.step()` before `optimizer.step()`: "
                "in this order the first value of the schedule is never used.",
                stacklevel=3,
            )

    def state_dict(self) -> dict[str, Any]:
        """All of the scheduler but the optimizer; of functions, what a callable object keeps in its ``__dict__``."""
        state = {key: _copied(value) for key, value in vars(self).items() if key not in NO_STATE}
        if self.functions_in is not None:
            state[self.functions_in] = _kept(state[self.functions_in])
        return state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes up what ``state_dict`` gave, here or in torch; the optimizer's own state is loaded beside it.

        Raises:
            Refusal: It holds what a callable object kept, and there is none to take it up.
        """
        if self.functions_in is not None:
            _give_back(type(self).__name__, getattr(self, self.functions_in), state_dict[self.functions_in])
        for key, value in state_dict.items():
            if key not in (*NO_STATE, self.functions_in):
                setattr(self, key, _copied(value))


def warn_get_lr() -> None:
    """torch's warning that ``get_lr()`` is seldom what is meant."""
    warnings.warn("To get the last learning rate computed by the scheduler, please use `get_last_lr()`.", stacklevel=3)


def warn_epoch_deprecated() -> None:
    """torch's warning that ``step(epoch)`` is on its way out."""
    warnings.warn(
        "The epoch parameter in `scheduler.step()` was not necessary and is being deprecated where possible: "
        "with it, the closed form is used instead of the chainable form, where there is one.",
        stacklevel=3,
    )


def own(value: Any) -> Any:
    """A rate of one's own: torch may hold it as a tensor, which is changed in place."""
    return value.clone() if hasattr(value, "clone") else value


def present_rates(optimizer: Any) -> list[float]:
    """The rate of each group, as it stands."""
    return [own(group["lr"]) for group in optimizer.param_groups]


def set_lr(group: dict[str, Any], lr: float) -> None:
    """Sets a group's rate; one that torch holds as a tensor stays that tensor."""
    if hasattr(group["lr"], "fill_"):
        group["lr"].fill_(lr.squeeze() if hasattr(lr, "squeeze") else lr)
    else:
        group["lr"] = lr


def get_beside(group: dict[str, Any], name: str) -> float:
    """What a group has beside its rate: of ``BESIDE``."""
    value: float = group["betas"][0] if name == "momentum" and "betas" in group else group[name]
    return value


def set_beside(group: dict[str, Any], name: str, value: float) -> None:
    """Sets the same."""
    if name == "momentum" and "betas" in group:
        group["betas"] = (value, *group["betas"][1:])
    else:
        group[name] = value


def entry(optimizer: Any, i: int, key: str) -> Any:
    """What a group holds for its scheduler.

    Raises:
        KeyError: It has no such entry.
    """
    if key not in optimizer.param_groups[i]:
        raise KeyError(f"parameter group {i} has no {key}: a group that is added on the way is to bring its own")
    return optimizer.param_groups[i][key]


def watch(optimizer: Any) -> None:
    """Has the optimizer note in ``stepped`` that its step was called; lrplot's own does so by itself, torch's by a
    hook.
    """
    if not hasattr(optimizer, "stepped"):
        if not hasattr(optimizer, "register_step_post_hook"):
            return
        optimizer.stepped = False
        optimizer.register_step_post_hook(_note_step)
    optimizer.known_step = vars(optimizer).get("step")


def _note_step(optimizer: Any, args: Any, kwargs: Any) -> None:
    optimizer.stepped = True


def _copied(value: Any) -> Any:
    return list(value) if isinstance(value, list) else value


def _kept(functions: Any) -> Any:
    """What callable objects keep: None for a function, which keeps nothing."""
    if isinstance(functions, list):
        return [_kept(function) for function in functions]
    if isinstance(functions, types.FunctionType) or not hasattr(functions, "__dict__"):
        return None
    return {key: value for key, value in vars(functions).items() if not callable(value)}


def _give_back(owner: str, functions: Any, kept: Any) -> None:
    """Has callable objects take up what ``_kept`` noted of such."""
    if isinstance(functions, list):
        for function, of_one in zip_longest(functions, kept):
            _give_back(owner, function, of_one)
    elif kept is not None:
        if not hasattr(functions, "__dict__"):
            problem = f"the state holds {', '.join(kept)} of a function that keeps them, but here the function is"
            raise Refusal(None, f"{problem} {functions!r}", owner=owner)
        vars(functions).update(kept)
