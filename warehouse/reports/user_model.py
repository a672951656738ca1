"""The report of one user's period: the session statistics, and where the user stands among all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from warehouse.connection import Warehouse
from warehouse.metrics import data, registry, users
from warehouse.reports import sentences
from warehouse.reports.asked import Asked
from warehouse.reports.doubts import doubts_of, fault_table, faults_of
from warehouse.reports.model import definitions
from warehouse.reports.shapes import (
    CELLS,
    ROWS,
    Chart,
    Column,
    Number,
    Point,
    Report,
    Table,
    bounded,
    counted,
)
from warehouse.session_stats import LISTS, NUMBERS, SessionAnalytics
from warehouse.written import plural

if TYPE_CHECKING:
    import polars as pl

_SESSIONS = (
    Column("start_time", "Began", "time"),
    Column("duration_seconds", "Duration", "seconds"),
    Column("action_count", "Actions"),
    Column("query_count", "Queries"),
    Column("error_count", "Errors"),
    Column("exit_reason", "End", "text"),
)
_STANDING = (
    Column("metric", "Metric", "text"),
    Column("value", "Value", "text"),
    Column("percentile", "Percentile", "percentile"),
    Column("cohort_percentile", "In cohort", "percentile"),
)
# Columns of sessions that a reader of a workbook asks for.
_SHEET = (
    *("session_id", "start_time", "end_time", "start_date", "duration_seconds", "engaged_seconds"),
    *("event_count", "action_count", "page_view_count", "query_count", "error_count"),
    *("device_type", "browser", "os", "entry_page", "exit_page", "entry_source", "session_type"),
    *("tags", "assets", "query_types", "exit_reason", "is_open", "is_bounce", "is_abandoned"),
)


def report_of_user(wh: Warehouse, asked: Asked) -> Report:
    """What one user did in the period, beside all users of it."""
    user = asked.user or ""
    period = asked.period
    sessions = users.sessions(wh, user, asked.filters)
    standing = users.percentiles(wh, asked.filters, user)
    anytime = replace(asked.filters, start=None, end=None)
    stats = SessionAnalytics(wh).of_days(user, period.start, period.end, anytime)
    effects = faults_of(wh, asked, "none")
    is_there = stats["total_sessions"] > 0
    tables = [_standing(standing), _list_of_sessions(wh, asked, sessions), *_lists(stats)]
    return Report(
        name=asked.name,
        title=bounded(user),
        days=f"{period.title}, {period.days}" if period.unit != "month" else period.title,
        subject=f"{bounded(user)}, {period.title}: {plural(stats['total_sessions'], 'session')}",
        lead=_lead(wh, asked, stats, sessions),
        sentences=tuple(_sentences(wh, asked, standing)) if is_there else (),
        doubts=tuple(doubts_of(wh, asked, effects)),
        numbers=_numbers(stats) if is_there else (),
        facts=asked.facts(wh, ""),
        chart=_chart(wh, asked, sessions) if is_there else None,
        faults=fault_table(wh, asked, effects),
        tables=tuple(table for table in tables if table and table.rows),
        tables_title="In numbers",
        summary=_summary(stats),
        definitions=definitions(wh),
        link=asked.page(wh, "users", user=user),
        faults_link=asked.page(wh, "data_health"),
        identity=asked.identity,
    )


def _lead(wh: Warehouse, asked: Asked, stats: dict[str, Any], sessions: pl.DataFrame) -> str:
    if not stats["total_sessions"]:
        first = data.extent(wh)["min_date"].item()
        user = bounded(asked.user or "")
        return sentences.of_nothing(
            *(asked.period, first, wh.as_of_date),
            is_narrowed=bool(asked.texts or asked.segments),
            of_user=user,
        )
    days = plural(sessions["start_date"].n_unique(), "day")
    queries = plural(stats["total_queries"], "query", "queries")
    return f"{plural(stats['total_sessions'], 'session')} on {days}, {queries}."


def _sentences(wh: Warehouse, asked: Asked, standing: pl.DataFrame) -> list[str]:
    """Where the user stands, and who it is."""
    told = []
    for row in standing.iter_rows(named=True):
        if row["metric"] in ("session_count", "engaged_seconds") and row["percentile"] is not None:
            told.append(
                f"{_label(row['metric'])} {_written(row['metric'], row['value'])}: percentile "
                f"{row['percentile']:.0f} among the users of these days."
            )
    profile = users.profile(wh, asked.user or "")
    for row in profile.iter_rows(named=True):
        kind = f", of pattern {row['pattern'].replace('_', ' ')}" if row["pattern"] else ""
        told.append(
            f"First seen {CELLS['day'](row['first_date'])}, "
            f"{plural(row['session_count'], 'session')} in all{kind}."
        )
    return told


def _numbers(stats: dict[str, Any]) -> tuple[Number, ...]:
    better = {"abandonment_rate": -1}
    return tuple(
        Number(name, label, unit, stats[name], better=better.get(name, 0))
        for name, (label, unit) in NUMBERS.items()
    )


def _summary(stats: dict[str, Any]) -> Table:
    """The numbers of the statistics, for the workbook."""
    import polars as pl

    rows = [(name, label, unit, float(stats[name])) for name, (label, unit) in NUMBERS.items()]
    schema = {**dict.fromkeys(("name", "label", "unit"), pl.String), "value": pl.Float64}
    return Table("Summary", "Summary", (), (), pl.DataFrame(rows, schema, orient="row"))


def _chart(wh: Warehouse, asked: Asked, sessions: pl.DataFrame) -> Chart:
    """The user's sessions day by day; of a long period, its newest days."""
    counts = dict(sessions["start_date"].value_counts().iter_rows())
    last = min(asked.period.end, wh.as_of_date or asked.period.end)
    first = max(asked.period.start, last - timedelta(days=91))
    days = [first + timedelta(days=at) for at in range((last - first).days + 1)]
    return Chart(
        "Sessions by day",
        tuple(Point(day, counts.get(day, 0)) for day in days),
        link=asked.page(wh, "users", user=asked.user or ""),
    )


