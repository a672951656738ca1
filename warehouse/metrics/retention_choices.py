"""The choices that retention takes, and what its queries bind for them. Never reads data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, get_args

from etl.errors import ConfigError, refuse_unknown
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics.calendar_periods import start_after, start_of
from warehouse.query import Grain
from warehouse.query_parts import PERSON_OF_EVENT, Identity
from warehouse.step_sql import holds_words
from warehouse.steps import Step, step_of

Kind = Literal["exact", "on_or_after", "bracket"]
Clock = Literal["calendar", "24h"]
Entry = Literal["first", "segment", "recurring"]
StepLike = Step | str | None
_COUNTS = {"exact": "exact_counts", "on_or_after": "last_counts", "bracket": "bracket_counts"}
# Who events and sessions are of, and which sessions may be of several people.
_WHO = {
    "user_id": {
        "who_of_event": "session_events.user_key",
        "who_of_session": "user_key",
        "looks_closer": "false",
    },
    "person": {
        "who_of_event": PERSON_OF_EVENT,
        "who_of_session": "user_id",
        "looks_closer": "told_sessions.user_id in (select persons.known_as from persons)",
    },
}
# Of a bracket: no data has more.
_LAST_PERIOD = 9999
# Of the clock of 24 hours.
HOURS = {"day": 24, "week": 7 * 24, "month": 30 * 24}


@dataclass(frozen=True)
class Choices:
    """What is asked, as the functions of retention take it. ConfigError for what is unknown.

    by_events  ask events also where the days of sessions would do
    """

    period: Grain
    kind: Kind
    clock: Clock
    entry: Entry
    brackets: Sequence[tuple[int, int]] | None = None
    start: StepLike = None
    back: StepLike = None
    identity: Identity = "user_id"
    by_events: bool = False

    def __post_init__(self) -> None:
        refuse_unknown("period", self.period, get_args(Grain))
        refuse_unknown("kind", self.kind, get_args(Kind))
        refuse_unknown("clock", self.clock, get_args(Clock))
        refuse_unknown("entry", self.entry, get_args(Entry))
        refuse_unknown("identity", self.identity, get_args(Identity))
        if (self.kind == "bracket") != bool(self.brackets):
            msg = (
                f"The kind is '{self.kind}' and brackets are {self.brackets!r}. Brackets such as "
                "((0, 6), (7, 13)) belong to kind='bracket', and to no other."
            )
            raise ConfigError(msg)
        for bracket in self.brackets or ():
            _check(bracket)

    def asked(self, wh: Warehouse, filters: Filters) -> dict[str, Any]:
        """What the query of all cohorts binds, and the steps that it asks events for."""
        last_days = [day for day in (filters.end, wh.as_of_date) if day]
        # Who came first in a segment tells all history; a return is never before its cohort.
        first = None if self.entry == "segment" else filters.start
        return {
            "period": self.period,
            "kind": self.kind,
            "clock": self.clock,
            "entry": self.entry,
            "bracket_lows": [low for low, _ in self.brackets or ()],
            "bracket_highs": [high for _, high in self.brackets or ()],
            "entry_from": filters.start,
            "entry_to": min(last_days, default=None),
            "first_date": first and start_of(first, self.period),
            "last_date": wh.as_of_date,
            "shown_from": None,
            "starts_with_any": self.start is None,
            "until": wh.as_of if self.clock == "24h" else wh.as_of_date,
            "step": self._step,
            "step_hours": HOURS[self.period],
            "identity": self.identity,
            "steps": self._steps,
            "words": self._words,
        }

    def asked_of(
        self, wh: Warehouse, filters: Filters, cohort_start: date, period_number: int
    ) -> dict[str, Any]:
        """What the query of one cell binds. ConfigError for a number of no period or bracket."""
        asked = self.asked(wh, filters)
        begin = start_of(cohort_start, self.period)
        end = start_after(begin, self.period) - timedelta(days=1)
        low, high = self._numbers(period_number)
        back_from, back_to = begin, wh.as_of_date
        if self.clock == "calendar":
            back_from = start_after(begin, self.period, low)
            if high is not None and back_to:
                back_to = min(
                    back_to, start_after(begin, self.period, high + 1) - timedelta(days=1)
                )
        return asked | {
            "cohort_start": begin,
            "low": low,
            "high": high,
            "entry_from": max(filter(None, (begin, filters.start))),
            "entry_to": min(filter(None, (end, asked["entry_to"]))),
            "back_from": back_from,
            "back_to": back_to,
            "is_of_persons": self.identity == "person",
        }

    def _numbers(self, period_number: int) -> tuple[int, int | None]:
        """The first and last period that a cell is of; of those on or after there is no last."""
        if self.kind == "bracket":
            brackets = self.brackets or ()
            if not 0 <= period_number < len(brackets):
                msg = f"There is no bracket {period_number}. Wanted: 0 to {len(brackets) - 1}."
                raise ConfigError(msg)
            return brackets[period_number]
        if period_number < 0:
            msg = f"There is no period {period_number}. The period of the entry is 0."
            raise ConfigError(msg)
        return period_number, None if self.kind == "on_or_after" else period_number

    @property
    def sql_parts(self) -> dict[str, Any]:
        """What the text of the queries is put together of, as query.sql_of takes it."""
        words = holds_words(self._steps, {}) | self._words
        return {"words": tuple(words.items()), "identity": self.identity}

    @property
    def _steps(self) -> dict[str, Step | None]:
        steps = {"start": self.start, "back": self.back}
        return {name: None if step is None else step_of(step) for name, step in steps.items()}

    @property
    def _words(self) -> dict[str, str]:
        """The relations that tell entries and returns: the days of sessions where these will do,
        else their first and last events, and all events where a step is asked of them.
        """
        by_calendar = self.clock == "calendar" and self.identity == "user_id"
        by_days = by_calendar and self.start is None and self.back is None and not self.by_events
        of = "day" if by_days else "event"
        any_back = "day_moments" if by_calendar else "session_moments"
        enters_once = self.identity == "user_id" and self.entry != "recurring"
        any_start = "session_starts" if enters_once else "session_firsts"
        return {
            **{name: f"{of}_{name}" for name in ("entries", "returns", "members")},
            "entry_days": f"{self.entry}_entry_days",
            "start_events": any_start if self.start is None else "every_event",
            "back_events": any_back if self.back is None else "every_event",
            "counts": _COUNTS[self.kind],
            **_WHO[self.identity],
        }

    @property
    def _step(self) -> str:
        return f"{HOURS[self.period]} hours" if self.clock == "24h" else f"1 {self.period}"


def _check(bracket: tuple[int, int]) -> None:
    is_pair = isinstance(bracket, Sequence) and len(bracket) == 2
    is_whole = is_pair and all(type(number) is int for number in bracket)
    if is_whole and 0 <= bracket[0] <= bracket[1] <= _LAST_PERIOD:
        return
    msg = (
        f"{bracket!r} is no bracket. Wanted the first and the last number of a period, both "
        f"within it, from 0 to {_LAST_PERIOD}, such as (0, 6)."
    )
    raise ConfigError(msg)
