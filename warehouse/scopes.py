"""Scopes of rows: who is under one is given a home of its own, which holds its rows and no others.

Below `scopes/` of a home each scope has a folder with builds of the same numbers, copied when a
build is published (`warehouse.build.scopes`). To whoever opens a warehouse, asks SQL or saves a
segment there, it is a home like any; there is no lake in it, and no way out of it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, cast

import duckdb

from etl.config.access import SCOPES, Access
from etl.config.access import whole_home as whole_home
from etl.errors import NoBuild
from warehouse.build_files import read_pointer
from warehouse.conditions import Conditions, as_texts, conditions_of

# The table by which a copy says that it is one, in one row.
SCOPE_TABLE = "row_scope"
SCOPE_COLUMNS = {
    "name": "VARCHAR",
    "conditions": "VARCHAR",
    "as_of": "TIMESTAMP",
}


class NoScope(NoBuild):
    """There is no copy of the rows of a scope yet."""


class HasSql(Protocol):
    """A warehouse, of which only SQL is asked, and when it was built."""

    built_at: datetime

    def sql(self, text: str, params: Mapping[str, Any] | None = None) -> duckdb.DuckDBPyRelation:
        """The answer to one query."""


@dataclass(frozen=True)
class Scope:
    """A scope by its conditions, read. The name is empty where it was made for once."""

    name: str
    where: Conditions

    def as_row(self, as_of: object) -> Mapping[str, Any]:
        """Its row of SCOPE_TABLE, in a build of that as-of."""
        texts = as_texts(self.where)
        return {"name": self.name, "conditions": json.dumps(texts), "as_of": as_of}


def fact_of_scope(wh: HasSql, column: str) -> Any:
    """What a copy says of its scope, by a column of SCOPE_TABLE; None in a whole build."""
    known = "select 1 from duckdb_tables() where table_name = $table"
    if not wh.sql(known, {"table": SCOPE_TABLE}).fetchall():
        return None
    # A name of our own.
    return wh.sql(f"select {column} from {SCOPE_TABLE}").fetchall()[0][0]  # noqa: S608


def told_as_of(wh: HasSql) -> datetime | None:
    """As-of of a build that is not the current one, as its file tells.

    In a scope it is of the product, whatever rows are in the copy.
    """
    if fact_of_scope(wh, "name") is not None:
        return cast(datetime | None, fact_of_scope(wh, "as_of"))
    built_at = wh.built_at.astimezone(UTC).replace(tzinfo=None)
    newest: datetime | None = wh.sql(
        "select max(event_time) from session_events where event_time <= $built_at",
        {"built_at": built_at},
    ).fetchall()[0][0]
    return newest


def scope_of_entry(access: Access) -> Scope:
    """An entry of dwell.toml, read. ConfigError where its conditions do not fit."""
    return Scope(access.name, conditions_of(access.where))


def scope_folder(home: Path, access: Access) -> Path:
    """Where the copies of a scope lie, whether there are some or not."""
    return home / SCOPES / access.folder


def scope_home(home: Path, access: Access) -> Path:
    """The home of those under the scope. NoScope where no build was copied for it yet."""
    folder = scope_folder(home, access)
    if read_pointer(folder) is None:
        msg = (
            f"There is no build for the scope '{access.name}' yet: one is copied after each load. "
            "Run 'dwell build'."
        )
        raise NoScope(msg)
    return folder
