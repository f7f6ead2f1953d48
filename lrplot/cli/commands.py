"""The commands: each reads what it is asked for, and hands it on. A scheduler's is made of its constructor's
parameters.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from lrplot.cli.answer import give_up_output
from lrplot.cli.options import (
    File,
    FormatName,
    Helped,
    Listed,
    ParameterOption,
    SectionedCommand,
    Topic,
    completions,
    given_of,
    help_of,
    message_option,
)
from lrplot.parameters import summary
from lrplot.schedulers.families import (
    HOME,
    every_member,
    families,
    full_name,
    guessed,
    hint,
    look_up,
    members,
    namesakes,
    others,
    promise,
)
from lrplot.version import __version__
from lrplot.wording import closest, first_of, likely, listed, nearest, printable, shown

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from lrplot.analysis.notes.rule import Rule
    from lrplot.configs.config import Config
    from lrplot.configs.document import Value
    from lrplot.parameters import Parameter
    from lrplot.runs.curve import Curve
    from lrplot.schedulers import Scheduler

CONTEXT = {"token_normalize_func": lambda token: token.replace("_", "-"), "max_content_width": 100}


class Commands(Helped, click.Group):
    """The group: a command for each scheduler, made when it is asked for, beside those defined below."""

    command_class = SectionedCommand

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*members(), *self.commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        cls = None if cmd_name in self.commands else look_up(cmd_name)
        return self.commands.get(cmd_name) if cls is None else SchedulerCommand(cls)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # the reader has gone away, as in | head, which is no error
            give_up_output()
            return 0

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        is_word = args[0] == "-" or not args[0].startswith("-")
        if is_word and args[0] not in self.commands and look_up(args[0]) is None:
            if not _is_source(args[0]):
                ctx.fail(f"unknown scheduler or command {shown(args[0])}: {self._hint(ctx, args[0])}")
            args = ["plot", *args]
        return super().resolve_command(ctx, args)

    def _hint(self, ctx: click.Context, word: str) -> str:
        """What was probably meant by a word that is no command."""
        name = word.partition(" ")[0]
        if namesakes(name) or guessed(name) or name.partition(".")[0] in others():
            return hint(name)
        known = [name for cls in members().values() for name in (full_name(cls), cls.shown_name)]
        return likely(word, [*known, *self.commands, *filter(None, [closest(word, others())])])

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        schedulers = [(name, f"{cls.shown_name}. {summary(cls)}") for name, cls in members().items()]
        known = [(f"{family}.NAME", f"{promise(family)} See lrplot list {family}.") for family in others()]
        commands = [(name, summary(command.callback)) for name, command in self.commands.items()]
        for title, rows in (("Schedulers", schedulers), ("Other libraries' schedulers", known), ("Commands", commands)):
            with formatter.section(title):
                formatter.write_dl(rows)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        names = [cls.shown_name for cls in every_member()] if incomplete else []
        return super().shell_complete(ctx, incomplete) + completions(names, incomplete)


def _is_source(word: str) -> bool:
    """Whether a word that is no command is something to plot: the word "plot" may be left out."""
    from lrplot.configs.one_line import is_code
    from lrplot.configs.sources import is_file

    name, _, parameters = word.partition(" ")
    return is_file(word) or is_code(word) or bool(parameters and look_up(name))


@click.group(
    cls=Commands,
    context_settings=CONTEXT,
    invoke_without_command=True,
    subcommand_metavar="COMMAND [ARGS]...",
    params=[message_option(["-V", "--version"], lambda _: f"lrplot {__version__}", "Show the version and exit.")],
    epilog="lrplot cosine --T-max 20 -o cos.png\nlrplot list",
)
def cli() -> None:
    """Draws learning-rate schedules, with torch's numbers to the last bit, without torch.

    Name a scheduler and its parameters; the picture, the table or the terminal shows its curve.
    """
    context = click.get_current_context()
    if context.invoked_subcommand is None:
        click.echo(help_of(context))


@cli.command(
    sections=("output", "foreign", "optimizer", "run", "plot"),
    epilog='lrplot plot configs/tutorial/cosine.yaml "step step_size=30 gamma=0.5" -o both.svg\n'
    "lrplot plot cos.png -o cos.csv",
)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...", type=File())
def plot(
    sources: Sequence[str],
    output: Sequence[str] = (),
    show: bool = False,
    term: bool = False,
    why: str | None = None,
    quiet: bool = False,
    written_as: str | None = None,
    form: str | None = None,
    names: Sequence[str] = (),
    values: Sequence[str] = (),
    **given: Any,
) -> None:
    """Draws configs, one-line specs, and pictures and tables that lrplot made, overlaid; flags win over what they say.

    A SOURCE is a YAML or JSON file, a picture or a table from lrplot, another framework's config, - for standard input,
    or a spec such as 'step step_size=30 gamma=0.5'.
    """
    from lrplot.configs.sources import load_all

    beside = given_of(form, names, values)
    config = load_all(sources, _overrides(given), beside)
    if len(config.runs) > 1:
        from lrplot.runs.log import in_steps

        config.runs = in_steps(config.runs)
    deliver(config, output, show, term, why, quiet, written_as)


@cli.command(
    sections=("foreign", "optimizer", "run"),
    epilog="lrplot batch configs -o plots -f png -f csv\nlrplot batch configs -o plots --index\n"
    "lrplot batch --check configs",
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=File())
@click.option(
    "out", "-o", "--output", metavar="OUT", type=File(), help="The folder to write to; it is made where it is missing."
)
@click.option(
    "formats",
    "-f",
    "--format",
    multiple=True,
    type=FormatName(),
    help="What to write of each config. Repeat for several.  "
    "[default: png, where a config does not name its outputs itself]",
)
@click.option(
    "-j", "--jobs", type=click.IntRange(min=1), help="Processes to work in.  [default: the number of usable cores]"
)
@click.option(
    "--index", is_flag=True, help="Write OUT/index.html too: a page with every curve, to look at and to filter."
)
@click.option("--check", is_flag=True, help="Read and simulate every config, tell its notes, and write nothing.")
@click.option("--strict", is_flag=True, help="With --check: a note is a failure.")
@click.option("--force", is_flag=True, help="Render everything, changed or not, over whatever is there.")
@click.option("-q", "--quiet", is_flag=True, help="Say only what failed.")
@click.option("-v", "--verbose", is_flag=True, help="Name each file.")
def batch(
    paths: Sequence[str],
    out: str | None,
    formats: Sequence[str],
    jobs: int | None,
    index: bool,
    check: bool,
    strict: bool,
    force: bool,
    quiet: bool,
    verbose: bool,
    form: str | None = None,
    names: Sequence[str] = (),
    values: Sequence[str] = (),
    **given: Any,
) -> int:
    """Renders many configs: files, folders with their sub-folders, and globs.

    A config goes to a file of its name under OUT, in each format, and to wherever its own output: says, within OUT.
    Flags win over what each of them says.
    What would come out as it is already is left alone, and so is a file that lrplot did not write. A config that fails
    does not keep the others: it is reported at the end, and the exit status is 1.
    """
    from lrplot.batch import command

    beside, overrides = given_of(form, names, values), _overrides(given)
    return command.main(paths, out, formats, jobs, force, check, strict, index, quiet, verbose, beside, overrides)


@cli.command(
    sections=("foreign", "optimizer", "run"),
    epilog="lrplot check configs/examples\nlrplot check a.yaml --fix\nlrplot check ds_config.json -n 5000",
)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...", type=File())
@click.option("--select", multiple=True, metavar="CODE", help="Tell these notes only. Repeat, or separate by commas.")
@click.option(
    "--ignore", multiple=True, metavar="CODE", help="Keep these back. A config may say so too: ignore: [LR004]."
)
@click.option("--json", "format", flag_value="json", help="Print a list of objects, the same as --format json.")
@click.option("--format", type=click.Choice(["text", "json", "github"]), default="text", help="How to print the notes.")
@click.option("--fix", is_flag=True, help="Write what mends a note into its file, and tell what is left.")
def check(
    sources: Sequence[str],
    select: Sequence[str],
    ignore: Sequence[str],
    format: str,
    fix: bool,
    form: str | None = None,
    names: Sequence[str] = (),
    values: Sequence[str] = (),
    **given: Any,
) -> int:
    """Tells what is probably wrong with schedules, and what would be right.

    A SOURCE is what lrplot plot draws, or a folder of configs; flags win over what it says. A note has a code, which
    lrplot explain explains. The exit status is 1 where there are notes, and 2 where a source cannot be read.
    """
    from lrplot.cli import check as command

    overrides = _overrides(given)
    if fix and overrides:
        raise click.UsageError(
            f"--fix mends what a file says, which {listed(value.source for value in overrides.values())} would change"
        )
    beside = given_of(form, names, values)
    return command.run(sources, command.choice_of(select, ignore), format, fix, beside, overrides)


@cli.command(epilog="lrplot identify run/metrics.csv -o plan.yaml\nlrplot identify trainer_state.json --json")
@click.argument("source", metavar="LOG", type=File())
@click.option(
    "outputs",
    "-o",
    "--output",
    multiple=True,
    metavar="FILE",
    type=File(),
    help="Write the config, or draw it with the log.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one object: candidates, each with config, equal and of.")
def identify(source: str, outputs: Sequence[str], as_json: bool) -> int:
    """Names the schedule behind a log: prints the config that reproduces every logged rate, and each other that does.

    Equal means equal as finely as the log was written. The exit status is 0 where something fits, and 1 where nothing
    does.
    """
    from lrplot.cli import identify as command
    from lrplot.configs.sources import load

    return command.run(source, outputs, as_json, load(source))


@cli.command(
    sections=("foreign", "optimizer", "run", "plot"),
    epilog="lrplot compare plan.yaml run/metrics.csv\nlrplot compare old.yaml new.yaml -o both.png\n"
    "lrplot compare training_args.yaml trainer_state.json --data-size 50000 --json",
)
@click.argument("a", metavar="A", type=File())
@click.argument("b", metavar="B", type=File())
@click.option(
    "output", "-o", "--output", multiple=True, metavar="FILE", type=File(), help="Draw both, or write a table."
)
@click.option("as_json", "--json", is_flag=True, help="Print one object with the relation and its numbers.")
def compare(
    a: str,
    b: str,
    output: Sequence[str],
    as_json: bool,
    form: str | None = None,
    names: Sequence[str] = (),
    values: Sequence[str] = (),
    **given: Any,
) -> int:
    """Tells how a run is related to its plan, in one sentence: did it do what was planned?

    A and B are a plan and a log, two logs, or two plans: whatever lrplot plot draws; flags win over what a plan says.
    Equal means equal within what the log's own numbers tell. The exit status is 0 where they are equal, 1 where not.
    """
    from lrplot.cli import compare as command
    from lrplot.configs.sources import load_all
    from lrplot.formats import format_of

    for path in output:
        format_of(path)
    return command.run([a, b], output, as_json, load_all([a, b], _overrides(given), given_of(form, names, values)))


@cli.command("list", epilog="lrplot list --long\nlrplot list transformers\nlrplot list notes")
@click.argument("what", metavar="[FAMILY|notes]", required=False, type=Listed())
@click.option("-l", "--long", is_flag=True, help="Show each scheduler's parameters too.")
def list_known(what: str | None, long: bool) -> None:
    """Lists torch's schedulers, those of another family, or the notes that lrplot check may have."""
    from lrplot.cli.explain import listing, listing_of_notes
    from lrplot.terminal.screen import Screen

    if what is not None and what not in ("notes", *families()):
        if look_up(what):
            raise ValueError(f"there is no list of {shown(what)}, which is one scheduler: lrplot explain {what}")
        raise ValueError(f"there is no list of {shown(what)}: {nearest(what, [*families(), 'notes'])}")
    width = Screen.of(sys.stdout, os.environ).width
    click.echo(listing_of_notes(width) if what == "notes" else listing(long, width, what or HOME))


