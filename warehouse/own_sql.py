"""Somebody's own SQL, over relations that hold the sessions of the filters. Holds no SQL itself."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics.chat_rates import joined_words
from warehouse.query import prepared
from warehouse.read_only import EXPLAIN

if TYPE_CHECKING:
    import polars as pl


EXAMPLES = Path(__file__).parent / "examples"


class Relation(NamedTuple):
    """The query whose rows it has, and what it holds."""

    query: str
    about: str


RELATIONS = MappingProxyType(
    {
        "filtered_sessions": Relation(
            "sessions.filtered",
            "The sessions of the filters, as in user_sessions, with what metrics average of them: "
            "bounced, timed_seconds, … Null where a metric leaves the session out.",
        ),
        "measured_sessions": Relation(
            "overview.totals", "All headline metrics of the sessions of the filters: one row."
        ),
        "measured_days": Relation(
            "overview.series", "All headline metrics of each local day of the filters."
        ),
        "filtered_responses": Relation(
            "chat.responses", "The responses of LLM chats in the sessions of the filters."
        ),
    }
)


@cache
def examples() -> dict[str, str]:
    """Queries to begin with, by what they tell."""
    texts = (path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.glob("*.sql")))
    parts = (text.partition("\n") for text in texts)
    return {head.removeprefix("-- "): body.strip() for head, _, body in parts}


def named_relations(text: str) -> tuple[str, ...]:
    """Those that a text names."""
    return tuple(name for name in RELATIONS if _names(text, name))


def relation_columns(wh: Warehouse, filters: Filters, name: str) -> "pl.DataFrame":
    """The columns that a relation has. Columns: column_name, data_type, comment.

    A comment is that of the column of user_sessions or of the metric that is called so; else null.
    """
    text, values = composed(wh, name, filters).over(f"from {name} limit 0")
    relation = wh.sql(text, values)
    told = "select column_name, comment from duckdb_columns() where table_name = 'user_sessions'"
    metrics = "select name, definition from metrics"
    comments = dict(wh.sql(metrics).fetchall()) | dict(wh.sql(told).fetchall())
    import polars as pl

    return pl.DataFrame(
        {
            "column_name": relation.columns,
            "data_type": [str(kind) for kind in relation.types],
            "comment": [comments.get(column) for column in relation.columns],
        },
        schema_overrides={"comment": pl.String},
    )


def period_values(text: str, filters: Filters) -> dict[str, date]:
    """The days of the filters that a text takes as $first_date and $last_date."""
    days = {"first_date": filters.start, "last_date": filters.end}
    named = {name: day for name, day in days.items() if re.search(rf"\${name}\b", text)}
    return {name: day for name, day in named.items() if day is not None}


class Composed(NamedTuple):
    """Selects that stand for names: for tables, and those of relations with what they bind.

    `filters`: those whose period a text may take.
    """

    shadows: Mapping[str, str]
    relations: Mapping[str, tuple[str, dict[str, Any]]]
    filters: Filters = Filters()

    def over(self, text: str) -> tuple[str, dict[str, Any]]:
        """One query as it runs over what it names, and the values that it binds.

        `text` is without a semicolon. What names none is left as it is.
        """
        used = {name: each for name, each in self.relations.items() if _names(text, name)}
        texts = "\n".join([text, *(sql for sql, _ in used.values())])
        selects = {name: sql for name, sql in self.shadows.items() if _names(texts, name)}
        selects |= {name: sql for name, (sql, _) in used.items()}
        values: dict[str, Any] = dict(period_values(text, self.filters))
        if not selects:
            return text, values
        # The names that a select is made with, and those of the query, stay within them.
        heads = ",\n\n".join(
            f"{name} as not materialized (\n{sql}\n)" for name, sql in selects.items()
        )
        told = EXPLAIN.match(text)
        head, body = (told[0], text[told.end() :]) if told else ("", text)
        values |= {name: value for _, bound in used.values() for name, value in bound.items()}
        return f"{head}with {heads}\n\nfrom (\n{body}\n)", values


def composed(
    wh: Warehouse, text: str, filters: Filters, shadows: Mapping[str, str] = MappingProxyType({})
) -> Composed:
    """The relations that a text names. Nothing of the text is read but words.

    `shadows` are selects that stand for tables, by their names, also where relations read them.
    """
    names = named_relations(text)
    if "measured_days" in names:
        # It has a row for each day, also for those before the first session: from when, is told.
        first, last = _ends(wh)
        filters = replace(filters, start=filters.start or first, end=filters.end or last)
    relations = {}
    for name in names:
        words = {"grain": "'day'"} if name == "measured_days" else {}
        if name == "filtered_responses":
            words = joined_words(filters)
        query = RELATIONS[name].query
        relations[name] = prepared(wh, query, filters, words=words, row_limit=None)
    return Composed(shadows, relations, filters)


def _names(text: str, name: str) -> bool:
    return re.search(rf"(?i)\b{name}\b", text) is not None


def _ends(wh: Warehouse) -> tuple[date | None, date | None]:
    """The first and last day of the data."""
    text, values = prepared(wh, "data.extent")
    ends = f"select min_date, max_date from (\n{text}\n)"  # noqa: S608 - a text of ours
    ((first, last),) = wh.sql(ends, values).fetchall()
    return first, last
