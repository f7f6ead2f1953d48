"""What a scheduler's constructor says about its parameters: kind, default, range, meaning.

A parameter is written once, in the constructor: its annotation gives the kind and the range, the ``Args:`` section of
the class's docstring its meaning. Flags, YAML checks, help texts and the constructor's own refusals are read from
there.
"""

import functools
import inspect
import keyword
import math
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple, ParamSpec, TypeVar, Union

T = TypeVar("T")
P = ParamSpec("P")
Function = Callable[[float], float]
PerGroup = Union[T, Sequence[T]]
"""One value for all parameter groups, or a list with one value a group."""
OrPair = Union[T, tuple[T, T]]
"""One value, or two of them: where something begins, and where it ends."""


class Refusal(ValueError):
    """Why something is refused, as data: whoever tells a person words it for the place where it was given.

    Args:
        parameter: The parameter at fault; None where it is several, or none.
        problem: How the sentence goes on that begins with the parameter, as in "must be at least 1, got 0".
        index: The entry at fault, where the parameter is a list.
        owner: What has that parameter: a scheduler's class by its name; nothing for the optimizer, a run and a plot.
        whole: Whether ``problem`` is a sentence by itself, as it is where there is no parameter.

    >>> str(Refusal("milestones", "must be a whole number, got 2.5", index=1, owner="MultiStepLR"))
    'MultiStepLR: milestones[1] must be a whole number, got 2.5'
    """

    def __init__(
        self, parameter: str | None, problem: str, index: int | None = None, owner: str = "", whole: bool = False
    ) -> None:
        self.parameter = parameter
        self.problem = problem
        self.index = index
        self.whole = whole or parameter is None
        self.at: object = None
        """What was given it, for those who know where that was written: a spec, or a section of a config."""
        self.own(owner)

    def own(self, owner: str) -> None:
        """Names the owner, which a constructor need not do itself."""
        self.owner = owner
        self.args = (str(self),)

    @property
    def subject(self) -> str:
        """The parameter, and which of its entries."""
        return f"{self.parameter}" if self.index is None else f"{self.parameter}[{self.index}]"

    def __str__(self) -> str:
        sentence = self.problem if self.whole else f"{self.subject} {self.problem}"
        return f"{self.owner}: {sentence}" if self.owner else sentence

    def __reduce__(self) -> tuple[Any, ...]:
        return Refusal, (self.parameter, self.problem, self.index, self.owner, self.whole)


class Constraint:
    """What a value must be; ``str()`` completes the sentence "it must be …"."""

    def admits(self, value: Any) -> bool:
        raise NotImplementedError

    def remark(self, value: Any) -> str:
        """What more there is to say on a value that is refused."""
        return ""

    def schema(self) -> dict[str, Any]:
        """The same in the words of JSON Schema."""
        raise NotImplementedError


class Range(Constraint):
    """An interval, closed unless ``open_low`` or ``open_high``; ``exact`` demands that very type, as torch does.

    ``nan`` says whether NaN passes, as it does where the original compares in order to refuse.

    >>> str(Range(0, 1, open_low=True)), Range(0, 1, open_low=True).admits(0.0)
    ('greater than 0 and at most 1', False)
    """

    def __init__(
        self,
        low: float = -math.inf,
        high: float = math.inf,
        open_low: bool = False,
        open_high: bool = False,
        exact: type | None = None,
        nan: bool = True,
    ) -> None:
        self.low = low
        self.high = high
        self.open_low = open_low
        self.open_high = open_high
        self.exact = exact
        self.nan = nan

    def admits(self, value: Any) -> bool:
        if self.exact is not None and not isinstance(value, self.exact):
            return False
        if value != value:
            return self.nan
        if value < self.low or (self.open_low and value == self.low):
            return False
        return not (value > self.high or (self.open_high and value == self.high))

    def __str__(self) -> str:
        parts = []
        if self.low > -math.inf:
            parts.append(f"{'greater than' if self.open_low else 'at least'} {self.low:g}")
        if self.high < math.inf:
            parts.append(f"{'less than' if self.open_high else 'at most'} {self.high:g}")
        words = {int: "a whole number, ", float: "a float, "}
        return (words[self.exact] if self.exact else "") + " and ".join(parts)

    def schema(self) -> dict[str, Any]:
        low = {"exclusiveMinimum" if self.open_low else "minimum": self.low} if self.low > -math.inf else {}
        high = {"exclusiveMaximum" if self.open_high else "maximum": self.high} if self.high < math.inf else {}
        return low | high


