"""The command line: what each command prints, what it returns, what it refuses."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tests.make import write_ndjson
from warehouse.cli import COMMANDS

Dwell = Callable[..., "Said"]  # noqa: F821

LOAD_KEYS = {"build", "batches", "sessions", "events", "seconds"}
BATCH_KEYS = {
    *("source", "file", "rows_read", "rows_loaded", "rows_duplicate", "rows_rejected", "status"),
}
STATS_KEYS = {
    *("status", "total_sessions", "active_sessions", "archived_sessions", "total_queries"),
    *("avg_duration_seconds", "avg_queries_per_session", "abandonment_rate", "period_days"),
    *("user_id", "session_type", "top_assets", "query_type_distribution"),
    *("session_type_breakdown", "popular_tags"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example_and_exits_0(dwell: Dwell, command: str) -> None:
    said = dwell(command, "--help")
    assert said.code == 0
    assert f"Example:\n  dwell {command}" in said.out
    for flag in ("--home", "--config", "--json"):
        assert flag in said.out


def test_help_comes_at_once() -> None:
    started = time.monotonic()
    found = subprocess.run(
        [str(Path(sys.executable).parent / "dwell"), "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert all(name in found.stdout for name in COMMANDS)
    assert time.monotonic() - started < 3


def test_no_command_and_an_unknown_one_are_wrong_usage(dwell: Dwell) -> None:
    assert dwell().code == 2
    assert dwell("laod").code == 2


def test_load_says_in_json_what_became_of_every_row(dwell: Dwell, events: Path) -> None:
    said = dwell("load", str(events), "--json")
    assert said.code == 0
    assert said.json.keys() >= LOAD_KEYS
    assert (said.json["build"], said.json["sessions"], said.json["events"]) == (1, 2, 3)
    (batch,) = said.json["batches"]
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
    said = dwell("load", str(events))
    assert "1 file loaded, 0 unchanged, 0 failed; 3 rows read: 3 loaded" in said.out
    assert "events.ndjson → events (events): 3 read" in said.err


def test_load_with_map_source_and_sessions(dwell: Dwell, tmp_path: Path) -> None:
    (tmp_path / "visits.csv").write_text("1,a,1773144000\n1,b,1773150000\n")
    given = ["--map", "user=1,session=2,time=3,type='visit'", "--source", "shop"]
    said = dwell("load", "visits.csv", *given, "--sessions", "tracker", "--json")
    assert (said.code, said.json["sessions"], said.json["batches"][0]["source"]) == (0, 2, "shop")
    rows = dwell("sql", "select stream, event_type from session_events", "--json").out
    assert json.loads(rows) == [{"stream": "tracker", "event_type": "visit"}] * 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["load"], "Nothing to load: no PATH was given"),
        (["load", "x.csv", "--format", "evnts"], "Did you mean 'events'?"),
        (["load", "x.csv", "--sessions", "tracking"], "Did you mean 'tracker'?"),
        (["load", "x.csv", "--map", "user"], "is not ROLE=COLUMN"),
        (["load", "--source", "shop"], "No source 'shop' is configured"),
        (["load", "--config", "absent.toml", "x.csv"], "No configuration file"),
        (["stats", "--days", "0"], "A period of 0 days"),
        (["run", "--every", "soon"], "'soon' is no duration"),
        (["demo", "--until", "soon"], "'soon' is no time"),
        (["sql", "selec 1"], "Mend the query"),
        (["sql", "select * from user_session"], "user_sessions"),
    ],
)
def test_wrong_usage_exits_2_and_says_what_to_do(
    dwell: Dwell, events: Path, arguments: list[str], said: str
) -> None:
    if arguments[0] in ("sql", "stats"):
        dwell("load", str(events))
    if arguments[0] == "run":
        Path("dwell.toml").write_text('[sources.a]\npath = "*.ndjson"')
    found = dwell(*arguments)
    assert found.code == 2
    assert said in found.err
    assert "Traceback" not in found.err


@pytest.mark.parametrize("command", [["sql", "select 1"], ["stats"]])
def test_reading_before_the_first_load_exits_1_and_says_what_to_do(
    dwell: Dwell, command: list[str]
) -> None:
    said = dwell(*command, "--json")
    assert said.code == 1
    assert "Run 'dwell load'" in said.json["error"]


def test_a_failed_file_exits_1_after_the_others_were_loaded(dwell: Dwell, events: Path) -> None:
    said = dwell("load", "absent.csv", str(events), "--json")
    assert said.code == 1
    assert [one["status"] for one in said.json["batches"]] == ["failed", "loaded"]
    assert said.json["events"] == 3
    status = dwell("status", "--json")
    assert "absent.csv matches no file" in status.json["failed_files"][0]["message"]
    assert "matches no file" in dwell("status").out


def test_status_tells_broken_lines_with_line_reason_and_text(dwell: Dwell, tmp_path: Path) -> None:
    write_ndjson(
        tmp_path / "e.ndjson", ['{"user": "a", "time": 1773144000, "event": "x"}', "{oops"]
    )
    assert dwell("load", "e.ndjson").code == 0
    (told,) = dwell("status", "--json").json["rejected"]
    names = ("source", "reason", "row_count", "first_line", "example")
    assert [told[name] for name in names] == ["events", "not valid JSON", 1, 2, "{oops"]
    text = dwell("status").out
    assert "first at line 2: {oops" in text


def test_status_says_build_path_freshness_and_rows(dwell: Dwell, events: Path) -> None:
    before = dwell("status", "--json")
    assert (before.code, before.json["build"], before.json["path"]) == (0, None, None)
    dwell("load", str(events))
    found = dwell("status", "--json").json
    assert (found["build"], found["sessions"], found["events"]) == (1, 2, 3)
    assert found["as_of"] == "2026-03-10T13:00:00"
    assert found["data_age_seconds"] > 0
    assert found["sources"][0]["rows_read"] == 3
    with duckdb.connect(found["path"], read_only=True) as con:
        assert con.execute("select count(*) from user_sessions").fetchall() == [(2,)]


def test_build_makes_a_build_only_when_something_changed(dwell: Dwell, events: Path) -> None:
    dwell("load", str(events))
    same = dwell("build", "--json").json
    assert (same["build"], same["is_new"]) == (1, False)
    full = dwell("build", "--full", "--json").json
    assert (full["build"], full["is_new"], full["sessions"]) == (2, True, 2)


def test_deleted_builds_come_back_the_same_from_the_lake(dwell: Dwell, events: Path) -> None:
    import shutil

    query = "select * from user_sessions order by session_id"
    dwell("load", str(events))
    before = dwell("sql", query, "--json").out
    shutil.rmtree("data/builds")
    assert dwell("build", "--full").code == 0
    assert dwell("sql", query, "--json").out == before


def test_sql_answers_in_every_format(dwell: Dwell, events: Path) -> None:
    dwell("load", str(events))
    query = "select user_id, event_count, tags from user_sessions order by user_id"
    table = dwell("sql", query).out
    assert "user_id" in table
    assert "ann" in table
    csv = dwell("sql", query, "--format", "csv", "--output", "a.csv")
    assert csv.code == 0
    assert pl.read_csv("a.csv")["user_id"].to_list() == ["ann", "bob"]
    dwell("sql", query, "--format", "json", "--output", "a.json")
    assert json.loads(Path("a.json").read_text())[1]["tags"] == ["x", "y"]
    dwell("sql", query, "--format", "parquet", "--output", "a.parquet")
    assert pl.read_parquet("a.parquet")["event_count"].to_list() == [2, 1]


@pytest.mark.parametrize(
    "query",
    [
        "create table x as select 1",
        "delete from user_sessions",
        "insert into settings values ('a', 'b', 'c', 'd')",
        "drop table user_sessions",
        "update user_sessions set user_id = 'x'",
        "copy user_sessions to 'stolen.csv'",
        "select * from read_csv('events.ndjson')",
        "select * from read_text('events.ndjson')",
        "select * from 'events.ndjson'",
        "select * from glob('*')",
        "attach 'other.duckdb'",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "export database 'stolen'",
        "select 1; drop table user_sessions",
    ],
)
def test_sql_refuses_to_write_or_to_read_files(dwell: Dwell, events: Path, query: str) -> None:
    dwell("load", str(events))
    before = sorted(path.name for path in Path().iterdir())
    said = dwell("sql", query)
    assert said.code == 2
    assert "Traceback" not in said.err
    assert sorted(path.name for path in Path().iterdir()) == before
    rows = dwell("sql", "select count(*) as n from user_sessions", "--json").out
    assert json.loads(rows) == [{"n": 2}]


def test_stats_prints_the_statistics_object(dwell: Dwell, events: Path) -> None:
    dwell("load", str(events))
    found = dwell("stats", "--json").json
    assert found.keys() == STATS_KEYS
    assert (found["total_sessions"], found["total_queries"]) == (2, 1)
    one = dwell("stats", "--user", "ann", "--type", "chat", "--days", "7", "--json").json
    assert (one["total_sessions"], one["user_id"], one["period_days"]) == (1, "ann", 7)
    none = dwell("stats", "--user", "nobody", "--json")
    assert (none.code, none.json["total_sessions"], none.json["avg_duration_seconds"]) == (0, 0, 0)
    assert "message" in none.json
    assert "Last 30 days" in dwell("stats").out


def test_sources_tells_a_path_that_matches_nothing(dwell: Dwell, events: Path) -> None:
    Path("dwell.toml").write_text(
        '[sources.web]\npath = "events.ndjson"\n[sources.app]\npath = "exports/*.csv"\n'
    )
    said = dwell("sources", "--json")
    health = {one["source"]: one["health"] for one in said.json["sources"]}
    assert health == {"web": "not loaded yet", "app": "a path matches nothing"}
    assert said.code == 1
    assert "exports/*.csv matches no file" in dwell("sources").out
    assert dwell("load").code == 1
    health = {one["source"]: one["health"] for one in dwell("sources", "--json").json["sources"]}
    assert health["web"] == "ok"


def test_run_loads_again_and_again(dwell: Dwell, events: Path) -> None:
    Path("dwell.toml").write_text('[sources.web]\npath = "*.ndjson"\n')
    started = time.monotonic()
    said = dwell("run", "--every", "1s", "--times", "2")
    assert said.code == 0
    assert 1 <= time.monotonic() - started < 30
    assert said.err.count("0 failed, build 1") == 2


def test_run_finds_files_that_came_meanwhile(dwell: Dwell, events: Path) -> None:
    Path("dwell.toml").write_text('[sources.web]\npath = "*.ndjson"\n')
    dwell("run", "--times", "1")
    write_ndjson(Path("more.ndjson"), [{"user": "cy", "time": 1773144000, "event": "x"}])
    assert "build 2" in dwell("run", "--times", "1").err


def test_a_command_exits_75_while_another_holds_the_lock(dwell: Dwell, events: Path) -> None:
    hold = (
        "from pathlib import Path\nfrom etl.lake import locked\nimport time\n"
        "with locked(Path('data')):\n    print('held', flush=True)\n    time.sleep(60)"
    )
    dwell("load", str(events))
    with subprocess.Popen([sys.executable, "-c", hold], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        for command in (["load", str(events)], ["build", "--full"]):
            said = dwell(*command, "--json")
            assert said.code == 75
            assert f"process {other.pid}" in said.json["error"]
        # Readers are not held up.
        assert dwell("sql", "select 1").code == 0
        assert dwell("status").code == 0
        other.kill()
    assert dwell("build", "--full").code == 0


def test_wrong_configuration_exits_2_with_the_nearest_key(dwell: Dwell) -> None:
    Path("dwell.toml").write_text('timeot = "30 min"')
    said = dwell("status", "--json")
    assert (said.code, said.json["exit_code"]) == (2, 2)
    assert "Did you mean 'timeout'?" in said.json["error"]


def test_home_may_come_from_flag_environment_or_file(
    dwell: Dwell, events: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dwell("load", str(events), "--home", "by-flag")
    monkeypatch.setenv("DWELL_HOME", "by-environment")
    dwell("load", str(events))
    monkeypatch.delenv("DWELL_HOME")
    Path("dwell.toml").write_text('home = "by-file"')
    dwell("load", str(events))
    for home in ("by-flag", "by-environment", "by-file"):
        assert (tmp_path / home / "builds" / "current.json").exists()


def test_the_demo_and_own_data_do_not_mix(dwell: Dwell, events: Path) -> None:
    made = dwell("demo", "--no-dashboard", "--events", "1500", "--days", "5", "--json")
    assert made.code == 0
    Path("own.toml").write_text('home = "data"\n[sources.web]\npath = "*.ndjson"\n')
    for refused in (
        dwell("load", str(events)),
        dwell("run", "--config", "own.toml", "--times", "1"),
    ):
        assert refused.code == 2
        assert "holds the demo" in refused.err
        assert "--home" in refused.err
    assert dwell("status", "--json").json["events"] == made.json["events"]
    assert dwell("load", "--json").json["build"] == made.json["build"]
    dwell("load", str(events), "--home", "own")
    assert dwell("demo", "--no-dashboard", "--home", "own").code == 2


def test_configured_sources_that_match_nothing_or_overlap_are_told_after_the_rest(
    dwell: Dwell, events: Path
) -> None:
    Path("dwell.toml").write_text(
        '[sources.gone]\npath = "exports/*.csv"\n[sources.web]\npath = "*.ndjson"\n'
        '[sources.app]\npath = "events.ndjson"\n'
    )
    said = dwell("load", "--json")
    assert said.code == 1
    assert [(one["source"], one["status"]) for one in said.json["batches"]] == [
        *(("gone", "failed"), ("web", "loaded"), ("app", "loaded")),
    ]
    assert "exports/*.csv matches no file" in said.err
    (warning,) = said.json["warnings"]
    assert "belongs to the sources web and app" in warning
    assert f"warning: {warning}" in said.err
    assert dwell("load", "--source", "web").code == 0


def test_changed_fields_are_told_by_load_status_and_build(dwell: Dwell, tmp_path: Path) -> None:
    row = {"user": "ann", "time": "2026-03-10T12:00:00Z", "event": "x"}
    write_ndjson(tmp_path / "e-1.ndjson", [row | {"price": 7}])
    write_ndjson(tmp_path / "e-2.ndjson", [row | {"price": "7 EUR"}])
    dwell("load", "e-1.ndjson")
    said = dwell("load", "e-2.ndjson", "--json")
    told = ["Field price is text now and was number."]
    assert (said.code, said.json["batches"][0]["schema_changes"]) == (0, told)
    assert f"warning: e-2.ndjson: {told[0]}" in said.err
    status = dwell("status", "--json").json["schema_changes"]
    assert [(one["source"], one["schema_changes"]) for one in status] == [("events", told)]
    assert f"events, e-2.ndjson: {told[0]}" in dwell("status").out
    found = dwell("sql", "select file, schema_changes from load_runs order by file", "--json").out
    assert [one["schema_changes"] for one in json.loads(found)] == [[], told]


@pytest.mark.parametrize("name", ["a [1] b", "it's {x}*", 'say "ä" #1;%20'])
def test_a_home_may_have_nearly_any_name(dwell: Dwell, events: Path, name: str) -> None:
    for command in (("load", str(events)), ("build", "--full")):
        assert dwell(*command, "--home", name).code == 0
    said = dwell("sql", "select count(*) as n from session_events", "--home", name, "--json")
    assert json.loads(said.out) == [{"n": 3}]
    assert Path(name, "builds", "current.json").exists()
