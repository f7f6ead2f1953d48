"""The dummy optimizer: parameter groups with a rate and a momentum, and nothing to optimize."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from lrplot.parameters import Length, PerGroup, Range, Refusal, checked
from lrplot.schedulers.groups import Group, Rate, one_by_one

RATES = ("initial_lr", "lr")
"""The parameters that are rates, of which a scheduler may set its own."""


class Optimizer:
    """Stands in for ``torch.optim.SGD`` (or, given ``betas``, ``torch.optim.Adam``) under a scheduler.

    >>> optimizer = Optimizer(lr=[0.1, 0.01], momentum=0.9)
    >>> [group["lr"] for group in optimizer.param_groups]
    [0.1, 0.01]

    Args:
        lr: The rate before any scheduler acts; a list makes one parameter group an entry.
        momentum: The momentum of SGD.
        betas: The two moment decays of Adam, in place of a momentum.
        initial_lr: Only to resume (see last_epoch): the rate that the first run started from, one for all groups or one
            a group.
        lr_scale: Only for timm's schedules: what they multiply the rate by, one for all groups or one a group.
        groups: Parameter groups one by one, in place of a list of rates: some may join on the way.

    Raises:
        ValueError: A value out of its range, both momentum and betas, or lists whose lengths disagree.
    """

    @checked
    def __init__(
        self,
        lr: PerGroup[Rate] = 0.001,
        momentum: Annotated[float, Range(low=0.0)] | None = None,
        betas: Annotated[
            Sequence[Annotated[float, Range(0.0, 1.0, open_high=True)]], Length(2, 2, words="be two numbers")
        ]
        | None = None,
        initial_lr: PerGroup[Rate] | None = None,
        lr_scale: PerGroup[Rate] | None = None,
        groups: Annotated[Sequence[Group], Length(1)] | None = None,
    ) -> None:
        if groups is not None:
            present, joins = one_by_one({"lr": lr, "initial_lr": initial_lr, "groups": groups})
            lr = [rate for rate, join in zip(present["lr"], joins) if not join]
            initial_lr, scales = (_joined(present.get(key), joins) for key in ("initial_lr", "lr_scale"))
            lr_scale = scales or lr_scale
        if momentum is not None and betas is not None:
            raise Refusal(None, "an optimizer has either momentum (SGD) or betas (Adam), not both")
        rates = [float(rate) for rate in _listed(lr)]
        self.defaults: dict[str, Any] = {"lr": rates[0]}
        if betas is not None:
            self.defaults["betas"] = tuple(map(float, betas))
        else:
            self.defaults["momentum"] = 0.0 if momentum is None else float(momentum)
        self.param_groups: list[dict[str, Any]] = [{**self.defaults, "lr": rate} for rate in rates]
        self._give("initial_lr", initial_lr)
        self._give("lr_scale", lr_scale)
        self.stepped = False

    def _give(self, key: str, value: PerGroup[float] | None) -> None:
        """Gives each group a number of its own: nothing where there is none."""
        numbers = [] if value is None else [float(number) for number in _listed(value)]
        groups = self.param_groups
        if len(numbers) > 1 and len(numbers) != len(groups):
            raise Refusal(key, f"has {len(numbers)} values, but lr makes {len(groups)} parameter groups")
        for group, number in zip(groups, numbers * len(groups) if len(numbers) == 1 else numbers):
            group[key] = number

    def step(self) -> None:
        """One step of a training run: there is nothing to move, so it only remembers that it was called."""
        self.stepped = True

    def add_param_group(self, group: dict[str, Any]) -> None:
        """One parameter group more, which has the first one's settings where it has none of its own."""
        self.param_groups.append({**self.defaults, **group})

    def state_dict(self) -> dict[str, Any]:
        """The parameter groups, to be kept beside the scheduler's state."""
        return {"param_groups": [dict(group) for group in self.param_groups]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Takes up the parameter groups that ``state_dict`` gave."""
        for group, saved in zip(self.param_groups, state["param_groups"], strict=True):
            group.update(saved)


def _joined(values: Sequence[float] | None, joins: Sequence[int]) -> Sequence[float] | None:
    """Those of the groups that are there from the start."""
    return values and [value for value, join in zip(values, joins) if not join]


def _listed(value: PerGroup[float]) -> Sequence[float]:
    return value if isinstance(value, Sequence) else (value,)
