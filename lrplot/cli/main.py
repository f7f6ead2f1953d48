"""The command line: parse, call, echo. Every scheduler's command and flags are derived from its constructor."""

import errno
import gc
import inspect
import os
import signal
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from lrplot.batch import interrupts
from lrplot.configs.config import Config
from lrplot.configs.document import ConfigError, Value
from lrplot.configs.sources import build, load, load_all
from lrplot.configs.values import default_of, flag_of, from_flag
from lrplot.files import WriteError
from lrplot.formats import format_of, written
from lrplot.outputs.write import write
from lrplot.parameters import Choices, Parameter, parameters_of, summary
from lrplot.pictures.look import Look
from lrplot.runs.run import run_parameters
from lrplot.schedulers import Scheduler
from lrplot.schedulers.families import find, members
from lrplot.schedulers.optimizer import Optimizer
from lrplot.version import __version__
from lrplot.wording import nearest, printable, shown

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

CONTEXT = {
    "help_option_names": ["-h", "--help"],
    "token_normalize_func": lambda token: token.replace("_", "-"),
    "max_content_width": 100,
}
SECTIONS = {"scheduler": "Scheduler", "optimizer": "Optimizer", "run": "Run", "plot": "Look of the plot"}
SHORT = {"steps": "-n"}


class Word(click.ParamType):  # type: ignore[type-arg]
    """A parameter's text as it was typed: config.py says what it means. It completes choices."""

    def __init__(self, parameter: Parameter) -> None:
        self.name = parameter.type_name.removesuffix(", or one a group")
        self.words = parameter.constraint.words if isinstance(parameter.constraint, Choices) else ()
        self.metavar = "|".join(self.words) or self.name.removeprefix("list of ").upper()

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        return _completions(self.words, incomplete)


class File(click.ParamType):  # type: ignore[type-arg]
    """A file's name, completed by the shell."""

    name = "file"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type="file")]


class ParameterOption(click.Option):
    """The flag of one parameter; ``section`` is where it belongs in a config, and in the help."""

    def __init__(self, parameter: Parameter, section: str) -> None:
        self.parameter = parameter
        self.section = section
        flag = flag_of(parameter.name)
        # A list may be typed as one word, separated by commas; an expression has commas of its own.
        word = Word(parameter)
        kind: dict[str, Any] = {"type": word, "multiple": parameter.takes_list, "metavar": word.metavar}
        declared = [f"{section}__{parameter.name}", *([SHORT[parameter.name]] if parameter.name in SHORT else []), flag]
        if parameter.kind == "bool":
            declared[-1] = f"{flag}/--no-{flag[2:]}"
            kind = {"is_flag": True, "default": None}
        super().__init__(declared, help=_help(parameter), **kind)

    def value(self, given: Any) -> Value | None:
        """What was typed: None where nothing was."""
        if given is None or given == ():
            return None
        flag = flag_of(self.parameter.name)
        if isinstance(given, bool):
            return Value(str(given).lower(), flag)
        return from_flag(self.parameter, given if isinstance(given, tuple) else [given], Value("", flag))


class QuickStart(click.Command):
    """Leaves out what click looks up at each start: translations for --help, and spellings near -o before it tries the short options."""

    def get_help_option(self, ctx: click.Context) -> click.Option:
        return _eager(
            self.get_help_option_names(ctx), lambda context: context.get_help(), "Show this message and exit."
        )

    def make_parser(self, ctx: click.Context) -> Any:
        parser = super().make_parser(ctx)
        parser._long_opt.update(parser._short_opt)
        return parser


def _eager(names: Sequence[str], message: Callable[[click.Context], str], help: str) -> click.Option:
    """A flag that prints a message and ends the command."""

    def callback(ctx: click.Context, param: click.Parameter, value: bool) -> None:
        if value and not ctx.resilient_parsing:
            click.echo(message(ctx), color=ctx.color)
            ctx.exit()

    return click.Option(list(names), is_flag=True, is_eager=True, expose_value=False, callback=callback, help=help)


