"""One lrplot command, in this process or in one of its own, and what must hold of it whatever it was given."""

import contextlib
import os
import re
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import traceback
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from lrplot.runs import make
from lrplot.runs.run import run_parameters
from tests import command

ROOT = Path(__file__).parents[2]
LONGEST = 10.0
"""Seconds that a command may take, on a machine that has other things to do."""
LARGEST = 500
"""Megabytes that a command may add to the memory."""
STEPS = 2_000
"""Steps of a run: long ones take their time by right."""
QUIBBLES = r"[Ff]ont|[Ss]tyle|workers|\bLR\d{3} |more notes?:|^lrplot: \S+\.\w+: (?:an? |training |arguments |flags )|has two rates, in rows"
"""What is said on standard error beside an output."""


class Request(NamedTuple):
    """A command.

    Args:
        words: Of it.
        files: What is in its folder.
        stdin: Standard input.
        outputs: The files (or folders, with a slash) that it may make or replace.
        specials: What else is in its folder: where a link leads, or "pipe" or "folder".
        environ: What it finds in its environment, besides what this process has.
        limits: What a shell does before it: limits, closed streams.
    """

    words: Sequence[str]
    files: Mapping[str, bytes] = {}
    stdin: bytes = b""
    outputs: Sequence[str] = ()
    specials: Mapping[str, str] = {}
    environ: Mapping[str, str] = {}
    limits: str = ""

    def __repr__(self) -> str:
        given = [f"{name}: {data!r}" for name, data in self.files.items()] + (
            [f"stdin: {self.stdin!r}"] if self.stdin else []
        )
        given += [f"{name}: {kind}" for name, kind in self.specials.items()]
        before = [self.limits] if self.limits else []
        before += [f"{name}={shlex.quote(value)}" for name, value in self.environ.items()]
        return "\n".join([" ".join([*before, "lrplot", shlex.join(self.words)]), *given])


class Outcome(NamedTuple):
    """What a command did."""

    status: object
    stdout: bytes
    stderr: bytes
    files: Mapping[str, bytes]
    raised: str = ""
    memory: float = 0.0


class Tally:
    """What ``make fuzz`` tells at its end of one kind of input."""

    def __init__(self) -> None:
        self.cases = 0
        self.statuses: dict[object, int] = defaultdict(int)
        self.findings: set[str] = set()


tallies: dict[str, Tally] = defaultdict(Tally)


class Hang(BaseException):
    """A command did not end in time."""


def cap_steps() -> None:
    """Has lrplot refuse runs of more than STEPS steps, as it refuses those that no memory holds."""
    make.MAX_STEPS = STEPS
    steps = next(parameter for parameter in run_parameters() if parameter.name == "steps")
    steps.constraint.high = STEPS  # type: ignore[union-attr]


