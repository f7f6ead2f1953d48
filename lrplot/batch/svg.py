"""A picture's SVG as a part of a page: without what draws nothing, in names of its own, in the page's colours."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import resources
from xml.etree import ElementTree

from lrplot.pictures.colours import readable
from lrplot.pictures.look import Look

_SPACE = "{http://www.w3.org/2000/svg}"
_URL = re.compile(r"url\(#([^)]*)\)")
_COLOUR = re.compile(r"#[0-9a-f]{6}\b")
_FAMILY = re.compile(r"font-family: [^;]*;? ?")
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")

Restyle = Callable[[str], str]
"""What becomes of an element's style."""


def inline(picture: bytes, name: str, restyle: Restyle, kind: str, description: str) -> str:
    """A picture as an element that may stand on a page with others.

    Args:
        picture: The SVG as it would stand in a file.
        name: What is unique to it on the page: its own names begin with it.
        restyle: What becomes of its styles.
        kind: The class that the page's style sheet knows it by.
        description: The picture in words.
    """
    root = ElementTree.fromstring(picture)
    _lighten(root)
    ids = {key: f"{name}-{index}" for index, key in enumerate(dict.fromkeys(_references(root)))}
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SPACE)
        element.attrib = {
            key.rpartition("}")[2]: restyle(_renamed(value, ids)) if key == "style" else _attribute(key, value, ids)
            for key, value in element.attrib.items()
            if key != "id" or value in ids
        }
    root.attrib = {"class": kind, "viewBox": root.attrib["viewBox"], "role": "img", "aria-label": description}
    return ElementTree.tostring(root, encoding="unicode")


def page_style(look: Look) -> Restyle:
    """What becomes of a picture's styles: the house's take the page's colours and font, others stay as drawn."""
    if look.style is not None:
        return str
    variables = {colour: f"var({name})" for name, colour in palette("light").items()}

    def restyle(style: str) -> str:
        style = _COLOUR.sub(lambda match: variables.get(match[0], match[0]), style)
        return _FAMILY.sub("", style) if look.font is None else style  # the page says it once

    return restyle


@cache
def palette(theme: str) -> dict[str, str]:
    """The colours of a theme as variables of CSS; of keys with one colour in the light theme, the first stands for all.

    >>> palette("light")["--text-color"], palette("dark")["--text-color"]
    ('#1d2129', '#eef1f6')
    """
    named = {each: dict(_colours(each)) for each in ("light", theme)}
    first = {colour: name for name, colour in reversed(named["light"].items())}
    return {name: named[theme][name] for name in reversed(first.values())}


def _colours(theme: str) -> Iterator[tuple[str, str]]:
    """The variables of a theme's style sheet: one for each colour in it, and one for words in the colour of a line."""
    sheet = resources.files("lrplot.pictures").joinpath(f"styles/{theme}.mplstyle").read_text("utf-8")
    background = ""
    for key, _, value in (line.partition(":") for line in sheet.splitlines()):
        for index, digits in enumerate(re.findall(r"\b[0-9a-f]{6}\b", value)):
            colour = f"#{digits}"
            yield f"--{re.sub('[._]', '-', key)}" + (f"-{index}" if index else ""), colour
            background = colour if key == "axes.facecolor" else background
            if key == "axes.prop_cycle":
                yield f"--ink-{index}", readable(colour, background)


def _lighten(element: ElementTree.Element) -> None:
    """Takes out what draws nothing: metadata, style sheets (they would hold for the whole page), bare groups, space."""
    kept: list[ElementTree.Element] = []
    for child in element:
        _lighten(child)
        child.tail = None
        tag = child.tag.removeprefix(_SPACE)
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


def _attribute(key: str, value: str, ids: Mapping[str, str]) -> str:
    """An attribute with the picture's own names for what it refers to, and two places behind the point."""
    if key == "id":
        return ids[value]
    if key.endswith("href"):
        return f"#{ids[value.removeprefix('#')]}"
    return _LONG_NUMBER.sub(lambda match: f"{float(match[0]):.2f}", _renamed(value, ids)).strip()


def _renamed(value: str, ids: Mapping[str, str]) -> str:
    return _URL.sub(lambda match: f"url(#{ids[match[1]]})", value)
