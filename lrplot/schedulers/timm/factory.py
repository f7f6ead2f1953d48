"""The schedule that timm's training script makes of its arguments."""

from __future__ import annotations  # evaluated when a command asks for the parameters, not at every start

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from lrplot.parameters import OrPair, Refusal
from lrplot.schedulers.base import Action
from lrplot.schedulers.timm.cycles import CosineLRScheduler, PolyLRScheduler, TanhLRScheduler
from lrplot.schedulers.timm.schedule import NOT_KEPT, Schedule
from lrplot.schedulers.timm.stable import Decay, Rsqrt, WSDLRScheduler
from lrplot.schedulers.timm.steps import Constant, MultiStepLRScheduler, StepLRScheduler

Sched = Literal["cosine", "tanh", "step", "multistep", "poly", "wsd", "rsqrt", "constant", "plateau"]
MADE: dict[str, type[Schedule]] = {
    cls.name: cls
    for cls in (
        *(CosineLRScheduler, TanhLRScheduler, StepLRScheduler, MultiStepLRScheduler),
        *(PolyLRScheduler, WSDLRScheduler, Rsqrt, Constant),
    )
}
RENAMED = {
    "t_initial": "epochs",
    "lr_min": "min_lr",
    "decay_t": "decay_epochs",
    "decay_rate": "decay_rate",
    "power": "decay_rate",
    "decay_fn": "lr_decay_fn",
    "stable_timescale": "lr_stable_timescale",
    "cycle_mul": "lr_cycle_mul",
    "cycle_decay": "lr_cycle_decay",
    "cycle_limit": "lr_cycle_limit",
    "k_decay": "lr_k_decay",
    "patience_t": "patience_epochs",
    "warmup_t": "warmup_epochs",
    "warmup_lr_init": "warmup_lr",
    "warmup_prefix": "warmup_prefix",
    "noise_range_t": "lr_noise",
    "noise_pct": "lr_noise_pct",
    "noise_std": "lr_noise_std",
    "noise_seed": "seed",
}
"""The schedulers' parameters, and the script's argument that each is made of."""
OF_PLATEAU = ("decay_rate", "patience_t", "lr_min", "warmup_t", "warmup_lr_init")
COUNTS = ("t_initial", "warmup_t", "stable_timescale")
"""Those of them that count epochs, or updates."""
SHARED = tuple(name for name in RENAMED if name.startswith(("warmup", "noise")))
CALLED = {key: own for own, key in RENAMED.items() if key.startswith("lr_")}
CALLED |= {"epochs": "num_epochs", "lr_noise": "noise", "seed": "noise_seed"}
"""What ``create_scheduler_v2`` calls those arguments of timm's training script that it calls otherwise."""
OTHERWISE = {"warmup_epochs": 0, "lr_cycle_decay": 0.1}
"""Defaults of ``create_scheduler_v2`` that are not those of the script."""


