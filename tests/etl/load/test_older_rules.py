"""What an older Dwell has read keeps its reading, is found again, and can be read anew."""

import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest

from etl.formats.format import Request
from etl.lake import Lake
from etl.lake.rules import RULES
from etl.load import batch
from etl.load.check_sources import check_sources
from etl.load.known_columns import KnownColumns
from etl.load.run import load
from tests.make import lake_events, lake_table, load_files, settings_of
from warehouse.health import state

# Made by commit a35daef of visits.ndjson, which is beside it: ten rows, an id in two of them.
HOMES = Path(__file__).parents[2] / "old_homes"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The old home; the export that it was made of lies beside it."""
    with tarfile.open(HOMES / "a35daef-ids.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "home"


def events(home: Path) -> list[dict[str, Any]]:
    """The lake's events; which batch they are of is not told in lakes of before the log."""
    rows = lake_table(home, "events")
    return [{k: v for k, v in row.items() if k != "batch_number"} for row in rows]


def counts(home: Path, file: Path, **reading: Any) -> tuple[str, int, int]:
    """What became of a file of the source: its status, rows loaded and duplicate ones."""
    (outcome,) = load_files(home, file, source="shop", format="events", **reading)
    return outcome.status, outcome.rows_loaded, outcome.rows_duplicate


def test_the_same_export_is_known(home: Path) -> None:
    before = events(home)
    assert counts(home, home.parent / "visits.ndjson") == ("unchanged", 0, 0)
    assert events(home) == before


def test_an_export_that_overlaps_adds_what_is_new_alone(home: Path) -> None:
    before = events(home)
    rows = (home.parent / "visits.ndjson").read_text().splitlines()
    # One more row, and one of the old ones with its keys in another order, which older rules
    # would have taken for new.
    new = json.loads(rows[0]) | {"timestamp": "2026-03-11T10:00:00Z"}
    file = home.parent / "more.ndjson"
    file.write_text("\n".join([*rows[1:], json.dumps(new)]) + "\n")
    # The row whose id was the word null: which of those with that id it was, nobody can tell.
    assert counts(home, file) == ("loaded", 2, 8)
    added = [event for event in events(home) if event not in before]
    assert sorted(str(event["event_time"]) for event in added) == [
        "2026-03-10 10:06:00",
        "2026-03-11 10:00:00",
    ]
    assert counts(home, file) == ("unchanged", 0, 0)


def test_what_was_read_by_older_rules_is_read_again_where_that_is_asked(home: Path) -> None:
    file, settings = home.parent / "visits.ndjson", settings_of(home)
    assert [source.older_files for source in state(settings).sources] == [1]
    (request,) = {batch.source for batch in Lake(home).state().batches()}
    (outcome,) = load(settings, [(str(file), Request(request, "events"))], again=True)
    assert (outcome.status, outcome.rows_loaded) == ("loaded", 10)
    assert "older rules" in str(outcome.message)
    assert [source.older_files for source in state(settings).sources] == [0]
    assert {batch.rules for batch in Lake(home).state().batches()} == {RULES}
    fresh = home.parent / "fresh"
    load_files(fresh, file, source="shop", format="events")
    assert lake_events(home) == lake_events(fresh)
    users = {event["user_id"] for event in lake_events(home)}
    assert users == {"ann", "v2", "bob", "41.0", "42.0", "cid", "dora"}
    # And once it is, it is known.
    (outcome,) = load(settings, [(str(file), Request(request, "events"))], again=True)
    assert outcome.status == "unchanged"


def test_rows_of_today_are_not_looked_for_by_older_rules(tmp_path: Path, home: Path) -> None:
    shutil.rmtree(home)
    file = tmp_path / "visits.ndjson"
    assert counts(home, file) == ("loaded", 10, 0)
    turned = [
        json.dumps(dict(reversed(json.loads(row).items()))) for row in file.read_text().splitlines()
    ]
    (tmp_path / "turned.ndjson").write_text("\n".join(turned) + "\n")
    assert counts(home, tmp_path / "turned.ndjson") == ("loaded", 0, 10)


@pytest.mark.parametrize(
    ("header", "row", "reading", "taken_for"),
    [
        ("user_id,timestamp,page,referrer", "ann,2026-03-10 1{n}:00,/a,y", {}, "tables"),
        ("username,session_id,timestamp,event", "ann,s1,2026-03-10 1{n}:00,open", {}, "sessions"),
        ("user_type,session_id,timestamp,event", "a,s1,2026-03-10 1{n}:00,open", {}, "sessions"),
        ("user_id,time,page,referrer", "a,2026-03-10 1{n}:00,/a,y", {"format": "events"}, "events"),
        ("user_id,timestamp,activity", "ann,2026-03-10 1{n}:00,open", {"source": "web"}, "tables"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["visits.csv", "visits-2026-03-11.csv"])
def test_a_file_that_an_older_dwell_took_for_another_format_goes_on_as_that(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    header: str,
    row: str,
    reading: dict[str, str],
    taken_for: str,
    name: str,
) -> None:
    home = tmp_path / "home"
    lines = [header, *(row.format(n=n) for n in range(4))]
    with monkeypatch.context() as old:
        old.setattr(batch, "RULES", 1)
        # Columns were found by names that mean one thing alone.
        old.setattr(KnownColumns, "before", lambda *_: ())
        (tmp_path / "visits.csv").write_text("\n".join(lines[:3]))
        (before,) = load_files(home, tmp_path / "visits.csv", **reading)
        assert before.format == taken_for
    types = {event["event_type"] for event in lake_events(home)}
    (tmp_path / name).write_text("\n".join(lines))
    (grown,) = load_files(home, tmp_path / name, **reading)
    assert (grown.format, grown.rows_loaded, grown.rows_duplicate) == (taken_for, 2, 2)
    assert {event["event_type"] for event in lake_events(home)} == types
    if "source" in reading:
        config = f"[sources.{reading['source']}]\npath = '{tmp_path / name}'\n"
        (check,), _ = check_sources(settings_of(home, config))
        assert [trial.format for trial in check.trials] == [taken_for]
