"""The columns of sessions that dwell.toml adds, as SQL. Never runs it.

A model names one of TABLES, as if it were a function, and gets the select that the settings make
of it: `own_session_columns()` is made of the events of sessions, `own_columns_of_sessions()` is
what int_sessions carries of them, `own_columns_of_users()` what users have of their sessions. With
nothing declared each has its key alone, and no rows.
"""

from collections.abc import Iterable, Mapping, Sequence

import duckdb

from etl.config.own import OwnDimension, OwnMeasure
from etl.config.settings import Settings
from etl.duck import json_path, named, quoted
from etl.lake.schema import EVENT_COLUMNS
from warehouse.build.model_files import models
from warehouse.build.own_patterns import patterns_of, with_patterns
from warehouse.dimensions import FLAG, Dimension

OwnColumn = OwnDimension | OwnMeasure

TABLES = ("own_session_columns", "own_columns_of_sessions", "own_columns_of_users")
# Of a value's place among those of its session: its first, or its last.
_PICKED = {"first": "arg_min", "latest": "arg_max", "last": "arg_max"}


def own_tables(settings: Settings) -> dict[str, str]:
    """The selects of TABLES, by name."""
    columns: tuple[OwnColumn, ...] = (*settings.dimensions, *settings.measures)
    patterns = patterns_of(settings)
    of_users = [d for d in settings.dimensions if d.take == "latest"]
    names = ", ".join(map(named, [*(column.name for column in columns), *patterns]))
    of_sessions = f"select session_id, {names} from int_sessions"  # noqa: S608 - quoted
    of_events = _of_events(columns) if columns else "select distinct session_id from session_events"
    return {
        "own_session_columns": with_patterns(of_events, patterns)
        if names
        else _nothing("session_id", "session_events"),
        "own_columns_of_sessions": of_sessions if names else _nothing("session_id", "int_sessions"),
        "own_columns_of_users": _of_users(of_users)
        if of_users
        else _nothing("user_id", "user_sessions"),
    }


def own_dimensions(settings: Settings) -> tuple[Dimension, ...]:
    """The dimensions that they make."""
    return (
        *(
            Dimension(
                column.name,
                column.label,
                scope="user is" if column.take == "latest" else "session has",
                is_list=column.take == "any",
            )
            for column in settings.dimensions
        ),
        *(
            Dimension(column.name, column.label, kind="number", is_continuous=True)
            for column in settings.measures
        ),
        *(Dimension(own.name, own.label, kind="flag", values=FLAG) for own in settings.patterns),
    )


def with_own_tables(sql: str, tables: Mapping[str, str]) -> str:
    """A model's text with their selects in the place of their names."""
    for name, text in tables.items():
        sql = sql.replace(f"{name}()", f"({text})")
    return sql


def describe_own_columns(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Writes what they are onto the columns of user_sessions, and of users."""
    of_users = [d for d in settings.dimensions if d.take == "latest"]
    columns: dict[str, Sequence[OwnColumn]] = {
        "user_sessions": (*settings.dimensions, *settings.measures),
        "users": of_users,
    }
    for table, own in columns.items():
        for column in own:
            note = quoted(f"{column.label}: {column.take} {column.property} of the events.")
            con.execute(f"comment on column {table}.{named(column.name)} is {note}")
    for pattern in settings.patterns:
        note = quoted(f"{pattern.label}: whether its events are {', '.join(pattern.steps)}.")
        con.execute(f"comment on column user_sessions.{named(pattern.name)} is {note}")


def text_columns() -> set[str]:
    """The texts that events have a column for: a property of such a name is that column."""
    (events,) = (model for model in models() if model.name == "session_events")
    texts = {column.name for column in EVENT_COLUMNS if column.type == "VARCHAR"}
    return (texts & events.column_notes.keys()) - {"properties", "event_id", "source", "user_id"}


def _nothing(key: str, table: str) -> str:
    return f"select {key} from {table} where false"  # noqa: S608 - our names


def _of_events(columns: Sequence[OwnColumn]) -> str:
    """Each session with what its events tell; the text of the properties is read once for all."""
    known = text_columns()
    properties = list(dict.fromkeys(c.property for c in columns if c.property not in known))
    # A key is taken as it is written; one with points may also lead into objects.
    keys: list[tuple[str, ...]] = [(name,) for name in properties]
    if any("." in name for name in properties):
        keys += [tuple(name.split(".")) for name in properties]
    told = f"json_extract(properties, [{', '.join(map(json_path, keys))}])" if keys else "null"
    parts = ", ".join(f"{_value(column, properties)} as {named(column.name)}" for column in columns)
    return (
        f"select session_id, {parts} from "  # noqa: S608 - names are quoted
        f"(select *, {told} as told from session_events) as events group by session_id"
    )


def _value(column: OwnColumn, properties: Sequence[str]) -> str:
    if column.property in properties:
        place = properties.index(column.property) + 1
        told = f"told[{place}]"
        if "." in column.property:
            told = f"coalesce({told}, told[{place + len(properties)}])"
        text = f"nullif({told} ->> '$', '')"
    else:
        told = text = named(column.property)
    if column.take in _PICKED and isinstance(column, OwnDimension):
        return f"{_PICKED[column.take]}({text}, event_number)"
    if isinstance(column, OwnDimension):
        several = f"case when json_type({told}) = 'ARRAY' then {told} ->> '$[*]' else [{text}] end"
        listed = several if column.property in properties else f"[{text}]"
        return (
            f"coalesce(list_sort(list_distinct(list_filter(flatten(list({listed}) "
            f"filter ({text} is not null)), lambda one: one <> ''))), [])"
        )
    number = f"try_cast({text} as double)"
    number = f"case when isfinite({number}) then {number} end"
    if column.take in _PICKED:
        return f"{_PICKED[column.take]}({number}, event_number)"
    # Fractions add up to the same in one order alone: a build that grows must say what a full
    # one says.
    numbers = f"list({number} order by event_number) filter ({text} is not null)"
    return f"list_{column.take}({numbers})"


def _of_users(columns: Iterable[OwnDimension]) -> str:
    parts = ", ".join(
        f"arg_max({named(d.name)}, session_number) as {named(d.name)}" for d in columns
    )
    return f"select user_id, {parts} from user_sessions group by user_id"  # noqa: S608 - quoted
