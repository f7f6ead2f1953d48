"""An answer on standard output, whose reader may leave before it is over, as head does."""

import os
import sys
from collections.abc import Iterable

import click


def told(lines: Iterable[str], status: int) -> int:
    """Prints an answer, and returns its exit status: that of grep and diff is the answer, too, whoever reads on."""
    try:
        for line in lines:
            click.echo(line)
    except BrokenPipeError:
        give_up_output()
    return status


def give_up_output() -> None:
    """Lets go what is left in the buffer of standard output: at exit, Python would try to write it again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
