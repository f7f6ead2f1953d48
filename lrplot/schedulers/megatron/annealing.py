"""What the schedules of this family share: a count of samples, a warm-up, and the weight decay's own schedule."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from math import ceil, cos, pi
from typing import Annotated, Any, Literal

from lrplot.parameters import PerGroup, Range, Refusal, Unenforced
from lrplot.schedulers.base import Action, Position, Rule, Scheduler, Stateless, floats, per_group, phase_end
from lrplot.schedulers.dropin import present_rates, set_beside

KEPT = ("max_lr", "lr_warmup_steps", "num_steps", "lr_decay_steps", "min_lr")
KEPT_OF_DECAY = ("start_wd", "end_wd", "wd_incr_steps", "wd_incr_style")
"""What of a schedule is in its state, beside the style."""
Counts = Sequence[float]
Count = Annotated[int, Range(low=0, open_low=True)]
Floor = Annotated[float, Range(low=0.0)]
Shape = Annotated[Literal["constant", "linear", "cosine"], Unenforced()]
Increment = Annotated[int, Range(low=1, exact=int)]


class Annealing(Scheduler, family="megatron"):
    """Rises along a line from init_lr to max_lr; how it goes on is the schedule's own.

    Args:
        max_lr: The peak: Megatron's --lr. It takes the place of the optimizer's.
        lr_decay_steps: Count at which the decay is at its end; it begins at 0, the warm-up is a part of it.
        init_lr: The rate that the warm-up begins at: --lr-warmup-init.
        min_lr: The rate at the end of the decay, and past it.
        lr_warmup_steps: Count up to which the rate rises; a share of lr_decay_steps need not be a whole number.
        start_wd: The first weight decay.
        end_wd: The last weight decay.
        wd_incr_steps: Count at which the weight decay is at end_wd; by default lr_decay_steps.
        wd_incr_style: Shape of its way there: constant where there is none.
        increment: What a step adds to the count: 1 where the numbers are iterations, the global batch size where they
            are samples, as in Megatron's own loop.
    """

    owns_rate = True
    composable = False
    has_get_lr = False
    takes_from_groups = ("max_lr", "min_lr")
    resumes = ""
    length = "lr_decay_steps"
    rise = "lr_warmup_steps"

    def __init__(
        self,
        optimizer: Any,
        max_lr: PerGroup[float],
        lr_decay_steps: Count,
        init_lr: float = 0.0,
        min_lr: PerGroup[Floor] = 0.0,
        lr_warmup_steps: int | float = 0,
        start_wd: PerGroup[Floor] = 0.01,
        end_wd: PerGroup[float] = 0.01,
        wd_incr_steps: int | None = None,
        wd_incr_style: Shape = "constant",
        increment: Increment = 1,
    ) -> None:
        self.optimizer = optimizer
        self.max_lr, self.min_lr, self.init_lr = max_lr, min_lr, init_lr
        self.lr_warmup_steps, self.lr_decay_steps = lr_warmup_steps, lr_decay_steps
        self.start_wd, self.end_wd = start_wd, end_wd
        self.wd_incr_steps = lr_decay_steps if wd_incr_steps is None else wd_incr_steps
        self.wd_incr_style: str = wd_incr_style
        self.increment = increment
        for top, low, start, end in zip(*map(self._listed, ("max_lr", "min_lr", "start_wd", "end_wd"))):
            self._check(top, low, start, end)
        self.last_epoch = self._step_count = self.num_steps = 0
        self._is_initial = True
        self.step(0)
        del self._is_initial

    def _check(self, top: float, low: float, start: float, end: float) -> None:
        """Refuses what does not go together in a parameter group."""
        if not top >= low:
            raise Refusal("max_lr", f"must be at least min_lr, {low}, got {top}")
        if not self.init_lr <= top:
            raise Refusal("init_lr", f"must be at most max_lr, {top}, got {self.init_lr}")
        if not self.lr_warmup_steps < self.lr_decay_steps:
            problem = f"must be less than lr_decay_steps, {self.lr_decay_steps}, got {self.lr_warmup_steps}"
            raise Refusal("lr_warmup_steps", problem)
        if not end >= start:
            raise Refusal("end_wd", f"must be at least start_wd, {start}, got {end}")

    def _listed(self, name: str) -> list[float]:
        """One value of a parameter for each group."""
        return per_group(self, name, getattr(self, name), self.optimizer.param_groups)

    @property
    def fall_length(self) -> float:
        """From the end of the warm-up to the end of the decay."""
        return float(self.lr_decay_steps - self.lr_warmup_steps)

    @abstractmethod
    def fall(self, top: float, low: float, counts: Counts) -> list[float]:
        """The rates at some consecutive counts after the warm-up, up to lr_decay_steps."""

    def after(self, top: float, low: float) -> float:
        """The rate past lr_decay_steps."""
        return low

    @property
    def phases(self) -> Sequence[float]:
        """The counts at which one part of the schedule ends and the next begins."""
        return (self.lr_warmup_steps, self.lr_decay_steps)

    @property
    def steps_left(self) -> int | None:
        return ceil((self.lr_decay_steps - self.num_steps) / self.increment)

    def walk(self, steps: int) -> Sequence[Position]:
        first = self.num_steps + self.increment
        self.num_steps += steps * self.increment
        self.last_epoch += steps
        return range(first, self.num_steps + 1, self.increment)

    def rule(self, i: int) -> Rule:
        return Stateless(self._rates_between, self._listed("max_lr")[i], self._listed("min_lr")[i])

    def _rates_between(self, counts: Counts, top: float, low: float) -> list[float]:
        """The rates of a group at some consecutive counts."""
        start, warm_up, rise = self.init_lr, self.lr_warmup_steps, top - self.init_lr
        warm = counts[: bisect_right(counts, warm_up)] if warm_up > 0 else counts[:0]
        falling = counts[len(warm) : max(len(warm), bisect_right(counts, self.lr_decay_steps))]
        over = len(counts) - len(warm) - len(falling)
        if falling and len(falling) == len(counts):  # as most often, and then there is nothing to put together
            return self.fall(top, low, falling)
        length = float(warm_up)
        rates = [start + rise * count / length for count in floats(warm)]
        rates += self.fall(top, low, falling) if falling else []
        return rates + [self.after(top, low)] * over if over else rates

    def rules_beside(self, i: int) -> Mapping[str, Rule]:
        """The weight decay, where it is not the same all along."""
        starts, ends = self._listed("start_wd"), self._listed("end_wd")
        return {} if starts == ends else {"weight_decay": Stateless(self._weight_decays, starts[i], ends[i])}

    def _weight_decays(self, counts: Counts, start: float, end: float) -> list[float]:
        rising = counts[: bisect_right(counts, self.wd_incr_steps)]
        rest = [end] * (len(counts) - len(rising))
        if not rising:
            return rest
        if self.wd_incr_style == "constant":
            if start != end:
                raise Refusal(
                    "wd_incr_style", f"is constant, but start_wd is {start} and end_wd {end}: linear or cosine"
                )
            return [end] * len(counts)
        over, span = float(self.wd_incr_steps), end - start
        if self.wd_incr_style == "linear":
            return [start + count / over * span for count in floats(rising)] + rest
        if self.wd_incr_style == "cosine":
            return [start + 0.5 * (cos(pi * (1.0 - count / over)) + 1.0) * span for count in floats(rising)] + rest
        raise Refusal("wd_incr_style", f"must be constant, linear or cosine, got {self.wd_incr_style!r}")

    def step(self, increment: int | None = None) -> None:  # type: ignore[override]
        """Adds to the count, by default what a step adds, and sets rate and weight decay of each group."""
        self.num_steps += self.increment if increment is None else increment
        self.last_epoch += not self._is_initial
        for group, start, end in zip(self.optimizer.param_groups, *map(self._listed, ("start_wd", "end_wd"))):
            set_beside(group, "weight_decay", self._weight_decays([self.num_steps], start, end)[0])
        self._set_rates([self.rule(i)(rate, self.num_steps) for i, rate in enumerate(present_rates(self.optimizer))])

    def get_lr(self) -> list[float]:
        raise NotImplementedError(f"{self.shown_name} has no get_lr() of all groups, in Megatron as here")

    def actions(self, steps: int, metrics: Sequence[float] = ()) -> list[Action]:
        self.num_steps += steps * self.increment
        return super().actions(steps, metrics)

    def actions_at(self, epochs: range) -> Iterable[Action]:
        for count in self.phases:
            yield from phase_end(ceil(count / self.increment), epochs)

    def state_dict(self) -> dict[str, Any]:
        """The state, with the parameters that a checkpoint's win over."""
        return {"lr_decay_style": self.name, **{key: getattr(self, key) for key in (*KEPT, *KEPT_OF_DECAY)}}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes up what ``state_dict`` gave, here or in Megatron, into a schedule that has not been stepped.

        As in Megatron, the count is added to, and the weight decay is that of the state from the next step on.

        Raises:
            Refusal: It is of another style.
        """
        if state_dict["lr_decay_style"] != self.name:
            raise Refusal(None, f"the state is of {state_dict['lr_decay_style']}", owner=self.shown_name)
        for key in KEPT:
            if key != "num_steps":
                setattr(self, key, state_dict[key])
        self.step(state_dict["num_steps"])
        for key in KEPT_OF_DECAY:
            setattr(self, key, state_dict[key])
