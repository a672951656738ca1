"""Tables of ready sessions, and the sessions that Dwell makes of them."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import warehouse
from tests.leaves import lost
from tests.make import build_home, lake_events, load_files, write_csv, write_ndjson

Load = Callable[..., Any]
Row = dict[str, Any]
at = datetime.fromisoformat

SESSIONS: list[Row] = [
    {
        **{"session_id": "s1", "user_id": "ann", "session_type": "research"},
        **{"start_time": "2026-03-10 12:00:00", "end_time": "2026-03-10 12:45:00"},
        **{"query_count": 3, "page_views": 2, "tags": ["tax", "home"], "assets": ["AAPL", "MSFT"]},
        **{"device_type": "desktop", "entry_page": "/home", "exit_page": "/bye"},
        **{"exit_reason": "user_logout", "referrer": "https://search.test/"},
    },
    # Longer than the timeout, and not told why it ended.
    {
        **{"session_id": "s2", "user_id": "bob", "session_type": "chat"},
        **{"start_time": "2026-03-10T13:00:00+01:00", "end_time": "2026-03-10T15:30:00.500+01:00"},
    },
    # Ended when it began.
    {
        **{"session_id": "s3", "user_id": "bob"},
        **{"start_time": "2026-03-10 16:00:00", "end_time": "2026-03-10 16:00:00"},
    },
    {"session_id": "s4", "user_id": "cat", "start_time": "2026-03-10 17:00:00"},
]
EVENTS: list[Row] = [
    {"id": 1, "session_id": "s1", "event_type": "page_view", "timestamp": "2026-03-10 12:00:00",
     "properties": {"url": "/home"}},
    {"id": 2, "session_id": "s1", "event_type": "query", "timestamp": "2026-03-10 12:01:00",
     "properties": {"text": "red caps", "query_type": "price"}},
    {"id": 3, "session_id": "s1", "event_type": "click", "timestamp": "2026-03-10 12:45:00",
     "properties": None},
    {"id": 1_000, "session_id": "s5", "event_type": "query", "timestamp": "2026-03-10 11:00:00",
     "properties": {}},
]  # fmt: skip
RUNS: list[Row] = [
    {"id": "w1", "session_id": "s1", "user_id": "ann", "workflow_name": "report",
     "status": "completed", "started_at": "2026-03-10 12:10:00",
     "completed_at": "2026-03-10 12:20:00", "last_step": "send"},
    {"id": "w2", "session_id": "s2", "user_id": "bob", "workflow_name": "report",
     "status": "failed", "started_at": "2026-03-10 13:10:00",
     "completed_at": "2026-03-10 13:11:30", "last_step": "fetch"},
    {"id": "w3", "session_id": "s2", "user_id": "bob", "workflow_name": "import",
     "status": "running", "started_at": "2026-03-10 13:20:00", "last_step": "choose"},
]  # fmt: skip


def as_cells(rows: list[Row]) -> list[list[Any]]:
    """Rows as a header and cells; lists and objects as text that holds JSON."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [
        [json.dumps(v) if isinstance(v := row.get(name), list | dict) else v for name in names]
        for row in rows
    ]
    return [names, *cells]


def write_sqlite(path: Path, **tables: list[Row]) -> Path:
    """A database of these tables."""
    with closing(sqlite3.connect(path)) as con:
        for name, rows in tables.items():
            header, *cells = as_cells(rows)
            con.execute(f"create table {name} ({', '.join(header)})")
            marks = ", ".join("?" for _ in header)
            con.executemany(f"insert into {name} values ({marks})", cells)
        con.commit()
    return path


def asked(home: Path, *questions: str) -> list[list[tuple[Any, ...]]]:
    """The rows of each answer of a build of what the home's lake holds."""
    build_home(home)
    with warehouse.open(home) as wh:
        return [wh.sql(sql).fetchall() for sql in questions]


ELEVEN = at("2026-03-10 11:00:00")
BOUNDS = "select user_id, start_time, end_time from user_sessions order by start_time"
GIVEN_BOUNDS = [
    ("bob", at("2026-03-10 12:00:00"), at("2026-03-10 14:30:00.5")),
    ("ann", at("2026-03-10 12:00:00"), at("2026-03-10 12:45:00")),
    ("bob", at("2026-03-10 16:00:00"), at("2026-03-10 16:00:00")),
    ("cat", at("2026-03-10 17:00:00"), at("2026-03-10 17:00:00")),
]


