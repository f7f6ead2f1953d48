"""Schedulers made of schedulers: one after the other, or all at once."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import Annotated, Any

from lrplot.parameters import Length, Refusal
from lrplot.schedulers.base import Action, Position, Rule, Scheduler, held
from lrplot.schedulers.dropin import present_rates, set_lr

Schedulers = Annotated[Sequence[Scheduler], Length(1, words="hold at least one scheduler")]


class _Composite(Scheduler):
    """Holds schedulers of one optimizer, made in the order in which they are listed."""

    holds_others = "schedulers"
    has_get_lr = False

    _schedulers: list[Scheduler]

    def _take(self, schedulers: Sequence[Scheduler], optimizer: Any) -> None:
        """Keeps the schedulers, if they can be composed."""
        for index, scheduler in enumerate(schedulers):
            if not isinstance(scheduler, Scheduler):
                raise TypeError(f"{self.shown_name}: schedulers[{index}] must be a scheduler, got {scheduler!r}")
            if scheduler.watches_metric:
                problem = f"is {scheduler.shown_name}, which needs a metric at each step: torch refuses it here too"
                raise Refusal("schedulers", problem, index)
            if not scheduler.composable:
                problem = (
                    f"is {scheduler.shown_name}, which is no scheduler of torch's: {self.shown_name} cannot step it"
                )
                raise Refusal("schedulers", problem, index)
            if optimizer is None:
                optimizer = scheduler.optimizer
            if scheduler.optimizer is not optimizer:
                problem = f"schedulers[{index}], {scheduler.shown_name}, belongs to another optimizer"
                raise Refusal("schedulers", problem, index, whole=True)
        self.optimizer = optimizer
        self._schedulers = list(schedulers)

    @property
    def knows_jumps(self) -> bool:  # type: ignore[override]
        """Where all within do."""
        return all(scheduler.knows_jumps for scheduler in self._schedulers)

    def _all_beside(self, i: int) -> dict[str, list[Rule]]:
        """The rules of what any within changes beside the rate: one of each, of those that leave it alone as well."""
        rules = [scheduler.rules_beside(i) for scheduler in self._schedulers]
        return {name: [each.get(name, held) for each in rules] for name in dict.fromkeys(chain.from_iterable(rules))}

    def undo_initial_step(self) -> None:
        for scheduler in self._schedulers:
            scheduler.undo_initial_step()

    def arrive(self, epoch: float) -> Position:
        raise NotImplementedError(f"{self.shown_name} cannot start at a milestone of a SequentialLR, in torch as here")

    def get_lr(self) -> list[float]:
        raise NotImplementedError(f"{self.shown_name} has no get_lr(), in torch as here")

    def state_dict(self) -> dict[str, Any]:
        """The state, with one state for each scheduler inside."""
        return {**super().state_dict(), "_schedulers": [scheduler.state_dict() for scheduler in self._schedulers]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes up what ``state_dict`` gave, here or in torch.

        Raises:
            Refusal: It is of another number of schedulers.
        """
        states = state_dict["_schedulers"]
        if len(states) != len(self._schedulers):
            counts = f"the state is that of {len(states)} schedulers, but there are {len(self._schedulers)}"
            raise Refusal(None, counts, owner=self.shown_name)
        super().load_state_dict({key: value for key, value in state_dict.items() if key != "_schedulers"})
        for scheduler, state in zip(self._schedulers, states):
            scheduler.load_state_dict(state)


