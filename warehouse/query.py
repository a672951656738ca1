"""Runs the query files: the one way from a metric to the database. Holds no SQL itself.

A file `<module>.<function>.sql` is one select with bound $parameters. Files that start with
an underscore are relations that several queries read by name (`filtered_sessions`): the
text of those that a query names is put in front of it as CTEs, so each filter stands once.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, get_args

import duckdb

from etl.errors import ConfigError, did_you_mean, refuse_unknown
from warehouse.condition_sql import conditions_sql
from warehouse.connection import Warehouse
from warehouse.dimensions import DIMENSIONS, FILTERS, Dimension
from warehouse.filters import Filters
from warehouse.measure_lines import lines_of as lines_of
from warehouse.query_parts import OLDER_WORDS, Identity, Parts
from warehouse.relations import KEPT
from warehouse.relations import SHARED as SHARED
from warehouse.step_sql import holding_sql, holds_words
from warehouse.steps import Step

if TYPE_CHECKING:
    import polars as pl

QUERIES = Path(__file__).parent / "queries"
MODELS = Path(__file__).parent / "models" / "intermediate"
# Columns that user_sessions was given, and what stands for them in older builds: it is slow, and
# they last until the next build.
ADDED = {
    "user_key": "(dense_rank() over (order by user_id) - 1)::integer",
    "event_path": "null::varchar[]",
    "start_hour": "hour(timezone($time_zone, timezone('UTC', start_time)))",
}
# Tables that builds were given.
ADDED_TABLES = ("chat_events", "chat_turns", "chats", "responses", "source_days")
# Of what periods measured_sessions can tell; a week begins on Monday.
Grain = Literal["day", "week", "month"]
# What measured_sessions groups by: neither days nor values, unless a query says so.
UNGROUPED = {
    **{"grain": None, "row_limit": 0, "contains": None, "named": None},
    "counts_users": True,
}


def run(
    wh: Warehouse,
    name: str,
    filters: Filters | None = None,
    columns: Sequence[str] | None = None,
    dimension: Dimension | None = None,
    crossed: Dimension | None = None,
    tables: Mapping[str, "pl.DataFrame"] = MappingProxyType({}),
    **params: Any,
) -> "pl.DataFrame":
    """The frame that one query file answers, given the filters and its other parameters.

    `steps` among these are steps by name: `$start_holds` stands for whether an event is of the one
    called start; None is of any. `$holding` has a bit for each step of `sequence`; `words` are
    other words of the file, and SQL of ours that stands for them. `identity` says who an event is
    of. `tables` are frames that the words read by name.

    `columns` takes these alone, in this order: a measure that nobody takes is not computed.
    Sessions are broken down by the dimension, where the query looks at one, and by the one that
    it is crossed with.
    """
    counts_users = columns is None or "user_count" in columns
    text, values = prepared(
        wh, name, filters, dimension, crossed, counts_users=counts_users, **params
    )
    if columns is not None:
        text = f"select {', '.join(columns)} from (\n{text}\n)"  # noqa: S608 - names of the registry
    try:
        return wh.frame(text, values, tables)
    except duckdb.BinderException:
        _refuse_missing(wh, filters or Filters(), dimension, crossed)
        raise
    except duckdb.CatalogException as error:
        _refuse_missing_table(wh, str(error))
        raise


def prepared(
    wh: Warehouse,
    name: str,
    filters: Filters | None = None,
    dimension: Dimension | None = None,
    crossed: Dimension | None = None,
    measure: str = "session_count",
    dimensions: tuple[Dimension, ...] = DIMENSIONS,
    steps: Mapping[str, Step | None] = MappingProxyType({}),
    sequence: Sequence[Step] = (),
    words: Mapping[str, str] = MappingProxyType({}),
    identity: Identity = "user_id",
    **params: Any,
) -> tuple[str, dict[str, Any]]:
    """The text of one query as it runs, and the values that it binds.

    `measure` and `dimensions` are of a query that looks at every dimension.
    """
    refuse_unknown("identity", identity, get_args(Identity))
    filters = filters or Filters()
    condition, values = conditions_sql(filters.where, wh.dimensions, filters.segments)
    known = {
        **UNGROUPED,
        **filters.as_params(),
        "search": "",
        "looks_ahead": True,
        "is_broken_down": dimension is not None,
        "is_list": dimension is not None and dimension.is_list,
        "as_of": wh.as_of,
        "as_of_date": wh.as_of_date,
        "pruned_before": wh.pruned_before,
        "time_zone": wh.time_zone,
        **params,
    }
    holds = holds_words(steps, values)
    older = {
        word: text
        for (table, column), lacking in OLDER_WORDS.items()
        if column not in wh.columns_of(table)
        for word, text in lacking.items()
    }
    told = tuple({**older, **holds, "holding": holding_sql(sequence, values), **words}.items())
    own, absent = _of_build(wh)
    parts = Parts(condition, dimension, crossed, own, absent, measure, dimensions, told, identity)
    text, used = _query(name, parts)
    known |= values
    return text, {word: known[word] if word in known else wh.setting(word) for word in used}


def condition_values(filters: Filters, dimensions: Iterable[Dimension] = FILTERS) -> dict[str, Any]:
    """The values that the conditions bind in a query, by the names of its parameters."""
    return conditions_sql(filters.where, dimensions, filters.segments)[1]


def sql_of(
    name: str,
    filters: Filters | None = None,
    dimension: Dimension | None = None,
    crossed: Dimension | None = None,
    wh: Warehouse | None = None,
    **parts: Any,
) -> str:
    """The text of one query as a warehouse runs it: the shared relations it reads, then its file.

    `parts` are others of Parts. Without a warehouse there is nothing of a dwell.toml.
    """
    filters = filters or Filters()
    dimensions = wh.dimensions if wh else FILTERS
    condition = conditions_sql(filters.where, dimensions, filters.segments)[0]
    of_build = _of_build(wh) if wh else ()
    return _query(name, Parts(condition, dimension, crossed, *of_build, **parts))[0]


def _refuse_missing(wh: Warehouse, filters: Filters, *by: Dimension | None) -> None:
    """ConfigError when a build is older than a dimension that is asked for."""
    conditions = (filters.where, *filters.segments)
    asked = [dimension for each in conditions for dimension, _ in each.read(wh.dimensions)]
    asked += [dimension for dimension in by if dimension]
    known = columns_of_sessions(wh)
    for dimension in asked:
        if dimension.scope != "user is" and (dimension.column or dimension.name) not in known:
            msg = (
                f"Build {wh.build} was made before Dwell knew of {dimension.name}. "
                "Run 'dwell build' to make one that does, or leave it out."
            )
            raise ConfigError(msg)


def _refuse_missing_table(wh: Warehouse, message: str) -> None:
    """ConfigError when a build is older than a table that is asked for."""
    for table in ADDED_TABLES:
        if f"Table with name {table} does not exist" in message:
            msg = (
                f"Build {wh.build} was made before Dwell had the table {table}. "
                "Run 'dwell build' to make one that has it."
            )
            raise ConfigError(msg)


def has_table(wh: Warehouse, table: str) -> bool:
    """Whether a build has a table: an older one was made before some."""
    try:
        return bool(wh.columns_of(table))
    except duckdb.CatalogException:
        return False


# A build does not change, and every query asks.
@lru_cache(maxsize=8)
def _of_build(wh: Warehouse) -> tuple[str, str]:
    """What dwell.toml declares, and what an older build lacks: lines as Parts takes them."""
    lines = (own_line(own["name"], own["sql"]) for own in wh.own_metrics)
    there = wh.columns_of("user_sessions")
    lacking = (f"\n    {sql} as {column}," for column, sql in ADDED.items() if column not in there)
    return "".join(lines), "".join(lacking)


def own_line(name: str, sql: str) -> str:
    """A further line of measured_sessions: an expression over its sessions, and its name."""
    return f"\n    , (\n{sql}\n    )::double as {name}"


def query_names() -> list[str]:
    """The names of all queries, sorted."""
    return sorted(path.stem for path in QUERIES.glob("[!_]*.sql"))


def path_of(name: str) -> Path:
    """The file of a shared relation."""
    return MODELS / f"{name}.sql" if name.startswith("int_") else QUERIES / f"_{name}.sql"


def columns_of_sessions(wh: Warehouse) -> frozenset[str]:
    """The columns that a build's sessions have, and those that are made of them."""
    text = ",\n\n".join(_relations("dimensioned_sessions", {"$lacking": _of_build(wh)[1]}))
    text = f"with\n\n{text}\n\nfrom dimensioned_sessions limit 0"
    values = {"time_zone": wh.time_zone} if "$time_zone" in text else {}
    return frozenset(wh.sql(text, values).columns)


