"""Answers come in the order of their tasks, and a worker that is lost costs no more than what it was at."""

import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from multiprocessing import forkserver, get_all_start_methods
from pathlib import Path
from typing import Any

import pytest

from lrplot.batch import workers
from lrplot.batch.workers import AHEAD, in_order, usable_cores

pytestmark = pytest.mark.process


def after(seconds: float) -> float:
    """Sleeps and answers how long; kills its own process where that is less than nothing."""
    if seconds < 0:
        assert multiprocessing.parent_process() is not None
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(seconds)
    return seconds


def process_of(_: object) -> int:
    return os.getpid()


def lost(_: object) -> str:
    return "lost"


class Unwanted:
    """A function that ends each process that it is sent to."""

    def __call__(self, _: object) -> int:
        return os.getpid()

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (1,)


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


# Workers that cannot be had


@pytest.mark.process
def test_where_a_worker_cannot_be_started_those_that_could_do_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    start, started, told = workers._start, [], []

    def start_two(function: Any) -> tuple[Any, Any]:
        if len(started) == 2:
            raise OSError(errno.EMFILE, "Too many open files")
        started.append(start(function))
        return started[-1]

    monkeypatch.setattr(workers, "_start", start_two)
    answers = list(in_order(process_of, range(40), 4, lost, told.append))
    assert set(answers) == {process.pid for _, process in started}
    assert told == ["only 2 of 4 workers could be started: Too many open files"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError("AF_UNIX path too long"), "AF_UNIX path too long"),
        (FileNotFoundError(errno.ENOENT, "No usable temporary directory"), "No usable temporary directory"),
        (EOFError("unexpected EOF"), "the process that starts them has ended"),
    ],
)
def test_where_none_can_be_started_this_process_does_the_work(
    error: Exception, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def refuse(function: object) -> None:
        raise error

    monkeypatch.setattr(workers, "_start", refuse)
    assert list(in_order(process_of, range(3), 4, lost, told.append)) == [os.getpid()] * 3
    assert told == [f"no workers could be started: {said}"]


@pytest.mark.process
def test_a_worker_that_ends_before_it_is_there_costs_no_task() -> None:
    told: list[str] = []
    assert list(in_order(Unwanted(), range(5), 2, lost, told.append)) == [os.getpid()] * 5
    assert told == [f"{had} could be started: it ended as it began" for had in ("only 1 of 2 workers", "no workers")]


@pytest.mark.process
@pytest.mark.skipif(workers.METHOD != "forkserver", reason="there is no server")
def test_a_server_that_is_killed_costs_no_task_and_gives_way_to_another() -> None:
    def tasks() -> Iterator[float]:
        yield from (0.0, 0.1)
        os.kill(forkserver._forkserver._forkserver_pid, signal.SIGKILL)  # type: ignore[attr-defined]
        time.sleep(0.2)  # until it is gone
        yield from (0.0, -1.0, 0.1, -1.0, 0.0)

    assert list(in_order(after, tasks(), 2, lost)) == [0.0, 0.1, 0.0, "lost", 0.1, "lost", 0.0]


# What a worker imports

PROGRAM = """
if __name__ == "__main__":
    from lrplot.batch import workers
    workers.METHOD = {!r}
    from lrplot.__main__ import main
    main()
"""


@pytest.mark.process
@pytest.mark.parametrize("method", sorted({"forkserver", "spawn"} & {*get_all_start_methods()}))
def test_workers_import_nothing_from_the_current_folder(
    method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("bin", "here/configs"):
        Path(tmp_path, name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    for name in {*sys.stdlib_module_names, *packages_distributions(), "sitecustomize", "usercustomize"}:
        if name.isidentifier():
            Path(name).mkdir()
            Path(name, "__init__.py").write_text(f"open({str(tmp_path / 'RAN')!r}, 'a').write(__name__ + ' ')")
    for name in "ab":
        Path(f"configs/{name}.yaml").write_text("scheduler: step step_size=4\nplot: {size: 300x200}\n")
    program = tmp_path / "bin/program"
    program.write_text(PROGRAM.format(method))
    words = ["batch", "configs", "-o", "out", "-f", "png", "-f", "csv", "--index", "--jobs", "2"]
    done = subprocess.run([sys.executable, str(program), *words], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "2 rendered\n", "")
    assert not Path(tmp_path, "RAN").exists()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system does not tell processes where to run")
def test_cores_are_counted_where_this_process_may_run() -> None:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert usable_cores() == 1
    finally:
        os.sched_setaffinity(0, before)
