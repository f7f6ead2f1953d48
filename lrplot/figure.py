"""Curves to a matplotlib figure: panels, lines, axes. Labels and event marks are placed in labels.py, long curves cut in reduction.py.

Only this module, style.py, ticks.py and labels.py import matplotlib, and only a picture imports them.
"""

from array import array
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, BinaryIO, NamedTuple

import matplotlib
import numpy
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from lrplot import __version__
from lrplot.events import Event, find_events
from lrplot.labels import Labels, Margins
from lrplot.look import Look
from lrplot.reduction import extremes
from lrplot.run import Run
from lrplot.simulation import Curve, labels
from lrplot.style import explained, styled
from lrplot.ticks import PowerFormatter, RateFormatter, StepFormatter, log_locator, rate_locator, step_locator

EXACT = 1_000_000
"""Events of a longer curve are found among as many of its steps as a picture can tell apart."""

MARKED = ("peak", "trough", "drop", "rise", "restart", "warm-up end", "milestone", "hold", "nan")
TITLES = {"lr": "learning rate", "momentum": "momentum", "metric": "metric"}


class NoDisplay(ValueError):
    """There is no display to open a window on."""


class Line(NamedTuple):
    """One line of a panel."""

    curve: Curve
    group: int
    label: str
    colour: str
    values: "NDArray[Any]"


def draw(curves: Sequence[Curve], look: Look) -> Figure:
    """The figure of some curves.

    Raises:
        ValueError: The look cannot be had: an unknown style or font, a momentum that no curve changes.
    """
    with styled(look):
        width, height = look.inches
        figure = Figure(figsize=(width, height), dpi=look.dpi)
        FigureCanvasAgg(figure)
        if look.facet and len(curves) > 1:
            _draw_facets(figure, curves, look)
        else:
            _draw_panels(figure, curves, look)
    return figure


def plot_on(axes: Axes, curves: Sequence[Curve], look: Look) -> Axes:
    """Draws curves onto axes that somebody else made, in that somebody's style."""
    names = labels(curves)
    cycle = axes._get_lines  # type: ignore[attr-defined]
    lines = [line._replace(colour=cycle.get_next_color()) for line in _lines(curves, names, "lr", [""])]
    _draw_lines(axes, lines, look)
    _set_axes(axes, lines, look, "lr")
    axes.set_xlabel("step")
    if len(lines) > 1:
        axes.legend(list(axes.lines[-len(lines) :]), [line.label for line in lines])
    if look.title is not None or len(curves) == 1:
        axes.set_title(look.title if look.title is not None else str(curves[0].run.spec))
    return axes


def save(figure: Figure, stream: BinaryIO, format: str, look: Look, source: str | None) -> None:
    """Writes a figure as PNG, SVG or PDF, the same bytes each time, with its schedule's YAML in the metadata."""
    name = f"lrplot {__version__}"
    metadata: dict[str, Any] = {
        "png": {"Software": name, "lrplot": source},
        "svg": {"Creator": name, "Date": None, "Description": source},
        "pdf": {"Creator": name, "Producer": None, "CreationDate": None, "Subject": source},
    }[format]
    if format == "png" and source is None:
        del metadata["lrplot"]
    with explained(look), matplotlib.rc_context({"svg.hashsalt": "lrplot", "svg.fonttype": "none", "pdf.fonttype": 42, "path.simplify": True}):
        figure.savefig(stream, format=format, dpi=look.dpi, transparent=look.transparent, metadata=metadata)


def show(figure: Figure) -> None:
    """Opens matplotlib's window, and returns when it is closed.

    Raises:
        NoDisplay: There is none to be had.
    """
    from matplotlib import pyplot

    try:
        manager = pyplot.figure(figsize=figure.get_size_inches(), dpi=100).canvas.manager
    except (ImportError, RuntimeError) as error:
        raise NoDisplay(f"no window can be opened ({error}): write a file with -o, or use --term") from None
    if manager is None or matplotlib.get_backend().lower() == "agg":
        raise NoDisplay("no window can be opened, there is no display: write a file with -o, or use --term")
    manager.canvas.figure = figure
    figure.set_canvas(manager.canvas)
    pyplot.show()


# Panels.