@lru_cache(maxsize=500)
def _query(name: str, parts: Parts) -> tuple[str, tuple[str, ...]]:
    """The text of a query, and the parameters that it binds."""
    path = QUERIES / f"{name}.sql"
    if name.startswith("_") or not path.is_file():
        msg = f"No query '{name}'. {did_you_mean(name, query_names())}"
        raise ConfigError(msg)
    head, body = _split(path)
    composed = parts.composed()
    body = _put_in(body, composed)
    relations = _relations(body, composed)
    if relations:
        body = re.sub(r"\Awith\s+", "", body) if body.startswith("with") else body
        joint = "" if body.startswith("select") else ",\n\n"
        body = "with\n\n" + ",\n\n".join(relations) + (joint or "\n\n") + body
    code = re.sub(r"--.*", "", body)
    used = tuple(sorted(set(re.findall(r"\$([a-z0-9_]+)", code))))
    return f"{head}{body}", used


def _relations(body: str, composed: dict[str, str]) -> list[str]:
    """The shared relations that a query reads, directly or through each other, as CTEs."""
    needed: list[str] = []
    code = body
    for name in reversed(SHARED):
        if re.search(rf"\b{name}\b", re.sub(r"--.*", "", code)):
            head, text = _split(path_of(name))
            text = _put_in(text, composed)
            indented = "\n".join(f"    {line}" if line else "" for line in text.splitlines())
            kept = "materialized" if name in KEPT else "not materialized"
            needed.insert(0, f"{head}{name} as {kept} (\n{indented}\n)")
            code += f"\n{text}"
    return needed


def _put_in(text: str, composed: dict[str, str]) -> str:
    # In one go: what stands for a word is not looked at again.
    return re.sub(r"\$\w+", lambda word: composed.get(word[0], word[0]), text)


def _split(path: Path) -> tuple[str, str]:
    """A file's opening comment, and the select below it."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    start = next(i for i, line in enumerate(lines) if not line.startswith("--") and line != "\n")
    return "".join(lines[:start]), "".join(lines[start:]).strip()
