"""What is wrong with a config, gathered with its places, so that a person learns of all of it at once."""

from collections.abc import Sequence

from lrplot.configs.document import ConfigError, Value
from lrplot.parameters import Refusal
from lrplot.wording import shown

MAX_MESSAGES = 20
"""Messages that are shown: the first, by their lines, of as many as are kept."""
MAX_KEPT = 2_000


class Problems:
    """Gathers messages; ``raise_any`` ends the reading."""

    def __init__(self) -> None:
        self.count = 0
        """How many problems there were: also those that were noted before, and those too many to tell."""
        self._messages: dict[str, tuple[int, int]] = {}
        self._untold = 0

    def note(self, value: Value, path: str, problem: str) -> None:
        """Notes that the value at ``path`` "must be …", "is …"; of one that could not be read, it is only counted."""
        if value.faulty:
            self.count += 1
            return
        subject = value.source if value.is_flag else f"{value.place}: {path}".rstrip()
        self.add(f"{subject} {problem}", value)

    def refused(self, value: Value, path: str, refusal: Refusal) -> None:
        """Notes why what is given in ``value`` is refused: at the parameter at fault, where that was written."""
        entries = value.content if isinstance(value.content, dict) else {}
        entry = entries.get(refusal.parameter or "")
        if entry is None:
            self.add(str(refusal) if value.is_flag else f"{value.place}: {path}: {refusal}", value)
            return
        path = joined(path, refusal.parameter or "")
        if isinstance(entry.content, list) and refusal.index is not None and refusal.index < len(entry.content):
            entry, path = entry.content[refusal.index], f"{path}[{refusal.index}]"
        elif isinstance(entry.content, dict) and refusal.index is not None:
            entry, path = entry.content.get(str(refusal.index), entry), f"{path}[{refusal.index}]"
        if not refusal.whole:
            self.note(entry, path, refusal.problem)
        else:
            self.add(refusal.problem if entry.is_flag else f"{entry.place}: {path}: {refusal.problem}", entry)

    def add(self, message: str, at: Value | None = None) -> None:
        """Notes a message as it is."""
        self.count += 1
        if len(self._messages) < MAX_KEPT or message in self._messages:
            self._messages[message] = (at.line, at.column) if at else (0, 0)
        else:
            self._untold += 1

    def count_quietly(self) -> None:
        """Counts a problem that is told of elsewhere."""
        self.count += 1

    def count_untold(self, number: int = 1) -> None:
        """Counts problems that are like others, and not worth a message each."""
        self.count += number
        self._untold += number

    def raise_any(self, files: Sequence[str] = ()) -> None:
        """Raises what was noted, in the order of the lines.

        Args:
            files: What was read besides the config.

        Raises:
            ConfigError: Anything was.
        """
        if self.count:
            in_order = sorted(self._messages, key=lambda message: self._messages[message])
            untold = self._untold + len(in_order[MAX_MESSAGES:])
            more = [f"… and {untold:,} more"] if untold else []
            raise ConfigError([*in_order[:MAX_MESSAGES], *more], files)


def joined(path: str, name: str) -> str:
    """The path of a key below another."""
    return f"{path}.{name}" if path else name


def described(value: Value) -> str:
    """A value as a message shows it."""
    if isinstance(value.content, list):
        return f"a list of {len(value.content)}"
    if isinstance(value.content, dict):
        return "a mapping"
    return "nothing" if value.is_null else shown(value.content)
