"""Notes for people, for programs and for a forge: what is probably wrong with some sources, and what mends it."""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from lrplot.analysis.notes.rule import rules
from lrplot.cli.answer import told
from lrplot.configs.check import check, mended
from lrplot.configs.document import ConfigError
from lrplot.configs.notes import Note
from lrplot.wording import nearest, printable, shown

if TYPE_CHECKING:
    from lrplot.configs.config import Config
    from lrplot.configs.foreign.source import Given
    from lrplot.configs.sources import Overrides


class Choice(NamedTuple):
    """Which notes are wanted, by the beginnings of their codes."""

    select: Sequence[str]
    ignore: Sequence[str]

    def takes(self, note: Note) -> bool:
        """Whether a note is wanted."""
        selected = not self.select or note.code.startswith(tuple(self.select))
        return selected and not note.code.startswith(tuple(self.ignore))


def choice_of(select: Iterable[str], ignore: Iterable[str]) -> Choice:
    """What was typed after --select and --ignore, each a code, the beginning of some, or several with commas.

    Raises:
        ValueError: There is no note of such a code.
    """
    read = [[code.strip().upper() for word in words for code in word.split(",")] for words in (select, ignore)]
    for code in [*read[0], *read[1]]:
        if not code or not any(known.startswith(code) for known in rules()):
            raise ValueError(f"there is no note {shown(code)}: {nearest(code, sorted(rules()))}")
    return Choice(*read)


def run(
    sources: Sequence[str],
    choice: Choice,
    format: str,
    fix: bool,
    given: "Given",
    overrides: "Overrides",
) -> int:
    """The command: prints the notes; returns 0 where there are none, 1 where there are, 2 where a source is wrong."""
    from lrplot.configs.sources import is_foreign, load_each, refuse_idle

    notes: list[Note] = []
    wrong: list[str] = []
    any_foreign = False
    for source in _all(sources, given, overrides):
        try:
            (config,) = load_each([source], overrides, given)
            any_foreign |= (theirs := is_foreign(source, config))
            notes += _notes_on(source, config, theirs, choice, fix)
        except ConfigError as error:
            wrong += error.messages
    if not wrong:
        refuse_idle(given, any_foreign)
    status = told(WRITERS[format](notes), 1 if notes else 0)
    if wrong:
        raise ConfigError(dict.fromkeys(wrong))
    return status


def _all(sources: Sequence[str], given: "Given", overrides: "Overrides") -> Iterator[str]:
    """The sources, with the configs in a folder for the folder."""
    for source in sources:
        if os.path.isdir(source):
            from lrplot.batch.jobs import collect

            jobs = collect([source], given=given, overrides=overrides)
            if passed_over := sum(job.is_passed_over for job in jobs):
                what = f"{passed_over} file{'s' * (passed_over > 1)} passed over, without a schedule"
                click.echo(f"lrplot: {printable(source)}: {what}", err=True)
            yield from (job.path for job in jobs if not job.is_passed_over)
        else:
            yield source


def _notes_on(source: str, config: "Config", theirs: bool, choice: Choice, fix: bool) -> list[Note]:
    notes = [note for note in check(config) if choice.takes(note)]
    if theirs:
        if fix:
            what = "--fix mends lrplot's own configs, and this is none: lrplot plot -o own.yaml writes one of it"
            raise ConfigError([f"{source}: {what}"])
        return [note._replace(fix=None) for note in notes]  # whose keys are none of this file's
    return _after_mending(source, config, notes, choice) if fix else notes


def _after_mending(source: str, config: "Config", notes: list[Note], choice: Choice) -> list[Note]:
    """Writes what mends the notes into the source's file, one after the other; returns those that are left."""
    from lrplot.files import replacing
    from lrplot.formats import is_config

    before = config.text
    if before is None or config.reread is None or not is_config(source):
        return notes
    done: list[str] = []
    while remedy := next(((note, text) for note in notes if (text := mended(config, note)) is not None), None):
        assert config.reread is not None, "it is in a file"
        config = config.reread(remedy[1])
        done.append(f"{remedy[0].code} mended: {_fix(remedy[0])}")
        notes = [note for note in check(config) if choice.takes(note)]
    if config.text != before:
        mark = b"\xef\xbb\xbf" if _has_mark(source) else b""
        with replacing(source) as stream:
            stream.write(mark + (config.text or "").encode())
        for line in done:
            click.echo(f"lrplot: {printable(f'{source}: {line}')}", err=True)
    return notes


def _has_mark(path: str) -> bool:
    with open(path, "rb") as stream:
        return stream.read(3) == b"\xef\xbb\xbf"


def _text(notes: Sequence[Note]) -> Iterator[str]:
    for note in notes:
        yield printable(str(note))
        if note.fix is not None:
            yield printable(f"  fix: {_fix(note)}")


def _fix(note: Note) -> str:
    return ", ".join(f"{key}: {_value(value)}" for key, value in (note.fix or {}).items())


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _json(notes: Sequence[Note]) -> Iterator[str]:
    facts = [{**note._asdict(), "line": note.line or None, "column": note.column or None} for note in notes]
    yield json.dumps(facts, indent=2, ensure_ascii=False)


def _github(notes: Sequence[Note]) -> Iterator[str]:
    """Workflow commands, which become annotations of a pull request."""
    for note in notes:
        where = f"file={_escaped(note.file, ':,')},line={note.line},col={note.column}," if note.line else ""
        more = f"\nfix: {_fix(note)}" if note.fix is not None else ""
        yield f"::warning {where}title={note.code}::{_escaped(note.message + more)}"


def _escaped(text: str, more: str = "") -> str:
    """
    >>> _escaped("100 %\\nfix: a,b", ",")
    '100 %25%0Afix: a%2Cb'
    """
    return "".join(f"%{ord(char):02X}" if char in "%\r\n" + more else char for char in text)


WRITERS = {"text": _text, "json": _json, "github": _github}
"""The formats by name: what makes lines of notes."""
