"""A second, naive implementation of the definitions: sort, loop, if. Shares nothing with Dwell.

Written from the definitions of sessions, not from the models, so that a mistake in one of them
shows as a difference. Slow and short on purpose.
"""

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import md5
from itertools import groupby, pairwise
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

UTC_ZONE = ZoneInfo("UTC")
Event = dict[str, Any]
Row = dict[str, Any]


@dataclass(frozen=True)
class Rules:
    """The constants of the definitions, with their defaults."""

    time_zone: str = "UTC"
    timeout: timedelta = timedelta(minutes=30)
    idle_timeout: timedelta = timedelta(seconds=30)
    bounce: timedelta = timedelta(seconds=30)
    bounce_actions: int = 1
    abandoned_queries: int = 2
    suspect_after: timedelta = timedelta(hours=24)
    pattern_sessions: int = 20
    pattern_actions: int = 5
    rage_clicks: int = 3
    rage_click_time: timedelta = timedelta(seconds=1)
    rage_click_distance: int = 30
    repeated_query_time: timedelta = timedelta(seconds=20)
    ends: frozenset[str] = frozenset({"logout", "session_expired"})
    starts: frozenset[str] = frozenset()
    passive: frozenset[str] = frozenset(
        (
            *("active", "activity", "heartbeat", "hover", "idle", "login", "logout"),
            *("model_response", "scroll", "session_end", "session_start", "system"),
            *("api_request", "asset_request", "background_request", "page_leave", "redirect"),
            *("token_refresh", "session_expired"),
        )
    )
    queries: frozenset[str] = frozenset({"prompt", "query", "search"})
    leaves: frozenset[str] = frozenset({"outbound_click", "page_leave", "session_end"})
    internal_hosts: frozenset[str] = frozenset()


# Column → names by which a row of a ready session may tell it.
TOLD = {
    "action_count": ("action_count", "totalActions"),
    "page_view_count": ("page_views", "pageviews"),
    "query_count": ("query_count", "queries"),
    "error_count": ("error_count", "errors"),
    "workflow_count": ("workflow_count", "workflowExecutions"),
}


