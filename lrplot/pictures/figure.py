"""Curves to a matplotlib figure: panels beneath one another, or side by side.

What is in a panel is drawn in panel.py, its words are placed in labels.py; the space around the panels is measured in
layout.py. window.py has a figure drawn again as its window changes.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, BinaryIO

from lrplot.files import fingerprint
from lrplot.parameters import Refusal
from lrplot.pictures.backend import matplotlib  # before the rest of it

# isort: split

import numpy
from matplotlib.axes import Axes as Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from lrplot.analysis import titles
from lrplot.analysis.columns import columns_to_show, out_of_range
from lrplot.analysis.turns import Event, actions_of, find_events
from lrplot.pictures.labels import Labels
from lrplot.pictures.layout import Layout
from lrplot.pictures.look import Look, undrawable
from lrplot.pictures.panel import Line, add_epochs, draw_lines, is_pair, lines_of, set_axes, shade
from lrplot.pictures.style import explained, same_everywhere, styled
from lrplot.runs.curve import Curve
from lrplot.version import __version__

EXACT = 1_000_000
"""Events of a longer curve are found among as many of its steps as a picture can tell apart."""

MOST_MARKED = 8
"""Parameter groups with events of their own: more would crowd the picture."""

MOST_PANELS = 100

SIZES = (
    *("font.size", "axes.titlesize", "axes.labelsize", "xtick.labelsize", "ytick.labelsize"),
    *("lines.linewidth", "lines.markersize", "axes.linewidth", "grid.linewidth"),
    *("xtick.major.size", "xtick.major.width", "xtick.major.pad", "ytick.major.pad"),
    *("axes.titlepad", "axes.labelpad"),
)
"""Lengths in points, of type and of lines."""


quiet = numpy.errstate(all="ignore")
"""Rates may be anything that torch computes: the difference of two of them may overflow, a logarithm may not exist."""


def _blank(figsize: tuple[float, float], dpi: float) -> Figure:
    figure = Figure(figsize=figsize, dpi=dpi)
    FigureCanvasAgg(figure)
    return figure


@quiet
def draw(curves: Sequence[Curve], look: Look, new: Callable[..., Figure] = _blank) -> Figure:
    """The figure of some curves.

    Args:
        new: What makes the empty figure, of a size in inches.

    Raises:
        Refusal: The look cannot be had: an unknown style or font, a momentum that no curve changes, a range without a
            step.
    """
    with styled(look):
        _shrink_type(look)
        figure = new(figsize=look.inches, dpi=look.dpi)
        if look.facet and len(curves) > 1:
            _draw_facets(figure, curves, look)
        else:
            _draw_panels(figure, curves, look)
    return figure


def open_in_pyplot(curves: Sequence[Curve], look: Look) -> Figure:
    """The same as one of pyplot's figures, to be shown, saved or added to."""
    from matplotlib import pyplot

    known = pyplot.get_fignums()
    try:
        return draw(curves, look, pyplot.figure)
    except BaseException:
        for number in set(pyplot.get_fignums()) - set(known):
            pyplot.close(number)
        raise


ON_AXES = ("title", "label", "log_y", "x_range", "y_range", "draw", "parameter")
"""The options that somebody's own axes can have."""


@quiet
def plot_on(axes: Axes, curves: Sequence[Curve], look: Look) -> Axes:
    """Draws curves onto axes that somebody else made, in that somebody's style."""
    column, *more = columns_to_show(curves, look.parameter)
    if look.parameter == "both" and more:
        raise Refusal("parameter", "must be lr or momentum: these axes are one panel, got 'both'")
    cycle = axes._get_lines  # type: ignore[attr-defined]
    lines = [replace(line, colour=cycle.get_next_color()) for line in _lines(curves, column, look)]
    draw_lines(axes, lines, look)
    set_axes(axes, lines, look, column)
    axes.set_xlabel("step")
    if len(lines) > 1:
        axes.legend(list(axes.lines[-len(lines) :]), [line.label for line in lines])
    if look.title is not None or len(curves) == 1:
        axes.set_title(look.title if look.title is not None else str(curves[0].run.spec))
    return axes


