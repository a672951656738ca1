"""Readers: every row of a file comes out once, with its line, or is said to be unreadable."""

import gzip
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

Load = Callable[..., "Loaded"]  # noqa: F821

GOOD = '{"user": "a", "time": "2026-03-10T12:00:00Z", "event": "click"}'


def test_broken_lines_keep_their_number_and_their_text(load_text: Load) -> None:
    lines = [GOOD, "", "not json", "  ", GOOD, "[1, 2]", '{"user": "a"', '"text"', GOOD + " "]
    loaded = load_text("\n".join(lines) + "\n")
    assert loaded.counts == (7, 3, 0, 4)
    assert [(row["line"], row["reason"], row["raw"]) for row in loaded.rejected()] == [
        (3, "not valid JSON", "not json"),
        (6, "not a JSON object", "[1, 2]"),
        (7, "not valid JSON", '{"user": "a"'),
        (8, "not a JSON object", '"text"'),
    ]


def test_a_rejected_row_keeps_the_line_as_it_was_received(load_text: Load) -> None:
    line = '{"time":  "2026-03-10T12:00:00Z",   "event": "clïck"}'
    loaded = load_text(f"{GOOD}\n\n{line}\n")
    (row,) = loaded.rejected()
    assert (row["line"], row["reason"], row["raw"]) == (3, "no user", line)


def test_csv_lines_are_counted_with_quoted_line_breaks_and_broken_rows(load_text: Load) -> None:
    text = (
        "user,time,event,note\n"  # 1
        'a,2026-03-10T12:00:00Z,click,"two\nlines"\n'  # 2 and 3
        "b,2026-03-10T12:01:00Z\n"  # 4
        ',2026-03-10T12:02:00Z,click,"no\nuser"\n'  # 5 and 6
        "c,2026-03-10T12:03:00Z,click,x,too,many\n"  # 7
        "d,never,click,x\n"  # 8
        "e,2026-03-10T12:04:00Z,click,\n"  # 9
    )
    loaded = load_text(text, "events.csv")
    assert loaded.counts == (6, 2, 0, 4)
    assert [(row["line"], row["raw"]) for row in loaded.rejected()] == [
        (4, "b,2026-03-10T12:01:00Z"),
        (5, ',2026-03-10T12:02:00Z,click,"no\nuser"'),
        (7, "c,2026-03-10T12:03:00Z,click,x,too,many"),
        (8, "d,never,click,x"),
    ]
    assert loaded.events()[0]["properties"] == {"note": "two\nlines"}


def test_blank_lines_of_a_csv_are_no_rows_and_keep_the_count_of_lines(load_text: Load) -> None:
    text = "user,time,event\na,2026-03-10T12:00:00Z,click\n\n\n,2026-03-10T12:00:00Z,click\n"
    loaded = load_text(text, "events.csv")
    assert loaded.counts == (2, 1, 0, 1)
    assert loaded.rejected()[0]["line"] == 5


def test_windows_line_ends_and_a_missing_last_one_change_nothing(load_text: Load) -> None:
    csv = "user,time,event\r\na,2026-03-10T12:00:00Z,click\r\nb,2026-03-10T12:00:00Z,click"
    assert load_text(csv, "a.csv").counts == (2, 2, 0, 0)
    assert [one["event_type"] for one in load_text(csv, "a.csv").events()] == ["click", "click"]
    other = load_text(f"{GOOD}\r\n{GOOD}", "b.ndjson", source="other")
    assert other.counts == (2, 2, 0, 0)


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("events.ndjson.gz", gzip.compress),
        ("events.ndjson.zst", lambda data: pa.compress(data, "zstd", asbytes=True)),
        ("events.ndjson", lambda data: data),
    ],
)
def test_packed_files_are_read_like_plain_ones(
    load_text: Load, name: str, pack: Callable[[bytes], bytes]
) -> None:
    loaded = load_text(pack(f"{GOOD}\nbroken\n".encode()), name)
    assert loaded.counts == (2, 1, 0, 1)
    assert loaded.rejected()[0]["line"] == 2


def test_a_json_array_is_read_element_by_element(load_text: Load) -> None:
    loaded = load_text(f'[{GOOD},\n 7, {{"user": "b"}}]', "events.json")
    assert loaded.counts == (3, 1, 0, 2)
    assert [(row["line"], row["reason"]) for row in loaded.rejected()] == [
        (2, "not a JSON object"),
        (3, "no readable time"),
    ]


