"""A file that may be a log: its beginning, by which its format is known, and its lines, read within bounds."""

import codecs
import io
import os
import re
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, BinaryIO

from lrplot.configs.document import ConfigError
from lrplot.files import refuse_special
from lrplot.wording import printable, shown

MAX_BYTES = 1_500_000_000
"""Ten million rows of a dozen columns take about as much."""
MAX_LINE = 1_000_000
MAX_PRINTED = 20_000
"""Characters of a line that a training loop prints."""
HEAD = 1 << 16
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_GZIP = b"\x1f\x8b"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
_COLOURS = re.compile(r"\x1b\[[\d;?]*[A-Za-z]")


class LogFile:
    """A file, or what came by a pipe.

    Args:
        path: Its name; ``-`` is standard input.
        data: What was read already of a pipe, which can be read but once.
    """

    def __init__(self, path: str, data: bytes | None = None) -> None:
        self.path = path
        self.source = "<stdin>" if path == "-" else path
        self.data = data

    @property
    def label(self) -> str:
        """What its curve is called."""
        return os.path.splitext(os.path.basename(self.path.rstrip(os.sep)))[0] if self.path != "-" else "log"

    @cached_property
    def size(self) -> int:
        return os.path.getsize(self.path) if self.data is None else len(self.data)

    @cached_property
    def is_plain(self) -> bool:
        """Whether what is read is what stands in it."""
        if self.data is not None:
            return not self.data.startswith((_GZIP, *_UTF16))
        with open(self.path, "rb") as stream:
            return not stream.read(2).startswith((_GZIP, *_UTF16))

    @cached_property
    def head(self) -> bytes:
        """Its first bytes.

        Raises:
            ConfigError: It cannot be read.
        """
        with self.open() as stream, self._told():
            return stream.read(HEAD).removeprefix(codecs.BOM_UTF8)

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The file as a stream of bytes: what gzip compressed as it was, and what is in UTF-16 in UTF-8.

        Raises:
            ConfigError: It cannot be read, or is too large.
        """
        with self._told():
            if self.data is None:
                refuse_special(self.path)
            if self.size > MAX_BYTES:
                raise self.error(f"is too large: {self.size:,} bytes, at most {MAX_BYTES:,} bytes are read")
            raw: Any = open(self.path, "rb") if self.data is None else io.BytesIO(self.data)  # noqa: SIM115 - below
        with raw:
            begin = raw.read(2)
            raw.seek(0)
            yield _decompressed(raw) if begin == _GZIP else io.BufferedReader(_Recoded(raw)) if begin in _UTF16 else raw

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Says of what goes wrong in reading in which file it does."""
        try:
            yield
        except ConfigError:
            raise
        except EOFError:
            raise self.error("is cut off: it is compressed, and its end is missing") from None
        except (OSError, ValueError, zlib.error) as error:
            raise self.error(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None

    def lines_of_any_length(self) -> Iterator[str]:
        """The same of a text that is no more than may be held."""
        return self.lines(max(self.size, MAX_LINE))

    def lines(self, longest: int = MAX_LINE) -> Iterator[str]:
        """Its lines as text.

        Raises:
            ConfigError: One is no text, or is longer than any line of a log.
        """
        total = 0
        with self.open() as stream, self._told():
            for number, line in enumerate(iter(lambda: stream.readline(longest + 1), b""), 1):
                total += len(line)
                if len(line) > longest:
                    raise self.error(f"has a line of more than {longest:,} bytes", number)
                if total > MAX_BYTES:
                    raise self.error(f"is too large: at most {MAX_BYTES:,} bytes are read", number)
                if b"\0" in line:
                    raise self.error("holds a NUL byte: this is not a text file", number)
                try:
                    yield line.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    what = f"is not UTF-8: byte 0x{line[error.start]:02x} cannot stand there"
                    raise self.error(what, number) from None

    def printed_lines(self) -> Iterator[tuple[int, str]]:
        """What a terminal showed, line by line, each with its number: a progress bar goes back in its line, colours are
        no text, and what is longer than a loop prints is left out.
        """
        number, total = 1, 0
        with self.open() as stream, self._told():
            text = io.TextIOWrapper(stream, "utf-8-sig", "replace", newline="")
            for line in iter(lambda: text.readline(MAX_PRINTED), ""):
                total += len(line)
                if total > MAX_BYTES:
                    raise self.error(f"is too large: at most {MAX_BYTES:,} bytes are read", number)
                if len(line) < MAX_PRINTED:
                    yield number, _COLOURS.sub("", line) if "\x1b" in line else line
                number += line.endswith("\n")

    def error(self, what: str, line: int = 0) -> ConfigError:
        """The error of something wrong in it."""
        place = f"{self.source}:{line}" if line else self.source
        return ConfigError([f"{place}: {printable(what)}"])


def _decompressed(stream: BinaryIO) -> Any:
    import gzip  # few logs need it

    return gzip.GzipFile(fileobj=stream)


class _Recoded(io.RawIOBase):
    """A text in UTF-16, as PowerShell writes what a program prints, in UTF-8."""

    def __init__(self, stream: BinaryIO) -> None:
        self.text = io.TextIOWrapper(stream, "utf-16", "replace", newline="")
        self.rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.rest = self.rest or self.text.read(len(buffer)).encode()
        count = min(len(buffer), len(self.rest))
        buffer[:count], self.rest = self.rest[:count], self.rest[count:]
        return count


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
    return (head, column) if colon and (head == "-" or head.lower().endswith(ENDINGS)) else (source, None)


ENDINGS = (".csv", ".tsv", ".json", ".jsonl", ".txt", ".log", ".out")
"""Of the names of logs that have one."""


def without_commas(text: str) -> str:
    """The number that a count says, whose thousands may be apart.

    >>> without_commas("1,000"), without_commas("12"), without_commas("0,5")
    ('1000', '12', '0,5')
    """
    return text.replace(",", "") if _THOUSANDS.fullmatch(text) else text


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
