"""Schedules that lower the rate by a factor: at intervals, at milestones, or at every epoch."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from lrplot.parameters import NonZero
from lrplot.schedulers.base import Action, Rule, Scheduler, held


class StepLR(Scheduler, name="step"):
    r"""Multiplies the rate by gamma every step_size epochs: the classic staircase.

    .. math:: \eta_t = \eta_{t-1} \cdot \gamma \text{ where } t \bmod \text{step\_size} = 0, \text{ else } \eta_{t-1}

    Args:
        step_size: Epochs from one drop to the next.
        gamma: Factor of each drop.
        last_epoch: Epoch to resume after; -1 starts anew.

    Raises:
        ValueError: step_size is 0.

    Example:
        lrplot step --step-size 30 --gamma 0.1 --lr 0.1 -o step.png

    Source: https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.StepLR.html

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(StepLR(Optimizer(lr=1.0), step_size=2, gamma=0.5).advance(5)[0].rates)
    [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]
    """

    knows_jumps = True

    def __init__(
        self, optimizer: Any, step_size: Annotated[int, NonZero()], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    @staticmethod
    def as_function(parameters: Mapping[str, Any], lr: float) -> str | None:
        return f"{parameters['gamma']} ** (epoch // {parameters['step_size']})"

    def rule(self, i: int) -> Rule:
        step_size, gamma = self.step_size, self.gamma
        return lambda lr, epoch: lr if epoch == 0 or epoch % step_size else lr * gamma

    def actions_at(self, epochs: range) -> Iterable[Action]:
        size = abs(self.step_size.as_integer_ratio()[0])  # its least whole multiple: torch takes a fraction too
        if size > 1:  # else it is exponential decay, which has no drops
            first = -(-max(1, epochs.start) // size) * size
            yield Action("drop", range(first, epochs.stop, size), self.gamma)

    def closed_rule(self, i: int) -> Rule:
        base_lr, step_size, gamma = self.base_lrs[i], self.step_size, self.gamma
        return lambda lr, epoch: base_lr * gamma ** (epoch // step_size)


class MultiStepLR(Scheduler, name="multistep"):
    r"""Multiplies the rate by gamma at each milestone: drops where one wants them.

    .. math:: \eta_t = \eta_{t-1} \cdot \gamma^{n_t}, \quad n_t \text{ the number of milestones at } t

    Args:
        milestones: Epochs of the drops; one that is listed twice drops twice.
        gamma: Factor of each drop.
        last_epoch: Epoch to resume after; -1 starts anew.

    Example:
        lrplot multistep --milestones 30,60,80 --gamma 0.2 --lr 0.1 -o multistep.png

    Source: https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.MultiStepLR.html

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(MultiStepLR(Optimizer(lr=1.0), milestones=[1, 3], gamma=0.5).advance(4)[0].rates)
    [1.0, 0.5, 0.5, 0.25, 0.25]
    """

    knows_jumps = True

    def __init__(self, optimizer: Any, milestones: Sequence[int], gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.milestones = Counter(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    @staticmethod
    def as_function(parameters: Mapping[str, Any], lr: float) -> str | None:
        drops = " + ".join(f"(epoch >= {milestone})" for milestone in parameters["milestones"])
        return f"{parameters['gamma']} ** ({drops})" if drops else "1"

    def rule(self, i: int) -> Rule:
        milestones, gamma = self.milestones, self.gamma
        return lambda lr, epoch: lr * gamma ** milestones[epoch] if epoch in milestones else lr

    def actions_at(self, epochs: range) -> Iterable[Action]:
        reached = Counter({epoch: times for epoch, times in self.milestones.items() if epoch in epochs})
        for times in sorted(set(reached.values())):
            yield Action("drop", sorted(e for e in reached if reached[e] == times), self.gamma**times)

    def closed_rule(self, i: int) -> Rule:
        base_lr, gamma, milestones = self.base_lrs[i], self.gamma, sorted(self.milestones.elements())
        return lambda lr, epoch: base_lr * gamma ** bisect_right(milestones, epoch)


class ExponentialLR(Scheduler, name="exponential"):
    r"""Multiplies the rate by gamma at every epoch: smooth decay.

    .. math:: \eta_t = \eta_{t-1} \cdot \gamma

    Args:
        gamma: Factor from one epoch to the next.
        last_epoch: Epoch to resume after; -1 starts anew.

    Example:
        lrplot exponential --gamma 0.95 --lr 0.1 -o exponential.png

    Source: https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.ExponentialLR.html

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(ExponentialLR(Optimizer(lr=1.0), gamma=0.5).advance(3)[0].rates)
    [1.0, 0.5, 0.25, 0.125]
    """

    knows_jumps = True

    def __init__(self, optimizer: Any, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    @staticmethod
    def as_function(parameters: Mapping[str, Any], lr: float) -> str | None:
        return f"{parameters['gamma']} ** epoch"

    def rule(self, i: int) -> Rule:
        if self._is_initial:
            return held
        gamma = self.gamma
        return lambda lr, epoch: lr * gamma

    def closed_rule(self, i: int) -> Rule:
        base_lr, gamma = self.base_lrs[i], self.gamma
        return lambda lr, epoch: base_lr * gamma**epoch
