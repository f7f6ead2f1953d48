"""Files that are read within bounds, and written whole or not at all: beside their target, and moved into place once
complete.
"""

import errno
import io
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

_NAMELESS = getattr(os, "O_TMPFILE", 0)
_AT_ONCE = getattr(os, "O_NONBLOCK", 0)

PIPES = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")
"""Where a shell puts the pipes that it opened for a program."""
MOST_SEARCHED = 64_000_000


def read_bytes(path: str, limit: int) -> bytes:
    """The bytes of a file of at most so many; ``-`` is standard input.

    Raises:
        OSError: It is not there, not a file, or not readable.
        ValueError: It is too large.
    """
    try:
        if path == "-":
            data = sys.stdin.buffer.read(limit + 1)
        else:
            refuse_special(path)
            with open(path, "rb") as stream:
                data = stream.read(limit + 1)
    except (ValueError, AttributeError):  # a NUL byte in the name, say, or no sys.stdin
        problem = "it is closed" if path == "-" else "it is no name that a file can have"
        raise OSError(errno.EINVAL, problem) from None
    if len(data) > limit:
        size = f"{os.path.getsize(path):,} bytes, " if os.path.isfile(path) else ""
        raise ValueError(f"is too large: {size}at most {limit:,} bytes are read")
    return data


def is_pipe(path: str) -> bool:
    """Whether a path is standard input, or a pipe that a shell made: what is in it can be read but once."""
    return path == "-" or (path.startswith(PIPES) and os.path.exists(path) and not os.path.isfile(path))


def refuse_special(path: str) -> None:
    """Refuses what is no file: opening a named pipe waits for whoever may write to it, for ever if need be.

    Pipes that are open already, as in ``<(command)``, are let through.

    Raises:
        OSError: It is not there, a folder, a named pipe or a device.
    """
    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder")
    if not stat.S_ISREG(mode) and not os.path.abspath(path).startswith(PIPES):
        raise OSError(errno.EINVAL, "it is a pipe or a device, not a file")


def refuse_foreign(path: str, mark: bytes) -> None:
    """Refuses to replace a file, unless nothing is in it but what is made again.

    Args:
        mark: A regular expression that finds something in every such file.

    Raises:
        ValueError: Nothing is found in its first 64 MB.
    """
    import re  # few commands come here

    if os.path.isfile(path) and os.path.getsize(path):
        with open(path, "rb") as stream:
            if not re.search(mark, stream.read(MOST_SEARCHED)):
                raise ValueError(f"{path}: was not written by lrplot, and would be lost: move it, or say --force")


def fingerprint(*parts: str | bytes) -> str:
    """A short name for some texts: the same for the same texts, and never the same for others.

    >>> fingerprint("ab", "c") == fingerprint("ab", "c"), fingerprint("ab", "c") == fingerprint("a", "bc")
    (True, False)
    """
    import hashlib  # tables do without

    state = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        state.update(b"%d:" % len(data) + data)
    return state.hexdigest()


class WriteError(OSError):
    """A file that cannot be written, and why, in one line.

    >>> str(WriteError(28, "No space left on device", "plots/x.png"))
    'cannot write plots/x.png: no space left on device'
    """

    def __str__(self) -> str:
        reason = self.strerror or "unknown error"
        # Two capitals open an abbreviation, as in "RPC struct is bad".
        return f"cannot write {self.filename}: {reason if reason[1:2].isupper() else reason[0].lower() + reason[1:]}"


@contextmanager
def replacing(path: str) -> Iterator[BinaryIO]:
    """A binary stream whose contents become the file at ``path`` when the block ends well.

    Whatever else ends the block (an exception, Ctrl-C, a full disk) leaves the file that was there, or none. Missing
    parent folders are made, the permissions of an existing file kept, symbolic links written through; a device or a
    pipe gets the bytes themselves, when they are complete.

    Raises:
        WriteError: The file cannot be written. Errors of the block itself pass unchanged.
    """
    with _explained(path):
        before = _status(path)
    kind = _beside if before is None or stat.S_ISREG(before.st_mode) else _straight
    with kind(path, before) as stream:
        yield stream


@contextmanager
def _beside(path: str, before: os.stat_result | None) -> Iterator[BinaryIO]:
    target = os.path.realpath(path)
    folder = os.path.dirname(target)
    temporary = os.path.join(folder, f".lrplot-{os.urandom(8).hex()}.tmp")
    descriptor = -1
    made: list[str] = []
    raw = None
    try:
        with _explained(path):
            made = _make_folders(folder)
            descriptor, named = _open(folder, temporary)
        raw = _Stream(descriptor, path)
        stream = io.BufferedWriter(raw)
        yield stream
        stream.close()
        with _explained(path):
            if before is not None:
                _give_permissions(descriptor, before)
            if not named:
                _name(descriptor, temporary)
            os.close(descriptor)
            descriptor = -1
            os.replace(temporary, target)
    except BaseException as error:
        with suppress(OSError):
            os.unlink(temporary)
        for folder in reversed(made):
            with suppress(OSError):  # somebody else's file may be there by now
                os.rmdir(folder)
        if raw is not None and raw.failure is not None and isinstance(error, Exception):
            raise raw.failure from None  # a writer that cleans up after it may stumble: matplotlib's for PDF does
        raise
    finally:
        if raw is not None:
            raw.close()  # or what is left in the buffer would go to the next file that gets this descriptor
        if descriptor >= 0:
            os.close(descriptor)


