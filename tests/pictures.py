"""Pictures drawn, decoded and asked for what they show."""

import io
from contextlib import contextmanager
from functools import partialmethod
from unittest import mock

import matplotlib
import numpy
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from PIL import Image

import lrplot
from lrplot.pictures import figure as figures
from lrplot.pictures.look import Look


def curve(scheduler, label=None, **options):
    made = lrplot.simulate(scheduler, **options)
    return made.but(run=made.run.but(label=label))


def drawn(*curves, **look):
    return figures.draw(curves, Look(**look))


def saved(figure, format="png", source=None, **look):
    stream = io.BytesIO()
    figures.save(figure, stream, format, Look(**look), source)
    return stream.getvalue()


def pixels(figure, **look):
    """Rows from the top, columns, and red, green and blue; with alpha where the picture is transparent."""
    quick = partialmethod(FigureCanvasAgg.print_png, pil_kwargs={"compress_level": 0})
    with mock.patch.object(FigureCanvasAgg, "print_png", quick):
        image = Image.open(io.BytesIO(saved(figure, **look)))
    return numpy.asarray(image.convert("RGBA" if look.get("transparent") else "RGB")).astype(numpy.int16)


def canvas(figure):
    """The same, on the figure's own canvas; its texts are then in their places."""
    figure.canvas.draw()
    return numpy.asarray(figure.canvas.buffer_rgba())[..., :3].astype(numpy.int16)


def near(picture, colour, tolerance=40):
    """Where a picture has a colour."""
    rgb = [round(255 * part) for part in matplotlib.colors.to_rgb(colour)]
    return numpy.logical_and.reduce([abs(picture[..., i] - part) <= tolerance for i, part in enumerate(rgb)])


def place(axes, step, value, height):
    """The row and column of a picture at which a step and a value lie."""
    x, y = axes.transData.transform((step, value))
    return round(height - 1 - y), round(x)


def panels(figure):
    return figure.axes


def lines_in(axes):
    return [line for line in axes.lines if not line.get_label().startswith("_")]


def texts(figure):
    """Every text that is to be seen, with its box in pixels: left, bottom, right, top."""
    renderer = figure.canvas.get_renderer()
    every = [axes for panel in figure.axes for axes in (panel, *panel.child_axes)]
    for axes in every if figure.stale else ():
        _settle(axes, renderer)
    shown, ticks = set(), set()
    for axis in (axis for axes in every for axis in (axes.xaxis, axes.yaxis)):
        ticks |= {
            id(label)
            for tick in axis.get_major_ticks() + axis.get_minor_ticks()
            for label in (tick.label1, tick.label2)
        }
        if axis.get_visible() and axis.axes.get_visible():
            shown |= {
                id(label)
                for tick in axis._update_ticks()
                for label in (tick.label1, tick.label2)
                if label.get_visible()
            }
    found = {}
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip() and (id(text) in shown or id(text) not in ticks):
            found[id(text)] = text
    return [(text.get_text(), tuple(text.get_window_extent(renderer).extents)) for text in found.values()]


def _settle(axes, renderer):
    """Puts axes and what stands beside them in their places, as drawing them would, at a third less."""
    locator = axes.get_axes_locator()
    axes.apply_aspect(locator(axes, renderer) if locator else None)
    for axis in (axes.xaxis, axes.yaxis):
        axis.get_tightbbox(renderer)


def words(figure):
    return [text for text, _ in texts(figure)]


def collisions(figure, boxes=None, slack=1.0):
    """Texts that leave the canvas, and pairs of texts that overlap."""
    boxes = texts(figure) if boxes is None else boxes
    width, height = figure.canvas.get_width_height()
    wrong = [
        f"{text!r} leaves the canvas: {box}"
        for text, box in boxes
        if box[0] < -slack or box[1] < -slack or box[2] > width + slack or box[3] > height + slack
    ]
    for i, (text, a) in enumerate(boxes):
        for other, b in boxes[:i]:
            if min(a[2], b[2]) - max(a[0], b[0]) > slack and min(a[3], b[3]) - max(a[1], b[1]) > slack:
                wrong.append(f"{text!r} overlaps {other!r}: {a} {b}")
    return wrong


@contextmanager
def every_point():
    """Lines are drawn through all of their points, none left out by us or by matplotlib."""
    from lrplot.pictures import panel

    reduced = panel.extremes, panel.cells
    panel.extremes = panel.cells = lambda values, *_: numpy.arange(len(values))
    try:
        with matplotlib.rc_context({"path.simplify": False, "agg.path.chunksize": 20_000}):
            yield
    finally:
        panel.extremes, panel.cells = reduced
