"""A config's curves to a file: the ending of its name says in which format."""

import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack

from lrplot.configs.config import Config
from lrplot.files import replacing
from lrplot.formats import format_of
from lrplot.outputs.rendering import Rendering
from lrplot.runs.curve import Curve


def write(config: Config, curves: Sequence[Curve], *paths: str, form: str | None = None) -> None:
    """Writes the curves to files: all of them are complete then, or as they were before. ``-`` is standard output.

    Args:
        form: The form of text that they are written in: to files of code, or to standard output where there are none.

    Raises:
        OSError: One cannot be written; the message names it.
        ValueError: An ending is unknown, a file was read for this, or the picture cannot be drawn as the config asks.
    """
    formats = {path: format_of(path) for path in paths}
    if form is not None:
        code = [path for path, format in formats.items() if format == "py" and form != "yaml"]
        formats |= dict.fromkeys(code or ["-"], form)
    for path in paths:
        refuse_input(path, config)
    rendering = Rendering(config, curves)
    gone = None
    with ExitStack() as stack:
        for path, format in formats.items():
            if path != "-":
                stream = stack.enter_context(replacing(path))
                rendering.write(format, stream)
                # on a full disk this fails: before the first of the files is moved into place, not after
                stream.flush()
        if "-" in formats:
            try:
                rendering.write(formats["-"], sys.stdout.buffer)
                sys.stdout.buffer.flush()
            except BrokenPipeError as error:  # no reason to keep the files from whoever asked for them
                gone = error
    if gone is not None:
        raise gone


def refuse_input(path: str, config: Config) -> None:
    """Refuses to write where something was read from, by whatever name.

    Raises:
        ValueError: The config, or what it names, is in that file.
    """
    if path != "-" and os.path.realpath(path) in map(os.path.realpath, config.files):
        raise ValueError(f"{path}: is read by this command, and would be lost: write to another file")
