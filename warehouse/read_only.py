"""Refuses SQL that could write. A read-only connection alone does not: it may copy into files.

A database file that a connection has open counts as one that its SQL may reach, and so `copy
(select …) to` that very file would overwrite a build, in a statement of its own or inside of a
select. Only selects pass here, all through: what they are is told by the engine's own parser.
"""

import json
import re
from collections.abc import Iterator
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
EXPLAIN = re.compile(r"\s*explain\s+(analyze\s+)?", re.IGNORECASE)
# Each once; 'show tables' names those that lie in parts twice.
_TABLES = "select distinct table_name from information_schema.tables"
_WANTED = (
    "Wanted: one query that reads, such as select 1. A pivot needs its values: "
    "pivot t on x in ('a', 'b')."
)


# The largest text that is looked at: what people write by hand is far less, and a parser may take
# long over what is made to be long.
MOST_CHARACTERS = 100_000
# Functions that yield rows, of those who may read a build and nothing else. All others read files,
# or tables that they are told by name, or tell of the machine, its settings and those who ask.
_TABLE_FUNCTIONS = frozenset(
    (
        *("duckdb_columns", "duckdb_constraints", "duckdb_functions", "duckdb_keywords"),
        *("duckdb_schemas", "duckdb_tables", "duckdb_types", "generate_series"),
        *("icu_calendar_names", "json_each", "json_tree", "pg_timezone_names"),
        *("range", "repeat", "repeat_row", "unnest"),
    )
)
# The same as tables of the engine: which they are, and the schemas that have nothing else.
_ENGINE_TABLES = frozenset(("duckdb_columns", "duckdb_constraints", "duckdb_tables"))
_INFORMATION = frozenset(("columns", "schemata", "tables"))
_OF_ENGINE = re.compile(r"(duckdb|pg|pragma|sqlite)_")
# Functions that yield a value, and tell of the machine, wait, or write.
_TELLING = frozenset(
    (
        *("current_catalog", "current_connection_id", "current_database", "current_query"),
        *("current_query_id", "current_role", "current_setting", "current_transaction_id"),
        *("current_user", "getenv", "getvariable", "inet_client_addr", "inet_client_port"),
        *("inet_server_addr", "inet_server_port", "json_serialize_plan", "pg_conf_load_time"),
        *("pg_get_constraintdef", "pg_get_expr", "pg_get_viewdef"),
        *("pg_postmaster_start_time", "pg_sleep", "session_user", "setseed", "sleep_ms", "stats"),
        *("txid_current", "user", "version", "write_log"),
    )
)
# Names that the engine takes for such functions where no column is called so.
_TELLING_NAMES = frozenset(("current_catalog", "current_role", "current_user", "session_user"))


@lru_cache(maxsize=1000)
def refuse_writes(text: str) -> None:
    """ConfigError when the text is more than a query that reads. Parser errors are the engine's."""
    for kind, query in _statements(text):
        if kind != "PRAGMA":
            _refuse(_tree(kind, query))


def refuse_beyond(text: str) -> str:
    """The one query of the text, without what ends it. ConfigError for more, or for anything else.

    Refused are also functions and tables that tell of the machine, its files and settings, and
    tables that are named with their database or schema.
    """
    refuse_unwritten(text)
    statements = list(_statements(text))
    if len(statements) != 1:
        msg = f"Met: {len(statements)} queries. Wanted: one, such as select 1."
        msg += " Ask one after the other." if statements else ""
        raise ConfigError(msg)
    kind, query = statements[0]
    if kind == "PRAGMA":
        raise _refused(kind.lower())
    tree = _tree(kind, query)
    _refuse(tree)
    _refuse_far(tree)
    return _without_end(text)


