"""Logs as frameworks write them, of some rates at some steps: each with the framework's own way to count and to round.

Made by hand from what the frameworks wrote in short runs, which stand in tests/logs/recorded.
"""

import json
import struct
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from lrplot.configs.logs.events import masked

Row = tuple[int, float]


def varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*made, value])


def field(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def frame(record: bytes) -> bytes:
    length = struct.pack("<Q", len(record))
    return length + struct.pack("<I", masked(length)) + record + struct.pack("<I", masked(record))


def event(step: int, tag: str, value: float, style: str = "old") -> bytes:
    """An event with one scalar: as a float32, as a tensor of one, or as a tensor of a float64."""
    made = {
        "old": lambda: varint(2 << 3 | 5) + struct.pack("<f", value),
        "new": lambda: field(8, b"\x08\x01" + field(5, struct.pack("<f", value))),
        "content": lambda: field(8, b"\x08\x01\x12\x00" + field(4, struct.pack("<f", value))),
        "double": lambda: field(8, b"\x08\x02" + field(6, struct.pack("<d", value))),
    }[style]()
    time = b"\x09" + struct.pack("<d", 1.7e9)
    return frame(time + varint(2 << 3) + varint(step) + field(5, field(1, field(1, tag.encode()) + made)))


def events(rows: Iterable[Row], tag: str = "train/lr", style: str = "old") -> bytes:
    head = frame(b"\x09" + struct.pack("<d", 1.7e9) + field(3, b"brain.Event:2"))
    parts = (event(step, "loss", 1 / (step + 1)) + event(step, tag, rate, style) for step, rate in rows)
    return head + b"".join(parts)


def table(rows: Iterable[Row], header: str = "step,lr", row: str = "{0},{1!r}") -> bytes:
    return "\n".join([header, *(row.format(*each) for each in rows), ""]).encode()


def lines(rows: Iterable[Row], line: Callable[[int, float], object]) -> bytes:
    made = (line(*row) for row in rows)
    return "".join((each if isinstance(each, str) else json.dumps(each)) + "\n" for each in made).encode()


def state(rows: Iterable[Row]) -> bytes:
    history = [{"epoch": step / 7, "learning_rate": rate, "loss": 1.5, "step": step + 1} for step, rate in rows]
    return json.dumps({"epoch": 3.0, "global_step": 9, "log_history": [*history, {"step": 9, "eval_loss": 1}]}).encode()


FORMATS: dict[str, tuple[str, Callable[[Sequence[Row]], bytes]]] = {
    "csv": ("run.csv", table),
    "tsv": ("run.tsv", lambda rows: table(rows, "iter\tlr", "{0}\t{1:.6g}")),
    "lightning": (
        "metrics.csv",
        lambda rows: table(rows, "epoch,loss,lr-SGD,step", ",,{1!r},{0}\n0,2.5,,{0}"),
    ),
    "wandb": (
        "wandb.csv",
        lambda rows: table(rows, '"Step","run - lr","run - lr__MIN","run - lr__MAX"', '"{0}","{1!r}","",""'),
    ),
    "ultralytics": (
        "results.csv",
        lambda rows: table(
            [(s + 1, r) for s, r in rows], "   epoch,    time,   lr/pg0,  lr/pg1", "{0},1.5,{1:.6g},{1:.6g}"
        ),
    ),
    "timm": ("summary.csv", lambda rows: table(rows, "epoch,train_loss,eval_loss,lr", "{0},2.5,3.5,{1!r}")),
    "keras": ("training.csv", lambda rows: table(rows, "epoch,accuracy,learning_rate,loss", "{0},0.5,{1!r},1.5")),
    "json lines": ("log.jsonl", lambda rows: lines(rows, lambda s, r: {"global_step": s, "train/lr": r, "loss": 1.5})),
    "scalars": (
        "scalars.json",
        lambda rows: lines(rows, lambda s, r: {"lr": r, "data_time": 0.5, "epoch": 1, "iter": s + 1, "step": s + 1}),
    ),
    "deit": ("log.txt", lambda rows: lines(rows, lambda s, r: {"train_lr": r, "train_loss": 1.5, "epoch": s})),
    "detectron2": ("metrics.json", lambda rows: lines(rows, lambda s, r: {"iteration": s, "lr": r, "time": 0.5})),
    "trainer": ("trainer_state.json", state),
    "events": ("events.out.tfevents.1", events),
    "new events": ("events.out.tfevents.2", lambda rows: events(rows, style="new")),
    "double events": ("events.out.tfevents.3", lambda rows: events(rows, style="double")),
    "keras events": ("events.out.tfevents.4", lambda rows: events(rows, "epoch_learning_rate", "content")),
    "text": ("train.log", lambda rows: lines(rows, lambda s, r: f"Iter {s}: loss 0.5 lr {r:.3e} time 0.1")),
    "megatron": (
        "out.log",
        lambda rows: lines(
            rows,
            lambda s, r: f" iteration {s:8}/ 1000 | consumed samples: 512 | learning rate: {r:.6E} | loss 1.5E+00 |",
        ),
    ),
    "mmengine": (
        "20260101.log",
        lambda rows: lines(rows, lambda s, r: f"Iter(train) [{s + 1:4}/1000]  lr: {r:.4e}  loss: 1.5"),
    ),
}
"""What each is called, and what writes it."""


def write(folder: Path, format: str, rows: Sequence[Row]) -> Path:
    """A log in a format."""
    name, content = FORMATS[format]
    path = folder / name
    path.write_bytes(content(rows))
    return path
