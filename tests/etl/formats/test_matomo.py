"""Matomo's visits, and the events that their actions become."""

import gzip
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.leaves import lost

Load = Callable[..., Any]
at = datetime.fromisoformat
NOON = 1773144000


def action(kind: str, second: int, **fields: Any) -> dict[str, Any]:
    """One entry of actionDetails."""
    return {
        "type": kind,
        "serverTimePretty": "10 mars 2026 13:00:00",
        "timestamp": NOON + second,
        "icon": None,
    } | fields


def visit(number: str, actions: Any, **fields: Any) -> dict[str, Any]:
    """A visit as the API returns it."""
    return {
        "idSite": "7",
        "idVisit": number,
        "visitIp": "203.0.113.0",
        "visitorId": "2004d5832c108bec",
        "actionDetails": actions,
        "goalConversions": 1,
        "serverTimestamp": NOON + 90,
        "firstActionTimestamp": NOON,
        "lastActionTimestamp": NOON + 90,
        "serverTimePretty": "13:00:00",
        "userId": None,
        "visitDuration": "90",
        "referrerType": "search",
        "referrerName": "Google",
        "referrerUrl": "https://search.test/",
        "deviceType": "Tablette",
        "deviceTypeIcon": "plugins/Morpheus/icons/dist/devices/tablet.png",
        "operatingSystemName": "Android",
        "browserFamily": "Blink",
        "browserName": "Chrome",
        "customVariables": [],
        "pluginsIcons": [{"pluginName": "cookie"}],
    } | fields


SHOP = "https://shop.test"
LONG = visit(
    "41",
    [
        action("event", 0, pageId="8", eventCategory="app", eventAction="Start", eventValue=1.5),
        action("action", 1, pageId="9", url=f"{SHOP}/caps?mtm_kwd=a", pageTitle="Caps"),
        action("search", 5, pageId="10", url=f"{SHOP}/find?q=red", siteSearchKeyword="red"),
        action("outlink", 6, pageId="11", url="https://maker.test/"),
        action("download", 6, pageId="12", url="https://cdn.test/list.pdf"),
        action("goal", 6, goalId="3", goalPageId="12", url=f"{SHOP}/find", revenue=0),
        action("event", 7, pageId="13", eventCategory="odd", eventAction="", url=f"{SHOP}/find"),
        action("ecommerceOrder", 90, orderId="A-1", revenue="20", itemDetails=[{"itemSKU": "c"}]),
    ],
    userId="ann",
)  # fmt: skip
CAMPAIGN = visit(
    "42",
    {"0": action("action", 200, pageId="20", url=f"{SHOP}/"), "2": action("content", 201)},
    referrerType="campaign",
    referrerName="spring",
    referrerUrl="",
    deviceTypeIcon="plugins/Morpheus/icons/dist/devices/phablet.svg",
    visitorId="v-2",
)
BARE = visit(
    "43",
    None,
    visitorId="v-3",
    referrerUrl=None,
    campaignName="autumn",
    deviceType="Smart display",
    deviceTypeIcon=None,
    firstActionTimestamp=NOON + 300,
)
HIDDEN = visit("44", [action("action", 400, pageId="30", url="/")], visitorId=False)
VISITS = [LONG, CAMPAIGN, BARE, HIDDEN]


