"""What has been exported so far: web lines by week, chat documents by month, app rows.

Turns visits into rows, leaves out what comes after `until`, and counts. Never opens a file.
"""

import json
from collections import defaultdict
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from etl.demo import vocabulary
from etl.demo.calendar import DAY, HOUR, SECOND, Calendar, moment
from etl.demo.chat import ChatVisit, document
from etl.demo.people import EXPERIMENT, Device, Person
from etl.demo.steps import AppRow, Step, Visit

encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


class WebLine(NamedTuple):
    """One line of a web file; lines of a file are sorted by time, then text."""

    at: int
    text: str


def utc_text(at: int) -> str:
    """`at` as 2026-11-20T10:00:00.123Z."""
    return moment(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def local_text(at: int) -> str:
    """The same moment on a clock two hours ahead: 2026-11-20T12:00:00.123+02:00."""
    later = moment(at + 2 * HOUR).isoformat(timespec="milliseconds")
    return later.replace("+00:00", "+02:00")


def table_text(at: int) -> str:
    """`at` as the app's tables hold it: whole seconds in UTC, no offset."""
    return moment(at).strftime("%Y-%m-%d %H:%M:%S")


def week_of(at: int) -> str:
    """The ISO week of a time: 2026-W47."""
    year, week, _ = moment(at).isocalendar()
    return f"{year}-W{week:02d}"


class Export:
    """Rows collected in memory; `event_count` counts distinct events of all kinds."""

    def __init__(self, rng: Random, calendar: Calendar) -> None:
        self._rng = rng
        self._until = calendar.until
        self._week_of_day: dict[int, str] = {}
        self.web: dict[str, list[WebLine]] = defaultdict(list)
        self.chat: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self.app: dict[str, list[tuple[str, AppRow]]] = defaultdict(list)
        self.event_count = 0
        self.web_count = 0
        self.bot_count = 0

    def add_visit(self, person: Person, device: Device, visit: Visit) -> None:
        """Keeps a person's web visit, with the app rows made during it."""
        time = local_text if person.has_local_clock else utc_text
        fixed = {"experiment_id": EXPERIMENT, "model_group": person.model_group}
        screen = {"width": device.width, "height": device.height}
        for step in visit.steps:
            if step.at > self._until:
                break
            properties = step.properties
            if step.name == "page_view":
                properties = {**properties, "screen": screen, "language": person.language}
            user_id = person.user_id if step.is_known else None
            ids = {"user_id": user_id, "anonymous_id": person.anonymous_id}
            kind = {"session_type": visit.session_type} if visit.session_type else {}
            self._add_web(step, ids, time, device.user_agent, {**kind, **fixed}, properties)
        for row in visit.rows:
            self._add_app(person, row)

    def add_crawl(self, anonymous_id: str, user_agent: str, visit: Visit) -> None:
        """Keeps a crawler's visit."""
        before = self.web_count
        ids = {"user_id": None, "anonymous_id": anonymous_id}
        for step in visit.steps:
            if step.at <= self._until:
                self._add_web(step, ids, utc_text, user_agent, {}, step.properties)
        self.bot_count += self.web_count - before

    def add_chat(self, visit: ChatVisit) -> None:
        """Keeps a chat visit; one that is still going on has no end."""
        events = [event for event in visit.events if event["t"] <= self._until]
        if not events:
            return
        if visit.ended is not None and visit.ended > self._until:
            visit.ended = None
        visit.events = events
        self.event_count += len(events)
        month = moment(visit.started).strftime("%Y-%m")
        text = encode(document(self._rng, visit, utc_text))
        self.chat[month].append((visit.started, text))

    def _add_web(
        self,
        step: Step,
        ids: dict[str, str | None],
        time: Callable[[int], str],
        user_agent: str,
        fixed: dict[str, str],
        properties: dict[str, Any],
    ) -> None:
        number = f"{self._rng.getrandbits(128):032x}"
        row = {
            "event_id": f"{number[:8]}-{number[8:12]}-{number[12:16]}-{number[16:20]}"
            f"-{number[20:]}",
            **ids,
            "timestamp": time(step.at),
            "event": step.name,
            "url": vocabulary.SITE + step.path,
            "referrer": step.referrer,
            "user_agent": user_agent,
            **fixed,
            "properties": properties,
        }
        self.web[self._week(step.at)].append(WebLine(step.at, encode(row)))
        self.event_count += 1
        self.web_count += 1

    def _add_app(self, person: Person, row: AppRow) -> None:
        if row.at > self._until:
            return
        self.event_count += 1
        if row.ended is not None and row.ended > self._until:
            name, *_ = row.values
            values = (name, "running", vocabulary.WORKFLOW_STEPS[2])
            row = row._replace(values=values, ended=None)
        self.event_count += row.ended is not None
        # Whole seconds, as the tables hold them: ids then follow the times people see.
        row = row._replace(at=row.at // SECOND * SECOND)
        self.app[row.table].append((person.user_id or "", row))

    def _week(self, at: int) -> str:
        day = at // DAY
        week = self._week_of_day.get(day)
        if week is None:
            week = self._week_of_day[day] = week_of(at)
        return week
