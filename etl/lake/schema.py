"""The lake's contract: the columns of an event, in order. Never holds data.

lake/events/<source>/<span>/<transaction>-<n>.parquet   sorted by user_id, event_time, event_id
lake/rejected/<transaction>.parquet                     rejected rows as received
lake/log/<transaction>.json                             what counts: see etl/lake/log.py
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from etl.duck import listed

LAKE_VERSION: Final = 2


@dataclass(frozen=True)
class Column:
    """A column of the lake's files: its name, its DuckDB type, what it is."""

    name: str
    type: str
    note: str


@dataclass(frozen=True)
class EventColumn(Column):
    """A column of an event, and the names under which exports hold what fills it.

    aliases  fields of a flat record, most telling first; case and punctuation do not matter
    nested   keys within an event's own properties, as trackers write them
    fills    what fills it, where that is still to be read and is called otherwise: a page is
             read from a `url`
    """

    aliases: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()
    fills: str = ""

    @property
    def role(self) -> str:
        """The name of what fills it."""
        return self.fills or self.name


# A new one needs a line here, in etl/normalise/sql/typed_rows.sql and in
# warehouse/models/marts/session_events.sql. It is null in all files that were written before, and
# what fills it stays in the properties as well (see etl/formats/field_map.py).
EVENT_COLUMNS: Final = (
    EventColumn(
        "event_id",
        "VARCHAR",
        "Given by the source, else derived from the row.",
        aliases=("event_id", "event_uuid", "uuid", "message_id", "insert_id"),
    ),
    EventColumn("source", "VARCHAR", "Name of the source; with event_id the key."),
    EventColumn("stream", "VARCHAR", "How its source sessionises: inactivity or tracker."),
    EventColumn(
        "user_id",
        "VARCHAR",
        "Known id, else the anonymous id.",
        aliases=(
            *("user_id", "uid", "user", "distinct_id", "customer_id", "member_id"),
            "person_id",
        ),
    ),
    EventColumn(
        "anonymous_id",
        "VARCHAR",
        "The anonymous id as received.",
        aliases=(
            *("anonymous_id", "anon_id", "visitor_id", "device_id", "cookie_id"),
            "client_id",
        ),
    ),
    EventColumn(
        "event_time",
        "TIMESTAMP",
        "UTC, microseconds.",
        aliases=(
            *("event_time", "event_timestamp", "timestamp", "time", "ts", "datetime"),
            *("occurred_at", "created_at", "date", "t"),
        ),
        fills="time",
    ),
    EventColumn(
        "event_type",
        "VARCHAR",
        "snake_case, aliases resolved.",
        aliases=("event_type", "event_name", "event", "type", "action"),
        fills="type",
    ),
    EventColumn(
        "page",
        "VARCHAR",
        "Path without host, query string and fragment.",
        aliases=("url", "page_url", "current_url", "page", "page_path", "path"),
        nested=("url", "$current_url", "page_url", "page", "path"),
        fills="url",
    ),
    EventColumn(
        "page_host",
        "VARCHAR",
        "Host of the page's URL.",
        aliases=("page_host", "host", "hostname"),
    ),
    EventColumn(
        "referrer",
        "VARCHAR",
        "As received.",
        aliases=("referrer", "referer", "page_referrer"),
        nested=("referrer", "$referrer", "referer"),
    ),
    EventColumn(
        "campaign",
        "VARCHAR",
        "Campaign name, given or from utm_campaign.",
        aliases=("campaign", "utm_campaign", "campaign_name"),
        nested=("campaign", "utm_campaign"),
    ),
    EventColumn(
        "device_type",
        "VARCHAR",
        "desktop, mobile, tablet, bot or other; null when unknown.",
        aliases=("device_type", "device", "platform"),
        nested=("device_type", "$device_type", "deviceType", "device"),
        fills="device",
    ),
    EventColumn(
        "browser",
        "VARCHAR",
        "Browser family.",
        aliases=("browser", "browser_name"),
        nested=("browser", "$browser"),
    ),
    EventColumn(
        "os",
        "VARCHAR",
        "Operating system family.",
        aliases=("os", "os_name", "operating_system"),
        nested=("os", "$os"),
    ),
    EventColumn(
        "tracker_session_id",
        "VARCHAR",
        "The tracker's own session id.",
        aliases=("tracker_session_id", "session_id", "session", "visit_id"),
        nested=("session_id", "$session_id", "sessionId"),
    ),
    EventColumn(
        "chat_id",
        "VARCHAR",
        "Conversation id of an LLM chat.",
        aliases=("chat_id", "conversation_id", "thread_id"),
        nested=("chat_id", "chatId", "conversation_id"),
    ),
    EventColumn(
        "session_type",
        "VARCHAR",
        "Kind of visit, as the product names it.",
        aliases=("session_type",),
        nested=("session_type", "sessionType"),
    ),
    EventColumn(
        "experiment_id",
        "VARCHAR",
        "Experiment the user is in.",
        aliases=("experiment_id", "experiment"),
        nested=("experiment_id", "experimentId"),
    ),
    EventColumn(
        "model_group",
        "VARCHAR",
        "Model group the user is in.",
        aliases=("model_group",),
        nested=("model_group", "modelGroup"),
    ),
    EventColumn(
        "query_type",
        "VARCHAR",
        "Kind of query.",
        aliases=("query_type",),
        nested=("query_type", "queryType"),
    ),
    EventColumn(
        "tags",
        "VARCHAR[]",
        "Tags of the event or its session document.",
        aliases=("tags",),
        nested=("tags",),
    ),
    EventColumn(
        "assets",
        "VARCHAR[]",
        "Assets (symbols) that the event is about.",
        aliases=("assets", "symbols"),
        nested=("assets",),
    ),
    EventColumn(
        "properties",
        "VARCHAR",
        "JSON text of everything else; null when nothing else came.",
    ),
)

