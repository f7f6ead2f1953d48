"""The program: runs a command, says what is wrong in a line, and answers with the exit status."""

import errno
import gc
import os
import signal
import sys
import warnings
from collections.abc import Sequence

import click

from lrplot.batch import interrupts
from lrplot.cli.answer import give_up_output
from lrplot.cli.commands import cli
from lrplot.pictures import start
from lrplot.wording import printable, shown


def main() -> None:
    """Runs the command line; an error is a line on standard error and the exit status."""
    try:
        interrupts.listen(signal.SIGINT)
        status = _run()
        interrupts.ignore(signal.SIGINT)  # all is done and said
    except KeyboardInterrupt:
        status = _fail(130, ["interrupted"])
    sys.exit(status)


def _run() -> int:
    """The exit status, when everything has been said."""
    _prepare()
    try:
        return cli.main(prog_name="lrplot", standalone_mode=False) or 0
    except (click.ClickException, click.Abort) as error:
        return _fail(*_misuse(error))
    except ValueError as error:
        return _fail(2, getattr(error, "messages", [str(error)]))
    except KeyboardInterrupt:
        return _fail(130, ["interrupted"])
    except interrupts.Interrupted as error:
        return _fail(128 + error.args[0], [f"interrupted by {signal.Signals(error.args[0]).name}"])
    except OSError as error:
        return _fail(*_failure(error))
    except MemoryError:
        return _fail(1, ["out of memory: fewer steps take less"])


def _prepare() -> None:
    """Readies the process: what warnings say is lrplot's to say, and no settings of matplotlib's are read."""
    told: set[str] = set()

    def tell(message: Warning | str, *_: object) -> None:
        if str(message) not in told:
            told.add(str(message))
            _fail(0, [str(message)])

    start.with_settings = False
    if sys.stdout is None:  # it was closed: that is an error only where something is to be printed
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w")
    warnings.showwarning = tell  # type: ignore[assignment]  # of characters that the font lacks, say
    warnings.filterwarnings("always", category=UserWarning)  # which are said, whatever PYTHONWARNINGS makes of others
    warnings.filterwarnings("ignore", category=DeprecationWarning)  # what libraries have to say to one another
    gc.set_threshold(50_000)  # a table makes less, and none of that is garbage
    gc.freeze()  # what the imports made stays to the end: the collector need not go through it, at exit above all
    gc.enable()


def _misuse(error: click.ClickException | click.Abort) -> tuple[int, list[str]]:
    """The exit status, and what is said, of words that the command line does not take."""
    if isinstance(error, click.Abort):
        return 130, ["interrupted"]
    if not isinstance(error, click.UsageError):
        return 2, [error.format_message()]
    from lrplot.cli.hints import misuse, unknown_flag

    if isinstance(error, click.NoSuchOption):
        hint, *more = unknown_flag(error.option_name, error.ctx)
        return 2, [f"no such option {shown(error.option_name)}: {hint}", *more]
    return 2, misuse(error)


def _failure(error: OSError) -> tuple[int, list[str]]:
    """The same, of what the system refuses."""
    if error.filename is None and error.errno == errno.ENOENT:
        return 2, ["the current folder was deleted: go to another, or name files from / on"]
    if error.filename is None:  # what is printed goes to no file
        from lrplot.files import WriteError

        give_up_output()
        error = WriteError(error.errno, error.strerror, "standard output")
    return 1 if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO) else 2, [str(error)]


def _fail(status: int, messages: Sequence[str]) -> int:
    for message in messages:
        click.echo("lrplot: " + printable(message), err=True)
    return status
