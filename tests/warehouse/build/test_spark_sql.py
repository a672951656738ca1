"""Every model of sessions is in words that Spark has for the same rows. Needs no Spark."""

import re

import pytest
import sqlglot

from etl.errors import BuildError
from warehouse.build.model_files import Check, Model, checks
from warehouse.build.runner import ordered_models
from warehouse.build.spark_sql import FUNCTIONS, MADE_BY_DUCKDB, as_spark, functions_of

MODELS = [model for model in ordered_models() if model.scope in ("session", "events")]
ON_SPARK: list[Model | Check] = [
    *(model for model in MODELS if model.name not in MADE_BY_DUCKDB),
    *(check for check in checks() if check.scope == "session"),
]
# Macros of DuckDB, and what dwell.toml makes.
_STAYS = re.compile(r"\b(page_name|told_counts|values_of_\w+|own_session_columns)\(")
# What sqlglot would leave as DuckDB has it, and Spark does not know or takes otherwise.
_OF_DUCKDB = re.compile(
    r"\b(epoch_us|timezone|list_\w+|hash|struct_pack|arg_m\w+|to_hex)\(|replace \(", re.IGNORECASE
)


@pytest.mark.parametrize("model", ON_SPARK, ids=lambda model: model.name)
def test_a_model_is_in_words_of_both_engines(model: Model | Check) -> None:
    text = as_spark(model.name, model.sql)
    assert not _OF_DUCKDB.search(text), text
    # It reads back: no word is left that is no SQL.
    sqlglot.parse_one(text, read="spark")


@pytest.mark.parametrize("model", ON_SPARK, ids=lambda model: model.name)
def test_patterns_say_what_they_mean_on_both_engines(model: Model | Check) -> None:
    code = "\n".join(line.split("-- ")[0] for line in model.sql.splitlines())
    # Java has other letters for (?i) and other blanks for \s, and its $ is also before a last line.
    for text in re.findall(r"'([^']*)'", code):
        assert not re.search(r"\(\?\w*i|\\[swdb]|\$$", text) or text.startswith("$."), text


def test_what_stays_with_duckdb_is_what_calls_its_macros() -> None:
    assert {model.name for model in MODELS if _STAYS.search(model.sql)} == MADE_BY_DUCKDB


def test_no_function_is_listed_that_no_model_calls() -> None:
    trees = [sqlglot.parse_one(model.sql, read="duckdb") for model in ON_SPARK]
    assert set().union(*map(functions_of, trees)) == FUNCTIONS


@pytest.mark.parametrize(
    ("sql", "met"),
    [
        ("select strftime(event_time, '%Y') as year from stg_events", "timetostr"),
        ("select date_diff('day', a, b) as days from stg_events", "datediff"),
        ("select * replace (1 as a) from stg_events", "replace"),
        ("select quantile_cont(a, 0.5) as a from stg_events", "percentilecont"),
    ],
)
def test_a_function_that_is_not_known_on_both_is_refused(sql: str, met: str) -> None:
    with pytest.raises(BuildError, match=met):
        as_spark("int_new", sql)


@pytest.mark.parametrize(
    ("sql", "wanted"),
    [
        ("select a from t order by a", "SELECT a FROM t"),
        ("select arg_min(a, b) as c from t", "MIN_BY(a, CASE WHEN NOT (a) IS NULL THEN b END)"),
        (
            "select row_number() over w * 1000000 as a from t window w as (order by b)",
            "CAST(ROW_NUMBER() OVER w AS BIGINT) * 1000000",
        ),
        ("select names[step[1]] as a from t", "ELEMENT_AT(names, step[0])"),
        ("select timezone(z, timezone('UTC', a)) as a from t", "CONVERT_TIMEZONE('UTC', z, a)"),
        ("select trim(a) as a from t", r"REGEXP_REPLACE(a, '^\\p{Zs}+|\\p{Zs}+\\z', '')"),
    ],
)
def test_macros(sql: str, wanted: str) -> None:
    assert wanted in as_spark("x", sql)


def test_the_order_of_what_is_written_stays() -> None:
    sql = "with a as (select b from t order by b) select b from a order by b"
    assert as_spark("x", sql, ordered=True).count("ORDER BY") == 1
    assert "ORDER BY" not in as_spark("x", sql)