@contextmanager
def _straight(path: str, before: os.stat_result | None) -> Iterator[BinaryIO]:
    import shutil
    import tempfile  # both take longer to import than a table takes to write

    with tempfile.TemporaryFile() as stream:  # some writers seek, which a pipe cannot
        yield stream
        stream.seek(0)
        with _explained(path), open(path, "wb", buffering=0, opener=_open_at_once) as target:
            shutil.copyfileobj(stream, target)


def _open_at_once(path: str, flags: int) -> int:
    """Opens a device, or a pipe that somebody reads: one that nobody does would be waited for, for ever if need be."""
    try:
        descriptor = os.open(path, flags | _AT_ONCE)
    except OSError as error:
        if error.errno == errno.ENXIO and stat.S_ISFIFO(os.stat(path).st_mode):
            raise OSError(error.errno, "nobody reads this pipe") from None
        raise
    if _AT_ONCE:
        os.set_blocking(descriptor, True)
    return descriptor


class _Stream(io.FileIO):
    """A file that is being written: an error in writing names the file that it will be, not the temporary one.

    It keeps its descriptor to itself. Pillow writes past the stream where it gets one, and takes a write that was cut
    short (the disk is full, but for a few bytes) for a complete one.
    """

    def __init__(self, descriptor: int, path: str) -> None:
        super().__init__(descriptor, "wb", closefd=False)
        self._path = path
        self.failure: WriteError | None = None

    def write(self, data: Any) -> int:
        try:
            with _explained(self._path):
                return super().write(data)
        except WriteError as error:
            self.failure = error
            raise

    def fileno(self) -> int:
        raise io.UnsupportedOperation("fileno")


@contextmanager
def _explained(path: str) -> Iterator[None]:
    try:
        yield
    except ValueError as error:  # a NUL byte, or half of a surrogate pair
        raise WriteError(errno.EINVAL, f"that is no file name ({error})", path) from error
    except OSError as error:
        raise WriteError(error.errno, error.strerror, path) from error


def _status(path: str) -> os.stat_result | None:
    """What is at ``path``, through all links: None for nothing (yet). Refuses what must not be replaced."""
    if not os.path.basename(path):
        raise IsADirectoryError(errno.EISDIR, "it is a folder")
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder")
    # Moving a file into place asks nothing of the file that was there, so we ask. A file that nobody may write was
    # marked so
    # by someone: root, who may do anything, is held to that as well.
    if stat.S_ISREG(status.st_mode) and not (status.st_mode & 0o222 and os.access(path, os.W_OK)):
        raise PermissionError(errno.EACCES, "the file is read-only")
    return status


def _make_folders(folder: str) -> list[str]:
    """Makes a folder and those above it that are missing; answers which they were, outermost first."""
    missing = []
    while not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    made: list[str] = []
    try:
        for folder in reversed(missing):
            with suppress(
                FileExistsError
            ):  # another process was faster; if it is a file, opening what is in it says so
                os.mkdir(folder)
                made.append(folder)
    except OSError:
        for folder in reversed(made):
            os.rmdir(folder)
        raise
    return made


def _open(folder: str, temporary: str) -> tuple[int, bool]:
    """A new file in ``folder``, and whether it has its temporary name yet.

    Linux has files without a name: of such a one nothing remains, even when the process is killed. Elsewhere, and on
    file systems without them, the file is named from the start.
    """
    if _NAMELESS:
        with suppress(OSError):
            descriptor = os.open(folder, _NAMELESS | os.O_WRONLY | os.O_CLOEXEC, 0o666)
            if os.path.exists(_descriptor_path(descriptor)):
                return descriptor, False
            os.close(descriptor)
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    return os.open(temporary, flags, 0o666), True


def _name(descriptor: int, temporary: str) -> None:
    def link() -> None:
        # With any src_dir_fd Python calls linkat(2) with AT_SYMLINK_FOLLOW, as open(2) has it for O_TMPFILE.
        os.link(_descriptor_path(descriptor), temporary, src_dir_fd=descriptor)

    try:
        link()
    except FileNotFoundError:  # a nameless file keeps no folder: another process removed one that it had made
        os.makedirs(os.path.dirname(temporary), exist_ok=True)
        link()


def _descriptor_path(descriptor: int) -> str:
    return f"/proc/self/fd/{descriptor}"


def _give_permissions(descriptor: int, before: os.stat_result) -> None:
    with suppress(OSError):  # only root may give a file to another
        os.chown(descriptor, before.st_uid, before.st_gid)
    os.chmod(descriptor, stat.S_IMODE(before.st_mode))
