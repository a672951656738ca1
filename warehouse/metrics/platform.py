"""A segment, or one user, beside all users of the platform. Computed by its query file."""

from datetime import datetime
from typing import TYPE_CHECKING

from warehouse.condition_sql import conditions_sql
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.query import run

if TYPE_CHECKING:
    import polars as pl


def standing(
    wh: Warehouse, filters: Filters, user_id: str | None = None, since: datetime | None = None
) -> "pl.DataFrame":
    """Where the users of the filters' sessions stand among all users of the period, by metric.

    A user's value is of the user's own sessions of the period; as one of the segment, of those that
    the filters take. The percentile is that of `users.percentiles`: the share of all users with
    less, plus half of those with the same, from 0 to 100; of a segment the mean of its users'. All
    users together are at 50. With `user_id` it is that user among all of the filters, conditions
    too. `since` leaves out what began before that naive UTC moment.

    Columns: metric (session_count, query_count, and the means and rates of a user's sessions),
    value (of the user, or of the segment's median user), platform_median, percentile (null, as
    value, of whom nothing is known), user_count and platform_user_count (users with a value). No
    rows when the period has no session.
    """
    if user_id is None:
        holds, values = conditions_sql(filters.where, wh.dimensions, filters.segments, "standing_")
        among = filters.everyone
    else:
        holds, values, among = "user_id = $user_id", {"user_id": user_id}, filters
    words = {"segment_holds": holds}
    return run(wh, "platform.standing", among, words=words, since=since, **values)
