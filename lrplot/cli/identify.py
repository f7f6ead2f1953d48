"""Which schedule a log is of, for people and for programs, and as a config that can be run again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from lrplot.analysis.identify.search import SECONDS, Answer, Candidate, answer, logged
from lrplot.analysis.identify.ties import said
from lrplot.cli.answer import told
from lrplot.configs.config import Config
from lrplot.configs.document import ConfigError
from lrplot.configs.expression import Expression
from lrplot.files import replacing
from lrplot.formats import format_of, is_config
from lrplot.runs.log import Log
from lrplot.runs.run import Run
from lrplot.wording import printable

READ = {1: "the log has the rate of the step after: record: after-step reads it so"}
"""What is said of a log that counts its steps in another way."""


def run(source: str, outputs: Sequence[str], as_json: bool, config: Config) -> int:
    """The command: prints what reproduces a log; returns 0 where something does, and 1 where nothing does.

    Raises:
        ConfigError: It is no log, or has nothing to tell from.
    """
    for path in outputs:
        if not is_config(path):
            format_of(path)
    log = _the_log(source, config)
    try:
        found = answer(log, Expression)
    except ValueError as error:
        raise ConfigError([f"{source}: {error}"]) from None
    for path in outputs if found.candidates else ():  # first, as a reader of what is printed may leave
        _write(path, log, found, config)
    if as_json:
        text = json.dumps(_facts(log, found), indent=2, ensure_ascii=False)
    else:
        text = _text(log, found) if found.candidates else printable(f"# {_nothing(log, found)}")
    return told([text.removesuffix("\n")], 0 if found.candidates else 1)


def _the_log(source: str, config: Config) -> Log:
    logs = [run for run in config.runs if isinstance(run, Log)]
    if len(config.runs) != 1 or not logs:
        what = f"holds {len(config.runs)} curves" if logs else "is a plan, whose scheduler is known"
        raise ConfigError([f"{source}: {what}: identify takes a log, or a table of one curve"])
    return logs[0]


def plan_of(log: Log, candidate: Candidate) -> Run:
    """The run that a candidate is, as long as the log."""
    steps = int(log.rows[-1]) + 1
    run = candidate.proposal.run(steps)
    return run.but(record=("after-step",)) if candidate.shift == 1 else run


def _facts(log: Log, found: Answer) -> dict[str, Any]:
    count = len(logged(log).steps)
    candidates = [
        {
            "config": Config([plan_of(log, candidate)]).mapping(),
            "equal": count,
            "of": count,
            "shift": candidate.shift,
            "ranges": candidate.ranges,
            "notes": [*_remarks(candidate)],
        }
        for candidate in found.candidates
    ]
    said = {} if candidates else {"said": _nothing(log, found)}
    return {"candidates": candidates, "quantum": str(log.quantum), "complete": not found.is_cut, **said}


def _text(log: Log, found: Answer) -> str:
    """The simplest as a config, and the others below it as comments."""
    first, *others = found.candidates
    count = len(logged(log).steps)
    lines = [f"# equal at all {count:,} logged steps ({log.quantum})"]
    lines += [f"# {remark}" for remark in _remarks(first)]
    lines += ["# not all could be tried in the time of a search: others may reproduce it as well"] * found.is_cut
    lines += Config([plan_of(log, first)]).source().splitlines()
    for candidate in others:
        lines += ["#", "# so is:", *(f"# {remark}" for remark in _remarks(candidate))]
        lines += [f"#   {line}" for line in Config([plan_of(log, candidate)]).source().splitlines()]
    return "".join(f"{printable(line)}\n" for line in lines)


def _remarks(candidate: Candidate) -> Iterator[str]:
    shift = candidate.shift
    if shift:
        yield READ.get(shift, f"the log's step {-shift if shift < 0 else 0:,} is this plan's step {max(shift, 0):,}")
    yield from candidate.proposal.notes
    yield from [said(candidate.ranges)] if candidate.ranges else ()
    yield from candidate.doubts


def _nothing(log: Log, found: Answer) -> str:
    from lrplot.analysis.identify.partly import partly

    known = f"found within {SECONDS:g} s of search" if found.is_cut else "that lrplot knows"
    return f"nothing {known} reproduces all {len(log.rows):,} logged steps ({log.quantum}): {partly(logged(log))}"


def _write(path: str, log: Log, found: Answer, config: Config) -> None:
    """A config, or whatever can be written of the plan with the log on it."""
    from lrplot.outputs.write import refuse_input, write

    if is_config(path) and not path.lower().endswith(".json"):
        refuse_input(path, config)
        with replacing(path) as stream:
            stream.write(_text(log, found).encode())
        return
    both = Config([plan_of(log, found.candidates[0]), log], config.look, config.name, files=config.files)
    write(both, both.curves(), path)
