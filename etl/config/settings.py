"""The settings: each declared once with its default and help. Never read after the start.

A value comes from, in this order: the command line, the environment (DWELL_<NAME>), dwell.toml,
the default. Durations are written as text ("30 min", "1 h", "500 ms"); a bare number is seconds.
"""

import os
from dataclasses import astuple, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from etl.config.access import whole_home
from etl.config.durations import parse_duration as parse_duration
from etl.config.keeping import KEPT_BY_ALL, limit_of
from etl.config.keys import ADDRESS, TIME_ZONE, WORDS, Kind, key, keys_of
from etl.config.page_rules import PageRule, page_rules
from etl.config.receivers import refuse_own_files
from etl.config.redact import Rules
from etl.config.sections import SECTIONS, Sections, read_sections
from etl.config.setting_texts import as_plain as as_plain
from etl.config.setting_texts import as_text as as_text
from etl.config.sizes import Size
from etl.config.toml_file import read_config_file
from etl.errors import ConfigError, did_you_mean

CONFIG_FILE = "dwell.toml"
# fmt: off
_PASSIVE = (
    "active", "activity", "api_request", "asset_request", "background_request", "heartbeat",
    "hover", "idle", "login", "logout", "model_response", "page_leave", "redirect", "scroll",
    "session_end", "session_expired", "session_start", "system", "token_refresh",
)
# fmt: on


def _rules(written: Any) -> Any:
    rules = WORDS.read(written)
    page_rules(rules)
    return rules


_RULES = Kind(WORDS.wanted, _rules)


@dataclass(frozen=True)
class Settings(Sections):
    """All settings of one run, checked, with the sections of dwell.toml.

    A field is the whole declaration of a setting: stg_settings.sql reads it from given_settings,
    but where shapes_history is false.
    """

    home: Path = key(Path("data"), "Folder of the lake and the builds.", shapes_history=False)
    time_zone: str = key(
        "UTC", "Reporting time zone: the local day a session belongs to.", kind=TIME_ZONE
    )
    timeout: timedelta = key(
        timedelta(minutes=30),
        "A gap strictly longer than this starts a new session; exactly this long stays.",
    )
    idle_timeout: timedelta = key(
        timedelta(seconds=30), "The most that one gap between two events adds to the engaged time."
    )
    live_window: timedelta = key(timedelta(minutes=5), "Active now: the live tier's reach.")
    bounce_duration: timedelta = key(timedelta(seconds=30), "A bounce is shorter than this.")
    bounce_actions: int = key(1, "A bounce has at most so many actions.")
    abandoned_queries: int = key(2, "A session closed by timeout with fewer is abandoned.")
    suspect_after: timedelta = key(
        timedelta(hours=24),
        "Longer sessions are kept, flagged, and left out of duration statistics.",
    )
    pattern_sessions: int = key(20, "User patterns look at so many newest closed sessions.")
    pattern_actions: int = key(5, "A session with fewer actions shows no pattern.")
    rage_clicks: int = key(3, "So many clicks in a row, quick and near to each other, are rage.")
    rage_click_time: timedelta = key(
        timedelta(seconds=1), "Rage clicks: from the first of them to the last at most so long."
    )
    rage_click_distance: int = key(
        30, "Rage clicks: at most so many pixels away from the first of them."
    )
    repeated_query_time: timedelta = key(
        timedelta(seconds=20), "A query is repeated when the same one comes again so soon."
    )
    activity_window: timedelta = key(
        timedelta(days=30), "How active a user is: the sessions that began so long before as-of."
    )
    power_user_sessions: int = key(20, "With more sessions in that time, a power user.")
    regular_user_sessions: int = key(5, "With more, a regular user; else an occasional one.")
    top_n: int = key(10, "Length of top lists.")
    keep_builds: int = key(5, "Builds kept for readers that hold one.", shapes_history=False)
    show_texts: bool = key(
        False,
        "Whether the pages may show what people typed and were answered.",
        shapes_history=False,
    )
    query_timeout: timedelta = key(
        timedelta(seconds=30),
        "A question of a page, a query of SQL, or of dwell sql, ends after so long.",
        shapes_history=False,
    )
    query_memory: Size = key(
        Size(2_000_000_000), "Such a query, with its answer, takes so much.", shapes_history=False
    )
    dashboard_url: str = key(
        "",
        "Where readers open the dashboard: links of reports and alerts begin with it.",
        kind=ADDRESS,
        shapes_history=False,
    )
    historic: bool = key(
        False,
        "Whether the data has ended for good: nothing of how people behave is told as an alert.",
        shapes_history=False,
    )
    settle_time: timedelta = key(
        timedelta(seconds=5),
        "A landed file is loaded once nothing has changed it for so long.",
        shapes_history=False,
    )
    keep_spool: timedelta = key(
        timedelta(hours=1),
        "A file of the collector is removed so long after its load, once it is in the build.",
        shapes_history=False,
    )
    spool_age: timedelta = key(
        timedelta(seconds=30),
        "The collector finishes a file so long after its first event, so that loads take it.",
        shapes_history=False,
    )
    keep_events: timedelta | None = key(
        None,
        "Events older than this are pruned after each load; the numbers of their days stay.",
        shapes_history=False,
    )
    keep_texts: timedelta | None = key(
        None,
        "What people typed and were answered is dropped from events older than this.",
        kind=KEPT_BY_ALL,
        shapes_history=False,
    )
    ends: tuple[str, ...] = key(("logout", "session_expired"), "Event types that end a session.")
    starts: tuple[str, ...] = key((), "Event types that start a session.")
    passive_events: tuple[str, ...] = key(
        _PASSIVE, "Event types that never count as actions; everything else is an action."
    )
    query_events: tuple[str, ...] = key(
        ("prompt", "query", "search"), "Event types that are queries."
    )
    error_events: tuple[str, ...] = key(("error",), "Event types that are errors.")
    idle_events: tuple[str, ...] = key(
        ("idle",), "The gap after one of these adds no engaged time."
    )
    leave_events: tuple[str, ...] = key(
        ("outbound_click", "page_leave", "session_end"),
        "A session that closes on one of these ended by navigation.",
    )
    internal_hosts: tuple[str, ...] = key(
        (), "Hosts of the product: referrers from them are internal."
    )
    page_rules: tuple[str, ...] = key(
        (), "Templates that gather pages, such as /item/:id; the first that fits.", kind=_RULES
    )
    config: Path | None = None

    def rules_of(self, source: str | None) -> Rules:
        """What is cut of the rows of a source, configured or not, before they are stored."""
        own = next((one.redact for one in self.sources if one.name == source), None)
        return self.redact.of(own)

    def texts_kept_of(self, source: str) -> timedelta | None:
        """The age from which the texts of a source go, configured or not; None: never."""
        own = next((one.keep_texts for one in self.sources if one.name == source), None)
        return limit_of(own or self.keep_texts)

    @property
    def keeps_texts_for_some_time(self) -> bool:
        """Whether there are texts, of any source, that are to go once they are old."""
        kept = [self.keep_texts, *(one.keep_texts for one in self.sources)]
        return any(limit_of(age) for age in kept)

    def all_rules(self) -> list[Rules]:
        """The rules of all sources."""
        return [self.redact.rules, *(self.redact.of(one.redact) for one in self.sources)]

    @property
    def parsed_page_rules(self) -> tuple[PageRule, ...]:
        """The page rules, read."""
        return page_rules(self.page_rules)

    def shaping_history(self) -> dict[str, Any]:
        """The settings that decide what a build says, as plain JSON values."""
        plain = {s.name: as_plain(getattr(self, s.name)) for s in SETTINGS if s.shapes_history}
        own: tuple[Any, ...] = (*self.dimensions, *self.measures, *self.patterns)
        return plain | ({"columns": [astuple(column) for column in own]} if own else {})


