"""Who gets through: steps one after the other, by user or by session.

A funnel takes the arguments of `funnel_of`: steps such as "signup", "page_view:/pricing" or
Step(event, where={name: value}), `scope` "user" or "session", `order` "sequential", "strict" or
"any", `window` (of users 14 days, of sessions all of it, unless given) and `step_window` as
durations, `exclude` as steps, `identity` "user_id" or "person". The dates of the filters hold for
the first event of the steps; their conditions for the sessions of all of them. Step n is reached
where any choice of events fulfils all that is asked. ConfigError where something is asked that
there is not.

Who looks through events loads arrays: so what does is imported where it is asked.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, get_args

from etl.errors import ConfigError, refuse_unknown
from warehouse.connection import Warehouse
from warehouse.dimensions import broken_down_by, dimension_named
from warehouse.filters import Filters
from warehouse.metrics.funnel import Duration, Funnel, Order, Scope, funnel_of
from warehouse.query import Grain, run
from warehouse.query_parts import Identity
from warehouse.steps import Step as Step

if TYPE_CHECKING:
    import polars as pl

Outcome = Literal["converted", "dropped"]


def steps(
    wh: Warehouse,
    filters: Filters,
    steps: Sequence[str | Step],
    scope: Scope = "user",
    order: Order = "sequential",
    window: Duration = None,
    step_window: Duration = None,
    exclude: Sequence[str | Step] = (),
    by: str | None = None,
    identity: Identity = "user_id",
    limit: int = 10,
) -> "pl.DataFrame":
    """How many reach each step, and how long they take.

    Columns: step_number (from 1), step (its text), count (users, or sessions), conversion_rate (of
    those who reached the first step), from_previous_rate (of those who reached the step before;
    null for the first), median_seconds, p90_seconds (from the first event to the first that
    reaches the step, interpolated; null for the first step and where nobody reaches it). One row
    per step. With `by`, a dimension: also value, is_other and is_total, with all steps of each of
    the `limit` values that most enter by, ties by alphabet, then of the rest, and of all. Each is
    told by the session that their chain to the furthest step began in; one with several values
    counts in each.
    """
    from warehouse.metrics.funnel_chains import reached_by
    from warehouse.metrics.funnel_events import funnel_events
    from warehouse.metrics.funnel_rows import by_value, step_rows

    funnel = funnel_of(steps, scope, order, window, step_window, exclude, identity)
    dimension = dimension_named(by, broken_down_by(wh.dimensions)) if by else None
    more = ("dimension_value",) if dimension else ()
    found = funnel_events(wh, filters, funnel, more, dimension)
    reached = reached_by(found, funnel)
    if dimension is None:
        return step_rows(found.events, funnel, reached)
    return by_value(found, funnel, reached, limit, is_list=dimension.is_list)


def trend(
    wh: Warehouse,
    filters: Filters,
    steps: Sequence[str | Step],
    scope: Scope = "user",
    order: Order = "sequential",
    window: Duration = None,
    step_window: Duration = None,
    exclude: Sequence[str | Step] = (),
    identity: Identity = "user_id",
    grain: Grain = "day",
) -> "pl.DataFrame":
    """How many get through all steps, by the day, week (from Monday) or month that they enter.

    Columns: period_start (local date), entered_count, converted_count, conversion_rate (null where
    nobody entered). One who enters in several periods counts in each, as converted in those whose
    entry leads through. One row per period from the first to the last that somebody entered in, or
    of the filters' dates; no rows where nobody entered.
    """
    from warehouse.metrics.funnel_chains import entries, leading_through
    from warehouse.metrics.funnel_events import funnel_events
    from warehouse.metrics.funnel_rows import trend_rows

    refuse_unknown("grain", grain, get_args(Grain))
    funnel = funnel_of(steps, scope, order, window, step_window, exclude, identity)
    found = funnel_events(wh, filters, funnel, ("event_date",))
    through = leading_through(found, funnel)
    entered = entries(found, funnel, through)
    return trend_rows(found, entered, through, filters, wh.as_of_date, grain)


def people(
    wh: Warehouse,
    filters: Filters,
    steps: Sequence[str | Step],
    scope: Scope = "user",
    order: Order = "sequential",
    window: Duration = None,
    step_window: Duration = None,
    exclude: Sequence[str | Step] = (),
    identity: Identity = "user_id",
    *,
    step: int,
    outcome: Outcome = "converted",
) -> "pl.DataFrame":
    """Who reached a step, or who reached the one before it and not this one.

    Columns: user_id, session_id (the one that their first event is in), entry_time (UTC), newest
    first. Under "person" each id of the person has a row. No rows where there is nobody.
    """
    import polars as pl

    from warehouse.metrics.funnel_chains import outcome_of
    from warehouse.metrics.funnel_events import funnel_events

    funnel = funnel_of(steps, scope, order, window, step_window, exclude, identity)
    _refuse_step(funnel, step, outcome)
    found = funnel_events(wh, filters, funnel, ("user_id", "session_id"))
    chosen = outcome_of(found, funnel, step, converted=outcome == "converted")
    entries = found.told(chosen.begins).select(
        pl.col("unit").alias("person_id"),
        "user_id",
        "session_id",
        entry_time=pl.Series(found.events.time[chosen.begins]).cast(pl.Datetime("us")),
    )
    if funnel.identity == "person" and funnel.scope == "user":
        entries = _with_all_ids(wh, filters, entries)
    return entries.select("user_id", "session_id", "entry_time").sort(
        "entry_time", "session_id", "user_id", descending=[True, False, False]
    )


def next_events(
    wh: Warehouse,
    filters: Filters,
    steps: Sequence[str | Step],
    scope: Scope = "user",
    order: Order = "sequential",
    window: Duration = None,
    step_window: Duration = None,
    exclude: Sequence[str | Step] = (),
    identity: Identity = "user_id",
    *,
    step: int,
    outcome: Outcome = "dropped",
    limit: int = 10,
) -> "pl.DataFrame":
    """What those who dropped at a step did instead: the act after the last step that they reached.

    Of those who reached the step, what they did after it; passive events are no acts. Columns:
    event_type (null: their session ended without one), page (of a page view), count, share (of
    them all). Most first, ties by alphabet, `limit` rows at most. No rows where there is nobody.
    """
    from warehouse.metrics.funnel_chains import outcome_of
    from warehouse.metrics.funnel_events import funnel_events

    funnel = funnel_of(steps, scope, order, window, step_window, exclude, identity)
    _refuse_step(funnel, step, outcome)
    found = funnel_events(wh, filters, funnel, ("session_id", "event_number"))
    chosen = outcome_of(found, funnel, step, converted=outcome == "converted")
    last = found.told(chosen.rows)
    return run(
        wh,
        "funnels.next_events",
        filters,
        sessions=last["session_id"].to_list(),
        numbers=last["event_number"].to_list(),
        row_limit=limit,
    )


def _with_all_ids(wh: Warehouse, filters: Filters, entries: "pl.DataFrame") -> "pl.DataFrame":
    """The rows, once for each id of their person."""
    import polars as pl

    persons = entries["person_id"].to_list()
    known = run(wh, "funnels.people", filters, persons=persons).rename({"known_as": "user_id"})
    own = pl.DataFrame({"person_id": persons, "user_id": persons}, schema=known.schema)
    ids = pl.concat([known, own]).unique()
    return entries.drop("user_id").join(ids, on="person_id")


def _refuse_step(funnel: Funnel, step: int, outcome: Outcome) -> None:
    refuse_unknown("outcome", outcome, get_args(Outcome))
    first = 1 if outcome == "converted" else 2
    if type(step) is not int or not first <= step <= len(funnel.steps):
        reason = " Nobody drops at the first." if step == 1 else ""
        msg = f"step is {step!r}. Wanted: {first} to {len(funnel.steps)}.{reason}"
        raise ConfigError(msg)