def _draw_panels(figure: Figure, curves: Sequence[Curve], look: Look) -> None:
    columns = _columns_to_show(curves, look)
    names = labels(curves)
    panels = {column: _lines(curves, names, column, _colours()) for column in columns}
    lines = panels[columns[0]]
    margins = Margins(figure, *_titles(curves, look), [line.label for line in lines] if len(lines) > 1 else [], epochs=_per_epoch(curves) is not None)
    heights = [3.2 if column == columns[0] else 1.2 for column in columns]
    grid = figure.add_gridspec(len(columns), 1, height_ratios=heights, hspace=0.14, **margins.fractions)
    first: Axes | None = None
    for row, column in enumerate(columns):
        axes = figure.add_subplot(grid[row], sharex=first)
        first = first or axes
        _draw_lines(axes, panels[column], look)
        _set_axes(axes, panels[column], look, column, ticks=6 if row == 0 else 3)
        last = row == len(columns) - 1
        axes.tick_params(labelbottom=last, bottom=last)
        margins.place_label(axes)
        if last:
            axes.set_xlabel("step")
    assert first is not None
    margins.fit_ticks(grid, figure.axes)
    if (per_epoch := _per_epoch(curves)) is not None:
        _add_epochs(first, per_epoch)
    if _is_pair(curves, columns[0]):
        _shade(first, lines, look)
    margins.write_titles()
    placed = Labels(first, lines)
    margins.write_labels(first, lines, placed)
    if look.events and len(curves) == 1:
        group, events = _events(curves[0]) if columns[0] == "lr" else (0, [])
        placed.mark(events, lines[group].colour)
        if "metric" in columns:
            _mark_metric(figure.axes[columns.index("metric")], events)


