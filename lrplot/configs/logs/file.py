"""A file that may be a log: its beginning, by which its format is known, and its lines, read within bounds."""

import codecs
import io
import os
import stat
from collections.abc import Iterator
from functools import cached_property
from typing import BinaryIO

from lrplot.configs.document import ConfigError
from lrplot.files import refuse_special
from lrplot.wording import printable, shown

MAX_BYTES = 1_500_000_000
"""Ten million rows of a dozen columns take about as much."""
MAX_LINE = 1_000_000
HEAD = 1 << 16


class LogFile:
    """A file, or the text that came by a pipe.

    Args:
        path: Its name; ``-`` is standard input.
        text: What was read already of a pipe, which can be read but once.
    """

    def __init__(self, path: str, text: str | None = None) -> None:
        self.path = path
        self.source = "<stdin>" if path == "-" else path
        self.data = None if text is None else text.encode("utf-8", "surrogatepass")

    @property
    def label(self) -> str:
        """What its curve is called."""
        return os.path.splitext(os.path.basename(self.path.rstrip(os.sep)))[0] if self.path != "-" else "log"

    @cached_property
    def size(self) -> int:
        return os.path.getsize(self.path) if self.data is None else len(self.data)

    @cached_property
    def head(self) -> bytes:
        """Its first bytes.

        Raises:
            ConfigError: It cannot be read.
        """
        with self.open() as stream:
            return stream.read(HEAD).removeprefix(codecs.BOM_UTF8)

    def open(self) -> BinaryIO:
        """The file as a stream of bytes.

        Raises:
            ConfigError: It cannot be read, or is too large.
        """
        if self.data is not None:
            return io.BytesIO(self.data)
        try:
            refuse_special(self.path)
            if self.size > MAX_BYTES:
                raise self.error(f"is too large: {self.size:,} bytes, at most {MAX_BYTES:,} bytes are read")
            return open(self.path, "rb")
        except (OSError, ValueError) as error:
            if isinstance(error, ConfigError):
                raise
            raise self.error(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None

    def lines_of_any_length(self) -> Iterator[str]:
        """The same of a text that is no more than may be held."""
        return self.lines(self.size)

    def lines(self, longest: int = MAX_LINE) -> Iterator[str]:
        """Its lines as text.

        Raises:
            ConfigError: One is no text, or is longer than any line of a log.
        """
        with self.open() as stream:
            for number, line in enumerate(iter(lambda: stream.readline(longest + 1), b""), 1):
                if len(line) > longest:
                    raise self.error(f"has a line of more than {longest:,} bytes", number)
                if b"\0" in line:
                    raise self.error("holds a NUL byte: this is not a text file", number)
                try:
                    yield line.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    what = f"is not UTF-8: byte 0x{line[error.start]:02x} cannot stand there"
                    raise self.error(what, number) from None

    def error(self, what: str, line: int = 0) -> ConfigError:
        """The error of something wrong in it."""
        place = f"{self.source}:{line}" if line else self.source
        return ConfigError([f"{place}: {printable(what)}"])


def is_at_hand(path: str) -> bool:
    """Whether a path names a file that can be read more than once."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def split_column(source: str) -> tuple[str, str | None]:
    """The file that a source names, and the column after it, as in ``run.csv:lr-SGD``.

    >>> split_column("nowhere.csv:lr")
    ('nowhere.csv', 'lr')
    >>> split_column("nowhere.csv")
    ('nowhere.csv', None)
    """
    parts = source.split(":")
    for count in range(len(parts) - 1, 0, -1):
        path = ":".join(parts[:count])
        if path and os.path.exists(path):
            return path, ":".join(parts[count:])
    head, colon, column = source.partition(":")
    return (head, column) if colon and head.lower().endswith(ENDINGS) else (source, None)


ENDINGS = (".csv", ".tsv", ".json", ".jsonl", ".txt", ".log", ".out")
"""Of the names of logs that have one."""


def number_of(text: str, file: LogFile, what: str, line: int) -> float:
    """The number that a text says.

    Raises:
        ConfigError: It is none.
    """
    try:
        if "_" in text:
            raise ValueError
        return float(text)
    except ValueError:
        raise file.error(f"{what} must be a number, got {shown(text)}", line) from None
