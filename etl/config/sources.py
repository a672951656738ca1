"""The sources of dwell.toml: where data is and how it is read. Never opens a file of data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from etl.config.collect import ORIGINS, check_keys
from etl.config.databases import DATABASE_KEYS, Database, TableExtract, check_place, database_of
from etl.config.empty_words import EMPTY_WORDS
from etl.config.keeping import KEPT
from etl.config.keys import (
    NAMES,
    PATHS,
    TIME_FORMAT,
    TIME_ZONE,
    WORD,
    Kind,
    key,
    key_names,
    number_or_word,
    read_keys,
    refuse_unknown,
)
from etl.config.redact import own_rules
from etl.errors import ConfigError, did_you_mean

_COLUMN = '"a_column"'


@dataclass(frozen=True)
class TableEvent:
    """How the rows of one app table become events of one type; columns by name."""

    table: str
    user: str = key(example=_COLUMN)
    time: str = key(example=_COLUMN)
    type: str = key(example='"post_created"')
    id: str | None = key(None, example=_COLUMN)
    when: str | None = key(None, example=_COLUMN)


def parse_map(written: Mapping[str, Any] | str | None) -> dict[str, str]:
    """Roles to columns, from {"user": "uid"} or from "user=uid,time=ts,type='x'"."""
    if isinstance(written, Mapping):
        return {str(role): _column(role, column) for role, column in written.items()}
    columns: dict[str, str] = {}
    for part in re.findall(r"(?:'[^']*'|[^,])+", written or ""):
        role, equals, column = part.partition("=")
        if not equals or not role.strip() or not column.strip():
            msg = f"'{part}' in --map is not ROLE=COLUMN. Write for example --map user=uid,time=ts."
            raise ConfigError(msg)
        columns[role.strip()] = column.strip()
    return columns


def _column(role: str, written: Any) -> str:
    """A column as text; of date and time of day, which may be two, both."""
    if role == "time" and isinstance(written, list) and len(written) == 2:
        return "+".join(map(number_or_word, written))
    return number_or_word(written)


def check_sessions(sessions: str | None) -> None:
    """Refuses anything but a known way to sessionise."""
    known = ("inactivity", "tracker")
    if sessions is not None and sessions not in known:
        msg = f"Unknown sessions '{sessions}'. {did_you_mean(sessions, known)}"
        raise ConfigError(msg)


def _sessions(written: Any) -> str:
    check_sessions(WORD.read(written))
    return str(written)


def _map(written: Any) -> dict[str, str]:
    return parse_map(written if isinstance(written, Mapping) else WORD.read(written))


_MAP = Kind("columns by role", _map)
_SESSIONS = Kind("inactivity or tracker", _sessions)


@dataclass(frozen=True)
class Source:
    """One configured source: where its files or its database are and how they are read.

    Without either it has the files in its landing folder alone.
    """

    name: str
    paths: tuple[str, ...] = key((), kind=PATHS, name="path", example='"exports/*.csv"')
    format: str | None = key(None, example='"events"')
    map: Mapping[str, str] = key(factory=dict, kind=_MAP, example='{ user = "uid", time = "ts" }')
    sessions: str | None = key(None, kind=_SESSIONS)
    time_zone: str = key("UTC", kind=TIME_ZONE)
    time_format: str | None = key(None, kind=TIME_FORMAT, example='"%d.%m.%Y %H:%M"')
    exclude_users: tuple[str, ...] = key((), kind=NAMES, example='["-1"]')
    empty_words: tuple[str, ...] = key(EMPTY_WORDS, kind=NAMES, example='["null", "guest"]')
    keep_texts: timedelta | None = key(None, kind=KEPT, example='"30 days"')
    # What the collector takes for this source: see etl/config/collect.py.
    write_key: str | None = key(None)
    write_key_env: str | None = key(None, example='"DWELL_WEB_KEY"')
    origins: tuple[str, ...] = key((), kind=ORIGINS, example='["https://www.example.com"]')
    tables: tuple[TableEvent, ...] = ()
    database: Database | None = None
    # What [sources.NAME.redact] says otherwise than [redact], by the fields of Rules.
    redact: Mapping[str, Any] = field(default_factory=dict)


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
    if "keep_events" in entry:
        msg = (
            f"The {where} has keep_events. Events of all sources are kept equally long, as one "
            "session may have some of several: write keep_events above all tables. keep_texts "
            "is of one source."
        )
        raise ConfigError(msg)
    refuse_unknown(entry, (*key_names(Source), "tables", "redact", *DATABASE_KEYS), where)
    is_collected = check_keys(entry, where)
    check_place(entry, where)
    values = read_keys(Source, entry, where)
    if is_collected:
        # Trackers say themselves what is one session.
        values.setdefault("sessions", "tracker")
    values["paths"] = tuple(str(folder / path) for path in values.get("paths", ()))
    tables = entry.get("tables", {})
    if not isinstance(tables, Mapping):
        example = f"[sources.{name}.tables.posts] with user and time below"
        msg = f"The {where} has tables = {tables!r}. Wanted: {example}."
        raise ConfigError(msg)
    in_database = "database" in entry
    watermarks: dict[str, tuple[str, ...]] = {}
    events = []
    for table, written in tables.items():
        for columns in written if isinstance(written, list) else [written]:
            events.append(_table_event(table, columns, where, in_database))
            for added in read_keys(TableExtract, columns, f"table '{table}' of {where}").values():
                watermarks[table] = tuple(dict.fromkeys((*watermarks.get(table, ()), *added)))
    if in_database:
        values["format"] = "tables"
        values["database"] = database_of(name, entry, watermarks, folder)
    redact = own_rules(entry.get("redact", {}), name)
    return Source(name, tables=tuple(events), redact=redact, **values)


def _table_event(table: str, entry: Any, where: str, in_database: bool) -> TableEvent:
    where = f"table '{table}' of {where}"
    if not isinstance(entry, Mapping):
        wanted = f'{table} = {{ user = "author_id", time = "created_at" }}'
        msg = f"The {where} is not a table. Write {wanted}."
        raise ConfigError(msg)
    known = key_names(TableEvent)
    refuse_unknown(entry, (*known, *key_names(TableExtract)) if in_database else known, where)
    columns = read_keys(TableEvent, entry, where)
    for name in ("user", "time"):
        if name not in columns:
            msg = f'The {where} names no {name} column. Add {name} = "…".'
            raise ConfigError(msg)
    # Of shop.posts in a database the schema is no part of what a row is.
    row = singular(table.rpartition(".")[2] if in_database else table)
    return TableEvent(table, **{"type": f"{row}_created", **columns})


def singular(table: str) -> str:
    """An app table's name for one row of it: posts → post, queries → query."""
    if table.endswith("ies"):
        return table[:-3] + "y"
    return table[:-1] if table.endswith("s") and not table.endswith("ss") else table
