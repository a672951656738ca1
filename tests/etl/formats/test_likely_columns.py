"""Columns that are found by what their values look like, beside names that could mean anything."""

import csv
import io
import json
import shlex
import tomllib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.config.sources import TableEvent, parse_map
from etl.formats.field_map import map_option
from etl.formats.likely_columns import Found, find_columns
from etl.read.first_values import first_values
from etl.read.sample import look_at
from tests.make import lake_events, load_files, write_csv, write_ndjson

Load = Callable[..., "Loaded"]  # type: ignore[name-defined] # noqa: F821
TIMES = ("2026-11-20 09:00:00", "2026-11-20 09:05:00", "2026-11-20 09:10:00")
USERS, TYPES, PAGES = ("kit", "kit", "lou"), ("open", "save", "open"), ("/a", "/b", "/a")


def found_in(tmp_path: Path, header: str, *columns: Sequence[Any], is_table: bool = False) -> Found:
    """What is found in a CSV of these columns."""
    rows = [header.split(","), *zip(*columns, strict=True)]
    return find_columns(look_at(write_csv(tmp_path / "rows.csv", rows)), is_table=is_table)


@pytest.mark.parametrize(
    "name",
    [
        *("username", "user_name", "UserName", "email", "E-Mail", "user_email", "login", "account"),
        *("account_id", "user_pseudo_id", "fullVisitorId", "visitorid", "customer", "player_id"),
        *("student_id", "subscriber_id", "profileId", "org:resource", "case:concept:name"),
        *("buyer_email", "tracking_user_id", "loggedInUsername", "employee_id", "USR", "Benutzer"),
    ],
)
def test_usual_names_of_a_user_are_known(tmp_path: Path, name: str) -> None:
    found = found_in(tmp_path, f"{name},timestamp,event", USERS, TIMES, TYPES)
    assert found.is_whole
    assert found.said()["user"] == name


@pytest.mark.parametrize(
    "name",
    [
        *(
            "event_date",
            "event_datetime",
            "event_ts",
            "Time",
            "dt",
            "start_time",
            "endTime",
            "date",
        ),
        *("logged_at", "time:timestamp", "visit_time", "UTC", "order_date", "playedAt", "created"),
        *("request_time", "activity_date", "dateTimeOfVisit", "moment", "Zeitpunkt"),
    ],
)
def test_usual_names_of_a_time_are_known(tmp_path: Path, name: str) -> None:
    found = found_in(tmp_path, f"user_id,{name},event", USERS, TIMES, TYPES)
    assert found.is_whole
    assert found.said()["time"] == name


@pytest.mark.parametrize(
    "name", ["activity", "concept:name", "behavior_type", "user_action", "event_label", "Operation"]
)
def test_usual_names_of_a_type_are_known(tmp_path: Path, name: str) -> None:
    assert found_in(tmp_path, f"user_id,time,{name}", USERS, TIMES, TYPES).said()["type"] == name


