"""References within a file, as OmegaConf has them: ``${trainer.max_epochs}``, ``${..lr}``; no resolver is run."""

import re

from lrplot.configs.document import Value
from lrplot.configs.foreign.tree import at, walk

MOST_HOPS = 20
MOST_VALUES = 200_000

_REFERENCE = re.compile(r"\$\{(?:oc\.select:)?(\.*)([A-Za-z_][\w.-]*)\}")
_ENVIRONMENT = re.compile(r"\$\{oc\.env:\w+,\s*([^{},]+)\}")


def resolved(tree: Value, other: Value | None, used: set[str]) -> Value:
    """A tree with what its references lead to in their place; those that lead nowhere stay.

    Args:
        other: Where they are looked for that lead nowhere in the tree.
        used: The flags that they lead to are added.
    """
    return _Resolver(tree, other, used).value(tree, ())


class _Resolver:
    def __init__(self, root: Value, other: Value | None, used: set[str]) -> None:
        self.used = used
        self.roots = [root, *([other] if other is not None else [])]
        self.count = 0

    def value(self, value: Value, path: tuple[str, ...]) -> Value:
        self.count += 1
        if self.count > MOST_VALUES or len(path) > 60:
            return value
        if isinstance(value.content, dict):
            made = at(value, {key: self.value(each, (*path, key)) for key, each in value.content.items()})
        elif isinstance(value.content, list):
            made = at(value, [self.value(each, (*path, str(i))) for i, each in enumerate(value.content)])
        elif "${" in value.content:
            made = self._text(value, path)
        else:
            return value
        made.key, made.note = value.key, value.note
        return made

    def _text(self, value: Value, path: tuple[str, ...]) -> Value:
        for _ in range(MOST_HOPS):
            text = value.content
            if not isinstance(text, str) or "${" not in text:
                return value
            text = _ENVIRONMENT.sub(r"\1", text)
            if whole := _REFERENCE.fullmatch(text):
                found = self._found(whole, path)
                if found is None:
                    return value
                value = at(value, found.content)
                continue
            filled = _REFERENCE.sub(lambda match: self._words(match, path), text)
            if filled == value.content:
                return value
            value = at(value, filled[:1_000])
        return value

    def _found(self, match: "re.Match[str]", path: tuple[str, ...]) -> Value | None:
        dots, name = match[1], match[2]
        above = path[: len(path) - len(dots)] if dots else ()
        full = ".".join([*above, name])
        found = next((found for root in self.roots if (found := walk(root, full)) is not None), None)
        if found is not None and found.is_flag:
            self.used.add(found.source)
        return found

    def _words(self, match: "re.Match[str]", path: tuple[str, ...]) -> str:
        found = self._found(match, path)
        return found.content if found is not None and isinstance(found.content, str) else match[0]
