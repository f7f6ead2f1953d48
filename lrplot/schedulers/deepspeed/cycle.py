"""The schedule of one cycle: up, down, and on with a decay."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from math import floor, isclose
from typing import Annotated, Any

from lrplot.parameters import PerGroup, Range
from lrplot.schedulers.base import Action, Position, Rule, Stateless, floats, per_group, phase_end, shifted
from lrplot.schedulers.deepspeed.batches import ByBatch
from lrplot.schedulers.dropin import own

BETA2 = 0.99
"""The second beta of each group, whatever the optimizer was given."""


class OneCycle(ByBatch, name="OneCycle"):
    r"""Rises to cycle_max_lr and falls back along lines, the momentum the other way, and goes on with a decay.

    .. math:: \eta_t = \eta_{min} + (\eta_{max} - \eta_{min})\,s(t) \text{ within the cycle}, \quad
        \frac{\eta_{min}}{1 + r k / d} \text{ in its } k\text{-th step after}, \quad
        r, d = \text{decay\_lr\_rate, decay\_step\_size}

    with s the triangle from 0 to 1 and back. By default decay_step_size is 0, and there is no decay: the rate stays at
    cycle_min_lr, whatever decay_lr_rate is. torch's OneCycleLR is another: it begins below the rate that it is called
    after, goes along cosines, and ends far below its start.

    The momentum is the first beta: an optimizer without betas, such as SGD, has none cycled, and with them the second
    beta becomes 0.99. The first step is made at cycle_min_mom, the second near cycle_max_mom. decay_mom_rate does not
    lower the momentum after the cycle but raises it, and beyond 1 where the run is long enough.

    Args:
        cycle_min_lr: The rate at both ends of the cycle. It replaces the optimizer's.
        cycle_max_lr: The peak.
        decay_lr_rate: What the rate is divided by grows by this with each decay_step_size steps after the cycle.
        cycle_first_step_size: Steps of the way up.
        cycle_second_step_size: Steps of the way down; by default as many as up.
        cycle_first_stair_count: Stairs of the way up; 0 is a line.
        cycle_second_stair_count: Stairs of the way down; by default as many as up.
        decay_step_size: Steps in which the decays after the cycle do what their rates say; 0 is no decay.
        cycle_momentum: Whether the first beta goes against the rate.
        cycle_min_mom: The lowest momentum, at the peak of the rate.
        cycle_max_mom: The highest momentum, at both ends of the cycle.
        decay_mom_rate: What the momentum is multiplied by grows by this with each decay_step_size after the cycle.

    Raises:
        ValueError: cycle_first_step_size is not above 0, cycle_second_step_size is below, or a list has not one value a
            group.

    Example:
        lrplot deepspeed.OneCycle --cycle-min-lr 1e-4 --cycle-max-lr 1e-3 --cycle-first-step-size 30 \
            --decay-step-size 10 --decay-lr-rate 0.5 --betas 0.9,0.999 -n 100 -o cycle.png

    Source: Smith 2018, https://arxiv.org/abs/1803.09820, and https://www.deepspeed.ai/tutorials/one-cycle/

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = OneCycle(Optimizer(betas=[0.9, 0.999]), 0.0, 1.0, cycle_first_step_size=2)
    >>> (track,) = scheduler.advance(5)
    >>> list(track.rates), [round(momentum, 3) for momentum in track.beside["momentum"]]
    ([0.0, 0.5, 1.0, 0.5, 0.0, 0.0], [0.8, 0.85, 0.8, 0.85, 0.9, 0.9])
    """

    knows_jumps = True
    cycles = True
    owns_rate = True
    length = "cycle_first_step_size"
    one_a_group = "min_lrs"

    _known: tuple[Sequence[float], tuple[list[float], list[float]]] | None = None

    def __init__(
        self,
        optimizer: Any,
        cycle_min_lr: PerGroup[float],
        cycle_max_lr: PerGroup[float],
        decay_lr_rate: float = 0.0,
        cycle_first_step_size: Annotated[int, Range(low=0, open_low=True)] = 2000,
        cycle_second_step_size: Annotated[int, Range(low=0)] | None = None,
        cycle_first_stair_count: int = 0,
        cycle_second_stair_count: int | None = None,
        decay_step_size: int = 0,
        cycle_momentum: bool = True,
        cycle_min_mom: PerGroup[float] = 0.8,
        cycle_max_mom: PerGroup[float] = 0.9,
        decay_mom_rate: float = 0.0,
        last_batch_iteration: int = -1,
    ) -> None:
        groups = optimizer.param_groups
        self.first_step_size = float(cycle_first_step_size)
        down = cycle_second_step_size
        self.second_step_size = self.first_step_size if down is None else float(down)
        self.total_size = self.first_step_size + self.second_step_size
        self.step_ratio = self.first_step_size / self.total_size
        self.first_stair_count = cycle_first_stair_count
        stairs = cycle_second_stair_count
        self.second_stair_count = cycle_first_stair_count if stairs is None else stairs
        self.decay_step_size = decay_step_size
        self.decay_lr_rate = decay_lr_rate
        self.has_no_decay = isclose(decay_step_size, 0)
        self.holds_lr = isclose(decay_lr_rate, 0) or self.has_no_decay
        self.min_lrs = per_group(self, "cycle_min_lr", cycle_min_lr, groups)
        self.max_lrs = per_group(self, "cycle_max_lr", cycle_max_lr, groups)
        self.cycle_momentum = cycle_momentum and "betas" in optimizer.defaults
        super().__init__(optimizer, last_batch_iteration)
        if self.cycle_momentum:
            self.decay_mom_rate = decay_mom_rate
            self.holds_momentum = isclose(decay_mom_rate, 0) or self.has_no_decay
            self.min_moms = per_group(self, "cycle_min_mom", cycle_min_mom, groups)
            self.max_moms = per_group(self, "cycle_max_mom", cycle_max_mom, groups)
            for group, momentum in zip(groups, self.min_moms):
                group["betas"] = (momentum if last_batch_iteration == -1 else group["betas"][0], BETA2)

    def first_rates(self) -> list[float]:
        return [own(low) for low in self.min_lrs]

    def actions_at(self, epochs: range) -> Iterable[Action]:
        yield from phase_end(floor(self.total_size), epochs)

    def places(self, indices: Sequence[float]) -> Sequence[Position]:
        return indices

    def rule(self, i: int) -> Rule:
        low, span, rate = self.min_lrs[i], self.max_lrs[i] - self.min_lrs[i], self.decay_lr_rate

        def at(indices: Sequence[float]) -> list[float]:
            heights, decays = self._parts(indices)
            after = [low] * len(decays) if self.holds_lr else [low / (1.0 + rate * decay) for decay in decays]
            return [low + span * height for height in heights] + after

        return Stateless(at)

    def rules_beside(self, i: int) -> Mapping[str, Rule]:
        if not self.cycle_momentum:
            return {}
        high, span, rate = self.max_moms[i], self.max_moms[i] - self.min_moms[i], self.decay_mom_rate

        def at(indices: Sequence[float]) -> list[float]:
            heights, decays = self._parts(indices)
            after = [high] * len(decays) if self.holds_momentum else [high * (1.0 + rate * decay) for decay in decays]
            return [high - span * height for height in heights] + after

        return {"momentum": Stateless(at)}

    def _parts(self, indices: Sequence[float]) -> tuple[list[float], list[float]]:
        """The heights within the cycle, from 0 to 1, and of each index after it how often the decay has been applied.

        Those of the last indices are kept: the rates and the momenta of all groups are made of them.
        """
        if self._known is None or self._known[0] != indices:
            total, size = self.total_size, self.decay_step_size
            end = bisect_left(indices, total)
            heights, after = self._heights(shifted(indices[:end], 1)), indices[end:]
            decays = [0.0] * len(after)
            if not self.has_no_decay:
                decays = [(index - total + 1.0) / size for index in floats(after, total)]
            self._known = indices, (heights, decays)
        return self._known[1]

    def _heights(self, batches: Sequence[float]) -> list[float]:
        heights: list[float] = []
        while batches:  # of one lap, but for the last batch, with which the next one begins
            lap = self._lap(batches[0])
            until = bisect_right(batches, lap, key=self._lap)
            heights += self._heights_in(lap, batches[:until])
            batches = batches[until:]
        return heights

    def _lap(self, batch: float) -> float:
        """Which cycle a batch is in, from 1."""
        return float(floor(1.0 + batch / self.total_size))

    def _heights_in(self, lap: float, batches: Sequence[float]) -> list[float]:
        """The heights at some batches of one lap."""
        total, ratio, fall = self.total_size, self.step_ratio, self.step_ratio - 1.0
        # Where the ratio is NaN, of an endless cycle, all are on the way down.
        turn = bisect_left(batches, True, key=lambda batch: not 1.0 + batch / total - lap <= ratio)
        up, down = batches[:turn], batches[turn:]
        if self.first_stair_count > 0 and ratio:  # where that is 0, it divides by it all the same
            heights = self._stairs(up, self.first_stair_count)
        else:
            heights = [(1.0 + batch / total - lap) / ratio for batch in floats(up, total)]
        if self.second_stair_count > 0:
            return heights + self._stairs(down, self.second_stair_count)
        return heights + [(1.0 + batch / total - lap - 1.0) / fall for batch in floats(down, total)]

    def _stairs(self, batches: Sequence[float], stairs: int) -> list[float]:
        """The heights of the stairs that some batches of one lap are on."""
        total, first, second = self.total_size, self.first_step_size, self.second_step_size
        turn = bisect_right(batches, first, key=lambda batch: batch % total)
        up, down = floats(batches[:turn], total), floats(batches[turn:], total)
        heights = [floor(batch % total * stairs / first) / stairs for batch in up]
        return heights + [floor((total - batch % total) * stairs / second) / stairs for batch in down]
