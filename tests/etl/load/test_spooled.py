"""Files of the collector in loads: taken whole and once, removed when the build has them."""

import json
import os
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from etl.collector.spool import Spool
from etl.collector.spool_files import finished, mark_folder, open_files, spool_folder
from etl.config.settings import Settings
from etl.errors import CheckFailed, ConfigError
from etl.formats.format import Request
from etl.lake import Lake, locked
from etl.load.check_sources import check_sources
from etl.load.dropped_files import landed
from etl.load.missing_notes import missing_notes
from etl.load.outcome import Outcome, failures
from etl.load.run import load
from etl.load.spooled import remove_loaded, spool_request
from tests.etl.collector.conftest import append, line
from tests.make import lake_events, lake_table, settings_of
from warehouse.health import state
from warehouse.refresh import (
    RefreshListener,
    Result,
    load_and_build,
    wanted_by_default,
    wanted_files,
)

NAME = "collected-20260310T120000000000-7-1.ndjson"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that is not there yet."""
    return tmp_path / "home"


def spooled(home: Path, *lines: bytes, source: str = "web") -> Path:
    """A finished file of these lines."""
    spool = Spool(home)
    append(spool, source, lines)
    spool.stop()
    return finished(home)[-1].path


def refreshed(settings: Settings, listener: RefreshListener | None = None) -> Result:
    """The result of a load of all there is, and its build."""
    wanted = wanted_by_default(settings)
    with locked(settings.home):
        return load_and_build(settings, wanted, listener)


def loaded(settings: Settings) -> Sequence[Outcome]:
    """The outcomes of a load of all there is, without a build."""
    wanted = wanted_by_default(settings)
    with locked(settings.home):
        return load(settings, wanted.inputs, waiting=wanted.waiting)


def removed(settings: Settings, hours: float = 2) -> list[Path]:
    """What goes so many hours from now, if the build has all that was loaded."""
    now = datetime.now(UTC) + timedelta(hours=hours)
    return remove_loaded(settings, Lake(settings.home).state().last_batch, now)


def told(outcomes: Sequence[Outcome]) -> list[tuple[str, str]]:
    """What became of each file, and the source."""
    return [(outcome.source, outcome.status) for outcome in outcomes]


def ids(home: Path) -> list[str]:
    """The ids of the lake's events."""
    return [row["event_id"] for row in lake_events(home)]


def taken(settings: Settings) -> dict[str, Request]:
    """The landed files that are whole by name, and how each is read."""
    return {Path(path).name: request for path, request in landed(settings)[0]}


def test_a_finished_file_is_loaded_at_once_as_events_with_the_trackers_sessions(
    home: Path,
) -> None:
    spooled(home, line(event_id="a", session_id="s"), line(event_id="b", session_id="t"))
    settings = settings_of(home)
    result = refreshed(settings)
    assert told(result.outcomes) == [("web", "loaded")]
    assert result.build is not None
    assert (result.build.events, result.build.sessions) == (2, 2)
    assert {row["stream"] for row in lake_events(home)} == {"tracker"}
    assert told(loaded(settings)) == [("web", "unchanged")]


def test_a_file_that_is_written_waits_and_is_taken_whole_once_it_is_finished(home: Path) -> None:
    settings = settings_of(home)
    spool = Spool(home)
    append(spool, "web", [line(event_id="a")])
    result = refreshed(settings)
    assert (told(result.outcomes), result.has_failed) == ([("web", "waiting")], False)
    (message,) = [outcome.message or "" for outcome in result.outcomes]
    assert message.startswith(str(open_files(home)[0].path))
    assert message.endswith("when it stops, or 30 s after the first event in it (spool_age).")
    append(spool, "web", [line(event_id="b")])
    spool.stop()
    assert told(loaded(settings)) == [("web", "loaded")]
    assert ids(home) == ["a", "b"]


def test_a_load_finishes_what_a_killed_collector_left_open(home: Path) -> None:
    path = mark_folder(home, "web") / f"{NAME}.open"
    path.write_bytes(line(event_id="a") + b"\n" + line(event_id="torn")[:30])
    settings = settings_of(home)
    trial = wanted_by_default(settings, is_trial=True)
    assert [outcome.status for outcome in trial.waiting] == ["waiting"]
    assert path.exists()
    assert told(loaded(settings)) == [("web", "loaded")]
    assert ids(home) == ["a"]
    assert not path.exists()


