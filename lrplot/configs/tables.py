"""lrplot's own tables, CSV and JSON, read back: curves as they stand, every bad cell with its place."""

import csv
import json
import math
import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from itertools import takewhile
from typing import Any, get_args

from lrplot.configs.document import KEPT, MAX_CONFIG_BYTES, ConfigError, Value, decode, parse, read_file
from lrplot.configs.problems import Problems
from lrplot.runs.log import Log, rows_of
from lrplot.runs.make import MAX_STEP
from lrplot.runs.quantum import quantum_of
from lrplot.runs.run import Record
from lrplot.schedulers.dropin import BESIDE
from lrplot.wording import nearest, shown

MAX_TABLE_BYTES = 64_000_000
"""Two columns of a million steps take about half of it."""
LARGE_BYTES = 4_000_000
SAMPLED = 4_000

_LISTS = re.compile(r'"step"\s*:\s*\[')
_THOUSANDS = re.compile(r'"\d{1,3}(?:,\d{3})+"')
_RATES = re.compile(r"step(?:,lr(?:_\d+)?)+", re.ASCII)
_KINDS = ("lr", *BESIDE)
"""Columns of which there is one, or one a parameter group."""
_COLUMN = re.compile(rf"step|epoch|(?:{'|'.join(_KINDS)})(?:_(?:0|[1-9]\d{{0,3}}))?|metric", re.ASCII)
_HEADER = re.compile(rf"(?:curve,)?step(?:,(?:{_COLUMN.pattern}))*\r?(?:\n|\Z)", re.ASCII)
_JSON = re.compile(r'\s*(?:\[\s*)?\{\s*"')
_KEYS = re.compile(r'"(step|scheduler|curves)"\s*:')
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_SPECIAL = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def read_text(path: str) -> str:
    """The text of a file that may be a table, or a config.

    Raises:
        ConfigError: It cannot be read, is no text, or is too large for what is in it.
    """
    data = read_file(path, MAX_TABLE_BYTES)
    text = decode(data, path)
    if not is_table(text):
        if path.lower().endswith(".csv"):
            raise ConfigError(
                [f"{path}: is no table of lrplot's: the columns of one begin with step, or curve and step"]
            )
        if len(data) > MAX_CONFIG_BYTES:
            read_file(path)  # which says so
    return text


def is_table(text: str) -> bool:
    """Whether a text is a table that lrplot wrote: by the names of its columns.

    >>> is_table("step,lr\\n0,0.1\\n"), is_table("epoch,loss\\n0,2.3\\n"), is_table('{"scheduler": "step"}')
    (True, False, False)
    """
    if header := _HEADER.match(text):
        return not {"lr", "lr_0"}.isdisjoint(header[0].rstrip().split(","))
    if not _JSON.match(text) or {match[1] for match in _KEYS.finditer(text)} != {"step"}:
        return False
    return bool(_LISTS.search(text)) or _has_steps_on_top(text)


def _has_steps_on_top(text: str) -> bool:
    """Whether a JSON text is of curves, each with its step."""
    try:
        root = json.loads(text)
    except (ValueError, RecursionError):
        return True  # whose reader says what is wrong
    return any(isinstance(each, dict) and "step" in each for each in (root if isinstance(root, list) else [root]))


def is_own(head: bytes, size: int) -> bool:
    """Whether a file is read as a table of lrplot's by its first bytes: one of rates alone is read as a log where it
    is large, which is faster, or where its steps have commas, which lrplot never writes.
    """
    text = head.decode("utf-8", "replace")
    header = _HEADER.match(text)
    if header is None:
        return is_table(text) and bool(_LISTS.search(text))
    is_log = _RATES.fullmatch(header[0].rstrip()) and (size > LARGE_BYTES or _THOUSANDS.search(text))
    return is_table(text) and not is_log


def read_table(text: str, source: str, name: str) -> list[Log]:
    """The curves of a table.

    Args:
        source: The file.
        name: What a curve is called to which the table gives no name.

    Raises:
        ConfigError: Something in it is not as lrplot writes it: one message each.
    """
    problems = Problems()
    curves = list((_from_json if _JSON.match(text) else _from_csv)(text, source, name, problems))
    problems.raise_any()
    return [curve.run() for curve in curves]