@dataclass
class Oracle:
    """What the definitions say of some events: sessions, days and users as plain rows."""

    events: Sequence[Event]
    now: datetime
    rules: Rules = field(default_factory=Rules)

    def __post_init__(self) -> None:
        times = [e["event_time"] for e in self.events if e["event_time"] <= self.now]
        # Where all events are ahead of the clock, the clock is the best that is known.
        self.as_of = max(times, default=self.now)
        self.cut = self._cut_all()
        with_queries = {
            events[0]["stream"] for events in self.cut if self._counts(events)["query_count"]
        }
        self.sessions = [self._session(events, with_queries) for events in self.cut]
        self._number()

    def _by(self, events: Iterable[Event], key: str) -> list[list[Event]]:
        groups: dict[Any, list[Event]] = {}
        for event in events:
            groups.setdefault(event[key], []).append(event)
        return list(groups.values())

    def _order(self, event: Event) -> tuple[datetime, int, str, str]:
        kind = event["event_type"]
        rank = 1
        if kind == "session_start" or kind in self.rules.starts:
            rank = 0
        elif kind == "session_end" or kind in self.rules.ends:
            rank = 2
        return event["event_time"], rank, event["event_id"], event["source"]

    def _cut_all(self) -> list[list[Event]]:
        """The sessions as lists of events in order; a tracked one has one user."""
        sessions = []
        loose = []
        tracked: dict[tuple[str, str], list[Event]] = {}
        for event in sorted(self.events, key=self._order):
            if event["stream"] == "tracker" and event["tracker_session_id"] is not None:
                key = event["source"], event["tracker_session_id"]
                tracked.setdefault(key, []).append(event)
            else:
                loose.append(event)
        for events in tracked.values():
            seen = sorted(events, key=lambda e: (e["event_time"], e["event_id"]))
            known = [e for e in seen if e["user_id"] != e["anonymous_id"]]
            user = (known or seen)[0]["user_id"]
            sessions.append([event | {"user_id": user} for event in events])
        for of_user in self._by(loose, "user_id"):
            for of_stream in self._by(of_user, "stream"):
                sessions += self._cut_by_inactivity(of_stream)
        return sessions

    def _cut_by_inactivity(self, events: list[Event]) -> list[list[Event]]:
        sessions = [[events[0]]]
        for event in events[1:]:
            if self._begins_another(sessions[-1][-1], event):
                sessions.append([])
            sessions[-1].append(event)
        return sessions

    def _begins_another(self, before: Event, event: Event) -> bool:
        if event["event_time"] - before["event_time"] > self.rules.timeout:
            return True
        if before["event_type"] in self.rules.ends:
            return True
        return event["event_type"] in self.rules.starts

    def _session(self, events: list[Event], with_queries: set[str]) -> Row:
        rules = self.rules
        first, last = events[0], events[-1]
        duration = last["event_time"] - first["event_time"]
        kinds = [e["event_type"] for e in events]
        views = [e["page"] for e in events if e["event_type"] == "page_view"]
        is_open = self._is_open(last)
        reason = None if is_open else self._exit_reason(events)
        actions = [kind for kind in kinds if kind not in rules.passive]
        counts = self._counts(events)
        query_count = counts["query_count"]
        is_abandoned = None
        if first["stream"] in with_queries:
            is_abandoned = reason == "timeout" and query_count < rules.abandoned_queries
        referrer, source = self._entry(events)
        row = {
            "session_id": _session_id(first),
            "stream": first["stream"],
            "sources": sorted({e["source"] for e in events}),
            "user_id": first["user_id"],
            "start_time": first["event_time"],
            "end_time": last["event_time"],
            "start_date": self.local_day(first["event_time"]),
            "duration_seconds": duration / timedelta(seconds=1),
            "engaged_seconds": self._engaged(events) / timedelta(seconds=1),
            "event_count": len(events),
            "distinct_page_count": len({page for page in views if page is not None}),
            **counts,
            "chat_count": len({e["chat_id"] for e in events} - {None}),
            "entry_page": _first(events, "page"),
            "exit_page": _first(events[::-1], "page"),
            "page_path": [page for page, _ in groupby(page for page in views if page is not None)],
            "event_path": [kind for kind, _ in groupby(e["event_type"] for e in events)],
            "entry_source": source,
            "referrer": referrer,
            "last_action": actions[-1] if actions else None,
            "exit_reason": reason,
            "is_open": is_open,
            "is_bounce": not is_open
            and duration < rules.bounce
            and counts["action_count"] <= rules.bounce_actions,
            "is_abandoned": is_abandoned,
            "is_suspect": duration > rules.suspect_after,
            "is_bot": any(e["device_type"] == "bot" for e in events),
            "has_duration": len(events) >= 2,
        }
        for name in ("device_type", "browser", "os", "campaign", "session_type"):
            row[name] = _first(events, name)
        for name in ("experiment_id", "model_group"):
            row[name] = _first(events, name)
        for name in ("tags", "assets"):
            row[name] = sorted({word for e in events for word in e[name] or ()})
        return row | self._pattern(events, row)

    def _counts(self, events: list[Event]) -> dict[str, int]:
        """What was done: by the session's events, else by the rows that tell of it."""
        marks = [e for e in events if _row_of(e) is not None]
        times = {
            mark["event_time"]
            for mark in marks
            if mark["event_type"] == "system"
            or mark["event_id"] == mark["tracker_session_id"] + ":start"
        }
        made = [
            e
            for e in events
            if e["event_type"] == "query" and e["properties"] is None and e["event_time"] in times
        ]
        own = [e for e in events if not _is_of_row(e) and e not in made]
        if marks and own:
            return self._counted([e for e in events if e not in made])
        counted = self._counted(events)
        if not marks:
            return counted
        told = {name: _told(marks, name) for name in TOLD}
        counts = {name: max(told[name] or 0, counted[name]) for name in TOLD}
        if told["action_count"] is None:
            others = sum(counts[name] for name in TOLD if name != "action_count")
            counts["action_count"] = max(counts["action_count"], others)
        return counts

    def _counted(self, events: list[Event]) -> dict[str, int]:
        kinds = [e["event_type"] for e in events]
        return {
            "action_count": sum(kind not in self.rules.passive for kind in kinds),
            "page_view_count": kinds.count("page_view"),
            "query_count": sum(kind in self.rules.queries for kind in kinds),
            "error_count": kinds.count("error"),
            "workflow_count": kinds.count("workflow_start"),
        }

    def _is_open(self, last: Event) -> bool:
        if last["event_type"] in self.rules.ends:
            return False
        if last["stream"] == "tracker" and last["event_type"] == "session_end":
            return False
        return self.as_of - last["event_time"] <= self.rules.timeout

    def _exit_reason(self, events: list[Event]) -> str:
        kind = events[-1]["event_type"]
        if kind in self.rules.ends:
            return "timeout" if kind == "session_expired" else "logout"
        if kind == "session_end":
            end = [e for e in events if e["event_type"] == "session_end"][-1]
            reason = _property(end, "exit_reason") or _property(end, "reason")
            if reason in ("logout", "navigation", "error", "timeout"):
                return str(reason)
        if kind == "error":
            return "error"
        return "navigation" if kind in self.rules.leaves else "timeout"

    def _entry(self, events: list[Event]) -> tuple[str | None, str | None]:
        """Referrer and kind of the entry: the first event with a page, else the first event."""
        entry = next((e for e in events if e["page"] is not None), events[0])
        referrer, host = _address(entry["referrer"])
        if referrer is None:
            sees_page = entry["page"] is not None or entry["event_type"] == "page_view"
            return None, "direct" if sees_page else None
        own = entry["page_host"] if entry["page"] is not None else None
        if host == "" or host == own or host in self.rules.internal_hosts:
            return referrer, "internal"
        return referrer, "external"

    def _engaged(self, events: list[Event]) -> timedelta:
        total = timedelta()
        for before, event in pairwise(events):
            if before["event_type"] != "idle":
                gap = event["event_time"] - before["event_time"]
                total += min(gap, self.rules.idle_timeout)
        return total

    def _pattern(self, events: list[Event], row: Row) -> Row:
        kinds = [e["event_type"] for e in events]
        pages = [e["page"] for e in events if e["event_type"] == "page_view" and e["page"]]
        completed = "workflow_complete" in kinds
        has_its_pages = row["page_view_count"] <= kinds.count("page_view")
        has_its_workflows = row["workflow_count"] <= kinds.count("workflow_start")
        ratio = row["distinct_page_count"] / row["page_view_count"] if row["page_view_count"] else 0
        indicators = {
            "confused": [
                row["error_count"] >= 3,
                any(pages.count(page) >= 3 for page in pages),
                _has_rage_clicks(events, self.rules),
                kinds[-1] == "error",
                self._has_repeated_query(events),
            ],
            "power_user": [
                row["duration_seconds"] >= 1800,
                row["action_count"] >= 50,
                len(set(kinds)) >= 3,
                row["error_count"] == 0,
            ],
            "task_focused": [
                completed or row["query_count"] >= 2,
                row["distinct_page_count"] <= 3 and has_its_pages,
                row["error_count"] == 0,
                row["action_count"] >= 5,
            ],
            "explorer": [
                row["distinct_page_count"] >= 8,
                ratio >= 0.7,
                not completed and has_its_workflows,
            ],
        }
        absences = {"power_user": [3], "task_focused": [1, 2], "explorer": [2]}
        for name, held in indicators.items():
            absent = absences.get(name, [])
            if not any(holds for place, holds in enumerate(held) if place not in absent):
                indicators[name] = [False] * len(held)
        if row["action_count"] < self.rules.pattern_actions:
            indicators = {}
        best, best_score = None, 0.0
        for name, held in indicators.items():
            score = sum(held) / len(held)
            if score >= 0.5 and score > best_score:
                best, best_score = name, score
        if best is None:
            return {"pattern": None, "pattern_confidence": None, "indicator_count": None}
        return {
            "pattern": best,
            "pattern_confidence": best_score,
            "indicator_count": sum(indicators[best]),
        }

    def _has_repeated_query(self, events: list[Event]) -> bool:
        asked: dict[str, datetime] = {}
        for event in events:
            if event["event_type"] not in self.rules.queries:
                continue
            text = _property(event, "text") or _property(event, "query") or ""
            words = " ".join(str(text).lower().split())
            if not words:
                continue
            since = event["event_time"] - asked.get(words, event["event_time"])
            if words in asked and since <= self.rules.repeated_query_time:
                return True
            asked[words] = event["event_time"]
        return False

    def _number(self) -> None:
        for of_user in self._by(self.sessions, "user_id"):
            of_user.sort(key=lambda s: (s["start_time"], s["session_id"]))
            for number, session in enumerate(of_user, start=1):
                session["session_number"] = number
                session["is_new_user"] = number == 1

    def local_day(self, time: datetime) -> date:
        """The day of a UTC time in the reporting time zone."""
        zone = ZoneInfo(self.rules.time_zone)
        return time.replace(tzinfo=UTC_ZONE).astimezone(zone).date()

    def daily(self) -> list[Row]:
        """Rows of daily_session_stats, by day and stream; "all" is of both."""
        users: dict[tuple[date, str], set[str]] = {}
        for events, session in zip(self.cut, self.sessions, strict=True):
            for event in events:
                if not session["is_bot"]:
                    for stream in (session["stream"], "all"):
                        key = self.local_day(event["event_time"]), stream
                        users.setdefault(key, set()).add(session["user_id"])
        starting: dict[tuple[date, str], list[Row]] = {}
        for session in self.sessions:
            for stream in (session["stream"], "all"):
                starting.setdefault((session["start_date"], stream), []).append(session)
        return [
            self._day(*key, starting.get(key, []), users.get(key, set()))
            for key in sorted(starting.keys() | users.keys())
        ]

    def _day(self, day: date, stream: str, starting: list[Row], users: set[str]) -> Row:
        people = [s for s in starting if not s["is_bot"]]
        closed = [s for s in people if not s["is_open"]]
        timed = [s for s in people if not s["is_suspect"]]
        durations = [s["duration_seconds"] for s in timed]
        return {
            "stream": stream,
            "stat_date": day,
            "total_sessions": len(people),
            "unique_users": len(users),
            "new_users": sum(s["is_new_user"] for s in people),
            "avg_duration_seconds": mean(durations),
            "median_duration_seconds": quantile(durations, 0.5),
            "p90_duration_seconds": quantile(durations, 0.9),
            "avg_engaged_seconds": mean(s["engaged_seconds"] for s in timed),
            "bounce_rate": mean(s["is_bounce"] for s in closed),
            "error_rate": mean(s["error_count"] > 0 for s in closed),
            "abandonment_rate": mean(
                s["is_abandoned"] for s in closed if s["is_abandoned"] is not None
            ),
            "actions_per_session": mean(s["action_count"] for s in people),
            "most_common_entry": most_common(s["entry_page"] for s in people),
            "most_common_exit": most_common(s["exit_page"] for s in closed),
            "bot_sessions": len(starting) - len(people),
            "suspect_sessions": sum(s["is_suspect"] for s in people),
            "open_sessions": sum(s["is_open"] for s in people),
        }

    def user_patterns(self) -> list[Row]:
        """Rows of user_patterns, by user."""
        return sorted(
            map(self._user, self._by(self.sessions, "user_id")), key=lambda r: r["user_id"]
        )

    def _user(self, sessions: list[Row]) -> Row:
        closed = sorted(
            (s for s in sessions if not s["is_open"]),
            key=lambda s: (s["start_time"], s["session_id"]),
            reverse=True,
        )[: self.rules.pattern_sessions]
        duration = mean(s["duration_seconds"] for s in closed if not s["is_suspect"])
        actions = mean(s["action_count"] for s in closed)
        errors = closed[0]["error_count"] if closed else None
        if not closed:
            pattern = "new_user"
        elif duration is not None and duration > 1800 and actions > 50:
            pattern = "power_user"
        elif duration is not None and duration < 300:
            pattern = "quick_checker"
        elif errors > 5:
            pattern = "struggling_user"
        else:
            pattern = "regular_user"
        return {
            "user_id": sessions[0]["user_id"],
            "pattern": pattern,
            "session_count": len(closed),
            "avg_duration_seconds": duration,
            "avg_actions": actions,
            "newest_session_errors": errors,
        }