def _standing(frame: pl.DataFrame) -> Table:
    rows = tuple(
        (
            _label(row["metric"]),
            _written(row["metric"], row["value"]),
            row["percentile"],
            row["cohort_percentile"],
        )
        for row in frame.iter_rows(named=True)
    )
    note = "A percentile is the share of users with less, those with as much counted half."
    return Table("Standing", "Beside all users", _STANDING, rows[:ROWS], frame, note=note, bar=2)


def _label(name: str) -> str:
    own = users.OWN_MEASURES.get(name)
    return own[0] if own else registry.BY_NAME[name].label


def _written(name: str, value: float | None) -> str:
    own = users.OWN_MEASURES.get(name)
    return CELLS[own[1] if own else registry.BY_NAME[name].unit](value)


def _list_of_sessions(wh: Warehouse, asked: Asked, sessions: pl.DataFrame) -> Table:
    """The newest sessions; the workbook has all."""
    shown = sessions.head(ROWS).to_dicts()
    return Table(
        "Sessions",
        "Newest sessions",
        _SESSIONS,
        tuple(
            (_local(row["start_time"], wh.time_zone), *(row[each.name] for each in _SESSIONS[1:]))
            for row in shown
        ),
        sessions.select(name for name in _SHEET if name in sessions.columns),
        note=counted(len(shown), sessions.height),
        link=asked.page(wh, "users", user=asked.user or ""),
        links=tuple(asked.page(wh, "sessions", session=row["session_id"]) for row in shown),
        bar=1,
    )


def _lists(stats: dict[str, Any]) -> list[Table]:
    """Top assets, kinds of queries, session types and tags, those that there are."""
    import polars as pl

    tables = []
    for name, label in LISTS.items():
        listed = stats[name]
        pairs = (
            list(listed.items())
            if isinstance(listed, dict)
            else [tuple(entry.values()) for entry in listed]
        )
        unit = "Queries" if name == "query_type_distribution" else "Sessions"
        tables.append(
            Table(
                *(label, label),
                (Column("value", label, "text"), Column("count", unit)),
                tuple((bounded(str(value)), count) for value, count in pairs[:ROWS]),
                pl.DataFrame(pairs, {"value": pl.String, "count": pl.Int64}, orient="row"),
                note=counted(min(len(pairs), ROWS), len(pairs)),
                bar=1,
            )
        )
    return tables


def _local(moment: datetime, zone: str) -> datetime:
    """A naive UTC time in the reporting zone."""
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