class NonZero(Constraint):
    """Any number but 0: the rule divides by it."""

    def admits(self, value: Any) -> bool:
        return bool(value != 0)

    def __str__(self) -> str:
        return "other than 0"

    def schema(self) -> dict[str, Any]:
        return {"not": {"const": 0}}


class Choices(Constraint):
    """One of a few words."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self.words = words

    def admits(self, value: Any) -> bool:
        return value in self.words

    def __str__(self) -> str:
        return " or ".join(map(repr, self.words))

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.words)}


class Length(Constraint):
    """How many entries a list has; ``words`` say so in "it must …".

    >>> str(Length(1)), Length(2, 2, words="be two numbers").admits([1, 2])
    ('hold at least one entry', True)
    """

    def __init__(self, least: int, most: int | None = None, words: str = "hold at least one entry") -> None:
        self.least = least
        self.most = most
        self.words = words

    def admits(self, value: Any) -> bool:
        return self.least <= len(value) and (self.most is None or len(value) <= self.most)

    def __str__(self) -> str:
        return self.words

    def remark(self, value: Any) -> str:
        return f", got {len(value) or 'none'}"

    def schema(self) -> dict[str, Any]:
        least = {"minItems": self.least} if self.least else {}
        return least | ({"maxItems": self.most} if self.most is not None else {})


class Either:
    """Parameters of which one is to be given: exactly one, or with ``both`` at least one.

    >>> Either("min_lr", "min_lr_rate").check(min_lr=None, min_lr_rate=0.1)
    >>> Either("min_lr", "min_lr_rate").check(min_lr=None, min_lr_rate=None)
    Traceback (most recent call last):
    ...
    lrplot.parameters.Refusal: either min_lr or min_lr_rate must be given
    """

    def __init__(self, *names: str, both: bool = False) -> None:
        self.names = names
        self.both = both

    def check(self, **given: Any) -> None:
        """Refuses what is given, where that is none of them, or too many."""
        count = sum(value is not None for value in given.values())
        if not count:
            raise Refusal(None, f"either {' or '.join(self.names)} must be given")
        if count > 1 and not self.both:
            raise Refusal(None, f"either {' or '.join(self.names)} must be given, not both")

    def schema(self) -> dict[str, Any]:
        """The same in the words of JSON Schema."""
        given = [{"required": [name], "properties": {name: {"not": {"type": "null"}}}} for name in self.names]
        return {"anyOf" if self.both else "oneOf": given}


class Keywords(Constraint):
    """The parameters of something else by name, as its constructor takes them, without the optimizer."""

    def __init__(self, target: type) -> None:
        self.target = target

    @property
    def parameters(self) -> "tuple[Parameter, ...]":
        return parameters_of(self.target)

    def admits(self, value: Any) -> bool:
        return True  # each of them says for itself what it must be

    def __str__(self) -> str:
        return f"the parameters of {getattr(self.target, 'shown_name', self.target.__name__)}, each by its name"

    def taken(self, value: Mapping[Any, Any]) -> dict[str, Any]:
        """Parameters from Python, each as it is taken.

        Raises:
            Refusal: One is unknown, is missing, or is not what it must be.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in value:
            if name not in known:
                raise Refusal(None, f"has no parameter {name!r}: there are {', '.join(known)}")
        for parameter in self.parameters:
            if parameter.required and value.get(parameter.name) is None:
                raise Refusal(None, f"has no {parameter.name}")
        return {name: known[name].taken(single) for name, single in value.items() if single is not None}


class Unenforced:
    """Marks a parameter that torch does not check: the constructor lets anything pass, a config does not."""


