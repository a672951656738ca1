"""Which rows of a live table are read, landed and loaded, run after run, on real servers."""

import json
from collections.abc import Callable

import pytest

from etl.config.settings import load_settings
from etl.extract import landed_table
from etl.extract.tables import Extracted, extract
from tests.etl.extract.conftest import Loads, Server

POSTS = 'posts = { user = "author_id", time = "created_at" }'
CREATED = "id int primary key, author_id int, created_at timestamp null, title varchar(20)"
MarkedLoads = Callable[..., Loads]


def insert(server: Server, *rows: str, into: str = "posts") -> None:
    """Rows as SQL writes them."""
    server.run(f"insert into {into} values {', '.join(f'({row})' for row in rows)}")


def counts(app: Loads) -> list[tuple[int, int, int, int]]:
    """One load: rows read, loaded, duplicate, rejected of each new file."""
    return [(o.rows_read, o.rows_loaded, o.rows_duplicate, o.rows_rejected) for o in app()]


def extracted(app: Loads) -> list[Extracted]:
    """One extraction without a load."""
    settings = load_settings(app.home, app.config)
    return [one for source in settings.sources for one in extract(source, app.home)]


def ids(app: Loads) -> list[str]:
    """The ids of the lake's events, without what the table and the type put before them."""
    return sorted(str(row["event_id"]).rpartition(":")[2] for row in app.events())


def test_the_next_run_reads_only_what_is_new(server: Server, loads: MarkedLoads) -> None:
    server.table("posts", CREATED)
    days = [f"2026-03-{1 + n // 100:02}" for n in range(999)]
    insert(server, *(f"{n}, 7, '{day} 12:00:00', 'a'" for n, day in enumerate(days)))
    app = loads(server, POSTS, lookback_ids="10")
    assert [(one.rows_read, one.rows_landed) for one in extracted(app)] == [(999, 999)]
    insert(server, "999, 1, '2026-04-01 10:00:00', 'b'", "1000, 2, '2026-04-01 10:01:00', 'c'")
    # Of the 101 rows before, those of the newest time and of the last ids are looked at again.
    assert [(one.rows_read, one.rows_landed) for one in extracted(app)] == [(101, 2)]
    assert [(one.rows_read, one.rows_landed) for one in extracted(app)] == [(11, 0)]
    assert counts(app) == [(999, 999, 0, 0), (2, 2, 0, 0)]
    assert counts(app) == []


def test_rows_that_share_the_newest_time_are_not_lost(server: Server, loads: MarkedLoads) -> None:
    server.table("posts", CREATED)
    insert(server, "1, 7, '2026-03-10 12:00:00', 'a'")
    app = loads(server, POSTS.replace(" }", ', watermark = "created_at" }'), lookback='"1 ms"')
    assert counts(app) == [(1, 1, 0, 0)]
    insert(server, "2, 7, '2026-03-10 12:00:00', 'b'")
    assert counts(app) == [(1, 1, 0, 0)]
    assert ids(app) == ["1", "2"]


LATE = [
    pytest.param("id", "9, 7, '2026-03-10 12:00:00'", True, id="an id within lookback_ids"),
    pytest.param("id", "3, 7, '2026-03-10 12:00:00'", False, id="an id further back"),
    pytest.param("created_at", "3, 7, '2026-03-10 11:50:00'", True, id="a time within lookback"),
    pytest.param("created_at", "3, 7, '2026-03-10 11:49:59'", False, id="a time further back"),
]


@pytest.mark.parametrize(("watermark", "row", "is_read"), LATE)
def test_a_row_that_was_committed_late_is_read_within_the_lookback(
    server: Server, loads: MarkedLoads, watermark: str, row: str, is_read: bool
) -> None:
    server.table("posts", CREATED)
    insert(server, "14, 7, '2026-03-10 12:00:00', 'a'")
    table = POSTS.replace(" }", f', watermark = "{watermark}" }}')
    app = loads(server, table, lookback_ids="5")
    app()
    insert(server, f"{row}, 'late'")
    assert counts(app) == ([(1, 1, 0, 0)] if is_read else [])


def test_by_default_a_new_id_is_read_whatever_its_time(server: Server, loads: MarkedLoads) -> None:
    server.table("posts", CREATED)
    insert(server, "1, 7, '2026-03-10 12:00:00', 'a'")
    app = loads(server, POSTS)
    app()
    insert(server, "2, 7, '2011-03-10 12:00:00', 'imported'")
    assert counts(app) == [(1, 1, 0, 0)]


def test_a_changed_row_is_a_duplicate_of_its_first_state(
    server: Server, loads: MarkedLoads
) -> None:
    server.table("posts", f"{CREATED}, updated_at timestamp null")
    insert(server, "1, 7, '2026-03-10 12:00:00', 'first', '2026-03-10 12:00:00'")
    app = loads(server, POSTS)
    app()
    server.run("update posts set title = 'second', updated_at = '2026-03-11 09:00:00'")
    assert counts(app) == [(1, 0, 1, 0)]
    (event,) = app.events()
    assert json.loads(event["properties"])["title"] == "first"


