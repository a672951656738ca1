"""The shapes of what the tools answer: their output schemas are made of these."""

from typing import Any, NotRequired

# Python 3.11's own is not read where one holds another.
from typing_extensions import TypedDict


class OfBuild(TypedDict):
    """What every answer tells.

    build      the number of the build that was read
    as_of      newest event loaded, in the reporting time zone; null without events
    time_zone  the reporting time zone
    """

    build: int
    as_of: str | None
    time_zone: str


class Listed(OfBuild):
    """What an answer with rows tells beside them.

    rows_total   how many there are; null: more than were counted
    truncated    whether some were left out
    next_offset  where the next rows begin
    note         what to do about it, or what else to know
    """

    rows_total: int | None
    truncated: bool
    next_offset: NotRequired[int]
    note: NotRequired[str]


class Asset(TypedDict):
    """How many sessions name an asset."""

    symbol: str
    count: int


class Tag(TypedDict):
    """How many sessions name a tag."""

    tag: str
    count: int


class SessionAnalytics(OfBuild):
    """The session statistics: durations in seconds, rates from 0 to 1."""

    status: str
    total_sessions: int
    active_sessions: int
    archived_sessions: int
    total_queries: int
    avg_duration_seconds: float
    avg_queries_per_session: float
    abandonment_rate: float
    period_days: int
    user_id: str | None
    session_type: str | None
    top_assets: list[Asset]
    query_type_distribution: dict[str, int]
    session_type_breakdown: dict[str, int]
    popular_tags: list[Tag]
    message: NotRequired[str]
    benchmark: NotRequired[Any]
    truncated: NotRequired[bool]
    note: NotRequired[str]


class MetricEntry(TypedDict):
    """One metric that can be asked for; better: up, down or neither."""

    name: str
    label: str
    unit: str
    better: str
    definition: str


class DimensionEntry(TypedDict):
    """One property of sessions: what conditions name, and, if by is true, query_metric's by too.

    values are told where they are settled; else query_metric finds those of the data.
    """

    name: str
    label: str
    scope: str
    kind: str
    by: bool
    values: NotRequired[list[str]]


class SegmentEntry(TypedDict):
    """One named choice of sessions."""

    name: str
    label: str


class Metrics(OfBuild):
    """What query_metric can be asked."""

    metrics: list[MetricEntry]
    dimensions: list[DimensionEntry]
    segments: list[SegmentEntry]
    grains: list[str]
    compare: list[str]
    conditions: str
    first_day: str | None
    last_day: str | None


class MetricRow(TypedDict):
    """One number.

    group          first day of the day, week or month, or the value of the property
    value          of the whole period; null where nothing can be measured
    low, high      the 95 % interval of a rate
    session_count  of one number, and of a value of a property: the sessions that it is of
    share          of a value of a property: the part of all sessions
    previous       of the compared period, beside `current` of the complete days alone
    change         from previous to current: of rates in points (0.01 is one), else relative
    is_complete    false of a period that still goes on, or is cut by the ends
    """

    group: NotRequired[str | None]
    value: float | int | None
    low: NotRequired[float | None]
    high: NotRequired[float | None]
    session_count: NotRequired[int]
    share: NotRequired[float | None]
    current: NotRequired[float | int | None]
    previous: NotRequired[float | int | None]
    change: NotRequired[float | None]
    is_complete: NotRequired[bool]


class MetricAnswer(Listed):
    """One metric, and of what it is. `total` is of all values of a property together."""

    metric: str
    label: str
    unit: str
    better: str
    by: str | None
    start: str | None
    end: str | None
    where: dict[str, list[str]]
    segments: list[str]
    include_bots: bool
    comparison: NotRequired[str]
    total: NotRequired[MetricRow]
    rows: list[MetricRow]


class TableEntry(TypedDict):
    """One table, or a relation that run_sql fills with the sessions of its conditions."""

    name: str
    comment: str | None
    is_relation: bool


class ColumnEntry(TypedDict):
    """One column."""

    name: str
    type: str
    comment: str | None


class Tables(Listed):
    """The tables, or of one table its columns; examples are queries to begin with."""

    tables: NotRequired[list[TableEntry]]
    table: NotRequired[str]
    comment: NotRequired[str | None]
    columns: NotRequired[list[ColumnEntry]]
    examples: NotRequired[dict[str, str]]


class SqlColumn(TypedDict):
    """One column of an answer."""

    name: str
    type: str


class SqlAnswer(Listed):
    """Rows of a query: lists in the order of the columns. Times without offset are UTC."""

    columns: list[SqlColumn]
    rows: list[list[Any]]


class UserFacts(TypedDict):
    """Who a user is, over all time; times in the reporting time zone."""

    user_id: str
    is_anonymous: bool | None
    is_bot: bool | None
    pattern: str | None
    first_event_time: str | None
    last_event_time: str | None
    session_count: int
    active_day_count: int | None
    action_count: int | None
    error_count: int | None
    avg_duration_seconds: float | None
    device_type: str | None


class TimelineSession(TypedDict):
    """One session of a user. pages: the first of them, page_count: how many it saw."""

    session_id: str
    start_time: str | None
    end_time: str | None
    duration_seconds: float
    engaged_seconds: float | None
    session_type: str | None
    device_type: str | None
    pages: list[str]
    page_count: int
    event_count: int
    action_count: int
    error_count: int
    exit_reason: str | None
    is_open: bool
    is_bounce: bool | None


class Timeline(Listed):
    """A user, and the sessions that began in the period, newest first."""

    user: UserFacts
    start: str | None
    end: str | None
    sessions: list[TimelineSession]


class ChatTurn(TypedDict):
    """A prompt with its response; the texts with show_texts alone."""

    prompt_event: int | None
    response_event: int | None
    prompt_type: str | None
    model: str | None
    latency_ms: float | None
    feedback: str | None
    is_error: bool | None
    is_rephrased: bool | None
    prompt_text: NotRequired[str | None]
    response_text: NotRequired[str | None]


class SessionEvent(TypedDict):
    """One event; what it would say nothing about is left out.

    detail  what was clicked, which workflow and step, which model
    turn    of a response, or of a prompt without one: the turn of the chat
    """

    number: int
    time: str | None
    seconds: float
    type: str
    page: str | None
    detail: NotRequired[str]
    is_error: NotRequired[bool]
    turn: NotRequired[ChatTurn]


class SessionPattern(TypedDict):
    """What a session looks like, how sure that is (0 to 1), and by what."""

    name: str
    confidence: float | None
    indicators: list[str]


class SessionAnswer(Listed):
    """One session: its facts, why it began and ended, and its events in their order."""

    session_id: str
    facts: dict[str, Any]
    began: str | None
    ended: str | None
    pattern: NotRequired[SessionPattern]
    previous_session: NotRequired[str]
    next_session: NotRequired[str]
    events: list[SessionEvent]
