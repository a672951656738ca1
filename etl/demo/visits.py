"""One visit to the web site: pages, what is done on them, and the app's own rows.

Makes steps in memory. Never writes, and never looks at other visits.
"""

from random import Random
from typing import Any

from etl.demo import vocabulary
from etl.demo.calendar import MINUTE, SECOND, Calendar
from etl.demo.people import Kind, Person
from etl.demo.steps import AppRow, Step, Visit

ENTRIES = {
    Kind.PASSER: (("/", 33), ("blog", 24), ("docs", 17), ("post", 14), ("/pricing", 7)),
    Kind.MEMBER: (
        *(("/explore", 28), ("/", 18), ("post", 16), ("/collections", 11)),
        *(("/workflows", 10), ("docs", 9), ("/search", 8)),
    ),
}
NEXT_PAGES = {
    Kind.PASSER: (
        *(("docs", 24), ("blog", 16), ("post", 18), ("/pricing", 15)),
        *(("/explore", 12), ("/", 8), ("/search", 9)),
    ),
    Kind.MEMBER: (
        *(("post", 32), ("/explore", 14), ("/search", 16), ("/collections", 13)),
        *(("docs", 10), ("/workflows", 8), ("/account", 4), ("/", 3)),
    ),
}
# Median seconds on a page before the next one.
READING = {"docs": 52, "blog": 58, "post": 48, "/pricing": 32, "/": 16, "/explore": 26}
READING |= {"/search": 20, "/collections": 36, "/workflows": 40, "/account": 24}
TITLES = {"/": "Lumen", "docs": "Lumen docs", "blog": "Lumen blog", "post": "Post"}

BOUNCES = {Kind.PASSER: 0.56, Kind.MEMBER: 0.16, Kind.POWER: 0.04}
# The faster group leaves at once a little less often.
CALMER = {"aurora": 0.97, "baseline": 1.03}
# Chance, after each page, that one more follows.
GOES_ON = {Kind.PASSER: 0.64, Kind.MEMBER: 0.78, Kind.POWER: 0.945}


