"""What would be right, for words that the command line does not take: imported when there is something wrong."""

import re
import sys
from collections.abc import Sequence

import click

from lrplot.configs.values import flag_of
from lrplot.schedulers import Scheduler
from lrplot.schedulers.families import members
from lrplot.wording import likely, shown

_ASSIGNED = re.compile(r"([A-Za-z_]\w*)=(.*)", re.ASCII)


def unknown_flag(flag: str, context: click.Context | None) -> str:
    """What was probably meant by a flag that there is not: one that is spelt alike, or that of another scheduler."""
    params = context.command.get_params(context) if context else []
    known = [each for param in params for each in param.opts if each[:2] == "--"]
    if _alike(flag, known):
        return likely(flag, known)
    owners = [cls.name for cls in members().values() if flag in _flags(cls)]
    if not owners or context is None:
        return likely(flag, known)
    have = f"{owners[0]} has" if len(owners) == 1 else f"{', '.join(owners[:-1])} and {owners[-1]} have"
    return f"{context.info_name} has none, {have}"


def _flags(cls: type[Scheduler]) -> list[str]:
    """The flags that a scheduler's command has of its own."""
    return [*(flag_of(p.name) for p in cls.parameters()), *(["--metrics", "--why"] if cls.watches_metric else [])]


def _alike(flag: str, known: Sequence[str]) -> bool:
    """Whether a known flag differs from this in its case and its dashes alone."""
    return flag.lower().replace("_", "-") in {each.lower() for each in known}


def misuse(error: click.UsageError) -> list[str]:
    """What is wrong with the words of a command, and where more is to be read."""
    message = error.format_message()
    if message.startswith("Got unexpected extra argument"):
        assigned = next(filter(None, map(_ASSIGNED.fullmatch, sys.argv[2:])), None)
        if assigned is not None:
            message = f"{shown(assigned[0])} is a one-line spec's way: write {flag_of(assigned[1])} {assigned[2]}"
    return [message, *([f"see {error.ctx.command_path} --help"] if error.ctx else [])]
