"""The Python API: numbers first, pictures second."""

import io
import os
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lrplot.configs import config, sources
from lrplot.parameters import Parameter, Refusal, parameters_of
from lrplot.pictures.look import Look
from lrplot.runs import curve
from lrplot.runs.clock import PLAIN, Clock, clock_parameters
from lrplot.runs.make import Refusals, limits, make_run
from lrplot.runs.run import run_parameters
from lrplot.runs.simulate import simulate_run
from lrplot.runs.spec import Spec
from lrplot.schedulers import Scheduler
from lrplot.schedulers.families import find
from lrplot.schedulers.optimizer import Optimizer
from lrplot.wording import nearest

if TYPE_CHECKING:
    import pandas

    from lrplot.analysis.turns import Event
    from lrplot.configs.notes import Note
    from lrplot.pictures.figure import Axes


class Curve(curve.Curve):
    """The rate at each step of a run, as a curve that can be saved, tabulated, and shown in a notebook.

    >>> simulate("cosine", T_max=20, lr=0.001)
    <Curve of CosineAnnealingLR(T_max=20), lr=0.001: 100 steps, lr from 0.001 to 6.16e-06>
    """

    def __init__(self, *columns: Any, look: Look, **more: Any) -> None:
        super().__init__(*columns, **more)
        self.look = look
        """How its config has it drawn."""

    def save(self, path: str, **options: Any) -> None:
        """Writes the curve to a file, whole or not at all, as ``lrplot … -o PATH`` does.

        Args:
            path: Its ending says in which format: png, svg, pdf, csv, json.
            options: Those of a plot: ``title``, ``theme``, ``log_y``, …

        Raises:
            ValueError: An ending or an option that there is not.
            OSError: The file cannot be written.
        """
        from lrplot.outputs.write import write

        look = _look(self.look, options)
        (named,) = _named([self], options.get("label"), look)
        write(config.Config([named.run], look), [named], path)

    def to_frame(self) -> "pandas.DataFrame":
        """The columns of its table as a pandas DataFrame.

        Raises:
            ImportError: There is no pandas.
        """
        import pandas

        return pandas.DataFrame(self.columns())

    @property
    def events(self) -> "list[Event]":
        """The steps at which the rate of a parameter group turns, as its picture and its table tell them.

        >>> [(event.step, event.text) for event in simulate("step", step_size=60).events]
        [(0, 'start'), (60, 'drop ×0.1'), (99, 'end')]
        """
        from lrplot.analysis.turns import all_events

        return all_events(self)

    def _repr_png_(self) -> bytes:
        from lrplot.pictures import figure  # and with it matplotlib

        stream = io.BytesIO()
        figure.save(figure.draw([self], self.look), stream, "png", self.look, None)
        return stream.getvalue()


class Config(config.Config):
    """A config whose curves can be plotted, saved and shown."""

    def curves(self) -> list[Curve]:  # type: ignore[override]  # a list of what a list of its base holds
        """The runs, simulated: a curve for each run and each ``record``, to be drawn as the config says.

        Raises:
            ConfigError: A schedule that cannot be followed to its end.
        """
        return [_dressed(each, self.look) for each in super().curves()]

    def save(self, path: str) -> None:
        """Writes the config's curves to a file, as ``lrplot plot CONFIG -o PATH`` does."""
        from lrplot.outputs.write import write

        write(self, self.curves(), path)


