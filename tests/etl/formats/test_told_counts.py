"""Counts that rows of ready sessions tell, and the events that count instead where they came."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from etl.lake.count_names import COUNT_NAMES, MOST_OF_A_COUNT
from tests.etl.formats.test_sessions import EVENTS, SESSIONS, as_cells, asked, write_sqlite
from tests.homes import tables
from tests.make import (
    build_home,
    lake_events,
    load_files,
    settings_of,
    write_csv,
    write_ndjson,
)
from tests.search import some
from tests.warehouse.build.conftest import prune_home

Row = dict[str, Any]
COUNTS = "action_count, page_view_count, query_count, error_count, workflow_count"
SESSION: Row = {
    **{"session_id": "s1", "user_id": "ann"},
    **{"start_time": "2026-03-10 12:00:00", "end_time": "2026-03-10 12:45:00"},
}
METRICS: Row = {"session_id": "s1", "user_id": "ann", "recorded_at": "2026-03-10 12:10:00"}
TOLD: Row = {"actions": 20, "page_views": 7, "query_count": 3, "errors": 2, "workflows": 1}
RUN: Row = {
    **{"id": "w1", "session_id": "s1", "user_id": "ann", "workflow_name": "report"},
    **{"started_at": "2026-03-10 12:10:00", "completed_at": "2026-03-10 12:20:00"},
}


def counted(home: Path, *files: Path, columns: str = COUNTS) -> tuple[Any, ...]:
    """These columns of the one session of the files."""
    load_files(home, *files)
    (rows,) = asked(home, f"select {columns} from user_sessions")
    (row,) = rows
    return row


# What a row tells of its session → the counts of it.
ROWS: dict[str, tuple[Row, tuple[int, ...]]] = {
    "all of them": (TOLD, (20, 7, 3, 2, 1)),
    "no count": ({}, (0, 0, 0, 0, 0)),
    "actions alone": ({"total_actions": "12"}, (12, 0, 0, 0, 0)),
    "without actions all that is one counts as some": (
        {"page_views": 7, "errors": 2, "query_count": 3, "workflows": 1}, (13, 7, 3, 2, 1),
    ),
    "actions as told": ({"actions": 4, "page_views": 7}, (4, 7, 0, 0, 0)),
    "what is no count": (
        {"actions": -1, "page_views": "many", "errors": None, "query_count": [3]}, (0, 0, 0, 0, 0),
    ),
    "what cannot be meant": (
        {"errors": MOST_OF_A_COUNT, "page_views": MOST_OF_A_COUNT + 1},
        (MOST_OF_A_COUNT, 0, 0, MOST_OF_A_COUNT, 0),
    ),
    "the first name that tells one": ({"error_count": "", "errors": 2.0}, (2, 0, 0, 2, 0)),
    "names that may mean something else": (
        {"events": 9, "pages": 4, "clicks": 3, "views": 2}, (0, 0, 0, 0, 0),
    ),
}  # fmt: skip


def test_a_row_counts_where_no_event_came(tmp_path: Path) -> None:
    rows = [
        SESSION | told | {"session_id": case, "user_id": case} for case, (told, _) in ROWS.items()
    ]
    load_files(tmp_path / "home", write_ndjson(tmp_path / "user_sessions.ndjson", rows))
    (got,) = asked(tmp_path / "home", f"select user_id, {COUNTS} from user_sessions")
    assert {case: tuple(counts) for case, *counts in got} == {
        case: counts for case, (_, counts) in ROWS.items()
    }


def test_every_name_of_a_count_is_read(tmp_path: Path) -> None:
    rows, wanted = [], []
    for count, names in COUNT_NAMES.items():
        for name in names:
            user = f"{count}-{name}"
            rows.append(SESSION | {"session_id": user, "user_id": user, name: 6})
            wanted.append((user, *(6 * (column == count) for column in COUNT_NAMES)))
    load_files(tmp_path / "home", write_ndjson(tmp_path / "user_sessions.ndjson", rows))
    columns = ", ".join(name for name in COUNT_NAMES if name != "action_count")
    (got,) = asked(tmp_path / "home", f"select user_id, {columns}, action_count from user_sessions")
    # Whatever is counted is an action.
    assert sorted(got) == sorted((user, *others, 6) for user, _, *others in wanted)


def test_counts_make_no_events_pages_or_time(tmp_path: Path) -> None:
    columns = (
        "event_count, distinct_page_count, entry_page, last_action, duration_seconds, "
        "engaged_seconds, has_duration, is_bounce, exit_reason, indicator_set"
    )
    file = write_ndjson(tmp_path / "user_sessions.ndjson", [SESSION | TOLD])
    assert counted(tmp_path / "home", file, columns=columns) == (
        *(2, 0, None, None, 2700.0, 30.0, True, False, "timeout"),
        # Seven pages may be many and three workflows completed: nothing is told of either.
        "long_visit, workflow_or_queries, some_actions",
    )


def test_a_short_session_of_several_told_actions_is_no_bounce(tmp_path: Path) -> None:
    short = SESSION | {"end_time": "2026-03-10 12:00:29"}
    told: list[Row] = [{"actions": 1}, {"actions": 2}, {}]
    rows = [short | one | {"session_id": f"s{n}", "user_id": f"u{n}"} for n, one in enumerate(told)]
    load_files(tmp_path / "home", write_ndjson(tmp_path / "user_sessions.ndjson", rows))
    question = "select user_id, is_bounce from user_sessions order by 1"
    assert asked(tmp_path / "home", question) == [[("u0", True), ("u1", False), ("u2", True)]]


@pytest.mark.parametrize(
    ("order", "is_built_between"),
    [(1, True), (-1, True), (1, False), (-1, False)][: some(2, of=4)],
)
def test_events_of_the_session_count_instead(
    tmp_path: Path, order: int, is_built_between: bool
) -> None:
    home = tmp_path / "home"
    files = [
        write_csv(tmp_path / "user_sessions.csv", as_cells([SESSIONS[0] | TOLD])),
        write_csv(tmp_path / "session_events.csv", as_cells(EVENTS[:3])),
    ]
    for file in files[::order]:
        load_files(home, file)
        if is_built_between:
            build_home(home)
    build = build_home(home)
    (got,) = asked(home, f"select {COUNTS} from user_sessions")
    assert got == [(3, 1, 1, 0, 0)]
    grown = tables(build.path)
    at_once = tables(build_home(home, full=True).path)
    assert {name: rows for name, rows in grown.items() if name != "load_runs"} == {
        name: rows for name, rows in at_once.items() if name != "load_runs"
    }


def test_a_session_without_queries_after_all_redoes_history(tmp_path: Path) -> None:
    home = tmp_path / "home"
    rows = [SESSION | TOLD, SESSION | {"session_id": "s2", "user_id": "bob"}]
    load_files(home, write_ndjson(tmp_path / "user_sessions.ndjson", rows))
    abandoned = "select user_id, is_abandoned from user_sessions order by 1"
    assert asked(home, abandoned) == [[("ann", False), ("bob", True)]]
    load_files(home, write_csv(tmp_path / "session_events.csv", as_cells([EVENTS[0], EVENTS[2]])))
    assert build_home(home).reason == (
        "no queries any more of the stream tracker: all history redone"
    )
    assert asked(home, abandoned) == [[("ann", None), ("bob", None)]]


# The rows of other tables of a session, and its counts.
OTHERS: dict[str, tuple[dict[str, list[Row]], tuple[int, ...]]] = {
    "runs are no events": ({"workflow_executions": [RUN]}, (20, 7, 3, 2, 1)),
    "more runs than told": (
        {"workflow_executions": [RUN, RUN | {"id": "w2"}]}, (20, 7, 3, 2, 2),
    ),
    "more queries of metrics than told": (
        {"session_metrics": [METRICS | {"query_types": {"price": 5}}]}, (20, 7, 5, 2, 0),
    ),
    "rows of metrics add up": (
        {"session_metrics": [METRICS | {"query_type": "price", "error_count": n} for n in (2, 1)]},
        (20, 7, 3, 3, 0),
    ),
    "of queries both ways the events count": (
        {"session_metrics": [METRICS | {"query_types": {"price": 5}}],
         "session_events": EVENTS[:2]},
        (2, 1, 1, 0, 0),
    ),
    "runs count beside events": (
        {"workflow_executions": [RUN], "session_events": EVENTS[:1]}, (3, 1, 0, 0, 1),
    ),
}  # fmt: skip


def test_what_other_tables_tell_of_the_session(tmp_path: Path) -> None:
    found: dict[str, list[Row]] = {}
    for case, (others, _) in OTHERS.items():
        told = TOLD | ({"workflows": 0} if "session_metrics" in others else {})
        for name, rows in {"user_sessions": [SESSION | told], **others}.items():
            for row in rows:
                of_case: Row = {"session_id": case}
                of_case |= {"user_id": case} if "user_id" in row else {}
                of_case |= {"id": f"{case} {row['id']}"} if "id" in row else {}
                found.setdefault(name, []).append(row | of_case)
    files = [
        write_csv(tmp_path / f"{name}.csv", as_cells(found[name]))
        for name in ("user_sessions", "workflow_executions", "session_metrics", "session_events")
    ]
    load_files(tmp_path / "home", *files)
    (got,) = asked(tmp_path / "home", f"select user_id, {COUNTS} from user_sessions")
    assert {case: tuple(counts) for case, *counts in got} == {
        case: counts for case, (_, counts) in OTHERS.items()
    }


def test_a_later_export_tells_what_was_done_until_then(tmp_path: Path) -> None:
    home = tmp_path / "home"
    last = {"end_time": None, "last_activity_at": "2026-03-10 12:20:00"}
    for number, row in enumerate([last | {"actions": 5}, last | {"actions": 5}, {"actions": 8}]):
        file = write_ndjson(tmp_path / f"user_sessions-{number}.ndjson", [SESSION | row])
        got = counted(home, file, columns="action_count, event_count")
        assert got == [(5, 2), (5, 2), (8, 3)][number]


def test_ids_of_marks_and_queries_are_those_of_before(tmp_path: Path) -> None:
    row = SESSION | TOLD | {"query_types": {"price": 1}}
    database = write_sqlite(
        tmp_path / "p.db", user_sessions=[row], session_metrics=[METRICS | {"errors": 2}]
    )
    load_files(tmp_path / "home", database)
    found = [(e["event_type"], e["event_id"]) for e in lake_events(tmp_path / "home")]
    assert sorted(found) == [
        ("query", "18921a36bf382a6c533ec6408f708335"),
        ("query", "1b038957847846bdf5832904f0bc7cc5"),
        ("query", "266634b33e125b346edd3ef320201106"),
        ("session_end", "s1:end:2026-03-10 12:45:00"),
        ("session_start", "s1:start"),
        ("system", "dda09c32650e3a1f0828334f9016b1bf"),
    ]


def test_a_document_of_mongodb_without_events_counts_what_it_tells(tmp_path: Path) -> None:
    document = {"_id": "d1", "user_id": "ann", "started_at": "2026-03-10T12:00:00Z", "events": []}
    other = document | {"_id": "d2", "events": [{"t": "2026-03-10T12:00:00Z", "type": "click"}]}
    file = write_ndjson(tmp_path / "docs.ndjson", [document | TOLD, other | TOLD])
    load_files(tmp_path / "home", file)
    (got,) = asked(tmp_path / "home", f"select {COUNTS} from user_sessions order by 1")
    assert got == [(1, 0, 0, 0, 0), (20, 7, 3, 2, 1)]


def test_what_a_pruned_session_told_stays_with_its_user(tmp_path: Path) -> None:
    home = tmp_path / "home"
    later = {"session_id": "s2", "start_time": "2026-03-15 12:00:00", "end_time": None}
    rows = [SESSION | TOLD, SESSION | later | {"actions": 1}]
    load_files(home, write_ndjson(tmp_path / "user_sessions.ndjson", rows))
    columns = "user_id, session_count, action_count, query_count, error_count"
    (before,) = asked(home, f"select {columns} from users")
    assert before == [("ann", 2, 21, 3, 2)]
    build_home(home)
    prune_home(home, settings_of(home), before=date(2026, 3, 12))
    assert asked(home, f"select {columns} from users", "select count(*) from user_sessions") == [
        before,
        [(1,)],
    ]
