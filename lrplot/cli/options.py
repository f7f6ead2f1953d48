"""The options of commands: types that complete, a flag for each parameter, and the groups of flags that several
commands share.
"""

import os
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from lrplot.parameters import Choices, Parameter, parameters_of
from lrplot.schedulers.optimizer import RATES
from lrplot.wording import shown

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from lrplot.analysis.notes.rule import Rule
    from lrplot.configs.document import Value
    from lrplot.configs.foreign.source import Given
    from lrplot.schedulers import Scheduler

SECTIONS = {
    "scheduler": "Scheduler",
    "optimizer": "Optimizer",
    "run": "Run",
    "data": "Run",
    "plot": "Look of the plot",
    "foreign": "Other frameworks' files",
    "output": "Options",
}
"""The groups of options, and the headings that they stand under in the help; all but the last two are sections of a
config too.
"""
SHORT = {"steps": "-n"}
SHARED = "lrplot.cli.options"
"""Where a context keeps the options that commands share."""


class Word(click.ParamType):  # type: ignore[type-arg]
    """A parameter's text as it was typed: the reader of configs says what it means. It completes choices."""

    def __init__(self, parameter: Parameter) -> None:
        self.name = parameter.type_name.partition(", or ")[0]
        self.words = parameter.constraint.words if isinstance(parameter.constraint, Choices) else ()
        self.metavar = "|".join(self.words) or self.name.removeprefix("list of ").upper()

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        return completions(self.words, incomplete)


class File(click.ParamType):  # type: ignore[type-arg]
    """A file's name, completed by the shell."""

    name = "file"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type="file")]


class FormatName(click.ParamType):  # type: ignore[type-arg]
    """A format that can be written, completed."""

    name = "format"

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        from lrplot.formats import written

        return "|".join(written())

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        from lrplot.formats import written

        return completions(written(), incomplete)


class Topic(click.ParamType):  # type: ignore[type-arg]
    """A scheduler by class name or short name, or a note by its code, completed."""

    name = "topic"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> "type[Scheduler] | Rule":
        from lrplot.schedulers.families import find

        try:
            if isinstance(value, str) and re.fullmatch("LR[0-9]+", value, re.IGNORECASE):
                from lrplot.analysis.notes.rule import find_rule

                return find_rule(value)
            return find(value) if isinstance(value, str) else value
        except KeyError as error:
            raise click.UsageError(error.args[0], ctx) from None

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        from lrplot.analysis.notes.rule import rules
        from lrplot.schedulers.families import every_member, members

        names = [*members(), *(cls.shown_name for cls in every_member())]
        return completions([*names, *(sorted(rules()) if incomplete else [])], incomplete)


class Listed(click.ParamType):  # type: ignore[type-arg]
    """What there are lists of, completed."""

    name = "list"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        from lrplot.schedulers.families import families

        return completions([*families(), "notes"], incomplete)