def refuse_unwritten(text: str) -> None:
    """ConfigError for a text that nobody has written: too long, or of what is no sign."""
    if len(text) > MOST_CHARACTERS:
        msg = (
            f"The query has {len(text):,} characters. Wanted: {MOST_CHARACTERS:,} at most. Take "
            "long lists of values from a table, or ask in parts."
        )
        raise ConfigError(msg)
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        msg = "The query holds half a sign, which is none. Wanted: text in Unicode. Type it anew."
        raise ConfigError(msg)


def _statements(text: str) -> Iterator[tuple[str, str]]:
    """Kind and text of each statement. ConfigError for one that is no query."""
    with _parser().cursor() as con:
        statements = con.extract_statements(text)
    for statement in statements:
        try:
            kind = statement.type.name
        except ValueError:
            # The engine has kinds of statements that its client has no name for.
            kind = "STATEMENT OF ANOTHER KIND"
        if kind not in ("EXPLAIN", "SELECT", "PRAGMA"):
            raise _refused(kind.replace("_", " ").lower())
        yield kind, statement.query


def _tree(kind: str, query: str) -> Any:
    """What the engine's parser makes of a query, or of one that is to be explained."""
    query = EXPLAIN.sub("", query, count=1) if kind == "EXPLAIN" else query
    with _parser().cursor() as con:
        ((syntax,),) = con.execute("select json_serialize_sql($1::varchar)", [query]).fetchall()
    tree = json.loads(syntax)
    if tree["error"]:
        raise _refused(tree.get("error_message", kind).lower())
    return tree


def _without_end(text: str) -> str:
    ends = (at for at, kind in duckdb.tokenize(text) if kind.name == "operator")
    end = next((at for at in ends if text.encode()[at:].startswith(b";")), None)
    return text.encode()[:end].decode()


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


def _refuse_far(part: Any) -> None:
    """ConfigError for what reaches further than to the tables of the build."""
    if isinstance(part, list):
        for child in part:
            _refuse_far(child)
    elif isinstance(part, dict):
        function = str(part.get("function_name", "")).lower()
        if part.get("type") == "TABLE_FUNCTION":
            function = str(part["function"].get("function_name", "")).lower()
            if function not in _TABLE_FUNCTIONS:
                raise _too_far(function + "()")
        if function in _TELLING:
            raise _too_far(function + "()")
        if part.get("type") == "COLUMN_REF" and len(part["column_names"]) == 1:
            name = str(part["column_names"][0]).lower()
            if name in _TELLING_NAMES:
                raise _too_far(name)
        if part.get("type") == "BASE_TABLE":
            _refuse_far_table(part)
        if part.get("type") == "SHOW_REF":
            _refuse_far_show(part)
        for child in part.values():
            _refuse_far(child)


def _refuse_far_table(table: dict[str, Any]) -> None:
    name, schema = str(table["table_name"]).lower(), str(table["schema_name"]).lower()
    full = ".".join(
        filter(None, (table["catalog_name"], table["schema_name"], table["table_name"]))
    )
    if schema == "information_schema" and not table["catalog_name"]:
        if name not in _INFORMATION:
            raise _too_far(full)
    elif schema:
        msg = (
            f"The query names {full}. Wanted: tables by their names alone, "
            f"such as {table['table_name']}. Leave out what stands before it."
        )
        raise ConfigError(msg)
    elif _OF_ENGINE.match(name) and name not in _ENGINE_TABLES:
        raise _too_far(full)


def _refuse_far_show(show: dict[str, Any]) -> None:
    # What is described or summarised is a query of its own, and looked at as such.
    name = str(show["table_name"]).strip('"')
    if show["query"] is None and name not in ("tables", "__show_tables_expanded"):
        raise _too_far(name or show["schema_name"])


def _too_far(what: object) -> ConfigError:
    return ConfigError(
        f"The query names {what}, which is refused. Wanted: a query that reads tables of the build "
        f"and nothing else. '{_TABLES}' names them, 'describe user_sessions' tells the columns of "
        "one."
    )


def _refused(kind: str) -> ConfigError:
    return ConfigError(f"The warehouse is only read. Met: {kind}. {_WANTED}")