def _draw_facets(figure: Figure, curves: Sequence[Curve], look: Look) -> None:
    """A panel for each run, with all that is read of it, on shared axes."""
    column = _columns_to_show(curves, look)[0]
    runs = [list(read) for _, read in groupby(curves, lambda curve: id(curve.run))]
    across = min(len(runs), max(1, round((len(runs) * look.inches.width / look.inches.height / 1.6) ** 0.5)))
    margins = Margins(figure, *_titles(curves, look), [], panel_titles=True)
    grid = figure.add_gridspec(-(-len(runs) // across), across, hspace=0.42, wspace=0.1, **margins.fractions)
    panels: list[Axes] = []
    drawn: list[Line] = []
    for index, read in enumerate(runs):
        axes = figure.add_subplot(grid[index // across, index % across], sharex=panels[0] if panels else None, sharey=panels[0] if panels else None)
        panels.append(axes)
        lines = _lines(read, labels(read), column, _colours())
        drawn += lines
        _draw_lines(axes, lines, look)
        if _is_pair(read, column):
            _shade(axes, lines, look)
        if len(lines) > 1 and index == len(runs) - 1:
            axes.legend(fontsize="small", frameon=False, loc="best")
        axes.set_title(read[0].run.shown_label, fontsize="medium", fontweight="normal", loc="left")
        axes.tick_params(labelleft=index % across == 0, labelbottom=index + across >= len(runs))
        if index + across >= len(runs):
            axes.set_xlabel("step")
    _set_axes(panels[0], drawn, look, column)
    panels[0].set_ylabel("")
    margins.fit_ticks(grid, panels[:1])
    figure.text(*margins.side_label, TITLES[column], rotation=90, ha="left", va="center", color=matplotlib.rcParams["axes.labelcolor"])
    margins.write_titles()


def _columns_to_show(curves: Sequence[Curve], look: Look) -> list[str]:
    cycled = any(curve.momenta for curve in curves)
    if look.parameter in ("momentum", "both") and not cycled:
        names = ", ".join(dict.fromkeys(curve.run.spec.cls.__name__ for curve in curves))
        raise ValueError(f"parameter {look.parameter} asks for the momentum, which {names} leaves alone")
    if look.parameter == "momentum":
        return ["momentum"]
    columns = ["lr"]
    if cycled and look.parameter != "lr":
        columns.append("momentum")
    if look.parameter is None and len(curves) == 1 and curves[0].metrics is not None:
        columns.append("metric")
    return columns


def _lines(curves: Sequence[Curve], names: Sequence[str], column: str, colours: Sequence[str]) -> list[Line]:
    lines = []
    total = 0
    for curve, name in zip(curves, names):
        groups = {"lr": curve.rates, "momentum": curve.momenta, "metric": [curve.metrics]}[column]
        for group, values in enumerate(groups):
            label = name
            if len(groups) > 1:
                label = f"group {group}" if len(curves) == 1 else f"{name}, group {group}"
            lines.append(Line(curve, group, label, colours[total % len(colours)], numpy.frombuffer(values)))
            total += 1
    return lines


def _colours() -> list[str]:
    return matplotlib.rcParams["axes.prop_cycle"].by_key().get("color", ["C0"])  # type: ignore[no-any-return]


def _per_epoch(curves: Sequence[Curve]) -> int | None:
    known = {curve.run.steps_per_epoch for curve in curves}
    return known.pop() if len(known) == 1 else None


def _titles(curves: Sequence[Curve], look: Look) -> tuple[str, str]:
    """The title, and the parameters beneath it."""
    specs = list(dict.fromkeys(str(curve.run.spec) for curve in curves))
    name, _, parameters = specs[0].partition("(")
    parameters = ", ".join(part for part in [parameters[:-1], *_told(curves)] if part)
    if len(specs) == 1:
        return (look.title, specs[0]) if look.title is not None and len(specs[0]) < 100 else (look.title or name, parameters)
    if look.title is not None:
        return look.title, ""
    classes = {curve.run.spec.cls.__name__ for curve in curves}
    return (classes.pop() if len(classes) == 1 else "Learning-rate schedules"), ""


def _told(curves: Sequence[Curve]) -> Iterator[str]:
    """What a title tells beside the scheduler's parameters: a rate that is not the default, a reading that is not the rate used."""
    run = curves[0].run
    rates = run.optimizer.get("initial_lr", run.optimizer.get("lr"))
    own = {parameter.name for parameter in run.spec.cls.parameters()} & {"base_lr", "max_lr"}
    if rates is not None and not isinstance(rates, list) and not own:
        yield f"lr={rates}"
    if len(curves) == 1 and curves[0].record != "used":
        yield f"record={curves[0].record}"


# Lines and axes.


def _draw_lines(axes: Axes, lines: Sequence[Line], look: Look) -> None:
    for index, line in enumerate(lines):
        x, y = _points(line, look)
        how = look.draw or _drawn_as([other for other in lines if other.curve.run is line.curve.run])
        order = 2.5 - index * 1e-3  # the first lies on top
        if how == "points":
            axes.plot(x, y, "o", color=line.colour, label=line.label, zorder=order)
        elif how == "stairs":
            _draw_stairs(axes, line, x, y, order)
        elif len(x) == 1:
            axes.plot(x, y, "o", color=line.colour, label=line.label, zorder=order)
        else:
            axes.plot(*_with_jumps(x, y), color=line.colour, label=line.label, zorder=order)


def _draw_stairs(axes: Axes, line: Line, x: "NDArray[Any]", y: "NDArray[Any]", order: float) -> None:
    """The rate of a step holds until the next step begins; the last one for a step as well."""
    x, y = numpy.append(x, x[-1] + 1), numpy.append(y, y[-1])
    axes.plot(x, y, drawstyle="steps-post", color=line.colour, label=line.label, zorder=order, solid_joinstyle="miter", solid_capstyle="butt")


def _points(line: Line, look: Look) -> tuple["NDArray[Any]", "NDArray[Any]"]:
    """Steps and values to draw: those in the range to be shown, reduced to what the pixels can tell apart."""
    start, values = line.curve.steps.start, line.values
    if look.x_range is not None:
        low = int(max(0, min(len(values) - 1, look.x_range[0] - start - 1)))
        high = int(max(low + 1, min(len(values), look.x_range[1] - start + 2)))
        start, values = start + low, values[low:high]
    picked = extremes(values, max(100, int(look.inches.width * look.dpi)))
    return start + picked, values[picked]


def _drawn_as(lines: Sequence[Line]) -> str:
    """How the lines of one run are drawn, all in the same way."""
    return "stairs" if any(_has_treads(line.values) for line in lines) else "line"


def _has_treads(values: "NDArray[Any]") -> bool:
    """Whether a curve is drawn as stairs: it has few steps, or its changes are few, or stand alone between steps that change nothing."""
    if len(values) <= 40:
        return True
    sample = values if len(values) <= EXACT else values[:EXACT]
    changes = sample[1:] != sample[:-1]
    alone = changes[1:-1] & ~changes[:-2] & ~changes[2:]
    count = numpy.count_nonzero(changes)
    return bool(count <= 0.12 * len(changes) or 2 * numpy.count_nonzero(alone) >= count)


def _with_jumps(x: "NDArray[Any]", y: "NDArray[Any]") -> tuple["NDArray[Any]", "NDArray[Any]"]:
    """A line that holds before each jump, so that a drop is a drop and not a slope, as its steps are wide enough to be seen."""
    if not 8 < len(x) <= 4000:
        return x, y
    change = numpy.abs(numpy.diff(y))
    beside = numpy.maximum(numpy.append(change[1:], 0), numpy.insert(change[:-1], 0, 0))
    jumps = numpy.flatnonzero((change > 5 * beside) & (change > 0.1 * (numpy.nanmax(y) - numpy.nanmin(y)))) + 1
    return numpy.insert(x, jumps, x[jumps]), numpy.insert(y, jumps, y[jumps - 1])


def _set_axes(axes: Axes, lines: Sequence[Line], look: Look, column: str, ticks: int = 6) -> None:
    first = min(line.curve.steps.start for line in lines)
    last = max(line.curve.steps.stop for line in lines) - 1
    axes.set_xlim(*(look.x_range or ((first, last) if last - first > 40 else (first, last + 1))))
    values = [extreme for line in lines for extreme in _finite_ends(line.values)]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    axes.set_ylabel(TITLES[column] if column != "metric" else "metric")
    axes.xaxis.set_major_locator(step_locator())
    axes.xaxis.set_major_formatter(StepFormatter())
    if look.log_y and column == "lr" and high > 0:
        positive = [_lowest_positive(line.values) for line in lines]
        low = min([value for value in positive if value is not None], default=high)
        axes.set_yscale("log", nonpositive="clip")
        axes.set_ylim(*(look.y_range if look.y_range and look.y_range[0] > 0 else (low / 1.6, high * 1.6)))
        axes.yaxis.set_major_locator(log_locator(*axes.get_ylim()))
        axes.yaxis.set_major_formatter(PowerFormatter())
        axes.yaxis.set_minor_locator(matplotlib.ticker.NullLocator())
        return
    axes.set_ylim(*(look.y_range if look.y_range and column == "lr" else _limits(low, high, column)))
    axes.yaxis.set_major_locator(rate_locator(ticks))
    axes.yaxis.set_major_formatter(RateFormatter())


def _limits(low: float, high: float, column: str) -> tuple[float, float]:
    """Where the axis begins and ends: at 0 for rates, with room above for the line and its labels."""
    if column == "lr" and low >= 0 and (low < 0.5 * high or low == high):
        return -0.025 * high, 1.12 * high if high else 1.0
    span = (high - low) or abs(high) or 1.0
    return low - 0.12 * span, high + 0.14 * span


def _finite_ends(values: "NDArray[Any]") -> list[float]:
    low, high = float(values.min()), float(values.max())
    if not (numpy.isfinite(low) and numpy.isfinite(high)):
        finite = values[numpy.isfinite(values)]
        return [float(finite.min()), float(finite.max())] if len(finite) else []
    return [low, high]


def _lowest_positive(values: "NDArray[Any]") -> float | None:
    """The lowest rate to make room for: not the 1e-20 that rounding leaves of a cosine's 0."""
    few = values[extremes(values, 1000)]
    positive = numpy.unique(few[(few > 0) & numpy.isfinite(few)])
    if not len(positive):
        return None
    gaps = numpy.flatnonzero(positive[1:] > 1e6 * positive[:-1])
    return float(positive[gaps[-1] + 1 if len(gaps) else 0])


def _add_epochs(axes: Axes, per_epoch: int) -> None:
    epochs = axes.secondary_xaxis("top", functions=(lambda step: step / per_epoch, lambda epoch: epoch * per_epoch))
    epochs.xaxis.set_major_locator(step_locator())
    epochs.xaxis.set_major_formatter(StepFormatter())
    epochs.set_xlabel("epoch")
    epochs.spines["top"].set_visible(True)


def _is_pair(curves: Sequence[Curve], column: str) -> bool:
    return column == "lr" and len(curves) > 1 and all(curve.run is curves[0].run and len(curve.rates) == 1 for curve in curves)


def _shade(axes: Axes, lines: Sequence[Line], look: Look) -> None:
    """Fills what lies between the readings of one run."""
    count = len(lines[0].values)
    picked = numpy.arange(0, count, max(1, count // 4000))
    stack = [line.values[picked] for line in lines]
    steps = lines[0].curve.steps.start + picked
    held: Any = "post" if (look.draw or _drawn_as(lines)) == "stairs" else None
    axes.fill_between(steps, numpy.min(stack, axis=0), numpy.max(stack, axis=0), step=held, color=lines[1].colour, alpha=0.18, linewidth=0)


# Events.


def _events(curve: Curve) -> tuple[int, list[Event]]:
    """The events of the parameter group with the highest rate, and which that is."""
    group = max(range(len(curve.rates)), key=lambda i: max(curve.rates[i][:EXACT]))
    if len(curve) <= EXACT:
        return group, find_events(curve, group)
    values = numpy.frombuffer(curve.rates[group])
    stride = len(values) // 4000
    few = values[::stride]
    table = values[: len(values) // stride * stride].reshape(-1, stride)[:: max(1, len(few) // 100)]
    if numpy.median(numpy.ptp(table, axis=1)) > 0.1 * numpy.ptp(few):
        return group, []  # it swings so fast that all a picture shows is a band
    run = Run(curve.run.spec, curve.run.optimizer, len(few))
    short = Curve(run, curve.record, range(len(few)), [array("d", few.tobytes())], [], None)
    return group, [event._replace(step=curve.steps[event.step * stride]) for event in find_events(short)]


def _mark_metric(axes: Axes, events: Sequence[Event]) -> None:
    for event in events:
        if event.kind == "drop":
            axes.axvline(event.step, color=matplotlib.rcParams["axes.edgecolor"], linewidth=1, linestyle=(0, (3, 3)), zorder=1)
