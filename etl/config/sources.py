"""The sources of dwell.toml: where data is and how it is read. Never opens a file of data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from etl.config.databases import DATABASE_KEYS, Database, check_place, database_of, watermark_of
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
    """One configured source: where its files or its database are and how they are read.

    Without either it has the files in its landing folder alone.
    """

    name: str
    paths: tuple[str, ...]
    format: str | None = None
    map: Mapping[str, str] = field(default_factory=dict)
    sessions: str | None = None
    time_zone: str = "UTC"
    exclude_users: tuple[str, ...] = ()
    tables: tuple[TableEvent, ...] = ()
    database: Database | None = None


SOURCE_KEYS = (
    "path", "format", "map", "sessions", "time_zone", "exclude_users", "tables", *DATABASE_KEYS,
)  # fmt: skip
TABLE_KEYS = ("user", "time", "type", "id", "when")


def sources_of(raw: Any, config: Path | None) -> tuple[Source, ...]:
    """The configured sources, checked; paths are relative to the configuration file."""
    folder = config.parent if config else Path()
    if not isinstance(raw, Mapping):
        msg = f"'sources' in {config} is not a table. Write [sources.NAME] and its keys below."
        raise ConfigError(msg)
    return tuple(_source(name, entry, folder) for name, entry in raw.items())


def _source(name: str, entry: Any, folder: Path) -> Source:
    where = f"source '{name}'"
    if not isinstance(entry, Mapping):
        msg = f"[sources.{name}] is not a table. Write [sources.{name}] and its keys below."
        raise ConfigError(msg)
    _refuse_unknown(entry, SOURCE_KEYS, where)
    check_place(entry, where)
    in_database = "database" in entry
    paths = _words(entry, "path", where, '"exports/*.csv"')
    if "path" in entry and not paths:
        msg = f'The {where} has an empty list of paths. Write for example path = "exports/*.csv".'
        raise ConfigError(msg)
    sessions = _word(entry, "sessions", where, '"inactivity"')
    check_sessions(sessions)
    zone = _word(entry, "time_zone", where, '"Europe/Berlin"') or "UTC"
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        msg = f"The {where} has the time zone {zone!r}. Wanted: a name such as Europe/Berlin."
        raise ConfigError(msg) from error
    mapping = entry.get("map", {})
    # A column may be given by its number.
    is_map = isinstance(mapping, Mapping) and all(_is_word(c, int) for c in mapping.values())
    if not is_map and not _is_word(mapping):
        raise _unfit(where, "map", mapping, '{ user = "uid", time = "ts" }')
    tables = entry.get("tables", {})
    if not isinstance(tables, Mapping):
        example = f"[sources.{name}.tables.posts] with user and time below"
        raise _unfit(where, "tables", tables, example)
    given = _word(entry, "format", where, '"events"')
    return Source(
        name=name,
        paths=tuple(str(folder / path) for path in paths),
        format="tables" if in_database else given,
        map=parse_map(mapping),
        sessions=sessions,
        time_zone=zone,
        exclude_users=_words(entry, "exclude_users", where, '["-1"]', int),
        tables=tuple(
            _table_event(table, one, where, in_database)
            for table, entries in tables.items()
            for one in (entries if isinstance(entries, list) else [entries])
        ),
        database=database_of(name, entry, _watermarks(tables, where), folder)
        if in_database
        else None,
    )


def _watermarks(tables: Mapping[str, Any], where: str) -> dict[str, tuple[str, ...]]:
    """The watermark columns by table, of those that name any."""
    found: dict[str, tuple[str, ...]] = {}
    for table, entries in tables.items():
        for one in entries if isinstance(entries, list) else [entries]:
            if "watermark" in one:
                columns = watermark_of(one["watermark"], f"table '{table}' of {where}")
                found[table] = tuple(dict.fromkeys((*found.get(table, ()), *columns)))
    return found


def _table_event(table: str, entry: Any, where: str, in_database: bool) -> TableEvent:
    where = f"table '{table}' of {where}"
    if not isinstance(entry, Mapping):
        wanted = f'{table} = {{ user = "author_id", time = "created_at" }}'
        msg = f"The {where} is not a table. Write {wanted}."
        raise ConfigError(msg)
    _refuse_unknown(entry, (*TABLE_KEYS, "watermark") if in_database else TABLE_KEYS, where)
    user, time, kind, key, when = (_word(entry, name, where, '"a_column"') for name in TABLE_KEYS)
    for name, column in (("user", user), ("time", time)):
        if column is None:
            msg = f'The {where} names no {name} column. Add {name} = "…".'
            raise ConfigError(msg)
    # Of shop.posts in a database the schema is no part of what a row is.
    row = singular(table.rpartition(".")[2] if in_database else table)
    return TableEvent(table, str(user), str(time), kind or f"{row}_created", key, when)


def _word(entry: Mapping[str, Any], key: str, where: str, example: str) -> str | None:
    """The text of a key; None when it is not there. ConfigError when it is anything else."""
    value = entry.get(key)
    if value is not None and not _is_word(value):
        raise _unfit(where, key, value, example)
    return value


def _words(
    entry: Mapping[str, Any], key: str, where: str, example: str, *others: type
) -> tuple[str, ...]:
    """The texts of a key that holds one or a list of them; none when it is not there."""
    value = entry.get(key, [])
    items = value if isinstance(value, list) else [value]
    if not all(_is_word(item, *others) for item in items):
        raise _unfit(where, key, value, example)
    return tuple(str(item) for item in items)


def _is_word(value: Any, *others: type) -> bool:
    """Whether the value is a text with something in it, or of another type that stands for one."""
    return type(value) in others or (isinstance(value, str) and bool(value.strip()))


def _unfit(where: str, key: str, value: Any, example: str) -> ConfigError:
    msg = f"The {where} has {key} = {value!r}. Wanted: for example {key} = {example}."
    return ConfigError(msg)


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
