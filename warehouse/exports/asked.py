"""What is asked: a table, a query or a metric, and of which sessions. Reads names, never rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from etl.config.exports import ExportEntry
from etl.config.settings import Settings
from etl.errors import ConfigError, did_you_mean
from warehouse.conditions import NO_CONDITIONS, Conditions, as_texts, conditions_of
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics import registry
from warehouse.own_sql import RELATIONS, named_relations, period_values
from warehouse.segments import read_segments

if TYPE_CHECKING:
    from warehouse.metrics.compared import Compare

# A metric is asked of so many days where none are given.
DEFAULT_DAYS = 30
_TABLES = "select distinct table_name from information_schema.tables"
# Both as `filters` may be asked for the days of an open period.
_ANY = Filters(date(2000, 1, 1), date(2000, 1, 1))


@dataclass(frozen=True)
class Asked:
    """One question: exactly one of table, query and metric.

    start, end, days  the period: days up to the last one, or those from the first on
    is_complete       whether the running day is left out where no end is given
    where, segments   conditions of the sessions, and names of segments
    """

    table: str = ""
    query: str = ""
    metric: str = ""
    by: str | None = None
    compare: Compare | None = None
    start: date | None = None
    end: date | None = None
    days: int | None = None
    is_complete: bool = False
    where: Conditions = NO_CONDITIONS
    segments: tuple[str, ...] = ()
    include_bots: bool = False

    @property
    def text(self) -> str:
        """The query of a table or query."""
        return self.query or f'from "{self.table}"'

    @property
    def has_period(self) -> bool:
        """Whether days are given."""
        return (self.start, self.end, self.days) != (None, None, None)

    @property
    def told(self) -> str:
        """What is asked, in words."""
        if self.query:
            return "query"
        return f"{self.table or self.metric}{f' by {self.by}' if self.by else ''}"


def asked_by(entry: ExportEntry) -> Asked:
    """What an export of dwell.toml asks. ConfigError for conditions that are none."""
    return Asked(
        entry.table,
        entry.query,
        entry.metric,
        entry.by or None,
        entry.compare or None,  # type: ignore[arg-type]  # one of these words: it was checked
        days=entry.days or None,
        is_complete=entry.complete,
        where=conditions_of(entry.where),
        segments=entry.segment,
        include_bots=entry.bots,
    )


def kind_of(wh: Warehouse, text: str, *, is_metric: bool = False) -> str:
    """What a text is: "query" where it has a blank or a bracket, else the name of a "table", or of
    a "metric"; the latter alone where it can be nothing else.

    ConfigError, with the nearest name, where it is none.
    """
    if re.search(r"[\s(]", text.strip()):
        return "query"
    metrics = tuple(registry.measures(wh))
    if text in metrics and is_metric:
        return "metric"
    tables = () if is_metric else tables_of(wh)
    if text in tables:
        return "table"
    if text in metrics:
        return "metric"
    what = "no metric" if is_metric else "no table, no metric and no query"
    msg = f"'{text}' is {what}. {did_you_mean(text, (*tables, *metrics))}"
    raise ConfigError(msg)


def tables_of(wh: Warehouse) -> tuple[str, ...]:
    """The tables of a build, and the relations that hold the sessions of the filters."""
    return (*RELATIONS, *sorted(name for (name,) in wh.sql(_TABLES).fetchall()))


def filters_of(wh: Warehouse, settings: Settings, asked: Asked) -> Filters:
    """The filters of a question, the days those of this build.

    ConfigError for segments that are not known, and for filters that what is asked does not heed.
    """
    _refuse_unheeded(asked)
    start, end = _period(wh.as_of_date, asked)
    return Filters(
        start,
        end,
        asked.where,
        asked.include_bots,
        read_segments(settings.home, settings).conditions(asked.segments),
    )


def told_filters(asked: Asked) -> str:
    """The filters in words, for those who read the file."""
    if not (asked.metric or named_relations(asked.text)):
        return "none"
    where = as_texts(asked.where)
    bots = f"sessions of bots {'counted' if asked.include_bots else 'left out'}"
    segments = (f"segment {name}" for name in asked.segments)
    return "; ".join([*(f"{n} {' or '.join(v)}" for n, v in where.items()), *segments, bots])


def _period(running: date | None, asked: Asked) -> tuple[date | None, date | None]:
    """First and last day; open at both ends where there are no events."""
    last = running
    if running and asked.is_complete:
        last = running - timedelta(days=1)
    end = asked.end or last
    if asked.start is not None:
        return asked.start, end
    if not asked.metric and asked.days is None:
        return None, asked.end
    days = Filters.last_days(DEFAULT_DAYS if asked.days is None else asked.days, end)
    return days.start, days.end


def _refuse_unheeded(asked: Asked) -> None:
    if asked.metric:
        return
    is_filtered = bool(named_relations(asked.text))
    takes_days = is_filtered or bool(period_values(asked.text, _ANY))
    if (asked.where or asked.segments or asked.include_bots) and not is_filtered:
        msg = (
            f"Conditions and segments choose the sessions of {', '.join(RELATIONS)}, and none of "
            f"these is asked. Ask filtered_sessions instead of {asked.table or 'other tables'}, or "
            "leave them out: SQL filters itself."
        )
        raise ConfigError(msg)
    if asked.has_period and not takes_days:
        msg = (
            f"Days are given, and what is asked takes none. Ask one of {', '.join(RELATIONS)}, or "
            "write a query with them: … where start_date between $first_date and $last_date."
        )
        raise ConfigError(msg)
