"""Several schedulers on one optimizer: in which order they stand, and that one of them alone tells the rate."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from lrplot.configs.code.counts import Clock
from lrplot.configs.code.tree import COUNT, Writer
from lrplot.configs.code.values import Made
from lrplot.configs.document import Value
from lrplot.wording import listed

SETTING = ("LambdaLR",)
"""Those that set the rate whatever it is."""
AT_REST = (
    *("StepLR", "MultiStepLR", "ExponentialLR", "MultiplicativeLR", "PolynomialLR", "CosineAnnealingLR"),
    "ReduceLROnPlateau",
)
"""Those that leave the rate as it is when they are made."""


@dataclass(frozen=True, eq=False)
class Written:
    """A scheduler of the script as lrplot's own mapping."""

    part: object
    clock: Clock
    made: Value

    @property
    def name(self) -> str:
        return str(self._content["name"].content)

    @property
    def functions(self) -> list[Value]:
        """Those that say the share of each group's rate."""
        function = self._content.get("lr_lambda")
        if function is None:
            return []
        return function.content if isinstance(function.content, list) else [function]

    def begin_with(self, shares: Sequence[str]) -> None:
        """Has it begin with other shares of the groups' rates than its function says."""
        texts = [str(each.content) for each in self.functions]
        groups = max(len(texts), len(shares))
        pairs = zip(*(each * groups if len(each) == 1 else each for each in (list(shares), texts)))
        made = [self._at(f"({share}) if {COUNT} == 0 else ({text})") for share, text in pairs]
        self._content["lr_lambda"] = made[0] if len(made) == 1 else self._at(made)

    def _at(self, content: str | list[Value]) -> Value:
        return Value(content, self.made.source, self.made.line, self.made.column)

    @property
    def _content(self) -> dict[str, Value]:
        assert isinstance(self.made.content, dict)
        return self.made.content


def in_order(writer: Writer, node: ast.AST, written: Sequence[Written]) -> list[Value]:
    """The schedulers in the order in which the loop steps them, which may be another than they are made in.

    What is stepped before the optimizer is in a turn comes after what is stepped at the end of the turn before.
    """
    if writer.problems or any(each.name in SETTING and not each.functions for each in written):
        return [each.made for each in written]  # which is refused as a whole
    made = [each for each in written if isinstance(each.part, Made)]
    stepped = sorted(made, key=lambda each: (not each.clock.is_late, each.clock.place))
    acting = [each for each in made if each.name not in AT_REST]
    if [each for each in stepped if each in acting] != acting:  # the last of them says what the first rate is
        if any(each.name not in SETTING for each in acting):
            names = listed(each.name for each in acting)
            writer.refuse(node, f"{names} are stepped in another order than they are made in: that is not read")
        else:
            last = next(each for each in reversed(stepped) if each in acting)
            last.begin_with([_at_first(str(each.content)) for each in acting[-1].functions])
    return [each.made for each in [*stepped, *(each for each in written if each not in made)]]


def _at_first(text: str) -> str:
    """A function of the count, where that is 0."""

    class AtFirst(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            return ast.Constant(value=0) if node.id == COUNT else node

    try:
        return ast.unparse(AtFirst().visit(ast.parse(text, mode="eval").body))
    except (SyntaxError, ValueError):
        return text  # which is refused where it stands
