"""How far a batch has come: a line that stays in place, on a terminal alone."""

import shutil
import sys
import time

INTERVAL = 0.1


class Progress:
    """A bar on standard error with what is done, what failed and the time left; nothing where that is no terminal.

    Args:
        total: How many there are.
        wanted: Whether to show it at all.
    """

    def __init__(self, total: int, wanted: bool = True) -> None:
        self.total = total
        self.shown = wanted and total > 0 and sys.stderr.isatty()
        self.began = time.monotonic()
        self.drawn = 0.0

    def at(self, done: int, failed: int) -> None:
        """Draws the bar anew, though not more often than an eye can follow."""
        now = time.monotonic()
        if self.shown and now - self.drawn >= INTERVAL:
            self.drawn = now
            width = shutil.get_terminal_size().columns - 1
            self._write("\r" + line(done, failed, self.total, now - self.began, width).ljust(width))

    def clear(self) -> None:
        """Takes the bar away, for what is printed in its place."""
        if self.shown and self.drawn:
            self.drawn = 0.0
            self._write("\r" + " " * (shutil.get_terminal_size().columns - 1) + "\r")

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()


def line(done: int, failed: int, total: int, elapsed: float, width: int) -> str:
    """The bar as text, as wide as it may be.

    >>> line(50, 2, 200, 30.0, width=60)
    '[#####---------------]  50 of 200, 2 failed, 1:30 left'
    >>> line(50, 0, 200, 30.0, width=20)
    '50 of 200, 1:30 left'
    """
    words = [f"{done} of {total}"]
    if failed:
        words.append(f"{failed} failed")
    if done:
        words.append(f"{duration(elapsed / done * (total - done))} left")
    text = ", ".join(words)
    cells = min(20, width - len(text) - 4)
    if cells < 5:
        return text[:width]
    full = cells * done // total
    return f"[{'#' * full}{'-' * (cells - full)}]  {text}"


def duration(seconds: float) -> str:
    """
    >>> duration(9.6), duration(90), duration(4000)
    ('0:10', '1:30', '1:06:40')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
