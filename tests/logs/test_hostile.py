"""Logs that are damaged, or made to do harm, end in a line that says what is wrong with them."""

import os
import random
import struct
from pathlib import Path

import pytest

from lrplot.configs.document import ConfigError
from lrplot.configs.logs.events import read, records
from lrplot.configs.logs.file import LogFile
from lrplot.configs.sources import load
from tests.command import lrplot
from tests.logs.writers import event, events, field, frame, varint

ROWS = [(step, 0.1 / (step + 1)) for step in range(30)]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refused(name: str, data: bytes | str, *words: str) -> str:
    """What is said of a file that cannot be used."""
    Path(name).write_bytes(data if isinstance(data, bytes) else data.encode())
    done = lrplot("plot", *(words or (name,)), "-o", "x.csv")
    assert (done.returncode, done.stderr.count("\n"), Path("x.csv").exists()) == (2, 1, False), done.stderr
    return done.stderr.removeprefix("lrplot: ").rstrip("\n")


def test_the_last_record_may_be_cut_off() -> None:
    whole = events(ROWS)
    for cut in range(1, len(event(29, "train/lr", 0.1))):
        Path("a.tfevents.1").write_bytes(whole[:-cut])
        assert len(load("a.tfevents.1").runs[0].kept) == 29


def test_a_wrong_checksum_is_told_with_its_place() -> None:
    whole = bytearray(events(ROWS))
    at = len(whole) - len(event(29, "train/lr", 0.1))
    for place in (-10, at - len(whole) + 3):
        whole[place] ^= 1
        message = f"a.tfevents.1: is damaged: the record at byte {at:,} has a wrong checksum"
        assert refused("a.tfevents.1", bytes(whole)) == message
        whole[place] ^= 1


def test_what_was_logged_after_a_resume_counts() -> None:
    Path("run").mkdir()
    Path("run/events.out.tfevents.100.host.1.0").write_bytes(events([(step, 1.0) for step in range(20)])[:-5])
    Path("run/events.out.tfevents.99.host.1.0").write_bytes(events([(step, 4.0) for step in range(5)]))
    Path("run/events.out.tfevents.200.host.1.0").write_bytes(events([(step, 2.0) for step in range(12, 30)]))
    (log,) = load("run").runs
    assert [*log.kept.rates[0]] == [1.0] * 12 + [2.0] * 18


