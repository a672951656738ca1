"""Snowplow: lines of enriched TSV and rows of atomic.events, and the events they become."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.formats.snowplow import COLUMNS
from tests.leaves import lost

Load = Callable[..., Any]
at = datetime.fromisoformat
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def schema(name: str, data: Any) -> dict[str, Any]:
    """Self-describing JSON."""
    return {"schema": f"iglu:com.snowplowanalytics.snowplow/{name}/jsonschema/1-0-0", "data": data}


COMMON = {
    "app_id": "shop",
    "platform": "web",
    "etl_tstamp": "2026-03-10 12:00:09.000",
    "collector_tstamp": "2026-03-10 12:00:03.000",
    "dvce_created_tstamp": "2026-03-10 11:58:00.000",
    "event_vendor": "com.snowplowanalytics.snowplow",
}
WEB = COMMON | {
    "domain_userid": "d-1",
    "network_userid": "n-1",
    "domain_sessionid": "s-1",
    "page_urlhost": "shop.test",
    "page_urlpath": "/caps",
    "useragent": FIREFOX,
}
VIEW = WEB | {
    "event": "page_view",
    "event_id": "e-1",
    "event_name": "page_view",
    "user_id": "ann",
    "derived_tstamp": "2026-03-10 12:00:00.250",
    "page_url": "https://shop.test/caps?utm_campaign=ignored",
    "page_title": '"Caps" for all',
    "page_referrer": "https://search.test/",
    "mkt_campaign": "spring",
    "br_family": "Firefox",
    "os_family": "Windows",
    "dvce_type": "Computer",
    "contexts": json.dumps(schema("contexts", [schema("web_page", {"id": "v-1", "n": None})])),
}
PING = WEB | {
    "event": "page_ping",
    "event_id": "e-2",
    "event_name": "page_ping",
    "pp_yoffset_max": "640",
    "derived_tstamp": "2026-03-10 12:00:10.250",
}
STRUCT = WEB | {
    "event": "struct",
    "event_id": "e-3",
    "event_name": "event",
    "se_category": "basket",
    "se_action": "add-to-basket",
    "se_value": "19.5",
}
CLICK = WEB | {
    "event": "unstruct",
    "event_id": "e-4",
    "event_name": "link_click",
    "derived_tstamp": "2026-03-10 12:00:20.250",
    "unstruct_event": json.dumps(
        schema("unstruct_event", schema("link_click", {"targetUrl": "https://maker.test/"}))
    ),
}
SCREEN = COMMON | {
    "platform": "mob",
    "event": "unstruct",
    "event_id": "e-5",
    "event_name": "screen_view",
    "network_userid": "n-2",
    "derived_tstamp": "2026-03-10 12:00:30.250",
    "dvce_type": "Mobile",
    "contexts": json.dumps(
        schema(
            "contexts",
            [
                schema("screen", {"type": "list"}),
                schema("client_session", {"userId": "device-2", "sessionId": "s-2"}),
            ],
        )
    ),
    "unstruct_event": json.dumps(schema("unstruct_event", schema("screen_view", {"name": "Home"}))),
}
NOBODY = COMMON | {"event": "page_view", "event_id": "e-6"}
RECORDS = [VIEW, PING, STRUCT, CLICK, SCREEN]


def line(record: dict[str, str]) -> str:
    """A record as a line of enriched TSV."""
    unknown = record.keys() - set(COLUMNS)
    assert not unknown, unknown
    return "\t".join(record.get(column, "") for column in COLUMNS) + "\n"


ENRICHED = "".join(map(line, [*RECORDS, NOBODY])) + "shop\tweb\tcut off\n"


def test_enriched_lines_become_their_events(load_text: Load) -> None:
    loaded = load_text(ENRICHED, "part-00000.tsv")
    assert (loaded.outcome.format, loaded.outcome.source) == ("snowplow", "snowplow")
    assert loaded.counts == (7, 5, 0, 2)
    names = (
        *("event_time", "event_type", "user_id", "anonymous_id", "tracker_session_id"),
        *("page", "page_host", "referrer", "campaign", "device_type", "browser", "os"),
    )
    windows = ("desktop", "Firefox", "Windows")
    # Without a derived time the struct event has the device's clock.
    assert {one["event_id"]: tuple(one[name] for name in names) for one in loaded.events()} == {
        "e-3": (
            *(at("2026-03-10 11:58"), "add_to_basket", "d-1", "d-1", "s-1"),
            *("/caps", "shop.test", None, None, *windows),
        ),
        "e-1": (
            *(at("2026-03-10 12:00:00.25"), "page_view", "ann", "d-1", "s-1"),
            *("/caps", "shop.test", "https://search.test/", "spring", *windows),
        ),
        "e-2": (
            *(at("2026-03-10 12:00:10.25"), "heartbeat", "d-1", "d-1", "s-1"),
            *("/caps", "shop.test", None, None, *windows),
        ),
        "e-4": (
            *(at("2026-03-10 12:00:20.25"), "click", "d-1", "d-1", "s-1"),
            *("/caps", "shop.test", None, None, *windows),
        ),
        "e-5": (
            *(at("2026-03-10 12:00:30.25"), "page_view", "device-2", "device-2", "s-2"),
            *("Home", None, None, None, "mobile", None, None),
        ),
    }
    assert {one["stream"] for one in loaded.events()} == {"inactivity"}


def test_the_properties_hold_what_no_column_does(load_text: Load) -> None:
    by_id = {one["event_id"]: one for one in load_text(ENRICHED, "a.tsv").events()}
    assert by_id["e-1"]["properties"] == {
        **{name: VIEW[name] for name in COMMON},
        **{"event": "page_view", "event_name": "page_view", "network_userid": "n-1"},
        **{"page_urlhost": "shop.test", "page_urlpath": "/caps", "page_url": VIEW["page_url"]},
        **{"page_title": '"Caps" for all', "useragent": FIREFOX, "dvce_type": "Computer"},
        "contexts": schema("contexts", [schema("web_page", {"id": "v-1", "n": None})]),
    }
    target = by_id["e-4"]["properties"]["unstruct_event"]["data"]["data"]["targetUrl"]
    assert target == "https://maker.test/"


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["event_id"])
def test_nothing_of_a_line_is_dropped(load_text: Load, record: dict[str, str]) -> None:
    (event,) = load_text(line(record), "one.tsv").events()
    time = record.get("derived_tstamp", "")
    assert lost(record, event) <= {time}


def test_rows_that_cannot_be_events_keep_their_reason(load_text: Load) -> None:
    rejected = load_text(ENRICHED, "a.tsv").rejected()
    assert [(one["line"], one["reason"]) for one in rejected] == [
        (6, "no user"),
        (7, "missing columns"),
    ]
    assert rejected[1]["raw"] == "shop\tweb\tcut off"


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_times_are_utc_whatever_the_zone_of_the_source(load_text: Load, zone: str) -> None:
    events = load_text(line(VIEW) + line(STRUCT), "a.tsv", time_zone=zone).events()
    assert [one["event_time"] for one in events] == [
        at("2026-03-10 11:58:00"),
        at("2026-03-10 12:00:00.25"),
    ]


def test_json_that_is_none_stays_as_text(load_text: Load) -> None:
    broken = CLICK | {"contexts": '{"schema": "iglu:x/client_session/', "unstruct_event": "{"}
    (event,) = load_text(line(broken), "a.tsv").events()
    assert event["properties"]["contexts"] == broken["contexts"]
    assert event["properties"]["unstruct_event"] == "{"


def as_csv(rows: list[dict[str, str]]) -> bytes:
    """The rows as CSV with a header of the columns that any of them has."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def as_parquet(rows: list[dict[str, Any]]) -> bytes:
    """The rows as Parquet, times as timestamps."""
    times = [
        {name: at(v) if name.endswith("_tstamp") else v for name, v in row.items()} for row in rows
    ]
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = pa.Table.from_pylist([{name: row.get(name) for name in names} for row in times])
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("enriched.tsv", "".join(map(line, RECORDS)).encode()),
        ("enriched.tsv.gz", gzip.compress("".join(map(line, RECORDS)).encode())),
        ("good.ndjson", "".join(json.dumps(one) + "\n" for one in RECORDS).encode()),
        ("events.csv", as_csv(RECORDS)),
        ("events.parquet", as_parquet(RECORDS)),
    ],
    ids=["TSV", "TSV.gz", "NDJSON", "CSV", "Parquet"],
)
def test_every_container_holds_the_same_events(load_text: Load, name: str, content: bytes) -> None:
    loaded = load_text(content, name)
    assert (loaded.outcome.format, loaded.counts) == ("snowplow", (5, 5, 0, 0))
    found = [
        (one["event_id"], one["event_type"], one["event_time"], one["user_id"], one["page"])
        for one in loaded.events()
    ]
    assert found == [
        ("e-3", "add_to_basket", at("2026-03-10 11:58"), "d-1", "/caps"),
        ("e-1", "page_view", at("2026-03-10 12:00:00.25"), "ann", "/caps"),
        ("e-2", "heartbeat", at("2026-03-10 12:00:10.25"), "d-1", "/caps"),
        ("e-4", "click", at("2026-03-10 12:00:20.25"), "d-1", "/caps"),
        ("e-5", "page_view", at("2026-03-10 12:00:30.25"), "device-2", "Home"),
    ]