class Parameter(NamedTuple):
    """One parameter of a constructor, as its annotation and the docstring of its class describe it.

    Args:
        kind: "float", "int", "bool", "text", "choice", "function", "schedulers" or "mapping"; "number" where it matters
            that a whole number was written as one; "steps" with a number each; "keywords" of something else by name.
        default: ``inspect.Parameter.empty`` where it is required.
        enforced: Whether the constructor refuses what the constraint excludes.
        length: Of a list.
        made: The class of what a mapping says.
    """

    name: str
    kind: str
    default: Any
    constraint: Constraint | None
    per_group: bool
    is_list: bool
    or_pair: bool
    optional: bool
    enforced: bool
    length: Length
    help: str = ""
    made: type | None = None

    @property
    def required(self) -> bool:
        return self.default is inspect.Parameter.empty

    @property
    def takes_list(self) -> bool:
        return self.per_group or self.is_list or self.or_pair

    @property
    def type_name(self) -> str:
        """The kind in words.

        >>> from lrplot.schedulers.families import find
        >>> [parameter.type_name for parameter in find("cyclic").parameters()][:5]
        ['float, or one a group', 'float, or one a group', 'int', 'int', 'triangular|triangular2|exp_range']
        """
        word = _TYPES.get(self.kind, self.kind)
        if self.kind == "choice" and isinstance(self.constraint, Choices):
            word = "|".join(self.constraint.words)
        if self.is_list and self.kind != "schedulers":
            return f"list of {word}"
        return word + (", or one a group" if self.per_group else ", or two" if self.or_pair else "")

    @property
    def noun(self) -> str:
        """What a single value is called in "must be …"."""
        return _NOUNS.get(self.kind) or (str(self.constraint) if self.constraint else "a scheduler")

    def values(self, value: Any) -> Iterable[tuple[int | None, Any]]:
        """The single values in ``value``: itself, or its entries where it is a list or a mapping, each with its index
        or its key.
        """
        if self.kind == "steps":
            return value.items()  # type: ignore[no-any-return]
        return enumerate(value) if self._is_many(value) else ((None, value),)

    def refusal(self, value: Any) -> Refusal | None:
        """Why ``value``, of the right kind, is refused: None where it is allowed."""
        return next(self.refusals(value), None)

    def refusals(self, value: Any) -> Iterator[Refusal]:
        """The same, for each entry of a list that is refused."""
        if value is None and self.optional:
            return
        if self._is_many(value) and not self.length.admits(value):
            yield Refusal(self.name, f"must {self.length}{self.length.remark(value)}")
        for index, single in self.values(value) if self.constraint else ():
            if problem := self._problem(single):
                yield Refusal(self.name, problem, index)

    def _is_many(self, value: Any) -> bool:
        return self.takes_list and isinstance(value, (list, tuple))

    def _problem(self, single: Any) -> str | None:
        assert self.constraint is not None
        try:
            admitted = self.constraint.admits(single)
        except TypeError:  # not to be compared with a number
            admitted = False
        return None if admitted else f"must be {self.constraint}, got {single!r}{self.constraint.remark(single)}"

    def taken(self, value: Any) -> Any:
        """``value`` from Python as the constructor is to have it, checked as that of a file would be.

        Raises:
            Refusal: It is of another kind, or outside of its range.
        """
        if hasattr(value, "tolist"):  # numpy's
            value = value.tolist()
        many = isinstance(value, (list, tuple))
        if many and not self.takes_list:
            raise Refusal(self.name, f"must be {self.noun}, got a list of {len(value)}")
        taken = [self._single(entry, index) for index, entry in enumerate(value)] if many else self._single(value)
        if refusal := self.refusal(taken):
            raise refusal
        return [taken] if self.is_list and not many else taken

    def _single(self, value: Any, index: int | None = None) -> Any:
        if self.kind == "keywords":
            taken = _keywords(self, value, index)
        else:
            taken = self._made(value) if self.made is not None else _TAKERS[self.kind](value)
        if taken is None:
            raise Refusal(self.name, f"must be {self.noun}, got {value!r}", index)
        if isinstance(taken, float) and not math.isfinite(taken):
            raise Refusal(self.name, f"must be a finite number, got {value!r}", index)
        return taken

    def _made(self, value: Any) -> Any:
        """What a mapping says, made."""
        assert self.made is not None
        if isinstance(value, self.made) or not isinstance(value, Mapping):
            return value if isinstance(value, self.made) else None
        known = {parameter.name: parameter for parameter in parameters_of(self.made)}
        if unknown := [name for name in value if name not in known]:
            raise Refusal(self.name, f"has no {unknown[0]!r}: there are {', '.join(known)}")
        if missing := [name for name, parameter in known.items() if parameter.required and name not in value]:
            raise Refusal(self.name, f"lacks {missing[0]}: {known[missing[0]].help}")
        return build(self.made, {name: known[name].taken(each) for name, each in value.items() if each is not None})