def test_a_second_event_of_a_row_comes_once_its_time_is_filled(
    server: Server, loads: MarkedLoads
) -> None:
    server.table("jobs", "id int primary key, who int, began timestamp null, done timestamp null")
    insert(server, "1, 7, '2026-03-10 12:00:00', null", into="jobs")
    app = loads(
        server,
        "jobs = [",
        '{ user = "who", time = "began", type = "job_start" },',
        '{ user = "who", time = "done", type = "job_done", when = "done" }]',
    )
    assert counts(app) == [(1, 1, 0, 0)]
    server.run("update jobs set done = '2026-03-10 12:30:00'")
    assert counts(app) == [(2, 1, 1, 0)]
    assert [event["event_type"] for event in app.events()] == ["job_start", "job_done"]


def test_rows_without_a_watermark_are_never_taken_for_old(
    server: Server, loads: MarkedLoads
) -> None:
    server.table("posts", CREATED.replace("int primary key", "int"))
    insert(server, "1, 7, null, 'a'", "2, 7, '2026-03-10 12:00:00', 'b'")
    app = loads(server, POSTS)
    assert counts(app) == [(2, 1, 0, 1)]
    insert(server, "3, 7, null, 'c'")
    assert counts(app) == [(1, 0, 0, 1)]
    assert counts(app) == []


def test_a_time_in_the_future_hides_no_later_row(server: Server, loads: MarkedLoads) -> None:
    server.table("posts", CREATED)
    insert(server, "1, 7, '2026-03-10 12:00:00', 'a'", "2, 7, '2037-01-01 00:00:00', 'odd'")
    app = loads(server, POSTS.replace(" }", ', watermark = "created_at" }'))
    assert counts(app) == [(2, 1, 0, 1)]
    insert(server, "3, 7, '2026-03-11 12:00:00', 'b'")
    assert counts(app) == [(1, 1, 0, 0)]


def test_without_watermark_the_whole_table_is_read_and_only_news_are_landed(
    server: Server, loads: MarkedLoads
) -> None:
    server.table("posts", CREATED)
    insert(server, "1, 7, '2026-03-10 12:00:00', 'a'", "2, 8, '2026-03-10 12:00:00', 'b'")
    app = loads(server, POSTS.replace(" }", ", watermark = false }"))
    app()
    insert(server, "0, 9, '2001-01-01 12:00:00', 'c'")
    assert [(one.rows_read, one.rows_landed) for one in extracted(app)] == [(3, 1)]


def test_a_time_in_epoch_milliseconds_has_a_lookback_in_its_own_unit(
    server: Server, loads: MarkedLoads
) -> None:
    server.table("clicks", "who int, at bigint")
    insert(server, "7, 1773144000000", into="clicks")
    app = loads(server, 'clicks = { user = "who", time = "at" }')
    app()
    insert(server, "8, 1773143400000", "9, 1773143399999", into="clicks")
    assert counts(app) == [(1, 1, 0, 0)]


def test_a_table_of_another_watermark_is_read_from_its_beginning(
    server: Server, loads: MarkedLoads
) -> None:
    server.table("posts", CREATED)
    insert(server, "1, 7, '2026-03-10 12:00:00', 'a'")
    app = loads(server, POSTS.replace(" }", ', watermark = "created_at" }'))
    app()
    insert(server, "2, 7, '2001-03-10 12:00:00', 'old'")
    assert counts(app) == []
    app = loads(server, POSTS.replace(" }", ', watermark = "id" }'))
    assert counts(app) == [(1, 1, 0, 0)]


def test_an_empty_table_lands_nothing_and_waits(server: Server, loads: MarkedLoads) -> None:
    server.table("posts", CREATED)
    app = loads(server, POSTS)
    assert counts(app) == []
    insert(server, "1, 7, '2026-03-10 12:00:00', 'a'")
    assert counts(app) == [(1, 1, 0, 0)]


def test_a_view_is_read_and_its_id_names_its_rows(server: Server, loads: MarkedLoads) -> None:
    server.table("posts", CREATED)
    server.run("create view shown as select id, author_id, created_at from posts where id > 1")
    server.run(f"grant select on shown to {server.grantee}")
    insert(server, "1, 7, '2026-03-10 12:00:00', 'a'", "2, 7, '2026-03-10 12:00:00', 'b'")
    app = loads(server, 'shown = { user = "author_id", time = "created_at" }')
    app()
    assert [event["event_id"] for event in app.events()] == ["shown:shown_created:2"]


def test_a_large_table_becomes_several_files(
    server: Server, loads: MarkedLoads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landed_table, "ROWS_PER_FILE", 20_000)
    server.table("posts", CREATED.replace("varchar(20)", "text"))
    insert(server, *(f"{n}, 1, '2026-03-10 12:00:00', repeat('x', 900)" for n in range(40_000)))
    app = loads(server, POSTS)
    app()
    assert len(app.landed) > 1
    assert len(ids(app)) == 40_000


def test_all_rows_are_loaded_duplicate_or_rejected(server: Server, loads: MarkedLoads) -> None:
    server.table("posts", CREATED)
    insert(
        server,
        "1, 7, '2026-03-10 12:00:00', 'good'",
        "2, null, '2026-03-10 12:00:00', 'no user'",
        "3, 7, null, 'no time'",
        "4, -1, '2026-03-10 12:00:00', 'excluded'",
    )
    app = loads(server, POSTS, exclude_users='["-1"]')
    assert counts(app) == [(4, 1, 0, 3)]
    reasons = {row["reason"] for row in app.rejected()}
    assert reasons == {"no user", "no readable time", "user left out by exclude_users"}