@cli.command("explain", epilog="lrplot explain cosine\nlrplot explain LR004")
@click.argument("topic", metavar="SCHEDULER|NOTE", type=Topic())
def explain_topic(topic: "type[Scheduler] | Rule") -> None:
    """Explains a scheduler: formula, parameters, what to beware of, a small curve, and where it comes from.

    Or a note, by its code: what it finds, why that is bad, an example, what to use instead, and when to ignore it.
    """
    import shlex

    from lrplot.cli.explain import explain, explain_note, first_example
    from lrplot.terminal.screen import Screen

    if not isinstance(topic, type):
        click.echo(explain_note(topic, Screen.of(sys.stdout, os.environ)), color=True)
        return
    scheduler = topic
    config = typed_config(scheduler, shlex.split(first_example(scheduler))[2:])
    click.echo(explain(scheduler, config.curves()[0], Screen.of(sys.stdout, os.environ)), color=True)


@cli.command("schema", epilog="lrplot schema > lrplot.schema.json")
def print_schema() -> None:
    """Prints a JSON Schema of the config format, for editors and checks."""
    from lrplot.configs.schema import schema_text

    click.echo(schema_text())


@cli.command("help", epilog="lrplot help cosine")
@click.argument("command", required=False)
def show_help(command: str | None) -> None:
    """Helps: with all commands, or with one of them."""
    cli.main([command, "--help"] if command else ["--help"], prog_name="lrplot", standalone_mode=False)


