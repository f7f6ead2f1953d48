"""What does it, where torch refuses what people want: an expression or a scheduler, ready to paste. Imported when
something was refused.
"""

import shlex
from array import array
from collections.abc import Mapping
from typing import Any

from lrplot.configs.document import Value
from lrplot.parameters import Refusal
from lrplot.runs.make import Refusals, make_run
from lrplot.runs.run import Run
from lrplot.runs.simulate import simulate_run
from lrplot.runs.spec import Spec
from lrplot.schedulers.families import HOME, find, full_name

FLOORS = ("eta_min", "min_lr", "end_lr", "lr_end", "lr_min", "final_lr", "end_learning_rate")
"""What the lowest rate of a polynomial decay is called elsewhere."""
IN_A_FILE = Value("", "", 1)
"""What stands in a file, where a mapping is written."""
SHRINKING = ("gamma", "decay", "decay_rate", "cycle_decay", "m_mul")
"""What each restart's peak is multiplied by, likewise."""


def way_out(spec: Spec, asked: Mapping[str, float], lr: Any) -> tuple[str, str] | None:
    """What was wanted of a scheduler, and the function that does it: None where nothing of that kind was.

    >>> way_out(Spec(find("linear"), {"total_iters": 100}), {"start_factor": 0.0}, 0.1)
    ('a warm-up from exactly 0', 'min(epoch, 100) / 100')

    Args:
        asked: Numbers that were given for it, those that torch has no place for among them.
        lr: The optimizer's rate.
    """
    known = {parameter.name for parameter in spec.cls.parameters()}
    if not isinstance(lr, (int, float)) or any(
        p.required and p.name not in spec.complete for p in spec.cls.parameters()
    ):
        return None
    floor = next((asked[name] for name in FLOORS if name in asked), None)
    shrinking = next((asked[name] for name in SHRINKING if name in asked), None)
    what = ""
    more: dict[str, float] = {}
    if "start_factor" in known and asked.get("start_factor") == 0:
        what, more = "a warm-up from exactly 0", {"start_factor": 0}
    elif {"power", "total_iters"} <= known and floor is not None:
        what, more = "a polynomial decay to a floor", {"eta_min": floor}
    elif "T_0" in known and shrinking is not None:
        what, more = "restarts with falling peaks", {"gamma": shrinking}
    elif "T_0" in known and 0 < (T_mult := asked.get("T_mult", 1)) != int(T_mult):
        what, more = f"cycles that {'shrink' if T_mult < 1 else 'grow'} by {T_mult:g}", {"T_mult": T_mult}
    elif "gamma" in known and floor is not None and lr and (decay := spec.as_function(lr)):
        return "a decay that is held at a floor", f"max({decay}, {floor} / {lr})"
    text = spec.as_function(lr, **more) if what else None
    return (what, text) if text else None


def warmed_up(run: Run, steps: float) -> str | None:
    """The command that draws one of torch's schedulers after a warm-up of so many steps, in a run of the same length:
    None where it cannot be done so.
    """
    spec = run.spec
    if spec.cls.family != HOME or spec.cls.holds_others or spec.cls.owns_rate or spec.watches_metric:
        return None
    if not 0 < steps < run.beats or steps != int(steps) or not run.is_plain:
        return None
    begin, parameters, lr = int(steps), dict(spec.parameters), run.optimizer.get("lr", 0.001)
    length = parameters.get(spec.cls.length or "")
    if isinstance(length, int) and length > begin and begin + length > run.beats:
        parameters[spec.cls.length] = length - begin
    inner = [("linear", {"start_factor": 0.01, "total_iters": begin}), (spec.cls.name, parameters)]
    specs = " ".join(ready(*each, Value("", "")) for each in inner)
    return f"lrplot sequential {specs} --milestones {begin} --lr {_plain(lr)} --steps {run.steps}"


def ready(name: str, parameters: Mapping[str, Any], like: Value) -> str:
    """A scheduler as it is written where another one stands: in a config, on the command line, in a one-line spec."""
    if like.is_flag:
        words = (f"--{key.replace('_', '-')} {shlex.quote(_plain(value))}" for key, value in parameters.items())
        return " ".join([f"lrplot {full_name(find(name))}", *words])
    if not like.line:
        words = (
            f'{key}="{value}"' if isinstance(value, str) else f"{key}={_plain(value)}"
            for key, value in parameters.items()
        )
        return shlex.quote(" ".join([full_name(find(name)), *words]))
    entries = (
        f'{key}: "{value}"' if isinstance(value, str) else f"{key}: {value}" for key, value in parameters.items()
    )
    return f"{{{', '.join([f'name: {name}', *entries])}}}"


def in_their_turns(whole: Spec) -> str:
    """The schedulers of a composite as several of one loop, each stepped from its milestone to the next, or always."""
    begins = [0, *map(int, whole.handovers)] if whole.handovers else [0] * len(whole.inner)
    made = []
    for spec, begin, end in zip(whole.inner, begins, [*begins[1:], 0]):
        turn = {name: step for name, step in (("begin", begin), ("end", end)) if step}
        made.append(ready(full_name(spec.cls), {**spec.parameters, **turn}, IN_A_FILE))
    return f"[{', '.join(made)}]"


def _plain(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def reductions(
    whole: Spec, index: int, options: Mapping[str, Any], optimizer: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The milestones at which a plateau within a composite would lower the rate, and the factor: None where it would
    not, or not by that factor alone.

    Args:
        index: Which of the composite's schedulers the plateau is.
        options: Those of the run, its metrics among them.
    """
    metrics, plateau = options.get("metrics"), whole.inner[index]
    if 0 < len(whole.handovers) < index:  # it never has its turn
        return None
    begin = int(whole.handovers[index - 1]) if whole.handovers and index else 0
    if isinstance(metrics, array):
        own: Any = metrics[begin:]
    elif metrics is not None and options.get("steps", 0) > begin:
        own = array("d", [metrics(epoch) for epoch in range(begin, options["steps"])])
    else:
        return None
    try:
        rates = _rates(plateau, optimizer, {"metrics": own})
        drops = [step for step in range(1, len(rates)) if rates[step] != rates[step - 1]]
        made = {"milestones": drops, "gamma": plateau.complete.get("factor", plateau.complete.get("decay_rate"))}
        same = _rates(Spec(find("multistep"), made), optimizer, {"steps": len(rates)}) == rates
    except (Refusal, Refusals):
        return None
    return made if drops and same else None


def _rates(spec: Spec, optimizer: Mapping[str, Any], options: Mapping[str, Any]) -> "array[float]":
    run = make_run(spec, optimizer, options)
    assert run is not None, "everything is known"
    return simulate_run(run)[0].rates[0]
