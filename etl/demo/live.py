"""Visits to the made-up product as the tracker would send them, one event at its time, for ever.

The same seed and start give the same requests. Never sends one, and reads no clock.
"""

import heapq
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any, NamedTuple

from etl.demo import vocabulary
from etl.demo.calendar import SECOND, Calendar, moment
from etl.demo.chat import Chat, ChatVisit, Event
from etl.demo.people import EXPERIMENT, Crowd, Kind, Person
from etl.demo.steps import AppRow
from etl.demo.visits import WebVisit

# Accounts of the history have numbers below; the people of a live demo are others.
FIRST_ACCOUNT = 100_000
# Who is there when it begins comes within this time, so that nobody waits for something to move.
FIRST_SECONDS = 15
# Visits last some minutes on average: so many arrivals keep about as many people there.
AT_ONCE = 12
SECONDS_BETWEEN = 22.0
# One browser in eight never tells that it was closed.
NEVER_ENDS = 0.12
KINDS = ((Kind.PASSER, Kind.MEMBER, Kind.POWER), (45, 50, 5))
CHAT_SHARE = 0.35
_POSTS = 380
_ROW_TYPES = {
    "posts": ("post_created", ("title", "topic")),
    "comments": ("comment_created", ("post_id", "length")),
    "collections": ("collection_created", ("name",)),
    "query_embeddings": ("search", ("query",)),
}


class Sent(NamedTuple):
    """One request of a browser: when (epoch ms), as which browser, and its body for `POST /i`."""

    at: int
    user_agent: str
    body: dict[str, Any]


def visits(seed: int, start: int) -> Iterator[Sent]:
    """Requests from `start` (epoch ms) on, in the order of their times. Never ends."""
    rng = Random(seed)
    # The story's outage lies days back, and its days to come are not over before the demo is.
    calendar = Calendar(moment(start) + timedelta(days=1), 90)
    crowd = Crowd(rng, calendar)
    first = [start + rng.randrange(FIRST_SECONDS * SECOND) for _ in range(AT_ONCE)]
    waiting: list[tuple[int, int, Sent]] = []
    number = 0
    for arrival in _arrivals(rng, sorted(first)):
        while waiting and waiting[0][0] <= arrival:
            yield heapq.heappop(waiting)[2]
        for sent in _visit(rng, calendar, crowd, arrival):
            number += 1
            heapq.heappush(waiting, (sent.at, number, sent))


def _arrivals(rng: Random, first: list[int]) -> Iterator[int]:
    yield from first
    at = first[-1]
    while True:
        at += 1 + int(rng.expovariate(1 / SECONDS_BETWEEN) * SECOND)
        yield at


def _visit(rng: Random, calendar: Calendar, crowd: Crowd, start: int) -> list[Sent]:
    person = crowd.person(rng.choices(*KINDS)[0])
    if person.user_id is None:
        return _web_visit(rng, calendar, person, start)
    person = replace(person, user_id=f"u-{rng.randrange(FIRST_ACCOUNT, 10 * FIRST_ACCOUNT)}")
    if rng.random() < CHAT_SHARE:
        return _chat_visit(rng, Chat(rng, calendar, person).draw(start, None))
    return _web_visit(rng, calendar, person, start)


def _web_visit(rng: Random, calendar: Calendar, person: Person, start: int) -> list[Sent]:
    visit = WebVisit(rng, calendar, person, _POSTS).draw(start)
    device = person.device(rng)
    events: list[Event] = [
        {
            "type": step.name,
            "t": step.at,
            "page": vocabulary.SITE + step.path,
            "user_id": person.user_id if step.is_known else None,
            "data": step.properties,
        }
        for step in visit.steps
    ]
    events += [
        {**event, "user_id": person.user_id, "page": events[-1]["page"]}
        for row in visit.rows
        for event in _events_of(rng, row)
    ]
    events.sort(key=lambda event: event["t"])
    if events[-1]["type"] != "logout" and rng.random() >= NEVER_ENDS:
        events.append(_end(events[-1], events[-1]["t"] + rng.randrange(SECOND, 15 * SECOND)))
    context = {
        "device": {"screen": f"{device.width}x{device.height}"},
        "language": person.language,
        "referrer": visit.steps[0].referrer,
        "session_type": visit.session_type,
    }
    session = f"live-{rng.getrandbits(64):016x}"
    return _requests(rng, person, session, device.user_agent, context, events)


def _chat_visit(rng: Random, visit: ChatVisit) -> list[Sent]:
    events = [
        _of_chat({**event, "user_id": visit.person.user_id, "page": f"{vocabulary.CHAT}/"})
        for event in visit.events
    ]
    if visit.ended is not None:
        events.append(_end(events[-1], visit.ended))
    agent = visit.environment["user_agent"]
    context = {
        "device": {"screen": visit.environment["viewport"]},
        "language": visit.environment["language"],
        "referrer": visit.environment.get("referrer"),
        "session_type": "chat",
        "tags": visit.tags,
    }
    return _requests(rng, visit.person, visit.session_id, agent, context, events)


def _requests(
    rng: Random,
    person: Person,
    session: str,
    user_agent: str,
    context: dict[str, Any],
    events: list[Event],
) -> list[Sent]:
    of_all = {"experiment_id": EXPERIMENT, "model_group": person.model_group}
    told = {name: value for name, value in context.items() if value}
    requests = []
    for event in events:
        user = event.pop("user_id")
        body = {
            "v": 1,
            "session_id": session,
            "visitor_id": person.anonymous_id,
            "user_id": user,
            "context": told | of_all,
            "events": [{"id": f"{rng.getrandbits(128):032x}", **event}],
        }
        requests.append(Sent(event["t"], user_agent, body))
        # Said once a session; what holds for each event goes with all.
        told = {}
    return requests


def _events_of(rng: Random, row: AppRow) -> list[Event]:
    """What the product says of a row that somebody made."""
    if row.table != "workflow_executions":
        name, fields = _ROW_TYPES[row.table]
        return [{"type": name, "t": row.at, "data": dict(zip(fields, row.values, strict=True))}]
    name, _, last_step = row.values
    run = {"workflow_id": f"wf-live-{rng.getrandbits(48):012x}", "workflow": name}
    is_done = row.ended is not None
    step = vocabulary.WORKFLOW_STEPS[0] if is_done else last_step
    begun = {"type": "workflow_start", "t": row.at, "data": {**run, "step": step}}
    if row.ended is None:
        return [begun]
    ended = {"type": "workflow_complete", "t": row.ended, "data": {**run, "step": last_step}}
    return [begun, ended]


def _of_chat(event: Event) -> Event:
    """The event with what has a field of its own beside its data."""
    data = dict(event["data"])
    own = {name: data.pop(name) for name in ("chat_id", "query_type", "assets") if name in data}
    return {**event, **own, "data": data}


def _end(last: Event, at: int) -> Event:
    told = {name: last[name] for name in ("page", "user_id")}
    return {**told, "type": "session_end", "t": at, "data": {"exit_reason": "navigation"}}
