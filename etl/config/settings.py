"""The settings: each declared once with its default and help. Never read after the start.

A value comes from, in this order: the command line, the environment (DWELL_<NAME>), dwell.toml,
the default. Durations are written as text ("30 min", "1 h", "500 ms"); a bare number is seconds.
"""

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from etl.config.durations import duration_text
from etl.config.durations import parse_duration as parse_duration
from etl.config.page_rules import PageRule, page_rules
from etl.config.sources import Source, sources_of
from etl.config.toml_file import read_config_file
from etl.errors import ConfigError, did_you_mean

CONFIG_FILE = "dwell.toml"


@dataclass(frozen=True)
class Setting:
    """One named setting. `shapes_history` tells that a change redoes all sessions."""

    name: str
    default: Any
    help: str
    shapes_history: bool = True


SETTINGS = (
    Setting("home", "./data", "Folder of the lake and the builds.", shapes_history=False),
    Setting("time_zone", "UTC", "Reporting time zone: the local day a session belongs to."),
    Setting(
        "timeout",
        timedelta(minutes=30),
        "A gap strictly longer than this starts a new session; exactly this long stays.",
    ),
    Setting(
        "idle_timeout",
        timedelta(seconds=30),
        "The most that one gap between two events adds to the engaged time.",
    ),
    Setting("live_window", timedelta(minutes=5), "Active now: the live tier's reach."),
    Setting("bounce_duration", timedelta(seconds=30), "A bounce is shorter than this."),
    Setting("bounce_actions", 1, "A bounce has at most so many actions."),
    Setting("abandoned_queries", 2, "A session closed by timeout with fewer is abandoned."),
    Setting(
        "suspect_after",
        timedelta(hours=24),
        "Longer sessions are kept, flagged, and left out of duration statistics.",
    ),
    Setting("pattern_sessions", 20, "User patterns look at so many newest closed sessions."),
    Setting("top_n", 10, "Length of top lists."),
    Setting("keep_builds", 5, "Builds kept for readers that hold one.", shapes_history=False),
    Setting(
        "settle_time",
        timedelta(seconds=5),
        "A landed file is loaded once nothing has changed it for so long.",
        shapes_history=False,
    ),
    Setting(
        "keep_events",
        None,
        "Events older than this are pruned after each load; the numbers of their days stay.",
        shapes_history=False,
    ),
    Setting("ends", ("logout",), "Event types that end a session."),
    Setting("starts", (), "Event types that start a session."),
    Setting(
        "passive_events",
        (
            "active",
            "activity",
            "api_request",
            "asset_request",
            "background_request",
            "heartbeat",
            "hover",
            "idle",
            "login",
            "logout",
            "model_response",
            "page_leave",
            "redirect",
            "scroll",
            "session_end",
            "session_start",
            "system",
        ),
        "Event types that never count as actions; everything else is an action.",
    ),
    Setting("query_events", ("prompt", "query", "search"), "Event types that are queries."),
    Setting("error_events", ("error",), "Event types that are errors."),
    Setting("idle_events", ("idle",), "The gap after one of these adds no engaged time."),
    Setting(
        "leave_events",
        ("outbound_click", "page_leave", "session_end"),
        "A session that closes on one of these ended by navigation.",
    ),
    Setting("internal_hosts", (), "Hosts of the product: referrers from them are internal."),
    Setting(
        "page_rules", (), "Templates that gather pages, such as /item/:id; the first that fits."
    ),
)
BY_NAME = {setting.name: setting for setting in SETTINGS}


@dataclass(frozen=True)
class Settings:
    """All settings of one run, checked. `sources` are those that dwell.toml configures."""

    home: Path
    time_zone: str
    timeout: timedelta
    idle_timeout: timedelta
    live_window: timedelta
    bounce_duration: timedelta
    bounce_actions: int
    abandoned_queries: int
    suspect_after: timedelta
    pattern_sessions: int
    top_n: int
    keep_builds: int
    settle_time: timedelta
    keep_events: timedelta | None
    ends: tuple[str, ...]
    starts: tuple[str, ...]
    passive_events: tuple[str, ...]
    query_events: tuple[str, ...]
    error_events: tuple[str, ...]
    idle_events: tuple[str, ...]
    leave_events: tuple[str, ...]
    internal_hosts: tuple[str, ...]
    page_rules: tuple[str, ...]
    sources: tuple[Source, ...] = ()
    config: Path | None = None

    @property
    def parsed_page_rules(self) -> tuple[PageRule, ...]:
        """The page rules, read."""
        return page_rules(self.page_rules)

    def shaping_history(self) -> dict[str, Any]:
        """The settings that decide what a build says, as plain JSON values."""
        return {s.name: as_plain(getattr(self, s.name)) for s in SETTINGS if s.shapes_history}


