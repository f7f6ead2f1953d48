"""Curves as pictures, each with the config in it, so that it can be drawn again."""

from collections.abc import Sequence
from functools import partial
from typing import BinaryIO

from lrplot.configs.config import Config
from lrplot.pictures import figure
from lrplot.runs.curve import Curve


def _write(format: str, config: Config, curves: Sequence[Curve], stream: BinaryIO) -> None:
    with config.drawing():
        figure.save(figure.draw(curves, config.look), stream, format, config.look, config.kept())


write_png, write_svg, write_pdf = (partial(_write, format) for format in ("png", "svg", "pdf"))
