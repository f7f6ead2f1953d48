"""A batch as one page to look at: every curve inline, in one file that needs nothing else."""

import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from importlib import resources
from typing import Any
from urllib.parse import quote, quote_from_bytes

from lrplot.analysis.titles import facts, names
from lrplot.analysis.turns import happenings
from lrplot.batch import svg
from lrplot.batch.ledger import Entry
from lrplot.configs.config import Config
from lrplot.files import fingerprint, read_bytes, replacing
from lrplot.outputs.rendering import Rendering
from lrplot.pictures.look import Look
from lrplot.runs.curve import Curve
from lrplot.runs.run import Run
from lrplot.runs.spec import Spec
from lrplot.version import __version__

WIDTH = 5.6
"""Inches of a picture on the page: at this width its words are as large as those beside it."""

SHOWN_VALUES = 12
"""Values of a list that a card shows."""

LARGEST = 200_000_000
"""Bytes of a page whose cards may be used again."""

MARK = b'<meta name="generator" content="lrplot '
"""What every such page holds."""

_CARD, _CARD_END = '<article class="card"', "</article>\n"
_SECTION_END = "</div>\n</section>\n"
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""What may stand in a label or in the name of a file, and not on a page."""


@dataclass(frozen=True)
class Card:
    """What the page shows of a config.

    Args:
        made_from: Fingerprint of everything that decides it.
        html: None where the page has it already.
    """

    made_from: str
    html: str | None


class Page:
    """The page, as it is filled card by card.

    Args:
        path: The file that it will be.
        known: What is known of the cards that it may have already: by their configs, fingerprints of what each was made
            from, and of its HTML.
    """

    def __init__(self, path: str, known: Mapping[str, Entry]) -> None:
        self.path = path
        self.folder = os.path.dirname(path)
        there = _cards(path) if known else {}
        self.cards = {config: Card(made, there[html]) for config, (made, html) in known.items() if html in there}
        self.entries: dict[str, Entry] = {}
        self._parts: list[str] = []
        self._folder: str | None = None
        self._shown = self._failed = 0

    def request(self, config: str) -> tuple[str, str]:
        """What a card of a config is made for: the page's folder, and what the card that it has was made from."""
        return self.folder, self.cards[config].made_from if config in self.cards else ""

    def add(self, config: str, folder: str, card: Card | None, messages: Sequence[str] = ()) -> None:
        """Adds a config's card below those before it, under a heading where another folder begins."""
        if folder != self._folder:
            self._parts += ["" if self._folder is None else _SECTION_END, _section(folder)]
            self._folder = folder
        if card is None:
            self._failed += 1
            self._parts.append(_failed(config, messages, first=self._failed == 1))
        else:
            self._shown += 1
            html = _NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", card.html or self.cards[config].html or "")
            self.entries[config] = card.made_from, fingerprint(html)
            self._parts.append(html)

    def save(self) -> None:
        """Writes the page, whole."""
        before, after = self._frame().split("<!-- cards -->\n")
        parts = [before, *self._parts, "" if self._folder is None else _SECTION_END, after]
        with replacing(self.path) as stream:
            stream.write(_NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", "".join(parts)).encode())

    def _frame(self) -> str:
        """The page around its cards."""
        count = f"{self._shown} {'curve' if self._shown == 1 else 'curves'}"
        if self._failed:
            count += f', <a href="#failed">{self._failed} failed</a>'
        frame = resources.files("lrplot.batch").joinpath("page.html").read_text("utf-8")
        frame = frame.replace("<!-- count -->", count).replace("<!-- version -->", __version__)
        for theme in ("light", "dark"):
            colours = " ".join(f"{name}: {colour};" for name, colour in svg.palette(theme).items())
            frame = frame.replace(f"/* {theme} */", colours)
        return frame


def _cards(path: str) -> dict[str, str]:
    """The cards in the page that there is, by their fingerprints: one that somebody has changed has another."""
    try:
        page = read_bytes(path, LARGEST).decode()
    except (OSError, ValueError):
        return {}
    cards = (part[part.rfind(_CARD) :] + _CARD_END for part in page.split(_CARD_END))
    return {fingerprint(card): card for card in cards}


def article(config: Config, curves: Sequence[Curve], outputs: Sequence[str], home: str, path: str) -> str:
    """The card of a config as HTML.

    Args:
        outputs: The files that it was rendered to.
        home: The page's own folder.
        path: The config's file.
    """
    schedulers = dict.fromkeys(name for run in config.runs for name in _schedulers(run.spec))
    name = "card-" + fingerprint(path, *outputs)[:12]
    parts = [
        f'{_CARD} data-schedulers="{escape(" ".join(schedulers))}" aria-labelledby="{name}">',
        _picture(config, curves, name),
        '<div class="about">',
        f'<h3 id="{name}">{escape(config.look.title or config.name or path)}</h3>',
        f'<p class="path">{escape(path)}</p>',
        *(_parameters(run, is_one_of_several=len(config.runs) > 1) for run in config.runs),
        "</div>",
        f'<ul class="files">{"".join(_link(output, home) for output in outputs)}</ul>',
        _CARD_END,
    ]
    return "\n".join(parts)


def _section(folder: str) -> str:
    name = escape(folder.replace(os.sep, "/") + "/" if folder else "./")
    return f'<section>\n<h2>{name}</h2>\n<div class="cards">\n'


def _failed(config: str, messages: Sequence[str], first: bool) -> str:
    """The card of a config that failed; the count of those leads to the first."""
    name = "card-" + fingerprint(config)[:12]
    title = escape(os.path.splitext(os.path.basename(config))[0])
    items = "".join(f"<li>{escape(message)}</li>" for message in messages)
    return "\n".join(
        [
            f'<article{" id=failed" if first else ""} class="card failed" data-schedulers="" aria-labelledby="{name}">',
            '<div class="about">',
            f'<h3 id="{name}">{title}</h3>',
            f'<p class="path">{escape(config)}</p>',
            '<p class="verdict">This config could not be rendered.</p>',
            f'<ul class="messages">{items}</ul>',
            "</div>",
            _CARD_END,
        ]
    )


def _parameters(run: Run, is_one_of_several: bool) -> str:
    """A run's scheduler and parameters, as they were given."""
    given: dict[str, Any] = {**run.spec.parameters, **run.optimizer}
    given |= {key: fact for key, fact in facts(run).items() if key not in given} | {"steps": run.steps}
    if run.nominal:
        told = {key: run.told(each) for key, each in given.items() if key.endswith("steps") and isinstance(each, int)}
        given |= told
        given["epochs"] = str(given.pop("steps")).split()[0]
    if tuple(run.record) != ("used",):
        given["record"] = ", ".join(run.record)
    rows = "".join(
        f"<div><dt>{escape(key)}</dt><dd>{escape(_shown_value(value))}</dd></div>" for key, value in given.items()
    )
    label = f' <span class="label">{escape(run.shown_label)}</span>' if is_one_of_several else ""
    return f'<p class="scheduler">{escape(run.spec.cls.shown_name)}{label}</p>\n<dl>{rows}</dl>'


def _schedulers(spec: Spec) -> Iterator[str]:
    """A scheduler's name, and those of the ones inside it."""
    yield spec.cls.shown_name
    for inner in spec.inner:
        yield from _schedulers(inner)


def _shown_value(value: Any) -> str:
    """
    >>> _shown_value([30, 60]), _shown_value(list(range(1000)))
    ('30, 60', '0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …, 999 (1,000 values)')
    """
    if isinstance(value, (list, tuple)):
        if len(value) > SHOWN_VALUES:
            return f"{_shown_value(value[: SHOWN_VALUES - 1])}, …, {_shown_value(value[-1])} ({len(value):,} values)"
        return ", ".join(map(_shown_value, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _link(output: str, home: str) -> str:
    relative = os.path.relpath(output, home).replace(os.sep, "/")
    ending = os.path.splitext(output)[1][1:].upper()
    return f'<li><a href="{_address(relative)}" title="{escape(relative)}">{escape(ending)}</a></li>'


# The picture


def _picture(config: Config, curves: Sequence[Curve], name: str) -> str:
    """The curves as an SVG in the page's own colours, light or dark."""
    look = _card_look(config.look)
    stream = io.BytesIO()
    Rendering(Config(config.runs, look, config.name, places=config.places), curves).write("svg", stream)
    kind = "curve" if look.style is None else f"curve as-drawn {look.theme}"
    return svg.inline(stream.getvalue(), name, svg.page_style(look), kind, _described(curves))


def _card_look(look: Look) -> Look:
    """A config's look as a card has it: the title stands beside the picture, and the page decides on light or dark."""
    height = WIDTH * min(max(look.inches.height / look.inches.width, 0.5), 1.0)
    theme = "light" if look.style is None else look.theme
    return replace(look, title="", size=f"{WIDTH}x{height:.2f}in", theme=theme)


def _described(curves: Sequence[Curve]) -> str:
    """The picture in words, for those who cannot see it."""
    words = []
    for curve, name in zip(curves, names(curves, "")):
        rates = curve.rates[0]
        length = curve.run.told(len(curve)) if curve.run.nominal else f"{len(curve)} steps"
        ends = f"from {rates[0]:g} to {rates[-1]:g} in {length}"
        words.append(f"{name}, {ends}, at most {max(rates):g}, at least {min(rates):g}{_told(curve)}")
    return "Learning rate of " + "; ".join(words)


def _told(curve: Curve) -> str:
    """What happens on the way."""
    happens = [
        f", {f'after {curve.run.told(step)}' if curve.run.nominal else f'step {step}'} {text}"
        for step, text in happenings(curve).items()
        if text not in ("start", "end")
    ]
    more = f", and {len(happens) - SHOWN_VALUES} more" if len(happens) > SHOWN_VALUES else ""
    return "".join(happens[:SHOWN_VALUES]) + more


def _address(path: str) -> str:
    """A path as an address: percent-encoded, byte by byte."""
    return quote_from_bytes(os.fsencode(path)) if os.name == "posix" else quote(path)
