"""What would be right, for words that the command line does not take: imported when there is something wrong."""

import itertools
import re
import sys
from collections.abc import Iterable, Sequence

import click

from lrplot.configs.document import Value
from lrplot.configs.values import flag_of
from lrplot.schedulers import Scheduler
from lrplot.schedulers.families import every_member, full_name, look_up, members
from lrplot.wording import closest, likely, listed, shown

_ASSIGNED = re.compile(r"([A-Za-z_]\w*)=(.*)", re.ASCII)


def unknown_flag(flag: str, context: click.Context | None) -> list[str]:
    """What was probably meant by a flag that there is not: one that is spelt alike, that of another scheduler, or what
    torch's has not.
    """
    params = context.command.get_params(context) if context else []
    known = [each for param in params for each in param.opts if each[:2] == "--"]
    cls = look_up(context.info_name or "") if context else None
    if cls is None or _alike(flag, known):
        return [likely(flag, known)]
    if cls.holds_others and flag == flag_of(cls.holds_others):
        from lrplot.cli.explain import first_example

        return ["write each one as a word of its own", f"for example: {first_example(cls)}"]
    way = _way_out(flag, cls)
    owners = _owners(flag, members(cls.family).values())
    if not owners and not way and closest(flag, known) is None:
        owners = _owners(flag, every_member())
    if not owners and not way:
        return [likely(flag, known)]
    have = f", {listed(owners)} ha{'ve' if len(owners) > 1 else 's'}" if owners else ""
    return [f"{full_name(cls)} has none{have}", *way]


def _owners(flag: str, classes: Iterable[type[Scheduler]]) -> list[str]:
    return [full_name(cls) for cls in classes if flag in _flags(cls)]


def _way_out(flag: str, cls: type[Scheduler]) -> list[str]:
    """What does it where a scheduler's command is asked for what torch's scheduler has not, ready to paste."""
    from lrplot.cli.commands import typed_config
    from lrplot.configs.ways import ready, warmed_up, way_out

    words = [part for word in sys.argv[2:] for part in (word.split("=", 1) if word.startswith(f"{flag}=") else [word])]
    at = words.index(flag) if flag in words else len(words)
    try:
        run = typed_config(cls, words[:at] + words[at + 2 :]).runs[0]
        lr, number = run.optimizer.get("lr", 0.001), float(words[at + 1])
        if "warm" in flag and (command := warmed_up(run, number)) is not None:
            return [f"write a warm-up before it as {command}"]
        way = way_out(run.spec, {flag[2:].replace("-", "_"): number}, lr)
    except (click.ClickException, ValueError, LookupError, OSError):
        return []  # what else is wrong is told first
    if way is None:
        return []
    rest = {"lr_lambda": way[1], "lr": lr, "steps": run.steps}
    return [f"write {way[0]} as {ready('LambdaLR', rest, Value('', '--'))}"]


def _flags(cls: type[Scheduler]) -> list[str]:
    """The flags that a scheduler's command has of its own."""
    of_metrics = [*(["--metrics"] if cls.watches_metric else []), *(["--why"] if cls.gives_verdicts else [])]
    return [*(flag_of(p.name) for p in cls.parameters()), *of_metrics]


def _is_number(word: str) -> bool:
    try:
        return float(word) == float(word)
    except ValueError:
        return False


def _alike(flag: str, known: Sequence[str]) -> bool:
    """Whether a known flag differs from this in its case and its dashes alone."""
    return flag.lower().replace("_", "-") in {each.lower() for each in known}


def misuse(error: click.UsageError) -> list[str]:
    """What is wrong with the words of a command, and where more is to be read."""
    message = error.format_message()
    if message.startswith("Got unexpected extra argument"):
        assigned = next(filter(None, map(_ASSIGNED.fullmatch, sys.argv[2:])), None)
        words = [*sys.argv[2:]]
        apart = next((at for at in range(2, len(words)) if all(map(_is_number, words[at - 1 : at + 1]))), None)
        if apart is not None and words[apart - 2].startswith("--"):
            rest = itertools.takewhile(_is_number, words[apart - 1 :])
            message = f"a list has commas: write {words[apart - 2]} {','.join(rest)}"
        if assigned is not None:
            message = f"{shown(assigned[0])} is a one-line spec's way: write {flag_of(assigned[1])} {assigned[2]}"
    return [message, *([f"see {error.ctx.command_path} --help"] if error.ctx else [])]