def _keywords(parameter: Parameter, value: Any, index: int | None) -> dict[str, Any] | None:
    assert isinstance(parameter.constraint, Keywords)
    try:
        return parameter.constraint.taken(value) if isinstance(value, Mapping) else None
    except Refusal as refusal:
        raise Refusal(parameter.name, str(refusal) if refusal.whole else f"has a {refusal}", index) from None


_TYPES = {"function": "expression", "number": "float", "steps": "step:number", "keywords": "name=value"}
"""What a kind is called in a help, where that is not its name."""
_NOUNS = {
    "float": "a number",
    "number": "a number",
    "steps": "a mapping of steps to numbers, such as {30: 0.1}",
    "int": "a whole number",
    "bool": "true or false",
    "function": "an expression in epoch",
    "text": "text",
    "mapping": "a mapping",
}


def _number(value: Any) -> float | None:
    try:
        return None if isinstance(value, (bool, str, bytes)) else float(value)
    except (TypeError, ValueError):
        return None
    except OverflowError:
        return math.inf


def _whole(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    number = _number(value)
    return int(number) if number is not None and number.is_integer() else None


def _number_as_it_is(value: Any) -> float | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else _number(value)


def _steps(value: Any) -> dict[int, float] | None:
    if not isinstance(value, Mapping):
        return None
    taken = {_whole(step): _number(single) for step, single in value.items()}
    return None if None in taken or None in taken.values() else taken  # type: ignore[return-value]


_TAKERS: dict[str, Callable[[Any], Any]] = {
    "float": _number,
    "number": _number_as_it_is,
    "steps": _steps,
    "int": _whole,
    "bool": lambda value: value if isinstance(value, bool) else None,
    "text": lambda value: value if isinstance(value, str) else None,
    "choice": lambda value: value if isinstance(value, str) else None,
    "function": lambda value: value if callable(value) else None,
    "schedulers": lambda value: value if hasattr(value, "build") else None,
}
"""What each kind makes of a value from Python: None of one of another kind."""


def summary(documented: Any) -> str:
    """The first sentence of a docstring: what it does, and when one would want it."""
    return " ".join((inspect.getdoc(documented) or "").split("\n\n")[0].split())


def build(target: Callable[..., T], given: Mapping[str, Any]) -> T:
    """What a constructor makes of parameters by name: one that Python has a word for has an underscore there."""
    return target(**{f"{name}_" if keyword.iskeyword(name) else name: value for name, value in given.items()})


@functools.cache
def parameters_of(target: type) -> tuple[Parameter, ...]:
    """The parameters of ``target``'s constructor, without the optimizer."""
    meanings: dict[str, str] = {}
    for base in reversed(target.__mro__):  # of those that it is made from, too
        meanings |= _meanings(inspect.cleandoc(base.__doc__ or ""))
    parameters = _described(inspect.unwrap(target.__init__)).values()  # type: ignore[misc]
    return tuple(
        parameter._replace(help=meanings.get(parameter.name, ""))
        for parameter in parameters
        if parameter.name not in ("self", "optimizer")
    )


@functools.cache
def _described(init: Callable[..., None]) -> dict[str, Parameter]:
    """The parameters of a constructor by name; their annotations are evaluated here, not at every start."""
    scope = getattr(inspect.unwrap(init), "__globals__", {})
    alike: dict[Any, Parameter] = {}
    described = {}
    for name, parameter in inspect.signature(init).parameters.items():
        text = parameter.annotation
        if text not in alike:
            alike[text] = _annotated(eval(text, scope) if isinstance(text, str) else text)  # noqa: S307  our own
        plain = name.removesuffix("_")
        described[plain] = alike[text]._replace(name=plain, default=parameter.default)
    return described


def checked(init: Callable[P, None]) -> Callable[P, None]:
    """A constructor that refuses what its annotations exclude, before its body runs; a refusal names its class."""

    @functools.cache
    def limited() -> tuple[list[str], list[Parameter]]:  # when first called: most constructors never are
        described = _described(inspect.unwrap(init))
        return [*described], [p for p in described.values() if p.enforced and (p.constraint or p.is_list)]

    @functools.wraps(init)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> None:
        given: Mapping[str, Any] = {}
        parameters: Sequence[Parameter] = ()
        if kwargs or len(args) > 1:  # defaults are not looked at, nor all the annotations that say what they must be
            names, parameters = limited()  # Python itself says, when it is called, which are missing or too many
            given = dict(zip(names, args)) | {name.removesuffix("_"): value for name, value in kwargs.items()}
        try:
            for parameter in parameters:
                if parameter.name in given and (refusal := parameter.refusal(given[parameter.name])):
                    raise refusal
            init(*args, **kwargs)
        except Refusal as refusal:
            if not refusal.owner:
                refusal.own(getattr(args[0], "shown_name", ""))
            raise

    return wrapper


_ANY, _SOME, _PAIR = Length(0), Length(1), Length(2, 2, words="be one number, or two")


def _annotated(annotation: Any) -> Parameter:
    """What an annotation says of a parameter, which has no name yet."""
    options, marks, singles, lists, pairs = [annotation], [], [], [], []
    optional = False
    while options:
        option = options.pop(0)
        origin = typing.get_origin(option)
        if origin is Annotated:
            inner, *more = typing.get_args(option)
            options.insert(0, inner)
            marks += more
        elif origin in (Union, types.UnionType):
            options[:0] = typing.get_args(option)
        elif option is type(None):
            optional = True
        elif origin is Sequence:
            lists.append(typing.get_args(option)[0])
        elif origin is tuple:
            pairs.append(typing.get_args(option)[0])
        else:
            singles.append(option)
    element = int | float if {int, float} <= {*singles} else singles[0] if singles else lists[0]
    if typing.get_origin(element) is Annotated:
        element, *more = typing.get_args(element)
        marks += more
    if typing.get_origin(element) is Mapping:
        marks += getattr(typing.get_args(element)[1], "__metadata__", ())  # of its values
    length = _PAIR if pairs else _SOME if singles else _ANY
    constraint, enforced = None, True
    for mark in marks:
        if isinstance(mark, Length):
            length = mark
        elif isinstance(mark, Constraint):
            constraint = constraint or mark
        elif isinstance(mark, Unenforced):
            enforced = False
    kind = _kind(element)
    if kind == "choice":
        constraint = Choices(typing.get_args(element))
    both, is_list = bool(lists and singles), bool(lists and not singles)
    made: Any = element if kind == "mapping" else None
    empty = inspect.Parameter.empty
    return Parameter("", kind, empty, constraint, both, is_list, bool(pairs), optional, enforced, length, "", made)


_KINDS = {float: "float", int: "int", bool: "bool", str: "text"}


def _kind(element: Any) -> str:
    origin, within = typing.get_origin(element), typing.get_args(element)
    if origin is Mapping:
        return "steps" if within[0] is int else "keywords"
    if origin in (Union, types.UnionType) and {int, float} <= {*within}:
        return "number"
    known = {Literal: "choice", Callable: "function"}.get(origin) or _KINDS.get(element)
    return known or ("schedulers" if hasattr(element, "step") else "mapping")


def _meanings(docstring: str) -> dict[str, str]:
    """The ``Args:`` section of a docstring, as name -> meaning."""
    meanings: dict[str, str] = {}
    name = ""
    for line in docstring.partition("\nArgs:\n")[2].splitlines():
        if line[:1].strip():  # the next section
            break
        if line.startswith("        "):
            meanings[name] += " " + line.strip()
        elif line.strip():
            name, _, meaning = line.strip().partition(": ")
            meanings[name] = meaning
    return meanings
