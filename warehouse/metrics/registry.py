"""The registry: each headline metric in its users' words. Never computes anything.

The dashboard's cards, chart, tables and "i", the `metrics` table of a build and the exports read
this one text. A measure of sessions has its line of SQL in `queries/_measured_sessions.sql`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from etl.config.own import OwnMetric
from etl.config.settings import BY_NAME as BY_SETTING
from etl.config.settings import Settings, as_text

if TYPE_CHECKING:
    from warehouse.connection import Warehouse


@dataclass(frozen=True)
class Metric:
    """One number: what it is called, what it means, and where it comes from.

    unit    'count', 'seconds', 'rate' (0 to 1) or 'per_session'
    empty   what it is without sessions: '0' for counts, else 'null'
    better  1 when up is better, -1 when down is, 0 when neither is
    query   the query file's stem
    short   the label where it is narrow, as in the head of a table; the label unless given
    sql     the expression of one that dwell.toml declares, over the measured sessions
    """

    name: str
    label: str
    template: str
    unit: str
    better: int
    query: str = "overview.totals"
    short: str = ""
    sql: str = ""

    @property
    def definition(self) -> str:
        """What it counts, with its boundary case, under the default settings."""
        return self.definition_with({name: as_text(s.default) for name, s in BY_SETTING.items()})

    def definition_with(self, settings: Mapping[str, str]) -> str:
        """What it counts under the settings, given as text."""
        return self.template if self.sql else self.template.format_map(settings)

    @property
    def heading(self) -> str:
        """The label that fits the head of a column."""
        return self.short or self.label

    @property
    def empty(self) -> str:
        return "0" if self.unit == "count" and not self.sql else "null"


HEADLINES = (
    Metric(
        "session_count",
        "Sessions",
        "Sessions that began in the period. A new session begins when a user was silent for "
        "longer than {timeout} (exactly that long stays in the session) or after a logout; "
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
        "Users whose first session ever began in the period. A user who came back after years "
        "is not new.",
        "count",
        1,
    ),
    Metric(
        "median_duration_seconds",
        "Median duration",
        "Half of the sessions were longer, from first to last event. Sessions with one event "
        "count as 0 s; sessions longer than {suspect_after} are left out.",
        "seconds",
        1,
        short="Median",
    ),
    Metric(
        "avg_duration_seconds",
        "Average duration",
        "Mean time from first to last event of a session. Sessions with one event count as 0 s; "
        "sessions longer than {suspect_after} are left out.",
        "seconds",
        1,
        short="Average",
    ),
    Metric(
        "avg_duration_seconds_multi",
        "Average duration, two or more events",
        "Mean time from first to last event of the sessions in which that time can be "
        "measured: sessions with one event, and sessions longer than {suspect_after}, are left "
        "out.",
        "seconds",
        1,
    ),
    Metric(
        "p90_duration_seconds",
        "90th percentile duration",
        "One session in ten was longer than this. Between two sessions the value is "
        "interpolated; sessions longer than {suspect_after} are left out.",
        "seconds",
        1,
    ),
    Metric(
        "avg_engaged_seconds",
        "Engaged time",
        "Mean time per session in which something happened: each pause between two events "
        "counts for {idle_timeout} at most. Sessions longer than {suspect_after} are left out.",
        "seconds",
        1,
    ),
    Metric(
        "actions_per_session",
        "Actions per session",
        "Mean number of things the user did per session. Heartbeats, scrolling, hovering, "
        "answers of the model, login and logout are not actions.",
        "per_session",
        1,
    ),
    Metric(
        "bounce_rate",
        "Bounce rate",
        "Share of finished sessions shorter than {bounce_duration} with at most "
        "{bounce_actions} action(s). Exactly {bounce_duration} is no bounce, nor is a short "
        "session with more actions.",
        "rate",
        -1,
        short="Bounce",
    ),
    Metric(
        "abandonment_rate",
        "Abandonment rate",
        "Share of finished sessions that ended in silence (no logout) with fewer than "
        "{abandoned_queries} queries. Sessions of products without queries are left out.",
        "rate",
        -1,
    ),
    Metric(
        "error_rate",
        "Error rate",
        "Share of finished sessions in which at least one error happened.",
        "rate",
        -1,
    ),
    Metric(
        "one_event_session_rate",
        "One-event sessions",
        "Share of finished sessions with a single event, whose duration cannot be measured and "
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
        "Sessions that ended: by logout, or because the newest event of the data came longer "
        "than {timeout} after the session's last (exactly that long is still open). All rates "
        "are shares of these.",
        "count",
        0,
    ),
    Metric(
        "open_session_count",
        "Open sessions",
        "Sessions that may still go on: no logout, and the last event at most {timeout} before "
        "the newest event of the data. Left out of all rates.",
        "count",
        0,
    ),
    Metric(
        "one_event_session_count",
        "Sessions with one event",
        "Sessions with a single event, finished or not.",
        "count",
        0,
    ),
    Metric(
        "suspect_session_count",
        "Suspect sessions",
        "Sessions longer than {suspect_after}, often a script or a wrong clock. They count as "
        "sessions and are left out of durations; exactly {suspect_after} is not suspect.",
        "count",
        0,
    ),
    Metric(
        "bot_session_count",
        "Bot sessions",
        "Sessions whose user agent names a robot. Left out of all numbers until switched on.",
        "count",
        0,
        "overview.left_out",
    ),
    Metric(
        "live_user_count",
        "Active now",
        "Users with an open session whose last event came at most {live_window} before the "
        "newest event of the data. It is as old as the data: see as of.",
        "count",
        1,
        "active.totals",
    ),
    Metric(
        "live_session_count",
        "Live sessions",
        "Open sessions whose last event came at most {live_window} before the newest event of the "
        "data. One user may have two of them, one in each stream.",
        "count",
        1,
        "active.totals",
    ),
    Metric(
        "open_user_count",
        "In a session",
        "Users with an open session: no logout, and the last event at most {timeout} before "
        "the newest event of the data.",
        "count",
        1,
        "active.totals",
    ),
)

BY_NAME = {metric.name: metric for metric in METRICS}

# Where the overview shows them: on its cards unless others are chosen, on its cards and in its
# chart by the word in the address, and in its tables.
CARDS = (
    "session_count",
    "user_count",
    "median_duration_seconds",
    "avg_duration_seconds",
    "avg_engaged_seconds",
    "bounce_rate",
    "abandonment_rate",
)
TRENDS = {
    "sessions": "session_count",
    "users": "user_count",
    "new": "new_user_count",
    "median": "median_duration_seconds",
    "average": "avg_duration_seconds",
    "average2": "avg_duration_seconds_multi",
    "p90": "p90_duration_seconds",
    "engaged": "avg_engaged_seconds",
    "actions": "actions_per_session",
    "bounce": "bounce_rate",
    "abandonment": "abandonment_rate",
    "errors": "error_rate",
    "one_event": "one_event_session_rate",
}
COLUMNS = (
    "session_count",
    "bounce_rate",
    "median_duration_seconds",
)


def own_metrics(settings: Settings) -> tuple[Metric, ...]:
    """The metrics that dwell.toml declares."""
    return tuple(
        Metric(own.name, own.label, _own_definition(own), own.unit, own.better, sql=own.sql)
        for own in settings.metrics
    )


def _own_definition(own: OwnMetric) -> str:
    return own.definition or f"{own.sql} of the sessions; declared in dwell.toml."


def measures(wh: "Warehouse") -> dict[str, Metric]:
    """What sessions are measured by, by name: the columns of overview.totals, then dwell.toml's."""
    known = [metric for metric in METRICS if metric.query == "overview.totals"]
    fields = ("name", "label", "unit", "better", "sql")
    own = [
        Metric(template=row["definition"], **{field: row[field] for field in fields})
        for row in wh.own_metrics
    ]
    return {metric.name: metric for metric in (*known, *own)}


TOTALS = tuple(metric.name for metric in METRICS if metric.query == "overview.totals")
