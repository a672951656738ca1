"""The registry: each headline metric in its users' words. Never computes anything.

The dashboard's "i", the `metrics` table of a build and the exports read this one text.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from etl.settings import BY_NAME as BY_SETTING
from etl.settings import as_text
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
    template: str
    unit: str
    better: int
    query: str = "overview.totals"

    @property
    def definition(self) -> str:
        """What it counts, with its boundary case, under the default settings."""
        return self.definition_with({name: as_text(s.default) for name, s in BY_SETTING.items()})

    def definition_with(self, settings: Mapping[str, str]) -> str:
        """What it counts under the settings, given as text."""
        return self.template.format_map(settings)

    @property
    def empty(self) -> str:
        return "0" if self.unit == "count" else "null"


HEADLINES = (
    Metric(
        "session_count",
        "Sessions",
        "Visits that began in the period. A new visit begins when a user was silent for "
        "longer than {timeout} (exactly that long stays in the visit) or after a logout; "
        "midnight does not end one. Bots are left out unless switched on.",
        "count",
        1,
    ),
    Metric(
        "user_count",
        "Users",
        "Different users with at least one event on a day of the period. A user who came on "
        "two days counts once; day by day, on both.",
        "count",
        1,
    ),
    Metric(
        "new_user_count",
        "New users",
        "Users whose first visit ever began in the period. A user who came back after years "
        "is not new.",
        "count",
        1,
    ),
    Metric(
        "median_duration_seconds",
        "Median duration",
        "Half of the visits were longer, from first to last event. Visits with one event "
        "count as 0 s; visits longer than {suspect_after} are left out.",
        "seconds",
        1,
    ),
    Metric(
        "avg_duration_seconds",
        "Average duration",
        "Mean time from first to last event of a visit. Visits with one event count as 0 s; "
        "visits longer than {suspect_after} are left out.",
        "seconds",
        1,
    ),
    Metric(
        "avg_duration_seconds_multi",
        "Average duration, two or more events",
        "Mean time from first to last event of the visits in which that time can be "
        "measured: visits with one event, and visits longer than {suspect_after}, are left "
        "out.",
        "seconds",
        1,
    ),
    Metric(
        "p90_duration_seconds",
        "90th percentile duration",
        "One visit in ten was longer than this. Between two visits the value is "
        "interpolated; visits longer than {suspect_after} are left out.",
        "seconds",
        1,
    ),
    Metric(
        "avg_engaged_seconds",
        "Engaged time",
        "Mean time per visit in which something happened: each pause between two events "
        "counts for {idle_timeout} at most. Visits longer than {suspect_after} are left out.",
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
        "Share of finished visits shorter than {bounce_duration} with at most "
        "{bounce_actions} action(s). Exactly {bounce_duration} is no bounce, nor is a short "
        "visit with more actions.",
        "rate",
        -1,
    ),
    Metric(
        "abandonment_rate",
        "Abandonment rate",
        "Share of finished visits that ended in silence (no logout) with fewer than "
        "{abandoned_queries} queries. Visits of products without queries are left out.",
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
        "Share of finished visits with a single event, whose duration cannot be measured and "
        "counts as 0 s.",
        "rate",
        -1,
    ),
)

METRICS = (
    *HEADLINES,
    Metric(
        "closed_session_count",
        "Finished sessions",
        "Visits that ended: by logout, or because the newest event of the data came longer "
        "than {timeout} after the visit's last (exactly that long is still open). All rates "
        "are shares of these.",
        "count",
        0,
    ),
    Metric(
        "open_session_count",
        "Open sessions",
        "Visits that may still go on: no logout, and the last event at most {timeout} before "
        "the newest event of the data. Left out of all rates.",
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
        "Visits longer than {suspect_after}, often a script or a wrong clock. They count as "
        "visits and are left out of durations; exactly {suspect_after} is not suspect.",
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
        "Users with an open visit whose last event came at most {live_window} before the "
        "newest event of the data. It is as old as the data: see as of.",
        "count",
        1,
        "active.totals",
    ),
    Metric(
        "open_user_count",
        "In a session",
        "Users with an open visit: no logout, and the last event at most {timeout} before "
        "the newest event of the data.",
        "count",
        1,
        "active.totals",
    ),
)

BY_NAME = {metric.name: metric for metric in METRICS}
