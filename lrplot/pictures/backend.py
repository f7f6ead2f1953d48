"""matplotlib, imported without a word on a folder for its settings that cannot be written, as in a container."""

import importlib.util
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from lrplot.pictures import start


def _matters(record: logging.LogRecord) -> bool:
    return record.funcName != "_get_config_or_cache_dir"


@contextmanager
def _without_settings() -> Iterator[None]:
    """Has matplotlib find no settings but its own: not in the current folder, where it looks first, nor elsewhere."""
    found = importlib.util.find_spec("matplotlib")
    if start.with_settings or found is None or found.origin is None or "matplotlib" in sys.modules:
        yield
        return
    data = os.path.join(os.path.dirname(found.origin), "mpl-data")
    try:
        here = os.getcwd()
    except OSError:  # somebody has deleted it
        here = data
    given = os.environ.get("MATPLOTLIBRC")
    os.environ["MATPLOTLIBRC"] = os.path.join(data, "matplotlibrc")
    os.chdir(os.path.dirname(data))  # which has no file of this name
    try:
        yield
    finally:
        os.chdir(here)
        os.environ.pop("MATPLOTLIBRC")
        if given is not None:
            os.environ["MATPLOTLIBRC"] = given


def _spare_descriptions() -> None:
    """Has matplotlib not describe its artists as the rest of it is imported, which is a third of that: no command shows
    them.
    """
    from matplotlib import artist

    artist.kwdoc = lambda _: ""  # type: ignore[assignment]
    artist.Artist._update_set_signature_and_docstring = classmethod(lambda _: None)  # type: ignore[attr-defined]


_given = os.environ.get("MPLCONFIGDIR")
_log = logging.getLogger("matplotlib")
_log.addFilter(_matters)
try:
    with _without_settings():
        import matplotlib as matplotlib
    if not start.with_settings:
        _spare_descriptions()
    from matplotlib import font_manager as font_manager  # which asks for a second folder
finally:
    _log.removeFilter(_matters)

if os.environ.get("MPLCONFIGDIR") != _given:
    # matplotlib made a temporary folder, and removes it when Python ends. A worker ends in a way of its own.
    import shutil
    from multiprocessing import parent_process, util

    if parent_process() is not None:
        util.Finalize(None, shutil.rmtree, (os.environ["MPLCONFIGDIR"], True), exitpriority=0)


def take_up_window_settings() -> None:
    """Takes up what a person's own settings say of windows: which toolkit, which keys. Never the current folder's."""
    if start.with_settings:
        return
    homes = [os.environ.get("MATPLOTLIBRC", ""), os.path.join(matplotlib.get_configdir(), "matplotlibrc")]
    files = [os.path.join(home, "matplotlibrc") if os.path.isdir(home) else home for home in homes if home]
    for file in files:
        if os.path.isfile(file) and os.path.getsize(file) < MAX_SETTINGS:
            settings = matplotlib.rc_params_from_file(file, fail_on_error=False, use_default_template=False)
            about = ("toolbar", "keymap", "figure.dpi", *(() if os.environ.get("MPLBACKEND") else ("backend",)))
            matplotlib.rcParams.update({key: value for key, value in settings.items() if key.startswith(about)})
            return


MAX_SETTINGS = 100_000
"""Bytes: matplotlib's own file of all its settings has 43,000."""
