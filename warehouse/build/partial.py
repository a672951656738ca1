"""What a part of a build is made anew of: one user, say, or one day. Decides no number.

A model with a scope says the same of its part as of everything. So its rows are made anew for
the parts that changed alone: while it runs, views of the same names lie over the tables it reads
and show those parts; afterwards its old rows of these parts make room for the new ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from warehouse.build.model_files import Model
from warehouse.build.runner import Tally, run


@dataclass(frozen=True)
class Scope:
    """A kind of part.

    keys   the columns that tell parts apart, as the table of the changed ones names them
    reads  table → its columns for the keys, in their order
    marts  mart → its columns for the keys, in their order
    """

    keys: tuple[str, ...]
    reads: Mapping[str, tuple[str, ...]]
    marts: Mapping[str, tuple[str, ...]]


SCOPES = {
    "user": Scope(
        ("user_id",),
        reads={"user_sessions": ("user_id",), "overnight_days": ("user_id",)},
        marts={"user_patterns": ("user_id",), "users": ("user_id",)},
    ),
    "day": Scope(
        ("day",),
        reads={"user_sessions": ("start_date",), "overnight_days": ("event_date",)},
        marts={"daily_session_stats": ("stat_date",)},
    ),
    "workflow": Scope(
        ("source", "workflow_id"),
        reads={"workflow_events": ("source", "workflow_id")},
        marts={"workflow_executions": ("source", "workflow_id")},
    ),
    "visitor": Scope(
        ("source", "anonymous_id"),
        reads={
            "identity_pairs": ("source", "anonymous_id"),
            "identities": ("source", "anonymous_id"),
        },
        marts={"identities": ("source", "anonymous_id")},
    ),
}


def changed(scope: str) -> str:
    """The table of the parts of a scope that changed."""
    return f"working.changed_{scope}s"


def show_parts(con: duckdb.DuckDBPyConnection, scope: str, database: str) -> None:
    """Lays views over the tables that models of the scope read: those show changed parts alone."""
    for table, columns in SCOPES[scope].reads.items():
        con.execute(
            f"create or replace temp view {table} as "
            f"from {database}.{table} as rows semi join {changed(scope)} as changed "
            f"on {_equal('rows', columns, scope)}"
        )


def show_all(con: duckdb.DuckDBPyConnection, scope: str) -> None:
    """Takes these views away again."""
    for table in SCOPES[scope].reads:
        con.execute(f"drop view if exists temp.{table}")


def make_parts(con: duckdb.DuckDBPyConnection, model: Model, database: str, tally: Tally) -> None:
    """Makes a mart's rows of the changed parts anew, between show_parts and show_all."""
    target = f"{database}.{model.name}"
    columns = SCOPES[model.scope].marts[model.name]
    parts = f"{changed(model.scope)} as changed on {_equal('rows', columns, model.scope)}"
    run(
        con,
        model,
        f"create or replace temp table made_anew as from ({model.sql}) as rows semi join {parts}",
        tally,
    )
    matched = _equal("rows", columns, model.scope)
    con.execute(
        f"delete from {target} as rows using {changed(model.scope)} as changed where {matched}"  # noqa: S608
    )
    con.execute(f"insert into {target} by name from made_anew")


def _equal(table: str, columns: tuple[str, ...], scope: str) -> str:
    pairs = zip(columns, SCOPES[scope].keys, strict=True)
    return " and ".join(f"{table}.{column} = changed.{key}" for column, key in pairs)