class WebVisit:
    """A visit while it is drawn; `visit` holds what has happened so far."""

    def __init__(self, rng: Random, calendar: Calendar, person: Person, post_count: int) -> None:
        self._rng = rng
        self._calendar = calendar
        self._person = person
        self._post_count = post_count
        self._path = ""
        self._referrer: str | None = None
        self._is_known = False
        self.visit = Visit()

    def draw(self, start: int, *, is_live: bool = False) -> Visit:
        """A whole visit that starts at `start`. A live one neither bounces nor logs out."""
        rng, person = self._rng, self._person
        signs_up = person.signs_up and person.known_from == start
        was_member = person.known_from is not None and start >= person.known_from
        logs_in = was_member and not signs_up and not is_live and rng.random() < 0.04
        self._is_known = was_member and not signs_up and not logs_in
        kind = person.kind if self._is_known else Kind.PASSER
        bounces = rng.random() < BOUNCES[kind] * CALMER[person.model_group]

        at = self._enter(start, kind)
        if bounces and not (signs_up or logs_in or is_live):
            return self._bounce(at)
        if signs_up or logs_in:
            at = self._open(at + int(rng.uniform(8, 40) * SECOND), "/account")
            self._is_known = True
            at += int(rng.uniform(6, 45) * SECOND)
            self._add(at, "signup" if signs_up else "login", {"method": "email"})
            kind = person.kind
        pages = _pages(NEXT_PAGES, kind)
        at = self._read(at)
        at = self._next(at, *pages)
        while rng.random() < GOES_ON[kind] or is_live:
            if is_live and len(self.visit.steps) > 30:
                break
            at = self._next(at, *pages)
        if self._is_known and not is_live and rng.random() < 0.06:
            self._add(at + rng.randrange(SECOND, 20 * SECOND), "logout", {})
        self.visit.steps.sort(key=lambda step: step.at)
        self._name_type()
        return self.visit

    def _enter(self, at: int, kind: Kind) -> int:
        rng = self._rng
        sections, weights = _pages(ENTRIES, kind)
        path = self._path_of(rng.choices(sections, weights)[0])
        referrer, campaign, _ = rng.choices(vocabulary.REFERRERS, _REFERRER_WEIGHTS)[0]
        if kind is not Kind.PASSER:
            # Members come back by a bookmark, from a chat, or from a page left open.
            referrer, campaign = rng.choices(_MEMBER_REFERRERS, (58, 16, 12, 14))[0]
        self._path = path
        self._referrer = referrer
        query = f"?utm_source=lumen&utm_campaign={campaign}" if campaign else ""
        self._add(at, "page_view", self._view_of(path), path + query)
        return at

    def _bounce(self, at: int) -> Visit:
        if self._calendar.is_outage(at) and self._rng.random() < 0.7:
            self._error(at + self._rng.randrange(SECOND, 4 * SECOND), vocabulary.OUTAGE_ERRORS)
            return self.visit
        if self._rng.random() < 0.4:
            at += int(self._rng.uniform(2, 26) * SECOND)
            self._add(at, "scroll", {"depth": self._rng.randrange(5, 80)})
        return self.visit

    def _next(self, at: int, sections: list[str], weights: list[int]) -> int:
        section = self._rng.choices(sections, weights)[0]
        return self._read(self._open(at, self._path_of(section)))

    def _open(self, at: int, path: str) -> int:
        if path != self._path:
            self._referrer = vocabulary.SITE + self._path
        self._path = path
        self._add(at, "page_view", self._view_of(path))
        return at

    def _read(self, at: int) -> int:
        """When the page is left, after all that happens on it."""
        rng, person = self._rng, self._person
        section = _section(self._path)
        seconds = READING[section] * person.pace * rng.lognormvariate(0.0, 0.95)
        if person.model_group == "aurora":
            seconds *= 1.1
        if rng.random() < 0.025:
            seconds += rng.uniform(180, 1500)
        left = at + int(min(max(seconds, 2.5), 1680) * SECOND)

        if self._calendar.is_outage(at) and rng.random() < 0.7:
            return self._fail(at, left)
        if rng.random() < 0.012:
            self._error(at + rng.randrange(SECOND), vocabulary.ERRORS)
        if rng.random() < 0.008:
            return self._rage(at, left)
        for _ in range(rng.choices((0, 1, 2), (52, 33, 15))[0]):
            self._add(rng.randrange(at, left), "scroll", {"depth": rng.randrange(10, 101)})
        clicks = (34, 38, 18, 10) if person.kind is not Kind.PASSER else (52, 32, 11, 5)
        if person.kind is Kind.POWER:
            clicks = (4, 22, 38, 36)
        for _ in range(rng.choices((0, 1, 2, 3), clicks)[0]):
            self._click(rng.randrange(at, left))
        if section in ("docs", "post") and rng.random() < 0.07:
            length = rng.randrange(12, 480)
            self._add(rng.randrange(at, left), "copy", {"length": length})
        for beat in range(at + MINUTE, min(left, at + 4 * MINUTE + 1), MINUTE):
            self._add(beat, "heartbeat", {})
        return self._work(section, at, left)

    def _work(self, section: str, at: int, left: int) -> int:
        """When the page is left, after what people do there beyond reading."""
        rng = self._rng
        if section == "/search":
            text = rng.choice(vocabulary.SEARCHES).format(rng.choice(vocabulary.TOPICS))
            self._search(at + (left - at) // 3, text)
            if rng.random() < 0.3:
                again = at + (left - at) // 3 + rng.randrange(6 * SECOND, 40 * SECOND)
                self._search(again, f"{text} {rng.choice(('guide', 'data', 'pdf'))}")
                left = max(left, again + 4 * SECOND)
        if not self._is_known:
            return left
        if section == "post" and rng.random() < 0.16:
            left += rng.randrange(20 * SECOND, 120 * SECOND)
            comment = (int(self._path.rsplit("/", 1)[1]), rng.randrange(15, 900))
            self.visit.rows.append(AppRow(left - SECOND, "comments", comment))
        elif section == "/explore" and rng.random() < 0.09:
            left += rng.randrange(90 * SECOND, 480 * SECOND)
            topic = rng.choice(vocabulary.TOPICS)
            post = (rng.choice(vocabulary.TITLES).format(topic), topic)
            self.visit.rows.append(AppRow(left - SECOND, "posts", post))
        elif section == "/collections" and rng.random() < 0.25:
            name = (rng.choice(vocabulary.COLLECTIONS),)
            self.visit.rows.append(AppRow(left - SECOND, "collections", name))
        elif section == "/workflows" and rng.random() < 0.6:
            left = self._workflow(at + (left - at) // 2, left)
        return left

    def _workflow(self, start: int, left: int) -> int:
        rng = self._rng
        name = rng.choices(vocabulary.WORKFLOWS, vocabulary.WORKFLOW_WEIGHTS)[0]
        end = start + int(min(rng.lognormvariate(4.9, 0.6), 1200) * SECOND)
        share = 0.76 if self._person.model_group == "aurora" else 0.71
        if rng.random() < share:
            values = (name, "completed", vocabulary.WORKFLOW_STEPS[-1])
            row = AppRow(start, "workflow_executions", values, end)
            left = max(left, end + 3 * SECOND)
        else:
            values = (name, "abandoned", rng.choice(vocabulary.WORKFLOW_STEPS[:-1]))
            row = AppRow(start, "workflow_executions", values)
        self.visit.rows.append(row)
        return left

    def _search(self, at: int, text: str) -> None:
        # The app keeps the searches of its members; the site counts those of visitors.
        # One search is never in both.
        if self._is_known:
            self.visit.rows.append(AppRow(at, "query_embeddings", (text,)))
        else:
            results = self._rng.randrange(0, 60)
            self._add(at, "search", {"query": text, "results": results})

    def _fail(self, at: int, left: int) -> int:
        rng = self._rng
        for _ in range(rng.choices((1, 2, 3), (5, 3, 2))[0]):
            at += rng.randrange(SECOND, 9 * SECOND)
            self._error(at, vocabulary.OUTAGE_ERRORS)
            if rng.random() < 0.5:
                at += rng.randrange(SECOND, 6 * SECOND)
                self._open(at, self._path)
        return min(max(left, at + SECOND), at + 20 * SECOND)

    def _rage(self, at: int, left: int) -> int:
        rng = self._rng
        at += rng.randrange(2 * SECOND, 8 * SECOND)
        x, y = rng.randrange(80, 300), rng.randrange(120, 600)
        for count in range(rng.randrange(3, 6)):
            place = {"x": x + rng.randrange(8), "y": y + rng.randrange(8)}
            self._add(at + 180 * count, "click", {**place, "target": "button.submit"})
        at += 1200
        for _ in range(rng.choices((0, 1, 3, 6), (30, 45, 17, 8))[0]):
            self._error(at, vocabulary.ERRORS)
            at += rng.randrange(SECOND, 5 * SECOND)
        self._open(at, self._path)
        return max(left, at + 2 * SECOND)

    def _click(self, at: int) -> None:
        rng = self._rng
        x, y = rng.randrange(8, 360), rng.randrange(60, 760)
        target = rng.choice(("a.card", "button.more", "nav a", "a.source", "button.save"))
        self._add(at, "click", {"x": x, "y": y, "target": target})

    def _error(self, at: int, errors: tuple[tuple[str, int], ...]) -> None:
        message, status = self._rng.choice(errors)
        self._add(at, "error", {"error": {"message": message, "status": status}})

    def _view_of(self, path: str) -> dict[str, Any]:
        section = _section(path)
        title = TITLES.get(section, section[1:].capitalize())
        return {"title": title, "load_ms": int(self._rng.lognormvariate(6.3, 0.45))}

    def _add(self, at: int, name: str, properties: dict[str, Any], path: str | None = None) -> None:
        path = path or self._path
        step = Step(at, name, path, self._referrer, self._is_known, properties)
        self.visit.steps.append(step)

    def _path_of(self, section: str) -> str:
        rng = self._rng
        if section == "docs":
            return f"/docs/{rng.choice(vocabulary.DOCS)}"
        if section == "blog":
            return f"/blog/{rng.choice(vocabulary.BLOG)}"
        if section == "post":
            # New posts are read most; a few old ones are read for ever.
            age = rng.random() ** 2.5 if rng.random() < 0.8 else 1 - rng.random() ** 6
            return f"/posts/{max(1, self._post_count - int(self._post_count * age))}"
        return section

    def _name_type(self) -> None:
        tables = {row.table for row in self.visit.rows}
        if tables & {"posts", "comments"}:
            self.visit.session_type = "write"
        elif "query_embeddings" in tables or "workflow_executions" in tables:
            self.visit.session_type = "research"
        elif self._is_known:
            self.visit.session_type = "browse"


_REFERRER_WEIGHTS = tuple(weight for _, _, weight in vocabulary.REFERRERS)
_MEMBER_REFERRERS = (
    (None, None),
    (f"{vocabulary.CHAT}/", None),
    (f"{vocabulary.SITE}/explore", None),
    ("https://www.google.com/", None),
)


def _section(path: str) -> str:
    first = path.split("/", 2)[1]
    return {"docs": "docs", "blog": "blog", "posts": "post"}.get(first, f"/{first}")


def _pages(
    table: dict[Kind, tuple[tuple[str, int], ...]], kind: Kind
) -> tuple[list[str], list[int]]:
    pages = table[Kind.PASSER if kind is Kind.PASSER else Kind.MEMBER]
    return [section for section, _ in pages], [weight for _, weight in pages]
