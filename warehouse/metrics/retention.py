"""Retention: who of those that came first together is back, and when.

How entries, periods and returns are told stands in docs/definitions.md. All functions take the same
choices:

period    "day", "week" (from Monday) or "month"
kind      "exact": back in the period · "on_or_after": in it or later, up to as-of · "bracket": in
          any period of a bracket
clock     "calendar": local days, weeks or months, 0 that of the entry · "24h": 24 hours, 7 or 30
          times as many, from the moment of the entry on
entry     "first": the first event ever, whose session the filters have to take · "segment": the
          first in a session that they take · "recurring": each period with one
brackets  of kind "bracket": first and last number of a period, such as ((0, 6), (7, 13))
start     the step that an entry has to be, and
back      the one that a return has to be: as warehouse.steps.step_of reads them; None is any event
identity  "user_id", or "person": all ids that `identities` says are one
"""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Literal, get_args

from etl.errors import ConfigError, refuse_unknown
from warehouse.connection import Warehouse
from warehouse.dimensions import broken_down_by, dimension_named
from warehouse.filters import Filters
from warehouse.metrics import intervals
from warehouse.metrics.retention_choices import Choices, Clock, Entry, Kind, StepLike
from warehouse.query import Grain, run
from warehouse.query_parts import Identity

if TYPE_CHECKING:
    import polars as pl

Outcome = Literal["active", "away"]


def matrix(
    wh: Warehouse,
    filters: Filters,
    period: Grain = "week",
    kind: Kind = "exact",
    clock: Clock = "calendar",
    entry: Entry = "first",
    brackets: Sequence[tuple[int, int]] | None = None,
    start: StepLike = None,
    back: StepLike = None,
    identity: Identity = "user_id",
) -> "pl.DataFrame":
    """Users of each cohort who were back, by the number of periods since their entry.

    The dates of the filters choose cohorts, by the local day of the entry; later periods count up
    to as-of. Columns: cohort_start (local date of the day, week or month of the entry),
    cohort_size (users who entered), period_number (0 is that of the entry; of kind "bracket" the
    place of the bracket, from 0), user_count (those who were back; 0 where nobody was),
    retention_rate (of cohort_size), is_complete (false while somebody of the cohort can still be
    counted in the period: an incomplete cell is no drop). One row per cohort and each period that
    has begun by as-of. A cohort that nobody entered has no row; no rows when nobody entered any.
    """
    choices = Choices(period, kind, clock, entry, brackets, start, back, identity)
    return run(wh, "retention.matrix", filters, **choices.asked(wh, filters))


def curve(
    wh: Warehouse,
    filters: Filters,
    period: Grain = "week",
    kind: Kind = "exact",
    clock: Clock = "calendar",
    entry: Entry = "first",
    brackets: Sequence[tuple[int, int]] | None = None,
    start: StepLike = None,
    back: StepLike = None,
    identity: Identity = "user_id",
) -> "pl.DataFrame":
    """The mean of the cohorts that are old enough, by the number of periods since the entry.

    The cells of `matrix` that are complete, each weighing as much as its cohort has users. Columns:
    period_number, retention_rate, low, high (95 %, Wilson 1927, of all users of these cohorts; one
    who enters several cohorts counts in each), cohort_count (cohorts in the mean). One row per
    period that is complete for some cohort; no rows when none is.
    """
    choices = Choices(period, kind, clock, entry, brackets, start, back, identity)
    return _banded(run(wh, "retention.curve", filters, **choices.asked(wh, filters)))


def by(
    wh: Warehouse,
    filters: Filters,
    dimension: str,
    limit: int = 10,
    period: Grain = "week",
    kind: Kind = "exact",
    clock: Clock = "calendar",
    entry: Entry = "first",
    brackets: Sequence[tuple[int, int]] | None = None,
    start: StepLike = None,
    back: StepLike = None,
    identity: Identity = "user_id",
) -> "pl.DataFrame":
    """The curve of each value of a dimension: that of the session in which somebody entered.

    Columns: value (null: not known), is_other (all values beyond `limit`), cohort_size (who
    entered with the value), then those of `curve`. Values that most entered with come first, ties
    by alphabet. Of a dimension of lists a user counts in each value, in Other once. One row per
    value and period that is complete for some cohort; no rows when none is.
    """
    chosen = dimension_named(dimension, broken_down_by(wh.dimensions))
    # In which of the sessions of a day somebody entered, only the events tell.
    by_events = entry == "segment"
    choices = Choices(period, kind, clock, entry, brackets, start, back, identity, by_events)
    asked = choices.asked(wh, filters)
    return _banded(run(wh, "retention.by", filters, dimension=chosen, row_limit=limit, **asked))


def trend(
    wh: Warehouse,
    filters: Filters,
    grain: Grain = "week",
    days: Sequence[int] = (1, 7, 30),
    clock: Clock = "calendar",
    entry: Entry = "first",
    start: StepLike = None,
    back: StepLike = None,
    identity: Identity = "user_id",
) -> "pl.DataFrame":
    """Who was back on the first, seventh and thirtieth day after the entry, by cohort.

    Columns: cohort_start (of the day, week or month of the entry), days (those asked for),
    cohort_size (who entered), user_count (who was back on exactly that day after their own entry),
    retention_rate, low, high (95 %, Wilson 1927), is_complete (the day is over for all of them).
    One row per cohort and day that has begun for some of them; no rows when nobody entered.
    """
    refuse_unknown("grain", grain, get_args(Grain))
    if not days:
        msg = "days is empty. Wanted numbers of days after the entry, such as (1, 7, 30)."
        raise ConfigError(msg)
    brackets = tuple((day, day) for day in days)
    choices = Choices("day", "bracket", clock, entry, brackets, start, back, identity)
    return _banded(run(wh, "retention.trend", filters, grain=grain, **choices.asked(wh, filters)))


def users(
    wh: Warehouse,
    filters: Filters,
    cohort_start: date,
    period_number: int,
    outcome: Outcome = "active",
    period: Grain = "week",
    kind: Kind = "exact",
    clock: Clock = "calendar",
    entry: Entry = "first",
    brackets: Sequence[tuple[int, int]] | None = None,
    start: StepLike = None,
    back: StepLike = None,
    identity: Identity = "user_id",
    limit: int | None = None,
    offset: int = 0,
) -> "pl.DataFrame":
    """Who stands behind a cell of `matrix`: those who were back ("active"), or not ("away").

    Columns: user_id, person_id (the same, unless `identity` is "person": then each id of a person
    has a row), entry_time (UTC), session_id (that of the entry), return_time (the first event that
    counts in the period; null of those away). By entry_time. No rows when there is nobody, or no
    such cohort.
    """
    refuse_unknown("outcome", outcome, get_args(Outcome))
    choices = Choices(period, kind, clock, entry, brackets, start, back, identity)
    return run(
        wh,
        "retention.users",
        filters,
        is_active=outcome == "active",
        row_limit=limit,
        row_offset=offset,
        **choices.asked_of(wh, filters, cohort_start, period_number),
    )


def _banded(frame: "pl.DataFrame") -> "pl.DataFrame":
    """The frame with low and high behind the rate, in place of the number of users it is of."""
    names = {"retention_rate_low": "low", "retention_rate_high": "high"}
    banded = intervals.with_interval(frame, "retention_rate").rename(names)
    order = [name for name in frame.columns if name != "retention_rate_n"]
    at = order.index("retention_rate") + 1
    return banded.select(*order[:at], "low", "high", *order[at:])