class CreateScheduler(Schedule, name="create_scheduler"):
    r"""Makes a schedule of the arguments of timm's training script, with its defaults: --sched cosine --epochs 300.

    .. math:: \eta_t = \text{the rate of the schedule that is called sched}

    A step here is an epoch of the script, or an update with sched_on_updates, which needs updates_per_epoch. The run is
    as long as the script trains: epochs, with the warm-up before them where warmup_prefix is given, all cycles, and
    cooldown_epochs.

    The warm-up lies over the beginning of the curve, for step and multistep too, so that lr itself is never reached,
    unless warmup_prefix is given; wsd and rsqrt fit both within the epochs. The script's defaults are not those of the
    schedulers: a second cycle begins at half the rate (lr_cycle_decay 0.5; create_scheduler_v2, called by itself, has
    0.1), the warm-up has 5 epochs (create_scheduler_v2: 0). For poly, decay_rate is the power: by default 0.1, which
    holds the rate almost to the end. decay_epochs is the interval of step, and the length of the decay of wsd and
    rsqrt.

    plateau, which watches a metric, is timm.plateau here.

    Args:
        sched: Which schedule.
        epochs: Epochs of the schedule, or of its first cycle.
        decay_epochs: Epochs from one drop of step to the next, 90 by default; those of the decay of wsd and rsqrt, or
            below 1 a part of what the warm-up leaves, 0.2 by default.
        decay_milestones: The milestones of multistep.
        warmup_epochs: Epochs of the warm-up.
        cooldown_epochs: Epochs at min_lr after the schedule.
        patience_epochs: Epochs without improvement that plateau lets pass; nothing to the others.
        decay_rate: Factor of a drop of step and multistep; the power of poly.
        min_lr: The lowest rate.
        warmup_lr: The rate that the warm-up begins at.
        warmup_prefix: Whether the warm-up comes before the epochs.
        lr_noise: The part of the epochs from which on the rate is made noisy; or that and the one up to which it is.
        lr_noise_pct: Limit of the noise as a part of the rate.
        lr_noise_std: Standard deviation of the noise as a part of the rate.
        seed: Seed of the noise, to which the epoch is added.
        lr_cycle_mul: Factor of a cycle's length on that of the one before.
        lr_cycle_decay: Factor of a cycle's first rate on that of the one before.
        lr_cycle_limit: Cycles of cosine, tanh and poly.
        lr_k_decay: Exponent of the time within a cycle of cosine and poly.
        lr_decay_fn: Shape of the decay of wsd and rsqrt: 1-sqrt for the one, linear for the other by default.
        lr_stable_timescale: Epochs in which rsqrt falls to 1 / root 2 of the peak; by default those of the warm-up.
        sched_on_updates: Whether the scheduler is stepped after each update in place of each epoch.
        updates_per_epoch: Updates of an epoch: batches, divided by the steps that gradients are accumulated over.

    Raises:
        ValueError: A schedule that the parameters do not make, or sched_on_updates without updates_per_epoch.

    Example:
        lrplot timm.create_scheduler --sched cosine --epochs 300 --warmup-epochs 5 --cooldown-epochs 10 --lr 0.5 \
            -o timm.png

    Source: https://huggingface.co/docs/timm/reference/schedulers and https://huggingface.co/docs/timm/training_script

    >>> from lrplot.schedulers.optimizer import Optimizer
    >>> scheduler = CreateScheduler(Optimizer(lr=1.0), epochs=6, warmup_epochs=2, warmup_lr=0.1, cooldown_epochs=2)
    >>> [round(rate, 3) for rate in scheduler.advance(scheduler.steps_left)[0].rates]
    [0.1, 0.55, 0.75, 0.5, 0.25, 0.067, 0.0, 0.0, 0.0]
    """

    original = ""

    length = "epochs"
    rise = "warmup_epochs"

    def __init__(
        self,
        optimizer: Any,
        sched: Sched = "cosine",
        epochs: int = 300,
        decay_epochs: float | None = None,
        decay_milestones: Sequence[int] = (90, 180, 270),
        warmup_epochs: int = 5,
        cooldown_epochs: int = 0,
        patience_epochs: int = 10,
        decay_rate: float = 0.1,
        min_lr: float = 0.0,
        warmup_lr: float = 1e-5,
        warmup_prefix: bool = False,
        lr_noise: OrPair[float] | None = None,
        lr_noise_pct: float = 0.67,
        lr_noise_std: float = 1.0,
        seed: int = 42,
        lr_cycle_mul: float = 1.0,
        lr_cycle_decay: float = 0.5,
        lr_cycle_limit: int = 1,
        lr_k_decay: float = 1.0,
        lr_decay_fn: Decay | None = None,
        lr_stable_timescale: float | None = None,
        sched_on_updates: bool = False,
        updates_per_epoch: int = 0,
    ) -> None:
        given = {name: value for name, value in locals().items() if name not in NOT_KEPT}
        if sched == "plateau":
            asked = " ".join(f"{name}={given[RENAMED[name]]}" for name in OF_PLATEAU)
            raise Refusal("sched", f"is plateau, which watches a metric: that is timm.plateau {asked}")
        if sched_on_updates and not updates_per_epoch > 0:
            raise Refusal("updates_per_epoch", f"must be at least 1 with sched_on_updates, got {updates_per_epoch}")
        self.times = updates_per_epoch if sched_on_updates else 1
        try:
            self.made = MADE[sched](optimizer, **_parameters(given, self.times))
        except Refusal as refusal:
            raise Refusal(RENAMED.get(refusal.parameter or ""), refusal.problem, refusal.index) from refusal
        super().__init__(optimizer, {name: getattr(self.made, name) for name in SHARED})
        self.total = self._total(epochs + (warmup_epochs if warmup_prefix else 0), cooldown_epochs)

    def _total(self, epochs: int, cooldown_epochs: int) -> int:
        """The steps that the script trains for."""
        if not self.made.length:
            return epochs * self.times
        length = self.made.steps_left
        if length is None:
            raise Refusal("lr_cycle_mul", "makes the cycles longer than can be counted")
        return length // self.times * self.times + cooldown_epochs * self.times

    @property
    def steps_left(self) -> int | None:
        return self.total - self.last_epoch

    def state_dict(self) -> dict[str, Any]:
        """The state without the schedule that was made, which follows from the arguments."""
        return {key: value for key, value in super().state_dict().items() if key != "made"}

    def curve(self, base_lr: float, ts: Sequence[float]) -> Sequence[float]:
        return self.made.curve(base_lr, ts)

    def peak(self, base_lr: float) -> float:
        return self.made.peak(base_lr)

    def actions_at(self, epochs: range) -> Iterable[Action]:
        return self.made.actions_at(epochs)


def _parameters(given: Mapping[str, Any], times: int) -> dict[str, Any]:
    """What the schedule that is asked for is given, with so many steps to an epoch."""
    sched, known = given["sched"], {parameter.name for parameter in MADE[given["sched"]].parameters()}
    made = {name: given[argument] for name, argument in RENAMED.items() if name in known}
    made |= {name: made[name] * times for name in COUNTS if made.get(name) is not None}
    if (noise := made["noise_range_t"]) is not None:
        length = given["epochs"] * times
        made["noise_range_t"] = (
            [part * length for part in noise] if isinstance(noise, (list, tuple)) else noise * length
        )
    if sched == "multistep":
        made["decay_t"] = [milestone * times for milestone in given["decay_milestones"]]
    elif sched == "step":
        made["decay_t"] = (90 if given["decay_epochs"] is None else given["decay_epochs"]) * times
    elif sched in ("wsd", "rsqrt"):
        made |= _parts(made, given, times)
    return {name: value for name, value in made.items() if name != "decay_fn" or value is not None}


def _parts(made: Mapping[str, Any], given: Mapping[str, Any], times: int) -> dict[str, int]:
    """The lengths of a schedule that decays in its last part, within the epochs."""
    whole = made["t_initial"] if given["warmup_prefix"] else made["t_initial"] - made["warmup_t"]
    decay = 0.2 if given["decay_epochs"] is None else given["decay_epochs"]
    length = round(decay * whole if 0 < decay < 1 else decay * times)
    if not 0 < length <= whole:
        what = f"must leave a decay within the {whole} steps after the warm-up"
        raise Refusal("decay_t", f"{what}, got {length}: decay_epochs={given['decay_epochs']}")
    return {"t_initial": whole, "decay_t": length}