@quiet
def save(figure: Figure, stream: BinaryIO, format: str, look: Look, source: str | None) -> None:
    """Writes a figure as PNG, SVG or PDF, the same bytes each time, with its schedule's YAML in the metadata."""
    name = f"lrplot {__version__}"
    digest = None if source is None or format == "png" else fingerprint(source)  # a PNG has checksums
    metadata: dict[str, Any] = {
        "png": {"Software": name, "lrplot": source},
        "svg": {"Creator": name, "Date": None, "Description": source, "Identifier": digest},
        "pdf": {"Creator": name, "Producer": None, "CreationDate": None, "Keywords": digest, "Subject": source},
    }[format]
    if format == "png" and source is None:
        del metadata["lrplot"]
    with explained(look), same_everywhere():
        matplotlib.rcParams.update({"svg.hashsalt": "lrplot", "svg.fonttype": "none", "pdf.fonttype": 42})
        figure.savefig(stream, format=format, dpi=look.dpi, transparent=look.transparent, metadata=metadata)


def _shrink_type(look: Look) -> None:
    """Makes type smaller and lines finer where a picture is smaller than they are made for, 4 by 2.8 inches."""
    rc: Any = matplotlib.rcParams
    width, height = look.inches
    scale = max(0.05, min(1.0, width / 4, height / 2.8))
    for name in SIZES if scale < 1 else ():
        if not isinstance(rc[name], str):  # "large" is in proportion already
            rc[name] *= scale


# Panels.


def _draw_panels(figure: Figure, curves: Sequence[Curve], look: Look) -> None:
    """The rate, and beneath it the momentum or the metric, on the same steps."""
    columns = columns_to_show(curves, look.parameter)
    panels = {column: _lines(curves, column, look) for column in columns}
    lines = panels[columns[0]]
    per_epoch = _per_epoch(curves)
    layout = Layout(
        figure, titles.heading(curves, look.title), lines if len(lines) > 1 else [], epochs=per_epoch is not None
    )
    weights = [2.8, *[1.2] * (len(columns) - 1)]
    between = 0.0, 2.4 * layout.em
    first: Axes | None = None
    for column, box in zip(columns, layout.boxes(weights, 1, between)):
        axes = figure.add_axes(box, sharex=first)
        first = first or axes
        draw_lines(axes, panels[column], look)
        set_axes(axes, panels[column], look, column)
        last = column == columns[-1]
        axes.tick_params(labelbottom=last, bottom=last)
        if last:
            axes.set_xlabel("step")
    assert first is not None
    layout.fit_ticks(figure.axes)
    for axes, box in zip(figure.axes, layout.boxes(weights, 1, between)):
        axes.set_position(box)
        layout.write_axis_name(axes, above=1.25 * layout.em if per_epoch is not None and axes is first else 0)
    if per_epoch is not None:
        add_epochs(first, per_epoch)
    if is_pair(lines) and columns[0] == "lr":
        shade(first, lines, look)
    layout.write_titles()
    layout.write_legend()
    words = Labels(first, lines)
    if layout.direct:
        words.label_ends(layout.label_font)
    if look.events and len(curves) == 1 and columns[0] == "lr":
        for line, events in _events(lines):
            words.mark(events, line.colour)
            if "metric" in columns:
                _mark_metric(figure.axes[columns.index("metric")], events)


