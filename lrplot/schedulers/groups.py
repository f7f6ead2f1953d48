"""Parameter groups one by one: some may join while the run goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from lrplot.parameters import Range, Refusal, checked

Rate = Annotated[float, Range(low=0.0)]


class Group:
    """A parameter group of an optimizer.

    Args:
        lr: Its rate; by default the optimizer's.
        initial_lr: The rate that schedulers take for its first; by default its rate.
        lr_scale: What timm's schedules multiply its rate by, as layer-wise decay has it.
        name: What is in it, as curves are told apart by: weights, biases.
        from: The step before which it joins, as add_param_group() adds one on the way.
    """

    @checked
    def __init__(
        self,
        lr: Rate | None = None,
        initial_lr: Rate | None = None,
        lr_scale: Rate | None = None,
        name: str | None = None,
        from_: Annotated[int, Range(low=0)] = 0,
    ) -> None:
        self.lr = lr
        self.initial_lr = initial_lr
        self.lr_scale = lr_scale
        self.name = name
        self.joins = from_


def one_by_one(given: Mapping[str, Any]) -> tuple[dict[str, Any], Sequence[int]]:
    """An optimizer's parameters with a list of rates in place of groups, and the step before which each group joins.

    >>> one_by_one({"groups": [Group(0.1), Group(0.01, from_=10)], "momentum": 0.9})
    ({'momentum': 0.9, 'lr': [0.1, 0.01]}, [0, 10])

    Raises:
        Refusal: They do not go with the rest, or no group is there from the start.
    """
    plain = {name: value for name, value in given.items() if name != "groups"}
    groups: Sequence[Group] | None = given.get("groups")
    if groups is None:
        return plain, ()
    lr, start = plain.get("lr", 0.001), plain.pop("initial_lr", None)
    if isinstance(lr, Sequence) or isinstance(start, Sequence):
        raise Refusal("groups", "stands beside a list of rates: give each group its own, as in groups: [{lr: 0.1}]")
    joins = [group.joins for group in groups]
    if joins[0] or joins != sorted(joins):
        raise Refusal("groups", f"must stand in the order in which they join, the first from 0 on, got {joins}")
    plain["lr"] = [lr if group.lr is None else group.lr for group in groups]
    starts = [start if group.initial_lr is None else group.initial_lr for group in groups]
    if any(each is not None for each in starts):
        plain["initial_lr"] = [rate if each is None else each for rate, each in zip(plain["lr"], starts)]
    if any(group.lr_scale is not None for group in groups):
        plain["lr_scale"] = [1.0 if group.lr_scale is None else group.lr_scale for group in groups]
    return plain, joins
