"""Forgetting: nothing of a person is left, and no number of the others is another."""

import json
import shutil
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

from etl.lake import Lake, locked
from tests.homes import assert_lake_is_tidy, lake_rows, tables
from tests.make import lake_table
from tests.warehouse.forget.homes import (
    ANN,
    DEVICE,
    SECRETS,
    SHARED,
    forget_in,
    load_exports,
    make_home,
    settings_for,
    write_exports,
)
from tests.warehouse.forget.leftovers import leftovers
from warehouse.build.prune import prune
from warehouse.build_files import last_build
from warehouse.forget.run import Forgotten
from warehouse.saved_file import saved_entries
from warehouse.verify import verify_home

# What tells of loads is of another export.
_OF_LOADS = ("load_runs", "rejected_summary")


def said(home: Path) -> dict[str, Any]:
    """All tables of the current build but those of loads."""
    build = last_build(home)
    assert build
    return {name: rows for name, rows in tables(build.path).items() if name not in _OF_LOADS}


def content_of(home: Path) -> dict[str, str]:
    """A hash of each file of a home but its lock."""
    return {
        path.relative_to(home).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in home.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def test_nothing_of_her_is_left(done: tuple[Path, Forgotten], both: Path) -> None:
    home, told = done
    assert len({place.split(":")[0] for place in leftovers(both / "with", SECRETS)}) >= 10
    assert leftovers(home, SECRETS) == []
    assert_lake_is_tidy(home)
    assert not list((home / "scopes").glob("*/builds/wh-*"))
    assert told.finished
    assert (told.searched.own, told.searched.others) == ({}, {})
    assert [path.name for path in told.left_alone] == [
        "later.ndjson",
        "tracked.ndjson",
        "web.ndjson",
    ]


def test_the_others_are_as_if_she_had_never_been_there(
    done: tuple[Path, Forgotten], both: Path
) -> None:
    home, _ = done
    after, never = said(home), said(both / "without")
    assert after.keys() == never.keys()
    for name in never:
        assert after[name] == never[name], name
    assert lake_rows(home) == lake_rows(both / "without")


def test_what_went_is_accounted_for(done: tuple[Path, Forgotten]) -> None:
    home, told = done
    batches = Lake(home).batches()
    assert sum(told.found.events.values()) == sum(b.rows_erased for b in batches) == 15
    assert told.found.rejected == sum(b.rejects_erased for b in batches) == 2
    for batch in batches:
        assert batch.rows_read == batch.rows_loaded + batch.rows_duplicate + batch.rows_rejected
    assert verify_home(settings_for(home)).faults == ()


def test_lists_lose_her_or_go(done: tuple[Path, Forgotten]) -> None:
    home, told = done
    segments = saved_entries(home, "segments")
    assert segments.keys() == {"two", "all"}
    assert segments["two"]["where"] == {"user_id": ["bob"]}
    assert saved_entries(home, "queries").keys() == {"any"}
    assert (told.saved["segments.json"], told.saved["queries.json"], told.lines) == (2, 1, 2)
    (spooled,) = (home / "landing").rglob("collected-*.ndjson")
    assert [
        line["user_id"] for line in map(json.loads, spooled.read_text("utf-8").splitlines())
    ] == ["bob"]


def test_others_of_a_shared_device_stay(done: tuple[Path, Forgotten]) -> None:
    rows = [row for row in lake_rows(done[0]) if row[4] == SHARED]
    assert [(row[3], row[7]) for row in sorted(rows, key=lambda row: row[5])] == [
        ("bob", "/bob"),
        (SHARED, "/bob-too"),
    ]


def test_the_same_exports_do_not_bring_her_back(
    done: tuple[Path, Forgotten], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(done[0], home)
    before = lake_rows(home)
    again = write_exports(tmp_path / "again")
    for path in again.values():
        # Other bytes, the same rows: the file itself would not be read again.
        path.write_text("\n" + path.read_text("utf-8"), "utf-8")
    outcomes = load_exports(home, again)
    assert sum(one.rows_loaded for one in outcomes) == 0
    assert lake_rows(home) == before
    reasons = [(one["reason"], one["raw"]) for one in lake_table(home, "rejected")]
    assert reasons.count(("forgotten", None)) == 17
    assert {raw for reason, raw in reasons if reason == "forgotten"} == {None}
    assert leftovers(home, SECRETS) == []


def test_a_dry_run_says_what_would_go_and_changes_nothing(
    home: Path, done: tuple[Path, Forgotten]
) -> None:
    before = content_of(home)
    told = forget_in(home, dry_run=True)
    assert content_of(home) == before
    real = done[1]
    assert (told.found, told.lines, told.saved) == (real.found, real.lines, real.saved)


def test_of_nobody_nothing_is_changed(home: Path) -> None:
    before = content_of(home)
    told = forget_in(home, "nobody")
    assert (told.unknown, told.finished) == (("nobody",), None)
    assert content_of(home) == before


def test_who_was_forgotten_before_is_told_so(done: tuple[Path, Forgotten]) -> None:
    before = content_of(done[0])
    told = forget_in(done[0])
    assert (told.unknown, told.before, told.finished) == ((), (ANN,), None)
    assert content_of(done[0]) == before


def test_pruned_days_keep_their_numbers_and_lose_her(tmp_path: Path) -> None:
    home = tmp_path / "home"
    exports = write_exports(tmp_path)
    settings = make_home(home, {"web": exports["web"]})
    with locked(home):
        prune(settings, before=date(2026, 2, 15))
    days = "select stat_date, total_sessions from daily_session_stats where is_pruned"
    before, users = asked(home, days), asked(home, "select user_id from users")
    assert (ANN,) in users
    told = forget_in(home, settings=settings)
    assert list(told.found.kept) == [ANN]
    assert leftovers(home, SECRETS) == []
    assert asked(home, days) == before
    assert before
    gone = {(ANN,), (DEVICE,)}
    assert asked(home, "select user_id from users") == [u for u in users if u not in gone]
    assert verify_home(settings).faults == ()
    assert_lake_is_tidy(home)


def asked(home: Path, query: str) -> list[Any]:
    """What the current build answers."""
    build = last_build(home)
    assert build
    with duckdb.connect(build.path, read_only=True) as con:
        return con.execute(f"from ({query}) order by all").fetchall()