BY_NAME = keys_of(Settings)
SETTINGS = tuple(BY_NAME.values())


def load_settings(home: Path | str | None = None, config: Path | str | None = None) -> Settings:
    """Settings from the command line, the environment, the configuration file, the defaults.

    The configuration file is the one named, here or by DWELL_CONFIG, else ./dwell.toml, else
    dwell.toml in the home. In the home of a scope of rows what it tells of the product is left out,
    unless the scope shows it.
    ConfigError when a named configuration file is missing, or holds an unknown or unfit value.
    """
    config = config or os.environ.get("DWELL_CONFIG") or None
    path, values = _read_config(config, home or os.environ.get("DWELL_HOME"))
    sections = {name: values.pop(name) for name in SECTIONS if name in values}
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
    checked = {name: BY_NAME[name].read(value) for name, value in values.items()}
    _refuse_home(checked.get("home", BY_NAME["home"].default))
    settings = Settings(**checked, **read_sections(sections, path), config=path)
    refuse_own_files(settings.receivers, settings.home, path)
    return _as_told_in(settings)


def _as_told_in(settings: Settings) -> Settings:
    """The settings as those may know them whose home this is.

    All that reads such a home reads its dwell.toml here: so no page and no program tells more.
    """
    home = settings.home.absolute()
    if whole_home(home) == home:
        return settings
    scope = next((each for each in settings.access if each.folder == home.name), None)
    if scope and scope.shows_configured:
        return settings
    return replace(settings, annotations=(), segments=(), funnels=(), experiments=())


def _refuse_home(home: Path) -> None:
    if "?" in str(home.absolute()):
        msg = (
            f"home: {home.absolute()} has a question mark in its path, behind which the engine "
            "reads options of a file. Wanted: a path without one. Choose another folder."
        )
        raise ConfigError(msg)


def parse_setting(name: str, value: Any) -> Any:
    """A setting's value from how people write it. ConfigError when it does not fit."""
    return BY_NAME[name].read(value)


def _read_config(
    config: Path | str | None, home: Path | str | None
) -> tuple[Path | None, dict[str, Any]]:
    path = Path(config) if config else Path(CONFIG_FILE)
    if config is None and not path.exists():
        path = whole_home(Path(home or BY_NAME["home"].default)) / CONFIG_FILE
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
    near = did_you_mean(name, [*BY_NAME, *SECTIONS])
    if isinstance(value, dict) and "Did you mean" not in near:
        near = f"A source is written [sources.{name}]."
    return f"Unknown setting '{name}' in {path}. {near}"
