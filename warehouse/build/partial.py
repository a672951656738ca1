"""What a part of a build is made anew of: one user, say, or one day. Decides no number.

A model with a scope says the same of its part as of everything. So its rows are made anew for
the parts that changed alone: while it runs, views of the same names lie over the tables it reads
and show those parts; afterwards its old rows of these parts make room for the new ones. Which
columns of a table tell its parts apart stands in the header of its model (`-- key: user_id`).
"""

from collections.abc import Mapping, Sequence

import duckdb

from etl.duck import quoted
from etl.errors import BuildError, did_you_mean
from warehouse import event_parts, table_parts
from warehouse.build.model_files import Model
from warehouse.build.runner import RunResults, inputs_of, run

# Scope → the columns that tell its parts apart, as the table of the changed ones names them.
PARTIAL_SCOPES = {
    "user": ("user_id",),
    "day": ("day",),
    "workflow": ("source", "workflow_id"),
    "visitor": ("source", "anonymous_id"),
}
# Models that new sessions enter in a way of their own: warehouse/build/increment.py shows each of
# them what it reads.
MADE_BY_HAND = (
    *("int_session_numbers", "int_streams", "int_user_keys", "pattern_scores", "user_sessions"),
)
# Sessions are made of their events (warehouse/build/sessioniser.py), not of other tables.
_KEYS = {"session": ("session_id",), **PARTIAL_SCOPES}
_SCOPES = ("", "events", *_KEYS)
# More days than these are no longer quicker to look for one by one.
_MOST_VALUES = 1000


def refuse_unfit(models: Sequence[Model]) -> None:
    """BuildError when a model could not be made anew in part as its header says."""
    for model in models:
        if model.scope not in _SCOPES:
            msg = (
                f"{model.file} has the unknown scope '{model.scope}'. "
                f"{did_you_mean(model.scope, [scope for scope in _SCOPES if scope])}"
            )
            raise BuildError(msg)
        if not model.is_mart or model.kept_as == "view":
            continue
        if model.scope in _KEYS and model.scope not in model.keys:
            wanted = ", ".join(_KEYS[model.scope])
            msg = (
                f"{model.file} has 'scope: {model.scope}' and no key: its rows of one "
                f"{model.scope} cannot be told from others. Write a line '-- key: {wanted}' into "
                f"its header, with its own names for that."
            )
            raise BuildError(msg)
        for scope, columns in model.keys.items():
            _refuse_unfit_key(model, scope, columns)
    _refuse_parts_of_others(models)


def _refuse_parts_of_others(models: Sequence[Model]) -> None:
    """While a build grows, an intermediate model holds the changed parts of its scope alone."""
    by_name = {model.name: model for model in models}
    inputs = inputs_of(models)
    for model in models:
        for name in sorted(inputs[model.name] & by_name.keys()):
            source = by_name[name]
            if source.is_mart or source.scope in ("", model.scope) or model.name in MADE_BY_HAND:
                continue
            msg = (
                f"{model.file} reads {name}, which holds only the {source.scope}s that changed "
                "while a build grows: rows of all others would be lost. Read a table of the "
                f"build, or write '-- scope: {source.scope}' into its header."
            )
            raise BuildError(msg)


def _refuse_unfit_key(model: Model, scope: str, columns: tuple[str, ...]) -> None:
    if scope not in _KEYS:
        msg = (
            f"{model.file} has a key of the unknown scope '{scope}'. "
            f"{did_you_mean(scope, list(_KEYS))}"
        )
        raise BuildError(msg)
    if len(columns) != len(_KEYS[scope]):
        msg = (
            f"{model.file} has the key '{', '.join(columns)}' of a {scope}. Wanted: its columns "
            f"for {', '.join(_KEYS[scope])}, in this order."
        )
        raise BuildError(msg)
    for column in columns:
        if column not in model.column_notes:
            msg = (
                f"{model.file} has the key '{column}' of a {scope}, which is none of the columns "
                f"that its last select describes. {did_you_mean(column, list(model.column_notes))}"
            )
            raise BuildError(msg)


def changed(scope: str) -> str:
    """The table of the parts of a scope that changed."""
    return f"working.changed_{scope}s"


def show_parts(
    con: duckdb.DuckDBPyConnection,
    models: Sequence[Model],
    scope: str,
    database: str,
    found: Mapping[str, str],
) -> None:
    """Lays views over the tables with a key of the scope: those show changed parts alone.

    found  table → a select that has those parts, where they were looked for already
    """
    days = con.execute(f"from {changed('day')}").fetchall() if scope == "day" else []
    for model in _keyed(models, scope):
        in_parts = model.kept_as == "parts"
        rows = f"from {database}.{model.name}"
        rows = table_parts.all_rows(con, model.name) if in_parts else rows
        con.execute(
            f"create or replace temp view {model.name} as "
            f"from ({found.get(model.name, rows)}) as rows semi join {changed(scope)} as changed "
            f"on {_equal('rows', model, scope)}{_on_days(model, days)}"
        )


def _on_days(model: Model, days: Sequence[tuple[object]]) -> str:
    """The days once more: as values, by which the engine passes over all others."""
    if not 0 < len(days) <= _MOST_VALUES:
        return ""
    values = ", ".join(f"date {quoted(day)}" for (day,) in days)
    (column,) = model.keys["day"]
    return f" where rows.{column} in ({values})"


def show_all(con: duckdb.DuckDBPyConnection, models: Sequence[Model], scope: str) -> None:
    """Takes these views away again."""
    for model in _keyed(models, scope):
        if model.kept_as == "parts":
            table_parts.show(con, model.name)
        else:
            con.execute(f"drop view if exists temp.{model.name}")


def make_parts(
    con: duckdb.DuckDBPyConnection, model: Model, database: str, results: RunResults
) -> None:
    """Makes a mart's rows of the changed parts anew, between show_parts and show_all."""
    parts = f"{changed(model.scope)} as changed"
    matched = _equal("rows", model, model.scope)
    run(
        con,
        model,
        "create or replace temp table partial_rows as "
        f"from ({model.sql}) as rows semi join {parts} on {matched}",
        results,
    )
    table = f"{database}.{model.name}"
    if model.kept_as == "parts":
        table = table_parts.new(model.name)
        older = table_parts.placed(con, model.name)
        table_parts.remove(
            con, model.name, f"from ({older}) as rows semi join {parts} on {matched}"
        )
    else:
        con.execute(f"delete from {table} as rows using {parts} where {matched}")  # noqa: S608
    con.execute(f"insert into {table} by name from partial_rows")


def _keyed(models: Sequence[Model], scope: str) -> list[Model]:
    return [
        model
        for model in models
        if model.is_mart
        and model.kept_as != "view"
        and model.name != event_parts.TABLE
        and scope in model.keys
    ]


def _equal(table: str, model: Model, scope: str) -> str:
    pairs = zip(model.keys[scope], PARTIAL_SCOPES[scope], strict=True)
    return " and ".join(f"{table}.{column} = changed.{key}" for column, key in pairs)