def simulate(scheduler: str | Sequence[str], **options: Any) -> Curve:
    """The curve of a scheduler.

    The scheduler's parameters, the optimizer's (``lr``, ``momentum``, ``betas``, ``initial_lr``) and the run's
    (``steps``, ``record``, ``metrics``, ``epochs``, ``steps_per_epoch``, ``data``, ``interval``) are all given by name,
    and checked as those of a config are. ``lr_lambda``, ``scale_fn`` and ``metrics`` may be functions or expressions;
    ``schedulers`` is a list of one-line specs, ``data`` a mapping, and ``groups`` a list of mappings. One
    scheduler has those of its clock too: ``frequency``, ``repeat``, ``begin`` and ``end``.

    >>> simulate("step", step_size=2, gamma=0.5, lr=1.0, steps=6).lr.tolist()
    [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]
    >>> simulate("step", step_size=1, gamma=0.5, lr=1.0, steps=6, frequency=2).lr.tolist()
    [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]
    >>> inner = ["constant factor=0.5 total_iters=9", "exponential gamma=0.5"]
    >>> simulate("sequential", schedulers=inner, milestones=[2], lr=1.0, steps=5).lr.tolist()
    [0.5, 0.5, 1.0, 0.5, 0.25]

    Args:
        scheduler: A class name or a short name: "CosineAnnealingLR", "cosine"; or one-line specs of several on one
            optimizer, each with its own clock: ["linear end=5", "plateau begin=5"].
        options: Parameters, as torch names them.

    Returns:
        A Curve with numpy columns: ``step`` [steps], ``lr`` [steps] or [steps, groups], ``momentum``,
        ``weight_decay`` and ``metric`` (or None).

    Raises:
        KeyError: There is no such scheduler, or a run is resumed without initial_lr.
        TypeError: A parameter is unknown or missing.
        ValueError: A parameter is of another kind or out of its range, or the schedule cannot be followed to its end.
    """
    spec, optimizer, run = _asked(scheduler, options)
    try:
        made = make_run(spec, optimizer, run)
    except Refusals as error:
        refusal = error.refusals[0]
        raise refusal.__cause__ if isinstance(refusal.__cause__, KeyError) else refusal from None
    assert made is not None, "everything is known"
    for refusal in limits([made], counted="steps" in run):
        raise refusal
    return _dressed(simulate_run(made)[0], Look())


def plot(*curves: Curve, ax: "Axes | None" = None, **options: Any) -> "Axes":
    """Draws curves: as the command line does, in a figure of pyplot's, or onto axes of your own.

    Args:
        curves: What ``simulate`` or ``load_config(path).curves()`` gives.
        ax: Axes of your own figure, which keeps its style.
        options: Those under ``plot:`` in a config: ``title``, ``theme``, ``log_y``, ``draw``, ``events``, …; they win
            over the config's own.

    Returns:
        The axes with the rates.

    Raises:
        TypeError: No curve, or an option that is unknown.
        ValueError: An option of another kind or out of its range, or one that only a whole figure can have with ``ax``.
    """
    if not curves:
        raise TypeError("plot() needs at least one curve")
    from lrplot.pictures import figure  # and with it matplotlib

    look = _look(Look() if ax is not None else curves[0].look, options)
    named = _named(curves, options.get("label"), look)
    if ax is None:
        return figure.open_in_pyplot(named, look).axes[0]
    for name, value in options.items():
        if value is not None and name not in figure.ON_AXES:
            raise Refusal(name, "is for a whole figure: leave out ax, or this")
    return figure.plot_on(ax, named, look)


def check(source: "str | os.PathLike[str] | config.Config | curve.Curve") -> "list[Note]":
    """What is probably wrong with a schedule, and what would be right: what ``lrplot check`` tells.

    >>> (note,) = check(simulate("cosine", T_max=60, lr=0.1, steps=100))
    >>> note.code, note.key, note.step, note.fix
    ('LR004', 'scheduler.T_max', 60, {'scheduler.T_max': 100})

    Args:
        source: A file, a one-line spec, a config that was loaded, or a curve.

    Returns:
        A note for each mistake, with ``code``, ``message``, ``key``, ``step``, ``fix``, ``file``, ``line`` and
        ``column``.

    Raises:
        ConfigError: The source cannot be read, or something in it is wrong.
    """
    from lrplot.configs import check as checks  # and with it the rules

    if isinstance(source, curve.Curve):
        return checks.check(config.Config([source.run]), [source])
    return checks.check(source if isinstance(source, config.Config) else sources.load_all([os.fspath(source)]))


def load_config(path: str) -> Config:
    """The config in a file: ``.curves()`` simulates it, ``.runs`` and ``.look`` are its parts.

    Raises:
        ConfigError: It cannot be read, or something in it is wrong; ``messages`` holds one line for each.
    """
    made = sources.load(path)
    return Config(made.runs, made.look, made.name, made.outputs, made.places, made.files)


def _dressed(made: curve.Curve, look: Look) -> Curve:
    return Curve(**vars(made), look=look)


