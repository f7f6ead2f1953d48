"""A pasted constructor: what stands in a script's line, or what lrplot prints, as a source."""

from __future__ import annotations

import ast
import re
import warnings

from lrplot.configs.code.operations import CONSTANTS, FUNCTIONS
from lrplot.configs.code.reader import TooMuchError
from lrplot.configs.code.tree import Writer
from lrplot.configs.code.values import External, Function, Made, Partial, Scope
from lrplot.configs.code.walk import Walker
from lrplot.configs.document import ConfigError, Value
from lrplot.schedulers.families import every_member, find, members
from lrplot.wording import shown

MAX_CHARACTERS = 20_000
_PRINTED = re.compile(
    r"\s*<(?:Curve of|Config '[^']*':) (.*\S)[:,] ([\d,]+) steps(?:, \d+ groups)?(?:, lr from \S+ to \S+)?>\s*",
    re.DOTALL,
)


_BARE = re.compile(r"\A\s*[A-Za-z_][\w.-]*(?=, \w+=)")
"""A scheduler in a title that has nothing to say of its parameters: ``transformers.constant, lr=0.1``."""


def pasted(text: str, source: str, at: Value | None = None) -> Value:
    """lrplot's own config of what was pasted.

    >>> config = pasted("SequentialLR(opt, [LinearLR(opt, 0.1), StepLR(opt, 30)], milestones=[5])", "paste")
    >>> [inner.content["name"].content for inner in config.content["scheduler"].content["schedulers"].content]
    ['LinearLR', 'StepLR']

    Args:
        at: The value of a config that it stands in.

    Raises:
        ConfigError: It is no call of a scheduler, or not all of it is known.
    """
    text, beside = _unprinted(text)
    text = _BARE.sub(r"\g<0>()", text)
    for name in (cls.shown_name for cls in every_member() if "-" in cls.shown_name):  # which Python takes for a minus
        text = text.replace(f"{name}(", f"{name.replace('-', '_')}(")
    tree, facts = _parsed(text, source)
    walker = Walker({})
    own = {name: External(f"torch.{name}") for name in members()}
    scope = Scope(
        {**own, **{name: External(f"math.{name}") for name in FUNCTIONS}, **CONSTANTS}
    )  # as in lrplot's expressions
    try:
        walker.block(tree.body, scope)
        if not walker.events and isinstance(last := tree.body[-1], ast.Expr) and isinstance(last.value, ast.Call):
            found = walker.value(last.value, scope)  # a partial, which nothing calls
            if isinstance(found, Partial):
                walker.value(ast.copy_location(ast.Call(last.value, [], []), last.value), scope)
        facts = {name: walker.value(node, scope) for name, node in facts.items()}
    except (TooMuchError, RecursionError):
        raise ConfigError([f"{source}: is more than is read of a pasted line"]) from None
    made = [event.target for event in walker.events if event.value == "made" and not event.target.is_held]
    if len(made) != 1:
        unread = [event.target for event in walker.events if event.value == "unread"]
        raise ConfigError([f"{source}: {_refusal(tree, made, unread)}"])
    return _config(Writer(walker, source, at), made[0], {**facts, **beside})


def formula_of(text: str) -> str:
    """The expression in epoch that a ``def`` stands for, its branches and names written out.

    >>> formula_of("def warm(step):\\n    if step < 9:\\n        return step / 9\\n    return 1.0")
    'epoch / 9 if epoch < 9 else 1.0'

    Raises:
        ValueError: It is no function of one counter, or not all of it is known.
    """
    try:
        tree, _ = _parsed(text, "the def")
        walker = Walker({})
        scope = Scope({name: External(f"math.{name}") for name in FUNCTIONS} | CONSTANTS)
        walker.block(tree.body, scope)
        functions = [value for value in scope.names.values() if isinstance(value, Function)]
        writer = Writer(walker, "the def", Value("", "the def"))
        last = tree.body[-1]
        written = writer.argument("lr_lambda", functions[-1], last, _LAMBDA) if functions else None  # type: ignore[arg-type]
    except (ConfigError, TooMuchError, RecursionError) as error:
        raise ValueError(str(error) or "a def takes more work to read than is done for one") from None
    if written is None or not isinstance(written.content, str):
        raise ValueError("; ".join(writer.messages) if functions else "there is no def in it")
    return written.content


