"""Why a session began and ended, in sentences with their evidence. Never reads data."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from warehouse.written import duration

if TYPE_CHECKING:
    from warehouse.connection import Warehouse

# Said where another timeline tells something else.
_HERE = " in its timeline"
Fact = tuple[str, str, str | None]
Row = dict[str, Any]


def start(wh: Warehouse, row: Row, previous: Row | None, nearest: Row | None) -> list[Fact]:
    """Why it began where it did: what came before in its stream, and what nearer, in any."""
    limit = wh.setting("timeout").total_seconds()
    is_other = _is_other(nearest, previous)
    here = _HERE if is_other else ""
    if row["given_session_id"] is not None:
        reason = "tracker_id"
        sentence = "It began with the first event that carries the tracker's session id."
    elif previous is None:
        reason = "first"
        sentence = "It began with the user's first event"
        sentence += here
        sentence += "." if row["stream"] == "inactivity" else " without a tracker's session id."
    elif previous["last_event_type"] in wh.setting("ends"):
        reason = "ended_before"
        sentence = (
            f"It began because the session before had ended with {previous['last_event_type']}, "
            f"{_span(previous['pause_seconds'])} earlier."
        )
    elif previous["pause_seconds"] > limit:
        reason = "silence"
        sentence = (
            f"It began after {_span(previous['pause_seconds'])} without an event{here}: longer "
            f"than the timeout of {_span(limit)}."
        )
    else:
        reason = "start_event"
        sentence = "It began with an event that always starts a session."
    if reason != "tracker_id" and _is_other(nearest, previous):
        sentence += _elsewhere(
            nearest, "The user's session before, in another timeline, ended", "earlier"
        )
    return [("start", "reason", reason), ("start", "sentence", sentence)]


def end(
    wh: Warehouse, row: Row, last: Row, following: Row | None, nearest: Row | None
) -> list[Fact]:
    """Why it ended, and what shows it: what came after in its stream, and what sooner, in any."""
    reason = row["exit_reason"] or "open"
    is_other = _is_other(nearest, following)
    sentence = _end(wh, row, last, following, _HERE if is_other else "")
    if reason != "open" and is_other:
        sentence += _elsewhere(nearest, "In another timeline the user went on", "later")
    return [
        ("end", "reason", reason),
        ("end", "last_event", last["event_type"]),
        ("end", "sentence", sentence),
    ]


def _end(wh: Warehouse, row: Row, last: Row, following: Row | None, here: str) -> str:
    kind = last["event_type"] or "event"
    at = _clock(row["end_time"], wh.time_zone)
    limit = _span(wh.setting("timeout").total_seconds())
    quiet = _quiet(wh, row, following, here)
    if row["exit_reason"] is None:
        return (
            f"Still open: its last event ({kind}, {at}) came {_until_as_of(wh, row)} before the "
            f"newest event loaded, within the timeout of {limit}."
        )
    if kind in wh.setting("ends"):
        if row["exit_reason"] == "timeout":
            return f"Ended by timeout: {kind} at {at} says that it had run out."
        return f"Ended by logout: its last event is {kind}, at {at}."
    if kind == "session_end" and _given_reason(last) == row["exit_reason"]:
        return f"Ended by {row['exit_reason']}: so says its session_end at {at}."
    if row["exit_reason"] == "error":
        return f"Ended by an error: its last event is {kind}, at {at}. {quiet}"
    if row["exit_reason"] == "navigation":
        return f"Ended by navigation: its last event, {kind} at {at}, left the page. {quiet}"
    if row["given_session_id"] is not None:
        return (
            f"Ended by timeout: its last event was {kind}, at {at}, and no later one carries its "
            f"tracker's id. {quiet}"
        )
    if following and following["pause_seconds"] <= _limit(wh):
        return (
            f"Ended after {kind} at {at}: the next event, {following['first_event_type']}, starts "
            "a session."
        )
    return f"Ended by timeout ({limit}): its last event was {kind}, at {at}. {quiet}"


def _quiet(wh: Warehouse, row: Row, following: Row | None, here: str) -> str:
    """How long nothing came."""
    if following is None:
        return (
            f"Nothing came{here} in the {_until_as_of(wh, row)} after it, up to the newest event "
            "loaded."
        )
    pause = following["pause_seconds"]
    if row["given_session_id"] is not None:
        if pause < 0:
            return "The tracker had begun another session of this user before."
        return f"The tracker began this user's next session {_span(pause)} later."
    return f"Nothing came{here} for {_span(pause)} after it."


def _is_other(nearest: Row | None, own: Row | None) -> bool:
    """Whether a session of another timeline lies nearer than that of its own."""
    return nearest is not None and (own is None or nearest["session_id"] != own["session_id"])


def _elsewhere(nearest: Row | None, words: str, side: str) -> str:
    pause = nearest["pause_seconds"] if nearest else 0
    if pause < 0:
        return " Meanwhile the user was active in another timeline."
    return f" {words} {_span(pause)} {side}."


def cut(row: Row) -> Fact:
    """What one timeout would make of a session: same, 3 sessions, joined with 2 before, 1 after."""
    before, after = row["joined_before_count"], row["joined_after_count"]
    parts = [f"{count:,} {word}" for count, word in ((before, "before"), (after, "after")) if count]
    value = f"joined with {', '.join(parts)}" if parts else "same"
    if (row["piece_count"] or 1) > 1:
        value = f"{row['piece_count']:,} sessions"
    return "cut", _span(row["timeout_minutes"] * 60), value


def _limit(wh: Warehouse) -> float:
    return float(wh.setting("timeout").total_seconds())


def _until_as_of(wh: Warehouse, row: Row) -> str:
    # Events may lie ahead of the clock.
    as_of = wh.as_of or row["end_time"]
    return _span(max((as_of - row["end_time"]).total_seconds(), 0.0))


def _given_reason(last: Row) -> str | None:
    try:
        values = json.loads(last["properties"] or "{}")
    except ValueError:
        return None
    told = values if isinstance(values, dict) else {}
    return told.get("exit_reason") or told.get("reason")


def _span(seconds: float) -> str:
    """A span with units of nothing left out: 30 m, 2 h 10 m."""
    words = duration(seconds).split(" ")
    pairs = [" ".join(words[at : at + 2]) for at in range(0, len(words), 2)]
    return " ".join(pair for pair in pairs if not pair.startswith(("0 ", "00 "))) or "0 s"


def _clock(moment: datetime, zone: str) -> str:
    at = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    return f"{at:%H:%M:%S}"
