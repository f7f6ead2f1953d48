"""The program: before anything else, what Ctrl-C means while the rest is imported."""

import gc
import os
import signal
import sys

gc.disable()  # nothing of what is imported is garbage; _prepare enables it


def _end(*_: object) -> None:
    os.write(2, b"\nlrplot: interrupted\n")
    os._exit(130)


if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # and not ignored
    signal.signal(signal.SIGINT, _end)

if sys.stderr is None:  # it was closed: the next file that is opened would get its number, and what others have to say
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - to the end

from lrplot.cli.main import main as program  # noqa: E402


def main() -> None:
    """The command line, in a process of its own.

    Where nothing waits for Python's end, as after a table or a help, the process ends at once: to take apart what was
    imported takes longer than to write the table.
    """
    try:
        program()
    except SystemExit as end:
        if "atexit" in sys.modules or sys.getprofile() or not _flushed():
            raise
        os._exit(int(end.code or 0))


def _flushed() -> bool:
    """Whether all that was printed is out; where it is not, Python says so at its own end."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        return False
    return True


if __name__ == "__main__":
    main()