def containers(folder: Path) -> Iterator[Path]:
    """The sessions in every container."""
    yield write_csv(folder / "user_sessions.csv", as_cells(SESSIONS))
    yield write_csv(folder / "user_sessions.tsv", as_cells(SESSIONS), delimiter="\t")
    yield write_ndjson(folder / "user_sessions.ndjson", SESSIONS)
    array = folder / "user_sessions.json"
    array.write_text(json.dumps(SESSIONS), encoding="utf-8")
    yield array
    pq.write_table(pa.Table.from_pylist(SESSIONS), folder / "user_sessions.parquet")
    yield folder / "user_sessions.parquet"
    yield write_sqlite(folder / "product.db", user_sessions=SESSIONS)


@pytest.mark.parametrize(
    "number", range(6), ids=["CSV", "TSV", "NDJSON", "JSON", "Parquet", "SQLite"]
)
def test_a_ready_session_keeps_its_start_and_end(tmp_path: Path, number: int) -> None:
    file = list(containers(tmp_path))[number]
    (outcome,) = load_files(tmp_path / "home", file)
    # A start each, and an end of the two that lasted.
    assert (outcome.format, outcome.rows_read, outcome.rows_loaded) == ("sessions", 6, 6)
    bounds, (ann,) = asked(
        tmp_path / "home",
        BOUNDS,
        "select tags, assets, session_type, device_type, entry_page, exit_page, referrer, "
        "exit_reason, is_open, action_count, query_count from user_sessions where user_id = 'ann'",
    )
    assert sorted(bounds) == sorted(GIVEN_BOUNDS)
    assert ann == (
        *(["home", "tax"], ["AAPL", "MSFT"], "research", "desktop", "/home", "/bye"),
        # Three queries and two page views: its row tells them, and no event does.
        *("https://search.test/", "logout", False, 5, 3),
    )


def test_the_row_stays_with_the_start_and_is_told_once(load_text: Load) -> None:
    events = load_text(json.dumps(SESSIONS[0]) + "\n", "user_sessions.ndjson").events()
    assert [one["event_type"] for one in events] == ["session_start", "session_end"]
    assert events[0]["properties"]["session"] == SESSIONS[0]
    # What is counted is told again: a later export's row may have counted more until then.
    counts = {"query_count": 3, "page_views": 2}
    assert events[1]["properties"] == {"exit_reason": "logout", "session": counts}
    assert lost(SESSIONS[0], *events) == set()


REASONS = {
    "logout": "logout",
    "signed_out": "signed_out",
    "sign_out": "logout",
    "Session timeout": "timeout",
    "inactivity": "timeout",
    "tab_closed": "navigation",
    "server error": "error",
    "completed": "completed",
    None: "timeout",
}


def test_why_a_session_ended_is_put_into_our_words(load_text: Load) -> None:
    rows = [
        SESSIONS[0] | {"session_id": f"s{number}", "user_id": f"u{number}", "exit_reason": told}
        for number, told in enumerate(REASONS)
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    events = load_text(text, "user_sessions.ndjson").events()
    ends = {e["user_id"]: e["properties"] for e in events if e["event_type"] == "session_end"}
    assert [ends[row["user_id"]]["exit_reason"] for row in rows] == list(REASONS.values())


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        ({"ended_at": "2026-03-10 12:30:00"}, "session_end"),
        ({"endedAt": "2026-03-10 12:30:00"}, "session_end"),
        ({"duration_seconds": 1800}, "session_end"),
        ({"duration_seconds": "1800.0", "is_active": False}, "session_end"),
        ({"last_activity_at": "2026-03-10 12:30:00"}, "activity"),
        ({"end_time": "2026-03-10 12:30:00", "status": "active"}, "activity"),
        ({"end_time": "2026-03-10 12:30:00", "is_open": True}, "activity"),
    ],
    ids=["ended_at", "camel case", "duration", "closed", "last seen", "active", "open"],
)
def test_the_end_is_found_and_open_sessions_are_not_closed(
    load_text: Load, end: Row, kind: str
) -> None:
    row = {"id": "s1", "user_id": "ann", "started_at": "2026-03-10 12:00:00"} | end
    events = load_text(json.dumps(row) + "\n", "user_sessions.ndjson").events()
    assert [(one["event_type"], one["event_time"]) for one in events] == [
        ("session_start", at("2026-03-10 12:00")),
        (kind, at("2026-03-10 12:30")),
    ]
    assert {one["tracker_session_id"] for one in events} == {"s1"}


