"""Curves in the terminal, for those who have no display: braille dots (or ASCII marks) with axes, and the table of turning points."""

import importlib
import math
import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TextIO

from lrplot.analysis.turns import find_events
from lrplot.runs.curve import labels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lrplot.runs.curve import Curve

NARROWEST = 30
"""Columns below which nothing is drawn narrower."""

LARGEST = (1_000, 500)
"""Columns and lines beyond which no screen is believed to be: COLUMNS and LINES may say anything."""

ROWS = 20
"""Rows of a table of turning points; of more, those in the middle are counted."""

_COLOURS = (33, 208, 36, 169, 178, 75, 130, 250)
"""Of the 256: blue, orange, bluish green, … after Okabe and Ito, legible on black and on white."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_COERCED = ("C.UTF-8", "C.utf8", "UTF-8")
"""What Python itself puts into LC_CTYPE under the C locale (PEP 538)."""


class Screen(NamedTuple):
    """What a stream can show: columns, lines, colours, and more than ASCII."""

    width: int = 80
    height: int = 24
    colour: bool = False
    unicode: bool = True

    @classmethod
    def of(cls, stream: TextIO, environ: Mapping[str, str]) -> "Screen":
        """The screen behind a stream.

        The size is COLUMNS and LINES, or else the terminal's, or 80 x 24. Colours need a terminal other than TERM=dumb, and no NO_COLOR.
        Anything but ASCII needs both a stream that can encode it and a locale that does not say otherwise.
        """
        size = shutil.get_terminal_size()
        colour = stream.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
        width, height = map(min, size, LARGEST)
        return cls(max(NARROWEST, width), height, colour, _shows_unicode(stream, environ))


def _shows_unicode(stream: TextIO, environ: Mapping[str, str]) -> bool:
    try:
        "⣿┤×…η".encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    category, language = environ.get("LC_CTYPE", ""), environ.get("LANG", "")
    if category in _COERCED and language in ("C", "POSIX"):
        category = language
    locale = environ.get("LC_ALL") or category or language
    return os.name == "nt" or not locale or "utf8" in locale.lower().replace("-", "")


def has_display(environ: Mapping[str, str] | None = None, platform: str = sys.platform) -> bool:
    """Whether a window could be opened: Windows, a Mac's own session, or an X or Wayland display.

    >>> has_display({}, "linux"), has_display({"DISPLAY": ":0"}, "linux"), has_display({"SSH_CONNECTION": "…"}, "darwin")
    (False, True, False)
    """
    environ = os.environ if environ is None else environ
    if platform == "win32":
        return True
    if platform == "darwin":
        return "SSH_CONNECTION" not in environ
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def view(curves: Sequence["Curve"], screen: Screen, *, log_y: bool = False, title: str | None = None) -> str:
    """The curves and their turning points, as a terminal is to show them."""
    height = min(24, max(10, screen.height - 8))
    picture = draw(
        curves,
        width=screen.width,
        height=height,
        colour=screen.colour,
        unicode=screen.unicode,
        log_y=log_y,
        title=title,
    )
    return f"{picture}\n\n{turning_points(curves, width=screen.width, unicode=screen.unicode)}"


class _Series(NamedTuple):
    """One line of the picture: a parameter group of a curve."""

    label: str
    rates: "NDArray[Any]"
    steps: range


class _Axis(NamedTuple):
    """The rate's axis: its ends (of the logarithms, where it is logarithmic) and its ticks."""

    low: float
    high: float
    log: bool
    ticks: list[tuple[float, str]]

    def height(self, rate: float) -> float:
        """How far up a rate is, 0 to 1; NaN where it has no place."""
        if self.log:
            rate = math.log10(rate) if rate > 0 else math.nan
        part = (rate / 2 - self.low / 2) / (self.high / 2 - self.low / 2)  # halves, for their difference may overflow
        return part if math.isnan(part) else min(1.0, max(0.0, part))


class _Canvas(Protocol):
    """A grid of dots, the origin at the bottom left; ``plot`` gives its lines of text."""

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None: ...

    def plot(self) -> str: ...


