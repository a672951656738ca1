"""Refuses SQL that could write. A read-only connection alone does not: it may copy into files.

A database file that a connection has open counts as one that its SQL may reach, and so `copy
(select …) to` that very file would overwrite a build, in a statement of its own or inside of a
select. Only selects pass here, all through: what they are is told by the engine's own parser.
"""

import json
import re
from functools import cache, lru_cache
from typing import Any

import duckdb

from etl.duck import connect
from etl.errors import ConfigError

_SELECTS = frozenset(
    ("SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE", "VALUES_NODE")
)
# They run SQL that is given as a text, which no parser has seen.
_RUN_TEXTS = frozenset(("query", "json_execute_serialized_sql"))
_EXPLAIN = re.compile(r"\s*explain\s+(analyze\s+)?", re.IGNORECASE)
_WANTED = (
    "Wanted: one query that reads, such as select 1. A pivot needs its values: "
    "pivot t on x in ('a', 'b')."
)


@lru_cache(maxsize=1000)
def refuse_writes(text: str) -> None:
    """ConfigError when the text is more than a query that reads. Parser errors are the engine's."""
    with _parser().cursor() as con:
        for statement in con.extract_statements(text):
            kind = statement.type.name
            query = statement.query
            if kind == "EXPLAIN":
                query = _EXPLAIN.sub("", query, count=1)
            elif kind not in ("SELECT", "PRAGMA"):
                raise _refused(kind.replace("_", " ").lower())
            if kind == "PRAGMA":
                continue
            ((syntax,),) = con.execute("select json_serialize_sql($1::varchar)", [query]).fetchall()
            tree = json.loads(syntax)
            if tree["error"]:
                raise _refused(tree.get("error_message", kind).lower())
            _refuse(tree)


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    return connect()


def _refuse(part: Any) -> None:
    if isinstance(part, list):
        for child in part:
            _refuse(child)
    elif isinstance(part, dict):
        if "cte_map" in part and part.get("type") not in _SELECTS:
            raise _refused(str(part.get("type")).removesuffix("_NODE").replace("_", " ").lower())
        if str(part.get("function_name", "")).lower() in _RUN_TEXTS:
            raise _refused(str(part["function_name"]) + "()")
        for child in part.values():
            _refuse(child)


def _refused(kind: str) -> ConfigError:
    return ConfigError(f"The warehouse is only read. Met: {kind}. {_WANTED}")