class SectionedCommand(QuickStart):
    """A command whose help shows its options by section, and ends in an example."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        groups: dict[str, list[tuple[str, str]]] = {title: [] for title in (*SECTIONS.values(), "Options")}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx) if isinstance(param, click.Option) else None
            if record is not None:
                groups[SECTIONS[param.section] if isinstance(param, ParameterOption) else "Options"].append(record)
        for title, records in groups.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if self.epilog:
            with formatter.section("Example"), formatter.indentation():
                for line in self.epilog.splitlines():
                    formatter.write(" " * formatter.current_indent + line + "\n")


class SchedulerCommand(SectionedCommand):
    """A scheduler's command; its example stands in the scheduler's docstring."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from lrplot.cli.explain import example_of

        assert self.name is not None
        try:
            self.epilog = example_of(find(self.name))
        except ValueError as error:
            self.epilog = str(error)
        super().format_epilog(ctx, formatter)


class SchedulerCommands(QuickStart, click.Group):
    """The group: a command for each scheduler, made when it is asked for, beside those defined below."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*members(), *COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in COMMANDS:
            return COMMANDS[cmd_name]()
        try:
            cls = find(cmd_name)
        except KeyError:
            return None
        return scheduler_command(cls)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # the reader has gone away, as in | head, which is no error
            _give_up_output()
            return 0

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        names = [*self.list_commands(ctx), *(cls.__name__ for cls in members().values())]
        if args[0] not in names and not args[0].startswith("-"):
            ctx.fail(f"unknown scheduler or command {shown(args[0])}: {nearest(args[0], names)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        schedulers = [(name, f"{cls.__name__}. {summary(cls)}") for name, cls in members().items()]
        commands = [(name, summary(make)) for name, make in COMMANDS.items()]
        for title, rows in (("Schedulers", schedulers), ("Commands", commands)):
            with formatter.section(title):
                formatter.write_dl(rows)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        SectionedCommand.format_epilog(self, ctx, formatter)  # type: ignore[arg-type]

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        classes = [cls.__name__ for cls in members().values()] if incomplete else []
        return super().shell_complete(ctx, incomplete) + _completions(classes, incomplete)


def _completions(words: Sequence[str], incomplete: str) -> "list[CompletionItem]":
    from click.shell_completion import CompletionItem

    return [CompletionItem(word) for word in words if word.startswith(incomplete)]


def _help(parameter: Parameter) -> str:
    notes = []
    if parameter.constraint is not None and parameter.kind not in ("choice", "text"):
        notes.append(str(parameter.constraint))
    if parameter.required:
        notes.append("required")
    elif (default := default_of(parameter)) is not None:
        notes.append(f"default: {default}")
    if parameter.per_group:
        notes.append("repeat for parameter groups")
    elif parameter.is_list:
        notes.append("repeat, or separate by commas")
    return parameter.help + (f"  [{'; '.join(notes)}]" if notes else "")


def _with_output(command: click.Command) -> click.Command:
    """The options of every command that draws."""
    command.params += [
        click.Option(
            ["output", "-o", "--output"],
            multiple=True,
            metavar="FILE",
            type=File(),
            help=f"Where to write: the ending says what ({', '.join(written())}), - is CSV on standard output. Repeat for several.",
        ),
        click.Option(["--show"], is_flag=True, help="Open a window with the plot."),
        click.Option(["--term"], is_flag=True, help="Draw in the terminal, with the table of turning points."),
    ]
    return command


def scheduler_command(cls: type[Scheduler]) -> click.Command:
    """The command of one scheduler."""
    own = cls.parameters()
    names = {parameter.name for parameter in own}
    params: list[click.Parameter] = []
    if "schedulers" in names:
        params.append(click.Argument(["specs"], nargs=-1, metavar="SPEC..."))
    params += [ParameterOption(parameter, "scheduler") for parameter in own if parameter.kind != "schedulers"]
    params += [ParameterOption(parameter, "optimizer") for parameter in parameters_of(Optimizer)]
    # onecycle has a steps_per_epoch of its own, which serves the run as well.
    params += [
        ParameterOption(parameter, "run")
        for parameter in run_parameters()
        if parameter.name not in names and _concerns(parameter, cls)
    ]
    params += [ParameterOption(parameter, "plot") for parameter in parameters_of(Look)]
    params.append(
        click.Option(
            ["config", "-c", "--config"], metavar="FILE", type=File(), help="Read a config first; flags win over it."
        )
    )

    def callback(output: tuple[str, ...], show: bool, term: bool, **given: Any) -> None:
        deliver(_asked(cls, given), output, show, term)

    return _with_output(
        SchedulerCommand(cls.name, CONTEXT, callback, params, help=_command_help(cls), short_help=summary(cls))
    )


def _asked(cls: type[Scheduler], given: dict[str, Any]) -> Config:
    """The config that a scheduler's command asks for: the one in its file, if any, with flags on top."""
    file, specs = given.pop("config"), given.pop("specs", ())
    overrides = _overrides(given)
    if specs:
        overrides["scheduler.schedulers"] = Value([Value(spec, f"spec {shown(spec)}") for spec in specs], "SPEC")
    if file is not None:
        return load(file, overrides, command=cls)
    typed = {"scheduler": Value({"name": Value(cls.__name__, "--")}, "--")}
    return build(Value(typed, "--"), overrides)


