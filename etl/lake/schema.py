"""The lake's contract: the columns of an event, in order. Never holds data.

lake/events/event_date=2026-11-20/<batch>-<n>.parquet   sorted by user_id, event_time, event_id
lake/rejected/<batch>.parquet                           rejected rows as received
lake/commits/<batch>.json                               a batch exists when this record does
"""

from typing import Final

LAKE_VERSION: Final = 1

# name, DuckDB type, what it is.
EVENT_COLUMNS: Final = (
    ("event_id", "VARCHAR", "Given by the source, else derived from the row."),
    ("source", "VARCHAR", "Name of the source; with event_id the key."),
    ("stream", "VARCHAR", "How its source sessionises: inactivity or tracker."),
    ("user_id", "VARCHAR", "Known id, else the anonymous id."),
    ("anonymous_id", "VARCHAR", "The anonymous id as received."),
    ("event_time", "TIMESTAMP", "UTC, microseconds."),
    ("event_type", "VARCHAR", "snake_case, aliases resolved."),
    ("page", "VARCHAR", "Path without host, query string and fragment."),
    ("page_host", "VARCHAR", "Host of the page's URL."),
    ("referrer", "VARCHAR", "As received."),
    ("campaign", "VARCHAR", "Campaign name, given or from utm_campaign."),
    ("device_type", "VARCHAR", "desktop, mobile, tablet, bot or other; null when unknown."),
    ("browser", "VARCHAR", "Browser family."),
    ("os", "VARCHAR", "Operating system family."),
    ("tracker_session_id", "VARCHAR", "The tracker's own session id."),
    ("chat_id", "VARCHAR", "Conversation id of an LLM chat."),
    ("session_type", "VARCHAR", "Kind of visit, as the product names it."),
    ("experiment_id", "VARCHAR", "Experiment the user is in."),
    ("model_group", "VARCHAR", "Model group the user is in."),
    ("query_type", "VARCHAR", "Kind of query."),
    ("tags", "VARCHAR[]", "Tags of the event or its session document."),
    ("assets", "VARCHAR[]", "Assets (symbols) that the event is about."),
    ("properties", "VARCHAR", "JSON text of everything else; null when nothing else came."),
)

# name, DuckDB type, what it is.
REJECTED_COLUMNS: Final = (
    ("batch_id", "VARCHAR", "The batch that rejected it."),
    ("source", "VARCHAR", "Name of the source."),
    ("file", "VARCHAR", "The file as it was given."),
    ("line", "BIGINT", "Line of the file; row number in formats without lines."),
    ("reason", "VARCHAR", "Why, in a few words that are the same for the same fault."),
    ("raw", "VARCHAR", "The row as received."),
)


def empty_table(columns: tuple[tuple[str, str, str], ...]) -> str:
    """A select of the columns with no rows, for a lake that holds nothing yet."""
    return (
        "select "
        + ", ".join(f"null::{kind} as {name}" for name, kind, _ in columns)
        + (" where false")
    )
