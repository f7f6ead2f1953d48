"""What a batch wrote, kept beside it.

Content decides what is up to date: neither a fresh checkout nor a touched file misleads.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from lrplot.files import read_bytes, replacing
from lrplot.version import __version__

NAME = ".lrplot.json"
CHUNK = 1 << 20
LARGEST = 30_000_000
"""Bytes of a ledger: those of some 200,000 outputs."""

Entry = tuple[str, str]
"""Fingerprints of what an output was made from, and of its bytes."""


def fingerprint_of_file(path: str) -> str | None:
    """The same for a file's bytes: None where there is no such file, or none that keeps what is written to it."""
    if not os.path.isfile(path):
        return None
    state = hashlib.blake2b(digest_size=16)
    try:
        with open(path, "rb") as stream:
            while chunk := stream.read(CHUNK):
                state.update(chunk)
    except OSError:
        return None
    return state.hexdigest()


class Ledger:
    """The entries of the outputs in a folder, by their path in it, and of the cards on its page, by their configs."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.path = os.path.join(folder, NAME)
        self.entries, self.cards = _read(self.path)
        self._noted: dict[str, Entry] = {}

    def entry(self, output: str) -> Entry | None:
        return self.entries.get(self._key(output))

    def entries_of(self, outputs: Iterable[str]) -> dict[str, Entry]:
        return {output: entry for output in outputs if (entry := self.entry(output))}

    def note(self, entries: Mapping[str, Entry]) -> None:
        self._noted.update((self._key(output), entry) for output, entry in entries.items())
        self.entries.update(self._noted)

    def save(self) -> None:
        """Writes the ledger where it changed: without outputs that are gone, with what other batches have added."""
        with _locked(self.folder):
            saved, cards = _read(self.path)
            self.entries = {**saved, **self._noted}
            there = (key for key in sorted(self.entries) if os.path.lexists(os.path.join(self.folder, key)))
            kept = {key: self.entries[key] for key in there}
            if (kept, self.cards) != (saved, cards):
                with replacing(self.path) as stream:
                    whole = {"lrplot": __version__, "outputs": kept, "cards": self.cards}
                    stream.write(json.dumps(whole, indent=0).encode())

    def _key(self, output: str) -> str:
        return os.path.relpath(output, self.folder).replace(os.sep, "/")


@contextmanager
def _locked(folder: str) -> Iterator[None]:
    """Waits for other batches that save a ledger in the folder; where that cannot be had, the last one wins."""
    try:
        import fcntl

        descriptor = os.open(folder, os.O_RDONLY)
    except (ImportError, OSError):
        yield
        return
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _read(path: str) -> tuple[dict[str, Entry], dict[str, Entry]]:
    """The entries of outputs and of cards in a ledger's file: none where it is missing, damaged, or no ledger."""
    try:
        root = json.loads(read_bytes(path, LARGEST))
    except (OSError, ValueError, RecursionError):
        root = None
    return _entries(root, "outputs"), _entries(root, "cards")


def _entries(root: Any, kind: str) -> dict[str, Entry]:
    found = root.get(kind) if isinstance(root, dict) else None
    entries = found.items() if isinstance(found, dict) else ()
    return {key: (entry[0], entry[1]) for key, entry in entries if _is_entry(entry)}


def _is_entry(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(part, str) for part in value)
