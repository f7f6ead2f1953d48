"""A rule finds one kind of mistake: a function that is declared with its code, and whose docstring is its page."""

import functools
import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from lrplot.analysis.notes.subject import Subject
from lrplot.parameters import Refusal, summary
from lrplot.runs.curve import Curve
from lrplot.runs.log import Log, Table
from lrplot.runs.plain import is_plain
from lrplot.runs.run import Run
from lrplot.schedulers import Scheduler
from lrplot.wording import nearest, shown

GROUPS = ("units", "ends", "starts", "ignored", "composition", "plateau")
"""The kinds of mistakes, each with a module of this folder that is called so."""
MODULES = ("units", "lengths", "ends", "starts", "warm_ups", "ignored", "composition", "plateau")
"""Those and others of the same kinds, in the order in which they look at a run."""
FAMILIES = ("timm", "deepspeed", "megatron", "optax", "keras")
"""Modules that hold the rules for one family, which are of one of those kinds."""
TRAITS = ("rise", "from_base_lrs", "owns_rate")
"""Of schedulers, that a rule may name in place of parameters."""
NOTHING = (None, 0, -1)
"""Defaults that ask for nothing: no floor, no first epoch."""
HEADINGS = ("What it finds", "Why it is bad", "Example", "Use instead", "When to ignore it")
"""Of a rule's page."""

Fix = Mapping[str, Any]
"""Values that would be right, by the key paths at which they stand in a config."""


class Finding(NamedTuple):
    """What a rule finds in a run.

    Args:
        key: The path of the key at fault, as in ``scheduler.schedulers[1].T_max``.
        message: One sentence, with the two numbers that disagree.
        step: The optimizer's step at which it shows: None where it is all of them.
        fixes: What would mend it, the likeliest first: none where nothing tells.
        code: Of its rule.
    """

    key: str
    message: str
    step: int | None = None
    fixes: Sequence[Fix] = ()
    code: str = ""


class Rule(NamedTuple):
    """One kind of mistake.

    Args:
        find: Looks at a scheduler's stretch, or at a whole run.
        parameters: Names of parameters, kinds, or traits: it looks where there is a scheduler with one of them, or
            everywhere where it names none. Of several in one, with spaces between them, it has to have all; a name with
            a sign of equality, as in ``last_epoch=``, and a kind have to be given, or to ask for something by default.
        consequence: Whether what it finds may be the consequence of another mistake, which is the one to tell then.
        family: Whose schedulers it looks at: empty for all.
        in_epochs: Whether it looks at those runs alone that say how many steps an epoch has.
        of_runs: Whether it looks at a run as a whole, once.
        written: Whether it is about what somebody wrote, and not about what stands for the words of another framework.
    """

    code: str
    find: Callable[[Any], Iterator[Finding]]
    parameters: tuple[str, ...]
    consequence: bool
    family: str
    in_epochs: bool
    of_runs: bool
    written: bool

    @property
    def title(self) -> str:
        """What is wrong, in a few words."""
        return summary(self.find).removesuffix(".")

    @property
    def group(self) -> str:
        """The kind of mistake that it is: named by the module that it is declared in, or by what that says."""
        return str(getattr(self.find, "__globals__", {}).get("KIND") or self.find.__module__.rpartition(".")[2])

    def section(self, heading: str) -> str:
        """What its page says under a heading.

        Raises:
            ValueError: There are no docstrings.
        """
        import inspect
        import textwrap  # which only a page needs

        if self.find.__doc__ is None:
            raise ValueError(
                "there are no explanations: Python was started with -OO (PYTHONOPTIMIZE=2), which leaves them out"
            )
        text = inspect.getdoc(self.find) or ""
        after = text.partition(f"\n\n{heading}:")[2]
        return textwrap.dedent(after.partition("\n\n")[0].strip("\n")).strip()

    def applies(self, cls: type[Scheduler], words: set[str], in_epochs: bool) -> bool:
        """Whether it looks at schedulers of a class of which some words are true."""
        if self.family not in ("", cls.family) or (self.in_epochs and not in_epochs):
            return False
        return not self.parameters or any(words.issuperset(word.split()) for word in self.parameters)


