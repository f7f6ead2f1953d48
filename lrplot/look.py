"""How a picture looks: the options of a plot, each a flag of the command line and a key under ``plot:``."""

from collections.abc import Sequence
from typing import Any, Literal

from lrplot.schedulers.parameters import Parameter, Range, checked, parameters_of


class Look:
    """The options of a plot.

    Args:
        title: Title of the picture; by default the scheduler and the parameters that are not defaults.
        label: What the curve is called among others.
    """

    def __init__(self, title: str | None = None, label: str | None = None) -> None:
        self.title = title
        self.label = label
