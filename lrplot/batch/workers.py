"""A function over many tasks in worker processes: answers come in order, and a lost worker costs its task alone."""

import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from typing import Any, Generic, TypeVar

from lrplot.batch.interrupts import ENDINGS, Interrupted, deaf, ignore, listening

T = TypeVar("T")
R = TypeVar("R")

METHOD = "spawn" if sys.platform == "win32" else "forkserver"
"""How workers begin: where it can be, from a small server, so that they are cheap and nothing of ours is forked."""
AHEAD = 16
"""Tasks a worker that may be done before their turn: what bounds the memory when one of them takes long."""
POLL = 0.1
"""Seconds after which an interruption is seen, at the latest."""
PATIENCE = 3
"""Seconds that a worker has to break off what it is at."""
SPARE = 16
"""Descriptors that must be left for a worker to be started."""


def usable_cores() -> int:
    """The cores that this process may use.

    >>> usable_cores() >= 1
    True
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order(
    function: Callable[[T], R],
    tasks: Iterable[T],
    workers: int,
    lost: Callable[[T], R],
    tell: Callable[[str], object] = warnings.warn,
) -> Iterator[R]:
    """The answers of ``function``, in the order of the tasks; with one worker, in this process.

    Tasks are taken from their iterable as they are needed. A task whose worker dies is answered by ``lost``. Closing
    the iterator, or an exception such as Ctrl-C, stops the workers at once. Where they cannot be had, fewer do the
    work, or this process.

    Args:
        function: A function of a module, which does not raise: its answer says what went wrong.
        tell: Is told which workers could not be had, and why.
    """
    crew = _Crew(function, workers if workers > 1 and _has_current_folder() else 0, lost, tell)
    numbered = enumerate(tasks)
    answers: dict[int, R] = {}
    turn = 0
    try:
        task = next(numbered, None)
        while task is not None or crew.tasks:
            if task is not None:
                crew.fill()
            while task is not None and len(answers) + len(crew.tasks) < AHEAD * workers and crew.give(task):
                task = next(numbered, None)
            answers.update(crew.answers())
            if task is not None and not crew.size:
                answers[task[0]] = function(task[1])
                task = next(numbered, None)
            while turn in answers:
                yield answers.pop(turn)
                turn += 1
    finally:
        crew.dismiss()


def _has_current_folder() -> bool:
    try:
        return bool(os.getcwd())
    except FileNotFoundError:  # somebody has deleted it
        return False


@dataclass
class _Crew(Generic[T, R]):
    """So many workers, each at one task at a time, or as many as can be had; they are known by their pipes.

    Args:
        tasks: What those who are at work are at.
        new: Those of whom nothing was heard yet.
    """

    function: Callable[[T], R]
    size: int
    lost: Callable[[T], R]
    tell: Callable[[str], object]
    processes: dict[Any, Any] = field(default_factory=dict)
    tasks: dict[Any, tuple[int, T]] = field(default_factory=dict)
    new: set[Any] = field(default_factory=set)

    def fill(self) -> None:
        """Starts the workers that are missing."""
        while len(self.processes) < self.size:
            try:
                pipe, process = _start(self.function)
            except OSError as error:
                self._make_do(error.strerror or str(error))
            except EOFError:
                self._make_do("the process that starts them has ended")
            else:
                self.processes[pipe] = process
                self.new.add(pipe)

    def give(self, task: tuple[int, T]) -> bool:
        """Gives a task to a worker that has none; returns whether there was one."""
        for pipe in self.processes.keys() - self.tasks.keys():
            with suppress(OSError):  # it was killed, which costs no task
                pipe.send(task[1])
                self.tasks[pipe] = task
                return True
        return False

    def answers(self) -> Iterator[tuple[int, R]]:
        """Waits a moment for answers, and yields them with the numbers of their tasks."""
        pipe: Any
        for pipe in wait(self.processes, POLL) if self.processes else ():
            try:
                answer = pipe.recv()
            except (EOFError, OSError):
                yield from self._miss(pipe)
            else:
                if pipe in self.new:
                    self.new.remove(pipe)
                else:
                    yield self.tasks.pop(pipe)[0], answer

    def dismiss(self) -> None:
        """Ends the workers, and what they are at."""
        for pipe, process in self.processes.items():
            pipe.close()
            if pipe in self.tasks or pipe in self.new:
                process.terminate()
        end = time.monotonic() + PATIENCE
        for process in self.processes.values():
            process.join(max(0, end - time.monotonic()))
            process.kill()  # where it still is in one long computation of numpy's, say
            process.join()

    def _miss(self, pipe: Any) -> Iterator[tuple[int, R]]:
        """Does without a worker that is gone: one that never was there has not seen its task, which is done here."""
        del self.processes[pipe]
        if pipe in self.new:
            self.new.remove(pipe)
            self._make_do("it ended as it began")
            answer = self.function
        else:
            answer = self.lost
        if pipe in self.tasks:
            number, task = self.tasks.pop(pipe)
            yield number, answer(task)

    def _make_do(self, reason: str) -> None:
        """Goes on with the workers that there are."""
        had = f"only {len(self.processes)} of {self.size} workers" if self.processes else "no workers"
        self.tell(f"{had} could be started: {reason}")
        self.size = len(self.processes)


def _start(function: Callable[[T], R]) -> tuple[Any, Any]:
    """A new worker: our end of its pipe, and its process.

    Raises:
        OSError, EOFError: There can be none.
    """
    with ExitStack() as spare:  # or starting one would fail half-way, and files could not be opened any more
        for _ in range(SPARE):
            spare.enter_context(open(os.devnull))
    context: Any = multiprocessing.get_context(METHOD)
    context.set_forkserver_preload([function.__module__])
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(function, theirs, os.getcwd()), daemon=True)
    if METHOD == "forkserver":
        with _apart():
            resource_tracker.ensure_running()  # lets some of the signals through again
    with theirs, _apart():
        process.start()
    return ours, process


@contextmanager
def _apart() -> Iterator[None]:
    """Lets processes begin out of reach of a terminal's signals, and in the folder of Python's own library.

    Their first imports come from the folder in which they begin, and the current one may hold anybody's modules.
    """
    here = os.getcwd()
    tempfile.gettempdir()  # is found from here: its last resort is the current folder
    with deaf():
        os.chdir(os.path.dirname(os.__file__))
        try:
            yield
        finally:
            os.chdir(here)


# In a worker


def _work(function: Callable[[T], R], pipe: Any, folder: str) -> None:
    """Says that it is there and answers tasks, until the pipe ends or SIGTERM raises what removes temporary files."""
    ignore(*(number for number in ENDINGS if number != signal.SIGTERM))
    with suppress(EOFError, OSError, RuntimeError, Interrupted), listening(signal.SIGTERM):
        threading.Thread(target=_end_with_parent, daemon=True).start()  # a RuntimeError where there can be none
        if hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
        os.chdir(folder)
        pipe.send(None)
        while True:
            pipe.send(function(pipe.recv()))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
