"""A config on its way to files, in as many formats as one likes."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, BinaryIO

from lrplot.configs.config import Config
from lrplot.formats import writer_of
from lrplot.runs.curve import Curve


class Rendering:
    """A config with its curves and its picture, each made once, when it is first asked for.

    Args:
        curves: The config's, where they are there already.
    """

    def __init__(self, config: Config, curves: Sequence[Curve] | None = None) -> None:
        self.config = config
        if curves is not None:
            self.curves = curves

    @cached_property
    def curves(self) -> Sequence[Curve]:
        return self.config.curves()

    @cached_property
    def figure(self) -> Any:
        """The picture, as matplotlib has it.

        Raises:
            ConfigError: It cannot be drawn as the config asks.
        """
        from lrplot.pictures import figure  # and with it matplotlib

        with self.config.drawing():
            return figure.draw(self.curves, self.config.look)

    def write(self, format: str, stream: BinaryIO) -> None:
        writer_of(format)(self, stream)
