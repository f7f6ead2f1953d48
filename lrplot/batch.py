"""Many configs to many outputs: files, folders and globs of them, in parallel, and only what changed."""

import glob
import os
import re
import warnings
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

import click

from lrplot import __version__, page
from lrplot.config import Config, ConfigError, load
from lrplot.files import replacing
from lrplot.output import FORMATS, format_of, render
from lrplot.progress import Progress
from lrplot.record import Entry, Record, fingerprint, fingerprint_of_file
from lrplot.simulation import Curve
from lrplot.wording import nearest, shown
from lrplot.workers import in_order, usable_cores

ENDINGS = (".yaml", ".yml", ".json")
INDEX = "index.html"


@dataclass(frozen=True)
class Job:
    """One config and the files that it becomes.

    Args:
        config: Its path.
        folder: Its sub-folder, which its outputs keep.
        own: What its own ``output:`` says.
        outputs: Files to write.
        problem: Why it cannot be done, if that is known before it is begun.
    """

    config: str
    folder: str = ""
    own: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    problem: str | None = None


@dataclass(frozen=True)
class Result:
    """What became of a job; it failed where there are messages."""

    job: Job
    messages: tuple[str, ...] = ()
    written: Mapping[str, Entry] = field(default_factory=dict)
    unchanged: tuple[str, ...] = ()
    card: page.Card | None = None

    @property
    def line(self) -> str:
        """All that is wrong with the config, in one line, which names it once."""
        first, *more = self.messages
        return "; ".join([first, *(message.removeprefix(f"{self.job.config}:").lstrip() for message in more)])


def collect(paths: Sequence[str], out: str | None = None, formats: Collection[str] = ()) -> list[Job]:
    """The jobs that files, folders and globs stand for, in a lasting order. Nothing is written yet.

    A config is written to its own ``output:``, and to its name in each of ``formats``; where there is neither, to a PNG. Sub-folders
    of a folder, and of the fixed beginning of a glob, are kept. Without ``out`` the jobs have no outputs: they can be checked.

    Raises:
        ValueError: There is no such file, no config in it, an unknown format, or an output that two configs would write.
    """
    for name in formats:
        if name not in FORMATS:
            raise ValueError(f"unknown format {shown(name)}: {nearest(name, FORMATS)}")
    found = dict.fromkeys(entry for path in paths for entry in _found(path, out))
    if out is None:
        return [Job(config, folder) for config, folder in found]
    jobs = [_job(config, folder, out, tuple(dict.fromkeys(formats))) for config, folder in found]
    _refuse_collisions(jobs)
    return jobs


def run(
    jobs: Iterable[Job], workers: int = 1, record: Record | None = None, sheet: page.Page | None = None, check: bool = False
) -> Generator[Result, None, None]:
    """Renders the jobs in so many processes, and yields their results in the order of the jobs.

    Args:
        jobs: What ``collect`` gives.
        workers: Processes; with one, everything happens in this one.
        record: What is known of earlier outputs: those that would come out the same are left alone.
        sheet: The page that wants a card of each; those that it has already come without contents.
        check: Read and simulate only.
    """
    tasks = (
        _Task(
            job,
            {} if record is None else {output: entry for output in job.outputs if (entry := record.entry(output))},
            None if sheet is None else (sheet.folder, sheet.cards.get(job.config, "")),
            check,
        )
        for job in jobs
    )
    yield from in_order(_result, tasks, workers, _lost)


