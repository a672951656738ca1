"""Snowplow's own sample rows, loaded without a flag."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from etl.formats import snowplow
from etl.formats.format import Request
from etl.formats.snowplow import COLUMNS
from etl.read.sample import look_at
from tests.make import lake_events, load_files

pytestmark = pytest.mark.peer_data
PeerData = Callable[[str], Path]


def test_the_enriched_sample_loads_without_a_flag(peer_data: PeerData, tmp_path: Path) -> None:
    file = peer_data("payloads") / "snowplow_enriched.tsv"
    (outcome,) = load_files(tmp_path / "home", file)
    # One of the package's rows is there twice.
    counts = outcome.rows_read, outcome.rows_loaded, outcome.rows_duplicate, outcome.rows_rejected
    assert (outcome.format, counts) == ("snowplow", (11, 10, 1, 0))
    events = lake_events(tmp_path / "home")
    assert Counter(one["event_type"] for one in events) == {
        **{"page_view": 5, "snplow_cookies": 2, "click": 1, "heartbeat": 1, "object_click": 1}
    }
    first = events[0]
    assert [first[name] for name in ("user_id", "anonymous_id", "page_host", "page")] == [
        *("jon.doe@email.com", "bc2e92ec6c204a14", "www.snowplowanalytics.com", "/"),
    ]
    assert first["tracker_session_id"] == "2b15e5c8-d3b1-11e4-b9d6-1681e6b88ec1"
    link = first["properties"]["unstruct_event"]["data"]["data"]
    assert link["targetUrl"] == "http://www.example.com"


def test_the_columns_are_the_published_ones(peer_data: PeerData) -> None:
    published = (peer_data("payloads") / "snowplow_enriched_columns.txt").read_text().split()
    # The sample's list has one name of an older version.
    older = {"refr_device_tstamp": "refr_dvce_tstamp"}
    assert tuple(older.get(name, name) for name in published) == COLUMNS


def test_rows_of_atomic_events_load_without_a_flag(peer_data: PeerData, tmp_path: Path) -> None:
    folder = peer_data("peer-snowplow-web-0.15.2") / "source"
    (outcome,) = load_files(tmp_path / "home", folder / "snowplow_web_events.csv.gz")
    counts = outcome.rows_read, outcome.rows_loaded, outcome.rows_duplicate, outcome.rows_rejected
    assert (outcome.format, counts) == ("snowplow", (160, 157, 3, 0))


def test_what_a_package_derives_from_events_is_not_taken_for_them(peer_data: PeerData) -> None:
    folder = peer_data("peer-snowplow-web-0.15.2") / "expected"
    for name in ("sessions", "page_views", "users"):
        sample = look_at(folder / f"snowplow_web_{name}_expected.csv")
        assert not snowplow.recognises(sample, Request())
