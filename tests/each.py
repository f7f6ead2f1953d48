"""One test for many cases of a rule: pytest's own ``parametrize`` takes longer for a test than a small case does."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from pytest import Subtests

Case = TypeVar("Case")
Rule = Callable[[Case], None]


def each(
    cases: Iterable[Case], name: Callable[[Case], str] = str
) -> Callable[[Rule[Case]], Callable[[Subtests], None]]:
    """Makes a rule a test that tries it on each case, and fails with the name of each case that breaks it."""
    every = list(cases)

    def as_test(rule: Rule[Case]) -> Callable[[Subtests], None]:
        def test(subtests: Subtests) -> None:
            assert every, "a rule without a case"
            for case in every:
                try:
                    rule(case)
                except Exception:
                    with subtests.test(name(case)):
                        raise

        test.__doc__ = rule.__doc__
        return test

    return as_test
