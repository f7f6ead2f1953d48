"""A picture knows its schedule: reads back the YAML that figure.py puts into PNG, SVG and PDF, with the standard library alone."""

import html
import re
import struct
import zlib

from lrplot.files import read_bytes

MAX_PICTURE_BYTES = 200_000_000


def read_source(path: str) -> str:
    """The YAML of the schedule that a picture shows.

    Raises:
        OSError: It cannot be read.
        ValueError: It is too large, not a picture by lrplot, or a damaged one.
    """
    data = read_bytes(path, MAX_PICTURE_BYTES)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        source = _from_png(data)
    elif data.startswith(b"%PDF-"):
        source = _from_pdf(data)
    else:
        source = _from_svg(data)
    if source is None:
        raise ValueError("holds no schedule: it is no picture by lrplot, or its metadata was removed")
    return source


def _from_png(data: bytes) -> str | None:
    at = 8
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        if kind == b"tEXt" and body.startswith(b"lrplot\0"):
            return body[7:].decode("latin-1")
        if kind == b"iTXt" and body.startswith(b"lrplot\0"):
            compressed = body[7:8] == b"\1"
            text = body[9:].split(b"\0", 2)[-1]
            return (_inflated(text) if compressed else text).decode("utf-8")
        if kind == b"zTXt" and body.startswith(b"lrplot\0"):
            return _inflated(body[8:]).decode("latin-1")
        at += 12 + length
    return None


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, 4_000_001)
    except zlib.error as error:
        raise ValueError(f"is damaged: {error}") from None


def _from_svg(data: bytes) -> str | None:
    if b"<dc:title>lrplot " not in data:
        return None
    match = re.search(rb"<dc:description>(.*?)</dc:description>", data, re.DOTALL)
    return html.unescape(match[1].decode("utf-8")) if match else None


def _from_pdf(data: bytes) -> str | None:
    match = re.search(rb"/Creator \(lrplot [^)]*\).*?/Subject (\((?:[^\\()]|\\.)*\)|<[0-9a-fA-F\s]*>)", data, re.DOTALL)
    if match is None:
        return None
    raw = match[1]
    text = bytes.fromhex(raw[1:-1].decode()) if raw.startswith(b"<") else _unescaped(raw[1:-1])
    return text[2:].decode("utf-16-be") if text.startswith(b"\xfe\xff") else text.decode("latin-1")


def _unescaped(data: bytes) -> bytes:
    """A PDF string without its backslashes."""
    plain = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}

    def meant(match: "re.Match[bytes]") -> bytes:
        word = match[1]
        return bytes([int(word, 8) & 255]) if word.isdigit() else plain.get(word, word)

    return re.sub(rb"\\([0-7]{1,3}|.)", meant, data, flags=re.DOTALL)
