"""Plain text: what a training loop printed, of which lines with a learning rate count."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, compress, pairwise
from typing import NamedTuple

from lrplot.configs.logs.conventions import OPENMMLAB, TRAINER, Convention
from lrplot.configs.logs.file import NUMBER, LogFile, number_of
from lrplot.configs.logs.names import rate_columns
from lrplot.configs.logs.series import Scattered, Series
from lrplot.runs.log import Log
from lrplot.runs.make import MAX_STEP
from lrplot.runs.quantum import Quantum

PRINTED = (".log", ".out", ".err")
ENDINGS = (*PRINTED, ".txt")
MOST_LOOKED_AT = 32_000_000
"""Characters before the first rate: a loop prints its model and its arguments."""
LONGEST = 18
"""Digits of a whole number, of which the first are enough to see that it is no step."""
FEWEST = 3
"""Lines of rates without a step that are a log."""
MOST_WORDS = 100
"""Characters before a rate that tell what it is."""
_RATE = re.compile(
    rf"(?<![\w./-])[\"']?(?P<name>(?:[\w-]+[/_])*(?:lrs?|l\.r\.|learning[-_ ]rate)(?:[-/_.](?!\d*\.)\w+|\d+)*)[\"']?"
    r"(?:\([A-Z]\w+\))?"
    rf"\s*(?:of group (?P<group>\d+) to\s*|to\s|is\s|:=|[:=|])?\s*(?P<open>[\[(])?\s*(?:[\w.]+\(\[?)?[\"']?"
    rf"(?P<number>{NUMBER})(?P<more>(?:[\"')\]]*\s*,\s*(?:[\w.]+\()?[\"']?{NUMBER})*)(?![\w.]*\w)",
    re.IGNORECASE,
)
_GLOBAL = re.compile(
    r"(?<![a-z])(?:global[ _]steps?|num_updates|current_steps|total_timesteps)[\"']?\s*[:=|]?\s*[\"']?"
    r"(?P<number>\d[\d,]*)(?![\d.]*\.\d)(?![\d,]*\s*%)",
    re.IGNORECASE,
)
_WITHIN = re.compile(
    r"(?:epoch|train)\w*(?:\(\w+\))?\W{0,6}(?P<epoch>\d+)(?:/\d+)?\W{1,8}(?:\d+%\|[^|]*\|\s*)?"
    r"(?:(?:step|iter\w*|batch)\W{0,4})?(?P<number>\d+)\s*/\s*(?P<of>\d+)(?!\d*\.\d)",
    re.IGNORECASE,
)
_BATCH = re.compile(  # ESPnet's, WeNet's, icefall's, MXNet's: how many an epoch has is not told
    r"(?P<epoch>\d+)epoch:train:\d+-(?P<last>\d+)batch|TRAIN\b.*?\bBatch (?P<of_epoch>\d+)/(?P<number>\d+) "
    r"|\bEpoch\W{1,2}(?P<epoch_>\d+)\W{1,3}batch\W{1,2}(?P<number_>\d+)\b",
    re.IGNORECASE,
)
_STEP = re.compile(
    r"(?<![a-z])(?P<name>iterations?|iters?|steps?|updates?|up\.|it|batch)(?:\(train\))?[\"']?"
    r"\s*[:=#]?\s*[\[(\"']?\s*(?P<number>\d[\d,]*)(?![\d.]*\.\d)(?![\d,]*\s*%)|\] \[(?P<bare>\d+)\] "
    r"|^s:(?P<short>\d+) ",  # llm.c's
    re.IGNORECASE,
)
_BAR = re.compile(r"\|\s*(?P<number>\d+)/(?P<of>\d+) \[\d+:\d\d")
_EPOCH = re.compile(
    r"(?<![a-z])[\"']?ep(?:och|\.)?[\"']?\s*[:=#]?\s*[\[(\"']?\s*(?P<number>\d+)(?![\d.]*\.\d)", re.IGNORECASE
)
_OF = re.compile(r"[\[(]\s*(?P<number>\d[\d,]*)\s*/\s*\d[\d,]*\s*[\])]")
_SETTING = re.compile(rf"[\s│├└─]+[\"']?(?:initial_)?(?:lr|learning_rate)[\"']?\s*[:=]\s*{NUMBER},?\s*", re.IGNORECASE)
"""A line of a config, or of an optimizer, that was printed."""
_NO_WORD = re.compile(rf"(?:{NUMBER}|[\W_])+")
_YOLOV7 = re.compile(r"\s*\d+/\d+\s+\d\S*G(?:\s+\d\S*){9,}\s*$")
_ESPNET = re.compile(r"\depoch:train:\d+-\d+batch")
_NNUNET = re.compile(r"^[^\n]*: Current learning rate: 0\.\d+ *\r?$", re.MULTILINE)
_MEGATRON = re.compile(r"consumed samples", re.IGNORECASE)
_OPENMMLAB = re.compile(r"(?:Iter|Epoch)(?:\(train\))?\s+\[\s*\d")
_TRAINER = re.compile(r"(?:^|\r)\[?\{'[^\n]*'learning_rate'", re.MULTILINE)
COUNTERS = ("global step", "epoch and step", "step", "batch", "bar", "epoch", "of", "")


class _Count(NamedTuple):
    """What a line counts.

    Args:
        counter: Of COUNTERS.
        epoch: That in which the number counts.
        of: How far the number goes in it.
    """

    counter: str = ""
    number: int = 0
    epoch: int = 0
    of: int = 0


class _Found(NamedTuple):
    """A rate, with the step that it is of.

    Args:
        before: The words that stand before it in its line.
        is_own: Whether the step stands in its line as well.
    """

    line: int
    name: str
    text: str
    at: _Count
    before: str
    is_own: bool


def recognise(file: LogFile) -> bool:
    """Whether its lines tell a rate and its step, or at least some rates; or its name says that it was printed."""
    name = file.path.lower().removesuffix(".gz").rpartition("/")[2]
    if not (name.endswith(ENDINGS) or "." not in name) or b"\0" in file.head[:1000]:
        return False
    lines = file.head.decode("utf-8", "replace").splitlines()
    if not (name.endswith(PRINTED) or _is_yolov7(lines) or _has_rate(file)):
        return False
    if any(re.match(r"(scheduler|curves)\s*:", line) for line in lines):  # a config, or a log that begins with one
        return _tells_steps(file, FEWEST) and not _is_yaml(lines[:-1])
    return name.endswith(PRINTED) or _is_yolov7(lines) or _tells_steps(file, 2) or _tells_alike(file)


def _has_rate(file: LogFile) -> bool:
    return any(next(_rates(line), None) for _, line in _first(file.printed_lines()))


def _tells_steps(file: LogFile, fewest: int) -> bool:
    """Whether it tells rates of so many steps."""
    steps: set[_Count] = set()
    for found in _found(_first(file.printed_lines())):
        steps |= {found.at} if found.at.counter else set()
        if len(steps) >= fewest:
            return True
    return False


def _tells_alike(file: LogFile) -> bool:
    """Whether it tells some rates in the same words."""
    known: Counter[tuple[str, str]] = Counter()
    for found in _found(_first(file.printed_lines())):
        known[found.name, found.before] += 1
        if known[found.name, found.before] >= FEWEST:
            return True
    return False


def _is_yaml(lines: Sequence[str]) -> bool:
    import yaml  # a log that begins with a config is rare

    try:
        yaml.safe_load("\n".join(lines))
    except (yaml.YAMLError, ValueError, RecursionError):
        return False
    return True


def _is_yolov7(lines: Sequence[str]) -> bool:
    return bool(lines) and all(map(_YOLOV7.match, lines[:3]))


def _first(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    total = 0
    for line in lines:
        yield line
        total += len(line[1])
        if total > MOST_LOOKED_AT:
            return


def read(file: LogFile, column: str | None) -> Log:
    """The log in a text.

    Raises:
        ConfigError: No line has a rate, or one that is asked for, or one alone has.
    """
    found = [*_found(file.printed_lines())]
    every = [each for each in found if column is None or each.name.startswith(column)]
    if not every:
        raise file.error(_nothing(file, column))
    often = Counter(each.at.counter for each in every)
    counter = max(often, key=lambda name: (often[name] if name else 0, -COUNTERS.index(name)))
    rows = [each for each in every if each.at.counter == counter]
    steps = _steps([each.at for each in rows])
    if counter and _is_no_count(rows, steps):
        counter, rows, steps = "", every, [*range(len(every))]
    usual = Counter(each.name for each in rows)
    kept = [2 * usual[each.name] > max(usual.values()) for each in rows]
    rows, steps = [*compress(rows, kept)], [*compress(steps, kept)]
    if not counter:
        rows = _alike(rows)
        steps = [*range(len(rows))]
    if len({*steps}) < 2:
        raise file.error(_too_little(every, column))
    names = rate_columns([*dict.fromkeys(each.name for each in rows)], column, file)
    series = _series(file, rows, steps, names, counter)
    return series.log(_convention(file, counter), remarks=[*_remarks(file, every, counter)])


def _series(file: LogFile, rows: Sequence[_Found], steps: Sequence[int], names: Sequence[str], counter: str) -> Series:
    rates = Scattered()
    for step, found in zip(steps, rows):
        if step > MAX_STEP:
            raise file.error(f"{counter} must be at most {MAX_STEP:,}, got {step:,}", found.line)
        if found.name in names:
            rates.add(found.name, step, number_of(found.text, file, found.name, found.line))
    series = rates.series(file, names, counter or None)
    for found in rows:
        series.sample([found.text] if found.name in names else [])
    return series


def _nothing(file: LogFile, column: str | None) -> str:
    """What is said of a text without a rate."""
    if _is_yolov7(file.head.decode("utf-8", "replace").splitlines()):
        return "is YOLO's list of epochs, which has no learning rate"
    return f"has no line with {column}" if column else "has no line with a learning rate"


def _too_little(every: Sequence[_Found], column: str | None) -> str:
    """What is said of a text that is no log, though it has a rate."""
    if len(every) > 1:
        return "tells rates here and there, and no step of any: it is no log"
    return f"has one line with {column or 'a learning rate'}: a log has several"


def _alike(rows: Sequence[_Found]) -> list[_Found]:
    """Of rates without a step, those that are told in the same words: what else there is, is code or a config."""
    usual = Counter((found.name, found.before) for found in rows)
    return [found for found in rows if usual[found.name, found.before] >= max(FEWEST, max(usual.values()) / 2)]


def _remarks(file: LogFile, rows: Sequence[_Found], counter: str) -> Iterator[str]:
    """What is to be said of rates whose step is not told, or not quite."""
    if counter and not rows[0].at.counter:
        count = next(index for index, found in enumerate(rows) if found.at.counter)
        which = "its first rate stands" if count == 1 else f"its first {count:,} rates stand"
        yield f"{file.source}: {which} before any step, and what has no step is left out"
    if counter == "batch" and len({found.at.epoch for found in rows if found.at.counter == counter}) > 1:
        yield f"{file.source}: says nowhere how many batches an epoch has: it is taken to end with the last told"
    if counter == "batch" and _ESPNET.search(file.head.decode("utf-8", "replace")):
        yield f"{file.source}: ESPnet tells the mean rate of some batches, here that of the last of them"


def _is_no_count(rows: Sequence[_Found], steps: Sequence[int]) -> bool:
    """Whether what is counted is no step: most rates are told twice of one, and are not the same; or another line has
    it, and it goes back over most.
    """
    told: dict[tuple[str, int], set[str]] = {}
    for found, step in zip(rows, steps):
        told.setdefault((found.name, step), set()).add(found.text)
    if 2 * len(told) < sum(map(len, told.values())):
        return True
    others = sum(not found.is_own for found in rows)
    last = [step for step, later in zip(steps, _least_from(steps)) if step == later]
    return 2 * others > len(rows) and (2 * len(told) < others or 2 * len({*last}) < len({*steps}))


def _least_from(steps: Sequence[int]) -> list[int]:
    """The least of the steps from each on."""
    return [*accumulate(reversed(steps), min)][::-1]


def _steps(counts: Sequence[_Count]) -> list[int]:
    """The steps that are counted: within epochs, each as long as is said, from 0 where there is one, or else from 1."""
    if counts[0].counter in ("epoch and step", "batch"):
        first = int(all(count.epoch for count in counts)), int(all(count.number for count in counts))
        if all(before.number < after.number for before, after in pairwise(counts) if before.epoch != after.epoch):
            return [count.number - first[1] for count in counts]  # it goes on from epoch to epoch
        least = max(count.number for count in counts) + 1 - first[1]
        return [(count.epoch - first[0]) * (count.of or least) + count.number - first[1] for count in counts]
    steps: list[int] = []
    begun, last = 0, _Count()
    for row, count in enumerate(counts):
        if count.counter == "bar" and count.number < last.number:  # another epoch's
            begun += last.of
        steps.append(begun + count.number if count.counter else row)
        last = count
    return steps


def _convention(file: LogFile, counter: str) -> Convention:
    """Who printed a text, and how that one counts."""
    head = file.head.decode("utf-8", "replace")
    if _TRAINER.search(head):
        return TRAINER._replace(full=False)
    if _OPENMMLAB.search(head):
        return OPENMMLAB if counter == "step" else OPENMMLAB._replace(shift=0)
    if _MEGATRON.search(head):  # after its step, the rate of the next, counted from 1
        return Convention("Megatron")
    if _NNUNET.search(head):
        return Convention("nnU-Net", quantum=Quantum("decimals", 5), unit="epoch")
    return Convention("text", unit="epoch" if counter == "epoch" else None)


def _found(lines: Iterable[tuple[int, str]]) -> Iterator[_Found]:
    """The rates, each with the count of its line or of the last before it that has one.

    What a Trainer prints between two states of its progress bar counts as the bar does that comes next.
    """
    before = _Count()
    waiting: list[_Found] = []
    for number, line in _single(lines):
        count = _count(line)
        rates = [*_rates(line)]
        if count is not None and not (count.counter == "epoch" and before.counter == "step" and rates):
            before = count
        if waiting and (rates or before.counter == "bar"):
            yield from (found._replace(at=before if not rates else found.at) for found in waiting)
            waiting = []
        found = [_Found(number, name, text, count or before, words, count is not None) for name, text, words in rates]
        if rates and count is None and (before.counter == "bar" or (not before.counter and _TRAINER.search(line))):
            waiting = found
        else:
            yield from found
    yield from waiting


def _single(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """The lines; of one that is a list of dictionaries, as a notebook shows a Trainer's history, each for itself."""
    for number, line in lines:
        yield from ((number, part) for part in (line.split("}, {") if line.startswith("[{") else [line]))


