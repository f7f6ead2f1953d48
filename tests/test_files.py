"""A file is the old one or the new one, whatever happens, and nothing else is left in its folder; what is read has
bounds.
"""

import io
import os
import resource
import select
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lrplot import files
from lrplot.files import WriteError, read_bytes, replacing

ROOT = os.geteuid() == 0
NOBODY = 65534


@pytest.fixture(params=["nameless", "named"], autouse=True)
def both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything here holds as well where the system has no files without a name."""
    if request.param == "named":
        monkeypatch.setattr(files, "_NAMELESS", 0)


def write(path: str | Path, data: bytes) -> None:
    with replacing(str(path)) as stream:
        stream.write(data)


def refusal(path: str | Path, data: bytes = b"new") -> str:
    with pytest.raises(WriteError) as caught:
        write(path, data)
    return str(caught.value)


def listing(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# What is written


def test_a_new_file_and_the_folders_above_it_are_made(tmp_path: Path) -> None:
    write(tmp_path / "plots" / "cosine" / "x.png", b"new")
    assert (tmp_path / "plots" / "cosine" / "x.png").read_bytes() == b"new"
    assert listing(tmp_path) == ["plots", "plots/cosine", "plots/cosine/x.png"]


def test_an_existing_file_is_replaced_only_when_the_block_has_ended(tmp_path: Path) -> None:
    target = tmp_path / "x.csv"
    target.write_bytes(b"old")
    with replacing(str(target)) as stream:
        stream.write(b"n" * 1_000_000)
        stream.flush()
        assert target.read_bytes() == b"old"
    assert target.read_bytes() == b"n" * 1_000_000


def test_a_text_stream_may_close_it(tmp_path: Path) -> None:
    with replacing(str(tmp_path / "x.csv")) as stream, io.TextIOWrapper(stream, encoding="utf-8", newline="\n") as text:
        text.write("step,lr\n")
    assert (tmp_path / "x.csv").read_bytes() == b"step,lr\n"


def test_a_writer_may_seek_and_tell(tmp_path: Path) -> None:
    with replacing(str(tmp_path / "x.pdf")) as stream:
        stream.write(b"0123456789")
        assert stream.tell() == 10
        stream.seek(2)
        stream.write(b"xy")
    assert (tmp_path / "x.pdf").read_bytes() == b"01xy456789"


@pytest.mark.parametrize("error", [ValueError("in the middle"), KeyboardInterrupt(), SystemExit(3), MemoryError()])
def test_any_exception_leaves_the_old_file_and_nothing_else(tmp_path: Path, error: BaseException) -> None:
    target = tmp_path / "x.png"
    target.write_bytes(b"old")
    with pytest.raises(type(error)) as caught, replacing(str(target)) as stream:
        stream.write(b"half of it" * 10_000)
        raise error
    assert caught.value is error
    assert (target.read_bytes(), listing(tmp_path)) == (b"old", ["x.png"])


def test_an_exception_takes_away_the_folders_that_were_made(tmp_path: Path) -> None:
    (tmp_path / "plots").mkdir()
    with pytest.raises(ValueError), replacing(str(tmp_path / "plots" / "a" / "b" / "x.png")):
        raise ValueError
    assert listing(tmp_path) == ["plots"]


def test_a_folder_that_another_has_put_a_file_in_stays(tmp_path: Path) -> None:
    with pytest.raises(ValueError), replacing(str(tmp_path / "a" / "x.png")):
        (tmp_path / "a" / "other.png").write_bytes(b"other")
        raise ValueError
    assert listing(tmp_path) == ["a", "a/other.png"]


def test_a_folder_that_another_takes_away_is_made_again(tmp_path: Path) -> None:
    if not files._NAMELESS:
        pytest.skip("a named file keeps its folder")
    with replacing(str(tmp_path / "a" / "x.png")) as stream:
        stream.write(b"new")
        (tmp_path / "a").rmdir()
    assert (tmp_path / "a" / "x.png").read_bytes() == b"new"


def test_an_error_that_is_about_another_file_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught, replacing(str(tmp_path / "x.png")):
        (tmp_path / "no-such.mplstyle").read_bytes()
    assert "no-such.mplstyle" in str(caught.value)
    assert listing(tmp_path) == []


def test_what_a_failed_writer_left_in_its_buffer_goes_nowhere(tmp_path: Path) -> None:
    kept = []
    with pytest.raises(ValueError), replacing(str(tmp_path / "x.png")) as stream:
        kept.append(stream)
        stream.write(b"buffered")
        raise ValueError
    with open(tmp_path / "next", "wb") as other:  # gets the descriptor that the first one had
        kept.clear()
        other.write(b"its own")
    assert (tmp_path / "next").read_bytes() == b"its own"


# Permissions


@pytest.mark.parametrize("bits", [0o600, 0o644, 0o664, 0o755])
def test_permissions_of_an_existing_file_are_kept(tmp_path: Path, bits: int) -> None:
    target = tmp_path / "x.png"
    target.write_bytes(b"old")
    target.chmod(bits)
    write(target, b"new")
    assert (target.read_bytes(), mode(target)) == (b"new", bits)


@pytest.mark.parametrize(("umask", "bits"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_has_the_permissions_that_the_umask_leaves(tmp_path: Path, umask: int, bits: int) -> None:
    before = os.umask(umask)
    try:
        write(tmp_path / "x.png", b"new")
    finally:
        os.umask(before)
    assert mode(tmp_path / "x.png") == bits


@pytest.mark.skipif(not ROOT, reason="only root may give a file away")
def test_root_leaves_a_file_to_its_owner(tmp_path: Path) -> None:
    target = tmp_path / "x.png"
    target.write_bytes(b"old")
    os.chown(target, NOBODY, NOBODY)
    write(target, b"new")
    assert (target.stat().st_uid, target.stat().st_gid) == (NOBODY, NOBODY)


# Links, devices and pipes


def test_a_symbolic_link_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "x.png").write_bytes(b"old")
    (tmp_path / "link.png").symlink_to("real/x.png")
    (tmp_path / "second.png").symlink_to("link.png")
    write(tmp_path / "second.png", b"new")
    assert (tmp_path / "real" / "x.png").read_bytes() == b"new"
    assert (tmp_path / "second.png").is_symlink() and (tmp_path / "link.png").is_symlink()
    assert listing(tmp_path / "real") == ["x.png"]


def test_a_dangling_link_gets_its_file(tmp_path: Path) -> None:
    (tmp_path / "link.png").symlink_to("later/x.png")
    write(tmp_path / "link.png", b"new")
    assert (tmp_path / "link.png").is_symlink()
    assert (tmp_path / "later" / "x.png").read_bytes() == b"new"


def test_links_that_go_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to("b.png")
    (tmp_path / "b.png").symlink_to("a.png")
    assert refusal(tmp_path / "a.png") == f"cannot write {tmp_path}/a.png: too many levels of symbolic links"


def test_a_pipe_gets_the_bytes(tmp_path: Path) -> None:
    pipe = tmp_path / "x.csv"
    os.mkfifo(pipe)
    read: list[bytes] = []
    stream = os.fdopen(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), "rb")
    os.set_blocking(stream.fileno(), True)

    def all_of_it() -> None:
        select.select([stream], [], [])  # until then there is no writer, which reads like an end
        with stream:
            read.append(stream.read())

    reader = threading.Thread(target=all_of_it, daemon=True)
    reader.start()
    write(pipe, b"n" * 200_000)
    reader.join()
    assert read == [b"n" * 200_000]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_pipe_that_nobody_reads_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.csv")
    assert refusal(tmp_path / "x.csv") == f"cannot write {tmp_path}/x.csv: nobody reads this pipe"


def test_devices_are_written_to_and_stay_devices() -> None:
    write("/dev/null", b"new")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    assert refusal("/dev/full") == "cannot write /dev/full: no space left on device"


# Refusals, one line each


def test_a_folder_as_target(tmp_path: Path) -> None:
    (tmp_path / "x.png").mkdir()
    assert refusal(tmp_path / "x.png") == f"cannot write {tmp_path}/x.png: it is a folder"
    assert refusal(f"{tmp_path}/new/") == f"cannot write {tmp_path}/new/: it is a folder"
    assert listing(tmp_path) == ["x.png"]


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a file")
    assert refusal(tmp_path / "a" / "x.png") == f"cannot write {tmp_path}/a/x.png: not a directory"
    assert refusal(tmp_path / "a" / "b" / "x.png") == f"cannot write {tmp_path}/a/b/x.png: not a directory"


def test_a_read_only_file_even_for_root(tmp_path: Path) -> None:
    target = tmp_path / "x.png"
    target.write_bytes(b"old")
    target.chmod(0o444)
    assert refusal(target) == f"cannot write {target}: the file is read-only"
    assert (target.read_bytes(), mode(target), listing(tmp_path)) == (b"old", 0o444, ["x.png"])


def test_a_name_that_is_none(tmp_path: Path) -> None:
    assert refusal(tmp_path / "a\0.png").startswith(f"cannot write {tmp_path}/a\0.png: that is no file name")
    assert refusal(tmp_path / ("x" * 300 + ".png")).endswith(": file name too long")
    assert listing(tmp_path) == []


def test_a_name_as_long_as_names_may_be(tmp_path: Path) -> None:
    name = "x" * 251 + ".png"
    write(tmp_path / name, b"new")
    assert listing(tmp_path) == [name]


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that everybody may use: pytest's own are for their owner alone."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        yield Path(folder)


def as_nobody(action: Callable[[], str]) -> str:
    """What ``action`` answers when permissions bind it, which they do not for root."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if ROOT:
                os.setgroups([])
                os.setresgid(NOBODY, NOBODY, NOBODY)
                os.setresuid(NOBODY, NOBODY, NOBODY)
            os.write(writer, action().encode())
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(writer)
    with open(reader) as answers:
        answer = answers.read()
    assert os.waitpid(child, 0)[1] == 0
    return answer


