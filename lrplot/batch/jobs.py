"""Which configs files, folders and globs stand for, and where their outputs go: the jobs of a batch."""

import glob
import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lrplot.batch.ledger import NAME, Ledger, fingerprint_of_file
from lrplot.configs.config import Config
from lrplot.configs.document import MAX_CONFIG_BYTES, ConfigError
from lrplot.configs.foreign import NoSchedule
from lrplot.configs.foreign.source import Given
from lrplot.configs.kinds import OWN
from lrplot.configs.sources import Overrides, Standing, is_foreign, load, text_of
from lrplot.formats import config_endings, is_config, written, written_endings
from lrplot.wording import nearest, shown

NAMING_FILES = ("output", "metrics", "style", "\\")
"""What stands in a config that names files: a word of these, or one that is written in escapes."""
OTHERS = (".py", ".toml", ".sh")
"""Endings of files that may be other frameworks' configs; most are not."""


@dataclass(frozen=True)
class Job:
    """One config and the files that it becomes.

    Args:
        path: The config's file.
        folder: Its sub-folder, which its outputs keep.
        outputs: Files to write.
        read: What was read of it: its text; the config itself, where that may name other files.
        problems: Why it cannot be done, where that is known before it is begun.
        inputs: The files besides that were read for it.
        is_passed_over: Whether it was found in a folder, and holds no schedule.
    """

    path: str
    folder: str = ""
    outputs: tuple[str, ...] = ()
    read: str | Config | None = None
    problems: tuple[str, ...] = ()
    inputs: Sequence[str] = ()
    is_passed_over: bool = False

    @property
    def is_foreign(self) -> bool:
        """Whether it is another framework's."""
        return isinstance(self.read, Config) and is_foreign(self.path, self.read)

    def config(self) -> Config:
        """The config, of which nothing is read twice.

        Raises:
            ConfigError: Something in it is wrong: one message each.
        """
        if self.problems:
            raise ConfigError(self.problems)
        return self.read if isinstance(self.read, Config) else load(self.path, text=self.read)


def collect(
    paths: Sequence[str],
    out: str | None = None,
    formats: Collection[str] = (),
    given: Given | None = None,
    overrides: Overrides | None = None,
) -> list[Job]:
    """The jobs that files, folders and globs stand for, in a lasting order. Nothing is written yet.

    A config is written to its own ``output:``, and to its name in each of ``formats``; where there is neither, to a
    PNG. Sub-folders of a folder, and of the fixed beginning of a glob, are kept; links to folders are not followed
    below them. Without ``out`` the jobs can be checked: their outputs are relative to a folder that is not known yet,
    and files by name may be in any sub-folder of it.

    Raises:
        ValueError: There is no such file, no config in it, an unknown format, or an output that two would write.

    Returns:
        Those of files that were found and hold no schedule among them, to be passed over.
    """
    for name in formats:
        if name not in written():
            raise ValueError(f"unknown format {shown(name)}: {nearest(name, written())}")
    outputs = os.path.realpath(out) if out is not None else None
    found = [pair for path in paths for pair in _found(path, outputs)]
    # A file is known by its name in the folder that it is in, by whatever way that was reached.
    places = {(os.path.realpath(os.path.dirname(file)), os.path.basename(file), home): file for file, home in found}
    found = [(file, home) for (_, _, home), file in places.items()]
    if out is None:
        found = [(file, _below_here(file) if file in paths else home) for file, home in found]
    typed = Typed(given, overrides or {})
    jobs = [_job(file, home, out, tuple(dict.fromkeys(formats)), file in paths, typed) for file, home in found]
    _refuse_collisions(jobs, out)
    return jobs


