"""Notes on a config: what is probably wrong with its runs, each at the place where it was written."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from lrplot.analysis.notes.rule import Fix, find_rule, told
from lrplot.configs.config import Config, Origin
from lrplot.configs.document import Value
from lrplot.configs.key_paths import parts_of, walked
from lrplot.configs.problems import joined
from lrplot.formats import is_picture
from lrplot.runs.curve import Curve

NOWHERE = Value({}, "")


class Note(NamedTuple):
    """What is probably wrong, and where.

    Args:
        code: That of its rule: ``lrplot explain LR004`` says more.
        message: One sentence, with the two numbers that disagree.
        key: The path of the key at fault, as in ``scheduler.T_max``.
        step: The optimizer's step at which it shows: None where it is all of them.
        fix: The values that mend it, by their key paths: None where none are known to.
        file: Where it was written: a file, a one-line spec, a flag, or nothing.
        line: In the file, from 1 on: 0 elsewhere.
        column: In the line, likewise.
    """

    code: str
    message: str
    key: str
    step: int | None = None
    fix: Mapping[str, Any] | None = None
    file: str = ""
    line: int = 0
    column: int = 0

    @property
    def place(self) -> str:
        """File, line and column, or what stands for them where there is no file."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    def __str__(self) -> str:
        return f"{self.place}: {self.code} {self.message}" if self.place else f"{self.code} {self.message}"


def notes_on(config: Config, curves: Sequence[Curve] = ()) -> list[Note]:
    """The notes on a config's runs, without what mends them.

    Args:
        curves: Those of its runs that are simulated already.
    """
    return [note for note, _ in noted(config, curves)]


def lines_on(config: Config, curves: Sequence[Curve] = ()) -> tuple[str, ...]:
    """The same, a line each, without those on a picture's own schedule: they were told when the picture was made."""
    lines = (str(note) for note in notes_on(config, curves) if not is_picture(note.file))
    return tuple(dict.fromkeys(lines))


def noted(config: Config, curves: Sequence[Curve] = ()) -> Iterator[tuple[Note, Sequence[Fix]]]:
    """The same, each with all that might mend it."""
    known = {curve.run: curve for curve in curves if curve.record == "used"}
    for index, run in enumerate(config.runs):
        origin = config.origins.get(run, {})
        beside = f"curves[{index}]" if len(config.runs) > 1 else ""
        for finding in told(run, known.get(run)):
            at, key = _placed(origin, finding.key, beside)
            if at.note and find_rule(finding.code).written:
                continue
            fixes = [{_placed(origin, name, beside)[1]: new for name, new in fix.items()} for fix in finding.fixes]
            source = "" if at.source == "--" else at.source
            yield Note(finding.code, finding.message, key, finding.step, None, source, at.line, at.column), fixes


def _placed(origin: Origin, key: str, beside: str) -> tuple[Value, str]:
    """What stands at a key of a run, or nearest to it, and the key's path in the whole config."""
    head, *rest = parts_of(key)
    value, path = origin.get(str(head), origin.get("", (NOWHERE, beside)))
    if head in origin:
        return walked(value, rest)[0], path + key[len(str(head)) :]
    return value, joined(path, key)
