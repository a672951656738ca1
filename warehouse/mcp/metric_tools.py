"""The tools that tell numbers: the statistics of sessions, the metrics, and one of them."""

from datetime import date
from typing import Annotated, Any, Literal

from mcp.types import CallToolResult
from pydantic import Field

import warehouse
from etl.errors import ConfigError, refuse_unknown
from warehouse import Filters, Warehouse
from warehouse.conditions import as_texts
from warehouse.dimensions import Dimension, broken_down_by, dimension_named
from warehouse.mcp import arguments as given
from warehouse.mcp.answer import answered
from warehouse.mcp.builds import Builds
from warehouse.mcp.fitting import (
    DEFAULT_ROWS,
    EXACT,
    LONGEST_ANSWER,
    MOST_ROWS,
    cut,
    fitted,
    of_build,
    plain,
    written,
)
from warehouse.mcp.metric_rows import Order, counts_of, ordered, rows_of, split
from warehouse.mcp.shapes import MetricAnswer, Metrics, SessionAnalytics
from warehouse.metric_answers import GRAINS, metric_answer
from warehouse.metrics import compared, data, overview, registry
from warehouse.metrics.compared import Before
from warehouse.metrics.registry import Metric
from warehouse.segments import Segment, segments_or_problems

Compare = Literal["weekday", "previous", "year"]
_BETTER = {1: "up", -1: "down", 0: "neither"}


_NONE = (
    "No session of the period fulfils the conditions. first_day and last_day of list_metrics tell "
    "which days there are."
)


class MetricTools:
    """Questions for numbers."""

    def __init__(self, builds: Builds):
        self._builds = builds

    def get_session_analytics(
        self,
        user_id: Annotated[str | None, Field(description="Of one user alone.")] = None,
        session_type: Annotated[str | None, Field(description="Of one type alone.")] = None,
        days: Annotated[
            int, Field(le=EXACT, description="Sessions that began in so many days before as_of.")
        ] = 30,
        benchmark: Annotated[
            bool, Field(description="Also where the user stands among all, as `benchmark`.")
        ] = False,
        build: given.Build = None,
    ) -> Annotated[CallToolResult, SessionAnalytics]:
        """Statistics of the sessions of the last days: how many, open and closed, queries, mean
        duration in seconds, abandonment rate, top assets, tags, session and query types. An unknown
        user or type is no error: zeros, and a message. Bots are left out.
        """
        with self._builds.open(build) as wh:
            analytics = warehouse.SessionAnalytics(wh)
            asked: dict[str, Any] = {"benchmark": True} if benchmark else {}
            stats = analytics.get_session_stats(user_id, session_type, days, **asked)
            return answered(_shortened(plain(stats) | of_build(wh)))

    def list_metrics(
        self,
        search: Annotated[
            str, Field(description="Those alone with this text in the name or label.")
        ] = "",
        build: given.Build = None,
    ) -> Annotated[CallToolResult, Metrics]:
        """What query_metric can be asked: the metrics with what they count, the properties of
        sessions that where and by name, the segments, and how conditions are written. Read it
        before the first query_metric.
        """
        word = search.lower()

        def is_wanted(each: Metric | Dimension | Segment) -> bool:
            return word in each.name.lower() or word in each.label.lower()

        with self._builds.open(build) as wh:
            defined = data.definitions(wh)
            texts = dict(zip(defined["name"], defined["definition"], strict=True))
            extent = data.extent(wh).row(0, named=True)
            segments = segments_or_problems(wh.home, wh.dimensions).by_name.values()
            broken = {dimension.name for dimension in broken_down_by(wh.dimensions)}
            return answered(
                of_build(wh)
                | {
                    "metrics": [
                        {
                            **_named(metric),
                            "definition": cut(texts.get(name) or metric.definition),
                        }
                        for name, metric in registry.measures(wh).items()
                        if is_wanted(metric)
                    ],
                    "dimensions": [
                        {"name": each.name, "label": each.label, "scope": each.scope}
                        | {"kind": each.kind, "by": each.name in broken}
                        | ({"values": list(each.values)} if each.values else {})
                        for each in wh.dimensions
                        if is_wanted(each)
                    ],
                    "segments": [
                        {"name": each.name, "label": each.label}
                        for each in segments
                        if is_wanted(each)
                    ],
                    "grains": list(GRAINS),
                    "compare": list(Compare.__args__),  # type: ignore[attr-defined]
                    "conditions": given.GRAMMAR,
                    "first_day": plain(extent["min_date"]),
                    "last_day": plain(extent["max_date"]),
                },
                less="Give search.",
            )

    def query_metric(
        self,
        metric: Annotated[str, Field(description="A name of list_metrics, such as bounce_rate.")],
        by: Annotated[
            str | None,
            Field(
                description="day, week or month for a series, or a property such as entry_page. "
                "Left out: one number."
            ),
        ] = None,
        where: given.Where = None,
        segments: given.SegmentNames = None,
        start: given.Day = None,
        end: given.Day = None,
        days: Annotated[
            int | None,
            Field(
                le=EXACT,
                description="So many days up to the last one, that one included. Default 30.",
            ),
        ] = None,
        compare: Annotated[
            Compare | None,
            Field(
                description="Beside an earlier period: weekday (the fewest whole weeks before, the "
                "usual choice), previous (as many days right before) or year."
            ),
        ] = None,
        order_by: Annotated[
            Order,
            Field(description="Of values of a property: what comes first, the most or the least."),
        ] = "sessions",
        descending: Annotated[bool, Field(description="Whether the most comes first.")] = True,
        min_sessions: Annotated[
            int,
            Field(
                ge=0,
                le=EXACT,
                description="Leaves values of fewer sessions out: their rates are chance.",
            ),
        ] = 0,
        include_bots: Annotated[bool, Field(description="Count sessions of bots too.")] = False,
        limit: Annotated[
            int | None,
            Field(
                ge=1,
                le=MOST_ROWS,
                description=f"So many rows at most. Default {DEFAULT_ROWS}; of a series "
                f"{MOST_ROWS}.",
            ),
        ] = None,
        offset: given.Offset = 0,
        build: given.Build = None,
    ) -> Annotated[CallToolResult, MetricAnswer]:
        """One metric of a period: as one number, as a series by day, week or month, or by the
        values of a property; with conditions, segments, and beside an earlier period. Rates are
        from 0 to 1, durations seconds.
        """
        with self._builds.open(build) as wh:
            measures = registry.measures(wh)
            refuse_unknown("metric", metric, measures)
            is_split = _is_split(wh, by)
            if not is_split and (order_by != "sessions" or min_sessions):
                msg = "order_by and min_sessions are for values of a property. Give one as by."
                raise ConfigError(msg)
            if order_by == "change" and not compare:
                msg = "order_by change needs a comparison. Give compare, such as weekday."
                raise ConfigError(msg)
            first, last = given.period(wh, start, end, days)
            settings = self._builds.settings()
            filters = given.filters(
                settings, where, segments, start=first, end=last, include_bots=include_bots
            )
            frame = metric_answer(wh, filters, metric, by, compare)
            before = _before(wh, filters, compare) if compare else None
            rows = rows_of(frame, metric, before)
            if by is None:
                sessions = overview.totals(wh, filters)["session_count"].item()
                rows = [row | {"session_count": sessions} for row in rows]
            answer = of_build(wh) | {"metric": metric, **_named(measures[metric])}
            del answer["name"]
            answer |= {
                "by": by,
                "start": plain(filters.start),
                "end": plain(filters.end),
                "where": as_texts(filters.where),
                "segments": given.segment_names(segments),
                "include_bots": include_bots,
            }
            if before:
                answer["comparison"] = before.sentence
            beyond = _beyond(wh, filters.end)
            if beyond:
                answer["note"] = beyond
            if is_split:
                assert by is not None
                unknown = dimension_named(by, wh.dimensions).unknown
                counts = counts_of(wh, filters, metric, by, rows)
                answer["total"], values = split(rows, counts, unknown)
                rows = [row for row in values if row["session_count"] >= min_sessions]
                rows = ordered(rows, order_by, descending)
                if len(rows) < len(values):
                    left = f"{len(values) - len(rows):,} values with fewer than {min_sessions:,}"
                    beyond = f"Left out: {left} sessions (min_sessions). {beyond}".strip()
                    answer["note"] = beyond
                if not values:
                    answer["note"] = f"{_NONE} {beyond}".strip()
        most = limit or (DEFAULT_ROWS if is_split else MOST_ROWS)
        advice = "Or take by=week or by=month." if by in GRAINS else "Or narrow it by where."
        page = rows[offset : offset + most]
        return answered(fitted(answer, page, len(rows), offset, advice=advice if by else ""))


