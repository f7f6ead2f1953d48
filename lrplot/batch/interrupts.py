"""Ctrl-C, and what a CI job or a closed terminal sends: the first ends the work, those after it change nothing."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType
from typing import Any

ENDINGS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""Signals that ask for an end."""

heard: int | None = None
"""The signal that came, once one has."""
LATER = 0.02
"""Seconds until an exception that could not be raised is tried again."""


class Interrupted(BaseException):
    """What SIGTERM and SIGHUP raise; SIGINT raises KeyboardInterrupt, as everywhere in Python."""


def listen(*numbers: int) -> None:
    """From now on, the first of these signals raises an exception, and none after it."""
    if current_thread() is main_thread():  # no other may
        for number in numbers:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup leaves it
                signal.signal(number, _hear)


@contextmanager
def listening(*numbers: int) -> Iterator[None]:
    """The same for the block alone; once one came, the others are ignored for good: there is an end to be reached."""
    before = {number: signal.getsignal(number) for number in numbers}
    try:
        listen(*numbers)
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is _hear:
                signal.signal(number, handler if heard is None else signal.SIG_IGN)


def ignore(*numbers: int) -> None:
    """From now on, these signals change nothing."""
    for number in numbers:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def deaf() -> Iterator[None]:
    """What comes in the block is heard at its end. Processes that begin in it hear nothing until they unblock it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _hear(number: int, frame: FrameType | None) -> None:
    global heard
    if heard is None:
        heard = number
        sys.unraisablehook = _dropped
        _break_in(number, frame)


def _break_in(number: int, frame: FrameType | None) -> None:
    """Raises what was heard, but not in the midst of an import: half a module in C can take Python itself down."""
    while frame is not None and not frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    if frame is not None and hasattr(signal, "setitimer"):
        _try_later()
    else:
        raise KeyboardInterrupt if heard == signal.SIGINT else Interrupted(heard)


def _dropped(unraisable: Any) -> None:
    """Raises our exception again where Python drops it, in a callback, say; others are dropped without a word."""
    if issubclass(unraisable.exc_type, (KeyboardInterrupt, Interrupted)) and hasattr(signal, "setitimer"):
        _try_later()


def _try_later() -> None:
    signal.signal(signal.SIGALRM, _break_in)
    signal.setitimer(signal.ITIMER_REAL, LATER)
