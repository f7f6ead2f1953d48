"""The style that a picture is drawn in: the house style, light or dark, another on top of it, a font."""

import ast
import logging
import math
import os
import pkgutil
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from cycler import Cycler

from lrplot.files import read_bytes
from lrplot.parameters import Refusal
from lrplot.pictures.backend import matplotlib
from lrplot.pictures.fonts import known_font
from lrplot.pictures.look import Look, undrawable
from lrplot.wording import nearest, shown

MAX_BYTES = 100_000
"""matplotlib's own file of all its settings has 43,000."""
MAX_FONTS = 50
MAX_MARKER = 30
MAX_ENTRIES = 1_000
"""Entries of a cycle, of colours say."""

_HARMLESS = (
    *(ast.Constant, ast.Name, ast.List, ast.Tuple, ast.UnaryOp, ast.Slice),
    *(ast.keyword, ast.operator, ast.unaryop, ast.expr_context),
)
"""Parts of a cycle that make nothing larger."""


class _Listener(logging.Handler):
    """Keeps what matplotlib says to its log, the first line of each message once, for as long as the block lasts."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: dict[str, None] = {}

    def emit(self, record: logging.LogRecord) -> None:
        self.messages[record.getMessage().strip().split("\n", 1)[0]] = None

    def __enter__(self) -> "_Listener":
        log = logging.getLogger("matplotlib")
        self.propagate, log.propagate = log.propagate, False
        log.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        log = logging.getLogger("matplotlib")
        log.removeHandler(self)
        log.propagate = self.propagate


@contextmanager
def styled(look: Look) -> Iterator[None]:
    """What is drawn in the block looks as ``look`` asks.

    Raises:
        Refusal: An unknown style or font, or a style that nothing can be drawn with.
    """
    with same_everywhere():
        matplotlib.rcParams.update(settings(look.theme))
        if look.style is not None:
            _use(look.style)
        # A title may hold a dollar, and layout.py places everything.
        matplotlib.rcParams.update({"text.usetex": False, "text.parse_math": False})
        matplotlib.rcParams.update({"figure.autolayout": False, "figure.constrained_layout.use": False})
        if look.font is not None:
            matplotlib.rcParams["font.family"] = [known_font(name) for name in look.font]
        with explained(look):
            yield


@contextmanager
def same_everywhere() -> Iterator[None]:
    """Without what somebody's own matplotlibrc says, so that the same input gives the same bytes on every machine."""
    with matplotlib.rc_context():
        if os.path.dirname(matplotlib.matplotlib_fname()) != matplotlib.get_data_path():
            matplotlib.rcdefaults()
        yield


@contextmanager
def explained(look: Look) -> Iterator[dict[str, None]]:
    """What matplotlib has to say of a style or a font while it draws: as an error or as warnings, in our words.

    Yields:
        The letters that no font has, as soon as the block is over.
    """
    missing: dict[str, None] = {}
    with _Listener() as heard, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield missing
        except (OSError, ValueError, MemoryError):
            raise
        except Exception as error:
            if look.style is None:
                raise
            raise _unusable(look.style, f"nothing can be drawn with it: {str(error).splitlines()[0]}") from error
    for message in heard.messages:
        if "Failed to find font weight" not in message:  # a font without a bold one does for a title too
            warnings.warn(message, stacklevel=3)
    for warning in caught:
        if glyph := re.match(r"Glyph (\d+) .*missing from", str(warning.message)):
            missing[chr(int(glyph[1]))] = None
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)


@cache
def settings(theme: str) -> matplotlib.RcParams:
    """What the house style sets, light or dark."""
    # From a zip too; importlib.resources would import zipfile.
    data = pkgutil.get_data("lrplot.pictures", f"styles/{theme}.mplstyle")
    assert data is not None, "a part of the package"
    lines = data.decode().splitlines()
    return matplotlib.RcParams([line.split(": ", 1) for line in lines if line and not line.startswith("#")])


def _use(style: str) -> None:
    """Sets a style by its name or its file, and no other that matplotlib takes: an address, a package to import."""
    from matplotlib import style as styles

    path = os.path.join(".", os.path.expanduser(style))  # so that it is no address, whatever the file is called
    if style == "default" or style in styles.library:
        styles.use(style)
    elif os.path.exists(path):
        styles.use(_read(style, path))
    else:
        raise undrawable("style", f"unknown style {shown(style)}: {nearest(style, styles.available)}")


