"""The sources that a command names to Configs: files, pictures, one-line specs, flags on top of them."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from lrplot.configs.config import Config
from lrplot.configs.document import KEPT, MAX_CONFIG_BYTES, ConfigError, Fault, Value, decode, parse, read_file
from lrplot.configs.one_line import as_mapping, is_code
from lrplot.configs.reader import Reader
from lrplot.configs.values import Values
from lrplot.files import is_pipe
from lrplot.formats import holds_curves, is_config, is_picture, reader_of
from lrplot.runs.make import limits
from lrplot.runs.run import Run
from lrplot.runs.spec import Spec
from lrplot.schedulers import Scheduler
from lrplot.schedulers.families import families, guessed
from lrplot.wording import shown

if TYPE_CHECKING:
    from lrplot.configs.foreign.source import Given

MAX_PIPED = 256_000_000
"""Bytes of a log that comes by a pipe."""

FEW = 20
"""Rates that a config may name."""
_CONFIGS = re.compile(r"""^[\s"-]*(?:scheduler|curves|optimizer)"?[ \t]*:""", re.MULTILINE)
_RATES = re.compile(r"learning.?rate|\blr\b", re.IGNORECASE)

Overrides = Mapping[str, Value]
"""What flags set, by key path: ``{"scheduler.T_max": …, "steps": …}``."""


class Standing(ConfigError):
    """Flags are to change curves that stand as they are."""


def load(
    path: str,
    overrides: Overrides | None = None,
    command: type[Scheduler] | None = None,
    text: str | None = None,
    given: "Given | None" = None,
) -> Config:
    """The config in a YAML or JSON file or in a picture, or a table's curves; ``-`` is standard input.

    Args:
        overrides: What flags set.
        command: The scheduler that it must be for, if it says for which it is.
        text: The config's text, where that was read already.
        given: What was typed for other frameworks' files.

    Raises:
        ConfigError: It cannot be read, or something in it is wrong: one message each.
    """
    is_theirs = given is not None and given.form is not None
    data = _piped(path) if text is None else None
    if text is None and not is_theirs and (log := _log(path, data, overrides or {}, command)) is not None:
        return log
    if data is not None:
        text = _text_in(data, path)
    path, pick = _picked(path)
    name = os.path.splitext(os.path.basename(path))[0] if path != "-" else ""
    faults: list[Fault] = []
    text = text_of(path) if text is None else text
    from lrplot.configs.tables import is_table, read_table  # flags alone need none of it

    if not is_picture(path) and is_table(text):
        source = "<stdin>" if path == "-" else path
        return _standing(path, lambda: read_table(text, source, name or "table"), overrides or {}, command)
    understood = None
    if is_picture(path):
        root = parse(text, path, faults, KEPT)
    else:
        from lrplot.configs.kinds import told_apart  # flags alone need none of it

        root, overrides, understood = told_apart(path, pick, text, overrides or {}, given, faults)
    if command is not None:
        root = _agreed(root, command)
        overrides = {"scheduler.name": Value(command.__name__, path), **(overrides or {})}
    folder = None if is_picture(path) else os.path.dirname(path)
    config = build(root, overrides, folder, name, faults)
    config.files = [path, *config.files]
    if understood is not None:
        config.files += understood.files
        config.told = [f"{path}: {understood.line}{_length_told(config)}"]
    else:
        config.text = text
        config.reread = partial(load, path, overrides, command)
    return config


def _length_told(config: Config) -> str:
    """What is said of a run of which nothing says how long it is."""
    run = next((run for run in config.runs if run.open_ended and not run.spec.watches_metric), None)
    return (
        "" if run is None else f"; nothing says how long it is: {run.told(run.steps)} are drawn, --steps gives others"
    )


def _picked(path: str) -> tuple[str, str]:
    """A file, and what of it is meant: what stands behind a colon where all of it names no file."""
    file, _, pick = path.rpartition(":")
    return (file, pick) if file and pick and not os.path.exists(path) and os.path.isfile(file) else (path, "")


def _piped(source: str) -> bytes | None:
    """What comes by a pipe; None of a file."""
    path = source.partition(":")[0]
    return read_file(path, MAX_PIPED) if is_pipe(path) else None


def _text_in(data: bytes, path: str) -> str:
    """The text of a config or a table that came by a pipe."""
    from lrplot.configs.tables import is_table

    source = "<stdin>" if path == "-" else path
    text = decode(data, source)
    if len(data) > MAX_CONFIG_BYTES and not is_table(text):
        raise ConfigError([f"{source}: is too large: at most {MAX_CONFIG_BYTES:,} bytes of a config are read"])
    return text


def _log(source: str, data: bytes | None, overrides: Overrides, command: type[Scheduler] | None) -> Config | None:
    """The curves of a log, or None where a source is none; a table of lrplot's is one where it is large.

    Args:
        data: What came by a pipe.
    """
    if (is_config(source) and not source.lower().endswith(".json")) or is_picture(source):
        return None
    from lrplot.configs.logs.file import LogFile, is_at_hand, split_column

    path, column = split_column(source)
    if os.path.isdir(path):
        from lrplot.configs.logs.folder import is_run, read_folder

        return _standing(path, lambda: [read_folder(path, column)], overrides, command) if is_run(path) else None
    if data is None and not is_at_hand(path):
        return None
    from lrplot.configs.logs.formats import format_of_log
    from lrplot.configs.tables import is_own

    file = LogFile(path, data)
    if data is not None and column is None and file.is_plain:  # of a file, its name says what it is
        head = file.head.decode("utf-8", "replace")
        if _CONFIGS.search(head) and len(_RATES.findall(head)) < FEW:
            return None  # a config, though it may have a slip: a log that begins with one goes on
    format = format_of_log(file)
    if format is None or (column is None and file.is_plain and is_own(file.head, file.size)):
        return None
    return _standing(path, lambda: [format.read(file, column)], overrides, command)


def _standing(
    path: str, read: Callable[[], Sequence[Run]], overrides: Overrides, command: type[Scheduler] | None
) -> Config:
    """The curves of a table or a log, which stand as they are: flags say how they are drawn, and no more."""
    from lrplot.runs.log import Log  # flags alone need none of it

    source = "<stdin>" if path == "-" else path
    what = f"{source}: is a table, whose curves stand as they are"
    if command is not None:
        raise ConfigError([f"{what}, without a scheduler: draw it with lrplot plot"])
    flags = [value.source for key, value in overrides.items() if not key.startswith("plot.")]
    if flags:
        raise Standing([f"{what}: {', '.join(flags)} cannot change them"])
    runs = read()
    for refusal in limits(runs, counted=False):
        raise ConfigError([f"{source}: {refusal}"])
    reader = Reader("")
    typed = _overridden(Value({}, source), overrides).content
    look = reader.look(typed.get("plot")) if isinstance(typed, dict) else None
    reader.problems.raise_any()
    if look is not None and look.label and len(runs) == 1:
        runs = [runs[0].but(label=look.label)]
    name = os.path.splitext(os.path.basename(path))[0] if path != "-" else ""
    origins = {run: {"": (Value({}, source), "")} for run in runs}
    config = Config(runs, look, name, files=[path, *reader.files], origins=origins)
    config.told = [remark for run in runs if isinstance(run, Log) for remark in run.remarks]
    return config


def text_of(path: str) -> str:
    """The text of the config or the table in a file; ``-`` is standard input.

    Raises:
        ConfigError: It cannot be read.
    """
    try:
        return reader_of(path)(path)
    except ConfigError:
        raise
    except (OSError, ValueError) as error:
        raise ConfigError([f"{path}: {getattr(error, 'strerror', None) or error}"]) from None


def load_all(sources: Sequence[str], overrides: Overrides | None = None, given: "Given | None" = None) -> Config:
    """Several configs and one-line specs on one picture, which looks as the first of them says.

    Labels that flags set name their curves in order; other flags change those sources that do not stand as they are.

    Args:
        given: What was typed for other frameworks' files.
    """
    labels = (overrides or {}).get("plot.label")
    if len(sources) > 1:
        overrides = {key: value for key, value in (overrides or {}).items() if key != "plot.label"}
    configs = load_each(sources, overrides or {}, given)
    refuse_idle(given, any(map(is_foreign, sources, configs)))
    if len(configs) == 1:
        return configs[0]
    from dataclasses import replace

    look = replace(configs[0].look, label=None)
    if "plot.title" not in (overrides or {}):
        look = replace(look, title=None)
    runs = [run for config in configs for run in config.runs]
    is_asked = configs[0].text is not None or "plot.x" in (overrides or {})
    if not is_asked and any(run.per_epoch is None for run in runs):  # another framework's file counts what it can
        look = replace(look, x="progress" if any(run.nominal for run in runs) else None)
    if labels is not None:
        runs = _named(runs, labels)
    for refusal in limits(runs, counted=False):
        raise refusal
    files = [file for config in configs for file in config.files]
    origins = {run: origin for config in configs for run, origin in config.origins.items()}
    config = Config(runs, look, configs[0].name, places=configs[0].places, files=files, origins=origins)
    config.told = [line for each in configs for line in each.told]
    return config


def load_each(sources: Sequence[str], overrides: Overrides, given: "Given | None") -> list[Config]:
    """A config for each source; what stands as it is takes the look alone, where flags change another."""
    configs: list[Config] = []
    messages: list[str] = []
    standing: list[str] = []
    look_alone = {key: value for key, value in overrides.items() if key.startswith("plot.")}
    for source in sources:
        try:
            is_named = is_file(source)
            configs.append(load(source, overrides, given=given) if is_named else build(one_line(source), overrides))
        except Standing as error:
            standing += error.messages
            configs.append(load(source, look_alone, given=given))
        except ConfigError as error:
            messages += error.messages
    if len(standing) == len(sources):
        messages = standing
    if messages:
        raise ConfigError(dict.fromkeys(messages))
    return configs


def refuse_idle(given: "Given | None", any_foreign: bool) -> None:
    """Refuses a --set where no file of another framework and no script is read."""
    if given is not None and given.names and not any_foreign:
        typed = ", ".join(value.source for value in given.names.values())
        raise ConfigError([f"{typed}: sets what other frameworks' files and scripts leave open, and there is none"])


def is_foreign(source: str, config: Config) -> bool:
    """Whether what a source became was not written as lrplot's own: a fix in lrplot's keys has no place in it."""
    return config.text is None and is_file(source)


def _named(runs: Sequence[Run], labels: Value) -> list[Run]:
    reader = Reader("")
    look = reader.look(Value({"label": labels}, labels.source))
    named = reader.named(runs, look.label, labels) if look is not None and look.label is not None else []
    reader.problems.raise_any()
    return [run for run in named if run is not None]


def is_file(source: str) -> bool:
    """Whether a word on the command line names a file, there or not, rather than being a one-line spec.

    >>> [is_file(word) for word in ("train.py", "runs/7", "cosine T_max=20", "timm.cosine", "StepLR(o, .1)")]
    [True, True, False, False, False]
    """
    if source == "-" or holds_curves(source) or (" " not in source and os.path.exists(_picked(source)[0])):
        return True
    from lrplot.configs.logs.file import split_column

    path, column = split_column(source)
    if column is not None and (holds_curves(path) or " " not in path):
        return True
    family, ending, _ = source.partition(".")
    return not re.search(r"[\s(=]", source) and (
        "/" in source or bool(ending and family not in families() and not guessed(source))
    )


def one_line(text: str) -> Value:
    """A config from a one-line spec: ``cosine T_max=20``; specs of a composite stand in quotes; or from a call as code
    has it: ``StepLR(optimizer, 30)``.

    >>> load_all(["chained 'constant factor=0.5' 'cosine T_max=20'"]).runs[0].spec.inner[1].parameters
    {'T_max': 20}
    """
    source = f"spec {shown(text)}"
    if is_code(text):
        from lrplot.configs.code.paste import pasted  # only those who paste a call need the parser

        return pasted(text, source)
    return Value({"scheduler": Value(text, source)}, source)


def spec(text: str) -> Spec:
    """The scheduler of a one-line spec.

    >>> str(spec("step step_size=30 gamma=0.5"))
    'StepLR(step_size=30, gamma=0.5)'

    Raises:
        ConfigError: It is none, or something in it is wrong.
    """
    reader = Reader("")
    made = reader.spec(Value(text, f"spec {shown(text)}"), "scheduler")
    reader.problems.raise_any()
    assert made is not None, "without problems there is a spec"
    return made


def build(
    root: Value,
    overrides: Overrides | None = None,
    folder: str | None = "",
    name: str = "",
    faults: Sequence[Fault] = (),
) -> Config:
    """A Config from a mapping as it was read, with flags on top.

    Args:
        folder: The config's own, where it looks for files; None where it may name none.
        name: What it is called.
        faults: Those that the document has by itself.

    Raises:
        ConfigError: Something in it is wrong: one message each.
    """
    reader = Reader(folder)
    for value, problem in faults:
        reader.problems.add(f"{value.place}: {problem}", value)
    config = reader.config(_overridden(root, overrides or {}), name)
    reader.problems.raise_any(reader.files)
    assert config is not None, "without problems there is one"
    return config


def _agreed(root: Value, command: type[Scheduler]) -> Value:
    """A config that is for the scheduler of the command that reads it, its one-line spec as a mapping for flags.

    Raises:
        ConfigError: It is for another scheduler, or for several curves.
    """
    entries = root.content if isinstance(root.content, dict) else {}
    if "curves" in entries:
        raise ConfigError([f"{root.place}: holds several curves: draw it with lrplot plot"])
    scheduler = entries.get("scheduler")
    if scheduler is not None and isinstance(scheduler.content, str) and not scheduler.is_null:
        values = Values()
        scheduler = as_mapping(scheduler, "scheduler", values)
        values.problems.raise_any()
        root = Value({**entries, "scheduler": scheduler}, root.source, root.line, root.column)
    content = scheduler.content if scheduler is not None else None
    if scheduler is not None and isinstance(content, list):
        raise ConfigError([f"{scheduler.place}: holds several schedulers: draw it with lrplot plot"])
    name = content.get("name") if isinstance(content, dict) else None
    if name is not None and isinstance(name.content, str) and name.content not in (command.name, command.__name__):
        what = f"scheduler.name is {shown(name.content)}, but the command is for {command.__name__}"
        raise ConfigError([f"{name.place}: {what}"])
    return root


def _overridden(root: Value, overrides: Overrides) -> Value:
    """The mapping with some entries replaced; it is copied, as an alias may share it."""
    for path, value in overrides.items():
        if isinstance(root.content, dict):
            head, _, rest = path.partition(".")
            below = root.content.get(head)
            if below is None or below.is_null:
                below = Value({}, value.source)
            entry = _overridden(below, {rest: value}) if rest else value
            root = Value({**root.content, head: entry}, root.source, root.line, root.column)
    return root
