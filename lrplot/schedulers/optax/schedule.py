"""What the schedules of this family share: jax computes them, from the count of updates that an optimizer keeps."""

from collections.abc import Sequence

from lrplot.schedulers.float32 import Schedule, f32


class OptaxSchedule(Schedule, family="optax"):
    """A function of the count of updates: 0 at the first.

    Args:
        init_value: The first rate.
        transition_begin: Steps before the transition, at the first rate; one that is negative counts as 0.
    """

    home = "optax"
    on_optimizer = False


class Joined(OptaxSchedule):
    """Hands over from one schedule to the next, each of which counts from its own boundary on."""

    def _join(self, schedules: Sequence[OptaxSchedule], boundaries: Sequence[int]) -> None:
        self.first = schedules[0]
        self.others = list(zip(boundaries, schedules[1:]))

    @property
    def end(self) -> int | None:  # type: ignore[override]
        begin, last = self.others[-1] if self.others else (0, self.first)
        return None if last.end is None else begin + last.end

    def rate(self, step: float) -> float:
        if not self.others:
            return self.first.rate(step)
        begin, acting = 0, self.first
        for boundary, schedule in self.others:
            if step >= boundary:
                begin, acting = boundary, schedule
        return f32(acting.rate(step - begin))