def main(
    paths: Sequence[str],
    out: str | None = None,
    formats: Collection[str] = (),
    jobs: int | None = None,
    force: bool = False,
    check: bool = False,
    index: bool = False,
    quiet: bool = False,
    verbose: bool = False,
) -> int:
    """The command: collects, renders, reports. Answers the exit status: 0, or 1 where a config failed.

    Raises:
        ValueError: The request is wrong.
        OSError: The page or the record cannot be written.
    """
    if out is None and not check:
        raise ValueError("-o is missing: the folder to write to (or --check, to write nothing)")
    if out is not None and os.path.exists(out) and not os.path.isdir(out):
        raise ValueError(f"{out}: is a file: -o takes a folder")
    todo = collect(paths, out, formats)
    writes = None if check else out
    record = Record(writes) if writes is not None else None
    sheet = page.Page(os.path.join(writes, INDEX), reuse=not force) if writes is not None and index else None
    progress = Progress(len(todo), wanted=not quiet)
    failed: list[str] = []
    done = unchanged = 0
    try:
        with closing(run(todo, min(jobs or usable_cores(), len(todo)), None if force else record, sheet, check)) as results:
            for result in results:
                done += 1
                if result.messages:
                    failed.append(result.line)
                elif not result.written and result.unchanged:
                    unchanged += 1
                if record is not None:
                    record.note(result.written)
                if sheet is not None:
                    sheet.add(result.job.config, result.job.folder, result.card, result.messages)
                if verbose:
                    progress.clear()
                    for output in result.job.outputs:
                        click.echo(output if output in result.written else f"{output} {_state(result, output)}")
                progress.at(done, len(failed))
    finally:
        progress.clear()
        if record is not None and done:
            record.save()
    if sheet is not None:
        sheet.save()
    for line in failed:
        click.echo(line, err=True)
    if not quiet:
        click.echo(_count(done, len(failed), unchanged, "valid" if check else "rendered"))
    return 1 if failed else 0


def _state(result: Result, output: str) -> str:
    return "unchanged" if output in result.unchanged else "failed"


def _count(done: int, failed: int, unchanged: int, what: str) -> str:
    """
    >>> _count(240, 2, 40, "rendered")
    '198 rendered, 2 failed, 40 unchanged'
    """
    parts = [f"{done - failed - unchanged} {what}"]
    parts += [f"{failed} failed"] if failed else []
    parts += [f"{unchanged} unchanged"] if unchanged else []
    return ", ".join(parts)


# Which configs there are, and where they go


def _found(path: str, out: str | None) -> list[tuple[str, str]]:
    """The configs at a path, each with its sub-folder."""
    if os.path.isdir(path):
        configs = list(_below(path, out))
        if not configs:
            raise ValueError(f"{path}: no configs in this folder: they end in {', '.join(ENDINGS)}")
        return [(config, _relative(os.path.dirname(config), path)) for config in configs]
    if os.path.lexists(path):
        return [(path, "")]
    if not glob.has_magic(path):
        raise ValueError(f"{path}: no such file or folder")
    # glob, unlike pathlib, leaves the path as it was typed.
    matches = sorted(glob.glob(path, recursive=True))  # noqa: PTH207
    matches = [match for match in matches if match.endswith(ENDINGS) and not os.path.isdir(match)]
    if not matches:
        raise ValueError(f"{path}: no config matches this")
    # Everything before the first part with a wildcard is given, and not a sub-folder that was found.
    fixed = re.split(r"[*?\[]", path, maxsplit=1)[0]
    return [(match, _relative(os.path.dirname(match), os.path.dirname(fixed))) for match in matches]


def _below(folder: str, out: str | None) -> Iterator[str]:
    """The configs in a folder and its sub-folders, without what is hidden, and without the outputs of an earlier batch."""

    def unreadable(error: OSError) -> None:
        raise ValueError(f"{error.filename}: cannot be read: {error.strerror}")

    outputs = os.path.realpath(out) if out is not None else None
    for parent, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if name[0] != "." and os.path.realpath(os.path.join(parent, name)) != outputs)
        yield from (os.path.join(parent, name) for name in sorted(names) if name[0] != "." and name.endswith(ENDINGS))


def _relative(folder: str, start: str) -> str:
    relative = os.path.relpath(folder or ".", start or ".")
    return "" if relative == "." else relative


