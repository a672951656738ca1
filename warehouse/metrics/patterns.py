"""Behaviour patterns of sessions and users, what speaks for them, and signs of frustration."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from etl.errors import ConfigError, did_you_mean, refuse_unknown
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics import breakdowns
from warehouse.patterns import pattern_of
from warehouse.query import Grain, run

if TYPE_CHECKING:
    import polars as pl

# In the order in which equal scores are decided, and that of the rules; see docs/definitions.md.
OF_SESSIONS = ("confused", "power_user", "task_focused", "explorer")
OF_USERS = ("power_user", "quick_checker", "struggling_user", "regular_user", "new_user")
# Sign of frustration → the indicator of a session that it is.
SIGNS = {
    "rage_clicks": "rage_clicks",
    "error_then_exit": "ended_on_error",
    "repeated_query": "repeated_query",
}
Of = Literal["session", "user"]
_DIMENSIONS = {"session": "pattern", "user": "user_pattern"}


def sessions(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """Sessions by their pattern: as breakdowns.by counts them, and those that nobody shows too.

    Columns: pattern (null, the last row: sessions that show none), session_count, share (of all
    sessions). Most sessions first; no rows when no session matches.
    """
    return _by(wh, filters, "pattern", "session_count", OF_SESSIONS)


def users(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """Users with an event in the period by the pattern of their newest sessions as of now.

    Columns: pattern, user_count, share (of all users). Most users first; patterns of nobody have
    0. No rows when no session matches.
    """
    return _by(wh, filters, "user_pattern", "user_count", OF_USERS)


def trend(
    wh: Warehouse, filters: Filters, of: Of = "session", grain: Grain = "day"
) -> "pl.DataFrame":
    """Sessions by day, week or month and pattern: their own, or that of their user.

    Columns: period_start, pattern (null: none), session_count (null after the running day),
    is_complete. As breakdowns.daily_by: one row per period and pattern that the whole has. No rows
    when no session matches.
    """
    refuse_unknown("of", of, _DIMENSIONS)
    frame = breakdowns.daily_by(wh, filters, _DIMENSIONS[of], grain, breakdowns.ALL)
    return frame.drop("is_other").rename({"value": "pattern"})


def matches(wh: Warehouse, filters: Filters, name: str | Sequence[str]) -> "pl.DataFrame":
    """Sessions that fulfil an ordered pattern: one of dwell.toml by name, or its steps.

    The grammar of steps is that of warehouse/patterns.py. Columns: session_id, user_id, match_time
    (UTC: when the first match was complete), newest first. No rows where no session matches.
    ConfigError, with the known names, for an unknown one, and for steps that are none.
    """
    from warehouse.metrics.pattern_matches import pattern_matches

    if not isinstance(name, str):
        return pattern_matches(wh, filters, pattern_of(name))
    known = wh.own_patterns
    if name not in known:
        hint = did_you_mean(name, known) if known else "The dwell.toml of this build has none."
        msg = f"Unknown pattern '{name}'. {hint}"
        raise ConfigError(msg)
    # The build knows which sessions match; only the moment is to be found.
    shown = filters.also({name: True})
    return pattern_matches(wh, shown, pattern_of(known[name]))


def evidence(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """What speaks for the patterns of sessions: which indicators hold, and how often.

    Columns: pattern, indicator (in words), session_count, share (of the pattern's sessions), most
    sessions first within each pattern. No rows without sessions that show a pattern.
    """
    return run(wh, "patterns.evidence", filters)


def user_evidence(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """What speaks for the patterns of users who began a session of the filters.

    Columns: pattern, user_count, and medians over these users of their newest closed sessions, at
    any time: median_sessions, median_duration_seconds, median_actions (of each user's mean), and
    median_errors of the newest one. Null where nobody has a closed session. Most users first; no
    rows when no session matches.
    """
    return run(wh, "patterns.user_evidence", filters)


def frustration(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """Closed sessions that show signs of frustration.

    Columns: sign (rage_clicks, error_then_exit, repeated_query, any), session_count, user_count,
    share (of closed sessions; null without any). One row per sign, and one of any: always four.
    Thresholds are settings: rage_clicks, rage_click_time, rage_click_distance, repeated_query_time.
    """
    return run(wh, "patterns.frustration", filters)


def examples(
    wh: Warehouse,
    filters: Filters,
    pattern: str,
    of: Literal["session", "user", "frustration"] = "session",
    limit: int = 5,
) -> "pl.DataFrame":
    """Sessions that show a pattern, or a sign of frustration, or are of users with a pattern.

    Columns: session_id, user_id, start_time, duration_seconds, action_count, error_count,
    confidence (of session patterns alone), indicators (those that hold). Of session patterns those
    that show it best come first, of all else the newest. No rows when there are none.
    """
    known = {"session": OF_SESSIONS, "user": OF_USERS, "frustration": tuple(SIGNS)}
    refuse_unknown("of", of, known)
    refuse_unknown("pattern", pattern, known[of])
    return run(
        wh,
        "patterns.examples",
        filters,
        of=of,
        pattern=SIGNS.get(pattern, pattern),
        row_limit=limit,
    )


def _by(
    wh: Warehouse, filters: Filters, dimension: str, count: str, known: tuple[str, ...]
) -> "pl.DataFrame":
    """Every pattern there is, with its count and share of all; none at the end."""
    import polars as pl

    frame = breakdowns.by(wh, filters, dimension, (count,), breakdowns.ALL)
    total = frame.filter(pl.col("is_total"))[count].sum()
    found = frame.filter(~pl.col("is_total")).select(pattern="value", **{count: count})
    missing = [name for name in known if name not in found["pattern"]] if frame.height else []
    zeros = pl.DataFrame({"pattern": missing, count: [0] * len(missing)}, schema=found.schema)
    return (
        pl.concat([found, zeros])
        .sort(
            pl.col("pattern").is_null(),
            pl.col(count),
            maintain_order=True,
            descending=[False, True],
        )
        .with_columns(share=pl.col(count) / total)
    )
