"""What every scheduler shares: stepping, reading, its traits, and the registry of names.

A scheduler is two things. ``walk(steps)`` moves its counters on and says, for each step, the *position* reached (for
most the epoch), the same for all parameter groups. ``rule(i)`` is a pure function for group ``i``: the rate at a
position, given the rate before it. ``step()``, ``get_lr()`` and ``advance()`` below, which runs a million steps at
once, are all made of these two. What it does beside following its curve, such as a drop or a restart, it tells in
``actions(steps)``.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, count, islice
from struct import error as PackError
from struct import pack
from typing import Any, ClassVar, NamedTuple

from lrplot.parameters import Either, Parameter, Refusal, checked, parameters_of
from lrplot.schedulers.dropin import (
    DropIn,
    get_beside,
    own,
    present_rates,
    set_beside,
    set_lr,
    warn_epoch_deprecated,
    warn_get_lr,
    watch,
)

Position = Any
Rule = Callable[[float, Position], float]
"""The value at a position, given the value before it."""

HOME = "torch"
"""The family whose names stand alone."""

registry: dict[str, dict[str, type["Scheduler"]]] = {}
"""Family -> short name -> class, in the order in which the classes are defined; families.py loads them."""


class Stateless:
    """A rule that looks at the position alone, as a function of many at once: that takes less time.

    Two of the same function and arguments are equal: groups that are alike share a column.

    >>> Stateless(lambda positions, by: [by * position for position in positions], 2)(0.0, 3)
    6
    """

    def __init__(self, function: Callable[..., Sequence[float]], *arguments: float) -> None:
        self._function, self._arguments = function, arguments
        self._is = function, repr(arguments)  # in which 0.0 is not -0.0

    def at(self, positions: Sequence[Position]) -> Sequence[float]:
        """The values at some positions."""
        return self._function(positions, *self._arguments)

    def __call__(self, value: float, position: Position) -> float:
        return self.at([position])[0]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stateless) and self._is == other._is

    def __hash__(self) -> int:
        return hash(self._is)


class Track(NamedTuple):
    """What ``advance`` yields for a parameter group: ``rates[t]`` before step ``t``, and one value more at the end."""

    rates: "array[float]"
    beside: Mapping[str, "array[float]"]  # the same for what else it changes, by name
    reread: "array[float] | None"  # what get_lr() answers after each step


class Action(NamedTuple):
    """What a scheduler does at some of its steps, beside following its curve.

    Kinds: ``drop`` where the rate is multiplied by a factor; ``restart`` of a cycle; ``phase`` where one ends;
    ``handover`` to the next scheduler; ``undone`` where a reduction was left undone, being no more than eps.
    """

    kind: str
    steps: Sequence[int]
    """Calls of ``step()``, from 1: after ``s`` of them, at ``rates[s]`` of a Track, it is first seen."""
    factor: float | None = None
    metric: float | None = None
    """The one that led to it."""
    group: int | None = None
    """None for all parameter groups alike."""

    def later(self, by: int) -> "Action":
        """The same, so many steps later."""
        steps = self.steps
        if isinstance(steps, range):
            return self._replace(steps=range(steps.start + by, steps.stop + by, steps.step))
        return self._replace(steps=[step + by for step in steps])


class Scheduler(DropIn):
    """Base of all schedulers: sets the rate of each group of an optimizer as training goes on.

    It behaves as torch's ``LRScheduler`` does, on any object with ``param_groups``: a torch optimizer, or lrplot's own.
    A class with a ``name`` is registered under it, in the family of the class that it is made from.
    """

    shown_name: ClassVar[str] = "Scheduler"
    """How it is called where it is told of: torch's by its class, another family's as it is typed."""
    name: ClassVar[str]
    """The short name, as typed on the command line."""
    family: ClassVar[str] = HOME
    """The library that it comes from."""

    _is_initial = False
    """Whether it is taking the step to epoch 0: it stays so where that fails."""

    # Traits: what the rest of the house asks instead of which scheduler it is.
    watches_metric: ClassVar[bool] = False
    """Whether each step takes a metric."""
    gives_verdicts: ClassVar[bool] = False
    """Whether it says of each metric what that led to."""
    cycles: ClassVar[bool] = False
    """Whether it swings by itself, so that its first rise is no warm-up before something else."""
    owns_rate: ClassVar[bool] = False
    """Whether it sets its rates by itself, whatever the optimizer's rate was."""
    carries_rate: ClassVar[bool] = False
    """Whether its rates are parameters of its own, so that an optimizer has none to give."""
    one_rate: ClassVar[bool] = False
    """Whether there is one rate for all parameters, and no groups."""
    holds_others: ClassVar[str] = ""
    """The parameter that holds other schedulers, of one that is made of such."""
    leaves_in_groups: ClassVar[tuple[str, ...]] = ()
    """What it writes into the parameter groups that another may take from there."""
    takes_from_groups: ClassVar[tuple[str, ...]] = ()
    """What it takes from the parameter groups where these have it, in place of its own parameters."""
    scales_groups: ClassVar[bool] = False
    """Whether it multiplies the rate of a group by its ``lr_scale``."""
    composable: ClassVar[bool] = True
    """Whether it steps as torch's do, so that torch's composites take it."""
    has_get_lr: ClassVar[bool] = True
    """Whether ``get_lr()`` answers."""
    from_base_lrs: ClassVar[bool] = False
    """Whether its rates follow from the base rates alone, whatever the groups hold."""
    knows_jumps: bool = False
    """Whether its rates move smoothly but for its actions: of another's, the numbers say where it jumps."""
    resumes: ClassVar[str] = "last_epoch"
    """The parameter that a resumed run is taken up at: the last step that was made."""
    one_a_group: ClassVar[str | None] = None
    """The attribute that holds, beside the base rates, one entry a group."""
    either: ClassVar[Either | None] = None
    """Parameters of which one is to be given."""
    home: ClassVar[str] = "torch.optim.lr_scheduler"
    """The module of its library that it is imported from, where it has the same name there."""
    original: ClassVar[str] = ""
    """What code calls it in its library: the module, and the name; nothing where there is no such call."""
    on_optimizer: ClassVar[bool] = True
    """Whether that call takes the optimizer."""
    length: ClassVar[str] = ""
    """The parameter that says in how many of its steps it does what it does: none where it goes on for ever."""
    lead: ClassVar[str] = ""
    """The parameter with the steps before those, of a warm-up or a wait that its length does not include."""
    rise: ClassVar[str] = ""
    """The parameter with the steps of its own warm-up."""

    def __init_subclass__(cls, name: str | None = None, family: str | None = None) -> None:
        super().__init_subclass__()
        cls.__init__ = checked(cls.__init__)  # type: ignore[method-assign]
        if family is not None:
            cls.family = family
            cls.home = vars(cls).get("home", "")
        cls.shown_name = cls.__name__
        if name is not None:
            cls.name = name
            if cls.family != HOME:
                cls.shown_name = f"{cls.family}.{name}"
            if "original" not in vars(cls):
                called = cls.__name__ if cls.on_optimizer else name
                cls.original = f"{cls.home}.{called}" if cls.home else ""
            _register(cls)

    def __init__(self, optimizer: Any, last_epoch: int = -1) -> None:
        if not hasattr(optimizer, "param_groups"):
            raise TypeError(f"{type(optimizer).__name__} is not an optimizer: it has no param_groups")
        self.optimizer = optimizer
        for index, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", own(group["lr"]))
            elif "initial_lr" not in group:
                needs = f"needs initial_lr in parameter group {index}, as the first run left it there"
                raise KeyError(f"resuming at last_epoch={last_epoch} {needs}")
        self.base_lrs: list[float] = [own(group["initial_lr"]) for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._step_count = 0
        self._last_lr: list[float] = []
        watch(optimizer)
        self._initial_step()

    @classmethod
    def parameters(cls) -> tuple[Parameter, ...]:
        """The constructor's parameters, without the optimizer."""
        return parameters_of(cls)  # type: ignore[arg-type]  # a class is hashable, whatever its instances are

    @staticmethod
    def handovers(parameters: Mapping[str, Any]) -> Sequence[int]:
        """The epochs at which, made with these parameters, one scheduler hands over to the next."""
        return ()

    @staticmethod
    def run_length(parameters: Mapping[str, Any]) -> int | None:
        """The optimizer's steps of the run that these parameters are made for: None where they do not say."""
        return None

    @staticmethod
    def as_function(parameters: Mapping[str, Any], lr: float) -> str | None:
        """The factor on a base rate ``lr`` as an expression in epoch, with all parameters: None where there is none."""
        return None

    @property
    def steps_left(self) -> int | None:
        """The steps that it goes on for from where it stands: None where it has no length of its own."""
        return None

    # What a scheduler defines.

    def rule(self, i: int) -> Rule:
        """The rate of group ``i`` at a position, given the rate before it."""
        raise NotImplementedError(f"{self.shown_name} has no get_lr()")

    def closed_rule(self, i: int) -> Rule:
        """The rate of group ``i`` where the schedule is entered at a position: the rule, or one without a past."""
        return self.rule(i)

    def rules_beside(self, i: int) -> Mapping[str, Rule]:
        """The same for what else of the group it changes: its momentum (or first beta), its weight decay."""
        return {}

    def walk(self, steps: int) -> Sequence[Position]:
        """Moves on by ``steps`` and returns the position of each."""
        self._step_count += steps
        first = self.last_epoch + 1
        # step(2.5) leaves a fractional epoch behind, and counting goes on from there.
        epochs = range(first, first + steps) if isinstance(first, int) else list(islice(count(first), steps))
        self.last_epoch = epochs[-1]
        return epochs

    def position(self) -> Position:
        """Where the scheduler stands now."""
        return self.last_epoch

    def actions_at(self, epochs: range) -> Iterable[Action]:
        """What it does at some of its epochs, in place of its steps: where no more is needed to tell."""
        return ()

    # What all of them share.

    def step(self, epoch: float | None = None) -> None:
        """Moves on by one epoch, or to ``epoch``, and sets the rate of each group."""
        self._warn_before_optimizer()
        if epoch is None:
            (position,) = self.walk(1)
            self._set_rates(self._rates(position))
        else:
            warn_epoch_deprecated()
            self._step_count += 1
            self.enter(epoch)

    def enter(self, epoch: float) -> None:
        """Takes up the schedule at ``epoch``, whatever came before."""
        position = self.arrive(epoch)
        has_closed_form = type(self).closed_rule is not Scheduler.closed_rule
        self._set_rates(self._closed_rates(position) if has_closed_form else self._rates(position))

    def _update_lr(self, epoch: float) -> None:
        """What a SequentialLR of torch's own calls at a milestone."""
        self.enter(epoch)

    def arrive(self, epoch: float) -> Position:
        """Sets the counters to ``epoch`` and returns the position there."""
        self.last_epoch = epoch  # type: ignore[assignment]
        return self.position()

    def get_lr(self) -> list[float]:
        """The rule applied to the present rates. After ``step()``, a recursive rule is one more update on.

        A scheduler that sets the momentum too sets it here, as torch's does.
        """
        warn_get_lr()
        return self._rates(self.position())

    def advance(self, steps: int, reread: bool = False, metrics: Sequence[float] = ()) -> list[Track]:
        """``steps`` calls of ``step()`` at once: what each group has before, between and after them.

        The same walk and the same rules as ``step()``, in one loop of C (``itertools.accumulate``).

        Args:
            steps: How many.
            reread: Whether to note what get_lr() answers after each.
            metrics: One a step, for a scheduler that watches a metric.
        """
        if reread and not self.has_get_lr:
            self.get_lr()  # which says so
        groups = self.optimizer.param_groups
        same_groups(self, self._before(), groups)
        positions = self.walk(steps) if steps else []
        tracks: list[Track] = []
        known: dict[Rule, array[float]] = {}
        for i, group in enumerate(groups):
            rule = self.rule(i)
            rates = _followed(rule, positions, group["lr"], known)
            beside = {}
            for name, other in self.rules_beside(i).items():
                beside[name] = _followed(other, positions, get_beside(group, name), known)
                set_beside(group, name, beside[name][-1])
            again = column(list(map(rule, rates[1:], positions))) if reread else None
            set_lr(group, rates[-1])
            tracks.append(Track(rates, beside, again))
        self._last_lr = present_rates(self.optimizer)
        return tracks

    def actions(self, steps: int, metrics: Sequence[float] = ()) -> list[Action]:
        """What it does in its next ``steps`` steps; it moves its counters on, as ``walk`` does."""
        before = self.last_epoch
        self._step_count += steps
        self.last_epoch += steps
        return [action.later(-before) for action in self.actions_at(range(before + 1, before + steps + 1))]

    def _before(self) -> list[float]:
        """What the rules are applied to: a rate for each group that the scheduler knows of."""
        before = self.base_lrs if self.from_base_lrs else [group["lr"] for group in self.optimizer.param_groups]
        if self.one_a_group is not None:
            same_groups(self, getattr(self, self.one_a_group), before)
        return before

    def _rates(self, position: Position) -> list[float]:
        """The rates at a position; what else is changed is set."""
        for i, group in enumerate(self.optimizer.param_groups):
            for name, rule in self.rules_beside(i).items():
                set_beside(group, name, rule(get_beside(group, name), position))
        return [self.rule(i)(rate, position) for i, rate in enumerate(self._before())]

    def _closed_rates(self, position: Position) -> list[float]:
        """The rates at a position that is entered."""
        return [self.closed_rule(i)(base_lr, position) for i, base_lr in enumerate(self.base_lrs)]

    def _set_rates(self, rates: Sequence[float]) -> None:
        groups = self.optimizer.param_groups
        same_groups(self, rates, groups)
        for group, rate in zip(groups, rates):
            set_lr(group, rate)
        self._last_lr = present_rates(self.optimizer)

    def _initial_step(self) -> None:
        """The step to epoch 0 that construction takes; a recursive rule holds the rate in it."""
        self._step_count = 0
        self._is_initial = True
        self.step()
        del self._is_initial

    def undo_initial_step(self) -> None:
        """Goes back before epoch 0, for a SequentialLR that will take this scheduler there again."""
        self.last_epoch -= 1


def _followed(
    rule: Rule, positions: Sequence[Position], first: float, known: dict[Rule, "array[float]"]
) -> "array[float]":
    """A value and what a rule makes of it at one position after the other: of a stateless one the same for all groups,
    which is then ``known``.
    """
    if not isinstance(rule, Stateless):
        return column(list(accumulate(positions, rule, initial=first)))
    if rule not in known:
        known[rule] = column(rule.at(positions) if positions else ())
    return column([first]) + known[rule]


def shifted(counts: Sequence[float], by: float) -> Sequence[float]:
    """Consecutive counts, each so much higher.

    >>> shifted(range(3, 6), -2), shifted([0.5], 1)
    (range(1, 4), [1.5])
    """
    if isinstance(counts, range) and by % 1 == 0:
        return range(counts.start + int(by), counts.stop + int(by), counts.step)
    return [count + by for count in counts]


def floats(counts: Sequence[float], over: float = 1) -> Iterable[float]:
    """Consecutive counts as floats, with which arithmetic takes half the time: unless the quotients by a whole number
    would be others.

    >>> list(floats(range(3, 7, 2)))
    [3.0, 5.0]
    """
    if isinstance(counts, range) and -EXACT < counts.start <= counts.stop < EXACT and -EXACT < over < EXACT:
        return islice(count(float(counts.start), float(counts.step)), len(counts))
    return counts


EXACT = 2**53
"""Up to this, every whole number is a float."""


def held(value: float, position: Position) -> float:
    """The rule that changes nothing."""
    return value


def phase_end(epoch: int, epochs: range) -> Iterator[Action]:
    """The end of a phase, if it is at one of these epochs."""
    if epoch in epochs:
        yield Action("phase", [epoch])


def same_groups(owner: Any, known: Sequence[Any], groups: Sequence[Any]) -> None:
    """Refuses to go on where a parameter group was added, of which the scheduler knows too little."""
    if len(known) != len(groups):
        counts = f"was made for {len(known)} parameter groups, but the optimizer has {len(groups)}"
        raise Refusal(None, f"{counts}: make it anew after add_param_group()", owner=owner.shown_name)


def above(floor: float, lr: float, factor: str) -> str:
    """An expression that comes down to a rate ``floor``, from one that comes down to 0.

    >>> above(0.0, 0.1, "0.5 ** epoch"), above(0.001, 0.1, "0.5 ** epoch")
    ('0.5 ** epoch', '(0.001 / 0.1 + (1 - 0.001 / 0.1) * 0.5 ** epoch)')
    """
    return f"({floor} / {lr} + (1 - {floor} / {lr}) * {factor})" if floor else factor


def per_group(owner: Any, name: str, value: Any, groups: Sequence[Any]) -> list[Any]:
    """One entry a group, from one value for all or from a list of as many as there are groups."""
    if not isinstance(value, (list, tuple)):
        return [own(value) for _ in groups]
    if len(value) != len(groups):
        problem = f"has {len(value)} values, but the optimizer has {len(groups)} parameter groups"
        raise Refusal(name, problem, owner=owner.shown_name)
    return [own(single) for single in value]


def column(values: Sequence[float]) -> "array[float]":
    """Values as a column.

    Raises:
        TypeError: One is no number that a rate can be.
    """
    if isinstance(values, array):
        return values
    try:
        return array("d", pack(f"{len(values)}d", *values))  # in a quarter of the time that array takes by itself
    except PackError:
        if any(isinstance(value, complex) for value in values):
            raise TypeError(COMPLEX) from None
        return array("d", values)  # which says what is none


COMPLEX = "the value is a complex number: a negative number to a power that is no whole number"


def _register(cls: type[Scheduler]) -> None:
    """Enters a class by its name.

    Raises:
        ValueError: Its family has another scheduler of that name, or of that class name.
    """
    members = registry.setdefault(cls.family, {})
    for known in members.values():
        same = (known.__module__, known.__qualname__) == (cls.__module__, cls.__qualname__)  # which is loaded again
        if not same and {cls.name, cls.__name__} & {known.name, known.__name__}:
            raise ValueError(
                f"{cls.__module__}.{cls.__qualname__} cannot be called {cls.name!r} in the family {cls.family}: "
                f"{known.__module__}.{known.__qualname__} is {known.name!r}, {known.__name__}"
            )
    members[cls.name] = cls