class _Curve:
    """A curve as its rows are read.

    Args:
        names: Its columns.
        place: Where the first cell of its first row stands.
    """

    def __init__(self, label: str, record: Record, names: list[str], place: str, problems: Problems) -> None:
        self.label = label
        self.record = record
        self.problems = problems
        self.columns = {name: array("d") for name in names}
        self.groups = {kind: _groups(names, kind) for kind in _KINDS}
        self.per_epoch: int | None = None
        self.texts: dict[str, None] = {}
        """How rates were written, of some."""
        self.is_adrift = False
        """Whether it is not known which step the next row must have."""
        known = {"step", "epoch", "metric"}.union(*self.groups.values())
        if names[:1] != ["step"] or not self.groups["lr"] or len(known & {*names}) < len(names):
            problems.add(f"{place}: the columns must be step, lr (or lr_0, lr_1, …), and so on, got {', '.join(names)}")

    @property
    def next_step(self) -> float:
        """The first step that the next row may have: one whose run logged every tenth leaves some out."""
        steps = self.columns.get("step")
        return steps[-1] + 1 if steps else 0.0

    def add(self, cells: Sequence[Any], place: Callable[[str], str]) -> None:
        """Takes in a row.

        Args:
            place: Says where the cell of a column stands.
        """
        for name, cell in zip(self.columns, cells):
            number = _number(cell)
            problem = "must be a number" if number is None else ""
            if name == "step" and number is not None:
                problem = self._misstep(number)
            elif name == "epoch" and number is not None:
                problem = self._misfit(number)
            if problem:
                self.problems.add(f"{place(name)}: {name} {problem}, got {_given(cell)}")
                self.is_adrift = self.is_adrift or name == "step"
            if isinstance(cell, str) and name in self.groups["lr"] and len(self.texts) < SAMPLED:
                self.texts[cell] = None
            self.columns[name].append(math.nan if number is None else number)

    def _misstep(self, step: float) -> str:
        """Why a number cannot be the next row's step; after a row whose own was wrong, it may be any."""
        anywhere, self.is_adrift = self.is_adrift or not self.columns["step"], False
        if anywhere:
            return "" if step.is_integer() and 0 <= step <= MAX_STEP else "must be a whole number from 0 on"
        goes_on = step.is_integer() and self.next_step <= step <= MAX_STEP
        return "" if goes_on else f"must be a whole number from {self.next_step:.0f} on"

    def _misfit(self, epoch: float) -> str:
        """Why a number cannot be the epoch of the step before it."""
        step = self.columns["step"][-1]
        if self.per_epoch is None and 0 < epoch <= step:
            self.per_epoch = round(step / epoch)
        fits = epoch == (step / self.per_epoch if self.per_epoch else 0.0)
        return "" if fits else "must be the step by the steps of an epoch"

    def run(self) -> Log:
        """The curve, once there is nothing wrong with it."""
        rates, *rest = ([self.columns[name] for name in self.groups[kind]] for kind in _KINDS)
        beside = {kind: groups for kind, groups in zip(BESIDE, rest) if groups}
        steps = self.columns["step"]
        rows = rows_of(array("q", map(int, steps)))
        names, metrics = self.groups["lr"], self.columns.get("metric")
        quantum = quantum_of(self.texts)
        return Log(self.label, self.record, rows, rates, names, beside, metrics, self.per_epoch, quantum)


def _groups(names: Sequence[str], kind: str) -> list[str]:
    """The columns of a kind: one, or one a parameter group."""
    numbered = (f"{kind}_{i}" for i in range(len(names)))
    return [kind] if kind in names else [*takewhile(names.__contains__, numbered)]


def _number(cell: Any) -> float | None:
    """What a cell says: text in CSV; in JSON a number, or nothing for one that JSON does not have."""
    if isinstance(cell, str):
        try:
            number = (
                math.nan if cell.strip("0123456789.e+-") else float(cell)
            )  # a million cells are read as fast as can be
        except ValueError:
            return None
        return number if math.isfinite(number) else _SPECIAL.get(cell)
    if cell is None:
        return math.nan
    return cell if isinstance(cell, float) and math.isfinite(cell) else None


def _given(cell: Any) -> str:
    if cell in (None, ""):
        return "nothing"
    return shown(cell if isinstance(cell, str) else f"{cell:g}" if isinstance(cell, float) else json.dumps(cell))