SESSION_COLUMN = "contexts_com_snowplowanalytics_snowplow_client_session_1_0_2"
SCREEN_COLUMN = "unstruct_event_com_snowplowanalytics_mobile_screen_view_1_0_0"


@pytest.mark.parametrize("as_text", [False, True], ids=["nested", "as text"])
@pytest.mark.parametrize("snake", [False, True], ids=["camel case", "snake case"])
def test_a_mobile_session_in_a_column_of_its_own_is_found(
    load_text: Load, as_text: bool, snake: bool
) -> None:
    ids = {"user_id": "device-2", "session_id": "s-2"}
    session: Any = [ids if snake else {"userId": "device-2", "sessionId": "s-2"}]
    screen: Any = {"name": "Home"}
    if as_text:
        session, screen = json.dumps(session), json.dumps(screen)
    row = {k: v for k, v in SCREEN.items() if k not in ("contexts", "unstruct_event")}
    row |= {SESSION_COLUMN: session, SCREEN_COLUMN: screen}
    (event,) = load_text(json.dumps(row) + "\n").events()
    assert (event["user_id"], event["tracker_session_id"], event["page"]) == (
        *("device-2", "s-2", "Home"),
    )


OLDER_SCREEN = "unstruct_event_com_snowplowanalytics_snowplow_screen_view_1_0_0"
NEWER_SCREEN = "unstruct_event_com_snowplowanalytics_mobile_screen_view_1_0_1"