class SequentialLR(_Composite, name="sequential"):
    r"""Runs one scheduler after another, each from its own epoch 0, with a change at each milestone: warm-up, then
    decay.

    .. math:: \eta_t = \eta_k(t - m_k) \text{ for } m_k \le t < m_{k+1}, \quad m_0 = 0

    At a milestone the next scheduler starts from its closed form at 0, the base rate, where it has one, and from the
    rate that it finds where it has none. With a milestone at 0 the first scheduler never acts, and the second begins in
    its place. Every scheduler has taken its first step on the optimizer when it was made, so what that does beside the
    rate (CyclicLR and OneCycleLR set the momentum, OneCycleLR the base rate of those made after it) stays.

    Args:
        schedulers: The schedulers in order, made on the same optimizer.
        milestones: Epochs at which the next one takes over, one fewer than there are schedulers.
        last_epoch: Epoch to resume after; -1 starts anew.

    Raises:
        ValueError: No scheduler, a ReduceLROnPlateau, schedulers of different optimizers, or the wrong number of
            milestones.
        NotImplementedError: A SequentialLR or ChainedScheduler is reached at a milestone; torch has them only in first
            place.

    Example:
        lrplot sequential "linear start_factor=0.1 total_iters=5" "cosine T_max=95" --milestones 5 --lr 0.1 -o warm.png

    Source: https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.SequentialLR.html

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> from lrplot.schedulers import ConstantLR, ExponentialLR
    >>> optimizer = Optimizer(lr=1.0)
    >>> parts = [ConstantLR(optimizer, factor=0.25), ExponentialLR(optimizer, gamma=0.5)]
    >>> list(SequentialLR(optimizer, parts, milestones=[2]).advance(4)[0].rates)
    [0.25, 0.25, 1.0, 0.5, 0.25]
    """

    def __init__(self, optimizer: Any, schedulers: Schedulers, milestones: Sequence[int], last_epoch: int = -1) -> None:
        self._take(schedulers, optimizer)
        if len(milestones) != len(schedulers) - 1:
            counts = f"got {len(milestones)} for {len(schedulers)} schedulers"
            raise Refusal("milestones", f"must be one fewer than the schedulers, {counts}")
        self._milestones = list(milestones)
        self.last_epoch = last_epoch + 1
        for group in optimizer.param_groups:
            set_lr(group, group["initial_lr"])
        for scheduler in self._schedulers:
            scheduler.undo_initial_step()
        first = self._schedulers[bisect_right(self._milestones, 0)]
        first._initial_step()
        self._last_lr = first.get_last_lr()

    @staticmethod
    def handovers(parameters: Mapping[str, Any]) -> Sequence[int]:
        milestones: Sequence[int] = parameters.get("milestones", ())
        return milestones

    def _turn(self, epoch: int) -> tuple[int, bool]:
        """Which scheduler acts at an epoch, and whether it takes over just there."""
        k = bisect_right(self._milestones, epoch)
        return k, k > 0 and self._milestones[k - 1] == epoch

    def step(self) -> None:  # type: ignore[override]
        """Moves the scheduler whose turn it is on by one epoch."""
        self.last_epoch += 1
        k, takes_over = self._turn(self.last_epoch)
        if takes_over:
            self._schedulers[k].enter(0)
        else:
            self._schedulers[k].step()
        self._last_lr = self._schedulers[k].get_last_lr()

    def walk(self, steps: int) -> Sequence[Position]:
        places: list[Position] = []
        for k, takes_over, stretch in self._stretches(steps):
            if takes_over:
                places.append((len(self._schedulers) + k, self._schedulers[k].arrive(0)))
            else:
                places.extend(zip(repeat(k), self._schedulers[k].walk(stretch)))
        return places

    def actions(self, steps: int, metrics: Sequence[float] = ()) -> list[Action]:
        told, done = [], 0
        for k, takes_over, stretch in self._stretches(steps):
            if takes_over:
                self._schedulers[k].arrive(0)
                told.append(Action("handover", [done + 1]))
            else:
                told += [action.later(done) for action in self._schedulers[k].actions(stretch)]
            done += stretch
        return told

    def _stretches(self, steps: int) -> Iterator[tuple[int, bool, int]]:
        """Moves on by ``steps``: whose turn it is, whether it takes over just there, and for how many of them."""
        ordered = self._milestones == sorted(self._milestones)
        while steps > 0:
            k, takes_over = self._turn(self.last_epoch + 1)
            stretch = 1
            if ordered and not takes_over:
                left = math.inf if k == len(self._milestones) else self._milestones[k] - self.last_epoch - 1
                stretch = min(steps, math.ceil(left)) if left < steps else steps
            yield k, takes_over, stretch
            self.last_epoch += stretch
            steps -= stretch

    def rule(self, i: int) -> Rule:
        rules = [scheduler.rule(i) for scheduler in self._schedulers] + [
            scheduler.closed_rule(i) for scheduler in self._schedulers
        ]
        return lambda lr, place: rules[place[0]](lr, place[1])

    def rules_beside(self, i: int) -> Mapping[str, Rule]:
        def acting(rules: Sequence[Rule]) -> Rule:
            return lambda value, place: rules[place[0]](value, place[1])

        return {name: acting([*rules, *rules]) for name, rules in self._all_beside(i).items()}


