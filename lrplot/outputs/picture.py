"""Curves as pictures, each with the config in it, so that it can be drawn again."""

from functools import partial
from typing import BinaryIO

from lrplot.outputs.rendering import Rendering
from lrplot.pictures import figure


def _write(format: str, rendering: Rendering, stream: BinaryIO) -> None:
    config = rendering.config
    with config.drawing():
        figure.save(rendering.figure, stream, format, config.look, config.kept())


write_png, write_svg, write_pdf = (partial(_write, format) for format in ("png", "svg", "pdf"))
