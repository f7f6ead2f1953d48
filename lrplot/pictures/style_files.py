"""Where matplotlib may find a style, told without importing it, which takes longer than most of what a batch does."""

import os

ENDING = ".mplstyle"


def is_file_name(style: str) -> bool:
    """Whether a style is named by its file, and not by its name.

    >>> is_file_name("ggplot"), is_file_name("own.mplstyle"), is_file_name("./own")
    (False, True, True)
    """
    return os.path.basename(style) != style or style.endswith(ENDING)


def style_files(style: str | None) -> list[str]:
    """The files that may hold a style, besides those that matplotlib brings with it."""
    if style is None:
        return []
    homes = [
        os.environ.get("MPLCONFIGDIR"),
        os.path.join(os.environ.get("XDG_CONFIG_HOME") or "~/.config", "matplotlib"),
        "~/.matplotlib",
    ]
    files = [style, *(os.path.join(home, "stylelib", f"{style}{ENDING}") for home in homes if home)]
    return [os.path.expanduser(file) for file in files]
