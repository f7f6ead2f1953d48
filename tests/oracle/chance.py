"""Values by chance, in the words of hypothesis' strategies, at a tenth of what those cost.

A comparison of some ten thousand cases costs more for its cases than for the schedulers; and no case need be made
smaller where it is found, for all are small. Each draw is another one: a case that fails is told whole.
"""

import math
import os
import random
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import Any


class Strategy:
    """What makes a value by chance."""

    def __init__(self, make: Callable[[random.Random], Any]) -> None:
        self.make = make

    def filter(self, admits: Callable[[Any], bool]) -> "Strategy":
        def make(chance: random.Random) -> Any:
            while not admits(value := self.make(chance)):
                pass
            return value

        return Strategy(make)


Draw = Callable[[Strategy], Any]


def drawn(strategy: Strategy, count: int) -> Iterator[Any]:
    """So many values."""
    seed = os.environ.get("LRPLOT_SEED")
    chance = random.Random(f"{seed} {os.environ['PYTEST_CURRENT_TEST']}" if seed else None)
    return (strategy.make(chance) for _ in range(count))


def composite(function: Callable[..., Any]) -> Callable[..., Strategy]:
    """A strategy of a function that draws from others."""

    @wraps(function)
    def strategy(*arguments: Any, **named: Any) -> Strategy:
        return Strategy(lambda chance: function(lambda other: other.make(chance), *arguments, **named))

    return strategy


def just(value: Any) -> Strategy:
    return Strategy(lambda chance: value)


def sampled_from(values: Sequence[Any]) -> Strategy:
    return Strategy(lambda chance: chance.choice(values))


def booleans() -> Strategy:
    return sampled_from((False, True))


def one_of(*strategies: Strategy) -> Strategy:
    return Strategy(lambda chance: chance.choice(strategies).make(chance))


def lists(entry: Strategy, min_size: int = 0, max_size: int = 5) -> Strategy:
    return Strategy(lambda chance: [entry.make(chance) for _ in range(chance.randint(min_size, max_size))])


def integers(low: int, high: int) -> Strategy:
    """A sixth of them are the ends, where mistakes are."""
    return Strategy(lambda chance: chance.randint(low, high) if chance.randrange(6) else chance.choice((low, high)))


def floats(low: float, high: float, exclude_min: bool = False, exclude_max: bool = False) -> Strategy:
    """Anywhere, of any size, in few digits, or at the ends and beside them, at 0 and beside it."""
    known = (low, math.nextafter(low, high), math.nextafter(high, low), high, 0.0, -0.0, 5e-324, 1e-9, 1.0)
    limits = (math.nextafter(low, high) if exclude_min else low), (math.nextafter(high, low) if exclude_max else high)
    admitted = [value for value in known if limits[0] <= value <= limits[1]]

    def make(chance: random.Random) -> float:
        value = chance.uniform(low, high)
        chosen = (value, value, value * 10 ** chance.uniform(-9, 0), round(value, 2), chance.choice(admitted))
        value = chance.choice(chosen)
        return value if limits[0] <= value <= limits[1] else chance.choice(admitted)

    return Strategy(make)
