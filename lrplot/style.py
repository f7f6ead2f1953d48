"""The style that a picture is drawn in: the house style, light or dark, a style of matplotlib's or of a file on top of it, a font."""

import logging
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import matplotlib
from cycler import Cycler

from lrplot.document import refuse_special
from lrplot.look import Look, LookError
from lrplot.wording import nearest, shown

STYLES = os.path.join(os.path.dirname(__file__), "styles")
_GENERIC = ("sans-serif", "serif", "monospace", "cursive", "fantasy")


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
        LookError: An unknown style or font, or a style that nothing can be drawn with.
    """
    with same_everywhere():
        matplotlib.rcParams.update(_theme(look.theme))
        if look.style is not None:
            with _blamed("style"):
                _use(look.style)
        matplotlib.rcParams.update({"text.usetex": False, "text.parse_math": False})  # a title may hold a dollar
        matplotlib.rcParams.update({"figure.autolayout": False, "figure.constrained_layout.use": False})  # layout.py places everything
        if look.font is not None:
            with _blamed("font"):
                matplotlib.rcParams["font.family"] = [_known_font(look.font)]
        with explained(look):
            yield


@contextmanager
def _blamed(option: str) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise LookError(option, str(error)) from None


@contextmanager
def same_everywhere() -> Iterator[None]:
    """Without what somebody's own matplotlibrc says, so that the same input gives the same bytes on every machine."""
    with matplotlib.rc_context():
        if os.path.dirname(matplotlib.matplotlib_fname()) != matplotlib.get_data_path():
            matplotlib.rcdefaults()
        yield


@contextmanager
def explained(look: Look) -> Iterator[None]:
    """What matplotlib has to say of a style or a font while it draws: as an error or as warnings, in our words."""
    with _Listener() as heard, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        except (OSError, ValueError, MemoryError):
            raise
        except Exception as error:
            if look.style is None:
                raise
            raise LookError("style", f"style {shown(look.style)}: nothing can be drawn with it: {str(error).splitlines()[0]}") from error
    for message in heard.messages:
        warnings.warn(message, stacklevel=3)
    missing: dict[str, None] = {}
    for warning in caught:
        if glyph := re.match(r"Glyph (\d+) .*missing from", str(warning.message)):
            missing[chr(int(glyph[1]))] = None
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    if missing:
        warnings.warn(f"the font has no {shown(''.join(missing))}: choose one that does with --font, or font under plot", stacklevel=3)


@cache
def _theme(name: str) -> matplotlib.RcParams:
    return matplotlib.rc_params_from_file(os.path.join(STYLES, f"{name}.mplstyle"), use_default_template=False)


def _use(style: str) -> None:
    """Sets a style by name, or that of a file. What else matplotlib takes is refused: an address to fetch, a package to import."""
    from matplotlib import style as styles

    path = os.path.join(".", os.path.expanduser(style))  # so that it is no address, whatever the file is called
    if style == "default" or style in styles.library:
        styles.use(style)
    elif os.path.exists(path):
        styles.use(_read(style, path))
    else:
        raise ValueError(f"unknown style {shown(style)}: {nearest(style, styles.available)}")


def _read(style: str, path: str) -> Any:
    """The style in a file. matplotlib passes over a line that it cannot use, with a word to its log: here that is an error."""
    try:
        refuse_special(path)
        with _Listener() as heard:
            parameters = matplotlib.rc_params_from_file(path, use_default_template=False)
    except (OSError, ValueError) as error:
        raise ValueError(f"style {shown(style)}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    for message in heard.messages:
        raise ValueError(f"style {shown(style)}: {message}")
    for name, value in parameters.items():
        most = 1_000 if name.endswith((".size", "labelsize", "titlesize", "fontsize", "markersize")) else 100_000
        for number in _numbers(value):
            if number and not 0.001 <= abs(number) <= most:
                raise ValueError(f"style {shown(style)}: {name} must be 0, or 0.001 to {most:,} in size, got {number:g}")
    return parameters


def _numbers(value: Any) -> Iterator[float]:
    """The numbers in a value of a style. There is no end to drawing dashes that are too short to see, nor to letters a mile high."""
    if isinstance(value, Cycler):
        value = list(value.by_key().values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, (int, float)):
        yield value


def _known_font(name: str) -> str:
    from matplotlib.font_manager import fontManager

    known = sorted({font.name for font in fontManager.ttflist})
    if name not in known and name not in _GENERIC:
        raise ValueError(f"unknown font {name!r}: {nearest(name, known)}")
    return name
