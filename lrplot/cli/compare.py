"""What a comparison finds, for people and for programs, and as a picture."""

import json
import math
from collections.abc import Iterator, Sequence

from lrplot.analysis.compare.compare import Comparison, compare, with_difference
from lrplot.analysis.compare.plans import changes, parameter_changes
from lrplot.cli.answer import told
from lrplot.configs.config import Config
from lrplot.configs.document import ConfigError
from lrplot.runs.curve import Curve
from lrplot.runs.log import Log
from lrplot.wording import printable


def run(sources: Sequence[str], outputs: Sequence[str], as_json: bool, config: Config) -> int:
    """The command: prints how the second of two sources is related to the first; returns 0 where they are equal.

    Args:
        config: The two, read.

    Raises:
        ConfigError: They are not two curves.
    """
    config.runs = [run if isinstance(run, Log) else run.but(record=("used",)) for run in config.runs]
    curves = config.curves()
    if len(curves) != 2:
        raise ConfigError([f"{' and '.join(sources)} hold {len(curves)} curves: compare takes two, one of each source"])
    found = compare(*curves)
    if outputs:  # first, as a reader of what is printed may leave
        answer = sentence(found)
        _draw(config.titled(answer[0].upper() + answer[1:]), curves, outputs)
    lines = [json.dumps(_finite(found), indent=2, ensure_ascii=False)] if as_json else _lines(found, curves)
    return told(lines if as_json else map(printable, lines), 0 if found.is_equal else 1)


def _finite(found: Comparison) -> object:
    """The facts, as JSON has them: no NaN, and no infinity."""

    def mended(value: object) -> object:
        if isinstance(value, dict):
            return {name: mended(entry) for name, entry in value.items()}
        if isinstance(value, list):
            return [mended(entry) for entry in value]
        return None if isinstance(value, float) and not math.isfinite(value) else value

    return mended(found.facts())


def _lines(found: Comparison, curves: Sequence[Curve]) -> Iterator[str]:
    plans = not any(isinstance(curve.run, Log) for curve in curves)
    changed = changes(*curves) if plans and not found.is_equal else []
    yield ", ".join(changed) if changed else sentence(found)
    if changed:
        yield f"  {found.relation.sentence}"
        yield from (f"  {change}" for change in parameter_changes(*curves))
    elif not found.is_equal and found.relation.name != "different":
        fitting = "all" if found.logged > 1 else "the"
        yield f"  {fitting} {found.logged:,} logged step{'s' * (found.logged > 1)} fit ({found.quantum})"
    for relation in found.also:
        yield f"  also: {relation.sentence}"
    for said in found.said:
        yield f"  {said}"
    if found.rows:
        yield ""
        yield from _table(found, curves)
    if found.relation.cause and not changed:
        yield ""
        yield f"cause: {found.relation.cause}"
        if found.relation.fix:
            yield f"fix: {found.relation.fix}"


def sentence(found: Comparison) -> str:
    """The answer, in one line: a relation, and where the log stops short."""
    cut = [f", and {part.sentence.removeprefix('the log ')}" for part in found.relation.parts if part.name == "cut"]
    return found.relation.sentence + "".join(cut)


def _table(found: Comparison, curves: Sequence[Curve]) -> Iterator[str]:
    """Some steps around the first difference."""
    heads = ["step", *(_head(curve) for curve in curves)]
    told = found.relation.name not in ("different", "equal", "cut")
    rows = [[f"{step:,}", *(_rate(value) for value in (a, b))] for step, a, b, _ in found.rows]
    if told:
        heads.append("as found")
        rows = [[*row, _rate(led)] for row, (*_, led) in zip(rows, found.rows)]
    widths = [max(map(len, column)) for column in zip(heads, *rows)]
    for row in [heads, *rows]:
        mark = "  <- differs" if found.first is not None and row[0] == f"{found.first.step:,}" else ""
        yield "  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths)) + mark


def _head(curve: Curve) -> str:
    name = curve.label
    return name if len(name) <= 24 else name[:23] + "…"


def _rate(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.10g}"


def _draw(config: Config, curves: Sequence[Curve], outputs: Sequence[str]) -> None:
    """Writes tables of both curves, and pictures of them with the difference below."""
    from lrplot.formats import is_picture
    from lrplot.outputs.write import write

    pictures = [path for path in outputs if is_picture(path)]
    tables = [path for path in outputs if path not in pictures]
    if tables:
        write(config, curves, *tables)
    if pictures:
        write(config, with_difference(*curves), *pictures)