def typed_config(cls: type[Scheduler], words: list[str]) -> Config:
    """The config that ``words`` after the name of a scheduler's command ask for."""
    with scheduler_command(cls).make_context(cls.name, words) as context:
        params = {name: value for name, value in context.params.items() if name not in ("output", "show", "term")}
        return _asked(cls, params)


def _concerns(parameter: Parameter, cls: type[Scheduler]) -> bool:
    return parameter.name != "metrics" or cls.name == "plateau"


def _command_help(cls: type[Scheduler]) -> str:
    return f"{cls.__name__}: {summary(cls)}\n\nlrplot explain {cls.name} shows the formula and what to beware of."


def _overrides(given: Mapping[str, Any]) -> dict[str, Value]:
    """What was typed, by the key path that it sets in a config."""
    options = {
        param.name: param for param in click.get_current_context().command.params if isinstance(param, ParameterOption)
    }
    overrides = {}
    for name, typed in given.items():
        value = options[name].value(typed)
        if value is not None:
            section, _, key = name.partition("__")
            overrides[key if section == "run" else f"{section}.{key}"] = value
    return overrides


def deliver(config: Config, outputs: Sequence[str], show: bool, term: bool) -> None:
    """The curves to the files asked for, to a window, or to the terminal."""
    for path in outputs:
        format_of(path)
    curves = config.curves()
    write(config, curves, *outputs)
    if outputs and not (show or term):
        return
    from lrplot.terminal.screen import Screen, has_display

    if show or (not (term or outputs) and has_display()):
        from lrplot.pictures import figure

        with config.drawing():
            figure.show(figure.draw(curves, config.look))
    if term or not (show or outputs or has_display()):
        from lrplot.terminal.chart import view

        screen = Screen.of(sys.stdout, os.environ)
        click.echo(view(curves, screen, log_y=config.look.log_y, title=config.look.title), color=True)


def plot_command() -> click.Command:
    """Draws configs, one-line specs and pictures that lrplot made, overlaid; flags win over what they say.

    A SOURCE is a YAML or JSON file, a PNG, SVG or PDF from lrplot, - for YAML on standard input, or a spec such as
    'step step_size=30 gamma=0.5'.
    """

    def callback(sources: tuple[str, ...], output: tuple[str, ...], show: bool, term: bool, **given: Any) -> None:
        deliver(load_all(sources, _overrides(given)), output, show, term)

    params: list[click.Parameter] = [
        click.Argument(["sources"], nargs=-1, required=True, metavar="SOURCE...", type=File()),
        *(ParameterOption(parameter, "optimizer") for parameter in parameters_of(Optimizer)),
        *(ParameterOption(parameter, "run") for parameter in run_parameters()),
        *(ParameterOption(parameter, "plot") for parameter in parameters_of(Look)),
    ]
    example = 'lrplot plot configs/tutorial/cosine.yaml "step step_size=30 gamma=0.5" -o both.svg\nlrplot plot cos.png -o cos.csv'
    return _with_output(_command("plot", callback, plot_command, params, example))


