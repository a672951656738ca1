"""Which conditions hold for sessions that are cut anew. Never reads data."""

from etl.errors import ConfigError
from warehouse.connection import Warehouse
from warehouse.filters import Filters

# What events tell by themselves, so that sessions of any timeout have it.
OF_EVENTS = (
    *("source", "device_type", "browser", "os", "entry_page", "exit_page", "campaign"),
    *("session_type", "experiment_id", "model_group", "is_new_user", "hour", "weekday"),
    *("cohort_month", "duration_seconds", "engaged_seconds", "event_count", "action_count"),
    *("page_view_count", "query_count", "error_count"),
)
# What the ends of a session tell, or its user: no other event of it is read.
OF_BOUNDS = ("hour", "weekday", "cohort_month", "is_new_user", "duration_seconds", "event_count")
# What whole sessions hand on to one that is made of them: not for timeouts below the build's.
OF_SESSIONS = ("entry_source", "referrer_host", "tag", "asset", "query_type")


def names_in(wh: Warehouse, filters: Filters) -> list[str]:
    """Names of the dimensions that the filters have a condition on."""
    each = (filters.where, *filters.segments)
    read = (pair for conditions in each for pair in conditions.read(wh.dimensions))
    return list(dict.fromkeys(dimension.name for dimension, _ in read))


def refused(wh: Warehouse, filters: Filters, *, is_split: bool) -> list[str]:
    """Names of conditions whose value another timeout's sessions do not tell without a build.

    `is_split`: some timeouts are shorter than the build's.
    """
    known = OF_EVENTS if is_split else (*OF_EVENTS, *OF_SESSIONS)
    return [name for name in names_in(wh, filters) if name not in known]


def refuse(wh: Warehouse, filters: Filters, *, is_split: bool) -> None:
    """ConfigError for such conditions, with those that work."""
    names = refused(wh, filters, is_split=is_split)
    if not names:
        return
    told = ", ".join(names)
    if set(names) <= set(OF_SESSIONS):
        msg = (
            f"The lab cannot derive {told} for timeouts shorter than the build's. Ask for the "
            "build's own timeout and longer ones, or leave the condition out."
        )
        raise ConfigError(msg)
    msg = (
        f"The lab cannot derive {told} of sessions that are cut anew. Conditions that work: "
        f"{', '.join(OF_EVENTS)}; with no timeout below the build's also {', '.join(OF_SESSIONS)}."
    )
    raise ConfigError(msg)
