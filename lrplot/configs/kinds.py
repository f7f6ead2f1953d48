"""What a text is: lrplot's own config, or another framework's, which is read as one."""

import contextlib
import re
from collections.abc import Mapping
from dataclasses import replace

from lrplot.configs.document import PERSONS, ConfigError, Fault, Value, parse
from lrplot.configs.foreign.source import LENGTHS, Given, NoSchedule, Source, Understood
from lrplot.configs.reader import config_keys
from lrplot.formats import is_config
from lrplot.schedulers.families import find
from lrplot.wording import shown

FOREIGN = ("_target_", "class_path", "params", "t_warmup", "_component_", "_name")
"""Keys within a scheduler that only other frameworks have there."""
OWN = re.compile(r"""^(?:scheduler|curves)[ \t]*:|^\s*\{?\s*"(?:scheduler|curves)"\s*:""", re.MULTILINE)
"""What tells a config of lrplot's own, at a glance."""
LONG = 1_000_000
"""Letters, from which a text that is too much to be read is taken for data, unless it is lrplot's own."""
_SIGNS = re.compile(r"sched|learning|\blr|optim", re.IGNORECASE)
"""Words of which one stands in whatever holds a schedule."""
_NOTHING = re.compile(r"(?:\s|#[^\n]*(?:\n|\Z)|---)*")
"""A text without anything in it but comments."""
MOST_KEYS = 100
MOST_LETTERS = 40
"""Of keys that are looked at to tell whose they are."""
KEPT_LENGTHS = ("steps", "steps_per_epoch")
"""Those flags on a run's length that hold for what another framework's file became, too."""


def told_apart(
    path: str, pick: str, text: str, overrides: Mapping[str, Value], given: Given | None, faults: list[Fault]
) -> tuple[Value, Mapping[str, Value], Understood | None]:
    """The values of lrplot's own config, or what another framework's becomes; and the flags that are left for it.

    Args:
        pick: What of the file is meant.
        faults: Those that an own config has by itself are added.

    Raises:
        NoSchedule: It holds none.
        ConfigError: It is neither, or cannot be read.
    """
    lengths = {key: value for key, value in overrides.items() if key in LENGTHS}
    beside = replace(given or Given(), lengths=lengths, has_metrics="metrics" in overrides)
    source = Source(path, text, pick, beside)
    root: Value | ConfigError | None = None
    is_yaml = source.kind == "yaml" or (source.kind == "text" and OWN.search(source.text))  # the latter with a slip
    if source.given.form is None and is_yaml:
        try:
            root = parse(text, source.name, faults, PERSONS)
        except ConfigError as problem:
            root = problem
    if not (isinstance(root, Value) and is_own(root)):
        understood = _understood(source, root)
        if understood is not None:
            faults.clear()
            left = {key: value for key, value in overrides.items() if key not in LENGTHS or key in KEPT_LENGTHS}
            return understood.root, left, understood
    assert isinstance(root, Value), "else it would have been refused"
    if pick:
        raise ConfigError([f"{source.name}: {shown(pick)} picks nothing: this is a config of lrplot's own"])
    return root, overrides, None


def _understood(source: Source, root: Value | ConfigError | None) -> Understood | None:
    """What another framework's file says: None where it is one of lrplot's own, with slips in it.

    Args:
        root: Its values as lrplot's own config, or why there are none.
    """
    from lrplot.configs import foreign  # only those who have such a file need them

    error = root if isinstance(root, ConfigError) else None
    if error is not None and (_NOTHING.fullmatch(source.text) or not _SIGNS.search(source.text)):
        raise NoSchedule(error.messages)
    try:
        name = source.given.form or foreign.recognise(source)
    except ConfigError as problem:
        raise error or problem from None
    if name is not None:
        return foreign.read(name, source)
    if isinstance(root, Value) and _is_nearly_own(root):
        return None
    if error is not None and len(source.text) > LONG and not OWN.search(source.text):
        raise NoSchedule(error.messages)
    raise error or NoSchedule([f"{source.name}: {_unknown(source)}"])


def is_own(root: Value) -> bool:
    """Whether all keys of a mapping are those of lrplot's configs, and its scheduler none of another framework's."""
    if not isinstance(root.content, dict):
        return root.faulty
    scheduler = root.content.get("scheduler")
    if scheduler is not None and isinstance(scheduler.content, dict) and not {*FOREIGN}.isdisjoint(scheduler.content):
        return False
    return root.content.keys() <= {*config_keys()}


def _is_nearly_own(root: Value) -> bool:
    """Whether more than half of the keys of a mapping are lrplot's, but for slips, or half and a scheduler's, with its
    name, among them; of a list, whether it holds configs or one-line specs.
    """
    import difflib

    if not isinstance(root.content, dict):
        entries = [root] if isinstance(root.content, str) else root.content[:MOST_KEYS]
        return any(map(_is_nearly_own_entry, entries))
    known = config_keys()
    keys = [key[:MOST_LETTERS].lower() for key in list(root.content)[:MOST_KEYS]]
    found = [match for key in keys for match in difflib.get_close_matches(key, known, 1, 0.8)]
    scheduler = root.content.get("scheduler")
    is_named = scheduler is not None and not (isinstance(scheduler.content, dict) and "name" not in scheduler.content)
    return not keys or 2 * len(found) > len(keys) or (2 * len(found) == len(keys) and is_named)


def _is_nearly_own_entry(entry: Value) -> bool:
    """Whether what a list holds is one of lrplot's configs, or a one-line spec."""
    if isinstance(entry.content, dict):
        return "scheduler" in entry.content
    word = (entry.content.split() or [""])[0] if isinstance(entry.content, str) else ""
    with contextlib.suppress(KeyError):
        find(word[:MOST_LETTERS])
        return True
    return False


def _unknown(source: Source) -> str:
    """What is said of a file of no known kind."""
    from lrplot.configs.foreign import FORMATS

    if source.way:
        return f"holds no schedule of its own: a file that it is built on may hold one: add {source.way}"
    what = "holds no schedule that lrplot knows" if is_config(source.path) else "is of no kind that lrplot reads"
    return f"{what}: --from {'|'.join(FORMATS)} has it read as another framework's"
