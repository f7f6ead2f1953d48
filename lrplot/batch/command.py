"""Many configs to many outputs: in parallel, only what changed, and what a person is told of it."""

import os
import sys
import warnings
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import click

from lrplot.batch.interrupts import ENDINGS, listening
from lrplot.batch.jobs import Job, collect, leads_outside
from lrplot.batch.ledger import Ledger, fingerprint_of_file
from lrplot.batch.page import MARK, Page
from lrplot.batch.task import Outcome, Task, lost, perform
from lrplot.batch.workers import in_order, usable_cores
from lrplot.configs.document import ConfigError
from lrplot.configs.foreign.source import Given
from lrplot.configs.sources import Overrides, refuse_idle
from lrplot.files import refuse_foreign
from lrplot.formats import FORMATS, format_of
from lrplot.wording import first_of, printable

INDEX = "index.html"
LINE_ABOVE = "\x1b[A"
ERASED = "\r\x1b[2K"
"""What takes a terminal to the line above, and what empties the line that it is on."""


def carry_out(
    jobs: Iterable[Job],
    workers: int = 1,
    ledger: Ledger | None = None,
    page: Page | None = None,
    check: bool = False,
    force: bool = False,
    tell: Callable[[str], object] = warnings.warn,
) -> Generator[Outcome, None, None]:
    """Renders the jobs in so many processes, and yields their outcomes in the order of the jobs.

    Args:
        jobs: What ``collect`` gives.
        workers: Processes; with one, everything happens in this one.
        ledger: What is known of earlier outputs: those that would come out the same are left alone.
        page: The page that wants a card of each; those that it has already come without HTML.
        check: Read and simulate only.
        force: Render all of them, over whatever is there.
        tell: Is told which workers could not be had, and why.
    """
    tasks = (
        Task(
            job,
            {} if ledger is None or force else ledger.entries_of(job.outputs),
            force,
            None if page is None else page.request(job.path),
            check,
        )
        for job in jobs
    )
    yield from in_order(perform, tasks, workers, lost, tell)


@listening(*ENDINGS)
def main(
    paths: Sequence[str],
    out: str | None = None,
    formats: Collection[str] = (),
    jobs: int | None = None,
    force: bool = False,
    check: bool = False,
    strict: bool = False,
    index: bool = False,
    quiet: bool = False,
    verbose: bool = False,
    given: Given | None = None,
    overrides: Overrides | None = None,
) -> int:
    """The command: collects, renders, reports. Returns the exit status: 0, or 1 where a config failed, or has a note
    under ``strict``.

    Args:
        given: What was typed for other frameworks' files.
        overrides: What flags set.

    Raises:
        ValueError: The request is wrong.
    """
    if out is None and not check:
        raise ValueError("-o is missing: the folder to write to (or --check, to write nothing)")
    if strict and not check:
        raise ValueError("--strict is for --check")
    if out is not None:
        _require_folder(out)
    found = collect(paths, out, formats, given, overrides)
    refuse_idle(given, any(job.problems or job.is_foreign for job in found))
    todo = [job for job in found if not job.is_passed_over]
    _refuse_flags(todo)
    ledger = None if check or out is None else _ledger(out)
    page = _page(ledger, force) if ledger is not None and index else None
    if ledger is not None and not force:
        _refuse_foreign(todo, ledger)
    nobody_hears = sys.__stdout__ is None  # it was closed, and the files are what was asked for
    report = Report(len(todo), check, quiet or nobody_hears, verbose and not nobody_hears, strict)
    report.passed_over = len(found) - len(todo)
    workers = max(min(jobs or usable_cores(), len(todo)), 1)
    outcomes = carry_out(todo, workers, ledger, page, check, force, report.remarks.append)
    try:
        with report.bar(), closing(outcomes):
            for job, outcome in zip(todo, outcomes):
                if ledger is not None:
                    ledger.note(outcome.written)
                if page is not None:
                    page.add(job.path, job.folder, outcome.card, outcome.messages)
                report.add(job, outcome)
    except BaseException:
        if ledger is not None:
            with suppress(OSError):
                ledger.save()  # what is finished need not be rendered again
        raise
    return report.end([] if ledger is None else list(_save(ledger, page)))


def _refuse_flags(jobs: Sequence[Job]) -> None:
    """Refuses flags that leave no config to be rendered."""
    problems = dict.fromkeys(problem for job in jobs for problem in job.problems)
    if all(job.problems for job in jobs) and any(problem.startswith("--") for problem in problems):
        raise ConfigError(problems)


def _require_folder(out: str) -> None:
    """Refuses what is no folder, and cannot be made one."""
    place = out
    while not os.path.lexists(place) and os.path.dirname(place) != place:
        place = os.path.dirname(place)
    if place and not os.path.isdir(place):
        raise ValueError(f"{place}: is not a folder: -o takes one")


def _ledger(out: str) -> Ledger:
    """The folder's ledger."""
    ledger = Ledger(out)
    _require_within(ledger.path, out)
    return ledger


