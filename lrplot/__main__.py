"""The program: before anything else, what Ctrl-C means while the rest is imported."""

import gc
import os
import signal
import sys

gc.disable()  # nothing of what is imported is garbage


def _end(*_: object) -> None:
    os.write(2, b"\nlrplot: interrupted\n")
    os._exit(130)


if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # and not ignored
    signal.signal(signal.SIGINT, _end)

if sys.stderr is None:  # it was closed: the next file that is opened would get its number, and what others have to say
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - to the end

from lrplot.cli.main import main  # noqa: E402

gc.enable()

if __name__ == "__main__":
    main()
