"""matplotlib, imported without a word on a folder for its settings that cannot be written, as in a container: no picture needs it."""

import logging
import os


def _matters(record: logging.LogRecord) -> bool:
    return record.funcName != "_get_config_or_cache_dir"


_given = os.environ.get("MPLCONFIGDIR")
_log = logging.getLogger("matplotlib")
_log.addFilter(_matters)
try:
    import matplotlib as matplotlib
    from matplotlib import font_manager as font_manager  # which asks for a second folder
finally:
    _log.removeFilter(_matters)

if os.environ.get("MPLCONFIGDIR") != _given:
    # matplotlib made a temporary folder, and removes it when Python ends. A worker ends in a way of its own.
    import shutil
    from multiprocessing import parent_process, util

    if parent_process() is not None:
        util.Finalize(None, shutil.rmtree, (os.environ["MPLCONFIGDIR"], True), exitpriority=0)