def _page(ledger: Ledger, force: bool) -> Page:
    """The folder's page, with the cards of the one that is there, as far as they are as they were written."""
    path = os.path.join(ledger.folder, INDEX)
    _require_within(path, ledger.folder)
    if not force and ledger.entry(path) is None:
        refuse_foreign(path, MARK)
    return Page(path, {} if force else ledger.cards)


def _require_within(path: str, out: str) -> None:
    if leads_outside(path, out):
        raise ValueError(f"{path} leads outside {out}: take the link away")


def _refuse_foreign(jobs: Sequence[Job], ledger: Ledger) -> None:
    """Refuses outputs that would take the place of what no batch and no other command of lrplot's wrote."""
    for output in (output for job in jobs for output in job.outputs):
        if ledger.entry(output) is None:
            refuse_foreign(output, FORMATS[format_of(output)].mark)


def _save(ledger: Ledger, page: Page | None) -> Iterator[str]:
    """Writes the page and the ledger; yields why that failed."""
    try:
        if page is not None:
            page.save()
            ledger.note({page.path: ("", fingerprint_of_file(page.path) or "")})
            ledger.cards = page.entries
    except OSError as error:
        yield str(error)
    try:
        ledger.save()
    except OSError as error:
        yield str(error)


@dataclass
class Report:
    """What a person is told of a batch: while it runs, and at its end.

    Args:
        strict: Whether a note is a failure.
        remarks: What went otherwise than asked for, and is no failure.
        notes: What is probably wrong with configs that were rendered, or checked.
    """

    total: int
    check: bool = False
    quiet: bool = False
    verbose: bool = False
    strict: bool = False
    done: int = 0
    noted: int = 0
    unchanged: int = 0
    passed_over: int = 0
    failed: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _bar: Any = None

    @contextmanager
    def bar(self) -> Iterator[None]:
        """Shows on a terminal how far the batch has come, and takes that away at the end of the block."""
        if self.quiet or not self.total or sys.stderr is None or not sys.stderr.isatty():
            yield
            return
        shown: dict[str, Any] = {"show_pos": True, "width": 20, "bar_template": "[%(bar)s]  %(info)s"}
        shown["item_show_func"] = lambda failed: f"{len(failed)} failed" if failed else None
        try:
            with click.progressbar(length=self.total, file=sys.stderr, **shown) as self._bar:
                yield
        finally:
            click.echo(LINE_ABOVE + ERASED, err=True, nl=False)

    def add(self, job: Job, outcome: Outcome) -> None:
        self.done += 1
        self.noted += bool(outcome.notes)
        self.notes += outcome.notes
        if outcome.messages:
            self.failed.append(_line(job.path, outcome.messages))
        elif not outcome.written and outcome.unchanged:
            self.unchanged += 1
        if self.verbose:
            if self._bar is not None:
                click.echo(ERASED, err=True, nl=False)
            for line in self._details(job, outcome):
                click.echo(printable(line))
        if self._bar is not None:
            self._bar.update(1, self.failed)

    def end(self, problems: Sequence[str]) -> int:
        """Says what failed, and the count; returns the exit status."""
        for line in [*self.failed, *self._notes(), *self.remarks, *problems]:
            click.echo(printable(line), err=True)
        if not self.quiet:
            what = "valid" if self.check else "rendered"
            counts = (self.done, len(self.failed), self.unchanged, what, self.noted if self.check else 0)
            click.echo(_count(*counts, self.passed_over))
        return 1 if self.failed or problems or (self.strict and self.notes) else 0

    def _notes(self) -> Iterable[str]:
        """Those that are told: all that were asked for, a few of what is said by the way."""
        if self.quiet and not self.strict:
            return ()
        return self.notes if self.check else first_of(self.notes)

    def _details(self, job: Job, outcome: Outcome) -> Iterator[str]:
        if self.check or not job.outputs:
            yield f"{job.path} {'failed' if outcome.messages else 'valid'}"
            return
        for output in job.outputs:
            became = "" if output in outcome.written else " unchanged" if output in outcome.unchanged else " failed"
            yield output + became


def _line(path: str, messages: Sequence[str]) -> str:
    """All that is wrong with a config, in one line, which names it once.

    >>> _line("a.yaml", ["a.yaml:1:2: no steps", "a.yaml:3:4: no scheduler"])
    'a.yaml:1:2: no steps; 3:4: no scheduler'
    """
    first, *more = messages
    return "; ".join([first, *(message.removeprefix(f"{path}:").lstrip() for message in more)])


def _count(done: int, failed: int, unchanged: int, what: str, noted: int = 0, passed_over: int = 0) -> str:
    """
    >>> _count(240, 2, 40, "rendered", 3), _count(3, 0, 0, "valid", passed_over=2)
    ('198 rendered, 2 failed, 40 unchanged; 3 have notes', '3 valid, 2 passed over, without a schedule')
    """
    parts = [f"{done - failed - unchanged} {what}"]
    parts += [f"{failed} failed"] if failed else []
    parts += [f"{unchanged} unchanged"] if unchanged else []
    parts += [f"{passed_over} passed over, without a schedule"] if passed_over else []
    return ", ".join(parts) + (f"; {noted} {'has' if noted == 1 else 'have'} notes" if noted else "")