class _Dots:
    """The canvas without a library: vertical and other lines in cells of ``across`` x ``up`` dots.

    >>> canvas = _Dots(2, 1, 2, 4)
    >>> canvas.line(0, 0, 0, 3)
    >>> canvas.line(3, 1, 3, 1)
    >>> canvas.plot()
    '⡇⠠'
    """

    _BITS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))

    def __init__(self, columns: int, rows: int, across: int, up: int) -> None:
        self.cells = [[0] * columns for _ in range(rows)]
        self.across, self.up = across, up

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        length = int(max(abs(x1 - x0), abs(y1 - y0)))
        for i in range(length + 1):
            part = i / length if length else 0.0
            x, y = round(x0 + (x1 - x0) * part), round(y0 + (y1 - y0) * part)
            self.cells[-1 - y // self.up][x // self.across] |= self._BITS[x % self.across][y % self.up]

    def plot(self) -> str:
        return "\n".join("".join(chr(0x2800 + cell) for cell in row) for row in self.cells)


def draw(
    curves: Sequence["Curve"],
    *,
    width: int,
    height: int,
    colour: bool,
    unicode: bool,
    log_y: bool = False,
    title: str | None = None,
) -> str:
    """The rates of all curves on one pair of axes, in ``height`` lines (and a legend) of at most ``width`` columns.

    Each column of dots shows the lowest and the highest rate of its steps, so that a step alone among millions is seen; a rate is held
    until the next step. Several curves differ by colour, or by letter where there is no colour; where they coincide they take turns.
    """
    series = _series(curves)
    lettered = not unicode or (len(series) > 1 and not colour)
    rows = max(3, height - 5)
    axis = _axis(series, log_y, max(2, rows // 3))
    margin = max(2, *(len(label) for _, label in axis.ticks))
    columns = width - margin - 2
    start, stop = min(one.steps.start for one in series), max(one.steps.stop for one in series)
    layers = [_layer(one, axis, range(start, stop), columns, rows, lettered) for one in series]
    marks = [_mark(i, len(series), lettered) for i in range(len(series))]
    corner, bar, tick, line, notch = "└│┤─┬" if unicode else "+||-+"
    indent = " " * (margin + 2)
    edges = [f"{'':{margin}} {bar}"] * rows
    for rate, label in axis.ticks:
        edges[rows - 1 - round(axis.height(rate) * (rows - 1))] = f"{label:>{margin}} {tick}"
    rule, numbers = [line] * columns, [" "] * columns
    for step in _whole_ticks(start, stop - 1, max(2, columns // 10)):
        x = (step - start) * columns // (stop - start)
        rule[x] = notch
        text = str(step)
        left = min(max(0, x - len(text) // 2), columns - len(text))
        if all(cell == " " for cell in numbers[max(0, left - 1) : left + len(text) + 1]):
            numbers[left : left + len(text)] = text
    heading = title or (curves[0].label if all(curve.run is curves[0].run for curve in curves) else "")
    body = [edge + cells for edge, cells in zip(edges, _overlaid(layers, marks, colour))]
    lines = [
        *([_fit(indent + heading, width, unicode)] if heading else []),
        f"{'lr':>{margin}}",
        *body,
        f"{'':{margin}} {corner}{''.join(rule)}",
        (indent + "".join(numbers)).rstrip(),
        f"{indent}{'step':^{columns}}".rstrip(),
    ]
    if len(series) > 1:
        lines += [
            _painted(mark, i, colour) + _fit(f" {one.label}", width - 2, unicode)
            for i, (mark, one) in enumerate(zip(marks, series))
        ]
    return "\n".join(lines)


def _series(curves: Sequence["Curve"]) -> list[_Series]:
    import numpy

    series = []
    for curve, label in zip(curves, labels(curves)):
        for i, rates in enumerate(curve.rates):
            group = f", group {i}" if len(curve.rates) > 1 else ""
            series.append(_Series(label + group, numpy.frombuffer(rates), curve.steps))
    return series


def _layer(series: _Series, axis: _Axis, steps: range, columns: int, rows: int, lettered: bool) -> list[str]:
    """One curve by itself, as rows of braille cells."""
    across, up = (1, 1) if lettered else (2, 4)
    canvas = _canvas(columns, rows) if not lettered else _Dots(columns, rows, 1, 1)
    before = None
    for x, rates in enumerate(_in_columns(series, steps, columns * across)):
        heights = [axis.height(rate) * (rows * up - 1) for rate in rates]
        dots = [round(height) for height in heights if math.isfinite(height)]
        if dots:
            low, high = min(dots), max(dots)
            if before is not None:  # up or down from there, as the rate is held until it changes
                low, high = min(low, before + 1), max(high, before - 1)
            canvas.line(x, low, x, high)
        before = dots[-1] if dots else None
    return canvas.plot().split("\n")


def _in_columns(series: _Series, steps: range, columns: int) -> Iterator[tuple[float, ...]]:
    """For each column the lowest, the highest and the last of the rates at the steps in it, or the rate that is held through it."""
    import numpy

    offset = steps.start - series.steps.start
    for x in range(columns):
        first = x * len(steps) // columns + offset
        last = max(first + 1, (x + 1) * len(steps) // columns + offset)
        inside = series.rates[max(0, first) : max(0, last)]
        inside = inside[numpy.isfinite(inside)]
        yield (float(inside.min()), float(inside.max()), float(inside[-1])) if len(inside) else ()


def _canvas(columns: int, rows: int) -> _Canvas:
    """plotille's canvas where it is installed (the extra ``lrplot[term]``), or our own."""
    try:
        plotille = importlib.import_module("plotille")
    except ImportError:
        return _Dots(columns, rows, 2, 4)
    canvas: _Canvas = plotille.Canvas(columns, rows, xmin=0, ymin=0, xmax=columns * 2, ymax=rows * 4)
    return canvas


def _overlaid(layers: Sequence[Sequence[str]], marks: Sequence[str], colour: bool) -> Iterator[str]:
    """The rows of all layers on one another, each cell in the colour or letter of a curve in it."""
    for rows in zip(*layers):
        text = ""
        for column, cells in enumerate(zip(*rows)):
            filled = [i for i, cell in enumerate(cells) if cell != "\u2800"]
            if not filled:
                text += " "
                continue
            owner = filled[column % len(filled)]
            dots = 0
            for cell in cells:
                dots |= ord(cell) - 0x2800
            text += _painted(chr(0x2800 + dots) if marks[owner] == "━" else marks[owner], owner, colour)
        yield _merged(text.rstrip())


def _mark(index: int, count: int, lettered: bool) -> str:
    return "━" if not lettered else "*" if count == 1 else _LETTERS[index % len(_LETTERS)]


def _painted(text: str, index: int, colour: bool) -> str:
    return f"\x1b[38;5;{_COLOURS[index % len(_COLOURS)]}m{text}\x1b[0m" if colour else text


def _merged(text: str) -> str:
    """Without codes that switch a colour off and the same one on again."""
    return re.sub(r"(\x1b\[38;5;\d+m)([^\x1b]*)\x1b\[0m(?:\1([^\x1b]*)\x1b\[0m)+", _joined, text)


def _joined(match: "re.Match[str]") -> str:
    return match[1] + match[0].replace(match[1], "").replace("\x1b[0m", "") + "\x1b[0m"


def _axis(series: Sequence[_Series], log: bool, count: int) -> _Axis:
    """An axis over all finite rates, 0 included where it is not far."""
    import numpy

    ends = []
    for one in series:
        shown = numpy.isfinite(one.rates) & ((one.rates > 0) | (not log))
        rates = one.rates if shown.all() else one.rates[shown]
        if len(rates):
            ends += [float(rates.min()), float(rates.max())]
    if log and ends:
        low, high = (min(1e300, max(1e-300, end)) for end in (min(ends), max(ends)))
        return _log_axis(low, high, count)
    low, high = (
        min(1e300, max(-1e300, end)) for end in (min(ends, default=0.0), max(ends, default=1.0))
    )  # room for the ticks
    alike = high / 2 - low / 2 <= 1e-9 * max(abs(low), abs(high))
    if low > 0 and (low <= high / 2 or alike):
        low = 0.0
    elif high < 0 and (high >= low / 2 or alike):
        high = 0.0
    if high - low < 1e-300:
        high = low + 1.0
    tick = _tick(low, high, count)
    first, last = math.floor(low / tick + 1e-9), math.ceil(high / tick - 1e-9)
    rates = [k * tick for k in range(first, last + 1)]
    return _Axis(rates[0], rates[-1], False, list(zip(rates, _tick_texts(rates, tick))))


def _log_axis(low: float, high: float, count: int) -> _Axis:
    first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    if first == last:
        first -= 1
    stride = -(-(last - first) // count)
    powers = range(last, first - 1, -stride)
    return _Axis(first, last, True, [(float(f"1e{power}"), f"1e{power}") for power in powers])


def _tick(low: float, high: float, count: int) -> float:
    """A round distance that puts at most ``count`` + 1 ticks between two numbers."""
    least = high / count - low / count
    power = math.floor(math.log10(least))
    return next(
        step
        for factor in ("1", "2", "2.5", "5", "10", "20")
        if (step := float(f"{factor}e{power}")) >= least * (1 - 1e-9)
    )


def _tick_texts(rates: Sequence[float], tick: float) -> list[str]:
    """All with the same number of decimals, or all in powers of ten.

    >>> _tick_texts([0.0, 0.00025, 0.0005], 0.00025), _tick_texts([0.0, 5.0, 10.0], 5.0), _tick_texts([0.0, 0.05, 0.1], 0.05)
    (['0', '2.5e-4', '5.0e-4'], ['0', '5', '10'], ['0', '0.05', '0.10'])
    """
    largest = max(map(abs, rates))
    digits = f"{tick:.1e}"  # as 2.5e-04
    finest = int(digits[4:]) - (digits[2] != "0")
    if 1e-3 <= largest < 1e5:
        return [f"{rate:.{max(0, -finest)}f}" if rate else "0" for rate in rates]
    decimals = max(0, math.floor(math.log10(largest)) - finest)
    return [
        re.sub(r"e([+-])0*(\d)", lambda m: f"e{m[1].strip('+')}{m[2]}", f"{rate:.{decimals}e}") if rate else "0"
        for rate in rates
    ]


def _whole_ticks(first: int, last: int, count: int) -> range:
    """Round whole numbers from ``first`` to ``last``."""
    tick = int(max(1.0, _tick(first, last, count))) if last > first else 1
    tick = tick if tick != 2 or _tick(first, last, count) != 2.5 else 5
    return range(-(-first // tick) * tick, last + 1, tick)


def _fit(text: str, width: int, unicode: bool) -> str:
    """Text for one line: nothing that moves the cursor, ASCII where nothing else can be shown, cut to a width in columns."""
    text = "".join(char if char.isprintable() else "?" for char in text)
    if not unicode:
        text = text.translate({ord("×"): "x", ord("…"): "..."}).encode("ascii", "replace").decode()
    if _columns(text) <= width:
        return text
    dots = "…" if unicode else "..."
    while text and _columns(text) > width - len(dots):
        text = text[:-1]
    return text + dots


def _columns(text: str) -> int:
    """Columns of a terminal that a text takes: East Asian letters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "FW" else 1 for char in text
    )


def turning_points(curves: Sequence["Curve"], *, width: int, unicode: bool = True) -> str:
    """The steps at which the rates turn, as a short table: step, epoch where it is known, the rate of each group, and what happens.

    A rate is written as Python's ``repr``, all its digits, where that takes at most 12 characters, else with six significant digits
    (the CSV has them all). Of a long table the middle is counted.

    >>> from lrplot.runs.run import Run, Spec
    >>> from lrplot.schedulers.families import find
    >>> from lrplot.runs.simulate import simulate_run
    >>> print(turning_points(simulate_run(Run(Spec(find("step"), {"step_size": 30, "gamma": 0.5}), {"lr": 0.1}, steps=50)), width=80))
    step    lr  what
       0   0.1  start
      30  0.05  drop ×0.5
      49  0.05  end
    """
    tables = []
    for curve, label in zip(curves, labels(curves)):
        head = [_fit(label, width, unicode)] if len(curves) > 1 else []
        tables.append("\n".join([*head, *_table(curve, width, unicode)]))
    return "\n\n".join(tables)


def _table(curve: "Curve", width: int, unicode: bool) -> list[str]:
    what: dict[int, list[str]] = {}
    for group in range(len(curve.rates)):
        for event in find_events(curve, group):
            words = what.setdefault(event.step, [])
            if event.text not in words:
                words.append(event.text)
    steps = sorted(what)
    more = len(steps) - ROWS + 1
    shown = [*steps[: ROWS // 2], *steps[ROWS // 2 + more :]] if more > 1 else steps
    per_epoch = curve.run.steps_per_epoch
    columns = [["step", *map(str, shown)]]
    if per_epoch is not None:
        columns.append(["epoch", *(f"{step / per_epoch:.6g}" for step in shown)])
    for i, rates in enumerate(curve.rates):
        name = "lr" if len(curve.rates) == 1 else f"lr_{i}"
        columns.append([name, *(_rate(rates[step - curve.steps.start]) for step in shown)])
    widths = [max(map(len, column)) for column in columns]
    while (
        len(columns) > 2 and sum(widths) + 2 * len(widths) + 12 > width
    ):  # the last groups, where a screen is too narrow
        columns, widths = columns[:-1], widths[:-1]
    texts = ["what", *(", ".join(what[step]) for step in shown)]
    lines = []
    for cells, text in zip(zip(*columns), texts):
        numbers = "  ".join(f"{cell:>{size}}" for cell, size in zip(cells, widths))
        lines.append(f"{numbers}  {_fit(text, max(4, width - len(numbers) - 2), unicode)}")
    if more > 1:
        lines.insert(1 + ROWS // 2, _fit(f"{'…':>{widths[0]}}  {more} more", width, unicode))
    return lines


def _rate(rate: float) -> str:
    """
    >>> _rate(0.1), _rate(0.010000000000000002), _rate(1.2345678901234567e-05)
    ('0.1', '0.01', '1.23457e-05')
    """
    exact = repr(rate)
    return exact if len(exact) <= 12 else f"{rate:.6g}"