def _draw_facets(figure: Figure, curves: Sequence[Curve], look: Look) -> None:
    """A panel for each run, with all that is read of it, on shared axes."""
    column = columns_to_show(curves, look.parameter)[0]
    panels = [_lines(list(read), column, look) for _, read in groupby(curves, lambda curve: id(curve.run))]
    if len(panels) > MOST_PANELS:
        raise undrawable("facet", f"facet would make {len(panels)} panels: a picture holds at most {MOST_PANELS}")
    readings = max(panels, key=len)
    layout = Layout(figure, titles.heading(curves, look.title), readings if len(readings) > 1 else [], direct=False)
    layout.above += 1.6 * layout.em  # the panels' own titles
    between = 2.6 * layout.em, 2.2 * layout.em
    across = layout.across(len(panels), between)
    weights = [1.0] * -(-len(panels) // across)
    first: Axes | None = None
    for index, (lines, box) in enumerate(zip(panels, layout.boxes(weights, across, between))):
        axes = figure.add_axes(box, sharex=first, sharey=first)
        first = first or axes
        draw_lines(axes, lines, look)
        if is_pair(lines) and column == "lr":
            shade(axes, lines, look)
        lowest = index + across >= len(panels)
        axes.tick_params(labelleft=index % across == 0, labelbottom=lowest)
        if lowest:
            axes.set_xlabel("step")
    assert first is not None
    set_axes(first, [line for lines in panels for line in lines], look, column)
    layout.fit_ticks([first])
    boxes = layout.boxes(weights, across, between)
    names = {id(curve.run): name for curve, name in zip(curves, titles.run_names(curves, look.title))}
    for axes, lines, box in zip(figure.axes, panels, boxes):
        axes.set_position(box)
        name = layout.cut(names[id(lines[0].curve.run)], layout.label_font, box[2] * layout.width)
        axes.set_title(name, fontproperties=layout.label_font, loc="left")
    layout.write_axis_name(first, above=1.8 * layout.em)
    layout.write_titles()
    layout.write_legend()


def _lines(curves: Sequence[Curve], column: str, look: Look) -> list[Line]:
    """The lines of one panel.

    Raises:
        Refusal: None of the curves has a step in the range to be shown.
    """
    colours: list[str] = matplotlib.rcParams["axes.prop_cycle"].by_key().get("color", ["C0"])
    lines = lines_of(curves, titles.line_names(curves, look.title), column, look, colours)
    if not lines and look.x_range is not None:
        raise out_of_range(curves, look.x_range)
    return lines


def _per_epoch(curves: Sequence[Curve]) -> int | None:
    known = {curve.run.steps_per_epoch for curve in curves}
    return known.pop() if len(known) == 1 else None


# Events.


def _events(lines: Sequence[Line]) -> list[tuple[Line, list[Event]]]:
    """The events on each line: those that happen in several parameter groups on that with the highest rate."""
    curve = lines[0].curve
    stride = max(1, len(curve) // 4000)
    actions = None
    known: set[tuple[int, str]] = set()
    found = []
    for line in sorted(lines, key=lambda line: -float(line.values[:EXACT].max()))[:MOST_MARKED]:
        values = numpy.frombuffer(curve.rates[line.group])
        if _is_band(values, values[::stride], stride):
            continue
        actions = actions or actions_of(curve)
        events = find_events(curve, line.group, actions, stride if len(curve) > EXACT else 1)
        found.append((line, [event for event in events if (event.step, event.text) not in known]))
        known.update((event.step, event.text) for event in events)
    return found


def _is_band(values: NDArray[Any], few: NDArray[Any], stride: int) -> bool:
    """Whether a rate swings so fast that all a picture shows is a band, in which nothing can be pointed at."""
    table = values[: len(values) // stride * stride].reshape(-1, stride)[:: max(1, len(few) // 100)]
    return bool(numpy.median(numpy.ptp(table, axis=1)) > 0.1 * numpy.ptp(few))


def _mark_metric(axes: Axes, events: Sequence[Event]) -> None:
    """Draws a dashed line across the metric at each reduction of the rate."""
    colour = matplotlib.rcParams["axes.edgecolor"]
    for event in events:
        if event.kind == "drop":
            axes.axvline(event.step, color=colour, linewidth=1, linestyle=(0, (3, 3)), zorder=1)
