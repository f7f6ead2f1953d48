"""What the ending of a file's name says: which format is asked for, which files are configs."""

import os

from lrplot.wording import closest, shown

CONFIGS = (".yaml", ".yml", ".json")
"""Endings of configs."""
PICTURES = ("png", "svg", "pdf")
TABLES = ("csv", "json")
FORMATS = (*PICTURES, *TABLES)


def is_config(path: str) -> bool:
    """Whether a file is a config by its name.

    >>> is_config("cosine.YAML"), is_config("cosine.csv")
    (True, False)
    """
    return path.lower().endswith(CONFIGS)


def format_of(path: str) -> str:
    """The format that a file's ending asks for; ``-``, standard output, is CSV.

    Raises:
        ValueError: The ending is unknown, or there is none.
    """
    if path == "-":
        return "csv"
    ending = os.path.splitext(path)[1].lower().removeprefix(".")
    if ending in FORMATS:
        return ending
    endings = ", ".join(f".{name}" for name in FORMATS)
    what = f"unknown ending .{ending}" if ending else "there is no ending"
    meant = closest(ending, FORMATS) if ending else None
    raise ValueError(f"{shown(path)}: {what}: {f'did you mean .{meant}?' if meant else f'it must be one of {endings}'}")
