"""Schedules that swing the rate up and down, and the momentum against it."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from math import cos, floor, pi
from typing import Annotated, Any, Literal

from lrplot.parameters import Choices, Function, NonZero, PerGroup, Range, Refusal, Unenforced
from lrplot.schedulers.base import Action, Position, Rule, Scheduler, per_group, phase_end, same_groups
from lrplot.schedulers.dropin import entry, set_beside, set_lr


class _Swinging(Scheduler):
    """Places itself by the epoch alone, the same for rate and momentum, and cycles the momentum where asked to."""

    cycles = True
    owns_rate = True

    cycle_momentum: bool
    use_beta1: bool

    @abstractmethod
    def _places(self, epochs: Sequence[float]) -> list[Position]:
        """The positions at some consecutive epochs."""

    def walk(self, steps: int) -> Sequence[Position]:
        return self._places(super().walk(steps))

    def position(self) -> Position:
        return self._places([self.last_epoch])[0]

    def _start_momentum(
        self, optimizer: Any, base_momentum: PerGroup[float], max_momentum: PerGroup[float], fresh: bool
    ) -> tuple[list[float], list[float]]:
        """The lowest and the highest momentum of each group."""
        if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
            raise Refusal(None, "optimizer must support momentum or beta1 with cycle_momentum")
        self.use_beta1 = "betas" in optimizer.defaults
        groups = optimizer.param_groups
        lows = per_group(self, "base_momentum", base_momentum, groups)
        highs = per_group(self, "max_momentum", max_momentum, groups)
        if fresh:
            for group, low, high in zip(groups, lows, highs):
                set_beside(group, "momentum", high)
                group["base_momentum"] = low
                group["max_momentum"] = high
        return lows, highs


class CyclicLR(_Swinging, name="cyclic"):
    r"""Swings the rate between base_lr and max_lr along a triangle, the momentum the other way.

    .. math:: \eta_t = \eta_{base} + (\eta_{max} - \eta_{base}) \cdot s(t) \cdot f,
        \quad s \text{ the triangle from 0 to 1 and back}

    with f = 1 for triangular, 1 / 2^(cycle - 1) for triangular2, gamma^t for exp_range, or a scale_fn of one's own.

    Args:
        base_lr: The lowest rate, where each cycle starts and ends. It replaces the optimizer's.
        max_lr: The highest rate of the first cycle.
        step_size_up: Steps from base_lr up to max_lr.
        step_size_down: Steps back down; by default as many as up.
        mode: How the peaks change: stay, halve with each cycle, or shrink by gamma with each step.
        gamma: Factor a step of exp_range.
        scale_fn: A scale of one's own in place of mode, such as ``1 / 5 ** (0.0001 * x)``.
        scale_mode: What scale_fn is given: the cycle's number, from 1, or the number of steps.
        cycle_momentum: Whether momentum (or the first beta) swings against the rate.
        base_momentum: The lowest momentum, at the peak of the rate.
        max_momentum: The highest momentum, at the start of a cycle.
        last_epoch: Step to resume after; -1 starts anew.

    Raises:
        ValueError: An unknown mode without a scale_fn, lists whose length is not the number of groups, or an optimizer
            without momentum.
        OverflowError: triangular2 past cycle 1,024, where torch's power of two overflows too.

    Example:
        lrplot cyclic --base-lr 0.001 --max-lr 0.1 --step-size-up 20 --mode triangular2 -n 200 -o cyclic.png

    Source: Smith 2017, https://arxiv.org/abs/1506.01186, and
    https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.CyclicLR.html

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> list(CyclicLR(Optimizer(), base_lr=0.0, max_lr=1.0, step_size_up=2).advance(4)[0].rates)
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """

    functions_in = "_scale_fn_custom"
    from_base_lrs = True
    one_a_group = "max_lrs"
    length = "step_size_up"

    def __init__(
        self,
        optimizer: Any,
        base_lr: PerGroup[float],
        max_lr: PerGroup[float],
        step_size_up: Annotated[
            int, NonZero(), Unenforced()
        ] = 2000,  # a run that resumes may never come upon the division by 0
        step_size_down: int | None = None,
        mode: Annotated[Literal["triangular", "triangular2", "exp_range"], Unenforced()] = "triangular",
        gamma: float = 1.0,
        scale_fn: Function | None = None,
        scale_mode: Annotated[Literal["cycle", "iterations"], Unenforced()] = "cycle",
        cycle_momentum: bool = True,
        base_momentum: PerGroup[float] = 0.8,
        max_momentum: PerGroup[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        base_lrs = per_group(self, "base_lr", base_lr, optimizer.param_groups)
        self.max_lrs = per_group(self, "max_lr", max_lr, optimizer.param_groups)
        if last_epoch == -1:
            for group, rate in zip(optimizer.param_groups, base_lrs):
                set_lr(group, rate)
        up = float(step_size_up)
        down = up if step_size_down is None else float(step_size_down)
        self.total_size = up + down
        self.step_ratio = up / self.total_size
        modes = Choices(("triangular", "triangular2", "exp_range"))
        if scale_fn is None and not modes.admits(mode):
            raise Refusal("mode", f"must be {modes}, got {mode!r}")
        self.mode = mode
        self.gamma = gamma
        self._scale_fn_custom = scale_fn
        self.scale_mode: str = scale_mode
        self._choose_scale()
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self.base_momentums, self.max_momentums = self._start_momentum(
                optimizer, base_momentum, max_momentum, fresh=last_epoch == -1
            )
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes up what ``state_dict`` gave, here or in torch; without a scale_fn, by the mode that was saved."""
        super().load_state_dict(state_dict)
        self._choose_scale()

    def scale_fn(self, x: float) -> float:
        """The scale of a cycle, by its number, or of a step, as scale_mode says."""
        return 1.0 if self._scale is None else self._scale(x)

    def _choose_scale(self) -> None:
        """Has the scale be scale_fn, or that of mode and gamma as they are now; where it is always 1, None."""
        self._scale = self._scale_fn_custom
        if self._scale is None:
            by_mode: dict[str, Function] = {"triangular2": _halving, "exp_range": partial(pow, self.gamma)}
            self._scale = by_mode.get(self.mode)
            self.scale_mode = "iterations" if self.mode == "exp_range" else "cycle"

    def _places(self, epochs: Sequence[float]) -> list[Position]:
        """The height on the triangle, 0 to 1, and the scale of the present cycle."""
        total_size, ratio, scale, places = self.total_size, self.step_ratio, self._scale, []
        by_cycle = self.scale_mode == "cycle"
        for epoch in epochs:
            turns = epoch / total_size
            cycle = floor(1 + turns)
            x = 1.0 + turns - cycle
            height = x / ratio if x <= ratio else (x - 1) / (ratio - 1)
            places.append((height, 1.0 if scale is None else scale(cycle if by_cycle else epoch)))
        return places

    def rule(self, i: int) -> Rule:
        base_lr, span = self.base_lrs[i], self.max_lrs[i] - self.base_lrs[i]
        return lambda lr, place: base_lr + span * place[0] * place[1]

    def rules_beside(self, i: int) -> Mapping[str, Rule]:
        if not self.cycle_momentum:
            return {}
        same_groups(self, self.max_momentums, self.optimizer.param_groups)
        high, span = self.max_momentums[i], self.max_momentums[i] - self.base_momentums[i]
        return {"momentum": lambda momentum, place: high - span * place[0] * place[1]}