def assert_says_the_same(rows_of: Callable[[str], list[Row]], oracle: Oracle) -> None:
    """Compares all rows of a build with the oracle's; `rows_of` runs a query on the build."""
    sessions = rows_of("select *, len(pattern_indicators) as indicator_count from user_sessions")
    assert_same_rows(sessions, oracle.sessions, ("session_id",))
    days = rows_of("select * from daily_session_stats")
    assert_same_rows(days, oracle.daily(), ("stat_date", "stream"))
    patterns = rows_of("select * from user_patterns")
    assert_same_rows(patterns, oracle.user_patterns(), ("user_id",))


def assert_same_rows(got: list[Row], wanted: list[Row], key: tuple[str, ...]) -> None:
    """Every row and every column that the oracle tells of."""
    by_key = {tuple(row[name] for name in key): row for row in got}
    assert len(by_key) == len(got)
    assert by_key.keys() == {tuple(row[name] for name in key) for row in wanted}
    for row in wanted:
        got_row = by_key[tuple(row[name] for name in key)]
        differences = {
            name: (got_row[name], value)
            for name, value in row.items()
            if not _is_same(got_row[name], value)
        }
        assert not differences, (row, differences)


def _is_same(got: Any, wanted: Any) -> bool:
    if isinstance(got, float) and wanted is not None:
        return math.isclose(got, wanted, rel_tol=1e-9, abs_tol=1e-9)
    return bool(got == wanted)


