"""A function over many tasks in worker processes: answers in the order of the tasks, and a lost worker costs its task alone."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 16
"""Tasks a worker that may be done before their turn: what bounds the memory when one of them takes long."""


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
    if workers <= 1:
        yield from map(function, tasks)
        return
    others = set(multiprocessing.active_children())
    # A pool for each worker, with one task at a time: when a pool breaks it is known which task broke it.
    idle = [_pool() for _ in range(workers)]
    running: dict[Future[R], tuple[int, T, ProcessPoolExecutor]] = {}
    answers: dict[int, R] = {}
    numbered = enumerate(tasks)
    turn = 0
    try:
        while True:
            while idle and len(answers) + len(running) < AHEAD * workers and (task := next(numbered, None)) is not None:
                pool, future = _submitted(idle.pop(), function, task[1])
                running[future] = (*task, pool)
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                number, given, pool = running.pop(future)
                try:
                    answers[number] = future.result()
                except BrokenProcessPool:
                    answers[number] = lost(given)
                    pool.shutdown(wait=False)
                    pool = _pool()
                idle.append(pool)
            while turn in answers:
                yield answers.pop(turn)
                turn += 1
    finally:
        if running:
            for child in set(multiprocessing.active_children()) - others:
                child.terminate()
        for pool in [*idle, *(pool for _, _, pool in running.values())]:
            pool.shutdown(cancel_futures=True)


def _submitted(pool: ProcessPoolExecutor, function: Callable[[T], R], task: T) -> tuple[ProcessPoolExecutor, Future[R]]:
    """The task on its way, in this pool or in a new one: a worker that was killed while it was idle costs no task."""
    try:
        return pool, pool.submit(function, task)
    except BrokenProcessPool:
        pool.shutdown(wait=False)
        pool = _pool()
        return pool, pool.submit(function, task)


def _pool() -> ProcessPoolExecutor:
    """A pool of one worker, which is on its way."""
    # Workers come from a small server process, so that they are cheap and no thread of ours is forked.
    method = "forkserver" if sys.platform != "win32" else "spawn"
    context: Any = multiprocessing.get_context(method)
    context.set_forkserver_preload(["lrplot.batch"])
    pool = ProcessPoolExecutor(1, mp_context=context, initializer=_begin)
    with _interrupts_held():
        pool.submit(int)
    return pool


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C waits until the block has ended. Processes that begin in it never see one: it is the parent's to stop them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # an exception, so that temporary files are removed
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
