"""What the rate is at each step: the base of all schedulers, the optimizer they act on, and a folder for each family.
It may use what is on the ground: parameters and wording.

torch's schedulers can be had from here by their class names: ``from lrplot.schedulers import CosineAnnealingLR``.
"""

from typing import Any

from lrplot.schedulers.base import Scheduler as Scheduler


def __getattr__(name: str) -> Any:
    # On first use: a family is imported when one of its names is asked for.
    from lrplot.schedulers.families import members

    for cls in members().values():
        if cls.__name__ == name:
            return cls
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    from lrplot.schedulers.families import members

    return ["Scheduler", *(cls.__name__ for cls in members().values())]