def _from_csv(text: str, source: str, name: str, problems: Problems) -> Iterator[_Curve]:
    """The curves of a CSV table; one ends where another's name stands in the first column, or its steps begin again."""
    reader = csv.reader((match[0] for match in _LINE.finditer(text)), strict=True)
    header = next(reader)
    several = header[0] == "curve"
    step = header.index("step")
    curve: _Curve | None = None
    for row in filter(None, _rows(reader, source)):
        if len(row) != len(header):
            problems.add(f"{source}:{reader.line_num}: the row has {len(row)} entries, the header {len(header)}")
            if curve is not None:
                curve.is_adrift = True
            continue
        at = partial(_place, source, reader.line_num, header, row)
        label = row[0] if several else name
        if curve is None or (several and (label != curve.label or (_number(row[step]) or 0) < curve.next_step)):
            if curve is not None:
                yield curve
            filled = [i for i in range(several, len(row)) if row[i] or i == step]
            blank = [i for i in range(several, len(row)) if i not in filled]
            curve = _Curve(label, "used", [header[i] for i in filled], at(header[0]), problems)
        for i in blank:
            if row[i]:
                problems.add(f"{at(header[i])}: {header[i]} must be empty as in the row before, got {_given(row[i])}")
        curve.add([row[i] for i in filled], at)
    if curve is not None:
        yield curve
    elif not problems.count:
        problems.add(f"{source}: has no rows")


def _rows(reader: Any, source: str) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise ConfigError([f"{source}:{reader.line_num}: is not CSV: {error}"]) from None


def _place(source: str, line: int, header: list[str], row: list[str], name: str) -> str:
    """Where a cell of a row begins, which ends in a line: the only quoted one is a name."""
    index = header.index(name)
    quoted = [f'"{cell.replace(chr(34), 2 * chr(34))}"' if set(cell) & {*',"\r\n'} else cell for cell in row[:index]]
    before = "".join(f"{cell}," for cell in quoted)
    return f"{source}:{line}:{len(before) - before.rfind(chr(10))}"


def _from_json(text: str, source: str, name: str, problems: Problems) -> Iterator[_Curve]:
    root = _loaded(text, source)
    tree = cache(lambda: _tree(text, source))
    for index, entry in enumerate(root if isinstance(root, list) else [root]):
        at = partial(_place_in, tree, source, [index] if isinstance(root, list) else [])
        if not isinstance(entry, dict):
            problems.add(f"{at()}: must be a curve: a label and columns, got {_given(entry)}")
            continue
        label, record = entry.pop("label", name), entry.pop("record", "used")
        if not isinstance(label, str):
            problems.add(f"{at('label')}: label must be text, got {_given(label)}")
        if record not in get_args(Record):
            problems.add(f"{at('record')}: record must be {', '.join(get_args(Record))}, got {_given(record)}")
        columns = {"step": [], **entry}
        if _are_columns(columns, at, problems):
            curve = _Curve(label, record, [*columns], at(), problems)
            for row, cells in enumerate(zip(*columns.values())):
                curve.add(cells, partial(at, row=row))
            yield curve


def _loaded(text: str, source: str) -> Any:
    """A JSON text with all numbers as floats."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(entries := dict(pairs)) < len(pairs):
            raise ConfigError([f"{source}: a key stands in a curve twice"])
        return entries

    try:
        return json.loads(text, object_pairs_hook=unique, parse_int=float, parse_constant=str)
    except json.JSONDecodeError as error:
        raise ConfigError([f"{source}:{error.lineno}:{error.colno}: not valid JSON: {error.msg.lower()}"]) from None
    except RecursionError:
        raise ConfigError([f"{source}: is nested too deep for a table"]) from None


def _are_columns(entry: dict[str, Any], at: Callable[..., str], problems: Problems) -> bool:
    """Whether all else in a curve is a column, and all are of one length; noted where it is not."""
    before = problems.count
    for name, cells in entry.items():
        if not _COLUMN.fullmatch(name):
            known = ("label", "record", "step", "epoch", *_KINDS, "metric")
            problems.add(f"{at(name)}: unknown key {shown(name)}: {nearest(name, known)}")
        elif not isinstance(cells, list) or not cells:
            problems.add(f"{at(name)}: {name} must be a list of numbers, got {_given(cells or None)}")
        elif len(cells) != len(entry["step"]):
            problems.add(f"{at(name)}: {name} has {len(cells):,} numbers, step has {len(entry['step']):,}")
    return problems.count == before


def _tree(text: str, source: str) -> Value | None:
    """The text's values with their places: looked for where something is wrong with one."""
    try:
        return parse(text, source, [], KEPT)
    except ConfigError:  # more than can be looked through
        return None


def _place_in(
    tree: Callable[[], Value | None], source: str, path: Sequence[int], name: str = "", row: int | None = None
) -> str:
    """Where a curve stands in a JSON text, or a key of it, or a cell."""
    value = tree()
    for key in (*path, *([name] if name else []), *([row] if row is not None else [])):
        content: Any = value.content if value is not None else []
        is_there = key in content if isinstance(content, dict) else isinstance(key, int) and key < len(content)
        value = content[key] if is_there else value
    return source if value is None else value.place
