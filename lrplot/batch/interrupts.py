"""Ctrl-C, and what a CI job or a closed terminal sends: the first one ends the work where nothing is torn, those after it change nothing."""

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
_held = False
_raised = False
LATER = 0.02
"""Seconds until an exception that could not be raised is tried again."""


class Interrupted(BaseException):
    """What SIGTERM and SIGHUP raise; SIGINT raises KeyboardInterrupt, as everywhere in Python."""


def listen(*numbers: int) -> None:
    """From now on, the first of these signals raises an exception, and none after it. What is ignored already stays so, as with nohup."""
    if current_thread() is main_thread():  # no other may
        for number in numbers:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, _hear)


@contextmanager
def listening(*numbers: int) -> Iterator[None]:
    """The same for the block alone; but once one came, for good: there is an end to be reached."""
    before = {number: signal.getsignal(number) for number in numbers}
    try:
        listen(*numbers)
        yield
    finally:
        for number, handler in before.items():
            if heard is None and signal.getsignal(number) is _hear:
                signal.signal(number, handler)


def ignore(*numbers: int) -> None:
    """From now on, these signals change nothing."""
    for number in numbers:
        signal.signal(number, signal.SIG_IGN)


def hold() -> None:
    """From now on, no signal breaks in but within ``held(False)``."""
    global _held
    _held = True


@contextmanager
def held(hold: bool = True) -> Iterator[None]:
    """A block that no signal breaks into: what came is raised at its end. ``held(False)`` lets them through again, within such a block."""
    global _held
    before, _held = _held, hold
    try:
        check()
        yield
    finally:
        _held = before
    check()


def check() -> None:
    """Raises what came, if it is not held back."""
    global _raised
    if heard is not None and not _held:
        _raised = True
        raise KeyboardInterrupt if heard == signal.SIGINT else Interrupted(heard)


def _hear(number: int, frame: FrameType | None) -> None:
    global heard
    if heard is None:
        heard = number
        sys.unraisablehook = _dropped
        _break_in(number, frame)


def _break_in(number: int, frame: FrameType | None) -> None:
    """Raises it, but not in the midst of an import: half a module written in C can take Python itself down."""
    if _raised:
        return
    if hasattr(signal, "setitimer") and _imports(frame):
        _try_later()
    else:
        check()


def _imports(frame: FrameType | None) -> bool:
    while frame is not None and not frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    return frame is not None


def _try_later() -> None:
    signal.signal(signal.SIGALRM, _break_in)
    signal.setitimer(signal.ITIMER_REAL, LATER)


def _dropped(unraisable: Any) -> None:
    """Python drops an exception in a callback, say, and would print it: ours is raised again, and nobody waits for others any more."""
    global _raised
    if issubclass(unraisable.exc_type, (KeyboardInterrupt, Interrupted)) and hasattr(signal, "setitimer"):
        _raised = False
        _try_later()