@pytest.mark.parametrize(
    "screens",
    [
        pytest.param({SCREEN_COLUMN: {"name": "Home", "id": "x"}}, id="one object"),
        pytest.param({SCREEN_COLUMN: [{"name": "Home"}]}, id="a list"),
        pytest.param({SCREEN_COLUMN: '[{"name": "Home"}]'}, id="a list as text"),
        pytest.param({NEWER_SCREEN: None, SCREEN_COLUMN: {"name": "Home"}}, id="two versions"),
        pytest.param({SCREEN_COLUMN: "", NEWER_SCREEN: '{"name": "Home"}'}, id="an empty version"),
        pytest.param({OLDER_SCREEN: {"name": "Home"}}, id="the older vendor"),
        pytest.param({SCREEN_COLUMN[:-4]: {"name": "Home"}}, id="one version number"),
    ],
)
def test_a_screen_in_columns_of_a_warehouse_is_the_page(
    load_text: Load, screens: dict[str, Any]
) -> None:
    row = {k: v for k, v in SCREEN.items() if k != "unstruct_event"} | screens
    (event,) = load_text(json.dumps(row) + "\n").events()
    assert (event["event_type"], event["page"]) == ("page_view", "Home")


def test_with_a_map_the_columns_are_read_as_it_says(load_text: Load) -> None:
    loaded = load_text(
        as_csv(RECORDS), "e.csv", map={"user": "network_userid", "time": "etl_tstamp"}
    )
    assert loaded.outcome.format == "events"
    assert {one["user_id"] for one in loaded.events()} == {"n-1", "n-2"}


def test_other_tabbed_lines_are_not_taken_for_enriched_ones(tmp_path: Path) -> None:
    from etl.formats.format import Request
    from etl.formats.snowplow import recognises
    from etl.read.sample import look_at

    header = tmp_path / "wide.tsv"
    header.write_text("\t".join(f"c{n}" for n in range(131)) + "\n" + "\t".join(["1"] * 131) + "\n")
    assert not recognises(look_at(header), Request())
