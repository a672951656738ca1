"""How long and how engaged: lengths of sessions, when they begin, how often users come."""

from typing import TYPE_CHECKING, Literal, get_args

from etl.errors import refuse_unknown
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics import intervals
from warehouse.query import Grain, run

if TYPE_CHECKING:
    import polars as pl

Of = Literal["duration_seconds", "engaged_seconds"]
# About three a decade, at the lengths that people speak of; what is longer than a day is suspect.
EDGES = (
    *(0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0),
    *(7200.0, 14_400.0, 28_800.0, 86_400.0),
)
# Twenty a decade, up to some 30 hours: as fine as a chart can show.
_SECONDS = tuple(sorted({0.0, *(float(round(10 ** (step / 20))) for step in range(101))}))


def distribution(wh: Warehouse, filters: Filters, of: Of = "duration_seconds") -> "pl.DataFrame":
    """Sessions by length, in bins of about three a decade (EDGES).

    Columns: low_seconds, high_seconds (null: all that is longer), session_count. A bin holds what
    is above its low end, up to and with its high one; the first, 0 to 0, those of one event. No
    gaps from there to the longest; no rows without sessions. Suspects are left out.
    """
    refuse_unknown("of", of, get_args(Of))
    return run(wh, "engagement.distribution", filters, of=of, edges=list(EDGES))


def percentiles(
    wh: Warehouse, filters: Filters, grain: Grain = "day", of: Of = "duration_seconds"
) -> "pl.DataFrame":
    """Percentiles of session length by day, week (from Monday) or month of the start.

    Columns: period_start (local date), p25_seconds, p50_seconds, p75_seconds, p90_seconds,
    p95_seconds (interpolated), session_count. One row per period, without gaps: one without
    sessions has null percentiles. An open period reaches to the data's; no rows when there are no
    sessions in it. Suspects are left out.
    """
    refuse_unknown("of", of, get_args(Of))
    refuse_unknown("grain", grain, get_args(Grain))
    return run(wh, "engagement.percentiles", filters, of=of, grain=grain)


def survival(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """The share of sessions that go on for longer than so many seconds, with a band of 95 %.

    Columns: seconds (20 a decade, from 0 to the longest session), survival_rate, low, high (null
    where no session has ended by then, or all have), at_risk_count (sessions that lasted so long at
    least). Open sessions are censored: they count up to where they are. Kaplan and Meier 1958, with
    Greenwood's variance and a log-log band (Kalbfleisch and Prentice). No rows without sessions.
    Suspects are left out.
    """
    return run(wh, "engagement.survival", filters, seconds=list(_SECONDS), z=intervals.Z)


def hour_by_weekday(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """When sessions begin, by local hour and weekday.

    Columns: weekday (1 = Monday), hour (0 to 23), session_count, weekday_count (such days in the
    period; an open one reaches to the data's), sessions_per_weekday (null where the period has no
    such day). One row per hour of each weekday: always 168.
    """
    return run(wh, "engagement.hour_by_weekday", filters)


def sessions_per_user(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """How many users had how many sessions that began in the period.

    Columns: session_count, user_count, by session_count. No rows without sessions.
    """
    return run(wh, "engagement.sessions_per_user", filters)


def bounce_presets(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """The bounce rate by the definitions of Dwell, GA4, Plausible, Matomo and PostHog.

    Columns: preset (dwell, ga4, plausible, matomo, posthog), bounce_rate (null without sessions),
    session_count (closed sessions that it is of). One row per preset: always five. What each takes
    for a bounce stands in docs/definitions.md.
    """
    return run(wh, "engagement.bounce_presets", filters)