class SchedulerCommand(SectionedCommand):
    """A scheduler's command, derived from its constructor; its example stands in the scheduler's docstring."""

    def __init__(self, cls: "type[Scheduler]") -> None:
        def callback(
            output: Sequence[str] = (),
            show: bool = False,
            term: bool = False,
            why: str | None = None,
            quiet: bool = False,
            written_as: str | None = None,
            **given: Any,
        ) -> None:
            deliver(_asked(cls, given), output, show, term, why, quiet, written_as)

        self.scheduler = cls
        self.own = {parameter.name: parameter for parameter in cls.parameters() if parameter.kind != "schedulers"}
        config_help = "Read a config first; flags win over it."
        name = full_name(cls)
        super().__init__(
            name,
            CONTEXT,
            callback,
            [
                *([click.Argument(["specs"], nargs=-1, metavar="SPEC...")] if cls.holds_others else []),
                *(ParameterOption(parameter, "scheduler") for parameter in [*self.own.values(), *self._clock()]),
                click.Option(["-c", "--config"], metavar="FILE", type=File(), help=config_help),
            ],
            help=f"{cls.shown_name}: {summary(cls)}\n\nlrplot explain {name} shows the formula and what to beware of.",
            short_help=summary(cls),
            sections=("output", "optimizer", "run", "plot"),
        )

    def _clock(self) -> "Sequence[Parameter]":
        """When it is stepped: the run's own interval is its scheduler's, where there is one."""
        from lrplot.runs.clock import clock_parameters

        return [each for each in clock_parameters() if each.name not in ("interval", *self.own)]

    def shared(self, section: str) -> list[click.Option]:
        options = [option for option in super().shared(section) if self._concerns(option)]
        for option in options:  # refused with a reason, and not in the help
            if isinstance(option, ParameterOption):
                needless = option.parameter.name == "lr_scale" and not self.scheduler.scales_groups
                option.hidden = needless or (self.scheduler.carries_rate and option.is_rate)
        return options

    def _concerns(self, option: click.Option) -> bool:
        if not isinstance(option, ParameterOption):
            return option.name != "why" or self.scheduler.gives_verdicts
        name = option.parameter.name
        return name != "metrics" or self.scheduler.watches_metric or bool(self.scheduler.holds_others)

    def example(self) -> str | None:
        from lrplot.cli.explain import example_of

        try:
            return example_of(self.scheduler)
        except ValueError as error:
            return str(error)


