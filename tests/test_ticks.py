"""Ticks in the form that a person would write."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrplot.pictures.ticks import (
    EpochLocator,
    PowerFormatter,
    PowerLocator,
    RateFormatter,
    RateLocator,
    StepFormatter,
    step_locator,
)

SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")


def meant(text):
    """The number that a label says."""
    if text.endswith(("k", "M")):
        return meant(text[:-1]) * {"k": 1e3, "M": 1e6}[text[-1]]
    if text.startswith("10") and len(text) > 2 and text[2] in "⁻⁰¹²³⁴⁵⁶⁷⁸⁹":
        return 10.0 ** int(text[2:].translate(SUPERSCRIPTS))
    number, _, power = text.partition("×10")
    return float(number.replace(",", "").translate(SUPERSCRIPTS)) * 10.0 ** int(power.translate(SUPERSCRIPTS) or 0)


@pytest.mark.parametrize(
    "ticks, labels",
    [
        ([0, 0.0002, 0.0004], ["0", "0.0002", "0.0004"]),
        ([0, 0.5, 1], ["0", "0.5", "1.0"]),
        ([0, 250, 500, 750, 1000], ["0", "250", "500", "750", "1000"]),
        ([0, 2.5e-5, 5e-5], ["0", "2.5×10⁻⁵", "5.0×10⁻⁵"]),
        ([0, 5e-13, 1e-12], ["0", "0.5×10⁻¹²", "1.0×10⁻¹²"]),
        ([0, 1e4, 2e4], ["0", "1×10⁴", "2×10⁴"]),
        ([-0.1, 0, 0.1], ["−0.1", "0", "0.1"]),
        ([0.100001, 0.100002], ["0.100001", "0.100002"]),
        ([0.1], ["0.1"]),
        ([], []),
    ],
)
def test_rates_are_all_in_one_form(ticks, labels):
    assert RateFormatter().format_ticks(ticks) == labels


@pytest.mark.parametrize(
    "ticks, labels",
    [
        ([0.001, 0.01, 0.1], ["0.001", "0.01", "0.1"]),
        ([1, 10, 1000], ["1", "10", "1000"]),
        ([1e-12, 1e-6, 1, 1e3], ["10⁻¹²", "10⁻⁶", "10⁰", "10³"]),
        ([2e-5, 5e-5], ["2×10⁻⁵", "5×10⁻⁵"]),
    ],
)
def test_a_logarithmic_axis_is_plain_or_in_powers_of_ten(ticks, labels):
    assert PowerFormatter().format_ticks(ticks) == labels


@pytest.mark.parametrize(
    "ticks, labels",
    [
        ([0, 20, 40], ["0", "20", "40"]),
        ([0, 2500, 5000], ["0", "2,500", "5,000"]),
        ([0, 10_000, 20_000], ["0", "10k", "20k"]),
        ([0, 2500, 10_000], ["0", "2.5k", "10.0k"]),
        ([0, 2_500_000, 10_000_000], ["0", "2.5M", "10.0M"]),
        ([0, 0.5, 1], ["0", "0.5", "1.0"]),
        ([999_998, 1_000_000, 1_000_002], ["999,998", "1,000,000", "1,000,002"]),
    ],
)
def test_steps_are_short(ticks, labels):
    assert StepFormatter().format_ticks(ticks) == labels


@given(st.floats(-12, 3), st.floats(0.001, 1), st.integers(1, 8))
def test_rate_labels_say_the_ticks_and_differ(power, low, most):
    high = 10.0**power
    ticks = [float(tick) for tick in RateLocator(most, 0.1).tick_values(low * high * 0.9, high)]
    labels = RateFormatter().format_ticks(ticks)
    assert 1 <= len(ticks) <= 12 and len(set(labels)) == len(labels)
    for tick, label in zip(ticks, labels):
        assert meant(label) == pytest.approx(tick, rel=1e-6, abs=1e-9 * high)
        assert len(label) <= 18


@given(st.floats(0, 1e3), st.floats(1e-9, 1e3), st.integers(1, 8), st.floats(0.05, 0.9))
def test_rates_are_no_closer_than_asked(low, span, most, closest):
    ticks = RateLocator(most, closest).tick_values(low, low + span)
    assert all(low <= tick <= low + span for tick in ticks)
    assert all(b - a >= closest * span * (1 - 1e-3) for a, b in pairwise(ticks))


@given(st.floats(-12, 3), st.floats(0.01, 15), st.integers(2, 8))
def test_logarithmic_ticks_are_few_and_their_labels_true(low, decades, most):
    low, high = 10.0**low, 10.0 ** (low + decades)
    ticks = [tick for tick in PowerLocator(low, high, most, 0.05).tick_values(low, high) if low <= tick <= high]
    assert len(ticks) <= 10
    for tick, label in zip(ticks, PowerFormatter().format_ticks(ticks)):
        assert math.isclose(meant(label), tick, rel_tol=1e-2)


@given(st.integers(0, 10**8), st.integers(1, 10**8), st.integers(1, 8))
def test_steps_are_whole_numbers(start, length, most):
    ticks = step_locator(most).tick_values(start, start + length)
    assert all(float(tick).is_integer() for tick in ticks)
    labels = StepFormatter().format_ticks(ticks)
    assert len(set(labels)) == len(labels)
    assert [meant(label) for label in labels] == pytest.approx(list(ticks))


def test_epochs_come_in_parts_where_there_are_few():
    assert list(EpochLocator(1, most=4).tick_values(0, 1)) == [0, 0.25, 0.5, 0.75, 1]
