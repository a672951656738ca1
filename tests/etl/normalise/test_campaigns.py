"""Campaigns: the name that a page's URL tells, in every format, and the rest of the URL kept."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.exports import as_csv, as_lines

Load = Callable[..., Any]
TIME = "2026-03-10T12:00:00Z"
QUERY = (
    "utm_source=mail&utm_medium=news&utm_campaign=spring+sale&utm_term=caps&utm_content=b&gclid=x1"
)
URL = f"https://shop.test/caps?{QUERY}"
URLS = [
    (URL, "spring sale"),
    ("/caps?utm_campaign=spring", "spring"),
    ("/caps?UTM_Campaign=spring", None),
    ("/caps?a=1&utm_campaign=fr%C3%BChling%202026#top", "frühling 2026"),
    ("/caps#utm_campaign=spring", "spring"),
    ("/caps?mtm_campaign=spring", "spring"),
    ("/caps?pk_campaign=spring", "spring"),
    ("/caps?utm_campaign=50%", "50%"),
    ("/caps?utm_campaign=&utm_source=mail", None),
    ("/caps?my_utm_campaign=no", None),
    ("/caps?utm_campaign_id=7", None),
    ("/caps?utm_source=mail&gclid=x1&fbclid=x2&msclkid=x3", None),
    ("/utm_campaign=no", None),
    ("/caps", None),
]
FORMATS = {
    "events": {"user": "a", "time": TIME, "event": "page_view", "url": URL},
    "mongo_sessions": {
        "session_id": "s", "user_id": "a",
        "events": [{"t": 1773144000000, "type": "page_view", "data": {"url": URL}}],
    },
    "segment": {
        "type": "page", "anonymousId": "a", "messageId": "m", "timestamp": TIME,
        "properties": {"url": URL}, "context": {"page": {"url": URL}},
    },
    "snowplow": {
        "event_id": "e", "domain_userid": "a", "domain_sessionid": "s", "app_id": "shop",
        "event": "page_view", "collector_tstamp": "2026-03-10 12:00:00", "page_url": URL,
        "derived_tstamp": "2026-03-10 12:00:00", "v_tracker": "js",
    },
    "posthog": {
        "uuid": "u", "event": "$pageview", "distinct_id": "a", "timestamp": TIME,
        "properties": {"$current_url": URL},
    },
    "amplitude": {
        "event_type": "[Amplitude] Page Viewed", "event_time": "2026-03-10 12:00:00",
        "user_id": "a", "device_id": "d", "event_properties": {"[Amplitude] Page URL": URL},
    },
    "mixpanel": {
        "event": "$mp_web_page_view",
        "properties": {"time": 1773144000, "distinct_id": "a", "$current_url": URL},
    },
    "ga4": {
        "event_date": "20260310", "event_timestamp": "1773144000000000",
        "event_name": "page_view", "user_pseudo_id": "a",
        "event_params": [{"key": "page_location", "value": {"string_value": URL}}],
    },
    "access_log": {
        "time_iso8601": TIME, "remote_addr": "203.0.113.7", "status": 200,
        "request": f"GET /caps?{QUERY} HTTP/1.1", "http_user_agent": "x",
    },
}  # fmt: skip


def test_a_url_tells_its_campaign(load_text: Load) -> None:
    rows = [{"user": url, "time": TIME, "event": "page_view", "url": url} for url, _ in URLS]
    told = {one["user_id"]: one["campaign"] for one in load_text(as_lines(rows)).events()}
    assert told == dict(URLS)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_takes_the_campaign_from_the_url_and_keeps_the_rest(
    load_text: Load, name: str
) -> None:
    loaded = load_text(as_lines([FORMATS[name]]), "export.json", format=name)
    (event,) = loaded.events()
    assert (event["page"], event["campaign"]) == ("/caps", "spring sale")
    held = json.dumps(event["properties"])
    for word in QUERY.split("&"):
        assert word in held


def test_a_campaign_that_is_told_wins_over_the_urls(load_text: Load) -> None:
    row = FORMATS["events"] | {"campaign": "winter"}
    (event,) = load_text(as_lines([row])).events()
    assert event["campaign"] == "winter"
    assert event["properties"] == {"url": URL}


KEPT = [
    ("/caps", None),
    ("/caps?page=2", "/caps?page=2"),
    ("/caps#top", "/caps#top"),
    ("https://shop.test/caps", "https://shop.test/caps"),
    (URL, URL),
]


@pytest.mark.parametrize("mapped", [False, True], ids=["by its name", "by --map"])
@pytest.mark.parametrize("container", [as_lines, as_csv], ids=["lines", "CSV"])
def test_the_whole_url_stays_where_it_says_more_than_the_page(
    load_text: Load, container: Callable[..., str], mapped: bool
) -> None:
    column = "where" if mapped else "url"
    rows = [{"who": url, "time": TIME, "event": "page_view", column: url} for url, _ in KEPT]
    mapping = {"user": "who", "time": "time", "type": "event"}
    if mapped:
        mapping["page"] = "where"
    events = load_text(container(rows), "export.txt", map=mapping).events()
    assert {event["page"] for event in events} == {"/caps"}
    assert {event["user_id"]: event["properties"].get(column) for event in events} == {
        url: kept if mapped else url for url, kept in KEPT
    }
