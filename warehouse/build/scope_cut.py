"""Writes the copy of a build that holds the rows of a scope, and no others.

A copy, as nothing can be read through it that is not in it: no query, page or process that is
given it has a way to the whole. What sessions and events tell is cut; users, days, chats and what
else is made of them are made anew, by the same models. First ever and the number of a session stay
those of the product.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb

from etl.config.settings import Settings
from etl.duck import Config, connect, create_table, named, quoted, sql_beside
from etl.lake import LakeState
from warehouse import part_views, table_parts
from warehouse.build.model_files import Model
from warehouse.build.model_inputs import lay_out_tables
from warehouse.build.own_columns import describe_own_columns
from warehouse.build.runner import (
    RunResults,
    comment,
    inputs_of,
    ordered_models,
    run,
    write_models,
)
from warehouse.condition_sql import terms_sql
from warehouse.conditions import Conditions
from warehouse.connection import Warehouse
from warehouse.dimensions import Dimension
from warehouse.filters import Filters
from warehouse.query import run as ask
from warehouse.scopes import SCOPE_COLUMNS, SCOPE_TABLE, Scope

# The whole build, and its copy, as databases of the connection.
_WHOLE, _COPY = "whole_build", "scope_copy"
# Notebooks may still have DuckDB 1.5.
_STORAGE_VERSION = "v1.5.0"
_MEMORY_LIMIT = "4GB"
# The one dimension that events have themselves; of others whole sessions are taken.
_SOURCE = Dimension("source", "Source", column="source")
# Text of a session → what of an event tells it, and the text by which that is seen.
_TOLD_BY = {
    "sources": ("source", ""),
    "event_path": ("event_type", ""),
    "last_action": ("event_type", ""),
    "page_path": ("page", ""),
    "entry_page": ("page", ""),
    "entry_source": ("page", "entry_page"),
    "exit_page": ("page", ""),
    "referrer": ("referrer", ""),
    "referrer_host": ("referrer", "referrer"),
    "given_session_id": ("tracker_session_id", ""),
    "query_types": ("query_type", ""),
    **{
        name: (name, "")
        for name in (
            *("device_type", "browser", "os", "campaign"),
            *("session_type", "experiment_id", "model_group"),
        )
    },
}
# Texts of which nobody outside Dwell is the author: they name no page, person or source.
_JUDGED = frozenset(
    ("session_id", "stream", "user_id", "exit_reason", "pattern", "pattern_indicators")
) | {"indicator_set"}
# What is copied as it is, rows of nobody; what tells of loads is left without rows.
_COPIED = ("dimensions", "metrics", "settings", "prunes")
_EMPTIED = ("load_runs", "rejected_summary")
# What is cut, in this order: later ones look at earlier ones.
_NONE: Mapping[str, Any] = MappingProxyType({})
_CUT = ("overnight_days", "workflow_events", "chat_events", "pattern_scores")


@dataclass(frozen=True)
class Cut:
    """What a copy came to: its sessions and events."""

    sessions: int
    events: int


def rules() -> str:
    """What tells one way to cut from another: a copy that was cut by others is out of date."""
    texts = [Path(__file__).read_bytes()]
    texts += [path.read_bytes() for path in sorted(Path(__file__).parent.glob("scopes_sql/*.sql"))]
    return sha256(b"\0".join(texts)).hexdigest()[:16]


def cut(wh: Warehouse, scope: Scope, target: Path, settings: Settings, state: LakeState) -> Cut:
    """Writes the copy of a build to `target`, which is not there yet.

    ConfigError for a condition on what no session has; BuildError when a model cannot run.
    """
    taken = ask(wh, "scopes.sessions", Filters(where=scope.where, include_bots=True))
    config: Config = {"memory_limit": _MEMORY_LIMIT, "temp_directory": str(state.root / "staging")}
    with connect(config=config) as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"attach {quoted(wh.path)} as {_WHOLE} (read_only)")
        con.execute(f"use {_WHOLE}")
        table_parts.attach(con, wh.path.parent)
        con.execute(f"attach {quoted(target)} as {_COPY} (storage_version '{_STORAGE_VERSION}')")
        con.register("taken_sessions", taken.to_arrow())
        with part_views.attached_first(con):
            _cut_rows(con, scope.where)
        con.execute(f"use {_COPY}")
        lay_out_tables(con, state, settings)
        # Which ids were seen together, and when, the events in the scope say, and no others.
        con.execute("create temp view lake_events as from session_events")
        results = RunResults()
        models = _made_anew()
        for model in models:
            kind = "view" if model.kept_as == "view" else "table"
            created = kind if model.is_mart else f"temp {kind}"
            run(con, model, f"create {created} {model.name} as {model.sql}", results)
        con.execute(_text("first_seen"))
        comment(con, [model for model in ordered_models() if model.is_mart], in_parts="table")
        describe_own_columns(con, settings)
        write_models(con, results)
        create_table(con, "scope_row", SCOPE_COLUMNS, [scope.as_row(wh.as_of)])
        con.execute(f"create table {SCOPE_TABLE} as from scope_row")
        counts = con.execute(
            "select (select count(*) from user_sessions), (select count(*) from session_events)"
        ).fetchall()[0]
        con.execute("use memory")
        con.execute(f"detach {_COPY}")
    return Cut(*counts)


def _cut_rows(con: duckdb.DuckDBPyConnection, where: Conditions) -> None:
    """The tables of what was seen, cut; those of no rows of anybody, copied."""
    of_sources = where.only(_SOURCE.name)
    values: dict[str, Any] = {}
    holds = "true"
    for _, terms in of_sources:
        holds = terms_sql(_SOURCE, terms, "source", values)
    _create(con, "session_events", holds, values)
    con.execute(f"create temp view scope_events as from {_COPY}.main.session_events")
    told = sorted({column for column, _ in _TOLD_BY.values()})
    lists = ", ".join(f"list(distinct {name}) as {name}" for name in told)
    text = _text("told_values").replace("$told", lists)
    con.execute(f"create temp table told_values as {text}")
    _create(con, "user_sessions", _kept_texts(con), {})
    con.execute(f"create temp view scope_sessions as from {_COPY}.main.user_sessions")
    con.execute(f"create temp table users_known as {_text('users_known')}")
    for table in _CUT:
        _create(con, table)
    for table in _COPIED:
        con.execute(f"create table {_COPY}.main.{table} as from {table}")
    for table in _EMPTIED:
        con.execute(f"create table {_COPY}.main.{table} as from {table} limit 0")


def _create(
    con: duckdb.DuckDBPyConnection, table: str, word: str = "", values: Mapping[str, Any] = _NONE
) -> None:
    """A table of the copy, of its file; `word` stands for the one word that the file leaves."""
    text = re.sub(r"\$\w+", lambda _: word, _text(table))
    con.execute(f"create table {_COPY}.main.{table} as {text}", dict(values))


def _kept_texts(con: duckdb.DuckDBPyConnection) -> str:
    """What stands for the texts of sessions: a column that nobody thought of is cut."""
    kept = []
    columns = con.execute("select * from (describe user_sessions)").fetchall()
    for name, kind, *_ in columns:
        if kind not in ("VARCHAR", "VARCHAR[]") or name in _JUDGED:
            continue
        told, seen_by = _TOLD_BY.get(name, ("", ""))
        column, is_list = f"sessions.{named(name)}", kind.endswith("[]")
        cut = "[]" if is_list else "null"
        if told and is_list:
            cut = f"list_filter({column}, lambda text: list_contains(told.{told}, text))"
        elif told:
            seen = f"sessions.{named(seen_by or name)}"
            cut = f"case when list_contains(told.{told}, {seen}) then {column} end"
        kept.append(f"case when told.session_id is null then {column} else {cut} end as {name}")
    return ", ".join(kept)


def _made_anew() -> list[Model]:
    """The models of all other tables, each after those it reads."""
    given = {"session_events", "user_sessions", *_CUT, *_COPIED, *_EMPTIED}
    models = ordered_models()
    inputs = inputs_of(models)
    waiting = [model.name for model in models if model.is_mart and model.name not in given]
    needed: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in inputs and name not in needed | given:
            needed.add(name)
            waiting += inputs[name]
    return [model for model in models if model.name in needed]


def _text(name: str) -> str:
    return sql_beside(__file__, name, "scopes_sql")