def _found(path: str, outputs: str | None) -> list[tuple[str, str]]:
    """The configs at a path, each with its sub-folder, without what an earlier batch wrote into ``outputs``."""
    if os.path.isdir(path):
        start = path
        files = [os.path.join(parent, name) for parent, names in _folders(path, outputs) for name in names]
        problem = f"no configs in this folder: they end in {', '.join(config_endings())}"
    elif os.path.lexists(path):
        return [(path, "")]
    elif glob.has_magic(path):
        # Everything before the first part with a wildcard is given, and not a sub-folder that was found.
        start = os.path.dirname(re.split(r"[*?\[]", path, maxsplit=1)[0])
        files = sorted(set(_matches(path, outputs)))
        problem = "no config matches this"
    else:
        raise ValueError(f"{path}: no such file or folder")
    ledgers: dict[str, Ledger] = {}
    configs = [file for file in files if _may_be_config(file) and not os.path.isdir(file)]
    found = [(config, _relative(os.path.dirname(config), start)) for config in configs]
    found = [(config, home) for config, home in found if not _is_written(config, start, home, outputs, ledgers)]
    if not found:
        raise ValueError(f"{path}: {problem}")
    return found


def _may_be_config(file: str) -> bool:
    """Whether a file is a config by its name, or one of another framework by what is in it."""
    if is_config(file):
        return True
    if not file.lower().endswith(OTHERS):
        return False
    from lrplot.configs import foreign

    try:
        return foreign.recognise(foreign.Source(file, text_of(file))) not in (None, "code")
    except ConfigError:
        return False


def _is_written(config: str, start: str, folder: str, outputs: str | None, ledgers: dict[str, Ledger]) -> bool:
    """Whether a batch wrote a config: the way to it leads through the outputs' folder, or past a ledger that has it."""
    while True:
        home = os.path.join(start, folder)
        if folder and outputs is not None and os.path.realpath(home) == outputs:
            return True
        if config.lower().endswith(tuple(written_endings())):
            ledger = ledgers.get(home) or ledgers.setdefault(home, Ledger(home))
            if (entry := ledger.entry(config)) and entry[1] == fingerprint_of_file(config):
                return True
        if not folder:
            return False
        folder = os.path.dirname(folder)


def _matches(pattern: str, outputs: str | None) -> Iterator[str]:
    """What glob finds; but ``**`` stands for what ``_folders`` goes through, so that links lead nowhere twice."""
    separators = re.escape(os.sep + (os.altsep or ""))
    anywhere = re.search(rf"(?:^|(?<=[{separators}]))\*\*(?:[{separators}]+|$)", pattern)
    if anywhere is None:
        yield from glob.glob(pattern)  # noqa: PTH207  unlike pathlib, it leaves the path as it was typed
        return
    head, tail = pattern[: anywhere.start()], pattern[anywhere.end() :] or "*"
    for top in glob.glob(head) if head else [""]:  # noqa: PTH207
        for parent, _ in _folders(top or os.curdir, outputs):
            place = parent if top else _relative(parent, "")
            yield from _matches(os.path.join(glob.escape(place), tail), outputs)


def _folders(top: str, outputs: str | None) -> Iterator[tuple[str, list[str]]]:
    """A folder and its sub-folders with their files, without what is hidden, links to folders, and ``outputs``."""

    def unreadable(error: OSError) -> None:
        raise ValueError(f"{error.filename}: cannot be read: {error.strerror}")

    for parent, folders, names in os.walk(top, onerror=unreadable):
        folders[:] = sorted(
            name for name in folders if name[0] != "." and os.path.realpath(os.path.join(parent, name)) != outputs
        )
        yield parent, sorted(name for name in names if name[0] != ".")


def _relative(folder: str, start: str) -> str:
    relative = os.path.relpath(folder or ".", start or ".")
    return "" if relative == "." else relative


def _below_here(config: str) -> str:
    """The sub-folder of the current folder that a config is in, if it is."""
    folder = _relative(os.path.dirname(config), "")
    return "" if leads_outside(folder, None) else folder


