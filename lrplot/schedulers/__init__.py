"""torch's schedulers without torch: one module a family, one class a scheduler.

``decay`` lowers the rate step by step, ``ramp`` raises or lowers it over a stretch and then holds, ``cosine`` anneals, ``function`` follows a
formula of one's own, ``cyclic`` swings rate and momentum against each other, ``plateau`` watches a metric, and ``composite``
puts others in sequence or on top of one another.
"""

from lrplot.schedulers.base import Scheduler, registry  # isort: skip  (the order of these is that of the listings)
from lrplot.schedulers.torch.function import LambdaLR, MultiplicativeLR  # isort: skip
from lrplot.schedulers.torch.decay import ExponentialLR, MultiStepLR, StepLR  # isort: skip
from lrplot.schedulers.torch.ramp import ConstantLR, LinearLR, PolynomialLR, SWALR  # isort: skip
from lrplot.schedulers.torch.cosine import CosineAnnealingLR, CosineAnnealingWarmRestarts  # isort: skip
from lrplot.schedulers.torch.cyclic import CyclicLR, OneCycleLR  # isort: skip
from lrplot.schedulers.torch.plateau import ReduceLROnPlateau  # isort: skip
from lrplot.schedulers.torch.composite import ChainedScheduler, SequentialLR  # isort: skip
from lrplot.wording import closest, shown

__all__ = [
    "SWALR",
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "ExponentialLR",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "Scheduler",
    "SequentialLR",
    "StepLR",
    "find",
    "registry",
]


def find(name: str) -> type[Scheduler]:
    """The scheduler of that class name or short name.

    >>> find("cosine") is find("CosineAnnealingLR") is CosineAnnealingLR
    True
    >>> find("cosin")
    Traceback (most recent call last):
    ...
    KeyError: "unknown scheduler 'cosin': did you mean 'cosine'?"
    """
    known = registry | {cls.__name__: cls for cls in registry.values()}
    if name in known:
        return known[name]
    close = closest(name, known)
    hint = f"did you mean {close!r}?" if close else f"there are {', '.join(registry)}"
    raise KeyError(f"unknown scheduler {shown(name)}: {hint}")
