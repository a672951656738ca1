"""The registry of dimensions: what sessions are filtered and broken down by. Never reads data.

A dimension is declared here, and has its condition and its key in
`queries/_scoped_sessions.sql`; everything else loops over this list.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from etl.errors import ConfigError, did_you_mean

NOT_KNOWN = "(not known)"

Scope = Literal["session has", "entry is", "user is"]


@dataclass(frozen=True)
class Dimension:
    """One property of sessions.

    name     as conditions, addresses and queries name it
    label    as readers see it
    scope    what the value is of: something of the session, its entry, or its user
    is_list  a session may have several values, and counts in each
    unknown  the word for sessions that have none
    values   all that it can be, where that is settled; else whatever the data holds
    """

    name: str
    label: str
    scope: Scope = "session has"
    is_list: bool = False
    unknown: str = NOT_KNOWN
    values: tuple[str, ...] = ()


DIMENSIONS = (
    Dimension("source", "Source", is_list=True),
    Dimension(
        "device_type",
        "Device",
        unknown="unknown",
        values=("desktop", "mobile", "tablet", "bot", "other"),
    ),
    Dimension("browser", "Browser"),
    Dimension("os", "System"),
    Dimension("entry_page", "Entry page", scope="entry is"),
    Dimension("exit_page", "Exit page"),
    Dimension("entry_source", "Source of entry", scope="entry is"),
    Dimension("campaign", "Campaign"),
    Dimension("session_type", "Session type"),
    Dimension("tag", "Tag", is_list=True),
    Dimension("asset", "Asset", is_list=True),
    Dimension("experiment_id", "Experiment"),
    Dimension("model_group", "Model"),
    Dimension("pattern", "Pattern"),
    Dimension("exit_reason", "End of session"),
)

BY_NAME = {dimension.name: dimension for dimension in DIMENSIONS}


def dimension_named(name: str, among: Iterable[Dimension] = DIMENSIONS) -> Dimension:
    """The dimension of that name. ConfigError, with the valid ones, when there is none."""
    known = {dimension.name: dimension for dimension in among}
    if name not in known:
        msg = f"Unknown dimension '{name}'. {did_you_mean(name, tuple(known))}"
        raise ConfigError(msg)
    return known[name]
