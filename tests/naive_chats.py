"""A second, naive account of chats: sort, loop, if. Shares nothing with Dwell but the oracle's cut.

Written from the definitions of chats, not from the models.
"""

import json
import math
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from tests.oracle import Event, Oracle, Row

SECOND = timedelta(seconds=1)
ACTS = ("copy", "select", "citation_click", "feedback", "scroll", "error")
UP = ("up", "thumbs_up", "positive", "like", "1", "true", "+1")
DOWN = ("down", "thumbs_down", "negative", "dislike", "-1", "0", "false")


def naive_turns(oracle: Oracle) -> list[Row]:
    """The turns of all chats of the oracle's events, as chat_turns has them, in any order."""
    chats: dict[tuple[str, str | None, str | None], list[Event]] = {}
    for events, session in zip(oracle.cut, oracle.sessions, strict=True):
        for event in _of_chats(events, session):
            nameless_in = session["session_id"] if event["chat"] is None else None
            chats.setdefault((session["user_id"], event["chat"], nameless_in), []).append(event)
    return [row for key, events in chats.items() for row in _turns(key, oracle, events)]


def _of_chats(events: list[Event], session: Row) -> Iterator[Event]:
    """The events of a session that chats are made of, with what the session says of each."""
    chat = None
    told = [event | {"number": number} for number, event in enumerate(events, 1)]
    has_turns = any(event["event_type"] in ("prompt", "model_response") for event in events)
    scrolls: dict[str | None, Event] = {}
    for place, event in enumerate(told):
        kind = event["event_type"]
        chat = event["chat_id"] or chat
        asks = kind == "prompt" or (kind in ("query", "search") and chat is not None)
        if not (asks or kind == "model_response" or kind in ACTS):
            continue
        if chat is None and not has_turns:
            continue
        event |= {"chat": chat, "asks": asks, "session": session, "depth": None}
        if kind == "scroll":
            depth = _number(event, "depth")
            if chat in scrolls:
                first = scrolls[chat]
                first["depth"] = max(
                    (d for d in (first["depth"], depth) if d is not None), default=None
                )
                continue
            event["depth"] = depth
            scrolls[chat] = event
        elif asks or kind == "model_response":
            scrolls.pop(chat, None)
        event["later"] = told[place + 1 :]
        yield event


def _turns(
    key: tuple[str, str | None, str | None], oracle: Oracle, events: list[Event]
) -> Iterator[Row]:
    user, chat, _ = key
    events = sorted(events, key=oracle._order)
    turn, prompt = 0, None
    for place, event in enumerate(events):
        if event["asks"]:
            turn, prompt = turn + 1, event
            following = events[place + 1 :]
            kinds = ["asks" if e["asks"] else e["event_type"] for e in following]
            end = kinds.index("asks") if "asks" in kinds else len(kinds)
            if "model_response" not in kinds[:end]:
                yield _row(user, chat, turn, prompt, None, following[:end], None, oracle)
        elif event["event_type"] == "model_response":
            following = events[place + 1 :]
            acts = []
            for one in following:
                if one["asks"] or one["event_type"] == "model_response":
                    break
                acts.append(one)
            next_prompt = next((one for one in following if one["asks"]), None)
            yield _row(user, chat, turn, prompt, event, acts, next_prompt, oracle)


def _row(
    user: str,
    chat: str | None,
    turn: int,
    prompt: Event | None,
    response: Event | None,
    acts: list[Event],
    next_prompt: Event | None,
    oracle: Oracle,
) -> Row:
    event = response or prompt
    assert event is not None
    session = event["session"]
    kinds = [act["event_type"] for act in acts]
    row: Row = {
        "user_id": user,
        "chat_id": chat,
        "turn_number": turn,
        "session_id": session["session_id"],
        "session_number": session["session_number"],
        "prompt_event_id": prompt and prompt["event_id"],
        "prompt_time": prompt and prompt["event_time"],
        "prompt_type": prompt and _word(prompt, "query_type"),
        "response_event_id": response and response["event_id"],
        "response_time": response and response["event_time"],
        "model_group": event["model_group"] or session["model_group"],
        "is_error": "error" in kinds or (response is not None and bool(_told(event, "error"))),
        "is_open": session["is_open"],
        "deepest_scroll": max((a["depth"] for a in acts if a["depth"] is not None), default=None),
        "is_scrolled": "scroll" in kinds,
    }
    names = ("is_selected", "is_copied", "is_citation_opened", "feedback", "is_rephrased")
    judged = (*names, "is_silent_success", "is_silent_failure", "latency_ms", "read_seconds")
    row |= dict.fromkeys((*judged, "left_seconds", "prompt_tokens", "model"))
    return row if response is None else row | _of_response(response, prompt, acts, next_prompt)


def _of_response(
    response: Event, prompt: Event | None, acts: list[Event], next_prompt: Event | None
) -> Row:
    time, session, later = response["event_time"], response["session"], response["later"]
    kinds = [act["event_type"] for act in acts]
    passive = _PASSIVE
    leaves = [e for e in later if e["event_type"] not in passive or e["event_type"] == "idle"]
    idle = [e for e in later if e["event_type"] == "idle"]
    end = (idle or later[-1:] or [response])[0]["event_time"]
    used = "copy" in kinds or "select" in kinds
    opinions = [_opinion(act) for act in acts if act["event_type"] == "feedback"]
    rephrased = (
        not used and next_prompt is not None and next_prompt["event_time"] - time <= 20 * SECOND
    )
    is_last = not any(e["event_type"] == "model_response" for e in later)
    is_over = (
        is_last
        and all(e["event_type"] in passive for e in later)
        and not (used or opinions or "citation_click" in kinds)
    )
    failed: bool | None = rephrased or (is_over and end - time <= 20 * SECOND)
    if is_over and session["is_open"] and not rephrased:
        failed = None
    latency = _number(response, "latency_ms")
    if latency is None and prompt is not None and prompt["session"] is session:
        latency = (time - prompt["event_time"]) / timedelta(milliseconds=1)
    return {
        "is_selected": "select" in kinds,
        "is_copied": "copy" in kinds,
        "is_citation_opened": "citation_click" in kinds,
        "feedback": opinions[-1] if opinions else None,
        "is_rephrased": rephrased,
        "is_silent_success": used and not opinions,
        "is_silent_failure": failed,
        "latency_ms": latency,
        "read_seconds": (leaves[0]["event_time"] - time) / SECOND if leaves else None,
        "left_seconds": (end - time) / SECOND,
        "prompt_tokens": _tokens(response),
        "model": _word(response, "model"),
    }


# As the definitions list them.
_PASSIVE = frozenset(
    (
        *("heartbeat", "activity", "active", "idle", "scroll", "hover", "system"),
        *("model_response", "page_leave", "session_start", "session_end", "session_expired"),
        *("login", "logout", "token_refresh", "asset_request", "api_request", "redirect"),
        "background_request",
    )
)


def _told(event: Event, name: str) -> Any:
    return json.loads(event["properties"] or "{}").get(name)


def _word(event: Event, name: str) -> str | None:
    value = _told(event, name)
    return value if isinstance(value, str) else None


def _number(event: Event, name: str) -> float | None:
    return _as_number(_told(event, name))


def _as_number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _tokens(event: Event) -> int | None:
    usage = _told(event, "usage")
    told = usage.get("prompt_tokens") if isinstance(usage, dict) else None
    number = _as_number(told)
    return None if number is None else math.floor(number)


def _opinion(event: Event) -> str:
    value = _told(event, "value")
    text = str(value).lower()
    return "up" if text in UP else "down" if text in DOWN else "neutral"
