"""A load of live tables stopped at any moment: nothing is lost, nothing counts twice."""

import base64
import json
import random
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from etl.config.settings import load_settings
from etl.extract.tables import extract
from tests.etl.extract.conftest import Loads, Server
from tests.search import some
from warehouse.refresh import wanted_by_default

DWELL = Path(sys.executable).parent / "dwell"
POSTS = 'posts = { user = "author_id", time = "created_at" }'
COLUMNS = "id int primary key, author_id int, created_at timestamp null"
KILLS = some(3, of=5)
OLD_NUMBERS = base64.b64encode(zlib.compress(bytes(range(24)))).decode()
MarkedLoads = Callable[..., Loads]


def some_posts(server: Server, first: int, count: int) -> None:
    """Posts with these ids."""
    rows = ", ".join(f"({n}, 7, '2026-03-10 12:00:00')" for n in range(first, first + count))
    server.run(f"insert into posts values {rows}")


@pytest.fixture
def app(server: Server, loads: MarkedLoads) -> Loads:
    """Three posts, not yet loaded."""
    server.table("posts", COLUMNS)
    some_posts(server, 1, 3)
    return loads(server, POSTS)


def ids(app: Loads) -> list[str]:
    """The ids of the lake's events."""
    return [str(event["event_id"]).rpartition(":")[2] for event in app.events()]


def test_a_crash_between_the_file_and_its_watermark_changes_nothing(
    server: Server, app: Loads
) -> None:
    app()
    (app.landed[0].parent / "watermark.json").unlink()
    assert app() == []
    assert len(app.landed) == 1
    (app.landed[0].parent / "watermark.json").unlink()
    some_posts(server, 4, 1)
    assert [(o.rows_read, o.rows_loaded, o.rows_duplicate) for o in app()] == [(4, 1, 3)]
    assert ids(app) == ["1", "2", "3", "4"]


def test_a_crash_between_landing_and_loading_loads_the_landed_file(app: Loads) -> None:
    settings = load_settings(app.home, app.config)
    list(extract(settings.sources[0], app.home))
    assert [outcome.rows_loaded for outcome in app()] == [3]


def test_what_a_crash_left_half_written_is_cleared(server: Server, app: Loads) -> None:
    app()
    left = app.landed[0].parent / "rows.tmp"
    left.write_bytes(b"PAR1 half")
    some_posts(server, 4, 1)
    assert [outcome.rows_loaded for outcome in app()] == [1]
    assert not left.exists()


def test_loaded_files_may_be_removed(server: Server, app: Loads) -> None:
    app()
    app.landed[0].unlink()
    assert app() == []
    some_posts(server, 4, 1)
    assert [(o.rows_read, o.rows_loaded) for o in app()] == [(1, 1)]
    assert ids(app) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("seen_by", [None, "a way of later"])
def test_rows_that_were_numbered_in_another_way_are_landed_once_more_and_are_duplicates(
    server: Server, app: Loads, seen_by: str | None
) -> None:
    app()
    state = app.landed[0].parent / "watermark.json"
    record = json.loads(state.read_text(encoding="utf-8"))
    del record["seen_by"]
    # What polars made of the same rows, in 0.1.
    record |= {"seen": OLD_NUMBERS} | ({"seen_by": seen_by} if seen_by else {})
    state.write_text(json.dumps(record), encoding="utf-8")
    some_posts(server, 4, 1)
    assert [(o.rows_read, o.rows_loaded, o.rows_duplicate) for o in app()] == [(4, 1, 3)]
    some_posts(server, 5, 1)
    assert [(o.rows_read, o.rows_loaded, o.rows_duplicate) for o in app()] == [(1, 1, 0)]
    assert ids(app) == ["1", "2", "3", "4", "5"]


def test_a_broken_watermark_is_told_with_what_to_do(app: Loads) -> None:
    app()
    state = app.landed[0].parent / "watermark.json"
    state.write_text("{", encoding="utf-8")
    (outcome,) = app()
    assert "Remove it: the whole table is read again" in str(outcome.message)
    state.unlink()
    assert app() == []


def test_a_mended_mapping_reads_the_landed_files_again(server: Server, app: Loads) -> None:
    app()
    server.run("delete from posts")
    text = app.config.read_text(encoding="utf-8")
    app.config.write_text(text.replace('"author_id"', '"id"'), encoding="utf-8")
    assert [outcome.rows_loaded for outcome in app()] == [3]
    assert sorted(event["user_id"] for event in app.events()) == ["1", "2", "3"]


def test_another_table_in_the_configuration_reloads_none(server: Server, app: Loads) -> None:
    app()
    server.table("comments", COLUMNS)
    server.run("insert into comments values (1, 8, '2026-03-10 12:00:00')")
    text = app.config.read_text(encoding="utf-8")
    app.config.write_text(f"{text}\n{POSTS.replace('posts', 'comments')}", encoding="utf-8")
    assert [outcome.rows_loaded for outcome in app()] == [1]


def test_what_was_landed_of_a_source_that_is_no_longer_configured_stays_as_it_was(
    app: Loads,
) -> None:
    app()
    app.config.write_text("", encoding="utf-8")
    wanted = wanted_by_default(load_settings(app.home, app.config))
    assert (list(wanted.inputs), wanted.waiting) == ([], ())
    assert ids(app) == ["1", "2", "3"]


def test_a_load_killed_at_any_moment_is_made_whole_by_the_next(
    server: Server, loads: MarkedLoads
) -> None:
    server.table("posts", COLUMNS)
    some_posts(server, 0, 20_000)
    app = loads(server, POSTS)
    command = [DWELL, "load", "--home", app.home, "--config", app.config]
    rng = random.Random(7)
    for number in range(KILLS):
        some_posts(server, 20_000 + number * 10, 10)
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as load:
            time.sleep(rng.uniform(0.2, 1.6))
            load.kill()
    assert subprocess.run(command, capture_output=True).returncode == 0
    found = app.events()
    assert len(found) == len({event["event_id"] for event in found}) == 20_000 + KILLS * 10
    assert list(app.home.rglob("*.tmp")) == []
