"""The formats of files in one table: their endings, and what reads and writes them."""

import importlib
import os
from collections.abc import Callable
from typing import Any, NamedTuple

from lrplot.wording import closest, shown


class Format(NamedTuple):
    """A format of files. What reads and writes it is named as ``module:function``, and imported when it is first
    called.

    Args:
        kind: What is in such a file: "picture", "table", "code" or "config".
        endings: Of its files' names.
        reader: Takes a path, and returns the text of the config or the table in the file; raises OSError or ValueError.
        writer: Takes a Rendering, which has a config, its curves and its picture, and a binary stream.
        mark: A regular expression that finds something in every file that lrplot writes, and in no other.
    """

    kind: str
    endings: tuple[str, ...]
    reader: str = ""
    writer: str = ""
    mark: bytes = b""


_EMBEDDED = "lrplot.configs.embedded:read_source"
_TABLE = "lrplot.configs.tables:read_text"
_CONFIG = "lrplot.outputs.config:write_yaml"
FORMS = {
    "code": "lrplot.outputs.code:write_loop",
    "lightning": "lrplot.outputs.code:write_lightning",
    "yaml": _CONFIG,
}
"""What a schedule is written as in text: what writes each, as ``--as`` names it."""
FORMATS = {
    "png": Format("picture", (".png",), _EMBEDDED, "lrplot.outputs.picture:write_png", rb"tEXtSoftware\0lrplot "),
    "svg": Format("picture", (".svg",), _EMBEDDED, "lrplot.outputs.picture:write_svg", rb"<dc:title>lrplot "),
    "pdf": Format("picture", (".pdf",), _EMBEDDED, "lrplot.outputs.picture:write_pdf", rb"/Creator \(lrplot "),
    "csv": Format(
        "table",
        (".csv",),
        _TABLE,
        "lrplot.outputs.table:write_csv",
        rb"\A(curve,)?step(,epoch|,lr(_\d+)?|,momentum(_\d+)?|,weight_decay(_\d+)?|,metric)+\n",
    ),
    "json": Format(
        "table",
        (".json",),
        _TABLE,
        "lrplot.outputs.table:write_json",
        rb'\A\[?\{"label": "([^"\\]|\\.){0,9999}", "record": "[a-z_-]+", "step": \[',
    ),
    "py": Format(
        "code", (".py",), "", "lrplot.outputs.code:write_loop", rb'\A"""[^\n"]*: written by lrplot [\w.]+\."""\n'
    ),
    "yaml": Format(
        "config", (".yaml", ".yml"), "lrplot.configs.document:read_text", _CONFIG, rb"\A# written by lrplot "
    ),
    "json config": Format("config", (".json",), "lrplot.configs.document:read_text"),
}
"""All formats by name: an entry is all that one takes. No two that are written share an ending; of those that are read,
the first that has it reads.
"""


def written() -> dict[str, Format]:
    """The formats that can be written.

    >>> ", ".join(written())
    'png, svg, pdf, csv, json, py, yaml'
    """
    return {name: format for name, format in FORMATS.items() if format.writer}


def written_endings() -> dict[str, str]:
    """The endings of files that can be written, each with its format."""
    return {ending: name for name, format in written().items() for ending in format.endings}


def config_endings() -> tuple[str, ...]:
    """The endings of configs.

    >>> config_endings()
    ('.yaml', '.yml', '.json')
    """
    return tuple(ending for format in FORMATS.values() if format.kind == "config" for ending in format.endings)


def is_config(path: str) -> bool:
    """Whether a file is a config by its name.

    >>> is_config("cosine.YAML"), is_config("cosine.csv")
    (True, False)
    """
    return path.lower().endswith(config_endings())


def is_picture(path: str) -> bool:
    """Whether a file is a picture by its name.

    >>> is_picture("cosine.PNG"), is_picture("cosine.yaml")
    (True, False)
    """
    endings = (ending for format in FORMATS.values() if format.kind == "picture" for ending in format.endings)
    return path.lower().endswith(tuple(endings))


def holds_curves(path: str) -> bool:
    """Whether curves can be read from a file, by its name: from a picture or a table too.

    >>> holds_curves("cosine.yml"), holds_curves("cosine.PNG"), holds_curves("cosine.txt")
    (True, True, False)
    """
    return any(format.reader and path.lower().endswith(format.endings) for format in FORMATS.values())


def format_of(path: str) -> str:
    """The format that a file's ending asks for; ``-``, standard output, is CSV.

    Raises:
        ValueError: The ending is unknown, or there is none.
    """
    if path == "-":
        return "csv"
    known = {ending[1:]: name for ending, name in written_endings().items()}
    ending = os.path.splitext(path)[1].lower().removeprefix(".")
    if ending in known:
        return known[ending]
    what = f"unknown ending .{ending}" if ending else "there is no ending"
    meant = closest(ending, known) if ending else None
    hint = f"did you mean .{meant}?" if meant else f"it must be one of {', '.join(written_endings())}"
    raise ValueError(f"{shown(path)}: {what}: {hint}")


def reader_of(path: str) -> Callable[[str], str]:
    """What reads the curves in a file, by the file's name: as YAML where that does not tell."""
    named = (format.reader for format in FORMATS.values() if format.reader and path.lower().endswith(format.endings))
    return _imported(next(named, FORMATS["yaml"].reader))


def writer_of(format: str) -> Callable[..., None]:
    """What writes a format, or a form of text."""
    return _imported(FORMS.get(format) or FORMATS[format].writer)


def _imported(name: str) -> Callable[..., Any]:
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return found
