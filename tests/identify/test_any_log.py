"""Whatever the rates of a log, identify ends, and each candidate reproduces them."""

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrplot.analysis.identify.search import identify
from lrplot.analysis.identify.verify import rates_of
from lrplot.configs.expression import Expression
from tests.identify.draw import logged

RATES = st.sampled_from([0.0, 1e-6, 0.001, 0.01, 0.05, 0.1, 0.2, 1.0])


@pytest.mark.parametrize("every", [1, 2])
@settings(max_examples=settings().max_examples // 5)
@given(rates=st.lists(RATES, min_size=2, max_size=6))
def test_each_candidate_reproduces_every_logged_rate(every: int, rates: list[float]) -> None:
    log = logged(numpy.array(rates), every, "%.6g")
    for candidate in identify(log, Expression):
        (made,) = rates_of(candidate.proposal.run(len(rates))) or [numpy.full(len(rates), numpy.nan)]
        kept = made[::every]
        assert ((log.low[0] <= kept) & (kept <= log.high[0])).all(), candidate.proposal.spec
