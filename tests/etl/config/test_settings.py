"""Settings: where values come from, and what is said of those that do not fit."""

from datetime import timedelta
from pathlib import Path

import pytest

from etl.config.settings import SETTINGS, as_text, load_settings, parse_duration
from etl.config.sources import parse_map
from etl.errors import ConfigError

DEFINED_DEFAULTS = {
    "timeout": timedelta(minutes=30),
    "idle_timeout": timedelta(seconds=30),
    "live_window": timedelta(minutes=5),
    "bounce_duration": timedelta(seconds=30),
    "bounce_actions": 1,
    "abandoned_queries": 2,
    "suspect_after": timedelta(hours=24),
    "pattern_sessions": 20,
    "pattern_actions": 5,
    "rage_clicks": 3,
    "rage_click_time": timedelta(seconds=1),
    "rage_click_distance": 30,
    "repeated_query_time": timedelta(seconds=20),
    "top_n": 10,
    "keep_builds": 5,
    "ends": ("logout", "session_expired"),
    "starts": (),
    "time_zone": "UTC",
}


def written(folder: Path, text: str) -> Path:
    """A dwell.toml of the text."""
    file = folder / "dwell.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_defaults_are_those_of_the_definitions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings()
    assert {name: getattr(settings, name) for name in DEFINED_DEFAULTS} == DEFINED_DEFAULTS
    assert settings.home == Path("data")


def test_the_command_line_wins_over_the_environment_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path, 'home = "of-file"\ntimeout = "40 min"\ntop_n = 3')
    settings = load_settings(config=file)
    assert (settings.home, settings.timeout, settings.top_n) == (
        tmp_path / "of-file",
        timedelta(minutes=40),
        3,
    )
    monkeypatch.setenv("DWELL_HOME", "of-environment")
    monkeypatch.setenv("DWELL_TIMEOUT", "50 min")
    assert load_settings(config=file).home == Path("of-environment")
    assert load_settings(config=file).timeout == timedelta(minutes=50)
    assert load_settings("of-command", file).home == Path("of-command")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("30 min", timedelta(minutes=30)),
        ("1 h", timedelta(hours=1)),
        ("500 ms", timedelta(milliseconds=500)),
        ("1.5h", timedelta(minutes=90)),
        ("15m", timedelta(minutes=15)),
        ("2 days", timedelta(days=2)),
        ("90 seconds", timedelta(seconds=90)),
        (45, timedelta(seconds=45)),
        ("45", timedelta(seconds=45)),
        (0.5, timedelta(milliseconds=500)),
    ],
)
def test_durations_are_written_as_text_or_seconds(text: object, wanted: timedelta) -> None:
    assert parse_duration(text) == wanted


@pytest.mark.parametrize("text", ["", "half an hour", "30 lightyears", "-5 min", 0, "0 s", True])
def test_other_durations_are_refused(text: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        parse_duration(text)


@pytest.mark.parametrize(
    "text",
    [
        *("36525.1 d", "9999999d", "876601 h", f"{'9' * 400} ms", "0.0000001 s"),
        *(float("inf"), float("nan"), 1e300, 10**400, "١٢ min"),
    ],
)
def test_a_duration_of_centuries_or_of_nothing_is_refused(text: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        parse_duration(text)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_a_setting_s_text_reads_back_as_itself(setting: object, tmp_path: Path) -> None:
    value = setting.default  # type: ignore[attr-defined]
    text = as_text(value)
    file = written(tmp_path, f'{setting.name} = "{text}"')  # type: ignore[attr-defined]
    name = setting.name  # type: ignore[attr-defined]
    if name != "home":
        assert getattr(load_settings("h", file), name) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("zzz = 1", "Unknown setting 'zzz'.*Known: .*timeout"),
        ('timeout = "soon"', "'timeout' has the value 'soon'. Wanted: a duration"),
        ('bounce_actions = "few"', "'bounce_actions' has the value 'few'. Wanted: a whole number"),
        ("bounce_actions = -1", "Wanted: a whole number"),
        (f"top_n = {10**30}", "Wanted: a whole number such as 10"),
        ('timeout = "9999999 days"', "Wanted: a duration such as .*, of at most 36525 days"),
        ("suspect_after = inf", "'suspect_after' has the value inf. Wanted: a duration"),
        ('keep_events = "99999999999999 d"', "Wanted: a duration such as .*, or nothing"),
        ('time_zone = "Mars/Base"', "'time_zone' has the value 'Mars/Base'"),
    ],
)
def test_a_wrong_setting_says_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=f"(?s){said}"):
        load_settings("h", written(tmp_path, text))


def test_an_unknown_format_of_a_source_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    from etl.formats.registry import requests_of

    file = written(tmp_path, '[sources.shop]\npath = "x"\nformat = "evnts"')
    with pytest.raises(ConfigError, match="Did you mean 'events'"):
        requests_of(load_settings("h", file).sources[0])


def test_a_named_configuration_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No configuration file at"):
        load_settings(config=tmp_path / "absent.toml")


def test_paths_of_sources_are_relative_to_the_configuration(tmp_path: Path) -> None:
    file = written(tmp_path, '[sources.shop]\npath = ["a/*.csv", "/abs/b.csv"]')
    (source,) = load_settings("h", file).sources
    assert source.paths == (str(tmp_path / "a/*.csv"), "/abs/b.csv")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("user=uid,time=ts", {"user": "uid", "time": "ts"}),
        ("user=1, time=3", {"user": "1", "time": "3"}),
        ("user=uid,type='a, b'", {"user": "uid", "type": "'a, b'"}),
        ("user=data.user.id,time=t", {"user": "data.user.id", "time": "t"}),
        (None, {}),
    ],
)
def test_map_names_columns(text: str | None, wanted: dict[str, str]) -> None:
    assert parse_map(text) == wanted


@pytest.mark.parametrize("text", ["user", "user=", "=uid", "user=uid,,time"])
def test_a_map_that_is_no_map_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="is not ROLE=COLUMN"):
        parse_map(text)


def test_a_home_that_the_engine_cannot_keep_files_in_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="has a question mark in its path"):
        load_settings(home=tmp_path / "really?" / "home")
