"""The readers of text and of logs under atheris, which sees what code an input reaches: ``python -m tests.fuzz.readers
config|expression|log|script``.

What follows are libFuzzer's own arguments, such as a folder with inputs to begin with and ``-max_total_time=60``.
"""

import sys

import atheris

with atheris.instrument_imports(include=["lrplot", "yaml"]):
    import yaml

    from lrplot.configs.code import script
    from lrplot.configs.document import ConfigError, decode, parse
    from lrplot.configs.expression import Expression
    from lrplot.configs.foreign.source import Source
    from lrplot.configs.logs.file import LogFile
    from lrplot.configs.logs.formats import read_log
    from lrplot.configs.sources import build
    from lrplot.runs.spec import ERRORS

from tests.fuzz.harness import cap_steps

POINTS = (0, 1, 7, 2.5, -3, 10**6, float("inf"), float("nan"))


def read_config(data: bytes) -> None:
    """A config is read or refused with messages, by either of PyYAML's parsers: the quick one, and the one that atheris
    sees into.
    """
    for quick in (True, False):
        yaml.__with_libyaml__ = quick  # type: ignore[attr-defined]
        try:
            config = build(parse(decode(data, "config.yaml"), "config.yaml"))
        except ConfigError as error:
            assert all(message and "\n" not in message for message in error.messages), error.messages
            continue
        again = build(parse(config.source(), "again.yaml"))
        assert again.source() == config.source(), (config.source(), again.source())


def read_expression(data: bytes) -> None:
    """An expression is read or refused, and has a value or none at every point; a value is a number."""
    try:
        expression = Expression(data.decode("utf-8", "replace"))
    except (ValueError, ArithmeticError):
        return
    for point in POINTS:
        try:
            value = expression(point)
        except ERRORS:
            continue
        assert isinstance(value, (int, float, complex)), type(value)
        assert not isinstance(value, int) or value.bit_length() < 10_000, value.bit_length()


def read_a_log(data: bytes) -> None:
    """A log is read or refused with one message, whatever its name makes of it."""
    for name in ("a.tfevents.1", "a.json", "a.csv", "a.log"):
        file = LogFile(name)
        file.data = data
        try:
            log = read_log(file)
        except ConfigError as error:
            assert len(error.messages) == 1 and "\n" not in error.messages[0], error.messages
            continue
        assert log is None or all(len(column) == len(log.rows) > 0 for column in log.rates)


def read_a_script(data: bytes) -> None:
    """A training script, or a notebook, is read or refused with a line each, and what it becomes is a config or none."""
    try:
        understood = script.read(Source("train.py", decode(data, "train.py")))
        build(understood.root)
    except ConfigError as error:
        assert all(message and "\n" not in message for message in error.messages), error.messages


if __name__ == "__main__":
    targets = {"config": read_config, "expression": read_expression, "log": read_a_log, "script": read_a_script}
    target = targets[sys.argv.pop(1)]
    cap_steps()
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()
