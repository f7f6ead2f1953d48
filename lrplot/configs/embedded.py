"""A picture knows its schedule: reads back the YAML that figure.py puts into PNG, SVG and PDF, with the standard
library alone.
"""

import html
import re
import struct
import zlib
from collections.abc import Iterator

from lrplot.configs.document import MAX_KEPT_BYTES
from lrplot.files import fingerprint, read_bytes

MAX_PICTURE_BYTES = 200_000_000
MAX_PDF_STRING = 2 * MAX_KEPT_BYTES
"""In UTF-16, or with a backslash before each character."""

MAX_BEYOND = 10_000
"""Bytes after an SVG's schedule in which its digest is looked for."""

CUT_SHORT = "is damaged: cut short"

_MARK = re.compile(rb"\\.|[()]", re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_SVG_DIGEST = re.compile(rb"<dc:identifier>([0-9a-f]+)</dc:identifier>")
_PDF_DIGEST = re.compile(rb"/Keywords \(([0-9a-f]+)\)")
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def read_source(path: str) -> str:
    """The YAML of the schedule that a picture shows.

    Raises:
        OSError: It cannot be read.
        ValueError: It is too large, not a picture by lrplot, or a damaged one.
    """
    data = read_bytes(path, MAX_PICTURE_BYTES)
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            source = _from_png(data)
        elif data.startswith(b"%PDF-"):
            source = _from_pdf(data)
        else:
            source = _from_svg(data)
    except UnicodeDecodeError as error:
        raise ValueError(f"is damaged: its schedule is not {error.encoding.upper()}") from None
    if source is None:
        raise ValueError("holds no schedule: it is no picture by lrplot, one of a table, or its metadata was removed")
    if len(source) > MAX_KEPT_BYTES:
        raise ValueError(f"holds a schedule that is too large: at most {MAX_KEPT_BYTES:,} characters are read")
    return source


def _from_png(data: bytes) -> str | None:
    for kind, body in _chunks(data):
        if body.startswith(b"lrplot\0"):
            if kind == b"tEXt":
                return body[7:].decode("latin-1")
            if kind == b"zTXt":
                return _inflated(body[8:]).decode("latin-1")
            if kind == b"iTXt":
                text = body[9:].split(b"\0", 2)[-1]
                return (_inflated(text) if body[7:8] == b"\1" else text).decode("utf-8")
    return None


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The kind and the contents of each part of a PNG, once they are seen to be as they were written."""
    at, kind = 8, b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, at) if at + 12 <= len(data) else (len(data), b"")
        end = at + 8 + length
        if end + 4 > len(data):
            raise ValueError(CUT_SHORT)
        body = data[at + 8 : end]
        if zlib.crc32(body, zlib.crc32(kind)) != int.from_bytes(data[end : end + 4], "big"):
            raise ValueError("is damaged: its checksum is wrong")
        yield kind, body
        at = end + 4


def _inflated(data: bytes) -> bytes:
    stream = zlib.decompressobj()
    try:
        text = stream.decompress(data, MAX_KEPT_BYTES + 1)
    except zlib.error as error:
        raise ValueError(f"is damaged: {error}") from None
    if not stream.eof and len(text) <= MAX_KEPT_BYTES:
        raise ValueError(CUT_SHORT)
    return text


def _from_svg(data: bytes) -> str | None:
    begin, end = b"<dc:description>", b"</dc:description>"
    if b"<dc:title>lrplot " not in data or begin not in data:
        return None
    text, closed, rest = data.partition(begin)[2].partition(end)
    if not closed:
        raise ValueError(CUT_SHORT)
    return _checked(html.unescape(text.decode("utf-8")), _SVG_DIGEST.search(rest[:MAX_BEYOND]))


def _from_pdf(data: bytes) -> str | None:
    creator = data.find(b"/Creator (lrplot ")
    subject = data.find(b"/Subject ", creator) if creator >= 0 else -1
    if subject < 0:
        return None
    text = _pdf_string(data, subject + len(b"/Subject "))
    if text is None:
        return None
    source = text[2:].decode("utf-16-be") if text.startswith(b"\xfe\xff") else text.decode("latin-1")
    return _checked(source, _PDF_DIGEST.search(data, creator, subject))


def _checked(source: str, digest: "re.Match[bytes] | None") -> str:
    """The source, which is as it was written as far as that is known: lrplot 0.1 kept no digest."""
    if digest is not None and digest[1].decode() != fingerprint(source):
        raise ValueError("is damaged: its schedule is not as it was written")
    return source


def _pdf_string(data: bytes, at: int) -> bytes | None:
    """A text of a PDF: in parentheses, or the hexadecimal digits of its bytes; None for what is no text."""
    opened, last = data[at : at + 1], at + MAX_PDF_STRING
    if opened == b"<" and (digits := re.compile(rb"<([0-9a-fA-F\s]*)>").match(data, at, last)):
        return bytes.fromhex(digits[1].decode())
    if opened != b"(":
        return None
    for mark in _MARK.finditer(data, at + 1, last):  # one search for the whole would keep a way back for each character
        if mark[0] == b")":
            return _ESCAPE.sub(_meant, data[at + 1 : mark.start()])
    raise ValueError(CUT_SHORT)


def _meant(escape: "re.Match[bytes]") -> bytes:
    word = escape[1]
    return bytes([int(word, 8) & 255]) if word.isdigit() else _ESCAPED.get(word, word)
