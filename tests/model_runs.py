"""Runs the model files on given events in an in-memory DuckDB. Publishes nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from etl.config.settings import Settings, load_settings
from etl.lake import Lake
from etl.lake.schema import EVENT_COLUMNS
from warehouse.build.model_files import Model, checks, models
from warehouse.build.model_inputs import lay_out
from warehouse.build.own_columns import with_own_tables
from warehouse.build.runner import ancestors_of, given_tables, in_order

_TYPES = {
    "VARCHAR": pa.string(),
    "VARCHAR[]": pa.list_(pa.string()),
    "TIMESTAMP": pa.timestamp("us"),
}
EVENT_SCHEMA = pa.schema([(column.name, _TYPES[column.type]) for column in EVENT_COLUMNS])


class Marts:
    """The tables that the models made of some events."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con

    def rows(self, query: str) -> list[dict[str, Any]]:
        """The rows of a query as dictionaries."""
        return self.con.sql(query).to_arrow_table().to_pylist()

    def sessions(self) -> list[dict[str, Any]]:
        """All sessions, oldest first."""
        return self.rows("select * from user_sessions order by start_time, user_id, session_id")

    def bad_rows(self) -> dict[str, int]:
        """Check → bad rows, of the checks that found some."""
        counts = {check.sentence: len(self.con.sql(check.sql).fetchall()) for check in checks()}
        return {sentence: count for sentence, count in counts.items() if count}


def apart(cases: Mapping[str, Sequence[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The events of all cases, for one run: each case has users, sessions and ids of its own."""
    names = ("user_id", "event_id", "tracker_session_id")
    return [
        row | {name: f"{case}/{row[name]}" for name in names if row[name] is not None}
        for case, events in cases.items()
        for row in events
    ]


def run_models(
    events: Sequence[dict[str, Any]],
    now: datetime | None = None,
    sql_of: Callable[[Model], str] = lambda model: model.sql,
    wanted: Sequence[str] = (),
    **settings: Any,
) -> Marts:
    """The marts of the events. `now` is naive UTC and a year after the last event if not told.

    The models run as their files say, on any engine that is; `sql_of` says it otherwise. With
    `wanted` those alone run that make these tables.
    """
    newest = max((event["event_time"] for event in events), default=datetime(2026, 1, 1))  # noqa: DTZ001
    now = (now or newest + timedelta(days=365)).replace(tzinfo=UTC)
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    lay_out(con, Lake(Path("no-such-home")).state(), _settings(**settings), now)
    con.register("given_events", pa.Table.from_pylist(list(events), schema=EVENT_SCHEMA))
    con.execute("create or replace temp view lake_events as select * from given_events")
    con.execute("insert into lake_spans select 1, event_time, event_time from given_events")
    tables = given_tables(con)
    needed = ancestors_of(_ordered(), wanted) if wanted else ()
    for model in _ordered():
        if wanted and model.name not in needed:
            continue
        kind = "view" if model.kept_as == "view" else "table"
        con.execute(f"create temp {kind} {model.name} as {with_own_tables(sql_of(model), tables)}")
    con.execute("create temp view part_events as from session_events")
    return Marts(con)


def _settings(**given: Any) -> Settings:
    return replace(load_settings("no-such-home"), **given)


@cache
def _ordered() -> list[Model]:
    """The models in order; finding it costs as much as running them on a few events."""
    return in_order(models())