def completions(words: Iterable[str], incomplete: str) -> "list[CompletionItem]":
    """Those of the words that what was typed may become."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(word) for word in words if word.startswith(incomplete)]


class ParameterOption(click.Option):
    """The flag of one parameter.

    Args:
        section: Where it belongs in a config, and in the help.
    """

    def __init__(self, parameter: Parameter, section: str) -> None:
        from lrplot.configs.values import flag_of

        self.parameter = parameter
        self.section = section
        self.flag = flag_of(self.key)
        word = Word(parameter)
        kind: dict[str, Any] = {"type": word, "multiple": parameter.takes_list, "metavar": word.metavar}
        declared = [f"{section}__{parameter.name}", *([SHORT[parameter.name]] if parameter.name in SHORT else [])]
        declared.append(self.flag)
        if parameter.kind == "bool":
            declared[-1] = f"{self.flag}/--no-{self.flag[2:]}"
            kind = {"is_flag": True, "default": None}
        needed = section == "scheduler"  # of data, only where any of it is given
        super().__init__(declared, help=_help(parameter, needed), **kind)

    @property
    def is_rate(self) -> bool:
        """Whether it is a rate of the optimizer."""
        return self.section == "optimizer" and self.parameter.name in RATES

    @property
    def key(self) -> str:
        """The path of the key that it sets in a config."""
        return self.parameter.name if self.section == "run" else f"{self.section}.{self.parameter.name}"

    def value(self, given: Any) -> "Value | None":
        """What was typed: None where nothing was."""
        from lrplot.configs.document import Value
        from lrplot.configs.values import from_flag

        if given is None or given == ():
            return None
        if isinstance(given, bool):
            return Value(str(given).lower(), self.flag)
        # A list may be typed as one word, separated by commas; an expression has commas of its own.
        return from_flag(self.parameter, given if isinstance(given, tuple) else [given], Value("", self.flag))


def _help(parameter: Parameter, needed: bool) -> str:
    from lrplot.configs.values import default_of

    notes = []
    if parameter.constraint is not None and parameter.kind not in ("choice", "text"):
        notes.append(str(parameter.constraint))
    if parameter.required and needed:
        notes.append("required")
    elif (default := default_of(parameter)) is not None:
        notes.append(f"default: {default}")
    if parameter.per_group:
        notes.append("repeat for parameter groups")
    elif parameter.is_list:
        notes.append("repeat for several" if parameter.kind == "text" else "repeat, or separate by commas")
    elif parameter.or_pair:
        notes.append("two are separated by a comma")
    return parameter.help + (f"  [{'; '.join(notes)}]" if notes else "")


def message_option(names: Sequence[str], message: Callable[[click.Context], str], help: str) -> click.Option:
    """A flag that prints a message and ends the command."""

    def callback(ctx: click.Context, param: click.Parameter, value: bool) -> None:
        if value and not ctx.resilient_parsing:
            click.echo(message(ctx), color=ctx.color)
            ctx.exit()

    return click.Option(list(names), is_flag=True, is_eager=True, expose_value=False, callback=callback, help=help)


def help_of(ctx: click.Context) -> str:
    """A command's help, as wide as the terminal: click would ask a module for it that imports three compressors."""
    try:
        columns = int(os.environ.get("COLUMNS") or os.get_terminal_size().columns) or 80
    except (ValueError, OSError):  # it is no number, or there is no terminal
        columns = 80
    ctx.terminal_width = ctx.terminal_width or max(min(columns, ctx.max_content_width or 80) - 2, 50)
    return ctx.get_help()


HELP = message_option(["-h", "--help"], help_of, "Show this message and exit.")
"""click's own looks for translations at each start."""


class Helped(click.Command):
    """A command whose help ends in an example; click's words in it stay English, as all others."""

    def get_help_option(self, ctx: click.Context) -> click.Option:
        return HELP

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), "Usage: ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        groups: dict[str, list[tuple[str, str]]] = {title: [] for title in SECTIONS.values()}
        for param in self.get_params(ctx):
            if record := param.get_help_record(ctx) if isinstance(param, click.Option) else None:
                section = getattr(param, "section", "output")
                groups[SECTIONS[section]].append(record)
        for title, records in groups.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if example := self.example():
            with formatter.section("Example"), formatter.indentation():
                for line in example.splitlines():
                    formatter.write(" " * formatter.current_indent + line + "\n")

    def example(self) -> str | None:
        """What may be typed."""
        return self.epilog


