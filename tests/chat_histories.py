"""Histories of chats that hypothesis makes up: several ids, visits and streams, late acts."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.make import event

SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)
# The silences at which a rule of chats changes its mind, and some between.
SILENCES = (
    *(timedelta(), timedelta(), SECOND, 7 * SECOND, 20 * SECOND, 20 * SECOND + MICROSECOND),
    *(10 * SECOND, 5 * MINUTE, 31 * MINUTE),
)
TYPES = (
    *("prompt", "prompt", "model_response", "model_response", "model_response", "copy", "select"),
    *("feedback", "citation_click", "scroll", "scroll", "error", "idle", "heartbeat", "query"),
    *("page_view", "logout"),
)
STREAMS = {"web": "inactivity", "app": "inactivity", "trk": "tracker"}
CHATS = (None, None, "c1", "c1", "c2", "c3")
PROPERTIES: tuple[dict[str, Any] | None, ...] = (
    *(None, {}, {"depth": 40}, {"depth": "75"}, {"value": "up"}, {"value": "DOWN"}, {"value": 3}),
    *({"latency_ms": 1200}, {"latency_ms": "inf"}, {"latency_ms": -1}, {"latency_ms": "800.5"}),
    *({"usage": {"prompt_tokens": 12}}, {"usage": {"prompt_tokens": "7.9"}}, {"usage": 3}),
    *({"model": "m"}, {"model": {"name": "m"}}, {"query_type": "code"}, {"query_type": 3}),
    *({"error": "overloaded"}, {"error": None}, {"error": False}, {"value": True}),
)


@st.composite
def chat_histories(draw: st.DrawFn, start: datetime) -> tuple[list[dict[str, Any]], datetime]:
    """Events of some users in any order, and the time of the build."""
    events: list[dict[str, Any]] = []
    for user in "abcdefgh"[: draw(st.integers(1, 8))]:
        types = draw(st.lists(st.sampled_from(TYPES), min_size=2, max_size=6))
        silences = draw(st.lists(st.sampled_from(SILENCES), min_size=1, max_size=4))
        chats = draw(st.lists(st.sampled_from(CHATS), min_size=1, max_size=3))
        sources = draw(st.sampled_from([["web"], ["web"], ["web", "app"], sorted(STREAMS)]))
        time = start
        for _ in range(draw(st.integers(1, 14))):
            source = draw(st.sampled_from(sources))
            given = {
                "user_id": user,
                "source": source,
                "stream": STREAMS[source],
                # Ids are no clock: among equal times they decide alone.
                "event_id": f"{draw(st.integers(0, 9))}-{len(events)}",
                "tracker_session_id": draw(st.sampled_from([None, "s1", "s2"])),
                "chat_id": draw(st.sampled_from(chats)),
                "model_group": draw(st.sampled_from([None, None, "A", "B"])),
                "properties": draw(st.sampled_from(PROPERTIES)),
            }
            events.append(event(time, draw(st.sampled_from(types)), **given))
            time += draw(st.sampled_from(silences))
    newest = max(row["event_time"] for row in events)
    now = newest + draw(st.sampled_from([timedelta(), timedelta(), timedelta(days=9)]))
    return draw(st.permutations(events)), now
