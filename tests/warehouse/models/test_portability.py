"""Functions in models of sessions: those that other engines have too, or have a word for."""

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from warehouse.build.model_files import Model, models

# By the names that DuckDB's parser gives them.
PORTABLE = {
    *("+", "-", "*", "/", "%", "||", "->>"),
    *("any_value", "bool_or", "count", "count_star", "max", "min", "sum"),
    *("lag", "last_value", "lead", "row_number"),
    *(
        "chr",
        "concat_ws",
        "contains",
        "left",
        "lower",
        "lpad",
        "md5",
        "nullif",
        "translate",
        "trim",
    ),
    *("regexp_extract", "regexp_matches", "regexp_replace"),
    *("greatest", "least", "pow"),
    *("flatten", "list", "list_contains", "list_distinct", "list_sort", "list_value"),
    "struct_pack",
}
# Another engine has to be told what it calls them, or what they do.
NEEDS_A_RULE = {
    "epoch_us": "microseconds since 1970",
    "list_unique": "number of different values of a list, nulls aside",
    "arg_min": "passes over nulls; min_by of other engines does not",
    "arg_max": "passes over nulls; max_by of other engines does not",
    "timezone": "local time of a zone, of a UTC time",
    "to_hex": "hexadecimal digits",
    "generate_series": "whole numbers from one to another, both in",
    "unnest": "a row for each item of a list",
    "list_filter": "the items of a list that a lambda takes",
    "list_transform": "a list with each item as a lambda says",
    "list_zip": "structs of items at one place of several lists, as many as the shortest has",
    "list_prepend": "a list with an item before all others",
    **{
        f"{what}_of_{kind}": "a macro of names of facts; of properties, or what is read there"
        for what in ("values", "told")
        for kind in ("response", "prompt", "act")
    },
    "told_counts": "a macro of the names of counts; of properties a struct of numbers",
    "own_session_columns": "the select that the columns of dwell.toml make; plain SQL and json",
    "page_name": "a macro of the page rules; DuckDB makes that table",
}


def functions_of(sql: str) -> set[str]:
    """The functions and operators that a select calls."""
    with duckdb.connect() as con:
        (text,) = con.execute("select json_serialize_sql($sql::varchar)", {"sql": sql}).fetchall()[
            0
        ]
    tree = json.loads(text)
    assert not tree["error"], tree
    return {node["function_name"] for node in _nodes(tree) if "function_name" in node}


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
    children = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    for child in children:
        yield from _nodes(child)


SESSION_MODELS = [model for model in models() if model.scope == "session"]


@pytest.mark.parametrize("model", SESSION_MODELS, ids=lambda model: model.name)
def test_a_model_of_sessions_calls_what_another_engine_can_do(model: Model) -> None:
    unknown = functions_of(model.sql) - PORTABLE - NEEDS_A_RULE.keys()
    assert not unknown, f"{model.file} calls {sorted(unknown)}. Find a word that all engines have."


def test_the_list_of_functions_names_none_that_no_model_calls() -> None:
    called = {name for model in SESSION_MODELS for name in functions_of(model.sql)}
    assert (PORTABLE | NEEDS_A_RULE.keys()) - called == set()


@pytest.mark.parametrize(
    ("sql", "wanted"),
    [
        ("select strptime(a, '%Y') over_it from t", {"strptime"}),
        ("select * from (select list_filter(a, lambda x: x > 1) from t)", {"list_filter"}),
        ("select sum(a) filter (hash(b) = 1) over (order by ntile(c)) from t",
         {"sum", "hash", "ntile"}),
        ("select a from t qualify rank() over (order by a) = 1", {"rank"}),
    ],
)  # fmt: skip
def test_functions_are_found_wherever_they_stand(sql: str, wanted: set[str]) -> None:
    assert functions_of(sql) >= wanted