def _shortened(stats: dict[str, Any]) -> dict[str, Any]:
    """The statistics with the most frequent types alone, where all of them are too long."""
    for name in ("query_type_distribution", "session_type_breakdown"):
        while len(written(stats)) > LONGEST_ANSWER and len(stats[name]) > 1:
            kept = dict(list(stats[name].items())[: len(stats[name]) // 2])
            note = "Too many types: the most frequent are told. run_sql counts the others."
            stats = stats | {name: kept, "truncated": True, "note": note}
    return stats


def _named(metric: Metric) -> dict[str, str]:
    return {
        "name": metric.name,
        "label": metric.label,
        "unit": metric.unit,
        "better": _BETTER[metric.better],
    }


def _beyond(wh: Warehouse, end: date | None) -> str:
    """What a period that goes on after the data is told of."""
    if end is None or wh.as_of_date is None or end <= wh.as_of_date:
        return ""
    return f"The data ends on {wh.as_of_date.isoformat()}: nothing is known of the days after it."


def _is_split(wh: Warehouse, by: str | None) -> bool:
    """Whether by is a property. ConfigError where it is nothing to tell a metric by."""
    if by is None or by in GRAINS:
        return False
    known = {dimension.name: dimension for dimension in wh.dimensions}
    if by in known and known[by].is_continuous:
        msg = (
            f"Nearly every session has a {by} of its own: it is no property to tell a metric by. "
            f"Take parts of it by where, such as {by}>=30."
        )
        raise ConfigError(msg)
    properties = (dimension.name for dimension in broken_down_by(wh.dimensions))
    refuse_unknown("grain or property", by, (*GRAINS, *properties))
    return True


def _before(wh: Warehouse, filters: Filters, compare: Compare) -> Before:
    sessions = overview.change(wh, filters, compare).row(0, named=True)
    return compared.before(sessions, data.extent(wh)["min_date"].item(), compare)
