"""Columns that are found by what their values look like, beside names that could mean anything."""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

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
        *("student_id", "subscriber_id", "profileId", "org:resource", "case:concept:name", "owner"),
        *("buyer_email", "tracking_user_id", "loggedInUsername", "employee_id", "USR"),
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
        *("request_time", "activity_date", "dateTimeOfVisit", "moment"),
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


# Case: header, columns, what is found as the user, time and type (None: nothing), candidates.
UNFIT = {
    "a customer is a price": (
        "customer,timestamp,event", (("1.5", "2.25", "3.75"), TIMES, TYPES), "user",
    ),
    "a login is a time": ("login,timestamp,event", (TIMES, TIMES, TYPES), "user"),
    "an account is a link": (
        "account,timestamp,event", (("https://a.test/1", "https://a.test/2", "/c"), TIMES, TYPES),
        "user",
    ),
    "nothing is told of the user": ("email,timestamp,event", (("", "", ""), TIMES, TYPES), "user"),
    "a start counts seconds": ("user_id,start,event", (USERS, ("0", "12", "40"), TYPES), "time"),
    "a day is its name": ("user_id,day,event", (USERS, ("Mon", "Tue", "Wed"), TYPES), "time"),
    "two times that nobody names": (
        "user_id,booked,flown,event", (USERS, TIMES, TIMES, TYPES), "time",
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
    assert (found.likely, found.notes()) == ({}, ())
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
    "page by name and nothing else": ("username,dt,page", (USERS, TIMES, TYPES), False),
    "page by path and nothing else": (
        "username,dt,page,element", (USERS, TIMES, PAGES, "abc"), True,
    ),
    "a link that somebody saved": (
        "user_id,created_at,url,title", (USERS, TIMES, PAGES, "abc"), False,
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


def test_what_columns_were_taken_for_is_told(load_text: Load) -> None:
    rows = zip(("username", *USERS), ("dt", *TIMES), ("page", *PAGES), strict=True)
    loaded = load_text("".join(",".join(row) + "\n" for row in rows), "visits.csv")
    assert list(loaded.outcome.warnings) == [
        "takes 'username' for the user and 'dt' for the time and each row, without a type, for a "
        "page view. To settle that, or to say otherwise: "
        "--map \"user=username,time=dt,type='page_view'\"."
    ]


# Case: text of a file, what its refusal says.
REFUSED = {
    "no user": (
        "buyer_key,timestamp,event\n1,2026-11-20,a\n1,2026-11-20,b\n2,2026-11-20,a\n",
        "Found: 'timestamp' as the time, 'event' as the type. Missing: a column for the user "
        "(perhaps 'buyer_key'). Say --map user=buyer_key, ",
    ),
    "a user in words": (
        "User full name,timestamp,event\nKit K.,2026-11-20,a\nKit K.,2026-11-20,b\n",
        'Say --map "user=User full name", ',
    ),
    "no time": (
        "user_id,event,booked,flown\n1,a,2026-11-20,2026-11-21\n",
        "Missing: a column for the time (perhaps 'booked' or 'flown'). Say --map time=booked, ",
    ),
    "neither": (
        "a,b\n1.5,x\n",
        "Missing: a column for the user and a column for the time. Say --map "
        "user=COLUMN,time=COLUMN, ",
    ),
    "nothing that could be people": (
        "timestamp,event,size\n2026-11-20,a,1.5\n",
        "Where all rows are of one person, say --map \"user='me'\".",
    ),
    "a user that may be none in a table": (
        "id,email,created_at\n1,a@x.test,2026-11-20\n",
        "Found: 'email' as the user, 'created_at' as the time. That is not sure enough without a "
        "type. Say --map user=email, ",
    ),
    "no header": (
        "1,4,1254192988\n3,1,1254206196\n",
        "Its first row, 1, 4, 1254192988, looks like values and not like names of columns. If so, "
        "name the columns by their numbers, such as --map user=1,time=2; ",
    ),
    "a session, and people by a name that is not known": (
        "session_id,event,timestamp,shop_client\ns1,a,2026-11-20,1\ns2,b,2026-11-20,1\n",
        "Missing: a column for the user (perhaps 'shop_client')",
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