def test_a_file_that_cannot_be_finished_fails_until_it_can(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(home)
    path = mark_folder(home, "web") / f"{NAME}.open"
    path.write_bytes(line(event_id="a") + b"\n")

    def fails(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", fails)
        assert told(loaded(settings)) == [("web", "failed")]
    assert "left open by a collector" in str(failures(home)[0]["message"])
    assert told(loaded(settings)) == [("web", "loaded")]
    assert (ids(home), failures(home)) == (["a"], [])


def test_only_one_source_is_loaded_when_it_is_named(home: Path) -> None:
    spooled(home, line(), source="web")
    spooled(home, line(), source="mein é")
    spool = Spool(home)
    append(spool, "app", [line()])
    settings = settings_of(home)
    for source in ("web", "mein é", "app"):
        wanted = wanted_by_default(settings, source)
        waiting = [outcome.source for outcome in wanted.waiting]
        assert [request.source for _, request in wanted.inputs] + waiting == [source]
    spool.stop()


@pytest.mark.parametrize(
    ("config", "wanted"),
    [
        pytest.param("", {}, id="a source that is not configured"),
        pytest.param('sessions = "inactivity"', {"sessions": "inactivity"}, id="other sessions"),
        pytest.param('exclude_users = ["bot"]', {"exclude_users": ("bot",)}, id="excluded users"),
        pytest.param('empty_words = ["nil"]', {"empty_words": ("nil",)}, id="empty words"),
        pytest.param(
            'format = "mixpanel"\nmap = { user = "uid" }\ntime_zone = "Asia/Tokyo"\n'
            'time_format = "epoch_ms"',
            {},
            id="how its exports are read",
        ),
        pytest.param(
            'database = "postgres://ann@localhost/app"\n[sources.web.tables]\n'
            'posts = { user = "u", time = "t" }',
            {},
            id="a source that has a database too",
        ),
    ],
)
def test_what_is_said_of_a_source_holds_for_its_files_but_not_how_exports_are_read(
    home: Path, config: str, wanted: dict[str, object]
) -> None:
    spooled(home, line())
    settings = settings_of(home, f"[sources.web]\n{config}" if config else "")
    (request,) = taken(settings).values()
    assert request == Request("web", format="events", **{"sessions": "tracker", **wanted})  # type: ignore[arg-type]


def test_a_users_own_file_in_the_folder_is_an_ordinary_dropped_file(home: Path) -> None:
    path = spooled(home, line(event_id="a"))
    own = path.with_name("own.ndjson")
    own.write_bytes(path.read_bytes().replace(b'"a"', b'"b"'))
    like = spool_folder(home, "other") / NAME
    like.parent.mkdir(parents=True)
    like.write_bytes(path.read_bytes())
    for file in (own, like):
        os.utime(file, (1773144000, 1773144000))
    settings = settings_of(home)
    assert taken(settings) == {
        path.name: spool_request("web", None),
        "own.ndjson": Request("web"), NAME: Request("other"),
    }  # fmt: skip
    assert {status for _, status in told(loaded(settings))} == {"loaded"}
    assert removed(settings) == [path]
    assert (path.exists(), own.exists(), like.exists()) == (False, True, True)


def test_neither_the_marker_nor_what_is_open_counts_as_a_dropped_file(home: Path) -> None:
    folder = mark_folder(home, "web")
    (folder / ".dwell-spool.77-1.tmp").touch()
    (folder / f"{NAME}.open").touch()
    assert landed(settings_of(home)) == ([], [])


def test_a_file_that_is_finished_while_a_load_looks_is_not_read_as_somebody_s(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = spooled(home, line())
    os.utime(path, (1773144000, 1773144000))
    monkeypatch.setattr("etl.load.dropped_files.finished", lambda home: [])
    assert landed(settings_of(home)) == ([], [])


@pytest.mark.parametrize("source", ["web", "shop"])
def test_configured_paths_that_name_files_of_the_collector_change_nothing_of_them(
    home: Path, source: str
) -> None:
    spooled(home, line(event_id="a"))
    names = f'path = "{home}/landing/web/collected/*.ndjson"\nmap = {{ user = "session_id" }}'
    settings = settings_of(home, f"[sources.{source}]\n{names}")
    result = refreshed(settings)
    assert told(result.outcomes) == [("web", "loaded")]
    assert [(row["user_id"], row["stream"]) for row in lake_events(home)] == [("ann", "tracker")]
    said = "belongs to the source web, for which the collector took the events"
    assert [said in warning for warning in result.warnings] == [True] * (source == "shop")
    checks, _ = check_sources(settings)
    assert {trial.error for check in checks for trial in check.trials} == {None}


def given(settings: Settings, *paths: Path, source: str | None = None) -> Result:
    """The result of a load of what is named, and its build."""
    wanted = wanted_files(settings, [str(path) for path in paths], source)
    with locked(settings.home):
        return load_and_build(settings, wanted)


@pytest.mark.parametrize("source", [None, "web"])
def test_a_file_of_the_collector_is_of_its_source_however_it_is_named(
    home: Path, tmp_path: Path, source: str | None
) -> None:
    path = spooled(home, line(event_id="a"), line(event_id="b"))
    settings = settings_of(home)
    refreshed(settings)
    (tmp_path / "day.ndjson").symlink_to(path)
    places = ("landing", "landing/web", "landing/web/collected", "landing/*/*/*.ndjson")
    named = [path, tmp_path / "day.ndjson", *(home / place for place in places)]
    result = given(settings, *named, source=source)
    assert told(result.outcomes) == [("web", "unchanged")]
    assert (ids(home), result.warnings) == (["a", "b"], ())


def test_a_file_of_the_collector_that_is_named_first_is_read_as_always(home: Path) -> None:
    path = spooled(home, line(event_id="a", session_id="s"), line(event_id="b", session_id="t"))
    settings = settings_of(home, '[sources.web]\nexclude_users = ["bob"]')
    assert told(given(settings, path).outcomes) == [("web", "loaded")]
    assert {row["stream"] for row in lake_events(home)} == {"tracker"}
    assert told(loaded(settings)) == [("web", "unchanged")]


@pytest.mark.parametrize("place", ["file", "folder"])
def test_a_file_of_the_collector_is_loaded_as_no_other_source(home: Path, place: str) -> None:
    path = spooled(home, line())
    named = path if place == "file" else home / "landing"
    with pytest.raises(ConfigError, match="took its events for the source 'web': as 'shop'"):
        given(settings_of(home), named, source="shop")
    copy = home.parent / path.name
    shutil.copy(path, copy)
    assert told(given(settings_of(home), copy, source="shop").outcomes) == [("shop", "loaded")]


@pytest.mark.parametrize("place", ["file", "folder"])
def test_a_file_that_the_collector_has_not_finished_is_left_when_it_is_named(
    home: Path, place: str
) -> None:
    path = mark_folder(home, "web") / f"{NAME}.open"
    path.write_bytes(line(event_id="a") + b"\n")
    settings = settings_of(home)
    result = given(settings, path if place == "file" else home / "landing")
    assert (told(result.outcomes), lake_events(home)) == ([], [])
    (warning,) = result.warnings
    assert "is not finished by the collector" in warning
    assert told(loaded(settings)) == [("web", "loaded")]


def test_the_same_bytes_are_the_same_batch_under_any_name(home: Path) -> None:
    path = spooled(home, line(event_id="a"))
    settings = settings_of(home)
    loaded(settings)
    path.rename(path.with_name(NAME))
    assert told(loaded(settings)) == [("web", "unchanged")]
    assert len(removed(settings)) == 1


def test_a_file_is_removed_an_hour_after_its_load(home: Path) -> None:
    path = spooled(home, line())
    settings = settings_of(home)
    loaded(settings)
    assert removed(settings, 0) == removed(settings, 0.99) == []
    assert path.exists()
    assert removed(settings, 1.01) == [path]
    assert not path.exists()


def test_a_file_stays_while_the_current_build_has_not_its_batch(home: Path) -> None:
    settings = settings_of(home)
    old = spooled(home, line())
    loaded(settings)
    new = spooled(home, line())
    loaded(settings)
    later = datetime.now(UTC) + timedelta(hours=2)
    assert remove_loaded(settings, 0, later) == []
    assert remove_loaded(settings, 1, later) == [old]
    assert new.exists()


def test_a_build_that_is_refused_removes_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = spooled(home, line())
    settings = settings_of(home, 'keep_spool = "1 ms"')

    def refuses(*_: object, **__: object) -> None:
        msg = "refused"
        raise CheckFailed(msg)

    monkeypatch.setattr("warehouse.refresh.build", refuses)
    result = refreshed(settings)
    assert (result.problem, ids(home) != [], path.exists()) == ("refused", True, True)


def test_a_file_whose_rows_the_lake_has_lost_stays_until_they_are_back(home: Path) -> None:
    path = spooled(home, line(event_id="a"))
    settings = settings_of(home)
    loaded(settings)
    lake = Lake(home)
    (lost,) = lake.state().of_kind("events")
    lake.state().path_of(lost).unlink()
    assert removed(settings) == []
    loaded(settings)
    assert ids(home) == ["a"]
    assert removed(settings) == [path]


def test_a_file_with_rejected_rows_goes_because_these_are_kept(home: Path) -> None:
    path = spooled(home, line(event_id="a"), bad := line(event_time="never"))
    settings = settings_of(home)
    loaded(settings)
    assert removed(settings) == [path]
    (rejected,) = lake_table(home, "rejected")
    assert json.loads(rejected["raw"]) == json.loads(bad)
    # Another load neither misses the file nor tells of it.
    assert (told(loaded(settings)), failures(home)) == ([], [])


def test_a_removed_file_is_neither_loaded_again_nor_missed(home: Path) -> None:
    path = spooled(home, line(event_id="a"))
    backup = home.parent / "backup.ndjson"
    shutil.copy(path, backup)
    settings = settings_of(home, 'keep_spool = "1 ms"')
    gone: list[Sequence[Path]] = []

    class Keeping(RefreshListener):
        def on_removed(self, files: Sequence[Path]) -> None:
            gone.append(files)

    refreshed(settings, Keeping())
    result = refreshed(settings, Keeping())
    assert (gone, result.outcomes, result.has_failed) == ([[path]], (), False)
    health = state(settings)
    assert (health.events, health.failed_files, health.problems) == (1, [], [])
    assert [(totals.files, totals.rows_loaded) for totals in health.sources] == [(1, 1)]
    # Restored from a backup it is known, and goes again.
    shutil.copy(backup, path)
    assert told(loaded(settings)) == [("web", "unchanged")]
    assert removed(settings) == [path]
    assert ids(home) == ["a"]


def test_a_home_that_was_moved_knows_its_files(home: Path) -> None:
    spooled(home, line())
    loaded(settings_of(home))
    moved = home.with_name("moved")
    home.rename(moved)
    settings = settings_of(moved)
    assert told(loaded(settings)) == [("web", "unchanged")]
    assert removed(settings) != []
    assert finished(moved) == []


def test_a_file_that_a_quicker_load_has_removed_is_no_failure(home: Path) -> None:
    path = spooled(home, line())
    settings = settings_of(home)
    wanted = wanted_by_default(settings)
    path.unlink()
    with locked(home):
        assert load(settings, wanted.inputs) == []


def test_files_of_the_collector_tell_of_no_changed_fields(home: Path) -> None:
    settings = settings_of(home)
    for properties in ({"depth": 3}, {"length": 3}):
        spooled(home, line(properties=properties))
    outcomes = loaded(settings)
    assert [outcome.schema_changes for outcome in outcomes] == [(), ()]
    assert (state(settings).schema_changes, state(settings).warnings) == ([], [])
    assert missing_notes(Lake(home)) == []


def test_of_removed_files_nobody_is_told_to_read_them_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spooled(home, line())
    settings = settings_of(home)
    loaded(settings)
    monkeypatch.setattr("warehouse.health.RULES", 99)
    assert [totals.older_files for totals in state(settings).sources] == [0]


def test_of_lost_rows_nobody_is_told_to_load_what_the_collector_removed(home: Path) -> None:
    spooled(home, line())
    settings = settings_of(home)
    loaded(settings)
    removed(settings)
    lake = Lake(home)
    (lost,) = lake.state().of_kind("events")
    lake.state().path_of(lost).unlink()
    (problem,) = state(settings).problems
    assert "dwell load" not in problem
    assert "Restore it from a backup. The collector's files are removed" in problem


def test_the_check_of_sources_looks_at_exports_and_collected_files_apart(home: Path) -> None:
    path = spooled(home, line())
    export = home / "landing" / "web" / "export.csv"
    export.write_text("uid,at\nann,1773144000\n")
    os.utime(export, (1773144000, 1773144000))
    settings = settings_of(home, '[sources.web]\nmap = { user = "uid", time = "at" }')
    (checked,), _ = check_sources(settings)
    assert {(Path(trial.path).name, trial.error) for trial in checked.trials} == {
        (path.parent.name, None), ("web", None),
    }  # fmt: skip


@pytest.mark.parametrize("source", ["web", "mein é"])
def test_a_source_without_a_path_needs_no_more_than_what_was_collected(
    home: Path, source: str
) -> None:
    path = spooled(home, line(), source=source)
    settings = settings_of(home, f'[sources."{source}"]\nsessions = "tracker"')
    assert len(wanted_by_default(settings).inputs) == 1
    # So it is when all of it is loaded and gone.
    path.unlink()
    assert wanted_by_default(settings).inputs == []
    ((checked,), _) = check_sources(settings)
    assert checked.trials == []


@pytest.mark.parametrize("key", ['write_key = "k"', 'write_key_env = "DWELL_WEB_KEY"'])
def test_a_source_that_is_collected_may_have_nothing_yet(home: Path, key: str) -> None:
    settings = settings_of(home, f"[sources.web]\n{key}")
    assert wanted_by_default(settings).inputs == []
    ((checked,), _) = check_sources(settings)
    assert checked.trials == []


def test_what_is_sent_again_and_again_is_one_event(home: Path) -> None:
    # Exports with such a column are told that it is no id of events.
    moments = (f"2026-03-10T12:00:{second:02}.{n:03}Z" for second in range(20) for n in range(100))
    lines = [line(event_id=f"e{n % 50}", event_time=at) for n, at in enumerate(moments)]
    spooled(home, *lines)
    (outcome,) = loaded(settings_of(home))
    assert (outcome.rows_read, outcome.rows_loaded, outcome.rows_duplicate) == (2000, 50, 1950)
    assert not outcome.warnings


def test_files_of_the_collector_are_read_alike_and_together_whatever_is_in_them(home: Path) -> None:
    spooled(home, line(event_id="a"))
    spooled(home, line(event_id="b", environment="test", properties={"depth": 3, "url": "/out"}))
    spooled(home, line(event_id="c", chat_id="c1", user_id=None, anonymous_id="v"))
    settings = settings_of(home)
    assert [status for _, status in told(loaded(settings))] == ["loaded"] * 3
    # All of them are one record of the lake's log.
    assert Lake(home).state().number == 1
    events = {row["event_id"]: row for row in lake_events(home)}
    assert {key: row["properties"] for key, row in events.items()} == {
        "a": {}, "b": {"environment": "test", "depth": 3, "url": "/out"}, "c": {},
    }  # fmt: skip
    assert {row["page"] for row in events.values()} == {"/a"}
    assert (events["c"]["chat_id"], events["c"]["anonymous_id"]) == ("c1", "v")


def test_ids_are_what_was_sent_whoever_came_in_the_same_half_minute(home: Path) -> None:
    # Apart, a column of each file would hold whole numbers alone.
    first, second = line(event_id="5.0", user_id="18.0"), line(event_id="x", user_id="bob")
    third = line(event_id="6.00", user_id="18.0", session_id="7.0", chat_id="3.0")
    settings = settings_of(home)
    for lines in ([first], [first, second], [third]):
        spooled(home, *lines)
        loaded(settings)
    users = {row["event_id"]: row["user_id"] for row in lake_events(home)}
    assert users == {"5.0": "18.0", "x": "bob", "6.00": "18.0"}
    assert {row["chat_id"] for row in lake_events(home)} == {None, "3.0"}
