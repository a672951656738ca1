"""Refuses names of dwell.toml's own that are taken. Never reads data.

Taken is whatever Dwell's own SQL calls something: a column of that name would hide another one.
"""

import re
from collections.abc import Iterable

from etl.config.settings import Settings
from etl.duck import connect
from etl.errors import ConfigError
from warehouse.build.model_files import models
from warehouse.dimensions import FILTERS
from warehouse.metrics.answers import ANSWERS
from warehouse.metrics.registry import METRICS, TRENDS
from warehouse.query import QUERIES, SHARED
from warehouse.relations import OF_ONE_SESSION, OF_TURNS

# What addresses, and the frames of metrics, call something else.
_WORDS = (
    "a across annotation asset at b back baseline bots brackets build by cards cell cells change "
    "chat clock columns compare complete current depth dimension end ends_by entered entry event "
    "exclude forecast from grain has hour identity intervals is_other is_total label latency_by "
    "least limit metric metrics next node nth of only order outcome page part per period previous "
    "q rows scope search section segment segments session share show sort source start step "
    "step_window steps tab tag to top turns unit user value versus view way weekday where window "
    "workflow"
)
# Queries tell by these what a column is of.
_MODELS = (
    *("stg_settings", "int_session_totals", "int_sessions", "int_counted_sessions"),
    *("user_sessions", "users", "session_events"),
)
_BEGINNINGS = (
    *("by_", "crosswalk_", "health_", "in_", "lab_", "order_", "segment_", "sort_", "sql_", "tab_"),
)
_ENDINGS = ("_count", "_date", "_high", "_key", "_low", "_n", "_rank", "_sd", "_start")


def refuse_taken_names(settings: Settings) -> None:
    """ConfigError for a name that two declarations have, or something of Dwell's."""
    if not any(names for _, names in _declared(settings)):
        return
    taken = _named_in_sql() | _reserved() | {d.name for d in FILTERS} | {d.column for d in FILTERS}
    # Also the words that addresses have for metrics.
    metrics = {metric.name for metric in (*METRICS, *ANSWERS)} | set(TRENDS)
    seen: dict[str, str] = {}
    for section, names in _declared(settings):
        for name in names:
            where = f"[{section}.{name}]"
            if name in seen:
                msg = f"{where} has the name of {seen[name]}. Give one of them another name."
                raise ConfigError(msg)
            seen[name] = where
            is_metric = section == "metrics" and name in metrics
            if name in taken or is_metric or name.startswith(_BEGINNINGS):
                msg = (
                    f"{where}: Dwell calls something else '{name}'. Give it another name, for "
                    f"example [{section}.my_{name}]."
                )
                raise ConfigError(msg)
            ending = next((end for end in _ENDINGS if name.endswith(end)), None)
            if section == "metrics" and ending:
                msg = (
                    f"{where}: a metric's name cannot end with {ending}, by which queries tell "
                    f"what a column is. Give it another name, such as "
                    f"[metrics.{name.removesuffix(ending)}]."
                )
                raise ConfigError(msg)


def _named_in_sql() -> set[str]:
    """What the models that own columns go through, and the queries of sessions, call something."""
    passed = [model for model in models() if model.name in _MODELS]
    texts = [model.sql for model in passed]
    queries = [path.read_text(encoding="utf-8") for path in QUERIES.glob("*.sql")]
    shared = [name for name in SHARED if name not in (*OF_ONE_SESSION, *OF_TURNS)]
    relations = re.compile(rf"\b({'|'.join(shared)})\b|\$compared\b")
    texts += [text for text in queries if relations.search(text)]
    names = {name for text in texts for name in re.findall(r"\bas '?(\w+)", text)}
    return names | {name for model in passed for name in model.column_notes}


def _reserved() -> set[str]:
    """Words that SQL and addresses have another use for."""
    with connect() as con:
        rows = con.execute(
            "select keyword_name from duckdb_keywords() where keyword_category <> 'unreserved'"
        ).fetchall()
    return {word for (word,) in rows} | set(_WORDS.split())


def _declared(settings: Settings) -> Iterable[tuple[str, list[str]]]:
    yield "dimensions", [own.name for own in settings.dimensions]
    yield "measures", [own.name for own in settings.measures]
    yield "patterns", [own.name for own in settings.patterns]
    yield "metrics", [own.name for own in settings.metrics]