NEXT_YEAR = f"{datetime.now(UTC).year + 1}-01-01"
# Case: header, columns, the word of --map that nothing must be found for.
UNFIT = {
    "a customer is a price": (
        "customer,timestamp,event", (("1.5", "2.25", "3.75"), TIMES, TYPES), "user",
    ),
    "an account is a balance": (
        "account,timestamp,event", (("1200.50", "1150.00", "900"), TIMES, TYPES), "user",
    ),
    "a balance of whole numbers": (
        "account,timestamp,event", (("1200", "1150", "900"), TIMES, TYPES), "user",
    ),
    "a balance of nothing": ("account,timestamp,event", (("0", "0", "0"), TIMES, TYPES), "user"),
    "a login is a truth": (
        "login,timestamp,event", (("True", "False", "True"), TIMES, TYPES), "user",
    ),
    "a login is a sign": ("login,timestamp,event", (("=", "=", "="), TIMES, TYPES), "user"),
    "a login is a time": ("login,timestamp,event", (TIMES, TIMES, TYPES), "user"),
    "an account is a link": (
        "account,timestamp,event", (("https://a.test/1", "https://a.test/2", "/c"), TIMES, TYPES),
        "user",
    ),
    "an app of three": ("client,timestamp,event", (("web", "ios", "web"), TIMES, TYPES), "user"),
    "a book has an author": ("author,timestamp,event", (USERS, TIMES, TYPES), "user"),
    "nothing is told of the user": (
        "email,timestamp,event", (("", "NULL", "n/a"), TIMES, TYPES), "user",
    ),
    "a start counts seconds": ("user_id,start,event", (USERS, ("0", "12", "40"), TYPES), "time"),
    "a day of birth": ("user_id,date_of_birth,event", (USERS, TIMES, TYPES), "time"),
    "a time of change": ("user_id,last_updated_at,event", (USERS, TIMES, TYPES), "time"),
    "an end that is still to come": (
        "user_id,start_date,event", (USERS, (TIMES[0], NEXT_YEAR, TIMES[1]), TYPES), "time",
    ),
    "a date that is due": ("user_id,due_date,event", (USERS, TIMES, TYPES), "time"),
    "a date whose name says nothing": ("user_id,value,event", (USERS, TIMES, TYPES), "time"),
    "two times that nobody names": (
        "user_id,booking_time,flight_time,event", (USERS, TIMES, TIMES, TYPES), "time",
    ),
    "numbers of a column that nobody calls a time": (
        "user_id,order,event", (USERS, ("1763629200", "1763629201", "1763629300"), TYPES), "time",
    ),
    "an activity is an account of it": (
        "user_id,time,activity", (USERS, TIMES, ("x" * 90, "y" * 90, "z" * 90)), "type",
    ),
    "an operation takes some time": (
        "user_id,time,operation", (USERS, TIMES, ("0.5", "1.5", "2.5")), "type",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("header", "columns", "word"), UNFIT.values(), ids=UNFIT)
def test_a_column_whose_values_speak_against_its_name_is_not_taken(
    tmp_path: Path, header: str, columns: tuple[Sequence[str], ...], word: str
) -> None:
    found = found_in(tmp_path, header, *columns)
    assert word not in found.said()
    assert not found.is_whole


def test_a_name_that_means_one_thing_comes_before_likely_ones(tmp_path: Path) -> None:
    header = "email,user_id,created,timestamp,activity,event_type"
    found = found_in(tmp_path, header, USERS, USERS, TIMES, TIMES, TYPES, TYPES)
    assert found.taken == ()
    assert found.said() == {"user": "user_id", "time": "timestamp", "type": "event_type"}


def test_of_an_app_table_no_user_is_guessed(tmp_path: Path) -> None:
    found = found_in(tmp_path, "id,email,created_at", "123", USERS, TIMES, is_table=True)
    assert list(found.candidates) == ["user_id"]
    found = found_in(tmp_path, "id,user_id,order_date", "123", USERS, TIMES, is_table=True)
    assert found.said() == {"user": "user_id", "time": "order_date"}


# Case: header, columns, whether rows are visits.
VISITS = {
    "page and referrer": ("user_id,time,page,referrer", (USERS, TIMES, PAGES, PAGES), True),
    "url and user agent": ("user_id,time,url,user_agent", (USERS, TIMES, PAGES, TYPES), True),
    "request and session": ("user_id,time,request,session_id", (USERS, TIMES, PAGES, TYPES), True),
    "pages by name, and a session": (
        "user_id,time,page,session", (USERS, TIMES, TYPES, TYPES), True,
    ),
    "page by name and nothing else": ("username,dt,page", (USERS, TIMES, TYPES), False),
    "page by path": ("username,dt,page,element", (USERS, TIMES, PAGES, "abc"), True),
    "a row of a table with a path": ("id,user_id,time,page", ("123", USERS, TIMES, PAGES), False),
    "a link that somebody saved": (
        "user_id,created_at,url,title", (USERS, TIMES, PAGES, "abc"), False,
    ),
    "a link saved on some platform": (
        "user_id,created_at,url,platform", (USERS, TIMES, PAGES, "abc"), False,
    ),
    "a file that somebody sent": ("user_id,created_at,path", (USERS, TIMES, PAGES), False),
    "a screen and its size": (
        "user_id,time,screen,browser", (USERS, TIMES, ("1920x1080",) * 3, TYPES), False,
    ),
    "a place in the world": (
        "user_id,time,location,device", (USERS, TIMES, ("Berlin",) * 3, TYPES), False,
    ),
    "pages that are numbers": ("user_id,time,page,browser", (USERS, TIMES, "123", TYPES), False),
    "rows with a type": (
        "user_id,time,page,referrer,event", (USERS, TIMES, PAGES, PAGES, TYPES), False,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("header", "columns", "are_visits"), VISITS.values(), ids=VISITS)
def test_rows_of_pages_without_a_type_are_visits(
    tmp_path: Path, header: str, columns: tuple[Sequence[str], ...], are_visits: bool
) -> None:
    assert found_in(tmp_path, header, *columns).is_page_views == are_visits


@pytest.mark.parametrize("suffix", ["csv", "ndjson", "parquet"])
def test_page_views_without_a_type_column_fill_their_columns(tmp_path: Path, suffix: str) -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
    rows = [
        {"username": user, "dt": time, "page": page, "referrer": "https://x.test/",
         "user_agent": agent, "session_id": "s1", "note": "n"}
        for user, time, page in zip(USERS, TIMES, PAGES, strict=True)
    ]  # fmt: skip
    file = tmp_path / f"visits.{suffix}"
    if suffix == "csv":
        write_csv(file, [list(rows[0]), *(list(row.values()) for row in rows)])
    elif suffix == "ndjson":
        write_ndjson(file, rows)
    else:
        pq.write_table(pa.Table.from_pylist(rows), file)
    (outcome,) = load_files(tmp_path / "home", file)
    assert (outcome.format, outcome.rows_loaded) == ("events", 3)
    columns = ("user_id", "event_type", "page", "referrer", "browser", "tracker_session_id")
    assert [tuple(row[c] for c in columns) for row in lake_events(tmp_path / "home")] == [
        (user, "page_view", page, "https://x.test/", "Firefox", "s1")
        for user, page in zip(USERS, PAGES, strict=True)
    ]
    assert [row["properties"]["note"] for row in lake_events(tmp_path / "home")] == ["n"] * 3


def test_what_columns_were_taken_for_is_told_with_the_first_of_a_kind(load_text: Load) -> None:
    rows = list(zip(("username", *USERS), ("dt", *TIMES), ("page", *PAGES), strict=True))
    text = "".join(",".join(row) + "\n" for row in rows)
    first = load_text(text, "visits-2026-11-20.csv")
    assert list(first.outcome.warnings) == [
        "takes 'username' for the user and 'dt' for the time and each row, without a type, for a "
        "page view, by what the values look like, and so in files of its kind that come later. If "
        "that is wrong, say which columns are right with --map."
    ]
    (batch,) = first.lake.batches()
    assert batch.columns == ("user_id=username", "time=dt", "type='page_view'")
    assert load_text(text + "max,2026-11-21,/c\n", "visits-2026-11-21.csv").outcome.warnings == ()


def test_days_and_a_time_of_day_are_one_time(load_text: Load) -> None:
    text = "Benutzer;Datum;Uhrzeit;Aktion\njan;20.11.2026;18:30;an\njan;20.11.2026;18:31;ab\n"
    events = load_text(text, "protokoll.csv").events()
    assert [(e["user_id"], e["event_time"].hour, e["event_time"].minute) for e in events] == [
        ("jan", 18, 30), ("jan", 18, 31),
    ]  # fmt: skip


def test_of_two_columns_with_nearly_one_name_the_right_one_is_read(load_text: Load) -> None:
    text = "user_id,event,When?,when\nann,open,never,2026-11-20\nbob,open,maybe,2026-11-21\n"
    assert load_text(text, "rows.csv").counts == (2, 2, 0, 0)


@pytest.mark.parametrize("more", ["page views alone", "a page by name"])
def test_a_file_that_grows_keeps_its_reading(load_text: Load, more: str) -> None:
    lines = ["user_id,dt,page,note", "ann,2026-11-20,/a,x", "bob,2026-11-20,/b,x"]
    load_text("\n".join(lines), "log.csv")
    lines += (
        ["cat,2026-11-21,/c,x"] if more == "page views alone" else ["cat,2026-11-21,home,x"] * 9
    )
    grown = load_text("\n".join(lines), "log.csv")
    assert grown.outcome.format == "events"
    assert grown.outcome.rows_duplicate == 2
    assert {event["event_type"] for event in grown.events()} == {"page_view"}


def test_types_that_become_many_keep_their_reading(load_text: Load) -> None:
    lines = ["user_id,time,activity", *(f"u,2026-11-{n:02},kind{n}" for n in range(1, 9))]
    load_text("\n".join(lines), "log.csv")
    lines += [f"u,2026-11-{n:02},kind{n}" for n in range(9, 25)]
    grown = load_text("\n".join(lines), "log.csv")
    assert (grown.outcome.format, grown.counts) == ("events", (24, 16, 8, 0))


def test_a_map_in_between_changes_no_reading(load_text: Load) -> None:
    text = "user_id,time,page,session_id\nann,2026-11-20,/a,s\n"
    for number, given in enumerate([{}, {"user": "session_id"}, {}]):
        row = f"bob,2026-11-2{number},/b,s\n"
        loaded = load_text(text + row, f"visits-2026-11-2{number}.csv", map=given)
    assert (loaded.outcome.format, loaded.counts) == ("events", (2, 1, 1, 0))


def test_configured_tables_are_what_they_are_told_to_be(load_text: Load) -> None:
    text = "id,who_id,seen,page,referrer,session_id,user_id,time\n"
    text += "1,ann,2026-11-20,/a,https://x.test/,s1,other,2026-11-21\n"
    table = TableEvent("visits", user="who_id", time="seen", type="visited", id="id")
    loaded = load_text(text, "visits.csv", tables=(table,))
    assert loaded.outcome.format == "tables"
    assert [(e["user_id"], e["event_type"]) for e in loaded.events()] == [("ann", "visited")]


@pytest.mark.parametrize(
    "columns",
    [
        {"anonymous_id": "a1"}, {"user_type": "free"}, {"customer_segment": "b2b"},
        {"account_age": "7"}, {"client": "web"}, {"player": "html5"},
    ],
    ids=lambda columns: next(iter(columns)),
)  # fmt: skip
def test_sessions_stand_for_users_where_no_column_names_people(
    load_text: Load, columns: dict[str, str]
) -> None:
    row = {"session_id": "s1", "timestamp": "2026-11-20", "event": "open", **columns}
    loaded = load_text(json.dumps(row) + "\n", "log.ndjson")
    assert loaded.outcome.format == "sessions"


def test_with_a_map_what_it_lacks_is_taken_by_its_values(load_text: Load) -> None:
    text = "endTime,track\n2026-11-20 09:00,a\n2026-11-20 09:05,b\n"
    loaded = load_text(text, "history.csv", map={"user": "'me'"})
    assert loaded.counts == (2, 2, 0, 0)
    assert {event["user_id"] for event in loaded.events()} == {"me"}


@pytest.mark.parametrize(
    ("columns", "typed"),
    [
        ({"user": "uid", "time": "ts"}, "--map user=uid,time=ts"),
        ({"user": "Account Name"}, '--map "user=Account Name"'),
        ({"user": "'me'", "time": "t"}, "--map \"user='me',time=t\""),
        ({"user": "$email"}, "--map 'user=$email'"),
        ({"user": 'a "b" `c`'}, "--map 'user=a \"b\" `c`'"),
    ],
)
def test_what_is_advised_works_when_it_is_typed(columns: dict[str, str], typed: str) -> None:
    assert map_option(columns) == typed
    assert parse_map(shlex.split(typed)[1]) == columns


def test_a_column_with_a_comma_is_named_in_dwell_toml() -> None:
    option = map_option({"user": 'user, "full" name', "time": "t"})
    written = tomllib.loads(option.removeprefix("in dwell.toml "))
    assert written == {"map": {"user": 'user, "full" name', "time": "t"}}


# Case: text of a file, what its refusal says.
REFUSED = {
    "no user": (
        "buyer_key,timestamp,event\n1,2026-11-20,a\n1,2026-11-20,b\n2,2026-11-20,a\n",
        "Found: 'timestamp' as the time, 'event' as the type. Wanted: a column for the user "
        "(perhaps 'buyer_key'). Say --map user=buyer_key or its format ",
    ),
    "a user in words": (
        "User full name,timestamp,event\nKit K.,2026-11-20,a\nKit K.,2026-11-20,b\n",
        'Say --map "user=User full name" or its format ',
    ),
    "no time": (
        "user_id,event,booked_at,flown_at,birth_date\n1,a,2026-11-20,2026-11-21,1990-01-01\n",
        "Wanted: a column for the time (perhaps 'booked_at' or 'flown_at'). "
        "Say --map time=booked_at or",
    ),
    "neither": (
        "a,b\n1.5,x\n",
        "Wanted: a column for the user and a column for the time. Say --map "
        "user=COLUMN,time=COLUMN or",
    ),
    "nothing that could be people": (
        "timestamp,event,size\n2026-11-20,a,1.5\n",
        "Where all rows are of one person, say --map \"user='me'\" instead.",
    ),
    "a user that may be none in a table": (
        "id,email,created_at\n1,a@x.test,2026-11-20\n",
        "Found: 'email' as the user, 'created_at' as the time. Wanted: a type, or your word "
        "for the user. Say --map user=email or",
    ),
    "a visitor without a type": (
        "visitor_id,timestamp,foo\nv,2026-11-20,x\n",
        "Wanted: a type, or your word for the user. Say --map user=visitor_id or",
    ),
    "no header": (
        "1,4,1254192988\n3,1,1254206196\n",
        "Its first row, 1, 4, 1254192988, looks like values. Wanted: names of columns, or their "
        "numbers: --map user=N,time=3 with the right ones,",
    ),
    "a session, and people by a name that is not known": (
        "session_id,event,timestamp,shop_customer\ns1,a,2026-11-20,7\ns2,b,2026-11-20,7\n",
        "Wanted: a column for the user (perhaps 'shop_customer')",
    ),
}


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_says_what_was_found_and_what_to_type(
    load_text: Load, text: str, said: str
) -> None:
    outcome = load_text(text, "rows.csv").outcome
    assert outcome.status == "failed"
    assert said in outcome.message


def test_rows_beside_an_unknown_user_are_no_ready_sessions(load_text: Load) -> None:
    rows = ("username,session,time,event_type", "nell,aa,2026-11-20 09:00,play",
            "nell,,2026-11-20 09:05,pause", "")  # fmt: skip
    text = "\n".join(rows)
    loaded = load_text(text, "tracking.csv")
    assert (loaded.outcome.format, loaded.counts) == ("events", (2, 2, 0, 0))
    assert {row["user_id"] for row in loaded.events()} == {"nell"}
    # Where nothing names people, sessions stand for them.
    text = "session_id,event_type,time\naa,play,2026-11-20 09:00\n"
    assert load_text(text, "tracked.csv").outcome.format == "sessions"


@pytest.mark.parametrize("suffix", ["csv", "tsv", "ndjson", "json", "parquet"])
def test_first_values_are_those_of_the_file(tmp_path: Path, suffix: str) -> None:
    rows = [{"a": f'x "{n}", y', "b": str(n), "c": None if n else "z"} for n in range(3)]
    file = tmp_path / f"rows.{suffix}"
    if suffix in ("csv", "tsv"):
        text = io.StringIO()
        csv.writer(text, delimiter="," if suffix == "csv" else "\t").writerows(
            [list("abc"), *(["" if v is None else v for v in row.values()] for row in rows)]
        )
        file.write_text(text.getvalue(), encoding="utf-8")
    elif suffix == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), file)
    else:
        write_ndjson(file, rows)
    wanted = {"a": [row["a"] for row in rows], "b": ["0", "1", "2"], "c": ["z"]}
    assert first_values(look_at(file)) == wanted


def test_first_values_of_columns_that_are_no_plain_text(tmp_path: Path) -> None:
    table = pa.table(
        {
            "far": pa.array([2**63 - 1, None], pa.timestamp("us")),
            "zone": pa.array([0, 1], pa.timestamp("s", "Nowhere/City")),
            "exact": pa.array([Decimal("1.50"), Decimal("2.00")]),
            "bytes": pa.array([b"\xff\xfe", b"ok"]),
            "list": pa.array([[1], []]),
            "word": pa.array(["kit", " NULL "]).dictionary_encode(),
        }
    )
    pq.write_table(table, tmp_path / "rows.parquet")
    values = first_values(look_at(tmp_path / "rows.parquet"))
    assert values.keys() == set(table.column_names)
    assert (values["word"], values["exact"], values["list"]) == (["kit"], ["1.50", "2.00"], [])


def test_of_a_file_without_rows_there_are_no_values(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": pa.array([], pa.string())}), tmp_path / "rows.parquet")
    assert first_values(look_at(tmp_path / "rows.parquet")) == {"a": []}
