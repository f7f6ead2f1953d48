"""Schedules that move the rate over a number of epochs and then hold it: warm-ups, cool-downs, weight averaging."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import cos, pi
from typing import Annotated, Any, Literal

from lrplot.parameters import PerGroup, Range
from lrplot.schedulers.base import Action, Position, Rule, Scheduler, above, held, per_group, phase_end
from lrplot.schedulers.dropin import entry


class ConstantLR(Scheduler, name="constant"):
    r"""Multiplies the rate by a factor until total_iters, then undoes it: the plainest warm-up.

    .. math:: \eta_t = \eta_{base} \cdot \text{factor} \text{ for } t < \text{total\_iters}, \text{ then } \eta_{base}

    torch undoes it by multiplying by 1 / factor, so the rate may come back one rounding off, and factor = 0 ends in a
    division by zero.

    Args:
        factor: Factor of the first total_iters epochs, 0 to 1.
        total_iters: Epochs until the factor is undone.
        last_epoch: Epoch to resume after; -1 starts anew.

    Raises:
        ValueError: factor is not between 0 and 1.

    Example:
        lrplot constant --factor 0.1 --total-iters 10 --lr 0.1 -n 50 -o constant.png

    Source: https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.ConstantLR.html

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(ConstantLR(Optimizer(lr=1.0), factor=0.5, total_iters=2).advance(3)[0].rates)
    [0.5, 0.5, 1.0, 1.0]
    """

    knows_jumps = True
    length = "total_iters"

    def __init__(
        self,
        optimizer: Any,
        factor: Annotated[float, Range(0.0, 1.0)] = 1.0 / 3,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    @staticmethod
    def as_function(parameters: Mapping[str, Any], lr: float) -> str | None:
        return f"({parameters['factor']} if epoch < {parameters['total_iters']} else 1)"

    def rule(self, i: int) -> Rule:
        factor, total_iters = self.factor, self.total_iters

        def rate(lr: float, epoch: Position) -> float:
            if epoch == 0:
                return lr * factor
            return lr * (1.0 / factor) if epoch == total_iters else lr

        return rate

    def actions_at(self, epochs: range) -> Iterable[Action]:
        return phase_end(self.total_iters, epochs)

    def closed_rule(self, i: int) -> Rule:
        base_lr, factor, total_iters = self.base_lrs[i], self.factor, self.total_iters
        return lambda lr, epoch: base_lr * (factor + (epoch >= total_iters) * (1 - factor))


class LinearLR(Scheduler, name="linear"):
    r"""Moves the factor on the base rate along a straight line, then holds it: the usual warm-up.

    .. math:: \eta_t = \eta_{base} \left( a + (b - a) \frac{\min(t, T)}{T} \right),
        \quad a, b, T = \text{start\_factor, end\_factor, total\_iters}

    Args:
        start_factor: Factor at epoch 0, above 0 and at most 1.
        end_factor: Factor from epoch total_iters on, 0 to 1.
        total_iters: Epochs from the start factor to the end factor.
        last_epoch: Epoch to resume after; -1 starts anew.

    Raises:
        ValueError: A factor is out of its range.

    Example:
        lrplot linear --start-factor 0.1 --total-iters 10 --lr 0.1 -n 50 -o linear.png

    Source: https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.LinearLR.html

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(LinearLR(Optimizer(lr=1.0), start_factor=0.25, total_iters=3).advance(4)[0].rates)
    [0.25, 0.5, 0.75, 1.0, 1.0]
    """

    knows_jumps = True
    length = "total_iters"

    def __init__(
        self,
        optimizer: Any,
        start_factor: Annotated[float, Range(0.0, 1.0, open_low=True)] = 1.0 / 3,
        end_factor: Annotated[float, Range(0.0, 1.0)] = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    @staticmethod
    def as_function(parameters: Mapping[str, Any], lr: float) -> str | None:
        start, end, total = (parameters[name] for name in ("start_factor", "end_factor", "total_iters"))
        time = f"min(epoch, {total}) / {total}"
        return time if (start, end) == (0, 1) else f"({start} + {end - start} * {time})"

    def rule(self, i: int) -> Rule:
        initial, start, total_iters, rise = (
            self._is_initial,
            self.start_factor,
            self.total_iters,
            self.end_factor - self.start_factor,
        )

        def rate(lr: float, epoch: Position) -> float:
            if epoch == 0:
                return lr * start
            if initial or epoch > total_iters:
                return lr
            return lr * (1.0 + rise / (total_iters * start + (epoch - 1) * rise))  # type: ignore[no-any-return]

        return rate

    def actions_at(self, epochs: range) -> Iterable[Action]:
        return phase_end(self.total_iters, epochs)

    def closed_rule(self, i: int) -> Rule:
        base_lr, start, total_iters, rise = (
            self.base_lrs[i],
            self.start_factor,
            self.total_iters,
            self.end_factor - self.start_factor,
        )
        return lambda lr, epoch: base_lr * (start + rise * min(total_iters, epoch) / total_iters)


class PolynomialLR(Scheduler, name="polynomial"):
    r"""Lowers the rate to 0 along a power of the time that is left: a line at power 1, a parabola at power 2.

    .. math:: \eta_t = \eta_{base} \left( 1 - \frac{\min(t, T)}{T} \right)^{power}, \quad T = \text{total\_iters}

    Past its end the rate stays where it is: at 0, so a run that is longer than total_iters learns nothing in the rest.

    Args:
        total_iters: Epochs until the rate is 0.
        power: Power of the remaining part of the time.
        last_epoch: Epoch to resume after; -1 starts anew.

    Example:
        lrplot polynomial --total-iters 100 --power 2 --lr 0.1 -o polynomial.png

    Source: https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.PolynomialLR.html

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(PolynomialLR(Optimizer(lr=1.0), total_iters=4).advance(5)[0].rates)
    [1.0, 0.75, 0.5, 0.25, 0.0, 0.0]
    """

    knows_jumps = True
    length = "total_iters"

    def __init__(self, optimizer: Any, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1) -> None:
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    @staticmethod
    def as_function(parameters: Mapping[str, Any], lr: float) -> str | None:
        total, power = parameters["total_iters"], parameters["power"]
        return above(parameters.get("eta_min", 0.0), lr, f"(1 - min(epoch, {total}) / {total}) ** {power}")

    def rule(self, i: int) -> Rule:
        if self._is_initial:
            return held
        total_iters, power = self.total_iters, self.power

        def rate(lr: float, epoch: Position) -> float:
            if epoch > total_iters:
                return lr
            return lr * ((1.0 - epoch / total_iters) / (1.0 - (epoch - 1) / total_iters)) ** power  # type: ignore[no-any-return]

        return rate

    def actions_at(self, epochs: range) -> Iterable[Action]:
        return phase_end(self.total_iters, epochs)

    def closed_rule(self, i: int) -> Rule:
        base_lr, total_iters, power = self.base_lrs[i], self.total_iters, self.power
        return lambda lr, epoch: base_lr * (1.0 - min(total_iters, epoch) / total_iters) ** power


class SWALR(Scheduler, name="swa"):
    r"""Anneals each rate to a constant swa_lr, for stochastic weight averaging at the end of a run.

    .. math:: \eta_t = \alpha(t)\,\eta_{swa} + (1 - \alpha(t))\,\eta_{base}, \quad
        \alpha(t) = \tfrac12 (1 - \cos \pi \min(1, t / T)) \text{ or } \min(1, t / T)

    with T = anneal_epochs. It counts its own steps, not epochs: resumed, or entered with step(epoch), it still anneals
    from its first step on.

    Args:
        swa_lr: The rate to anneal to.
        anneal_epochs: Epochs until the rate is swa_lr, 0 or more.
        anneal_strategy: Along half a cosine or a straight line.
        last_epoch: Epoch to resume after; -1 starts anew.

    Raises:
        ValueError: anneal_epochs is negative or no whole number, the strategy is unknown, or swa_lr has not one value a
            group.

    Example:
        lrplot swa --swa-lr 0.05 --anneal-epochs 20 --lr 0.1 -n 50 -o swa.png

    Source: Izmailov et al. 2018, https://arxiv.org/abs/1803.05407, and
        https://docs.pytorch.org/docs/2.13/optim.html#weight-averaging-swa-and-ema

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(SWALR(Optimizer(lr=1.0), swa_lr=0.5, anneal_epochs=2, anneal_strategy="linear").advance(3)[0].rates)
    [1.0, 0.75, 0.5, 0.5]
    """

    original = "torch.optim.swa_utils.SWALR"

    knows_jumps = True
    length = "anneal_epochs"

    def __init__(
        self,
        optimizer: Any,
        swa_lr: PerGroup[float],
        anneal_epochs: Annotated[int, Range(low=0, exact=int)] = 10,
        anneal_strategy: Literal["cos", "linear"] = "cos",
        last_epoch: int = -1,
    ) -> None:
        for group, rate in zip(optimizer.param_groups, per_group(self, "swa_lr", swa_lr, optimizer.param_groups)):
            group["swa_lr"] = rate
        self.anneal_epochs = anneal_epochs
        self._anneal_strategy = anneal_strategy
        super().__init__(optimizer, last_epoch)

    def actions(self, steps: int, metrics: Sequence[float] = ()) -> list[Action]:
        end = self.anneal_epochs - self._step_count + 1
        super().actions(steps)
        return [*phase_end(end, range(1, steps + 1))]

    def walk(self, steps: int) -> Sequence[Position]:
        first = self._step_count
        super().walk(steps)
        return self._weights(range(first, first + steps))

    def position(self) -> Position:
        return self._weights(range(self._step_count - 1, self._step_count))[0]

    def _weights(self, steps: range) -> list[Position]:
        """Pairs of how far the annealing is before a step and at it."""
        epochs, cosine = self.anneal_epochs, self._anneal_strategy == "cos"
        if epochs == 0:  # at its end from the first, and torch takes the first two steps for the first
            return [(float(step > 1), 1.0) for step in steps]
        parts = [
            0.0 if step < 0 else 1.0 if step >= epochs else step / epochs for step in range(steps.start - 1, steps.stop)
        ]
        weights = [(1 - cos(pi * part)) / 2 for part in parts] if cosine else parts
        return list(pairwise(weights))

    def rule(self, i: int) -> Rule:
        swa_lr = entry(self.optimizer, i, "swa_lr")

        def rate(lr: float, weights: Position) -> float:
            before, now = weights
            start = swa_lr if before == 1 else (lr - before * swa_lr) / (1 - before)
            return swa_lr * now + start * (1 - now)  # type: ignore[no-any-return]

        return rate
