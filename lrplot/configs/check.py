"""What is probably wrong with a config, with what is proven to mend it: the changed text is read and checked again."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from lrplot.analysis.notes.rule import Fix
from lrplot.configs.config import Config
from lrplot.configs.document import KEPT, ConfigError, parse
from lrplot.configs.edit import edited
from lrplot.configs.notes import Note, noted
from lrplot.configs.sources import build
from lrplot.runs.curve import Curve


def check(config: Config, curves: Sequence[Curve] = ()) -> list[Note]:
    """The notes on a config's runs, each with what is known to mend it.

    Args:
        curves: Those of its runs that are simulated already.
    """
    found = list(noted(config, curves))
    told = {_identity(note) for note, _ in found}
    return [note._replace(fix=_proven(config, fixes, told - {_identity(note)})) for note, fixes in found]


def mended(config: Config, note: Note) -> str | None:
    """The text of a config's file with a note's fix in it: None where there is none, or no way to write it there."""
    if note.fix is None or config.text is None or config.reread is None:
        return None
    text = edited(config.text, config.files[0], note.fix)
    if text is None:
        return None
    try:
        config.reread(text)
    except ConfigError:
        return None
    return text


def _proven(config: Config, fixes: Sequence[Fix], others: set[tuple[str, str]]) -> Fix | None:
    """The first of some fixes after which there are no notes but the others that were there."""
    ways: list[tuple[str, str, Callable[[str], Config]]] = [(config.source(), "", _read)] if fixes else []
    if config.text is not None and config.reread is not None:
        ways.insert(0, (config.text, config.files[0], config.reread))
    for fix in fixes:
        made = next(_made(ways, fix), None)
        if made is not None and {_identity(note) for note, _ in noted(made)} <= others:
            return fix
    return None


def _made(ways: Sequence[tuple[str, str, Callable[[str], Config]]], fix: Fix) -> Iterator[Config]:
    """What a fix makes of a config, by each way to write it there that ends in one."""
    for text, name, read in ways:
        if (changed := edited(text, name, fix)) is not None:
            with suppress(ConfigError):
                yield read(changed)


def _identity(note: Note) -> tuple[str, str]:
    return note.code, note.key


def _read(text: str) -> Config:
    return build(parse(text, "", bounds=KEPT))