class SectionedCommand(Helped):
    """A command whose help shows its options by section.

    Args:
        sections: The groups of options that it shares with others.
    """

    def __init__(self, *args: Any, sections: Sequence[str] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.sections = sections

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Makes no more options than it takes to know the flags that were typed; help and completion show all."""
        typed = {word.partition("=")[0] for word in args if word.startswith("-")}
        made: list[click.Option] = ctx.meta.setdefault(SHARED, [])
        for section in self.sections:
            if ctx.resilient_parsing or not typed <= {*self._flags(ctx)}:
                made += self.shared(section)
        return super().parse_args(ctx, self._in_full(ctx, args))

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        return [*self.params, *ctx.meta.get(SHARED, ()), HELP]

    def shared(self, section: str) -> list[click.Option]:
        """The options of a section, without those that it has itself."""
        own = {flag for param in self.params for flag in param.opts}
        return [option for option in options_of(section) if own.isdisjoint(option.opts)]

    def _flags(self, ctx: click.Context) -> dict[str, str]:
        """The flags of the options that are made, each with the last way to write it; that for help asks for more."""
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option) and param is not HELP]
        return {flag: flags[-1] for o in options for flags in (o.opts, o.secondary_opts) for flag in flags}

    def _in_full(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Short flags as their long ones: click looks for what is spelled like -o before it takes it for a flag.

        What stands behind a flag may be its value, and the last word lacks one: they stay.
        """
        if "--" in args:
            return args
        flags = self._flags(ctx)
        return [
            word if index + 1 == len(args) or args[index - 1].startswith("-") else flags.get(word, word)
            for index, word in enumerate(args)
        ]


def options_of(section: str) -> list[click.Option]:
    """The options of a section that commands share."""
    if section == "output":
        return _output_options()
    if section == "foreign":
        return foreign_options()
    return [option for parameter in _parameters_of(section) for option in _options(parameter, section)]


def _options(parameter: Parameter, section: str) -> list[click.Option]:
    """The flag of a parameter, or those of what a mapping says."""
    if parameter.made is None:
        return [ParameterOption(parameter, section)]
    if parameter.is_list:
        return []
    return [ParameterOption(below, parameter.name) for below in parameters_of(parameter.made)]


def _parameters_of(section: str) -> Sequence[Parameter]:
    if section == "optimizer":
        from lrplot.schedulers.optimizer import Optimizer

        return parameters_of(Optimizer)
    if section == "run":
        from lrplot.runs.run import KEYS_ALONE, run_parameters

        return [parameter for parameter in run_parameters() if parameter.name not in KEYS_ALONE]
    from lrplot.pictures.look import Look

    return parameters_of(Look)


def _output_options() -> list[click.Option]:
    from lrplot.formats import FORMS, written

    where = f"Where to write: the ending says what ({', '.join(written())}), - is CSV on standard output."
    return [
        click.Option(
            ["-o", "--output"], multiple=True, metavar="FILE", type=File(), help=f"{where} Repeat for several."
        ),
        click.Option(
            ["written_as", "--as"],
            type=click.Choice(list(FORMS)),
            help="Print it as code, as Lightning's configure_optimizers, or as a config; with -o FILE.py, write that.",
        ),
        click.Option(["--show"], is_flag=True, help="Open a window with the plot."),
        click.Option(["--term"], is_flag=True, help="Draw in the terminal, with the table of turning points."),
        click.Option(
            ["why", "--why"],
            flag_value="table",
            default=None,
            help="Print what each metric led to, for a scheduler that watches one.",
        ),
        click.Option(["why", "--json"], flag_value="json", help="The same as a list of objects, one for each metric."),
        click.Option(["-q", "--quiet"], is_flag=True, help="Keep back the notes on what is probably wrong."),
    ]


class ForeignOption(click.Option):
    """What is typed for other frameworks' files."""

    section = "foreign"


def foreign_options() -> list[click.Option]:
    """What is typed for other frameworks' files: ``given_of`` takes it."""
    return [
        ForeignOption(
            ["form", "--from"], metavar="FORMAT", help="Read the file as this framework's, whatever is in it."
        ),
        ForeignOption(
            ["names", "--set"],
            multiple=True,
            metavar="NAME=VALUE",
            help="Give a value that the file takes from elsewhere, or another one: args.lr=0.1.  [repeat for several]",
        ),
        ForeignOption(
            ["values", "--values"],
            multiple=True,
            metavar="FILE",
            type=File(),
            help='Take what the file leaves open ("auto", args.lr, ${lr}) from this one, or what it is built on '
            "(_base_); a folder stands for all files in it.  [repeat for several]",
        ),
    ]


def given_of(form: str | None, names: Sequence[str], values: Sequence[str]) -> "Given":
    """What was typed for other frameworks' files.

    Raises:
        ValueError: A --set that sets nothing.
    """
    from lrplot.configs.document import Value
    from lrplot.configs.foreign.source import Given

    typed = {}
    for word in names:
        name, mark, text = word.partition("=")
        if not (name.strip() and mark):
            raise ValueError(f"--set takes a name and its value, as in --set args.lr=0.1: got {shown(word)}")
        typed[name.strip()] = Value(text.strip(), f"--set {name.strip()}")
    return Given(form, typed, values)
