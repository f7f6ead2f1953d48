"""Curves to a matplotlib figure: panels beneath one another, or side by side.

What is in a panel is drawn in panel.py, its words are placed in labels.py; the space around the panels is measured in
layout.py. window.py has a figure drawn again as its window changes.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
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
from lrplot.analysis.columns import columns_to_show, unit_of
from lrplot.analysis.ruler import Ruler, in_marks, ruled
from lrplot.analysis.turns import Event, actions_of, find_events
from lrplot.pictures.facets import count_facets, draw_facets, sized
from lrplot.pictures.fonts import with_letters
from lrplot.pictures.labels import Labels
from lrplot.pictures.layout import Layout
from lrplot.pictures.look import Look
from lrplot.pictures.notes import notes_beneath
from lrplot.pictures.panel import (
    Drawn,
    Line,
    count_epochs,
    count_units,
    draw_lines,
    is_pair,
    lines_of,
    set_axes,
    set_steps,
    shade,
)
from lrplot.pictures.style import explained, same_everywhere, styled
from lrplot.runs.curve import Curve
from lrplot.version import __version__
from lrplot.wording import shown

EXACT = 1_000_000
"""Events of a longer curve are found among as many of its steps as a picture can tell apart."""

MOST_MARKED = 8
"""Parameter groups with events of their own: more would crowd the picture."""

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
        Refusal: The look cannot be had: an unknown style or font, a column that no curve changes, a range without a
            step.
    """
    ruler = Ruler(unit_of(curves))
    if look.x is not None:
        curves, ruler = ruled(curves, look.x)
        look = replace(look, x_range=in_marks(look.x_range, ruler))
    with styled(look):
        _add_fonts(curves, look)
        look = sized(curves, look)
        _shrink_type(look)
        figure = new(figsize=look.inches, dpi=look.dpi)
        if count_facets(curves, look) > 1:
            draw_facets(figure, curves, look, ruler)
        else:
            _draw_panels(figure, curves, look, ruler)
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
        raise Refusal("parameter", "must be lr, momentum or weight_decay: these axes are one panel, got 'both'")
    cycle = axes._get_lines  # type: ignore[attr-defined]
    lines = [replace(line, colour=cycle.get_next_color()) for line in lines_of(curves, column, look)]
    draw_lines(axes, lines, look)
    set_axes(axes, lines, look, column)
    axes.set_xlabel(unit_of(curves))
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
    with explained(look) as missing, same_everywhere():
        matplotlib.rcParams.update({"svg.hashsalt": "lrplot", "svg.fonttype": "none", "pdf.fonttype": 42})
        figure.savefig(stream, format=format, dpi=look.dpi, transparent=look.transparent, metadata=metadata)
    if missing and format != "svg":  # whose letters are those of whoever looks at it
        lacking = shown("".join(missing))
        warnings.warn(f"the font has no {lacking}: choose one that does with --font, or font under plot", stacklevel=2)


def _add_fonts(curves: Sequence[Curve], look: Look) -> None:
    """Has the words of a picture written in fonts that have their letters."""
    words = [*titles.heading(curves, look.title), *titles.names(curves, look.title)]
    matplotlib.rcParams["font.family"] = with_letters(matplotlib.rcParams["font.family"], "".join(words))


def _shrink_type(look: Look) -> None:
    """Makes type smaller and lines finer where a picture is smaller than they are made for, 4 by 2.8 inches."""
    rc: Any = matplotlib.rcParams
    width, height = look.inches
    scale = max(0.05, min(1.0, width / 4, height / 2.8))
    for name in SIZES if scale < 1 else ():
        if not isinstance(rc[name], str):  # "large" is in proportion already
            rc[name] *= scale


# Panels.


def _draw_panels(figure: Figure, curves: Sequence[Curve], look: Look, ruler: Ruler) -> None:
    """The rate, and beneath it what else is changed, or the metric, on the same steps."""
    columns = columns_to_show(curves, look.parameter)
    panels = [lines_of(curves, column, look) for column in columns]
    per_epoch = _per_epoch(curves) if look.x is None else None
    heading, named = titles.heading(curves, look.title), panels[0] if len(panels[0]) > 1 else []
    layout = Layout(figure, heading, named, per_epoch is not None, notes=notes_beneath(curves, look))
    weights = [2.8, *[1.2] * (len(columns) - 1)]
    between = 0.0, 2.4 * layout.em
    drawn = []
    first: Axes | None = None
    for column, lines, box in zip(columns, panels, layout.boxes(weights, 1, between)):
        axes = figure.add_axes(box, sharex=first)
        axes.set_label(column)
        first = first or axes
        drawn.append(draw_lines(axes, lines, look))
        set_axes(axes, lines, look, column, above=0.12 if len(columns) == 1 else 0.18)  # a low panel has names too
        last = column == columns[-1]
        axes.tick_params(labelbottom=last, bottom=last)
    assert first is not None
    if len(columns) > 1:
        set_steps(axes, [line for lines in panels for line in lines], look)  # which all panels share
    count_units(axes, ruler)
    if is_pair(panels[0]) and columns[0] == "lr":
        shade(first, panels[0], look)
    layout.fit_ticks(figure.axes)
    for axes, box in zip(figure.axes, layout.boxes(weights, 1, between)):
        axes.set_position(box)
        layout.write_axis_name(axes)
    words = Labels(first, drawn[0])
    if layout.direct:
        words.name_lines(layout.label_font)
    if per_epoch is not None:
        count_epochs(axes, per_epoch, layout.row if layout.counts_both else None)
    layout.write_titles()
    layout.write_legend()
    layout.write_notes()
    if look.events and len(curves) == 1 and columns[0] == "lr":
        _tell_events(figure.axes, columns, drawn[0], words)


def _per_epoch(curves: Sequence[Curve]) -> int | None:
    known = {curve.run.steps_per_epoch for curve in curves}
    return known.pop() if len(known) == 1 else None


# Events.


def _tell_events(panels: Sequence[Axes], columns: Sequence[str], drawn: Sequence[Drawn], words: Labels) -> None:
    """Marks events on each line: those that happen in several parameter groups on that with the highest rate; of a band
    at the top, the cycles are counted.
    """
    highest = sorted(drawn, key=lambda each: -float(each.line.values[:EXACT].max()))
    if highest[0].band is not None:
        words.count_cycles(highest[0])
    for line, events in _events([each.line for each in highest[:MOST_MARKED] if each.band is None]):
        words.mark(events, line.colour)
        if "metric" in columns:
            _mark_metric(panels[columns.index("metric")], events)


def _events(lines: Sequence[Line]) -> list[tuple[Line, list[Event]]]:
    """The events on each of some lines of one curve, without those that were told of a line before."""
    actions = None
    known: set[tuple[int, str]] = set()
    found = []
    for line in lines:
        curve = line.curve
        stride = max(1, len(curve) // 4000)
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