def load_settings(home: Path | str | None = None, config: Path | str | None = None) -> Settings:
    """Settings from the command line, the environment, the configuration file, the defaults.

    The configuration file is the one named, else ./dwell.toml, else dwell.toml in the home.
    ConfigError when a named configuration file is missing, or holds an unknown or unfit value.
    """
    path, values = _read_config(config, home or os.environ.get("DWELL_HOME"))
    raw_sources = values.pop("sources", {})
    for name in values:
        if name not in BY_NAME:
            raise ConfigError(_unknown(name, values[name], path))
    for setting in SETTINGS:
        given = os.environ.get(f"DWELL_{setting.name.upper()}")
        # Set to nothing, a variable says nothing; but a list may be empty.
        if given or (given is not None and isinstance(setting.default, tuple)):
            values[setting.name] = given
    if home is not None:
        values["home"] = str(home)
    elif path and isinstance(values.get("home"), str) and not os.environ.get("DWELL_HOME"):
        values["home"] = str(path.parent / values["home"])
    checked = {
        s.name: _checked(s, values[s.name]) if s.name in values else s.default for s in SETTINGS
    }
    checked["home"] = _usable_home(Path(checked["home"]).expanduser())
    return Settings(**checked, sources=sources_of(raw_sources, path), config=path)


def _usable_home(home: Path) -> Path:
    if "?" in str(home.absolute()):
        msg = (
            f"home: {home.absolute()} has a question mark in its path, behind which the engine "
            "reads options of a file. Wanted: a path without one. Choose another folder."
        )
        raise ConfigError(msg)
    return home


def parse_setting(name: str, value: Any) -> Any:
    """A setting's value from how people write it. ConfigError when it does not fit."""
    return _checked(BY_NAME[name], value)


def as_plain(value: Any) -> Any:
    """A setting's value as JSON holds it: durations as seconds, lists for tuples."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Path):
        return str(value)
    return value


def as_text(value: Any) -> str:
    """A setting's value as people write it: "30 min", "logout"."""
    if value is None:
        return "for ever"
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value)


def _read_config(
    config: Path | str | None, home: Path | str | None
) -> tuple[Path | None, dict[str, Any]]:
    path = Path(config) if config else Path(CONFIG_FILE)
    if config is None and not path.exists():
        path = Path(home or BY_NAME["home"].default) / CONFIG_FILE
    if not path.exists():
        if config is None:
            return None, {}
        msg = (
            f"No configuration file at {path}. Copy dwell.example.toml there, or leave out "
            "--config."
        )
        raise ConfigError(msg)
    return path, read_config_file(path)


def _unknown(name: str, value: Any, path: Path | None) -> str:
    """What to say of a key of the top level that is no setting."""
    near = did_you_mean(name, [*BY_NAME, "sources"])
    if isinstance(value, dict) and "Did you mean" not in near:
        near = f"A source is written [sources.{name}]."
    return f"Unknown setting '{name}' in {path}. {near}"


def _checked(setting: Setting, value: Any) -> Any:
    """The value in the type of the setting's default."""
    default = setting.default
    try:
        if setting.name == "keep_events":
            return None if str(value).strip() in ("", "for ever") else parse_duration(value)
        if isinstance(default, timedelta):
            return parse_duration(value)
        if isinstance(default, tuple):
            words = _words(value)
            if setting.name == "page_rules":
                page_rules(words)
            return words
        if isinstance(default, int):
            if not isinstance(value, int | str) or isinstance(value, bool) or int(value) < 0:
                raise ValueError(value)
            return int(value)
        if not isinstance(value, str) or not value.strip():
            raise ValueError(value)
        if setting.name == "time_zone":
            ZoneInfo(value)
        return value
    except (ValueError, KeyError, OSError) as error:
        wanted = {
            timedelta: 'a duration such as "30 min"',
            tuple: "a list of words",
            type(None): 'a duration such as "30 days", or nothing',
        }.get(type(default), "a whole number" if isinstance(default, int) else "a name")
        msg = (
            f"Setting '{setting.name}' has the value {value!r}. Wanted: {wanted}, "
            f"for example {as_text(default)!r}."
        )
        raise ConfigError(msg) from error


def _words(value: Any) -> tuple[str, ...]:
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
        raise ValueError(value)
    return tuple(item.strip() for item in items if item.strip())
