"""How other tools tell sessions apart, naively: one hit after the other, as their own code does.

Written from what the tools document or publish, and sharing nothing with Dwell's queries. A visitor
is a user; hits of a bot are another visitor's. Each tool keeps what it would keep in a cookie, a
cache or a row, and decides by it alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Hit = Mapping[str, Any]
HALF_HOUR = timedelta(minutes=30)
PASSIVE = frozenset(
    (
        *("active", "activity", "heartbeat", "hover", "idle", "login", "logout", "scroll"),
        *("model_response", "page_leave", "redirect", "session_end", "session_expired"),
        *("api_request", "asset_request", "background_request", "session_start", "system"),
        "token_refresh",
    )
)
FIRST, LAST = ("session_start",), ("session_end", "logout", "session_expired")


@dataclass
class Visit:
    """A session of a tool: what it has seen, and what its code would keep."""

    hits: list[Hit] = field(default_factory=list)
    start: datetime | None = None
    end: datetime | None = None
    campaign: str | None = None

    @property
    def seconds(self) -> float:
        """From its start to its end."""
        assert self.start
        assert self.end
        return (self.end - self.start) / timedelta(seconds=1)

    def count(self, *types: str) -> int:
        """How many of its hits are of these types."""
        return sum(hit["event_type"] in types for hit in self.hits)

    @property
    def actions(self) -> list[Hit]:
        """Its hits that are not passive."""
        return [hit for hit in self.hits if is_action(hit)]

    def add(self, hit: Hit) -> None:
        """Takes a hit in."""
        self.start = self.start or hit["event_time"]
        self.end = hit["event_time"]
        self.hits.append(hit)


def is_action(hit: Hit) -> bool:
    """Whether a hit tells that somebody did something."""
    return hit["event_type"] not in PASSIVE


class Tool:
    """Sends the hits of one visitor through, in their order."""

    counts_bots = False

    def __init__(self, zone: str = "UTC", own_hosts: Iterable[str] = ()) -> None:
        self.zone, self.own_hosts = ZoneInfo(zone), frozenset(own_hosts)
        self.visits: list[Visit] = []

    @property
    def visit(self) -> Visit:
        """The one that goes on."""
        return self.visits[-1]

    def take(self, hit: Hit) -> None:
        """A hit arrives."""
        if self.is_new(hit):
            self.visits.append(Visit())
        self.visit.add(hit)

    def is_new(self, hit: Hit) -> bool:
        """Whether it begins a session."""
        return not self.visits or hit["event_time"] - self.last > HALF_HOUR

    @property
    def last(self) -> datetime:
        """When the visitor was heard of last."""
        assert self.visit.end
        return self.visit.end

    def day(self, time: datetime) -> date:
        """The local day."""
        return time.replace(tzinfo=UTC).astimezone(self.zone).date()

    def duration(self, visit: Visit) -> float:
        """In seconds, as the tool has it."""
        return visit.seconds

    def bounced(self, visit: Visit) -> bool | None:
        """None where the tool does not say."""
        raise NotImplementedError


class Ga4(Tool):
    def bounced(self, visit: Visit) -> bool | None:
        return not (visit.seconds > 10 or visit.count("page_view") >= 2)


class UniversalAnalytics(Tool):
    counts_bots = True

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.campaign_cookie: str | None = None

    def is_new(self, hit: Hit) -> bool:
        source = hit["campaign"] or self._referring_site(hit)
        changes = source is not None and source != self.campaign_cookie
        self.campaign_cookie = source or self.campaign_cookie
        if super().is_new(hit):
            return True
        return changes or self.day(self.last) != self.day(hit["event_time"])

    def _referring_site(self, hit: Hit) -> str | None:
        before, slashes, after = (hit["referrer"] or "").partition("//")
        if not slashes or before not in ("", "http:", "https:"):
            return None
        host = after.split("/")[0].split("?")[0].lower()
        is_own = host in self.own_hosts or host == (hit["page_host"] or "").lower()
        return None if is_own or not host else host

    def bounced(self, visit: Visit) -> bool | None:
        return len(visit.actions) <= 1


class Plausible(Tool):
    """The cache holds the session with the time of its last event, engagement or not."""

    timestamp = datetime(1970, 1, 1)  # noqa: DTZ001

    def take(self, hit: Hit) -> None:
        is_found = bool(self.visits) and hit["event_time"] - self.timestamp <= HALF_HOUR
        if not is_action(hit):
            if is_found:
                self.timestamp = hit["event_time"]
            return
        if not is_found:
            self.visits.append(Visit())
        self.visit.add(hit)
        self.timestamp = hit["event_time"]

    def bounced(self, visit: Visit) -> bool | None:
        return len(visit.hits) == 1


class Matomo(Tool):
    def take(self, hit: Hit) -> None:
        is_new = self.is_new(hit)
        if not is_action(hit) and is_new:
            return  # A ping makes no visit.
        if is_new:
            self.visits.append(Visit(campaign=(hit["campaign"] or "").lower() or None))
        self.visit.add(hit)

    def is_new(self, hit: Hit) -> bool:
        now = hit["event_time"]
        if not self.visits or not self.last > now - HALF_HOUR:
            return True
        if self.day(self.last) != self.day(now):
            return True
        campaign = (hit["campaign"] or "").lower() or None
        return is_action(hit) and campaign is not None and campaign != self.visit.campaign

    def duration(self, visit: Visit) -> float:
        return visit.seconds + 1 if len(visit.hits) > 1 else 0

    def bounced(self, visit: Visit) -> bool | None:
        return visit.count("page_view") == 1 and len(visit.actions) <= 1


class PostHog(Tool):
    def is_new(self, hit: Hit) -> bool:
        if super().is_new(hit):
            return True
        assert self.visit.start
        return hit["event_time"] - self.visit.start > timedelta(hours=24)

    def bounced(self, visit: Visit) -> bool | None:
        views = visit.count("page_view")
        if not views:
            return None
        return not (views >= 2 or len(visit.actions) > views or visit.seconds >= 10)


class Snowplow(Tool):
    def bounced(self, visit: Visit) -> bool | None:
        pings = visit.count("heartbeat")
        engaged_seconds = 10 * (pings - 1) + 5 if pings else 0
        return not (visit.count("page_view") >= 2 or engaged_seconds >= 20)


class Mixpanel(Tool):
    def is_new(self, hit: Hit) -> bool:
        return super().is_new(hit) or self.day(self.last) != self.day(hit["event_time"])

    def bounced(self, visit: Visit) -> bool | None:
        return None


TOOLS = {
    "ga4": Ga4,
    "universal_analytics": UniversalAnalytics,
    "plausible": Plausible,
    "matomo": Matomo,
    "posthog": PostHog,
    "snowplow": Snowplow,
    "mixpanel": Mixpanel,
}


def visits_of(
    name: str,
    hits: Iterable[Hit],
    zone: str = "UTC",
    own_hosts: Iterable[str] = (),
    starts: Iterable[str] = (),
) -> list[dict[str, Any]]:
    """The sessions that a tool makes of these hits.

    Each with user_id, start_date, duration, bounced, and the hits that it is of.
    """
    first = (*FIRST, *starts)

    def place(hit: Hit) -> tuple[Any, ...]:
        kind = hit["event_type"]
        rank = 0 if kind in first else 2 if kind in LAST else 1
        return hit["event_time"], rank, hit["event_id"], hit["source"]

    kind = TOOLS[name]
    visitors: dict[tuple[str, bool], list[Hit]] = {}
    for hit in sorted(hits, key=place):
        is_bot = hit["device_type"] == "bot"
        if kind.counts_bots or not is_bot:
            visitors.setdefault((hit["user_id"], is_bot), []).append(hit)
    found = []
    for (user, _), of_visitor in visitors.items():
        tool = kind(zone, own_hosts)
        for hit in of_visitor:
            tool.take(hit)
        for visit in tool.visits:
            assert visit.start
            told = {"start_date": tool.day(visit.start), "duration": tool.duration(visit)}
            found.append(
                told | {"user_id": user, "bounced": tool.bounced(visit), "hits": visit.hits}
            )
    return found
