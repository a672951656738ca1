"""The choices that every metric takes: period, conditions, bots. Never reads data."""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Protocol

from etl.config.days import DAY_LIMITS as DAY_LIMITS
from etl.config.days import FIRST_DAY as FIRST_DAY
from etl.config.days import LAST_DAY as LAST_DAY
from etl.config.days import checked_day
from etl.config.days import parse_day as parse_day
from etl.config.durations import checked_days
from etl.errors import ConfigError
from warehouse.conditions import NO_CONDITIONS, Conditions, Given, as_text, conditions_of
from warehouse.dimensions import BY_NAME, Dimension
from warehouse.segments import read_segments


class HasHome(Protocol):
    """A warehouse, of which only the folder is asked."""

    home: Path


@dataclass(frozen=True, init=False)
class Filters:
    """Which sessions count. Every field left alone takes everything but bots.

    start, end    local dates, both inclusive: a session belongs to the day of its start;
                  days that no event can be of are refused
    where         conditions by name, such as {"browser": ["Firefox", "Safari"]}: the session
                  has one of the values; None, or "(not known)", takes what is not known. Also
                  "!= Firefox", "/docs/*" of pages, ">= 30" and "30..600" of numbers. The names
                  are those of warehouse/dimensions.py. Kept as sorted pairs
    include_bots  also sessions of bots
    segments      further conditions, all of which hold as well: those of named segments.
                  Filters.segment(wh, "mobile_docs") looks them up

    `sources` and `devices` are short forms: plain values that take the place of where's source
    and device_type. "unknown" takes sessions that have no device.
    """

    start: date | None = None
    end: date | None = None
    where: Conditions = NO_CONDITIONS
    include_bots: bool = False
    segments: tuple[Conditions, ...] = ()

    def __init__(
        self,
        start: date | None = None,
        end: date | None = None,
        where: Mapping[str, Given] | Conditions = NO_CONDITIONS,
        include_bots: bool = False,
        segments: Iterable[Mapping[str, Given] | Conditions] = (),
        *,
        sources: Iterable[str] | None = None,
        devices: Iterable[str] | None = None,
    ) -> None:
        if start:
            checked_day(start, "The period starts on")
        if end:
            checked_day(end, "The period ends on")
        if start and end and start > end:
            msg = (
                f"The period starts on {start}, after its end on {end}. "
                "Give a start that is not later than the end."
            )
            raise ConfigError(msg)
        conditions = conditions_of(where)
        for field, name, values in (
            ("sources", "source", sources),
            ("devices", "device_type", devices),
        ):
            if isinstance(values, str):
                msg = (
                    f"{field} is the text '{values}'. "
                    f"Wanted: a list, such as {field}=('{values}',)."
                )
                raise ConfigError(msg)
            if values is not None:
                conditions = conditions.with_values(BY_NAME[name], _plain(BY_NAME[name], values))
        # A frozen class sets its own fields this way.
        object.__setattr__(self, "start", start)
        object.__setattr__(self, "end", end)
        object.__setattr__(self, "where", conditions)
        object.__setattr__(self, "include_bots", include_bots)
        # They have no order, and one that is there twice says nothing more.
        distinct = sorted({conditions_of(each) for each in segments} - {NO_CONDITIONS}, key=repr)
        object.__setattr__(self, "segments", tuple(distinct))

    @classmethod
    def segment(cls, wh: HasHome, *names: str, **others: Any) -> "Filters":
        """The sessions of a named segment; of several, those that are in each of them.

        Segments are those of dwell.toml and those saved on the pages. `others` are the other
        fields. ConfigError, with the known names, for an unknown one.
        """
        return cls(segments=read_segments(wh.home).conditions(names), **others)

    @classmethod
    def last_days(cls, days: int, as_of_date: date | None, **others: Any) -> "Filters":
        """The last `days` local days up to and including the day of as_of.

        Without a date (a warehouse without events) the period is open.
        """
        checked_days(days)
        if as_of_date is None:
            return cls(**others)
        return cls(start=as_of_date - timedelta(days=days - 1), end=as_of_date, **others)

    def also(self, where: Mapping[str, Given] | Conditions) -> "Filters":
        """The same with further conditions, which hold as well as all others."""
        return replace(self, segments=(*self.segments, conditions_of(where)))

    @property
    def sources(self) -> tuple[str, ...]:
        """The chosen sources; empty when any will do."""
        return self._words_of("source")

    @property
    def devices(self) -> tuple[str, ...]:
        """The chosen device types, "unknown" for sessions without one; empty when any will do."""
        return self._words_of("device_type")

    @property
    def takes_all(self) -> bool:
        """Whether these are all sessions of the period, without bots: what kept days tell of."""
        return not self.where and not self.segments and not self.include_bots

    @property
    def everyone(self) -> "Filters":
        """The same period, and bots as here, without conditions and segments."""
        return replace(self, where=NO_CONDITIONS, segments=())

    @property
    def day_count(self) -> int | None:
        """Days in the period; None while it is open at one end."""
        if self.start is None or self.end is None:
            return None
        return (self.end - self.start).days + 1

    @property
    def shift_days(self) -> int | None:
        """Days back to the previous period: the fewest whole weeks that clear this one.

        Whole weeks, so that a Monday is compared with a Monday. None while the period is
        open.
        """
        return None if self.day_count is None else -(-self.day_count // 7) * 7

    def shift(self, compare: str) -> int | None:
        """Days back from the first day to the one it is compared with; None while open at one end.

        "weekday" is shift_days; "previous" the days right before; "year" the same date a year
        before, the 28th for a 29th of February. Where each day stands beside one of its own, all
        stand as far apart; a whole period goes back a year by months_back.
        """
        if self.start is None or compare == "weekday":
            return self.shift_days
        if compare == "previous":
            return self.day_count
        is_leap_day = (self.start.month, self.start.day) == (2, 29)
        day = self.start.replace(day=28) if is_leap_day else self.start
        return self.day_count and (self.start - day.replace(year=day.year - 1)).days

    def previous(self) -> "Filters | None":
        """The period before: same length, same weekdays, no overlap. None while open, and where it
        would end before any event can be; its start is not before that.
        """
        if self.start is None or self.end is None or self.shift_days is None:
            return None
        shift = timedelta(days=self.shift_days)
        return self.moved_back(shift)

    def months_back(self, months: int, *, whole: bool = False) -> "Filters | None":
        """The same filters so many calendar months earlier; a day that the month does not have is
        its last one. None while open, and where nothing is left.

        With `whole`, a period that ends with its month ends with the earlier month too: April
        meets all 31 days of March.
        """
        if self.start is None or self.end is None:
            return None
        start, end = (_months_before(day, months) for day in (self.start, self.end))
        if whole and self.end.day == _last_of_month(self.end) and end > date.min:
            end = end.replace(day=_last_of_month(end))
        return None if end < FIRST_DAY else replace(self, start=max(start, FIRST_DAY), end=end)

    def moved_back(self, shift: timedelta) -> "Filters | None":
        """The same filters so much earlier, from the first day that an event can be of on. None
        when nothing is left.
        """
        start, end = self.start and self.start - shift, self.end and self.end - shift
        if end and end < FIRST_DAY:
            return None
        return replace(self, start=start and max(start, FIRST_DAY), end=end)

    def complete(self, as_of_date: date | None) -> "Filters | None":
        """The period without the running day and later ones. None when nothing is left."""
        if as_of_date is None:
            return None
        last = as_of_date - timedelta(days=1)
        end = last if self.end is None else min(self.end, last)
        if self.start is not None and end < self.start:
            return None
        return replace(self, end=end)

    def as_params(self) -> dict[str, Any]:
        """The values that queries bind, by name; those of `where` come from condition_sql.py."""
        return {
            "first_date": self.start,
            "last_date": self.end,
            "takes_all": self.takes_all,
            "include_bots": self.include_bots,
        }

    def _words_of(self, name: str) -> tuple[str, ...]:
        unknown = BY_NAME[name].unknown
        terms = self.where.values(name)
        return tuple(term or unknown for term in terms if term is None or isinstance(term, str))


def _plain(dimension: Dimension, values: Iterable[str]) -> list[str | None]:
    """Values that are no conditions, whatever they look like, as conditions."""
    return [None if value == dimension.unknown else as_text(dimension, value) for value in values]


def _months_before(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 - months
    if number < 12:
        return date.min
    year, month = divmod(number, 12)
    first = date(year, month + 1, 1)
    return first.replace(day=min(day.day, _last_of_month(first)))


def _last_of_month(day: date) -> int:
    return monthrange(day.year, day.month)[1]