def test_visits_become_the_events_of_their_actions(load_text: Load) -> None:
    loaded = load_text(json.dumps([*VISITS, "odd"]), "Live.json")
    assert (loaded.outcome.format, loaded.outcome.source) == ("matomo", "matomo")
    assert loaded.counts == (13, 11, 0, 2)
    names = (
        *("event_id", "event_time", "event_type", "user_id", "tracker_session_id"),
        *("page", "page_host", "referrer", "campaign"),
    )

    shop, search = "shop.test", "https://search.test/"
    of_ann = ("ann", "41")
    expected = [
        ("41:000000000008-event", 0, "start", *of_ann, None, None, search, None),
        ("41:000000000009-action", 1, "page_view", *of_ann, "/caps", shop, search, None),
        ("41:000000000010-search", 5, "search", *of_ann, "/find", shop, None, None),
        ("41:000000000011-outlink", 6, "outbound_click", *of_ann, None, None, None, None),
        ("41:000000000012-download", 6, "download", *of_ann, None, None, None, None),
        ("41:000000000012-goal-3", 6, "goal", *of_ann, "/find", shop, None, None),
        ("41:000000000013-event", 7, "event", *of_ann, "/find", shop, None, None),
        ("41:order-A-1", 90, "ecommerce_order", *of_ann, None, None, None, None),
        ("42:000000000020-action", 200, "page_view", "v-2", "42", "/", shop, None, "spring"),
        ("42:000000000002", 201, "content_interaction", "v-2", "42", None, None, None, None),
        ("43:000000000001", 300, "session_start", "v-3", "43", None, None, None, "autumn"),
    ]
    noon = at("2026-03-10 12:00:00")
    assert [tuple(one[name] for name in names) for one in loaded.events()] == [
        (row[0], noon + timedelta(seconds=row[1]), *row[2:]) for row in expected
    ]
    assert {one["anonymous_id"] for one in loaded.events()} == {"2004d5832c108bec", "v-2", "v-3"}
    assert {(one["user_id"], one["device_type"]) for one in loaded.events()} == {
        *(("ann", "tablet"), ("v-2", "mobile"), ("v-3", "other")),
    }
    assert {(one["browser"], one["os"]) for one in loaded.events()} == {("Chrome", "Android")}
    # Who may not see visitors gets none: nobody can be told.
    assert [(one["line"], one["reason"]) for one in loaded.rejected()] == [
        *((4, "no user"), (5, "not a JSON object")),
    ]


def test_the_visit_is_told_with_its_first_event(load_text: Load) -> None:
    events = load_text(json.dumps([LONG])).events()
    assert events[0]["properties"]["visit"]["visitDuration"] == "90"
    assert events[0]["properties"]["eventValue"] == 1.5
    assert not any("visit" in one["properties"] for one in events[1:])
    assert events[1]["properties"]["pageTitle"] == "Caps"


@pytest.mark.parametrize("one", [LONG, CAMPAIGN, BARE], ids=lambda one: one["idVisit"])
def test_nothing_of_a_visit_is_dropped(load_text: Load, one: dict[str, Any]) -> None:
    events = load_text(json.dumps([one])).events()
    details = one["actionDetails"] or []
    actions = details.values() if isinstance(details, dict) else details
    times = {str(entry["timestamp"]) for entry in actions}
    assert lost(one, *events) <= times


def test_a_later_answer_adds_only_what_the_visit_did_since(load_text: Load) -> None:
    early = LONG | {"actionDetails": LONG["actionDetails"][:3], "visitDuration": "5"}
    assert load_text(json.dumps([early]), "early.json").counts == (3, 3, 0, 0)
    assert load_text(json.dumps([LONG]), "late.json").counts == (8, 5, 3, 0)


def test_actions_that_share_a_number_are_not_duplicates(load_text: Load) -> None:
    twice = visit("50", [action("content", n, pageId="5", contentName=str(n)) for n in range(3)])
    assert load_text(json.dumps([twice])).counts == (3, 3, 0, 0)


def as_parquet(visits: list[dict[str, Any]]) -> bytes:
    """Visits with their actions as text, as taps write them."""
    rows = [
        {k: json.dumps(v) if isinstance(v, list | dict) else v for k, v in one.items()}
        for one in visits
    ]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json.gz", gzip.compress(json.dumps(VISITS[:3]).encode())),
        ("b.ndjson", "".join(json.dumps(one) + "\n" for one in VISITS[:3]).encode()),
        ("c.parquet", as_parquet(VISITS[:3])),
    ],
    ids=["JSON array.gz", "NDJSON", "Parquet"],
)
def test_every_container_holds_the_same_events(load_text: Load, name: str, content: bytes) -> None:
    loaded = load_text(content, name)
    assert (loaded.outcome.format, loaded.counts) == ("matomo", (11, 11, 0, 0))
    assert load_text(json.dumps(VISITS[:3]), "plain.json").counts == (11, 0, 11, 0)


def test_an_answer_that_tells_a_fault_is_no_visit(load_text: Load) -> None:
    answer = json.dumps({"result": "error", "message": "You can't access this resource"})
    loaded = load_text(answer, "Live.json")
    assert loaded.outcome.status == "failed"
    assert "no format recognises it" in loaded.outcome.message
