"""The schedule in a picture is read back whole, or the picture is refused: by its damage, or for its size."""

import os
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from lrplot.configs import embedded
from lrplot.configs.document import ConfigError
from lrplot.configs.embedded import read_source
from lrplot.configs.sources import load
from tests.pictures import curve, drawn, saved

YAML = "scheduler: {name: StepLR, step_size: 30}\nsteps: 1200\n"
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*texts: bytes) -> bytes:
    return SIGNATURE + chunk(b"IHDR", bytes(13)) + b"".join(texts) + chunk(b"IDAT", b"pixels") + chunk(b"IEND", b"")


def svg(text: str) -> bytes:
    return f"<svg><dc:title>lrplot 1</dc:title><dc:description>{text}</dc:description></svg>".encode()


def pdf(string: bytes) -> bytes:
    return b"%PDF-1.4\n<< /Creator (lrplot 1) /Subject " + string + b" >>\n"


PLAIN = chunk(b"tEXt", b"lrplot\0" + YAML.encode())
PACKED = zlib.compress(YAML.encode())
READABLE = {
    "tEXt": png(PLAIN),
    "zTXt": png(chunk(b"zTXt", b"lrplot\0\0" + PACKED)),
    "iTXt": png(chunk(b"iTXt", b"lrplot\0\0\0en\0title\0" + YAML.encode())),
    "packed iTXt": png(chunk(b"iTXt", b"lrplot\0\1\0\0\0" + PACKED)),
    "SVG": svg(YAML),
    "PDF": pdf(b"(" + YAML.encode() + b")"),
    "PDF with escapes": pdf(b"(" + YAML.replace(":", "\\072").replace("\n", "\\n").encode() + b")"),
    "PDF in UTF-16": pdf(b"(" + (b"\xfe\xff" + YAML.encode("utf-16-be")).replace(b"\\", b"\\\\") + b")"),
    "PDF in digits": pdf(b"<" + YAML.encode().hex(" ").encode() + b">"),
}


@pytest.fixture
def read(tmp_path: Path) -> Callable[[bytes], str]:
    """What is read from a picture of these bytes, or why it is refused, and that in no time."""

    def reading(data: bytes) -> str:
        path = tmp_path / "x.png"
        path.write_bytes(data)
        begun = time.process_time()
        try:
            return read_source(str(path))
        except ValueError as error:
            return str(error)
        finally:
            assert time.process_time() - begun < 10

    return reading


Read = Callable[[bytes], str]


@pytest.mark.parametrize("data", READABLE.values(), ids=READABLE)
def test_each_way_to_keep_a_text_is_read(read: Read, data: bytes) -> None:
    assert read(data) == YAML


@pytest.mark.parametrize("data", READABLE.values(), ids=READABLE)
def test_a_picture_that_is_cut_short_gives_its_schedule_or_none(read: Read, data: bytes) -> None:
    for size in range(len(SIGNATURE), len(data)):
        answer = read(data[:size])
        assert answer in (YAML, "is damaged: cut short") or answer.startswith("holds no schedule"), size
        if data.startswith(SIGNATURE):
            assert not answer.startswith("holds no schedule")


@pytest.mark.parametrize("name", ["tEXt", "zTXt", "iTXt", "packed iTXt"])
def test_a_flipped_bit_of_a_png_gives_no_other_schedule(read: Read, name: str) -> None:
    data = READABLE[name]
    for at in range(len(SIGNATURE), len(data)):
        answer = read(data[:at] + bytes([data[at] ^ 0x40]) + data[at + 1 :])
        assert answer in (YAML, "is damaged: cut short", "is damaged: its checksum is wrong"), at


@pytest.mark.parametrize("format", ["svg", "pdf"])
def test_a_byte_that_is_changed_in_a_picture_without_checksums_gives_no_other_schedule(read: Read, format: str) -> None:
    whole = saved(drawn(curve("step", step_size=30)), format, YAML)
    first = whole.index(b"StepLR" if format == "svg" else b"/Creator") - 30
    refusals = ("is damaged: ", "holds no schedule")
    answers = []
    for at in range(first, first + 330):
        answers.append(read(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]))
        assert answers[-1] == YAML or answers[-1].startswith(refusals), at
    assert read(whole) == YAML and YAML in answers
    assert answers.count("is damaged: its schedule is not as it was written") > 2 * len(YAML) // 3


def test_a_stream_that_ends_early_is_damage(read: Read) -> None:
    assert read(png(chunk(b"zTXt", b"lrplot\0\0" + PACKED[:-5]))) == "is damaged: cut short"
    assert read(png(chunk(b"zTXt", b"lrplot\0\0" + b"no stream"))).startswith("is damaged: Error -3")


def test_a_text_that_is_none_is_damage(read: Read) -> None:
    assert read(png(chunk(b"iTXt", b"lrplot\0\0\0\0\0\xff"))) == "is damaged: its schedule is not UTF-8"
    assert read(svg("x").replace(b"x", b"\xff")) == "is damaged: its schedule is not UTF-8"
    assert read(pdf(b"(\xfe\xffodd)")) == "is damaged: its schedule is not UTF-16-BE"


def test_a_schedule_has_a_limit(read: Read) -> None:
    problem = "holds a schedule that is too large: at most 10,000,000 characters are read"
    assert read(png(chunk(b"zTXt", b"lrplot\0\0" + zlib.compress(bytes(50_000_000))))) == problem
    assert read(svg("x" * 10_000_001)) == problem
    assert read(pdf(b"(" + b"x" * 10_000_001 + b")")) == problem
    assert len(read(svg("x" * 10_000_000))) == 10_000_000


def test_a_picture_of_nothing_but_openings_is_read_once(read: Read) -> None:
    assert read(svg("<dc:description>" * 100_000)[:-30]) == "is damaged: cut short"
    assert read(b"<dc:title>lrplot " + b"<dc:description>" * 100_000) == "is damaged: cut short"
    assert read(b"%PDF-" + b"/Creator (lrplot 1) " * 100_000).startswith("holds no schedule")
    assert read(b"%PDF-" + b"/Creator (lrplot 1) /Subject " * 100_000).startswith("holds no schedule")
    assert read(pdf(b"(" + b"\\" * 2_000_000)) == "is damaged: cut short"
    assert read(pdf(b"<" + b"0" * 2_000_000).rstrip(b" >\n")).startswith("holds no schedule")


def test_a_picture_is_a_file_of_a_reasonable_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusal(name: str) -> str:
        with pytest.raises(ConfigError) as caught:
            load(str(tmp_path / name))
        (message,) = caught.value.messages
        return message.removeprefix(f"{tmp_path}/{name}: ")

    (tmp_path / "x.png").write_bytes(READABLE["tEXt"])
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "folder.svg").mkdir()
    assert load(str(tmp_path / "x.png")).runs[0].steps == 1200
    monkeypatch.setattr(embedded, "MAX_PICTURE_BYTES", 100)
    assert refusal("x.png") == f"is too large: {len(READABLE['tEXt'])} bytes, at most 100 bytes are read"
    assert refusal("pipe.png") == "it is a pipe or a device, not a file"
    assert refusal("folder.svg") == "it is a folder"
    assert refusal("none.pdf") == "No such file or directory"
    (tmp_path / "cut.png").write_bytes(READABLE["tEXt"][:60])
    assert refusal("cut.png") == "is damaged: cut short"
