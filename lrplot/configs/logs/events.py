"""TensorBoard's event files, read with the standard library: frames of length, checksums and a protobuf message.

A frame is a length (uint64), its masked CRC-32C, as many bytes of a message, and their masked CRC-32C. Of the message,
Event, fields 2 (step) and 5 (summary) count; of Summary field 1 (values); of a value 1 (tag), 2 (a float32) and 8 (a
tensor: 1 its type, 4 its bytes, 5 float32, 6 float64).
"""

import struct
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import islice
from typing import Any, BinaryIO, NamedTuple

from lrplot.configs.logs.conventions import Convention, convention_of
from lrplot.configs.logs.file import LogFile
from lrplot.configs.logs.names import is_rate, rate_columns
from lrplot.configs.logs.series import Scattered
from lrplot.runs.log import Log
from lrplot.runs.quantum import FULL, Quantum

MAX_RECORD = 1 << 30
MEDIUM = 1 << 12
"""Bytes of a record whose checksum is looked at whatever is in it."""
SURVEYED = 10_000
"""Records of which all tags are taken note of, to be named where none is a learning rate."""
MOST_TAGS = 1_000
"""Of those that may be learning rates."""
_TYPES = {1: "f", 2: "d"}


class Damaged(ValueError):
    """Bytes that are no event file."""


class Scalar(NamedTuple):
    """A value of a summary.

    Args:
        single: Whether it is a float32.
    """

    tag: str
    value: float
    single: bool


def recognise(file: LogFile) -> bool:
    """Whether its first frame is whole, or its name says that it is one."""
    head = file.head
    if len(head) < 12:
        return "tfevents" in file.path
    return "tfevents" in file.path or struct.unpack("<I", head[8:12])[0] == masked(head[:8])


def read(file: LogFile, column: str | None) -> Log:
    """The log in an event file."""
    return read_all([file], file, column)


def read_all(files: Sequence[LogFile], whole: LogFile, column: str | None) -> Log:
    """The log in a run's event files, in the order in which they were begun: where steps overlap, the later one counts.

    Args:
        whole: What stands for all of them in messages.

    Raises:
        ConfigError: One is damaged, or there is no rate, or several.
    """
    found = _Tags()
    for file in files:
        _take(file, column, found)
    names = rate_columns([*found.rates.steps] or [*found.others], column, whole)
    quantum = Quantum("float32") if not found.single.isdisjoint(names) else FULL
    convention = convention_of(names, "step", found.others, Convention("TensorBoard"))
    return found.rates.series(whole, names, "step").log(convention._replace(quantum=quantum))


def has_rate(file: LogFile, column: str | None) -> bool:
    """Whether one of a file's first records has a learning rate, or what is asked for."""
    with file.open() as stream:
        found = islice((event(record)[1] for record, _ in records(stream, file) if _may_have(record, column)), SURVEYED)
        try:
            return any(is_rate(tag) or _is_of(tag, column) for scalars in found for tag, *_ in scalars)
        except (Damaged, struct.error, IndexError, OverflowError):
            return True  # reading it says what is wrong


class _Tags:
    """What is found in event files: the learning rates, which of them are float32, and the names of some other tags."""

    def __init__(self) -> None:
        self.rates = Scattered()
        self.single: set[str] = set()
        self.others: dict[str, None] = {}


def _take(file: LogFile, column: str | None, found: _Tags) -> None:
    """Takes in the learning rates of a file; of other tags, the names of some."""
    with file.open() as stream:
        at = 0
        for count, (record, crc) in enumerate(records(stream, file)):
            try:
                step, scalars = event(record) if count < SURVEYED or _may_have(record, column) else (0, [])
            except (Damaged, struct.error, IndexError, OverflowError):
                raise file.error(f"is damaged: the record at byte {at:,} is no event") from None
            wanted = [scalar for scalar in scalars if is_rate(scalar.tag) or _is_of(scalar.tag, column)]
            if len(found.others) < MOST_TAGS:
                found.others.update((scalar.tag, None) for scalar in scalars)
            if (wanted or len(record) < MEDIUM) and masked(record) != crc:  # of pictures, it would take long
                raise file.error(f"is damaged: the record at byte {at:,} has a wrong checksum")
            for scalar in wanted:
                found.rates.add(scalar.tag, step, scalar.value)
                if scalar.single:
                    found.single.add(scalar.tag)
            if len(found.rates.steps) > MOST_TAGS:
                raise file.error(
                    f"has more than {MOST_TAGS:,} learning rates: name one, as in {file.path}:{scalar.tag}"
                )
            at = stream.tell()


