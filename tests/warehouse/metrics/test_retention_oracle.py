"""Retention against a naive count over events, with any of its choices. Shares no code with it."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import warehouse
from tests.warehouse.metrics.visits import (
    FIRST,
    dates_of,
    next_start,
    number_of,
    start_of,
    visits,
)
from tests.warehouse.small_builds import write_build
from warehouse.filters import Filters
from warehouse.metrics import retention
from warehouse.steps import Step

LENGTHS = {"day": 1, "week": 7, "month": 30}
BRACKETS = (((0, 0), (1, 2), (3, 6)), ((0, 6), (7, 13)), ((2, 2), (1, 4)))
CHANGE = FIRST + timedelta(days=15)
# Anonymous id → the known one, from a moment on, before another: intervals are half open.
IDENTITIES = (
    ("anon1", "ann", FIRST, CHANGE),
    ("anon1", "bob", CHANGE, None),
    ("anon2", "ann", FIRST + timedelta(days=5), None),
)
# A step, and whether an event is of it.
STEPS = (
    (None, lambda e: True),
    ("signup", lambda e: e.kind == "signup"),
    (Step("click", {"plan": "pro"}), lambda e: e.kind == "click" and e.plan == "pro"),
    (Step(None, {"plan": ["free", "pro"]}), lambda e: e.plan in ("free", "pro")),
)


@dataclass
class Choice:
    """What is asked."""

    start_day: date | None
    end_day: date | None
    device: str | None
    period: str
    kind: str
    clock: str
    entry: str
    brackets: tuple
    start: int
    back: int
    identity: str

    def asked(self):
        """As the functions take it."""
        where = {"device_type": self.device} if self.device else {}
        return {
            "filters": Filters(start=self.start_day, end=self.end_day, where=where),
            "period": self.period,
            "kind": self.kind,
            "clock": self.clock,
            "entry": self.entry,
            "brackets": self.brackets if self.kind == "bracket" else None,
            "start": STEPS[self.start][0],
            "back": STEPS[self.back][0],
            "identity": self.identity,
        }


def person_of(user, time):
    for known_as, person, begin, end in IDENTITIES:
        if known_as == user and begin <= time and (end is None or time < end):
            return person
    return user


class Naive:
    """Retention as docs/definitions.md tells it: loops over events."""

    def __init__(self, seen, choice):
        self.seen, self.choice = seen, choice
        self.as_of_day = local_as_of(seen)

    def is_taken(self, e):
        return not e.is_bot and self.choice.device in (None, e.device)

    def who(self, e):
        return person_of(e.user, e.time) if self.choice.identity == "person" else e.user

    def is_dated(self, day):
        start, end = self.choice.start_day, self.choice.end_day
        return (start is None or start <= day) and (end is None or day <= end)

    def entries(self):
        """Who → cohort → the moment of the entry."""
        choice = self.choice
        starts = sorted(
            (e for e in self.seen.events if STEPS[choice.start][1](e)),
            key=lambda e: (e.time, e.session, e.number),
        )
        found = {}
        for who in {self.who(e) for e in starts}:
            own = [e for e in starts if self.who(e) == who]
            if choice.entry != "first":
                own = [e for e in own if self.is_taken(e)]
            if choice.entry == "recurring":
                own = [e for e in own if self.is_dated(e.day)]
            elif own and not (self.is_taken(own[0]) and self.is_dated(own[0].day)):
                own = []
            else:
                own = own[:1]
            for e in own:
                if e.day <= self.as_of_day:
                    cohort = start_of(e.day, choice.period)
                    found.setdefault(who, {}).setdefault(cohort, e.time)
        return found

    def number(self, cohort, moment, e):
        """In which period after the entry an event is; None for before it."""
        if self.choice.clock == "24h":
            if e.time < moment or e.time > self.seen.as_of:
                return None
            return (e.time - moment) // timedelta(days=LENGTHS[self.choice.period])
        if e.day < cohort or e.day > self.as_of_day:
            return None
        return number_of(cohort, e.day, self.choice.period)

    def begins(self, cohort, moment, number):
        if self.choice.clock == "24h":
            return moment + number * timedelta(days=LENGTHS[self.choice.period])
        day = cohort
        for _ in range(number):
            day = next_start(day, self.choice.period)
        return day

    def cells(self):
        """cohort_start, period_number → cohort_size, who was back, is_complete."""
        choice = self.choice
        until = self.seen.as_of if choice.clock == "24h" else self.as_of_day
        numbers = {}
        cohorts = {}
        for who, entered in self.entries().items():
            for cohort, moment in entered.items():
                cohorts.setdefault(cohort, {})[who] = moment
                numbers[cohort, who] = {
                    self.number(cohort, moment, e)
                    for e in self.seen.events
                    if self.who(e) == who and self.is_taken(e) and STEPS[choice.back][1](e)
                } - {None}
        answer = {}
        for cohort, members in cohorts.items():
            spans = [(n, n) for n in range(100)]
            if choice.kind == "bracket":
                spans = choice.brackets
            for place, (low, high) in enumerate(spans):
                if min(self.begins(cohort, m, low) for m in members.values()) > until:
                    continue
                last = 10_000 if choice.kind == "on_or_after" else high
                back = {
                    who
                    for who in members
                    if any(low <= number <= last for number in numbers[cohort, who])
                }
                complete = max(self.begins(cohort, m, high + 1) for m in members.values()) <= until
                answer[cohort, place] = (set(members), back, complete)
        return answer


def local_as_of(seen):
    from tests.warehouse.metrics.visits import local_day

    return local_day(seen.as_of, seen.zone)


@st.composite
def cases(draw):
    seen = draw(visits())
    start, end = draw(dates_of(seen.events))
    plain = draw(st.booleans())
    choice = Choice(
        start,
        end,
        draw(st.sampled_from((None, "mobile"))),
        draw(st.sampled_from(("day", "week", "month"))),
        draw(st.sampled_from(("exact", "on_or_after", "bracket"))),
        "calendar" if plain else draw(st.sampled_from(("calendar", "24h"))),
        draw(st.sampled_from(("first", "segment", "recurring"))),
        draw(st.sampled_from(BRACKETS)),
        0 if plain else draw(st.integers(0, 3)),
        0 if plain else draw(st.integers(0, 3)),
        "user_id" if plain else draw(st.sampled_from(("user_id", "person"))),
    )
    return seen, choice


def opened(folder, seen):
    identities = [
        {
            "source": "web",
            "anonymous_id": known_as,
            "interval_number": number,
            "user_id": person,
            "valid_from": begin,
            "valid_to": end,
        }
        for number, (known_as, person, begin, end) in enumerate(IDENTITIES, 1)
    ]
    write_build(folder, identities=identities, **seen.build())
    return warehouse.open(folder)


@pytest.mark.long
@given(cases())
@settings(max_examples=15, deadline=None)
def test_retention_is_that_of_a_naive_count(tmp_path_factory, case):
    seen, choice = case
    wanted = Naive(seen, choice).cells()
    asked = choice.asked()
    with opened(tmp_path_factory.mktemp("home"), seen) as wh:
        told = {
            (row["cohort_start"], row["period_number"]): (
                row["cohort_size"],
                row["user_count"],
                row["is_complete"],
            )
            for row in retention.matrix(wh, **asked).iter_rows(named=True)
        }
        assert told == {
            cell: (len(members), len(back), done) for cell, (members, back, done) in wanted.items()
        }
        rates = {}
        for (_, number), (members, back, done) in wanted.items():
            if done:
                size, count, cohorts = rates.get(number, (0, 0, 0))
                rates[number] = (size + len(members), count + len(back), cohorts + 1)
        curve = retention.curve(wh, **asked)
        assert curve["period_number"].to_list() == sorted(rates)
        for number, rate, low, high, cohorts in curve.iter_rows():
            size, count, wanted_cohorts = rates[number]
            assert (rate, cohorts) == (pytest.approx(count / size), wanted_cohorts)
            assert 0 <= low <= rate + 1e-12
            assert rate - 1e-12 <= high <= 1
        for (cohort, number), (members, back, _) in list(wanted.items())[:2]:
            for outcome, those in (("active", back), ("away", members - back)):
                users = retention.users(
                    wh, cohort_start=cohort, period_number=number, outcome=outcome, **asked
                )
                assert set(users["person_id"]) == those
                assert users["return_time"].is_null().all() == (outcome == "away") or not those
