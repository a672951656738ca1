"""From raw records to events: which column is what, and when it was."""

import json
from collections.abc import Callable
from datetime import datetime

import pytest

Load = Callable[..., "Loaded"]  # noqa: F821
at = datetime.fromisoformat


def test_common_column_names_are_found(load_text: Load) -> None:
    row = {
        "userId": "ann",
        "anonymousId": "x1",
        "Timestamp": "2026-03-10T12:00:00Z",
        "Event Name": "Page View",
        "messageId": "m1",
        "page_url": "https://Shop.test/a/b?utm_campaign=spring+sale&x=1#top",
        "referer": "https://search.test/",
        "user_agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari/604.1",
        "sessionId": "s1",
        "conversation_id": "c1",
        "properties": {"model_group": "B", "price": 7, "nested": {"deep": [1, {"x": None}]}},
    }
    (event,) = load_text(json.dumps(row) + "\n").events()
    wanted = {
        "event_id": "m1",
        "source": "events",
        "stream": "inactivity",
        "user_id": "ann",
        "anonymous_id": "x1",
        "event_time": at("2026-03-10 12:00"),
        "event_type": "page_view",
        "page": "/a/b",
        "page_host": "shop.test",
        "referrer": "https://search.test/",
        "campaign": "spring sale",
        "device_type": "mobile",
        "os": "iOS",
        "tracker_session_id": "s1",
        "chat_id": "c1",
        "model_group": "B",
    }
    assert {name: event[name] for name in wanted} == wanted
    assert event["properties"]["price"] == 7
    assert event["properties"]["nested"]["deep"][0] == 1


def test_nothing_of_the_input_is_dropped(load_text: Load) -> None:
    row = {
        "user": "ann", "time": 1773144000, "event": "click", "url": "https://a.test/p?q=secret",
        "device": "iPhone 15", "empty": None, "zero": 0, "no": False, "list": [], "tags": ["a"],
    }  # fmt: skip
    (event,) = load_text(json.dumps(row) + "\n").events()
    kept = json.dumps(event["properties"])
    assert "q=secret" in kept
    assert "iPhone 15" in kept
    assert event["properties"]["zero"] == 0
    assert event["properties"]["no"] is False
    assert event["tags"] == ["a"]


def test_an_anonymous_id_stands_in_for_the_user(load_text: Load) -> None:
    rows = ["user_id,anonymous_id,time,event"]
    rows += ["ann,x1,1773144000,a", ",x2,1773144001,b", "null,x3,1773144002,c", "None,,1,d"]
    loaded = load_text("\n".join(rows) + "\n", "events.csv")
    assert [(one["user_id"], one["anonymous_id"]) for one in loaded.events()] == [
        ("ann", "x1"),
        ("x2", "x2"),
        ("x3", "x3"),
    ]
    assert loaded.rejected()[0]["reason"] == "no user"


def test_map_names_columns_and_the_unnamed_ones_stay_in_properties(load_text: Load) -> None:
    text = "who,when,what,user_id,url\nann,1773144000,Add To Cart,7,/a\n"
    loaded = load_text(text, "x.csv", map={"user": "who", "time": "when", "type": "what"})
    (event,) = loaded.events()
    assert (event["user_id"], event["event_type"]) == ("ann", "add_to_cart")
    assert event["properties"] == {"user_id": "7", "url": "/a"}


def test_map_numbers_columns_of_a_file_without_header(load_text: Load) -> None:
    loaded = load_text(
        "1 16 1254271421\n1 2 1254272026\n", "votes.txt", map={"user": "1", "time": "3"}
    )
    assert loaded.counts == (2, 2, 0, 0)
    first = loaded.events()[0]
    assert first["event_time"] == at("2009-09-30 00:43:41")
    assert first["event_type"] == "votes"
    assert first["properties"] == {"column2": "16"}


def test_map_takes_constants_paths_ids_pages_and_sessions(load_text: Load) -> None:
    row = {"data": {"user": {"id": "ann"}, "at": 1773144000}, "k": "id-1", "p": "/x?y", "s": "v1"}
    given = {
        "user": "data.user.id", "time": "data.at", "type": "'visit'", "id": "k", "page": "p",
        "session": "s",
    }  # fmt: skip
    (event,) = load_text(json.dumps(row) + "\n", map=given).events()
    names = ("user_id", "event_type", "event_id", "page", "tracker_session_id")
    assert [event[name] for name in names] == ["ann", "visit", "id-1", "/x", "v1"]


def test_any_other_role_of_map_becomes_a_property(load_text: Load) -> None:
    text = "who,when,amount\nann,1773144000,12\n"
    given = {"user": "who", "time": "when", "price": "amount", "plan": "'free'"}
    (event,) = load_text(text, "x.csv", map=given).events()
    assert event["properties"]["price"] == "12"
    assert event["properties"]["plan"] == "free"


@pytest.mark.parametrize("end", ["\n", "", " \t\r\n"])
@pytest.mark.parametrize(
    ("given", "added"),
    [
        ({"anonymous_id": "anon"}, {"anonymous_id": None}),
        ({"plan": "'free'"}, {"plan": "free"}),
    ],
)
def test_a_property_is_added_to_a_line_of_which_no_column_is_taken(
    load_text: Load, given: dict[str, str], added: dict[str, str | None], end: str
) -> None:
    row = {"user": "ann", "time": "2026-03-02T10:00:00Z", "event": "click"}
    broken = [{"user": "bob", "time": "never"}, {}]
    lines = [json.dumps(one) for one in (*broken, row)]
    loaded = load_text("\n".join([*lines[:-1], "{ }", lines[-1]]) + end, map=given)
    assert loaded.outcome.rows_rejected == 3
    (event,) = loaded.events()
    assert event["properties"] == row | added


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"user": "who", "time": "wen"},
            "--map time=wen names no column of it. Columns: who, when",
        ),
        ({"user": "9", "time": "1"}, "--map user=9 names no column"),
    ],
)
def test_a_map_that_names_no_column_fails_with_the_columns(
    load_text: Load, given: dict[str, str], said: str
) -> None:
    outcome = load_text("who,when\nann,1773144000\n", "x.csv", map=given).outcome
    assert outcome.status == "failed"
    assert said in outcome.message