_LAMBDA = next(parameter for parameter in find("LambdaLR").parameters() if parameter.name == "lr_lambda")


def _config(writer: Writer, made: Made, beside: dict[str, object]) -> Value:
    content = {}
    optimizer = writer.optimizer(made.optimizer)
    if optimizer is not None:
        content["optimizer"] = optimizer
    content["scheduler"] = writer.scheduler(made)
    if messages := writer.messages:
        raise ConfigError(messages)
    for name, value in beside.items():
        home = content.setdefault("optimizer", writer.at(made.call, {})).content if name in _OF_OPTIMIZER else content
        assert isinstance(home, dict)
        written = writer.plain(name, value, made.call)
        if written is not None:
            home[name] = written
    return writer.at(made.call, content)


_OF_OPTIMIZER = ("lr", "initial_lr", "momentum", "betas")


def _unprinted(text: str) -> tuple[str, dict[str, object]]:
    """The call in what a Curve or a Config prints as."""
    found = _PRINTED.fullmatch(text)
    return (found[1], {"steps": int(found[2].replace(",", ""))}) if found else (text, {})


def _parsed(text: str, source: str) -> tuple[ast.Module, dict[str, ast.expr]]:
    """The statements, and what stands beside the call in a title: ``StepLR(step_size=30), lr=0.1``.

    Raises:
        ConfigError: It is no Python.
    """
    if len(text) > MAX_CHARACTERS:
        raise ConfigError([f"{source}: has {len(text):,} characters, at most {MAX_CHARACTERS:,} are read"])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                tree = ast.parse(text.strip())
            except SyntaxError as error:
                title = _title(text)
                if title is None:
                    raise error
                return title
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        place = f":{error.lineno}:{error.offset}" if isinstance(error, SyntaxError) and error.lineno else ""
        too_deep = isinstance(error, (RecursionError, MemoryError))
        problem = "it is nested too deep" if too_deep else getattr(error, "msg", None) or str(error)
        raise ConfigError([f"{source}{place}: is no Python that can be read: {problem}"]) from None
    for index, statement in enumerate(tree.body):
        if isinstance(statement, ast.AnnAssign) and statement.value is None:  # a config's name before its scheduler
            tree.body[index] = ast.copy_location(ast.Expr(value=statement.annotation), statement)
    return tree, {}


def _title(text: str) -> tuple[ast.Module, dict[str, ast.expr]] | None:
    """A title, whose facts stand behind the call."""
    _, mark, rest = text.partition(": ")
    try:
        call = ast.parse(f"_({rest if mark and '(' not in text.partition(': ')[0] else text})", mode="eval").body
    except SyntaxError:
        return None
    if not isinstance(call, ast.Call) or not call.args or any(word.arg is None for word in call.keywords):
        return None
    for part in ast.walk(call):
        if hasattr(part, "col_offset"):
            part.col_offset -= 2
    facts = {str(word.arg): word.value for word in call.keywords}
    facts = {name: _word(node) for name, node in facts.items()}
    return ast.Module(
        body=[ast.copy_location(ast.Expr(value=part), part) for part in call.args], type_ignores=[]
    ), facts


def _word(node: ast.expr) -> ast.expr:
    """``interval=epoch`` and ``record=after-step`` stand there without quotes."""
    if isinstance(node, (ast.Name, ast.BinOp)) and all(
        isinstance(part, (ast.Name, ast.BinOp, ast.Sub, ast.Load)) for part in ast.walk(node)
    ):
        return ast.copy_location(ast.Constant(value=ast.unparse(node).replace(" ", "")), node)
    return node


def _refusal(tree: ast.Module, made: list[Made], unread: list[tuple[str, object, ast.expr]]) -> str:
    """Why it is no source."""
    if unread:
        return f"leaves open which scheduler it makes: write out {ast.unparse(unread[0][2])}"
    if made:
        return f"makes {len(made)} schedulers: paste one, or put them in a file, train.py, which shows all"
    calls = [part for part in ast.walk(tree) if isinstance(part, ast.Call)]
    if not calls:
        return "calls no scheduler, as StepLR(optimizer, 30) does"
    from lrplot.configs.code.names import known_names
    from lrplot.wording import nearest

    name = ast.unparse(calls[0].func)
    return (
        f"calls {shown(name)}, which is no scheduler that is known: {nearest(name.rpartition('.')[2], known_names())}"
    )