@pytest.mark.parametrize("end", ["2026-03-10 11:00:00", "soon", ""])
def test_an_end_that_cannot_be_is_kept_but_not_believed(load_text: Load, end: str) -> None:
    row = SESSIONS[1] | {"start_time": "2026-03-10 12:00:00", "end_time": end}
    loaded = load_text("".join(json.dumps(one) + "\n" for one in (row, SESSIONS[0])), "x.ndjson")
    (event,) = [one for one in loaded.events() if one["user_id"] == "bob"]
    assert event["properties"]["session"]["end_time"] == end


def test_odd_rows_stop_no_other(load_text: Load) -> None:
    start = {"user_id": "ann", "start_time": "2026-03-10 12:00:00"}
    odd: list[Row] = [
        *({"duration_seconds": text} for text in ("1e300", "-5", "nan", [1], {"a": 1}, 10**30)),
        *({"query_types": given} for given in (7, True, [], [[1]], {"a": {"b": 1}}, {"a": -1})),
        *({"tags": given} for given in (7, False, {}, "[]", "{a, b}", "[1, 2")),
        *({"session_id": given} for given in ({"x": 1}, ["y"], 5, "", "null")),
        *({"end_time": given} for given in ({"x": 1}, -1, 10**40, "0001-01-01")),
        *({"start_time": given} for given in ("soon", None, [])),
        {"status": 5, "is_active": {"no": 1}, "exit_reason": ["x"], "entry_page": 9},
    ]
    rows = [{"session_id": f"s{n}"} | start | row for n, row in enumerate(odd)]
    loaded = load_text("".join(json.dumps(row) + "\n" for row in rows), "user_sessions.ndjson")
    # Only those without a readable start are no sessions.
    assert loaded.outcome.status == "loaded"
    assert (loaded.outcome.rows_rejected, loaded.outcome.rows_duplicate) == (3, 0)
    kinds = [one["event_type"] for one in loaded.events()]
    assert kinds.count("session_start") == len(rows) - 3
    tags = {one["tracker_session_id"]: one["tags"] for one in loaded.events()}
    assert (tags["s16"], tags["s17"]) == (["a", "b"], ["1", "2"])


def test_many_sessions_of_one_file_fit_into_memory(tmp_path: Path) -> None:
    rows = [SESSIONS[0] | {"session_id": f"s{number}"} for number in range(12_000)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "user_sessions.parquet")
    (outcome,) = load_files(tmp_path / "home", tmp_path / "user_sessions.parquet")
    assert (outcome.status, outcome.rows_loaded) == ("loaded", 24_000)


def test_sessions_with_their_events_are_counted_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    load_files(home, write_csv(tmp_path / "user_sessions.csv", as_cells(SESSIONS)))
    load_files(home, write_csv(tmp_path / "session_events.csv", as_cells(EVENTS)))
    counts = "action_count, query_count, page_view_count, event_count"
    sessions, bounds, queries, pages = asked(
        home,
        f"select user_id, {counts} from user_sessions order by start_time, user_id",
        BOUNDS,
        "select query_type, properties ->> '$.text' from session_events where is_query order by 1",
        "select page from session_events where event_type = 'page_view'",
    )
    assert sessions == [
        # Events whose session has no row: somebody was there.
        ("session:s5", 1, 1, 0, 1),
        # Two marks of its own, and three events, which name no user.
        ("ann", 3, 1, 1, 5),
        ("bob", 0, 0, 0, 2),
        ("bob", 0, 0, 0, 1),
        ("cat", 0, 0, 0, 1),
    ]
    assert sorted(bounds) == sorted([*GIVEN_BOUNDS, ("session:s5", ELEVEN, ELEVEN)])
    assert queries == [("price", "red caps"), (None, None)]
    assert pages == [("/home",)]


def test_a_database_is_the_same_as_its_tables_one_by_one(tmp_path: Path) -> None:
    tables = {"user_sessions": SESSIONS, "session_events": EVENTS, "workflow_executions": RUNS}
    database = write_sqlite(tmp_path / "product.sqlite", users=[{"id": 1, "name": "a"}], **tables)
    (outcome,) = load_files(tmp_path / "one", database)
    assert (outcome.format, outcome.rows_read, outcome.rows_loaded) == ("sessions", 15, 15)
    for name, rows in tables.items():
        load_files(tmp_path / "many", write_csv(tmp_path / f"{name}.csv", as_cells(rows)))
    columns = ("event_id", "event_time", "event_type", "user_id", "tracker_session_id", "page")
    one, many = (
        [[event[name] for name in columns] for event in lake_events(tmp_path / home)]
        for home in ("one", "many")
    )
    assert one == many