def test_a_folder_of_several_runs_asks_for_one() -> None:
    for name in ("a", "b"):
        os.makedirs(f"runs/{name}")
        Path(f"runs/{name}/events.out.tfevents.1").write_bytes(events(ROWS))
    done = lrplot("plot", "runs", "-o", "x.csv")
    assert (done.returncode, done.stderr) == (2, "lrplot: runs: holds 2 runs: name one of runs/a and runs/b\n")
    assert lrplot("plot", "runs/b", "-o", "x.csv", "-q").returncode == 0


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.tfevents.1", b"", "a.tfevents.1: holds no numbers: it is empty, or has just been begun"),
        ("a.tfevents.1", b"\0" * 100, "a.tfevents.1: is damaged: the record at byte 0 has a wrong checksum"),
        ("a.tfevents.1", events(ROWS, "loss/all"), "a.tfevents.1: has no column whose name says that it is a learning rate: name its column, as in a.tfevents.1:NAME: there are loss, loss/all"),
        ("s.json", '{"log_history": [{"step": 1, "loss": 2}]}', "s.json: has no column whose name says that it is a learning rate: name its column, as in s.json:NAME: there are step, loss"),
        ("s.json", '{"log_history": [{"step": 1, "learning_rate": "warm"}]}', "s.json: learning_rate must be a number, got 'warm'"),
        ("s.json", '{"log_history": [{"step": 1, "learning_rate": {}}]}', "s.json: learning_rate must be a number, got '{}'"),
        ("s.json", '{"log_history": [{"step": 1, ', "s.json:1: is not valid JSON in column 30: expecting property name enclosed in double quotes"),
        ("s.json", '{"log_history": [' + 100_000 * "[", "s.json: is nested too deep for a log"),
        ("s.jsonl", '{"step": 1, "lr": 0.1, "x": 1}\n{"step": 2, "lr"\n{"step": 3, "lr": 0.1}\n', "s.jsonl:2: is no object in JSON, as the lines before it are"),
        ("s.jsonl", '{"step": 1.5, "lr": 0.1, "x": 1}\n{"step": 2.5, "lr": true}\n', "s.jsonl:2: lr must be a number, got 'true'"),
        ("s.csv", "iter,lr\n0,0.1\n1," + 2_000_000 * "1", "s.csv:3: has a line of more than 1,000,000 bytes"),
        ("s.csv", "iter,lr\n0,0.1\n1,0.1\n-4,0.1\n", "s.csv: iter must be a whole number from 0 on, got -4 in row 3"),
        ("s.csv", "iter,lr\n0,0.1\n1e300,0.1\n", "s.csv: iter must be a whole number from 0 on, got 1e+300 in row 2"),
        ("s.csv", b"iter,lr\n0,0.1\n\xff,0.1\n", "s.csv:3: is not UTF-8: byte 0xff cannot stand there"),
        ("s.log", "iter 1 lr 0.1\niter " + 6000 * "9" + " lr 0.1\n", "s.log:2: step must be at most 9,007,199,254,740,992, got 999,999,999,999,999,999"),
        ("s.log", "iter 1 lr 0.1\niter 2 lr [0.1, 0.2]\n", "s.log: has no step with all of lr, lr/0, lr/1: name one, as in s.log:lr/1"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_told_in_a_line(name: str, text: bytes | str, message: str) -> None:
    assert refused(name, text) == message


def test_two_million_tags_are_no_more_than_the_few_that_count(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [event(0, f"layer{index}/norm", 1.0) for index in range(1_000)]
    Path("a.tfevents.1").write_bytes(events(ROWS) + b"".join(parts))
    assert len(load("a.tfevents.1").runs[0].kept) == 30
    monkeypatch.setattr("lrplot.configs.logs.events.MOST_TAGS", 20)
    tags = b"".join(event(0, f"lr/{index}", 1.0) for index in range(21))
    message = "a.tfevents.1: has more than 20 learning rates: name one, as in a.tfevents.1:lr/20"
    assert refused("a.tfevents.1", tags) == message


def test_a_huge_sparse_file_is_not_read() -> None:
    with open("s.csv", "wb") as stream:
        stream.write(b"iter,lr\n")
        stream.truncate(2_147_483_648)
    done = lrplot("plot", "s.csv", "-o", "x.csv")
    assert done.stderr == "lrplot: s.csv: is too large: 2,147,483,648 bytes, at most 1,500,000,000 bytes are read\n"
    with open("s.csv", "r+b") as stream:
        stream.truncate(900_000_000)
    done = lrplot("plot", "s.csv", "-o", "x.csv")
    assert done.stderr == "lrplot: s.csv:2: has a line of more than 1,000,000 bytes\n" and done.megabytes < 100


def test_a_named_pipe_is_not_waited_for() -> None:
    os.mkfifo("run.csv")
    os.mkfifo("a.tfevents.1")
    for name in ("run.csv", "a.tfevents.1"):
        done = lrplot("plot", name, "-o", "x.csv")
        assert (done.returncode, done.stderr.count("\n")) == (2, 1) and "a pipe or a device" in done.stderr


def test_strange_bytes_never_break_the_reader_of_events() -> None:
    chance = random.Random(0)
    whole = events(ROWS[:6], style="double") + events(ROWS[:3], style="content")
    for _ in range(500):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            place = chance.randrange(len(data))
            data[place : place + chance.randint(0, 3)] = bytes(
                chance.randrange(256) for _ in range(chance.randint(0, 3))
            )
        Path("a.tfevents.1").write_bytes(data)
        try:
            read(LogFile("a.tfevents.1"), None)
        except ConfigError as error:
            assert len(error.messages) == 1


def test_strange_messages_never_break_the_reader_of_events() -> None:
    chance = random.Random(1)
    for _ in range(200):
        message = bytes(chance.randrange(256) for _ in range(chance.randint(0, 12)))
        wrapped = field(5, field(1, field(1, b"lr") + message))
        for record in (message, wrapped, varint(2 << 3) + message):
            Path("a.tfevents.1").write_bytes(events(ROWS[:1]) + frame(record))
            try:
                read(LogFile("a.tfevents.1"), None)
            except ConfigError as error:
                assert len(error.messages) == 1


def test_a_record_may_be_no_longer_than_a_record_is() -> None:
    from lrplot.configs.logs.events import masked

    length = struct.pack("<Q", 1 << 40)
    Path("a.tfevents.1").write_bytes(events(ROWS) + length + struct.pack("<I", masked(length)))
    file = LogFile("a.tfevents.1")
    with file.open() as stream, pytest.raises(ConfigError, match=r"is of 1,099,511,627,776 bytes"):
        list(records(stream, file))