def batch_command() -> click.Command:
    """Renders many configs: files, folders with their sub-folders, and globs.

    A config goes to a file of its name under OUT, in each format, and to wherever its own output: says, within OUT. What would come
    out as it is already is left alone. A config that fails does not keep the others: it is reported at the end, and the exit
    status is 1.
    """

    def callback(paths: tuple[str, ...], **options: Any) -> None:
        from lrplot.batch import command as batch

        click.get_current_context().exit(batch.main(paths, **options))

    params: list[click.Parameter] = [
        click.Argument(["paths"], nargs=-1, required=True, metavar="PATH...", type=File()),
        click.Option(
            ["out", "-o", "--output"],
            metavar="OUT",
            type=File(),
            help="The folder to write to; it is made where it is missing.",
        ),
        click.Option(
            ["formats", "-f", "--format"],
            multiple=True,
            metavar="|".join(written()),
            help="What to write of each config. Repeat for several.  [default: png, where a config does not name its outputs itself]",
        ),
        click.Option(
            ["-j", "--jobs"],
            type=click.IntRange(min=1),
            help="Processes to work in.  [default: the number of usable cores]",
        ),
        click.Option(
            ["--index"],
            is_flag=True,
            help="Write OUT/index.html too: a page with every curve, to look at and to filter.",
        ),
        click.Option(["--check"], is_flag=True, help="Read and simulate every config, and write nothing."),
        click.Option(["--force"], is_flag=True, help="Render everything, changed or not."),
        click.Option(["-q", "--quiet"], is_flag=True, help="Say only what failed."),
        click.Option(["-v", "--verbose"], is_flag=True, help="Name each file."),
    ]
    example = "lrplot batch configs -o plots -f png -f csv\nlrplot batch configs -o plots --index\nlrplot batch --check configs"
    return _command("batch", callback, batch_command, params, example)


def list_command() -> click.Command:
    """Lists every scheduler."""

    def callback(long: bool) -> None:
        from lrplot.cli import explain
        from lrplot.terminal.screen import Screen

        click.echo(explain.listing(long, Screen.of(sys.stdout, os.environ).width))

    long = click.Option(["-l", "--long"], is_flag=True, help="Show each scheduler's parameters too.")
    return _command("list", callback, list_command, [long], "lrplot list --long")


def explain_command() -> click.Command:
    """Explains a scheduler: formula, parameters, what to beware of, a small curve, and where it comes from."""

    def callback(scheduler: type[Scheduler]) -> None:
        import shlex

        from lrplot.cli import explain
        from lrplot.terminal.screen import Screen

        config = typed_config(scheduler, shlex.split(explain.example_of(scheduler).splitlines()[0])[2:])
        click.echo(explain.explain(scheduler, config.curves()[0], Screen.of(sys.stdout, os.environ)), color=True)

    return _command(
        "explain",
        callback,
        explain_command,
        [click.Argument(["scheduler"], type=SchedulerName())],
        "lrplot explain cosine",
    )


def schema_command() -> click.Command:
    """Prints a JSON Schema of the config format, for editors and checks."""

    def callback() -> None:
        from lrplot.configs.schema import schema_text

        click.echo(schema_text())

    return _command("schema", callback, schema_command, [], "lrplot schema > lrplot.schema.json")


Maker = Callable[[], click.Command]


