"""The Python API: numbers first, pictures second."""

from array import array
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lrplot.configs.config import Config, load, spec
from lrplot.configs.expression import Expression
from lrplot.parameters import parameters_of
from lrplot.pictures.look import Look
from lrplot.runs.run import Run, Spec, run_parameters
from lrplot.runs.simulate import Curve, simulate_run
from lrplot.schedulers import find
from lrplot.schedulers.optimizer import Optimizer
from lrplot.wording import nearest

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def simulate(scheduler: str, **options: Any) -> Curve:
    """The curve of a scheduler.

    The scheduler's parameters, the optimizer's (``lr``, ``momentum``, ``betas``, ``initial_lr``) and the run's (``steps``, ``record``,
    ``metrics``, ``steps_per_epoch``, ``interval``) are all given by name. ``lr_lambda``, ``scale_fn`` and ``metrics`` may be functions or
    expressions; ``schedulers`` is a list of one-line specs.

    >>> simulate("step", step_size=2, gamma=0.5, lr=1.0, steps=6).lr.tolist()
    [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]
    >>> inner = ["constant factor=0.5 total_iters=9", "exponential gamma=0.5"]
    >>> simulate("sequential", schedulers=inner, milestones=[2], lr=1.0, steps=5).lr.tolist()
    [0.5, 0.5, 1.0, 0.5, 0.25]

    Args:
        scheduler: A class name or a short name: "CosineAnnealingLR", "cosine".
        options: Parameters, as torch names them.

    Returns:
        A Curve with numpy columns: ``step`` [steps], ``lr`` [steps] or [steps, groups], ``momentum`` and ``metric`` (or None).

    Raises:
        KeyError: There is no such scheduler, or a run is resumed without initial_lr.
        TypeError: A parameter is unknown or missing.
        ValueError: A parameter is out of its range, or the schedule cannot be followed to its end.
    """
    cls = find(scheduler)
    own = _taken(options, cls.parameters())
    for_run = _taken(options, [p for p in run_parameters() if p.name not in own])
    for_optimizer = _taken(options, parameters_of(Optimizer))
    names = [p.name for p in (*cls.parameters(), *parameters_of(Optimizer), *run_parameters())]
    for name in options:
        if name not in names:
            raise TypeError(f"simulate() has no parameter {name!r} for {cls.__name__}: {nearest(name, names)}")
    for name in ("lr_lambda", "scale_fn"):
        if name in own:
            own[name] = _functions(own[name])
    if "schedulers" in own:
        own["schedulers"] = [spec(inner) if isinstance(inner, str) else inner for inner in own["schedulers"]]
    metrics = _functions(for_run.pop("metrics", None))
    if metrics is not None and not callable(metrics):
        metrics = array("d", metrics)
    per_epoch = for_run.pop("steps_per_epoch", own.get("steps_per_epoch"))
    record = for_run.pop("record", "used")
    for parameter in run_parameters():
        if refusal := parameter.refusal({"record": (record,), **for_run}.get(parameter.name, parameter.default)):
            raise ValueError(refusal)
    run = Run(Spec(cls, own), for_optimizer, record=(record,), metrics=metrics, steps_per_epoch=per_epoch, **for_run)
    for conflict in run.conflicts():
        raise ValueError(" ".join(conflict))
    if "steps" not in for_run:
        run.steps = run.natural_steps(run.scheduler())
    if refusal := next(p for p in run_parameters() if p.name == "steps").refusal(run.steps):
        raise ValueError(refusal)
    return simulate_run(run)[0]


def plot(*curves: Curve, ax: "Axes | None" = None, **options: Any) -> "Axes":
    """Draws curves onto ``ax``, or onto pyplot's current axes.

    Args:
        curves: What ``simulate`` or ``load_config(path).curves()`` gives.
        ax: Axes of your own figure.
        options: Those under ``plot:`` in a config: ``title``, ``theme``, ``log_y``, ``draw``, ``events``, …

    Returns:
        The axes with the rates.

    Raises:
        TypeError: No curve, or an option that is unknown.
        ValueError: An option out of its range.
    """
    if not curves:
        raise TypeError("plot() needs at least one curve")
    names = [parameter.name for parameter in parameters_of(Look)]
    for name in options:
        if name not in names:
            raise TypeError(f"plot() has no option {name!r}: {nearest(name, names)}")
    from lrplot.pictures import figure  # and with it matplotlib

    if ax is None:
        from matplotlib import pyplot

        ax = pyplot.gca()
    return figure.plot_on(ax, curves, Look(**options))


def load_config(path: str) -> Config:
    """The config in a file: ``.curves()`` simulates it, ``.runs`` and ``.look`` are its parts.

    Raises:
        ConfigError: It cannot be read, or something in it is wrong; ``messages`` holds one line for each.
    """
    return load(path)


def _taken(options: Mapping[str, Any], parameters: Any) -> dict[str, Any]:
    names: list[str] = [parameter.name for parameter in parameters]
    return {name: value for name, value in options.items() if name in names}


def _functions(value: Any) -> Any:
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return [Expression(item) for item in value]
    return Expression(value) if isinstance(value, str) else value