def test_a_file_of_another_owner() -> None:
    if not ROOT:
        pytest.skip("needs a second user")
    with open_folder() as folder:
        (folder / "x.png").write_bytes(b"old")
        (folder / "x.png").chmod(0o644)
        assert as_nobody(lambda: refusal(folder / "x.png")) == f"cannot write {folder}/x.png: the file is read-only"
        assert ((folder / "x.png").read_bytes(), listing(folder)) == (b"old", ["x.png"])


def test_a_folder_without_permission() -> None:
    with open_folder() as folder:
        os.chmod(folder, 0o555)
        try:
            assert as_nobody(lambda: refusal(folder / "x.png")) == f"cannot write {folder}/x.png: permission denied"
            assert (
                as_nobody(lambda: refusal(folder / "a" / "x.png"))
                == f"cannot write {folder}/a/x.png: permission denied"
            )
            assert listing(folder) == []
        finally:
            os.chmod(folder, 0o777)


# A full disk


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def picture(size: int) -> bytes:
    """A picture as Pillow writes it, which compresses badly and so takes about three bytes a pixel."""
    from PIL import Image

    stream = io.BytesIO()
    Image.frombytes("RGB", (size, size), os.urandom(3 * size * size)).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize("written", [30_000, 300_000])
def test_a_file_size_limit_leaves_the_old_file(tmp_path: Path, written: int) -> None:
    target = tmp_path / "x.csv"
    target.write_bytes(b"old")
    with file_size_limit(20_000):
        assert refusal(target, b"n" * written) == f"cannot write {target}: file too large"
    assert (target.read_bytes(), listing(tmp_path)) == (b"old", ["x.csv"])


