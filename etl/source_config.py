"""The sources of dwell.toml: where files are and how they are read. Never opens a file of data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from etl.errors import ConfigError, did_you_mean


@dataclass(frozen=True)
class TableEvent:
    """How the rows of one app table become events of one type; columns by name."""

    table: str
    user: str
    time: str
    type: str
    id: str | None = None
    when: str | None = None


@dataclass(frozen=True)
class Source:
    """One configured source: where its files are and how they are read."""

    name: str
    paths: tuple[str, ...]
    format: str | None = None
    map: Mapping[str, str] = field(default_factory=dict)
    sessions: str | None = None
    time_zone: str = "UTC"
    exclude_users: tuple[str, ...] = ()
    tables: tuple[TableEvent, ...] = ()


SOURCE_KEYS = (
    "path", "format", "map", "sessions", "time_zone", "exclude_users", "tables",
)  # fmt: skip
TABLE_KEYS = ("user", "time", "type", "id", "when")


def sources_of(raw: Mapping[str, Any], config: Path | None) -> tuple[Source, ...]:
    """The configured sources, checked; paths are relative to the configuration file."""
    folder = config.parent if config else Path()
    return tuple(_source(name, entry, folder) for name, entry in raw.items())


def _source(name: str, entry: Any, folder: Path) -> Source:
    where = f"source '{name}'"
    if not isinstance(entry, Mapping):
        msg = f"[sources.{name}] is not a table. Write [sources.{name}] and its keys below."
        raise ConfigError(msg)
    _refuse_unknown(entry, SOURCE_KEYS, where)
    if "path" not in entry:
        msg = f'The {where} has no path. Add path = "exports/*.ndjson".'
        raise ConfigError(msg)
    sessions = entry.get("sessions")
    check_sessions(sessions)
    zone = str(entry.get("time_zone", "UTC"))
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        msg = f"The {where} has the time zone {zone!r}. Wanted: a name such as Europe/Berlin."
        raise ConfigError(msg) from error
    paths = entry["path"] if isinstance(entry["path"], list) else [entry["path"]]
    return Source(
        name=name,
        paths=tuple(str(folder / str(path)) for path in paths),
        format=entry.get("format"),
        map=parse_map(entry.get("map")),
        sessions=sessions,
        time_zone=zone,
        exclude_users=_users(entry.get("exclude_users", ())),
        tables=tuple(
            _table_event(table, one, where)
            for table, entries in entry.get("tables", {}).items()
            for one in (entries if isinstance(entries, list) else [entries])
        ),
    )


def _users(given: Any) -> tuple[str, ...]:
    return tuple(str(user) for user in ([given] if isinstance(given, str | int) else given))


def _table_event(table: str, entry: Any, where: str) -> TableEvent:
    where = f"table '{table}' of {where}"
    if not isinstance(entry, Mapping):
        wanted = f'{table} = {{ user = "author_id", time = "created_at" }}'
        msg = f"The {where} is not a table. Write {wanted}."
        raise ConfigError(msg)
    _refuse_unknown(entry, TABLE_KEYS, where)
    for key in ("user", "time"):
        if key not in entry:
            msg = f'The {where} names no {key} column. Add {key} = "…".'
            raise ConfigError(msg)
    kind = str(entry.get("type") or f"{singular(table)}_created")
    return TableEvent(table, entry["user"], entry["time"], kind, entry.get("id"), entry.get("when"))


def singular(table: str) -> str:
    """An app table's name for one row of it: posts → post, queries → query."""
    if table.endswith("ies"):
        return table[:-3] + "y"
    return table[:-1] if table.endswith("s") and not table.endswith("ss") else table


def _refuse_unknown(entry: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in entry:
        if key not in known:
            msg = f"Unknown key '{key}' in {where}. {did_you_mean(key, known)}"
            raise ConfigError(msg)


def check_sessions(sessions: str | None) -> None:
    """Refuses anything but a known way to sessionise."""
    if sessions not in (None, "inactivity", "tracker"):
        known = ("inactivity", "tracker")
        msg = f"Unknown sessions '{sessions}'. {did_you_mean(sessions, known)}"
        raise ConfigError(msg)


def parse_map(given: Any) -> dict[str, str]:
    """Roles to columns, from {"user": "uid"} or from "user=uid,time=ts,type='x'"."""
    if not given:
        return {}
    if isinstance(given, Mapping):
        return {str(role): str(column) for role, column in given.items()}
    mapping: dict[str, str] = {}
    for part in re.findall(r"(?:'[^']*'|[^,])+", str(given)):
        role, equals, column = part.partition("=")
        if not equals or not role.strip() or not column.strip():
            msg = f"'{part}' in --map is not ROLE=COLUMN. Write for example --map user=uid,time=ts."
            raise ConfigError(msg)
        mapping[role.strip()] = column.strip()
    return mapping
