"""Answers come in the order of their tasks, and a worker that is lost costs no more than what it was at."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator

import pytest

from lrplot.batch.workers import AHEAD, in_order, usable_cores

pytestmark = pytest.mark.process


def after(seconds: float) -> float:
    """Sleeps and answers how long; kills its own process where that is less than nothing."""
    if seconds < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(seconds)
    return seconds


def process_of(_: object) -> int:
    return os.getpid()


def lost(_: object) -> str:
    return "lost"


def test_answers_come_in_the_order_of_the_tasks() -> None:
    assert list(in_order(after, [0.4, 0.0, 0.2, 0.0], 3, lost)) == [0.4, 0.0, 0.2, 0.0]


def test_a_task_that_takes_long_does_not_let_answers_pile_up() -> None:
    taken = []

    def tasks() -> Iterator[float]:
        for number in range(1000):
            taken.append(number)
            yield 1.0 if number == 0 else 0.0

    answers = in_order(after, tasks(), 2, lost)
    next(answers)
    assert len(taken) <= 2 * AHEAD + 1
    answers.close()


def test_a_killed_worker_fails_its_task_alone() -> None:
    tasks = [0.0, -1.0, 0.1, -1.0, -1.0, 0.0, 0.2]
    assert list(in_order(after, tasks, 2, lost)) == [0.0, "lost", 0.1, "lost", "lost", 0.0, 0.2]


def test_a_worker_that_is_killed_between_two_tasks_costs_none() -> None:
    def tasks() -> Iterator[int]:
        for number in range(6):
            if number in (2, 4):
                for worker in multiprocessing.active_children():
                    os.kill(worker.pid or 0, signal.SIGKILL)
                    worker.join()
                time.sleep(0.2)  # until the pool has noticed
            yield number

    answers = list(in_order(process_of, tasks(), 2, lost))
    # Two at most were at work when the others were killed; what was killed while it waited cost nothing.
    assert len(answers) == 6 and answers.count("lost") <= 2 * 2
    assert isinstance(answers[-1], int)


def test_one_worker_is_this_process_and_more_are_others() -> None:
    assert set(in_order(process_of, range(4), 1, lost)) == {os.getpid()}
    others = set(in_order(process_of, range(8), 2, lost))
    assert len(others) == 2 and os.getpid() not in others


def test_no_worker_is_left_when_the_answers_are_done_or_given_up() -> None:
    before = set(multiprocessing.active_children())
    assert list(in_order(after, [0.0] * 3, 2, lost)) == [0.0] * 3
    assert set(multiprocessing.active_children()) == before
    answers = in_order(after, [0.0, 60.0, 60.0], 2, lost)
    assert next(answers) == 0.0
    began = time.monotonic()
    answers.close()
    assert time.monotonic() - began < 5
    assert set(multiprocessing.active_children()) == before


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system does not tell processes where to run")
def test_cores_are_counted_where_this_process_may_run() -> None:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert usable_cores() == 1
    finally:
        os.sched_setaffinity(0, before)