class ChainedScheduler(_Composite, name="chained"):
    r"""Applies several schedulers at every epoch, each to the rate that the one before leaves: a warm-up on top of a
    decay.

    .. math:: \eta_t = f_n(\dots f_2(f_1(\eta_{t-1}, t), t) \dots, t)

    A scheduler that computes its rate from the base rate alone, such as LambdaLR or CyclicLR, undoes what those before
    it did.

    Args:
        schedulers: The schedulers in the order in which they act, made on the same optimizer.

    Raises:
        ValueError: No scheduler, a ReduceLROnPlateau, or schedulers of different optimizers.

    Example:
        lrplot chained "constant factor=0.1 total_iters=5" "exponential gamma=0.95" --lr 0.1 -o chained.png

    Source: https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.ChainedScheduler.html

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> from lrplot.schedulers import ConstantLR, ExponentialLR
    >>> optimizer = Optimizer(lr=1.0)
    >>> parts = [ConstantLR(optimizer, factor=0.5, total_iters=2), ExponentialLR(optimizer, gamma=0.5)]
    >>> list(ChainedScheduler(parts).advance(3)[0].rates)
    [0.5, 0.25, 0.25, 0.125]
    """

    def __init__(self, schedulers: Schedulers, optimizer: Any = None) -> None:
        self._take(schedulers, optimizer)
        self._last_lr = present_rates(self.optimizer)

    @property
    def last_epoch(self) -> int:  # type: ignore[override]
        """The epoch of the first scheduler: torch's own chain has none."""
        return self._schedulers[0].last_epoch

    def step(self) -> None:  # type: ignore[override]
        """Moves every scheduler on by one epoch, in their order."""
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = self._schedulers[-1].get_last_lr()

    def walk(self, steps: int) -> Sequence[Position]:
        return list(zip(*(scheduler.walk(steps) for scheduler in self._schedulers)))

    @property
    def knows_jumps(self) -> bool:  # type: ignore[override]
        """Not where one sets the rate anew, for its next step undoes what others did at this one."""
        return super().knows_jumps and (len(self._schedulers) == 1 or not any(map(_sets_anew, self._schedulers)))

    def actions(self, steps: int, metrics: Sequence[float] = ()) -> list[Action]:
        told: list[Action] = []
        for scheduler in self._schedulers:
            actions = scheduler.actions(steps)
            told = actions if _sets_anew(scheduler) else told + actions  # which undoes what those before it did
        return told

    def rule(self, i: int) -> Rule:
        return _chain([scheduler.rule(i) for scheduler in self._schedulers])

    def rules_beside(self, i: int) -> Mapping[str, Rule]:
        return {name: _chain(rules) for name, rules in self._all_beside(i).items()}


def _sets_anew(scheduler: Scheduler) -> bool:
    """Whether it sets its rates whatever it finds."""
    return scheduler.from_base_lrs or scheduler.owns_rate


def _chain(rules: Sequence[Rule]) -> Rule:
    def chained(value: float, places: Position) -> float:
        for rule, place in zip(rules, places):
            value = rule(value, place)
        return value

    return chained
