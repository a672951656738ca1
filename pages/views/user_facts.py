"""What stands beside a user's history: where the user stands among others, ids that were joined,
abandoned workflows, and the statistics object. Never computes a metric.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import drill, format, notebook, sections
from pages.ui.ask import Question, answer, ask, question
from pages.ui.controls import href
from pages.ui.frame import Page
from pages.ui.measures import metric
from pages.ui.tables import SPAN, Column
from pages.ui.tables import show as show_table
from pages.views.session_columns import short_clock
from warehouse import Filters, SessionAnalytics, Warehouse
from warehouse.metrics import registry, users, workflows
from warehouse.metrics.users import OWN_MEASURES
from warehouse.session_stats import LISTS, NUMBERS

if TYPE_CHECKING:
    import polars as pl

# Of the others, where the registry's words are too long for half a page.
_LABELS = {"avg_engaged_seconds": "Engaged, mean", "actions_per_session": "Actions each"}
STANDING = (
    "All sessions of all users count, whatever the filters are. A percentile is the share of users "
    "whose value is lower, plus half of those with the same value, this user too: 50 is the "
    "middle. Users whose value is not known are left out, of the median of all too. The cohort are "
    "the users whose first event ever is of the same month."
)
IDENTITIES = (
    "When an anonymous id belonged to a known one, by the events that carry both: from the "
    "anonymous id's first event on, until another user began to use it. Events that carry the "
    "anonymous id alone stay sessions of that id: as one person they are counted in Retention and "
    "Funnels, where that is chosen."
)
STUCK = (
    "Runs of workflows that were not completed when their session closed. Stuck is the time from "
    "the run's last event to the end of its session."
)
DAYS = 30
_SHOWN = 50


def standing(user_id: str, *, is_bot: bool) -> Question:
    """Where the user stands: bots among all, others among those that are none."""
    return question(users.percentiles, Filters(include_bots=is_bot), user_id)


def beside(page: Page, user: dict[str, Any]) -> None:
    """Where the user of a row of users.profile stands, joined ids, and the statistics object."""
    _standing(page, user)
    _identities(page, user["user_id"])
    _statistics(page, user)


def _standing(page: Page, user: dict[str, Any]) -> None:
    import polars as pl

    asked = standing(user["user_id"], is_bot=user["is_bot"])
    filters = asked.args[0]
    frame = answer(asked)
    if frame.is_empty():
        return
    month = f"{user['first_date']:%Y-%m}"
    cohort = Filters(where={"cohort_month": month}, include_bots=filters.include_bots)
    everybody, alike = (ask(users.count, each)["user_count"][0] for each in (filters, cohort))
    sections.head(
        "Among all users",
        key="standing",
        page=page,
        query="users.percentiles",
        filters=filters,
        says=STANDING,
        code=notebook.lines(users.percentiles, filters, user["user_id"]),
        frame=lambda: frame,
        file="dwell_percentiles_of_user",
    )
    shown = frame.select(
        pl.col("metric").map_elements(_label, return_dtype=pl.String).alias("label"),
        pl.struct("metric", "value")
        .map_elements(lambda each: _written(each["metric"], each["value"]), return_dtype=pl.String)
        .alias("value"),
        pl.struct("metric", "median")
        .map_elements(lambda each: _written(each["metric"], each["median"]), return_dtype=pl.String)
        .alias("median"),
        pl.col("percentile") / 100,
        pl.col("cohort_percentile") / 100,
    )
    show_table(
        shown,
        {
            "label": Column("Metric"),
            "value": Column("Value"),
            "median": Column("Median user", help="Half of all users have less, half more"),
            "percentile": Column("Percentile", bar=True, write=_percentile, help="Among all users"),
            "cohort_percentile": Column(
                "In cohort", bar=True, write=_percentile, help=f"First seen in {month}"
            ),
        },
        key="table_standing",
        alt="Metrics of this user, and the share of users with less",
    )
    st.caption(
        f"Over all history: among {format.plural(everybody, 'user')}, and among the "
        f"{format.plural(alike, 'user')} first seen in {month}."
    )


def _label(name: str) -> str:
    return _LABELS.get(name) or (
        OWN_MEASURES[name][0] if name in OWN_MEASURES else metric(name).heading
    )


def _written(name: str, value: float | None) -> str:
    unit = OWN_MEASURES[name][1] if name in OWN_MEASURES else registry.BY_NAME[name].unit
    if unit != "count" or value is None:
        return format.WRITERS[unit](value)
    # The median of two counts may lie between them.
    return format.count(int(value)) if value == int(value) else format.number(value)


def _percentile(share: float) -> str:
    """A place among a hundred, which is no share of anything."""
    return f"{share * 100:.1f}"


def _identities(page: Page, user_id: str) -> None:
    import polars as pl

    frame = ask(users.identities, user_id)
    if frame.is_empty():
        st.caption("No anonymous id was joined with this user.")
        return
    sections.head(
        format.plural(frame.height, "joined id"),
        key="identities",
        page=page,
        query="users.identities",
        says=IDENTITIES,
        frame=lambda: frame,
        file="dwell_identities_of_user",
    )
    # The id on the other side, whichever this user is.
    is_known = pl.col("user_id") == user_id
    shown = frame.head(_SHOWN).with_columns(
        pl.when(is_known).then("anonymous_id").otherwise("user_id").alias("other_id"),
    )
    show_table(
        shown,
        {
            "other_id": Column(
                "Id", hint=lambda row: f"{row['anonymous_id']} belonged to {row['user_id']}"
            ),
            "first_event_time": Column("Joined", write=page.clock, help="First event with both"),
            "valid_from": Column("From", write=page.clock),
            "valid_to": Column("Until", write=page.clock, help="A dash while nobody followed"),
        },
        key="table_identities",
        alt="Ids that were joined with this user, and when",
        link=lambda row: href(user=row["other_id"], session=None, day=None, event=None, part=None),
        height=300,
    )
    more = f" The first {_SHOWN} of them; the file has all." if frame.height > _SHOWN else ""
    st.caption(f"A row opens what is told of that id by itself.{more} Times in {page.zone}.")


def unfinished(page: Page, user_id: str) -> None:
    """The workflows that the user abandoned, with their sessions."""
    import polars as pl

    everybody = Filters(include_bots=True)
    frame = ask(workflows.abandoned, None, everybody, user_id=user_id)
    if frame.is_empty():
        st.caption("This user abandoned no workflow.")
        return
    sections.head(
        format.plural(frame.height, "abandoned workflow"),
        key="abandoned",
        page=page,
        query="workflows.abandoned",
        says=STUCK,
        code=notebook.lines(workflows.abandoned, None, everybody, user_id=user_id),
        frame=lambda: frame,
        file="dwell_abandoned_of_user",
    )
    show_table(
        frame.head(_SHOWN).with_columns(
            pl.col("workflow_name", "last_step").fill_null("(not told)")
        ),
        {
            "start_time": Column("Start", write=lambda moment: short_clock(page, moment)),
            "workflow_name": Column("Workflow"),
            "last_step": Column("Last step"),
            "stuck_seconds": Column("Stuck", **SPAN),
        },
        key="table_abandoned_of_user",
        alt="Workflows that this user did not complete",
        link=lambda row: drill.to(drill.SESSIONS, page.choice, session=row["session_id"]),
        height=300,
    )


def _statistics(page: Page, user: dict[str, Any]) -> None:
    frame = ask(statistics, user["user_id"], is_bot=user["is_bot"])
    sections.head(
        f"Last {DAYS} days",
        key="statistics",
        page=page,
        query="session_stats.get_session_stats",
        says=(
            "The session statistics object, as `dwell stats --json` prints it. Rates leave open "
            "sessions out, durations those that are suspect; without sessions all of it is 0."
        ),
        frame=lambda: frame,
        file="dwell_statistics_of_user",
    )
    show_table(
        frame.select("label", "told"),
        {"label": Column("What"), "told": Column("Value", wraps=True)},
        key="table_statistics",
        alt=f"Statistics of this user's last {DAYS} days",
        height=560,
    )
    since = page.as_of - timedelta(days=DAYS)
    st.caption(
        f"Sessions that began from {page.clock(since)} to {page.clock(page.as_of)}, the newest "
        "event of all data."
    )


def statistics(wh: Warehouse, user_id: str, *, is_bot: bool) -> pl.DataFrame:
    """The statistics object as a table: name, label, told (as a reader meets it)."""
    import polars as pl

    filters = Filters(include_bots=is_bot)
    stats = SessionAnalytics(wh).get_session_stats(user_id, days=DAYS, filters=filters)
    rows = [
        (name, label, format.WRITERS[unit](stats[name])) for name, (label, unit) in NUMBERS.items()
    ]
    rows += [(name, label, _listed(stats[name])) for name, label in LISTS.items()]
    return pl.DataFrame(rows, schema=["name", "label", "told"], orient="row")


def _listed(values: dict[str, int] | list[dict[str, Any]]) -> str:
    """Values with their counts: BTC 4, ETH 2. A dash when there are none."""
    pairs = (
        values.items() if isinstance(values, dict) else (tuple(each.values()) for each in values)
    )
    return ", ".join(f"{value} {format.count(count)}" for value, count in pairs) or format.NULL
