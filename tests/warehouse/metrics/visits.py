"""Made-up visits for the metrics of users over time, as sessions and events of a small build.

Times are drawn from few moments around midnights and a change of the clock, so that ties, nights
and days of 23 hours are common.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.warehouse.small_builds import at, event, session

UTC = ZoneInfo("UTC")
ZONES = ("UTC", "Europe/Berlin", "America/St_Johns")
# Two weeks before the change to summer time in Berlin, and the month's end.
FIRST = at("2026-03-15 00:00")
TYPES = ("click", "signup", "page_view")
PLANS = (None, "free", "pro")
# Around these a visit begins: midnights of the zones, hours, and to the microsecond.
_MINUTES = (0, 1, 22 * 60 + 30, 23 * 60, 23 * 60 + 59, 2 * 60 + 30, 12 * 60)
_MICROSECONDS = (0, 1, 999_999)


@dataclass(frozen=True)
class Event:
    """One event, with what is known of its session."""

    user: str
    time: datetime
    day: date
    kind: str
    plan: str | None
    session: str
    number: int
    device: str
    is_bot: bool


@dataclass(frozen=True)
class Visits:
    """The events of a build, and what write_build takes."""

    zone: str
    events: tuple[Event, ...]
    as_of: datetime

    def build(self):
        """Rows of sessions and events, by the names of write_build."""
        of_session = {}
        for each in self.events:
            of_session.setdefault(each.session, []).append(each)
        order = sorted(of_session, key=lambda name: (of_session[name][0].time, name))
        numbers, seen = {}, Counter()
        for name in order:
            user = of_session[name][0].user
            seen[user] += 1
            numbers[name] = seen[user]
        rows = [
            session(
                events[0].user,
                events[0].time,
                (events[-1].time - events[0].time).total_seconds(),
                session_id=name,
                start_date=events[0].day,
                end_date=events[-1].day,
                end_time=events[-1].time,
                event_count=len(events),
                session_number=numbers[name],
                device_type=events[0].device,
                is_bot=events[0].is_bot,
            )
            for name, events in of_session.items()
        ]
        told = [
            event(
                each.session,
                each.user,
                each.time,
                each.number,
                event_date=each.day,
                event_type=each.kind,
                properties=f'{{"plan": "{each.plan}"}}' if each.plan else "{}",
            )
            for each in self.events
        ]
        users = [
            {
                "user_id": user,
                "is_anonymous": user.startswith("anon"),
                "first_date": min(e.day for e in self.events if e.user == user),
            }
            for user in seen
        ]
        return {
            "sessions": rows,
            "events": told,
            "users": users,
            "time_zone": self.zone,
            "as_of": self.as_of,
        }


def local_day(time, zone):
    """The local day of a naive UTC time."""
    return time.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()


@st.composite
def visits(draw, users=("ann", "bob", "anon1", "anon2"), days=40, most=14):
    """Some visits of some users."""
    zone = draw(st.sampled_from(ZONES))
    events = []
    for number in range(draw(st.integers(1, most))):
        user = draw(st.sampled_from(users))
        time = FIRST + timedelta(
            days=draw(st.integers(0, days)),
            minutes=draw(st.sampled_from(_MINUTES)),
            microseconds=draw(st.sampled_from(_MICROSECONDS)),
        )
        device = draw(st.sampled_from(("desktop", "mobile")))
        is_bot = draw(st.integers(0, 9)) == 0
        gaps = draw(st.lists(st.sampled_from((0, 1, 25, 30, 2000)), max_size=3))
        for place, gap in enumerate([0, *gaps], 1):
            time += timedelta(minutes=gap)
            events.append(
                Event(
                    user,
                    time,
                    local_day(time, zone),
                    draw(st.sampled_from(TYPES)),
                    draw(st.sampled_from(PLANS)),
                    f"s{number:02}",
                    place,
                    device,
                    is_bot,
                )
            )
    newest = max(each.time for each in events)
    return Visits(zone, tuple(events), newest + timedelta(days=draw(st.sampled_from((0, 0, 3)))))


def start_of(day, period):
    """The first day of the day's week or month."""
    if period == "week":
        return day - timedelta(days=day.isoweekday() - 1)
    return day.replace(day=1) if period == "month" else day


def next_start(day, period):
    """The first day of the period after the one that begins on that day."""
    following = {"day": 1, "week": 7, "month": 31}[period]
    return start_of(day + timedelta(days=following), period)


def number_of(first, day, period):
    """How many periods after the one that begins on a day another day is."""
    number = 0
    while next_start(first, period) <= day:
        first = next_start(first, period)
        number += 1
    return number


def dates_of(events):
    """Any choice of dates of the filters around the visits, also open ones."""
    days = sorted({each.day for each in events})
    near = [days[0] + timedelta(days=n) for n in (-3, 0, 2, 5, 9, 16, 30)] + days
    return st.tuples(st.none() | st.sampled_from(near), st.none() | st.sampled_from(near)).map(
        _in_order
    )


def _in_order(pair):
    start, end = pair
    return (end, start) if start and end and start > end else pair