def _job(config: str, folder: str, out: str, formats: tuple[str, ...]) -> Job:
    own = _own_outputs(config)
    home = os.path.join(out, folder)
    name = os.path.splitext(os.path.basename(config))[0]
    formats = formats or (() if own else ("png",))
    outputs = dict.fromkeys(os.path.join(home, f"{name}.{format}") for format in formats)
    inside = os.path.join(os.path.realpath(out), "")
    for given in own:
        output = os.path.normpath(os.path.join(home, given))
        try:
            format_of(output)
            if not os.path.realpath(output).startswith(inside):
                return Job(config, folder, own, problem=f"output: {shown(given)} leads outside {out}")
        except ValueError as error:
            return Job(config, folder, own, problem=f"output: {error}")
        outputs[output] = None
    return Job(config, folder, own, tuple(outputs))


def _own_outputs(config: str) -> tuple[str, ...]:
    """What a config's ``output:`` says. A file without that word is not read any closer yet."""
    try:
        with open(config, "rb") as stream:
            if not any(b"output" in line for line in stream):
                return ()
        return tuple(load(config).outputs)
    except (OSError, ConfigError):
        return ()  # reported in its turn


def _refuse_collisions(jobs: Iterable[Job]) -> None:
    jobs = list(jobs)
    writers: dict[str, str] = {}
    configs = {os.path.realpath(job.config): job.config for job in jobs}
    for job in jobs:
        for output in job.outputs:
            place = os.path.realpath(output)
            if place in configs:
                raise ValueError(f"{job.config} would write {output}, which is the config {configs[place]}")
            other = writers.setdefault(place, job.config)
            if other is not job.config:
                raise ValueError(f"{other} and {job.config} would both write {output}")


# What a worker does


@dataclass(frozen=True)
class _Task:
    job: Job
    known: Mapping[str, Entry]
    card: tuple[str, str] | None
    """The page's folder, and the fingerprint of the card that it has."""
    check: bool


def _lost(task: _Task) -> Result:
    return Result(task.job, (f"{task.job.config}: its worker was killed, by someone or for want of memory",))


def _result(task: _Task) -> Result:
    job = task.job
    if job.problem is not None:
        return Result(job, (f"{job.config}: {job.problem}",))
    written: dict[str, Entry] = {}
    unchanged: list[str] = []
    card = None
    messages: list[str] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            source = _Source(load(job.config))
            if task.check:
                source.curves()
            elif tuple(source.config.outputs) != job.own:
                raise ValueError("output: changed while the batch was running")
            else:
                for output in job.outputs:
                    made_from = source.fingerprint(format_of(output))
                    if (entry := task.known.get(output)) and entry == (made_from, fingerprint_of_file(output)):
                        unchanged.append(output)
                        continue
                    with replacing(output) as stream:
                        render(source.config, source.curves(), format_of(output), stream)
                    written[output] = (made_from, fingerprint_of_file(output) or "")
                if task.card is not None:
                    card = source.card(job, *task.card)
    except ConfigError as error:
        messages = error.messages
    except MemoryError:
        messages = [f"{job.config}: out of memory: fewer steps take less"]
    except (ValueError, OSError) as error:
        messages = [f"{job.config}: {' '.join(str(error).split())}"]
    except Exception as error:  # a fault of ours must not cost the others their pictures
        messages = [f"{job.config}: {type(error).__name__}: {' '.join(str(error).split())}"]
    return Result(job, tuple(messages), written, tuple(unchanged), card)


class _Source:
    """A config whose curves are simulated once, if at all."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.text = config.source()
        self._curves: Sequence[Curve] | None = None

    def curves(self) -> Sequence[Curve]:
        if self._curves is None:
            self._curves = self.config.curves()
        return self._curves

    def fingerprint(self, *parts: str) -> str:
        """Names everything that decides the bytes of an output."""
        style = self.config.look.style
        return fingerprint(__version__, _matplotlib_version(), self.config.name, self.text, fingerprint_of_file(style or "") or "", *parts)

    def card(self, job: Job, home: str, known: str) -> page.Card:
        """The config's place on the page; without its contents where the page has it already."""
        name = self.fingerprint("card", job.config, job.folder, *job.outputs)
        return page.Card(name, None if name == known else page.contents(self.config, self.curves(), job.outputs, home, job.config))


def _matplotlib_version() -> str:
    from importlib.metadata import version

    return version("matplotlib")