def test_an_empty_array_and_a_header_alone_are_loaded_as_no_rows(load_text: Load) -> None:
    assert load_text("user,time,event\n", "events.csv").counts == (0, 0, 0, 0)
    assert load_text("[]", "none.json", format="events", map={"user": "u", "time": "t"}).outcome


def test_mongodb_s_extended_json_is_unwrapped(load_text: Load) -> None:
    rows = [
        {
            "_id": {"$oid": "5a9427648b0beebeb69579e7"},
            "user": "a",
            "time": {"$date": {"$numberLong": "1773144000000"}},
            "event": "click",
            "n": {"$numberInt": "7"},
            "big": {"$numberLong": "9007199254740993"},
            "share": {"$numberDouble": "0.5"},
        },
        {"_id": {"$oid": "5a9427648b0beebeb69579e8"}, "user": "b",
         "time": {"$date": "2026-03-10T12:00:00Z"}, "event": "click"},
        {"user": "c", "time": {"$date": 1773144000000}, "event": "click"},
    ]  # fmt: skip
    events = load_text("".join(json.dumps(row) + "\n" for row in rows)).events()
    assert {str(one["event_time"]) for one in events} == {"2026-03-10 12:00:00"}
    first = next(one for one in events if one["user_id"] == "a")
    assert first["event_id"] == "5a9427648b0beebeb69579e7"
    properties = first["properties"]
    assert (properties["n"], properties["big"], properties["share"]) == (7, 9007199254740993, 0.5)


def test_text_that_looks_like_extended_json_stays_text(load_text: Load) -> None:
    row = {"user": "a", "time": 1773144000, "event": "click", "note": '{"$oid": "x"}'}
    (event,) = load_text(json.dumps(row) + "\n").events()
    assert event["properties"] == {"note": '{"$oid": "x"}'}


def test_parquet_rows_are_read_with_their_types(load_text: Load, tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    pl.DataFrame(
        {
            "user_id": ["a", "b", None],
            "timestamp": pl.Series([0, 1, 2]).cast(pl.Datetime("us")),
            "event": ["click"] * 3,
            "amount": [1.5, None, 3.0],
        }
    ).write_parquet(file)
    loaded = load_text(file.read_bytes(), "events.parquet")
    assert loaded.counts == (3, 2, 0, 1)
    assert loaded.rejected()[0]["line"] == 3
    assert [one["properties"] for one in loaded.events()] == [{"amount": 1.5}, {}]


def test_sqlite_tables_become_events_and_blobs_stay(load_text: Load, tmp_path: Path) -> None:
    database = tmp_path / "app.db"
    con = sqlite3.connect(database)
    con.executescript(
        """
        create table posts (id integer, author_id text, created_at text, body blob);
        create table settings (name, value);
        create table "odd ""name" (id integer, user_id text, created_at integer);
        insert into posts values (1, 'ann', '2026-03-10 12:00:00', x'00ff');
        insert into posts values (2, null, '2026-03-10 12:00:00', null);
        insert into "odd ""name" values (1, 'bob', 1773144000);
        """
    )
    con.close()
    loaded = load_text(database.read_bytes(), "app.db")
    assert loaded.counts == (3, 2, 0, 1)
    by_user = {one["user_id"]: one for one in loaded.events()}
    assert by_user["ann"]["event_type"] == "post_created"
    assert by_user["ann"]["properties"]["body"] == "00FF"
    assert str(by_user["bob"]["event_time"]) == "2026-03-10 12:00:00"


def test_a_very_long_line_is_read(load_text: Load) -> None:
    row = {"user": "a", "time": 1773144000, "event": "click", "note": "x" * 3_000_000}
    loaded = load_text(f"{json.dumps(row)}\n{GOOD}\n")
    assert loaded.counts == (2, 2, 0, 0)
    assert max(len(one["properties"].get("note", "")) for one in loaded.events()) == 3_000_000


def test_bytes_that_are_no_utf8_do_not_stop_the_other_rows(load_text: Load) -> None:
    loaded = load_text(GOOD.encode() + b'\n{"user": "\xff\xfe"}\n' + GOOD.encode() + b"\n")
    assert loaded.outcome.status == "loaded"
    assert loaded.counts == (3, 2, 0, 1)


def test_a_csv_in_latin_1_does_not_stop_the_other_rows(load_text: Load) -> None:
    text = b"user,time,event\na,2026-03-10T12:00:00Z,click\nb\xe9,2026-03-10T12:00:00Z,click\n"
    loaded = load_text(text, "events.csv")
    assert loaded.outcome.status == "loaded"
    assert loaded.outcome.rows_read == 2
    assert "a" in {one["user_id"] for one in loaded.events()}
