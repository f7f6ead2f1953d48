"""Cosine annealing, once (or back and forth) and with warm restarts."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, islice
from math import ceil, cos, floor, inf, log, pi
from typing import Annotated, Any

from lrplot.parameters import NonZero, Range, Refusal
from lrplot.schedulers.base import Action, Position, Rule, Scheduler, above, held, same_groups
from lrplot.schedulers.dropin import warn_get_lr


class CosineAnnealingLR(Scheduler, name="cosine"):
    r"""Lowers the rate to eta_min along half a cosine of T_max epochs.

    .. math:: \eta_t = \eta_{min} + \tfrac12 (\eta_{base} - \eta_{min}) \left( 1 + \cos \frac{\pi t}{T_{max}} \right)

    Past T_max the rate climbs again, back to the base rate at 2 T_max: set T_max to the length of the run to end at
    eta_min. torch computes each rate from the one before, so the values differ from the formula's in the last bits, and
    lrplot's do in the same way.

    Args:
        T_max: Half a period: epochs from the base rate down to eta_min.
        eta_min: The lowest rate.
        last_epoch: Epoch to resume after; -1 starts anew.

    Raises:
        ValueError: T_max is 0.

    Example:
        lrplot cosine --T-max 100 --eta-min 1e-5 --lr 0.1 -o cosine.png

    Source: Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983, and
    https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> [round(rate, 12) for rate in CosineAnnealingLR(Optimizer(lr=1.0), T_max=2).advance(4)[0].rates]
    [1.0, 0.5, 0.0, 0.5, 1.0]
    """

    knows_jumps = True
    length = "T_max"

    def __init__(
        self, optimizer: Any, T_max: Annotated[int, NonZero()], eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def walk(self, steps: int) -> Sequence[Position]:
        return self._ratios(super().walk(steps))

    def position(self) -> Position:
        return self._ratios([self.last_epoch])[0]

    def arrive(self, epoch: float) -> Position:
        self.last_epoch = epoch  # type: ignore[assignment]
        return epoch

    def get_lr(self) -> list[float]:
        if self._step_count == 1 and self.last_epoch > 0:  # resumed and not stepped yet
            warn_get_lr()
            same_groups(self, self.base_lrs, self.optimizer.param_groups)
            return self._closed_rates(self.last_epoch)
        return super().get_lr()

    def _ratios(self, epochs: Sequence[float]) -> list[float | None]:
        """What the distance to eta_min is multiplied by at each of some consecutive epochs: None from the bottom up,
        where it was 0.
        """
        T_max = self.T_max
        now = [1 + cos(pi * epoch / T_max) for epoch in epochs]
        before = [1 + cos(pi * (epochs[0] - 1) / T_max), *now]
        # The remainder alone tells where the bottom is; asking it only near 0, while angles are exact enough, saves
        # most divisions.
        tiny = 1e-6 if abs(epochs[-1]) < 1e9 * abs(T_max) else inf
        return [
            b / a if a > tiny or (epoch - 1 - T_max) % (2 * T_max) else None for epoch, a, b in zip(epochs, before, now)
        ]

    @staticmethod
    def as_function(parameters: Mapping[str, Any], lr: float) -> str | None:
        return above(parameters["eta_min"], lr, f"(1 + cos(pi * epoch / {parameters['T_max']})) / 2")

    def rule(self, i: int) -> Rule:
        if self._is_initial:
            return held
        eta_min = self.eta_min
        off_bottom: float | None = None

        def rate(lr: float, ratio: Position) -> float:
            nonlocal off_bottom
            if ratio is not None:
                return ratio * (lr - eta_min) + eta_min  # type: ignore[no-any-return]
            if off_bottom is None:
                off_bottom = self._off_bottom(i)
            return lr + off_bottom

        return rate

    def _off_bottom(self, i: int) -> float:
        """How far the step from eta_min up goes: in no other does the base rate play a part."""
        same_groups(self, self.base_lrs, self.optimizer.param_groups)
        return (self.base_lrs[i] - self.eta_min) * (1 - cos(pi / self.T_max)) / 2

    def closed_rule(self, i: int) -> Rule:
        base_lr, T_max, eta_min = self.base_lrs[i], self.T_max, self.eta_min
        return lambda lr, epoch: eta_min + (base_lr - eta_min) * (1 + cos(pi * epoch / T_max)) / 2


class CosineAnnealingWarmRestarts(Scheduler, name="warm-restarts"):
    r"""Anneals along half a cosine and jumps back to the base rate, over and over (SGDR).

    .. math:: \eta_t = \eta_{min} + \tfrac12 (\eta_{base} - \eta_{min}) \left( 1 + \cos \frac{\pi T_{cur}}{T_i} \right)

    The first cycle has T_0 epochs, each further one T_mult times as many.

    Args:
        T_0: Epochs of the first cycle.
        T_mult: Factor from one cycle's length to the next.
        eta_min: The lowest rate.
        last_epoch: Epoch to resume after; -1 starts anew. Resuming at T_0 - 1 or later, torch takes this for the second
            cycle, however many came before.

    Raises:
        ValueError: T_0 or T_mult is no whole number of at least 1.

    Example:
        lrplot warm-restarts --T-0 10 --T-mult 2 --lr 0.1 -n 150 -o restarts.png

    Source: Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983, and
    https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.html

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = CosineAnnealingWarmRestarts(Optimizer(lr=1.0), T_0=2, T_mult=2)
    >>> [round(rate, 3) for rate in scheduler.advance(6)[0].rates]
    [1.0, 0.5, 1.0, 0.854, 0.5, 0.146, 1.0]
    """

    from_base_lrs = True
    knows_jumps = True
    length = "T_0"

    def __init__(
        self,
        optimizer: Any,
        T_0: Annotated[int, Range(low=1, exact=int)],
        T_mult: Annotated[int, Range(low=1, exact=int)] = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        if not isinstance(eta_min, (int, float)):
            raise Refusal("eta_min", f"must be a number, got {eta_min!r}")
        self.T_0 = T_0
        self.T_i = T_0
        self.T_mult = T_mult
        self.eta_min = eta_min
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def walk(self, steps: int) -> Sequence[Position]:
        swings: list[float] = []
        for length, _ in self._stretches(steps):
            stretch, T_i = list(islice(count(self.T_cur), length)), self.T_i
            swings += [1 + cos(pi * T / T_i) for T in stretch]
            self.T_cur = stretch[-1]
        return swings

    def actions(self, steps: int, metrics: Sequence[float] = ()) -> list[Action]:
        restarts, done = array("q"), 0
        for length, restarted in self._stretches(steps):
            if restarted:
                restarts.append(done + 1)
            done += length
            self.T_cur += length - 1
        return [Action("restart", restarts)]

    def _stretches(self, steps: int) -> Iterator[tuple[int, bool]]:
        """Moves on by ``steps``, cycle by cycle, to the first of those in it: how many these are, which T_cur is then
        moved on through, and whether the cycle begins with them.
        """
        if self.last_epoch < 0:
            self._stand_at(0)
            yield 1, False
            steps -= 1
        self.last_epoch += steps
        while steps > 0:
            self.T_cur += 1
            restarts = self.T_cur >= self.T_i
            if restarts:
                self.T_cur %= self.T_i
                self.T_i *= self.T_mult
            length = min(steps, ceil(self.T_i - self.T_cur))
            yield length, restarts
            steps -= length

    def position(self) -> Position:
        return 1 + cos(pi * self.T_cur / self.T_i)

    @staticmethod
    def as_function(parameters: Mapping[str, Any], lr: float) -> str | None:
        T_0, T_mult = parameters["T_0"], parameters["T_mult"]
        if T_mult != int(T_mult):  # which torch has not: some cycles, and the last is not followed by another
            return above(parameters["eta_min"], lr, f"(1 + cos(pi * ({_some_cycles(T_0, T_mult)}))) / 2")
        if T_mult > 2:  # a logarithm to another base is not exact where a cycle begins
            return None
        cycle = f"(epoch // {T_0})" if T_mult == 1 else f"floor(log2(epoch / {T_0} + 1))"
        past = f"(epoch % {T_0}) / {T_0}" if T_mult == 1 else f"(epoch / {T_0} + 1 - 2 ** {cycle}) / 2 ** {cycle}"
        peaks = f"{parameters['gamma']} ** {cycle} * " if "gamma" in parameters else ""
        return above(parameters["eta_min"], lr, f"{peaks}(1 + cos(pi * {past})) / 2")

    def rule(self, i: int) -> Rule:
        eta_min, span = self.eta_min, self.base_lrs[i] - self.eta_min
        return lambda lr, swing: eta_min + span * swing / 2

    def step(self, epoch: float | None = None) -> None:
        """Moves on by one epoch, or to ``epoch``, which may be a fraction: ``epoch + batch / batches`` anneals within
        an epoch.
        """
        if epoch is None:
            (swing,) = self.walk(1)
        else:
            self._stand_at(epoch)
            swing = self.position()
        self._set_rates(self._rates(swing))

    def _stand_at(self, epoch: float) -> None:
        if epoch < 0:
            raise ValueError(f"Expected non-negative epoch, but got {epoch}")
        T_0, T_mult = self.T_0, self.T_mult
        if epoch < T_0:
            self.T_cur, self.T_i = epoch, T_0
        elif T_mult == 1:
            self.T_cur = epoch % T_0  # and T_i stays, whatever T_0 was set to since
        else:
            cycle = int(log(epoch / T_0 * (T_mult - 1) + 1, T_mult))
            self.T_cur = epoch - T_0 * (T_mult**cycle - 1) / (T_mult - 1)
            self.T_i = T_0 * T_mult**cycle
        self.last_epoch = floor(epoch)


MOST_CYCLES = 6
"""Those that an expression spells out."""


def _some_cycles(first: int, times: float) -> str:
    """How much of its cycle an epoch has behind it, as an expression: cycles of at least one epoch each.

    >>> _some_cycles(4, 0.5)
    'epoch / 4 if epoch < 4 else (epoch - 4) / 2 if epoch < 6 else min(1, (epoch - 6) / 1)'
    """
    lengths = [length for length in (first * times**k for k in range(MOST_CYCLES)) if length >= 1]
    begin, parts = 0.0, []
    for length in lengths:
        parts.append((f"(epoch - {begin:.12g}) / {length:.12g}" if begin else f"epoch / {length:.12g}", begin + length))
        begin += length
    text = f"min(1, {parts[-1][0]})"
    for part, end in reversed(parts[:-1]):
        text = f"{part} if epoch < {end:.12g} else {text}"
    return text