def test_a_picture_that_lacks_its_last_bytes_is_no_picture(tmp_path: Path) -> None:
    """Pillow, given a descriptor, overlooks a last write that was cut short."""
    from PIL import Image

    image = Image.open(io.BytesIO(picture(100)))
    size = len(picture(100))
    for missing in (1, 5, 12, 100, 1000):
        with file_size_limit(size - missing):
            with pytest.raises(WriteError, match="file too large"), replacing(str(tmp_path / "x.png")) as stream:
                stream.write(picture(100))
            with pytest.raises(WriteError, match="file too large"), replacing(str(tmp_path / "x.png")) as stream:
                image.save(stream, "PNG", compress_level=0)
        assert listing(tmp_path) == []


def test_a_writer_that_stumbles_over_a_full_disk_is_not_to_blame(tmp_path: Path) -> None:
    with (
        file_size_limit(20_000),
        pytest.raises(WriteError, match="file too large"),
        replacing(str(tmp_path / "x.pdf")) as stream,
    ):
        try:
            stream.write(b"n" * 30_000)
        finally:
            raise AttributeError("'Stream' object has no attribute 'pos'")
    assert listing(tmp_path) == []


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    disk = folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "lrplot-test", str(disk)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk is not permitted here; the file-size limit stands in for it")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    with small_disk(tmp_path, "64k") as disk:
        (disk / "x.csv").write_bytes(b"old")
        assert refusal(disk / "x.csv", b"n" * 100_000) == f"cannot write {disk}/x.csv: no space left on device"
        assert refusal(disk / "a" / "y.csv", b"n" * 100_000) == f"cannot write {disk}/a/y.csv: no space left on device"
        assert ((disk / "x.csv").read_bytes(), listing(disk)) == (b"old", ["x.csv"])
        write(disk / "x.csv", b"n" * 30_000)  # and there is room again
        assert (disk / "x.csv").read_bytes() == b"n" * 30_000


