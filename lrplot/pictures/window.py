"""Curves in a window of matplotlib's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from lrplot.analysis.ruler import ruled
from lrplot.analysis.titles import heading
from lrplot.parameters import Refusal
from lrplot.pictures.backend import matplotlib, take_up_window_settings
from lrplot.pictures.facets import sized
from lrplot.pictures.figure import draw
from lrplot.pictures.look import Look, Scale
from lrplot.runs.curve import Curve

# isort: split

from matplotlib.axes import Axes
from matplotlib.figure import Figure

LARGEST = (16.0, 9.0)
"""Width and height in inches at which a window opens at most, for it must be on the screen."""


class NoWindow(ValueError):
    """No window can be had: there is no display, or no toolkit."""


def show(curves: Sequence[Curve], look: Look) -> None:
    """Opens a window, and returns when it is closed.

    Raises:
        NoWindow: There is none to be had.
        Refusal: The look cannot be had.
    """
    from matplotlib import pyplot

    take_up_window_settings()
    size = tuple(map(min, sized(curves, look).inches, LARGEST))
    try:
        window: Any = pyplot.figure(FigureClass=Window, figsize=size, curves=curves, look=look)
    except (Exception, SystemExit) as error:  # each toolkit has exceptions of its own, and wx exits
        raise NoWindow(f"no window can be opened ({error})") from None
    if window.canvas.required_interactive_framework is None:  # matplotlib takes Agg where there is nothing else
        raise NoWindow("no window can be opened, there is no display or no toolkit such as Tk")
    window.draw_anew(look)
    window.canvas.manager.set_window_title(heading(curves, look.title)[0] or "lrplot")
    raised = _heed_interrupts(window)
    pyplot.show()
    if raised:
        raise raised[0]


def _heed_interrupts(window: Figure) -> Sequence[BaseException]:
    """Lets Ctrl-C close a window of Tk's whenever it comes; returns what then holds the exception.

    Tk waits for events without a look at signals, and only prints what is raised in its callbacks.
    """
    from matplotlib import pyplot

    raised: list[BaseException] = []

    def close(_: object, error: BaseException, __: object) -> None:
        raised.append(error)
        pyplot.close(window)

    manager: Any = window.canvas.manager
    if hasattr(getattr(manager, "window", None), "report_callback_exception"):
        manager.window.report_callback_exception = close
        manager.heartbeat = window.canvas.new_timer(interval=200)
        manager.heartbeat.add_callback(lambda: None)
        manager.heartbeat.start()
    return raised


@dataclass(frozen=True)
class _Zoomed(Look):
    """A look with the size of a window, and with what is to be seen of each panel after a zoom."""

    scales: Mapping[str, Scale] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Takes whatever the window has come to."""

    def scale(self, column: str) -> Scale:
        return self.scales.get(column) or super().scale(column)


class Window(Figure):
    """A figure that is drawn anew where its size has changed, or what is to be seen of it.

    So a window always shows what a file of its size and ranges would show: nothing is cut, names stand where there is
    room for them now, and a curve of a million steps is as exact as the eye can tell at each zoom.
    """

    def __init__(self, curves: Sequence[Curve], look: Look, **options: Any) -> None:
        super().__init__(**options)
        self.curves = curves
        self.look = look
        self.per = 1 if look.x is None else ruled(curves, look.x)[1].per
        self.free: list[Axes] = []
        self.drawn: object = None

    def draw(self, renderer: Any) -> None:
        if self._view() != self.drawn:
            try:
                self.draw_anew(self._zoomed())
            except Refusal:  # it was moved to where there is no step: back to all of them
                self.draw_anew(self.look)
        super().draw(renderer)

    def draw_anew(self, look: Look) -> None:
        draw(self.curves, look, self._emptied)
        self.drawn = self._view()

    def add_axes(self, box: Any, **sharing: Any) -> Axes:  # type: ignore[override]
        """Takes the same axes each time: it is by them that the toolbar remembers views, and what is being dragged."""
        axes = self.free.pop(0) if self.free else super().add_axes(box, **sharing)
        axes.set_position(box)
        return axes

    def _emptied(self, **_: object) -> Figure:
        self.set_facecolor(matplotlib.rcParams["figure.facecolor"])
        for artist in [*self.texts, *self.artists]:
            artist.remove()
        for axes in self.axes:
            axes.clear()
            for spine in axes.spines.values():
                spine.set_position(("outward", 0))  # or it is set as late as when ticks are drawn, which makes new ones
                spine.set_linewidth(matplotlib.rcParams["axes.linewidth"])
        self.free = list(self.axes)
        return self

    def _view(self) -> object:
        """What decides how the window is to be drawn."""
        views = [
            (axes.get_position().bounds, axes.get_xlim(), axes.get_ylim(), axes.get_yscale()) for axes in self.axes
        ]
        return tuple(self.get_size_inches()), views

    def _zoomed(self) -> Look:
        given = {option.name: getattr(self.look, option.name) for option in fields(Look)}
        width, height = (max(1.0, side) for side in self.get_size_inches())
        alike = [] if self.look.free_y else self.axes[::-1]  # of a column's panels the first speaks for all
        scales = {str(axes.get_label()): Scale(axes.get_ylim(), axes.get_yscale() == "log") for axes in alike}
        size = f"{width}x{height}in"
        x_range = tuple(end / self.per for end in self.axes[0].get_xlim())
        return _Zoomed(**given | {"size": size, "dpi": self.dpi, "x_range": x_range, "scales": scales})