def _halving(cycle: float) -> float:
    return 1 / (2.0 ** (cycle - 1))  # type: ignore[no-any-return]


PHASE = ("end_step", "start_lr", "end_lr", "start_momentum", "end_momentum")
"""What OneCycleLR knows of a phase."""


class OneCycleLR(_Swinging, name="onecycle"):
    r"""Warms up to max_lr, then anneals far below the start, in one cycle over the whole run.

    .. math:: \eta_t = b + \tfrac12 (a - b) (1 + \cos \pi s),
        \quad \text{from rate } a \text{ to rate } b \text{ while } s \text{ goes from 0 to 1}

    From max_lr / div_factor up to max_lr over the part pct_start of the steps, then down to the start /
    final_div_factor, each along half a cosine or a line; momentum goes the other way. With three_phase, the way down
    first mirrors the way up.

    The run has total_steps - 1 steps between its ends. One more step is allowed, and there the rate has turned back up:
    torch anneals past the end. The step after that is refused.

    Args:
        max_lr: The peak rate. The start is derived from it and replaces the optimizer's.
        total_steps: Steps of the whole run; without it, epochs times steps_per_epoch.
        epochs: Epochs of the whole run.
        steps_per_epoch: Steps of an epoch.
        pct_start: Part of the steps in which the rate rises, 0 to 1.
        anneal_strategy: Along half a cosine or a straight line.
        cycle_momentum: Whether momentum (or the first beta) goes against the rate.
        base_momentum: The lowest momentum, at the peak of the rate.
        max_momentum: The highest momentum, at both ends.
        div_factor: Peak rate over starting rate.
        final_div_factor: Starting rate over last rate.
        three_phase: Whether the way down first mirrors the way up.
        last_epoch: Step to resume after; -1 starts anew.

    Raises:
        ValueError: Neither total_steps nor both of epochs and steps_per_epoch, a value out of its range, an optimizer
            without momentum, or a step past total_steps.
        ZeroDivisionError: A phase of no length is reached, as with pct_start * total_steps = 1.

    Example:
        lrplot onecycle --max-lr 0.1 --total-steps 100 -o onecycle.png

    Source: Smith & Topin 2018, https://arxiv.org/abs/1708.07120, and
    https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.OneCycleLR.html

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> parameters = {"total_steps": 5, "pct_start": 0.6, "div_factor": 4.0, "anneal_strategy": "linear"}
    >>> scheduler = OneCycleLR(Optimizer(), max_lr=1.0, **parameters)
    >>> [round(rate, 3) for rate in scheduler.advance(4)[0].rates]
    [0.25, 0.625, 1.0, 0.5, 0.0]
    """

    knows_jumps = True
    length = "total_steps"
    leaves_in_groups = ("max_lr", "min_lr")

    def __init__(
        self,
        optimizer: Any,
        max_lr: PerGroup[float],
        total_steps: Annotated[int, Range(low=1, exact=int)] | None = None,
        epochs: Annotated[int, Range(low=1, exact=int), Unenforced()] | None = None,
        steps_per_epoch: Annotated[int, Range(low=1, exact=int), Unenforced()] | None = None,
        pct_start: Annotated[float, Range(0.0, 1.0, exact=float)] = 0.3,
        anneal_strategy: Literal["cos", "linear"] = "cos",
        cycle_momentum: bool = True,
        base_momentum: PerGroup[float] = 0.85,
        max_momentum: PerGroup[float] = 0.95,
        div_factor: Annotated[float, NonZero()] = 25.0,
        final_div_factor: Annotated[float, NonZero()] = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise Refusal(None, "needs total_steps, or both epochs and steps_per_epoch")
            counts = {"epochs": epochs, "steps_per_epoch": steps_per_epoch}
            for parameter in self.parameters():  # torch looks at these only where it needs them
                if parameter.name in counts and (refusal := parameter.refusal(counts[parameter.name])):
                    raise refusal
            total_steps = epochs * steps_per_epoch
        self.total_steps = total_steps
        self._anneal_func_type = anneal_strategy
        self.cycle_momentum = cycle_momentum
        # Each phase starts where the one before ends; its rates and momenta are entries of the parameter group.
        rise = (float(pct_start * total_steps) - 1, "initial_lr", "max_lr", "max_momentum", "base_momentum")
        if three_phase:
            fall_end = float(2 * pct_start * total_steps) - 2
            phases = [
                rise,
                (fall_end, "max_lr", "initial_lr", "base_momentum", "max_momentum"),
                (total_steps - 1, "initial_lr", "min_lr", "max_momentum", "max_momentum"),
            ]
        else:
            phases = [rise, (total_steps - 1, "max_lr", "min_lr", "base_momentum", "max_momentum")]
        self._schedule_phases: list[dict[str, Any]] = [dict(zip(PHASE, phase)) for phase in phases]
        peaks = per_group(self, "max_lr", max_lr, optimizer.param_groups)
        if last_epoch == -1:
            for group, peak in zip(optimizer.param_groups, peaks):
                group["initial_lr"] = peak / div_factor
                group["max_lr"] = peak
                group["min_lr"] = group["initial_lr"] / final_div_factor
        if cycle_momentum:
            self._start_momentum(optimizer, base_momentum, max_momentum, fresh=last_epoch == -1)
        super().__init__(optimizer, last_epoch)

    @staticmethod
    def run_length(parameters: Mapping[str, Any]) -> int | None:
        epochs, per_epoch = parameters.get("epochs"), parameters.get("steps_per_epoch")
        if parameters.get("total_steps") is not None or epochs is None or per_epoch is None:
            return None
        return int(epochs * per_epoch)

    @property
    def steps_left(self) -> int | None:
        return self.total_steps - self.last_epoch

    def actions_at(self, epochs: range) -> Iterable[Action]:
        for phase in self._schedule_phases[:-1]:
            yield from phase_end(floor(phase["end_step"]), epochs)

    def _places(self, epochs: Sequence[float]) -> list[Position]:
        """The phase, and how far along it: as the part of its steps, or for a cosine as 1 + cos of that."""
        if epochs[-1] > self.total_steps:
            problem = f"tried to step {epochs[-1]} times, but total_steps is {self.total_steps}"
            raise Refusal(None, problem, owner=self.shown_name)
        places: list[Position] = []
        start, last = 0.0, len(self._schedule_phases) - 1
        for phase, ends in enumerate(self._schedule_phases):
            rest, end = epochs[len(places) :], ends["end_step"]
            inside = rest if phase == last else rest[: bisect_right(rest, end)]
            length = end - start
            if self._anneal_func_type == "cos":
                places += [(phase, cos(pi * ((epoch - start) / length)) + 1) for epoch in inside]
            else:
                places += [(phase, (epoch - start) / length) for epoch in inside]
            start = end
        return places

    def rule(self, i: int) -> Rule:
        return self._line(i, "start_lr", "end_lr")

    def rules_beside(self, i: int) -> Mapping[str, Rule]:
        return {"momentum": self._line(i, "start_momentum", "end_momentum")} if self.cycle_momentum else {}

    def _line(self, i: int, start_key: str, end_key: str) -> Rule:
        """The value as a line over the position's second entry, in each phase from one entry of the group on."""
        phases, cosine = self._schedule_phases, self._anneal_func_type == "cos"
        lines: list[Any] = [None] * len(phases)

        def line(phase: int) -> tuple[float, float]:
            # When it is first entered: a group that was added may lack what a later one goes by, as in torch.
            start, end = (entry(self.optimizer, i, phases[phase][key]) for key in (start_key, end_key))
            lines[phase] = made = (end, (start - end) / 2.0) if cosine else (start, end - start)
            return made

        def value(_: float, place: Position) -> float:
            phase, along = place
            offset, slope = lines[phase] or line(phase)
            return offset + slope * along  # type: ignore[no-any-return]

        return value