def mean(numbers: Iterable[float]) -> float | None:
    """The mean; None of nothing."""
    values = list(numbers)
    return sum(values) / len(values) if values else None


def quantile(numbers: Sequence[float], share: float) -> float | None:
    """The quantile, between neighbours by straight line; None of nothing."""
    if not numbers:
        return None
    ordered = sorted(numbers)
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def most_common(words: Iterable[str | None]) -> str | None:
    """The word that comes most, of equals the first by alphabet; None of nothing."""
    known = [word for word in words if word is not None]
    return min(known, key=lambda word: (-known.count(word), word), default=None)


def _session_id(first: Event) -> str:
    """Made of the first event: its time, then who it is."""
    since_1970 = (first["event_time"] - datetime(1970, 1, 1)) // timedelta(microseconds=1)  # noqa: DTZ001
    digest = md5(f"{first['source']}\x1f{first['event_id']}".encode()).hexdigest()
    return f"{since_1970:015x}-{digest[:16]}"


def _address(referrer: str | None) -> tuple[str | None, str]:
    """A referrer that is an address, and its host ("" of a path); None and "" of words."""
    text = (referrer or "").strip(" ")
    if text.startswith(("/", "./", "../", "?", "#")) and not text.startswith("//"):
        return (text, "") if text not in ("?", "#") else (None, "")
    if "://" in text.split("?")[0] or text.startswith("//"):
        return text, urlsplit(text).netloc.lower()
    # The host alone, or with what follows it.
    host = urlsplit("//" + text).netloc.lower()
    name, _, port = host.partition(":")
    has_dot = "." in name.strip(".")
    if any(not (c.isalnum() or c in "._-") for c in name) or (port and not port.isdigit()):
        return None, ""
    if name.endswith((".html", ".htm", ".php")) and host == text.lower():
        return text, ""
    return (text, host) if has_dot or port or name == "localhost" else (None, "")


