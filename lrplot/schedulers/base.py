"""What every scheduler shares: stepping, reading, saving, and the registry of names.

A scheduler is two things. ``walk(steps)`` moves its counters on and says, for each step, the *position* reached (for most the
epoch), the same for all parameter groups. ``rule(i)`` is a pure function for group ``i``: the rate at a position, given the rate
before it. ``step()``, ``get_lr()`` and ``advance()`` below, which runs a million steps at once, are all made of these two.
"""

import types
import warnings
from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, count, islice
from typing import Any, NamedTuple

from lrplot.parameters import Parameter, checked, parameters_of

Position = Any
Rule = Callable[[float, Position], float]
"""The value at a position, given the value before it."""

registry: dict[str, type["Scheduler"]] = {}
"""Short name -> class, in the order in which the classes are defined."""


class Track(NamedTuple):
    """What ``advance`` yields for one parameter group: ``rates[t]`` before step ``t``, and one value more after the last."""

    rates: "array[float]"
    momenta: "array[float] | None"
    reread: "array[float] | None"  # what get_lr() answers after each step


class Scheduler:
    """Base of all schedulers: sets the rate of each group of an optimizer as training goes on.

    It behaves as torch's ``LRScheduler`` does, on any object with ``param_groups``: a torch optimizer, or lrplot's own.
    """

    name: str
    """The short name, as typed on the command line."""

    def __init_subclass__(cls, name: str | None = None) -> None:
        super().__init_subclass__()
        cls.__init__ = checked(cls.__init__)  # type: ignore[method-assign]
        if name is not None:
            cls.name = name
            registry[name] = cls

    def __init__(self, optimizer: Any, last_epoch: int = -1) -> None:
        if not hasattr(optimizer, "param_groups"):
            raise TypeError(f"{type(optimizer).__name__} is not an optimizer: it has no param_groups")
        self.optimizer = optimizer
        for index, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", own(group["lr"]))
            elif "initial_lr" not in group:
                raise KeyError(
                    f"resuming at last_epoch={last_epoch} needs initial_lr in parameter group {index}, as the first run left it there"
                )
        self.base_lrs: list[float] = [own(group["initial_lr"]) for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._step_count = 0
        self._is_initial = False
        self._last_lr: list[float] = []
        _watch(optimizer)
        self._initial_step()

    @classmethod
    def parameters(cls) -> tuple[Parameter, ...]:
        """The constructor's parameters, without the optimizer."""
        return parameters_of(cls)  # type: ignore[arg-type]  # a class is hashable, whatever its instances are

    # What a scheduler defines.

    def rule(self, i: int) -> Rule:
        """The rate of group ``i`` at a position, given the rate before it."""
        raise NotImplementedError(f"{type(self).__name__} has no get_lr()")

    def closed_rule(self, i: int) -> Rule:
        """The rate of group ``i`` where the schedule is entered at a position, for ``step(epoch)``: the rule, or a formula free of the past."""
        return self.rule(i)

    def momentum_rule(self, i: int) -> Rule | None:
        """The momentum (or first beta) of group ``i`` at a position, given the one before it: None where it is left alone."""
        return None

    def walk(self, steps: int) -> Sequence[Position]:
        """Moves on by ``steps`` and returns the position of each."""
        self._step_count += steps
        first = self.last_epoch + 1
        # step(2.5) leaves a fractional epoch behind, and counting goes on from there.
        epochs = range(first, first + steps) if isinstance(first, int) else list(islice(count(first), steps))
        self.last_epoch = epochs[-1]
        return epochs

    def position(self) -> Position:
        """Where the scheduler stands now."""
        return self.last_epoch

    # What all of them share.

    def step(self, epoch: float | None = None) -> None:
        """Moves on by one epoch, or to ``epoch``, and sets the rate of each group."""
        self._warn_before_optimizer()
        if epoch is None:
            (position,) = self.walk(1)
            self._update(self.rule, position)
        else:
            warn_epoch_deprecated()
            self._step_count += 1
            self.enter(epoch)

    def enter(self, epoch: float) -> None:
        """Takes up the schedule at ``epoch``, whatever came before."""
        self._update(self.closed_rule, self.arrive(epoch))

    def arrive(self, epoch: float) -> Position:
        """Sets the counters to ``epoch`` and returns the position there."""
        self.last_epoch = epoch  # type: ignore[assignment]
        return self.position()

    def get_lr(self) -> list[float]:
        """The rule applied to the present rates. After ``step()``, a recursive rule answers with the rate one more update on."""
        warn_get_lr()
        return [self.rule(i)(group["lr"], self.position()) for i, group in enumerate(self.optimizer.param_groups)]

    def get_last_lr(self) -> list[float]:
        """The rates that the last step set."""
        return self._last_lr

    def advance(self, steps: int, reread: bool = False) -> list[Track]:
        """``steps`` calls of ``step()`` at once: what each group's rate and momentum were before, between and after them.

        The same walk and the same rules as ``step()``, in one loop of C (``itertools.accumulate``).
        """
        return self._follow(self.walk(steps) if steps else [], reread)

    def _follow(self, positions: Sequence[Position], reread: bool) -> list[Track]:
        tracks = []
        for i, group in enumerate(self.optimizer.param_groups):
            rule, momentum_rule = self.rule(i), self.momentum_rule(i)
            rates = array("d", list(accumulate(positions, rule, initial=group["lr"])))
            momenta = None
            if momentum_rule is not None:
                momenta = array("d", list(accumulate(positions, momentum_rule, initial=get_momentum(group))))
                set_momentum(group, momenta[-1])
            again = array("d", map(rule, rates[1:], positions)) if reread else None
            set_lr(group, rates[-1])
            tracks.append(Track(rates, momenta, again))
        self._last_lr = present_rates(self.optimizer)
        return tracks

    def _update(self, rules: Callable[[int], Rule], position: Position) -> None:
        for i, group in enumerate(self.optimizer.param_groups):
            momentum_rule = self.momentum_rule(i)
            if momentum_rule is not None:
                set_momentum(group, momentum_rule(get_momentum(group), position))
            set_lr(group, rules(i)(group["lr"], position))
        self._last_lr = present_rates(self.optimizer)

    def _initial_step(self) -> None:
        """The step to epoch 0 that construction takes; a recursive rule holds the rate in it."""
        self._step_count = 0
        self._is_initial = True
        try:
            self.step()
        finally:
            self._is_initial = False

    def undo_initial_step(self) -> None:
        """Goes back before epoch 0, for a SequentialLR that will take this scheduler there again."""
        self.last_epoch -= 1

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
                "Detected call of `lr_scheduler.step()` before `optimizer.step()`: in this order the first value of the schedule is never used.",
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


def held(value: float, position: Position) -> float:
    """The rule that changes nothing."""
    return value


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


def per_group(owner: Any, name: str, value: Any, groups: Sequence[Any]) -> list[Any]:
    """One entry a group, from one value for all or from a list of as many as there are groups."""
    if not isinstance(value, (list, tuple)):
        return [own(value) for _ in groups]
    if len(value) != len(groups):
        raise ValueError(
            f"{type(owner).__name__}: {name} has {len(value)} values, but the optimizer has {len(groups)} parameter groups"
        )
    return [own(single) for single in value]


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


def _watch(optimizer: Any) -> None:
    """Has the optimizer note in ``stepped`` that its step was called; lrplot's own does so by itself, torch's by a hook."""
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
