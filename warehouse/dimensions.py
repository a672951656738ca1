"""The registry of dimensions: what sessions are filtered and broken down by. Never reads data.

A dimension is declared here. One that is no column of `user_sessions` has its line in
`queries/_dimensioned_sessions.sql`, or, of users, in `queries/_user_facts.sql`; everything else
loops over this list.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from etl.errors import refuse_unknown

NOT_KNOWN = "(not known)"

Scope = Literal["session has", "entry is", "user is"]
Kind = Literal["text", "page", "flag", "number"]


@dataclass(frozen=True)
class Dimension:
    """One property of sessions.

    name     as conditions, addresses and queries name it
    label    as readers see it
    scope    what the value is of: something of the session, its entry, or its user
    kind     what conditions can ask: a page also by its beginning, a number also by a range;
             a flag is true or false
    is_list  a session may have several values, and counts in each
    unknown  the word for sessions that have none
    values   all that it can be, where that is settled; else whatever the data holds
    group    the card of the overview that has a tab of it
    is_continuous  sessions are filtered by it, and not broken down: nearly each has its own value
    column   of the sessions; the name unless given. A build that was made before the column was
             is read all the same, until somebody asks for it
    """

    name: str
    label: str
    scope: Scope = "session has"
    kind: Kind = "text"
    is_list: bool = False
    unknown: str = NOT_KNOWN
    values: tuple[str, ...] = ()
    column: str = ""
    group: str = "What"
    is_continuous: bool = False


FLAG = ("true", "false")
PAGES, ORIGIN, TECHNOLOGY, WHAT = "Pages", "Acquisition", "Technology", "What"
END, WHO = "How it went", "Who and when"
GROUPS = (PAGES, ORIGIN, TECHNOLOGY, WHAT, END, WHO)

DIMENSIONS = (
    Dimension("source", "Source", is_list=True, column="sources"),
    Dimension(
        "device_type",
        "Device",
        unknown="unknown",
        values=("desktop", "mobile", "tablet", "bot", "other"),
        group=TECHNOLOGY,
    ),
    Dimension("browser", "Browser", group=TECHNOLOGY),
    Dimension("os", "System", group=TECHNOLOGY),
    Dimension("entry_page", "Entry page", scope="entry is", kind="page", group=PAGES),
    Dimension("exit_page", "Exit page", kind="page", group=PAGES),
    Dimension("entry_source", "Source of entry", scope="entry is", group=ORIGIN),
    Dimension("referrer_host", "Referrer", scope="entry is", group=ORIGIN),
    Dimension("campaign", "Campaign", group=ORIGIN),
    Dimension("session_type", "Session type"),
    Dimension("tag", "Tag", is_list=True, column="tags"),
    Dimension("asset", "Asset", is_list=True, column="assets"),
    Dimension("query_type", "Query type", is_list=True, column="query_types"),
    Dimension("experiment_id", "Experiment"),
    Dimension("model_group", "Model"),
    Dimension("pattern", "Pattern", group=END),
    Dimension("exit_reason", "End of session", group=END),
    Dimension("is_abandoned", "Abandoned", kind="flag", values=FLAG, group=END),
    Dimension("is_new_user", "First session of the user", kind="flag", values=FLAG, group=WHO),
    Dimension("hour", "Hour of start", kind="number", group=WHO),
    Dimension("weekday", "Weekday of start", kind="number", group=WHO),
    Dimension("user_pattern", "Pattern of the user", scope="user is", group=WHO),
    Dimension("cohort_month", "Month of the user's first event", scope="user is", group=WHO),
    Dimension(
        "activity_level",
        "Activity of the user",
        scope="user is",
        values=("power_user", "regular_user", "occasional_user"),
        group=WHO,
    ),
)

NUMBERS = tuple(
    replace(dimension, kind="number", is_continuous=True)
    for dimension in (
        Dimension("duration_seconds", "Duration in seconds"),
        Dimension("engaged_seconds", "Engaged seconds"),
        Dimension("event_count", "Events"),
        Dimension("action_count", "Actions"),
        Dimension("page_view_count", "Page views"),
        Dimension("query_count", "Queries"),
        Dimension("error_count", "Errors"),
        Dimension("session_number", "Number of the session"),
        Dimension("user_session_count", "Sessions of the user", scope="user is"),
    )
)

FILTERS = (*DIMENSIONS, *NUMBERS)

BY_NAME = {dimension.name: dimension for dimension in FILTERS}


def own_dimensions(rows: Iterable[Mapping[str, Any]]) -> tuple[Dimension, ...]:
    """The dimensions that dwell.toml declared, out of the rows of a build's `dimensions`."""
    names = ("name", "label", "scope", "kind", "is_list", "is_continuous")
    own = (row for row in rows if row["is_own"])
    return tuple(
        Dimension(
            **{name: row[name] for name in names}, values=FLAG if row["kind"] == "flag" else ()
        )
        for row in own
    )


def broken_down_by(dimensions: Iterable[Dimension]) -> tuple[Dimension, ...]:
    """Those by whose values sessions are also broken down."""
    return tuple(dimension for dimension in dimensions if not dimension.is_continuous)


def dimension_named(name: str, among: Iterable[Dimension] = DIMENSIONS) -> Dimension:
    """The dimension of that name. ConfigError, with the valid ones, when there is none."""
    known = {dimension.name: dimension for dimension in among}
    refuse_unknown("dimension", name, known)
    return known[name]
