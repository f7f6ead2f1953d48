"""The command line, in the test's own process or, where a test is marked ``process``, in one of its own."""

import gc
import io
import logging
import os
import resource
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import pytest

from lrplot.cli import main as cli

# A process's peak counts what its parent held when it was made, so a small one stands between a large test run and the
# command.
BETWEEN = """
import os, sys
child = os.posix_spawn(sys.executable, [sys.executable, "-m", "lrplot", *sys.argv[1:]], os.environ)
_, status, used = os.wait4(child, 0)
os.write(2, b"\\n%d %f %d" % (os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss))
"""
MEGABYTE = 1e6 if sys.platform == "darwin" else 1e3
"""In the units of ``ru_maxrss``."""


class Done(NamedTuple):
    """What a command did, and what it took."""

    returncode: int
    out: bytes
    err: bytes
    seconds: float
    """Of the processor: a busy machine takes longer, and that is not for the command to answer."""
    megabytes: float
    """At its peak; in the test's own process, above the peak before it."""

    @property
    def stdout(self) -> str:
        return io.TextIOWrapper(io.BytesIO(self.out), "utf-8").read()

    @property
    def stderr(self) -> str:
        return io.TextIOWrapper(io.BytesIO(self.err), "utf-8").read()


def lrplot(*words: str, input: str = "", env: Mapping[str, str] | None = None, cwd: object = None) -> Done:
    """What ``lrplot WORDS`` does; a fixture in conftest.py says where."""
    return run(words, input.encode(), env, cwd)


def refused(*words: str) -> list[str]:
    """The lines of a command that is refused, and leaves the folder as it was."""
    before = sorted(os.listdir())
    done = lrplot(*words)
    lines = done.stderr.splitlines()
    assert (done.returncode, done.stdout, sorted(os.listdir())) == (2, "", before), done.stderr
    assert all(line.startswith("lrplot: ") for line in lines)
    return [line.removeprefix("lrplot: ") for line in lines]


def ok(*words: str, **options: object) -> str:
    """What a command prints that succeeds and has nothing to complain about."""
    done = lrplot(*words, **options)  # type: ignore[arg-type]
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def typed(line: str) -> list[str]:
    """The words that a shell makes of a line."""
    return subprocess.check_output(["bash", "-c", f"printf '%s\\0' {line}"], text=True).split("\0")[:-1]


def run_here(
    words: Sequence[str], stdin: bytes = b"", env: Mapping[str, str] | None = None, cwd: object = None
) -> Done:
    """Runs a command as the program does, in this process; what would end there in a traceback is raised."""
    out, err = io.BytesIO(), io.BytesIO()
    with _as_in_a_new_process() as patch, mock.patch.dict(os.environ, env or {}, clear=env is not None):
        patch.setattr(sys, "argv", ["lrplot", *words])
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        patch.setattr(sys, "stdout", io.TextIOWrapper(out, "utf-8", "surrogateescape"))
        patch.setattr(sys, "stderr", io.TextIOWrapper(err, "utf-8", "backslashreplace", write_through=True))
        if cwd is not None:
            patch.chdir(cwd)  # type: ignore[arg-type]
        before, began = _peak_from_now_on(), time.process_time()
        with pytest.raises(SystemExit) as end:
            cli.main()
        sys.stdout.flush()
        status = int(end.value.code or 0)
        return Done(status, out.getvalue(), err.getvalue(), time.process_time() - began, _peak() - before)


def run_there(
    words: Sequence[str], stdin: bytes = b"", env: Mapping[str, str] | None = None, cwd: object = None
) -> Done:
    """Runs a command in a process of its own."""
    command = [sys.executable, "-I", "-S", "-c", BETWEEN, *words]
    done = subprocess.run(command, input=stdin, capture_output=True, timeout=60, env=env, cwd=cwd)  # type: ignore[call-overload]
    err, _, report = done.stderr.rpartition(b"\n")
    status, seconds, peak = report.split()
    return Done(int(status), done.stdout, err, float(seconds), float(peak) / MEGABYTE)


run = run_here


def _peak_from_now_on() -> float:
    """The peak of this process, brought down to what it holds now where the system can do that."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return _peak()


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE


@contextmanager
def _as_in_a_new_process() -> Iterator[pytest.MonkeyPatch]:
    """Signals, warnings and log messages go their way as if there were no pytest, and what a command does to them ends
    with it.
    """
    signals = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        patch.setattr(gc, "freeze", lambda: None)  # it would be for good, in a process that goes on
        patch.setattr(logging.root, "handlers", [])
        warnings.resetwarnings()
        for category in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
            warnings.simplefilter("ignore", category)
        try:
            yield patch
        finally:
            for number, handler in signals.items():
                signal.signal(number, handler)
