"""How a message shows what was given, and what was probably meant."""

from collections.abc import Iterable, Iterator, Sequence

MAX_NAMES = 40
"""Names that a message lists."""
MAX_LINE = 2_000
"""Characters of a message."""
MOST_NOTES = 3
"""Notes that are told beside a picture or a table."""


def shown(text: str, width: int = 60) -> str:
    """Text quoted for a message, cut where it is long.

    >>> shown("twenty"), shown("x" * 100, width=8)
    ("'twenty'", "'xxxxxxx…'")
    """
    return repr(text if len(text) <= width else text[: width - 1] + "…")


def printable(text: str) -> str:
    """Text that came from outside, as one line of bounded length which does nothing to a terminal: whatever moves the
    cursor is written out.

    >>> print(printable("a\\nb \\x1b[2J"))
    a\\nb \\x1b[2J
    """
    text = text if len(text) <= MAX_LINE else text[: MAX_LINE - 1] + "…"
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word nearest to ``word``, whatever its case and its dashes: None where none is near.

    >>> closest("t-max", ["T_max", "eta_min"]), closest("x", ["T_max", "eta_min"])
    ('T_max', None)
    """
    if len(word) > 100:
        return None
    import difflib  # only a mistyped word needs it

    folded: dict[str, str] = {}
    for name in known:
        folded.setdefault(name.lower().replace("-", "_"), name)
    close = difflib.get_close_matches(word.lower().replace("-", "_"), folded, n=1)
    return folded[close[0]] if close else None


def one_of(words: Iterable[str]) -> str:
    """Words of which one is meant.

    >>> one_of(["'wsd'"]), one_of(["a", "b", "c"])
    ("'wsd'", 'a, b or c')
    """
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def likely(word: str, known: Iterable[str]) -> str:
    """The end of a message on a word that may be one of many: the known one that was probably meant, or three.

    >>> likely("cosin", ["cosine", "cyclic", "step"]), likely("foo", ["cosine", "cyclic", "step", "constant"])
    ("did you mean 'cosine'?", 'did you mean cosine, constant or step?')
    """
    known = list(known)
    close = closest(word, known)
    if close:
        return f"did you mean {close!r}?"
    import difflib

    return f"did you mean {one_of(difflib.get_close_matches(word.lower()[:100], known, n=3, cutoff=0.0))}?"


def nearest(word: str, known: Iterable[str]) -> str:
    """The end of a message on an unknown word: the known one that was probably meant, or all of them.

    >>> nearest("gama", ["gamma", "step_size"]), nearest("x", ["gamma", "step_size"])
    ("did you mean 'gamma'?", 'there are gamma, step_size')
    """
    known = list(known)
    close = closest(word, known)
    if close:
        return f"did you mean {close!r}?"
    names = [name if name.isprintable() and len(name) <= 60 else shown(name) for name in known[:MAX_NAMES]]
    more = f" and {len(known) - MAX_NAMES:,} more" if len(known) > MAX_NAMES else ""
    return f"there {'is' if len(known) == 1 else 'are'} {', '.join(names)}{more}"


def listed(items: Iterable[object]) -> str:
    """Some things in a sentence: of many, the first and how many more there are.

    >>> listed([30, 60, 90]), listed([30]), listed(range(10))
    ('30, 60 and 90', '30', '0, 1, 2 and 7 more')
    """
    words = [str(item) for item in items]
    if len(words) > 5:
        words[3:] = [f"{len(words) - 3} more"]
    return " and ".join([*filter(None, [", ".join(words[:-1])]), words[-1]])


def first_of(notes: Sequence[str]) -> Iterator[str]:
    """What is said of notes by the way: the first of them, and how many more there are.

    >>> list(first_of(["a", "b", "c", "d", "e"]))
    ['a', 'b', 'c', 'and 2 more notes: lrplot check tells all']
    """
    yield from notes[:MOST_NOTES]
    if more := len(notes[MOST_NOTES:]):
        yield f"and {more} more note{'s' * (more > 1)}: lrplot check tells all"
