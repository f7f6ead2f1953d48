"""What a worker does: it reads one config of a batch, and writes those of its outputs that would change."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property

from lrplot.batch import page
from lrplot.batch.jobs import Job
from lrplot.batch.ledger import Entry, fingerprint_of_file
from lrplot.configs.document import ConfigError
from lrplot.configs.notes import lines_on
from lrplot.files import fingerprint, refuse_foreign, replacing
from lrplot.formats import FORMATS, format_of
from lrplot.outputs.rendering import Rendering
from lrplot.pictures import start
from lrplot.pictures.style_files import style_files
from lrplot.version import __version__

start.with_settings = False  # in a worker too, where no command line has said so


@dataclass(frozen=True)
class Task:
    """A job with all that a worker must know for it.

    Args:
        known: What the ledger has on its outputs: those that would come out the same are left alone.
        force: Whether an output may replace what lrplot did not write.
        card: The page's folder, and the fingerprint of the card that it has; None where no page is wanted.
        check: Whether the config is simulated only, and nothing written.
    """

    job: Job
    known: Mapping[str, Entry] = field(default_factory=dict)
    force: bool = False
    card: tuple[str, str] | None = None
    check: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of a task; it failed where there are messages.

    Args:
        notes: What is probably wrong with the config, where its curves were asked for.
    """

    messages: tuple[str, ...] = ()
    written: Mapping[str, Entry] = field(default_factory=dict)
    unchanged: tuple[str, ...] = ()
    card: page.Card | None = None
    notes: tuple[str, ...] = ()


def perform(task: Task) -> Outcome:
    """Does a task. Whatever goes wrong with it is in the outcome, and costs the others nothing."""
    written: dict[str, Entry] = {}
    unchanged: list[str] = []
    card = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rendering = Rendering(task.job.config())
            if task.check:
                _check(rendering)
                return Outcome(notes=lines_on(rendering.config, rendering.curves))
            product = _Product(task.job, rendering)
            for output in task.job.outputs:
                entry = product.output(output, task.known.get(output), task.force)
                if entry is None:
                    unchanged.append(output)
                else:
                    written[output] = entry
            if task.card is not None:
                card = product.card(*task.card)
            notes = lines_on(rendering.config, rendering.curves) if written else ()
    except Exception as error:
        return Outcome(_messages(task.job.path, error), written, tuple(unchanged))
    return Outcome((), written, tuple(unchanged), card, notes)


def lost(task: Task) -> Outcome:
    """The outcome of a task whose worker is gone."""
    return Outcome((f"{task.job.path}: its worker was killed, by someone or for want of memory",))


def _messages(path: str, error: Exception) -> tuple[str, ...]:
    if isinstance(error, ConfigError):
        return tuple(f"{path}: {told}" if told.startswith("--") else told for told in error.messages)
    if isinstance(error, MemoryError):
        return (f"{path}: out of memory: fewer steps take less",)
    told = " ".join(str(error).split())
    if isinstance(error, (ValueError, OSError)):
        return (f"{path}: {told}",)
    return (f"{path}: {type(error).__name__}: {told}",)  # a fault of ours


def _check(rendering: Rendering) -> None:
    """Simulates a config, and draws it where only that shows whether it can be drawn."""
    if rendering.curves and not rendering.config.look.is_certain:
        assert rendering.figure


@dataclass(frozen=True)
class _Product:
    """A job and its config, and what comes of them where that is not there already."""

    job: Job
    rendering: Rendering

    def output(self, output: str, known: Entry | None, force: bool) -> Entry | None:
        """Writes an output and returns its entry; None where it is there as it would come out."""
        format = format_of(output)
        made_from = self._fingerprint(format)
        there = fingerprint_of_file(output)
        if known is not None and known == (made_from, there):
            return None
        if not force and (known is None or known[1] != there):
            refuse_foreign(output, FORMATS[format].mark)
        with replacing(output) as stream:
            self.rendering.write(format, stream)
        return made_from, fingerprint_of_file(output) or ""

    def card(self, home: str, known: str) -> page.Card:
        """The config's place on the page; without its HTML where the page has it already."""
        job = self.job
        made_from = self._fingerprint("card", job.path, job.folder, *job.outputs)
        if made_from == known:
            return page.Card(made_from, None)
        config, curves = self.rendering.config, self.rendering.curves
        return page.Card(made_from, page.article(config, curves, job.outputs, home, job.path))

    def _fingerprint(self, *parts: str) -> str:
        """Names everything that decides the bytes of what is made."""
        return fingerprint(__version__, _matplotlib_version(), *self._source, *parts)

    @cached_property
    def _source(self) -> tuple[str, str, str]:
        config = self.rendering.config
        style = "".join(fingerprint_of_file(file) or "-" for file in style_files(config.look.style))
        source = config.source() if not config.has_table else fingerprint_of_file(self.job.path) or ""
        return config.name, source, style


@cache
def _matplotlib_version() -> str:
    from importlib.metadata import version

    return version("matplotlib")
