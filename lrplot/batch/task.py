"""What is done to one config of a batch, in whichever process: it is read, and its outputs are written where they would change."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

from lrplot.batch import page
from lrplot.batch.jobs import Job
from lrplot.batch.ledger import Entry, fingerprint, fingerprint_of_file
from lrplot.configs.document import ConfigError
from lrplot.configs.sources import load
from lrplot.files import replacing
from lrplot.formats import format_of
from lrplot.outputs.write import render
from lrplot.pictures import start
from lrplot.pictures.style_files import style_files
from lrplot.runs.curve import Curve
from lrplot.version import __version__

start.with_settings = False  # in a worker too, where no command line has said so


@dataclass(frozen=True)
class Task:
    """A job with all that a worker must know for it.

    Args:
        known: What the ledger has on its outputs: those that would come out the same are left alone.
        card: The page's folder, and the fingerprint of the card that it has; None where no page is wanted.
        check: Whether the config is simulated only, and nothing written.
    """

    job: Job
    known: Mapping[str, Entry] = field(default_factory=dict)
    card: tuple[str, str] | None = None
    check: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of a task; it failed where there are messages."""

    job: Job
    messages: tuple[str, ...] = ()
    written: Mapping[str, Entry] = field(default_factory=dict)
    unchanged: tuple[str, ...] = ()
    card: page.Card | None = None

    @property
    def line(self) -> str:
        """All that is wrong with the config, in one line, which names it once."""
        first, *more = self.messages
        return "; ".join([first, *(message.removeprefix(f"{self.job.path}:").lstrip() for message in more)])


def perform(task: Task) -> Outcome:
    """Does a task. Whatever goes wrong with it is in the outcome, and costs the others nothing."""
    written: dict[str, Entry] = {}
    unchanged: list[str] = []
    card = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            source = _Source(task.job)
            if task.check:
                source.check()
            else:
                for output in task.job.outputs:
                    entry = source.render(output, task.known.get(output))
                    if entry is None:
                        unchanged.append(output)
                    else:
                        written[output] = entry
                if task.card is not None:
                    card = source.card(*task.card)
    except Exception as error:
        return Outcome(task.job, _messages(task.job.path, error), written, tuple(unchanged))
    return Outcome(task.job, (), written, tuple(unchanged), card)


def lost(task: Task) -> Outcome:
    """The outcome of a task whose worker is gone."""
    return Outcome(task.job, (f"{task.job.path}: its worker was killed, by someone or for want of memory",))


def _messages(path: str, error: Exception) -> tuple[str, ...]:
    if isinstance(error, ConfigError):
        return tuple(error.messages)
    if isinstance(error, MemoryError):
        return (f"{path}: out of memory: fewer steps take less",)
    told = " ".join(str(error).split())
    if isinstance(error, (ValueError, OSError)):
        return (f"{path}: {told}",)
    return (f"{path}: {type(error).__name__}: {told}",)  # a fault of ours


class _Source:
    """A job's config, whose curves are simulated once, if at all."""

    def __init__(self, job: Job) -> None:
        if job.problem is not None:
            raise ConfigError([job.problem])
        self.job = job
        self.config = load(job.path)
        if tuple(self.config.outputs) != job.own:
            raise ValueError("output: changed while the batch was running")

    @cached_property
    def text(self) -> str:
        return self.config.source()

    @cached_property
    def curves(self) -> Sequence[Curve]:
        return self.config.curves()

    @cached_property
    def style(self) -> str:
        """Names what the style's files hold."""
        return "".join(fingerprint_of_file(file) or "-" for file in style_files(self.config.look.style))

    def check(self) -> None:
        """Simulates the config, and draws it where only that shows whether it can be drawn."""
        curves = self.curves
        if not self.config.look.is_certain:
            from lrplot.pictures import figure  # and with it matplotlib

            with self.config.drawing():
                figure.draw(curves, self.config.look)

    def render(self, output: str, known: Entry | None) -> Entry | None:
        """Writes an output and returns its entry; None where it is there as it would come out."""
        made_from = self.fingerprint(format_of(output))
        if known is not None and known == (made_from, fingerprint_of_file(output)):
            return None
        with replacing(output) as stream:
            render(self.config, self.curves, format_of(output), stream)
        return made_from, fingerprint_of_file(output) or ""

    def card(self, home: str, known: str) -> page.Card:
        """The config's place on the page; without its contents where the page has it already."""
        job = self.job
        name = self.fingerprint("card", job.path, job.folder, *job.outputs)
        if name == known:
            return page.Card(name, None)
        return page.Card(name, page.contents_of(self.config, self.curves, job.outputs, home, job.path))

    def fingerprint(self, *parts: str) -> str:
        """Names everything that decides the bytes of an output."""
        return fingerprint(__version__, _matplotlib_version(), self.config.name, self.text, self.style, *parts)


@cache
def _matplotlib_version() -> str:
    from importlib.metadata import version

    return version("matplotlib")
