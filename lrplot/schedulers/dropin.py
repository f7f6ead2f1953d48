"""What only a training loop of torch's needs of a scheduler: saved states, warnings, rates that are tensors.

A schedule that is drawn passes all of this by; a scheduler that stands in for torch's own is told apart by nothing
else.
"""

import types
import warnings
from collections.abc import Iterable
from typing import Any


class DropIn:
    """The part of a scheduler that a training loop sees beside ``step()`` and ``get_lr()``."""

    optimizer: Any
    _step_count: int
    _last_lr: list[float]

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
        return {key: _saved(value) for key, value in vars(self).items() if key != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes up what ``state_dict`` gave; the optimizer's own state is loaded beside it, as in torch."""
        for key, value in state_dict.items():
            if key in vars(self) and _holds_functions(vars(self)[key]):
                _restore(vars(self)[key], value)
            else:
                setattr(self, key, list(value) if isinstance(value, list) else value)


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


def get_momentum(group: dict[str, Any]) -> float:
    """A group's momentum, or its first beta."""
    momentum: float = group["betas"][0] if "betas" in group else group["momentum"]
    return momentum


def set_momentum(group: dict[str, Any], momentum: float) -> None:
    """Sets a group's momentum, or its first beta."""
    if "betas" in group:
        group["betas"] = (momentum, *group["betas"][1:])
    else:
        group["momentum"] = momentum


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


def _holds_functions(value: Any) -> bool:
    values: Iterable[Any] = value if isinstance(value, list) else (value,)
    return any(callable(single) for single in values)


def _saved(value: Any) -> Any:
    if not _holds_functions(value):
        return list(value) if isinstance(value, list) else value
    if isinstance(value, list):
        return [_saved(single) for single in value]
    if isinstance(value, (types.FunctionType, types.BuiltinFunctionType)):
        return None
    return {key: entry for key, entry in vars(value).items() if not callable(entry)}


def _restore(functions: Any, saved: Any) -> None:
    pairs = zip(functions, saved) if isinstance(functions, list) else [(functions, saved)]
    for function, state in pairs:
        if state is not None:
            vars(function).update(state)
