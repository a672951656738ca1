"""dwell load: what became of every file and row, and whose home it goes into."""

import json
from pathlib import Path

import pytest

from tests.make import write_ndjson
from tests.warehouse.cli.conftest import Dwell

LOAD_KEYS = {"build", "batches", "sessions", "events", "seconds"}

BATCH_KEYS = {
    *("source", "file", "rows_read", "rows_loaded", "rows_duplicate", "rows_rejected", "status"),
}


def test_load_says_in_json_what_became_of_every_row(dwell: Dwell, events: Path) -> None:
    result = dwell("load", str(events), "--json")
    assert result.code == 0
    assert result.json.keys() >= LOAD_KEYS
    assert (result.json["build"], result.json["sessions"], result.json["events"]) == (1, 2, 3)
    (batch,) = result.json["batches"]
    assert batch.keys() >= BATCH_KEYS
    assert [batch[name] for name in ("source", "status", "rows_read", "rows_loaded")] == [
        *("events", "loaded", 3, 3),
    ]


def test_load_twice_adds_nothing_and_makes_no_build(dwell: Dwell, events: Path) -> None:
    first = dwell("load", str(events), "--json").json
    again = dwell("load", str(events), "--json").json
    assert [again[name] for name in ("build", "sessions", "events")] == [
        first[name] for name in ("build", "sessions", "events")
    ]
    assert again["batches"][0]["status"] == "unchanged"
    assert len(list(Path("data/builds").glob("wh-*.duckdb"))) == 1


def test_load_tells_people_the_same(dwell: Dwell, events: Path) -> None:
    result = dwell("load", str(events))
    assert "1 file loaded, 0 unchanged, 0 failed; 3 rows read: 3 loaded" in result.out
    assert "events.ndjson → events (events): 3 read" in result.err


def test_load_with_map_source_and_sessions(dwell: Dwell, tmp_path: Path) -> None:
    (tmp_path / "visits.csv").write_text("1,a,1773144000\n1,b,1773150000\n")
    given = ["--map", "user=1,session=2,time=3,type='visit'", "--source", "shop"]
    result = dwell("load", "visits.csv", *given, "--sessions", "tracker", "--json")
    assert (result.code, result.json["sessions"], result.json["batches"][0]["source"]) == (
        0,
        2,
        "shop",
    )
    rows = dwell("sql", "select stream, event_type from session_events", "--json").out
    assert json.loads(rows) == [{"stream": "tracker", "event_type": "visit"}] * 2


VISITS = "uid,ts,page\nann,2026-03-10 12:00,/a\nbob,2026-03-10 13:00,/b\n"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        pytest.param(["--map", "user=nope"], "--map user=nope names no column", id="map"),
        pytest.param(["--time-format", "excel"], "no readable time", id="time format"),
        pytest.param(["--format", "posthog"], "no user", id="format"),
        pytest.param(["--time-zone", "Europe/Berlim"], "mean 'Europe/Berlin'?", id="time zone"),
    ],
)
def test_what_was_typed_wrongly_is_wrong_usage_and_leaves_a_good_file_as_it_was(
    dwell: Dwell, typed: list[str], message: str
) -> None:
    Path("visits.csv").write_text(VISITS)
    dwell("load", "visits.csv")
    result = dwell("load", "visits.csv", *typed, "--json")
    assert (result.code, result.json.keys()) == (2, {"error", "exit_code"})
    assert message in result.json["error"]
    status = dwell("status", "--json").json
    assert (status["failed_files"], status["build"], status["events"]) == ([], 1, 2)
    assert dwell("sources").code == 0


def test_what_does_not_fit_some_files_is_told_of_them_and_the_others_are_loaded(
    dwell: Dwell, events: Path
) -> None:
    Path("visits.csv").write_text(VISITS)
    result = dwell("load", str(events), "visits.csv", "--map", "user=user", "--json")
    assert result.code == 1
    assert [batch["status"] for batch in result.json["batches"]] == ["loaded", "failed"]
    assert dwell("status", "--json").json["failed_files"] == []


def test_what_is_configured_wrongly_fails_and_takes_no_events_away(dwell: Dwell) -> None:
    Path("visits.csv").write_text(VISITS)
    Path("dwell.toml").write_text('[sources.shop]\npath = "visits.csv"\n')
    dwell("load")
    Path("dwell.toml").write_text('[sources.shop]\npath = "visits.csv"\ntime_format = "excel"\n')
    assert dwell("load").code == 1
    status = dwell("status", "--json").json
    assert status["events"] == 2
    assert "What was loaded of it before stays" in status["failed_files"][0]["message"]


def test_a_failed_file_exits_1_after_the_others_were_loaded(dwell: Dwell, events: Path) -> None:
    result = dwell("load", "absent.csv", str(events), "--json")
    assert result.code == 1
    assert [batch["status"] for batch in result.json["batches"]] == ["failed", "loaded"]
    assert result.json["events"] == 3
    status = dwell("status", "--json")
    assert "absent.csv matches no file" in status.json["failed_files"][0]["message"]
    assert "matches no file" in dwell("status").out