def _command(
    name: str, callback: Callable[..., None], maker: Maker, params: list[click.Parameter], example: str
) -> click.Command:
    """A command whose help is the docstring of the function that makes it."""
    return SectionedCommand(name, CONTEXT, callback, params, help=inspect.getdoc(maker), epilog=example)


class SchedulerName(click.ParamType):  # type: ignore[type-arg]
    """A scheduler by class name or short name, completed."""

    name = "scheduler"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> type[Scheduler]:
        try:
            return value if isinstance(value, type) else find(value)
        except KeyError as error:
            raise click.UsageError(error.args[0], ctx) from None

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        return _completions([*members(), *(cls.__name__ for cls in members().values())], incomplete)


COMMANDS = {
    "plot": plot_command,
    "batch": batch_command,
    "list": list_command,
    "explain": explain_command,
    "schema": schema_command,
}
"""The commands beside the schedulers', made when they are asked for."""


@click.group(
    cls=SchedulerCommands,
    context_settings=CONTEXT,
    invoke_without_command=True,
    subcommand_metavar="COMMAND [ARGS]...",
    epilog="lrplot cosine --T-max 20 -o cos.png\nlrplot list",
)
def cli() -> None:
    """Draws learning-rate schedules, with torch's numbers to the last bit, without torch.

    Name a scheduler and its parameters; the picture, the table or the terminal shows its curve.
    """
    context = click.get_current_context()
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


cli.params.append(_eager(["-V", "--version"], lambda context: f"lrplot {__version__}", "Show the version and exit."))


def main() -> None:
    """Runs the command line; an error is a line on standard error and the exit status."""
    try:
        interrupts.listen(signal.SIGINT)
        status = _run()
        interrupts.ignore(signal.SIGINT)  # all is done and said
    except KeyboardInterrupt:
        status = _fail(130, ["interrupted"])
    sys.exit(status)


def _run() -> int:
    """The exit status, when everything has been said."""
    told: set[str] = set()

    def tell(message: Warning | str, *_: object) -> None:
        if str(message) not in told:
            told.add(str(message))
            _fail(0, [str(message)])

    if sys.stdout is None:  # it was closed: that is an error only where something is to be printed
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w")
    warnings.showwarning = tell  # type: ignore[assignment]  # of characters that the font lacks, say
    gc.freeze()  # what the imports made stays to the end: the collector need not go through it, at exit above all
    try:
        status: int = cli.main(prog_name="lrplot", standalone_mode=False)
    except click.NoSuchOption as error:
        known = (
            [flag for param in error.ctx.command.get_params(error.ctx) for flag in param.opts if flag[:2] == "--"]
            if error.ctx
            else []
        )
        status = _fail(2, [f"no such option {shown(error.option_name)}: {nearest(error.option_name, known)}"])
    except click.UsageError as error:
        status = _fail(2, [error.format_message(), *([f"see {error.ctx.command_path} --help"] if error.ctx else [])])
    except click.ClickException as error:
        status = _fail(2, [error.format_message()])
    except ConfigError as error:
        status = _fail(2, error.messages)
    except ValueError as error:
        status = _fail(2, [str(error)])
    except (KeyboardInterrupt, click.Abort):
        status = _fail(130, ["interrupted"])
    except interrupts.Interrupted as error:
        status = _fail(128 + error.args[0], [f"interrupted by {signal.Signals(error.args[0]).name}"])
    except OSError as error:
        if error.filename is None and error.errno == errno.ENOENT:
            return _fail(2, ["the current folder was deleted: go to another, or name files from / on"])
        if error.filename is None:  # what is printed goes to no file
            _give_up_output()
            error = WriteError(error.errno, error.strerror, "standard output")
        status = _fail(1 if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO) else 2, [str(error)])
    except MemoryError:
        status = _fail(1, ["out of memory: fewer steps take less"])
    return status


def _give_up_output() -> None:
    """Lets go what is left in the buffer of standard output: at exit, Python would try to write it again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(status: int, messages: Sequence[str]) -> int:
    for message in messages:
        click.echo("lrplot: " + printable(message), err=True)
    return status
