"""The registry: each headline metric in its users' words. Never computes anything.

The dashboard's "i", the `metrics` table of a build and the exports read this one text.
"""

from dataclasses import dataclass

from warehouse.query import sql_of

__all__ = ["BY_NAME", "HEADLINES", "METRICS", "Metric", "sql_of"]


@dataclass(frozen=True)
class Metric:
    """One number: what it is called, what it means, and where it comes from.

    unit    'count', 'seconds', 'rate' (0 to 1) or 'per_session'
    empty   what it is without sessions: '0' for counts, else 'null'
    better  1 when up is better, -1 when down is, 0 when neither is
    query   the query file's stem; sql_of(query) is its text
    """

    name: str
    label: str
    definition: str
    unit: str
    better: int
    query: str = "overview.totals"

    @property
    def empty(self) -> str:
        return "0" if self.unit == "count" else "null"


HEADLINES = (
    Metric(
        "session_count",
        "Sessions",
        "Visits that began in the period. A new visit begins when a user was silent for "
        "more than 30 minutes (exactly 30:00 stays in the visit) or after a logout; "
        "midnight does not end one. Bots are left out unless switched on.",
        "count",
        1,
    ),
    Metric(
        "user_count",
        "Users",
        "Different users with at least one event on a day of the period. A user whose "
        "visit began the evening before and went on past midnight counts on both days.",
        "count",
        1,
    ),
    Metric(
        "new_user_count",
        "New users",
        "Users whose first visit ever began in the period. A user who came back after "
        "years is not new.",
        "count",
        1,
    ),
    Metric(
        "median_duration_seconds",
        "Median duration",
        "Half of the visits were longer, from first to last event. Visits with one event "
        "count as 0 s; visits longer than 24 hours are left out.",
        "seconds",
        1,
    ),
    Metric(
        "avg_duration_seconds",
        "Average duration",
        "Mean time from first to last event of a visit. Visits with one event count as 0 "
        "s; visits longer than 24 hours are left out.",
        "seconds",
        1,
    ),
    Metric(
        "avg_duration_seconds_multi",
        "Average duration, two or more events",
        "Mean time from first to last event of the visits in which that time can be "
        "measured: visits with one event, and visits longer than 24 hours, are left out.",
        "seconds",
        1,
    ),
    Metric(
        "p90_duration_seconds",
        "90th percentile duration",
        "One visit in ten was longer than this. Between two visits the value is "
        "interpolated; visits longer than 24 hours are left out.",
        "seconds",
        1,
    ),
    Metric(
        "avg_engaged_seconds",
        "Engaged time",
        "Mean time per visit in which something happened: each pause between two events "
        "counts for 30 s at most. Visits longer than 24 hours are left out.",
        "seconds",
        1,
    ),
    Metric(
        "actions_per_session",
        "Actions per session",
        "Mean number of things the user did per visit. Heartbeats, scrolling, hovering, "
        "answers of the model, login and logout are not actions.",
        "per_session",
        1,
    ),
    Metric(
        "bounce_rate",
        "Bounce rate",
        "Share of finished visits shorter than 30 s with at most one action. Exactly 30 s "
        "is no bounce, nor is a short visit with two actions.",
        "rate",
        -1,
    ),
    Metric(
        "abandonment_rate",
        "Abandonment rate",
        "Share of finished visits that ended in silence (no logout) with fewer than 2 "
        "queries. Visits of products without queries are left out.",
        "rate",
        -1,
    ),
    Metric(
        "error_rate",
        "Error rate",
        "Share of finished visits in which at least one error happened.",
        "rate",
        -1,
    ),
    Metric(
        "one_event_session_rate",
        "One-event sessions",
        "Share of finished visits with a single event, whose duration cannot be measured "
        "and counts as 0 s.",
        "rate",
        -1,
    ),
)

METRICS = (
    *HEADLINES,
    Metric(
        "closed_session_count",
        "Finished sessions",
        "Visits that ended: by logout, or because the newest event of the data came more "
        "than 30 minutes after the visit's last (exactly 30:00 is still open). All rates "
        "are shares of these.",
        "count",
        0,
    ),
    Metric(
        "open_session_count",
        "Open sessions",
        "Visits that may still go on: no logout, and the last event at most 30 minutes "
        "before the newest event of the data. Left out of all rates.",
        "count",
        0,
    ),
    Metric(
        "one_event_session_count",
        "Sessions with one event",
        "Visits with a single event, finished or not.",
        "count",
        0,
    ),
    Metric(
        "suspect_session_count",
        "Suspect sessions",
        "Visits longer than 24 hours, often a script or a wrong clock. They count as "
        "visits and are left out of durations; exactly 24 hours is not suspect.",
        "count",
        0,
    ),
    Metric(
        "bot_session_count",
        "Bot sessions",
        "Visits whose user agent names a robot. Left out of all numbers until switched on.",
        "count",
        0,
        "overview.left_out",
    ),
    Metric(
        "live_user_count",
        "Active now",
        "Users with an open visit whose last event came at most 5 minutes before the "
        "newest event of the data. It is as old as the data: see as of.",
        "count",
        1,
        "active.totals",
    ),
    Metric(
        "open_user_count",
        "In a session",
        "Users with an open visit: no logout, and the last event at most 30 minutes "
        "before the newest event of the data.",
        "count",
        1,
        "active.totals",
    ),
)

BY_NAME = {metric.name: metric for metric in METRICS}
