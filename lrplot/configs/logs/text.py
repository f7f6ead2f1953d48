"""Plain text: what a training loop printed, of which lines with a learning rate count."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from lrplot.configs.logs.file import LogFile, number_of
from lrplot.configs.logs.series import Convention, Series
from lrplot.runs.log import Log

ENDINGS = (".log", ".txt", ".out", ".err")
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RATE = re.compile(
    rf"(?<![\w./-])[\"']?(?P<name>(?:\w+[/_])?(?:lr|learning[ _]rate)(?:[/_-]?\w+)?)[\"']?\s*[:=]?\s*"
    rf"(?P<open>[\[(])?\s*[\"']?(?P<number>{NUMBER})(?P<more>(?:\s*,\s*{NUMBER})*)(?![\w.]*\w)",
    re.IGNORECASE,
)
_STEP = re.compile(
    r"(?<![a-z])[\"']?(?P<name>global[ _]step|num_updates|iterations?|iters?|steps?|updates?|it)[\"']?(?:\(train\))?"
    r"\s*[:=#]?\s*[\[(\"']?\s*(?P<number>\d[\d,]*)(?![\d.]*\.\d)",
    re.IGNORECASE,
)
_EPOCH = re.compile(
    r"(?<![a-z])[\"']?epochs?[\"']?\s*[:=#]?\s*[\[(\"']?\s*(?P<number>\d+)(?![\d.]*\.\d)", re.IGNORECASE
)
_WITHIN = re.compile(r"epoch\S*\s*\[\s*(?P<epoch>\d+)\]\s*\[\s*(?P<number>\d+)/(?P<of>\d+)\]", re.IGNORECASE)
_MEGATRON = re.compile(r"consumed samples", re.IGNORECASE)
_OPENMMLAB = re.compile(r"(?:Iter|Epoch)\(train\)")


class _Found(NamedTuple):
    """A line with rates.

    Args:
        step: Its own, or the last before it; with what it counts.
    """

    line: int
    name: str
    texts: list[str]
    step: int | None
    counter: str


def recognise(file: LogFile) -> bool:
    """Whether its lines tell a step and a rate."""
    name = file.path.lower().rpartition("/")[2]
    if not (name.endswith(ENDINGS) or "." not in name) or b"\0" in file.head:
        return False
    lines = file.head.decode("utf-8", "replace").splitlines()
    if any(re.match(r"(scheduler|curves)\s*:", line) for line in lines):
        return False
    return next((True for found in _found(enumerate(lines, 1)) if found.step is not None), False)


def read(file: LogFile, column: str | None) -> Log:
    """The log in a text.

    Raises:
        ConfigError: No line has a rate, or one that is asked for.
    """
    rows = [found for found in _found(enumerate(file.lines(), 1)) if column in (None, found.name)]
    if not rows:
        raise file.error(f"has no line with {column}" if column else "has no line with a learning rate")
    counters = {found.counter for found in rows}
    counter = next((name for name in ("step", "iteration", "epoch") if name in counters), None)
    rows = [found for found in rows if found.counter == (counter or "")]
    first = rows[0]
    rows = [found for found in rows if found.name == first.name]
    width = len(rows[0].texts)
    names = [first.name] if width == 1 else [f"{first.name}[{group}]" for group in range(width)]
    series = Series(file, names, counter)
    for found in rows:
        if len(found.texts) != width:
            raise file.error(f"has {len(found.texts)} rates, the lines before it {width}", found.line)
        step = len(series.steps) if found.step is None else found.step
        series.add(step, [number_of(text, file, found.name, found.line) for text in found.texts])
        series.sample(found.texts)
    return series.log(_convention(file, counter))


def _convention(file: LogFile, counter: str | None) -> Convention:
    head = file.head.decode("utf-8", "replace")
    if _OPENMMLAB.search(head):
        return Convention("OpenMMLab", -1)
    if _MEGATRON.search(head):  # after its step, the rate of the next, counted from 1
        return Convention("Megatron")
    if counter == "epoch":  # which people count from 1, as in Epoch 1/90
        return Convention("text", -1 if re.search(r"epoch\W*1/\d", head, re.IGNORECASE) else 0, unit="epoch")
    return Convention("text")


def _found(lines: "enumerate[str] | Iterator[tuple[int, str]]") -> Iterator[_Found]:
    """The lines with a rate, each with the step that it is of."""
    epoch: int | None = None
    step: int | None = None
    for number, line in lines:
        within, counted, of = _WITHIN.search(line), _STEP.search(line), _EPOCH.search(line)
        if within:
            step = (int(within["epoch"]) - 1) * int(within["of"]) + int(within["number"])
        elif counted:
            step = int(counted["number"].replace(",", ""))
        if of:
            epoch = int(of["number"])
        match = _RATE.search(line)
        if match is None:
            continue
        texts = [match["number"], *(re.findall(NUMBER, match["more"]) if match["open"] else [])]
        if within or counted:
            yield _Found(number, match["name"], texts, step, "step")
        elif of or epoch is not None:
            yield _Found(number, match["name"], texts, epoch, "epoch")
        else:
            yield _Found(number, match["name"], texts, step, "iteration" if step is not None else "")
