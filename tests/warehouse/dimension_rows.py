"""Sessions that have a given value of a dimension, whatever column it is read from."""

from datetime import date, timedelta
from typing import Any

from tests.warehouse.small_builds import NOON, Row, session
from warehouse.dimensions import Dimension

# The column of user_sessions that holds a dimension, where it has another name.
LISTS = {"source": "sources", "tag": "tags", "asset": "assets", "query_type": "query_types"}
MONDAY = (NOON - timedelta(days=1)).replace(hour=0)
# Sessions so many days before as-of make a user of that level.
ACTIVITY = {"power_user": 21, "regular_user": 6, "occasional_user": 5}
# Each session begins, is of a user, and is the first one or not.
ALWAYS_KNOWN = ("hour", "weekday", "is_new_user", "activity_level", "source")


def two_values(dimension: Dimension) -> tuple[str, str]:
    """Two values that sessions can have of a dimension."""
    if dimension.values:
        return dimension.values[0], dimension.values[1]
    return {
        "hour": ("9", "10"),
        "weekday": ("2", "3"),
        "cohort_month": ("2026-01", "2026-02"),
    }.get(dimension.name, (f"my {dimension.name}", f"other {dimension.name}"))


def sessions_with(dimension: Dimension, values: dict[str, str | None]) -> dict[str, Any]:
    """A build of one session per user with the value given for it: arguments of open_build."""
    sessions: list[Row] = []
    users: list[Row] = []
    for user, value in values.items():
        fields: Row = {}
        of_user: Row = {"user_id": user, "session_count": 1}
        match dimension.name:
            case "hour":
                fields["start"] = MONDAY.replace(hour=int(value or 0))
            case "weekday":
                fields["start"] = MONDAY + timedelta(days=int(value or 0) - 1)
            case "is_new_user":
                fields["is_new_user"] = value == "true"
            case "user_pattern":
                of_user["pattern"] = value
            case "cohort_month":
                of_user["first_date"] = date.fromisoformat(f"{value}-17") if value else None
            case "activity_level":
                # Those of long ago are one day's, beyond any period that is asked for.
                count = ACTIVITY[value or "occasional_user"] - 1
                sessions += [
                    session(user, NOON - timedelta(days=20, minutes=n), is_bot=True)
                    for n in range(count)
                ]
            case name if dimension.is_list:
                fields[LISTS[name]] = [] if value is None else [value]
            case name:
                fields[name] = value
        sessions.append(session(user, **fields))
        users.append(of_user)
    return {"sessions": sessions, "users": users}
