"""Gives the models their inputs: the committed lake, the settings, the registry. Writes nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from etl.config.settings import SETTINGS, Settings, as_plain, as_text
from etl.duck import create_table
from etl.lake import LakeState
from etl.lake.records import LakeFile
from etl.lake.schema import (
    BATCH_NUMBER,
    EVENT_COLUMNS,
    FILE_COLUMNS,
    REJECTED_COLUMNS,
    empty_table,
    names_of,
    table_in,
)
from etl.load.outcome import failures
from warehouse.build import retained
from warehouse.build.chat_facts import chat_macros
from warehouse.build.own_columns import own_dimensions, own_tables
from warehouse.build.page_names import page_name_macro
from warehouse.build.steps import step_sql
from warehouse.build.told_counts import told_counts_macro
from warehouse.dimensions import FILTERS
from warehouse.metrics.answers import ANSWERS
from warehouse.metrics.registry import METRICS, own_metrics

# What the models may read besides each other.
INPUTS = (
    "lake_events",
    "lake_spans",
    "lake_rejected",
    "lake_loads",
    "given_settings",
    "setting_values",
    "metric_values",
    "dimension_values",
    *retained.INPUTS,
)

_FAILURE_COLUMNS = dict.fromkeys(("source", "format", "file", "failed_at", "message"), "VARCHAR")
_SETTING_COLUMNS = dict.fromkeys(("name", "value", "default_value", "help"), "VARCHAR")
_METRIC_COLUMNS = {
    **dict.fromkeys(("name", "label", "definition", "unit", "empty"), "VARCHAR"),
    "better": "INTEGER",
    **dict.fromkeys(("query", "sql"), "VARCHAR"),
}
_DIMENSION_COLUMNS = {
    **dict.fromkeys(("name", "label", "scope", "kind"), "VARCHAR"),
    **dict.fromkeys(("is_list", "is_continuous", "is_own"), "BOOLEAN"),
    "steps": "[]",
}
# By the type of a setting's value, how the models get it; durations in microseconds.
_SETTING_TYPES: dict[Any, str] = {
    str: "VARCHAR",
    int: "BIGINT",
    timedelta: "BIGINT",
    timedelta | None: "BIGINT",
    tuple[str, ...]: "[]",
}
_SHAPING = tuple(setting for setting in SETTINGS if setting.shapes_history)


def lay_out(
    con: duckdb.DuckDBPyConnection, state: LakeState, settings: Settings, now: datetime
) -> None:
    """Creates the views and tables of INPUTS, and the macros of page rules and told counts.

    They show the lake as of that state.
    """
    lay_out_events(con, state, settings, now)
    rejected = table_in(
        [state.path_of(file) for file in state.of_kind("rejected")], REJECTED_COLUMNS
    )
    con.execute(f"create temp view lake_rejected as from {rejected}")
    # A file without events is in the lake, and so a load already.
    failed = [note for note in failures(state.root.parent) if note.get("status") == "failed"]
    create_table(con, "failed_loads", _FAILURE_COLUMNS, failed)
    con.execute(f"create temp view lake_loads as {step_sql('lake_loads')}")
    create_table(con, "setting_values", _SETTING_COLUMNS, _setting_values(settings))
    create_table(con, "metric_values", _METRIC_COLUMNS, _metric_values(settings))
    create_table(con, "dimension_values", _DIMENSION_COLUMNS, _dimension_values(settings))


def lay_out_events(
    con: duckdb.DuckDBPyConnection, state: LakeState, settings: Settings, now: datetime
) -> None:
    """Creates those of them that models of sessions read."""
    con.execute(f"create temp view lake_events as {events_in(state, state.events)}")
    retained.lay_out_kept(con, state)
    lay_out_settings(con, settings, now)
    _lay_out_spans(con, state)
    _lay_out_macros(con, settings)


def lay_out_tables(con: duckdb.DuckDBPyConnection, state: LakeState, settings: Settings) -> None:
    """Creates what models read that are made of tables of a build, without an event of the lake.

    Of what was pruned nothing is known but when: to whom it belonged, no row tells.
    """
    retained.lay_out_nothing_kept(con)
    retained.lay_out_prunes(con, state)
    lay_out_settings(con, settings, datetime.now(UTC))
    _lay_out_macros(con, settings)


def _lay_out_macros(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    con.execute(page_name_macro(settings.parsed_page_rules))
    con.execute(told_counts_macro())
    for macro in chat_macros().values():
        con.execute(macro)


def lay_out_settings(con: duckdb.DuckDBPyConnection, settings: Settings, now: datetime) -> None:
    """Creates given_settings: one row of all settings that shape history, by their names.

    A duration is called `<name>_us`, in microseconds. Beside them: `now`, and whether there are
    page rules, and the selects of own_tables.
    """
    tables = own_tables(settings)
    columns = {"now": "TIMESTAMP", "has_page_rules": "BOOLEAN", **dict.fromkeys(tables, "VARCHAR")}
    row: dict[str, Any] = {
        "now": now.astimezone(UTC).replace(tzinfo=None),
        "has_page_rules": bool(settings.page_rules),
        **tables,
    }
    for setting in _SHAPING:
        value = getattr(settings, setting.name)
        is_duration = setting.type in (timedelta, timedelta | None)
        name = f"{setting.name}_us" if is_duration else setting.name
        columns[name] = _SETTING_TYPES[setting.type]
        row[name] = value // timedelta(microseconds=1) if is_duration and value else as_plain(value)
    create_table(con, "given_settings", columns, [row])


def events_in(state: LakeState, files: Sequence[LakeFile], condition: str = "true") -> str:
    """The events of these files as a select, those that meet a condition on the columns of
    FILE_COLUMNS. Of no file: no event.
    """
    if not files:
        return empty_table(EVENT_COLUMNS)
    # A view cannot have parameters; these are paths that the lake's records name.
    rows = table_in([state.path_of(file) for file in files], FILE_COLUMNS)
    where = "" if condition == "true" else f" where {condition}"
    return f"select {names_of(EVENT_COLUMNS)} from {rows}{where}"  # noqa: S608


def events_up_to(state: LakeState, files: Sequence[LakeFile], batch: int) -> str:
    """The events that these files have of batches up to that number, as a select."""
    known = [file for file in files if file.first_batch <= batch]
    mixed = any(file.last_batch > batch for file in known)
    # Files of before the log hold no numbers, and no later batch.
    condition = f"{BATCH_NUMBER.name} is null or {BATCH_NUMBER.name} <= {batch}"
    return events_in(state, known, condition if mixed else "true")


def events_after(state: LakeState, batch: int) -> str:
    """The events of all batches after that number, as a select."""
    files = [file for file in state.events if file.last_batch > batch]
    mixed = any(file.first_batch <= batch for file in files)
    return events_in(state, files, f"{BATCH_NUMBER.name} > {batch}" if mixed else "true")


def _lay_out_spans(con: duckdb.DuckDBPyConnection, state: LakeState) -> None:
    """Creates lake_spans: first and last event time of each batch. The last one is not later than
    now, if there is one: a clock in the future does not make old data look fresh.
    """
    state.lay_out_batches(con)
    con.execute(f"create or replace temp table lake_spans as {step_sql('lake_spans')}")
    ahead = con.execute(
        "select number from lake_spans, given_settings "
        "where first_event_time <= now and now < last_event_time"
    ).fetchall()
    for (number,) in ahead:
        files = [file for file in state.events if file.first_batch <= number <= file.last_batch]
        column = BATCH_NUMBER.name
        events = events_in(state, files, f"coalesce({column}, {number}) = {number}")
        con.execute(
            "update lake_spans set last_event_time = coalesce("  # noqa: S608 - our numbers
            f"(select max(event_time) from ({events}), given_settings where event_time <= now), "
            f"last_event_time) where number = {number}"
        )


def _setting_values(settings: Settings) -> list[dict[str, object]]:
    return [
        {
            "name": setting.name,
            "value": as_text(getattr(settings, setting.name)),
            "default_value": as_text(setting.default),
            "help": setting.help,
        }
        for setting in _SHAPING
    ]


def _metric_values(settings: Settings) -> list[dict[str, object]]:
    texts = {setting.name: as_text(getattr(settings, setting.name)) for setting in SETTINGS}
    return [
        {
            "name": metric.name,
            "label": metric.label,
            "definition": metric.definition_with(texts),
            "unit": metric.unit,
            "empty": metric.empty,
            "better": metric.better,
            "query": metric.query,
            "sql": metric.sql or None,
        }
        for metric in (*METRICS, *ANSWERS, *own_metrics(settings))
    ]


def _dimension_values(settings: Settings) -> list[dict[str, object]]:
    own = own_dimensions(settings)
    steps = {pattern.name: list(pattern.steps) for pattern in settings.patterns}
    return [
        {
            name: steps.get(dimension.name, [])
            if name == "steps"
            else getattr(dimension, name, dimension in own)
            for name in _DIMENSION_COLUMNS
        }
        for dimension in (*FILTERS, *own)
    ]
