"""Schedules made of schedules of this family, one after the other."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Annotated, Any

from lrplot.parameters import Keywords, Length, Refusal
from lrplot.schedulers.base import Scheduler
from lrplot.schedulers.optax.schedule import Joined, OptaxSchedule
from lrplot.schedulers.optax.warmup import WarmupCosineDecay


class Sgdr(Joined, name="sgdr_schedule"):
    r"""Joins warm-ups with falls along cosines, one after the other: warm restarts, each as it is asked for.

    .. math:: \eta_t = \eta_k(t - T_1 - \dots - T_{k-1}) \text{ for }
        T_1 + \dots + T_{k-1} \le t < T_1 + \dots + T_k, \quad T_k = \text{decay\_steps of the k-th}

    Each entry has the parameters of warmup_cosine_decay_schedule: its decay_steps is the length of the cycle, that of
    its warm-up included. After the last the rate stays at its end_value. torch's CosineAnnealingWarmRestarts has no
    warm-ups, and cycles for ever.

    Args:
        cosine_kwargs: The parameters of each cycle, those of warmup_cosine_decay_schedule.

    Raises:
        ValueError: There is none, or one of them is no cycle.

    Example:
        lrplot optax.sgdr_schedule --cosine-kwargs "init_value=0 peak_value=0.1 warmup_steps=5 decay_steps=40" \
            --cosine-kwargs "init_value=0 peak_value=0.05 warmup_steps=5 decay_steps=60" -o sgdr.png

    Source: Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983, and
    https://optax.readthedocs.io/en/latest/api/optimizer_schedules.html#optax.schedules.sgdr_schedule

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> cycle = {"init_value": 0.0, "peak_value": 1.0, "warmup_steps": 1, "decay_steps": 2}
    >>> list(Sgdr(Optimizer(), [cycle, {**cycle, "peak_value": 0.5}]).advance(5)[0].rates)
    [0.0, 1.0, 0.0, 0.5, 0.0, 0.0]
    """

    def __init__(
        self,
        optimizer: Any,
        cosine_kwargs: Annotated[
            Sequence[Annotated[Mapping[str, Any], Keywords(WarmupCosineDecay)]],
            Length(1, words="hold at least one cycle"),
        ],
    ) -> None:
        cycles = []
        for index, keywords in enumerate(cosine_kwargs):
            try:
                cycles.append(WarmupCosineDecay(optimizer, **keywords))
            except Refusal as refusal:
                raise Refusal("cosine_kwargs", f"has a {refusal.subject} that {refusal.problem}", index) from None
        self._join(cycles, list(accumulate(keywords["decay_steps"] for keywords in cosine_kwargs))[:-1])
        super().__init__(optimizer)


class JoinSchedules(Joined, name="join_schedules"):
    r"""Follows one schedule after another, each from its own step 0, with a change at each boundary.

    .. math:: \eta_t = \eta_k(t - b_k) \text{ for } b_k \le t < b_{k+1}, \quad b_0 = 0

    At the step of a boundary the next schedule acts, and sees step 0. Nothing makes the rate continuous there: a
    warm-up of 3 steps that is cut off at 2 jumps from a third of its height to what comes. Every schedule has rates of
    its own, where torch's SequentialLR has one base rate for all. A schedule without a boundary never acts.

    Args:
        schedules: Schedules of optax, in order.
        boundaries: Steps at which the next one takes over, one fewer than there are schedules.

    Raises:
        ValueError: No schedule, or one that is not optax's.

    Example:
        lrplot optax.join_schedules \
            "optax.linear_schedule init_value=0 end_value=0.1 transition_steps=10" \
            "optax.cosine_decay_schedule init_value=0.1 decay_steps=90" --boundaries 10 -o joined.png

    Source: https://optax.readthedocs.io/en/latest/api/optimizer_schedules.html#optax.schedules.join_schedules

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> from lrplot.schedulers.optax.decay import Constant, Exponential
    >>> optimizer = Optimizer()
    >>> parts = [Constant(optimizer, 0.5), Exponential(optimizer, 1.0, 1, 0.5)]
    >>> list(JoinSchedules(optimizer, parts, boundaries=[2]).advance(4)[0].rates)
    [0.5, 0.5, 1.0, 0.5, 0.25]
    """

    holds_others = "schedules"

    @staticmethod
    def handovers(parameters: Mapping[str, Any]) -> Sequence[int]:
        return list(parameters["boundaries"])

    def __init__(
        self,
        optimizer: Any,
        schedules: Annotated[Sequence[Scheduler], Length(1, words="hold at least one schedule")],
        boundaries: Sequence[int],
    ) -> None:
        for index, schedule in enumerate(schedules):
            if not isinstance(schedule, OptaxSchedule):
                name = getattr(schedule, "shown_name", repr(schedule))
                raise Refusal(
                    "schedules", f"is {name}, which is no schedule of optax: join_schedules joins those", index
                )
        self._join(schedules, boundaries)  # type: ignore[arg-type]
        super().__init__(optimizer)
