"""A run's folder: what in it is the log."""

import os
import re
from collections.abc import Iterator

from lrplot.configs.logs import events
from lrplot.configs.logs.file import LogFile
from lrplot.configs.logs.names import is_rate
from lrplot.runs.log import Log
from lrplot.wording import listed

DEEPEST = 3
MOST_FILES = 10_000
NAMES = (
    *(
        "scalars.json",
        "*.tfevents.*",
        "metrics.csv",
        "results.csv",
        "summary.csv",
        "trainer_state.json",
        "metrics.json",
    ),
    *("progress.csv", "training.log", "log.txt"),
)
"""Of logs, the likeliest first: OpenMMLab's event files are of float32, and its scalars are not."""
EVENTS = NAMES.index("*.tfevents.*") + 1


def is_run(path: str) -> bool:
    """Whether there is a log in a folder."""
    return os.path.isdir(path) and any(map(_rank, _files(path)))


def read_folder(path: str, column: str | None) -> Log:
    """The log in a run's folder: its event files together, or the likeliest file.

    Raises:
        ConfigError: There is no log in it, there are several runs in it, or the log cannot be used.
    """
    from lrplot.configs.logs.formats import read_log

    whole = LogFile(path)
    found = sorted((rank, file) for file in _files(path) if (rank := _rank(file)))
    if not found:
        raise whole.error("holds no log of a run")
    best = [file for rank, file in found if rank == found[0][0]]
    if found[0][0] == EVENTS:
        if len({os.path.dirname(file) for file in best}) > 1:  # of training and validation, one has rates
            best = [file for file in best if events.has_rate(LogFile(file), column)] or best
        folders = list(dict.fromkeys(map(os.path.dirname, best)))
        if len(folders) > 1:
            raise whole.error(f"holds {len(folders)} runs: name one of {listed(folders)}")
        return events.read_all([LogFile(file) for file in sorted(best, key=_begun)], whole, column)
    file = LogFile(max(best, key=_checkpoint))
    if (log := read_log(file, column)) is None:
        raise file.error("is no log that can be read")
    return log


def _files(path: str) -> Iterator[str]:
    """The files in a folder, those that lie too deep left out."""
    depth, count = path.rstrip(os.sep).count(os.sep), 0
    for folder, folders, names in os.walk(path):
        folders.sort()
        if folder.count(os.sep) - depth >= DEEPEST:
            folders.clear()
        for name in sorted(names):
            count += 1
            if count > MOST_FILES:
                return
            yield os.path.join(folder, name)


def _rank(path: str) -> int:
    """Which files are taken before others: 0 of one that is no log."""
    name = os.path.basename(path)
    if "tfevents" in name:
        return EVENTS
    if name in NAMES:
        return NAMES.index(name) + 1
    return len(NAMES) + 1 if is_rate(name) and f"{os.sep}metrics{os.sep}" in path else 0


def _begun(path: str) -> tuple[int, str]:
    """When an event file was begun: its name says so."""
    match = re.search(r"tfevents\.(\d+)", path)
    return int(match[1]) if match else 0, path


def _checkpoint(path: str) -> int:
    """The step of the checkpoint that a file is in: the last one has the whole history."""
    match = re.search(r"checkpoint-(\d+)", path)
    return int(match[1]) if match else -1
