"""The formats of logs in one table, and which of them a file is in, by what stands in it."""

from collections.abc import Callable
from typing import NamedTuple

from lrplot.configs.logs import bare, delimited, events, objects, ruled, text
from lrplot.configs.logs.file import LogFile
from lrplot.runs.log import Log


class LogFormat(NamedTuple):
    """A format.

    Args:
        recognise: Whether a file is in it, by its first bytes and its name.
        read: Takes a file, and the column that is asked for, or None.
    """

    recognise: Callable[[LogFile], bool]
    read: Callable[[LogFile, str | None], Log]


LOG_FORMATS = {
    "events": LogFormat(events.recognise, events.read),
    "json": LogFormat(objects.is_whole, objects.read_whole),
    "json lines": LogFormat(objects.is_lines, objects.read_lines),
    "metric": LogFormat(delimited.is_metric, delimited.read_metric),
    "ruled": LogFormat(ruled.recognise, ruled.read),
    "csv": LogFormat(delimited.recognise, delimited.read),
    "numbers": LogFormat(bare.recognise, bare.read),
    "text": LogFormat(text.recognise, text.read),
}
"""All formats by name; the first that recognises a file reads it."""
NEVER = (".py", ".ipynb", ".toml", ".ini", ".cfg", ".sh", ".yaml", ".yml")
"""Endings of files in which a learning rate is set, and none logged."""


def format_of_log(file: LogFile) -> LogFormat | None:
    """The format of a file: None of one that is no log.

    Raises:
        ConfigError: It cannot be read.
    """
    if file.path.lower().endswith(NEVER):
        return None
    return next((format for format in LOG_FORMATS.values() if format.recognise(file)), None)


def read_log(file: LogFile, column: str | None = None) -> Log | None:
    """The log in a file: None of one that is none.

    Raises:
        ConfigError: It is one, and cannot be used.
    """
    format = format_of_log(file)
    return None if format is None else format.read(file, column)
