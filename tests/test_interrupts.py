"""The first signal ends the work, those after it change nothing, and none breaks into what is deaf."""

import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from lrplot.batch import interrupts


def ended(code: str, *numbers: int) -> tuple[int, str]:
    """Exit status and output of a program that gets these signals once it has printed a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    for number in numbers:
        process.send_signal(number)
        time.sleep(0.1)
    return process.wait(20), process.stdout.read()


@pytest.mark.process
@pytest.mark.parametrize(
    ("number", "raised"), [(signal.SIGINT, "KeyboardInterrupt()"), (signal.SIGTERM, "Interrupted(15)")]
)
def test_the_first_signal_raises_and_no_other_breaks_into_the_clean_up(number: int, raised: str) -> None:
    code = """
        import time
        from lrplot.batch import interrupts
        interrupts.listen(*interrupts.ENDINGS)
        try:
            print("ready", flush=True)
            time.sleep(20)
        except BaseException as error:
            time.sleep(0.5)
            print(repr(error))
    """
    assert ended(code, number, signal.SIGINT, signal.SIGTERM, signal.SIGHUP) == (0, raised + "\n")


@pytest.mark.process
def test_what_comes_in_a_deaf_block_is_raised_at_its_end() -> None:
    code = """
        import time
        from lrplot.batch import interrupts
        interrupts.listen(*interrupts.ENDINGS)
        try:
            with interrupts.deaf():
                print("ready", flush=True)
                time.sleep(0.5)
                print("whole")
            print("never")
        except KeyboardInterrupt:
            print("raised")
    """
    assert ended(code, signal.SIGINT) == (0, "whole\nraised\n")


@pytest.mark.process
def test_what_begins_in_a_deaf_block_outlives_what_a_terminal_sends_to_all() -> None:
    code = """
        import os, subprocess, sys
        from lrplot.batch import interrupts
        interrupts.listen(*interrupts.ENDINGS)
        with interrupts.deaf():
            child = subprocess.Popen(["sleep", "1"])
        try:
            print("ready", flush=True)
            child.wait()
        except KeyboardInterrupt:
            os.kill(child.pid, 2), os.kill(child.pid, 15), os.kill(child.pid, 1)
            print(child.wait())
    """
    assert ended(code, signal.SIGINT) == (0, "0\n")


@pytest.mark.process
def test_an_import_is_not_broken_off(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text("import time\nprint('ready', flush=True)\ntime.sleep(0.5)\nprint('imported')\n")
    code = f"""
        import sys, time
        from lrplot.batch import interrupts
        interrupts.listen(*interrupts.ENDINGS)
        sys.path.insert(0, {str(tmp_path)!r})
        try:
            import slow
            time.sleep(20)
        except KeyboardInterrupt:
            print("raised")
    """
    assert ended(code, signal.SIGINT, signal.SIGINT) == (0, "imported\nraised\n")


@pytest.mark.process
def test_what_python_drops_is_raised_again_without_a_word() -> None:
    code = """
        import time
        from lrplot.batch import interrupts
        interrupts.listen(*interrupts.ENDINGS)
        class Thing:
            def __del__(self):
                print("ready", flush=True)
                time.sleep(20)
        try:
            thing = Thing()
            del thing
            time.sleep(20)
        except KeyboardInterrupt:
            print("raised")
    """
    assert ended(code, signal.SIGINT) == (0, "raised\n")


@pytest.mark.process
def test_a_signal_that_is_ignored_stays_ignored() -> None:
    code = """
        import signal, time
        from lrplot.batch import interrupts
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
        interrupts.listen(*interrupts.ENDINGS)
        print("ready", flush=True)
        time.sleep(0.5)
    """
    assert ended(code, signal.SIGHUP) == (0, "")


def test_after_a_block_in_which_nothing_came_all_is_as_before() -> None:
    before = [signal.getsignal(number) for number in interrupts.ENDINGS]
    with interrupts.listening(*interrupts.ENDINGS):
        assert [signal.getsignal(number) for number in interrupts.ENDINGS] != before
    assert [signal.getsignal(number) for number in interrupts.ENDINGS] == before


@pytest.mark.process
def test_ctrl_c_while_the_program_is_imported_is_said_in_a_word(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("import time\nprint('ready', flush=True)\ntime.sleep(20)\n")
    code = f"import runpy, sys; sys.path.insert(0, {str(tmp_path)!r}); runpy.run_module('lrplot', run_name='__main__')"
    assert ended(code, signal.SIGINT) == (130, "\nlrplot: interrupted\n")