def _asked(cls: "type[Scheduler]", given: dict[str, Any]) -> "Config":
    """The config that a scheduler's command asks for: the one in its file, if any, with flags on top."""
    from lrplot.configs.document import ConfigError, Value
    from lrplot.configs.sources import build, load

    file, specs = given.pop("config"), given.pop("specs", ())
    overrides = _overrides(given)
    if specs:
        overrides[f"scheduler.{cls.holds_others}"] = Value(
            [Value(spec, f"spec {shown(spec)}") for spec in specs], "SPEC"
        )
    if file is not None:
        return load(file, overrides, command=cls)
    typed = {"scheduler": Value({"name": Value(cls.shown_name, "--")}, "--")}
    try:
        return build(Value(typed, "--"), overrides)
    except ConfigError as error:
        parameters = cls.parameters()
        needed = {f"scheduler.{parameter.name}" for parameter in parameters if parameter.required}
        needed |= {f"scheduler.{p.name}" for p in parameters if p.name == cls.length and p.default is None}
        if needed <= overrides.keys():
            raise
        from lrplot.cli.explain import first_example

        raise ConfigError([*error.messages, f"for example: {first_example(cls)}"]) from None


def typed_config(cls: "type[Scheduler]", words: list[str]) -> "Config":
    """The config that ``words`` after the name of a scheduler's command ask for."""
    with SchedulerCommand(cls).make_context(full_name(cls), words) as context:
        beside = ("output", "show", "term", "why", "quiet", "written_as")
        return _asked(cls, {name: value for name, value in context.params.items() if name not in beside})


