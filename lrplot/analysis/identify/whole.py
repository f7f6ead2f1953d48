"""The search for a whole number that a log allows."""

from collections.abc import Callable, Iterator

from lrplot.analysis.identify.decimals import roundest

MOST = 4
NEAR = 2


def feasible(allows: Callable[[int], bool], estimate: float, low: int = 1, high: int = 10**9) -> Iterator[int]:
    """The whole numbers near an estimate that a log allows, the roundest first.

    What is allowed is taken to be an interval.
    """
    middle = min(max(round(estimate), low), high)
    near = [n for k in range(NEAR + 1) for n in dict.fromkeys((middle - k, middle + k)) if low <= n <= high]
    inside = next((n for n in near if allows(n)), None)
    if inside is None:
        return
    first, last = edge(allows, inside, -1, low), edge(allows, inside, 1, high)
    found = dict.fromkeys([*roundest(first, last, most=MOST), inside])
    yield from (n for n in found if n == inside or allows(n))


def edge(allows: Callable[[int], bool], inside: int, direction: int, bound: int) -> int:
    """The last number in a direction that is allowed, of those up to a bound."""
    good, reach = inside, 1
    while True:
        ahead = good + direction * reach
        if (ahead - bound) * direction > 0:
            ahead = bound
        if ahead == good or not allows(ahead):
            break
        good, reach = ahead, 2 * reach
    bad = ahead
    while abs(bad - good) > 1:
        between = (bad + good) // 2
        good, bad = (between, bad) if allows(between) else (good, between)
    return good
