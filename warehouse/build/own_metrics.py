"""Refuses expressions of [metrics.x] that are no metric. Never keeps a number.

An expression says one number of a set of sessions, and nothing but them: it is read as the engine
reads it, and tried on the sessions of the build before that is published.
"""

import json
from collections.abc import Iterator
from typing import Any

import duckdb

from etl.config.own import OwnMetric
from etl.config.settings import Settings
from etl.duck import connect
from etl.errors import ConfigError, did_you_mean, in_brief
from warehouse.build.steps import step_sql
from warehouse.query import path_of

# What the engine's reader calls the parts of an expression that look beyond one set of sessions.
_REFUSED = {
    "SUBQUERY": "has a query of its own",
    "WINDOW": "looks from one session at others (over)",
    "PARAMETER": "has a parameter",
    "STAR": "has a star in it",
}
_EXAMPLE = 'Write one expression over sessions, such as sql = "avg((engaged_seconds > 120)::int)".'
_SESSIONS = "int_counted_sessions"


def refuse_unfit_expressions(settings: Settings) -> None:
    """ConfigError for an expression that is none, or one that reads something else."""
    if not settings.metrics:
        return
    with connect() as con:
        known = {name for (name,) in con.execute(step_sql("functions_of_values")).fetchall()}
        for own in settings.metrics:
            _refuse_unfit(con, own, known)


def try_expressions(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """ConfigError for an expression that fails on the sessions, or says something of each."""
    sessions = path_of(_SESSIONS).read_text(encoding="utf-8")
    for own in settings.metrics:
        _refuse_other_columns(con, own, set(con.sql(f"from ({sessions}) limit 0").columns))
        # Three rows of nothing: what is said of a set is one number, what is said of each is three.
        tried = f"with sessions as ({sessions}) select (\n{own.sql}\n)::double from sessions"  # noqa: S608
        try:
            con.execute(tried).fetchmany(2)
        except duckdb.Error as error:
            raise ConfigError(_message(own, f"cannot be computed: {in_brief(error)}")) from error
        empty = (
            "with sessions as (select * from (select 1) as one left join "  # noqa: S608
            f"(from ({sessions}) limit 0) as none on true cross join range(3)) "
            f"select (\n{own.sql}\n)::double from sessions"
        )
        if len(con.execute(empty).fetchall()) != 1:
            said = "says something of each session, not of them together"
            raise ConfigError(
                _message(own, said, "Put it into avg(), sum(), median() or the like.")
            )


def _refuse_other_columns(
    con: duckdb.DuckDBPyConnection, own: OwnMetric, columns: set[str]
) -> None:
    """A name that is no column may be the clock, or whoever asks."""
    parts = list(_parts(_read(con, own)["select_list"]))
    # The names that a lambda gives are names of columns to the reader.
    own_names = {
        name
        for part in parts
        if part.get("class") == "LAMBDA"
        for each in _parts(part["lhs"])
        for name in each.get("column_names", ())
    }
    for part in parts:
        if part.get("class") != "COLUMN_REF":
            continue
        name = ".".join(part["column_names"])
        if name not in columns | own_names:
            said = f"names {name}, which is no column of sessions"
            raise ConfigError(_message(own, said, did_you_mean(name, sorted(columns))))


def _refuse_unfit(con: duckdb.DuckDBPyConnection, own: OwnMetric, known: set[str]) -> None:
    node = _read(con, own)
    for part in _parts(node["select_list"]):
        if part.get("class") in _REFUSED:
            raise ConfigError(_message(own, _REFUSED[part["class"]]))
        name = str(part.get("function_name", "")).lower()
        # Signs such as + are functions too.
        if name.isidentifier() and name not in known:
            said = f"calls {name}(), which is no function of values alone"
            raise ConfigError(_message(own, said))


def _read(con: duckdb.DuckDBPyConnection, own: OwnMetric) -> dict[str, Any]:
    """A select of the expression alone, as the engine's reader has it."""
    text = f"select (\n{own.sql}\n) as metric from sessions"  # noqa: S608 - read, never run
    serialised = con.execute("select json_serialize_sql($sql::varchar)", {"sql": text})
    tree = json.loads(serialised.fetchall()[0][0])
    if tree["error"]:
        raise ConfigError(_message(own, f"cannot be read: {tree['error_message']}"))
    node: dict[str, Any] = tree["statements"][0]["node"]
    if (
        len(tree["statements"]) != 1
        or node["type"] != "SELECT_NODE"
        or len(node["select_list"]) != 1
        or "$" in own.sql
    ):
        raise ConfigError(_message(own, "is not one expression"))
    return node


def _parts(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
    children = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    for child in children:
        yield from _parts(child)


def _message(own: OwnMetric, said: str, todo: str = _EXAMPLE) -> str:
    return f"[metrics.{own.name}]: '{own.sql}' {said}. {todo}"
