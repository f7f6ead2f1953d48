"""Schedules that follow a function of one's own."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from collections.abc import Mapping, Sequence
from typing import Any

from lrplot.parameters import Function, PerGroup
from lrplot.schedulers.base import Rule, Scheduler, held, per_group


class _Functional(Scheduler):
    """Holds one function a parameter group."""

    functions_in = one_a_group = "lr_lambdas"

    def __init__(self, optimizer: Any, lr_lambda: Function | Sequence[Function], last_epoch: int = -1) -> None:
        self.lr_lambdas = per_group(self, "lr_lambda", lr_lambda, optimizer.param_groups)
        for function in self.lr_lambdas:
            if not callable(function):
                raise TypeError(f"{self.shown_name}: lr_lambda must be a function, got {function!r}")
        super().__init__(optimizer, last_epoch)


class LambdaLR(_Functional, name="lambda"):
    r"""Multiplies the base rate by a function of the epoch: any schedule that has a formula.

    .. math:: \eta_t = \eta_{base} \cdot \lambda(t)

    Args:
        lr_lambda: The factor as a function of the epoch, such as ``0.95 ** epoch``.
        last_epoch: Epoch to resume after; -1 starts anew.

    Raises:
        ValueError: The number of functions is not the number of parameter groups.
        TypeError: What is given is no function.

    Example:
        lrplot lambda --lr-lambda "0.95 ** epoch" --lr 0.1 -o lambda.png

    Source: https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.LambdaLR.html

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = LambdaLR(Optimizer(lr=1.0), lambda epoch: 0.5 ** epoch)
    >>> [scheduler.get_last_lr()[0]] + list(scheduler.advance(3)[0].rates[1:])
    [1.0, 0.5, 0.25, 0.125]
    """

    from_base_lrs = True

    def __init__(self, optimizer: Any, lr_lambda: PerGroup[Function], last_epoch: int = -1) -> None:
        super().__init__(optimizer, lr_lambda, last_epoch)

    @staticmethod
    def as_function(parameters: Mapping[str, Any], lr: float) -> str | None:
        text = getattr(parameters["lr_lambda"], "text", "lambda")
        return None if text.lstrip().startswith("lambda") or "epoch" not in text else f"({text})"

    def rule(self, i: int) -> Rule:
        base_lr, factor = self.base_lrs[i], self.lr_lambdas[i]
        return lambda lr, epoch: base_lr * factor(epoch)


class MultiplicativeLR(_Functional, name="multiplicative"):
    r"""Multiplies the present rate by a function of the epoch: decay whose strength varies.

    .. math:: \eta_t = \eta_{t-1} \cdot \lambda(t)

    Args:
        lr_lambda: The factor from one epoch to the next as a function of the epoch, such as ``0.95``.
        last_epoch: Epoch to resume after; -1 starts anew.

    Raises:
        ValueError: The number of functions is not the number of parameter groups.
        TypeError: What is given is no function.

    Example:
        lrplot multiplicative --lr-lambda "0.99 if epoch < 50 else 0.9" --lr 0.1 -o multiplicative.png

    Source: https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.MultiplicativeLR.html

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = MultiplicativeLR(Optimizer(lr=1.0), lambda epoch: 1 / epoch)
    >>> list(scheduler.advance(4)[0].rates)
    [1.0, 1.0, 0.5, 0.16666666666666666, 0.041666666666666664]
    """

    def __init__(self, optimizer: Any, lr_lambda: PerGroup[Function], last_epoch: int = -1) -> None:
        super().__init__(optimizer, lr_lambda, last_epoch)

    def rule(self, i: int) -> Rule:
        if self._is_initial:
            return held
        factor = self.lr_lambdas[i]
        return lambda lr, epoch: lr * factor(epoch)