@contextlib.contextmanager
def scratch(files: Mapping[str, bytes], specials: Mapping[str, str] = {}) -> Iterator[Path]:
    """A folder that holds some files, and nothing else; it is the current one for as long as it is there."""
    before = os.getcwd()
    folder = Path(tempfile.mkdtemp(prefix="lrplot-fuzz-"))
    try:
        for name, data in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        for name, kind in specials.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            if kind == "pipe":
                os.mkfifo(folder / name)
            elif kind == "folder":
                (folder / name).mkdir()
            else:
                (folder / name).symlink_to(kind)
        os.chdir(folder)
        yield folder
    finally:
        os.chdir(before)
        shutil.rmtree(folder)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file in a folder; an empty sub-folder counts as one, as it is a thing left behind."""
    found = {}
    for parent, folders, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            if stat.S_ISREG(os.lstat(path).st_mode):
                found[os.path.relpath(path, folder)] = Path(path).read_bytes()
        if not folders and not names and parent != str(folder):
            found[os.path.relpath(parent, folder) + "/"] = b""
    return found


def _late(*_: object) -> None:
    raise Hang(f"did not end in {LONGEST:.0f} s")


def run_here(request: Request) -> Outcome:
    """Runs a command in this process."""
    status: object = "nothing"
    out, err, raised, memory = b"", b"", "", 0.0
    signal.signal(signal.SIGALRM, _late)
    environ = {**os.environ, **request.environ} if request.environ else None
    with scratch(request.files, request.specials) as folder:
        signal.setitimer(signal.ITIMER_REAL, LONGEST)
        try:
            status, out, err, _, memory = command.run_here(request.words, request.stdin, environ)
        except BaseException:
            raised = traceback.format_exc()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        return Outcome(status, out, err, contents(folder), raised, memory)


def run_there(request: Request) -> Outcome:
    """Runs a command in a process of its own, with nothing changed in lrplot."""
    environ = {
        "HOME": os.environ.get("HOME", "/"),
        "LC_ALL": "C.UTF-8",
        "PATH": os.environ["PATH"],
        "PYTHONSAFEPATH": "1",
        "PYTHONPATH": str(ROOT),
        **request.environ,
    }
    words = [sys.executable, "-m", "lrplot", *request.words]
    if request.limits:
        words = ["sh", "-c", f'{request.limits} exec "$@"', "sh", *words]
    with scratch(request.files, request.specials) as folder:
        done = subprocess.run(words, input=request.stdin, capture_output=True, timeout=6 * LONGEST, env=environ)
        return Outcome(done.returncode, done.stdout, done.stderr, contents(folder))


def broken(request: Request, outcome: Outcome) -> str:
    """How an outcome breaks the promise that every input ends well: an empty text where it keeps it."""
    is_heard = "2>&-" not in request.limits
    if outcome.raised:
        return outcome.raised.rstrip().splitlines()[-1] + _where(outcome.raised)
    if outcome.status not in (0, 1, 2):
        return f"exit status {outcome.status}"
    lines = outcome.stderr.decode("utf-8").split("\n")
    if lines.pop() or (is_heard and not lines and outcome.status != 0):
        return "standard error does not end in a full line"
    for line in lines:
        if line.startswith("Traceback "):
            return lines[-1]
        if not line.startswith("lrplot: ") and not (request.words[:1] == ["batch"] and outcome.status != 2):
            return f"a line on standard error that is none of lrplot's: {line!r}"
        if not line.isprintable():
            return f"a line on standard error that is not printable: {line!r}"
    if outcome.status == 0 and (complaints := [line for line in lines if not re.search(QUIBBLES, line)]):
        return f"complains but succeeds: {complaints[0]!r}"
    if changed := [
        name for name, data in request.files.items() if name not in request.outputs and outcome.files.get(name) != data
    ]:
        return f"changed its input {changed[0]!r}"
    given = {*request.files, *(f"{name}/" for name in request.specials)}
    made = [name for name in outcome.files if name not in given]
    if more := [name for name in made if not name.startswith(tuple(request.outputs) or "//")]:
        return f"made {more[0]!r}, which nobody asked for"
    if outcome.status == 2 and made:
        return f"made {made[0]!r} and refused the request"
    if outcome.memory > LARGEST:
        return f"took {outcome.memory:,.0f} MB of memory"
    return ""


def _where(raised: str) -> str:
    places = [line.strip() for line in raised.splitlines() if line.lstrip().startswith("File ") and "/lrplot/" in line]
    return f"  [{places[-1]}]" if places else ""


def examine(kind: str, request: Request) -> Outcome:
    """Runs a command here and demands that it ends well; counts it."""
    outcome = run_here(request)
    tally = tallies[kind]
    tally.cases += 1
    tally.statuses[outcome.status] += 1
    if problem := broken(request, outcome):
        tally.findings.add(problem)
        raise AssertionError(f"{problem}\n\n{request!r}\n\n{outcome.raised}")
    return outcome