def _overrides(given: Mapping[str, Any]) -> "dict[str, Value]":
    """What was typed, by the key path that it sets in a config."""
    context = click.get_current_context()
    options = [param for param in context.command.get_params(context) if isinstance(param, ParameterOption)]
    values = {option.key: option.value(given[option.name]) for option in options if option.name is not None}
    return {key: value for key, value in values.items() if value is not None}


def deliver(
    config: "Config",
    outputs: Sequence[str],
    show: bool,
    term: bool,
    why: str | None,
    quiet: bool,
    written_as: str | None = None,
) -> None:
    """The curves to the files asked for, to a window, or to the terminal where there is no window; then the notes."""
    from lrplot.formats import format_of
    from lrplot.outputs.write import write
    from lrplot.runs.plain import is_plain

    for path in outputs:
        format_of(path)
    if why:
        _refuse_why(config)
    for line in () if quiet else config.told:
        click.echo(f"lrplot: {printable(line)}", err=True)
    curves = config.curves()
    write(config, curves, *outputs, form=written_as)
    if show or not (outputs or term or why or written_as):
        term = not _open_window(config, curves, show) or term
    if term:
        _draw_in_terminal(config, curves)
    if why:
        _explain_reductions(curves, why)
    if not (quiet or all(map(is_plain, config.runs))):
        from lrplot.configs.notes import lines_on

        for line in first_of(lines_on(config, curves)):
            click.echo(f"lrplot: {printable(line)}", err=True)


def _open_window(config: "Config", curves: "Sequence[Curve]", show: bool) -> bool:
    """Shows the curves in a window; answers whether there was one, which only --show insists on."""
    from lrplot.terminal.screen import has_display

    if not (show or has_display()):
        return False
    from lrplot.pictures import window

    try:
        with config.drawing():
            window.show(curves, config.look)
    except window.NoWindow as error:
        if show:
            raise ValueError(f"{error}: write a file with -o, or use --term") from None
        click.echo(f"lrplot: {printable(str(error))}: this is the terminal's view", err=True)
        return False
    return True


def _draw_in_terminal(config: "Config", curves: "Sequence[Curve]") -> None:
    from lrplot.terminal.chart import Options, view
    from lrplot.terminal.screen import Screen

    options = Options(*(getattr(config.look, name) for name in Options._fields))
    with config.drawing():
        click.echo(view(curves, Screen.of(sys.stdout, os.environ), options), color=True)


def _refuse_why(config: "Config") -> None:
    silent = [run for run in config.runs if not any(spec.cls.gives_verdicts for spec in run.spec.stepped)]
    found = dict.fromkeys(spec.cls for run in silent for spec in run.spec.stepped)
    if any(any(run.joins) for run in config.runs):
        raise ValueError("--why has no place for a parameter group that joins on the way")
    if found:
        names = ", ".join(cls.shown_name for cls in found)
        raise ValueError(f"--why is for a scheduler that watches a metric, as plateau does: {names} does not")


def _explain_reductions(curves: "Sequence[Curve]", form: str) -> None:
    from lrplot.terminal.screen import Screen
    from lrplot.terminal.why import why, why_as_json

    click.echo(why_as_json(curves) if form == "json" else why(curves, Screen.of(sys.stdout, os.environ)))
