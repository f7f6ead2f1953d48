"""Which runs are too plain for a mistake: told before the rules are imported, which takes longer than such a run."""

from collections.abc import Mapping
from typing import Any

from lrplot.runs.run import Run

PLAIN = {"T_max", "T_0", "T_mult", "eta_min", "gamma", "milestones", "step_size"}
"""Parameters with which nothing can be wrong but for the length of the run, and for a floor."""
SHORTEST = 5
"""Steps of a run that anything can be said of: a shorter one is a look at its first rates."""
DEAD = 1e-6
"""A rate that is less than this part of the peak trains nothing."""


def is_plain(run: Run) -> bool:
    """Whether no rule would find anything, as far as that can be told at once."""
    if run.steps < SHORTEST:
        return True
    parameters = run.spec.parameters
    if not PLAIN.issuperset(parameters) or not run.is_plain or run.spec.clock.given:
        return False
    floor, lr = parameters.get("eta_min", 0.0), run.optimizer.get("lr", 0.001)
    if 0 in parameters.get("milestones", ()):
        return False
    if isinstance(lr, list) or not 0 <= floor <= lr:
        return False
    return run.open_ended or (run.steps_per_epoch is None and _fits(parameters, run.steps))


def _fits(parameters: Mapping[str, Any], steps: int) -> bool:
    """Whether a schedule ends with its run, or drops within it and not to nothing."""
    if not parameters:
        return False
    if "T_max" in parameters:
        return bool(parameters["T_max"] == steps)
    milestones, every = parameters.get("milestones", ()), parameters.get("step_size", 1)
    if "T_0" in parameters or not 0 < every < steps:
        return False
    if "milestones" in parameters and not (milestones and min(milestones) > 0 and steps / 20 < max(milestones) < steps):
        return False
    gamma = parameters.get("gamma", 0.1)
    drops = len(milestones) or steps // every
    return bool(0 < gamma <= 1 and gamma**drops > DEAD)
