"""What a terminal can show, and what fits into a line of it."""

import os
import shutil
import sys
import unicodedata
from collections.abc import Mapping
from itertools import accumulate
from typing import NamedTuple, TextIO

NARROWEST = 2
"""Columns of the narrowest screen that there is."""

LARGEST = (1_000, 500)
"""Columns and lines beyond which no screen is believed to be: COLUMNS and LINES may say anything."""

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

        The size is COLUMNS and LINES, or else the terminal's, or 80 x 24. Colours need a terminal other than TERM=dumb,
        and no NO_COLOR. Anything but ASCII needs both a stream that can encode it and a locale that does not say
        otherwise.
        """
        size = shutil.get_terminal_size()
        colour = stream.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
        width, height = map(min, size, LARGEST)
        return cls(max(NARROWEST, width), height, colour, _shows_unicode(stream, environ))

    def fit(self, text: str, width: int) -> str:
        """Text for so many columns of one line: nothing that moves the cursor, ASCII where nothing else is shown."""
        text = "".join(char if char.isprintable() else "?" for char in text)
        if not self.unicode:
            text = text.translate({ord("×"): "x", ord("…"): "..."}).encode("ascii", "replace").decode()
        if width_of(text) <= width:
            return text
        dots = "…" if self.unicode else "..."
        ends = accumulate(map(width_of, text))
        cut = next(i for i, end in enumerate(ends) if end > width - len(dots))
        return (text[:cut] + dots)[:width]


def width_of(text: str) -> int:
    """Columns of a terminal that a text takes: East Asian letters take two, combining marks none.

    >>> width_of("learning rate"), width_of("学習率")
    (13, 6)
    """
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "FW" else 1 for char in text
    )


def has_display(environ: Mapping[str, str] | None = None, platform: str = sys.platform) -> bool:
    """Whether a window could be opened: Windows, a Mac's own session, or an X or Wayland display.

    >>> ssh = {"SSH_CONNECTION": "…"}
    >>> has_display({}, "linux"), has_display({"DISPLAY": ":0"}, "linux"), has_display(ssh, "darwin")
    (False, True, False)
    """
    environ = os.environ if environ is None else environ
    if platform == "win32":
        return True
    if platform == "darwin":
        return "SSH_CONNECTION" not in environ
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


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