_known: dict[str, Rule] = {}


def rule(
    code: str,
    *parameters: str,
    consequence: bool = False,
    family: str = "",
    in_epochs: bool = False,
    of_runs: bool = False,
    written: bool = False,
) -> Callable[[Any], Any]:
    """Declares a function to be the rule of a code: it looks at each scheduler that has one of some parameters."""

    def declare(find: Callable[[Any], Iterator[Finding]]) -> Callable[[Any], Iterator[Finding]]:
        _known[code] = Rule(code, find, parameters, consequence, family, in_epochs, of_runs, written)
        return find

    return declare


rule_of_runs = functools.partial(rule, of_runs=True)
"""The same for one that looks at a run as a whole, once, where one of its schedulers has one of some parameters."""


@functools.cache
def rules() -> dict[str, Rule]:
    """All rules by their codes, in the order in which they look at a run: a key is the first one's to tell of."""
    for module in MODULES + FAMILIES:
        importlib.import_module(f"{__package__}.{module}")
    return _known


def find_rule(code: str) -> Rule:
    """The rule of a code.

    Raises:
        KeyError: There is none.
    """
    if code.upper() not in rules():
        raise KeyError(f"unknown note {shown(code)}: {nearest(code.upper(), rules())}")
    return rules()[code.upper()]


@functools.cache
def _rules_of(cls: Any, given: tuple[str, ...], in_epochs: bool) -> tuple[Sequence[Rule], Mapping[str, Rule]]:
    """The rules that look at schedulers of a class with some parameters given, and by their codes those that look at
    runs with one.
    """
    words = {trait for trait in TRAITS if getattr(cls, trait)}
    for parameter in cls.parameters():
        words.add(parameter.name)
        if parameter.name in given or parameter.default not in NOTHING:
            words |= {f"{parameter.name}=", parameter.kind}
    if cls is Table:  # it may have been any function
        words.add("function")
    known = [rule for rule in rules().values() if rule.applies(cls, words, in_epochs)]
    return [rule for rule in known if not rule.of_runs], {rule.code: rule for rule in known if rule.of_runs}


def findings(subject: Subject) -> list[Finding]:
    """All that is wrong with a run, consequences too: of a key, what the first rule finds that tells a cause."""
    found: dict[str, Finding] = {}
    whole: dict[str, Rule] = {}
    for stretch in subject.stretches:
        own, of_runs = _rules_of(stretch.cls, (*stretch.spec.parameters,), subject.in_epochs)  # type: ignore[arg-type]
        whole |= of_runs
        for rule in own:
            try:
                for finding in rule.find(stretch):
                    found.setdefault(finding.key, finding._replace(code=rule.code))
            except Refusal:
                continue  # what it tried out is no schedule
    for rule in whole.values():
        try:
            for finding in rule.find(subject):
                key = f"{finding.key} {rule.code}" if rule.consequence else finding.key
                found.setdefault(key, finding._replace(code=rule.code))
        except Refusal:
            continue
    return list(found.values())


def told(run: Run, curve: Curve | None = None) -> list[Finding]:
    """What is to be told of a run, without what it ignores.

    Args:
        curve: That of the rates that the optimizer uses, where it is there already.
    """
    if is_plain(run):
        return []
    if isinstance(run, Log):
        run = run.held()
        alone = causes(findings(Subject(run, run.kept)))
        return [finding._replace(fixes=()) for finding in alone if finding.code not in run.ignore]
    return [finding for finding in causes(findings(Subject(run, curve))) if finding.code not in run.ignore]


def causes(found: Sequence[Finding]) -> list[Finding]:
    """Those findings that are to be told: consequences where there is no cause, and once what has one remedy."""
    known = rules()
    told: dict[tuple[str, str], Finding] = {}
    for finding in [finding for finding in found if not known[finding.code].consequence] or found:
        told.setdefault((finding.code, str(finding.fixes[0]) if finding.fixes else finding.key), finding)
    return list(told.values())
