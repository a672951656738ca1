"""One visit to the chat: prompts, responses, and what people do with the answers.

Makes a Mongo session document in memory. Never writes it.
"""

from dataclasses import dataclass, replace
from random import Random
from typing import Any

from etl.demo import vocabulary
from etl.demo.calendar import SECOND, Calendar
from etl.demo.people import EXPERIMENT, Person

Event = dict[str, Any]


@dataclass(slots=True)
class ChatVisit:
    """One tracking session; `events` hold `t` (epoch milliseconds), `type` and `data`."""

    session_id: str
    person: Person
    started: int
    ended: int | None
    environment: dict[str, str]
    tags: list[str]
    events: list[Event]

    @property
    def end(self) -> int:
        return int(self.events[-1]["t"])

    def cut(self, count: int, end: int) -> "ChatVisit":
        """The first `count` events, moved so that the last of them is at `end`: open."""
        events = self.events[:count]
        by = end - events[-1]["t"]
        moved = [{**event, "t": event["t"] + by} for event in events]
        return replace(self, started=self.started + by, ended=None, events=moved)


# Median latency in ms and its spread; then how often people rephrase and like answers.
LATENCY = {"aurora": (7.25, 0.45), "baseline": (7.62, 0.5)}
REPHRASES = {"aurora": 0.07, "baseline": 0.1}
LIKES = {"aurora": 0.74, "baseline": 0.66}
MODELS = {"aurora": ("lumen-2-aurora", "northwind"), "baseline": ("lumen-1", "northwind")}