def _unusable(style: str, problem: str) -> Refusal:
    return undrawable("style", f"style {shown(style)}: {problem}")


def _read(style: str, path: str) -> Any:
    """The style in a file. A line that matplotlib passes over, with a word to its log, is an error here."""
    try:
        if not _is_style(read_bytes(path, MAX_BYTES)):  # not one's own, perhaps: then none of it is shown
            raise ValueError("is no style: none of its lines sets what matplotlib knows")
        with _Listener() as heard, _short_cycles():
            parameters = matplotlib.rc_params_from_file(path, use_default_template=False)
    except OSError as error:
        raise _unusable(style, f"cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise _unusable(style, str(error)) from None
    for message in heard.messages:
        raise _unusable(style, message)
    for name, value in parameters.items():
        if problem := _excess(name, value):
            raise _unusable(style, f"{name} {problem}")
    return parameters


def _excess(name: str, value: Any) -> str | None:
    """What about a setting would take without end to draw: None for any that people use."""
    least = 0.1 if name.endswith(("linewidth", "linestyle", "_pattern")) else 0.001  # a dash is a part of the width
    most = 1_000 if name.endswith((".size", "labelsize", "titlesize", "fontsize", "markersize")) else 100_000
    for number in _numbers(value):
        if number and not least <= abs(number) <= most:
            return f"must be 0, or {least:g} to {most:,} in size, got {number:g}"
    if name.startswith("font.") and isinstance(value, list) and len(value) > MAX_FONTS:
        return f"must name at most {MAX_FONTS} fonts, got {len(value)}"
    if name.endswith("marker") and isinstance(value, str) and len(value) > MAX_MARKER:
        return f"must have at most {MAX_MARKER} characters, got {len(value)}"
    return None


def _is_style(data: bytes) -> bool:
    lines = [line.partition(b"#")[0].partition(b":")[0].strip() for line in data.splitlines()]
    names = [line.decode("utf-8", "replace") for line in lines if line]
    return not names or any(name in matplotlib.RcParams.validate for name in names)


@contextmanager
def _short_cycles() -> Iterator[None]:
    """Refuses cycles without measure while matplotlib reads a style."""
    known = matplotlib.RcParams.validate
    validate = known["axes.prop_cycle"]

    def checked(value: Any) -> Any:
        _refuse_endless(value)
        cycle = validate(value)
        if len(cycle) > MAX_ENTRIES:
            raise ValueError(f"axes.prop_cycle must have at most {MAX_ENTRIES:,} entries")
        return cycle

    known["axes.prop_cycle"] = checked
    try:
        yield
    finally:
        known["axes.prop_cycle"] = validate


def _refuse_endless(cycle: str) -> None:
    """Refuses a cycle that takes long to make, for matplotlib evaluates it: only sums, and products that are small."""
    factors, size = 1, 0
    for node in ast.walk(ast.parse(cycle, mode="eval").body):
        size += 1
        match node:
            case ast.Constant(value=str() | bytes() as text):
                size += len(text)
            case ast.Constant(value=int(number)):
                size += abs(number)
            case ast.BinOp(op=ast.Mult()):
                factors += 1
            case ast.BinOp(op=ast.Add()) | ast.Call(func=ast.Name()) | ast.Subscript(slice=ast.Slice()):
                pass
            case _ if not isinstance(node, _HARMLESS):
                raise ValueError(f"{ast.unparse(node)} has no place in a cycle")
    # However it is put together, it has no more entries than factors of equal size would make.
    if factors * (math.log(size) - math.log(factors)) > math.log(1_000 * MAX_ENTRIES):
        raise ValueError(f"axes.prop_cycle must have at most {MAX_ENTRIES:,} entries")


def _numbers(value: Any) -> Iterator[float]:
    """The numbers in a value of a style: dashes too short to see take for ever to draw, as letters a mile high do."""
    if isinstance(value, Cycler):
        value = list(value.by_key().values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, (int, float)):
        yield value
