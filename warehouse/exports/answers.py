"""The rows of what is asked, and what a file tells of them. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from etl.config.settings import Settings
from etl.errors import refuse_unknown
from warehouse.connection import Warehouse
from warehouse.exports.asked import Asked, filters_of, tables_of, told_filters
from warehouse.filters import Filters
from warehouse.frame_files import Facts, origin
from warehouse.limited_sql import Limits, Question
from warehouse.metric_answers import metric_answer, refuse_question

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Answer:
    """The rows of a question, which are read when they are wanted, and what tells of them.

    last_day  the last local day that the rows may hold; None without events
    """

    wh: Warehouse
    settings: Settings
    asked: Asked
    filters: Filters
    facts: Facts
    last_day: date | None

    def metric_frame(self) -> pl.DataFrame:
        """The rows of a metric: the columns of `metric_answer`."""
        asked = self.asked
        return metric_answer(self.wh, self.filters, asked.metric, asked.by, asked.compare)

    @contextmanager
    def frames(self, form: str) -> Iterator[Iterator[pl.DataFrame]]:
        """The rows for a file of that format, in frames of the same columns: at least one.

        ConfigError and BeyondLimit for a query that is none, or goes beyond its limits: also while
        they are read.
        """
        if self.asked.metric:
            yield iter([self.metric_frame()])
            return
        import polars as pl

        from warehouse.limited_rows import rows_of

        with rows_of(self._question(form)) as rows:

            def frames() -> Iterator[pl.DataFrame]:
                is_empty = True
                for piece in rows:
                    is_empty = False
                    yield pl.DataFrame(piece)
                if is_empty:
                    yield pl.DataFrame(rows.schema.empty_table())

            yield frames()

    def _question(self, form: str) -> Question:
        return Question(
            self.wh.home,
            self.wh.build,
            self.asked.text,
            Limits.of(self.settings),
            self.filters,
            is_flat=form in ("csv", "xlsx"),
            is_naive=form == "xlsx",
            shows_texts=self.settings.show_texts,
        )


def answer(wh: Warehouse, settings: Settings, asked: Asked) -> Answer:
    """The answer to a question. ConfigError, with the known ones, for unknown names.

    A query is only looked at when its rows are read.
    """
    if asked.metric:
        refuse_question(wh, asked.metric, asked.by)
    elif asked.table:
        refuse_unknown("table", asked.table, tables_of(wh))
    filters = filters_of(wh, settings, asked)
    last_day = filters.end or wh.as_of_date
    return Answer(wh, settings, asked, filters, _facts(wh, asked, filters), last_day)


def _facts(wh: Warehouse, asked: Asked, filters: Filters) -> Facts:
    ends = [f"{day}" if day else "open" for day in (filters.start, filters.end)]
    is_whole = filters.start is None and filters.end is None
    return {
        "Asked": asked.told,
        **({"Query": " ".join(asked.query.split())} if asked.query else {}),
        **({"Compared with": asked.compare} if asked.compare else {}),
        "Period": "all days" if is_whole else f"{ends[0]} to {ends[1]}, both days included",
        "Filters": told_filters(asked),
        **origin(wh),
    }