def _look(look: Look, options: Mapping[str, Any]) -> Look:
    """The look with options of a plot from Python on top."""
    known = {parameter.name: parameter for parameter in parameters_of(Look)}
    for name in options:
        if name not in known:
            raise TypeError(f"plot() has no option {name!r}: {nearest(name, known)}")
    return replace(look, **{name: known[name].taken(value) for name, value in options.items() if value is not None})


def _named(curves: Sequence[Curve], given: Any, look: Look) -> Sequence[Curve]:
    """The curves, called what was given for them, in order."""
    if given is None or look.label is None:
        return curves
    if isinstance(given, str) and len(curves) > 1:
        raise Refusal("label", f"is the name of one curve, got {len(curves)} curves")
    if len(look.label) != len(curves):
        raise Refusal("label", f"must be given once for each curve, in order: got {len(look.label)} for {len(curves)}")
    return [curve.but(run=curve.run.but(label=label)) for curve, label in zip(curves, look.label)]


def _asked(scheduler: str | Sequence[str], options: Mapping[str, Any]) -> tuple[Spec, dict[str, Any], dict[str, Any]]:
    """The scheduler that is asked for, and the options of the optimizer and of the run."""
    if not isinstance(scheduler, str):
        from lrplot.runs.loop import Several

        _, _, optimizer, run = _sorted(None, options)
        return Several([sources.spec(each) for each in scheduler]), optimizer, run
    cls = find(scheduler)
    own, clock, optimizer, run = _sorted(cls, options)
    return Spec(cls, own, Clock(**clock) if clock else PLAIN), optimizer, run


def _sorted(cls: type[Scheduler] | None, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The options of a scheduler, of its clock, of the optimizer and of the run, each as it is taken."""
    clock = [each for each in clock_parameters() if cls is not None and each.name != "interval"]  # the run's
    own = () if cls is None else cls.parameters()
    name = "several schedulers" if cls is None else cls.shown_name
    owners: list[tuple[Sequence[Parameter], dict[str, Any]]] = [
        (own, {}),
        (clock, {}),
        (parameters_of(Optimizer), {}),
        (run_parameters(), {}),
    ]
    for key, value in options.items():
        # onecycle has a steps_per_epoch of its own, which serves the run as well.
        found = next(((p, taken) for known, taken in owners for p in known if p.name == key), None)
        if found is None:
            names = [p.name for known, _ in owners for p in known]
            raise TypeError(f"simulate() has no parameter {key!r} for {name}: {nearest(key, names)}")
        parameter, taken = found
        if value is not None:
            taken[key] = _taken(parameter, value, name if taken is owners[0][1] else "")
    for parameter in own:
        if parameter.required and parameter.name not in owners[0][1]:
            raise TypeError(f"missing a required argument: {parameter.name!r}")
    return [taken for _, taken in owners]


def _taken(parameter: Parameter, value: Any, owner: str) -> Any:
    if parameter.name == "metrics" and not callable(value) and not isinstance(value, (str, int, float)):
        return _metrics(value)
    if parameter.name == "record" and not isinstance(value, str):
        raise Refusal("record", f"must be one reading, got {value!r}")
    if parameter.kind == "function":
        value = [_function(parameter, single) for single in value] if isinstance(value, (list, tuple)) else value
        value = _function(parameter, value)
    if parameter.kind == "schedulers" and isinstance(value, (list, tuple)):
        value = [sources.spec(inner) if isinstance(inner, str) else inner for inner in value]
    try:
        return parameter.taken(value)
    except Refusal as refusal:
        refusal.own(owner)
        raise


def _metrics(values: Any) -> "array[float]":
    try:
        metrics = array("d", values)
    except TypeError:
        raise Refusal("metrics", f"must be numbers, or an expression in epoch, got {values!r}") from None
    if not metrics:
        raise Refusal("metrics", "must hold at least one number")
    return metrics


def _function(parameter: Parameter, value: Any) -> Any:
    """A function as it is, or that of an expression; a number is one too."""
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        return value
    from lrplot.configs.expression import Expression  # only those who write one need the parser

    try:
        return Expression(str(value))
    except ValueError as error:
        raise Refusal(parameter.name, f"must be an expression in epoch: {error}") from None