def _first(events: Sequence[Event], name: str) -> Any:
    return next((e[name] for e in events if e[name] is not None), None)


def _property(event: Event, name: str) -> Any:
    return json.loads(event["properties"] or "{}").get(name)


def _row_of(event: Event) -> dict[str, Any] | None:
    """The row of a ready session that a mark holds; None of all other events."""
    is_mark = event["event_type"] in ("session_start", "session_end", "activity", "system")
    is_tracked = event["stream"] == "tracker" and event["tracker_session_id"] is not None
    return _property(event, "session") if is_mark and is_tracked else None


def _is_of_row(event: Event) -> bool:
    if event["event_type"].startswith("workflow_"):
        return bool(event["event_id"].startswith("workflow:"))
    return event["event_type"] in ("session_start", "session_end", "activity", "system")


def _told(marks: list[Event], name: str) -> int | None:
    """What the newest row of the session tells, or all rows of metrics together."""
    of_session, of_metrics = [], []
    for mark in marks:
        row = _row_of(mark) or {}
        numbers = [int(row[key]) for key in TOLD[name] if str(row.get(key)).isdecimal()]
        known = of_metrics if mark["event_type"] == "system" else of_session
        known += numbers[:1]
    told = of_session[-1:] + ([sum(of_metrics)] if of_metrics else [])
    return max(told, default=None)


def _has_rage_clicks(events: list[Event], rules: Rules) -> bool:
    clicks = []
    for event in events:
        x, y = _property(event, "x"), _property(event, "y")
        if event["event_type"] == "click" and x is not None and y is not None:
            clicks.append((event["event_time"], x, y))
    for number in range(len(clicks) - rules.rage_clicks + 1):
        row = clicks[number : number + rules.rage_clicks]
        start, x, y = row[0]
        near = [
            ((a - x) ** 2 + (b - y) ** 2) ** 0.5 <= rules.rage_click_distance for _, a, b in row
        ]
        if all(near) and row[-1][0] - start <= rules.rage_click_time:
            return True
    return False