def test_the_demo_and_own_data_do_not_mix(dwell: Dwell, events: Path) -> None:
    demo = dwell("demo", "--no-dashboard", "--events", "1500", "--days", "5", "--json")
    assert demo.code == 0
    Path("own.toml").write_text('home = "data"\n[sources.web]\npath = "*.ndjson"\n')
    for refused in (
        dwell("load", str(events)),
        dwell("run", "--config", "own.toml", "--times", "1"),
    ):
        assert refused.code == 2
        assert "holds the demo" in refused.err
        assert "--home" in refused.err
    assert dwell("status", "--json").json["events"] == demo.json["events"]
    assert dwell("load", "--json").json["build"] == demo.json["build"]
    dwell("load", str(events), "--home", "own")
    assert dwell("demo", "--no-dashboard", "--home", "own").code == 2


def test_configured_sources_that_match_nothing_or_overlap_are_told_after_the_rest(
    dwell: Dwell, events: Path
) -> None:
    Path("dwell.toml").write_text(
        '[sources.gone]\npath = "exports/*.csv"\n[sources.web]\npath = "*.ndjson"\n'
        '[sources.app]\npath = "events.ndjson"\n'
    )
    result = dwell("load", "--json")
    assert result.code == 1
    assert [(batch["source"], batch["status"]) for batch in result.json["batches"]] == [
        *(("gone", "failed"), ("web", "loaded"), ("app", "loaded")),
    ]
    assert "exports/*.csv matches no file" in result.err
    for said, warning in zip(
        ("belongs to the sources web and app", "100% of the events of 'app' are those of 'web'"),
        result.json["warnings"],
        strict=True,
    ):
        assert said in warning
        assert f"warning: {warning}" in result.err
    assert dwell("load", "--source", "web").code == 0


def test_the_shape_of_times_is_told_by_load_and_sources_and_can_be_said(
    dwell: Dwell, tmp_path: Path
) -> None:
    visits = tmp_path / "visits.csv"
    visits.write_text("user,timestamp,event\nann,03/04/2026 10:00,x\n")
    doubt = dwell("load", "visits.csv", "--json")
    assert "'03/04/2026 10:00', whose order" in doubt.json["warnings"][0]
    told = dwell("load", "visits.csv", "--time-format", "day_first")
    assert "times timestamp=day_first (read in another way before: replaces that)" in told.err
    assert dwell("load", "visits.csv", "--time-format", "day_first", "--json").json["events"] == 1
    (entry,) = dwell("sources", "--json").json["sources"]
    assert entry["times"] == ["timestamp=day_first"]
    assert "times read as timestamp=day_first" in dwell("sources").out


@pytest.mark.parametrize(
    ("option", "value", "wanted"),
    [
        ("--time-format", "epoch", "one of written, day_first"),
        ("--time-format", "%H:%M", "a strptime pattern of a whole date"),
        ("--time-zone", "BST", "a name such as Europe/Berlin"),
    ],
)
def test_what_is_no_shape_and_no_zone_is_refused(
    dwell: Dwell, events: Path, option: str, value: str, wanted: str
) -> None:
    refused = dwell("load", str(events), option, value)
    assert refused.code == 2
    assert f"{option} has the value '{value}'. Wanted: " in refused.err
    assert wanted in refused.err


def test_two_columns_of_time_are_named_in_the_configuration(dwell: Dwell, tmp_path: Path) -> None:
    (tmp_path / "visits.csv").write_text("who,day,at,event\nann,2026-03-10,10:00,x\n")
    Path("dwell.toml").write_text(
        '[sources.web]\npath = "visits.csv"\nmap = { user = "who", time = ["day", "at"] }\n'
    )
    assert dwell("sources").code == 0
    assert dwell("load", "--json").json["as_of"] == "2026-03-10T10:00:00"


def test_changed_fields_are_told_by_load_status_and_build(dwell: Dwell, tmp_path: Path) -> None:
    row = {"user": "ann", "time": "2026-03-10T12:00:00Z", "event": "x"}
    write_ndjson(tmp_path / "e-1.ndjson", [row | {"price": 7}])
    write_ndjson(tmp_path / "e-2.ndjson", [row | {"price": "7 EUR"}])
    dwell("load", "e-1.ndjson")
    result = dwell("load", "e-2.ndjson", "--json")
    changes = ["Field price is text now and was number."]
    assert (result.code, result.json["batches"][0]["schema_changes"]) == (0, changes)
    assert f"warning: e-2.ndjson: {changes[0]}" in result.err
    (changed,) = dwell("status", "--json").json["schema_changes"]
    assert (changed["source"], changed["schema_changes"]) == ("events", changes)
    assert f"events, e-2.ndjson: {changes[0]}" in dwell("status").out
    runs = dwell("sql", "select file, schema_changes from load_runs order by file", "--json").out
    assert [run["schema_changes"] for run in json.loads(runs)] == [[], changes]
