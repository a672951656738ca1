"""Groups by their names: those of filters, and of all other sessions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from etl.errors import ConfigError
from tests.warehouse.small_builds import NOON, session, write_build
from warehouse import connection
from warehouse.filters import Filters
from warehouse.metrics import compare, group_estimates
from warehouse.query import sql_of

DEVICES = ("mobile", "tablet", None, "desktop")
PHONES = Filters(where={"device_type": "mobile"})
ROWS = [
    session(
        f"user {number}",
        NOON + timedelta(minutes=number),
        device_type=DEVICES[number % 4],
        model_group="ab"[number % 2],
        is_bot=number == 12,
    )
    for number in range(24)
]


@pytest.fixture(scope="module")
def wh(tmp_path_factory):
    home = tmp_path_factory.mktemp("groups")
    write_build(home, ROWS)
    with connection.open(home) as opened:
        yield opened


def sizes(wh, by, filters=None):
    return dict(compare.sizes(wh, filters or Filters(), by).select("group", "session_count").rows())


def test_all_others_are_those_that_no_group_takes(wh):
    tablets = Filters(where={"device_type": "tablet"})
    assert sizes(wh, {"phones": PHONES, "rest": None}) == {"phones": 5, "rest": 18}
    assert sizes(wh, {"rest": None, "phones": PHONES}) == {"rest": 18, "phones": 5}
    by = {"phones": PHONES, "tablets": tablets, "rest": None}
    assert sizes(wh, by) == {"phones": 5, "tablets": 6, "rest": 12}


def test_a_session_of_two_groups_is_not_of_all_others(wh):
    early = Filters(where={"hour": "<= 12"})
    by = {"phones": PHONES, "early": early, "rest": None}
    assert sizes(wh, by) == {"phones": 0, "early": 18, "rest": 0}


def test_all_others_are_of_the_days_and_the_bots_of_the_filters(wh):
    by = {"phones": PHONES, "rest": None}
    assert sizes(wh, by, Filters(end=NOON.date() - timedelta(days=1))) == {"phones": 0, "rest": 0}
    assert sizes(wh, by, Filters(include_bots=True)) == {"phones": 6, "rest": 18}


def test_what_is_neither_filters_nor_all_others_is_refused(wh):
    with pytest.raises(ConfigError, match="Wanted: Filters, or None for all others"):
        compare.groups(wh, Filters(), {"phones": PHONES, "rest": "others"})


def test_an_empty_split_checks_nothing(wh):
    file = wh.home / "dwell.toml"
    file.write_text("[experiments.x]\nsplit = {a = 0.99, b = 0.01}")
    found = {}
    for name, split in {"of dwell.toml": None, "empty": {}}.items():
        rows = compare.groups(wh, Filters(), split=split)
        within = compare.by_segment(wh, Filters(), "device_type", split=split)
        told = [*rows["verdict"].drop_nulls(), *within["verdict"].drop_nulls()]
        found[name] = {"otherwise than intended" in text for text in told}
    file.unlink()
    assert found == {"of dwell.toml": {True}, "empty": {False}}


def test_of_a_dimension_that_nothing_is_known_of_there_are_no_segments(wh):
    within = compare.by_segment(wh, Filters(), "os")
    assert within.is_empty()
    assert within.columns[0] == "segment"


@pytest.mark.parametrize("unit", ["user", "session"])
@pytest.mark.parametrize("query", ["compare.sums", "compare.trend", "compare.distribution"])
def test_the_words_of_a_query_are_all_told(wh, query, unit):
    names = tuple(group_estimates.offered(wh, unit))[:4]
    words = group_estimates.sql_words(wh, names, unit)
    text = sql_of(query, Filters(), wh.dimensions[0], wh=wh, words=tuple(words.items()))
    bound = {"$groups", "$edges", "$of", "$is_of_units", "$cuts_"}
    for word in ("$unit", "$over", "$under", "$by_unit", "$segment_number", "$sessions_of_unit"):
        assert f"{word} " not in text.replace("-- ", "")
    assert any(word in text for word in bound)


def test_what_counts_sessions_is_no_metric_of_a_session(wh):
    of_users, of_sessions = (group_estimates.offered(wh, unit) for unit in ("user", "session"))
    assert of_users["session_count"] == "total"
    assert "session_count" not in of_sessions
    assert "user_count" not in of_users
    assert of_sessions["median_duration_seconds"] == "quantile"
