"""Bringing a home up to date without a command line: what was loaded, built and pruned."""

from pathlib import Path

import pytest

from etl.config.settings import Settings
from etl.errors import ConfigError
from etl.lake import locked
from tests.make import settings_of, write_ndjson
from warehouse.build import runner
from warehouse.build.model_files import Check, checks
from warehouse.demo_home import demo_folder, demo_mark
from warehouse.refresh import (
    RefreshListener,
    Result,
    Wanted,
    load_and_build,
    summary,
    wanted_by_default,
    wanted_files,
)

ROWS = [
    {"user": "ann", "time": "2026-03-10T12:00:00Z", "event": "click"},
    {"user": "bob", "time": "2026-03-14T12:00:00Z", "event": "click"},
]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Those of a home whose source web is one export of two events, four days apart."""
    path = write_ndjson(tmp_path / "web.ndjson", ROWS)
    return settings_of(tmp_path / "home", f'[sources.web]\npath = "{path}"')


def refreshed(
    settings: Settings, wanted: Wanted | None = None, listener: RefreshListener | None = None
) -> Result:
    """The result of one refresh; what is configured is loaded if nothing else is wanted."""
    wanted = wanted or wanted_by_default(settings)
    with locked(settings.home):
        return load_and_build(settings, wanted, listener)


def test_refresh_loads_and_builds_and_does_neither_twice(settings: Settings) -> None:
    first = refreshed(settings)
    assert (first.how_many("loaded"), first.has_failed, first.problem) == (1, False, None)
    assert first.build is not None
    assert (first.build.number, first.build.is_new, first.build.events) == (1, True, 2)
    again = refreshed(settings)
    assert again.how_many("unchanged") == 1
    assert again.build is not None
    assert (again.build.number, again.build.is_new) == (1, False)


def test_refresh_of_nothing_makes_no_build(settings: Settings) -> None:
    result = refreshed(settings, Wanted([]))
    assert (result.build, result.has_failed) == (None, False)
    assert summary(result)["build"] is None


def test_refresh_goes_on_when_a_file_fails(settings: Settings) -> None:
    wanted = wanted_by_default(settings)
    absent = wanted_files(settings, ["absent.csv"])
    result = refreshed(settings, Wanted([*absent.inputs, *wanted.inputs]))
    assert [outcome.status for outcome in result.outcomes] == ["failed", "loaded"]
    assert (result.has_failed, result.problem) == (True, None)
    assert result.build is not None
    assert result.build.events == 2


def test_refresh_tells_a_refused_build_as_its_problem(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = Check("user_sessions__none_is_there", "select session_id from user_sessions")
    monkeypatch.setattr(runner, "checks", lambda: [*checks(), bad])
    result = refreshed(settings)
    assert (result.build, result.has_failed, result.how_many("loaded")) == (None, True, 1)
    assert "none is there: 2 bad rows" in str(result.problem)
    assert summary(result)["error"] == result.problem


def test_refresh_prunes_to_keep_events(settings: Settings, tmp_path: Path) -> None:
    keeping = settings_of(settings.home, f'keep_events = "2 days"\n{config_of(settings)}')
    result = refreshed(keeping)
    assert result.build is not None
    assert (result.build.events, result.build.reason) == (1, "old events pruned")


def config_of(settings: Settings) -> str:
    """The text of the configuration that the settings were read from."""
    return (settings.home.parent / f"{settings.home.name}.toml").read_text(encoding="utf-8")


def test_listener_hears_warnings_and_steps(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "web.ndjson"
    both = settings_of(
        settings.home, f'[sources.web]\npath = "{path}"\n[sources.app]\npath = "{path}"'
    )

    class Steps(RefreshListener):
        def __init__(self) -> None:
            super().__init__()
            self.names: list[str] = []

        def on_step(self, name: str, rows: int | None, seconds: float) -> None:
            self.names.append(name)

    listener = Steps()
    result = refreshed(both, listener=listener)
    assert "user_sessions" in listener.names
    assert [*result.warnings] == listener.warnings
    claimed, doubled = result.warnings
    assert "belongs to the sources web and app" in claimed
    assert "are those of 'web' too" in doubled


def test_files_are_read_as_their_source_s_entry_says_and_as_given_instead(
    settings: Settings,
) -> None:
    mapped = settings_of(
        settings.home, '[sources.web]\npath = "x"\nmap = { user = "who" }\ntime_zone = "Asia/Tokyo"'
    )
    ((path, request),) = wanted_files(mapped, ["a.csv"], "web", map={"user": "uid"}).inputs
    assert (path, request.source) == ("a.csv", "web")
    assert (dict(request.map), request.time_zone) == ({"user": "uid"}, "Asia/Tokyo")
    ((_, request),) = wanted_files(mapped, ["a.csv"], "shop").inputs
    assert (request.source, dict(request.map)) == ("shop", {})


def test_files_of_one_s_own_do_not_go_into_the_demo_s_home(settings: Settings) -> None:
    demo_folder(settings.home).mkdir(parents=True)
    demo_mark(settings.home).write_text("{}")
    for want in (wanted_by_default, lambda given: wanted_files(given, ["own.csv"])):
        with pytest.raises(ConfigError, match=r"holds the demo.*--home"):
            want(settings)


def test_nothing_to_load_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Nothing to load: no PATH was given"):
        wanted_by_default(settings_of(tmp_path / "home", ""))