def _may_have(record: bytes, column: str | None) -> bool:
    """Whether the tag of a learning rate may stand in a record: most have others, and need not be taken apart."""
    low = record.lower()
    return b"lr" in low or b"rate" in low or (column is not None and column.encode() in record)


def _is_of(tag: str, column: str | None) -> bool:
    return column is not None and tag.startswith(column)


def records(stream: BinaryIO, file: LogFile) -> Iterator[tuple[bytes, int]]:
    """The messages of a file, each with what its checksum should be; the last may be cut off, of a run that goes on."""
    while len(head := stream.read(12)) == 12:
        length, crc = struct.unpack("<QI", head)
        if _masked_length(head[:8]) != crc:
            at = stream.tell() - 12
            raise file.error(f"is damaged: the record at byte {at:,} has a wrong checksum")
        if length > MAX_RECORD:
            raise file.error(f"is damaged: the record at byte {stream.tell() - 12:,} is of {length:,} bytes")
        record = stream.read(length)
        foot = stream.read(4)
        if len(record) < length or len(foot) < 4:
            return
        yield record, struct.unpack("<I", foot)[0]


def event(record: bytes) -> tuple[int, list[Scalar]]:
    """The step of an event, and its scalars.

    Raises:
        Damaged: It is none; or a struct.error or an IndexError.
    """
    step, scalars = 0, []
    for number, value in fields(record):
        if number == 2 and isinstance(value, int):
            step = value - (1 << 64) if value >> 63 else value
        elif number == 5 and isinstance(value, bytes):
            scalars += [
                scalar
                for inner, message in fields(value)
                if inner == 1 and isinstance(message, bytes) and (scalar := _scalar(message)) is not None
            ]
    return step, scalars


def _scalar(message: bytes) -> Scalar | None:
    tag, found = "", None
    for number, value in fields(message):
        if number == 1 and isinstance(value, bytes):
            tag = value.decode("utf-8", "replace")
        elif number == 2 and isinstance(value, bytes) and len(value) == 4:
            found = struct.unpack("<f", value)[0], True
        elif number == 8 and isinstance(value, bytes):
            found = _tensor(value)
    return None if found is None else Scalar(tag, *found)


def _tensor(message: bytes) -> tuple[float, bool] | None:
    """The number in a tensor, and whether it is a float32: None where there is not one number in it."""
    kind, data = 0, b""
    for number, value in fields(message):
        if number == 1 and isinstance(value, int):
            kind = value
        elif number in (4, 5, 6) and isinstance(value, bytes):
            data += value
    format = _TYPES.get(kind)
    if format is None or len(data) != struct.calcsize(format):
        return None
    return struct.unpack(f"<{format}", data)[0], kind == 1


def fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """The fields of a protobuf message: numbers for varints, and bytes for all else.

    >>> list(fields(bytes([0x10, 0x96, 0x01, 0x0A, 0x02, 0x68, 0x69])))
    [(2, 150), (1, b'hi')]
    """
    at, end = 0, len(message)
    while at < end:
        key, at = _varint(message, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(message, at)
            yield key >> 3, value
            continue
        if kind == 2:
            size, at = _varint(message, at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            raise Damaged
        if at + size > end:
            raise Damaged
        yield key >> 3, message[at : at + size]
        at += size


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise Damaged


def masked(data: bytes) -> int:
    """The CRC-32C of some bytes, as TensorFlow masks it.

    >>> hex(masked(b"123456789"))
    '0xc78ab0e5'
    """
    table = _table()
    crc = 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


_masked_length = lru_cache(MEDIUM)(masked)
"""Of lengths, which repeat."""


@cache
def _table() -> tuple[int, ...]:
    """The remainders of all bytes by Castagnoli's polynomial, its bits reversed."""
    table = []
    for crc in range(256):
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
        table.append(crc)
    return tuple(table)
