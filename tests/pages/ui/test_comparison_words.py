"""What a comparison says: a word no stronger than its row, and figures as people read them."""

from __future__ import annotations

import pytest

from pages.ui import comparison_words as words
from warehouse.metrics.registry import BY_NAME

ENGAGED, BOUNCE = BY_NAME["avg_engaged_seconds"], BY_NAME["bounce_rate"]
CLOSED = BY_NAME["open_session_count"]
ACTIONS = BY_NAME["actions_per_session"]


def row(metric=ENGAGED, difference=5.0, *, decided=True, verdict="Better than b: …", **others):
    told = {
        **{"metric": metric.name, "group": "a", "difference": difference, "is_decided": decided},
        **{"difference_low": difference - 1, "difference_high": difference + 1},
        **{"relative_difference": difference / 50, "relative_low": difference / 50 - 0.02},
        **{"relative_high": difference / 50 + 0.02, "p_value": 0.001, "p_adjusted": 0.002},
        **{"detectable_difference": 1.5, "verdict": verdict},
    }
    return told | others


@pytest.mark.parametrize(
    ("given", "metric", "word"),
    [
        pytest.param(row(), ENGAGED, "better", id="more engaged"),
        pytest.param(row(difference=-5.0), ENGAGED, "worse", id="less engaged"),
        pytest.param(row(BOUNCE, -0.1), BOUNCE, "better", id="fewer bounces"),
        pytest.param(row(BOUNCE, 0.1), BOUNCE, "worse", id="more bounces"),
        pytest.param(row(CLOSED), CLOSED, "higher", id="more of what is neither"),
        pytest.param(row(CLOSED, -5.0), CLOSED, "lower", id="less of what is neither"),
        pytest.param(
            row(decided=False, verdict="No difference shown."), ENGAGED, "same", id="not shown"
        ),
        pytest.param(
            row(decided=False, verdict="No verdict yet: 3 users"), ENGAGED, "open", id="too few"
        ),
    ],
)
def test_a_row_is_one_word(given, metric, word):
    assert words.outcome(given, metric) == word


def headline(*rows):
    return words.headline(rows, "a", "b*", BY_NAME.__getitem__)


def test_what_is_decided_is_told_with_its_size_and_the_rest_with_its_number():
    told = headline(
        row(),
        row(BOUNCE, 0.1),
        row(ACTIONS, decided=False, verdict="No difference shown."),
    )
    assert told == (
        "Against **b\\***, **a** is \u25b2 better on 1 of 3: engaged time **+10.0 %** (95 %: "
        "+8.0 % to +12.0 %); \u25bc worse on 1 of 3: bounce rate **+10.0 pp** (95 %: -90.0 pp to "
        "+110.0 pp). On 1 of 3 no difference is shown."
    )


def test_of_many_the_surest_are_named():
    rows = [row(p_adjusted=at / 1000, difference=float(at)) for at in (4, 2, 3, 1, 5)]
    told = headline(*rows)
    assert told.index("+2.0 %") < told.index("+4.0 %") < told.index("+6.0 %")
    assert told.endswith("and 2 more.")


def test_where_nothing_is_shown_it_says_what_could_hide():
    told = headline(row(decided=False, verdict="No difference shown."))
    assert told == (
        "Between **a** and **b\\*** no difference is shown on the one metric. That is not to say "
        "that there is none: of engaged time, one of 1.5 s or more would probably have been seen."
    )


def test_where_nothing_can_be_told_it_says_why():
    few = "No verdict yet: 3 users in the smaller group, and 100 are needed."
    assert headline(row(decided=False, verdict=few)) == f"**a** against **b\\***: n{few[1:]}"


def test_groups_with_too_few_users_share_a_sentence():
    few = row(decided=False, verdict="No verdict yet: 3 users in the smaller group")
    assert words.are_too_few([few, few])
    assert not words.are_too_few([few, row()])
    assert words.too_few(["a", "c"], "b") == (
        "No verdict yet on **a**, **c** against **b**: 100 users are needed in both groups."
    )


@pytest.mark.parametrize(
    ("amount", "metric", "text"),
    [
        (0.031, BOUNCE, "+3.1 pp"),
        (-0.031, BOUNCE, "-3.1 pp"),
        (-5.94, ENGAGED, "-5.9 s"),
        (0.034, ACTIONS, "+0.03"),
        (-0.001, ACTIONS, "0.00"),
        (12.34, ACTIONS, "+12.3"),
        (None, ACTIONS, "\u2013"),
    ],
)
def test_a_difference_is_written_as_its_metric_is(amount, metric, text):
    assert words.difference(amount, metric) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [(None, "\u2013"), (0.00099, "< 0.001"), (0.001, "0.001"), (0.0996, "0.100"), (0.1, "0.10")],
)
def test_a_probability_is_never_nothing(p, text):
    assert words.probability(p) == text
