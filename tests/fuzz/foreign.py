"""Other frameworks' files, changed at random: what reads them ends in a config, or in lines that name a place."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

CASES = Path(__file__).parents[1] / "foreign" / "cases"
WORDS = (
    "null", "None", "true", "auto", "???", "${a.b}", "${..lr}", "$X", "-1", "0", "1e400", "1e-400", "nan", "inf", "0.5",
    "1_000", "99999999999999999999", "1e9", "2e5", "[]", "{}", "[1, 2]", "(3, 4)", "''", '"', "x" * 500, "lr", "cosine",
    "!Tag", "&a", "*a", "<<", "é", "\u2028", "-0.0", "100ba", "2ep", "0.1dur", "lambda x: x", "__import__('os')",
)  # fmt: skip


def mutants(text: str, others: list[str], seed: int) -> Iterator[str]:
    """A text, changed without end: words for words, lines gone, doubled, moved, or from other files."""
    chance = random.Random(seed)
    while True:
        made = text
        for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
            made = _changed(made, others, chance)
        yield made[:20_000]


def _changed(text: str, others: list[str], chance: random.Random) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    kind = chance.randrange(9)
    if kind < 4:
        words = list(re.finditer(r"[\w.+-]+", text))
        if not words:
            return text
        word = chance.choice(words)
        return text[: word.start()] + chance.choice(WORDS) + text[word.end() :]
    if kind == 4:
        del lines[at]
    elif kind == 5:
        lines.insert(at, lines[at])
    elif kind == 6:
        lines.insert(at, chance.choice(chance.choice(others).split("\n")))
    elif kind == 7:
        cut = chance.randrange(len(text) + 1)
        return text[:cut] + chance.choice("{}[]()\"':,#-\t\n\\$&*!|>%@`=") + text[cut + chance.randrange(2) :]
    else:
        lines[at] = lines[at].lstrip() if chance.random() < 0.5 else f"  {lines[at]}"
    return "\n".join(lines)
