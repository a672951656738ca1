"""What the cards say of the whole platform while filters leave sessions out."""

from __future__ import annotations

import pytest

import warehouse
from pages.views.overview_platform import line, place
from tests.pages.seen import cards
from warehouse import Filters
from warehouse.metrics import overview, platform

OVERVIEW = "app.py"


@pytest.mark.parametrize("asked", [{}, {"period": "7", "bots": "1"}])
def test_nothing_is_said_while_nothing_is_left_out(open_page, home, asked):
    assert {card.note for card in cards(open_page(OVERVIEW, home, **asked)).values()} == {""}


def test_a_card_says_the_number_of_all_and_where_its_users_stand(open_page, home):
    told = cards(open_page(OVERVIEW, home, device="mobile"))
    with warehouse.open(home) as wh:
        filters = Filters.last_days(30, wh.as_of_date, where={"device_type": "mobile"})
        own, all_of_it = (overview.totals(wh, each) for each in (filters, filters.everyone))
        standing = dict(platform.standing(wh, filters).select("metric", "percentile").rows())
    sessions, everybody = own["session_count"][0], all_of_it["session_count"][0]
    assert 0 < sessions < everybody
    share = f"{100 * sessions / everybody:.1f} %"
    assert told["Sessions"].note == f"{share} of platform {everybody:,}"
    bounce = f"{100 * all_of_it['bounce_rate'][0]:.1f} %"
    assert told["Bounce rate"].note == f"platform {bounce}"
    stand = f"The chosen users stand at percentile {standing['bounce_rate']:.0f} of all users"
    assert stand in told["Bounce rate"].help


@pytest.mark.parametrize(
    ("metric", "value", "of_all", "said"),
    [
        ("session_count", 19, 100, "19.0 % of platform 100"),
        ("session_count", 0, 0, "platform 0"),
        ("bounce_rate", None, 0.331, "platform 33.1 %"),
        ("p90_duration_seconds", 60.0, 90.0, "platform 1 m 30 s"),
        ("abandonment_rate", None, None, ""),
    ],
)
def test_a_line_says_what_is_known(metric, value, of_all, said):
    assert line({"metric": metric, "value": value}, of_all) == said


def test_a_place_is_told_where_it_is_known():
    assert "percentile 52 of all users" in place(51.6)
    assert place(None) == ""