def _count(line: str) -> _Count | None:
    """What a line counts, the surest first."""
    if (match := _GLOBAL.search(line)) is not None:
        return _Count("global step", _whole(match["number"]))
    if (match := _WITHIN.search(line)) is not None:
        return _Count("epoch and step", *map(_whole, match.group("number", "epoch", "of")))
    if (match := _BATCH.search(line)) is not None:
        epoch, last, of_epoch, batch, epoch_, batch_ = match.groups()
        return _Count("batch", _whole(last or batch or batch_), _whole(epoch or of_epoch or epoch_))
    if (match := _BAR.search(line)) is not None:
        return _Count("bar", _whole(match["number"]), 0, _whole(match["of"]))
    if (match := _STEP.search(line)) is not None:
        return _Count("step", _whole(match["number"] or match["bare"] or match["short"]))
    if (match := _EPOCH.search(line)) is not None:
        return _Count("epoch", _whole(match["number"]))
    match = _OF.search(line)
    return None if match is None else _Count("of", _whole(match["number"]))


def _whole(text: str) -> int:
    return int(text.replace(",", "")[:LONGEST] or 0)


def _rates(line: str) -> Iterator[tuple[str, str, str]]:
    """The rates in a line: the name of each, one for each parameter group where they stand in a list, its digits, and
    the words before it.
    """
    low = line.lower()
    if ("lr" not in low and "rate" not in low and "l.r." not in low) or _SETTING.fullmatch(line):
        return
    for match in _RATE.finditer(line):
        name = match["name"].replace("L.r.", "lr") + (f"_{match['group']}" if match["group"] else "")
        words = _NO_WORD.sub(" ", line[: match.start()])[-MOST_WORDS:]
        if words.lower().endswith("reducing "):  # which is the next epoch's
            name += " (reduced)"
        more = re.findall(NUMBER, match["more"]) if match["open"] else []
        yield name if not more else f"{name}/0", match["number"], words
        yield from ((f"{name}/{group}", text, words) for group, text in enumerate(more, 1))
