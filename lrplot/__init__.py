"""Learning-rate schedules, drawn before a training run spends a GPU hour on them.

>>> import lrplot
>>> curve = lrplot.simulate("cosine", T_max=20, lr=0.001, steps=100)
>>> float(curve.lr[0]), float(curve.lr[20])
(0.001, 0.0)
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lrplot.api import Config, Curve, check, load_config, plot, simulate

from lrplot.version import __version__

__all__ = ["Config", "Curve", "__version__", "check", "load_config", "plot", "simulate"]


def __getattr__(name: str) -> Any:
    # On first use, so that importing lrplot imports neither numpy nor matplotlib.
    if name in __all__:
        return getattr(importlib.import_module("lrplot.api"), name)
    raise AttributeError(f"module 'lrplot' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