def test_runs_of_workflows_start_and_end(tmp_path: Path) -> None:
    home = tmp_path / "home"
    sessions = write_csv(tmp_path / "user_sessions.csv", as_cells(SESSIONS))
    runs = write_csv(tmp_path / "workflow_executions.csv", as_cells(RUNS))
    load_files(home, sessions)
    load_files(home, runs)
    bounds, found = asked(
        home,
        BOUNDS,
        "select workflow_id, workflow_name, user_id, status, last_step, duration_seconds "
        "from workflow_executions order by workflow_id",
    )
    assert found == [
        ("w1", "report", "ann", "completed", "send", 600),
        ("w2", "report", "bob", "abandoned", "fetch", 90),
        ("w3", "import", "bob", "abandoned", "choose", 0),
    ]
    assert sorted(bounds) == sorted(GIVEN_BOUNDS)
    events = [one for one in lake_events(home) if one["event_type"] == "workflow_start"]
    assert events[0]["properties"]["execution"] == RUNS[0]


# What a row of metrics tells of queries, and the types of the queries that it stands for.
QUERIES: list[tuple[Row, list[str | None]]] = [
    ({"query_types": {"price": 2, "news": 1}}, ["news", "price", "price"]),
    ({"query_types": '{"price": 2, "news": "many"}'}, ["price", "price"]),
    ({"query_types": ["price", "news"]}, ["news", "price"]),
    ({"query_types": ["price", "news"], "query_count": 3}, [None, "news", "price"]),
    ({"query_types": "price; news"}, ["news", "price"]),
    ({"query_type": "price", "query_count": 2}, ["price", "price"]),
    ({"query_type": "price"}, ["price"]),
    ({"total_queries": 2}, [None, None]),
    ({"query_count": 0}, []),
    ({"query_count": 1_000_000_000}, []),
    ({"query_count": "few"}, []),
]


def test_a_row_of_metrics_is_as_many_queries_as_it_counts(load_text: Load) -> None:
    rows = [
        {"session_id": f"s{n}", "user_id": f"u{n}", "recorded_at": "2026-03-10 12:10:00",
         "assets": {"AAPL": 2, "MSFT": 1}, "tags": "tax, home"} | told
        for n, (told, _) in enumerate(QUERIES)
    ]  # fmt: skip
    text = "".join(json.dumps(row) + "\n" for row in rows)
    loaded = load_text(text, "session_metrics.ndjson").events()
    assert {one["event_time"] for one in loaded} == {at("2026-03-10 12:10")}
    for row, (_, types) in zip(rows, QUERIES, strict=True):
        events = [one for one in loaded if one["user_id"] == row["user_id"]]
        queries = [one for one in events if one["event_type"] == "query"]
        assert sorted((one["query_type"] for one in queries), key=str) == sorted(types, key=str)
        (told_of,) = [one for one in events if one["event_type"] == "system"]
        assert (told_of["tags"], told_of["assets"]) == (["home", "tax"], ["AAPL", "MSFT"])
        assert told_of["properties"]["session"] == row


def test_metrics_of_a_whole_session_bound_it_and_answer_the_statistics(tmp_path: Path) -> None:
    rows = [
        {"session_id": "s1", "user_id": "ann", "session_type": "research",
         "started_at": "2026-03-10 12:00:00", "duration_seconds": 600, "query_count": 4,
         "query_types": {"price": 3, "news": 1}, "assets": ["AAPL"], "tags": ["tax"]},
        {"session_id": "s2", "user_id": "ann", "session_type": "chat",
         "started_at": "2026-03-10 14:00:00", "duration_seconds": 60, "query_count": 0,
         "query_types": {}, "assets": [], "tags": []},
    ]  # fmt: skip
    load_files(tmp_path / "home", write_csv(tmp_path / "session_metrics.csv", as_cells(rows)))
    build_home(tmp_path / "home")
    with warehouse.open(tmp_path / "home") as wh:
        stats = warehouse.SessionAnalytics(wh).get_session_stats()
    assert {name: stats[name] for name in stats if name not in ("user_id", "session_type")} == {
        **{"status": "success", "total_sessions": 2, "active_sessions": 0, "archived_sessions": 2},
        **{"total_queries": 4, "avg_duration_seconds": 330.0, "avg_queries_per_session": 2.0},
        # The second one ended without a query.
        **{"abandonment_rate": 0.5, "period_days": 30},
        "top_assets": [{"symbol": "AAPL", "count": 1}],
        "query_type_distribution": {"news": 1, "price": 3},
        "session_type_breakdown": {"chat": 1, "research": 1},
        "popular_tags": [{"tag": "tax", "count": 1}],
    }


