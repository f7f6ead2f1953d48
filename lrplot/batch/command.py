"""Many configs to many outputs: in parallel, only what changed, and what a person is told of it."""

import os
import warnings
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import cache

import click

from lrplot.batch import page
from lrplot.batch.interrupts import ENDINGS, listening
from lrplot.batch.jobs import Job, collect
from lrplot.batch.ledger import Entry, Record, fingerprint, fingerprint_of_file
from lrplot.batch.progress import Progress
from lrplot.batch.workers import in_order, usable_cores
from lrplot.configs.config import Config
from lrplot.configs.document import ConfigError
from lrplot.configs.sources import load
from lrplot.files import replacing
from lrplot.formats import format_of
from lrplot.outputs.write import render
from lrplot.runs.curve import Curve
from lrplot.version import __version__
from lrplot.wording import printable

INDEX = "index.html"


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


def run(
    jobs: Iterable[Job],
    workers: int = 1,
    record: Record | None = None,
    sheet: page.Page | None = None,
    check: bool = False,
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


@listening(*ENDINGS)
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
    """
    if out is None and not check:
        raise ValueError("-o is missing: the folder to write to (or --check, to write nothing)")
    if out is not None:
        _see_that_it_is_a_folder(out)
    todo = collect(paths, out, formats)
    writes = None if check else out
    record = Record(writes) if writes is not None else None
    sheet = _sheet(record, force) if record is not None and index else None
    report = _Report(len(todo), check, quiet, verbose)
    try:
        with closing(
            run(todo, min(jobs or usable_cores(), len(todo)), None if force else record, sheet, check)
        ) as results:
            for result in results:
                if record is not None:
                    record.note(result.written)
                if sheet is not None:
                    sheet.add(result.job.config, result.job.folder, result.card, result.messages)
                report.add(result)
    except BaseException:
        report.progress.clear()
        if record is not None:
            with suppress(OSError):
                record.save()  # what is finished need not be rendered again
        raise
    return report.end([] if record is None else list(_saved(record, sheet)))


def _saved(record: Record, sheet: page.Page | None) -> Iterator[str]:
    """Writes the page and the record; yields why that failed."""
    try:
        if sheet is not None:
            sheet.save()
            record.note({sheet.path: ("", fingerprint_of_file(sheet.path) or "")})
    except OSError as error:
        yield str(error)
    try:
        record.save()
    except OSError as error:
        yield str(error)


def _sheet(record: Record, force: bool) -> page.Page:
    """The page, with the cards of the one that is there, if that is as it was written."""
    path = os.path.join(record.folder, INDEX)
    entry = record.entry(path)
    return page.Page(path, reuse=not force and entry is not None and entry[1] == fingerprint_of_file(path))


class _Report:
    """What a person is told of a batch: while it runs, and at its end."""

    def __init__(self, total: int, check: bool, quiet: bool, verbose: bool) -> None:
        self.progress = Progress(total, wanted=not quiet)
        self.what = "valid" if check else "rendered"
        self.check = check
        self.quiet = quiet
        self.verbose = verbose
        self.done = self.unchanged = 0
        self.failed: list[str] = []

    def add(self, result: Result) -> None:
        self.done += 1
        if result.messages:
            self.failed.append(result.line)
        elif not result.written and result.unchanged:
            self.unchanged += 1
        if self.verbose:
            self.progress.clear()
            for line in self._details(result):
                click.echo(printable(line))
        self.progress.at(self.done, len(self.failed))

    def end(self, problems: Sequence[str]) -> int:
        """Says what failed, and the count; answers the exit status."""
        self.progress.clear()
        for line in [*self.failed, *problems]:
            click.echo(printable(line), err=True)
        if not self.quiet:
            click.echo(_count(self.done, len(self.failed), self.unchanged, self.what))
        return 1 if self.failed or problems else 0

    def _details(self, result: Result) -> Iterator[str]:
        if self.check or not result.job.outputs:
            yield f"{result.job.config} {'failed' if result.messages else 'valid'}"
            return
        for output in result.job.outputs:
            yield (
                output
                if output in result.written
                else f"{output} {'unchanged' if output in result.unchanged else 'failed'}"
            )


def _count(done: int, failed: int, unchanged: int, what: str) -> str:
    """
    >>> _count(240, 2, 40, "rendered")
    '198 rendered, 2 failed, 40 unchanged'
    """
    parts = [f"{done - failed - unchanged} {what}"]
    parts += [f"{failed} failed"] if failed else []
    parts += [f"{unchanged} unchanged"] if unchanged else []
    return ", ".join(parts)


def _see_that_it_is_a_folder(out: str) -> None:
    place = out
    while not os.path.lexists(place) and os.path.dirname(place) != place:
        place = os.path.dirname(place)
    if place and not os.path.isdir(place):
        raise ValueError(f"{place}: is not a folder: -o takes one")


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
        return Result(job, (job.problem,))
    written: dict[str, Entry] = {}
    unchanged: list[str] = []
    card = None
    messages: list[str] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            source = _Source(load(job.config))
            if task.check:
                source.check()
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

    def check(self) -> None:
        """Simulates the config, and draws it where only that shows whether it can be drawn."""
        self.curves()
        if not self.config.look.is_certain:
            from lrplot.pictures import figure  # and with it matplotlib

            with self.config.drawing():
                figure.draw(self.curves(), self.config.look)

    def fingerprint(self, *parts: str) -> str:
        """Names everything that decides the bytes of an output."""
        style = "".join(fingerprint_of_file(file) or "-" for file in _style_files(self.config.look.style))
        return fingerprint(__version__, _matplotlib_version(), self.config.name, self.text, style, *parts)

    def card(self, job: Job, home: str, known: str) -> page.Card:
        """The config's place on the page; without its contents where the page has it already."""
        name = self.fingerprint("card", job.config, job.folder, *job.outputs)
        return page.Card(
            name, None if name == known else page.contents(self.config, self.curves(), job.outputs, home, job.config)
        )


def _style_files(style: str | None) -> list[str]:
    """Where matplotlib may find a style, besides its own: told without importing it, which takes longer than all the rest."""
    if style is None:
        return []
    homes = [
        os.environ.get("MPLCONFIGDIR"),
        os.path.join(os.environ.get("XDG_CONFIG_HOME") or "~/.config", "matplotlib"),
        "~/.matplotlib",
    ]
    files = [style, *(os.path.join(home, "stylelib", f"{style}.mplstyle") for home in homes if home)]
    return [os.path.expanduser(file) for file in files]


@cache
def _matplotlib_version() -> str:
    from importlib.metadata import version

    return version("matplotlib")
