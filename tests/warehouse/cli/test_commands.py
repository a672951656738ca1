"""The command line: what each command prints, what it returns, what it refuses."""

import json
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from etl.collector.spool_files import mark_folder
from tests.make import write_ndjson
from tests.warehouse.cli.conftest import Dwell
from warehouse.cli import COMMANDS

STATS_KEYS = {
    *("status", "total_sessions", "active_sessions", "archived_sessions", "total_queries"),
    *("avg_duration_seconds", "avg_queries_per_session", "abandonment_rate", "period_days"),
    *("period_start", "period_end"),
    *("user_id", "session_type", "top_assets", "query_type_distribution"),
    *("session_type_breakdown", "popular_tags"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example_and_exits_0(dwell: Dwell, command: str) -> None:
    result = dwell(command, "--help")
    assert result.code == 0
    assert f"Example:\n  dwell {command}" in result.out
    for flag in ("--home", "--config", "--json"):
        assert flag in result.out


def test_help_waits_for_nothing_heavy() -> None:
    code = (
        "import sys; from warehouse.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass"
        "\nprint(*sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    help_text, _, modules = run.stdout.rstrip().rpartition("\n")
    assert all(name in help_text for name in COMMANDS)
    assert {"streamlit", "plotly", "polars", "pandas", "pyarrow"}.isdisjoint(modules.split())


def test_no_command_is_wrong_usage(dwell: Dwell) -> None:
    assert dwell().code == 2


@pytest.mark.parametrize(
    ("arguments", "usage", "message"),
    [
        pytest.param(["laod", "x"], "dwell", "No command 'laod'. Did you mean 'load'?", id="word"),
        pytest.param(["version"], "dwell", "Did you mean '--version'?", id="option as a word"),
        pytest.param(["--verison"], "dwell", "Did you mean '--version'?", id="own option"),
        pytest.param(["--home", "x", "status"], "dwell", "before the command", id="too early"),
        pytest.param(["load", "--maap", "x"], "dwell load", "Did you mean '--map'?", id="option"),
        pytest.param(["load", "--maap=x"], "dwell load", "Did you mean '--map'?", id="with value"),
        pytest.param(["sql"], "dwell sql", "arguments are required: SELECT", id="too few"),
        pytest.param(["status", "x"], "dwell status", "'x' is more than", id="too many"),
        pytest.param(["sql", "x", "--format", "tabel"], "dwell sql", "mean 'table'?", id="choice"),
        pytest.param(["stats", "--days", "x"], "dwell stats", "a whole number", id="number"),
    ],
)
def test_a_wrong_command_line_is_told_like_all_errors_with_what_was_meant(
    dwell: Dwell, arguments: list[str], usage: str, message: str
) -> None:
    told = dwell(*arguments)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith(f"usage: {usage} [-h]")
    assert message in told.err.splitlines()[-1]
    as_json = dwell(*arguments, "--json")
    assert as_json.json.keys() == {"error", "exit_code"}
    assert message in as_json.json["error"]
    logged = dwell(*arguments, "--log", "json").err.splitlines()
    assert [json.loads(line)["event"] for line in logged] == ["error"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["load"], "Nothing to load: no PATH was given"),
        (["load", "--map", "user=uid"], "--map is for files that are named"),
        (["inspect", "--time-zone", "UTC"], "--time-zone is for files that are named"),
        (["load", "x.csv", "--format", "evnts"], "Did you mean 'events'?"),
        (["load", "x.csv", "--sessions", "tracking"], "Did you mean 'tracker'?"),
        (["load", "x.csv", "--map", "user"], "is not ROLE=COLUMN"),
        (["load", "--source", "shop"], "No source 'shop' is configured"),
        (["load", "--config", "absent.toml", "x.csv"], "No configuration file"),
        (["stats", "--days", "0"], "A period of 0 days"),
        (["stats", "--days", "99999999"], "A period of 99,999,999 days is longer than 36525"),
        (["run", "--every", "soon"], "'soon' is no duration"),
        (["run", "--every", "15"], "--every 15 has no unit. Write for example --every 15m."),
        (["run", "--every", "9999999d"], "'9999999d' is no duration of at most 36525 days"),
        (["demo", "--days", "99999999"], "A period of 99,999,999 days is longer"),
        (["demo", "--until", "9999-12-31T23:59:59"], "is no time from 1970-01-01"),
        (["demo", "--until", "soon"], "'soon' is no time"),
        (["sql", "selec 1"], "Mend the query"),
        (["sql", "select * from user_session"], "user_sessions"),
    ],
)
def test_wrong_usage_exits_2_and_says_what_to_do(
    dwell: Dwell, events: Path, arguments: list[str], message: str
) -> None:
    if arguments[0] in ("sql", "stats"):
        dwell("load", str(events))
    if arguments[0] == "run":
        Path("dwell.toml").write_text('[sources.a]\npath = "*.ndjson"')
    result = dwell(*arguments)
    assert result.code == 2
    assert message in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize("command", [["sql", "select 1"], ["stats"]])
def test_reading_before_the_first_load_exits_1_and_says_what_to_do(
    dwell: Dwell, command: list[str]
) -> None:
    result = dwell(*command, "--json")
    assert result.code == 1
    assert "Run 'dwell load'" in result.json["error"]


def test_status_tells_broken_lines_with_line_reason_and_text(dwell: Dwell, tmp_path: Path) -> None:
    write_ndjson(
        tmp_path / "e.ndjson", ['{"user": "a", "time": 1773144000, "event": "x"}', "{oops"]
    )
    assert dwell("load", "e.ndjson").code == 0
    (rejected,) = dwell("status", "--json").json["rejected"]
    names = ("source", "reason", "row_count", "first_line", "example")
    assert [rejected[name] for name in names] == ["events", "not valid JSON", 1, 2, "{oops"]
    text = dwell("status").out
    assert "first at line 2: {oops" in text


def test_status_says_build_path_freshness_and_rows(dwell: Dwell, events: Path) -> None:
    before = dwell("status", "--json")
    assert (before.code, before.json["build"], before.json["path"]) == (0, None, None)
    dwell("load", str(events))
    status = dwell("status", "--json").json
    assert (status["build"], status["sessions"], status["events"]) == (1, 2, 3)
    assert status["as_of"] == "2026-03-10T13:00:00"
    assert status["data_age_seconds"] > 0
    assert status["sources"][0]["rows_read"] == 3
    with duckdb.connect(status["path"], read_only=True) as con:
        assert con.execute("select count(*) from user_sessions").fetchall() == [(2,)]


def test_status_says_what_was_collected_and_is_not_loaded(dwell: Dwell, tmp_path: Path) -> None:
    folder = mark_folder(tmp_path / "data", "web")
    name = "collected-20260310T120000000000-7-1.ndjson"
    write_ndjson(folder / name, ['{"a": 1}'])
    told = "web: collected since 2026-03-10 12:00 UTC and not loaded: 1 file of 9 bytes, which the"
    assert f"{told} next load takes\n" in dwell("status").out
    write_ndjson(folder / f"{name}.open", ['{"a": 1}'])
    assert "takes, and 1 file that may still be written" in dwell("status").out


def test_times_are_told_to_the_minute_and_a_failure_with_its_own(
    dwell: Dwell, events: Path
) -> None:
    dwell("load", str(events), "absent.csv")
    (failure,) = dwell("status", "--json").json["failed_files"]
    text = dwell("status").out
    failed_at = str(failure["failed_at"])[:16].replace("T", " ")
    assert f"\n  {failed_at} absent.csv matches no file" in text
    assert "3 events, as of 2026-03-10 13:00 UTC, " in text
    assert " d " in text.splitlines()[1]
    assert "2026-03-10 12:00  2026-03-10 13:00\n" in text


def test_a_build_of_nothing_says_so_and_of_no_event(dwell: Dwell) -> None:
    built = dwell("build")
    assert (built.code, built.err) == (0, "")
    assert built.out.splitlines()[-1] == "data holds no events. Run 'dwell load' with an export."
    assert "0 sessions, 0 events, no event yet\n" in dwell("status").out
    assert "Last 30 days\n" in dwell("stats").out


def test_build_makes_a_build_only_when_something_changed(loaded_events: Dwell) -> None:
    same = loaded_events("build", "--json").json
    assert (same["build"], same["is_new"]) == (1, False)
    full = loaded_events("build", "--full", "--json").json
    assert (full["build"], full["is_new"], full["sessions"]) == (2, True, 2)


def test_stats_prints_the_statistics_object(loaded_events: Dwell) -> None:
    stats = loaded_events("stats", "--json").json
    assert stats.keys() == STATS_KEYS
    assert (stats["total_sessions"], stats["total_queries"]) == (2, 1)
    ann = loaded_events("stats", "--user", "ann", "--type", "chat", "--days", "7", "--json").json
    assert (ann["total_sessions"], ann["user_id"], ann["period_days"]) == (1, "ann", 7)
    none = loaded_events("stats", "--user", "nobody", "--json")
    assert (none.code, none.json["total_sessions"], none.json["avg_duration_seconds"]) == (0, 0, 0)
    assert "message" in none.json
    beside = loaded_events("stats", "--user", "ann", "--benchmark", "--json").json
    assert beside.keys() == STATS_KEYS | {"benchmark"}
    assert set(beside["benchmark"]["total_sessions"]) == {"value", "platform_median", "percentile"}
    lines = loaded_events("stats", "--user", "ann", "--benchmark").out.splitlines()
    (line,) = [line.split() for line in lines if "total sessions" in line]
    told = beside["benchmark"]["total_sessions"].values()
    assert line == ["total", "sessions", *(f"{value:.1f}" for value in told)]
    # Of all, nothing is beside them.
    assert "beside all users" not in loaded_events("stats", "--benchmark").out
    text = loaded_events("stats").out
    assert "Last 30 days, from 2026-02-08 13:00 to 2026-03-10 13:00 UTC\n" in text
    assert "average duration  10 s\n" in text


def test_stats_says_its_period_in_the_reporting_zone(dwell: Dwell, events: Path) -> None:
    Path("dwell.toml").write_text('time_zone = "Europe/Berlin"\n')
    dwell("load", str(events))
    ends = "from 2026-03-09 14:00 to 2026-03-10 14:00 Europe/Berlin"
    assert f"Last 1 day, {ends}\n" in dwell("stats", "--days", "1").out
    stats = dwell("stats", "--days", "1", "--json").json
    assert stats["period_start"] == "2026-03-09T14:00:00+01:00"
    assert stats["period_end"] == "2026-03-10T14:00:00+01:00"


def test_sources_tells_a_path_that_matches_nothing(dwell: Dwell, events: Path) -> None:
    Path("dwell.toml").write_text(
        '[sources.web]\npath = "events.ndjson"\n[sources.app]\npath = "exports/*.csv"\n'
    )
    result = dwell("sources", "--json")
    health = {entry["source"]: entry["health"] for entry in result.json["sources"]}
    assert health == {"web": "not loaded yet", "app": "a path matches nothing"}
    assert result.code == 1
    assert "exports/*.csv matches no file" in dwell("sources").out
    assert dwell("load").code == 1
    entries = dwell("sources", "--json").json["sources"]
    health = {entry["source"]: entry["health"] for entry in entries}
    assert health["web"] == "ok"


def test_run_loads_again_and_again(dwell: Dwell, events: Path) -> None:
    Path("dwell.toml").write_text('[sources.web]\npath = "*.ndjson"\n')
    started = time.monotonic()
    result = dwell("run", "--every", "1s", "--times", "2")
    assert result.code == 0
    assert 1 <= time.monotonic() - started < 30
    assert result.err.count("0 failed, build 1") == 2


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
            result = dwell(*command, "--json")
            assert result.code == 75
            assert f"process {other.pid}" in result.json["error"]
        # Readers are not held up.
        assert dwell("sql", "select 1").code == 0
        assert dwell("status").code == 0
        other.kill()
    assert dwell("build", "--full").code == 0


def test_wrong_configuration_exits_2_with_the_nearest_key(dwell: Dwell) -> None:
    Path("dwell.toml").write_text('timeot = "30 min"')
    result = dwell("status", "--json")
    assert (result.code, result.json["exit_code"]) == (2, 2)
    assert "Did you mean 'timeout'?" in result.json["error"]


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


@pytest.mark.parametrize("name", ["a [1] b", "it's {x}*", 'say "ä" #1;%20'])
def test_a_home_may_have_nearly_any_name(dwell: Dwell, events: Path, name: str) -> None:
    for command in (("load", str(events)), ("build", "--full")):
        assert dwell(*command, "--home", name).code == 0
    result = dwell("sql", "select count(*) as n from session_events", "--home", name, "--json")
    assert json.loads(result.out) == [{"n": 3}]
    assert Path(name, "builds", "current.json").exists()


def test_a_property_of_dwell_toml_that_no_event_has_is_told_and_stops_nothing(
    loaded_events: Dwell, tmp_path: Path
) -> None:
    (tmp_path / "dwell.toml").write_text('[dimensions.plan]\nproperty = "plan"\n')
    said = "[dimensions.plan]: no event has a property 'plan'"
    loads = [loaded_events("load", "events.ndjson") for _ in range(2)]
    # Once for each dwell.toml, not at every load.
    assert [load.code for load in loads] == [0, 0]
    assert [load.err.count(f"warning: {said}") for load in loads] == [1, 0]
    built = loaded_events("build")
    assert (built.code, built.err.count(f"warning: {said}")) == (0, 1)
    (warning,) = loaded_events("build", "--json").json["warnings"]
    assert warning.startswith(said)
    checked = loaded_events("check")
    assert (checked.code, checked.out.count(said)) == (0, 1)