class Chat:
    """A chat visit while it is drawn."""

    def __init__(self, rng: Random, calendar: Calendar, person: Person) -> None:
        self._rng = rng
        self._calendar = calendar
        self._person = person
        self._chat_id = self._new_id()
        self._at = 0
        self._events: list[Event] = []

    def draw(self, start: int, came_from: str | None, *, is_live: bool = False) -> ChatVisit:
        """A whole chat visit. A live one is long enough to be cut anywhere."""
        rng, person = self._rng, self._person
        self._at = start
        is_market = rng.random() < 0.16
        goes_on = 0.855 if person.model_group == "aurora" else 0.84
        rephrased = self._turn(is_market, rephrased=None)
        while rng.random() < goes_on or (is_live and len(self._events) < 24):
            if rephrased is None and rng.random() < 0.1:
                self._chat_id = self._new_id()
                self._add("new_chat", {"chat_id": self._chat_id})
            rephrased = self._turn(is_market, rephrased)
        if rng.random() < 0.3:
            self._at = int(self._events[-1]["t"]) + rng.randrange(4 * SECOND, 60 * SECOND)
            self._add("idle", {})
        end = int(self._events[-1]["t"])
        # One browser in twenty-five never tells that it was closed.
        ended = None if rng.random() < 0.04 else end + rng.randrange(200, 20 * SECOND)
        device = person.device(rng)
        environment = {
            "user_agent": device.user_agent,
            "language": person.language,
            "viewport": f"{device.width}x{device.height}",
        }
        if came_from:
            environment["referrer"] = came_from
        return ChatVisit(
            session_id=f"cs-{rng.getrandbits(64):016x}",
            person=person,
            started=start,
            ended=ended,
            environment=environment,
            tags=self._tags(is_market),
            events=self._events,
        )

    def _turn(self, is_market: bool, rephrased: str | None) -> str | None:
        """One prompt with its answer. The prompt's text when the next one rephrases it."""
        rng, person = self._rng, self._person
        pause = rng.uniform(4, 17) if rephrased else 3 + rng.lognormvariate(2.5, 0.8)
        self._wait(min(pause, 240))
        data = self._prompt(is_market)
        if rephrased:
            data["text"] = f"{rephrased} Please be more specific."
        self._add("prompt", data)

        is_down = self._calendar.is_outage(self._at)
        if rng.random() < (0.45 if is_down else 0.015):
            self._wait(rng.uniform(2, 30))
            message, status = rng.choice(vocabulary.OUTAGE_ERRORS)
            self._add("error", {"message": message, "status": status})
            return None
        middle, spread = LATENCY[person.model_group]
        latency = int(rng.lognormvariate(middle, spread) * (3.5 if is_down else 1))
        model, provider = MODELS[person.model_group]
        length = int(rng.lognormvariate(6.9, 0.55))
        citations = rng.choices(*_CITATIONS)[0]
        self._wait(latency / 1000)
        response: Event = {"chat_id": self._chat_id, "latency_ms": latency}
        response |= {"response_length": length, "model": model, "provider": provider}
        self._add("model_response", {**response, "citations": citations})
        if rng.random() < REPHRASES[person.model_group]:
            return str(data["text"])
        self._read(length, citations)
        return None

    def _read(self, length: int, citations: int) -> None:
        rng = self._rng
        here = {"chat_id": self._chat_id}
        seconds = 8 + rng.lognormvariate(3.5, 0.85) * (length / 1000) ** 0.4
        left = self._at + int(min(seconds * self._person.pace, 900) * SECOND)
        doings: list[tuple[float, str, Event]] = [
            (0.3, "scroll", {"depth": rng.randrange(20, 101)}),
            (0.08, "select", {"length": rng.randrange(10, 300)}),
            (0.19, "copy", {"length": rng.randrange(40, length + 41)}),
            (0.1 if citations else 0.0, "citation_click", {"position": 1}),
            (0.11, "feedback", {"value": self._opinion()}),
        ]
        times = sorted(rng.randrange(self._at, left) for _ in doings)
        for at, (chance, name, data) in zip(times, doings, strict=True):
            if rng.random() < chance:
                self._at = at
                self._add(name, {**here, **data})
        if rng.random() < 0.07:
            self._wait(rng.uniform(3, 30))
            self._add("idle", {})
            self._wait(min(rng.lognormvariate(4.9, 0.8), 1500))
            self._add("active", {})
        self._at = max(self._at, left)

    def _prompt(self, is_market: bool) -> Event:
        rng = self._rng
        query_type = rng.choices(vocabulary.QUERY_TYPES, vocabulary.QUERY_WEIGHTS)[0]
        data: Event = {"chat_id": self._chat_id, "query_type": query_type}
        if is_market and rng.random() < 0.7:
            assets = rng.choices(
                vocabulary.ASSETS, vocabulary.ASSET_WEIGHTS, k=rng.choice((1, 1, 2))
            )
            assets = list(dict.fromkeys(assets))
            data["text"] = rng.choice(vocabulary.MARKET_PROMPTS).format(" and ".join(assets))
            data["assets"] = assets
        else:
            text = rng.choice(vocabulary.PROMPTS[query_type])
            data["text"] = text.format(rng.choice(vocabulary.TOPICS))
        return data

    def _opinion(self) -> str:
        chance = self._rng.random()
        likes = LIKES[self._person.model_group]
        return "up" if chance < likes else "down" if chance < 0.95 else "neutral"

    def _tags(self, is_market: bool) -> list[str]:
        if is_market:
            return ["finance"]
        count = self._rng.choices((0, 1, 2), (35, 45, 20))[0]
        tags = self._rng.choices(vocabulary.TAGS, vocabulary.TAG_WEIGHTS, k=count)
        return list(dict.fromkeys(tags))

    def _new_id(self) -> str:
        return f"chat-{self._rng.getrandbits(48):012x}"

    def _wait(self, seconds: float) -> None:
        self._at += int(seconds * SECOND)

    def _add(self, name: str, data: Event) -> None:
        self._events.append({"t": self._at, "type": name, "data": data})


def document(rng: Random, visit: ChatVisit, time: Any) -> dict[str, Any]:
    """`visit` as mongoexport writes it; `time` turns milliseconds into a `$date` text."""
    # Exports of different drivers write long integers in two ways.
    has_long_times = rng.random() < 0.12
    events = [
        {**event, "t": {"$numberLong": str(event["t"])}} if has_long_times else event
        for event in visit.events
    ]
    return {
        "_id": {"$oid": f"{visit.started // 1000:08x}{rng.getrandbits(64):016x}"},
        "session_id": visit.session_id,
        "user_id": visit.person.user_id,
        "started_at": {"$date": time(visit.started)},
        "ended_at": None if visit.ended is None else {"$date": time(visit.ended)},
        "environment": visit.environment,
        "model_group": visit.person.model_group,
        "experiment_id": EXPERIMENT,
        "session_type": "chat",
        "tags": visit.tags,
        "events": events,
    }


_CITATIONS = ((0, 1, 2, 3, 5), (38, 16, 20, 16, 10))