def leads_outside(path: str, out: str | None) -> bool:
    """Whether a path that reads as if it were below ``out`` is not; without ``out``, whether it can be below none.

    >>> [leads_outside(path, None) for path in ("a.csv", "..a.csv", "../a.csv", "/tmp/a.csv")]
    [False, False, True, True]
    """
    place = os.path.realpath(path)  # a ValueError where that is no name
    if out is None:
        return os.path.isabs(path) or path.split(os.sep)[0] == os.pardir
    return not place.startswith(os.path.join(os.path.realpath(out), ""))


def _is_data(path: str) -> bool:
    """Whether a JSON file is larger than any config, and does not begin as one of lrplot's own."""
    if not path.lower().endswith(".json") or not os.path.isfile(path) or os.path.getsize(path) <= MAX_CONFIG_BYTES:
        return False
    with open(path, "rb") as stream:
        return OWN.search(stream.read(4_096).decode("utf-8", "replace")) is None


class Typed(NamedTuple):
    """What was typed beside the files.

    Args:
        given: What is for other frameworks' files.
        overrides: What flags set.
    """

    given: Given | None
    overrides: Overrides

    def load(self, path: str, text: str | None) -> Config:
        """The config in a file; what stands as it is stays so."""
        try:
            return load(path, self.overrides, text=text, given=self.given)
        except Standing:
            return load(path, text=text, given=self.given)

    def __bool__(self) -> bool:
        """Whether anything was."""
        return self.given not in (None, Given()) or bool(self.overrides)


def _job(path: str, folder: str, out: str | None, formats: tuple[str, ...], is_named: bool, typed: Typed) -> Job:
    read: str | Config | None = None
    problems: tuple[str, ...] = ()
    inputs: Sequence[str] = ()
    try:
        read = text_of(path)
        is_own = OWN.search(read) is not None
        if not is_own or typed or any(word in read for word in NAMING_FILES):
            read = typed.load(path, read if is_own else None)
            inputs = read.files
    except ConfigError as error:
        if not is_named and (isinstance(error, NoSchedule) or (read is None and _is_data(path))):
            return Job(path, folder, is_passed_over=True)
        problems, inputs = tuple(error.messages), error.files
    own = read.outputs if isinstance(read, Config) else {}
    home = os.path.join(out or "", folder)
    name = os.path.splitext(os.path.basename(path))[0]
    formats = formats or (() if own else ("png",))
    outputs = dict.fromkeys(os.path.join(home, name + written()[format].endings[0]) for format in formats)
    for output in outputs:
        if out is not None and leads_outside(output, out):
            return Job(path, folder, problems=(f"{path}: {output} leads outside {out}: take the link away",))
    for named, place in own.items():
        output = os.path.normpath(os.path.join(home, named))
        if problem := _misplaced(output, out):
            return Job(path, folder, problems=(f"{place}: output {shown(named)} {problem}",))
        outputs[output] = None
    return Job(path, folder, tuple(outputs), read, problems, inputs)


def _misplaced(output: str, out: str | None) -> str:
    """Why an output cannot be written, if that shows in its name."""
    try:
        outside = leads_outside(output, out)
    except ValueError:  # a NUL byte, or half of a surrogate pair
        return "is no name that a file can have"
    return f"leads outside {'the folder of the outputs' if out is None else out}" if outside else ""


def _refuse_collisions(jobs: Sequence[Job], out: str | None) -> None:
    # Where the folder is not known, nothing can be said of links in it.
    real = os.path.normpath if out is None else os.path.realpath
    ledger = real(os.path.join(out or "", NAME))
    writers: dict[str, str] = {}
    inputs = {} if out is None else {real(file): (job.path, file) for job in jobs for file in (job.path, *job.inputs)}
    for job in jobs:
        for output in job.outputs:
            place = real(output)
            if place == ledger:
                raise ValueError(f"{job.path} would write {output}, where the batch keeps its record")
            if place in inputs:
                config, file = inputs[place]
                what = f"is the config {file}" if file == config else f"{config} reads"
                raise ValueError(f"{job.path} would write {output}, which {what}")
            other = writers.setdefault(place, job.path)
            if other is not job.path:
                raise ValueError(f"{other} and {job.path} would both write {output}")
