"""The choices that every metric takes: period, sources, devices, bots. Never reads data."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from etl.errors import ConfigError, did_you_mean

UNKNOWN_DEVICE = "unknown"
DEVICES = ("desktop", "mobile", "tablet", "bot", "other", UNKNOWN_DEVICE)


@dataclass(frozen=True)
class Filters:
    """Which sessions count. Every field left alone takes everything but bots.

    start, end    local dates, both inclusive: a session belongs to the day of its start
    sources       the session has an event of one of them
    devices       the session's device type; "unknown" takes sessions that have none
    include_bots  also sessions of bots
    """

    start: date | None = None
    end: date | None = None
    sources: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    include_bots: bool = False

    def __post_init__(self) -> None:
        if self.start and self.end and self.start > self.end:
            msg = (
                f"The period starts on {self.start}, after its end on {self.end}. "
                "Give a start that is not later than the end."
            )
            raise ConfigError(msg)
        for name in ("sources", "devices"):
            # Equal choices are equal filters, whatever order they were made in.
            object.__setattr__(self, name, tuple(sorted(set(_words(name, self)))))
        for device in self.devices:
            if device not in DEVICES:
                msg = f"Unknown device '{device}'. {did_you_mean(device, DEVICES)}"
                raise ConfigError(msg)

    @classmethod
    def last_days(cls, days: int, as_of_date: date | None, **others: Any) -> "Filters":
        """The last `days` local days up to and including the day of as_of.

        Without a date (a warehouse without events) the period is open.
        """
        if days < 1:
            msg = f"A period of {days} days holds nothing. Give 1 day or more."
            raise ConfigError(msg)
        if as_of_date is None:
            return cls(**others)
        return cls(start=as_of_date - timedelta(days=days - 1), end=as_of_date, **others)

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

    def previous(self) -> "Filters | None":
        """The period before: same length, same weekdays, no overlap. None while open."""
        if self.start is None or self.end is None or self.shift_days is None:
            return None
        shift = timedelta(days=self.shift_days)
        return replace(self, start=self.start - shift, end=self.end - shift)

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
        """The values that queries bind, by name."""
        return {
            "first_date": self.start,
            "last_date": self.end,
            "sources": list(self.sources),
            "devices": list(self.devices),
            "include_bots": self.include_bots,
        }


def _words(name: str, filters: Filters) -> tuple[str, ...]:
    given = getattr(filters, name)
    if isinstance(given, str):
        msg = f"{name} is the text '{given}'. Wanted: a list, such as {name}=('{given}',)."
        raise ConfigError(msg)
    return tuple(given)
