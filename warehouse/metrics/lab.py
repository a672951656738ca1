"""The lab: what other timeouts and bounds would make of the sessions, without another build.

Whole timelines are cut anew, and then the filters hold for the sessions so cut: dates by their
start, values derived as a build derives them. Only exact answers are given; a condition whose value
would take a whole build is refused. Where a tracker tells sessions apart, no timeout does.
"""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from etl.errors import ConfigError
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics import gap_valley, lab_conditions
from warehouse.query import run

if TYPE_CHECKING:
    import polars as pl

MINUTES = (5, 10, 15, 20, 30, 45, 60, 90, 120)
BOUNCE_SECONDS = (5, 10, 15, 20, 30, 45, 60, 90, 120)
IDLE_SECONDS = (5, 10, 15, 30, 60, 120, 300, 600)
# Longer than any history: settings refuse more days too.
MOST_SECONDS = 36525 * 86400


def timeouts(wh: Warehouse, filters: Filters, minutes: Sequence[float] = MINUTES) -> "pl.DataFrame":
    """Sessions under other timeouts, the shortest first; each as a full build with it has them.

    The build's own row is that of overview.totals. Conditions: OF_EVENTS and OF_SESSIONS of
    lab_conditions.py, the latter without minutes below the build's; others are refused. Columns:
    timeout_minutes, session_count, median_duration_seconds, bounce_rate, one_event_rate (both of
    closed sessions; open goes by the timeout). One row per timeout: without sessions the count is
    0, all else null. ConfigError for minutes that are not above 0.
    """
    import polars as pl

    asked = sorted({round(each * 6e7) for each in _checked("minutes", minutes, 60)})
    own = round(wh.setting("timeout").total_seconds() * 1e6)
    shorter, longer = [us for us in asked if us < own], [us for us in asked if us > own]
    if shorter or longer:
        lab_conditions.refuse(wh, filters, is_split=bool(shorter))
    frames = []
    is_bounded = set(lab_conditions.names_in(wh, filters)) <= set(lab_conditions.OF_BOUNDS)
    for chosen, cut_anew, pieces in (
        (shorter, "bounded_sessions" if is_bounded else "lab_sessions", "split_pieces"),
        (longer, "lab_sessions", "joined_pieces"),
    ):
        if chosen:
            words = {"cut_anew": cut_anew, "pieces": pieces}
            frames.append(
                run(wh, "lab.timeouts", filters, words=words, timeouts_us=chosen, **_bounds(wh))
            )
    if own in asked:
        frames.insert(1 if shorter else 0, _own_row(wh, filters, own))
    return pl.concat(frames, how="vertical_relaxed")


def gaps(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """Gaps between consecutive events of a user, by source and length, on a log scale.

    Consecutive are events of what sessions are cut from: a user's events of one stream, or one
    session of a tracker. A gap is of the source, and of the session, of its later event. Columns:
    source, low_seconds (out), high_seconds (in), gap_count; eight bins a decade, 0 to 0 those of
    two events at one time. No rows when no session matches, or each user has one event.
    """
    return run(wh, "lab.gaps", filters, words=_gaps_of(wh, filters), **_cuts(wh))


def valley(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """Where the gaps of a source fall into two kinds: within visits, and between them.

    Two lognormal distributions are fitted to the bins of `gaps` (gap_valley.py tells how, and
    where that is from). Columns: source, valley_seconds (a longer gap is rather one between
    visits; null: no clear valley), short_median_seconds, long_median_seconds, short_rate (share of
    gaps within visits), gap_count, reason (why there is no clear valley, else null). No rows when
    there are no gaps.
    """
    return gap_valley.of(gaps(wh, filters))


def bounces(
    wh: Warehouse, filters: Filters, seconds: Sequence[float] = BOUNCE_SECONDS
) -> "pl.DataFrame":
    """The bounce rate if a bounce were shorter than so many seconds, of the build's sessions.

    Columns: bounce_seconds, bounce_rate (null without closed sessions), session_count (closed
    ones). One row per length, the shortest first. ConfigError for seconds that are not above 0.
    """
    asked = sorted(set(map(float, _checked("seconds", seconds, 1))))
    bounce_actions = wh.setting("bounce_actions")
    return run(wh, "lab.bounces", filters, seconds=asked, bounce_actions=bounce_actions)


def idle(
    wh: Warehouse, filters: Filters, seconds: Sequence[float] = IDLE_SECONDS
) -> "pl.DataFrame":
    """Mean engaged time if one gap counted up to so many seconds, of the build's sessions.

    Suspect sessions are left out. Columns: idle_seconds, avg_engaged_seconds (null without
    sessions), session_count. One row per idle timeout, the shortest first. ConfigError for seconds
    that are not above 0, and for a condition on engaged_seconds, which would change with them.
    """
    asked = sorted({round(each * 1e6) for each in _checked("seconds", seconds, 1)})
    if "engaged_seconds" in lab_conditions.names_in(wh, filters):
        msg = (
            "engaged_seconds changes with the idle timeout, so it cannot choose the sessions that "
            "several are compared on. Leave that condition out."
        )
        raise ConfigError(msg)
    idle_events = list(wh.setting("idle_events"))
    words = _gaps_of(wh, filters)
    return run(wh, "lab.idle", filters, words=words, idles_us=asked, idle_events=idle_events)


def _own_row(wh: Warehouse, filters: Filters, own: int) -> "pl.DataFrame":
    import polars as pl

    columns = ("session_count", "median_duration_seconds", "bounce_rate", "one_event_session_rate")
    row = run(wh, "overview.totals", filters, columns)
    row = row.rename({"one_event_session_rate": "one_event_rate"})
    return row.select(pl.lit(own / 6e7).alias("timeout_minutes"), pl.all())


def _gaps_of(wh: Warehouse, filters: Filters) -> Mapping[str, str]:
    """Which gaps the filters take: single sessions are looked at where they ask for it."""
    asks = lab_conditions.names_in(wh, filters)
    return {"gaps": "filtered_gaps" if asks else "dated_gaps"}


def _cuts(wh: Warehouse) -> dict[str, Any]:
    return {"ends": list(wh.setting("ends")), "starts": list(wh.setting("starts"))}


def _bounds(wh: Warehouse) -> Mapping[str, Any]:
    return {
        **_cuts(wh),
        "idle_events": list(wh.setting("idle_events")),
        "idle_timeout_us": round(wh.setting("idle_timeout").total_seconds() * 1e6),
        "suspect_seconds": wh.setting("suspect_after").total_seconds(),
        "bounce_seconds": wh.setting("bounce_duration").total_seconds(),
        "bounce_actions": wh.setting("bounce_actions"),
    }


def _checked(name: str, values: Sequence[float], unit_seconds: float) -> Sequence[float]:
    """The values, when each is a length of time. ConfigError else."""
    if not values:
        msg = f"{name} is empty. Give at least one number above 0, such as {name}=(30, 45)."
        raise ConfigError(msg)
    for value in values:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not math.isfinite(value) or round(value * unit_seconds * 1e6) < 1:
            msg = f"{name} has {value!r}. Wanted: numbers above 0, such as {name}=(30, 45)."
            raise ConfigError(msg)
        if value * unit_seconds > MOST_SECONDS:
            msg = f"{name} has {value!r}, which is longer than 36525 days. Give a shorter one."
            raise ConfigError(msg)
    return values
