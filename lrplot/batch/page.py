"""A batch as one page to look at: every curve inline, in one file that needs nothing else."""

import html
import io
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, BinaryIO
from urllib.parse import quote, quote_from_bytes, unquote
from xml.etree import ElementTree

from lrplot.batch.ledger import fingerprint
from lrplot.configs.config import Config
from lrplot.files import replacing
from lrplot.outputs.write import render
from lrplot.pictures.look import Look
from lrplot.runs.curve import Curve
from lrplot.runs.spec import Spec
from lrplot.version import __version__

SVG = "{http://www.w3.org/2000/svg}"
WIDTH = 5.6
"""Inches of a picture on the page: at this width its words are as large as those beside it."""

MOST_VALUES = 12
"""Values of a list that a card shows."""

_CARD = re.compile(rb'<article class="card" data-made-from="([0-9a-f]+)" data-config="([^"]*)"')
_CARD_END = b"</article>\n"
_URL = re.compile(r"url\(#([^)]*)\)")
_COLOUR = re.compile(r"#[0-9a-f]{6}\b")
_FAMILY = re.compile(r"font-family: [^;]*;? ?")
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""What may stand in a label or in the name of a file, and not on a page."""
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")


@dataclass(frozen=True)
class Card:
    """What the page shows of a config.

    Args:
        made_from: Fingerprint of everything that decides it.
        contents: HTML; None where the page has it already.
    """

    made_from: str
    contents: str | None


class Page:
    """The page, as it is filled card by card; what it holds stays on disk.

    Args:
        path: The file that it will be.
        reuse: Whether it is such a page already, whose cards may be used again.
    """

    def __init__(self, path: str, reuse: bool = False) -> None:
        self.path = path
        self.folder = os.path.dirname(path)
        self.cards: dict[str, str] = {}
        self._offsets: dict[str, int] = {}
        self._old: BinaryIO | None = None
        self._new = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the page
        self._folder: str | None = None
        self._shown = self._failed = 0
        if reuse:
            self._read()

    def add(self, config: str, folder: str, card: Card | None, messages: Sequence[str] = ()) -> None:
        """Adds a config's card below those before it, under a heading where another folder begins."""
        if folder != self._folder:
            self._write(("" if self._folder is None else "</div>\n</section>\n") + _section(folder))
            self._folder = folder
        if card is None:
            self._failed += 1
            self._write(_failed(config, messages, first=self._failed == 1))
            return
        self._shown += 1
        if card.contents is None:
            self._copy(self._offsets[config])
            return
        self._write(
            f'<article class="card" data-made-from="{card.made_from}" data-config="{_quoted(config)}"{card.contents}\n'
        )
        self._new.write(_CARD_END)

    def save(self) -> None:
        """Writes the page, whole."""
        count = f"{self._shown} {'curve' if self._shown == 1 else 'curves'}"
        if self._failed:
            count += f', <a href="#failed">{self._failed} failed</a>'
        before, after = (
            resources.files("lrplot.batch").joinpath("page.html").read_text("utf-8").split("<!-- cards -->\n")
        )
        before = before.replace("<!-- count -->", count).replace("<!-- version -->", __version__)
        for theme in ("light", "dark"):
            before = before.replace(
                f"/* {theme} */", " ".join(f"{name}: {colour};" for name, colour in _palette(theme).items())
            )
        if self._folder is not None:
            after = "</div>\n</section>\n" + after
        with replacing(self.path) as stream:
            stream.write(before.encode())
            self._new.seek(0)
            shutil.copyfileobj(self._new, stream)
            stream.write(after.encode())
        self._new.close()
        if self._old is not None:
            self._old.close()

    def _write(self, text: str) -> None:
        self._new.write(_NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", text).encode())

    def _read(self) -> None:
        """Finds the cards in the page that there is."""
        try:
            self._old = open(self.path, "rb")  # noqa: SIM115 - closed with the page
        except OSError:
            return
        offset, card = 0, None
        for line in self._old:
            if match := _CARD.match(line):
                card = (unquote(match[2].decode(), errors="surrogateescape"), match[1].decode(), offset)
            elif line == _CARD_END and card is not None:
                self.cards[card[0]], self._offsets[card[0]] = card[1:]
                card = None
            offset += len(line)

    def _copy(self, offset: int) -> None:
        assert self._old is not None
        self._old.seek(offset)
        for line in self._old:
            self._new.write(line)
            if line == _CARD_END:
                return


def contents(config: Config, curves: Sequence[Curve], outputs: Sequence[str], home: str, path: str) -> str:
    """The card of a config: the rest of its opening tag, and everything up to the closing one.

    Args:
        outputs: The files that it was rendered to.
        home: The page's own folder.
        path: The config's file.
    """
    schedulers = dict.fromkeys(name for run in config.runs for name in _schedulers(run.spec))
    name = "card-" + fingerprint(path, *outputs)[:12]
    parts = [
        f' data-schedulers="{_text(" ".join(schedulers))}" aria-labelledby="{name}">',
        _picture(config, curves, name),
        '<div class="about">',
        f'<h3 id="{name}">{_text(config.look.title or config.name or path)}</h3>',
        f'<p class="path">{_text(path)}</p>',
        *(_parameters(config, i) for i in range(len(config.runs))),
        "</div>",
        f'<ul class="files">{"".join(_link(output, home) for output in outputs)}</ul>',
    ]
    return "\n".join(parts)


def _section(folder: str) -> str:
    name = _text(folder.replace(os.sep, "/") + "/" if folder else "./")
    return f'<section>\n<h2>{name}</h2>\n<div class="cards">\n'


def _failed(config: str, messages: Sequence[str], first: bool) -> str:
    name = "card-" + fingerprint(config)[:12]
    items = "".join(f"<li>{_text(message)}</li>" for message in messages)
    return (
        f'<article{" id=failed" if first else ""} class="card failed" data-schedulers="" aria-labelledby="{name}">\n<div class="about">\n'
        f'<h3 id="{name}">{_text(os.path.splitext(os.path.basename(config))[0])}</h3>\n<p class="path">{_text(config)}</p>\n'
        f'<p class="verdict">This config could not be rendered.</p>\n<ul class="messages">{items}</ul>\n</div>\n</article>\n'
    )


def _parameters(config: Config, index: int) -> str:
    """One run's scheduler and parameters, as they were given."""
    run = config.runs[index]
    given: dict[str, Any] = {**run.spec.parameters, **run.optimizer, "steps": run.steps}
    if tuple(run.record) != ("used",):
        given["record"] = ", ".join(run.record)
    rows = "".join(f"<div><dt>{_text(key)}</dt><dd>{_text(_value(value))}</dd></div>" for key, value in given.items())
    label = f' <span class="label">{_text(run.shown_label)}</span>' if len(config.runs) > 1 else ""
    return f'<p class="scheduler">{_text(run.spec.cls.__name__)}{label}</p>\n<dl>{rows}</dl>'


def _schedulers(spec: Spec) -> Iterator[str]:
    """A scheduler's name, and those of the ones inside it."""
    yield spec.cls.__name__
    for inner in spec.parameters.get("schedulers", ()):
        yield from _schedulers(inner)


def _value(value: Any) -> str:
    """
    >>> _value([30, 60]), _value(list(range(1000)))
    ('30, 60', '0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …, 999 (1,000 values)')
    """
    if isinstance(value, (list, tuple)):
        if len(value) > MOST_VALUES:
            return f"{_value(value[: MOST_VALUES - 1])}, …, {_value(value[-1])} ({len(value):,} values)"
        return ", ".join(map(_value, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _link(output: str, home: str) -> str:
    relative = os.path.relpath(output, home).replace(os.sep, "/")
    ending = os.path.splitext(output)[1][1:].upper()
    return f'<li><a href="{_quoted(relative)}" title="{_text(relative)}">{_text(ending)}</a></li>'


# The picture


def _picture(config: Config, curves: Sequence[Curve], name: str) -> str:
    """The curves as an SVG that may stand on a page with others, in the page's own colours, light or dark."""
    ours = config.look.style is None
    stream = io.BytesIO()
    render(Config(config.runs, _look(config.look), config.name, places=config.places), curves, "svg", stream)
    root = ElementTree.fromstring(stream.getvalue())
    _lighten(root)
    ids = {key: f"{name}-{index}" for index, key in enumerate(dict.fromkeys(_references(root)))}
    variables = {colour: f"var({key})" for key, colour in _palette("light").items()} if ours else {}
    for element in root.iter():
        element.tag = element.tag.removeprefix(SVG)
        element.attrib = {
            key.rpartition("}")[2]: _attribute(key, value, ids, variables) for key, value in element.attrib.items()
        }
        if "id" in element.attrib and element.attrib["id"] not in ids.values():
            del element.attrib["id"]
        if ours and config.look.font is None and "style" in element.attrib:
            element.attrib["style"] = _FAMILY.sub("", element.attrib["style"])  # the page says it once
    kind = "curve" if ours else f"curve as-drawn {config.look.theme}"
    root.attrib = {
        "class": kind,
        "viewBox": root.attrib["viewBox"],
        "role": "img",
        "aria-label": _described(config, curves),
    }
    return ElementTree.tostring(root, encoding="unicode")


def _look(look: Look) -> Look:
    """A config's look as a card has it: the title stands beside the picture, and the page decides on light or dark."""
    height = WIDTH * min(max(look.inches.height / look.inches.width, 0.5), 1.0)
    theme = "light" if look.style is None else look.theme
    return replace(look, title="", size=f"{WIDTH}x{height:.2f}in", theme=theme)


@cache
def _palette(theme: str) -> dict[str, str]:
    """The colours of a theme as variables of CSS. Where several keys have one colour in the light theme, the first stands for all.

    >>> _palette("light")["--text-color"], _palette("dark")["--text-color"]
    ('#1d2129', '#eef1f6')
    """
    named: dict[str, dict[str, str]] = {}
    for each in {"light", theme}:
        lines = resources.files("lrplot.pictures").joinpath(f"styles/{each}.mplstyle").read_text("utf-8").splitlines()
        named[each] = {
            f"--{key.replace('.', '-').replace('_', '-')}" + (f"-{index}" if index else ""): f"#{colour}"
            for key, _, value in (line.partition(":") for line in lines)
            for index, colour in enumerate(re.findall(r"\b[0-9a-f]{6}\b", value))
        }
    first = {colour: name for name, colour in reversed(named["light"].items())}
    return {name: named[theme][name] for name in reversed(first.values())}


def _lighten(element: ElementTree.Element) -> None:
    """Takes out what draws nothing: metadata, style sheets (which would hold for the whole page), bare groups, space between tags."""
    kept: list[ElementTree.Element] = []
    for child in element:
        _lighten(child)
        child.tail = None
        tag = child.tag.removeprefix(SVG)
        if tag == "g" and not child.attrib.keys() - {"id"}:
            kept += child
        elif tag not in ("metadata", "style") and not (tag in ("g", "defs") and not len(child)):
            kept.append(child)
    element[:] = kept
    if kept:
        element.text = None


def _references(root: ElementTree.Element) -> Iterator[str]:
    for element in root.iter():
        for key, value in element.attrib.items():
            if key.endswith("href"):
                yield value.removeprefix("#")
            else:
                yield from _URL.findall(value)


def _attribute(key: str, value: str, ids: Mapping[str, str], variables: Mapping[str, str]) -> str:
    """An attribute with its picture's own names for what it refers to, the page's colours, and two places behind the point."""
    if key == "id":
        return ids.get(value, value)
    if key.endswith("href"):
        return f"#{ids[value.removeprefix('#')]}"
    value = _URL.sub(lambda match: f"url(#{ids[match[1]]})", value)
    if key == "style":
        return _COLOUR.sub(lambda match: variables.get(match[0], match[0]), value)
    return _LONG_NUMBER.sub(lambda match: f"{float(match[0]):.2f}", value).strip()


def _described(config: Config, curves: Sequence[Curve]) -> str:
    """The picture in words, for those who cannot see it."""
    words = []
    for curve in curves:
        rates = curve.rates[0]
        words.append(
            f"{curve.label}: from {rates[0]:g} to {rates[-1]:g} in {len(curve)} steps, at most {max(rates):g}, at least {min(rates):g}"
        )
    return "Learning rate of " + "; ".join(words)


def _text(text: str) -> str:
    return html.escape(text, quote=True)


def _quoted(path: str) -> str:
    """A path as an address: percent-encoded, byte by byte."""
    return quote_from_bytes(os.fsencode(path)) if os.name == "posix" else quote(path)
