"""Which of a log's columns are learning rates, and which counts the steps: by the names that are usual."""

import re
from collections.abc import Iterable, Sequence

from lrplot.configs.logs.file import LogFile
from lrplot.wording import MAX_NAMES, nearest, shown

_RATE = re.compile(r"(?:^|.*[-/_. ])(?:lrs?|learning[-_ ]rate)(?:[-/_. \d].*)?", re.IGNORECASE | re.DOTALL)
_NO_RATE = re.compile(
    r"momentum|decay|loss|scheduler|policy|warm_?up|(?:iters|epochs?|steps)$|(?:__MIN|__MAX|_step)$", re.IGNORECASE
)
"""What stands beside it."""
_GROUP = re.compile(
    r"(?P<base>.+?)(?:[-/_.](?:pg|(?:param_)?group)[_-]?|(?<=lr|te|rs)[_/.]?)(?P<index>\d+)", re.IGNORECASE
)
_NAMED = re.compile(r"(?P<base>(?:.*[/ ])?lr(?:-\w+)?)/(?P<name>[^/]+)", re.IGNORECASE)
USUAL = (
    ("lr", "learning_rate", "learning rate"),
    ("train/lr", "train/learning_rate", "train_lr", "opt/lr", "optim/lr"),
    ("x/lr", "epoch_learning_rate", "epoch_lr"),
)
"""Names that are taken before others."""
STEPS = (
    *(
        "step",
        "global_step",
        "train/global_step",
        "trainer/global_step",
        "current_steps",
        "global_step/max_steps",
        "_step",
    ),
    *("time/total_timesteps", "total_timesteps", "timesteps_total"),
    *("iter", "iteration", "iterations", "iters", "num_updates", "update", "updates", "train_steps", "global step"),
    "epoch",
)
"""Of the column that counts, the likeliest first."""


def rate_columns(names: Sequence[str], column: str | None, file: LogFile) -> list[str]:
    """The columns with the rate: one, or one a parameter group in order.

    Args:
        column: The one that is asked for; or what several groups have in common, as lr of lr/pg0 and lr/pg1.

    Raises:
        ConfigError: There is none, or there are several that are not groups of one another.
    """
    if column:
        groups = [column] if column in names else _in_order(names, column)
        if not groups:
            raise file.error(f"has no column {shown(column)}: {nearest(column, names)}")
        return groups
    bases = list(dict.fromkeys(base_of(name) for name in names if is_rate(name)))
    if not bases:
        if not names:
            raise file.error("holds no numbers: it is empty, or has just been begun")
        what = f"name its column, as in {file.source}:NAME"
        raise file.error(f"has no column whose name says that it is a learning rate: {what}: {_listed(names)}")
    best = min(map(_rank, bases))
    first = [base for base in bases if _rank(base) == best]
    if len(first) > 1:
        raise file.error(f"has {len(first)} learning rates: name one, as in {file.source}:{first[0]}: {_listed(first)}")
    return _in_order(names, first[0])


def is_rate(name: str) -> bool:
    """Whether a column is a learning rate by its name.

    >>> [is_rate(name) for name in ("lr", "lr-Adam/pg1", "train/learning_rate", "x/lr0", "lr-SGD-momentum", "blr")]
    [True, True, True, True, False, False]
    """
    return bool(_RATE.fullmatch(name)) and not _NO_RATE.search(name)


def base_of(name: str) -> str:
    """What the columns of several parameter groups have in common.

    >>> [base_of(name) for name in ("lr/pg0", "lr_1", "x/lr2", "lr-Adam/pg1", "lr-Adam/head", "lr-Adam-1", "train/lr")]
    ['lr', 'lr', 'x/lr', 'lr-Adam', 'lr-Adam', 'lr-Adam-1', 'train/lr']
    """
    match = _GROUP.fullmatch(name) or _NAMED.fullmatch(name)
    return match["base"] if match else name


def step_column(names: Iterable[str]) -> str | None:
    """The column that counts the steps, or else the epochs: None where none is called so."""
    known = {name.lower(): name for name in reversed([*names])}
    return next((known[name] for name in STEPS if name in known), None)


def _in_order(names: Sequence[str], base: str) -> list[str]:
    """The columns of a base: by their numbers, or as they stand."""
    found = [name for name in names if is_rate(name) and base_of(name) == base]
    matches = {name: _GROUP.fullmatch(name) for name in found}
    return sorted(found, key=lambda name: int(match["index"]) if (match := matches[name]) else -1)


def _rank(base: str) -> int:
    return next((rank for rank, names in enumerate(USUAL) if base.lower() in names), len(USUAL))


def _listed(names: Sequence[str]) -> str:
    few = [name if name.isprintable() and len(name) <= 60 else shown(name) for name in names[:MAX_NAMES]]
    more = f" and {len(names) - MAX_NAMES:,} more" if len(names) > MAX_NAMES else ""
    return f"there are {', '.join(few)}{more}"
