"""The registry of dimensions: what sessions are filtered and broken down by. Never reads data.

A dimension is declared here. One that is no column of `user_sessions` has its line in
`queries/_dimensioned_sessions.sql`, or, of users, in `queries/_user_facts.sql`; everything else
loops over this list.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

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

# Sessions are filtered by these, and not broken down: nearly each has a value of its own.
NUMBERS = (
    Dimension("duration_seconds", "Duration in seconds", kind="number"),
    Dimension("engaged_seconds", "Engaged seconds", kind="number"),
    Dimension("event_count", "Events", kind="number"),
    Dimension("action_count", "Actions", kind="number"),
    Dimension("page_view_count", "Page views", kind="number"),
    Dimension("query_count", "Queries", kind="number"),
    Dimension("error_count", "Errors", kind="number"),
    Dimension("session_number", "Number of the session", kind="number"),
    Dimension("user_session_count", "Sessions of the user", scope="user is", kind="number"),
)

FILTERS = (*DIMENSIONS, *NUMBERS)

BY_NAME = {dimension.name: dimension for dimension in FILTERS}


def dimension_named(name: str, among: Iterable[Dimension] = DIMENSIONS) -> Dimension:
    """The dimension of that name. ConfigError, with the valid ones, when there is none."""
    known = {dimension.name: dimension for dimension in among}
    refuse_unknown("dimension", name, known)
    return known[name]