def test_a_file_of_no_known_format_fails_and_says_what_it_needs(load_text: Load) -> None:
    outcome = load_text("colour,size\nred,3\n", "x.csv").outcome
    assert outcome.status == "failed"
    assert "no format recognises it. Its columns are colour, size. Wanted: a" in outcome.message
    assert "--map user=COLUMN,time=COLUMN" in outcome.message


NAMES = {
    "$pageview": "page_view",
    "Page Viewed": "page_view",
    "screen_view": "page_view",
    "page": "page_view",
    "AddToCart": "add_to_cart",
    "add-to-cart": "add_to_cart",
    "Prompt": "prompt",
    "Signed Out": "logout",
    "  Click  ": "click",
    "購入": "購入",
    "!!!": "unnamed",
    # Without a type the file names it.
    "": "events",
}


def test_event_names_become_snake_case_and_aliases_are_resolved(load_text: Load) -> None:
    rows = [
        {"user": f"u{number:02}", "time": 1773144000, "event": word}
        for number, word in enumerate(NAMES)
    ]
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    events = sorted(load_text("".join(lines)).events(), key=lambda event: event["user_id"])
    assert [event["event_type"] for event in events] == list(NAMES.values())


READABLE = {
    "1773144000": "2026-03-10 12:00:00",
    "1773144000.25": "2026-03-10 12:00:00.25",
    "1773144000123": "2026-03-10 12:00:00.123",
    "1773144000123456": "2026-03-10 12:00:00.123456",
    "1773144000123456000": "2026-03-10 12:00:00.123456",
    "1.773144e9": "2026-03-10 12:00:00",
    "0": "1970-01-01",
    "2026-03-10T12:00:00Z": "2026-03-10 12:00:00",
    "2026-03-10T12:00:00.123456Z": "2026-03-10 12:00:00.123456",
    "2026-03-10T14:00:00+02:00": "2026-03-10 12:00:00",
    "2026-03-10T07:00:00-0500": "2026-03-10 12:00:00",
    "2026-03-10 17:30:00+05:30": "2026-03-10 12:00:00",
    "2026-03-10 12:00:00": "2026-03-10 12:00:00",
    "2026-03-10 12:00:00 UTC": "2026-03-10 12:00:00",
    "2026-03-10": "2026-03-10",
    "20260310": "2026-03-10",
    "10/Mar/2026:12:00:00 +0000": "2026-03-10 12:00:00",
    "2026/03/10 12:00:00": "2026-03-10 12:00:00",
    " 2026-03-10T12:00:00Z ": "2026-03-10 12:00:00",
}


@pytest.mark.parametrize(("text", "wanted"), READABLE.items())
def test_times_become_utc(load_text: Load, text: str, wanted: str) -> None:
    loaded = load_text(f"user,time,event\na,{text},click\n", "events.csv")
    (event,) = loaded.events()
    assert event["event_time"] == at(wanted)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no readable time"),
        ("yesterday", "no readable time"),
        ("03/04/2026", "no readable time"),
        ("2026-02-30T00:00:00Z", "no readable time"),
        ("99999999999999999999999", "no readable time"),
        ("-9223372036854775808", "time before 1970"),
        ("9999999999999999999999.5", "no readable time"),
        ("1e99", "no readable time"),
        ("-1", "time before 1970"),
        ("1969-12-31T23:59:59Z", "time before 1970"),
        ("2999-01-01T00:00:00Z", "time over 24 h ahead"),
    ],
)
def test_other_times_are_rejected_with_the_reason(load_text: Load, text: str, reason: str) -> None:
    loaded = load_text(f"user,time,event\na,{text},click\n", "events.csv")
    (row,) = loaded.rejected()
    assert (row["line"], row["reason"], row["raw"]) == (2, reason, f"a,{text},click")


@pytest.mark.parametrize(
    ("zone", "text", "wanted"),
    [
        ("Europe/Berlin", "2026-03-10 13:00:00", "2026-03-10 12:00:00"),
        ("Europe/Berlin", "2026-07-10 14:00:00", "2026-07-10 12:00:00"),
        ("America/New_York", "2026-03-10 08:00:00", "2026-03-10 12:00:00"),
        ("Europe/Berlin", "2026-03-10T12:00:00Z", "2026-03-10 12:00:00"),
        ("Europe/Berlin", "1773144000", "2026-03-10 12:00:00"),
        ("Europe/Berlin", "2026/03/10 13:00:00", "2026-03-10 12:00:00"),
    ],
)
def test_a_time_without_offset_is_in_the_zone_of_its_source(
    load_text: Load, zone: str, text: str, wanted: str
) -> None:
    loaded = load_text(f"user,time,event\na,{text},click\n", "e.csv", time_zone=zone)
    assert [one["event_time"] for one in loaded.events()] == [at(wanted)]


def test_a_clock_up_to_a_day_ahead_is_believed(load_text: Load) -> None:
    from datetime import UTC, timedelta

    now = datetime.now(UTC)
    rows = [
        {"user": "a", "event": "click", "time": (now + timedelta(hours=hours)).isoformat()}
        for hours in (23, 25)
    ]
    assert load_text("".join(json.dumps(row) + "\n" for row in rows)).counts == (2, 1, 0, 1)
