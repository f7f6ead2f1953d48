"""What the schedules of this family share: they are torch's LambdaLR, with a factor that a warm-up begins."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any

from lrplot.schedulers.base import Action, Position, Rule, Scheduler, Stateless, floats, phase_end, shifted

KEPT = ("base_lrs", "last_epoch", "_step_count", "_last_lr")
"""What of a schedule is in its state."""


class Factor(Scheduler, family="transformers"):
    """Multiplies the base rates by a factor, the same for all parameter groups.

    Args:
        num_warmup_steps: Steps in which the rate rises.
        num_training_steps: Steps of the whole run, those of the warm-up among them.
        last_epoch: Step to resume after; -1 starts anew.
    """

    from_base_lrs = True

    def factors(self, steps: Sequence[float]) -> Sequence[float]:
        """What the base rates are multiplied by at some steps, in rising order."""
        raise NotImplementedError

    def walk(self, steps: int) -> Sequence[Position]:
        return self.factors(super().walk(steps))

    def position(self) -> Position:
        return self.factors([self.last_epoch])[0]

    def rule(self, i: int) -> Rule:
        base_lr = self.base_lrs[i]
        return Stateless(lambda factors: [base_lr * factor for factor in factors])

    def state_dict(self) -> dict[str, Any]:
        """The state, as that of a LambdaLR whose functions keep nothing: what they are made of is in no state."""
        state = super().state_dict()
        return {**{key: state[key] for key in KEPT}, "lr_lambdas": [None] * len(self.base_lrs)}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes up what ``state_dict`` gave, here or in torch."""
        super().load_state_dict({key: value for key, value in state_dict.items() if key != "lr_lambdas"})


class WarmUp(Factor):
    """Rises along a line to the base rates; what comes then is the schedule's own."""

    rise = "num_warmup_steps"
    num_warmup_steps: int

    def factors(self, steps: Sequence[float]) -> Sequence[float]:
        warm = bisect_left(steps, self.num_warmup_steps)
        begun, after = steps[:warm], steps[warm:]
        if not begun:
            return self.decay(after)
        return [*self.warm_up(begun), *self.decay(after)] if after else self.warm_up(begun)

    def warm_up(self, steps: Sequence[float]) -> Sequence[float]:
        """The factors in the warm-up."""
        length = float(max(1, self.num_warmup_steps))
        return [step / length for step in floats(steps)]

    def decay(self, steps: Sequence[float]) -> Sequence[float]:
        """The factors after it."""
        raise NotImplementedError

    @property
    def phases(self) -> Sequence[int]:
        """The steps at which one part of the schedule ends and the next begins."""
        return (self.num_warmup_steps,)

    def actions_at(self, epochs: range) -> Iterable[Action]:
        for step in self.phases:
            yield from phase_end(step, epochs)


class WarmUpAndDecay(WarmUp):
    """The same with a decay that takes up the rest of the run."""

    length = "num_training_steps"
    num_training_steps: int

    @property
    def knows_jumps(self) -> bool:  # type: ignore[override]
        """Where the warm-up is over within the run: the rate breaks off in one that is not."""
        return self.num_warmup_steps <= self.num_training_steps

    @property
    def steps_left(self) -> int | None:
        return self.num_training_steps - self.last_epoch

    def progress(self, steps: Sequence[float]) -> Sequence[float]:
        """How much of the decay is done at some steps, from 0 to 1."""
        warm_up = self.num_warmup_steps
        length = float(max(1, self.num_training_steps - warm_up))
        return [step / length for step in floats(shifted(steps, -warm_up))]