# Signals


@pytest.mark.process
@pytest.mark.parametrize("killer", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_killed_process_leaves_the_old_file(tmp_path: Path, killer: signal.Signals) -> None:
    target = tmp_path / "x.csv"
    target.write_bytes(b"old")
    code = f"""
        import time
        from lrplot.files import replacing
        with replacing({str(target)!r}) as stream:
            stream.write(b"n" * 100_000)
            print("half", flush=True)
            time.sleep(60)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(killer)
    process.communicate()
    assert process.returncode == -killer
    assert target.read_bytes() == b"old"
    assert listing(tmp_path) == ["x.csv"]


# Reading


def test_what_is_read_is_a_file_within_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.csv").write_bytes(b"12345")
    os.mkfifo(tmp_path / "pipe")
    assert read_bytes(str(tmp_path / "x.csv"), 5) == b"12345"
    with pytest.raises(ValueError, match="is too large: 5 bytes, at most 4 bytes are read"):
        read_bytes(str(tmp_path / "x.csv"), 4)
    for path, problem in {
        str(tmp_path): "it is a folder",
        str(tmp_path / "pipe"): "it is a pipe or a device, not a file",
        "/dev/zero": "it is a pipe or a device, not a file",
        str(tmp_path / "gone"): "No such file or directory",
        "nul\0": "it is no name that a file can have",
    }.items():
        with pytest.raises(OSError) as caught:
            read_bytes(path, 5)
        assert caught.value.strerror == problem
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"123456")))
    with pytest.raises(ValueError, match="is too large: at most 5 bytes are read"):
        read_bytes("-", 5)
    assert read_bytes("-", 5) == b""
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(OSError, match="it is closed"):
        read_bytes("-", 5)


def test_a_pipe_that_is_open_is_read() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"12345")
    os.close(writer)
    assert read_bytes(f"/dev/fd/{reader}", 5) == b"12345"
    os.close(reader)


@pytest.mark.process
def test_importing_it_is_cheap() -> None:
    code = "import sys, lrplot.files; print(sorted({'tempfile', 'shutil', 'random', 'hashlib'} & set(sys.modules)))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"
