"""Relations that somebody's own SQL may name: they say what the metrics say."""

import json
from datetime import date

import pytest

from tests.warehouse.small_builds import NOON, at, event, session
from warehouse.filters import Filters
from warehouse.metrics import overview, sessions
from warehouse.own_sql import RELATIONS, composed
from warehouse.typed_texts import without_texts

FILTERS = (
    Filters(),
    Filters(date(2026, 3, 9), date(2026, 3, 11), {"device_type": "mobile"}),
    Filters(date(2026, 3, 1), date(2026, 3, 2)),
)


@pytest.fixture(scope="module")
def wh(open_shared_build):
    rows = [
        session("ann", NOON, 10, device_type="mobile", action_count=1),
        session("ann", at("2026-03-11 09:00"), 300, device_type="mobile"),
        session("bob", at("2026-03-08 09:00"), 60),
        session("eve", NOON, 5, is_bot=True),
    ]
    return open_shared_build(rows)


def frame(wh, text, filters):
    return wh.sql(*composed(wh, text, filters).over(text)).pl()


@pytest.mark.parametrize("filters", FILTERS, ids=("all", "mobile", "nothing"))
def test_measured_relations_say_what_the_overview_says(wh, filters):
    measured = frame(wh, "from measured_sessions", filters).row(0, named=True)
    totals = overview.totals(wh, filters).row(0, named=True)
    assert {name: measured[name] for name in totals} == totals
    days = frame(wh, "from measured_days", filters)
    for metric in ("session_count", "user_count", "bounce_rate"):
        told = overview.series(wh, filters, metric)
        assert days["period_start"].to_list() == told["period_start"].to_list()
        assert days[metric].to_list() == told["value"].to_list()


def test_several_relations_are_asked_at_once(wh):
    text = (
        "select (select count(*) from Filtered_Sessions) as n, session_count, "
        "(select sum(session_count) from measured_days) as of_days from measured_sessions"
    )
    row = frame(wh, text, FILTERS[1]).row(0, named=True)
    wanted = sessions.filtered(wh, FILTERS[1]).height
    assert (row["n"], row["session_count"], row["of_days"]) == (wanted, wanted, wanted) == (2, 2, 2)


def test_a_query_may_be_explained_and_use_the_name_itself(wh):
    assert frame(wh, "explain select 1 from filtered_sessions", Filters())["explain_value"][0]
    own = "with filtered_sessions as (select 7 as n) select n from filtered_sessions"
    assert frame(wh, own, Filters())["n"].to_list() == [7]


def test_what_names_no_relation_stays_as_it_is(wh):
    text = "select 'my_filtered_sessions' as name"
    assert composed(wh, text, Filters()).over(text) == (text, {})


def test_typed_texts_are_in_no_table_and_in_no_relation(open_build):
    address = "https://shop.example/find?q=secret#secret"
    texts = {"prompt": "secret", "deep": {"n": 1}, "context": "kept", "to": address}
    nested = [
        *({"data": {"answer": "secret"}}, {"data": {"Answer": "secret"}}, {"Text": "secret"}),
        *({"message.content": "secret"}, {"packed": json.dumps({"text": "secret"})}),
    ]
    events = [
        event("s", "ann", NOON, 1, properties=json.dumps(texts), raw_page="/find?q=secret"),
        *(
            event("s", "ann", NOON, number, properties=json.dumps(one))
            for number, one in enumerate(nested, 2)
        ),
    ]
    rejected = [
        {"source": "web", "reason": "no time", "row_count": 1, "example": '{"q": "secret"}'}
    ]
    wh = open_build(
        [session("ann", session_id="s", referrer=address)],
        events=events,
        rejected_summary=rejected,
    )
    selects = without_texts(wh.columns_of)

    def told(text):
        return wh.sql(*composed(wh, text, Filters(), selects).over(text)).pl()

    left = told("select properties from session_events order by event_number")["properties"]
    kept = {"deep": {"n": 1}, "context": "kept", "to": "https://shop.example/find"}
    assert json.loads(left[0]) == kept
    assert left[1:].null_count() == len(nested)
    assert told("select row_count, example from rejected_summary").rows() == [(1, None)]
    for everything in (
        "from (summarize session_events), session_events",
        "from (summarize user_sessions), user_sessions",
        "from filtered_sessions",
    ):
        bare = composed(wh, everything, Filters()).over(everything)
        assert "secret" in str(wh.sql(*bare).pl().to_dicts())
        assert "shop.example" in str(told(everything).to_dicts())
        assert "secret" not in str(told(everything).to_dicts())


@pytest.mark.parametrize("name", RELATIONS)
def test_a_relation_says_what_it_holds(name):
    assert RELATIONS[name].about.endswith(".")
