"""A function over many tasks in worker processes: answers in the order of the tasks, and a lost worker costs its task alone."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from lrplot.batch.interrupts import ENDINGS, Interrupted, check, held, hold, ignore, listen

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 16
"""Tasks a worker that may be done before their turn: what bounds the memory when one of them takes long."""
POLL = 0.1
"""Seconds after which an interruption is seen, at the latest."""
PATIENCE = 3
"""Seconds that a worker has to break off what it is at."""


def usable_cores() -> int:
    """The cores that this process may use.

    >>> usable_cores() >= 1
    True
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_order(function: Callable[[T], R], tasks: Iterable[T], workers: int, lost: Callable[[T], R]) -> Iterator[R]:
    """The answers of ``function``, in the order of the tasks; with one worker, in this process.

    Tasks are taken from their iterable as they are needed. A task whose worker dies is answered by ``lost``. Closing the iterator, or
    an exception such as Ctrl-C, stops the workers at once.

    Args:
        function: A function of a module, which does not raise: its answer says what went wrong.
    """
    if workers <= 1 or not _has_current_folder():  # which multiprocessing cannot do without
        for answer in map(function, tasks):
            yield answer
            check()
        return
    others = set(multiprocessing.active_children())
    idle: list[ProcessPoolExecutor] = []
    running: dict[Future[R], tuple[int, T, ProcessPoolExecutor]] = {}
    answers: dict[int, R] = {}
    numbered = enumerate(tasks)
    turn = 0
    with held():  # an exception in the midst of a pool's own work would leave it in pieces
        try:
            # A pool for each worker, with one task at a time: when a pool breaks it is known which task broke it.
            for _ in range(workers):
                idle.append(_pool())
            while True:
                while (
                    idle
                    and len(answers) + len(running) < AHEAD * workers
                    and (task := next(numbered, None)) is not None
                ):
                    pool, future = _submitted(idle.pop(), function, task[1])
                    running[future] = (*task, pool)
                if not running:
                    return
                for future in wait(running, POLL, FIRST_COMPLETED).done:
                    number, given, pool = running.pop(future)
                    try:
                        answers[number] = future.result()
                    except (BrokenProcessPool, Interrupted):
                        answers[number] = lost(given)
                        pool.shutdown(wait=False)
                        pool = _pool()
                    idle.append(pool)
                with held(False):
                    while turn in answers:
                        yield answers.pop(turn)
                        turn += 1
        finally:
            _stop(
                set(multiprocessing.active_children()) - others if running else set(),
                [*idle, *(pool for _, _, pool in running.values())],
            )


def _has_current_folder() -> bool:
    try:
        return bool(os.getcwd())
    except FileNotFoundError:  # somebody has deleted it
        return False


def _stop(workers: Set[BaseProcess], pools: Sequence[ProcessPoolExecutor]) -> None:
    """Ends the pools, and what these workers are at."""
    for worker in workers:
        worker.terminate()
    last = threading.Timer(PATIENCE, _kill, [workers])
    last.start()
    for pool in pools:
        pool.shutdown(cancel_futures=True)
    last.cancel()


def _kill(workers: Iterable[BaseProcess]) -> None:
    """For workers that do not listen, in one long computation of numpy's, say."""
    for worker in workers:
        worker.kill()


def _submitted(pool: ProcessPoolExecutor, function: Callable[[T], R], task: T) -> tuple[ProcessPoolExecutor, Future[R]]:
    """The task on its way, in this pool or in a new one: a worker that was killed while it was idle costs no task."""
    try:
        return pool, pool.submit(_answer, function, task)
    except BrokenProcessPool:
        pool.shutdown(wait=False)
        pool = _pool()
        return pool, pool.submit(_answer, function, task)


def _pool() -> ProcessPoolExecutor:
    """A pool of one worker, which is on its way."""
    # Workers come from a small server process, so that they are cheap and no thread of ours is forked.
    method = "forkserver" if sys.platform != "win32" else "spawn"
    context: Any = multiprocessing.get_context(method)
    context.set_forkserver_preload(["lrplot.batch.task"])
    with _blocked():
        pool = ProcessPoolExecutor(
            1, mp_context=context, initializer=_begin
        )  # starts a process that lets some of the signals through again
    with _blocked():
        pool.submit(int)
    return pool


@contextmanager
def _blocked() -> Iterator[None]:
    """Processes that begin in this block hear nothing that a terminal or a CI job sends to all of them: the parent does, and stops them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# In a worker


def _begin() -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    ignore(*(number for number in ENDINGS if number != signal.SIGTERM))
    hold()
    listen(signal.SIGTERM)  # an exception, so that temporary files are removed
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])


def _answer(function: Callable[[T], R], task: T) -> R:
    """Only a task is broken off: the pool's own work goes on, so that the parent is not left with half of an answer."""
    with held(False):
        return function(task)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