# Which batch a row is of (Batch.number). No part of an event, so no model sees it.
BATCH_NUMBER: Final = Column("batch_number", "BIGINT", "Number of the batch that brought it.")
FILE_COLUMNS: Final = (*EVENT_COLUMNS, BATCH_NUMBER)

REJECTED_COLUMNS: Final = (
    Column("batch_id", "VARCHAR", "The batch that rejected it."),
    Column("source", "VARCHAR", "Name of the source."),
    Column("file", "VARCHAR", "The file as it was given."),
    Column("line", "BIGINT", "Line of the file; row number in formats without lines."),
    Column("reason", "VARCHAR", "Why, in a few words that are the same for the same fault."),
    Column("raw", "VARCHAR", "The row as received."),
)


def names_of(columns: Iterable[Column]) -> str:
    """SQL of the columns' names, in their order."""
    return ", ".join(column.name for column in columns)


def empty_table(columns: Iterable[Column]) -> str:
    """A select of the columns with no rows, for a lake that holds nothing yet."""
    nulls = ", ".join(f"null::{column.type} as {column.name}" for column in columns)
    return f"select {nulls} where false"


def table_in(files: Sequence[object], columns: Iterable[Column], *options: str) -> str:
    """SQL of the table in files of the lake: these columns, each null where a file lacks it.

    `options`: of read_parquet, such as `filename = true`, which add columns of their own. Of no
    file: no row, and no such columns.
    """
    columns = tuple(columns)
    if not files:
        return f"({empty_table(columns)})"
    # By name and not by a schema that is given: that would cost a third of a build, as the engine
    # then makes no use of what files say of their values. Where no file has a column, the table
    # without rows has it.
    given = ", ".join(["hive_partitioning = false", "union_by_name = true", *options])
    rows = f"from read_parquet({listed(files)}, {given})"
    return f"({empty_table(columns)} union all by name {rows})"
