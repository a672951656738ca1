"""One session: its events, what lies beside it, and how it came to be cut as it is."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from etl.errors import ConfigError
from warehouse.connection import Warehouse
from warehouse.metrics import session_sentences as sentences
from warehouse.query import run
from warehouse.typed_texts import TEXT_WORDS

if TYPE_CHECKING:
    import polars as pl

# Timeouts that people choose from, in minutes.
MINUTES = (5, 10, 15, 20, 30, 45, 60, 90, 120)
_ID = re.compile(r"([0-9a-f]{15})-([0-9a-f]{16})")
_SINCE = datetime.fromisoformat("1970-01-01")
# Columns of a session that the head of its page tells.
HEADER = (
    *("user_id", "session_number", "stream", "sources", "start_time", "end_time"),
    *("duration_seconds", "engaged_seconds", "event_count", "action_count", "page_view_count"),
    *("query_count", "error_count", "device_type", "browser", "os", "entry_page", "exit_page"),
    *("entry_source", "session_type", "experiment_id", "model_group", "tags"),
)
FLAGS = ("is_open", "is_bounce", "is_abandoned", "is_suspect", "is_bot")


def one(wh: Warehouse, session_id: str) -> "pl.DataFrame":
    """The session of that id.

    Columns: all of `user_sessions`. No rows when the session is unknown.
    """
    return run(wh, "sessions.one", session_id=session_id)


def resolve(wh: Warehouse, session_id: str) -> "pl.DataFrame":
    """The session that an id names: its own, else the one that holds the id's first event now.

    A late event can make a session begin earlier, or become part of another, and so change its
    id. The old one still tells the event that it was made of. Column: session_id. One row; no rows
    when neither is in this build.
    """
    first_time, first_event = _parts_of(session_id)
    return run(
        wh,
        "sessions.resolve",
        session_id=session_id,
        first_time=first_time,
        first_event=first_event,
    )


def _parts_of(session_id: str) -> tuple[datetime | None, str | None]:
    """Time and hash of the event that an id is made of; None where it is no such id."""
    parts = _ID.fullmatch(session_id)
    try:
        return (
            (_SINCE + timedelta(microseconds=int(parts[1], 16)), parts[2]) if parts else (None,) * 2
        )
    except OverflowError:
        return None, None


def events(
    wh: Warehouse,
    session_id: str,
    event_type: str | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> "pl.DataFrame":
    """Events of one session in their order: all, or one page of those of one type.

    Columns: those of `users.session_events`; gaps are between all events of the session. No rows
    when the session is unknown.
    """
    return run(
        wh,
        "sessions.events",
        session_id=session_id,
        event_type=event_type,
        row_limit=limit,
        row_offset=offset,
        idle_limit=wh.setting("idle_timeout").total_seconds(),
    )


def event_types(wh: Warehouse, session_id: str) -> "pl.DataFrame":
    """How many events of each type a session has, most first.

    Columns: event_type, event_count. No rows when the session is unknown.
    """
    return run(wh, "sessions.event_types", session_id=session_id)


def event(wh: Warehouse, session_id: str, event_number: int) -> "pl.DataFrame":
    """One event of a session, with all that is known of it.

    Columns: all of `session_events`. No rows when there is no such event.
    """
    return run(wh, "sessions.event", session_id=session_id, event_number=event_number)


def replay(wh: Warehouse, session_id: str) -> "pl.DataFrame":
    """What a replay needs of each event of a session, in their order; no text that was typed.

    Columns: event_number, milliseconds (since the start), event_type, page, source, is_action,
    is_error, scroll_percent (of a scroll that tells it), detail (what was clicked, which workflow
    and step, which model; else null), is_of_chat. No rows when the session is unknown.
    """
    return run(wh, "sessions.replay", session_id=session_id)


def runs(wh: Warehouse, session_id: str) -> "pl.DataFrame":
    """Runs of workflows that were started in a session.

    Columns: workflow_id, workflow_name, status, last_step, start_time, end_time,
    seconds_since_start (of the session), duration_seconds. No rows when there are none.
    """
    return run(wh, "sessions.runs", session_id=session_id)


def turns(
    wh: Warehouse,
    session_id: str,
    show_texts: bool = False,
    limit: int | None = None,
    offset: int = 0,
) -> "pl.DataFrame":
    """Turns of the chats in a session: each prompt with its response, and what was done with it.

    All of them, or one page. `prompt_text` and `response_text` are null without `show_texts`. A
    prompt with several responses has a row for each. What of a turn lies in another visit is null
    here; the whole of it stands in `chat_turns`, as docs/definitions.md has it. Columns: chat_id,
    turn_number (within the chat), prompt_event_number,
    response_event_number, prompt_time, response_time, prompt_type, prompt_length, latency_ms,
    model, provider, response_length, is_error, is_copied, is_selected, is_citation_opened,
    feedback (up, down, neutral), is_rephrased, prompt_text, response_text. What a response would
    tell is null where there is none. No rows in a session without a chat.
    """
    return run(
        wh,
        "sessions.turns",
        words=TEXT_WORDS,
        session_id=session_id,
        show_texts=show_texts,
        row_limit=limit,
        row_offset=offset,
    )


def neighbours(wh: Warehouse, session_id: str, same_stream: bool = False) -> "pl.DataFrame":
    """The user's sessions before and after one, in the order of their numbers.

    Those of all streams, or with `same_stream` those of its own that are cut as it is, by silence
    or by a tracker's ids: they show what cut it. Columns: neighbour (previous, next), session_id,
    start_time, end_time, first_event_type, last_event_type, pause_seconds (from the end of one to
    the start of the other; below 0 where they overlap). No rows when there are none, or the session
    is unknown.
    """
    return run(
        wh,
        "sessions.neighbours",
        session_id=session_id,
        same_stream=same_stream,
    )


def cuts(wh: Warehouse, session_id: str, minutes: Sequence[float] = MINUTES) -> "pl.DataFrame":
    """What other timeouts would make of a session; the build's own is always among them.

    A shorter one can cut its events into several sessions, a longer one join it with those of the
    user before and after it. What ends or starts a session still does; where a tracker's id tells
    what one session is, no timeout changes it. Columns: timeout_minutes, piece_count (its own
    events in so many sessions; null where they were pruned), joined_before_count,
    joined_after_count (sessions that would be one with it), is_own (the timeout of this build). No
    rows when the session is unknown.
    """
    if any(number <= 0 for number in minutes):
        msg = f"minutes is {tuple(minutes)}: a timeout is longer than 0. Leave others out."
        raise ConfigError(msg)
    own = round(wh.setting("timeout").total_seconds() * 1e6)
    return run(
        wh,
        "sessions.cuts",
        session_id=session_id,
        timeouts_us=[own, *(round(number * 6e7) for number in minutes)],
        own_timeout_us=own,
        ends=list(wh.setting("ends")),
        starts=list(wh.setting("starts")),
    )


def story(wh: Warehouse, session_id: str) -> "pl.DataFrame":
    """What is to be told of a session beside its events, one fact a row, all as text.

    Kinds and their facts, null where a fact is not known:
    header     columns of `user_sessions` by their names; lists with commas
    flag       is_open, is_bounce, is_abandoned, is_suspect, is_bot where they hold: true
    start      reason (first, silence, ended_before, start_event, tracker_id), sentence
    end        reason (timeout, logout, navigation, error, open), last_event, sentence
    pattern    name, confidence, and an indicator in each further row
    neighbour  previous, previous_pause_seconds, next, next_pause_seconds; none where there is none
    cut        a timeout such as 30 m, and what it would make of the session

    Columns: kind, fact, value. No rows when the session is unknown.
    """
    import polars as pl

    found = one(wh, session_id)
    rows: list[tuple[str, str, str | None]] = []
    if found.height:
        row = found.row(0, named=True)
        own, beside = (_beside(wh, session_id, same_stream=same) for same in (True, False))
        rows += [("header", name, _text(row[name])) for name in HEADER]
        rows += [("flag", name, "true") for name in FLAGS if row[name]]
        rows += sentences.start(wh, row, own.get("previous"), beside.get("previous"))
        rows += sentences.end(wh, row, _last_event(wh, row), own.get("next"), beside.get("next"))
        rows += _pattern(row)
        for name, other in beside.items():
            rows.append(("neighbour", name, other["session_id"]))
            rows.append(("neighbour", f"{name}_pause_seconds", _text(other["pause_seconds"])))
        rows += [sentences.cut(each) for each in cuts(wh, session_id).to_dicts()]
    return pl.DataFrame(
        rows, schema=dict.fromkeys(("kind", "fact", "value"), pl.String), orient="row"
    )


def _beside(wh: Warehouse, session_id: str, *, same_stream: bool) -> dict[str, dict[str, Any]]:
    frame = neighbours(wh, session_id, same_stream=same_stream)
    return {each["neighbour"]: each for each in frame.to_dicts()}


def _last_event(wh: Warehouse, row: dict[str, Any]) -> dict[str, Any]:
    # A session whose events were pruned has none.
    last = events(wh, row["session_id"], limit=1, offset=max(row["event_count"] - 1, 0))
    return last.row(0, named=True) if last.height else {"event_type": None, "properties": None}


def _pattern(row: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    if row["pattern"] is None:
        return []
    told = [
        ("pattern", "name", row["pattern"]),
        ("pattern", "confidence", _text(row["pattern_confidence"])),
    ]
    return told + [("pattern", "indicator", each) for each in row["pattern_indicators"] or ()]


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, list):
        return ", ".join(value)
    return value.isoformat() if isinstance(value, datetime) else str(value)
