"""The schedulers by name: torch's under their own, ``cosine``, another library's under ``FAMILY.NAME``.

A family is a folder beside this file, and its schedulers are the classes in there: they are imported when one of the
family's names is asked for, and nobody lists them.
"""

import functools
import importlib
import os
from collections.abc import Iterator, Mapping

from lrplot.parameters import summary
from lrplot.schedulers.base import HOME as HOME
from lrplot.schedulers.base import Scheduler, registry
from lrplot.wording import closest, one_of, shown


def families() -> list[str]:
    """The families that there are, torch's first.

    >>> families()[0]
    'torch'
    """
    here = os.path.dirname(__file__)
    folders = [name for name in sorted(os.listdir(here)) if os.path.exists(os.path.join(here, name, "__init__.py"))]
    return list(dict.fromkeys([HOME, *folders, *registry]))


def others() -> list[str]:
    """The families whose names have theirs in front."""
    return families()[1:]


def members(family: str = HOME) -> Mapping[str, type[Scheduler]]:
    """The schedulers of a family by their short names, in the order in which they are listed.

    >>> list(members())[:3]
    ['lambda', 'multiplicative', 'step']
    """
    places = _load(family)
    classes = registry.get(family, {}).items()
    return dict(sorted(classes, key=lambda item: places.get(item[1].__module__, len(places))))


def every_member() -> Iterator[type[Scheduler]]:
    """The schedulers of all families, torch's first."""
    return (cls for family in families() for cls in members(family).values())


def promise(family: str) -> str:
    """What a family's schedulers are, and how exact: the first sentence of its folder's docstring."""
    try:
        return summary(importlib.import_module(f"{__package__}.{family}"))
    except ModuleNotFoundError:
        return "Registered from elsewhere."


@functools.cache
def _load(family: str) -> dict[str, int]:
    """Imports all modules of a family; returns the place of each in the listings."""
    places: dict[str, int] = {}
    for name in _modules(family):
        importlib.import_module(name)
        places.setdefault(name, len(places))
    return places


def _modules(family: str, likely: str = "") -> Iterator[str]:
    """The modules of a family in the order of the listings, but for one that is likely to be what is looked for."""
    try:
        package = importlib.import_module(f"{__package__}.{family}")
    except ModuleNotFoundError:
        return  # registered from elsewhere
    order = [f"{package.__name__}.{name}" for name in getattr(package, "ORDER", ())]
    yield from sorted(order, key=lambda name: name.rpartition(".")[2] != likely)
    files = sorted(name for folder in package.__path__ for name in os.listdir(folder))
    yield from (f"{package.__name__}.{name[:-3]}" for name in files if name.endswith(".py") and name[0] != "_")


def full_name(cls: type[Scheduler]) -> str:
    """What a scheduler is called where all families are known.

    >>> full_name(find("CosineAnnealingLR"))
    'cosine'
    """
    return cls.name if cls.family == HOME else f"{cls.family}.{cls.name}"


def look_up(name: str) -> type[Scheduler] | None:
    """The scheduler of that name, as ``find`` takes it: None where there is none."""
    family, short = _apart(name)
    modules = _modules(family, short)
    while short not in (known := _known(family)):
        if (module := next(modules, None)) is None:
            return None
        importlib.import_module(module)
    return known[short]


def find(name: str) -> type[Scheduler]:
    """The scheduler of that class name or short name, with its family in front where that is not torch.

    >>> find("cosine") is find("CosineAnnealingLR") is find("torch.cosine")
    True
    >>> find("cosin")
    Traceback (most recent call last):
    ...
    KeyError: "unknown scheduler 'cosin': did you mean 'cosine'?"
    >>> find("cosine_with_min_lr")
    Traceback (most recent call last):
    ...
    KeyError: "unknown scheduler 'cosine_with_min_lr': did you mean 'transformers.cosine_with_min_lr'?"
    >>> find("optax.cosine")
    Traceback (most recent call last):
    ...
    KeyError: "unknown scheduler 'optax.cosine': did you mean 'optax.cosine_decay_schedule'?"
    >>> find("timm")
    Traceback (most recent call last):
    ...
    KeyError: "unknown scheduler 'timm': lrplot list timm shows what there is"
    """
    cls = look_up(name)
    if cls is None:
        raise KeyError(f"unknown scheduler {shown(name)}: {hint(name)}")
    return cls


def hint(name: str) -> str:
    """What was probably meant by a name that no scheduler has."""
    family, short = _apart(name)
    if elsewhere := namesakes(name) or guessed(name):
        return f"did you mean {one_of(map(repr, elsewhere))}?"
    if name in others() or family != HOME:
        return f"lrplot list {name if name in others() else family} shows what there is"
    close = closest(short, [*members(), *_known(HOME)])
    return f"did you mean {close!r}?" if close else f"there are {', '.join(members())}"


def namesakes(name: str) -> list[str]:
    """The full names of other families' schedulers that are called so, there or here, whatever the case and the dashes;
    with a family in front, of that one's.

    >>> namesakes("wsd"), namesakes("CosineLRScheduler")
    (['megatron.WSD', 'timm.wsd', 'transformers.warmup_stable_decay'], ['timm.cosine'])
    >>> namesakes("transformers.get_linear_schedule_with_warmup"), namesakes("warmup_cosine_decay")
    (['transformers.linear'], ['optax.warmup_cosine_decay_schedule'])
    """
    family, short = _apart(name)
    return [
        cls.shown_name
        for searched in (others() if family == HOME else [family])
        for cls in members(searched).values()
        if short and _folded(short) in _called(cls)
    ]


NICKNAMES = {"hf": "transformers", "huggingface": "transformers", "tf": "keras", "tensorflow": "keras", "jax": "optax"}
"""What a family's schedulers are looked for under, beside its own name."""


def guessed(name: str) -> list[str]:
    """The full name that is probably meant by one with a module in front, or with a family that there is not.

    >>> guessed("tim.cosin"), guessed("hf.linear"), guessed("torch.optim.lr_scheduler.StepLR"), guessed("train.py")
    (['timm.cosine'], ['transformers.linear'], ['step'], [])
    """
    first, _, rest = name.partition(".")
    family = NICKNAMES.get(first.lower()) or closest(first, families())
    if not rest or family is None:
        return []
    short = rest.rpartition(".")[2]
    if same := family != HOME and namesakes(f"{family}.{short}"):
        return same
    known = {**members(family), **_known(family)}
    close = closest(short, known)
    return [full_name(known[close])] if close else []


def _folded(name: str) -> str:
    """A name whatever its case and its dashes."""
    return name.lower().replace("-", "_")


def _called(cls: type[Scheduler]) -> set[str]:
    """What a scheduler is called: here, in its library, and there without get and schedule."""
    original = _folded(cls.original.rpartition(".")[2])
    return {_folded(cls.name), original, original.removeprefix("get_").replace("_schedule", "")}


def _apart(name: str) -> tuple[str, str]:
    """The family that a name is of, and the name in there."""
    family, _, short = name.rpartition(".")
    return (family, short) if family and family in families() else (HOME, name)


def _known(family: str) -> dict[str, type[Scheduler]]:
    """The schedulers of a family that are imported, by either name."""
    classes = registry.get(family, {})
    return {**classes, **{cls.__name__: cls for cls in classes.values()}}
