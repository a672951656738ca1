"""The session statistics object, as `dwell stats --json` prints it. Computes nothing."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from etl.config.durations import checked_days
from etl.errors import ConfigError
from warehouse.conditions import as_text
from warehouse.connection import Warehouse
from warehouse.dimensions import BY_NAME
from warehouse.filters import Filters
from warehouse.metrics import platform
from warehouse.query import run

# What a benchmark tells of, by the names of platform.standing.
BENCHMARKED = {
    "total_sessions": "session_count",
    "total_queries": "query_count",
    "avg_duration_seconds": "avg_duration_seconds",
    "avg_queries_per_session": "queries_per_session",
    "abandonment_rate": "abandonment_rate",
}
# The numbers of the object in words, with their unit, and its lists.
NUMBERS = {
    "total_sessions": ("Sessions", "count"),
    "active_sessions": ("Open sessions", "count"),
    "archived_sessions": ("Closed sessions", "count"),
    "total_queries": ("Queries", "count"),
    "avg_duration_seconds": ("Average duration", "seconds"),
    "avg_queries_per_session": ("Queries per session", "per_session"),
    "abandonment_rate": ("Abandonment rate", "rate"),
}
LISTS = {
    "top_assets": "Top assets",
    "query_type_distribution": "Kinds of queries",
    "session_type_breakdown": "Session types",
    "popular_tags": "Popular tags",
}


class SessionAnalytics:
    """Session statistics of one warehouse, as plain Python values."""

    def __init__(self, wh: Warehouse):
        self._wh = wh

    def get_session_stats(
        self,
        user_id: str | None = None,
        session_type: str | None = None,
        days: int = 30,
        filters: Filters | None = None,
        *,
        benchmark: bool = False,
    ) -> dict[str, Any]:
        """Sessions that began within the last `days` days before as_of, as one dict.

        `filters` narrow them by conditions and segments; the period is that of `days`. Bots are
        left out, unless the filters take them. A session that began exactly `days` before as_of
        counts. Assets, tags and session types are counted by sessions that name them, query types
        by queries; a query or session without a type is in neither. The abandonment rate is that
        of all metrics: closed sessions of streams with queries. Durations leave suspects out. Top
        lists hold 10 (the setting top_n), ties by alphabet.

        Where raw events of the period were pruned, the sessions since then are counted, and a
        `message` says so.

        Without sessions (also for an unknown user or type): zeros, empty collections, and a
        `message` that says what to do. Here alone a rate or duration is then 0.0, not null.

        With `benchmark` there is that key too: BENCHMARKED, each with `value`, `platform_median`
        and `percentile`. Of a user they are the user's among all with such sessions. Of a type, of
        conditions and segments without a user, `value` is that of the median user of these
        sessions and `percentile` the mean of their users', among all users of the period. Null is
        what is not known: of a user without sessions all but the median, and all of it where
        nothing is chosen, which a `message` says.
        """
        checked_days(days)
        filters = filters or Filters()
        if filters.start or filters.end:
            msg = "The statistics are of the last days: give `days`, and filters without a period."
            raise ConfigError(msg)
        as_of = self._wh.as_of
        since = None if as_of is None else as_of - timedelta(days=days)
        stats = self._stats(filters, days, user_id, session_type, since)
        pruned = self._wh.pruned_before
        if stats["total_sessions"] == 0:
            stats["message"] = _message(user_id, session_type, days, as_of is None, filters)
        elif pruned and since and since.date() < pruned:
            stats["message"] = f"Events before {pruned} were pruned: sessions since then count."
        if benchmark:
            stats |= self._benchmark(user_id, session_type, since, filters, stats.get("message"))
        return stats

    def of_days(
        self, user_id: str | None, start: date, end: date, filters: Filters
    ) -> dict[str, Any]:
        """The same of the sessions that began on local days, both ends included, without a message.

        `period_days` counts these days. DwellError as of get_session_stats.
        """
        ends = (start, end + timedelta(days=1))
        zone = ZoneInfo(self._wh.time_zone)
        since, until = (
            datetime.combine(day, time(), zone).astimezone(UTC).replace(tzinfo=None) for day in ends
        )
        days = (end - start).days + 1
        return self._stats(filters, days, user_id, None, since, until)

    def _stats(
        self,
        filters: Filters,
        days: int,
        user_id: str | None,
        session_type: str | None,
        since: datetime | None,
        until: datetime | None = None,
    ) -> dict[str, Any]:
        row = run(
            self._wh,
            "session_stats.get_session_stats",
            filters,
            user_id=user_id,
            session_type=session_type,
            top_n=self._wh.setting("top_n"),
            since=since,
            until=until,
        ).row(0, named=True)
        return {
            "status": "success",
            "total_sessions": row["total_sessions"],
            "active_sessions": row["active_sessions"],
            "archived_sessions": row["archived_sessions"],
            "total_queries": row["total_queries"],
            "avg_duration_seconds": row["avg_duration_seconds"],
            "avg_queries_per_session": row["avg_queries_per_session"],
            "abandonment_rate": row["abandonment_rate"],
            "period_days": days,
            "user_id": user_id,
            "session_type": session_type,
            "top_assets": [
                {"symbol": entry["value"], "count": entry["value_count"]}
                for entry in row["top_assets"]
            ],
            "query_type_distribution": _counts(row["query_types"]),
            "session_type_breakdown": _counts(row["session_types"]),
            "popular_tags": [
                {"tag": entry["value"], "count": entry["value_count"]}
                for entry in row["popular_tags"]
            ],
        }

    def _benchmark(
        self,
        user_id: str | None,
        session_type: str | None,
        since: datetime | None,
        filters: Filters,
        message: str | None,
    ) -> dict[str, Any]:
        if session_type is not None:
            filters = filters.also({"session_type": as_text(BY_NAME["session_type"], session_type)})
        names = ("value", "platform_median", "percentile")
        told: dict[str, dict[str, Any]] = {}
        if user_id is not None or filters.where or filters.segments:
            frame = platform.standing(self._wh, filters, user_id, since)
            told = {row["metric"]: row for row in frame.iter_rows(named=True)}
        else:
            said = "Nothing is chosen to compare with all: give a user, a type or conditions."
            message = " ".join(filter(None, (message, said)))
        benchmark = {
            name: {each: told.get(metric, {}).get(each) for each in names}
            for name, metric in BENCHMARKED.items()
        }
        return {"benchmark": benchmark} | ({"message": message} if message else {})

    def period(self, days: int = 30) -> dict[str, str | None]:
        """period_start and period_end of the statistics: ISO texts in the reporting time zone, null
        where there are no events.
        """
        as_of = self._wh.as_of
        since = None if as_of is None else as_of - timedelta(days=days)
        return {"period_start": self._local(since), "period_end": self._local(as_of)}

    def _local(self, moment: datetime | None) -> str | None:
        if moment is None:
            return None
        return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(self._wh.time_zone)).isoformat()


def _counts(entries: list[dict[str, Any]]) -> dict[str, int]:
    return {entry["value"]: entry["value_count"] for entry in entries}


def _message(
    user_id: str | None, session_type: str | None, days: int, is_empty: bool, filters: Filters
) -> str:
    if is_empty:
        return "No sessions: the warehouse holds no events. Run 'dwell load' with an export."
    of_user = f" of user '{user_id}'" if user_id else ""
    of_type = f" of type '{session_type}'" if session_type else ""
    is_narrowed = bool(filters.where or filters.segments)
    fulfil = " that fulfil the conditions" if is_narrowed else ""
    is_chosen = user_id or session_type or is_narrowed
    less = " Check the spelling, or" if is_chosen else " Load newer events, or"
    return (
        f"No sessions{of_user}{of_type}{fulfil} in the last {days} days.{less} ask for more days."
    )
