"""A batch as one page to look at: every curve inline, in one file that needs nothing else."""

import html
import io
import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, BinaryIO
from urllib.parse import quote, quote_from_bytes, unquote
from xml.etree import ElementTree

from lrplot import __version__
from lrplot.config import Config
from lrplot.files import replacing
from lrplot.output import render
from lrplot.record import fingerprint
from lrplot.simulation import Curve

SVG = "{http://www.w3.org/2000/svg}"
_CARD = re.compile(rb'<article class="card" data-made-from="([0-9a-f]+)" data-config="([^"]*)"')
_CARD_END = b"</article>\n"


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
        path: The file that it will be. If it is such a page already, its cards may be used again.
        reuse: Whether to look for them.
    """

    def __init__(self, path: str, reuse: bool = True) -> None:
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
        self._write(f'<article class="card" data-made-from="{card.made_from}" data-config="{_quoted(config)}"{card.contents}\n')
        self._new.write(_CARD_END)

    def save(self) -> None:
        """Writes the page, whole."""
        count = f"{self._shown} {'curve' if self._shown == 1 else 'curves'}"
        if self._failed:
            count += f', <a href="#failed">{self._failed} failed</a>'
        before, after = resources.files("lrplot").joinpath("page.html").read_text("utf-8").split("<!-- cards -->\n")
        before = before.replace("<!-- count -->", count).replace("<!-- version -->", __version__)
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
        self._new.write(text.encode("utf-8", "replace"))  # a file's name may be anything

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
            elif line == _CARD_END and card is not None:  # only a card with an end is one
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
    schedulers = list(dict.fromkeys(run.spec.cls.__name__ for run in config.runs))
    name = "card-" + fingerprint(path)[:12]
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


def _value(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_value, value))
    return value if isinstance(value, str) else f"{value}"


def _link(output: str, home: str) -> str:
    relative = os.path.relpath(output, home).replace(os.sep, "/")
    ending = os.path.splitext(output)[1][1:].upper()
    return f'<li><a href="{_quoted(relative)}" title="{_text(relative)}">{_text(ending)}</a></li>'


def _picture(config: Config, curves: Sequence[Curve], name: str) -> str:
    """The curves as an SVG that may stand on a page with others."""
    stream = io.BytesIO()
    render(config, curves, "svg", stream)
    root = ElementTree.fromstring(stream.getvalue())
    for parent in list(root.iter()):
        for child in list(parent):
            # The page has the rule of matplotlib's style element, and a style element in a page holds for all of it.
            if child.tag == f"{SVG}metadata" or child.tag == f"{SVG}style":
                parent.remove(child)
    for element in root.iter():
        _rename(element, name + "-")
    root.attrib.pop("width", None)
    root.attrib.pop("height", None)
    root.attrib |= {"role": "img", "aria-label": _described(config, curves), "class": "curve"}
    ElementTree.register_namespace("", SVG[1:-1])
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    return ElementTree.tostring(root, encoding="unicode", short_empty_elements=True)


def _rename(element: ElementTree.Element, prefix: str) -> None:
    """Gives the names in an element a prefix, so that they are its picture's own."""
    for key, value in element.attrib.items():
        if key == "id":
            element.set(key, prefix + value)
        elif key.endswith("href") and value.startswith("#"):
            element.set(key, f"#{prefix}{value[1:]}")
        elif "url(#" in value:
            element.set(key, value.replace("url(#", f"url(#{prefix}"))


def _described(config: Config, curves: Sequence[Curve]) -> str:
    """The picture in words, for those who cannot see it."""
    words = []
    for curve in curves:
        rates = curve.rates[0]
        words.append(f"{curve.label}: from {rates[0]:g} to {rates[-1]:g} in {len(curve)} steps, at most {max(rates):g}, at least {min(rates):g}")
    return "Learning rate of " + "; ".join(words)


def _text(text: str) -> str:
    return html.escape(text, quote=True)


def _quoted(path: str) -> str:
    """A path as an address: percent-encoded, byte by byte."""
    return quote_from_bytes(os.fsencode(path)) if os.name == "posix" else quote(path)