def test_metrics_beside_the_events_of_one_database_add_no_queries(tmp_path: Path) -> None:
    metrics = [{"session_id": "s1", "recorded_at": "2026-03-10 12:10:00", "query_count": 3}]
    database = write_sqlite(tmp_path / "p.db", session_events=EVENTS, session_metrics=metrics)
    load_files(tmp_path / "home", database)
    types = [one["event_type"] for one in lake_events(tmp_path / "home")]
    assert sorted(types) == ["click", "page_view", "query", "query", "system"]


def test_a_later_export_adds_only_what_is_new(load_text: Load) -> None:
    open_one = SESSIONS[0] | {"end_time": "2026-03-10 12:30:00", "status": "active"}
    first = load_text(json.dumps(open_one) + "\n", "user_sessions-1.ndjson")
    assert first.counts == (2, 2, 0, 0)
    again = load_text(json.dumps(SESSIONS[0]) + "\n", "user_sessions-2.ndjson")
    assert again.counts == (2, 1, 1, 0)
    assert [one["event_type"] for one in again.events()] == [
        *("session_start", "activity", "session_end"),
    ]


def test_dwells_own_tables_come_back_as_the_same_sessions(load_text: Load, tmp_path: Path) -> None:
    lines = [
        {"user_id": user, "timestamp": f"2026-03-{day:02d} {hour:02d}:{minute:02d}:00",
         "event": kind, "url": f"/{kind}", "event_id": f"{user}-{day}-{hour}-{minute}"}
        for user in ("ann", "bob")
        for day in (9, 10)
        for hour, minute, kind in ((9, 0, "page_view"), (9, 20, "query"), (12, 5, "error"))
    ]  # fmt: skip
    load_text("".join(json.dumps(one) + "\n" for one in lines))
    old, new = tmp_path / "home", tmp_path / "new"
    wanted = (
        "user_id, start_time, end_time, query_count, error_count, page_view_count, action_count"
    )
    before = asked(old, f"select {wanted} from user_sessions order by all")
    with warehouse.open(old) as wh:
        for table in ("user_sessions", "session_events"):
            rows = wh.sql(f"select * from {table}").to_arrow_table()
            pq.write_table(rows, tmp_path / f"{table}.parquet")
            (outcome,) = load_files(new, tmp_path / f"{table}.parquet")
            assert (outcome.format, outcome.rows_rejected) == ("sessions", 0)
    assert asked(new, f"select {wanted} from user_sessions order by all") == before


@pytest.mark.parametrize(
    ("name", "header", "format"),
    [
        ("events.csv", "user_id,session_id,event_type,timestamp", "events"),
        ("visits.csv", "user_id,session_id,timestamp,type", "events"),
        ("workflow_executions.csv", "id,user_id,workflow,started_at,completed_at", "tables"),
        ("posts.csv", "id,user_id,created_at,tags", "tables"),
        ("query_embeddings.csv", "id,user_id,session_id,query_type,created_at", "tables"),
        ("sessions.csv", "id,user_id,started_at,ended_at", "sessions"),
        ("sessions.csv", "_id,user_id,started_at,ended_at", "sessions"),
        ("visits.csv", "sessionId,userId,startedAt,endedAt", "sessions"),
        ("clicks.csv", "session_id,event_name,timestamp", "sessions"),
        ("session_events.csv", "session_id,user_id,type,timestamp", "sessions"),
        ("daily.csv", "session_id,user_id,query_types,timestamp", "sessions"),
        ("persons.csv", "id,last_login_at,last_activity_at", "sessions"),
        ("2026-03-10-persons.csv", "personId,lastLoginAt,lastActivityAt", "sessions"),
        ("people.csv", "user_id,last_login_at,last_activity_at,created_at", "tables"),
        ("persons.csv", "user_id,last_login_at,created_at", "tables"),
    ],
)
def test_only_ready_sessions_are_recognised(
    load_text: Load, name: str, header: str, format: str
) -> None:
    row = ",".join(
        "2026-03-10" if word[-2:] in ("at", "At", "mp") else "x" for word in header.split(",")
    )
    assert load_text(f"{header}\n{row}\n", name).outcome.format == format


def test_a_database_without_ready_sessions_is_one_of_tables(tmp_path: Path) -> None:
    posts = [{"id": 1, "author_id": "ann", "created_at": "2026-03-10 12:00:00"}]
    database = write_sqlite(tmp_path / "app.db", posts=posts)
    (outcome,) = load_files(tmp_path / "home", database)
    assert outcome.format == "tables"
    (outcome,) = load_files(tmp_path / "home", database, format="sessions")
    assert "no table of ready sessions. Met: posts (id, author_id, created_at)" in outcome.message
