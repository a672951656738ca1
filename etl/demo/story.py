"""Who visits and when, until there are as many events as asked for.

Puts people, calendar and visits together. Knows no file formats.
"""

from random import Random

from etl.demo import vocabulary
from etl.demo.calendar import HOUR, MINUTE, SECOND, Calendar
from etl.demo.chat import Chat
from etl.demo.export import Export
from etl.demo.machines import crawl, forgotten_tab
from etl.demo.people import CRAWLERS, Crowd, Kind, Person
from etl.demo.visits import WebVisit

# Of all people: the rest are passers-by.
MEMBER_SHARE = 0.12
POWER_SHARE = 0.0012
BOT_SHARE = 0.025
# No person has much more than this share of all events, or a small demo would be about
# that person.
GREATEST_SHARE = 0.012
EVENTS_A_VISIT = {Kind.PASSER: 8, Kind.MEMBER: 20, Kind.POWER: 100}
# Posts that exist at the end, per event asked for.
POST_SHARE = 0.0019
LIVE_WEB = 17
LIVE_CHAT = 7
# Everybody is gone this long before those who are there at the end come back.
QUIET = 40 * MINUTE


def simulate(rng: Random, calendar: Calendar, events: int) -> Export:
    """About `events` events, never more than a visit too many."""
    story = Story(rng, calendar, events)
    story.live_now()
    if events >= 50_000:
        story.forget_tabs()
    while not story.is_told:
        story.one_person()
        story.crawlers()
    return story.export


class Story:
    """Visits of one person after another; `export` holds what they left behind."""

    def __init__(self, rng: Random, calendar: Calendar, events: int) -> None:
        self._rng = rng
        self._calendar = calendar
        self._events = events
        self._crowd = Crowd(rng, calendar)
        self.export = Export(rng, calendar)

    @property
    def is_told(self) -> bool:
        return self.export.event_count >= self._events

    def one_person(self) -> None:
        """Everything that one more person does."""
        chance = self._rng.random()
        kind = Kind.PASSER
        if chance < MEMBER_SHARE:
            kind = Kind.POWER if chance < POWER_SHARE else Kind.MEMBER
        self._live(self._crowd.person(kind), self._calendar.until)

    def crawlers(self) -> None:
        """Crawlers, as many as their share of the traffic allows."""
        rng, calendar = self._rng, self._calendar
        while self.export.bot_count < BOT_SHARE * self.export.web_count - 25:
            # Crawlers keep no hours.
            start = rng.randrange(calendar.start, calendar.until - HOUR)
            visit = crawl(rng, start, self._posts_at(start))
            user_agent = rng.choice(CRAWLERS)
            self.export.add_crawl(self._crowd.anonymous_id(), user_agent, visit)

    def live_now(self) -> None:
        """People who are there at the end: the first ones that very second."""
        rng, until = self._rng, self._calendar.until
        before = until - 3 * HOUR
        for number in range(LIVE_WEB + LIVE_CHAT):
            is_chat = number >= LIVE_WEB
            is_member = is_chat or number % 3 != 1
            person = self._crowd.person(Kind.MEMBER if is_member else Kind.PASSER)
            if is_member:
                self._live(person, before, most=self._events // 250)
            # Half are live, half have gone quiet but may come back.
            idle = rng.randrange(2 * MINUTE + 1, 27 * MINUTE)
            if number % 2 == 0:
                idle = rng.randrange(900, 4 * MINUTE) if number else 900
            if is_chat:
                came_from = rng.choice((None, f"{vocabulary.SITE}/explore"))
                chat = Chat(rng, self._calendar, person)
                talk = chat.draw(before, came_from, is_live=True)
                self.export.add_chat(talk.cut(rng.randrange(3, 20), until - idle))
            else:
                web = WebVisit(rng, self._calendar, person, self._posts_at(until))
                visit = web.draw(before, is_live=True).cut(rng.randrange(3, 22), until - idle)
                self.export.add_visit(person, person.device(rng), visit)

    def forget_tabs(self) -> None:
        """Two visits longer than a day: a data-health page needs something to show."""
        for days_ago, hours in ((19, 27), (54, 33)):
            person = self._crowd.person(Kind.POWER)
            start = self._calendar.until - days_ago * 24 * HOUR
            if start > self._calendar.start:
                visit = forgotten_tab(self._calendar, start, hours)
                self.export.add_visit(person, person.devices[0], visit)

    def _live(self, person: Person, last: int, most: int | None = None) -> None:
        rng, export = self._rng, self.export
        most = most or max(150, int(self._events * GREATEST_SHARE))
        first_count = export.event_count
        chats_share = rng.betavariate(1.5, 1.9)
        free_from = 0
        visits = max(2, most // EVENTS_A_VISIT[person.kind])
        for start in self._crowd.visit_starts(person, last - QUIET, visits):
            # A few visits more than foreseen are fine; many would drown the others.
            if self.is_told or export.event_count - first_count > 2 * most:
                return
            if start < free_from:
                continue
            free_from = self._visit(person, start, chats_share, last) + QUIET

    def _visit(self, person: Person, start: int, chats_share: float, last: int) -> int:
        """When a person is gone again from the site, the chat, or one after the other."""
        rng, calendar = self._rng, self._calendar
        is_member = person.known_from is not None and start > person.known_from
        chats = is_member and rng.random() < chats_share
        end, came_from = start, None
        if not chats or rng.random() < 0.45:
            web = WebVisit(rng, calendar, person, self._posts_at(start))
            visit = web.draw(start)
            self.export.add_visit(person, person.device(rng), visit)
            end = visit.end + rng.randrange(15 * SECOND, 90 * SECOND)
            came_from = f"{vocabulary.SITE}{visit.steps[-1].path}"
        if chats and end < last:
            chat = Chat(rng, calendar, person).draw(end, came_from)
            self.export.add_chat(chat)
            end = chat.end
        return end

    def _posts_at(self, at: int) -> int:
        return max(1, int(self._events * POST_SHARE * self._calendar.elapsed(at)))
